"""Pages of the desk: people side by side, what to talk about, over time, and where people stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response

from bot.assessment.agenda import AgendaItem, Minutes
from bot.assessment.comparison import Comparison
from bot.assessment.definitions import MaturityModel
from bot.assessment.dropping_off import DropOff, Steps
from bot.assessment.records import Campaign, Organisation
from bot.desk import compare_pictures, compare_view
from bot.desk.compare_view import BY, SIDES, Reader
from bot.desk.pages import Desk, SignedIn, back, day, download, language_of, page, picture
from bot.render.comparison import AnySpec, render
from bot.service.desk.access import Actor, Missing, Refused
from bot.service.desk.comparing import Comparing, Edition, OverTime, Point
from bot.texts import say

MINUTES: tuple[Minutes, ...] = (60, 90, 120)

ModelId = Annotated[str | None, Query(max_length=40)]
Short = Annotated[str | None, Query(max_length=20)]

_SORTS: Mapping[str, Any] = {
    "order": None,
    "stopped": lambda one: one.stopped,
    "skipped": lambda one: one.skipped + one.dont_know,
    "asked": lambda one: one.asked,
    "time": lambda one: one.median_seconds or 0.0,
    "other": lambda one: one.other_level / one.proposed if one.proposed else 0.0,
}
"""Sort order of the drop-off -> what of the steps counts, the largest first; None: the order of the model."""


@dataclass(frozen=True)
class About:
    """What a page is about, whoever reads it.

    `models`: (id, name, runs or None). `published_at`: of what is shown to a viewer, or of the newest
    edition. `edition`: what is shown; None where that is live figures (`live`), or where nothing was
    published. `few`: too few people for the edition to show anything.
    """

    campaign: Campaign
    organisation: Organisation
    models: tuple[tuple[str, str, int | None], ...]
    model_id: str | None
    comparison: Comparison | None
    edition: Edition | None
    published_at: datetime | None
    live: bool
    few: bool


def make_comparing(desk: Desk) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter()

    def cases() -> Comparing:
        return desk.peil.desk.comparing

    def about(
        request: Request,
        me: Actor,
        campaign_id: str,
        model_id: str | None,
        line: str | None = None,
        *,
        noted: bool = True,
    ) -> About:
        """Live figures for whoever may have them, the published edition for all others."""
        if me.role != "viewer":
            found = cases().compare(me, campaign_id, model_id, line, noted=noted)
            return About(
                campaign=found.campaign,
                organisation=found.organisation,
                models=found.models,
                model_id=found.model_id,
                comparison=found.comparison,
                edition=None,
                published_at=found.published_at,
                live=True,
                few=False,
            )
        return published(request, me, campaign_id, model_id)

    def published(request: Request, me: Actor, campaign_id: str, model_id: str | None) -> About:
        reader = Reader(language_of(request))
        edition = cases().edition(me, campaign_id, model_id)
        organisation, campaign = cases().about(me, campaign_id)
        models = {one.model.id: reader.words(one.model.name) for one in cases().editions(me, campaign_id)}
        return About(
            campaign=campaign,
            organisation=organisation,
            models=tuple((id_, name, None) for id_, name in sorted(models.items())),
            model_id=None if edition is None else edition.model_id,
            comparison=None if edition is None else edition.comparison,
            edition=edition,
            published_at=None if edition is None else edition.at,
            live=False,
            few=edition is not None and edition.few,
        )

    # --- side by side ---

    @router.get("/campaigns/{campaign_id}/compare")
    def compare(
        request: Request,
        me: SignedIn,
        campaign_id: str,
        model: ModelId = None,
        by: Short = None,
        customers: Short = None,
        view: Short = None,
        judged: Short = None,
    ) -> Response:
        # A consultant may look at what viewers see.
        as_viewer = view == "published" and me.role != "viewer"
        if as_viewer:
            found = published(request, me, campaign_id, model)
        else:
            found = about(request, me, campaign_id, model, _line(customers))
        reader = Reader(language_of(request))
        shared: dict[str, Any] = {
            "found": found,
            "campaign": found.campaign,
            "as_viewer": as_viewer,
            "by": "",
            "customers": _line(customers) or "",
            "address": _addresses(f"/campaigns/{campaign_id}/compare", model=found.model_id),
        }
        shown = found.comparison
        if shown is None:
            return page(request, "comparing_compare.html", **shared, c=None)
        chosen = _by(by)
        named = compare_view.side_by_side(shown, chosen)
        groups = compare_view.compared(named)
        rows = compare_view.rows(reader, shown, groups)
        query = {
            "model": shown.model.id,
            "by": chosen,
            "customers": shared["customers"],
            "view": "published" if as_viewer else "",
        }
        beside = None
        if found.live and judged == "1":
            beside = _judged(reader, shown, cases().judged(me, campaign_id, shown.model.id, _line(customers)))
        has_radar = compare_pictures.radar(reader, shown, groups, "x", "") is not None
        shared |= {
            "by": chosen,
            "address": _addresses(
                f"/campaigns/{campaign_id}/compare", **query, judged="" if beside is None else "1"
            ),
            "picture": _addresses(f"/campaigns/{campaign_id}/compare.png", **query),
        }
        return page(
            request,
            "comparing_compare.html",
            **shared,
            c=shown,
            rows=rows,
            judged=beside,
            headline=compare_view.headline(reader, shown, rows),
            about=compare_view.about(reader, shown),
            groups=[(reader.group(one), one.n) for one in groups],
            alone=reader.group(named[0]) if len(named) == 1 else "",
            overall=reader.figure(shown.whole.overall.mean),
            has_radar=has_radar,
            targets=compare_view.targets_from(reader, shown, found.campaign.targets),
            band=reader.say("band_half" if compare_view.quartiles(shown) else "band_all"),
            facts=compare_view.table_words(reader, rows),
            model_name=reader.words(shown.model.name),
            lines=[(line, reader.option(line), count) for line, count in shown.lines.items()],
            levels=[
                (one.value, reader.words(one.name), reader.words(one.meaning)) for one in shown.model.levels
            ],
        )

    @router.get("/campaigns/{campaign_id}/compare.png")
    def compare_png(
        request: Request,
        me: SignedIn,
        campaign_id: str,
        model: ModelId = None,
        by: Short = None,
        customers: Short = None,
        view: Short = None,
        kind: Short = None,
        keep: Short = None,
    ) -> Response:
        if view == "published":
            found = published(request, me, campaign_id, model)
        else:
            # A picture in a page belongs to what was noted for the page; a file goes further.
            found = about(request, me, campaign_id, model, _line(customers), noted=bool(keep))
        shown = found.comparison
        if shown is None:
            raise Missing(campaign_id)
        reader = Reader(language_of(request))
        title = reader.words(shown.model.name)
        subtitle = _subtitle(reader, found, shown)
        spec: AnySpec | None
        if kind == "levels":
            spec = compare_pictures.distribution(reader, shown, title, subtitle)
        else:
            groups = compare_view.compared(compare_view.side_by_side(shown, _by(by)))
            spec = compare_pictures.radar(reader, shown, groups, title, subtitle)
        return _drawn(spec, f"peil-{shown.model.id}-{'levels' if kind == 'levels' else 'radar'}", keep)

    @router.post("/campaigns/{campaign_id}/compare/publish")
    def publish(
        request: Request,
        me: SignedIn,
        campaign_id: str,
        model: Annotated[str, Form(min_length=1, max_length=40)],
    ) -> Response:
        address = f"/campaigns/{campaign_id}/compare?{urlencode({'model': model})}"
        try:
            edition = cases().publish(me, campaign_id, model)
        except Refused as refused:
            if refused.key != "too_little_changed":
                raise
            return back(request, address, "desk_comparing.too_little_changed", bad=True)
        key = "desk_comparing.published_few" if edition.few else "desk_comparing.published"
        return back(request, address, key)

    # --- the agenda ---

    @router.get("/campaigns/{campaign_id}/agenda")
    def agenda(
        request: Request,
        me: SignedIn,
        campaign_id: str,
        model: ModelId = None,
        minutes: Annotated[int | None, Query()] = None,
        view: Short = None,
    ) -> Response:
        # For the people it is about: what was published, also where a consultant asks.
        in_hall = view == "published" and me.role != "viewer"
        if in_hall:
            found = published(request, me, campaign_id, model)
        else:
            # Noted as an agenda, below.
            found = about(request, me, campaign_id, model, noted=False)
        reader = Reader(language_of(request))
        shown = found.comparison
        wanted: Minutes = next((one for one in MINUTES if one == minutes), MINUTES[1])
        plan = None if found.edition is None else found.edition.agenda_of(wanted)
        if found.live and shown is not None:
            plan = cases().agenda(me, campaign_id, shown.model.id, wanted)
        items = []
        if shown is not None and plan is not None:
            start = plan.opening
            for one in plan.items:
                items.append(talk(reader, shown, one, start))
                start += one.minutes
        titles = {} if shown is None else _titles(reader, shown.model)
        return page(
            request,
            "comparing_agenda.html",
            found=found,
            campaign=found.campaign,
            c=shown,
            plan=plan,
            items=items,
            minutes=MINUTES,
            in_hall=in_hall,
            also=[] if plan is None else [titles[one] for one in plan.also if one in titles],
            model_name="" if shown is None else reader.words(shown.model.name),
            address=_addresses(
                f"/campaigns/{campaign_id}/agenda",
                model=found.model_id,
                minutes=None if plan is None else plan.minutes,
                view="published" if in_hall else "",
            ),
        )

    # --- over time ---

    @router.get("/organisations/{organisation_id}/time")
    def over_time(request: Request, me: SignedIn, organisation_id: str, model: ModelId = None) -> Response:
        found = cases().over_time(me, organisation_id, model)
        reader = Reader(language_of(request))
        spec = compare_pictures.course(reader, found, _months(request))
        rows = []
        if found.model is not None:
            named = [("overall", reader.say("overall"))]
            named += [(one.id, reader.words(one.title)) for one in found.model.dimensions]
            for id_, title in named:
                values = [
                    point.overall if id_ == "overall" else point.dimensions.get(id_) for point in found.points
                ]
                rows.append(
                    (title, [reader.figure(value) for value in values], _moved(reader, values, found))
                )
        titles = dict(named) if found.model is not None else {}
        pairs = [
            (titles[one.id], one.n, compare_view.signed(reader, one.change))
            for one in found.pairs
            if one.id in titles
        ]
        query = {"model": found.model_id}
        return page(
            request,
            "comparing_time.html",
            found=found,
            labels=[_named(reader, point) for point in found.points],
            rows=rows,
            pairs=pairs,
            others=_others(reader, found),
            has_picture=spec is not None,
            facts="; ".join(f"{title} {' → '.join(values)}" for title, values, _ in rows),
            days=[
                day(language_of(request), datetime.combine(one.day, datetime.min.time()))
                for one in found.points
            ],
            model_name="" if found.model is None else reader.words(found.model.name),
            address=_addresses(f"/organisations/{organisation_id}/time", **query),
            picture=_addresses(f"/organisations/{organisation_id}/time.png", **query),
        )

    @router.get("/organisations/{organisation_id}/time.png")
    def over_time_png(
        request: Request, me: SignedIn, organisation_id: str, model: ModelId = None, keep: Short = None
    ) -> Response:
        found = cases().over_time(me, organisation_id, model)
        spec = compare_pictures.course(Reader(language_of(request)), found, _months(request))
        return _drawn(
            spec, "peil-over-time" if found.model is None else f"peil-{found.model.id}-over-time", keep
        )

    # --- drop-off ---

    @router.get("/campaigns/{campaign_id}/dropoff")
    def drop_off(
        request: Request,
        me: SignedIn,
        campaign_id: str,
        model: ModelId = None,
        sort: Short = None,
        language: Short = None,
    ) -> Response:
        found = cases().drop_off(me, campaign_id, model)
        organisation, campaign = cases().about(me, campaign_id)
        reader = Reader(language_of(request))
        models: list[tuple[str, str]] = []
        if len(campaign.models) > 1:
            with desk.peil.store.read() as work:
                offers = desk.peil.use_cases.knowledge.offers(work)
            offered = {one.model.id: reader.words(one.model.name) for one in offers}
            models = [(id_, offered[id_]) for id_ in campaign.models if id_ in offered]
        spoken = [] if found is None else sorted({one for row in found.questions for one in row.languages})
        chosen = language if language is not None and language in spoken else ""
        sorted_by = sort if sort is not None and sort in _SORTS else "order"
        rows = [] if found is None else _questions(reader, found, chosen, sorted_by)
        return page(
            request,
            "comparing_dropoff.html",
            found=found,
            campaign=campaign,
            organisation=organisation,
            models=models,
            model_name="" if found is None else reader.words(found.model.name),
            rows=rows,
            spoken=spoken,
            chosen=chosen,
            sorted_by=sorted_by,
            sorts=tuple(_SORTS),
            timed=any(one["seconds"] for one in rows),
            address=_addresses(
                f"/campaigns/{campaign_id}/dropoff",
                model=None if found is None else found.model_id,
                sort=sorted_by,
                language=chosen,
            ),
        )

    return router


# --- parts ------------------------------------------------------------------------------------------


def _by(asked: str | None) -> str:
    return asked if asked is not None and (asked in BY or asked == SIDES) else ""


def _line(asked: str | None) -> str | None:
    return asked if asked in ("b2c", "b2b", "both") else None


def _addresses(path: str, **query: object) -> Any:
    """A function that gives the address below BASE of this page with other values in its query."""

    def address(**changed: object) -> str:
        values = {name: value for name, value in {**query, **changed}.items() if value not in (None, "")}
        return f"{path}?{urlencode(values)}" if values else path

    return address


def _judged(
    reader: Reader, found: Comparison, counts: Mapping[str, Mapping[int, int]]
) -> dict[str, list[tuple[int, str, int]]]:
    """Item id -> (level, its name, how many) of what consultants judged, for the questions that are shown."""
    return {
        item_id: [
            (level, compare_view.level_name(reader, found.model, level, found.model.item(item_id)[1]), count)
            for level, count in levels.items()
        ]
        for item_id, levels in counts.items()
        if item_id in found.whole.items
    }


def _subtitle(reader: Reader, found: About, shown: Comparison) -> str:
    told = [found.organisation.name, found.campaign.name, reader.people(shown.people)]
    told = [compare_pictures.clipped(one, 50) for one in told]
    if not found.live and found.published_at is not None:
        told[-1] = day(reader.language, found.published_at)
    if found.campaign.invented:
        told.append(reader.say("invented"))
    return " · ".join(told)


def _drawn(spec: AnySpec | None, name: str, keep: str | None) -> Response:
    if spec is None:
        raise Missing(name)
    content = render(spec)
    return download(content, "image/png", f"{name}.png") if keep else picture(content)


def _months(request: Request) -> list[str]:
    return say(language_of(request), "page.months").split()


def _named(reader: Reader, point: Point) -> str:
    """A measurement: the campaign, and the quarter where there are more of it."""
    if point.quarter is None:
        return point.name
    return reader.say("quarter", name=point.name, year=point.quarter[0], quarter=point.quarter[1])


def _moved(reader: Reader, values: list[float | None], found: OverTime) -> str:
    """How far the newest measurement is from the one before; '–' where the two cannot be compared."""
    if len(values) < 2 or values[-1] is None or values[-2] is None or not found.points[-1].comparable:
        return "–"
    return compare_view.signed(reader, reader.step(values[-2], values[-1]))


def _others(reader: Reader, found: OverTime) -> tuple[str, ...]:
    """That the newest two measurements are of other people, as far as that is known; empty without two.

    Runs of one person are known as such within a campaign only (`pairs`).
    """
    if len(found.points) < 2:
        return ()
    before, after = found.points[-2:]
    told = reader.say(
        "change_note",
        before=_named(reader, before),
        n_before=before.n,
        after=_named(reader, after),
        n_after=after.n,
    )
    again = found.pairs[0].n if found.pairs and before.campaign_id == after.campaign_id else 0
    return told, reader.say("change_known", count=again) if again else reader.say("change_unknown")


def _titles(reader: Reader, model: MaturityModel) -> dict[str, str]:
    return {
        f"{dimension.id}.{item.id}": reader.words(item.title)
        for dimension in model.dimensions
        for item in dimension.items
    }


def talk(reader: Reader, found: Comparison, one: AgendaItem, start: int) -> dict[str, Any]:
    """One item of the agenda in words. `start`: minutes after the beginning."""
    model = found.model
    dimension = next(each for each in model.dimensions if each.id == one.dimension_id)
    item = next(each for each in dimension.items if f"{dimension.id}.{each.id}" == one.item_id)
    counts = compare_view.parts(reader, model, one.figures.counts, item)
    some = [part for part in counts if part.count]
    levels = [(part.level, part.name) for part in some]
    sides = []
    for group in (found.management, found.work_floor):
        figures = None if group is None else group.items.get(one.item_id)
        if group is not None and figures is not None and figures.n:
            spread = [part for part in compare_view.parts(reader, model, figures.counts, item) if part.count]
            sides.append((reader.group(group), reader.figure(figures.mean), figures.n, spread))
    questions = []
    if len(levels) > 1:
        questions.append(
            reader.say(
                "ask_disagreement",
                low=levels[0][0],
                low_name=levels[0][1],
                high=levels[-1][0],
                high_name=levels[-1][1],
            )
        )
    if one.gap is not None and one.gap.noteworthy and one.gap.higher is not None:
        questions.append(reader.say(f"ask_gap_{one.gap.higher}"))
    if one.groups is not None and one.groups.noteworthy:
        questions.append(
            reader.say("ask_groups", high=reader.group(one.groups.high), low=reader.group(one.groups.low))
        )
    if one.target is not None and "target" in one.reasons:
        questions.append(reader.say("ask_target", target=one.target))
    why: list[str] = []
    # Live figures of groups are for the consultant, not for the room.
    own: list[str] = []
    of_groups = why if found.protected else own
    for reason in one.reasons:
        if reason == "disagreement":
            why.append(reader.say("why_disagreement", agreement=reader.fine(one.figures.agreement)))
        elif reason == "gap" and one.gap is not None:
            of_groups.append(compare_view.gap_words(reader, one.gap))
        elif reason == "groups" and one.groups is not None:
            of_groups.append(compare_view.between_words(reader, one.groups))
        elif reason == "target" and one.target is not None:
            why.append(reader.say("why_target", mean=reader.figure(one.figures.mean), target=one.target))
    return {
        "title": reader.words(item.title),
        "dimension": reader.words(dimension.title),
        "question": reader.words(item.question),
        "minutes": one.minutes,
        "start": start,
        "mean": reader.figure(one.figures.mean),
        "n": one.figures.n,
        "parts": counts,
        "sides": sides,
        "why": why,
        "own_why": own,
        "questions": questions or [reader.say("ask_open")],
        # Two who said the same are heard once.
        "quotes": list(dict.fromkeys((quote.text, quote.level, quote.language) for quote in one.quotes)),
    }


def _questions(reader: Reader, found: DropOff, language: str, sorted_by: str) -> list[dict[str, Any]]:
    """The questions as rows of a table, with what is shown as a bar."""
    titles = _titles(reader, found.model)
    dimensions = {one.id: reader.words(one.title) for one in found.model.dimensions}

    def count(number: int) -> str:
        # Viewers are told of nothing that fewer than five people did.
        return "< 5" if found.coarse and not number else str(number)

    numbered = [
        (number, one, one.languages[language] if language else one.every)
        for number, one in enumerate(found.questions, start=1)
        if not language or language in one.languages
    ]
    measure = _SORTS[sorted_by]
    if measure is not None:
        numbered.sort(key=lambda row: -measure(row[2]))
    # In the order of the model what counts most is where people stop.
    shown_by = "stopped" if measure is None else sorted_by
    shown = _SORTS[shown_by]
    longest = max((shown(steps) for _, _, steps in numbered), default=0)
    return [
        {
            "number": number,
            "title": titles.get(one.item_id, one.item_id),
            "dimension": dimensions.get(one.dimension_id, ""),
            "reached": count(steps.reached),
            "counts": [
                count(number)
                for number in (
                    steps.stopped,
                    steps.skipped,
                    steps.dont_know,
                    steps.not_applicable,
                    steps.asked,
                )
            ],
            "answered": count(steps.answered),
            "changed": count(steps.changed),
            "seconds": _seconds(reader, steps),
            "slow": "" if steps.p90_seconds is None else _duration(reader, steps.p90_seconds),
            "other": (
                f"{steps.other_level}/{steps.proposed}" if steps.proposed and not found.coarse else "–"
            ),
            "bar": _share(shown_by, shown(steps), steps, longest),
        }
        for number, one, steps in numbered
    ]


def _share(name: str, value: float, steps: Steps, longest: float) -> float:
    """How long a bar is, 0 to 100: of those who reached the question, so that few of many look like few."""
    if name == "other":
        return 100 * value
    whole = longest if name == "time" else steps.reached
    return 100 * value / whole if whole else 0.0


def _seconds(reader: Reader, steps: Steps) -> str:
    return "" if steps.median_seconds is None else _duration(reader, steps.median_seconds)


def _duration(reader: Reader, seconds: float) -> str:
    """'45 s', '2 min 05 s'."""
    whole = round(seconds)
    if whole < 60:
        return reader.say("seconds", seconds=whole)
    return reader.say("minutes", minutes=whole // 60, seconds=f"{whole % 60:02}")
