"""People who all deliver at once, in a process of their own, for benchmarks.webhook.

`python -m benchmarks.flood PORT` reads from its input what they say, and writes what they were answered.
"""

from __future__ import annotations

import asyncio
import pickle
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import uvloop

_TICK = 0.005  # seconds


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
class Flood:
    """What came of it. `late`: by how many milliseconds the stop-watch itself was late, again and again."""

    answers: list[Answer]
    late: list[float]


def flood(port: int, people: Sequence[Sequence[Post]]) -> Flood:
    """Deliver what these people say, all of them at once."""
    command = [sys.executable, "-m", "benchmarks.flood", str(port)]
    done = subprocess.run(command, input=pickle.dumps(people), stdout=subprocess.PIPE, check=True)
    came: Flood = pickle.loads(done.stdout)
    return came


async def _tick(late: list[float]) -> None:
    while True:
        due = time.perf_counter() + _TICK
        await asyncio.sleep(_TICK)
        late.append((time.perf_counter() - due) * 1000)


async def _all_at_once(port: int, people: Sequence[Sequence[Post]]) -> Flood:
    connections = [await _Connection.open(port) for _ in people]
    begin = asyncio.Event()
    told: list[Answer] = []
    late: list[float] = []
    ticking = asyncio.create_task(_tick(late))
    tasks = [
        asyncio.create_task(_deliver(connection, posts, begin, told))
        for connection, posts in zip(connections, people, strict=True)
    ]
    await asyncio.sleep(0.1)
    begin.set()
    await asyncio.gather(*tasks)
    ticking.cancel()
    return Flood(told, late)


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


def main() -> None:
    """Read, deliver, write."""
    # Of the module under the name that it has in the other process, too: its classes go there and back.
    from benchmarks.flood import _all_at_once

    people = pickle.load(sys.stdin.buffer)
    sys.stdout.buffer.write(pickle.dumps(uvloop.run(_all_at_once(int(sys.argv[1]), people))))


if __name__ == "__main__":
    main()
