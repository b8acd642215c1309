"""Times the desk's pages on a full database, over HTTP on the real application, and counts their queries."""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from benchmarks.desk.data import MODEL, RARE, Filled, fill
from bot import bootstrap, definitions
from bot.bootstrap import Peil
from bot.gateway.app import create_app
from bot.service.desk.access import MACHINE
from bot.settings import Settings

TIMES = 30
LIMIT = 200.0
"""In milliseconds: no page's 95th percentile is to be above it."""
_EMAIL = "bench@peil.example"
_PASSWORD = "a password for the bench only"


class DeskBenchError(Exception):
    """Something could not be measured."""


@dataclass(frozen=True)
class Page:
    """What was measured of a page. Times in milliseconds; `cold`: the first time it was asked for.

    `queries`: statements of one warm request, at most; `sql`: how long they took together, median; `slowest`:
    the one that took longest. `kilobytes`: of its answer.
    """

    name: str
    cold: float
    p50: float
    p95: float
    queries: int
    cold_queries: int
    kilobytes: float
    sql: float
    slowest: str

    @property
    def met(self) -> bool:
        """Whether it is quick enough."""
        return self.p95 <= LIMIT


@dataclass(frozen=True)
class Measured:
    """All pages on one database. `rows`: table -> how many. `fill_seconds`: how long filling it took.

    `failed`: pages that did not answer, and with what."""

    database: str
    rows: dict[str, int]
    fill_seconds: float
    pages: tuple[Page, ...]
    failed: tuple[str, ...]

    @property
    def met(self) -> bool:
        """Whether every page answers, quickly enough."""
        return not self.failed and all(page.met for page in self.pages)


def measure(
    database_url: str, folder: Path, count: int, times: int, say: Callable[[str], None], only: str = ""
) -> Measured:
    """Fill an empty database with `count` assessments and time the desk on it.

    What was filled in before, with the same `folder`, is used as it is. `only`: pages with this in their
    names. Raises DeskBenchError where nobody can sign in, and where the database is not empty.
    """
    settings = Settings.from_environment(
        {
            "PEIL_DATA_DIR": str(folder),
            "PEIL_DATABASE_URL": database_url,
            "PEIL_RATE_BURST": "100000",
        }
    ).with_secrets()
    bootstrap.prepare(settings, learning=False)
    peil = bootstrap.build(settings)
    noted = folder / "filled.json"
    try:
        if noted.exists():
            seconds, kept = json.loads(noted.read_text(encoding="utf-8"))
            filled = Filled(**{**kept, "rows": Counter(kept["rows"])})
        else:
            seconds, filled = _fill(peil, count, say)
            noted.write_text(json.dumps([seconds, vars(filled)]), encoding="utf-8")
        # As the gateway does by itself once it runs (bot.gateway.jobs.keep_scores).
        after = peil.desk.scores.look_through()
        while after:
            after = peil.desk.scores.look_through(after)
        say(f"Filled in {seconds:.0f} s; timing the pages, {times} times each.")
        pages = [(name, asked) for name, asked in addresses(filled) if only in name]
        timed, failed = asyncio.run(_time_all(peil, _PASSWORD, pages, times, say))
        return Measured(peil.store.engine.dialect.name, dict(filled.rows), seconds, timed, failed)
    finally:
        peil.store.engine.dispose()


def _fill(peil: Peil, count: int, say: Callable[[str], None]) -> tuple[float, Filled]:
    with peil.store.read() as work:
        if work.organisations():
            raise DeskBenchError("the database is not empty")
        definition_hash = dict(work.offered())[MODEL]
        snapshot = work.snapshot(definition_hash)
        assert snapshot is not None
        model = definitions.from_canonical(snapshot.content)
    user_id = _user(peil)
    say(f"Filling {peil.store.engine.dialect.name} with {count} assessments.")
    begun = time.perf_counter()
    filled = fill(peil.store.engine, model, definition_hash, user_id, count, say)
    return time.perf_counter() - begun, filled


def _user(peil: Peil) -> str:
    """The id of an admin who has taken up the invitation."""
    accounts = peil.desk.accounts
    invited = accounts.invite(
        MACHINE, email=_EMAIL, name="Bench", role="admin", organisations=(), language="nl"
    )
    assert invited.address is not None
    accounts.take_up(
        invited.address.rpartition("/")[2], name="Bench", password=_PASSWORD, language="nl", device="bench"
    )
    return invited.user.id


