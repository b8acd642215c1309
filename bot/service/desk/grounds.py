"""What stands beside a step of advice: the levels of the one it is about, or of all that it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median_low

from bot.assessment.answers import Answer
from bot.assessment.definitions import MaturityModel
from bot.assessment.plans import OWN
from bot.assessment.records import Assessment, StoredAnswer
from bot.service.anonymity import LEAST
from bot.service.desk.ports import DeskWork
from bot.service.kind_words import answer_name


@dataclass(frozen=True)
class Levels:
    """The three levels of one question, of one respondent.

    `said`: what was answered, in words, None for nothing; `value`: its level, where it has one. `proposed`:
    the bot's levels, the likeliest first. `judged`: the consultant's, None for none; `about_earlier`: the
    answer has changed since.
    """

    said: str | None
    value: int | None
    proposed: tuple[int, ...]
    judged: int | None
    about_earlier: bool


@dataclass(frozen=True)
class Middle:
    """What an organisation's step rests on: the levels of the `people` who gave one.

    `median`: the lower one, from which the draft is made; `mean`: not rounded. Both None of a checklist,
    where each practice has a middle of its own.
    """

    people: int
    median: int | None
    mean: float | None


def item_of(key: str) -> str | None:
    """The question that a step of the bot is about; None for a consultant's own step."""
    return None if key.startswith(OWN) else re.split(r"[>+]", key, maxsplit=1)[0]


def levels_of(
    work: DeskWork,
    model: MaturityModel,
    assessment: Assessment,
    stored: Mapping[str, StoredAnswer],
    keys: Iterable[str],
    language: str,
    *,
    hidden: bool,
) -> dict[str, Levels]:
    """Item id -> the three levels, for each question that a step with one of these keys is about.

    `hidden`: the campaign is anonymous; what the bot heard in somebody's words is not told then.
    """
    judgements = {one.item_id: one for one in work.judgements(assessment.id)}
    placements = {} if hidden else {one.item_id: one for one in work.placements(assessment.id)}
    known = set(model.item_ids())
    found = {}
    for item_id in {item_of(key) for key in keys}:
        if item_id is None or item_id not in known:
            continue
        one, judged = stored.get(item_id), judgements.get(item_id)
        placed = placements.get(item_id)
        if one is not None and one.placement is not None and not hidden:
            placed = one.placement
        level = None if judged is None else judged.level
        found[item_id] = Levels(
            said=None if one is None else answer_name(language, model.item(item_id)[1], one.answer),
            value=None if one is None else one.answer.value,
            proposed=() if placed is None else placed.proposed,
            judged=level,
            about_earlier=(
                judged is not None and level is not None and judged.answer_id != (one.id if one else None)
            ),
        )
    return found


def middles(model: MaturityModel, told: Mapping[str, Sequence[tuple[Answer, int]]]) -> dict[str, Middle]:
    """Item id -> what a step about it rests on; `told`: as of bot.assessment.plans.middle_answers.

    A question of which fewer than LEAST people gave a level is not there.
    """
    found = {}
    for item_id, answers in told.items():
        if any(one.kind == "given" for one, _ in answers):
            people = sum(count for one, count in answers if one.kind == "given")
            if people >= LEAST:
                found[item_id] = Middle(people, None, None)
            continue
        levels = [one.value for one, count in answers if one.value is not None for _ in range(count)]
        if len(levels) >= LEAST:
            found[item_id] = Middle(len(levels), median_low(levels), fmean(levels))
    return found
