"""From answers to scores: dimension score, staged level, coverage, range, overall, balance, gaps.

An item is a rubric (a level), or a checklist (an element with practices, of which each belongs to a stage).

The papers have no scoring rule of their own: the two thirds, the halves and the means are our own rules
(design page 'The five maturity models', section 'Scores'). All arithmetic is on exact fractions, since a
weight like 0.1 in floats would push an answer off a threshold; results are floats, not rounded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

from bot.assessment.answers import Answer, Answers, is_open
from bot.assessment.definitions import Dimension, ImplausiblePair, Item, MaturityModel
from bot.assessment.kinds import fits
from bot.assessment.session import asked_items

STAGED_SHARE = Fraction(2, 3)
"""The share of the answered weight that has to be at a staged level or above; for the stage of an element,
the share of the applicable practices that have to be in place."""
COVERAGE_GATE = Fraction(1, 2)
"""The share of the weight that has to be answered (dimension) or scored (overall) for a score."""
UNBALANCED_SHARE = Fraction(1, 2)
"""The share of the axis from which the spread is called unbalanced: 2.0 on 1..5, 1.5 on 0..3."""
IMPLAUSIBLE_SHARE = Fraction(3, 4)
"""The share of the axis from which a declared pair is called implausible: 3.0 on 1..5."""

Status = Literal["scored", "too_little", "not_applicable"]


@dataclass(frozen=True)
class ElementResult:
    """What the answer to one checklist says.

    `score`: over the stages with applicable practices, the sum of the shares in place, rescaled to the
    highest stage, in [0, n]; None when less than half of the applicable practices have an answer.
    `stage`: the highest stage, 0..n, that has two thirds of its applicable practices in place, as has every
    stage below it that has applicable practices; None without a score.
    `in_place`, `applicable`: how many practices. `coverage`, `lowest`, `highest`: as of a dimension.
    """

    item_id: str
    score: float | None
    stage: int | None
    in_place: int
    applicable: int
    coverage: float
    lowest: float | None
    highest: float | None


@dataclass(frozen=True)
class DimensionResult:
    """What the answers say about one dimension.

    `score`: weighted mean of the answered items, in [1, n] (elements of a checklist: [0, n]); None unless
    `status` is 'scored'.
    `staged`: the model's row, 1..n (0..n); None without a score and below full depth.
    `coverage`: answered share of the applicable weight, in [0, 1]; 0 when nothing applies. An element is
    answered as far as its applicable practices are.
    `status`: 'too_little' when less than half of the applicable weight is answered (or nothing of it was
    asked), 'not_applicable' when everything that was asked does not apply.
    `lowest`, `highest`: the scores that the open items still allow; None when nothing applies or was asked.
    An element without a score is wholly open.
    `target`: the wanted level; None where none was chosen and there is no staged level to start from.
    `gap`: max(0, target - score); None without a target or a score.
    """

    dimension_id: str
    score: float | None
    staged: int | None
    coverage: float
    status: Status
    lowest: float | None
    highest: float | None
    target: int | None
    gap: float | None


@dataclass(frozen=True)
class Balance:
    """How far the dimension scores lie apart: highest minus lowest; of equal ends the first is named."""

    spread: float
    unbalanced: bool
    highest_id: str
    lowest_id: str


@dataclass(frozen=True)
class Result:
    """All that follows from one respondent's answers; `dimensions` are in the model's order.

    `overall`: weighted mean of the dimension scores; None when dimensions of less than half of all weight
    have one.
    `balance`: None when fewer than two dimensions have a score.
    `implausible`: the model's declared pairs that these scores show; always empty below full depth.
    `indication`: not all items were asked (quick scan): call it an indication.
    `elements`: those of the asked items that are checklists, in order.
    """

    dimensions: tuple[DimensionResult, ...]
    elements: tuple[ElementResult, ...]
    overall: float | None
    balance: Balance | None
    implausible: tuple[ImplausiblePair, ...]
    indication: bool

    def dimension(self, dimension_id: str) -> DimensionResult:
        """The result of the dimension with this id; KeyError when there is none."""
        for dimension in self.dimensions:
            if dimension.dimension_id == dimension_id:
                return dimension
        raise KeyError(f"no result for dimension {dimension_id!r}")

    def element(self, item_id: str) -> ElementResult:
        """The result of the checklist with this id; KeyError when there is none."""
        for element in self.elements:
            if element.item_id == item_id:
                return element
        raise KeyError(f"no result for element {item_id!r}")


def score(
    model: MaturityModel,
    answers: Answers,
    *,
    targets: Mapping[str, int] | None = None,
    asked: Collection[str] | None = None,
) -> Result:
    """Score the current answers.

    `targets`: dimension id -> level that someone chose; a dimension that is not in it gets the model's
    default target. `asked`: the ids of the items of this depth, None for all; answers to other items do
    not count. Raises ValueError for an item, level, dimension or target that the model does not have.
    """
    ids = asked_items(model, asked)
    indication = any(item.scored and item_id not in ids for item_id, item in _by_id(model))
    _check(model, answers, targets or {})
    chosen = dict(targets or {})
    exact: dict[str, Fraction] = {}
    results = []
    elements: list[ElementResult] = []
    for dimension in model.dimensions:
        asked_here = [
            _item(model, item_id, item, answers.get(item_id), elements)
            for item in dimension.items
            if item.scored and (item_id := f"{dimension.id}.{item.id}") in ids
        ]
        result, mean = _dimension(model, dimension, asked_here, indication, chosen.get(dimension.id))
        results.append(result)
        if mean is not None:
            exact[dimension.id] = mean
    return Result(
        dimensions=tuple(results),
        elements=tuple(elements),
        overall=_overall(model, exact),
        balance=_balance(model, exact),
        implausible=() if indication else _implausible(model, exact),
        indication=indication,
    )


def format_score(value: float, language: str) -> str:
    """The value with one decimal, half up (2.25 -> '2.3'), with a decimal comma in Dutch ('nl').

    A float is only the nearest one to what is meant: 3.05 is stored as 3.04999... . So we round what it
    was meant to be: its value to nine decimals, which also forgives a sum or difference of such floats.
    """
    meant = Decimal(repr(float(value))).quantize(Decimal("1e-9"))
    rounded = meant.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    words = str(abs(rounded) if rounded == 0 else rounded)
    return words.replace(".", ",") if language == "nl" else words


@dataclass(frozen=True)
class _Scored:
    """One asked item: `coverage` is None when it does not apply, `score` and `level` when it has none."""

    weight: Fraction
    coverage: Fraction | None
    score: Fraction | None = None
    level: int | None = None
    lowest: Fraction = Fraction(0)
    highest: Fraction = Fraction(0)


def _item(
    model: MaturityModel, item_id: str, item: Item, answer: Answer | None, elements: list[ElementResult]
) -> _Scored:
    """The item as its dimension counts it; an element is added to `elements`."""
    weight = _exact(item.weight)
    if item.kind == "checklist":
        scored, element = _element(model, item_id, item, answer)
        elements.append(element)
        return scored
    if is_open(answer):
        return _Scored(weight, Fraction(0), lowest=Fraction(model.lowest), highest=Fraction(model.highest))
    if answer is None or answer.value is None:
        return _Scored(weight, None)
    value = Fraction(answer.value)
    return _Scored(weight, Fraction(1), value, answer.value, value, value)


def _element(
    model: MaturityModel, item_id: str, item: Item, answer: Answer | None
) -> tuple[_Scored, ElementResult]:
    """A checklist: only 'in place' counts, 'not fitting' leaves the denominator."""
    weight = _exact(item.weight)
    detail = answer.given if answer is not None else {}
    nothing_fits = answer is not None and answer.kind == "not_applicable"
    states = {
        practice.id: "not_fitting" if nothing_fits else detail.get(practice.id, "dont_know")
        for practice in item.practices
    }
    fitting = [practice for practice in item.practices if states[practice.id] != "not_fitting"]
    if not fitting:
        return _Scored(weight, None), ElementResult(item_id, None, None, 0, 0, 0.0, None, None)
    known = sum(1 for practice in fitting if states[practice.id] != "dont_know")
    in_place = [practice for practice in fitting if states[practice.id] == "in_place"]

    shares: dict[int, Fraction] = {}
    at_best: dict[int, Fraction] = {}
    for stage in range(1, model.highest + 1):
        here = [practice for practice in fitting if practice.stage == stage]
        if here:
            there = sum(1 for practice in here if practice in in_place)
            unknown = sum(1 for practice in here if states[practice.id] == "dont_know")
            shares[stage] = Fraction(there, len(here))
            at_best[stage] = Fraction(there + unknown, len(here))
    scale = Fraction(model.highest, len(shares))
    score, highest = scale * sum(shares.values()), scale * sum(at_best.values())
    stage = 0
    for number, share in shares.items():
        if share < STAGED_SHARE:
            break
        stage = number
    coverage = Fraction(known, len(fitting))
    enough = coverage >= COVERAGE_GATE
    scored = _Scored(weight, coverage, score, stage, score, highest)
    if not enough:
        # Left out of its dimension's score, it could still become anything there: else that score could lie
        # outside of its own range.
        scored = _Scored(weight, coverage, lowest=Fraction(model.lowest), highest=Fraction(model.highest))
    element = ElementResult(
        item_id=item_id,
        score=float(score) if enough else None,
        stage=stage if enough else None,
        in_place=len(in_place),
        applicable=len(fitting),
        coverage=float(coverage),
        lowest=float(score),
        highest=float(highest),
    )
    return scored, element


def _dimension(
    model: MaturityModel,
    dimension: Dimension,
    asked: Sequence[_Scored],
    indication: bool,
    chosen: int | None,
) -> tuple[DimensionResult, Fraction | None]:
    """The dimension's result, and its score as an exact fraction."""
    applicable = [one for one in asked if one.coverage is not None]
    weight = sum((one.weight for one in applicable), Fraction(0))
    mean: Fraction | None = None
    staged: int | None = None
    lowest: float | None = None
    highest: float | None = None
    coverage = Fraction(0)
    status: Status
    if not applicable:
        status = "not_applicable" if asked else "too_little"
    else:
        coverage = sum((one.weight * (one.coverage or 0) for one in applicable), Fraction(0)) / weight
        lowest = float(sum(one.weight * one.lowest for one in applicable) / weight)
        highest = float(sum(one.weight * one.highest for one in applicable) / weight)
        # Half of the weight answered means that at least one item has a score.
        status = "scored" if coverage >= COVERAGE_GATE else "too_little"
    if status == "scored":
        scored = [one for one in applicable if one.score is not None and one.level is not None]
        counted = sum((one.weight for one in scored), Fraction(0))
        mean = sum((one.weight * (one.score or 0) for one in scored), Fraction(0)) / counted
        levels = [(one.weight, one.level or 0) for one in scored]
        staged = None if indication else _staged(model, levels, counted)

    target = chosen
    if target is None and staged is not None:
        target = model.highest if model.target_rule == "highest" else min(staged + 1, model.highest)
    gap = None if target is None or mean is None else float(max(Fraction(0), target - mean))
    result = DimensionResult(
        dimension_id=dimension.id,
        score=None if mean is None else float(mean),
        staged=staged,
        coverage=float(coverage),
        status=status,
        lowest=lowest,
        highest=highest,
        target=target,
        gap=gap,
    )
    return result, mean


