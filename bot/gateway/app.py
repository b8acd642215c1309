"""The web application: web chat, pictures, the page, and how the parts are doing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, MutableMapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from bot.bootstrap import Peil
from bot.channels import problems
from bot.channels.contract import Gone
from bot.channels.fitting import fit
from bot.channels.problems import Problem
from bot.channels.web import make_router
from bot.desk.app import make_desk
from bot.gateway.chat_services import ChatService, chat_services
from bot.gateway.dressing import Dresser
from bot.gateway.embed_page import make_embed_page
from bot.gateway.hub import GatewayHub
from bot.gateway.jobs import keep_promises, keep_reminding, keep_scores
from bot.gateway.limits import Limiter
from bot.gateway.origins import CrossOrigin, Origins, ancestors, readable
from bot.gateway.outbox import Outbox
from bot.gateway.pages import make_pages
from bot.gateway.rasa import Engine, Rasa
from bot.gateway.signing import Signer, instance
from bot.gateway.widget import Widget, make_widget
from bot.render import report
from bot.render.pictures import draw
from bot.render.radar import warm_up

logger = logging.getLogger(__name__)

WEB = Path(__file__).resolve().parent.parent / "web"
_LARGEST_BODY = 64 * 1024
_VERSION = "1.4.0"
_DAY = 24 * 60 * 60
# Seconds between two looks for what another process has written for a chat.
_LOOK_FOR_NEWS = 5.0
# Deliveries that may be under way for each arrival that may be taken in at a time: some wait, some repeat.
_DELIVERIES = 2


def _policy(framed_by: Sequence[str] = ()) -> str:
    """A Content-Security-Policy: nothing from elsewhere, nothing inline; the pages are built for it.

    `framed_by`: the sites that may show the page in a frame.
    """
    rules = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        ancestors(framed_by),
    )
    return "; ".join(rules)


# What each response has that says nothing else of itself.
_HEADERS = {
    "Content-Security-Policy": _policy(),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # Copying is all that a page of ours asks a browser for.
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "magnetometer=(), microphone=(), midi=(), payment=(), screen-wake-lock=(), usb=(), "
        "xr-spatial-tracking=()"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Of documents: no other window holds on to them, or they to it.
_OF_PAGES = {"Cross-Origin-Opener-Policy": "same-origin"}
# Of what a page of another site shows, or frames: it may insist on being allowed to.
_FOR_OTHERS = {"Cross-Origin-Resource-Policy": "cross-origin"}
_STRICT_TRANSPORT = "max-age=31536000"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class ResponseHeaders:
    """ASGI middleware: the headers that every response gets.

    `public_url`: where people reach the gateway, through a proxy that may not say that it was by https.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], public_url: str = "") -> None:
        self._app = app
        public = urlsplit(public_url)
        self._secure_host = public.netloc.encode() if public.scheme == "https" else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add them when the response starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def adding(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    # A page of its own kind brings its own policy.
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith("text/html"):
                    for name, value in _OF_PAGES.items():
                        headers.setdefault(name, value)
                if self._secure(scope):
                    headers.setdefault("Strict-Transport-Security", _STRICT_TRANSPORT)
                if scope["path"].startswith("/api/"):
                    headers["Cache-Control"] = "no-store"
                elif scope["path"].startswith("/web/"):
                    # Asked anew each time (and answered 304): modules of two versions must never mix.
                    headers["Cache-Control"] = "no-cache"
            await send(message)

        await self._app(scope, receive, adding)

    def _secure(self, scope: Scope) -> bool:
        """Whether the request came by https, as far as the browser is concerned."""
        if scope.get("scheme") == "https":
            return True
        return self._secure_host is not None and dict(scope["headers"]).get(b"host") == self._secure_host


class _TooLarge(HTTPException):
    """The body passed the limit. An HTTPException, since FastAPI makes a 400 of any other while it reads."""

    def __init__(self) -> None:
        super().__init__(413)


class BodyLimit:
    """ASGI middleware: answers 413 to a body that is too large, before anything parses it.

    `larger`: path -> bytes, where more than `largest` may come.
    """

    def __init__(
        self,
        app: Callable[[Scope, Receive, Send], Awaitable[None]],
        largest: int,
        larger: Mapping[str, int],
    ) -> None:
        self._app = app
        self._largest = largest
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes in."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = 0
        started = False
        largest = self._larger.get(scope["path"], self._largest)

        async def counted() -> MutableMapping[str, Any]:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > largest:
                raise _TooLarge
            return message

        async def noting(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noting)
        except _TooLarge:
            if not started:
                response = problems.answer(Request(scope), Problem(413, "error.too_large"))
                await response(scope, receive, send)


class Door:
    """ASGI middleware: while so many deliveries of chat channels are under way, more are sent back unread.

    `paths`: where they are delivered. It is their first stop, since a crowd is only quickly answered if it
    costs next to nothing to send it back.
    """

    def __init__(
        self, app: Callable[[Scope, Receive, Send], Awaitable[None]], paths: Collection[str], most: int
    ) -> None:
        self._app = app
        self._paths = frozenset(paths)
        self._most = most
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it in, or answer 503."""
        if scope["type"] != "http" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
        elif self._under_way >= self._most:
            headers = [(b"retry-after", b"1"), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body"})
        else:
            self._under_way += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._under_way -= 1


def create_app(
    peil: Peil,
    *,
    engine: Engine | None = None,
    now: Callable[[], float] = time.time,
    services: Sequence[ChatService] | None = None,
) -> FastAPI:
    """The application for these parts; needs a prepared database, not yet running Rasa or action server.

    `services`: the chat channels, where they are not those of the settings.
    """
    settings = peil.settings
    rasa = engine or Rasa(settings)
    hub = GatewayHub(peil.use_cases, rasa, settings.reply_wait, peil.chats, settings.arrivals_at_once)
    signer = Signer(settings.secret, peil.use_cases.knowledge.places)

    @lru_cache(maxsize=64)
    def drawn(spec: str) -> bytes:
        return draw(spec)

    services = chat_services(settings) if services is None else services
    dresser = Dresser(
        peil.use_cases, signer, drawn, settings.public_url, seconds=60 * settings.picture_minutes, now=now
    )
    hub.channels = {one.channel.name: one.channel for one in services}
    outbox = Outbox(peil.chats, hub.channels, fit=fit, dress=dresser.dress, content=dresser.content)
    hub.watch(outbox.changed)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(widget.keep)
        await asyncio.to_thread(peil.use_cases.warm_up)
        await asyncio.to_thread(warm_up)
        await asyncio.to_thread(report.warm_up)
        resumed = await hub.turns.resume()
        if resumed:
            logger.info("%d messages were waiting for a reply and are taken up again", resumed)
        jobs = [asyncio.create_task(each) for each in (_tidy(peil), keep_promises(peil), keep_scores(peil))]
        if services:
            waiting = await outbox.resume()
            if waiting:
                logger.info("%d chats are waiting for messages, which are sent now", waiting)
            jobs.append(asyncio.create_task(outbox.watch(_LOOK_FOR_NEWS)))
            jobs.append(asyncio.create_task(keep_reminding(peil)))
        for service in services:
            await service.start(hub)
        yield
        for service in services:
            await service.stop()
        for job in jobs:
            job.cancel()
        await hub.stop()
        await outbox.stop()
        for service in services:
            await service.close()
        await rasa.close()
        peil.store.engine.dispose()

    app = FastAPI(
        title="Peil web chat",
        version=_VERSION,
        description="The contract between a web chat and Peil. Every error is problem+json.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        # It would lead to whatever host the request names.
        redirect_slashes=False,
    )
    origins = Origins(
        peil.use_cases,
        settings.own_address,
        on_loopback=settings.on_loopback,
        refused=Limiter(settings.rate_burst, settings.rate_per_minute),
        framed=Limiter(settings.rate_burst, settings.rate_per_minute),
        now=now,
    )
    app.include_router(
        make_router(
            hub,
            signer,
            origins=origins,
            starts=Limiter(settings.rate_burst, settings.rate_per_minute),
            says=Limiter(settings.rate_burst, settings.rate_per_minute),
            reads=Limiter(settings.rate_burst, settings.rate_per_minute),
            max_text=settings.max_text,
            picture_seconds=60 * settings.picture_minutes,
            now=now,
        )
    )

    for service in services:
        if service.router is not None:
            app.include_router(service.router, include_in_schema=False)

    pages = Limiter(settings.rate_burst, settings.rate_per_minute)
    app.include_router(make_pages(peil.use_cases, signer, drawn, pages, report.render))

    @app.get("/pictures/{picture_id}.png", include_in_schema=False)
    async def picture(picture_id: str, until: int, key: str, save: str = "") -> Response:
        if not signer.picture_allowed(picture_id, until, key, now()):
            raise Problem(404, "error.not_found")
        found = await asyncio.to_thread(peil.use_cases.picture, picture_id)
        if found is None:
            raise Problem(404, "error.not_found")
        png = await asyncio.to_thread(drawn, found.spec)
        headers = {"Cache-Control": "no-store", **_FOR_OTHERS}
        if save == "1":
            # From another site a link cannot say so itself: there `download` does nothing.
            headers["Content-Disposition"] = 'attachment; filename="peil.png"'
        return Response(png, media_type="image/png", headers=headers)

    @app.get("/data/{link_id}.json", include_in_schema=False)
    async def my_data(link_id: str, until: int, key: str) -> Response:
        if not signer.data_allowed(link_id, until, key, now()):
            raise Problem(404, "error.not_found")
        found = await asyncio.to_thread(peil.use_cases.my_data, link_id)
        if found is None:
            raise Problem(404, "error.not_found")
        return Response(
            json.dumps(found, ensure_ascii=False, indent=2),
            media_type="application/json",
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": 'attachment; filename="peil-data.json"',
            },
        )

    @app.api_route("/healthz", methods=["GET", "HEAD"], include_in_schema=False)
    async def healthz() -> dict[str, bool]:
        return {"ok": True}

    @app.api_route("/readyz", methods=["GET", "HEAD"], include_in_schema=False)
    async def readyz() -> JSONResponse:
        async def database() -> bool:
            try:
                await asyncio.to_thread(peil.store.ping)
            except SQLAlchemyError:
                return False
            return True

        names = ("database", "rasa", "actions")
        states = await asyncio.gather(database(), rasa.rasa_ready(), rasa.actions_ready())
        return JSONResponse(
            {
                "ready": all(states),
                "instance": instance(settings.secret),
                "parts": dict(zip(names, states, strict=True)),
            },
            200 if all(states) else 503,
        )

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page(request: Request) -> HTMLResponse:
        return await chat_page(request, None, {"Cache-Control": "no-cache"})

    @app.api_route("/c/{code}", methods=["GET", "HEAD"], include_in_schema=False)
    @app.api_route("/c/{code}/", methods=["GET", "HEAD"], include_in_schema=False)
    async def invitation(request: Request, code: str) -> HTMLResponse:
        # The same page for any code: whether it opens anything is found out by who begins, not by who looks.
        return await chat_page(request, code, {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})

    async def chat_page(request: Request, code: str | None, headers: Mapping[str, str]) -> HTMLResponse:
        """The full page, which the sites of this code may show in a frame."""
        try:
            sites = await origins.framing(request, code)
        except (SQLAlchemyError, Problem):
            # The page itself needs no database, and says by itself that there is something the matter.
            sites = ()
        policy = {"Content-Security-Policy": _policy(sites)}
        return HTMLResponse(index, headers={**headers, **policy, **_FOR_OTHERS})

    widget = Widget(WEB, kept=settings.data_dir / "widget")
    index = widget.page((WEB / "index.html").read_text(encoding="utf-8"))
    app.include_router(make_widget(widget))
    app.include_router(make_embed_page(settings.public_url, widget.version))
    app.mount("/desk", make_desk(peil))
    app.mount("/web", GZipMiddleware(StaticFiles(directory=WEB), minimum_size=500), name="web")

    async def learn_language(request: Request) -> None:
        """The language of an error that came before a route could look whose request it is."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        conversation_id = signer.conversation(token)
        if conversation_id is not None and not hasattr(request.state, "language"):
            with contextlib.suppress(Gone, SQLAlchemyError):
                request.state.language = await hub.language(conversation_id)

    _handle_problems(app, learn_language)
    _describe_problems(app)
    larger = {path: most for service in services for path, most in service.largest_bodies.items()}
    app.add_middleware(BodyLimit, largest=_LARGEST_BODY, larger=larger)
    app.add_middleware(CrossOrigin)
    app.add_middleware(ResponseHeaders, public_url=settings.public_url)
    app.add_middleware(Door, paths=larger, most=_DELIVERIES * settings.arrivals_at_once)
    return app


async def _tidy(peil: Peil) -> None:
    """Once a day, and at start: delete what nobody consented to or comes back for, and old sessions."""
    while True:
        try:
            count = await asyncio.to_thread(peil.use_cases.tidy)
            await asyncio.to_thread(peil.desk.accounts.tidy)
        except SQLAlchemyError as error:
            logger.warning("tidying waits for tomorrow: %s", type(error).__name__)
        else:
            if count:
                logger.info("%d unused conversations without consent were deleted", count)
        await asyncio.sleep(_DAY)


def _describe_problems(app: FastAPI) -> None:
    """Let the OpenAPI document say problem+json of errors: FastAPI puts their schema under plain JSON."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        for path in document["paths"].values():
            for operation in path.values():
                for response in operation["responses"].values():
                    content = response.get("content", {})
                    if problems.MEDIA_TYPE in content and "application/json" in content:
                        content[problems.MEDIA_TYPE] = content.pop("application/json")
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _handle_problems(app: FastAPI, learn_language: Callable[[Request], Awaitable[None]]) -> None:
    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return problems.answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        await learn_language(request)
        return problems.answer(request, Problem(422, "error.invalid"))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        await learn_language(request)
        if error.status_code in (404, 405):
            return problems.answer(request, Problem(error.status_code, "error.not_found"))
        if error.status_code == 413:
            return problems.answer(request, Problem(413, "error.too_large"))
        # FastAPI says 400 of a body that is no text; the contract knows one status for what does not fit.
        status = 422 if error.status_code == 400 else error.status_code
        return problems.answer(request, Problem(status, "error.invalid"))

    @app.exception_handler(SQLAlchemyError)
    async def database(request: Request, error: SQLAlchemyError) -> Response:
        # The class only: a driver's message repeats the values that were to be stored.
        logger.error("the database failed: %s", type(error).__name__)
        return problems.answer(request, Problem(503, "error.busy", retry_after=2))

    @app.exception_handler(Exception)
    async def anything(request: Request, error: Exception) -> Response:
        response = problems.answer(request, Problem(500, "error.internal"))
        # This one is sent from outside of all middleware.
        response.headers.update(_HEADERS | {"Cache-Control": "no-store"})
        readable(response.headers, request.headers, request.url.path)
        return response
