"""The commands of a page's own menu (`do`): the same as the button of that name, once, wherever one is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.channels.web import Command
from bot.service.events import COMMANDS
from bot.texts import say
from tests.integration.campaigning import campaign, code
from tests.integration.gateway import Gateway, Page, check_problem, open_gateway, question
from tests.integration.parts import House, make_prepared_url


@pytest.fixture(params=["sqlite"])
def prepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same whatever the database."""
    return make_prepared_url(request, tmp_path)


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[Gateway]:
    """A running gateway."""
    async with open_gateway(house) as running:
        yield running


async def do(page: Page, what: str) -> str:
    """Choose this in the page's menu; what the bot said."""
    response = await page.send(f"do{next(page.numbers)}", do=what)
    assert response.status_code == 200, response.text
    page.last = response.json()["messages"]
    return page.text


async def said(page: Page) -> list[str]:
    """The person's lines in the transcript."""
    return [message["text"] for message in await page.history() if message["role"] == "user"]


def test_the_contract_names_the_commands_that_there_are() -> None:
    assert set(get_args(Command)) == COMMANDS


@pytest.mark.parametrize(
    ("what", "title", "answer"),
    [
        ("progress", "menu.progress", None),
        ("privacy", "menu.privacy", None),
        ("my_data", "menu.my_data", None),
        ("my_data_file", "menu.my_data_file", "my_data.file"),
        ("resume", "menu.come_back", "link.back_what"),
        ("start_over", "menu.start_over", None),
        ("report", "menu.report", "link.report_too_early"),
        ("result", "menu.result", "result.not_yet"),
        ("elsewhere", "menu.elsewhere", None),
        ("human", "menu.human", None),
        ("menu", "menu.more", None),
        ("pause", "menu.pause", None),
        ("help", "menu.help", None),
    ],
)
async def test_a_command_does_what_is_typed_for_it(
    gateway: Gateway, what: str, title: str, answer: str | None
) -> None:
    """The same words as a person gets who types it, and so is understood to mean it."""
    by_menu, typed = await gateway.page(), await gateway.page()
    gateway.engine.meanings["dat graag"] = "come_back" if what == "resume" else what

    told = await do(by_menu, what)
    await typed.say("dat graag")

    assert told == typed.text
    assert [b["title"] for b in by_menu.buttons] == [b["title"] for b in typed.buttons]
    assert answer is None or say("nl", answer) in told
    assert (await said(by_menu))[-1] == say("nl", title)
    assert gateway.house.answers(by_menu.id) == []


async def test_erasing_is_asked_first(gateway: Gateway) -> None:
    page = await gateway.page()
    await page.say("2")
    assert say("nl", "erase.ask") in await do(page, "erase")
    assert len(gateway.house.answers(page.id)) == 1
    assert (await said(page))[-1] == say("nl", "menu.erase")
    await page.tap(say("nl", "erase.yes"))
    assert gateway.house.runs(page.id) == []
    # Nothing is left of what was said before; the browser's token still opens what begins now.
    assert [message["role"] for message in await page.history()][-1] == "bot"


async def test_skip_and_back_are_about_the_open_question(gateway: Gateway) -> None:
    page = await gateway.page()
    assert question(2) in await do(page, "skip")
    assert gateway.house.holds(page.id) == {"tea.leaves": "skipped"}
    assert question(1) in await do(page, "back")


async def test_a_command_sent_twice_is_done_once_and_another_one_is_a_conflict(gateway: Gateway) -> None:
    page = await gateway.page()
    first = await page.send("m1", do="skip")
    again = await page.send("m1", do="skip")
    assert first.json() == again.json()
    assert question(2) in first.json()["messages"][-1]["text"]
    assert gateway.house.holds(page.id) == {"tea.leaves": "skipped"}
    assert (await said(page))[1:] == [say("nl", "question.skip")]
    for other in ({"do": "back"}, {"text": "skip"}, {"text": "overslaan"}, {"button": "skip"}):
        check_problem(await page.send("m1", **other), 409, "error.conflict", "nl")
    # Nor the other way round.
    await page.send("m2", text="menu")
    check_problem(await page.send("m2", do="menu"), 409, "error.conflict", "nl")


