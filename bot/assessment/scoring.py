"""From answers to scores: dimension score, staged level, coverage, range, overall, balance, gaps.

The papers have no scoring rule of their own: the two thirds, the halves and the means are our own rules
(design page 'The five maturity models', section 'Scores'). All arithmetic is on exact fractions, since a
weight like 0.1 in floats would push an answer off a threshold; results are floats, not rounded.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

from bot.assessment.answers import Answers, is_open
from bot.assessment.definitions import Dimension, ImplausiblePair, MaturityModel
from bot.assessment.session import asked_items

STAGED_SHARE = Fraction(2, 3)
"""The share of the answered weight that has to be at a staged level or above."""
COVERAGE_GATE = Fraction(1, 2)
"""The share of the weight that has to be answered (dimension) or scored (overall) for a score."""
UNBALANCED_SHARE = Fraction(1, 2)
"""The share of the axis from which the spread is called unbalanced: 2.0 on 1..5."""
IMPLAUSIBLE_SHARE = Fraction(3, 4)
"""The share of the axis from which a declared pair is called implausible: 3.0 on 1..5."""

Status = Literal["scored", "too_little", "not_applicable"]


@dataclass(frozen=True)
class DimensionResult:
    """What the answers say about one dimension.

    `score`: weighted mean of the answered items, in [1, n]; None unless `status` is 'scored'.
    `staged`: the model's row, 1..n; None without a score and below full depth.
    `coverage`: answered share of the applicable weight, in [0, 1]; 0 when nothing applies.
    `status`: 'too_little' when less than half of the applicable weight is answered (or nothing of it was
    asked), 'not_applicable' when everything that was asked does not apply.
    `lowest`, `highest`: the scores that the open items still allow; None when nothing applies or was asked.
    `target`: the wanted level, 1..n; None where none was chosen and there is no staged level to start from.
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
    """

    dimensions: tuple[DimensionResult, ...]
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
    indication = len(ids) < len(model.item_ids())
    _check(model, answers, targets or {})
    chosen = dict(targets or {})
    exact: dict[str, Fraction] = {}
    results = []
    for dimension in model.dimensions:
        result, mean = _dimension(model, dimension, answers, set(ids), indication, chosen.get(dimension.id))
        results.append(result)
        if mean is not None:
            exact[dimension.id] = mean
    return Result(
        dimensions=tuple(results),
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


def _dimension(
    model: MaturityModel,
    dimension: Dimension,
    answers: Answers,
    asked: set[str],
    indication: bool,
    chosen: int | None,
) -> tuple[DimensionResult, Fraction | None]:
    """The dimension's result, and its score as an exact fraction."""
    levels: list[tuple[Fraction, int]] = []
    open_weight = Fraction(0)
    any_asked = False
    for item in dimension.items:
        item_id = f"{dimension.id}.{item.id}"
        if item_id not in asked:
            continue
        any_asked = True
        answer = answers.get(item_id)
        if is_open(answer):
            open_weight += _exact(item.weight)
        elif answer is not None and answer.value is not None:
            levels.append((_exact(item.weight), answer.value))
    answered = sum((weight for weight, _ in levels), Fraction(0))
    applicable = answered + open_weight
    total = sum((weight * value for weight, value in levels), Fraction(0))

    mean: Fraction | None = None
    staged: int | None = None
    lowest: float | None = None
    highest: float | None = None
    coverage = Fraction(0)
    status: Status
    if not applicable:
        status = "not_applicable" if any_asked else "too_little"
    else:
        coverage = answered / applicable
        lowest = float((total + open_weight) / applicable)
        highest = float((total + open_weight * model.highest) / applicable)
        status = "scored" if coverage >= COVERAGE_GATE else "too_little"
    if status == "scored":
        mean = total / answered
        staged = None if indication else _staged(model, levels, answered)

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
    for k in range(min(model.highest, weakest + 1), 1, -1):
        if sum(weight for weight, value in levels if value >= k) >= STAGED_SHARE * answered:
            return k
    return 1


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
    return Balance(float(spread), spread >= UNBALANCED_SHARE * (model.highest - 1), top, bottom)


def _implausible(model: MaturityModel, exact: Mapping[str, Fraction]) -> tuple[ImplausiblePair, ...]:
    apart = IMPLAUSIBLE_SHARE * (model.highest - 1)
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
        if answer.value is not None and answer.value > model.highest:
            raise ValueError(f"answer to {item_id!r}: level {answer.value} is above {model.highest}")
    dimensions = {dimension.id for dimension in model.dimensions}
    for dimension_id, target in targets.items():
        if dimension_id not in dimensions:
            raise ValueError(f"maturity model {model.id!r} has no dimension {dimension_id!r}")
        if not 1 <= target <= model.highest:
            raise ValueError(f"target of {dimension_id!r}: {target} is not a level from 1 to {model.highest}")


def _exact(weight: float) -> Fraction:
    """The weight as it was written: 0.1 is one tenth, not the float next to it."""
    return Fraction(repr(weight))
