"""From measurements to what is told: rows, ratios and aims, as a table and as JSON.

The only figures written down here are the aims. `Measured` is what `benchmarks.measure` returns: see there.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

SIDES = ("peil", "textbook", "floor")
DEPTHS = ("5", "150")
CROWDS = ("1", "8", "32")

Better = Literal["less", "more", "neither"]
Measured = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One figure of every side; None where a side has none or was not measured. `digits` are shown."""

    key: str
    words: str
    better: Better
    digits: int
    peil: float | None
    textbook: float | None
    floor: float | None

    @property
    def ratio(self) -> float | None:
        """How many times better Peil is than the textbook bot; above 1 is better."""
        if self.peil is None or self.textbook is None or self.better == "neither":
            return None
        over, under = (self.textbook, self.peil) if self.better == "less" else (self.peil, self.textbook)
        return over / under if under else None


@dataclass(frozen=True)
class Aim:
    """What a row should reach: Peil's own figure at most `limit`, or the ratio at least `limit`."""

    key: str
    of: Literal["figure", "ratio"]
    limit: float


AIMS = (
    *(Aim(f"button_p50_{depth}", "figure", 20) for depth in DEPTHS),
    *(Aim(f"button_p95_{depth}", "figure", 35) for depth in DEPTHS),
    *(Aim(f"typed_p50_{depth}", "figure", 35) for depth in DEPTHS),
    *(Aim(f"side_talk_p50_{depth}", "figure", 35) for depth in DEPTHS),
    Aim("growth_percent", "figure", 20),
    Aim("ready_s", "figure", 20),
    Aim("radar_warm_p50_ms", "figure", 40),
    Aim("button_p50_5", "ratio", 10),
    Aim("button_p50_150", "ratio", 40),
    *(Aim(f"turns_per_second_{crowd}", "ratio", 10) for crowd in CROWDS),
)


@dataclass(frozen=True)
class Judged:
    """An aim and what was reached; `met` is None where it was not measured."""

    key: str
    words: str
    of: str
    limit: float
    reached: float | None
    met: bool | None


def percentile(times: Sequence[float], share: float) -> float:
    """The smallest time that so large a share of all times does not exceed."""
    return sorted(times)[math.ceil(share * len(times)) - 1]


