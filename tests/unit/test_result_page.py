"""The result page and the view of it for colleagues: what stands in them, what must not, how they answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

import bot.gateway.pages as pages
from bot.gateway.app import ResponseHeaders
from bot.render.radar import HEIGHT, WIDTH
from bot.render.report import ReportError
from bot.service.report_view import Report
from bot.service.result_view import InsightView, ResultView, SharedView
from bot.texts import LANGUAGES, section
from tests.made_up_results import (
    LONG,
    NOON,
    RESULT_ID,
    SIGNER,
    FakeResults,
    make_app,
    make_view,
    own_path,
    shared_path,
)

SHARED_ID = "b2" * 16
HOSTILE = """"><script>alert(1)</script><img src=x onerror=alert(1)>' {{ 7 * 7 }} {% raw %} & </title>"""
VOID = {"meta", "link", "img", "input", "br"}


class Client:
    """Asks the app as a browser would, without a server; follows nothing."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def get(self, address: str, **more: Any) -> httpx.Response:
        return self._ask("GET", address, **more)

    def head(self, address: str, **more: Any) -> httpx.Response:
        return self._ask("HEAD", address, **more)

    def post(self, address: str, **more: Any) -> httpx.Response:
        return self._ask("POST", address, **more)

    def _ask(self, method: str, address: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="https://peil.example") as client:
                return await client.request(method, address, **more)

        return asyncio.run(ask())


@dataclass
class Element:
    name: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    def all(self, *names: str) -> list[Element]:
        """The elements below it, in order; those with one of these names, or all."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if not names or child.name in names:
                    found.append(child)
                found += child.all(*names)
        return found

    def one(self, name: str) -> Element:
        [only] = self.all(name)
        return only

    @property
    def text(self) -> str:
        """All text in it, blanks as people see them."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join(" ".join(parts).split())


class Reader(HTMLParser):
    """Reads a page into elements, and does not forgive what browsers do: each one closed, in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        assert len(element.attributes) == len(attrs), f"an attribute of {tag} stands there twice"
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().name == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def finish(self) -> Element:
        self.close()
        assert self._open == [self.root], "something is not closed"
        return self.root


def read(html: str) -> Element:
    reader = Reader()
    reader.feed(html)
    return reader.finish()


def rendered(view: ResultView) -> Element:
    return read(html_of(view))


def html_of(view: ResultView) -> str:
    return pages.render_result(
        pages.make_templates(),
        view,
        path="/r/KEY" if view.own else "/s/KEY",
        origin="https://peil.example",
        addresses={one.link_id: f"/s/key-of-{one.link_id[:2]}" for one in view.shares},
    )


def shared(view: ResultView) -> ResultView:
    return replace(view, shares=(SharedView(SHARED_ID, NOON),))


def variants() -> Mapping[str, ResultView]:
    """Every kind of page: each language, whose it is, and each thing that may be missing."""
    plain = make_view("nl")
    bare = replace(
        plain,
        about=None,
        stands_out=(),
        open_questions=(),
        steps=(),
        no_steps="Alles staat op of boven het doel.",
        answers=(),
        cautions=(),
    )
    [step, *_] = plain.steps
    return {
        "own-nl": plain,
        "own-en": make_view("en"),
        "shared-out": shared(plain),
        "colleague-nl": pages.for_colleagues(shared(plain)),
        "colleague-en": pages.for_colleagues(make_view("en")),
        "three-dimensions": make_view("nl", LONG[:3]),
        "twelve-dimensions": make_view("en", LONG, without_score=(0, 11)),
        "questions-open": replace(plain, open_questions=("Data kan nog uitkomen tussen 1,0 en 3,0.",)),
        "case-without-name": replace(plain, steps=(replace(step, case_name=None),)),
        "no-case": replace(plain, steps=(replace(step, case_name=None, case_text=None),)),
        "bare": bare,
        "stages": replace(
            plain,
            stages=True,
            element_columns=("Onderwerp", "Score", "Niveau", "Doen we al"),
            elements=(("Reviews", "1,5", "1 · Basis", "3 van 9"), ("Betalen", "–", "te weinig", "–")),
            insights=(InsightView("Archetype", "Jullie kozen: Ontdekker."),),
        ),
        "indication": replace(plain, columns=plain.columns[:2], indication="Het is een indicatie."),
        "one-language": replace(plain, languages=("nl",)),
        "hostile": hostile(shared(plain)),
        "hostile-colleague": pages.for_colleagues(hostile(plain)),
    }


