"""The chat on somebody's page with the real stack behind it: by keyboard, read aloud, and refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from embedded import consent, levels, live, open_panel, part, record, told
from host_pages import HostPages
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.service.campaign_input import NewCampaign
from bot.texts import say
from tests.stack import Stack

# Which element has the focus, through all shadow roots: its part, its style, where it belongs and its words.
FOCUSED = """() => {
    let one = document.activeElement;
    while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
    const group = one.closest("[data-part=levels], [data-part=choices], [data-part=quiets], [data-kind]");
    return {
        name: one.localName,
        part: one.dataset.part ?? "",
        live: Boolean(one.closest("[data-live]")),
        group: group?.dataset.kind ?? group?.dataset.part ?? "",
        text: one.textContent,
        ring: getComputedStyle(one).outlineStyle,
    };
}"""

Focused = dict[str, Any]


@pytest.fixture
def hosts(stack: Stack) -> Iterator[HostPages]:
    with HostPages(stack.url).running() as pages:
        yield pages


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    size = {"width": 1280, "height": 800}
    context = browser.new_context(viewport=size, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(20_000)
    yield context
    context.close()


def code(stack: Stack, name: str, **fields: Any) -> str:
    """The code of an open invitation to a new campaign of the teahouse."""
    wish = NewCampaign(
        organisation="The Leaking Pot", name=name, models=("teahouse",), anonymous=False, **fields
    )
    campaign = stack.peil.campaigns.create(wish).campaign
    (invitation,) = stack.peil.campaigns.invite(campaign.id, "open")
    return stack.peil.campaigns.links(campaign, invitation).urls["web"].rpartition("/")[2]


def focused(page: Page) -> Focused:
    found: Focused = page.evaluate(FOCUSED)
    return found


def tab_to(page: Page, key: str = "Tab", **wanted: Any) -> Focused:
    """Goes on with this key until the focus is at what is wanted, and is seen to be there."""
    passed = []
    for _ in range(80):
        now = focused(page)
        if all(now[name] == value for name, value in wanted.items()):
            assert now["ring"] != "none", f"one does not see where the focus is: {now}"
            return now
        passed.append(f"{now['name']} {now['part']} {now['text'][:20]!r}")
        page.keyboard.press(key)
    raise AssertionError(f"{wanted} cannot be reached by keyboard; passed {passed}")


def test_a_whole_assessment_is_done_by_keyboard_alone(
    context: BrowserContext, stack: Stack, hosts: HostPages
) -> None:
    invitation = code(stack, "By keyboard", origins=(hosts.url,))
    page = context.new_page()
    page.goto(hosts.page("plain", campaign=invitation))
    part(page, "bubble").wait_for()
    tab_to(page, part="bubble")
    page.keyboard.press("Enter")
    # To the field to type in, and with Shift to what can be chosen above it.
    expect(part(page, "input")).to_be_focused()
    live(page).first.wait_for()
    for turn in range(20):
        if part(page, "image").count():
            break
        newest = live(page).inner_text()
        group = "levels" if levels(page).count() else "choices"
        # The first time from the field, and then from where the answer before it left the focus.
        now = focused(page)
        if not (now["live"] and now["group"] == group):
            assert turn == 0 or now["part"] in ("input", "button", "message"), f"the focus was lost: {now}"
            tab_to(
                page, "Shift+Tab" if now["part"] == "input" else "Tab", live=True, group=group, part="button"
            )
        page.wait_for_timeout(600)
        page.keyboard.press("Enter")
        expect(live(page)).not_to_have_text(newest, use_inner_text=True)
    else:
        raise AssertionError("there is no result after twenty turns")

    expect(told(page).filter(has_text="thank you!")).to_have_count(1)
    (row,) = [one for one in stack.peil.review.assessments() if one["status"] == "completed"][-1:]
    held = stack.peil.review.assessment(row["id"])
    assert held is not None
    assert len(held["answers"]) == 6

    # The picture opens and closes, and one is back where one was.
    # What can be tapped is below it, out of sight, so the focus is on the message itself.
    assert focused(page)["part"] == "message"
    tab_to(page, part="picture")
    page.keyboard.press("Enter")
    part(page, "dialog").wait_for()
    page.keyboard.press("Escape")
    expect(part(page, "dialog")).to_have_count(0)
    assert focused(page)["part"] == "picture"

    # The report is to be had for the asking, and a link like the others.
    tab_to(page, part="input")
    page.keyboard.type("report")
    page.keyboard.press("Enter")
    page.locator("peil-chat >> [data-kind=report]").wait_for()
    tab_to(page, "Shift+Tab", part="open", group="report")
    with context.expect_event("response", lambda one: "report.pdf" in one.url) as asked:
        page.keyboard.press("Enter")
    assert asked.value.status == 200

    # Escape closes the chat and leads back to where it began.
    page.bring_to_front()
    page.keyboard.press("Escape")
    expect(part(page, "panel")).to_be_hidden()
    expect(part(page, "bubble")).to_be_focused()
    assert record(page, "errors") == ""


def test_a_site_that_is_not_on_the_list_is_refused_in_kind_words_and_told_so(
    context: BrowserContext, stack: Stack, hosts: HostPages
) -> None:
    invitation = code(stack, "Elsewhere", origins=("https://www.bakery.example",))
    before = len(stack.peil.review.assessments())
    page = context.new_page()
    page.goto(hosts.page("plain", campaign=invitation))
    page.evaluate(
        """() => {
            window.told = [];
            document.addEventListener("peil:error", event => told.push(event.detail.code));
        }"""
    )
    part(page, "bubble").click()

    expect(part(page, "notice")).to_contain_text(say("en", "error.origin", site=hosts.url))
    assert page.evaluate("told.join()") == "origin"
    assert told(page).count() == 0
    assert len(stack.peil.review.assessments()) == before


# The first question, as a screen reader has it: what came before, where one is, what is asked, and under its
# name the answers, then the ways around it.
TURN = """
- text: "Peil:"
- paragraph: Here we go.
- paragraph: Question 1 of 6 · Tea
- paragraph: Where does the tea that you serve come from?
- group "Where does the tea that you serve come from?":
  - 'button "1 · Whatever is there: We serve whatever bags happen to be in the cupboard."'
  - 'button "2 · A fixed menu: We have a fixed menu of loose tea from one supplier."'
  - 'button "3 · Chosen by harvest: We taste every harvest and know the gardens where it grows."'
