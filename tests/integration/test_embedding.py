"""Peil on other sites, through the real application: who may ask, who may read, and what is refused."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from bot.gateway import app as application
from bot.gateway.signing import Signer
from bot.store import tables
from tests.integration.campaigning import campaign, code, invite
from tests.integration.gateway import Gateway, Page, check_problem, open_gateway
from tests.integration.parts import House, make_prepared_url

Make = Callable[..., House]

SITE, OTHER = "https://www.company.example", "https://other.example"
KEY = "0123456789abcdef0123456789abcdef"
DEVICE = "device-0123456789abcdef"


@pytest.fixture(params=["sqlite"])
def prepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same whatever the database."""
    return make_prepared_url(request, tmp_path)


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[Gateway]:
    """A running gateway."""
    async with open_gateway(house) as running:
        yield running


async def begin(client: httpx.AsyncClient, origin: str | None, of: str | None, **more: Any) -> httpx.Response:
    """Begin with this code on a page of this origin; None: where browsers say none."""
    body = {"language": "nl", **({} if of is None else {"campaign": of}), **more}
    headers = {} if origin is None else {"Origin": origin}
    return await client.post("/api/chat/conversations", json=body, headers=headers)


def check_refused(response: httpx.Response, origin: str, language: str = "nl") -> None:
    """It is said, so that the page can read it, that this site is not on the list, and to whom to turn."""
    hidden = origin == "null"
    values = {} if hidden else {"site": origin}
    check_problem(response, 403, "error.origin_hidden" if hidden else "error.origin", language, **values)
    assert response.json()["type"] == "urn:peil:origin"
    check_readable(response, origin)


def check_readable(response: httpx.Response, origin: str) -> None:
    """The page of this origin may read the answer, without any cookie."""
    assert response.headers["access-control-allow-origin"] == origin
    assert response.headers["access-control-expose-headers"] == "Retry-After"
    assert "Origin" in response.headers["vary"]
    assert "access-control-allow-credentials" not in response.headers


def known(house: House, but: tuple[str, ...] = ()) -> dict[str, list[dict[str, Any]]]:
    """All that the database holds."""
    return {name: rows for name, rows in house.everything().items() if name not in but}


# --- beginning ---


async def test_a_site_on_the_campaign_s_list_begins_and_goes_on(gateway: Gateway) -> None:
    one = code(gateway.house, campaign(gateway.house, origins=(OTHER, SITE)))
    client = gateway.client()

    started = await begin(client, SITE, one)

    assert started.status_code == 201, started.text
    check_readable(started, SITE)
    page = Page(client, started.json())
    client.headers["Origin"] = SITE
    said = await page.send("m1", text="ja")
    assert said.status_code == 200, said.text
    check_readable(said, SITE)
    read = await page.read()
    assert len(read.json()["messages"]) > 2
    check_readable(read, SITE)


async def test_a_site_that_is_not_on_the_list_is_refused_before_anything_is_done(gateway: Gateway) -> None:
    house = gateway.house
    made = campaign(house, origins=(SITE,))
    [(_, single)] = invite(house, made, "single")
    before = known(house)
    client = gateway.client()

    for origin in (OTHER, "http://www.company.example", f"{SITE}:8443", "https://company.example", "null"):
        check_refused(await begin(client, origin, single, key=KEY), origin)
    # What is no origin at all is as good as hidden.
    answer = await begin(client, "www.company.example", single)
    check_refused(answer, "null")

    assert known(house) == before
    # The invitation for one person was not used up by any of them.
    assert (await begin(client, SITE, single)).status_code == 201
    assert (await begin(client, SITE, single)).status_code == 410


async def test_refusals_do_not_count_as_conversations_that_began(make_house: Make) -> None:
    house = make_house(rate_burst=3, rate_per_minute=1, embed_origins=SITE)
    async with open_gateway(house) as gateway:
        client = gateway.client()
        for _ in range(5):
            check_refused(await begin(client, OTHER, None), OTHER)
        answers = [(await begin(client, SITE, None)).status_code for _ in range(4)]
        assert answers == [201, 201, 201, 429]


async def test_without_a_campaign_the_setting_says_who_may(make_house: Make) -> None:
    house = make_house(embed_origins=f"{SITE} http://localhost:3000")
    async with open_gateway(house) as gateway:
        client = gateway.client()
        for origin in (SITE, "http://localhost:3000"):
            page = Page(client, (await begin(client, origin, None)).json())
            assert (await client.get("/api/chat/messages", headers={"Origin": origin})).status_code == 200
            answer = await client.get(
                "/api/chat/messages", headers={"Origin": OTHER, "Authorization": f"Bearer {page.token}"}
            )
            check_refused(answer, OTHER, "en")
            del client.headers["Authorization"]
        check_refused(await begin(client, OTHER, None), OTHER)
        # A campaign says for itself who may, and this one says nobody.
        one = code(house, campaign(house))
        check_refused(await begin(client, SITE, one), SITE)


