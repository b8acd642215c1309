"""Why a dimension stands where it stands, what would bring it further, and what a change would do.

All of it follows from the rules of `bot.assessment.scoring`; what counts as the quickest way is our own rule
(docs/adr/0015). Nothing is rounded, and no answer is ever changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal

from bot.assessment.answers import Answer, Answers, given
from bot.assessment.definitions import Action, Dimension, Item, MaturityModel, Practice
from bot.assessment.measuring import Change, compare, measure
from bot.assessment.scoring import COVERAGE_GATE, STAGED_SHARE, DimensionResult, ElementResult, Result, score
from bot.assessment.session import asked_items

Basis = Literal["staged", "mean", "too_little", "not_asked", "not_applicable"]
"""What a dimension's standing rests on: the rule of the staged level; in a quick scan the mean alone; or why
there is no score: too little answered, nothing of it asked, nothing of it applies."""

Omission = Literal["dont_know", "skipped", "not_applicable", "not_answered", "not_asked", "too_little"]
"""Why an item does not count. 'too_little': a checklist of which less than half is known."""


@dataclass(frozen=True)
class Counted:
    """An item that counts. `level`: 1..n, of a checklist its stage, 0..n; `score`: the same, or its score.

    `share`: its part of the weight of all items that count, in (0, 1].
    """

    item_id: str
    level: int
    score: float
    weight: float
    share: float


@dataclass(frozen=True)
class LeftOut:
    """An item that could score but does not count, and why. Items that never score are not named at all."""

    item_id: str
    weight: float
    reason: Omission


@dataclass(frozen=True)
class OpenStage:
    """The first stage that an element has not reached. Practices by id, in the definition's order.

    `missing`: not in place, planned ones included. `unknown`: don't know. What does not fit is in none.
    `needed`: how many have to be in place in all, two thirds of those that fit.
    """

    stage: int
    in_place: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    needed: int

    @property
    def short(self) -> int:
        """How many more have to be in place."""
        return self.needed - len(self.in_place)


@dataclass(frozen=True)
class ElementExplanation:
    """One checklist: its result, and the first stage not reached.

    `open_stage`: None when all stages are reached, and when the element has no stage (too little known, or
    nothing fits).
    """

    item_id: str
    result: ElementResult
    open_stage: OpenStage | None


@dataclass(frozen=True)
class Explanation:
    """Why a dimension stands where it stands.

    `result`: its score, level, coverage, range, target and gap. `counted`, `left_out`: its items, in the
    model's order. `elements`: those of the asked items that are checklists.

    Only with a staged level (`basis` 'staged'): `next_level` is the level above it, None at the highest;
    `share_at_next` the share of the counted weight at that level or above, in [0, 1), and `share_needed` what
    it takes. `held_by_share`: the items below the next level, if their weight holds the dimension back.
    `held_by_gate`: the items two below the next level, which hold it back whatever the others are.
    Empty where that rule holds nothing back. Elsewhere these are None and empty.

    Only with 'too_little': `answers_needed` is the least number of open questions that would have to be
    answered for a score (a checklist in full).
    """

    dimension_id: str
    basis: Basis
    result: DimensionResult
    counted: tuple[Counted, ...]
    left_out: tuple[LeftOut, ...]
    elements: tuple[ElementExplanation, ...]
    next_level: int | None
    share_at_next: float | None
    held_by_share: tuple[str, ...]
    held_by_gate: tuple[str, ...]
    answers_needed: int | None
    share_needed: float = float(STAGED_SHARE)
    coverage_needed: float = float(COVERAGE_GATE)

    @property
    def level(self) -> int | None:
        """The staged level; None without one."""
        return self.result.staged

    @property
    def at_highest(self) -> bool:
        """Whether there is no higher level."""
        return self.level is not None and self.next_level is None

    @property
    def by_share(self) -> bool:
        """Whether too little weight is at the next level."""
        return bool(self.held_by_share)

    @property
    def by_gate(self) -> bool:
        """Whether an item is too far below for the next level."""
        return bool(self.held_by_gate)

    @property
    def deciding(self) -> tuple[str, ...]:
        """The items that decide the level, in the model's order: raising any others does not raise it."""
        return tuple(
            one.item_id
            for one in self.counted
            if one.item_id in self.held_by_share or one.item_id in self.held_by_gate
        )


