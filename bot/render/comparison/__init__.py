"""The pictures of a comparison: a radar with ranges, distributions as bars, and measurements in a line.

Made like the radar and with its letters, lines and colours: the `geometry` of each kind decides where
everything goes and draws nothing, `render` draws exactly that. Coordinates are pixels with the origin in the
top left corner. Every word arrives in the spec; nothing here knows a language. Importing this loads no
drawing library.
"""

from bot.render.comparison.picture import SCALE, from_json, render, texts
from bot.render.comparison.spec import (
    COURSE,
    MAX_AXES,
    MAX_GROUPS,
    MAX_LABEL,
    MAX_LEGEND,
    MAX_POINTS,
    MAX_ROWS,
    MIN_AXES,
    RANGES,
    SPREAD,
    AnySpec,
    ComparisonError,
    CoursePanel,
    CoursePoint,
    CourseSpec,
    GroupLine,
    RangeAxis,
    RangesSpec,
    SpreadRow,
    SpreadSpec,
)

__all__ = [
    "COURSE",
    "MAX_AXES",
    "MAX_GROUPS",
    "MAX_LABEL",
    "MAX_LEGEND",
    "MAX_POINTS",
    "MAX_ROWS",
    "MIN_AXES",
    "RANGES",
    "SCALE",
    "SPREAD",
    "AnySpec",
    "ComparisonError",
    "CoursePanel",
    "CoursePoint",
    "CourseSpec",
    "GroupLine",
    "RangeAxis",
    "RangesSpec",
    "SpreadRow",
    "SpreadSpec",
    "from_json",
    "render",
    "texts",
]
