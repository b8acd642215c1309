"""Taking a message into the inbox and the transcript, before anything is acknowledged."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.assessment.records import Conversation, Inbound
from bot.service import events, kind_words
from bot.service.buttons import MARKS, Buttons
from bot.service.ports import Work


@dataclass(frozen=True)
class Received:
    """A message that is in the inbox now. `new` is False for a repeat; `done` when its reply is there."""

    inbound: Inbound
    new: bool

    @property
    def turn_id(self) -> str:
        """The turn that the message has made."""
        return self.inbound.turn_id

    @property
    def done(self) -> bool:
        """Whether its reply was there already."""
        return self.inbound.done_at is not None


class Inbox:
    """Makes inbound messages, with the keyed hash that tells a repeat from another message."""

    def __init__(self, secret: str, buttons: Buttons) -> None:
        self._key = hashlib.sha256(b"peil fingerprint " + secret.encode()).digest()
        self._buttons = buttons

    def fingerprint(
        self, text: str | None, button: str | None = None, event: Mapping[str, Any] | None = None
    ) -> str:
        """A keyed hash of what was said, tapped or otherwise came."""
        content = f"text:{text}" if button is None else f"button:{button}"
        if event is not None:
            content = f"event:{json.dumps(event, sort_keys=True)}"
        return hmac.new(self._key, content.encode(), hashlib.sha256).hexdigest()

    def message(
        self,
        conversation_id: str,
        channel: str,
        message_id: str,
        now: datetime,
        *,
        text: str | None = None,
        button: str | None = None,
        event: Mapping[str, Any] | None = None,
        account_id: str | None = None,
        done: bool = False,
        turn_id: str | None = None,
    ) -> Inbound:
        """A message as it goes into the inbox; `done`: it needs no reply of its own, and nothing is kept."""
        return Inbound(
            turn_id=turn_id or uuid.uuid4().hex,
            channel=channel,
            conversation_id=conversation_id,
            message_id=message_id,
            fingerprint=self.fingerprint(text, button, event),
            text=None if done else text,
            button=None if done else button,
            received_at=now,
            done_at=now if done else None,
            event=None if done else event,
            account_id=account_id,
        )

    def hold(self, work: Work, conversation: Conversation, inbound: Inbound) -> None:
        """Write it into the inbox, and what the person has said by it into the transcript."""
        work.add_inbound(inbound)
        if inbound.text is not None:
            said = inbound.text
        elif inbound.event is not None:
            said = events.said(conversation.language, inbound.event)
        else:
            said = self.title(work, conversation, inbound.button or "")
        work.add_said(inbound, said, conversation.language)

    def title(self, work: Work, conversation: Conversation, token: str) -> str:
        """The title of a button, as it stood in the transcript: that is what the person 'said'."""
        genuine = self._buttons.read(conversation.id, token) is not None
        if genuine and MARKS in token:
            return kind_words.marked(conversation.language, token.partition(MARKS)[2])
        return (work.button_title(conversation.id, token) if genuine else None) or "…"
