"""Which sites may hold a conversation here: CORS for everybody, and the server's own refusal behind it.

A browser names the page that asks in `Origin`. What CORS says of it decides only what that page may read;
whether anything is done for it is decided here, by the campaign that the request is about. So CORS is
answered for everybody: no cookie is ever used, a token has to be sent along on purpose, and a page that is
refused can read why.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders

from bot.channels.problems import Problem, preferred_language

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_API = "/api/chat/"
# Seconds for which a browser need not ask again, and after which a change of a campaign's list counts here.
_PREFLIGHT_HOLDS = 86_400
_LIST_HOLDS = 20.0
_REMEMBERED = 10_000
# What a browser may send. Anything else is repeated nowhere.
_FORM = re.compile(r"[a-z][a-z0-9+.-]*://[A-Za-z0-9._~%:\[\]-]{1,260}")
_USUAL = {"http": 80, "https": 443}


def asking(headers: Headers) -> str | None:
    """The origin that a request says it comes from, which may be 'null'; None where it says none."""
    origin = headers.get("origin")
    if origin is None:
        return None
    return origin if _FORM.fullmatch(origin) else "null"


def _told(origin: str) -> dict[str, str]:
    """The headers with which this page, and no other, may read an answer."""
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Retry-After"}


def readable(headers: MutableHeaders, request: Headers, path: str) -> None:
    """Let the page that asks read the answer with these headers, whatever it says, where it is the chat's."""
    if not path.startswith(_API):
        return
    headers.add_vary_header("Origin")
    origin = asking(request)
    if origin is not None:
        headers.update(_told(origin))