- group "Where does the tea that you serve come from?":
  - button "I don't know"
  - button "Does not apply to us"
  - button "Skip"
  - button "Explain"
  - button "More…"
"""
AROUND = """
- button "Menu"
- button "Close"
- progressbar "How far along you are"
- log "Conversation"
- textbox "Type your answer"
- button "Send"
"""


def roles(snapshot: str) -> list[str]:
    """The lines of an accessibility tree that name a control or a landmark of the panel itself."""
    wanted = ("button", "progressbar", "log", "textbox")
    outside, depth = [], 0
    for line in snapshot.splitlines():
        indent = len(line) - len(line.lstrip())
        if depth and indent > depth:
            continue
        depth = 0
        plain = line.strip().removeprefix("- ").rstrip(":")
        if plain.startswith(wanted):
            outside.append(plain)
            # What is in the log is another matter.
            depth = indent if plain.startswith("log") else 0
    return outside


def test_the_accessibility_tree_of_a_turn_is_what_it_is_meant_to_be(
    context: BrowserContext, stack: Stack, hosts: HostPages
) -> None:
    invitation = code(stack, "Read aloud", origins=(hosts.url,), depth="full")
    known = {"role_layer": "board", "department": "sales", "business_line": "b2b"}
    page = context.new_page()
    page.goto(hosts.page("plain", campaign=invitation, **known))
    open_panel(page)
    consent(page)
    # What may not be pressed for a moment, because of double taps, is told as such.
    expect(levels(page).first).to_have_attribute("aria-disabled", "false")

    assert live(page).aria_snapshot().strip() == TURN.strip()
    panel = part(page, "panel")
    assert panel.aria_snapshot().splitlines()[0] == '- dialog "Peil":'
    assert roles(panel.aria_snapshot()) == [line.removeprefix("- ") for line in AROUND.split("\n") if line]
    # What comes is read out, once, in its own language.
    expect(part(page, "log")).to_have_attribute("aria-live", "polite")
    assert live(page).evaluate("one => one.closest('[lang]').lang") == "en"
