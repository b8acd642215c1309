"""The organisation's report: figures by hand, only what the edition shows, and whatever people typed."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from pypdf import PdfReader

from bot.assessment.agenda import Quote
from bot.assessment.comparison import Comparison, Entry, compare
from bot.assessment.definitions import MaturityModel
from bot.assessment.editions import comparison_of, content_of, plan
from bot.assessment.plans import Plan, PlanStep, PlanVersion, StepWords
from bot.assessment.records import Campaign, Organisation
from bot.desk.compare_view import Reader
from bot.desk.organisation_report import file_name, organisation_pdf, organisation_report
from bot.render.report import pdf
from bot.render.report.pdf import shown
from bot.service.desk.comparing import Edition
from bot.service.desk.handing_over import Handed
from bot.service.desk.organisation_view import OrganisationReport
from bot.service.desk.standings import standing
from bot.texts import LANGUAGES
from tests.report_pages import A4, Pages, letters, strings
from tests.unit.models import make_answers, make_model

NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)
DIMENSIONS = {"data": (1, 1), "people": (1, 1), "value": (1, 1)}
HOSTILE = '#import "x.typ": * [#panic("p")] *bold* $x^2$ <label> @ref `raw` // gone \\u{41} {nl} &lt;'

# What is no text on the page: pictures in words, ids, and words that this report has no need of.
UNSEEN = re.compile(
    r"\.(alt|language|dimension_id|horizon)$"
    r"|^\.words\.(word_|differ_nowhere|no_advice|no_radar|nothing|also)"
)


def people(model: MaturityModel) -> list[Entry]:
    """Five of the management in sales; of the work floor four in marketing and two in ICT."""
    made = []
    for number in range(11):
        management = number < 5
        levels = {"data": "33", "people": "44", "value": "55"} if management else {}
        found = standing(
            model, make_answers(**(levels or {"data": "22", "people": "44", "value": "22"})), f"p{number}", 1
        )
        made.append(
            Entry(
                unit=f"p{number}@1",
                person=f"p{number}",
                segments={
                    "role_layer": "management" if management else "front_line",
                    "department": "sales" if management else "marketing" if number < 9 else "it",
                },
                overall=found.overall,
                dimensions={key: (one.score, one.staged) for key, one in found.dimensions.items()},
                items={key: (one.level, one.score, one.open) for key, one in found.items.items()},
            )
        )
    return made


def published(model: MaturityModel, entries: list[Entry]) -> Comparison:
    """As an edition shows it: under protection, written down and read again."""
    planned = plan(model, entries, {one.unit: one.person for one in entries})
    assert planned is not None
    found = compare(model, entries, protection=planned[0])
    assert found is not None
    return comparison_of(content_of(found), model)


@cache
def handed(signed: bool = True, invented: bool = True, typed: str = "") -> Handed:
    """`typed`: what stands wherever people can type."""
    model = make_model(DIMENSIONS)
    quote = Quote(typed or "Niemand kijkt naar wat er binnenkomt.", 5, "nl", "1")
    edition = Edition(
        "e1",
        "c1",
        "o1",
        model.id,
        model,
        NOON,
        "Anna",
        published(model, people(model)),
        {"value.a": (quote,), "people.a": (Quote("Van een vraag die er niet op staat.", 4, "nl", "2"),)},
    )
    campaign = Campaign(
        id="c1",
        organisation_id="o1",
        name=typed or "Najaar",
        models=(model.id,),
        depth=None,
        languages=("nl", "en"),
        segments={},
        targets=None,
        anonymous=False,
        opens_at=None,
        closes_at=None,
        closed_at=None,
        welcome={},
        contact=None,
        reminders=0,
        time_zone="UTC",
        created_at=NOON,
        invented=invented,
    )
    organisation = Organisation("o1", typed or "De Rederij", NOON)
    return Handed(organisation, campaign, edition, _advice(typed) if signed else None)


def _advice(typed: str) -> PlanVersion:
    def step(key: str, horizon: Any, title: str, dimension: str | None) -> PlanStep:
        text = typed or title
        words = StepWords({"nl": text}, {"nl": f"begin {text}"}, {"nl": f"meet {text}"}, {}, horizon, 3, 1)
        return PlanStep(key, words, dimension_id=dimension)

    steps = (
        step("own:1", "now", "Zet twee mensen bij elkaar", "value"),
        replace(step("own:2", "now", "Weggelaten stap", None), dropped=True),
        step("own:3", "later", "Vier het samen", None),
    )
    return PlanVersion(
        id="v1",
        assessment_id=None,
        campaign_id="c1",
        model_id="made_up",
        version=1,
        revision=1,
        plan=Plan(steps, introduction={"nl": typed or "Begin klein."}),
        user_id="u1",
        created_at=NOON,
        changed_at=NOON,
        signed_at=NOON,
        signed_by=typed or "Anna Zwart",
    )


@cache
def made(language: str = "nl", **options: Any) -> tuple[OrganisationReport, Pages]:
    found = handed(**options)
    return organisation_report(found, language), Pages(organisation_pdf(found, language))


def page_with(pages: Pages, heading: str) -> str:
    """The page on which a chapter begins: the contents on the first page name them all."""
    return next(letters(one) for one in pages.texts[1:] if letters(heading) in letters(one))


# --- figures ----------------------------------------------------------------------------------------


def test_the_figures_are_those_computed_by_hand() -> None:
    report, pages = made()
    # data: (5 x 3 + 6 x 2) / 11 = 27/11 = 2.45. The variance of an item: (5 (3 - 27/11)^2 + 6 (27/11 - 2)^2)
    # / 10 = 0.2727; at random (25 - 1) / 12 = 2: r_wg 1 - 0.136 = 0.86. Of two: 2 x 0.8636 / (2 x 0.8636 +
    # 0.1364) = 0.93. Of fewer than fifteen no range is published.
    # people: everybody 4. value: (5 x 5 + 6 x 2) / 11 = 37/11 = 3.36; variance 2.45 > 2: 0.
    # Targets: one level above the one that at least half have reached: 2, 4 and 2.
    assert report.overview.rows == (
        ("data (nl)", "2,5", "–", "sterk (0,93)", "3,0", "2,0", "3", "11"),
        ("people (nl)", "4,0", "–", "sterk (1,00)", "4,0", "4,0", "5", "11"),
        ("value (nl)", "3,4", "–", "laag (0,00)", "5,0", "2,0", "3", "11"),
    )
    assert report.overview.columns[4:] == ("Leiding", "Werkvloer", "Doel", "Aantal")
    table = page_with(pages, report.words["picture"])
    for row in report.overview.rows:
        assert letters("".join(row)) in table
    # (2.5 + 4 + 3.5) ... of each person: managers (3 + 4 + 5) / 3 = 4, the others 8/3; (20 + 16) / 11 = 3.27
    assert [(one.value, one.text) for one in report.figures] == [
        ("3,3", "van 5"),
        ("4,0", "people (nl)"),
        ("2,5", "data (nl)"),
    ]
    item = report.dimensions[0].questions[0]
    assert (item.mean, item.agreement, item.count) == ("2,5", "sterk (0,86)", "n = 11")
    assert [(one.level, one.count) for one in item.shares] == [(1, 0), (2, 6), (3, 5), (4, 0), (5, 0)]
    # 6 of 11 is 54.545 percent of the bar.
    assert [(one.left, one.wide) for one in item.shares[1:3]] == [(0.0, 54.545), (54.545, 45.455)]


def test_it_says_in_words_who_agrees_who_differs_and_what_management_sees_before_any_figure() -> None:
    report, pages = made()

    assert report.conclusions.agree == ("Jullie zijn het sterk eens over people (nl).",)
    assert report.conclusions.differ[0] == "Jullie zien het verschillend bij value (nl)."
    assert "value (nl) (5,0 tegen 2,0)" in report.conclusions.sides[0]
    told = page_with(pages, report.words["agreeing"])
    assert letters(report.conclusions.agree[0]) in told
    assert letters(report.conclusions.sides[0]) in told
    assert letters(report.words["picture"]) not in told


def test_the_gap_of_each_dimension_is_told_in_words() -> None:
    facts = [one.facts for one in made()[0].dimensions]

    assert facts[0][0] == "De overeenstemming over de vragen samen is sterk (0,93)."
    assert "De leiding geeft 3,0, de werkvloer 2,0: de leiding is 1,0 hoger." in facts[0]
    assert "Leiding en werkvloer geven gemiddeld hetzelfde: 4,0 en 4,0." in facts[1]
    assert "De leiding geeft 5,0, de werkvloer 2,0: de leiding is 3,0 hoger." in facts[2]


def test_where_nobody_differs_a_sentence_says_so() -> None:
    model = make_model(DIMENSIONS)
    alike = [
        replace(
            one,
            dimensions={key: (3.0, 3) for key in one.dimensions},
            items={key: (3, 3.0, None) for key in one.items},
        )
        for one in people(model)
    ]
    edition = replace(handed().edition, comparison=published(model, alike), quotes={})
    report = organisation_report(replace(handed(), edition=edition), "nl")

    assert report.conclusions.differ == ("Er is geen vraag waarbij jullie ver uit elkaar liggen.",)
    assert report.workshop.talks == ()
    assert report.workshop.text.startswith("Jullie zijn het overal eens")


# --- what is not shown ------------------------------------------------------------------------------


def test_no_group_stands_in_it_that_is_not_in_the_edition() -> None:
    report, pages = made()
    comparison, reader = handed().edition.comparison, Reader("nl")
    assert comparison is not None
    model = make_model(DIMENSIONS)
    live = compare(model, people(model))
    assert live is not None
    allowed = {reader.group(one) for some in comparison.groups.values() for one in some}
    told = {one.name for page in report.dimensions for some in page.groups for one in some.groups}
    counts = {one.count for page in report.dimensions for some in page.groups for one in some.groups}
    small = [reader.group(one) for one in live.groups["department"] if one.n < 5]

    assert told == {"Leidinggevende", "Werk met klanten", "Verkoop", "Marketing en ICT samen"} & allowed
    assert told
    assert counts <= {"n = 5", "n = 6"}
    # Four of marketing, two of ICT: each by itself is nowhere, in figures neither.
    assert small == ["Marketing", "ICT"]
    assert letters("n = 4") not in letters(pages.text)
    assert letters("n = 2") not in letters(pages.text)


def test_an_edition_of_too_few_people_makes_no_report() -> None:
    few = replace(handed().edition, comparison=None, few=True)

    with pytest.raises(ValueError, match="e1"):
        organisation_report(replace(handed(), edition=few), "nl")


def test_only_quotes_of_questions_on_the_agenda_stand_in_it_and_without_a_name() -> None:
    report, pages = made()

    assert [f"{one.dimension} {one.title}".replace(" (nl)", "") for one in report.workshop.talks] == [
        *("value a", "value b", "data a", "data b")
    ]
    [quoted] = [one for talk in report.workshop.talks for one in talk.quotes]
    assert (quoted.text, quoted.level) == ("Niemand kijkt naar wat er binnenkomt.", "koos niveau 5")
    assert letters(quoted.text) in letters(pages.text)
    assert letters("Van een vraag die er niet op staat") not in letters(pages.text)
    # A quarter of an hour each; the first also what is left of 90 - 10 - 15 - 60.
    assert [one.when for one in report.workshop.talks[:2]] == [
        "vanaf minuut 10, 20 minuten",
        "vanaf minuut 30, 15 minuten",
    ]
    assert report.workshop.talks[0].why[0] == "De antwoorden lopen uiteen: overeenstemming 0,00."


# --- advice -----------------------------------------------------------------------------------------


def test_signed_advice_stands_in_it_by_horizon_with_who_signed_and_when() -> None:
    report, pages = made()
    assert report.advice is not None
    page = page_with(pages, "Anna Zwart maakte dit advies voor De Rederij.")

    assert [(one.title, [step.title for step in one.steps]) for one in report.advice.horizons] == [
        ("Nu", ["Zet twee mensen bij elkaar"]),
        ("Later", ["Vier het samen"]),
    ]
    assert letters("Getekend door Anna Zwart op 22 november 2026") in page
    assert letters("Begin klein.") in page
    assert letters("Opbrengst: groot · Inzet: klein") in page
    assert letters("Weggelaten stap") not in letters(pages.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_signed_advice_a_sentence_says_so(language: str) -> None:
    report, pages = made(language, signed=False)
    sentence = {
        "nl": "Een ondertekend advies voor de organisatie is er nog niet.",
        "en": "There is no signed advice for the organisation yet.",
    }[language]

    assert report.advice is None
    assert letters(sentence) in letters(pages.text)
    assert letters(sentence) not in letters(made(language)[1].text)


# --- the file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_it_says_stands_on_its_pages(language: str) -> None:
    report, pages = made(language)
    told = letters(pages.text)
    fields = [(path, text) for path, text in strings(report) if not UNSEEN.search(path)]

    assert pages.outside == []
    assert len(fields) > 200
    assert [(path, text) for path, text in fields if letters(shown(text)) not in told] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_an_accessible_a4_file_with_page_numbers_and_bookmarks(language: str) -> None:
    report, pages = made(language)
    root: Any = pages.reader.trailer["/Root"]
    outline = [str(one.title) for one in pages.reader.outline if not isinstance(one, list)]
    words, number = report.words, len(pages.texts)

    assert b"<pdfuaid:part>1<" in root["/Metadata"].get_data()
    assert root["/Lang"] == language
    assert pages.reader.metadata is not None
    assert pages.reader.metadata.title == f"De Rederij · {report.about}"
    assert pages.reader.metadata.creation_date == NOON
    assert outline == [
        words[key] for key in ("conclusions", "picture", "dimensions", "workshop", "advice", "method")
    ]
    for at, (page, text) in enumerate(zip(pages.reader.pages, pages.texts, strict=True), start=1):
        assert tuple(round(float(side)) for side in page.mediabox[2:]) == A4
        assert letters(f"{words['page']} {at} {words['page_of']} {number}") in letters(text)


def test_the_language_changes_every_word_but_those_that_people_typed() -> None:
    dutch, english = made("nl")[1].text, made("en")[1].text

    for word in ("Waar jullie het eens zijn", "Werkvloer", "vanaf minuut", "sterk"):
        assert letters(word) in letters(dutch)
        assert letters(word) not in letters(english)
    for word in ("Where you agree", "Work floor", "from minute", "strong"):
        assert letters(word) in letters(english)
        assert letters(word) not in letters(dutch)
    assert letters("Niemand kijkt naar wat er binnenkomt.") in letters(english)


def test_invented_data_is_marked_on_every_page_and_other_data_is_not() -> None:
    report, pages = made()
    badge = letters(report.words["badge"])

    assert all(badge in letters(page) for page in pages.texts)
    assert badge not in letters(made(invented=False)[1].text)


@pytest.mark.parametrize(
    "typed",
    [
        HOSTILE,
        "\u202etfel\u0000 \ud83d",
        "w" * 400,
        "= _ * [ ] # $ \n \r\n - + 1. /",
        "𓀀 no font has this",
    ],
)
def test_what_people_typed_is_shown_and_never_obeyed(typed: str) -> None:
    report, pages = made(typed=typed)
    told = letters(pages.text)

    assert report.title == typed
    if "𓀀" not in typed:
        # In the title, the header of a page, a quote, the advice.
        assert told.count(letters(shown(typed))) > 8
        root: Any = pages.reader.trailer["/Root"]
        assert b"<pdfuaid:part>1<" in root["/Metadata"].get_data()
    assert pages.outside == []
    assert "\u202e" not in told


def test_the_same_report_gives_the_same_bytes_and_the_typesetter_forgets_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forgotten = []
    forget = pdf._forget

    def noted() -> None:
        forgotten.append(True)
        forget()

    monkeypatch.setattr(pdf, "_forget", noted)
    first, second = organisation_pdf(handed(), "nl"), organisation_pdf(handed(), "nl")

    assert first == second
    assert len(forgotten) == 2
    assert len(PdfReader(io.BytesIO(first)).pages) > 5


def test_the_file_is_named_after_model_and_day() -> None:
    assert file_name(handed()) == "peil-made_up-2026-11-22-report.pdf"
    assert "#" not in file_name(handed(typed=HOSTILE))
