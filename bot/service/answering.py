"""Answering: recording, changing, going back. Answers are only ever added."""

from __future__ import annotations

from dataclasses import replace

from bot.assessment.answers import Answer
from bot.assessment.definitions import Item
from bot.assessment.session import next_item, previous_item
from bot.service import wording
from bot.service.asking import KIND_LETTERS, ask
from bot.service.results import finish
from bot.service.turn import Running, Turn

_KINDS_BY_LETTER = {letter: kind for kind, letter in KIND_LETTERS.items()}


def record(turn: Turn, running: Running, answer: Answer, *, words: str | None) -> None:
    """Write the answer to the open question and go on to the next one, or to the result.

    `words`: what the person typed; None for a button.
    """
    dimension, item = running.model.item(answer.item_id)
    held = running.stored.get(answer.item_id)
    if held is None or held.answer != answer:
        running = _write(turn, running, answer, words)
    if held is None or held.answer == answer:
        before = wording.noted(turn.language, item, answer)
    else:
        before = _changed(turn, item, held.answer, answer)
    turn.state["misunderstood"] = 0
    following = next_item(running.model, running.answers)
    if following is None:
        finish(turn, running, before)
        return
    turn.running = _at(turn, running, following)
    next_dimension = running.model.item(following)[0]
    if held is None and next_dimension.id != dimension.id:
        crossed = turn.say(
            "answered.dimension_done",
            done=dimension.title[turn.language],
            next=next_dimension.title[turn.language],
        )
        before = f"{before} {crossed}"
    ask(turn, before)


def _write(turn: Turn, running: Running, answer: Answer, words: str | None) -> Running:
    held = running.stored.get(answer.item_id)
    stored = turn.work.add_answer(
        running.assessment.id,
        answer,
        supersedes=None if held is None else held.id,
        turn_id=turn.inbound.turn_id,
        words=words,
        at=turn.now,
    )
    turn.running = replace(running, stored={**running.stored, answer.item_id: stored})
    return turn.running


def _at(turn: Turn, running: Running, item_id: str) -> Running:
    """The assessment with this question open; a complete one stays so while an answer is looked at again."""
    turn.work.update_assessment(running.assessment.id, current_item=item_id)
    return replace(running, assessment=replace(running.assessment, current_item=item_id))


def _changed(turn: Turn, item: Item, old: Answer, new: Answer) -> str:
    return turn.say(
        "answered.changed",
        item=item.title[turn.language],
        old=wording.answer_name(turn.language, item, old),
        new=wording.answer_name(turn.language, item, new),
    )


def press_answer(turn: Turn, run_id: str, number: str, what: str) -> None:
    """The button of an answer was tapped; of a question that has passed, it offers to change that answer."""
    running = turn.running
    if running is None or run_id != running.assessment.id:
        ask(turn, turn.say("stale.other_run"))
        return
    answer = _answer(running.model.item_ids()[int(number)], what)
    if answer.item_id == running.assessment.current_item:
        record(turn, running, answer, words=None)
    elif answer.item_id in running.stored:
        _offer_change(turn, running, answer, number, what)
    else:
        ask(turn, turn.say("stale.unknown"))


def _offer_change(turn: Turn, running: Running, answer: Answer, number: str, what: str) -> None:
    held = running.stored[answer.item_id].answer
    if held == answer:
        # The second tap of a double tap ends here.
        ask(turn, turn.say("answered.same"))
        return
    item = running.model.item(answer.item_id)[1]
    run_id = running.assessment.id
    turn.state["pending"] = {"ask": "change", "run": run_id, "number": number, "what": what}
    turn.tell(
        turn.say(
            "change.ask",
            item=item.title[turn.language],
            old=wording.answer_name(turn.language, item, held),
            new=wording.answer_name(turn.language, item, answer),
        ),
        (
            turn.choice("change.yes", "change", run_id, number, what),
            turn.choice("change.no", "keep"),
        ),
    )


def change(turn: Turn, run_id: str, number: str, what: str) -> None:
    """Change an earlier answer, as was offered; after the end the result comes anew."""
    running = turn.running
    if running is None or run_id != running.assessment.id:
        ask(turn, turn.say("stale.other_run"))
        return
    answer = _answer(running.model.item_ids()[int(number)], what)
    held = running.stored.get(answer.item_id)
    if held is None or held.answer == answer:
        ask(turn, turn.say("answered.same"))
        return
    running = _write(turn, running, answer, None)
    said = _changed(turn, running.model.item(answer.item_id)[1], held.answer, answer)
    if running.assessment.current_item is None:
        finish(turn, running, said)
    else:
        ask(turn, said)


def answer_otherwise(turn: Turn, answer: Answer) -> None:
    """Don't know, does not apply or skipped was typed for the open question."""
    assert turn.running is not None
    record(turn, turn.running, answer, words=turn.inbound.text)


def back(turn: Turn) -> None:
    """Open the question before this one again; after the end, the last one."""
    running = turn.running
    if running is None:
        ask(turn, None)
        return
    here = running.assessment.current_item
    before = running.model.item_ids()[-1] if here is None else previous_item(running.model, here)
    if before is None or before not in running.stored:
        ask(turn, turn.say("side.no_back"))
        return
    turn.running = _at(turn, running, before)
    held = running.stored[before].answer
    item = running.model.item(before)[1]
    ask(turn, turn.say("side.back", old=wording.answer_name(turn.language, item, held)))


def _answer(item_id: str, what: str) -> Answer:
    """The answer behind a button: '3' is a level, a letter one of the other kinds."""
    kind = _KINDS_BY_LETTER.get(what)
    return Answer(item_id, "level", int(what)) if kind is None else Answer(item_id, kind)
