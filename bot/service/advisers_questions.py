"""A consultant's question in the conversation: putting it, and reminding of it once."""

from __future__ import annotations

from dataclasses import replace

from bot.assessment.records import Button, Question
from bot.service import wording
from bot.service.asking import answer_button
from bot.service.turn import Turn


def in_order(turn: Turn, but: str | None = None) -> list[Question]:
    """The questions that wait for an answer, oldest first, but this one."""
    return [one for one in turn.work.open_questions(turn.conversation.id) if one.id != but]


def put(turn: Turn, question: Question, before: str | None = None) -> None:
    """Say this, and put a question, so that what is typed next answers it."""
    turn.state["pending"] = {"ask": "consultant", "question": question.id}
    if question.seq is None:
        # The conversation is locked, so this is the line that the message gets.
        seq = turn.work.last_seq(turn.conversation.id) + len(turn.drafts) + 1
        turn.work.update_question(question.id, seq=seq)
    asked = turn.say("consultant.asks", name=question.who, text=question.text)
    turn.tell(
        wording.paragraphs(before, asked, _about(turn, question), turn.say("consultant.how")),
        _buttons(turn, question),
    )


def _buttons(turn: Turn, question: Question) -> tuple[Button, ...]:
    """To rather not answer, and to go on with the open question where there is one."""
    not_this = turn.choice("consultant.rather_not", "cn", question.id)
    if turn.running is None or turn.running.open_item is None:
        return (not_this,)
    return not_this, turn.choice("consultant.go_on", "do", "repeat")


def _about(turn: Turn, question: Question) -> str | None:
    """Which question of the assessment it is about."""
    assessment = None if question.assessment_id is None else turn.work.assessment(question.assessment_id)
    if assessment is None or question.item_id is None:
        return None
    model = turn.knowledge.model(turn.work, assessment.definition_hash)
    item = model.item(question.item_id)[1]
    return turn.say(
        "consultant.about", question=item.question[turn.language], model=model.name[turn.language]
    )


def offer_answer(turn: Turn) -> None:
    """Put the button that opens a waiting question below the newest message, where none stands there yet."""
    buttons = answer_button(turn)
    held = {button.token for draft in turn.drafts for button in draft.buttons}
    if turn.drafts and buttons and buttons[0].token not in held:
        turn.offer_last(*buttons)


def recall(turn: Turn) -> None:
    """Tell who comes back, above all else and once a question, that a consultant waits for an answer."""
    if not turn.drafts or (turn.state.get("pending") or {}).get("ask") == "consultant":
        return
    waiting = [one for one in in_order(turn) if one.seq is not None]
    if not waiting:
        return
    question = waiting[0]
    if question.recalled_at is None:
        turn.work.update_question(question.id, recalled_at=turn.now)
        said = turn.say("consultant.still_waits", name=question.who, text=question.text)
        first = turn.drafts[0]
        turn.drafts[0] = replace(first, text=wording.paragraphs(said, first.text))
    offer_answer(turn)