def of_times(times: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """'button_p50', 'button_p95' and so on, from kind of turn -> milliseconds; other kinds are left out."""
    found: dict[str, float] = {}
    for kind in ("button", "typed", "side_talk"):
        if times.get(kind):
            found[f"{kind}_p50"] = statistics.median(times[kind])
            found[f"{kind}_p95"] = percentile(times[kind], 0.95)
    return found


def grown(before: float, after: float) -> float:
    """Growth in percent."""
    return (after / before - 1) * 100


_KINDS = (("button", "button"), ("typed", "typed answer"), ("side_talk", "typed side talk"))


def rows(measured: Measured) -> list[Row]:
    """Every figure, in the order of the table."""
    sides = measured["sides"]

    def row(key: str, words: str, better: Better, digits: int, *path: str) -> Row:
        """The figure at the end of this path in what was measured of each side."""
        found = {}
        for side in SIDES:
            value: Any = sides.get(side)
            for step in path:
                value = None if value is None else value.get(step)
            found[side] = value
        return Row(key, words, better, digits, **found)

    def total(key: str, words: str, digits: int, what: str) -> Row:
        """The sum over the parts of each side."""
        found = {}
        for side in SIDES:
            parts = list(sides.get(side, {}).get(what, {}).values())
            found[side] = sum(parts) if parts and None not in parts else None
        return Row(key, words, "less", digits, **found)

    def alone(key: str, words: str, digits: int, value: float | None) -> Row:
        return Row(key, words, "neither", digits, value, None, None)

    table = []
    for depth in DEPTHS:
        for kind, words in _KINDS:
            for share in ("p50", "p95"):
                name = f"{kind}_{share}"
                table.append(
                    row(
                        f"{name}_{depth}",
                        f"turn {depth}: {words}, {share}, ms",
                        "less",
                        1,
                        "turns",
                        depth,
                        name,
                    )
                )
    growth = {}
    for side in SIDES:
        turns = sides.get(side, {}).get("turns")
        growth[side] = grown(turns["5"]["button_p50"], turns["150"]["button_p50"]) if turns else None
    table.append(Row("growth_percent", "growth of the button's p50, %", "neither", 0, **growth))
    for crowd in CROWDS:
        words = f"turns a second, {crowd} at once" if crowd != "1" else "turns a second, 1 conversation"
        table.append(row(f"turns_per_second_{crowd}", words, "more", 1, "turns_per_second", crowd))
    drawn, seen = measured["radar_ms"], measured["picture_ms"]
    return [
        *table,
        row("ready_s", "start to ready, s", "less", 1, "ready_s"),
        row("first_question_s", "start to first question, s", "less", 1, "first_question_s"),
        total("resident_mb", "resident memory, MB", 0, "resident_mb"),
        total("processor_ms", "processor time a turn, ms", 1, "processor_ms"),
        alone("radar_cold_ms", "radar, cold (with loading), ms", 0, drawn["cold"]),
        alone("radar_warm_p50_ms", "radar, warm, p50, ms", 0, drawn["warm_p50"]),
        alone("radar_warm_p95_ms", "radar, warm, p95, ms", 0, drawn["warm_p95"]),
        alone("radar_kb", "radar, kB", 0, drawn["kilobytes"]),
        alone("picture_first_ms", "picture over HTTP, first time, ms", 0, seen["first"]),
        alone("picture_again_ms", "picture over HTTP, again, ms", 0, seen["again"]),
    ]


def judge(table: Sequence[Row], aims: Sequence[Aim] = AIMS) -> list[Judged]:
    """What became of each aim."""
    by_key = {row.key: row for row in table}
    judged = []
    for aim in aims:
        row = by_key[aim.key]
        reached = row.peil if aim.of == "figure" else row.ratio
        met = None
        if reached is not None:
            met = reached <= aim.limit if aim.of == "figure" else reached >= aim.limit
        judged.append(Judged(aim.key, row.words, aim.of, aim.limit, reached, met))
    return judged


def report(measured: Measured) -> dict[str, Any]:
    """Everything that the table says, and what it was computed from, ready for JSON."""
    table = rows(measured)
    return {
        "rows": [{**asdict(row), "ratio": row.ratio} for row in table],
        "aims": [asdict(judged) for judged in judge(table)],
        "measured": dict(measured),
    }


def _cell(value: float | None, digits: int, width: int, after: str = "") -> str:
    return f"{'' if value is None else f'{value:,.{digits}f}{after}':>{width}}"


def text(reported: Mapping[str, Any]) -> str:
    """A report as people read it."""
    measured = reported["measured"]
    before, after = measured["load"]
    lines = [
        f"{measured['processors']} processors, Python {measured['python']}, "
        f"load {before:.1f} before and {after:.1f} after",
        "rounds: " + ", ".join(f"{side['rounds']} {name}" for name, side in measured["sides"].items()),
        "",
        f"{'':36}{'Peil':>9}{'textbook':>10}{'better':>9}{'floor':>9}",
    ]
    for row in reported["rows"]:
        digits = row["digits"]
        lines.append(
            f"{row['words']:36}{_cell(row['peil'], digits, 9)}{_cell(row['textbook'], digits, 10)}"
            f"{_cell(row['ratio'], 1, 9, 'x')}{_cell(row['floor'], digits, 9)}".rstrip()
        )
    lines += [
        "",
        "Peil by part:",
        *(
            f"  {words}: " + ", ".join(f"{name} {value:.{digits}f}" for name, value in parts.items())
            for words, digits, parts in (
                ("resident memory, MB", 0, measured["sides"]["peil"]["resident_mb"]),
                ("processor time a turn, ms", 1, measured["sides"]["peil"]["processor_ms"]),
            )
            if None not in parts.values()
        ),
        "textbook: an ordinary Rasa bot with the same questions (benchmarks/textbook/)",
        "floor: Peil's gateway with the use-case called in its own process, no Rasa",
        "",
        "aims:",
    ]
    verdicts = {True: "met", False: "MISSED", None: "not measured"}
    for aim in reported["aims"]:
        ratio = aim["of"] == "ratio"
        wanted = f"at least {aim['limit']:g}x" if ratio else f"at most {aim['limit']:g}"
        reached = "" if aim["reached"] is None else f" ({aim['reached']:.1f}{'x' if ratio else ''})"
        lines.append(f"  {verdicts[aim['met']]:13}{aim['words']}: {wanted}{reached}")
    return "\n".join(lines)
