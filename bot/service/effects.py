"""What a changed answer does to the scores, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.assessment.advice import advise, first_steps, insights, steps_to_show
from bot.assessment.answers import Answer
from bot.assessment.scoring import Result, format_score, score
from bot.service import kind_words
from bot.service.turn import Running
from bot.texts import say


def before_changes(running: Running, old: Iterable[Answer]) -> dict[str, Answer]:
    """The answers as they were while these held."""
    return {**running.answers, **{one.item_id: one for one in old}}


def effect(language: str, running: Running, old: Iterable[Answer]) -> str | None:
    """The score of each dimension before and now, and of the whole; None where none has anything to say.

    `running` has the new answers, `old` are those that held before.
    """
    changed = list(old)
    earlier, now = _scored(running, before_changes(running, changed)), running.result
    touched = dict.fromkeys(
        one.item_id.partition(".")[0] for one in changed if running.model.item(one.item_id)[1].scored
    )
    told = [
        _moved(language, one.title[language], earlier.dimension(one.id).score, now.dimension(one.id).score)
        for one in running.model.dimensions
        if one.id in touched
    ]
    if told and now.overall is not None:
        told.append(_moved(language, say(language, "effect.overall"), earlier.overall, now.overall))
    said = [one for one in told if one is not None]
    return say(language, "effect.said", effects=kind_words.joined(language, said)) if said else None


def _moved(language: str, what: str, old: float | None, new: float | None) -> str | None:
    if new is None:
        return None
    shown = format_score(new, language)
    if old is None:
        return say(language, "effect.now", what=what, score=shown)
    before = format_score(old, language)
    if before == shown:
        return say(language, "effect.same", what=what, score=shown)
    return say(language, "effect.moved", what=what, old=before, new=shown)


def changes_result(running: Running, old: Iterable[Answer]) -> bool:
    """Whether anything of the result is another one than while these answers held."""
    return _all_of(running, before_changes(running, old)) != _all_of(running, running.answers)


def _scored(running: Running, answers: Mapping[str, Answer]) -> Result:
    return score(running.model, answers, asked=running.asked, targets=running.assessment.targets)


def _all_of(running: Running, answers: Mapping[str, Answer]) -> tuple[object, ...]:
    result = _scored(running, answers)
    steps = advise(running.model, answers, result, targets_chosen=bool(running.assessment.targets))
    return result, first_steps(steps, steps_to_show(result)), insights(running.model, answers)
