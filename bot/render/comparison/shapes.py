"""What a picture of a comparison is made of: areas, lines, marks, letters, in pixels; not yet drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.render.radar.canvas import text_width
from bot.render.radar.palette import INK, MUTED, PAPER, TARGET, TODAY, mixed
from bot.render.radar.shapes import Align, Line, Point, Role, Text
from bot.render.radar.words import ALLOWED, GUESSED, NATURAL, plain
from bot.render.radar.wrapping import wrap

THIRD = "#4c4488"
"""The colour of a third group: as dark as ink, so that it differs from the others in print as well."""


@dataclass(frozen=True)
class Area:
    """A filled polygon; further rings are holes. `edge`: the colour of its outline, None without one."""

    rings: tuple[Line, ...]
    fill: str | None
    edge: str | None = None
    width: float = 1.5


@dataclass(frozen=True)
class Stroke:
    """A line; `dashes`: drawn and left out, in widths of the line."""

    line: Line
    colour: str
    width: float
    dashes: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Mark:
    """A point; `kind` as matplotlib names markers."""

    point: Point
    kind: str
    size: float
    colour: str
    hollow: bool = False


@dataclass(frozen=True)
class Letters:
    """A line of text with its colour."""

    text: Text
    colour: str
    bold: bool = False


Shape = Area | Stroke | Mark | Letters


@dataclass(frozen=True)
class Look:
    """How one series is drawn: never by its colour alone."""

    colour: str
    width: float
    dashes: tuple[float, ...] | None
    marker: str
    marker_size: float
    hollow: bool = False


MEAN = Look(TODAY, 4.5, None, "o", 13.0)
# Among groups everybody's mean steps back.
MEAN_AMONG_GROUPS = Look(MUTED, 2.0, None, "", 0.0)
GROUPS = (
    Look(TODAY, 4.0, None, "o", 13.0),
    Look(TARGET, 3.5, (3.0, 1.6), "D", 14.0, hollow=True),
    Look(THIRD, 4.0, (1.0, 1.0), "s", 11.0),
)
BAND, BAND_EDGE = mixed(PAPER, TODAY, 0.17), mixed(PAPER, TODAY, 0.45)


def series(lines: Iterable[Line], points: Iterable[Point | None], look: Look) -> list[Shape]:
    """A series as shapes: its lines, then a marker on each point."""
    drawn: list[Shape] = [Stroke(line, look.colour, look.width, look.dashes) for line in lines]
    if look.marker:
        drawn += [
            Mark(point, look.marker, look.marker_size, look.colour, look.hollow) for point in points if point
        ]
    return drawn


def sample(x: float, middle: float, width: float, look: Look) -> list[Shape]:
    """What stands for a series in the legend."""
    return series([((x, middle), (x + width, middle))], [(x + width / 2, middle)], look)


def box(left: float, top: float, right: float, bottom: float) -> Line:
    """An upright rectangle as the line around it."""
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def letters(
    words: str,
    x: float,
    baseline: float,
    size: float,
    *,
    align: Align = "left",
    role: Role = "label",
    colour: str = INK,
    bold: bool = False,
) -> Letters:
    """One line of text, as it is."""
    return Letters(Text(words, x, baseline, size, align, role), colour, bold)


def in_lines(words: str, room: float, size: int, bold: bool = False) -> tuple[str, ...]:
    """The words in as few lines as hold them at this size; words are broken only if they must be."""
    for grade in (NATURAL, ALLOWED, GUESSED):
        for count in range(1, 16):
            lines = wrap(words, count, size, bold, grade)
            if lines is None:
                break
            if max(text_width(line, size, bold) for line in lines) <= room:
                return lines
    return (plain(words),)


def moved(shapes: Iterable[Shape], down: float) -> list[Shape]:
    """The same shapes this much lower."""
    return [_moved(shape, down) for shape in shapes]


def _moved(shape: Shape, down: float) -> Shape:
    match shape:
        case Area():
            rings = tuple(tuple((x, y + down) for x, y in ring) for ring in shape.rings)
            return replace(shape, rings=rings)
        case Stroke():
            return replace(shape, line=tuple((x, y + down) for x, y in shape.line))
        case Mark():
            return replace(shape, point=(shape.point[0], shape.point[1] + down))
        case Letters():
            return replace(shape, text=replace(shape.text, baseline=shape.text.baseline + down))
