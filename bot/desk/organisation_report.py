"""The report of an organisation: from a published edition and its signed advice to a PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from bot.assessment.agenda import Agenda
from bot.assessment.comparison import SEGMENTS, Comparison
from bot.assessment.definitions import Dimension
from bot.assessment.plans import PlanVersion
from bot.desk import compare_pictures, compare_view
from bot.desk.compare_view import BY, Part, Reader, Row
from bot.desk.comparing import talk
from bot.desk.pages import Desk, SignedIn, day, download, language_of
from bot.render.report import render_organisation
from bot.service.anonymity import LEAST
from bot.service.desk.handing_over import Handed
from bot.service.desk.organisation_view import (
    Accounting,
    Conclusions,
    DimensionChapter,
    GroupMean,
    Groups,
    OrganisationReport,
    Question,
    Quoted,
    RangeAxis,
    RangeRadar,
    Share,
    Side,
    SignedAdvice,
    Table,
    Talk,
    Workshop,
)
from bot.service.kind_words import joined
from bot.service.report import place_in_source, publication
from bot.service.report_dimension import level_meanings
from bot.service.report_steps import road_map_view, signed_step
from bot.service.report_view import KeyFigure, Source
from bot.service.signed import introduction, signed_by, told_steps
from bot.texts import say, section

_SECTION = "desk_organisation_report"
_ABOVE = 50
"""So many characters of the organisation's name fit on the line above a page."""
_BY_SEGMENT = {segment: by for by, segment in BY.items()}


def make_organisation_report(desk: Desk) -> APIRouter:
    """The route of the report."""
    router = APIRouter()

    @router.get("/campaigns/{campaign_id}/handover/report.pdf")
    def report_pdf(
        request: Request,
        me: SignedIn,
        campaign_id: str,
        model: Annotated[str, Query(min_length=1, max_length=40)],
        lang: Annotated[Literal["nl", "en"] | None, Query()] = None,
    ) -> Response:
        language = lang or language_of(request)
        handed = desk.peil.desk.handing_over.hand(me, campaign_id, model, "pdf")
        return download(organisation_pdf(handed, language), "application/pdf", file_name(handed))

    return router


def organisation_pdf(handed: Handed, language: str) -> bytes:
    """The report as a PDF. Raises ValueError for an edition without figures, and ReportError."""
    return render_organisation(organisation_report(handed, language))


def file_name(handed: Handed) -> str:
    """What to call the file: 'peil-cemm-2026-11-22-report.pdf'; ids are letters, digits and hyphens."""
    return f"peil-{handed.edition.model_id}-{handed.edition.at:%Y-%m-%d}-report.pdf"


def organisation_report(handed: Handed, language: str) -> OrganisationReport:
    """Everything that the report shows, from the edition and nothing else but the signed advice.

    Raises ValueError for an edition that has no figures (of fewer than five people).
    """
    edition = handed.edition
    found, model, reader = edition.comparison, edition.model, Reader(language)
    if found is None:
        raise ValueError(f"edition {edition.id!r} has no figures")
    groups = [group for segment in SEGMENTS for group in found.groups.get(segment, ())]
    rows = compare_view.rows(reader, found, groups)
    advice = None if handed.signed is None else _advice(language, handed, handed.signed)
    return OrganisationReport(
        language=language,
        title=handed.organisation.name,
        about=reader.words(model.name),
        above=f"{compare_pictures.clipped(handed.organisation.name, _ABOVE)} · {reader.words(model.name)}",
        campaign=handed.campaign.name,
        date=day(language, edition.at),
        made_at=edition.at,
        words={key: text for key, text in section(language, _SECTION).items() if "{" not in text},
        invented=handed.campaign.invented,
        taking_part=tuple(_taking_part(reader, found)),
        figures=tuple(_figures(reader, found, rows)),
        conclusions=_conclusions(reader, found, rows),
        radar=_radar(reader, found, rows),
        overview=_overview(reader, found, rows),
        dimensions=tuple(
            _chapter(reader, found, dimension, row)
            for dimension, row in zip(model.dimensions, rows, strict=True)
        ),
        workshop=_workshop(reader, found, edition.agenda),
        advice=advice,
        no_advice="" if advice is not None else _say(language, "no_advice"),
        levels=level_meanings(language, model),
        method=_method(language, found, handed.signed),
    )


def _say(language: str, key: str, **values: object) -> str:
    return say(language, f"{_SECTION}.{key}", **values)


def _taking_part(reader: Reader, found: Comparison) -> Iterator[str]:
    yield from compare_view.about(reader, found)
    if not found.left_out.total:
        yield _say(reader.language, "counts_only")
    yield _say(reader.language, "least", least=LEAST)


