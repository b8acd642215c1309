"""Where everything in the matrix goes: heading, cells, discs, and the list of what their numbers are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.render.matrix.spec import Horizon, MatrixSpec, Step
from bot.render.radar.canvas import text_width
from bot.render.radar.layout import heading
from bot.render.radar.shapes import MARGIN, WIDTH, Align, Box, Text
from bot.render.radar.words import ALLOWED, GUESSED, NATURAL, plain
from bot.render.radar.wrapping import ASCENT, LINE_HEIGHT, wrap

# Letter sizes: of the axes, of a step in the list.
AXIS, ENTRY = 24, 25
# Radius of a disc in a cell, and in the list; from disc to disc, and around those of one cell.
DISC, SMALL = 23.0, 19.0
PITCH, INSET = 54.0, 14.0
LOWEST_CELL = 112.0
# From labels to cells, from list to cells, between entries.
LABEL_GAP, LIST_GAP, ENTRY_GAP = 12.0, 26.0, 11.0
# A label at the left may take this much; a longer one is set in smaller letters.
WIDEST_LABEL = 150.0


@dataclass(frozen=True)
class Disc:
    """A step's number: its middle, radius, and how it is drawn."""

    number: int
    x: float
    y: float
    radius: float
    horizon: Horizon


@dataclass(frozen=True)
class Cell:
    """One of the nine cells; `pays`: it brings more than it takes."""

    benefit: int
    investment: int
    box: Box
    pays: bool


@dataclass(frozen=True)
class Geometry:
    """Where everything in the picture goes. `cells`: the row of the largest benefit first.

    `discs`: in the cells, in the order of the steps; `listed`: beside the titles, then those of the legend.
    """

    height: int
    cells: tuple[Cell, ...]
    discs: tuple[Disc, ...]
    listed: tuple[Disc, ...]
    texts: tuple[Text, ...]


def geometry(spec: MatrixSpec) -> Geometry:
    """Where everything in the picture of `spec` goes. Its height depends on how many steps there are."""
    texts: list[Text] = []
    words, top = heading(spec.title, spec.subtitle)
    texts += words
    left = MARGIN + _widest([*spec.benefits, spec.benefit]) + LABEL_GAP
    wide = (WIDTH - MARGIN - left) / 3
    texts.append(_text(spec.benefit, MARGIN, top + ASCENT * AXIS, WIDEST_LABEL, bold=True))
    top += LINE_HEIGHT * AXIS + 6
    cells: list[Cell] = []
    discs: dict[Step, Disc] = {}
    for benefit in (3, 2, 1):
        here = [step for step in spec.steps if step.benefit == benefit]
        high = max(
            LOWEST_CELL, *(_height([s for s in here if s.investment == one], wide) for one in (1, 2, 3))
        )
        label = spec.benefits[benefit - 1]
        texts.append(_text(label, left - LABEL_GAP, top + high / 2 + 0.36 * AXIS, WIDEST_LABEL, right=True))
        for investment in (1, 2, 3):
            x = left + (investment - 1) * wide
            box = Box(x, top, x + wide, top + high)
            cells.append(Cell(benefit, investment, box, benefit > investment))
            listed = [step for step in here if step.investment == investment]
            discs |= dict(zip(listed, _discs(listed, box), strict=True))
        top += high
    top += 8
    for investment in (1, 2, 3):
        middle = left + (investment - 0.5) * wide
        label = spec.investments[investment - 1]
        texts.append(_text(label, middle, top + ASCENT * AXIS, wide - 8, centre=True))
    top += LINE_HEIGHT * AXIS
    texts.append(_text(spec.investment, left + 1.5 * wide, top + ASCENT * AXIS, 3 * wide, True, centre=True))
    top += LINE_HEIGHT * AXIS + LIST_GAP
    small: list[Disc] = []
    for step in spec.steps:
        top = _entry(step, top, texts, small)
    top = _legend(spec, top + 8, texts, small)
    return Geometry(
        height=math.ceil(top + MARGIN),
        cells=tuple(cells),
        discs=tuple(discs[step] for step in spec.steps),
        listed=tuple(small),
        texts=tuple(texts),
    )


