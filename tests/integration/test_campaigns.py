"""Campaigns as their use-cases have them: made, invited to, opened once, counted, closed, and anonymous."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from bot.assessment.records import Campaign
from bot.service.campaign_input import CampaignError, InvalidField, NotFound, NotPossible
from bot.service.campaigns import open_invitation, use_invitation
from bot.service.codes import Codes, InvalidCode, in_text, read
from bot.settings import ROOT
from bot.store import tables
from tests.integration.campaigning import campaign, code, code_of, complete, invite, new
from tests.integration.parts import ITEMS, House, Person, coffeebar, teahouse

BAKERY = (ROOT / "tests" / "data" / "bakery.yml").read_text(encoding="utf-8")
NOBODY = {"role_layer": "skipped", "department": "skipped", "business_line": "skipped"}


def refused(error: type[CampaignError], do: Callable[[], Any]) -> str:
    with pytest.raises(error) as caught:
        do()
    return str(caught.value)


def why_not(house: House, which: str, *, now: datetime | None = None) -> InvalidCode:
    with pytest.raises(InvalidCode) as caught, house.store.write() as work:
        open_invitation(work, house.use_cases.codes, which, now or house.clock())
    return caught.value


# --- making -----------------------------------------------------------------------------------------


def test_a_campaign_is_kept_as_it_was_wished_for_with_a_new_organisation(house: House) -> None:
    house.publish(bakery=BAKERY, teahouse=teahouse())
    opens, closes = datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)

    made = house.peil.campaigns.create(
        new(
            organisation=" Het  Theehuis ",
            name="Voorjaar 2026",
            models=("teahouse", "bakery"),
            languages=("en", "nl"),
            segments={"department": "skipped", "role_layer": "board"},
            targets={"teahouse": {"tea": 3}},
            anonymous=True,
            opens_at=opens,
            closes_at=closes,
            welcome={"nl": "Welkom", "en": "Welcome"},
            contact="Bo, bo@theehuis.example",
            reminders=1,
        )
    )

    assert made.new_organisation
    assert made.organisation.name == "Het Theehuis"
    shown = house.peil.campaigns.show("voorjaar 2026")
    assert shown.organisation == made.organisation
    assert shown.campaign == made.campaign
    assert shown.campaign == Campaign(
        id=made.campaign.id,
        organisation_id=made.organisation.id,
        name="Voorjaar 2026",
        models=("bakery", "teahouse"),
        depth=None,
        languages=("en", "nl"),
        segments={"role_layer": "board", "department": "skipped"},
        targets={"teahouse": {"tea": 3}},
        anonymous=True,
        opens_at=opens,
        closes_at=closes,
        closed_at=None,
        welcome={"en": "Welcome", "nl": "Welkom"},
        contact="Bo, bo@theehuis.example",
        reminders=1,
        time_zone="Europe/Amsterdam",
        created_at=made.campaign.created_at,
    )
    assert (shown.phase, shown.invitations) == ("early", ())


def test_a_second_campaign_finds_its_organisation_whatever_the_capitals(house: House) -> None:
    house.peil.campaigns.create_organisation("Het Theehuis")

    made = house.peil.campaigns.create(new(organisation="HET theehuis"))

    assert not made.new_organisation
    assert [(one.name, count) for one, count in house.peil.campaigns.organisations()] == [("Het Theehuis", 1)]


def test_names_are_unique_of_organisations_and_of_campaigns_within_one(house: House) -> None:
    campaigns = house.peil.campaigns
    campaigns.create(new(organisation="Het Theehuis", name="Voorjaar"))
    campaigns.create(new(organisation="De Bakker", name="Voorjaar"))

    again = lambda: campaigns.create(new(organisation="Het Theehuis", name="voorjaar "))  # noqa: E731
    assert "has a campaign 'voorjaar' already" in refused(InvalidField, again)
    assert "there already" in refused(InvalidField, lambda: campaigns.create_organisation("de bakker"))
    assert "Several campaigns" in refused(NotFound, lambda: campaigns.show("Voorjaar"))
    assert len(campaigns.campaigns()) == 2
    assert [one.organisation.name for one in campaigns.campaigns("de bakker")] == ["De Bakker"]
    assert "no organisation" in refused(NotFound, lambda: campaigns.campaigns("De Slager"))
    assert "no campaign" in refused(NotFound, lambda: campaigns.show("Najaar"))


def test_a_campaign_that_cannot_be_leaves_no_organisation_behind(house: House) -> None:
    assert "not on offer" in refused(InvalidField, lambda: campaign(house, models=("pub",)))
    assert "quick scan" in refused(InvalidField, lambda: campaign(house, depth="quick"))

    assert house.rows(tables.organisations) == []
    assert house.rows(tables.campaigns) == []


# --- inviting ---------------------------------------------------------------------------------------


def test_every_invitation_has_a_code_of_its_own_that_stands_in_no_table(house: House) -> None:
    one = campaign(house)

    made = invite(house, one, "single", labels=("Anna", "Bo")) + invite(house, one, "single", count=3)

    assert [invitation.label for invitation, _ in made] == ["Anna", "Bo", None, None, None]
    codes = [code for _, code in made]
    assert len(set(codes)) == 5
    for one_code in codes:
        assert read(one_code) == one_code
        assert house.traces(one_code) == []


def test_a_link_of_each_channel_that_is_set_up_and_what_the_others_take(make_house: Any) -> None:
    bare: House = make_house(public_url="https://peil.example")
    one = campaign(bare, languages=("nl",))
    [(invitation, code_)] = invite(bare, one)

    links = bare.peil.campaigns.links(one, invitation)

    assert dict(links.urls) == {"web": f"https://peil.example/c/{code_}"}
    assert set(links.missing) == {"telegram", "whatsapp"}
    assert "PEIL_TELEGRAM_BOT" in links.missing["telegram"]
    assert "PEIL_WHATSAPP_NUMBER" in links.missing["whatsapp"]

    full: House = make_house(
        telegram_token="123456:" + "a" * 30,
        telegram_bot="peil_bot",
        whatsapp_token="t" * 30,
        whatsapp_number="31612345678",
    )
    links = full.peil.campaigns.links(one, invitation)

    assert links.missing == {}
    assert links.urls["telegram"] == f"https://t.me/peil_bot?start={code_}"
    # What comes after 'start=' may have at most 64 signs, and of these only.
    assert code_.isalnum()
    assert len(code_) <= 64
    whatsapp = urlsplit(links.urls["whatsapp"])
    assert (whatsapp.netloc, whatsapp.path) == ("wa.me", "/31612345678")
    text = unquote(whatsapp.query.removeprefix("text="))
    assert text.startswith("Hoi!")
    assert links.code in text
    found = in_text(text)
    assert found is not None
    assert found[0] == code_  # whether it is surely one depends on the signs that chance gave it


def test_the_whatsapp_text_is_in_the_language_of_the_link(make_house: Any) -> None:
    house: House = make_house(whatsapp_token="t" * 30, whatsapp_number="31612345678")
    one = campaign(house)
    [(invitation, _)] = invite(house, one, language="en")

    assert "text=Hi%21" in house.peil.campaigns.links(one, invitation).urls["whatsapp"]


def test_an_anonymous_campaign_takes_no_name_and_says_why(house: House) -> None:
    one = campaign(house, anonymous=True)

    said = refused(InvalidField, lambda: invite(house, one, "single", labels=("Anna",)))

    assert "anonymous" in said
    assert "whom a link is for" in said
    assert house.rows(tables.invitations) == []


def test_a_link_for_one_person_tells_no_segment_in_an_anonymous_campaign(house: House) -> None:
    one = campaign(house, anonymous=True)
    board = {"role_layer": "board"}

    said = refused(InvalidField, lambda: invite(house, one, "single", segments=board, count=4))
    assert "at least 5 alike at once, or an open link" in said
    assert len(invite(house, one, "single", segments=board, count=5)) == 5
    assert len(invite(house, one, "open", segments=board)) == 1
    by_name = campaign(house)
    assert invite(house, by_name, "single", segments=board)[0][0].segments == board


def test_what_an_invitation_cannot_be(house: House) -> None:
    one = campaign(house, languages=("nl",))
    invite(house, one, "single", labels=("Anna",))

    for options, words in (
        ({"labels": ("anna",)}, "there is an invitation for 'anna' already"),
        ({"labels": ("Bo", "bo")}, "already"),
        ({"labels": ("Bo",), "count": 2}, "unnamed"),
        ({"labels": (" ",)}, "1 to 120"),
        ({"count": 0}, "1 to 1000"),
        ({"count": 1001}, "1 to 1000"),
        ({"language": "en"}, "in nl"),
        ({"segments": {"role_layer": "king"}}, "board"),
    ):
        assert words in refused(InvalidField, lambda: invite(house, one, "single", **options))  # noqa: B023
    assert "unnamed" in refused(InvalidField, lambda: invite(house, one, "open", count=2))
    assert "an open link is for all" in refused(
        InvalidField, lambda: invite(house, one, "open", labels=("Cas",))
    )
    assert len(house.rows(tables.invitations)) == 1


def test_a_name_can_be_invited_again_once_the_former_link_was_taken_back(house: House) -> None:
    one = campaign(house)
    [(first, _)] = invite(house, one, "single", labels=("Anna",))
    house.peil.campaigns.revoke(one.id, "anna")

    [(second, _)] = invite(house, one, "single", labels=("Anna",))

    assert house.peil.campaigns.invitation(one.id, "Anna") == second
    assert house.peil.campaigns.invitation(one.id, first.id).revoked_at is not None


# --- opening ----------------------------------------------------------------------------------------


def test_a_code_opens_its_campaign_however_it_is_typed(house: House) -> None:
    one = campaign(house)
    [(invitation, _)] = invite(house, one)
    shown = house.peil.campaigns.links(one, invitation).code

    for typed in (shown, shown.lower(), shown.replace("-", " "), shown.replace("-", "")):
        with house.store.write() as work:
            found = open_invitation(work, house.use_cases.codes, typed, house.clock())
        assert found == (one, invitation)


def test_a_link_for_one_person_opens_once_and_one_for_all_again_and_again(house: House) -> None:
    one = campaign(house)
    single, open_ = code(house, one, "single"), code(house, one)

    Person(house, code=single)
    for _ in range(3):
        Person(house, code=open_)

    used = why_not(house, single)
    assert (used.why, used.campaign_id) == ("used", one.id)
    assert [row["uses"] for row in house.rows(tables.invitations)].count(3) == 1


def test_why_a_code_opens_nothing(house: House) -> None:
    now = house.clock()
    later = campaign(house, opens_at=datetime(2026, 3, 9, 8, 0, tzinfo=UTC))
    ending = campaign(house, closes_at=now + timedelta(hours=2))
    revoked = campaign(house)
    codes = {one.id: code(house, one) for one in (later, ending, revoked)}
    house.peil.campaigns.revoke(revoked.id, None)

    assert why_not(house, "0000-0000-0000-0000").why == "unknown"
    assert why_not(house, "no code at all").why == "unknown"
    assert why_not(house, "").why == "unknown"
    assert why_not(house, codes[revoked.id]).why == "revoked"
    early = why_not(house, codes[later.id])
    # Eight in UTC is nine in Amsterdam.
    assert (early.why, early.values) == ("early", {"date": "2026-03-09", "time": "09:00"})
    with house.store.write() as work:
        open_invitation(work, house.use_cases.codes, codes[ending.id], now + timedelta(minutes=119))
    assert why_not(house, codes[ending.id], now=now + timedelta(hours=2)).why == "closed"


def test_a_handover_s_code_and_another_house_s_open_no_campaign(house: House) -> None:
    one = campaign(house)
    [(invitation, _)] = invite(house, one)

    assert why_not(house, house.use_cases.codes.code("handover", invitation.id)).why == "unknown"
    elsewhere = Codes("the secret of quite another house").code("invitation", invitation.id)
    assert why_not(house, elsewhere).why == "unknown"
    assert elsewhere != code_of(house, one, invitation)


def test_of_many_who_use_one_link_at_once_exactly_one_begins(make_house: Callable[..., House]) -> None:
    houses = [make_house() for _ in range(6)]
    one = campaign(houses[0])
    single = code(houses[0], one, "single")
    start = threading.Barrier(len(houses))
    came: list[str] = []

    def begin(house: House) -> None:
        start.wait()
        try:
            house.use_cases.start_conversation("web", "nl", {}, code=single)
            came.append("begun")
        except InvalidCode as error:
            came.append(error.why)

    threads = [threading.Thread(target=begin, args=(house,)) for house in houses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(came) == ["begun", *["used"] * 5]
    assert [row["uses"] for row in houses[0].rows(tables.invitations)] == [1]
    assert len(houses[0].rows(tables.conversations)) == 1


def test_of_many_who_use_an_open_link_at_once_everybody_is_counted(make_house: Callable[..., House]) -> None:
    houses = [make_house() for _ in range(6)]
    one = campaign(houses[0], anonymous=True)
    open_ = code(houses[0], one)
    threads = [
        threading.Thread(
            target=house.use_cases.start_conversation, args=("web", "nl", {}), kwargs={"code": open_}
        )
        for house in houses
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert [row["uses"] for row in houses[0].rows(tables.invitations)] == [6]


def test_a_use_that_is_not_committed_does_not_count(house: House) -> None:
    one = campaign(house)
    single = code(house, one, "single")

    with house.store.write() as work:
        _, invitation = open_invitation(work, house.use_cases.codes, single, house.clock())
        use_invitation(work, invitation)

    with house.store.write() as work:
        open_invitation(work, house.use_cases.codes, single, house.clock())


# --- closing and taking back ------------------------------------------------------------------------


def test_a_closed_campaign_lets_nobody_begin_and_everybody_finish(house: House) -> None:
    one = campaign(house)
    open_ = code(house, one)
    person = Person(house, code=open_)
    person.say("1")

    closed = house.peil.campaigns.close(one.id)

    assert closed.closed_at is not None
    assert house.peil.campaigns.close(one.id).closed_at == closed.closed_at
    assert why_not(house, open_).why == "closed"
    said = refused(NotPossible, lambda: invite(house, one))
    assert "is closed" in said
    complete(person, "22231")


def test_a_link_that_was_taken_back_lets_nobody_begin_and_others_work_on(house: House) -> None:
    one = campaign(house)
    [(anna, for_anna), (_, for_bo)] = invite(house, one, "single", labels=("Anna", "Bo"))
    person = Person(house, code=for_anna)

    revoked = house.peil.campaigns.revoke(one.id, anna.id)

    assert [found.id for found in revoked] == [anna.id]
    assert house.peil.campaigns.revoke(one.id, anna.id) == []
    assert why_not(house, for_anna).why == "revoked"
    complete(person)
    Person(house, code=for_bo)
    house.peil.campaigns.revoke(one.id, None)
    assert why_not(house, for_bo).why == "revoked"
    assert "no invitation" in refused(NotFound, lambda: house.peil.campaigns.revoke(one.id, "Cas"))


# --- how far people are -----------------------------------------------------------------------------


def test_status_by_name_says_who_stands_where(house: House) -> None:
    one = campaign(house)
    names = ("Anna", "Bo", "Cas", "Dee", "Els", "Fae")
    codes = dict(zip(names, (c for _, c in invite(house, one, "single", labels=names)), strict=True))
    complete(Person(house, code=codes["Anna"]))
    half = Person(house, code=codes["Bo"])
    for level in "122":
        half.say(level)
    Person(house, code=codes["Cas"], agrees=False)
    little = Person(house, code=codes["Dee"])
    for level in "12":
        little.say(level)
    house.peil.campaigns.revoke(one.id, "Els")
    gone = Person(house, code=codes["Fae"])
    house.use_cases.forget(gone.id)
    passer_by = Person(house, code=code(house, one))

    found = house.peil.campaigns.status(one.id)

    assert passer_by.asks(1)
    # Six links for one person, of which one was taken back unused.
    assert (found.invited, found.used, found.open_links) == (5, 5, 1)
    assert (found.started, found.finished) == (4, 1)
    assert dict(found.places) == {
        "opened": 1,
        "agreed": 1,
        "first_half": 1,
        "second_half": 1,
        "finished": 1,
    }
    told = [(who.label, who.place, [(run.done, run.total) for run in who.runs]) for who in found.people]
    assert told == [
        ("Anna", "finished", [(6, 6)]),
        ("Bo", "second_half", [(3, 6)]),
        ("Cas", "opened", []),
        ("Dee", "first_half", [(2, 6)]),
        ("Els", "revoked", []),
        ("Fae", "gone", []),
        (None, "agreed", [(0, 6)]),
    ]


def test_status_by_name_counts_every_segment_as_it_was_said(house: House) -> None:
    one = campaign(house, segments={"department": "it"})
    open_ = code(house, one)
    complete(Person(house, code=open_, segments={"role_layer": "board", "business_line": "b2b"}))
    Person(house, code=open_, segments={"business_line": "b2b"})

    found = house.peil.campaigns.status(one.id).segments

    said = {name: [(g.option, g.started, g.finished) for g in groups] for name, groups in found.items()}
    assert said == {
        "role_layer": [("board", 1, 1), ("unknown", 1, 0)],
        "department": [("it", 2, 1)],
        "business_line": [("b2b", 2, 1)],
    }


def test_status_of_an_anonymous_campaign_tells_numbers_and_no_small_group(house: House) -> None:
    one = campaign(house, anonymous=True, segments={"business_line": "b2c"})
    open_ = code(house, one)
    for department in (*["sales"] * 6, "it", "it", "data"):
        Person(house, code=open_, segments={"role_layer": "specialist", "department": department})

    found = house.peil.campaigns.status(one.id)

    said = {name: [(g.option, g.started) for g in groups] for name, groups in found.segments.items()}
    # Nine specialists. Two of ICT and one of data are three: too few by themselves, so sales goes with them.
    assert said == {
        "role_layer": [("specialist", 9)],
        "department": [("withheld", 9)],
        "business_line": [("b2c", 9)],
    }
    assert found.people == ()
    assert (found.started, found.finished) == (9, 0)


# --- what anonymous means ---------------------------------------------------------------------------


def everything_told(house: House) -> str:
    """All that a consultant is told by the commands that read."""
    review, campaigns = house.peil.review, house.peil.campaigns
    runs = review.assessments()
    return repr(
        [
            runs,
            [review.assessment(run["id"]) for run in runs],
            review.export(),
            review.requests(),
            [review.report(run["id"], with_words=True) for run in runs],
            [campaigns.status(one.campaign.id) for one in campaigns.campaigns()],
        ]
    )


def test_after_an_anonymous_campaign_nothing_ties_a_person_to_answers(house: House) -> None:
    one = campaign(house, anonymous=True)
    made = invite(house, one, "single", count=2) + invite(house, one)
    people = []
    for _, one_code in made:
        person = Person(house, code=one_code, segments=NOBODY)
        person.say("1, bij Flapdrol")
        complete(person, "22231")
        people.append(person)

    assert [row["invitation_id"] for row in house.rows(tables.conversations)] == [None] * 3
    assert [row["label"] for row in house.rows(tables.invitations)] == [None] * 3
    for invitation, one_code in made:
        # The id of a link stands with the link and nowhere else; its code nowhere.
        assert house.traces(invitation.id)[0] == "invitations.id"
        assert [
            found for found in house.traces(invitation.id) if "." in found and "peil.db" not in found
        ] == ["invitations.id"]
        assert house.traces(one_code) == []
    told = everything_told(house)
    for person in people:
        assert person.id not in told
    for hidden in ("Flapdrol", "09:30", "2026-03-02", "telegram"):
        assert hidden not in told
    assert "maart 2026" in told


def test_a_chat_s_number_stands_nowhere_but_sealed_beside_the_conversation(house: House) -> None:
    one = campaign(house, anonymous=True)
    open_ = code(house, one)
    number, name = "31655501234", "whatsapp"
    for message, text in (("w1", None), ("w2", "ja"), ("w3", "directie"), ("w4", "overslaan")):
        taken = house.peil.chats.arrive(
            name, number, message, text=text, code=open_ if text is None else None, language="nl"
        )
        if taken.inbound is not None:
            house.use_cases.take_turn(taken.inbound.turn_id, "take_answer")

    assert house.traces(number) == []
    assert house.traces(number[2:]) == []
    [account] = house.rows(tables.accounts)
    [conversation] = house.rows(tables.conversations)
    assert account["conversation_id"] == conversation["id"]
    # The channel's name stands where messages came in, and in nothing that a consultant is told.
    told = everything_told(house)
    for hidden in (account["id"], account["mark"], account["address"], conversation["id"], name):
        assert hidden not in told


def test_by_name_a_consultant_is_told_who_when_and_in_which_words(house: House) -> None:
    one = campaign(house)
    person = Person(house, code=code(house, one, "single", labels=("Anna",)))
    person.say("1")

    [run] = house.peil.review.assessments()
    [row] = house.peil.review.export()

    assert (run["conversation"], run["campaign"], run["invited_as"]) == (person.id, one.id, "Anna")
    assert (row["words"], row["campaign"], row["invited_as"]) == ("1", one.id, "Anna")
    assert row["answered_at"].startswith("2026-03-02T09:30")


def test_the_export_of_an_anonymous_campaign_tells_segments_of_groups_only(house: House) -> None:
    one = campaign(house, anonymous=True, segments={"business_line": "b2c"})
    open_ = code(house, one)
    for _ in range(5):
        Person(house, code=open_, segments={"role_layer": "specialist", "department": "it"}).say("1")
    for department in ("sales", "sales", "service", "data", "marketing"):
        Person(house, code=open_, segments={"role_layer": "board", "department": department}).say("2")
    # Whoever has not answered anything is in no export, and makes no group larger.
    Person(house, code=open_, segments={"role_layer": "board", "department": "sales"})

    rows = house.peil.review.export()

    told = sorted((row["role_layer"], row["department"], row["business_line"], row["level"]) for row in rows)
    assert told == [("specialist", "it", "b2c", 1)] * 5 + [("withheld", "withheld", "b2c", 2)] * 5
    assert {row["item"] for row in rows} == {ITEMS[0]}
    assert {row["answered_at"] for row in rows} == {None}


def test_the_order_of_what_is_told_says_nothing_about_who_came_first(house: House) -> None:
    named = Person(house)
    named.say("1")
    open_ = code(house, campaign(house, anonymous=True))
    for _ in range(6):
        Person(house, code=open_).say("2")
    last = Person(house)
    last.say("3")

    ids = [row["assessment"] for row in house.peil.review.export()]

    assert ids[:2] == [house.runs(named.id)[0].id, house.runs(last.id)[0].id]
    assert ids[2:] == sorted(ids[2:])


def test_answers_of_an_anonymous_campaign_are_numbered_by_themselves(house: House) -> None:
    Person(house).say("1")
    person = Person(house, code=code(house, campaign(house, anonymous=True)))
    person.say("1")
    person.say("terug", "back")
    person.say("3")

    found = house.peil.review.assessment(house.runs(person.id)[0].id)

    assert found is not None
    told = [
        (one["id"], one["level"], one["words"], one["at"], one["superseded_by"]) for one in found["answers"]
    ]
    assert told == [(1, 1, None, None, 2), (2, 3, None, None, None)]


def test_a_wish_for_a_person_leads_to_no_answers_in_an_anonymous_campaign(house: House) -> None:
    person = Person(house, code=code(house, campaign(house, anonymous=True)))
    person.say("1")
    person.say("ik wil een mens spreken", "human")
    person.say("06 12345678")

    [row] = house.peil.review.requests()

    assert row["contact"] == "06 12345678"
    assert (row["conversation"], row["assessment"], row["question"]) == (None, None, None)
    [stored] = house.rows(tables.help_requests)
    assert (stored["assessment_id"], stored["item_id"]) == (None, None)


def test_two_models_and_a_second_round_are_one_person_in_the_status(house: House) -> None:
    house.publish(teahouse=teahouse(), coffeebar=coffeebar())
    one = campaign(house, models=("teahouse", "coffeebar"))
    person = Person(house, code=code(house, one, "single", labels=("Anna",)))
    person.tap("2")
    complete(person)
    person.say("ik wil nog een scan", "another")
    person.tap("1")
    person.say("1")

    found = house.peil.campaigns.status(one.id)

    assert (found.started, found.finished) == (1, 1)
    [anna] = found.people
    assert [(run.model_id, run.done, run.completed) for run in anna.runs] == [
        ("teahouse", 6, True),
        ("coffeebar", 1, False),
    ]
