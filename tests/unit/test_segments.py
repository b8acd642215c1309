"""Which segment is asked next, what an answer to it changes, and about which customers a run then is."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assessment.segments import (
    SEGMENTS,
    SKIPPED,
    first_line,
    next_segment,
    other_line,
    with_option,
)

ANSWERS = st.lists(
    st.sampled_from(
        [(segment, option) for segment, options in SEGMENTS.items() for option in (*options, SKIPPED)]
    ),
    max_size=12,
)


def after(answers: list[tuple[str, str]]) -> dict[str, str]:
    segments: dict[str, str] = {}
    for segment, option in answers:
        segments = with_option(segments, segment, option)
    return segments


def test_segments_are_asked_in_their_order() -> None:
    segments: dict[str, str] = {}
    asked = []
    while (segment := next_segment(segments)) is not None:
        asked.append(segment)
        segments = with_option(segments, segment, SEGMENTS[segment][0])
    assert asked == ["role_layer", "department", "business_line"]


def test_with_which_line_to_begin_is_asked_of_who_has_both_only() -> None:
    known = {"role_layer": "board", "department": "it"}
    assert [
        next_segment({**known, "business_line": option}) for option in ("b2c", "b2b", "both", SKIPPED)
    ] == [None, None, "first_line", None]


def test_what_is_known_beforehand_is_passed_over() -> None:
    assert next_segment({"role_layer": SKIPPED}) == "department"
    assert next_segment({"department": "it", "business_line": "b2b"}) == "role_layer"
    assert next_segment({"business_line": "both"}) == "role_layer"


@pytest.mark.parametrize(
    ("segment", "option"),
    [
        ("role_layer", "marketing"),
        ("department", "board"),
        ("business_line", "together"),
        ("first_line", "both"),
        ("shoe_size", "44"),
        ("shoe_size", ""),
        ("role_layer", ""),
    ],
)
def test_a_segment_or_option_that_does_not_exist_is_refused(segment: str, option: str) -> None:
    with pytest.raises(ValueError, match=segment):
        with_option({}, segment, option)


def test_an_answer_leaves_the_others_and_what_was_given_in_alone() -> None:
    known = {"role_layer": "board", "business_line": "both", "first_line": "b2c"}
    changed = with_option(known, "role_layer", "specialist")
    assert changed == {"role_layer": "specialist", "business_line": "both", "first_line": "b2c"}
    assert known == {"role_layer": "board", "business_line": "both", "first_line": "b2c"}


@pytest.mark.parametrize("line", ["b2c", "b2b", SKIPPED])
def test_with_another_line_it_is_open_again_with_which_to_begin(line: str) -> None:
    known = {"business_line": "both", "first_line": "b2b"}
    assert with_option(known, "business_line", line) == {"business_line": line}
    assert with_option(known, "business_line", "both") == known


@pytest.mark.parametrize(
    ("business_line", "begun", "line", "second"),
    [
        ("b2c", None, "b2c", None),
        ("b2b", None, "b2b", None),
        (SKIPPED, None, None, None),
        (None, None, None, None),
        ("both", "b2c", "b2c", "b2b"),
        ("both", "b2b", "b2b", "b2c"),
        ("both", "together", "both", None),
        ("both", SKIPPED, "both", None),
        ("both", None, "both", None),
        # Left over from before: it no longer matters.
        ("b2c", "b2b", "b2c", None),
        (SKIPPED, "b2b", None, None),
    ],
)
def test_the_line_of_the_first_run_and_that_of_the_second(
    business_line: str | None, begun: str | None, line: str | None, second: str | None
) -> None:
    given = {"business_line": business_line, "first_line": begun}
    segments = {segment: option for segment, option in given.items() if option is not None}
    assert first_line(segments) == line
    assert other_line(segments, line) == second


def test_there_is_no_other_line_than_the_two() -> None:
    apart = {"business_line": "both", "first_line": "b2c"}
    assert [other_line(apart, line) for line in ("b2c", "b2b", "both", None)] == ["b2b", "b2c", None, None]


@given(ANSWERS)
def test_whatever_was_answered_in_whatever_order_a_few_more_answers_leave_nothing_open(
    answers: list[tuple[str, str]],
) -> None:
    segments = after(answers)
    for _ in range(len(SEGMENTS)):
        segment = next_segment(segments)
        if segment is None:
            break
        segments = with_option(segments, segment, SKIPPED)
    assert next_segment(segments) is None
    assert first_line(segments) in ("b2c", "b2b", "both", None)


@given(ANSWERS)
def test_the_segment_that_is_asked_is_never_one_that_is_known(answers: list[tuple[str, str]]) -> None:
    segments = after(answers)
    segment = next_segment(segments)
    assert segment is None or segment not in segments
    assert set(segments) <= set(SEGMENTS)


@given(ANSWERS)
def test_a_second_run_is_about_the_line_that_the_first_was_not(answers: list[tuple[str, str]]) -> None:
    segments = after(answers)
    line = first_line(segments)
    other = other_line(segments, line)
    if other is not None:
        assert {line, other} == {"b2c", "b2b"}
        assert other_line(segments, other) == line


def test_every_way_through_the_segments_asks_each_once_and_ends() -> None:
    ways = 0
    choices = [(*SEGMENTS[segment], SKIPPED) for segment in SEGMENTS]
    for options in product(*choices):
        wanted = dict(zip(SEGMENTS, options, strict=True))
        segments: dict[str, str] = {}
        asked: list[str] = []
        while (segment := next_segment(segments)) is not None:
            asked.append(segment)
            segments = with_option(segments, segment, wanted[segment])
        assert len(asked) == len(set(asked)) == (4 if wanted["business_line"] == "both" else 3)
        ways += 1
    # 5 roles, 8 departments, 4 kinds of customers, 4 ways to begin, 'skipped' among each.
    assert ways == 5 * 8 * 4 * 4
