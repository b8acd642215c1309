"""Telegram: fetched where nothing of ours can be reached from outside, delivered where it can.

`Telegram` is the whole of it, for the gateway. Inside: `arrivals` reads what comes in, `handling` does what
it asks for, `polling` and `webhook` bring it, `channel` sends, `commands` is the menu, `client` the library.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from fastapi import APIRouter
from telegram import BotCommand, BotCommandScopeAllPrivateChats

from bot.channels.contract import Busy, ChatHub
from bot.channels.telegram.arrivals import ALLOWED_UPDATES, CHANNEL, Reading
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import API, TOKEN_REFUSED, Flood, connect, plainly, token_refused
from bot.channels.telegram.commands import menu
from bot.channels.telegram.handling import Handler
from bot.channels.telegram.polling import Pauses, Poller
from bot.channels.telegram.webhook import LARGEST, PATH, address, make_router, secret_token
from bot.texts import LANGUAGES

__all__ = ["API", "CHANNEL", "LARGEST", "PATH", "Telegram", "TelegramChannel"]

logger = logging.getLogger(__name__)

# Whose app speaks neither of our languages gets the menu in this one.
_OTHERWISE = "en"
# Updates that Telegram may deliver at the same time; one person's come one after another. No more than the
# hub takes in at once, or the rest is only asked for again.
_CONNECTIONS = 8


class Telegram:
    """Everything about Telegram: what comes in goes to the hub, and `channel` sends.

    `token`: the bot's. `secret`: our own, from which the webhook's is made. `webhook_url`: where Telegram
    reaches us; empty: messages are fetched, and `router` is None. `api`: the address of the Bot API.
    `seconds_between`, `at_once`, `a_second`: see bot.channels.contract.ChatChannel. `wait`: seconds that
    Telegram may hold a request for news. `pause`: the first pause after an error, in seconds.
    """

    largest_bodies: ClassVar[Mapping[str, int]] = {PATH: LARGEST}

    def __init__(
        self,
        token: str,
        *,
        secret: str,
        webhook_url: str = "",
        api: str = API,
        seconds_between: float = 1.0,
        at_once: int = 1,
        a_second: float = 30.0,
        wait: int = 25,
        pause: float = 1.0,
    ) -> None:
        self._client = connect(token.strip(), api)
        self._bot = self._client.bot
        self.channel = TelegramChannel(
            self._bot, seconds_between=seconds_between, at_once=at_once, a_second=a_second
        )
        self._webhook = address(webhook_url) if webhook_url.strip() else None
        self._secret_token = secret_token(secret)
        self.router: APIRouter | None = None
        if self._webhook is not None:
            self.router = make_router(self._secret_token, self._take, self._username)
        self._wait = wait
        self._pause = pause
        self._handler: Handler | None = None
        self._running: asyncio.Task[None] | None = None

    async def start(self, hub: ChatHub) -> None:
        """Begin to take in what comes; returns at once, whether or not Telegram can be reached now."""
        self._handler = Handler(hub, self.channel)
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop; what has not been taken in comes again at the next start."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        if self._handler is not None:
            handler, self._handler = self._handler, None
            await handler.stop()

    async def close(self) -> None:
        """Close the connections; nothing can be sent any more. Not a part of `stop`: the outbox sends on."""
        await self._client.close()

    async def _take(self, reading: Reading) -> None:
        if self._handler is None:
            raise Busy
        await self._handler.handle(reading)

    def _username(self) -> str | None:
        return self.channel.username

    async def _run(self) -> None:
        """Prepare, and fetch until the end where there is no webhook."""
        try:
            if await self._surely("asking for the bot's name", self._introduce):
                # Unlike gather, a group ends only once both have: nothing runs on behind `stop`.
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._receive())
                    group.create_task(self._offer_commands())
        except Exception as error:
            # It must not go unseen in a task that nobody waits for. The type only: see Client.
            logger.error("Telegram stopped: %s", type(error).__name__)

    async def _receive(self) -> None:
        if self._webhook is None:
            if await self._surely("taking the webhook away", self._without_webhook):
                await Poller(
                    self._bot, self._take, username=self._username, wait=self._wait, pause=self._pause
                ).run()
        elif await self._surely("setting the webhook", self._with_webhook):
            logger.info("Telegram delivers messages to the webhook")

    async def _introduce(self) -> None:
        self.channel.username = (await self._bot.get_me()).username

    async def _without_webhook(self) -> None:
        await self._bot.delete_webhook(drop_pending_updates=False)

    async def _with_webhook(self) -> None:
        await self._bot.set_webhook(
            self._webhook or "",
            secret_token=self._secret_token,
            allowed_updates=list(ALLOWED_UPDATES),
            max_connections=_CONNECTIONS,
            drop_pending_updates=False,
        )

    async def _offer_commands(self) -> None:
        """The menu of commands, in each language and for all others."""
        for language, code in ((_OTHERWISE, None), *((language, language) for language in LANGUAGES)):
            commands = [BotCommand(name, about) for name, about in menu(language)]

            async def offer(commands: Sequence[BotCommand] = commands, code: str | None = code) -> None:
                scope = BotCommandScopeAllPrivateChats()
                await self._bot.set_my_commands(commands, scope=scope, language_code=code)

            if not await self._surely("setting the commands", offer):
                return

    async def _surely(self, what: str, call: Callable[[], Awaitable[None]]) -> bool:
        """Do it, however long it takes; False where Telegram does not know the token."""
        pauses, said = Pauses(self._pause), False
        while True:
            try:
                await call()
                return True
            except Flood as flood:
                await asyncio.sleep(flood.seconds)
            except Exception as error:
                if token_refused(error):
                    logger.error(TOKEN_REFUSED)
                    return False
                if not said:
                    logger.warning("Telegram: %s has to wait (%s)", what, plainly(error))
                    said = True
                await asyncio.sleep(pauses.next())
