"""Sessions and forms: whose request this is, and that it comes from a page of ours."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import Request, Response

from bot.bootstrap import Peil
from bot.service.desk.access import Actor, Refused


def is_secure(peil: Peil, request: Request) -> bool:
    """Whether the browser came by https, as far as it is concerned."""
    return request.url.scheme == "https" or urlsplit(peil.settings.public_url).scheme == "https"


def session_cookie(peil: Peil, request: Request) -> str:
    """The name of the cookie: with the prefix that browsers guard, wherever it can have it."""
    return "__Host-peil_desk" if is_secure(peil, request) else "peil_desk"


def actor_of(peil: Peil, request: Request) -> Actor | None:
    """Who is signed in by the cookie of this request; None for nobody."""
    token = request.cookies.get(session_cookie(peil, request), "")
    return peil.desk.accounts.actor(token) if token else None


def csrf_for(peil: Peil, request: Request) -> tuple[str, Callable[[Response], None] | None]:
    """The token that the forms of this page hold, and what sets the cookie that it goes with, if need be."""
    token = request.cookies.get(session_cookie(peil, request), "")
    return _mac(peil, token), None


def check_form(peil: Peil, request: Request, given: str) -> None:
    """Raise Refused unless a form with this token comes from a page of ours, of this same session."""
    token = request.cookies.get(session_cookie(peil, request), "")
    if not hmac.compare_digest(given.encode(), _mac(peil, token).encode()):
        raise Refused("csrf")


def _mac(peil: Peil, token: str) -> str:
    key = hashlib.sha256(b"peil desk form " + peil.settings.secret.encode()).digest()
    return hmac.new(key, token.encode(), hashlib.sha256).hexdigest()
