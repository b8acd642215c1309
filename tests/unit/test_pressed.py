"""What a button would have to say for an answer: `as_pressed` is the way back from `press`."""

import itertools

import pytest

from bot.assessment.answers import Answer, given
from bot.assessment.kinds import POSITIONS
from bot.definitions import load
from bot.service.buttons import Buttons
from bot.service.kinds import as_pressed, press
from tests.unit.models import BAKERY, TEAROOM

BAKED, POURED = load(BAKERY), load(TEAROOM)
HELD = {
    "kettle.water": (POURED, Answer("kettle.water", "level", 2)),
    "bread.range": (BAKED, given("bread.range", {"daily": "in_place", "wish": "not_yet"})),
    "kettle.mood": (POURED, given("kettle.mood", {"option": "station"})),
    "room.draughts": (POURED, given("room.draughts", {"bill": "yes"})),
    "house.standing": (POURED, given("house.standing", dict.fromkeys(POSITIONS, "cake"))),
}


def pressable(item):
    """All that a button of an item can say."""
    parts = range(1, max(len(item.levels), len(item.parts)) + 1)
    marks = ["".join(each) for each in itertools.product("1-", repeat=len(item.parts))]
    positions = [f"p{step}{number}" for step in range(len(POSITIONS)) for number in parts]
    return ["d", "n", "s", *map(str, parts), *positions, *(f"f~{marked}" for marked in marks)]


@pytest.mark.parametrize("item_id", HELD)
def test_every_answer_that_one_button_gives_has_a_button_that_gives_it(item_id):
    model, held = HELD[item_id]
    item = model.item(item_id)[1]
    found = 0
    for what in pressable(item):
        answer = press(item_id, item, held, what)
        if isinstance(answer, Answer):
            found += 1
            says = as_pressed(item_id, item, held, answer)
            assert press(item_id, item, held, says) == answer
    assert found >= 5


def test_what_takes_two_steps_has_no_button():
    model, held = HELD["bread.range"]
    item = model.item("bread.range")[1]
    # In place no more, and planned at once: a form marks the one, another form the other.
    both = given("bread.range", {"daily": "planned", "wish": "in_place"})
    assert as_pressed("bread.range", item, held, both) is None


@pytest.mark.parametrize("item_id", HELD)
def test_what_it_says_fits_into_the_token_of_a_button(item_id):
    model, held = HELD[item_id]
    item = model.item(item_id)[1]
    buttons = Buttons("a secret")
    for what in pressable(item):
        answer = press(item_id, item, held, what)
        if isinstance(answer, Answer):
            says = as_pressed(item_id, item, held, answer)
            assert buttons.token("c" * 32, "c", "a" * 16, "99", says)
