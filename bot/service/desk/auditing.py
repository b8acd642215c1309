"""The audit log: who saw or changed what. Ids and names of fields only, no words of people, no token."""

from __future__ import annotations

from datetime import datetime

from bot.service.desk.access import Actor
from bot.service.desk.ports import DeskWork


def record(
    work: DeskWork,
    actor: Actor | None,
    action: str,
    kind: str,
    object_id: str | None,
    organisation_id: str | None,
    now: datetime,
    **detail: str | int | bool | list[str] | None,
) -> None:
    """Add a line, in the transaction of what it tells of. `actor` None: nobody, so Peil itself as a job."""
    work.add_audit(
        at=now,
        user_id=None if actor is None else actor.user_id or None,
        role=None if actor is None else actor.role if actor.user_id else "machine",
        action=action,
        kind=kind,
        object_id=object_id,
        organisation_id=organisation_id,
        detail=dict(detail),
    )
