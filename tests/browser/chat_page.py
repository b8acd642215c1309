"""Where the parts of the chat are, in the page that the tests drive."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


def part(page: Page, name: str) -> Locator:
    return page.locator(f"peil-chat >> [data-part={name}]")


def button(page: Page, token: str) -> Locator:
    return page.locator(f"peil-chat >> [data-token={token}]")


def said_by_user(page: Page) -> Locator:
    return page.locator("peil-chat >> [data-role=user] [data-part=text]")


def say(page: Page, text: str) -> None:
    part(page, "input").fill(text)
    part(page, "send").click()
