"""Telegram's channel, its polling and its webhook, against a Bot API server of our own."""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
import socket
import struct
import threading
import time
import traceback
import zlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import DataError, OperationalError
from telegram.error import NetworkError, TimedOut

from bot.channels.contract import (
    Arrival,
    Arrived,
    Blocked,
    Busy,
    Button,
    Choice,
    Form,
    Message,
    NotSent,
    Outgoing,
    Part,
    Refused,
    TryLater,
)
from bot.channels.fitting import TELEGRAM, fit
from bot.channels.telegram import PATH, Telegram
from bot.channels.telegram.client import connect, meaning
from bot.channels.telegram.commands import menu
from bot.channels.telegram.webhook import address, secret_token
from bot.texts import say
from tests.telegram_server import TOKEN, Fault, Person, TelegramServer, utf16

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SECRET = "x" * 40
# As quick as the server is: the tests have no time to lose.
QUICK: dict[str, Any] = {"wait": 2, "pause": 0.05}


class FakeHub:
    """Takes arrivals in, as the gateway does: durable when `arrive` returns, and a repeat is none.

    `fails`: what is raised for the next arrivals, by text. `closed`: accounts whose arrivals wait.
    `refusal`: what is to be said to whoever comes with a code.
    """

    def __init__(self) -> None:
        self.arrived: list[Arrival] = []
        self.tried: list[Arrival] = []
        self.reachables: list[tuple[str, str, bool]] = []
        self.fails: dict[str | None, deque[Exception]] = {}
        self.closed: set[str] = set()
        self.open_again = asyncio.Event()
        self.refusal: str | None = None

    async def arrive(self, arrival: Arrival) -> Arrived:
        self.tried.append(arrival)
        while arrival.account in self.closed:
            await self.open_again.wait()
        # The commit.
        await asyncio.sleep(0.001)
        if self.fails.get(arrival.text):
            raise self.fails[arrival.text].popleft()
        known = {(one.account, one.message_id) for one in self.arrived}
        new = (arrival.account, arrival.message_id) not in known
        if new:
            self.arrived.append(arrival)
        if arrival.code is not None and self.refusal is not None:
            # Nothing is stored of a code that opens nothing, so nobody knows that it came before.
            return Arrived(None, new=True, refusal=self.refusal)
        return Arrived("c1", new=new)

    async def reachable(self, channel: str, account: str, reachable: bool) -> None:
        self.reachables.append((channel, account, reachable))

    def fail(self, text: str, *errors: Exception) -> None:
        self.fails[text] = deque(errors)

    def open(self) -> None:
        self.closed.clear()
        self.open_again.set()

    def texts(self, person: Person) -> list[str | None]:
        return [one.text for one in self.arrived if one.account == str(person.id)]


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as running:
        yield running


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
async def telegram(server: TelegramServer, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Telegram]:
    """A channel that can send; nothing comes in."""
    caplog.set_level(logging.DEBUG)
    made = Telegram(TOKEN, secret=SECRET, api=server.url, **QUICK)
    yield made
    await made.close()


@asynccontextmanager
async def running(server: TelegramServer, hub: FakeHub, **options: Any) -> AsyncIterator[Telegram]:
    """Telegram as it runs in the gateway."""
    made = Telegram(TOKEN, secret=SECRET, api=server.url, **QUICK | options)
    await made.start(hub)
    try:
        yield made
    finally:
        await made.stop()
        await made.close()


