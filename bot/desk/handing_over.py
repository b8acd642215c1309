"""Pages of the desk: handing over what was published, and the view that anybody with a link can see."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from bot.assessment.comparison import Comparison
from bot.assessment.definitions import MaturityModel
from bot.assessment.editions import SHARE_DAYS, Share
from bot.channels.addresses import caller
from bot.desk import compare_pictures, compare_view
from bot.desk.compare_view import Reader
from bot.desk.pages import BASE, HEADERS, Desk, SignedIn, back, day, download, language_of, page, picture
from bot.gateway.limits import Limiter
from bot.render.comparison import MAX_AXES, MIN_AXES, AnySpec, render
from bot.render.tables import csv_file, xlsx_file
from bot.service.anonymity import LEAST
from bot.service.desk.access import Missing, Refused
from bot.service.desk.handing_over import LONGEST_LABEL, Handed, as_data, figures
from bot.texts import LANGUAGES, say, texts

_LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English"}
_AT_ONCE, _A_MINUTE = 60, 60
"""Of one network address, for shared views with their pictures: so many at once, and in the long run."""

# Whoever follows a link away from a shared view does not tell where it was found.
_SHARED_HEADERS = {**HEADERS, "Referrer-Policy": "no-referrer"}

ModelId = Annotated[str, Query(min_length=1, max_length=40)]
Posted = Annotated[str, Form(min_length=1, max_length=40)]


def make_handing_over(desk: Desk, limiter: Limiter | None = None) -> APIRouter:
    """The routes of these pages. `limiter`: how often one network address may look at shared views."""
    router = APIRouter()
    looks = limiter or Limiter(_AT_ONCE, _A_MINUTE)
    _add_files(router, desk)
    _add_shares(router, desk)
    _add_shared(router, desk, looks)
    return router


def _add_files(router: APIRouter, desk: Desk) -> None:
    cases = desk.peil.desk

    @router.get("/campaigns/{campaign_id}/handover")
    def hand_over(request: Request, me: SignedIn, campaign_id: str) -> Response:
        found = cases.handing_over.overview(me, campaign_id)
        reader = Reader(language_of(request))
        titles = {one.id: (one.model_id, reader.words(one.model.name)) for one in found.editions}
        public = desk.peil.settings.public_url.rstrip("/")
        return page(
            request,
            "handing_over_campaign.html",
            found=found,
            campaign=found.campaign,
            editions=[
                (one, titles[one.id][1], one.model_id in found.signed, _has_radar(one.model))
                for one in found.editions
            ],
            shown=[(one.model_id, titles[one.id][1]) for one in found.editions if not one.few],
            shares=[
                (one.share, None if one.key is None else f"{public}{BASE}/shared/{one.key}")
                for one in found.shares
            ],
            days=[
                (count, say(language_of(request), "desk_handing_over.days", days=count))
                for count in SHARE_DAYS
            ],
            spoken=[(one, _LANGUAGE_NAMES[one]) for one in LANGUAGES],
            least=LEAST,
            longest=LONGEST_LABEL,
        )

    @router.get("/campaigns/{campaign_id}/handover/figures.csv")
    def figures_csv(me: SignedIn, campaign_id: str, model: ModelId) -> Response:
        handed = cases.handing_over.hand(me, campaign_id, model, "csv")
        return download(csv_file(figures(handed)), "text/csv; charset=utf-8", _name(handed, "figures.csv"))

    @router.get("/campaigns/{campaign_id}/handover/figures.xlsx")
    def figures_xlsx(request: Request, me: SignedIn, campaign_id: str, model: ModelId) -> Response:
        handed = cases.handing_over.hand(me, campaign_id, model, "xlsx")
        made = xlsx_file(
            {
                _say(request, "sheet_figures"): figures(handed),
                _say(request, "sheet_words"): _words_of(request, handed),
            }
        )
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return download(made, kind, _name(handed, "figures.xlsx"))

    @router.get("/campaigns/{campaign_id}/handover/figures.json")
    def figures_json(me: SignedIn, campaign_id: str, model: ModelId) -> Response:
        handed = cases.handing_over.hand(me, campaign_id, model, "json")
        content = json.dumps(as_data(handed), ensure_ascii=False, indent=1).encode()
        return download(content, "application/json", _name(handed, "figures.json"))


def _add_shares(router: APIRouter, desk: Desk) -> None:
    cases = desk.peil.desk

    @router.post("/campaigns/{campaign_id}/handover/share")
    def share(
        request: Request,
        me: SignedIn,
        campaign_id: str,
        model: Posted,
        language: Annotated[str, Form(max_length=2)],
        days: Annotated[int, Form(ge=1, le=365)],
        label: Annotated[str, Form(max_length=LONGEST_LABEL)] = "",
    ) -> Response:
        address = f"/campaigns/{campaign_id}/handover#shares"
        try:
            cases.handing_over.share(me, campaign_id, model, label=label, language=language, days=days)
        except ValueError:
            return back(request, address, "desk_handing_over.share_wrong", bad=True)
        except Refused as refused:
            if refused.key != "share_many":
                raise
            return back(request, address, "desk_handing_over.share_many", bad=True)
        return back(request, address, "desk_handing_over.share_made")

    @router.post("/campaigns/{campaign_id}/handover/withdraw")
    def withdraw(
        request: Request, me: SignedIn, campaign_id: str, share: Annotated[str, Form(max_length=32)]
    ) -> Response:
        cases.handing_over.withdraw(me, campaign_id, share)
        return back(request, f"/campaigns/{campaign_id}/handover#shares", "desk_handing_over.share_withdrawn")


def _add_shared(router: APIRouter, desk: Desk, looks: Limiter) -> None:
    cases = desk.peil.desk

    def looked_up(request: Request, key: str) -> tuple[Share, Handed, Comparison] | None:
        """What the key shows; None for who looks too often. Raises Missing for what shows nothing."""
        if looks.wait(caller(request)):
            return None
        found = cases.handing_over.shared(key)
        if found is None or found[1].edition.comparison is None:
            raise Missing("share")
        return found[0], found[1], found[1].edition.comparison

    def too_often(request: Request) -> Response:
        return page(request, "layout_told.html", 429, key="often")

    @router.get("/shared/{key}")
    def shared(request: Request, key: str) -> Response:
        found = looked_up(request, key)
        if found is None:
            return too_often(request)
        share, handed, comparison = found
        language = share.language
        reader = Reader(language)
        rows = compare_view.rows(reader, comparison, ())
        known = texts(language)

        def w(sentence: str, /, **names: object) -> str:
            # The parts of a comparison that the pages of comparing show have their words there.
            own = sentence if "." in sentence else f"desk_handing_over.{sentence}"
            return say(language, own if own in known else f"desk_comparing.{sentence}", **names)

        content = desk.templates.get_template("handing_over_shared.html").render(
            language=language,
            w=w,
            base=BASE,
            # Nobody is at work here, whoever may be signed in in this browser.
            me=None,
            flash=None,
            here=f"{BASE}/shared/",
            handed=handed,
            share=share,
            c=comparison,
            day=lambda moment, zone=None: day(language, moment, zone),
            rows=rows,
            headline=compare_view.headline(reader, comparison, rows),
            about=compare_view.about(reader, comparison),
            overall=reader.figure(comparison.whole.overall.mean),
            has_radar=_has_radar(handed.edition.model),
            facts=compare_view.table_words(reader, rows),
            model_name=reader.words(handed.edition.model.name),
            band=reader.say("band_half"),
            picture=f"{BASE}/shared/{key}/radar.png",
        )
        return HTMLResponse(content, headers={**_SHARED_HEADERS, "Content-Language": language})

    @router.get("/shared/{key}/radar.png")
    def shared_radar(request: Request, key: str) -> Response:
        found = looked_up(request, key)
        if found is None:
            return too_often(request)
        share, handed, comparison = found
        reader = Reader(share.language)
        told = [handed.organisation.name, handed.campaign.name, day(share.language, handed.edition.at)]
        if handed.campaign.invented:
            told.append(reader.say("invented"))
        subtitle = " · ".join(compare_pictures.clipped(one, 50) for one in told)
        title = reader.words(handed.edition.model.name)
        spec: AnySpec | None = compare_pictures.radar(reader, comparison, (), title, subtitle)
        if spec is None:
            raise Missing("share")
        response = picture(render(spec))
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


def _has_radar(model: MaturityModel) -> bool:
    return MIN_AXES <= len(model.dimensions) <= MAX_AXES


def _say(request: Request, key: str) -> str:
    return say(language_of(request), f"desk_handing_over.{key}")


def _name(handed: Handed, rest: str) -> str:
    return f"peil-{handed.edition.model_id}-{handed.edition.at:%Y-%m-%d}-{rest}"


def _words_of(request: Request, handed: Handed) -> list[list[str | int | float | bool | None]]:
    """What the ids in the table stand for, in the reader's language."""
    reader, model = Reader(language_of(request)), handed.edition.model
    rows: list[list[str | int | float | bool | None]] = [["id", _say(request, "words_column")]]
    for dimension in model.dimensions:
        rows.append([dimension.id, reader.words(dimension.title)])
        rows += [
            [f"{dimension.id}.{item.id}", reader.words(item.question)]
            for item in dimension.items
            if item.scored
        ]
    rows += [[f"level_{one.value}", reader.words(one.name)] for one in model.levels]
    comparison = handed.edition.comparison
    for groups in () if comparison is None else comparison.groups.values():
        rows += [[one.key, reader.group(one)] for one in groups]
    return rows
