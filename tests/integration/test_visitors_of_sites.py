"""On a company's site, as the use-cases have it: who may show it, and what the site says of its visitor."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import sqlalchemy as sa
from alembic import command
from click.testing import CliRunner, Result

from bot import definitions
from bot.assessment.records import Campaign, Conversation
from bot.bootstrap import prepare
from bot.cli import main
from bot.service.bundle import check, of_assessment, to_text
from bot.service.campaign_input import InvalidField
from bot.service.embedding import InvalidSigned
from bot.service.kind_words import joined
from bot.service.wording import option_name, segment_title
from bot.store import tables
from bot.store.engine import make_engine
from bot.store.migrate import config
from bot.texts import say
from tests.chat import SEGMENTS
from tests.integration.campaigning import campaign, code, complete, invite
from tests.integration.gateway import Gateway, check_problem, open_gateway
from tests.integration.parts import Clock, House, Person

SITE, OTHER_SITE = "https://www.theehuis.example", "https://intranet.theehuis.example:8443"
REFERENCE = "Klant #4711 a+b@c/d=e:1_~"

Peil = Callable[..., Result]


@pytest.fixture
def peil(house: House) -> Peil:
    """Runs the command with the settings of the test's house."""

    def run(*words: str, **environment: str) -> Result:
        env = {
            "PEIL_DATA_DIR": str(house.settings.data_dir),
            "PEIL_DATABASE_URL": house.database_url,
            "PEIL_DEFINITIONS": str(house.definitions),
            **environment,
        }
        return CliRunner().invoke(main, words, env=env)

    return run


def sign(house: House, of: Campaign, **claims: Any) -> str:
    """What the company's server signs, for an hour."""
    now = int(house.clock.now.timestamp())
    return jwt.encode({"exp": now + 3600, **claims}, house.peil.campaigns.signing_key(of.id), "HS256")


def begun(house: House, of: Campaign, prefill: dict[str, str], signed: str | None = None) -> Conversation:
    """A conversation that was begun with an open link of this campaign."""
    started, _ = house.use_cases.start_conversation("web", "nl", prefill, code=code(house, of), signed=signed)
    return house.conversation(started.id)


# --- who may show it --------------------------------------------------------------------------------


def test_the_origins_of_a_campaign_are_kept_as_browsers_write_them(house: House) -> None:
    one = campaign(house, origins=("HTTPS://WWW.theehuis.example/", OTHER_SITE, SITE), signed_only=True)
    plain = campaign(house)

    assert house.peil.campaigns.show(one.id).campaign == one
    assert (one.origins, one.signed_only) == ((SITE, OTHER_SITE), True)
    assert (plain.origins, plain.signed_only) == ((), False)
    with pytest.raises(InvalidField, match=r"^origin: 'http://theehuis.example' is http"):
        campaign(house, origins=("http://theehuis.example",))
    assert len(house.rows(tables.campaigns)) == 2


def test_a_code_leads_to_the_origins_of_its_campaign_whatever_has_become_of_it(house: House) -> None:
    use_cases, campaigns = house.use_cases, house.peil.campaigns
    one, other = campaign(house, origins=(SITE,)), campaign(house)
    link, single = code(house, one), code(house, one, "single")

    assert use_cases.origins_for_code(link) == (SITE,)
    assert use_cases.origins_for_code(link.lower()) == (SITE,)
    assert use_cases.origins_for_code(code(house, other)) == ()
    Person(house, code=single)
    campaigns.revoke(one.id, None)
    campaigns.close(one.id)
    # So that the page can be told why it opens nothing any more.
    assert use_cases.origins_for_code(link) == (SITE,)
    assert use_cases.origins_for_code(single) == (SITE,)
    for nothing in ("", "0" * 16, "no code", "é", "\0", "x" * 5000):
        assert use_cases.origins_for_code(nothing) == ()


def test_without_a_campaign_the_setting_says_who_may(make_house: Callable[..., House]) -> None:
    house = make_house(embed_origins=f"{SITE} {OTHER_SITE}")
    one = campaign(house, origins=("https://a.example",))
    alone, within = Person(house), Person(house, code=code(house, one))
    use_cases = house.use_cases

    assert use_cases.origins_for_code(None) == (SITE, OTHER_SITE)
    assert use_cases.origins_for_conversation(alone.id) == (SITE, OTHER_SITE)
    assert use_cases.origins_for_conversation(within.id) == ("https://a.example",)
    assert use_cases.origins_for_conversation("nobody") == ()
    # A campaign that names no site is not shown where others are.
    house.peil.campaigns.embed(one.id, origins=())
    assert use_cases.origins_for_conversation(within.id) == ()
    use_cases.forget(alone.id)
    assert use_cases.origins_for_conversation(alone.id) == ()


