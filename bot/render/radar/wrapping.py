"""Breaking a text into lines that fit a width."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bot.render.radar.canvas import text_width
from bot.render.radar.spec import MAX_HEADING, RadarError
from bot.render.radar.words import ALLOWED, GUESSED, NATURAL, pieces

# Of a line, in shares of its letter size.
ASCENT, DESCENT, LINE_HEIGHT = 0.90, 0.25, 1.16


@lru_cache(maxsize=4096)
def wrap(text: str, count: int, size: int, bold: bool, grade: int) -> tuple[str, ...] | None:
    """The text in exactly `count` lines, the widest as narrow as possible; None if it has too few pieces."""
    parts = pieces(text, grade)
    if len(parts) < count:
        return None

    def joined(start: int, stop: int) -> str:
        last = parts[stop - 1]
        body = "".join(part.text + part.glue for part in parts[start : stop - 1]) + last.text
        return body + (last.hyphen if stop < len(parts) else "")

    # best[stop]: (widest line, lines) of the first `stop` pieces in the number of lines so far.
    best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
    for _ in range(count):
        following: dict[int, tuple[float, tuple[str, ...]]] = {}
        for start, (widest, lines) in best.items():
            for stop in range(start + 1, len(parts) + 1):
                line = joined(start, stop)
                candidate = (max(widest, text_width(line, size, bold)), (*lines, line))
                if stop not in following or candidate < following[stop]:
                    following[stop] = candidate
        best = following
    return best[len(parts)][1]


def fit(text: str, room: float, sizes: Sequence[int], bold: bool = False) -> tuple[tuple[str, ...], int]:
    """The text in one to three lines at the largest size that will do. Returns lines and size.

    What is too long for that takes the smallest size and as many lines as it needs: nothing is cut. Raises
    RadarError where one piece is wider than the room.
    """
    *nice, smallest = sizes
    # A second line is worse than small letters, and a broken word is worse than either.
    ways = [(grade, count, size) for count in (1, 2, 3) for grade in (NATURAL, ALLOWED) for size in nice]
    ways += [
        (grade, count, smallest) for grade in (NATURAL, ALLOWED, GUESSED) for count in range(1, MAX_HEADING)
    ]
    for grade, count, size in ways:
        lines = wrap(text, count, size, bold, grade)
        if lines and max(text_width(line, size, bold) for line in lines) <= room:
            return lines, size
    raise RadarError("a heading has a word that does not fit on one line")
