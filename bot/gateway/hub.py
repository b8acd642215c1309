"""The gateway as the channels see it: inbox, turns, replies, and who waits for news."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from weakref import WeakValueDictionary

from bot.assessment.records import Message
from bot.channels.contract import Conflict, Gone, LinkEnded, NoSuchModel, Outcome, Started
from bot.gateway.rasa import Engine
from bot.gateway.turns import Turns
from bot.service.use_cases import (
    MessageConflict,
    UnknownConversation,
    UnknownLink,
    UnknownModel,
    UnknownTurn,
    UseCases,
)

logger = logging.getLogger(__name__)

# Seconds between two looks at a database that did not answer.
_LOOK_AGAIN = 1.0


class News:
    """Wakes whoever waits for a conversation to grow."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def changed(self, conversation_id: str) -> None:
        """Tell everybody who waits for this conversation."""
        for event in self._waiting.get(conversation_id, ()):
            event.set()

    def join(self, conversation_id: str) -> asyncio.Event:
        """An event that is set at the next change; give it back with `leave`."""
        event = asyncio.Event()
        self._waiting.setdefault(conversation_id, set()).add(event)
        return event

    def leave(self, conversation_id: str, event: asyncio.Event) -> None:
        """Stop waiting."""
        events = self._waiting.get(conversation_id, set())
        events.discard(event)
        if not events:
            self._waiting.pop(conversation_id, None)


class GatewayHub:
    """The hub (bot.channels.contract.Hub) on the use-cases and Rasa.

    `reply_wait`: seconds that a message waits for its reply before it is called pending.
    """

    def __init__(self, use_cases: UseCases, rasa: Engine, reply_wait: float) -> None:
        self._use_cases = use_cases
        self._news = News()
        self._reply_wait = reply_wait
        self._doors: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._unsure = False
        self._recovery: asyncio.Task[None] | None = None
        self.turns = Turns(use_cases, rasa, self._news.changed)

    async def start(self, channel: str, language: str, prefill: Mapping[str, str]) -> Started:
        """See the contract."""
        try:
            conversation, messages = await asyncio.to_thread(
                self._use_cases.start_conversation, channel, language, prefill
            )
        except UnknownModel as error:
            raise NoSuchModel(str(error)) from None
        return Started(conversation.id, messages)

    async def come_back(self, link_id: str, device: str) -> str:
        """See the contract."""
        try:
            conversation_id = await asyncio.to_thread(self._use_cases.come_back, link_id, device)
        except UnknownLink:
            raise LinkEnded(link_id) from None
        self._news.changed(conversation_id)
        return conversation_id

    async def language(self, conversation_id: str) -> str:
        """See the contract."""
        try:
            return (await asyncio.to_thread(self._use_cases.seen, conversation_id)).language
        except UnknownConversation:
            raise Gone(conversation_id) from None

    async def say(
        self,
        channel: str,
        conversation_id: str,
        message_id: str,
        *,
        text: str | None = None,
        button: str | None = None,
    ) -> Outcome:
        """See the contract. The message is durable before anything else happens to it."""
        ticket = None
        # One at a time through a conversation's door: turns are queued in the order of the inbox.
        async with self._doors.setdefault(conversation_id, asyncio.Lock()):
            try:
                if self._unsure:
                    # What may have come in before this goes first.
                    await self._take_up()
                received = await asyncio.to_thread(
                    self._use_cases.receive, channel, conversation_id, message_id, text=text, button=button
                )
            except MessageConflict:
                raise Conflict(message_id) from None
            except UnknownConversation:
                raise Gone(conversation_id) from None
            except Exception:
                # A commit whose answer was lost may have been one: nobody may repeat it, so we look.
                self._unsure = True
                if self._recovery is None or self._recovery.done():
                    self._recovery = asyncio.create_task(self._recover())
                raise
            if not received.done:
                known = received.inbound if received.new else None
                ticket = self.turns.submit(conversation_id, received.turn_id, known)
        if received.new:
            self._news.changed(conversation_id)
        if ticket is not None:
            try:
                async with asyncio.timeout(self._reply_wait):
                    await ticket.done.wait()
            except TimeoutError:
                return await self._pending(conversation_id, received.turn_id)
            if ticket.reply is not None:
                return Outcome(ticket.reply, pending=False)
        try:
            messages = await asyncio.to_thread(self._use_cases.reply_of, received.turn_id)
        except UnknownTurn:
            raise Gone(conversation_id) from None
        return Outcome(messages or [], pending=messages is None)

    async def _take_up(self) -> None:
        await self.turns.resume()
        self._unsure = False

    async def _recover(self) -> None:
        """Take up what the inbox holds as soon as the database answers again."""
        while self._unsure:
            await asyncio.sleep(_LOOK_AGAIN)
            try:
                await self._take_up()
            except Exception as error:
                logger.warning("the database does not answer yet (%s)", type(error).__name__)

    async def stop(self) -> None:
        """Stop; what is open stays in the inbox for the next start."""
        if self._recovery is not None:
            self._recovery.cancel()
        await self.turns.stop()

    async def _pending(self, conversation_id: str, turn_id: str) -> Outcome:
        # Kept it is, whatever the database does now: the apology can be missed, the message cannot.
        try:
            notices = await asyncio.to_thread(self._use_cases.apologise, turn_id)
            if not notices:
                reply = await asyncio.to_thread(self._use_cases.reply_of, turn_id)
                return Outcome(reply or [], pending=reply is None)
        except UnknownTurn:
            raise Gone(conversation_id) from None
        except Exception as error:
            logger.warning("turn %s waits: the database does not answer (%s)", turn_id, type(error).__name__)
            return Outcome([], pending=True)
        self._news.changed(conversation_id)
        return Outcome(notices, pending=True)

    async def history(self, conversation_id: str, after: str | None, wait: float) -> Sequence[Message] | None:
        """See the contract."""
        event = self._news.join(conversation_id)
        try:
            messages = await asyncio.to_thread(self._use_cases.history, conversation_id, after)
            if messages == [] and wait > 0:
                try:
                    async with asyncio.timeout(wait):
                        await event.wait()
                except TimeoutError:
                    return messages
                messages = await asyncio.to_thread(self._use_cases.history, conversation_id, after)
            return messages
        finally:
            self._news.leave(conversation_id, event)
