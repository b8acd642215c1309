"""Sending to Telegram: parts as messages with inline buttons, pictures and documents."""

from __future__ import annotations

import html
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest

from bot.channels.contract import Choice, NotSent, Part, Refused, TryLater
from bot.channels.fitting import TELEGRAM, carry
from bot.channels.telegram.arrivals import CHANNEL
from bot.channels.telegram.client import meaning
from bot.texts import say

# Seconds in which a group is told once at most.
_ONCE_A = 60 * 60
_GROUPS_KEPT = 1000
_FORMS_KEPT = 10_000
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# What documents are called; everything else about them is their content's.
_FILES = {"report": "chat.report_file", "data": "chat.data_file"}
# What Telegram says where a keyboard is as it is to be already, or its message is too old or gone.
_NOTHING_TO_CHANGE = (
    "message is not modified",
    "message can't be edited",
    "message to edit not found",
    "message_id_invalid",
)
# Of a tap that was answered before, or too long ago.
_NOTHING_TO_ANSWER = ("query is too old", "query id is invalid", "query_id_invalid")


class TelegramChannel:
    """The contract's ChatChannel on the library's bot.

    `seconds_between`, `at_once`, `a_second`: Telegram's published limits, one message a second to one chat
    and 30 a second to all (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
    """

    name = CHANNEL
    capabilities = TELEGRAM

    def __init__(
        self,
        bot: Bot,
        *,
        seconds_between: float = 1.0,
        at_once: int = 1,
        a_second: float = 30.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bot = bot
        self.seconds_between = seconds_between
        self.at_once = at_once
        self.a_second = a_second
        self.username: str | None = None
        """The bot's name without '@', once it is known."""
        self._now = now
        # What was ticked in a form and not sent, by account: asking something in between must not undo it.
        self._ticked: OrderedDict[str, tuple[tuple[Choice, ...], ...]] = OrderedDict()
        self._told: OrderedDict[str, float] = OrderedDict()

    async def send(
        self,
        account: str,
        part: Part,
        content: bytes | None,
        *,
        language: str,
        heard_at: datetime,
        knocked: bool = False,
    ) -> str | None:
        """See the contract. Telegram lets a bot write to whoever has written to it, for good."""
        chat, words = _number(account), as_html(part)
        rows = carry(part.rows, self._ticked.get(account, ()))
        common: dict[str, Any] = {"parse_mode": ParseMode.HTML, "reply_markup": _markup(rows)}
        if part.kind == "text" or (content is None and words):
            # What a picture shows is said in its words, too; without the picture these remain.
            call = self._bot.send_message(chat, words, link_preview_options=_NO_PREVIEW, **common)
        elif content is None:
            raise Refused("a file without content")
        elif part.kind == "picture":
            call = self._bot.send_photo(chat, content, caption=words or None, filename="peil.png", **common)
        else:
            kind = part.source[0] if part.source else ""
            name = say(language, _FILES[kind]) if kind in _FILES else "peil"
            call = self._bot.send_document(chat, content, caption=words or None, filename=name, **common)
        sent = await _made(call)
        if rows and rows == part.rows:
            # Another question, or the same with nothing ticked: what was ticked before is of no use any more.
            self._ticked.pop(account, None)
        return str(sent.message_id) if rows else None

    def ticked(self, account: str, rows: tuple[tuple[Choice, ...], ...] | None) -> None:
        """Remember how a form stands that was not sent yet; None: it was sent."""
        self._ticked.pop(account, None)
        if rows is not None:
            self._ticked[account] = rows
            while len(self._ticked) > _FORMS_KEPT:
                self._ticked.popitem(last=False)

    async def clear(self, account: str, sent_id: str) -> None:
        """See the contract."""
        await self.change(account, _number(sent_id), ())

    async def change(self, account: str, message_id: int, rows: Sequence[Sequence[Choice]]) -> None:
        """Put these buttons below a message that was sent. Raises what `send` raises."""
        call = self._bot.edit_message_reply_markup(
            chat_id=_number(account), message_id=message_id, reply_markup=_markup(rows)
        )
        await _made(call, unless=_NOTHING_TO_CHANGE)

    async def typing(self, account: str, message_id: str) -> None:
        """See the contract."""
        await _made(self._bot.send_chat_action(_number(account), ChatAction.TYPING))

    async def answer(self, callback: str, text: str | None = None) -> None:
        """Tell the person's app that a tap has come in, with a line that is shown for a moment, or none."""
        await _made(self._bot.answer_callback_query(callback, text=text), unless=_NOTHING_TO_ANSWER)

    async def say(self, account: str, text: str) -> None:
        """Send a plain line that belongs to no conversation. Raises what `send` raises."""
        await _made(self._bot.send_message(_number(account), text, link_preview_options=_NO_PREVIEW))

    async def introduce(self) -> None:
        """Learn the bot's own name, once. Raises what `send` raises."""
        if self.username is None:
            self.username = (await _made(self._bot.get_me())).username

    async def refuse_group(self, group: str, language: str | None) -> None:
        """Say in a group where the bot can be talked to; within an hour once. Raises what `send` raises."""
        now = self._now()
        if now - self._told.get(group, -_ONCE_A) < _ONCE_A:
            return
        self._told[group] = now
        self._told.move_to_end(group)
        while len(self._told) > _GROUPS_KEPT:
            self._told.popitem(last=False)
        try:
            await self.introduce()
            link = f"https://t.me/{self.username}"
            await self.say(group, say(language or "en", "telegram.group", link=link))
        except (NotSent, TryLater):
            # Not told after all, so another try may tell it.
            self._told.pop(group, None)
            raise


async def _made(call: Awaitable[Any], unless: Sequence[str] = ()) -> Any:
    """The result of a call; None where Telegram says one of `unless`. Raises the errors of the contract."""
    try:
        return await call
    except BadRequest as error:
        said = error.message.lower()
        if any(words in said for words in unless):
            return None
        raise meaning(error) from None
    except Exception as error:
        # Everything else, too: the library raises KeyError and its like at an answer that lacks something.
        # Only the meaning goes on, since its errors may hold the token.
        raise meaning(error) from None


def as_html(part: Part) -> str:
    """The text of a part as Telegram's HTML."""
    pieces, place = [], 0
    for start, stop in part.strong:
        pieces += [html.escape(part.text[place:start], quote=False), "<b>"]
        pieces += [html.escape(part.text[start:stop], quote=False), "</b>"]
        place = stop
    return "".join((*pieces, html.escape(part.text[place:], quote=False)))


def _markup(rows: Sequence[Sequence[Choice]]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(one.title, callback_data=one.data) for one in row] for row in rows]
    )


def _number(value: str) -> int:
    """An id as Telegram has it. Raises Refused for what cannot be one."""
    try:
        return int(value)
    except ValueError:
        raise Refused("not an id of Telegram") from None
