"""An own earlier message was edited: whether its answer is to change, too. Without a yes nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.assessment.answers import Answer, AnswerKind
from bot.assessment.kinds import is_complete
from bot.assessment.records import StoredAnswer
from bot.service import kind_words, kinds
from bot.service.again import ask_as_it_stands
from bot.service.answering import offer_change, press_open
from bot.service.asking import ask
from bot.service.turn import Running, Turn
from bot.understanding.exact import read_yes_no

# Titles of buttons that can be typed instead of an answer -> what they say.
_OTHERWISE: tuple[tuple[str, AnswerKind], ...] = (
    ("question.dont_know", "dont_know"),
    ("question.not_applicable", "not_applicable"),
    ("question.skip", "skipped"),
)


def take_edit(turn: Turn, of: str, text: str) -> None:
    """Message `of` reads `text` now: offer to change its answer, or say why nothing changes."""
    answered = _answered(turn, of)
    if len(answered) != 1:
        ask_as_it_stands(turn, turn.say("edit.nothing"))
        return
    ((run_id, item_id),) = answered
    running = turn.running
    if running is None or run_id != running.assessment.id:
        ask_as_it_stands(turn, turn.say("edit.other_run"))
        return
    item, held = running.model.item(item_id)[1], running.answers[item_id]
    if not is_complete(item, held):
        # Its next part is the open question, and stands below.
        ask_as_it_stands(turn, turn.say("edit.nothing"))
        return
    answer = _reads(turn, running, item_id, text)
    if answer == held:
        name = kind_words.answer_name(turn.language, item, held)
        ask_as_it_stands(turn, turn.say("edit.same", item=item.title[turn.language], answer=name))
    elif answer is None or not _offered(turn, running, answer):
        _offer_look(turn, running, item_id)


def type_look(turn: Turn, pending: Mapping[str, Any], text: str, meaning: str) -> bool:
    """Something was typed while a second look at a question was offered; False when it is about neither."""
    running = turn.running
    if running is None or not turn.runs(pending["run"]):
        return False
    plainly = read_yes_no(text, turn.language)
    if turn.is_title(text, "look.yes") or plainly or (plainly is None and meaning == "affirm"):
        press_open(turn, pending["run"], pending["number"])
        return True
    if turn.is_title(text, "look.no") or plainly is False or meaning in ("deny", "dont_know", "skip"):
        ask(turn, turn.say("change.kept"))
        return True
    # Said at once, it is still about that question, and not an answer to the open one.
    answer = _reads(turn, running, running.model.item_ids()[int(pending["number"])], text)
    return answer is not None and _offered(turn, running, answer)


def _answered(turn: Turn, of: str) -> set[tuple[str, str]]:
    """(assessment id, item id) of what this message answered."""
    message = turn.work.inbound_by_message(turn.inbound.channel, turn.conversation.id, of)
    if message is None:
        return set()
    return {
        (run.id, one.answer.item_id)
        for run in turn.work.assessments(conversation_id=turn.conversation.id)
        for one in turn.work.answers(run.id)
        if message.turn_id in (one.turn_id, _described_in(one))
    }


def _described_in(stored: StoredAnswer) -> str | None:
    """The turn in which the own words were typed that led to this answer, as it was put; None for none."""
    placed = stored.placement
    return None if placed is None or placed.ahead else placed.turn_id


def _reads(turn: Turn, running: Running, item_id: str, text: str) -> Answer | None:
    """The answer that a text gives to an item; None when it gives none."""
    for key, kind in _OTHERWISE:
        if turn.is_title(text, key):
            return Answer(item_id, kind)
    found = kinds.read(running.model, item_id, running.answers[item_id], text, turn.language)
    return found if isinstance(found, Answer) else None


def _offered(turn: Turn, running: Running, answer: Answer) -> bool:
    """Offer this change; False when no button can say it."""
    item = running.model.item(answer.item_id)[1]
    what = kinds.as_pressed(answer.item_id, item, running.answers[answer.item_id], answer)
    if what is None:
        return False
    number = str(running.model.item_ids().index(answer.item_id))
    offer_change(turn, running, answer, number, what)
    return True


def _offer_look(turn: Turn, running: Running, item_id: str) -> None:
    run_id, number = running.assessment.id, str(running.model.item_ids().index(item_id))
    turn.state["pending"] = {"ask": "look", "run": run_id, "number": number}
    turn.tell(
        turn.say("look.ask", item=running.model.item(item_id)[1].title[turn.language]),
        (turn.choice("look.yes", "open", run_id, number), turn.choice("look.no", "keep")),
    )