async def test_exactly_one_of_the_three_is_sent_and_a_command_that_there_is(gateway: Gateway) -> None:
    page = await gateway.page()
    before = await page.history()
    bodies: tuple[dict[str, Any], ...] = (
        {},
        {"do": "menu", "text": "3"},
        {"do": "menu", "button": "x"},
        {"do": "fly"},
        {"do": ""},
        {"do": ["menu"]},
        {"do": "come_back"},
    )
    for body in bodies:
        check_problem(await page.send("m1", **body), 422, "error.invalid", "nl")
    assert await page.history() == before


@pytest.mark.parametrize("agrees", [False, True])
async def test_a_language_is_set_not_toggled(gateway: Gateway, agrees: bool) -> None:
    page = await gateway.page(agrees=agrees)
    asked = page.last[-1]

    # In Dutch already: what is open is put again, with not a word beside it.
    told = await do(page, "language_nl")
    assert [message["lang"] for message in page.last] == ["nl"]
    assert [b["title"] for b in page.buttons] == [b["title"] for b in asked["buttons"]]
    assert say("nl", "language.switched") not in told
    if agrees:
        assert told == asked["text"].removeprefix(say("nl", "consent.given")).strip()
    else:
        assert told == asked["text"]
    assert gateway.house.conversation(page.id).language == "nl"

    for _ in range(2):
        await do(page, "language_en")
        assert [message["lang"] for message in page.last] == ["en"]
        assert gateway.house.conversation(page.id).language == "en"
    if agrees:
        assert question(1, "en") in page.text
    assert [one for one in await said(page) if one in ("Nederlands", "English")] == [
        "Nederlands",
        "English",
        "English",
    ]
    assert gateway.house.conversation(page.id).consent == ("given" if agrees else "open")


async def test_a_question_in_between_stays_open_where_the_language_is_the_one_that_is_spoken(
    gateway: Gateway,
) -> None:
    page = await gateway.page()
    await do(page, "erase")
    assert say("nl", "erase.ask") in await do(page, "language_nl")
    # A yes still belongs to it.
    await page.say("ja")
    assert say("nl", "erase.done") in page.text


async def test_a_campaign_in_one_language_says_so(gateway: Gateway) -> None:
    one = code(gateway.house, campaign(gateway.house, languages=("nl",)))
    page = await gateway.page(campaign=one)
    assert say("en", "language.only") in await do(page, "language_en")
    assert gateway.house.conversation(page.id).language == "nl"


@pytest.mark.parametrize("what", sorted(COMMANDS - {"erase"}))
async def test_before_consent_a_command_gives_none(gateway: Gateway, what: str) -> None:
    page = await gateway.page(agrees=False)
    told = await do(page, what)
    assert told
    assert gateway.house.conversation(page.id).consent == "open"
    assert page.buttons
    # Consent is still to be given, and is taken then.
    await page.say("yes" if what in ("language_en", "switch_language") else "ja")
    assert gateway.house.conversation(page.id).consent == "given"


async def test_after_a_refusal_a_command_leaves_nothing_behind(gateway: Gateway) -> None:
    page = await gateway.page(agrees=False)
    await page.say("nee")
    for what in ("language_en", "language_en", "privacy", "my_data"):
        assert await do(page, what)
        assert gateway.house.conversation(page.id).consent in ("refused", "open")
    await page.say("yes")
    assert gateway.house.conversation(page.id).consent == "given"


async def test_after_the_end_the_result_is_shown_again(gateway: Gateway) -> None:
    page = await gateway.page()
    for _ in range(6):
        await page.say("2")
    shown = [message for message in page.last if "image" in message]
    await do(page, "result")
    again = [message for message in page.last if "image" in message]
    assert [message["table"]["rows"] for message in again] == [message["table"]["rows"] for message in shown]
    assert again[0]["completed"] == shown[0]["completed"]
    assert say("nl", "link.report_what") in await do(page, "report")
