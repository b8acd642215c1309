"""The desk bench: what it fills a database with holds together, and what it counts is what was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from benchmarks.desk.data import RARE, Filled, fill
from benchmarks.desk.figures import text
from benchmarks.desk.measure import LIMIT, Measured, Page, counted, percentile
from bot import definitions
from bot.assessment.searching import words_of
from bot.store import tables as t
from tests.integration.parts import House

COUNT = 60


def filled(make_house: Callable[..., House]) -> tuple[House, Filled]:
    house = make_house()
    with house.store.read() as work:
        definition_hash = dict(work.offered())["teahouse"]
        snapshot = work.snapshot(definition_hash)
    assert snapshot is not None
    with house.store.engine.begin() as connection:
        connection.execute(
            t.users.insert().values(
                id="u1",
                email="a@peil.example",
                name="A",
                role="admin",
                language="nl",
                created_at=house.clock(),
            )
        )
    model = definitions.from_canonical(snapshot.content)
    return house, fill(house.store.engine, model, definition_hash, "u1", COUNT, lambda _: None)


def test_a_filled_database_reads_as_one_that_people_filled(make_house: Callable[..., House]) -> None:
    house, found = filled(make_house)

    for table, count in found.rows.items():
        assert len(house.rows(t.metadata.tables[table])) == count, table
    assert found.rows["assessments"] == COUNT
    people = {row["id"]: row for row in house.rows(t.conversations)}
    runs = {row["id"]: row for row in house.rows(t.assessments)}
    with house.store.read() as work:
        for run in runs.values():
            # One answer of each item holds: every other one was superseded by a later one.
            held = Counter(one.answer.item_id for one in work.answers(run["id"]))
            assert max(held.values()) >= 1
            lines = [one.seq for one in work.messages(run["conversation_id"])]
            assert lines == list(range(1, people[run["conversation_id"]]["last_seq"] + 1))
    superseded = [row["supersedes"] for row in house.rows(t.answers) if row["supersedes"] is not None]
    assert len(superseded) == len(set(superseded)) > 0


def test_the_words_are_found_as_those_of_people_are(make_house: Callable[..., House]) -> None:
    house, _ = filled(make_house)

    known = {(row["word"], row["conversation_id"]) for row in house.rows(t.said_words)}
    conversations = {row["assessment_id"]: row["id"] for row in house.rows(t.conversations)}
    assert known
    for row in house.rows(t.placements):
        for word in words_of(row["words"]):
            assert (word, conversations[row["assessment_id"]]) in known
    assert sum(word == RARE for word, _ in known) <= 3


def test_more_can_be_said_after_filling(make_house: Callable[..., House]) -> None:
    """Numbers that the database gives out go on behind those that were filled in."""
    house, _ = filled(make_house)

    conversation, _ = house.use_cases.start_conversation("web", "nl", {})
    assert house.use_cases.history(conversation.id)


def test_statements_are_counted(make_house: Callable[..., House]) -> None:
    house = make_house()
    with counted(house.store.engine) as seen, house.store.read() as work:
        work.organisations()
        work.offered()

    assert len(seen) == 2
    with house.store.read() as work:
        work.organisations()
    assert len(seen) == 2


def test_the_95th_percentile_is_the_nearest_rank() -> None:
    # 95% of 30 is 28.5, so the 29th.
    assert percentile(list(range(1, 31)), 95) == 29
    assert percentile([7.0], 95) == 7.0
    # 95% of 20 is 19.
    assert percentile(list(range(1, 21)), 95) == 19


def test_a_slow_page_is_named_and_one_that_does_not_answer_too() -> None:
    def page(name: str, p95: float) -> Page:
        return Page(name, 1.0, 1.0, p95, 3, 3, 2.0, 1.0, "SELECT 1")

    quick, slow = page("quick", LIMIT), page("slow", LIMIT + 1)
    measured = Measured("sqlite", {"assessments": 1}, 1.0, (quick, slow), ())
    assert not measured.met
    assert "Too slow (p95 over 200 ms): sqlite, slow." in text([measured])
    assert Measured("sqlite", {}, 1.0, (quick,), ()).met
    assert not Measured("sqlite", {}, 1.0, (quick,), ("gone: answered 404",)).met