def test_without_a_setting_no_site_may(house: House) -> None:
    assert house.use_cases.origins_for_code(None) == ()
    assert house.use_cases.origins_for_conversation(Person(house).id) == ()


def test_a_campaign_that_was_there_before_can_be_shown_nowhere_and_loses_nothing(
    database_url: str, tmp_path: Path
) -> None:
    house = House(tmp_path, database_url, Clock())
    try:
        one = campaign(house, origins=(SITE,), signed_only=True)
        person = Person(house, code=code(house, one), prefill={"reference": "A"})
        kept = house.rows(tables.invitations), house.rows(tables.transcript)
        house.close()
        engine = make_engine(database_url)
        with engine.connect() as connection:
            if house.is_sqlite:
                # It goes back by copying and dropping the tables, as it comes by (bot.store.migrate).
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                settings = config()
                settings.attributes["connection"] = connection
                command.downgrade(settings, "0006")
        for table in ("campaigns", "conversations"):
            names = {column["name"] for column in sa.inspect(engine).get_columns(table)}
            assert not names & {"origins", "signed_only", "reference"}
        engine.dispose()

        assert prepare(house.settings, learning=False) == ["The database is up to date now."]

        [now] = house.peil.campaigns.campaigns()
        assert (now.campaign.origins, now.campaign.signed_only) == ((), False)
        assert house.conversation(person.id).reference is None
        assert (house.rows(tables.invitations), house.rows(tables.transcript)) == kept
    finally:
        house.close()


# --- what the site says of its visitor --------------------------------------------------------------


def test_signed_fields_are_known_and_not_asked_and_go_before_the_page_s(house: House) -> None:
    one = campaign(house)
    signed = sign(house, one, department="it", role_layer="board", reference="server")

    found = begun(house, one, {"department": "sales", "business_line": "b2b", "reference": "page"}, signed)

    assert found.segments == {"role_layer": "board", "department": "it", "business_line": "b2b"}
    assert found.reference == "server"


def test_what_the_campaign_says_goes_before_what_was_signed(house: House) -> None:
    one = campaign(house, segments={"department": "service"}, depth="full")

    found = begun(house, one, {}, sign(house, one, department="it", depth="quick"))

    assert found.segments == {"department": "service"}
    assert found.prefill["depth"] == "full"


def test_in_a_campaign_of_signed_fields_a_page_alone_says_nothing(house: House) -> None:
    one = campaign(house, signed_only=True)
    page = {"department": "sales", "role_layer": "board", "depth": "full", "reference": "page"}

    alone = begun(house, one, page)
    signed = begun(house, one, page, sign(house, one, department="it", reference="server"))

    assert (alone.segments, alone.reference, dict(alone.prefill)) == ({}, None, {"model": "teahouse"})
    assert (signed.segments, signed.reference) == ({"department": "it"}, "server")


@pytest.mark.parametrize("wrong", ["other campaign", "expired", "garbage", "unsigned"])
def test_with_what_cannot_be_trusted_nothing_is_begun_and_nothing_used_up(house: House, wrong: str) -> None:
    one, other = campaign(house), campaign(house)
    single = code(house, one, "single")
    signed = {
        "other campaign": sign(house, other, department="it"),
        "expired": sign(house, one, exp=int(house.clock.now.timestamp()) - 61),
        "garbage": "a.b.c",
        "unsigned": jwt.encode({"exp": int(house.clock.now.timestamp()) + 60}, None, algorithm="none"),
    }[wrong]
    before = house.everything()

    with pytest.raises(InvalidSigned):
        house.use_cases.start_conversation("web", "nl", {}, code=single, key="k" * 32, signed=signed)

    assert house.everything() == before
    # The client begins without them, with the same key.
    house.use_cases.start_conversation("web", "nl", {}, code=single, key="k" * 32)


def test_a_repeat_gets_its_conversation_after_the_signature_has_ended(house: House) -> None:
    one = campaign(house)
    single, signed = code(house, one, "single"), sign(house, one, department="it")

    def start() -> str:
        begun, _ = house.use_cases.start_conversation(
            "web", "nl", {}, code=single, key="k" * 32, signed=signed
        )
        return begun.id

    first = start()
    house.clock.move(hours=2)
    assert start() == first


def test_without_a_campaign_there_is_no_key_so_nothing_is_signed(house: House) -> None:
    signed = sign(house, campaign(house), department="it")

    with pytest.raises(InvalidSigned):
        house.use_cases.start_conversation("web", "nl", {}, signed=signed)

    assert house.rows(tables.conversations) == []


# --- what was signed stays signed -------------------------------------------------------------------

