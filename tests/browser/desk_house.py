"""A whole Peil for the desk's browser tests: the real gateway and database over HTTP; turns are done here.

Rasa is left out: what is typed here is own words, and everything else is a tap. No clock is moved.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn

from bot import bootstrap
from bot.assessment.records import Inbound, Message
from bot.bootstrap import Peil
from bot.gateway.app import create_app
from bot.settings import Settings


class Turns:
    """Stands for Rasa and the action server: own words are taken for an answer."""

    def __init__(self, peil: Peil) -> None:
        self._peil = peil

    async def take(self, inbound: Inbound) -> None:
        """Do the turn."""
        meaning = "take_button" if inbound.text is None else "take_answer"
        await asyncio.to_thread(self._peil.use_cases.take_turn, inbound.turn_id, meaning)

    async def rasa_ready(self) -> bool:
        return True

    async def actions_ready(self) -> bool:
        return True

    async def close(self) -> None:
        pass


class DeskHouse:
    """Peil at `url`; `peil` are the parts behind it, in this same process."""

    def __init__(self, peil: Peil, url: str) -> None:
        self.peil, self.url = peil, url


@contextmanager
def desk_house(folder: Path) -> Iterator[DeskHouse]:
    """A Peil on a new SQLite database with the questionnaires that come along, as long as the block runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings.from_environment(
        {"PEIL_DATA_DIR": str(folder), "PEIL_HTTP_PORT": str(port), "PEIL_RATE_BURST": "100000"}
    ).with_secrets()
    bootstrap.prepare(settings, learning=False)
    peil = bootstrap.build(settings)
    # What own words sound like would be for the trained placer to say, which takes seconds to load.
    peil.use_cases.knowledge = replace(peil.use_cases.knowledge, placer=None)
    app = create_app(peil, engine=Turns(peil))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    assert server.started, "the gateway did not start"
    try:
        yield DeskHouse(peil, f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(timeout=20)


def fill_in(peil: Peil, code: str, levels: str, *, layer: str, says: str = "") -> str:
    """Somebody takes part by the link with this code, and gives these levels in turn; the conversation's id.

    `says`: own words at the first question.
    """
    use_cases = peil.use_cases
    known = {"role_layer": layer, "department": "marketing", "business_line": "b2b"}
    conversation, reply = use_cases.start_conversation("web", "nl", known, code=code)

    def turn(number: int, meaning: str, text: str | None = None, button: str | None = None) -> list[Message]:
        received = use_cases.receive("web", conversation.id, f"m{number}", text=text, button=button)
        use_cases.take_turn(received.turn_id, meaning)
        found = use_cases.reply_of(received.turn_id)
        assert found is not None
        return found

    reply = turn(0, "take_answer", text="ja")
    if says:
        reply = turn(1, "take_answer", text=says)
    wanted = list(levels)
    number = 1
    while wanted:
        number += 1
        buttons = [button for message in reply for button in message.buttons]
        found = [one for one in buttons if one.style == "level" and one.title.startswith(wanted[0])]
        if found:
            del wanted[0]
            reply = turn(number, "take_button", button=found[0].token)
        else:
            # Which questionnaire, how much of it, on to the next area: whatever goes on stands first.
            assert number < 60, [one.title for one in buttons]
            reply = turn(number, "take_button", button=buttons[0].token)
    return conversation.id
