"""axe finds nothing to say of the chat on somebody's page, whatever state it is in."""

from __future__ import annotations

from collections.abc import Iterator

import axe
import pytest
from embedded import STATES, say, walk
from fake_server import FakeServer
from host_pages import HostPages
from playwright.sync_api import Browser

LOCALES = {"nl": "nl-NL", "en": "en-GB"}


@pytest.fixture
def hosts(server: FakeServer) -> Iterator[HostPages]:
    server.invitations["BREAD"] = "open"
    with HostPages(server.url).running() as pages:
        yield pages


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    # Every pair of two of these comes by; the report (`make widget-report`) has them all.
    [(360, "light", "nl"), (360, "dark", "en"), (1280, "light", "en"), (1280, "dark", "nl")],
)
def test_axe_has_nothing_to_say_in_any_state(
    width: int, scheme: str, language: str, browser: Browser, hosts: HostPages
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        locale=LOCALES[language],
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    address, refused = (hosts.page("plain", campaign=code) for code in ("BREAD", "NOTHING"))
    found = {
        state: axe.findings(page)
        for state, page in walk(page, address, refused, lambda page: say(page, "table"))
    }
    context.close()

    assert tuple(found) == STATES
    assert {state: lines for state, lines in found.items() if lines} == {}


@pytest.mark.parametrize("accent", ["#ffd400", "#888888"])
def test_axe_has_nothing_to_say_of_colours_that_a_site_has_chosen(
    accent: str, browser: Browser, hosts: HostPages
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    page = context.new_page()
    address = hosts.page("plain", campaign="BREAD", accent=accent, background="#fff4d6")
    found = {}
    for state, page in walk(page, address, address, lambda page: say(page, "table")):
        found[state] = axe.findings(page)
        if state == "menu":
            break
    context.close()

    assert {state: lines for state, lines in found.items() if lines} == {}


def test_axe_looks_into_the_chat(browser: Browser, hosts: HostPages) -> None:
    page = browser.new_page()
    next(walk(page, hosts.page("plain", campaign="BREAD"), "", lambda page: None))
    for name, change in {
        "button-name": "chat.querySelector('[data-part=bubble]').replaceChildren()",
        "color-contrast": "chat.querySelector('[data-part=bubble]').append(low)",
    }.items():
        page.evaluate(
            f"""() => {{
                const chat = document.querySelector("peil-chat").shadowRoot;
                const low = document.createElement("span");
                low.textContent = "hardly to be read";
                low.style = "color: #aaaaaa; background: #bbbbbb";
                {change};
            }}"""
        )
        assert [line for line in axe.findings(page) if line.startswith(name)] != []
    page.close()
