"""The chat on somebody else's pages, of another origin than its own: every recipe, and a hostile page."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chat_page import button
from embedded import (
    counted,
    levels,
    live,
    open_panel,
    part,
    record,
    said,
    say,
    shifted,
    sticks_out,
    tap,
    targets_below,
    told,
)
from fake_server import WORDS, FakeServer
from host_pages import HostPages, react_missing
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

HEIGHTS = {360: 740, 768: 1024, 1280: 800}
LOCALES = {"nl": "nl-NL", "en": "en-GB"}

NewContext = Callable[..., BrowserContext]
Visit = Callable[..., Page]


@pytest.fixture
def hosts(server: FakeServer) -> Iterator[HostPages]:
    server.invitations["BREAD"] = "open"
    with HostPages(server.url).running() as pages:
        server.framed_by = pages.url
        yield pages


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    made: list[BrowserContext] = []

    def make(width: int = 1280, language: str = "en", **options: Any) -> BrowserContext:
        size = {"width": width, "height": HEIGHTS[width]}
        context = browser.new_context(
            viewport=size, locale=LOCALES[language], **{"reduced_motion": "reduce", **options}
        )
        context.set_default_timeout(15_000)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Opens an address; what goes wrong on any of the pages fails the test."""
    wrong: list[str] = []

    def open_page(context: BrowserContext, address: str) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda message: wrong.append(message.text) if "Content Security" in message.text else None,
        )
        page.goto(address)
        return page

    yield open_page
    assert wrong == []


def of_person(server: FakeServer) -> list[str]:
    """What the person has said, as the server has it."""
    (conversation,) = server.conversations.values()
    return [message["text"] for message in conversation.messages if message["role"] == "user"]


def ids(server: FakeServer) -> list[str]:
    """The ids of what was sent, each once, in order of arrival."""
    return list(dict.fromkeys(post["id"] for post in server.posts))


def assert_host_is_untouched(page: Page) -> None:
    """Nothing of the page has changed but that there is a chat in it."""
    assert record(page, "differences") == ""
    assert record(page, "errors") == ""
    assert shifted(page) == 0, record(page, "moved")
    # What moves in the chat itself, such as the sign that it is writing, is next to nothing.
    assert counted(page) < 0.001, record(page, "moved")
    assert [name for name in record(page, "kept").split() if not name.startswith("peil.")] == []


