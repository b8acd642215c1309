"""The outbox: everything goes to its chat in order, as often as it takes, at the channel's pace."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.assessment.records import Message
from bot.channels.contract import (
    Blocked,
    Capabilities,
    Choice,
    NotSent,
    Outgoing,
    Part,
    Refused,
    TryLater,
    WindowClosed,
)
from bot.gateway.outbox import Outbox
from bot.gateway.pacing import Pace, Queue
from bot.service.chats import Delivery

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class FakeChats:
    """Stands for bot.service.chats.Chats: what each account has to get, and how far it has got.

    A message is (kind of part or parts joined by '|'): 'one|two' goes in two parts.
    """

    def __init__(self, **waiting: list[str]) -> None:
        self.waiting = waiting
        self.sent: dict[str, tuple[int, int]] = dict.fromkeys(waiting, (0, 0))
        self.keyboards: dict[str, str] = {}
        self.away: set[str] = set()
        self.trouble = 0
        self.knocked_for: list[str] = []

    def _stumble(self) -> None:
        if self.trouble:
            self.trouble -= 1
            raise OSError("no database")

    def accounts_of(self, conversation_id: str) -> list[str]:
        return [conversation_id]

    def to_deliver(self, channels: list[str]) -> list[str]:
        return [name for name, texts in self.waiting.items() if self.sent[name][0] < len(texts)]

    def next_delivery(self, account_id: str) -> Delivery | None:
        self._stumble()
        seq, part = self.sent[account_id]
        if account_id in self.away or seq >= len(self.waiting[account_id]):
            return None
        text = self.waiting[account_id][seq]
        message = Message(seq + 1, f"b.{seq + 1}", "bot", "reply", text, "nl", NOW)
        old = (self.keyboards[account_id],) if account_id in self.keyboards else ()
        return Delivery(account_id, "chat", f"to {account_id}", "c", "nl", NOW, message, part, old)

    def delivered(self, delivery: Delivery, part: int, *, last: bool, keyboard: str | None = None) -> None:
        self._stumble()
        name = delivery.account_id
        self.sent[name] = (delivery.message.seq, 0) if last else (delivery.message.seq - 1, part)
        if keyboard is not None:
            self.keyboards[name] = keyboard

    def knocked(self, delivery: Delivery) -> None:
        self.knocked_for.append(delivery.message.text)

    def unreachable(self, account_id: str) -> None:
        self.away.add(account_id)


class FakeChannel:
    """A chat channel that notes what it was sent, or raises what is put into `faults` first."""

    name = "chat"
    capabilities: Capabilities = None  # type: ignore[assignment]

    def __init__(self, seconds_between: float = 0, at_once: int = 1, a_second: float = 0) -> None:
        self.seconds_between, self.at_once, self.a_second = seconds_between, at_once, a_second
        self.faults: list[Exception] = []
        self.faults_for: dict[str, list[Exception]] = {}
        self.got: list[tuple[str, str]] = []
        self.at: list[float] = []
        self.cleared: list[str] = []

    async def send(self, account: str, part: Part, content: bytes | None, **_: Any) -> str | None:
        for faults in (self.faults, self.faults_for.get(account, [])):
            if faults:
                raise faults.pop(0)
        self.got.append((account, part.text))
        self.at.append(time.monotonic())
        return f"m{len(self.got)}" if part.rows else None

    async def clear(self, account: str, sent_id: str) -> None:
        self.cleared.append(sent_id)

    async def typing(self, account: str, message_id: str) -> None:
        raise AssertionError("the outbox shows no typing")


def fit(outgoing: Outgoing, can: Capabilities) -> list[Part]:
    parts = [Part("text", text) for text in outgoing.message.text.split("|") if text]
    if parts and parts[-1].text.endswith("?"):
        parts[-1] = replace(parts[-1], rows=((Choice("yes", "y"),),))
    return parts


async def no_content(source: tuple[str, ...], language: str) -> bytes | None:
    return None


def outbox(chats: FakeChats, channel: FakeChannel) -> Outbox:
    return Outbox(
        chats,  # type: ignore[arg-type]
        {"chat": channel},
        fit=fit,
        dress=lambda delivery: Outgoing(delivery.message),
        content=no_content,
        backoff=(0.01, 0.02),
    )


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.005)


def texts(channel: FakeChannel, account: str = "to a") -> list[str]:
    return [text for to, text in channel.got if to == account]


async def test_what_waits_goes_in_order_part_by_part_and_once() -> None:
    chats, channel = FakeChats(a=["one|two", "three", "four|five|six"]), FakeChannel()
    box = outbox(chats, channel)

    assert await box.resume() == 1
    box.changed("a")
    box.wake("a")
    await until(lambda: chats.sent["a"] == (3, 0))
    await box.stop()

    assert texts(channel) == ["one", "two", "three", "four", "five", "six"]


async def test_a_former_process_that_died_between_two_parts_is_taken_up_at_the_next_part() -> None:
    chats, channel = FakeChats(a=["one|two|three"]), FakeChannel()
    chats.sent["a"] = (0, 2)
    box = outbox(chats, channel)

    await box.resume()
    await until(lambda: chats.sent["a"] == (1, 0))

    assert texts(channel) == ["three"]


async def test_a_process_that_died_after_the_last_part_and_before_it_was_noted_sends_nothing_again() -> None:
    chats, channel = FakeChats(a=["one|two", "three"]), FakeChannel()
    chats.sent["a"] = (0, 2)

    await outbox(chats, channel).resume()
    await until(lambda: chats.sent["a"] == (2, 0))

    assert texts(channel) == ["three"]


@pytest.mark.parametrize("surely", [True, False])
async def test_what_was_not_sent_is_sent_again_before_anything_else(surely: bool) -> None:
    chats, channel = FakeChats(a=["one", "two"]), FakeChannel()
    channel.faults = [NotSent("broken", surely=surely) for _ in range(4)]

    await outbox(chats, channel).resume()
    await until(lambda: chats.sent["a"] == (2, 0))

    assert texts(channel) == ["one", "two"]


async def test_one_chat_that_has_to_wait_holds_up_no_other() -> None:
    chats, channel = FakeChats(a=["one", "two"], b=["three", "four"]), FakeChannel(seconds_between=0.001)
    channel.faults_for["to a"] = [TryLater(0.5)]
    box = outbox(chats, channel)

    await box.resume()
    await until(lambda: chats.sent["b"] == (2, 0))
    assert texts(channel) == []
    await until(lambda: chats.sent["a"] == (2, 0))

    assert texts(channel) == ["one", "two"]
    assert channel.at[-2] - channel.at[0] >= 0.4


async def test_whoever_blocked_the_bot_is_noted_and_left_alone() -> None:
    chats, channel = FakeChats(a=["one"], b=["two"]), FakeChannel()
    channel.faults_for["to a"] = [Blocked()]
    box = outbox(chats, channel)

    await box.resume()
    await until(lambda: chats.sent["b"] == (1, 0))
    await until(lambda: chats.away == {"a"})
    box.changed("a")
    await asyncio.sleep(0.05)

    assert channel.got == [("to b", "two")]
    assert chats.sent["a"] == (0, 0)  # it is still there, should they let the bot in again


async def test_outside_the_window_it_waits_until_the_person_writes_again() -> None:
    chats, channel = FakeChats(a=["one"]), FakeChannel()
    channel.faults = [WindowClosed(), WindowClosed(knocked=True)]
    box = outbox(chats, channel)

    await box.resume()
    await until(lambda: len(channel.faults) == 1)
    await asyncio.sleep(0.05)
    assert chats.knocked_for == []
    box.changed("a")
    await until(lambda: chats.knocked_for == ["one"])
    assert chats.sent["a"] == (0, 0)
    box.changed("a")
    await until(lambda: chats.sent["a"] == (1, 0))

    assert texts(channel) == ["one"]


async def test_what_a_channel_refuses_for_good_is_left_out_and_the_rest_goes_on() -> None:
    chats, channel = FakeChats(a=["one|two", "three"]), FakeChannel()
    channel.faults = [Refused()]

    await outbox(chats, channel).resume()
    await until(lambda: chats.sent["a"] == (2, 0))

    assert texts(channel) == ["two", "three"]


async def test_what_was_sent_is_written_down_however_often_that_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.gateway.outbox._LOOK_AGAIN", 0.01)
    chats, channel = FakeChats(a=["one", "two"]), FakeChannel()
    box = outbox(chats, channel)
    sending = channel.send

    async def and_then_the_database_goes(account: str, part: Part, content: bytes | None, **more: Any) -> Any:
        sent = await sending(account, part, content, **more)
        chats.trouble = 3
        return sent

    monkeypatch.setattr(channel, "send", and_then_the_database_goes)
    await box.resume()
    await until(lambda: chats.sent["a"] == (2, 0))

    assert texts(channel) == ["one", "two"]


async def test_a_message_with_nothing_in_it_is_passed_over() -> None:
    chats, channel = FakeChats(a=["", "two"]), FakeChannel()

    await outbox(chats, channel).resume()
    await until(lambda: chats.sent["a"] == (2, 0))

    assert texts(channel) == ["two"]


async def test_buttons_that_a_newer_question_has_made_old_are_taken_away() -> None:
    chats, channel = FakeChats(a=["one?", "two", "three?"]), FakeChannel()

    await outbox(chats, channel).resume()
    await until(lambda: chats.sent["a"] == (3, 0))
    await until(lambda: channel.cleared == ["m1"])

    assert chats.keyboards["a"] == "m3"


async def test_one_chat_gets_no_more_than_its_pace_allows() -> None:
    chats, channel = FakeChats(a=["1", "2", "3", "4"]), FakeChannel(seconds_between=0.1, at_once=1)

    await outbox(chats, channel).resume()
    await until(lambda: chats.sent["a"] == (4, 0))

    assert all(later - earlier >= 0.09 for earlier, later in zip(channel.at, channel.at[1:], strict=False))


async def test_all_chats_together_get_no_more_than_the_channel_allows_from_the_first_moment_on() -> None:
    chats = FakeChats(**{f"a{number}": ["one"] for number in range(8)})
    channel = FakeChannel(a_second=20)

    await outbox(chats, channel).resume()
    await until(lambda: len(channel.at) == 8)

    # Eight at 20 a second: the last one 7/20 s behind the first.
    assert channel.at[-1] - channel.at[0] >= 0.34


def test_a_pace_lets_a_burst_go_then_one_at_a_time_and_waits_when_it_is_told_to() -> None:
    now = 0.0
    pace = Pace(2, 6.0, lambda: now)

    assert pace.wait() == 0
    pace.take()
    assert pace.wait() == 0
    pace.take()
    # Two at once; then one every 6 s.
    assert pace.wait() == 6
    now = 4.0
    assert pace.wait() == pytest.approx(2)
    now = 6.0
    assert pace.wait() == 0
    pace.take()
    now = 60.0
    assert pace.idle
    pace.hold(30)
    assert pace.wait() == 30
    now = 90.0
    assert pace.wait() == 0


def test_what_did_not_go_after_all_leaves_its_place_to_the_next_one() -> None:
    pace = Pace(1, 6.0, lambda: 0.0)

    pace.take()
    pace.give_back()

    assert pace.wait() == 0
    pace.give_back()
    pace.take()
    assert pace.wait() == 6  # giving back twice makes no second place


def test_no_pace_is_no_limit() -> None:
    pace = Pace(1, 0)
    for _ in range(100):
        pace.take()
    pace.hold(100)

    assert pace.wait() == 0


async def test_those_who_were_held_up_go_one_behind_the_other() -> None:
    queue, went = Queue(20), []

    async def go() -> None:
        async with queue.turn():
            went.append(time.monotonic())

    going = [asyncio.create_task(go()) for _ in range(6)]
    await asyncio.sleep(0)
    time.sleep(0.3)  # nothing moves meanwhile, and by then all would have had their turn
    await asyncio.gather(*going)

    assert all(later - earlier >= 0.045 for earlier, later in itertools.pairwise(went))


async def test_what_is_held_up_on_its_way_never_arrives_with_what_came_after_it() -> None:
    queue, arrived = Queue(50), []
    opens = asyncio.Event()

    async def go() -> None:
        async with queue.turn():
            await opens.wait()
            arrived.append(time.monotonic())

    going = [asyncio.create_task(go()) for _ in range(120)]
    await asyncio.sleep(1.5)  # by their pace alone 75 would be under way
    opens.set()
    await asyncio.gather(*going)

    at_most = max(sum(first <= one < first + 1 for one in arrived) for first in arrived)
    assert 50 <= at_most <= 56
    assert arrived[-1] - arrived[0] < 2.5  # and the rest has not waited for longer than it had to


async def test_many_who_wait_outside_the_window_hold_up_nobody() -> None:
    closed = {f"a{number}": ["one"] for number in range(20)}
    chats, channel = FakeChats(**closed, b=["two"]), FakeChannel(a_second=2)
    channel.faults_for = {f"to {name}": [WindowClosed()] for name in closed}
    began = time.monotonic()

    await outbox(chats, channel).resume()
    await until(lambda: chats.sent["b"] == (1, 0))

    assert time.monotonic() - began < 2