def hostile(view: ResultView) -> ResultView:
    """The view with something nasty as each of its words."""

    def spoil(value: Any) -> Any:
        if isinstance(value, str):
            return HOSTILE
        if isinstance(value, tuple):
            return tuple(spoil(one) for one in value)
        if is_dataclass(value) and not isinstance(value, type):
            kept = ("language", "languages", "link_id")
            return replace(
                value,
                **{
                    one.name: spoil(getattr(value, one.name)) for one in fields(value) if one.name not in kept
                },
            )
        return value

    spoiled: ResultView = spoil(view)
    return spoiled


every_variant = pytest.mark.parametrize("view", [pytest.param(v, id=k) for k, v in variants().items()])


@pytest.fixture
def results() -> FakeResults:
    return FakeResults()


@pytest.fixture
def client(results: FakeResults) -> Client:
    return Client(make_app(results, drawn=lambda spec: b"PNG of " + spec.encode()))


# --- what stands in the page ---


def test_the_respondents_page_has_its_parts_in_order() -> None:
    page = rendered(shared(make_view("nl")))

    assert [heading.text for heading in page.one("main").all("h1", "h2")] == [
        "Klantbetrokkenheid",
        "De score per onderdeel",
        "Wat opvalt",
        "Eerste stappen",
        "Je antwoorden",
        "Hoe je dit leest",
        "Deel met een collega",
    ]
    assert page.one("title").text == "Uitslag: Klantbetrokkenheid · Peil"
    assert "Klanten: Bedrijven · 22 november 2026" in page.text
    assert "Gemiddeld: 2,4 van 5." in page.text


def test_a_step_says_what_why_how_and_how_one_sees_it() -> None:
    first = rendered(make_view("en")).one("ol").children
    card = next(child for child in first if isinstance(child, Element))

    assert card.one("h3").text == "1 Customer value: Connecting systems"
    assert [term.text for term in card.all("dt")] == [
        "Why this",
        "How to begin",
        "How to see that it works",
        "An example: Manutan",
    ]
    assert card.all("dd")[1].text.startswith("Choose the two systems")
    assert "from 1 · Islands to 2 · A first connection" in card.text


def test_an_answer_shows_question_level_wording_and_own_words() -> None:
    page = rendered(make_view("nl"))
    [quoted, *_] = [answer for answer in page.all("dd") if answer.all("blockquote")]

    assert quoted.one("strong").text == "3 · Plan met keuzes"
    assert "Er zijn een visie én een strategie" in quoted.text
    assert quoted.one("blockquote").text == "er ligt een strategie, vorig jaar door de directie vastgesteld"
    # Six dimensions, one of the three answers of each in own words.
    assert len(page.all("blockquote")) == 6


def test_a_dimension_without_score_says_why_across_its_row() -> None:
    rows = rendered(make_view("nl", without_score=(1,))).one("tbody").all("tr")
    [why] = rows[1].all("td")

    assert why.text == "te weinig beantwoord voor een score"
    assert why.attributes["colspan"] == "3"
    assert not rows[1].all("svg")


def test_a_bar_is_as_long_as_its_share_of_the_axis() -> None:
    # Technologie: 1,3 of 5 is 26 percent.
    row = rendered(make_view("nl")).one("tbody").all("tr")[2]

    assert [bar.attributes["width"] for bar in row.all("rect")] == ["100", "26.0"]


def test_without_steps_the_page_says_why_there_are_none() -> None:
    page = rendered(variants()["bare"])

    assert "Alles staat op of boven het doel." in page.text
    assert not page.all("ol")


