"""Where all that stays the same goes when only the scores change: heading, rings, labels, legend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.render.radar.canvas import text_width
from bot.render.radar.labels import arrange, set_label, tip_points
from bot.render.radar.shapes import (
    HEIGHT,
    MARGIN,
    WIDTH,
    Label,
    Line,
    Point,
    Role,
    Sample,
    Text,
    bounds,
    vertex,
)
from bot.render.radar.spec import RadarError, RadarSpec
from bot.render.radar.words import plain
from bot.render.radar.wrapping import ASCENT, LINE_HEIGHT, fit

# The width of a heading or of the legend.
ROOM = WIDTH - 4 * MARGIN
# From the largest to the smallest; the last is for what is too long for three lines.
TITLE_SIZES, SUBTITLE_SIZES = (*range(34, 23, -1), 18), (*range(25, 17, -1), 15)
# Of a legend on one line, and of one with a line for each name.
ROW_SIZES, STACK_SIZES = range(25, 17, -1), range(25, 8, -1)
SAMPLE_WIDTH, SAMPLE_GAP, ENTRY_GAP, LEGEND_LINE = 64.0, 12.0, 44.0, 36.0
# A score takes at least this much room, so that a layout need not be made anew for each score.
USUAL_SCORE = "0,00"


@dataclass(frozen=True)
class Key:
    """What a layout depends on; everything else may differ from picture to picture."""

    labels: tuple[str, ...]
    scores: tuple[str, ...]
    highest: int
    area_top: float
    today_label: str
    target_label: str | None
    before_label: str | None


@dataclass(frozen=True)
class Layout:
    """What pictures with the same key share; the labels' scores are still without words."""

    centre: Point
    radius: float
    rings: tuple[Line, ...]
    labels: tuple[Label, ...]
    ring_figures: tuple[Text, ...]
    legend: tuple[Sample, ...]
    legend_texts: tuple[Text, ...]


def layout_key(spec: RadarSpec) -> Key:
    """What the layout of this picture depends on."""
    scores = (plain(axis.score_text) for axis in spec.axes)
    return Key(
        labels=tuple(axis.label for axis in spec.axes),
        scores=tuple(score if len(score) > len(USUAL_SCORE) else USUAL_SCORE for score in scores),
        highest=spec.highest,
        area_top=heading(spec.title, spec.subtitle)[1],
        today_label=spec.today_label,
        # Without any target there is no such line, and the legend must not promise one.
        target_label=spec.target_label if any(axis.target is not None for axis in spec.axes) else None,
        before_label=spec.before_label if any(axis.before is not None for axis in spec.axes) else None,
    )


@lru_cache(maxsize=64)
def layout(key: Key) -> Layout:
    """The largest letters and radar with which every label has its place; RadarError if there are none."""
    legend, legend_texts, area_bottom = _legend(key.today_label, key.target_label, key.before_label)
    room = area_bottom - key.area_top
    found = arrange(key.labels, key.scores, room)
    if found is None:
        raise RadarError("axes: the labels do not fit round the radar")
    count, radius = len(key.labels), found.radius
    ring = bounds(tip_points(count, radius))
    top = min(ring.top, *(place.box.top for place in found.places))
    bottom = max(ring.bottom, *(place.box.bottom for place in found.places))
    centre = (WIDTH / 2, round(key.area_top + (room - (bottom - top)) / 2 - top, 2))
    return Layout(
        centre=centre,
        radius=radius,
        rings=tuple(
            tuple(
                vertex(centre, radius, index % count, count, level / key.highest)
                for index in range(count + 1)
            )
            for level in range(1, key.highest + 1)
        ),
        labels=tuple(set_label(place, centre, found.size) for place in found.places),
        ring_figures=tuple(_ring_figures(centre, radius, key.highest)),
        legend=legend,
        legend_texts=legend_texts,
    )


@lru_cache(maxsize=256)
def heading(title: str, subtitle: str) -> tuple[tuple[Text, ...], float]:
    """The lines of the heading, and where the room below them begins."""
    texts: list[Text] = []
    bottom = 20.0
    parts: tuple[tuple[str, Role, Sequence[int]], ...] = (
        (title, "title", TITLE_SIZES),
        (subtitle, "subtitle", SUBTITLE_SIZES),
    )
    for words, role, sizes in parts:
        if not plain(words):
            continue
        lines, size = fit(words, ROOM, sizes, bold=role == "title")
        # Small letters take the room of large ones: one layout and background serve every subtitle.
        reserved = sizes[0] if len(lines) == 1 else size
        for line in lines:
            texts.append(Text(line, WIDTH / 2, bottom + ASCENT * reserved, size, "center", role))
            bottom += LINE_HEIGHT * reserved
        bottom += 4
    return tuple(texts), bottom + 12


def _legend(*labels: str | None) -> tuple[tuple[Sample, ...], tuple[Text, ...], float]:
    """The samples and texts of the legend, and where the room above it ends."""
    names = [plain(name) for name in labels if name is not None]
    taken = SAMPLE_WIDTH + SAMPLE_GAP

    def width(rows: list[list[str]], size: int) -> float:
        return max(
            sum(taken + text_width(name, size) for name in row) + ENTRY_GAP * (len(row) - 1) for row in rows
        )

    # Beside each other if that can be read, else one below the other; never cut.
    stack = [[name] for name in names]
    ways = [([names], size) for size in ROW_SIZES] + [(stack, size) for size in STACK_SIZES]
    rows, size = next((way for way in ways if width(*way) <= ROOM), ways[-1])
    top = HEIGHT - 12 - LEGEND_LINE * len(rows)
    left = (WIDTH - width(rows, size)) / 2
    samples, texts = [], []
    for number, row in enumerate(rows):
        x, middle = left, top + LEGEND_LINE * (number + 0.5)
        for name in row:
            samples.append((x, middle, SAMPLE_WIDTH))
            texts.append(Text(name, x + taken, middle + 0.36 * size, size, "left", "legend"))
            x += taken + text_width(name, size) + ENTRY_GAP
    return tuple(samples), tuple(texts), top - 10


def _ring_figures(centre: Point, radius: float, highest: int) -> Iterator[Text]:
    """1 to the highest, left of the axis that points up; every second one where they would touch."""
    step = 1 if radius / highest >= 15 else 2
    size = max(11, min(18, int(0.72 * radius / highest)))
    for level in range(highest, 0, -step):
        x, y = vertex(centre, radius, 0, 1, level / highest)
        yield Text(str(level), x - 8, y - 3, size, "right", "ring")
