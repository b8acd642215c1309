"""Which answers fit which items, and which part of an item is open."""

import pytest

from bot.assessment.answers import Answer, given
from bot.assessment.kinds import POSITIONS, REST, fits, is_complete, open_part
from bot.definitions import load
from tests.unit.models import BAKERY, TEAROOM

BAKED, POURED = load(BAKERY), load(TEAROOM)
ITEMS = {
    "rubric": ("kettle.water", POURED.item("kettle.water")[1]),
    "checklist": ("bread.range", BAKED.item("bread.range")[1]),
    "choice": ("kettle.mood", POURED.item("kettle.mood")[1]),
    "signals": ("room.draughts", POURED.item("room.draughts")[1]),
    "positioning": ("house.standing", POURED.item("house.standing")[1]),
}


def answered(kind, detail):
    """An item of this kind, and this answer to it: a level, or what was given."""
    item_id, item = ITEMS[kind]
    if isinstance(detail, int):
        return item, Answer(item_id, "level", detail)
    return item, given(item_id, detail)


# --- what fits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("rubric", 1),
        ("rubric", 3),
        ("checklist", {"daily": "in_place", "wish": "not_in_place"}),
        ("checklist", {"daily": "dont_know", "wish": "not_fitting"}),
        ("checklist", {"daily": "planned", "wish": "not_yet"}),
        ("choice", {"option": "station"}),
        ("signals", {}),
        ("signals", {"bill": "yes", "coats": "yes"}),
        ("positioning", {"today_first": "cake"}),
        ("positioning", {"today_first": "cake", "today_second": "price"}),
        ("positioning", {"today_first": "open", "today_second": "open"}),  # both left open
        ("positioning", {"today_first": "cake", "intended_first": "cake", "competitor": "cake"}),
        ("positioning", dict.fromkeys(POSITIONS, "open")),
    ],
)
def test_an_answer_fits_its_own_kind_of_item(kind, detail):
    item, answer = answered(kind, detail)

    assert fits(item, answer)


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("rubric", 4),
        ("rubric", {"option": "aunt"}),
        ("checklist", 1),
        ("checklist", {}),
        ("checklist", {"daily": "in_place"}),  # every practice has a state
        ("checklist", {"daily": "in_place", "wish": "in_place", "cake": "in_place"}),
        ("checklist", {"daily": "in_place", "wish": "soon"}),
        ("choice", 1),
        ("choice", {}),
        ("choice", {"option": "airport"}),
        ("choice", {"option": "aunt", "second": "station"}),
        ("choice", {"choice": "aunt"}),
        ("signals", 1),
        ("signals", {"fire": "yes"}),
        ("signals", {"coats": "no"}),  # what is not recognised is left out
        ("positioning", 1),
        ("positioning", {}),
        ("positioning", {"today_first": "tea"}),
        ("positioning", {"today_third": "cake"}),
        ("positioning", {"today_first": "cake", "today_second": "cake"}),
        ("positioning", {"intended_first": "view", "intended_second": "view"}),
    ],
)
def test_an_answer_does_not_fit_another_kind_of_item_or_one_with_other_parts(kind, detail):
    item, answer = answered(kind, detail)

    assert not fits(item, answer)


@pytest.mark.parametrize("kind", ITEMS)
def test_no_answer_fits_every_kind_and_completes_it(kind):
    item_id, item = ITEMS[kind]

    for why in ("dont_know", "not_applicable", "skipped"):
        assert fits(item, Answer(item_id, why))
        assert is_complete(item, Answer(item_id, why))


@pytest.mark.parametrize("kind", ["level", "dont_know", "not_applicable", "skipped"])
def test_only_a_given_answer_has_a_detail(kind):
    with pytest.raises(ValueError, match="has no detail"):
        Answer("a.b", kind, 1 if kind == "level" else None, (("option", "x"),))


def test_a_given_answer_is_the_same_whatever_the_order_in_which_it_was_given():
    assert given("a.b", {"y": "yes", "x": "yes"}) == given("a.b", {"x": "yes", "y": "yes"})
    assert given("a.b", {"y": "yes"}).given == {"y": "yes"}
    assert Answer("a.b", "skipped").given == {}
    with pytest.raises(ValueError, match="has no value"):
        Answer("a.b", "given", 2)


# --- which part is open ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("rubric", ""),
        ("checklist", ""),
        ("choice", ""),
        ("signals", ""),
        ("positioning", "today_first"),
    ],
)
def test_without_an_answer_the_first_part_is_open(kind, first):
    item = ITEMS[kind][1]

    assert open_part(item, None) == first
    assert not is_complete(item, None)


@pytest.mark.parametrize(
    ("kind", "detail", "part"),
    [
        ("rubric", 2, None),
        ("checklist", {"daily": "in_place", "wish": "not_in_place"}, REST),
        ("checklist", {"daily": "planned", "wish": "not_in_place"}, REST),
        ("checklist", {"daily": "in_place", "wish": "in_place"}, None),
        ("checklist", {"daily": "not_yet", "wish": "dont_know"}, None),
        ("choice", {"option": "aunt"}, None),
        ("signals", {}, None),
        ("signals", {"bill": "yes"}, None),
        ("positioning", {"today_first": "cake"}, "today_second"),
        ("positioning", {"today_first": "cake", "today_second": "open"}, "intended_first"),
        ("positioning", {"today_second": "cake"}, "today_first"),  # looked at again, the first of a pair
        (
            "positioning",
            {
                "today_first": "cake",
                "today_second": "view",
                "intended_first": "open",
                "intended_second": "open",
            },
            "competitor",
        ),
        ("positioning", dict.fromkeys(POSITIONS, "open"), None),
    ],
)
def test_the_open_part_follows_from_the_answer(kind, detail, part):
    item, answer = answered(kind, detail)

    assert open_part(item, answer) == part
    assert is_complete(item, answer) == (part is None)
