"""Measurements in a line: a panel for each dimension, two beside each other, all on the same scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from bot.render.comparison.legend import legend
from bot.render.comparison.ranges import paper, text_colour
from bot.render.comparison.shapes import (
    BAND_EDGE,
    MEAN,
    Area,
    Letters,
    Shape,
    Stroke,
    in_lines,
    letters,
    moved,
    series,
)
from bot.render.comparison.spec import CoursePanel, CourseSpec
from bot.render.radar.canvas import text_width
from bot.render.radar.layout import heading
from bot.render.radar.palette import MUTED, PAPER, RING, TODAY
from bot.render.radar.shapes import MARGIN, WIDTH, Box, Point
from bot.render.radar.words import plain

TITLE, FIGURE, VALUE = 22, 16, 18
LINE_HEIGHT = 1.2
# Of a panel's chart: room at the left for the figures, inside at both ends for the values, and its height.
FIGURES, INSET, HIGH = 26.0, 26.0, 170.0
GAP = 28.0


@dataclass(frozen=True)
class Chart:
    """One panel: its area, and a point for each date, None where there is no value."""

    area: Box
    points: tuple[Point | None, ...]


@dataclass(frozen=True)
class CourseGeometry:
    """Where everything goes. Time runs in proportion from the first date to the last."""

    height: int
    axis_range: tuple[int, int]
    charts: tuple[Chart, ...]
    shapes: tuple[Shape, ...]


def geometry(spec: CourseSpec) -> CourseGeometry:
    """Where everything in the picture of `spec` goes; its height depends on the panels."""
    words, top = heading(spec.title, spec.subtitle)
    columns = 1 if len(spec.panels) == 1 else 2
    wide = (WIDTH - 2 * MARGIN - GAP * (columns - 1)) / columns
    shapes: list[Shape] = [Letters(text, text_colour(text.role), text.role == "title") for text in words]
    charts: list[Chart] = []
    for start in range(0, len(spec.panels), columns):
        row = spec.panels[start : start + columns]
        titles = [in_lines(panel.label, wide - FIGURES, TITLE, True) for panel in row]
        room = max(map(len, titles)) * LINE_HEIGHT * TITLE + 26
        for column, (panel, lines) in enumerate(zip(row, titles, strict=True)):
            left = MARGIN + column * (wide + GAP) + FIGURES
            for place, line in enumerate(lines):
                shapes.append(
                    letters(line, left, top + (place * LINE_HEIGHT + 0.95) * TITLE, TITLE, bold=True)
                )
            area = Box(left, top + room, left + wide - FIGURES, top + room + HIGH)
            chart = Chart(area, tuple(_points(spec, panel, area)))
            charts.append(chart)
            shapes += _drawn(spec, panel, chart)
        top += room + HIGH + LINE_HEIGHT * FIGURE + 30
    foot, foot_height = legend([], spec.absent)
    height = math.ceil(top + foot_height + MARGIN / 2)
    return CourseGeometry(
        height=height,
        axis_range=(spec.lowest, spec.highest),
        charts=tuple(charts),
        shapes=(Area((paper(height),), PAPER), *shapes, *moved(foot, top)),
    )


def _across(spec: CourseSpec, area: Box) -> list[float]:
    """Where each date lies; a single one in the middle."""
    days = [day.toordinal() for day in spec.days()]
    if len(days) == 1:
        return [(area.left + area.right) / 2]
    room = area.right - area.left - 2 * INSET
    return [area.left + INSET + room * (day - days[0]) / (days[-1] - days[0]) for day in days]


def _up(spec: CourseSpec, area: Box, value: float) -> float:
    return area.bottom - (area.bottom - area.top) * (value - spec.lowest) / (spec.highest - spec.lowest)


def _points(spec: CourseSpec, panel: CoursePanel, area: Box) -> Iterator[Point | None]:
    for x, point in zip(_across(spec, area), panel.points, strict=True):
        yield None if point is None else (x, _up(spec, area, point.mean))


def _drawn(spec: CourseSpec, panel: CoursePanel, chart: Chart) -> Iterator[Shape]:
    area = chart.area
    for level in range(spec.lowest, spec.highest + 1):
        y = _up(spec, area, level)
        yield Stroke(((area.left, y), (area.right, y)), RING, 1.5)
        yield letters(str(level), area.left - 8, y + 0.36 * FIGURE, FIGURE, align="right", colour=MUTED)
    across = _across(spec, area)
    yield from _dates(spec, across, area)
    for x, point in zip(across, panel.points, strict=True):
        if point is not None and point.low is not None and point.high is not None:
            ends = ((x, _up(spec, area, point.low)), (x, _up(spec, area, point.high)))
            yield Stroke(ends, BAND_EDGE, 5.0)
    yield from series(_runs(chart.points, spec.broken), chart.points, MEAN)
    last = -math.inf
    for place, point in enumerate(panel.points):
        at = chart.points[place]
        if point is None or at is None:
            continue
        text = plain(point.text)
        # Where measurements lie close together only the newest value fits.
        half = text_width(text, VALUE, True) / 2
        later = [one[0] for one in chart.points[place + 1 :] if one is not None]
        if at[0] - half < last + 4 or (later and later[-1] - half < at[0] + half + 4 and place):
            continue
        last = at[0] + half
        top = at[1] if point.high is None else min(at[1], _up(spec, area, point.high) + 6)
        yield letters(text, at[0], top - 14, VALUE, align="center", colour=TODAY, bold=True)


def _runs(points: tuple[Point | None, ...], broken: tuple[int, ...]) -> list[tuple[Point, ...]]:
    """The points that follow each other without a gap or a break, two or more at a time."""
    runs: list[list[Point]] = [[]]
    for place, point in enumerate(points):
        if place in broken:
            runs.append([])
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [tuple(run) for run in runs if len(run) > 1]


def _dates(spec: CourseSpec, across: list[float], area: Box) -> Iterator[Shape]:
    """The first and the last date, and those between that have room."""
    labels = [plain(label) for label in spec.date_labels]
    widths = [text_width(label, FIGURE) for label in labels]

    def box_of(place: int) -> tuple[float, float]:
        left = min(max(across[place] - widths[place] / 2, area.left), area.right - widths[place])
        return left, left + widths[place]

    taken: list[tuple[float, float]] = []
    for place in dict.fromkeys((len(labels) - 1, 0, *range(1, len(labels)))):
        left, right = box_of(place)
        if all(right + 12 < other or left > end + 12 for other, end in taken):
            taken.append((left, right))
            yield letters(labels[place], left, area.bottom + 8 + FIGURE, FIGURE, colour=MUTED)
        yield Stroke(((across[place], area.bottom), (across[place], area.bottom + 5)), MUTED, 1.5)
