"""One answer to one item: a level, something else that was given, or one of three ways of not giving any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

AnswerKind = Literal["level", "given", "dont_know", "not_applicable", "skipped"]
"""'level' answers a rubric, 'given' an item of any other kind; the last three differ from each other and are
never a score."""

PracticeState = Literal["in_place", "not_in_place", "planned", "not_yet", "not_fitting", "dont_know"]
"""'not_in_place': not named among what is in place, and not asked about any further yet."""

PRACTICE_STATES: tuple[PracticeState, ...] = get_args(PracticeState)

_KINDS = frozenset(get_args(AnswerKind))


@dataclass(frozen=True)
class Answer:
    """The current answer to the item `item_id` ('dimension.item').

    `value` is the level, 1 or higher, for kind 'level', and None for the other kinds. `detail` is what was
    given, for kind 'given', as sorted pairs (see `given`), and empty for the other kinds:

    - checklist: practice id -> its state (PracticeState);
    - choice: 'option' -> option id;
    - signals: signal id -> 'yes', for those that were recognised;
    - positioning: 'today_first', 'today_second', 'intended_first', 'intended_second' and 'competitor' ->
      aspect id, or 'open' where it was left open.

    ValueError when kind, value and detail do not go together.
    """

    item_id: str
    kind: AnswerKind
    value: int | None = None
    detail: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"answer to {self.item_id!r}: no such kind of answer: {self.kind!r}")
        if self.detail and self.kind != "given":
            raise ValueError(f"answer to {self.item_id!r}: kind {self.kind!r} has no detail")
        if self.kind != "level":
            if self.value is not None:
                raise ValueError(f"answer to {self.item_id!r}: kind {self.kind!r} has no value")
        elif isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 1:
            raise ValueError(f"answer to {self.item_id!r}: a level is a whole number from 1 on")

    @property
    def given(self) -> dict[str, str]:
        """What was given, by key; empty for the other kinds."""
        return dict(self.detail)


def given(item_id: str, detail: Mapping[str, str]) -> Answer:
    """An answer of kind 'given'."""
    return Answer(item_id, "given", detail=tuple(sorted(detail.items())))


Answers = Mapping[str, Answer]
"""The current answers: item id ('dimension.item') -> answer. What is missing was not answered yet."""


def is_open(answer: Answer | None) -> bool:
    """Whether the item could still get a level: not answered yet (None), don't know, or skipped."""
    return answer is None or answer.kind in ("dont_know", "skipped")
