"""What the gateway does with what arrives from a chat channel, whatever the channel."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import pytest
from sqlalchemy.exc import OperationalError

from bot.assessment.records import Conversation
from bot.channels.contract import Arrival, Arrived, Busy, Part
from bot.channels.fitting import TELEGRAM
from bot.gateway import app as application
from bot.gateway.hub import GatewayHub
from bot.store import tables
from bot.texts import say
from tests.integration.gateway import FakeEngine, question
from tests.integration.parts import House
from tests.integration.test_chats import campaign, code


class Wire:
    """A chat channel without a network. `sent`: what went to whom; `typed`: to whom typing was shown."""

    name = "telegram"
    capabilities = TELEGRAM
    seconds_between, at_once, a_second = 0.0, 1, 0.0

    def __init__(self) -> None:
        self.sent: list[tuple[str, Part]] = []
        self.typed: list[str] = []

    async def send(self, account: str, part: Part, content: bytes | None, **_: Any) -> str | None:
        self.sent.append((account, part))
        return str(len(self.sent)) if part.rows else None

    async def clear(self, account: str, sent_id: str) -> None:
        pass

    async def typing(self, account: str, message_id: str) -> None:
        self.typed.append(account)


class Service:
    """The wire as a service of the gateway."""

    router = None
    largest_bodies: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        self.channel = Wire()

    async def start(self, hub: Any) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def close(self) -> None:
        pass


class Line:
    """The gateway with the wire, and somebody at its other end."""

    def __init__(self, house: House, engine: FakeEngine, hub: GatewayHub, wire: Wire) -> None:
        self.house, self.engine, self.hub, self.wire = house, engine, hub, wire
        self.numbers = itertools.count(1)

    async def arrive(self, account: str = "1001", message_id: str | None = None, **content: Any) -> Arrived:
        message_id = message_id or f"m{next(self.numbers)}"
        return await self.hub.arrive(
            Arrival("telegram", account, message_id, **{"language": "nl", **content})
        )

    def heard(self, account: str = "1001") -> list[str]:
        return [part.text for to, part in self.wire.sent if to == account]

    async def until_heard(self, text: str, account: str = "1001", times: int = 1) -> None:
        async with asyncio.timeout(10):
            while sum(text in one for one in self.heard(account)) < times:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def open_line(
    house: House, engine: FakeEngine | None = None, monkeypatch: pytest.MonkeyPatch | None = None
) -> AsyncIterator[Line]:
    engine = engine or FakeEngine(house)
    service = Service()
    hubs: list[GatewayHub] = []
    real = application.GatewayHub

    def make_hub(*arguments: Any) -> GatewayHub:
        hubs.append(real(*arguments))
        return hubs[0]

    patch = monkeypatch or pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setattr(application, "GatewayHub", make_hub)
        app = application.create_app(house.peil, engine=engine, services=[service])
    async with app.router.lifespan_context(app):
        yield Line(house, engine, hubs[0], service.channel)


async def test_a_conversation_over_the_wire(house: House) -> None:
    async with open_line(house) as line:
        await line.arrive(code=code(house, campaign(house)))
        await line.until_heard(say("nl", "consent.question"))
        await line.arrive(text="ja")
        await line.until_heard(question(1))
        await line.arrive(text="3")
        await line.until_heard(question(2))

    assert len(house.rows(tables.conversations)) == 1


async def test_a_repeat_while_the_first_is_under_way_is_answered_once(house: House) -> None:
    async with open_line(house) as line:
        await line.arrive()
        await line.arrive(text="ja", message_id="yes")
        line.engine.gate.clear()
        first = await line.arrive(text="3", message_id="three")
        again = [await line.arrive(text="3", message_id="three") for _ in range(3)]
        line.engine.gate.set()
        await line.until_heard(say("nl", "segment.ask_role_layer"))
        await asyncio.sleep(0.1)

    assert first.new
    assert not any(one.new for one in again)
    assert len([text for text in line.heard() if text]) == len(set(line.heard()))


async def test_a_reply_that_takes_over_half_a_second_shows_typing_and_a_quick_one_does_not(
    house: House,
) -> None:
    async with open_line(house) as line:
        await line.arrive()
        await line.arrive(text="ja")
        await line.until_heard(say("nl", "segment.ask_role_layer"))
        await asyncio.sleep(0.6)
        assert line.wire.typed == []
        line.engine.gate.clear()
        await line.arrive(text="2")
        await asyncio.sleep(0.4)
        assert line.wire.typed == []
        await asyncio.sleep(0.3)
        assert line.wire.typed == ["1001"]
        line.engine.gate.set()
        await line.until_heard(say("nl", "segment.ask_department"))


async def test_where_many_wait_only_some_are_shown_that_a_reply_is_under_way(house: House) -> None:
    everybody = [str(2000 + number) for number in range(16)]
    async with open_line(house) as line:
        for account in everybody:
            await line.arrive(account)
        line.engine.gate.clear()
        for account in everybody:
            await line.arrive(account, text="ja")
        await asyncio.sleep(0.6)
        shown = len(line.wire.typed)
        line.engine.gate.set()

    # Five at once and five a second, over half a second and what the machine is late.
    assert 5 <= shown <= 10


async def test_more_arrivals_at_once_than_are_taken_in_are_sent_back_and_nothing_of_them_is_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_line(house) as line:
        monkeypatch.setattr(line.hub, "_arrivals_at_once", 3)
        arrived = await asyncio.gather(
            *(line.arrive(account=str(number), message_id="m1") for number in range(10)),
            return_exceptions=True,
        )
        taken = [one for one in arrived if isinstance(one, Arrived)]
        refused = [one for one in arrived if isinstance(one, Busy)]
        assert len(taken) + len(refused) == 10
        assert len(taken) >= 3
        assert refused
        assert len(house.rows(tables.conversations)) == len(taken)
        # Delivered again, they are taken in, and those that were are repeats.
        for number in range(10):
            await line.arrive(account=str(number), message_id="m1")
        assert len(house.rows(tables.conversations)) == 10


async def test_wrong_codes_are_counted_and_after_ten_the_right_one_has_to_wait_too(house: House) -> None:
    right = code(house, campaign(house))
    async with open_line(house) as line:
        said = [(await line.arrive(code=f"AAAABBBBCCCC{number:04}")).refusal for number in range(10)]
        assert said == [say("nl", "code.unknown")] * 10
        late = await line.arrive(code=right)
        other = await line.arrive(account="1002", code=right)

    assert late.refusal == say("nl", "code.tries")
    assert other.refusal is None
    assert len(house.rows(tables.conversations)) == 1


async def test_nothing_is_acknowledged_that_the_database_did_not_take_and_a_repeat_finds_its_way(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit's answer is lost: it happened, or not; either way a repeat makes it exactly one."""
    async with open_line(house) as line:
        await line.arrive()
        await line.arrive(text="ja")
        await line.until_heard(say("nl", "segment.ask_role_layer"))
        real = house.peil.chats.arrive

        def lost(*arguments: Any, **more: Any) -> Any:
            real(*arguments, **more)
            raise OperationalError("commit", {}, Exception("the connection is gone"))

        with monkeypatch.context() as patched:
            patched.setattr(house.peil.chats, "arrive", lost)
            with pytest.raises(OperationalError):
                await line.arrive(text="2", message_id="m-lost")
        assert not (await line.arrive(text="2", message_id="m-lost")).new
        await line.until_heard(say("nl", "segment.ask_department"))
        await asyncio.sleep(0.1)

    [conversation] = _conversations(house)
    assert conversation.segments == {"role_layer": "management"}
    assert sum(say("nl", "segment.ask_department") in text for text in line.heard()) == 1