def _widest(labels: Sequence[str]) -> float:
    return min(WIDEST_LABEL, max(text_width(plain(label), AXIS, True) for label in labels))


def _text(
    words: str,
    x: float,
    baseline: float,
    room: float,
    bold: bool = False,
    *,
    right: bool = False,
    centre: bool = False,
) -> Text:
    """One line, in smaller letters where it is too long for its room."""
    text = plain(words)
    size = next((size for size in range(AXIS, 9, -1) if text_width(text, size, bold) <= room), 9)
    align: Align = "right" if right else "center" if centre else "left"
    return Text(text, x, baseline, size, align, "title" if bold else "subtitle")


def _columns(wide: float) -> int:
    return max(1, int((wide - 2 * INSET + PITCH - 2 * DISC) // PITCH))


def _height(steps: Sequence[Step], wide: float) -> float:
    rows = math.ceil(len(steps) / _columns(wide))
    return 2 * INSET + rows * PITCH - (PITCH - 2 * DISC)


def _discs(steps: Sequence[Step], box: Box) -> Iterator[Disc]:
    """The discs of one cell in rows, the whole in the middle of the cell."""
    columns = min(_columns(box.right - box.left), max(1, len(steps)))
    rows = math.ceil(len(steps) / columns)
    top = (box.top + box.bottom) / 2 - (rows - 1) * PITCH / 2
    left = (box.left + box.right) / 2 - (columns - 1) * PITCH / 2
    for place, step in enumerate(steps):
        row, column = divmod(place, columns)
        yield Disc(step.number, left + column * PITCH, top + row * PITCH, DISC, step.horizon)


def _entry(step: Step, top: float, texts: list[Text], discs: list[Disc]) -> float:
    """One line of the list, or as many as the title needs; where the next one begins."""
    left = MARGIN + 2 * SMALL + 14
    lines = _lines(step.title, WIDTH - MARGIN - left)
    high = max(2 * SMALL, len(lines) * LINE_HEIGHT * ENTRY)
    first = top + (high - len(lines) * LINE_HEIGHT * ENTRY) / 2
    discs.append(Disc(step.number, MARGIN + SMALL, top + SMALL, SMALL, step.horizon))
    for number, line in enumerate(lines):
        baseline = first + number * LINE_HEIGHT * ENTRY + (ASCENT + 0.06) * ENTRY
        texts.append(Text(line, left, baseline, ENTRY, "left", "label"))
    return top + high + ENTRY_GAP


def _lines(title: str, room: float) -> tuple[str, ...]:
    """The title in as few lines as hold it; nothing is cut, and words are broken only if they must be."""
    for grade in (NATURAL, ALLOWED, GUESSED):
        for count in range(1, 12):
            lines = wrap(title, count, ENTRY, False, grade)
            if lines is None:
                break
            if max(text_width(line, ENTRY) for line in lines) <= room:
                return lines
    return (plain(title),)


def _legend(spec: MatrixSpec, top: float, texts: list[Text], discs: list[Disc]) -> float:
    """What the looks of the discs mean, where there is more than one; where it ends."""
    known: tuple[Horizon, ...] = ("now", "next", "later")
    shown = [one for one in known if any(step.horizon == one for step in spec.steps)]
    if len(shown) < 2:
        return top - 8
    radius, gap, between = 11.0, 10.0, 40.0
    names = [plain(spec.horizons[known.index(one)]) for one in shown]
    size = AXIS - 2

    def width(size: int) -> float:
        return sum(2 * radius + gap + text_width(name, size) for name in names) + between * (len(names) - 1)

    while width(size) > WIDTH - 2 * MARGIN and size > 9:
        size -= 1
    x, middle = (WIDTH - width(size)) / 2, top + 16
    for one, name in zip(shown, names, strict=True):
        discs.append(Disc(0, x + radius, middle, radius, one))
        x += 2 * radius + gap
        texts.append(Text(name, x, middle + 0.36 * size, size, "left", "legend"))
        x += text_width(name, size) + between
    return top + 32
