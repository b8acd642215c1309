"""Organisations and campaigns at the desk: who may do what, what is said of wrong fields, queries."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from bot.assessment.records import Campaign
from bot.service.desk.access import Actor, DeskError, Missing, Refused
from bot.store import tables
from tests.integration.campaigning import code, code_of, complete, invite, new
from tests.integration.desk.conftest import Browser, DeskHouse
from tests.integration.parts import Person, at_statement

FORM = {
    "name": "Voorjaar",
    "models": "teahouse",
    "anonymous": "no",
    "languages": ["nl", "en"],
    "time_zone": "Europe/Amsterdam",
    "reminders": "2",
}


def made(desk: DeskHouse, **fields: Any) -> Campaign:
    """A campaign of the consultant's own organisation."""
    return desk.cases.campaigns.create(desk.consultant, desk.organisation.id, new(**fields))


def text_of(page: str) -> str:
    """What a page says, without its tags."""
    main = page[page.index("<main") :]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


async def test_the_overview_shows_own_organisations_with_their_campaigns(desk: DeskHouse) -> None:
    one = made(desk, name="Voorjaar")
    desk.cases.campaigns.create(desk.stranger, desk.elsewhere.id, new(name="Van een ander"))
    complete(Person(desk.house, code=code(desk.house, one)))
    Person(desk.house, code=code(desk.house, one, "single"))

    async with desk.client(desk.consultant) as browser:
        page = await browser.get("/desk/")

    said = text_of(page.text)
    assert page.status_code == 200
    assert "Het Theehuis" in said
    assert re.search(r"Voorjaar op naam open 1 2 1\b", said), said
    assert "Van een ander" not in said
    assert "De Bakkerij" not in said


async def test_an_empty_desk_leads_to_the_first_campaign(desk: DeskHouse) -> None:
    async with desk.client(desk.consultant) as browser:
        start = await browser.get("/desk/")
        form = await browser.get(f"/desk/campaigns/new?organisation={desk.organisation.id}")
        bare = await browser.get("/desk/campaigns/new")

    assert f"/desk/campaigns/new?organisation={desk.organisation.id}" in start.text
    assert "eerste ronde voor Het Theehuis" in text_of(start.text)
    assert form.status_code == bare.status_code == 200


async def test_invented_campaigns_are_marked(desk: DeskHouse) -> None:
    one = made(desk)
    with desk.house.store.write() as work:
        work.update_campaign(one.id, invented=True)
        work.commit()

    async with desk.client(desk.viewer) as browser:
        start, page = await browser.get("/desk/"), await browser.get(f"/desk/campaigns/{one.id}")

    assert "verzonnen" in text_of(start.text)
    assert "verzonnen" in text_of(page.text)


async def test_a_campaign_is_made_with_all_that_the_form_has(desk: DeskHouse) -> None:
    async with desk.client(desk.consultant) as browser:
        answer = await browser.submit(
            "/desk/campaigns/new",
            FORM
            | {
                "organisation": desk.organisation.id,
                "depth": "full",
                "segments.role_layer": "management",
                "segments.department": "skipped",
                "targets.teahouse.tea": "3",
                "opens": "2026-03-03T08:00",
                "closes": "2026-04-01T17:30",
                "welcome.nl": "Welkom",
                "welcome.en": "Welcome",
                "contact": "Bo, bo@theehuis.example",
                "origin": "https://www.theehuis.example\n\nhttps://theehuis.example",
                "signed_only": "1",
                "approve_first": "1",
                "keep_days": "90",
            },
        )

    assert answer.status_code == 303
    [row] = desk.house.rows(tables.campaigns)
    assert answer.headers["location"] == f"/desk/campaigns/{row['id']}/invite"
    assert (row["organisation_id"], row["name"], row["anonymous"]) == (
        desk.organisation.id,
        "Voorjaar",
        False,
    )
    assert row["segments"] == {"role_layer": "management", "department": "skipped"}
    assert (row["targets"], row["depth"]) == ({"teahouse": {"tea": 3}}, "full")
    # Amsterdam is an hour ahead in March, and two from the end of it on.
    assert row["opens_at"].isoformat() == "2026-03-03T07:00:00+00:00"
    assert row["closes_at"].isoformat() == "2026-04-01T15:30:00+00:00"
    assert row["welcome"] == {"nl": "Welkom", "en": "Welcome"}
    assert row["origins"] == ["https://www.theehuis.example", "https://theehuis.example"]
    assert (row["signed_only"], row["approve_first"], row["keep_days"]) == (True, True, 90)
    assert (desk.consultant.user_id, "campaign_created", row["id"]) in desk.audit()


