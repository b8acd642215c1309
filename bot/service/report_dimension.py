"""One dimension of a report: its score and place in the model, the answers, what is open, its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.assessment.definitions import Dimension, Item, MaturityModel, StagedName
from bot.assessment.scoring import DimensionResult, ElementResult, Result, format_score
from bot.service import kind_words, wording
from bot.service.report_view import (
    Answer,
    Case,
    DimensionPage,
    Element,
    Ladder,
    LevelMeaning,
    PracticeGroup,
    Scale,
    Step,
)
from bot.service.result_page import answer_view
from bot.service.turn import Running
from bot.texts import say


def level_meanings(language: str, model: MaturityModel) -> tuple[LevelMeaning, ...]:
    """The model's levels, the lowest first."""
    return tuple(LevelMeaning(one.value, one.name[language], one.meaning[language]) for one in model.levels)


def why_none(language: str, found: DimensionResult) -> str:
    """Why a dimension has no score."""
    not_applicable = found.status == "not_applicable"
    return say(language, "result.cell_not_applicable" if not_applicable else "result.cell_too_little")


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def dimension_page(
    language: str, running: Running, result: Result, dimension: Dimension, steps: Sequence[Step]
) -> DimensionPage:
    """The page of this dimension; `steps`: those of the whole report."""
    model = running.model
    found = result.dimension(dimension.id)
    title = dimension.title[language]
    here = tuple(step for step in steps if step.dimension_id == dimension.id)
    case = dimension.case
    return DimensionPage(
        title=title,
        explanation=dimension.explanation[language],
        score=None if found.score is None else format_score(found.score, language),
        remark=None if found.score is not None else capital(why_none(language, found)),
        scale=_scale(language, model, found),
        ladder=None if found.staged is None and found.target is None else _ladder(language, model, found),
        level_text="\n".join(_level_text(language, model, found)) or None,
        uncertainty=tuple(_uncertainty(language, running, found, dimension)),
        answers=tuple(
            answer_of(language, running, dimension, item)
            for item in dimension.items
            if item.kind == "rubric" and f"{dimension.id}.{item.id}" in running.item_ids
        ),
        elements=tuple(
            _element(language, running, element)
            for element in result.elements
            if element.item_id.split(".")[0] == dimension.id
        ),
        steps=here,
        no_steps=None
        if here
        else _no_steps(language, found, result)
        if running.signed is None
        else say(language, "signed.no_steps_here"),
        case=None
        if case is None
        else Case(say(language, "page.case_of", name=case.name), case.text[language]),
    )


def _possible(model: MaturityModel, found: DimensionResult) -> tuple[float, float] | None:
    """The scores that the open questions leave possible; None where nothing is open, or nothing is known."""
    if found.lowest is None or found.highest is None or found.lowest == found.highest:
        return None
    if (found.lowest, found.highest) == (model.lowest, model.highest):
        return None
    return found.lowest, found.highest


def _scale(language: str, model: MaturityModel, found: DimensionResult) -> Scale:
    told = [
        f"{capital(why_none(language, found))}."
        if found.score is None
        else say(
            language,
            "report.scale",
            score=format_score(found.score, language),
            lowest=model.lowest,
            highest=model.highest,
        ),
        *_range(language, model, found),
    ]
    return Scale(model.lowest, model.highest, found.score, _possible(model, found), " ".join(told))


def _range(language: str, model: MaturityModel, found: DimensionResult) -> Iterable[str]:
    possible = _possible(model, found)
    if possible is not None:
        lowest, highest = (format_score(value, language) for value in possible)
        yield say(language, "report.range", lowest=lowest, highest=highest)


def _ladder(language: str, model: MaturityModel, found: DimensionResult) -> Ladder:
    return Ladder(level_meanings(language, model), found.staged, found.target)


def _level_text(language: str, model: MaturityModel, found: DimensionResult) -> Iterable[str]:
    if found.staged is None:
        return
    told = [say(language, "report.level", **_named(language, model.level_name(found.staged)))]
    if found.score is not None and found.score >= found.staged + 1:
        told.append(say(language, "report.stricter_stages" if model.stages else "report.stricter"))
    if found.target == found.staged:
        told.append(say(language, "report.target_reached"))
    yield " ".join(told)
    if found.target is not None and found.target != found.staged:
        yield say(language, "report.target_level", **_named(language, model.level_name(found.target)))


