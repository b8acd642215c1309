"""How fast a channel may be written to: so many at once, and then steadily."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


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
    """Many who go at one pace, one behind the other: those who were held up do not go at the same time."""

    def __init__(self, seconds: float) -> None:
        self._pace = Pace(1, seconds)
        self._door = asyncio.Lock()

    async def pass_through(self) -> None:
        """Wait for one's turn, and take it."""
        async with self._door:
            while (wait := self._pace.wait()) > 0:
                await asyncio.sleep(wait)
            self._pace.take()

    def give_back(self) -> None:
        """Nothing came of the turn: it is the next one's."""
        self._pace.give_back()
