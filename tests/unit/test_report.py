"""What a report says: figures by hand, why something has no score, the order and the numbers of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.assessment.answers import Answer
from bot.assessment.definitions import MaturityModel
from bot.assessment.records import Assessment, Depth, StoredAnswer
from bot.service.report import file_name, report
from bot.service.report_view import DimensionPage, Report
from bot.service.turn import Running
from tests.made_up_reports import NOON
from tests.made_up_reports import model as own_model
from tests.made_up_reports import running as own_running
from tests.unit.models import make_answers, make_checklist, make_model, make_states

THREE = {"data": (1, 1, 1), "people": (1, 1, 1), "value": (1, 1, 1)}


def run(
    model: MaturityModel,
    answers: Mapping[str, Answer],
    *,
    depth: Depth = "full",
    line: str | None = None,
    words: Mapping[str, str] | None = None,
) -> Running:
    stored = {
        item_id: StoredAnswer(number, "a", answer, None, "t", "respondent", (words or {}).get(item_id), NOON)
        for number, (item_id, answer) in enumerate(answers.items())
    }
    return Running(
        Assessment("a", "c", "h", model.id, "1.0.0", "completed", None, NOON, NOON, line, depth),
        model,
        stored,
    )


def english(running: Running) -> Report:
    """The report in English, without the ' (en)' that tells it apart in a made-up model."""

    def plain(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace(" (en)", "")
        if isinstance(value, tuple):
            return tuple(plain(one) for one in value)
        if hasattr(value, "__dataclass_fields__"):
            return replace(
                value, **{name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
            )
        return value

    made_up: Report = plain(report(running, "en"))
    return made_up


def made(**given: str) -> Report:
    return english(run(make_model(THREE), make_answers(**given)))


def page(made_up: Report, title: str) -> DimensionPage:
    return next(one for one in made_up.dimensions if one.title == title)


# --- conclusions ------------------------------------------------------------------------------------


def test_the_figures_are_the_average_the_strongest_and_the_weakest() -> None:
    # 3.0, 2.0 and 4.0 have a mean of 3.0.
    figures = made(data="333", people="222", value="444").figures

    assert [(one.value, one.text) for one in figures] == [
        ("3.0", "of 5"),
        ("4.0", "value"),
        ("2.0", "people"),
    ]


def test_equal_ends_are_named_together_and_where_all_are_equal_there_is_no_strongest() -> None:
    shared = made(data="333", people="222", value="333").figures
    even = made(data="333", people="333", value="333").figures

    assert shared[1].text == "data and value"
    assert len(even) == 1


def test_without_enough_answers_there_is_no_average() -> None:
    made_up = made(data="333", people="s??", value="xxx")

    # Only data has a score: one of three dimensions is less than half, and no difference can be named.
    assert made_up.figures == ()
    assert made_up.overall == "Too few areas were answered for an average."
    assert [one.split(":")[0] for one in made_up.gaps] == ["people", "value"]
    assert [axis.today for axis in made_up.radar.axes] == [3.0, None, None]


def test_the_overview_has_a_row_for_each_dimension_with_the_share_that_was_answered() -> None:
    overview = made(data="33?", people="s??", value="xxx").overview

    assert overview.columns[-1] == "Answered"
    # Two of three; none of three; of what does not apply there is no share.
    assert [row[0] for row in overview.rows] == ["data", "people", "value"]
    assert [row[-1] for row in overview.rows] == ["67%", "0%", "–"]
    assert [row[1] for row in overview.rows] == ["3.0", "–", "–"]


def test_an_unfinished_round_says_how_far_it_is() -> None:
    notes = made(data="333", people="3..", value="...").notes

    assert notes == (
        "This round is not finished: 4 of 9 questions have been put. The report shows what there is now.",
    )


def test_the_file_is_named_after_model_customers_and_day() -> None:
    made_up = report(own_running(own_model("cemm")), "nl")

    assert file_name(made_up) == "peil-klantbetrokkenheid-klanten-bedrijven-2026-11-22.pdf"
    assert file_name(replace(made_up, title='é"/../\r\n;ß€', about=None)) == "peil-e-2026-11-22.pdf"
    assert file_name(replace(made_up, title="€", about=None)) == "peil-2026-11-22.pdf"
    assert len(file_name(replace(made_up, title="a" * 500))) < 90


# --- a dimension ------------------------------------------------------------------------------------


def test_a_dimension_says_its_level_what_that_means_and_the_target() -> None:
    one = page(made(data="333", people="222", value="444"), "data")

    assert (one.score, one.remark, one.uncertainty) == ("3.0", None, ())
    assert one.ladder is not None
    assert (one.ladder.today, one.ladder.target) == (3, 4)
    assert [level.value for level in one.ladder.levels] == [1, 2, 3, 4, 5]
    assert one.level_text == ("You are at level 3, stage 3. means 3\nThe target is level 4, stage 4. means 4")


def test_a_level_far_below_the_score_is_explained_and_one_at_the_target_too() -> None:
    # 5, 5, 1 have a mean of 3.67, but one answer at 1 keeps the level at 2.
    made_up = made(data="551", people="555", value="444")

    assert "one answer lies far behind" in (page(made_up, "data").level_text or "")
    assert "That is the target as well." in (page(made_up, "people").level_text or "")
    assert page(made_up, "people").no_steps == "This area is at its target. Staying here is a good choice."


def test_what_is_open_is_named_by_kind_with_the_scores_that_remain_possible() -> None:
    one = page(made(data="4?s", people="22x", value="444"), "data")
    other = page(made(data="44?", people="22x", value="444"), "data")
    third = page(made(data="4?s", people="22x", value="444"), "people")

    # One of three answered is less than half.
    assert (one.score, one.remark) == (None, "Too little answered")
    assert one.ladder is None
    assert one.uncertainty == (
        "Of what counts here, 33% has been answered.",
        "Don't know: b.",
        "Skipped: c.",
        # (4 + 1 + 1) / 3 and (4 + 5 + 5) / 3.
        "With all answers the score can end up between 2.0 and 4.7.",
    )
    # (4 + 4 + 1) / 3 and (4 + 4 + 5) / 3.
    assert other.scale.possible == pytest.approx((3.0, 13 / 3))
    assert third.uncertainty == ("Does not apply to you, and does not count: c.",)


def test_a_dimension_of_which_nothing_applies_or_is_known_says_why_there_is_no_step() -> None:
    made_up = made(data="333", people="???", value="xxx")

    assert page(made_up, "people").no_steps == "Too little is known here to name a step."
    assert page(made_up, "value").no_steps == "What does not apply to you takes no step either."
    assert page(made_up, "people").scale.possible is None
    assert [one.label for one in page(made_up, "people").answers] == ["Don't know"] * 3
    assert not any(one.given for one in page(made_up, "people").answers)


def test_own_words_stand_with_their_answer_if_they_say_more_than_it() -> None:
    model = make_model(THREE)
    running = run(
        model,
        make_answers(data="333", people="222", value="444"),
        words={"data.a": "3", "data.b": "we share one list, since last year"},
    )

    first, second, third = english(running).dimensions[0].answers
    assert (first.words, second.words, third.words) == (None, "we share one list, since last year", None)


# --- checklists -------------------------------------------------------------------------------------


def test_an_element_has_its_score_its_stage_and_its_practices_by_state() -> None:
    model = make_checklist({"bread": ["11223"], "oven": ["1"], "shop": ["1"]})
    answers = make_states(bread="iipn?", oven="i", shop="X")

    made_up = english(run(model, answers))
    [element] = made_up.dimensions[0].elements

    # Both of stage 1, none of stages 2 and 3: (1 + 0 + 0) x 3 / 3.
    assert (element.score, element.stage) == ("1.0", "1 · stage 1")
    assert element.in_place == "2 of 5"
    assert [(one.state, one.count, one.stages) for one in element.groups] == [
        ("in_place", 2, (("stage 1", "practice a and practice b"),)),
        ("planned", 1, (("stage 2", "practice c"),)),
        ("not_yet", 1, (("stage 2", "practice d"),)),
        ("dont_know", 1, (("stage 3", "practice e"),)),
    ]
    assert "Not known whether you do them: 1 of 5 points." in made_up.dimensions[0].uncertainty
    [left_out] = made_up.dimensions[2].elements
    assert (left_out.score, left_out.remark, left_out.groups) == (None, "Does not apply", ())


# --- what was answered beside the scores ------------------------------------------------------------


def test_a_choice_a_positioning_and_signals_are_told_with_what_they_ask() -> None:
    choice, signals = english(own_running(own_model("cx"))).insights
    [position] = english(own_running(own_model("omnichannel"))).insights

    assert choice.answer == own_model("cx").item("purpose.archetype")[1].options[2].label["en"]
    assert any(one.startswith("What that takes:") or "asks" in one for one in choice.sentences)
    assert signals.answer == "3 of 10 recognised"
    assert len(signals.signs) == 3
    assert position.places[0][0] == "Leading now"
    assert len(position.places) == 5
    # It wants to lead on the third aspect, and so does its competitor.
    assert len(position.sentences) == 3


def test_what_was_asked_beside_the_scores_and_not_answered_is_named_too() -> None:
    running = own_running(own_model("cx"))
    left = dict(running.stored)
    left["purpose.archetype"] = replace(
        left["purpose.archetype"], answer=Answer("purpose.archetype", "dont_know")
    )

    insight = english(replace(running, stored=left)).insights[0]

    assert (insight.answer, insight.sentences) == ("Don't know", ())


# --- steps ------------------------------------------------------------------------------------------


def test_steps_are_numbered_through_all_horizons_and_the_same_everywhere() -> None:
    made_up = made(data="111", people="333", value="222")

    assert made_up.road_map is not None
    assert made_up.matrix is not None
    horizons = [[step.number for step in one.steps] for one in made_up.road_map.horizons]
    assert [number for one in horizons for number in one] == list(range(1, len(made_up.matrix.steps) + 1))
    assert [step.number for step in made_up.first_steps] == horizons[0] == [1, 2, 3]
    on_pages = {step.number: step for one in made_up.dimensions for step in one.steps}
    assert on_pages == {step.number: step for step in made_up.matrix.steps}
    for one in made_up.dimensions:
        assert {step.dimension for step in one.steps} <= {one.title}


def test_a_step_stands_where_the_respondent_placed_it() -> None:
    running = run(make_model(THREE), make_answers(data="111", people="333", value="222"))

    placed = replace(running.assessment, placed={"data.a>2": [3, 1], "data.z>2": [1, 1]})
    made_up = english(replace(running, assessment=placed))

    assert made_up.matrix is not None
    [placed] = [step for step in made_up.matrix.steps if step.placed]
    assert (placed.dimension, placed.title, placed.levels) == ("data", "a", "1 → 2")
    assert (placed.benefit.name, placed.investment.name) == ("large", "small")
    assert f"Step {placed.number}: benefit large, effort small." in made_up.matrix.alt


def test_where_all_is_at_its_target_there_is_no_road_map_and_it_says_why() -> None:
    made_up = made(data="555", people="555", value="555")

    assert (made_up.road_map, made_up.matrix, made_up.first_steps) == (None, None, ())
    assert made_up.no_steps


# --- a quick scan -----------------------------------------------------------------------------------


def test_a_quick_scan_has_no_levels_and_no_targets_and_names_what_it_left_out() -> None:
    running = run(make_model(THREE), make_answers(data="3", people="2", value="4"), depth="quick")
    made_up = english(running)

    assert made_up.indication
    assert made_up.levels == ()
    assert all(one.ladder is None and one.level_text is None for one in made_up.dimensions)
    assert all(axis.target is None for axis in made_up.radar.axes)
    assert [len(row) for row in made_up.overview.rows] == [2, 2, 2]
    assert made_up.dimensions[0].uncertainty == ("Not asked in the quick scan: b and c.",)
    assert len(made_up.first_steps) == 1
    assert made_up.method.paragraphs[0].startswith("This is an indication")
    assert "b" in made_up.notes[0]


def test_a_quick_scan_says_why_a_dimension_has_no_score() -> None:
    running = run(make_model(THREE), make_answers(data="3", people="?", value="x"), depth="quick")

    rows = english(running).overview.rows

    assert rows == (("data", "3.0"), ("people", "too little answered"), ("value", "does not apply to you"))


def test_chosen_targets_are_the_ones_that_the_report_shows() -> None:
    running = run(make_model(THREE), make_answers(data="333", people="222", value="444"))
    chosen = replace(running.assessment, targets={"data": 3, "people": 5})

    made_up = english(replace(running, assessment=chosen))

    # Value keeps the model's target: the next level.
    assert [row[3] for row in made_up.overview.rows] == ["3", "5", "5"]
    assert page(made_up, "data").steps == ()
    # The largest gap comes first now: people, 5 - 2.
    assert made_up.first_steps[0].dimension == "people"


def test_a_target_that_was_chosen_shows_after_a_quick_scan_too() -> None:
    running = run(make_model(THREE), make_answers(data="3", people="2", value="4"), depth="quick")
    chosen = replace(running.assessment, targets={"people": 3})

    made_up = english(replace(running, assessment=chosen))

    assert made_up.overview.columns == ("Area", "Score", "Target")
    assert made_up.overview.rows == (("data", "3.0", "–"), ("people", "2.0", "3"), ("value", "4.0", "–"))
    ladder = page(made_up, "people").ladder
    assert ladder is not None
    assert (ladder.today, ladder.target) == (None, 3)
