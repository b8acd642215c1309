"""What is kept of a conversation: frozen records that cross the boundary between store and use-cases."""

from __future__ import annotations

import hashlib
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
InvitationKind = Literal["single", "open"]
"""For one person, or for all who have the link."""
LinkKind = Literal["result", "share", "back", "data"]
"""The person's own result page, its view for colleagues, the way back to the chat, the file of one's data."""
MessageLinkKind = Literal["result", "share", "back", "data", "report", "move"]
"""What a link below a message leads to.

'report' is the PDF behind the link of the result page; 'move' another place to go on with the conversation,
and its id that of a handover, a point, and the channel.
"""


CLOSED = -1
"""For Conversation.web_until: the web chat opens the conversation no more."""


@dataclass(frozen=True)
class Conversation:
    """One person in one channel. `pending` is the question to which yes or no is expected, if any.

    `misunderstood` counts the messages in a row that could not be placed. `prefill` is what was known
    beforehand: the maturity model to begin with ('model'), how much ('depth'), and the names of the segments
    and of the signed fields ('segments', 'signed'), with blanks between. `segments`: what the person said of
    the own place in the organisation (bot.assessment.segments), segment -> option or 'skipped'.

    `campaign_id`: what it was begun for. `invitation_id`: by which link, in a campaign by name only.
    `account_id`: the chat account (Account) where it goes on now; None for the web chat. `reminding`: what
    was agreed on about reminders (bot.service.reminding), None where nothing was. `web_until`: the web chat,
    which was left, shows nothing after this message; CLOSED: it opens the conversation no more. `reference`:
    what the site where it was begun calls this person, in a campaign by name only. `quoting`: 'yes' or 'no',
    what the person said of showing own words to colleagues without the name; 'ask' where nothing was said to
    that; None where it was not asked.
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
    campaign_id: str | None = None
    invitation_id: str | None = None
    account_id: str | None = None
    reminding: Mapping[str, Any] | None = None
    web_until: int | None = None
    reference: str | None = field(default=None, repr=False)
    quoting: str | None = None

    @property
    def signed(self) -> tuple[str, ...]:
        """What a company's server has signed and nobody can change here: segments, and 'reference'."""
        return tuple((self.prefill.get("signed") or "").split())


@dataclass(frozen=True)
class Inbound:
    """One message as it came in. Exactly one of `text`, `button` and `event` is set until the turn is done.

    Once done, the words are in the transcript only. `fingerprint` is a keyed hash of the content. `event`:
    what is neither said nor tapped (bot.channels.contract.Arrival). `account_id`: the chat account that it
    came from; None for the web chat.
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
    event: Mapping[str, Any] | None = None
    account_id: str | None = None


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

    `open` is False once it was used up or withdrawn. `until`: when it ends by itself, None for never.
    """

    id: str
    title: str
    kind: MessageLinkKind
    open: bool = True
    until: datetime | None = None

    def works(self, now: datetime) -> bool:
        """Whether it still leads somewhere."""
        return self.open and (self.until is None or now < self.until)


@dataclass(frozen=True)
class Draft:
    """A message of the bot before it has a place in the transcript. `completed`: as of Message."""

    text: str
    language: str
    buttons: tuple[Button, ...] = ()
    picture_id: str | None = None
    kind: MessageKind = "reply"
    table: Table | None = None
    links: tuple[MessageLink, ...] = ()
    form: Form | None = None
    completed: str | None = None


@dataclass(frozen=True)
class Message:
    """One line of the transcript, as the person saw it. `seq` counts from 1 within the conversation.

    `completed`: on the result of a complete assessment, what stands for that assessment outside.
    """

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
    completed: str | None = None