async def until(true: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait until this is true."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def png(width: int = 8, height: int = 8) -> bytes:
    """A small picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xff" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


async def send(telegram: Telegram, person: Person, part: Part, content: bytes | None = None) -> str | None:
    return await telegram.channel.send(str(person.id), part, content, language="nl", heard_at=NOW)


BUTTONS = ((Choice("1 · Begin", "t1"), Choice("2 · Basis", "t2")), (Choice("Meer…", "t3"),))


# --- sending ---


async def test_a_text_arrives_as_it_was_meant(server: TelegramServer, telegram: Telegram) -> None:
    ada = server.person(known=True)
    text = "Vraag <3> & <b>\n1 · Begin: 'we' \"doen\" &lt; niets 🙂 zie <https://peil.example>"

    sent = await send(telegram, ada, Part("text", text, strong=((0, 9), (16, 25)), rows=BUTTONS))

    line = ada.last
    assert (line.kind, line.text) == ("text", text)
    assert line.strong == ["Vraag <3>", "1 · Begin"]
    assert line.rows == [[("1 · Begin", "t1"), ("2 · Basis", "t2")], [("Meer…", "t3")]]
    assert line.preview is False
    assert sent == str(line.message_id)


async def test_what_has_no_buttons_needs_no_id(server: TelegramServer, telegram: Telegram) -> None:
    ada = server.person(known=True)

    assert await send(telegram, ada, Part("text", "Tot straks")) is None


async def test_a_picture_has_its_words_below_it_and_the_buttons(
    server: TelegramServer, telegram: Telegram
) -> None:
    ada = server.person(known=True)
    part = Part("picture", "Jullie <resultaat>", strong=((0, 6),), rows=BUTTONS, source=("p1",))

    sent = await send(telegram, ada, part, png())

    assert (ada.last.kind, ada.last.text, ada.last.strong) == ("photo", "Jullie <resultaat>", ["Jullie"])
    assert ada.last.file is not None
    assert ada.last.file.content == png()
    assert sent == str(ada.last.message_id)


@pytest.mark.parametrize(
    ("language", "kind", "name"),
    [
        ("nl", "report", "peil-rapport.pdf"),
        ("en", "report", "peil-report.pdf"),
        ("en", "data", "peil-data.json"),
    ],
)
async def test_a_document_has_a_name_that_one_can_find_again(
    server: TelegramServer, telegram: Telegram, language: str, kind: str, name: str
) -> None:
    ada = server.person(known=True)
    part = Part("document", "", source=(kind, "link1"))

    await telegram.channel.send(str(ada.id), part, b"%PDF-1.7", language=language, heard_at=NOW)

    assert ada.last.kind == "document"
    assert ada.last.file is not None
    assert (ada.last.file.name, ada.last.file.content) == (name, b"%PDF-1.7")


async def test_of_a_picture_that_has_gone_the_words_remain(
    server: TelegramServer, telegram: Telegram
) -> None:
    ada = server.person(known=True)

    await send(telegram, ada, Part("picture", "Jullie resultaat", source=("p1",)))

    assert (ada.last.kind, ada.last.text) == ("text", "Jullie resultaat")
    with pytest.raises(Refused):
        await send(telegram, ada, Part("document", "", source=("report", "link1")))


async def test_what_is_as_long_as_allowed_is_taken_and_no_more(
    server: TelegramServer, telegram: Telegram
) -> None:
    ada = server.person(known=True)
    # A smiley counts for two, an ampersand for one, however it is written: 4 x 1,024 units.
    longest = "a&🙂" * 1024
    assert utf16(longest) == TELEGRAM.text == 4096

    await send(telegram, ada, Part("text", longest, strong=((0, 3),)))
    await send(telegram, ada, Part("picture", "&" * TELEGRAM.caption, source=("p1",)), png())

    assert [line.text for line in ada.lines] == [longest, "&" * 1024]
    with pytest.raises(Refused):
        await send(telegram, ada, Part("text", longest + "b"))
    with pytest.raises(Refused):
        await send(telegram, ada, Part("picture", "&" * 1025, source=("p1",)), png())
    with pytest.raises(Refused):
        await send(telegram, ada, Part("text", "Vraag", rows=((Choice("Ja", "t" * 65),),)))
    assert len(ada.lines) == 2


async def test_used_buttons_are_taken_away_however_often(server: TelegramServer, telegram: Telegram) -> None:
    ada = server.person(known=True)
    sent = await send(telegram, ada, Part("text", "Vraag 1", rows=BUTTONS))
    assert sent is not None

    for _ in range(3):
        await telegram.channel.clear(str(ada.id), sent)

    assert ada.keyboards == []
    # Of a message that has gone, and of one that is the person's own, too.
    await telegram.channel.clear(str(ada.id), "4711")
    await telegram.channel.clear(str(ada.id), str(ada.say("hoi")))


async def test_typing_is_shown(server: TelegramServer, telegram: Telegram) -> None:
    ada = server.person(known=True)

    await telegram.channel.typing(str(ada.id), "m1")

    assert ada.typing == 1


# --- what goes wrong with sending ---


@pytest.mark.parametrize(
    ("fault", "arrives", "surely"),
    [
        (Fault("status", 500), False, False),
        (Fault("status_after", 502), True, False),
        (Fault("drop_before"), False, False),
        (Fault("drop_after"), True, False),
        (Fault("garbage"), True, False),
    ],
)
async def test_whether_something_was_sent_is_not_known_after_these(
    server: TelegramServer, telegram: Telegram, fault: Fault, arrives: bool, surely: bool
) -> None:
    ada = server.person(known=True)
    server.fail("sendMessage", fault)

    with pytest.raises(NotSent) as error:
        await send(telegram, ada, Part("text", "Vraag 1"))

    assert error.value.surely is surely
    assert ada.shown == (["Vraag 1"] if arrives else [])


async def test_nothing_was_sent_where_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        telegram = Telegram(TOKEN, secret=SECRET, api=f"http://127.0.0.1:{port}")
        with pytest.raises(NotSent) as error:
            await telegram.channel.typing("7", "m1")
        await telegram.close()

    assert error.value.surely


@pytest.mark.parametrize(
    ("cause", "surely"),
    [
        (httpx.ConnectError("x"), True),
        (httpx.ConnectTimeout("x"), True),
        (httpx.PoolTimeout("x"), True),
        (httpx.ReadTimeout("x"), False),
        (httpx.ReadError("x"), False),
        (httpx.WriteError("x"), False),
        (httpx.WriteTimeout("x"), False),
        (httpx.RemoteProtocolError("x"), False),
    ],
)
def test_only_what_never_left_was_surely_not_sent(cause: Exception, surely: bool) -> None:
    for kind in (TimedOut, NetworkError):
        error = kind("x")
        error.__cause__ = cause
        found = meaning(error)
        assert isinstance(found, NotSent)
        assert found.surely is surely


async def test_a_flood_says_how_long_to_wait(server: TelegramServer, telegram: Telegram) -> None:
    ada = server.person(known=True)
    server.fail("sendMessage", Fault("flood", seconds=7))

    with pytest.raises(TryLater) as error:
        await send(telegram, ada, Part("text", "Vraag 1"))

    assert error.value.seconds == 7


async def test_the_server_keeps_telegrams_pace(server: TelegramServer, telegram: Telegram) -> None:
    server.flood = True
    ada, bo = server.person("Ada", known=True), server.person("Bo", known=True)

    await send(telegram, ada, Part("text", "een"))
    await send(telegram, bo, Part("text", "een"))
    with pytest.raises(TryLater) as error:
        await send(telegram, ada, Part("text", "twee"))

    assert 1 <= error.value.seconds <= 2
    assert ada.shown == ["een"]


async def test_who_cannot_be_written_to_is_blocked(server: TelegramServer, telegram: Telegram) -> None:
    never, gone = server.person("Bo"), server.person("Ada", known=True)
    gone.block()
    server.fail("sendChatAction", Fault("refuse", description="Bad Request: PEER_ID_INVALID"))

    for person in (never, gone):
        with pytest.raises(Blocked):
            await send(telegram, person, Part("text", "Vraag 1"))
    with pytest.raises(Blocked):
        await telegram.channel.typing(str(never.id), "m1")


async def test_what_telegram_never_takes_is_refused(server: TelegramServer, telegram: Telegram) -> None:
    ada = server.person(known=True)

    for part, content in (
        (Part("text", " \n "), None),
        (Part("picture", "Zo", source=("p1",)), b"no picture"),
        (Part("document", "Zo", source=("report", "l1")), b""),
    ):
        with pytest.raises(Refused):
            await send(telegram, ada, part, content)
    with pytest.raises(Refused):
        await telegram.channel.send("nobody", Part("text", "x"), None, language="nl", heard_at=NOW)


async def test_what_an_error_says_holds_nothing_of_what_was_sent(
    server: TelegramServer, telegram: Telegram
) -> None:
    ada = server.person(known=True)
    server.fail(
        "sendMessage",
        Fault("refuse", description='Bad Request: can\'t parse entities: Unsupported start tag "geheim"'),
    )

    with pytest.raises(Refused) as error:
        await send(telegram, ada, Part("text", "geheim"))

    assert str(error.value) == "Can"


async def test_a_wrong_token_sends_nothing_and_is_not_repeated_anywhere(
    server: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "4839574812:AAEdx7oJhzmVqT2QfRcXnWbLkPaSyUeIrOv"
    telegram = Telegram(wrong, secret=SECRET, api=server.url)

    with pytest.raises(NotSent) as error:
        await telegram.channel.typing("7", "m1")
    await telegram.close()

    assert error.value.surely
    shown = "".join(traceback.format_exception(error.value)) + caplog.text
    assert wrong not in shown


async def test_nothing_private_gets_into_the_log(
    server: TelegramServer, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ada = server.person("Ada Lovelace")
    group = server.group("Directie van Geheim BV")
    server.fail("getMe", "garbage", "drop_before", Fault("status", 502))
    server.fail("getUpdates", "garbage", "drop_after", Fault("flood", seconds=1), Fault("status", 500))
    server.fail("setMyCommands", "garbage", Fault("refuse"))
    server.fail("answerCallbackQuery", "garbage", "drop_before", "garbage")
    hub.fail("zeer geheim", OperationalError("zeer geheim", {}, Exception()), ValueError("zeer geheim"))
    hub.refusal = "Die code ken ik niet."

    async with running(server, hub) as telegram:
        ada.start("geheimcode")
        ada.say("zeer geheim")
        ada.say_in(group, "zeer geheim")
        server.push("message", {"geheim": "zeer geheim"})
        await until(lambda: None not in hub.texts(ada)[1:] and len(hub.texts(ada)) == 2)
        await until(lambda: ada.shown)
        server.fail(
            "sendMessage", "garbage", "drop_after", Fault("refuse", description="Bad Request: geheim")
        )
        for _ in range(3):
            with pytest.raises((NotSent, Refused)):
                await send(telegram, ada, Part("text", "zeer geheim"))
        sent = await send(telegram, ada, Part("text", "zeer geheim", rows=BUTTONS))
        ada.tap("Meer", message_id=int(sent or 0))
        await until(lambda: not ada.keyboards)

    assert "Telegram" in caplog.text
    for private in (TOKEN, TOKEN.partition(":")[2], "geheim", str(ada.id), str(group), "Lovelace", "t3"):
        assert private not in caplog.text


# --- fetching ---


async def test_what_is_said_arrives_in_its_order(server: TelegramServer, hub: FakeHub) -> None:
    people = [server.person(f"P{number}") for number in range(5)]
    words = [f"bericht {number}" for number in range(8)]

    async with running(server, hub):
        for word in words:
            for person in people:
                person.say(word)
        await until(lambda: len(hub.arrived) == 40)
        await until(lambda: server.pending == 0)

    assert [hub.texts(person) for person in people] == [words] * 5
    # Nothing came twice, since each fetch confirms what came before.
    assert len(hub.tried) == 40


async def test_what_waited_before_the_start_is_not_dropped(server: TelegramServer, hub: FakeHub) -> None:
    server.set_webhook({"url": "https://elsewhere.example/hook"}, {})
    ada = server.person()
    ada.start()
    ada.say("eerste")

    async with running(server, hub):
        await until(lambda: len(hub.arrived) == 2)

    assert server.webhook is None
    assert [one.event for one in hub.arrived] == [{"kind": "start"}, None]


async def test_the_offset_moves_on_only_past_what_is_durable(server: TelegramServer, hub: FakeHub) -> None:
    ada = server.person()
    hub.closed.add(str(ada.id))

    async with running(server, hub):
        ada.say("een")
        await until(lambda: hub.tried)
        # It is fetched for again and again, and never confirmed.
        await asyncio.sleep(1.5)
        assert server.pending == 1
        assert hub.arrived == []
        hub.open()
        await until(lambda: server.pending == 0)

    assert hub.texts(ada) == ["een"]


async def test_what_was_under_way_at_the_end_comes_again(server: TelegramServer, hub: FakeHub) -> None:
    ada = server.person()
    hub.closed.add(str(ada.id))
    async with running(server, hub):
        ada.say("een")
        ada.say("twee")
        await until(lambda: hub.tried)

    assert hub.arrived == []
    after = FakeHub()
    async with running(server, after):
        await until(lambda: server.pending == 0)

    assert after.texts(ada) == ["een", "twee"]


async def test_a_chat_that_is_stuck_holds_up_nobody_else(server: TelegramServer, hub: FakeHub) -> None:
    stuck, free = server.person("Ada"), server.person("Bo")
    hub.closed.add(str(stuck.id))

    async with running(server, hub):
        stuck.say("een")
        stuck.say("twee")
        await until(lambda: hub.tried)
        for number in range(3):
            free.say(f"bericht {number}")
            await until(lambda number=number: len(hub.texts(free)) == number + 1, 3)
        assert hub.texts(stuck) == []
        hub.open()
        await until(lambda: server.pending == 0)

    assert hub.texts(stuck) == ["een", "twee"]
    # What was taken in meanwhile is fetched again, and not handed in again.
    assert len([one for one in hub.tried if one.account == str(free.id)]) == 3


@pytest.mark.parametrize(
    "error", [Busy(), OperationalError("", {}, Exception()), ConnectionError(), TimeoutError()]
)
async def test_what_will_pass_is_waited_for(
    server: TelegramServer, hub: FakeHub, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    ada, bo = server.person("Ada"), server.person("Bo")
    hub.fail("een", *[error] * 7)

    async with running(server, hub, pause=0.01):
        ada.say("een")
        ada.say("twee")
        bo.say("drie")
        await until(lambda: len(hub.arrived) == 3, 20)
        await until(lambda: server.pending == 0)

    assert hub.texts(ada) == ["een", "twee"]
    assert "given up" not in caplog.text
    # Once, and of being busy not at all.
    assert caplog.text.count("waits") == (0 if isinstance(error, Busy) else 1)


async def test_what_waits_is_tried_after_longer_and_longer_pauses(
    server: TelegramServer, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = server.person()
    hub.fail("een", Busy(), Busy(), Busy())
    at: list[float] = []
    arrive = hub.arrive

    async def timed(arrival: Arrival) -> Arrived:
        at.append(time.monotonic())
        return await arrive(arrival)

    monkeypatch.setattr(hub, "arrive", timed)
    async with running(server, hub, pause=0.1):
        ada.say("een")
        await until(lambda: hub.arrived)

    # 0.1, 0.2, 0.4 seconds, and what a look takes.
    gaps = [after - before for before, after in itertools.pairwise(at)]
    assert len(gaps) == 3
    assert [gap >= wait for gap, wait in zip(gaps, (0.1, 0.2, 0.4), strict=True)] == [True] * 3


async def test_what_never_passes_is_given_up_after_five_tries_and_said(
    server: TelegramServer, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    ada = server.person("Ada")
    hub.fail("een", *[DataError("", {}, Exception())] * 9)

    async with running(server, hub, pause=0.01):
        ada.say("een")
        ada.say("twee")
        await until(lambda: server.pending == 0, 20)

    assert hub.texts(ada) == ["twee"]
    assert [one.text for one in hub.tried].count("een") == 5
    [line] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert line.getMessage() == "an update of Telegram (message) was given up: DataError"


async def test_an_update_that_cannot_be_read_holds_up_nobody(server: TelegramServer, hub: FakeHub) -> None:
    ada = server.person()

    async with running(server, hub):
        server.push("message", {"chat": "x"})
        server.push("message", {"message_id": 1, "date": "gisteren"})
        ada.say("een")
        await until(lambda: server.pending == 0)

    assert hub.texts(ada) == ["een"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", 500),
        Fault("status", 502),
        Fault("flood", seconds=1),
        Fault("drop_before"),
        Fault("drop_after"),
        Fault("garbage"),
    ],
)
async def test_fetching_survives_whatever_telegram_does(
    server: TelegramServer, hub: FakeHub, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    ada = server.person()
    ada.say("een")
    # At the first steps as well.
    server.fail("getMe", fault)
    server.fail("deleteWebhook", fault)
    server.fail("getUpdates", *[fault] * 3)

    async with running(server, hub):
        await until(lambda: hub.arrived)
        ada.say("twee")
        await until(lambda: server.pending == 0)

    assert hub.texts(ada) == ["een", "twee"]
    assert caplog.text.count("cannot be reached") <= 1


async def test_a_second_one_that_fetches_is_said_once_in_plain_words(
    server: TelegramServer, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    ada = server.person()
    over = threading.Event()

    def fetch() -> None:
        while not over.is_set():
            httpx.post(
                f"{server.url}/bot{TOKEN}/getUpdates", data={"timeout": 1, "offset": 0}, trust_env=False
            )

    other = threading.Thread(target=fetch)
    async with running(server, hub):
        other.start()
        await until(lambda: "somebody else fetches" in caplog.text)
        await asyncio.sleep(1)
        over.set()
        ada.say("een")
        await until(lambda: hub.arrived)
        await asyncio.to_thread(other.join)

    assert caplog.text.count("somebody else fetches") == 1
    assert len(server.called("getUpdates")) > 3


async def test_a_webhook_that_somebody_sets_meanwhile_is_a_conflict_too(
    server: TelegramServer, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(server, hub):
        await until(lambda: server.called("getUpdates"))
        server.set_webhook({"url": "https://elsewhere.example/hook"}, {})
        await until(lambda: "somebody else fetches" in caplog.text)
        await asyncio.sleep(0.5)

    assert caplog.text.count("somebody else fetches") == 1
    # It is not ours to take away.
    assert server.webhook is not None


async def test_without_a_valid_token_it_ends_with_one_line(
    server: TelegramServer, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    server.token = "4839574812:AAanother"

    async with running(server, hub):
        await until(lambda: "does not accept the bot's token" in caplog.text)
        calls = len(server.calls)
        await asyncio.sleep(0.5)
        assert len(server.calls) == calls

    assert caplog.text.count("does not accept") == 1
    assert "PEIL_TELEGRAM_TOKEN" in caplog.text
    assert TOKEN not in caplog.text


async def test_a_token_that_is_withdrawn_ends_it_too(
    server: TelegramServer, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(server, hub):
        await until(lambda: server.called("getUpdates"))
        server.token = "4839574812:AAanother"
        await until(lambda: "does not accept the bot's token" in caplog.text)

    assert caplog.text.count("does not accept") == 1


@pytest.mark.parametrize("stuck", [False, True])
async def test_it_stops_within_two_seconds(server: TelegramServer, hub: FakeHub, stuck: bool) -> None:
    ada = server.person()
    if stuck:
        hub.closed.add(str(ada.id))
        ada.say("een")
    telegram = Telegram(TOKEN, secret=SECRET, api=server.url, wait=25)
    await telegram.start(hub)
    await until(lambda: server.called("getUpdates") and (hub.tried or not stuck))

    began = time.monotonic()
    await telegram.stop()

    assert time.monotonic() - began < 2
    await telegram.close()
    # Nothing of it runs on.
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_it_starts_at_once_while_telegram_is_away(hub: FakeHub) -> None:
    telegram = Telegram(TOKEN, secret=SECRET, api="http://127.0.0.1:9", **QUICK)

    began = time.monotonic()
    await telegram.start(hub)
    assert time.monotonic() - began < 0.1

    await asyncio.sleep(0.2)
    await telegram.stop()
    await telegram.close()


async def test_the_commands_stand_in_the_menu_in_both_languages(server: TelegramServer, hub: FakeHub) -> None:
    async with running(server, hub):
        await until(lambda: len(server.commands) == 3)

    def shown(language: str) -> list[dict[str, str]]:
        return [{"command": name, "description": about} for name, about in menu(language)]

    assert server.commands == {
        ("all_private_chats", ""): shown("en"),
        ("all_private_chats", "en"): shown("en"),
        ("all_private_chats", "nl"): shown("nl"),
    }


# --- taps ---


async def test_every_tap_is_answered_and_the_used_keyboard_is_gone(
    server: TelegramServer, hub: FakeHub
) -> None:
    ada = server.person(known=True)

    async with running(server, hub) as telegram:
        await send(telegram, ada, Part("text", "Vraag 1", rows=BUTTONS))
        await asyncio.to_thread(ada.tap, "2 · Basis")
        await until(lambda: not ada.keyboards)
        await until(lambda: not server.unanswered)

    [tapped] = hub.arrived
    assert (tapped.button, tapped.account, tapped.text) == ("t2", str(ada.id), None)
    assert [toast.text for toast in ada.toasts()] == [None]
    assert ada.last.text == "Vraag 1"


async def test_taps_of_every_kind_are_answered(server: TelegramServer, hub: FakeHub) -> None:
    ada = server.person(known=True)

    async with running(server, hub) as telegram:
        sent = await send(telegram, ada, Part("text", "Vraag 1", rows=BUTTONS))
        number = int(sent or 0)
        ada.tap_data("foreign", number)
        ada.tap_data("old", number, inaccessible=True)
        ada.tap_data("without a message")
        ada.tap_data(None, game_short_name="tetris")
        ada.tap_data(None, number)
        ada.tap_data("+1~Geen|1", 4711, inaccessible=True)
        await until(lambda: len(server.toasts) == 6)

    assert server.unanswered == set()
    assert [one.button for one in hub.arrived] == ["foreign", "old", "without a message"]


async def test_a_tap_is_answered_although_telegram_stumbles(server: TelegramServer, hub: FakeHub) -> None:
    ada = server.person(known=True)
    server.fail("answerCallbackQuery", "drop_before", Fault("status", 502))
    server.fail("editMessageReplyMarkup", "drop_after", Fault("flood", seconds=1))

    async with running(server, hub) as telegram:
        await send(telegram, ada, Part("text", "Vraag 1", rows=BUTTONS))
        await asyncio.to_thread(ada.tap, "2 · Basis")
        await until(lambda: not server.unanswered and not ada.keyboards)


async def test_a_tap_is_answered_only_once_it_is_durable(server: TelegramServer, hub: FakeHub) -> None:
    ada = server.person(known=True)
    hub.closed.add(str(ada.id))

    async with running(server, hub) as telegram:
        await send(telegram, ada, Part("text", "Vraag 1", rows=BUTTONS))
        await asyncio.to_thread(ada.tap, "2 · Basis")
        await until(lambda: hub.tried)
        await asyncio.sleep(0.2)
        assert server.unanswered
        assert ada.keyboards
        hub.open()
        await until(lambda: not server.unanswered and not ada.keyboards)


async def test_a_slow_answer_to_a_tap_does_not_hold_up_what_comes_behind(
    server: TelegramServer, hub: FakeHub
) -> None:
    ada = server.person(known=True)
    server.fail("answerCallbackQuery", Fault("slow", seconds=2))
    server.fail("editMessageReplyMarkup", Fault("slow", seconds=2))

    async with running(server, hub) as telegram:
        await send(telegram, ada, Part("text", "Vraag 1", rows=BUTTONS))
        await asyncio.to_thread(ada.tap, "2 · Basis")
        ada.say("nog iets")
        await until(lambda: len(hub.arrived) == 2, 1.5)


# --- forms ---


def a_form() -> Part:
    """What a list of three entries, of which several can be ticked, looks like in Telegram."""
    form = Form(
        token="f" * 20, of=3, entries=((1, "E-mail"), (2, "Chat"), (3, "Telefoon")),
        marks={"1": "Dit doen we"}, send="Klaar", none="Geen van deze",
    )  # fmt: skip
    message = Message(
        1,
        "m1",
        "bot",
        "reply",
        "Wat doen jullie?",
        "nl",
        NOW,
        buttons=(Button("Meer…", "t3", "quiet"),),
        form=form,
    )
    [part] = fit(Outgoing(message), TELEGRAM)
    return part


def sends(person: Person) -> str:
    """What the button sends that sends the form."""
    [found] = [data for row in person.last.rows for title, data in row if data.startswith("f")]
    return found


async def test_a_form_is_ticked_without_a_turn(server: TelegramServer, hub: FakeHub) -> None:
    ada = server.person(known=True)

    async with running(server, hub) as telegram:
        await send(telegram, ada, a_form())
        nothing = sends(ada)
        entries = [title for title in ada.last.titles if title[0] == "☐"]
        assert len(entries) == 3
        await asyncio.to_thread(ada.tap, entries[1])
        await until(lambda: any(title[0] == "☑" for title in ada.last.titles))
        one = sends(ada)
        await asyncio.to_thread(ada.tap, next(title for title in ada.last.titles if title[0] == "☑"))
        await until(lambda: not any(title[0] == "☑" for title in ada.last.titles))
        assert sends(ada) == nothing != one
        assert hub.arrived == []
        await asyncio.to_thread(ada.tap, "Geen van deze")
        await until(lambda: hub.arrived)
        await until(lambda: not ada.keyboards and not server.unanswered)

    [arrival] = hub.arrived
    assert arrival.button == nothing


async def test_two_quick_ticks_both_count(server: TelegramServer, hub: FakeHub) -> None:
    ada = server.person(known=True)
    server.fail("editMessageReplyMarkup", Fault("slow", seconds=0.3))

    async with running(server, hub) as telegram:
        sent = await send(telegram, ada, a_form())
        entries = [data for row in ada.last.rows for title, data in row if title[0] == "☐"]
        # Both come with the keyboard as it was before either.
        for data in (entries[0], entries[2]):
            ada.tap_data(data, int(sent or 0))
        await until(lambda: sum(title[0] == "☑" for title in ada.last.titles) == 2)
        await until(lambda: not server.unanswered)

    # The entries stand in a row of marks behind the form's token: the first and the last are on.
    assert sends(ada).rpartition("~")[2] == "1-1"


async def test_a_tick_that_comes_four_times_counts_once(hub: FakeHub) -> None:
    # An even number: each of them counting would take the mark away again.
    with TelegramServer(copies=4, spread=0.3) as server:
        ada = server.person(known=True)
        async with running(server, hub) as telegram:
            await send(telegram, ada, a_form())
            await asyncio.to_thread(ada.tap, "☐ 2")
            await until(lambda: server.pending == 0)
            await asyncio.sleep(0.3)

        assert sends(ada).rpartition("~")[2] == "-1-"
        assert server.unanswered == set()


async def test_a_tick_that_comes_again_after_a_restart_changes_nothing(
    server: TelegramServer, hub: FakeHub
) -> None:
    ada = server.person(known=True)
    async with running(server, hub) as telegram:
        await send(telegram, ada, a_form())
        await asyncio.to_thread(ada.tap, "☐ 2")
        await until(lambda: server.pending == 0 and ada.last.edits == 1)
        again = {
            "id": next(iter(server._open_taps)),
            "from": ada.as_user,
            "chat_instance": "-1",
            "data": "+2~Klaar|1",
        }
        shown = server._shown(ada._chat, ada.last)
        # As it was when it was tapped.
        part = a_form()
        shown["reply_markup"] = {
            "inline_keyboard": [
                [{"text": one.title, "callback_data": one.data} for one in row] for row in part.rows
            ]
        }
        data = next(one.data for row in part.rows for one in row if one.title.startswith("☐ 2"))
        again |= {"message": shown, "data": data}

    async with running(server, hub):
        server.push("callback_query", again)
        await until(lambda: server.pending == 0)
        await asyncio.sleep(0.2)

    assert sends(ada).rpartition("~")[2] == "-1-"


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_a_form_that_telegram_no_longer_shows_is_said_to_be_too_old(
    server: TelegramServer, hub: FakeHub, language: str
) -> None:
    ada = server.person(language=language, known=True)

    async with running(server, hub) as telegram:
        sent = await send(telegram, ada, a_form())
        ada.tap_data("+1~Klaar|1", int(sent or 0), inaccessible=True)
        await until(lambda: server.toasts)

    assert [toast.text for toast in ada.toasts()] == [say(language, "telegram.too_old")]
    assert hub.arrived == []


# --- groups, blocking, refusals ---


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_a_group_is_told_once_where_to_talk(server: TelegramServer, hub: FakeHub, kind: str) -> None:
    group, other = server.group(kind=kind), server.group()
    ada = server.person(language="nl")

    async with running(server, hub):
        for number in range(3):
            ada.say_in(group, f"hoi {number}")
        ada.say_in(other, "hoi")
        await until(lambda: len(server.called("sendMessage")) == 2)
        await until(lambda: server.pending == 0)
        await asyncio.sleep(0.2)

    told = [line.text for line in server.lines(group) if line.from_bot]
    assert told == [say("nl", "telegram.group", link="https://t.me/peil_test_bot")]
    assert hub.arrived == []


async def test_a_group_is_told_again_after_an_hour(server: TelegramServer, telegram: Telegram) -> None:
    clock = [0.0]
    telegram.channel._now = lambda: clock[0]
    group = server.group()

    for minute in (0, 59, 61, 120, 122):
        clock[0] = 60.0 * minute
        await telegram.channel.refuse_group(str(group), None)

    # At 0, 61 and 122.
    assert len([line for line in server.lines(group) if line.from_bot]) == 3


async def test_blocking_and_letting_in_again_is_noted(server: TelegramServer, hub: FakeHub) -> None:
    ada = server.person(known=True)

    async with running(server, hub):
        ada.block()
        ada.unblock()
        await until(lambda: len(hub.reachables) == 2)

    number = str(ada.id)
    assert hub.reachables == [("telegram", number, False), ("telegram", number, True)]


async def test_what_a_code_does_not_open_is_said_once(hub: FakeHub) -> None:
    hub.refusal = "Die code ken ik niet."
    with TelegramServer(copies=3, spread=0.3) as server:
        ada = server.person()
        server.fail("sendMessage", Fault("flood", seconds=1))
        async with running(server, hub):
            ada.start("verkeerd")
            await until(lambda: ada.shown)
            await until(lambda: server.pending == 0)
            await asyncio.sleep(0.2)

        assert ada.shown == ["Die code ken ik niet."]


async def test_what_was_perhaps_said_of_a_code_is_not_said_again(
    server: TelegramServer, hub: FakeHub
) -> None:
    hub.refusal = "Die code ken ik niet."
    ada = server.person()
    server.fail("sendMessage", "drop_after")

    async with running(server, hub):
        ada.start("verkeerd")
        await until(lambda: ada.shown)
        await asyncio.sleep(1)

    assert ada.shown == ["Die code ken ik niet."]


async def test_each_update_three_times_and_shuffled_arrives_once_and_in_order(hub: FakeHub) -> None:
    with TelegramServer(copies=3, spread=0.4, seed=7) as server:
        people = [server.person(f"P{number}") for number in range(10)]
        async with running(server, hub):
            for number in range(4):
                for person in people:
                    person.say(f"bericht {number}")
                # Everybody waits for the answer before going on.
                await until(lambda number=number: len(hub.arrived) == 10 * (number + 1))
            await until(lambda: server.pending == 0)

        expected = [f"bericht {number}" for number in range(4)]
        assert [hub.texts(person) for person in people] == [expected] * 10
        assert len(hub.tried) == 10 * 4 * 3


# --- delivered to the webhook ---


@asynccontextmanager
async def webhook(
    server: TelegramServer, hub: FakeHub, **options: Any
) -> AsyncIterator[tuple[Telegram, str]]:
    """Telegram with a webhook, served; and the address that it is served at."""
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    made = Telegram(TOKEN, secret=SECRET, api=server.url, webhook_url=base, **QUICK | options)
    app = FastAPI()
    assert made.router is not None
    app.include_router(made.router)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    serving = uvicorn.Server(config)
    task = asyncio.create_task(serving.serve(sockets=[listener]))
    await made.start(hub)
    try:
        yield made, base + PATH
    finally:
        await made.stop()
        serving.should_exit = True
        await task
        await made.close()


async def test_the_webhook_is_set_with_a_secret_and_takes_what_comes(
    server: TelegramServer, hub: FakeHub
) -> None:
    ada = server.person()
    ada.say("vooraf")

    async with webhook(server, hub) as (telegram, url):
        await until(lambda: server.webhook)
        ada.say("een")
        ada.say("twee")
        await until(lambda: len(hub.arrived) == 3)
        sent = await send(telegram, ada, Part("text", "Vraag 1", rows=BUTTONS))
        assert sent is not None
        await asyncio.to_thread(ada.tap, "1 · Begin")
        await until(lambda: not ada.keyboards and not server.unanswered)

    assert server.webhook == {"url": url, "secret_token": secret_token(SECRET), "max_connections": 8}
    assert hub.texts(ada) == ["vooraf", "een", "twee", None]
    assert Counter(server.delivered) == {200: 4}
    assert server.called("getUpdates") == []
    assert {"all_private_chats"} == {scope for scope, _ in server.commands}


def test_the_secret_is_of_the_allowed_kind_and_follows_from_ours() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret_token(SECRET))
    assert secret_token(SECRET) != secret_token(SECRET + "y")
    assert SECRET not in secret_token(SECRET)


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ("https://peil.example", "https://peil.example/telegram/webhook"),
        ("https://peil.example/", "https://peil.example/telegram/webhook"),
        ("https://peil.example:8443", "https://peil.example:8443/telegram/webhook"),
        (" https://peil.example/bot/tg ", "https://peil.example/bot/tg"),
    ],
)
def test_the_address_of_the_webhook_may_be_a_host_only(given: str, whole: str) -> None:
    assert address(given) == whole


async def post(url: str, body: bytes, secret: str | None) -> httpx.Response:
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(url, content=body, headers=headers)


@pytest.mark.parametrize(
    "secret", [None, "", "wrong", secret_token(SECRET)[:-1], secret_token(SECRET).upper()]
)
async def test_what_does_not_come_from_telegram_is_not_taken(
    server: TelegramServer, hub: FakeHub, secret: str | None
) -> None:
    body = b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}}}'

    async with webhook(server, hub) as (_, url):
        answer = await post(url, body, secret)
        assert (answer.status_code, answer.content) == (403, b"")
        assert (await post(url, body, secret_token(SECRET))).status_code == 200

    assert len(hub.arrived) == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"update_id": 1, "message": 7}']
)
async def test_what_can_never_be_read_does_not_come_again(
    server: TelegramServer, hub: FakeHub, body: bytes
) -> None:
    async with webhook(server, hub) as (_, url):
        assert (await post(url, body, secret_token(SECRET))).status_code == 200

    assert hub.tried == []


async def test_what_cannot_be_taken_now_comes_again(
    server: TelegramServer, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    ada, bo = server.person("Ada"), server.person("Bo")
    hub.fail("een", Busy(), OperationalError("een", {}, Exception()), Busy())

    async with webhook(server, hub) as (_, url):
        await until(lambda: server.webhook)
        ada.say("een")
        ada.say("twee")
        bo.say("drie")
        await until(lambda: len(hub.arrived) == 3)
        hub.fail("vier", Busy())
        body = (
            b'{"update_id": 1, "message": {"message_id": 99, "date": 1, "text": "vier", '
            b'"chat": {"id": 7, "type": "private"}}}'
        )
        answer = await post(url, body, secret_token(SECRET))

    assert hub.texts(ada) == ["een", "twee"]
    assert Counter(server.delivered) == {503: 3, 200: 3}
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "an update of Telegram (message) waits: OperationalError" in caplog.text


async def test_an_update_that_never_passes_is_given_up_at_the_webhook_as_well(
    server: TelegramServer, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    hub.fail("een", *[DataError("een", {}, Exception())] * 9)
    body = (
        b'{"update_id": 5, "message": {"message_id": 99, "date": 1, "text": "een", '
        b'"chat": {"id": 7, "type": "private"}}}'
    )

    async with webhook(server, hub) as (_, url):
        statuses = [(await post(url, body, secret_token(SECRET))).status_code for _ in range(5)]

    assert statuses == [503, 503, 503, 503, 200]
    assert "was given up: DataError" in caplog.text


async def test_an_update_whose_answer_got_lost_is_a_repeat(server: TelegramServer, hub: FakeHub) -> None:
    ada = server.person()
    server.deliver_faults.extend(["drop_after", "drop_after"])

    async with webhook(server, hub):
        await until(lambda: server.webhook)
        ada.say("een")
        await until(lambda: server.pending == 0)

    assert hub.texts(ada) == ["een"]
    assert len(hub.tried) == 3


async def test_more_at_once_than_can_be_taken_is_asked_for_again(
    server: TelegramServer, hub: FakeHub
) -> None:
    hub.closed.add("7")

    async with webhook(server, hub) as (_, url):

        async def deliver(number: int) -> int:
            body = (
                f'{{"update_id": {number}, "message": {{"message_id": {number}, "date": 1, "text": "x", '
                '"chat": {"id": 7, "type": "private"}}}'
            )
            return (await post(url, body.encode(), secret_token(SECRET))).status_code

        tasks = [asyncio.create_task(deliver(number)) for number in range(1, 81)]
        # Nobody waits long for the answer, whether or not it has been taken in by then.
        assert set(await asyncio.gather(*tasks)) == {503}
        hub.open()
        await until(lambda: len(hub.arrived) == 64)
        statuses = Counter([await deliver(number) for number in range(1, 81)])

    # 64 were held at once, and are known when they come again; nothing is dropped in silence.
    assert statuses == {200: 80}
    assert len(hub.arrived) == len(hub.tried) == 80


async def test_nothing_is_taken_before_the_start_and_after_the_end(
    server: TelegramServer, hub: FakeHub
) -> None:
    telegram = Telegram(TOKEN, secret=SECRET, api=server.url, webhook_url="https://peil.example")
    app = FastAPI()
    assert telegram.router is not None
    app.include_router(telegram.router)
    body = b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}}}'
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret_token(SECRET)}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://peil.test") as client:
        before = await client.post(PATH, content=body, headers=headers)
        await telegram.start(hub)
        between = await client.post(PATH, content=body, headers=headers)
        await telegram.stop()
        after = await client.post(PATH, content=body, headers=headers)
    await telegram.close()

    assert [before.status_code, between.status_code, after.status_code] == [503, 200, 503]


def test_there_is_no_route_where_messages_are_fetched() -> None:
    assert Telegram(TOKEN, secret=SECRET).router is None


def test_a_client_does_not_show_its_token() -> None:
    assert TOKEN not in repr(connect(TOKEN))
    assert TOKEN not in repr(Telegram(TOKEN, secret=SECRET))
