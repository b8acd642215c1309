"""Second thoughts in the conversation: choices in every form, and earlier answers that change."""

from __future__ import annotations

import pytest

from bot.texts import say
from tests.integration.parts import House, Person, coffeebar, teahouse

# The teahouse: tea (weight 2) of leaves (weight 3) and brewing (1), guests (1) of welcome and biscuits, pots.


def in_language(house: House, language: str) -> Person:
    person = Person(house, language, agrees=False)
    person.say("ja" if language == "nl" else "yes")
    return person


# --- choices ---


@pytest.mark.parametrize(
    ("text", "holds"),
    [("3️⃣", 3), ("III", 3), ("c)", 3), ("de laatste", 3), ("de middelste", 2), ("min", 1), ("**2**", 2)],
)
def test_a_level_is_taken_in_any_form(house: House, person: Person, text: str, holds: int) -> None:
    person.say(text, "back")  # whatever was guessed
    assert house.holds(person.id) == {"tea.leaves": holds}


@pytest.mark.parametrize(
    ("text", "low", "high"), [("2,5", 2, 3), ("ik denk 2, misschien 3", 2, 3), ("tussen een en twee", 1, 2)]
)
def test_who_hesitates_sees_the_two_side_by_side_and_is_asked_which(
    house: House, person: Person, text: str, low: int, high: int
) -> None:
    person.say(text)
    assert person.has("difference.head", low=low, high=high)
    assert person.has("difference.choose")
    assert person.asks(1)
    assert house.holds(person.id) == {}


def test_saying_the_same_over_and_over_ends_in_another_way_out(house: House, person: Person) -> None:
    replies = [person.say("geen van deze") for _ in range(3)]
    assert say("nl", "unclear.none") in replies[0]
    assert say("nl", "unclear.third") in replies[2]


@pytest.mark.parametrize("text", ["we hebben 3 winkels", "sinds 2019", "3 keer per jaar", "in 2 dagen"])
def test_a_number_within_a_sentence_is_no_answer(house: House, person: Person, text: str) -> None:
    person.say(text)
    assert house.holds(person.id) == {}


@pytest.mark.parametrize(
    ("language", "text", "key"),
    [
        ("nl", "geen van deze", "unclear.none"),
        ("en", "none of them", "unclear.none"),
        ("nl", "allemaal", "unclear.all"),
        ("en", "the lot", "unclear.all"),
    ],
)
def test_none_or_all_of_the_levels_is_told_what_can_be_done(
    house: House, language: str, text: str, key: str
) -> None:
    person = in_language(house, language)
    person.say(text, "skip")
    assert person.has(key)
    assert person.asks(1)
    assert house.holds(person.id) == {}


@pytest.mark.parametrize(
    ("language", "text"), [("nl", "3, en de volgende een 2"), ("en", "3 and 2 for the next one")]
)
def test_a_level_for_the_next_question_is_proposed_there(house: House, language: str, text: str) -> None:
    person = in_language(house, language)
    person.say(text)
    assert house.holds(person.id) == {"tea.leaves": 3}
    assert say(language, "name.level", value=2, label="").strip(" ·") in person.text
    person.say("ja" if language == "nl" else "yes", "affirm")
    assert house.holds(person.id) == {"tea.leaves": 3, "tea.brewing": 2}
    assert person.asks(3)


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("9", "unclear.number", {"number": 9, "highest": 4}),
        ("0", "unclear.number", {"number": 0, "highest": 4}),
        ("2 of 3", "choose.between", {"first": 2, "second": 3}),
        ("geen van deze", "choose.none", {}),
        ("allemaal", "choose.one", {}),
    ],
)
def test_at_a_question_about_oneself_what_is_no_option_is_said(
    house: House, text: str, key: str, values: dict[str, int]
) -> None:
    person = Person(house, segments={}, agrees=False)
    person.say("ja")
    person.say(text)
    assert person.has(key, **values)
    assert person.has("segment.ask_role_layer")
    assert house.conversation(person.id).segments == {}


