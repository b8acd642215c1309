"""Why a level, the quickest way up and 'what if', against cases worked out by hand and brute force."""

import copy
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assessment import answers as answers_of
from bot.assessment.answers import Answer
from bot.assessment.explaining import OpenStage, Raise, explain, preview, quickest_way
from bot.assessment.scoring import score
from bot.definitions import load
from tests.unit.models import (
    BAKERY,
    make_answers,
    make_checklist,
    make_model,
    make_states,
    quick_items,
    with_unscored,
)

REST = {"b": (1,), "c": (1,)}
LETTERS = "abcdefghij"


def rubric(weights=(1, 1, 1), *, investments=None, highest=5):
    """A model with the dimension 'data'; `investments`: item letter -> of the transitions to 2, 3 and on."""
    model = make_model({"data": weights, **REST}, highest=highest)
    first, *others = model.dimensions
    items = tuple(
        replace(
            item,
            advice=tuple(
                replace(step, action=replace(step.action, investment=investment))
                for step, investment in zip(item.advice, investments[item.id], strict=True)
            ),
        )
        if item.id in (investments or {})
        else item
        for item in first.items
    )
    return replace(model, dimensions=(replace(first, items=items), *others))


def explain_one(signs, weights=(1, 1, 1), **options):
    return explain(rubric(weights), make_answers(data=signs), "data", **options)


def checklist(*stages, weights=None, effort=None):
    """A checklist model with the dimension 'bread', which has elements with these stages."""
    return make_checklist(
        {"bread": stages, "counter": ["1"], "night": ["1"]}, weights=weights or {}, effort=effort or {}
    )


def way(signs, level, weights=(1, 1, 1), *, investments=None):
    """The changes of the quickest way as {letter: (from, to)}; None when there is none."""
    model = rubric(weights, investments=investments)
    found = quickest_way(model, make_answers(data=signs), "data", level)
    if found is None:
        return None
    return {change.item_id.removeprefix("data."): (change.current, change.to) for change in found.changes}


def practice_way(stages, words, stage, *, weights=None, effort=None):
    """The practices of the quickest way, 'b.c' for practice c of element b; None when there is none."""
    model = checklist(*stages, weights=weights, effort=effort)
    found = quickest_way(model, make_states(bread=words), "bread", stage)
    if found is None:
        return None
    return [
        f"{change.item_id.removeprefix('bread.')}.{practice.id}"
        for change in found.changes
        for practice in change.practices
    ]


# --- why this level --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signs", "weights", "level", "share", "by_share", "by_gate"),
    [
        # level 3 asks two thirds at 3 or above, and none below 2
        ("551", (1, 1, 1), 2, 2 / 3, "", "c"),  # two of three are at 3, but c is two below it
        ("222", (1, 1, 1), 2, 0, "abc", ""),
        ("322", (1, 1, 1), 2, 1 / 3, "bc", ""),
        ("521", (1, 1, 1), 2, 1 / 3, "bc", "c"),  # both: one of three is at 3, and c is two below
        ("112", (1, 1, 1), 1, 1 / 3, "ab", ""),
        ("111", (1, 1, 1), 1, 0, "abc", ""),
        ("544", (1, 1, 1), 4, 1 / 3, "bc", ""),
        ("553", (1, 1, 1), 4, 2 / 3, "", "c"),
        ("32", (1.9, 1), 2, 1.9 / 2.9, "b", ""),  # 1.9 of 2.9 is less than two thirds
        ("45?", (1, 1, 1), 4, 1 / 2, "a", ""),  # what is open does not weigh
    ],
)
def test_what_holds_a_level_is_the_share_below_the_next_the_gate_or_both(
    signs, weights, level, share, by_share, by_gate
):
    found = explain_one(signs, weights)

    assert (found.basis, found.level, found.next_level) == ("staged", level, level + 1)
    assert found.share_at_next == pytest.approx(share, abs=1e-15)
    assert found.share_needed == 2 / 3
    assert found.held_by_share == tuple(f"data.{letter}" for letter in by_share)
    assert found.held_by_gate == tuple(f"data.{letter}" for letter in by_gate)
    assert (found.by_share, found.by_gate) == (bool(by_share), bool(by_gate))
    assert found.deciding == tuple(f"data.{letter}" for letter in sorted({*by_share, *by_gate}))
    assert not found.at_highest


def test_counted_items_have_level_weight_and_share_and_the_others_a_reason():
    model = make_model({"data": (3, 1, 2, 5, 7, 1), **REST})
    answers = make_answers(data="24?sx.", b="3")

    found = explain(model, answers, "data", asked=[*(f"data.{x}" for x in "abcdef"), "b.a", "c.a"])

    # 3 and 1 count, together 4
    assert [(one.item_id, one.level, one.score, one.weight, one.share) for one in found.counted] == [
        ("data.a", 2, 2, 3, 0.75),
        ("data.b", 4, 4, 1, 0.25),
    ]
    assert [(one.item_id, one.weight, one.reason) for one in found.left_out] == [
        ("data.c", 2, "dont_know"),
        ("data.d", 5, "skipped"),
        ("data.e", 7, "not_applicable"),
        ("data.f", 1, "not_answered"),
    ]
    assert found.elements == ()


