"""Pages of the desk: signing in, the own account, users, and the audit log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from bot.assessment.users import ROLES
from bot.channels.addresses import caller
from bot.desk import security
from bot.desk.pages import BASE, Desk, back, current, language_of, local_path, page
from bot.desk.pages import SignedIn as Signed
from bot.gateway.limits import Limiter
from bot.service.desk.accounts import LINK_DAYS, Colleague, NotLetIn, SignedIn, TooSoon, Wrong
from bot.service.desk.passwords import LONGEST, SHORTEST
from bot.texts import LANGUAGES, say

# Of one network address, at the doors: so many at once, and a minute in the long run. A whole office
# can be one of these.
_AT_ONCE, _A_MINUTE = 30, 10
_LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English"}
_LARGEST_ID = 2**31 - 1

# Longer than any that can be right; what is longer still was typed by nobody.
Email = Annotated[str, Form(max_length=300)]
Name = Annotated[str, Form(max_length=200)]
Password = Annotated[str, Form(max_length=1000)]
Short = Annotated[str, Form(max_length=40)]
Ids = Annotated[list[str], Form(max_length=1000)]


def make_accounts(desk: Desk, limiter: Limiter | None = None) -> APIRouter:
    """The routes of these pages. `limiter`: how often one network address may try to get in."""
    router = APIRouter()
    doors = limiter or Limiter(_AT_ONCE, _A_MINUTE)
    _add_doors(router, desk, doors)
    _add_me(router, desk)
    _add_users(router, desk)
    _add_log(router, desk)
    return router


def _come_in(
    desk: Desk, request: Request, address: str, let_in: SignedIn, key: str | None = None
) -> Response:
    response = back(request, address, key)
    security.let_in(desk.peil, request, response, let_in)
    return response


def _pairs(request: Request, names: tuple[str, ...], prefix: str) -> list[tuple[str, str]]:
    return [(one, say(language_of(request), f"desk_accounts.{prefix}{one}")) for one in names]


def _filled(problems: dict[str, str] | None) -> defaultdict[str, str]:
    """Field -> what is wrong with it; nothing for the others."""
    return defaultdict(str, problems or {})


_SPOKEN = [(one, _LANGUAGE_NAMES[one]) for one in LANGUAGES]


# --- doors ------------------------------------------------------------------------------------------


def _add_doors(router: APIRouter, desk: Desk, doors: Limiter) -> None:
    accounts = desk.peil.desk.accounts

    def wait_at_door(request: Request) -> int:
        return doors.wait(caller(request))

    def sign_in_page(
        request: Request, goes_on: str, email: str = "", problem: str | None = None, wait: int = 0
    ) -> Response:
        status = 200 if problem is None else 429 if wait else 403
        shown = page(
            request,
            "accounts_sign_in.html",
            status,
            email=email,
            problem=problem,
            goes_on=goes_on,
            nobody=accounts.first_address() is not None,
            spoken=_SPOKEN,
        )
        if wait:
            shown.headers["Retry-After"] = str(wait)
        return shown

    def told(request: Request, key: str, **values: object) -> str:
        return say(language_of(request), f"desk_accounts.{key}", **values)

    @router.get("/sign-in")
    def sign_in(request: Request, next: str = "") -> Response:
        goes_on = local_path(next)
        if current(request) is not None:
            return back(request, goes_on)
        return sign_in_page(request, goes_on)

    @router.post("/sign-in")
    def signing_in(request: Request, email: Email = "", password: Password = "", next: str = "") -> Response:
        goes_on = local_path(next)
        wait = wait_at_door(request)
        if wait:
            return sign_in_page(request, goes_on, email, told(request, "wait", seconds=wait), wait)
        before = current(request)
        try:
            let_in = accounts.sign_in(
                email,
                password,
                device=security.device_of(request),
                known=security.known_device(desk.peil, request),
            )
        except TooSoon as error:
            problem = told(request, "wait", seconds=error.seconds)
            return sign_in_page(request, goes_on, email, problem, error.seconds)
        except NotLetIn:
            return sign_in_page(request, goes_on, email, told(request, "not_let_in"))
        if before is not None:
            accounts.sign_out(before)
        return _come_in(desk, request, goes_on, let_in)

    @router.post("/sign-out")
    def signing_out(request: Request, user: Signed) -> Response:
        accounts.sign_out(user)
        response = back(request, f"/sign-in?lang={user.language}", "desk_accounts.signed_out")
        security.let_out(desk.peil, request, response)
        return response

    def door_page(
        request: Request, template: str, do: Callable[[], SignedIn] | None, **values: Any
    ) -> Response:
        """The page where somebody sets a password, or, after doing what was filled in, the first page."""
        problems: dict[str, str] = {}
        status = 200
        if do is not None:
            wait = wait_at_door(request)
            if wait:
                problems, status = {"password": told(request, "wait", seconds=wait)}, 429
            else:
                try:
                    return _come_in(desk, request, "/", do(), "desk_accounts.welcome_done")
                except Wrong as error:
                    problems, status = {error.field: told(request, error.key)}, 422
        return page(
            request,
            template,
            status,
            problems=_filled(problems),
            spoken=_SPOKEN,
            shortest=SHORTEST,
            longest=LONGEST,
            **values,
        )

    @router.get("/welcome/{code}")
    def welcome(request: Request, code: str) -> Response:
        user = accounts.invited(code)
        if "lang" not in request.query_params and current(request) is None:
            # Before the own password is set, the language is the one that the inviter thought of.
            return RedirectResponse(f"{BASE}/welcome/{code}?lang={user.language}", 303)
        return door_page(request, "accounts_welcome.html", None, code=code, email=user.email, name=user.name)

    @router.post("/welcome/{code}")
    def taking_up(
        request: Request, code: str, name: Name = "", password: Password = "", language: Short = ""
    ) -> Response:
        user = accounts.invited(code)

        def do() -> SignedIn:
            return accounts.take_up(
                code, name=name, password=password, language=language, device=security.device_of(request)
            )

        return door_page(request, "accounts_welcome.html", do, code=code, email=user.email, name=name)

    @router.get("/first/{code}")
    def first(request: Request, code: str) -> Response:
        accounts.opens_first(code)
        return door_page(request, "accounts_first.html", None, code=code, email="", name="")

    @router.post("/first/{code}")
    def making_first(
        request: Request,
        code: str,
        email: Email = "",
        name: Name = "",
        password: Password = "",
        language: Short = "",
    ) -> Response:
        accounts.opens_first(code)

        def do() -> SignedIn:
            return accounts.create_first(
                code,
                email=email,
                name=name,
                password=password,
                language=language,
                device=security.device_of(request),
            )

        return door_page(request, "accounts_first.html", do, code=code, email=email, name=name)


# --- oneself ----------------------------------------------------------------------------------------


def _add_me(router: APIRouter, desk: Desk) -> None:
    accounts = desk.peil.desk.accounts

    def my_page(request: Request, user: Signed, problems: dict[str, str] | None = None) -> Response:
        return page(
            request,
            "accounts_me.html",
            422 if problems else 200,
            mine=accounts.me(user),
            problems=_filled(problems),
            spoken=_SPOKEN,
            shortest=SHORTEST,
            longest=LONGEST,
        )

    @router.get("/me")
    def me(request: Request, user: Signed) -> Response:
        return my_page(request, user)

    @router.post("/me")
    def changing_me(request: Request, user: Signed, name: Name = "", language: Short = "") -> Response:
        try:
            accounts.change_me(user, name=name, language=language)
        except Wrong as error:
            return my_page(request, user, {error.field: say(user.language, f"desk_accounts.{error.key}")})
        return back(request, "/me", "desk_accounts.saved")

    @router.post("/me/password")
    def changing_password(
        request: Request, user: Signed, now_used: Password = "", password: Password = ""
    ) -> Response:
        def wrong(field: str, key: str, **values: object) -> Response:
            return my_page(request, user, {field: say(user.language, f"desk_accounts.{key}", **values)})

        try:
            let_in = accounts.change_password(
                user, current=now_used, new=password, device=security.device_of(request)
            )
        except TooSoon as error:
            return wrong("now_used", "wait", seconds=error.seconds)
        except NotLetIn:
            return wrong("now_used", "now_used_wrong")
        except Wrong as error:
            return wrong(error.field, error.key)
        return _come_in(desk, request, "/me", let_in, "desk_accounts.password_changed")

    @router.post("/me/sessions/end-others")
    def ending_others(request: Request, user: Signed) -> Response:
        accounts.end_other_sessions(user)
        return back(request, "/me#sessions", "desk_accounts.others_ended")

    @router.post("/me/sessions/{session_id}/end")
    def ending(request: Request, user: Signed, session_id: str) -> Response:
        accounts.end_session(user, session_id)
        return back(request, "/me#sessions", "desk_accounts.session_ended")


# --- users ------------------------------------------------------------------------------------------


def _add_users(router: APIRouter, desk: Desk) -> None:
    accounts = desk.peil.desk.accounts

    @router.get("/users")
    def users(request: Request, user: Signed, after: str = "") -> Response:
        found, further = accounts.users(user, after)
        return page(request, "accounts_users.html", users=found, further=further, first=not after)

    def new_page(
        request: Request, user: Signed, values: dict[str, Any], problems: dict[str, str]
    ) -> Response:
        return page(
            request,
            "accounts_new.html",
            422 if problems else 200,
            values=values,
            problems=_filled(problems),
            organisations=accounts.organisations(user),
            roles=_pairs(request, ROLES[::-1], "role_"),
            spoken=_SPOKEN,
            days=LINK_DAYS,
        )

    @router.get("/users/new")
    def new(request: Request, user: Signed) -> Response:
        values = {"email": "", "name": "", "role": "consultant", "organisations": []}
        return new_page(request, user, values | {"language": user.language}, {})

    @router.post("/users/new")
    def inviting(
        request: Request,
        user: Signed,
        email: Email = "",
        name: Name = "",
        role: Short = "",
        language: Short = "",
        organisations: Ids = [],  # noqa: B006 - FastAPI copies it
    ) -> Response:
        values = {"email": email, "name": name, "role": role, "organisations": organisations}
        try:
            made = accounts.invite(user, **values, language=language)  # type: ignore[arg-type]
        except Wrong as error:
            problems = {error.field: say(user.language, f"desk_accounts.{error.key}")}
            return new_page(request, user, values | {"language": language}, problems)
        return back(request, f"/users/{made.user.id}", "desk_accounts.invited", {"name": made.user.name})

    def user_page(
        request: Request, user: Signed, found: Colleague, problems: dict[str, str] | None = None
    ) -> Response:
        return page(
            request,
            "accounts_user.html",
            422 if problems else 200,
            found=found,
            problems=_filled(problems),
            organisations=accounts.organisations(user),
            roles=_pairs(request, ROLES[::-1], "role_"),
            days=LINK_DAYS,
        )

    @router.get("/users/{user_id}")
    def one(request: Request, user: Signed, user_id: str) -> Response:
        return user_page(request, user, accounts.user(user, user_id))

    @router.post("/users/{user_id}")
    def changing(
        request: Request,
        user: Signed,
        user_id: str,
        name: Name = "",
        role: Short = "",
        organisations: Ids = [],  # noqa: B006 - FastAPI copies it
    ) -> Response:
        try:
            accounts.change(user, user_id, name=name, role=role, organisations=organisations)
        except Wrong as error:
            problems = {error.field: say(user.language, f"desk_accounts.{error.key}")}
            return user_page(request, user, accounts.user(user, user_id), problems)
        return back(request, f"/users/{user_id}", "desk_accounts.saved")

    def acted(request: Request, user_id: str, key: str, do: Callable[[], object]) -> Response:
        try:
            do()
        except Wrong as error:
            return back(request, f"/users/{user_id}", f"desk_accounts.{error.key}", bad=True)
        return back(request, f"/users/{user_id}", f"desk_accounts.{key}")

    @router.post("/users/{user_id}/disable")
    def disabling(request: Request, user: Signed, user_id: str) -> Response:
        return acted(request, user_id, "disabled_done", lambda: accounts.disable(user, user_id))

    @router.post("/users/{user_id}/enable")
    def enabling(request: Request, user: Signed, user_id: str) -> Response:
        return acted(request, user_id, "enabled_done", lambda: accounts.enable(user, user_id))

    @router.post("/users/{user_id}/link")
    def linking(request: Request, user: Signed, user_id: str) -> Response:
        return acted(request, user_id, "link_done", lambda: accounts.new_link(user, user_id))

    @router.post("/users/{user_id}/sessions/end")
    def ending_sessions(request: Request, user: Signed, user_id: str) -> Response:
        return acted(request, user_id, "sessions_done", lambda: accounts.end_sessions(user, user_id))


# --- the log ----------------------------------------------------------------------------------------


def _add_log(router: APIRouter, desk: Desk) -> None:
    accounts = desk.peil.desk.accounts

    @router.get("/audit")
    def audit(
        request: Request,
        user: Signed,
        before: Annotated[int | None, Query(ge=1, le=_LARGEST_ID)] = None,
        organisation: str = "",
        who: str = "",
        action: str = "",
        what: str = "",
        until: str = "",
    ) -> Response:
        day = _day(until)
        found = accounts.log(
            user,
            before=before,
            organisation_id=organisation or None,
            user_id=who or None,
            action=action or None,
            object_id=what or None,
            until=day,
        )
        chosen = {"organisation": organisation, "who": who, "action": action, "what": what}
        if day is not None:
            chosen["until"] = until
        return page(
            request,
            "accounts_audit.html",
            log=found,
            chosen=chosen,
            until=until if day is not None else "",
            action_name=lambda name: _action_name(user.language, name),
            where={one.id: one.name for one in found.organisations},
            places=[(one.id, one.name) for one in found.organisations],
            before=before,
            kind_name=lambda name: _kind_name(user.language, name),
            detail_of=_detail_of,
        )


def _day(text: str) -> datetime | None:
    """The end of a day as a form has it ('2026-11-22'), by the server's clock; None for anything else."""
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day + timedelta(days=1), time()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _action_name(language: str, name: str) -> str:
    """What an action of the log is called; its own name where it has none."""
    try:
        return say(language, f"desk_accounts.action.{name}")
    except KeyError:
        return name.replace("_", " ")


def _kind_name(language: str, name: str) -> str:
    """What a kind of thing in the log is called; its own name where it has none."""
    try:
        return say(language, f"desk_accounts.kind.{name}")
    except KeyError:
        return name.replace("_", " ")


def _detail_of(detail: dict[str, Any]) -> str:
    """'role: viewer, fields: name role': ids and names only, so they need no words of a language."""
    shown = []
    for name, value in detail.items():
        text = " ".join(str(one) for one in value) if isinstance(value, list) else str(value)
        if text:
            shown.append(f"{name}: {text}")
    return ", ".join(shown)
