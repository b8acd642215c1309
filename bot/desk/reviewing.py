"""Pages of the desk: respondents, one of them with the conversation, and what consultants make of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from bot.assessment.reviewing import Note
from bot.assessment.searching import FLAGS, LONGEST_QUERY, SORTS
from bot.assessment.segments import SEGMENTS
from bot.desk.campaigns import Filled, text
from bot.desk.pages import Desk, SignedIn, back, download, page, picture
from bot.render.pictures import draw
from bot.render.report import render
from bot.service import wording
from bot.service.anonymity import TOLD
from bot.service.desk.access import Action, Actor, Refused, may
from bot.service.desk.asking_people import LONGEST
from bot.service.desk.judging import LONGEST_NOTE, LONGEST_REASON
from bot.service.desk.reviewing import BANDS, MOST_COUNTED, ON_A_PAGE, Filters
from bot.texts import say

STATUSES = ("active", "completed", "abandoned")
_LONGEST_ID = 81
_LAST_PAGE = 10_000
_NAMES = (
    *("q", "model", "status", "band", "item", "level", *TOLD, "since", "until", "flag", "person"),
    *("question", "approval", "sort"),
)


def _day(value: str) -> datetime | None:
    try:
        found = date.fromisoformat(value)
        # A day has to be left to end on.
        return datetime(found.year, found.month, found.day, tzinfo=UTC) if found.year < 9999 else None
    except ValueError:
        return None


def _number(value: str, most: int) -> int | None:
    return (
        int(value) if value.isascii() and value.isdigit() and len(value) < 8 and int(value) <= most else None
    )


def read_filters(given: Mapping[str, str]) -> Filters:
    """The filters in an address; what is none of ours counts as nothing."""

    def one(name: str) -> str:
        return given.get(name, "")[:_LONGEST_ID]

    def of(name: str, known: tuple[Any, ...]) -> Any:
        return one(name) if one(name) in known else None

    return Filters(
        query=given.get("q", "")[:LONGEST_QUERY],
        model_id=one("model") or None,
        status=of("status", STATUSES),
        band=of("band", tuple(BANDS)),
        item_id=one("item") or None,
        level=_number(one("level"), 99),
        segments=tuple((segment, one(segment)) for segment in TOLD if one(segment) in SEGMENTS[segment]),
        since=_day(one("since")),
        until=_day(one("until")),
        flag=of("flag", FLAGS),
        person=one("person") == "1",
        question=one("question") == "1",
        approval=one("approval") == "1",
        sort=of("sort", SORTS) or "newest",
    )


def query_of(given: Mapping[str, str], **more: str) -> str:
    """The same filters as the end of an address: '' or '?q=…'."""
    kept = {name: given[name][:LONGEST_QUERY] for name in _NAMES if given.get(name)}
    pairs = urlencode({**kept, **{name: value for name, value in more.items() if value}})
    return f"?{pairs}" if pairs else ""


@dataclass(frozen=True)
class Typed:
    """What was sent and does not do. `doing`: 'judge', 'note' or 'ask'; `item_id`: '' for the whole.

    `level`: as it was sent; `why`: a sentence.
    """

    doing: str
    item_id: str
    words: str
    level: str
    why: str

    @property
    def field(self) -> str:
        """The id of its field in the page, without the 'f-' of a form's own fields."""
        return f"{self.doing}-{self.item_id or 'whole'}"

    def at(self, doing: str, item_id: str) -> bool:
        """Whether it is of this form."""
        return self.doing == doing and self.item_id == item_id


