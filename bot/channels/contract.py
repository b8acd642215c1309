"""The contract between a channel and the gateway: what a channel hands in, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from bot.assessment.records import Button, Form, LinkKind, Message, MessageLink, MessageLinkKind

__all__ = [
    "Arrival",
    "Arrived",
    "Blocked",
    "Busy",
    "Button",
    "Capabilities",
    "ChatChannel",
    "ChatHub",
    "Choice",
    "CodeRefused",
    "Conflict",
    "Form",
    "Gone",
    "Hub",
    "LinkEnded",
    "LinkKind",
    "Message",
    "MessageLink",
    "MessageLinkKind",
    "NoSuchModel",
    "NotSent",
    "Outcome",
    "Outgoing",
    "Part",
    "Refused",
    "SignedRefused",
    "Started",
    "TryLater",
    "WindowClosed",
]


class Conflict(Exception):
    """The same message id came in before with another content."""


class Gone(Exception):
    """There is no such conversation: erased, expired, or never there."""


class NoSuchModel(Exception):
    """The maturity model that was asked for is not on offer."""


class SignedRefused(Exception):
    """What was signed of a visitor cannot be trusted: nothing was begun."""


class LinkEnded(Exception):
    """The link was used on another device, was withdrawn, or never was."""


@dataclass(frozen=True)
class Started:
    """A new conversation: its id (for the channel only, never shown) and its greeting."""

    conversation_id: str
    messages: Sequence[Message]


@dataclass(frozen=True)
class Outcome:
    """The reply to one message; `pending`: it is kept, and the reply will follow by itself."""

    messages: Sequence[Message]
    pending: bool


class Hub(Protocol):
    """The gateway as a channel sees it."""

    async def start(
        self,
        channel: str,
        language: str,
        prefill: Mapping[str, str],
        *,
        code: str | None = None,
        key: str | None = None,
        who: str = "",
        signed: str | None = None,
    ) -> Started:
        """Begin a conversation. Raises NoSuchModel, CodeRefused and SignedRefused.

        `code`: of an invitation. `key`: random, chosen by the client: with it the call may be repeated.
        `who`: by what many wrong codes in a row are counted. `signed`: a JWT made with the campaign's key,
        which says the same as `prefill` and goes before it.
        """

    async def come_back(self, link_id: str, device: str) -> str:
        """The conversation behind a way back; this device uses it up, and may ask again. Raises LinkEnded."""

    async def take_over(self, code: str, device: str, who: str = "") -> str:
        """The conversation that was handed over with a code, which goes on in the web chat from now on.

        This device uses it up, and may ask again. Raises CodeRefused. `who`: as of `start`.
        """

    async def language(self, conversation_id: str) -> str:
        """The language of a conversation that is being used now. Raises Gone."""

    async def say(
        self,
        channel: str,
        conversation_id: str,
        message_id: str,
        *,
        text: str | None = None,
        button: str | None = None,
        do: str | None = None,
    ) -> Outcome:
        """Hand in one message: exactly one of `text`, `button` and `do`. Raises Conflict and Gone.

        `do`: a command of the page's own menu, one of bot.service.events.COMMANDS.
        """

    async def history(self, conversation_id: str, after: str | None, wait: float) -> Sequence[Message] | None:
        """What was said after message `after` (None: from the start), waiting up to `wait` seconds for it.

        None when the conversation has no message `after`.
        """


# --- chat channels: Telegram, WhatsApp, and whatever comes later -------------------------------------------


class Busy(Exception):
    """Nothing was taken in, since too much is under way: the channel has to deliver it again."""


@dataclass(frozen=True)
class Arrival:
    """What came in at a chat channel, in words that all of them share. Whatever else they know is left out.

    `account`: whose chat it is, as the channel names it (a chat's id, a person's, a number). `message_id`: at
    most 64 characters, unique within the account; a repeat carries the same. At most one of `text`, `button`
    (a token) and `event` is set; none is for a bare start. `event`: what is neither said nor tapped, such as
    {"kind": "attachment", "what": "voice"}, {"kind": "edit", "of": message id, "text": ...} or
    {"kind": "do", "what": "menu"}. `code`: what was brought along to begin with or to go on with. `language`:
    the one that the person's app is set to, if it is one of ours. `at`: when it was said. `below`: the
    channel's id of the message whose buttons are taken away because one of them was tapped.
    """

    channel: str
    account: str = field(repr=False)
    message_id: str
    text: str | None = field(default=None, repr=False)
    button: str | None = field(default=None, repr=False)
    event: Mapping[str, str] | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    language: str | None = None
    at: datetime | None = None
    below: str | None = None


@dataclass(frozen=True)
class Arrived:
    """An arrival that is durable now. `new` is False for a repeat.

    `refusal`: a sentence to send to the account by itself, where there is no conversation to say it in.
    """

    conversation_id: str | None
    new: bool
    refusal: str | None = None


class CodeRefused(Exception):
    """A code opens nothing (any more). `why`: unknown, used, expired, revoked, closed, early, tries.

    `values`: what fills in the sentence that says so, such as a date.
    """

    def __init__(self, why: str, **values: str) -> None:
        super().__init__(why)
        self.why = why
        self.values = values


class ChatHub(Protocol):
    """The gateway as a chat channel sees it."""

    async def arrive(self, arrival: Arrival) -> Arrived:
        """Take it in; when this returns, it is durable, and may be acknowledged. Raises Busy."""

    async def reachable(self, channel: str, account: str, reachable: bool) -> None:
        """The person has blocked the bot, or let it in again."""


@dataclass(frozen=True)
class Capabilities:
    """What a message of a channel can hold. Lengths count `units`: characters, or UTF-16 code units.

    `text`: one message without buttons; `body_with_buttons`, `body_with_list`: with them. `caption`: below a
    picture or document. `button_data`, `row_data`: bytes of UTF-8 of what a button or a row sends. `buttons`:
    how many fit below one message; more make a list of `rows` (0: there are no lists), or another message.
    `inline`: buttons stand in rows of several, `row_width` characters wide, and can be changed later, so a
    form can be filled in by tapping.
    """

    units: Literal["characters", "utf16"]
    text: int
    caption: int
    body_with_buttons: int
    body_with_list: int
    buttons: int
    button_title: int
    button_data: int
    rows: int
    row_title: int
    row_description: int
    row_data: int
    list_button: int
    inline: bool
    row_width: int


@dataclass(frozen=True)
class Outgoing:
    """One message of the bot on its way to a chat: as in the transcript, with addresses that work outside.

    `links`: title and address of what can be opened, in order. `documents`: kind ('report', 'data') and link
    id of files that are sent along. `more`: title of the button that opens a list, and what stands above
    buttons that did not fit below the message.
    """

    message: Message
    links: tuple[tuple[str, str], ...] = ()
    documents: tuple[tuple[str, str], ...] = ()
    open_list: str = "…"
    more: str = "…"


@dataclass(frozen=True)
class Choice:
    """One button or row: its title, what it sends, and (rows only) a description below the title."""

    title: str
    data: str
    description: str = ""


@dataclass(frozen=True)
class Part:
    """One message as a channel sends it; every length is within its capabilities.

    `text`: the body, or the caption of a picture or document. `strong`: from and to (in characters of `text`)
    of what deserves emphasis. `rows`: buttons, in rows; `choices`: the rows of a list, which opens with
    `list_button`. `source`: the picture's id, or kind and link id of a document.
    """

    kind: Literal["text", "picture", "document"]
    text: str
    strong: tuple[tuple[int, int], ...] = ()
    rows: tuple[tuple[Choice, ...], ...] = ()
    choices: tuple[Choice, ...] = ()
    list_button: str = ""
    source: tuple[str, ...] = ()


class NotSent(Exception):
    """A part was not sent, or nobody knows. `surely`: it certainly did not reach the person."""

    def __init__(self, why: str, *, surely: bool) -> None:
        super().__init__(why)
        self.surely = surely


class TryLater(Exception):
    """The channel asks to wait; nothing was sent. `seconds`: how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:g} s")
        self.seconds = seconds


