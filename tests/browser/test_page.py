"""The page on the real stack: on a phone in Dutch from greeting to radar, and on a laptop in English.

Screenshots land in each test's temporary folder; `pytest --basetemp=FOLDER` keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._listen)
        page.goto(self.url + address)
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

    # The same page again: the same conversation, at the same question.
    page.reload()
    expect(said(page)).to_have_count(9)
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
    for line in (
        "Strategie: 3,0 · niveau 3 (Gedefinieerd) · doel 4",
        "Technologie: 1,3",
        "Gemiddeld: 2,6 van 5",
    ):
        expect(facts).to_contain_text(line)
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
    assert part(page, "log").evaluate("log => log.scrollWidth <= log.clientWidth")

    levels = (3, 4, 2, 2, 2, 3, 1, 2, 1, 3, 2, 3, 4, 4, 5, 1, 3, 2)
    assert tuple(stack.answers(run).values()) == levels
    assert [one["status"] for one in stack.assessments(run)] == ["completed"]
    assert len(stack.assessments(run)[0]["answers"]) == 18


@pytest.mark.parametrize("visitor", [LAPTOP], indirect=True, ids=["laptop"])
def test_an_english_conversation_on_a_laptop(visitor: Visitor, stack: Stack, tmp_path: Path) -> None:
    page = visitor.open()
    expect(told(page)).to_contain_text("Hi, I am Peil")
    expect(part(page, "input")).to_be_focused()
    page.screenshot(path=tmp_path / "1-greeting.png")
    page.keyboard.type("yes")
    page.keyboard.press("Enter")
    tap(page, "Teahouse scan")
    asked(page, "Question 1 of 6 · Tea")
    say(page, "Who reads this?")
    expect(told(page).last).to_contain_text("Whoever runs this chat")
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
    expect(told(page).filter(has_text="All done")).to_contain_text("Tea: 3.0 · level 3 (Poured) · target 3")
    page.screenshot(path=tmp_path / "3-result.png")
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
