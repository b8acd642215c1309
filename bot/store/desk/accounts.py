"""Users of the desk in the database: who they are, how they get in, and what went wrong at the door."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.assessment.users import DeskSession, User, UserInvitation
from bot.store import tables as t
from bot.store.desk.part import Part

_USERS, _LINKS, _SESSIONS, _FAILURES = t.users, t.user_invitations, t.desk_sessions, t.sign_in_failures


class AccountsWork(Part):
    """Users, their links and sessions."""

    # --- users ---

    def lock_users(self) -> None:
        """Let nobody else add or change a user until the end of this transaction."""
        # SQLite has taken the whole database with BEGIN IMMEDIATE.
        if self._connection.dialect.name == "postgresql":
            self._connection.exec_driver_sql("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")

    def any_user(self) -> bool:
        """Whether there is a user at all, disabled or not."""
        return self._connection.execute(sa.select(_USERS.c.id).limit(1)).first() is not None

    def able_admins(self, most: int) -> int:
        """How many admins can sign in, counted up to `most`."""
        able = (_USERS.c.role == "admin", _USERS.c.disabled_at.is_(None), _USERS.c.password.is_not(None))
        return len(self._connection.execute(sa.select(_USERS.c.id).where(*able).limit(most)).all())

    def add_user(self, user: User) -> None:
        """Keep a new user."""
        self._connection.execute(_USERS.insert().values(**asdict(user)))

    def update_user(self, user_id: str, **changes: Any) -> None:
        """Change fields of a user."""
        self._connection.execute(_USERS.update().where(_USERS.c.id == user_id).values(**changes))

    def user(self, user_id: str) -> User | None:
        """The user with this id."""
        return self._user(_USERS.c.id == user_id)

    def user_by_email(self, email: str) -> User | None:
        """The user with this address, which is in small letters."""
        return self._user(_USERS.c.email == email)

    def _user(self, which: sa.ColumnElement[bool]) -> User | None:
        row = self._connection.execute(sa.select(_USERS).where(which)).one_or_none()
        return None if row is None else User(**row._mapping)

    def users(self, *, after: str, most: int) -> list[User]:
        """Users by address, those after this one; at most so many."""
        rows = self._connection.execute(
            sa.select(_USERS).where(_USERS.c.email > after).order_by(_USERS.c.email).limit(most)
        )
        return [User(**row._mapping) for row in rows]

    def user_names(self, user_ids: Collection[str]) -> dict[str, str]:
        """Id -> name of these users."""
        if not user_ids:
            return {}
        c = _USERS.c
        rows = self._connection.execute(sa.select(c.id, c.name).where(c.id.in_(user_ids)))
        return {row.id: row.name for row in rows}

    def organisations_of_users(self, user_ids: Collection[str]) -> dict[str, list[str]]:
        """User id -> ids of the organisations that are the user's own; a user without one is left out."""
        found: dict[str, list[str]] = {}
        if user_ids:
            c = t.user_organisations.c
            rows = self._connection.execute(
                sa.select(c.user_id, c.organisation_id)
                .where(c.user_id.in_(user_ids))
                .order_by(c.organisation_id)
            )
            for row in rows:
                found.setdefault(row.user_id, []).append(row.organisation_id)
        return found

    def set_user_organisations(self, user_id: str, organisation_ids: Sequence[str]) -> None:
        """Make these the user's own organisations, and no others."""
        table = t.user_organisations
        self._connection.execute(table.delete().where(table.c.user_id == user_id))
        if organisation_ids:
            self._connection.execute(
                table.insert(),
                [{"user_id": user_id, "organisation_id": one} for one in sorted(set(organisation_ids))],
            )

    # --- links to set a password ---

    def set_user_link(self, link: UserInvitation) -> None:
        """Keep a link; it takes the place of those that the user had."""
        self.drop_user_links(link.user_id)
        self._connection.execute(_LINKS.insert().values(**asdict(link)))

    def drop_user_links(self, user_id: str) -> None:
        """Let no link of this user open anything."""
        self._connection.execute(_LINKS.delete().where(_LINKS.c.user_id == user_id))

    def user_link(self, mark: str) -> UserInvitation | None:
        """The link with this mark."""
        row = self._connection.execute(sa.select(_LINKS).where(_LINKS.c.mark == mark)).one_or_none()
        return None if row is None else UserInvitation(**row._mapping)

    def user_links(self, user_ids: Collection[str]) -> dict[str, UserInvitation]:
        """User id -> the link that the user has."""
        if not user_ids:
            return {}
        rows = self._connection.execute(sa.select(_LINKS).where(_LINKS.c.user_id.in_(user_ids)))
        return {row.user_id: UserInvitation(**row._mapping) for row in rows}

    def use_user_link(self, mark: str, now: datetime) -> str | None:
        """Use up the link with this mark; the id of its user. None: it was used, or is past its time."""
        c = _LINKS.c
        return self._connection.execute(
            _LINKS.update()
            .where(c.mark == mark, c.used_at.is_(None), c.expires_at > now)
            .values(used_at=now)
            .returning(c.user_id)
        ).scalar_one_or_none()

    # --- sessions ---

    def add_desk_session(self, session: DeskSession) -> None:
        """Keep a new session."""
        self._connection.execute(_SESSIONS.insert().values(**asdict(session)))

    def desk_session(self, mark: str) -> tuple[DeskSession, User] | None:
        """The session with this mark, ended or not, and whose it is."""
        row = self._connection.execute(
            sa.select(_SESSIONS, *(column.label(f"user__{column.name}") for column in _USERS.c))
            .join(_USERS, _USERS.c.id == _SESSIONS.c.user_id)
            .where(_SESSIONS.c.mark == mark)
        ).one_or_none()
        if row is None:
            return None
        both = dict(row._mapping)
        user = {column.name: both.pop(f"user__{column.name}") for column in _USERS.c}
        return DeskSession(**both), User(**user)

    def touch_desk_session(self, session_id: str, now: datetime) -> None:
        """Note that this session has asked for something."""
        self._connection.execute(_SESSIONS.update().where(_SESSIONS.c.id == session_id).values(seen_at=now))

    def desk_sessions(self, user_id: str, *, seen_since: datetime, now: datetime) -> list[DeskSession]:
        """The user's sessions that are neither ended nor past their time, newest first; at most 100."""
        c = _SESSIONS.c
        rows = self._connection.execute(
            sa.select(_SESSIONS)
            .where(c.user_id == user_id, c.ended_at.is_(None), c.expires_at > now, c.seen_at > seen_since)
            .order_by(c.seen_at.desc(), c.id)
            .limit(100)
        )
        return [DeskSession(**row._mapping) for row in rows]

    def end_desk_sessions(
        self, user_id: str, now: datetime, *, session_id: str | None = None, but: str | None = None
    ) -> int:
        """End the user's sessions, or the one with this id, or all `but` one; how many were not ended yet."""
        c = _SESSIONS.c
        which = [c.user_id == user_id, c.ended_at.is_(None)]
        if session_id is not None:
            which.append(c.id == session_id)
        if but is not None:
            which.append(c.id != but)
        return self._connection.execute(_SESSIONS.update().where(*which).values(ended_at=now)).rowcount

    def forget_door(self, sessions_before: datetime, failures_before: datetime) -> None:
        """Delete sessions whose time was over before then, and failures to sign in from before then."""
        self._connection.execute(_SESSIONS.delete().where(_SESSIONS.c.expires_at < sessions_before))
        self._connection.execute(_FAILURES.delete().where(_FAILURES.c.at < failures_before))

    # --- failures to sign in ---

    def lock_mark(self, mark: str) -> None:
        """Let nobody else try with this mark until the end of this transaction."""
        if self._connection.dialect.name == "postgresql":
            number = int.from_bytes(hashlib.sha256(mark.encode()).digest()[:8], "big", signed=True)
            self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))

    def failures(self, mark: str, since: datetime, most: int) -> list[datetime]:
        """When it went wrong with this mark since then, newest first; at most so many."""
        c = _FAILURES.c
        return list(
            self._connection.execute(
                sa.select(c.at).where(c.mark == mark, c.at > since).order_by(c.at.desc()).limit(most)
            ).scalars()
        )

    def add_failure(self, mark: str, at: datetime) -> None:
        """Count a try."""
        self._connection.execute(_FAILURES.insert().values(mark=mark, at=at))

    def forget_failures(self, mark: str) -> None:
        """Begin to count anew."""
        self._connection.execute(_FAILURES.delete().where(_FAILURES.c.mark == mark))
