"""What people type that is hardly said: titles of buttons, emoji, '?', code, two languages at once."""

from __future__ import annotations

import pytest

from bot.texts import say
from tests.integration.parts import House, Person


def in_language(house: House, language: str) -> Person:
    person = Person(house, language, agrees=False)
    person.say("ja" if language == "nl" else "yes")
    return person


# --- the title of a button ---


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("menu.difference", "difference.which"),
        ("menu.human", "human.noted"),
        ("menu.erase", "erase.ask"),
        ("menu.start_over", "start_over.ask"),
    ],
)
def test_the_title_of_a_button_typed_is_its_tap_whatever_was_guessed(
    house: House, language: str, key: str, told: str
) -> None:
    person = in_language(house, language)
    person.say(say(language, "menu.more"), "thanks")
    person.say(say(language, key).upper(), "greet")
    assert person.has(told)


def test_a_title_of_a_question_in_the_list_is_its_tap(house: House, person: Person) -> None:
    person.say("1")
    person.say("2")
    person.say("ik wil een antwoord veranderen", "change_answer")
    person.say("trekken")
    assert person.asks(2)


def test_a_title_that_does_not_stand_there_is_what_was_said(house: House, person: Person) -> None:
    person.say(say("nl", "menu.erase"), "take_answer")
    # It asks in so many words, too; nothing is erased by it.
    assert person.has("erase.ask")
    person.say("Terug naar dit gesprek", "take_answer")
    assert person.asks(1)


@pytest.mark.parametrize("title", ["consent.yes", "erase.yes", "start_over.yes"])
def test_a_title_of_an_answer_from_further_up_does_nothing(house: House, person: Person, title: str) -> None:
    person.say("2")
    person.say(say("nl", title), "take_answer")
    assert house.holds(person.id) == {"tea.leaves": 2}
    assert house.runs(person.id)[0].status == "active"


# --- signs and half words ---


@pytest.mark.parametrize("text", ["😂", "🎉🎉", "🤷", "❤️"])
def test_only_signs_get_a_friendly_line_and_the_question(house: House, person: Person, text: str) -> None:
    person.say(text, "skip")
    assert person.has("side.signs")
    assert person.asks(1)
    assert house.holds(person.id) == {}


def test_an_angry_face_is_heard(house: House, person: Person) -> None:
    person.say("😡", "thanks")
    assert person.has("side.annoyed", left=6, minutes=2)


@pytest.mark.parametrize(
    ("sign", "given"), [("👍", "given"), ("👍🏽", "given"), ("👎", "refused"), ("😂", "open")]
)
def test_a_thumb_is_a_yes_or_a_no_where_one_is_asked_for(house: House, sign: str, given: str) -> None:
    person = Person(house, agrees=False)
    person.say(sign, "thanks")
    assert house.conversation(person.id).consent == given


@pytest.mark.parametrize(("sign", "holds"), [("👍", 3), ("👎", 1)])
def test_a_thumb_decides_about_a_change(house: House, person: Person, sign: str, holds: int) -> None:
    person.say("1")
    person.say("blaadjes moet 3 zijn", "change_answer")
    person.say(sign, "thanks")
    assert house.holds(person.id) == {"tea.leaves": holds}


def test_a_thumb_erases_nothing(house: House, person: Person) -> None:
    person.say("1")
    person.say("delete the lot", "take_answer")
    assert person.has("erase.ask")
    person.say("👍", "affirm")
    assert house.holds(person.id) == {"tea.leaves": 1}
    assert person.has("erase.ask")


@pytest.mark.parametrize("text", ["?", "??", "huh", "wat", "hè"])
def test_half_a_question_is_answered_with_what_the_question_means(
    house: House, person: Person, text: str
) -> None:
    person.say(text, "thanks")
    assert "Het gaat om wat je over de thee weet en kiest" in person.text
    assert person.asks(1)


