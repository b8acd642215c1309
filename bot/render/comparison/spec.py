"""What the pictures of a comparison show, checked at the door, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from bot.render.radar.words import plain

RANGES, SPREAD, COURSE = "ranges", "spread", "course"
"""The tags of the three kinds of picture in their JSON."""
MIN_AXES, MAX_AXES = 3, 12
MAX_HIGHEST = 10
MAX_GROUPS = 3
"""More lines than this cannot be told apart on paper."""
MAX_ABSENT = 4
MAX_ROWS, MAX_PANELS, MAX_POINTS = 24, 13, 24
MAX_LABEL = 60
MAX_VALUE = 24
MAX_LEGEND = 60
MAX_NOTE = 120
MAX_HEADING = 160


class ComparisonError(ValueError):
    """A spec that cannot be drawn; the message says which field and why."""


@dataclass(frozen=True)
class RangeAxis:
    """One dimension: the mean of the respondents' scores, and the range that the band covers.

    `label` may hold soft hyphens. `mean`, `low`, `high` lie in [0, highest], low <= high; None: nothing to
    show, which is a gap in line and band. `value_text`: the figures as people read them, below the label.
    """

    label: str
    mean: float | None
    low: float | None
    high: float | None
    value_text: str


@dataclass(frozen=True)
class GroupLine:
    """One group: its mean on each axis, None where it has none or where it may not be told."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class RangesSpec:
    """A radar with ranges. The axes run clockwise from the top, each from 0 to `highest`.

    `groups`: at most three, each drawn with a line and a marker of its own. `absent`: a sentence for each
    group that is not drawn, shown below the legend. Raises ComparisonError where a field is out of bounds.
    """

    language: str
    axes: tuple[RangeAxis, ...]
    highest: int
    title: str
    subtitle: str
    mean_label: str
    band_label: str
    groups: tuple[GroupLine, ...] = ()
    absent: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_count("axes", self.axes, MIN_AXES, MAX_AXES)
        _check_whole("highest", self.highest, 1, MAX_HIGHEST)
        for index, axis in enumerate(self.axes):
            where = f"axes[{index}]"
            _check_text(f"{where}.label", axis.label, MAX_LABEL)
            _check_text(f"{where}.value_text", axis.value_text, MAX_VALUE)
            for name in ("mean", "low", "high"):
                _check_value(f"{where}.{name}", getattr(axis, name), self.highest)
            _check_range(where, axis.low, axis.high)
        _check_count("groups", self.groups, 0, MAX_GROUPS)
        for index, group in enumerate(self.groups):
            _check_text(f"groups[{index}].label", group.label, MAX_LEGEND)
            _check_count(f"groups[{index}].values", group.values, len(self.axes), len(self.axes))
            for place, value in enumerate(group.values):
                _check_value(f"groups[{index}].values[{place}]", value, self.highest)
        _check_heading(self.language, self.title, self.subtitle)
        _check_text("mean_label", self.mean_label, MAX_LEGEND)
        _check_text("band_label", self.band_label, MAX_LEGEND)
        _check_notes(self.absent)

    def to_json(self) -> str:
        """The spec as JSON text with its kind, the same text for the same spec."""
        return _packed(RANGES, self)

    @classmethod
    def from_json(cls, text: str) -> RangesSpec:
        """The spec that `to_json` wrote. Raises ComparisonError if the text is not one."""
        try:
            fields = _fields(RANGES, text)
            return cls(
                axes=tuple(RangeAxis(**axis) for axis in fields.pop("axes")),
                groups=tuple(
                    GroupLine(group["label"], tuple(group["values"])) for group in fields.pop("groups")
                ),
                absent=tuple(fields.pop("absent")),
                **fields,
            )
        except ComparisonError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ComparisonError(f"not a stored comparison: {error}") from error


@dataclass(frozen=True)
class SpreadRow:
    """One row: how many respondents stand at each level, lowest level first.

    No one at all is a row without a bar, whose `value_text` says why.
    """

    label: str
    counts: tuple[int, ...]
    value_text: str


@dataclass(frozen=True)
class SpreadSpec:
    """Distributions below each other: each bar is all respondents of its row, cut by level.

    `levels`: the names of the levels, lowest first, as many as each row has counts. Raises ComparisonError
    where a field is out of bounds.
    """

    language: str
    rows: tuple[SpreadRow, ...]
    levels: tuple[str, ...]
    title: str
    subtitle: str
    absent: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_count("rows", self.rows, 1, MAX_ROWS)
        _check_count("levels", self.levels, 2, MAX_HIGHEST + 1)
        for index, level in enumerate(self.levels):
            _check_text(f"levels[{index}]", level, MAX_LEGEND)
        for index, row in enumerate(self.rows):
            where = f"rows[{index}]"
            _check_text(f"{where}.label", row.label, MAX_LABEL)
            _check_text(f"{where}.value_text", row.value_text, MAX_VALUE)
            _check_count(f"{where}.counts", row.counts, len(self.levels), len(self.levels))
            for place, count in enumerate(row.counts):
                _check_whole(f"{where}.counts[{place}]", count, 0, 10**6)
        _check_heading(self.language, self.title, self.subtitle)
        _check_notes(self.absent)

    def to_json(self) -> str:
        """The spec as JSON text with its kind, the same text for the same spec."""
        return _packed(SPREAD, self)

    @classmethod
    def from_json(cls, text: str) -> SpreadSpec:
        """The spec that `to_json` wrote. Raises ComparisonError if the text is not one."""
        try:
            fields = _fields(SPREAD, text)
            rows = tuple(
                SpreadRow(row["label"], tuple(row["counts"]), row["value_text"]) for row in fields.pop("rows")
            )
            for name in ("levels", "absent"):
                fields[name] = tuple(fields[name])
            return cls(rows=rows, **fields)
        except ComparisonError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ComparisonError(f"not a stored comparison: {error}") from error


