"""What a campaign changes in the conversation: its greeting, who reads along, what is fixed, whom to turn to.

The teahouse on 1..3, answers tea 1 and 2 (weights 3 and 1), guests 2 and 2, pots 3 and 1: tea scores
(3 * 1 + 2) / 4 = 1.25 and is at level 1, guests 2.0 at level 2, pots 2.0 at level 1.
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings import ROOT
from bot.texts import say
from tests.integration.campaigning import campaign, code, complete
from tests.integration.parts import House, Person, coffeebar, teahouse

TEAROOM = (ROOT / "tests" / "data" / "tearoom.yml").read_text(encoding="utf-8")
WHOSE = "Het Lekkende Pannetje"


def begin(house: House, language: str = "nl", *, agrees: bool = True, **fields: Any) -> Person:
    """Somebody who begins with the open link of a new campaign."""
    return Person(house, language, code=code(house, campaign(house, **fields)), agrees=agrees)


# --- the greeting -----------------------------------------------------------------------------------


def test_the_greeting_opens_with_the_welcome_and_says_who_asks_and_that_it_is_by_name(house: House) -> None:
    person = begin(house, agrees=False, welcome={"nl": "Fijn dat je meedoet.", "en": "Glad you are here."})

    text = person.text
    assert text.startswith("Fijn dat je meedoet.\n\nHoi, ik ben Peil")
    assert f"een ronde van {WHOSE}, op naam" in text
    assert "wat je antwoordt en typt" in text
    assert "dan zien ze ook dat jij het bent" in text
    assert text.endswith(say("nl", "consent.question"))
    assert say("nl", "consent.what") not in text


def test_the_greeting_of_an_anonymous_campaign_says_what_consultants_do_not_see(house: House) -> None:
    person = begin(
        house, "en", agrees=False, anonymous=True, welcome={"nl": "Fijn.", "en": "Glad you are here."}
    )

    assert person.text.startswith("Glad you are here.")
    assert f"an anonymous round of {WHOSE}" in person.text
    assert "not who you are, not what you type and not when" in person.text


def test_who_changes_the_language_is_greeted_with_the_other_welcome(house: House) -> None:
    person = begin(house, agrees=False, welcome={"nl": "Fijn.", "en": "Glad you are here."})

    person.tap("English")

    assert person.text.startswith("Glad you are here.")
    assert f"a round of {WHOSE}, by name" in person.text


def test_whoever_hesitates_reads_once_more_what_is_kept_in_this_campaign(house: House) -> None:
    person = begin(house, agrees=False, anonymous=True)

    person.say("hmm")

    assert person.has("consent.what_anonymous", organisation=WHOSE)


def test_the_greeting_of_a_quick_campaign_counts_the_questions_of_the_quick_scan(house: House) -> None:
    house.publish(tearoom=TEAROOM)

    person = begin(house, agrees=False, models=("tearoom",), depth="quick")

    # The tearoom takes 3 minutes, its quick scan of three questions 1.
    assert "In ongeveer 1 minuten" in person.text
    assert "Na 3 korte vragen" in person.text


@pytest.mark.parametrize(
    ("anonymous", "words"),
    [
        (False, ("op naam", "wat je hier typt")),
        (True, ("anoniem", "minstens 5 mensen", "zonder wat je typt")),
    ],
)
def test_who_sees_this_is_answered_for_this_campaign(
    house: House, anonymous: bool, words: tuple[str, ...]
) -> None:
    person = begin(house, anonymous=anonymous, contact="Bo, bo@theehuis.example")

    said = person.say("wie ziet dit?", "privacy")

    assert WHOSE in said
    for word in words:
        assert word in said
    assert "Vragen daarover? Bo, bo@theehuis.example." in said
    assert say("nl", "privacy.answer") not in said
    assert person.asks(1)


def test_without_a_campaign_all_is_said_as_it_was(house: House) -> None:
    person = Person(house, agrees=False)
    assert say("nl", "consent.what") in person.text
    person.say("ja")

    assert person.say("wie ziet dit?", "privacy").startswith(say("nl", "privacy.answer"))


# --- languages --------------------------------------------------------------------------------------


def test_a_campaign_in_one_language_offers_no_other(house: House) -> None:
    person = begin(house, "en", agrees=False, languages=("nl",))

    assert person.text.startswith("Hoi, ik ben Peil")
    assert "English" not in person.buttons
    person.say("ja")
    person.tap("Meer")
    assert "English" not in person.buttons
    assert "Wie ziet dit?" in person.buttons


def test_who_types_for_a_language_that_is_not_spoken_hears_so_in_that_language(house: House) -> None:
    person = begin(house, languages=("nl",))

    said = person.say("can we do this in English please", "switch_language")

    assert said.startswith("This round is in Dutch only")
    assert house.conversation(person.id).language == "nl"
    assert person.asks(1)


def test_before_consent_too(house: House) -> None:
    person = begin(house, languages=("nl",), agrees=False)

    said = person.say("English", "switch_language")

    assert said.startswith("This round is in Dutch only")
    assert house.conversation(person.id).language == "nl"
    assert said.endswith(say("nl", "consent.question"))


def test_a_campaign_in_both_languages_changes_from_one_to_the_other(house: House) -> None:
    person = begin(house)

    person.say("English please", "switch_language")

    assert house.conversation(person.id).language == "en"


# --- models and depth -------------------------------------------------------------------------------


def test_only_the_models_of_the_campaign_are_offered_and_no_other_can_be_named(house: House) -> None:
    house.publish(teahouse=teahouse(), coffeebar=coffeebar(), tearoom=TEAROOM)
    person = begin(house, models=("teahouse", "coffeebar"))

    assert "Theehuisscan" in person.text
    assert "Koffiebarscan" in person.text
    assert "Theesalon" not in person.text
    for text in ("Theesalonscan", "tearoom", "3"):
        person.say(text)
        assert house.runs(person.id) == []
        assert "Theesalon" not in "".join(person.buttons)
    person.say("Koffiebarscan")
    person.say("doe toch maar de Theesalonscan", "another")
    assert [run.model_id for run in house.runs(person.id)] == ["coffeebar"]
    assert "Theesalon" not in person.text


def test_with_one_model_the_questions_begin_at_once(house: House) -> None:
    house.publish(teahouse=teahouse(), coffeebar=coffeebar())

    person = begin(house, models=("coffeebar",))

    assert person.asks(1)
    assert [run.model_id for run in house.runs(person.id)] == ["coffeebar"]


@pytest.fixture
def tearoom(house: House) -> House:
    """A house with a model that has a quick scan: three of its six questions."""
    house.publish(tearoom=TEAROOM)
    return house


def test_how_much_is_asked_where_the_campaign_leaves_it_open(tearoom: House) -> None:
    person = begin(tearoom, models=("tearoom",))

    assert "Snelle scan" in person.buttons
    person.tap("Snelle scan")
    assert person.has("depth.quick_begins")


def test_a_campaign_of_quick_scans_asks_nothing_about_depth_and_completes_none(tearoom: House) -> None:
    person = begin(tearoom, models=("tearoom",), depth="quick")

    assert "Vraag 1 van 3" in person.text
    assert "De rest kan later nog" not in person.text
    assert say("nl", "depth.quick_begins_only") in person.text
    assert person.say("ik wil toch alle vragen", "deepen").startswith(say("nl", "depth.only_quick"))
    for _ in range(3):
        person.say("2")
    [run] = tearoom.runs(person.id)
    assert (run.depth, run.status) == ("quick", "completed")
    assert "Vul aan" not in person.buttons
    assert say("nl", "depth.only_quick") in person.say("vul hem aan", "deepen")
    assert "Vul aan" not in person.buttons
    assert say("nl", "target.quick_only") in person.say("ik wil doelen kiezen", "target")
    assert [run.depth for run in tearoom.runs(person.id)] == ["quick"]


def test_a_campaign_of_all_questions_makes_no_quick_scan_of_them(tearoom: House) -> None:
    person = begin(tearoom, models=("tearoom",), depth="full")
    assert "Snelle scan" not in person.buttons

    said = person.say("kan het ook korter, een snelle scan?", "deepen")

    assert said.startswith(say("nl", "depth.only_full"))
    assert [run.depth for run in tearoom.runs(person.id)] == ["full"]


def test_a_quick_scan_can_be_completed_where_depth_is_free(tearoom: House) -> None:
    person = begin(tearoom, models=("tearoom",))
    person.tap("Snelle scan")
    for _ in range(3):
        person.say("2")

    assert "Vul aan" in person.buttons


# --- what is known beforehand -----------------------------------------------------------------------


def test_segments_are_asked_unless_the_campaign_or_its_link_says_them(house: House) -> None:
    one = campaign(house, segments={"role_layer": "board", "department": "skipped"})
    link = code(house, one, segments={"business_line": "b2b"})

    asked = Person(house, code=code(house, one), segments={})
    known = Person(house, code=link, segments={})

    assert say("nl", "segment.ask_business_line") in asked.text
    assert known.asks(1)
    [run] = house.runs(known.id)
    assert run.business_line == "b2b"
    assert dict(house.conversation(known.id).segments) == {
        "role_layer": "board",
        "department": "skipped",
        "business_line": "b2b",
    }


def test_who_erases_everything_and_comes_back_is_still_in_the_campaign(house: House) -> None:
    person = begin(house, anonymous=True, segments={"role_layer": "board"})
    person.say("1")
    person.say("wis alles", "erase")
    person.say("ja, wis alles")

    assert dict(house.conversation(person.id).segments) == {"role_layer": "board"}
    person.say("ja")

    assert say("nl", "segment.ask_department") in person.text


# --- targets ----------------------------------------------------------------------------------------


def test_targets_that_the_campaign_sets_are_in_the_result(house: House) -> None:
    person = begin(house, targets={"teahouse": {"tea": 3, "guests": 1}})
    complete(person)

    [run] = house.runs(person.id)
    assert dict(run.targets or {}) == {"tea": 3, "guests": 1}
    said = "\n".join(message.text for message in person.last)
    assert "Thee: 1,3 · niveau 1 (Lauw) · doel 3" in said
    # A target below where they are is as it was set, and leads to no step.
    assert "Gasten: 2,0 · niveau 2 (Getrokken) · doel 1" in said
    # The default: one above level 1.
    assert "Servies: 2,0 · niveau 1 (Lauw) · doel 2" in said
    found = house.peil.review.assessment(run.id)
    assert found is not None
    assert [one["target"] for one in found["result"]["dimensions"]] == [3, 1, 2]
    assert {step["item"].split(".")[0] for step in found["result"]["advice"]} == {"tea", "pots"}


def test_a_target_that_is_set_cannot_be_changed_and_the_others_can(house: House) -> None:
    person = begin(house, targets={"teahouse": {"tea": 3}})
    complete(person)

    said = person.say("mijn doel voor thee is 2", "target")
    fixed = say("nl", "target.fixed", dimension="Thee", level="3 · Geschonken")
    assert said.startswith(fixed)
    assert dict(house.runs(person.id)[0].targets or {}) == {"tea": 3}
    assert "Thee" not in person.buttons
    assert {"Gasten", "Servies"} <= set(person.buttons)
    assert "Thee: nu niveau 1, doel 3 (afgesproken)" in said

    said = person.say("thee 2, servies 3", "target")
    assert fixed in said
    assert "Servies: jullie doel is 3" in said
    assert dict(house.runs(person.id)[0].targets or {}) == {"tea": 3, "pots": 3}


def test_back_to_the_proposal_leaves_what_is_set(house: House) -> None:
    person = begin(house, targets={"teahouse": {"tea": 3}})
    complete(person)
    person.say("servies 3", "target")

    said = person.tap(say("nl", "target.default"))

    assert person.has("target.all_back")
    assert "doel 3" in said
    assert dict(house.runs(person.id)[0].targets or {}) == {"tea": 3}
    assert say("nl", "target.default") not in person.buttons


def test_where_all_targets_are_set_there_is_nothing_to_choose(house: House) -> None:
    person = begin(house, targets={"teahouse": {"tea": 3, "guests": 3, "pots": 2}})
    complete(person)

    for text in ("ik wil doelen kiezen", "alles op 3", "thee 2"):
        said = person.say(text, "target")
        assert said.startswith(say("nl", "target.fixed_all"))
        assert dict(house.runs(person.id)[0].targets or {}) == {"tea": 3, "guests": 3, "pots": 2}
    person.tap("Meer")
    assert say("nl", "target.button") not in person.buttons
    person.say("laat de routekaart zien", "road_map")
    assert say("nl", "target.button") not in person.buttons
    assert say("nl", "road.place") in person.buttons


def test_everybody_may_choose_where_the_campaign_sets_no_targets(house: House) -> None:
    person = begin(house)
    complete(person)

    person.say("thee 3", "target")

    assert dict(house.runs(person.id)[0].targets or {}) == {"tea": 3}


def test_a_second_measurement_has_the_same_targets(house: House) -> None:
    person = begin(house, targets={"teahouse": {"tea": 3}})
    complete(person)
    house.clock.move(days=200)
    person.say("opnieuw meten", "measure_again")

    assert [dict(run.targets or {}) for run in house.runs(person.id)] == [{"tea": 3}, {"tea": 3}]


def test_a_target_of_an_area_that_a_newer_version_lacks_is_left_out(house: House) -> None:
    one = campaign(house, targets={"teahouse": {"tea": 3, "guests": 2}})
    link = code(house, one)
    newer = teahouse().replace("id: tea\n", "id: leaf\n").replace("high: tea", "high: leaf")
    newer = newer.replace("low: tea", "low: leaf").replace("version: 1.0.0", "version: 2.0.0")
    house.publish(teahouse=newer)

    person = Person(house, code=link)
    complete(person)

    assert dict(house.runs(person.id)[0].targets or {}) == {"guests": 2}


# --- a person, please -------------------------------------------------------------------------------


@pytest.mark.parametrize("contact", [None, "algemeen@peil.example"])
def test_a_wish_for_a_person_names_the_campaign_s_contact(make_house: Any, contact: str | None) -> None:
    house: House = make_house(contact=contact or "")
    person = begin(house, contact="Bo, 010 1234567")

    said = person.say("ik wil een mens spreken", "human")

    assert "Bo, 010 1234567" in said
    assert "algemeen@peil.example" not in said
    assert person.has("human.how")


def test_where_the_campaign_names_nobody_the_general_contact_is_named(make_house: Any) -> None:
    house: House = make_house(contact="algemeen@peil.example")

    assert "algemeen@peil.example" in begin(house).say("ik wil een mens spreken", "human")
    before = begin(house, agrees=False, contact="Bo, 010 1234567").say("ik wil een mens spreken", "human")
    assert "Bo, 010 1234567" in before


def test_in_an_anonymous_campaign_leaving_a_number_is_said_to_make_one_known(house: House) -> None:
    person = begin(house, anonymous=True)

    said = person.say("ik wil een mens spreken", "human")
    assert "dan weten ze wel wie je bent" in said
    assert "bij welke vraag" not in said
    said = person.say("06 12345678")

    assert "Zo weten ze wel wie je bent" in said
    assert [one["contact"] for one in house.peil.review.requests()] == ["06 12345678"]
    person.say("haal mijn nummer weg")
    assert [one["contact"] for one in house.peil.review.requests()] == [None]
    assert person.asks(1)


def test_by_name_a_wish_for_a_person_is_noted_with_its_question(house: House) -> None:
    person = begin(house)

    person.say("ik wil een mens spreken, 06 12345678", "human")

    [row] = house.peil.review.requests()
    assert (row["question"], row["conversation"]) == ("tea.leaves", person.id)
    assert "06 12345678" in row["contact"]


# --- one's own data ---------------------------------------------------------------------------------


def test_whoever_asks_for_their_data_is_told_the_campaign_and_the_name_on_the_link(house: House) -> None:
    one = campaign(house, name="Voorjaar 2026")
    person = Person(house, code=code(house, one, "single", labels=("Anna",)))
    person.say("mijn gegevens als bestand", "my_data_file")
    [link] = [link for message in person.last for link in message.links if link.kind == "data"]

    data = house.use_cases.my_data(link.id)

    assert data is not None
    assert data["conversation"]["campaign"] == {
        "organisation": WHOSE,
        "name": "Voorjaar 2026",
        "anonymous": False,
        "invited_as": "Anna",
    }
