"""Agreement, r_wg and r_wg(J): computed by hand, the arithmetic beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assessment.agreement import called, r_wg, r_wg_j, variance_at_random, variance_on_axis


def test_answers_at_random_on_five_levels_have_a_variance_of_two() -> None:
    # (25 - 1) / 12
    assert variance_at_random(5) == 2.0
    # levels 1..5 once each: squares 4 1 0 1 4 of the deviations, together 10, of a whole population / 5
    assert variance_at_random(5) == 10 / 5


def test_scores_at_random_on_an_axis_of_three_have_a_variance_of_three_quarters() -> None:
    assert variance_on_axis(3) == 0.75


def test_who_all_say_the_same_agree_fully() -> None:
    assert r_wg(0.0, 2.0) == 1.0


def test_a_variance_of_a_half_on_five_levels_is_strong_agreement() -> None:
    # 1 - 0.5/2
    assert r_wg(0.5, 2.0) == 0.75
    assert called(0.75) == "strong"


def test_more_variance_than_at_random_is_no_agreement_and_never_less_than_none() -> None:
    assert r_wg(4.0, 2.0) == 0.0


def test_one_person_alone_neither_agrees_nor_disagrees() -> None:
    assert r_wg(None, 2.0) is None
    assert r_wg_j([(None, 2.0)]) is None


def test_agreement_on_several_items_grows_with_their_number() -> None:
    # mean variance (0.5 + 1.0) / 2 = 0.75; q = 0.375; J = 2: 2 * 0.625 / (2 * 0.625 + 0.375) = 1.25 / 1.625
    assert r_wg_j([(0.5, 2.0), (1.0, 2.0)]) == pytest.approx(1.25 / 1.625)
    # the same variances on four items: 2.5 / 2.875
    assert r_wg_j([(0.5, 2.0), (1.0, 2.0)] * 2) == pytest.approx(2.5 / 2.875)


def test_of_one_item_both_measures_are_the_same() -> None:
    assert r_wg_j([(0.5, 2.0)]) == r_wg(0.5, 2.0)


def test_an_item_without_a_variance_does_not_count_among_the_items() -> None:
    assert r_wg_j([(0.5, 2.0), (None, 2.0)]) == r_wg_j([(0.5, 2.0)])


@pytest.mark.parametrize(
    ("value", "name"),
    [(0.0, "low"), (0.49, "low"), (0.5, "moderate"), (0.69, "moderate"), (0.7, "strong"), (1.0, "strong")],
)
def test_what_a_value_is_called(value: float, name: str) -> None:
    assert called(value) == name


def test_seven_tenths_that_floats_make_a_little_less_is_strong_all_the_same() -> None:
    value = 1 - 0.6 / 2  # 0.7
    assert called(value - 1e-12) == "strong"


def test_nothing_is_called_nothing() -> None:
    assert called(None) is None


@given(st.lists(st.floats(0, 4), min_size=1, max_size=6))
def test_it_always_lies_between_none_and_full(variances: list[float]) -> None:
    value = r_wg_j([(one, 2.0) for one in variances])
    assert value is not None
    assert 0 <= value <= 1


@given(st.lists(st.floats(0, 2), min_size=1, max_size=6), st.floats(0.01, 1))
def test_more_variance_is_never_more_agreement(variances: list[float], more: float) -> None:
    before = r_wg_j([(one, 2.0) for one in variances])
    after = r_wg_j([(one + more, 2.0) for one in variances])
    assert before is not None
    assert after is not None
    assert after <= before + 1e-12