def make_reviewing(desk: Desk) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter()
    cases = desk.peil.desk

    def list_page(request: Request, me: Actor, campaign_id: str | None) -> Response:
        given = request.query_params
        filters = read_filters(given)
        number = min(_LAST_PAGE, max(1, _number(given.get("page", ""), _LAST_PAGE) or 1))
        found = cases.reviewing.respondents(me, campaign_id, filters, number)
        path = (
            "/respondents" if campaign_id is None else f"/campaigns/{quote(campaign_id, safe='')}/respondents"
        )

        def link(row: Any, place: int) -> str:
            at = (number - 1) * ON_A_PAGE + place
            query = query_of(given, campaign=campaign_id or "", at=str(at))
            return f"/assessments/{row.id}{query}" + (f"#m{row.seq}" if row.seq else "")

        return page(
            request,
            "reviewing_list.html",
            found=found,
            filters=filters,
            path=path,
            link=link,
            more_open=any(given.get(name) for name in _NAMES if name not in ("q", "status", "sort")),
            narrowed=bool(query_of({**given, "sort": ""})),
            previous=path + query_of(given, page=str(number - 1)) if number > 1 else None,
            next=path + query_of(given, page=str(number + 1)) if found.has_next else None,
            segments={s: wording.segment_options(me.language, s) for s in TOLD},
            segment_title={s: wording.segment_title(me.language, s) for s in TOLD},
            option=lambda option: _option(me.language, option),
            statuses=STATUSES,
            bands=tuple(BANDS),
            sorts=SORTS,
            flags=FLAGS,
            most=MOST_COUNTED,
            longest=LONGEST_QUERY,
        )

    @router.get("/respondents")
    def everybody(request: Request, me: SignedIn) -> Response:
        return list_page(request, me, None)

    @router.get("/campaigns/{campaign_id}/respondents")
    def respondents(request: Request, me: SignedIn, campaign_id: str) -> Response:
        return list_page(request, me, campaign_id)

    @router.get("/campaigns/{campaign_id}/words")
    def own_words(request: Request, me: SignedIn, campaign_id: str) -> Response:
        given = request.query_params
        number = min(_LAST_PAGE, max(1, _number(given.get("page", ""), _LAST_PAGE) or 1))
        model_id, item_id = (given.get(name, "")[:_LONGEST_ID] or None for name in ("model", "item"))
        found = cases.reviewing.own_words(me, campaign_id, model_id, item_id, number)
        path = f"/campaigns/{quote(campaign_id, safe='')}/words"
        kept = {"model": model_id or "", "item": found.item_id or ""}
        return page(
            request,
            "reviewing_words.html",
            found=found,
            path=path,
            previous=path + query_of(kept, page=str(number - 1)) if number > 1 else None,
            next=path + query_of(kept, page=str(number + 1)) if found.has_next else None,
        )

    # Before the page itself, whose address it begins with.
    @router.get("/assessments/{assessment_id}.json")
    def data(me: SignedIn, assessment_id: str) -> Response:
        content = json.dumps(cases.reviewing.data(me, assessment_id), ensure_ascii=False, indent=2)
        return download(content.encode(), "application/json", f"peil-{_plain(assessment_id)}.json")

    @router.get("/assessments/{assessment_id}/report.pdf")
    def report(me: SignedIn, assessment_id: str) -> Response:
        made = render(cases.reviewing.report(me, assessment_id))
        return download(made, "application/pdf", f"peil-{_plain(assessment_id)}.pdf")

    @router.get("/assessments/{assessment_id}/pictures/{picture_id}.png")
    def shown(me: SignedIn, assessment_id: str, picture_id: str) -> Response:
        return picture(draw(cases.reviewing.picture(me, assessment_id, picture_id)))

    def place(request: Request) -> tuple[str | None, Filters, int | None]:
        given = request.query_params
        return given.get("campaign") or None, read_filters(given), _number(given.get("at", ""), 10_000_000)

    @router.get("/assessments/{assessment_id}")
    def one(request: Request, me: SignedIn, assessment_id: str) -> Response:
        return one_page(request, me, assessment_id, None)

    def one_page(request: Request, me: Actor, assessment_id: str, typed: Typed | None) -> Response:
        """The page; with `typed`, what was sent and does not do stands in its form again."""
        found = cases.reviewing.one(me, assessment_id)
        campaign_id, filters, at = place(request)
        given = request.query_params
        previous = following = None
        if at is not None:
            before, after = cases.reviewing.neighbours(me, campaign_id, filters, at, assessment_id)
            previous, following = (
                None
                if other is None
                else f"/assessments/{other[0]}{query_of(given, campaign=campaign_id or '', at=str(other[1]))}"
                for other in (before, after)
            )
        query = query_of(given, campaign=campaign_id or "", at="" if at is None else str(at))
        listed = (
            "/respondents" if campaign_id is None else f"/campaigns/{quote(campaign_id, safe='')}/respondents"
        )
        if at is None and found.row.campaign_id is not None:
            listed = f"/campaigns/{found.row.campaign_id}/respondents"
        total = None if at is None else cases.reviewing.how_many(me, campaign_id, filters)
        ask_refused = cases.asking.why_not(me, assessment_id)
        return page(
            request,
            "reviewing_one.html",
            200 if typed is None else 422,
            found=found,
            typed=typed,
            row=found.row,
            at=f"/assessments/{found.row.id}",
            query=query,
            zone=found.row.time_zone,
            place=None if at is None else at + 1,
            # Of more than so many no number is told.
            total=total if total is not None and total <= MOST_COUNTED else None,
            previous=previous,
            following=following,
            listed=listed + (query_of(given) if at is not None else ""),
            ask_refused=ask_refused,
            # A form that is sent twice asks once.
            form_key=secrets.token_hex(8),
            option=lambda option: _option(me.language, option),
            segment_title={s: wording.segment_title(me.language, s) for s in TOLD},
            may_delete=lambda note: _may_delete(me, note),
            can_judge=may(me, Action.JUDGE, found.organisation_id),
            longest_reason=LONGEST_REASON,
            longest_note=LONGEST_NOTE,
            longest_question=LONGEST,
        )

    def done(
        request: Request, assessment_id: str, anchor: str, key: str | None, *, bad: bool = False
    ) -> Response:
        given = request.query_params
        campaign_id, _, at = place(request)
        query = query_of(given, campaign=campaign_id or "", at="" if at is None else str(at))
        address = f"/assessments/{quote(assessment_id, safe='')}{query}"
        if anchor:
            address += f"#{quote(anchor, safe='.')}"
        return back(request, address, None if key is None else _sentence(key), bad=bad)

    def again(
        request: Request, me: Actor, assessment_id: str, form: FormData, doing: str, error: Refused
    ) -> Response:
        """The page again with the words that were typed, and why they do not do."""
        why = say(me.language, _sentence(_known(error)))
        words = text(form, "reason" if doing == "judge" else "text")
        item_id = text(form, "item")[: _LONGEST_ID + 1]
        return one_page(request, me, assessment_id, Typed(doing, item_id, words, text(form, "level"), why))

    def at_item(item_id: str) -> str:
        return f"q-{item_id}" if item_id else "whole"

    @router.post("/assessments/{assessment_id}/judgements")
    def judge(request: Request, me: SignedIn, assessment_id: str, form: Filled) -> Response:
        item_id = text(form, "item")[: _LONGEST_ID + 1]
        level = text(form, "level")
        value = _number(level, 99)
        answer = _number(text(form, "answer"), 1_000_000)
        try:
            if answer is None or (level and value is None):
                raise Refused("judge_level")
            changed = cases.judging.judge(me, assessment_id, item_id, value, text(form, "reason"), answer)
        except Refused as error:
            return again(request, me, assessment_id, form, "judge", error)
        key = ("judged" if value is not None else "taken_back") if changed else None
        return done(request, assessment_id, at_item(item_id), key)

    @router.post("/assessments/{assessment_id}/notes")
    def add_note(request: Request, me: SignedIn, assessment_id: str, form: Filled) -> Response:
        item_id = text(form, "item")[: _LONGEST_ID + 1]
        try:
            cases.judging.note(me, assessment_id, item_id or None, text(form, "text"))
        except Refused as error:
            return again(request, me, assessment_id, form, "note", error)
        return done(request, assessment_id, at_item(item_id), "noted")

    @router.post("/assessments/{assessment_id}/notes/{note_id}/delete")
    def delete_note(request: Request, me: SignedIn, assessment_id: str, note_id: str) -> Response:
        try:
            # What no note can be called has gone as well.
            gone = cases.judging.delete_note(me, assessment_id, _number(note_id, 9_999_999) or 0)
        except Refused as error:
            return done(request, assessment_id, "whole", _known(error), bad=True)
        return done(request, assessment_id, at_item((gone and gone.item_id) or ""), "note_deleted")

    @router.post("/assessments/{assessment_id}/marks")
    def mark(request: Request, me: SignedIn, assessment_id: str, form: Filled) -> Response:
        item_id = text(form, "item")[: _LONGEST_ID + 1]
        wanted = text(form, "mark")[:20] or None
        cases.judging.mark(me, assessment_id, item_id, wanted)
        return done(request, assessment_id, at_item(item_id), "marked" if wanted else "unmarked")

    @router.post("/assessments/{assessment_id}/questions")
    def ask(request: Request, me: SignedIn, assessment_id: str, form: Filled) -> Response:
        item_id = text(form, "item")[: _LONGEST_ID + 1]
        try:
            cases.asking.ask(
                me, assessment_id, item_id or None, text(form, "text"), key=text(form, "key")[:64]
            )
        except Refused as error:
            return again(request, me, assessment_id, form, "ask", error)
        return done(request, assessment_id, at_item(item_id), "asked")

    @router.post("/assessments/{assessment_id}/questions/{question_id}/withdraw")
    def withdraw(request: Request, me: SignedIn, assessment_id: str, question_id: str) -> Response:
        try:
            cases.asking.withdraw(me, question_id, assessment_id)
        except Refused as error:
            return done(request, assessment_id, "asking", _known(error), bad=True)
        return done(request, assessment_id, "asking", "withdrawn")

    @router.post("/assessments/{assessment_id}/approve")
    def approve(request: Request, me: SignedIn, assessment_id: str) -> Response:
        try:
            cases.asking.approve(me, assessment_id)
        except Refused as error:
            return done(request, assessment_id, "whole", _known(error), bad=True)
        return done(request, assessment_id, "whole", "approved")

    return router


_REASONS = (
    *("judge_level", "judge_reason", "note_empty", "note_long", "note_of_another", "ask_empty", "ask_long"),
    *("ask_anonymous", "ask_no_consent", "ask_gone", "ask_blocked", "ask_elsewhere", "ask_too_many"),
    *("ask_answered", "approve_not_first", "approve_too_early"),
)


def _known(error: Refused) -> str:
    """The key of the sentence that says why; raises again what is no reason of these forms."""
    if error.key not in _REASONS:
        raise error
    return error.key


def _sentence(key: str) -> str:
    """The sentence in full. Why somebody cannot be asked is told elsewhere too, and so stands there."""
    elsewhere = key.startswith("ask_") or key in ("approve_not_first", "approve_too_early")
    return f"desk_layout.{key}_title" if elsewhere else f"desk_reviewing.{key}"


def _option(language: str, option: str | None) -> str:
    """How an option is called; '' for what was not said."""
    return "" if option is None else wording.option_name(language, option)


def _may_delete(me: Actor, note: Note) -> bool:
    return me.role == "admin" or note.user_id == me.user_id


def _plain(assessment_id: str) -> str:
    return "".join(one for one in assessment_id if one.isascii() and one.isalnum())[:16]