def _named(language: str, level: StagedName) -> dict[str, object]:
    return {"value": level.value, "name": level.name[language], "meaning": level.meaning[language]}


_OPEN = {
    "dont_know": "report.not_known",
    "skipped": "report.skipped",
    "not_applicable": "report.not_applicable",
    "unanswered": "report.unanswered",
}


def _uncertainty(
    language: str, running: Running, found: DimensionResult, dimension: Dimension
) -> Iterable[str]:
    """What is not known of this dimension and why; nothing where every question has an answer."""
    model, asked = running.model, running.item_ids
    titles: dict[str, list[str]] = {}
    unknown = points = 0
    for item in dimension.items:
        item_id = f"{dimension.id}.{item.id}"
        if item.scored and item_id in asked:
            stored = running.stored.get(item_id)
            kind: str = "unanswered" if stored is None else stored.answer.kind
            if kind in _OPEN:
                titles.setdefault(kind, []).append(item.title[language])
            elif stored is not None and item.kind == "checklist":
                unknown += list(stored.answer.given.values()).count("dont_know")
                points += len(item.practices)
    if found.status != "not_applicable" and found.coverage < 1:
        yield say(language, "report.coverage", percent=round(100 * found.coverage))
    for kind, key in _OPEN.items():
        if kind in titles:
            yield say(language, key, items=kind_words.joined(language, titles[kind]))
    if unknown:
        yield say(language, "report.practices_unknown", count=unknown, total=points)
    left = [
        item.title[language]
        for item in dimension.items
        if item.scored and f"{dimension.id}.{item.id}" not in asked
    ]
    if left:
        yield say(language, "report.not_asked", items=kind_words.joined(language, left))
    yield from _range(language, model, found)


def answer_of(language: str, running: Running, dimension: Dimension, item: Item) -> Answer:
    """The answer that holds, in words; that there is none, where there is none."""
    stored = running.stored.get(f"{dimension.id}.{item.id}")
    title, question = item.title[language], item.question[language]
    if stored is None:
        return Answer(title, question, say(language, "report.no_answer"), None, None, given=False)
    view = answer_view(language, running.model, item, stored)
    return Answer(
        title=title,
        question=question,
        label=capital(view.label),
        text=view.text,
        words=view.words,
        given=stored.answer.kind in ("level", "given"),
        proposal=view.proposal,
    )


_STATES = (
    ("in_place", ("in_place",)),
    ("planned", ("planned",)),
    ("not_yet", ("not_yet", "not_in_place")),
    ("dont_know", ("dont_know",)),
    ("not_fitting", ("not_fitting",)),
)


def _element(language: str, running: Running, element: ElementResult) -> Element:
    model = running.model
    dimension, item = model.item(element.item_id)
    answer = answer_of(language, running, dimension, item)
    stored = running.stored.get(element.item_id)
    groups = []
    for state, states in _STATES if stored is not None and stored.answer.kind == "given" else ():
        found = kind_words.in_state(item, stored.answer, *states) if stored is not None else []
        if found:
            by_stage = tuple(
                (
                    model.level_name(stage).name[language],
                    kind_words.labels(language, [one for one in found if one.stage == stage]),
                )
                for stage in sorted({one.stage for one in found})
            )
            groups.append(
                PracticeGroup(state, capital(kind_words.state_name(language, state)), len(found), by_stage)
            )
    remark = None
    if not answer.given:
        remark = answer.label
    elif not element.applicable:
        remark = capital(say(language, "result.cell_not_applicable"))
    elif element.score is None:
        remark = capital(say(language, "result.cell_too_little"))
    return Element(
        title=answer.title,
        question=answer.question,
        score=None if element.score is None else format_score(element.score, language),
        stage=None if element.stage is None else wording.stage_name(language, model, element.stage),
        in_place=say(language, "result.in_place", in_place=element.in_place, applicable=element.applicable)
        if element.applicable and answer.given
        else None,
        remark=remark,
        groups=tuple(groups),
        words=answer.words,
    )


def _no_steps(language: str, found: DimensionResult, result: Result) -> str:
    if found.status == "not_applicable":
        return say(language, "report.no_steps_not_applicable")
    if found.score is None:
        return say(language, "report.no_steps_unknown")
    if not result.indication and found.staged == found.target:
        return say(language, "report.no_steps_reached")
    return say(language, "report.no_steps")
