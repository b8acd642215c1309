"""How fast a channel may be written to: so many at once, and then steadily."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

# So much more than the steady number may arrive within one second: channels set theirs below their limit.
_SPARE = 1.12
# In seconds.
_LOOK = 0.02


class Pace:
    """A bucket that refills steadily: `at_once` parts, then one every `seconds`. 0 seconds: no limit."""

    def __init__(self, at_once: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._room = float(at_once)
        self._seconds = seconds
        self._now = now
        self._left = self._room
        self._then = now()

    def wait(self) -> float:
        """How many seconds it takes until there is room for one part."""
        if self._seconds <= 0:
            return 0.0
        self._refill()
        return max(0.0, (1 - self._left) * self._seconds)

    def take(self) -> None:
        """One part goes now, or has gone just now, whether or not there was room."""
        self._refill()
        self._left -= 1

    def give_back(self) -> None:
        """The part did not go after all."""
        self._refill()
        self._left = min(self._room, self._left + 1)

    def hold(self, seconds: float) -> None:
        """Nothing may go for so long: the channel has asked for it."""
        if self._seconds > 0:
            self._refill()
            self._left = min(self._left, 1 - seconds / self._seconds)

    @property
    def idle(self) -> bool:
        """Whether it is as if it had never been used."""
        self._refill()
        return self._seconds <= 0 or self._left >= self._room

    def _refill(self) -> None:
        now = self._now()
        if self._seconds > 0:
            self._left = min(self._room, self._left + (now - self._then) / self._seconds)
        self._then = now


class Queue:
    """Many who go at one pace, one behind the other: those who were held up do not go at the same time.

    `a_second` goes steadily, 0 for no limit. Whatever holds parts up on their way, hardly more of them than
    that can arrive within one second: each of them is under way still, or was a second ago.
    """

    def __init__(self, a_second: float) -> None:
        self._pace = Pace(1, 1 / a_second if a_second > 0 else 0.0)
        self._most = max(1, int(a_second * _SPARE)) if a_second > 0 else 0
        self._under_way = 0
        self._there: deque[float] = deque()
        self._door = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn and take it; the part is there, or is not, once the block ends."""
        async with self._door:
            while (wait := self._wait()) > 0:
                await asyncio.sleep(wait)
            self._pace.take()
            self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if self._most:
                self._there.append(time.monotonic())

    def give_back(self) -> None:
        """Nothing came of the turn that ended last: it is the next one's."""
        self._pace.give_back()
        if self._there:
            self._there.pop()

    def _wait(self) -> float:
        wait = self._pace.wait()
        if not self._most:
            return wait
        now = time.monotonic()
        while self._there and self._there[0] <= now - 1:
            self._there.popleft()
        if self._under_way + len(self._there) < self._most:
            return wait
        # Whichever comes first: one gets there, or one's second is over. Looked at often enough for either.
        return max(wait, _LOOK)