class CrossOrigin:
    """ASGI middleware: preflights of the chat's routes are answered, and all of their answers can be read.

    It stands outside of whatever may answer with an error. What is answered still further outside (500) is
    for the application to make `readable`.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or add the headers when the response starts."""
        if scope["type"] != "http" or not scope["path"].startswith(_API):
            await self._app(scope, receive, send)
            return
        request = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in request:
            await _preflight(request, send)
            return

        async def adding(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                readable(MutableHeaders(scope=message), request, scope["path"])
            await send(message)

        await self._app(scope, receive, adding)


async def _preflight(request: Headers, send: Send) -> None:
    headers = MutableHeaders(
        {
            "Access-Control-Allow-Origin": asking(request) or "null",
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": str(_PREFLIGHT_HOLDS),
            "Vary": "Origin",
        }
    )
    await send({"type": "http.response.start", "status": 204, "headers": headers.raw})
    await send({"type": "http.response.body"})


class Lists(Protocol):
    """What is asked of bot.service.use_cases.UseCases."""

    def origins_for_code(self, code: str | None, /) -> tuple[str, ...]:
        """Where one may begin with this code of an invitation; None: without one."""

    def origins_for_conversation(self, conversation_id: str, /) -> tuple[str, ...]:
        """Where this conversation may be held; none for one that there is not."""

    def invites(self, code: str, /) -> bool:
        """Whether this is the code of an invitation, open or not."""

    def there_is(self, conversation_id: str, /) -> bool:
        """Whether a token still opens this conversation."""

    def behind_link(self, link_id: str, /) -> str | None:
        """The conversation to which a link leads; nothing is used up."""

    def behind_handover(self, code: str, /) -> str | None:
        """The conversation that was handed over with this code; nothing is used up."""


class Limits(Protocol):
    """What is asked of bot.gateway.limits."""

    def wait(self, key: str) -> int:
        """Seconds to wait; 0 counts one more."""

    def empty(self, key: str) -> bool:
        """Whether nothing more is allowed now."""


class Origins:
    """Says which sites may do what. Each check raises Problem 403 for a site that may not.

    `public_url`: where people reach the gateway; pages from there, and from the very host that is asked, are
    our own. `refused`: counts, per client address, what had to be looked up in vain, and ends that with 429.
    `now`: seconds since 1970.

    A request without `Origin` is none of a page on another site, and passes.
    """

    def __init__(
        self, lists: Lists, public_url: str, refused: Limits, now: Callable[[], float] = time.time
    ) -> None:
        self._lists = lists
        self._public = _parts(public_url)
        self._refused = refused
        self._now = now
        self._known: dict[tuple[str, str], tuple[float, tuple[str, ...]]] = {}

    def foreign(self, request: Request) -> str | None:
        """The origin of the other site that asks ('null' for who hides it); None for our own pages."""
        origin = asking(request.headers)
        # Which no page can set, and which holds where a proxy asks us by another name, or a page's referrer
        # policy hides where it comes from. Browsers say it where the connection can be trusted.
        if origin is None or request.headers.get("sec-fetch-site") == "same-origin":
            return None
        parts = _parts(origin)
        if parts is None:
            return origin
        scheme, *_ = parts
        # Either scheme: behind a proxy that ends TLS, and does not say so, ours looks like http.
        here = _parts(f"{scheme}://{request.headers.get('host', '')}")
        return None if parts in (here, self._public) else origin

    async def check_code(self, request: Request, code: str | None, language: str | None = None) -> None:
        """Whether one may begin from here with this code of an invitation, or (None) without one.

        Also raises Problem 404 for a code of nothing.
        """
        origin = self.foreign(request)
        if origin is not None:
            found = await self._found("code", code or "", request, self._lists.origins_for_code, code)
            if code is not None and not found and not await asyncio.to_thread(self._lists.invites, code):
                # A slip of whoever put the code into the page, who is told of that and of no list. Not counted
                # with the wrong codes that people type: any site could lock its visitors out with those.
                raise Problem(404, "code.unknown", language=language, name="code:unknown")
            self._admit(request, origin, found, language)

    async def check_conversation(self, request: Request, conversation_id: str) -> None:
        """Whether this conversation may be held from here. One that there is not (any more) passes."""
        origin = self.foreign(request)
        if origin is None:
            return
        look = self._lists.origins_for_conversation
        found = await self._found("conversation", conversation_id, request, look, conversation_id)
        if origin in found:
            return
        self._not_too_often(request)
        # Whoever has the token of a conversation that was erased is told that it was.
        if await asyncio.to_thread(self._lists.there_is, conversation_id):
            self._refused.wait(_address(request))
            self._admit(request, origin, found)

    async def check_link(self, request: Request, link_id: str) -> None:
        """Whether one may come back from here with this link."""
        await self._check_way(request, self._lists.behind_link, link_id)

    async def check_handover(self, request: Request, code: str) -> None:
        """Whether one may go on from here with this code of a handover."""
        await self._check_way(request, self._lists.behind_handover, code)

    async def _check_way(self, request: Request, behind: Callable[[str], str | None], way: str) -> None:
        origin = self.foreign(request)
        if origin is None:
            return
        self._not_too_often(request)
        conversation_id = await asyncio.to_thread(behind, way)
        if conversation_id is None:
            # What leads nowhere tells nobody anything, but on a site that may chat at all.
            found = self._lists.origins_for_code(None)
        else:
            found = await asyncio.to_thread(self._lists.origins_for_conversation, conversation_id)
        if origin not in found:
            self._refused.wait(_address(request))
        self._admit(request, origin, found)

    async def framing(self, request: Request, code: str | None) -> tuple[str, ...]:
        """The sites that may show the page of this code in a frame. Raises the database's errors, and 429."""
        return await self._found("code", code or "", request, self._lists.origins_for_code, code)

    async def _found(
        self,
        kind: str,
        of: str,
        request: Request,
        look: Callable[..., tuple[str, ...]],
        what: str | None,
    ) -> tuple[str, ...]:
        """A list, as it was at most some seconds ago. Raises Problem 429."""
        if what is None:
            # That one is a setting.
            return look(None)
        now = self._now()
        at, found = self._known.get((kind, of), (-_LIST_HOLDS, ()))
        if 0 <= now - at < _LIST_HOLDS:
            return found
        self._not_too_often(request)
        found = await asyncio.to_thread(look, what)
        if not found:
            # It may be a guess.
            self._refused.wait(_address(request))
        self._known.pop((kind, of), None)
        self._known[kind, of] = (now, found)
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return found

    def _not_too_often(self, request: Request) -> None:
        if self._refused.empty(_address(request)):
            raise Problem(429, "error.too_fast", retry_after=_PAUSE)

    def _admit(
        self, request: Request, origin: str, found: Sequence[str], language: str | None = None
    ) -> None:
        if origin in found and origin != "null":
            return
        language = language or preferred_language(request)
        if origin == "null":
            raise Problem(403, "error.origin_hidden", language=language, name="origin")
        raise Problem(403, "error.origin", language=language, name="origin", site=origin)


# Seconds after which another look is worth trying.
_PAUSE = 5


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _parts(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what names none."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _USUAL or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _USUAL[parts.scheme]


def ancestors(origins: Sequence[str]) -> str:
    """The part of a Content-Security-Policy that says who may show a page in a frame."""
    return " ".join(("frame-ancestors 'self'", *origins))
