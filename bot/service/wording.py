"""From what has to be said to messages in the person's language: questions, answers, results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.assessment.advice import Recommendation
from bot.assessment.answers import Answer, AnswerKind
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.records import Button
from bot.assessment.scoring import DimensionResult, Result, format_score
from bot.assessment.session import position
from bot.texts import say


def paragraphs(*parts: str | None) -> str:
    """The parts with a blank line between them; empty ones are left out."""
    return "\n\n".join(part for part in parts if part)


def answer_name(language: str, item: Item, answer: Answer) -> str:
    """The answer as it is named to people: '3 · Eén gezamenlijk doel', 'weet ik niet'."""
    return _by_kind(language, item, answer, _NAMES)


def noted(language: str, item: Item, answer: Answer) -> str:
    """One sentence that says which answer was noted."""
    return _by_kind(language, item, answer, _NOTED)


_NAMES: dict[AnswerKind, str] = {
    "level": "name.level",
    "dont_know": "name.dont_know",
    "not_applicable": "name.not_applicable",
    "skipped": "name.skipped",
}
_NOTED: dict[AnswerKind, str] = {
    "level": "answered.level",
    "dont_know": "answered.dont_know",
    "not_applicable": "answered.not_applicable",
    "skipped": "answered.skipped",
}


def _by_kind(language: str, item: Item, answer: Answer, keys: Mapping[AnswerKind, str]) -> str:
    if answer.value is None:
        return say(language, keys[answer.kind])
    label = item.level(answer.value).label[language]
    return say(language, keys["level"], value=answer.value, label=label)


def question(language: str, model: MaturityModel, item_id: str) -> str:
    """The question with its place and the wording of every level."""
    dimension, item = model.item(item_id)
    number, total = position(model, item_id)
    header = say(language, "question.header", number=number, total=total, dimension=dimension.title[language])
    levels = "\n".join(
        say(
            language,
            "question.level",
            value=level.value,
            label=level.label[language],
            text=level.text[language],
        )
        for level in item.levels
    )
    return paragraphs(header, item.question[language], levels)


def level_title(language: str, item: Item, value: int) -> str:
    """What stands on the button of a level: '3 · label', at most 24 characters."""
    return say(language, "question.button", value=value, label=item.level(value).label[language])


def explanation(language: str, item: Item) -> str:
    """What the question means, why it is asked, and an example."""
    return say(
        language,
        "side.explain",
        explanation=item.explanation[language],
        why=item.why[language],
        example=item.example[language],
    )


def model_choice(language: str, models: Sequence[MaturityModel]) -> str:
    """The maturity models to choose from, a line each."""
    lines = "\n".join(
        say(
            language,
            "choose.line",
            number=number,
            name=model.name[language],
            summary=model.summary[language],
            minutes=model.minutes,
        )
        for number, model in enumerate(models, start=1)
    )
    return paragraphs(say(language, "choose.question"), lines)


def consent(language: str) -> str:
    """What is kept, and whether that is all right."""
    return paragraphs(say(language, "consent.what"), say(language, "consent.question"))


def greeting(language: str, models: Sequence[MaturityModel]) -> str:
    """Who speaks, how long it takes, what comes out, and what is kept: the first message."""
    if not models:
        return say(language, "greeting.no_models")
    if len(models) == 1:
        model = models[0]
        hello = say(
            language,
            "greeting.one",
            minutes=model.minutes,
            name=model.name[language],
            count=len(model.item_ids()),
        )
    else:
        hello = say(language, "greeting.several")
    return paragraphs(hello, consent(language))


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
        level=model.levels[found.staged - 1].name[language],
        target=found.target,
    )


def result_facts(language: str, model: MaturityModel, result: Result) -> str:
    """The radar in words: a line per dimension, and the average."""
    lines = [dimension_line(language, model, found) for found in result.dimensions]
    if result.overall is None:
        overall = say(language, "result.no_overall")
    else:
        overall = say(
            language,
            "result.overall",
            score=format_score(result.overall, language),
            highest=model.highest,
        )
    return paragraphs("\n".join(lines), overall)


def what_stands_out(language: str, model: MaturityModel, result: Result) -> str:
    """Strongest, weakest, balance, implausible pairs, and what open questions leave undecided."""
    sentences: list[str] = []
    balance = result.balance
    if balance is not None:
        top, bottom = result.dimension(balance.highest_id), result.dimension(balance.lowest_id)
        top_title = model.dimension(balance.highest_id).title[language]
        bottom_title = model.dimension(balance.lowest_id).title[language]
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
    sentences.extend(
        say(language, "result.implausible", text=pair.text[language]) for pair in result.implausible
    )
    for found in result.dimensions:
        if found.lowest is not None and found.highest is not None and found.lowest != found.highest:
            sentences.append(
                say(
                    language,
                    "result.range",
                    dimension=model.dimension(found.dimension_id).title[language],
                    lowest=format_score(found.lowest, language),
                    highest=format_score(found.highest, language),
                )
            )
    return " ".join(sentences)


def steps(language: str, model: MaturityModel, chosen: Sequence[Recommendation], result: Result) -> str:
    """The first steps, each with how to begin and how to see that it worked, and one case beside them."""
    if not chosen:
        unknown = all(found.score is None for found in result.dimensions)
        return say(language, "result.no_steps_unknown") if unknown else say(language, "result.no_steps")
    blocks = [say(language, "result.steps")]
    for number, step in enumerate(chosen, start=1):
        dimension, item = model.item(step.item_id)
        blocks.append(
            say(
                language,
                "result.step",
                number=number,
                dimension=dimension.title[language],
                item=item.title[language],
                old=level_title(language, item, step.current),
                new=level_title(language, item, step.to),
                step=step.transition.step[language],
                measure=step.transition.measure[language],
            )
        )
    case = model.dimension(chosen[0].dimension_id).case
    if case is not None:
        blocks.append(say(language, "result.case", name=case.name, text=case.text[language]))
    return paragraphs(*blocks)


def my_data(language: str, rounds: Sequence[tuple[MaturityModel, Mapping[str, Answer]]]) -> str:
    """Everything that is kept of a person, in words; `rounds`: each run's answers that hold, oldest first."""
    blocks = []
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
    if not blocks:
        return paragraphs(say(language, "my_data.none"), say(language, "my_data.hint"))
    return paragraphs(say(language, "my_data.intro"), *blocks, say(language, "my_data.hint"))


def question_buttons(
    language: str, model: MaturityModel, item_id: str, token: Mapping[str, str]
) -> tuple[Button, ...]:
    """The buttons below a question: a level each, then the quiet ones. `token`: what it does -> token."""
    item = model.item(item_id)[1]
    levels = [
        Button(level_title(language, item, level.value), token[str(level.value)], "level")
        for level in item.levels
    ]
    quiet = [
        Button(say(language, "question.dont_know"), token["dont_know"], "quiet"),
        Button(say(language, "question.not_applicable"), token["not_applicable"], "quiet"),
        Button(say(language, "question.skip"), token["skipped"], "quiet"),
        Button(say(language, "question.explain"), token["explain"], "quiet"),
    ]
    if "back" in token:
        quiet.append(Button(say(language, "question.back"), token["back"], "quiet"))
    return (*levels, *quiet)