@dataclass(frozen=True)
class Raise:
    """One change of a way: an item from its level to another, or of a checklist from stage to stage.

    `practices`: what to put in place, in the definition's order; empty for a rubric. `actions`: what to do on
    the way, one for each level passed or each practice, in order.
    """

    item_id: str
    current: int
    to: int
    practices: tuple[Practice, ...]
    actions: tuple[Action, ...]

    @property
    def investment(self) -> int:
        """The sum of the investments of the actions; relative, no figure."""
        return sum(action.investment for action in self.actions)


@dataclass(frozen=True)
class Way:
    """What brings a dimension from `current` to `level` at least; `reaches`: the level that it has then.

    `changes` are in the model's order, and empty when it is there already.
    """

    dimension_id: str
    current: int
    level: int
    reaches: int
    changes: tuple[Raise, ...]

    @property
    def already(self) -> bool:
        """Whether the dimension is at the level already."""
        return not self.changes

    @property
    def investment(self) -> int:
        """The sum of the investments of all changes; relative, no figure."""
        return sum(change.investment for change in self.changes)

    @property
    def what_if(self) -> dict[str, int | tuple[str, ...]]:
        """The changes as `preview` takes them."""
        return {
            change.item_id: tuple(p.id for p in change.practices) if change.practices else change.to
            for change in self.changes
        }


@dataclass(frozen=True)
class Preview:
    """The result as it is and as it would be, and the differences per dimension, per item and overall."""

    before: Result
    after: Result
    change: Change


def explain(
    model: MaturityModel,
    answers: Answers,
    dimension_id: str,
    *,
    asked: Collection[str] | None = None,
    targets: Mapping[str, int] | None = None,
) -> Explanation:
    """Why this dimension stands where it stands.

    `answers`, `asked`, `targets` as in `score`. A staged level k asks that two thirds of the counted weight
    is at k or above, and that no counted item is below k - 1 (design page, section 'Scores'; our own rule).
    What of that the next level lacks is what holds the dimension: the weight of the items below it, an item
    more than one below it, or both.

    KeyError when the model has no such dimension; else ValueError as `score` does.
    """
    dimension = model.dimension(dimension_id)
    result = score(model, answers, targets=targets, asked=asked)
    found = result.dimension(dimension_id)
    counted, left_out = _sorted_out(model, dimension, answers, result, asked)
    elements = tuple(
        ElementExplanation(one.item_id, one, _open_stage(model, answers, one))
        for one in result.elements
        if model.item(one.item_id)[0] is dimension
    )
    basis = _basis(found, left_out)
    next_level = None
    share: Fraction | None = None
    held_by_share: tuple[str, ...] = ()
    held_by_gate: tuple[str, ...] = ()
    if found.staged is not None and found.staged < model.highest:
        next_level = found.staged + 1
        weight = sum((_exact(one.weight) for one in counted), Fraction(0))
        below = [one for one in counted if one.level < next_level]
        share = 1 - sum((_exact(one.weight) for one in below), Fraction(0)) / weight
        if share < STAGED_SHARE:
            held_by_share = tuple(one.item_id for one in below)
        held_by_gate = tuple(one.item_id for one in below if one.level < next_level - 1)
    return Explanation(
        dimension_id=dimension_id,
        basis=basis,
        result=found,
        counted=counted,
        left_out=left_out,
        elements=elements,
        next_level=next_level,
        share_at_next=None if share is None else float(share),
        held_by_share=held_by_share,
        held_by_gate=held_by_gate,
        answers_needed=_answers_needed(counted, left_out, elements) if basis == "too_little" else None,
    )


