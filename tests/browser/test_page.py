"""The page on the real stack: on a phone in Dutch from greeting to radar, and on a laptop in English.

Screenshots land in each test's temporary folder; `pytest --basetemp=FOLDER` keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.stack import Stack

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "is_mobile": True,
    "has_touch": True,
    "locale": "nl-NL",
    "reduced_motion": "reduce",
}
LAPTOP: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 800},
    "locale": "en-GB",
    "reduced_motion": "reduce",
}


class Visitor:
    """Somebody with a browser; what the pages complained of is in `errors`."""

    def __init__(self, browser: Browser, url: str, options: dict[str, Any]) -> None:
        self.browser = browser
        self.url = url
        self.options = options
        self.errors: list[str] = []
        self.context = self._context()

    def _context(self, **state: Any) -> BrowserContext:
        context = self.browser.new_context(**self.options, **state)
        context.set_default_timeout(15_000)
        return context

    def open(self, address: str = "/") -> Page:
        page = self.watched(self.context.new_page())
        page.goto(self.url + address)
        return page

    def watched(self, page: Page) -> Page:
        """The same page; what it complains of counts."""
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._listen)
        return page

    def follow(self, link: Locator) -> Page:
        """The page that a link opens in a tab of its own."""
        with self.context.expect_page() as opened:
            link.click()
        page = self.watched(opened.value)
        page.wait_for_load_state()
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        complaint = f"{message.text} {message.location['url']}"
        # After an erasure the page asks what came after a message that is no more; it then reads anew.
        gone = "404" in complaint and "/api/chat/messages?after=" in complaint
        if message.type in ("error", "warning") and not gone:
            self.errors.append(complaint)

    def come_back_next_week(self) -> None:
        """Close everything, and start a browser that remembers only what a page can leave behind."""
        state = self.context.storage_state()
        self.context.close()
        self.context = self._context(storage_state=state)


@pytest.fixture
def visitor(browser: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    visitor = Visitor(browser, stack.url, request.param)
    yield visitor
    visitor.context.close()
    assert visitor.errors == []


def part(page: Page, name: str) -> Locator:
    return page.locator(f"peil-chat >> [data-part={name}]")


def live(page: Page) -> Locator:
    return page.locator("peil-chat >> [data-live]")


def tap(page: Page, title: str) -> None:
    live(page).locator(f'[data-title^="{title}"]').click()


def say(page: Page, text: str) -> None:
    part(page, "input").fill(text)
    part(page, "send").click()


def asked(page: Page, question: str) -> None:
    """This question is the one with live buttons, and its beginning is in sight."""
    head = live(page).get_by_text(question)
    expect(head).to_have_count(1)
    expect(head).to_be_in_viewport(ratio=1)


def said(page: Page) -> Locator:
    return page.locator("peil-chat >> [data-role=user] [data-part=text]")


def told(page: Page) -> Locator:
    return page.locator("peil-chat >> [data-role=bot] [data-part=text]")


def assert_picture_is_drawn(page: Page) -> None:
    image = part(page, "image")
    expect(image).to_have_count(1)
    page.wait_for_function(
        "image => image.complete && image.naturalWidth > 400", arg=image.element_handle(), timeout=15_000
    )


def link(page: Page, kind: str) -> Locator:
    """The newest link of this kind in the chat."""
    return page.locator(f"peil-chat >> [data-kind={kind}] >> [data-part=open]").last


def row(page: Page, dimension: str) -> Locator:
    """A dimension's row in the newest table, in the chat or on a result page."""
    return page.get_by_role("table").last.get_by_role("row").filter(has_text=dimension)


