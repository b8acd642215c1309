"""What holds in every conversation: consent, buttons, changes of mind, erasing, definitions that change."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from rasa_sdk.executor import CollectingDispatcher

from actions import runtime
from actions.base import TurnAction
from bot.service.use_cases import UnknownConversation, UnknownModel, UnknownTurn
from bot.settings import ROOT
from bot.store import engine as engines
from bot.store import tables
from bot.store.work import Store
from bot.texts import say
from tests.integration.parts import ITEMS, House, Person, at_statement, coffeebar, teahouse

Make = Callable[..., House]

TEAROOM = (ROOT / "tests" / "data" / "tearoom.yml").read_text(encoding="utf-8")

# Words that stand in no text and in no definition: where they are found, somebody's words are.
MARKED = "xyzzyworm"
OTHERS = "plughbird"

MEANINGS = (
    "take_answer",
    "dont_know",
    "not_applicable",
    "skip",
    "explain",
    "why",
    "example",
    "back",
    "repeat",
    "progress",
    "start_over",
    "switch_language",
    "help",
    "privacy",
    "my_data",
    "greet",
    "thanks",
    "bot_challenge",
    "result",
)


def newcomer(house: House, language: str = "nl", **prefill: str) -> Person:
    """Somebody who has not said yet whether they agree."""
    return Person(house, language, prefill, agrees=False)


# --- consent ---


def test_nothing_begins_by_typing_before_consent(house: House) -> None:
    person = newcomer(house)

    for meaning in MEANINGS:
        person.say("3", meaning)
        assert house.conversation(person.id).consent == "open", meaning
        assert house.runs(person.id) == [], meaning
        assert len(person.buttons) == 3, meaning


@pytest.mark.parametrize("refused", [False, True], ids=["before consent", "after a refusal"])
def test_no_button_does_anything_without_consent(house: House, refused: bool) -> None:
    person = newcomer(house)
    if refused:
        person.say("nee")
    offered = house.rows(tables.definitions)[0]["hash"]
    for parts in (
        ("model", offered[:24]),
        ("a", "0" * 16, "0", "3"),
        ("do", "repeat"),
        ("do", "back"),
        ("change", "0" * 16, "0", "3"),
        ("keep",),
        ("erase", "yes"),
        ("over", "yes", "0" * 16),
        ("nonsense",),
    ):
        person.press(house.buttons.token(person.id, *parts))
        assert person.has("consent.question"), parts
        assert house.conversation(person.id).consent == ("refused" if refused else "open")
        assert house.runs(person.id) == []


@pytest.mark.parametrize(
    ("text", "meaning"), [("ja", "affirm"), ("yes", "take_answer"), ("Ja, prima", "greet")]
)
def test_a_yes_in_words_is_consent(house: House, text: str, meaning: str) -> None:
    person = newcomer(house)

    person.say(text, meaning)

    assert house.conversation(person.id).consent == "given"
    assert person.asks(1)


@pytest.mark.parametrize("way", ["typed", "button"])
def test_a_refusal_erases_what_was_typed_before(house: House, way: str) -> None:
    person = newcomer(house)
    person.say(f"mijn naam is {MARKED}")
    assert house.traces(MARKED) != []

    if way == "typed":
        person.say(f"nee, want {MARKED}", "deny")
    else:
        person.tap(say("nl", "consent.no"))

    assert house.traces(MARKED) == []
    assert house.conversation(person.id).consent == "refused"
    assert [message.role for message in person.history] == ["bot"]
    assert person.has("consent.refused")


def test_who_refused_can_still_take_part(house: House) -> None:
    for decide in (lambda p: p.say("ja"), lambda p: p.tap(say("nl", "consent.reconsider"))):
        person = newcomer(house)
        person.say("nee")
        decide(person)
        assert house.conversation(person.id).consent == "given"
        # What the page had told of the person went with the refusal.
        assert person.has("segment.ask_role_layer")


def test_the_consent_buttons_of_the_greeting_are_harmless_later(house: House) -> None:
    person = newcomer(house)
    yes, no = person.token(say("nl", "consent.yes")), person.token(say("nl", "consent.no"))
    person.press(yes)
    person.say("2")

    person.press(yes)
    assert person.asks(2)

    person.press(no)
    assert person.has("erase.ask")
    assert house.holds(person.id) == {"tea.leaves": 2}


# --- buttons that do not fit ---


def test_buttons_of_another_conversation_do_nothing(house: House) -> None:
    one, two = Person(house), Person(house)
    before = house.rows(tables.assessments)

    for title, token in one.buttons.items():
        two.press(token)
        assert two.has("stale.unknown"), title
        assert two.asks(1)

    assert house.rows(tables.assessments) == before
    assert house.rows(tables.answers) == []


def test_forged_tokens_do_nothing(house: House, person: Person) -> None:
    token = person.token("3 ·")
    other = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    for place in range(0, len(token) - 1, 3):
        another = next(character for character in other if character != token[place])
        person.press(token[:place] + another + token[place + 1 :])
        assert person.has("stale.unknown")

    assert house.rows(tables.answers) == []


def test_garbled_tokens_do_nothing(house: House, person: Person) -> None:
    whole = person.token("3 ·")
    garbled = [
        "x",
        "=",
        "====",
        "....",
        "AAAA",
        "A" * 64,
        "é" * 32,
        "/restart",
        "a.b.c",
        "\ufffd",
        " ",
        "%00",
    ]
    for token in (*garbled, whole[:-4], whole[4:], whole + "AAAA", whole.swapcase(), whole[::-1]):
        person.press(token)
        assert person.has("stale.unknown"), token
        assert person.asks(1), token

    assert house.rows(tables.answers) == []


def test_a_button_of_an_earlier_run_does_not_answer_the_new_one(house: House, person: Person) -> None:
    old = person.token("3 ·")
    person.say("opnieuw", "start_over")
    person.say("ja")

    person.press(old)

    assert person.has("stale.other_run")
    assert person.asks(1)
    assert house.answers(person.id) == []


# --- stale buttons and changes ---


@pytest.fixture
def two_answered(house: House) -> Person:
    """Somebody who answered 1 and 2 and is asked the third question; `old` holds the buttons of the first."""
    person = Person(house)
    person.old = {title[0]: token for title, token in person.buttons.items()}  # type: ignore[attr-defined]
    person.say("1")
    person.say("2")
    return person


def press_old(person: Any, level: str) -> None:
    person.press(person.old[level])


def test_a_stale_button_offers_the_change_and_never_answers_the_open_question(
    house: House, two_answered: Person
) -> None:
    press_old(two_answered, "3")

    assert two_answered.has("change.ask", item="Blaadjes", old="1 · Wat er ligt", new="3 · Keuze per oogst")
    assert list(two_answered.buttons) == [say("nl", "change.yes"), say("nl", "change.no")]
    assert house.holds(two_answered.id) == {"tea.leaves": 1, "tea.brewing": 2}


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [("ja", "take_answer"), ("yes", "take_answer"), ("moet maar", "affirm"), ("Ja, verander", None)],
)
def test_yes_to_the_change_typed_or_tapped_changes_it_and_goes_on(
    house: House, two_answered: Person, answer: str, meaning: str | None
) -> None:
    press_old(two_answered, "3")

    two_answered.tap(answer) if meaning is None else two_answered.say(answer, meaning)

    assert two_answered.has(
        "answered.changed", item="Blaadjes", old="1 · Wat er ligt", new="3 · Keuze per oogst"
    )
    assert two_answered.asks(3)
    assert house.holds(two_answered.id) == {"tea.leaves": 3, "tea.brewing": 2}
    assert house.conversation(two_answered.id).pending is None


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [("nee", "take_answer"), ("nope", "deny"), ("ach nee", "deny"), ("Nee, laat staan", None)],
)
def test_no_to_the_change_typed_or_tapped_leaves_everything(
    house: House, two_answered: Person, answer: str, meaning: str | None
) -> None:
    press_old(two_answered, "3")

    two_answered.tap(answer) if meaning is None else two_answered.say(answer, meaning)

    assert two_answered.has("change.kept")
    assert two_answered.asks(3)
    assert house.holds(two_answered.id) == {"tea.leaves": 1, "tea.brewing": 2}


def test_something_else_than_yes_or_no_leaves_the_change_and_is_not_asked_about_again(
    house: House, two_answered: Person
) -> None:
    press_old(two_answered, "3")
    two_answered.say("wat bedoel je", "explain")
    assert two_answered.asks(3)

    two_answered.say("ja", "affirm")

    assert house.holds(two_answered.id) == {"tea.leaves": 1, "tea.brewing": 2}


def test_the_buttons_of_a_change_can_be_tapped_twice(house: House, two_answered: Person) -> None:
    press_old(two_answered, "3")
    yes, no = two_answered.token(say("nl", "change.yes")), two_answered.token(say("nl", "change.no"))
    two_answered.press(yes)
    after = house.rows(tables.answers)

    for token in (yes, no):
        two_answered.press(token)
        assert two_answered.asks(3)

    assert house.rows(tables.answers) == after


def test_a_double_tap_is_one_answer(house: House, person: Person) -> None:
    token = person.token("2 ·")
    person.press(token)
    person.press(token)

    assert person.has("answered.same")
    assert person.asks(2)
    assert len(house.answers(person.id)) == 1


def test_a_double_tap_on_the_last_button_of_all_is_one_answer_and_one_picture(
    house: House, person: Person
) -> None:
    for _ in ITEMS[:-1]:
        person.tap("2 ·")
    token = person.token("2 ·")
    person.press(token)
    person.press(token)

    assert len(house.answers(person.id)) == 6
    assert len(house.rows(tables.pictures)) == 1
    assert person.has("side.done_hint")


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("question.dont_know", "dont_know"),
        ("question.not_applicable", "not_applicable"),
        ("question.skip", "skipped"),
    ],
)
def test_the_other_answers_can_be_tapped_and_tapped_twice(
    house: House, person: Person, key: str, kind: str
) -> None:
    token = person.token(say("nl", key))
    person.press(token)
    person.press(token)

    assert house.holds(person.id) == {"tea.leaves": kind}
    assert person.asks(2)


def test_a_change_after_the_end_gives_a_new_picture_and_keeps_when_it_was_completed_first(
    house: House, person: Person
) -> None:
    first = person.token("1 ·")
    for _ in ITEMS:
        person.tap("3 ·")
    house.clock.move(hours=1)

    person.press(first)
    person.say("ja")

    assert house.holds(person.id)["tea.leaves"] == 1
    assert [run.status for run in house.runs(person.id)] == ["completed"]
    pictures = {message.picture_id for message in person.history if message.picture_id}
    assert len(pictures) == 2
    assert {row["id"] for row in house.rows(tables.pictures)} == pictures


def test_back_and_back_again_and_another_answer(house: House, two_answered: Person) -> None:
    two_answered.tap(say("nl", "question.back"))
    assert two_answered.has("side.back", old="2 · Met de klok")
    two_answered.say("terug", "back")
    assert two_answered.asks(1)

    two_answered.say("3")

    # On to the first question that has no answer yet; the second keeps the one it has.
    assert two_answered.asks(3)
    assert house.holds(two_answered.id) == {"tea.leaves": 3, "tea.brewing": 2}


def test_back_at_the_first_question_says_so(house: House, person: Person) -> None:
    person.say("terug", "back")

    assert person.has("side.no_back")
    assert person.asks(1)


@pytest.fixture
def chooser(house: House) -> Person:
    """Somebody who has said who they are, and is asked which model."""
    house.publish(teahouse=teahouse(), tearoom=TEAROOM)  # the latter has a quick scan
    person = Person(house, segments={"role_layer": "management"})
    person.say("verkoop")
    person.say("consumenten")
    return person


def test_back_from_the_choice_of_a_model_goes_to_what_was_asked_before_it(chooser: Person) -> None:
    chooser.say("terug", "back")
    assert chooser.has("side.back", old="Consumenten")
    chooser.say("terug", "back")
    assert chooser.has("side.back", old="Verkoop")
    # The role was known beforehand: it was never asked.
    chooser.say("terug", "back")
    assert chooser.has("side.no_back")


def test_back_from_the_depth_goes_to_the_choice_of_a_model(chooser: Person) -> None:
    before = chooser.text
    chooser.tap(next(title for title in chooser.buttons if "Theesalon" in title))
    assert say("nl", "depth.quick") in chooser.buttons

    chooser.say("terug", "back")

    assert before.endswith(chooser.text)


def test_back_from_the_depth_of_the_only_model_goes_to_what_was_asked_before_it(house: House) -> None:
    house.publish(tearoom=TEAROOM)
    person = Person(house, segments={"role_layer": "management", "department": "sales"})
    person.say("consumenten")
    assert say("nl", "depth.quick") in person.buttons

    person.say("terug", "back")
    assert person.has("side.back", old="Consumenten")
    person.say("bedrijven")

    assert say("nl", "depth.quick") in person.buttons
    assert house.conversation(person.id).segments["business_line"] == "b2b"


def test_back_after_the_end_asks_the_last_question_again(house: House, person: Person) -> None:
    for _ in ITEMS:
        person.say("2")

    person.say("terug", "back")
    assert person.asks(6)
    person.say("3")

    assert house.holds(person.id)["pots.care"] == 3
    assert house.runs(person.id)[0].status == "completed"


# --- starting over ---


def test_starting_over_begins_a_new_run_and_keeps_the_old_answers(house: House, person: Person) -> None:
    person.say("3")
    person.say("opnieuw beginnen", "start_over")
    assert person.has("start_over.ask")

    person.tap(say("nl", "start_over.yes"))

    assert person.asks(1)
    assert [run.status for run in house.runs(person.id)] == ["abandoned", "active"]
    assert [row["value"] for row in house.rows(tables.answers)] == [3]
    assert house.answers(person.id) == []


def test_a_second_tap_on_start_over_does_not_throw_away_the_new_run(house: House, person: Person) -> None:
    person.say("opnieuw beginnen", "start_over")
    token = person.token(say("nl", "start_over.yes"))
    person.press(token)
    person.press(token)
    person.press(token)
    person.say("2")
    person.press(token)
    person.press(token)

    assert len(house.runs(person.id)) == 2
    assert house.holds(person.id) == {"tea.leaves": 2}


def test_no_to_starting_over_goes_on(house: House, person: Person) -> None:
    person.say("2")
    for no in (lambda: person.say("nee"), lambda: person.tap(say("nl", "start_over.no"))):
        person.say("opnieuw beginnen", "start_over")
        no()
        assert person.asks(2)
    assert len(house.runs(person.id)) == 1


def test_starting_over_and_erasing_are_never_done_on_a_guess(house: House, person: Person) -> None:
    person.say("2")
    for text, ask in (("…", "start_over"), ("wis alles", "erase")):
        person.say(text, ask)
        person.say("doe toch maar niet of juist wel", "affirm")

        assert len(house.runs(person.id)) == 1, ask
        assert house.holds(person.id) == {"tea.leaves": 2}, ask


def test_a_completed_run_stays_completed_when_another_is_begun(house: House, person: Person) -> None:
    for _ in ITEMS:
        person.say("2")
    person.say("opnieuw beginnen", "start_over")
    person.say("ja")

    assert [run.status for run in house.runs(person.id)] == ["completed", "active"]


# --- language ---


def test_switching_the_language_keeps_everything(house: House, person: Person) -> None:
    person.say("1")
    before = (house.holds(person.id), house.runs(person.id))

    person.say("in het Engels graag", "switch_language")

    assert (house.holds(person.id), house.runs(person.id)) == before
    assert house.conversation(person.id).language == "en"
    assert person.has("language.switched")
    assert person.asks(2)
    assert {message.language for message in person.last} == {"en"}
    person.say("two")
    assert person.asks(3)
    # Buttons of before the switch still know what they are about.
    person.press(next(b.token for m in person.history for b in m.buttons if b.title.startswith("3 ·")))
    assert person.has("change.ask", item="Leaves", old="1 · Whatever is there", new="3 · Chosen by harvest")
    person.say("ja")
    assert house.holds(person.id) == {"tea.leaves": 3, "tea.brewing": 2}


def test_the_language_can_be_chosen_before_consent_by_button_and_words(house: House) -> None:
    person = newcomer(house)
    person.tap("English")
    assert person.has("greeting.one", minutes=2, name="Teahouse scan", count=6)
    person.say("liever Nederlands", "switch_language")
    assert person.has("greeting.one", minutes=2, name="Theehuisscan", count=6)
    assert house.conversation(person.id).consent == "open"


# --- never a dead end ---


def test_misunderstood_three_times_in_a_row_is_answered_in_three_different_ways(
    house: House, person: Person
) -> None:
    replies = [person.say(f"bla {number}") for number in range(4)]

    assert len(set(replies[:3])) == 3
    for key, reply in zip(("first", "second", "third", "third"), replies, strict=True):
        assert reply.startswith(say("nl", f"unclear.{key}", highest=3)), key
    assert person.asks(1)
    assert len(person.buttons) >= 6

    person.say("leg uit", "explain")
    assert person.say("bla").startswith(say("nl", "unclear.first"))


def test_a_number_that_is_no_level_says_which_there_are(house: House, person: Person) -> None:
    person.say("4")

    assert person.has("unclear.number", number=4, highest=3)
    assert person.asks(1)
    assert house.answers(person.id) == []


@pytest.mark.parametrize("answered", [0, 3])
def test_every_meaning_gets_an_answer_and_leaves_the_way_on_open(house: House, answered: int) -> None:
    for meaning in MEANINGS:
        person = Person(house)
        for _ in range(answered):
            person.say("2")
        person.say("wat dan ook", meaning)
        assert person.text.strip(), meaning
        if house.conversation(person.id).pending:
            person.say("nee")
        person.say("1")
        assert 1 in house.holds(person.id).values(), meaning


def test_every_meaning_gets_an_answer_after_the_end(house: House) -> None:
    person = Person(house)
    for _ in ITEMS:
        person.say("2")
    for meaning in MEANINGS:
        person.say("wat dan ook", meaning)
        assert person.text.strip(), meaning
        if house.conversation(person.id).pending:
            person.say("nee")
        if house.runs(person.id)[0].status == "active":
            person.say("2")
        assert house.holds(person.id) == dict.fromkeys(ITEMS, 2), meaning


# --- erasing ---


def talk_of(person: Person, word: str) -> None:
    """Leave this word wherever words are kept: own words, an answer's words, side talk, the inbox."""
    person.say(f"tja {word}")
    person.say(f"geen idee {word}", "dont_know")
    for _ in ITEMS[1:]:
        person.say("2")
    person.say(f"dank je {word}", "thanks")
    person.send(text=f"nog iets {word}")


