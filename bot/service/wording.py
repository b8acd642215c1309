"""From what has to be said to messages in the person's language: questions, answers, results."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.assessment.advice import Recommendation
from bot.assessment.answers import Answer
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.records import Assessment, Table
from bot.assessment.scoring import DimensionResult, ElementResult, Result, format_score
from bot.assessment.segments import SEGMENTS, SKIPPED
from bot.assessment.session import position
from bot.service.kind_words import answer_name, body, joined
from bot.service.ports import RadarFacts
from bot.texts import say


def paragraphs(*parts: str | None) -> str:
    """The parts with a blank line between them; empty ones are left out."""
    return "\n\n".join(part for part in parts if part)


def question(
    language: str,
    model: MaturityModel,
    item_id: str,
    *,
    held: Answer | None = None,
    asked: Collection[str] | None = None,
    about: str | None = None,
    briefly: bool = False,
) -> str:
    """The open part of a question with its place and the wording of what can be answered.

    `held`: its answer so far. `asked`: the items of this depth. `about`: which customers it is about.
    `briefly`: of levels only what they are called, since what they say stands a little further up.
    """
    dimension, item = model.item(item_id)
    number, total = position(model, item_id, asked)
    header = say(language, "question.header", number=number, total=total, dimension=dimension.title[language])
    if about is not None:
        header = f"{header} · {about}"
    if briefly and item.kind == "rubric":
        titles = [
            say(language, "name.level", value=one.value, label=one.label[language]) for one in item.levels
        ]
        return paragraphs(header, item.question[language], "\n".join(titles))
    return paragraphs(header, *body(language, item, held))


def level_title(language: str, item: Item, value: int) -> str:
    """What stands on the button of a level: '3 · label', at most 24 characters."""
    return say(language, "question.button", value=value, label=item.level(value).label[language])


def level_line(language: str, item: Item, value: int) -> str:
    """A level with its label and what it says in full: '3 · Eén doel: We hebben ...'."""
    level = item.level(value)
    return say(
        language, "question.level", value=value, label=level.label[language], text=level.text[language]
    )


def explanation(language: str, item: Item) -> str:
    """What the question means, why it is asked, and an example."""
    return say(
        language,
        "side.explain",
        explanation=item.explanation[language],
        why=item.why[language],
        example=item.example[language],
    )


def difference(language: str, item: Item, low: int, high: int) -> str:
    """Two levels side by side, each with what somebody there says."""
    sides = [
        say(
            language,
            "difference.side",
            title=level_title(language, item, value),
            text=item.level(value).text[language],
            quote=_quote(item.level(value).answers.get(language, ())),
        )
        for value in (low, high)
    ]
    return paragraphs(say(language, "difference.head", low=low, high=high), *sides)


def _quote(answers: Sequence[str]) -> str:
    """An example of a telling length: one word says too little, a story too much."""
    telling = [answer for answer in answers if 35 <= len(answer) <= 120]
    return (telling or list(answers) or ["…"])[0]


_SEGMENT_TITLES = {
    "role_layer": "segment.role_layer",
    "department": "segment.department",
    "business_line": "segment.business_line",
    "first_line": "segment.first_line",
}
_SEGMENT_QUESTIONS = {
    "role_layer": "segment.ask_role_layer",
    "department": "segment.ask_department",
    "business_line": "segment.ask_business_line",
    "first_line": "segment.ask_first_line",
}
_OPTIONS = {
    "board": "segment.board",
    "management": "segment.management",
    "specialist": "segment.specialist",
    "front_line": "segment.front_line",
    "marketing": "segment.marketing",
    "sales": "segment.sales",
    "service": "segment.service",
    "ecommerce": "segment.ecommerce",
    "it": "segment.it",
    "data": "segment.data",
    "other": "segment.other",
    "b2c": "segment.b2c",
    "b2b": "segment.b2b",
    "both": "segment.both",
    "together": "segment.together",
    SKIPPED: "name.skipped",
}


def segment_title(language: str, segment: str) -> str:
    """How a segment is called: 'je rol'."""
    return say(language, _SEGMENT_TITLES[segment])


def option_name(language: str, option: str) -> str:
    """How an option of a segment is called; 'overgeslagen' for one that was left open."""
    return say(language, _OPTIONS[option])


def segment_options(language: str, segment: str) -> dict[str, str]:
    """Option -> its title, in the order in which they are offered."""
    return {option: say(language, _OPTIONS[option]) for option in SEGMENTS[segment]}


def segment_question(language: str, segment: str, number: int, total: int) -> str:
    """The question for a segment with its options in words; `number`: of so many at the start, from 1."""
    options = "\n".join(
        f"{place} · {title}" for place, title in enumerate(segment_options(language, segment).values(), 1)
    )
    header = say(language, "segment.header", number=number, total=total)
    if total == 1:
        header = say(language, "segment.header_one")
    return paragraphs(header, say(language, _SEGMENT_QUESTIONS[segment]), options)


def line_name(language: str, assessment: Assessment) -> str | None:
    """Which customers an assessment is about, where that was said and is one kind."""
    line = assessment.business_line
    return option_name(language, line) if line in ("b2c", "b2b") else None


def answers_to_change(
    language: str,
    model: MaturityModel,
    answers: Mapping[str, Answer],
    item_ids: Sequence[str],
    order: Sequence[str],
) -> str:
    """The answers so far, each under the number of its question, and the question which to look at again.

    `order`: the items that are asked, which gives them their numbers.
    """
    lines = "\n".join(
        say(
            language,
            "change.line",
            number=order.index(item_id) + 1,
            item=model.item(item_id)[1].title[language],
            answer=answer_name(language, model.item(item_id)[1], answers[item_id]),
        )
        for item_id in item_ids
    )
    return paragraphs(say(language, "change.which"), lines)


def model_choice(
    language: str,
    models: Sequence[MaturityModel],
    *,
    done: Collection[str] = (),
    more: bool = False,
    quick: bool = False,
) -> str:
    """The maturity models to choose from, a line each.

    `done`: the ids of those that have a result already. `more`: it is not the first choice. `quick`: it is
    certain that only the quick scan is done.
    """
    lines = "\n".join(
        say(
            language,
            "choose.line",
            number=number,
            name=model.name[language],
            summary=model.summary[language],
            minutes=(model.quick_minutes if quick else None) or model.minutes,
        )
        + (f" {say(language, 'choose.done')}" if model.id in done else "")
        for number, model in enumerate(models, start=1)
    )
    return paragraphs(say(language, "choose.next") if more else say(language, "choose.question"), lines)


def greeting(language: str, models: Sequence[MaturityModel], *, kept: str, quick: bool = False) -> str:
    """Who speaks, how long it takes, what comes out, and what is kept: the first message.

    `kept`: what is kept and who reads it. `quick`: it is certain that only the quick scan is done.
    """
    if not models:
        return say(language, "greeting.no_models")
    if len(models) == 1:
        model = models[0]
        minutes, items = model.minutes, model.item_ids()
        if quick and model.quick_minutes is not None:
            minutes, items = model.quick_minutes, model.quick_ids()
        hello = say(language, "greeting.one", minutes=minutes, name=model.name[language], count=len(items))
    else:
        hello = say(language, "greeting.several")
    return paragraphs(hello, kept, say(language, "consent.question"))


def dimension_line(language: str, model: MaturityModel, found: DimensionResult) -> str:
    """One dimension of the result in words: score, level with its name, target."""
    title = model.dimension(found.dimension_id).title[language]
    if found.status == "not_applicable":
        return say(language, "result.line_not_applicable", dimension=title)
    if found.score is None:
        return say(language, "result.line_too_little", dimension=title)
    score = format_score(found.score, language)
    if found.staged is None or found.target is None:
        return say(language, "result.line_no_target", dimension=title, score=score)
    return say(
        language,
        "result.line",
        dimension=title,
        score=score,
        staged=found.staged,
        level=model.level_name(found.staged).name[language],
        target=found.target,
    )


def result_lines(language: str, model: MaturityModel, result: Result) -> list[str]:
    """The radar in words, a line per dimension."""
    return [dimension_line(language, model, found) for found in result.dimensions]


def overall(language: str, model: MaturityModel, result: Result) -> str:
    """The average over all dimensions in a sentence, or that there is none."""
    if result.overall is None:
        return say(language, "result.no_overall")
    return say(
        language, "result.overall", score=format_score(result.overall, language), highest=model.highest
    )


def result_columns(language: str) -> tuple[str, str, str, str]:
    """The heads of the table: dimension, score, level, target."""
    return (
        say(language, "result.column_dimension"),
        say(language, "result.column_score"),
        say(language, "result.column_level"),
        say(language, "result.target"),
    )


def result_table(language: str, model: MaturityModel, result: Result, *, paragraph: int) -> Table:
    """The radar as a table, in place of the text's paragraph with that number."""
    rows = []
    for found in result.dimensions:
        title = model.dimension(found.dimension_id).title[language]
        if found.status == "not_applicable":
            rows.append((title, "–", say(language, "result.cell_not_applicable"), "–"))
        elif found.score is None:
            rows.append((title, "–", say(language, "result.cell_too_little"), "–"))
        else:
            rows.append(
                (
                    title,
                    format_score(found.score, language),
                    staged_name(language, model, found) or "–",
                    "–" if found.target is None else str(found.target),
                )
            )
    if result.indication:
        # Without a level there is no target either, so nothing stands in those columns.
        return Table(paragraph, result_columns(language)[:2], tuple(row[:2] for row in rows))
    return Table(paragraph, result_columns(language), tuple(rows))


