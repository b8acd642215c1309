"""How long an assessment takes to read and to tap through: its words counted, part by part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from bot.assessment.advice import advise, first_steps, insights, steps_to_show
from bot.assessment.answers import Answer, given
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.kinds import POSITIONS
from bot.assessment.records import Depth
from bot.assessment.scoring import score
from bot.assessment.segments import SEGMENTS
from bot.service import kind_words, wording
from bot.texts import say

WORDS_A_MINUTE = 238
"""Silent reading of English non-fiction by adults: Brysbaert (2019), 'How many words do we read per minute?',
Journal of Memory and Language 109. The same holds for Dutch: Brysbaert, Sui, Duyck and Dirix (2021),
'Improving reading rate prediction with word length information: Evidence from Dutch'."""

SECONDS_A_TAP = 2
"""Our own assumption: to find a button that one has made up one's mind about, and to tap it."""

# Asked of everybody; the fourth, with which customers to begin, only of who has two kinds of them.
_SEGMENTS = tuple(segment for segment in SEGMENTS if segment != "first_line")
# The date that is proposed for measuring again has three words, whichever it is.
_DATE = {"nl": "22 mei 2027", "en": "22 May 2027"}
# Of ten warning signs, how many an ordinary company recognises.
_SIGNALS = 3
# Which customers it is about is said with the result.
_LINE = "b2c"


@dataclass(frozen=True)
class Part:
    """One part of an assessment: how many words are read in it and how many buttons are tapped."""

    name: str
    words: int
    taps: int

    @property
    def minutes(self) -> float:
        """Reading and tapping, in minutes. Without thinking: how long that takes nobody knows beforehand."""
        return self.words / WORDS_A_MINUTE + self.taps * SECONDS_A_TAP / 60


def count_words(text: str) -> int:
    """How many words a text has: what stands between blanks and holds a letter or a digit."""
    return sum(1 for piece in text.split() if re.search(r"\w", piece))


def reading_parts(model: MaturityModel, language: str, depth: Depth = "full") -> tuple[Part, ...]:
    """The parts of an assessment in the order in which they are read, for somebody who taps every answer.

    The answers are of an average company: a whole dimension at level 2 or at level 3. The one of those that
    has most to read counts. A button that stands below many messages is read once; a level's button says what
    the level's line says, and is not counted again. `depth`: of the quick scan, or of all questions.
    """
    asked = model.quick_ids() if depth == "quick" else model.item_ids()
    return max(
        (_parts(model, language, {one: answers[one] for one in asked}) for answers in _average(model)),
        key=lambda parts: sum(part.words for part in parts),
    )


def total(parts: Iterable[Part]) -> Part:
    """All parts together."""
    listed = list(parts)
    return Part("total", sum(part.words for part in listed), sum(part.taps for part in listed))


def _average(model: MaturityModel) -> Iterator[dict[str, Answer]]:
    """Everything at one level, and each dimension alone at the other. Of a checklist that is a stage."""
    levels = (min(2, model.highest), min(3, model.highest))
    if model.stages:
        levels = (1, min(2, model.highest))
    for most, other in (levels, levels[::-1]):
        for apart in (None, *(dimension.id for dimension in model.dimensions)):
            yield {
                f"{dimension.id}.{item.id}": _answer(
                    f"{dimension.id}.{item.id}", item, other if dimension.id == apart else most
                )
                for dimension, item in model.walk()
            }


def _answer(item_id: str, item: Item, level: int) -> Answer:
    """An ordinary answer: this level, all of this stage and none above it, a few signals, all positions."""
    if item.kind == "rubric":
        return Answer(item_id, "level", level)
    if item.kind == "checklist":
        return given(
            item_id,
            {one.id: "in_place" if one.stage <= level else "not_yet" for one in item.practices},
        )
    if item.kind == "choice":
        return given(item_id, {"option": item.options[0].id})
    if item.kind == "signals":
        return given(item_id, {one.id: "yes" for one in item.signals[:_SIGNALS]})
    first, second, third = (option.id for option in item.options[:3])
    return given(item_id, dict(zip(POSITIONS, (first, second, third, first, second), strict=True)))


def _steps(item: Item, answer: Answer) -> Iterator[Answer | None]:
    """What is known each time a part of an item is put."""
    yield None
    detail = answer.given
    if item.kind == "checklist" and "not_yet" in detail.values():
        yield given(
            answer.item_id,
            {key: "in_place" if state == "in_place" else "not_in_place" for key, state in detail.items()},
        )
    elif item.kind == "positioning":
        for known in range(1, len(POSITIONS)):
            yield given(answer.item_id, {key: detail[key] for key in POSITIONS[:known]})


