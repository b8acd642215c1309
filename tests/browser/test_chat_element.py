"""The chat element against a server that misbehaves: nothing typed is lost, nothing is said twice.

Also what it makes of tables and links, coming back by a link, and a reload without a flash.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from chat_page import button, part, said_by_user, say
from fake_server import WORDS, FakeServer, Link, page_keys
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from bot.texts import section


def stored(page: Page) -> dict[str, str]:
    return json.loads(page.evaluate("JSON.stringify({...localStorage})"))


def test_the_page_opens_with_greeting_and_consent_and_breaks_no_policy(
    page: Page, server: FakeServer
) -> None:
    expect(part(page, "message")).to_have_count(2)
    expect(part(page, "message").first).to_contain_text("ik ben Peil")
    expect(part(page, "input")).to_have_attribute("placeholder", "nl:input")
    assert page.evaluate("document.documentElement.lang") == "nl"
    assert server.begun == [{"language": "nl"}]
    assert page.evaluate("document.cookie") == ""


def test_the_address_chooses_language_and_maturity_model(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    page = chat("/?lang=en&model=cemm")
    expect(part(page, "message").first).to_contain_text("I am Peil")
    expect(part(page, "input")).to_have_attribute("placeholder", "en:input")
    assert server.begun == [{"language": "en", "prefill": {"model": "cemm"}}]


def test_a_question_is_copied_as_it_was_written(page: Page, server: FakeServer) -> None:
    button(page, "yes").click()
    button(page, "q1-3").wait_for()
    copied = page.evaluate(
        """() => {
            const texts = document.querySelector("peil-chat").shadowRoot.querySelectorAll("[data-part=text]");
            const range = document.createRange();
            range.selectNodeContents([...texts].at(-1));
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            return getSelection().toString();
        }"""
    )
    (conversation,) = server.conversations.values()
    assert copied == conversation.messages[-1]["text"]
    assert "\n3 · Afgesproken aanpak: Er is een aanpak" in copied


def test_the_start_of_a_long_question_stays_in_sight(page: Page) -> None:
    for tapped, shown in (("yes", "q1-3"), ("q1-3", "q2-3"), ("q2-1", "q3-3")):
        button(page, tapped).click()
        button(page, shown).wait_for()
        head = page.get_by_text(f"Vraag {shown[1]} van 18")
        expect(head).to_be_in_viewport(ratio=1)


def test_only_the_newest_keyboard_is_live_and_older_buttons_still_work(
    page: Page, server: FakeServer
) -> None:
    button(page, "yes").click()
    button(page, "q1-3").click()
    button(page, "q2-3").wait_for()
    live = page.locator("peil-chat >> [data-live]")
    expect(live).to_have_count(1)
    expect(live).to_contain_text("Vraag 2 van 18")
    button(page, "q1-5").click()
    expect(said_by_user(page).last).to_have_text("5 · Het zit in ons bloed")
    button(page, "q3-3").wait_for()
    assert server.posts[-1]["button"] == "q1-5"


def test_a_double_tap_sends_once_and_does_not_hit_the_next_question(page: Page, server: FakeServer) -> None:
    button(page, "yes").click()
    button(page, "q1-3").wait_for()
    part(page, "log").evaluate("log => log.scrollTo(0, log.scrollHeight)")
    button(page, "q1-3").dblclick()
    button(page, "q2-3").wait_for()
    # A late second tap, on the next question, that came up in the same place.
    button(page, "q2-3").dispatch_event("click")
    page.wait_for_timeout(300)
    assert [post.get("button") for post in server.posts] == ["yes", "q1-3"]
    button(page, "q2-3").click()
    button(page, "q3-3").wait_for()
    expect(said_by_user(page)).to_have_count(3)


def test_a_tap_shows_at_once_and_locks_its_keyboard_until_the_reply(page: Page, server: FakeServer) -> None:
    server.delay = 1.5
    button(page, "yes").click()
    expect(said_by_user(page)).to_have_text("Ja, prima", timeout=400)
    expect(button(page, "no")).to_have_attribute("aria-disabled", "true")
    expect(part(page, "typing")).to_be_hidden()
    expect(part(page, "typing")).to_be_visible(timeout=1_000)
    button(page, "q1-1").wait_for()
    expect(part(page, "typing")).to_be_hidden()


def test_a_quick_reply_shows_no_typing(page: Page) -> None:
    page.evaluate(
        """() => {
            const typing = document.querySelector("peil-chat").shadowRoot.querySelector("[data-part=typing]");
            window.typed = 0;
            new MutationObserver(() => (window.typed += !typing.hidden)).observe(typing, {attributes: true});
        }"""
    )
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    page.wait_for_timeout(700)
    assert page.evaluate("window.typed") == 0


def test_what_is_typed_offline_waits_survives_a_reload_and_is_sent_once_in_order(
    page: Page, context: BrowserContext, server: FakeServer
) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    context.set_offline(True)
    say(page, "eerste")
    say(page, "tweede")
    expect(part(page, "notice")).to_have_text("nl:offline")
    expect(part(page, "state").filter(visible=True)).to_have_count(2)
    expect(part(page, "state").last).to_have_text("nl:waiting")
    # The page itself must load again: only the chat's own requests fail.
    page.route("**/api/chat/messages*", lambda route: route.abort())
    context.set_offline(False)
    page.reload()
    expect(said_by_user(page)).to_have_text(["eerste", "tweede"])
    page.unroute("**/api/chat/messages*")
    page.evaluate("dispatchEvent(new Event('online'))")
    button(page, "q3-1").wait_for()
    expect(said_by_user(page)).to_have_text(["Ja, prima", "eerste", "tweede"])
    expect(part(page, "notice")).to_be_empty()
    page.wait_for_timeout(500)
    assert [post.get("text") for post in server.posts[1:]] == ["eerste", "tweede"]
    assert "peil.queue" not in stored(page)


def test_a_failing_server_gets_the_same_message_again_under_the_same_id(
    page: Page, server: FakeServer
) -> None:
    server.failures = [500, 503]
    say(page, "hallo")
    expect(part(page, "notice")).to_have_text("nl:unavailable")
    expect(part(page, "state").last).to_have_text("nl:waiting")
    button(page, "q1-1").wait_for()
    expect(part(page, "notice")).to_be_empty()
    assert len(server.posts) == 3
    assert len({post["id"] for post in server.posts}) == 1
    expect(said_by_user(page)).to_have_text(["hallo"])


def test_a_reply_that_got_lost_is_asked_for_again_and_shown_once(page: Page, server: FakeServer) -> None:
    # With the long poll at work it may bring the reply first; here only the repeat can.
    page.route("**/api/chat/messages?*", lambda route: route.abort())
    page.reload()
    page.wait_for_timeout(300)
    server.lose_replies = 1
    say(page, "hallo")
    expect(said_by_user(page)).to_have_count(1)
    button(page, "q1-1").wait_for()
    page.unroute("**/api/chat/messages?*")
    button(page, "yes").wait_for()
    expect(part(page, "notice")).to_be_empty()
    assert len(server.posts) == 2
    assert len({post["id"] for post in server.posts}) == 1
    expect(said_by_user(page)).to_have_count(1)
    expect(part(page, "message")).to_have_count(4)


def test_a_message_that_is_kept_is_answered_through_the_long_poll(page: Page, server: FakeServer) -> None:
    server.pending = True
    button(page, "yes").click()
    expect(part(page, "notice")).to_have_text("nl:kept")
    expect(part(page, "typing")).to_be_visible()
    expect(button(page, "yes")).to_have_attribute("aria-disabled", "true")
    server.answer_pending()
    button(page, "q1-1").wait_for()
    expect(part(page, "notice")).to_be_empty()
    expect(part(page, "typing")).to_be_hidden()
    expect(said_by_user(page)).to_have_count(1)
    assert len(server.posts) == 1


def test_what_the_server_says_by_itself_appears(page: Page, server: FakeServer) -> None:
    server.say("Nog even dit.")
    expect(part(page, "message").last).to_contain_text("Nog even dit.")


def test_too_much_at_once_says_so_waits_as_told_and_sends(page: Page, server: FakeServer) -> None:
    server.failures, server.retry_after = [429], 2
    say(page, "hallo")
    expect(part(page, "notice")).to_have_text("trouble 429")
    expect(part(page, "state").last).to_have_text("nl:waiting")
    page.wait_for_timeout(1_200)
    assert len(server.posts) == 1
    button(page, "q1-1").wait_for()
    expect(part(page, "notice")).to_be_empty()


@pytest.mark.parametrize("status", [409, 413, 422])
def test_a_refused_message_says_why_and_can_be_edited_and_sent_again(
    page: Page, server: FakeServer, status: int
) -> None:
    server.failures = [status]
    say(page, "kan niet")
    expect(part(page, "state").last).to_contain_text(f"trouble {status}")
    page.reload()
    expect(part(page, "state").last).to_contain_text(f"trouble {status}")
    part(page, "edit").click()
    expect(part(page, "input")).to_have_value("kan niet")
    expect(said_by_user(page)).to_have_count(0)
    part(page, "send").click()
    button(page, "q1-1").wait_for()
    assert server.posts[0]["id"] != server.posts[1]["id"]


def test_a_refused_message_does_not_hold_up_the_next(page: Page, server: FakeServer) -> None:
    server.failures = [422]
    say(page, "kan niet")
    say(page, "kan wel")
    button(page, "q1-1").wait_for()
    part(page, "remove").click()
    expect(said_by_user(page)).to_have_text(["kan wel"])


def test_an_erased_conversation_is_forgotten_and_a_new_one_offered(page: Page, server: FakeServer) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    server.erased = True
    say(page, "hallo?")
    expect(part(page, "notice")).to_contain_text("this conversation is no more")
    expect(part(page, "input")).to_have_value("hallo?")
    assert stored(page) == {}
    posts, polls = len(server.posts), server.polls
    page.wait_for_timeout(2_500)
    assert (len(server.posts), server.polls) == (posts, polls)
    part(page, "notice-button").click()
    expect(part(page, "message")).to_have_count(2)
    button(page, "yes").wait_for()
    expect(part(page, "notice")).to_be_empty()
    expect(part(page, "input")).to_have_value("hallo?")
    assert len(server.begun) == 2


def test_a_reload_and_a_later_return_go_on_in_the_same_conversation(
    page: Page, chat: Callable[..., Page], server: FakeServer
) -> None:
    button(page, "yes").click()
    button(page, "q1-4").click()
    button(page, "q2-4").wait_for()
    part(page, "input").fill("half getypt")
    page.reload()
    button(page, "q2-4").wait_for()
    expect(part(page, "input")).to_have_value("half getypt")
    expect(page.get_by_text("Vraag 2 van 18")).to_be_in_viewport(ratio=1)
    page.close()
    later = chat("/", ready=False)
    button(later, "q2-4").wait_for()
    expect(said_by_user(later)).to_have_text(["Ja, prima", "4 · We sturen erop"])
    assert len(server.begun) == 1


def test_two_tabs_share_one_conversation_and_follow_each_other(
    page: Page, chat: Callable[..., Page], server: FakeServer
) -> None:
    other = chat()
    assert len(server.begun) == 1
    button(page, "yes").click()
    button(other, "q1-2").click()
    button(page, "q2-2").wait_for()
    say(page, "hier")
    say(other, "daar")
    for tab in (page, other):
        button(tab, "q4-1").wait_for()
        expect(said_by_user(tab)).to_have_count(4)
    order = [
        part(tab, "message").evaluate_all("rows => rows.map(row => row.dataset.id)") for tab in (page, other)
    ]
    assert order[0] == order[1]
    assert len(order[0]) == len(set(order[0]))


def test_two_tabs_send_what_waited_once(
    page: Page, chat: Callable[..., Page], context: BrowserContext, server: FakeServer
) -> None:
    other = chat()
    context.set_offline(True)
    say(page, "hier getypt")
    expect(said_by_user(other)).to_have_text(["hier getypt"])
    context.set_offline(False)
    button(page, "q1-1").wait_for()
    button(other, "q1-1").wait_for()
    page.wait_for_timeout(800)
    assert [post.get("text") for post in server.posts] == ["hier getypt"]
    for tab in (page, other):
        expect(said_by_user(tab)).to_have_text(["hier getypt"])


def test_two_tabs_opened_together_start_one_conversation(context: BrowserContext, server: FakeServer) -> None:
    tabs = [context.new_page(), context.new_page()]
    for tab in tabs:
        tab.goto(server.url, wait_until="commit")
    for tab in tabs:
        button(tab, "yes").wait_for()
    assert len(server.begun) == 1


def test_where_storage_is_refused_the_chat_works_until_it_is_closed(
    context: BrowserContext, chat: Callable[..., Page], server: FakeServer
) -> None:
    context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"]) {
            const get = () => { throw new DOMException("no", "SecurityError"); };
            Object.defineProperty(window, name, {get});
        }"""
    )
    page = chat()
    button(page, "yes").click()
    server.failures = [500]
    button(page, "q1-1").click()
    button(page, "q2-1").wait_for()
    expect(said_by_user(page)).to_have_count(2)
    assert page.errors == []  # type: ignore[attr-defined]


