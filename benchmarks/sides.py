"""What is measured, each on free ports with data of its own: Peil, its floor, the textbook bot."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.conversation import MODEL, BenchmarkError, PeilRespondent, Respondent, TextbookRespondent
from benchmarks.textbook import project
from bot import definitions, dialogue_model
from bot.bootstrap import prepare
from bot.run import Parts, waiting_for
from bot.settings import ROOT, Settings
from bot.supervisor import Part, Supervisor

DEFINITION = ROOT / "models" / "maturity" / f"{MODEL}.yml"
KEPT = ROOT / "var" / "bench"  # what is made once and not anew for every run
READY_WITHIN = 300.0  # seconds


@dataclass(frozen=True)
class Side:
    """One bot that can be started, talked to and stopped."""

    name: str
    supervisor: Supervisor
    is_ready: Callable[[], bool]
    respondent: Callable[[], Respondent]

    def wait(self) -> None:
        """Wait until it answers. Raises BenchmarkError when a part died or it takes too long."""
        until = time.monotonic() + READY_WITHIN
        while not self.is_ready():
            for part in self.supervisor.parts:
                if self.supervisor.pid(part.name) is None:
                    raise BenchmarkError(f"{self.name}: {part.name} is down: {last_lines(part.log)}")
            if time.monotonic() > until:
                raise BenchmarkError(f"{self.name}: not ready within {READY_WITHIN:.0f} s")
            time.sleep(0.05)

    def pids(self) -> dict[str, int]:
        """Part -> its process, which leads a process group."""
        return {part.name: self.supervisor.pid(part.name) or 0 for part in self.supervisor.parts}

    def memory(self) -> dict[str, float]:
        """Part -> resident megabytes of its process group."""
        command = ["ps", "-A", "-o", "pgid=,rss="]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in listed.splitlines()]
        return {
            name: sum(int(size) for leader, size in rows if int(leader) == pid) / 1024
            for name, pid in self.pids().items()
        }

    def processor(self) -> dict[str, float | None]:
        """Part -> seconds of processor time that it has used; None where /proc does not tell."""
        found: dict[str, float | None] = {}
        for name, pid in self.pids().items():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                found[name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            except OSError:
                found[name] = None
        return found


def last_lines(log: Path) -> str:
    """The end of a log, in one line; the logs are gone when the bench has stopped."""
    try:
        lines = log.read_text("utf-8", "replace").splitlines()
    except OSError:
        return "no log"
    return " | ".join(line.strip() for line in lines if line.strip())[-600:]


def free_ports(count: int) -> list[int]:
    """Ports that are free now; all are held at once, so they differ."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def answers(port: int, path: str) -> bool:
    """Whether there is a 200 at this address of this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


# --- Peil and its floor -----------------------------------------------------------------------------


def _settings(folder: Path, ports: list[int]) -> Settings:
    """Settings with data of their own, and with no limit on how fast one may talk."""
    environment = {
        "PEIL_DATA_DIR": str(folder),
        "PEIL_DEFINITIONS": str(folder / "definitions"),
        "PEIL_HTTP_PORT": str(ports[0]),
        "PEIL_RASA_PORT": str(ports[1]),
        "PEIL_ACTIONS_PORT": str(ports[2]),
        "PEIL_RATE_BURST": "1000000",
        "PEIL_RATE_PER_MINUTE": "1000000",
    }
    (folder / "definitions").mkdir(parents=True)
    (folder / "definitions" / DEFINITION.name).write_bytes(DEFINITION.read_bytes())
    settings = Settings.from_environment(environment).with_secrets()
    prepare(settings)
    return settings


def peil(folder: Path, say: Callable[[str], None]) -> Side:
    """The real parts, as `peil run` starts them, with the dialogue model trained if need be."""
    settings = _settings(folder, free_ports(3))
    model = dialogue_model.ensure(settings, say)
    parts = Parts(settings, model=model, auto_restart=False, say=say)
    port = settings.http_port
    return Side("peil", parts, lambda: not parts.waiting_for(), lambda: PeilRespondent(port))


def floor(folder: Path, say: Callable[[str], None]) -> Side:
    """Peil's gateway without Rasa and action server."""
    settings = _settings(folder, free_ports(3))
    environment = {**os.environ, **settings.environment()}
    command = [sys.executable, "-m", "benchmarks.floor"]
    part = Part("floor", command, settings.data_dir / "logs" / "floor.log", ROOT, environment)
    supervisor = Supervisor([part], auto_restart=False, say=say)
    port = settings.http_port
    return Side("floor", supervisor, lambda: not waiting_for(settings), lambda: PeilRespondent(port))


# --- the textbook bot -------------------------------------------------------------------------------


def textbook_model(settings: Settings, folder: Path, say: Callable[[str], None]) -> Path:
    """The textbook project, written into this folder, and its model: trained when the project has changed.

    Trained by what trains Peil's own, which looks in its checkout for the sources and for Rasa's environment:
    so the project is laid out like one.
    """
    project.write(definitions.load(DEFINITION), folder)
    environment = folder / ".venv-rasa"
    environment.unlink(missing_ok=True)
    environment.symlink_to(ROOT / ".venv-rasa", target_is_directory=True)
    there = replace(settings, root=folder, data_dir=folder)
    if not dialogue_model.path(there).exists():
        say("The textbook bot is trained once and then kept; DIET and TED take minutes.")
    return dialogue_model.ensure(there, lambda told: say(f"textbook: {told}"))


def textbook(folder: Path, say: Callable[[str], None]) -> Side:
    """Rasa with DIET and TED, and the action server of the SDK that it brings, both in Rasa's environment."""
    (folder / "data").mkdir(parents=True)
    plain = Settings.from_environment({"PEIL_DATA_DIR": str(folder / "data")})
    home = KEPT / "textbook"
    model = textbook_model(plain, home, say)
    rasa_port, actions_port = free_ports(2)
    environment = dialogue_model.rasa_environment() | {
        "TEXTBOOK_ACTIONS_PORT": str(actions_port),
        "TEXTBOOK_TRACKERS": str(folder / "trackers.db"),
        "SANIC_HOST": "127.0.0.1",  # where the SDK's server listens; its default is everywhere
    }
    python = str(dialogue_model.rasa_python(plain))
    actions = [python, "-m", "rasa_sdk", "--actions", "actions", "-p", str(actions_port)]
    rasa = [python, "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(rasa_port), "-m", str(model)]
    rasa += ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    logs = folder / "logs"
    supervisor = Supervisor(
        [
            Part("rasa", rasa, logs / "rasa.log", home, environment),
            Part("actions", actions, logs / "actions.log", home, environment),
        ],
        auto_restart=False,
        say=lambda told: say(f"textbook: {told}"),
    )

    def is_ready() -> bool:
        """Rasa answers only once its model is loaded."""
        return answers(rasa_port, "/webhooks/rest/") and answers(actions_port, "/health")

    return Side("textbook", supervisor, is_ready, lambda: TextbookRespondent(rasa_port))
