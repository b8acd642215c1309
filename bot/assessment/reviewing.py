"""What consultants keep about a respondent: levels of their own, and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Judgement:
    """A consultant's own level for one answer, and why. Append-only: the newest of an item counts.

    `answer_id`: the answer that it is about, None where there was none. `level` None: it was taken back.
    """

    id: int
    assessment_id: str
    item_id: str
    answer_id: int | None
    level: int | None
    reason: str = field(repr=False)
    user_id: str
    who: str
    at: datetime


@dataclass(frozen=True)
class Note:
    """What a consultant wrote down about an answer (`item_id`), or about the respondent."""

    id: int
    assessment_id: str
    item_id: str | None
    text: str = field(repr=False)
    user_id: str
    who: str
    at: datetime