def test_where_storage_is_full_the_chat_works_too(
    context: BrowserContext, chat: Callable[..., Page], server: FakeServer
) -> None:
    context.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full'); };")
    page = chat()
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    assert page.errors == []  # type: ignore[attr-defined]


def test_markup_in_a_message_stays_text_and_an_address_becomes_a_link(page: Page) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    say(page, evil)
    reply = page.locator("peil-chat >> [data-role=bot] [data-part=text]").last
    expect(reply).to_have_text(f"{evil} & <b>bold</b> https://example.org/a?b=1.")
    expect(reply.locator("img, script, b")).to_have_count(0)
    link = reply.locator("a")
    expect(link).to_have_attribute("href", "https://example.org/a?b=1")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(said_by_user(page)).to_have_text(evil)


def test_a_too_long_message_is_stopped_before_it_is_sent(page: Page, server: FakeServer) -> None:
    part(page, "input").fill("😀" * 4_001)
    expect(part(page, "count")).to_have_text("nl:too_long")
    part(page, "input").press("Enter")
    page.wait_for_timeout(200)
    assert server.posts == []
    expect(part(page, "input")).to_have_value("😀" * 4_001)
    part(page, "input").fill("😀" * 4_000)
    expect(part(page, "count")).to_have_text("nl:left")
    part(page, "input").press("Enter")
    button(page, "q1-1").wait_for()
    assert len(server.posts) == 1