def test_targets_are_those_of_the_result():
    found = explain_one("332", targets={"data": 5})

    # 5 - 8/3
    assert (found.result.target, found.result.gap) == (5, 7 / 3)


def test_at_the_highest_level_nothing_holds():
    for signs in ("555", "554"):
        found = explain_one(signs)
        assert (found.basis, found.level, found.at_highest) == ("staged", 5, True)
        assert (found.next_level, found.share_at_next, found.deciding) == (None, None, ())


@pytest.mark.parametrize(
    ("signs", "weights", "needed"),
    [
        ("3??", (1, 1, 1), 1),  # 1 of 3 answered, 1.5 needed
        ("3....", (1, 1, 1, 1, 1), 2),  # 1 of 5, 2.5 needed
        ("3....", (1, 1, 1, 2, 1), 1),  # 1 of 6: the one that weighs 2 makes it 3, just half
        ("...", (1, 1, 1), 2),
        ("x?s", (1, 1, 1), 1),  # one of the two that apply
        ("1?", (0.49, 0.51), 1),
    ],
)
def test_with_too_little_answered_it_says_how_many_answers_a_score_needs(signs, weights, needed):
    found = explain_one(signs, weights)

    assert (found.basis, found.answers_needed) == ("too_little", needed)
    assert (found.level, found.next_level, found.share_at_next, found.deciding) == (None, None, None, ())
    assert found.result.coverage < found.coverage_needed == 0.5
    assert len(found.counted) + len(found.left_out) == len(signs)


def test_where_nothing_applies_that_is_all_there_is_to_say():
    found = explain_one("xxx")

    assert (found.basis, found.level, found.answers_needed) == ("not_applicable", None, None)
    assert (found.counted, {one.reason for one in found.left_out}) == ((), {"not_applicable"})


def test_in_a_quick_scan_the_mean_of_what_was_asked_is_all_there_is():
    model = rubric()
    answers = make_answers(data="355", b="2")

    found = explain(model, answers, "data", asked=quick_items(model))

    assert (found.basis, found.level, found.result.score) == ("mean", None, 3)
    assert [one.item_id for one in found.counted] == ["data.a"]
    # answered or not: what this depth does not ask does not count
    assert [(one.item_id, one.reason) for one in found.left_out] == [
        ("data.b", "not_asked"),
        ("data.c", "not_asked"),
    ]
    assert (found.next_level, found.deciding, found.answers_needed) == (None, (), None)


def test_a_quick_scan_may_have_too_little_or_not_ask_anything_here():
    model = rubric()

    assert explain(model, make_answers(data="?"), "data", asked=["data.a"]).basis == "too_little"
    assert explain(model, make_answers(data="?"), "data", asked=["data.a"]).answers_needed == 1
    assert explain(model, make_answers(data="333"), "data", asked=["b.a"]).basis == "not_asked"
    assert explain(model, make_answers(data="333"), "data", asked=["b.a"]).answers_needed is None


def test_items_that_never_score_are_not_named():
    model = with_unscored(make_model({"strategy": (1, 1), **REST}))

    found = explain(model, make_answers(strategy="23"), "strategy")

    assert [one.item_id for one in found.counted] == ["strategy.a", "strategy.b"]
    assert found.left_out == ()


def test_what_the_model_does_not_have_is_refused():
    with pytest.raises(KeyError, match="nowhere"):
        explain(rubric(), {}, "nowhere")
    with pytest.raises(ValueError, match=r"data\.z"):
        explain(rubric(), {}, "data", asked=["data.z"])
    with pytest.raises(ValueError, match="not a level"):
        explain(rubric(), {}, "data", targets={"data": 6})


# --- why this stage --------------------------------------------------------------------------------


def test_an_element_shows_the_first_stage_that_it_has_not_reached():
    # stage 1: 3 of 4 in place, two thirds of 4 is 8/3, so 3 are needed and there: reached
    # stage 2: of 5 one does not fit; 4 fit, 3 needed, 1 in place
    model = checklist("1111222223")
    found = explain(model, make_states(bread="iiinip?-ni"), "bread")

    (element,) = found.elements
    assert (element.item_id, element.result.stage) == ("bread.a", 1)
    assert element.open_stage == OpenStage(2, in_place=("e",), missing=("f", "i"), unknown=("g",), needed=3)
    assert element.open_stage.short == 2
    assert [(one.item_id, one.level) for one in found.counted] == [("bread.a", 1)]
    # (3/4 + 1/4 + 1/1) of three stages
    assert found.counted[0].score == element.result.score == 2
    assert (found.level, found.next_level, found.held_by_share) == (1, 2, ("bread.a",))


