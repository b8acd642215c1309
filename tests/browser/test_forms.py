"""Forms in the chat: entries that are marked and sent with one tap, by mouse, by touch and by keyboard."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chat_page import button, part, said_by_user, say
from fake_server import FORMS, REST, WORDS, FakeServer
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

NL = FORMS["nl"]
SETTLED = 700
"""Milliseconds after which nothing is taken for a double tap any more."""


def ask(page: Page, kind: str = "form") -> None:
    """Have the bot ask a question with a form, and wait until it can be filled in."""
    count = part(page, "form").count()
    say(page, kind)
    expect(part(page, "form")).to_have_count(count + 1)
    page.wait_for_timeout(SETTLED)


def newest(page: Page) -> Locator:
    return page.locator("peil-chat >> [data-live]")


def entry(page: Page, number: int) -> Locator:
    return newest(page).locator(f"[data-part=entry][data-number='{number}']")


def choice(page: Page, number: int, title: str) -> Locator:
    return entry(page, number).get_by_role("radio", name=title, exact=True)


def expect_locked(form: Locator) -> None:
    """A form of a question that has passed: nothing in it can be reached."""
    for box in form.locator("input").all():
        expect(box).to_be_disabled()
    expect(form.locator("[data-part=form-send]")).to_be_hidden()


def marks(form: Locator) -> list[tuple[str, str]]:
    """Number and value of all that is marked, as it is shown."""
    found: list[tuple[str, str]] = form.locator("input").evaluate_all(
        "inputs => inputs.filter(i => i.checked).map(i => [i.dataset.number, i.value])"
    )
    return [(number, value) for number, value in found]


def send(page: Page) -> Locator:
    return newest(page).locator("[data-part=form-send]")


def focused(page: Page) -> str:
    """What has the focus in the chat: which part, and of an entry's mark also number and value."""
    part_name: str = page.evaluate(
        """() => {
            const {dataset, value} = document.querySelector("peil-chat").shadowRoot.activeElement;
            return [dataset.part, dataset.number, dataset.number && value].filter(Boolean).join(" ");
        }"""
    )
    return part_name


def posted(server: FakeServer) -> str:
    token: str = server.posts[-1]["button"]
    return token


# ---- what it looks like


def test_each_line_becomes_an_entry_to_mark_and_nothing_is_said_twice(page: Page, server: FakeServer) -> None:
    ask(page)
    form = part(page, "form")
    expect(form).to_have_role("group")
    expect(form).to_have_accessible_name(NL["ask"])
    expect(form).to_have_accessible_description(NL["how"])
    boxes = form.get_by_role("checkbox")
    expect(boxes).to_have_count(7)
    for number, (label, words) in enumerate(NL["entries"], 1):
        name = f"{number} · {label}: {words}"
        expect(form.get_by_role("checkbox", name=name, exact=True)).not_to_be_checked()
        assert form.inner_text().count(label) == 1
        assert form.inner_text().count(words) == 1
    assert newest(page).inner_text().count(NL["ask"]) == 1
    expect(newest(page).locator("[data-part=quiets] button")).to_have_count(6)
    # The buttons that give no answer stand below the form.
    below = newest(page).locator("[data-part=quiets]").bounding_box()
    own = form.bounding_box()
    assert below
    assert own
    assert below["y"] >= own["y"] + own["height"]


def test_a_whole_row_is_big_enough_for_a_thumb_and_marks_it(page: Page) -> None:
    ask(page)
    for number in (1, 7):
        box = entry(page, number).bounding_box()
        assert box
        assert box["height"] >= 44
        # The far end of the row, where no word is.
        entry(page, number).click(position={"x": box["width"] - 4, "y": box["height"] / 2})
    assert marks(newest(page)) == [("1", "1"), ("7", "1")]
    entry(page, 1).click()
    assert marks(newest(page)) == [("7", "1")]
    box = send(page).bounding_box()
    assert box
    assert box["height"] >= 44


