"""The contract between a channel and the gateway: what a channel hands in, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.assessment.records import Button, Form, LinkKind, Message, MessageLinkKind

__all__ = [
    "Button",
    "Conflict",
    "Form",
    "Gone",
    "Hub",
    "LinkEnded",
    "LinkKind",
    "Message",
    "MessageLinkKind",
    "NoSuchModel",
    "Outcome",
    "Started",
]


class Conflict(Exception):
    """The same message id came in before with another content."""


class Gone(Exception):
    """There is no such conversation: erased, expired, or never there."""


class NoSuchModel(Exception):
    """The maturity model that was asked for is not on offer."""


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

    async def start(self, channel: str, language: str, prefill: Mapping[str, str]) -> Started:
        """Begin a conversation. Raises NoSuchModel."""

    async def come_back(self, link_id: str, device: str) -> str:
        """The conversation behind a way back; this device uses it up, and may ask again. Raises LinkEnded."""

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
    ) -> Outcome:
        """Hand in one message, exactly one of `text` and `button`. Raises Conflict and Gone."""

    async def history(self, conversation_id: str, after: str | None, wait: float) -> Sequence[Message] | None:
        """What was said after message `after` (None: from the start), waiting up to `wait` seconds for it.

        None when the conversation has no message `after`.
        """
