"""The workshop agenda: which questions, in which order, with which quotes."""

from __future__ import annotations

import pytest

from bot.assessment.agenda import Agenda, Quote, Said, agenda, choose_quotes, with_quotes
from bot.assessment.comparison import Comparison, Entry
from bot.assessment.definitions import MaturityModel
from bot.service.desk.standings import standing
from tests.unit.models import make_answers, make_model
from tests.unit.test_comparison import compared, entry

SIX = {"data": [1.0] * 6}


def of(model: MaturityModel, *signs: str, layers: str = "") -> Comparison:
    names = {"m": "management", "w": "front_line"}
    entries: list[Entry] = [
        entry(model, f"p{i}", one, names[layers[i]] if layers else None) for i, one in enumerate(signs)
    ]
    return compared(model, entries)


def ids(found: Agenda) -> list[str]:
    return [one.item_id for one in found.items]


def test_what_everybody_agrees_on_is_not_on_the_agenda() -> None:
    model = make_model({"data": [1.0, 1.0]})
    found = agenda(of(model, "31", "33", "35", "31", "35"))
    assert ids(found) == ["data.b"]


def test_where_all_agree_there_is_nothing_to_talk_about() -> None:
    model = make_model({"data": [1.0, 1.0]})
    assert agenda(of(model, "33", "33", "33")).items == ()


def test_the_priority_is_the_one_computed_by_hand() -> None:
    model = make_model({"data": [1.0]}, effort={"data.a": (3, 1)})
    # management 4 4 4, work floor 2 2 2
    [one] = agenda(of(model, "4", "4", "4", "2", "2", "2", layers="mmmwww")).items
    # variance: deviations 1 from the mean 3: 6 / 5 = 1.2; r_wg = 1 - 1.2/2 = 0.4
    assert one.disagreement == pytest.approx(0.6)
    # apart: 2 of half an axis of 4
    assert one.apart == 1.0
    # half of the people have reached 4: the target is 5; mean 3: 2 below, half of the axis; benefit 3 of 3
    assert (one.target, one.benefit) == (5, 3)
    assert one.below == 1.0
    # 0.5 * 0.6 + 0.3 * 1 + 0.2 * 1
    assert one.priority == pytest.approx(0.8)
    assert one.reasons == ("disagreement", "gap", "target")


def test_a_noteworthy_gap_is_talked_about_though_agreement_is_strong() -> None:
    model = make_model({"data": [1.0]})
    # 4 4 4 against 3 x 6: variance 9 people: mean 30/9, 6*(1/3)^2 + 3*(2/3)^2 = 2, / 8 = 0.25: r_wg 0.875
    [one] = agenda(of(model, *"444333333", layers="mmmwwwwww")).items
    assert one.figures.agreement == pytest.approx(0.875)
    assert "disagreement" not in one.reasons
    assert "gap" in one.reasons


def test_a_smaller_benefit_of_the_next_step_brings_it_lower() -> None:
    model = make_model({"data": [1.0, 1.0]}, effort={"data.a": (1, 1), "data.b": (3, 1)})
    found = agenda(of(model, "11", "11", "44", "44"))
    assert ids(found) == ["data.b", "data.a"]


def test_what_is_equal_stays_in_the_order_of_the_model() -> None:
    model = make_model(SIX)
    found = agenda(of(model, "111111", "555555"), 120)
    assert ids(found) == [f"data.{letter}" for letter in "abcdef"]


@pytest.mark.parametrize(("minutes", "count"), [(60, 3), (90, 4), (120, 6)])
def test_it_fits_into_the_time_that_there_is(minutes: int, count: int) -> None:
    model = make_model(SIX)
    found = agenda(of(model, "111111", "555555"), minutes)  # type: ignore[arg-type]
    assert len(found.items) == count
    assert found.opening + found.closing + sum(one.minutes for one in found.items) == minutes
    assert len(found.also) == 6 - count


def test_one_question_does_not_take_the_whole_workshop() -> None:
    model = make_model({"data": [1.0]})
    [one] = agenda(of(model, "1", "5"), 120).items
    assert one.minutes == 30


def said(person: str, text: str, level: int, item_id: str = "data.a") -> Said:
    return Said(item_id, person, text, level, "en", f"ref-{person}-{text[:4]}")


LONG = "we write down what customers say, "


def test_quotes_come_from_different_levels() -> None:
    here = [said(f"p{i}", f"{LONG} number {i}", 2) for i in range(8)]
    here += [said("low", f"{LONG} but nobody looks", 1), said("high", f"{LONG} and act on it", 5)]
    for seed in "abcdef":
        assert sorted(one.level for one in choose_quotes(here, seed)["data.a"]) == [1, 2, 5]


def test_without_levels_a_quote_tells_none_and_the_ends_are_not_sought() -> None:
    here = [said(f"p{i}", f"{LONG} number {i}", 2) for i in range(40)]
    here += [said("low", f"{LONG} but nobody looks", 1), said("high", f"{LONG} and act on it", 5)]
    chosen = [choose_quotes(here, str(seed), levels=False)["data.a"] for seed in range(20)]
    assert {quote.level for quotes in chosen for quote in quotes} == {None}
    assert [len(quotes) for quotes in chosen] == [3] * 20
    assert sum("nobody looks" in quote.text for quotes in chosen for quote in quotes) < 10


