"""Bring a database to the newest revision; the migrations lie in bot/store/migrations/versions."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory


def config() -> Config:
    """Alembic's configuration, without an ini file: the engine is handed over, not named."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return made


def upgrade(engine: sa.Engine) -> bool:
    """Bring the database to the newest revision, all or nothing; False when it was there already.

    A database of a newer Peil is refused by Alembic (CommandError) before anything is touched.
    """
    newest = ScriptDirectory.from_config(config()).get_current_head()
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == newest:
            return False
    with engine.begin() as connection:
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
    return True
