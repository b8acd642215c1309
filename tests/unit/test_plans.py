"""Advice as a consultant edits it: order, dropping, the bot's draft beside it, an organisation's draft."""

import json
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from bot.assessment.answers import Answer, given
from bot.assessment.plans import (
    HORIZONS,
    LONGEST_TITLE,
    MOST_STEPS,
    Plan,
    PlanError,
    PlanStep,
    StepWords,
    added,
    arranged,
    drafted,
    dropped,
    faults,
    from_draft,
    from_json,
    held,
    middle_answers,
    moved,
    reworded,
    taken,
    text_in,
    to_json,
)
from bot.assessment.roadmap import road_map
from bot.assessment.scoring import score
from bot.definitions import load
from bot.service.desk.drafting import organisation_draft
from tests.unit.models import BAKERY, TEAHOUSE, make_model


def words(title: str = "Begin", horizon: str = "now", **other: object) -> StepWords:
    made = StepWords({"nl": title}, {"nl": "do it"}, {"nl": "see it"}, {}, horizon, 2, 2)  # type: ignore[arg-type]
    return replace(made, **other)  # type: ignore[arg-type]


def of_bot(key: str, horizon: str = "now") -> PlanStep:
    text = words(key, horizon)
    return PlanStep(key, text, text, "data")


def plan(*steps: PlanStep) -> Plan:
    return Plan(tuple(steps))


def keys(of: Plan | Sequence[PlanStep]) -> str:
    return "".join(step.key for step in (of.steps if isinstance(of, Plan) else of))


A, B, C = of_bot("a"), of_bot("b", "next"), of_bot("c", "later")


# --- whose a step is ---


def test_a_step_is_the_bots_until_a_word_of_it_or_its_planning_changes() -> None:
    assert A.origin == "bot"
    assert reworded(plan(A), "a", words("Other"), None).steps[0].origin == "edited"
    assert reworded(plan(A), "a", replace(A.words, benefit=3), None).steps[0].origin == "edited"
    assert reworded(plan(A), "a", replace(A.words), None).steps[0].origin == "bot"
    assert added(plan(A), "own:1", words()).step("own:1").origin == "added"


def test_a_step_of_the_bot_keeps_its_dimension_and_an_own_one_takes_the_chosen() -> None:
    both = added(plan(A), "own:1", words())
    assert reworded(both, "a", words("x"), "people").step("a").dimension_id == "data"
    assert reworded(both, "own:1", words("x"), "people").step("own:1").dimension_id == "people"


def test_a_language_is_behind_where_only_the_other_was_changed() -> None:
    both = StepWords({"nl": "Thee", "en": "Tea"}, {"nl": "Zet"}, {"nl": "Zie"}, {}, "now", 2, 2)
    step = PlanStep("a", both, both)
    assert not step.behind("nl")
    assert not step.behind("en")
    changed = replace(step, words=replace(both, title={"nl": "Koffie", "en": "Tea"}))
    assert changed.behind("en")
    assert not changed.behind("nl")
    # What is not there is shown in the other language, and so is not behind.
    assert not replace(step, words=replace(both, title={"nl": "Koffie"})).behind("en")
    assert not PlanStep("own:1", changed.words).behind("en")


# --- order ---


def test_a_step_moves_within_its_horizon_and_over_the_edge_into_the_next() -> None:
    steps = plan(A, of_bot("d"), B, C)
    assert keys(moved(steps, "a", 1)) == "dabc"
    down = moved(steps, "d", 1)
    assert keys(down) == "adbc"
    assert down.step("d").words.horizon == "next"
    up = moved(steps, "c", -1)
    assert keys(up) == "adbc"
    assert up.step("c").words.horizon == "next"


def test_the_first_cannot_go_up_and_the_last_not_down() -> None:
    steps = plan(A, B, C)
    assert moved(steps, "a", -1) == steps
    assert moved(steps, "c", 1) == steps


def test_moving_passes_over_what_is_dropped() -> None:
    steps = dropped(plan(A, of_bot("x"), of_bot("d")), "x")
    assert [step.key for step in moved(steps, "d", -1).kept] == ["d", "a"]
    assert moved(steps, "x", 1) == steps


def test_another_horizon_puts_a_step_at_the_end_of_that() -> None:
    steps = plan(A, B, of_bot("e", "next"), C)
    assert keys(reworded(steps, "a", words("a", "next"), None)) == "beac"


