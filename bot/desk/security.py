"""Sessions and forms: whose request this is, and that it comes from a page of ours."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, Response

from bot.bootstrap import Peil
from bot.service.desk.access import Actor, Refused
from bot.service.desk.accounts import LONGEST_SESSION, SignedIn

_SESSION, _DEVICE, _FORM = "peil_desk", "peil_desk_device", "peil_desk_form"
_PATH = "/desk"
_DEVICE_SECONDS = 180 * 24 * 60 * 60
_OURS = ("same-origin", "none")
_NUMBER = re.compile(r"[0-9a-f]{32}")


def is_secure(peil: Peil, request: Request) -> bool:
    """Whether the browser came by https, as far as it is concerned."""
    return request.url.scheme == "https" or urlsplit(peil.settings.public_url).scheme == "https"


# --- cookies ----------------------------------------------------------------------------------------


def _name(peil: Peil, request: Request, name: str) -> str:
    """The name of a cookie: with the prefix that browsers guard, wherever it can have it."""
    return f"__Host-{name}" if is_secure(peil, request) else name


def _read(peil: Peil, request: Request, name: str) -> str:
    return request.cookies.get(_name(peil, request, name), "")


def _set(
    peil: Peil, request: Request, response: Response, name: str, value: str, seconds: int | None
) -> None:
    secure = is_secure(peil, request)
    response.set_cookie(
        _name(peil, request, name),
        value,
        max_age=seconds,
        # What has the prefix is for the whole host, or browsers refuse it.
        path="/" if secure else _PATH,
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def let_in(peil: Peil, request: Request, response: Response, signed_in: SignedIn) -> None:
    """Give the browser what it is signed in by, and what it is known by the next time."""
    seconds = int(LONGEST_SESSION.total_seconds())
    _set(peil, request, response, _SESSION, signed_in.token, seconds)
    _set(peil, request, response, _DEVICE, signed_in.device, _DEVICE_SECONDS)


def let_out(peil: Peil, request: Request, response: Response) -> None:
    """Take from the browser what it is signed in by."""
    _set(peil, request, response, _SESSION, "", 0)


def known_device(peil: Peil, request: Request) -> str:
    """What the browser is known by; empty for one that is not."""
    return _read(peil, request, _DEVICE)


def actor_of(peil: Peil, request: Request) -> Actor | None:
    """Who is signed in by the cookie of this request; None for nobody."""
    token = _read(peil, request, _SESSION)
    return peil.desk.accounts.actor(token) if token else None


# --- forms ------------------------------------------------------------------------------------------


def csrf_for(peil: Peil, request: Request) -> tuple[str, Callable[[Response], None] | None]:
    """The token that the forms of this page hold, and what sets the cookie that it goes with, if need be.

    It goes with the session; before signing in, with a cookie that we have signed.
    """
    actor = _signed_in(request)
    if actor is not None:
        return _token(peil, f"session {actor.session_id}"), None
    number = _form_number(peil, request)
    if number is not None:
        return _token(peil, f"before {number}"), None
    made = secrets.token_hex(16)

    def set_cookie(response: Response) -> None:
        _set(peil, request, response, _FORM, f"{made}.{_mac(peil, f'cookie {made}')}", None)

    return _token(peil, f"before {made}"), set_cookie


def check_form(peil: Peil, request: Request, given: str) -> None:
    """Raise Refused unless a form with this token comes from a page of ours, of this same session."""
    actor = _signed_in(request)
    if actor is not None:
        right: str | None = _token(peil, f"session {actor.session_id}")
    else:
        number = _form_number(peil, request)
        right = None if number is None else _token(peil, f"before {number}")
    genuine = right is not None and hmac.compare_digest(given.encode(), right.encode())
    if not genuine or not _from_here(peil, request):
        raise Refused("csrf")


def _signed_in(request: Request) -> Actor | None:
    found: Actor | None = getattr(request.state, "actor", None)
    return found


def _form_number(peil: Peil, request: Request) -> str | None:
    """What the cookie of a form before signing in holds; None where it is not one of ours."""
    number, _, mac = _read(peil, request, _FORM).partition(".")
    if not _NUMBER.fullmatch(number):
        return None
    genuine = hmac.compare_digest(mac.encode(), _mac(peil, f"cookie {number}").encode())
    return number if genuine else None


def _from_here(peil: Peil, request: Request) -> bool:
    """Whether what the browser tells of the page that sent a form, if it tells it, is that it is ours."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in _OURS
    origin = request.headers.get("origin")
    if origin is None:
        return True
    # By host: a proxy may have come by https where it goes on by http.
    hosts = {request.headers.get("host", ""), urlsplit(peil.settings.public_url).netloc}
    try:
        return urlsplit(origin).netloc in hosts - {""}
    except ValueError:
        return False


def _token(peil: Peil, of: str) -> str:
    return _mac(peil, f"token {of}")


def _mac(peil: Peil, of: str) -> str:
    key = hashlib.sha256(b"peil desk form " + peil.settings.secret.encode()).digest()
    return hmac.new(key, of.encode(), hashlib.sha256).hexdigest()


# --- texts ------------------------------------------------------------------------------------------


def check_signs(texts: Sequence[str]) -> None:
    """Refuse a NUL in an address or a form (422): no keyboard has it, and PostgreSQL keeps none."""
    if any("\x00" in one for one in texts):
        raise HTTPException(422)


# --- devices ----------------------------------------------------------------------------------------

_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
_SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def device_of(request: Request) -> str:
    """'Firefox, Linux': by what users know their own sessions; empty where it cannot be told."""
    agent = request.headers.get("user-agent", "")
    browser = next((name for sign, name in _BROWSERS if sign in agent), None)
    if browser is None and "Safari/" in agent:
        browser = "Safari"
    system = next((name for sign, name in _SYSTEMS if sign in agent), None)
    return ", ".join(one for one in (browser, system) if one)
