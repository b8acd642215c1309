"""Going on elsewhere: a one-time code, shown and never kept, and one conversation in one place at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from bot.assessment.records import Handover, Message, MessageLink
from bot.gateway import app as application
from bot.gateway.dressing import Dresser
from bot.gateway.signing import Signer
from bot.service.codes import InvalidCode, shown
from bot.store import tables
from bot.texts import say
from tests.integration.gateway import Gateway, check_problem, open_gateway
from tests.integration.parts import House, Person, at_statement
from tests.integration.test_chats import Chatter
from tests.integration.test_links import LAPTOP, PHONE, at_once

Make = Callable[..., House]

CHANNELS = {
    "telegram_token": f"1:{'x' * 35}",
    "telegram_bot": "peil_bot",
    "whatsapp_token": "a token",
    "whatsapp_number": "31612345678",
}


@pytest.fixture
def shop(make_house: Make, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house with a Telegram bot and a WhatsApp number, neither of which is really served."""
    monkeypatch.setattr(application, "chat_services", lambda settings: [])
    return make_house(**CHANNELS)


@pytest.fixture
def anna(shop: House) -> Person:
    """Somebody in the web chat, at the second question."""
    person = Person(shop)
    person.say("3")
    return person


def moves(messages: list[Message]) -> list[MessageLink]:
    return [link for message in messages for link in message.links if link.kind == "move"]


def handover(house: House) -> Handover:
    """The handover that can be used."""
    [row] = [row for row in house.rows(tables.handovers) if row["used_at"] is None]
    return Handover(**row)


def asked(person: Person | Chatter) -> str:
    """Ask to go on elsewhere; the code."""
    if isinstance(person, Person):
        person.say("verder op mijn telefoon", "elsewhere")
    else:
        person.arrive(None, "elsewhere", text="verder op mijn computer")
    return person.house.use_cases.codes.code("handover", handover(person.house).id)


def question(number: int) -> str:
    return say("nl", "question.header", number=number, total=6, dimension="")


def fail(connection: sa.Connection, statement: str) -> None:
    raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))


def dressed(house: House, message: Message) -> dict[str, str]:
    """Title -> address, as a chat gets them."""
    signer = Signer(house.settings.secret, house.use_cases.knowledge.places)
    dresser = Dresser(
        house.use_cases,
        signer,
        lambda spec: b"",
        house.settings.public_url,
        3600,
        now=lambda: house.clock.now.timestamp(),
    )
    delivery: Any = type("Delivery", (), {"message": message})()
    return dict(dresser.dress(delivery).links)


# --- where one can go ---


def test_from_the_web_one_can_go_to_each_chat_channel_and_by_link_to_another_browser(
    shop: House, anna: Person
) -> None:
    anna.say("verder op mijn telefoon", "elsewhere")

    [message] = anna.last
    assert say("nl", "move.what") in message.text
    assert say("nl", "move.or_by_link") in message.text
    assert question(2) in message.text
    made = handover(shop)
    assert [(link.kind, link.id, link.open) for link in message.links[:-1]] == [
        ("move", f"{made.id}.telegram", True),
        ("move", f"{made.id}.whatsapp", True),
    ]
    assert message.links[-1].kind == "back"
    assert shop.conversation(anna.id).pending is None
    anna.say("2")
    assert shop.holds(anna.id) == {"tea.leaves": 3, "tea.brewing": 2}


def test_from_a_chat_one_can_go_to_the_web_and_to_the_other_chat_and_not_where_one_is(shop: House) -> None:
    chat = Chatter(shop, channel="whatsapp")
    chat.arrive(text="hoi")
    chat.say("ja")
    asked(chat)

    assert [link.id.partition(".")[2] for link in moves(chat.last)] == ["web", "telegram"]
    assert {link.kind for link in chat.last[-1].links} == {"move"}
    assert say("nl", "move.or_by_link") not in chat.text


def test_where_there_are_no_chat_channels_the_way_back_does_it(make_house: Make) -> None:
    person = Person(make_house())
    person.say("verder op mijn telefoon", "elsewhere")

    assert person.has("link.back_what")
    assert [link.kind for link in person.last[-1].links] == ["back"]
    assert person.house.rows(tables.handovers) == []


