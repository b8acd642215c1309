"""From answers and scores to an ordered list of first steps (design page, section 'Advice')."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.assessment.answers import Answers
from bot.assessment.definitions import MaturityModel, Transition
from bot.assessment.scoring import DimensionResult, Result

Reason = Literal["implausible", "unbalanced", "gap", "lowest"]


@dataclass(frozen=True)
class Recommendation:
    """One step for one item: from the level it has (`current`) to the next (`to`).

    `item_id` is 'dimension.item'. `reason` says what put its dimension where it stands in the order: the low
    end of an implausible pair, the low end of an unbalanced result, the gap (targets chosen by someone),
    or else the lowest score.
    """

    dimension_id: str
    item_id: str
    current: int
    to: int
    transition: Transition
    reason: Reason


def advise(
    model: MaturityModel, answers: Answers, result: Result, *, targets_chosen: bool = False
) -> tuple[Recommendation, ...]:
    """Every step worth naming, the one to begin with first.

    Which: of each dimension that is below its target, the items whose answered level is below that target;
    of each such item its next transition only, since steps are taken one at a time. A dimension is below
    its target when its staged level is (our own rule: the target is a level of the model, so the model's
    row is what it is held against, not the mean: (5,5,1) with target 3 has no gap but stands at level 2).
    Without a staged level (quick scan, target chosen) the score is held against it. A dimension without a
    score or target, and an item that is open or does not apply, give no step. Where someone chose to stay,
    there is nothing to advise, not even at the low end of a pair.

    Order:
    1. dimensions at the low end of an implausible pair or of an unbalanced result, the two kinds together;
       of an unbalanced result every dimension that shares the lowest score is a low end (our own rule);
    2. then, with `targets_chosen`, the largest gap; with default targets the lowest score;
    3. then the largest benefit, then the smallest investment;
    4. then the model's own order (our own rule, so that the same answers always give the same list).
    Steps of dimensions that tie on 1 and 2 are thus ordered among each other by 3.

    `targets_chosen`: someone chose the targets that `result` was made with.
    """
    implausible = {pair.low for pair in result.implausible}
    unbalanced = _low_ends(result)
    ordered: list[tuple[tuple[int, float, int, int, int], Recommendation]] = []
    for number, (dimension, item) in enumerate(model.walk()):
        found = result.dimension(dimension.id)
        answer = answers.get(f"{dimension.id}.{item.id}")
        if found.target is None or found.score is None or not _below_target(found):
            continue
        if answer is None or answer.value is None or answer.value >= found.target:
            continue
        reason: Reason
        if dimension.id in implausible:
            reason = "implausible"
        elif dimension.id in unbalanced:
            reason = "unbalanced"
        else:
            reason = "gap" if targets_chosen else "lowest"
        step = Recommendation(
            dimension_id=dimension.id,
            item_id=answer.item_id,
            current=answer.value,
            to=answer.value + 1,
            transition=item.transition(answer.value + 1),
            reason=reason,
        )
        low_end = 0 if reason in ("implausible", "unbalanced") else 1
        urgency = -(found.gap or 0.0) if targets_chosen else found.score
        key = (low_end, urgency, -step.transition.benefit, step.transition.investment, number)
        ordered.append((key, step))
    return tuple(step for _, step in sorted(ordered, key=lambda entry: entry[0]))


def first_steps(recommendations: Sequence[Recommendation], count: int = 3) -> tuple[Recommendation, ...]:
    """At most `count` steps to begin with: each dimension's first before any dimension's second.

    Within a round the order of `recommendations` stays. Our own rule: three steps in one dimension would
    hide the others.
    """
    rounds: list[tuple[int, Recommendation]] = []
    seen: dict[str, int] = {}
    for step in recommendations:
        turn = seen.get(step.dimension_id, 0)
        seen[step.dimension_id] = turn + 1
        rounds.append((turn, step))
    # sorted() is stable, so steps of one round keep their order.
    return tuple(step for _, step in sorted(rounds, key=lambda entry: entry[0])[:count])


def _below_target(found: DimensionResult) -> bool:
    stands_at = found.score if found.staged is None else found.staged
    return stands_at is not None and found.target is not None and stands_at < found.target


def _low_ends(result: Result) -> set[str]:
    if result.balance is None or not result.balance.unbalanced:
        return set()
    lowest = result.dimension(result.balance.lowest_id).score
    return {found.dimension_id for found in result.dimensions if found.score == lowest}
