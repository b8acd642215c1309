"""Every page of the desk in Chromium, on a phone in the dark and a laptop in the light: axe, width, console.

Real gateway, database and pages; a campaign in which six people took part, an admin and a viewer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import axe
import pytest
from desk_house import DeskHouse, desk_house, fill_in
from playwright.sync_api import Browser, Page

PASSWORD = "zeven groene fietsen"
SIZES = {"dark": {"width": 360, "height": 740}, "light": {"width": 1280, "height": 800}}

# What is put off until it comes into sight is shown first: axe looks at what is there.
_IN_FULL = "all => { for (const one of all) one.style.contentVisibility = 'visible'; }"
_UNFOLDED = "all => { for (const one of all) one.open = true; }"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskHouse]:
    with desk_house(tmp_path_factory.mktemp("desk") / "data") as house:
        yield house


def _send(page: Page, form: str) -> None:
    with page.expect_navigation():
        page.locator(form).first.locator("button").last.click()


def _filled(house: DeskHouse, admin: Page, viewer: Page) -> tuple[list[str], list[str]]:
    """A campaign, everything that can be made in it, and somebody signed in in both browsers.

    The paths of the admin's pages, and those of the viewer's; before anybody signs in is looked at elsewhere.
    """
    desk = f"{house.url}/desk"
    first = house.peil.desk.accounts.first_address()
    assert first is not None
    admin.goto(first)
    admin.fill("[name=email]", "anna@example.org")
    admin.fill("[name=name]", "Anna Beheer")
    admin.fill("[name=password]", PASSWORD)
    _send(admin, "main form")
    admin.fill("[name=name]", "Molen & Zoon")
    _send(admin, "form[action$='/organisations']")
    organisation = admin.url.rpartition("/")[2]
    admin.goto(f"{desk}/users/new")
    admin.fill("[name=email]", "vera@example.org")
    admin.fill("[name=name]", "Vera Kijker")
    admin.check("[name=role][value=viewer]")
    admin.locator("[name=organisations]").first.check()
    _send(admin, "form[action$='/users/new']")
    user = admin.url.rpartition("/")[2]
    link = re.search(r"/desk/welcome/[\w-]+", admin.content())
    assert link is not None
    viewer.goto(house.url + link.group())
    viewer.fill("[name=password]", PASSWORD)
    _send(viewer, "main form")

    admin.goto(f"{desk}/campaigns/new?organisation={organisation}")
    admin.fill("[name=name]", "Voorjaar")
    for box in admin.locator("[name=models]").all():
        box.set_checked(box.get_attribute("value") == "cemm")
    admin.check("[name=anonymous][value=no]")
    admin.select_option("[name=depth]", "full")
    _send(admin, "form[action$='/campaigns/new']")
    found = re.search(r"/campaigns/([0-9a-f]{16})", admin.url)
    assert found is not None
    at = f"/campaigns/{found.group(1)}"
    admin.check("[name=kind][value=single]")
    admin.fill("[name=count]", "6")
    _send(admin, "form[action$='/invite']")
    codes = list(dict.fromkeys(re.findall(r"/c/(\w+)", admin.content())))
    one_link = admin.locator(f"a[href*='{at}/invite/']").first.get_attribute("href")
    layers = ("board", "board", "front_line", "front_line", "specialist", "specialist")
    for number, (code, layer) in enumerate(zip(codes, layers, strict=True)):
        # Words of people are words that have to wrap.
        fill_in(house.peil, code, "123434"[number] * 18, layer=layer, says="x" * 90 if number == 0 else "")
    admin.goto(f"{desk}{at}/respondents")
    one_person = admin.locator("a.to").first.get_attribute("href")
    assert one_link is not None
    assert one_person is not None
    person = one_person.removeprefix("/desk").partition("?")[0]
    admin.goto(f"{desk}{person}")
    note = admin.locator("form[action*='/notes']").nth(1)
    note.evaluate("form => { form.closest('details').open = true; }")
    note.locator("[name=text]").fill("Nog eens over bellen. " + "y" * 60)
    with admin.expect_navigation():
        note.locator("button").last.click()
    admin.goto(f"{desk}{at}/compare")
    _send(admin, "form[action$='/compare/publish']")
    admin.goto(f"{desk}{at}/handover")
    _send(admin, "form[action*='/share']")
    shared = re.search(r"/desk(/shared/[\w-]+)", admin.content())
    assert shared is not None
    admin.goto(f"{desk}/privacy")
    admin.fill("[name=who]", "Wie vroeg het, en hoe")
    _send(admin, "form[action$='/privacy']")
    request = admin.url.removeprefix(desk)
    both = [
        at,
        f"{at}/compare",
        f"{at}/agenda",
        f"{at}/handover",
        f"/organisations/{organisation}",
        "/",
        "/me",
    ]
    return [
        *both,
        *(f"{at}/{tab}" for tab in ("respondents", "dropoff", "advice", "settings", "invite", "remind")),
        *(f"{at}/compare?by=sides", f"{at}/advice/cemm", one_link.removeprefix("/desk")),
        *(f"/organisations/{organisation}/time", f"/campaigns/new?organisation={organisation}"),
        *("/respondents", "/respondents?q=niemand", "/privacy", request, "/audit", "/users", "/users/new"),
        *(f"/users/{user}", person, f"{person}/advice", shared.group(1), "/no-such-page"),
    ], both


def _faults(page: Page, url: str) -> list[str]:
    """What is wrong with the page there, as lines."""
    said: list[str] = []

    def hear(message: object) -> None:
        text = getattr(message, "text", str(message))
        if getattr(message, "type", "error") == "error" and "404" not in text:
            said.append(f"console: {text}")

    page.on("console", hear)
    page.on("pageerror", hear)
    page.goto(url)
    page.eval_on_selector_all(".item, .line", _IN_FULL)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.eval_on_selector_all("details", _UNFOLDED)
    wide = max(
        wide, page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )
    headings = page.locator("h1").count()
    faults = said + axe.findings(page)
    page.remove_listener("console", hear)
    page.remove_listener("pageerror", hear)
    if wide > 0:
        faults.append(f"{wide} pixels wider than the window")
    if headings != 1:
        faults.append(f"{headings} first headings")
    if not page.title().removesuffix(" · Peil").strip():
        faults.append("no title")
    return faults


def test_every_page_is_accessible_and_fits_a_phone_and_a_laptop(house: DeskHouse, browser: Browser) -> None:
    people = {
        who: browser.new_context(viewport=SIZES["light"], locale="nl-NL") for who in ("admin", "viewer")
    }
    admin, viewer = (context.new_page() for context in people.values())
    try:
        pages = dict(zip((admin, viewer), _filled(house, admin, viewer), strict=True))
        faults = []
        for scheme, language in (("dark", "nl"), ("light", "en")):
            for page, paths in pages.items():
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
                page.set_viewport_size(SIZES[scheme])  # type: ignore[arg-type]
                page.goto(f"{house.url}/desk/me")
                page.select_option("[name=language]", language)
                _send(page, "form[action$='/me']")
                for path in paths:
                    faults += [
                        f"{path} {scheme} {language}: {one}"
                        for one in _faults(page, f"{house.url}/desk{path}")
                    ]
        assert faults == []
    finally:
        for context in people.values():
            context.close()
