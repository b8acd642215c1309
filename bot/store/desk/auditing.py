"""The audit log in the database; triggers see to it that a line stays as it was written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.assessment.users import AuditLine
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

    def audit_lines(
        self,
        *,
        organisation_ids: Collection[str] | None,
        before: int | None,
        within: int,
        most: int,
        like: Mapping[str, str],
        since: datetime | None,
        until: datetime | None,
    ) -> tuple[list[AuditLine], int | None]:
        """Lines newest first, at most so many, and the id before which to look for more; None: no more.

        `organisation_ids`: of these only; None: all, and what belongs to none. `like`: column -> value. Only
        the newest `within` lines of those organisations are looked at, however few are found there.
        """
        c = t.audit.c
        reach = [] if before is None else [c.id < before]
        # Ids grow with the time: a period is one of ids, so that nothing outside of it is looked at.
        if until is not None:
            reach.append(c.id <= self._id_at(c.at < until, c.at.desc(), c.id.desc()))
        if since is not None:
            first = self._id_at(c.at >= since, c.at, c.id)
            reach.append(c.id >= first if first > 0 else sa.false())
        if organisation_ids is None:
            window = sa.select(t.audit).where(*reach).order_by(c.id.desc()).limit(within)
        else:
            each = [
                sa.select(
                    sa.select(c.id)
                    .where(c.organisation_id == one, *reach)
                    .order_by(c.id.desc())
                    .limit(within)
                    .subquery()
                )
                for one in sorted(organisation_ids)
            ]
            if not each:
                return [], None
            own = sa.union_all(*each).subquery()
            window = (
                sa.select(t.audit)
                .where(c.id.in_(sa.select(own.c.id).order_by(own.c.id.desc()).limit(within)))
                .order_by(c.id.desc())
            )
        seen = window.subquery()
        rows = self._connection.execute(
            sa.select(seen)
            .where(*(seen.c[name] == value for name, value in like.items()))
            .order_by(seen.c.id.desc())
            .limit(most + 1)
        ).all()
        lines = [AuditLine(**row._mapping) for row in rows[:most]]
        if len(rows) > most:
            return lines, lines[-1].id
        count, oldest = self._connection.execute(sa.select(sa.func.count(), sa.func.min(seen.c.id))).one()
        return lines, oldest if count >= within else None

    def _id_at(self, when: sa.ColumnElement[bool], *order: Any) -> int:
        """The id of the first line in this order; a number that no line has where there is none."""
        found = self._connection.execute(
            sa.select(t.audit.c.id).where(when).order_by(*order).limit(1)
        ).scalar()
        return -1 if found is None else found
