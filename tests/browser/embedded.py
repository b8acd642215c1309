"""The chat on somebody's page, as the tests and the report drive it: against any server, real or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import FrameLocator, Locator, Page, Route, expect

Place = Page | FrameLocator
"""Where a chat is: in a page, or in a frame of one."""

STATES = ("closed", "open", "asking", "waiting", "offline", "result", "dialog", "menu", "error")
"""What the chat can look like, in the order in which `walk` comes by."""

# What can be pressed or typed in, with the smaller of its two sides; links within a text are let be.
_TARGETS = """() => {
    const found = [];
    const within = root => {
        for (const one of root.querySelectorAll("*")) {
            if (one.shadowRoot) within(one.shadowRoot);
            const pressed = one.matches("button, input, textarea, select, summary, [role=button], a[href]");
            if (!pressed || root === document || !one.checkVisibility({ visibilityProperty: true })) continue;
            if (one.matches("p a, .text a") && getComputedStyle(one).display === "inline") continue;
            // What stands in a label is pressed by it.
            const box = (one.closest("label") ?? one).getBoundingClientRect();
            found.push([one.dataset.part ?? one.className ?? one.localName, Math.min(box.width, box.height)]);
        }
    };
    within(document);
    return found;
}"""


def part(place: Place, name: str) -> Locator:
    """A part of the chat by its name."""
    return place.locator(f"peil-chat >> [data-part={name}]")


def live(place: Place) -> Locator:
    """The message that is waiting for an answer."""
    return place.locator("peil-chat >> [data-live]")


def levels(place: Place) -> Locator:
    """The levels to choose from, of the question that is asked now."""
    return live(place).locator("[data-part=levels] [data-part=button]")


def said(place: Place) -> Locator:
    """What the person has said."""
    return place.locator("peil-chat >> [data-role=user] [data-part=text]")


def told(place: Place) -> Locator:
    """What the bot has said."""
    return place.locator("peil-chat >> [data-role=bot] [data-part=text]")


def say(place: Place, text: str) -> None:
    """Types something and sends it."""
    part(place, "input").fill(text)
    part(place, "send").click()


def open_panel(page: Page) -> None:
    """Opens the chat by its bubble, unless it is open, and waits until something is said."""
    # Whichever of them there is: a chat that was open before a reload may be so again.
    expect(part(page, "bubble").or_(part(page, "panel")).filter(visible=True).first).to_be_visible()
    if not part(page, "panel").is_visible():
        part(page, "bubble").click()
    told(page).first.wait_for()


def consent(place: Place) -> None:
    """Says yes to whatever is asked before the first question that has levels."""
    may_be_pressed = "[data-part=choices] [data-part=button][aria-disabled=false]"
    for _ in range(6):
        choice = live(place).locator(may_be_pressed).first
        choice.or_(levels(place).first).first.wait_for()
        if levels(place).count():
            return
        choice.click()
    raise AssertionError("no question with levels came")


def tap(button: Locator) -> None:
    """Presses a button once it may be pressed: just after another one was, none may."""
    expect(button).to_have_attribute("aria-disabled", "false")
    button.click()


def passed(page: Page, question: str) -> str:
    """Waits until another question than this one is asked; returns its text."""
    expect(live(page)).not_to_have_text(question, use_inner_text=True)
    levels(page).first.wait_for()
    return live(page).inner_text()


def targets_below(page: Page, pixels: float) -> list[str]:
    """What can be pressed and is smaller than this, by name. Raises AssertionError where nothing can be."""
    found = page.evaluate(_TARGETS)
    assert found, "there is nothing to press"
    return [f"{name}: {size:.1f} px" for name, size in found if size < pixels]


def sticks_out(page: Page) -> bool:
    """Whether the page, or what is in the chat, is wider than the room that it has."""
    return bool(
        page.evaluate(
            """() => {
                const chat = document.querySelector("peil-chat");
                const inner = chat.shadowRoot.querySelectorAll("[data-part=panel], [data-part=log]");
                return [document.documentElement, ...inner].some(one => one.scrollWidth > one.clientWidth);
            }"""
        )
    )


def record(page: Page, what: str) -> str:
    """What the host page has recorded: `differences`, `errors`, `kept` (in storage), as text."""
    return str(page.evaluate(f"record.{what}()"))


def shifted(page: Page) -> float:
    """How much the host page's own elements have shifted since it began to load; 0 is not at all."""
    return float(page.evaluate("record.shifted()"))


def counted(page: Page) -> float:
    """The cumulative layout shift as browsers count it, with what is in the chat itself."""
    return float(page.evaluate("record.counted()"))


@contextmanager
def held(page: Page) -> Iterator[None]:
    """While this lasts, what is said gets no answer."""
    routes: list[Route] = []
    page.route("**/api/chat/messages", lambda route: routes.append(route))
    try:
        yield
    finally:
        for route in routes:
            route.continue_()
        page.unroute("**/api/chat/messages")


def walk(
    page: Page, address: str, refused: str, to_result: Callable[[Page], None]
) -> Iterator[tuple[str, Page]]:
    """Comes by every one of STATES; yields each when the chat is in it.

    `address`: of a host page with a launcher; `refused`: of one whose code opens nothing; `to_result`:
    answers from a question with levels until there is a picture.
    """
    page.goto(address)
    part(page, "bubble").wait_for()
    yield "closed", page
    open_panel(page)
    live(page).locator("[data-part=choices]").first.wait_for()
    # In its own words, not blank.
    expect(part(page, "input")).to_have_attribute("placeholder", re.compile("."))
    yield "open", page
    consent(page)
    yield "asking", page
    question = live(page).inner_text()
    with held(page):
        tap(levels(page).first)
        part(page, "typing").wait_for()
        yield "waiting", page
    question = passed(page, question)
    page.context.set_offline(True)
    say(page, "2")
    expect(part(page, "notice")).not_to_be_empty()
    yield "offline", page
    page.context.set_offline(False)
    expect(part(page, "notice")).to_be_empty()
    passed(page, question)
    to_result(page)
    part(page, "image").first.wait_for()
    yield "result", page
    part(page, "picture").first.click()
    part(page, "dialog").wait_for()
    yield "dialog", page
    page.keyboard.press("Escape")
    expect(part(page, "dialog")).to_have_count(0)
    part(page, "menu").click()
    part(page, "menu-dialog").wait_for()
    yield "menu", page
    page.goto(refused)
    open_refused(page)
    yield "error", page


def open_refused(page: Page) -> None:
    """Opens a chat that says why it does not begin."""
    part(page, "bubble").click()
    expect(part(page, "notice")).not_to_be_empty()