def test_no_view_open_offers_to_make_one_and_an_open_one_can_be_copied_and_withdrawn() -> None:
    none, one = rendered(make_view("nl")), rendered(shared(make_view("nl")))

    assert [form.attributes["action"] for form in none.all("form")] == ["/r/KEY/share?lang=nl"]
    assert none.one("form").text == "Maak een link voor een collega"
    assert [form.attributes["action"] for form in one.all("form")] == ["/r/KEY/unshare?lang=nl"]
    address, link = one.all("input")
    assert address.attributes["value"] == "https://peil.example/s/key-of-b2"
    assert "readonly" in address.attributes
    assert (link.attributes["name"], link.attributes["value"]) == ("link", SHARED_ID)


def test_the_day_is_written_in_the_language_of_the_page() -> None:
    for language in LANGUAGES:
        assert len(section(language, "page")["months"].split()) == 12
    for month, (dutch, english) in {
        1: ("januari", "January"),
        8: ("augustus", "August"),
        12: ("december", "December"),
    }.items():
        at = NOON.replace(month=month)
        assert f"22 {dutch} 2026" in rendered(replace(make_view("nl"), completed_at=at)).text
        assert f"22 {english} 2026" in rendered(replace(make_view("en"), completed_at=at)).text


# --- what must not stand in it ---


def test_a_colleague_sees_no_answers_no_own_words_and_no_other_links() -> None:
    own, page = rendered(shared(make_view("nl"))).text, html_of(pages.for_colleagues(shared(make_view("nl"))))

    for private in ("Plan met keuzes", "er ligt een strategie", "Weet ik niet", "van 1 · Losse eilanden"):
        assert private in own
        assert private not in page
    for element in ("<form", "<input", "<blockquote", SHARED_ID, "key-of", "Deel met een collega"):
        assert element not in page
    assert "Een collega beantwoordde de vragen van Peil" in page


def test_the_colleagues_page_hides_what_a_view_brings_by_mistake(
    client: Client, results: FakeResults
) -> None:
    results.share(RESULT_ID)
    assert results.shared
    full = results.result_page(results.shared, "share", "nl")
    assert full is not None
    assert full.answers
    assert full.shares

    page = client.get(shared_path(results.shared)).text

    assert "Plan met keuzes" not in page
    assert "van 1 · Losse eilanden" not in page
    assert own_path() not in page


@every_variant
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(view: ResultView) -> None:
    page = rendered(view)

    assert not page.all("style")
    for element in page.all():
        assert "style" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]
        for name in ("href", "src", "action"):
            if address := element.attributes.get(name):
                assert address.startswith(("/web/", "/r/KEY", "/s/", "?lang=")), address
    assert [(one.attributes, one.children) for one in page.all("script")] == [
        ({"src": "/web/result.js", "defer": None}, [])
    ]


@every_variant
def test_hostile_words_stay_words(view: ResultView) -> None:
    page = rendered(hostile(view))

    assert page.one("h1").text == " ".join(HOSTILE.split())
    assert len(page.all("title")) == 1
    assert [image.attributes["src"] for image in page.one("main").all("img")] == [
        f"/{'r' if view.own else 's'}/KEY/radar.png?lang={view.language}"
    ]
    assert page.one("main").one("img").attributes["alt"] == HOSTILE
    assert "49" not in page.text


# --- for everybody: structure and languages ---


@every_variant
def test_every_table_has_headers_for_columns_and_rows(view: ResultView) -> None:
    table, *elements = rendered(view).all("table")

    for one in elements:
        assert [head.text for head in one.one("thead").all("th")] == list(view.element_columns)
        assert [len(row.all("th", "td")) for row in one.one("tbody").all("tr")] == [4] * len(view.elements)
    assert bool(elements) == bool(view.elements)
    assert [head.text for head in table.one("thead").all("th")] == [" ".join(c.split()) for c in view.columns]
    assert {head.attributes["scope"] for head in table.one("thead").all("th")} == {"col"}
    rows = table.one("tbody").all("tr")
    assert len(rows) == len(view.rows)
    for row in rows:
        [head] = row.all("th")
        assert head.attributes["scope"] == "row"
        assert 1 + sum(int(cell.attributes.get("colspan") or 1) for cell in row.all("td")) == len(
            view.columns
        )