@pytest.mark.parametrize(
    ("stages", "word", "stage", "needed"),
    [
        ("112233", "nnnnnn", 1, 2),  # two thirds of 2 is 4/3, so both
        ("111223", "innnnn", 1, 2),  # two of three
        ("123", "i-n", 3, 1),  # stage 2 has nothing that fits
        ("13", "in", 3, 1),
        ("123", "iii", None, None),
        ("12", "ii", None, None),  # there is no practice of stage 3
        ("112", "i??", None, None),  # 1 of 3 is too little known for a stage
        ("123", "---", None, None),
        ("123", "D", None, None),
    ],
)
def test_the_open_stage_is_the_next_with_fitting_practices(stages, word, stage, needed):
    (element,) = explain(checklist(stages), make_states(bread=word), "bread").elements

    found = element.open_stage
    assert (found and found.stage, found and found.needed) == (stage, needed)


def test_elements_hold_their_category_like_items_hold_their_dimension():
    # stages 3, 3 and 0: two thirds are at 2, but the third is two below it
    found = explain(checklist("123", "123", "123"), make_states(bread="iii iii nnn"), "bread")

    assert (found.level, found.next_level, found.share_at_next) == (1, 2, pytest.approx(2 / 3))
    assert (found.held_by_share, found.held_by_gate) == ((), ("bread.c",))
    assert found.share_needed == 2 / 3


def test_elements_without_a_stage_are_left_out_with_the_reason():
    model = checklist("123", "123", "123", "123", "123", "123")
    found = explain(model, make_states(bread="inn i?? --- D S X"), "bread")

    assert [(one.item_id[-1], one.reason) for one in found.left_out] == [
        ("b", "too_little"),
        ("c", "not_applicable"),
        ("d", "dont_know"),
        ("e", "skipped"),
        ("f", "not_applicable"),
    ]
    # a, b, d and e apply: 1 + 1/3 of 4 is known, 2 needed; one answered in full brings 1 or 2/3
    assert (found.basis, found.answers_needed) == ("too_little", 1)
    assert [one.item_id for one in found.counted] == ["bread.a"]


def test_a_partly_known_element_may_be_the_one_to_complete():
    # weights 3 and 1: 3 x 1/3 of 4 is known, 2 needed; the first in full brings 2 more, the second 1
    model = checklist("123", "123", weights={"bread.a": 3})

    assert explain(model, make_states(bread="i?? D"), "bread").answers_needed == 1
    assert explain(model, make_states(bread="??? D"), "bread").answers_needed == 1


def test_a_quick_scan_of_elements_shows_these_elements_with_their_stages():
    model = checklist("123", "123")
    found = explain(model, make_states(bread="inn iii"), "bread", asked=quick_items(model))

    assert (found.basis, found.level, found.result.score) == ("mean", None, 1)
    assert [(one.item_id, one.result.stage) for one in found.elements] == [("bread.a", 1)]
    assert found.elements[0].open_stage == OpenStage(2, (), ("b",), (), 1)
    assert [(one.item_id, one.reason) for one in found.left_out] == [("bread.b", "not_asked")]


# --- the quickest way, by hand ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signs", "level", "weights", "expected"),
    [
        # c has to go to 3 at least, and two have to be at 4: c to 4 with one other are two items, not three
        ("332", 4, (1, 1, 1), {"a": (3, 4), "c": (2, 4)}),
        ("551", 3, (1, 1, 1), {"c": (1, 2)}),  # the gate asks c to be at 2, no higher
        ("551", 5, (1, 1, 1), {"c": (1, 4)}),
        ("222", 3, (1, 1, 1), {"a": (2, 3), "b": (2, 3)}),  # two of three; of equals the first
        ("32", 3, (1.9, 1), {"b": (2, 3)}),  # 1.9 of 2.9 is too little
        ("2222", 3, (1, 1, 1, 3), {"a": (2, 3), "d": (2, 3)}),  # 4 of 6 is two thirds; no one weighs as much
        ("2222", 3, (1, 1, 1, 6), {"d": (2, 3)}),  # 6 of 9
        ("22?", 3, (1, 1, 1), {"a": (2, 3), "b": (2, 3)}),  # what is open stays open: 1 of 2 is too little
        ("2xs2", 3, (1, 1, 1, 2), {"d": (2, 3)}),  # 2 of 3
        ("411", 3, (1, 1, 1), {"b": (1, 2), "c": (1, 3)}),  # both to 2 at least, and one of them to 3
        ("332", 3, (1, 1, 1), {}),
        ("332", 1, (1, 1, 1), {}),
        ("1??", 2, (1, 1, 1), None),  # no level to begin with
        ("xxx", 2, (1, 1, 1), None),
    ],
)
def test_the_quickest_way_raises_the_fewest_items_to_the_lowest_levels(signs, level, weights, expected):
    assert way(signs, level, weights) == expected


def test_of_ways_with_as_many_items_the_least_investment_wins():
    # any two of three at 3: a + b cost 3 + 2, a + c 3 + 1, b + c 2 + 1
    investments = {"a": (1, 3, 1, 1), "b": (1, 2, 1, 1), "c": (1, 1, 1, 1)}

    assert way("222", 3, investments=investments) == {"b": (2, 3), "c": (2, 3)}


