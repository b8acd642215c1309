"""A desk with people at it: two organisations, users of each role, and a browser for each of them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from bot.assessment.records import Organisation
from bot.gateway import app as application
from bot.service.desk.access import MACHINE, Actor
from bot.service.desk.accounts import Accounts, SignedIn
from bot.service.desk.cases import DeskCases
from bot.service.desk.passwords import Passwords
from tests.integration.gateway import FakeEngine
from tests.integration.parts import House

PASSWORD = "een heel lang geheim"
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


def quick_passwords() -> Passwords:
    """Argon2 with parameters that no test has to wait for."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


class Browser(httpx.AsyncClient):
    """A browser on the gateway; `send` of a form takes the token along, as a page's form does."""

    async def csrf(self, at: str = "/desk/me") -> str:
        """The token of the forms on this page."""
        page = await self.get(at)
        found = _CSRF.search(page.text)
        assert found is not None, f"{at} has no form: {page.status_code}"
        return found.group(1)

    async def submit(
        self, address: str, data: Mapping[str, Any] | None = None, *, at: str = "/desk/me"
    ) -> httpx.Response:
        """Send a form to an address, with the token of a page; redirects are not followed."""
        return await self.post(address, data={"csrf": await self.csrf(at), **(data or {})})


class DeskHouse:
    """A house whose desk is manned.

    `admin`: of everything. `consultant` and `viewer`: of `organisation`. `stranger` and `strange_viewer`: the
    same of `elsewhere`, another organisation. Each is an Actor; `signed_in` holds what their cookies hold.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self.cases: DeskCases = house.peil.desk
        self.accounts: Accounts = self.cases.accounts
        self.accounts.passwords = quick_passwords()
        self.signed_in: dict[str, SignedIn] = {}
        self._numbers = itertools.count(1)
        self.organisation: Organisation = house.peil.campaigns.create_organisation("Het Theehuis")
        self.elsewhere: Organisation = house.peil.campaigns.create_organisation("De Bakkerij")
        self.admin = self.user("admin", language="nl")
        self.consultant = self.user("consultant", [self.organisation.id])
        self.viewer = self.user("viewer", [self.organisation.id])
        self.stranger = self.user("consultant", [self.elsewhere.id])
        self.strange_viewer = self.user("viewer", [self.elsewhere.id])

    def user(
        self,
        role: str,
        organisations: Sequence[str] = (),
        *,
        email: str | None = None,
        name: str | None = None,
        language: str = "nl",
    ) -> Actor:
        """A new user who has taken up the invitation, and is signed in."""
        number = next(self._numbers)
        address = email or f"{role}{number}@peil.example"
        invited = self.accounts.invite(
            MACHINE,
            email=address,
            name=name or f"{role.capitalize()} {number}",
            role=role,
            organisations=organisations,
            language=language,
        )
        assert invited.address is not None
        let_in = self.accounts.take_up(
            invited.address.rpartition("/")[2],
            name=invited.user.name,
            password=PASSWORD,
            language=language,
            device="Firefox, Linux",
        )
        self.signed_in[let_in.actor.user_id] = let_in
        return let_in.actor

    def email(self, actor: Actor) -> str:
        """What this user signs in with."""
        with self.house.store.read() as work:
            user = work.user(actor.user_id)
        assert user is not None
        return user.email

    @cached_property
    def app(self) -> FastAPI:
        """The gateway's application, with a stand-in for Rasa."""
        return application.create_app(self.house.peil, engine=FakeEngine(self.house), services=[])

    def client(self, actor: Actor | None = None, *, address: str = "192.0.2.1", **headers: str) -> Browser:
        """A browser in which this user is signed in, or nobody."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 50000))
        browser = Browser(
            transport=transport, base_url="http://peil.test", headers={"accept-language": "nl"} | headers
        )
        if actor is not None:
            let_in = self.signed_in[actor.user_id]
            browser.cookies.set("peil_desk", let_in.token, domain="peil.test", path="/desk")
            browser.cookies.set("peil_desk_device", let_in.device, domain="peil.test", path="/desk")
        return browser

    def audit(self) -> list[tuple[str | None, str, str | None]]:
        """(user id, action, object id) of every line of the audit log, oldest first."""
        from bot.store import tables

        return [(row["user_id"], row["action"], row["object_id"]) for row in self.house.rows(tables.audit)]


@pytest.fixture
def make_desk(make_house: Callable[..., House]) -> Callable[..., DeskHouse]:
    """Makes a desk on a house with these settings."""
    return lambda **changes: DeskHouse(make_house(**changes))


@pytest.fixture
def desk(house: House) -> DeskHouse:
    """A desk with users of each role in two organisations, on SQLite and on PostgreSQL."""
    return DeskHouse(house)
