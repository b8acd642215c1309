"""From what was measured on a host page to what is told: lines, aims, misses. Measures nothing.

The only figures written down here are the aims.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.figures import percentile

BYTES = 25_600
"""All that is loaded up to the first question, as it goes over the wire: 25 KB."""
FIRST_QUESTION_MS = 300.0
"""From opening to the first question on the screen, on loopback: median and 95th percentile."""
SHIFT = 0.0
"""Of the host page's own elements."""


@dataclass(frozen=True)
class Loaded:
    """One answer of Peil's server: `size` is its body in bytes, as it came over the wire."""

    name: str
    size: int
    encoding: str
    status: int


@dataclass(frozen=True)
class Load:
    """What was loaded up to a moment; `preflights`: what the browser asks ahead of others, without a body."""

    when: str
    answers: Sequence[Loaded]
    preflights: int

    @property
    def size(self) -> int:
        """Bytes of all bodies together."""
        return sum(one.size for one in self.answers)

    @property
    def requests(self) -> int:
        """How often the server was asked, the browser's own questions ahead included."""
        return len(self.answers) + self.preflights


@dataclass(frozen=True)
class Measured:
    """One run. `openings`: 'cold, by click' and so on -> milliseconds; `findings`: where -> axe's lines."""

    loads: Sequence[Load]
    openings: Mapping[str, Sequence[float]]
    shifts: Mapping[str, float]
    findings: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Aim:
    """What should be reached: at most `limit`. `met` is what it came to."""

    words: str
    reached: float
    limit: float

    @property
    def met(self) -> bool:
        """Whether it was reached."""
        return self.reached <= self.limit


def aims(measured: Measured) -> list[Aim]:
    """Every aim with what was reached, in the order in which they are told."""
    judged = [Aim(f"bytes loaded: {load.when}", load.size, BYTES) for load in measured.loads]
    for name, times in measured.openings.items():
        judged.append(
            Aim(f"{name}: median to the first question, ms", statistics.median(times), FIRST_QUESTION_MS)
        )
        judged.append(
            Aim(
                f"{name}: 95th percentile to the first question, ms",
                percentile(times, 0.95),
                FIRST_QUESTION_MS,
            )
        )
    judged += [
        Aim(f"layout shift of the host page, {name}", shift, SHIFT) for name, shift in measured.shifts.items()
    ]
    judged += [Aim(f"findings of axe, {where}", len(lines), 0) for where, lines in measured.findings.items()]
    return judged


def report(measured: Measured) -> dict[str, Any]:
    """All of it, fit for JSON."""
    return {
        "loads": [{**asdict(load), "size": load.size, "requests": load.requests} for load in measured.loads],
        "openings": {
            name: {
                "times": [round(one, 1) for one in times],
                "median": statistics.median(times),
                "p95": percentile(times, 0.95),
            }
            for name, times in measured.openings.items()
        },
        "shifts": dict(measured.shifts),
        "findings": {where: list(lines) for where, lines in measured.findings.items()},
        "aims": [{**asdict(aim), "met": aim.met} for aim in aims(measured)],
    }


def text(measured: Measured) -> str:
    """All of it, fit for reading."""
    lines: list[str] = []
    for load in measured.loads:
        lines += ["", f"Loaded: {load.when}"]
        for one in load.answers:
            told = f"{one.encoding}, " if one.encoding else ""
            lines.append(f"  {one.size:>7,} bytes  {one.name} ({told}{one.status})")
        if load.preflights:
            lines.append(f"  {0:>7,} bytes  {load.preflights} asked ahead by the browser (OPTIONS)")
        lines.append(
            f"  {load.size:>7,} bytes  together in {load.requests} requests, of {BYTES:,} bytes at most"
        )
    lines += ["", f"From opening to the first question, ms (at most {FIRST_QUESTION_MS:.0f})"]
    for name, times in measured.openings.items():
        lines.append(
            f"  {name:<24} median {statistics.median(times):6.0f}   95th percentile "
            f"{percentile(times, 0.95):6.0f}   of {len(times)}"
        )
    lines += ["", "Layout shift of the host page (0 expected)"]
    lines += [f"  {name:<24} {shift:.4f}" for name, shift in measured.shifts.items()]
    lines += [
        "",
        f"Findings of axe, in {len(measured.findings)} states of widths, schemes and languages (0 expected)",
    ]
    told = {where: found for where, found in measured.findings.items() if found}
    lines += [f"  {where}: {line}" for where, found in told.items() for line in found] or ["  none"]
    missed = [aim for aim in aims(measured) if not aim.met]
    lines += ["", "All aims are met." if not missed else "Missed:"]
    lines += [f"  {aim.words}: {_plain(aim.reached)}, at most {_plain(aim.limit)}" for aim in missed]
    return "\n".join(lines).strip()


def _plain(figure: float) -> str:
    return f"{figure:.4f}" if 0 < figure < 1 else f"{figure:,.0f}"
