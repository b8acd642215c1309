"""One answer to one item: a level, or one of three ways of not giving one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

AnswerKind = Literal["level", "dont_know", "not_applicable", "skipped"]
"""'level' is the only kind that scores; the other three differ from each other and are never a score."""

_KINDS = frozenset(get_args(AnswerKind))


@dataclass(frozen=True)
class Answer:
    """The current answer to the item `item_id` ('dimension.item').

    `value` is the level, 1 or higher, for kind 'level', and None for the other kinds. ValueError when
    the two do not go together.
    """

    item_id: str
    kind: AnswerKind
    value: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"answer to {self.item_id!r}: no such kind of answer: {self.kind!r}")
        if self.kind != "level":
            if self.value is not None:
                raise ValueError(f"answer to {self.item_id!r}: kind {self.kind!r} has no value")
        elif isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 1:
            raise ValueError(f"answer to {self.item_id!r}: a level is a whole number from 1 on")


Answers = Mapping[str, Answer]
"""The current answers: item id ('dimension.item') -> answer. What is missing was not answered yet."""


def is_open(answer: Answer | None) -> bool:
    """Whether the item could still get a level: not answered yet (None), don't know, or skipped."""
    return answer is None or answer.kind in ("dont_know", "skipped")