def test_nobody_is_quoted_twice_at_a_question() -> None:
    here = [said("one", f"{LONG} number {i}", i % 5 + 1) for i in range(9)]
    assert len(choose_quotes(here, "seed")["data.a"]) == 1


def test_what_says_nothing_or_too_much_is_not_quoted() -> None:
    here = [said("a", "level 3", 3), said("b", "1234567890 12345", 3), said("c", "long " * 90, 3)]
    assert choose_quotes(here, "seed").get("data.a", ()) == ()


def test_the_same_seed_gives_the_same_quotes_in_whatever_order_they_were_read() -> None:
    here = [said(f"p{i}", f"{LONG} number {i}", i % 4 + 1) for i in range(12)]
    assert choose_quotes(here, "seed") == choose_quotes(here[::-1], "seed")
    assert len({choose_quotes(here, seed)["data.a"] for seed in "abcdefgh"}) > 1


def test_the_order_of_quotes_does_not_follow_their_levels() -> None:
    here = [said(f"p{i}", f"{LONG} number {i}", i % 5 + 1) for i in range(15)]
    orders = {tuple(one.level for one in choose_quotes(here, str(seed))["data.a"]) for seed in range(20)}
    assert any(list(order) != sorted(order) for order in orders)


def test_the_same_words_of_two_people_are_quoted_once() -> None:
    here = [said("a", f"{LONG} and act", 1), said("b", f"  {LONG.upper()}  and act!", 5)]
    assert len(choose_quotes(here, "seed")["data.a"]) == 1


def test_the_same_words_are_not_quoted_at_two_questions() -> None:
    model = make_model({"data": [1.0, 1.0]})
    made = agenda(of(model, "11", "55"))
    one, other = Quote("Dat weet niemand hier.", 1, "nl", "1"), Quote("dat weet niemand hier", 2, "nl", "2")
    last = Quote("wij schrijven alles op", 3, "nl", "3")
    found = with_quotes(made, {"data.a": [one], "data.b": [other, last]})
    assert [each.quotes for each in found.items] == [(one,), (last,)]


def in_dimensions(model: MaturityModel, **signs: list[str]) -> Comparison:
    """Dimension -> what each person answered there."""
    entries = []
    for number in range(len(next(iter(signs.values())))):
        answers = make_answers(**{dimension: here[number] for dimension, here in signs.items()})
        found = standing(model, answers, f"p{number}", 1)
        entries.append(
            Entry(
                unit=f"p{number}@1",
                person=f"p{number}",
                segments={},
                overall=found.overall,
                dimensions={key: (one.score, one.staged) for key, one in found.dimensions.items()},
                items={key: (one.level, one.score, one.open) for key, one in found.items.items()},
            )
        )
    return compared(model, entries)


def test_of_one_dimension_come_two_questions_while_others_qualify() -> None:
    model = make_model({"data": [1.0, 1.0, 1.0, 1.0], "people": [1.0]})
    # data: 1 5 1 5, r_wg 0; people: 2 4 2 4, variance 4/3, r_wg 1/3: less to talk about, yet it is on it.
    here = in_dimensions(model, data=["1111", "5555", "1111", "5555"], people=["2", "4", "2", "4"])
    found = agenda(here, 60)
    assert ids(found) == ["data.a", "data.b", "people.a"]
    assert found.also == ("data.c", "data.d")
    # With room for four the third of data comes, in its own place.
    assert ids(agenda(here, 90)) == ["data.a", "data.b", "data.c", "people.a"]


def in_departments(model: MaturityModel, **signs: str) -> Comparison:
    """Department -> what its people answered on the one question."""
    return compared(
        model,
        [
            entry(model, f"{department}{i}", sign, department=department)
            for department, here in signs.items()
            for i, sign in enumerate(here)
        ],
    )


def test_the_largest_gap_between_departments_counts_in_the_priority() -> None:
    model = make_model({"data": [1.0]}, effort={"data.a": (3, 1)})
    [one] = agenda(in_departments(model, marketing="444", it="222")).items
    # As of management and work floor: 0.5 * 0.6 + 0.3 * 2/2 + 0.2 * 1.
    assert one.apart == 1.0
    assert one.priority == pytest.approx(0.8)
    assert one.reasons == ("disagreement", "groups", "target")
    # Two people of a department are too few: mean 3, variance (1 + 1 + 1 + 1) / 3 = 4/3, r_wg 1/3.
    [few] = agenda(in_departments(model, marketing="44", it="22")).items
    assert few.apart == 0.0
    assert few.priority == pytest.approx(0.5 * 2 / 3 + 0.2)


def test_departments_far_apart_are_talked_about_though_agreement_is_strong() -> None:
    model = make_model({"data": [1.0]})
    [one] = agenda(in_departments(model, marketing="444", it="333333")).items
    assert one.figures.agreement == pytest.approx(0.875)
    assert one.reasons[0] == "groups"
    assert agenda(in_departments(model, marketing="33", it="333333")).items == ()
