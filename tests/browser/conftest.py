"""The browser that these tests drive: Debian's Chromium, or the one that PEIL_TEST_CHROMIUM names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright


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