def _figures(reader: Reader, found: Comparison, rows: Sequence[Row]) -> Iterator[KeyFigure]:
    """The average, and the dimensions with the highest and the lowest mean, as people read them."""
    language, overall = reader.language, found.whole.overall.mean
    if overall is not None:
        out_of = _say(language, "out_of", highest=found.model.highest)
        yield KeyFigure(_say(language, "average"), reader.figure(overall), out_of)
    means = {
        row.id: figures.mean
        for row in rows
        if (figures := found.whole.dimensions.get(row.id)) is not None and figures.mean is not None
    }
    shown = {row.id: row for row in rows}
    if len({shown[id_].mean for id_ in means}) < 2:
        return
    for key, end in (("strongest", max(means.values())), ("weakest", min(means.values()))):
        text = reader.figure(end)
        titles = [row.title for row in rows if row.id in means and row.mean == text]
        yield KeyFigure(_say(language, key), text, joined(language, titles))


def _conclusions(reader: Reader, found: Comparison, rows: Sequence[Row]) -> Conclusions:
    told = compare_view.headline(reader, found, rows)
    differ = [one for one in (told.differ, *told.questions) if one]
    return Conclusions(
        agree=(told.agree,) if told.agree else (),
        differ=tuple(differ) or (_say(reader.language, "differ_nowhere"),),
        sides=(*told.sides, *told.groups),
    )


def _radar(reader: Reader, found: Comparison, rows: Sequence[Row]) -> RangeRadar | None:
    sides = [one for one in (found.management, found.work_floor) if one is not None]
    spec = compare_pictures.radar(reader, found, (), "x", "")
    if spec is None:
        return None

    def mean(side: str, id_: str) -> float | None:
        figures = next((one.dimensions.get(id_) for one in sides if one.key == side), None)
        return None if figures is None else figures.mean

    names = {one.key: f"{reader.group(one)} ({one.n})" for one in sides}
    return RangeRadar(
        axes=tuple(
            RangeAxis(
                title=row.title,
                score=axis.value_text,
                today=axis.mean,
                low=axis.low,
                high=axis.high,
                management=mean("management", row.id),
                work_floor=mean("work_floor", row.id),
            )
            for row, axis in zip(rows, spec.axes, strict=True)
        ),
        highest=spec.highest,
        mean=spec.mean_label,
        band=spec.band_label,
        management=names.get("management"),
        work_floor=names.get("work_floor"),
        alt=_say(
            reader.language,
            "radar_alt",
            model=reader.words(found.model.name),
            facts=compare_view.table_words(reader, rows),
        ),
    )


def _overview(reader: Reader, found: Comparison, rows: Sequence[Row]) -> Table:
    """Every dimension with what the radar shows of it; a side stands in it where it is published."""
    language = reader.language
    sides = [one for one in (found.management, found.work_floor) if one is not None]
    columns = [_say(language, key) for key in ("dimension", "mean", "range", "agreed")]
    columns += [reader.group(one) for one in sides]
    columns += [_say(language, key) for key in ("target", "count")]
    made = []
    for row in rows:
        figures = [one.dimensions.get(row.id) for one in sides]
        means = [reader.figure(None if one is None else one.mean) for one in figures]
        cells = [row.title, row.mean, row.span or "–", _agreed(language, row), *means]
        made.append((*cells, row.target or "–", str(row.n)))
    return Table(tuple(columns), tuple(made))


def _agreed(language: str, row: Row) -> str:
    word = _say(language, f"word_{row.agreed}")
    return word if row.agreed == "none" else f"{word} ({row.agreement})"


def _chapter(reader: Reader, found: Comparison, dimension: Dimension, row: Row) -> DimensionChapter:
    language = reader.language
    facts = []
    if row.n:
        facts.append(_say(language, "together", agreed=_agreed(language, row)))
        if row.span:
            facts.append(_say(language, "half", span=row.span))
        if row.target:
            name = reader.words(found.model.level_name(int(row.target)).name)
            facts.append(_say(language, "aim", target=row.target, name=name))
    else:
        facts.append(_say(language, "nothing"))
    facts += [one for one in (row.gap, row.left_open) if one]
    return DimensionChapter(
        title=row.title,
        explanation=reader.words(dimension.explanation),
        mean=row.mean,
        count=f"n = {row.n}" if row.n else "",
        facts=tuple(facts),
        shares=_shares(row.parts),
        alt=_in_words(reader, row.parts),
        groups=tuple(_groups(reader, found, row)),
        questions=tuple(_question(reader, one) for one in row.items),
    )


