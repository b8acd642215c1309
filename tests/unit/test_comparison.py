"""Respondents side by side: figures computed by hand, groups, gaps, what is published."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assessment.comparison import (
    OTHERS,
    UNKNOWN,
    Comparison,
    Entry,
    compare,
    quantile,
)
from bot.assessment.definitions import MaturityModel
from bot.assessment.editions import (
    Published,
    comparison_of,
    content_of,
    members_of,
    plan,
    published_of,
)
from bot.assessment.protection import is_safe
from bot.service.desk.standings import standing
from tests.unit.models import make_answers, make_checklist, make_model, make_states

TWO = {"data": [1.0, 1.0]}


def entry(
    model: MaturityModel, name: str, signs: str, layer: str | None = None, **segments: str | None
) -> Entry:
    """Somebody who answered the items of dimension 'data' so; see make_answers."""
    found = standing(model, make_answers(data=signs), name, 1)
    return Entry(
        unit=f"{name}@1",
        person=name,
        segments={"role_layer": layer, **segments},
        overall=found.overall,
        dimensions={key: (one.score, one.staged) for key, one in found.dimensions.items()},
        items={key: (one.level, one.score, one.open) for key, one in found.items.items()},
    )


def compared(model: MaturityModel, entries: list[Entry], **options: Mapping[str, int]) -> Comparison:
    found = compare(model, entries, **options)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_nobody_is_compared_with_nobody() -> None:
    assert compare(make_model(TWO), []) is None


def test_the_figures_of_an_item_are_those_computed_by_hand() -> None:
    model = make_model(TWO)
    signs = ["13", "23", "23", "53", "s3"]
    found = compared(model, [entry(model, f"p{i}", one) for i, one in enumerate(signs)]).whole.items["data.a"]

    # levels 1 2 2 5 and one skipped
    assert found.counts == (1, 2, 0, 0, 1)
    assert found.n == 4
    assert found.open == {"skipped": 1}
    assert found.mean == 2.5
    assert found.median == 2.0
    # places 0.75 and 2.25 of 1 2 2 5: 1 + 0.75 * 1, 2 + 0.25 * 3
    assert (found.q1, found.q3) == (1.75, 2.75)
    assert (found.lowest, found.highest) == (1.0, 5.0)
    # deviations -1.5 -0.5 -0.5 2.5: squares 2.25 0.25 0.25 6.25 = 9, / 3 = 3
    assert found.sd == pytest.approx(3**0.5)
    # 1 - 3/2 is below zero
    assert found.agreement == 0.0


def test_the_figures_of_a_dimension_are_those_computed_by_hand() -> None:
    model = make_model(TWO)
    found = compared(model, [entry(model, "p", "24"), entry(model, "q", "33"), entry(model, "r", "35")])
    data = found.whole.dimensions["data"]

    # scores 3, 3, 4
    assert data.mean == pytest.approx(10 / 3)
    assert data.median == 3.0
    assert (data.lowest, data.highest) == (3.0, 4.0)
    # staged: 2 4 -> two thirds at 2 (4 is only half); 3 3 -> 3; 3 5 -> 3
    assert data.counts == (0, 1, 2, 0, 0)
    # a: 2 3 3, variance 1/3. b: 4 3 5, variance 1. q = (1/3 + 1) / 2 / 2 = 1/3.
    # J = 2: (4/3) / (4/3 + 1/3) = 0.8
    assert data.agreement == pytest.approx(0.8)


def test_a_dimension_with_too_little_answered_has_no_value_and_counts_as_open() -> None:
    model = make_model({"data": [1.0, 1.0, 1.0]})
    found = compared(model, [entry(model, "p", "2??"), entry(model, "q", "222")])
    assert found.whole.dimensions["data"].n == 1
    assert found.whole.dimensions["data"].open == {"unanswered": 1}


def test_why_answers_are_missing_is_counted_apart() -> None:
    model = make_model({"data": [1.0]})
    found = compared(model, [entry(model, one, one) for one in ("?", "s", "x", ".", "3")])
    assert found.whole.items["data.a"].open == {
        "skipped": 1,
        "dont_know": 1,
        "not_applicable": 1,
        "unanswered": 1,
    }


def test_groups_come_in_the_order_of_the_options_and_unknown_last() -> None:
    model = make_model(TWO)
    found = compared(
        model,
        [
            entry(model, "p", "11", "front_line"),
            entry(model, "q", "33", None),
            entry(model, "r", "22", "skipped"),
            entry(model, "s", "44", "board"),
            entry(model, "t", "55", "board"),
        ],
    )
    layers = found.groups["role_layer"]
    assert [(one.option, one.n) for one in layers] == [
        ("board", 2),
        ("front_line", 1),
        ("skipped", 1),
        (UNKNOWN, 1),
    ]
    assert layers[0].items["data.a"].mean == 4.5
    assert [one.option for one in found.groups["department"]] == [UNKNOWN]


def sides(management: str, work_floor: str, model: MaturityModel | None = None) -> Comparison:
    """Management and the work floor with these levels at a dimension of one item."""
    model = model or make_model({"data": [1.0]})
    layers = {"m": ("board", "management"), "w": ("specialist", "front_line")}
    entries = [
        entry(model, f"{side}{i}", sign, layers[side][i % 2])
        for side, signs in (("m", management), ("w", work_floor))
        for i, sign in enumerate(signs)
    ]
    return compared(model, entries)


def test_management_is_the_board_too_and_the_gap_is_signed() -> None:
    found = sides("444", "3333")
    assert found.management is not None
    assert found.management.n == 3
    gap = found.gaps["data.a"]
    assert (gap.difference, gap.higher, gap.noteworthy) == (1.0, "management", True)
    assert found.gaps["data"].difference == 1.0
    assert sides("333", "444").gaps["data.a"].higher == "work_floor"
    assert sides("333", "444").gaps["data.a"].difference == -1.0


def test_a_gap_is_noteworthy_from_three_quarters_of_a_level_on() -> None:
    # 4 4 4 4 against 3 3 3 4: 4 - 3.25
    assert sides("4444", "3334").gaps["data.a"].noteworthy
    # 4 4 4 against 3 3 4: 4 - 10/3 = 0.67
    assert not sides("444", "334").gaps["data.a"].noteworthy


def test_a_gap_with_two_people_on_one_side_is_not_noteworthy_yet() -> None:
    assert not sides("55", "1111").gaps["data.a"].noteworthy
    assert not sides("5555", "11").gaps["data.a"].noteworthy
    assert sides("555", "111").gaps["data.a"].noteworthy


def test_equal_sides_have_no_higher_one() -> None:
    assert sides("333", "333").gaps["data.a"].higher is None


def test_without_management_there_is_no_gap() -> None:
    assert sides("", "333").management is None
    assert sides("", "333").gaps == {}


def test_the_target_is_the_level_after_the_one_that_half_of_the_people_have_reached() -> None:
    model = make_model({"data": [1.0]})
    # 2 2 3 3: half are at 3 or above
    assert compared(model, [entry(model, f"p{i}", one) for i, one in enumerate("2233")]).targets == {
        "data": 4
    }
    assert compared(model, [entry(model, f"p{i}", one) for i, one in enumerate("2223")]).targets == {
        "data": 3
    }
    assert compared(model, [entry(model, "p", "5")]).targets == {"data": 5}
    assert compared(model, [entry(model, "p", "2")], targets={"data": 5}).targets == {"data": 5}


def test_elements_are_counted_by_stage_and_averaged_by_score() -> None:
    # one practice of each stage
    model = make_checklist({"bread": ["123"]})
    entries = []
    for name, states in (("p", "inn"), ("q", "iin"), ("r", "iii"), ("s", "nnn")):
        found = standing(model, make_states(bread=states), name, 1)
        entries.append(
            Entry(
                name,
                name,
                {},
                found.overall,
                {key: (one.score, one.staged) for key, one in found.dimensions.items()},
                {key: (one.level, one.score, one.open) for key, one in found.items.items()},
            )
        )
    item = compared(model, entries).whole.items["bread.a"]
    assert item.counts == (1, 1, 1, 1)
    assert item.mean == 1.5
    # 0 1 2 3: variance 5/3; at random on an axis of three 0.75: no agreement
    assert item.agreement == 0.0
    # two who have the first and one who has two: 1 1 2, variance 1/3: 1 - (1/3) / 0.75
    few = compared(model, [entries[0], entries[0], entries[1]]).whole.items["bread.a"]
    assert few.agreement == pytest.approx(1 - (1 / 3) / 0.75)


def test_quantiles_are_those_of_linear_interpolation() -> None:
    ordered = [(1.0, 1), (2.0, 1), (4.0, 2)]
    assert quantile(ordered, 0.0) == 1.0
    assert quantile(ordered, 0.5) == 3.0
    assert quantile(ordered, 1.0) == 4.0
    assert quantile([], 0.5) is None
    assert quantile([(3.0, 1)], 0.9) == 3.0


# --- what is published ------------------------------------------------------------------------------


def people(
    model: MaturityModel, layers: Mapping[str, int], signs: str = "33", prefix: str = "p"
) -> list[Entry]:
    return [
        entry(model, f"{prefix}-{layer}-{i}", signs, layer) for layer, n in layers.items() for i in range(n)
    ]


def published(
    model: MaturityModel, entries: list[Entry], *earlier: Published
) -> tuple[Comparison, Published] | None:
    whose = {one.unit: one.person for one in entries}
    planned = plan(model, entries, whose, earlier)
    if planned is None:
        return None
    protection, members = planned
    found = compare(model, entries, protection=protection)
    assert found is not None
    return found, members


def test_of_four_people_nothing_is_published() -> None:
    model = make_model(TWO)
    assert published(model, people(model, {"board": 4})) is None
    assert published(model, people(model, {"board": 5})) is not None


def test_a_small_group_takes_the_smallest_of_the_others_along() -> None:
    model = make_model(TWO)
    made = published(model, people(model, {"board": 3, "management": 5, "specialist": 6, "front_line": 9}))
    assert made is not None
    found, _ = made
    # management 8 and work floor 15 first. The board, or management, would be left over of those 8.
    assert found.management is not None
    assert [(one.option, one.n, one.of) for one in found.groups["role_layer"]] == [
        ("specialist", 6, ()),
        ("front_line", 9, ()),
        (OTHERS, 8, ("board", "management")),
    ]


def test_what_is_left_open_by_few_hides_the_figure_of_the_group_that_it_would_point_at() -> None:
    model = make_model(TWO)
    entries = people(model, {"specialist": 6, "front_line": 9})
    # of 'front_line' only four have a level at data.a
    entries = [
        entry(
            model,
            one.person,
            "s3" if one.person in [f"p-front_line-{i}" for i in range(5)] else "33",
            one.segments["role_layer"],
        )
        for one in entries
    ]
    made = published(model, entries)
    assert made is not None
    found, _ = made
    shown = {one.option: set(one.items) for one in found.groups["role_layer"]}
    assert shown["front_line"] == {"data.b"}
    # Nor is it told of the others: the whole less the others would be these four.
    assert shown["specialist"] == {"data.b"}
    assert found.whole.items["data.a"].n == 10
    assert found.whole.items["data.a"].open == {"skipped": 5}


def test_reasons_of_fewer_than_five_are_told_together() -> None:
    model = make_model(TWO)
    entries = [*people(model, {"specialist": 9}), entry(model, "x", "?3"), entry(model, "y", "s3")]
    made = published(model, entries)
    assert made is not None
    assert made[0].whole.items["data.a"].open == {"left_open": 2}


def test_what_is_published_of_a_dimension_tells_no_ends_and_one_decimal() -> None:
    model = make_model(TWO)
    entries = [entry(model, f"p{i}", one) for i, one in enumerate(["12", "33", "33", "34", "35", "44"])]
    made = published(model, entries)
    assert made is not None
    data = made[0].whole.dimensions["data"]
    assert (data.lowest, data.highest) == (None, None)
    # scores 1.5 3 3 3.5 4 4: mean 19/6 = 3.1667
    assert data.mean == 3.2
    assert compared(model, entries).whole.dimensions["data"].mean == pytest.approx(19 / 6)


def test_one_more_person_makes_no_new_edition_and_five_more_do() -> None:
    model = make_model(TWO)
    first = people(model, {"board": 5, "front_line": 5})
    made = published(model, first)
    assert made is not None
    _, members = made
    assert published(model, [*first, entry(model, "new", "11", "board")], members) is None
    more = [*first, *people(model, {"front_line": 5}, "11", "new")]
    again = published(model, more, members)
    assert again is not None
    assert again[0].n == 15


def test_one_person_who_changed_an_answer_makes_no_new_edition() -> None:
    model = make_model(TWO)
    first = people(model, {"front_line": 8})
    made = published(model, first)
    assert made is not None
    changed = [Entry(**{**vars(first[0]), "unit": "p-front_line-0@2"}), *first[1:]]
    whose = {one.unit: one.person for one in [*first, *changed]}
    assert plan(model, changed, whose, [made[1]]) is None


def test_an_edition_comes_back_from_json_as_it_was() -> None:
    model = make_model(TWO)
    made = published(model, people(model, {"board": 6, "front_line": 9}))
    assert made is not None
    found, members = made
    assert comparison_of(content_of(found), model) == found
    assert published_of(members_of(members)) == members


LAYERS = ("board", "management", "specialist", "front_line", None)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(LAYERS),
            st.sampled_from(("sales", "it", "data")),
            st.sampled_from(("33", "s3", "1?", "24")),
        ),
        min_size=1,
        max_size=24,
    )
)
def test_whatever_is_published_is_safe_figure_by_figure(
    drawn: list[tuple[str | None, str, str]],
) -> None:
    model = make_model(TWO)
    entries = [
        entry(model, f"p{i}", signs, layer, department=department)
        for i, (layer, department, signs) in enumerate(drawn)
    ]
    made = published(model, entries)
    if made is None:
        assert len(entries) < 5
        return
    _, members = made
    assert is_safe(members.groups.values(), {})
    for figure in members.shown:
        behind = members.behind(figure)
        assert is_safe(behind, {})
        assert all(len(one) >= 5 for one in behind)
