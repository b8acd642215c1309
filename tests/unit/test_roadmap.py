"""The road map, the matrix and the hint about targets, against lists made by hand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assessment.advice import advise, first_steps
from bot.assessment.roadmap import RoadMap, TargetHint, matrix, road_map, step_key, target_hint
from bot.assessment.scoring import score
from tests.unit.models import make_answers, make_checklist, make_model, make_states, quick_items
from tests.unit.test_explaining import cemm_example

THREE = {"strategy": (1, 1, 1), "people": (1, 1, 1), "data": (1, 1, 1)}
ONE = {"strategy": (1,), "people": (1,), "data": (1,)}


def mapped(model, answers, *, targets=None, asked=None):
    result = score(model, answers, targets=targets, asked=asked)
    return road_map(model, answers, result, targets_chosen=targets is not None)


def keys(steps):
    return [step_key(step) for step in steps]


def with_effort(model, effort):
    """`effort`: (item id, level) -> (benefit, investment) of the transition to that level."""
    return replace(
        model,
        dimensions=tuple(
            replace(
                dimension,
                items=tuple(
                    replace(
                        item,
                        advice=tuple(
                            replace(step, action=replace(step.action, benefit=benefit, investment=investment))
                            for step in item.advice
                            for benefit, investment in [
                                effort.get((f"{dimension.id}.{item.id}", step.to), (2, 2))
                            ]
                        ),
                    )
                    for item in dimension.items
                ),
            )
            for dimension in model.dimensions
        ),
    )


# --- three horizons --------------------------------------------------------------------------------


def test_now_are_the_first_steps_next_the_other_ones_and_later_what_follows_on_them():
    model = make_model(THREE)
    answers = make_answers(strategy="333", people="221", data="332")
    # people (5/3): 2, 2, 1, staged 2, target 3: c goes to 2, later to 3
    # data (8/3): staged 3, target 4: c goes to 3, later to 4; strategy (3): target 4
    found = mapped(model, answers)

    assert keys(found.now) == ["people.a>3", "data.a>4", "strategy.a>4"]
    assert keys(found.next) == [
        *("people.b>3", "people.c>2"),
        *("data.b>4", "data.c>3"),
        *("strategy.b>4", "strategy.c>4"),
    ]
    assert keys(found.later) == ["people.c>3", "data.c>4"]
    assert [(step.current, step.to) for step in found.later] == [(2, 3), (3, 4)]
    for step in found.later:
        assert step.action == model.item(step.item_id)[1].transition(step.to).action
        assert (step.dimension_id, step.practice, step.reason) == (step.item_id[:-2], None, "lowest")
    assert found.steps == (*found.now, *found.next, *found.later)


def test_now_and_next_are_together_the_advice_in_its_order():
    model = make_model(THREE, implausible=[("strategy", "data")])
    answers = make_answers(strategy="444", people="221", data="112")
    advice = advise(model, answers, score(model, answers))

    found = mapped(model, answers)

    assert found.now == first_steps(advice)
    assert found.next == tuple(step for step in advice if step not in found.now)


def test_later_takes_the_levels_one_by_one_up_to_the_target():
    model = make_model(ONE, target_rule="highest")

    found = mapped(model, make_answers(strategy="2", people="4", data="5"))

    # strategy is the low end: 2 against 5, 3.0 apart; people goes to 5 and that is its target
    assert keys(found.now) == ["strategy.a>3", "people.a>5"]
    assert found.next == ()
    assert keys(found.later) == ["strategy.a>4", "strategy.a>5"]
    assert [step.reason for step in found.later] == ["unbalanced", "unbalanced"]


def test_later_is_in_the_order_of_the_scores_and_with_chosen_targets_of_the_gaps():
    model = make_model(ONE)
    answers = make_answers(strategy="3", people="2", data="3")

    # gaps: strategy 2, people 2, data 1; of equal gaps the model's order, transition by transition
    found = mapped(model, answers, targets={"strategy": 5, "people": 4, "data": 4})
    assert keys(found.now) == ["strategy.a>4", "people.a>3", "data.a>4"]
    assert keys(found.later) == ["strategy.a>5", "people.a>4"]
    assert {step.reason for step in found.later} == {"gap"}

    # highest everywhere: people has the lowest score, the others tie at 3
    found = mapped(make_model(ONE, target_rule="highest"), answers)
    assert keys(found.later) == ["people.a>4", "people.a>5", "strategy.a>5", "data.a>5"]


def test_low_ends_come_first_in_later_too():
    model = make_model(ONE, implausible=[("strategy", "data")])
    answers = make_answers(strategy="4", people="2", data="1")

    # data is 3.0 below strategy: the low end, though the gap of people is larger (3 against 2)
    found = mapped(model, answers, targets={"people": 5, "data": 3, "strategy": 4})

    assert keys(found.later) == ["data.a>3", "people.a>4", "people.a>5"]
    assert [step.reason for step in found.later] == ["implausible", "gap", "gap"]


def test_in_later_benefit_and_investment_count_but_no_step_overtakes_the_one_before_it():
    # strategy and people both score 2 and go to 5: their later steps are ordered among each other
    model = with_effort(
        make_model({"strategy": (1,), "people": (1,), "data": (1,)}, target_rule="highest"),
        {
            ("strategy.a", 4): (1, 1),
            ("strategy.a", 5): (3, 1),  # the best of all, but only after the step to 4
            ("people.a", 4): (2, 3),
            ("people.a", 5): (2, 1),
        },
    )

    found = mapped(model, make_answers(strategy="2", people="2", data="3"))

    assert keys(found.later) == ["people.a>4", "people.a>5", "strategy.a>4", "strategy.a>5", "data.a>5"]


def test_where_someone_chose_to_stay_there_is_no_map():
    found = mapped(
        make_model(ONE), make_answers(strategy="3", people="3", data="3"), targets=dict.fromkeys(ONE, 3)
    )

    assert found == RoadMap((), (), ())


def test_without_answers_there_is_no_map():
    assert mapped(make_model(THREE), {}).steps == ()


def test_a_quick_scan_begins_with_one_step_and_looks_up_to_the_highest_level():
    model = make_model(THREE)
    answers = make_answers(strategy="3", people="4", data="3")

    found = mapped(model, answers, asked=quick_items(model))

    assert keys(found.now) == ["strategy.a>4"]  # as many as a quick scan is told with
    assert keys(found.next) == ["data.a>4", "people.a>5"]
    assert keys(found.later) == ["strategy.a>5", "data.a>5"]


def test_a_quick_scan_with_chosen_targets_looks_up_to_those():
    model = make_model(THREE)

    found = mapped(
        model,
        make_answers(strategy="2", people="2", data="2"),
        asked=quick_items(model),
        targets={"people": 4},
    )

    assert (keys(found.now), keys(found.next), keys(found.later)) == (["people.a>3"], [], ["people.a>4"])


# --- checklists ------------------------------------------------------------------------------------


def bakery(stages, word, *, target, effort=None):
    """The road map of one element with these practices and this target, the others being at theirs."""
    model = make_checklist({"bread": [stages], "counter": ["1"], "night": ["1"]}, effort=effort or {})
    answers = make_states(bread=word, counter="i", night="i")
    return mapped(model, answers, targets={"bread": target, "counter": 1, "night": 1})


def practices(steps):
    return [step_key(step).removeprefix("bread.a+") for step in steps]


@pytest.mark.parametrize(
    ("stages", "word", "target", "now", "later"),
    [
        ("111223", "nnnnnn", 1, "a", "bc"),
        ("111223", "nnnnnn", 2, "a", "bcde"),
        ("111223", "nnnnnn", 3, "a", "bcdef"),
        ("111223", "iinnnn", 3, "d", "ef"),  # stage 1 is reached with two of three: c is no step any more
        ("111223", "iinnin", 2, "d", ""),  # e is in place
        ("111223", "npnnpn", 2, "b", "aced"),  # what is planned comes first in its stage
        ("111223", "no?-on", 2, "a", "be"),  # not known and not fitting are no steps
        ("1123", "nn-n", 2, "a", "bd"),  # nothing of stage 2 fits: only the third stage is above 1
        ("113", "nnn", 1, "a", "b"),
        ("12", "in", 3, "b", ""),  # there is no third stage here
        ("123", "iii", 3, "", ""),
        ("112", "i??", 2, "", ""),  # too little known
    ],
)
def test_later_has_the_practices_that_remain_up_to_the_stage_of_the_target(stages, word, target, now, later):
    found = bakery(stages, word, target=target)

    assert ("".join(practices(found.now)), "".join(practices(found.later))) == (now, later)
    assert found.next == ()


def test_practices_are_ordered_by_stage_then_planned_benefit_investment_and_the_definition():
    effort = {
        "bread.a.a": (2, 2),
        "bread.a.b": (2, 1),
        "bread.a.c": (3, 3),
        "bread.a.d": (1, 3),
        "bread.a.e": (2, 1),
        "bread.a.f": (3, 1),
    }

    # d is planned; c has the largest benefit, b and e cost less than a; f is of the next stage
    found = bakery("111112", "nnnpnn", target=2, effort=effort)

    assert practices(found.now) == ["d"]
    assert practices(found.later) == ["c", "b", "e", "a", "f"]


def test_a_later_practice_tells_its_stage_its_action_and_whether_it_is_planned():
    found = bakery("112", "npp", target=2)

    # b is planned, so it is the next step
    assert practices(found.now) == ["b"]
    assert [(step.current, step.to, step.planned) for step in found.later] == [(0, 1, False), (0, 2, True)]
    for step in found.later:
        assert step.action == step.practice.action
        assert step.item_id == "bread.a"


# --- keys ------------------------------------------------------------------------------------------


def test_a_step_has_a_key_by_what_it_leads_to():
    model = make_model(ONE)
    two, three = (
        advise(model, answers, score(model, answers))
        for answers in (
            make_answers(strategy="2", people="5", data="5"),
            make_answers(strategy="3", people="5", data="5"),
        )
    )

    assert keys(two) == ["strategy.a>3"]
    assert keys(three) == ["strategy.a>4"]
    assert keys(bakery("12", "nn", target=1).now) == ["bread.a+a"]


# --- the matrix ------------------------------------------------------------------------------------


def test_the_matrix_has_nine_cells_with_the_most_for_the_least_first():
    effort = {"strategy.a": (3, 1), "people.a": (1, 3), "data.a": (3, 1)}
    found = matrix(
        mapped(make_model(ONE, effort=effort), make_answers(strategy="2", people="2", data="2")), {}
    )

    assert [(cell.benefit, cell.investment) for cell in found.cells] == [
        *((3, 1), (3, 2), (3, 3)),
        *((2, 1), (2, 2), (2, 3)),
        *((1, 1), (1, 2), (1, 3)),
    ]
    assert [one.key for one in found.cell(3, 1).steps] == ["strategy.a>3", "data.a>3"]
    assert [one.key for one in found.cell(1, 3).steps] == ["people.a>3"]
    assert sum(len(cell.steps) for cell in found.cells) == 3
    assert not any(one.by_respondent for cell in found.cells for one in cell.steps)
    for benefit, investment in ((0, 1), (4, 1), (1, 0)):
        with pytest.raises(KeyError):
            found.cell(benefit, investment)


def test_where_the_respondent_placed_a_step_goes_before_the_definition():
    steps = mapped(make_model(ONE), make_answers(strategy="2", people="2", data="2")).now
    placed = {"people.a>3": (3, 1), "data.a>3": (2, 2), "data.a>2": (1, 1)}

    found = matrix(steps, placed)

    # the definition says (2, 2) of all; a step that is not here any more is passed over
    assert [(one.key, one.by_respondent) for one in found.cell(2, 2).steps] == [
        ("strategy.a>3", False),
        ("data.a>3", True),
    ]
    (moved,) = found.cell(3, 1).steps
    assert (moved.key, moved.benefit, moved.investment, moved.by_respondent) == ("people.a>3", 3, 1, True)
    assert (moved.step.action.benefit, moved.step.action.investment) == (2, 2)
    assert found.cell(1, 1).steps == ()


@pytest.mark.parametrize("place", [(0, 1), (1, 4), (-1, 2)])
def test_a_place_outside_of_the_matrix_is_refused(place):
    with pytest.raises(ValueError, match=r"people\.a>3"):
        matrix((), {"people.a>3": place})


def test_a_matrix_of_nothing_is_empty():
    assert all(cell.steps == () for cell in matrix(RoadMap((), (), ()), {}).cells)


# --- targets out of balance ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ({"strategy": 5, "people": 3}, TargetHint(2, ("strategy",), ("people",))),  # half of 1..5 is 2
        ({"strategy": 4, "people": 3}, None),
        ({"data": 5, "people": 2, "strategy": 5}, TargetHint(3, ("strategy", "data"), ("people",))),
        ({"data": 1, "people": 4, "strategy": 1}, TargetHint(3, ("people",), ("strategy", "data"))),
        ({"strategy": 5}, None),
        ({}, None),
        ({"strategy": 3, "people": 3, "data": 3}, None),
    ],
)
def test_targets_that_lie_half_of_the_axis_apart_give_a_hint(targets, expected):
    assert target_hint(make_model(ONE), targets) == expected


@pytest.mark.parametrize(("low", "hinted"), [(0, True), (1, True), (2, False), (3, False)])
def test_on_an_axis_of_three_stages_two_are_more_than_half(low, hinted):
    model = make_checklist({name: ["1"] for name in ONE})

    assert (target_hint(model, {"strategy": 3, "data": low}) is not None) == hinted


@pytest.mark.parametrize("targets", [{"nowhere": 3}, {"data": 0}, {"data": 6}, {"data": 3, "people": 9}])
def test_targets_that_the_model_does_not_have_are_refused(targets):
    with pytest.raises(ValueError, match=r"nowhere|data|people"):
        target_hint(make_model(ONE), targets)


# --- the example of docs/adr/0015 ------------------------------------------------------------------


def test_the_decision_s_example_of_a_road_map():
    found = mapped(*cemm_example())

    assert keys(found.now) == ["data.purpose>2", "customer_value.definition>2", "technology.direction>3"]
    assert len(found.next) == 8
    # scores 2.0, 2.7 and 3.7
    assert keys(found.later) == [
        "technology.personalisation>3",
        "people.skills>4",
        "customer_journey.steering>3",
    ]


# --- properties ------------------------------------------------------------------------------------


@given(
    st.fixed_dictionaries({name: st.text("12345?sx.", min_size=3, max_size=3) for name in THREE}),
    st.one_of(st.none(), st.fixed_dictionaries({}, optional={name: st.integers(1, 5) for name in THREE})),
    st.dictionaries(
        st.tuples(st.sampled_from([f"{name}.{x}" for name in THREE for x in "abc"]), st.integers(2, 5)),
        st.tuples(st.integers(1, 3), st.integers(1, 3)),
    ),
    st.booleans(),
)
def test_the_map_has_every_level_up_to_the_target_once_and_in_order(signs, targets, effort, quick):
    model = with_effort(make_model(THREE, implausible=[("strategy", "data")]), effort)
    answers = make_answers(**signs)
    asked = quick_items(model) if quick else None
    result = score(model, answers, targets=targets, asked=asked)

    found = road_map(model, answers, result, targets_chosen=targets is not None)

    assert len(set(keys(found.steps))) == len(found.steps)
    advice = advise(model, answers, result, targets_chosen=targets is not None)
    assert sorted(keys((*found.now, *found.next))) == sorted(keys(advice))
    assert len(found.now) == min(1 if result.indication else 3, len(advice))
    for step in advice:
        target = result.dimension(step.dimension_id).target or 5
        of_item = [one for one in found.steps if one.item_id == step.item_id]
        # one after the other, from where the item stands to the target
        assert [(one.current, one.to) for one in of_item] == [
            (level - 1, level) for level in range(answers[step.item_id].value + 1, target + 1)
        ]
        assert {one.reason for one in of_item} == {step.reason}
    assert {step.item_id for step in found.later} <= {step.item_id for step in advice}
    cells = matrix(found, {}).cells
    assert sorted(one.key for cell in cells for one in cell.steps) == sorted(keys(found.steps))


@given(st.lists(st.text("iinnpo?-", min_size=6, max_size=6), min_size=2, max_size=2), st.integers(0, 3))
def test_doing_the_whole_map_of_a_checklist_brings_what_is_known_to_its_target(words, target):
    model = make_checklist({"bread": ["112233", "111223"], "counter": ["1"], "night": ["1"]})
    answers = make_states(bread=" ".join(words), counter="i", night="i")
    targets = {"bread": target, "counter": 0, "night": 0}
    before = score(model, answers, targets=targets)
    found = road_map(model, answers, before, targets_chosen=True)

    assert len(set(keys(found.steps))) == len(found.steps)
    after = {}
    for item_id, answer in answers.items():
        done = {step.practice.id for step in found.steps if step.item_id == item_id}
        assert all(answer.given[practice] in ("planned", "not_yet", "not_in_place") for practice in done)
        after[item_id] = replace(
            answer,
            detail=tuple((part, "in_place" if part in done else state) for part, state in answer.detail),
        )
    result = score(model, after, targets=targets)
    if before.dimension("bread").staged is None or before.dimension("bread").staged >= target:
        assert found.steps == ()
        return
    for element in result.elements[:2]:
        states = answers[element.item_id].given
        stages = {
            practice.stage
            for practice in model.item(element.item_id)[1].practices
            if states[practice.id] != "not_fitting"
        }
        # What is not known is no step, and a stage of which nothing fits is not reached.
        if "dont_know" not in states.values() and any(stage >= target for stage in stages):
            assert element.stage >= target
