"""What a page can ask of the chat in it, and what it is told; what comes in and goes out with the bubble."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chat_page import button
from embedded import live, open_panel, part, said, say, tap, told
from fake_server import FakeServer
from host_pages import HostPages
from playwright.sync_api import Browser, BrowserContext, Page, expect

Visit = Callable[..., Page]

# Every event of the chat, with its detail, in order.
_LISTEN = """
window.heard = [];
for (const name of ["open", "close", "start", "progress", "complete", "error", "language", "back"])
  addEventListener(`peil:${name}`, (event) => heard.push([name, event.detail]));
"""


@pytest.fixture
def hosts(server: FakeServer) -> Iterator[HostPages]:
    server.invitations["BREAD"] = "open"
    with HostPages(server.url).running() as pages:
        yield pages


@pytest.fixture
def laptop(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    context.add_init_script(_LISTEN)
    yield context
    context.close()


@pytest.fixture
def visit(laptop: BrowserContext, hosts: HostPages) -> Visit:
    def open_page(page: Page | None = None, **wishes: str) -> Page:
        page = page or laptop.new_page()
        page.goto(hosts.page("plain", **{"campaign": "BREAD", **wishes}))
        part(page, "bubble").or_(part(page, "panel")).filter(visible=True).first.wait_for()
        return page

    return open_page


def heard(page: Page, *names: str) -> list[Any]:
    return [one for one in page.evaluate("heard") if one[0] in names]


def ask(page: Page, call: str) -> None:
    page.evaluate(f"document.querySelector('peil-chat').{call}")


# --- commands and events -----------------------------------------------------------------------------


def test_a_page_can_open_it_and_close_it_and_is_told_by_whom(visit: Visit, server: FakeServer) -> None:
    page = visit()
    assert server.begun == []
    ask(page, "open()")
    told(page).first.wait_for()
    ask(page, "open()")
    ask(page, "close()")
    expect(part(page, "panel")).to_be_hidden()
    ask(page, "close()")
    part(page, "bubble").click()
    part(page, "close-panel").click()
    expect(part(page, "bubble")).to_be_visible()
    assert heard(page, "open", "close", "start") == [
        ["open", {"by": "page"}],
        ["start", {}],
        ["close", {}],
        ["open", {"by": "visitor"}],
        ["close", {}],
    ]
    assert len(server.begun) == 1


def test_start_begins_with_what_the_page_wishes_and_only_once(visit: Visit, server: FakeServer) -> None:
    page = visit()
    ask(page, "start({model: 'cemm', roleLayer: 'board', reference: 'visitor 7', signed: 'a.b.c', other: 1})")
    button(page, "yes").wait_for()
    ask(page, "start({department: 'sales'})")
    (wishes,) = server.begun
    assert wishes["prefill"] == {"model": "cemm", "role_layer": "board", "reference": "visitor 7"}
    assert (wishes["campaign"], wishes["signed"]) == ("BREAD", "a.b.c")


def test_what_must_not_stand_in_an_address_is_not_taken_from_one(visit: Visit, server: FakeServer) -> None:
    wishes = {
        "reference": "x",
        "signed": "a.b.c",
        "back": "key",
        "onclick": "alert(1)",
        "style": "color: red",
    }
    page = visit(**wishes, department="sales")
    names = page.evaluate("document.querySelector('peil-chat').getAttributeNames()")
    assert sorted(names) == ["campaign", "department", "launcher"]
    part(page, "bubble").click()
    button(page, "yes").wait_for()
    (begun,) = server.begun
    assert begun["prefill"] == {"department": "sales"}
    assert "signed" not in begun


def test_a_page_can_change_the_language_before_and_after_the_first_word(
    visit: Visit, server: FakeServer
) -> None:
    page = visit()
    ask(page, "setLanguage('nl')")
    part(page, "bubble").click()
    expect(told(page).first).to_contain_text("ik ben Peil")
    assert server.begun[0]["language"] == "nl"
    ask(page, "setLanguage('en')")
    expect(said(page).last).to_have_text("English")
    page.wait_for_timeout(300)
    assert [post.get("do") for post in server.posts] == ["language_en"]
    ask(page, "setLanguage('xx')")
    page.wait_for_timeout(300)
    assert len(server.posts) == 1


def test_reset_begins_anew_in_this_browser(visit: Visit, server: FakeServer) -> None:
    page = visit()
    part(page, "bubble").click()
    tap(button(page, "yes"))
    button(page, "q1-3").wait_for()
    ask(page, "reset()")
    button(page, "yes").wait_for()
    expect(said(page)).to_have_count(0)
    assert len(server.begun) == 2


def test_progress_is_told_in_figures_and_no_event_holds_a_word(visit: Visit, server: FakeServer) -> None:
    page = visit()
    part(page, "bubble").click()
    tap(button(page, "yes"))
    tap(button(page, "q1-3"))
    say(page, "something of my own")
    button(page, "q3-1").wait_for()
    assert heard(page, "progress") == [["progress", {"number": n, "of": 18}] for n in (1, 2, 3)]
    assert "own" not in str(page.evaluate("JSON.stringify(heard)"))
    assert {name for name, _ in page.evaluate("heard")} == {"open", "start", "progress", "language"}


def test_a_result_is_told_once_also_after_a_reload(visit: Visit, server: FakeServer) -> None:
    page = visit()
    part(page, "bubble").click()
    tap(button(page, "yes"))
    button(page, "q1-3").wait_for()
    say(page, "table")
    part(page, "table").wait_for()
    (conversation,) = server.conversations.values()
    done = conversation.messages[-1]["completed"]
    assert heard(page, "complete") == [["complete", {"id": done}]]
    page.reload()
    part(page, "table").wait_for()
    assert heard(page, "complete") == []


@pytest.mark.parametrize(("code", "state"), [("code", "closed"), ("code", "unknown"), ("origin", "")])
def test_what_is_in_the_way_is_told_by_a_code(
    visit: Visit, server: FakeServer, code: str, state: str, hosts: HostPages
) -> None:
    if state:
        server.invitations["BREAD"] = state
    else:
        server.refused_origins.add(hosts.url)
    page = visit()
    part(page, "bubble").click()
    expect(part(page, "notice")).not_to_be_empty()
    assert heard(page, "error") == [["error", {"code": code}]]


def test_fields_that_cannot_be_trusted_keep_nobody_out(visit: Visit, server: FakeServer) -> None:
    server.refused_signed.add("forged")
    page = visit()
    ask(page, "start({signed: 'forged', department: 'sales'})")
    button(page, "yes").wait_for()
    assert heard(page, "error", "start") == [["error", {"code": "signed"}], ["start", {}]]
    (begun,) = server.begun
    assert "signed" not in begun
    assert "prefill" not in begun


def test_a_slip_of_the_pen_in_a_field_keeps_nobody_out(visit: Visit, server: FakeServer) -> None:
    server.refused_fields.add("verkoop")
    page = visit()
    ask(page, "start({department: 'verkoop', model: 'cemm'})")
    button(page, "yes").wait_for()
    assert heard(page, "error", "start") == [["error", {"code": "prefill"}], ["start", {}]]
    (begun,) = server.begun
    assert begun["prefill"] == {"model": "cemm"}


def test_reset_forgets_also_what_nobody_has_opened_on_this_page(visit: Visit, server: FakeServer) -> None:
    page = visit()
    part(page, "bubble").click()
    tap(button(page, "yes"))
    button(page, "q1-3").wait_for()
    part(page, "input").fill("of whoever was here before")
    part(page, "close-panel").click()
    visit(page)
    assert "token" in page.evaluate("Object.keys(localStorage).join()")
    ask(page, "reset()")
    assert page.evaluate("Object.keys(localStorage)") == []
    assert len(server.begun) == 1
    part(page, "bubble").click()
    button(page, "yes").wait_for()
    expect(said(page)).to_have_count(0)
    expect(part(page, "input")).to_have_value("")
    assert len(server.begun) == 2


def test_start_does_not_change_the_questionnaire_under_way(visit: Visit, server: FakeServer) -> None:
    page = visit()
    part(page, "bubble").click()
    tap(button(page, "yes"))
    button(page, "q1-3").wait_for()
    ask(page, "start({model: 'crm'})")
    page.wait_for_timeout(300)
    expect(live(page)).to_contain_text("Question 1 of 18")
    assert len(server.begun) == 1


def test_the_script_twice_is_one_bubble_and_an_element_in_the_page_has_its_words(
    visit: Visit, server: FakeServer
) -> None:
    page = visit()
    page.add_script_tag(url=f"{server.url}/widget.js?campaign=OTHER", type="module")
    page.wait_for_timeout(300)
    expect(page.locator("peil-chat")).to_have_count(1)
    # As an element that stands in the HTML, ahead of its script, and so without words at first.
    page.evaluate("document.querySelector('peil-chat').remove()")
    page.evaluate(
        """() => {
            const chat = document.createElement("peil-chat");
            chat.setAttribute("launcher", "");
            document.body.append(chat);
        }"""
    )
    expect(part(page, "bubble")).to_have_accessible_name("How far along are you?")


def test_in_a_page_it_begins_when_it_is_seen(
    laptop: BrowserContext, server: FakeServer, hosts: HostPages
) -> None:
    page = laptop.new_page()
    page.goto(hosts.page("plain"))
    page.evaluate(
        """() => {
            const chat = document.createElement("peil-chat");
            chat.style.marginTop = "200vh";
            document.body.append(chat);
        }"""
    )
    page.wait_for_timeout(500)
    assert server.begun == []
    page.locator("peil-chat").scroll_into_view_if_needed()
    button(page, "yes").wait_for()
    assert len(server.begun) == 1


# --- with the bubble -----------------------------------------------------------------------------------


def test_it_opens_by_itself_after_its_time_and_takes_no_cursor(visit: Visit) -> None:
    page = visit(**{"open-after": "0"})
    told(page).first.wait_for()
    assert heard(page, "open") == [["open", {"by": "timer"}]]
    assert page.evaluate("document.activeElement === document.body")
    # Who has closed it is not bothered again, on this page or the next.
    part(page, "close-panel").click()
    visit(page, **{"open-after": "0"})
    page.wait_for_timeout(400)
    expect(part(page, "panel")).to_be_hidden()


@pytest.mark.parametrize("seconds", ["soon", "-1"])
def test_a_time_that_is_none_opens_nothing(visit: Visit, seconds: str) -> None:
    page = visit(**{"open-after": seconds})
    page.wait_for_timeout(400)
    expect(part(page, "panel")).to_be_hidden()


def test_it_opens_by_itself_on_no_phone(visit: Visit) -> None:
    page = visit()
    page.set_viewport_size({"width": 390, "height": 800})
    visit(page, **{"open-after": "0"})
    page.wait_for_timeout(400)
    expect(part(page, "panel")).to_be_hidden()


def test_on_the_next_page_it_is_open_if_it_was(visit: Visit, server: FakeServer) -> None:
    page = visit()
    part(page, "bubble").click()
    tap(button(page, "yes"))
    button(page, "q1-3").wait_for()
    visit(page)
    button(page, "q1-3").wait_for()
    assert heard(page, "open", "start") == [["open", {"by": "page"}]]
    assert len(server.begun) == 1
    part(page, "close-panel").click()
    visit(page)
    page.wait_for_timeout(300)
    expect(part(page, "panel")).to_be_hidden()


def test_an_answer_that_comes_after_closing_shows_on_the_bubble(visit: Visit, server: FakeServer) -> None:
    page = visit()
    part(page, "bubble").click()
    button(page, "yes").wait_for()
    server.delay = 1
    tap(button(page, "yes"))
    part(page, "close-panel").click()
    expect(part(page, "bubble")).to_have_accessible_name("How far along are you? There is something new")
    part(page, "bubble").click()
    expect(button(page, "q1-3")).to_be_visible()
    part(page, "close-panel").click()
    expect(part(page, "bubble")).to_have_accessible_name("How far along are you?")


def test_closed_it_asks_for_nothing_and_open_again_it_has_what_came(visit: Visit, server: FakeServer) -> None:
    page = visit()
    part(page, "bubble").click()
    tap(button(page, "yes"))
    button(page, "q1-3").wait_for()
    part(page, "close-panel").click()
    page.wait_for_timeout(600)
    before = server.polls
    (conversation,) = server.conversations.values()
    server.answer(conversation, "q1-3")
    page.wait_for_timeout(1_000)
    assert server.polls == before
    part(page, "bubble").click()
    expect(button(page, "q2-3")).to_be_visible()


def test_where_the_chat_cannot_be_had_there_is_a_way_out_and_a_way_on(
    visit: Visit, laptop: BrowserContext, server: FakeServer
) -> None:
    page = visit()
    page.set_viewport_size({"width": 390, "height": 800})
    laptop.set_offline(True)
    part(page, "bubble").click()
    expect(part(page, "panel")).to_contain_text("This will not open now.")
    part(page, "close-panel").click()
    expect(part(page, "bubble")).to_be_visible()
    part(page, "bubble").click()
    expect(part(page, "again")).to_be_visible()
    laptop.set_offline(False)
    # Back online it tries by itself.
    button(page, "yes").wait_for()
    expect(part(page, "again")).to_have_count(0)
    assert heard(page, "error")[0] == ["error", {"code": "parts"}]


def test_escape_closes_it_from_anywhere_but_a_dialog_of_the_page_goes_first(visit: Visit) -> None:
    page = visit()
    part(page, "bubble").click()
    button(page, "yes").wait_for()
    page.evaluate("document.querySelector('input').focus()")
    page.keyboard.press("Escape")
    expect(part(page, "panel")).to_be_hidden()
    assert page.evaluate("document.activeElement.localName") == "input"

    part(page, "bubble").click()
    page.evaluate(
        """() => {
            const dialog = document.createElement("dialog");
            dialog.append("of the page");
            document.body.append(dialog);
            dialog.showModal();
        }"""
    )
    page.keyboard.press("Escape")
    expect(page.locator("body > dialog")).to_be_hidden()
    expect(part(page, "panel")).to_be_visible()


def test_what_is_being_typed_goes_on_when_the_window_becomes_narrow(visit: Visit) -> None:
    page = visit()
    part(page, "bubble").click()
    button(page, "yes").wait_for()
    part(page, "input").focus()
    page.keyboard.type("one ")
    for width in (500, 1000):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(
            "narrow => document.querySelector('peil-chat').shadowRoot.querySelector('.panel')"
            ".classList.contains('narrow') === narrow",
            arg=width < 600,
        )
        expect(part(page, "input")).to_be_focused()
        page.keyboard.type("two ")
    expect(part(page, "input")).to_have_value("one two two ")


def test_a_menu_that_was_open_when_the_page_closes_the_chat_leaves_the_page_free(visit: Visit) -> None:
    page = visit()
    part(page, "bubble").click()
    button(page, "yes").wait_for()
    part(page, "menu").click()
    expect(part(page, "menu-human")).to_be_visible()
    ask(page, "close()")
    page.locator("input").first.focus()
    page.keyboard.type("free")
    expect(page.locator("input").first).to_have_value("free")
    assert not page.evaluate("document.querySelector('peil-chat').matches(':has(:modal)')")


# --- the menu ------------------------------------------------------------------------------------------


def test_each_thing_in_the_menu_is_said_in_the_conversation(visit: Visit, server: FakeServer) -> None:
    page = visit()
    part(page, "bubble").click()
    tap(button(page, "yes"))
    button(page, "q1-3").wait_for()
    wanted = ["privacy", "my_data", "my_data_file", "erase", "resume", "elsewhere", "human", "language_nl"]
    for what in wanted:
        part(page, "menu").click()
        expect(part(page, "menu-dialog")).to_be_visible()
        part(page, f"menu-{what.removeprefix('language_')}").click()
        expect(part(page, "menu-dialog")).to_be_hidden()
        expect(part(page, "menu")).to_be_focused()
        expect(part(page, "typing")).to_be_hidden()
    expect(said(page)).to_have_count(1 + len(wanted))
    assert [post["do"] for post in server.posts[1:]] == wanted


def test_the_menu_offers_the_result_once_there_is_one(visit: Visit, server: FakeServer) -> None:
    page = visit()
    part(page, "bubble").click()
    tap(button(page, "yes"))
    button(page, "q1-3").wait_for()
    part(page, "menu").click()
    expect(part(page, "menu-human")).to_be_visible()
    expect(part(page, "menu-result")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(part(page, "menu-dialog")).to_have_count(0)
    expect(part(page, "panel")).to_be_visible()
    say(page, "table")
    part(page, "table").wait_for()
    part(page, "menu").click()
    part(page, "menu-result").click()
    expect(said(page)).to_have_count(3)
    page.wait_for_timeout(300)
    assert server.posts[-1]["do"] == "result"


# --- looks ---------------------------------------------------------------------------------------------


def test_heading_and_label_follow_the_language_and_colours_the_last_wish(visit: Visit) -> None:
    page = visit(**{"heading-nl": "Bakkerij", "heading": "Bakery", "label-nl": "Praat mee"})
    expect(part(page, "bubble")).to_have_text("How far along are you?")
    ask(page, "setLanguage('nl')")
    expect(part(page, "bubble")).to_have_text("Praat mee")
    part(page, "bubble").click()
    told(page).first.wait_for()
    expect(part(page, "panel")).to_have_accessible_name("Bakkerij")
    # Set in one go: whichever fetches what it needs first, the last one counts.
    page.evaluate(
        """() => {
            const chat = document.querySelector("peil-chat");
            for (const colour of ["red", "lime", "rgb(10, 20, 30)"]) chat.setAttribute("accent", colour);
        }"""
    )
    send = part(page, "send")
    expect(send).to_have_css("background-color", "rgb(10, 20, 30)")
    ask(page, "removeAttribute('accent')")
    expect(send).to_have_css("background-color", "rgb(11, 90, 99)")


def test_a_picture_that_cannot_be_had_leaves_the_gauge(visit: Visit, hosts: HostPages) -> None:
    page = visit(avatar=f"{hosts.url}/there-is-none.png")
    expect(part(page, "bubble").locator("svg")).to_have_count(1)
    expect(part(page, "bubble").locator("img")).to_have_count(0)


def test_moved_or_taken_away_and_put_back_it_goes_on(visit: Visit, server: FakeServer) -> None:
    page = visit()
    part(page, "bubble").click()
    tap(button(page, "yes"))
    button(page, "q1-3").wait_for()
    part(page, "input").fill("half a thought")
    page.evaluate(
        """async () => {
            const chat = document.querySelector("peil-chat");
            chat.remove();
            await new Promise((resolve) => setTimeout(resolve, 300));
            document.body.prepend(chat);
        }"""
    )
    open_panel(page)
    expect(live(page)).to_contain_text("Question 1 of 18")
    expect(part(page, "input")).to_have_value("half a thought")
    assert len(server.begun) == 1
