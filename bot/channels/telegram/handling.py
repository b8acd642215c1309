"""What is done about an update once it has been read: it is taken in first, all else comes behind."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.channels.contract import (
    Arrival,
    Blocked,
    Busy,
    ChatHub,
    Choice,
    NotSent,
    Refused,
    TryLater,
    WindowClosed,
)
from bot.channels.fitting import toggle
from bot.channels.keyboards import MARKS
from bot.channels.telegram.arrivals import CHANNEL, GroupRefusal, Reachable, Reading, Toggle
from bot.channels.telegram.channel import TelegramChannel
from bot.texts import say

logger = logging.getLogger(__name__)

TRIES = 5
"""So often an update is taken that fails for reasons of its own: it must not hold up everything for ever."""

# What will pass by itself: it is waited for as long as it takes.
_PASSES = (Busy, OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError)
_TRIES = 3
# In seconds: the first wait between two tries, and the longest one that Telegram may ask for; what is done
# here is worth nothing later.
_WAIT = 0.5
_LONGEST_WAIT = 10.0
_KEPT = 2000

T = TypeVar("T")


def passes(error: Exception) -> bool:
    """Whether an update that failed with this will be taken in once something else is well again."""
    return isinstance(error, _PASSES)


class Recent(Generic[T]):
    """The newest values, by key."""

    def __init__(self, most: int = _KEPT) -> None:
        self._most = most
        self._values: OrderedDict[object, T] = OrderedDict()

    def get(self, key: object) -> T | None:
        """What is kept under this key."""
        return self._values.get(key)

    def keep(self, key: object, value: T) -> None:
        """Keep it, and forget the oldest one where there are too many."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)


class Handler:
    """Does what updates ask for.

    A form that is being ticked, and what was refused, are remembered in memory only, and so is which taps
    have been seen: after a restart a repeated tick is read from the keyboard that came with it, and changes
    nothing.
    """

    def __init__(self, hub: ChatHub, channel: TelegramChannel) -> None:
        self._hub = hub
        self._channel = channel
        self._behind: set[asyncio.Task[None]] = set()
        self._ticking: WeakValueDictionary[tuple[str, int], asyncio.Lock] = WeakValueDictionary()
        self._keyboards: Recent[tuple[tuple[Choice, ...], ...]] = Recent()
        self._ticked: Recent[bool] = Recent()
        self._refused: Recent[bool] = Recent()

    async def handle(self, reading: Reading) -> None:
        """Take it in; when this returns, it is durable, and the update may be acknowledged.

        Raises Busy, and whatever the hub raises: then nothing is lost that comes again.
        """
        what = reading.what
        if isinstance(what, Toggle):
            self._later(self._tick(what, reading.callback))
            return
        if isinstance(what, Arrival):
            await self._arrive(what)
        elif isinstance(what, Reachable):
            await self._hub.reachable(CHANNEL, what.account, what.reachable)
        elif isinstance(what, GroupRefusal):
            self._later(
                self._patiently(lambda: self._channel.refuse_group(what.group, what.language), once=True)
            )
        if reading.callback is not None:
            self._answer(reading.callback)
        if reading.used is not None:
            account, message_id = reading.used
            self._later(self._patiently(lambda: self._channel.change(account, message_id, ())))

    async def stop(self) -> None:
        """Give what is under way a moment to end."""
        if self._behind:
            _, late = await asyncio.wait(self._behind, timeout=0.5)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _arrive(self, arrival: Arrival) -> None:
        arrived = await self._hub.arrive(arrival)
        if arrival.button is not None and MARKS in arrival.button:
            self._channel.ticked(arrival.account, None)
        key, refusal = (arrival.account, arrival.message_id), arrived.refusal
        if refusal is not None and not self._refused.get(key):
            self._refused.keep(key, True)
            self._later(self._patiently(lambda: self._channel.say(arrival.account, refusal), once=True))

    async def _tick(self, toggled: Toggle, callback: str | None) -> None:
        key = (toggled.account, toggled.message_id)
        # One after another: two quick taps come with the same keyboard, and both count.
        async with self._ticking.setdefault(key, asyncio.Lock()):
            if self._ticked.get(callback):
                return
            self._ticked.keep(callback, True)
            before = self._keyboards.get(key) or toggled.rows
            rows = toggle(before, toggled.data)
            known = bool(before) and rows != before
            if callback is not None:
                self._answer(callback, None if known else say(toggled.language or "en", "telegram.too_old"))
            if known and await self._patiently(lambda: self._channel.change(*key, rows)):
                self._keyboards.keep(key, rows)
                self._channel.ticked(toggled.account, rows)

    def _answer(self, callback: str, text: str | None = None) -> None:
        self._later(self._patiently(lambda: self._channel.answer(callback, text)))

    def _later(self, work: Coroutine[Any, Any, object]) -> None:
        """Do it without holding up whoever comes next."""

        async def doing() -> None:
            try:
                await work
            except Exception as error:
                logger.error("something beside a conversation failed: %s", type(error).__name__)

        task = asyncio.create_task(doing())
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    async def _patiently(self, call: Callable[[], Awaitable[None]], *, once: bool = False) -> bool:
        """Whether it was done, after a few tries. `once`: it must not happen twice, so doubt ends it."""
        wait = _WAIT
        for _ in range(_TRIES):
            try:
                await call()
                return True
            except TryLater as later:
                wait = later.seconds
            except NotSent as error:
                if once and not error.surely:
                    return False
            except (Blocked, Refused, WindowClosed):
                return False
            if wait > _LONGEST_WAIT:
                return False
            await asyncio.sleep(wait)
            wait *= 2
        return False
