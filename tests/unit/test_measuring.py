"""Two measurements side by side, what was done of the advice, what is old and when to measure again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assessment import answers as answers_of
from bot.assessment.advice import advise, first_steps
from bot.assessment.answers import Answer
from bot.assessment.measuring import compare, measure, next_date, stale_items, steps_done
from bot.assessment.roadmap import road_map
from bot.assessment.scoring import format_score, score
from tests.unit.models import (
    make_answers,
    make_checklist,
    make_model,
    make_states,
    quick_items,
    with_unscored,
)
from tests.unit.test_explaining import cemm_example

THREE = {"strategy": (1, 1, 1), "people": (1, 1, 1), "data": (1, 1, 1)}


def change(before, after, model=None, **options):
    """What changed between two sets of signs by dimension."""
    model = model or make_model(THREE)
    return compare(
        model,
        measure(model, make_answers(**before), **options),
        measure(model, make_answers(**after), **options),
    )


def statuses(model, before, after, *, mapped=False):
    """(step, status) of the advice on `before`; with `mapped` of the whole road map."""
    result = score(model, before)
    steps = road_map(model, before, result).steps if mapped else advise(model, before, result)
    return [
        (f"{done.step.item_id}{'+' + done.step.practice.id if done.step.practice else ''}", done.status)
        for done in steps_done(steps, before, after)
    ]


# --- what changed ----------------------------------------------------------------------------------


def test_the_difference_is_told_per_dimension_overall_and_per_item():
    found = change(
        {"strategy": "222", "people": "332", "data": "444"},
        {"strategy": "322", "people": "333", "data": "443"},
    )

    strategy, people, data = found.dimensions
    # 6/3 to 7/3; only one of three at 3, so still level 2
    assert (strategy.score_before, strategy.score_after) == (2, 7 / 3)
    assert strategy.difference == pytest.approx(1 / 3)
    assert (strategy.level_before, strategy.level_after, strategy.levels) == (2, 2, 0)
    # 8/3 to 9/3, level 3 both times
    assert people.difference == pytest.approx(1 / 3)
    assert (people.level_before, people.level_after, people.levels) == (3, 3, 0)
    # 12/3 to 11/3; two thirds stay at 4
    assert data.difference == pytest.approx(-1 / 3)
    # overall (2 + 8/3 + 4) / 3 = 26/9 to (7/3 + 3 + 11/3) / 3 = 27/9
    assert (found.overall_before, found.overall_after) == (26 / 9, 3)
    assert found.difference == pytest.approx(1 / 9)
    assert [(one.item_id, one.level_before, one.level_after, one.difference) for one in found.up] == [
        ("strategy.a", 2, 3, 1),
        ("people.c", 2, 3, 1),
    ]
    assert [(one.item_id, one.difference) for one in found.down] == [("data.c", -1)]
    assert len(found.items) == 9
    assert found.same_depth
    assert [one.same_items for one in found.dimensions] == [True] * 3
    assert found.dimension("people") == people
    with pytest.raises(KeyError, match="nowhere"):
        found.dimension("nowhere")


def test_levels_go_up_and_down():
    found = change({"strategy": "551", "people": "333"}, {"strategy": "552", "people": "331"})

    # 5, 5, 2 is 3; 3, 3, 1 is 2
    assert [(one.level_before, one.level_after, one.levels) for one in found.dimensions] == [
        (2, 3, 1),
        (3, 2, -1),
        (None, None, None),
    ]


def test_where_one_of_them_has_no_score_there_is_no_difference():
    found = change(
        {"strategy": "2??", "people": "333", "data": "xxx"},
        {"strategy": "222", "people": "3??", "data": "xxx"},
    )

    assert [(one.score_before, one.score_after, one.difference) for one in found.dimensions] == [
        (None, 2, None),
        (3, None, None),
        (None, None, None),
    ]
    assert [one.levels for one in found.dimensions] == [None] * 3
    # one of three dimensions has a score each time
    assert (found.overall_before, found.overall_after, found.difference) == (None, None, None)


def test_an_item_without_a_level_in_one_of_them_went_neither_up_nor_down():
    found = change({"data": "33?x"}, {"data": "33?5"}, make_model({"data": (1,) * 4, "b": (1,), "c": (1,)}))

    by_id = {one.item_id: one for one in found.items}
    assert (by_id["data.d"].level_before, by_id["data.d"].level_after) == (None, 5)
    assert by_id["data.d"].difference is None
    assert found.up == found.down == ()
    # 3 to 11/3, but it comes of an item that did not count before
    assert found.dimension("data").difference == pytest.approx(2 / 3)
    assert not found.dimension("data").same_items


def test_a_quick_scan_beside_all_questions_says_that_these_are_two_depths():
    model = make_model(THREE)
    quick = measure(model, make_answers(strategy="3", people="3", data="3"), asked=quick_items(model))
    full = measure(model, make_answers(strategy="422", people="333", data="333"))

    found = compare(model, quick, full)

    assert not found.same_depth
    assert [one.item_id for one in found.items] == ["strategy.a", "people.a", "data.a"]
    assert [one.item_id for one in found.up] == ["strategy.a"]
    # 3 to 8/3, though the one question that both asked went up
    assert found.dimension("strategy").difference == pytest.approx(-1 / 3)
    assert not found.dimension("strategy").same_items
    assert [one.levels for one in found.dimensions] == [None] * 3


def test_two_quick_scans_are_of_one_depth():
    model = make_model(THREE)

    found = change({"strategy": "322"}, {"strategy": "455"}, model, asked=quick_items(model))

    assert found.same_depth
    assert found.dimension("strategy").difference == 1
    assert [one.item_id for one in found.items] == ["strategy.a", "people.a", "data.a"]


def test_items_that_never_score_are_left_out():
    model = with_unscored(make_model({"strategy": (1,), "people": (1,), "data": (1,)}))
    before = make_answers(strategy="2")
    after = {**before, "strategy.choice": answers_of.given("strategy.choice", {"option": "y"})}

    found = compare(model, measure(model, before), measure(model, after))

    assert [one.item_id for one in found.items] == ["strategy.a", "people.a", "data.a"]


def test_a_checklist_tells_stages_scores_and_practices():
    model = make_checklist({"bread": ["1123", "12"], "counter": ["1"], "night": ["1"]})
    before = measure(model, make_states(bread="inpi ??", counter="i", night="D"))
    after = measure(model, make_states(bread="ii-n i?", counter="n", night="i"))

    found = compare(model, before, after)

    first, second, counter, night = found.items
    # before: 1/2 + 0 + 1 = 3/2, stage 0; after: stage 2 has nothing that fits, (1 + 0) x 3/2, stage 1
    assert (first.score_before, first.score_after, first.difference) == (3 / 2, 3 / 2, 0)
    assert (first.level_before, first.level_after) == (0, 1)
    assert (first.gained, first.lost) == (("b",), ("d",))
    # what was not known before was not gained since
    assert (second.level_before, second.level_after, second.gained) == (None, 1, ())
    assert (counter.gained, counter.lost, counter.difference) == ((), ("a",), -3)
    assert (night.gained, night.lost, night.difference) == ((), (), None)
    assert [one.item_id for one in found.down] == ["counter.a"]


def test_a_measurement_keeps_its_answers_when_the_mapping_changes():
    model = make_model(THREE)
    answers = make_answers(strategy="222")
    kept = measure(model, answers)
    answers["strategy.a"] = Answer("strategy.a", "level", 5)

    assert kept.answers["strategy.a"].value == 2
    assert kept.result == score(model, make_answers(strategy="222"))
    assert kept.asked == model.item_ids()


def test_a_result_of_another_definition_is_refused():
    model = make_model(THREE)
    other = make_model({"strategy": (1,), "data": (1,), "people": (1,)})

    with pytest.raises(ValueError, match="other dimensions"):
        compare(model, measure(model, {}), measure(other, {}))
    with pytest.raises(ValueError, match="other dimensions"):
        compare(model, measure(other, {}), measure(model, {}))


def test_targets_belong_to_the_measurement():
    model = make_model(THREE)

    assert measure(model, make_answers(data="222"), targets={"data": 5}).result.dimension("data").gap == 3


@given(*[st.fixed_dictionaries({name: st.text("12345?sx.", min_size=3, max_size=3) for name in THREE})] * 2)
def test_the_change_back_is_the_change_with_the_other_sign(first, second):
    there, back = change(first, second), change(second, first)

    assert [one.item_id for one in there.up] == [one.item_id for one in back.down]
    assert [one.item_id for one in there.down] == [one.item_id for one in back.up]
    for one, other in zip(
        (there, *there.dimensions, *there.items), (back, *back.dimensions, *back.items), strict=True
    ):
        assert (one.difference is None) == (other.difference is None)
        assert one.difference is None or one.difference == -other.difference
    same = change(first, first)
    assert same.up == same.down == ()
    assert {one.difference for one in (same, *same.dimensions, *same.items)} <= {None, 0}
    assert all(one.same_items for one in same.dimensions)


# --- what was done of the advice -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signs", "status"),
    [
        ("3", "done"),  # advised from 2 to 3
        ("5", "done"),
        ("2", "not_done"),
        ("1", "not_done"),
        ("?", "unknown"),
        ("s", "unknown"),
        (".", "unknown"),
        ("x", "unknown"),
    ],
)
def test_a_step_is_done_when_its_item_is_at_the_level_that_it_leads_to(signs, status):
    model = make_model({"strategy": (1,), "people": (1,), "data": (1,)})
    before = make_answers(strategy="5", people="5", data="2")

    assert statuses(model, before, make_answers(data=signs)) == [("data.a", status)]


def test_a_later_step_is_partly_done_when_its_item_went_up_but_not_there_yet():
    # target 5: from 2 to 3, later to 4 and to 5
    model = make_model({"strategy": (1,), "people": (1,), "data": (1,)}, target_rule="highest")
    before = make_answers(strategy="5", people="5", data="2")

    found = statuses(model, before, make_answers(data="4"), mapped=True)

    assert found == [("data.a", "done"), ("data.a", "done"), ("data.a", "partly")]
    assert [one for _, one in statuses(model, before, make_answers(data="2"), mapped=True)] == [
        "not_done"
    ] * 3
    # without the answer from before nothing says that it went up
    steps = road_map(model, before, score(model, before)).later
    assert [one.status for one in steps_done(steps, {}, make_answers(data="3"))] == ["not_done", "not_done"]


@pytest.mark.parametrize(
    ("was", "now", "status"),
    [
        ("n", "i", "done"),
        ("n", "p", "partly"),
        ("o", "p", "partly"),
        ("n", "n", "not_done"),
        ("n", "o", "not_done"),
        ("p", "i", "done"),
        ("p", "p", "not_done"),  # it was planned already
        ("p", "n", "not_done"),
        ("n", "?", "unknown"),
        ("n", "-", "unknown"),
        ("n", "D", "unknown"),
        ("n", "S", "unknown"),
        ("n", "X", "unknown"),
        ("n", ".", "unknown"),
    ],
)
def test_a_practice_is_done_when_it_is_in_place_and_partly_when_planned_since(was, now, status):
    model = make_checklist({"bread": ["1"], "counter": ["1"], "night": ["1"]})
    before = make_states(bread=was, counter="i", night="i")

    assert statuses(model, before, make_states(bread=now)) == [("bread.a+a", status)]


def test_steps_come_back_in_the_order_given():
    model = make_model(THREE)
    before = make_answers(strategy="333", people="222", data="332")
    steps = first_steps(advise(model, before, score(model, before)))

    found = steps_done(steps, before, make_answers(people="322", data="333", strategy="334"))

    # people.a to 3, data.a from 3 to 4, strategy.a from 3 to 4
    assert [(one.step.item_id, one.status) for one in found] == [
        ("people.a", "done"),
        ("data.a", "not_done"),
        ("strategy.a", "not_done"),
    ]
    assert tuple(one.step for one in found) == steps


@given(st.fixed_dictionaries({name: st.text("12345?sx.", min_size=3, max_size=3) for name in THREE}))
def test_who_does_every_step_has_done_them_all_and_who_does_nothing_none(signs):
    model = make_model(THREE)
    before = make_answers(**signs)
    steps = advise(model, before, score(model, before))
    after = {**before, **{step.item_id: Answer(step.item_id, "level", step.to) for step in steps}}

    assert {one.status for one in steps_done(steps, before, after)} <= {"done"}
    assert {one.status for one in steps_done(steps, before, before)} <= {"not_done"}


# --- what is old -----------------------------------------------------------------------------------

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


def test_an_answer_is_stale_after_365_days():
    answered_at = {
        "data.c": NOW - timedelta(days=365, seconds=1),
        "data.a": NOW - timedelta(days=365),
        "data.b": NOW - timedelta(days=1000),
        "people.a": NOW,
        "people.b": NOW + timedelta(days=1),
    }

    assert stale_items(answered_at, NOW) == ("data.c", "data.b")
    assert stale_items({}, NOW) == ()


def test_a_year_with_a_leap_day_is_a_day_too_long():
    # 2024 had 366 days: from 1 March 2023 to 1 March 2024 are 366, to 1 March 2025 from 2024 are 365
    assert stale_items({"data.a": datetime(2023, 3, 1)}, datetime(2024, 3, 1)) == ("data.a",)
    assert stale_items({"data.a": datetime(2024, 3, 1)}, datetime(2025, 3, 1)) == ()


def test_times_with_and_without_a_zone_do_not_mix():
    with pytest.raises(TypeError):
        stale_items({"data.a": datetime(2024, 3, 1)}, NOW)


# --- when to measure again -------------------------------------------------------------------------


def a_step(*investments):
    """Steps with these investments."""
    names = ["strategy", "people", "data"]
    model = make_model(
        {name: (1,) for name in names},
        effort={f"{name}.a": (2, n) for name, n in zip(names, investments, strict=False)},
    )
    answers = make_answers(**{name: "2" for name, _ in zip(names, investments, strict=False)})
    return advise(model, answers, score(model, answers))


@pytest.mark.parametrize(
    ("completed", "investments", "expected"),
    [
        (date(2025, 1, 15), (1,), date(2025, 7, 15)),  # a Tuesday
        (date(2025, 1, 15), (2, 3), date(2025, 7, 15)),  # one is enough
        (date(2025, 1, 15), (3, 3), date(2026, 1, 15)),  # a Thursday
        (date(2025, 1, 15), (), date(2026, 1, 15)),
        (date(2025, 1, 19), (1,), date(2025, 7, 21)),  # 19 July is a Saturday
        (date(2025, 1, 20), (1,), date(2025, 7, 21)),  # 20 July is a Sunday
        (date(2025, 1, 21), (1,), date(2025, 7, 21)),  # 21 July is a Monday
        (date(2025, 1, 18), (1,), date(2025, 7, 18)),  # 18 July is a Friday
        (date(2025, 10, 1), (2,), date(2026, 4, 1)),  # into the next year; a Wednesday
        (date(2025, 8, 31), (1,), date(2026, 3, 2)),  # 28 February 2026 is a Saturday
        (date(2023, 8, 31), (1,), date(2024, 2, 29)),  # a Thursday in a leap year
        (date(2024, 2, 29), (3,), date(2025, 2, 28)),  # a Friday
        (date(2025, 12, 31), (1,), date(2026, 6, 30)),  # a Tuesday
        (date(2025, 6, 30), (1,), date(2025, 12, 30)),  # not the last of the month but the 30th
    ],
)
def test_the_next_measurement_is_in_six_or_twelve_months_on_a_working_day(completed, investments, expected):
    assert next_date(completed, a_step(*investments)) == expected


def test_without_steps_it_is_in_twelve_months():
    assert next_date(date(2025, 1, 15)) == date(2026, 1, 15)


def test_a_moment_gives_a_day():
    found = next_date(datetime(2025, 1, 15, 23, 59))

    assert type(found) is date
    assert found == date(2026, 1, 15)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from([(), (1,), (2,), (3,), (3, 1)]))
def test_the_next_date_is_a_working_day_at_about_the_interval(completed, investments):
    found = next_date(completed, a_step(*investments))

    assert found.weekday() < 5
    # Six months are 181 to 184 days, up to three less at the end of a short month; twelve are 365 or 366. A
    # weekend adds up to two.
    low, high = (178, 186) if any(n < 3 for n in investments) else (365, 368)
    assert low <= (found - completed).days <= high


# --- the examples of docs/adr/0015 -----------------------------------------------------------------


def test_the_decision_s_examples_of_measuring_again():
    model, before = cemm_example()
    _, after = cemm_example(customer_journey="552")
    result = score(model, before)
    steps = advise(model, before, result)

    journey = compare(model, measure(model, before), measure(model, after)).dimension("customer_journey")
    assert (format_score(journey.difference, "en"), journey.levels) == ("0.3", 1)
    status = {done.step.item_id: done.status for done in steps_done(steps, before, after)}
    assert status.pop("customer_journey.steering") == "done"
    assert status["technology.direction"] == "not_done"
    assert [step.action.investment for step in first_steps(steps)] == [1, 1, 1]
    assert next_date(date(2025, 1, 17), first_steps(steps)) == date(2025, 7, 17)
    assert next_date(date(2025, 1, 19), first_steps(steps)) == date(2025, 7, 21)
