"""The gateway as the channels see it: inbox, turns, replies, and who waits for news."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from weakref import WeakValueDictionary

from bot.assessment.records import Message
from bot.channels.contract import (
    Arrival,
    Arrived,
    Busy,
    ChatChannel,
    CodeRefused,
    Conflict,
    Gone,
    LinkEnded,
    NoSuchModel,
    Outcome,
    SignedRefused,
    Started,
)
from bot.gateway.limits import Limiter
from bot.gateway.pacing import Pace
from bot.gateway.rasa import Engine
from bot.gateway.turns import Ticket, Turns
from bot.service.chats import Chats, Taken
from bot.service.codes import InvalidCode
from bot.service.earlier import day
from bot.service.embedding import InvalidSigned
from bot.service.use_cases import (
    MessageConflict,
    UnknownConversation,
    UnknownLink,
    UnknownModel,
    UnknownTurn,
    UseCases,
)
from bot.texts import LANGUAGES, say

logger = logging.getLogger(__name__)

# Seconds between two looks at a database that did not answer.
_LOOK_AGAIN = 1.0
# Seconds after which somebody is shown that a reply is under way, and how long that shows.
_TYPING_AFTER = 0.5
_TYPING_FOR = 4.5
# So many are shown that: where hundreds wait, it would make them wait longer, and the channels count it, too.
_COURTESIES_A_SECOND = 5
# Codes that open nothing, of one person: so many at once, and then so many a minute.
_WRONG_CODES, _WRONG_CODES_A_MINUTE = 10, 1


# Why a code opens nothing -> the sentence that says so.
_CODES = {
    "unknown": "code.unknown",
    "used": "code.used",
    "expired": "code.expired",
    "revoked": "code.revoked",
    "closed": "code.closed",
    "early": "code.early",
    "tries": "code.tries",
}


def _in_words(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What fills in a sentence about a code: a date ('2026-03-02') as people say it."""
    return {
        name: day(language, date.fromisoformat(value)) if name == "date" else value
        for name, value in values.items()
    }


