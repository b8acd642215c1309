"""How fast a channel may be written to: so many at once, and then steadily."""

from __future__ import annotations

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

    def reserve(self) -> float:
        """Take a place in the queue; how many seconds to wait for it."""
        if self._seconds <= 0:
            return 0.0
        self._refill()
        self._left -= 1
        return max(0.0, -self._left * self._seconds)

    def hold(self, seconds: float) -> None:
        """Nothing may go for so long: the channel has asked for it."""
        if self._seconds > 0:
            self._refill()
            self._left = min(self._left, -seconds / self._seconds)

    @property
    def idle(self) -> bool:
        """Whether it is as if it had never been used."""
        self._refill()
        return self._left >= self._room

    def _refill(self) -> None:
        now = self._now()
        if self._seconds > 0:
            self._left = min(self._room, self._left + (now - self._then) / self._seconds)
        self._then = now