def test_what_was_dropped_comes_back_where_it_was() -> None:
    steps = plan(A, of_bot("d"), B)
    without = dropped(steps, "a")
    assert keys(without.kept) == "db"
    assert keys(without.dropped) == "a"
    assert dropped(without, "a", False) == steps


def test_a_step_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        moved(plan(A), "z", 1)
    with pytest.raises(KeyError):
        dropped(plan(A), "z")


STEPS = st.lists(st.sampled_from(HORIZONS), min_size=1, max_size=8).map(
    lambda horizons: Plan(arranged(of_bot(str(number), one) for number, one in enumerate(horizons)))
)
ACTS = st.lists(
    st.tuples(st.sampled_from(("up", "down", "drop", "restore", "now", "later")), st.integers(0, 7)),
    max_size=30,
)


@hypothesis_given(STEPS, ACTS)
def test_no_order_and_no_dropping_ever_loses_or_doubles_a_step(
    begun: Plan, acts: list[tuple[str, int]]
) -> None:
    now = begun
    for act, number in acts:
        key = str(number % len(begun.steps))
        before = now
        if act in ("up", "down"):
            now = moved(now, key, -1 if act == "up" else 1)
        elif act in ("drop", "restore"):
            now = dropped(now, key, act == "drop")
        else:
            now = reworded(now, key, replace(now.step(key).words, horizon=act), None)  # type: ignore[arg-type]
        assert sorted(keys(now)) == sorted(keys(begun))
        assert [HORIZONS.index(step.words.horizon) for step in now.steps] == sorted(
            HORIZONS.index(step.words.horizon) for step in now.steps
        )
        assert len(now.kept) + len(now.dropped) == len(begun.steps)
        if act in ("up", "down"):
            assert {step.key for step in now.kept} == {step.key for step in before.kept}


@hypothesis_given(STEPS, st.integers(0, 7))
def test_down_and_up_again_is_where_it_was_among_what_is_told(begun: Plan, number: int) -> None:
    key = str(number % len(begun.steps))
    lower = moved(begun, key, 1)
    if lower == begun:
        return
    again = moved(lower, key, -1)
    assert again.kept == begun.kept


# --- the draft beside it ---


def test_a_plan_is_held_against_todays_draft() -> None:
    steps = added(dropped(plan(A, B, C), "c"), "own:1", words())
    other = replace(B, words=words("b2", "next"), drafted=words("b2", "next"))
    # The draft of today: a as it was, b in other words, d new; c, which was dropped, is gone.
    found = held(steps, (A, other, of_bot("d")))
    assert (found.missing, found.gone, found.reworded) == (("d",), ("c",), ("b",))
    assert not found.same
    assert held(steps, (A, B, C)).same


def test_what_the_consultant_changed_is_no_change_of_the_draft() -> None:
    assert held(reworded(plan(A), "a", words("mine"), None), (A,)).same


def test_taking_a_step_of_the_draft_adds_it_in_its_horizon_or_words_it_as_today() -> None:
    assert keys(taken(plan(A, C), B)) == "abc"
    changed = dropped(reworded(plan(A, C), "a", words("mine"), None), "a")
    assert taken(changed, A) == plan(A, C)


def test_a_plan_begins_with_as_much_of_the_draft_as_it_has_room_for() -> None:
    draft = tuple(of_bot(f"{number:02}") for number in range(MOST_STEPS + 3))
    begun = from_draft(draft)
    assert len(begun.steps) == 40
    assert held(begun, draft).missing == ("40", "41", "42")
    with pytest.raises(PlanError, match="too_many"):
        taken(begun, draft[-1])
    with pytest.raises(PlanError, match="too_many"):
        added(begun, "own:1", words())


def test_the_bots_draft_has_every_step_of_the_road_map_in_both_languages() -> None:
    model = load(TEAHOUSE)
    answers = {item: Answer(item, "level", 1) for item in model.item_ids()}
    road = road_map(model, answers, score(model, answers))
    draft = drafted(
        model,
        road,
        title=lambda step, language: f"{language} {step.item_id}",
        why=lambda step, language: "",
        move=lambda step, language: "",
        levels=lambda step, language: f"{step.current}-{step.to}",
    )
    assert len(draft) == len(road.steps) > 0
    first = draft[0]
    assert first.words.begin == road.now[0].action.step
    assert first.words.horizon == "now"
    assert first.words.title == {one: f"{one} {road.now[0].item_id}" for one in ("nl", "en")}
    assert [step.words.horizon for step in draft] == sorted(
        (step.words.horizon for step in draft), key=HORIZONS.index
    )