def _language_of(text: str | None) -> str | None:
    """The language of the sentence with which a link begins a chat, if the channel tells none; else None."""
    for language in LANGUAGES:
        opening, _, _ = say(language, "campaign.whatsapp", code="~").partition("~")
        if text is not None and text.startswith(opening):
            return language
    return None


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
    """The hub (bot.channels.contract.Hub and ChatHub) on the use-cases and Rasa.

    `reply_wait`: seconds that a message waits for its reply before it is called pending. `arrivals_at_once`:
    how many arrivals of chat channels are taken in at a time. `channels`: the chat channels by name.
    """

    def __init__(
        self,
        use_cases: UseCases,
        rasa: Engine,
        reply_wait: float,
        chats: Chats | None = None,
        arrivals_at_once: int = 8,
    ) -> None:
        self._use_cases = use_cases
        self._chats = chats
        self._news = News()
        self._reply_wait = reply_wait
        self._doors: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._arriving = 0
        self._arrivals_at_once = arrivals_at_once
        self._threads = ThreadPoolExecutor(arrivals_at_once, thread_name_prefix="arrivals")
        self._wrong_codes = Limiter(_WRONG_CODES, _WRONG_CODES_A_MINUTE)
        self._unsure = False
        self._recovery: asyncio.Task[None] | None = None
        self._typing: set[asyncio.Task[None]] = set()
        self._courtesies = Pace(_COURTESIES_A_SECOND, 1 / _COURTESIES_A_SECOND)
        self._watchers: list[Callable[[str], None]] = [self._news.changed]
        self.channels: dict[str, ChatChannel] = {}
        self.turns = Turns(use_cases, rasa, self._changed)

    def watch(self, watcher: Callable[[str], None]) -> None:
        """Have this called with the id of each conversation that has grown."""
        self._watchers.append(watcher)

    def _changed(self, conversation_id: str) -> None:
        for watcher in self._watchers:
            watcher(conversation_id)

    async def start(
        self,
        channel: str,
        language: str,
        prefill: Mapping[str, str],
        *,
        code: str | None = None,
        key: str | None = None,
        who: str = "",
        signed: str | None = None,
    ) -> Started:
        """See the contract."""
        if code is not None and self._wrong_codes.empty(who):
            raise CodeRefused("tries")
        try:
            conversation, messages = await asyncio.to_thread(
                self._use_cases.start_conversation,
                channel,
                language,
                prefill,
                code=code,
                key=key,
                signed=signed,
            )
        except UnknownModel as error:
            raise NoSuchModel(str(error)) from None
        except InvalidSigned as error:
            # For whoever looks for the fault in the company's server; nothing of what stood in it.
            logger.info("signed fields were refused (%s)", error.why)
            raise SignedRefused(error.why) from None
        except InvalidCode as error:
            if error.why == "unknown":
                # Whoever has a code that was good once is not guessing; many may share one address.
                self._wrong_codes.wait(who)
            raise CodeRefused(error.why, **_in_words(language, error.values)) from None
        return Started(conversation.id, messages)

    async def arrive(self, arrival: Arrival) -> Arrived:
        """See the contract. It is durable when this returns; the reply follows by itself."""
        if self._chats is None:
            raise LookupError("there are no chat channels here")
        if self._arriving >= self._arrivals_at_once:
            raise Busy
        who = f"{arrival.channel} {arrival.account}"
        self._arriving += 1
        try:
            # One at a time of each chat: whether it is a repeat is read first, and then written.
            async with self._doors.setdefault(who, asyncio.Lock()):
                return await self._take_in(arrival, who)
        finally:
            self._arriving -= 1

    async def _in_arrivals(self, work: Callable[..., Taken], *arguments: Any, **more: Any) -> Taken:
        """Do it in a thread of those that draw no pictures and wait for nothing else."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, functools.partial(work, *arguments, **more))

    async def _take_in(self, arrival: Arrival, who: str) -> Arrived:
        assert self._chats is not None
        language = arrival.language or _language_of(arrival.text) or LANGUAGES[0]
        try:
            if self._unsure:
                # What may have come in before this goes first.
                await self._take_up()
            taken = await self._in_arrivals(
                self._chats.arrive,
                arrival.channel,
                arrival.account,
                arrival.message_id,
                text=arrival.text,
                button=arrival.button,
                event=arrival.event,
                code=arrival.code,
                language=language,
                locked=self._wrong_codes.empty(who),
                below=arrival.below,
            )
        except Exception:
            self._begin_recovery()
            raise
        if taken.refused is not None:
            self._wrong_codes.wait(who)
            values = _in_words(language, taken.refused.values)
            return Arrived(None, True, say(language, _CODES[taken.refused.why], **values))
        if taken.inbound is not None:
            if taken.new and (taken.inbound.event or {}).get("kind") == "code":
                self._wrong_codes.wait(who)
            ticket = self.turns.submit(
                taken.inbound.conversation_id, taken.inbound.turn_id, taken.inbound if taken.new else None
            )
            if taken.new and arrival.channel in self.channels:
                task = asyncio.create_task(self._show_typing(arrival, ticket))
                self._typing.add(task)
                task.add_done_callback(self._typing.discard)
        if taken.conversation_id is not None and taken.new:
            self._changed(taken.conversation_id)
        return Arrived(taken.conversation_id, taken.new)

    async def _show_typing(self, arrival: Arrival, ticket: Ticket) -> None:
        """Show that a reply is under way, from half a second on until it is there."""
        wait = _TYPING_AFTER
        while True:
            try:
                async with asyncio.timeout(wait):
                    await ticket.done.wait()
                return
            except TimeoutError:
                if self._courtesies.wait() > 0:
                    continue
                self._courtesies.take()
                with contextlib.suppress(Exception):  # nothing depends on it
                    await self.channels[arrival.channel].typing(arrival.account, arrival.message_id)
            wait = _TYPING_FOR

    async def reachable(self, channel: str, account: str, reachable: bool) -> None:
        """See the contract."""
        if self._chats is None:
            return
        for conversation_id in await asyncio.to_thread(self._chats.reachable, channel, account, reachable):
            self._changed(conversation_id)

    async def come_back(self, link_id: str, device: str) -> str:
        """See the contract."""
        try:
            conversation_id = await asyncio.to_thread(self._use_cases.come_back, link_id, device)
        except UnknownLink:
            raise LinkEnded(link_id) from None
        self._changed(conversation_id)
        return conversation_id

    async def take_over(self, code: str, device: str, who: str = "") -> str:
        """See the contract."""
        if self._wrong_codes.empty(who):
            raise CodeRefused("tries")
        try:
            conversation_id = await asyncio.to_thread(self._use_cases.take_over, code, device)
        except InvalidCode as error:
            self._wrong_codes.wait(who)
            raise CodeRefused(error.why, **error.values) from None
        self._changed(conversation_id)
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
        do: str | None = None,
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
                    self._use_cases.receive,
                    channel,
                    conversation_id,
                    message_id,
                    text=text,
                    button=button,
                    event=None if do is None else {"kind": "do", "what": do},
                )
            except MessageConflict:
                raise Conflict(message_id) from None
            except UnknownConversation:
                raise Gone(conversation_id) from None
            except Exception:
                self._begin_recovery()
                raise
            if not received.done:
                known = received.inbound if received.new else None
                ticket = self.turns.submit(conversation_id, received.turn_id, known)
        if received.new:
            self._changed(conversation_id)
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

    def _begin_recovery(self) -> None:
        """A commit whose answer was lost may have been one: nobody may repeat it, so we look."""
        self._unsure = True
        if self._recovery is None or self._recovery.done():
            self._recovery = asyncio.create_task(self._recover())

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
        for task in self._typing:
            task.cancel()
        await self.turns.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

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
        self._changed(conversation_id)
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
