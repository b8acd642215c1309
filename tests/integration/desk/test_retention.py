"""Retention: what people said goes when they were told it would, and not a moment earlier."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest

from bot.assessment.records import Campaign
from bot.gateway.jobs import keep_promises
from bot.service.campaign_input import NotPossible
from bot.service.desk import retention
from bot.store import tables
from bot.texts import LANGUAGES, say
from tests.integration.campaigning import campaign, code
from tests.integration.desk.conftest import DeskHouse
from tests.integration.desk.test_campaign_pages import text_of
from tests.integration.parts import House, Person


def begun(house: House, one: Campaign, count: int = 1, **options: Any) -> list[Person]:
    return [Person(house, code=code(house, one), **options) for _ in range(count)]


def left(house: House) -> int:
    return len(house.rows(tables.conversations))


def test_all_goes_so_many_days_after_the_end_and_not_before(desk: DeskHouse) -> None:
    house = desk.house
    closes = house.clock() + timedelta(days=10)
    one = campaign(house, organisation="Het Theehuis", keep_days=30, closes_at=closes)
    forever = campaign(house, organisation="Het Theehuis", closes_at=closes)
    begun(house, one, 2)
    begun(house, forever)

    house.clock.now = closes + timedelta(days=30) - timedelta(seconds=1)
    assert desk.cases.retention.carry_out() == 0
    assert left(house) == 3
    house.clock.move(seconds=1)
    assert desk.cases.retention.carry_out() == 2

    assert [row["campaign_id"] for row in house.rows(tables.conversations)] == [forever.id]
    assert (None, "retention", one.id) in desk.audit()
    # Nothing is left to do, and nothing is written down of that.
    lines = len(desk.audit())
    assert desk.cases.retention.carry_out() == 0
    assert len(desk.audit()) == lines


def test_a_campaign_that_is_closed_earlier_ends_then(desk: DeskHouse) -> None:
    house = desk.house
    one = campaign(
        house, organisation="Het Theehuis", keep_days=30, closes_at=house.clock() + timedelta(days=300)
    )
    begun(house, one)
    house.peil.campaigns.close(one.id)

    house.clock.move(days=29)
    assert desk.cases.retention.carry_out() == 0
    house.clock.move(days=1)
    assert desk.cases.retention.carry_out() == 1


def test_where_there_is_no_end_each_goes_so_long_after_the_last_message(desk: DeskHouse) -> None:
    house = desk.house
    one = campaign(house, organisation="Het Theehuis", keep_days=30)
    [early, late] = begun(house, one, 2)
    house.clock.move(days=20)
    late.say("2")
    house.clock.move(days=10)

    assert desk.cases.retention.carry_out() == 1
    assert [row["id"] for row in house.rows(tables.conversations)] == [late.id]
    house.clock.move(days=19, hours=23)
    assert desk.cases.retention.carry_out() == 0
    house.clock.move(hours=1)
    assert desk.cases.retention.carry_out() == 1
    assert early.id != late.id


def test_names_on_invitations_go_with_what_was_said(desk: DeskHouse) -> None:
    house = desk.house
    one = campaign(
        house, organisation="Het Theehuis", keep_days=30, closes_at=house.clock() + timedelta(days=1)
    )
    Person(house, code=code(house, one, "single", labels=["Anna klaproos"]))
    house.peil.campaigns.invite(one.id, "single", labels=["Bo klaproos"])
    house.clock.move(days=31)

    desk.cases.retention.carry_out()

    assert house.traces("klaproos") == []


def test_it_goes_in_batches_each_with_its_line(desk: DeskHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    house = desk.house
    one = campaign(
        house, organisation="Het Theehuis", keep_days=30, closes_at=house.clock() + timedelta(days=1)
    )
    begun(house, one, 5, agrees=False)
    house.clock.move(days=31)

    assert desk.cases.retention.carry_out() == 5

    lines = [row for row in house.rows(tables.audit) if row["action"] == "retention"]
    assert [row["detail"]["conversations"] for row in lines] == [2, 2, 1]
    assert {row["user_id"] for row in lines} == {None}


async def test_the_job_does_it_at_start_and_logs_counts_only(
    desk: DeskHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house = desk.house
    one = campaign(
        house, organisation="Het Theehuis", keep_days=30, closes_at=house.clock() + timedelta(days=1)
    )
    [person] = begun(house, one)
    house.clock.move(days=31)
    with caplog.at_level(logging.INFO):
        job = asyncio.create_task(keep_promises(house.peil))
        for _ in range(200):
            await asyncio.sleep(0.02)
            if "erased" in caplog.text:
                break
        job.cancel()

    assert "1 conversations were erased" in caplog.text
    assert person.id not in caplog.text
    assert one.id not in caplog.text
    assert left(house) == 0


async def test_settings_say_when_how_much_goes(desk: DeskHouse) -> None:
    house = desk.house
    closes = house.clock() + timedelta(days=1)
    one = campaign(house, organisation="Het Theehuis", keep_days=30, closes_at=closes)
    begun(house, one, 2)
    async with desk.client(desk.consultant) as browser:
        page = await browser.get(f"/desk/campaigns/{one.id}/settings")
        longer = await browser.submit(f"/desk/campaigns/{one.id}/settings/promise", {"keep_days": "60"})
        never = await browser.submit(f"/desk/campaigns/{one.id}/settings/promise", {"keep_days": ""})
        odd = await browser.submit(f"/desk/campaigns/{one.id}/settings/promise", {"keep_days": "6"})
        shorter = await browser.submit(
            f"/desk/campaigns/{one.id}/settings/promise", {"keep_days": "10", "approve_first": "1"}
        )

    # It closes on 3 March, and thirty days after that is 2 April.
    assert "2 gesprekken gaan weg op 2 april 2026." in text_of(page.text)
    assert [answer.status_code for answer in (longer, never, odd, shorter)] == [422, 422, 422, 303]
    assert "niet langer" in longer.text
    assert 'value="60"' in longer.text
    [row] = house.rows(tables.campaigns)
    assert (row["keep_days"], row["approve_first"]) == (10, True)


def test_how_long_is_kept_can_be_anything_until_somebody_has_begun(desk: DeskHouse) -> None:
    house, do = desk.house, desk.cases.campaigns
    one = campaign(house, organisation="Het Theehuis", keep_days=30)
    do.set_promise(desk.consultant, one.id, False, 90)
    begun(house, one)

    with pytest.raises(NotPossible):
        do.set_promise(desk.consultant, one.id, False, 91)
    with pytest.raises(NotPossible):
        do.set_promise(desk.consultant, one.id, False, None)
    do.set_promise(desk.consultant, one.id, False, 90)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("anonymous", [True, False])
def test_people_are_told_how_long_before_they_agree_and_when_they_ask(
    house: House, language: str, anonymous: bool
) -> None:
    open_ended = campaign(house, keep_days=30, anonymous=anonymous)
    ends = campaign(house, keep_days=45, anonymous=anonymous, closes_at=house.clock() + timedelta(days=9))
    never = campaign(house, anonymous=anonymous)
    for one, sentence in (
        (open_ended, say(language, "consent.kept_after_last", days=30)),
        (ends, say(language, "consent.kept_after_end", days=45)),
    ):
        person = Person(house, language, code=code(house, one), agrees=False)
        assert sentence in person.text
        person.say("ja" if language == "nl" else "yes")
        assert sentence in person.say("wie ziet dit", "privacy")
    person = Person(house, language, code=code(house, never), agrees=False)
    for key in ("consent.kept_after_last", "consent.kept_after_end"):
        assert say(language, key, days="").partition(",")[0] not in person.text