# --- rules ---


def test_a_step_needs_a_title_what_to_do_and_how_to_see_it_but_no_reason() -> None:
    blank = words("", begin={"en": " "}, measure={})
    found = faults(plan(PlanStep("own:1", blank)))
    assert found == {("own:1", name): "empty" for name in ("title", "begin", "measure")}
    assert faults(plan(PlanStep("own:1", blank, dropped=True))) == {}
    assert faults(plan(PlanStep("own:1", replace(words(), title={"en": "Only English"})))) == {}


def test_the_longest_text_fits_and_one_character_more_does_not() -> None:
    assert faults(plan(PlanStep("a", words("x" * LONGEST_TITLE, why={"nl": "x" * 1000})))) == {}
    assert faults(plan(PlanStep("a", words("x" * 201)))) == {("a", "title"): "too_long"}
    assert faults(plan(PlanStep("a", words(why={"en": "x" * 1001})))) == {("a", "why"): "too_long"}
    assert faults(Plan((), {"nl": "x" * 1001})) == {("", "introduction"): "too_long"}


def test_what_no_form_of_ours_sends_is_an_error() -> None:
    for wrong in (words(horizon="never"), words(benefit=4), words(investment=0)):
        with pytest.raises(ValueError, match="no such"):
            faults(plan(PlanStep("a", wrong)))
    with pytest.raises(ValueError, match="once"):
        faults(plan(A, A))


def test_what_is_missing_in_a_language_is_told_in_the_one_there_is() -> None:
    assert text_in({"nl": "thee", "en": "tea"}, "en") == "tea"
    assert text_in({"nl": "thee", "en": ""}, "en") == "thee"
    assert text_in({}, "en") == ""


def test_a_plan_is_stored_and_read_back_whole() -> None:
    whole = dropped(added(plan(A, replace(B, move={"nl": "van 1"})), "own:1", words(), "data"), "a")
    whole = replace(whole, introduction={"nl": "Hoi"}, upto=7)
    assert from_json(json.loads(json.dumps(to_json(whole)))) == whole


def test_the_mark_changes_with_what_is_read_and_not_with_the_answers_below() -> None:
    steps = plan(A, B)
    assert replace(steps, upto=9).mark == steps.mark
    marks = {
        steps.mark,
        dropped(steps, "a").mark,
        moved(steps, "a", 1).mark,
        replace(steps, introduction={"nl": "x"}).mark,
    }
    assert len(marks) == 4


# --- the organisation ---

MODEL = make_model({"data": (1, 1), "people": (1, 1)})


def told(*levels: int | str) -> list[tuple[Answer, int]]:
    kinds = {"?": "dont_know", "x": "not_applicable", "s": "skipped"}
    return [
        (Answer("data.a", kinds[one]) if isinstance(one, str) else Answer("data.a", "level", one), 1)  # type: ignore[arg-type]
        for one in levels
    ]


@pytest.mark.parametrize(
    ("levels", "middle"),
    [
        # 1 2 4 4 5: the third of five.
        ((4, 1, 5, 2, 4), Answer("data.a", "level", 4)),
        # 1 2 | 4 5: the lower of the two in the middle.
        ((5, 1, 4, 2), Answer("data.a", "level", 2)),
        # Who does not know, or skipped, has no level: 2 3 5.
        ((5, "?", 3, "s", 2), Answer("data.a", "level", 3)),
        # Two of four is no majority; the levels are 1 and 3.
        (("x", "x", 1, 3), Answer("data.a", "level", 1)),
        (("x", "x", "x", 1, 3), Answer("data.a", "not_applicable")),
        (("?", "?", "s"), Answer("data.a", "dont_know")),
    ],
)
def test_the_middle_answer_to_a_question(levels: tuple[int | str, ...], middle: Answer) -> None:
    assert middle_answers(MODEL, {"data.a": told(*levels)}) == {"data.a": middle}


def test_answers_are_counted_as_often_as_they_were_given() -> None:
    # 1 three times and 5 twice: 1 1 1 5 5, the third is 1.
    counted = [(Answer("data.a", "level", 5), 2), (Answer("data.a", "level", 1), 3)]
    assert middle_answers(MODEL, {"data.a": counted})["data.a"].value == 1


def test_an_item_that_nobody_answered_is_not_there() -> None:
    assert middle_answers(MODEL, {}) == {}


