"""Pages of the desk: requests to see or erase what is kept of somebody."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request, Response

from bot.desk.campaigns import Filled, Page, text
from bot.desk.pages import Desk, SignedIn, back, download, language_of, page
from bot.service.campaign_input import InvalidField
from bot.service.desk.access import Actor
from bot.service.desk.privacy import LONGEST_SEARCH, LONGEST_WHO, Privacy
from bot.texts import say

_WORDS = "desk_privacy"


def make_privacy(desk: Desk) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter()

    def cases() -> Privacy:
        return desk.peil.desk.privacy

    def error_of(request: Request, error: InvalidField) -> dict[str, str]:
        return {error.field: say(language_of(request), f"{_WORDS}.error_{error.field}", most=LONGEST_WHO)}

    def list_page(request: Request, me: Actor, number: int, **values: Any) -> Response:
        found, more = cases().requests(me, number)
        given: dict[str, Any] = {"errors": {}, "typed": {}, **values}
        return page(
            request,
            "privacy_list.html",
            422 if given["errors"] else 200,
            requests=found,
            more=more,
            number=number,
            organisations=cases().organisations(me),
            longest=LONGEST_WHO,
            **given,
        )

    @router.get("/privacy")
    def requests(request: Request, me: SignedIn, page: Page = 1) -> Response:
        return list_page(request, me, page)

    @router.post("/privacy")
    def add(request: Request, me: SignedIn, form: Filled) -> Response:
        typed = {name: text(form, name) for name in ("organisation", "kind", "who")}
        try:
            made = cases().add(me, typed["organisation"], typed["kind"], typed["who"])
        except InvalidField as error:
            return list_page(request, me, 1, errors=error_of(request, error), typed=typed)
        return back(request, f"/privacy/{made.id}", "desk_privacy.noted")

    def one_page(
        request: Request,
        me: Actor,
        request_id: str,
        search: str | None = None,
        errors: dict[str, str] | None = None,
    ) -> Response:
        found_errors = dict(errors or {})
        try:
            found = cases().show(me, request_id, search)
        except InvalidField as error:
            found_errors |= error_of(request, error)
            found = cases().show(me, request_id)
        return page(
            request,
            "privacy_request.html",
            422 if found_errors else 200,
            found=found,
            one=found.request,
            search=search or "",
            errors=found_errors,
            longest=LONGEST_SEARCH,
        )

    @router.get("/privacy/{request_id}")
    def one(request: Request, me: SignedIn, request_id: str) -> Response:
        return one_page(request, me, request_id)

    # What is searched is the name of a person: it does not stand in an address.
    @router.post("/privacy/{request_id}/search")
    def search(request: Request, me: SignedIn, request_id: str, form: Filled) -> Response:
        return one_page(request, me, request_id, text(form, "search")[: LONGEST_SEARCH + 1])

    @router.post("/privacy/{request_id}/person")
    def choose(request: Request, me: SignedIn, request_id: str, form: Filled) -> Response:
        cases().choose(me, request_id, text(form, "person") or None)
        return back(request, f"/privacy/{request_id}")

    @router.post("/privacy/{request_id}/file")
    def file(me: SignedIn, request_id: str) -> Response:
        content = json.dumps(cases().file(me, request_id), ensure_ascii=False, indent=2)
        return download(content.encode(), "application/json", f"peil-data-{request_id[:8]}.json")

    @router.post("/privacy/{request_id}/erase")
    def erase(request: Request, me: SignedIn, request_id: str, form: Filled) -> Response:
        try:
            cases().erase(me, request_id, text(form, "confirmation"))
        except InvalidField as error:
            return one_page(request, me, request_id, errors=error_of(request, error))
        return back(request, "/privacy", "desk_privacy.erased")

    @router.post("/privacy/{request_id}/finish")
    def finish(request: Request, me: SignedIn, request_id: str, form: Filled) -> Response:
        try:
            cases().finish(me, request_id, text(form, "outcome"))
        except InvalidField as error:
            return one_page(request, me, request_id, errors=error_of(request, error))
        return back(request, "/privacy", "desk_privacy.done")

    return router
