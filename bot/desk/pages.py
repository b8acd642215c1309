"""What the desk's pages share: who is at work, the words, forms, and going back with a message."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.bootstrap import Peil
from bot.channels.problems import preferred_language
from bot.desk import security
from bot.service.desk.access import Action, Actor, may
from bot.texts import LANGUAGES, say

HERE = Path(__file__).resolve().parent
BASE = "/desk"
"""Where the sub-app is mounted; every address in a page begins with it."""

_FLASH = "peil_desk_flash"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    # Not 'no-referrer': with that a browser calls the origin of a form 'null', and so nobody's.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


class SignedOut(Exception):
    """Nobody is signed in, so the page is the one to sign in at."""


@dataclass(frozen=True)
class Desk:
    """What a part's routes are made with. `now`: the clock of the use-cases."""

    peil: Peil
    templates: Environment
    now: Callable[[], datetime]


def make_templates() -> Environment:
    """The desk's templates. What they are given is escaped; a name that they are not given fails."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        # They do not change while the server runs; looking whether they have costs each page some.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["path"] = lambda text: quote(str(text), safe="")
    return made


def desk_of(request: Request) -> Desk:
    """The parts behind this request."""
    found: Desk = request.app.state.desk
    return found


def current(request: Request) -> Actor | None:
    """Who is signed in, looked up once a request; None for nobody."""
    if not hasattr(request.state, "actor"):
        request.state.actor = security.actor_of(desk_of(request).peil, request)
    found: Actor | None = request.state.actor
    return found


def actor(request: Request) -> Actor:
    """Who is signed in. Raises SignedOut."""
    found = current(request)
    if found is None:
        raise SignedOut
    return found


SignedIn = Annotated[Actor, Depends(actor)]
"""For a route's parameter: the user; nobody else gets to the route."""


def language_of(request: Request) -> str:
    """The user's language; before signing in the one asked for in the address, or the browser's."""
    found = getattr(request.state, "actor", None)
    if found is not None:
        return str(found.language)
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else preferred_language(request)


def page(request: Request, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """A page: `template` is PART_NAME.html, and its words are those of the section desk_PART.

    Every template has: language, w (a sentence), me (Actor or None), csrf() (the hidden field of a form),
    flash (message of the last change, or None), failed (what was sent does not do),
    here (path and query of this page), day(moment), time(moment), can(action, organisation_id), languages.
    """
    desk = desk_of(request)
    language = language_of(request)
    section = f"desk_{template.partition('_')[0]}"
    if template.startswith(("handing_over",)):
        section = "desk_handing_over"
    me = getattr(request.state, "actor", None)

    def w(key: str, **names: object) -> str:
        return say(language, key if "." in key else f"{section}.{key}", **names)

    def csrf() -> Markup:
        return Markup('<input type="hidden" name="csrf" value="{}">').format(token)

    def can(action: str, organisation_id: str | None = None) -> bool:
        return me is not None and may(me, Action(action), organisation_id)

    token, set_token = security.csrf_for(desk.peil, request)
    flash = _read_flash(desk, request)
    text = desk.templates.get_template(template).render(
        {
            "language": language,
            "languages": LANGUAGES,
            "w": w,
            "me": me,
            "csrf": csrf,
            "flash": flash,
            "failed": status >= 400 and template != "layout_told.html",
            "here": _here(request),
            "base": BASE,
            "can": can,
            "day": lambda moment, zone=None: day(language, moment, zone),
            "time": lambda moment, zone=None: f"{_local(moment, zone):%H:%M}",
            **values,
        }
    )
    headers = {**HEADERS, "Content-Language": language}
    response = HTMLResponse(text, status, headers)
    if set_token is not None:
        set_token(response)
    if flash is not None:
        response.delete_cookie(_FLASH, path=BASE)
    return response


def back(
    request: Request,
    address: str,
    key: str | None = None,
    values: Mapping[str, object] | None = None,
    *,
    bad: bool = False,
) -> Response:
    """303 to a page of the desk ('/campaigns/…', '#anchor' allowed), with a message there.

    `key` names it in full ('desk_campaigns.closed'); `bad`: it says what did not happen.
    """
    response = RedirectResponse(BASE + address, 303, HEADERS)
    if key is not None:
        told = json.dumps([key, {name: str(value) for name, value in (values or {}).items()}, bad])
        body = base64.urlsafe_b64encode(told.encode()).decode()
        response.set_cookie(
            _FLASH,
            f"{body}.{_flash_mac(desk_of(request), body)}",
            max_age=60,
            path=BASE,
            httponly=True,
            samesite="lax",
            secure=security.is_secure(desk_of(request).peil, request),
        )
    return response


def download(content: bytes, media_type: str, name: str) -> Response:
    """A file to keep; `name` is made by us, of letters, digits, '-' and '.' only."""
    return Response(
        content,
        media_type=media_type,
        headers={**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'},
    )


def picture(content: bytes, media_type: str = "image/png") -> Response:
    """A picture that a page shows."""
    return Response(content, media_type=media_type, headers=HEADERS)


def local_path(address: str | None) -> str:
    """A path of the desk below BASE to go on at; '/' for anything that leads elsewhere."""
    if not address or not address.startswith(BASE + "/") or "\\" in address:
        return "/"
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or any(ord(one) < 32 for one in address):
        return "/"
    # Browsers resolve '..' in whatever way it is written, and would leave the desk.
    path = parts.path
    for _ in range(3):
        path = unquote(path)
    if "//" in path or "\\" in path or ".." in path.split("/"):
        return "/"
    return address.removeprefix(BASE)


def day(language: str, moment: datetime, zone: str | None = None) -> str:
    """'22 november 2026', by the clock of this IANA zone or of the server."""
    local = _local(moment, zone)
    return f"{local.day} {say(language, 'page.months').split()[local.month - 1]} {local.year}"


def _local(moment: datetime, zone: str | None) -> datetime:
    return moment.astimezone(ZoneInfo(zone)) if zone else moment.astimezone()


def _here(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def _flash_mac(desk: Desk, body: str) -> str:
    key = hashlib.sha256(b"peil desk flash " + desk.peil.settings.secret.encode()).digest()
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()[:32]


def _read_flash(desk: Desk, request: Request) -> dict[str, Any] | None:
    body, _, mac = request.cookies.get(_FLASH, "").partition(".")
    if not mac or not hmac.compare_digest(mac.encode(), _flash_mac(desk, body).encode()):
        return None
    try:
        key, values, bad = json.loads(base64.urlsafe_b64decode(body))
        return {"text": say(language_of(request), key, **values), "bad": bad}
    except (ValueError, KeyError):
        # It was made by another version, whose sentences had other names.
        return None
