"""What WhatsApp's webhook delivers, in the words that all chat channels share. Pure: no clock, no network.

Source of the shapes: Meta's reference of the Cloud API's webhooks (field 'messages'). Nothing in here trusts
them: what has another shape is left out and named in `unknown`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.channels.contract import Arrival

CHANNEL = "whatsapp"

_LONGEST_ID = 64
_LONGEST_BUTTON = 64
# Kinds of media -> how all channels name it. WhatsApp tells a voice message from music by a flag only.
_ATTACHMENTS = {
    "audio": "voice",
    "contacts": "contact",
    "document": "document",
    "image": "photo",
    "location": "location",
    "order": "other",
    "sticker": "sticker",
    "unknown": "other",
    "unsupported": "other",
    "video": "video",
    "voice": "voice",
}
# Nobody waits for a reaction to these: what WhatsApp itself tells, and what is done to a message.
_SILENT = {"ephemeral", "errors", "reaction", "request_welcome", "revoke", "system"}
_SILENT_UNSUPPORTED = {"errors", "keep_in_chat", "link_preview", "pin", "poll_update", "reaction", "revoke"}
# The id of a person within a business: the country, a dot and up to 128 signs.
_SCOPED_ID = re.compile(r"([A-Z]{2})\.[A-Za-z0-9.]{1,128}")
_NUMBER = re.compile(r"[0-9]{5,20}")
# Where the country says the language: WhatsApp does not tell to which one the app is set.
_LANGUAGES = {"NL": "nl"}
_COUNTRY_CODES = {"31": "NL"}


@dataclass(frozen=True)
class Failure:
    """A message of ours that WhatsApp took and could not deliver. `code`: see Meta's list of error codes."""

    account: str = field(repr=False)
    code: int


@dataclass(frozen=True)
class Delivery:
    """What one request of WhatsApp's holds for our telephone number.

    `arrivals`: in the order in which it lists them, which is not always the one in which they were said.
    `originals`: message id as we use it -> as WhatsApp gave it, where the two differ. `unknown`: names of
    what could not be read; never what somebody wrote.
    """

    arrivals: tuple[Arrival, ...] = ()
    failures: tuple[Failure, ...] = ()
    originals: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def message_id(original: str) -> str:
    """WhatsApp's id of a message, or what always stands for it where that one is too long to be kept."""
    if len(original) <= _LONGEST_ID:
        return original
    return "short:" + hashlib.sha256(original.encode()).hexdigest()[: _LONGEST_ID - len("short:")]


def read(payload: object, phone_id: str) -> Delivery:
    """Everything in a request that concerns the telephone number with this id; never raises."""
    arrivals: list[Arrival] = []
    failures: list[Failure] = []
    originals: dict[str, str] = {}
    unknown: list[str] = []
    if _text(_dict(payload).get("object")) != "whatsapp_business_account":
        return Delivery(unknown=("object",))
    for value in _values(payload, phone_id):
        contacts = [_dict(contact) for contact in _list(value.get("contacts"))]
        for raw in _list(value.get("messages")):
            message = _dict(raw)
            arrival = _arrival(message, contacts, unknown)
            if arrival is not None:
                arrivals.append(arrival)
                original = _text(message.get("id"))
                if arrival.message_id != original:
                    originals[arrival.message_id] = original
        failures += _failures(value)
    return Delivery(tuple(arrivals), tuple(failures), originals, tuple(unknown))


def _values(payload: object, phone_id: str) -> Iterator[Mapping[str, Any]]:
    """The changes of field 'messages' that belong to our number; one address serves all numbers of an app."""
    for entry in _list(_dict(payload).get("entry")):
        for raw in _list(_dict(entry).get("changes")):
            change = _dict(raw)
            value = _dict(change.get("value"))
            ours = _text(_dict(value.get("metadata")).get("phone_number_id")) == phone_id
            if ours and change.get("field") == "messages":
                yield value


def _arrival(
    message: Mapping[str, Any], contacts: Sequence[Mapping[str, Any]], unknown: list[str]
) -> Arrival | None:
    kind = _text(message.get("type"))
    # Groups have a conversation of their own kind; the bot talks to one person at a time.
    if kind in _SILENT or "group_id" in message:
        return None
    original = _text(message.get("id"))
    account = _account(message, contacts)
    if not original or not account:
        unknown.append(f"{_name(kind)} without id or sender")
        return None
    content = _content(kind, message)
    if content is None:
        unknown.append(_name(kind))
    if not content:
        return None
    return Arrival(
        CHANNEL,
        account,
        message_id(original),
        **content,
        language=_language(account),
        at=_time(message.get("timestamp")),
    )


