"""What a database must be able to do for backup and restore, and what tells former data from new ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.backup.archive import Manifest


@dataclass(frozen=True)
class Dump:
    """The data as they were at one moment: a file each, in the room, and what to say of them."""

    files: list[Path]
    revision: str
    conversations: int
    tables: dict[str, list[str]]


@dataclass(frozen=True)
class Comparison:
    """What the former data say of those that replace them.

    `missing`: the conversations of the backup that the former data do not hold (whole) any more.
    None: it cannot be told, since the former data cannot be read or are of another Peil.
    """

    missing: list[str] | None


class Database(Protocol):
    """A database of either kind."""

    kind: str
    folder: Path

    def dump(self, room: Path) -> Dump:
        """Write what the database holds into the room."""

    def check(self, room: Path, manifest: Manifest) -> str:
        """Make sure that what was unpacked can be used; its revision. Raises BackupError."""

    def holds_data(self) -> bool:
        """Whether there is anything that a restore would replace."""

    def replace(self, room: Path, manifest: Manifest, aside: str) -> tuple[str, Comparison | None]:
        """Put what was unpacked in place, the former data under `aside`.

        Where the former data are, in words, and how they compare; empty and None when there were none.
        """


# Of two databases with one history the one holds every definition of the other, published at the same moment.
STRANGERS = """
SELECT count(*) FROM {new}.definitions AS d WHERE NOT EXISTS (
  SELECT 1 FROM {former}.definitions AS f WHERE f.hash = d.hash AND f.published_at = d.published_at)
"""

# Lines are never changed and never deleted but by erasing, and a number is never given twice. Who had not
# consented and is gone altogether was cleared away by age, and will be again.
MISSING = """
SELECT DISTINCT t.conversation_id FROM {new}.transcript AS t
JOIN {new}.conversations AS c ON c.id = t.conversation_id
WHERE NOT EXISTS (
  SELECT 1 FROM {former}.transcript AS f WHERE f.conversation_id = t.conversation_id AND f.seq = t.seq)
AND (c.consent = 'given' OR EXISTS (SELECT 1 FROM {former}.conversations AS g WHERE g.id = c.id))
ORDER BY t.conversation_id
"""

# Whoever withdrew a link, or used one up, must not find it open again.
END_LINKS = """
UPDATE {new}.links SET
  ended_at = (SELECT f.ended_at FROM {former}.links AS f WHERE f.id = links.id),
  device = (SELECT f.device FROM {former}.links AS f WHERE f.id = links.id)
WHERE ended_at IS NULL AND id IN (SELECT f.id FROM {former}.links AS f WHERE f.ended_at IS NOT NULL)
"""