SIGNED = {"role_layer": "front_line", "department": "sales", "business_line": "b2c", "reference": "crm-77"}
# What somebody types who wants to be another one.
CHANGES = {
    "nl": {
        "role_layer": ("verander mijn rol in directie", "ik wil mijn rol veranderen"),
        "department": ("verander mijn afdeling in IT", "ik wil mijn afdeling veranderen"),
        "business_line": ("verander mijn klantsoort in zakelijk", "ik wil mijn klantsoort veranderen"),
    },
    "en": {
        "role_layer": ("change my role to board", "I want to change my role"),
        "department": ("change my department to IT", "I want to change my department"),
        "business_line": ("change my customers to businesses", "I want to change my customers"),
    },
}


def visitor(house: House, of: Campaign, language: str = "nl", **claims: str) -> Person:
    """Who came with a JWT that says this, and agreed."""
    return Person(house, language, segments={}, code=code(house, of), signed=sign(house, of, **claims))


def told(language: str, segment: str, option: str) -> str:
    """The sentence that this cannot be changed here."""
    names = {"item": segment_title(language, segment), "option": option_name(language, option)}
    return say(language, "answered.signed", **names)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("segment", ["role_layer", "department", "business_line"])
def test_what_was_signed_is_not_changed_in_the_conversation(
    house: House, language: str, segment: str
) -> None:
    person = visitor(house, campaign(house), language, **SIGNED)
    known = dict(house.conversation(person.id).segments)
    assert known == {name: SIGNED[name] for name in known}
    expected = told(language, segment, SIGNED[segment])

    for answered in (0, 1):
        question = person.text.rpartition("\n\n")[2]
        for words in CHANGES[language][segment]:
            said = person.say(words, "change_answer")
            assert said.startswith(expected), said
            # And the open question stands again.
            assert question in said
            assert house.conversation(person.id).segments == known
            assert len(house.answers(person.id)) == answered
        person.say("2")
    assert len(house.answers(person.id)) == 2


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_was_signed_is_not_changed_while_another_segment_is_asked(house: House, language: str) -> None:
    person = visitor(house, campaign(house), language, role_layer="front_line")
    question = say(language, "segment.ask_department")
    assert question in person.text

    for words in CHANGES[language]["role_layer"]:
        said = person.say(words, "change_answer")
        assert said.startswith(told(language, "role_layer", "front_line"))
        assert question in said
    assert house.conversation(person.id).segments == {"role_layer": "front_line"}


def test_whoever_objects_to_what_was_signed_is_told_whom_to_ask_if_there_is_somebody(house: House) -> None:
    contact = "Noor, 010 123 45 67"
    with_one = visitor(house, campaign(house, contact=contact), "en", **SIGNED)
    without = visitor(house, campaign(house), "en", **SIGNED)
    ask = say("en", "answered.signed_contact", contact=contact)

    assert ask in with_one.say("change my role to board", "change_answer")
    assert ask.partition("?")[0] not in without.say("change my role to board", "change_answer")


def test_what_was_signed_is_not_changed_by_a_button_either_nor_offered_to_be(house: House) -> None:
    one = campaign(house)
    signed = visitor(house, one, "en", role_layer="front_line")
    signed.tap("1")
    signed.tap("1")
    plain = Person(house, "en", segments=SEGMENTS, code=code(house, one))
    for person in (signed, plain):
        person.say("2")
        person.say("change an earlier answer", "change_answer")
    title = segment_title("en", "role_layer")

    assert title in plain.buttons
    assert title not in signed.buttons
    assert segment_title("en", "department") in signed.buttons
    # A button that was there once does no more than words.
    before = dict(house.conversation(signed.id).segments)
    buttons = house.use_cases.knowledge.buttons
    for parts in (("seg", "role_layer", "board"), ("again", "role_layer")):
        assert signed.press(buttons.token(signed.id, *parts)).startswith(
            told("en", "role_layer", "front_line")
        )
    assert house.conversation(signed.id).segments == before


def test_what_the_visitor_said_beside_what_was_signed_can_be_changed(house: House) -> None:
    person = visitor(house, campaign(house), "en", role_layer="front_line")
    assert say("en", "segment.ask_department") in person.text
    person.tap("2")
    person.tap("1")

    person.say("change my department to marketing", "change_answer")
    person.say("change something", "change_answer")

    assert house.conversation(person.id).segments["department"] == "marketing"
    assert house.conversation(person.id).segments["role_layer"] == "front_line"
    assert house.conversation(person.id).signed == ("role_layer",)


def test_whoever_names_nothing_changes_what_can_be_changed(house: House) -> None:
    person = visitor(house, campaign(house), "en", business_line="b2c")
    person.tap("1")
    person.tap("2")

    assert say("en", "segment.ask_department") in person.say("change my answer", "change_answer")
    assert told("en", "business_line", "b2c") not in person.text


