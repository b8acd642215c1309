"""What the integration tests stand on: Peil's parts on a database, a respondent, a look into every table."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot import bootstrap
from bot.assessment.definitions import MaturityModel
from bot.assessment.records import Assessment, Conversation, Message, StoredAnswer
from bot.bootstrap import Peil
from bot.service.buttons import Buttons
from bot.service.ports import RadarFacts
from bot.service.use_cases import UseCases
from bot.settings import Settings
from bot.store import tables
from bot.store.work import Store
from bot.texts import say
from bot.understanding.proposals import Placement, Reading
from tests.chat import SEGMENTS
from tests.stack import TEAHOUSE

ITEMS = (
    "tea.leaves",
    "tea.brewing",
    "guests.welcome",
    "guests.biscuits",
    "pots.condition",
    "pots.care",
)


def teahouse() -> str:
    return TEAHOUSE.read_text(encoding="utf-8")


def coffeebar() -> str:
    """A second maturity model: the teahouse under another name."""
    return (
        teahouse()
        .replace("id: teahouse", "id: coffeebar")
        .replace('{nl: "Theehuisscan", en: "Teahouse scan"}', '{nl: "Koffiebarscan", en: "Coffee bar scan"}')
    )


def make_prepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a prepared database of the kind that `request.param` names."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("prepared_file"), tmp_path / "peil.db")
        return f"sqlite:///{tmp_path / 'peil.db'}"
    url, definitions = request.getfixturevalue("prepared_database")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        names = ", ".join(table.name for table in tables.metadata.sorted_tables)
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
        connection.execute(tables.definitions.insert(), definitions)
    return str(url)


class Clock:
    """Tells a time that the test moves; by itself it only goes on a millisecond at every look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def reading(
    item_id: str, quote: str, *shares: int, ahead: Placement | None = None, certainty: str | None = None
) -> Reading:
    """What a placer may say: `shares` are the percentages of levels 1, 2, 3 ..., which make 100.

    From 75% on it is clear, from 40% on a doubt.
    """
    likely = sorted(((level, share / 100) for level, share in enumerate(shares, 1)), key=lambda one: -one[1])
    assert sum(shares) == 100
    found = "clear" if max(shares) >= 75 else "doubt" if max(shares) >= 40 else "unclear"
    return Reading(Placement(item_id, certainty or found, tuple(likely), quote), ahead)  # type: ignore[arg-type]


class MadeUpPlacer:
    """Knows what some words say, and of others that they say nothing. `asked`: (item, words, also) so far.

    An error in the place of a reading is raised.
    """

    def __init__(self, known: Mapping[str, Reading | Exception]) -> None:
        self.known = dict(known)
        self.asked: list[tuple[str, str, str | None]] = []
        self.during: Callable[[], None] = lambda: None

    def read(
        self, definition_hash: str, model: MaturityModel, item_id: str, text: str, *, also: str | None = None
    ) -> Reading:
        self.asked.append((item_id, text, also))
        self.during()
        found = self.known.get(text, reading(item_id, "", 34, 33, 33))
        if isinstance(found, Exception):
            raise found
        return found


class House:
    """The parts as one process has them, on a prepared database. `again` is another process on it."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        clock: Clock,
        *,
        radar: Callable[[RadarFacts], str] = bootstrap.radar_spec,
        prepared: bool = False,
        **changes: Any,
    ) -> None:
        self.folder, self.database_url, self.clock = folder, database_url, clock
        self.definitions = folder / "definitions"
        settings = Settings.from_environment(
            {
                "PEIL_DATA_DIR": str(folder / "data"),
                "PEIL_DEFINITIONS": str(self.definitions),
                "PEIL_DATABASE_URL": database_url,
                "PEIL_RATE_BURST": "100000",
            }
        )
        self.settings = replace(settings.with_secrets(), **changes)
        if not prepared:
            self.publish(teahouse=teahouse())
        self.peil: Peil = bootstrap.build(self.settings, clock=clock, radar=radar)
        self.store: Store = self.peil.store
        self.use_cases: UseCases = self.peil.use_cases
        # What own words sound like is for a test to say (`places`); a trained placer may change its mind.
        self.use_cases.knowledge = replace(self.use_cases.knowledge, placer=None)
        self.buttons = Buttons(self.settings.secret)

    def again(self, **changes: Any) -> House:
        """New objects on the same database: what a process finds that starts after a crash."""
        return House(self.folder, self.database_url, self.clock, prepared=True, **changes)

    def publish(self, **texts: str) -> list[str]:
        """Make these the definitions (name of the file -> YAML) and prepare, as `peil run` does at start."""
        self.definitions.mkdir(exist_ok=True)
        for old in self.definitions.glob("*.yml"):
            old.unlink()
        for name, text in texts.items():
            (self.definitions / f"{name}.yml").write_text(text, encoding="utf-8")
        # Nothing is trained: what own words sound like is for a test to say (`places`).
        return bootstrap.prepare(self.settings, learning=False)

    def places(self, known: Mapping[str, Reading | Exception]) -> MadeUpPlacer:
        """Have own words placed by a made-up placer that knows these."""
        placer = MadeUpPlacer(known)
        self.use_cases.knowledge = replace(self.use_cases.knowledge, placer=placer)
        return placer

    def close(self) -> None:
        self.store.engine.dispose()

    # --- a look into the database ---

    @property
    def is_sqlite(self) -> bool:
        return self.store.engine.dialect.name == "sqlite"

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        """Every row of a table, in the order of its primary key."""
        with self.store.read() as work:
            found = work._connection.execute(sa.select(table).order_by(*table.primary_key.columns))
            return [dict(row._mapping) for row in found]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table."""
        return {table.name: self.rows(table) for table in tables.metadata.sorted_tables}

    def conversation(self, conversation_id: str) -> Conversation:
        with self.store.read() as work:
            found = work.conversation(conversation_id)
        assert found is not None
        return found

    def runs(self, conversation_id: str) -> list[Assessment]:
        with self.store.read() as work:
            return work.assessments(conversation_id=conversation_id)

    def answers(self, conversation_id: str) -> list[StoredAnswer]:
        """Every answer of the newest run, superseded ones too, in the order in which they were given."""
        with self.store.read() as work:
            return work.answers(work.assessments(conversation_id=conversation_id)[-1].id)

    def holds(self, conversation_id: str) -> dict[str, Any]:
        """Item -> level (or the kind of answer where it is no level), of what counts in the newest run."""
        return {
            one.answer.item_id: one.answer.value if one.answer.kind == "level" else one.answer.kind
            for one in self.answers(conversation_id)
        }

    def traces(self, word: str) -> list[str]:
        """Where this word still stands: tables and columns, and for SQLite every file, byte by byte."""
        found = []
        with self.store.engine.connect() as connection:
            for table, column in _columns(connection):
                if connection.exec_driver_sql(
                    f'SELECT 1 FROM "{table}" WHERE CAST("{column}" AS TEXT) LIKE \'%%{word}%%\' LIMIT 1'
                    if not self.is_sqlite
                    else f'SELECT 1 FROM "{table}" WHERE CAST("{column}" AS TEXT) LIKE \'%{word}%\' LIMIT 1'
                ).first():
                    found.append(f"{table}.{column}")
        for file in sorted(self.folder.rglob("*")):
            if file.is_file() and file.parent != self.definitions and word.encode() in file.read_bytes():
                found.append(str(file.relative_to(self.folder)))
        return found