def _staged(model: MaturityModel, levels: list[tuple[Fraction, int]], answered: Fraction) -> int:
    """The highest level k with two thirds of the answered weight at k or above and nothing below k - 1."""
    weakest = min(value for _, value in levels)
    for k in range(min(model.highest, weakest + 1), model.lowest, -1):
        if sum(weight for weight, value in levels if value >= k) >= STAGED_SHARE * answered:
            return k
    return model.lowest


def _overall(model: MaturityModel, exact: Mapping[str, Fraction]) -> float | None:
    weights = {dimension.id: _exact(dimension.weight) for dimension in model.dimensions}
    scored = sum((weights[dimension_id] for dimension_id in exact), Fraction(0))
    if scored < COVERAGE_GATE * sum(weights.values()):
        return None
    return float(sum(weights[dimension_id] * mean for dimension_id, mean in exact.items()) / scored)


def _balance(model: MaturityModel, exact: Mapping[str, Fraction]) -> Balance | None:
    if len(exact) < 2:
        return None
    # `exact` is in the model's order, and max and min keep the first of equals.
    top = max(exact, key=exact.__getitem__)
    bottom = min(exact, key=exact.__getitem__)
    spread = exact[top] - exact[bottom]
    return Balance(float(spread), spread >= UNBALANCED_SHARE * (model.highest - model.lowest), top, bottom)


