"""Users of the desk: how they come in, by invitation only, how they stay in, and who else may."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn

from bot.assessment.records import Organisation
from bot.assessment.users import ROLES, AuditLine, DeskSession, Role, User, UserInvitation
from bot.service.desk.access import ALLOWED, Action, Actor, DeskError, Missing, Refused, allow
from bot.service.desk.auditing import record
from bot.service.desk.passwords import Passwords, problem
from bot.service.desk.ports import DeskStore, DeskWork
from bot.service.ports import Clock
from bot.texts import LANGUAGES

IDLE = timedelta(hours=12)
LONGEST_SESSION = timedelta(days=7)
LINK_DAYS = 7
# How exact `seen_at` is: not every page that is looked at needs a write.
_SEEN_AGAIN = timedelta(minutes=1)
_SESSIONS_KEPT = timedelta(days=30)
_FAILURES_COUNT_FOR = timedelta(days=1)
# So many tries without waiting; then so many seconds, twice as many after each, and never more than that:
# who keeps an address busy must not keep its user out, and a few hundred tries a day find nothing.
_FREE_TRIES = 5
_FIRST_WAIT = 10.0
_LONGEST_WAIT = 300.0
_COUNTED = 20
_PAGE = 50
_WINDOW = 2000
_EMAIL = re.compile(r"[^@\s<>\"'(),:;\\\[\]]{1,64}@[^@\s<>\"'(),:;\\\[\]]{1,189}")
_LONGEST_NAME = 80


class Wrong(DeskError):
    """Something that was filled in cannot be used. `key`: of the sentence in desk_accounts that says why."""

    def __init__(self, field: str, key: str) -> None:
        super().__init__(key)
        self.field = field
        self.key = key


class NotLetIn(DeskError):
    """Address and password do not go together; which of the two is wrong is not said."""

    key = "not_let_in"


class TooSoon(NotLetIn):
    """So often in vain that one has to wait, `seconds` from now; nothing was looked at."""

    key = "too_soon"

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True)
class SignedIn:
    """Somebody has come in. `token`: for the cookie of the session; `device`: for that of a known device."""

    actor: Actor
    token: str = field(repr=False)
    device: str = field(repr=False)


@dataclass(frozen=True)
class Colleague:
    """A user, as admins see one. `organisations`: the own ones, by name. `link`: None where none is open.

    `address`: that link's, which opens the account to whoever has it. `sessions`: that are going on.
    """

    user: User
    organisations: tuple[Organisation, ...]
    link: UserInvitation | None = None
    address: str | None = field(default=None, repr=False)
    sessions: int = 0

    @property
    def state(self) -> str:
        """disabled, active, invited (has a link that works and no password yet) or outside (has neither)."""
        if self.user.disabled_at is not None:
            return "disabled"
        if self.user.password is not None:
            return "active"
        return "invited" if self.link is not None else "outside"


@dataclass(frozen=True)
class Me:
    """What users see of themselves. `sessions`: that are going on, newest first; one of them is this one."""

    user: User
    organisations: tuple[Organisation, ...]
    sessions: tuple[DeskSession, ...]


@dataclass(frozen=True)
class Log:
    """A page of the audit log, newest first. `names`: user id -> name. `further`: goes on before this id."""

    lines: tuple[AuditLine, ...]
    names: dict[str, str]
    organisations: tuple[Organisation, ...]
    further: int | None


class Accounts:
    """The use-cases of accounts, on one store; a transaction each.

    `public_url`: the address at which people reach the gateway. Where an action takes an actor, it may raise
    Missing and Refused; where it takes what somebody filled in, Wrong.
    """

    def __init__(
        self,
        store: DeskStore,
        *,
        clock: Clock,
        secret: str,
        public_url: str,
        passwords: Passwords | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._key = hashlib.sha256(b"peil desk account " + secret.encode()).digest()
        self._public_url = public_url.rstrip("/")
        self.passwords = passwords or Passwords()

    # --- keys: the database alone opens nothing ---

    def _digest(self, kind: str, of: str) -> bytes:
        return hmac.digest(self._key, f"{kind} {of}".encode(), "sha256")

    def _mark(self, kind: str, of: str) -> str:
        return self._digest(kind, of).hex()

    def _code(self, kind: str, of: str) -> str:
        return base64.urlsafe_b64encode(self._digest(f"code of {kind}", of)[:24]).decode()

    # --- the first user ---

    def first_address(self) -> str | None:
        """Where the first user makes an account; None once there is a user. Never log it."""
        with self._store.read() as work:
            if work.any_user():
                return None
        return f"{self._public_url}/desk/first/{self._code('first', 'user')}"

    def opens_first(self, code: str) -> None:
        """Raise Missing unless this is the code of the first user, and there is none yet."""
        right = hmac.compare_digest(code.encode(), self._code("first", "user").encode())
        with self._store.read() as work:
            if not right or work.any_user():
                raise Missing("first")

    def create_first(
        self, code: str, *, email: str, name: str, password: str, language: str, device: str
    ) -> SignedIn:
        """Make the first user, an admin, and let this one in. Of two at once, one comes first."""
        self.opens_first(code)
        now = self._clock()
        user = User(
            id=secrets.token_hex(8),
            email=_email(email),
            name=_name(name),
            role="admin",
            language=_language(language),
            password=None,
            created_at=now,
        )
        kept = self._new_password(password, user)
        with self._store.write() as work:
            work.lock_users()
            if work.any_user():
                raise Missing("first")
            work.add_user(user)
            work.update_user(user.id, password=kept)
            let_in = self._let_in(work, user, device, now)
            record(work, let_in.actor, "user_first", "user", user.id, None, now)
            work.commit()
        return let_in

    # --- signing in and out ---

    def sign_in(self, email: str, password: str, *, device: str, known: str = "") -> SignedIn:
        """Let somebody in. `known`: what the cookie of a known device holds. Raises NotLetIn and TooSoon.

        It takes as long, and says the same, whether there is a user with this address or not.
        """
        now = self._clock()
        address = email.strip().lower()
        mark = self._failure_mark(address, known)
        self._count_a_try(mark, now)
        with self._store.read() as work:
            found = work.user_by_email(address)
        able = found is not None and found.disabled_at is None
        if not self.passwords.right(found.password if found and able else None, password):
            self._told_off(now)
        assert found is not None
        assert found.password is not None
        renewed = self.passwords.hash(password) if self.passwords.outdated(found.password) else None
        with self._store.write() as work:
            work.lock_users()
            user = work.user(found.id)
            if user is None or user.disabled_at is not None or user.password != found.password:
                raise NotLetIn
            if renewed is not None:
                work.update_user(user.id, password=renewed)
            work.forget_failures(mark)
            let_in = self._let_in(work, user, device, now)
            record(work, let_in.actor, "signed_in", "session", let_in.actor.session_id, None, now)
            work.commit()
        return let_in

    def _failure_mark(self, address: str, known: str) -> str:
        """By what tries are counted: the address, or the device where its user came in from that one before.

        So whoever tries the address of somebody else does not keep that person out of the own browser.
        """
        number, _, mac = known.partition(".")
        if mac and hmac.compare_digest(mac.encode(), self._device_mac(number, address).encode()):
            return self._mark("failures on a device", f"{number} {address}")
        return self._mark("failures", address)

    def _device_mac(self, number: str, address: str) -> str:
        return self._mark("device", f"{number} {address}")[:32]

    def _count_a_try(self, mark: str, now: datetime) -> None:
        """Count it before anything is looked at, one at a time: tries at once cannot slip through."""
        with self._store.write() as work:
            work.lock_mark(mark)
            tries = work.failures(mark, now - _FAILURES_COUNT_FOR, _COUNTED)
            if len(tries) >= _FREE_TRIES:
                wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (len(tries) - _FREE_TRIES))
                left = (tries[0] + timedelta(seconds=wait) - now).total_seconds()
                if left > 0:
                    raise TooSoon(int(left) + 1)
            work.add_failure(mark, now)
            work.commit()

    def _told_off(self, now: datetime) -> NoReturn:
        with self._store.write() as work:
            record(work, None, "sign_in_failed", "session", None, None, now)
            work.commit()
        raise NotLetIn

    def _let_in(self, work: DeskWork, user: User, device: str, now: datetime) -> SignedIn:
        token, number = secrets.token_urlsafe(32), secrets.token_hex(8)
        session = DeskSession(
            id=secrets.token_hex(8),
            mark=self._mark("session", token),
            user_id=user.id,
            created_at=now,
            seen_at=now,
            expires_at=now + LONGEST_SESSION,
            device=device[:80],
        )
        work.add_desk_session(session)
        own = work.organisations_of_users([user.id]).get(user.id, [])
        return SignedIn(
            _actor(user, own, session.id), token, f"{number}.{self._device_mac(number, user.email)}"
        )

    def actor(self, token: str) -> Actor | None:
        """Who is signed in with what a cookie holds, with the rights of this moment; None for nobody."""
        now = self._clock()
        with self._store.read() as work:
            found = work.desk_session(self._mark("session", token))
            if found is None:
                return None
            session, user = found
            over = session.ended_at is not None or session.expires_at <= now or session.seen_at + IDLE <= now
            if over or user.disabled_at is not None:
                return None
            own = work.organisations_of_users([user.id]).get(user.id, [])
        if now - session.seen_at >= _SEEN_AGAIN:
            with self._store.write() as work:
                work.touch_desk_session(session.id, now)
                work.commit()
        return _actor(user, own, session.id)

    def sign_out(self, actor: Actor) -> None:
        """End this session."""
        now = self._clock()
        with self._store.write() as work:
            if work.end_desk_sessions(actor.user_id, now, session_id=actor.session_id):
                record(work, actor, "signed_out", "session", actor.session_id, None, now)
            work.commit()

    def tidy(self) -> None:
        """Forget failures after a day, and sessions some time after their end."""
        now = self._clock()
        with self._store.write() as work:
            work.forget_door(now - _SESSIONS_KEPT, now - _FAILURES_COUNT_FOR)
            work.commit()

    # --- a link to set a password ---

    def invited(self, code: str) -> User:
        """Whom a link lets in. Raises Missing when it opens nothing (any more)."""
        now = self._clock()
        with self._store.read() as work:
            link = work.user_link(self._mark("link", code))
            user = None if link is None else work.user(link.user_id)
        if link is None or user is None or link.used_at is not None or link.expires_at <= now:
            raise Missing("link")
        if user.disabled_at is not None:
            raise Missing("link")
        return user

    def take_up(self, code: str, *, name: str, password: str, language: str, device: str) -> SignedIn:
        """Set name and password with a link, which opens nothing after that; ends all sessions of before."""
        now = self._clock()
        invited = self.invited(code)
        called, spoken = _name(name), _language(language)
        kept = self._new_password(password, invited, name=called)
        with self._store.write() as work:
            work.lock_users()
            user_id = work.use_user_link(self._mark("link", code), now)
            user = None if user_id is None else work.user(user_id)
            if user is None or user.disabled_at is not None:
                raise Missing("link")
            work.update_user(user.id, name=called, language=spoken, password=kept)
            work.end_desk_sessions(user.id, now)
            work.forget_failures(self._mark("failures", user.email))
            changed = work.user(user.id)
            assert changed is not None
            let_in = self._let_in(work, changed, device, now)
            record(work, let_in.actor, "password_set", "user", user.id, None, now)
            work.commit()
        return let_in

    def _new_password(self, password: str, user: User, *, name: str | None = None) -> str:
        wrong = problem(password, email=user.email, name=user.name if name is None else name)
        if wrong is not None:
            raise Wrong("password", wrong)
        return self.passwords.hash(password)

    # --- oneself ---

    def me(self, actor: Actor) -> Me:
        """What this user is shown of the own account."""
        now = self._clock()
        with self._store.read() as work:
            user = _found(work.user(actor.user_id))
            organisations = _organisations(work, actor.organisations)
            sessions = work.desk_sessions(user.id, seen_since=now - IDLE, now=now)
        return Me(user, organisations, tuple(sessions))

    def change_me(self, actor: Actor, *, name: str, language: str) -> None:
        """Another name or language."""
        now = self._clock()
        wanted = {"name": _name(name), "language": _language(language)}
        with self._store.write() as work:
            work.lock_users()
            user = _found(work.user(actor.user_id))
            changed = [key for key, value in wanted.items() if getattr(user, key) != value]
            if changed:
                work.update_user(user.id, **wanted)
                record(work, actor, "me_changed", "user", user.id, None, now, fields=changed)
            work.commit()

    def change_password(self, actor: Actor, *, current: str, new: str, device: str) -> SignedIn:
        """Another password; all sessions end, and a new one begins. Raises NotLetIn for a wrong `current`."""
        now = self._clock()
        with self._store.read() as work:
            found = _found(work.user(actor.user_id))
        mark = self._mark("failures of one who is in", found.id)
        self._count_a_try(mark, now)
        if not self.passwords.right(found.password, current):
            self._told_off(now)
        kept = self._new_password(new, found)
        with self._store.write() as work:
            work.lock_users()
            user = _found(work.user(actor.user_id))
            if user.disabled_at is not None or user.password != found.password:
                raise NotLetIn
            work.update_user(user.id, password=kept)
            work.forget_failures(mark)
            work.drop_user_links(user.id)
            work.end_desk_sessions(user.id, now)
            let_in = self._let_in(work, user, device, now)
            record(work, let_in.actor, "password_changed", "user", user.id, None, now)
            work.commit()
        return let_in

    def end_session(self, actor: Actor, session_id: str) -> None:
        """End one of the own sessions. Raises Missing for any other."""
        now = self._clock()
        with self._store.write() as work:
            if not work.end_desk_sessions(actor.user_id, now, session_id=session_id):
                raise Missing(session_id)
            record(work, actor, "session_ended", "session", session_id, None, now)
            work.commit()

    def end_other_sessions(self, actor: Actor) -> int:
        """End the own sessions but this one; how many."""
        now = self._clock()
        with self._store.write() as work:
            ended = work.end_desk_sessions(actor.user_id, now, but=actor.session_id)
            if ended:
                record(work, actor, "sessions_ended", "user", actor.user_id, None, now, count=ended)
            work.commit()
        return ended

    # --- users, for admins ---

    def users(self, actor: Actor, after: str = "") -> tuple[list[Colleague], str | None]:
        """Users by address, those after this one; and after which the next page goes on, None at the end."""
        allow(actor, Action.MANAGE_USERS, None)
        now = self._clock()
        with self._store.read() as work:
            found = work.users(after=after, most=_PAGE + 1)
            shown = found[:_PAGE]
            return (
                self._colleagues(work, shown, now),
                shown[-1].email if len(found) > _PAGE else None,
            )

    def user(self, actor: Actor, user_id: str) -> Colleague:
        """One user, with the address of the link that is open. Raises Missing."""
        allow(actor, Action.MANAGE_USERS, None)
        now = self._clock()
        with self._store.read() as work:
            [one] = self._colleagues(work, [_found(work.user(user_id))], now)
            sessions = len(work.desk_sessions(user_id, seen_since=now - IDLE, now=now))
        return Colleague(one.user, one.organisations, one.link, one.address, sessions)

    def user_called(self, actor: Actor, email: str) -> Colleague:
        """The user with this address. Raises Missing."""
        allow(actor, Action.MANAGE_USERS, None)
        with self._store.read() as work:
            user = _found(work.user_by_email(email.strip().lower()))
        return self.user(actor, user.id)

    def _colleagues(self, work: DeskWork, users: Sequence[User], now: datetime) -> list[Colleague]:
        own = work.organisations_of_users([one.id for one in users])
        names = {one.id: one for one in work.organisations()}
        links = {
            user_id: link
            for user_id, link in work.user_links([one.id for one in users]).items()
            if link.used_at is None and link.expires_at > now
        }
        return [
            Colleague(
                one,
                tuple(sorted((names[id_] for id_ in own.get(one.id, ())), key=lambda found: found.name)),
                links.get(one.id),
                self._link_address(links[one.id]) if one.id in links else None,
            )
            for one in users
        ]

    def _link_address(self, link: UserInvitation) -> str:
        return f"{self._public_url}/desk/welcome/{self._code('link', link.id)}"

    def _new_link(self, work: DeskWork, user_id: str, now: datetime) -> UserInvitation:
        link_id = secrets.token_hex(8)
        link = UserInvitation(
            id=link_id,
            mark=self._mark("link", self._code("link", link_id)),
            user_id=user_id,
            created_at=now,
            expires_at=now + timedelta(days=LINK_DAYS),
        )
        work.set_user_link(link)
        return link

    def organisations(self, actor: Actor) -> tuple[Organisation, ...]:
        """The organisations that a user can be given."""
        allow(actor, Action.MANAGE_USERS, None)
        with self._store.read() as work:
            return tuple(work.organisations())

    def invite(
        self,
        actor: Actor,
        *,
        email: str,
        name: str,
        role: str,
        organisations: Sequence[str] = (),
        language: str = "nl",
    ) -> Colleague:
        """Add a user, with a link to set a password by; nothing is sent. `organisations`: their ids."""
        allow(actor, Action.MANAGE_USERS, None)
        now = self._clock()
        user = User(
            id=secrets.token_hex(8),
            email=_email(email),
            name=_name(name),
            role=_role(role),
            language=_language(language),
            password=None,
            created_at=now,
        )
        with self._store.write() as work:
            work.lock_users()
            if work.user_by_email(user.email) is not None:
                raise Wrong("email", "email_taken")
            own = _known(work, organisations)
            work.add_user(user)
            work.set_user_organisations(user.id, own)
            self._new_link(work, user.id, now)
            record(work, actor, "user_invited", "user", user.id, None, now, role=user.role, organisations=own)
            work.commit()
        return self.user(actor, user.id)

    def change(
        self, actor: Actor, user_id: str, *, name: str, role: str, organisations: Sequence[str]
    ) -> None:
        """Another name, role or other organisations. Raises Wrong where no admin would be left."""
        allow(actor, Action.MANAGE_USERS, None)
        now = self._clock()
        called, wanted = _name(name), _role(role)
        with self._store.write() as work:
            work.lock_users()
            user = _found(work.user(user_id))
            if wanted != "admin":
                _keep_an_admin(work, user)
            own = _known(work, organisations)
            before = work.organisations_of_users([user_id]).get(user_id, [])
            changed = [
                *(["name"] if called != user.name else []),
                *(["role"] if wanted != user.role else []),
                *(["organisations"] if sorted(own) != sorted(before) else []),
            ]
            if changed:
                work.update_user(user_id, name=called, role=wanted)
                work.set_user_organisations(user_id, own)
                record(
                    *(work, actor, "user_changed", "user", user_id, None, now),
                    fields=changed,
                    role=wanted,
                    organisations=own,
                )
            work.commit()

    def disable(self, actor: Actor, user_id: str) -> None:
        """Let a user in no more: sessions end, and links open nothing. Raises Wrong for the last admin."""
        allow(actor, Action.MANAGE_USERS, None)
        now = self._clock()
        with self._store.write() as work:
            work.lock_users()
            user = _found(work.user(user_id))
            _keep_an_admin(work, user)
            if user.disabled_at is None:
                work.update_user(user_id, disabled_at=now)
                work.drop_user_links(user_id)
                work.end_desk_sessions(user_id, now)
                record(work, actor, "user_disabled", "user", user_id, None, now)
            work.commit()

    def enable(self, actor: Actor, user_id: str) -> None:
        """Let a user in again, with the password of before."""
        allow(actor, Action.MANAGE_USERS, None)
        now = self._clock()
        with self._store.write() as work:
            work.lock_users()
            user = _found(work.user(user_id))
            if user.disabled_at is not None:
                work.update_user(user_id, disabled_at=None)
                record(work, actor, "user_enabled", "user", user_id, None, now)
            work.commit()

    def new_link(self, actor: Actor, user_id: str) -> Colleague:
        """A new link for a user, whose earlier ones open nothing now. Raises Wrong for a disabled one."""
        allow(actor, Action.MANAGE_USERS, None)
        now = self._clock()
        with self._store.write() as work:
            work.lock_users()
            user = _found(work.user(user_id))
            if user.disabled_at is not None:
                raise Wrong("user", "user_disabled")
            self._new_link(work, user_id, now)
            record(work, actor, "user_link_made", "user", user_id, None, now)
            work.commit()
        return self.user(actor, user_id)

    def end_sessions(self, actor: Actor, user_id: str) -> int:
        """Sign a user out everywhere; from how many sessions."""
        allow(actor, Action.MANAGE_USERS, None)
        now = self._clock()
        with self._store.write() as work:
            user = _found(work.user(user_id))
            ended = work.end_desk_sessions(user.id, now)
            if ended:
                record(work, actor, "sessions_ended", "user", user.id, None, now, count=ended)
            work.commit()
        return ended

    # --- the log ---

    def log(
        self,
        actor: Actor,
        *,
        before: int | None = None,
        organisation_id: str | None = None,
        user_id: str | None = None,
        action: str | None = None,
        object_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Log:
        """A page of the audit log: an admin reads all of it, a consultant that of the own organisations.

        Only so many lines are looked through at a time: `further` goes on behind them, even where a page is
        empty. Raises Missing for another's organisation, Refused for a viewer.
        """
        if organisation_id is not None:
            allow(actor, Action.READ_AUDIT, organisation_id)
            reach: list[str] | None = [organisation_id]
        elif actor.role == "admin":
            reach = None
        else:
            reach = sorted(actor.organisations)
            # The role is asked even of who has no organisation.
            if Action.READ_AUDIT not in ALLOWED[actor.role]:
                raise Refused()
        like = {
            name: value
            for name, value in (("user_id", user_id), ("action", action), ("object_id", object_id))
            if value
        }
        with self._store.read() as work:
            lines, further = work.audit_lines(
                organisation_ids=reach,
                before=before,
                within=_WINDOW,
                most=_PAGE,
                like=like,
                since=since,
                until=until,
            )
            users = {one.user_id for one in lines if one.user_id}
            users |= {one.object_id for one in lines if one.kind == "user" and one.object_id}
            names = work.user_names(sorted(users))
            if actor.role == "admin":
                organisations = tuple(work.organisations())
            else:
                organisations = _organisations(work, actor.organisations)
        return Log(tuple(lines), names, organisations, further)


def _actor(user: User, organisations: Sequence[str], session_id: str) -> Actor:
    return Actor(
        user_id=user.id,
        name=user.name,
        role=user.role,
        language=user.language,
        organisations=frozenset(organisations),
        session_id=session_id,
    )


def _found(user: User | None) -> User:
    if user is None:
        raise Missing("user")
    return user


def _organisations(work: DeskWork, ids: frozenset[str]) -> tuple[Organisation, ...]:
    return tuple(one for one in work.organisations() if one.id in ids)


def _known(work: DeskWork, organisation_ids: Sequence[str]) -> list[str]:
    """These ids without repeats. Raises Missing where there is no such organisation."""
    there = {one.id for one in work.organisations()}
    if unknown := set(organisation_ids) - there:
        raise Missing(min(unknown))
    return sorted(set(organisation_ids))


def _keep_an_admin(work: DeskWork, user: User) -> None:
    """Raise Wrong where this is the last admin who can sign in; the transaction has locked the users."""
    able = user.role == "admin" and user.disabled_at is None and user.password is not None
    if able and work.able_admins(2) < 2:
        raise Wrong("user", "last_admin")


def _email(email: str) -> str:
    plain = email.strip().lower()
    if len(plain) > 254 or not plain.isprintable() or not _EMAIL.fullmatch(plain):
        raise Wrong("email", "email_wrong")
    return plain


def _name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > _LONGEST_NAME or not plain.isprintable():
        raise Wrong("name", "name_wrong")
    return plain


def _role(role: str) -> Role:
    for one in ROLES:
        if one == role:
            return one
    raise Wrong("role", "role_wrong")


def _language(language: str) -> str:
    if language not in LANGUAGES:
        raise Wrong("language", "language_wrong")
    return language
