"""One run of the bench: start all sides, measure them by turns, stop them.

A round is one long conversation, measured around turn 150, and several short ones, measured around turn 5, on
every side; what else the machine does meanwhile meets all of them alike. The textbook bot is in every third
round only: its long conversations take a minute and more.
"""

from __future__ import annotations

import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import sides
from benchmarks.conversation import (
    BenchmarkError,
    PeilRespondent,
    Respondent,
    TextbookRespondent,
    script,
    to_the_end,
)
from benchmarks.figures import CROWDS, of_times
from benchmarks.sides import Side
from bot import definitions
from bot.assessment.answers import Answer
from bot.assessment.scoring import score
from bot.settings import ROOT

EARLY = range(3, 8)  # the turns that stand for turn 5
LATE = range(141, 161)  # the turns that stand for turn 150
SHORT = 4  # short conversations a round: as many turns of them are measured as of the long one
EVERY = 3  # the textbook bot is in the first and then in every so manieth round
CROWD_TURNS = 20  # turns of a conversation among several at once: about one assessment
PASSES = 2  # how often each crowd is measured

Say = Callable[[str], None]
Times = dict[str, list[float]]


def converse(side: Side, turns: int, measured: range) -> Times:
    """Hold a conversation of so many turns; kind of turn -> milliseconds of those that are measured."""
    times: Times = defaultdict(list)
    respondent = side.respondent()
    try:
        for turn, (kind, took) in enumerate(itertools.islice(script(respondent), turns), start=1):
            if turn in measured:
                times[kind].append(took)
    finally:
        respondent.close()
    return times


# --- several at once --------------------------------------------------------------------------------


