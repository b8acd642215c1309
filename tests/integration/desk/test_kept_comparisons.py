"""Comparisons kept in the process: any change is seen at once, and without one nothing is computed."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.gateway.jobs import keep_scores
from bot.service.desk import comparing
from bot.service.desk.kept import Kept
from bot.store import tables as t
from tests.integration.desk.conftest import DeskHouse
from tests.integration.desk.test_comparing import campaign, crowd, live, of, respondent
from tests.integration.parts import ITEMS


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A word for each comparison and each drop-off that is computed."""
    seen: list[str] = []
    for name in ("compare", "drop_off"):
        real = getattr(comparing, name)

        def noted(*given: Any, name: str = name, real: Any = real, **more: Any) -> Any:
            seen.append(name)
            return real(*given, **more)

        monkeypatch.setattr(comparing, name, noted)
    return seen


def change(desk: DeskHouse, *statements: sa.Executable) -> None:
    with desk.house.store.write() as work:
        for statement in statements:
            work._connection.execute(statement)
        work.commit()


def answer_anew(desk: DeskHouse, run: str, item_id: str, value: int) -> None:
    """What a respondent does who changes an answer."""
    old = next(
        row for row in desk.house.rows(t.answers) if row["assessment_id"] == run and row["item_id"] == item_id
    )
    new = {"assessment_id": run, "item_id": item_id, "kind": "level", "value": value, "by": "respondent"}
    change(
        desk,
        t.answers.insert().values(**new, supersedes=old["id"], turn_id="anew", at=desk.house.clock()),
    )


def test_without_a_change_nothing_is_computed_again(desk: DeskHouse, computed: list[str]) -> None:
    here = campaign(desk)
    crowd(desk, here, 6)
    first = live(desk, here)
    of(desk).agenda(desk.consultant, here.id, "teahouse")
    of(desk).over_time(desk.consultant, desk.organisation.id, "teahouse")
    of(desk).drop_off(desk.consultant, here.id, "teahouse")
    before = len(computed)
    assert live(desk, here) is first
    of(desk).agenda(desk.consultant, here.id, "teahouse")
    of(desk).over_time(desk.consultant, desk.organisation.id, "teahouse")
    of(desk).drop_off(desk.consultant, here.id, "teahouse")
    assert len(computed) == before > 0


def test_a_changed_answer_is_seen(desk: DeskHouse) -> None:
    here = campaign(desk)
    runs = crowd(desk, here, 5)
    before = live(desk, here).whole.items[ITEMS[0]].counts
    answer_anew(desk, runs[0], ITEMS[0], 3)
    after = live(desk, here).whole.items[ITEMS[0]].counts
    assert before != after
    points = of(desk).over_time(desk.consultant, desk.organisation.id, "teahouse").points
    answer_anew(desk, runs[1], ITEMS[0], 3)
    assert of(desk).over_time(desk.consultant, desk.organisation.id, "teahouse").points != points


def test_changed_segments_are_seen(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 5)
    assert live(desk, here).management is None
    change(desk, t.conversations.update().values(segments={"role_layer": "management"}))
    assert live(desk, here).management is not None


def test_a_new_run_and_an_erased_one_are_seen(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 5)
    assert live(desk, here).n == 5
    run = respondent(desk, here, "333333")
    assert live(desk, here).n == 6
    [row] = [row for row in desk.house.rows(t.assessments) if row["id"] == run]
    change(desk, t.conversations.delete().where(t.conversations.c.id == row["conversation_id"]))
    assert live(desk, here).n == 5


def test_a_run_that_ends_and_one_that_goes_on_are_seen(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 5)
    run = respondent(desk, here, "33....", status="active", current_item=ITEMS[2])
    found = live(desk, here)
    assert (found.n, found.left_out.not_finished) == (5, 1)
    done = t.assessments.update().where(t.assessments.c.id == run)
    change(desk, done.values(status="completed", completed_at=desk.house.clock()))
    found = live(desk, here)
    assert (found.n, found.left_out.not_finished) == (6, 0)
    change(desk, done.values(depth="quick"))
    assert live(desk, here).left_out.quick == 1


def test_quotes_come_and_go_with_the_yes_and_go_with_the_words(desk: DeskHouse) -> None:
    here = campaign(desk)
    for signs, said in (("111111", "wij doen dit nooit"), ("333333", "dit doen wij altijd")):
        for _ in range(3):
            respondent(desk, here, signs, words=dict.fromkeys(ITEMS, said))

    def quoted() -> set[str]:
        agenda = of(desk).agenda(desk.consultant, here.id, "teahouse")
        assert agenda is not None
        return {quote.text for one in agenda.items for quote in one.quotes}

    assert quoted() == set()
    change(desk, t.conversations.update().values(quoting="yes"))
    assert quoted() == {"wij doen dit nooit", "dit doen wij altijd"}
    change(desk, t.answers.update().where(t.answers.c.value == 1).values(words=None))
    assert quoted() == {"dit doen wij altijd"}
    change(desk, t.conversations.update().values(quoting="no"))
    assert quoted() == set()
    change(desk, t.conversations.update().values(quoting="yes"))
    assert quoted() == {"dit doen wij altijd"}


