"""The time of a turn through the whole stack: `python -m benchmarks.turns [--rounds N] [--json FILE]`.

Starts the real parts on free ports with data of their own, and beside them the floor (`benchmarks.floor`: the
same gateway without Rasa). A round is one long conversation, measured around turn 150, and several short
ones, measured around turn 5, on both; what else the machine does meanwhile meets all of them alike. Both
depths have the same mix of messages: a level tapped, 'back' tapped, a '3' or '2' typed, 'back' tapped, side
talk typed. Answers differ from the last ones, so that each is written.

Times are a client's, from sending to having the whole reply. The only figures written down here are the aims.
"""

import argparse
import http.client
import itertools
import json
import math
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.floor import SIDE_TALK
from bot import dialogue_model
from bot.bootstrap import prepare
from bot.run import Parts, waiting_for
from bot.settings import ROOT, Settings
from bot.supervisor import Part, Supervisor

EARLY = range(3, 8)  # the turns that stand for turn 5
LATE = range(141, 161)  # the turns that stand for turn 150
SHORT = 4  # short conversations a round: as many turns of them are measured as of the long one
AIMS = {"button_p50": 20.0, "button_p95": 35.0, "typed_p50": 35.0, "side_talk_p50": 35.0, "growth": 20.0}
MODEL = "cemm"

Times = dict[str, list[float]]


class BenchmarkError(Exception):
    """What came back is not what was to be measured."""


class Respondent:
    """One conversation over one connection, as a browser keeps it open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Content-Type": "application/json"}
        self._numbers = itertools.count(1)
        started, _ = self._request(
            "POST", "/api/chat/conversations", {"language": "nl", "prefill": {"model": MODEL}}
        )
        self._headers["Authorization"] = f"Bearer {started['token']}"
        self.messages: list[dict[str, Any]] = started["messages"]

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> tuple[Any, float]:
        data = None if body is None else json.dumps(body).encode()
        began = time.perf_counter()
        self._connection.request(method, path, data, self._headers)
        response = self._connection.getresponse()
        content = response.read()
        took = time.perf_counter() - began
        if response.status >= 300:
            raise BenchmarkError(f"{method} {path} was answered {response.status}")
        plain = response.headers["Content-Type"] != "application/json"
        return (content if plain else json.loads(content)), took

    def send(self, **content: str) -> float:
        """One message; the milliseconds until its reply was there."""
        reply, took = self._request(
            "POST", "/api/chat/messages", {"id": f"m{next(self._numbers)}", **content}
        )
        if reply["pending"] or not reply["messages"]:
            raise BenchmarkError("a message was not answered at once")
        self.messages = reply["messages"]
        return took * 1000

    def tap(self, title: str) -> float:
        """Tap the button whose title begins so."""
        buttons = [button for message in self.messages for button in message.get("buttons", ())]
        found = [button["token"] for button in buttons if button["title"].startswith(title)]
        if not found:
            raise BenchmarkError(f"no button {title!r} among {[button['title'] for button in buttons]}")
        return self.send(button=found[0])

    def picture(self) -> tuple[float, float]:
        """Fetch the picture of the newest reply twice; milliseconds of the first and the second time."""
        path = next(message["image"]["url"] for message in self.messages if "image" in message)
        return self._request("GET", path, None)[1] * 1000, self._request("GET", path, None)[1] * 1000

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def converse(port: int, turns: int, measured: range) -> Times:
    """Hold a conversation of so many turns; kind of turn -> milliseconds of those that are measured."""
    times: Times = defaultdict(list)
    side_talk = itertools.cycle(SIDE_TALK)
    levels = itertools.cycle("234")
    respondent = Respondent(port)
    respondent.tap("Ja")
    respondent.tap("1 ·")
    for turn in range(3, turns + 1):
        step = turn % 5
        if step == 3:
            kind, took = "button", respondent.tap(f"{next(levels)} ·")
        elif step in (4, 1):
            kind, took = "button", respondent.tap("Terug")
        elif step == 0:
            kind, took = "typed", respondent.send(text=next(levels))
        else:
            kind, took = "side_talk", respondent.send(text=next(side_talk))
        if "Vraag " not in respondent.messages[-1]["text"] and kind != "side_talk":
            raise BenchmarkError(f"turn {turn} ({kind}) was not answered with a question")
        if turn in measured:
            times[kind].append(took)
    respondent.close()
    return times


def complete(port: int, high: int) -> tuple[float, float]:
    """Tap through an assessment, `high` answers being higher, and look at its picture twice: milliseconds."""
    respondent = Respondent(port)
    respondent.tap("Ja")
    for number in itertools.count():
        if any("image" in message for message in respondent.messages):
            break
        respondent.tap("4 ·" if number < high else "2 ·")
    took = respondent.picture()
    respondent.close()
    return took


# --- what is started --------------------------------------------------------------------------------


def settings_in(folder: Path, ports: list[int]) -> Settings:
    """Settings with data of their own, and with no limit on how fast one may talk."""
    environment = {
        "PEIL_DATA_DIR": str(folder),
        "PEIL_DEFINITIONS": str(folder / "definitions"),
        "PEIL_HTTP_PORT": str(ports[0]),
        "PEIL_RASA_PORT": str(ports[1]),
        "PEIL_ACTIONS_PORT": str(ports[2]),
        "PEIL_RATE_BURST": "1000000",
    }
    (folder / "definitions").mkdir(parents=True)
    source = ROOT / "models" / "maturity" / f"{MODEL}.yml"
    (folder / "definitions" / source.name).write_bytes(source.read_bytes())
    return Settings.from_environment(environment).with_secrets()


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def floor(settings: Settings) -> Supervisor:
    """The peer, not yet started."""
    environment = {**os.environ, **settings.environment()}
    command = [sys.executable, "-m", "benchmarks.floor"]
    return Supervisor(
        [Part("floor", command, settings.data_dir / "logs" / "floor.log", ROOT, environment)],
        auto_restart=False,
    )


def wait(ready: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until:
            raise BenchmarkError(f"not ready within {seconds:.0f} s")
        time.sleep(0.05)


def memory(group: int) -> float:
    """Resident megabytes of a process group."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pgid=,rss="], capture_output=True, text=True, check=True
    ).stdout
    rows = (line.split() for line in listed.splitlines())
    return sum(int(size) for leader, size in rows if int(leader) == group) / 1024