def quickest_way(
    model: MaturityModel,
    answers: Answers,
    dimension_id: str,
    level: int,
    *,
    asked: Collection[str] | None = None,
) -> Way | None:
    """The smallest set of changes that brings the staged level of this dimension to `level` at least.

    Without changes when it is there already; None when there is no way: the dimension has no staged level
    (too little answered, nothing applies, quick scan), or its elements have no fitting practices for it.

    A rubric item is raised to the lowest level that suffices. Of a checklist practices are put in place that
    are planned, not yet in place or not known; one that does not fit never is. What is open stays open: a
    rubric item without a level, and an element without a stage.

    Smallest is the fewest rubric items plus practices; among equals the least total investment of the
    actions on the way; then the fewest levels (stages) raised in total; then the model's order: of two ways
    the one with the earlier item, the lower level, the earlier practice where they first differ. Our own
    rule.

    KeyError when the model has no such dimension; ValueError when it has no such level, and as `score` does.
    """
    dimension = model.dimension(dimension_id)
    if not model.lowest <= level <= model.highest:
        raise ValueError(
            f"way for {dimension_id!r}: {level} is not a level from {model.lowest} to {model.highest}"
        )
    result = score(model, answers, asked=asked)
    staged = result.dimension(dimension_id).staged
    if staged is None:
        return None
    if staged >= level:
        return Way(dimension_id, staged, level, staged, ())
    counted, _ = _sorted_out(model, dimension, answers, result, asked)
    items = [model.item(one.item_id)[1] for one in counted]
    options = [
        _options(position, item, one, answers[one.item_id], level)
        for position, (item, one) in enumerate(zip(items, counted, strict=True))
    ]
    needed = STAGED_SHARE * sum((_exact(one.weight) for one in counted), Fraction(0))
    chosen = _cheapest(options, needed)
    if chosen is None:
        return None
    way = Way(dimension_id, staged, level, level, tuple(chosen))
    reached = score(model, _with(model, answers, way.what_if), asked=asked).dimension(dimension_id).staged
    return Way(dimension_id, staged, level, reached or level, way.changes)


def preview(
    model: MaturityModel,
    answers: Answers,
    changes: Mapping[str, int | Collection[str]],
    *,
    asked: Collection[str] | None = None,
    targets: Mapping[str, int] | None = None,
) -> Preview:
    """The result as it would be with these changes, beside the result as it is. `answers` stay as they are.

    `changes`: item id -> the level that it would have, or the ids of the practices that would be in place
    too. Any item that is asked can be changed, one without an answer or to a lower level as well. The other
    practices of a checklist stay what they were: don't know, where it was not answered, and not fitting,
    where it did not apply. A practice that did not fit counts as fitting once it is in place. Without
    chosen `targets` the target follows the level, so the gap can grow. `asked`, `targets` as in `score`.

    Raises ValueError for an item, level or practice that the model does not have, for an item that is not
    asked or never scores, and as `score` does.
    """
    ids = asked_items(model, asked)
    for item_id in changes:
        if item_id not in ids:
            raise ValueError(f"maturity model {model.id!r} does not ask item {item_id!r} here")
    before = measure(model, answers, asked=asked, targets=targets)
    after = measure(model, _with(model, answers, changes), asked=asked, targets=targets)
    return Preview(before.result, after.result, compare(model, before, after))


# --- explaining ------------------------------------------------------------------------------------


def _sorted_out(
    model: MaturityModel,
    dimension: Dimension,
    answers: Answers,
    result: Result,
    asked: Collection[str] | None,
) -> tuple[tuple[Counted, ...], tuple[LeftOut, ...]]:
    """The items of a dimension that count and those that do not."""
    ids = asked_items(model, asked)
    levels: list[tuple[str, float, int, float]] = []
    left_out = []
    for item in dimension.items:
        item_id = f"{dimension.id}.{item.id}"
        if not item.scored:
            continue
        reason: Omission | None
        level: int | None = None
        value: float | None = None
        answer = answers.get(item_id)
        if item_id not in ids:
            reason = "not_asked"
        elif item.kind == "checklist":
            element = result.element(item_id)
            level, value = element.stage, element.score
            reason = _why_open(answer) or ("too_little" if element.applicable else "not_applicable")
        else:
            level = None if answer is None else answer.value
            value = None if level is None else float(level)
            reason = _why_open(answer)
        if level is not None and value is not None:
            levels.append((item_id, item.weight, level, value))
        elif reason is not None:
            left_out.append(LeftOut(item_id, item.weight, reason))
    total = sum((_exact(weight) for _, weight, _, _ in levels), Fraction(0))
    counted = tuple(
        Counted(item_id, level, value, weight, float(_exact(weight) / total))
        for item_id, weight, level, value in levels
    )
    return counted, tuple(left_out)


def _why_open(answer: Answer | None) -> Omission | None:
    """Why an answer gives nothing; None when it gives a level or states."""
    if answer is None:
        return "not_answered"
    if answer.kind == "level" or answer.kind == "given":
        return None
    return answer.kind


