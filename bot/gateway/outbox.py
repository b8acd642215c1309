"""The outbox: what stands in a transcript goes to the chats where it belongs, in order, until it has arrived.

There is no second list of messages to send. The transcript is the list, and each account holds how far it was
delivered: a reply is therefore in the outbox in the very transaction that makes it, and in it once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.channels.contract import (
    Blocked,
    Capabilities,
    ChatChannel,
    NotSent,
    Outgoing,
    Part,
    Refused,
    TryLater,
    WindowClosed,
)
from bot.gateway.pacing import Pace, Queue
from bot.service.chats import Chats, Delivery

logger = logging.getLogger(__name__)

# Quick at first, since most troubles pass in a second; then patient, and never giving up.
_BACKOFF = (0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
# Seconds between two looks at a database that did not answer.
_LOOK_AGAIN = 1.0
# So many chats' paces are kept before those that are as good as new are forgotten.
_PACES = 1000

Fit = Callable[[Outgoing, Capabilities], list[Part]]
Dress = Callable[[Delivery], Outgoing]
Content = Callable[[tuple[str, ...], str], Awaitable[bytes | None]]


class Outbox:
    """Delivers to the accounts of these channels, one part of one account at a time.

    `fit`: a message into parts that its channel takes. `dress`: a message as it goes out, with addresses that
    work. `content`: the bytes of a picture or document (its source, and the language); None when it has gone.
    """

    def __init__(
        self,
        chats: Chats,
        channels: Mapping[str, ChatChannel],
        *,
        fit: Fit,
        dress: Dress,
        content: Content,
        backoff: tuple[float, ...] = _BACKOFF,
    ) -> None:
        self._chats = chats
        self._channels = channels
        self._fit = fit
        self._dress = dress
        self._content = content
        self._backoff = backoff
        # No burst here: one, and what follows it, would be twice a channel's limit within its first second.
        self._queues = {name: Queue(one.a_second) for name, one in channels.items()}
        self._paces: dict[str, Pace] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._news: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    # --- waking ---

    def changed(self, conversation_id: str) -> None:
        """A conversation has grown: what is new goes to its chats."""
        if self._channels and not self._stopping:
            self._spawn(self._wake_all(conversation_id))

    async def _wake_all(self, conversation_id: str) -> None:
        with contextlib.suppress(Exception):  # the database is away: `resume` looks again
            for account_id in await asyncio.to_thread(self._chats.accounts_of, conversation_id):
                self.wake(account_id)

    def wake(self, account_id: str) -> None:
        """Deliver what there is for this account."""
        if self._stopping:
            return
        self._news.add(account_id)
        if account_id not in self._workers:
            self._workers[account_id] = asyncio.create_task(self._work(account_id))

    async def resume(self) -> int:
        """Deliver what a former process left; to how many accounts that is."""
        waiting = await asyncio.to_thread(self._chats.to_deliver, list(self._channels))
        for account_id in waiting:
            self.wake(account_id)
        return len(waiting)

    async def watch(self, every: float) -> None:
        """Look every so many seconds for what nobody has told of: written by another process."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.resume()
            except Exception as error:
                logger.warning("the database does not answer yet (%s)", type(error).__name__)

    async def stop(self) -> None:
        """Stop. What is being sent may end; what was not sent is sent at the next start."""
        self._stopping = True
        tasks = {*self._workers.values(), *self._tasks}
        if tasks:
            await asyncio.wait(tasks, timeout=0.5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- delivering ---

    async def _work(self, account_id: str) -> None:
        try:
            while account_id in self._news:
                self._news.discard(account_id)
                try:
                    while not self._stopping and await self._deliver_next(account_id):
                        pass
                except Exception as error:
                    # The database, most likely: nothing is lost, and it is looked at again.
                    logger.warning("a delivery is taken up again after %s", type(error).__name__)
                    await asyncio.sleep(_LOOK_AGAIN)
                    self._news.add(account_id)
                if self._stopping:
                    return
        finally:
            # No await between the last look at the news and here: nothing can slip in between.
            del self._workers[account_id]

    async def _deliver_next(self, account_id: str) -> bool:
        """Send the next message to an account; False when there is nothing (more) to send now."""
        delivery = await asyncio.to_thread(self._chats.next_delivery, account_id)
        if delivery is None or delivery.channel not in self._channels:
            return False
        channel = self._channels[delivery.channel]
        parts = self._fit(self._dress(delivery), channel.capabilities)
        if not parts:
            await self._note(delivery, 0, last=True)
        outdated = delivery.outdated
        for number, part in enumerate(parts[delivery.part :], start=delivery.part + 1):
            try:
                keyboard = await self._send(channel, delivery, part)
            except Blocked:
                logger.info("an account of %s cannot be reached", delivery.channel)
                await asyncio.to_thread(self._chats.unreachable, account_id)
                return False
            except WindowClosed as closed:
                # It waits in the transcript, and goes out once the person has written again.
                if closed.knocked:
                    await self._surely(self._chats.knocked, delivery)
                return False
            if keyboard is not None:
                for old in outdated:
                    self._spawn(self._clear(channel, delivery.account, old))
                outdated = ()
            await self._note(delivery, number, last=number == len(parts), keyboard=keyboard)
        if delivery.part >= len(parts) > 0:
            await self._note(delivery, delivery.part, last=True)
        return True

    async def _send(self, channel: ChatChannel, delivery: Delivery, part: Part) -> str | None:
        """Send one part, however often it takes; what the channel calls it. Raises Blocked, WindowClosed."""
        content = None
        if part.source:
            content = await self._content(part.source, delivery.language)
            if content is None and part.kind == "document":
                return None
        failures = 0
        while True:
            pace = self._pace_of(channel, delivery.account_id)
            await asyncio.sleep(pace.wait())
            try:
                async with self._queues[channel.name].turn():
                    try:
                        return await channel.send(
                            delivery.account,
                            part,
                            content,
                            language=delivery.language,
                            heard_at=delivery.heard_at,
                            knocked=delivery.knocked,
                        )
                    finally:
                        # Only now: on its way it may have been held up, and the next one must not catch up.
                        pace.take()
            except WindowClosed:
                # Nothing went; so many of those may wait that nobody else would ever get a turn.
                pace.give_back()
                self._queues[channel.name].give_back()
                raise
            except TryLater as later:
                pace.hold(later.seconds)
                await asyncio.sleep(later.seconds)
            except NotSent as error:
                pause = self._backoff[min(failures, len(self._backoff) - 1)]
                failures += 1
                logger.warning(
                    "%s: not sent (%s), again in %.1f s",
                    channel.name,
                    "surely" if error.surely else "perhaps",
                    pause,
                )
                await asyncio.sleep(pause)
            except Refused:
                # Nothing over a limit ever gets here; what a channel still refuses must not hold up the rest.
                logger.error("%s refuses a message for good; it is left out", channel.name)
                return None

    def _pace_of(self, channel: ChatChannel, account_id: str) -> Pace:
        pace = self._paces.get(account_id)
        if pace is None:
            if len(self._paces) >= _PACES:
                self._paces = {
                    name: one for name, one in self._paces.items() if name in self._workers or not one.idle
                }
            pace = self._paces[account_id] = Pace(channel.at_once, channel.seconds_between)
        return pace

    async def _note(
        self, delivery: Delivery, number: int, *, last: bool, keyboard: str | None = None
    ) -> None:
        await self._surely(self._chats.delivered, delivery, number, last=last, keyboard=keyboard)

    async def _surely(self, note: Callable[..., None], *arguments: Any, **more: Any) -> None:
        """Write down what happened: it did, so this is tried until it is done."""
        while True:
            try:
                await asyncio.to_thread(note, *arguments, **more)
            except Exception as error:
                logger.warning("what was sent cannot be written down yet (%s)", type(error).__name__)
                await asyncio.sleep(_LOOK_AGAIN)
            else:
                return

    async def _clear(self, channel: ChatChannel, account: str, sent_id: str) -> None:
        """Take away buttons that nobody needs any more; when that fails, they still work as old ones do."""
        with contextlib.suppress(NotSent, TryLater, Blocked, WindowClosed, Refused):
            await channel.clear(account, sent_id)
