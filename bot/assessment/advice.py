"""From answers and scores to an ordered list of first steps (design page, section 'Advice')."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.assessment.answers import Answer, Answers
from bot.assessment.definitions import Action, Item, MaturityModel, Option, Practice, Signal
from bot.assessment.kinds import LEFT_OPEN
from bot.assessment.scoring import DimensionResult, Result

Reason = Literal["implausible", "unbalanced", "gap", "lowest"]


@dataclass(frozen=True)
class Recommendation:
    """One step for one item: from the level it has (`current`) to the next (`to`).

    Of a checklist `current` is the stage that it has, `practice` what to put in place next, and `to` that
    practice's stage; elsewhere `practice` is None. `planned`: it is planned already.
    `item_id` is 'dimension.item'. `reason` says what put its dimension where it stands in the order: the low
    end of an implausible pair, the low end of an unbalanced result, the gap (targets chosen by someone),
    or else the lowest score.
    """

    dimension_id: str
    item_id: str
    current: int
    to: int
    action: Action
    reason: Reason
    practice: Practice | None = None
    planned: bool = False


def advise(
    model: MaturityModel, answers: Answers, result: Result, *, targets_chosen: bool = False
) -> tuple[Recommendation, ...]:
    """Every step worth naming, the one to begin with first.

    Which: of each dimension that is below its target, the items whose answered level is below that target;
    of each such item its next transition only, since steps are taken one at a time. Of a checklist the
    stage is held against the target, and the step is one practice of the first stage above it that has any to
    do: one that is planned before one that is not, then the largest benefit, the smallest investment, the
    order of the definition (our own rule: what is planned has been decided already). A practice that is not
    known, or does not fit, is nothing to do.

    A dimension is below its target when its staged level is (our own rule: the target is a level of the
    model, so the model's row is what it is held against, not the mean: (5,5,1) with target 3 has no gap but
    stands at level 2). Without a staged level (quick scan, target chosen) the score is held against it. A
    quick scan without a chosen target has no target at all: there every item below the highest level gives
    its next step (our own rule). A dimension without a score, and an item that is open or does not apply,
    give no step. Where someone chose to stay, there is nothing to advise, not even at the low end of a pair.

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
        # After a quick scan there is no level to derive a target from: all below the highest counts.
        target = found.target
        if target is None and result.indication and not targets_chosen:
            target = model.highest
        if target is None or found.score is None or not _below_target(found, target):
            continue
        reason: Reason
        if dimension.id in implausible:
            reason = "implausible"
        elif dimension.id in unbalanced:
            reason = "unbalanced"
        else:
            reason = "gap" if targets_chosen else "lowest"
        answer = answers.get(f"{dimension.id}.{item.id}")
        step = None if answer is None else _step(dimension.id, item, answer, result, target, reason)
        if step is None:
            continue
        low_end = 0 if reason in ("implausible", "unbalanced") else 1
        urgency = -(found.gap or 0.0) if targets_chosen else found.score
        key = (low_end, urgency, -step.action.benefit, step.action.investment, number)
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


def steps_to_show(result: Result) -> int:
    """How many first steps a result is told with: three, and one after a quick scan (our own rule)."""
    return 1 if result.indication else 3


@dataclass(frozen=True)
class Recognised:
    """What was recognised of the warning signs of an item, the ones that bring most for least first."""

    item: Item
    signals: tuple[Signal, ...]


@dataclass(frozen=True)
class Chosen:
    """The option that was chosen of an item."""

    item: Item
    option: Option


@dataclass(frozen=True)
class Positioned:
    """Where the company stands on the aspects of a positioning; None where that was left open.

    `changes`: the first aspect is to become another one.
    """

    item: Item
    today_first: Option | None
    today_second: Option | None
    intended_first: Option | None
    intended_second: Option | None
    competitor: Option | None

    @property
    def changes(self) -> bool:
        """Whether today's first aspect and the intended one are known, and differ."""
        known = self.today_first is not None and self.intended_first is not None
        return known and self.today_first != self.intended_first

    @property
    def contested(self) -> bool:
        """Whether the competitor leads where this company wants to; where it leads, if that was left open."""
        wanted = self.intended_first or self.today_first
        return wanted is not None and wanted == self.competitor


Insight = Recognised | Chosen | Positioned


def insights(model: MaturityModel, answers: Answers) -> tuple[Insight, ...]:
    """What the answers that never score say, in the model's order; what was not answered is left out."""
    found: list[Insight] = []
    for dimension, item in model.walk():
        answer = answers.get(f"{dimension.id}.{item.id}")
        if answer is None or answer.kind != "given":
            continue
        detail = answer.given
        options = {option.id: option for option in item.options}
        if item.kind == "signals":
            recognised = [signal for signal in item.signals if signal.id in detail]
            # sorted() is stable: of equals the order of the definition.
            recognised.sort(key=lambda signal: (-signal.action.benefit, signal.action.investment))
            found.append(Recognised(item, tuple(recognised)))
        elif item.kind == "choice":
            found.append(Chosen(item, options[detail["option"]]))
        elif item.kind == "positioning" and set(detail.values()) != {LEFT_OPEN}:
            aspects = (
                options.get(detail.get(key, LEFT_OPEN))
                for key in ("today_first", "today_second", "intended_first", "intended_second", "competitor")
            )
            found.append(Positioned(item, *aspects))
    return tuple(found)


def _step(
    dimension_id: str, item: Item, answer: Answer, result: Result, target: int, reason: Reason
) -> Recommendation | None:
    """The next step of one item; None when it is at its target, or there is nothing left to do."""
    if item.kind == "checklist":
        return _practice_step(dimension_id, item, answer, result, target, reason)
    if answer.value is None or answer.value >= target:
        return None
    to = answer.value + 1
    return Recommendation(dimension_id, answer.item_id, answer.value, to, item.transition(to).action, reason)


def _practice_step(
    dimension_id: str, item: Item, answer: Answer, result: Result, target: int, reason: Reason
) -> Recommendation | None:
    element = next((one for one in result.elements if one.item_id == answer.item_id), None)
    if element is None or element.stage is None or element.stage >= target:
        return None  # not asked at this depth, too little answered, or where it is to be
    states = answer.given
    to_do = [
        practice
        for practice in item.practices
        if practice.stage > element.stage
        and states.get(practice.id) in ("planned", "not_yet", "not_in_place")
    ]
    if not to_do:
        return None
    first_stage = min(practice.stage for practice in to_do)
    practice = min(
        (practice for practice in to_do if practice.stage == first_stage),
        key=lambda one: (states[one.id] != "planned", -one.action.benefit, one.action.investment),
    )
    return Recommendation(
        dimension_id,
        answer.item_id,
        element.stage,
        practice.stage,
        practice.action,
        reason,
        practice,
        states[practice.id] == "planned",
    )


def _below_target(found: DimensionResult, target: int) -> bool:
    stands_at = found.score if found.staged is None else found.staged
    return stands_at is not None and stands_at < target


def _low_ends(result: Result) -> set[str]:
    if result.balance is None or not result.balance.unbalanced:
        return set()
    lowest = result.dimension(result.balance.lowest_id).score
    return {found.dimension_id for found in result.dimensions if found.score == lowest}