def test_of_a_checklist_each_practice_has_its_own_middle() -> None:
    model = load(BAKERY)
    dimension, item = next(model.walk())
    item_id = f"{dimension.id}.{item.id}"
    first, second, *rest = [practice.id for practice in item.practices]

    def one(a: str, b: str) -> Answer:
        return given(item_id, {first: a, second: b, **{key: "dont_know" for key in rest}})

    counted = [
        (one("in_place", "not_fitting"), 2),
        (one("planned", "not_fitting"), 1),
        (one("not_in_place", "in_place"), 2),
    ]
    # first: not there x2, planned, in place x2: the third of five is 'planned'. second: 3 of 5 do not fit.
    found = middle_answers(model, {item_id: counted})[item_id].given
    assert (found[first], found[second]) == ("planned", "not_fitting")
    assert all(found[key] == "dont_know" for key in rest)


def test_the_decision_s_example_of_an_organisations_draft() -> None:
    # docs/adr/0024: 1 1 2 4 5 -> 2; 3 3 4 and two without a level -> 3; 3 of 5 not applicable; 5.
    by_item = {
        "data.a": told(1, 1, 2, 4, 5),
        "data.b": told(3, 3, 4, "?", "s"),
        "people.a": told(1, 5, "x", "x", "x"),
        "people.b": told(4, 4, 5, 5, 5),
    }
    answers = middle_answers(
        MODEL,
        {key: [(replace(one, item_id=key), count) for one, count in rows] for key, rows in by_item.items()},
    )
    assert {key: one.value or one.kind for key, one in answers.items()} == {
        "data.a": 2,
        "data.b": 3,
        "people.a": "not_applicable",
        "people.b": 5,
    }
    result = score(MODEL, answers)
    data = result.dimension("data")
    # (2 + 3) / 2 = 2.5. At 2 or above: both; at 3 or above: one of two, less than two thirds.
    assert (data.score, data.staged, data.target) == (2.5, 2, 3)
    steps = road_map(MODEL, answers, result).steps
    assert [(step.item_id, step.current, step.to) for step in steps] == [("data.a", 2, 3)]


def test_the_middle_answers_lead_to_the_steps_that_most_have_still_to_take() -> None:
    # data.a: 1 1 4 -> 1, data.b: 3 3 3 -> 3: score (1 + 3) / 2 = 2. people: 5 everywhere: nothing to do.
    answers = middle_answers(
        MODEL,
        {
            "data.a": told(1, 1, 4),
            "data.b": [(Answer("data.b", "level", 3), 3)],
            "people.a": [(Answer("people.a", "level", 5), 3)],
            "people.b": [(Answer("people.b", "level", 5), 3)],
        },
    )
    result = score(MODEL, answers)
    assert result.dimension("data").score == 2.0
    assert result.dimension("people").score == 5.0
    road = road_map(MODEL, answers, result)
    assert {step.dimension_id for step in road.steps} == {"data"}
    assert (road.now[0].item_id, road.now[0].current, road.now[0].to) == ("data.a", 1, 2)


@pytest.mark.parametrize(("full", "steps"), [(5, {"tea.leaves", "tea.brewing"}), (4, {"tea.leaves"})])
def test_a_question_that_fewer_than_five_answered_is_left_out_of_the_draft(
    full: int, steps: set[str]
) -> None:
    # Six results: as many full ones as `full`, the others quick scans, which ask one question a dimension.
    model = load(TEAHOUSE)
    quick = set(model.quick_ids())
    assert {"tea.leaves"} == quick & {"tea.leaves", "tea.brewing"}
    levels = {"tea.leaves": 1, "tea.brewing": 1}

    class Work:
        def answered_versions(self, campaign_id: str, model_id: str) -> list[tuple[str, str, int]]:
            return [("hash", "full", full), ("hash", "quick", 6 - full)]

        def counted_answers(
            self, campaign_id: str, model_id: str, definition_hash: str
        ) -> dict[str, list[tuple[Answer, int]]]:
            return {
                item: [(Answer(item, "level", levels.get(item, 3)), 6 if item in quick else full)]
                for item in model.item_ids()
            }

    knowledge = SimpleNamespace(model=lambda work, definition_hash: model)
    campaign = SimpleNamespace(id="c", targets=None)
    draft = organisation_draft(Work(), knowledge, campaign, model.id)  # type: ignore[arg-type]
    assert draft is not None
    assert draft.people == 6
    assert {step.key.split(">")[0] for step in draft.steps if step.dimension_id == "tea"} == steps