def test_the_page_changes_its_words_with_the_language_of_the_conversation(page: Page) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    say(page, "english")
    expect(part(page, "input")).to_have_attribute("placeholder", "en:input")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.reload()
    expect(part(page, "input")).to_have_attribute("placeholder", "en:input")


def test_a_picture_opens_large_with_its_description_and_can_be_saved(page: Page, server: FakeServer) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    say(page, "result")
    part(page, "picture").click()
    dialog = part(page, "dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator("img")).to_have_attribute(
        "alt", "Radar met zes pijlers; mensen het hoogst met 3,3, data het laagst met 1,7"
    )
    with page.expect_download() as download:
        part(page, "save").click()
    assert download.value.path().read_bytes() == server.picture
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(part(page, "picture")).to_be_focused()


def test_the_whole_turn_goes_by_keyboard_and_focus_moves_along(page: Page, server: FakeServer) -> None:
    part(page, "input").focus()
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.shadowRoot.activeElement?.dataset.token") == "yes":
            break
    page.keyboard.press("Enter")
    expect(button(page, "q1-1")).to_be_focused()
    page.wait_for_timeout(600)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(button(page, "q2-1")).to_be_focused()
    assert [post["button"] for post in server.posts] == ["yes", "q1-2"]


def test_a_screen_reader_finds_a_log_groups_and_named_controls(page: Page) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    log = page.get_by_role("log", name="nl:log")
    expect(log).to_have_attribute("aria-live", "polite")
    group = log.get_by_role("group", name="Hoe goed weten jullie medewerkers").first
    expect(group.get_by_role("button")).to_have_count(5)
    expect(group.get_by_role("button", name="3 · Afgesproken aanpak: Er is een aanpak")).to_be_visible()
    expect(page.get_by_role("textbox", name="nl:input")).to_be_visible()
    expect(page.get_by_role("button", name="nl:send")).to_be_visible()
    expect(page.get_by_role("heading", name="Peil")).to_be_visible()


