"""Fixtures that several kinds of tests share."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa

from tests.stack import Stack, start_stack

# Speed is a benchmark, never a test: a busy machine must make none of them fail.
hypothesis.settings.register_profile("peil", deadline=None)
hypothesis.settings.load_profile("peil")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The real stack on SQLite with all its channels, started once for all tests that only talk to it."""
    running = start_stack(tmp_path_factory.mktemp("stack"), chats=True)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL server on which databases can be made; without one these tests skip, but never in CI."""
    url = os.environ.get("PEIL_TEST_POSTGRES_URL", "")
    if not url:
        reason = "no PostgreSQL: set PEIL_TEST_POSTGRES_URL to a server where databases may be created"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped afterwards."""
    name = f"peil_test_{uuid.uuid4().hex[:12]}"
    server = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: each test that takes this runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'peil.db'}"
    url: str = request.getfixturevalue("postgres_database")
    return url
