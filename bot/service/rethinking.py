"""Second thoughts: what was said of an earlier question is to be something else."""

from __future__ import annotations

from bot.assessment.answers import Answer
from bot.service.answering import (
    ask_which,
    change_all,
    change_quietly,
    given,
    offer_change,
    record,
    reopen,
)
from bot.service.asking import ask
from bot.service.turn import Running, Turn
from bot.understanding.changing import Change, Given, read_changes, read_slip
from bot.understanding.correcting import read_correction


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


def correct(turn: Turn, running: Running, text: str) -> bool:
    """After the end: offer what is said of one answer: 'the journey map should be a 3'; else False."""
    found = read_correction(text, running.model, running.item_ids)
    had = () if found is None else tuple(one for one in found.item_ids if one in running.stored)
    if found is None or not had:
        return False
    if len(had) > 1:
        ask_which(turn, running, None, had, value=found.value)
        return True
    item = running.model.item(had[0])[1]
    if item.kind != "rubric" or found.value is None:
        reopen(turn, running, had[0])
    elif not 1 <= found.value <= len(item.levels):
        ask(turn, turn.say("unclear.number", number=found.value, highest=len(item.levels)))
    else:
        place = str(running.model.item_ids().index(had[0]))
        offer_change(turn, running, Answer(had[0], "level", found.value), place, str(found.value))
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


def rethink_too(turn: Turn, running: Running, answer: Answer, rest: str) -> bool:
    """Take an answer, and what is to change in the same breath: 'yes. Oh and make the previous one a 4'.

    False where nothing else is asked for. What may mean this answer as well as one before it is asked.
    """
    told = given(running)
    changes = read_changes(rest, running.model, running.item_ids, turn.language, told)
    if not any(change.item_ids for change in changes):
        return False
    then = Given((*told.order, answer.item_id), {**(told.levels or {}), answer.item_id: answer.value or 0})
    plain = changes == read_changes(rest, running.model, running.item_ids, turn.language, then)
    wanted = _all_wanted(running, changes)
    if plain and wanted:
        running, said = change_quietly(turn, running, wanted)
        turn.tell(said)
        record(turn, running, answer, words=None)
        return True
    record(turn, running, answer, words=None)
    if turn.running is None:
        return True
    if wanted is not None and len(wanted) == 1:
        number = str(running.model.item_ids().index(wanted[0].item_id))
        offer_change(turn, turn.running, wanted[0], number, str(wanted[0].value))
    elif wanted is None:
        _take(turn, turn.running, changes)
    return True


def _all_wanted(running: Running, changes: tuple[Change, ...]) -> list[Answer] | None:
    """The answers that are to be other ones, where every change says which and to what; else None."""
    wanted: dict[str, Answer] = {}
    for change in changes:
        had = [item_id for item_id in change.item_ids if item_id in running.stored]
        answer = _wanted(running, had[0], change) if len(had) == 1 else None
        if not isinstance(answer, Answer) or wanted.setdefault(answer.item_id, answer) != answer:
            return None
    return [one for one in wanted.values() if one != running.stored[one.item_id].answer]


def _take(turn: Turn, running: Running, changes: tuple[Change, ...]) -> None:
    here = running.assessment.current_item
    value = changes[0].value if len(changes) == 1 and _is_here(running, changes[0]) else None
    if here is not None and value is not None and _answer_here(turn, running, here, value):
        return  # 'the data one is a 2', at that question
    wanted = _all_wanted(running, changes)
    if wanted is None:
        _take_what_is_clear(turn, running, changes)
    elif not wanted:
        ask(turn, turn.say("answered.same"))
    elif [one.item_id for one in wanted] == [here]:
        # It was being looked at again: this is its answer.
        record(turn, running, wanted[0], words=turn.words)
    else:
        change_all(turn, running, wanted)


def _is_here(running: Running, change: Change) -> bool:
    """Whether the open question is meant: it is named, and no other that was answered."""
    others = [one for one in change.item_ids if one in running.stored]
    return running.assessment.current_item in change.item_ids and not others


def _take_what_is_clear(turn: Turn, running: Running, changes: tuple[Change, ...]) -> None:
    """Make the changes that are plain, and ask about the first one that is not."""
    clear = [change for change in changes if _all_wanted(running, (change,))]
    # Two that are to be something else of the same answer contradict each other.
    named = [one for change in changes for one in change.item_ids if one in running.stored]
    clear = [one for one in clear if all(named.count(item_id) == 1 for item_id in one.item_ids)]
    open_one = next((change for change in changes if change not in clear), changes[0])
    said = None
    wanted = _all_wanted(running, tuple(clear))
    if wanted:
        running, said = change_quietly(turn, running, wanted)
    _ask_about(turn, running, open_one, said)


def _ask_about(turn: Turn, running: Running, change: Change, said: str | None) -> None:
    """Ask what a change leaves open, behind what was `said` of the others."""
    had = tuple(item_id for item_id in change.item_ids if item_id in running.stored)
    if len(had) > 1:
        ask_which(turn, running, said, had, value=change.value)
        return
    if said is not None:
        turn.tell(said)
    answer = _wanted(running, had[0], change) if had else None
    if not had:
        _not_had(turn, running, change)
    elif isinstance(answer, int):
        highest = len(running.model.item(had[0])[1].levels)
        ask(turn, turn.say("unclear.number", number=answer, highest=highest))
    else:
        reopen(turn, running, had[0])


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
