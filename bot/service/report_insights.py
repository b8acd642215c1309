"""What a report says of the answers that never score: a choice, a positioning, warning signs."""

from __future__ import annotations

from collections.abc import Iterable

from bot.assessment.advice import Chosen, Positioned, Recognised, insights
from bot.assessment.advice import Insight as Found
from bot.assessment.kinds import POSITIONS
from bot.service.report_dimension import answer_of, capital
from bot.service.report_view import Answer, Insight, Sign
from bot.service.turn import Running
from bot.texts import say


def insight_views(language: str, running: Running) -> Iterable[Insight]:
    """Every question that was asked and never scores, with what its answer means, if it has one."""
    told = {found.item.id: found for found in insights(running.model, running.answers)}
    for dimension, item in running.model.walk():
        if item.scored or f"{dimension.id}.{item.id}" not in running.item_ids:
            continue
        answer = answer_of(language, running, dimension, item)
        found = told.get(item.id)
        yield Insight(
            title=item.title[language],
            dimension=dimension.title[language],
            question=item.question[language],
            answer=_insight_answer(language, found, answer),
            places=_places(language, found),
            sentences=tuple(_sentences(language, found)),
            signs=_signs(language, found),
            words=answer.words,
        )


def _insight_answer(language: str, found: Found | None, answer: Answer) -> str | None:
    if isinstance(found, Recognised):
        return say(language, "report.signals", count=len(found.signals), total=len(found.item.signals))
    return None if isinstance(found, Positioned) else answer.label


_PLACES = {
    "today_first": "positioning.today_first",
    "today_second": "positioning.today_second",
    "intended_first": "positioning.intended_first",
    "intended_second": "positioning.intended_second",
    "competitor": "positioning.competitor",
}


def _places(language: str, found: Found | None) -> tuple[tuple[str, str], ...]:
    if not isinstance(found, Positioned):
        return ()
    places = (
        found.today_first,
        found.today_second,
        found.intended_first,
        found.intended_second,
        found.competitor,
    )
    return tuple(
        (capital(say(language, _PLACES[key])), "–" if option is None else option.label[language])
        for key, option in zip(POSITIONS, places, strict=True)
    )


def _sentences(language: str, found: Found | None) -> Iterable[str]:
    if isinstance(found, Chosen):
        yield found.option.text[language]
        if found.option.brands:
            yield say(language, "choice.brands", brands=", ".join(found.option.brands))
        yield say(language, "choice.asks", consequence=found.option.consequence[language])
    elif isinstance(found, Recognised) and not found.signals:
        yield say(language, "signals.found_none", total=len(found.item.signals))
    elif isinstance(found, Positioned):
        if found.changes and found.today_first is not None and found.intended_first is not None:
            yield say(
                language,
                "positioning.changes",
                old=found.today_first.label[language],
                new=found.intended_first.label[language],
            )
        wanted = found.intended_first or found.today_first
        if wanted is not None:
            yield say(
                language,
                "positioning.asks",
                label=wanted.label[language],
                consequence=wanted.consequence[language],
            )
        if found.contested:
            yield say(language, "positioning.contested")


def _signs(language: str, found: Found | None) -> tuple[Sign, ...]:
    if not isinstance(found, Recognised):
        return ()
    return tuple(
        Sign(one.label[language], one.text[language], one.action.step[language], one.action.measure[language])
        for one in found.signals
    )