@dataclass(frozen=True)
class Assessment:
    """One run of one version of a maturity model (`definition_hash` names its snapshot).

    `current_item` is the open question ('dimension.item'); None once completed. `business_line`: which
    customers it is about ('b2c', 'b2b', or 'both' together); None when that was not said. `depth`: 'quick'
    asks one item a dimension. `targets`: dimension id -> the level that somebody chose. `placed`: step key
    (bot.assessment.roadmap) -> benefit and investment, 1..3 each, as the respondent sees them. None for none.
    `approved_at`, `approved_by`: a consultant let the respondent see the result (Campaign.approve_first).
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
    approved_at: datetime | None = None
    approved_by: str | None = None


@dataclass(frozen=True)
class StoredPlacement:
    """Own words at an item, and where they seemed to stand, as it was shown to the person.

    `certainty`: 'clear' (one level was proposed), 'doubt' (the likeliest two) or 'unclear' (none). `likely`:
    every level with its probability in [0, 1], the likeliest first. `quote`: the part of `words` that spoke
    most for the likeliest level. `ahead`: it was said at an earlier question. `declined`: the person said no
    to what was proposed.
    """

    id: int
    assessment_id: str
    item_id: str
    turn_id: str
    words: str
    certainty: Literal["clear", "doubt", "unclear"]
    likely: tuple[tuple[int, float], ...]
    quote: str
    ahead: bool
    declined: bool
    at: datetime

    @property
    def proposed(self) -> tuple[int, ...]:
        """The levels that were shown as what it sounds like: one, two or none, the likeliest first."""
        count = {"clear": 1, "doubt": 2, "unclear": 0}[self.certainty]
        return tuple(level for level, _ in self.likely[:count])

    def probability(self, level: int) -> float:
        """How probable a level seemed, in [0, 1]."""
        return dict(self.likely).get(level, 0.0)


@dataclass(frozen=True)
class StoredAnswer:
    """One answer as it was given. A later answer to the same item supersedes it; nothing is overwritten.

    `words`: what was typed as the answer itself, None for a button. `placement`: the own words that went
    before the choice and were placed, if any.
    """

    id: int
    assessment_id: str
    answer: Answer
    supersedes: int | None
    turn_id: str
    by: str
    words: str | None
    at: datetime
    placement: StoredPlacement | None = None

    @property
    def own_words(self) -> str | None:
        """What the person said of it: the words that were placed, else what was typed as the answer."""
        return self.words if self.placement is None else self.placement.words


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


@dataclass(frozen=True)
class Question:
    """What a consultant (`who`, by name) asks a respondent; `item_id`: about which question, None for none.

    `seq`: the line of the transcript that put it first, None while another one waits for its answer.
    `answer_turn`: the turn in which it was answered, whose words stand in the transcript. `declined_at`: the
    person would rather not answer. `recalled_at`: the person was told once more that it waits.
    """

    id: str
    conversation_id: str
    assessment_id: str | None
    item_id: str | None
    text: str = field(repr=False)
    user_id: str
    who: str
    at: datetime
    seq: int | None = None
    answer_turn: str | None = None
    answered_at: datetime | None = None
    withdrawn_at: datetime | None = None
    declined_at: datetime | None = None
    recalled_at: datetime | None = None

    @property
    def status(self) -> Literal["open", "answered", "withdrawn", "declined"]:
        """Where it stands."""
        if self.answered_at is not None:
            return "answered"
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "open" if self.declined_at is None else "declined"


@dataclass(frozen=True)
class Organisation:
    """A company whose people are asked."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True)
class Campaign:
    """One round of questions in one organisation.

    `models`: ids of the maturity models to choose from, at least one. `depth`: None where the respondent
    chooses. `languages`: those that are spoken, the first by default. `segments`: segment -> option or
    'skipped', known beforehand; what is not named is asked. `targets`: model id -> dimension id -> level, set
    by the consultant; None where respondents choose. `anonymous`: nothing ties an answer to a person.
    `welcome`: language -> the text that opens the conversation. `contact`: who 'a person, please' leads to.
    `reminders`: at most so many to one respondent. `time_zone`: where they are, as IANA names it. `origins`:
    the sites that may show it (bot.origins). `signed_only`: what a page says of its visitor counts only if
    the company's own server has signed it (bot.service.embedding). `approve_first`: a consultant lets the
    respondent see each result. `keep_days`: so many days after its end all that people said is erased; None:
    kept until somebody erases it. `invented`: made by `peil demo`, and marked so wherever it is shown.
    """

    id: str
    organisation_id: str
    name: str
    models: tuple[str, ...]
    depth: Depth | None
    languages: tuple[str, ...]
    segments: Mapping[str, str]
    targets: Mapping[str, Mapping[str, int]] | None
    anonymous: bool
    opens_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    welcome: Mapping[str, str]
    contact: str | None
    reminders: int
    time_zone: str
    created_at: datetime
    origins: tuple[str, ...] = ()
    signed_only: bool = False
    approve_first: bool = False
    keep_days: int | None = None
    invented: bool = False


