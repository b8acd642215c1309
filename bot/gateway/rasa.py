"""The client for Rasa: hands a turn to the dialogue engine. What comes of it is read from our database."""

from __future__ import annotations

import asyncio
from typing import Protocol

import httpx

from bot.assessment.records import Inbound
from bot.settings import Settings

# Turns at once. More make none of them quicker: Rasa computes in one thread. Hundreds would all take too
# long, be tried again, and hold up whatever else the gateway does.
_AT_ONCE = 8


class RasaUnavailable(Exception):
    """Rasa could not be reached, took too long, or refused; the message says which, never what was said."""


class Engine(Protocol):
    """What the gateway needs of the dialogue engine."""

    async def take(self, inbound: Inbound) -> None:
        """One try of a turn. Raises RasaUnavailable when Rasa did not answer."""

    async def rasa_ready(self) -> bool:
        """Whether Rasa answers."""

    async def actions_ready(self) -> bool:
        """Whether the action server answers."""

    async def close(self) -> None:
        """Let go of what is held."""


class Rasa:
    """Talks to one Rasa server and asks the action server how it is; both on loopback."""

    def __init__(self, settings: Settings) -> None:
        self._rasa = f"http://127.0.0.1:{settings.rasa_port}"
        self._secret = {"X-Peil-Internal": settings.internal_secret}
        self._actions = f"http://127.0.0.1:{settings.actions_port}"
        # trust_env=False: a proxy of the machine must never see what people say.
        self._client = httpx.AsyncClient(
            timeout=settings.rasa_timeout,
            limits=httpx.Limits(max_connections=_AT_ONCE + 4, max_keepalive_connections=_AT_ONCE),
            trust_env=False,
        )
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def take(self, inbound: Inbound) -> None:
        """One try of a turn. Raises RasaUnavailable when it surely was not done."""
        body: dict[str, object] = {"turn": inbound.turn_id}
        if inbound.text is None:
            # A button, or what is neither tapped nor said: there is nothing for the NLU to read.
            body["button"] = True
        else:
            body["text"] = inbound.text
        try:
            async with self._places:
                response = await self._client.post(
                    f"{self._rasa}/webhooks/peil/webhook", json=body, headers=self._secret
                )
        except httpx.HTTPError as error:
            raise RasaUnavailable(type(error).__name__) from None
        if response.status_code != httpx.codes.OK:
            raise RasaUnavailable(f"status {response.status_code}")

    async def rasa_ready(self) -> bool:
        """Whether Rasa answers; it only does so once its dialogue model is loaded."""
        return await self._answers(self._rasa + "/webhooks/peil/")

    async def actions_ready(self) -> bool:
        """Whether the action server answers."""
        return await self._answers(self._actions + "/health")

    async def _answers(self, url: str) -> bool:
        try:
            response = await self._client.get(url, timeout=2)
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
