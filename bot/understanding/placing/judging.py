"""How well own words are placed: labelled lines read from files, placed, and counted."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bot.assessment.definitions import MaturityModel
from bot.understanding.proposals import Placement

_EXPECTED = {
    "model": "the id of a maturity model with rubrics",
    "item": "dimension.item, a question with levels of this model",
    "level": "the number of one of the item's levels",
    "lang": "nl or en",
    "text": "what somebody said, not empty",
    "difficulty": "a text, or left out",
}
_LANGUAGES = ("nl", "en")


@dataclass(frozen=True)
class Line:
    """One labelled line. `item`: 'dimension.item'; `difficulty`: empty where the file says nothing."""

    model: str
    item: str
    level: int
    lang: str
    text: str
    difficulty: str


class BadLines(Exception):
    """Lines that cannot be used; `problems`: a sentence each, with file, line, key and what was expected."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


def read_lines(files: Iterable[Path], models: Mapping[str, MaturityModel]) -> list[Line]:
    """The labelled lines of these files, checked against the models. Raises BadLines, naming all."""
    found: list[Line] = []
    problems: list[str] = []
    for file in files:
        try:
            content = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
            problems.append(f"{file}: cannot be read ({why}).")
            continue
        # Only a line feed ends a line here: JSON may hold other characters that do so elsewhere.
        numbered = [(n, one) for n, one in enumerate(content.split("\n"), start=1) if one.strip()]
        if not numbered:
            problems.append(f"{file}: no line in it; expected one JSON object a line.")
        for number, one in numbered:
            line = _line(one, models)
            if isinstance(line, Line):
                found.append(line)
            else:
                problems.append(f"{file}:{number}: {line}")
    if problems:
        raise BadLines(problems)
    return found


def _line(one: str, models: Mapping[str, MaturityModel]) -> Line | str:
    """The line, or what is wrong with it: key and what was expected."""
    try:
        data = json.loads(one)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        return f"expected a JSON object with {', '.join(_EXPECTED)}."
    for key, is_right in _checks(models).items():
        if key not in data and key != "difficulty":
            return f"{key}: missing; expected {_EXPECTED[key]}."
        if not is_right(data):
            hint = f" ({', '.join(models)})" if key == "model" else ""
            return f"{key}: expected {_EXPECTED[key]}{hint}."
    return Line(**{key: data.get(key, "") for key in _EXPECTED})


def _checks(models: Mapping[str, MaturityModel]) -> dict[str, Callable[[dict[str, Any]], bool]]:
    """Key -> whether a line is right there; each may rely on the ones before it."""

    def counts(data: dict[str, Any]) -> list[int]:
        for dimension, item in models[data["model"]].walk():
            if f"{dimension.id}.{item.id}" == data["item"]:
                return [level.value for level in item.levels]
        return []

    return {
        "model": lambda data: isinstance(data["model"], str) and data["model"] in models,
        "item": lambda data: bool(counts(data)),
        "level": lambda data: type(data["level"]) is int and data["level"] in counts(data),
        "lang": lambda data: data["lang"] in _LANGUAGES,
        "text": lambda data: isinstance(data["text"], str) and bool(data["text"].strip()),
        "difficulty": lambda data: isinstance(data.get("difficulty", ""), str),
    }


@dataclass(frozen=True)
class Judged:
    """A line, where it was placed, and how long that took, in milliseconds."""

    line: Line
    placement: Placement
    ms: float


def judge(lines: Sequence[Line], place: Callable[[Line], Placement]) -> list[Judged]:
    """Place every line, one after the other, as messages come in."""
    judged = []
    for line in lines:
        began = time.perf_counter()
        placement = place(line)
        judged.append(Judged(line, placement, 1000 * (time.perf_counter() - began)))
    return judged


@dataclass(frozen=True)
class Score:
    """What came of some lines: shares in [0, 1] of `n`, but `clear_right`: of those that were clear.

    `clear_right` is None where nothing was clear.
    """

    n: int
    exact: float
    within_one: float
    top2: float
    clear_share: float
    clear_right: float | None
    unclear_share: float


def score(judged: Sequence[Judged]) -> Score:
    """Counts these lines; there must be one at least."""
    n = len(judged)
    clear = [one for one in judged if one.placement.certainty == "clear"]
    return Score(
        n=n,
        exact=sum(_is_exact(one) for one in judged) / n,
        within_one=sum(abs(one.placement.level - one.line.level) <= 1 for one in judged) / n,
        top2=sum(one.line.level in [level for level, _ in one.placement.likely[:2]] for one in judged) / n,
        clear_share=len(clear) / n,
        clear_right=sum(map(_is_exact, clear)) / len(clear) if clear else None,
        unclear_share=sum(one.placement.certainty == "unclear" for one in judged) / n,
    )


def _is_exact(one: Judged) -> bool:
    return one.placement.level == one.line.level


def groups(judged: Sequence[Judged]) -> dict[str, dict[str, list[Judged]]]:
    """'model', 'lang', 'difficulty' -> each value of it -> its lines."""
    found: dict[str, dict[str, list[Judged]]] = {}
    for key in ("model", "lang", "difficulty"):
        of_key = found.setdefault(key, {})
        for value in sorted({getattr(one.line, key) for one in judged} - {""}):
            of_key[value] = [one for one in judged if getattr(one.line, key) == value]
    return found


def in_words(judged: Sequence[Judged]) -> list[str]:
    """The tables, line by line: the counts of each group, and which level was taken for which."""
    lines = [
        f"{'':14}{'n':>6}{'exact':>9}{'within 1':>10}{'first two':>11}{'clear':>8}{'right':>8}{'unclear':>9}"
    ]
    named = [pair for of_key in groups(judged).values() for pair in of_key.items()]
    for name, some in [("all", list(judged)), *named]:
        found = score(some)
        right = "-" if found.clear_right is None else f"{found.clear_right:.1%}"
        lines.append(
            f"{name:14}{found.n:>6}{found.exact:>9.1%}{found.within_one:>10.1%}{found.top2:>11.1%}"
            f"{found.clear_share:>8.1%}{right:>8}{found.unclear_share:>9.1%}"
        )
    counted = Counter((one.line.level, one.placement.level) for one in judged)
    levels = range(1, max(max(pair) for pair in counted) + 1)
    lines += ["", "Level (down) and what it was taken for (across):"]
    lines.append(f"{'':4}" + "".join(f"{level:>6}" for level in levels))
    lines += [
        f"{true:>4}" + "".join(f"{counted[true, placed] or '.':>6}" for placed in levels) for true in levels
    ]
    return [*lines, "", f"Half of the lines took {ms_p50(judged):.0f} ms or less to place."]


def ms_p50(judged: Sequence[Judged]) -> float:
    """How long the middle one took, in milliseconds."""
    return float(median(one.ms for one in judged))


def as_data(judged: Sequence[Judged]) -> dict[str, Any]:
    """The same for machines; shares from 0 to 1."""
    data: dict[str, Any] = {"n": len(judged), **_rounded(judged), "ms_p50": round(ms_p50(judged), 1)}
    for key, of_key in groups(judged).items():
        data[key] = {value: {"n": len(some), **_rounded(some)} for value, some in of_key.items()}
    counted = Counter((one.line.level, one.placement.level) for one in judged)
    data["confusions"] = [
        {"level": true, "taken_for": placed, "n": count} for (true, placed), count in sorted(counted.items())
    ]
    return data


def _rounded(judged: Sequence[Judged]) -> dict[str, float | None]:
    found = score(judged)
    return {
        name: None if value is None else round(value, 4) for name, value in vars(found).items() if name != "n"
    }