def _basis(found: DimensionResult, left_out: Sequence[LeftOut]) -> Basis:
    if found.staged is not None:
        return "staged"
    if found.status == "scored":
        return "mean"
    if found.status == "too_little" and all(one.reason == "not_asked" for one in left_out):
        return "not_asked"
    return found.status


def _open_stage(model: MaturityModel, answers: Answers, element: ElementResult) -> OpenStage | None:
    if element.stage is None:
        return None
    item = model.item(element.item_id)[1]
    states = answers[element.item_id].given
    for stage in range(element.stage + 1, model.highest + 1):
        here = [p.id for p in item.practices if p.stage == stage and states[p.id] != "not_fitting"]
        if here:
            in_place = tuple(p for p in here if states[p] == "in_place")
            unknown = tuple(p for p in here if states[p] == "dont_know")
            missing = tuple(p for p in here if p not in in_place and p not in unknown)
            return OpenStage(stage, in_place, missing, unknown, ceil(STAGED_SHARE * len(here)))
    return None


def _answers_needed(
    counted: Sequence[Counted], left_out: Sequence[LeftOut], elements: Sequence[ElementExplanation]
) -> int:
    """The least number of items to answer (an element in full) until half of the applicable weight is."""
    known = {
        one.item_id: Fraction(round(one.result.coverage * one.result.applicable), one.result.applicable)
        for one in elements
        if one.result.applicable
    }
    applicable = [(one.item_id, _exact(one.weight)) for one in counted]
    applicable += [
        (one.item_id, _exact(one.weight))
        for one in left_out
        if one.reason not in ("not_asked", "not_applicable")
    ]
    answered = {one.item_id: Fraction(1) for one in counted}
    gains = []
    short = COVERAGE_GATE * sum((weight for _, weight in applicable), Fraction(0))
    for item_id, weight in applicable:
        share = known.get(item_id, answered.get(item_id, Fraction(0)))
        short -= weight * share
        gains.append(weight * (1 - share))
    needed = 0
    for gain in sorted(gains, reverse=True):
        if short <= 0:
            break
        short -= gain
        needed += 1
    return needed


# --- the quickest way ------------------------------------------------------------------------------

_Cost = tuple[int, int, int]
"""Items and practices changed, investment, levels raised: what is compared, in this order."""

_Entries = tuple[tuple[int, ...], ...]
"""A row for each item or practice changed: the item's position, then the level or the practice's position."""

_NOTHING: _Cost = (0, 0, 0)
_LAST: tuple[int, ...] = (1_000_000,)
"""Sorts behind every row: where one way goes on with this item and another does not, the first is earlier."""


@dataclass(frozen=True)
class _Option:
    """One thing that can become of an item; `weight`: what it then adds to the weight at the level."""

    cost: _Cost
    weight: Fraction
    entries: _Entries = ()
    change: Raise | None = None


def _options(position: int, item: Item, one: Counted, answer: Answer, level: int) -> list[_Option]:
    """What can become of an item so that it is not below `level` - 1; none when that cannot be.

    Left as it is, raised to one below the level, or to the level itself: nothing else can be cheapest.
    """
    weight = _exact(one.weight)
    if one.level >= level:
        return [_Option(_NOTHING, weight)]
    options = []
    wanted = [level]
    if one.level == level - 1:
        options.append(_Option(_NOTHING, Fraction(0)))
    else:
        wanted.insert(0, level - 1)
    for to in wanted:
        change = _raise(item, one, answer, to)
        if change is None:
            continue
        if change.practices:
            places = {practice.id: number for number, practice in enumerate(item.practices)}
            entries = tuple((position, places[practice.id]) for practice in change.practices)
        else:
            entries = ((position, change.to),)
        cost = (len(entries), change.investment, change.to - change.current)
        options.append(_Option(cost, weight if change.to >= level else Fraction(0), entries, change))
    return options