# --- one line, at every width ------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_one_line_on_a_page_is_a_bubble_that_opens_asks_and_takes_answers(
    width: int, scheme: str, language: str, new_context: NewContext, visit: Visit, hosts: HostPages
) -> None:
    page = visit(new_context(width, language, color_scheme=scheme), hosts.page("plain", campaign="BREAD"))
    expect(part(page, "bubble")).to_be_in_viewport(ratio=1)
    assert targets_below(page, 24) == []
    assert_host_is_untouched(page)

    part(page, "bubble").click()
    expect(told(page).first).to_have_text(WORDS[language]["hello"].replace("\n\n", ""))
    assert part(page, "panel").evaluate("one => getComputedStyle(one).colorScheme") == scheme
    tap(button(page, "yes"))
    tap(button(page, "q1-3"))
    expect(said(page)).to_have_count(2)
    expect(button(page, "q2-1")).to_be_in_viewport()
    say(page, "4")
    button(page, "q3-1").wait_for()

    assert not sticks_out(page)
    assert targets_below(page, 24) == []
    part(page, "close-panel").click()
    expect(part(page, "panel")).to_be_hidden()
    expect(part(page, "bubble")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    assert_host_is_untouched(page)


def test_a_page_with_a_wide_window_can_be_used_while_the_chat_is_open(
    new_context: NewContext, visit: Visit, hosts: HostPages
) -> None:
    page = visit(new_context(1280), hosts.page("plain", campaign="BREAD"))
    open_panel(page)
    page.get_by_label("Your name").fill("Anna")
    page.get_by_role("button", name="Order a loaf").click()

    expect(page.get_by_label("Your name")).to_have_value("Anna")
    expect(part(page, "panel")).to_be_visible()


def test_nothing_but_the_bubble_is_loaded_before_somebody_opens_it(
    new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    context = new_context(1280)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = visit(context, hosts.page("plain", campaign="BREAD"))
    part(page, "bubble").wait_for()
    page.wait_for_timeout(300)

    ours = [url.removeprefix(server.url) for url in asked if url.startswith(server.url)]
    assert len(ours) == 2
    assert ours[0] == "/widget.js?campaign=BREAD"
    assert ours[1].endswith("/peil-chat.js")
    assert [url for url in asked if not url.startswith((server.url, hosts.url, "data:"))] == []
    assert context.cookies() == []
    assert record(page, "kept") == ""


def test_a_site_elsewhere_altogether_has_it_too(
    new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    address = hosts.page("plain", campaign="BREAD").replace(hosts.url, hosts.other_site)
    page = visit(new_context(1280), address)
    open_panel(page)
    tap(button(page, "yes"))
    button(page, "q1-1").wait_for()

    assert of_person(server) == [WORDS["en"]["yes"]]
    assert new_context(1280).cookies() == []


# --- the other recipes -------------------------------------------------------------------------------


def test_in_a_column_it_fills_its_box_and_moves_nothing(
    new_context: NewContext, visit: Visit, hosts: HostPages
) -> None:
    page = visit(new_context(1280), hosts.page("inline", campaign="BREAD"))
    button(page, "yes").wait_for()
    assert_host_is_untouched(page)
    tap(button(page, "yes"))
    button(page, "q1-1").wait_for()
    page.evaluate("document.activeElement.blur()")
    box = page.locator("peil-chat").bounding_box()

    assert box is not None
    assert (box["height"], box["width"]) == (38 * 16, 960)
    assert part(page, "bubble").count() == 0
    assert_host_is_untouched(page)


def test_in_a_frame_it_asks_and_takes_answers(
    new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    page = visit(new_context(768), hosts.page("iframe", campaign="BREAD"))
    frame: FrameLocator = page.frame_locator("iframe")
    tap(button(frame, "yes"))  # type: ignore[arg-type]
    tap(levels(frame).nth(2))
    expect(said(frame)).to_have_count(2)
    button(frame, "q2-1").wait_for()  # type: ignore[arg-type]

    assert server.begun[0]["campaign"] == "BREAD"
    assert shifted(page) == 0
    assert record(page, "errors") == ""


def test_what_stands_behind_the_hash_of_a_frame_is_known_and_taken_out(
    new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    page = visit(new_context(768), hosts.page("iframe", campaign="BREAD"))
    button(page.frame_locator("iframe"), "yes").wait_for()  # type: ignore[arg-type]

    assert server.begun[0]["prefill"] == {"department": "sales"}
    (frame,) = [one for one in page.frames if one != page.main_frame]
    assert frame.evaluate("location.href").startswith(f"{server.url}/c/BREAD?lang=en&accent=")
    assert frame.evaluate("location.hash") == ""


@pytest.fixture
def react() -> None:
    """Without React its test skips, but never in CI."""
    reason = react_missing()
    if reason is not None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.mark.usefixtures("react")
def test_in_react_it_is_rendered_again_taken_away_and_put_back_and_loses_nothing(
    new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    # StrictMode mounts everything twice.
    page = visit(new_context(1280), hosts.page("react", campaign="BREAD", language="en"))
    tap(button(page, "yes"))
    button(page, "q1-1").wait_for()
    page.evaluate("window.kept = document.querySelector('peil-chat')")
    part(page, "input").fill("half a sent")
    page.evaluate("app.setScheme('dark')")
    expect(page.locator("peil-chat")).to_have_attribute("scheme", "dark")

    expect(part(page, "input")).to_have_value("half a sent")
    assert page.evaluate("kept === document.querySelector('peil-chat')")
    assert levels(page).first.evaluate("one => getComputedStyle(one).colorScheme") == "dark"

    page.evaluate("app.setShown(false)")
    expect(page.locator("peil-chat")).to_have_count(0)
    polls = server.polls
    page.wait_for_timeout(400)
    assert server.polls == polls, "what was taken away goes on asking"

    page.evaluate("app.setShown(true)")
    tap(button(page, "q1-3"))
    button(page, "q2-1").wait_for()
    assert len(server.begun) == 1
    expect(said(page)).to_have_count(2)
    assert record(page, "errors") == ""


@pytest.mark.usefixtures("react")
def test_what_react_listens_to_is_told_once_for_each_completion(
    new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    page = visit(new_context(1280), hosts.page("react", campaign="BREAD", language="en"))
    tap(button(page, "yes"))
    button(page, "q1-1").wait_for()
    server.say("This is your level.", completed="a1b2")

    expect(page.locator("#completed")).to_have_text("Completed: 1")
    assert page.evaluate("app.completed()") == "a1b2"


# --- a page that is strict, and one that is hostile --------------------------------------------------


def test_a_policy_that_allows_nothing_but_its_origin_refuses_nothing_of_it(
    new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    page = visit(new_context(1280), hosts.page("strict", campaign="BREAD", accent="#7a1f5c"))
    open_panel(page)
    tap(button(page, "yes"))
    button(page, "q1-1").wait_for()
    say(page, "form")
    part(page, "form").wait_for()
    say(page, "table")
    page.wait_for_function("image => image.naturalWidth > 0", arg=part(page, "image").element_handle())
    part(page, "picture").click()
    part(page, "dialog").wait_for()
    page.keyboard.press("Escape")
    expect(part(page, "dialog")).to_have_count(0)
    part(page, "menu").click()
    part(page, "menu-dialog").wait_for()
    page.keyboard.press("Escape")
    part(page, "close-panel").click()
    page.evaluate("document.activeElement.blur()")

    assert of_person(server)[1:] == ["form", "table"]
    assert_host_is_untouched(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_on_a_hostile_page_a_conversation_completes_and_each_message_arrives_once(
    width: int, new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    page = visit(new_context(width), hosts.page("hostile", campaign="BREAD"))
    expect(part(page, "bubble")).to_be_in_viewport(ratio=1)
    # A click at that place of the screen, whatever lies above it.
    box = part(page, "bubble").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tap(button(page, "yes"))
    tap(button(page, "q1-3"))
    button(page, "q2-1").wait_for()
    part(page, "input").click()
    page.keyboard.type("four, I think")
    page.keyboard.press("Enter")
    button(page, "q3-1").wait_for()
    part(page, "input").click()
    page.keyboard.type("table")
    part(page, "send").click()
    part(page, "table").wait_for()
    page.wait_for_function("image => image.naturalWidth > 0", arg=part(page, "image").element_handle())

    expected = [WORDS["en"]["yes"], "3 · Agreed approach", "four, I think", "table"]
    expect(said(page)).to_have_text(expected)
    assert len(server.begun) == 1
    assert len(ids(server)) == len(expected)
    # The page saw to it that some were sent in vain, and the answer to others was lost.
    assert len(server.posts) > len(expected)
    fates = page.evaluate("fetched()")
    assert "POST /api/chat/messages fails" in fates
    assert "POST /api/chat/messages is lost" in fates
    (conversation,) = server.conversations.values()
    sent = [one["id"] for one in conversation.messages if one["role"] == "user"]
    assert sent == ids(server)


@pytest.mark.parametrize("width", [360, 1280])
def test_on_a_hostile_page_it_looks_as_it_does_anywhere(
    width: int, new_context: NewContext, visit: Visit, hosts: HostPages
) -> None:
    looks = []
    for name in ("plain", "hostile"):
        page = visit(new_context(width), hosts.page(name, campaign="BREAD"))
        page.locator("body").evaluate("() => document.fonts.ready.then(() => null)")
        here = {"bubble": part(page, "bubble").bounding_box()}
        open_panel(page)
        tap(button(page, "yes"))
        button(page, "q1-1").wait_for()
        for one in ("panel", "input", "send", "log", "close-panel"):
            here[one] = part(page, one).bounding_box()
        expect(levels(page).first).to_have_attribute("aria-disabled", "false")
        here["level"] = levels(page).first.bounding_box()
        here["styles"] = levels(page).first.evaluate(
            """one => Object.fromEntries(["color", "backgroundColor", "font", "letterSpacing", "direction",
                "textTransform", "textAlign", "cursor", "visibility", "pointerEvents", "whiteSpace"]
                .map(name => [name, getComputedStyle(one)[name]]))"""
        )
        looks.append(json.dumps(here, indent=1, sort_keys=True))

    assert looks[1] == looks[0]


def test_a_hostile_page_is_left_as_it_was(new_context: NewContext, visit: Visit, hosts: HostPages) -> None:
    page = visit(new_context(1280), hosts.page("hostile", campaign="BREAD"))
    open_panel(page)
    tap(button(page, "yes"))
    button(page, "q1-1").wait_for()
    part(page, "close-panel").click()
    expect(part(page, "panel")).to_be_hidden()
    page.evaluate("document.activeElement.blur()")

    assert record(page, "differences") == ""
    assert shifted(page) == 0, record(page, "moved")


# --- what comes between ------------------------------------------------------------------------------


def test_what_is_typed_without_a_connection_waits_says_so_and_is_sent_once(
    new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    context = new_context(360)
    page = visit(context, hosts.page("plain", campaign="BREAD"))
    open_panel(page)
    tap(button(page, "yes"))
    button(page, "q1-1").wait_for()
    context.set_offline(True)
    say(page, "three")
    expect(part(page, "notice")).to_have_text("en:offline")
    expect(part(page, "state").filter(visible=True)).to_have_text("en:waiting")
    assert ids(server) == [server.posts[0]["id"]]

    context.set_offline(False)
    button(page, "q2-1").wait_for()
    expect(part(page, "notice")).to_be_empty()
    expect(part(page, "state").filter(visible=True)).to_have_count(0)
    page.wait_for_timeout(500)
    assert [post.get("text") for post in server.posts[1:]] == ["three"]
    assert of_person(server)[1:] == ["three"]


def test_what_was_typed_without_a_connection_survives_that_the_page_is_left(
    new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    context = new_context(1280)
    page = visit(context, hosts.page("plain", campaign="BREAD"))
    open_panel(page)
    tap(button(page, "yes"))
    button(page, "q1-1").wait_for()
    page.route(f"{server.url}/api/chat/messages*", lambda route: route.abort())
    say(page, "three")
    expect(part(page, "notice")).not_to_be_empty()
    page.close()

    page = visit(context, hosts.page("plain", campaign="BREAD"))
    open_panel(page)
    button(page, "q2-1").wait_for()
    expect(said(page)).to_have_text([WORDS["en"]["yes"], "three"])
    assert of_person(server)[1:] == ["three"]


def test_after_a_reload_one_is_where_one_was(
    new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    page = visit(new_context(1280), hosts.page("plain", campaign="BREAD"))
    open_panel(page)
    tap(button(page, "yes"))
    tap(button(page, "q1-3"))
    button(page, "q2-1").wait_for()
    page.reload()
    open_panel(page)

    expect(said(page)).to_have_count(2)
    expect(levels(page).first).to_be_in_viewport()
    assert len(server.begun) == 1
    assert shifted(page) == 0


def test_a_second_tab_has_the_same_conversation_and_follows_it(
    new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    context = new_context(1280)
    pages = [visit(context, hosts.page("plain", campaign="BREAD")) for _ in range(2)]
    for page in pages:
        open_panel(page)
    tap(button(pages[0], "yes"))
    tap(button(pages[1], "q1-3"))
    button(pages[0], "q2-1").wait_for()

    for page in pages:
        expect(said(page)).to_have_count(2)
    assert len(server.begun) == 1
    assert len(ids(server)) == 2


def test_where_storage_is_refused_it_holds_a_conversation_all_the_same(
    new_context: NewContext, visit: Visit, hosts: HostPages, server: FakeServer
) -> None:
    context = new_context(1280)
    context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
            const get = () => { throw new DOMException("no", "SecurityError"); };
            Object.defineProperty(window, name, { get });
        }"""
    )
    page = visit(context, hosts.page("plain", campaign="BREAD"))
    open_panel(page)
    tap(button(page, "yes"))
    tap(button(page, "q1-3"))
    button(page, "q2-1").wait_for()

    expect(live(page)).to_have_count(1)
    assert len(server.begun) == 1
    assert of_person(server) == [WORDS["en"]["yes"], "3 · Agreed approach"]