def _content(kind: str, message: Mapping[str, Any]) -> dict[str, Any] | None:
    """`text`, `button` or `event` of an arrival; empty where it deserves no reaction, None where unknown."""
    inner = _dict(message.get(kind))
    if kind == "text":
        body = _storable(inner.get("body"))
        return {"text": body} if body.strip() else {}
    if kind == "interactive":
        return _interactive(inner)
    if kind == "button":
        # Below a template. Where none was set, the payload is what stands on the button: as good as said.
        payload, title = _storable(inner.get("payload")), _storable(inner.get("text"))
        if payload and payload != title:
            return {"button": payload[:_LONGEST_BUTTON]}
        return {"text": title} if title.strip() else {}
    if kind == "edit":
        return _edit(inner)
    if kind == "unsupported" and _text(inner.get("type")) in _SILENT_UNSUPPORTED:
        return {}
    if kind in _ATTACHMENTS:
        caption = _storable(inner.get("caption"))
        return {"text": caption} if caption.strip() else _attachment(_ATTACHMENTS[kind])
    return None


def _interactive(inner: Mapping[str, Any]) -> dict[str, Any]:
    kind = _text(inner.get("type"))
    if kind in ("button_reply", "list_reply"):
        token = _storable(_dict(inner.get(kind)).get("id"))
        return {"button": token[:_LONGEST_BUTTON]} if token else {}
    # An answer about calls is none to us; a form of WhatsApp's own, or what it invents next, is a message.
    return {} if kind == "call_permission_reply" else _attachment("other")


def _edit(inner: Mapping[str, Any]) -> dict[str, Any]:
    edited = _dict(inner.get("message"))
    kind = _text(edited.get("type"))
    content = _dict(edited.get(kind))
    text = _storable(content.get("body" if kind == "text" else "caption"))
    original = _text(inner.get("original_message_id"))
    if not original or not text.strip():
        return {}
    return {"event": {"kind": "edit", "of": message_id(original), "text": text}}


def _attachment(what: str) -> dict[str, Any]:
    return {"event": {"kind": "attachment", "what": what}}


def _failures(value: Mapping[str, Any]) -> Iterator[Failure]:
    for raw in _list(value.get("statuses")):
        status = _dict(raw)
        if status.get("status") != "failed" or status.get("recipient_type") == "group":
            continue
        account = _text(status.get("recipient_user_id")) or _text(status.get("recipient_id"))
        for error in _list(status.get("errors")):
            code = _dict(error).get("code")
            if account and isinstance(code, int):
                yield Failure(account, code)


def _account(message: Mapping[str, Any], contacts: Sequence[Mapping[str, Any]]) -> str:
    """Who said it: the id of a person within this business, or the telephone number where there is none.

    The id comes first, since a person with a user name may hide the number, from one day to the next.
    """
    number = _text(message.get("from"))
    scoped = _text(message.get("from_user_id"))
    if not scoped:
        alike = [one for one in contacts if _text(one.get("wa_id")) == number] if number else list(contacts)
        scoped = _text(alike[0].get("user_id")) if len(alike) == 1 else ""
    if _SCOPED_ID.fullmatch(scoped):
        return scoped
    return number if _NUMBER.fullmatch(number) else ""


def _language(account: str) -> str | None:
    """A guess, for the first sentence; people say which language they want."""
    scoped = _SCOPED_ID.fullmatch(account)
    country = scoped[1] if scoped else _COUNTRY_CODES.get(account[:2], "")
    return _LANGUAGES.get(country)


def _time(seconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(_text(seconds)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _name(kind: str) -> str:
    """A kind as it may stand in a log: only what can be nothing but a name."""
    return kind if re.fullmatch(r"[a-z_]{1,30}", kind) else "nameless"


def _storable(value: object) -> str:
    """The text without what no database takes: NUL and halves of surrogate pairs."""
    text = value if isinstance(value, str) else ""
    return text.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")


def _text(value: object) -> str:
    """A short text that can be compared and hashed; numbers as their digits, anything else as nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _storable(value)


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
