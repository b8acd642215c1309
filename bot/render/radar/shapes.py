"""What stands where in the picture: pure points, boxes and lines. Nothing is measured or drawn here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

WIDTH = HEIGHT = 800
MARGIN = 14

Point = tuple[float, float]
Line = tuple[Point, ...]
Align = Literal["left", "center", "right"]
Role = Literal["title", "subtitle", "label", "score", "missing", "ring", "legend"]
# (left, middle, width) of a piece of line in the legend.
Sample = tuple[float, float, float]


@dataclass(frozen=True)
class Box:
    """An upright rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box, gap: float = 0.0) -> bool:
        """Whether the two come closer to each other than `gap`, in both directions."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )

    def moved(self, dx: float, dy: float) -> Box:
        """The same box elsewhere."""
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)


@dataclass(frozen=True)
class Text:
    """One line of text: `x` is its left end, middle or right end as `align` says, `size` in pixels."""

    text: str
    x: float
    baseline: float
    size: float
    align: Align
    role: Role


@dataclass(frozen=True)
class Label:
    """A dimension's label in one or more lines, its score below, and the box that holds both."""

    lines: tuple[Text, ...]
    score: Text
    box: Box


@dataclass(frozen=True)
class Series:
    """One of the lines, as drawn.

    `vertices`: one an axis, None where the axis has no value.
    `lines`: the polylines between neighbouring vertices; a closed one repeats its first point.
    """

    vertices: tuple[Point | None, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Geometry:
    """Where everything in the picture goes.

    `rings`: one closed polygon for each of 1..highest; `tips`: the outer end of each axis.
    `fills`: the area below today's line. Complete: one polygon. With gaps: each run of neighbours that
    have a score, closed over the centre, so that the sectors beside a missing score stay empty.
    `legend`: the sample of today's line, then of the target's, then of the earlier one's, of those there are.
    """

    centre: Point
    radius: float
    axis_range: tuple[int, int]
    tips: tuple[Point, ...]
    rings: tuple[Line, ...]
    today: Series
    fills: tuple[Line, ...]
    target: Series
    before: Series
    labels: tuple[Label, ...]
    heading: tuple[Text, ...]
    ring_figures: tuple[Text, ...]
    legend: tuple[Sample, ...]
    legend_texts: tuple[Text, ...]

    def texts(self) -> tuple[Text, ...]:
        """Every piece of text in the picture."""
        labels = tuple(text for label in self.labels for text in (*label.lines, label.score))
        return (*self.heading, *labels, *self.ring_figures, *self.legend_texts)


def direction(index: int, count: int) -> Point:
    """The unit vector of an axis: the first points up, the others follow clockwise."""
    angle = 2 * math.pi * index / count
    return math.sin(angle), -math.cos(angle)


def vertex(centre: Point, radius: float, index: int, count: int, share: float) -> Point:
    """The point on an axis at `share` of its length (0: the centre, 1: the tip)."""
    dx, dy = direction(index, count)
    return centre[0] + dx * radius * share, centre[1] + dy * radius * share


def bounds(points: Sequence[Point]) -> Box:
    """The smallest box that holds these points."""
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def polylines(vertices: tuple[Point | None, ...]) -> tuple[Line, ...]:
    """The runs of two or more neighbours that exist; the last axis is a neighbour of the first."""
    if None not in vertices:
        return (tuple(point for point in (*vertices, vertices[0]) if point),)
    start = vertices.index(None)
    runs = groupby(vertices[start:] + vertices[:start], key=lambda point: point is None)
    lines = (tuple(point for point in run if point) for _, run in runs)
    return tuple(line for line in lines if len(line) > 1)


def areas(series: Series, centre: Point) -> tuple[Line, ...]:
    """What is filled below a line; see `Geometry.fills`."""
    if None not in series.vertices:
        return (series.lines[0][:-1],)
    return tuple((centre, *line) for line in series.lines)
