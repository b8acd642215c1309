"""`peil backup` and `peil restore`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from bot.backup.archive import FORMAT, SECRET_FILE, Manifest, measure, pack, unpack
from bot.backup.database import Comparison, Database
from bot.backup.files import (
    BackupError,
    folders,
    keep_aside,
    like_folder,
    move_to,
    next_to,
    reason,
    room_in,
    sentences,
    sync,
    write,
)
from bot.backup.postgresql import Postgresql
from bot.backup.sqlite import Sqlite
from bot.run import only_one
from bot.settings import Settings
from bot.store.migrate import config


def backup(settings: Settings, target: Path, *, force: bool = False, now: datetime | None = None) -> str:
    """Write data and secret into the file `target`, mode 0600; what was done, in a sentence or two.

    Peil may run and be written to: the file holds what was there at one moment after the call began. It
    appears when it is complete and on the disk, or not at all. Raises BackupError.
    """
    target = target.absolute()
    if target.is_dir():
        raise BackupError(f"{target} is a folder; name a file in it.")
    if not target.parent.is_dir():
        raise BackupError(f"There is no folder {target.parent} to write into.")
    if target.exists() and not force:
        raise BackupError(f"{target} exists; --force replaces it.")
    secret = _secret_in_force(settings)
    database = _database(settings)
    with sentences(f"{target} could not be written"), room_in(target.parent) as room:
        dump = database.dump(room)
        key = room / SECRET_FILE
        write(key, secret.encode("ascii"))
        files = [key, *dump.files]
        manifest = Manifest(
            format=FORMAT,
            peil=version("peil"),
            made_at=(now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"),
            database=database.kind,
            revision=dump.revision,
            conversations=dump.conversations,
            tables=dump.tables,
            parts={file.name: measure(file) for file in files},
        )
        draft = room / "draft.tar.gz"
        pack(draft, manifest, files)
        move_to(draft, target, replace=force)
    size = target.stat().st_size / 1000
    shown = f"{size:.0f} kB" if size < 1000 else f"{size / 1000:.1f} MB"
    return (
        f"{target} holds {_conversations(dump.conversations)} ({shown}) and the secret: keep it where nobody "
        "else can read it."
    )


def restore(
    settings: Settings, source: Path, *, force: bool = False, now: datetime | None = None
) -> list[str]:
    """Put the data and the secret of a backup in place; what was done, a line each.

    Refuses while Peil runs on these settings, a file that is not a whole backup, and, without `force`, to
    replace data; with it the former data are kept aside. Raises BackupError, and then nothing has changed.
    """
    source = source.absolute()
    database = _database(settings)
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with (
        sentences("The data could not be restored"),
        folders(settings.data_dir, database.folder),
        _alone(settings),
        room_in(database.folder) as room,
    ):
        manifest = unpack(source, room)
        if manifest.database != database.kind:
            raise BackupError(
                f"{source} is a backup of {_named(manifest.database)}, and the database of these settings is "
                f"{_named(database.kind)}; set PEIL_DATABASE_URL to one of the same kind."
            )
        _require_known(database.check(room, manifest))
        secret = (room / SECRET_FILE).read_text(encoding="ascii")
        if settings.secret and settings.secret != secret:
            raise BackupError(
                "PEIL_SECRET is not the secret of this backup, and with another one no token, button or link "
                "works; unset it, and the backup's is put into the data directory."
            )
        key = settings.data_dir / SECRET_FILE
        new_key = not settings.secret and not (key.exists() and _is(key, secret))
        if not force and (database.holds_data() or (new_key and key.exists())):
            raise BackupError(
                f"There are data already ({_place(settings)}); --force replaces them and keeps them aside."
            )
        aside = _unused_name(settings, database.folder, moment)
        with next_to(key, secret.encode("ascii")) as fresh_key:
            former, comparison = database.replace(room, manifest, aside)
            kept = [former] if former else []
            if new_key:
                if key.exists():
                    former_key = key.with_name(f"{key.name}.{aside}")
                    keep_aside(key, former_key)
                    kept.append(str(former_key))
                os.replace(fresh_key, key)
                sync(key.parent)
    lines = [f"Restored {_conversations(manifest.conversations)} as of {manifest.made_at}."]
    if kept:
        lines.append(
            f"The former data are kept as {' and '.join(kept)}; delete them when they are not needed."
        )
    if comparison is not None:
        lines += _told(comparison)
    return lines


def _told(comparison: Comparison) -> list[str]:
    """What the operator has to know of people who were erased after the backup."""
    if comparison.missing is None:
        return ["Who was erased after the backup was made cannot be told from the former data."]
    if not comparison.missing:
        return []
    return [
        "The former data no longer held these conversations, or parts of them. If they were erased after the "
        "backup was made, erase them again:",
        *[f"  peil forget {conversation_id}" for conversation_id in comparison.missing],
    ]


def _conversations(count: int) -> str:
    return f"{count} conversation{'s' if count != 1 else ''}"


def _named(kind: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(kind, kind)


def _database(settings: Settings) -> Database:
    return (Sqlite if settings.database_url.startswith("sqlite") else Postgresql)(settings)


def _place(settings: Settings) -> str:
    """The database in words, without a password."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return f"{url.database}"
    return f"database {url.database} at {url.host or 'this machine'}"


def _secret_in_force(settings: Settings) -> str:
    """The secret that people's tokens were made with; a backup must not make a new one."""
    if settings.secret:
        return settings.secret
    path = settings.data_dir / SECRET_FILE
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise BackupError(
            f"There is no {path}, so there is nothing to back up; set PEIL_DATA_DIR as Peil has it."
        ) from None
    except (OSError, ValueError) as error:
        raise BackupError(f"{path} cannot be read ({reason(error)}).") from None


def _is(path: Path, secret: str) -> bool:
    try:
        return path.read_text(encoding="ascii").strip() == secret
    except ValueError:
        return False


def _require_known(revision: str) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if revision not in known:
        raise BackupError(
            f"The backup was made by another version of Peil, whose tables this one does not know (revision "
            f"{revision}); restore it with that version."
        )


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Keep Peil from starting meanwhile; refuses, with RunError, when it runs."""
    with only_one(settings):
        like_folder(settings.data_dir / "run.lock", settings.data_dir)
        yield


def _unused_name(settings: Settings, folder: Path, moment: datetime) -> str:
    """What the former data are called from now on; never a name that is taken."""
    name, number = f"before-restore-{moment:%Y%m%dT%H%M%SZ}", 1
    unique = name
    while any(path for place in (folder, settings.data_dir) for path in place.glob(f"*.{unique}*")):
        number += 1
        unique = f"{name}-{number}"
    return unique
