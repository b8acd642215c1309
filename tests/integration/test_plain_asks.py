"""What plain words get: don't know, a goodbye, the skipped questions, what a result comes to, corrections."""

from __future__ import annotations

import pytest

from tests.integration.parts import ITEMS, House, Person, reading
from tests.stack import TEAHOUSE

TEAROOM = (TEAHOUSE.parent / "tearoom.yml").read_text(encoding="utf-8")


def finish(person: Person, levels: str = "222222") -> None:
    for level in levels:
        person.say(level)


DOUBT = reading("tea.leaves", "soms zo en soms zo", 10, 50, 40)


@pytest.mark.parametrize(
    ("language", "text", "guess"),
    [
        ("nl", "geen van beide, ik weet het niet", "take_answer"),
        ("nl", "geen idee, eerlijk gezegd", "dont_know"),
        ("en", "neither, i mean i don't know", "take_answer"),
        ("en", "no idea honestly, nobody tells me", "take_answer"),
    ],
)
@pytest.mark.parametrize("doubts", [True, False])
def test_who_does_not_know_is_noted_so_also_where_two_levels_are_shown(
    house: House, language: str, text: str, guess: str, doubts: bool
) -> None:
    house.places({"soms zo en soms zo": DOUBT})
    person = Person(house, language)
    if doubts:
        person.say("soms zo en soms zo")

    person.say(text, guess)

    assert house.holds(person.id) == {"tea.leaves": "dont_know"}
    assert person.has("answered.dont_know")
    assert person.asks(2)


def test_below_two_levels_there_is_a_button_for_who_does_not_know(house: House) -> None:
    house.places({"soms zo en soms zo": DOUBT})
    person = Person(house)
    person.say("soms zo en soms zo")

    person.tap("Weet ik niet")

    assert house.holds(person.id) == {"tea.leaves": "dont_know"}
    assert person.asks(2)


@pytest.mark.parametrize(
    ("language", "text", "guess"),
    [
        ("en", "3. right i'm off, customer", "take_answer"),
        ("en", "3, and I'll leave it there for today", "pause"),
        ("nl", "3, ik moet ervandoor", "pause"),
        ("nl", "doe maar 3. tot morgen!", "thanks"),
    ],
)
def test_an_answer_with_a_goodbye_is_noted_and_the_goodbye_is_heard(
    house: House, language: str, text: str, guess: str
) -> None:
    person = Person(house, language)

    person.say(text, guess)

    assert house.holds(person.id) == {"tea.leaves": 3}
    assert person.has("side.pause")
    assert house.runs(person.id)[0].current_item == "tea.brewing"


@pytest.mark.parametrize(
    ("language", "text"), [("en", "sorry i have to go, lunch"), ("nl", "sorry, ik moet gaan")]
)
def test_a_goodbye_alone_is_no_answer(house: House, language: str, text: str) -> None:
    person = Person(house, language)

    person.say(text, "take_answer")

    assert house.holds(person.id) == {}
    assert person.has("side.pause")


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("The lower one, if you please.", "recommend"),
        ("The Guide, although Google is perhaps not the company I should choose", "another"),
        ("dame mas tiempo por favor, no entiendo nada", "deepen"),
        ("you are quick, I have to say!", "pause"),
    ],
)
def test_a_guess_alone_throws_nobody_out_of_the_question(house: House, text: str, guess: str) -> None:
    person = Person(house, "en")

    person.say(text, guess)

    assert person.asks(1)
    assert not person.has("recommend.ask")
    assert not person.has("side.pause")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "can i go back to the ones i skipped, ill ask my manager first"),
        ("nl", "de vragen die ik oversloeg"),
    ],
)
@pytest.mark.parametrize("at_the_end", [True, False])
def test_the_skipped_questions_are_listed(house: House, language: str, text: str, at_the_end: bool) -> None:
    person = Person(house, language)
    person.say("...", "skip")
    person.say("2")
    person.say("...", "skip")
    if at_the_end:
        finish(person, "222")

    person.say(text, "start_over")

    assert person.has("skipped.these")
    assert not person.has("start_over.ask")
    person.say("3")
    assert house.conversation(person.id).pending is None
    person.say("1")
    assert house.holds(person.id)["guests.welcome"] == 1


def test_the_only_skipped_question_is_opened_and_without_one_that_is_said(house: House) -> None:
    person = Person(house, "en")
    person.say("2")
    person.say("skipped questions", "take_answer")
    assert person.has("skipped.none")
    person.say("...", "skip")

    person.say("just the skipped ones", "deny")

    assert person.asks(2)


