"""Fetching updates from Telegram, for where nothing of ours can be reached from outside.

The library's own loop confirms updates before anybody has kept them. Here the offset moves on only past what
was taken in: what is under way when the process dies comes again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telegram import Bot
from telegram.error import Conflict

from bot.channels.contract import Busy
from bot.channels.telegram.arrivals import ALLOWED_UPDATES, UNREADABLE, Nothing, Reading, read, update_id
from bot.channels.telegram.client import TOKEN_REFUSED, Flood, plainly, token_refused
from bot.channels.telegram.handling import TRIES, passes

logger = logging.getLogger(__name__)

# In seconds, on top of what Telegram was told to wait.
_ANSWERS_WITHIN = 10.0
_LONGEST_PAUSE = 30.0
# While something waits to be taken in again, news is asked for this often.
_LOOK = 0.5
# As many chats at once. What is fetched can wait here, while more than the hub has room for would have to be
# taken in again, and other channels need room as well.
_AT_ONCE = 4
# For so long the chats whose message takes its time are waited for before the others' news is asked for.
_PATIENCE = 1.0
# After so long without another one a conflict is over: two that fetch in turns each succeed now and then.
_CALM = 60.0
# In seconds: what is under way when it ends has this long.
_LAST_MOMENTS = 1.0


class Pauses:
    """How long to wait between two tries: twice as long each time, up to half a minute."""

    def __init__(self, first: float) -> None:
        self._first = first
        self._next = first

    def next(self) -> float:
        """In seconds."""
        now, self._next = self._next, min(_LONGEST_PAUSE, 2 * self._next)
        return now

    def reset(self) -> None:
        """Begin anew."""
        self._next = self._first


@dataclass
class _Held:
    """A lane whose first update could not be taken in yet. `until`: when it is tried again."""

    pauses: Pauses
    update: int
    tries: int = 0
    until: float = 0.0


class Poller:
    """Hands in updates, those of one chat one after another, those of others at the same time.

    `handle`: takes one in; when it returns, it is durable. `username`: the bot's own, if known. `wait`:
    seconds that Telegram may hold a request until there is news. `pause`: the first pause after an error.
    """

    def __init__(
        self,
        bot: Bot,
        handle: Callable[[Reading], Awaitable[None]],
        *,
        username: Callable[[], str | None] = lambda: None,
        wait: int = 25,
        pause: float = 1.0,
    ) -> None:
        self._bot = bot
        self._handle = handle
        self._username = username
        self._wait = wait
        self._pause = pause
        self._offset: int | None = None
        # Taken in, though something before them is not.
        self._done: set[int] = set()
        self._held: dict[str, _Held] = {}
        self._working: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        """Fetch and hand in, until cancelled, or until Telegram does not know the token any more."""
        try:
            await self._fetch_and_hand_in()
        finally:
            await self._end_work()

    async def _fetch_and_hand_in(self) -> None:
        pauses, conflicts = Pauses(self._pause), Pauses(self._pause)
        conflict_at: float | None = None
        trouble = False
        while True:
            try:
                updates = await self._fetch()
            except Conflict:
                if conflict_at is None:
                    logger.error(
                        "Telegram says that somebody else fetches this bot's messages, or has set a webhook "
                        "for it: only one process may. Stop the other one; until then messages arrive there."
                    )
                conflict_at = time.monotonic()
                await asyncio.sleep(conflicts.next())
            except Flood as flood:
                await asyncio.sleep(flood.seconds)
            except Exception as error:
                if token_refused(error):
                    logger.error(TOKEN_REFUSED)
                    return
                if not trouble:
                    logger.warning(
                        "Telegram cannot be reached (%s); it is tried again and again", plainly(error)
                    )
                trouble = True
                await asyncio.sleep(pauses.next())
            else:
                if trouble:
                    logger.info("Telegram can be reached again")
                    trouble = False
                    pauses.reset()
                if conflict_at is not None and time.monotonic() - conflict_at > _CALM:
                    logger.info("nobody else fetches this bot's messages any more")
                    conflict_at = None
                    conflicts.reset()
                await self._take_in(updates)
                if self._open:
                    await asyncio.sleep(min(_LOOK, self._pause))

    @property
    def _open(self) -> bool:
        """Whether something that was fetched is not taken in yet."""
        return bool(self._held or self._working)

    async def _fetch(self) -> list[tuple[int, Reading]]:
        """What Telegram holds from the offset on, by number, in order; waits for news if nothing is open."""
        wait = 0 if self._open else self._wait
        # The method is named in small letters, since the library has one of this name that fails with all of
        # them at the first update that it does not understand, and writes them into the log.
        found = await self._bot.do_api_request(
            "getupdates",
            {"offset": self._offset, "timeout": wait, "allowed_updates": list(ALLOWED_UPDATES)},
            read_timeout=wait + _ANSWERS_WITHIN,
        )
        username = self._username()
        numbered = ((update_id(one), one) for one in (found if isinstance(found, list) else ()))
        return sorted(
            ((number, read(one, username)) for number, one in numbered if number is not None),
            key=lambda one: one[0],
        )

    async def _take_in(self, updates: list[tuple[int, Reading]]) -> None:
        """Hand in what can be now, and move the offset up to the first that is not taken in."""
        lanes: dict[str, list[tuple[int, Reading]]] = {}
        for number, reading in updates:
            if number not in self._done:
                lanes.setdefault(reading.lane, []).append((number, reading))
        for lane, ones in lanes.items():
            if lane not in self._working:
                self._working[lane] = asyncio.create_task(self._through(lane, ones))
        if self._working:
            await asyncio.wait(self._working.values(), timeout=_PATIENCE)
        self._working = {lane: task for lane, task in self._working.items() if not task.done()}
        numbers = [number for number, _ in updates]
        if numbers:
            self._offset = next((one for one in numbers if one not in self._done), numbers[-1] + 1)
            self._done = {one for one in self._done if one > self._offset}
        # What Telegram keeps no longer (it forgets after a day) is waited for no longer.
        self._held = {lane: held for lane, held in self._held.items() if held.update in numbers}

    async def _through(self, lane: str, ones: list[tuple[int, Reading]]) -> None:
        """One after another, up to the first that has to wait."""
        async with self._places:
            for number, reading in ones:
                if not await self._one(lane, number, reading):
                    return

    async def _one(self, lane: str, number: int, reading: Reading) -> bool:
        """Whether this update is done with. False: it will be tried again, and what is behind it waits."""
        held = self._held.get(lane)
        if held is not None and time.monotonic() < held.until:
            return False
        try:
            if not isinstance(reading.what, Nothing) or reading.callback is not None:
                await self._handle(reading)
            elif reading.kind == UNREADABLE:
                logger.warning("an update of Telegram could not be read")
        except Exception as error:
            if held is None:
                if not isinstance(error, Busy):
                    logger.warning("an update of Telegram (%s) waits: %s", reading.kind, type(error).__name__)
                held = self._held[lane] = _Held(Pauses(self._pause), number)
            held.until = time.monotonic() + held.pauses.next()
            held.tries += not passes(error)
            if held.tries < TRIES:
                return False
            logger.error("an update of Telegram (%s) was given up: %s", reading.kind, type(error).__name__)
        self._held.pop(lane, None)
        self._done.add(number)
        return True

    async def _end_work(self) -> None:
        """Let what is being kept be kept; the rest comes again."""
        if self._working:
            _, late = await asyncio.wait(self._working.values(), timeout=_LAST_MOMENTS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