@pytest.mark.parametrize("kind", ["form", "rest"])
@pytest.mark.parametrize("width", [180, 320, 360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_form_fits_and_can_be_read(
    browser: Browser, server: FakeServer, tmp_path: Path, kind: str, width: int, scheme: Any
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 740}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(server.url)
    button(page, "yes").wait_for()
    ask(page, kind)
    form = part(page, "form")
    form.locator("input").nth(1).check()
    page.screenshot(path=tmp_path / f"{kind}-{width}-{scheme}.png")
    log = part(page, "log")
    assert log.evaluate("log => log.scrollWidth <= log.clientWidth")
    for sized in form.locator("label, button").all():
        box = sized.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 44
    # WCAG 2.2, 1.4.3: text stands out from what is behind it by 4.5 to 1.
    contrasts = form.evaluate(
        """form => {
            const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
            const light = (color) => {
                canvas.fillStyle = color;
                canvas.fillRect(0, 0, 1, 1);
                const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(v => v / 255)
                    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const behind = (element) => {
                for (; element; element = element.parentElement) {
                    const {backgroundColor} = getComputedStyle(element);
                    if (backgroundColor !== "rgba(0, 0, 0, 0)") return backgroundColor;
                }
            };
            const words = form.querySelectorAll("legend, .n, .label, .words, .mark span, p, button");
            return [...words].map(element => {
                const pair = [light(getComputedStyle(element).color), light(behind(element))];
                return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
            });
        }"""
    )
    context.close()
    assert min(contrasts) >= 4.5


def test_the_form_is_shown_from_its_question_on(page: Page) -> None:
    ask(page)
    expect(newest(page).get_by_text(NL["ask"])).to_be_in_viewport(ratio=1)
    ask(page, "rest")
    expect(newest(page).get_by_text(NL["ask_rest"])).to_be_in_viewport(ratio=1)
    expect(part(page, "progress")).to_have_attribute("aria-valuenow", "6")  # 1 of 18 done: 5.6 percent.


# ---- marking and sending


def test_what_was_marked_is_sent_with_one_tap_and_said_in_numbers(page: Page, server: FakeServer) -> None:
    ask(page)
    expect(send(page)).to_have_text("Geen hiervan")
    entry(page, 3).click()
    expect(send(page)).to_have_text("Klaar")
    entry(page, 1).click()
    entry(page, 6).click()
    entry(page, 6).click()
    send(page).click()
    button(page, "q2-1").wait_for()
    assert posted(server) == "form1~1-1----"
    expect(said_by_user(page).last).to_have_text("1, 3")
    page.reload()
    button(page, "q2-1").wait_for()
    expect(said_by_user(page).last).to_have_text("1, 3")


def test_nothing_marked_is_an_answer_too(page: Page, server: FakeServer) -> None:
    ask(page)
    entry(page, 2).click()
    entry(page, 2).click()
    expect(send(page)).to_have_text("Geen hiervan")
    send(page).click()
    button(page, "q2-1").wait_for()
    assert posted(server) == "form1~-------"
    expect(said_by_user(page).last).to_have_text("Geen hiervan")


def test_of_several_marks_each_entry_takes_one_or_none(page: Page, server: FakeServer) -> None:
    ask(page, "rest")
    label, words = NL["entries"][1]
    second = page.get_by_role("radiogroup", name=f"2 · {label}: {words}", exact=True)
    expect(second.get_by_role("radio")).to_have_count(3)
    expect(page.get_by_role("radiogroup")).to_have_count(len(REST))
    assert marks(newest(page)) == []
    expect(send(page)).to_have_text("Nog niets, verder")
    choice(page, 2, "past niet").click()
    choice(page, 2, "gepland").click()
    choice(page, 4, "past niet").click()
    choice(page, 5, "weet ik niet").click()
    assert marks(newest(page)) == [("2", "p"), ("4", "f"), ("5", "d")]
    # The same tap again takes it back.
    choice(page, 5, "weet ik niet").click()
    assert marks(newest(page)) == [("2", "p"), ("4", "f")]
    expect(send(page)).to_have_text("Klaar")
    send(page).click()
    button(page, "q2-1").wait_for()
    # Seven characters: also for the entries that this form does not show.
    assert posted(server) == "form1r~-p-f---"
    expect(said_by_user(page).last).to_have_text("2 gepland, 4 past niet")


def test_the_words_are_said_in_the_language_of_the_conversation(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    page = chat("/?lang=en")
    ask(page, "rest")
    expect(send(page)).to_have_text("Nothing yet, go on")
    choice(page, 4, "does not fit").click()
    choice(page, 2, "planned").click()
    send(page).click()
    button(page, "q2-1").wait_for()
    expect(said_by_user(page).last).to_have_text("2 planned, 4 does not fit")
    assert page.errors == []  # type: ignore[attr-defined]


def test_a_form_is_filled_in_and_sent_by_keyboard_and_focus_moves_along(
    page: Page, server: FakeServer
) -> None:
    ask(page)
    button(page, "explain").focus()
    page.keyboard.press("Enter")
    expect(part(page, "form")).to_have_count(2)
    assert focused(page) == "mark 1 1"
    page.wait_for_timeout(SETTLED)
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert marks(newest(page)) == [("1", "1"), ("4", "1")]
    for _ in range(4):
        page.keyboard.press("Tab")
    assert focused(page) == "form-send"
    outline = send(page).evaluate("element => getComputedStyle(element).outlineWidth")
    assert outline == "3px"
    page.keyboard.press("Enter")
    expect(button(page, "q2-1")).to_be_focused()
    assert posted(server) == "form1~1--1---"


def test_a_choice_goes_by_arrows_and_is_taken_back_by_space(page: Page, server: FakeServer) -> None:
    ask(page, "rest")
    part(page, "mark").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert marks(newest(page)) == [("2", "f")]
    shown = entry(page, 2).locator("span", has_text="past niet")
    assert shown.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Space")
    assert marks(newest(page)) == []
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    assert focused(page) == "mark 4 p"
    page.keyboard.press("ArrowLeft")
    assert marks(newest(page)) == [("2", "d"), ("4", "d")]
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    button(page, "q2-1").wait_for()
    assert posted(server) == "form1r~-d-d---"


def test_a_form_alone_is_the_newest_keyboard_too(page: Page, server: FakeServer) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    server.say("Kies.", buttons=[{"title": "Lijst", "token": "only form", "style": "choice"}])
    page.wait_for_timeout(SETTLED)
    list_button = page.locator("peil-chat >> [data-token='only form']")
    list_button.focus()
    page.keyboard.press("Enter")
    expect(part(page, "form")).to_have_count(1)
    expect(newest(page)).to_have_count(1)
    expect(newest(page)).to_contain_text("Vraag 2 van 18")
    # Also when what shows it had to be fetched first.
    expect(part(page, "mark").first).to_be_focused()
    page.wait_for_timeout(SETTLED)
    entry(page, 2).click()
    send(page).click()
    button(page, "q3-1").wait_for()
    assert posted(server) == "form2~-1-----"


# ---- locked, and what stays


def test_while_a_reply_is_awaited_nothing_changes_and_what_was_marked_stays(
    page: Page, server: FakeServer
) -> None:
    server.delay = 1.5
    ask(page)
    entry(page, 2).click()
    send(page).click()
    expect(said_by_user(page).last).to_have_text("2", timeout=400)
    expect(part(page, "form")).to_have_attribute("aria-disabled", "true")
    expect(send(page)).to_have_attribute("aria-disabled", "true")
    for locked in (entry(page, 3), entry(page, 2), send(page)):
        locked.dispatch_event("click")
    assert marks(newest(page)) == [("2", "1")]
    button(page, "q2-1").wait_for()
    assert [post.get("button") for post in server.posts] == [None, "form1~-1-----"]
    assert marks(part(page, "form")) == [("2", "1")]


def test_a_double_tap_sends_once_and_marks_nothing_in_the_next_form(page: Page, server: FakeServer) -> None:
    ask(page)
    entry(page, 1).click()
    button(page, "explain").click()
    expect(part(page, "form")).to_have_count(2)
    # The second tap of a double tap, on the form that came up under the finger.
    entry(page, 3).dispatch_event("click")
    assert marks(newest(page)) == [("1", "1")]
    page.wait_for_timeout(SETTLED)
    send(page).dblclick()
    button(page, "q2-1").wait_for()
    page.wait_for_timeout(300)
    assert [post.get("button") for post in server.posts] == [None, "explain", "form1~1------"]


def test_a_form_of_a_question_that_has_passed_is_locked_and_shows_what_was_sent(page: Page) -> None:
    ask(page)
    entry(page, 2).click()
    entry(page, 5).click()
    send(page).click()
    button(page, "q2-1").wait_for()
    form = part(page, "form")
    expect(form).to_have_attribute("disabled", "")
    expect_locked(form)
    form.locator("[data-part=entry]").first.click(force=True)
    assert marks(form) == [("2", "1"), ("5", "1")]


def test_a_form_that_was_sent_stays_locked_after_a_reply_without_a_question(
    page: Page, server: FakeServer
) -> None:
    ask(page)
    entry(page, 2).click()
    server.pending = True
    send(page).click()
    expect(part(page, "notice")).to_have_text("nl:kept")
    server.waiting.clear()
    server.say("Dank je, dat staat.")
    expect(part(page, "notice")).to_be_empty()
    expect_locked(part(page, "form"))
    assert marks(part(page, "form")) == [("2", "1")]


def test_a_form_that_was_refused_can_be_sent_again(page: Page, server: FakeServer) -> None:
    ask(page)
    entry(page, 2).click()
    server.failures = [422]
    send(page).click()
    expect(part(page, "state").last).to_contain_text("trouble 422")
    expect(part(page, "form").locator("input").first).to_be_enabled()
    part(page, "remove").click()
    page.wait_for_timeout(SETTLED)
    entry(page, 3).click()
    send(page).click()
    button(page, "q2-1").wait_for()
    assert posted(server) == "form1~-11----"


def test_after_a_reload_the_newest_form_can_be_filled_in_and_older_ones_cannot(
    page: Page, server: FakeServer
) -> None:
    ask(page)
    entry(page, 2).click()
    send(page).click()
    button(page, "q2-1").wait_for()
    page.wait_for_timeout(SETTLED)
    ask(page, "rest")
    choice(page, 2, "gepland").click()
    page.reload()
    expect(part(page, "form")).to_have_count(2)
    expect_locked(part(page, "form").first)
    assert marks(part(page, "form").first) == []
    expect(part(page, "form").last.locator("input").first).to_be_enabled()
    assert marks(part(page, "form").last) == []
    expect(newest(page).get_by_text(NL["ask_rest"])).to_be_in_viewport(ratio=1)
    choice(page, 4, "gepland").click()
    send(page).click()
    button(page, "q4-1").wait_for()
    assert posted(server) == "form3r~---p---"


def test_what_was_sent_and_has_not_arrived_is_marked_after_a_reload_too(
    page: Page, context: BrowserContext, server: FakeServer
) -> None:
    ask(page)
    entry(page, 2).click()
    entry(page, 7).click()
    page.route("**/api/chat/messages", lambda route: route.abort())
    send(page).click()
    expect(said_by_user(page).last).to_have_text("2, 7")
    page.reload()
    expect(part(page, "form")).to_have_attribute("aria-disabled", "true")
    assert marks(part(page, "form")) == [("2", "1"), ("7", "1")]
    page.unroute("**/api/chat/messages")
    page.evaluate("dispatchEvent(new Event('online'))")
    button(page, "q2-1").wait_for()
    assert posted(server) == "form1~-1----1"
    expect(said_by_user(page).last).to_have_text("2, 7")


def test_another_tab_shows_what_was_sent_and_is_locked_meanwhile(
    page: Page, chat: Callable[..., Page], server: FakeServer
) -> None:
    ask(page)
    other = chat(ready=False)
    part(other, "form").wait_for()
    entry(other, 1).click()
    server.delay = 1
    entry(page, 4).click()
    send(page).click()
    expect(part(other, "form")).to_have_attribute("aria-disabled", "true")
    assert marks(part(other, "form")) == [("4", "1")]
    button(other, "q2-1").wait_for()


def test_what_is_marked_stays_whatever_else_happens(page: Page, server: FakeServer) -> None:
    ask(page)
    entry(page, 3).click()
    # Something comes in, everything is read again, and the words of the page change.
    server.say("Nog even dit.")
    expect(part(page, "message").last).to_contain_text("Nog even dit.")
    read = server.whole
    say(page, "links")
    part(page, "links").wait_for()
    say(page, "just words")
    expect(part(page, "message").last).to_contain_text(WORDS["nl"]["thanks"])
    page.wait_for_timeout(600)
    assert server.whole > read
    assert marks(part(page, "form")) == [("3", "1")]


def test_what_is_marked_goes_along_when_the_same_question_is_put_again(
    page: Page, server: FakeServer
) -> None:
    ask(page)
    entry(page, 3).click()
    button(page, "explain").click()
    expect(newest(page)).to_contain_text(NL["explained"])
    page.wait_for_timeout(SETTLED)
    for form in part(page, "form").all():
        assert marks(form) == [("3", "1")]
    expect_locked(part(page, "form").first)
    expect(send(page)).to_have_text("Klaar")
    entry(page, 4).click()
    # It is a copy: the older one shows what it showed.
    assert marks(part(page, "form").first) == [("3", "1")]
    button(page, "explain").last.click()
    expect(part(page, "form")).to_have_count(3)
    assert marks(newest(page)) == [("3", "1"), ("4", "1")]
    page.wait_for_timeout(SETTLED)
    # Who answers in words has answered: it does not come back with this question later.
    say(page, "3 en 4")
    button(page, "q2-1").wait_for()
    (conversation,) = server.conversations.values()
    conversation.number = 0
    ask(page)
    assert marks(newest(page)) == []


def test_no_form_is_marked_by_one_that_was_sent(page: Page, server: FakeServer) -> None:
    ask(page)
    entry(page, 3).click()
    send(page).click()
    button(page, "q2-1").wait_for()
    (conversation,) = server.conversations.values()
    conversation.number = 0
    page.wait_for_timeout(SETTLED)
    ask(page)
    assert marks(newest(page)) == []
    assert marks(part(page, "form").first) == [("3", "1")]


# ---- what loads


def test_what_shows_forms_is_loaded_with_the_first_form_and_is_small(
    page: Page, context: BrowserContext
) -> None:
    sizes: list[int] = []
    context.on(
        "response",
        lambda response: (
            sizes.append(len(gzip.compress(response.body(), 9)))
            if response.url.endswith("/form.js")
            else None
        ),
    )
    button(page, "yes").click()
    button(page, "q1-1").click()
    button(page, "q2-1").wait_for()
    assert sizes == []
    ask(page)
    ask(page, "rest")
    assert len(sizes) == 1
    assert sizes[0] <= 5 * 1024


def test_without_what_shows_forms_the_lines_are_there_and_typing_works(
    page: Page, server: FakeServer
) -> None:
    page.route("**/form.js", lambda route: route.abort())
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    server.say("Kies.", buttons=[{"title": "Lijst", "token": "form", "style": "choice"}])
    page.wait_for_timeout(SETTLED)
    button(page, "form").focus()
    page.keyboard.press("Enter")
    expect(newest(page)).to_contain_text(NL["how"])
    text = newest(page).locator("[data-part=text]").inner_text()
    (conversation,) = server.conversations.values()
    for line in conversation.messages[-1]["text"].split("\n"):
        assert line in text
    expect(newest(page).locator("input")).to_have_count(0)
    # Focus goes where it can.
    # The first that can be tapped is out of sight: first what is new is read, and Tab leads on.
    expect(newest(page)).to_be_focused()
    page.keyboard.press("Tab")
    expect(newest(page).locator("[data-token=unknown]")).to_be_focused()
    say(page, "1 en 3")
    button(page, "q3-1").wait_for()
    assert server.posts[-1]["text"] == "1 en 3"
    # The next form tries again.
    page.unroute("**/form.js")
    ask(page)
    entry(page, 1).click()
    send(page).click()
    button(page, "q5-1").wait_for()
    assert posted(server) == "form4~1------"


def test_until_a_form_can_be_shown_its_lines_are_read_and_then_it_takes_their_place(
    page: Page, server: FakeServer
) -> None:
    held: list[Any] = []
    page.route("**/form.js", lambda route: held.append(route))
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    server.say("Kies.", buttons=[{"title": "Lijst", "token": "form", "style": "choice"}])
    page.wait_for_timeout(SETTLED)
    button(page, "form").focus()
    page.keyboard.press("Enter")
    expect(newest(page)).to_contain_text(NL["how"])
    expect(newest(page).get_by_text("7 · ")).to_be_attached()
    page.wait_for_timeout(300)
    question = newest(page).get_by_text(NL["ask"])
    before = question.bounding_box()
    assert before
    for route in held:
        route.continue_()
    part(page, "form").wait_for()
    after = question.bounding_box()
    assert after
    # It does not move under the eyes, is not read out again, and whoever goes by keyboard is in it.
    assert abs(after["y"] - before["y"]) < 2
    expect(part(page, "form")).to_have_attribute("aria-live", "off")
    expect(part(page, "mark").first).to_be_focused()


def test_a_form_that_comes_later_is_read_out_once_and_what_is_marked_in_it_is_not(page: Page) -> None:
    ask(page)
    button(page, "explain").click()
    expect(part(page, "form")).to_have_count(2)
    assert part(page, "form").last.get_attribute("aria-live") is None
    expect(part(page, "form").last).to_have_attribute("aria-live", "off")


def test_after_a_reload_a_form_is_there_from_the_first_frame_on(page: Page) -> None:
    ask(page)
    page.add_init_script(
        """window.seen = [];
        requestAnimationFrame(function look() {
            const root = document.querySelector("peil-chat")?.shadowRoot;
            const bare = root?.querySelector("div.level");
            const form = root?.querySelector("[data-part=form]");
            const shown = root && !root.querySelector(".blank") && (bare || form);
            if (shown) window.seen.push(bare ? "lines" : "form");
            requestAnimationFrame(look);
        });"""
    )
    page.reload()
    part(page, "form").wait_for()
    page.wait_for_timeout(300)
    assert set(page.evaluate("window.seen")) == {"form"}


def test_entries_without_lines_are_named_by_their_titles(page: Page, server: FakeServer) -> None:
    form = {
        "token": "x",
        "of": 3,
        "entries": [{"number": 1, "title": "Prijs"}, {"number": 3, "title": "Service"}],
        "marks": [{"value": "1", "title": "ja"}],
        "send": "Klaar",
        "none": "Geen",
    }
    server.say("Wat herken je?", form=form)
    expect(part(page, "form")).to_be_visible()
    expect(newest(page).get_by_role("checkbox", name="3 · Service", exact=True)).to_have_count(1)
    page.wait_for_timeout(SETTLED)
    entry(page, 3).click()
    send(page).click()
    button(page, "q1-1").wait_for()
    assert posted(server) == "x~--1"


def test_forms_break_no_policy_and_leave_other_messages_alone(page: Page) -> None:
    ask(page)
    button(page, "skip").click()
    button(page, "q2-3").wait_for()
    for level in newest(page).locator("[data-style=level]").all():
        box = level.bounding_box()
        assert box
        assert box["height"] >= 44
    expect(newest(page).locator("[data-style=level]")).to_have_count(5)
    expect(page.locator("peil-chat >> style")).to_have_count(0)
    expect(part(page, "form").locator("[style]")).to_have_count(0)


def test_what_was_marked_before_is_marked_when_one_comes_back(page: Page, server: FakeServer) -> None:
    ask(page, "form again")
    assert marks(newest(page)) == [("2", "1"), ("5", "1")]
    entry(page, 5).click()
    entry(page, 3).click()
    send(page).click()
    page.wait_for_timeout(SETTLED)
    assert posted(server).endswith("~-11----")
