"""Consent takes a yes in so many words; what is typed after a refusal is not kept; what is kept is told."""

from __future__ import annotations

import pytest

from bot.store import tables
from tests.integration.parts import ITEMS, House, Person


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("klopt dat", "affirm"),
        ("is that ok", "affirm"),
        ("akkoord?", "affirm"),
        ("ja?", "affirm"),
        ("dat gaat goed", "affirm"),
        ("mag ik dit later doen", "pause"),
        ("even wachten", "pause"),
        ("moet ik akkoord gaan", "take_answer"),
    ],
)
def test_a_guess_or_a_question_is_neither_consent_nor_refusal(house: House, text: str, guess: str) -> None:
    person = Person(house, agrees=False)

    person.say(text, guess)

    assert house.conversation(person.id).consent == "open"
    assert person.has("consent.question")


@pytest.mark.parametrize("text", ["ja", "Ja, prima", "ja dat is goed hoor", "ok", "Oké!"])
def test_a_yes_in_so_many_words_is_consent(house: House, text: str) -> None:
    person = Person(house, agrees=False)

    person.say(text, "affirm")

    assert house.conversation(person.id).consent == "given"
    assert person.asks(1)


def test_what_is_typed_after_a_refusal_is_not_kept(house: House) -> None:
    person = Person(house, agrees=False)
    person.say("nee")

    person.say("hier word ik zo kwaad van zei Klapekster")
    person.say("ook dit is van Klapekster")
    person.say("hoi", "greet")

    assert house.conversation(person.id).consent == "refused"
    assert house.traces("Klapekster") == []
    assert [message.role for message in person.history] == ["bot"]


def test_all_rounds_are_told_to_who_asks_what_is_kept(house: House) -> None:
    person = Person(house)
    person.say("2")
    person.say("3")
    person.say("opnieuw", "start_over")
    person.say("ja")

    told = person.say("wat weet je van me", "my_data")

    assert "2 · Vaste kaart" in told
    assert "3 · Per pot geproefd" in told
    assert person.asks(1)


def test_looking_back_after_the_end_leaves_the_assessment_complete(house: House) -> None:
    person = Person(house)
    for _ in ITEMS:
        person.say("2")
    completed = house.runs(person.id)[0]

    person.say("terug", "back")

    looking = house.runs(person.id)[0]
    assert (looking.status, looking.completed_at) == ("completed", completed.completed_at)
    person.say("uitslag", "result")
    assert person.has("result.again", lowest=1, highest=3)
    house.clock.move(hours=1)
    person.say("3")
    assert person.has("result.intro", lowest=1, highest=3)
    changed = house.runs(person.id)[0]
    assert (changed.status, changed.current_item, changed.completed_at) == (
        "completed",
        None,
        completed.completed_at,
    )


def test_who_never_consented_and_cannot_come_back_is_deleted(house: House) -> None:
    stayed = Person(house)
    stayed.say("2")
    silent = Person(house, agrees=False)
    house.clock.move(days=29)
    fresh = Person(house, agrees=False)
    assert house.use_cases.tidy() == 0
    house.clock.move(days=2)

    assert house.use_cases.tidy() == 1

    left = {row["id"] for row in house.rows(tables.conversations)}
    assert left == {stayed.id, fresh.id}
    assert silent.id not in left


NO_YES_TO_ERASING = [
    ("nl", "ja bewaren"),
    ("nl", "ja graag bewaren"),
    ("nl", "ja hou maar"),
    ("nl", "ja laat maar"),
    ("nl", "ja mag ik een kopie"),
    ("nl", "ja prima zo"),
    ("nl", "ja dat zei ik"),
    ("nl", "ja doei"),
    ("nl", "ja?"),
    ("nl", "zeker weten?"),
    ("nl", "goed"),
    ("nl", "akkoord"),
    ("en", "yes keep it"),
    ("en", "yes leave it"),
    ("en", "yes stop"),
    ("en", "yes wait"),
    ("en", "yes?"),
    ("en", "right"),
    ("en", "correct"),
]


@pytest.mark.parametrize(("language", "text"), NO_YES_TO_ERASING)
@pytest.mark.parametrize("asked", ["erase", "start_over"])
def test_what_only_sounds_like_a_yes_neither_erases_nor_starts_over(
    house: House, language: str, text: str, asked: str
) -> None:
    person = Person(house, language)
    person.say("2")
    person.say({"erase": "wis alles", "start_over": "..."}[asked], asked)

    person.say(text, "affirm")

    assert len(house.runs(person.id)) == 1
    assert [(row["item_id"], row["value"]) for row in house.rows(tables.answers)] == [("tea.leaves", 2)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nl", "ja"),
        ("nl", "Ja, wis alles!"),
        ("nl", "ja doe maar"),
        ("en", "yes please"),
        ("en", "Yes, erase all"),
    ],
)
def test_a_yes_in_so_many_words_erases(house: House, language: str, text: str) -> None:
    person = Person(house, language)
    person.say("2")
    person.say("wis alles", "erase")

    person.say(text)

    assert house.runs(person.id) == []


@pytest.mark.parametrize("text", ["ok let me read it first", "ja dag", "yeah right", "ja maar wacht"])
def test_what_only_sounds_like_a_yes_is_no_consent(house: House, text: str) -> None:
    person = Person(house, agrees=False)

    person.say(text, "affirm")

    assert house.conversation(person.id).consent == "open"
