"""Pages of the desk: organisations and campaigns, who is invited, how far people are, what holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Annotated, Any
from urllib.parse import urlsplit

import segno
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import FormData

from bot.assessment.definitions import MaturityModel
from bot.assessment.records import Campaign
from bot.assessment.segments import SEGMENTS, SKIPPED
from bot.desk.pages import Desk, SignedIn, back, download, language_of, page, picture
from bot.render.tables import csv_file
from bot.service.anonymity import LEAST
from bot.service.campaign_input import (
    HOME,
    LONGEST_KEPT,
    LONGEST_NAME,
    LONGEST_WELCOME,
    MOST_AT_ONCE,
    MOST_REMINDERS,
    SHORTEST_KEPT,
    InvalidField,
    NewCampaign,
    NotFound,
    NotPossible,
    moment_of,
    time_zone_of,
)
from bot.service.desk.access import Action, Actor, Missing, may
from bot.service.desk.running import LONGEST_NOTE, PEOPLE_ON_A_PAGE, CampaignDesk
from bot.texts import LANGUAGES, say

_WORDS = "desk_campaigns"
_LONGEST = 50_000
"""In characters, of any field: a thousand names fit in."""
_ERRORS = {"models", "depth", "languages", "language", "segments", "targets", "welcome", "contact"} | {
    *("name", "organisation", "reminders", "origin", "time_zone", "opens", "closes", "anonymous"),
    *("label", "count", "keep_days", "note"),
}
_LIMITS = {
    "least": LEAST,
    "most": MOST_AT_ONCE,
    "longest": LONGEST_WELCOME,
    "name": LONGEST_NAME,
    "reminders": MOST_REMINDERS,
    "shortest_kept": SHORTEST_KEPT,
    "longest_kept": LONGEST_KEPT,
    "note": LONGEST_NOTE,
}


async def _read(request: Request) -> FormData:
    return await request.form()


Filled = Annotated[FormData, Depends(_read)]
Page = Annotated[int, Query(ge=1, le=100_000)]


def text(form: FormData, name: str, default: str = "") -> str:
    """What was typed in a field, not more of it than anything could need."""
    value = form.get(name, default)
    return value[:_LONGEST] if isinstance(value, str) else default


def texts(form: FormData, name: str) -> list[str]:
    """What was marked of several."""
    return [one[:_LONGEST] for one in form.getlist(name)[:100] if isinstance(one, str)]


def told(language: str, errors: Sequence[InvalidField]) -> dict[str, str]:
    """Field -> what is expected of it, in the user's words."""
    found = {}
    for error in errors:
        first = error.field.partition(".")[0]
        key = first if first in _ERRORS else "field"
        found[error.field] = say(language, f"{_WORDS}.error_{key}", **_LIMITS)
    return found


def number(field: str, typed: str) -> int:
    """A whole number. Raises InvalidField."""
    plain = typed.strip()
    if not re.fullmatch(r"\d{1,6}", plain):
        raise InvalidField(field, "a whole number is expected.")
    return int(plain)


def _lines(typed: str) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()]


def _segments(form: FormData) -> dict[str, str]:
    return {one: value for one in SEGMENTS if (value := text(form, f"segments.{one}"))}


def _wish(form: FormData, organisation: str) -> tuple[NewCampaign, list[InvalidField]]:
    """What was filled in, and what of it cannot even be read; that is left out of the wish."""
    wrong: list[InvalidField] = []

    def read(do: Any, otherwise: Any = None) -> Any:
        try:
            return do()
        except InvalidField as error:
            wrong.append(error)
            return otherwise

    zone = text(form, "time_zone").strip() or HOME
    try:
        known = time_zone_of(zone)
    except InvalidField:
        # That is said at its own field; the times can still be read.
        known = HOME
    moments: dict[str, Any] = {}
    for field in ("opens", "closes"):
        typed = text(form, field).strip()
        if not typed:
            continue
        moments[field] = read(
            lambda field=field, typed=typed: moment_of(field, typed, known, ends=field == "closes")
        )
    kind = text(form, "anonymous")
    if kind not in ("yes", "no"):
        wrong.append(InvalidField("anonymous", "one of the two is expected."))
    targets: dict[str, dict[str, int]] = {}
    models = texts(form, "models")
    for name in form:
        first, _, rest = name.partition(".")
        model_id, _, dimension_id = rest.partition(".")
        # What was set for a maturity model that is not asked any more waits in the form.
        if first == "targets" and model_id in models and text(form, name):
            level = read(lambda name=name: number(name, text(form, name)))
            if level is not None:
                targets.setdefault(model_id, {})[dimension_id] = level
    keep = text(form, "keep_days").strip()
    return NewCampaign(
        organisation=organisation,
        name=text(form, "name"),
        models=models,
        anonymous=kind == "yes",
        depth=text(form, "depth") or None,
        languages=texts(form, "languages"),
        segments=_segments(form),
        targets=targets,
        opens_at=moments.get("opens"),
        closes_at=moments.get("closes"),
        welcome={one: typed for one in LANGUAGES if (typed := text(form, f"welcome.{one}")).strip()},
        contact=text(form, "contact") or None,
        reminders=read(lambda: number("reminders", text(form, "reminders", "2")), 0),
        time_zone=zone,
        origins=_lines(text(form, "origin")),
        signed_only=text(form, "signed_only") == "1",
        approve_first=text(form, "approve_first") == "1",
        keep_days=read(lambda: number("keep_days", keep)) if keep else None,
    ), wrong


