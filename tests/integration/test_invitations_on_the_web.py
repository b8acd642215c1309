"""An invitation in the web chat, through the real application: its page, and beginning with its code."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.service.codes import shown
from bot.store import tables
from bot.texts import LANGUAGES
from tests.integration.campaigning import campaign, code, invite
from tests.integration.gateway import Gateway, check_problem, open_gateway
from tests.integration.parts import House, make_prepared_url

KEY = "0123456789abcdef0123456789abcdef"
OTHER_KEY = "fedcba9876543210fedcba9876543210"

on_both_databases = pytest.mark.parametrize("prepared_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(params=["sqlite"])
def prepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Both databases only where the database has a say."""
    return make_prepared_url(request, tmp_path)


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[Gateway]:
    """A running gateway."""
    async with open_gateway(house) as running:
        yield running


async def begin(client: httpx.AsyncClient, of: str, key: str | None = KEY, **more: Any) -> httpx.Response:
    """Begin with this code, in Dutch unless told otherwise."""
    body = {"language": "nl", "campaign": of, **({} if key is None else {"key": key}), **more}
    return await client.post("/api/chat/conversations", json=body)


def refused(response: httpx.Response, why: str, status: int, language: str = "nl", **values: object) -> None:
    """It is said why, in a sentence and by a name."""
    assert response.status_code == status, response.text
    assert response.json()["type"] == f"urn:peil:code:{why}"
    check_problem(response, status, f"code.{why}", language, **values)


def opened(response: httpx.Response) -> str:
    """The id of the conversation that has begun."""
    assert response.status_code == 201, response.text
    token: str = response.json()["token"]
    return token.partition(".")[0]


# --- the page ---


async def test_an_invitation_s_address_is_the_page_of_the_chat_kept_by_nobody(gateway: Gateway) -> None:
    one = code(gateway.house, campaign(gateway.house), "single")
    client = gateway.client()
    usual = await client.get("/")
    for address in (f"/c/{one}", f"/c/{shown(one).lower()}", "/c/no-such-code", "/c/" + "x" * 300):
        page = await client.get(address)
        assert page.status_code == 200
        assert page.text == usual.text
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-robots-tag"] == "noindex"
        for name in ("content-security-policy", "referrer-policy", "x-content-type-options", "content-type"):
            assert page.headers[name] == usual.headers[name]
        head = await client.head(address)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["cache-control"] == "no-store"
    # A messenger that fetches the address for a preview uses nothing up.
    assert [row["uses"] for row in gateway.house.rows(tables.invitations)] == [0]
    check_problem(await client.post(f"/c/{one}"), 405, "error.not_found")
    check_problem(await client.get("/c/"), 404, "error.not_found")


# --- beginning ---


async def test_an_invitation_opens_its_campaign_with_the_organisation_s_welcome(gateway: Gateway) -> None:
    # As long as a welcome can be.
    welcomes = {language: f"{language}: {'welcome ' * 100}"[:600].strip() for language in LANGUAGES}
    round_ = campaign(gateway.house, welcome=welcomes)
    for language in LANGUAGES:
        one = code(gateway.house, round_, "single")
        response = await begin(gateway.client(), one, language=language)
        [greeting] = response.json()["messages"]
        assert welcomes[language] in greeting["text"]
        assert greeting["lang"] == language
        assert gateway.house.conversation(opened(response)).campaign_id == round_.id


@pytest.mark.parametrize("write", [str, str.lower, shown, lambda text: shown(text).lower().replace("0", "o")])
async def test_a_code_opens_however_it_is_written(gateway: Gateway, write: Callable[[str], str]) -> None:
    round_ = campaign(gateway.house)
    opened(await begin(gateway.client(), write(code(gateway.house, round_, "single"))))


@on_both_databases
async def test_the_same_key_gives_the_same_conversation_and_another_key_does_not(gateway: Gateway) -> None:
    house = gateway.house
    one = code(house, campaign(house), "single")
    client = gateway.client()
    first = await begin(client, one)
    again = await begin(client, one)
    assert again.json()["token"] == first.json()["token"]
    assert again.json()["messages"] == first.json()["messages"]
    refused(await begin(client, one, OTHER_KEY), "used", 410)
    refused(await begin(client, one, None), "used", 410)
    assert [row["id"] for row in house.rows(tables.conversations)] == [opened(first)]
    assert [row["uses"] for row in house.rows(tables.invitations)] == [1]


async def test_an_answer_that_got_lost_is_had_again_after_the_round_was_closed(
    gateway: Gateway,
) -> None:
    house = gateway.house
    round_ = campaign(house)
    one = code(house, round_)
    first = opened(await begin(gateway.client(), one))
    house.peil.campaigns.close(round_.id)
    assert opened(await begin(gateway.client(), one)) == first
    refused(await begin(gateway.client(), one, OTHER_KEY), "closed", 410)


async def test_with_an_open_link_every_key_begins_a_conversation_of_its_own(gateway: Gateway) -> None:
    house = gateway.house
    one = code(house, campaign(house, anonymous=True))
    begun = {opened(await begin(gateway.client(), one, key)) for key in (KEY, OTHER_KEY, None, None)}
    assert len(begun) == 4
    assert [row["uses"] for row in house.rows(tables.invitations)] == [4]


