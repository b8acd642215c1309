"""A day of a consultant, in Chromium: from the invitation to the signed advice and the address to share.

Real gateway, database and pages; a respondent on a phone in a second browser, five more without one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chat_page import part
from desk_house import DeskHouse, desk_house, fill_in
from playwright.sync_api import Browser, BrowserContext, Page, expect

PASSWORD = "zeven groene fietsen"
LAPTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[DeskHouse]:
    with desk_house(tmp_path / "data") as house:
        yield house


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[[dict[str, int]], Page]]:
    """Opens browsers of different people; whatever a page complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(size: dict[str, int]) -> Page:
        context = browser.new_context(viewport=size, locale="nl-NL", reduced_motion="reduce")
        context.set_default_timeout(10_000)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: complaints.append(message.text) if "Content Security" in message.text else None,
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


_UNFOLD = (
    "form => { for (let one = form; one; one = one.parentElement) if (one.open === false) one.open = true; }"
)


def send(page: Page, form: str = "main form") -> None:
    """Send the form, and wait for the page behind it."""
    with page.expect_navigation():
        page.locator(form).first.locator("button").last.click()


def test_from_the_first_start_to_a_signed_advice_and_an_address_to_share(house: DeskHouse, person) -> None:
    url = house.url

    # The operator opens what `peil run` has printed, and makes the first account.
    first = house.peil.desk.accounts.first_address()
    assert first is not None
    admin = person(LAPTOP)
    admin.goto(first)
    admin.fill("[name=email]", "anna@example.org")
    admin.fill("[name=name]", "Anna Beheer")
    admin.fill("[name=password]", PASSWORD)
    send(admin)
    expect(admin.locator("h1")).to_have_text("Rondes")

    # An organisation, and a consultant for it.
    admin.fill("[name=name]", "Molen & Zoon")
    admin.locator("form[action$='/organisations'] button").click()
    expect(admin.locator("h1")).to_have_text("Molen & Zoon")
    admin.goto(f"{url}/desk/users/new")
    admin.fill("[name=email]", "iris@example.org")
    admin.fill("[name=name]", "Iris Adviseur")
    admin.check("[name=role][value=consultant]")
    admin.locator("[name=organisations]").first.check()
    send(admin, "form[action$='/users/new']")
    link = re.search(rf"{re.escape(url)}/desk/welcome/[\w-]+", admin.content())
    assert link is not None

    # The consultant chooses a password; the link works once.
    iris = person(LAPTOP)
    iris.goto(link.group())
    iris.fill("[name=password]", PASSWORD)
    send(iris)
    expect(iris.locator("h1")).to_have_text("Rondes")
    once_more = person(LAPTOP)
    once_more.goto(link.group())
    expect(once_more.locator("[name=password]")).to_have_count(0)

    # A campaign by name, in which results are looked at before respondents see them.
    iris.get_by_role("link", name=re.compile("ronde", re.I)).and_(iris.locator("a.button")).first.click()
    iris.fill("[name=name]", "Voorjaar")
    for box in iris.locator("[name=models]").all():
        box.set_checked(box.get_attribute("value") == "cemm")
    iris.check("[name=anonymous][value=no]")
    iris.select_option("[name=depth]", "full")
    iris.check("[name=approve_first]")
    send(iris, "form[action$='/campaigns/new']")
    campaign = re.search(r"/campaigns/([0-9a-f]{16})", iris.url)
    assert campaign is not None, iris.url
    at = f"{url}/desk/campaigns/{campaign.group(1)}"
    people = ["Piet", "Kim", "Noor", "Sem", "Fatima", "Willem"]
    iris.goto(f"{at}/invite")
    iris.check("[name=kind][value=named]")
    iris.fill("[name=label]", "\n".join(people))
    send(iris, "form[action$='/invite']")
    iris.goto(f"{at}/invite")
    codes = dict.fromkeys(re.findall(rf"{re.escape(url)}/c/(\w+)", iris.content()))
    assert len(codes) == len(people)
    by_name = {
        row.locator("th").inner_text(): found.group(1)
        for row in iris.locator("tbody tr").all()
        if (found := re.search(r"/c/(\w+)", row.inner_html()))
    }

    # Piet takes part on his phone; the others do the same without a browser.
    phone = person(PHONE)
    phone.goto(f"{url}/c/{by_name['Piet']}")
    buttons = phone.locator("peil-chat >> [data-part=button]")

    def tap(name: str | re.Pattern[str]) -> None:
        buttons.filter(has_text=name).filter(visible=True).last.click()

    tap(re.compile("^Ja"))
    for choice in ("Vakspecialist", "Marketing", "Bedrijven"):
        tap(choice)
    said = phone.locator("peil-chat >> [data-role=bot]")
    for number in range(1, 19):
        expect(said.filter(has_text=re.compile(rf"[Vv]raag {number} van 18")).last).to_be_visible()
        tap(re.compile(rf"^{2 + number % 2}\b"))
    expect(said.last).to_contain_text(re.compile("adviseur"))
    # Nothing of a result yet, whichever way he asks.
    expect(phone.locator("peil-chat >> [data-part=image]")).to_have_count(0)
    for name, layer, levels in (
        ("Kim", "board", "4" * 18),
        ("Noor", "board", "43" * 9),
        ("Sem", "front_line", "1" * 18),
        ("Fatima", "front_line", "12" * 9),
        ("Willem", "specialist", "2" * 18),
    ):
        fill_in(house.peil, by_name[name], levels, layer=layer)

    # Iris sees who is done, finds Piet, and reads.
    iris.goto(at)
    expect(iris.locator("main")).to_contain_text("6")
    iris.goto(f"{at}/respondents")
    iris.get_by_role("link", name="Piet").click()
    expect(iris.locator("h1")).to_contain_text("Piet")
    # She judges an answer, marks it, and asks something.
    judging = iris.locator("form[action*='/judgements']").first
    judging.evaluate(_UNFOLD)
    level = judging.locator("[name=level]").first
    if level.evaluate("one => one.tagName") == "SELECT":
        level.select_option("1")
    else:
        judging.locator("[name=level][value='1']").check()
    judging.locator("[name=reason]").fill("De visie hangt aan de muur, maar niemand kent hem.")
    with iris.expect_navigation():
        judging.locator("button").last.click()
    expect(iris.locator(".level.judged").first).to_contain_text("1")
    expect(iris.locator(".level.said").first).to_contain_text("3")
    asking = iris.locator("form[action*='/questions']").last
    asking.evaluate(_UNFOLD)
    asking.locator("[name=text]").fill("Wie bewaakt de visie bij jullie?")
    with iris.expect_navigation():
        asking.locator("button").last.click()

    # Piet is asked in the same chat, and answers there.
    phone.reload()
    expect(said.filter(has_text="Wie bewaakt de visie bij jullie?").last).to_be_visible()
    part(phone, "input").fill("Onze directeur, elk kwartaal")
    part(phone, "send").click()
    expect(said.last).to_contain_text(re.compile("[Bb]edankt|[Dd]ank"))
    piet = iris.url.split("?")[0].split("#")[0]
    iris.goto(piet)
    expect(iris.locator("main")).to_contain_text("Onze directeur, elk kwartaal")

    # She signs the advice, with an introduction of her own, and lets him see the result.
    iris.goto(f"{piet}/advice")
    expect(iris.locator("form#plan")).to_be_visible()
    iris.locator("form#plan textarea").first.fill("Begin klein, Piet.")
    with iris.expect_navigation():
        iris.locator("form#plan button[value=look]").first.click()
    send(iris, "form[action$='/sign']")
    iris.goto(piet)
    with iris.expect_navigation():
        iris.locator("form[action*='/approve'] button").click()
    phone.reload()
    expect(phone.locator("peil-chat >> [data-part=image]").first).to_be_visible()
    expect(said.filter(has_text="Begin klein, Piet.").last).to_be_visible()

    # Where they see things differently; what is published; what leaves the house.
    iris.goto(f"{at}/compare?by=sides")
    expect(iris.locator("main")).to_contain_text("leiding", ignore_case=True)
    with iris.expect_navigation():
        iris.locator("form[action$='/compare/publish'] button").click()
    iris.goto(f"{at}/agenda")
    expect(iris.locator("main h2").first).to_be_visible()
    iris.goto(f"{at}/handover")
    with iris.expect_download() as report:
        iris.locator("a[href*='report.pdf']").first.click()
    assert Path(report.value.path()).read_bytes().startswith(b"%PDF")
    sharing = iris.locator("form[action*='/share']").first
    sharing.locator("[name=label]").fill("Directie")
    with iris.expect_navigation():
        sharing.locator("button").last.click()
    shared = re.search(r"/desk/shared/[\w-]+", iris.content())
    assert shared is not None
    board = person(PHONE)
    board.goto(f"{url}{shared.group()}")
    expect(board.locator("h1")).to_be_visible()
    assert not [name for name in people if name in board.inner_text("main")]
    with iris.expect_navigation():
        iris.locator("form[action*='/withdraw'] button").first.click()
    gone = board.reload()
    assert gone is not None
    assert gone.status in (404, 410)

    # What she did stands in the log; and once she has gone, her pages ask who it is.
    admin.goto(f"{url}/desk/audit")
    expect(admin.locator("main")).to_contain_text("Iris Adviseur")
    with iris.expect_navigation():
        iris.locator("form[action$='/sign-out'] button").click()
    iris.goto(piet)
    expect(iris.locator("[name=password]")).to_be_visible()
