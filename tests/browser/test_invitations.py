"""An invitation's page in Chromium, against a server that speaks the contract with canned words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from chat_page import button, part, said_by_user, say
from fake_server import CODES, WORDS, FakeServer
from playwright.sync_api import BrowserContext, Page, expect

CODE = "7K3M9QRT5VWX2ABC"
OTHER = "0123456789ABCDEF"
# As an organisation may say it, each of the greatest length that a welcome can have.
WELCOMES = {
    "nl": (
        "Welkom bij de derde meting van de Koninklijke Noordzeehavenbedrijfsvereniging. We willen "
        "weten hoe ver we zijn met klantbetrokkenheid, en vooral waar het wringt. Er zijn geen foute "
        "antwoorden: zeg het zoals het nu gaat, niet zoals het zou moeten.\n\n"
        "Half oktober bespreken we de uitslag in alle teams, en daarna kiezen we samen drie "
        "verbeteringen voor het nieuwe jaar. Vragen? Mail Annemarie van Heusden-Wijnbergen, "
        "annemarie.vanheusdenwijnbergen@noordzeehavenbedrijfsvereniging.example, of loop bij haar "
        "binnen op de tweede verdieping.\n\n"
        "Dank je wel voor je tijd en je eerlijke antwoorden, tot oktober!"
    ),
    "en": (
        "Welcome to the third measurement of the Royal North Sea Harbour Companies Association. We "
        "want to know how far we are with customer engagement, and above all where it hurts. There "
        "are no wrong answers: say how it goes today, not how it should go.\n\n"
        "In the middle of October we talk about the result in all teams, and then we choose three "
        "improvements for the new year together. Questions? Mail Annemarie van Heusden-Wijnbergen, "
        "annemarie.vanheusdenwijnbergen@noordzeehavenbedrijfsvereniging.example, or drop in on the "
        "second floor.\n\n"
        "Thank you so very much for all of your time, and see you in October!"
    ),
}


def invited(server: FakeServer, code: str = CODE, state: str = "single") -> str:
    """An invitation with this code in this state; its address."""
    server.invitations[code] = state
    return f"/c/{code}"


# ---- beginning


def test_an_invitation_begins_with_its_code_and_a_random_key(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    page = chat(invited(server, state="open"))
    assert server.begun == [{"language": "nl", "campaign": CODE}]
    # 128 bits.
    [key] = {one["key"] for one in server.starts}
    assert len(key) == 32
    assert set(key) <= set("0123456789abcdef")
    # Its work is done, so it is not kept.
    assert key not in page.evaluate("JSON.stringify(localStorage)")
    assert page.url == f"{server.url}/c/{CODE}"
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    assert page.errors == []  # type: ignore[attr-defined]
    # Somebody else with the same link begins another conversation, with another key.
    page.evaluate("localStorage.clear()")
    chat(f"/c/{CODE}")
    assert len(server.begun) == 2
    assert server.starts[0]["key"] != server.starts[1]["key"]


def test_the_address_of_an_invitation_may_choose_the_language_and_no_model(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    invited(server)
    page = chat(f"/c/{CODE}?lang=en&model=cemm")
    expect(part(page, "message").first).to_contain_text("Hi, I am Peil")
    assert server.begun == [{"language": "en", "campaign": CODE}]


def test_a_beginning_whose_answer_got_lost_is_repeated_with_the_same_key(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    server.lose_starts = 2
    page = chat(invited(server))
    assert len(server.starts) == 3
    assert len({one["key"] for one in server.starts}) == 1
    assert len(server.begun) == 1
    expect(part(page, "message")).to_have_count(2)
    expect(part(page, "notice")).to_be_empty()


def test_a_page_that_was_closed_before_the_answer_came_asks_for_the_same_conversation(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    server.lose_starts = 10**6
    page = chat(invited(server), ready=False)
    expect(part(page, "notice")).to_have_text("nl:unavailable")
    page.close()
    server.lose_starts = 0
    # In another spelling, too.
    page = chat("/c/7k3m-9qrt-5vwx-2abc")
    assert len({one["key"] for one in server.starts}) == 1
    assert len(server.begun) == 1
    assert set(server.conversations) == {"token1"}
    say(page, "hallo")
    button(page, "q1-1").wait_for()


def test_too_many_who_begin_at_once_wait_their_turn_by_themselves(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    # A room full of people behind one address: nothing is wrong with the invitation.
    server.start_failures = [429]
    page = chat(invited(server, state="open"), ready=False)
    button(page, "yes").wait_for()
    assert len(server.starts) == 2
    expect(part(page, "notice")).to_be_empty()


# ---- coming back


@pytest.mark.parametrize("spelling", [CODE, CODE.lower(), "7K3M-9QRT-5VWX-2ABC", "7k3m-9qrt-5vwx-2abc."])
def test_a_used_up_link_goes_on_in_the_browser_that_used_it(
    chat: Callable[..., Page], server: FakeServer, spelling: str
) -> None:
    page = chat(invited(server))
    button(page, "yes").click()
    button(page, "q1-1").wait_for()
    page.reload()
    expect(said_by_user(page)).to_have_count(1)
    again = chat(f"/c/{spelling}", ready=False)
    button(again, "q1-1").wait_for()
    expect(said_by_user(again)).to_have_count(1)
    assert len(server.starts) == 1


def test_signs_that_look_alike_are_one_and_the_same(chat: Callable[..., Page], server: FakeServer) -> None:
    chat(invited(server, OTHER))
    chat("/c/oi23-4567-89ab-cdef")
    assert [one["campaign"] for one in server.starts] == [OTHER]


def test_two_invitations_in_one_browser_are_two_conversations(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    one = chat(invited(server, CODE))
    other = chat(invited(server, OTHER))
    plain = chat("/")
    assert server.begun == [
        {"language": "nl", "campaign": CODE},
        {"language": "nl", "campaign": OTHER},
        {"language": "nl"},
    ]
    say(one, "in de ene")
    button(one, "q1-1").wait_for()
    say(other, "in de andere")
    button(other, "q1-1").wait_for()
    for page, text in ((one, ["in de ene"]), (other, ["in de andere"]), (plain, [])):
        page.reload()
        expect(said_by_user(page)).to_have_text(text)
    assert len(server.begun) == 3


def test_two_tabs_opened_together_use_the_link_once(context: BrowserContext, server: FakeServer) -> None:
    address = server.url + invited(server)
    pages = [context.new_page(), context.new_page()]
    for page in pages:
        page.goto(address, wait_until="commit")
    for page in pages:
        button(page, "yes").wait_for()
    assert len(server.begun) == 1


def test_where_the_conversation_is_no_more_a_used_up_link_says_so(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    page = chat(invited(server))
    server.erased = True
    say(page, "hallo?")
    expect(part(page, "notice")).to_contain_text("this conversation is no more")
    part(page, "notice-button").click()
    expect(part(page, "notice")).to_have_text("refused: used")
    expect(part(page, "input")).to_be_hidden()
    assert len(server.begun) == 1


# ---- refused


def refused(page: Page, why: str) -> None:
    """The page says only that the invitation opens nothing, and why."""
    notice = part(page, "notice")
    # Without the button's title.
    expect(notice.locator("p")).to_have_text(f"refused: {why}")
    expect(notice.locator("p")).to_be_in_viewport(ratio=1)
    expect(notice).to_have_role("status")
    expect(part(page, "message")).to_have_count(0)
    for name in ("input", "send", "log", "progress"):
        expect(part(page, name)).to_be_hidden()


@pytest.mark.parametrize("why", sorted(CODES))
@pytest.mark.parametrize("width", [360, 1280])
def test_a_code_that_opens_nothing_says_why_in_the_chats_place(
    chat: Callable[..., Page], server: FakeServer, why: str, width: int
) -> None:
    page = chat(invited(server, state=why), ready=False)
    page.set_viewport_size({"width": width, "height": 740})
    refused(page, why)
    if why in ("early", "tries"):
        expect(part(page, "notice-button")).to_have_text("nl:again")
    else:
        expect(part(page, "notice-button")).to_be_hidden()
    # It is in the middle of the page, and nothing sticks out.
    box = part(page, "notice").bounding_box()
    assert box is not None
    assert abs(box["x"] + box["width"] / 2 - width / 2) <= 1
    assert abs(box["y"] + box["height"] / 2 - 740 / 2) <= 40
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Asked once, and not again by itself: the server said to wait a second.
    page.wait_for_timeout(1_500)
    assert len(server.starts) == 1
    assert page.errors == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("why", ["early", "tries"])
def test_who_came_too_early_can_try_again_and_begins(
    chat: Callable[..., Page], server: FakeServer, why: str
) -> None:
    invited(server, state=why)
    page = chat(f"/c/{CODE}?lang=en", ready=False)
    refused(page, why)
    part(page, "notice-button").click()
    refused(page, why)
    server.invitations[CODE] = "single"
    part(page, "notice-button").click()
    button(page, "yes").wait_for()
    expect(part(page, "notice")).to_be_empty()
    expect(part(page, "input")).to_be_visible()
    # As it was wished for the first time.
    assert server.begun == [{"language": "en", "campaign": CODE}]


@pytest.mark.parametrize(
    "address", ["/c/nonsense", "/c/---", "/c/" + "x" * 300, "/c/%3Cscript%3E", "/c/null"]
)
def test_what_is_no_code_at_all_is_refused_like_an_unknown_one(
    chat: Callable[..., Page], server: FakeServer, address: str
) -> None:
    # Not the conversation that this browser has without an invitation.
    chat("/")
    page = chat(address, ready=False)
    refused(page, "unknown")
    [sent] = [one["campaign"] for one in server.starts if "campaign" in one]
    assert 1 <= len(sent) <= 64


def test_a_refusal_in_one_tab_gives_way_when_another_one_begins(
    chat: Callable[..., Page], server: FakeServer
) -> None:
    page = chat(invited(server, state="early"), ready=False)
    refused(page, "early")
    server.invitations[CODE] = "single"
    chat(f"/c/{CODE}")
    button(page, "yes").wait_for()
    expect(part(page, "input")).to_be_visible()
    assert len(server.begun) == 1


def test_a_server_that_is_away_is_no_refusal(chat: Callable[..., Page], server: FakeServer) -> None:
    server.start_failures = [503, 503]
    page = chat(invited(server), ready=False)
    expect(part(page, "notice")).to_have_text("nl:unavailable")
    expect(part(page, "input")).to_be_visible()
    button(page, "yes").wait_for()


# ---- what it looks like


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_a_long_welcome_is_read_from_its_beginning_and_fits(
    chat: Callable[..., Page], server: FakeServer, language: str, width: int
) -> None:
    server.welcome = WELCOMES[language]
    assert len(server.welcome) == 600
    invited(server)
    page = chat(f"/c/{CODE}?lang={language}", ready=False)
    page.set_viewport_size({"width": width, "height": 740})
    button(page, "yes").wait_for()
    first = part(page, "message").first
    expect(first).to_contain_text(WORDS[language]["hello"].partition("\n")[0])
    box = first.bounding_box()
    assert box is not None
    assert 0 < box["y"] < 120
    # What is above it is the list's own padding.
    assert part(page, "log").evaluate("log => log.scrollTop") < 16
    assert part(page, "log").evaluate("log => log.scrollWidth <= log.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    part(page, "log").evaluate("log => log.scrollTo(0, log.scrollHeight)")
    expect(button(page, "yes")).to_be_in_viewport(ratio=1)