@pytest.mark.parametrize("text", ["b", "optie 2", "de tweede", "II", "de laatste"])
def test_a_model_is_chosen_in_any_form(house: House, text: str) -> None:
    house.publish(coffeebar=coffeebar(), teahouse=teahouse())
    person = Person(house, agrees=False)
    person.say("ja")
    second = [title for title in person.buttons if title.startswith("2 ·")]
    person.say("5")
    assert person.has("unclear.number", number=5, highest=2)
    person.say(text)
    assert second
    assert house.runs(person.id) != []


# --- an earlier answer ---


@pytest.mark.parametrize(
    ("language", "text", "holds"),
    [
        ("nl", "maak van de vorige toch een 3", [1, 2, 3]),
        ("nl", "die van het trekken moet een 1 zijn", [1, 1, 2]),
        ("nl", "vraag 1 een 3 en vraag 3 een 1", [3, 2, 1]),
        ("nl", "allebei een lager", [1, 1, 1]),
        ("nl", "die waar ik 1 zei moet 3 zijn", [3, 2, 2]),
        ("nl", "oeps 3", [1, 2, 3]),
        ("nl", "ik bedoelde 1", [1, 2, 1]),
        ("en", "make the last one a 3", [1, 2, 3]),
        ("en", "the brewing one should be a 3", [1, 3, 2]),
        ("en", "question 1 a 3 and question 3 a 1", [3, 2, 1]),
        ("en", "sorry typo, 3", [1, 2, 3]),
    ],
)
@pytest.mark.parametrize("meaning", ["take_answer", "change_answer", "back"])
def test_an_earlier_answer_is_changed_in_so_many_words(
    house: House, language: str, text: str, holds: list[int], meaning: str
) -> None:
    person = in_language(house, language)
    for level in "122":
        person.say(level)
    person.say(text, meaning)
    assert list(house.holds(person.id).values()) == holds
    assert person.asks(4)
    assert house.conversation(person.id).misunderstood == 0


@pytest.mark.parametrize(
    ("language", "text", "holds"),
    [
        ("en", "3. No, 2", 2),
        ("nl", "2. Nee, 3", 3),
        ("en", "1 to be fair", 1),
        ("nl", "1 eerlijk gezegd", 1),
        ("en", "Level 2, on balance.", 2),
        ("nl", "niveau 2, al met al", 2),
        ("en", "3 then, we taste every pot", 3),
        ("nl", "doe maar een 3, we proeven alles", 3),
        ("en", "the tea one is a 2", 2),
        ("nl", "die van thee is een 2", 2),
    ],
)
@pytest.mark.parametrize("meaning", ["take_answer", "why_level"])
def test_an_answer_with_words_around_it_is_taken_at_its_question(
    house: House, language: str, text: str, holds: int, meaning: str
) -> None:
    person = in_language(house, language)
    person.say(text, meaning)
    assert house.holds(person.id) == {"tea.leaves": holds}


def test_a_list_in_figures_is_no_answer(house: House, person: Person) -> None:
    person.say("1) betere thee 2) snellere bediening")
    assert house.holds(person.id) == {}


def test_two_changes_that_contradict_each_other_change_nothing(house: House, person: Person) -> None:
    person.say("1")
    person.say("verander vraag 1 in een 2 en vraag 1 in een 3")
    assert house.holds(person.id) == {"tea.leaves": 1}
    assert person.asks(1)


def test_what_is_clear_of_two_changes_is_made_and_the_other_is_asked(house: House, person: Person) -> None:
    for level in "123":
        person.say(level)
    person.say("verander vraag 3 in een 1 en die van thee in een 3")
    assert list(house.holds(person.id).values()) == [1, 2, 1]
    assert person.has("change.which")
    person.say("2")
    assert list(house.holds(person.id).values()) == [1, 3, 1]


@pytest.mark.parametrize(
    ("text", "line"), [("zakelijk, nee, consumenten", "b2c"), ("businesses, no, consumers first", "b2c")]
)
def test_who_takes_back_a_customer_group_means_the_other(house: House, text: str, line: str) -> None:
    person = Person(house, segments={"role_layer": "board", "department": "it"}, agrees=False)
    person.say("ja")
    person.say(text)
    assert house.conversation(person.id).segments["business_line"] == line