def processor(pid: int) -> float | None:
    """Seconds of processor time that a process has used; None where /proc does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def radar() -> dict[str, float]:
    """Milliseconds of a radar in a fresh process: cold (warm-up and first picture) and warm."""
    command = [sys.executable, "-m", "benchmarks.radar", "--json", "50"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


# --- figures ----------------------------------------------------------------------------------------


def percentile(times: list[float], share: float) -> float:
    """The smallest time that so large a share of all times does not exceed."""
    return sorted(times)[math.ceil(share * len(times)) - 1]


def figures(times: Times) -> dict[str, float]:
    return {
        "button_p50": statistics.median(times["button"]),
        "button_p95": percentile(times["button"], 0.95),
        "typed_p50": statistics.median(times["typed"]),
        "side_talk_p50": statistics.median(times["side_talk"]),
    }


def grown(before: float, after: float) -> float:
    """Growth in percent."""
    return (after / before - 1) * 100


def measure(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Start everything, measure, stop everything."""
    load = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(prefix="peil-bench-") as folder:
        ports = free_ports(4)
        settings = settings_in(Path(folder) / "peil", ports[:3])
        beside = settings_in(Path(folder) / "floor", [ports[3], *ports[1:3]])
        dialogue_model.ensure(settings, say)
        for each in (settings, beside):
            prepare(each)
        parts, peer = Parts(settings, auto_restart=False, say=say), floor(beside)
        try:
            say("Starting Rasa, the action server and the gateway.")
            began = time.monotonic()
            parts.start()
            parts.wait_ready()
            started = time.monotonic() - began
            began = time.monotonic()
            peer.start()
            wait(lambda: not waiting_for(beside), 60)
            floor_started = time.monotonic() - began
            targets = {"peil": settings.http_port, "floor": beside.http_port}
            pids = {name: parts.pid(name) or 0 for name in ("rasa", "actions", "gateway")}
            pids["floor"] = peer.pid("floor") or 0
            for port in targets.values():
                converse(port, 12, range(0))  # not measured: the first turns fill caches
            used = {name: processor(pid) for name, pid in pids.items()}
            found = _rounds(rounds, targets, say)
            turns = rounds * (LATE[-1] + SHORT * EARLY[-1])
            cost = {
                name: None if before is None else ((processor(pids[name]) or 0.0) - before) * 1000 / turns
                for name, before in used.items()
            }
            say("Looking at pictures.")
            pictures = [complete(settings.http_port, high) for high in range(1, 10, 2)]
            resident = {name: memory(pid) for name, pid in pids.items()}
        finally:
            parts.stop()
            peer.stop()
    load.append(os.getloadavg()[0])
    result: dict[str, Any] = {
        "processors": os.cpu_count(),
        "load": load,
        "rounds": rounds,
        "aims": AIMS,
        "turns": {
            name: {depth: figures(times) for depth, times in depths.items()} for name, depths in found.items()
        },
        "samples": {
            depth: {kind: len(t) for kind, t in times.items()} for depth, times in found["peil"].items()
        },
        "processor_ms_per_turn": cost,
        "seconds_to_ready": {"peil": started, "floor": floor_started},
        "resident_mb": resident,
        "picture_ms": {
            "first": statistics.median(first for first, _ in pictures),
            "again": statistics.median(again for _, again in pictures),
        },
        "radar_ms": radar(),
    }
    for depths in result["turns"].values():
        depths["growth"] = {key: grown(depths["5"][key], depths["150"][key]) for key in depths["5"]}
    return result


