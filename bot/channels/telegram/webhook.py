"""Where Telegram delivers updates, for where it can reach us."""

# No postponed annotations here: FastAPI has to see them inside make_router.
import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit, urlunsplit

from fastapi import APIRouter, Request, Response

from bot.channels.contract import Busy
from bot.channels.telegram.arrivals import UNREADABLE, Reading, read, update_id
from bot.channels.telegram.handling import TRIES, Recent, passes

logger = logging.getLogger(__name__)

PATH = "/telegram/webhook"
LARGEST = 256 * 1024
"""Bytes of one update: 4,096 characters, six bytes each in JSON, that answer another such message."""

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
ANSWER_WITHIN = 0.03
"""Seconds: a third of what a delivery may take; the rest is for reading it and for a busy machine."""
# More than this at once, and it is slower for everybody to take in one more than to ask for it again.
_AT_ONCE = 64


def secret_token(secret: str) -> str:
    """What Telegram has to send along with each update: 64 characters, derived from our own secret."""
    return hmac.new(secret.encode(), b"telegram webhook", hashlib.sha256).hexdigest()


def address(url: str) -> str:
    """The whole address of the webhook; where only a host is given, the path that is served here."""
    parts = urlsplit(url.strip())
    return urlunsplit(parts) if parts.path.strip("/") else urlunsplit(parts._replace(path=PATH))


def make_router(
    token: str,
    handle: Callable[[Reading], Awaitable[None]],
    username: Callable[[], str | None] = lambda: None,
    answer_within: float = ANSWER_WITHIN,
) -> APIRouter:
    """The route. `token`: see `secret_token`. `handle`: takes an update in; when it returns, it is durable.
    `answer_within`: seconds after which a delivery is answered, with a 503 if need be.

    Answers 200 for what has been taken in and for what never can be, 403 for what does not come from
    Telegram, and 503 with Retry-After for what has to come again: Telegram then sends it again, and what the
    same person said later only after it.
    """
    router = APIRouter()
    failed: Recent[int] = Recent()
    late: Recent[bool] = Recent()
    coming: dict[object, asyncio.Task[None]] = {}

    async def in_time(number: int | None, reading: Reading) -> bool:
        """Whether it was taken in, in time. What is late goes on, and is known when it comes again."""
        if late.get(number):
            return True
        key = object() if number is None else number
        task = coming.get(key)
        if task is None:
            task = coming[key] = asyncio.create_task(take_in(key, reading))
        done, _ = await asyncio.wait({task}, timeout=answer_within)
        if done:
            task.result()
        return bool(done)

    async def take_in(key: object, reading: Reading) -> None:
        began = time.monotonic()
        try:
            await handle(reading)
            if time.monotonic() - began > answer_within:
                late.keep(key, True)
        finally:
            del coming[key]

    @router.post(PATH, include_in_schema=False)
    async def deliver(request: Request) -> Response:
        brought = request.headers.get(_SECRET_HEADER, "")
        if not hmac.compare_digest(brought.encode("utf-8", "replace"), token.encode()):
            return Response(status_code=403)
        if len(coming) >= _AT_ONCE:
            return _again(1)
        number, reading = _read(await request.body(), username())
        try:
            if not await in_time(number, reading):
                return _again(1)
        except Exception as error:
            tries = (failed.get(number) or 0) + (not passes(error))
            failed.keep(number, tries)
            if tries < TRIES:
                if not isinstance(error, Busy):
                    logger.warning("an update of Telegram (%s) waits: %s", reading.kind, type(error).__name__)
                return _again(1)
            logger.error("an update of Telegram (%s) was given up: %s", reading.kind, type(error).__name__)
        return Response(status_code=200)

    return router


def _read(body: bytes, username: str | None) -> tuple[int | None, Reading]:
    """The update in this body and its number. What is none comes again as it is: it is Nothing."""
    try:
        update = json.loads(body)
    except ValueError:
        update = None
    reading = read(update, username)
    if reading.kind == UNREADABLE:
        logger.warning("an update of Telegram could not be read")
    return update_id(update), reading


def _again(seconds: int) -> Response:
    return Response(status_code=503, headers={"Retry-After": str(seconds)})