@dataclass(frozen=True)
class CoursePoint:
    """One measurement of one dimension; `low` and `high`: the range around the mean, both or neither."""

    mean: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True)
class CoursePanel:
    """One dimension over time: a point for each date, None where it was not measured or may not be told."""

    label: str
    points: tuple[CoursePoint | None, ...]


@dataclass(frozen=True)
class CourseSpec:
    """Measurements in a line, a panel for each dimension.

    `dates`: ISO days in ascending order, each once; `date_labels`: the same as people read them. `broken`:
    places of dates to which no line leads from the one before, since the two cannot be compared. The vertical
    axis of each panel runs from `lowest` to `highest`. Raises ComparisonError where a field is out of bounds.
    """

    language: str
    panels: tuple[CoursePanel, ...]
    dates: tuple[str, ...]
    date_labels: tuple[str, ...]
    lowest: int
    highest: int
    title: str
    subtitle: str
    broken: tuple[int, ...] = ()
    absent: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_count("panels", self.panels, 1, MAX_PANELS)
        _check_count("dates", self.dates, 1, MAX_POINTS)
        _check_count("date_labels", self.date_labels, len(self.dates), len(self.dates))
        _check_whole("highest", self.highest, 1, MAX_HIGHEST)
        _check_whole("lowest", self.lowest, 0, self.highest - 1)
        days = self.days()
        if sorted(set(days)) != list(days):
            raise ComparisonError("dates: not in ascending order, each once")
        for index, place in enumerate(self.broken):
            _check_whole(f"broken[{index}]", place, 1, max(1, len(self.dates) - 1))
        for index, label in enumerate(self.date_labels):
            _check_text(f"date_labels[{index}]", label, MAX_VALUE)
        for index, panel in enumerate(self.panels):
            _check_text(f"panels[{index}].label", panel.label, MAX_LABEL)
            _check_count(f"panels[{index}].points", panel.points, len(self.dates), len(self.dates))
            for place, point in enumerate(panel.points):
                if point is None:
                    continue
                where = f"panels[{index}].points[{place}]"
                for name in ("mean", "low", "high"):
                    _check_value(f"{where}.{name}", getattr(point, name), self.highest, self.lowest)
                _check_range(where, point.low, point.high)
                _check_text(f"{where}.text", point.text, MAX_VALUE)
        _check_heading(self.language, self.title, self.subtitle)
        _check_notes(self.absent)

    def days(self) -> tuple[date, ...]:
        """The dates, parsed. Raises ComparisonError for what is no ISO day."""
        try:
            return tuple(date.fromisoformat(day) for day in self.dates)
        except (ValueError, TypeError) as error:
            raise ComparisonError(f"dates: {error}") from error

    def to_json(self) -> str:
        """The spec as JSON text with its kind, the same text for the same spec."""
        return _packed(COURSE, self)

    @classmethod
    def from_json(cls, text: str) -> CourseSpec:
        """The spec that `to_json` wrote. Raises ComparisonError if the text is not one."""
        try:
            fields = _fields(COURSE, text)
            panels = tuple(
                CoursePanel(
                    panel["label"],
                    tuple(None if point is None else CoursePoint(**point) for point in panel["points"]),
                )
                for panel in fields.pop("panels")
            )
            for name in ("dates", "date_labels", "broken", "absent"):
                fields[name] = tuple(fields[name])
            return cls(panels=panels, **fields)
        except ComparisonError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ComparisonError(f"not a stored comparison: {error}") from error


AnySpec = RangesSpec | SpreadSpec | CourseSpec


def _packed(kind: str, spec: AnySpec) -> str:
    fields = {"kind": kind, **asdict(spec)}
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _fields(kind: str, text: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(text)
    if fields.pop("kind") != kind:
        raise ComparisonError("kind: another kind of picture")
    return fields


def _check_heading(language: object, title: str, subtitle: str) -> None:
    if not isinstance(language, str):
        raise ComparisonError("language: text expected")
    _check_text("title", title, MAX_HEADING)
    _check_text("subtitle", subtitle, MAX_HEADING, may_be_empty=True)


def _check_notes(notes: Sequence[str]) -> None:
    _check_count("absent", notes, 0, MAX_ABSENT)
    for index, note in enumerate(notes):
        _check_text(f"absent[{index}]", note, MAX_NOTE)


def _check_count(field: str, given: Sequence[object], least: int, most: int) -> None:
    if not least <= len(given) <= most:
        expected = str(least) if least == most else f"{least} to {most}"
        raise ComparisonError(f"{field}: {len(given)} given, {expected} expected")


def _check_whole(field: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ComparisonError(f"{field}: {value!r} given, a whole number from {least} to {most} expected")


def _check_value(field: str, value: object, highest: int, lowest: int = 0) -> None:
    if value is None:
        return
    # The comparison is false for NaN as well.
    if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
        raise ComparisonError(f"{field}: {value!r} given, a number from {lowest} to {highest} expected")


def _check_range(field: str, low: float | None, high: float | None) -> None:
    if (low is None) != (high is None):
        raise ComparisonError(f"{field}: one end of the range without the other")
    if low is not None and high is not None and low > high:
        raise ComparisonError(f"{field}: the range ends below where it begins")


def _check_text(field: str, value: object, longest: int, may_be_empty: bool = False) -> None:
    if not isinstance(value, str):
        raise ComparisonError(f"{field}: text expected")
    text = plain(value)
    if len(text) > longest:
        raise ComparisonError(f"{field}: {len(text)} characters given, at most {longest} expected")
    if not text and not may_be_empty:
        raise ComparisonError(f"{field}: is empty")