class Crowd:
    """So many conversations at once, each sending its next message when it has its reply.

    A conversation ends after `CROWD_TURNS` turns, and a new one, opened beforehand, takes its place.
    """

    def __init__(self, respondents: Sequence[Respondent], at_once: int, turns: int) -> None:
        self._waiting = iter(respondents)
        self._left = turns
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._begin = threading.Event()
        self._error: Exception | None = None
        self._ended = 0.0
        self._threads = [threading.Thread(target=self._talk, daemon=True) for _ in range(at_once)]
        self._turns = turns

    def turns_per_second(self) -> float:
        """Hold all turns. Raises BenchmarkError when one of them was not answered as it should."""
        for thread in self._threads:
            thread.start()
        began = time.perf_counter()
        self._begin.set()
        try:
            for thread in self._threads:
                while thread.is_alive():
                    thread.join(0.2)  # in steps, so that Ctrl-C is heard
        finally:
            self._stop.set()
        if self._error is not None:
            raise BenchmarkError(str(self._error)) from self._error
        return self._turns / (self._ended - began)

    def _may_go_on(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0 and not self._stop.is_set()

    def _turns_of_all(self) -> Iterator[tuple[str, float]]:
        """This seat's turns, one conversation after the other."""
        while True:
            with self._lock:
                respondent = next(self._waiting)
            yield from itertools.islice(script(respondent), CROWD_TURNS)

    def _talk(self) -> None:
        turns = self._turns_of_all()
        self._begin.wait()
        try:
            while self._may_go_on():
                next(turns)
                with self._lock:
                    self._ended = time.perf_counter()
        except Exception as error:
            self._error = error
            self._stop.set()


def crowd(side: Side, at_once: int) -> float:
    """Turns a second with so many conversations at once."""
    # The textbook bot takes a while for what the others do in a second: fewer turns where few talk.
    least = 8 if side.name == "textbook" else 32
    turns = CROWD_TURNS * max(at_once, least)
    with ExitStack() as stack:
        respondents = []
        for _ in range(turns // CROWD_TURNS + at_once):
            respondents.append(side.respondent())
            # It connects anew when it begins: a server hangs up on who is silent for long.
            respondents[-1].close()
            stack.callback(respondents[-1].close)
        return Crowd(respondents, at_once, turns).turns_per_second()


# --- the whole run ----------------------------------------------------------------------------------


def start(side: Side) -> dict[str, float]:
    """Start a side; seconds until all its parts answer, and until somebody sees the first question."""
    began = time.monotonic()
    side.supervisor.start()
    side.wait()
    ready = time.monotonic() - began
    respondent = side.respondent()
    respondent.begin()
    asked = time.monotonic() - began
    if not respondent.asked:
        raise BenchmarkError(f"{side.name}: the conversation does not begin with a question")
    respondent.close()
    return {"ready_s": ready, "first_question_s": asked}


def check_scores(side: Side) -> None:
    """Talk with the textbook bot to the end: its scores must be those that Peil's rules give."""
    respondent = side.respondent()
    assert isinstance(respondent, TextbookRespondent)
    model = definitions.load(sides.DEFINITION)
    level_of = {number: number % 5 + 1 for number in range(1, len(model.item_ids()) + 1)}
    to_the_end(respondent, level_of)
    answers = {
        item_id: Answer(item_id, "level", level_of[number])
        for number, item_id in enumerate(model.item_ids(), start=1)
    }
    result = score(model, answers)
    wanted = {one.dimension_id: one.score for one in result.dimensions}
    expected = {model.dimension(key).title["nl"]: f"{value:.2f}" for key, value in wanted.items()}
    expected["Totaal"] = f"{result.overall:.2f}"
    if respondent.scores() != expected:
        raise BenchmarkError(f"the textbook bot says {respondent.scores()}, not {expected}")
    respondent.close()


def pictures(side: Side) -> dict[str, float]:
    """Milliseconds that the radar of a new result takes over HTTP, the first time and again."""
    found = []
    for high in range(1, 10, 2):
        respondent = side.respondent()
        assert isinstance(respondent, PeilRespondent)
        to_the_end(respondent, dict.fromkeys(range(1, high + 1), 4))  # each another picture
        found.append(respondent.picture())
        respondent.close()
    return {
        "first": statistics.median(first for first, _ in found),
        "again": statistics.median(again for _, again in found),
    }


def radar() -> dict[str, float]:
    """Milliseconds of a radar in a fresh process: cold (warm-up and first picture) and warm."""
    command = [sys.executable, "-m", "benchmarks.radar", "--json", "50"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _difference(before: float | None, after: float | None, factor: float) -> float | None:
    return None if before is None or after is None else (after - before) * factor


def _rounds(rounds: int, running: Sequence[Side], say: Say) -> dict[str, dict[str, Any]]:
    """Side -> 'rounds', 'turns' per depth, 'samples' and 'processor_ms' per turn."""
    times: dict[str, dict[str, Times]] = {
        side.name: {"5": defaultdict(list), "150": defaultdict(list)} for side in running
    }
    done = dict.fromkeys(times, 0)
    used = {side.name: side.processor() for side in running}
    for number in range(1, rounds + 1):
        taking = [side for side in running if side.name != "textbook" or number % EVERY == 1]
        say(f"Round {number} of {rounds}: {', '.join(side.name for side in taking)}.")
        for side in taking:
            done[side.name] += 1
            for depth, turns, measured in [("150", LATE[-1], LATE), *[("5", EARLY[-1], EARLY)] * SHORT]:
                for kind, found in converse(side, turns, measured).items():
                    times[side.name][depth][kind].extend(found)
    result: dict[str, dict[str, Any]] = {}
    for side in running:
        turns_taken = done[side.name] * (LATE[-1] + SHORT * EARLY[-1])
        now = side.processor()
        result[side.name] = {
            "rounds": done[side.name],
            "turns": {depth: of_times(kinds) for depth, kinds in times[side.name].items()},
            "samples": {
                depth: {kind: len(found) for kind, found in kinds.items()}
                for depth, kinds in times[side.name].items()
            },
            "processor_ms": {
                name: _difference(before, now[name], 1000 / turns_taken)
                for name, before in used[side.name].items()
            },
        }
    return result


def _crowds(rounds: int, running: Sequence[Side], say: Say) -> dict[str, dict[str, float]]:
    """Side -> how many at once -> turns a second, the median of all passes."""
    found: dict[str, dict[str, list[float]]] = {side.name: defaultdict(list) for side in running}
    for at_once in CROWDS:
        for number in range(1, min(PASSES, rounds) + 1):
            say(f"Conversations at once: {at_once}, pass {number}.")
            for side in running:
                found[side.name][at_once].append(crowd(side, int(at_once)))
    return {
        name: {at_once: statistics.median(rates) for at_once, rates in by_crowd.items()}
        for name, by_crowd in found.items()
    }


def measure(rounds: int, *, with_textbook: bool, say: Say) -> dict[str, Any]:
    """Measure everything. Whatever happens, what was started is stopped.

    Returns 'processors', 'python', 'load' (before, after), 'radar_ms', 'picture_ms' and 'sides': name ->
    'rounds', 'turns' (depth -> 'button_p50' ... in ms), 'samples', 'turns_per_second' (how many at once ->
    rate), 'ready_s', 'first_question_s', 'resident_mb' and 'processor_ms' (part -> figure). Raises
    BenchmarkError.
    """
    load = [os.getloadavg()[0]]
    makers = [sides.peil, sides.floor, *([sides.textbook] if with_textbook else [])]
    with tempfile.TemporaryDirectory(prefix="peil-bench-") as folder, ExitStack() as stack:
        running: list[Side] = [maker(Path(folder) / maker.__name__, say) for maker in makers]
        started: dict[str, dict[str, float]] = {}
        for side in running:
            say(f"Starting {side.name}.")
            stack.callback(side.supervisor.stop)
            started[side.name] = start(side)
        for side in running:
            converse(side, 12, range(0))  # not measured: the first turns fill caches
            if side.name == "textbook":
                check_scores(side)
        found = _rounds(rounds, running, say)
        rates = _crowds(rounds, running, say)
        say("Looking at pictures.")
        picture_ms = pictures(running[0])
        for side in running:
            found[side.name] |= started[side.name]
            found[side.name]["turns_per_second"] = rates[side.name]
            found[side.name]["resident_mb"] = side.memory()
    say("Drawing radars.")
    radar_ms = radar()
    return {
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "load": [*load, os.getloadavg()[0]],
        "sides": found,
        "picture_ms": picture_ms,
        "radar_ms": radar_ms,
    }
