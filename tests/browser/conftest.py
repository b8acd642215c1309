"""The browser that these tests drive: Debian's Chromium, or the one that PEIL_TEST_CHROMIUM names.

Also the chat in it, of a server that speaks the contract with canned words.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from chat_page import button
from fake_server import FakeServer
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = os.environ.get("PEIL_TEST_CHROMIUM") or shutil.which("chromium")
    if not path:
        reason = "no Chromium: install Debian's package 'chromium', or set PEIL_TEST_CHROMIUM to its path"
        # CI must not pass for want of a browser.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return path


# Per module, not per session: while it is up, Playwright's loop counts as running in this thread, and
# asynchronous tests elsewhere could not start theirs.
@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield browser
        browser.close()


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
