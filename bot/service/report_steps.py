"""The steps of a report: each with its number and horizon, the road map as a table, the matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.assessment.advice import Recommendation
from bot.assessment.definitions import MaturityModel
from bot.assessment.roadmap import PlacedStep, matrix, road_map, step_key
from bot.assessment.scoring import Result
from bot.service import wording
from bot.service.report_view import Effort, Horizon, HorizonSteps, Matrix, RoadMap, Step
from bot.service.signed import ToldStep, told
from bot.service.turn import Running
from bot.texts import say

_SIZES = {1: "report.size_1", 2: "report.size_2", 3: "report.size_3"}
_HORIZONS: Mapping[Horizon, str] = {"now": "report.now", "next": "report.next", "later": "report.later"}
_HORIZON_TEXTS: Mapping[Horizon, str] = {
    "now": "report.now_text",
    "next": "report.next_text",
    "later": "report.later_text",
}


def steps(language: str, running: Running) -> tuple[Step, ...]:
    """Every step up to the targets, in the order of the road map; the first is number 1.

    Where a consultant signed advice, the steps of that.
    """
    if running.signed is not None:
        return tuple(signed_step(language, one) for one in told(language, running))
    model, result, assessment = running.model, running.result, running.assessment
    road = road_map(model, running.answers, result, targets_chosen=bool(assessment.targets))
    placed = {key: (place[0], place[1]) for key, place in (assessment.placed or {}).items()}
    places = {one.key: one for cell in matrix(road, placed).cells for one in cell.steps}
    listed: list[tuple[Horizon, Recommendation]] = [
        *(("now", one) for one in road.now),
        *(("next", one) for one in road.next),
        *(("later", one) for one in road.later),
    ]
    return tuple(
        _step(
            language,
            model,
            result,
            one,
            number=number,
            horizon=horizon,
            place=places[step_key(one)],
        )
        for number, (horizon, one) in enumerate(listed, start=1)
    )


def _step(
    language: str,
    model: MaturityModel,
    result: Result,
    one: Recommendation,
    *,
    number: int,
    horizon: Horizon,
    place: PlacedStep,
) -> Step:
    dimension, item = model.item(one.item_id)
    return Step(
        number=number,
        dimension_id=dimension.id,
        dimension=dimension.title[language],
        title=wording.step_subject(language, item, one),
        move=wording.step_move(language, model, item, one),
        levels=f"{one.current} → {one.to}"
        if one.practice is None
        else say(language, "report.of_stage", stage=one.to),
        why=wording.why_step(language, model, one, result),
        begin=one.action.step[language],
        measure=one.action.measure[language],
        benefit=_effort(language, place.benefit),
        investment=_effort(language, place.investment),
        placed=place.by_respondent,
        horizon=horizon,
        when=say(language, _HORIZONS[horizon]),
    )


def signed_step(language: str, one: ToldStep) -> Step:
    """A step of signed advice as the reports show it."""
    return Step(
        number=one.number,
        dimension_id=one.dimension_id if one.dimension_id and one.dimension else "",
        dimension=one.dimension or "",
        title=one.title,
        move=one.move,
        levels=one.levels,
        why=one.why,
        begin=one.begin,
        measure=one.measure,
        benefit=_effort(language, one.benefit),
        investment=_effort(language, one.investment),
        placed=one.placed,
        horizon=one.horizon,
        when=say(language, _HORIZONS[one.horizon]),
    )


def _effort(language: str, value: int) -> Effort:
    return Effort(value, say(language, _SIZES[value]))


def road_map_view(language: str, listed: Sequence[Step]) -> RoadMap:
    """The steps by horizon, each horizon with what belongs there; none without steps."""
    return RoadMap(
        say(language, "report.road_map_text"),
        tuple(
            HorizonSteps(
                horizon,
                say(language, _HORIZONS[horizon]),
                say(language, _HORIZON_TEXTS[horizon]),
                tuple(step for step in listed if step.horizon == horizon),
            )
            for horizon in _HORIZONS
            if any(step.horizon == horizon for step in listed)
        ),
    )


def matrix_view(language: str, listed: Sequence[Step]) -> Matrix:
    """The steps as they stand in the matrix, and the picture in words."""
    told = [
        say(
            language,
            "report.matrix_step",
            number=step.number,
            benefit=step.benefit.name,
            investment=step.investment.name,
        )
        for step in listed
    ]
    small, medium, large = (say(language, key) for key in _SIZES.values())
    return Matrix(
        text=say(language, "report.matrix_text"),
        benefits=(small, medium, large),
        investments=(small, medium, large),
        steps=tuple(listed),
        alt=f"{say(language, 'report.matrix_alt')} {' '.join(told)}",
    )
