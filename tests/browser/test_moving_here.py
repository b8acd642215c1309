"""Going on in the page with a conversation from another channel, and links to other channels."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.chat_page import button, part, said_by_user, say
from tests.browser.fake_server import WORDS, FakeServer


def test_a_code_in_the_address_opens_the_conversation_and_does_not_stay_there(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    way = server.way_here(server.elsewhere())
    page = chat(way, ready=False)
    expect(said_by_user(page)).to_have_text(["elders gezegd"])
    assert page.url == server.url + "/"
    assert page.evaluate("history.state") is None
    [body] = server.moves
    assert way.endswith(f"#move={body['code']}")
    assert set(body) == {"code", "device"}
    assert server.begun == []
    # From here on it is this browser's own: a reload uses nothing up.
    button(page, "q3-2").click()
    button(page, "q4-2").wait_for()
    page.reload()
    button(page, "q4-2").wait_for()
    assert len(server.moves) == 1
    assert page.errors == []  # type: ignore[attr-defined]


def test_the_same_device_asks_again_when_the_answer_got_lost(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    server.lose_backs = 2
    page = chat(server.way_here(server.elsewhere()), ready=False)
    expect(said_by_user(page)).to_have_text(["elders gezegd"])
    assert len(server.moves) == 3
    assert len({(body["code"], body["device"]) for body in server.moves}) == 1


def test_a_used_code_is_said_kindly_and_a_conversation_begins(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    way = server.way_here(server.elsewhere())
    server.conversations["token1"].links[-1].device = "another-device-00"
    page = chat(way)
    expect(part(page, "notice")).to_contain_text("this code was used")
    part(page, "notice-button").click()
    expect(part(page, "notice")).to_be_empty()
    assert len(server.begun) == 1


def test_who_holds_a_conversation_is_asked_before_leaving_it(
    page: Page, chat: Callable[..., Page], server: FakeServer
) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    way = server.way_here(server.elsewhere())
    again = chat(way, ready=False)
    again.get_by_role("button", name="nl:back_stay").click()
    button(again, "q1-1").wait_for()
    assert server.moves == []
    other = chat(way, ready=False)
    other.get_by_role("button", name="nl:back_go").click()
    expect(said_by_user(other)).to_have_text(["elders gezegd"])
    # Opened once more, it leads to the conversation at hand: nothing is asked, and the device repeats itself.
    once_more = chat(way, ready=False)
    expect(said_by_user(once_more)).to_have_text(["elders gezegd"])
    expect(once_more.get_by_role("dialog")).to_have_count(0)
    assert len({(body["code"], body["device"]) for body in server.moves}) == 1


def test_who_comes_back_to_the_conversation_at_hand_is_asked_nothing_and_the_server_is_told(
    page: Page, chat: Callable[..., Page], server: FakeServer
) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    conversation = next(iter(server.conversations.values()))
    # Asked for in Telegram, where it went on; the transcript is the same one.
    server.linked(conversation, "Open de link, of stuur de code.", "here")
    again = chat(conversation.links[-1].url(0), ready=False)
    button(again, "q2-1").wait_for()
    expect(again.get_by_role("dialog")).to_have_count(0)
    assert len(server.moves) == 1
    assert len(server.begun) == 1
    assert again.url == server.url + "/"


def test_a_link_to_another_channel_shows_its_code_and_ends_where_it_was_used(
    page: Page, server: FakeServer
) -> None:
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    conversation = next(iter(server.conversations.values()))
    server.linked(conversation, "Open de link, of stuur de code.", "move")
    row = page.locator("peil-chat >> [data-part=link][data-kind=move]")
    key = conversation.links[-1].key
    expect(row.get_by_role("link", name=WORDS["nl"]["links"]["move"])).to_have_attribute(
        "href", f"https://t.me/peil_bot?start={key}"
    )
    expect(row).to_contain_text(key)
    # The notice comes by itself, and holds no link.
    conversation.links[-1].open = False
    server.message(conversation, "bot", "Dit gesprek gaat nu verder in Telegram.")
    expect(row).to_have_text(f"{WORDS['nl']['links']['move']} nl:link_ended")
    say(page, "nog iets")
    expect(said_by_user(page).last).to_have_text("nog iets")
    assert page.errors == []  # type: ignore[attr-defined]
