"""Who may do what at the desk: roles, actions, and the one question that every use-case asks first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.assessment.users import ROLES as ROLES
from bot.assessment.users import Role as Role


class Action(StrEnum):
    """What one can do at the desk; each use-case names the one that it is."""

    MANAGE_USERS = "manage_users"
    READ_AUDIT = "read_audit"
    CREATE_ORGANISATION = "create_organisation"
    SEE_PROGRESS = "see_progress"
    MANAGE_CAMPAIGN = "manage_campaign"
    SEE_PEOPLE = "see_people"
    JUDGE = "judge"
    ASK_PEOPLE = "ask_people"
    APPROVE = "approve"
    ADVISE = "advise"
    COMPARE = "compare"
    """Live figures, as the campaign's promise allows."""
    SEE_EDITION = "see_edition"
    """Published figures, in which no group under five can be told apart."""
    PUBLISH = "publish"
    EXPORT = "export"
    SHARE = "share"
    HANDLE_PRIVACY = "handle_privacy"


_VIEWER = frozenset({Action.SEE_PROGRESS, Action.SEE_EDITION, Action.EXPORT})
_ADMIN_ONLY = frozenset({Action.MANAGE_USERS, Action.CREATE_ORGANISATION})

ALLOWED: dict[Role, frozenset[Action]] = {
    "admin": frozenset(Action),
    "consultant": frozenset(Action) - _ADMIN_ONLY,
    "viewer": _VIEWER,
}
"""Role -> what it may do: an admin everywhere, the others within their own organisations."""


@dataclass(frozen=True)
class Actor:
    """Who is at work: a signed-in user. `organisations`: ids of the own ones; not looked at for an admin."""

    user_id: str
    name: str
    role: Role
    language: str
    organisations: frozenset[str]
    session_id: str


MACHINE = Actor("", "Peil", "admin", "en", frozenset(), "")
"""Whoever works on the machine itself, with the `peil` command: no user, so without a name to sign with."""


class DeskError(Exception):
    """What a use-case of the desk refuses. `key`: of the sentence that says why (desk_layout.KEY)."""

    key = "error"


class Refused(DeskError):
    """This user may not do this, here."""

    def __init__(self, key: str = "refused") -> None:
        super().__init__(key)
        self.key = key


class Missing(DeskError):
    """There is no such thing, or it is not for this user to know of: the two look the same."""

    key = "missing"


class Conflict(DeskError):
    """Somebody else has changed it meanwhile; nothing was stored."""

    key = "conflict"


def allow(actor: Actor, action: Action, organisation_id: str | None) -> None:
    """Return only if this user may do this in this organisation; None: what belongs to no organisation.

    Raises Missing for an organisation that is not the user's own, Refused for an action that is not for the
    role.
    """
    if actor.role != "admin" and (organisation_id is None or organisation_id not in actor.organisations):
        raise Missing(organisation_id or "none")
    if action not in ALLOWED[actor.role]:
        raise Refused()


def may(actor: Actor, action: Action, organisation_id: str | None) -> bool:
    """The same as a question, for what a page offers."""
    try:
        allow(actor, action, organisation_id)
    except DeskError:
        return False
    return True
