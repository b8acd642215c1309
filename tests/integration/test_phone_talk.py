"""What people type on a phone, between customers: short, half a name, cross, on their way out, back again."""

from __future__ import annotations

import pytest
import yaml

from bot.texts import say
from tests.integration.parts import House, Person, coffeebar
from tests.integration.test_chats import Chatter
from tests.integration.test_reminders import BAKERY
from tests.stack import TEAHOUSE

TEAROOM = TEAHOUSE.with_name("tearoom.yml").read_text(encoding="utf-8")


def baker(house: House, language: str = "nl") -> Person:
    """Somebody at the first list of the bakery."""
    house.publish(bakery=BAKERY)
    person = Person(house, language, {"model": "bakery", "depth": "full"}, agrees=False)
    person.say("ja" if language == "nl" else "yes")
    return person


def in_place(person: Person) -> list[int]:
    """Which entries of the first list are said to be in place, by number."""
    answers = person.house.answers(person.id)
    first = [one.answer for one in answers if one.answer.item_id == "bread.dough"][-1]
    listed = yaml.safe_load(BAKERY)["dimensions"][0]["items"][0]["practices"]
    return [number for number, one in enumerate(listed, 1) if first.given[one["id"]] == "in_place"]


# --- a list that is looked at again ---


@pytest.mark.parametrize(
    ("language", "text", "holds"),
    [
        ("nl", "3 ook", [1, 2, 3]),
        ("nl", "en 3", [1, 2, 3]),
        ("nl", "3 erbij", [1, 2, 3]),
        ("nl", "1 niet meer", [2]),
        ("nl", "haal 1 weg", [2]),
        ("nl", "3 ook, 1 niet meer", [2, 3]),
        ("nl", "3", [3]),
        ("en", "also 3", [1, 2, 3]),
        ("en", "add 3", [1, 2, 3]),
        ("en", "plus 3", [1, 2, 3]),
        ("en", "remove 1", [2]),
        ("en", "without 1", [2]),
        ("en", "3", [3]),
    ],
)
def test_what_is_added_to_a_list_leaves_the_rest_of_it_in_place(
    house: House, language: str, text: str, holds: list[int]
) -> None:
    person = baker(house, language)
    person.say("1, 2")
    person.say("verder" if language == "nl" else "go on")
    assert in_place(person) == [1, 2]
    person.say("verander vraag 1" if language == "nl" else "change question 1")

    person.say(text)

    assert in_place(person) == holds


def test_of_the_rest_only_what_was_taken_away_is_asked_anew(house: House) -> None:
    person = baker(house)
    person.say("1, 2")
    person.say("verder")
    person.say("verander vraag 1")

    person.say("1 niet meer")

    assert [entry[0] for entry in person.last[-1].form.entries] == [1]  # type: ignore[union-attr]


# --- targets are no answers ---


@pytest.mark.parametrize(
    ("language", "text"),
    [("nl", "verander het doel van servies naar 2"), ("en", "change the target of crockery to 2")],
)
def test_to_change_a_target_is_not_to_change_an_answer(house: House, language: str, text: str) -> None:
    person = Person(house, language, agrees=False)
    person.say("ja" if language == "nl" else "yes")
    for level in "111111":
        person.say(level)

    said = person.say(text, "change_answer")

    assert say(language, "change.which") not in said
    assert house.runs(person.id)[0].targets == {"pots": 2}


# --- who one is ---


@pytest.mark.parametrize(
    ("language", "text", "option"),
    [
        ("nl", "filiaalmanager", "management"),
        ("nl", "filiaalmanager is toch gewoon leidinggevende", "management"),
        ("nl", "eigenaar", "board"),
        ("nl", "kassa", "front_line"),
        ("nl", "ik sta in de winkel", "front_line"),
        ("en", "store manager", "management"),
        ("en", "owner", "board"),
        ("en", "i'm on the till", "front_line"),
        ("en", "marketeer", "specialist"),
    ],
)
def test_a_role_in_ones_own_words_is_taken_whatever_was_guessed(
    house: House, language: str, text: str, option: str
) -> None:
    person = Person(house, language, segments={}, agrees=False)
    person.say("ja" if language == "nl" else "yes")

    person.say(text, "privacy")

    assert house.conversation(person.id).segments == {"role_layer": option}