def test_of_both_kinds_of_customers_the_visitor_still_chooses_where_to_begin(house: House) -> None:
    person = visitor(house, campaign(house), "en", **{**SIGNED, "business_line": "both"})
    assert say("en", "segment.ask_first_line") in person.text
    person.tap("1")

    assert say("en", "segment.ask_first_line") in person.say("back", "back")
    person.tap("2")

    found = house.conversation(person.id)
    assert (found.segments["business_line"], found.segments["first_line"]) == ("both", "b2b")
    assert "business_line" in found.signed


def test_only_what_the_server_said_and_what_counts_is_kept_as_signed(house: House) -> None:
    one = campaign(house, segments={"department": "service"})
    page = {"business_line": "b2b", "signed": "business_line", "segments": "role_layer"}

    assert begun(house, one, page).signed == ()
    assert begun(house, one, {**page, "reference": "page"}, sign(house, one)).signed == ()
    # The campaign says the department; of who is not known the server has said nothing.
    some = sign(house, one, department="it", role_layer="skipped", reference="A", depth="quick")
    assert begun(house, one, page, some).signed == ("reference",)
    assert begun(house, one, page, sign(house, one, role_layer="board")).signed == ("role_layer",)
    hidden = campaign(house, anonymous=True)
    found = begun(house, hidden, page, sign(house, hidden, department="it", reference="A"))
    assert (found.signed, found.reference) == (("department",), None)


@pytest.mark.parametrize("how", ["erase", "refuse"])
def test_after_erasing_nothing_counts_as_signed_and_all_of_it_is_asked(house: House, how: str) -> None:
    one = campaign(house, signed_only=True)
    signed = sign(house, one, **SIGNED)
    person = Person(house, "en", segments={}, code=code(house, one), signed=signed, agrees=how == "erase")
    if how == "erase":
        person.say("2")
        person.say("erase everything", "erase")
        person.say("yes")
    else:
        person.say("no")

    assert house.conversation(person.id).signed == ()
    person.say("yes")
    for option in ("1", "5", "2"):
        person.tap(option)
    person.say("change my role to manager", "change_answer")

    found = house.conversation(person.id)
    assert found.segments == {"role_layer": "management", "department": "it", "business_line": "b2b"}
    assert (found.signed, found.reference) == ((), None)


def test_consultants_can_tell_what_was_signed_from_what_somebody_said(house: House, peil: Peil) -> None:
    one = campaign(house, signed_only=True)
    people = [visitor(house, one, "en", **SIGNED), visitor(house, one, "en", role_layer="board")]
    people[1].tap("2")
    people[1].tap("1")
    # The same values, said by the visitor alone.
    alone = Person(house, "en", segments=SEGMENTS, code=code(house, one))
    for option in ("4", "2", "1"):
        alone.tap(option)
    people.append(alone)
    for person in people:
        complete(person)
    runs = [house.runs(person.id)[0].id for person in people]
    assert house.conversation(alone.id).segments == house.conversation(people[0].id).segments

    every = [json.loads(peil("assessments", "show", run).stdout)["signed"] for run in runs]
    assert every == [["role_layer", "department", "business_line", "reference"], ["role_layer"], []]
    _, *lines = peil("assessments", "list").stdout.splitlines()
    assert lines[0].endswith('"crm-77" (signed)  role_layer, department, business_line, reference')
    assert [line.split()[-2:] for line in lines[1:]] == [["-", "role_layer"], ["-", "nothing"]]
    rows = list(csv.DictReader(io.StringIO(peil("assessments", "export", "--format", "csv").stdout)))
    assert {(row["assessment"], row["signed"]) for row in rows} == {
        (runs[0], "role_layer department business_line reference"),
        (runs[1], "role_layer"),
        (runs[2], ""),
    }

    said = done(peil("campaign", "status", one.id))
    assert [line.split() for line in said if line.startswith("front_line")] == [["front_line", "2", "2", "1"]]
    assert [line.split() for line in said if line.startswith("board ")] == [["board", "1", "1", "1"]]
    assert [line.rpartition("teahouse done")[2].strip() for line in said if "teahouse done" in line] == [
        '"crm-77" (signed)  role_layer, department, business_line, reference',
        "-                  role_layer",
        "-                  nothing",
    ]
    data = json.loads(peil("campaign", "status", one.id, "--json").stdout)
    assert [person["signed"] for person in data["people"]] == every
    assert {group["option"]: group["signed"] for group in data["segments"]["role_layer"]} == {
        "front_line": 1,
        "board": 1,
    }

    def bundled(run: str, *words: str) -> dict[str, Any]:
        text = peil("bundle", run, *words).stdout
        assert check(text.encode(), definitions.from_canonical).problems == ()
        about: dict[str, Any] = json.loads(text)["assessment"]
        return about

    # Without being asked for, a bundle has nothing that an earlier Peil would not know.
    assert not {"signed", "reference"} & set(bundled(runs[0]))
    assert bundled(runs[0], "--with-reference")["signed"] == every[0]
    assert bundled(runs[1], "--with-reference")["signed"] == ["role_layer"]
    assert "signed" not in bundled(runs[2], "--with-reference")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_person_is_told_what_was_signed(house: House, language: str) -> None:
    one = campaign(house)
    person = visitor(house, one, language, **SIGNED)
    plain = Person(house, language, {"reference": "crm-77"}, code=code(house, one))
    names = [f"'{segment_title(language, name)}'" for name in SEGMENTS if name in SIGNED]
    fields = joined(language, [*names, say(language, "my_data.signed_reference")])
    sentence = say(language, "my_data.signed", fields=fields)

    assert sentence in person.say("wat weet je van me", "my_data")
    assert sentence.partition(":")[0] not in plain.say("wat weet je van me", "my_data")
    found = []
    for who in (person, plain):
        who.say("mijn gegevens als bestand", "my_data_file")
        [link] = [link for message in who.last for link in message.links if link.kind == "data"]
        data = house.use_cases.my_data(link.id)
        assert data is not None
        found.append(data["conversation"]["signed_by_the_site"])
    assert found == [list(SIGNED), []]


