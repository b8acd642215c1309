"""`peil run`: checks, prepares, trains if need be, starts the three parts and keeps them running."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import http.client
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from bot import dialogue_model
from bot.dialogue_model import DialogueModelError
from bot.gateway.signing import instance
from bot.settings import Settings, SettingsError
from bot.supervisor import Failure, Part, Supervisor

READY_WITHIN = 300.0  # seconds from start to ready; a slow disk may take two minutes to load TensorFlow
# Whoever computes stands back for whoever answers: a webhook has to be answered within a tenth of a second.
_STAND_BACK = 5
NAMES = {"rasa": "Rasa", "actions": "the action server", "gateway": "the gateway", "database": "the database"}


class RunError(Exception):
    """Peil cannot be started; the message is one sentence."""


def say(text: str) -> None:
    """Tell the person what is happening; a terminal that went away is no reason to fall over."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


class Parts(Supervisor):
    """Rasa, the action server and the gateway, as `settings` want them.

    `settings` carry the secrets, and the database must have been prepared. Options as Supervisor's.
    """

    def __init__(self, settings: Settings, *, model: Path | None = None, **options: Any) -> None:
        self.settings = settings
        super().__init__(_parts(settings, model or dialogue_model.path(settings)), **options)

    def waiting_for(self) -> list[str]:
        """What does not answer yet, in words; empty when all parts are ready."""
        return waiting_for(self.settings)

    def wait_ready(self, timeout: float = READY_WITHIN) -> None:
        """Wait until all parts answer. Raises RunError when one is down for good or time is over."""
        until = time.monotonic() + timeout
        while away := self.waiting_for():
            if self.failure is not None:
                raise RunError(_obituary(self.failure))
            for part in self.parts:
                if not self.auto_restart and self.pid(part.name) is None:
                    raise RunError(f"{part.name} is down; see {part.log}.")
            if time.monotonic() > until:
                raise RunError(_too_late(self.settings, away, timeout))
            time.sleep(0.1)


def _parts(settings: Settings, model: Path) -> list[Part]:
    logs = settings.data_dir / "logs"
    own = {**os.environ, **settings.environment(), "PYTHONUNBUFFERED": "1"}
    # Rasa gets what it needs, and no database, no other secret.
    rasa = dialogue_model.rasa_environment() | {
        "PEIL_ACTIONS_PORT": str(settings.actions_port),
        "PEIL_INTERNAL_SECRET": settings.internal_secret,
        "PEIL_RASA_TIMEOUT": str(settings.rasa_timeout),
        "TICKET_LOCK_LIFETIME": "30",
    }
    run_rasa = [str(dialogue_model.rasa_python(settings)), "-m", "rasa", "run"]
    run_rasa += ["-i", "127.0.0.1", "-p", str(settings.rasa_port), "-m", str(model)]
    run_rasa += ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    return [
        # Rasa loads for 15 to 60 seconds, so a death within a minute or so is a failed start.
        Part(
            "rasa",
            run_rasa,
            logs / "rasa.log",
            settings.root,
            rasa,
            settles=90.0,
            stands_back=_STAND_BACK,
        ),
        Part(
            "actions",
            [sys.executable, "-m", "actions"],
            logs / "actions.log",
            settings.root,
            own,
            stands_back=_STAND_BACK,
        ),
        Part("gateway", [sys.executable, "-m", "bot.gateway"], logs / "gateway.log", settings.root, own),
    ]


# --- checks -----------------------------------------------------------------------------------------


def check_ports(settings: Settings) -> None:
    """Raises RunError, naming port and setting, when a port cannot be listened on."""
    wanted = (
        ("PEIL_HTTP_PORT", settings.http_host, settings.http_port),
        ("PEIL_RASA_PORT", "127.0.0.1", settings.rasa_port),
        ("PEIL_ACTIONS_PORT", "127.0.0.1", settings.actions_port),
    )
    for name, host, port in wanted:
        try:
            family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        except socket.gaierror as error:
            raise RunError(f"PEIL_HTTP_HOST is {host!r}, which is not an address to listen on.") from error
        with socket.socket(family, kind) as trial:
            # As servers do: a connection that ended just now does not make the port busy.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(address)
                trial.listen(1)
            except PermissionError as error:
                raise RunError(
                    f"Port {port} needs rights that you do not have here; set {name} to one above 1023."
                ) from error
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise RunError(
                        f"Port {port} is in use by another program; stop that, or set {name} to a free port."
                    ) from error
                raise RunError(f"Cannot listen on {host} port {port}: {error.strerror}.") from error


def check_data_dir(settings: Settings) -> None:
    """Raises RunError when data or logs cannot be written."""
    try:
        logs = settings.data_dir / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        for folder in (settings.data_dir, logs):
            trial = folder / f".writable-{os.getpid()}"
            trial.touch()
            trial.unlink()
    except OSError as error:
        raise RunError(
            f"The data directory {settings.data_dir} cannot be written ({error.strerror}); "
            "make it writable or set PEIL_DATA_DIR to another one."
        ) from error


