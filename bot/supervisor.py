"""Keeps several processes running: starts them, starts one that died again, stops them all.

Knows nothing of Peil; `bot.run` says which parts there are. See docs/adr/0003-own-supervisor.md.
"""

from __future__ import annotations

import collections
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LOG_LIMIT = 5_000_000  # bytes; a log that is full is set aside, and one such is kept

# What a log line that a person should see looks like, in the formats of logging, uvicorn and structlog.
_ALARM = re.compile(r"^.{0,60}?(\b(WARNING|ERROR|CRITICAL)\b|\[(warning|error|critical) *\])")

# Outlives a supervisor that was killed outright, and takes the parts down after it. Reads "+pid" and "-pid"
# (each part leads a process group of its own) until its input ends, which is when the supervisor is gone.
_WATCHDOG = """
import os, signal, sys, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for number, patience in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 0.0)):
    for group in list(groups):
        try:
            os.killpg(group, number)
        except OSError:
            groups.discard(group)
    until = time.monotonic() + patience
    while groups and time.monotonic() < until:
        time.sleep(0.05)
        for group in list(groups):
            try:
                os.killpg(group, 0)
            except OSError:
                groups.discard(group)
"""


@dataclass(frozen=True)
class Part:
    """One process to keep running.

    `environment` is the whole environment (None: ours). A part that dies within `settles` seconds of its
    start counts as one that failed to start. `stands_back`: 0 to 19, how much other processes go before it
    where there is not enough of a processor for all.
    """

    name: str
    command: Sequence[str]
    log: Path
    cwd: Path | None = None
    environment: Mapping[str, str] | None = None
    settles: float = 10.0
    stands_back: int = 0


@dataclass(frozen=True)
class Failure:
    """A part that was given up: how it ended the last time, and the last lines of its log."""

    name: str
    ended: str
    log: Path
    last_lines: tuple[str, ...]


class PartLog:
    """A part's log file: begins anew at each start of ours, is limited in size, keeps one older file."""

    def __init__(self, path: Path, limit: int = LOG_LIMIT) -> None:
        self.path = path
        self._limit = limit
        self._lock = threading.Lock()
        self._last: collections.deque[str] = collections.deque(maxlen=15)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._begin()

    def _begin(self) -> IO[bytes]:
        if self.path.exists():
            os.replace(self.path, self.path.with_name(self.path.name + ".1"))
        self._size = 0
        return self.path.open("wb", buffering=0)

    def write(self, line: bytes) -> None:
        """Add a line; it is dropped where the log cannot be written: a full disk must not stop the part."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._last.append(line.decode("utf-8", "replace").rstrip())
            if self._size and self._size + len(line) > self._limit:
                self._file.close()
                self._file = self._begin()
            self._size += len(line)
            self._file.write(line)

    def last_lines(self) -> tuple[str, ...]:
        """The last few lines that were written."""
        with self._lock:
            return tuple(line for line in self._last if line)

    def close(self) -> None:
        """Close the file; whatever still comes is dropped."""
        with self._lock:
            self._file.close()


class _Kept:
    """One part and what is known of its process; changes under the supervisor's lock."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.log = PartLog(part.log)
        self.process: subprocess.Popen[bytes] | None = None
        self.reader: threading.Thread | None = None
        self.keeper: threading.Thread | None = None
        self.started = 0.0
        self.starts = 0
        self.asked_for = threading.Event()  # by restart(), so neither backed off from nor counted
        self.wake = threading.Event()