def test_fewer_items_win_over_a_smaller_investment():
    # a alone weighs 4 of 6 and costs 3; b and c cost 1 each, but weigh too little together
    assert way("222", 3, (4, 1, 1), investments={"a": (3, 3, 3, 3), "b": (1,) * 4, "c": (1,) * 4}) == {
        "a": (2, 3)
    }


def test_the_investment_is_that_of_every_level_passed():
    # level 3 with b and c at 1: one of them to 3, the other to 2.
    # b to 3 costs 2 + 1, c to 2 costs 1: 4 in all. b to 2 costs 2, c to 3 costs 1 + 3: 6.
    investments = {"b": (2, 1, 1, 1), "c": (1, 3, 1, 1)}

    assert way("411", 3, investments=investments) == {"b": (1, 3), "c": (1, 2)}


def test_of_ways_with_as_much_investment_the_fewest_levels_win():
    # Level 3 with weights 2, 1, 1, 2: 4 of 6 are needed, d has 2. All of a, b and c have to go to 2, and
    # besides either a to 3, or b and c: that costs 2, or 1 + 1. It raises 2 + 1 + 1 levels, or 1 + 2 + 2.
    investments = {"a": (1, 2, 1, 1), "b": (1, 1, 1, 1), "c": (1, 1, 1, 1)}

    assert way("1113", 3, (2, 1, 1, 2), investments=investments) == {"a": (1, 3), "b": (1, 2), "c": (1, 2)}


def test_of_equal_ways_the_one_that_raises_the_earlier_item_less_is_the_first():
    # one of b and c to 3, the other to 2: of (b to 2, c to 3) and (b to 3, c to 2) the first sorts first
    assert way("411", 3) == {"b": (1, 2), "c": (1, 3)}


def test_a_way_says_what_to_do_and_what_it_takes():
    model = rubric(investments={"c": (1, 3, 2, 1)})

    found = quickest_way(model, make_answers(data="551"), "data", 5)

    item = model.item("data.c")[1]
    assert found.changes == (
        Raise("data.c", 1, 4, (), tuple(item.transition(to).action for to in (2, 3, 4))),
    )
    assert (found.current, found.level, found.reaches) == (2, 5, 5)
    assert (found.investment, found.changes[0].investment) == (6, 6)  # 1 + 3 + 2
    assert found.what_if == {"data.c": 4}
    assert not found.already


def test_a_way_may_reach_higher_than_was_asked():
    # stages 0, 0: the gap in stage 1 closed, stage 2 is there too
    model = checklist("12", "12")
    found = quickest_way(model, make_states(bread="ni ni"), "bread", 1)

    assert (found.level, found.reaches) == (1, 2)
    assert [(change.current, change.to) for change in found.changes] == [(0, 2), (0, 2)]


def test_a_dimension_that_is_there_needs_no_changes_and_one_without_a_level_has_no_way():
    model = rubric()

    there = quickest_way(model, make_answers(data="551"), "data", 1)
    assert (there.already, there.changes, there.current, there.reaches) == (True, (), 2, 2)
    assert quickest_way(model, make_answers(data="1??"), "data", 2) is None
    assert quickest_way(model, make_answers(data="111"), "data", 2, asked=quick_items(model)) is None


@pytest.mark.parametrize("level", [0, 6, -1])
def test_a_level_that_the_model_does_not_have_is_refused(level):
    with pytest.raises(ValueError, match=f"{level} is not a level from 1 to 5"):
        quickest_way(rubric(), make_answers(data="111"), "data", level)


def test_a_dimension_that_the_model_does_not_have_is_refused():
    with pytest.raises(KeyError, match="nowhere"):
        quickest_way(rubric(), {}, "nowhere", 2)


@pytest.mark.parametrize(
    ("stages", "words", "stage", "expected"),
    [
        (["112233"], "innnnn", 1, ["a.b"]),  # two thirds of two is both
        (["111223"], "innnnn", 1, ["a.b"]),  # two of three
        (["111223"], "innnnn", 2, ["a.b", "a.d", "a.e"]),
        (["112233"], "iinnii", 3, ["a.c", "a.d"]),  # stage 3 is there already
        (["1123"], "pnnn", 1, ["a.a", "a.b"]),  # planned is to be put in place like the others
        (["1123"], "io?n", 2, ["a.b", "a.c"]),  # what is not known may be used
        (["1123"], "i-nn", 1, []),  # what does not fit is not asked for
        (["1123"], "i-nn", 2, ["a.c"]),
        (["123"], "i-n", 2, ["a.c"]),  # nothing of stage 2 fits: only the next one is above 1
        (["12"], "ii", 3, None),  # there is no third stage here
        (["123"], "ii-", 3, None),
        (["123", "12", "123"], "nnn nn nnn", 2, ["a.a", "a.b", "b.a", "b.b", "c.a"]),  # c may stay at 1
        (["123", "1", "123"], "iii i iii", 3, None),  # b ends at 1 and is two below 3
        (["123", "12", "123"], "iii in iii", 3, ["b.b"]),  # at 2 it is not
        (["123", "123", "123"], "iii nnn nnn", 1, ["b.a"]),  # two of three at 1, and 0 is not two below
        (["123", "123", "123"], "nnn ??? D", 1, None),  # 1 of 3 is too little answered
        (["123", "123", "123"], "nnn nnn D", 1, ["a.a", "b.a"]),  # c stays open; 1 of 2 is no two thirds
        (["123", "123", "123"], "nnn nnn n??", 1, ["a.a", "b.a"]),  # too little of c is known: it stays open
        (["123", "123", "123"], "nnn nnn X", 1, ["a.a", "b.a"]),
    ],
)
def test_the_quickest_way_puts_the_fewest_practices_in_place(stages, words, stage, expected):
    assert practice_way(stages, words, stage) == expected