def _conversations(house: House) -> list[Conversation]:
    return [house.conversation(row["id"]) for row in house.rows(tables.conversations)]


async def test_what_was_not_delivered_when_the_gateway_stopped_is_delivered_at_the_next_start(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_line(house) as line:

        async def broken(*_: Any, **__: Any) -> None:
            await asyncio.sleep(3600)

        monkeypatch.setattr(line.wire, "send", broken)
        await line.arrive()
        await asyncio.sleep(0.1)
        assert line.heard() == []

    async with open_line(house) as line:
        await line.until_heard(say("nl", "consent.question"))


async def test_what_another_process_writes_is_delivered_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "_LOOK_FOR_NEWS", 0.05)
    async with open_line(house) as line:
        arrived = await line.arrive()
        await line.until_heard(say("nl", "consent.question"))
        assert arrived.conversation_id is not None
        with house.again().store.write() as work:
            [greeting] = work.messages(arrived.conversation_id)
            from bot.assessment.records import Draft

            work.add_drafts(arrived.conversation_id, [Draft("van elders", "nl")], None, greeting.at)
            work.commit()
        await line.until_heard("van elders")


async def test_no_word_no_code_and_no_account_gets_into_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    opened = code(house, campaign(house))
    async with open_line(house) as line:
        await line.arrive(account="31699999999", code=opened)
        await line.arrive(account="31699999999", text="ja")
        await line.arrive(account="31699999999", text="geheimpje")
        await line.arrive(account="31699999999", code="AAAABBBBCCCCDDDD")
        await asyncio.sleep(0.3)

    for secret in (opened, "geheimpje", "31699999999", "AAAABBBB"):
        assert secret not in caplog.text
