"""The PDF of a report: what a reader finds in it, whatever stands in the report."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.render.report import ReportError, pdf, render
from bot.render.report.pdf import shown
from bot.service.report import report
from bot.texts import LANGUAGES, section
from tests.made_up_reports import model, running
from tests.report_pages import A4, Pages, check_nothing_is_missing_or_cut, letters, made


@pytest.mark.parametrize(
    ("name", "language", "depth"),
    [("cemm", "nl", "full"), ("gccj", "en", "full"), ("omnichannel", "nl", "full"), ("cx", "nl", "quick")],
)
def test_everything_that_a_report_says_stands_on_its_pages(name: str, language: str, depth: str) -> None:
    check_nothing_is_missing_or_cut(*made(name, language, "mixed", depth))


# --- what programs read -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_title_author_date_and_language_are_in_the_file(language: str) -> None:
    made_up, pages = made("cemm", language)

    assert pages.reader.metadata is not None
    assert pages.reader.metadata.title == f"{made_up.title} · {made_up.about}"
    assert pages.reader.metadata.author == "Peil"
    assert pages.reader.metadata.creation_date == made_up.made_at
    assert pages.reader.trailer["/Root"]["/Lang"] == language
    assert pages.reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]


def test_it_is_an_accessible_pdf_with_a_description_of_each_picture() -> None:
    made_up, pages = made()
    root = pages.reader.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert b"<pdfuaid:part>1<" in root["/Metadata"].get_data()
    found = []

    def walk(element: Any) -> None:
        element = element.get_object()
        if isinstance(element, list):
            for one in element:
                walk(one)
        elif isinstance(element, dict):
            if "/Alt" in element:
                found.append(element["/Alt"])
            if "/K" in element:
                walk(element["/K"])

    walk(root["/StructTreeRoot"]["/K"])
    assert made_up.radar.alt in found
    assert made_up.matrix is not None
    assert made_up.matrix.alt in found
    assert made_up.dimensions[0].scale.text in found


def test_bookmarks_lead_to_the_chapters_and_to_every_dimension() -> None:
    made_up, pages = made("omnichannel")
    words = made_up.words
    chapters: list[str] = []
    below: dict[str, list[str]] = {}
    for entry in pages.reader.outline:
        if isinstance(entry, list):
            below[chapters[-1]] = [one.title for one in entry if not isinstance(one, list)]
        else:
            chapters.append(str(entry.title))

    assert chapters == [
        words[key]
        for key in ("conclusions", "overview", "dimensions", "insights", "road_map", "matrix", "method")
    ]
    assert below[words["dimensions"]] == [one.title for one in made_up.dimensions]


def test_every_font_is_in_the_file() -> None:
    _, pages = made()
    fonts = {
        str(font["/BaseFont"]): font
        for page in pages.reader.pages
        for font in (one.get_object() for one in page["/Resources"]["/Font"].values())
    }

    assert {name.partition("+")[2].partition("-")[0] for name in fonts} == {"SourceSans3"}
    for font in fonts.values():
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))


def test_pages_are_a4_numbered_and_carry_the_title() -> None:
    made_up, pages = made()
    of, number = made_up.words["page_of"], len(pages.texts)

    assert number >= 10
    for page, text, expected in zip(pages.reader.pages, pages.texts, count(1), strict=False):
        assert tuple(round(float(side)) for side in page.mediabox[2:]) == A4
        assert letters(f"{made_up.words['page']} {expected} {of} {number}") in letters(text)
        assert letters(made_up.title) in letters(text)


def test_the_page_numbers_in_the_overview_are_those_of_the_dimensions() -> None:
    made_up, pages = made("gccj")
    overview = pages.texts[1]

    for one in made_up.dimensions:
        number = next(
            number
            for number, page in enumerate(pages.texts, start=1)
            if letters(one.explanation) in letters(page)
        )
        assert re.search(rf"{one.title}.*\D{number}$", overview, re.MULTILINE), overview


def test_the_same_report_is_the_same_bytes() -> None:
    made_up, _ = made()
    assert render(made_up) == render(made_up)


# --- a quick scan, and what is missing --------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("nl", "Indicatie"), ("en", "Indication")])
def test_a_quick_scan_says_so_on_every_page_and_shows_no_target(language: str, word: str) -> None:
    made_up, pages = made("cemm", language, "mixed", "quick")

    assert made_up.indication
    assert all(word in page for page in pages.texts)
    told = pages.text
    assert made_up.words["target"] not in told
    assert made_up.words["place"] not in told
    assert made_up.words["levels"] not in told


def test_a_dimension_without_a_score_is_named_with_the_reason_and_has_its_page() -> None:
    made_up, pages = made("cemm", "nl", "missing")
    first = " ".join(pages.texts[0].split())

    assert (
        "Zonder score: Mensen: te weinig beantwoord voor een score; Technologie: geldt niet voor jullie."
        in first
    )
    assert [one.score for one in made_up.dimensions[1:3]] == [None, None]


# --- what people type, and what might stand in a definition -----------------------------------------

HOSTILE = [
    '#import "@preview/x:1.0.0": * #sys.inputs #panic()',
    "*x* _y_ `z` $a$ @ref <label> = kop",
    "- lijst\n+ lijst\n/ term: x\n\n\nregel",
    "// weg /* weg */ \\u{41} \\ ~ -- --- ...",
    "[#text(fill: red)[x]] #{ 1 + 1 } #let report = 1",
    '"); DROP TABLE x; -- {{ x }} {name} %s',
    "e\u0301é ÿ ĳ € · → “ ” ‘ ’ … ½ ≥",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_typed_is_shown_as_it_is(text: str) -> None:
    made_up = report(running(model("cemm"), words=text, depth="quick"), "nl")
    made_up = replace(made_up, title=text.replace("\n", " "), about=text[:40].replace("\n", " "))
    pages = Pages(render(made_up))

    assert pages.reader.metadata is not None
    assert pages.reader.metadata.title == f"{made_up.title} · {made_up.about}"
    told = letters(pages.text).replace("e\u0301", "é")
    assert letters(text).replace("e\u0301", "é") in told
    assert "Klantwaarde" in told


@pytest.mark.parametrize(
    "text",
    [
        *("😀👩‍👩‍👧 🇳🇱", "العربية שלום", "中文 日本語 한국어", "Ꜯꜯ", "\u200b\u200d\ufeff", " ", "\n"),
        *("\u202eomgekeerd\u202c", "x\x00y\x07z\x1b[31m", "half \ud800 paar", "\ue000\uffff\U0010ffff"),
    ],
)
def test_letters_that_no_font_has_keep_nobody_from_a_report(text: str) -> None:
    made_up = report(running(model("cemm"), words=text, depth="quick"), "nl")
    pages = Pages(render(replace(made_up, title=f"Naam {text}", about=text)))

    assert "Naam" in pages.text


def test_a_word_without_an_end_and_a_story_of_pages_stay_on_the_paper() -> None:
    words = "https://example.com/" + "aanmelden/" * 60 + "w" * 500 + " verhaal" * 900
    made_up = report(running(model("cemm"), words=words), "nl")
    pages = Pages(render(made_up))

    check_nothing_is_missing_or_cut(made_up, pages)


def test_a_word_of_ordinary_length_is_left_as_it_is() -> None:
    assert shown("Medewerkersbetrokkenheidsscore") == "Medewerkersbetrokkenheidsscore"
    assert shown("a" * 33) == "\u200b".join(["aaaa"] * 8 + ["a"])
    assert shown("een\r\ntwee\rdrie\tvier\x00") == "een\ntwee\ndrie vier "


def test_a_report_that_cannot_be_laid_out_is_an_error_of_ours_and_the_next_one_is_made() -> None:
    made_up, _ = made()

    with pytest.raises(ReportError):
        render(replace(made_up, words={}))
    assert render(made_up).startswith(b"%PDF")


# --- the template and its words ---------------------------------------------------------------------


def unsaid(value: Any, path: str = "") -> Any:
    """The same report with an x for every text."""
    if isinstance(value, str):
        return value if re.search(r"\.(language|dimension_id|horizon|state)$", path) else "x"
    if isinstance(value, dict):
        return dict.fromkeys(value, "x")
    if isinstance(value, tuple):
        return tuple(unsaid(one, path) for one in value)
    if hasattr(value, "__dataclass_fields__"):
        names = value.__dataclass_fields__
        return replace(value, **{name: unsaid(getattr(value, name), f"{path}.{name}") for name in names})
    return value


@pytest.mark.parametrize("name", ["cx", "gccj", "omnichannel"])
def test_the_template_has_no_words_of_its_own(name: str) -> None:
    told = Pages(render(unsaid(made(name)[0]))).text

    assert set(re.findall(r"[^\W\d_]", told)) == {"x"}


def template(path: Path) -> str:
    """A design with what it shares with the other one."""
    return path.read_text(encoding="utf-8") + (pdf.FOLDER / "look.typ").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "name"), [(pdf.TEMPLATE, "report"), (pdf.ORGANISATION, "desk_organisation_report")]
)
def test_the_template_asks_for_words_that_exist(path: Path, name: str) -> None:
    asked = set(re.findall(r"\bw\.(\w+)", template(path)))

    assert len(asked) > 20
    for language in LANGUAGES:
        assert asked <= set(section(language, name))


def test_every_word_of_the_section_is_used() -> None:
    root = pdf.FOLDER.parent.parent
    code = template(pdf.TEMPLATE) + "".join(
        path.read_text(encoding="utf-8") for path in sorted((root / "service").glob("report*.py"))
    )

    unused = [key for key in section("nl", "report") if not re.search(rf"\b(w|report)\.{key}\b", code)]
    assert unused == []


def test_every_word_of_the_organisations_report_is_used() -> None:
    root = pdf.FOLDER.parent.parent
    code = (root / "desk" / "organisation_report.py").read_text(encoding="utf-8")
    design = template(pdf.ORGANISATION)

    unused = [
        key
        for key in section("nl", "desk_organisation_report")
        # 'word_': how far people agree.
        if not key.startswith("word_") and not re.search(rf"\bw\.{key}\b", design) and f'"{key}"' not in code
    ]
    assert unused == []


def test_nothing_of_a_report_is_kept() -> None:
    words = "heel bijzondere woorden"
    render(report(running(model("cemm"), words=words, depth="quick"), "nl"))

    # Asked without a report, the compiler has none: the template finds nothing.
    with pytest.raises(RuntimeError, match="report"):
        pdf._compiler().compile(str(pdf.TEMPLATE), format="pdf")