def test_half_a_question_to_what_is_pending_puts_that_again(house: House, person: Person) -> None:
    person.say("1")
    person.say("blaadjes moet 3 zijn", "change_answer")
    person.say("huh?", "explain")
    assert person.has("side.huh")
    assert person.has("change.ask", item="Blaadjes", old="1 · Wat er ligt", new="3 · Keuze per oogst")
    person.say("ja", "affirm")
    assert house.holds(person.id) == {"tea.leaves": 3}


# --- text is text ---

AS_TEXT = [
    "/start",
    "/help",
    "/restart",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE answers; --",
    "**vet** en _schuin_",
    "```python\nprint(3)\n```",
    "{{7*7}} {name} %s",
    "[link](http://example.org)",
    "SELECT 3 FROM levels",
    "\u202eomgekeerd",
]


@pytest.mark.parametrize("text", AS_TEXT, ids=ascii)
def test_what_looks_like_code_is_text(house: House, person: Person, text: str) -> None:
    person.say(text)
    assert person.asks(1)
    assert house.holds(person.id) == {}
    mine = [one.text for one in person.history if one.role == "user"]
    assert mine[-1] == text


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    "text",
    [
        "we doen best veel met data but nobody really owns it",
        "it depends, soms wel soms niet",
        "whatever man",
    ],
)
def test_a_mixed_message_does_not_switch_the_language(house: House, language: str, text: str) -> None:
    person = in_language(house, language)
    for meaning in ("take_answer", "switch_language"):
        person.say(text, meaning) if len(text.split()) > 4 else person.say(text)
    assert house.conversation(person.id).language == language


# --- after the end ---


@pytest.mark.parametrize(
    ("text", "meaning"), [("ja", "affirm"), ("3", "take_answer"), ("klaar", "take_answer")]
)
def test_after_the_end_a_word_of_the_questions_is_told_what_can_be_done(
    house: House, person: Person, text: str, meaning: str
) -> None:
    for level in "222222":
        person.say(level)
    person.say("bedankt", "thanks")
    person.say(text, meaning)
    assert person.has("unclear.after_end")


@pytest.mark.parametrize(("language", "text"), [("nl", "3 voor servies"), ("en", "3 for crockery")])
def test_after_the_end_a_level_for_a_part_is_a_target(house: House, language: str, text: str) -> None:
    person = in_language(house, language)
    for level in "111111":
        person.say(level)
    person.say(text)
    assert house.runs(person.id)[0].targets == {"pots": 3}


# --- the question again, in short ---


@pytest.mark.parametrize("meaning", ["thanks", "bot_challenge", "progress", "privacy", "off_topic", "why"])
def test_behind_side_talk_the_question_in_sight_stands_in_short_with_its_buttons(
    house: House, person: Person, meaning: str
) -> None:
    buttons = list(person.buttons.values())
    full = "We schenken de zakjes die toevallig in de kast liggen."
    assert full in person.text
    person.say("tja", meaning)
    assert person.asks(1)
    assert "1 · Wat er ligt\n2 · Vaste kaart\n3 · Keuze per oogst" in person.text
    assert full not in person.text
    assert [token for token in person.buttons.values() if token in buttons] == buttons


@pytest.mark.parametrize("meaning", ["repeat", "explain", "take_answer"])
def test_who_wants_the_question_or_was_not_understood_gets_all_of_it(
    house: House, person: Person, meaning: str
) -> None:
    person.say("tja", "thanks")
    person.say("appeltaart", meaning)
    assert "We schenken de zakjes die toevallig in de kast liggen." in person.text


def test_out_of_sight_the_question_stands_in_full_again(house: House, person: Person) -> None:
    full = "We schenken de zakjes die toevallig in de kast liggen."
    lengths = [full in person.say("bedankt", "thanks") for _ in range(6)]
    assert lengths[0] is False
    assert True in lengths


def test_a_changed_answer_does_not_repeat_the_whole_open_question(house: House, person: Person) -> None:
    person.say("1")
    person.say("maak van vraag 1 een 2")
    assert person.asks(2)
    assert "1 · Op goed geluk\n2 · Met de klok\n3 · Per pot geproefd" in person.text
