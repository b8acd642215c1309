"""A maturity model as frozen data: what is asked, in what words, and what each answer is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Text = Mapping[str, str]
"""One text in every language of the model: language code -> words."""

TargetRule = Literal["next_level", "highest"]


@dataclass(frozen=True)
class Level:
    """One level of a rubric item.

    `value` is 1..n. `label` is short (at most 20 characters) and stands on a button; `text` is the
    full wording (at most 90). `source` is a section of the paper, or 'derived' with `derived_from`.
    `answers`: language -> example answers in people's own words, for the own-words matcher.
    """

    value: int
    label: Text
    text: Text
    source: str
    derived_from: str | None
    answers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Transition:
    """Advice for one step of an item: what to do first to get from level `to` - 1 to level `to`.

    `benefit` and `investment` are relative, 1 (small) to 3 (large).
    """

    to: int
    step: Text
    measure: Text
    benefit: int
    investment: int


@dataclass(frozen=True)
class Item:
    """One question. `levels` run from 1 to n, `advice` from 2 to n; `quick`: asked in a quick scan too."""

    id: str
    kind: Literal["rubric"]
    weight: float
    quick: bool
    title: Text
    question: Text
    explanation: Text
    why: Text
    example: Text
    levels: tuple[Level, ...]
    advice: tuple[Transition, ...]

    def level(self, value: int) -> Level:
        """The level with this value; KeyError when the item has none."""
        for level in self.levels:
            if level.value == value:
                return level
        raise KeyError(f"item {self.id!r} has no level {value}")

    def transition(self, to: int) -> Transition:
        """The advice for reaching level `to`; KeyError when there is none."""
        for transition in self.advice:
            if transition.to == to:
                return transition
        raise KeyError(f"item {self.id!r} has no advice for level {to}")


@dataclass(frozen=True)
class Case:
    """A practice case from the source: who, and what they did."""

    name: str
    text: Text
    source: str


@dataclass(frozen=True)
class Dimension:
    """One axis of the radar, with its items in the order in which they are asked."""

    id: str
    weight: float
    title: Text
    explanation: Text
    source: str
    case: Case | None
    items: tuple[Item, ...]


@dataclass(frozen=True)
class StagedName:
    """The model's own name for a level (its row in the paper) and what it means; used in results."""

    value: int
    name: Text
    meaning: Text


@dataclass(frozen=True)
class ImplausiblePair:
    """Two dimensions of which the source says that `high` far above `low` does not occur in practice."""

    high: str
    low: str
    text: Text
    source: str


@dataclass(frozen=True)
class MaturityModel:
    """A whole maturity model, one version of it.

    `target_rule` is the default target per dimension: 'next_level' is the staged level plus one (at most
    the highest), 'highest' the highest level. `caution` is the source's own reservation, shown with results.
    """

    id: str
    version: str
    languages: tuple[str, ...]
    name: Text
    summary: Text
    minutes: int
    document: str
    caution: Text
    target_rule: TargetRule
    levels: tuple[StagedName, ...]
    dimensions: tuple[Dimension, ...]
    implausible: tuple[ImplausiblePair, ...]

    @property
    def highest(self) -> int:
        """The highest level, n."""
        return len(self.levels)

    def dimension(self, dimension_id: str) -> Dimension:
        """The dimension with this id; KeyError when there is none."""
        for dimension in self.dimensions:
            if dimension.id == dimension_id:
                return dimension
        raise KeyError(f"maturity model {self.id!r} has no dimension {dimension_id!r}")

    def walk(self) -> Iterator[tuple[Dimension, Item]]:
        """Every item with its dimension, in the order in which they are asked."""
        for dimension in self.dimensions:
            for item in dimension.items:
                yield dimension, item

    def item(self, item_id: str) -> tuple[Dimension, Item]:
        """The item with this id ('dimension.item') and its dimension; KeyError when there is none."""
        for dimension, item in self.walk():
            if f"{dimension.id}.{item.id}" == item_id:
                return dimension, item
        raise KeyError(f"maturity model {self.id!r} has no item {item_id!r}")

    def item_ids(self) -> tuple[str, ...]:
        """The ids of all items ('dimension.item'), in the order in which they are asked."""
        return tuple(f"{dimension.id}.{item.id}" for dimension, item in self.walk())
