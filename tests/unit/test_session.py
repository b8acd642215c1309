"""Where someone is in an assessment."""

import pytest

from bot.assessment.answers import Answer, given
from bot.assessment.kinds import POSITIONS
from bot.assessment.session import (
    asked_items,
    next_item,
    position,
    previous_item,
)
from bot.definitions import load
from tests.unit.models import TEAROOM, make_answers, make_checklist, make_model, make_states, quick_items

MODEL = make_model({"strategy": (1, 1), "people": (1,), "data": (1, 1)})


def test_items_are_asked_in_the_models_order():
    answers = {}
    walked = []
    while (item_id := next_item(MODEL, answers)) is not None:
        walked.append(item_id)
        dimension, letter = item_id.split(".")
        answers |= make_answers(**{dimension: ("." if letter == "b" else "") + "3"})

    assert walked == ["strategy.a", "strategy.b", "people.a", "data.a", "data.b"]
    assert next_item(MODEL, answers) is None


def test_any_kind_of_answer_moves_on_to_the_next_item():
    assert next_item(MODEL, make_answers(strategy="?s", people="x")) == "data.a"


def test_an_item_that_was_left_out_in_the_middle_comes_first():
    answers = make_answers(strategy="1.", people="2", data="33")

    assert next_item(MODEL, answers) == "strategy.b"


def test_an_assessment_is_complete_without_a_level_for_every_item():
    answers = make_answers(strategy="?3", people="x", data="s3")

    assert next_item(MODEL, answers) is None


@pytest.mark.parametrize(
    ("item_id", "number", "previous"),
    [("strategy.a", 1, None), ("people.a", 3, "strategy.b"), ("data.b", 5, "data.a")],
)
def test_the_position_is_counted_over_all_items(item_id, number, previous):
    assert position(MODEL, item_id) == (number, 5)
    assert previous_item(MODEL, item_id) == previous


def test_a_quick_scan_walks_its_own_items_only_in_the_models_order():
    asked = list(reversed(quick_items(MODEL)))

    assert asked_items(MODEL, asked) == ("strategy.a", "people.a", "data.a")
    assert next_item(MODEL, make_answers(strategy="3"), asked=asked) == "people.a"
    assert position(MODEL, "data.a", asked) == (3, 3)
    assert previous_item(MODEL, "people.a", asked) == "strategy.a"
    assert next_item(MODEL, make_answers(strategy="3", people="?", data="x"), asked=asked) is None


def test_an_item_that_is_not_asked_has_no_position():
    with pytest.raises(ValueError, match=r"strategy\.b"):
        position(MODEL, "strategy.b", quick_items(MODEL))
    with pytest.raises(ValueError, match=r"nowhere\.a"):
        previous_item(MODEL, "nowhere.a")
    with pytest.raises(ValueError, match=r"nowhere\.a"):
        next_item(MODEL, {}, asked=["nowhere.a"])


# --- items of several parts, and depth -------------------------------------------------------------


def test_a_checklist_stays_open_until_the_rest_of_it_was_asked():
    model = make_checklist({"bread": ["12", "12"], "counter": ["1"], "night": ["1"]})

    assert next_item(model, make_states(bread="io")) == "bread.a"
    assert next_item(model, make_states(bread="in")) == "bread.b"
    assert next_item(model, make_states(bread="ii")) == "bread.b"  # nothing is left to ask about
    assert next_item(model, make_states(bread="S D", counter="X")) == "night.a"


def test_a_positioning_stays_open_until_all_its_parts_were_asked():
    model = load(TEAROOM)
    known = {
        item_id: Answer(item_id, "skipped") for item_id in model.item_ids() if item_id != "house.standing"
    }
    walked = {}
    for part in POSITIONS:
        assert next_item(model, known | walked) == "house.standing"
        detail = walked["house.standing"].given if walked else {}
        walked = {"house.standing": given("house.standing", {**detail, part: "open"})}

    assert next_item(model, known | walked) is None


def test_a_choice_and_signals_are_answered_at_once_also_with_none_of_them():
    model = load(TEAROOM)
    known = {item_id: Answer(item_id, "skipped") for item_id in model.item_ids()}
    del known["kettle.mood"], known["room.draughts"]

    assert next_item(model, known) == "kettle.mood"
    known["kettle.mood"] = given("kettle.mood", {"option": "aunt"})
    assert next_item(model, known) == "room.draughts"
    assert next_item(model, {**known, "room.draughts": given("room.draughts", {})}) is None


def test_a_quick_scan_passes_by_what_does_not_score_and_going_on_asks_nothing_twice():
    model = load(TEAROOM)
    answers = {}
    asked = model.quick_ids()
    while (item_id := next_item(model, answers, asked=asked)) is not None:
        answers[item_id] = Answer(item_id, "level", 2)
    assert list(answers) == ["kettle.water", "room.chairs", "house.name"]
    assert position(model, "house.name", asked) == (3, 3)

    later = []
    while (item_id := next_item(model, answers)) is not None:
        later.append(item_id)
        answers[item_id] = Answer(item_id, "skipped")

    assert later == ["kettle.cups", "kettle.mood", "room.draughts", "house.standing"]
    assert position(model, "house.standing") == (7, 7)
    assert previous_item(model, "house.standing") == "house.name"