def test_of_as_many_practices_the_least_investment_wins_then_the_definitions_order():
    # two of three have to be in place: b and c cost 1 each, a costs 2
    effort = {"bread.a.a": (3, 2), "bread.a.b": (1, 1), "bread.a.c": (1, 1)}
    assert practice_way(["111"], "nnn", 1, effort=effort) == ["a.b", "a.c"]
    # one of three is missing: b and c cost the same
    assert practice_way(["111"], "nin", 1) == ["a.a"]
    assert practice_way(["111"], "inn", 1, effort=effort) == ["a.b"]
    # between elements: two of three at stage 1, of which b is dear
    effort = {"bread.b.a": (1, 3)}
    assert practice_way(["1", "1", "1"], "n n n", 1, effort=effort) == ["a.a", "c.a"]


def test_of_as_much_investment_the_fewest_stages_win():
    # one of two elements has to be at 1 beside the third; a would go from 0 to 2, b from 0 to 1
    assert practice_way(["12", "12", "12"], "ni nn ii", 1) == ["b.a"]
    # the heavier element alone has two thirds
    assert practice_way(["12", "12"], "nn nn", 1, weights={"bread.b": 2}) == ["b.a"]


def test_the_way_of_a_checklist_names_practices_stages_and_actions():
    effort = {"bread.a.b": (1, 3), "bread.a.d": (1, 1)}
    model = checklist("1123", effort=effort)

    found = quickest_way(model, make_states(bread="innn"), "bread", 3)

    (change,) = found.changes
    assert (change.item_id, change.current, change.to) == ("bread.a", 0, 3)
    assert [practice.id for practice in change.practices] == ["b", "c", "d"]
    assert change.actions == tuple(practice.action for practice in change.practices)
    assert found.investment == 6  # 3 + 2 + 1
    assert found.what_if == {"bread.a": ("b", "c", "d")}


def test_twenty_items_with_uneven_weights_take_no_time():
    # 2 to the power of 20 choices: they are not tried one by one
    weights = tuple(1 + n * 0.37 for n in range(10))

    assert way("2222222222", 3, weights) is not None
    model = make_model({"data": weights, **REST})
    twenty = replace(
        model,
        dimensions=tuple(
            replace(
                dimension,
                items=tuple(
                    replace(item, id=f"{item.id}{round}", weight=item.weight + round / 7)
                    for round in (1, 2)
                    for item in dimension.items
                ),
            )
            for dimension in model.dimensions
        ),
    )
    answers = {item_id: Answer(item_id, "level", 1) for item_id in twenty.item_ids()}
    found = quickest_way(twenty, answers, "data", 3)

    assert found.reaches == 3
    assert len(found.changes) == 20


# --- what if ---------------------------------------------------------------------------------------


def test_a_preview_shows_both_results_and_the_differences():
    model = make_model({"data": (1, 1, 1), **REST})
    answers = make_answers(data="551", b="2", c="3")

    found = preview(model, answers, {"data.c": 2})

    assert found.before == score(model, answers)
    assert found.after == score(model, make_answers(data="552", b="2", c="3"))
    data = found.change.dimension("data")
    # 11/3 to 12/3; level 2 to 3: two thirds are at 3 and none is below 2
    assert (data.score_before, data.score_after, data.level_before, data.level_after) == (11 / 3, 4, 2, 3)
    assert data.difference == pytest.approx(1 / 3)
    assert found.change.dimension("b").difference == 0
    # (11/3 + 2 + 3) / 3 = 26/9 to (4 + 2 + 3) / 3 = 3
    assert (found.change.overall_before, found.change.overall_after) == (26 / 9, 3)
    assert found.change.difference == pytest.approx(1 / 9)
    assert [one.item_id for one in found.change.up] == ["data.c"]


def test_a_preview_of_nothing_changes_nothing():
    model = rubric()
    answers = make_answers(data="551", b="2")

    found = preview(model, answers, {})

    assert found.after == found.before
    assert found.change.difference == 0
    assert found.change.dimension("c").difference is None  # no score, so no difference
    assert found.change.up == found.change.down == ()


def test_a_preview_may_lower_answer_and_restore():
    model = rubric()
    answers = make_answers(data="3?x")

    assert preview(model, answers, {"data.a": 1}).after.dimension("data").score == 1
    assert preview(model, answers, {"data.b": 5}).after.dimension("data").score == 4
    assert preview(model, answers, {"data.c": 5}).after.dimension("data").score == 4