def assert_nothing_sticks_out(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def conversation(stack: Stack) -> str:
    """The conversation whose assessment began last."""
    newest: str = stack.peil.review.assessments()[-1]["conversation"]
    return newest


@pytest.mark.parametrize("visitor", [PHONE], indirect=True, ids=["phone"])
def test_a_dutch_conversation_on_a_phone_to_the_radar(visitor: Visitor, stack: Stack, tmp_path: Path) -> None:
    page = visitor.open("/?model=cemm")
    expect(told(page)).to_contain_text("18 korte vragen")
    assert page.evaluate("document.documentElement.lang") == "nl"
    page.screenshot(path=tmp_path / "1-greeting.png")
    tap(page, "Ja, prima")

    # Who it is, tapped; that question stays in sight like any other.
    asked(page, "Vooraf, 1 van 3")
    page.screenshot(path=tmp_path / "1b-role.png")
    tap(page, "2 · Leidinggevende")
    asked(page, "Vooraf, 2 van 3")
    tap(page, "Overslaan")
    asked(page, "Vooraf, 3 van 3")
    tap(page, "1 · Consumenten")
    # All questions, not the quick scan.
    tap(page, "Alles")

    # Level 3, 4, 2 for strategy; then 2 by tap and by word, and 3 in words for people.
    for number, level in ((1, 3), (2, 4), (3, 2), (4, 2)):
        asked(page, f"Vraag {number} van 18")
        tap(page, f"{level} ·")
    asked(page, "Vraag 5 van 18 · Mensen")
    page.screenshot(path=tmp_path / "2-question.png")
    say(page, "Herhaalbaar")
    asked(page, "Vraag 6 van 18")
    say(page, "drie")

    # A double tap, and a late second one on what came up under the thumb, are one answer.
    asked(page, "Vraag 7 van 18 · Technologie")
    live(page).locator('[data-title^="1 ·"]').dblclick()
    live(page).locator('[data-title^="1 ·"]').dispatch_event("click")
    asked(page, "Vraag 8 van 18")
    run = conversation(stack)
    assert len(stack.answers(run)) == 7

    say(page, "leg uit")
    expect(told(page).last).to_contain_text("Waarom ik dit vraag")
    page.screenshot(path=tmp_path / "3-explained.png")

    # All that can be asked for, behind one button; the question stays open.
    tap(page, "Meer…")
    expect(live(page).locator('[data-title="Alles wissen"]')).to_have_count(1)
    page.screenshot(path=tmp_path / "3b-more.png")
    tap(page, "Verschil per niveau")
    tap(page, "2 en 3")
    expect(told(page).last).to_contain_text("Het verschil tussen 2 en 3:")
    # What is told of two levels is no button; each level still has one, below the question.
    for level in range(1, 6):
        expect(live(page).locator(f'[data-title^="{level} ·"]')).to_have_count(1)
    asked(page, "Vraag 8 van 18")
    page.screenshot(path=tmp_path / "3c-difference.png")
    assert len(stack.answers(run)) == 7

    # The same page again: the same conversation, at the same question.
    page.reload()
    # Consent, three of the person, seven answers, and four in between.
    expect(said(page)).to_have_count(16)
    expect(live(page)).to_contain_text("Vraag 8 van 18")

    # Two tabs go along with each other.
    other = visitor.open("/?model=cemm")
    expect(live(other)).to_contain_text("Vraag 8 van 18")
    tap(other, "2 ·")
    asked(other, "Vraag 9 van 18")
    expect(live(page)).to_contain_text("Vraag 9 van 18")

    # In the first tab a button of the first question: it asks, and the open question stays unanswered.
    part(page, "message").filter(has_text="Vraag 1 van 18").locator('[data-title^="5 ·"]').click()
    expect(live(page)).to_contain_text("had je: 3 ·")
    expect(live(other)).to_contain_text("had je: 3 ·")
    page.screenshot(path=tmp_path / "4-change.png")
    assert len(stack.answers(run)) == 8
    tap(page, "Nee, laat staan")
    asked(page, "Vraag 9 van 18")
    assert stack.answers(run)["strategy.vision"] == 3

    # Closed, and opened next week.
    visitor.come_back_next_week()
    page = visitor.open("/?model=cemm")
    asked(page, "Vraag 9 van 18")
    page.screenshot(path=tmp_path / "5-back-next-week.png")
    tap(page, "1 ·")
    for number, level in enumerate((3, 2, 3, 4, 4, 5, 1, 3, 2), start=10):
        asked(page, f"Vraag {number} van 18")
        if number % 4:
            tap(page, f"{level} ·")
        else:
            say(page, str(level))

    assert_picture_is_drawn(page)
    expect(page.get_by_text("Klaar, dank je")).to_be_in_viewport(ratio=1)
    page.screenshot(path=tmp_path / "6-result.png")
    # The arithmetic is in tests/conversation/scripts/nl-typed-to-the-end.yml: the same answers.
    facts = told(page).filter(has_text="Klaar, dank je")
    expect(facts).to_contain_text("Gemiddeld: 2,6 van 5")
    expect(row(page, "Strategie").get_by_role("cell")).to_have_text(["3,0", "3 · Gedefinieerd", "4"])
    expect(row(page, "Technologie").get_by_role("cell")).to_have_text(["1,3", "1 · Initieel", "2"])
    expect(part(page, "image")).to_have_attribute("alt", re.compile(r"Technologie: 1,3 · niveau 1"))
    steps = told(page).filter(has_text="Jullie eerste stappen:")
    for step in ("1. Technologie, Systemen koppelen", "2. Klantwaarde, ", "3. Mensen, Samenwerken"):
        expect(steps).to_contain_text(step)
    expect(part(page, "progress")).to_have_attribute("aria-valuenow", "100")
    steps.scroll_into_view_if_needed()
    steps.evaluate("element => element.scrollIntoView()")
    page.screenshot(path=tmp_path / "7-steps.png")
    part(page, "picture").click()
    expect(part(page, "dialog")).to_be_visible()
    page.screenshot(path=tmp_path / "8-picture.png")
    part(page, "close").click()
    assert part(page, "log").evaluate("log => log.scrollWidth <= log.clientWidth")

    # The result on a page of its own, and what a colleague sees of it.
    link(page, "back").scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "9-what-now.png")
    own = visitor.follow(link(page, "result"))
    expect(own.get_by_role("heading", level=1)).to_have_text("Klantbetrokkenheid")
    expect(own.get_by_text("Klanten: Consumenten")).to_be_visible()
    expect(row(own, "Technologie").get_by_role("cell")).to_have_text(["1,3", "1 · Initieel", "2"])
    expect(own.get_by_role("heading", name="Je antwoorden")).to_have_count(1)
    assert_nothing_sticks_out(own)
    own.screenshot(path=tmp_path / "10-result-page.png", full_page=True)
    own.get_by_role("button", name="Maak een link voor een collega").click()
    own.get_by_role("link", name="Bekijk", exact=True).click()
    expect(own.get_by_text("Een collega beantwoordde de vragen van Peil")).to_be_visible()
    expect(row(own, "Technologie").get_by_role("cell")).to_have_text(["1,3", "1 · Initieel", "2"])
    expect(own.get_by_text("Plan met keuzes")).to_have_count(0)
    assert_nothing_sticks_out(own)
    own.screenshot(path=tmp_path / "11-share-view.png", full_page=True)
    own.close()

    levels = (3, 4, 2, 2, 2, 3, 1, 2, 1, 3, 2, 3, 4, 4, 5, 1, 3, 2)
    assert tuple(stack.answers(run).values()) == levels
    held = stack.conversation(run)
    assert held is not None
    assert held.segments == {"role_layer": "management", "department": "skipped", "business_line": "b2c"}
    assert stack.lines(run) == ["b2c"]
    assert stack.links(run) == {"result": ["open"], "back": ["open"], "share": ["open"]}
    assert [one["status"] for one in stack.assessments(run)] == ["completed"]
    assert len(stack.assessments(run)[0]["answers"]) == 18


