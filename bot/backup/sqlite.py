"""SQLite: a copy by VACUUM INTO, which is one moment's state and holds nothing of erased rows."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from bot.backup.archive import SQLITE_FILE, Manifest
from bot.backup.database import END_LINKS, MISSING, STRANGERS, Comparison, Dump
from bot.backup.files import BackupError, keep_aside, like_folder, reason, sync
from bot.settings import Settings


class Sqlite:
    """A database in a file."""

    kind = "sqlite"

    def __init__(self, settings: Settings) -> None:
        self._path = Path(make_url(settings.database_url).database or "")
        self.folder = self._path.parent

    def dump(self, room: Path) -> Dump:
        """See the protocol. Whoever writes meanwhile does not wait."""
        if not self._path.exists():
            raise BackupError(f"There is no database at {self._path}, so there is nothing to back up.")
        copy = room / SQLITE_FILE
        try:
            # mode=rw: never makes a database, but may mend one whose last writer was killed.
            with contextlib.closing(_connect(self._path, "mode=rw")) as connection:
                connection.execute("VACUUM INTO ?", (str(copy),))
            copy.chmod(0o600)
            with contextlib.closing(_connect(copy, "mode=ro&immutable=1")) as connection:
                _require_sound(connection)
                revision = _one(connection, "SELECT version_num FROM alembic_version")
                count = _one(connection, "SELECT count(*) FROM conversations")
        except (sqlite3.Error, ValueError) as error:
            raise BackupError(f"{self._path} cannot be backed up ({reason(error)}).") from None
        return Dump([copy], str(revision), count, {})

    def check(self, room: Path, manifest: Manifest) -> str:
        """See the protocol."""
        try:
            with contextlib.closing(_connect(room / SQLITE_FILE, "mode=ro&immutable=1")) as connection:
                _require_sound(connection)
                return str(_one(connection, "SELECT version_num FROM alembic_version"))
        except (sqlite3.Error, ValueError) as error:
            raise BackupError(f"The database in the backup cannot be used ({reason(error)}).") from None

    def holds_data(self) -> bool:
        """See the protocol."""
        return self._path.exists()

    def replace(self, room: Path, manifest: Manifest, aside: str) -> tuple[str, Comparison | None]:
        """See the protocol. At every moment there is a whole database in place: this one or the former."""
        new = room / SQLITE_FILE
        kept, comparison = self._path.with_name(f"{self._path.name}.{aside}"), None
        former = self._path.exists()
        if former:
            # After this the former database is a single file, unless it is broken.
            comparison = _compare(new, self._path) if self._fold() else Comparison(None)
        like_folder(new, self.folder)
        # What lies beside the former database would be taken for a part of the new one.
        for suffix in ("-wal", "-shm", "-journal"):
            beside = self._path.with_name(self._path.name + suffix)
            if beside.exists():
                os.replace(beside, kept.with_name(kept.name + suffix))
        if former:
            keep_aside(self._path, kept)
        os.replace(new, self._path)
        sync(self.folder)
        return (str(kept) if former else ""), comparison

    def _fold(self) -> bool:
        """Bring all of the former database into its one file; False when it is too broken for that.

        Raises BackupError when another process has it open.
        """
        with self._path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                # Merely to open it would make SQLite throw away what lies beside it.
                return False
        try:
            with contextlib.closing(_connect(self._path, "mode=rw", timeout=1.0)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE").fetchall()
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise BackupError(
                    f"Another program has {self._path} open; stop that, and restore then."
                ) from None
            return False
        return True


def _connect(path: Path, query: str, timeout: float = 5.0) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{query}", uri=True, timeout=timeout, isolation_level=None
    )


def _one(connection: sqlite3.Connection, query: str) -> Any:
    """The one value of the one row that this gives."""
    rows = connection.execute(query).fetchall()
    if len(rows) != 1:
        raise ValueError("its tables are not Peil's")
    return rows[0][0]


def _require_sound(connection: sqlite3.Connection) -> None:
    """Raise ValueError when the database is damaged."""
    found = connection.execute("PRAGMA integrity_check(1)").fetchall()
    if found != [("ok",)]:
        raise ValueError("it is damaged")
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise ValueError("rows in it have lost what they belong to")


def _compare(new: Path, former: Path) -> Comparison:
    """Compare the database that comes with the one that goes. Links that have ended end in the new one."""
    try:
        with contextlib.closing(_connect(new, "mode=rw")) as connection:
            connection.execute("ATTACH ? AS former", (f"{former.absolute().as_uri()}?mode=ro",))
            tables = {row[0] for row in connection.execute("SELECT name FROM former.sqlite_master")}
            tables &= {row[0] for row in connection.execute("SELECT name FROM main.sqlite_master")}
            if connection.execute(STRANGERS.format(new="main", former="former")).fetchone() != (0,):
                return Comparison(None)
            if "links" in tables:
                connection.execute(END_LINKS.format(new="main", former="former"))
            rows = connection.execute(MISSING.format(new="main", former="former")).fetchall()
            return Comparison([row[0] for row in rows])
    except sqlite3.Error:
        return Comparison(None)
