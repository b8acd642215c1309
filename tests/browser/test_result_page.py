"""The result page in Chromium: on phone and laptop, light and dark, by keyboard, on paper, without a script.

Screenshots and prints land in each test's temporary folder; `pytest --basetemp=FOLDER` keeps them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from bot.render.radar import HEIGHT, WIDTH
from bot.service.result_view import ResultView
from tests.made_up_results import (
    LONG,
    RESULT_ID,
    SIGNER,
    FakeResults,
    make_app,
    make_view,
    own_path,
    served,
    shared_path,
)

PHONE, LAPTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
# A sheet of A4 in CSS pixels: 210 by 297 mm at 96 a inch.
SHEET = {"width": 794, "height": 1123}
SIZES = (3, 6, 12)


def long_view(language: str) -> ResultView:
    return make_view(language, LONG, without_score=(2,))


@contextmanager
def shown(results: FakeResults, browser: Browser, **options: Any) -> Iterator[tuple[BrowserContext, str]]:
    """A fresh browser at a server with these results. Whatever a page complains of fails the test."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{message.text} {message.location['url']}")

    with served(make_app(results)) as origin:
        context = browser.new_context(locale="nl-NL", reduced_motion="reduce", **options)
        context.set_default_timeout(10_000)
        context.on("console", listen)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        try:
            yield context, origin
        finally:
            context.close()
    assert complaints == []


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    return page


@pytest.fixture
def results() -> FakeResults:
    return FakeResults()


# Text whose colour is too close to what lies behind it (WCAG 2, 1.4.3: 4.5 to 1), each with its ratio.
TOO_PALE = """() => {
    const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = (colour) => parts(colour).slice(0, 3)
        .map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const behind = (element) => {
        for (let one = element; one; one = one.parentElement) {
            const colour = getComputedStyle(one).backgroundColor;
            if ((parts(colour)[3] ?? 1) === 1) return colour;
        }
        return "rgb(255, 255, 255)";
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
        const pair = [light(getComputedStyle(element).color), light(behind(element))];
        const [high, low] = pair.sort((a, b) => b - a);
        const ratio = (high + 0.05) / (low + 0.05);
        if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${walker.currentNode.data.trim()}`);
    }
    return found;
}"""