@pytest.mark.parametrize(
    ("language", "text", "guess", "key"),
    [
        ("en", "is my score any good?", "recommend", "verdict.level"),
        ("en", "2.0 is that shit?", "why_level", "verdict.level"),
        ("nl", "is dat nou goed of slecht?", "off_topic", "verdict.level"),
        ("en", "so what does it all mean in plain english", "explain", "verdict.level"),
        ("nl", "wat betekent dat nou, in gewone taal?", "explain", "verdict.level"),
    ],
)
def test_what_a_result_comes_to_is_told_in_the_words_of_its_level(
    house: House, language: str, text: str, guess: str, key: str
) -> None:
    person = Person(house, language)
    finish(person)

    person.say(text, guess)

    score, name, meaning = {
        "en": ("2.0", "Brewed", "There are habits that hold, and most pots taste the way they should."),
        "nl": ("2,0", "Getrokken", "Er zijn afspraken, en meestal smaakt de thee zoals hij bedoeld is."),
    }[language]
    assert person.has(key, score=score, highest=3, level=2, name=name, meaning=meaning)
    assert "{" not in person.text


@pytest.mark.parametrize(
    ("language", "text", "guess", "key"),
    [
        ("en", "how sure are you about this", "explain", "verdict.sure"),
        ("nl", "hoe betrouwbaar is dit", "explain", "verdict.sure"),
        ("en", "is 2.0 any good? roughly, compared to others", "off_topic", "verdict.indication"),
        ("nl", "hoe scoren andere bedrijven?", "off_topic", "verdict.indication"),
    ],
)
def test_how_sure_it_is_and_that_there_are_no_others_is_said(
    house: House, language: str, text: str, guess: str, key: str
) -> None:
    person = Person(house, language)
    finish(person)

    person.say(text, guess)

    assert person.has(key, count=len(ITEMS))


@pytest.mark.parametrize(
    ("language", "text", "opening"),
    [
        ("en", "what would you do if you were me?", "What I would begin with:"),
        ("en", "What must I do first than?", "What I would begin with:"),
        ("nl", "waar moeten we beginnen?", "Ik zou hiermee beginnen:"),
    ],
)
def test_what_to_do_first_is_the_first_step(house: House, language: str, text: str, opening: str) -> None:
    person = Person(house, language)
    finish(person)

    person.say(text, "recommend")

    assert person.text.startswith(opening)


def test_what_if_of_an_area_with_one_question_takes_that_one(house: House) -> None:
    house.publish(tearoom=TEAROOM)
    person = Person(house, "en", {"model": "tearoom"})
    person.say("quick scan")
    while house.runs(person.id)[-1].status == "active":
        person.say("2")

    person.say("what if Kettle was a 3", "what_if")

    assert not person.has("why.if_which")
    assert "3" in person.text


def test_an_area_without_a_score_is_still_the_one_that_is_named(house: House) -> None:
    person = Person(house, "en")
    person.say("...", "skip")
    person.say("...", "skip")
    finish(person, "2222")

    person.say("why did i get no score for tea", "why_level")

    assert not person.has("why.which")
    assert "Tea" in person.text


def test_before_the_end_nothing_is_said_of_a_result(house: House) -> None:
    person = Person(house, "en")
    person.say("2")

    person.say("is my score any good?", "result")

    assert person.has("result.not_yet")


@pytest.mark.parametrize(
    ("language", "text", "guess", "value"),
    [
        ("en", "hm, the brewing should be a 3 though, we redid it in October", "take_answer", 3),
        ("en", "I think brewing might be a 3 actually", "off_topic", 3),
        ("en", "brewing must be 3", "target", 3),
        ("en", "I have a correction: at brewing we now have a timer, so that must be 3", "take_answer", 3),
        ("nl", "het trekken is inmiddels wel een 3", "take_answer", 3),
        ("nl", "trekken moet eigenlijk 1 zijn", "target", 1),
    ],
)
def test_after_the_end_a_correction_in_ordinary_words_changes_the_answer_once_confirmed(
    house: House, language: str, text: str, guess: str, value: int
) -> None:
    person = Person(house, language)
    finish(person)

    person.say(text, guess)
    if house.holds(person.id)["tea.brewing"] == 2:
        person.say("ja" if language == "nl" else "yes")

    assert house.holds(person.id)["tea.brewing"] == value


def test_a_target_is_no_correction(house: House) -> None:
    person = Person(house, "en")
    finish(person)

    person.say("my target for tea should be 3", "target")

    assert house.holds(person.id)["tea.brewing"] == 2
    assert not person.has("change.which")


def test_a_number_of_a_question_without_the_word_is_understood(house: House) -> None:
    person = Person(house, "en")
    finish(person)

    person.say("make number 3 a one and number 4 a 3", "take_answer")

    holds = house.holds(person.id)
    assert (holds["guests.welcome"], holds["guests.biscuits"]) == (1, 3)
    assert holds["tea.leaves"] == 2


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "remove my answer on brewing"), ("nl", "verwijder mijn antwoord bij trekken")],
)
def test_removing_one_answer_opens_that_one_and_erases_nothing(
    house: House, language: str, text: str
) -> None:
    person = Person(house, language)
    finish(person)

    person.say(text, "erase")

    assert not person.has("erase.ask")
    assert person.asks(2)