@pytest.mark.parametrize(
    ("word", "practices", "becomes"),
    [
        ("inpo", ["b", "d"], "iipi"),
        ("i-nn", ["b"], "iinn"),  # it fits after all
        ("i?nn", ["b"], "iinn"),
        ("iinn", [], "iinn"),
        ("D", ["a", "b"], "ii??"),
        ("S", ["a"], "i???"),
        (".", ["a"], "i???"),
        ("X", ["a"], "i---"),
    ],
)
def test_practices_are_put_in_place_beside_what_is_there(word, practices, becomes):
    model = checklist("1123")

    found = preview(model, make_states(bread=word), {"bread.a": practices})

    assert found.before == score(model, make_states(bread=word))
    assert found.after == score(model, make_states(bread=becomes))


def test_targets_and_depth_hold_for_both_sides_of_a_preview():
    model = rubric()
    answers = make_answers(data="2", b="2", c="2")

    found = preview(model, answers, {"data.a": 3}, asked=quick_items(model), targets={"data": 4})

    assert (found.before.indication, found.after.indication) == (True, True)
    assert [one.dimension("data").gap for one in (found.before, found.after)] == [2, 1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data.z": 3}, r"data\.z"),
        ({"strategy.a": 6}, "does not fit"),
        ({"strategy.a": 0}, "from 1 on"),
        ({"strategy.a": True}, "whole number"),
        ({"strategy.a": ["a"]}, "rubric cannot"),
        ({"strategy.choice": ["x"]}, "choice cannot"),
    ],
)
def test_a_change_that_an_item_cannot_have_is_refused(changes, message):
    model = with_unscored(make_model({"strategy": (1,), **REST}))

    with pytest.raises(ValueError, match=message):
        preview(model, {}, changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bread.a": 2}, "checklist cannot"),
        ({"bread.a": "a"}, "checklist cannot"),  # a text is no list of practices
        ({"bread.a": ["a", "z"]}, "'z'"),
    ],
)
def test_a_change_that_an_element_cannot_have_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        preview(checklist("1123"), {}, changes)


def test_a_change_to_what_is_not_asked_is_refused():
    model = rubric()

    with pytest.raises(ValueError, match=r"does not ask item 'data\.b'"):
        preview(model, make_answers(data="222"), {"data.b": 3}, asked=quick_items(model))


# --- the examples of docs/adr/0015 -----------------------------------------------------------------


def cemm_example(**signs):
    """The Customer Engagement model with the answers of example 1 of docs/scoring.md, or others."""
    model = load(BAKERY.parents[2] / "models" / "maturity" / "cemm.yml")
    example = {
        "strategy": "554",
        "people": "332",
        "technology": "321",
        "data": "111",
        "customer_journey": "551",
        "customer_value": "112",
        **signs,
    }
    answers = {
        f"{dimension.id}.{item.id}": Answer(f"{dimension.id}.{item.id}", "level", int(sign))
        for dimension in model.dimensions
        for item, sign in zip(dimension.items, example[dimension.id], strict=True)
    }
    return model, answers


def test_the_decision_s_examples_of_levels_ways_and_what_if():
    model, answers = cemm_example()

    journey = explain(model, answers, "customer_journey")
    assert (journey.level, journey.share_at_next) == (2, 2 / 3)
    assert (journey.held_by_share, journey.held_by_gate) == ((), ("customer_journey.steering",))
    technology = explain(model, answers, "technology")
    assert technology.held_by_share == ("technology.direction", "technology.personalisation")
    assert technology.held_by_gate == ("technology.personalisation",)
    way_up = quickest_way(model, answers, "technology", 3)
    assert (way_up.what_if, way_up.investment) == ({"technology.personalisation": 3}, 3)
    both = [
        model.item(f"technology.{item}")[1].transition(to)
        for item, to in (("personalisation", 2), ("direction", 3))
    ]
    assert [step.action.investment for step in both] == [1, 1]
    found = preview(model, answers, {"customer_journey.steering": 2}).change
    assert (found.overall_before, found.overall_after) == (46 / 18, 47 / 18)
    assert found.dimension("customer_journey").levels == 1


def test_the_decision_s_example_of_practices():
    states = {
        "recipe": "in_place",
        "scale": "not_yet",
        "rest": "planned",
        "starter": "not_fitting",
        "field": "dont_know",
    }
    answers = {
        "bread.dough": answers_of.given("bread.dough", states),
        "bread.range": answers_of.given("bread.range", {"daily": "in_place", "wish": "not_yet"}),
    }

    found = quickest_way(load(BAKERY), answers, "bread", 2)

    assert (found.current, found.reaches, found.what_if) == (0, 2, {"bread.dough": ("scale", "rest")})


# --- properties ------------------------------------------------------------------------------------

WEIGHTS = st.sampled_from([0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3])
INVESTMENTS = st.integers(1, 3)


