"""PostgreSQL: reading is one snapshot, putting back is one transaction, and no other program is needed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from alembic import command

from bot.backup.archive import Manifest
from bot.backup.database import END_LINKS, MISSING, STRANGERS, Comparison, Dump
from bot.backup.files import BackupError, create
from bot.settings import Settings
from bot.store.engine import make_engine
from bot.store.migrate import config, is_newest
from bot.store.tables import metadata

_CHUNK = 1024 * 1024


class Postgresql:
    """A database on a server."""

    kind = "postgresql"

    def __init__(self, settings: Settings) -> None:
        self._url = settings.database_url
        self.folder = settings.data_dir

    @contextlib.contextmanager
    def _begin(self, **options: Any) -> Iterator[sa.Connection]:
        engine = make_engine(self._url)
        try:
            with engine.connect() as plain:
                connection = plain.execution_options(**options)
                with connection.begin():
                    yield connection
        except psycopg.Error as error:
            # The class only: PostgreSQL's message may repeat what somebody said.
            raise BackupError(f"PostgreSQL could not do it ({type(error).__name__}).") from None
        finally:
            engine.dispose()

    def dump(self, room: Path) -> Dump:
        """See the protocol."""
        engine = make_engine(self._url)
        try:
            if not is_newest(engine):
                raise BackupError(
                    "The database is empty, or of another version of Peil; back it up with that version."
                )
        finally:
            engine.dispose()
        files, tables = [], {}
        with self._begin(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
            revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
            count = connection.exec_driver_sql("SELECT count(*) FROM conversations").scalar_one()
            for table in metadata.sorted_tables:
                tables[table.name] = [column.name for column in table.columns]
                files.append(room / f"{table.name}.copy")
                with (
                    create(files[-1]) as file,
                    _cursor(connection).copy(f"COPY {_columns(table.name, tables)} TO STDOUT") as rows,
                ):
                    for data in rows:
                        file.write(data)
        return Dump(files, str(revision), int(count), tables)

    def check(self, room: Path, manifest: Manifest) -> str:
        """See the protocol. What a server would refuse is found when it is put back, and then undone."""
        return manifest.revision

    def holds_data(self) -> bool:
        """See the protocol."""
        with self._begin() as connection:
            return bool(sa.inspect(connection).get_table_names())

    def replace(self, room: Path, manifest: Manifest, aside: str) -> tuple[str, Comparison | None]:
        """See the protocol. The former tables go into a schema of their own."""
        schema = aside.replace("-", "_").lower()
        comparison = None
        with self._begin() as connection:
            self._require_alone(connection)
            here = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
            former = sa.inspect(connection).get_table_names()
            if former:
                connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
                for table in former:
                    connection.exec_driver_sql(f'ALTER TABLE "{table}" SET SCHEMA "{schema}"')
            settings = config()
            settings.attributes["connection"] = connection
            command.upgrade(settings, manifest.revision)
            for table in manifest.tables:
                self._fill(connection, table, manifest, room / f"{table}.copy")
            if former:
                comparison = _compare(connection, here, schema, set(former) & set(manifest.tables))
        return (f'schema "{schema}" of the database' if former else ""), comparison

    def _require_alone(self, connection: sa.Connection) -> None:
        others = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).scalar_one()
        if others:
            raise BackupError("Another program has the database open; stop that, and restore then.")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")

    def _fill(self, connection: sa.Connection, table: str, manifest: Manifest, path: Path) -> None:
        cursor = _cursor(connection)
        with (
            path.open("rb") as file,
            cursor.copy(f"COPY {_columns(table, manifest.tables)} FROM STDIN") as rows,
        ):
            while data := file.read(_CHUNK):
                rows.write(data)
        if "id" in manifest.tables[table]:
            # Numbers go on after the highest; a table whose ids are no numbers has no sequence.
            counter = cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", (f'"{table}"',)).fetchone()
            if counter and counter[0]:
                cursor.execute(
                    f'SELECT setval(%s::regclass, coalesce(max(id), 1), max(id) IS NOT NULL) FROM "{table}"',
                    (counter[0],),
                )


def _cursor(connection: sa.Connection) -> psycopg.Cursor[Any]:
    """A cursor of the driver's own in the same transaction: only that can do COPY."""
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection).cursor()


def _columns(table: str, tables: Mapping[str, list[str]]) -> str:
    names = ", ".join(f'"{name}"' for name in tables[table])
    return f'"{table}" ({names})'


def _compare(connection: sa.Connection, new: str, former: str, tables: set[str]) -> Comparison:
    """As _compare_files, for the tables that both have."""
    if not {"definitions", "conversations", "transcript"} <= tables:
        return Comparison(None)
    names = {"new": f'"{new}"', "former": f'"{former}"'}
    if connection.exec_driver_sql(STRANGERS.format(**names)).scalar_one():
        return Comparison(None)
    if "links" in tables:
        connection.exec_driver_sql(END_LINKS.format(**names))
    return Comparison(list(connection.exec_driver_sql(MISSING.format(**names)).scalars()))
