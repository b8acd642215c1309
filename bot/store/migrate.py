"""Bring a database to the newest revision; the migrations lie in bot/store/migrations/versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError


def config() -> Config:
    """Alembic's configuration, without an ini file: the engine is handed over, not named."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return made


def is_newest(engine: sa.Engine) -> bool:
    """Whether the database is at the newest revision."""
    newest = ScriptDirectory.from_config(config()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def upgrade(engine: sa.Engine) -> bool:
    """Bring the database to the newest revision, all or nothing; False when it was there already.

    A database of a newer Peil is refused by Alembic (CommandError) before anything is touched.
    """
    if is_newest(engine):
        return False
    with engine.connect() as connection, _foreign_keys_off(connection), connection.begin():
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        if connection.dialect.name == "sqlite":
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if dangling is not None:
                raise CommandError(f"the migration would leave rows of {dangling[0]} without their owner")
    return True


@contextmanager
def _foreign_keys_off(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by copying and dropping it, and the drop would take along all that hangs on it.

    The switch does nothing inside a transaction, so it is thrown before one begins.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")