async def test_where_nothing_is_allowed_nobody_may(gateway: Gateway) -> None:
    client = gateway.client()
    check_refused(await begin(client, SITE, None), SITE)
    check_refused(await begin(client, SITE, code(gateway.house, campaign(gateway.house))), SITE)
    assert gateway.house.rows(tables.conversations) == []


async def test_a_code_of_nothing_is_called_so_on_any_site_and_uses_up_no_tries(gateway: Gateway) -> None:
    client = gateway.client()
    campaign(gateway.house, origins=(SITE,))
    for nothing in ("0000-0000-0000-0000", "no code at all", ""):
        answer = await begin(client, SITE, nothing)
        check_readable(answer, SITE)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:peil:code:unknown")
    # Nor does it use up the tries of who types codes at the same address.
    for _ in range(12):
        await begin(client, SITE, "0000-0000-0000-0000")
    answer = await begin(client, None, "0000-0000-0000-0000")
    assert answer.json()["type"] == "urn:peil:code:unknown"


async def test_the_page_s_own_language_says_so(gateway: Gateway) -> None:
    client = gateway.client(**{"Accept-Language": "nl"})
    check_refused(await begin(client, OTHER, None, language="en"), OTHER, "en")
    check_refused(await client.post("/api/chat/conversations", headers={"Origin": OTHER}), OTHER, "nl")


# --- our own pages ---


async def test_our_own_pages_and_who_says_no_origin_pass(make_house: Make) -> None:
    house = make_house(public_url="https://peil.company.example/")
    async with open_gateway(house) as gateway:
        one = code(house, campaign(house, origins=(SITE,)))
        # Whichever name the proxy asks us by.
        for host in ("peil.company.example", "peil.test", "127.0.0.1:8000"):
            client = gateway.client(Host=host)
            for origin in (None, "https://peil.company.example"):
                assert (await begin(client, origin, one)).status_code == 201, (host, origin)
            for origin in (
                # What came by http could have been changed by anybody on the way.
                "http://peil.company.example",
                "https://peil.company.example:8443",
                "https://xpeil.company.example",
                "https://peil.test",
            ):
                check_refused(await begin(client, origin, one), origin)


async def test_who_lets_a_name_of_its_own_lead_here_is_no_page_of_ours(make_house: Make) -> None:
    house = make_house(public_url="https://peil.company.example")
    async with open_gateway(house) as gateway:
        for origin in ("http://evil.example", "https://evil.example", "http://evil.example:8000"):
            client = gateway.client(Host=origin.partition("//")[2])
            check_refused(await begin(client, origin, None), origin)


async def test_the_machine_s_own_names_are_ours_where_nobody_else_gets_in(make_house: Make) -> None:
    origins = ("http://localhost:8000", "http://127.0.0.1:9000", "http://[::1]:8000")
    public = {"public_url": "https://peil.company.example"}
    here, there = make_house(**public), make_house(**public, http_host="0.0.0.0")
    async with open_gateway(here) as gateway:
        for origin in origins:
            client = gateway.client(Host=origin.partition("//")[2])
            assert (await begin(client, origin, None)).status_code == 201, origin
        # But for what else runs there.
        client = gateway.client(Host="localhost:8000")
        check_refused(await begin(client, "http://localhost:3000", None), "http://localhost:3000")
        check_refused(await begin(client, "https://localhost:8000", None), "https://localhost:8000")
    async with open_gateway(there) as gateway:
        for origin in origins:
            client = gateway.client(Host=origin.partition("//")[2])
            check_refused(await begin(client, origin, None), origin)


async def test_a_newcomer_s_page_is_ours_by_any_name_it_is_asked_by(make_house: Make) -> None:
    house = make_house(http_port=8123, public_url="http://127.0.0.1:8123")
    async with open_gateway(house) as gateway:
        for origin in ("http://localhost:8123", "http://127.0.0.1:8123", "http://my-laptop:8123"):
            client = gateway.client(Host=origin.partition("//")[2])
            assert (await begin(client, origin, None)).status_code == 201, origin
        check_refused(await begin(client, OTHER, None), OTHER)


