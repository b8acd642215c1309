"""In the middle: a person, the difference between levels, an earlier answer, what was not understood."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from bot.store import tables
from bot.texts import say
from tests.integration.parts import ITEMS, House, Person, at_statement, coffeebar, teahouse

Make = Callable[..., House]


def requests(house: House) -> list[dict[str, Any]]:
    """Who asked for a person: question and contact, oldest first."""
    rows = sorted(house.rows(tables.help_requests), key=lambda row: row["at"])
    return [{key: row[key] for key in ("item_id", "contact")} for row in rows]


def rows_of(house: House) -> list[tuple[str, str, int | None, bool, str | None]]:
    """Every answer in the order of writing: item, kind, level, whether it replaces one, words."""
    return [
        (row["item_id"], row["kind"], row["value"], row["supersedes"] is not None, row["words"])
        for row in house.rows(tables.answers)
    ]


def finish(person: Person, levels: str = "222222") -> None:
    """Answer all six questions."""
    for level in levels:
        person.say(level)
    assert len(person.house.answers(person.id)) == len(levels)


def fail(connection: sa.Connection, statement: str) -> None:
    """Breaks the turn at this statement, as a database does that goes away."""
    raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))


def broken_at_every_statement(house: House, turn_id: str, meaning: str) -> int:
    """Do a turn that breaks at its first statement, then at its second, and so on; at how many it broke."""
    before = house.everything()
    for number in range(100):
        with at_statement(house, fail, number):
            try:
                house.use_cases.take_turn(turn_id, meaning)
            except sa.exc.OperationalError:
                pass
            else:
                return number
        assert house.everything() == before, f"statement {number}"
    pytest.fail("the turn has no end")


# --- a person ---


def test_a_wish_for_a_person_is_recorded_with_the_question_and_the_question_stands_again(
    house: House, person: Person
) -> None:
    person.say("2")
    person.say("mag ik een mens spreken", "human")

    [row] = house.rows(tables.help_requests)
    assert row["item_id"] == "tea.brewing"
    assert row["assessment_id"] == house.runs(person.id)[0].id
    assert row["conversation_id"] == person.id
    assert row["contact"] is None
    assert person.has("human.noted")
    assert person.has("human.how")
    assert len(person.last) == 1
    assert person.asks(2)
    assert house.holds(person.id) == {"tea.leaves": 2}


@pytest.mark.parametrize("contact", ["06-12345678", "bel me op +31 6 1234 5678", "ik@voorbeeld.nl"])
def test_how_to_be_reached_can_be_left_and_is_no_answer(house: House, person: Person, contact: str) -> None:
    person.say("een mens", "human")
    person.say(f" {contact} ")

    assert requests(house) == [{"item_id": "tea.leaves", "contact": contact}]
    assert person.has("human.contact_noted")
    assert person.asks(1)
    assert house.holds(person.id) == {}
    assert house.conversation(person.id).pending is None


def test_how_to_be_reached_can_stand_in_the_wish_itself(house: House, person: Person) -> None:
    person.say("laat iemand mij bellen op 06-12345678", "human")
    assert requests(house) == [{"item_id": "tea.leaves", "contact": "laat iemand mij bellen op 06-12345678"}]
    assert person.has("human.contact_noted")
    assert not person.has("human.how")
    assert house.conversation(person.id).pending is None


def test_who_just_goes_on_leaves_the_wish_without_a_contact(house: House, person: Person) -> None:
    person.say("een mens", "human")
    person.say("3")
    person.say("06-12345678")

    assert requests(house) == [{"item_id": "tea.leaves", "contact": None}]
    assert house.holds(person.id) == {"tea.leaves": 3}
    assert person.has("unclear.first")


def test_who_asks_again_is_recorded_once(house: House, person: Person) -> None:
    for text in ("een mens", "hallo, een MENS graag", "is er nou iemand?"):
        person.say(text, "human")
        assert person.has("human.noted")
    assert len(requests(house)) == 1
    person.say("2")
    person.say("bel me: 020 123 45 67", "human")
    assert requests(house) == [{"item_id": "tea.leaves", "contact": "bel me: 020 123 45 67"}]


def test_the_button_for_a_person_does_the_same(house: House, person: Person) -> None:
    person.tap("Meer…")
    person.tap(say("nl", "menu.human"))
    assert requests(house) == [{"item_id": "tea.leaves", "contact": None}]
    assert person.asks(1)


def test_who_runs_this_chat_can_be_named(make_house: Make) -> None:
    house = make_house(contact="de balie, toestel 12")
    person = Person(house, agrees=False)
    person.say("een mens", "human")
    assert person.has("human.before_consent_with_contact", contact="de balie, toestel 12")
    person.say("ja")
    person.say("een mens", "human")
    assert person.has("human.noted_with_contact", contact="de balie, toestel 12")


@pytest.mark.parametrize("text", ["een mens graag", "bel me op 06-12345678", "ik@voorbeeld.nl"])
def test_before_consent_nothing_of_it_is_recorded(house: House, text: str) -> None:
    person = Person(house, agrees=False)
    for _ in range(3):
        person.say(text, "human")
        assert person.has("human.before_consent")
        assert person.has("consent.question")
    person.say("nee")
    person.say(text, "human")

    assert requests(house) == []
    assert house.conversation(person.id).pending is None
    # What was typed before the refusal, or after it, is not kept either.
    assert house.traces("12345678") == house.traces("voorbeeld") == []


def test_it_is_recorded_before_the_first_question_and_after_the_last(house: House) -> None:
    new, done = Person(house, segments={}), Person(house)
    new.say("een mens", "human")
    finish(done)
    done.say("een mens", "human")
    done.say("ik@voorbeeld.nl")

    assert requests(house) == [
        {"item_id": None, "contact": None},
        {"item_id": None, "contact": "ik@voorbeeld.nl"},
    ]
    assert [row["assessment_id"] is None for row in house.rows(tables.help_requests)].count(True) == 1
    assert new.has("segment.ask_role_layer")


def test_erasing_takes_the_wish_and_the_contact_along(house: House, person: Person) -> None:
    person.say("een mens", "human")
    person.say("kabouterplop@voorbeeld.nl")
    person.say("wis alles", "erase")
    person.say("ja")

    assert requests(house) == []
    assert house.is_sqlite is False or house.traces("kabouterplop") == []
    with house.store.read() as work:
        assert work.help_requests(person.id) == []


def test_a_wish_broken_at_any_statement_leaves_nothing_half(house: House, person: Person) -> None:
    turn_id = person.send(text="een mens: ik@voorbeeld.nl")
    assert broken_at_every_statement(house, turn_id, "human") >= 8
    assert requests(house) == [{"item_id": "tea.leaves", "contact": "een mens: ik@voorbeeld.nl"}]
    assert len(house.use_cases.reply_of(turn_id) or []) == 1

    person.say("een mens", "human")
    turn_id = person.send(text="06-12345678")
    assert broken_at_every_statement(house, turn_id, "take_answer") >= 7
    assert [one["contact"] for one in requests(house)] == ["een mens: ik@voorbeeld.nl", "06-12345678"]


# --- the difference between two levels ---


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("wat is het verschil tussen 2 en 3?", 2, 3),
        ("verschil 3 en 1", 1, 3),
        ("verschil tussen een en twee", 1, 2),
        ("wat is er anders aan 2", 2, 3),
        ("wat is er zo bijzonder aan 3", 2, 3),
        ("verschil tussen 2 en 2", 2, 3),
        ("verschil tussen 1, 2 en 3", 1, 2),
        ("verschil tussen 3 en 4", 2, 3),
    ],
)
def test_two_levels_stand_side_by_side_and_the_question_stands_again(
    house: House, person: Person, text: str, low: int, high: int
) -> None:
    person.say(text, "difference")

    assert person.has("difference.head", low=low, high=high)
    titles = {1: "1 · Wat er ligt", 2: "2 · Vaste kaart", 3: "3 · Keuze per oogst"}
    said = person.text.partition(say("nl", "question.header", number=1, total=6, dimension=""))[0]
    assert said.index(titles[low]) < said.index(titles[high])
    assert sum(title in said for title in titles.values()) == 2
    assert len(person.last) == 1
    assert person.asks(1)
    assert house.holds(person.id) == {}


def test_who_names_no_level_is_asked_which_and_can_tap_or_type(house: House, person: Person) -> None:
    person.say("wat is het verschil", "difference")
    assert person.has("difference.which")
    assert list(person.buttons) == ["1 en 2", "2 en 3"]
    pair = person.token("2 en 3")

    person.say("1 en 3")
    assert person.has("difference.head", low=1, high=3)
    person.press(pair)
    assert person.has("difference.head", low=2, high=3)
    assert person.asks(1)
    assert house.holds(person.id) == {}


def test_something_else_than_two_levels_leaves_that_question_behind(house: House, person: Person) -> None:
    person.say("wat is het verschil", "difference")
    person.say("laat maar, ik kies gewoon op gevoel zou ik zeggen, 2 denk ik")
    assert person.has("unclear.first")
    person.say("2")
    assert house.holds(person.id) == {"tea.leaves": 2}


def test_a_comparison_in_so_many_words_needs_no_intent_but_a_story_with_figures_is_none(
    house: House, person: Person
) -> None:
    person.say("verschil 1 en 2?", "take_answer")
    assert person.has("difference.head", low=1, high=2)
    person.say("het verschil is dat we er 9 van de 10 keer 12 hebben", "take_answer")
    assert person.has("unclear.first")
    person.say("1")
    person.say("b2b is anders dan b2c", "difference")
    assert person.has("difference.which")


def test_where_no_question_is_open_there_is_nothing_to_compare(house: House, person: Person) -> None:
    person.say("wat is het verschil", "difference")
    pair = person.token("1 en 2")
    person.press(pair)
    new = Person(house, segments={})
    new.say("verschil tussen 1 en 2", "difference")
    assert new.has("side.nothing_to_repeat")
    assert new.has("segment.ask_role_layer")
    finish(person)

    person.say("verschil tussen 1 en 2", "difference")
    assert person.has("side.nothing_to_repeat")
    person.press(pair)
    assert person.has("stale.unknown")


@pytest.mark.parametrize("meaning", ["difference", "explain", "example"])
def test_what_one_can_choose_from_is_pointed_to_where_that_is_asked(house: House, meaning: str) -> None:
    house.publish(teahouse=teahouse(), coffeebar=coffeebar())
    person = Person(house)

    person.say("wat is het verschil tussen die dingen", meaning)

    assert person.has("choose.help")
    assert not person.has("side.nothing_to_repeat")


def test_a_guess_that_all_is_to_be_erased_needs_a_word_for_it(person: Person) -> None:
    person.say("kut, moet ik dit allemaal invullen", "erase")

    assert not person.has("erase.ask")
    person.say("gooi al mijn gegevens maar weg", "erase")
    assert person.has("erase.ask")


# --- an earlier answer ---


def test_a_request_in_so_many_words_changes_the_answer_and_shows_old_and_new(
    house: House, person: Person
) -> None:
    person.say("1")
    person.say("2")
    person.say("maak van vraag 1 een 3")

    assert person.has("answered.changed", item="Blaadjes", old="1 · Wat er ligt", new="3 · Keuze per oogst")
    assert len(person.last) == 1
    assert person.asks(3)
    assert rows_of(house) == [
        ("tea.leaves", "level", 1, False, "1"),
        ("tea.brewing", "level", 2, False, "2"),
        ("tea.leaves", "level", 3, True, "maak van vraag 1 een 3"),
    ]
    stored = house.rows(tables.answers)
    assert stored[2]["supersedes"] == stored[0]["id"]
    assert house.holds(person.id) == {"tea.leaves": 3, "tea.brewing": 2}


def test_a_chain_of_changes_supersedes_link_by_link(house: House, person: Person) -> None:
    person.say("1")
    for level in (2, 3, 1):
        person.say(f"verander vraag 1 naar {level}")
    stored = house.rows(tables.answers)
    assert [row["value"] for row in stored] == [1, 2, 3, 1]
    assert [row["supersedes"] for row in stored] == [None, *[row["id"] for row in stored[:-1]]]


@pytest.mark.parametrize("meaning", ["take_answer", "change_answer", "affirm", "back", "difference"])
@pytest.mark.parametrize(
    "text",
    [
        "onze blaadjes moeten anders, we zitten op 2",
        "de blaadjes moeten over 3 jaar vers zijn",
        "we veranderen de blaadjes 2 keer per jaar",
        "blaadjes is eigenlijk een 3",
        "blaadjes moet 3 zijn ipv 1",
        "de blaadjes van 2 leveranciers",
    ],
)
def test_own_words_with_a_title_and_a_figure_change_no_earlier_answer(
    house: House, person: Person, text: str, meaning: str
) -> None:
    person.say("1")
    person.say(text, meaning)
    assert rows_of(house) == [("tea.leaves", "level", 1, False, "1")]


def test_what_was_guessed_to_be_a_request_is_offered_and_changes_only_with_a_yes(
    house: House, person: Person
) -> None:
    person.say("1")
    for answer, holds in (("nee", 1), ("ja", 3)):
        person.say("blaadjes moet 3 zijn ipv 1", "change_answer")
        assert person.has("change.ask", item="Blaadjes", old="1 · Wat er ligt", new="3 · Keuze per oogst")
        assert house.holds(person.id) == {"tea.leaves": 1}
        person.say(answer)
        assert house.holds(person.id) == {"tea.leaves": holds}
        assert person.asks(2)


@pytest.mark.parametrize("text", ["verander vraag 1", "ik wil mijn antwoord bij blaadjes veranderen"])
def test_a_request_without_a_level_opens_the_question_and_goes_on_where_it_was(
    house: House, person: Person, text: str
) -> None:
    person.say("1")
    person.say("2")
    person.say(text)
    assert person.has("side.back", old="1 · Wat er ligt")
    assert person.asks(1)
    person.say("2")
    assert person.has("answered.changed", item="Blaadjes", old="1 · Wat er ligt", new="2 · Vaste kaart")
    assert person.asks(3)


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("verander vraag 1 naar 4", "unclear.number", {"number": 4, "highest": 3}),
        ("verander vraag 1 naar 0", "unclear.number", {"number": 0, "highest": 3}),
        ("verander vraag 1 naar 1", "answered.same", {}),
        ("verander vraag 3 naar 2", "change.not_yet", {"item": "Ontvangst"}),
        ("verander vraag 6", "change.not_yet", {"item": "Zorg"}),
    ],
)
def test_what_cannot_be_changed_is_said_and_writes_nothing(
    house: House, person: Person, text: str, key: str, values: dict[str, object]
) -> None:
    person.say("1")
    before = house.rows(tables.answers)
    person.say(text)
    assert person.has(key, **values)
    assert person.asks(2)
    assert house.rows(tables.answers) == before


def test_before_any_answer_there_is_nothing_to_change(house: House, person: Person) -> None:
    person.say("verander vraag 2 naar 2", "change_answer")
    assert person.has("change.not_yet", item="Trekken")
    assert person.asks(1)
    person.say("ik wil mijn antwoord veranderen", "change_answer")
    assert not [title for title in person.buttons if title.startswith("1 · Blaadjes")]
    person.say("verander vraag 9 naar 2", "change_answer")
    assert house.rows(tables.answers) == []
    new = Person(house, segments={})
    new.say("verander vraag 1", "change_answer")
    assert new.has("change.nothing")


def test_the_list_of_answers_is_tapped_typed_or_left(house: House, person: Person) -> None:
    person.say("1")
    person.say("2")
    person.say("ik wil mijn antwoord veranderen", "change_answer")
    assert person.has("change.which")
    about_oneself = ["Je rol", "Je afdeling", "Jullie klanten"]
    assert list(person.buttons) == ["1 · Blaadjes", "2 · Trekken", *about_oneself, say("nl", "change.no")]
    listed = person.token("2 · ")

    person.say("7")
    assert person.has("change.no_such", number=7)
    person.say("3")
    assert person.has("change.no_such", number=3)
    person.say("1")
    assert person.asks(1)
    person.press(listed)
    assert person.asks(2)
    person.say("3")
    assert person.asks(3)
    assert house.holds(person.id) == {"tea.leaves": 1, "tea.brewing": 3}

    person.say("ik wil mijn antwoord veranderen", "change_answer")
    person.tap(say("nl", "change.no"))
    assert person.has("change.kept")
    assert person.asks(3)


def test_a_dimension_lists_its_own_answers_only(house: House, person: Person) -> None:
    for level in "123":
        person.say(level)
    person.say("mijn antwoord over thee klopt niet", "change_answer")
    assert list(person.buttons) == ["1 · Blaadjes", "2 · Trekken", say("nl", "change.no")]


def test_a_change_after_the_end_gives_the_result_anew(house: House, person: Person) -> None:
    finish(person)
    [run] = house.runs(person.id)
    assert "Thee: 2,0" in person.last[0].text
    pictures = len(house.rows(tables.pictures))
    house.clock.move(hours=1)

    person.say("verander vraag 1 naar 3")

    # Leaves weigh 3, brewing 1: (3 * 3 + 2) / 4 = 2.75, printed with one figure.
    assert person.has("answered.changed", item="Blaadjes", old="2 · Vaste kaart", new="3 · Keuze per oogst")
    assert "Thee: 2,8" in person.last[0].text
    assert person.last[0].table is not None
    assert person.last[0].table.rows[0][:2] == ("Thee", "2,8")
    assert len(house.rows(tables.pictures)) == pictures + 1
    [after] = house.runs(person.id)
    assert (after.status, after.current_item) == ("completed", None)
    assert after.completed_at == run.completed_at
    assert len(house.rows(tables.links)) == 2


def test_a_question_opened_again_after_the_end_ends_in_the_result_anew(house: House, person: Person) -> None:
    finish(person, "22222")
    person.say("overslaan", "skip")
    person.say("verander vraag 6")
    assert person.asks(6)
    assert person.has("side.back", old=say("nl", "name.skipped"))
    assert house.runs(person.id)[0].status == "completed"
    person.say("wie leest dit", "privacy")
    assert person.asks(6)
    person.say("3")

    assert person.has("answered.changed", item="Zorg", old=say("nl", "name.skipped"), new="3 · Ieders trots")
    assert person.has("result.intro", lowest=1, highest=3)
    assert house.holds(person.id)["pots.care"] == 3


@pytest.mark.parametrize("meaning", ["why", "explain", "example"])
def test_while_a_segment_is_asked_again_why_is_about_that_and_it_stays_open(
    house: House, person: Person, meaning: str
) -> None:
    person.say("verander mijn rol", "change_answer")
    person.say("hoezo", meaning)
    assert person.has("segment.why")
    assert person.has("segment.ask_role_layer")
    person.say("1")
    assert house.conversation(person.id).segments["role_layer"] == "board"
    assert house.holds(person.id) == {}
    assert person.asks(1)


# --- not understood ---


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_first_second_and_third_failure_to_understand_are_answered_differently(
    house: House, language: str
) -> None:
    person = Person(house, language)
    replies = [person.say(text) for text in ("blorp", "blorp blorp", "BLORP", "nog eens blorp")]
    keys = ("unclear.first", "unclear.second", "unclear.third", "unclear.third")
    for reply, key in zip(replies, keys, strict=True):
        assert reply.startswith(say(language, key, highest=3))
        assert person.asks(1)
    assert len(set(replies[:3])) == 3
    assert list(person.buttons)[:2] == [say(language, "question.skip"), say(language, "menu.human")]
    assert len(person.buttons) == len(person.last[-1].buttons)
    assert house.holds(person.id) == {}

    person.tap(say(language, "question.skip"))
    assert house.holds(person.id) == {"tea.leaves": "skipped"}
    assert person.say("blorp").startswith(say(language, "unclear.first"))


@pytest.mark.parametrize(
    ("text", "meaning"), [("2", "take_answer"), ("waarom", "why"), ("9", "take_answer"), ("hoi", "greet")]
)
def test_whatever_is_understood_begins_the_count_anew(
    house: House, person: Person, text: str, meaning: str
) -> None:
    person.say("blorp")
    person.say("blorp")
    person.say(text, meaning)
    person.say("blorp")
    assert person.has("unclear.first")


def test_the_person_offered_at_the_third_failure_is_recorded(house: House, person: Person) -> None:
    for _ in range(3):
        person.say("blorp")
    person.tap(say("nl", "menu.human"))
    assert requests(house) == [{"item_id": "tea.leaves", "contact": None}]


def test_after_the_end_what_is_not_understood_is_no_answer_to_anything(house: House, person: Person) -> None:
    finish(person)
    person.say("wat een leuke vragen")
    assert person.has("unclear.done")
    person.say("2")
    assert person.has("unclear.after_end")
    assert len(house.answers(person.id)) == len(ITEMS)
