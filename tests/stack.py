"""The real stack for tests: Rasa, action server and gateway on free ports, with a database of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot import dialogue_model
from bot.assessment.records import Conversation
from bot.bootstrap import Peil, build, prepare
from bot.run import Parts
from bot.settings import ROOT, Settings

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


@dataclass
class Stack:
    """Three running parts and a look into their database."""

    settings: Settings
    parts: Parts
    peil: Peil

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


def start_stack(folder: Path, *, database_url: str | None = None, **changes: Any) -> Stack:
    """Start the real parts in this folder, with all our maturity models and the made-up teahouse."""
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
    settings = replace(Settings.from_environment(environment).with_secrets(), **changes)
    prepare(settings)
    dialogue_model.ensure(settings)
    parts = Parts(settings, auto_restart=False)
    parts.start()
    try:
        parts.wait_ready()
    except BaseException:
        parts.stop()
        raise
    return Stack(settings, parts, build(settings))
