"""WhatsApp: what is delivered to the webhook and what is sent, over HTTP against a small Graph API server."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import socket
import statistics
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from bot.channels.contract import (
    Arrival,
    Arrived,
    Blocked,
    Busy,
    Choice,
    NotSent,
    Part,
    Refused,
    TryLater,
    WindowClosed,
)
from bot.channels.whatsapp import LARGEST_BODY, PATH, WhatsAppService
from bot.channels.whatsapp.arrivals import message_id
from bot.gateway.app import BodyLimit
from tests.graph_server import APP_SECRET, TOKEN, GraphServer, Person
from tests.whatsapp_limits import check
from tests.whatsapp_messages import MESSAGES, PHONE_ID, message, one, payload, status, value

VERIFY_TOKEN = "chosen by the operator"
PNG = b"\x89PNG\r\n\x1a\n and the rest of a picture"
PDF = b"%PDF-1.7 and the rest of a report"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class FakeHub:
    """Stands for the gateway's hub: keeps what arrives, by id, and does as the test wants.

    `busy`: so many times it takes nothing. `trouble`: raised instead. `slow`: seconds for each arrival.
    `refusal`: what it says to everybody.
    """

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.calls = 0
        self.unreachable: list[str] = []
        self.busy = 0
        self.trouble: Exception | None = None
        self.slow = 0.0
        self.refusal: str | None = None

    async def arrive(self, arrival: Arrival) -> Arrived:
        self.calls += 1
        if self.busy:
            self.busy -= 1
            raise Busy
        if self.trouble is not None:
            raise self.trouble
        await asyncio.sleep(self.slow)
        new = arrival.message_id not in [known.message_id for known in self.arrivals]
        if new:
            self.arrivals.append(arrival)
        return Arrived(None, new, self.refusal)

    async def reachable(self, channel: str, account: str, reachable: bool) -> None:
        assert (channel, reachable) == ("whatsapp", False)
        self.unreachable.append(account)

    @property
    def texts(self) -> list[str | None]:
        return [arrival.text for arrival in self.arrivals]


class House:
    """WhatsApp's service in an application of its own, served over HTTP, in a thread of its own."""

    def __init__(self, graph: GraphServer, **changes: Any) -> None:
        self.graph, self.hub = graph, FakeHub()
        self._changes = changes
        self._loop: asyncio.AbstractEventLoop | None = None
        self._there = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> House:
        self._thread.start()
        assert self._there.wait(20)
        self.graph.webhook = self.address
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        # The same for all tests but for the few that say otherwise: a busy machine must not make them fail.
        settings = {"api": self.graph.address, "answer_within": 10.0} | self._changes
        self.service = WhatsAppService(
            token=TOKEN, phone_id=PHONE_ID, app_secret=APP_SECRET, verify_token=VERIFY_TOKEN, **settings
        )

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> Any:
            await self.service.start(self.hub)
            yield
            await self.service.stop()
            await self.service.close()

        app = FastAPI(lifespan=lifespan)
        app.include_router(self.service.router)
        app.add_middleware(BodyLimit, largest=64 * 1024, larger=self.service.largest_bodies)
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}{PATH}"
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        serving = asyncio.create_task(self._server.serve(sockets=[listening]))
        while not self._server.started:
            await asyncio.sleep(0.01)
        self._there.set()
        await serving

    def run(self, call: Coroutine[Any, Any, Any]) -> Any:
        """The result of a call, done where the service lives."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(call, self._loop).result(20)

    def send(self, to: Person | str, part: Part, content: bytes | None = None, **changes: Any) -> str | None:
        """Send a part to a person who has just been heard of."""
        account = to if isinstance(to, str) else to.account
        given = {"language": "nl", "heard_at": datetime.now(UTC), "knocked": False} | changes
        sent: str | None = self.run(self.service.channel.send(account, part, content, **given))
        return sent

    def waits(self, to: Person, part: Part, content: bytes | None = None, **changes: Any) -> bool:
        """Whether a part that cannot go now was knocked for."""
        with pytest.raises(WindowClosed) as closed:
            self.send(to, part, content, **changes)
        return closed.value.knocked

    def until(self, true: Callable[[], Any], seconds: float = 10) -> None:
        """Wait until this is true."""
        self.graph.wait_until(true, seconds)


@pytest.fixture
def graph() -> Iterator[GraphServer]:
    with GraphServer() as running:
        yield running


@pytest.fixture
def house(graph: GraphServer) -> Iterator[House]:
    with House(graph) as running:
        yield running


@pytest.fixture(scope="module")
def standing() -> Iterator[House]:
    """A house that several tests use in turn."""
    with GraphServer() as running, House(running) as house:
        yield house


@pytest.fixture
def person(graph: GraphServer) -> Person:
    """Somebody who has written before."""
    found = graph.person("31612345678")
    found.wrote_at = graph.now()
    return found


def words(text: str = "Hoi", **more: Any) -> Part:
    return Part("text", text, **more)


# --- the webhook: whose it is ---


def test_the_address_is_confirmed_to_whoever_knows_the_token(house, graph):
    response = graph.subscribe(house.address, VERIFY_TOKEN)

    assert (response.status_code, response.text) == (200, "1158201444")
    assert response.headers["content-type"].startswith("text/plain")


def test_the_address_is_confirmed_to_nobody_else(house, graph):
    right = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1"}
    wrong: list[dict[str, str]] = [
        *({key: found for key, found in right.items() if key != missing} for missing in right),
        *(right | {"hub.verify_token": token} for token in ("another", "é", "", VERIFY_TOKEN + " ")),
        right | {"hub.mode": "unsubscribe"},
        right | {"hub.challenge": ""},
        {},
    ]

    for query in wrong:
        response = graph._client.get(house.address, params=query)
        assert (response.status_code, response.text) == (403, ""), query


def test_a_delivery_with_the_right_signature_is_taken(house, graph):
    response = graph.post(json.dumps(one("text")).encode())

    assert response.status_code == 200
    assert house.hub.texts == ["Does it come in another color?"]


def test_the_signature_is_over_the_bytes_as_they_came(house, graph):
    whole = one("text", text={"body": "Café \U0001f44d"})
    sent = json.dumps(whole, ensure_ascii=False).encode()
    written_otherwise = [
        json.dumps(whole).encode(),
        json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode(),
        sent + b"\n",
        sent.decode().encode("utf-16"),
    ]

    answers = [graph.post(body, signature=graph.sign(sent)).status_code for body in written_otherwise]

    assert answers == [403, 403, 403, 403]
    assert graph.post(sent).status_code == 200
    assert house.hub.texts == ["Café \U0001f44d"]


def test_whatever_is_not_signed_by_whatsapp_is_refused_before_it_is_read(house, graph):
    for body in (json.dumps(one("text")).encode(), b"{ not even JSON"):
        signature = graph.sign(body)
        wrong = [
            "",
            signature.removeprefix("sha256="),
            signature.replace("sha256=", "sha1="),
            "sha256=",
            "sha256=é" + signature[8:],
            signature[:-1] + "x",
            signature + "0",
            graph.sign(body[:-1]),
            "sha256=" + hmac.new(b"another", body, "sha256").hexdigest(),
        ]
        for one_of_them in wrong:
            headers = {"X-Hub-Signature-256": one_of_them.encode()} if one_of_them else {}
            response = graph._client.post(house.address, content=body, headers=headers)
            assert (response.status_code, response.text) == (403, ""), one_of_them
    assert house.hub.calls == 0


def test_a_delivery_that_was_tampered_with_is_refused(house, graph):
    body = json.dumps(one("text", text={"body": "level 2"})).encode()

    response = graph.post(body.replace(b"level 2", b"level 5"), signature=graph.sign(body))

    assert response.status_code == 403
    assert house.hub.calls == 0


@pytest.mark.parametrize("missing", ["app_secret", "verify_token"])
def test_without_a_secret_there_is_no_webhook(missing):
    secrets = {"app_secret": "a", "verify_token": "b"} | {missing: ""}

    with pytest.raises(ValueError, match="needs the app secret and a verify token"):
        WhatsAppService(token="t", phone_id="1", **secrets)


# --- the webhook: what is in it ---


def test_what_people_say_and_tap_arrives(house, graph, person):
    house.send(person, words("Kies", rows=((Choice("Ja", "t1"), Choice("Nee", "t2")),)))
    house.send(person, words("Kies", choices=(Choice("Een", "t3", "de eerste"),), list_button="Kies"))

    person.say("Hallo")
    person.tap("Nee")
    person.tap("Een")
    person.send("sticker")
    graph.until_delivered()

    found = [(one.text, one.button, one.event) for one in house.hub.arrivals]
    assert found == [
        ("Hallo", None, None),
        (None, "t2", None),
        (None, "t3", None),
        (None, None, {"kind": "attachment", "what": "sticker"}),
    ]
    assert {one.account for one in house.hub.arrivals} == {"31612345678"}


def test_every_documented_kind_is_answered_with_200_and_without_a_word(house, graph, caplog):
    for kind in MESSAGES:
        assert graph.post(json.dumps(one(kind)).encode()).status_code == 200, kind
    assert caplog.messages == []


def test_all_messages_of_a_request_arrive(house, graph):
    people = [graph.person(f"3161234567{number}") for number in range(3)]

    with graph.one_request():
        for number in range(5):
            for one_of_them in people:
                one_of_them.say(f"{one_of_them.number} {number}")
    graph.until_delivered()

    assert len(graph.deliveries) == 1
    for one_of_them in people:
        said = [one.text for one in house.hub.arrivals if one.account == one_of_them.account]
        assert said == [f"{one_of_them.number} {number}" for number in range(5)]


def test_a_repeat_is_known_again_and_costs_the_hub_nothing(house, graph, person):
    graph.repeats = 3

    person.say("Hallo")
    graph.until_delivered()

    assert [one.status for one in graph.deliveries] == [200, 200, 200]
    assert house.hub.texts == ["Hallo"]
    assert house.hub.calls == 1


def test_whatever_comes_in_whatever_order_arrives_once(house, graph):
    graph.ordered, graph.repeats, graph.statuses = False, 3, True
    people = [graph.person(f"3161234567{number}") for number in range(4)]

    for number in range(5):
        for one_of_them in people:
            one_of_them.say(f"{one_of_them.number} {number}")
            house.send(one_of_them, words())
    graph.until_delivered()

    # Twenty messages three times each, and three statuses for each answer.
    assert len(graph.deliveries) == 20 * 3 + 20 * 3
    said = [f"{one_of_them.number} {number}" for one_of_them in people for number in range(5)]
    assert sorted(map(str, house.hub.texts)) == sorted(said)
    assert house.hub.calls == 20


def test_a_busy_hub_makes_whatsapp_deliver_again(house, graph, person):
    house.hub.busy = 2

    person.say("Hallo")
    graph.until_delivered()

    assert [one.status for one in graph.deliveries] == [503, 503, 200]
    assert house.hub.texts == ["Hallo"]


def test_a_503_says_when_to_come_again(house, graph):
    house.hub.busy = 1

    response = graph.post(json.dumps(one("text")).encode())

    assert (response.status_code, response.headers["retry-after"]) == (503, "2")


def test_what_was_durable_in_a_refused_request_is_not_taken_in_again(house, graph):
    first, second = (
        message("text", message_id="wamid.1"),
        message("text", message_id="wamid.2", number="3161"),
    )
    body = json.dumps(payload(value([first, second | {"from": "31612345678"}]))).encode()
    house.hub.busy = 1

    assert [graph.post(body).status_code for _ in range(3)] == [503, 200, 200]
    assert sorted(one.message_id for one in house.hub.arrivals) == ["wamid.1", "wamid.2"]
    # Two at first, of which one was refused, and that one again.
    assert house.hub.calls == 3


def test_after_a_refused_message_none_of_the_same_person_goes_first(house, graph, person):
    house.hub.busy = 1

    with graph.one_request():
        for number in range(3):
            person.say(str(number))
    graph.until_delivered()

    assert house.hub.texts == ["0", "1", "2"]


def test_trouble_with_the_database_makes_whatsapp_deliver_again(house, graph, caplog):
    house.hub.trouble = RuntimeError("INSERT INTO inbox ('my secret answer', '31612345678')")
    body = json.dumps(one("text")).encode()

    assert graph.post(body).status_code == 503
    house.hub.trouble = None
    assert graph.post(body).status_code == 200
    assert house.hub.texts == ["Does it come in another color?"]
    assert caplog.messages == ["what WhatsApp delivered could not be taken in: RuntimeError"]


def test_what_cannot_be_read_is_answered_and_named(house, graph, caplog):
    bodies = [b"{ not JSON", b"", b"\xff\xfe", b"[" * 100_000, b"null", b"[]", b'"text"']

    assert [graph.post(body).status_code for body in bodies] == 7 * [200]
    assert graph.post(json.dumps(one("text", type="hologram")).encode()).status_code == 200
    assert house.hub.calls == 0
    assert caplog.messages == [
        "WhatsApp delivered what is not JSON, 10 bytes; left out",
        "WhatsApp delivered what is not JSON, 0 bytes; left out",
        "WhatsApp delivered what is not JSON, 2 bytes; left out",
        "WhatsApp delivered what is not JSON, 100000 bytes; left out",
        "WhatsApp delivered something of an unknown kind, left out: object",
        "WhatsApp delivered something of an unknown kind, left out: object",
        "WhatsApp delivered something of an unknown kind, left out: object",
        "WhatsApp delivered something of an unknown kind, left out: hologram",
    ]


def test_another_number_of_the_same_app_is_not_ours(house, graph):
    theirs = value([message("text", message_id="wamid.1")], phone_id="999999999999999")

    assert graph.post(json.dumps(payload(theirs)).encode()).status_code == 200
    assert house.hub.calls == 0


def test_what_became_of_our_messages_is_taken_without_a_word(house, graph, person, caplog):
    graph.statuses = True

    house.send(person, words())
    graph.until_delivered()

    # Sent, delivered and read, in any order.
    assert [one.status for one in graph.deliveries] == [200, 200, 200]
    assert house.hub.calls == 0
    assert caplog.messages == []


def test_who_cannot_be_reached_is_told_to_the_hub(house, graph, caplog):
    failed = [
        status("failed", number="31600000001", errors=[131026]),
        status("failed", number="31600000002", scoped="NL.2", errors=[131026]),
        status("failed", number="31600000003", errors=[131047]),
    ]

    assert graph.post(json.dumps(payload(value(statuses=failed))).encode()).status_code == 200
    assert house.hub.unreachable == ["31600000001", "NL.2"]
    assert caplog.messages == [
        f"WhatsApp could not deliver a message: error {code}" for code in (131026, 131026, 131047)
    ]


def test_two_deliveries_of_one_message_at_once_are_one_arrival(house, graph):
    house.hub.slow = 0.3
    body = json.dumps(one("text")).encode()
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(graph.post(body).status_code)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200, 200, 200, 200]
    assert house.hub.calls == 1


# --- the webhook: how fast ---


def test_what_takes_too_long_is_asked_for_again_and_taken_in_meanwhile(graph):
    with House(graph, answer_within=0.02) as house:
        house.hub.slow = 0.6
        body = json.dumps(one("text")).encode()

        assert graph.post(body).status_code == 503
        assert house.hub.arrivals == []
        house.until(lambda: house.hub.arrivals)
        time.sleep(0.05)
        assert graph.post(body).status_code == 200

    assert house.hub.calls == 1


def test_fifty_people_at_once_are_answered_at_once(graph):
    with House(graph, answer_within=0.05) as house:
        house.hub.slow = 0.005
        people = [graph.person(f"316{number:08}") for number in range(50)]

        for number in range(4):
            for one_of_them in people:
                one_of_them.say(f"{one_of_them.number} {number}")
        graph.until_delivered()

        for one_of_them in people:
            said = [one.text for one in house.hub.arrivals if one.account == one_of_them.account]
            assert said == [f"{one_of_them.number} {number}" for number in range(4)]
    assert {one.status for one in graph.deliveries} <= {200, 503}
    # The machine may be busy with other things; on a quiet one the slowest takes 70 ms.
    assert statistics.median(one.seconds for one in graph.deliveries) < 0.15


def test_the_largest_batch_gets_in_however_often_it_takes(graph):
    with House(graph, answer_within=0.05) as house:
        house.hub.slow = 0.001
        many = [
            message("text", message_id=f"wamid.{n}", number=f"316{n:08}", text={"body": "Hallo " * 50})
            for n in range(1000)
        ]
        body = json.dumps(payload(value(many))).encode()

        answers = []
        while 200 not in answers and len(answers) < 60:
            answers.append(graph.post(body).status_code)

    # About half a megabyte, far more than anybody else may send at once.
    assert 64 * 1024 < len(body) < LARGEST_BODY
    assert set(answers) == {503, 200}
    assert house.hub.calls == 1000


def test_more_than_whatsapp_ever_sends_is_refused(house, graph):
    response = graph.post(b" " * (LARGEST_BODY + 1))

    assert response.status_code == 413
    assert house.hub.calls == 0


def test_before_and_after_it_is_open_whatsapp_has_to_come_again(house, graph):
    body = json.dumps(one("text")).encode()

    house.run(house.service.stop())

    assert graph.post(body).status_code == 503
    house.run(house.service.start(house.hub))
    assert graph.post(body).status_code == 200


# --- what there is no conversation for ---


def test_a_refusal_is_said_to_the_person_once(house, graph, person):
    house.hub.refusal = "Deze uitnodiging ken ik niet."
    graph.repeats = 3

    person.say("7K3M-9QRT-5VWX-2ABC")
    person.wait_for("Deze uitnodiging")
    graph.until_delivered()

    assert person.shown == ["Deze uitnodiging ken ik niet."]
    assert house.hub.texts == ["7K3M-9QRT-5VWX-2ABC"]


def test_a_refusal_that_surely_did_not_go_is_tried_again(house, graph, person):
    house.hub.refusal = "Deze uitnodiging ken ik niet."
    graph.fail("error", code=131016, status=500)

    person.say("7K3M-9QRT-5VWX-2ABC")

    person.wait_for("Deze uitnodiging")
    assert len(person.seen) == 1


def test_a_refusal_that_perhaps_went_is_not_said_twice(house, graph, person):
    house.hub.refusal = "Deze uitnodiging ken ik niet."
    graph.fail("break_after")

    person.say("7K3M-9QRT-5VWX-2ABC")
    graph.until_delivered()
    time.sleep(1.5)

    assert person.shown == ["Deze uitnodiging ken ik niet."]


# --- sending ---


def test_texts_buttons_and_lists_are_seen_as_they_were_meant(house, person):
    house.send(person, words("Een *vraag* met _tekens_"))
    house.send(
        person, words("Kies", rows=((Choice("Ja", "t1"),), (Choice("Nee", "t2"), Choice("Later", "t3"))))
    )
    levels = tuple(Choice(f"{n} · Niveau", f"l{n}", "zo gaat het" if n < 3 else "") for n in range(1, 6))
    house.send(person, words("Hoe gaat het?", choices=levels, list_button="Kies een niveau"))

    text, buttons, rows = person.seen
    assert (text.kind, text.text) == ("text", "Een *vraag* met _tekens_")
    assert (buttons.kind, buttons.text) == ("buttons", "Kies")
    assert buttons.buttons == (("Ja", "t1", ""), ("Nee", "t2", ""), ("Later", "t3", ""))
    assert (rows.kind, rows.text, rows.opens) == ("list", "Hoe gaat het?", "Kies een niveau")
    assert rows.rows[0] == ("1 · Niveau", "l1", "zo gaat het")
    assert rows.rows[4] == ("5 · Niveau", "l5", "")


def test_pictures_and_documents_come_with_caption_and_name(house, person):
    house.send(person, Part("picture", "Jullie radar", source=("p1",)), PNG)
    house.send(person, Part("document", "", source=("report", "l1")), PDF)
    house.send(person, Part("document", "", source=("report", "l1")), PDF, language="en")
    house.send(person, Part("document", "Al je gegevens", source=("data", "l2")), b'{"answers": []}')

    picture, report, in_english, data = person.seen
    assert (picture.kind, picture.text, picture.content) == ("image", "Jullie radar", PNG)
    assert (report.kind, report.text, report.content) == ("document", "", PDF)
    assert (report.filename, in_english.filename) == ("peil-rapport.pdf", "peil-report.pdf")
    assert (data.filename, data.text, data.content) == (
        "peil-gegevens.json",
        "Al je gegevens",
        b'{"answers": []}',
    )


def test_buttons_can_stand_below_a_picture(house, person):
    house.send(
        person, Part("picture", "Jullie radar", source=("p1",), rows=((Choice("Verder", "t1"),),)), PNG
    )

    assert (person.last.text, person.last.content, person.titles) == ("Jullie radar", PNG, ["Verder"])


def test_who_hides_the_number_is_written_to_all_the_same(house, graph):
    hidden = graph.person("31698765432", scoped="NL.4pha8etic", hides=True)
    hidden.say("Hoi")
    graph.until_delivered()

    [arrival] = house.hub.arrivals
    house.send(arrival.account, words("Dag"))

    assert arrival.account == "NL.4pha8etic"
    assert hidden.shown == ["Dag"]
    assert graph.accepted[0]["recipient"] == "NL.4pha8etic"
    assert "to" not in graph.accepted[0]


@pytest.mark.parametrize(
    ("part", "content"),
    [
        (Part("picture", "", source=("p1",)), None),
        (Part("picture", "", source=("p1",), choices=(Choice("Een", "t1"),), list_button="Kies"), PNG),
    ],
)
def test_what_whatsapp_cannot_show_is_refused_here(house, person, part, content):
    with pytest.raises(Refused):
        house.send(person, part, content)
    assert person.seen == []


def test_buttons_stay_where_they_are(house, graph, person):
    house.send(person, words(rows=((Choice("Ja", "t1"),),)))

    house.run(house.service.channel.clear(person.account, person.last.id))

    assert len(graph.calls) == 1
    assert person.titles == ["Ja"]


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("code", "http_status", "error", "about"),
    [
        (131056, 400, TryLater, 4.0),
        (130429, 429, TryLater, 2.0),
        (80007, 400, TryLater, 60.0),
        (4, 400, TryLater, 60.0),
        (131048, 400, TryLater, 600.0),
        (131057, 500, TryLater, 60.0),
        (131026, 400, Blocked, None),
        (131030, 400, Blocked, None),
        (131021, 400, Blocked, None),
        (130497, 403, Blocked, None),
        (131000, 500, NotSent, True),
        (131016, 500, NotSent, True),
        (1, 400, NotSent, False),
        (2, 503, NotSent, False),
        (987654, 500, NotSent, False),
        (190, 401, NotSent, True),
        (0, 401, NotSent, True),
        (10, 403, NotSent, True),
        (200, 403, NotSent, True),
        (131031, 403, NotSent, True),
        (131042, 400, NotSent, True),
        (133010, 400, NotSent, True),
        (100, 400, Refused, None),
        (131009, 400, Refused, None),
        (131008, 400, Refused, None),
        (131051, 400, Refused, None),
        (987654, 400, Refused, None),
    ],
)
def test_each_code_has_its_meaning(standing, code, http_status, error, about):
    person = standing.graph.person(f"316{code:08}")
    standing.graph.fail("error", code=code, status=http_status)

    with pytest.raises(error) as raised:
        standing.send(person, words("Mijn geheim"))

    if error is TryLater:
        assert raised.value.seconds == about
    if error is NotSent:
        assert raised.value.surely is about
    # Nothing of the request goes on with the error.
    assert raised.value.__cause__ is None
    assert "Mijn geheim" not in str(raised.value)
    assert person.seen == []


@pytest.mark.parametrize(
    ("trouble", "surely", "seen"),
    [
        ("html", False, 0),
        ("html_after", False, 1),
        ("break", False, 0),
        ("break_after", False, 1),
        ("portal", False, 0),
    ],
)
def test_where_nobody_knows_whether_it_went_it_is_said_so(house, graph, person, trouble, surely, seen):
    graph.fail(trouble)

    with pytest.raises(NotSent) as raised:
        house.send(person, words())

    assert raised.value.surely is surely
    assert len(person.seen) == seen


@pytest.mark.parametrize("trouble", ["html", "html_after", "break", "break_after", "portal"])
def test_a_file_that_was_handed_over_alone_has_reached_nobody(house, graph, person, trouble):
    graph.fail(trouble, on="/media")

    with pytest.raises(NotSent) as raised:
        house.send(person, Part("picture", "", source=("p1",)), PNG)

    assert raised.value.surely is True
    assert person.seen == []


def test_a_server_that_is_not_there_has_sent_nothing(graph, person):
    with House(graph, api="http://127.0.0.1:1") as house, pytest.raises(NotSent) as raised:
        house.send(person, words())

    assert raised.value.surely is True


def test_an_answer_that_does_not_come_leaves_it_open(house, graph, person):
    house.service._graph._client.timeout = 0.2
    graph.fail("slow", seconds=0.6)

    with pytest.raises(NotSent) as raised:
        house.send(person, words())

    assert raised.value.surely is False


@pytest.mark.parametrize(
    ("http_status", "error"), [(403, NotSent), (407, NotSent), (404, NotSent), (429, TryLater)]
)
def test_what_stands_before_graph_refuses_without_sending(house, graph, person, http_status, error):
    graph.fail("html", status=http_status)

    with pytest.raises(error) as raised:
        house.send(person, words())

    assert error is TryLater or raised.value.surely is True


def test_who_is_written_to_too_fast_is_given_more_and_more_time(house, graph, person):
    graph.fail("error", times=3, code=131056, status=400)
    waits = []
    for _ in range(3):
        with pytest.raises(TryLater) as raised:
            house.send(person, words())
        waits.append(raised.value.seconds)
    house.send(person, words())
    graph.fail("error", code=131056, status=400)
    with pytest.raises(TryLater) as raised:
        house.send(person, words())

    # 4 to the power of 1, 2 and 3, and from the start again once it went.
    assert waits == [4.0, 16.0, 64.0]
    assert raised.value.seconds == 4.0


def test_the_limits_of_the_number_are_told(house, graph, person):
    graph.limits = True
    graph.throughput = 50

    # 45 at once to one person, says Meta.
    for _ in range(45):
        house.send(person, words())
    with pytest.raises(TryLater):
        house.send(person, words())

    assert len(person.seen) == 45


def test_the_operator_is_told_once_what_to_do_about_the_token(house, graph, person, caplog):
    graph.token = "a new one"

    for _ in range(3):
        with pytest.raises(NotSent) as raised:
            house.send(person, words())
        assert raised.value.surely is True

    [line] = caplog.messages
    assert line.startswith("WhatsApp refuses to send (error 190): the access token is not valid")


def test_the_operator_is_told_that_the_number_is_not_known(graph, person, caplog):
    graph.phone_id = "another"
    with House(graph) as house, pytest.raises(NotSent):
        house.send(person, words())

    [line] = caplog.messages
    assert line.startswith("WhatsApp refuses to send (error 33): the number is not registered")


# --- the window of 24 hours ---


@pytest.fixture
def knocking(graph: GraphServer) -> Iterator[House]:
    """A house with a template, which exists in Dutch and in American English."""
    graph.templates = {("peil_verder", "nl"), ("peil_verder", "en_US")}
    with House(graph, template="peil_verder") as running:
        yield running


def ago(**time: float) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


def test_within_the_window_words_go_as_they_are(knocking, person):
    knocking.send(person, words("Nog even"), heard_at=ago(hours=23, minutes=50))

    assert person.shown == ["Nog even"]


def test_outside_the_window_the_template_goes_instead(knocking, graph, person):
    graph.travel(2 * 24 * 3600)

    assert knocking.waits(person, words("Nog even"), heard_at=ago(days=2))

    assert [(one.kind, one.text) for one in person.seen] == [("template", "peil_verder")]


def test_one_template_stands_for_all_that_would_have_gone_with_it(knocking, graph, person):
    graph.travel(2 * 24 * 3600)
    heard_at = ago(days=2)

    assert knocking.waits(person, words(), heard_at=heard_at)
    for part, content in ((words(), None), (Part("picture", "", source=("p",)), PNG)):
        assert not knocking.waits(person, part, content, heard_at=heard_at, knocked=True)

    assert [one.kind for one in person.seen] == ["template"]


def test_whoever_writes_again_can_be_written_to_again(knocking, graph, person):
    graph.travel(2 * 24 * 3600)
    assert knocking.waits(person, words("Nog even"), heard_at=ago(days=2))

    person.say("Ja?")
    knocking.send(person, words("Fijn dat je er weer bent"))

    assert person.shown == ["peil_verder", "Fijn dat je er weer bent"]


def test_the_template_is_found_in_whatever_english_it_was_made(knocking, graph, person):
    for number in (1, 2):
        other = graph.person(f"3160000000{number}")
        assert knocking.waits(other, words(), language="en", heard_at=ago(days=2))

    codes = [call.body["template"]["language"]["code"] for call in graph.calls]
    # Found once, it is known.
    assert codes == ["en", "en_US", "en_US"]


def test_without_a_template_nothing_goes_outside_the_window(house, graph, person):
    with pytest.raises(WindowClosed):
        house.send(person, words(), heard_at=ago(days=2))

    assert graph.calls == []


def test_a_template_that_does_not_exist_is_not_asked_for_again_and_again(graph, person, caplog):
    with House(graph, template="peil_verder") as house:
        for _ in range(3):
            with pytest.raises(WindowClosed):
                house.send(person, words(), heard_at=NOW - timedelta(days=2))

    assert len(graph.calls) == 1
    assert caplog.messages == ["WhatsApp refuses to send (error 132001)"]


@pytest.mark.parametrize("code", [131049, 131050, 130472])
def test_a_person_who_may_have_no_template_now_is_left_in_peace(knocking, graph, person, code):
    graph.fail("error", code=code, status=400)

    for _ in range(3):
        with pytest.raises(WindowClosed):
            knocking.send(person, words(), heard_at=NOW - timedelta(days=2))

    assert len(graph.calls) == 1


def test_a_template_that_has_to_wait_is_sent_later(knocking, graph, person):
    graph.fail("error", code=131016, status=500)
    heard_at = ago(days=2)

    with pytest.raises(NotSent):
        knocking.send(person, words(), heard_at=heard_at)
    assert knocking.waits(person, words(), heard_at=heard_at)

    assert person.shown == ["peil_verder"]


def test_where_whatsapp_says_that_the_window_is_closed_it_is(knocking, graph, person):
    graph.travel(2 * 24 * 3600)
    heard_at = ago(hours=1)

    assert knocking.waits(person, words(), heard_at=heard_at)
    assert not knocking.waits(person, words(), heard_at=heard_at, knocked=True)

    # Tried as words once, and then known.
    assert [call.body["type"] for call in graph.calls] == ["text", "template"]


def test_and_without_a_template_it_is_not_tried_until_the_person_writes(house, graph, person):
    graph.travel(2 * 24 * 3600)
    heard_at = ago(hours=1)

    for _ in range(3):
        with pytest.raises(WindowClosed):
            house.send(person, words(), heard_at=heard_at)
    person.say("Hoi")
    house.send(person, words("Dag"))

    assert len(graph.calls) == 2
    assert person.shown == ["Dag"]


def test_whatsapp_may_say_so_later(house, graph, person, caplog):
    graph.travel(2 * 24 * 3600)
    graph.window_late = True

    house.send(person, words())
    graph.until_delivered()

    assert person.seen == []
    assert house.hub.unreachable == []
    assert caplog.messages == ["WhatsApp could not deliver a message: error 131047"]


# --- typing ---


@pytest.mark.parametrize("long", [False, True])
def test_a_message_is_marked_as_read_and_being_answered(house, graph, person, long):
    graph.long_ids = long
    original = person.say("Hoi")
    graph.until_delivered()
    [arrival] = house.hub.arrivals

    for _ in range(2):
        house.run(house.service.channel.typing(person.account, arrival.message_id))

    assert (len(original) > 64) == long
    assert arrival.message_id == message_id(original)
    assert (person.read, person.typing) == ([original], 1)


def test_typing_about_a_message_that_whatsapp_does_not_know_is_refused(house, person):
    with pytest.raises(Refused):
        house.run(house.service.channel.typing(person.account, "wamid.unknown"))


# --- what is nobody's business ---


def test_nothing_that_is_logged_tells_who_said_what(graph, caplog):
    caplog.set_level(logging.DEBUG)
    with House(graph) as house:
        person = graph.person("31612345678", scoped="NL.13491208655302741918")
        house.hub.refusal = "Een zin terug"
        person.say("Mijn geheime antwoord")
        person.wait_for("Een zin terug")
        graph.post(json.dumps(one("text", type="Mijn geheime soort")).encode())
        failed = status("failed", number="31612345678", scoped="NL.13491208655302741918", errors=[131026])
        graph.post(json.dumps(payload(value(statuses=[failed]))).encode())
        for trouble in ("error", "html", "portal", "break", "break_after"):
            graph.fail(trouble)
            with pytest.raises(NotSent):
                house.send(person, words("Mijn geheime vraag"))
        for code in (190, 131009, 131026, 131056):
            graph.fail("error", code=code, status=400)
            with pytest.raises((NotSent, Refused, Blocked, TryLater)):
                house.send(person, Part("picture", "Mijn geheime radar", source=("p",)), PNG)
        house.send(person, words("Mijn geheime vraag"))
        graph.subscribe(house.address, VERIFY_TOKEN)
        assert TOKEN not in repr(house.service.__dict__)
        graph.until_delivered()

    assert "bot.channels.whatsapp" in {record.name.rpartition(".")[0] for record in caplog.records}
    written = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    for secret in (
        "612345678",
        "13491208655302741918",
        "geheime",
        "Een zin",
        TOKEN,
        APP_SECRET,
        VERIFY_TOKEN,
    ):
        assert secret not in written


def test_all_that_was_sent_is_within_the_limits_that_another_package_knows(house, graph, person):
    house.send(person, words(4096 * "x"))
    house.send(person, words(1024 * "x", rows=(tuple(Choice(f"{n} {18 * 'x'}", f"t{n}") for n in range(3)),)))
    rows = tuple(Choice(f"{n} {22 * 'x'}", f"t{n}", 72 * "x") for n in range(10))
    house.send(person, words(1024 * "x", choices=rows, list_button=20 * "x"))
    house.send(person, Part("picture", 1024 * "x", source=("p",)), PNG)

    assert len(graph.accepted) == 4
    for body in graph.accepted:
        check(body)
