"""What is kept of a conversation: frozen records that cross the boundary between store and use-cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.assessment.answers import Answer

Consent = Literal["open", "given", "refused"]
Depth = Literal["full", "quick"]
"""Whether an assessment asks every item, or those of the quick scan."""
Status = Literal["active", "completed", "abandoned"]
Role = Literal["bot", "user"]
MessageKind = Literal["greeting", "said", "reply", "notice"]
LinkKind = Literal["result", "share", "back", "data"]
"""The person's own result page, its view for colleagues, the way back to the chat, the file of one's data."""
MessageLinkKind = Literal["result", "share", "back", "data", "report"]
"""What a link below a message leads to; 'report' is the PDF behind the link of the result page."""


@dataclass(frozen=True)
class Conversation:
    """One person in one channel. `pending` is the question to which yes or no is expected, if any.

    `misunderstood` counts the messages in a row that could not be placed. `prefill` is what was known
    beforehand: the maturity model to begin with ('model'). `segments`: what the person said of the own place
    in the organisation (bot.assessment.segments), segment -> option or 'skipped'.
    """

    id: str
    channel: str
    language: str
    consent: Consent
    assessment_id: str | None
    pending: Mapping[str, Any] | None
    misunderstood: int
    prefill: Mapping[str, str]
    segments: Mapping[str, str]
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
class Table:
    """Facts in rows, for channels that can show a table; the first cell of a row names it.

    Paragraph `paragraph` of the message's text (from 0) says the same in lines, for those that cannot.
    """

    paragraph: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Form:
    """A list of which several entries can be marked at once, and sent with one tap.

    What is sent is `token`, '~', and a character for each of `of` entries: a mark, or '-' for none.
    `entries`: number (from 1) and title of those that are shown. `marks`: character -> its title; one mark
    makes a check box, more make a choice per entry. `send` and `none` stand on the button, the latter while
    nothing is marked. `marked`: number -> the mark that it has already, of an answer that is looked at again.
    """

    token: str
    of: int
    entries: tuple[tuple[int, str], ...]
    marks: Mapping[str, str]
    send: str
    none: str
    marked: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class MessageLink:
    """A link below a message: which, under what title. It has no address here: the channel signs one.

    `open` is False once it was used up or withdrawn.
    """

    id: str
    title: str
    kind: MessageLinkKind
    open: bool = True


@dataclass(frozen=True)
class Draft:
    """A message of the bot before it has a place in the transcript."""

    text: str
    language: str
    buttons: tuple[Button, ...] = ()
    picture_id: str | None = None
    kind: MessageKind = "reply"
    table: Table | None = None
    links: tuple[MessageLink, ...] = ()
    form: Form | None = None


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
    table: Table | None = None
    links: tuple[MessageLink, ...] = ()
    form: Form | None = None


@dataclass(frozen=True)
class Assessment:
    """One run of one version of a maturity model (`definition_hash` names its snapshot).

    `current_item` is the open question ('dimension.item'); None once completed. `business_line`: which
    customers it is about ('b2c', 'b2b', or 'both' together); None when that was not said. `depth`: 'quick'
    asks one item a dimension. `targets`: dimension id -> the level that somebody chose. `placed`: step key
    (bot.assessment.roadmap) -> benefit and investment, 1..3 each, as the respondent sees them. None for none.
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
    business_line: str | None = None
    depth: Depth = "full"
    targets: Mapping[str, int] | None = None
    placed: Mapping[str, Sequence[int]] | None = None


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


@dataclass(frozen=True)
class Link:
    """An address that leaves the house, under an unguessable id.

    `device` is the keyed hash of the device that used a way back; `ended_at`: when it was used or withdrawn.
    """

    id: str
    kind: LinkKind
    conversation_id: str
    assessment_id: str | None
    created_at: datetime
    device: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class HelpRequest:
    """Somebody asked for a person, at this question; `contact`: what they left to be reached by."""

    id: str
    conversation_id: str
    assessment_id: str | None
    item_id: str | None
    contact: str | None = field(repr=False)
    at: datetime
