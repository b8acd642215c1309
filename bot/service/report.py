"""From an assessment to its report, in either language; computed anew from the answers each time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.assessment.definitions import MaturityModel
from bot.assessment.plans import PlanVersion
from bot.assessment.records import Conversation
from bot.assessment.scoring import DimensionResult, Result, format_score
from bot.service import kind_words, wording
from bot.service.ports import Work
from bot.service.report_dimension import capital, dimension_page, level_meanings, why_none
from bot.service.report_insights import insight_views
from bot.service.report_steps import matrix_view, road_map_view, steps
from bot.service.report_view import (
    KeyFigure,
    Method,
    Overview,
    Radar,
    RadarAxis,
    Report,
    Signed,
    Source,
    Step,
)
from bot.service.signed import introduction, made_by, signed_by
from bot.service.turn import Running
from bot.texts import say, section


def report(
    running: Running, language: str, organisation: str | None = None, invented: bool = False
) -> Report:
    """Everything that the report of this assessment shows; of an unfinished one what is known so far.

    `organisation`, `invented`: as behind() tells.
    """
    model, result = running.model, running.result
    about = wording.line_name(language, running.assessment)
    made_at = running.assessment.completed_at or running.assessment.started_at
    listed = steps(language, running)
    facts = " ".join(
        [*wording.result_lines(language, model, result), wording.overall(language, model, result)]
    )
    return Report(
        language=language,
        title=model.name[language],
        about=None if about is None else say(language, "page.about", about=about),
        date=day(language, made_at),
        made_at=made_at,
        words=_words(language),
        indication=result.indication,
        notes=tuple(_notes(language, running)),
        overall=wording.overall(language, model, result),
        figures=tuple(_figures(language, model, result)),
        radar=_radar(language, model, result, wording.radar_alt(language, model, facts, about)),
        stands_out=tuple(wording.what_stands_out(language, model, result)),
        gaps=tuple(
            wording.dimension_line(language, model, found)
            for found in result.dimensions
            if found.score is None
        ),
        # The bot's always begin now; a consultant may see nothing to do at once.
        first_steps=tuple(step for step in listed if step.horizon == listed[0].horizon),
        no_steps=None if listed else wording.no_steps(language, result),
        overview=_overview(language, model, result),
        levels=() if result.indication else level_meanings(language, model),
        dimensions=tuple(
            dimension_page(language, running, result, dimension, listed) for dimension in model.dimensions
        ),
        insights=tuple(insight_views(language, running)),
        road_map=road_map_view(language, listed) if listed else None,
        matrix=matrix_view(language, listed) if listed else None,
        method=_method(language, model, result, running.signed),
        signed=_signed(language, running.signed, listed),
        organisation=organisation,
        invented=invented,
    )


def behind(work: Work, conversation: Conversation | None) -> tuple[str | None, bool]:
    """The organisation's name, None without a campaign, and whether that campaign's people are made up."""
    campaign_id = None if conversation is None else conversation.campaign_id
    campaign = None if campaign_id is None else work.campaign(campaign_id)
    if campaign is None:
        return None, False
    organisation = work.organisation(campaign.organisation_id)
    return None if organisation is None else organisation.name, campaign.invented


def _signed(language: str, signed: PlanVersion | None, listed: Sequence[Step]) -> Signed | None:
    if signed is None:
        return None
    return Signed(
        title=say(language, "signed.title"),
        made=made_by(language, signed),
        by=signed_by(language, signed),
        introduction=introduction(language, signed),
        steps_title=say(language, "signed.loose_steps"),
        steps=tuple(step for step in listed if not step.dimension_id),
    )


def file_name(report: Report) -> str:
    """What to call the file: 'peil-klantbetrokkenheid-2026-11-22.pdf'; plain letters, digits and hyphens."""
    words = unicodedata.normalize("NFKD", " ".join(filter(None, (report.title, report.about))))
    plain = re.sub(r"[^a-z0-9]+", "-", words.encode("ascii", "ignore").decode().lower()).strip("-")
    return "-".join(filter(None, ("peil", plain[:60].strip("-"), report.made_at.date().isoformat()))) + ".pdf"


def day(language: str, moment: datetime) -> str:
    """'22 november 2026', by the clock of the server."""
    local = moment.astimezone()
    return f"{local.day} {say(language, 'page.months').split()[local.month - 1]} {local.year}"


def month(language: str, moment: datetime) -> str:
    """'november 2026', by the clock of the server."""
    local = moment.astimezone()
    return f"{say(language, 'page.months').split()[local.month - 1]} {local.year}"


def _words(language: str) -> Mapping[str, str]:
    """The headings and labels that stand in every report: those without a name in braces."""
    return {key: text for key, text in section(language, "report").items() if "{" not in text}


def _notes(language: str, running: Running) -> Iterable[str]:
    if running.result.indication:
        yield wording.not_asked(language, running.model, running.item_ids)
    if running.following is not None:
        done, total = running.progress
        yield say(language, "report.unfinished", done=done, total=total)


def _figures(language: str, model: MaturityModel, result: Result) -> Iterable[KeyFigure]:
    if result.overall is not None:
        yield KeyFigure(
            say(language, "report.average"),
            format_score(result.overall, language),
            say(language, "report.out_of", highest=model.highest),
        )
    balance = result.balance
    if balance is None or balance.spread == 0:
        return
    for key, dimension_id in (
        ("report.strongest", balance.highest_id),
        ("report.weakest", balance.lowest_id),
    ):
        value = result.dimension(dimension_id).score
        titles = [
            model.dimension(found.dimension_id).title[language]
            for found in result.dimensions
            if found.score == value
        ]
        yield KeyFigure(
            say(language, key), format_score(value or 0.0, language), kind_words.joined(language, titles)
        )


def _radar(language: str, model: MaturityModel, result: Result, alt: str) -> Radar:
    facts = wording.radar_facts(language, model, result, None)
    return Radar(
        axes=tuple(
            RadarAxis(
                title=model.dimension(found.dimension_id).title[language],
                score=facts.scores.get(found.dimension_id, "–"),
                today=found.score,
                target=None if found.target is None else float(found.target),
            )
            for found in result.dimensions
        ),
        highest=model.highest,
        today=facts.today,
        target=facts.target,
        alt=alt,
    )


def _overview(language: str, model: MaturityModel, result: Result) -> Overview:
    if result.indication:
        # One question a dimension: its score tells whether it was answered. Targets are there if chosen.
        chosen = any(found.target is not None for found in result.dimensions)
        title, score, _, target = wording.result_columns(language)
        return Overview(
            columns=(title, score, target) if chosen else (title, score),
            rows=tuple(
                (
                    model.dimension(found.dimension_id).title[language],
                    why_none(language, found) if found.score is None else format_score(found.score, language),
                    *(("–" if found.target is None else str(found.target),) if chosen else ()),
                )
                for found in result.dimensions
            ),
        )
    table = wording.result_table(language, model, result, paragraph=0)
    return Overview(
        columns=(*table.columns, say(language, "report.answered")),
        rows=tuple((*row, _percent(found)) for row, found in zip(table.rows, result.dimensions, strict=True)),
    )


def _percent(found: DimensionResult) -> str:
    return "–" if found.status == "not_applicable" else f"{round(100 * found.coverage)}%"


def _method(language: str, model: MaturityModel, result: Result, signed: PlanVersion | None) -> Method:
    keys = ["result.method_stages" if model.stages else "result.method", "report.method_open"]
    if result.indication:
        keys = ["report.method_quick", "report.method_open"]
    sources = [
        (dimension.title[language], dimension.source) for dimension in model.dimensions if dimension.source
    ]
    sources += [
        (say(language, "page.case_of", name=dimension.case.name), dimension.case.source)
        for dimension in model.dimensions
        if dimension.case is not None
    ]
    return Method(
        cautions=(model.caution[language],),
        paragraphs=(
            *(say(language, key) for key in keys),
            say(language, "report.method_steps")
            if signed is None
            else say(language, "signed.method", name=signed.signed_by),
        ),
        source=say(
            language,
            "report.source",
            document=publication(model),
            model=model.name[language],
            version=model.version,
        ),
        sources=tuple(Source(title, place_in_source(language, place)) for title, place in sources),
    )


def publication(model: MaturityModel) -> str:
    """What the source is called, from its id: 'crm-in-practice' -> 'CRM in practice'."""
    words = model.document.split("-")
    return capital(" ".join(word.upper() if word == "crm" else word for word in words))


def place_in_source(language: str, place: str) -> str:
    """A place in the source, which the definition gives in English, in the reader's language."""
    told, english = place, section("en", "source_words")
    # The longest first: a whole passage before the words in it.
    for key, words in sorted(english.items(), key=lambda one: -len(one[1])):
        other = section(language, "source_words")[key]
        told = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", other, told)
    if told[:1].isdigit():
        told = f"{say(language, 'report.chapter' if told.isdigit() else 'report.section')} {told}"
    return capital(told)
