"""Which groups can be shown: held against a search through everything on small populations."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assessment.protection import choose, exposed, is_safe


def members(*names: str) -> frozenset[str]:
    return frozenset("".join(names))


def rank(rows: Sequence[Sequence[int]]) -> int:
    """The rank of a matrix, by plain elimination in fractions."""
    left = [[Fraction(value) for value in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left[found:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(found, pivot)
        for row in left[found + 1 :]:
            factor = row[column] / pivot[column]
            for place in range(len(row)):
                row[place] -= factor * pivot[place]
        found += 1
    return found


def brute(groups: Sequence[frozenset[str]], person: Mapping[str, str], least: int) -> bool:
    """Safe, as the definition has it: no few people without whom the groups say less of all others.

    Every set of fewer than `least` people is tried. Something about them alone can be computed exactly if the
    rank of what the groups tell of all others is lower than that of what they tell of everybody.
    """
    units = sorted({unit for group in groups for unit in group})
    everybody = sorted({person.get(unit, unit) for unit in units})
    full = rank([[int(unit in group) for unit in units] for group in groups])
    for count in range(1, least):
        for few in itertools.combinations(everybody, count):
            others = [unit for unit in units if person.get(unit, unit) not in few]
            if rank([[int(unit in group) for unit in others] for group in groups]) < full:
                return False
    return True


def can_be_told(groups: Sequence[frozenset[str]], few: frozenset[str]) -> bool:
    """Whether the sum over exactly these people is a combination of the groups' sums."""
    units = sorted({unit for group in groups for unit in group})
    rows = [[int(unit in group) for unit in units] for group in groups]
    return rank([*rows, [int(unit in few) for unit in units]]) == rank(rows)


NAMES = "abcdefghijkl"
GROUPS = st.lists(st.frozensets(st.sampled_from(NAMES), min_size=1), min_size=1, max_size=5)


def test_a_group_of_four_is_not_shown_and_one_of_five_is() -> None:
    assert not is_safe([members("abcd")], {})
    assert is_safe([members("abcde")], {})


def test_a_group_that_leaves_four_of_the_whole_is_not_shown_beside_it() -> None:
    whole = members("abcdefghi")
    assert exposed([whole, members("abcde")], {}) == members("fghi")
    assert is_safe([members("abcdefghij"), members("abcde")], {})


def test_the_complement_of_two_groups_together_is_found() -> None:
    # whole - left - right = {l}: each difference by itself is large enough
    whole, left, right = members(NAMES), members("abcdef"), members("ghijk")
    assert exposed([whole, left, right], {}) == members("l")


def test_two_groups_that_differ_by_one_person_on_either_side_tell_what_sets_the_two_apart() -> None:
    assert not is_safe([members("abcdef"), members("bcdefg")], {})


def test_two_runs_of_one_person_count_as_one_person() -> None:
    person = {"a": "anna", "b": "anna"}
    assert is_safe([members("abcde")], {})
    assert not is_safe([members("abcde")], person)


def test_an_earlier_edition_is_subtracted_from_the_new_one() -> None:
    before = members("abcdefgh")
    assert choose([("all", members("abcdefghij"))], {}, [before]) == []
    assert choose([("all", members("abcdefghijklm"))], {}, [before]) == ["all"]


def test_the_first_candidates_go_first() -> None:
    whole = members(NAMES)
    # 7 and 5 people: together they are the whole. 'odd' would leave two.
    candidates = [("all", whole), ("left", members("abcdefg")), ("odd", members("abcdefghij"))]
    assert choose(candidates, {}) == ["all", "left"]
    assert choose([candidates[2], *candidates[:2]], {}) == ["odd"]


def test_nothing_is_shown_of_nobody() -> None:
    assert is_safe([frozenset()], {})
    assert choose([], {}) == []


@settings(max_examples=120)
@given(GROUPS, st.integers(2, 5))
def test_it_finds_what_a_search_through_everything_finds(groups: list[frozenset[str]], least: int) -> None:
    assert is_safe(groups, {}, least) == brute(groups, {}, least)


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("defg"), st.sampled_from("hi")),
        min_size=6,
        max_size=16,
    ),
    st.integers(2, 4),
)
def test_so_it_does_where_people_are_divided_by_layer_department_and_customers(
    drawn: list[tuple[str, str, str]], least: int
) -> None:
    names = [f"p{number}" for number in range(len(drawn))]
    groups = [frozenset(names)]
    for part in range(3):
        for option in sorted({one[part] for one in drawn}):
            groups.append(
                frozenset(name for name, one in zip(names, drawn, strict=True) if one[part] == option)
            )
    assert is_safe(groups, {}, least) == brute(groups, {}, least)
    # As it is used: without the groups that are too small by themselves.
    large = [group for group in groups if len(group) >= least]
    assert is_safe(large, {}, least) == brute(large, {}, least)


@settings(max_examples=80)
@given(GROUPS, st.lists(st.sampled_from("pqrstuvw"), min_size=12, max_size=12))
def test_so_it_does_where_people_have_several_runs(groups: list[frozenset[str]], whose: list[str]) -> None:
    person = dict(zip(NAMES, whose, strict=True))
    assert is_safe(groups, person, 4) == brute(groups, person, 4)


@settings(max_examples=60)
@given(GROUPS)
def test_of_what_is_chosen_no_sum_over_fewer_than_five_people_can_be_made(
    groups: list[frozenset[str]],
) -> None:
    candidates = [(number, group) for number, group in enumerate(groups)]
    shown = [groups[number] for number in choose(candidates, {})]
    if not shown:
        return
    everybody = sorted({unit for group in shown for unit in group})
    for count in range(1, 5):
        for few in itertools.combinations(everybody, count):
            assert not can_be_told(shown, frozenset(few))


@settings(max_examples=60)
@given(GROUPS, st.frozensets(st.sampled_from(NAMES), min_size=5))
def test_nothing_is_left_out_that_could_be_shown(groups: list[frozenset[str]], whole: frozenset[str]) -> None:
    candidates = [("all", whole), *((str(number), group) for number, group in enumerate(groups))]
    taken = choose(candidates, {})
    shown: list[frozenset[str]] = []
    for key, group in candidates:
        if key in taken:
            shown.append(group)
        else:
            assert not brute([*shown, group], {}, 5)
    assert brute(shown, {}, 5)
