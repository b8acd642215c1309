"""Distributions below each other: each bar is everybody of its row, cut by level from the lowest on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.render.comparison.legend import Sampler, legend
from bot.render.comparison.ranges import paper, text_colour
from bot.render.comparison.shapes import Area, Letters, Shape, Stroke, box, in_lines, letters, moved
from bot.render.comparison.spec import SpreadRow, SpreadSpec
from bot.render.radar.canvas import text_width
from bot.render.radar.layout import heading
from bot.render.radar.palette import INK, MUTED, PAPER, TODAY, mixed
from bot.render.radar.shapes import MARGIN, WIDTH, Box
from bot.render.radar.words import plain

LABEL, COUNT = 22, 20
LEFT, RIGHT = 264.0, 660.0
BAR, ROW_GAP = 38.0, 16.0
LINE_HEIGHT = 1.2


@dataclass(frozen=True)
class Cut:
    """One part of a bar: how many people of row `row` stand at the level with this place (0 the lowest)."""

    row: int
    level: int
    count: int
    box: Box


@dataclass(frozen=True)
class SpreadGeometry:
    """Where everything goes. `cuts`: of each row those that have people; all people are RIGHT - LEFT wide."""

    height: int
    cuts: tuple[Cut, ...]
    shapes: tuple[Shape, ...]


def shade(level: int, levels: int) -> str:
    """The colour of a level: the higher, the darker."""
    return mixed(PAPER, TODAY, 0.14 + 0.86 * level / (levels - 1))


def geometry(spec: SpreadSpec) -> SpreadGeometry:
    """Where everything in the picture of `spec` goes; its height depends on the rows."""
    words, top = heading(spec.title, spec.subtitle)
    top += 8
    shapes: list[Shape] = []
    cuts: list[Cut] = []
    for number, row in enumerate(spec.rows):
        lines = in_lines(row.label, LEFT - 2 * MARGIN, LABEL)
        high = max(BAR, len(lines) * LINE_HEIGHT * LABEL)
        middle = top + high / 2
        first = middle - len(lines) * LINE_HEIGHT * LABEL / 2
        for place, line in enumerate(lines):
            baseline = first + (place * LINE_HEIGHT + 0.95) * LABEL
            shapes.append(letters(line, MARGIN, baseline, LABEL))
        found = list(_cuts(number, row, middle))
        cuts += found
        for cut in found:
            shapes += _drawn(cut, len(spec.levels))
        if not found:
            shapes.append(Stroke(((LEFT, middle), (RIGHT, middle)), MUTED, 1.5, (4.0, 4.0)))
        text = plain(row.value_text)
        room = WIDTH - MARGIN - RIGHT - 12
        for place, line in enumerate(said := in_lines(text, room, COUNT)):
            baseline = middle + (place - len(said) / 2) * LINE_HEIGHT * COUNT + 0.95 * COUNT
            shapes.append(letters(line, RIGHT + 12, baseline, COUNT, colour=INK if found else MUTED))
        top += high + ROW_GAP
    levels = len(spec.levels)

    def of(level: int) -> Sampler:
        def drawn(x: float, middle: float, wide: float) -> list[Shape]:
            corners = box(x, middle - 11, x + wide, middle + 11)
            return [Area((corners,), shade(level, levels), MUTED)]

        return drawn

    foot, foot_height = legend(
        [(name, of(level)) for level, name in enumerate(spec.levels)], spec.absent, 30.0
    )
    height = math.ceil(top + 12 + foot_height + MARGIN)
    head = [Letters(text, text_colour(text.role), text.role == "title") for text in words]
    return SpreadGeometry(
        height=height,
        cuts=tuple(cuts),
        shapes=(Area((paper(height),), PAPER), *head, *shapes, *moved(foot, top + 12)),
    )


def _cuts(number: int, row: SpreadRow, middle: float) -> list[Cut]:
    total = sum(row.counts)
    found, before = [], 0
    for level, count in enumerate(row.counts):
        if count:
            left = LEFT + (RIGHT - LEFT) * before / total
            right = LEFT + (RIGHT - LEFT) * (before + count) / total
            found.append(Cut(number, level, count, Box(left, middle - BAR / 2, right, middle + BAR / 2)))
        before += count
    return found


def _drawn(cut: Cut, levels: int) -> list[Shape]:
    here = cut.box
    shapes: list[Shape] = [
        Area((box(here.left, here.top, here.right, here.bottom),), shade(cut.level, levels), MUTED)
    ]
    text = str(cut.count)
    if text_width(text, COUNT, True) + 6 <= here.right - here.left:
        colour = PAPER if cut.level / (levels - 1) > 0.6 else INK
        x, y = (here.left + here.right) / 2, (here.top + here.bottom) / 2 + 0.36 * COUNT
        shapes.append(letters(text, x, y, COUNT, align="center", colour=colour, bold=True))
    return shapes
