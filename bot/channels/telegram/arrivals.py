"""What an update of Telegram means: the JSON that it delivers, read into what is to be done about it.

Read by hand and not by the library, which raises at whatever it does not know (and would write all of it into
the log): an update of next year's kind, or half an update, must not hold up those behind it.

Who sends a picture or a file with a caption has said the caption; the file itself is not looked at. Without
one it is an attachment, and an album is one attachment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.channels.contract import Arrival, Choice
from bot.channels.keyboards import TOGGLE
from bot.channels.telegram.commands import START, meaning_of
from bot.channels.web import storable
from bot.texts import LANGUAGES

CHANNEL = "telegram"

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of updates that are asked for. Others may still come, and are read as Nothing."""

UNREADABLE = "unreadable"
"""The kind of what is no update that anybody knows."""

_GROUPS = ("group", "supergroup")
_LONGEST_ID = 64
# Codes are shorter; of what somebody typed behind /start no more is needed to say that it opens nothing.
_LONGEST_CODE = 128

# What a message may hold that is neither said nor tapped, and what the dialogue calls it. Order counts: an
# animation comes with a document, a venue with a location.
_ATTACHMENTS = {
    "sticker": "sticker",
    "voice": "voice",
    "audio": "voice",
    "animation": "video",
    "video": "video",
    "video_note": "video",
    "live_photo": "photo",
    "photo": "photo",
    "document": "document",
    "venue": "location",
    "location": "location",
    "contact": "contact",
    "poll": "poll",
}
# What Telegram says in a chat by itself (https://core.telegram.org/bots/api#message): nobody said anything.
_SERVICE = frozenset(
    {
        "boost_added",
        "channel_chat_created",
        "chat_background_set",
        "chat_owner_changed",
        "chat_owner_left",
        "chat_shared",
        "checklist_tasks_added",
        "checklist_tasks_done",
        "connected_website",
        "delete_chat_photo",
        "direct_message_price_changed",
        "forum_topic_closed",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "gift",
        "gift_upgrade_sent",
        "giveaway_completed",
        "giveaway_created",
        "group_chat_created",
        "left_chat_member",
        "managed_bot_created",
        "message_auto_delete_timer_changed",
        "migrate_from_chat_id",
        "migrate_to_chat_id",
        "new_chat_members",
        "new_chat_photo",
        "new_chat_title",
        "paid_message_price_changed",
        "pinned_message",
        "poll_option_added",
        "poll_option_deleted",
        "proximity_alert_triggered",
        "refunded_payment",
        "successful_payment",
        "suggested_post_approval_failed",
        "suggested_post_approved",
        "suggested_post_declined",
        "suggested_post_paid",
        "suggested_post_refunded",
        "supergroup_chat_created",
        "unique_gift",
        "users_shared",
        "video_chat_ended",
        "video_chat_participants_invited",
        "video_chat_scheduled",
        "video_chat_started",
        "write_access_allowed",
    }
)


@dataclass(frozen=True)
class Toggle:
    """A tap that only ticks an entry of a form: its message gets another keyboard, and there is no turn.

    `rows`: the keyboard as it stood when it was tapped; empty where Telegram no longer shows the message.
    """

    account: str = field(repr=False)
    message_id: int
    data: str = field(repr=False)
    rows: tuple[tuple[Choice, ...], ...] = field(repr=False)
    language: str | None = None


@dataclass(frozen=True)
class Reachable:
    """The person has blocked the bot, or let it in again."""

    account: str = field(repr=False)
    reachable: bool


@dataclass(frozen=True)
class GroupRefusal:
    """Something was said to the bot in a group, where it does not talk."""

    group: str = field(repr=False)
    language: str | None = None


@dataclass(frozen=True)
class Nothing:
    """There is nothing to do."""


@dataclass(frozen=True)
class Reading:
    """One update, read.

    `kind`: which kind of update, for the log; never anything of what it holds. `lane`: updates of one lane
    are taken in one after another. `callback`: the id of a tap that has to be answered. `used`: account and
    id of the message whose buttons have now been used.
    """

    kind: str
    lane: str = field(repr=False)
    what: Arrival | Toggle | Reachable | GroupRefusal | Nothing
    callback: str | None = None
    used: tuple[str, int] | None = field(default=None, repr=False)


