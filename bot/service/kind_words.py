"""How each kind of item is asked, and how its answers are named and said back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.assessment.advice import Chosen, Insight, Positioned, Recognised
from bot.assessment.answers import Answer, AnswerKind, PracticeState
from bot.assessment.definitions import Item, Option, Practice, Signal
from bot.assessment.kinds import LEFT_OPEN, POSITIONS, REST
from bot.service.kinds import choices, part_to_ask
from bot.texts import say

_NAMES: dict[AnswerKind, str] = {
    "dont_know": "name.dont_know",
    "not_applicable": "name.not_applicable",
    "skipped": "name.skipped",
}
_NOTED: dict[AnswerKind, str] = {
    "dont_know": "answered.dont_know",
    "not_applicable": "answered.not_applicable",
    "skipped": "answered.skipped",
}
_STATES: dict[PracticeState, str] = {
    "in_place": "checklist.in_place",
    "planned": "checklist.planned",
    "not_yet": "checklist.not_yet",
    "not_in_place": "checklist.not_yet",
    "not_fitting": "checklist.not_fitting",
    "dont_know": "checklist.dont_know",
}
_SECOND = {"today_second": "positioning.ask_second", "intended_second": "positioning.ask_second_later"}
_POSITION_NAMES = {
    "today_first": "positioning.today_first",
    "today_second": "positioning.today_second",
    "intended_first": "positioning.intended_first",
    "intended_second": "positioning.intended_second",
    "competitor": "positioning.competitor",
}


def joined(language: str, titles: Iterable[str]) -> str:
    """'A', 'A en B', 'A, B en C'."""
    listed = list(titles)
    if len(listed) < 2:
        return "".join(listed)
    return say(language, "result.and", first=", ".join(listed[:-1]), last=listed[-1])


def labels(language: str, parts: Iterable[Practice | Option | Signal]) -> str:
    """The labels of these parts in one line."""
    return joined(language, (part.label[language] for part in parts))


def state_name(language: str, state: str) -> str:
    """What holds of a practice: 'gepland'."""
    return say(language, _STATES[state])  # type: ignore[index]


def answer_name(language: str, item: Item, answer: Answer) -> str:
    """The answer as it is named to people: '3 · Eén doel', 'weet ik niet', '2 van de 5: A en B'."""
    if answer.value is not None:
        return say(language, "name.level", value=answer.value, label=item.level(answer.value).label[language])
    if answer.kind != "given":
        return say(language, _NAMES[answer.kind])
    if item.kind == "checklist":
        there = in_state(item, answer, "in_place")
        if not there:
            return say(language, "checklist.name_none", total=len(item.practices))
        return say(
            language,
            "checklist.name",
            count=len(there),
            total=len(item.practices),
            labels=labels(language, there),
        )
    if item.kind == "signals":
        found = [signal for signal in item.signals if signal.id in answer.given]
        return labels(language, found) if found else say(language, "signals.none_name")
    if item.kind == "choice":
        return item.part(answer.given["option"]).label[language]
    return positions(language, item, answer) or say(language, "name.skipped")


def in_state(item: Item, answer: Answer, *states: str) -> list[Practice]:
    """The practices of which one of these holds, in order."""
    return [practice for practice in item.practices if answer.given.get(practice.id) in states]


def positions(language: str, item: Item, answer: Answer) -> str:
    """Where a company stands, in one line: 'nu voorop: Prijs; nu daarna: Service'."""
    told = []
    for key in POSITIONS:
        aspect = answer.given.get(key, LEFT_OPEN)
        if aspect != LEFT_OPEN:
            label = item.part(aspect).label[language]
            told.append(
                say(language, "positioning.part", which=say(language, _POSITION_NAMES[key]), label=label)
            )
    return "; ".join(told)


def noted(language: str, item: Item, answer: Answer, before: Answer | None = None) -> str:
    """One sentence that says which answer was noted; `before`: what was known when this part was asked."""
    if answer.value is not None:
        label = item.level(answer.value).label[language]
        return say(language, "answered.level", value=answer.value, label=label)
    if answer.kind != "given":
        return say(language, _NOTED[answer.kind])
    if item.kind == "checklist":
        return _noted_practices(language, item, answer, before)
    if item.kind == "positioning":
        known = {} if before is None else before.given
        new = {key: value for key, value in answer.given.items() if known.get(key) != value}
        said = positions(language, item, Answer(answer.item_id, "given", detail=tuple(sorted(new.items()))))
        return say(language, "answered.given", answer=said) if said else say(language, "answered.left_open")
    return say(language, "answered.given", answer=answer_name(language, item, answer))


def _noted_practices(language: str, item: Item, answer: Answer, before: Answer | None) -> str:
    if before is None or in_state(item, before, "in_place") != in_state(item, answer, "in_place"):
        there = in_state(item, answer, "in_place")
        first = (
            say(language, "checklist.noted", labels=labels(language, there))
            if there
            else say(language, "checklist.noted_none")
        )
        others = _states_said(language, item, answer, ("planned", "not_fitting", "dont_know"))
        return " ".join([first, *others])
    told = _states_said(language, item, answer, ("planned", "not_fitting", "dont_know"))
    return " ".join(told) if told else say(language, "checklist.noted_not_yet")


def _states_said(language: str, item: Item, answer: Answer, states: Iterable[str]) -> list[str]:
    told = []
    for state in states:
        found = in_state(item, answer, state)
        if found:
            told.append(
                say(
                    language,
                    "checklist.noted_state",
                    state=state_name(language, state),
                    labels=labels(language, found),
                )
            )
    return told


def body(language: str, item: Item, held: Answer | None) -> tuple[str, str]:
    """The open part of an item in words, and the lines of what can be answered; `held`: the answer so far."""
    if item.kind == "rubric":
        return item.question[language], level_lines(language, item)
    part = part_to_ask(item, held)
    numbers = choices(item, held)
    # What each entry means was said when it was put for the first time.
    again = part == REST or part in POSITIONS[1:]
    line = part_title if again else part_line
    lines = "\n".join(line(language, item, number) for number in numbers)
    if item.kind == "checklist" and part == REST:
        some = numbers[0]
        one = len(numbers) == 1
        ask = say(language, "checklist.ask_rest_one") if one else say(language, "checklist.ask_rest")
        return ask, f"{lines}\n\n{say(language, 'checklist.how_rest', number=some)}"
    if item.kind == "choice":
        return item.question[language], lines
    if item.kind == "positioning":
        return _positioning_question(language, item, part, held), lines
    how = say(language, "checklist.how_one") if len(numbers) == 1 else say(language, "checklist.how")
    if item.kind == "signals":
        how = say(language, "signals.how")
    return item.question[language], f"{lines}\n\n{how}"


def _positioning_question(language: str, item: Item, part: str, held: Answer | None) -> str:
    texts = item.positioning
    assert texts is not None
    if part in _SECOND:
        first = (held.given if held is not None else {})[part.replace("second", "first")]
        return say(language, _SECOND[part], first=item.part(first).label[language])
    if part == "competitor":
        return texts.competitor[language]
    if part == "intended_first":
        return f"{texts.intended[language]} {say(language, 'positioning.ask_first_later')}"
    return f"{item.question[language]} {say(language, 'positioning.ask_first')}"


def part_line(language: str, item: Item, number: int) -> str:
    """One numbered part with its wording, and its examples where it has some."""
    part = item.parts[number - 1]
    text = part.text[language]
    brands = getattr(part, "brands", ())
    if brands:
        text = f"{text} {say(language, 'choice.brands', brands=', '.join(brands))}"
    return say(language, "question.level", value=number, label=part.label[language], text=text)


def level_lines(language: str, item: Item) -> str:
    """The wording of every level of a rubric, a line each."""
    return "\n".join(
        say(
            language,
            "question.level",
            value=level.value,
            label=level.label[language],
            text=level.text[language],
        )
        for level in item.levels
    )


def part_title(language: str, item: Item, number: int) -> str:
    """What stands on the button of a numbered part: '3 · label'."""
    return say(language, "question.button", value=number, label=item.parts[number - 1].label[language])


def marks(language: str) -> Mapping[str, str]:
    """What can be marked of a practice that is not in place: character -> its title."""
    return {
        "p": say(language, "checklist.planned"),
        "f": say(language, "checklist.not_fitting"),
        "d": say(language, "checklist.dont_know"),
    }


def marked(language: str, text: str) -> str:
    """What was marked in a form, as one would have typed it: '1, 3'; '2 gepland, 4 past niet'."""
    titles = marks(language)
    told = [
        f"{number} {titles[mark]}" if mark in titles else str(number)
        for number, mark in enumerate(text, 1)
        if mark != "-"
    ]
    return ", ".join(told) or say(language, "checklist.none")


def answer_text(language: str, item: Item, answer: Answer) -> str | None:
    """The answer in full, where its name leaves something out; None where it does not."""
    if answer.value is not None:
        return item.level(answer.value).text[language]
    if answer.kind != "given":
        return None
    if item.kind == "choice":
        return item.part(answer.given["option"]).text[language]
    if item.kind == "checklist":
        return " ".join(_states_said(language, item, answer, ("planned", "not_fitting", "dont_know"))) or None
    return None


def insight_title(language: str, insight: Insight) -> str:
    """What an insight is about."""
    return insight.item.title[language]


def insight_text(language: str, insight: Insight) -> str:
    """What was said, and what follows from it: in a paragraph."""
    if isinstance(insight, Recognised):
        return _recognised(language, insight)
    if isinstance(insight, Chosen):
        option = insight.option
        return " ".join(
            (
                say(language, "choice.found", label=option.label[language], text=option.text[language]),
                say(language, "choice.asks", consequence=option.consequence[language]),
            )
        )
    return _positioned(language, insight)


def _recognised(language: str, insight: Recognised) -> str:
    total = len(insight.item.signals)
    if not insight.signals:
        return say(language, "signals.found_none", total=total)
    first = insight.signals[0]
    return " ".join(
        (
            say(
                language,
                "signals.found",
                count=len(insight.signals),
                total=total,
                labels=labels(language, insight.signals),
            ),
            say(
                language,
                "signals.first",
                label=first.label[language],
                step=first.action.step[language],
                measure=first.action.measure[language],
            ),
        )
    )


def _positioned(language: str, insight: Positioned) -> str:
    places = (
        insight.today_first,
        insight.today_second,
        insight.intended_first,
        insight.intended_second,
        insight.competitor,
    )
    said = "; ".join(
        say(
            language,
            "positioning.part",
            which=say(language, _POSITION_NAMES[key]),
            label=option.label[language],
        )
        for key, option in zip(POSITIONS, places, strict=True)
        if option is not None
    )
    told = [f"{said[:1].upper()}{said[1:]}."]
    if insight.changes and insight.today_first is not None and insight.intended_first is not None:
        told.append(
            say(
                language,
                "positioning.changes",
                old=insight.today_first.label[language],
                new=insight.intended_first.label[language],
            )
        )
    wanted = insight.intended_first or insight.today_first
    if wanted is not None:
        told.append(
            say(
                language,
                "positioning.asks",
                label=wanted.label[language],
                consequence=wanted.consequence[language],
            )
        )
    if insight.contested:
        told.append(say(language, "positioning.contested"))
    return " ".join(told)
