"""What a comparison comes down to in words: honest about groups, and in the figures that are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.assessment.comparison import Comparison, between, widest
from bot.desk import compare_view
from bot.desk.compare_view import Headline, Reader
from tests.unit.models import make_model
from tests.unit.test_comparison import compared, entry

TWO = {"data": [1.0, 1.0]}
NL = Reader("nl")


def departments(**signs: tuple[str, ...]) -> Comparison:
    """Department -> what each of its people answered on the two questions of 'data'."""
    model = make_model(TWO)
    return compared(
        model,
        [
            entry(model, f"{department}{i}", one, department=department)
            for department, people in signs.items()
            for i, one in enumerate(people)
        ],
    )


def headline(found: Comparison) -> Headline:
    return compare_view.headline(NL, found, compare_view.rows(NL, found, ()))


def test_the_departments_that_are_furthest_apart_are_those_with_enough_people() -> None:
    found = departments(
        marketing=("44", "44", "33"), it=("22", "22", "22"), sales=("55", "55"), data=("33", "33", "33")
    )
    apart = between(found, "data.a", "department")
    assert apart is not None
    # marketing (4 + 4 + 3) / 3, it 2; two people of sales are too few.
    assert (apart.high.option, apart.low.option) == ("marketing", "it")
    assert apart.difference == pytest.approx(11 / 3 - 2)
    assert apart.noteworthy
    assert widest(found, "data.a") == apart
    assert between(found, "data.a", "business_line") is None


def test_what_is_published_takes_five_people_on_either_side() -> None:
    found = departments(marketing=("44",) * 5, it=("22",) * 4, data=("33",) * 5)
    here = between(replace(found, protected=True), "data", "department")
    assert here is not None
    assert (here.high.option, here.low.option) == ("marketing", "data")


def test_people_of_whom_nothing_is_known_are_no_department() -> None:
    model = make_model(TWO)
    people = [entry(model, f"a{i}", "44", department="skipped") for i in range(4)]
    people += [entry(model, f"b{i}", "22", department="it") for i in range(4)]
    assert between(compared(model, people), "data", "department") is None


def test_nobody_is_said_to_agree_on_what_departments_see_differently() -> None:
    # 4 4 4 and 3 x 6: r_wg 0.875 on both questions, which is strong; a level between the departments.
    found = departments(marketing=("44",) * 3, it=("33",) * 6)
    told = headline(found)
    [row] = compare_view.rows(NL, found, ())
    assert row.agreed == "strong"
    assert row.noteworthy
    assert told.agree == "Bij elk onderdeel is er wel een vraag of een groep die anders denkt."
    assert len(told.groups) == 1
    assert "4,0 (n = 3)" in told.groups[0]
    assert "3,0 (n = 6)" in told.groups[0]
    assert "verschil is het grootst bij data" in told.groups[0].lower()


def test_departments_that_say_the_same_are_said_to_and_may_agree() -> None:
    told = headline(departments(marketing=("33",) * 3, it=("33",) * 3))
    assert told.agree.startswith("Over alle onderdelen")
    assert told.groups == ("Afdelingen liggen nergens ver uit elkaar.",)


def test_a_difference_is_that_of_the_figures_beside_it() -> None:
    model = make_model({"data": [1.0]})
    # management 4 4 4 3 3 3 3 3 3 = 30 / 9 = 3.33; work floor 2 3 3 3 2 2 2 = 17 / 7 = 2.43: 0.905 apart.
    people = [entry(model, f"m{i}", one, "management") for i, one in enumerate("444333333")]
    people += [entry(model, f"w{i}", one, "front_line") for i, one in enumerate("2333222")]
    found = compared(model, people)
    assert "3,3, de werkvloer 2,4: de leiding is 0,9 hoger" in compare_view.gap_words(
        NL, found.gaps["data.a"]
    )
    # 3.45 and 2.34 are 1.1 apart; as shown, 3.5 (half up) and 2.3, it is 1.2.
    gap = found.gaps["data.a"]
    odd = replace(
        gap,
        management=replace(gap.management, mean=3.45),
        work_floor=replace(gap.work_floor, mean=2.34),
        difference=1.11,
    )
    assert "3,5, de werkvloer 2,3: de leiding is 1,2 hoger" in compare_view.gap_words(NL, odd)
    groups = [one for one in (found.management, found.work_floor) if one is not None]
    assert compare_view.rows(NL, found, groups)[0].apart == "+0,9"
    assert NL.step(1.64, 2.15) == 0.6


def test_it_says_where_each_target_comes_from() -> None:
    model = make_model({"data": [1.0], "people": [1.0]})
    found = compared(model, [entry(model, f"p{i}", "2") for i in range(3)], targets={"people": 4})
    assert compare_view.targets_from(NL, found, None).startswith(
        "Doel: één niveau boven wat minstens de helft"
    )
    told = compare_view.targets_from(NL, found, {model.id: {"people": 4}})
    assert "gekozen voor people (nl)" in told
    assert "andere onderdelen: één niveau boven" in told