def _targets(models: Mapping[str, MaturityModel], language: str) -> list[dict[str, Any]]:
    """What the form shows of each maturity model."""
    return [
        {
            "id": model_id,
            "name": model.name[language],
            "quick": model.quick_minutes,
            "minutes": model.minutes,
            "levels": list(range(model.lowest, model.highest + 1)),
            "areas": [
                (one.id, one.title[language])
                for one in model.dimensions
                if any(item.scored for item in one.items)
            ],
        }
        for model_id, model in models.items()
    ]


def _file_name(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "peil"


def make_campaigns(desk: Desk) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter()

    def cases() -> CampaignDesk:
        return desk.peil.desk.campaigns

    def waiting(me: Actor, campaign: Campaign | None) -> list[tuple[str, str, int]]:
        """What waits, over all own campaigns or in one: (filter of the list, its address, how many)."""
        start_ = "" if campaign is None else f"/campaigns/{campaign.id}"
        found = cases().waiting(me, campaign)
        return [(name, f"{start_}/respondents?{name}=1", count) for name, count in found.items() if count]

    # --- organisations ---

    def overview(request: Request, me: Actor, number_: int, status: int = 200, **values: Any) -> Response:
        found, more = cases().overview(me, number_)
        return page(
            request,
            "campaigns_overview.html",
            status,
            organisations=found,
            number=number_,
            more=more,
            waiting=[] if me.role == "viewer" else waiting(me, None),
            closing=[] if me.role == "viewer" else cases().closing(me),
            limits=_LIMITS,
            **{"errors": {}, "name": "", **values},
        )

    @router.get("/")
    def start(request: Request, me: SignedIn, page: Page = 1) -> Response:
        return overview(request, me, page)

    @router.post("/organisations")
    def create_organisation(request: Request, me: SignedIn, form: Filled) -> Response:
        try:
            made = cases().create_organisation(me, text(form, "name"))
        except InvalidField as error:
            errors = told(language_of(request), [InvalidField("organisation", str(error))])
            return overview(request, me, 1, 422, errors=errors, name=text(form, "name"))
        return back(
            request, f"/organisations/{made.id}", "desk_campaigns.organisation_made", {"name": made.name}
        )

    @router.get("/organisations/{organisation_id}")
    def organisation(request: Request, me: SignedIn, organisation_id: str, page: Page = 1) -> Response:
        return _page_of_organisation(request, cases().organisation(me, organisation_id, page), page)

    def _page_of_organisation(request: Request, one: Any, number_: int) -> Response:
        return page(request, "campaigns_organisation.html", one=one, number=number_)

    # --- a new campaign ---

    def form_page(
        request: Request, me: Actor, organisation_id: str, form: FormData | None, errors: dict[str, str]
    ) -> Response:
        organisation, models = cases().choices(me, organisation_id)
        language = language_of(request)
        return page(
            request,
            "campaigns_new.html",
            422 if errors else 200,
            organisation=organisation,
            models=_targets(models, language),
            errors=errors,
            segments=SEGMENTS,
            skipped=SKIPPED,
            limits=_LIMITS,
            typed=lambda name, default="": default if form is None else text(form, name),
            marked=lambda name, value, default=False: default if form is None else value in texts(form, name),
        )

    @router.get("/campaigns/new")
    def new(
        request: Request, me: SignedIn, organisation: Annotated[str, Query(max_length=16)] = ""
    ) -> Response:
        if not organisation:
            found, _ = cases().overview(me)
            own = [one for one in found if may(me, Action.MANAGE_CAMPAIGN, one.organisation.id)]
            if len(own) != 1:
                return back(request, "/", "desk_campaigns.choose_organisation")
            organisation = own[0].organisation.id
        return form_page(request, me, organisation, None, {})

    @router.post("/campaigns/new")
    def create(request: Request, me: SignedIn, form: Filled) -> Response:
        organisation_id = text(form, "organisation")
        named, _ = cases().choices(me, organisation_id)
        wish, wrong = _wish(form, named.name)
        wrong += cases().problems(me, organisation_id, wish)
        if not wrong:
            try:
                made = cases().create(me, organisation_id, wish)
            except InvalidField as error:
                wrong = [error]
            else:
                return back(
                    request, f"/campaigns/{made.id}/invite", "desk_campaigns.made", {"name": made.name}
                )
        return form_page(request, me, organisation_id, form, told(language_of(request), wrong))

    # --- progress ---

    def progress_page(
        request: Request, me: Actor, campaign_id: str, number_: int, note: str = "", error: str = ""
    ) -> Response:
        found = cases().progress(me, campaign_id)
        start_ = (number_ - 1) * PEOPLE_ON_A_PAGE
        campaign = found.status.campaign
        sees = found.sees_people
        return page(
            request,
            "campaigns_progress.html",
            422 if error else 200,
            found=found.status,
            campaign=campaign,
            waiting=waiting(me, campaign) if sees else [],
            models=cases().model_names(campaign.models, language_of(request)) if found.status.people else {},
            sees_people=sees,
            people=found.status.people[start_ : start_ + PEOPLE_ON_A_PAGE],
            notes=cases().notes(me, campaign_id) if found.sees_people else [],
            number=number_,
            more=len(found.status.people) > start_ + PEOPLE_ON_A_PAGE,
            note=note,
            error=error,
            limits=_LIMITS,
        )

    @router.get("/campaigns/{campaign_id}")
    def progress(request: Request, me: SignedIn, campaign_id: str, page: Page = 1) -> Response:
        return progress_page(request, me, campaign_id, page)

    @router.post("/campaigns/{campaign_id}/notes")
    def add_note(request: Request, me: SignedIn, campaign_id: str, form: Filled) -> Response:
        try:
            cases().add_note(me, campaign_id, text(form, "note"))
        except InvalidField as error:
            wrong = told(language_of(request), [error])["note"]
            return progress_page(request, me, campaign_id, 1, text(form, "note"), wrong)
        return back(request, f"/campaigns/{campaign_id}#notes", "desk_campaigns.note_added")

    @router.post("/campaigns/{campaign_id}/notes/{note_id}/delete")
    def delete_note(
        request: Request, me: SignedIn, campaign_id: str, note_id: Annotated[int, Depends(_note_id)]
    ) -> Response:
        cases().delete_note(me, campaign_id, note_id)
        return back(request, f"/campaigns/{campaign_id}#notes", "desk_campaigns.note_deleted")

    # --- invitations ---

    def invite_page(
        request: Request,
        me: Actor,
        campaign_id: str,
        number_: int = 1,
        form: FormData | None = None,
        errors: Mapping[str, str] | None = None,
        unused: bool = False,
    ) -> Response:
        found = cases().invitations(me, campaign_id, number_, unused=unused)
        return page(
            request,
            "campaigns_invite.html",
            422 if errors else 200,
            found=found,
            campaign=found.campaign,
            number=number_,
            more=found.total > number_ * PEOPLE_ON_A_PAGE,
            unused=unused and not found.campaign.anonymous,
            mails={one: say(one, f"{_WORDS}.mail_text", link="{link}") for one in found.campaign.languages},
            errors=errors or {},
            segments=SEGMENTS,
            skipped=SKIPPED,
            limits=_LIMITS,
            kind="" if form is None else text(form, "kind"),
            typed=lambda name, default="": default if form is None else text(form, name),
        )

    @router.get("/campaigns/{campaign_id}/invite")
    def invitations(
        request: Request, me: SignedIn, campaign_id: str, page: Page = 1, unused: bool = False
    ) -> Response:
        return invite_page(request, me, campaign_id, page, unused=unused)

    @router.get("/campaigns/{campaign_id}/links.csv")
    def links_file(request: Request, me: SignedIn, campaign_id: str, unused: bool = False) -> Response:
        language = language_of(request)
        found = cases().taken_along(me, campaign_id, unused=unused)
        heads = [say(language, f"{_WORDS}.{key}") for key in ("for_whom", "link", "link_language")]
        rows = [
            [
                one.invitation.label or say(language, f"{_WORDS}.kind_{one.invitation.kind}_short"),
                one.urls["web"],
                one.invitation.language or "",
            ]
            for one in found
        ]
        return download(csv_file([heads, *rows]), "text/csv; charset=utf-8", "peil-links.csv")

    @router.post("/campaigns/{campaign_id}/invite")
    def invite(request: Request, me: SignedIn, campaign_id: str, form: Filled) -> Response:
        kind = text(form, "kind")
        try:
            labels = _lines(text(form, "label")) if kind == "named" else []
            if kind == "named" and not 1 <= len(labels) <= MOST_AT_ONCE:
                raise InvalidField("label", "names are expected.")
            made = cases().invite(
                me,
                campaign_id,
                "open" if kind == "open" else "single",
                labels=labels,
                count=number("count", text(form, "count")) if kind == "single" else 1,
                language=text(form, "language") or None,
                segments=_segments(form),
            )
        except InvalidField as error:
            return invite_page(request, me, campaign_id, 1, form, told(language_of(request), [error]))
        except NotPossible:
            return back(
                request, f"/campaigns/{campaign_id}/invite", "desk_campaigns.closed_already", bad=True
            )
        if len(made) == 1:
            address = f"/campaigns/{campaign_id}/invite/{made[0].id}"
            return back(request, address, "desk_campaigns.link_made")
        address = f"/campaigns/{campaign_id}/invite#links"
        return back(request, address, "desk_campaigns.links_made", {"count": len(made)})

    @router.get("/campaigns/{campaign_id}/invite/{invitation_id}")
    def one_invitation(request: Request, me: SignedIn, campaign_id: str, invitation_id: str) -> Response:
        campaign, links = cases().links(me, campaign_id, invitation_id)
        here = urlsplit(links.urls["web"]).hostname in ("127.0.0.1", "localhost", "::1")
        return page(request, "campaigns_link.html", campaign=campaign, links=links, here_only=here)

    @router.get("/campaigns/{campaign_id}/invite/{invitation_id}/{channel}.{kind}")
    def qr(
        me: SignedIn, campaign_id: str, invitation_id: str, channel: str, kind: str, save: bool = False
    ) -> Response:
        campaign, links = cases().links(me, campaign_id, invitation_id)
        if channel not in links.urls or kind not in ("png", "svg"):
            raise Missing(channel)
        content = BytesIO()
        segno.make_qr(links.urls[channel], error="m").save(content, kind=kind, scale=8)
        media = "image/png" if kind == "png" else "image/svg+xml"
        if save:
            whom = _file_name(f"{campaign.name} {links.invitation.label or links.invitation.id[:4]}")
            return download(content.getvalue(), media, f"{whom}-{channel}.{kind}")
        return picture(content.getvalue(), media)

    @router.post("/campaigns/{campaign_id}/invite/{invitation_id}/revoke")
    def revoke(request: Request, me: SignedIn, campaign_id: str, invitation_id: str) -> Response:
        try:
            cases().revoke(me, campaign_id, invitation_id)
        except NotFound:
            raise Missing(invitation_id) from None
        return back(request, f"/campaigns/{campaign_id}/invite#links", "desk_campaigns.revoked")

    @router.post("/campaigns/{campaign_id}/revoke-all")
    def revoke_all(request: Request, me: SignedIn, campaign_id: str) -> Response:
        count = cases().revoke(me, campaign_id, None)
        address = f"/campaigns/{campaign_id}/invite#links"
        return back(request, address, "desk_campaigns.revoked_all", {"count": count})

    # --- reminding and closing ---

    @router.get("/campaigns/{campaign_id}/remind")
    def remind_who(request: Request, me: SignedIn, campaign_id: str, page: Page = 1) -> Response:
        try:
            found = cases().remind(me, campaign_id, dry_run=True)
        except NotPossible:
            return back(request, f"/campaigns/{campaign_id}", "desk_campaigns.not_open", bad=True)
        return _page_of_reminding(request, found, page)

    def _page_of_reminding(request: Request, found: Any, number_: int) -> Response:
        start_ = (number_ - 1) * PEOPLE_ON_A_PAGE
        return page(
            request,
            "campaigns_remind.html",
            found=found,
            campaign=found.campaign,
            who=found.who[start_ : start_ + PEOPLE_ON_A_PAGE],
            number=number_,
            more=len(found.who) > start_ + PEOPLE_ON_A_PAGE,
        )

    @router.post("/campaigns/{campaign_id}/remind")
    def remind(request: Request, me: SignedIn, campaign_id: str) -> Response:
        address = f"/campaigns/{campaign_id}"
        try:
            found = cases().remind(me, campaign_id, dry_run=False)
        except NotPossible:
            return back(request, address, "desk_campaigns.not_open", bad=True)
        counts = {"count": found.counts.get("due", 0), "night": found.counts.get("night", 0)}
        return back(request, address, "desk_campaigns.reminded", counts)

    @router.post("/campaigns/{campaign_id}/close")
    def close(request: Request, me: SignedIn, campaign_id: str) -> Response:
        cases().close(me, campaign_id)
        return back(request, f"/campaigns/{campaign_id}", "desk_campaigns.closed")

    # --- settings ---

    def settings_page(
        request: Request,
        me: Actor,
        campaign_id: str,
        form: FormData | None = None,
        errors: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Response:
        found = cases().setup(me, campaign_id)
        one = found.campaign
        shown = _targets(cases().choices(me, one.organisation_id)[1], language_of(request))
        names = {model["id"]: model["name"] for model in shown}
        areas = {(model["id"], id_): title for model in shown for id_, title in model["areas"]}

        def typed(name: str, default: Any = "") -> Any:
            return default if form is None or name not in form else text(form, name)

        return page(
            request,
            "campaigns_settings.html",
            422 if errors else 200,
            found=found,
            campaign=one,
            errors=errors or {},
            segments=SEGMENTS,
            skipped=SKIPPED,
            limits=_LIMITS,
            names=names,
            areas=areas,
            key=key,
            origin=typed("origin", "\n".join(one.origins)),
            keep_days=typed("keep_days", "" if one.keep_days is None else str(one.keep_days)),
            snippet=f'<script type="module" src="{found.embedding.url}"></script>',
        )

    @router.get("/campaigns/{campaign_id}/settings")
    def settings(request: Request, me: SignedIn, campaign_id: str) -> Response:
        return settings_page(request, me, campaign_id)

    @router.post("/campaigns/{campaign_id}/settings/sites")
    def sites(request: Request, me: SignedIn, campaign_id: str, form: Filled) -> Response:
        try:
            cases().set_sites(me, campaign_id, _lines(text(form, "origin")), text(form, "signed_only") == "1")
        except InvalidField as error:
            return settings_page(request, me, campaign_id, form, told(language_of(request), [error]))
        return back(request, f"/campaigns/{campaign_id}/settings#sites", "desk_campaigns.saved")

    @router.post("/campaigns/{campaign_id}/settings/promise")
    def promise(request: Request, me: SignedIn, campaign_id: str, form: Filled) -> Response:
        try:
            keep = text(form, "keep_days").strip()
            days = number("keep_days", keep) if keep else None
            cases().set_promise(me, campaign_id, text(form, "approve_first") == "1", days)
        except InvalidField as error:
            return settings_page(request, me, campaign_id, form, told(language_of(request), [error]))
        except NotPossible:
            wrong = {"keep_days": say(language_of(request), "desk_campaigns.error_longer")}
            return settings_page(request, me, campaign_id, form, wrong)
        return back(request, f"/campaigns/{campaign_id}/settings#promise", "desk_campaigns.saved")

    @router.post("/campaigns/{campaign_id}/settings/key")
    def signing_key(request: Request, me: SignedIn, campaign_id: str) -> Response:
        _, key = cases().signing_key(me, campaign_id)
        return settings_page(request, me, campaign_id, key=key)

    return router


def _note_id(note_id: str) -> int:
    """A note's id in an address. Raises Missing for what is none."""
    if not re.fullmatch(r"\d{1,9}", note_id):
        raise Missing(note_id)
    return int(note_id)
