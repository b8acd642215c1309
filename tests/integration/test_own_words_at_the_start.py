"""Own words before the first question: which model, and how much of it."""

from __future__ import annotations

import pytest

from bot.understanding.wishes import read_wish
from tests.integration.parts import House, Person, teahouse
from tests.stack import TEAHOUSE

TEAROOM = (TEAHOUSE.parent / "tearoom.yml").read_text(encoding="utf-8")


@pytest.fixture
def asked_depth(house: House) -> Person:
    """Somebody who is asked how much of the tearoom's questions."""
    house.publish(tearoom=TEAROOM)
    return Person(house, "nl", {"model": "tearoom"})


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("ik heb weinig tijd vandaag", "quick"),
        ("doe maar die korte dan", "quick"),
        ("we willen het precies weten", "full"),
        ("neem er gerust ruim de tijd voor", "full"),
    ],
)
def test_how_much_is_said_in_own_words(asked_depth: Person, text: str, depth: str) -> None:
    asked_depth.say(text)

    assert asked_depth.house.runs(asked_depth.id)[0].depth == depth


@pytest.mark.parametrize("text", ["niet snel maar wel kort en ook volledig", "ik heb nu geen tijd"])
def test_what_says_both_or_neither_begins_nothing(asked_depth: Person, text: str) -> None:
    asked_depth.say(text)

    assert asked_depth.house.runs(asked_depth.id) == []


@pytest.mark.parametrize(
    ("text", "depth"),
    [("doe maar de theesalonscan, maar dan de korte", "quick"), ("theesalonscan volledig", "full")],
)
def test_model_and_depth_in_one_breath_begin_at_once(house: House, text: str, depth: str) -> None:
    house.publish(teahouse=teahouse(), tearoom=TEAROOM)
    person = Person(house)

    person.say(text)

    (run,) = house.runs(person.id)
    assert (run.model_id, run.depth) == ("tearoom", depth)


@pytest.mark.parametrize(
    ("text", "language", "wish"),
    [
        ("zo kort mogelijk", "nl", "quick"),
        ("liefst niet te lang", "nl", "quick"),
        ("we have plenty of time", "en", "full"),
        ("I'm in a hurry", "en", "quick"),
        ("niet kort", "nl", None),
        ("is de korte wel goed?", "nl", None),
        ("over klanten", "nl", None),
    ],
)
def test_wishes_are_read(text: str, language: str, wish: str | None) -> None:
    assert read_wish(text, language) == wish


@pytest.mark.parametrize(
    ("language", "text"), [("en", "gimme the second, quick"), ("nl", "doe de tweede maar, snel graag")]
)
def test_the_place_of_a_model_and_a_hurry_are_both_heard(house: House, language: str, text: str) -> None:
    house.publish(tearoom=TEAROOM, teahouse=teahouse())
    person = Person(house, language)

    person.say(text, "pause")

    assert [run.depth for run in house.runs(person.id)] == ["quick"]