def not_asked(language: str, model: MaturityModel, asked: Collection[str]) -> str:
    """What a quick scan is, and which items it leaves out."""
    left = [
        item.title[language]
        for dimension, item in model.walk()
        if item.scored and f"{dimension.id}.{item.id}" not in asked
    ]
    return say(language, "result.indication", items=joined(language, left))


def element_lines(language: str, model: MaturityModel, result: Result) -> list[str]:
    """Each element with its score, its stage, and how many of its practices are in place."""
    return [_element_line(language, model, element) for element in result.elements]


def _element_line(language: str, model: MaturityModel, element: ElementResult) -> str:
    title = model.item(element.item_id)[1].title[language]
    if not element.applicable:
        return say(language, "result.element_not_applicable", item=title)
    if element.score is None or element.stage is None:
        return say(language, "result.element_open", item=title)
    return say(
        language,
        "result.element",
        item=title,
        score=format_score(element.score, language),
        level=stage_name(language, model, element.stage),
        in_place=element.in_place,
        applicable=element.applicable,
    )


def element_table(language: str, model: MaturityModel, result: Result, *, paragraph: int) -> Table:
    """The elements as a table, in place of the text's paragraph with that number."""
    columns = (
        say(language, "result.column_element"),
        say(language, "result.column_score"),
        say(language, "result.column_level"),
        say(language, "result.column_in_place"),
    )
    return Table(paragraph, columns, element_rows(language, model, result))


