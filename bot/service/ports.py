"""What the use-cases need from outside: a store, a clock, definitions, a picture's spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from bot.assessment.answers import Answer
from bot.assessment.definitions import MaturityModel
from bot.assessment.records import (
    Assessment,
    Conversation,
    Draft,
    HelpRequest,
    Inbound,
    Link,
    LinkKind,
    Message,
    Picture,
    Snapshot,
    StoredAnswer,
)
from bot.assessment.scoring import Result


class Work(Protocol):
    """One transaction; the methods are documented where they are done, in bot.store.work."""

    def commit(self) -> None: ...
    def add_conversation(self, conversation: Conversation) -> None: ...
    def conversation(self, conversation_id: str) -> Conversation | None: ...
    def update_conversation(self, conversation_id: str, **changes: Any) -> None: ...
    def add_inbound(self, inbound: Inbound) -> None: ...
    def inbound_by_message(self, channel: str, conversation_id: str, message_id: str) -> Inbound | None: ...
    def inbound(self, turn_id: str) -> Inbound | None: ...
    def finish_turn(self, turn_id: str, at: datetime) -> None: ...
    def open_turns(self) -> list[tuple[str, str]]: ...
    def add_said(self, inbound: Inbound, text: str, language: str) -> None: ...
    def add_drafts(
        self, conversation_id: str, drafts: Sequence[Draft], turn_id: str | None, at: datetime
    ) -> None: ...
    def messages(self, conversation_id: str, after_seq: int = 0) -> list[Message]: ...
    def reply(self, turn_id: str, kind: str = "reply") -> list[Message]: ...
    def button_title(self, conversation_id: str, token: str) -> str | None: ...
    def seq_of(self, conversation_id: str, message_id: str) -> int | None: ...
    def offer(self, snapshots: Sequence[Snapshot]) -> None: ...
    def offered(self) -> list[tuple[str, str]]: ...
    def snapshot(self, definition_hash: str) -> Snapshot | None: ...
    def snapshots(self) -> list[Snapshot]: ...
    def add_assessment(self, assessment: Assessment) -> None: ...
    def update_assessment(self, assessment_id: str, **changes: Any) -> None: ...
    def assessments(self, *, conversation_id: str | None = None) -> list[Assessment]: ...
    def assessment(self, assessment_id: str) -> Assessment | None: ...
    def add_answer(
        self,
        assessment_id: str,
        answer: Answer,
        *,
        supersedes: int | None,
        turn_id: str,
        words: str | None,
        at: datetime,
    ) -> StoredAnswer: ...
    def answers(self, assessment_id: str) -> list[StoredAnswer]: ...
    def add_picture(self, picture: Picture) -> None: ...
    def picture(self, picture_id: str) -> Picture | None: ...
    def add_link(self, link: Link) -> None: ...
    def link(self, link_id: str) -> Link | None: ...
    def links(self, conversation_id: str, kind: LinkKind | None = None) -> list[Link]: ...
    def end_link(self, link_id: str, at: datetime, device: str | None = None) -> None: ...
    def add_help_request(self, request: HelpRequest) -> None: ...
    def update_help_request(self, request_id: str, contact: str | None) -> None: ...
    def help_requests(self, conversation_id: str | None = None) -> list[HelpRequest]: ...
    def erase_content(self, conversation_id: str, *, but_turn: str | None) -> None: ...
    def delete_unconsented(self, unused_since: datetime) -> int: ...
    def delete_conversation(self, conversation_id: str) -> bool: ...


class Store(Protocol):
    """Where units of work come from."""

    def write(self) -> AbstractContextManager[Work]:
        """A transaction that may change something."""

    def read(self) -> AbstractContextManager[Work]:
        """A transaction that only reads."""

    def scrub(self, *, thoroughly: bool = False) -> None:
        """Take what was erased out of the database's own files too."""

    def catch_up(self) -> None:
        """Do, at start, what a crash right after an erasure left undone."""


@dataclass(frozen=True)
class RadarFacts:
    """What the radar shows: the result, and every word in the person's language.

    `scores`: dimension id -> today's score as people read it. `before`: dimension id -> the score of an
    earlier measurement, named `before_label`; None for both where there is none.
    """

    model: MaturityModel
    result: Result
    language: str
    title: str
    subtitle: str
    today: str
    target: str
    scores: dict[str, str]
    before: Mapping[str, float | None] | None = None
    before_label: str | None = None


@dataclass(frozen=True)
class MatrixStep:
    """One step in the matrix: its number, what it is, benefit and investment (1..3), and when."""

    number: int
    title: str
    benefit: int
    investment: int
    horizon: Literal["now", "next", "later"]


@dataclass(frozen=True)
class MatrixFacts:
    """What the matrix shows, every word in the person's language.

    `benefits` and `investments` name 1, 2 and 3; `horizons`: now, next, later.
    """

    language: str
    title: str
    subtitle: str
    steps: tuple[MatrixStep, ...]
    benefit: str
    benefits: tuple[str, str, str]
    investment: str
    investments: tuple[str, str, str]
    horizons: tuple[str, str, str]


Clock = Callable[[], datetime]
"""Tells the time, in UTC."""

Parser = Callable[[str], MaturityModel]
"""Makes a maturity model of a snapshot's canonical text."""

RadarSpec = Callable[[RadarFacts], str]
"""Makes the renderer's description of a result's picture."""

MatrixSpec = Callable[[MatrixFacts], str]
"""Makes the renderer's description of a matrix."""