WRONG = {
    "name": "",
    "models": "pub",
    "anonymous": "misschien",
    "segments.first_line": "b2c",
    "opens": "gisteren",
    "closes": "2020-01-01T10:00",
    "contact": "x" * 201,
    "reminders": "elf",
    "time_zone": "Mars/Olympus",
    "origin": "geen site",
    "keep_days": "3",
    "welcome.nl": "Alleen dit <b>",
}


async def test_each_wrong_field_is_told_beside_it_at_once_and_nothing_typed_is_lost(desk: DeskHouse) -> None:
    async with desk.client(desk.consultant) as browser:
        answer = await browser.submit(
            "/desk/campaigns/new", FORM | WRONG | {"organisation": desk.organisation.id}
        )
        english = desk.user("consultant", [desk.organisation.id], language="en")
    async with desk.client(english) as other:
        again = await other.submit(
            "/desk/campaigns/new", FORM | {"organisation": desk.organisation.id, "keep_days": "3"}
        )

    assert answer.status_code == again.status_code == 422
    assert desk.house.rows(tables.campaigns) == []
    told = set(re.findall(r'id="e-([^"]+)"', answer.text))
    # What depends on the maturity models waits until those are right.
    assert told == set(WRONG) - {"welcome.nl"}
    for typed in ("geen site", "Mars/Olympus", "x" * 201, "elf", "Alleen dit &lt;b&gt;"):
        assert typed in answer.text, typed
    assert "A number from 7 to 3650, or nothing." in again.text
    assert 'value="3"' in again.text


async def test_a_name_is_taken_once_and_a_welcome_is_in_each_language(desk: DeskHouse) -> None:
    made(desk, name="Voorjaar")
    async with desk.client(desk.consultant) as browser:
        answer = await browser.submit(
            "/desk/campaigns/new",
            FORM | {"organisation": desk.organisation.id, "welcome.nl": "Hoi", "closes": "2020-01-01T10:00"},
        )

    assert set(re.findall(r'id="e-([^"]+)"', answer.text)) == {"name", "welcome", "closes"}
    assert len(desk.house.rows(tables.campaigns)) == 1


async def test_an_admin_adds_an_organisation_and_others_do_not(desk: DeskHouse) -> None:
    async with desk.client(desk.admin) as browser:
        good = await browser.submit("/desk/organisations", {"name": "De Slager"})
        taken = await browser.submit("/desk/organisations", {"name": "de slager"})
    async with desk.client(desk.consultant) as browser:
        other = await browser.submit("/desk/organisations", {"name": "De Visboer"})

    assert (good.status_code, taken.status_code, other.status_code) == (303, 422, 404)
    assert 'value="de slager"' in taken.text
    assert "De Visboer" not in [row["name"] for row in desk.house.rows(tables.organisations)]


def every_case(desk: DeskHouse, one: Campaign, link: str) -> dict[str, Callable[[Actor], object]]:
    """What one can do with a campaign."""
    do = desk.cases.campaigns
    return {
        "progress": lambda who: do.progress(who, one.id),
        "organisation": lambda who: do.organisation(who, one.organisation_id),
        "choices": lambda who: do.choices(who, one.organisation_id),
        "problems": lambda who: do.problems(who, one.organisation_id, new()),
        "create": lambda who: do.create(who, one.organisation_id, new()),
        "setup": lambda who: do.setup(who, one.id),
        "set_sites": lambda who: do.set_sites(who, one.id, [], False),
        "set_promise": lambda who: do.set_promise(who, one.id, False, None),
        "signing_key": lambda who: do.signing_key(who, one.id),
        "invitations": lambda who: do.invitations(who, one.id),
        "invite": lambda who: do.invite(who, one.id, "open"),
        "links": lambda who: do.links(who, one.id, link),
        "revoke": lambda who: do.revoke(who, one.id, link),
        "remind": lambda who: do.remind(who, one.id, dry_run=True),
        "notes": lambda who: do.notes(who, one.id),
        "add_note": lambda who: do.add_note(who, one.id, "Een notitie"),
        "close": lambda who: do.close(who, one.id),
    }


