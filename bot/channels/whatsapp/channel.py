"""Sending to WhatsApp: texts, reply buttons, lists, pictures and documents; a template outside the window."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.channels.contract import NotSent, Part, Refused, TryLater, WindowClosed
from bot.channels.fitting import WHATSAPP
from bot.channels.recent import Recent
from bot.channels.whatsapp import messages
from bot.channels.whatsapp.arrivals import CHANNEL
from bot.channels.whatsapp.client import NOT_IN_THIS_LANGUAGE, PAIR_RATE, Graph, GraphError
from bot.texts import say

T = TypeVar("T")

logger = logging.getLogger(__name__)

# Free text is allowed for a day after the person's last message; with a margin for clocks.
_WINDOW = timedelta(hours=24) - timedelta(minutes=5)
# When one is tried again that the operator has to put right, and one that this person may not have now.
_PUT_RIGHT, _NOT_NOW = timedelta(hours=1), timedelta(hours=24)
# In seconds: WhatsApp advises 4 to the power of the number of tries.
_PAIR_WAIT, _LONGEST_PAIR_WAIT = 4.0, 256.0
# Seconds in which 'typing' is not repeated: it shows for 25.
_TYPING = 20.0
# Seconds between two lines in the log about the same trouble.
_SAY_AGAIN = 600.0
_KEPT = 10_000
_TRIES, _LONGEST_PAUSE = 3, 30.0

# What documents are called.
_FILES = {"report": "chat.report_file", "data": "chat.data_file"}
# How a file begins -> its type. WhatsApp takes no JSON: that goes as plain text, and keeps its name.
_TYPES = (
    (b"%PDF", "application/pdf", "pdf"),
    (b"\x89PNG", "image/png", "png"),
    (b"\xff\xd8", "image/jpeg", "jpg"),
)
_PLAIN = ("text/plain", "txt")

# Ours -> the codes under which an operator may have made the template, the likeliest first.
LANGUAGES: Mapping[str, tuple[str, ...]] = {"nl": ("nl",), "en": ("en", "en_US", "en_GB")}


@dataclass(frozen=True)
class _Knock:
    """A template that could not go: until when no other is tried.

    `heard_at`: when the person had last been heard of; it counts until they are heard of again.
    """

    heard_at: datetime
    until: datetime


class WhatsAppChannel:
    """The contract's ChatChannel on the Cloud API.

    `template`: the name of an approved template without parameters, which goes where free text is not
    allowed; without it nothing does. `languages`: ours -> WhatsApp's codes of it, tried in order.

    `seconds_between`, `at_once`, `a_second`: WhatsApp allows one message in six seconds to one person, of
    which up to 45 may be borrowed from later, and 80 a second for the number, which counts what comes in,
    too. We stay well below.
    """

    name = CHANNEL
    capabilities = WHATSAPP

    def __init__(
        self,
        graph: Graph,
        *,
        template: str = "",
        languages: Mapping[str, tuple[str, ...]] = LANGUAGES,
        seconds_between: float = 6.0,
        at_once: int = 30,
        a_second: float = 40.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._graph = graph
        self._template = template
        self._languages = languages
        self.seconds_between = seconds_between
        self.at_once = at_once
        self.a_second = a_second
        self._now = now
        # All of it may be forgotten: it spares WhatsApp and the person a repetition.
        self._originals: Recent[str, str] = Recent(_KEPT)
        self._typing: Recent[str, float] = Recent(_KEPT)
        self._too_fast: Recent[str, int] = Recent(_KEPT)
        self._closed: Recent[str, datetime] = Recent(_KEPT)
        self._knocks: Recent[str, _Knock] = Recent(_KEPT)
        self._found: dict[str, str] = {}
        self._told: dict[int, float] = {}

    def remember(self, originals: Mapping[str, str]) -> None:
        """Keep WhatsApp's own ids of messages whose ids were shortened."""
        for short, original in originals.items():
            self._originals.keep(short, original)

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
        """See the contract. Outside the window the template goes: one for all that waits then."""
        # WhatsApp's clock has the last word: where it says closed, it is, until the person writes again.
        if self._now() - heard_at < _WINDOW and self._closed.get(account) != heard_at:
            try:
                await self._send(account, part, content, language)
                return None
            except WindowClosed:
                self._closed.keep(account, heard_at)
        if not knocked:
            await self._knock(account, language, heard_at)
        raise WindowClosed("it waits until the person has written", knocked=not knocked)

    async def clear(self, account: str, sent_id: str) -> None:
        """Nothing: what stands in a chat of WhatsApp's stays as it is."""

    async def typing(self, account: str, message_id: str) -> None:
        """See the contract. It marks the message as read, too."""
        now = time.monotonic()
        shown = self._typing.get(message_id)
        if shown is None or now - shown >= _TYPING:
            self._typing.keep(message_id, now)
            original = self._originals.get(message_id) or message_id
            await self._made(account, self._graph.show_typing(messages.typing(original)))

    async def say(self, account: str, text: str) -> None:
        """Send a plain line that belongs to no conversation. Raises what `send` raises."""
        await self._post(account, messages.plain(account, text))

    async def say_patiently(self, account: str, text: str) -> None:
        """The same, tried a few times and then given up; raises nothing."""
        for _ in range(_TRIES):
            try:
                await self.say(account, text)
                return
            except TryLater as later:
                pause = later.seconds
            except NotSent as error:
                if not error.surely:
                    return
                pause = 1.0
            except Exception as error:
                logger.info("a line could not be sent on WhatsApp: %s", type(error).__name__)
                return
            await asyncio.sleep(min(pause, _LONGEST_PAUSE))

    async def _send(self, account: str, part: Part, content: bytes | None, language: str) -> None:
        if part.kind == "text":
            message = messages.text(account, part)
        elif content is None:
            raise Refused("a file without content")
        else:
            mime_type, ending = _type_of(content)
            name = None
            if part.kind == "document":
                source = part.source[0] if part.source else ""
                name = say(language, _FILES[source]) if source in _FILES else f"peil.{ending}"
            media_id = await self._uploaded(account, content, mime_type, f"peil.{ending}")
            message = messages.file(account, part, media_id, name)
        await self._post(account, message)

    async def _uploaded(self, account: str, content: bytes, mime_type: str, name: str) -> str:
        """The id of a file at WhatsApp. Whatever goes wrong here, nothing has reached the person."""
        try:
            return await self._made(account, self._graph.upload(content, mime_type, name))
        except NotSent as error:
            raise NotSent(str(error), surely=True) from None

    async def _knock(self, account: str, language: str, heard_at: datetime) -> None:
        """Send the template. Raises WindowClosed where none can go."""
        if not self._template:
            raise WindowClosed("no template")
        now = self._now()
        last = self._knocks.get(account)
        if last is not None and last.heard_at == heard_at and now < last.until:
            raise WindowClosed("no template now")
        try:
            await self._send_template(account, language)
        except (Refused, WindowClosed) as error:
            wait = _PUT_RIGHT if isinstance(error, Refused) else _NOT_NOW
            self._knocks.keep(account, _Knock(heard_at, now + wait))
            raise WindowClosed(str(error)) from None

    async def _send_template(self, account: str, language: str) -> None:
        """Send it in the first of the language's codes under which it exists."""
        codes = self._languages.get(language, (language,))
        for code in [self._found[language]] if language in self._found else codes:
            try:
                await self._post(account, messages.template(account, self._template, code))
            except Refused as error:
                if str(error) != f"error {NOT_IN_THIS_LANGUAGE}":
                    raise
            else:
                self._found[language] = code
                return
        raise Refused(f"error {NOT_IN_THIS_LANGUAGE}")

    async def _post(self, account: str, message: messages.Json) -> None:
        await self._made(account, self._graph.send(message))
        self._too_fast.forget(account)

    async def _made(self, account: str, call: Awaitable[T]) -> T:
        """The result of a call. Raises the errors of the contract."""
        try:
            return await call
        except GraphError as error:
            self._tell_operator(error)
            if error.code == PAIR_RATE:
                raise TryLater(self._pair_wait(account)) from None
            raise error.meaning() from None

    def _pair_wait(self, account: str) -> float:
        tries = (self._too_fast.get(account) or 0) + 1
        self._too_fast.keep(account, tries)
        return float(min(_PAIR_WAIT**tries, _LONGEST_PAIR_WAIT))

    def _tell_operator(self, error: GraphError) -> None:
        """Log a refusal with what has to be done about it, now and then."""
        now = time.monotonic()
        if now - self._told.get(error.code, -_SAY_AGAIN) < _SAY_AGAIN:
            return
        self._told[error.code] = now
        if error.hint is not None:
            logger.error("WhatsApp refuses to send (error %d): %s", error.code, error.hint)
        else:
            logger.warning("WhatsApp refuses to send (error %d)", error.code)


def _type_of(content: bytes) -> tuple[str, str]:
    """The type of a file that WhatsApp takes, and how its name ends."""
    for beginning, kind, ending in _TYPES:
        if content.startswith(beginning):
            return kind, ending
    return _PLAIN
