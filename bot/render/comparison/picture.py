"""From a spec to a PNG."""

from __future__ import annotations

import io
import json
from functools import lru_cache

from bot.render.comparison import course, ranges, spread
from bot.render.comparison.shapes import Letters, Shape
from bot.render.comparison.spec import (
    COURSE,
    RANGES,
    SPREAD,
    AnySpec,
    ComparisonError,
    CourseSpec,
    RangesSpec,
    SpreadSpec,
)
from bot.render.radar.canvas import lock
from bot.render.radar.picture import PNG_LEVEL

SCALE = 2
"""Dots to the pixel: sharp on a projector and on paper."""


def plan(spec: AnySpec) -> tuple[int, tuple[Shape, ...]]:
    """The height of the picture in pixels, and its shapes.

    Raises ComparisonError, or RadarError for a heading, where something does not fit.
    """
    with lock:
        match spec:
            case RangesSpec():
                found = ranges.geometry(spec)
                return found.height, found.shapes
            case SpreadSpec():
                bars = spread.geometry(spec)
                return bars.height, bars.shapes
            case CourseSpec():
                lines = course.geometry(spec)
                return lines.height, lines.shapes


def texts(spec: AnySpec) -> tuple[str, ...]:
    """Every line of text in the picture."""
    return tuple(shape.text.text for shape in plan(spec)[1] if isinstance(shape, Letters))


@lru_cache(maxsize=32)
def render(spec: AnySpec) -> bytes:
    """The picture as a PNG, WIDTH x SCALE dots wide, opaque; the same bytes for the same spec.

    Safe to call from several threads. The last ones are kept: a page and its download want the same.
    """
    from bot.render.comparison.painter import Canvas

    height, shapes = plan(spec)
    with lock:
        image = Canvas(height, SCALE).paint(shapes)
    packed = io.BytesIO()
    image.save(packed, "PNG", compress_level=PNG_LEVEL)
    return packed.getvalue()


def from_json(text: str) -> AnySpec:
    """The spec that `to_json` of one of the three wrote. Raises ComparisonError if the text is not one."""
    try:
        kind = json.loads(text)["kind"]
    except (ValueError, TypeError, KeyError) as error:
        raise ComparisonError(f"not a stored comparison: {error}") from error
    if kind == RANGES:
        return RangesSpec.from_json(text)
    if kind == SPREAD:
        return SpreadSpec.from_json(text)
    if kind == COURSE:
        return CourseSpec.from_json(text)
    raise ComparisonError("kind: another kind of picture")