def test_where_there_is_no_other_place_at_all_it_says_so(
    shop: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = Chatter(shop)
    chat.arrive(text="hoi")
    chat.say("ja")
    nowhere = shop.use_cases.knowledge.places("x")[1:2]
    object.__setattr__(shop.use_cases.knowledge, "places", lambda code: nowhere)
    chat.arrive(None, "elsewhere", text="verder op mijn computer")

    assert say("nl", "move.nowhere") in chat.text
    assert chat.last[-1].links == ()
    assert shop.rows(tables.handovers) == []


def test_before_consent_there_is_nothing_to_hand_over(shop: House) -> None:
    person = Person(shop, agrees=False)
    person.say("verder op mijn telefoon", "elsewhere")
    assert person.has("consent.question")
    assert shop.rows(tables.handovers) == []


def test_the_menu_has_it(shop: House, anna: Person) -> None:
    anna.tap(say("nl", "menu.more"))
    anna.tap(say("nl", "menu.elsewhere"))
    assert anna.has("move.what")


# --- the code ---


def test_the_code_stands_nowhere_and_is_made_when_the_message_is_shown(shop: House, anna: Person) -> None:
    code = asked(anna)
    for form in (code, shown(code)):
        assert shop.traces(form) == []
    assert code not in str(shop.use_cases.my_data(data_link(anna)))


def test_a_chat_gets_addresses_that_work_there_and_the_code_until_they_end(shop: House) -> None:
    chat = Chatter(shop)
    chat.arrive(text="hoi")
    chat.say("ja")
    code = asked(chat)
    [message] = chat.last

    assert dressed(shop, message) == {
        say("nl", "move.to_web"): f"{shop.settings.public_url}/#move={code}",
        say("nl", "move.to_whatsapp"): f"https://wa.me/31612345678?text={shown(code)}",
        say("nl", "move.code"): shown(code),
    }
    shop.clock.move(minutes=10)
    assert dressed(shop, message) == {}


def data_link(person: Person) -> str:
    person.say("mijn gegevens als bestand", "my_data_file")
    return person.last[-1].links[0].id


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "unknown"),
        ("7K3M-9QRT-5VWX-2ABC", "unknown"),
        ("📱" * 16, "unknown"),
        ("x" * 5000, "unknown"),
    ],
)
def test_what_is_no_code_opens_nothing(shop: House, anna: Person, typed: str, why: str) -> None:
    asked(anna)
    before = shop.everything()
    with pytest.raises(InvalidCode) as refused:
        shop.use_cases.take_over(typed, LAPTOP)
    assert refused.value.why == why
    assert shop.everything() == before


def test_a_code_may_be_typed_in_small_letters_with_or_without_dashes(shop: House, anna: Person) -> None:
    code = asked(anna)
    assert shop.use_cases.take_over(f" {shown(code).lower()} ", LAPTOP) == anna.id


def test_it_works_until_ten_minutes_have_gone(shop: House, anna: Person) -> None:
    code = asked(anna)
    made = handover(shop)
    shop.clock.now = made.expires_at
    with pytest.raises(InvalidCode) as refused:
        shop.use_cases.take_over(code, LAPTOP)
    assert refused.value.why == "expired"
    assert (made.expires_at - made.created_at).total_seconds() == 600
    shop.clock.now = made.created_at
    shop.clock.move(minutes=9, seconds=59)
    assert shop.use_cases.take_over(code, LAPTOP) == anna.id


def test_a_newer_code_ends_the_one_before(shop: House, anna: Person) -> None:
    first = asked(anna)
    second = asked(anna)
    with pytest.raises(InvalidCode) as refused:
        shop.use_cases.take_over(first, LAPTOP)
    assert refused.value.why == "used"
    assert shop.use_cases.take_over(second, LAPTOP) == anna.id


@pytest.mark.parametrize("how", ["erase", "forget"])
def test_erasing_ends_it(shop: House, anna: Person, how: str) -> None:
    code = asked(anna)
    if how == "erase":
        anna.say("wis alles", "erase")
        anna.say("ja")
    else:
        shop.use_cases.forget(anna.id)
    with pytest.raises(InvalidCode) as refused:
        shop.use_cases.take_over(code, LAPTOP)
    assert refused.value.why == "unknown"
    assert shop.rows(tables.handovers) == []


def test_a_conversation_that_nobody_may_open_any_more_is_not_opened_by_its_code(
    shop: House, anna: Person
) -> None:
    code = asked(anna)
    with shop.store.write() as work:
        longer = handover(shop).expires_at.replace(year=2030)
        work.update_handover(handover(shop).id, expires_at=longer)
        work.commit()
    shop.clock.move(days=shop.settings.token_days, minutes=1)
    with pytest.raises(InvalidCode) as refused:
        shop.use_cases.take_over(code, LAPTOP)
    assert refused.value.why == "unknown"


