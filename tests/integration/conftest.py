"""Fixtures of the integration tests: a house on each database, its respondents, no real Rasa."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.store import tables
from tests.integration.parts import Clock, House, Person, make_prepared_url


@pytest.fixture(scope="session")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database, migrated and with the teahouse published, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    file = folder / "peil.db"
    House(folder, f"sqlite:///{file}", Clock()).close()
    return file


@pytest.fixture(scope="session")
def prepared_database(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The URL of a PostgreSQL database like that, which the tests take in turn, and its definitions."""
    name = f"peil_test_{uuid.uuid4().hex[:12]}"
    server = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    url = sa.make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    house = House(tmp_path_factory.mktemp("prepared"), url, Clock())
    definitions = house.rows(tables.definitions)
    house.close()
    yield url, definitions
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def prepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database as it is after `prepare` and before anybody has said anything.

    Each test that takes this runs on SQLite and on PostgreSQL. Quicker than migrating one for each.
    """
    return make_prepared_url(request, tmp_path)


@pytest.fixture
def clock() -> Clock:
    """A clock that the test moves."""
    return Clock()


@pytest.fixture
def make_house(prepared_url: str, tmp_path: Path, clock: Clock) -> Iterator[Callable[..., House]]:
    """Makes houses on the test's database, as many as the test wants processes, and closes them."""
    houses: list[House] = []

    def make(**changes: Any) -> House:
        houses.append(House(tmp_path, prepared_url, clock, prepared=True, **changes))
        return houses[-1]

    yield make
    for house in houses:
        house.close()


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    """Peil's parts on an own database with the made-up teahouse, on SQLite and on PostgreSQL."""
    return make_house()


@pytest.fixture
def person(house: House) -> Person:
    """A respondent who has agreed and is being asked the first question."""
    return Person(house)
