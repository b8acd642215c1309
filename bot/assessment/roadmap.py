"""The road map: every step up to the targets in three horizons, and the matrix of benefit and investment.

Horizons and matrix are in the design page (section 'Advice'); how they are filled is our own rule
(docs/adr/0015).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.assessment.advice import Recommendation, advise, first_steps, steps_to_show
from bot.assessment.answers import Answers
from bot.assessment.definitions import MaturityModel
from bot.assessment.scoring import UNBALANCED_SHARE, DimensionResult, Result

EFFORT = (1, 2, 3)
"""What benefit and investment can be: small, middling, large. Relative, no figures."""

TO_DO = ("planned", "not_yet", "not_in_place")
"""The states of a practice that is something to do; the same as in the advice."""


@dataclass(frozen=True)
class RoadMap:
    """The steps of all dimensions in three horizons, each in the order in which to take them.

    `now`: the first steps. `next`: the other next steps. `later`: what follows on those, up to the targets.
    """

    now: tuple[Recommendation, ...]
    next: tuple[Recommendation, ...]
    later: tuple[Recommendation, ...]

    @property
    def steps(self) -> tuple[Recommendation, ...]:
        """All steps: now, next, later."""
        return (*self.now, *self.next, *self.later)


@dataclass(frozen=True)
class PlacedStep:
    """A step in the matrix. `benefit` and `investment` are where it stands, 1..3.

    `by_respondent`: the respondent placed it there; else it stands where the definition puts it.
    """

    key: str
    step: Recommendation
    benefit: int
    investment: int
    by_respondent: bool


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix with the steps in it, in the order in which they were given."""

    benefit: int
    investment: int
    steps: tuple[PlacedStep, ...]


@dataclass(frozen=True)
class Matrix:
    """Nine cells: the row of the largest benefit first, in a row the smallest investment first."""

    cells: tuple[Cell, ...]

    def cell(self, benefit: int, investment: int) -> Cell:
        """The cell at this place; KeyError when there is none."""
        for cell in self.cells:
            if (cell.benefit, cell.investment) == (benefit, investment):
                return cell
        raise KeyError(f"the matrix has no cell for benefit {benefit} and investment {investment}")


@dataclass(frozen=True)
class TargetHint:
    """Chosen targets that lie out of balance: `spread` levels between the highest and the lowest.

    `highest_ids`, `lowest_ids`: all dimensions at these ends, in the model's order.
    """

    spread: int
    highest_ids: tuple[str, ...]
    lowest_ids: tuple[str, ...]


def step_key(step: Recommendation) -> str:
    """A stable name for a step: 'dimension.item>3' (to level 3), 'dimension.item+practice'.

    It holds as long as the ids do, also when the level that the item has today changes.
    """
    if step.practice is not None:
        return f"{step.item_id}+{step.practice.id}"
    return f"{step.item_id}>{step.to}"


def road_map(
    model: MaturityModel, answers: Answers, result: Result, *, targets_chosen: bool = False
) -> RoadMap:
    """Every step from these answers to the targets. Takes what `advise` does.

    now: the first steps, as many as the result is told with (one after a quick scan). next: the other
    recommendations, in the order of the advice. later: of every item with a recommendation the transitions
    beyond that one, up to the target of its dimension; in a quick scan without chosen targets up to the
    highest level, as the advice does. Of a checklist the other practices to do, of the stages above the one
    that it has and up to the target; up to the next stage that has fitting practices, where that of the
    target has none.

    later is in the order of the advice: low ends first, then the largest gap or the lowest score, then the
    largest benefit, the smallest investment, the model's order. But no step stands before the one
    that it follows on: levels are taken one by one, practices by stage (then planned ones, benefit,
    investment, the definition's order). `current` of a later step is the level that it starts from, of a
    practice the stage that the element has today. Our own rule.
    """
    advice = advise(model, answers, result, targets_chosen=targets_chosen)
    now = first_steps(advice, steps_to_show(result))
    begun = {step.item_id for step in now}
    return RoadMap(
        now=now,
        next=tuple(step for step in advice if step.item_id not in begun),
        later=tuple(_later(model, answers, result, advice, targets_chosen)),
    )


