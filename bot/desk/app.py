"""The desk as one application, mounted below /desk: its routes, its checks, and kind pages for errors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from bot.bootstrap import Peil
from bot.desk import security
from bot.desk.accounts import make_accounts
from bot.desk.advising import make_advising
from bot.desk.campaigns import make_campaigns
from bot.desk.comparing import make_comparing
from bot.desk.handing_over import make_handing_over
from bot.desk.organisation_report import make_organisation_report
from bot.desk.pages import BASE, HERE, Desk, SignedOut, current, make_templates, page
from bot.desk.privacy import make_privacy
from bot.desk.reviewing import make_reviewing
from bot.service.desk.access import Conflict, DeskError, Missing, Refused

logger = logging.getLogger(__name__)

PARTS: tuple[Callable[[Desk], APIRouter], ...] = (
    *(make_accounts, make_campaigns, make_privacy, make_reviewing, make_advising, make_comparing),
    *(make_handing_over, make_organisation_report),
)
"""What makes the routes of the pages, a module beside this one each."""


def _now() -> datetime:
    return datetime.now(UTC)


def make_desk(peil: Peil, *, now: Callable[[], datetime] = _now) -> FastAPI:
    """The application for these parts; to be mounted at BASE."""

    async def checked(request: Request) -> None:
        """Look up who this is; and of whatever changes something, that it comes from a page of ours."""
        security.check_signs([request.url.path, *request.query_params.values()])
        await run_in_threadpool(current, request)
        if request.method not in ("GET", "HEAD"):
            form = await request.form()
            security.check_signs([one for one in form.values() if isinstance(one, str)])
            given = form.get("csrf")
            security.check_form(peil, request, given if isinstance(given, str) else "")

    app = FastAPI(
        title="Peil: the consultants' desk",
        dependencies=[Depends(checked)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.desk = desk = Desk(peil, make_templates(), now)
    for make_routes in PARTS:
        app.include_router(make_routes(desk))
    app.mount(
        "/static", GZipMiddleware(StaticFiles(directory=HERE / "static"), minimum_size=500), name="static"
    )
    _handle_errors(app)
    return app


def _handle_errors(app: FastAPI) -> None:
    def told(request: Request, status: int, key: str) -> Response:
        return page(request, "layout_told.html", status, key=key)

    @app.exception_handler(SignedOut)
    def signed_out(request: Request, error: SignedOut) -> Response:
        if request.method not in ("GET", "HEAD"):
            return told(request, 403, "signed_out")
        query = f"?{request.url.query}" if request.url.query else ""
        address = quote(request.url.path + query, safe="")
        return RedirectResponse(f"{BASE}/sign-in?next={address}", 303, {"Cache-Control": "no-store"})

    @app.exception_handler(DeskError)
    def refused(request: Request, error: DeskError) -> Response:
        status = 404 if isinstance(error, Missing) else 409 if isinstance(error, Conflict) else 403
        if isinstance(error, Refused) and error.key == "csrf":
            return told(request, 403, "csrf")
        return told(request, status, error.key)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return told(request, 422, "invalid")

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if error.status_code in (404, 405):
            return told(request, error.status_code, "missing")
        return told(request, 422 if error.status_code == 400 else error.status_code, "invalid")

    @app.exception_handler(SQLAlchemyError)
    def database(request: Request, error: SQLAlchemyError) -> Response:
        # The class only: a driver's message repeats the values that were to be stored.
        logger.error("the database failed: %s", type(error).__name__)
        return told(request, 503, "busy")

    @app.exception_handler(Exception)
    def anything(request: Request, error: Exception) -> Response:
        return told(request, 500, "error")
