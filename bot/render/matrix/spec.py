"""What a matrix shows, checked at the door, and the same as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from bot.render.radar.words import plain

KIND = "matrix"
"""The tag of this kind of picture in its JSON."""
MAX_STEPS = 12
MAX_NUMBER = 99
MAX_TITLE = 200
MAX_LABEL = 24
MAX_HEADING = 160

Horizon = Literal["now", "next", "later"]


class MatrixError(ValueError):
    """A spec that cannot be drawn; the message says which field and why."""


@dataclass(frozen=True)
class Step:
    """One step: its number, what it is, and its place; benefit and investment from 1 (small) to 3 (large)."""

    number: int
    title: str
    benefit: int
    investment: int
    horizon: Horizon


@dataclass(frozen=True)
class MatrixSpec:
    """All that a matrix shows. `benefits` and `investments` name 1, 2 and 3; `horizons`: now, next, later.

    `language` travels along for whoever describes the picture. `subtitle` may be empty. Raises MatrixError
    where a field is out of bounds.
    """

    language: str
    steps: tuple[Step, ...]
    title: str
    subtitle: str
    benefit: str
    benefits: tuple[str, str, str]
    investment: str
    investments: tuple[str, str, str]
    horizons: tuple[str, str, str]

    def __post_init__(self) -> None:
        if not isinstance(self.language, str):
            raise MatrixError("language: text expected")
        if not 1 <= len(self.steps) <= MAX_STEPS:
            raise MatrixError(f"steps: {len(self.steps)} given, 1 to {MAX_STEPS} expected")
        for index, step in enumerate(self.steps):
            _check_text(f"steps[{index}].title", step.title, MAX_TITLE)
            _check_whole(f"steps[{index}].number", step.number, MAX_NUMBER)
            _check_whole(f"steps[{index}].benefit", step.benefit, 3)
            _check_whole(f"steps[{index}].investment", step.investment, 3)
            if step.horizon not in get_args(Horizon):
                raise MatrixError(f"steps[{index}].horizon: {step.horizon!r} is none")
        _check_text("title", self.title, MAX_HEADING)
        _check_text("subtitle", self.subtitle, MAX_HEADING, may_be_empty=True)
        for name in ("benefit", "investment"):
            _check_text(name, getattr(self, name), MAX_LABEL)
        for name in ("benefits", "investments", "horizons"):
            listed = getattr(self, name)
            if len(listed) != 3:
                raise MatrixError(f"{name}: {len(listed)} given, 3 expected")
            for index, one in enumerate(listed):
                _check_text(f"{name}[{index}]", one, MAX_LABEL)

    def to_json(self) -> str:
        """The spec as JSON text with its kind, the same text for the same spec."""
        fields = {"kind": KIND, **asdict(self)}
        return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> MatrixSpec:
        """The spec that `to_json` wrote. Raises MatrixError if the text is not one."""
        try:
            fields = json.loads(text)
            if fields.pop("kind") != KIND:
                raise MatrixError("kind: another kind of picture")
            steps = tuple(Step(**step) for step in fields.pop("steps"))
            for name in ("benefits", "investments", "horizons"):
                fields[name] = tuple(fields[name])
            return cls(steps=steps, **fields)
        except MatrixError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise MatrixError(f"not a stored matrix: {error}") from error


def _check_whole(field: str, value: object, highest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= highest:
        raise MatrixError(f"{field}: {value!r} given, a whole number from 1 to {highest} expected")


def _check_text(field: str, value: object, longest: int, may_be_empty: bool = False) -> None:
    if not isinstance(value, str):
        raise MatrixError(f"{field}: text expected")
    text = plain(value)
    if len(text) > longest:
        raise MatrixError(f"{field}: {len(text)} characters given, at most {longest} expected")
    if not text and not may_be_empty:
        raise MatrixError(f"{field}: is empty")
