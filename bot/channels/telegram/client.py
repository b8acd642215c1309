"""Telegram's library, kept from saying too much, and what its errors mean to us."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.channels.contract import Blocked, NotSent, Refused, TryLater

API = "https://api.telegram.org"

TOKEN_REFUSED = (
    "Telegram does not accept the bot's token (PEIL_TELEGRAM_TOKEN); nothing comes from there any more"
)
"""The one line for the log."""

# In seconds, where Telegram asks to wait and does not say how long.
_WAIT = 5.0
# Many chats are talked with at once; each call takes a connection for some tenths of a second.
_CONNECTIONS = 24
# These write down addresses (the token is a part of them), what was sent, or what came in.
_TALKATIVE = ("httpx", "httpcore", "telegram")

# What Telegram's 400s say of somebody who cannot be written to; all others are about what was sent.
_NOBODY = ("chat not found", "user not found", "user is deactivated", "peer_id_invalid", "bot was kicked")
# Never more than plain words of what Telegram says: it may quote what was sent.
_PLAIN = re.compile(r"[A-Za-z_ ]{1,60}")

# Nothing had left before these.
_SURELY_NOT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


class Flood(TelegramError):
    """Telegram asks to wait. `seconds`: how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__("Too Many Requests")
        self.seconds = seconds


class Trouble(TelegramError):
    """Telegram has a problem of its own, or whoever stands before it: a status of 500 or more."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")


class Request(HTTPXRequest):
    """The library's HTTP client, with two errors told apart, and without writing answers into the log."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """See the library. Raises Flood and Trouble."""
        status, payload = await super().do_request(*args, **kwargs)
        if status == 429:
            raise Flood(_asked_to_wait(payload))
        if status >= 500:
            raise Trouble(status)
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """See the library."""
        try:
            found = json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            # What came is not in here: a network's sign-in page, or a message.
            raise TelegramError("Invalid server response") from None
        return found


def _asked_to_wait(payload: bytes) -> float:
    try:
        seconds = json.loads(payload)["parameters"]["retry_after"]
        return max(0.0, float(seconds))
    except (KeyError, TypeError, ValueError):
        return _WAIT


@dataclass(frozen=True)
class Client:
    """The library's bot with the connections that it uses.

    The bot's representation and some of its errors hold the token: neither may be written anywhere.
    """

    bot: Bot = field(repr=False)
    requests: tuple[Request, ...] = field(repr=False)

    async def close(self) -> None:
        """Close the connections. The bot's own shutdown leaves them open if it was never initialized."""
        for request in self.requests:
            await request.shutdown()


def connect(token: str, api: str = API) -> Client:
    """The bot of this token on this API server; no call is made yet.

    From here on nothing of the libraries is logged but warnings.
    """
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
    base = api.rstrip("/")
    # A server on this machine is never behind a proxy.
    here = urlsplit(base).hostname in ("127.0.0.1", "::1", "localhost")
    requests = tuple(
        Request(
            connection_pool_size=connections,
            connect_timeout=5.0,
            read_timeout=10.0,
            write_timeout=10.0,
            pool_timeout=5.0,
            media_write_timeout=30.0,
            httpx_kwargs={"trust_env": not here},
        )
        for connections in (1, _CONNECTIONS)
    )
    bot = Bot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        get_updates_request=requests[0],
        request=requests[1],
    )
    return Client(bot, requests)


def token_refused(error: BaseException) -> bool:
    """Whether Telegram does not know the token (any more)."""
    return isinstance(error, (InvalidToken, EndPointNotFound))


def plainly(error: BaseException) -> str:
    """What an error of the library is about, in words that may be logged."""
    if isinstance(error, BadRequest):
        found = _PLAIN.match(error.message)
        return found.group().strip() if found else "BadRequest"
    if isinstance(error, Trouble):
        return error.message
    return type(error.__cause__ or error).__name__


def meaning(error: Exception) -> NotSent | TryLater | Blocked | Refused:
    """What an error of the library means for what was to be sent. Says nothing of what was in it."""
    if isinstance(error, Flood):
        return TryLater(error.seconds)
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return TryLater(wait.total_seconds() if isinstance(wait, timedelta) else float(wait))
    if isinstance(error, (Forbidden, ChatMigrated)):
        return Blocked(type(error).__name__)
    if isinstance(error, BadRequest):
        nobody = any(words in error.message.lower() for words in _NOBODY)
        return Blocked(plainly(error)) if nobody else Refused(plainly(error))
    if token_refused(error):
        return NotSent("Telegram does not accept the token", surely=True)
    if isinstance(error, Trouble):
        # A gateway answers so too when Telegram took the message and was slow to say it.
        return NotSent(plainly(error), surely=False)
    return NotSent(plainly(error), surely=isinstance(error.__cause__ or error, _SURELY_NOT))