def outcome(do: Callable[[Actor], object], who: Actor) -> type[DeskError] | None:
    try:
        do(who)
    except DeskError as error:
        return type(error)
    return None


def test_each_use_case_asks_itself_who_may(desk: DeskHouse) -> None:
    one = made(desk)
    [(link, _)] = invite(desk.house, one)

    for name, do in every_case(desk, one, link.id).items():
        sees = name in ("progress", "organisation")
        assert outcome(do, desk.stranger) is Missing, name
        assert outcome(do, desk.strange_viewer) is Missing, name
        assert outcome(do, desk.viewer) is (None if sees else Refused), name
        assert outcome(do, desk.consultant) is None, name
    [(link, _)] = invite(desk.house, other := made(desk))
    for name, do in every_case(desk, other, link.id).items():
        assert outcome(do, desk.admin) is None, name
    for do in every_case(desk, Campaign(**{**vars(one), "id": "0" * 16}), link.id).values():
        # Those about the organisation still find it.
        assert outcome(do, desk.consultant) in (Missing, None)


async def test_a_viewer_sees_numbers_without_names_and_no_group_under_five(desk: DeskHouse) -> None:
    one = made(desk)
    for number in range(6):
        layer = "front_line" if number else "board"
        person = Person(
            desk.house, code=code(desk.house, one, "single", labels=[f"Naam{number}"]), segments={}
        )
        with desk.house.store.write() as work:
            work.update_conversation(person.id, segments={"role_layer": layer})
            work.commit()

    async with desk.client(desk.viewer) as browser:
        theirs = await browser.get(f"/desk/campaigns/{one.id}")
    async with desk.client(desk.consultant) as browser:
        own = await browser.get(f"/desk/campaigns/{one.id}")

    assert "Naam3" in own.text
    assert "Naam" not in theirs.text
    # One of the board and five of the front line: of the board alone nothing is told, nor by subtracting.
    assert "Directie of bestuur 0 van de 1" in text_of(own.text)
    assert "Directie" not in text_of(theirs.text)
    assert "Werk met klanten" not in text_of(theirs.text)
    # Six have begun and none has finished; who sees no people sees fives.
    assert "kleine groepen samen 0 van de 5" in text_of(theirs.text)
    assert "Begonnen 5" in text_of(theirs.text)
    assert "Begonnen 6" in text_of(own.text)
    assert (desk.consultant.user_id, "people_seen", one.id) in desk.audit()
    for look in (
        lambda: desk.cases.campaigns.invitations(desk.consultant, one.id),
        lambda: desk.cases.campaigns.remind(desk.consultant, one.id, dry_run=True),
    ):
        before = len(desk.audit())
        look()
        assert desk.audit()[before:] == [(desk.consultant.user_id, "people_seen", one.id)]


async def test_nobody_is_named_in_an_anonymous_campaign(desk: DeskHouse) -> None:
    one = made(desk, anonymous=True)
    person = Person(desk.house, code=code(desk.house, one))

    async with desk.client(desk.admin) as browser:
        page = await browser.get(f"/desk/campaigns/{one.id}")

    assert "Wie waar staat" not in text_of(page.text)
    assert person.id not in page.text


