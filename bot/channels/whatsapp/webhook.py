"""Where WhatsApp delivers: checked by its signature, answered once everything in it is durable.

WhatsApp repeats what is not answered with 200, for days and in any order, so an answer of 503 loses nothing.
What was durable by then is known again when it comes back.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.requests import ClientDisconnect

from bot.channels.contract import Arrival, Busy, ChatHub
from bot.channels.recent import Recent
from bot.channels.whatsapp.arrivals import CHANNEL, Delivery, read

logger = logging.getLogger(__name__)

PATH = "/whatsapp/webhook"
# WhatsApp gathers up to a thousand changes into one request, of three megabytes at most.
LARGEST_BODY = 3 * 1024 * 1024

# How many messages are remembered as durable, so that a repeat of a large request costs next to nothing.
_REMEMBERED = 20_000
# More than this many messages on their way into the hub, and nothing more is taken in for the moment.
_MOST_UNDER_WAY = 2_000
# Accounts whose messages are taken in at the same time.
_SIDE_BY_SIDE = 4
# Seconds that what is under way has to end.
_TO_END = 0.5
_RETRY_AFTER = {"Retry-After": "2"}
# The person cannot get messages of ours: gone from WhatsApp, or it does not accept them any more.
_UNREACHABLE = {131026, 130497}


class Webhook:
    """Hands what WhatsApp delivers to the hub.

    `answer_within`: seconds; what is not durable by then goes on being taken in, and WhatsApp is asked to
    repeat. `refuse`: sends a sentence to an account, and raises nothing. `remember`: is told of message ids
    that are not WhatsApp's own (Delivery.originals).
    """

    def __init__(
        self,
        *,
        phone_id: str,
        app_secret: str,
        verify_token: str,
        answer_within: float,
        refuse: Callable[[str, str], Awaitable[None]],
        remember: Callable[[Mapping[str, str]], None],
    ) -> None:
        if not app_secret or not verify_token:
            # With an empty key anybody could sign.
            raise ValueError("WhatsApp's webhook needs the app secret and a verify token")
        self._phone_id = phone_id
        self._app_secret = app_secret.encode()
        self._verify_token = verify_token.encode()
        self._answer_within = answer_within
        self._refuse = refuse
        self._remember = remember
        self._hub: ChatHub | None = None
        self._durable: Recent[tuple[str, str], bool] = Recent(_REMEMBERED)
        self._tasks: set[asyncio.Task[None]] = set()
        # Messages on their way into the hub, and the newest of each account.
        self._coming: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._newest: dict[str, asyncio.Task[None]] = {}
        self._side_by_side = asyncio.Semaphore(_SIDE_BY_SIDE)
        self.router = APIRouter(include_in_schema=False)
        self.router.add_api_route(PATH, self._handshake, methods=["GET"])
        self.router.add_api_route(PATH, self._deliver, methods=["POST"])

    def start(self, hub: ChatHub) -> None:
        """From now on it is open."""
        self._hub = hub

    async def stop(self) -> None:
        """Take nothing in any more. What was begun may end; what does not will be delivered again."""
        self._hub = None
        tasks = set(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_TO_END)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _handshake(self, request: Request) -> Response:
        """WhatsApp asks whether this address is ours when it is set up."""
        query = request.query_params
        token = query.get("hub.verify_token", "").encode("utf-8", "replace")
        challenge = query.get("hub.challenge", "")
        known = hmac.compare_digest(token, self._verify_token)
        if query.get("hub.mode") != "subscribe" or not known or not challenge:
            return Response(status_code=403)
        return PlainTextResponse(challenge, headers={"Cache-Control": "no-store"})

    async def _deliver(self, request: Request) -> Response:
        """A delivery: 200 when all in it is durable, 403 when it is not WhatsApp's, 503 to have it again."""
        signature = request.headers.get("x-hub-signature-256", "")
        if not signature.startswith("sha256="):
            return Response(status_code=403)
        try:
            body = await request.body()
        except ClientDisconnect:
            return Response(status_code=400)
        # Over the bytes as they came: the same JSON written otherwise has another signature.
        expected = hmac.new(self._app_secret, body, hashlib.sha256).hexdigest()
        given = signature.removeprefix("sha256=").encode("utf-8", "replace")
        if not hmac.compare_digest(given, expected.encode()):
            return Response(status_code=403)
        hub = self._hub
        if hub is None or len(self._coming) > _MOST_UNDER_WAY:
            return Response(status_code=503, headers=_RETRY_AFTER)
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            logger.warning("WhatsApp delivered what is not JSON, %d bytes; left out", len(body))
            return Response(status_code=200)
        delivery = read(payload, self._phone_id)
        for kind in sorted(set(delivery.unknown)):
            logger.warning("WhatsApp delivered something of an unknown kind, left out: %s", kind)
        self._remember(delivery.originals)
        if await self._take_in(hub, delivery):
            return Response(status_code=200)
        return Response(status_code=503, headers=_RETRY_AFTER)

    async def _take_in(self, hub: ChatHub, delivery: Delivery) -> bool:
        """Whether all of it is durable, in time. Each account's messages one after another, in order."""
        accounts: dict[str, list[Arrival]] = {}
        begun: set[asyncio.Task[None]] = set()
        for arrival in delivery.arrivals:
            key = (arrival.account, arrival.message_id)
            if key in self._coming:
                begun.add(self._coming[key])
            elif key not in self._durable:
                accounts.setdefault(arrival.account, []).append(arrival)
        for account, arrivals in accounts.items():
            begun.add(self._begin_account(hub, account, arrivals))
        for failure in delivery.failures:
            logger.warning("WhatsApp could not deliver a message: error %d", failure.code)
            if failure.code in _UNREACHABLE:
                begun.add(self._begin(hub.reachable(CHANNEL, failure.account, False)))
        if not begun:
            return True
        # What is too late is not broken off: it would be half done, and will be known when it is repeated.
        done, late = await asyncio.wait(begun, timeout=self._answer_within)
        return not late and not any(task.cancelled() or task.exception() for task in done)

    def _begin_account(self, hub: ChatHub, account: str, arrivals: Sequence[Arrival]) -> asyncio.Task[None]:
        task = self._begin(self._arrive(hub, arrivals, after=self._newest.get(account)))
        keys = [(account, arrival.message_id) for arrival in arrivals]
        self._coming |= dict.fromkeys(keys, task)
        self._newest[account] = task

        def forget(task: asyncio.Task[None]) -> None:
            for key in keys:
                self._coming.pop(key, None)
            if self._newest.get(account) is task:
                del self._newest[account]

        task.add_done_callback(forget)
        return task

    async def _arrive(
        self, hub: ChatHub, arrivals: Sequence[Arrival], after: asyncio.Task[None] | None
    ) -> None:
        if after is not None:
            # Two requests at once with messages of one person: in the order in which they came.
            await asyncio.wait([after])
        async with self._side_by_side:
            for arrival in arrivals:
                arrived = await hub.arrive(arrival)
                self._durable.keep((arrival.account, arrival.message_id), True)
                if arrived.new and arrived.refusal is not None:
                    self._begin(self._refuse(arrival.account, arrived.refusal))

    def _begin(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """A task that is seen through, whether or not somebody waits for it."""

        async def run() -> None:
            await work

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, Busy):
            # The name only: the message of a driver's error repeats what was to be stored.
            logger.error("what WhatsApp delivered could not be taken in: %s", type(error).__name__)
