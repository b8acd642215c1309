"""The audit log in the database; triggers see to it that a line stays as it was written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.store import tables as t
from bot.store.desk.part import Part


class AuditWork(Part):
    """Writing lines; reading them is done a page at a time."""

    def add_audit(
        self,
        *,
        at: datetime,
        user_id: str | None,
        role: str | None,
        action: str,
        kind: str,
        object_id: str | None,
        organisation_id: str | None,
        detail: dict[str, Any],
    ) -> None:
        """Add a line."""
        self._connection.execute(
            t.audit.insert().values(
                at=at,
                user_id=user_id,
                role=role,
                action=action,
                kind=kind,
                object_id=object_id,
                organisation_id=organisation_id,
                detail=detail,
            )
        )
