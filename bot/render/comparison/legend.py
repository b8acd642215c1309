"""What stands at the foot of a picture: what its lines and areas mean, and which groups are not drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.render.comparison.shapes import Letters, Shape, in_lines, letters
from bot.render.radar.canvas import text_width
from bot.render.radar.palette import MUTED
from bot.render.radar.shapes import MARGIN, WIDTH
from bot.render.radar.words import plain

SIZE, NOTE = 22, 20
SAMPLE, GAP, BETWEEN, LINE = 56.0, 10.0, 34.0, 34.0
ROOM = WIDTH - 4 * MARGIN

# Draws what stands for one entry: from this x, around this middle, this wide.
Sampler = Callable[[float, float, float], list[Shape]]


def legend(
    entries: Sequence[tuple[str, Sampler]], notes: Sequence[str], wide: float = SAMPLE
) -> tuple[list[Shape], float]:
    """The entries in centred rows, the notes below them; drawn from y 0, with the height they take."""
    rows: list[list[tuple[str, Sampler, float]]] = [[]]
    for name, sampler in entries:
        text = plain(name)
        width = wide + GAP + text_width(text, SIZE)
        taken = sum(one[2] + BETWEEN for one in rows[-1])
        if rows[-1] and taken + width > ROOM:
            rows.append([])
        rows[-1].append((text, sampler, width))
    shapes: list[Shape] = []
    y = 0.0
    for row in rows:
        if not row:
            continue
        x = (WIDTH - sum(one[2] for one in row) - BETWEEN * (len(row) - 1)) / 2
        x = max(x, float(MARGIN))
        for text, sampler, width in row:
            shapes += sampler(x, y + LINE / 2, wide)
            shapes.append(_entry(text, x + wide + GAP, y + LINE / 2))
            x += width + BETWEEN
        y += LINE
    for note in notes:
        for line in in_lines(note, ROOM, NOTE):
            shapes.append(
                letters(line, WIDTH / 2, y + 0.9 * NOTE, NOTE, align="center", role="legend", colour=MUTED)
            )
            y += 1.3 * NOTE
    return shapes, y


def _entry(text: str, x: float, middle: float) -> Letters:
    # One name that is wider than the picture is set smaller; it is never cut.
    size = next((size for size in range(SIZE, 9, -1) if x + text_width(text, size) <= WIDTH - MARGIN), 9)
    return letters(text, x, middle + 0.36 * size, size, role="legend")
