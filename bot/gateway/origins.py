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

from bot.channels.addresses import caller
from bot.channels.problems import Problem, preferred_language
from bot.channels.recent import Recent
from bot.origins import is_proper
from bot.service.codes import InvalidCode, read

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_API = "/api/chat/"
# Seconds for which a browser need not ask again, and after which a change of a campaign's list counts here.
_PREFLIGHT_HOLDS = 86_400
_LIST_HOLDS = 20.0
# Lists are kept up to so many characters in all; what led to none, up to so many names.
_REMEMBERED = 4_000_000
_MISSES_REMEMBERED = 5_000
# Roughly what an entry takes besides its origins, in characters.
_ENTRY = 200
# Of a code as it may be spelt, in characters; also what the contract takes.
_LONGEST_CODE = 64
# What a browser may send. Anything else is repeated nowhere.
_FORM = re.compile(r"[a-z][a-z0-9+.-]*://[A-Za-z0-9._~%:\[\]-]{1,260}")
_USUAL = {"http": 80, "https": 443}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


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


class Remembered:
    """Lists as they were and when; the longest untouched is forgotten when they take too much together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._lists: dict[tuple[str, str], tuple[float, tuple[str, ...]]] = {}

    def get(self, key: tuple[str, str]) -> tuple[float, tuple[str, ...]] | None:
        """What is kept under this key: since when, and the list."""
        return self._lists.get(key)

    def keep(self, key: tuple[str, str], at: float, found: tuple[str, ...]) -> None:
        """Keep it, and forget the oldest for it."""
        self.forget(key)
        self._lists[key] = (at, found)
        self._held += self._size(found)
        while self._held > self._most:
            self.forget(next(iter(self._lists)))

    def forget(self, key: tuple[str, str]) -> None:
        """Keep nothing under this key."""
        _, found = self._lists.pop(key, (0.0, None))
        if found is not None:
            self._held -= self._size(found)

    @staticmethod
    def _size(found: tuple[str, ...]) -> int:
        return _ENTRY + sum(_ENTRY + len(one) for one in found)


class Origins:
    """Says which sites may do what. Each check raises Problem 403 for a site that may not.

    `own_address`: where people reach the gateway; pages from there are our own, and nobody else's. None where
    nobody has said so: then those from the very host that is asked are. `on_loopback`: whether only this
    machine can reach the gateway, so that pages from its own names are ours as well. `now`: seconds since
    1970.

    What has to be looked up in vain is counted, and ends with 429: by `refused` per client address and
    origin, so that no site uses up the tries of another in the same building; by `framed` per client
    address, of pages that somebody wants to see in a frame, which name no origin.

    A request without `Origin` is none of a page on another site, and passes.
    """

    def __init__(
        self,
        lists: Lists,
        own_address: str | None,
        *,
        on_loopback: bool,
        refused: Limits,
        framed: Limits,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._lists = lists
        self._own = None if own_address is None else _parts(own_address)
        self._on_loopback = on_loopback
        self._refused = refused
        self._framed = framed
        self._now = now
        # Apart, so that guesses never push out what is known.
        self._known = Remembered(_REMEMBERED)
        self._missed: Recent[tuple[str, str], float] = Recent(_MISSES_REMEMBERED)

    def foreign(self, request: Request) -> str | None:
        """The origin of the other site that asks ('null' for who hides it); None for our own pages."""
        origin = asking(request.headers)
        # Which no page can set, and which holds where a proxy asks us by another name, or a page's referrer
        # policy hides where it comes from. Browsers say it where the connection can be trusted.
        if origin is None or request.headers.get("sec-fetch-site") == "same-origin":
            return None
        parts = _parts(origin)
        return None if parts is not None and self._is_own(parts, request.headers.get("host", "")) else origin

    def _is_own(self, parts: tuple[str, str, int], host: str) -> bool:
        if parts == self._own:
            return True
        scheme, name, _ = parts
        if self._own is None:
            # Either scheme: behind a proxy that ends TLS, and does not say so, ours looks like http.
            return parts == _parts(f"{scheme}://{host}")
        # Whoever owns a name can let it lead here (DNS rebinding), and the browser then says it in `Host`.
        # But for the names of the machine itself, which nobody owns.
        return self._on_loopback and name in _LOOPBACK and parts == _parts(f"http://{host}")

    async def check_code(self, request: Request, code: str | None, language: str | None = None) -> None:
        """Whether one may begin from here with this code of an invitation, or (None) without one.

        Also raises Problem 404 for a code of nothing.
        """
        origin = self.foreign(request)
        if origin is None:
            return
        if code is None:
            self._admit(request, origin, self._lists.origins_for_code(None), language)
            return
        plain = _plain(code)
        found: tuple[str, ...] = ()
        if plain is not None:
            found = await self._of_code(plain, self._refused, _visitor(request, origin))
        if not found and (plain is None or not await asyncio.to_thread(self._lists.invites, plain)):
            # A slip of whoever put the code into the page, who is told of that and of no list. Not
            # counted with the wrong codes that people type: any site could lock out its visitors.
            raise Problem(404, "error.code_on_site", language=language, name="code:unknown")
        self._admit(request, origin, found, language)

    async def check_conversation(self, request: Request, conversation_id: str) -> None:
        """Whether this conversation may be held from here. One that there is not (any more) passes."""
        origin = self.foreign(request)
        if origin is None:
            return
        # Never too often: its token was signed here, so it is no guess.
        key = ("conversation", conversation_id)
        found = self._remembered(key)
        if found is None:
            found = await asyncio.to_thread(self._lists.origins_for_conversation, conversation_id)
            self._keep(key, found)
        if origin in found:
            return
        who = _visitor(request, origin)
        _not_too_often(self._refused, who)
        # Whoever has the token of a conversation that was erased is told that it was.
        if await asyncio.to_thread(self._lists.there_is, conversation_id):
            self._refused.wait(who)
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
        who = _visitor(request, origin)
        _not_too_often(self._refused, who)
        conversation_id = await asyncio.to_thread(behind, way)
        if conversation_id is None:
            # What leads nowhere tells nobody anything, but on a site that may chat at all.
            found = self._lists.origins_for_code(None)
        else:
            found = await asyncio.to_thread(self._lists.origins_for_conversation, conversation_id)
        if origin not in found:
            self._refused.wait(who)
        self._admit(request, origin, found)

    async def framing(self, request: Request, code: str | None) -> tuple[str, ...]:
        """The sites that may show the page of this code in a frame. Raises the database's errors, and 429."""
        if code is None:
            return self._lists.origins_for_code(None)
        plain = _plain(code)
        # What a script fetches is in no frame; any page can let it fetch as much as it likes.
        if plain is None or request.headers.get("sec-fetch-mode", "navigate") != "navigate":
            return ()
        return await self._of_code(plain, self._framed, caller(request))

    async def _of_code(self, code: str, misses: Limits, who: str) -> tuple[str, ...]:
        """The list of a code, read already, as it was at most some seconds ago. Raises Problem 429.

        `misses` counts by `who` where there is none, since that may be a guess.
        """
        key = ("code", code)
        found = self._remembered(key)
        if found is not None:
            return found
        if self._known.get(key) is None:
            # Else it was good lately, and whatever else came from there does not count against it.
            _not_too_often(misses, who)
        found = await asyncio.to_thread(self._lists.origins_for_code, code)
        if not found:
            misses.wait(who)
        self._keep(key, found)
        return found

    def _remembered(self, key: tuple[str, str]) -> tuple[str, ...] | None:
        """The list of a code or a conversation, where it was looked up not long ago."""
        at, found = self._known.get(key) or (self._missed.get(key), ())
        return found if at is not None and 0 <= self._now() - at < _LIST_HOLDS else None

    def _keep(self, key: tuple[str, str], found: tuple[str, ...]) -> None:
        if found:
            self._missed.forget(key)
            self._known.keep(key, self._now(), found)
        else:
            self._known.forget(key)
            self._missed.keep(key, self._now())

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


def _not_too_often(limits: Limits, who: str) -> None:
    if limits.empty(who):
        raise Problem(429, "error.too_fast", retry_after=_PAUSE)


def _visitor(request: Request, origin: str) -> str:
    """Who asks: an address, on the pages of one site."""
    return f"{caller(request)} {origin}"


def _plain(code: str) -> str | None:
    """A code as it was made, whichever way it is spelt; None for what cannot be one."""
    if len(code) > _LONGEST_CODE:
        return None
    try:
        return read(code)
    except InvalidCode:
        return None


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
    """The part of a Content-Security-Policy that says who may show a page in a frame.

    What is no origin is left out, wherever it came from: it could say something else in the policy.
    """
    return " ".join(("frame-ancestors 'self'", *filter(is_proper, origins)))
