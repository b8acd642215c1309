"""Who works at the consultants' desk: users, the links that let them in, their sessions, and the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Role = Literal["admin", "consultant", "viewer"]

ROLES: tuple[Role, ...] = ("admin", "consultant", "viewer")


@dataclass(frozen=True)
class User:
    """Somebody who may work at the desk. `email`: in small letters; it is what one signs in with.

    `password`: as argon2 writes it, None until the first link was taken up. `disabled_at`: cannot sign in
    since then.
    """

    id: str
    email: str
    name: str
    role: Role
    language: str
    password: str | None = field(repr=False)
    created_at: datetime
    disabled_at: datetime | None = None


@dataclass(frozen=True)
class UserInvitation:
    """A link with which a user sets a password, once. `mark`: keyed hash of the code in it."""

    id: str
    mark: str = field(repr=False)
    user_id: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True)
class DeskSession:
    """A browser in which a user is signed in. `mark`: keyed hash of what its cookie holds.

    `seen_at`: when it last asked for a page, give or take a minute. `expires_at`: its end, however busy.
    """

    id: str
    mark: str = field(repr=False)
    user_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    device: str
    ended_at: datetime | None = None


@dataclass(frozen=True)
class AuditLine:
    """Who saw or changed what. `user_id` None: nobody who was signed in; `role` says whether Peil itself."""

    id: int
    at: datetime
    user_id: str | None
    role: str | None
    action: str
    kind: str
    object_id: str | None
    organisation_id: str | None
    detail: Mapping[str, Any]
