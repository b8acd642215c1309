"""The level that a message of several parts comes to, with something proposed and without."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import definitions
from bot.settings import ROOT
from bot.understanding.settled import read_settled

TO_A_PROPOSAL = [
    ("sorry, ik praat te veel. Een 2 dus", [2], 2),
    ("sorry, I do go on. A 2 it is", [2], 2),
    ("Neither quite, but 2 comes nearest, and certainly not 4.", [2, 4], 2),
    ("Two, please. Level two.", [3, 4], 2),
    ("not the second one, the first", [2, 5], 2),
    ("niet de eerste", [1, 2], 2),
    ("de laagste van de twee dan maar", [1, 2], 1),
    ("the lower one then", [1, 2], 1),
    ("yes. no wait 3", [2], 3),
]

COMES_TO = [
    ("We doen er niks mee. Een 1 dus", 1),
    ("We have no plan at all, so a 1", 1),
    ("wij hebben 3 systemen. Een 2.", 2),
    ("er is niks, dus 1", 1),
    ("Het werkt niet. Niveau 2", 2),
]

COMES_TO_NOTHING = [
    "Kanalen: winkel, web, 3",
    "Nobody cares. Two shops. 3 people",
    "misschien drie, misschien vier",
    "We hebben een visie. Een",
    "We doen het zelf. Dus niet een 5",
    "2 dus",
    "",
]


@pytest.mark.parametrize(("text", "shown", "level"), TO_A_PROPOSAL)
def test_a_part_that_names_a_level_settles_it(text: str, shown: list[int], level: int) -> None:
    assert read_settled(text, shown, surely=False) == level


@pytest.mark.parametrize(("text", "level"), COMES_TO)
def test_own_words_may_end_in_the_level_they_come_to(text: str, level: int) -> None:
    assert read_settled(text, surely=True) == level


@pytest.mark.parametrize("text", COMES_TO_NOTHING)
def test_a_number_in_a_story_settles_nothing(text: str) -> None:
    assert read_settled(text, surely=True) is None


@pytest.mark.parametrize("model_id", ["cemm", "crm", "cx", "omnichannel"])
def test_no_example_answer_is_taken_for_a_level_that_was_named(model_id: str) -> None:
    model = definitions.load(ROOT / f"models/maturity/{model_id}.yml")
    said = [
        words
        for _, item in model.walk()
        for level in item.levels
        for of_language in level.answers.values()
        for words in of_language
    ]

    assert [words for words in said if read_settled(words, surely=True) is not None] == []


@given(st.text(max_size=80), st.booleans())
def test_any_text_can_be_read(text: str, surely: bool) -> None:
    found = read_settled(text, [2, 3], surely=surely)

    assert found is None or found >= 0
