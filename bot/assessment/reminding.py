"""Reminders: what a person agreed to, and when the next one may come.

Everything here is our own rule. A reminder comes by day only, as the clocks of the person's time zone say it,
whatever summer time does to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

QUIET = timedelta(hours=20)
"""So long nothing was heard before the first one. Together with the night it makes 'tomorrow' of any time of
day, and most often it is still within the day in which WhatsApp lets a bot write of its own accord."""
BETWEEN = timedelta(days=3)
"""From one to the next, while nothing is heard."""
MORNING, EVENING = time(9), time(20)
"""By day is from the one, and until before the other."""

# Where somebody has all of them sent now: who is answering at this moment is let be, and so is who was
# reminded today.
_AT_IT = timedelta(hours=1)
_TODAY = timedelta(hours=20)


@dataclass(frozen=True)
class Reminding:
    """What was agreed on with one person, and what came of it.

    `time_zone`: as IANA names it. `sent`: how many count towards the most that there may be. `last_at`: when
    the last one was sent; None where a new one was wished for since. `hurried_at`: when whoever runs the
    campaign asked for the next one to come as soon as it is day.
    """

    agreed: bool
    time_zone: str
    sent: int = 0
    last_at: datetime | None = None
    hurried_at: datetime | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> Reminding | None:
        """As it is kept with a conversation; None where nothing was agreed on."""
        if stored is None:
            return None
        times = {name: datetime.fromisoformat(stored[name]) for name in _TIMES if stored.get(name)}
        return cls(stored["agreed"], stored["time_zone"], stored["sent"], **times)

    def data(self) -> dict[str, Any]:
        """For keeping with a conversation; times as ISO 8601 has them."""
        return {
            "agreed": self.agreed,
            "time_zone": self.time_zone,
            "sent": self.sent,
            **{name: at.isoformat() for name in _TIMES if (at := getattr(self, name)) is not None},
        }

    def counted(self, now: datetime) -> Reminding:
        """The same once one more was sent."""
        return replace(self, sent=self.sent + 1, last_at=now, hurried_at=None)


_TIMES = ("last_at", "hurried_at")


def may_follow(reminding: Reminding, heard_at: datetime, now: datetime, *, hurried: bool = False) -> bool:
    """Whether the next one may come, as far as waiting goes; the night is another matter.

    `heard_at`: when something was last heard of the person. `hurried`: it is to come now.
    """
    asked_since = reminding.hurried_at is not None and heard_at < reminding.hurried_at
    quiet, between = (_AT_IT, _TODAY) if hurried or asked_since else (QUIET, BETWEEN)
    last = reminding.last_at
    return now >= heard_at + quiet and (last is None or now >= last + between)


def is_day(now: datetime, time_zone: str) -> bool:
    """Whether the clocks there show a time at which one may be written to."""
    return MORNING <= now.astimezone(ZoneInfo(time_zone)).time() < EVENING
