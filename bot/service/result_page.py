"""From an assessment to its result page, in either language; computed anew from the answers each time."""

from __future__ import annotations

from collections.abc import Sequence

from bot.assessment.advice import Recommendation, insights
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.records import Link, StoredAnswer
from bot.assessment.scoring import DimensionResult, Result, format_score
from bot.service import kind_words, wording, words_told
from bot.service.earlier import next_time
from bot.service.ports import RadarSpec
from bot.service.result_view import (
    AnswerGroup,
    AnswerView,
    DimensionRow,
    InsightView,
    ResultView,
    SharedView,
    SignedView,
    StepView,
)
from bot.service.signed import introduction, made_by, signed_by, told
from bot.service.turn import Running
from bot.texts import say
from bot.understanding.exact import normalise, read_level
from bot.understanding.requests import read_change, read_levels, says_same


def view(
    running: Running, language: str, *, own: bool, radar: RadarSpec, shares: Sequence[Link]
) -> ResultView:
    """The page of a result; `own`: the respondent's, with answers and words, else the view for colleagues.

    `shares`: the views for colleagues that are open.
    """
    model, answers = running.model, running.answers
    result = running.result
    elements = (
        wording.element_table(language, model, result, paragraph=0) if own and result.elements else None
    )
    about = wording.line_name(language, running.assessment)
    overall = wording.overall(language, model, result)
    facts = " ".join([*wording.result_lines(language, model, result), overall])
    chosen, signed = running.first_steps, running.signed
    return ResultView(
        own=own,
        language=language,
        languages=model.languages,
        model=model.name[language],
        about=about,
        completed_at=running.assessment.completed_at or running.assessment.started_at,
        overall=overall,
        indication=wording.not_asked(language, model, running.item_ids) if result.indication else None,
        columns=wording.result_columns(language)[: 2 if result.indication else 4],
        rows=tuple(_row(language, model, found) for found in result.dimensions),
        picture=radar(wording.radar_facts(language, model, result, about)),
        alt=wording.radar_alt(language, model, facts, about),
        stands_out=tuple(wording.what_stands_out(language, model, result)),
        # The ranges would tell a colleague which single answers are open, and what the others are.
        open_questions=tuple(wording.open_questions(language, model, result)) if own else (),
        element_columns=() if elements is None else elements.columns,
        elements=() if elements is None else elements.rows,
        insights=tuple(
            InsightView(kind_words.insight_title(language, one), kind_words.insight_text(language, one))
            for one in (insights(model, answers) if own else ())
        ),
        steps=_signed_steps(language, running, own=own)
        if signed is not None
        else _steps(language, model, chosen, result, own=own),
        no_steps=None if chosen or signed is not None else wording.no_steps(language, result),
        next_time=next_time(language, running),
        answers=_answers(language, running) if own else (),
        shares=tuple(SharedView(link.id, link.created_at) for link in shares) if own else (),
        stages=model.stages,
        cautions=(model.caution[language], *wording.levels_explained(language, model).split("\n\n")),
        signed=None
        if signed is None
        else SignedView(
            title=say(language, "signed.title"),
            made=made_by(language, signed),
            by=signed_by(language, signed),
            introduction=introduction(language, signed),
        ),
    )


def _row(language: str, model: MaturityModel, found: DimensionResult) -> DimensionRow:
    title = model.dimension(found.dimension_id).title[language]
    if found.score is None:
        why = "result.cell_not_applicable" if found.status == "not_applicable" else "result.cell_too_little"
        return DimensionRow(title, None, None, None, say(language, why), None)
    return DimensionRow(
        title=title,
        score=format_score(found.score, language),
        level=wording.staged_name(language, model, found),
        target=None if found.target is None else str(found.target),
        remark=None,
        fraction=found.score / model.highest,
    )


def _steps(
    language: str,
    model: MaturityModel,
    chosen: Sequence[Recommendation],
    result: Result,
    *,
    own: bool,
) -> tuple[StepView, ...]:
    views = []
    told: set[str] = set()
    for number, step in enumerate(chosen, start=1):
        dimension, item = model.item(step.item_id)
        case = None if dimension.id in told else dimension.case
        told.add(dimension.id)
        views.append(
            StepView(
                number=number,
                title=f"{dimension.title[language]}: {wording.step_subject(language, item, step)}",
                move=wording.step_move(language, model, item, step) if own else None,
                why=wording.why_step(language, model, step, result),
                step=step.action.step[language],
                measure=step.action.measure[language],
                case_name=None if case is None else case.name,
                case_text=None if case is None else case.text[language],
            )
        )
    return tuple(views)


_HORIZONS = {"now": "report.now", "next": "report.next", "later": "report.later"}


def _signed_steps(language: str, running: Running, *, own: bool) -> tuple[StepView, ...]:
    """Every step of the signed advice; the first of a horizon says which that is."""
    views: list[StepView] = []
    begun: set[str] = set()
    for step in told(language, running):
        views.append(
            StepView(
                number=step.number,
                title=step.heading,
                move=(step.move or None) if own else None,
                why=step.why,
                step=step.begin,
                measure=step.measure,
                case_name=None,
                case_text=None,
                when=None if step.horizon in begun else say(language, _HORIZONS[step.horizon]),
            )
        )
        begun.add(step.horizon)
    return tuple(views)


def _answers(language: str, running: Running) -> tuple[AnswerGroup, ...]:
    groups = []
    for dimension in running.model.dimensions:
        answers = []
        for item in dimension.items:
            stored = running.stored.get(f"{dimension.id}.{item.id}")
            if stored is not None:
                answers.append(answer_view(language, running.model, item, stored))
        if answers:
            groups.append(AnswerGroup(dimension.title[language], tuple(answers)))
    return tuple(groups)


def answer_view(language: str, model: MaturityModel, item: Item, stored: StoredAnswer) -> AnswerView:
    """The answer in words, and what was typed where that says more."""
    value = stored.answer.value
    words, proposal = stored.words, words_told.proposal(language, item, stored)
    # A digit, a label, 'skip' or 'change question 2 to 3' says no more than the answer itself.
    if proposal is not None:
        words = words_told.told_words(stored)
    elif words is not None and (
        value is None  # what was chosen from a list stands in its label
        or read_level(words, model, item, language) == value
        or read_change(words, model, model.item_ids(), language).plain
        or (value in read_levels(words, item, language) and len(words.split()) <= 14)
        or says_same(words, language)
        or not normalise(words)
    ):
        words = None
    return AnswerView(
        question=item.question[language],
        label=kind_words.answer_name(language, item, stored.answer),
        text=kind_words.answer_text(language, item, stored.answer),
        words=words,
        proposal=proposal,
    )
