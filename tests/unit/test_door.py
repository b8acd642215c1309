"""The door before the webhooks: a crowd is sent back at once, unread, and everybody else walks past."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from bot.gateway.app import Door


class Behind:
    """The application behind the door; what gets there stays until `gate` is opened."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.gate = asyncio.Event()
        self.fails = False

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        self.came.append(scope["path"])
        await self.gate.wait()
        if self.fails:
            raise ValueError("something went wrong")
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def knock(door: Door, path: str = "/telegram/webhook") -> tuple[int, dict[bytes, bytes]]:
    """Status and headers of the answer."""
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("it is not read")

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await door({"type": "http", "method": "POST", "path": path}, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"])


async def test_a_crowd_is_sent_back_and_told_when_to_come_again() -> None:
    behind = Behind()
    door = Door(behind, ["/telegram/webhook", "/whatsapp/webhook"], 2)
    inside = [asyncio.create_task(knock(door)), asyncio.create_task(knock(door, "/whatsapp/webhook"))]
    await asyncio.sleep(0)

    status, headers = await knock(door)

    assert (status, headers[b"retry-after"], headers[b"content-length"]) == (503, b"1", b"0")
    assert len(behind.came) == 2
    behind.gate.set()
    assert [status for status, _ in await asyncio.gather(*inside)] == [200, 200]
    assert (await knock(door))[0] == 200


async def test_everybody_else_walks_past() -> None:
    behind = Behind()
    door = Door(behind, ["/telegram/webhook"], 1)
    inside = [asyncio.create_task(knock(door, path)) for path in ("/telegram/webhook", "/", "/", "/readyz")]
    await asyncio.sleep(0)

    assert behind.came == ["/telegram/webhook", "/", "/", "/readyz"]
    behind.gate.set()
    await asyncio.gather(*inside)


async def test_what_goes_wrong_behind_it_takes_no_place_for_ever() -> None:
    behind = Behind()
    behind.gate.set()
    behind.fails = True
    door = Door(behind, ["/telegram/webhook"], 1)
    for _ in range(3):
        (raised,) = await asyncio.gather(knock(door), return_exceptions=True)
        assert isinstance(raised, ValueError)
    behind.fails = False

    assert (await knock(door))[0] == 200
