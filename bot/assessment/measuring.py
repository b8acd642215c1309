"""Measuring again: what changed since the last time, what was done of the advice, when to measure next.

Measuring is a cycle (plan, do, check, act; design page, section 'Advice'). How two measurements are put side
by side, when an answer is old, and when to measure next are our own rules (docs/adr/0015).
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from bot.assessment.advice import Recommendation
from bot.assessment.answers import Answer, Answers
from bot.assessment.definitions import MaturityModel
from bot.assessment.scoring import Result, score
from bot.assessment.session import asked_items

STALE_AFTER = timedelta(days=365)
"""An answer that is older than this is to be looked at again (our own rule)."""

SOON, LATE = 6, 12
"""In how many months to measure again: with a first step of small or middling investment, and without."""

StepStatus = Literal["done", "partly", "not_done", "unknown"]

_NOT_IN_PLACE = ("planned", "not_yet", "not_in_place", "not_fitting")


@dataclass(frozen=True)
class Measurement:
    """One respondent's answers with the result that follows from them; made by `measure`.

    `answers`: item id -> answer, as they held then. `asked`: the ids of the items that were asked, in order.
    """

    answers: Answers
    result: Result
    asked: tuple[str, ...]


@dataclass(frozen=True)
class DimensionChange:
    """One dimension before and after.

    `difference`: `score_after` - `score_before`, not rounded; None when one of them is. `level_before`,
    `level_after`: the staged levels, None without one; `levels`: their difference, None when one is.
    `same_items`: the same items counted in both. If not, some of the difference may come from questions that
    were answered this time only, or last time only.
    """

    dimension_id: str
    score_before: float | None
    score_after: float | None
    difference: float | None
    level_before: int | None
    level_after: int | None
    levels: int | None
    same_items: bool


@dataclass(frozen=True)
class ItemChange:
    """One item before and after; None where it had no level.

    `level_before`, `level_after`: the level of a rubric, the stage of a checklist. `score_before`,
    `score_after`: the same number for a rubric, the element's score for a checklist; `difference` is that of
    the scores, None when one is. `gained`, `lost`: the practices of a checklist that came in place or are in
    place no more, in the definition's order; what was don't know in one of the two is neither.
    """

    item_id: str
    level_before: int | None
    level_after: int | None
    score_before: float | None
    score_after: float | None
    difference: float | None
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """Two measurements with the same definition, side by side; `dimensions` are in the model's order.

    `overall_before`, `overall_after`, `difference`: the overall scores, None as in DimensionChange. `items`:
    every scored item that was asked in both, in the model's order. `same_depth`: both asked the same scored
    items; if not (quick scan and all questions), the scores say little about each other.
    """

    overall_before: float | None
    overall_after: float | None
    difference: float | None
    dimensions: tuple[DimensionChange, ...]
    items: tuple[ItemChange, ...]
    same_depth: bool

    @property
    def up(self) -> tuple[ItemChange, ...]:
        """The items that score higher than before."""
        return tuple(item for item in self.items if item.difference is not None and item.difference > 0)

    @property
    def down(self) -> tuple[ItemChange, ...]:
        """The items that score lower than before."""
        return tuple(item for item in self.items if item.difference is not None and item.difference < 0)

    def dimension(self, dimension_id: str) -> DimensionChange:
        """The change of the dimension with this id; KeyError when there is none."""
        for dimension in self.dimensions:
            if dimension.dimension_id == dimension_id:
                return dimension
        raise KeyError(f"no change for dimension {dimension_id!r}")


@dataclass(frozen=True)
class StepDone:
    """One advised step and what became of it, as `steps_done` says."""

    step: Recommendation
    status: StepStatus


def measure(
    model: MaturityModel,
    answers: Answers,
    *,
    asked: Collection[str] | None = None,
    targets: Mapping[str, int] | None = None,
) -> Measurement:
    """Score these answers and keep them beside the result; takes and raises what `score` does."""
    return Measurement(
        answers=dict(answers),
        result=score(model, answers, targets=targets, asked=asked),
        asked=asked_items(model, asked),
    )


def compare(model: MaturityModel, before: Measurement, after: Measurement) -> Change:
    """Put two measurements with `model` side by side.

    Raises ValueError when a result has other dimensions than the model, so was made with another definition.
    """
    for one in (before, after):
        if [found.dimension_id for found in one.result.dimensions] != [d.id for d in model.dimensions]:
            raise ValueError(f"a result has other dimensions than maturity model {model.id!r}")
    asked_before = _scored(model, before)
    asked_after = _scored(model, after)
    return Change(
        overall_before=before.result.overall,
        overall_after=after.result.overall,
        difference=_difference(before.result.overall, after.result.overall),
        dimensions=tuple(_dimension(model, found.id, before, after) for found in model.dimensions),
        items=tuple(
            _item(model, item_id, before, after) for item_id in asked_before if item_id in asked_after
        ),
        same_depth=asked_before == asked_after,
    )


def steps_done(
    before_recommendations: Sequence[Recommendation], before_answers: Answers, after_answers: Answers
) -> tuple[StepDone, ...]:
    """What became of each advised step, in the order given (our own rule).

    A step of a rubric is 'done' when its item is now at `to` or above, 'partly' when it is higher than before
    but not there yet (possible for a later step of a road map), else 'not_done'. A practice is 'done' when it
    is in place now, 'partly' when it has been planned since, else 'not_done'; what was planned already and
    still is, is 'not_done'. 'unknown': not answered this time, don't know, skipped, or does not apply (fit)
    any more.

    `before_answers`: those that the advice was given on. Both: item id -> answer.
    """
    return tuple(
        StepDone(step, _status(step, before_answers.get(step.item_id), after_answers.get(step.item_id)))
        for step in before_recommendations
    )


def stale_items(answered_at: Mapping[str, datetime], now: datetime) -> tuple[str, ...]:
    """The items that were answered more than 365 days before `now`, in the order of `answered_at`.

    `answered_at`: item id -> when it was last answered. To the second: exactly 365 days is not stale yet.
    TypeError when of the times some have a time zone and some have none. Our own rule.
    """
    return tuple(item_id for item_id, at in answered_at.items() if now - at > STALE_AFTER)


def next_date(completed: date, steps: Sequence[Recommendation] = ()) -> date:
    """A proposal for the day of the next measurement; `completed`: the day of this one.

    Six months later when any of `steps` (the first steps of the result) has an investment of 1 or 2, since
    its effect can be seen by then; else, and without steps, twelve months later. A day that the month does
    not have becomes its last (31 August -> 28 February). Saturday and Sunday become the Monday after; public
    holidays are not looked at. Our own rule: the sources name no interval.
    """
    months = SOON if any(step.action.investment <= 2 for step in steps) else LATE
    year, month = divmod(completed.year * 12 + completed.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    day = date(year, month + 1, min(completed.day, last))
    weekend = day.weekday() >= calendar.SATURDAY
    return day + timedelta(days=7 - day.weekday()) if weekend else day


def _scored(model: MaturityModel, one: Measurement) -> list[str]:
    """The ids of the asked items that count in a score, in the model's order."""
    return [item_id for item_id in asked_items(model, one.asked) if model.item(item_id)[1].scored]


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _dimension(
    model: MaturityModel, dimension_id: str, before: Measurement, after: Measurement
) -> DimensionChange:
    old, new = before.result.dimension(dimension_id), after.result.dimension(dimension_id)
    no_levels = old.staged is None or new.staged is None
    return DimensionChange(
        dimension_id=dimension_id,
        score_before=old.score,
        score_after=new.score,
        difference=_difference(old.score, new.score),
        level_before=old.staged,
        level_after=new.staged,
        levels=None if no_levels else (new.staged or 0) - (old.staged or 0),
        same_items=_counted(model, dimension_id, before) == _counted(model, dimension_id, after),
    )