@st.composite
def rubrics(draw, signs="1234?sx.", largest=4):
    """A model of four levels with uneven weights and investments, and the answers to 'data'."""
    weights = draw(st.lists(WEIGHTS, min_size=1, max_size=largest))
    investments = {
        letter: draw(st.tuples(INVESTMENTS, INVESTMENTS, INVESTMENTS)) for letter in LETTERS[: len(weights)]
    }
    # Mostly levels: else most would have no score.
    one = st.sampled_from("1234" * 3 + signs)
    answers = make_answers(data="".join(draw(one) for _ in weights), b=draw(one), c=draw(one))
    return rubric(weights, investments=investments, highest=4), answers


@st.composite
def checklists(draw):
    """A model with at most nine practices in up to three elements, and the answers to 'bread'."""
    sizes = draw(st.sampled_from([(3,), (5,), (2, 3), (4, 4), (3, 3, 3), (1, 2, 4), (2, 2, 2)]))
    stages = ["".join(sorted(draw(st.sampled_from("123")) for _ in range(size))) for size in sizes]
    effort = {
        f"bread.{LETTERS[n]}.{LETTERS[p]}": (2, draw(INVESTMENTS))
        for n, size in enumerate(sizes)
        for p in range(size)
    }
    words = [
        draw(st.sampled_from("DSX."))
        if draw(st.integers(0, 9)) == 0
        else "".join(draw(st.sampled_from("iinnnppo?-")) for _ in range(size))
        for size in sizes
    ]
    weights = {f"bread.{LETTERS[n]}": draw(WEIGHTS) for n in range(len(sizes))}
    return checklist(*stages, weights=weights, effort=effort), make_states(bread=" ".join(words))


@given(rubrics(), st.data())
def test_only_the_deciding_items_hold_the_level(assessment, data):
    model, answers = assessment
    found = explain(model, answers, "data")
    if found.basis != "staged":
        assert found.deciding == ()
        return
    assert {one.item_id for one in found.counted} | {one.item_id for one in found.left_out} == {
        f"data.{item.id}" for item in model.dimension("data").items
    }
    assert sum(one.share for one in found.counted) == pytest.approx(1)
    # Whatever becomes of the others, the level is the same ...
    others = [one.item_id for one in found.counted if one.item_id not in found.deciding]
    lifted = data.draw(st.sets(st.sampled_from(others))) if others else set()
    higher = {**answers, **{item_id: Answer(item_id, "level", 4) for item_id in lifted}}
    assert score(model, higher).dimension("data").staged == found.level
    if found.at_highest:
        assert found.deciding == ()
        return
    # ... and with the deciding ones at the next level it is that level at least.
    assert found.by_share or found.by_gate
    assert found.by_share == (found.share_at_next < found.share_needed)
    raised = {item_id: Answer(item_id, "level", found.next_level) for item_id in found.deciding}
    assert score(model, {**answers, **raised}).dimension("data").staged >= found.next_level


@given(st.one_of(rubrics(signs="??ssx."), checklists()))
def test_a_score_needs_as_many_answers_as_it_says_and_no_fewer(assessment):
    model, answers = assessment
    dimension = model.dimensions[0]
    found = explain(model, answers, dimension.id)
    if found.basis != "too_little":
        assert found.answers_needed is None
        return

    def answered(chosen):
        """The answers with these items answered in full."""
        after = dict(answers)
        for item_id in chosen:
            item = model.item(item_id)[1]
            states = after[item_id].given if item_id in after else {}
            if item.kind == "rubric":
                after[item_id] = Answer(item_id, "level", 1)
            else:
                known = {part.id: states.get(part.id, "dont_know") for part in item.practices}
                after[item_id] = answers_of.given(
                    item_id,
                    {part: "not_yet" if state == "dont_know" else state for part, state in known.items()},
                )
        return after

    open_items = [f"{dimension.id}.{item.id}" for item in dimension.items]
    open_items = [
        item_id
        for item_id in open_items
        if item_id not in answers or answers[item_id].kind not in ("not_applicable", "level")
    ]
    fewest = min(
        size
        for size in range(len(open_items) + 1)
        for chosen in combinations(open_items, size)
        if score(model, answered(chosen)).dimension(dimension.id).score is not None
    )
    assert found.answers_needed == fewest > 0


@given(checklists())
def test_an_open_stage_is_reached_by_as_many_practices_as_it_is_short(assessment):
    model, answers = assessment
    for element in explain(model, answers, "bread").elements:
        found = element.open_stage
        if found is None:
            continue
        closed = (*found.missing, *found.unknown)
        assert 0 < found.short <= len(closed)
        before = element.result.stage
        assert before < found.stage
        enough = preview(model, answers, {element.item_id: closed[: found.short]}).after
        assert enough.element(element.item_id).stage >= found.stage
        too_few = preview(model, answers, {element.item_id: closed[: found.short - 1]}).after
        assert too_few.element(element.item_id).stage == before


