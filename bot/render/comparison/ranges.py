"""The radar with ranges: everybody's mean as a line within a band, or up to three groups as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.render.comparison.legend import Sampler, legend
from bot.render.comparison.shapes import (
    BAND,
    BAND_EDGE,
    GROUPS,
    MEAN,
    MEAN_AMONG_GROUPS,
    Area,
    Letters,
    Look,
    Shape,
    Stroke,
    letters,
    moved,
    sample,
    series,
)
from bot.render.comparison.spec import ComparisonError, RangesSpec
from bot.render.radar.labels import arrange, set_label, tip_points
from bot.render.radar.layout import heading
from bot.render.radar.palette import INK, MUTED, PAPER, RING, SPOKE, TODAY
from bot.render.radar.shapes import HEIGHT, WIDTH, Label, Line, Point, Series, bounds, polylines, vertex
from bot.render.radar.words import plain

LEGEND_GAP = 14.0
AREA = 670.0
"""So high the radar with its labels may be."""


@dataclass(frozen=True)
class RangesGeometry:
    """Where everything goes, in pixels from the top left corner.

    `mean`, `low`, `high`, and each of `groups`: one vertex an axis, None for a gap. `bands`: what is filled
    between low and high, each with its rings (a closed band has a hole); `alone`: on an axis whose
    neighbours have no range, its range as a line along the axis.
    """

    height: int
    centre: Point
    radius: float
    axis_range: tuple[int, int]
    tips: tuple[Point, ...]
    rings: tuple[Line, ...]
    mean: Series
    low: Series
    high: Series
    bands: tuple[tuple[Line, ...], ...]
    alone: tuple[Line, ...]
    groups: tuple[Series, ...]
    labels: tuple[Label, ...]
    shapes: tuple[Shape, ...]


def geometry(spec: RangesSpec) -> RangesGeometry:
    """Where everything in the picture of `spec` goes. Raises ComparisonError if the labels do not fit."""
    words, top = heading(spec.title, spec.subtitle)
    foot, foot_height = _foot(spec)
    # With many lines above and below it the picture becomes higher, not the radar smaller.
    height = max(float(HEIGHT), top + AREA + LEGEND_GAP + foot_height + 12)
    area_bottom = height - 12 - foot_height - LEGEND_GAP
    values = [plain(axis.value_text) for axis in spec.axes]
    found = arrange([axis.label for axis in spec.axes], values, area_bottom - top)
    if found is None:
        raise ComparisonError("axes: the labels do not fit round the radar")
    count, radius = len(spec.axes), found.radius
    ring = bounds(tip_points(count, radius))
    above = min(ring.top, *(place.box.top for place in found.places))
    below = max(ring.bottom, *(place.box.bottom for place in found.places))
    centre = (WIDTH / 2, round(top + (area_bottom - top - (below - above)) / 2 - above, 2))

    def line(values: Sequence[float | None]) -> Series:
        vertices = tuple(
            None if value is None else vertex(centre, radius, index, count, value / spec.highest)
            for index, value in enumerate(values)
        )
        return Series(vertices, polylines(vertices))

    mean = line([axis.mean for axis in spec.axes])
    low, high = line([axis.low for axis in spec.axes]), line([axis.high for axis in spec.axes])
    groups = tuple(line(group.values) for group in spec.groups)
    tips = tuple(vertex(centre, radius, index, count, 1.0) for index in range(count))
    rings = tuple(
        tuple(
            vertex(centre, radius, index % count, count, level / spec.highest) for index in range(count + 1)
        )
        for level in range(1, spec.highest + 1)
    )
    labels = tuple(
        _with_value(set_label(place, centre, found.size), value)
        for place, value in zip(found.places, values, strict=True)
    )
    bands, alone = tuple(_bands(low, high)), tuple(_alone(low, high))
    shapes: list[Shape] = [Area((paper(height),), PAPER)]
    shapes += [Area(band, BAND) for band in bands]
    shapes += [Stroke((centre, tip), SPOKE, 1.5) for tip in tips]
    shapes += [
        Stroke(one, RING, 2.2 if level == spec.highest else 1.5) for level, one in enumerate(rings, start=1)
    ]
    shapes += [Stroke(edge, BAND_EDGE, 1.5) for edge in (*low.lines, *high.lines)]
    shapes += [Stroke(one, BAND_EDGE, 9.0) for one in alone]
    shapes += series(mean.lines, mean.vertices, MEAN_AMONG_GROUPS if groups else MEAN)
    for one, look in zip(groups, GROUPS, strict=False):
        shapes += series(one.lines, (), look)
    for one, look in reversed(list(zip(groups, GROUPS, strict=False))):
        shapes += series((), one.vertices, look)
    shapes += _ring_figures(centre, radius, spec.highest)
    shapes += [Letters(text, text_colour(text.role), text.role == "title") for text in words]
    for axis, label in zip(spec.axes, labels, strict=True):
        shapes += [Letters(text, text_colour("label")) for text in label.lines]
        shapes.append(Letters(label.score, MUTED if axis.mean is None else TODAY, bold=True))
    shapes += moved(foot, height - 12 - foot_height)
    return RangesGeometry(
        height=round(height),
        centre=centre,
        radius=radius,
        axis_range=(0, spec.highest),
        tips=tips,
        rings=rings,
        mean=mean,
        low=low,
        high=high,
        bands=bands,
        alone=alone,
        groups=groups,
        labels=labels,
        shapes=tuple(shapes),
    )


def text_colour(role: str) -> str:
    """The colour of text with this role."""
    return MUTED if role == "subtitle" else INK


def paper(height: float) -> Line:
    """All of a picture of this height."""
    return ((0.0, 0.0), (float(WIDTH), 0.0), (float(WIDTH), float(height)), (0.0, float(height)))


def _with_value(label: Label, value: str) -> Label:
    return replace(label, score=replace(label.score, text=value))


def _foot(spec: RangesSpec) -> tuple[list[Shape], float]:
    def of(look: Look) -> Sampler:
        return lambda x, y, wide: sample(x, y, wide, look)

    entries: list[tuple[str, Sampler]] = []
    if any(axis.mean is not None for axis in spec.axes):
        entries.append((spec.mean_label, of(MEAN_AMONG_GROUPS if spec.groups else MEAN)))
    if any(axis.low is not None for axis in spec.axes):
        entries.append((spec.band_label, _band_sample))
    for group, look in zip(spec.groups, GROUPS, strict=False):
        if any(value is not None for value in group.values):
            entries.append((group.label, of(look)))
    return legend(entries, spec.absent)


def _band_sample(x: float, middle: float, wide: float) -> list[Shape]:
    corners = ((x, middle - 9), (x + wide, middle - 9), (x + wide, middle + 9), (x, middle + 9))
    return [Area((corners,), BAND, BAND_EDGE)]


def _bands(low: Series, high: Series) -> Iterator[tuple[Line, ...]]:
    """The rings between the two; both have a vertex on the same axes."""
    closed = None not in low.vertices
    for outer, inner in zip(high.lines, low.lines, strict=True):
        if closed:
            yield outer, tuple(reversed(inner))
        else:
            yield ((*outer, *reversed(inner), outer[0]),)


def _alone(low: Series, high: Series) -> Iterator[Line]:
    count = len(low.vertices)
    for index, (one, other) in enumerate(zip(low.vertices, high.vertices, strict=True)):
        beside = (low.vertices[index - 1], low.vertices[(index + 1) % count])
        if one is not None and other is not None and beside == (None, None):
            yield one, other


def _ring_figures(centre: Point, radius: float, highest: int) -> Iterator[Shape]:
    size = max(11, min(18, int(0.72 * radius / highest)))
    for level in range(highest, 0, -1 if radius / highest >= 15 else -2):
        x, y = vertex(centre, radius, 0, 1, level / highest)
        half = 0.32 * size + 3
        veil = ((x - 2 * half, y - size), (x - 4, y - size), (x - 4, y + 2), (x - 2 * half, y + 2))
        yield Area((veil,), PAPER)
        yield letters(str(level), x - 8, y - 3, size, align="right", role="ring", colour=MUTED)
