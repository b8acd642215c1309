"""Whoever is erased is gone from every table, whatever consultants wrote about them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.assessment.records import Campaign
from bot.store import tables
from tests.integration.campaigning import campaign, code, complete
from tests.integration.desk.conftest import DeskHouse
from tests.integration.desk.making import write_about
from tests.integration.parts import Person

WORD = "klaproos"


def described(desk: DeskHouse, one: Campaign, label: str = f"Anna {WORD}") -> Person:
    """A respondent whose every trace holds the word, and about whom everything was written."""
    [invitation] = desk.house.peil.campaigns.invite(one.id, "single", labels=[label])
    links = desk.house.peil.campaigns.links(one, invitation)
    person = Person(desk.house, code=links.urls["web"].rpartition("/")[2])
    person.say(f"{WORD} in het gesprek")
    complete(person)
    person.say("een mens", "human")
    person.say(f"{WORD}@voorbeeld.nl")
    write_about(desk, person.id, WORD)
    return person


def in_tables(desk: DeskHouse, word: str) -> list[str]:
    """Where a word stands, without the database's own files."""
    return [one for one in desk.house.traces(word) if not one.startswith("peil.db")]


def by_the_desk(desk: DeskHouse, person: Person) -> None:
    do = desk.cases.privacy
    request = do.add(desk.consultant, desk.organisation.id, "erase", f"{WORD} belde")
    do.choose(desk.consultant, request.id, person.id)
    do.erase(desk.consultant, request.id, "wissen")


def by_retention(desk: DeskHouse, person: Person) -> None:
    with desk.house.store.write() as work:
        campaign_id = work.conversation(person.id).campaign_id
        work.update_campaign(campaign_id, keep_days=30, closes_at=desk.house.clock())
        work.commit()
    desk.house.clock.move(days=30)
    assert desk.cases.retention.carry_out() == 1


@pytest.mark.parametrize("way", [by_the_desk, by_retention])
def test_nothing_of_somebody_who_is_erased_remains(
    desk: DeskHouse, way: Callable[[DeskHouse, Person], None]
) -> None:
    one = campaign(desk.house, organisation="Het Theehuis")
    person = described(desk, one)
    # Somebody else in the same campaign keeps all of it.
    other = Person(desk.house, code=code(desk.house, one, "single", labels=["Bo"]))
    complete(other)
    write_about(desk, other.id, "madelief")
    kept = {table.name: len(desk.house.rows(table)) for table in tables.OF_PEOPLE}
    assert all(kept.values()) or {name for name, count in kept.items() if not count} <= {
        # Nobody has gone on elsewhere, or in Telegram.
        *("handovers", "accounts", "placements"),
    }
    if way is by_retention:
        desk.house.use_cases.forget(other.id)
        other_remains = []
    else:
        other_remains = in_tables(desk, "madelief")

    way(desk, person)

    assert desk.house.traces(WORD) == []
    assert in_tables(desk, "madelief") == other_remains
    for table in tables.OF_PEOPLE:
        for row in desk.house.rows(table):
            assert person.id not in [str(value) for value in row.values()], table.name


def test_erasing_in_the_chat_takes_what_consultants_wrote_along(desk: DeskHouse) -> None:
    one = campaign(desk.house, organisation="Het Theehuis")
    person = described(desk, one, label="Anna")

    person.say("wis alles", "erase")
    person.say("ja")

    assert desk.house.traces(WORD) == []


def test_every_table_that_hangs_on_a_person_goes_with_the_conversation() -> None:
    """Following the foreign keys: whatever table comes later, too."""
    people = set(tables.OF_PEOPLE)
    for table in tables.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table in people:
                assert table in people, f"{table.name} hangs on {key.column.table.name}"
                assert key.ondelete == "CASCADE", f"{table.name}.{key.parent.name}"


def test_there_is_a_row_of_each_new_table_in_these_tests(desk: DeskHouse) -> None:
    one = campaign(desk.house, organisation="Het Theehuis")
    described(desk, one)

    for table in (
        *(tables.judgements, tables.desk_notes, tables.review_marks, tables.questions),
        *(tables.plans, tables.standings),
    ):
        with desk.house.store.read() as work:
            assert work._connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one(), table
