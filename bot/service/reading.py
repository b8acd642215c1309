"""How long an assessment takes to read and to tap through: its words counted, part by part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from bot.assessment.advice import advise, first_steps
from bot.assessment.answers import Answer
from bot.assessment.definitions import MaturityModel
from bot.assessment.scoring import score
from bot.assessment.segments import SEGMENTS
from bot.service import wording
from bot.texts import say

WORDS_A_MINUTE = 238
"""Silent reading of English non-fiction by adults: Brysbaert (2019), 'How many words do we read per minute?',
Journal of Memory and Language 109. The same holds for Dutch: Brysbaert, Sui, Duyck and Dirix (2021),
'Improving reading rate prediction with word length information: Evidence from Dutch'."""

SECONDS_A_TAP = 2
"""Our own assumption: to find a button that one has made up one's mind about, and to tap it."""

# Asked of everybody; the fourth, with which customers to begin, only of who has two kinds of them.
_SEGMENTS = tuple(segment for segment in SEGMENTS if segment != "first_line")
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


def reading_parts(model: MaturityModel, language: str) -> tuple[Part, ...]:
    """The parts of an assessment in the order in which they are read, for somebody who taps every answer.

    The answers are of an average company: a whole dimension at level 2 or at level 3. The one of those that
    has most to read counts. A button that stands below many messages is read once; a level's button says what
    the level's line says, and is not counted again.
    """
    return max(
        (_parts(model, language, answers) for answers in _average(model)),
        key=lambda parts: sum(part.words for part in parts),
    )


def total(parts: Iterable[Part]) -> Part:
    """All parts together."""
    listed = list(parts)
    return Part("total", sum(part.words for part in listed), sum(part.taps for part in listed))


def _average(model: MaturityModel) -> Iterator[dict[str, Answer]]:
    """Everything at one level, and each dimension alone at the other."""
    levels = (min(2, model.highest), min(3, model.highest))
    for most, other in (levels, levels[::-1]):
        for apart in (None, *(dimension.id for dimension in model.dimensions)):
            yield {
                f"{dimension.id}.{item.id}": Answer(
                    f"{dimension.id}.{item.id}", "level", other if dimension.id == apart else most
                )
                for dimension, item in model.walk()
            }


def _parts(model: MaturityModel, language: str, answers: dict[str, Answer]) -> tuple[Part, ...]:
    words = {
        "greeting and consent": [wording.greeting(language, [model])],
        "about the respondent": [
            wording.segment_question(language, segment, number) for number, segment in enumerate(_SEGMENTS, 1)
        ],
        "questions": _questions(model, language),
        "their levels": [wording.level_lines(language, item) for _, item in model.walk()],
        "between questions": _between(model, language, answers),
        "result": _result(model, language, answers),
        "buttons": _buttons(language),
    }
    taps = {"greeting and consent": 1, "about the respondent": len(_SEGMENTS), "their levels": len(answers)}
    return tuple(
        Part(name, sum(count_words(text) for text in texts), taps.get(name, 0))
        for name, texts in words.items()
    )


def _questions(model: MaturityModel, language: str) -> list[str]:
    """Every question as it is put, but for the levels."""
    return [wording.question(language, model, item_id).rpartition("\n\n")[0] for item_id in model.item_ids()]


def _between(model: MaturityModel, language: str, answers: dict[str, Answer]) -> list[str]:
    """What is said after consent, after each answer, and from one dimension to the next."""
    said = [say(language, "consent.given")]
    said += [
        wording.noted(language, item, answers[f"{dimension.id}.{item.id}"])
        for dimension, item in model.walk()
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
    result = score(model, answers)
    chosen = first_steps(advise(model, answers, result))
    return [
        say(language, "result.intro", highest=model.highest),
        say(language, "result.about", about=wording.option_name(language, _LINE)),
        *wording.result_lines(language, model, result),
        wording.overall(language, model, result),
        *wording.what_stands_out(language, model, result),
        wording.steps(language, model, chosen, result),
        say(language, "result.caution", caution=model.caution[language]),
        say(language, "result.next"),
        say(language, "link.result"),
        say(language, "link.back"),
    ]


def _buttons(language: str) -> list[str]:
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
            "menu.share",
            "menu.change",
        )
    ]
