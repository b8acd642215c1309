"""The result as a page of its own: the respondent's, at /r/KEY, and the view of it for colleagues, at /s/KEY.

Whoever has the address may look, so nothing keeps a copy of these pages, lists them, or is told where they
are; and what is printed of them holds no address. GET and HEAD change nothing, whoever sends them.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.addresses import caller
from bot.channels.problems import preferred_language
from bot.render.radar import HEIGHT, WIDTH
from bot.render.report import ReportError
from bot.service.report import file_name
from bot.service.report_view import Report
from bot.service.result_view import ResultView
from bot.service.use_cases import UnknownLink
from bot.service.withholding import NotYetApproved
from bot.texts import LANGUAGES, say

logger = logging.getLogger(__name__)

TEMPLATES = Path(__file__).resolve().parent / "templates"

Kind = Literal["result", "share"]
_FOLDERS: dict[Kind, str] = {"result": "/r", "share": "/s"}
_LOOKING = ("GET", "HEAD")
_ID = re.compile(r"[0-9a-f]{32}")


class ResultPages(Protocol):
    """What these pages need of the use-cases."""

    def result_page(self, link_id: str, kind: Kind, language: str | None, /) -> ResultView | None:
        """What the page shows, in this language or the respondent's; None: gone, withdrawn, erased.

        Raises NotYetApproved, as the others do.
        """

    def report(self, link_id: str, language: str | None, /) -> Report | None:
        """The report behind the respondent's own link, in this language or theirs; None: gone, erased."""

    def share(self, link_id: str, /) -> None:
        """Make a view for colleagues of the result behind this link, if none is open. Raises UnknownLink."""

    def unshare(self, link_id: str, shared_link_id: str, /) -> None:
        """Withdraw a view for colleagues of the result behind this link. Raises UnknownLink."""


class SignsLinks(Protocol):
    """What these pages need of bot.gateway.signing."""

    def link(self, kind: Kind, key: str) -> str | None:
        """The id of the link of this kind that a key opens, if it is one of ours."""

    def link_key(self, kind: Kind, link_id: str) -> str:
        """What opens a link."""


class Limits(Protocol):
    """What these pages need of bot.gateway.limits."""

    def wait(self, key: str) -> int:
        """Seconds to wait; 0 counts one more."""


class _Elsewhere(Exception):
    """Ends a request with another page than the one that was asked for."""

    def __init__(self, status: int, retry_after: int = 0) -> None:
        super().__init__(status)
        self.status = status
        self.retry_after = retry_after