def _rounds(
    rounds: int, targets: Mapping[str, int], say: Callable[[str], None]
) -> dict[str, dict[str, Times]]:
    found: dict[str, dict[str, Times]] = {
        name: {"5": defaultdict(list), "150": defaultdict(list)} for name in targets
    }
    for number in range(1, rounds + 1):
        say(f"Round {number} of {rounds}.")
        for name, port in targets.items():
            conversations = [("150", LATE[-1], LATE), *[("5", EARLY[-1], EARLY)] * SHORT]
            for depth, turns, measured in conversations:
                for kind, times in converse(port, turns, measured).items():
                    found[name][depth][kind].extend(times)
    return found


# --- the table --------------------------------------------------------------------------------------

_ROWS = (
    ("button_p50", "button, p50"),
    ("button_p95", "button, p95"),
    ("typed_p50", "typed answer, p50"),
    ("side_talk_p50", "typed side talk, p50"),
)


def table(result: Mapping[str, Any]) -> str:
    """The figures as people read them."""
    before, after = result["load"]
    peil, peer, aims = result["turns"]["peil"], result["turns"]["floor"], result["aims"]
    lines = [
        f"{result['processors']} processors, load {before:.1f} before and {after:.1f} after, "
        f"{result['rounds']} rounds",
        "",
        f"{'ms a turn':22}{'turn 5':>9}{'turn 150':>10}{'growth':>9}{'aim':>7}    {'floor: 5':>9}{'150':>7}",
    ]
    for key, words in _ROWS:
        lines.append(
            f"{words:22}{peil['5'][key]:9.1f}{peil['150'][key]:10.1f}{peil['growth'][key]:+8.0f}%"
            f"{aims[key]:7.0f}    {peer['5'][key]:9.1f}{peer['150'][key]:7.1f}"
        )
    cost, size = result["processor_ms_per_turn"], result["resident_mb"]
    lines += [
        f"growth of the button's p50: {peil['growth']['button_p50']:+.0f}%, aim: under {aims['growth']:.0f}%",
        "floor: the same gateway, the use-case called in its own process, no Rasa",
        "",
        f"{'':22}{'Rasa':>9}{'actions':>10}{'gateway':>9}{'floor':>9}",
    ]
    order = ("rasa", "actions", "gateway", "floor")
    if all(cost[name] is not None for name in order):
        cells = "".join(f"{cost[name]:{width}.1f}" for name, width in zip(order, (9, 10, 9, 9), strict=True))
        lines.append(f"{'processor, ms a turn':22}{cells}")
    cells = "".join(f"{size[name]:{width}.0f}" for name, width in zip(order, (9, 10, 9, 9), strict=True))
    lines.append(f"{'resident memory, MB':22}{cells}")
    seconds, drawn, seen = result["seconds_to_ready"], result["radar_ms"], result["picture_ms"]
    lines += [
        "",
        f"start to ready: {seconds['peil']:.1f} s (floor: {seconds['floor']:.1f} s)",
        f"radar: {drawn['cold']:.0f} ms cold (with loading), {drawn['warm_p50']:.0f} ms warm "
        f"(p95 {drawn['warm_p95']:.0f} ms), {drawn['kilobytes']:.0f} kB",
        f"picture over HTTP: {seen['first']:.0f} ms the first time, {seen['again']:.0f} ms again",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=12, help="default: 12, which takes about a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    arguments = parser.parse_args()
    result = measure(arguments.rounds, lambda text: print(text, file=sys.stderr, flush=True))
    print(table(result))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
