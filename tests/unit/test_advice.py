"""The order of advice, against lists made by hand."""

from hypothesis import given
from hypothesis import strategies as st

from bot.assessment.advice import advise, first_steps
from bot.assessment.scoring import score
from tests.unit.models import make_answers, make_model, quick_items

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
    assert step.transition == model.item("people.c")[1].transition(4)
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


def test_a_quick_scan_gives_advice_only_towards_a_chosen_target():
    model = make_model(THREE)
    asked = quick_items(model)

    assert steps(model, asked=asked, strategy="3", people="2", data="2") == ()
    found = steps(model, asked=asked, targets={"people": 4, "data": 2}, strategy="3", people="2", data="2")
    assert ids(found) == ["people.a"]


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
        assert step.to == step.current + 1 == step.transition.to <= target
        assert result.dimension(step.dimension_id).staged < target
    shuffled = list(answers.items())
    random.shuffle(shuffled)
    assert advise(model, dict(shuffled), result, targets_chosen=targets is not None) == found
    few = first_steps(found)
    assert len(few) == min(3, len(found))
    dimensions = {step.dimension_id for step in found}
    assert len({step.dimension_id for step in few}) == min(3, len(dimensions))