def matrix(steps: RoadMap | Sequence[Recommendation], placed: Mapping[str, tuple[int, int]]) -> Matrix:
    """The steps by benefit and investment.

    `placed`: step key -> (benefit, investment) where the respondent put it, which goes before the
    definition's. Keys of other steps are passed over: a step that was placed once may be done by now.
    Raises ValueError for a place outside 1..3.
    """
    for key, place in placed.items():
        if any(value not in EFFORT for value in place):
            raise ValueError(f"step {key!r}: {place} is no place in the matrix, both go from 1 to 3")
    standing = []
    for step in steps.steps if isinstance(steps, RoadMap) else steps:
        key = step_key(step)
        benefit, investment = placed.get(key, (step.action.benefit, step.action.investment))
        standing.append(PlacedStep(key, step, benefit, investment, key in placed))
    return Matrix(
        tuple(
            Cell(
                benefit,
                investment,
                tuple(one for one in standing if (one.benefit, one.investment) == (benefit, investment)),
            )
            for benefit in reversed(EFFORT)
            for investment in EFFORT
        )
    )


def target_hint(model: MaturityModel, targets: Mapping[str, int]) -> TargetHint | None:
    """A hint where chosen targets lie half of the axis apart or more; None when they do not.

    `targets`: dimension id -> level, those that someone chose; fewer than two give no hint. Our own rule,
    with the threshold of the balance: 2 levels on 1..5, and on 0..3 too (half is 1.5). Unequal can be a
    choice.
    Raises ValueError for a dimension or a level that the model does not have.
    """
    known = {dimension.id for dimension in model.dimensions}
    for dimension_id, target in targets.items():
        if dimension_id not in known:
            raise ValueError(f"maturity model {model.id!r} has no dimension {dimension_id!r}")
        if not model.lowest <= target <= model.highest:
            raise ValueError(
                f"target of {dimension_id!r}: {target} is not a level from {model.lowest} to {model.highest}"
            )
    if len(targets) < 2:
        return None
    top, bottom = max(targets.values()), min(targets.values())
    if top - bottom < UNBALANCED_SHARE * (model.highest - model.lowest):
        return None
    order = [dimension.id for dimension in model.dimensions if dimension.id in targets]
    return TargetHint(
        spread=top - bottom,
        highest_ids=tuple(dimension_id for dimension_id in order if targets[dimension_id] == top),
        lowest_ids=tuple(dimension_id for dimension_id in order if targets[dimension_id] == bottom),
    )


def _later(
    model: MaturityModel,
    answers: Answers,
    result: Result,
    advice: Sequence[Recommendation],
    targets_chosen: bool,
) -> Iterator[Recommendation]:
    """Merge what follows on each recommendation: the most urgent of those next in line comes first."""
    numbers = {item_id: number for number, item_id in enumerate(model.item_ids())}
    chains = {step.item_id: _following(model, answers, result, step) for step in advice}
    line: list[tuple[tuple[int, float, int, int, int], Recommendation]] = []

    def queue(item_id: str) -> None:
        step = next(chains[item_id], None)
        if step is None:
            return
        found = result.dimension(step.dimension_id)
        low_end = 0 if step.reason in ("implausible", "unbalanced") else 1
        key = (
            low_end,
            _urgency(found, targets_chosen),
            -step.action.benefit,
            step.action.investment,
            numbers[item_id],
        )
        # One step of an item at a time, so the keys differ and the steps are never compared.
        heapq.heappush(line, (key, step))

    for item_id in chains:
        queue(item_id)
    while line:
        _, step = heapq.heappop(line)
        yield step
        queue(step.item_id)


def _urgency(found: DimensionResult, targets_chosen: bool) -> float:
    """What orders dimensions in the advice: the largest gap or the lowest score first."""
    return -(found.gap or 0.0) if targets_chosen else found.score or 0.0


def _following(
    model: MaturityModel, answers: Answers, result: Result, step: Recommendation
) -> Iterator[Recommendation]:
    """The steps of the same item beyond this one, up to the target of its dimension."""
    target = result.dimension(step.dimension_id).target
    if target is None:
        target = model.highest
    item = model.item(step.item_id)[1]
    if step.practice is None:
        for to in range(step.to + 1, target + 1):
            action = item.transition(to).action
            yield Recommendation(step.dimension_id, step.item_id, to - 1, to, action, step.reason)
        return
    states = answers[step.item_id].given
    fitting = {practice.stage for practice in item.practices if states[practice.id] != "not_fitting"}
    last = min((stage for stage in fitting if stage >= target), default=target)
    remaining = [
        practice
        for practice in item.practices
        if step.current < practice.stage <= last
        and states[practice.id] in TO_DO
        and practice.id != step.practice.id
    ]
    remaining.sort(
        key=lambda one: (
            one.stage,
            states[one.id] != "planned",
            -one.action.benefit,
            one.action.investment,
        )
    )
    for practice in remaining:
        yield Recommendation(
            step.dimension_id,
            step.item_id,
            step.current,
            practice.stage,
            practice.action,
            step.reason,
            practice,
            states[practice.id] == "planned",
        )