def element_rows(language: str, model: MaturityModel, result: Result) -> tuple[tuple[str, ...], ...]:
    """A row per element: title, score, stage, how many are in place."""
    rows = []
    for element in result.elements:
        title = model.item(element.item_id)[1].title[language]
        if not element.applicable:
            rows.append((title, "–", say(language, "result.cell_not_applicable"), "–"))
        elif element.score is None or element.stage is None:
            rows.append((title, "–", say(language, "result.cell_too_little"), "–"))
        else:
            rows.append(
                (
                    title,
                    format_score(element.score, language),
                    stage_name(language, model, element.stage),
                    say(
                        language,
                        "result.in_place",
                        in_place=element.in_place,
                        applicable=element.applicable,
                    ),
                )
            )
    return tuple(rows)


def stage_name(language: str, model: MaturityModel, stage: int) -> str:
    """A level with the model's own name for it: '1 · Basis'."""
    return f"{stage} · {model.level_name(stage).name[language]}"


def staged_name(language: str, model: MaturityModel, found: DimensionResult) -> str | None:
    """The level of a dimension with the model's own name for it: '2 · Herhaalbaar'."""
    if found.staged is None:
        return None
    return stage_name(language, model, found.staged)


def radar_facts(language: str, model: MaturityModel, result: Result, about: str | None) -> RadarFacts:
    """What the radar shows; `about`: which customers it is about."""
    name = model.name[language]
    return RadarFacts(
        model=model,
        result=result,
        language=language,
        title=name if about is None else f"{name} · {about}",
        subtitle=say(language, "result.subtitle", lowest=model.lowest, highest=model.highest),
        today=say(language, "result.today"),
        target=say(language, "result.target"),
        scores={
            found.dimension_id: format_score(found.score, language)
            for found in result.dimensions
            if found.score is not None
        },
    )


def radar_alt(language: str, model: MaturityModel, facts: str, about: str | None) -> str:
    """The radar's description for who cannot see it; `about`: which customers it is about."""
    name = model.name[language]
    return say(
        language,
        "result.alt",
        name=name if about is None else f"{name} · {about}",
        facts=" ".join(facts.split()),
    )