@contextlib.contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Keep a second Peil off the same data: there is one gateway to a database. Raises RunError."""
    path = settings.data_dir / "run.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            who = file.read(20).strip()
            raise RunError(
                f"Peil is already running on {settings.data_dir} (process {who or 'unknown'}); "
                "stop that one, or set PEIL_DATA_DIR to another directory."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


# --- readiness --------------------------------------------------------------------------------------


def waiting_for(settings: Settings) -> list[str]:
    """What does not answer yet, in words, as the gateway's /readyz tells it; empty when all is ready."""
    # http.client, since no proxy setting must come between us and our own gateway.
    connection = http.client.HTTPConnection(_local_host(settings), settings.http_port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        body = response.read(65_536)
    except (OSError, http.client.HTTPException):
        return [NAMES["gateway"]]
    finally:
        connection.close()
    try:
        state = json.loads(body)
        if state["instance"] != instance(settings.secret):
            # Another Peil got the port before ours did.
            return [NAMES["gateway"]]
        if response.status == 200:
            return []
        parts = state["parts"]
        away = [NAMES.get(name, name) for name, ready in parts.items() if ready is not True]
    except (ValueError, KeyError, TypeError, AttributeError):
        away = []
    return away or ["all parts"]


def _local_host(settings: Settings) -> str:
    """The address under which this machine reaches a gateway that may listen on all addresses."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.http_host, settings.http_host)


def address(settings: Settings) -> str:
    """The address to open in a browser on this machine."""
    host = _local_host(settings)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.http_port}/"


def _obituary(failure: Failure) -> str:
    lines = "\n".join(f"  {line}" for line in failure.last_lines)
    name = NAMES.get(failure.name, failure.name)
    return (
        f"{name[0].upper()}{name[1:]} failed again and again right after its start (it "
        f"{failure.ended}), so Peil stops; the end of {failure.log}:\n{lines}"
    )


def _too_late(settings: Settings, away: list[str], seconds: float) -> str:
    logs = settings.data_dir / "logs"
    return f"After {seconds:.0f} s there is still no answer from {_and(away)}, so Peil stops; see {logs}."


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


# --- running ----------------------------------------------------------------------------------------


class _Signals:
    """Ctrl-C and its kin: an interrupt while we prepare, a mere count once there are parts to stop."""

    NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.count = 0
        self.interrupt = True

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.interrupt:
            raise KeyboardInterrupt

    def __enter__(self) -> _Signals:
        self._before = [
            (number, signal.signal(number, self._take))
            for number in self.NUMBERS
            # nohup has the terminal's end ignored, and means it.
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN
        ]
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)


def run(settings: Settings, echo: Callable[[str], None] = say) -> int:
    """Run Peil until it is told to stop. Returns the exit status: 0 when it was told to, 1 otherwise."""
    with _Signals() as signals:
        try:
            settings = settings.with_secrets()
            check_data_dir(settings)
            with only_one(settings):
                return _run(settings, signals, echo)
        except (RunError, SettingsError, DialogueModelError) as error:
            with contextlib.suppress(OSError, ValueError):
                print(error, file=sys.stderr, flush=True)
            return 1
        except KeyboardInterrupt:
            echo("Stopped.")
            return 0


def _run(settings: Settings, signals: _Signals, echo: Callable[[str], None]) -> int:
    check_ports(settings)
    _prepare(settings, echo)
    model = dialogue_model.ensure(settings, echo)
    parts = Parts(settings, model=model, say=echo)
    signals.interrupt = False
    try:
        if signals.count == 0:
            echo("Starting Rasa, the action server and the gateway; Rasa takes about 20 seconds.")
            parts.start()
            _watch(parts, signals, echo)
    except OSError as error:
        raise RunError(f"The parts could not be started: {error}.") from error
    finally:
        if signals.count or parts.failure is not None:
            echo("Stopping.")
        parts.stop(hurry=lambda: signals.count > 1)
    echo("Stopped.")
    return 0


def _prepare(settings: Settings, echo: Callable[[str], None]) -> None:
    """Bring the database up to date and publish the definitions. Raises RunError."""
    from bot import bootstrap  # here, so that wrong ports and folders are told before all of it is loaded

    try:
        for line in bootstrap.prepare(settings, echo):
            echo(line)
    except bootstrap.StartError as error:
        raise RunError(str(error)) from error


def _watch(parts: Parts, signals: _Signals, echo: Callable[[str], None]) -> None:
    """Tell when the parts are ready, and again after one was restarted, until we are to stop.

    Raises RunError when a part is given up, or is not ready in time at the start.
    """
    began = told = time.monotonic()
    starts, ready, greeted = parts.starts, False, False
    while signals.count == 0:
        if parts.failure is not None:
            raise RunError(_obituary(parts.failure))
        if parts.starts != starts:
            starts, ready, began, told = parts.starts, False, time.monotonic(), time.monotonic()
        if not ready:
            away = parts.waiting_for()
            now = time.monotonic()
            if not away:
                ready = True
                _greet(parts.settings, echo) if not greeted else echo("All parts answer again.")
                greeted = True
            elif now - told >= 5:
                echo(f"  waiting for {_and(away)} ({now - began:.0f} s)")
                told = now
            if away and not greeted and now - began > READY_WITHIN:
                raise RunError(_too_late(parts.settings, away, READY_WITHIN))
        time.sleep(0.1)


def _greet(settings: Settings, echo: Callable[[str], None]) -> None:
    echo("Peil is ready. Open this address; Ctrl-C stops it.")
    echo(address(settings))
    first = _first_desk_address(settings)
    if first is None:
        echo(f"The consultants' desk: {address(settings)}desk/")
    else:
        echo("Nobody can sign in to the consultants' desk yet. Make the first account here:")
        echo(first)


def _first_desk_address(settings: Settings) -> str | None:
    """Where the desk's first user makes an account, as long as there is none."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot import bootstrap

    peil = bootstrap.build(settings)
    try:
        return peil.desk.accounts.first_address()
    except SQLAlchemyError:
        # The parts tell already how they are; who runs Peil can ask again (`peil user first`).
        return None
    finally:
        peil.store.engine.dispose()