async def test_our_own_pages_behind_a_proxy_are_ours(make_house: Make) -> None:
    house = make_house()
    async with open_gateway(house) as gateway:
        # The proxy ends TLS and passes on which host was asked; what the gateway itself hears is http.
        client = gateway.client(Host="peil.elsewhere.example:8443")
        assert (await begin(client, "https://peil.elsewhere.example:8443", None)).status_code == 201
        check_refused(
            await begin(client, "https://peil.elsewhere.example", None), "https://peil.elsewhere.example"
        )


async def test_what_a_browser_says_of_our_own_pages_is_believed(gateway: Gateway) -> None:
    """Behind a proxy that asks us by another name, and where a page's referrer policy hides its origin."""
    for origin in ("https://peil.company.example", "null"):
        for site, status in (("same-origin", 201), ("same-site", 403), ("cross-site", 403), ("none", 403)):
            client = gateway.client(**{"Sec-Fetch-Site": site})
            assert (await begin(client, origin, None)).status_code == status, (origin, site)


# --- with a token ---


async def test_a_token_is_good_on_the_sites_of_its_own_campaign_only(gateway: Gateway) -> None:
    house, client = gateway.house, gateway.client()
    mine = code(house, campaign(house, origins=(SITE,)))
    theirs = code(house, campaign(house, origins=(OTHER,)))
    page = Page(client, (await begin(client, SITE, mine)).json())
    assert (await begin(gateway.client(), OTHER, theirs)).status_code == 201
    before = known(house)

    client.headers["Origin"] = OTHER
    check_refused(await page.send("m1", text="ja"), OTHER, "en")
    check_refused(await page.read(), OTHER, "en")
    check_refused(await page.read(wait=20), OTHER, "en")

    assert known(house) == before
    client.headers["Origin"] = SITE
    assert (await page.send("m1", text="ja")).status_code == 200


async def test_a_page_on_another_site_is_told_of_a_conversation_that_was_erased(gateway: Gateway) -> None:
    client = gateway.client()
    one = code(gateway.house, campaign(gateway.house, origins=(SITE,)))
    page = Page(client, (await begin(client, SITE, one)).json())
    gateway.house.use_cases.forget(page.id)

    client.headers["Origin"] = SITE
    for answer in (await page.read(), await page.send("m1", text="ja")):
        check_problem(answer, 401, "error.token")
        check_readable(answer, SITE)


async def test_a_list_that_changes_counts_within_a_minute(house: House) -> None:
    made = campaign(house, origins=(SITE,))
    async with open_gateway(house, now=lambda: house.clock.now.timestamp()) as gateway:
        client = gateway.client(Origin=SITE)
        page = Page(client, (await begin(client, SITE, code(house, made))).json())
        assert (await page.read()).status_code == 200

        house.peil.campaigns.embed(made.id, origins=(OTHER,))
        house.clock.move(seconds=60)

        check_refused(await page.read(), SITE, "en")
        client.headers["Origin"] = OTHER
        assert (await page.read()).status_code == 200