def test_a_change_says_old_and_new_and_what_becomes_of_the_score(house: House, person: Person) -> None:
    # Tea: leaves count three times, brewing once.
    person.say("1")
    person.say("1")
    person.say("maak van vraag 2 een 3")
    assert person.has("answered.changed", item="Trekken", old="1 · Op goed geluk", new="3 · Per pot geproefd")
    # (3 * 1 + 1 * 1) / 4 = 1.0; (3 * 1 + 1 * 3) / 4 = 1.5
    assert "Thee: 1,0 → 1,5" in person.text
    person.say("maak van vraag 1 een 3")
    # (3 * 3 + 1 * 3) / 4 = 3.0
    assert "Thee: 1,5 → 3,0" in person.text


def test_after_the_end_the_effect_on_the_whole_is_said_and_the_result_comes_anew(
    house: House, person: Person
) -> None:
    for level in "111111":
        person.say(level)
    person.say("maak van vraag 2 een 3")
    assert say("nl", "effect.overall") in person.last[0].text
    assert "1,0 → 1,5" in person.last[0].text
    assert person.has("result.intro", lowest=1, highest=3)
    assert len([one for one in person.last if one.picture_id]) == 1


def test_where_nothing_of_the_result_changes_it_does_not_come_again(house: House, person: Person) -> None:
    for level in "111111":
        person.say(level)
    person.say("verander vraag 6")
    person.say("1")
    assert not person.has("result.intro", lowest=1, highest=3)


@pytest.mark.parametrize(("reply", "holds"), [("ja", [1, 3]), ("nee", [1, 2])])
def test_a_doubtful_slip_is_asked_about(house: House, person: Person, reply: str, holds: list[int]) -> None:
    person.say("1")
    person.say("2")
    person.say("nee wacht, 3")
    assert person.has("change.ask", item="Trekken", old="2 · Met de klok", new="3 · Per pot geproefd")
    assert list(house.holds(person.id).values()) == [1, 2]
    person.say(reply, "affirm" if reply == "ja" else "deny")
    assert list(house.holds(person.id).values()) == holds
    assert person.asks(3)


def test_a_doubtful_slip_can_be_the_answer_to_the_open_question(house: House, person: Person) -> None:
    person.say("1")
    person.say("2")
    person.say("nee wacht, 3")
    person.tap(say("nl", "change.here"))
    assert list(house.holds(person.id).values()) == [1, 2, 3]


def test_at_the_first_question_a_slip_is_its_answer(house: House, person: Person) -> None:
    person.say("nee wacht, 3")
    assert house.holds(person.id) == {"tea.leaves": 3}


def test_of_a_dimension_the_answers_are_listed_and_the_level_is_kept(house: House, person: Person) -> None:
    person.say("1")
    person.say("2")
    person.say("die van thee moet een 3 zijn")
    assert person.has("change.which")
    assert house.holds(person.id) == {"tea.leaves": 1, "tea.brewing": 2}
    person.say("2")
    assert house.holds(person.id) == {"tea.leaves": 1, "tea.brewing": 3}
    person.say("die van thee moet een 2 zijn")
    person.tap("1 · ")
    assert house.holds(person.id) == {"tea.leaves": 2, "tea.brewing": 3}


def test_higher_than_the_highest_is_said_and_changes_nothing(house: House, person: Person) -> None:
    person.say("3")
    person.say("doe vraag 1 een hoger")
    assert person.has("unclear.number", number=4, highest=3)
    assert house.holds(person.id) == {"tea.leaves": 3}


def test_not_that_question_but_this_one(house: House, person: Person) -> None:
    for level in "123":
        person.say(level)
    person.say("verander vraag 1")
    assert person.asks(1)
    person.say("niet vraag 1 maar 2")
    assert person.asks(2)
    person.say("3")
    assert list(house.holds(person.id).values()) == [1, 3, 3]
    assert person.asks(4)