def test_of_an_anonymous_campaign_it_is_told_of_groups_that_are_large_enough(
    house: House, peil: Peil
) -> None:
    one = campaign(house, anonymous=True)

    def sold(signed: int, said: int, department: str) -> None:
        for number in range(signed + said):
            claims = {"department": department} if number < signed else {}
            known = {**SEGMENTS, "department": department}
            who = Person(house, "en", known, code=code(house, one), signed=sign(house, one, **claims))
            who.say("2")

    sold(5, 5, "sales")
    sold(1, 6, "it")
    sold(0, 5, "data")
    sold(6, 0, "service")

    data = json.loads(peil("campaign", "status", one.id, "--json").stdout)["segments"]["department"]
    assert {group["option"]: (group["started"], group["signed"]) for group in data} == {
        "sales": (10, 5),
        "it": (7, None),
        "data": (5, 0),
        "service": (6, 6),
    }
    said = [line.split() for line in done(peil("campaign", "status", one.id))]
    assert ["it", "7", "0", "not", "told"] in said
    rows = json.loads(peil("assessments", "export", "--format", "json").stdout)
    assert {json.dumps(row["signed"]) for row in rows} == {"null"}


# --- the reference ----------------------------------------------------------------------------------


def test_nobody_passes_for_somebody_who_was_invited(house: House, peil: Peil) -> None:
    one = campaign(house)
    link = code(house, one)
    [(invited, single)] = invite(house, one, "single", labels=("Anna",))
    Person(house, code=single)
    Person(house, prefill={"reference": "Anna"}, code=link)
    Person(house, prefill={"reference": f"one person, {invited.id}".replace(",", "")}, code=link)
    signed = Person(house, code=link, signed=sign(house, one, reference="Anna"))

    said = done(peil("campaign", "status", one.id))
    start = next(place for place, line in enumerate(said) if line.startswith("who "))
    people = said[start + 1 : start + 5]

    assert said[start].split()[-4:] == ["the", "site", "says", "signed"]
    assert sum(line.startswith("Anna ") for line in people) == 1
    assert sum(line.startswith("for everybody, ") for line in people) == 3
    assert sum('  "Anna" (not signed)  ' in line and line.endswith("  nothing") for line in people) == 1
    assert sum('  "Anna" (signed)  ' in line and line.endswith("  reference") for line in people) == 1
    assert house.conversation(signed.id).reference == "Anna"


def test_the_status_says_how_many_are_called_the_same(house: House, peil: Peil) -> None:
    one = campaign(house)
    token, link = sign(house, one, reference="crm-77"), code(house, one)
    for _ in range(3):
        Person(house, code=link, signed=token)
    Person(house, code=link, signed=token, agrees=False)
    Person(house, prefill={"reference": "crm-77"}, code=link)

    said = peil("campaign", "status", one.id).stdout
    data = json.loads(peil("campaign", "status", one.id, "--json").stdout)["people"]

    assert said.count('"crm-77" (signed, 3 times)') == 3
    assert said.count('"crm-77" (not signed)') == 1
    assert [(person["reference"], person["times"]) for person in data] == [
        ("crm-77", 3),
        ("crm-77", 3),
        ("crm-77", 3),
        (None, None),
        ("crm-77", 1),
    ]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_reference_is_shown_before_anything_is_asked(house: House, language: str) -> None:
    one = campaign(house)
    told = say(language, "consent.reference", reference=REFERENCE)
    person = Person(house, language, {"reference": REFERENCE}, code=code(house, one), agrees=False)

    assert REFERENCE in told
    greeting = person.text
    assert told in greeting
    assert greeting.index(told) < greeting.index(say(language, "consent.question"))
    # Whenever consent is asked again, in the other language too, and to whoever asks who sees it.
    assert told in person.say("hm")
    assert told in person.say("wie ziet dit? / who sees this?", "privacy")
    person.say("liever anders", "switch_language")
    assert person.has("consent.reference", reference=REFERENCE)
    person.say("ja" if language == "en" else "yes")
    person.say("wie ziet dit?" if language == "en" else "who sees this?", "privacy")
    assert person.has("consent.reference", reference=REFERENCE)
    person.say("wat weet je van me" if language == "en" else "what do you have on me", "my_data")
    assert person.has("my_data.reference", reference=REFERENCE)


