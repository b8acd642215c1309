"""The supervisor and `peil run`, with small stand-ins for Rasa, action server and gateway."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import run as running
from bot.gateway.signing import instance
from bot.run import RunError, address, check_ports, only_one, waiting_for
from bot.settings import ROOT, Settings
from bot.supervisor import Part, PartLog, Supervisor
from tests.stack import free_ports

PYTHON = [sys.executable, "-S", "-c"]
SLEEP = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); " + SLEEP
)
# Starts a process of its own and waits, as a server with workers does.
PARENT = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-S', '-c', {SLEEP!r}]); "
PARENT += "print('child', p.pid, flush=True); p.wait()"


def until(what: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def lives(pid: int) -> bool:
    """Whether the process runs; one that ended and was not yet collected by its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


class Stage:
    """Makes supervisors, keeps what they say, and stops them after the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.made: list[Supervisor] = []

    def part(self, name: str, code: str, **options) -> Part:
        return Part(name, [*PYTHON, code], self.folder / f"{name}.log", **options)

    def start(self, *parts: Part, **options) -> Supervisor:
        options.setdefault("delays", (0.01,))
        supervisor = Supervisor(parts, say=self.said.append, **options)
        self.made.append(supervisor)
        supervisor.start()
        return supervisor

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    for supervisor in stage.made:
        supervisor.stop(patience=0.2)


# --- starting again, giving up ---


def test_a_part_that_is_killed_is_started_again_and_the_others_are_left_alone(stage):
    supervisor = stage.start(stage.part("rasa", SLEEP), stage.part("actions", SLEEP))
    rasa, actions = supervisor.pid("rasa"), supervisor.pid("actions")
    os.kill(rasa, signal.SIGKILL)
    until(lambda: supervisor.pid("rasa") not in (None, rasa) and supervisor.starts > 2)
    assert supervisor.pid("actions") == actions
    assert supervisor.starts == 3
    assert stage.said == ["rasa was killed by signal 9; starting it again in 0.01 s."]


def test_a_part_that_computes_stands_back_for_the_others(stage):
    supervisor = stage.start(stage.part("rasa", SLEEP, stands_back=3), stage.part("gateway", SLEEP))
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, supervisor.pid("rasa")) == min(19, ours + 3)
    assert os.getpriority(os.PRIO_PROCESS, supervisor.pid("gateway")) == ours


def test_each_failed_start_waits_longer_and_after_five_the_part_is_given_up(stage):
    part = stage.part("gateway", "import sys; print('no such table'); sys.exit(3)")
    supervisor = stage.start(part, stage.part("rasa", SLEEP), delays=(0.01, 0.02, 0.03, 0.04, 0.05))
    until(lambda: supervisor.failure)
    assert [line.rsplit("again in ")[1] for line in stage.said] == [
        "0.01 s.",
        "0.02 s.",
        "0.03 s.",
        "0.04 s.",
    ]
    assert supervisor.failure.name == "gateway"
    assert supervisor.failure.ended == "ended with status 3"
    assert supervisor.failure.last_lines[-1] == "no such table"
    assert lives(supervisor.pid("rasa"))  # stopping the rest is the caller's move


def test_a_part_that_had_settled_is_started_again_without_end(stage):
    supervisor = stage.start(stage.part("actions", "pass", settles=0.0), delays=(0.01, 60))
    until(lambda: supervisor.starts > 8)
    assert supervisor.failure is None


def test_a_command_that_does_not_exist_is_given_up_with_the_reason(stage, tmp_path):
    supervisor = stage.start(Part("rasa", [str(tmp_path / "none")], tmp_path / "rasa.log"))
    until(lambda: supervisor.failure)
    assert supervisor.failure.ended == "could not be started"
    assert "No such file" in supervisor.failure.last_lines[-1]


def test_without_auto_restart_a_dead_part_stays_down_until_asked_for(stage):
    supervisor = stage.start(stage.part("rasa", SLEEP), auto_restart=False)
    before = supervisor.pid("rasa")
    os.kill(before, signal.SIGKILL)
    until(lambda: supervisor.pid("rasa") is None)
    time.sleep(0.1)
    assert supervisor.pid("rasa") is None
    assert supervisor.restart("rasa") == supervisor.pid("rasa") != before


@pytest.mark.parametrize("code", [SLEEP, STUBBORN], ids=["obedient", "stubborn"])
def test_restart_replaces_a_running_part_at_once(stage, code):
    supervisor = stage.start(stage.part("rasa", code), delays=(60,))
    before = supervisor.pid("rasa")
    after = supervisor.restart("rasa", patience=0.3)
    assert after != before
    assert lives(after)
    assert not lives(before)


# --- stopping ---


def test_stop_ends_all_parts_and_what_they_have_started(stage):
    supervisor = stage.start(stage.part("rasa", SLEEP), stage.part("actions", PARENT))
    until(lambda: "child" in stage.log("actions"))
    pids = [supervisor.pid("rasa"), supervisor.pid("actions"), int(stage.log("actions").split("child ")[1])]
    supervisor.stop()
    assert not any(lives(pid) for pid in pids)
    assert supervisor.failure is None
    assert stage.said == []


def test_a_part_that_will_not_stop_is_killed_when_patience_ends(stage):
    supervisor = stage.start(stage.part("rasa", STUBBORN))
    until(lambda: "up" in stage.log("rasa"))
    pid, began = supervisor.pid("rasa"), time.monotonic()
    supervisor.stop(patience=0.3)
    assert 0.3 <= time.monotonic() - began < 3
    assert not lives(pid)


def test_in_a_hurry_nobody_is_waited_for(stage):
    supervisor = stage.start(stage.part("rasa", STUBBORN))
    until(lambda: "up" in stage.log("rasa"))
    pid, began = supervisor.pid("rasa"), time.monotonic()
    supervisor.stop(patience=30, hurry=lambda: True)
    assert time.monotonic() - began < 3
    assert not lives(pid)


def test_what_a_dead_part_had_started_is_gone_before_it_is_started_again(stage):
    supervisor = stage.start(stage.part("actions", PARENT))
    until(lambda: "child" in stage.log("actions"))
    child = int(stage.log("actions").split("child ")[1].split()[0])
    os.kill(supervisor.pid("actions"), signal.SIGKILL)
    until(lambda: supervisor.starts == 2)
    until(lambda: not lives(child), 1)


def test_no_part_outlives_a_supervisor_that_was_killed(tmp_path):
    script = f"""