def test_links_end_in_the_transcript_once_used_and_after_ten_minutes(shop: House, anna: Person) -> None:
    asked(anna)
    then = shop.clock.now
    [telegram, whatsapp] = moves(anna.history)
    assert telegram.works(then)
    assert whatsapp.works(then)
    shop.clock.move(minutes=10)
    assert not telegram.works(shop.clock.now)

    code = asked(anna)
    assert [link.works(shop.clock.now) for link in moves(anna.history)] == [False, False, True, True]
    Chatter(shop).arrive(code=code)
    assert [link.works(shop.clock.now) for link in moves(anna.history)] == [False] * 4


# --- web -> Telegram -> web ---


def test_one_conversation_goes_from_the_web_to_telegram_and_back(shop: House, anna: Person) -> None:
    phone = Chatter(shop)
    phone.arrive(code=asked(anna))

    assert phone.text.startswith(say("nl", "move.here", where=say("nl", "move.in_telegram")))
    assert question(2) in phone.text
    told = say("nl", "move.left", where=say("nl", "move.in_telegram"))
    assert [message.text for message in anna.history].count(told) == 1
    phone.say("2")
    assert question(3) in phone.text

    code = asked(phone)
    shop.use_cases.take_over(code, LAPTOP)
    phone.deliver()
    # The chat is told once, and hears no more of it.
    assert phone.text == say("nl", "move.left", where=say("nl", "move.in_web"))
    assert anna.history[-1].text.startswith(say("nl", "move.here", where=say("nl", "move.in_web")))
    assert question(3) in anna.history[-1].text
    assert shop.conversation(anna.id).account_id is None
    anna.say("1")
    phone.deliver()
    assert phone.last == []
    assert shop.holds(anna.id) == {"tea.leaves": 3, "tea.brewing": 2, "guests.welcome": 1}
    assert [message.seq for message in anna.history] == list(range(1, len(anna.history) + 1))


def test_what_was_pending_is_left_behind_on_the_way(shop: House, anna: Person) -> None:
    code = asked(anna)
    anna.say("wis alles", "erase")
    shop.use_cases.take_over(code, LAPTOP)

    assert shop.conversation(anna.id).pending is None
    anna.say("ja")
    assert shop.holds(anna.id) == {"tea.leaves": 3}


def test_from_browser_to_browser_nobody_is_told_that_it_goes_on_elsewhere(shop: House, anna: Person) -> None:
    shop.use_cases.take_over(asked(anna), LAPTOP)
    left = say("nl", "move.left", where=say("nl", "move.in_web"))
    assert all(left not in message.text for message in anna.history)


# --- one device may ask again ---


def test_the_same_device_may_ask_again_and_is_welcomed_once(shop: House, anna: Person) -> None:
    code = asked(anna)
    shop.use_cases.take_over(code, LAPTOP)
    before = shop.everything()
    for _ in range(3):
        assert shop.use_cases.take_over(code, LAPTOP) == anna.id
    # Even when the ten minutes are over: it was used in time.
    shop.clock.move(minutes=20)
    assert shop.use_cases.take_over(code, LAPTOP) == anna.id
    assert shop.everything() == before

    for other in (PHONE, LAPTOP.upper(), ""):
        with pytest.raises(InvalidCode) as refused:
            shop.use_cases.take_over(code, other)
        assert refused.value.why == "used"
    assert shop.traces(LAPTOP) == []


def test_what_a_chat_has_used_no_device_may_use_again(shop: House, anna: Person) -> None:
    code = asked(anna)
    Chatter(shop).arrive(code=code)
    with pytest.raises(InvalidCode) as refused:
        shop.use_cases.take_over(code, LAPTOP)
    assert refused.value.why == "used"


def test_of_eight_devices_at_once_exactly_one_takes_over(shop: House) -> None:
    for round_number in range(3):
        person = Person(shop)
        code = asked(person)
        outcomes = at_once(
            *[lambda n=n, code=code: shop.use_cases.take_over(code, f"device-{n}-0000000") for n in range(8)]
        )
        won = [one for one in outcomes if one == person.id]
        lost = [one for one in outcomes if isinstance(one, InvalidCode)]
        assert (len(won), len(lost)) == (1, 7), f"round {round_number}: {outcomes}"
        welcome = say("nl", "move.here", where=say("nl", "move.in_web"))
        assert sum(welcome in message.text for message in person.history) == 1
        assert [message.seq for message in person.history] == list(range(1, len(person.history) + 1))


