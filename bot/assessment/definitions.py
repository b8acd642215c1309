"""A maturity model as frozen data: what is asked, in what words, and what each answer is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Text = Mapping[str, str]
"""One text in every language of the model: language code -> words."""

TargetRule = Literal["next_level", "highest"]

ItemKind = Literal["rubric", "checklist", "choice", "positioning", "signals"]
"""'rubric': one of n ordered levels. 'checklist': practices, each of a stage. The other three never score."""

SCORED: tuple[ItemKind, ...] = ("rubric", "checklist")


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
class Action:
    """One thing to do: how to begin (`step`) and how to see that it worked (`measure`).

    `benefit` and `investment` are relative, 1 (small) to 3 (large).
    """

    step: Text
    measure: Text
    benefit: int
    investment: int


@dataclass(frozen=True)
class Transition:
    """Advice for one step of a rubric item: what to do first to get from level `to` - 1 to level `to`."""

    to: int
    action: Action


@dataclass(frozen=True)
class Practice:
    """One practice of a checklist: in place, planned, not yet, or not fitting the brand.

    `stage`, 1..n, is the stage that it belongs to; `action`: how to begin with it.
    """

    id: str
    stage: int
    label: Text
    text: Text
    source: str
    derived_from: str | None
    action: Action


@dataclass(frozen=True)
class Signal:
    """One warning sign, and what to do when people recognise it."""

    id: str
    label: Text
    text: Text
    source: str
    derived_from: str | None
    action: Action


@dataclass(frozen=True)
class Option:
    """One option of a choice, or one aspect of a positioning; `consequence`: what choosing it asks for.

    `brands`: well-known examples of it.
    """

    id: str
    label: Text
    text: Text
    brands: tuple[str, ...]
    consequence: Text
    source: str
    derived_from: str | None


@dataclass(frozen=True)
class Positioning:
    """The texts of a positioning beside the question about today.

    `intended` and `competitor` are the questions that follow, `everything` says why not all can be chosen.
    """

    intended: Text
    competitor: Text
    everything: Text


@dataclass(frozen=True)
class Item:
    """One question; `quick`: asked in a quick scan too. What belongs to another kind is empty.

    rubric: `levels` run from 1 to n, `advice` from 2 to n. checklist: `practices`, in order of stage. choice:
    `options`. positioning: `options` are its aspects, and `positioning`. signals: `signals`.
    """

    id: str
    kind: ItemKind
    weight: float
    quick: bool
    title: Text
    question: Text
    explanation: Text
    why: Text
    example: Text
    levels: tuple[Level, ...] = ()
    advice: tuple[Transition, ...] = ()
    practices: tuple[Practice, ...] = ()
    options: tuple[Option, ...] = ()
    signals: tuple[Signal, ...] = ()
    positioning: Positioning | None = None

    @property
    def scored(self) -> bool:
        """Whether its answers count in a score."""
        return self.kind in SCORED

    @property
    def parts(self) -> tuple[Practice | Option | Signal, ...]:
        """What is numbered below the question when the answer is no level."""
        return self.practices or self.options or self.signals

    def part(self, part_id: str) -> Practice | Option | Signal:
        """The practice, option or signal with this id; KeyError when there is none."""
        for part in self.parts:
            if part.id == part_id:
                return part
        raise KeyError(f"item {self.id!r} has no {part_id!r}")

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
class Recommend:
    """When this model fits: `need` as a company would say it, `reason` why this model is then the one.

    `label`: the subject in at most 20 characters. `words`: language -> words that point to this model.
    """

    label: Text
    need: Text
    reason: Text
    words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class MaturityModel:
    """A whole maturity model, one version of it.

    `target_rule` is the default target per dimension: 'next_level' is the staged level plus one (at most
    the highest), 'highest' the highest level. `caution` is the source's own reservation, shown with results.
    `levels` run from 1 where the items are rubrics, from 0 (not yet at the first stage) where they are
    checklists. `minutes`: of all questions; `quick_minutes`: of the quick scan, None where there is none.
    """

    id: str
    version: str
    languages: tuple[str, ...]
    name: Text
    summary: Text
    minutes: int
    quick_minutes: int | None
    recommend: Recommend | None
    document: str
    caution: Text
    target_rule: TargetRule
    levels: tuple[StagedName, ...]
    dimensions: tuple[Dimension, ...]
    implausible: tuple[ImplausiblePair, ...]

    @property
    def highest(self) -> int:
        """The highest level, n."""
        return self.levels[-1].value

    @property
    def lowest(self) -> int:
        """The lowest level: 1, or 0 where items are checklists."""
        return self.levels[0].value

    @property
    def stages(self) -> bool:
        """Whether the items are checklists, so that a level is a stage."""
        return any(item.kind == "checklist" for _, item in self.walk())

    def level_name(self, value: int) -> StagedName:
        """The model's own name for this level; KeyError when it has no such level."""
        for level in self.levels:
            if level.value == value:
                return level
        raise KeyError(f"maturity model {self.id!r} has no level {value}")

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

    def quick_ids(self) -> tuple[str, ...]:
        """The ids of the items that a quick scan asks, in order."""
        return tuple(f"{dimension.id}.{item.id}" for dimension, item in self.walk() if item.quick)

    def item_ids(self) -> tuple[str, ...]:
        """The ids of all items ('dimension.item'), in the order in which they are asked."""
        return tuple(f"{dimension.id}.{item.id}" for dimension, item in self.walk())