import sys, time
from pathlib import Path
from bot.supervisor import Part, Supervisor
parts = [Part(n, [sys.executable, "-S", "-c", c], Path({str(tmp_path)!r}) / (n + ".log"))
         for n, c in {[("obedient", SLEEP), ("stubborn", STUBBORN), ("parent", PARENT)]!r}]
supervisor = Supervisor(parts)
supervisor.start()
log = Path({str(tmp_path)!r})
while "child" not in (log / "parent.log").read_text() or "up" not in (log / "stubborn.log").read_text():
    time.sleep(0.01)
child = (log / "parent.log").read_text().split("child ")[1].split()[0]
print(*[supervisor.pid(p.name) for p in parts], child, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as killed:
        pids = [int(pid) for pid in killed.stdout.readline().split()]
        assert len(pids) == 4
        assert all(lives(pid) for pid in pids)
        killed.kill()
    until(lambda: not any(lives(pid) for pid in pids), 8)


# --- logs and warnings ---


def test_warnings_and_errors_are_shown_and_the_rest_goes_to_the_log_alone(stage):
    lines = [
        "2026-01-01 12:00:00 INFO     rasa.core - loading",
        "2026-01-01 12:00:01 WARNING  rasa.core - slow 1",
        "2026-01-01 12:00:02 WARNING  rasa.core - slow 2",
        "ERROR:    the port is gone",
        "2026-01-01 12:00:03 [error    ] no answer",
        "this line merely mentions, far from its beginning, at a place where no level stands: ERROR",
    ]
    stage.start(stage.part("rasa", f"print({chr(10).join(lines)!r}, flush=True); " + SLEEP))
    until(lambda: lines[-1] in stage.log("rasa"))
    assert all(line in stage.log("rasa") for line in lines)
    # The second 'slow' differs by its numbers only and is not shown again.
    assert stage.said == [f"rasa: {lines[1]}", f"rasa: {lines[3]}", f"rasa: {lines[4]}"]


def test_a_new_start_begins_a_new_log_and_keeps_one_older(tmp_path):
    for text in (b"first\n", b"second\n", b"third\n"):
        log = PartLog(tmp_path / "rasa.log")
        log.write(text)
        log.close()
    assert (tmp_path / "rasa.log").read_text() == "third\n"
    assert (tmp_path / "rasa.log.1").read_text() == "second\n"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_log_never_grows_beyond_its_limit(tmp_path):
    log = PartLog(tmp_path / "rasa.log", limit=100)
    for number in range(100):
        log.write(b"line %03d\n" % number)  # 9 bytes, so 11 fit
    log.close()
    assert (tmp_path / "rasa.log").read_text().endswith("line 099\n")
    assert all(file.stat().st_size <= 100 for file in tmp_path.iterdir())
    assert log.last_lines()[-1] == "line 099"


# --- peil run: checks ---


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    http_port, rasa_port, actions_port = free_ports(3)
    return Settings.from_environment(
        {
            "PEIL_DATA_DIR": str(tmp_path / "var"),
            "PEIL_HTTP_PORT": str(http_port),
            "PEIL_RASA_PORT": str(rasa_port),
            "PEIL_ACTIONS_PORT": str(actions_port),
        }
    ).with_secrets()


@pytest.mark.parametrize("name", ["http", "rasa", "actions"])
def test_a_port_in_use_is_named_with_the_setting_that_changes_it(settings, name, capsys):
    port = getattr(settings, f"{name}_port")
    with socket.create_server(("127.0.0.1", port)):
        assert running.run(settings) == 1
    told = capsys.readouterr()
    assert told.err == (
        f"Port {port} is in use by another program; "
        f"stop that, or set PEIL_{name.upper()}_PORT to a free port.\n"
    )


def test_free_ports_and_a_port_used_a_moment_ago_are_fine(settings):
    with socket.create_server(("127.0.0.1", settings.http_port)) as server:
        client = socket.create_connection(("127.0.0.1", settings.http_port))
        accepted, _ = server.accept()
        accepted.close()  # the server's side closes first and lingers
        client.close()
    check_ports(settings)


def test_a_second_peil_on_the_same_data_is_refused(settings):
    running_already = pytest.raises(RunError, match=f"already running on .* \\(process {os.getpid()}\\)")
    with only_one(settings), running_already, only_one(settings):
        pass
    with only_one(settings):
        pass


def test_a_data_directory_that_cannot_be_written_is_one_sentence_and_status_1(settings, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    from_environment = {"PEIL_DATA_DIR": str(tmp_path / "file" / "var")}
    assert running.run(Settings.from_environment(from_environment)) == 1
    told = capsys.readouterr().err
    assert "cannot be written" in told
    assert "PEIL_DATA_DIR" in told
    assert told.count("\n") == 1


# --- peil run: readiness ---


def answering(port: int, status: int, body: bytes) -> http.server.HTTPServer:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", port), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


@pytest.mark.parametrize(
    ("status", "body", "away"),
    [
        (200, {"ready": True}, []),
        (503, {"parts": {"database": True, "rasa": False, "actions": True}}, ["Rasa"]),
        (503, {"parts": {"rasa": False, "actions": False}}, ["Rasa", "the action server"]),
        (503, ["something else"], ["all parts"]),
        (500, {}, ["all parts"]),
        (200, {"ready": True, "instance": "another Peil's"}, ["the gateway"]),
    ],
)
def test_what_is_not_ready_is_told_in_words(settings, status, body, away):
    if isinstance(body, dict) and body:
        body = {"instance": instance(settings.secret)} | body
    server = answering(settings.http_port, status, json.dumps(body).encode())
    try:
        assert waiting_for(settings) == away
    finally:
        server.shutdown()
        server.server_close()


def test_without_a_gateway_it_is_the_gateway_that_is_waited_for(settings):
    assert waiting_for(settings) == ["the gateway"]


def test_nobody_waits_for_a_part_that_is_down_for_good(settings, monkeypatch, tmp_path):
    part = Part("rasa", [*PYTHON, "raise SystemExit(1)"], tmp_path / "rasa.log")
    monkeypatch.setattr(running, "_parts", lambda settings, model: [part])
    parts = running.Parts(settings, model=tmp_path / "model", auto_restart=False, say=lambda text: None)
    parts.start()
    try:
        with pytest.raises(RunError, match=r"rasa is down; see .*rasa\.log"):
            parts.wait_ready(10)
    finally:
        parts.stop()


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("peil.local", "peil.local")],
)
def test_the_address_printed_is_one_that_a_browser_here_can_open(host, shown):
    settings = Settings.from_environment({"PEIL_HTTP_HOST": host})
    assert address(settings) == f"http://{shown}:8000/"