# What sticks out of the window, or holds more than it shows.
CUT_OFF = """() => {
    const width = document.documentElement.clientWidth;
    const seen = (one) => one.checkVisibility() && !one.closest(".quietly");
    const all = [...document.body.querySelectorAll("*")].filter(seen);
    const out = all.filter((one) => {
        const box = one.getBoundingClientRect();
        return box.left < -0.5 || box.right > width + 0.5;
    });
    const over = all.filter(
        (one) => one.tagName !== "INPUT" && one.clientWidth && one.scrollWidth > one.clientWidth + 1,
    );
    return [...new Set([...out, ...over])].map((one) => one.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_it_fits_and_can_be_read(
    viewport: dict[str, int], scheme: str, browser: Browser, tmp_path: Path
) -> None:
    for size in SIZES:
        results = FakeResults(lambda language, size=size: make_view(language, LONG[:size]))  # type: ignore[misc]
        results.share(RESULT_ID)
        assert results.shared
        with shown(results, browser, viewport=viewport, color_scheme=scheme) as (context, origin):
            for name, address in (
                ("own", own_path()),
                ("colleague", shared_path(results.shared)),
                ("english", f"{shared_path(results.shared)}?lang=en"),
            ):
                page = opened(context, origin + address)
                page.screenshot(path=tmp_path / f"{name}-{size}.png", full_page=True)
                assert page.evaluate(CUT_OFF) == []
                assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
                assert page.evaluate(TOO_PALE) == []
                assert page.locator("tbody tr").count() == size
                page.close()


def test_it_fits_at_every_width_between(browser: Browser) -> None:
    results = FakeResults(long_view)
    results.share(RESULT_ID)
    with shown(results, browser) as (context, origin):
        page = opened(context, origin + own_path())
        for width in (280, 320, 480, 640, 703, 704, 800, 1023, 1024, 1100, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(CUT_OFF) == [], width


def test_radar_and_table_are_side_by_side_where_there_is_room_and_below_each_other_on_a_phone(
    browser: Browser, results: FakeResults
) -> None:
    with shown(results, browser) as (context, origin):
        page = opened(context, origin + own_path())

        def boxes(viewport: Any) -> tuple[Any, Any]:
            page.set_viewport_size(viewport)
            radar, table = page.locator(".radar img").bounding_box(), page.locator("table").bounding_box()
            assert radar
            assert table
            return radar, table

        radar, table = boxes(LAPTOP)
        assert table["x"] >= radar["x"] + radar["width"]
        assert radar["y"] + radar["height"] <= LAPTOP["height"]
        radar, table = boxes(PHONE)
        assert table["y"] >= radar["y"] + radar["height"]


def test_long_names_stay_in_one_piece_and_stay_a_table_on_a_phone(browser: Browser) -> None:
    lines = """heads => heads.map((head) => {
        const range = document.createRange();
        range.selectNodeContents(head);
        return new Set([...range.getClientRects()].map((box) => box.top)).size;
    })"""
    with shown(FakeResults(long_view), browser, viewport=PHONE) as (context, origin):
        page = opened(context, origin + own_path())
        assert page.locator("tbody th").evaluate_all(lines) == [1] * 12
        # The rows are laid out as a grid; whoever listens still hears a table.
        expect(page.get_by_role("table", name="De score per onderdeel")).to_have_count(1)
        expect(page.get_by_role("columnheader")).to_have_text(["Onderdeel", "Score", "Niveau", "Doel"])
        expect(page.get_by_role("rowheader", name="Medewerkersbetrokkenheid")).to_have_count(1)
        columns = page.locator("thead th, tbody tr:first-child :is(th, td)").evaluate_all(
            "cells => cells.map((cell) => Math.round(cell.getBoundingClientRect().left))"
        )
        assert columns[:4] == columns[4:]


def test_every_control_is_reached_by_keyboard_and_shows_it(browser: Browser, results: FakeResults) -> None:
    results.share(RESULT_ID)
    focused = """() => {
        const one = document.activeElement;
        const look = getComputedStyle(one);
        const box = one.getBoundingClientRect();
        return [
            (one.textContent || one.value).trim(),
            look.outlineStyle === "solid" && parseFloat(look.outlineWidth) >= 2,
            box.top >= 0 && box.bottom <= innerHeight && box.height >= 24,
        ];
    }"""
    for scheme in ("light", "dark"):
        with shown(results, browser, viewport=PHONE, color_scheme=scheme) as (context, origin):
            page = opened(context, origin + own_path())
            expect(page.get_by_role("button", name="Kopieer")).to_be_visible()
            found = []
            for _ in range(8):
                page.keyboard.press("Tab")
                found.append(page.evaluate(focused))
            assert results.shared
            assert found == [
                [title, True, True]
                for title in (
                    "English",
                    "Printen of pdf",
                    "Download het rapport (pdf)",
                    "Bekijk de radar groot",
                    origin + shared_path(results.shared),
                    "Kopieer",
                    "Bekijk",
                    "Trek in",
                )
            ]


def test_the_place_of_the_radar_is_kept_while_it_loads(browser: Browser, results: FakeResults) -> None:
    with served(make_app(results)) as origin:
        context = browser.new_context(viewport=PHONE)
        context.route("**/radar.png*", lambda route: route.abort())
        page = opened(context, origin + own_path())
        radar = page.locator(".radar img")
        box = radar.bounding_box()
        assert box
        # A border of one pixel lies around it.
        assert (box["height"] - 2) / (box["width"] - 2) == pytest.approx(HEIGHT / WIDTH, abs=0.01)
        expect(radar).to_have_attribute("alt", re.compile("Strategie: 3,0"))
        context.close()


def test_with_a_script_a_link_is_copied_and_the_page_printed(browser: Browser, results: FakeResults) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    with shown(results, browser, viewport=PHONE, permissions=permissions) as (context, origin):
        context.add_init_script("window.print = () => { window.printed = true; }")
        page = opened(context, origin + own_path())
        page.get_by_role("button", name="Printen of pdf").click()
        assert page.evaluate("window.printed")

        page.get_by_role("button", name="Maak een link voor een collega").click()
        expect(page.get_by_label("Link voor collega's")).to_be_in_viewport()
        page.get_by_role("button", name="Kopieer").click()
        expect(page.get_by_role("button", name="Gekopieerd")).to_be_visible()
        expect(page.get_by_role("status")).to_have_text("Gekopieerd")
        assert results.shared
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == origin + shared_path(results.shared)
        expect(page.get_by_role("button", name="Kopieer")).to_be_visible()

        colleague = opened(context, copied)
        expect(colleague.get_by_text("Een collega beantwoordde de vragen van Peil")).to_be_visible()
        assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


def test_without_a_script_everything_but_copying_and_the_print_button_works(
    browser: Browser, results: FakeResults
) -> None:
    with shown(results, browser, viewport=PHONE, java_script_enabled=False) as (context, origin):
        page = opened(context, origin + own_path())
        expect(page.get_by_role("button")).to_have_text(["Maak een link voor een collega"])
        page.get_by_role("button").dblclick()
        field = page.get_by_label("Link voor collega's")
        expect(field).to_have_value(re.compile(rf"^{origin}/s/[\w-]+$"))
        expect(page.get_by_role("button")).to_have_text(["Trek in"])
        link = field.input_value()

        # A reload asks for the page only; the browser has nothing to send again.
        changes = len(results.changes)
        page.reload()
        expect(field).to_have_value(link)
        assert len(results.changes) == changes

        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Customer engagement")
        page.get_by_role("button", name="Withdraw").click()
        expect(page.get_by_role("button")).to_have_text(["Make a link for a colleague"])
        assert results.shared is None
        assert context.request.get(link).status == 404


# --- on paper ---


@pytest.mark.parametrize("size", SIZES)
def test_radar_and_table_share_the_first_sheet_of_a4(size: int, browser: Browser) -> None:
    results = FakeResults(lambda language: make_view(language, LONG[:size]))
    with shown(results, browser, viewport=SHEET) as (context, origin):
        page = opened(context, origin + own_path())
        page.emulate_media(media="print")
        for part in (".radar img", "table"):
            box = page.locator(part).bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= SHEET["width"]
            assert box["y"] + box["height"] <= SHEET["height"]
        assert page.evaluate(CUT_OFF) == []


def test_paper_is_light_and_shows_no_controls_and_no_address(browser: Browser, results: FakeResults) -> None:
    results.share(RESULT_ID)
    with shown(results, browser, viewport=SHEET, color_scheme="dark") as (context, origin):
        page = opened(context, origin + own_path())
        page.emulate_media(media="print", color_scheme="dark")
        ink, paper = page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert (ink, paper) == ("rgb(18, 48, 47)", "rgba(0, 0, 0, 0)")
        assert page.evaluate(TOO_PALE) == []
        for control in page.locator("a, button, input, form").all():
            expect(control).to_be_hidden()
        assert "127.0.0.1" not in page.locator("body").inner_text()


def test_a_print_holds_no_address_not_even_hidden_in_the_file(browser: Browser, tmp_path: Path) -> None:
    results = FakeResults(long_view)
    results.share(RESULT_ID)
    assert results.shared
    with shown(results, browser) as (context, origin):
        for name, path in (("own", own_path()), ("colleague", shared_path(results.shared))):
            page = opened(context, origin + path)
            file = page.pdf(path=tmp_path / f"{name}.pdf", format="A4", tagged=True, outline=True)
            inside = unpacked(file)
            assert SIGNER.link_key("result", RESULT_ID).encode() not in inside
            assert SIGNER.link_key("share", results.shared).encode() not in inside
            assert b"/URI" not in inside
            assert b"127.0.0.1" not in inside
            # So that what was looked through is known to hold what there is: the picture's words are in it.
            assert "Radar.".encode("utf-16-be") in inside or b"Radar." in inside
            sheets = len(re.findall(rb"/Type\s*/Page\b", inside))
            assert {"own": 4, "colleague": 2}[name] <= sheets <= {"own": 8, "colleague": 3}[name]
            # A browser prints the page's address in its margins only where they leave it room.
            margins = page.evaluate(
                """[...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
                    .filter((rule) => rule instanceof CSSPageRule).map((rule) => rule.style.margin)"""
            )
            assert margins == ["0px"]


def test_no_sheet_breaks_within_a_step_a_row_or_an_answer(browser: Browser, results: FakeResults) -> None:
    with shown(results, browser, viewport=SHEET) as (context, origin):
        page = opened(context, origin + own_path())
        page.emulate_media(media="print")
        for parts in (".step", "tr", ".answers dl > div", ".scores"):
            breaks = page.locator(parts).evaluate_all(
                "parts => [...new Set(parts.map((part) => getComputedStyle(part).breakInside))]"
            )
            assert breaks == ["avoid"], parts


def unpacked(file: bytes) -> bytes:
    """A PDF with what is compressed in it laid open."""
    parts = [file]
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", file, re.DOTALL):
        try:
            parts.append(zlib.decompress(match[1]))
        except zlib.error:
            continue
    return b"\n".join(parts)


def test_the_report_is_saved_under_its_name_with_one_click(browser: Browser, results: FakeResults) -> None:
    with shown(results, browser, viewport=PHONE) as (context, origin):
        page = opened(context, origin + own_path())
        with page.expect_download() as download:
            page.get_by_role("link", name="Download het rapport (pdf)").click()

        assert download.value.suggested_filename == "peil-klantbetrokkenheid-klanten-bedrijven-2026-11-22.pdf"
