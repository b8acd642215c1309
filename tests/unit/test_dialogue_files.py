"""Rasa's files agree with each other, with the actions, and between the two languages."""

import asyncio
import hashlib
import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from rasa_sdk.executor import CollectingDispatcher

from actions import runtime
from actions.base import TurnAction
from actions.meanings import MEANINGS
from actions.server import make_app
from benchmarks.own_words import answers_for_nlu

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("nl", "en")
# Set by the input channel alone, and Rasa's own word for 'not understood'.
WITHOUT_TEXT = {"button", "nlu_fallback"}


def load(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def examples(language):
    """Intent -> its examples in one language."""
    return {
        entry["intent"]: [line.removeprefix("- ").strip() for line in entry["examples"].splitlines()]
        for entry in load(f"data/nlu/{language}.yml")["nlu"]
    }


def rules():
    """Intent -> action; every rule is one intent and one action."""
    found = {}
    for rule in load("data/rules/rules.yml")["rules"]:
        intent, action = rule["steps"]
        assert intent["intent"] not in found, f"two rules for {intent['intent']}"
        found[intent["intent"]] = action["action"]
    return found


@pytest.fixture(scope="module")
def actions():
    """The names of the actions that the action server offers, as it would say over HTTP."""
    (listing,) = [route for route in make_app().router.routes if route.path == "actions"]
    return [action["name"] for action in json.loads(asyncio.run(listing.handler(None)).body)]


def test_every_intent_has_exactly_one_rule():
    assert set(rules()) == set(load("domain.yml")["intents"]) | {"nlu_fallback"}


def test_domain_rules_and_action_server_name_the_same_actions(actions):
    assert set(rules().values()) == set(load("domain.yml")["actions"]) == set(actions)


def test_no_action_or_intent_is_named_twice():
    domain = load("domain.yml")
    counts = Counter([*domain["intents"], *domain["actions"]])
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("meaning", MEANINGS)
def test_an_action_takes_its_turn_to_the_use_cases_with_the_meaning_it_is_named_after(meaning, monkeypatch):
    taken = []
    monkeypatch.setattr(runtime, "_configured", SimpleNamespace(take_turn=lambda *turn: taken.append(turn)))
    action, dispatcher = TurnAction(meaning), CollectingDispatcher()
    tracker = SimpleNamespace(latest_message={"metadata": {"turn": "t1"}})

    events = asyncio.run(action.run(dispatcher, tracker, {}))

    assert (action.name(), taken, events) == (f"action_{meaning}", [("t1", meaning)], [])
    assert [said["custom"] for said in dispatcher.messages] == [{"turn": "t1"}]


def test_each_meaning_is_described_in_a_sentence_of_its_own():
    assert [text for text in MEANINGS.values() if text[-1] not in ".?"] == []
    assert [text for text, count in Counter(MEANINGS.values()).items() if count > 1] == []


def test_what_is_not_understood_is_taken_as_an_answer():
    assert rules()["nlu_fallback"] == rules()["answer"] == "action_take_answer"


def test_the_domain_holds_no_text_no_slots_and_no_forms():
    assert set(load("domain.yml")) == {"version", "intents", "actions", "session_config"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_that_is_read_from_text_has_examples(language):
    assert set(examples(language)) == set(load("domain.yml")["intents"]) - WITHOUT_TEXT


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_examples(language):
    least = {intent: 150 if intent == "answer" else 25 for intent in examples(language)}
    assert {i: len(e) for i, e in examples(language).items() if len(e) < least[i]} == {}


def test_both_languages_have_about_as_many_examples_of_each_intent():
    dutch, english = examples("nl"), examples("en")
    uneven = {
        intent: (len(dutch[intent]), len(english[intent]))
        for intent in dutch
        if not 0.8 <= len(english[intent]) / len(dutch[intent]) <= 1.25
    }
    assert uneven == {}


def test_no_example_occurs_under_two_intents():
    seen = {}
    for language in LANGUAGES:
        for intent, texts in examples(language).items():
            for text in texts:
                seen.setdefault(text.casefold(), set()).add(intent)
    assert {text: intents for text, intents in seen.items() if len(intents) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_example_occurs_twice_in_a_language(language):
    counts = Counter(text.casefold() for texts in examples(language).values() for text in texts)
    assert [text for text, count in counts.items() if count > 1] == []


def test_own_words_stand_under_no_side_talk_and_are_as_they_would_be_drawn_now():
    (drawn,) = load("data/nlu/own_words.yml")["nlu"]
    assert drawn["intent"] == "answer"
    own = {line.removeprefix("- ").casefold() for line in drawn["examples"].splitlines()}
    by_hand = {text.casefold() for language in LANGUAGES for e in examples(language).values() for text in e}
    assert own & by_hand == set()
    assert answers_for_nlu.main(["--check"]) == 0, "python -m benchmarks.own_words.answers_for_nlu"


def test_no_longer_line_of_the_exam_is_taught():
    """Short everyday ones ('sla over') may well be in both."""
    exam = (ROOT / "benchmarks/own_words/exam/intents.jsonl").read_text(encoding="utf-8").splitlines()
    kept = {digest(json.loads(line)["text"]) for line in exam}
    taught = [text for language in LANGUAGES for e in examples(language).values() for text in e]
    assert [text for text in taught if len(text.split()) > 7 and digest(text) in kept] == []


def digest(text):
    """What two lines share that differ in case and blanks only."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()


def test_a_button_is_taught_with_nothing_that_can_be_typed():
    (entry,) = load("data/nlu/button.yml")["nlu"]
    assert entry["intent"] == "button"
    # U+E000 to U+F8FF is Unicode's private use area, which the input channel takes out of what was typed.
    assert all("\ue000" <= character <= "\uf8ff" for e in entry["examples"] for character in e["text"])


def test_rasa_keeps_nothing_and_is_reached_by_the_gateway_only():
    assert load("endpoints.yml")["tracker_store"] == {"type": "bot.dialogue.tracker_store.FreshTrackerStore"}
    assert load("credentials.yml") == {"bot.dialogue.channel.PeilInput": None}