def make_pages(
    use_cases: ResultPages,
    signer: SignsLinks,
    drawn: Callable[[str], bytes],
    limiter: Limits,
    typeset: Callable[[Report], bytes],
) -> APIRouter:
    """The routes of the result page and of its view for colleagues.

    `drawn`: the PNG of a radar that is given as JSON. `typeset`: the PDF of a report. `limiter` counts what
    one client address asks for, pages, pictures, reports and changes alike. Each response brings its own
    Content-Security-Policy; an app that sets one on everything has to leave these as they are.
    """
    router = APIRouter(include_in_schema=False)
    templates = make_templates()
    # They are made one by one: who waits for another's report must not keep a thread meanwhile.
    typesetting = asyncio.Lock()

    def opened(request: Request, kind: Kind, key: str) -> str:
        """The link that the key opens. Raises _Elsewhere."""
        seconds = limiter.wait(caller(request))
        if seconds:
            raise _Elsewhere(429, seconds)
        link_id = signer.link(kind, key)
        if link_id is None:
            raise _Elsewhere(404)
        return link_id

    async def find(request: Request, kind: Kind, key: str) -> ResultView:
        """What the page shows that the key opens. Raises _Elsewhere."""
        link_id = opened(request, kind, key)
        view = await asyncio.to_thread(use_cases.result_page, link_id, kind, _asked_language(request))
        if view is None:
            raise _Elsewhere(404)
        # Whatever it brings: nothing personal gets as far as the template of a colleague's page.
        return view if kind == "result" else for_colleagues(view)

    def shown(request: Request, kind: Kind, key: str, view: ResultView) -> Response:
        addresses = {
            one.link_id: f"{_FOLDERS['share']}/{signer.link_key('share', one.link_id)}" for one in view.shares
        }
        text = render_result(
            templates,
            view,
            path=f"{_FOLDERS[kind]}/{key}",
            # The scheme is a guess behind a proxy that does not tell; result.js puts it right.
            origin=f"{request.url.scheme}://{request.url.netloc}",
            addresses=addresses,
        )
        return HTMLResponse(text, headers=_headers(own=view.own, language=view.language))

    def another(request: Request, status: int, retry_after: int) -> Response:
        first = _asked_language(request) or preferred_language(request)
        languages = (first, *(one for one in LANGUAGES if one != first))
        text = templates.get_template("elsewhere.html").render(
            languages=languages, status=status, **_words(first)
        )
        headers = _headers(own=False, language=", ".join(languages))
        if retry_after:
            headers["Retry-After"] = str(retry_after)
        return HTMLResponse(text, status, headers)

    async def kindly(request: Request, work: Coroutine[Any, Any, Response]) -> Response:
        """The response of `work`; or, when it cannot be, a page for people that says so."""
        try:
            return await work
        except _Elsewhere as other:
            return another(request, other.status, other.retry_after)
        except UnknownLink:
            return another(request, 404, 0)
        except NotYetApproved:
            return another(request, 403, 0)
        except ReportError as error:
            logger.error("the report failed: %s", type(error).__name__)
            return another(request, 503, 2)
        except SQLAlchemyError as error:
            # The class only: a driver's message repeats the values.
            logger.error("the database failed: %s", type(error).__name__)
            return another(request, 503, 2)

    async def page(request: Request, kind: Kind, key: str) -> Response:
        return shown(request, kind, key, await find(request, kind, key))

    async def radar(request: Request, kind: Kind, key: str) -> Response:
        view = await find(request, kind, key)
        png = await asyncio.to_thread(drawn, view.picture)
        return Response(png, media_type="image/png", headers=_headers(own=False, language=view.language))

    async def report(request: Request, key: str) -> Response:
        link_id = opened(request, "result", key)
        found = await asyncio.to_thread(use_cases.report, link_id, _asked_language(request))
        if found is None:
            raise _Elsewhere(404)
        async with typesetting:
            pdf = await asyncio.to_thread(typeset, found)
        headers = _headers(own=False, language=found.language)
        headers["Content-Disposition"] = f'attachment; filename="{file_name(found)}"'
        return Response(pdf, media_type="application/pdf", headers=headers)

    async def open_share(request: Request, key: str) -> Response:
        await asyncio.to_thread(use_cases.share, opened(request, "result", key))
        return back(request, key)

    async def withdraw(request: Request, key: str) -> Response:
        link_id = opened(request, "result", key)
        form = parse_qs((await request.body()).decode("latin-1"))
        shared_link_id = form.get("link", [""])[0]
        # Anything else the database would only stumble over.
        if not _ID.fullmatch(shared_link_id):
            raise _Elsewhere(404)
        await asyncio.to_thread(use_cases.unshare, link_id, shared_link_id)
        return back(request, key)

    def back(request: Request, key: str) -> Response:
        language = _asked_language(request)
        chosen = f"?lang={language}" if language else ""
        # 303: the browser asks for the page with GET, so that a reload repeats nothing.
        return RedirectResponse(
            f"{_FOLDERS['result']}/{key}{chosen}#share", 303, _headers(own=False, language=language)
        )

    @router.api_route("/r/{key}", methods=[*_LOOKING])
    async def own_page(request: Request, key: str) -> Response:
        return await kindly(request, page(request, "result", key))

    @router.api_route("/s/{key}", methods=[*_LOOKING])
    async def shared_page(request: Request, key: str) -> Response:
        return await kindly(request, page(request, "share", key))

    @router.api_route("/r/{key}/radar.png", methods=[*_LOOKING])
    async def own_radar(request: Request, key: str) -> Response:
        return await kindly(request, radar(request, "result", key))

    @router.api_route("/s/{key}/radar.png", methods=[*_LOOKING])
    async def shared_radar(request: Request, key: str) -> Response:
        return await kindly(request, radar(request, "share", key))

    @router.api_route("/r/{key}/report.pdf", methods=[*_LOOKING])
    async def own_report(request: Request, key: str) -> Response:
        return await kindly(request, report(request, key))

    @router.post("/r/{key}/share")
    async def share(request: Request, key: str) -> Response:
        return await kindly(request, open_share(request, key))

    @router.post("/r/{key}/unshare")
    async def unshare(request: Request, key: str) -> Response:
        return await kindly(request, withdraw(request, key))

    return router


def make_templates() -> Environment:
    """The templates of these pages. What they are given is escaped; a name that they are not given fails."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_result(
    templates: Environment, view: ResultView, *, path: str, origin: str, addresses: Mapping[str, str]
) -> str:
    """The HTML of a result.

    `path`: of this page on the server; `origin`: the server's scheme and host; `addresses`: link id of each
    view for colleagues that is open -> its path.
    """
    return templates.get_template("result_page.html").render(
        view=view,
        path=path,
        origin=origin,
        addresses=addresses,
        picture_size=(WIDTH, HEIGHT),
        **_words(view.language),
    )


def for_colleagues(view: ResultView) -> ResultView:
    """The same without own words, single answers, and who else may look."""
    return replace(
        view,
        own=False,
        elements=(),
        insights=(),
        answers=(),
        shares=(),
        steps=tuple(replace(step, move=None) for step in view.steps),
    )


def _words(language: str) -> dict[str, Any]:
    """What every template is given: its language, sentences in it (or in another), and dates."""

    def word(key: str, *, language: str = language, **values: object) -> str:
        return say(language, f"page.{key}", **values)

    def day(moment: datetime) -> str:
        """'22 november 2026', by the clock of the server."""
        local = moment.astimezone()
        return f"{local.day} {word('months').split()[local.month - 1]} {local.year}"

    return {"language": language, "word": word, "day": day}


def _asked_language(request: Request) -> str | None:
    language = request.query_params.get("lang")
    return language if language in LANGUAGES else None


def _headers(*, own: bool, language: str | None) -> dict[str, str]:
    forms = "'self'" if own else "'none'"
    return {
        **({"Content-Language": language} if language else {}),
        "Cache-Control": "no-store",
        # Nothing from elsewhere and nothing inline; only the respondent's own page has forms.
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; "
            f"form-action {forms}; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
    }