@pytest.mark.parametrize("visitor", [LAPTOP], indirect=True, ids=["laptop"])
def test_an_english_conversation_on_a_laptop(
    visitor: Visitor, stack: Stack, browser: Browser, tmp_path: Path
) -> None:
    page = visitor.open()
    expect(told(page)).to_contain_text("Hi, I am Peil")
    expect(part(page, "input")).to_be_focused()
    page.screenshot(path=tmp_path / "1-greeting.png")
    page.keyboard.type("yes")
    page.keyboard.press("Enter")
    # Who it is, tapped, typed and tapped.
    asked(page, "First, 1 of 3")
    tap(page, "3 · Specialist")
    asked(page, "First, 2 of 3")
    say(page, "customer service")
    asked(page, "First, 3 of 3")
    page.screenshot(path=tmp_path / "1b-customers.png")
    tap(page, "2 · Businesses")
    tap(page, "6 · Teahouse scan")
    asked(page, "Question 1 of 6 · Tea")
    say(page, "Who reads this?")
    expect(told(page).last).to_contain_text("whoever runs this chat")
    asked(page, "Question 1 of 6 · Tea")
    page.screenshot(path=tmp_path / "2-question.png")
    tap(page, "2 ·")
    asked(page, "Question 2 of 6")
    tap(page, "Back")
    expect(told(page).last).to_contain_text("Back to this question. Your answer was: 2 ·")
    say(page, "three")
    asked(page, "Question 2 of 6")
    for number in range(2, 6):
        asked(page, f"Question {number} of 6")
        tap(page, "3 ·")
    asked(page, "Question 6 of 6")
    tap(page, "Skip")
    assert_picture_is_drawn(page)
    expect(told(page).filter(has_text="thank you!")).to_contain_text("It is about: Businesses")
    expect(row(page, "Tea").get_by_role("cell")).to_have_text(["3.0", "3 · Poured", "3"])
    page.screenshot(path=tmp_path / "3-result.png")
    # The result on a page of its own.
    own = visitor.follow(link(page, "result"))
    expect(own.get_by_role("heading", level=1)).to_have_text("Teahouse scan")
    expect(own.get_by_text("Customers: Businesses")).to_be_visible()
    expect(row(own, "Tea").get_by_role("cell")).to_have_text(["3.0", "3 · Poured", "3"])
    assert_nothing_sticks_out(own)
    own.screenshot(path=tmp_path / "3b-result-page.png", full_page=True)
    address = own.url
    own.close()
    # The way back, opened in a browser that knows nothing of this conversation.
    way_back = link(page, "back").get_attribute("href")
    assert way_back is not None
    elsewhere = browser.new_context(**LAPTOP)
    other = visitor.watched(elsewhere.new_page())
    other.goto(way_back)
    expect(told(other).last).to_contain_text("Welcome back!")
    expect(told(other).filter(has_text="thank you!")).to_have_count(1)
    other.screenshot(path=tmp_path / "3c-welcome-back.png")
    elsewhere.close()
    # Dutch from here on; the page's own words, too.
    say(page, "Nederlands")
    expect(told(page).last).to_contain_text("We gaan verder in het Nederlands")
    expect(part(page, "input")).to_have_attribute("placeholder", "Typ je antwoord")
    run = conversation(stack)
    assert list(stack.answers(run).values()) == [3, 3, 3, 3, 3, "skipped"]
    # And all of it erased, to the last line on the screen.
    say(page, "wis alles")
    tap(page, "Ja, wis alles")
    expect(part(page, "message")).to_have_count(1)
    expect(told(page)).to_contain_text("Alles is gewist")
    page.screenshot(path=tmp_path / "4-erased.png")
    assert stack.assessments(run) == []
    assert stack.links(run) == {}
    gone = httpx.get(address, trust_env=False)
    assert gone.status_code == 404
    assert "Made for tea" not in gone.text