def test_live_buttons_are_big_enough_for_a_thumb_and_nothing_sticks_out(page: Page) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    boxes = page.locator("peil-chat >> [data-live] [data-part=button]").evaluate_all(
        """buttons => buttons.map(button => {
            const {left, right, width, height} = button.getBoundingClientRect();
            return [left, right, width, height];
        })"""
    )
    assert len(boxes) == 11
    for left, right, width, height in boxes:
        assert left >= 0
        assert right <= 360
        assert min(width, height) >= 44
    # 200% zoom of a 360 px wide window leaves 180 px.
    page.set_viewport_size({"width": 180, "height": 370})
    assert part(page, "log").evaluate("log => log.scrollWidth <= log.clientWidth")


def test_a_server_that_cannot_start_yet_is_tried_again(chat: Callable[..., Page], server: FakeServer) -> None:
    server.start_failures = [503, 503]
    page = chat("/", ready=False)
    expect(part(page, "notice")).to_have_text("nl:unavailable")
    button(page, "yes").wait_for()
    expect(part(page, "notice")).to_be_empty()


def test_an_unknown_maturity_model_is_named_and_the_usual_start_offered(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    server.start_failures = [404]
    page = chat("/?model=nonsense", ready=False)
    expect(part(page, "notice")).to_contain_text("no start now")
    part(page, "notice-button").click()
    button(page, "yes").wait_for()
    assert server.begun == [{"language": "nl"}]


def test_what_was_erased_on_the_server_leaves_the_page(page: Page, server: FakeServer) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    (conversation,) = server.conversations.values()
    conversation.messages.clear()
    conversation.replies.clear()
    server.say("Alles is gewist.")
    expect(part(page, "message")).to_have_count(1)
    expect(part(page, "message")).to_contain_text("Alles is gewist.")


def test_a_question_without_a_number_names_its_options_too(page: Page, server: FakeServer) -> None:
    roles = ["1 · Directie", "2 · Specialist"]
    buttons = [{"title": title, "token": title[0], "style": "level"} for title in roles]
    server.say("Fijn.\n\nVooraf, 1 van 3\n\nWat is je rol?\n\n" + "\n".join(roles), buttons=buttons)
    expect(page.get_by_role("group", name="Wat is je rol?").get_by_role("button")).to_have_text(roles)


# ---- tables

LONG = {
    "paragraph": 1,
    "columns": ["Onderdeel", "Score", "Niveau", "Doel"],
    "rows": [
        ["Klantgerichte organisatiecultuur", "3,0", "5 · Geoptimaliseerd", "4"],
        ["Dienstverleningsprocessen", "–", "te weinig beantwoord", "–"],
    ],
}


def test_facts_come_as_a_table_with_heads_in_place_of_their_lines(page: Page) -> None:
    say(page, "table")
    table = page.get_by_role("table", name="Klaar! Dit is jullie uitslag")
    expect(table.get_by_role("columnheader")).to_have_text(["Onderdeel", "Score", "Niveau", "Doel"])
    expect(table.get_by_role("rowheader")).to_have_text(["Strategie", "Klantwaarde", "Technologie", "Data"])
    expect(table.get_by_role("row").nth(2)).to_have_text("Klantwaarde2,72 · Herhaalbaar5")
    text = page.locator("peil-chat >> [data-role=bot] [data-part=text]").last
    expect(text).to_contain_text("op een schaal van 1 tot 5")
    expect(text).to_contain_text("Het verst zijn jullie met strategie")
    expect(text).not_to_contain_text("(Herhaalbaar)")


def test_the_picture_stands_beside_its_table_where_there_is_room_and_above_it_where_not(page: Page) -> None:
    def boxes() -> tuple[Any, Any]:
        """Both at one moment: between two questions the log may scroll along with its new height."""
        return page.evaluate("""() => {
            const root = document.querySelector("peil-chat").shadowRoot;
            const last = (name) => [...root.querySelectorAll(`[data-part=${name}]`)].at(-1);
            return ["picture", "table"].map((name) => last(name).getBoundingClientRect().toJSON());
        }""")

    say(page, "table")
    part(page, "table").wait_for()
    picture, table = boxes()
    assert picture["y"] + picture["height"] <= table["y"]
    for width in (760, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        picture, table = boxes()
        assert picture["x"] + picture["width"] <= table["x"]
        # Side by side: the middle of the table is at the height of the middle of the picture.
        assert abs(picture["y"] + picture["height"] / 2 - table["y"] - table["height"] / 2) < 2
        assert picture["width"] > 270
        assert table["x"] + table["width"] <= width


@pytest.mark.parametrize("width", [180, 320, 360, 700, 1280])
def test_a_table_with_long_words_never_cuts_one_nor_scrolls_sideways(
    page: Page, server: FakeServer, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    image = {"url": "/picture.png", "alt": "Radar"}
    server.say("Uitslag.\n\nDe feiten in regels.\n\nEn nu?", table=LONG, image=image)
    table = part(page, "table")
    table.wait_for()
    log = part(page, "log")
    assert log.evaluate("log => log.scrollWidth <= log.clientWidth")
    assert table.evaluate("table => table.offsetWidth <= table.parentElement.clientWidth")
    # A word that is one rectangle stands on one line. At 180 px (200% zoom) some words are longer than that.
    broken = table.evaluate(
        """table => [...table.querySelectorAll("th, td")].flatMap(cell =>
            [...cell.firstChild.data.matchAll(/\\S+/g)].filter(({0: word, index}) => {
                const range = document.createRange();
                range.setStart(cell.firstChild, index);
                range.setEnd(cell.firstChild, index + word.length);
                return range.getClientRects().length !== 1;
            }).map(String))"""
    )
    assert broken == [] or width == 180
    # Shown as a list it is still a table to a screen reader.
    expect(page.get_by_role("columnheader")).to_have_count(4)
    expect(page.get_by_role("rowheader", name="Klantgerichte organisatiecultuur")).to_have_count(1)


# ---- links


def link(page: Page, kind: str) -> Locator:
    return page.locator(f"peil-chat >> [data-part=link][data-kind={kind}]")


def test_links_open_apart_and_those_to_pass_on_can_be_copied(
    page: Page, context: BrowserContext, server: FakeServer
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    say(page, "links")
    expect(page.get_by_role("list").get_by_role("listitem")).to_have_count(4)
    (conversation,) = server.conversations.values()
    addresses = {one.kind: server.url + one.url(0) for one in conversation.links}
    for kind in ("result", "share", "back"):
        opens = link(page, kind).get_by_role("link", name=WORDS["nl"]["links"][kind])
        expect(opens).to_have_attribute("href", addresses[kind])
        expect(opens).to_have_attribute("target", "_blank")
        expect(opens).to_have_attribute("rel", "noopener noreferrer")
        copy = link(page, kind).get_by_role("button", name=f"nl:copy: {WORDS['nl']['links'][kind]}")
        copy.click()
        expect(copy).to_have_text("nl:copied")
        expect(link(page, kind).get_by_role("status")).to_have_text("nl:copied")
        assert page.evaluate("navigator.clipboard.readText()") == addresses[kind]
    expect(link(page, "data").get_by_role("button")).to_have_count(0)
    expect(part(page, "copy").first).to_have_text("nl:copy", timeout=6_000)
    with page.expect_popup() as popup:
        part(page, "open").first.click()
    expect(popup.value).to_have_url(addresses["result"])


@pytest.mark.parametrize("clipboard", ["undefined", "{writeText: () => Promise.reject(new Error('no'))}"])
def test_where_the_clipboard_is_refused_the_address_stands_ready_to_be_copied(
    context: BrowserContext, chat: Callable[..., Page], server: FakeServer, clipboard: str
) -> None:
    context.add_init_script(f"Object.defineProperty(navigator, 'clipboard', {{value: {clipboard}}})")
    page = chat()
    say(page, "links")
    for _ in range(2):
        link(page, "share").get_by_role("button").click()
        field = page.get_by_role("textbox", name="nl:copy_by_hand")
        expect(field).to_be_focused()
    expect(field).to_have_count(1)
    expect(field).to_have_attribute("readonly", "")
    selected = field.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
    (conversation,) = server.conversations.values()
    assert selected == server.url + conversation.links[1].url(0)
    expect(link(page, "share").get_by_role("status")).to_have_text("")
    assert page.errors == []  # type: ignore[attr-defined]


def test_a_withdrawn_link_says_so_and_only_answers_cost_no_second_reading(
    page: Page, server: FakeServer
) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    # The tap on 'yes' is followed by a reading of its own; it must not be counted below.
    page.wait_for_timeout(600)
    read = server.whole
    say(page, "links")
    expect(link(page, "share").get_by_role("link")).to_have_count(1)
    button(page, "withdraw").click()
    expect(link(page, "share")).to_have_text(f"{WORDS['nl']['links']['share']} nl:link_ended")
    expect(link(page, "share").locator("a, button")).to_have_count(0)
    for kind in ("result", "back", "data"):
        expect(link(page, kind).get_by_role("link")).to_have_count(1)
    # Once for the links, once after the tap; once more where the long poll brings the links before the reply.
    page.wait_for_timeout(600)
    settled = server.whole
    assert read + 2 <= settled <= read + 3
    button(page, "q1-2").click()
    button(page, "q2-2").wait_for()
    page.wait_for_timeout(600)
    assert server.whole == settled


def test_a_way_back_that_is_used_elsewhere_ends_here_too(page: Page, server: FakeServer) -> None:
    say(page, "pause")
    expect(part(page, "open")).to_have_count(1)
    (conversation,) = server.conversations.values()
    conversation.links[0].open = False
    server.linked(conversation, WORDS["nl"]["used"], "back")
    expect(link(page, "back")).to_have_count(2)
    expect(link(page, "back").first).to_contain_text("nl:link_ended")
    expect(part(page, "open")).to_have_count(1)


def test_links_that_come_with_a_question_stand_above_it(page: Page) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    page.wait_for_timeout(600)
    say(page, "pause")
    part(page, "open").wait_for()
    text = page.locator("peil-chat >> [data-role=bot] [data-part=text]").last.inner_text()
    assert text.index("Bewaar ze goed") < text.index("Link om terug te komen") < text.index("Vraag 1 van 18")


def test_the_file_of_all_data_is_downloaded_however_long_its_link_has_stood_there(
    page: Page, server: FakeServer
) -> None:
    say(page, "links")
    part(page, "open").last.wait_for()
    # Some other reading: the address that is shown is not the newest any more.
    server.shown(next(iter(server.conversations.values())), [])
    with page.expect_download() as download:
        link(page, "data").get_by_role("link").click()
    key = json.loads(download.value.path().read_text())["key"]
    assert download.value.suggested_filename == f"{key}.json"


def test_what_is_no_web_address_is_no_link(page: Page, server: FakeServer) -> None:
    class Evil(Link):
        def url(self, reading: int) -> str:
            return "javascript:alert(1)"

    server.say("Tik hier.", links=[Evil("result", "x")])
    expect(link(page, "result")).to_contain_text("nl:link_ended")
    expect(part(page, "open")).to_have_count(0)


# ---- coming back


def back_posts(server: FakeServer) -> set[tuple[str, str]]:
    return {(body["key"], body["device"]) for body in server.backs}


def test_a_way_back_opens_the_conversation_and_leaves_no_key_behind(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    there = server.elsewhere()
    way = server.way_back(there)
    page = chat(way, ready=False)
    expect(said_by_user(page)).to_have_text(["elders gezegd"])
    expect(part(page, "message").last).to_contain_text("Je bent er weer")
    assert page.url == server.url + "/"
    assert page.evaluate("history.state") is None
    ((key, device),) = back_posts(server)
    assert way.endswith(f"#back={key}")
    keys = stored(page)
    assert {name: keys[name] for name in ("peil.token", "peil.device")} == {
        "peil.token": "token1",
        "peil.device": device,
    }
    assert server.begun == []
    # From here on it is this browser's own.
    button(page, "q2-2").click()
    button(page, "q3-2").wait_for()
    page.reload()
    button(page, "q3-2").wait_for()
    assert len(server.backs) == 1
    assert page.errors == []  # type: ignore[attr-defined]


def test_a_token_that_got_lost_is_asked_for_again_by_the_same_device(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    server.lose_backs = 2
    page = chat(server.way_back(server.elsewhere()), ready=False)
    expect(said_by_user(page)).to_have_text(["elders gezegd"])
    assert len(server.backs) == 3
    assert len(back_posts(server)) == 1
    assert server.begun == []


def test_a_reload_before_the_way_back_was_used_loses_nothing(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    server.back_failures = [503] * 20
    page = chat(server.way_back(server.elsewhere()), ready=False)
    expect(part(page, "notice")).to_have_text("nl:unavailable")
    assert page.url == server.url + "/"
    server.back_failures = []
    page.reload()
    expect(said_by_user(page)).to_have_text(["elders gezegd"])
    assert len(back_posts(server)) == 1
    assert server.begun == []


def test_a_way_back_that_was_used_up_is_said_kindly_and_a_conversation_begins(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    way = server.way_back(server.elsewhere())
    server.conversations["token1"].links[-1].device = "another-device-00"
    page = chat(way)
    expect(part(page, "notice")).to_contain_text("al op een ander apparaat gebruikt")
    part(page, "notice-button").click()
    expect(part(page, "notice")).to_be_empty()
    expect(part(page, "input")).to_be_focused()
    assert len(server.begun) == 1
    page.reload()
    button(page, "yes").wait_for()
    assert len(server.backs) == 1


def test_who_holds_a_conversation_is_asked_and_staying_uses_nothing_up(
    page: Page, chat: Callable[..., Page], server: FakeServer
) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    page.close()
    there = server.elsewhere()
    again = chat(server.way_back(there), ready=False)
    dialog = again.get_by_role("dialog", name="nl:back_title")
    expect(dialog).to_contain_text("nl:back_text")
    expect(dialog.get_by_role("button", name="nl:back_stay")).to_be_focused()
    for choice in dialog.get_by_role("button").all():
        assert choice.bounding_box()["height"] >= 44  # type: ignore[index]
    # Leaving it with Escape is staying.
    again.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    button(again, "q1-2").click()
    button(again, "q2-2").wait_for()
    again.reload()
    button(again, "q2-2").wait_for()
    expect(dialog).to_have_count(0)
    assert server.backs == []
    assert there.links[0].open


def test_who_chooses_the_conversation_of_the_link_gets_it_in_every_tab(
    page: Page, chat: Callable[..., Page], server: FakeServer
) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    other = chat(server.way_back(server.elsewhere()), ready=False)
    other.get_by_role("button", name="nl:back_go").click()
    for tab in (other, page):
        expect(said_by_user(tab)).to_have_text(["elders gezegd"])
        expect(part(tab, "message").last).to_contain_text("Je bent er weer")
    button(page, "q2-4").click()
    expect(said_by_user(other)).to_have_text(["elders gezegd", "4 · We sturen erop"])


def test_a_refused_way_back_leaves_the_present_conversation_as_it_was(
    page: Page, chat: Callable[..., Page], server: FakeServer
) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    page.close()
    again = chat("/#back=nonsense", ready=False)
    again.get_by_role("button", name="nl:back_go").click()
    expect(part(again, "notice")).to_contain_text("al op een ander apparaat gebruikt")
    expect(said_by_user(again)).to_have_text(["Ja, prima"])
    button(again, "q1-3").click()
    button(again, "q2-3").wait_for()
    # Who goes on has read it.
    expect(part(again, "notice")).to_be_empty()


def test_a_greeting_alone_is_left_without_a_question(
    page: Page, chat: Callable[..., Page], server: FakeServer
) -> None:
    page.close()
    again = chat(server.way_back(server.elsewhere()), ready=False)
    expect(said_by_user(again)).to_have_text(["elders gezegd"])
    expect(again.get_by_role("dialog")).to_have_count(0)


def test_the_way_back_to_the_conversation_at_hand_is_not_used_up(
    page: Page, chat: Callable[..., Page], server: FakeServer
) -> None:
    say(page, "pause")
    with page.expect_popup() as popup:
        link(page, "back").get_by_role("link").click()
    again = popup.value
    expect(said_by_user(again)).to_have_text(["pause"])
    again.wait_for_timeout(300)
    expect(part(again, "dialog")).to_be_hidden()
    expect(again.get_by_role("dialog")).to_have_count(0)
    assert again.url == server.url + "/"
    assert server.backs == []
    # Nor is one asked about a link that led here before.
    once = server.way_back(server.elsewhere())
    page.goto("about:blank")
    page.goto(server.url + once)
    page.get_by_role("button", name="nl:back_go").click()
    expect(said_by_user(page)).to_have_text(["elders gezegd"])
    page.goto("about:blank")
    page.goto(server.url + once)
    expect(said_by_user(page)).to_have_text(["elders gezegd"])
    page.wait_for_timeout(300)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert len(server.backs) == 1


def test_a_way_back_that_is_opened_in_the_page_itself_works_too(page: Page, server: FakeServer) -> None:
    way = server.way_back(server.elsewhere())
    page.evaluate("way => { location.href = way; }", way)
    expect(said_by_user(page)).to_have_text(["elders gezegd"])
    assert page.url == server.url + "/"


def test_what_was_typed_and_not_sent_is_kept_when_the_conversation_is_changed(
    page: Page, chat: Callable[..., Page], server: FakeServer
) -> None:
    server.failures = [503] * 50
    say(page, "nog niet verstuurd")
    expect(part(page, "state").last).to_have_text("nl:waiting")
    page.close()
    again = chat(server.way_back(server.elsewhere()), ready=False)
    again.get_by_role("button", name="nl:back_go").click()
    expect(said_by_user(again)).to_have_text(["elders gezegd"])
    expect(part(again, "input")).to_have_value("nog niet verstuurd")


def test_the_conversation_of_a_link_is_kept_under_the_name_of_its_page(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    page = chat("/?model=cemm" + server.way_back(server.elsewhere()).removeprefix("/"), ready=False)
    expect(said_by_user(page)).to_have_text(["elders gezegd"])
    assert page.url == server.url + "/?model=cemm"
    assert stored(page)["peil.cemm.token"] == "token1"
    assert "peil.token" not in stored(page)


def test_coming_back_works_where_storage_is_refused(
    context: BrowserContext, chat: Callable[..., Page], server: FakeServer
) -> None:
    context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"]) {
            const get = () => { throw new DOMException("no", "SecurityError"); };
            Object.defineProperty(window, name, {get});
        }"""
    )
    server.lose_backs = 1
    page = chat(server.way_back(server.elsewhere()), ready=False)
    expect(said_by_user(page)).to_have_text(["elders gezegd"])
    button(page, "q2-2").click()
    button(page, "q3-2").wait_for()
    assert len(back_posts(server)) == 1
    assert page.errors == []  # type: ignore[attr-defined]


# ---- the menu


def test_the_menu_stands_in_even_columns_with_every_title_whole(page: Page) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    page.wait_for_timeout(600)
    button(page, "menu").click()
    first = button(page, "m1-0")
    # Some of the menu is in sight, and so is a level of the question that it belongs to.
    expect(first).to_be_in_viewport(ratio=1)
    expect(page.locator("peil-chat >> [data-live] [data-token=q1-5]")).to_be_in_viewport(ratio=1)
    for width, columns in ((320, 2), (360, 2), (1280, 4)):
        page.set_viewport_size({"width": width, "height": 740})
        boxes = page.locator("peil-chat >> [data-live] [data-style=quiet]").evaluate_all(
            """buttons => buttons.map(button => {
                const {left, right, width, height} = button.getBoundingClientRect();
                return [left, right, width, height, button.scrollWidth - button.clientWidth];
            })"""
        )
        assert len(boxes) == 20
        assert len({round(left) for left, *_ in boxes}) == columns
        for left, right, wide, high, cut in boxes:
            assert left >= 0
            assert right <= width
            assert min(wide, high) >= 44
            assert cut <= 0
    expect(button(page, "m1-2")).to_have_text("Verschil tussen niveaus")


# ---- what loads, and how it looks meanwhile


def test_all_that_loads_up_to_the_first_question_is_at_most_25_kb(
    context: BrowserContext, chat: Callable[..., Page]
) -> None:
    sizes: dict[str, int] = {}

    def weigh(response: Any) -> None:
        if "/conversations" not in response.url and "/messages" not in response.url:
            sizes[response.url] = len(gzip.compress(response.body(), 9))

    context.on("response", weigh)
    page = chat()
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    assert any(url.endswith("/peil-chat.js") for url in sizes)
    assert not any(url.endswith("/back.js") for url in sizes)
    assert sum(sizes.values()) <= 25 * 1024, sizes


def test_before_the_chat_is_there_its_head_stands_where_it_will_stand(
    context: BrowserContext, server: FakeServer
) -> None:
    page = context.new_page()
    held: list[Any] = []
    page.route("**/peil-chat.js", lambda route: held.append(route))
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        page.goto(server.url, wait_until="commit")
        title = page.get_by_role("heading", name="Peil")
        title.wait_for(state="attached")

        def place(title: Locator = title) -> list[float]:
            found: list[float] = title.evaluate(
                """title => {
                    const range = document.createRange();
                    range.selectNodeContents(title);
                    const {left, top, width, height} = range.getBoundingClientRect();
                    return [left, top + height / 2, width].map(Math.round);
                }"""
            )
            return found

        # Not by animation frames: there are none before the chat is there.
        while not held or not page.evaluate("document.styleSheets.length"):
            page.wait_for_timeout(20)
        before = place()
        for route in held:
            route.continue_()
        held.clear()
        button(page, "yes").wait_for()
        assert place() == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reload_keeps_theme_language_and_place_from_the_first_frame_on(
    browser: Browser, server: FakeServer, scheme: Any
) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 740}, locale="en-GB", color_scheme=scheme
    )
    page = context.new_page()
    page.goto(server.url + "/?lang=nl")
    button(page, "yes").click()
    button(page, "q1-3").click()
    button(page, "q2-3").wait_for()
    say(page, "table")
    part(page, "table").wait_for()
    say(page, "links")
    part(page, "links").wait_for()
    page.goto("about:blank")
    page.goto(server.url)
    part(page, "links").wait_for()
    page.wait_for_timeout(500)
    # From here on the page's own language is English, and that of the conversation Dutch.
    page.add_init_script(
        """window.seen = {shifts: 0, langs: [], tops: [], words: []};
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.seen.shifts += entry.value;
        }).observe({type: "layout-shift", buffered: true});
        requestAnimationFrame(function look() {
            const root = document.querySelector("peil-chat")?.shadowRoot;
            window.seen.langs.push(document.documentElement.lang);
            if (root) window.seen.words.push(root.querySelector("textarea")?.placeholder ?? "");
            if (root?.querySelector("[data-part=message]")) {
                window.seen.tops.push(Math.round(root.querySelector("[data-part=log]").scrollTop));
            }
            requestAnimationFrame(look);
        });"""
    )
    frames: list[bytes] = []
    session = context.new_cdp_session(page)

    def keep(event: Any) -> None:
        frames.append(base64.b64decode(event["data"]))
        session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    session.on("Page.screencastFrame", keep)
    session.send("Page.startScreencast", {"format": "png"})
    page.wait_for_timeout(300)
    server.slow = 0.15
    page.reload()
    part(page, "links").wait_for()
    page.wait_for_timeout(1_000)
    session.send("Page.stopScreencast")
    seen = page.evaluate("window.seen")
    context.close()

    assert seen["shifts"] == 0
    assert set(seen["langs"]) == {"nl"}
    assert set(seen["words"]) <= {"", "nl:input"}
    assert len(set(seen["tops"])) == 1
    assert len(frames) >= 3

    def at(frame: bytes, *box: int) -> bytes:
        return Image.open(io.BytesIO(frame)).convert("RGB").crop(box).tobytes()

    # The bare edges of head, middle and foot, and the name in the head, in every frame as in the first.
    for frame in frames:
        assert at(frame, 0, 0, 200, 48) == at(frames[0], 0, 0, 200, 48)
        assert at(frame, 0, 720, 200, 738) == at(frames[0], 0, 720, 200, 738)
        assert at(frame, 325, 0, 420, 48) == at(frames[0], 325, 0, 420, 48)
        red = at(frame, 10, 300, 11, 301)[0]
        assert red > 200 if scheme == "light" else red < 30


def test_what_was_said_before_is_not_read_out_again_and_what_is_new_is(
    page: Page, chat: Callable[..., Page], context: BrowserContext, server: FakeServer
) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    say(page, "links")
    part(page, "links").wait_for()
    # How live the log is at the moment at which a message comes into it.
    context.add_init_script(
        """window.read = [];
        const insert = Node.prototype.insertBefore;
        Node.prototype.insertBefore = function (node, place) {
            const log = this.closest?.("[role=log]");
            if (log && node.dataset.part === "message") window.read.push([node.dataset.id, log.ariaLive]);
            return insert.call(this, node, place);
        };"""
    )

    def read(page: Page) -> list[str]:
        aloud: list[str] = page.evaluate("window.read.filter(([, live]) => live !== 'off').map(([id]) => id)")
        return aloud

    page.reload()
    part(page, "links").wait_for()
    page.wait_for_timeout(300)
    assert page.evaluate("window.read.length") == 6
    assert read(page) == []
    server.say("Iets nieuws.")
    expect(part(page, "message").last).to_contain_text("Iets nieuws.")
    assert len(read(page)) == 1
    # Coming back, in this tab or another, is a conversation that was read before.
    other = chat(server.way_back(server.elsewhere()), ready=False)
    other.get_by_role("button", name="nl:back_go").click()
    for tab in (other, page):
        expect(said_by_user(tab)).to_have_text(["elders gezegd"])
    assert len(read(page)) == 1
    assert read(other) == []
    # A conversation that begins here is read from its first word.
    page.evaluate("localStorage.clear()")
    page.goto(server.url)
    button(page, "yes").wait_for()
    assert len(read(page)) == 2


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_word_that_the_page_asks_for_is_there_and_no_other(language: str) -> None:
    assert {*section(language, "web"), *section(language, "web_menu")} == page_keys()