class Blocked(Exception):
    """The person cannot be reached (any more): has blocked the bot, has gone, or never was."""


class WindowClosed(Exception):
    """The channel allows no free text to this person until they have written again.

    `knocked`: a fixed sentence that it does allow went to them just now, so that they may.
    """

    def __init__(self, why: str = "", *, knocked: bool = False) -> None:
        super().__init__(why)
        self.knocked = knocked


class Refused(Exception):
    """The channel will never take this part as it is; sending it again would not help."""


class ChatChannel(Protocol):
    """A chat channel as the outbox sees it.

    All of it may raise NotSent, TryLater, Blocked, WindowClosed and Refused.
    """

    name: str
    capabilities: Capabilities
    # Seconds between two parts to one account in the long run, how many may go at once, and parts a second
    # to all accounts together.
    seconds_between: float
    at_once: int
    a_second: float

    async def send(
        self,
        account: str,
        part: Part,
        content: bytes | None,
        *,
        language: str,
        heard_at: datetime,
        knocked: bool,
    ) -> str | None:
        """Send one part; the channel's id for it, if its buttons have to be taken away later.

        `content`: the bytes of a picture or document. `language`: of the person. `heard_at`: when something
        was last heard of the person. `knocked`: all that waits now was knocked for (WindowClosed).
        """

    async def clear(self, account: str, sent_id: str) -> None:
        """Take away the buttons below a part that was sent."""

    async def typing(self, account: str, message_id: str) -> None:
        """Show that a reply is under way to this message; shown for a few seconds."""