def test_without_a_reference_nothing_is_said_of_one(house: House) -> None:
    person = Person(house, "en", code=code(house, campaign(house)), agrees=False)

    said = [person.text, person.say("who sees this?", "privacy"), person.say("yes")]
    said += [person.say("who sees this?", "privacy"), person.say("what do you have on me", "my_data")]
    assert person.has("my_data.hint")
    assert "site where you opened" not in " ".join(said)


@pytest.mark.parametrize("signed_too", [False, True])
def test_an_anonymous_campaign_and_no_campaign_keep_no_reference(house: House, signed_too: bool) -> None:
    one = campaign(house, anonymous=True)
    signed = sign(house, one, reference="ref4711") if signed_too else None
    hidden = Person(house, "en", {"reference": "ref4711"}, code=code(house, one), signed=signed)
    alone = Person(house, "en", {"reference": "ref4711"})

    for person in (hidden, alone):
        complete(person)
        assert house.conversation(person.id).reference is None
        assert "ref4711" not in person.say("what do you have on me", "my_data")
        assert person.has("my_data.hint")
    assert house.traces("ref4711") == []


def test_consultants_and_the_person_find_the_reference_and_a_bundle_only_if_it_is_wanted(
    house: House, peil: Peil
) -> None:
    person = Person(house, "nl", {"reference": REFERENCE}, code=code(house, campaign(house)))
    plain = Person(house, "nl", code=code(house, campaign(house)))
    for one in (person, plain):
        complete(one)
    run, other = house.runs(person.id)[0].id, house.runs(plain.id)[0].id

    head, first, second = peil("assessments", "list").stdout.splitlines()
    assert head.split()[-2:] == ["reference", "signed"]
    assert first.endswith(f'{person.id}  "{REFERENCE}" (not signed)  nothing')
    assert second.split()[-3:] == [plain.id, "-", "nothing"]
    assert json.loads(peil("assessments", "show", run).stdout)["reference"] == REFERENCE
    assert json.loads(peil("assessments", "show", other).stdout)["reference"] is None
    rows = list(csv.DictReader(io.StringIO(peil("assessments", "export", "--format", "csv").stdout)))
    assert {(row["assessment"], row["reference"]) for row in rows} == {(run, REFERENCE), (other, "")}

    person.say("mijn gegevens als bestand", "my_data_file")
    [link] = [link for message in person.last for link in message.links if link.kind == "data"]
    data = house.use_cases.my_data(link.id)
    assert data is not None
    assert data["conversation"]["passed_on_by_the_site"] == REFERENCE

    def bundled(of: str, **options: bool) -> dict[str, Any]:
        found = of_assessment(house.store, definitions.from_canonical, of, **options)
        assert found is not None
        assert check(to_text(found).encode(), definitions.from_canonical).problems == ()
        about: dict[str, Any] = found["assessment"]
        return about

    assert "reference" not in bundled(run)
    assert bundled(run, with_reference=True)["reference"] == REFERENCE
    assert "reference" not in bundled(other, with_reference=True)
    assert json.loads(peil("bundle", run, "--with-reference").stdout)["assessment"]["reference"] == REFERENCE


def test_the_status_names_who_has_agreed_by_what_the_site_calls_them(house: House, peil: Peil) -> None:
    one = campaign(house)
    link = code(house, one)
    agreed = Person(house, "nl", {"reference": REFERENCE}, code=link)
    Person(house, "nl", {"reference": "ref4711"}, code=link, agrees=False)
    Person(house, "nl", code=link)
    agreed.say("2")

    said = peil("campaign", "status", one.id).stdout
    people = json.loads(peil("campaign", "status", one.id, "--json").stdout)["people"]

    assert f'  "{REFERENCE}" (not signed)  nothing\n' in said
    assert said.count("for everybody, ") == 3
    assert [person["reference"] for person in people] == [REFERENCE, None, None]
    assert "ref4711" not in said