async def test_links_are_made_by_name_shown_with_a_picture_and_taken_back(desk: DeskHouse) -> None:
    one = made(desk)
    async with desk.client(desk.consultant) as browser:
        address = f"/desk/campaigns/{one.id}/invite"
        many = await browser.submit(
            address, {"kind": "named", "label": "Anna\n\n <b>Bo</b> ", "language": "en"}
        )
        again = await browser.submit(address, {"kind": "named", "label": "anna\nCees"})
        shown = await browser.get(address)
        invitations = {row["label"]: row["id"] for row in desk.house.rows(tables.invitations)}
        anna = f"{address}/{invitations['Anna']}"
        link = await browser.get(anna)
        svg, png = await browser.get(f"{anna}/web.svg"), await browser.get(f"{anna}/web.png?save=1")
        none = await browser.get(f"{anna}/telegram.svg")
        revoked = await browser.submit(f"{anna}/revoke")
        gone = await browser.get(anna)

    assert many.status_code == revoked.status_code == 303
    assert again.status_code == 422  # Anna has one, and Cees still stands in the form
    assert "Cees" in again.text
    assert set(invitations) == {"Anna", "<b>Bo</b>"}
    assert "&lt;b&gt;Bo&lt;/b&gt;" in shown.text
    assert "<b>Bo</b>" not in shown.text
    row = next(one_ for one_ in desk.house.rows(tables.invitations) if one_["label"] == "Anna")
    with desk.house.store.read() as work:
        [invitation] = [item for item in work.invitations(one.id) if item.id == row["id"]]
    assert f"/c/{code_of(desk.house, one, invitation)}" in link.text
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.content.startswith(b"<?xml")
    assert png.content.startswith(b"\x89PNG")
    assert "attachment" in png.headers["content-disposition"]
    assert none.status_code == gone.status_code == 404
    assert [action for _, action, _ in desk.audit()].count("invitation_made") == 2


async def test_what_would_be_reminded_is_told_first_and_why_not(desk: DeskHouse) -> None:
    one = made(desk)
    complete(Person(desk.house, code=code(desk.house, one, "single", labels=["Anna"])))
    Person(desk.house, code=code(desk.house, one, "single", labels=["Bo"]))

    async with desk.client(desk.consultant) as browser:
        page = await browser.get(f"/desk/campaigns/{one.id}/remind")
        closing = await browser.submit(f"/desk/campaigns/{one.id}/close")
        closed = await browser.get(f"/desk/campaigns/{one.id}/remind")

    assert "Anna klaar" in text_of(page.text)
    assert "Bo zei geen ja" in text_of(page.text)
    assert closing.status_code == closed.status_code == 303


async def test_settings_tell_the_key_only_when_asked_and_that_is_written_down(desk: DeskHouse) -> None:
    one = made(desk, origins=("https://theehuis.example",))
    invite(desk.house, one)
    key = desk.house.peil.campaigns.signing_key(one.id)
    async with desk.client(desk.consultant) as browser:
        before = await browser.get(f"/desk/campaigns/{one.id}/settings")
        asked = await browser.submit(f"/desk/campaigns/{one.id}/settings/key")
        wrong = await browser.submit(f"/desk/campaigns/{one.id}/settings/sites", {"origin": "onzin"})
        good = await browser.submit(
            f"/desk/campaigns/{one.id}/settings/sites", {"origin": "https://a.example", "signed_only": "1"}
        )

    assert key not in before.text
    assert "widget.js" in before.text
    assert key in asked.text
    assert (desk.consultant.user_id, "signing_key_seen", one.id) in desk.audit()
    assert key not in str(desk.house.rows(tables.audit))
    assert (wrong.status_code, good.status_code) == (422, 303)
    assert "onzin" in wrong.text
    [row] = desk.house.rows(tables.campaigns)
    assert (row["origins"], row["signed_only"]) == (["https://a.example"], True)


async def test_a_note_is_kept_and_only_its_writer_deletes_it(desk: DeskHouse) -> None:
    one = made(desk)
    async with desk.client(desk.consultant) as browser:
        empty = await browser.submit(f"/desk/campaigns/{one.id}/notes", {"note": " "})
        kept = await browser.submit(f"/desk/campaigns/{one.id}/notes", {"note": "Vraag <i>Bo</i>"})
        shown = await browser.get(f"/desk/campaigns/{one.id}")
        [row] = desk.house.rows(tables.desk_notes)
        address = f"/desk/campaigns/{one.id}/notes/{row['id']}/delete"
        async with desk.client(desk.admin) as other:
            not_theirs = await other.submit(address)
        gone = await browser.submit(address)

    assert (empty.status_code, kept.status_code, not_theirs.status_code, gone.status_code) == (
        422,
        303,
        404,
        303,
    )
    assert "Vraag &lt;i&gt;Bo&lt;/i&gt;" in shown.text
    assert desk.house.rows(tables.desk_notes) == []


async def counted(desk: DeskHouse, browser: Browser, address: str) -> int:
    with at_statement(desk.house, lambda connection, statement: None, 10**6) as seen:
        page = await browser.get(address)
    assert page.status_code == 200, address
    return len(seen)


