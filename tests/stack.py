"""The real stack for tests: Rasa, action server and gateway on free ports, with a database of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot import dialogue_model
from bot.assessment.records import Conversation, StoredPlacement
from bot.bootstrap import Peil, build, prepare
from bot.run import Parts
from bot.service.campaigns import Links
from bot.settings import ROOT, Settings
from tests.graph_server import GraphServer
from tests.telegram_server import TelegramServer

TEAHOUSE = ROOT / "tests" / "data" / "teahouse.yml"


def free_ports(count: int) -> list[int]:
    """Ports that are free now; all are held at once, so they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


# Where WhatsApp delivers, in the gateway.
_DELIVERED_TO = "/whatsapp/webhook"
_VERIFY_TOKEN = "chosen by whoever set it up"


@dataclass
class ChatServers:
    """Servers like Telegram's and WhatsApp's, and what a Peil is to be set to that talks to them."""

    telegram: TelegramServer = field(default_factory=TelegramServer)
    whatsapp: GraphServer = field(default_factory=GraphServer)

    @property
    def environment(self) -> dict[str, str]:
        """Settings; they answer as quickly as they can, so nothing has to be held back for them."""
        return {
            "PEIL_TELEGRAM_TOKEN": self.telegram.token,
            "PEIL_TELEGRAM_BOT": self.telegram.username,
            "PEIL_TELEGRAM_API": self.telegram.url,
            "PEIL_WHATSAPP_TOKEN": self.whatsapp.token,
            "PEIL_WHATSAPP_PHONE_ID": self.whatsapp.phone_id,
            "PEIL_WHATSAPP_NUMBER": self.whatsapp.display_number,
            "PEIL_WHATSAPP_APP_SECRET": self.whatsapp.app_secret,
            "PEIL_WHATSAPP_VERIFY_TOKEN": _VERIFY_TOKEN,
            "PEIL_WHATSAPP_API": self.whatsapp.address,
            "PEIL_CHAT_PACE": "0",
        }

    @property
    def refused(self) -> list[str]:
        """What was sent to them against their rules; that a keyboard had gone already is no such thing."""
        telegram = [
            f"{method}: {why}" for method, why in list(self.telegram.refused) if "not modified" not in why
        ]
        whatsapp = [f"{call.path}: {call.status}" for call in list(self.whatsapp.calls) if call.status >= 400]
        return telegram + whatsapp


@dataclass
class Stack:
    """Three running parts and a look into their database. `servers`: of chat channels, where there are any.

    `ways_in`: into the campaigns that tests have made, by what these are about.
    """

    settings: Settings
    parts: Parts
    peil: Peil
    servers: ChatServers | None = None
    ways_in: dict[Any, Links] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.settings.http_port}"

    def kill(self, name: str) -> None:
        """kill -9 one part and wait until it is gone; it stays down until `restart`."""
        pid = self.parts.pid(name)
        assert pid is not None, f"{name} is not running"
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while self.parts.pid(name) is not None:
            assert time.monotonic() < deadline, f"{name} does not die"
            time.sleep(0.01)

    def restart(self, name: str) -> None:
        """Start a part that is down, and wait until all answer."""
        self.parts.restart(name)
        self.parts.wait_ready()

    def assessments(self, conversation_id: str) -> list[dict[str, Any]]:
        """Every assessment of a conversation with all its answers, straight from the database."""
        rows = [row for row in self.peil.review.assessments() if row["conversation"] == conversation_id]
        found = [self.peil.review.assessment(row["id"]) for row in rows]
        return [one for one in found if one is not None]

    def answers(self, conversation_id: str) -> dict[str, Any]:
        """Item id -> level, or the kind where it is no level, of the answers that hold in the newest run."""
        newest = self.assessments(conversation_id)[-1]
        return {
            one["item"]: one["level"] if one["kind"] == "level" else one["kind"]
            for one in newest["answers"]
            if one["superseded_by"] is None
        }

    def own_words(self, conversation_id: str, item_id: str) -> tuple[StoredPlacement | None, Any]:
        """The newest own words about an item in the newest run, and the answer that is kept beside them.

        That is its level, or the kind where it is no level; None for no such words, and for no such answer.
        """
        newest = self.assessments(conversation_id)[-1]["id"]
        with self.peil.store.read() as work:
            placed = [one for one in work.placements(newest) if one.item_id == item_id]
            answers = work.answers(newest)
        kept = placed[-1] if placed else None
        led_to = [one.answer for one in answers if kept is not None and one.placement == kept]
        return kept, (led_to[-1].value or led_to[-1].kind) if led_to else None

    def conversation(self, conversation_id: str) -> Conversation | None:
        """A conversation as it is stored; None when it is gone."""
        with self.peil.store.read() as work:
            return work.conversation(conversation_id)

    def lines(self, conversation_id: str) -> list[str | None]:
        """The business line of each assessment of a conversation, oldest first."""
        with self.peil.store.read() as work:
            return [one.business_line for one in work.assessments(conversation_id=conversation_id)]

    def links(self, conversation_id: str) -> dict[str, list[str]]:
        """Kind -> 'open' or 'ended' for each link of a conversation, oldest first."""
        found: dict[str, list[str]] = {}
        with self.peil.store.read() as work:
            for link in work.links(conversation_id):
                found.setdefault(link.kind, []).append("open" if link.ended_at is None else "ended")
        return found

    def help_requests(self, conversation_id: str) -> list[dict[str, str | None]]:
        """Each wish for a person: at which question, and what was left to be reached by."""
        with self.peil.store.read() as work:
            return [
                {"question": one.item_id, "contact": one.contact}
                for one in work.help_requests(conversation_id)
            ]

    def stop(self) -> None:
        """Stop everything."""
        self.parts.stop()
        self.peil.store.engine.dispose()
        self._open.close()


def start_stack(
    folder: Path, *, database_url: str | None = None, chats: bool = False, **changes: Any
) -> Stack:
    """Start the real parts in this folder, with all our maturity models and the made-up teahouse.

    `chats`: with Telegram and WhatsApp, as small servers of our own.
    """
    definitions = folder / "definitions"
    definitions.mkdir(parents=True)
    for file in (ROOT / "models" / "maturity").glob("*.yml"):
        shutil.copy(file, definitions)
    shutil.copy(TEAHOUSE, definitions)
    http_port, rasa_port, actions_port = free_ports(3)
    environment = {
        "PEIL_DATA_DIR": str(folder / "data"),
        "PEIL_DEFINITIONS": str(definitions),
        "PEIL_HTTP_PORT": str(http_port),
        "PEIL_RASA_PORT": str(rasa_port),
        "PEIL_ACTIONS_PORT": str(actions_port),
        "PEIL_RATE_BURST": "100000",
    }
    if database_url is not None:
        environment["PEIL_DATABASE_URL"] = database_url
    opened = ExitStack()
    servers = ChatServers() if chats else None
    if servers is not None:
        opened.enter_context(servers.telegram)
        opened.enter_context(servers.whatsapp)
        environment |= servers.environment
    settings = replace(Settings.from_environment(environment).with_secrets(), **changes)
    prepare(settings)
    dialogue_model.ensure(settings)
    parts = Parts(settings, auto_restart=False)
    parts.start()
    try:
        parts.wait_ready()
    except BaseException:
        parts.stop()
        opened.close()
        raise
    if servers is not None:
        servers.whatsapp.webhook = f"http://127.0.0.1:{http_port}{_DELIVERED_TO}"
    return Stack(settings, parts, build(settings), servers, _open=opened)