def what_stands_out(language: str, model: MaturityModel, result: Result) -> list[str]:
    """Strongest, weakest, balance, implausible pairs: a sentence each."""
    sentences: list[str] = []
    balance = result.balance
    if balance is not None:
        top, bottom = result.dimension(balance.highest_id), result.dimension(balance.lowest_id)
        top_title = _sharing(language, model, result, top.score)
        bottom_title = _sharing(language, model, result, bottom.score)
        if balance.spread == 0:
            sentences.append(say(language, "result.even"))
        else:
            sentences.append(
                say(
                    language,
                    "result.strongest_weakest",
                    highest_dimension=top_title,
                    highest_score=format_score(top.score or 0.0, language),
                    lowest_dimension=bottom_title,
                    lowest_score=format_score(bottom.score or 0.0, language),
                )
            )
            spread = format_score(balance.spread, language)
            if balance.unbalanced:
                sentences.append(
                    say(language, "result.unbalanced", spread=spread, lowest_dimension=bottom_title)
                )
            else:
                sentences.append(say(language, "result.balanced", spread=spread))
    if any(
        found.target is not None and found.score is not None and found.target < found.score
        for found in result.dimensions
    ):
        sentences.append(say(language, "result.stricter"))
    sentences.extend(
        say(language, "result.implausible", text=pair.text[language]) for pair in result.implausible
    )
    return sentences


def _sharing(language: str, model: MaturityModel, result: Result, score: float | None) -> str:
    """The titles of the dimensions with this score: 'Data', or 'Data en Mensen' where they share it."""
    titles = [
        model.dimension(found.dimension_id).title[language]
        for found in result.dimensions
        if found.score == score
    ]
    return joined(language, titles)


def open_questions(language: str, model: MaturityModel, result: Result) -> list[str]:
    """What the open questions leave undecided, in one sentence; empty when nothing is open."""
    ranges = [
        say(
            language,
            "result.range",
            dimension=model.dimension(found.dimension_id).title[language],
            lowest=format_score(found.lowest, language),
            highest=format_score(found.highest, language),
        )
        for found in result.dimensions
        if found.lowest is not None and found.highest is not None
        # Where nothing at all is known, 'from the lowest to the highest' says nothing.
        if found.lowest != found.highest and (found.lowest, found.highest) != (model.lowest, model.highest)
    ]
    return [say(language, "result.ranges", ranges=", ".join(ranges))] if ranges else []


_BENEFIT = {1: "step.benefit_1", 2: "step.benefit_2", 3: "step.benefit_3"}
_INVESTMENT = {1: "step.investment_1", 2: "step.investment_2", 3: "step.investment_3"}


def why_step(language: str, model: MaturityModel, step: Recommendation, result: Result) -> str:
    """Why this step: where its dimension stands, and what it brings and takes."""
    title = model.dimension(step.dimension_id).title[language]
    found = result.dimension(step.dimension_id)
    score = format_score(found.score or 0.0, language)
    if step.reason == "implausible":
        high = next(pair.high for pair in result.implausible if pair.low == step.dimension_id)
        because = say(
            language,
            "step.implausible",
            dimension=title,
            score=score,
            high=model.dimension(high).title[language],
        )
    elif step.reason == "unbalanced":
        because = say(language, "step.unbalanced", dimension=title, score=score)
    elif found.target is None:
        because = say(language, "step.lowest", dimension=title, score=score)
    else:
        stands_at = score if found.staged is None else str(found.staged)
        because = say(language, "step.below", dimension=title, level=stands_at, target=found.target)
    brings = step_brings(language, step.action.benefit, step.action.investment)
    planned = say(language, "step.planned") if step.planned else None
    return " ".join(part for part in (because, planned, brings) if part)


def step_brings(language: str, benefit: int, investment: int) -> str:
    """What a step brings and takes, in words: 'Levert veel op, kost weinig.'"""
    return say(
        language,
        "step.brings",
        benefit=say(language, _BENEFIT[benefit]),
        investment=say(language, _INVESTMENT[investment]),
    )


