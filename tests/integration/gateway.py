"""The gateway in the test's own process: its application, a stand-in for Rasa, a page that talks."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from unittest import mock

import httpx

from bot.assessment.records import Inbound
from bot.bootstrap import Peil
from bot.gateway import app as application
from bot.gateway.hub import GatewayHub
from bot.gateway.rasa import RasaUnavailable
from bot.texts import say
from tests.chat import SEGMENTS
from tests.integration.parts import House


class FakeEngine:
    """Stands for Rasa and the action server: does turns here, or fails in the way that the test wants.

    `away`: cannot be reached. `deaf_to`: texts after which it answers without having done the turn.
    `gate`: as long as it is closed, a turn is under way. `meanings`: text -> meaning where it is not own
    words. `took`: the text of every try, None for a button.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self.away = False
        self.actions = True
        self.deaf_to: set[str | None] = set()
        self.meanings: dict[str, str] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.took: list[str | None] = []
        self.tried = asyncio.Event()
        self.closed = False

    async def take(self, inbound: Inbound) -> None:
        self.took.append(inbound.text)
        self.tried.set()
        if self.away:
            raise RasaUnavailable("ConnectError")
        if not self.actions or inbound.text in self.deaf_to:
            return
        await self.gate.wait()
        meaning = "take_button" if inbound.text is None else self.meanings.get(inbound.text, "take_answer")
        await asyncio.to_thread(self.house.use_cases.take_turn, inbound.turn_id, meaning)

    async def until_took(self, text: str, times: int = 1) -> None:
        """Wait until this text was tried so often."""
        async with asyncio.timeout(10):
            while self.took.count(text) < times:
                self.tried.clear()
                await self.tried.wait()

    async def rasa_ready(self) -> bool:
        return not self.away

    async def actions_ready(self) -> bool:
        return self.actions

    async def close(self) -> None:
        self.closed = True


class Gateway:
    """A running gateway, and clients for it."""

    def __init__(self, house: House, engine: FakeEngine, app: Any, hub: GatewayHub) -> None:
        self.house, self.engine, self.app, self._hub = house, engine, app, hub

    def patience(self, seconds: float) -> None:
        """From now on a message waits so long for its reply before it is called pending."""
        self._hub._reply_wait = seconds

    def client(self, address: str = "192.0.2.1", **headers: str) -> httpx.AsyncClient:
        """A browser at this address."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 50000))
        return httpx.AsyncClient(transport=transport, base_url="http://peil.test", headers=headers)

    async def page(self, language: str = "nl", *, agrees: bool = True, **begin: Any) -> Page:
        """A page with a new conversation; one that is being asked the first question, if it agrees."""
        client = self.client()
        # What the page knows of the person is not asked.
        begin["prefill"] = SEGMENTS | begin.get("prefill", {})
        response = await client.post("/api/chat/conversations", json={"language": language, **begin})
        assert response.status_code == 201, response.text
        page = Page(client, response.json())
        if agrees:
            await page.say("ja")
        return page


class Page:
    """One open page of the web chat."""

    def __init__(self, client: httpx.AsyncClient, started: dict[str, Any]) -> None:
        self.client = client
        self.token: str = started["token"]
        self.id = self.token.partition(".")[0]
        self.last: list[dict[str, Any]] = started["messages"]
        self.numbers = itertools.count(1)
        client.headers["Authorization"] = f"Bearer {self.token}"

    async def send(self, message_id: str, **content: Any) -> httpx.Response:
        """Send one message as it is."""
        return await self.client.post("/api/chat/messages", json={"id": message_id, **content})

    async def say(self, text: str) -> dict[str, Any]:
        """Type this; the whole answer."""
        return await self._say(text=text)

    async def tap(self, title: str) -> dict[str, Any]:
        """Tap the button of the newest reply whose title begins so."""
        [token, *_] = [b["token"] for b in self.buttons if b["title"].startswith(title)]
        return await self._say(button=token)

    async def _say(self, **content: Any) -> dict[str, Any]:
        self.message_id = f"p{next(self.numbers)}"
        response = await self.send(self.message_id, **content)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        self.last = body["messages"]
        return body

    @property
    def text(self) -> str:
        return "\n\n".join(message["text"] for message in self.last)

    @property
    def buttons(self) -> list[dict[str, str]]:
        return [button for message in self.last for button in message.get("buttons", [])]

    async def read(self, **query: Any) -> httpx.Response:
        return await self.client.get("/api/chat/messages", params=query)

    async def history(self, **query: Any) -> list[dict[str, Any]]:
        response = await self.read(**query)
        assert response.status_code == 200, response.text
        messages: list[dict[str, Any]] = response.json()["messages"]
        return messages

    async def wait_for(self, text: str, after: str | None = None) -> list[dict[str, Any]]:
        """Read on, as the page does, until a message of the bot holds this; all that came."""
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(10):
            while True:
                query = {} if after is None else {"after": after}
                news = await self.history(wait=5, **query)
                found += news
                if any(text in message["text"] for message in news if message["role"] == "bot"):
                    return found
                if news:
                    after = news[-1]["id"]


@asynccontextmanager
async def open_gateway(
    house: House, engine: FakeEngine | None = None, *, now: Callable[[], float] | None = None
) -> AsyncIterator[Gateway]:
    """Run a gateway from its start to its stop."""
    engine = engine or FakeEngine(house)
    hubs: list[GatewayHub] = []

    def make_hub(*arguments: Any) -> GatewayHub:
        hubs.append(GatewayHub(*arguments))
        return hubs[0]

    with mock.patch.object(application, "GatewayHub", make_hub):
        # Whatever channels the house's settings name: nothing is asked of their servers here.
        app = application.create_app(
            house.peil, engine=engine, services=[], **({} if now is None else {"now": now})
        )

    async def idle(_: Peil) -> None:
        """What it would do by itself would come in between, now and then: a test of that runs it alone."""

    jobs = dict.fromkeys(("keep_promises", "keep_scores"), idle)
    with mock.patch.multiple(application, **jobs):
        running = app.router.lifespan_context(app)
        await running.__aenter__()
    try:
        yield Gateway(house, engine, app, hubs[0])
    finally:
        await running.__aexit__(None, None, None)


def question(number: int, language: str = "nl") -> str:
    """How the teahouse's question with this number begins."""
    return say(language, "question.header", number=number, total=6, dimension="")


def check_problem(
    response: httpx.Response, status: int, key: str, language: str = "en", **values: object
) -> None:
    """The answer is problem+json with this sentence of bot/texts in this language."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["content-language"] == language
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["status"] == status
    assert body["title"]
    assert body["detail"] == say(language, key, **values)
