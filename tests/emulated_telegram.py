"""Telegram once more, by an emulator that we did not write: tg-auto-test, made for testing other bots.

It stands below the library's bot, in the place of the network, and has a client like Telethon's for the
person. Above it everything is ours and real: the reading of updates, the handler, the channel, the gateway
with its outbox in this very process, and behind that the database and the Rasa of the stack.

It is kept in a folder of its own (locks/emulator.txt; `make test` installs it), since what it says of the
versions that it needs is narrower than what it works with. What it does not know: that keyboards can be taken
away (so it is told here), updates that are fetched or delivered, and a second tap on the same button, which
has the id of the first one. Whether what is sent keeps Telegram's limits it does not look at.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from fastapi import APIRouter

from bot.bootstrap import build
from bot.channels.contract import Arrival, Arrived, ChatHub
from bot.channels.telegram.arrivals import read
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.handling import Handler
from bot.gateway.app import create_app
from bot.service.campaigns import Links
from bot.settings import ROOT
from tests.channel_chats import ChannelChat, Seen, code_of
from tests.stack import Stack

FOLDER = ROOT / ".emulator"

T = TypeVar("T")


def missing() -> str | None:
    """Why there is no emulator here; None where there is one, which can then be imported."""
    if str(FOLDER) not in sys.path:
        # Behind all else: nothing that is there already may be taken from it.
        sys.path.append(str(FOLDER))
    try:
        import tg_auto_test  # type: ignore[import-not-found, unused-ignore]  # noqa: F401
    except ImportError as error:
        return f"the emulator of Telegram is not installed ({error}); 'make .emulator/lock.txt' does that"
    return None


class EmulatedChannel(TelegramChannel):
    """The channel under another name, so that the stack's own gateway leaves its chats to this one.

    There is no word for it in the dialogue, which therefore cannot tell where one chats ('what is kept').
    """

    name = "emulated"


class _Renaming:
    """The hub, told of arrivals under that name."""

    def __init__(self, hub: ChatHub) -> None:
        self._hub = hub

    async def arrive(self, arrival: Arrival) -> Arrived:
        return await self._hub.arrive(replace(arrival, channel=EmulatedChannel.name))

    async def reachable(self, channel: str, account: str, reachable: bool) -> None:
        await self._hub.reachable(EmulatedChannel.name, account, reachable)


class EmulatedService:
    """The channel with what brings its updates in: the emulator, which hands over one after another."""

    router: APIRouter | None = None
    largest_bodies: Mapping[str, int] = MappingProxyType({})

    def __init__(self, bot: Any) -> None:
        self.channel = EmulatedChannel(bot, seconds_between=0, a_second=0)
        self.handler: Handler | None = None
        self.taken: list[str] = []
        """The ids of the messages that came in."""

    async def start(self, hub: ChatHub) -> None:
        self.handler = Handler(_Renaming(hub), self.channel)

    async def take(self, update: Any) -> None:
        """What polling or the webhook does with an update."""
        assert self.handler is not None
        reading = read(_as_delivered(update.to_dict()), "test_bot")
        await self.handler.handle(reading)
        assert isinstance(reading.what, Arrival)
        self.taken.append(reading.what.message_id)

    async def stop(self) -> None:
        assert self.handler is not None
        await self.handler.stop()

    async def close(self) -> None:
        """There is no connection."""


class EmulatedChat(ChannelChat):
    """A conversation of one person in the emulator; the gateway runs until it is closed."""

    channel = EmulatedChannel.name
    _people: ClassVar[itertools.count[int]] = itertools.count(700_000_001)

    def __init__(self, stack: Stack, **about: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._open_things = AsyncExitStack()
        self.messages_seen: list[Any] = []
        self.taps = 0
        try:
            super().__init__(stack, **about)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> EmulatedChat:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the gateway and the emulator."""
        self._run(self._open_things.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T], seconds: float = 60) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    def _account(self, language: str) -> str:
        account = next(self._people)
        self._run(self._begin(account))
        return str(account)

    async def _begin(self, account: int) -> None:
        from telegram import Update
        from telegram.ext import TypeHandler
        from tg_auto_test.test_utils import (  # type: ignore[import-not-found, unused-ignore]
            serverless_telegram_client as emulator,
        )

        def application(builder: Any) -> Any:
            built = builder.build()
            built.add_handler(TypeHandler(Update, lambda update, _: self.service.take(update)))
            return built

        self.client = emulator.ServerlessTelegramClient(build_application=application, user_id=account)
        request = self.client._request
        # The one method of ours that it does not know: what it answers is what the message is then.
        request._handlers["editMessageReplyMarkup"] = lambda sent: request._ok_response(
            request._edit_message(sent)
        )
        await self.client.connect()
        self._open_things.push_async_callback(self.client.disconnect)
        self.service = EmulatedService(self.client._application.bot)
        app = create_app(build(self.stack.settings), services=[self.service])
        await self._open_things.enter_async_context(app.router.lifespan_context(app))
        self.talk = await self._open_things.enter_async_context(self.client.conversation("test_bot"))

    def _way(self, links: Links) -> str:
        return links.urls["telegram"]

    def _open(self, way: str) -> str:
        return self._type(f"/start {code_of(way)}")

    def _type(self, text: str) -> str:
        self._run(self.talk.send_message(text))
        return self.service.taken[-1]

    def _tap(self, token: str) -> str:
        below = next(one for one in reversed(self.messages_seen) if token in _tokens(one))
        self._run(below.click(data=token.encode()))
        self.taps += 1
        return self.service.taken[-1]

    def _seen(self) -> list[Seen]:
        return self._run(self._shown())

    async def _shown(self) -> list[Seen]:
        """All that the bot has sent to this chat; fetched as whoever uses the client would."""
        while True:
            try:
                self.messages_seen.append(await self.talk.get_response(timeout=0.02))
            except (RuntimeError, TimeoutError):
                break
        return [
            Seen(
                one.text,
                tuple((button.text, button.data.decode()) for row in one.buttons or () for button in row),
                await one.download_media() or b"",
                (one.file.name or "") if one.document else "",
            )
            for one in self.messages_seen
        ]

    def called(self, method: str) -> list[dict[str, str]]:
        """What was sent with each call of this method of the Bot API."""
        return [one.parameters for one in self.client._api_calls if one.api_method == method]


def _as_delivered(shown: Any) -> Any:
    """An update as Telegram writes it: without what the library adds where nothing was said."""
    if isinstance(shown, dict):
        return {key: _as_delivered(value) for key, value in shown.items() if value is not False}
    return [_as_delivered(one) for one in shown] if isinstance(shown, list | tuple) else shown


def _tokens(message: Any) -> list[str]:
    return [button.data.decode() for row in message.buttons or () for button in row]