@pytest.mark.parametrize("way", ["forget", "typed", "button"])
def test_what_is_erased_leaves_no_trace_anywhere_and_others_keep_theirs(
    make_house: Make, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    house = make_house()
    gateway = house.again()  # another process with connections of its own, as in life
    gateway.use_cases.warm_up()
    person, other = Person(house), Person(house)
    talk_of(other, OTHERS)
    talk_of(person, MARKED)
    found = house.traces(MARKED)
    assert {"transcript.text", "answers.words", "inbox.text"} <= set(found)
    if house.is_sqlite:
        assert {"peil.db-wal"} <= set(found)
    others = [kept(house, other.id)]

    if way == "forget":
        assert house.use_cases.forget(person.id) is True
    else:
        # What waits in the inbox is answered first, as the gateway does.
        [waiting] = [turn for whose, turn in house.use_cases.open_turns() if whose == person.id]
        house.use_cases.take_turn(waiting, "take_answer")
        person.say(f"wis alles van {MARKED}", "erase")
        person.say("ja") if way == "typed" else person.tap(say("nl", "erase.yes"))
        assert person.has("erase.done")

    assert house.traces(MARKED) == []
    assert MARKED not in caplog.text
    if way == "forget":
        assert person.id not in str(house.everything())
    else:
        assert [message.kind for message in person.history] == ["reply"]
        assert house.runs(person.id) == []
        person.say("ja")
        assert person.has("segment.ask_role_layer")
    others.append(kept(house, other.id))
    assert others[0] == others[1]
    assert house.traces(OTHERS) != []
    gateway.close()


def kept(house: House, conversation_id: str) -> dict[str, list[Any]]:
    """Every row of a conversation in every table."""
    everything = house.everything()
    runs = {row["id"] for row in everything["assessments"] if row["conversation_id"] == conversation_id}
    return {
        table: [
            row
            for row in rows
            if conversation_id in (row.get("conversation_id"), row.get("id"))
            or row.get("assessment_id") in runs
        ]
        for table, rows in everything.items()
    }


def test_a_conversation_that_was_forgotten_is_gone_for_everybody(house: House, person: Person) -> None:
    turn_id = person.send(text="2")
    assert house.use_cases.forget(person.id) is True

    assert house.use_cases.forget(person.id) is False
    for ask in (
        lambda: house.use_cases.seen(person.id),
        lambda: house.use_cases.receive("web", person.id, "later", text="2"),
    ):
        with pytest.raises(UnknownConversation):
            ask()
    for ask in (
        lambda: house.use_cases.take_turn(turn_id, "take_answer"),
        lambda: house.use_cases.apologise(turn_id),
        lambda: house.use_cases.give_up(turn_id),
        lambda: house.use_cases.reply_of(turn_id),
    ):
        with pytest.raises(UnknownTurn):
            ask()
    assert house.use_cases.message_of(turn_id) is None
    assert house.use_cases.open_turns() == []


def test_what_is_said_after_asking_to_erase_still_gets_its_answer(house: House, person: Person) -> None:
    person.say(f"tja {MARKED}")
    person.say("wis alles", "erase")
    erase, later = person.send(text="ja"), person.send(text="hallo?")

    house.use_cases.take_turn(erase, "affirm")
    house.use_cases.take_turn(later, "greet")

    assert house.traces(MARKED) == []
    assert [message.text for message in person.history if message.role == "user"] == ["hallo?"]
    assert person.history[-1].turn_id == later


def test_an_old_erase_button_asks_anew(house: House, person: Person) -> None:
    person.say("wis alles", "erase")
    old = person.token(say("nl", "erase.yes"))
    person.say("nee")
    person.say("2")

    person.press(old)

    assert person.has("erase.ask")
    assert house.holds(person.id) == {"tea.leaves": 2}


def test_no_to_erasing_keeps_all(house: House, person: Person) -> None:
    person.say("2")
    for no in (lambda: person.say("nee"), lambda: person.tap(say("nl", "erase.no"))):
        person.say("wis alles", "erase")
        no()
        assert person.has("erase.kept")
        assert person.asks(2)
    assert house.holds(person.id) == {"tea.leaves": 2}


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
def test_somebody_reading_meanwhile_does_not_keep_erased_words_in_the_log_of_writes(
    house: House, person: Person
) -> None:
    person.say(f"tja {MARKED}")
    reader = sqlite3.connect(house.store.engine.url.database or "", check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM transcript").fetchone()
    done = threading.Timer(0.2, reader.rollback)
    done.start()

    house.use_cases.forget(person.id)

    assert house.traces(MARKED) == []
    done.join()
    reader.close()


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
def test_words_that_a_long_reader_keeps_in_the_log_are_warned_of_and_gone_at_the_next_start(
    make_house: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engines, "_BUSY_SECONDS", 0.05)
    house = make_house()
    person = Person(house)
    person.say(f"tja {MARKED}")
    reader = sqlite3.connect(house.store.engine.url.database or "")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM transcript").fetchone()

    assert house.use_cases.forget(person.id) is True

    assert "peil.db-wal" in house.traces(MARKED)
    assert "erased" in caplog.text
    reader.rollback()
    reader.close()
    house.again().use_cases.warm_up()
    assert house.traces(MARKED) == []


def test_a_crash_between_erasing_and_cleaning_the_files_is_made_good_at_the_next_start(
    make_house: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = make_house()
    person = Person(house)
    person.say(f"tja {MARKED}")

    def crash(store: Store, **_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "scrub", crash)
    with pytest.raises(KeyboardInterrupt):
        house.use_cases.forget(person.id)
    monkeypatch.undo()

    again = make_house()
    again.use_cases.warm_up()

    assert again.traces(MARKED) == []


# --- logs ---


def test_a_turn_that_fails_in_the_database_logs_no_words(
    house: House, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    turn_id = person.send(text=f"geen idee {MARKED}")
    tracker = SimpleNamespace(latest_message={"metadata": {"turn": turn_id}})

    def fail(connection: sa.Connection, statement: str) -> None:
        # A real error of the driver, whose message repeats what was to be stored.
        connection.exec_driver_sql(f"SELECT '{MARKED}' FROM no_such_table")

    runtime.configure(house.use_cases)
    with at_statement(house, fail, holds="UPDATE conversations"):
        asyncio.run(TurnAction("take_answer").run(CollectingDispatcher(), tracker, {}))

    assert turn_id in caplog.text
    assert "failed with" in caplog.text
    assert MARKED not in caplog.text


def test_the_databases_errors_do_not_repeat_what_was_to_be_stored(house: House, person: Person) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError) as caught, house.store.write() as work:
        work._connection.execute(
            sa.text("INSERT INTO no_such_table (text) VALUES (:words)"), {"words": MARKED}
        )

    assert MARKED not in str(caught.value)


# --- definitions ---


def changed(text: str) -> str:
    """The teahouse's next version, with another second question."""
    new = text.replace("version: 1.0.0", "version: 1.1.0").replace(
        "Hoe weten jullie wanneer een pot lang genoeg getrokken heeft?", "Wie let er op de klok?"
    )
    assert new.count("Wie let er op de klok?") == 1
    return new


def test_a_changed_file_is_a_new_snapshot_and_an_assessment_under_way_goes_on_with_its_own(
    house: House, person: Person
) -> None:
    published = house.publish(teahouse=changed(teahouse()))

    assert published == ["Published the maturity model teahouse."]
    assert len(house.rows(tables.definitions)) == 2
    assert "Hoe weten jullie wanneer een pot" in person.say("2")
    newcomer_ = Person(house)
    assert "Wie let er op de klok?" in newcomer_.say("2")
    for one, version in ((person, "1.0.0"), (newcomer_, "1.1.0")):
        for _ in ITEMS[1:]:
            one.say("2")
        assert [(run.status, run.model_version) for run in house.runs(one.id)] == [("completed", version)]
    person.say("opnieuw", "start_over")
    person.say("ja")
    assert house.runs(person.id)[-1].model_version == "1.1.0"


def test_publishing_the_same_again_or_going_back_makes_no_new_snapshot(house: House) -> None:
    first = house.rows(tables.definitions)
    assert house.publish(teahouse=teahouse()) == []
    assert house.rows(tables.definitions) == first
    house.publish(teahouse=changed(teahouse()))

    assert house.publish(teahouse=teahouse()) == []

    rows = house.rows(tables.definitions)
    assert sorted((row["version"], row["offered"]) for row in rows) == [("1.0.0", True), ("1.1.0", False)]


def test_a_comment_or_another_order_of_keys_is_no_change(house: House) -> None:
    assert house.publish(teahouse="# Nothing has changed.\n" + teahouse()) == []


def test_a_definition_that_left_is_no_longer_offered_but_its_assessments_go_on(
    make_house: Make,
) -> None:
    house = make_house()
    person = Person(house)
    person.say("2")
    house.publish(coffeebar=coffeebar())

    person.house = again = make_house()
    assert person.say("3").startswith("Genoteerd")
    for _ in ITEMS[2:]:
        person.say("2")
    assert again.runs(person.id)[0].status == "completed"
    assert person.history[-4].picture_id is not None
    person.say("uitslag", "result")
    assert person.has("result.again", lowest=1, highest=3)
    later = Person(again)
    assert later.history[0].text.startswith(
        say("nl", "greeting.one", minutes=2, name="Koffiebarscan", count=6)
    )
    assert again.runs(later.id)[0].model_id == "coffeebar"


@pytest.fixture
def two_models(house: House) -> House:
    """A house with two maturity models on offer: coffee bar and teahouse, in this order."""
    house.publish(teahouse=teahouse(), coffeebar=coffeebar())
    return house


@pytest.mark.parametrize(
    "choose",
    [
        lambda p: p.say("2"),
        lambda p: p.say("de tweede"),
        lambda p: p.say("theehuisscan!"),
        lambda p: p.say("Teahouse Scan"),
        lambda p: p.say("teahouse"),
        lambda p: p.tap("2 · Theehuisscan"),
    ],
    ids=["number", "ordinal", "name", "other language's name", "id", "button"],
)
def test_with_two_models_on_offer_it_asks_which(two_models: House, choose: Callable[[Person], str]) -> None:
    person = newcomer(two_models)
    assert person.last[0].text.startswith(say("nl", "greeting.several"))
    person.say("ja")
    assert person.has("choose.question")
    assert list(person.buttons) == ["1 · Koffiebarscan", "2 · Theehuisscan", "Meer…"]
    assert two_models.runs(person.id) == []

    choose(person)

    assert [run.model_id for run in two_models.runs(person.id)] == ["teahouse"]
    assert person.asks(1)


def test_a_choice_that_is_none_asks_again(two_models: House) -> None:
    person = Person(two_models)

    for text in ("3", "0", "12", "thee", "ja", "geen idee"):
        person.say(text)
        assert {"1 · Koffiebarscan", "2 · Theehuisscan"} <= set(person.buttons), text
        assert two_models.runs(person.id) == [], text


def test_every_meaning_gets_an_answer_while_a_model_is_being_chosen(two_models: House) -> None:
    for meaning in MEANINGS:
        person = Person(two_models)
        person.say("tja", meaning)
        assert person.text.strip(), meaning
        person.tap("1 · Coffee" if meaning == "switch_language" else "1 · Koffie")
        assert [run.model_id for run in two_models.runs(person.id)] == ["coffeebar"], meaning


def test_a_double_tap_on_a_model_begins_once(two_models: House) -> None:
    person = Person(two_models)
    coffee, tea = person.token("1 · Koffiebarscan"), person.token("2 · Theehuisscan")
    for token in (coffee, coffee, tea):
        person.press(token)
        assert person.asks(1)

    assert [run.model_id for run in two_models.runs(person.id)] == ["coffeebar"]


def test_a_prefilled_model_is_begun_with_at_once(two_models: House) -> None:
    person = newcomer(two_models, model="teahouse")
    assert person.last[0].text.startswith(say("nl", "greeting.one", minutes=2, name="Theehuisscan", count=6))

    person.say("ja")

    assert person.asks(1)
    assert two_models.runs(person.id)[0].model_id == "teahouse"


def test_a_prefilled_model_that_is_not_on_offer_is_refused(house: House) -> None:
    before = house.everything()

    with pytest.raises(UnknownModel):
        newcomer(house, model="coffeebar")

    assert house.everything() == before


def test_a_prefilled_model_that_leaves_before_consent_is_not_missed(two_models: House) -> None:
    person = newcomer(two_models, model="coffeebar")
    two_models.publish(teahouse=teahouse())

    person.say("ja")

    assert two_models.runs(person.id)[0].model_id == "teahouse"
    assert person.asks(1)