def addresses(filled: Filled) -> list[tuple[str, Sequence[str]]]:
    """(Name of a page, the addresses that are asked for in turn)."""
    largest, ordinary = filled.largest, filled.ordinary
    first = filled.organisations[0]
    people = f"/desk/campaigns/{largest}/respondents"
    return [
        ("overview", ["/desk/"]),
        ("organisation", [f"/desk/organisations/{one}" for one in filled.organisations[:5]]),
        ("progress of a campaign of 1,000", [f"/desk/campaigns/{largest}"]),
        ("progress, ordinary campaign", [f"/desk/campaigns/{ordinary}"]),
        ("respondents of a campaign of 1,000", [people]),
        *((f"… with {name}", [f"{people}?{query}"]) for name, query in FILTERS),
        ("respondents of all", ["/desk/respondents"]),
        *((f"all, with {name}", [f"/desk/respondents?{query}"]) for name, query in FILTERS),
        ("search: a word of three people", [f"/desk/respondents?q={RARE}"]),
        (
            "search: words of thousands",
            [f"/desk/respondents?q={one}" for one in ("klanten", "customers")],
        ),
        ("search: begin of a word", [f"/desk/respondents?q={one}" for one in ("klant*", "kw*", "da*")]),
        ("search: two words", ["/desk/respondents?q=klanten+systeem"]),
        ("search within the campaign", [f"{people}?q=klanten"]),
        ("transcript of 400 turns", [f"/desk/assessments/{filled.longest}"]),
        ("compare, campaign of 1,000", [f"/desk/campaigns/{largest}/compare"]),
        ("compare by layer", [f"/desk/campaigns/{largest}/compare?by=role_layer"]),
        ("compare, ordinary campaign", [f"/desk/campaigns/{ordinary}/compare"]),
        ("compare, anonymous campaign", [f"/desk/campaigns/{filled.anonymous}/compare"]),
        ("agenda", [f"/desk/campaigns/{largest}/agenda"]),
        ("drop-off", [f"/desk/campaigns/{largest}/dropoff"]),
        ("over time", [f"/desk/organisations/{first}/time"]),
        ("audit", ["/desk/audit"]),
        ("users", ["/desk/users"]),
        ("privacy", ["/desk/privacy"]),
    ]


FILTERS = (
    ("model", "model=cemm"),
    ("status", "status=completed"),
    ("score", "band=3-4"),
    ("level at a question", "item=data.quality&level=2"),
    ("layer", "role_layer=front_line"),
    ("department", "department=it"),
    ("customers", "business_line=b2b"),
    ("days", "since=2026-10-05&until=2026-10-12"),
    ("to follow up", "flag=follow_up"),
    ("asked for a person", "person=1"),
    ("open question", "question=1"),
    ("waiting for approval", "approval=1"),
    ("by score", "sort=score"),
    ("by name", "sort=name"),
    ("a far page", "page=15"),
    ("many at once", "status=completed&role_layer=specialist&q=klanten&band=2-3"),
)
"""(Name, query) of what a list of respondents can be narrowed by."""


async def _time_all(
    peil: Peil,
    password: str,
    pages: Sequence[tuple[str, Sequence[str]]],
    times: int,
    say: Callable[[str], None],
) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    app = create_app(peil, services=[])
    # As the gateway does when it starts.
    gc.collect()
    gc.freeze()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://bench.peil.example") as client:
        await _sign_in(client, password)
        measured, failed = [], []
        for name, asked in pages:
            try:
                measured.append(await _time(peil, client, name, asked, times))
            except DeskBenchError as error:
                failed.append(f"{name}: {error}")
                say(f"  {failed[-1]}")
                continue
            say(f"  {name}: {measured[-1].p95:.0f} ms, {measured[-1].queries} queries")
        return tuple(measured), tuple(failed)


async def _sign_in(client: httpx.AsyncClient, password: str) -> None:
    page = await client.get("/desk/sign-in")
    token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    answer = await client.post("/desk/sign-in", data={"csrf": token, "email": _EMAIL, "password": password})
    if answer.status_code != 303:
        raise DeskBenchError(f"signing in answered {answer.status_code}")


async def _time(peil: Peil, client: httpx.AsyncClient, name: str, asked: Sequence[str], times: int) -> Page:
    took: list[float] = []
    queries: list[int] = []
    spent: list[list[tuple[float, str]]] = []
    size = 0
    for number in range(times + len(asked)):
        address = asked[number % len(asked)]
        with counted(peil.store.engine) as seen:
            begun = time.perf_counter()
            answer = await client.get(address)
            took.append(1000 * (time.perf_counter() - begun))
        if answer.status_code != 200:
            raise DeskBenchError(f"{address} answered {answer.status_code}")
        queries.append(len(seen))
        spent.append(list(seen))
        size = max(size, len(answer.content))
    # The first of each address is cold: what it reads may have to be read from disk, or computed.
    cold, warm = took[: len(asked)], sorted(took[len(asked) :])
    return Page(
        name=name,
        cold=max(cold),
        p50=statistics.median(warm),
        p95=percentile(warm, 95),
        queries=max(queries[len(asked) :]),
        cold_queries=max(queries[: len(asked)]),
        kilobytes=size / 1000,
        sql=statistics.median(sum(ms for ms, _ in one) for one in spent[len(asked) :]),
        slowest=max((one for each in spent[len(asked) :] for one in each), default=(0.0, ""))[1],
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the sorted values below or at which so many per cent of them lie (nearest rank)."""
    rank = -(-len(values) * percent // 100)
    return values[max(0, int(rank) - 1)]


@contextmanager
def counted(engine: sa.Engine) -> Iterator[list[tuple[float, str]]]:
    """(Milliseconds, statement) of those carried out meanwhile; PRAGMAs and beginning count for nothing."""
    seen: list[tuple[float, str]] = []
    begun = threading.local()

    def before(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        begun.at = time.perf_counter()

    def after(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append((1000 * (time.perf_counter() - begun.at), statement))

    sa.event.listen(engine, "before_cursor_execute", before)
    sa.event.listen(engine, "after_cursor_execute", after)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", before)
        sa.event.remove(engine, "after_cursor_execute", after)