@dataclass(frozen=True)
class Invitation:
    """A link into a campaign. Its code is not stored: it follows from the id and the secret.

    `mark`: keyed hash of the code, to find it by. `label`: whom it is for, in a campaign by name only.
    `segments`: as of Campaign, for whoever uses this link. `uses`: how many began with it.
    """

    id: str
    campaign_id: str
    mark: str = field(repr=False)
    kind: InvitationKind
    label: str | None
    language: str | None
    segments: Mapping[str, str]
    created_at: datetime
    revoked_at: datetime | None = None
    uses: int = 0


@dataclass(frozen=True)
class Handover:
    """A one-time way to go on with a conversation elsewhere. `mark`: keyed hash of its code.

    `device`: keyed hash of the device that used it, where that may ask again.
    """

    id: str
    mark: str = field(repr=False)
    conversation_id: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    device: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Account:
    """A chat of one person with the bot in one channel, and one conversation held in it.

    `mark`: keyed hash of the channel's id for it, to find it by; `address`: that id, encrypted. One chat may
    hold several conversations one after another: what comes in belongs to the one with the newest `since`.
    `sent_seq`, `sent_part`: up to which message of the transcript, and how many parts of the next one, was
    delivered. `until_seq`: nothing after this message goes there (any more). `blocked_at`: the person cannot
    be reached. `heard_at`: when something last came in. `keyboard`: which reply has buttons that still stand,
    and behind a blank each, the channel's ids of its messages that do. `knocked_seq`: up to which message the
    person was asked to write (WindowClosed).
    """

    id: str
    channel: str
    mark: str = field(repr=False)
    address: str = field(repr=False)
    conversation_id: str
    since: datetime
    heard_at: datetime
    sent_seq: int = 0
    sent_part: int = 0
    until_seq: int | None = None
    blocked_at: datetime | None = None
    keyboard: str | None = None
    knocked_seq: int = 0


def spent_mark(account_mark: str, message_id: str) -> str:
    """What remains of a chat's message once its conversation was erased: enough to know a repeat, no more."""
    return hashlib.sha256(f"{account_mark} {message_id}".encode()).hexdigest()


@dataclass(frozen=True)
class Remindable:
    """Somebody in a campaign, with what tells whether to remind.

    `status`: of the assessment that is under way, None for none. `account`: the chat where it goes on.
    `undelivered`: something that the bot said has not arrived there.
    """

    conversation: Conversation
    status: str | None
    account: Account | None
    undelivered: bool


@dataclass(frozen=True)
class CampaignCount:
    """How many of a campaign: links for one person that count, who has agreed, who has a result."""

    invited: int = 0
    started: int = 0
    finished: int = 0


@dataclass(frozen=True)
class CampaignNote:
    """What somebody at the desk wrote down about a campaign. `by`: that user's name now."""

    id: int
    campaign_id: str
    text: str = field(repr=False)
    user_id: str
    by: str
    at: datetime


RequestKind = Literal["see", "erase"]
RequestOutcome = Literal["handed_over", "erased", "not_found", "refused", "withdrawn"]


@dataclass(frozen=True)
class PrivacyRequest:
    """A request to see or erase what is kept of somebody.

    `who`: who asks, as it was written down; None once it is done. `conversation_id`: the one that was found,
    which outlives what was erased: an id that leads nowhere then.
    """

    id: str
    organisation_id: str
    kind: RequestKind
    who: str | None = field(repr=False)
    conversation_id: str | None
    user_id: str
    at: datetime
    done_at: datetime | None = None
    outcome: RequestOutcome | None = None


@dataclass(frozen=True)
class FoundPerson:
    """Somebody in a campaign by name whom a search has found. `contact`: left when asking for a person."""

    conversation: Conversation
    campaign: str
    label: str | None = field(repr=False)
    contact: str | None = field(repr=False)