def update_id(update: object) -> int | None:
    """The number of an update; None for what is none."""
    return _whole(_part(update).get("update_id"))


def read(update: object, username: str | None = None) -> Reading:
    """What to do about an update. `username`: the bot's own, without '@'; None while nobody knows it.

    Never raises: what cannot be read is Nothing, mostly of the kind UNREADABLE.
    """
    whole = _part(update)
    for kind, reader in _READERS.items():
        if isinstance(whole.get(kind), Mapping):
            return reader(kind, whole[kind], username)
    kinds = sorted(key for key in whole if key != "update_id")
    # Only a name that could be one of Telegram's: what stands there is otherwise somebody's own.
    known = (
        len(kinds) == 1 and kinds[0].isascii() and kinds[0].isidentifier() and len(kinds[0]) <= _LONGEST_ID
    )
    return Reading(kinds[0] if known else UNREADABLE, "", Nothing())


def _read_message(kind: str, message: Mapping[str, Any], username: str | None) -> Reading:
    chat, sender = _part(message.get("chat")), _part(message.get("from"))
    account, number = _whole(chat.get("id")), _whole(message.get("message_id"))
    if account is None or number is None:
        return Reading(UNREADABLE, "", Nothing())
    lane, nothing = str(account), Reading(kind, str(account), Nothing())
    # Of two bots that refuse one another there would be no end. (An administrator who hides behind the group
    # has a bot for a sender, and the group beside it.)
    bot = sender.get("is_bot") is True and "sender_chat" not in message
    if bot or message.get("is_automatic_forward") is True or not _SERVICE.isdisjoint(message):
        return nothing
    language = _language(sender)
    if chat.get("type") in _GROUPS:
        return Reading(kind, lane, GroupRefusal(lane, language))
    if chat.get("type") != "private":
        return nothing
    text, code, event = _said(message, username)
    message_id = f"m{number}"
    group = message.get("media_group_id")
    if event is not None and event["kind"] == "attachment" and isinstance(group, str):
        # An album: many messages for Telegram, one attachment for the person.
        message_id = _within(f"g{group}")
        event = {**event, "what": "photo" if event["what"] == "video" else event["what"]}
    arrival = Arrival(
        CHANNEL,
        lane,
        message_id,
        text,
        event=event,
        code=code,
        language=language,
        at=_at(message.get("date")),
    )
    return Reading(kind, lane, arrival)


def _said(
    message: Mapping[str, Any], username: str | None
) -> tuple[str | None, str | None, dict[str, str] | None]:
    """Text, code and event of a message; exactly one of them is something."""
    text = _text(message, "text")
    if text is None:
        # Who sends a picture and says something with it has said it.
        text = _text(message, "caption")
        if text is not None:
            return text, None, None
        found = (what for key, what in _ATTACHMENTS.items() if key in message)
        return None, None, {"kind": "attachment", "what": next(found, "other")}
    what, payload = meaning_of(text, username)
    if what == START and payload:
        return None, payload[:_LONGEST_CODE], None
    if what == START:
        return None, None, {"kind": "start"}
    if what is not None:
        return None, None, {"kind": "do", "what": what}
    return text, None, None


def _read_edit(kind: str, message: Mapping[str, Any], username: str | None) -> Reading:
    chat, sender = _part(message.get("chat")), _part(message.get("from"))
    account, number = _whole(chat.get("id")), _whole(message.get("message_id"))
    if account is None or number is None:
        return Reading(UNREADABLE, "", Nothing())
    lane = str(account)
    text = _text(message, "text") or _text(message, "caption")
    # Without a text it is a place that moves on, a poll that somebody answered, a game that was won.
    if chat.get("type") != "private" or sender.get("is_bot") is True or text is None:
        return Reading(kind, lane, Nothing())
    changed = _whole(message.get("edit_date")) or 0
    arrival = Arrival(
        CHANNEL,
        lane,
        _within(f"e{number}.{changed}"),
        event={"kind": "edit", "of": f"m{number}", "text": text},
        language=_language(sender),
        at=_at(changed or message.get("date")),
    )
    return Reading(kind, lane, arrival)


