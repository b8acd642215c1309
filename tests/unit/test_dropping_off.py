"""Drop-off: what is counted at each question, from made-up runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.assessment.answers import given
from bot.assessment.comparison import Run
from bot.assessment.dropping_off import DropOff, Steps, StepTaken, drop_off
from tests.unit.models import make_checklist, make_model

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MODEL = make_model({"data": [1.0, 1.0, 1.0]})


def run(name: str, **fields: Any) -> Run:
    values: dict[str, Any] = {
        "id": name,
        "conversation_id": f"c-{name}",
        "campaign_id": "campaign",
        "definition_hash": "hash",
        "version": "1.0.0",
        "status": "active",
        "depth": "full",
        "business_line": None,
        "current_item": None,
        "started_at": START,
        "completed_at": None,
        "segments": {},
        "quoting": None,
        "language": "nl",
        "last_seen_at": START,
    }
    return Run(**{**values, **fields})


def step(
    name: str,
    item: str,
    level: int | str,
    seconds: float,
    *,
    turn: str | None = None,
    changes: bool = False,
    proposed: tuple[int, ...] = (),
) -> StepTaken:
    item_id = f"data.{item}"
    at = START + timedelta(seconds=seconds)
    kind: Any = "level" if isinstance(level, int) else level
    value = level if isinstance(level, int) else None
    return StepTaken(name, item_id, kind, value, (), changes, turn or f"{name}-{seconds}", at, proposed)


def counted(
    runs: list[Run], steps: list[StepTaken], said: list[tuple[str, float]] | None = None, **options: Any
) -> DropOff:
    unanswered = [(name, START + timedelta(seconds=seconds)) for name, seconds in said or []]
    wanted: dict[str, Any] = {"now": START + timedelta(days=1), "ended": False, **options}
    return drop_off(MODEL, runs, steps, unanswered, **wanted)


def at(found: DropOff, item: str) -> Steps:
    return next(one.every for one in found.questions if one.item_id == f"data.{item}")


def test_who_answers_has_reached_the_question_and_who_is_asked_as_well() -> None:
    found = counted([run("p", current_item="data.b")], [step("p", "a", 3, 20)])
    assert (at(found, "a").reached, at(found, "a").answered) == (1, 1)
    assert (at(found, "b").reached, at(found, "b").answered) == (1, 0)
    assert at(found, "c").reached == 0
    assert (found.begun, found.completed, found.open, found.stopped) == (1, 0, 1, 0)


def test_what_holds_in_the_end_is_what_counts_as_skipped() -> None:
    steps = [
        step("p", "a", "skipped", 5),
        step("p", "b", "dont_know", 9),
        step("p", "a", 2, 20, changes=True),
    ]
    found = counted([run("p", current_item="data.c")], steps)
    assert (at(found, "a").skipped, at(found, "a").answered, at(found, "a").changed) == (0, 1, 1)
    assert at(found, "b").dont_know == 1


def test_who_was_not_heard_of_for_two_weeks_has_stopped_at_the_open_question() -> None:
    here = run("p", current_item="data.b")
    steps = [step("p", "a", 3, 20)]
    late = START + timedelta(days=14)
    assert at(counted([here], steps, now=late), "b").stopped == 0
    after = counted([here], steps, now=late + timedelta(seconds=1))
    assert at(after, "b").stopped == 1
    assert at(after, "a").stopped == 0
    assert (after.open, after.stopped) == (0, 1)


def test_when_the_campaign_is_over_whoever_has_not_finished_has_stopped() -> None:
    assert at(counted([run("p", current_item="data.a")], [], ended=True), "a").stopped == 1
    done = run("p", status="completed")
    assert counted([done], [step("p", "a", 3, 20)], ended=True).stopped == 0


def test_what_was_said_between_two_answers_counts_at_the_question_in_between() -> None:
    steps = [step("p", "a", 3, 20), step("p", "b", 2, 60)]
    found = counted([run("p", current_item="data.c")], steps, [("p", 30), ("p", 40)])
    assert [at(found, one).asked for one in "abc"] == [0, 1, 0]
    last = counted([run("p", current_item="data.c")], steps, [("p", 70)])
    assert [at(last, one).asked for one in "abc"] == [0, 0, 1]


def test_the_time_is_that_since_the_answer_before_without_pauses() -> None:
    runs, steps = [], []
    for number, seconds in enumerate((10, 20, 30, 40, 50, 4000)):
        name = f"p{number}"
        runs.append(run(name, current_item="data.c"))
        steps += [step(name, "a", 3, seconds), step(name, "b", 3, seconds + 7)]
    found = counted(runs, steps)
    # 10 20 30 40 50, and one of more than half an hour that was a pause
    assert at(found, "a").median_seconds == 30
    # place 0.9 * 4 = 3.6: 40 + 0.6 * 10
    assert at(found, "a").p90_seconds == 46
    assert at(found, "b").median_seconds == 7


def test_the_time_of_fewer_than_five_is_not_told() -> None:
    runs = [run(f"p{i}", current_item="data.b") for i in range(4)]
    assert at(counted(runs, [step(f"p{i}", "a", 3, 10) for i in range(4)]), "a").median_seconds is None


def test_of_several_answers_in_one_message_only_the_first_was_waited_for() -> None:
    runs = [run(f"p{i}", current_item="data.c") for i in range(5)]
    steps = []
    for number in range(5):
        name = f"p{number}"
        steps += [step(name, "a", 3, 10, turn=name), step(name, "b", 3, 10, turn=name)]
    found = counted(runs, steps)
    assert at(found, "a").median_seconds == 10
    assert at(found, "b").median_seconds is None


def test_another_level_than_proposed_is_counted_of_those_with_a_proposal() -> None:
    runs = [run(name) for name in "pqr"]
    steps = [
        step("p", "a", 3, 10, proposed=(3,)),
        step("q", "a", 4, 10, proposed=(3, 2)),
        step("r", "a", 4, 10),
    ]
    found = at(counted(runs, steps), "a")
    assert (found.proposed, found.other_level) == (2, 1)


def test_the_second_half_of_a_checklist_is_not_a_change() -> None:
    model = make_checklist({"data": ["12"]})
    half = given("data.a", {"a": "in_place", "b": "not_in_place"})
    whole = given("data.a", {"a": "in_place", "b": "planned"})
    steps = [
        StepTaken("p", "data.a", "given", None, half.detail, False, "t1", START + timedelta(seconds=5), ()),
        StepTaken("p", "data.a", "given", None, whole.detail, True, "t2", START + timedelta(seconds=9), ()),
    ]
    found = drop_off(model, [run("p")], steps, [], now=START, ended=False)
    assert found.questions[0].every.changed == 0
    again = StepTaken(
        "p", "data.a", "given", None, half.detail, True, "t3", START + timedelta(seconds=20), ()
    )
    found = drop_off(model, [run("p")], [*steps, again], [], now=START, ended=False)
    assert found.questions[0].every.changed == 1


def test_languages_are_told_apart() -> None:
    runs = [run("p", current_item="data.b"), run("q", current_item="data.b", language="en")]
    found = counted(runs, [step("p", "a", 3, 10), step("q", "a", "skipped", 10)])
    languages = found.questions[0].languages
    assert (languages["nl"].skipped, languages["en"].skipped) == (0, 1)


def test_a_viewer_gets_no_language_of_fewer_than_five_and_no_small_counts() -> None:
    runs = [run(f"p{i}", language="nl") for i in range(9)] + [run("q", language="en")]
    steps = [step(f"p{i}", "a", "skipped" if i < 4 else "dont_know", 10) for i in range(9)]
    found = counted(runs, steps, outsider=True)
    assert found.coarse
    assert found.questions[0].languages == {}
    assert (found.questions[0].every.skipped, found.questions[0].every.dont_know) == (0, 5)
    # Nine reached it: 9 - 5 would be the four who skipped.
    assert (found.begun, found.questions[0].every.reached, found.questions[0].every.answered) == (10, 5, 0)
    full = counted(runs, steps)
    assert set(full.questions[0].languages) == {"nl", "en"}
    assert full.questions[0].every.skipped == 4


def test_a_viewer_is_told_no_time_of_nine_people() -> None:
    for count, told in ((9, False), (10, True)):
        steps = [step(f"p{i}", "a", 3, 10) for i in range(count)]
        found = counted([run(f"p{i}") for i in range(count)], steps, outsider=True)
        assert (found.questions[0].every.median_seconds is not None) is told


def test_of_four_people_a_viewer_is_told_nothing() -> None:
    found = counted([run(f"p{i}") for i in range(4)], [], outsider=True)
    assert found.few
    assert found.questions == ()
