"""Who is counted when a reverse proxy stands before the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from bot.gateway import __main__ as gateway
from tests.integration.parts import House

PROXY, BALANCER, STRANGER = "127.0.0.1", "10.1.2.3", "192.0.2.77"

Client = Callable[[str], httpx.AsyncClient]


@asynccontextmanager
async def served(house: House, monkeypatch: pytest.MonkeyPatch, trusted: str = "") -> AsyncIterator[Client]:
    """The gateway as its process serves it, one conversation an address at once; makes clients for it."""
    served: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: served.append((app, options)))
    # Uvicorn's own variable must not open a door.
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    for name, value in house.settings.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PEIL_RATE_BURST", "1")
    monkeypatch.setenv("PEIL_RATE_PER_MINUTE", "1")
    monkeypatch.setenv("PEIL_TRUSTED_PROXIES", trusted)
    gateway.main()
    [(app, options)] = served
    config = uvicorn.Config(app, **options)
    config.load()
    async with app.router.lifespan_context(app):
        yield lambda address: httpx.AsyncClient(
            transport=httpx.ASGITransport(config.loaded_app, client=(address, 50000)),
            base_url="http://peil.test",
        )


async def begin(client: httpx.AsyncClient, forwarded: str | None) -> int:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return (
        await client.post("/api/chat/conversations", json={"language": "nl"}, headers=headers)
    ).status_code


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
async def test_people_behind_a_proxy_are_counted_one_by_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(house, monkeypatch) as client, client(PROXY) as proxy:
        assert [await begin(proxy, f"203.0.113.{number}") for number in (1, 2, 1)] == [201, 201, 429]
        # What the browser itself put before the proxy's word is not believed.
        assert await begin(proxy, "198.51.100.9, 203.0.113.2") == 429


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
async def test_nobody_else_is_believed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        served(house, monkeypatch) as client,
        client(STRANGER) as stranger,
        client(BALANCER) as balancer,
    ):
        assert [await begin(stranger, f"203.0.113.{number}") for number in (1, 2)] == [201, 429]
        assert [await begin(balancer, f"203.0.113.{number}") for number in (1, 2)] == [201, 429]


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
async def test_a_proxy_on_another_machine_is_believed_when_it_is_named(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        served(house, monkeypatch, "127.0.0.1, 10.1.0.0/16") as client,
        client(BALANCER) as balancer,
        client(STRANGER) as stranger,
    ):
        assert [await begin(balancer, f"203.0.113.{number}") for number in (1, 2, 2)] == [201, 201, 429]
        # A chain of proxies: the last address that is none of them.
        assert await begin(balancer, "203.0.113.3, 10.1.9.9") == 201
        assert await begin(balancer, "203.0.113.3, 10.1.9.9") == 429
        assert [await begin(stranger, f"203.0.113.{number}") for number in (4, 5)] == [201, 429]