class Supervisor:
    """Starts the parts and keeps them running until stop().

    A part that dies is started again after delays[0] seconds, then delays[1] and so on; once it has lived
    longer than its `settles`, the delays begin anew. After `give_up_after` failed starts in a row the
    supervisor gives up on it and says so in `failure`; stopping the rest is the caller's move.
    With `auto_restart` off a part that died stays down until restart(). Safe to use from any thread.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        say: Callable[[str], None] = print,
        auto_restart: bool = True,
        delays: Sequence[float] = (0.5, 1, 2, 4, 8, 10),
        give_up_after: int = 5,
    ) -> None:
        self.parts = tuple(parts)
        self.failure: Failure | None = None
        self._say_to = say
        self.auto_restart = auto_restart
        self._delays = delays
        self._give_up_after = give_up_after
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._kept: dict[str, _Kept] = {}
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._shown: dict[str, float] = {}

    @property
    def starts(self) -> int:
        """How often a part was started so far; a change tells that one was started again."""
        return sum(kept.starts for kept in self._kept.values())

    def start(self) -> None:
        """Start all parts. Raises OSError when a log cannot be written."""
        self._kept = {part.name: _Kept(part) for part in self.parts}
        self._stopping.clear()
        self.failure = None
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _WATCHDOG],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for kept in self._kept.values():
            self._spawn(kept)
            kept.keeper = threading.Thread(target=self._keep, args=(kept,), daemon=True)
            kept.keeper.start()

    def pid(self, name: str) -> int | None:
        """The process of a part, or None while it is down."""
        process = self._kept[name].process
        return process.pid if process is not None and process.returncode is None else None

    def restart(self, name: str, patience: float = 3.0) -> int:
        """Stop a part (killing it after `patience` seconds) if it runs, and start it. Returns its process.

        Raises RuntimeError when it cannot be started.
        """
        kept = self._kept[name]
        with self._lock:
            before, process = kept.starts, kept.process
            kept.asked_for.set()
            kept.wake.set()
        if process is not None and process.returncode is None:
            _signal_group(process.pid, signal.SIGTERM)
        until = time.monotonic() + patience
        killed = False
        while kept.starts == before:
            if time.monotonic() > until + 5:
                raise RuntimeError(f"{name} could not be started again; see {kept.part.log}")
            if not killed and time.monotonic() > until and process is not None:
                _signal_group(process.pid, signal.SIGKILL)
                killed = True
            time.sleep(0.02)
        return self.pid(name) or 0

    def stop(self, patience: float = 3.5, hurry: Callable[[], bool] = lambda: False) -> None:
        """Stop all parts: ask, and after `patience` seconds (or as soon as hurry() says so) kill."""
        with self._lock:
            self._stopping.set()
        running = []
        for kept in self._kept.values():
            kept.wake.set()
            if kept.process is not None:
                running.append(kept.process.pid)
                if kept.process.returncode is None:
                    _signal_group(kept.process.pid, signal.SIGTERM)
        until = time.monotonic() + patience
        keepers = [kept.keeper for kept in self._kept.values() if kept.keeper is not None]
        while any(keeper.is_alive() for keeper in keepers) and time.monotonic() < until and not hurry():
            time.sleep(0.02)
        for kept in self._kept.values():
            if kept.keeper is not None and kept.keeper.is_alive() and kept.process is not None:
                _signal_group(kept.process.pid, signal.SIGKILL)
        for keeper in keepers:
            keeper.join(5)
        if self._watchdog is not None and self._watchdog.stdin is not None:
            with contextlib.suppress(OSError):
                self._watchdog.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._watchdog.wait(5)
            self._watchdog = None
        for kept in self._kept.values():
            kept.log.close()

    # --- one part -----------------------------------------------------------------------------------

    def _keep(self, kept: _Kept) -> None:
        """Wait for the part's end and start it again, until we stop or give up."""
        failed = 0
        while True:
            ended = self._wait(kept)
            if self._stopping.is_set():
                return
            if kept.asked_for.is_set():
                failed = 0
            else:
                lived = time.monotonic() - kept.started
                failed = failed + 1 if lived < kept.part.settles else 0
                if self.auto_restart and failed >= self._give_up_after:
                    self.failure = Failure(kept.part.name, ended, kept.part.log, kept.log.last_lines())
                    return
                delay: float | None = None
                if self.auto_restart:
                    delay = self._delays[min(max(failed - 1, 0), len(self._delays) - 1)]
                    self._say(f"{kept.part.name} {ended}; starting it again in {delay:g} s.")
                else:
                    self._say(f"{kept.part.name} {ended}.")
                kept.wake.wait(delay)
                if kept.asked_for.is_set():
                    failed = 0
            if self._stopping.is_set():
                return
            self._spawn(kept)

    def _spawn(self, kept: _Kept) -> None:
        part = kept.part
        with self._lock:
            if self._stopping.is_set():
                return
            kept.wake.clear()
            kept.asked_for.clear()
            kept.started = time.monotonic()
            try:
                # A group of its own: Ctrl-C reaches us alone, and we reach whatever the part has started.
                kept.process = subprocess.Popen(
                    list(part.command),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    cwd=part.cwd,
                    env=dict(os.environ if part.environment is None else part.environment),
                    start_new_session=True,
                )
            except OSError as error:
                kept.process = None
                kept.log.write(f"could not be started: {error}\n".encode())
                return
            if part.stands_back:
                _stand_back(kept.process.pid, part.stands_back)
            self._tell_watchdog(f"+{kept.process.pid}")
            now = time.strftime("%Y-%m-%d %H:%M:%S")
            kept.log.write(f"--- {now} started {part.name}, process {kept.process.pid}\n".encode())
            kept.reader = threading.Thread(target=self._read, args=(kept, kept.process.stdout), daemon=True)
            kept.reader.start()
            kept.starts += 1

    def _wait(self, kept: _Kept) -> str:
        """Wait for the part's process and clean up after it. Returns how it ended, in words."""
        process, reader = kept.process, kept.reader
        if process is None or reader is None:
            return "could not be started"
        status = process.wait()
        # Whatever it had started itself would hold its port.
        _signal_group(process.pid, signal.SIGKILL)
        self._tell_watchdog(f"-{process.pid}")
        reader.join(1.0)
        return f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"

    def _read(self, kept: _Kept, output: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), output:
            # Limited, so that output without line ends cannot fill the memory.
            while line := output.readline(65_536):
                kept.log.write(line)
                text = line.decode("utf-8", "replace").rstrip()
                if _ALARM.match(text) and not self._shown_lately(text):
                    self._say(f"{kept.part.name}: {text}")

    def _shown_lately(self, text: str) -> bool:
        """Whether the same (but for its numbers) was shown in the last half minute: no floods."""
        key, now = re.sub(r"[0-9a-f]{8,}|\d+", "#", text)[:120], time.monotonic()
        with self._lock:
            self._shown = {known: at for known, at in self._shown.items() if now - at < 30}
            return self._shown.setdefault(key, now) != now

    def _say(self, text: str) -> None:
        if (
            not self._stopping.is_set()
        ):  # what the parts complain of while they are being stopped helps nobody
            self._say_to(text)

    def _tell_watchdog(self, line: str) -> None:
        if self._watchdog is not None and self._watchdog.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                self._watchdog.stdin.write(line.encode() + b"\n")
                self._watchdog.stdin.flush()


def _stand_back(process: int, steps: int) -> None:
    """Let others go before a process that has just been started."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process, os.getpriority(os.PRIO_PROCESS, 0) + steps)


def _signal_group(leader: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(leader, number)