def _read_callback(kind: str, tap: Mapping[str, Any], username: str | None) -> Reading:
    sender, message = _part(tap.get("from")), _part(tap.get("message"))
    callback, person = tap.get("id"), _whole(sender.get("id"))
    if not isinstance(callback, str) or not callback:
        return Reading(UNREADABLE, "", Nothing())
    chat = _part(message.get("chat"))
    # Without its message it came from elsewhere; a person's own chat has the person's id.
    account = _whole(chat.get("id")) if chat else person
    data = _text(tap, "data")
    private = not chat or chat.get("type") == "private"
    if account is None or data is None or not private or sender.get("is_bot") is True:
        return Reading(kind, "" if account is None else str(account), Nothing(), callback)
    lane, language = str(account), _language(sender)
    number = _whole(message.get("message_id"))
    rows = keyboard(message)
    if data.startswith(TOGGLE):
        return Reading(kind, lane, Toggle(lane, number or 0, data, rows, language), callback)
    # An inaccessible message comes without its keyboard, and can no longer be changed.
    used = (lane, number) if rows and number else None
    below = None if used is None else str(number)
    arrival = Arrival(CHANNEL, lane, _within(f"c{callback}"), button=data, language=language, below=below)
    return Reading(kind, lane, arrival, callback, used)


def _read_member(kind: str, change: Mapping[str, Any], username: str | None) -> Reading:
    chat = _part(change.get("chat"))
    account = _whole(chat.get("id"))
    before = _part(change.get("old_chat_member")).get("status")
    after = _part(change.get("new_chat_member")).get("status")
    if account is None or not isinstance(after, str):
        return Reading(UNREADABLE, "", Nothing())
    lane = str(account)
    gone = ("left", "kicked")
    if chat.get("type") == "private":
        return Reading(kind, lane, Reachable(lane, after not in gone))
    if chat.get("type") in _GROUPS and after in ("member", "administrator") and before in (*gone, None):
        return Reading(kind, lane, GroupRefusal(lane, _language(_part(change.get("from")))))
    return Reading(kind, lane, Nothing())


_READERS = {
    "message": _read_message,
    "edited_message": _read_edit,
    "callback_query": _read_callback,
    "my_chat_member": _read_member,
}


def keyboard(message: Mapping[str, Any]) -> tuple[tuple[Choice, ...], ...]:
    """The buttons below a message that send something, in their rows."""
    rows = _part(message.get("reply_markup")).get("inline_keyboard")
    if not isinstance(rows, list):
        return ()
    found = (
        tuple(
            Choice(button["text"], button["callback_data"])
            for button in row
            if isinstance(button, Mapping)
            and isinstance(button.get("text"), str)
            and isinstance(button.get("callback_data"), str)
        )
        for row in rows
        if isinstance(row, list)
    )
    return tuple(row for row in found if row)


def _part(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(holder: Mapping[str, Any], key: str) -> str | None:
    value = holder.get(key)
    return storable(value) if isinstance(value, str) and value.strip() else None


def _within(message_id: str) -> str:
    """An id of at most 64 characters that says the same: a longer one is replaced by its hash."""
    if len(message_id) <= _LONGEST_ID and message_id.isascii():
        return message_id
    return (
        message_id[:1] + hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()[: _LONGEST_ID - 1]
    )


def _language(sender: Mapping[str, Any]) -> str | None:
    code = sender.get("language_code")
    code = code[:2].lower() if isinstance(code, str) else ""
    return code if code in LANGUAGES else None


def _at(seconds: object) -> datetime | None:
    number = _whole(seconds)
    if not number:
        return None
    try:
        return datetime.fromtimestamp(number, UTC)
    except (OverflowError, OSError, ValueError):
        return None
