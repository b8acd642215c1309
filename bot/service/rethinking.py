"""Second thoughts: what was said of an earlier question is to be something else."""

from __future__ import annotations

from bot.assessment.answers import Answer
from bot.service.answering import (
    ask_which,
    change_all,
    given,
    offer_change,
    record,
    reopen,
)
from bot.service.asking import ask
from bot.service.turn import Running, Turn
from bot.understanding.changing import Change, Given, read_changes, read_slip


def rethink(turn: Turn, running: Running, text: str) -> bool:
    """Change what a text asks to in so many words, or ask which is meant; False where it asks for none."""
    told = given(running)
    if _slipped(turn, running, told, text):
        return True
    changes = read_changes(text, running.model, running.item_ids, turn.language, told)
    if not changes or not any(change.item_ids for change in changes):
        return False
    _take(turn, running, changes)
    return True


def _slipped(turn: Turn, running: Running, told: Given, text: str) -> bool:
    """'Oeps, 4' right behind an answer: that one is meant, and not the question that is open now."""
    slip = read_slip(text)
    if slip is None:
        return False
    here = running.assessment.current_item
    if here is not None and (here in running.stored or not told.order):
        # It is this one that is being looked at, or there is none before it.
        return _answer_here(turn, running, here, slip.value)
    last = told.order[-1] if told.order else None
    item = None if last is None else running.model.item(last)[1]
    if last is None or item is None or item.kind != "rubric":
        return False
    if not 1 <= slip.value <= len(item.levels):
        ask(turn, turn.say("unclear.number", number=slip.value, highest=len(item.levels)))
        return True
    answer = Answer(last, "level", slip.value)
    if running.stored[last].answer == answer:
        return here is not None and not slip.sure and _answer_here(turn, running, here, slip.value)
    if slip.sure:
        change_all(turn, running, [answer])
        return True
    offer_change(turn, running, answer, str(running.model.item_ids().index(last)), str(slip.value))
    if here is not None and 1 <= slip.value <= len(running.model.item(here)[1].levels):
        place = str(running.model.item_ids().index(here))
        turn.offer_last(turn.choice("change.here", "a", running.assessment.id, place, str(slip.value)))
    return True


def _answer_here(turn: Turn, running: Running, item_id: str, value: int) -> bool:
    item = running.model.item(item_id)[1]
    if item.kind != "rubric" or not 1 <= value <= len(item.levels):
        return False
    record(turn, running, Answer(item_id, "level", value), words=turn.words)
    return True


def _take(turn: Turn, running: Running, changes: tuple[Change, ...]) -> None:
    wanted: list[Answer] = []
    for change in changes:
        had = tuple(item_id for item_id in change.item_ids if item_id in running.stored)
        if not had:
            _not_had(turn, running, change)
            return
        if len(had) > 1:
            ask_which(turn, running, None, had, value=change.value)
            return
        answer = _wanted(running, had[0], change)
        if answer is None:
            reopen(turn, running, had[0])
            return
        if isinstance(answer, int):
            highest = len(running.model.item(had[0])[1].levels)
            ask(turn, turn.say("unclear.number", number=answer, highest=highest))
            return
        if answer != running.stored[had[0]].answer:
            wanted = [one for one in wanted if one.item_id != answer.item_id] + [answer]
    here = running.assessment.current_item
    if not wanted:
        ask(turn, turn.say("answered.same"))
    elif [one.item_id for one in wanted] == [here]:
        # It was being looked at again: this is its answer.
        record(turn, running, wanted[0], words=turn.words)
    else:
        change_all(turn, running, wanted)


def _wanted(running: Running, item_id: str, change: Change) -> Answer | int | None:
    """The answer that is asked for; a number that is no level of the item; None where it has to be asked."""
    item, held = running.model.item(item_id)[1], running.answers[item_id]
    if item.kind != "rubric" or (change.value is None and not change.step):
        return None
    value = change.value
    if value is None:
        if held.value is None:
            return None
        value = held.value + change.step
    return Answer(item_id, "level", value) if 1 <= value <= len(item.levels) else value


def _not_had(turn: Turn, running: Running, change: Change) -> None:
    """What is meant has no answer yet, or cannot be told."""
    if change.item_ids:
        item = running.model.item(change.item_ids[0])[1]
        ask(turn, turn.say("change.not_yet", item=item.title[turn.language]))
    else:
        ask_which(turn, running, None)
