"""Conversation scripts in a Telegram that we did not write (tests.emulated_telegram)."""

from __future__ import annotations

import os

import pytest
import yaml

from tests.conversation.test_scripts import SCRIPTS, Player, in_a_campaign
from tests.emulated_telegram import EmulatedChat, missing
from tests.stack import Stack

# To a result with its picture, tapped and typed; with buttons above the newest ones; with an old button; with
# a file; with erasing.
PLAYED = (
    "nl-tapped-to-the-end",
    "en-typed-to-the-end",
    "nl-tweede-blik",
    "en-goes-back-and-changes",
    "en-typed-in-the-middle",
    "en-erases",
)


@pytest.fixture(autouse=True)
def emulator() -> None:
    """Without the emulator these tests skip, but never in CI."""
    reason = missing()
    if reason is not None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.mark.parametrize("name", PLAYED)
def test_script_is_played_to_its_end_in_the_emulator(name: str, stack: Stack) -> None:
    (path,) = [path for path in SCRIPTS if path.stem == name]
    script = yaml.safe_load(path.read_text(encoding="utf-8"))
    about = {"language": script["language"], "model": script.get("model"), "segments": script.get("segments")}
    with EmulatedChat(stack, **about) as chat:
        player = Player(chat, stack)
        for number, step in enumerate(script["steps"], start=1):
            try:
                player.play(in_a_campaign(name, number, step))
            except AssertionError as error:
                raise AssertionError(f"{path.name}, step {number} {step}: {error}") from error
        assert player.stored() == script["stored"]
        answered = chat.called("answerCallbackQuery")
        assert len(answered) == chat.taps == len({one["callback_query_id"] for one in answered})