def test_taking_over_broken_at_any_statement_leaves_nothing_half(shop: House, anna: Person) -> None:
    phone = Chatter(shop)
    phone.arrive(code=asked(anna))
    code = asked(phone)
    before = shop.everything()
    broken = 0
    for number in range(60):
        with at_statement(shop, fail, number):
            try:
                shop.use_cases.take_over(code, LAPTOP)
            except sa.exc.OperationalError:
                broken += 1
            else:
                break
        assert shop.everything() == before, f"statement {number}"
    assert broken >= 10
    assert shop.use_cases.take_over(code, LAPTOP) == anna.id


def test_asking_broken_at_any_statement_leaves_nothing_half(shop: House, anna: Person) -> None:
    asked(anna)
    turn_id = anna.send(text="verder op mijn telefoon")
    before = shop.everything()
    for number in range(60):
        with at_statement(shop, fail, number):
            try:
                shop.use_cases.take_turn(turn_id, "elsewhere")
            except sa.exc.OperationalError:
                pass
            else:
                break
        assert shop.everything() == before, f"statement {number}"
    assert number >= 8
    handover(shop)


# --- over HTTP ---


async def take(gateway: Gateway, code: str, device: str = LAPTOP) -> Any:
    return await gateway.client().post("/api/chat/move", json={"code": code, "device": device})


async def test_the_page_takes_over_with_a_code_and_reads_on(shop: House, anna: Person) -> None:
    phone = Chatter(shop)
    phone.arrive(code=asked(anna))
    phone.say("2")
    code = asked(phone)
    async with open_gateway(shop, now=lambda: shop.clock.now.timestamp()) as gateway:
        response = await take(gateway, code)
        assert response.status_code == 200, response.text
        assert set(response.json()) == {"token"}
        client = gateway.client(Authorization=f"Bearer {response.json()['token']}")
        read = (await client.get("/api/chat/messages")).json()["messages"]
        assert question(3) in read[-1]["text"]
        assert (await take(gateway, code)).json() == response.json()
        check_problem_of(await take(gateway, code, PHONE), 410, "used")


def check_problem_of(response: Any, status: int, why: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == say("en", f"code.{why}")


async def test_the_page_is_told_why_a_code_opens_nothing(shop: House, anna: Person) -> None:
    code = asked(anna)
    async with open_gateway(shop, now=lambda: shop.clock.now.timestamp()) as gateway:
        check_problem_of(await take(gateway, "7K3M-9QRT-5VWX-2ABC"), 404, "unknown")
        shop.clock.move(minutes=11)
        check_problem_of(await take(gateway, code), 410, "expired")
        for body in ({}, {"code": code}, {"code": "", "device": LAPTOP}, {"code": code, "device": "short"}):
            check_problem(await gateway.client().post("/api/chat/move", json=body), 422, "error.invalid")


async def test_links_to_other_places_stand_in_the_page_with_their_code_while_they_work(
    shop: House, anna: Person
) -> None:
    code = asked(anna)
    token = Signer(shop.settings.secret).token(anna.id)

    async with open_gateway(shop, now=lambda: shop.clock.now.timestamp()) as gateway:

        async def links() -> list[dict[str, str]]:
            client = gateway.client(Authorization=f"Bearer {token}")
            read = (await client.get("/api/chat/messages")).json()["messages"]
            return [one for message in read for one in message.get("links", []) if one["kind"] == "move"]

        assert await links() == [
            {
                "kind": "move",
                "title": say("nl", "move.to_telegram"),
                "url": f"https://t.me/peil_bot?start={code}",
                "code": shown(code),
            },
            {
                "kind": "move",
                "title": say("nl", "move.to_whatsapp"),
                "url": f"https://wa.me/31612345678?text={shown(code)}",
                "code": shown(code),
            },
        ]
        shop.clock.move(minutes=10)
        ended = [{"kind": "move", "title": say("nl", f"move.to_{one}")} for one in ("telegram", "whatsapp")]
        assert await links() == ended


async def test_no_code_stands_in_any_line_of_the_log(
    shop: House, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    code = asked(anna)
    async with open_gateway(shop) as gateway:
        await take(gateway, shown(code), PHONE)
        await take(gateway, shown(code), LAPTOP)
        with at_statement(shop, fail, holds="handovers"):
            assert (await take(gateway, code)).status_code == 503
    lines = [one.getMessage() for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    for line in lines:
        assert not any(secret in line for secret in (code, shown(code), PHONE, LAPTOP)), line