async def test_a_page_asks_the_store_as_often_however_many_respondents_there_are(desk: DeskHouse) -> None:
    one = made(desk)
    pages = [
        "/desk/",
        *(f"/desk/campaigns/{one.id}{page}" for page in ("", "/invite", "/remind", "/settings")),
    ]
    pages.append(f"/desk/organisations/{desk.organisation.id}")

    def more(count: int) -> None:
        for number in range(count):
            person = Person(desk.house, code=code(desk.house, one, "single"))
            person.say("2")
            if number % 2:
                complete(person, "22231")

    more(2)
    async with desk.client(desk.consultant) as browser:
        # Whatever is only done at the first look, such as noting that the session was used.
        for page in pages:
            await browser.get(page)
        before = [await counted(desk, browser, page) for page in pages]
        more(6)
        assert [await counted(desk, browser, page) for page in pages] == before
        # Progress has most: what waits takes a count each, and each questionnaire's name is looked up.
        assert max(before) <= 25, before


async def test_no_address_or_field_makes_a_page_fail(desk: DeskHouse) -> None:
    one = made(desk)
    odd = ("%00", "..", "9" * 40, "%F0%9F%90%A6", "'--")
    async with desk.client(desk.consultant) as browser:
        token = {"csrf": await browser.csrf()}
        for word in odd:
            for address in (
                *(f"/desk/organisations/{word}", f"/desk/campaigns/{word}", f"/desk/privacy/{word}"),
                *(f"/desk/campaigns/{one.id}/invite/{word}", f"/desk/campaigns/{one.id}?page={word}"),
                *(
                    f"/desk/campaigns/new?organisation={word}",
                    f"/desk/campaigns/{one.id}/invite/{word}/web.png",
                ),
            ):
                answer = await browser.get(address)
                assert answer.status_code in (200, 303, 404, 422), (address, answer.status_code)
            answer = await browser.post(f"/desk/campaigns/{one.id}/notes/{word}/delete", data=token)
            assert answer.status_code in (404, 405, 422), word
        hostile = {name: "\a\n=1+1 <script>" for name in (*FORM, *WRONG, "note", "who", "label", "kind")}
        for address in (
            *("/desk/organisations", "/desk/campaigns/new", "/desk/privacy"),
            *(f"/desk/campaigns/{one.id}/{page}" for page in ("notes", "invite", "settings/sites")),
            f"/desk/campaigns/{one.id}/settings/promise",
        ):
            answer = await browser.post(address, data=token | hostile)
            assert answer.status_code in (303, 404, 422), (address, answer.status_code)
            assert "<script>" not in answer.text


async def test_what_waits_is_counted_for_consultants_and_leads_to_the_list(desk: DeskHouse) -> None:
    one = made(desk, approve_first=True)
    complete(Person(desk.house, code=code(desk.house, one)))
    async with desk.client(desk.consultant) as browser:
        pages = [await browser.get(at) for at in ("/desk/", f"/desk/campaigns/{one.id}")]
    async with desk.client(desk.viewer) as browser:
        viewers = [await browser.get(at) for at in ("/desk/", f"/desk/campaigns/{one.id}")]

    for page in pages:
        assert "1 uitslag wacht tot jij die vrijgeeft" in text_of(page.text)
        assert "/respondents?approval=1" in page.text
    for page in viewers:
        assert page.status_code == 200
        assert "approval=1" not in page.text


async def test_a_list_of_unused_links_is_a_file_without_formulas_and_is_written_down(desk: DeskHouse) -> None:
    one = made(desk)
    Person(desk.house, code=code(desk.house, one, "single", labels=["Bo"])).say("2")
    [(_, unused)] = invite(desk.house, one, "single", labels=["=1+1"])
    address = f"/desk/campaigns/{one.id}/links.csv"
    async with desk.client(desk.consultant) as browser:
        everything = await browser.get(address)
        some = await browser.get(f"{address}?unused=1")
    written = [row for row in desk.house.rows(tables.audit) if row["action"] == "links_exported"]

    assert "Bo," in everything.text
    assert "'=1+1," in some.text
    assert f"/c/{unused}" in some.text
    assert "Bo," not in some.text
    assert len(written) == 2
    assert unused not in str(written)
