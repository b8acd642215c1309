"""How quickly a webhook answers under load, and that nothing gets lost: `python -m benchmarks.webhook`.

Floods both webhooks of a real Peil, Telegram's and WhatsApp's, with messages of 1, 4, 16, 64 and 256 people
at once, while others talk in the web chat. Each person's messages come one behind the other; what is sent
back is delivered again after the time that the answer names, until it is taken. On PostgreSQL, too, where
PEIL_TEST_POSTGRES_URL is set.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import multiprocessing
import os
import random
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

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
class Post:
    """One delivery. `name`: what it is found by in the inbox. `head`: the request line and all headers."""

    name: str
    head: bytes
    body: bytes


@dataclass(frozen=True)
class Answer:
    """How a delivery was answered: its status (0: not at all) after so many milliseconds."""

    status: int
    took: float


@dataclass(frozen=True)
class Step:
    """What came of one crowd.

    `missing`: messages that were taken and are not in the inbox exactly once. `seconds`: until all were
    taken; `settled`: and from then on, until everybody had their replies.
    """

    crowd: int
    answers: Sequence[Answer]
    missing: int
    seconds: float
    settled: float

    def times(self, *statuses: int) -> list[float]:
        """Milliseconds of the answers with one of these statuses, the quickest first."""
        return sorted(one.took for one in self.answers if one.status in statuses)

    @property
    def errors(self) -> int:
        """Answers that were neither taken nor sent back."""
        return sum(one.status not in (200, 429, 503) for one in self.answers)


# --- flooding, in a process of its own ---


def flood(port: int, people: Sequence[Sequence[Post]]) -> list[Answer]:
    """Deliver what these people say, all at once; every answer that came."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        told: list[Answer] = pool.apply(_flood, (port, people))
    return told


def _flood(port: int, people: Sequence[Sequence[Post]]) -> list[Answer]:
    import uvloop

    with contextlib.suppress(OSError):
        os.nice(-10)  # where that is allowed: whoever holds the stop-watch must not wait for a place

    async def all_at_once() -> list[Answer]:
        connections = [await _Connection.open(port) for _ in people]
        begin = asyncio.Event()
        told: list[Answer] = []
        tasks = [
            asyncio.create_task(_deliver(connection, posts, begin, told))
            for connection, posts in zip(connections, people, strict=True)
        ]
        await asyncio.sleep(0.1)
        begin.set()
        await asyncio.gather(*tasks)
        return told

    told: list[Answer] = uvloop.run(all_at_once())
    return told


async def _deliver(
    connection: _Connection, posts: Sequence[Post], begin: asyncio.Event, told: list[Answer]
) -> None:
    await begin.wait()
    for post in posts:
        while True:
            began = time.perf_counter()
            status, again = await connection.post(post)
            told.append(Answer(status, (time.perf_counter() - began) * 1000))
            if status == 200:
                break
            await asyncio.sleep(again * random.uniform(1, 1.5))


class _Connection:
    """One connection that stays open, as Telegram and WhatsApp keep them. As little as there can be to it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    @classmethod
    async def open(cls, port: int) -> _Connection:
        made = cls(port)
        await made._connect()
        return made

    async def _connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def post(self, post: Post) -> tuple[int, float]:
        """The status, and after how many seconds to come again."""
        try:
            if self._writer is None:
                await self._connect()
            assert self._writer is not None
            assert self._reader is not None
            self._writer.write(post.head + post.body)
            head = await self._reader.readuntil(b"\r\n\r\n")
            status = int(head.split(b" ", 2)[1])
            fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
            await self._reader.readexactly(int(fields.get(b"content-length", b"0")))
            if fields.get(b"connection", b"").strip() == b"close":
                self._writer.close()
                self._writer = None
            return status, float(fields.get(b"retry-after", b"0.5"))
        except (OSError, asyncio.IncompleteReadError):
            self._writer = None
            return 0, 0.5


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
    answers = flood(stack.settings.http_port, people)
    seconds = time.perf_counter() - began
    missing = not_stored_once(stack, [post.name for posts in people for post in posts])
    return Step(crowd, answers, missing, seconds, settle(stack))


def not_stored_once(stack: Stack, names: Sequence[str]) -> int:
    """How many of these messages, all of which were taken, do not stand in the inbox exactly once."""
    column = tables.inbox.c.message_id
    with stack.peil.store.engine.connect() as connection:
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


_WIDTHS = (8, 9, 7, 7, 9, 9, 7, 7, 9, 8, 9, 10)


def measure(database_url: str | None, messages: int, crowds: Sequence[int]) -> None:
    """Flood one Peil and print what came of it."""
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
            "errors",
            "missing",
            "taken/s",
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
                    done.errors,
                    done.missing,
                    f"{len(taken) / done.seconds:.0f}",
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
