"""The file: a gzipped tar with `manifest.json` first, then `secret.key` and the data.

Of SQLite the data are `peil.db`, a database as it is; of PostgreSQL one file a table, in the format of COPY.
`secret.key` is there since tokens, buttons and links are worth nothing without it. The other secret, between
gateway and Rasa, is not: a new one does as well.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.backup.files import BackupError, create

SECRET_FILE = "secret.key"
SQLITE_FILE = "peil.db"
FORMAT = 1
_MANIFEST = "manifest.json"
_PART_NAME = re.compile(r"[a-z_]{1,60}\.(db|key|copy)")
_CHUNK = 1024 * 1024

# What reading raises that is cut short, overwritten, or something else altogether.
_BROKEN = (
    *(gzip.BadGzipFile, tarfile.TarError, zlib.error, EOFError),
    *(ValueError, KeyError, TypeError, AttributeError),
)


@dataclass(frozen=True)
class Part:
    """One file in a backup: its length in bytes and the SHA-256 of its content, in hex."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    `peil`: the version that made it. `database`: 'sqlite' or 'postgresql'. `revision`: of the tables.
    `tables`: for PostgreSQL, table -> columns, in an order in which rows can be put in; else empty.
    """

    format: int
    peil: str
    made_at: str
    database: str
    revision: str
    conversations: int
    tables: Mapping[str, list[str]]
    parts: Mapping[str, Part]


def measure(path: Path) -> Part:
    """What the manifest says of this file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(path.stat().st_size, digest)


def pack(draft: Path, manifest: Manifest, files: list[Path]) -> None:
    """Write the archive, down to the disk."""
    described = json.dumps(asdict(manifest), indent=1).encode("utf-8")
    with create(draft) as file, tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
        archive.addfile(_entry(_MANIFEST, len(described)), io.BytesIO(described))
        for path in files:
            with path.open("rb") as content:
                archive.addfile(_entry(path.name, path.stat().st_size), content)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(time.time())
    return entry


def unpack(source: Path, room: Path) -> Manifest:
    """Write the parts of a backup into the room, every byte checked.

    Raises BackupError for what is not a whole backup, and OSError when it cannot be read or written.
    """
    manifest: Manifest | None = None
    missing: dict[str, Part] = {}
    try:
        with gzip.open(source, "rb") as stream:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for entry in archive:
                    content = archive.extractfile(entry)
                    if content is None:
                        raise ValueError("not a file")
                    if manifest is None:
                        if entry.name != _MANIFEST or entry.size > _CHUNK:
                            raise ValueError("no manifest")
                        manifest = _read_manifest(content.read())
                        missing = dict(manifest.parts)
                    else:
                        _take_out(content, room / entry.name, missing.pop(entry.name))
            # To the very end: only there is the checksum of the whole.
            while stream.read(_CHUNK):
                pass
        broken = bool(missing)
    except _BROKEN:
        broken = True
    if manifest is None:
        raise BackupError(f"{source} is not a backup of Peil, or is damaged; nothing was changed.")
    if manifest.format != FORMAT:
        raise BackupError(f"{source} was made by a newer Peil ({manifest.peil}); restore it with that one.")
    if broken:
        raise BackupError(f"{source} is damaged or was cut short; nothing was changed.")
    return manifest


def _read_manifest(content: bytes) -> Manifest:
    """Raises one of `_BROKEN` for what is none. Of a newer format only that is told."""
    raw = json.loads(content)
    if int(raw["format"]) != FORMAT:
        return Manifest(int(raw["format"]), str(raw["peil"]), "", "", "", 0, {}, {})
    parts = {name: Part(int(part["size"]), str(part["sha256"])) for name, part in raw["parts"].items()}
    tables = {str(name): [str(column) for column in columns] for name, columns in raw["tables"].items()}
    wanted = {SECRET_FILE, *(f"{name}.copy" for name in tables)} | (set() if tables else {SQLITE_FILE})
    names = [name for name in parts if not _PART_NAME.fullmatch(name)]
    names += [one for columns in tables.values() for one in columns if not re.fullmatch("[a-z_]+", one)]
    if set(parts) != wanted or names or bool(tables) != (raw["database"] == "postgresql"):
        raise ValueError("the parts are not those of a backup")
    return Manifest(
        format=FORMAT,
        peil=str(raw["peil"]),
        made_at=str(raw["made_at"]),
        database=str(raw["database"]),
        revision=str(raw["revision"]),
        conversations=int(raw["conversations"]),
        tables=tables,
        parts=parts,
    )


def _take_out(content: Any, path: Path, part: Part) -> None:
    """Write one part; raises ValueError when it is not what the manifest says."""
    digest, left = hashlib.sha256(), part.size
    with create(path) as file:
        while data := content.read(_CHUNK):
            digest.update(data)
            left -= len(data)
            if left < 0:
                break
            file.write(data)
    if left or digest.hexdigest() != part.sha256:
        raise ValueError(f"{path.name} is not as it was")