def _columns(connection: sa.Connection) -> list[tuple[str, str]]:
    if connection.dialect.name == "sqlite":
        inspector = sa.inspect(connection)
        return [(t, c["name"]) for t in inspector.get_table_names() for c in inspector.get_columns(t)]
    rows = connection.exec_driver_sql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    )
    return [(row[0], row[1]) for row in rows]


class Person:
    """A respondent whose messages go into the inbox and are done at once, without gateway and Rasa.

    `say` takes the meaning along that Rasa would have found; by default, own words.
    """

    def __init__(
        self,
        house: House,
        language: str = "nl",
        prefill: dict[str, str] | None = None,
        *,
        segments: dict[str, str] | None = None,
        agrees: bool = True,
        code: str | None = None,
        signed: str | None = None,
    ) -> None:
        self.house = house
        known = SEGMENTS if segments is None else segments
        conversation, self.last = house.use_cases.start_conversation(
            "web", language, {**known, **(prefill or {})}, code=code, signed=signed
        )
        self.id = conversation.id
        self.numbers = itertools.count(1)
        if agrees:
            self.say("ja")

    def send(self, *, text: str | None = None, button: str | None = None) -> str:
        """Bring a message into the inbox; its turn id."""
        self.message_id = f"m{next(self.numbers)}"
        received = self.house.use_cases.receive("web", self.id, self.message_id, text=text, button=button)
        assert received.new
        return received.turn_id

    def _reply(self, turn_id: str, meaning: str) -> str:
        self.house.use_cases.take_turn(turn_id, meaning)
        reply = self.house.use_cases.reply_of(turn_id)
        assert reply is not None
        self.last = reply
        return self.text

    def say(self, text: str, meaning: str = "take_answer") -> str:
        """Type this; what the bot said."""
        return self._reply(self.send(text=text), meaning)

    def press(self, token: str) -> str:
        """Tap a button by its token; what the bot said."""
        return self._reply(self.send(button=token), "take_button")

    def tap(self, title: str) -> str:
        """Tap the button of the newest reply whose title begins so; what the bot said."""
        return self.press(self.token(title))

    def token(self, title: str) -> str:
        found = [token for name, token in self.buttons.items() if name.startswith(title)]
        assert found, f"there is no button {title!r}; there are {list(self.buttons)}"
        return found[0]

    @property
    def text(self) -> str:
        return "\n\n".join(message.text for message in self.last)

    @property
    def buttons(self) -> dict[str, str]:
        """Title -> token of the newest reply's buttons."""
        return {button.title: button.token for message in self.last for button in message.buttons}

    @property
    def history(self) -> list[Message]:
        found = self.house.use_cases.history(self.id)
        assert found is not None
        return found

    def has(self, key: str, **values: object) -> bool:
        """Whether the newest reply holds this sentence of bot/texts, in the conversation's language."""
        return say(self.house.conversation(self.id).language, key, **values) in self.text

    def asks(self, number: int) -> bool:
        """Whether the newest reply asks this question of the teahouse's six."""
        header = say(self.last[-1].language, "question.header", number=number, total=6, dimension="")
        return header in self.last[-1].text


@contextmanager
def at_statement(
    house: House, strike: Callable[[sa.Connection, str], None], number: int | None = None, holds: str = ""
) -> Iterator[list[str]]:
    """Call `strike` before the statement with this number (from 0), or before the first that holds a text.

    Yields the list of all statements so far.
    """
    seen: list[str] = []
    struck = False

    def before(
        connection: sa.Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        nonlocal struck
        seen.append(statement)
        here = len(seen) - 1 == number if number is not None else holds in statement
        if here and not struck:
            struck = True
            strike(connection, statement)

    sa.event.listen(house.store.engine, "before_cursor_execute", before)
    try:
        yield seen
    finally:
        sa.event.remove(house.store.engine, "before_cursor_execute", before)