async def test_a_key_is_worth_nothing_with_another_code(gateway: Gateway) -> None:
    house = gateway.house
    round_ = campaign(house)
    first = opened(await begin(gateway.client(), code(house, round_, "single")))
    other = opened(await begin(gateway.client(), code(house, round_, "single")))
    plain = await gateway.client().post("/api/chat/conversations", json={"language": "nl", "key": KEY})
    assert len({first, other, opened(plain)}) == 3
    refused(await begin(gateway.client(), "0000000000000000"), "unknown", 404)


@on_both_databases
def test_of_several_tries_of_one_beginning_at_once_all_get_the_same(make_house: Callable[..., House]) -> None:
    houses = [make_house() for _ in range(4)]
    one = code(houses[0], campaign(houses[0]), "single")
    start = threading.Barrier(len(houses))
    came: list[str] = []

    def try_(house: House) -> None:
        start.wait()
        conversation, messages = house.use_cases.start_conversation("web", "nl", {}, code=one, key=KEY)
        assert len(messages) == 1
        came.append(conversation.id)

    threads = [threading.Thread(target=try_, args=(house,)) for house in houses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(came) == 4
    assert len(set(came)) == 1
    assert [row["uses"] for row in houses[0].rows(tables.invitations)] == [1]


# --- refused ---


def unknown(house: House) -> str:
    """A code that could be one, and is none."""
    return "7K3M9QRT5VWX2ABC"


def no_code(house: House) -> str:
    return "'; DROP TABLE invitations; --"


def nothing(house: House) -> str:
    return ""


def used(house: House) -> str:
    one = code(house, campaign(house), "single")
    house.use_cases.start_conversation("web", "nl", {}, code=one, key=OTHER_KEY)
    return one


def revoked(house: House) -> str:
    round_ = campaign(house)
    [(invitation, one)] = invite(house, round_)
    house.peil.campaigns.revoke(round_.id, invitation.id)
    return one


def closed(house: House) -> str:
    round_ = campaign(house)
    one = code(house, round_)
    house.peil.campaigns.close(round_.id)
    return one


def ended(house: House) -> str:
    round_ = campaign(house, closes_at=house.clock() + timedelta(hours=1))
    one = code(house, round_)
    house.clock.move(hours=2)
    return one


def early(house: House) -> str:
    """Of a round that opens at eight in UTC, which is nine in Amsterdam."""
    return code(house, campaign(house, opens_at=datetime(2026, 3, 9, 8, 0, tzinfo=UTC)))


def of_a_handover(house: House) -> str:
    return house.use_cases.codes.code("handover", "some handover")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("make", "why", "status"),
    [
        (unknown, "unknown", 404),
        (no_code, "unknown", 404),
        (nothing, "unknown", 404),
        (of_a_handover, "unknown", 404),
        (used, "used", 410),
        (revoked, "revoked", 410),
        (closed, "closed", 410),
        (ended, "closed", 410),
        (early, "early", 403),
    ],
)
async def test_a_code_that_opens_nothing_says_why_and_begins_nothing(
    gateway: Gateway,
    caplog: pytest.LogCaptureFixture,
    make: Callable[[House], str],
    why: str,
    status: int,
    language: str,
) -> None:
    one = make(gateway.house)
    before = gateway.house.everything()
    values = {"date": {"nl": "9 maart 2026", "en": "9 March 2026"}[language], "time": "09:00"}
    said = values if why == "early" else {}
    client = gateway.client()
    caplog.set_level(logging.DEBUG, "bot")
    # In the language that is asked for; without one, in that of the browser.
    refused(await begin(client, one, language=language), why, status, language, **said)
    asked = await client.post(
        "/api/chat/conversations", json={"campaign": one}, headers={"Accept-Language": f"{language}-XX"}
    )
    refused(asked, why, status, language, **said)
    assert gateway.house.everything() == before
    assert not one or one not in caplog.text


async def test_a_round_that_opens_lets_in_who_came_too_early(gateway: Gateway) -> None:
    one = early(gateway.house)
    refused(await begin(gateway.client(), one), "early", 403, date="9 maart 2026", time="09:00")
    gateway.house.clock.now = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    opened(await begin(gateway.client(), one))


async def test_who_tries_many_codes_is_told_to_wait_and_nobody_else_is(gateway: Gateway) -> None:
    one = code(gateway.house, campaign(gateway.house))
    guesser = gateway.client("192.0.2.66")
    for number in range(10):
        refused(await begin(guesser, f"{number:016d}"), "unknown", 404)
    # A good code, too: else one could go on guessing.
    for tried in ("0000000000000011", one):
        response = await begin(guesser, tried)
        refused(response, "tries", 429)
        assert response.headers["retry-after"] == "60"
    # What takes no code goes on, and so does everybody else.
    opened(await guesser.post("/api/chat/conversations", json={"language": "nl"}))
    opened(await begin(gateway.client("192.0.2.67"), one))


async def test_a_company_behind_one_address_that_comes_too_late_is_not_taken_for_a_guesser(
    gateway: Gateway,
) -> None:
    late, single, one = (
        closed(gateway.house),
        used(gateway.house),
        code(gateway.house, campaign(gateway.house)),
    )
    client = gateway.client()
    for _ in range(12):
        refused(await begin(client, late), "closed", 410)
        refused(await begin(client, single), "used", 410)
    opened(await begin(client, one))