def step_move(language: str, model: MaturityModel, item: Item, step: Recommendation) -> str:
    """From which level to which: 'van 2 · ... naar 3 · ...'; of an element its stage: 'nu fase 1 (Basis)'."""
    if step.practice is not None:
        name = model.level_name(step.current).name[language]
        return say(language, "step.stage", stage=step.current, name=name)
    return say(
        language,
        "step.move",
        old=level_title(language, item, step.current),
        new=level_title(language, item, step.to),
    )


def step_short(language: str, step: Recommendation) -> str:
    """From which level to which in figures: '2 → 3'; of a practice its stage: 'fase 1'."""
    if step.practice is not None:
        return say(language, "report.of_stage", stage=step.to)
    return f"{step.current} → {step.to}"


def step_subject(language: str, item: Item, step: Recommendation) -> str:
    """What the step is about: the item, and of a checklist the practice to put in place."""
    title = item.title[language]
    return title if step.practice is None else f"{title}, {step.practice.label[language].lower()}"


def levels_explained(language: str, model: MaturityModel) -> str:
    """How scores and levels come about, and what each level of the model means."""
    lines = [
        say(
            language,
            "result.meaning",
            value=one.value,
            name=one.name[language],
            meaning=one.meaning[language],
        )
        for one in model.levels
    ]
    method = say(language, "result.method_stages") if model.stages else say(language, "result.method")
    return paragraphs(method, "\n".join(lines))


def side_by_side(language: str, model: MaturityModel, first: Result, second: Result) -> str:
    """Two results dimension by dimension, in one line."""
    return "; ".join(
        say(
            language,
            "result.beside",
            dimension=model.dimension(one.dimension_id).title[language],
            first="–" if one.score is None else format_score(one.score, language),
            second="–" if other.score is None else format_score(other.score, language),
        )
        for one, other in zip(first.dimensions, second.dimensions, strict=True)
    )


def no_steps(language: str, result: Result) -> str:
    """Why there are no steps."""
    unknown = all(found.score is None for found in result.dimensions)
    return say(language, "result.no_steps_unknown") if unknown else say(language, "result.no_steps")


def steps(language: str, model: MaturityModel, chosen: Sequence[Recommendation], result: Result) -> str:
    """The first steps, each with why, how to begin, how to see that it worked, and the paper's case.

    A case belongs to a dimension, so it is told with the first step of that dimension.
    """
    if not chosen:
        return no_steps(language, result)
    blocks = [say(language, "result.one_step") if len(chosen) == 1 else say(language, "result.steps")]
    told: set[str] = set()
    for number, step in enumerate(chosen, start=1):
        dimension, item = model.item(step.item_id)
        lines = [
            say(
                language,
                "result.step",
                number=number,
                dimension=dimension.title[language],
                item=step_subject(language, item, step),
                move=step_move(language, model, item, step),
                why=why_step(language, model, step, result),
                step=step.action.step[language],
                measure=step.action.measure[language],
            )
        ]
        if dimension.case is not None and dimension.id not in told:
            told.add(dimension.id)
            case = dimension.case
            lines.append(say(language, "result.case", name=case.name, text=case.text[language]))
        blocks.append("\n".join(lines))
    return paragraphs(*blocks)


def my_data(
    language: str,
    segments: Mapping[str, str],
    rounds: Sequence[tuple[MaturityModel, Mapping[str, Answer]]],
    contacts: Sequence[str],
    more: Sequence[str] = (),
) -> str:
    """Everything that is kept of a person, in words; `rounds`: each run's answers that hold, oldest first.

    `contacts`: what they left to be reached by. `more`: what was agreed on and shared, a line each.
    """
    told = [
        say(
            language,
            "my_data.line",
            item=segment_title(language, segment),
            answer=option_name(language, segments[segment]),
        )
        for segment in SEGMENTS
        if segment in segments
    ]
    told += [say(language, "my_data.contact", contact=contact) for contact in contacts]
    blocks = ["\n".join(told)] if told else []
    for model, answers in rounds:
        lines = [
            say(
                language,
                "my_data.line",
                item=item.title[language],
                answer=answer_name(language, item, answers[f"{dimension.id}.{item.id}"]),
            )
            for dimension, item in model.walk()
            if f"{dimension.id}.{item.id}" in answers
        ]
        if lines:
            blocks.append("\n".join([say(language, "my_data.round", name=model.name[language]), *lines]))
    intro = say(language, "my_data.intro" if blocks else "my_data.none")
    return paragraphs(intro, *blocks, "\n".join(more), say(language, "my_data.hint"))
