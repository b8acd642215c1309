"""What is kept of a conversation: frozen records that cross the boundary between store and use-cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.assessment.answers import Answer

Consent = Literal["open", "given", "refused"]
Status = Literal["active", "completed", "abandoned"]
Role = Literal["bot", "user"]
MessageKind = Literal["greeting", "said", "reply", "notice"]


@dataclass(frozen=True)
class Conversation:
    """One person in one channel. `pending` is the question to which yes or no is expected, if any.

    `misunderstood` counts the messages in a row that could not be placed. `prefill` is what was known
    beforehand: the maturity model to begin with ('model').
    """

    id: str
    channel: str
    language: str
    consent: Consent
    assessment_id: str | None
    pending: Mapping[str, Any] | None
    misunderstood: int
    prefill: Mapping[str, str]
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True)
class Inbound:
    """One message as it came in. Exactly one of `text` and `button` is set until the turn is done.

    Once done, the words are in the transcript only. `fingerprint` is a keyed hash of the content.
    """

    turn_id: str
    channel: str
    conversation_id: str
    message_id: str
    fingerprint: str
    text: str | None
    button: str | None
    received_at: datetime
    done_at: datetime | None


@dataclass(frozen=True)
class Button:
    """One button under a message: what it says, the token it sends, and how much room it deserves."""

    title: str
    token: str
    style: Literal["level", "quiet", "choice"]


@dataclass(frozen=True)
class Draft:
    """A message of the bot before it has a place in the transcript."""

    text: str
    language: str
    buttons: tuple[Button, ...] = ()
    picture_id: str | None = None
    kind: MessageKind = "reply"


@dataclass(frozen=True)
class Message:
    """One line of the transcript, as the person saw it. `seq` counts from 1 within the conversation."""

    seq: int
    id: str
    role: Role
    kind: MessageKind
    text: str
    language: str
    at: datetime
    turn_id: str | None = None
    buttons: tuple[Button, ...] = ()
    picture_id: str | None = None
    alt: str | None = None


@dataclass(frozen=True)
class Assessment:
    """One run of one version of a maturity model (`definition_hash` names its snapshot).

    `current_item` is the open question ('dimension.item'); None once completed.
    """

    id: str
    conversation_id: str
    definition_hash: str
    model_id: str
    model_version: str
    status: Status
    current_item: str | None
    started_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True)
class StoredAnswer:
    """One answer as it was given. A later answer to the same item supersedes it; nothing is overwritten."""

    id: int
    assessment_id: str
    answer: Answer
    supersedes: int | None
    turn_id: str
    by: str
    words: str | None
    at: datetime


@dataclass(frozen=True)
class Snapshot:
    """A published definition: canonical JSON under its content hash."""

    hash: str
    model_id: str
    version: str
    content: str = field(repr=False)
    published_at: datetime
    offered: bool


@dataclass(frozen=True)
class Picture:
    """What a picture shows (the renderer's JSON), under an unguessable id, and the same facts in words."""

    id: str
    conversation_id: str
    assessment_id: str
    spec: str = field(repr=False)
    alt: str = field(repr=False)