def _taps(item: Item, answer: Answer) -> int:
    """A tap for each mark and for each message that is sent."""
    marks = 0
    if item.kind == "checklist":
        marks = sum(1 for state in answer.given.values() if state == "in_place")
    elif item.kind == "signals":
        marks = len(answer.given)
    return marks + sum(1 for _ in _steps(item, answer))


def _parts(model: MaturityModel, language: str, answers: dict[str, Answer]) -> tuple[Part, ...]:
    asked = [(model.item(item_id)[1], answer) for item_id, answer in answers.items()]
    words = {
        "greeting and consent": [wording.greeting(language, [model], kept=say(language, "consent.what"))],
        "how much of it": [_depth(model, language)] if model.quick_minutes is not None else [],
        "about the respondent": [
            wording.segment_question(language, segment, number, len(_SEGMENTS))
            for number, segment in enumerate(_SEGMENTS, 1)
        ],
        "questions": _questions(model, language, answers),
        "their levels": [
            kind_words.body(language, item, held)[1]
            for item, answer in asked
            for held in _steps(item, answer)
        ],
        "between questions": _between(model, language, answers),
        "result": _result(model, language, answers),
        "buttons": _buttons(model, language),
    }
    taps = {
        "greeting and consent": 1,
        "how much of it": int(model.quick_minutes is not None),
        "about the respondent": len(_SEGMENTS),
        "their levels": sum(_taps(item, answer) for item, answer in asked),
    }
    return tuple(
        Part(name, sum(count_words(text) for text in texts), taps.get(name, 0))
        for name, texts in words.items()
        if texts
    )


def _depth(model: MaturityModel, language: str) -> str:
    """The question for all of it or the quick scan."""
    return say(
        language,
        "depth.ask",
        name=model.name[language],
        minutes=model.minutes,
        quick_minutes=model.quick_minutes,
    )


def _questions(model: MaturityModel, language: str, answers: dict[str, Answer]) -> list[str]:
    """Every question as it is put, but for the levels."""
    put = []
    for item_id, answer in answers.items():
        item = model.item(item_id)[1]
        for held in _steps(item, answer):
            whole = wording.question(language, model, item_id, held=held)
            put.append(whole.removesuffix(kind_words.body(language, item, held)[1]))
    return put


def _between(model: MaturityModel, language: str, answers: dict[str, Answer]) -> list[str]:
    """What is said after consent, after each answer, and from one dimension to the next."""
    said = [say(language, "consent.given")]
    said += [
        kind_words.noted(language, model.item(item_id)[1], answer) for item_id, answer in answers.items()
    ]
    titles = [dimension.title[language] for dimension in model.dimensions]
    said += [
        say(
            language,
            "answered.dimension_done",
            done=done,
            number=number,
            total=len(titles),
            next=following,
        )
        for number, (done, following) in enumerate(pairwise(titles), 1)
    ]
    return said


def _result(model: MaturityModel, language: str, answers: dict[str, Answer]) -> list[str]:
    """The messages of the result with their links. The radar says what the first of them says."""
    result = score(model, answers, asked=tuple(answers))
    chosen = first_steps(advise(model, answers, result), steps_to_show(result))
    return [
        say(language, "result.intro", lowest=model.lowest, highest=model.highest),
        say(language, "result.about", about=wording.option_name(language, _LINE)),
        *([wording.not_asked(language, model, tuple(answers))] if result.indication else []),
        *wording.result_lines(language, model, result),
        wording.overall(language, model, result),
        *wording.element_lines(language, model, result),
        *wording.what_stands_out(language, model, result),
        wording.steps(language, model, chosen, result),
        *(kind_words.insight_text(language, one) for one in insights(model, answers)),
        say(language, "result.caution", caution=model.caution[language]),
        say(language, "again.date", date=_DATE[language]),
        say(language, "result.next"),
        say(language, "link.result"),
        say(language, "link.back"),
    ]


def _buttons(model: MaturityModel, language: str) -> list[str]:
    """What stands on the buttons from the greeting to the result, each once."""
    return [
        say(language, key)
        for key in (
            "consent.yes",
            "consent.no",
            "language.other",
            "menu.why",
            "question.dont_know",
            "question.not_applicable",
            "question.skip",
            "question.explain",
            "question.back",
            "menu.more",
            "road.button",
            "menu.share",
            "menu.change",
            *(("depth.full", "depth.quick") if model.quick_minutes is not None else ()),
        )
    ]
