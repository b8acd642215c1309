"""How quickly a webhook answers under load, and that nothing gets lost: `python -m benchmarks.webhook`.

Floods both webhooks of a real Peil, Telegram's and WhatsApp's, with messages of 1, 4, 16, 64 and 256 people
at once, while others talk in the web chat. Each person's messages come one behind the other; what is sent
back is delivered again after the time that the answer names, until it is taken. On PostgreSQL, too, where
PEIL_TEST_POSTGRES_URL is set.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.flood import Flood, Post, flood
from bot.channels.telegram import PATH as TELEGRAM_PATH
from bot.store import tables
from bot.texts import say
from tests.chat import Chat
from tests.graph_server import GraphServer
from tests.stack import Stack, free_ports, start_stack
from tests.telegram_server import TelegramServer
from tests.whatsapp_messages import contact, message, payload, value

AIM = 100.0  # milliseconds in which a webhook answers, whatever the answer
CROWDS = (1, 4, 16, 64, 256)  # people at once
IN_THE_WEB_CHAT = 2  # conversations under way beside them
# Said by everybody in turn: the first begins a conversation, the second consents, the others answer.
SAID = ("Hoi", "ja", "2", "3", "1", "2")
_WHATSAPP_PATH = "/whatsapp/webhook"
_SETTLES_WITHIN = 300.0

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Step:
    """What came of one crowd.

    `missing`: messages that were taken and are not in the inbox exactly once. `seconds`: until all were
    taken; `settled`: and from then on, until everybody had their replies.
    """

    flood: Flood
    missing: int
    seconds: float
    settled: float

    def times(self, *statuses: int) -> list[float]:
        """Milliseconds of the answers with one of these statuses, the quickest first."""
        return sorted(one.took for one in self.flood.answers if one.status in statuses)

    @property
    def errors(self) -> int:
        """Answers that were neither taken nor sent back."""
        return sum(one.status not in (200, 429, 503) for one in self.flood.answers)


# --- what is delivered ---


def _post(path: str, name: str, body: bytes, header: str, signed: str) -> Post:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"{header}: {signed}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Post(name, head.encode(), body)


def on_telegram(server: TelegramServer, texts: Sequence[str]) -> list[Post]:
    """What somebody new says on Telegram, as it is delivered."""
    assert server.webhook is not None
    person = server.person("Ada", language="nl", known=True)
    posts = []
    for text in texts:
        number = next(_numbers)
        said = {
            "message_id": number,
            "from": person.as_user,
            "chat": {"id": person.id, "first_name": "Ada", "type": "private"},
            "date": int(time.time()),
            "text": text,
        }
        body = json.dumps({"update_id": 10_000_000 + number, "message": said}).encode()
        secret = server.webhook["secret_token"]
        posts.append(_post(TELEGRAM_PATH, f"m{number}", body, "X-Telegram-Bot-Api-Secret-Token", secret))
    return posts


def on_whatsapp(server: GraphServer, texts: Sequence[str]) -> list[Post]:
    """What somebody new says on WhatsApp, as it is delivered."""
    telephone = f"316{next(_numbers):08d}"
    server.person(telephone).wrote_at = server.now()
    posts = []
    for text in texts:
        name = server.new_id(telephone)
        said = message("text", message_id=name, number=telephone, at=int(time.time()), text={"body": text})
        change = value([said], contacts=[contact(telephone, None)], phone_id=server.phone_id)
        body = json.dumps(payload(change)).encode()
        posts.append(_post(_WHATSAPP_PATH, name, body, "X-Hub-Signature-256", server.sign(body)))
    return posts


# --- measuring ---


@contextlib.contextmanager
def running(database_url: str | None) -> Iterator[Stack]:
    """A real Peil that both channels deliver to, with data of its own."""
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="peil-webhook-") as folder:
        stack = start_stack(
            Path(folder) / "peil",
            database_url=database_url,
            chats=True,
            http_port=port,
            telegram_webhook_url=address,
            public_url=address,
        )
        try:
            servers = stack.servers
            assert servers is not None
            servers.telegram.wait_until(lambda: servers.telegram.webhook, 30)
            yield stack
        finally:
            stack.stop()


class Beside:
    """Conversations in the web chat that go on all the while. `times`: milliseconds of each turn."""

    def __init__(self, port: int, number: int) -> None:
        self.times: list[float] = []
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._talk, args=(port,), daemon=True) for _ in range(number)
        ]

    def __enter__(self) -> Beside:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _talk(self, port: int) -> None:
        chat = Chat(f"http://127.0.0.1:{port}", model="teahouse")
        chat.say("ja")
        for title in itertools.cycle(("2 ·", say("nl", "question.back"))):
            began = time.perf_counter()
            chat.tap(title)
            self.times.append((time.perf_counter() - began) * 1000)
            if self._stop.wait(0.2):
                break


def step(stack: Stack, crowd: int, said: Sequence[str]) -> Step:
    """Let so many people say this, half of them on either channel, and look what came of it."""
    servers = stack.servers
    assert servers is not None
    people = [
        on_telegram(servers.telegram, said) if which % 2 else on_whatsapp(servers.whatsapp, said)
        for which in range(crowd)
    ]
    began = time.perf_counter()
    came = flood(stack.settings.http_port, people)
    seconds = time.perf_counter() - began
    missing = not_stored_once(stack, [post.name for posts in people for post in posts])
    return Step(came, missing, seconds, settle(stack))


def not_stored_once(stack: Stack, names: Sequence[str]) -> int:
    """How many of these messages, all of which were taken, do not stand in the inbox exactly once."""
    column = tables.inbox.c.message_id
    with stack.peil.store.engine.connect().execution_options(peil_reading=True) as connection:
        counted = connection.execute(sa.select(column, sa.func.count()).group_by(column))
        times: dict[str, int] = {row[0]: row[1] for row in counted}
    return sum(times.get(name, 0) != 1 for name in names)


def settle(stack: Stack) -> float:
    """Wait until everybody has their reply; how many seconds that took."""
    began = time.perf_counter()
    while stack.peil.use_cases.open_turns() or stack.peil.chats.to_deliver(["telegram", "whatsapp"]):
        if time.perf_counter() - began > _SETTLES_WITHIN:
            raise SystemExit("The replies do not come; see the logs.")
        time.sleep(0.2)
    return time.perf_counter() - began


def _at(times: Sequence[float], share: float) -> str:
    return f"{times[min(len(times) - 1, int(share * len(times)))]:.0f}" if times else "-"


def _row(*cells: object) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))


_WIDTHS = (8, 7, 6, 6, 9, 7, 6, 6, 9, 7, 8, 9, 9, 9)


def measure(database_url: str | None, messages: int, crowds: Sequence[int]) -> None:
    """Flood one Peil and print what came of it, in milliseconds.

    'clock' is by how much the stop-watch itself was late (p99), since this machine does all of it at once: an
    answer may look that much slower than it was.
    """
    print("PostgreSQL" if database_url else "SQLite")
    print(
        _row(
            "at once",
            "taken",
            "p50",
            "p99",
            "slowest",
            "back",
            "p50",
            "p99",
            "slowest",
            "clock",
            "errors",
            "missing",
            "taken/s",
            "settled",
        )
    )
    slowest = 0.0
    with running(database_url) as stack, Beside(stack.settings.http_port, IN_THE_WEB_CHAT) as beside:
        flood(stack.settings.http_port, [])
        for crowd in crowds:
            done = step(stack, crowd, SAID[:messages])
            taken, back = done.times(200), done.times(429, 503)
            slowest = max(slowest, *taken, *back)
            print(
                _row(
                    crowd,
                    len(taken),
                    _at(taken, 0.5),
                    _at(taken, 0.99),
                    _at(taken, 1),
                    len(back),
                    _at(back, 0.5),
                    _at(back, 0.99),
                    _at(back, 1),
                    _at(sorted(done.flood.late), 0.99),
                    done.errors,
                    done.missing,
                    f"{len(taken) / done.seconds:.0f}",
                    f"{done.settled:.0f} s",
                ),
                flush=True,
            )
    times = sorted(beside.times)
    print(f"beside it, a turn in the web chat: p50 {_at(times, 0.5)} ms, p99 {_at(times, 0.99)} ms")
    print(f"the slowest answer came after {slowest:.0f} ms (aim: under {AIM:.0f} ms)")


@contextlib.contextmanager
def postgresql(server_url: str) -> Iterator[str]:
    """The URL of an empty database on this server, dropped afterwards."""
    name = f"peil_bench_{uuid.uuid4().hex[:12]}"
    server = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0] + ".")
    parser.add_argument(
        "messages", type=int, nargs="?", default=4, choices=range(1, len(SAID) + 1), help="of each person"
    )
    parser.add_argument("--crowds", type=int, nargs="+", default=CROWDS, help="people at once")
    arguments = parser.parse_args()
    server_url = os.environ.get("PEIL_TEST_POSTGRES_URL", "")
    for name in [name for name in os.environ if name.startswith("PEIL_")]:
        del os.environ[name]  # a setting of this machine must not change what is measured
    measure(None, arguments.messages, arguments.crowds)
    if server_url:
        with postgresql(server_url) as database_url:
            measure(database_url, arguments.messages, arguments.crowds)


if __name__ == "__main__":
    main()
