"""Which groups are told of in an anonymous campaign: none so small that it points at somebody."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.service.anonymity import LEAST, too_small


def test_groups_that_are_large_enough_are_all_told() -> None:
    assert too_small({"it": 5, "sales": 12}) == frozenset()


def test_two_small_groups_that_are_large_enough_together_are_put_together() -> None:
    # 2 + 3 = 5.
    assert too_small({"it": 2, "data": 3, "sales": 6}) == {"it", "data"}


def test_one_small_group_takes_the_next_smallest_along_since_it_would_be_what_is_left_over() -> None:
    assert too_small({"it": 1, "sales": 6, "service": 9}) == {"it", "sales"}


def test_small_groups_that_stay_too_small_together_take_one_along() -> None:
    # 1 + 2 = 3 are still too few; with the 7 they are 10.
    assert too_small({"it": 1, "data": 2, "sales": 7, "service": 8}) == {"it", "data", "sales"}


def test_of_fewer_people_than_that_nothing_is_told() -> None:
    assert too_small({"it": 1, "sales": 3}) == {"it", "sales"}


def test_where_everybody_is_alike_that_is_told_of_five_and_not_of_four() -> None:
    assert too_small({"it": 5}) == frozenset()
    assert too_small({"it": 4}) == {"it"}


def test_nobody_makes_no_groups() -> None:
    assert too_small({}) == frozenset()


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 20), max_size=9))
def test_no_group_that_is_told_and_no_rest_is_ever_small(sizes: dict[str, int]) -> None:
    hidden = too_small(sizes)
    rest = sum(sizes[one] for one in hidden)

    assert all(sizes[one] >= LEAST for one in sizes if one not in hidden)
    assert rest == 0 or rest >= LEAST or len(hidden) == len(sizes)
