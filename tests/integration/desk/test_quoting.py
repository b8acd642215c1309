"""Whether own words may be shown to colleagues, without a name: asked once, of who said more."""

from __future__ import annotations

from typing import Any

import pytest

from bot.texts import say
from tests.integration.campaigning import campaign, code, complete
from tests.integration.parts import House, Person, reading

OWN = "We proeven elk voorjaar en bellen de tuin zelf"
KNOWN = {OWN: reading("tea.leaves", "bellen de tuin zelf", 5, 10, 85)}


def begin(house: House, language: str = "nl", **fields: Any) -> Person:
    return Person(house, language, code=code(house, campaign(house, **fields)))


def describe(person: Person) -> None:
    """Say more than a level at the first question, and finish."""
    person.house.places(KNOWN)
    person.say(OWN)
    person.say("ja", "affirm")
    complete(person, "22231")


@pytest.fixture
def asked(house: House) -> Person:
    """Somebody who said more than a level at the first question, and is at the end."""
    person = begin(house)
    describe(person)
    return person


def quoting(person: Person) -> str | None:
    return person.house.conversation(person.id).quoting


def test_who_said_more_than_a_level_is_asked_with_the_result(asked: Person) -> None:
    assert asked.has("quoting.ask")
    assert list(asked.buttons)[:2] == [say("nl", "quoting.yes"), say("nl", "quoting.no")]
    assert quoting(asked) == "ask"


@pytest.mark.parametrize("anonymous", [False, True])
def test_it_is_asked_in_campaigns_of_either_kind(house: House, anonymous: bool) -> None:
    person = begin(house, anonymous=anonymous)
    describe(person)

    assert person.has("quoting.ask")


def test_who_only_chose_levels_is_not_asked(house: House) -> None:
    person = begin(house)
    complete(person)

    assert not person.has("quoting.ask")
    assert quoting(person) is None


def test_outside_campaigns_nobody_is_asked(person: Person) -> None:
    describe(person)

    assert not person.has("quoting.ask")


@pytest.mark.parametrize(("title", "held"), [("quoting.yes", "yes"), ("quoting.no", "no")])
def test_a_tap_answers_it(asked: Person, title: str, held: str) -> None:
    asked.tap(say("nl", title))

    assert quoting(asked) == held
    assert asked.has("quoting.may" if held == "yes" else "quoting.may_not")


@pytest.mark.parametrize(
    ("text", "meaning", "held"),
    [
        ("ja", "affirm", "yes"),
        ("ja hoor", "affirm", "yes"),
        ("nee", "deny", "no"),
        ("liever niet", "deny", "no"),
        ("Ja, zonder mijn naam", "take_answer", "yes"),
    ],
)
def test_it_can_be_typed(asked: Person, text: str, meaning: str, held: str) -> None:
    asked.say(text, meaning)

    assert quoting(asked) == held


def test_a_guess_is_no_yes(asked: Person) -> None:
    asked.say("tof ding zeg", "affirm")

    assert quoting(asked) == "ask"


def test_it_is_never_asked_twice(asked: Person) -> None:
    asked.say("dank je", "thanks")
    asked.say("laat de uitslag zien", "result")

    assert not asked.has("quoting.ask")
    assert quoting(asked) == "ask"
    # A yes of later belongs to something else.
    asked.say("ja", "affirm")
    assert quoting(asked) == "ask"


def test_while_a_second_round_is_offered_it_is_left_for_its_end(house: House) -> None:
    both = {
        "role_layer": "management",
        "department": "marketing",
        "business_line": "both",
        "first_line": "b2c",
    }
    person = Person(house, code=code(house, campaign(house)), segments=both)
    describe(person)
    assert not person.has("quoting.ask")
    assert (house.conversation(person.id).pending or {})["ask"] == "second_line"

    person.say("ja", "affirm")
    assert person.asks(1)
    describe(person)
    assert person.has("quoting.ask")


def test_what_was_said_is_told_and_can_be_changed_any_time(asked: Person) -> None:
    asked.tap(say("nl", "quoting.yes"))
    asked.say("wat bewaar je?", "privacy")
    assert asked.has("my_data.quoting_yes")
    asked.tap(say("nl", "quoting.change_to_no"))
    assert quoting(asked) == "no"

    asked.say("wat weet je van me", "my_data")
    assert asked.has("my_data.quoting_no")
    asked.tap(say("nl", "quoting.change_to_yes"))
    assert quoting(asked) == "yes"


def test_who_was_not_asked_is_not_told_of_it(house: House) -> None:
    person = begin(house)
    person.say("wat bewaar je?", "privacy")

    assert say("nl", "quoting.change_to_yes") not in person.buttons
    assert say("nl", "quoting.change_to_no") not in person.buttons


def test_the_file_of_ones_data_has_it(asked: Person) -> None:
    asked.tap(say("nl", "quoting.yes"))
    asked.say("mijn gegevens als bestand", "my_data_file")
    link = next(link.id for one in asked.last for link in one.links if link.kind == "data")
    found = asked.house.use_cases.my_data(link)

    assert found is not None
    assert found["conversation"]["own_words_may_be_shown_without_name"] == "yes"


def test_erasing_takes_it_back(asked: Person) -> None:
    asked.tap(say("nl", "quoting.yes"))
    asked.say("wis alles", "erase")
    asked.tap(say("nl", "erase.yes"))

    assert quoting(asked) is None


def test_an_open_question_of_the_result_is_answered_by_its_own_buttons(asked: Person) -> None:
    asked.tap(say("nl", "road.button"))

    assert asked.has("road.intro")
    assert quoting(asked) == "ask"