def test_who_asks_whether_the_manager_sees_it_has_not_said_to_be_one(house: House) -> None:
    person = Person(house, segments={})
    person.say("mijn leidinggevende mag dit niet zien", "privacy")
    assert house.conversation(person.id).segments == {}


def test_only_the_questions_that_are_put_are_counted(house: House) -> None:
    two_known = Person(house, segments={"role_layer": "board", "department": "skipped"})
    assert two_known.text.find("Vooraf, ") == -1
    assert say("nl", "segment.header_one") in two_known.text
    one_known = Person(house, segments={"role_layer": "board"})
    assert one_known.has("segment.header", number=1, total=2)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_why_the_customers_are_asked_for_is_said(house: House, language: str) -> None:
    person = Person(house, language, segments={"role_layer": "board", "department": "data"}, agrees=False)
    person.say("ja" if language == "nl" else "yes")
    assert person.say("?", "why").startswith(say(language, "segment.why_customers"))


# --- half a name ---


@pytest.mark.parametrize("text", ["koffiebar", "Koffiebarscan dan"])
def test_a_telling_part_of_a_models_name_is_that_model(house: House, text: str) -> None:
    house.publish(teahouse=TEAHOUSE.read_text(encoding="utf-8"), coffeebar=coffeebar())
    person = Person(house)

    person.say(text)

    assert [run.model_id for run in house.runs(person.id)] == ["coffeebar"]


@pytest.mark.parametrize(("language", "text", "yes"), [("nl", "kaart", "ja"), ("en", "harvest", "yes")])
def test_a_telling_word_of_a_level_is_proposed_and_taken_on_a_yes(
    house: House, language: str, text: str, yes: str
) -> None:
    person = Person(house, language, agrees=False)
    person.say("ja" if language == "nl" else "yes")

    person.say(text)
    assert house.answers(person.id) == []
    assert say(language, "mean.yes") in person.buttons
    person.say(yes)

    assert len(house.answers(person.id)) == 1
    assert person.asks(2)


def test_a_proposed_level_is_left_by_a_no_and_by_another_number(house: House, person: Person) -> None:
    person.say("kaart")
    person.say("nee")
    assert person.asks(1)
    person.say("kaart")
    person.say("3")
    assert house.holds(person.id) == {"tea.leaves": 3}


# --- coming, going, and being fed up ---


@pytest.mark.parametrize(
    ("language", "text"), [("nl", "hoi ik ben weer op mijn telefoon"), ("en", "i'm back on my phone")]
)
def test_who_is_back_gets_a_welcome_and_the_question_and_no_code(
    house: House, language: str, text: str
) -> None:
    chatter = chatting(house, language)
    chatter.arrive(text=text, meaning="elsewhere")
    assert chatter.text.startswith(say(language, "side.welcome_back"))
    assert not any(message.links for message in chatter.last)
    assert "2" in chatter.text


@pytest.mark.parametrize("text", ["ik ga verder op mijn telefoon", "weer terug naar mijn laptop"])
def test_who_names_another_place_is_not_told_welcome(house: House, text: str) -> None:
    chatter = chatting(house, "nl")
    chatter.arrive(text=text, meaning="elsewhere")
    assert not chatter.text.startswith(say("nl", "side.welcome_back"))


@pytest.mark.parametrize(
    ("text", "meaning"), [("er staat een klant voor me, ik ga later verder", "come_back"), ("later", "pause")]
)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_in_a_chat_a_pause_is_a_short_goodbye(house: House, language: str, text: str, meaning: str) -> None:
    chatter = chatting(house, language)
    chatter.arrive(text=text, meaning=meaning)
    [goodbye] = chatter.last
    assert goodbye.text == say(language, "side.pause_here")
    assert goodbye.links == ()
    assert goodbye.buttons[0].title == say(language, "reminding.button")
    chatter.tap(say(language, "side.continue"))
    assert len(chatter.text) > 100