def _raise(item: Item, one: Counted, answer: Answer, to: int) -> Raise | None:
    """The least that brings an item to level or stage `to` at least; None when nothing does."""
    if item.kind != "checklist":
        actions = tuple(item.transition(passed).action for passed in range(one.level + 1, to + 1))
        return Raise(one.item_id, one.level, to, (), actions)
    states = answer.given
    fitting = [practice for practice in item.practices if states[practice.id] != "not_fitting"]
    stages = sorted({practice.stage for practice in fitting})
    # A stage without fitting practices is not reached itself: the next one that has any is.
    last = next((stage for stage in stages if stage >= to), None)
    if last is None:
        return None
    added: set[str] = set()
    reached = one.level
    for stage in stages:
        here = [practice for practice in fitting if practice.stage == stage]
        there = [practice for practice in here if states[practice.id] == "in_place"]
        short = max(0, ceil(STAGED_SHARE * len(here)) - len(there))
        if stage <= last:
            # sorted() is stable: of equal investment the first in the definition.
            rest = sorted(
                (practice for practice in here if practice not in there),
                key=lambda practice: practice.action.investment,
            )
            added |= {practice.id for practice in rest[:short]}
        elif short:
            break
        reached = stage
    practices = tuple(practice for practice in item.practices if practice.id in added)
    return Raise(one.item_id, one.level, reached, practices, tuple(p.action for p in practices))


def _cheapest(options: Sequence[Sequence[_Option]], needed: Fraction) -> list[Raise] | None:
    """One option of each item, so that their weight is `needed` at least; None when there is no such choice.

    Works from the last item back: of all choices for the items from here on only those are kept that no
    other one beats in both cost and weight. Costs add up and compare alike whatever stands before
    them, so nothing that is left out could have been the cheapest. Then it goes through the items once more,
    and of what still leads to the least cost takes the first in the model's order.
    """
    tails: list[list[tuple[_Cost, Fraction]]] = [[(_NOTHING, Fraction(0))]]
    for choices in reversed(options):
        points = sorted(
            (
                (_add(option.cost, cost), option.weight + weight)
                for option in choices
                for cost, weight in tails[-1]
            ),
            key=lambda point: (point[0], -point[1]),
        )
        kept: list[tuple[_Cost, Fraction]] = []
        for point in points:
            if not kept or point[1] > kept[-1][1]:
                kept.append(point)
        tails.append(kept)
    tails.reverse()
    best = next((cost for cost, weight in tails[0] if weight >= needed), None)
    if best is None:
        return None
    chosen: list[Raise] = []
    spent, gained = _NOTHING, Fraction(0)
    for choices, tail in zip(options, tails[1:], strict=True):
        option = next(
            option
            for option in sorted(choices, key=lambda one: (*one.entries, _LAST))
            if any(
                _add(spent, option.cost, cost) <= best and gained + option.weight + weight >= needed
                for cost, weight in tail
            )
        )
        spent, gained = _add(spent, option.cost), gained + option.weight
        if option.change is not None:
            chosen.append(option.change)
    return chosen


def _add(*costs: _Cost) -> _Cost:
    changed, invested, raised = (sum(parts) for parts in zip(*costs, strict=True))
    return changed, invested, raised


# --- what if ---------------------------------------------------------------------------------------


def _with(
    model: MaturityModel, answers: Answers, changes: Mapping[str, int | Collection[str]]
) -> dict[str, Answer]:
    """The answers with these changes, as a new mapping; ValueError for a change that the item cannot have."""
    changed = dict(answers)
    for item_id, change in changes.items():
        item = model.item(item_id)[1]
        if item.kind == "rubric" and isinstance(change, int):
            changed[item_id] = Answer(item_id, "level", change)
        elif item.kind == "checklist" and not isinstance(change, (int, str)):
            changed[item_id] = _in_place(item_id, item, answers.get(item_id), change)
        else:
            raise ValueError(f"what if {item_id!r} became {change!r}: a {item.kind} cannot")
    return changed


def _in_place(item_id: str, item: Item, answer: Answer | None, practices: Collection[str]) -> Answer:
    unknown = sorted(set(practices) - {practice.id for practice in item.practices})
    if unknown:
        raise ValueError(f"item {item_id!r} has no practice {unknown[0]!r}")
    nothing_fits = answer is not None and answer.kind == "not_applicable"
    states: dict[str, str] = {
        practice.id: "not_fitting" if nothing_fits else "dont_know" for practice in item.practices
    }
    if answer is not None:
        states.update(answer.given)
    return given(item_id, {**states, **dict.fromkeys(practices, "in_place")})


def _exact(weight: float) -> Fraction:
    """The weight as it was written: 0.1 is one tenth, as in the scores."""
    return Fraction(repr(weight))