def _implausible(model: MaturityModel, exact: Mapping[str, Fraction]) -> tuple[ImplausiblePair, ...]:
    apart = IMPLAUSIBLE_SHARE * (model.highest - model.lowest)
    return tuple(
        pair
        for pair in model.implausible
        if pair.high in exact and pair.low in exact and exact[pair.high] - exact[pair.low] >= apart
    )


def _check(model: MaturityModel, answers: Answers, targets: Mapping[str, int]) -> None:
    known = set(model.item_ids())
    for item_id, answer in answers.items():
        if item_id not in known or answer.item_id != item_id:
            raise ValueError(
                f"maturity model {model.id!r} has no item {item_id!r}, or the answer is another's"
            )
        if not fits(model.item(item_id)[1], answer):
            raise ValueError(
                f"answer to {item_id!r}: {answer.kind!r} with this content does not fit the item"
            )
    dimensions = {dimension.id for dimension in model.dimensions}
    for dimension_id, target in targets.items():
        if dimension_id not in dimensions:
            raise ValueError(f"maturity model {model.id!r} has no dimension {dimension_id!r}")
        if not model.lowest <= target <= model.highest:
            raise ValueError(
                f"target of {dimension_id!r}: {target} is not a level from {model.lowest} to {model.highest}"
            )


def _by_id(model: MaturityModel) -> Iterator[tuple[str, Item]]:
    for dimension, item in model.walk():
        yield f"{dimension.id}.{item.id}", item


def _exact(weight: float) -> Fraction:
    """The weight as it was written: 0.1 is one tenth, not the float next to it."""
    return Fraction(repr(weight))
