"""The order of advice, against lists made by hand, and what the answers that never score say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assessment.advice import Chosen, Positioned, Recognised, advise, first_steps, insights
from bot.assessment.answers import Answer
from bot.assessment.answers import given as answer_given
from bot.assessment.scoring import score
from bot.definitions import load
from tests.unit.models import (
    BAKERY,
    TEAROOM,
    make_answers,
    make_checklist,
    make_model,
    make_states,
    quick_items,
    with_unscored,
)

THREE = {"strategy": (1, 1, 1), "people": (1, 1, 1), "data": (1, 1, 1)}


def steps(model, *, targets=None, asked=None, **signs):
    """The advice for these answers; targets that are given were chosen by someone."""
    answers = make_answers(**signs)
    result = score(model, answers, targets=targets, asked=asked)
    return advise(model, answers, result, targets_chosen=targets is not None)


def ids(recommendations):
    return [step.item_id for step in recommendations]


def test_each_item_below_target_gets_its_next_transition_only():
    model = make_model(THREE, target_rule="highest")

    found = steps(model, strategy="555", people="553", data="555")

    # people: 5, 5, 3 is staged 4, target 5; only the 3 is below it, and the next step from 3 is to 4
    (step,) = found
    assert (step.dimension_id, step.item_id, step.current, step.to) == ("people", "people.c", 3, 4)
    assert step.action == model.item("people.c")[1].transition(4).action
    assert step.reason == "lowest"


def test_an_item_that_is_at_its_target_gets_no_advice():
    # strategy: 4, 2, 2 is staged 2, target 3; the item at 4 is beyond it
    assert ids(steps(make_model(THREE), strategy="422", people="555", data="555")) == [
        "strategy.b",
        "strategy.c",
    ]


def test_a_dimension_whose_mean_hides_a_weak_item_still_gets_advice():
    # 5, 5, 1 is staged 2, target 3: the mean of 11/3 leaves no gap, but the row of the model is 2
    found = steps(make_model(THREE), strategy="551", people="555", data="555")

    assert ids(found) == ["strategy.c"]
    assert (found[0].current, found[0].to) == (1, 2)


def test_whoever_chose_to_stay_gets_no_advice():
    # 3, 3, 2 is staged 3
    targets = {"strategy": 3, "people": 2, "data": 5}

    assert steps(make_model(THREE), targets=targets, strategy="332", people="222", data="555") == ()


def test_the_highest_level_needs_no_advice():
    assert steps(make_model(THREE), strategy="555", people="555", data="555") == ()


def test_open_items_and_dimensions_without_a_score_get_no_advice():
    model = make_model(THREE)

    assert steps(model) == ()
    assert ids(steps(model, strategy="1??", people="xxx", data="2?2")) == ["data.a", "data.c"]
    # too little answered for a score, and a chosen target changes nothing about that
    assert steps(model, targets={"strategy": 4}, strategy="1??") == ()


def test_with_default_targets_the_lowest_score_comes_first():
    # scores 3, 2, 8/3, no spread of 2 or more
    found = steps(make_model(THREE), strategy="333", people="222", data="332")

    assert [step.dimension_id for step in found] == ["people"] * 3 + ["data"] * 3 + ["strategy"] * 3
    assert {step.reason for step in found} == {"lowest"}


def test_with_chosen_targets_the_largest_gap_comes_first():
    # gaps: strategy 5 - 3 = 2, people 3 - 2 = 1, data 4 - 8/3 = 4/3
    found = steps(
        make_model(THREE),
        targets={"strategy": 5, "people": 3, "data": 4},
        strategy="333",
        people="222",
        data="332",
    )

    assert [step.dimension_id for step in found] == ["strategy"] * 3 + ["data"] * 3 + ["people"] * 3
    assert {step.reason for step in found} == {"gap"}


def test_the_low_end_of_an_implausible_pair_comes_first_even_with_a_smaller_gap():
    model = make_model(THREE, implausible=[("strategy", "data")])
    # data 1 against strategy 4: 3.0 apart; gaps: strategy 1, people 3, data 1
    found = steps(
        model, targets={"strategy": 5, "people": 5, "data": 2}, strategy="444", people="222", data="111"
    )

    assert [step.dimension_id for step in found] == ["data"] * 3 + ["people"] * 3 + ["strategy"] * 3
    assert [step.reason for step in found[::3]] == ["implausible", "gap", "gap"]


def test_the_low_end_of_an_unbalanced_result_comes_first_even_with_a_smaller_gap():
    # people 2 against strategy 4: unbalanced; gaps: people 1, data 2
    found = steps(
        make_model(THREE),
        targets={"strategy": 4, "people": 3, "data": 5},
        strategy="444",
        people="222",
        data="333",
    )

    assert [step.dimension_id for step in found] == ["people"] * 3 + ["data"] * 3
    assert [step.reason for step in found[::3]] == ["unbalanced", "gap"]


def test_both_kinds_of_low_end_stand_together_ordered_by_score():
    four = {"strategy": (1,), "data": (1, 1), "people": (1,), "value": (1,)}
    model = make_model(four, implausible=[("strategy", "data")])
    # data (1.5, staged 1, target 2) is 3.5 below strategy; people at 1 is the low end of the balance
    found = steps(model, strategy="5", data="12", people="1", value="2")

    assert ids(found) == ["people.a", "data.a", "value.a"]
    assert [step.reason for step in found] == ["unbalanced", "implausible", "lowest"]


def test_every_dimension_that_shares_the_lowest_score_is_a_low_end():
    four = {"strategy": (1,), "data": (1, 1), "people": (1,), "value": (1,)}
    model = make_model(four, implausible=[("strategy", "data")])
    # people and value both stand at 1; data at 1.5 is the low end of the pair and comes after both
    found = steps(model, strategy="5", data="12", people="1", value="1")

    assert ids(found) == ["people.a", "value.a", "data.a"]
    assert [step.reason for step in found] == ["unbalanced", "unbalanced", "implausible"]


def test_ties_are_settled_by_benefit_then_investment_then_the_models_order():
    effort = {
        "strategy.a": (1, 1),
        "strategy.b": (3, 3),
        "strategy.c": (3, 1),
        "people.a": (3, 2),
        "people.b": (3, 1),
        "people.c": (2, 1),
    }
    # strategy and people both score 2, so their steps are ordered among each other; data is out of it
    found = steps(make_model(THREE, effort=effort), strategy="222", people="222", data="333", targets=None)

    assert ids(found)[:6] == ["strategy.c", "people.b", "people.a", "strategy.b", "people.c", "strategy.a"]
    assert ids(found)[6:] == ["data.a", "data.b", "data.c"]


def test_first_steps_take_one_of_each_dimension_before_a_second():
    found = steps(make_model(THREE), strategy="333", people="222", data="332")

    assert ids(first_steps(found)) == ["people.a", "data.a", "strategy.a"]
    assert ids(first_steps(found, 5)) == ["people.a", "data.a", "strategy.a", "people.b", "data.b"]
    assert ids(first_steps(found, 1)) == ["people.a"]


def test_first_steps_fill_up_from_the_only_dimensions_that_have_any():
    model = make_model(THREE)

    assert ids(first_steps(steps(model, strategy="555", people="222", data="555"))) == [
        "people.a",
        "people.b",
        "people.c",
    ]
    assert ids(first_steps(steps(model, strategy="554", people="222", data="552"))) == [
        "people.a",  # 2, staged 2
        "data.c",  # 4, staged 3
        "people.b",
    ]
    assert first_steps(()) == ()


def test_a_quick_scan_without_chosen_targets_advises_the_next_step_of_each_item_lowest_first():
    model = make_model(THREE)
    asked = quick_items(model)

    # no staged level, so no target: strategy 3, people 2 and data 5, of which the last has nothing above it
    found = steps(model, asked=asked, strategy="3", people="2", data="5")
    assert [(step.item_id, step.to, step.reason) for step in found] == [
        ("people.a", 3, "unbalanced"),  # 5 - 2 = 3, at least 2.0: people is the low end
        ("strategy.a", 4, "lowest"),
    ]


def test_a_quick_scan_with_chosen_targets_gives_advice_towards_these_only():
    model = make_model(THREE)
    asked = quick_items(model)

    found = steps(model, asked=asked, targets={"people": 4, "data": 2}, strategy="3", people="2", data="2")
    assert ids(found) == ["people.a"]


def test_the_worked_example_of_adr_14_holds():
    model = make_model()

    found = steps(
        model,
        asked=quick_items(model),
        **{"strategy": "5", "people": "3", "technology": "2", "data": "4", "journey": "?", "value": "2"},
    )

    assert [(step.dimension_id, step.to) for step in found] == [
        ("technology", 3),
        ("value", 3),
        ("people", 4),
        ("data", 5),
    ]
    assert [step.reason for step in found] == ["unbalanced", "unbalanced", "lowest", "lowest"]
    assert [step.dimension_id for step in first_steps(found)] == ["technology", "value", "people"]


def test_a_quick_scan_orders_all_its_steps_by_score_then_benefit_then_investment():
    effort = {"strategy.a": (3, 1), "people.a": (1, 3), "data.a": (3, 3)}
    model = make_model(THREE, effort=effort)

    # 2, 2 and 1: spread 1, so nothing is unbalanced
    found = steps(model, asked=quick_items(model), strategy="2", people="2", data="1")

    assert [(step.item_id, step.current, step.to) for step in found] == [
        ("data.a", 1, 2),
        ("strategy.a", 2, 3),
        ("people.a", 2, 3),
    ]
    assert first_steps(found) == found


def test_a_quick_scan_gives_advice_below_the_highest_level_whatever_the_models_target_rule():
    for rule in ("next_level", "highest"):
        model = make_model(THREE, target_rule=rule)
        found = steps(model, asked=quick_items(model), strategy="4", people="5", data="?")

        assert [(step.item_id, step.to) for step in found] == [("strategy.a", 5)]


@given(
    st.fixed_dictionaries({name: st.text("12345?sx.", min_size=3, max_size=3) for name in THREE}),
    st.one_of(st.none(), st.fixed_dictionaries({}, optional={name: st.integers(1, 5) for name in THREE})),
    st.randoms(),
)
def test_advice_is_complete_without_repeats_and_independent_of_the_order_of_answers(signs, targets, random):
    model = make_model(THREE, implausible=[("strategy", "data")])
    answers = make_answers(**signs)
    result = score(model, answers, targets=targets)

    found = advise(model, answers, result, targets_chosen=targets is not None)

    assert len(set(ids(found))) == len(found)
    for step in found:
        target = result.dimension(step.dimension_id).target
        assert step.current == answers[step.item_id].value
        assert step.to == step.current + 1 <= target
        assert step.action == model.item(step.item_id)[1].transition(step.to).action
        assert result.dimension(step.dimension_id).staged < target
    shuffled = list(answers.items())
    random.shuffle(shuffled)
    assert advise(model, dict(shuffled), result, targets_chosen=targets is not None) == found
    few = first_steps(found)
    assert len(few) == min(3, len(found))
    dimensions = {step.dimension_id for step in found}
    assert len({step.dimension_id for step in few}) == min(3, len(dimensions))


# --- practices of a checklist ----------------------------------------------------------------------


def practice_steps(stages, states, *, effort=None, target=3, asked=None):
    """The advice for one element with these practices: all of the model, the other two have none to give."""
    model = make_checklist(
        {"bread": [stages], "counter": ["1"], "night": ["1"]},
        effort={f"bread.a.{name}": found for name, found in (effort or {}).items()},
    )
    answers = make_states(bread=states, counter="i", night="i")
    targets = {"bread": target, "counter": 1, "night": 1}
    result = score(model, answers, targets=targets, asked=asked)
    return advise(model, answers, result, targets_chosen=True)


@pytest.mark.parametrize(
    ("stages", "states", "practice", "current", "to"),
    [
        ("123", "nnn", "a", 0, 1),
        ("123", "inn", "b", 1, 2),
        ("123", "iin", "c", 2, 3),
        ("112", "onn", "a", 0, 1),  # not named among what is in place
        ("1112", "iinn", "d", 1, 2),  # two of three is stage 1: what is left of it is passed by
        ("112", "inn", "b", 0, 1),  # half is not
        ("123", "nii", "a", 0, 1),  # stages 2 and 3 are there, but 1 is not
        ("113", "iin", "c", 1, 3),  # no stage 2 in the definition
        ("1223", "i--n", "d", 1, 3),  # nothing of stage 2 fits
        ("1123", "??nn", "c", 0, 2),  # nothing to do about what is not known, nor about what does not fit
        ("1123", "-?nn", "c", 0, 2),
    ],
)
def test_the_step_of_an_element_is_a_practice_of_the_next_stage_that_has_any_to_do(
    stages, states, practice, current, to
):
    (step,) = practice_steps(stages, states)

    assert step.practice is not None
    assert (step.item_id, step.practice.id, step.current, step.to) == ("bread.a", practice, current, to)
    assert step.action is step.practice.action
    assert not step.planned


def test_of_one_stage_what_is_planned_comes_first_then_the_largest_benefit_then_the_smallest_investment():
    effort = {"a": (1, 3), "b": (3, 3), "c": (3, 1), "d": (3, 1)}

    def chosen(states):
        ((name, planned),) = [
            (step.practice.id, step.planned) for step in practice_steps("1111", states, effort=effort)
        ]
        return name, planned

    assert chosen("pnnn") == ("a", True)  # decided already, though it brings least
    assert chosen("ppnn") == ("b", True)  # of two plans the one that brings more
    assert chosen("nnnn") == ("c", False)  # 3 for 1, and before d in the definition
    assert chosen("nnin") == ("d", False)
    assert chosen("nn?-") == ("b", False)
    # three of four reach the stage, and there is no other
    assert practice_steps("1111", "iiin", effort=effort) == ()


def test_what_is_planned_for_a_later_stage_waits_for_the_earlier_one():
    (step,) = practice_steps("1123", "nnpp")

    assert (step.practice.id, step.planned) == ("a", False)


@pytest.mark.parametrize(
    ("stages", "states", "target"),
    [
        ("123", "iii", 3),  # all there
        ("123", "inn", 1),  # at its target
        ("123", "nnn", 0),  # to stay is a choice
        ("1123", "ii--", 3),  # what is left does not fit
        ("1123", "ii??", 3),  # or is not known
        ("123", "n??", 3),  # too little known for a score
        ("123", "D", 3),
        ("123", "X", 3),
    ],
)
def test_an_element_gives_no_step_where_nothing_is_left_or_wanted(stages, states, target):
    assert practice_steps(stages, states, target=target) == ()


def test_the_stage_of_an_element_is_held_against_the_target_of_its_category():
    model = make_checklist({"bread": ["123", "123", "123"], "counter": ["1"], "night": ["1"]})
    answers = make_states(bread="inn iin nnn", counter="i", night="i")
    result = score(model, answers)

    # stages 1, 2 and 0: the category is at 1 (two of three), its target 2
    assert result.dimension("bread").target == 2
    found = advise(model, answers, result)
    assert [
        (step.item_id, step.practice.id, step.reason) for step in found if step.dimension_id == "bread"
    ] == [
        ("bread.a", "b", "unbalanced"),
        ("bread.c", "a", "unbalanced"),
    ]


def test_practices_stand_in_the_same_order_as_other_steps():
    # All three stand at stage 0 of target 1; scores 1/2, 0 and 1/2, so counter is lowest.
    model = make_checklist(
        {"bread": ["1123"], "counter": ["1", "1"], "night": ["1123"]},
        effort={"bread.a.b": (1, 1), "night.a.b": (2, 3), "counter.a.a": (1, 1), "counter.b.a": (3, 3)},
    )
    answers = make_states(bread="innn", counter="n n", night="innn")

    found = advise(model, answers, score(model, answers))

    assert [(step.item_id, step.practice.id) for step in found] == [
        ("counter.b", "a"),  # more benefit
        ("counter.a", "a"),
        ("night.a", "b"),
        ("bread.a", "b"),
    ]
    assert {step.reason for step in found} == {"lowest"}
    assert [step.item_id for step in first_steps(found)] == ["counter.b", "night.a", "bread.a"]


def test_a_quick_scan_of_elements_advises_one_practice_each_lowest_first():
    model = load(BAKERY)
    answers = {
        "bread.dough": answer_given(
            "bread.dough",
            dict.fromkeys(("recipe", "scale", "rest"), "in_place")
            | {"starter": "planned", "field": "not_yet"},
        ),
        "counter.queue": answer_given(
            "counter.queue",
            dict.fromkeys(("hours", "prices"), "in_place")
            | dict.fromkeys(("numbers", "order_ahead", "bicycle"), "not_yet"),
        ),
        "night.leftovers": Answer("night.leftovers", "dont_know"),
    }

    result = score(model, answers, asked=model.quick_ids())
    found = advise(model, answers, result)

    # bread 2/2 + 1/2 + 0 = 3/2 at stage 1; counter 2/3 + 0 + 0 at stage 1; of the night nothing is known
    assert [one.score for one in result.dimensions] == [3 / 2, 2 / 3, None]
    assert [(step.item_id, step.practice.id, step.planned, step.reason) for step in found] == [
        ("counter.queue", "order_ahead", False, "lowest"),
        ("bread.dough", "starter", True, "lowest"),
    ]


def test_an_answer_to_an_element_that_was_not_asked_gives_no_step():
    model = make_checklist({name: ["1", "1"] for name in ("bread", "counter", "night")})
    answers = make_states(bread="n n", counter="i", night="i")

    result = score(model, answers, asked=quick_items(model))

    assert [step.item_id for step in advise(model, answers, result)] == ["bread.a"]


STAGES = st.lists(st.sampled_from("123"), min_size=1, max_size=6).map(lambda found: "".join(sorted(found)))


@given(
    st.lists(STAGES, min_size=3, max_size=3),
    st.data(),
    st.one_of(st.none(), st.integers(0, 3)),
    st.booleans(),
)
def test_the_step_of_an_element_is_always_something_that_can_be_done(stages, data, target, quick):
    names = ("bread", "counter", "night")
    model = make_checklist({name: [one, "123"] for name, one in zip(names, stages, strict=True)})
    words = {
        name: f"{''.join(data.draw(st.sampled_from('ipno-?')) for _ in one)} inn"
        for name, one in zip(names, stages, strict=True)
    }
    answers = make_states(**words)
    targets = None if target is None else dict.fromkeys(names, target)
    asked = quick_items(model) if quick else None
    result = score(model, answers, targets=targets, asked=asked)

    found = advise(model, answers, result, targets_chosen=targets is not None)

    assert len(set(ids(found))) == len(found)
    for step in found:
        element = result.element(step.item_id)
        state = answers[step.item_id].given[step.practice.id]
        assert state in ("planned", "not_yet", "not_in_place")
        assert step.planned == (state == "planned")
        assert step.current == element.stage < step.to == step.practice.stage
        wanted = result.dimension(step.dimension_id).target
        assert element.stage < (3 if wanted is None else wanted)


# --- what never scores -----------------------------------------------------------------------------


def said(**details):
    """Answers to the tearoom: mood, draughts, standing."""
    ids = {"mood": "kettle.mood", "draughts": "room.draughts", "standing": "house.standing"}
    return {ids[name]: answer_given(ids[name], detail) for name, detail in details.items()}


def signs(*names):
    return dict.fromkeys(names, "yes")


def test_recognised_signals_stand_by_benefit_then_investment_then_the_definition():
    model = load(TEAROOM)

    # coats (2, 2), bill (3, 2), spoons (2, 1), silence (3, 2)
    (found,) = insights(model, said(draughts=signs("coats", "bill", "spoons", "silence")))

    assert isinstance(found, Recognised)
    assert found.item.id == "draughts"
    assert [signal.id for signal in found.signals] == ["bill", "silence", "spoons", "coats"]


def test_recognising_no_signal_is_an_insight_and_no_answer_is_none():
    model = load(TEAROOM)

    (found,) = insights(model, said(draughts={}))
    assert isinstance(found, Recognised)
    assert found.signals == ()
    assert insights(model, {}) == ()
    for kind in ("dont_know", "skipped", "not_applicable"):
        assert insights(model, {"room.draughts": Answer("room.draughts", kind)}) == ()


def test_insights_come_in_the_models_order_and_scored_answers_are_none():
    model = load(TEAROOM)
    answers = {
        **said(standing={"today_first": "cake"}, draughts=signs("coats"), mood={"option": "aunt"}),
        "kettle.water": Answer("kettle.water", "level", 2),
    }

    mood, draughts, standing = insights(model, answers)

    assert isinstance(mood, Chosen)
    assert (mood.item.id, mood.option.id) == ("mood", "aunt")
    assert isinstance(draughts, Recognised)
    assert isinstance(standing, Positioned)


def test_practices_in_place_are_no_insight():
    model = make_checklist({"bread": ["1"], "counter": ["1"], "night": ["1"]})

    assert insights(model, make_states(bread="i", counter="n")) == ()


def places(**detail):
    """Where a tearoom stands, by part of its positioning."""
    (found,) = insights(load(TEAROOM), said(standing=detail))
    assert isinstance(found, Positioned)
    return found


def test_a_positioning_is_told_by_its_aspects_and_what_was_left_open_is_none():
    found = places(
        today_first="cake",
        today_second="welcome",
        intended_first="view",
        intended_second="open",
        competitor="open",
    )

    assert [one and one.id for one in (found.today_first, found.today_second, found.intended_first)] == [
        "cake",
        "welcome",
        "view",
    ]
    assert (found.intended_second, found.competitor) == (None, None)


def test_a_positioning_that_was_broken_off_tells_what_there_is():
    found = places(today_first="price")

    assert found.today_first is not None
    assert found.today_first.id == "price"
    assert (found.today_second, found.intended_first, found.competitor) == (None, None, None)


def test_a_positioning_that_was_left_open_altogether_says_nothing():
    model = load(TEAROOM)

    assert insights(model, said(standing={"today_first": "open"})) == ()
    everything = ("today_first", "today_second", "intended_first", "intended_second", "competitor")
    assert insights(model, said(standing=dict.fromkeys(everything, "open"))) == ()


@pytest.mark.parametrize(
    ("today", "intended", "competitor", "changes", "contested"),
    [
        ("cake", "cake", "view", False, False),
        ("cake", "view", "price", True, False),
        ("cake", "view", "view", True, True),  # the other leads where this one wants to
        ("cake", "view", "cake", True, False),  # where this one leads, but no longer wants to
        ("cake", "cake", "cake", False, True),
        ("cake", "open", "cake", False, True),  # nothing is said of later: today counts
        ("cake", "open", "view", False, False),
        ("open", "view", "view", False, True),
        ("open", "view", "open", False, False),
        ("open", "open", "cake", False, False),
    ],
)
def test_a_positioning_changes_and_is_contested(today, intended, competitor, changes, contested):
    found = places(today_first=today, intended_first=intended, competitor=competitor)

    assert (found.changes, found.contested) == (changes, contested)


def test_what_does_not_score_gives_no_step_and_changes_none():
    plain = make_model(THREE)
    model = with_unscored(plain)
    answers = make_answers(strategy="212", people="333", data="222")
    beside = {
        "strategy.choice": answer_given("strategy.choice", {"option": "x"}),
        "strategy.signals": answer_given("strategy.signals", {"u": "yes"}),
    }

    found = advise(model, {**answers, **beside}, score(model, {**answers, **beside}))

    assert found == advise(plain, answers, score(plain, answers))
