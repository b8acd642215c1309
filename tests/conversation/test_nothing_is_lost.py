"""kill -9 of Rasa, of the action server and of the gateway, in the middle of assessments over the real stack.

Afterwards every acknowledged answer is there once, the same question stands, and the reply to the message
that was under way arrives.
"""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.chat import Chat
from tests.stack import Stack, start_stack

ITEMS = (
    "tea.leaves",
    "tea.brewing",
    "guests.welcome",
    "guests.biscuits",
    "pots.condition",
    "pots.care",
)
# Seconds between sending a message and the kill: before, within and after the few milliseconds of a turn.
DELAYS = {"gateway": (0.0, 0.004, 0.009, 0.02), "actions": (0.0, 0.004, 0.009, 0.02), "rasa": (0.0, 0.009)}


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own, whose parts are killed; a reply that is late is called pending after a second."""
    running = start_stack(tmp_path_factory.mktemp("mortal"), reply_wait=1.0)
    yield running
    running.stop()


def post_until_answered(chat: Chat, message_id: str, text: str) -> dict[str, Any]:
    """Send as the page does: the same id again and again until the gateway has acknowledged it."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            response = chat.post(message_id, text=text)
        except httpx.HTTPError:
            chat.troubles += 1
            time.sleep(0.1)
            continue
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body
    raise AssertionError("the gateway did not come back")


def reply_to(chat: Chat, message_id: str) -> list[str]:
    """What the bot said to this message in the end, waiting for it as the page does."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        body = post_until_answered(chat, message_id, chat.sent[message_id])
        if not body["pending"]:
            return [message["text"] for message in body["messages"]]
    raise AssertionError(f"no reply to {message_id}")


@pytest.mark.parametrize("part", ["gateway", "actions", "rasa"])
def test_a_part_killed_in_mid_turn_loses_nothing_and_doubles_nothing(mortal: Stack, part: str) -> None:
    chats = [Chat(mortal.url, model="teahouse") for _ in range(3)]
    for chat in chats:
        chat.say("ja")
        assert "Vraag 1 van 6" in chat.text
    expected: dict[str, list[int]] = {chat.id: [] for chat in chats}
    in_mid_turn = 0
    for round_number, delay in enumerate(DELAYS[part]):
        level = round_number % 3 + 1
        started = threading.Barrier(len(chats) + 1)

        def send(chat: Chat, message_id: str, level: int, started: threading.Barrier) -> None:
            chat.sent[message_id] = str(level)
            started.wait()
            post_until_answered(chat, message_id, str(level))

        with ThreadPoolExecutor(len(chats)) as pool:
            under_way = [pool.submit(send, chat, f"r{round_number}", level, started) for chat in chats]
            started.wait()
            time.sleep(delay)
            mortal.kill(part)
            in_mid_turn += len(mortal.peil.use_cases.open_turns())
            mortal.restart(part)
            for one in under_way:
                one.result()
        for chat in chats:
            expected[chat.id].append(level)
            replies = reply_to(chat, f"r{round_number}")
            assert len(replies) == 1
            assert f"Vraag {round_number + 2} van 6" in replies[0]
            # A repeat after all that changes nothing.
            assert reply_to(chat, f"r{round_number}") == replies
    # Else this test would have killed nobody at work: turns were open, or posts got no answer.
    assert in_mid_turn + sum(chat.troubles for chat in chats) > 0
    for chat in chats:
        stored = mortal.assessments(chat.id)
        assert len(stored) == 1
        given = [(one["item"], one["level"]) for one in stored[0]["answers"]]
        assert given == list(zip(ITEMS, expected[chat.id], strict=False))
        assert stored[0]["open_question"] == ITEMS[len(expected[chat.id])]
        _transcript_is_whole(chat)
        for _ in ITEMS[len(expected[chat.id]) :]:
            chat.say("2")
        assert "Klaar, dank je" in chat.text
        assert mortal.assessments(chat.id)[0]["status"] == "completed"


def _transcript_is_whole(chat: Chat) -> None:
    """Every message of the person once, and after each of them exactly one question of the bot."""
    history = chat.history()
    ids = [message["id"] for message in history]
    assert len(ids) == len(set(ids))
    said = [message["id"] for message in history if message["role"] == "user"]
    assert len(said) == len(chat.sent) + 1
    asked = [
        match.group(1)
        for message in history
        if message["role"] == "bot" and (match := re.search(r"Vraag (\d) van 6", message["text"]))
    ]
    assert asked == [str(number) for number in range(1, len(said) + 1)]


def test_messages_sent_while_rasa_is_away_are_kept_and_answered_in_order(mortal: Stack) -> None:
    chat = Chat(mortal.url, model="teahouse")
    chat.say("ja")
    mortal.kill("rasa")
    pending = [post_until_answered(chat, f"away{number}", str(number)) for number in (1, 2, 3)]
    assert [body["pending"] for body in pending] == [True, True, True]
    assert "bewaard" in pending[0]["messages"][0]["text"]
    mortal.restart("rasa")
    for number in itertools.count():
        history = chat.history()
        if any("Vraag 4 van 6" in message["text"] for message in history):
            break
        assert number < 600, "the replies do not come"
        time.sleep(0.1)
    assert mortal.answers(chat.id) == {"tea.leaves": 1, "tea.brewing": 2, "guests.welcome": 3}
