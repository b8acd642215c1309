"""The contract of the web chat, through the real application with a stand-in for Rasa and action server."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.gateway import hub
from bot.gateway.turns import Turns
from bot.service.use_cases import Received
from bot.store import tables
from bot.texts import say, section
from tests.integration.gateway import FakeEngine, Gateway, Page, check_problem, open_gateway, question
from tests.integration.parts import ITEMS, House, at_statement, make_prepared_url

Make = Callable[..., House]


on_both_databases = pytest.mark.parametrize("prepared_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(params=["sqlite"])
def prepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The contract is the same whatever the database: both only where the database has a say."""
    return make_prepared_url(request, tmp_path)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway repeats a turn after a hundredth of a second instead of longer and longer."""
    monkeypatch.setattr(hub, "Turns", functools.partial(Turns, backoff=(0.01,)))


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[Gateway]:
    """A running gateway."""
    async with open_gateway(house) as running:
        yield running


def check_message(message: dict[str, Any], role: str) -> None:
    """The fields of a message, no more and no less than the contract has."""
    more = {"buttons", "image", "table", "links", "completed"}
    assert set(message) - more == {"id", "role", "text", "lang", "at"}
    assert message["role"] == role
    assert isinstance(message["text"], str)
    assert message["text"]
    assert message["lang"] in ("nl", "en")
    at = datetime.fromisoformat(message["at"])
    assert at.utcoffset() == timedelta(0)
    for button in message.get("buttons", []):
        assert set(button) == {"title", "token", "style"}
        assert button["style"] in ("level", "quiet", "choice")
        assert 1 <= len(button["title"]) <= 24
        assert 1 <= len(button["token"]) <= 64
    if "image" in message:
        assert set(message["image"]) == {"url", "alt"}
    if "table" in message:
        table = message["table"]
        assert set(table) == {"paragraph", "columns", "rows"}
        assert 0 <= table["paragraph"] < len(message["text"].split("\n\n"))
        assert {len(row) for row in table["rows"]} == {len(table["columns"])}
    for link in message.get("links", []):
        assert set(link) - {"url"} == {"kind", "title"}


# --- beginning ---


async def test_a_conversation_begins_with_a_token_and_the_greeting(gateway: Gateway) -> None:
    response = await gateway.client().post("/api/chat/conversations", json={"language": "nl"})

    assert response.status_code == 201
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == {"token", "messages"}
    [greeting] = body["messages"]
    check_message(greeting, "bot")
    assert greeting["lang"] == "nl"
    assert [button["title"] for button in greeting["buttons"]] == [
        say("nl", "consent.yes"),
        say("nl", "consent.no"),
        say("nl", "language.other"),
    ]


async def test_the_language_is_what_was_asked_for_or_what_the_browser_prefers(gateway: Gateway) -> None:
    nothing: dict[str, Any] = {}
    for body, accepts, language in (
        ({"language": "nl"}, "en", "nl"),
        (nothing, "nl-BE,nl;q=0.9,en;q=0.8", "nl"),
        (nothing, "fr-FR, nl;q=0.5", "nl"),
        (nothing, "de", "en"),
        (nothing, "", "en"),
        (None, "nl", "nl"),
        ({"language": None, "campaign": None, "prefill": None}, "nl", "nl"),
        ({"prefill": {"model": "teahouse", "department": "it"}}, "en", "en"),
    ):
        client = gateway.client(**{"Accept-Language": accepts})
        content = {} if body is None else {"json": body}
        response = await client.post("/api/chat/conversations", **content)
        assert response.status_code == 201, response.text
        assert [message["lang"] for message in response.json()["messages"]] == [language], (body, accepts)


async def test_a_model_or_an_invitation_that_does_not_exist_is_said_so(gateway: Gateway) -> None:
    client = gateway.client()
    for body, key in (
        ({"language": "nl", "prefill": {"model": "coffeebar"}}, "error.model"),
        ({"language": "nl", "prefill": {"model": "a\0b"}}, "error.model"),
        ({"language": "nl", "campaign": "SPRING"}, "code.unknown"),
    ):
        check_problem(await client.post("/api/chat/conversations", json=body), 404, key, "nl")
    assert gateway.house.rows(tables.conversations) == []


# --- saying something, and the history ---


async def test_a_message_gets_its_reply_with_exactly_the_fields_of_the_contract(gateway: Gateway) -> None:
    page = await gateway.page(agrees=False)

    response = await page.send("my-own_ID-1", text="ja")

    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"messages", "pending"}
    assert body["pending"] is False
    [reply] = body["messages"]
    check_message(reply, "bot")
    assert question(1) in reply["text"]
    assert [button["style"] for button in reply["buttons"]] == ["level"] * 3 + ["quiet"] * 5


async def test_the_history_is_what_was_seen_in_the_order_in_which_it_was_seen(gateway: Gateway) -> None:
    page = await gateway.page()
    await page.tap("2 ·")
    for _ in ITEMS[1:]:
        await page.say("3")

    history = await page.history()

    for message in history:
        check_message(message, message["role"])
    roles = "".join(message["role"][0] for message in history)
    assert roles == "b" + "ub" * 6 + "ubbbb"
    assert len({message["id"] for message in history}) == len(history)
    said = [message for message in history if message["role"] == "user"]
    assert [message["id"] for message in said] == [f"p{number}" for number in range(1, 8)]
    # A tap is shown as what stood on the button.
    assert [message["text"] for message in said] == ["ja", "2 · Vaste kaart", *["3"] * 5]
    assert history[-4:] == page.last
    times = [message["at"] for message in history]
    assert times == sorted(times)


async def test_after_gives_only_what_came_later(gateway: Gateway) -> None:
    page = await gateway.page()
    await page.say("2")
    history = await page.history()

    for place, message in enumerate(history):
        assert await page.history(after=message["id"]) == history[place + 1 :]


async def test_after_a_message_that_is_none_of_this_conversation_is_404(gateway: Gateway) -> None:
    page, other = await gateway.page(), await gateway.page("en")
    await other.say("3")
    await other.say("3")
    await page.send("mine", text="2")

    for unknown in ("b.99", "nope", other.message_id, "", "mine ", "MINE", "é"):
        check_problem(await page.read(after=unknown), 404, "error.after", "nl")
    check_problem(await other.read(after="mine"), 404, "error.after", "en")
    check_problem(await page.read(after="x" * 65), 422, "error.invalid", "nl")


async def test_a_page_that_is_loaded_again_goes_on_in_the_same_conversation(make_house: Make) -> None:
    house = make_house()
    async with open_gateway(house) as gateway:
        page = await gateway.page()
        await page.say("2")
        before = await page.history()

    house.clock.move(days=7)
    async with open_gateway(make_house()) as later:
        again = Page(later.client(), {"token": page.token, "messages": []})
        assert await again.history() == before
        await again.send("next-week", text="3")
        assert question(3) in (await again.history())[-1]["text"]


async def test_conversations_see_nothing_of_each_other(gateway: Gateway) -> None:
    one, two = await gateway.page(), await gateway.page("en")
    await one.say("2")
    await two.say("3")

    for page, other in ((one, two), (two, one)):
        ids = {button["token"] for message in await page.history() for button in message.get("buttons", [])}
        assert ids.isdisjoint(b["token"] for m in await other.history() for b in m.get("buttons", []))
        assert len(await page.history()) == 5
    assert gateway.house.holds(one.id) == {"tea.leaves": 2}
    assert gateway.house.holds(two.id) == {"tea.leaves": 3}


# --- the long poll ---


async def test_the_long_poll_wakes_on_a_reply_and_on_what_another_tab_says(gateway: Gateway) -> None:
    page = await gateway.page()
    other_tab = Page(gateway.client("192.0.2.9"), {"token": page.token, "messages": []})
    last = page.last[-1]["id"]
    gateway.engine.gate.clear()
    waiting = asyncio.create_task(page.history(after=last, wait=20))
    await asyncio.sleep(0)

    saying = asyncio.create_task(other_tab.send("from-the-other-tab", text="2"))
    heard = await asyncio.wait_for(waiting, 10)
    assert [(m["role"], m["id"], m["text"]) for m in heard] == [("user", "from-the-other-tab", "2")]

    waiting = asyncio.create_task(page.history(after="from-the-other-tab", wait=20))
    gateway.engine.gate.set()
    heard = await asyncio.wait_for(waiting, 10)
    assert [m["role"] for m in heard] == ["bot"]
    assert heard == (await saying).json()["messages"]


async def test_the_long_poll_returns_at_once_when_there_is_something(gateway: Gateway) -> None:
    page = await gateway.page()

    async with asyncio.timeout(5):
        assert len(await page.history(wait=25)) == 3


async def test_the_long_poll_returns_empty_after_its_time(gateway: Gateway) -> None:
    page = await gateway.page()
    started = asyncio.get_running_loop().time()

    assert await page.history(after=page.last[-1]["id"], wait=0.15) == []

    assert 0.15 <= asyncio.get_running_loop().time() - started < 2


async def test_the_long_poll_does_not_wake_for_another_conversation(gateway: Gateway) -> None:
    page, other = await gateway.page(), await gateway.page()
    waiting = asyncio.create_task(page.history(after=page.last[-1]["id"], wait=20))
    await other.say("2")
    await other.say("3")
    assert not waiting.done()

    await page.send("mine", text="1")

    assert (await asyncio.wait_for(waiting, 10))[0]["id"] == "mine"


async def test_a_wait_that_is_none_is_422(gateway: Gateway) -> None:
    page = await gateway.page()

    for wait in ("-1", "26", "x", "nan", "inf"):
        check_problem(await page.read(wait=wait), 422, "error.invalid", "nl")


# --- repeats and conflicts ---


async def test_a_repeat_gives_the_same_reply_and_one_answer(gateway: Gateway) -> None:
    page = await gateway.page()
    first = await page.send("same", text="2")
    await page.say("3")

    again = await page.send("same", text="2")

    assert (again.status_code, again.json()) == (200, first.json())
    assert gateway.house.holds(page.id) == {"tea.leaves": 2, "tea.brewing": 3}
    assert len([m for m in await page.history() if m["id"] == "same"]) == 1


async def test_a_repeat_while_the_first_is_under_way_waits_for_it(gateway: Gateway) -> None:
    page = await gateway.page()
    gateway.engine.gate.clear()
    first = asyncio.create_task(page.send("same", text="2"))
    await gateway.engine.until_took("2")
    repeats = [asyncio.create_task(page.send("same", text="2")) for _ in range(3)]
    done, _ = await asyncio.wait([first, *repeats], timeout=0.1)
    assert done == set()

    gateway.engine.gate.set()

    bodies = [(await one).json() for one in (first, *repeats)]
    assert question(2) in bodies[0]["messages"][0]["text"]
    assert bodies == [bodies[0]] * 4
    assert gateway.engine.took == ["ja", "2"]
    assert len(gateway.house.answers(page.id)) == 1


async def test_the_same_id_with_another_content_is_409(gateway: Gateway) -> None:
    page = await gateway.page()
    token = page.buttons[0]["token"]
    await page.send("same", text="2")
    history = await page.history()

    for content in ({"text": "3"}, {"text": "2 "}, {"button": "2"}, {"button": token}):
        check_problem(await page.send("same", **content), 409, "error.conflict", "nl")

    assert await page.history() == history


async def test_many_messages_at_once_are_answered_one_by_one_in_one_order(gateway: Gateway) -> None:
    page = await gateway.page()

    answers = await asyncio.gather(*[page.send(f"n{number}", text="2") for number in range(6)])

    assert [one.status_code for one in answers] == [200] * 6
    assert list(gateway.house.holds(page.id)) == list(ITEMS)
    history = await page.history()
    said = [message["id"] for message in history if message["role"] == "user"][1:]
    replies = {f"n{n}": one.json()["messages"][0]["id"] for n, one in enumerate(answers)}
    answered = [replies[one] for one in said]
    assert answered == sorted(answered, key=lambda one: int(one.removeprefix("b.")))


async def test_turns_are_done_in_the_order_of_the_inbox_even_if_one_is_slow_to_come_back_from_it(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await gateway.page()
    receive = gateway.house.use_cases.receive
    first_is_in, second_is_in = threading.Event(), threading.Event()

    def slow(channel: str, conversation_id: str, message_id: str, **content: Any) -> Received:
        received = receive(channel, conversation_id, message_id, **content)
        if message_id == "first":
            first_is_in.set()
            second_is_in.wait(0.2)
        else:
            second_is_in.set()
        return received

    monkeypatch.setattr(gateway.house.use_cases, "receive", slow)
    first = asyncio.create_task(page.send("first", text="1"))
    # Only now: which of two that set out together arrives first is for the network to say.
    assert await asyncio.to_thread(first_is_in.wait, 5)
    await asyncio.gather(first, page.send("second", text="3"))

    assert gateway.engine.took == ["ja", "1", "3"]
    assert gateway.house.holds(page.id) == {"tea.leaves": 1, "tea.brewing": 3}


# --- tokens ---


async def test_without_a_token_of_this_house_nothing_is_to_be_had(gateway: Gateway, make_house: Make) -> None:
    page = await gateway.page()
    mac = page.token.partition(".")[2]
    client = gateway.client(**{"Accept-Language": "nl"})
    for header in (
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        f"Bearer {page.id}",
        f"Bearer {page.id}.",
        f"Bearer {page.id}.{mac[:-1]}",
        f"Bearer {page.id}.{mac[::-1]}",
        f"Bearer {'0' * 32}.{mac}",
        f"Bearer {page.token}.x",
        f"Basic {page.token}",
        page.token,
        f"Bearer {page.token.upper()}",
        "Bearer ../../etc/passwd.x",
    ):
        headers = {} if header is None else {"Authorization": header}
        for answer in (
            await client.get("/api/chat/messages", headers=headers),
            await client.post("/api/chat/messages", headers=headers, json={"id": "m", "text": "2"}),
        ):
            check_problem(answer, 401, "error.token", "nl")
            assert answer.headers["www-authenticate"] == "Bearer"
    for bad in ("Bearer é", "Bearer \udcff".encode("utf-8", "surrogateescape")):
        raw = bad if isinstance(bad, bytes) else bad.encode()
        answer = await client.get("/api/chat/messages", headers=[(b"authorization", raw)])
        check_problem(answer, 401, "error.token", "nl")
    assert len(await page.history()) == 3


async def test_a_token_opens_its_own_conversation_only(gateway: Gateway) -> None:
    one, two = await gateway.page(), await gateway.page()
    swapped = f"{one.id}.{two.token.partition('.')[2]}"

    answer = await gateway.client(Authorization=f"Bearer {swapped}").get("/api/chat/messages")

    check_problem(answer, 401, "error.token")


async def test_a_token_unused_for_thirty_days_has_expired_and_one_that_is_used_has_not(
    gateway: Gateway,
) -> None:
    used, unused = await gateway.page(), await gateway.page()
    for _ in range(3):
        gateway.house.clock.move(days=29)
        assert (await used.read()).status_code == 200

    check_problem(await unused.read(), 401, "error.token")
    check_problem(await unused.send("m", text="2"), 401, "error.token")
    assert (await used.send("m", text="2")).status_code == 200
    gateway.house.clock.move(days=30, seconds=1)
    check_problem(await used.read(), 401, "error.token")


async def test_the_token_of_a_conversation_that_was_erased_opens_nothing(gateway: Gateway) -> None:
    page = await gateway.page()
    gateway.house.use_cases.forget(page.id)

    check_problem(await page.read(), 401, "error.token")
    check_problem(await page.send("m", text="2"), 401, "error.token")


async def test_a_conversation_erased_while_a_message_is_under_way_ends_the_wait(gateway: Gateway) -> None:
    page = await gateway.page()
    gateway.engine.gate.clear()
    saying = asyncio.create_task(page.send("m", text="2"))
    await gateway.engine.until_took("2")

    await asyncio.to_thread(gateway.house.use_cases.forget, page.id)
    gateway.engine.meanings["2"] = "take_answer"
    gateway.engine.gate.set()

    response = await asyncio.wait_for(saying, 10)
    check_problem(response, 401, "error.token", "nl")


# --- limits ---


async def test_a_text_over_the_limit_is_413_and_one_at_the_limit_is_not(make_house: Make) -> None:
    async with open_gateway(make_house(max_text=100)) as gateway:
        page = await gateway.page()
        history = await page.history()

        check_problem(await page.send("long", text="x" * 101), 413, "error.too_long", "nl", limit=100)
        assert await page.history() == history
        assert (await page.send("long", text="x" * 100)).status_code == 200


async def test_a_huge_body_is_413_before_anything_reads_it(gateway: Gateway) -> None:
    page = await gateway.page()
    huge = b'{"id": "m", "text": "' + b"x" * 70_000 + b'"}'

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(huge), 8192):
            yield huge[start : start + 8192]

    headers = {"Content-Type": "application/json", "Accept-Language": "nl"}
    for path in ("/api/chat/messages", "/api/chat/conversations"):
        for content in (huge, in_pieces()):
            answer = await page.client.post(path, content=content, headers=headers)
            check_problem(answer, 413, "error.too_large", "nl")
    assert len(await page.history()) == 3


WRONG_MESSAGES: list[Any] = [
    {},
    {"id": "m"},
    {"text": "2"},
    {"id": "m", "text": "2", "button": "x"},
    {"id": "m", "text": None, "button": None},
    {"id": "m", "text": ""},
    {"id": "m", "button": ""},
    {"id": "m", "button": "x" * 65},
    {"id": "m", "text": 2},
    {"id": "m", "text": ["2"]},
    {"id": 1, "text": "2"},
    {"id": "", "text": "2"},
    {"id": "x" * 65, "text": "2"},
    {"id": "b.1", "text": "2"},
    {"id": "m\n", "text": "2"},
    {"id": "ë", "text": "2"},
    {"id": "m", "text": "2", "also": 1},
    [],
    "text",
    None,
]
WRONG_BEGINNINGS: list[Any] = [
    {"language": "fr"},
    {"language": "NL"},
    {"prefill": {"model": 1}},
    {"campaign": "x" * 65},
    {"name": "me"},
    [],
]
NO_JSON = [b"", b"{", b"\xff\xfe", b'{"id": "m", "text": "\xff"}', b"id=m&text=2", b"NaN"]


async def test_what_does_not_fit_the_contract_is_422_and_changes_nothing(gateway: Gateway) -> None:
    page = await gateway.page()
    before = gateway.house.everything()
    dutch = {"Accept-Language": "nl"}

    for body in WRONG_MESSAGES:
        answer = await page.client.post("/api/chat/messages", json=body, headers=dutch)
        check_problem(answer, 422, "error.invalid", "nl")
    for body in WRONG_BEGINNINGS:
        answer = await gateway.client().post("/api/chat/conversations", json=body)
        check_problem(answer, 422, "error.invalid")
    for content in NO_JSON:
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            headers = {"Content-Type": kind}
            answer = await page.client.post("/api/chat/messages", content=content, headers=headers)
            check_problem(answer, 422, "error.invalid", "nl")

    assert gateway.house.everything() == before


async def test_too_many_messages_of_one_conversation_are_429_with_retry_after(make_house: Make) -> None:
    async with open_gateway(make_house(rate_burst=3, rate_per_minute=2)) as gateway:
        page, other = await gateway.page(), await gateway.page(agrees=False)
        for number in (1, 2):
            assert (await page.send(f"n{number}", text="2")).status_code == 200

        answer = await page.send("n3", text="2")

        check_problem(answer, 429, "error.too_fast", "nl")
        # Two a minute: the next one is allowed after half a minute at most.
        assert 1 <= int(answer.headers["retry-after"]) <= 30
        assert len(gateway.house.answers(page.id)) == 2
        # Reading goes on, and nobody else is held up.
        assert (await page.read()).status_code == 200
        assert (await other.send("n1", text="ja")).status_code == 200


async def test_too_many_conversations_from_one_address_are_429_with_retry_after(make_house: Make) -> None:
    async with open_gateway(make_house(rate_burst=2, rate_per_minute=1)) as gateway:
        for _ in range(2):
            await gateway.page(agrees=False)

        answer = await gateway.client().post("/api/chat/conversations", json={"language": "nl"})

        check_problem(answer, 429, "error.too_fast", "nl")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        elsewhere = await gateway.client("192.0.2.77").post("/api/chat/conversations", json={})
        assert elsewhere.status_code == 201
        assert len(gateway.house.rows(tables.conversations)) == 3


# --- what people type is text ---


@on_both_databases
async def test_markup_sql_and_commands_are_text_like_any_other(gateway: Gateway) -> None:
    page = await gateway.page()

    for text in (
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "'; DROP TABLE answers; --",
        "/restart",
        "  /session_start",
        '/dont_know{"level": "x"}',
        "{minutes} {0.__class__} %s %(text)s",
        "a\r\nb\tc\u2028d",
        "\u202eevil\u202c \u200b \U0001f469\u200d\U0001f469\u200d\U0001f467 Ünïcödé",
        "null",
        "\\u0000 \\x00",
    ):
        await page.say(text)
        assert (await page.history())[-2]["text"] == text
        assert gateway.engine.took[-1] == text
        assert question(1) in page.text

    assert gateway.house.answers(page.id) == []


@on_both_databases
async def test_nul_and_halves_of_characters_are_taken_and_kept_as_far_as_they_can_be(
    gateway: Gateway,
) -> None:
    page = await gateway.page()
    for number, (raw, kept) in enumerate(
        [
            (b'"a\\u0000b"', "a\ufffdb"),
            (b'"a\\ud83db"', "a?b"),
            (b'"\\udc00"', "?"),
            (b'"a\\ud83d\\ude00b"', "a\U0001f600b"),
        ]
    ):
        body = b'{"id": "raw%d", "text": %s}' % (number, raw)
        headers = {"Content-Type": "application/json"}

        answer = await page.client.post("/api/chat/messages", content=body, headers=headers)
        again = await page.client.post("/api/chat/messages", content=body, headers=headers)

        assert answer.status_code == 200, raw
        assert again.json() == answer.json()
        assert (await page.history())[-2]["text"] == kept
    for number, button in enumerate((b'"a\\u0000b"', b'"a\\ud83db"')):
        body = b'{"id": "button%d", "button": %s}' % (number, button)
        answer = await page.client.post("/api/chat/messages", content=body, headers=headers)
        assert answer.status_code == 200
        assert answer.json()["messages"][0]["text"].startswith(say("nl", "stale.unknown"))
    for after in ("%00", "a%00b", "%ED%A0%80", "%FF"):
        answer = await page.client.get(f"/api/chat/messages?after={after}")
        check_problem(answer, 404, "error.after", "nl")


# --- the parts behind are away ---


async def test_while_rasa_is_away_a_message_is_kept_and_answered_when_it_is_back(
    gateway: Gateway,
) -> None:
    page = await gateway.page()
    gateway.engine.away = True
    gateway.patience(0.05)

    first = (await page.send("kept", text="2")).json()
    again = (await page.send("kept", text="2")).json()

    assert first["pending"] is True
    [apology] = first["messages"]
    check_message(apology, "bot")
    assert apology["text"] == say("nl", "trouble.waiting")
    assert again == first
    assert [m["id"] for m in (await page.history())[-2:]] == ["kept", apology["id"]]

    gateway.engine.away = False
    [reply] = await page.wait_for(question(2), after=apology["id"])
    after = (await page.send("kept", text="2")).json()
    assert after == {"messages": [reply], "pending": False}
    history = await page.history()
    assert [m["id"] for m in history[-3:]] == ["kept", apology["id"], reply["id"]]
    assert len([m for m in history if m["text"] == apology["text"]]) == 1
    assert gateway.house.holds(page.id) == {"tea.leaves": 2}


async def test_the_apology_is_in_the_persons_language(gateway: Gateway) -> None:
    page = await gateway.page("en")
    gateway.engine.away = True
    gateway.patience(0.05)

    body = await page.say("2")

    assert [m["text"] for m in body["messages"]] == [say("en", "trouble.waiting")]


@pytest.mark.parametrize("how", ["away", "actions", "slow"])
async def test_several_messages_while_the_parts_are_away_are_answered_in_order(
    gateway: Gateway, how: str
) -> None:
    engine = gateway.engine
    page, other = await gateway.page(), await gateway.page()
    gateway.patience(0.05)
    if how == "away":
        engine.away = True
    elif how == "actions":
        engine.actions = False
    else:
        engine.gate.clear()

    bodies = [(await page.send(f"away{level}", text=str(level))).json() for level in (1, 2, 3)]
    assert [body["pending"] for body in bodies] == [True] * 3
    assert (await other.send("other", text="3")).json()["pending"] is True

    engine.away, engine.actions = False, True
    engine.gate.set()
    await page.wait_for(question(4))

    assert list(gateway.house.holds(page.id).items()) == list(zip(ITEMS, (1, 2, 3), strict=False))
    said = [message["id"] for message in await page.history() if message["role"] == "user"][1:]
    assert said == ["away1", "away2", "away3"]
    texts = [message["text"] for message in await page.history()]
    asked = [n for text in texts for n in range(1, 7) if question(n) in text]
    assert asked == [1, 2, 3, 4]
    await other.wait_for(question(2))
    assert gateway.house.holds(other.id) == {"tea.leaves": 3}


async def test_a_reply_that_is_only_slow_comes_through_the_history(gateway: Gateway) -> None:
    page = await gateway.page()
    gateway.engine.gate.clear()
    gateway.patience(0.05)

    body = await page.say("2")
    assert body["pending"] is True
    gateway.engine.gate.set()

    assert len(await page.wait_for(question(2), after=body["messages"][-1]["id"])) == 1
    assert gateway.engine.took == ["ja", "2"]


async def test_a_turn_that_rasa_never_gets_done_is_given_up_and_the_next_one_goes_on(
    gateway: Gateway,
) -> None:
    engine = gateway.engine
    page = await gateway.page()
    engine.deaf_to = {"poison"}

    sending = asyncio.create_task(page.send("m1", text="poison"))
    await engine.until_took("poison")
    second = await page.send("m2", text="2")
    first = await sending

    assert engine.took == ["ja", *["poison"] * 5, "2"]
    history = await page.history()
    said = [m for m in history if m["role"] == "user"]
    assert [m["id"] for m in said] == ["p1", "m1", "m2"]
    given_up = [m for m in history if m["text"] == say("nl", "trouble.gave_up")]
    assert len(given_up) == 1
    assert [button["title"] for button in given_up[0]["buttons"]] == [say("nl", "side.continue")]
    assert history.index(given_up[0]) < next(i for i, m in enumerate(history) if question(2) in m["text"])
    assert gateway.house.holds(page.id) == {"tea.leaves": 2}
    # Its button leads on; a repeat of the message gets the same apology, and it is not tried again.
    again = (await page.send("m1", text="poison")).json()
    assert again == {"messages": [given_up[0]], "pending": False}
    assert (await page.send("go-on", button=given_up[0]["buttons"][0]["token"])).status_code == 200
    assert question(2) in (await page.history())[-1]["text"]
    assert engine.took.count("poison") == 5
    for answer in (first, second):
        assert answer.status_code == 200


async def test_a_turn_is_not_given_up_while_a_part_is_away(gateway: Gateway) -> None:
    engine = gateway.engine
    page = await gateway.page()
    engine.actions = False
    gateway.patience(0.05)
    assert (await page.say("2"))["pending"] is True
    await engine.until_took("2", times=12)

    engine.actions = True

    await page.wait_for(question(2))
    assert say("nl", "trouble.gave_up") not in str(await page.history())


@on_both_databases
async def test_a_gateway_that_stopped_with_an_open_turn_does_it_at_the_next_start(make_house: Make) -> None:
    house = make_house()
    engine = FakeEngine(house)
    async with open_gateway(house, engine) as gateway:
        page, other = await gateway.page(), await gateway.page()
        engine.away = True
        gateway.patience(0.05)
        for number in (1, 2):
            assert (await page.send(f"m{number}", text=str(number))).json()["pending"] is True
        engine.away = False
        engine.gate.clear()
        under_way = asyncio.create_task(other.send("m1", text="3"))
        await engine.until_took("3")
    assert engine.closed
    under_way.cancel()

    later = make_house()
    async with open_gateway(later) as gateway:
        again = Page(gateway.client(), {"token": page.token, "messages": []})
        await again.wait_for(question(3))
        await Page(gateway.client(), {"token": other.token, "messages": []}).wait_for(question(2))
        repeat = (await again.send("m2", text="2")).json()
        assert question(3) in repeat["messages"][0]["text"]
        assert sorted(gateway.engine.took, key=str) == ["1", "2", "3"]
    assert later.holds(page.id) == {"tea.leaves": 1, "tea.brewing": 2}
    assert later.holds(other.id) == {"tea.leaves": 3}
    assert later.use_cases.open_turns() == []


@on_both_databases
async def test_a_database_that_fails_takes_nothing_in_says_so_and_the_repeat_works(gateway: Gateway) -> None:
    page = await gateway.page()

    def fail(connection: sa.Connection, statement: str) -> None:
        raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))

    with at_statement(gateway.house, fail, holds="INSERT INTO transcript"):
        answer = await page.client.post(
            "/api/chat/messages", json={"id": "m1", "text": "2"}, headers={"Accept-Language": "nl"}
        )

    check_problem(answer, 503, "error.busy", "nl")
    assert int(answer.headers["retry-after"]) >= 1
    assert len(await page.history()) == 3
    assert (await page.send("m1", text="2")).status_code == 200
    assert gateway.house.holds(page.id) == {"tea.leaves": 2}


async def test_a_database_that_fails_in_the_turn_is_tried_again(gateway: Gateway) -> None:
    page = await gateway.page()

    def fail(connection: sa.Connection, statement: str) -> None:
        raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))

    async def take(inbound: Any) -> None:
        # As the action server does: it is logged there, and nothing is uttered.
        with contextlib.suppress(sa.exc.OperationalError):
            await FakeEngine.take(gateway.engine, inbound)

    gateway.engine.take = take  # type: ignore[method-assign]
    with at_statement(gateway.house, fail, holds="INSERT INTO answers"):
        body = await page.say("2")

    assert question(2) in body["messages"][0]["text"]
    assert gateway.engine.took == ["ja", "2", "2"]
    assert len(gateway.house.answers(page.id)) == 1


async def test_an_error_of_ours_is_a_sentence_too(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    page = await gateway.page()

    def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(gateway.house.use_cases, "history", broken)
    answer = await page.client.get("/api/chat/messages", headers={"Accept-Language": "nl"})

    check_problem(answer, 500, "error.internal", "nl")


# --- pictures ---


@pytest.fixture
async def finished(make_house: Make) -> AsyncIterator[tuple[Gateway, Page, list[float]]]:
    """A page with a result, and the time (seconds since 1970) by which pictures expire."""
    time = [1_800_000_000.0]
    async with open_gateway(make_house(picture_minutes=60), now=lambda: time[0]) as gateway:
        page = await gateway.page()
        for _ in ITEMS:
            await page.say("2")
        yield gateway, page, time


def image(messages: list[dict[str, Any]]) -> dict[str, str]:
    [found] = [message["image"] for message in messages if "image" in message]
    return found


async def test_the_result_comes_with_a_picture_and_the_same_facts_in_words(
    finished: tuple[Gateway, Page, list[float]],
) -> None:
    gateway, page, _ = finished
    for message in page.last:
        check_message(message, "bot")
    shown = image(page.last)

    answer = await gateway.client().get(shown["url"])

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG\r\n")
    # Nothing of a result may stay behind in a browser from which the conversation was erased.
    assert answer.headers["cache-control"] == "no-store"
    # All three parts stand at level 2: 2,0 of 3, target 3.
    for title in ("Thee", "Gasten", "Servies"):
        line = say(
            "nl",
            "result.line",
            dimension=title,
            score="2,0",
            highest=3,
            staged=2,
            level="Getrokken",
            target=3,
        )
        assert line in page.text
        assert line in shown["alt"]


async def test_a_pictures_address_expires_and_is_signed_anew_when_the_history_is_read(
    finished: tuple[Gateway, Page, list[float]],
) -> None:
    gateway, page, time = finished
    url, client = image(page.last)["url"], gateway.client(**{"Accept-Language": "nl"})
    time[0] += 60 * 60
    assert (await client.get(url)).status_code == 200

    time[0] += 1
    check_problem(await client.get(url), 404, "error.not_found", "nl")

    fresh = image(await page.history())["url"]
    assert fresh != url
    assert (await client.get(fresh)).status_code == 200


async def test_a_pictures_address_cannot_be_forged(finished: tuple[Gateway, Page, list[float]]) -> None:
    gateway, page, _ = finished
    other = await gateway.page()
    for _ in ITEMS:
        await other.say("3")
    mine, theirs = (httpx.URL(image(one.last)["url"]) for one in (page, other))
    until, key = int(mine.params["until"]), mine.params["key"]
    client = gateway.client()
    for url in (
        mine.copy_set_param("until", until + 3600),
        mine.copy_set_param("key", key[:-1]),
        mine.copy_set_param("key", key[::-1]),
        mine.copy_set_param("key", ""),
        mine.copy_set_param("key", "é\0"),
        mine.copy_set_param("key", theirs.params["key"]),
        mine.copy_with(path=theirs.path),
        mine.copy_with(path=f"/pictures/{'0' * 32}.png"),
    ):
        answer = await client.get(url)
        assert answer.status_code in (404, 422), url
        assert answer.headers["content-type"] == "application/problem+json"
    for url in (
        mine.copy_remove_param("key"),
        mine.copy_remove_param("until"),
        mine.copy_set_param("until", "x"),
    ):
        check_problem(await client.get(url), 422, "error.invalid")
    assert (await client.get(mine)).status_code == 200


async def test_the_picture_of_a_conversation_that_was_erased_is_gone(
    finished: tuple[Gateway, Page, list[float]],
) -> None:
    gateway, page, _ = finished
    url = image(page.last)["url"]
    assert (await gateway.client().get(url)).status_code == 200

    gateway.house.use_cases.forget(page.id)

    check_problem(await gateway.client().get(url), 404, "error.not_found")


# --- the rest of the house ---


async def test_every_answer_has_the_headers_that_keep_foreign_code_out(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await gateway.page()
    client = page.client
    answers = [
        await client.get("/"),
        await client.get("/web/client.js"),
        await client.get("/healthz"),
        await client.get("/readyz"),
        await client.get("/api/openapi.json"),
        await client.get("/api/chat/texts/nl"),
        await client.get("/api/chat/messages"),
        await client.get("/nothing/here"),
        await client.get("/web/../bot/settings.py"),
        await client.get("/web/%2e%2e/settings.py"),
        await client.delete("/api/chat/messages"),
        await client.post("/api/chat/messages", json={}),
        await client.post("/api/chat/messages", content=b"x" * 70_000),
        await gateway.client().get("/api/chat/messages"),
    ]
    monkeypatch.setattr(gateway.house.use_cases, "history", lambda *_: 1 / 0)
    answers.append(await client.get("/api/chat/messages"))
    assert [answer.status_code for answer in answers] == [200] * 7 + [404] * 3 + [405, 422, 413, 401, 500]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';"), answer.url
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        if answer.url.path.startswith("/api/"):
            assert answer.headers["cache-control"] == "no-store"
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", answer.url


async def test_what_is_not_there_is_a_problem_with_a_sentence(gateway: Gateway) -> None:
    client = gateway.client(**{"Accept-Language": "nl"})

    for path in ("/nothing", "/api/chat/nothing", "/web/nothing.js", "/pictures/", "/pictures/x"):
        check_problem(await client.get(path), 404, "error.not_found", "nl")
    check_problem(await client.put("/api/chat/messages", json={}), 405, "error.not_found", "nl")
    check_problem(await client.get("/api/chat/texts/fr"), 422, "error.invalid", "nl")


async def test_the_pages_words_are_those_of_the_language(gateway: Gateway) -> None:
    for language in ("nl", "en"):
        answer = await gateway.client().get(f"/api/chat/texts/{language}")
        assert answer.json() == section(language, "web")


async def test_readyz_names_the_part_that_is_away(gateway: Gateway) -> None:
    client = gateway.client()
    well = {"database": True, "rasa": True, "actions": True}

    async def ready() -> tuple[int, bool, dict[str, bool]]:
        answer = await client.get("/readyz")
        assert answer.headers["content-type"] == "application/json"
        return answer.status_code, answer.json()["ready"], answer.json()["parts"]

    assert await ready() == (200, True, well)
    gateway.engine.away = True
    assert await ready() == (503, False, well | {"rasa": False})
    gateway.engine.away, gateway.engine.actions = False, False
    assert await ready() == (503, False, well | {"actions": False})
    gateway.engine.actions = True

    def fail(connection: sa.Connection, statement: str) -> None:
        raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))

    with at_statement(gateway.house, fail, holds="SELECT"):
        assert await ready() == (503, False, well | {"database": False})
    assert await ready() == (200, True, well)


@on_both_databases
async def test_readyz_notices_a_database_without_tables(gateway: Gateway) -> None:
    with gateway.house.store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE conversations RENAME TO moved"))
    try:
        answer = await gateway.client().get("/readyz")
    finally:
        with gateway.house.store.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE moved RENAME TO conversations"))

    assert (answer.status_code, answer.json()["parts"]["database"]) == (503, False)


async def test_the_openapi_document_names_every_status_that_is_given(gateway: Gateway) -> None:
    document = (await gateway.client().get("/api/openapi.json")).json()

    assert document["openapi"].startswith("3.")
    assert document["info"]["version"]
    paths = document["paths"]
    assert set(paths["/api/chat/conversations"]["post"]["responses"]) >= {"201", "404", "413", "422", "429"}
    say_responses = paths["/api/chat/messages"]["post"]["responses"]
    assert set(say_responses) >= {"200", "401", "409", "413", "422", "429", "503"}
    assert set(paths["/api/chat/messages"]["get"]["responses"]) >= {"200", "401", "404", "422"}
    assert set(say_responses["409"]["content"]) == {"application/problem+json"}


async def test_logs_have_the_turn_and_no_word_of_what_was_said(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page = await gateway.page()
    gateway.engine.away = True
    gateway.patience(0.05)
    await page.say("xyzzyworm")
    gateway.engine.away = False
    gateway.patience(10)
    gateway.engine.deaf_to = {"xyzzyworm too"}
    body = await page.say("xyzzyworm too")
    assert body["messages"][0]["text"] == say("nl", "trouble.gave_up")
    for row in gateway.house.rows(tables.inbox):
        assert row["turn_id"] in caplog.text
    assert "xyzzyworm" not in caplog.text
    assert page.token not in caplog.text
