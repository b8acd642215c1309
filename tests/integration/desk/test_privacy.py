"""Requests to see or erase: who is found, what is handed out, and what is remembered of whoever asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.assessment.records import Campaign
from bot.service.campaign_input import InvalidField
from bot.service.desk.access import Actor, Conflict, DeskError, Missing, Refused
from bot.store import tables
from tests.integration.campaigning import campaign, code, complete
from tests.integration.desk.conftest import DeskHouse
from tests.integration.desk.making import write_about
from tests.integration.desk.test_campaign_pages import counted, text_of
from tests.integration.parts import Person


def begun(desk: DeskHouse, label: str = "Anna Zonnedauw", **fields: Any) -> tuple[Campaign, Person]:
    one = campaign(desk.house, **{"organisation": "Het Theehuis", **fields})
    options = {} if one.anonymous else {"labels": [label]}
    return one, Person(desk.house, code=code(desk.house, one, "single", **options))


def noted(desk: DeskHouse, kind: str = "see", who: str = "Anna belde") -> str:
    return desk.cases.privacy.add(desk.consultant, desk.organisation.id, kind, who).id


def found(desk: DeskHouse, text: str, request: str | None = None) -> list[str]:
    """The conversations that a search finds."""
    shown = desk.cases.privacy.show(desk.consultant, request or noted(desk), text)
    assert shown.found is not None
    return [one.conversation.id for one in shown.found]


def test_somebody_is_found_by_name_reference_contact_or_code(desk: DeskHouse) -> None:
    _, person = begun(desk)
    _, other = begun(desk, "Bo de Vries")
    person.say("een mens", "human")
    person.say("anna@voorbeeld.nl")
    with desk.house.store.write() as work:
        work.update_conversation(person.id, reference="medewerker_7")
        work.commit()

    for text in ("anna z", "ZONNEDAUW", "medewerker_7", "@voorbeeld.nl", person.id):
        assert found(desk, text) == [person.id], text
    assert found(desk, "bo de") == [other.id]
    assert found(desk, "%%") == []
    assert found(desk, "medewerker%7") == []
    assert found(desk, person.id[:12]) == []


def test_nobody_is_found_in_an_anonymous_campaign_or_elsewhere(desk: DeskHouse) -> None:
    _, hidden = begun(desk, anonymous=True)
    hidden.say("een mens", "human")
    hidden.say("anoniem@voorbeeld.nl")
    _, elsewhere = begun(desk, "Anna Zonnedauw", organisation="De Bakkerij")

    request = noted(desk)
    for text in ("anoniem@voorbeeld.nl", hidden.id, "Anna Zonnedauw", elsewhere.id):
        assert found(desk, text, request) == [], text
    for one in (hidden, elsewhere):
        with pytest.raises(Missing):
            desk.cases.privacy.choose(desk.consultant, request, one.id)
    assert desk.cases.privacy.show(desk.consultant, request).anonymous


async def test_the_file_holds_what_consultants_wrote_too(desk: DeskHouse) -> None:
    _, person = begun(desk)
    complete(person)
    write_about(desk, person.id, "goudsbloem")
    request = noted(desk)
    async with desk.client(desk.consultant) as browser:
        searched = await browser.submit(f"/desk/privacy/{request}/search", {"search": "Anna"})
        chosen = await browser.submit(f"/desk/privacy/{request}/person", {"person": person.id})
        page = await browser.get(f"/desk/privacy/{request}")
        file = await browser.submit(f"/desk/privacy/{request}/file")

    assert (searched.status_code, chosen.status_code, file.status_code) == (200, 303, 200)
    assert "Anna Zonnedauw" in searched.text
    assert "Oordelen van adviseurs: 1" in text_of(page.text)
    data = json.loads(file.content)
    assert data["conversation"]["id"] == person.id
    made = data["assessments"][0]["consultants"]
    assert made["judgements"][0]["reason"] == "goudsbloem judged"
    assert made["notes"][0]["text"] == "goudsbloem noted"
    assert made["marks"][0]["mark"] == "follow_up"
    assert made["advice"][0]["content"] == {"steps": ["goudsbloem"]}
    assert data["questions_of_consultants"][0]["text"] == "goudsbloem?"
    # Who wrote it is somebody else.
    assert desk.consultant.user_id not in file.text
    assert desk.consultant.name not in file.text
    assert "attachment" in file.headers["content-disposition"]
    assert "no-store" in file.headers["cache-control"]
    assert {"request_noted", "people_searched", "person_found", "file_made"} <= {
        action for _, action, _ in desk.audit()
    }


async def test_erasing_takes_the_word_for_it_and_forgets_who_asked(desk: DeskHouse) -> None:
    _, person = begun(desk)
    request = noted(desk, "erase", "Anna klaproos belde")
    desk.cases.privacy.choose(desk.consultant, request, person.id)
    async with desk.client(desk.consultant) as browser:
        wrong = await browser.submit(f"/desk/privacy/{request}/erase", {"confirmation": "ja"})
        assert len(desk.house.rows(tables.conversations)) == 1
        good = await browser.submit(f"/desk/privacy/{request}/erase", {"confirmation": " Wissen "})
        again = await browser.submit(f"/desk/privacy/{request}/erase", {"confirmation": "wissen"})
        page = await browser.get("/desk/privacy")

    assert (wrong.status_code, good.status_code, again.status_code) == (422, 303, 409)
    assert desk.house.rows(tables.conversations) == []
    [row] = desk.house.rows(tables.privacy_requests)
    assert (row["who"], row["outcome"], row["done_at"] is not None) == (None, "erased", True)
    assert row["conversation_id"] is None
    assert [one["label"] for one in desk.house.rows(tables.invitations)] == [None]
    assert "gewist" in text_of(page.text)
    assert desk.house.traces("klaproos") == []
    assert desk.house.traces("Zonnedauw") == []


def test_a_request_to_see_erases_nobody(desk: DeskHouse) -> None:
    _, person = begun(desk)
    request = noted(desk, "see")
    desk.cases.privacy.choose(desk.consultant, request, person.id)

    with pytest.raises(Conflict):
        desk.cases.privacy.erase(desk.consultant, request, "wissen")

    assert desk.house.use_cases.history(person.id)


async def test_an_outcome_is_recorded_without_who(desk: DeskHouse) -> None:
    request = noted(desk, "see", "Een klaproos")
    async with desk.client(desk.consultant) as browser:
        page = await browser.get(f"/desk/privacy/{request}")
        wrong = await browser.submit(f"/desk/privacy/{request}/finish", {"outcome": "erased"})
        good = await browser.submit(f"/desk/privacy/{request}/finish", {"outcome": "not_found"})
        after = await browser.get(f"/desk/privacy/{request}")

    assert "klaproos" in page.text
    assert (wrong.status_code, good.status_code) == (422, 303)
    assert "niemand gevonden" in text_of(after.text)
    assert desk.house.traces("klaproos") == []


async def test_what_was_typed_stays_where_a_request_is_incomplete(desk: DeskHouse) -> None:
    async with desk.client(desk.consultant) as browser:
        empty = await browser.submit(
            "/desk/privacy", {"organisation": desk.organisation.id, "kind": "erase", "who": " "}
        )
        good = await browser.submit(
            "/desk/privacy", {"organisation": desk.organisation.id, "kind": "erase", "who": "<b>Anna</b>"}
        )
        page = await browser.get("/desk/privacy")

    assert (empty.status_code, good.status_code) == (422, 303)
    assert 'value="erase" selected' in empty.text
    assert "&lt;b&gt;Anna&lt;/b&gt;" in page.text


def test_each_use_case_asks_itself_who_may(desk: DeskHouse) -> None:
    _, person = begun(desk)
    do = desk.cases.privacy

    def cases(request: str) -> dict[str, Callable[[Actor], object]]:
        return {
            "add": lambda who: do.add(who, desk.organisation.id, "see", "Bo"),
            "show": lambda who: do.show(who, request, "Anna"),
            "choose": lambda who: do.choose(who, request, person.id),
            "file": lambda who: do.file(who, request),
            "erase": lambda who: do.erase(who, request, "wissen"),
            "finish": lambda who: do.finish(who, request, "refused"),
        }

    def outcome(act: Callable[[Actor], object], who: Actor) -> type[DeskError] | None:
        try:
            act(who)
        except DeskError as error:
            return type(error)
        return None

    for request in (noted(desk, "erase"), noted(desk, "see")):
        for name, act in cases(request).items():
            for who in (desk.stranger, desk.strange_viewer):
                assert outcome(act, who) is Missing, name
            assert outcome(act, desk.viewer) is Refused, name
    for name, act in cases(noted(desk, "see")).items():
        # A request to see is none to erase.
        assert outcome(act, desk.consultant) is (Conflict if name == "erase" else None), name
    with pytest.raises(Refused):
        do.requests(desk.viewer)
    assert do.requests(desk.stranger) == ([], False)
    assert len(do.requests(desk.admin)[0]) == 4
    with pytest.raises(InvalidField):
        do.add(desk.consultant, desk.organisation.id, "look", "Bo")


async def test_pages_ask_the_store_as_often_however_many_requests_there_are(desk: DeskHouse) -> None:
    request = noted(desk)
    async with desk.client(desk.consultant) as browser:
        await browser.get("/desk/privacy")
        before = [
            await counted(desk, browser, page) for page in ("/desk/privacy", f"/desk/privacy/{request}")
        ]
        for _ in range(5):
            noted(desk)
            begun(desk)
        after = [await counted(desk, browser, page) for page in ("/desk/privacy", f"/desk/privacy/{request}")]
    assert before == after
