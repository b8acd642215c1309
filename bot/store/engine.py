"""Engines: one place that knows what SQLite and PostgreSQL need to keep what was acknowledged."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

# Waiting for another process's write: longer than any transaction of ours, shorter than patience.
_BUSY_SECONDS = 5
# Seconds between two looks whether another process has finished writing.
_LOOK = 0.001


def make_engine(url: str) -> sa.Engine:
    """An engine for this URL. Opens nothing yet, but makes the folder of an SQLite file."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        # pool_pre_ping: a connection that broke while idle is replaced before it costs somebody a turn.
        return sa.create_engine(
            parsed, pool_pre_ping=True, pool_size=10, max_overflow=10, hide_parameters=True
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # hide_parameters: an error must not repeat what somebody said, wherever it is printed.
    engine = sa.create_engine(
        parsed,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        # Python's own implicit BEGIN is deferred: two readers that both want to write would deadlock.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # What is erased is overwritten, not just unlinked: an erased answer must not be found in the file.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("peil_reading", False):
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_writing(connection)

    return engine


def _begin_writing(connection: sa.Connection) -> None:
    """Begin to write as soon as nobody else does. Raises OperationalError when that takes too long.

    SQLite itself waits longer and longer between two looks, up to a tenth of a second.
    """
    raw: Any = connection.connection.driver_connection
    until = time.monotonic() + _BUSY_SECONDS
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < until:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
            time.sleep(_LOOK)
        # Once more, so that it is SQLAlchemy who says what is the matter.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        raw.execute(f"PRAGMA busy_timeout={int(1000 * _BUSY_SECONDS)}")
