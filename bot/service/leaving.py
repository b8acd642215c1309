"""One conversation, one place at a time: leaving the chat where it went on, and saying so there."""

from __future__ import annotations

from datetime import datetime

from bot.assessment.records import Conversation
from bot.service.moving import tell_moved
from bot.service.ports import Work
from bot.service.turn import Knowledge, Turn


def leave(knowledge: Knowledge, work: Work, conversation: Conversation, channel: str, now: datetime) -> None:
    """Tell the place where a conversation goes on now that it goes on in this channel, and leave it.

    Nothing that is said later is shown there, until the conversation comes back to it.
    """
    turn = Turn(knowledge, work, conversation, None, now)
    tell_moved(turn, channel)
    work.add_drafts(conversation.id, turn.drafts, None, now)
    newest = work.last_seq(conversation.id)
    if conversation.account_id is not None:
        work.update_account(conversation.account_id, until_seq=newest)
        work.update_conversation(conversation.id, account_id=None)
    elif conversation.web_until is None:
        work.update_conversation(conversation.id, web_until=newest)
