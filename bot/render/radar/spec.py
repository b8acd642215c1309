"""What a radar shows, checked at the door, and the same as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from bot.render.radar.words import plain

MIN_AXES, MAX_AXES = 3, 12
MAX_HIGHEST = 10
MAX_LABEL = 40
MAX_SCORE_TEXT = 12
MAX_LEGEND = 40
MAX_HEADING = 160


class RadarError(ValueError):
    """A spec that cannot be drawn; the message says which field and why."""


@dataclass(frozen=True)
class Axis:
    """One dimension of the radar.

    `label` may hold soft hyphens (U+00AD) where a long word may be broken; they show only there.
    `today`, `target` and `before` (of an earlier measurement) lie in [0, highest]; None means 'no score',
    which is a gap in the line. `score_text` is today's score as people read it, written at the label.
    """

    label: str
    today: float | None
    target: float | None
    score_text: str
    before: float | None = None


@dataclass(frozen=True)
class RadarSpec:
    """All that a radar shows. The axes run clockwise from the top; each axis runs from 0 to `highest`.

    `language` travels along for whoever describes the picture; the drawing does not depend on it.
    `subtitle` may be empty. `before_label` names the earlier measurement, None where there is none.
    Raises RadarError where a field is out of bounds.
    """

    language: str
    axes: tuple[Axis, ...]
    highest: int
    title: str
    subtitle: str
    today_label: str
    target_label: str
    before_label: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.language, str):
            raise RadarError("language: text expected")
        if not MIN_AXES <= len(self.axes) <= MAX_AXES:
            raise RadarError(f"axes: {len(self.axes)} given, {MIN_AXES} to {MAX_AXES} expected")
        if not _is_whole(self.highest) or not 1 <= self.highest <= MAX_HIGHEST:
            raise RadarError(
                f"highest: {self.highest!r} given, a whole number from 1 to {MAX_HIGHEST} expected"
            )
        for index, axis in enumerate(self.axes):
            _check_text(f"axes[{index}].label", axis.label, MAX_LABEL)
            _check_text(f"axes[{index}].score_text", axis.score_text, MAX_SCORE_TEXT)
            _check_value(f"axes[{index}].today", axis.today, self.highest)
            _check_value(f"axes[{index}].target", axis.target, self.highest)
            _check_value(f"axes[{index}].before", axis.before, self.highest)
        _check_text("title", self.title, MAX_HEADING)
        _check_text("subtitle", self.subtitle, MAX_HEADING, may_be_empty=True)
        _check_text("today_label", self.today_label, MAX_LEGEND)
        _check_text("target_label", self.target_label, MAX_LEGEND)
        if self.before_label is not None:
            _check_text("before_label", self.before_label, MAX_LEGEND)
        elif any(axis.before is not None for axis in self.axes):
            raise RadarError("before_label: none given, but an axis has an earlier score")

    def to_json(self) -> str:
        """The spec as JSON text, the same text for the same spec.

        Without an earlier measurement nothing is said of one, as in the specs from before there were any.
        """
        fields = asdict(self)
        if self.before_label is None:
            del fields["before_label"]
            for axis in fields["axes"]:
                del axis["before"]
        return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> RadarSpec:
        """The spec that `to_json` wrote. Raises RadarError if the text is not one."""
        try:
            fields = json.loads(text)
            axes = tuple(Axis(**axis) for axis in fields.pop("axes"))
            return cls(axes=axes, **fields)
        except RadarError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise RadarError(f"not a stored radar: {error}") from error


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_text(field: str, value: object, longest: int, may_be_empty: bool = False) -> None:
    if not isinstance(value, str):
        raise RadarError(f"{field}: text expected")
    text = plain(value)
    if len(text) > longest:
        raise RadarError(f"{field}: {len(text)} characters given, at most {longest} expected")
    if not text and not may_be_empty:
        raise RadarError(f"{field}: is empty")


def _check_value(field: str, value: object, highest: int) -> None:
    if value is None:
        return
    # The comparison is false for NaN as well.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= highest:
        raise RadarError(f"{field}: {value!r} given, a number from 0 to {highest} or none expected")