def test_another_target_is_seen(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 5)
    dimension = ITEMS[0].partition(".")[0]
    before = live(desk, here)
    change(desk, t.campaigns.update().values(targets={"teahouse": {dimension: 5}}))
    assert live(desk, here) != before


def test_in_an_anonymous_campaign_a_group_shows_once_it_is_large_enough(desk: DeskHouse) -> None:
    here = campaign(desk, anonymous=True)
    crowd(desk, here, 6, layer="front_line")
    crowd(desk, here, 5, layer="specialist")
    crowd(desk, here, 4, layer="management")
    assert live(desk, here).management is None
    # Somebody who has not finished counts for whether a group is small, from the first answer on.
    run = respondent(desk, here, "......", layer="management", status="active", current_item=ITEMS[0])
    assert live(desk, here).management is None
    first = {"assessment_id": run, "item_id": ITEMS[0], "kind": "level", "value": 3, "by": "respondent"}
    change(desk, t.answers.insert().values(**first, turn_id="first", at=desk.house.clock()))
    assert live(desk, here).management is not None


def test_drop_off_sees_what_is_said_and_answered_and_the_passing_of_time(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 5)
    run = respondent(desk, here, "33....", status="active", current_item=ITEMS[2])

    def found() -> Any:
        return of(desk).drop_off(desk.consultant, here.id, "teahouse")

    def asked() -> int:
        return sum(one.every.asked for one in found().questions if one.item_id == ITEMS[2])

    assert (found().stopped, found().open, asked()) == (0, 1, 0)
    [row] = [row for row in desk.house.rows(t.assessments) if row["id"] == run]
    whose = row["conversation_id"]
    said = {"public_id": "p1", "turn_id": "said", "role": "user", "kind": "text", "text": "hoezo?"}
    change(
        desk,
        t.transcript.insert().values(
            **said, conversation_id=whose, seq=1, language="nl", at=desk.house.clock()
        ),
        t.conversations.update().where(t.conversations.c.id == whose).values(last_seq=1),
    )
    assert asked() == 1
    answer_anew(desk, run, ITEMS[0], 1)
    assert next(one.every.changed for one in found().questions if one.item_id == ITEMS[0]) == 1
    desk.house.clock.now += timedelta(days=15)
    assert (found().stopped, found().open) == (1, 0)


def test_a_picture_of_a_page_is_not_noted_again(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 5)

    def noted() -> int:
        return sum(row["action"] == "comparison_seen" for row in desk.house.rows(t.audit))

    of(desk).compare(desk.consultant, here.id, "teahouse")
    of(desk).compare(desk.consultant, here.id, "teahouse", noted=False)
    assert noted() == 1


def test_scores_are_there_before_anybody_looks(desk: DeskHouse) -> None:
    here = campaign(desk)
    runs = crowd(desk, here, 3)
    respondent(desk, here, "3.....", status="active", current_item=ITEMS[1])

    async def until(enough: Any) -> None:
        job = asyncio.create_task(keep_scores(desk.house.peil, every=0.01, between=0.01))
        for _ in range(500):
            if enough():
                break
            await asyncio.sleep(0.01)
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job

    def kept() -> dict[str, int]:
        return {row["assessment_id"]: row["upto"] for row in desk.house.rows(t.standings)}

    asyncio.run(until(lambda: len(kept()) == 3))
    assert set(kept()) == set(runs)
    before = kept()[runs[0]]
    answer_anew(desk, runs[0], ITEMS[0], 3)
    asyncio.run(until(lambda: kept()[runs[0]] != before))
    assert kept()[runs[0]] > before


def test_looking_through_goes_on_where_it_was(desk: DeskHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.service.desk.standings._AT_ONCE", 2)
    here = campaign(desk)
    runs = sorted(crowd(desk, here, 5))
    after, places = "", []
    while True:
        after = desk.cases.scores.look_through(after)
        places.append(after)
        if not after:
            break
    assert places == [runs[1], runs[3], ""]
    assert {row["assessment_id"] for row in desk.house.rows(t.standings)} == set(runs)


# --- what keeps them --------------------------------------------------------------------------------


def test_those_asked_for_longest_ago_go_first() -> None:
    kept: Kept[int] = Kept(2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, 0, lambda: 1)
    assert [kept.get(key, 0, lambda: 2) for key in ("a", "c")] == [1, 1]
    assert kept.get("b", 0, lambda: 2) == 2


def test_another_state_or_one_that_holds_no_more_is_computed() -> None:
    kept: Kept[int] = Kept(2)
    kept.get("a", 0, lambda: 1)
    assert kept.get("a", 1, lambda: 2) == 2
    assert kept.get("a", 1, lambda: 3, lambda value: value == 2) == 2
    assert kept.get("a", 1, lambda: 3, lambda value: value == 3) == 3


def test_many_threads_get_the_same(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 5)
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(live(desk, here).n)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [5, 5, 5, 5]