async def test_lists_are_not_looked_up_for_every_message(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    look = house.use_cases.origins_for_conversation

    def counted(conversation_id: str) -> tuple[str, ...]:
        looked.append(conversation_id)
        return look(conversation_id)

    monkeypatch.setattr(house.use_cases, "origins_for_conversation", counted)
    async with open_gateway(house) as gateway:
        client = gateway.client()
        one = code(house, campaign(house, origins=(SITE,)))
        page = Page(client, (await begin(client, SITE, one)).json())
        client.headers["Origin"] = SITE
        for _ in range(5):
            await page.read()
        assert looked == [page.id]
        # Our own pages cost nothing at all.
        client.headers["Origin"] = "http://peil.test"
        other = Page(client, (await begin(client, None, None)).json())
        await other.read()
        assert looked == [page.id]


async def test_who_hammers_the_database_in_vain_has_to_wait(make_house: Make) -> None:
    house = make_house(rate_burst=5, rate_per_minute=1)
    made = campaign(house, origins=(SITE,))
    async with open_gateway(house) as gateway:
        bad = gateway.client("192.0.2.66")
        answers = [await begin(bad, SITE, f"{number:016d}") for number in range(7)]
        assert [one.status_code for one in answers] == [404] * 5 + [429] * 2
        assert int(answers[-1].headers["retry-after"]) >= 1
        check_readable(answers[-1], SITE)
        # Everybody else goes on.
        assert (await begin(gateway.client(), SITE, code(house, made))).status_code == 201

        # The same where it has a token, or ways back that lead elsewhere or nowhere.
        page = Page(gateway.client(), (await begin(gateway.client(), SITE, code(house, made))).json())
        token = {"Authorization": f"Bearer {page.token}", "Origin": OTHER}
        reading = gateway.client("192.0.2.67", **token)
        answers = [await reading.get("/api/chat/messages") for _ in range(6)]
        assert [one.status_code for one in answers] == [403] * 5 + [429]
        coming = gateway.client("192.0.2.68", Origin=OTHER)
        body = {"key": signer(house).link_key("back", "0" * 32), "device": DEVICE}
        answers = [await coming.post("/api/chat/back", json=body) for _ in range(6)]
        assert [one.status_code for one in answers] == [403] * 5 + [429]


async def test_no_site_uses_up_the_tries_of_another_in_the_same_building(make_house: Make) -> None:
    house = make_house(rate_burst=5, rate_per_minute=1)
    made = campaign(house, origins=(SITE,))
    async with open_gateway(house, now=lambda: house.clock.now.timestamp()) as gateway:
        page = Page(gateway.client(), (await begin(gateway.client(), SITE, code(house, made))).json())
        office = gateway.client("192.0.2.77")
        evil = "https://evil.example"
        for number in range(8):
            await begin(office, evil, f"{number:016d}")
            await office.get(f"/c/{number:016d}", headers={"Sec-Fetch-Mode": "no-cors"})
            await office.get(f"/c/9{number:015d}")
        assert (await begin(office, evil, "0" * 16)).status_code == 404
        assert (await begin(office, evil, "9" * 16)).status_code == 429

        # A code that nobody has used yet, and a conversation of which nothing is remembered.
        house.clock.move(minutes=5)
        assert (await begin(office, SITE, code(house, made))).status_code == 201
        office.headers.update({"Origin": SITE, "Authorization": f"Bearer {page.token}"})
        assert (await office.get("/api/chat/messages")).status_code == 200
        assert (await office.post("/api/chat/messages", json={"id": "m", "text": "ja"})).status_code == 200


async def test_who_hides_where_it_comes_from_is_on_no_list_whatever_stands_in_it(gateway: Gateway) -> None:
    house = gateway.house
    made = campaign(house, origins=(SITE,))
    with house.store.engine.begin() as connection:
        connection.execute(tables.campaigns.update().values(origins=["null", SITE]))
    check_refused(await begin(gateway.client(), "null", code(house, made)), "null")


# --- coming back, going on here ---


def signer(house: House) -> Signer:
    return Signer(house.settings.secret)


async def way_back(page: Page) -> str:
    """The key of a way back to this conversation."""
    await page.send("resume", do="resume")
    [url] = [
        link["url"] for message in await page.history() for link in message.get("links", []) if "url" in link
    ]
    return str(url).rpartition("=")[2]


async def test_a_way_back_that_another_site_tries_is_not_used_up(gateway: Gateway) -> None:
    house = gateway.house
    one = code(house, campaign(house, origins=(SITE,)))
    page = await gateway.page(campaign=one)
    key = await way_back(page)
    before = known(house)
    client = gateway.client()

    async def back(origin: str, key: str = key) -> httpx.Response:
        body = {"key": key, "device": DEVICE}
        return await client.post("/api/chat/back", json=body, headers={"Origin": origin})

    check_refused(await back(OTHER), OTHER, "en")
    check_refused(await back("null"), "null", "en")
    # One that leads nowhere says nothing to a site that may not chat at all.
    check_refused(await back(OTHER, signer(house).link_key("back", "0" * 32)), OTHER, "en")
    check_refused(await back(OTHER, "nonsense"), OTHER, "en")
    assert known(house) == before

    came = await back(SITE)
    assert came.status_code == 200, came.text
    check_readable(came, SITE)
    assert came.json()["token"].partition(".")[0] == page.id


async def test_a_code_to_go_on_with_that_another_site_tries_is_not_used_up(make_house: Make) -> None:
    house = make_house(telegram_token="1:" + "x" * 30, telegram_bot="peil_bot")
    async with open_gateway(house, now=lambda: house.clock.now.timestamp()) as gateway:
        one = code(house, campaign(house, origins=(SITE,)))
        page = await gateway.page(campaign=one)
        await page.send("go", do="elsewhere")
        [handed] = {
            link["code"]
            for message in await page.history()
            for link in message.get("links", [])
            if link["kind"] == "move"
        }
        before = known(house)
        client = gateway.client()

        async def move(origin: str, what: str = handed) -> httpx.Response:
            body = {"code": what, "device": DEVICE}
            return await client.post("/api/chat/move", json=body, headers={"Origin": origin})

        check_refused(await move(OTHER), OTHER, "en")
        check_refused(await move(OTHER, "0000-0000-0000-0000"), OTHER, "en")
        check_refused(await move(OTHER, "nonsense"), OTHER, "en")
        assert known(house) == before

        moved = await move(SITE)
        assert moved.status_code == 200, moved.text
        assert moved.json()["token"].partition(".")[0] == page.id


# --- what a browser asks, and may read ---


async def test_a_preflight_is_answered_for_everybody_and_never_with_credentials(gateway: Gateway) -> None:
    client = gateway.client()
    for path in ("conversations", "messages", "back", "move"):
        for origin in (SITE, OTHER, "null"):
            answer = await client.options(
                f"/api/chat/{path}",
                headers={
                    "Origin": origin,
                    "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "authorization,content-type",
                },
            )
            assert (answer.status_code, answer.content) == (204, b"")
            assert answer.headers["access-control-allow-origin"] == origin
            assert answer.headers["access-control-allow-methods"] == "GET, POST"
            assert answer.headers["access-control-allow-headers"] == "Authorization, Content-Type"
            assert answer.headers["access-control-max-age"] == "86400"
            assert answer.headers["vary"] == "Origin"
            assert "access-control-allow-credentials" not in answer.headers
    # It is for the chat's routes only, and says of no other that it may be read.
    for path in ("/", "/healthz", "/r/x", "/data/x.json", "/api/openapi.json"):
        asked = await client.options(path, headers={"Origin": SITE, "Access-Control-Request-Method": "GET"})
        read = await client.get(path, headers={"Origin": SITE})
        assert asked.status_code in (404, 405), path
        for answer in (asked, read):
            assert "access-control-allow-origin" not in answer.headers, path


async def test_every_error_can_be_read_by_the_page_that_asked(
    make_house: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = make_house(embed_origins=SITE, rate_burst=4, rate_per_minute=1)
    async with open_gateway(house) as gateway:
        client = gateway.client(Origin=SITE)
        answers = {
            404: await begin(client, SITE, None, prefill={"model": "no-such-model"}),
            422: await begin(client, SITE, None, no_such_field=1),
            413: await client.post("/api/chat/conversations", content=b" " * 70_000),
            405: await client.put("/api/chat/conversations"),
            401: await client.get("/api/chat/messages", headers={"Authorization": "Bearer none"}),
        }
        page = Page(client, (await begin(client, SITE, None)).json())
        while (answer := await page.read()).status_code == 200:
            pass
        answers[429] = answer

        def broken(*arguments: Any, **more: Any) -> None:
            raise OperationalError("SELECT", {}, Exception("gone"))

        monkeypatch.setattr(house.use_cases, "start_conversation", broken)
        answers[503] = await begin(client, SITE, None)

        def wrong(*arguments: Any, **more: Any) -> None:
            raise RuntimeError("a mistake of ours")

        monkeypatch.setattr(house.use_cases, "start_conversation", wrong)
        answers[500] = await begin(client, SITE, None)

    for status, answer in answers.items():
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        check_readable(answer, SITE)
    assert int(answers[429].headers["retry-after"]) > 0


async def test_the_page_s_words_are_for_everybody(gateway: Gateway) -> None:
    for origin in (SITE, "null", "http://peil.test"):
        answer = await gateway.client().get("/api/chat/texts/nl", headers={"Origin": origin})
        assert answer.status_code == 200
        check_readable(answer, origin)
    # Who says no origin is told nothing of any, but a cache has to know that others are.
    answer = await gateway.client().get("/api/chat/texts/nl")
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]


async def test_a_database_that_is_away_is_told_as_such(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> tuple[str, ...]:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(gateway.house.use_cases, "origins_for_code", broken)
    answer = await begin(gateway.client(), SITE, "0000-0000-0000-0000")
    check_problem(answer, 503, "error.busy")
    check_readable(answer, SITE)


# --- frames and other headers ---


def framed_by(response: httpx.Response) -> str:
    """Who may show this page in a frame."""
    policy = response.headers["content-security-policy"]
    [found] = re.findall(r"frame-ancestors ([^;]*)", policy)
    return str(found)


async def test_a_page_may_be_framed_by_the_sites_of_its_campaign(make_house: Make) -> None:
    house = make_house(embed_origins="https://open.example")
    made = campaign(house, origins=(SITE, OTHER))
    one, none = code(house, made), code(house, campaign(house))
    async with open_gateway(house) as gateway:
        client = gateway.client()
        for path, allowed in (
            ("/", "'self' https://open.example"),
            (f"/c/{one}", f"'self' {SITE} {OTHER}"),
            (f"/c/{one.lower()}", f"'self' {SITE} {OTHER}"),
            (f"/c/{none}", "'self'"),
            ("/c/0000000000000000", "'self'"),
            ("/c/no-code", "'self'"),
        ):
            page = await client.get(path)
            assert page.status_code == 200, path
            assert framed_by(page) == allowed, path
            assert "x-frame-options" not in page.headers
            assert framed_by(await client.head(path)) == allowed
        # What opens answers of one person is shown by nobody else.
        assert framed_by(await client.get("/r/x")) == "'none'"


async def test_without_a_database_the_page_is_still_there(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> tuple[str, ...]:
        raise OperationalError("SELECT", {}, Exception("gone"))

    one = code(gateway.house, campaign(gateway.house, origins=(SITE,)))
    monkeypatch.setattr(gateway.house.use_cases, "origins_for_code", broken)
    page = await gateway.client().get(f"/c/{one}")
    assert page.status_code == 200
    assert framed_by(page) == "'self'"


async def test_codes_are_not_tried_out_by_their_frames(make_house: Make) -> None:
    house = make_house(rate_burst=3, rate_per_minute=1)
    one = code(house, campaign(house, origins=(SITE,)))
    async with open_gateway(house) as gateway:
        client = gateway.client()
        for number in range(4):
            assert (await client.get(f"/c/{number:016d}")).status_code == 200
        # The page itself comes all the same.
        assert framed_by(await client.get(f"/c/{one}")) == "'self'"
        assert framed_by(await gateway.client("192.0.2.2").get(f"/c/{one}")) == f"'self' {SITE}"


async def test_what_a_script_fetches_uses_up_no_tries_and_gets_no_list(make_house: Make) -> None:
    house = make_house(rate_burst=3, rate_per_minute=1)
    one = code(house, campaign(house, origins=(SITE,)))
    async with open_gateway(house) as gateway:
        client = gateway.client()
        for mode in ("no-cors", "cors", "same-origin"):
            for number in range(4):
                await client.get(f"/c/{number:016d}", headers={"Sec-Fetch-Mode": mode})
            page = await client.get(f"/c/{one}", headers={"Sec-Fetch-Mode": mode})
            assert framed_by(page) == "'self'"
        # Nor does what cannot be a code.
        for number in range(4):
            await client.get(f"/c/{number}")
            await client.get(f"/c/0.{number:016d}")
        shown = await client.get(f"/c/{one}", headers={"Sec-Fetch-Mode": "navigate"})
        assert framed_by(shown) == f"'self' {SITE}"


async def test_a_code_that_was_good_lately_keeps_its_list_whoever_else_tries_codes(make_house: Make) -> None:
    house = make_house(rate_burst=3, rate_per_minute=1)
    made = campaign(house, origins=(SITE,))
    one = code(house, made)
    async with open_gateway(house, now=lambda: house.clock.now.timestamp()) as gateway:
        assert framed_by(await gateway.client("192.0.2.2").get(f"/c/{one}")) == f"'self' {SITE}"
        client = gateway.client()
        for number in range(4):
            await client.get(f"/c/{number:016d}")
        for _ in range(3):
            house.clock.move(minutes=5)
            assert framed_by(await client.get(f"/c/{one}")) == f"'self' {SITE}"
        # Which is the list of today.
        house.peil.campaigns.embed(made.id, origins=(OTHER,))
        house.clock.move(minutes=1)
        assert framed_by(await client.get(f"/c/{one}")) == f"'self' {OTHER}"


async def test_a_code_is_looked_up_once_however_it_is_spelt(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = code(house, campaign(house, origins=(SITE,)))
    looked: list[str | None] = []
    look = house.use_cases.origins_for_code

    def counted(code: str | None) -> tuple[str, ...]:
        looked.append(code)
        return look(code)

    monkeypatch.setattr(house.use_cases, "origins_for_code", counted)
    async with open_gateway(house) as gateway:
        client = gateway.client()
        for number in range(20):
            path = f"/c/{one[:4].lower()}{'-' * number}{one[4:]}"
            assert framed_by(await client.get(path)) == f"'self' {SITE}"
        assert (await begin(client, SITE, f"{one[:8]} {one[8:]}")).status_code == 201
        assert looked == [one]
        # Longer than anybody spells one: as it is for who begins.
        assert framed_by(await client.get(f"/c/{one[:4]}{'-' * 48}{one[4:]}")) == f"'self' {SITE}"
        assert framed_by(await client.get(f"/c/{one[:4]}{'-' * 49}{one[4:]}")) == "'self'"
        assert framed_by(await client.get(f"/c/{one[:4]}{'-' * 60_000}{one[4:]}")) == "'self'"
        for nothing in ("no-code", "%E2%98%83", "0" * 15, "%00" * 16):
            assert framed_by(await client.get(f"/c/{nothing}")) == "'self'"
        assert looked == [one]


async def test_what_is_no_origin_gets_into_no_header_wherever_it_came_from(gateway: Gateway) -> None:
    house = gateway.house
    one = code(house, campaign(house, origins=(SITE,)))
    bad = ["https://[::1%;sandbox;]", "https://[::1%\u2603]", "https://a.example; sandbox", "*", SITE, "\n"]
    with house.store.engine.begin() as connection:
        connection.execute(tables.campaigns.update().values(origins=bad))
    page = await gateway.client().get(f"/c/{one}")
    assert page.status_code == 200
    assert framed_by(page) == f"'self' {SITE}"
    assert "sandbox" not in page.headers["content-security-policy"]


async def test_no_address_leads_to_whatever_host_was_asked(gateway: Gateway) -> None:
    client = gateway.client(Host="evil.example")
    for path in ("/widget.js/", "/embed/", "/web", "/api/chat/messages/", "/healthz/", "/r/x/"):
        answer = await client.get(path)
        assert answer.status_code == 404, path
        assert "location" not in answer.headers, path
    # A slash too many, which some programs add to a link, is forgiven.
    one = code(gateway.house, campaign(gateway.house, origins=(SITE,)))
    page = await client.get(f"/c/{one}/")
    assert (page.status_code, framed_by(page)) == (200, f"'self' {SITE}")


async def test_all_addresses_of_one_ipv6_network_are_one(make_house: Make) -> None:
    house = make_house(rate_burst=2, rate_per_minute=1)
    one = code(house, campaign(house, origins=(SITE,)))
    async with open_gateway(house) as gateway:
        answers = [
            (await begin(gateway.client(f"2001:db8:1:2::{number:x}:{number}"), None, None)).status_code
            for number in range(3)
        ]
        assert answers == [201, 201, 429]
        assert (await begin(gateway.client("2001:db8:1:3::1"), None, None)).status_code == 201
        for number in range(3):
            await gateway.client(f"2001:db8:5::{number}").get(f"/c/{number:016d}")
            await gateway.client(f"2001:db8:5::{number}").get("/r/no-such-key")
        assert framed_by(await gateway.client("2001:db8:5::9").get(f"/c/{one}")) == "'self'"
        assert (await gateway.client("2001:db8:5::9").get("/r/no-such-key")).status_code == 429


async def test_every_response_has_good_headers(gateway: Gateway) -> None:
    client = gateway.client()
    page = await gateway.page()
    for path, resource in (
        ("/", "cross-origin"),
        ("/c/0000000000000000", "cross-origin"),
        ("/embed", "same-origin"),
        ("/web/peil-chat.js", "same-origin"),
        ("/widget.js", "cross-origin"),
        ("/r/no-such-key", "same-origin"),
        ("/data/x.json?until=1&key=x", "same-origin"),
        ("/pictures/x.png?until=1&key=x", "same-origin"),
        ("/api/chat/texts/nl", "same-origin"),
        ("/nowhere", "same-origin"),
    ):
        answer = await client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["referrer-policy"] == "no-referrer", path
        assert "camera=()" in answer.headers["permissions-policy"], path
        assert "default-src 'none'" in answer.headers["content-security-policy"], path
        assert answer.headers["cross-origin-resource-policy"] == resource, path
        is_page = answer.headers["content-type"].startswith("text/html")
        assert answer.headers.get("cross-origin-opener-policy") == ("same-origin" if is_page else None), path
        # Here it came by http.
        assert "strict-transport-security" not in answer.headers, path
    answer = await page.read()
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_only_who_came_by_https_is_told_to_keep_to_it(make_house: Make) -> None:
    house = make_house(public_url="https://peil.company.example")
    async with open_gateway(house) as gateway:
        transport = httpx.ASGITransport(gateway.app)
        for base, told in (
            ("https://peil.test", True),
            ("http://peil.test", False),
            # A proxy that does not say that it was by https.
            ("http://peil.company.example", True),
        ):
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                answer = await client.get("/healthz")
                assert ("strict-transport-security" in answer.headers) is told, base


async def test_a_picture_is_shown_on_other_sites_and_can_be_saved_from_there(gateway: Gateway) -> None:
    page = await gateway.page()
    for _ in range(6):
        await page.say("2")
    [image] = [message["image"] for message in page.last if "image" in message]

    shown = await gateway.client().get(image["url"], headers={"Origin": SITE})
    saved = await gateway.client().get(image["url"] + "&save=1")

    assert shown.status_code == saved.status_code == 200
    assert shown.content == saved.content
    assert shown.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "content-disposition" not in shown.headers
    assert saved.headers["content-disposition"] == 'attachment; filename="peil.png"'
    # It is saved by who may see it.
    assert (await gateway.client().get(image["url"].replace("key=", "key=x") + "&save=1")).status_code == 404


# --- which assessment is complete ---


async def complete(page: Page) -> list[dict[str, Any]]:
    """Answer all six questions; the messages with a picture of the result."""
    for _ in range(6):
        await page.say("2")
    return [message for message in page.last if "completed" in message]


async def test_the_result_names_the_assessment_that_is_complete(gateway: Gateway) -> None:
    house = gateway.house
    for page in (await gateway.page(), await gateway.page(campaign=code(house, campaign(house)))):
        [result] = await complete(page)
        [run] = house.runs(page.id)
        assert result["completed"] == run.id
        assert {"image", "table"} <= result.keys()
        # The same whenever it is read.
        [again] = [message for message in await page.history() if "completed" in message]
        assert (again["id"], again["completed"]) == (result["id"], run.id)
        await page.send("again", do="result")
        found = {message["completed"] for message in await page.history() if "completed" in message}
        assert found == {run.id}


async def test_in_an_anonymous_campaign_it_is_named_by_what_leads_nowhere(gateway: Gateway) -> None:
    house = gateway.house
    page = await gateway.page(campaign=code(house, campaign(house, anonymous=True)))
    [result] = await complete(page)
    name = result["completed"]
    assert re.fullmatch(r"[0-9a-f]{16}", name)
    run = house.runs(page.id)[-1]
    assert name not in run.id
    [again] = {message["completed"] for message in await page.history() if "completed" in message}
    assert again == name
    # Who has only the database can make none of it: another secret makes another.
    assert house.use_cases.codes.alias(run.id) == name
    other = type(house.use_cases.codes)("another secret of at least 32 characters")
    assert other.alias(run.id) != name


async def test_only_the_result_itself_names_an_assessment(gateway: Gateway) -> None:
    page = await gateway.page()
    for _ in range(5):
        await page.say("2")
    # What there is so far, and other pictures of a result, are no end of an assessment.
    await page.send("early", do="result")
    assert [message for message in await page.history() if "completed" in message] == []
    await page.say("2")
    gateway.engine.meanings["doelen"] = "target"
    gateway.engine.meanings["routekaart"] = "road_map"
    await page.say("doelen")
    await page.say("3")
    await page.say("routekaart")
    pictures = [message for message in await page.history() if "image" in message]
    assert len(pictures) > 1
    assert ["completed" in message for message in pictures] == [True] + [False] * (len(pictures) - 1)


# --- the widget's files ---


async def version(gateway: Gateway) -> str:
    """The version to which the moving address leads."""
    answer = await gateway.client().get("/widget.js", headers={"Origin": SITE})
    assert answer.headers["access-control-allow-origin"] == "*"
    [found] = re.findall(r'from "\./widget/([0-9a-f]{12})/peil-chat\.js"', answer.text)
    return str(found)


async def test_a_gateway_keeps_its_version_of_the_widget_for_the_days_after_it(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with open_gateway(house) as gateway:
        old = await version(gateway)
        path = f"/widget/{old}/peil-chat.js"
        served = await gateway.client().get(path, headers={"Accept-Encoding": "gzip"})
        assert served.status_code == 200
        assert served.headers["content-encoding"] == "gzip"
        assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert served.headers["x-content-type-options"] == "nosniff"
    assert (house.settings.data_dir / "widget" / old / "peil-chat.js").is_file()

    # The next release.
    newer = tmp_path / "newer"
    shutil.copytree(application.WEB, newer)
    with (newer / "client.js").open("a") as file:
        file.write("\nexport const newer = true;\n")
    monkeypatch.setattr(application, "WEB", newer)
    async with open_gateway(house) as gateway:
        assert await version(gateway) != old
        again = await gateway.client().get(path)
        assert (again.status_code, again.content) == (200, served.content)


async def test_a_gateway_starts_where_no_version_can_be_kept(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.settings.data_dir.mkdir(parents=True, exist_ok=True)
    (house.settings.data_dir / "widget").write_text("in the way")
    async with open_gateway(house) as gateway:
        now = await version(gateway)
        assert (await gateway.client().get(f"/widget/{now}/peil-chat.js")).status_code == 200
    assert "is not kept" in caplog.text
