"""Rate limits: a bucket per key that refills steadily. Kept in memory only, so nobody's address is stored."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

_FORGET_ABOVE = 10_000


class Limiter:
    """Allows `burst` at once per key and `per_minute` in the long run."""

    def __init__(self, burst: int, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._burst = float(burst)
        self._rate = per_minute / 60
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}
        self._forgot_at = now()

    def wait(self, key: str) -> int:
        """0 when one more is allowed now, and counts it; else the whole seconds to wait."""
        now = self._now()
        left, then = self._buckets.get(key, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _FORGET_ABOVE and now - self._forgot_at > 1:
            self._forget_full(now)
        return 0 if allowed else max(1, math.ceil((1 - left) / self._rate))

    def empty(self, key: str) -> bool:
        """Whether nothing more is allowed now; this counts nothing."""
        left, then = self._buckets.get(key, (self._burst, self._now()))
        return left + (self._now() - then) * self._rate < 1

    def _forget_full(self, now: float) -> None:
        self._forgot_at = now
        full = [
            key
            for key, (left, then) in self._buckets.items()
            if left + (now - then) * self._rate >= self._burst
        ]
        for key in full:
            del self._buckets[key]
