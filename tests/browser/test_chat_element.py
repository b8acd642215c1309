"""The chat element against a server that misbehaves: nothing typed is lost, nothing is said twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from fake_server import FakeServer, page_keys
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from bot.texts import section

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer().running() as server:
        yield server


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, locale="nl-NL", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context
    context.close()


def part(page: Page, name: str) -> Locator:
    return page.locator(f"peil-chat >> [data-part={name}]")


def button(page: Page, token: str) -> Locator:
    return page.locator(f"peil-chat >> [data-token={token}]")


def said_by_user(page: Page) -> Locator:
    return page.locator("peil-chat >> [data-role=user] [data-part=text]")


def say(page: Page, text: str) -> None:
    part(page, "input").fill(text)
    part(page, "send").click()


@pytest.fixture
def chat(context: BrowserContext, server: FakeServer) -> Callable[..., Page]:
    def open_chat(address: str = "/", ready: bool = True) -> Page:
        page = context.new_page()
        page.errors = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
        page.on(
            "console",
            lambda message: (
                page.errors.append(message.text) if "Content Security" in message.text else None  # type: ignore[attr-defined]
            ),
        )
        page.goto(server.url + address)
        if ready:
            button(page, "yes").wait_for()
        return page

    return open_chat


@pytest.fixture
def page(chat: Callable[..., Page]) -> Iterator[Page]:
    page = chat()
    yield page
    assert page.errors == []  # type: ignore[attr-defined]


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
    assert len(boxes) == 10
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


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_word_that_the_page_asks_for_is_there_and_no_other(language: str) -> None:
    assert set(section(language, "web")) == page_keys()