def test_in_a_chat_the_way_back_is_given_to_who_asks_for_a_link(house: House) -> None:
    chatter = chatting(house, "nl")
    chatter.arrive(text="geef me een link om later terug te komen", meaning="come_back")
    assert [link.kind for message in chatter.last for link in message.links] == ["back"]


@pytest.mark.parametrize(
    ("language", "text", "meaning"),
    [
        ("nl", "dit is echt saai", "bot_challenge"),
        ("nl", "😡", "take_answer"),
        ("en", "this is boring", "take_answer"),
    ],
)
def test_anger_is_told_how_much_is_left(house: House, language: str, text: str, meaning: str) -> None:
    person = Person(house, language, agrees=False)
    person.say("ja" if language == "nl" else "yes")
    said = person.say(text, meaning)
    assert said.startswith(say(language, "side.annoyed", left=6, minutes=5)[:12])
    assert person.asks(1)
    assert list(person.buttons)[:2] == [say(language, "question.skip"), say(language, "menu.stop")]


def test_who_asks_for_a_robot_is_told_of_one(house: House, person: Person) -> None:
    assert person.say("ben je chatgpt?", "bot_challenge").startswith(say("nl", "side.bot_challenge"))


@pytest.mark.parametrize("text", ["start", "Start!"])
def test_start_in_the_middle_is_a_hello(house: House, person: Person, text: str) -> None:
    person.say("2")
    assert person.say(text, "start_over").startswith(say("nl", "side.welcome_back"))
    assert person.asks(2)
    assert person.say("opnieuw beginnen", "start_over").startswith(say("nl", "start_over.ask"))


# --- how much of it ---


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("meaning", ["difference", "explain", "example", "why"])
def test_what_the_two_depths_are_is_explained(house: House, language: str, meaning: str) -> None:
    house.publish(tearoom=TEAROOM)
    person = Person(house, language, {"model": "tearoom"}, agrees=False)
    person.say("ja" if language == "nl" else "yes")

    said = person.say("hè?", meaning)

    # The tearoom asks seven questions in 3 minutes, its quick scan three in 1.
    assert said.startswith(say(language, "depth.what", count=7, minutes=3, quick_count=3, quick_minutes=1))
    person.tap(say(language, "depth.quick"))
    assert house.runs(person.id)[0].depth == "quick"


# --- what is kept ---


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_is_kept_tells_of_targets_reminders_and_the_open_link_too(house: House, language: str) -> None:
    person = Person(house, language, agrees=False)
    person.say("ja" if language == "nl" else "yes")
    for level in "111111":
        person.say(level)
    person.say("servies 2" if language == "nl" else "crockery 2", "target")
    person.say("deel" if language == "nl" else "share", "share")

    person.say("wat weet je", "my_data")

    title = "Servies" if language == "nl" else "Crockery"
    assert person.has("my_data.target", dimension=title, level=2)
    assert person.has("my_data.shared")
    assert say(language, "move.in_web") in person.text


def test_what_is_kept_in_a_chat_tells_of_a_reminder_and_the_channel(house: House) -> None:
    chatter = chatting(house, "nl")
    chatter.arrive(text="herinner me morgen", meaning="remind_me")
    chatter.arrive(text="wat weet je van me", meaning="my_data")
    assert say("nl", "my_data.reminders") in chatter.text
    assert say("nl", "move.in_telegram") in chatter.text


def test_what_the_invitation_leaves_out_was_not_skipped_by_the_person(house: House) -> None:
    person = Person(house, segments={"role_layer": "board", "department": "skipped", "business_line": "b2c"})
    person.say("wat weet je van me", "my_data")
    assert say("nl", "segment.department") not in person.text


def chatting(house: House, language: str) -> Chatter:
    """Somebody in Telegram at the second question."""
    chatter = Chatter(house)
    chatter.arrive(text="hoi", language=language)
    chatter.say("ja" if language == "nl" else "yes")
    for _ in range(3):
        chatter.tap(say(language, "question.skip"))
    chatter.say("2")
    return chatter