def _counted(model: MaturityModel, dimension_id: str, one: Measurement) -> list[str]:
    """The ids of the dimension's items that had a level."""
    return [
        item_id
        for item_id in _scored(model, one)
        if model.item(item_id)[0].id == dimension_id and _standing(model, item_id, one)[0] is not None
    ]


def _standing(model: MaturityModel, item_id: str, one: Measurement) -> tuple[int | None, float | None]:
    """Level (of a checklist: stage) and score of an item that was asked."""
    if model.item(item_id)[1].kind == "checklist":
        element = one.result.element(item_id)
        return element.stage, element.score
    answer = one.answers.get(item_id)
    value = None if answer is None else answer.value
    return value, None if value is None else float(value)


def _item(model: MaturityModel, item_id: str, before: Measurement, after: Measurement) -> ItemChange:
    level_before, score_before = _standing(model, item_id, before)
    level_after, score_after = _standing(model, item_id, after)
    old, new = _states(before.answers.get(item_id)), _states(after.answers.get(item_id))
    practices = [practice.id for practice in model.item(item_id)[1].practices]
    return ItemChange(
        item_id=item_id,
        level_before=level_before,
        level_after=level_after,
        score_before=score_before,
        score_after=score_after,
        difference=_difference(score_before, score_after),
        gained=tuple(p for p in practices if old.get(p) in _NOT_IN_PLACE and new.get(p) == "in_place"),
        lost=tuple(p for p in practices if old.get(p) == "in_place" and new.get(p) in _NOT_IN_PLACE),
    )


def _states(answer: Answer | None) -> Mapping[str, str]:
    return {} if answer is None else answer.given


def _status(step: Recommendation, before: Answer | None, after: Answer | None) -> StepStatus:
    if step.practice is not None:
        was, now = (_states(one).get(step.practice.id, "dont_know") for one in (before, after))
        if now == "in_place":
            return "done"
        if now in ("dont_know", "not_fitting"):
            return "unknown"
        return "partly" if now == "planned" and was != "planned" else "not_done"
    if after is None or after.value is None:
        return "unknown"
    if after.value >= step.to:
        return "done"
    had = None if before is None else before.value
    return "partly" if had is not None and after.value > had else "not_done"