# --- peil run as a whole, in a process of its own ---

GATEWAY = """
import http.server, json, os, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"instance": sys.argv[2]}).encode())
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


class Running:
    """`run()` in a process of its own, on stand-ins."""

    def __init__(self, settings: Settings, rasa: str, gateway: str) -> None:
        self.settings = settings
        script = f"""
import sys
from pathlib import Path
from bot import dialogue_model, run
from bot.gateway.signing import instance
from bot.settings import Settings
from bot.supervisor import Part, Supervisor
Supervisor.__init__.__kwdefaults__["delays"] = (0.05,)
settings = Settings.from_environment().with_secrets()
def part(name, code):
    command = [sys.executable, "-S", "-c", code, str(settings.http_port), instance(settings.secret)]
    return Part(name, command, settings.data_dir / "logs" / (name + ".log"))
run._prepare = lambda settings, echo: echo("Prepared.")
dialogue_model.ensure = lambda settings, echo: Path("model")
run._parts = lambda settings, model: [part("rasa", {rasa!r}), part("gateway", {gateway!r})]
sys.exit(run.run(settings))
"""
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", script],
            cwd=ROOT,
            env={**os.environ, **settings.environment()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self, wanted: str) -> None:
        while wanted not in (line := self.process.stdout.readline()):
            assert line, self.process.stderr.read()

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err

    def log(self, name: str) -> str:
        return (self.settings.data_dir / "logs" / f"{name}.log").read_text()

    def pids(self) -> list[int]:
        return [int(self.log(n).split("process ")[1].split()[0]) for n in ("rasa", "gateway")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_peil_run_prints_its_address_when_ready_and_a_signal_stops_it_with_status_0(settings, number):
    peil = Running(settings, SLEEP, GATEWAY)
    peil.line("Prepared.")
    peil.line(f"http://127.0.0.1:{settings.http_port}/\n")
    peil.line(f"http://127.0.0.1:{settings.http_port}/desk/")
    pids = peil.pids()
    began = time.monotonic()
    peil.process.send_signal(number)
    assert peil.end() == (0, "Stopping.\nStopped.\n", "")
    assert time.monotonic() - began < 5
    assert not any(lives(pid) for pid in pids)


def test_a_second_ctrl_c_kills_at_once(settings):
    peil = Running(settings, STUBBORN, GATEWAY)
    peil.line("http://")
    until(lambda: "up" in peil.log("rasa"))
    pids = peil.pids()
    peil.process.send_signal(signal.SIGINT)
    peil.line("Stopping.")
    began = time.monotonic()
    peil.process.send_signal(signal.SIGINT)
    assert peil.end()[0] == 0
    assert time.monotonic() - began < 2
    assert not any(lives(pid) for pid in pids)


def test_a_part_that_dies_is_back_and_peil_says_so(settings):
    peil = Running(settings, SLEEP, GATEWAY)
    peil.line("http://")
    os.kill(peil.pids()[0], signal.SIGKILL)
    peil.line("rasa was killed by signal 9; starting it again in 0.05 s.")
    peil.line("All parts answer again.")
    peil.process.send_signal(signal.SIGTERM)
    assert peil.end()[0] == 0


def test_a_part_that_cannot_start_stops_all_with_status_1_and_its_last_words(settings):
    peil = Running(settings, SLEEP, "import sys; sys.exit('no such column: mood')")
    status, _, err = peil.end()
    assert status == 1
    assert err.startswith("The gateway failed again and again right after its start (it ended with status 1)")
    assert "no such column: mood" in err
    assert "Traceback" not in err
    assert not lives(peil.pids()[0])
