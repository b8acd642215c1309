"""What a consultant causes in the chat: a question and its answer, an approved result, signed advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.assessment.records import Assessment, Conversation, Question
from bot.service.advisers_questions import in_order, offer_answer, put
from bot.service.asking import ask
from bot.service.linking import result_link
from bot.service.ports import Work
from bot.service.results import show_approved
from bot.service.side_talk import side_talk
from bot.service.turn import Knowledge, Running, Turn
from bot.service.withholding import is_withheld
from bot.understanding.exact import is_question
from bot.understanding.plainly import says_rather_not

# What stays side talk while a consultant waits for an answer; anything else is the answer, whatever the NLU
# makes of it.
_ASIDES = frozenset(
    {
        *("help", "menu", "privacy", "my_data", "my_data_file", "erase", "stop", "pause", "switch_language"),
        *("human", "elsewhere", "start_over", "come_back", "remind_me", "no_reminders", "bot_challenge"),
        *("repeat", "result", "report", "share", "unshare", "greet", "welcome_back", "progress"),
    }
)
# Asked back in few words, which tells the consultant nothing: 'why do you ask', 'what do you mean'.
_ASKED_BACK = frozenset({"why", "explain", "example"})
# Of these nobody tells anything in so few words, though it is put as no question.
_PLAIN_ASIDES = frozenset({"erase", "stop", "pause", "switch_language", "start_over", "no_reminders"})
# In words: who says more tells something; 'we keep no data of customers' is no wish to see one's own.
_LONGEST_ASIDE = 12
_LONGEST_PLAIN_ASIDE = 8
_SHORT_ASIDE = 4
_LONGEST_NO = 4


# --- in a turn of the respondent ---


def type_reply(turn: Turn, pending: Mapping[str, Any], text: str, meaning: str) -> bool:
    """Take what was typed as the answer to a consultant's question; side talk leaves it open.

    False for what was said before the question came.
    """
    question = turn.work.question(str(pending["question"]))
    if question is None or not _said_after(turn, question):
        # It was on its way before the question came.
        return False
    if _declines(turn, text, meaning):
        decline(turn, question.id)
        return True
    if _is_aside(text, meaning):
        side_talk(turn, meaning)
        return True
    if question.status == "withdrawn":
        _next(turn, turn.say("consultant.withdrawn", name=question.who))
        return True
    if meaning in _ASKED_BACK and is_question(text) and len(text.split()) <= _LONGEST_PLAIN_ASIDE:
        put(turn, question, turn.say("consultant.why", name=question.who))
        return True
    turn.work.update_question(question.id, answer_turn=turn.inbound.turn_id, answered_at=turn.now)
    _next(turn, turn.say("consultant.thanks", name=question.who), but=question.id)
    return True


def _is_aside(text: str, meaning: str) -> bool:
    """Whether the words ask for something here, and tell the consultant nothing."""
    length = len(text.split())
    if meaning in _PLAIN_ASIDES and length <= _LONGEST_PLAIN_ASIDE:
        return True
    asks = is_question(text) and length <= _LONGEST_ASIDE
    return meaning in _ASIDES and (asks or length <= _SHORT_ASIDE)


def _said_after(turn: Turn, question: Question) -> bool:
    """Whether the message that is being answered stands below the question in the transcript."""
    below = turn.work.messages(turn.conversation.id, question.seq or 0)
    return any(one.role == "user" and one.turn_id == turn.inbound.turn_id for one in below)


def _declines(turn: Turn, text: str, meaning: str) -> bool:
    """Whether no answer is wanted. A mere 'no', or 'I do not know', is an answer."""
    if turn.is_title(text, "consultant.rather_not") or says_rather_not(text):
        return True
    return meaning == "skip" and len(text.split()) <= _LONGEST_NO


def press_reply(turn: Turn, question_id: str) -> None:
    """The button was tapped that opens a question which waits."""
    question = _own(turn, question_id)
    if question is None:
        ask(turn, turn.say("stale.unknown"))
    elif question.status in ("open", "declined"):
        put(turn, question)
    else:
        ask(turn, turn.say(_CLOSED[question.status], name=question.who))


_CLOSED = {
    "answered": "consultant.answered",
    "withdrawn": "consultant.withdrawn",
    "declined": "consultant.declined",
}


def decline(turn: Turn, question_id: str) -> None:
    """The person would rather not answer."""
    question = _own(turn, question_id)
    if question is None:
        ask(turn, turn.say("stale.unknown"))
        return
    if question.status != "open":
        ask(turn, turn.say(_CLOSED[question.status], name=question.who))
        return
    turn.work.update_question(question.id, declined_at=turn.now)
    _next(turn, turn.say("consultant.declined", name=question.who), but=question.id)


def _own(turn: Turn, question_id: str) -> Question | None:
    question = turn.work.question(question_id)
    return question if question is not None and question.conversation_id == turn.conversation.id else None


def _next(turn: Turn, said: str, but: str | None = None) -> None:
    """Say this, and put the next question that waits; after the last what was open before."""
    turn.state["misunderstood"] = 0
    waiting = in_order(turn, but)
    if waiting:
        put(turn, waiting[0], said)
    else:
        ask(turn, said)


def left_behind(turn: Turn, before: Mapping[str, Any] | None) -> None:
    """After a turn in which a question was put and something else came: it can still be answered."""
    after = turn.state.get("pending", before)
    if before is None or before.get("ask") != "consultant" or turn.erased:
        return
    if after is None:
        offer_answer(turn)


# --- by itself ---


def _write(turn: Turn) -> None:
    """Store what the bot says by itself, in the transcript, from which it is delivered."""
    drafts = [replace(draft, kind="notice") for draft in turn.drafts]
    turn.work.add_drafts(turn.conversation.id, drafts, None, turn.now)
    if turn.state:
        turn.work.update_conversation(turn.conversation.id, **turn.state)


def asks_now(conversation: Conversation) -> bool:
    """Whether a question has been put and waits for what is typed next."""
    return (conversation.pending or {}).get("ask") == "consultant"


def tell_question(
    work: Work, knowledge: Knowledge, conversation: Conversation, now: datetime, question: Question
) -> None:
    """Put a question that was just stored. The conversation is locked."""
    turn = Turn(knowledge, work, conversation, None, now)
    put(turn, question)
    _write(turn)


def tell_approved(
    work: Work, knowledge: Knowledge, conversation: Conversation, now: datetime, assessment: Assessment
) -> None:
    """Show the result that may be seen now, as at the end of an assessment. The conversation is locked."""
    turn = Turn(knowledge, work, conversation, None, now)
    model = knowledge.model(work, assessment.definition_hash)
    stored = {one.answer.item_id: one for one in work.answers(assessment.id)}
    running = Running(assessment, model, stored)
    if turn.runs(assessment.id):
        turn.running = running
    show_approved(turn, running)
    if asks_now(conversation):
        # The result stands between; what is typed next may be about that.
        offer_answer(turn)
    turn.state.setdefault("pending", None)
    _write(turn)


def tell_signed(
    work: Work,
    knowledge: Knowledge,
    conversation: Conversation,
    now: datetime,
    who: str,
    assessment_id: str | None = None,
) -> bool:
    """Tell that a consultant has signed advice, with the way to see it; the conversation is locked.

    `assessment_id`: which result it is about, the one under way by default. False, and nothing is written,
    where the person cannot see a result: not complete, not approved yet, or erased.
    """
    wanted = assessment_id or conversation.assessment_id
    assessment = None if wanted is None else work.assessment(wanted)
    if assessment is None or assessment.conversation_id != conversation.id or conversation.consent != "given":
        return False
    turn = Turn(knowledge, work, conversation, None, now)
    if assessment.status != "completed" or is_withheld(turn.campaign, assessment):
        return False
    buttons = [turn.choice("consultant.see_signed", "see", assessment.id)]
    if turn.runs(assessment.id):
        buttons.append(turn.choice("road.button", "do", "road_map"))
    if turn.running is not None and turn.running.open_item is not None:
        buttons.append(turn.choice("consultant.go_on", "do", "repeat"))
    turn.tell(
        turn.say("consultant.signed", name=who),
        tuple(buttons),
        links=(result_link(turn, assessment.id),),
    )
    if asks_now(conversation):
        offer_answer(turn)
    else:
        turn.state["pending"] = None
    _write(turn)
    return True