@every_variant
def test_names_of_parts_are_there_once_and_what_refers_to_them_finds_them(view: ResultView) -> None:
    page = rendered(view)
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]

    assert len(ids) == len(set(ids))
    for element in page.all():
        for name in ("aria-labelledby", "aria-describedby", "for", "data-copy"):
            if name in element.attributes:
                assert element.attributes[name] in ids
    for field_ in page.all("input"):
        hidden = field_.attributes["type"] == "hidden"
        assert hidden or field_.attributes["id"] in [label.attributes["for"] for label in page.all("label")]
    for image in page.all("img"):
        assert "alt" in image.attributes
        assert image.attributes["width"]
        assert image.attributes["height"]
    levels = [int(heading.name[1]) for heading in page.all("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@every_variant
def test_page_and_links_to_other_languages_say_their_language(view: ResultView) -> None:
    page = rendered(view)
    [other] = [one for one in LANGUAGES if one != view.language]

    assert page.one("html").attributes["lang"] == view.language
    links = page.one("nav").all("a")
    if other not in view.languages:
        assert links == []
        return
    [link] = links
    assert link.attributes == {"href": f"?lang={other}", "lang": other, "hreflang": other}
    assert link.text == {"nl": "Nederlands", "en": "English"}[other]


def test_every_word_of_the_page_section_is_used_and_none_is_missing(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    used: set[str] = set()

    def say(language: str, key: str, **values: object) -> str:
        used.add(key)
        return original(language, key, **values)

    original = pages.say
    monkeypatch.setattr(pages, "say", say)
    for view in variants().values():
        html_of(view)
    for status in (403, 404, 429, 503):
        pages.make_templates().get_template("elsewhere.html").render(
            languages=LANGUAGES, status=status, **pages._words("nl")
        )

    assert used == {f"page.{key}" for key in section("nl", "page")}


# --- how the addresses answer ---


def addresses(results: FakeResults) -> list[str]:
    results.share(RESULT_ID)
    assert results.shared
    own, colleague = own_path(), shared_path(results.shared)
    return [own, colleague, f"{own}/radar.png", f"{colleague}/radar.png", f"{own}?lang=en", "/r/wrong"]


def test_nothing_is_kept_listed_or_told_onwards(client: Client, results: FakeResults) -> None:
    for address in addresses(results):
        headers = client.get(address).headers
        assert headers["cache-control"] == "no-store", address
        assert "noindex" in headers["x-robots-tag"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "set-cookie" not in headers


def test_only_the_respondents_page_may_send_forms_and_the_app_lets_it(results: FakeResults) -> None:
    app = make_app(results)
    app.add_middleware(ResponseHeaders)
    client = Client(app)
    own, colleague, *_ = addresses(results)

    assert "form-action 'self'" in client.get(own).headers["content-security-policy"]
    assert "form-action 'none'" in client.get(colleague).headers["content-security-policy"]
    assert client.get(own).headers["x-content-type-options"] == "nosniff"


def test_looking_changes_nothing_and_head_answers_as_get_does(client: Client, results: FakeResults) -> None:
    found = addresses(results)
    before = list(results.changes)
    for address in found:
        get, head = client.get(address), client.head(address)
        assert head.status_code == get.status_code
        assert head.headers == get.headers
    for address in (f"{own_path()}/share", f"{own_path()}/unshare"):
        assert client.get(address).status_code == 405
        assert client.head(address).status_code == 405

    assert results.changes == before


def test_the_picture_is_drawn_in_the_language_of_the_page(client: Client) -> None:
    page = read(client.get(f"{own_path()}?lang=en").text)
    image = page.one("main").one("img")
    assert image.attributes["src"]
    png = client.get(image.attributes["src"])

    assert png.headers["content-type"] == "image/png"
    assert png.content == b"PNG of " + make_view("en").picture.encode()
    assert (image.attributes["width"], image.attributes["height"]) == (str(WIDTH), str(HEIGHT))


def test_the_address_may_ask_for_another_language_and_for_no_strange_one(client: Client) -> None:
    assert client.get(own_path()).headers["content-language"] == "nl"
    assert client.get(f"{own_path()}?lang=en").headers["content-language"] == "en"
    assert client.get(f"{own_path()}?lang=xx").headers["content-language"] == "nl"


def test_sharing_makes_a_view_and_comes_back_to_it_by_get(client: Client, results: FakeResults) -> None:
    answer = client.post(f"{own_path()}/share?lang=en")

    assert answer.status_code == 303
    assert answer.headers["location"] == f"{own_path()}?lang=en#share"
    assert answer.headers["cache-control"] == "no-store"
    assert results.shared
    page = client.get(own_path()).text
    assert f"https://peil.example{shared_path(results.shared)}" in page
    assert client.get(shared_path(results.shared)).status_code == 200


def test_withdrawing_closes_the_view_for_good(client: Client, results: FakeResults) -> None:
    client.post(f"{own_path()}/share")
    assert results.shared
    link = results.shared
    answer = client.post(f"{own_path()}/unshare", data={"link": link})

    assert answer.status_code == 303
    assert answer.headers["location"] == f"{own_path()}#share"
    assert results.changes == [("share", RESULT_ID), ("unshare", RESULT_ID, link)]
    assert client.get(shared_path(link)).status_code == 404
    assert client.get(f"{shared_path(link)}/radar.png").status_code == 404


@pytest.mark.parametrize(
    "said", ["", "link=", "link=%00", "link=" + SHARED_ID, "other=1", "%", "link=%F0%9F"]
)
def test_withdrawing_what_is_not_there_is_a_kind_refusal(
    said: str, client: Client, results: FakeResults
) -> None:
    results.share(RESULT_ID)
    answer = client.post(
        f"{own_path()}/unshare",
        content=said,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code == 404
    assert results.changes == [("share", RESULT_ID)]


def test_wrong_withdrawn_erased_and_of_the_other_kind_look_the_same(
    client: Client, results: FakeResults
) -> None:
    results.share(RESULT_ID)
    assert results.shared
    withdrawn = shared_path("c3" * 16)
    other_kind = f"/r/{SIGNER.link_key('share', results.shared)}"
    own_as_shared = f"/s/{SIGNER.link_key('result', RESULT_ID)}"
    forged = own_path()[:-1] + ("A" if own_path()[-1] != "A" else "B")
    found = [client.get(one) for one in ("/r/x", "/s/%C3%A9", withdrawn, other_kind, own_as_shared, forged)]
    results.erased = True
    found += [client.get(own_path()), client.post(f"{own_path()}/share"), client.get("/r/x/radar.png")]

    assert {answer.status_code for answer in found} == {404}
    assert len({answer.text for answer in found}) == 1
    assert "RESULT" not in found[0].text
    assert results.changes == [("share", RESULT_ID)]


@pytest.mark.parametrize(
    ("accepted", "order"),
    [("nl-NL,nl;q=0.9,en;q=0.8", ["nl", "en"]), ("en-GB", ["en", "nl"]), ("fr", ["en", "nl"])],
)
def test_a_page_that_is_gone_says_so_in_both_languages_the_readers_first(
    accepted: str, order: list[str], client: Client
) -> None:
    answer = client.get("/s/gone", headers={"accept-language": accepted})
    page = read(answer.text)

    assert page.one("html").attributes["lang"] == order[0]
    assert [part.attributes["lang"] for part in page.all("section")] == order
    words = {"nl": "Hier staat geen uitslag", "en": "There is no result here"}
    assert [heading.text for heading in page.all("h1", "h2")] == [words[one] for one in order]
    assert [link.attributes["href"] for link in page.all("a")] == [f"/?lang={one}" for one in order]
    assert answer.headers["content-language"] == ", ".join(order)


def test_who_asks_too_often_is_told_to_wait_whatever_the_address(results: FakeResults) -> None:
    client = Client(make_app(results, burst=3))
    assert [client.get("/r/guess").status_code for _ in range(3)] == [404, 404, 404]

    for answer in (client.get("/r/guess"), client.get(own_path()), client.post(f"{own_path()}/share")):
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) == 1
        assert "One moment" in answer.text
    assert results.changes == []


def test_a_database_that_is_away_gives_a_page_that_says_so(caplog: pytest.LogCaptureFixture) -> None:
    class Away(FakeResults):
        def result_page(self, link_id: str, kind: pages.Kind, language: str | None) -> ResultView | None:
            raise OperationalError("select secret", {"link": link_id}, Exception("secret"))

    answer = Client(make_app(Away())).get(own_path(), headers={"accept-language": "nl"})

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "De uitslag is even niet bereikbaar" in answer.text
    assert "OperationalError" in caplog.text
    assert "secret" not in caplog.text
    assert RESULT_ID not in caplog.text


# --- the report ---


def test_the_respondents_page_has_a_button_for_the_report_in_its_language(client: Client) -> None:
    page = read(client.get(f"{own_path()}?lang=en").text)

    [button] = [one for one in page.all("a") if "report.pdf" in (one.attributes["href"] or "")]
    assert (button.text, button.attributes["href"]) == (
        "Download the report (PDF)",
        f"{own_path()}/report.pdf?lang=en",
    )


def test_the_report_is_a_file_with_a_name_that_nobody_keeps(results: FakeResults) -> None:
    typeset: list[Report] = []

    def make(report: Report) -> bytes:
        typeset.append(report)
        return b"%PDF of it"

    client = Client(make_app(results, typeset=make))
    answer = client.get(f"{own_path()}/report.pdf?lang=en")

    assert (answer.status_code, answer.content) == (200, b"%PDF of it")
    assert [(one.language, one.title) for one in typeset] == [("en", "Customer engagement")]
    assert answer.headers["content-type"] == "application/pdf"
    name = "peil-customer-engagement-customers-businesses-2026-11-22.pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["content-language"] == "en"
    assert client.get(f"{own_path()}/report.pdf").headers["content-language"] == "nl"
    assert client.head(f"{own_path()}/report.pdf").status_code == 200


def test_a_colleague_gets_no_report_and_no_button_for_one(client: Client, results: FakeResults) -> None:
    results.share(RESULT_ID)
    assert results.shared
    shared_key = SIGNER.link_key("share", results.shared)

    assert "report.pdf" not in client.get(shared_path(results.shared)).text
    assert client.get(f"{shared_path(results.shared)}/report.pdf").status_code == 404
    assert client.get(f"/r/{shared_key}/report.pdf").status_code == 404
    assert client.get("/r/guess/report.pdf").status_code == 404
    results.erased = True
    assert client.get(f"{own_path()}/report.pdf").status_code == 404


def test_reports_count_for_the_limit_as_pages_do(results: FakeResults) -> None:
    client = Client(make_app(results, burst=2))

    found = [client.get(f"{own_path()}/report.pdf").status_code for _ in range(3)]

    assert found == [200, 200, 429]


def test_reports_are_made_one_by_one(results: FakeResults) -> None:
    busy, most = 0, 0

    def make(report: Report) -> bytes:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        time.sleep(0.02)
        busy -= 1
        return b"%PDF"

    app = make_app(results, typeset=make)

    async def ask() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://x") as client:
            found = await asyncio.gather(*(client.get(f"{own_path()}/report.pdf") for _ in range(5)))
        return [one.status_code for one in found]

    assert asyncio.run(ask()) == [200] * 5
    assert most == 1


def test_a_report_that_cannot_be_made_gives_a_page_that_says_so(caplog: pytest.LogCaptureFixture) -> None:
    def make(report: Report) -> bytes:
        raise ReportError("secret")

    answer = Client(make_app(FakeResults(), typeset=make)).get(f"{own_path()}/report.pdf?lang=nl")

    assert answer.status_code == 503
    assert "De uitslag is even niet bereikbaar" in answer.text
    assert "content-disposition" not in answer.headers
    assert "ReportError" in caplog.text
    assert "secret" not in caplog.text