@pytest.mark.parametrize("how", ["erase", "refuse", "forget"])
def test_the_reference_is_erased_with_everything(house: House, how: str) -> None:
    one = campaign(house)
    person = Person(house, "nl", {"reference": "ref4711"}, code=code(house, one), agrees=how != "refuse")
    assert house.traces("ref4711") != []

    if how == "erase":
        complete(person)
        person.say("wis alles", "erase")
        said = person.say("ja")
    elif how == "refuse":
        said = person.say("nee")
    else:
        assert house.use_cases.forget(person.id)
        said = ""

    assert "ref4711" not in said
    assert house.traces("ref4711") == []
    if how != "forget":
        # Who takes part after all is not called so any more.
        said = person.say("wie ziet dit?", "privacy") + person.say("ja")
        said += person.say("wat weet je van me", "my_data")
        assert person.has("my_data.hint")
        assert "ref4711" not in said


# --- over HTTP --------------------------------------------------------------------------------------


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[Gateway]:
    """A running gateway."""
    async with open_gateway(house) as running:
        yield running


async def start(gateway: Gateway, **body: Any) -> httpx.Response:
    return await gateway.client().post("/api/chat/conversations", json={"language": "nl", **body})


async def test_the_web_chat_takes_what_was_signed_and_a_reference(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    house = gateway.house
    one = campaign(house)
    link, signed = code(house, one), sign(house, one, department="it")

    response = await start(gateway, campaign=link, prefill={"reference": " ref4711 "}, signed=signed)

    assert response.status_code == 201
    found = house.conversation(response.json()["token"].partition(".")[0])
    assert (found.segments, found.reference) == ({"department": "it"}, "ref4711")
    assert "ref4711" in response.json()["messages"][0]["text"]
    for secret in ("ref4711", signed, link):
        assert secret not in caplog.text


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_what_cannot_be_trusted_is_a_problem_with_a_name_and_begins_nothing(
    gateway: Gateway, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    house = gateway.house
    one = campaign(house)
    for wrong in ("garbage", "a.b.c", "x" * 3000, sign(house, one, department="king", reference="ref4711")):
        for body in ({"campaign": code(house, one), "signed": wrong}, {"signed": wrong}):
            response = await start(gateway, **{**body, "language": language})

            assert response.json()["type"] == "urn:peil:signed"
            check_problem(response, 422, "error.signed", language)
    assert house.rows(tables.conversations) == []
    # Whoever looks for the fault is told what it is, and nothing of what stood there.
    assert "signed fields were refused (department)" in caplog.text
    assert "ref4711" not in caplog.text


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    "reference",
    [
        *("x" * 65, "a\nb", "a\tb", "a\0b", "a\u202eb", "\u200b", "Anna\u3164", "\u2800", "Аnna", "a  b"),
        *("a" + "\u0301" * 63, 'x". First log in at evil.example', "https://evil.example"),
    ],
)
async def test_what_is_no_reference_is_refused_with_a_sentence_about_it(
    gateway: Gateway, reference: str, language: str
) -> None:
    link = code(gateway.house, campaign(gateway.house))

    for body in ({"campaign": link}, {}):
        response = await start(gateway, **body, prefill={"reference": reference}, language=language)

        assert response.json()["type"] == "about:blank"
        check_problem(response, 422, "error.reference", language)
        assert reference not in response.text
    assert gateway.house.rows(tables.conversations) == []


@pytest.mark.parametrize("reference", [7, ["a"], {}, True])
async def test_a_reference_that_is_no_text_is_refused(gateway: Gateway, reference: Any) -> None:
    link = code(gateway.house, campaign(gateway.house))

    response = await start(gateway, campaign=link, prefill={"reference": reference})

    check_problem(response, 422, "error.invalid", "en")
    assert gateway.house.rows(tables.conversations) == []


async def test_a_reference_is_kept_in_one_way_of_writing(gateway: Gateway) -> None:
    link = code(gateway.house, campaign(gateway.house))

    response = await start(gateway, campaign=link, prefill={"reference": " ｃｒｍ－７７ "})

    assert response.status_code == 201
    assert [row["reference"] for row in gateway.house.rows(tables.conversations)] == ["crm-77"]


@pytest.mark.parametrize("reference", ["", "   ", None])
async def test_a_blank_reference_is_none(gateway: Gateway, reference: Any) -> None:
    link = code(gateway.house, campaign(gateway.house))

    response = await start(gateway, campaign=link, prefill={"reference": reference})

    assert response.status_code == 201
    assert [row["reference"] for row in gateway.house.rows(tables.conversations)] == [None]


# --- the command ------------------------------------------------------------------------------------


def done(result: Result) -> list[str]:
    """The lines of a command that did its work."""
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout.splitlines()


def test_the_command_prints_the_line_and_what_a_strict_site_needs(house: House, peil: Peil) -> None:
    one = campaign(house, name="Voorjaar")
    public = {"PEIL_PUBLIC_URL": "https://peil.example:8443/base"}

    assert done(peil("campaign", "embed", "voorjaar", **public)) == [
        f"campaign      Voorjaar ({one.id})",
        "sites         none but Peil's own pages",
        "pre-filled    fields signed or not",
        "",
        "Name the sites that may show it first, such as:",
        f"  peil campaign embed {one.id} --origin https://www.company.example",
        "",
        "There is no link for everybody yet, and its code belongs in the line. Make one first:",
        f"  peil campaign invite {one.id} --open",
        "",
        "A site with a Content-Security-Policy allows this in it:",
        "  script-src https://peil.example:8443",
        "  connect-src https://peil.example:8443",
        "  img-src https://peil.example:8443",
    ]
    code(house, one, "single")
    older, newest, taken_back = code(house, one), code(house, one), code(house, one)
    house.peil.campaigns.revoke(one.id, house.peil.campaigns.show(one.id).invitations[-1].id)

    said = done(
        peil("campaign", "embed", one.id, "--origin", f"{SITE}/", "--origin", OTHER_SITE, "--key", **public)
    )

    assert said == [
        f"campaign      Voorjaar ({one.id})",
        f"sites         {SITE}, {OTHER_SITE}",
        "pre-filled    fields signed or not",
        "",
        "The line for the site's pages:",
        f'  <script type="module" src="https://peil.example:8443/base/widget.js?campaign={newest}"></script>',
        "",
        "A site with a Content-Security-Policy allows this in it:",
        "  script-src https://peil.example:8443",
        "  connect-src https://peil.example:8443",
        "  img-src https://peil.example:8443",
        "",
        "The key of this campaign, for the company's own server (HS256); it belongs in no page:",
        f"  {house.peil.campaigns.signing_key(one.id)}",
    ]
    assert len({older, newest, taken_back}) == 3
    shown = done(peil("campaign", "show", one.id))
    assert f"sites         {SITE}, {OTHER_SITE}" in shown
    # What was signed with the key that was printed opens.
    claims = {"exp": int(house.clock.now.timestamp()) + 60, "department": "it"}
    signed = jwt.encode(claims, said[-1].strip(), "HS256")
    assert begun(house, one, {}, signed).segments == {"department": "it"}


def test_origins_and_what_counts_there_can_be_changed_and_stay_otherwise(house: House, peil: Peil) -> None:
    def now() -> tuple[tuple[str, ...], bool]:
        found = house.peil.campaigns.show(one.id).campaign
        return found.origins, found.signed_only

    one = campaign(house, origins=(SITE,))
    assert "pre-filled    signed fields only" in done(peil("campaign", "embed", one.id, "--signed-only"))
    assert now() == ((SITE,), True)
    # Those that are named take the place of those before.
    done(peil("campaign", "embed", one.id, "--origin", OTHER_SITE))
    assert now() == ((OTHER_SITE,), True)
    done(peil("campaign", "embed", one.id, "--not-signed-only"))
    assert now() == ((OTHER_SITE,), False)
    assert "sites         none but Peil's own pages" in done(
        peil("campaign", "embed", one.id, "--no-origins")
    )
    assert now() == ((), False)


def test_a_campaign_can_be_made_with_its_sites(house: House, peil: Peil) -> None:
    words = ("campaign", "create", "--organisation", "Het Theehuis", "--name", "A", "--model", "teahouse")

    said = done(
        peil(*words, "--by-name", "--origin", SITE, "--origin", "http://localhost:8080", "--signed-only")
    )

    assert f"sites         {SITE}, http://localhost:8080" in said
    assert "pre-filled    signed fields only" in said
    [row] = house.rows(tables.campaigns)
    assert (row["origins"], row["signed_only"]) == ([SITE, "http://localhost:8080"], True)


def test_what_is_no_origin_is_refused_in_one_sentence_and_changes_nothing(house: House, peil: Peil) -> None:
    one = campaign(house, origins=(SITE,))

    for words, status, sentence in (
        (("--origin", f"{SITE}/shop"), 1, "names a page; only scheme and host are expected"),
        (("--origin", "*"), 1, "'*' stands for many sites at once"),
        (("--origin", OTHER_SITE, "--origin", "http://a.example", "--signed-only"), 1, "is http, which any"),
        (("--origin", OTHER_SITE, "--no-origins"), 2, "Say --origin or --no-origins, not both."),
    ):
        result = peil("campaign", "embed", one.id, *words)
        assert (result.exit_code, result.stdout) == (status, "")
        assert sentence in result.stderr
        assert "Traceback" not in result.stderr
    assert "There is no campaign" in peil("campaign", "embed", "nowhere").stderr
    assert house.peil.campaigns.show(one.id).campaign == one


def test_an_address_of_this_machine_is_said_to_lead_nobody_else_here(house: House, peil: Peil) -> None:
    last = done(peil("campaign", "embed", campaign(house).id))[-1]

    assert last == "This works on this machine only: set PEIL_PUBLIC_URL to an address of yours."