def _question(reader: Reader, row: Row) -> Question:
    return Question(
        title=row.title,
        text=row.question,
        mean=row.mean,
        count=f"n = {row.n}" if row.n else "",
        agreement=_agreed(reader.language, row) if row.n else _say(reader.language, "nothing"),
        shares=_shares(row.parts),
        alt=_in_words(reader, row.parts),
        notes=tuple(one for one in (row.gap if row.noteworthy else "", row.left_open) if one),
    )


def _groups(reader: Reader, found: Comparison, row: Row) -> Iterator[Groups]:
    """The groups of which this dimension is shown; one alone says no more than everybody."""
    cells = iter(row.groups)
    for segment in SEGMENTS:
        here = [next(cells) for _ in found.groups.get(segment, ())]
        shown = [one for one in here if one.n]
        if len(shown) > 1:
            yield Groups(
                reader.say(f"by_{_BY_SEGMENT[segment]}"),
                tuple(GroupMean(one.label, one.mean, f"n = {one.n}", one.share) for one in shown),
            )


def _shares(parts: Sequence[Part]) -> tuple[Share, ...]:
    return tuple(Share(one.level, one.name, one.count, one.left, one.wide) for one in parts)


def _in_words(reader: Reader, parts: Sequence[Part]) -> str:
    return "; ".join(
        reader.say("level_count", level=one.level, name=one.name, count=one.count) for one in parts
    )


def _workshop(reader: Reader, found: Comparison, plan: Agenda | None) -> Workshop:
    if plan is None or not plan.items:
        return Workshop(reader.say("agreed_text"), None, (), None, ())

    def when(start: int, minutes: int) -> str:
        return reader.say("from_minute", start=start, minutes=minutes)

    titles = {f"{dimension.id}.{item.id}": reader.words(item.title) for dimension, item in found.model.walk()}
    talks, start = [], plan.opening
    for one in plan.items:
        told = talk(reader, found, one, start)
        talks.append(
            Talk(
                title=told["title"],
                dimension=told["dimension"],
                when=when(told["start"], told["minutes"]),
                question=told["question"],
                count=f"n = {told['n']}",
                why=tuple(told["why"]),
                ask=tuple(told["questions"]),
                shares=_shares(told["parts"]),
                alt=_in_words(reader, told["parts"]),
                sides=tuple(
                    Side(
                        f"{reader.say('side_line', name=name, mean=mean)} (n = {n})",
                        _in_words(reader, spread),
                    )
                    for name, mean, n, spread in told["sides"]
                ),
                quotes=tuple(
                    Quoted(text, spoken, "" if level is None else reader.say("quote_level", level=level))
                    for text, level, spoken in told["quotes"]
                ),
            )
        )
        start += one.minutes
    return Workshop(
        text=f"{reader.say('agenda_lead', minutes=plan.minutes)} {reader.say('said_only')}",
        opening=(when(0, plan.opening), reader.say("opening_text")),
        talks=tuple(talks),
        closing=(when(plan.minutes - plan.closing, plan.closing), reader.say("closing_text")),
        also=tuple(titles[one] for one in plan.also if one in titles),
    )


def _advice(language: str, handed: Handed, signed: PlanVersion) -> SignedAdvice | None:
    steps = [signed_step(language, one) for one in told_steps(language, handed.edition.model, signed.plan)]
    return SignedAdvice(
        made=_say(language, "made", name=signed.signed_by, organisation=handed.organisation.name),
        introduction=introduction(language, signed),
        by=signed_by(language, signed),
        horizons=road_map_view(language, steps).horizons,
    )


def _method(language: str, found: Comparison, signed: PlanVersion | None) -> Accounting:
    model = found.model
    reader = Reader(language)
    said_only, others = reader.say("said_only"), _say(language, "three_levels")
    paragraphs = [f"{said_only} {others}"]
    paragraphs += [_say(language, key) for key in ("means", "agreement")]
    paragraphs += [_say(language, "gaps", least=LEAST), _say(language, "targets")]
    paragraphs += [_say(language, "protection", least=LEAST), _say(language, "agenda_rule")]
    if signed is not None:
        paragraphs.append(say(language, "signed.method", name=signed.signed_by))
    return Accounting(
        cautions=(reader.words(model.caution),),
        paragraphs=tuple(paragraphs),
        source=say(
            language,
            "report.source",
            document=publication(model),
            model=reader.words(model.name),
            version=model.version,
        ),
        sources=tuple(
            Source(reader.words(one.title), place_in_source(language, one.source))
            for one in model.dimensions
            if one.source
        ),
    )