def cheapest_raises(model, answers, level):
    """By trying everything: the cheapest of all ways to raise levels; None when none reaches the level."""
    answered = [item_id for item_id, one in answers.items() if item_id[:4] == "data" and one.kind == "level"]
    found = []
    for levels in product(*(range(answers[item_id].value, 5) for item_id in answered)):
        changed = {
            item_id: to for item_id, to in zip(answered, levels, strict=True) if to > answers[item_id].value
        }
        after = {**answers, **{item_id: Answer(item_id, "level", to) for item_id, to in changed.items()}}
        if (score(model, after).dimension("data").staged or 0) < level:
            continue
        invested = sum(
            model.item(item_id)[1].transition(to).action.investment
            for item_id, last in changed.items()
            for to in range(answers[item_id].value + 1, last + 1)
        )
        raised = sum(to - answers[item_id].value for item_id, to in changed.items())
        found.append((len(changed), invested, raised, sorted(changed.items())))
    return min(found, default=None)


@settings(max_examples=80, deadline=None)
@given(rubrics(), st.integers(1, 4))
def test_no_way_to_raise_items_is_quicker_than_the_quickest(assessment, level):
    model, answers = assessment
    found = quickest_way(model, answers, "data", level)

    staged = score(model, answers).dimension("data").staged
    best = None if staged is None else cheapest_raises(model, answers, level)
    assert (found is None) == (best is None)
    if found is None:
        return
    assert found.already == (staged >= level)
    assert (len(found.changes), found.investment) == best[:2]
    assert sum(change.to - change.current for change in found.changes) == best[2]
    assert sorted(found.what_if.items()) == best[3]
    after = preview(model, answers, found.what_if).after
    assert after.dimension("data").staged == found.reaches >= level
    assert found.current == staged


def cheapest_practices(model, answers, level):
    """By trying everything: the cheapest set of practices to put in place; None when none reaches the level.

    Usable is what is not in place and may fit, of the elements that have a stage.
    """
    items = model.item_ids()
    before = score(model, answers)
    usable = [
        (items.index(item_id), number, item_id, practice)
        for item_id, answer in answers.items()
        if before.element(item_id).stage is not None
        for number, practice in enumerate(model.item(item_id)[1].practices)
        if answer.given[practice.id] not in ("in_place", "not_fitting")
    ]
    for size in range(len(usable) + 1):
        found = []
        for chosen in combinations(sorted(usable, key=lambda one: one[:2]), size):
            after = dict(answers)
            for _, _, item_id, practice in chosen:
                after[item_id] = answers_of.given(item_id, {**after[item_id].given, practice.id: "in_place"})
            result = score(model, after)
            if (result.dimension("bread").staged or 0) < level:
                continue
            invested = sum(practice.action.investment for _, _, _, practice in chosen)
            raised = sum(
                (now.stage or 0) - (was.stage or 0)
                for was, now in zip(before.elements, result.elements, strict=True)
            )
            found.append((invested, raised, [one[:2] for one in chosen]))
        if found:
            return (size, *min(found))
    return None


@settings(max_examples=80, deadline=None)
@given(checklists(), st.integers(0, 3))
def test_no_set_of_practices_is_smaller_than_that_of_the_quickest_way(assessment, level):
    model, answers = assessment
    found = quickest_way(model, answers, "bread", level)

    staged = score(model, answers).dimension("bread").staged
    best = None if staged is None else cheapest_practices(model, answers, level)
    assert (found is None) == (best is None)
    if found is None:
        return
    assert found.already == (staged >= level)
    items = model.item_ids()
    chosen = [
        (items.index(change.item_id), model.item(change.item_id)[1].practices.index(practice))
        for change in found.changes
        for practice in change.practices
    ]
    assert (len(chosen), found.investment) == best[:2]
    assert sum(change.to - change.current for change in found.changes) == best[2]
    assert chosen == best[3]
    after = preview(model, answers, found.what_if).after
    assert after.dimension("bread").staged == found.reaches >= level
    for change in found.changes:
        assert after.element(change.item_id).stage == change.to


@given(st.one_of(rubrics(), checklists()), st.data())
def test_a_preview_and_an_explanation_change_nothing(assessment, data):
    model, answers = assessment
    changes = {
        item_id: data.draw(
            st.integers(1, 4)
            if item.kind == "rubric"
            else st.sets(st.sampled_from([practice.id for practice in item.practices]))
        )
        for item_id in model.item_ids()
        if data.draw(st.booleans())
        for item in [model.item(item_id)[1]]
    }
    kept, kept_changes = copy.deepcopy(answers), copy.deepcopy(changes)
    before = score(model, answers)

    found = preview(model, answers, changes)
    explain(model, answers, model.dimensions[0].id)
    quickest_way(model, answers, model.dimensions[0].id, 2)

    assert answers == kept
    assert changes == kept_changes
    assert found.before == before == score(model, answers)
    for old, new, difference in zip(
        before.dimensions, found.after.dimensions, found.change.dimensions, strict=True
    ):
        assert (difference.score_before, difference.score_after) == (old.score, new.score)
        assert (difference.level_before, difference.level_after) == (old.staged, new.staged)
