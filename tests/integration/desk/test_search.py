"""Words that people typed: found quickly, by whoever may, and gone when they were erased."""

from __future__ import annotations

import pytest

from bot.assessment.searching import words_of
from bot.service.desk.reviewing import Filters
from bot.store import tables
from tests.integration.campaigning import campaign
from tests.integration.desk.conftest import DeskHouse
from tests.integration.desk.test_reviewing import person, run_of


def found(desk: DeskHouse, query: str) -> list[str | None]:
    rows = desk.cases.reviewing.respondents(desk.consultant, None, Filters(query=query)).rows
    return sorted(row.name or "" for row in rows)


def test_all_words_have_to_be_said_in_one_message_or_in_several(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    anna, bram = person(desk, of, "Anna"), person(desk, of, "Bram")
    anna.say("Wij drinken Zonnebloemthee")
    anna.say("en koffie, één keer per dag")
    bram.say("We drink coffee and zonnebloemolie")

    assert found(desk, "zonnebloem") == ["Anna", "Bram"]
    assert found(desk, "ZONNEBLOEMTHEE") == ["Anna"]
    assert found(desk, "zonnebloem koffie") == ["Anna"]
    assert found(desk, "een keer") == ["Anna"]
    assert found(desk, "coffee") == ["Bram"]
    assert found(desk, "koffie coffee") == []
    # Two letters are a whole word.
    assert found(desk, "zo") == []
    assert found(desk, "en") == ["Anna"]


@pytest.mark.parametrize(
    "query",
    [
        "'",
        '"',
        "%",
        "*",
        ":",
        "thee'; DROP TABLE said_words; --",
        "a* OR b",
        "\\",
        "NEAR(",
        "_",
        "😀",
        "é" * 300,
    ],
)
def test_whatever_is_typed_to_look_for_is_no_error(desk: DeskHouse, query: str) -> None:
    person(desk, campaign(desk.house, organisation="Het Theehuis"), "Anna").say("thee")

    desk.cases.reviewing.respondents(desk.consultant, None, Filters(query=query))

    assert found(desk, "thee") == ["Anna"]


def test_the_line_is_shown_with_the_word_marked(desk: DeskHouse) -> None:
    one = person(desk, campaign(desk.house, organisation="Het Theehuis"), "Anna")
    one.say("wij drinken zonnebloemthee")
    row = desk.cases.reviewing.respondents(desk.consultant, None, Filters(query="zonnebloem")).rows[0]

    assert row.snippet == (("wij drinken ", False), ("zonnebloemthee", True))
    assert row.seq == next(m.seq for m in one.history if m.text == "wij drinken zonnebloemthee")


def test_what_was_tapped_is_not_what_somebody_said(desk: DeskHouse) -> None:
    one = person(desk, campaign(desk.house, organisation="Het Theehuis"), "Anna")
    title = next(name for name in one.buttons if name.startswith("2"))
    one.tap("2")
    word = max(words_of(title), key=len)

    assert found(desk, word) == []


def test_nobody_finds_the_words_of_another_organisation(desk: DeskHouse) -> None:
    person(desk, campaign(desk.house, organisation="De Bakkerij"), "Carla").say("zonnebloemthee")

    assert found(desk, "zonnebloemthee") == []


def test_a_search_is_written_down_without_its_words(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    desk.cases.reviewing.respondents(desk.consultant, of.id, Filters(query="zonnebloem"))

    assert (desk.consultant.user_id, "search_words", of.id) in desk.audit()
    assert "zonnebloem" not in str(desk.house.rows(tables.audit))


def test_erased_words_are_found_no_more_and_stand_nowhere(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    one = person(desk, of, "Anna")
    one.say("wij drinken zonnebloemthee")
    assert desk.house.traces("zonnebloemthee")
    with desk.house.store.write() as work:
        work.erase_content(one.id, but_turn=None)
        work.commit()
    desk.house.store.scrub()

    assert found(desk, "zonnebloemthee") == []
    assert [row for row in desk.house.rows(tables.said_words) if row["conversation_id"] == one.id] == []
    assert desk.house.traces("zonnebloemthee") == []


def test_words_go_with_their_conversation(desk: DeskHouse) -> None:
    one = person(desk, campaign(desk.house, organisation="Het Theehuis"), "Anna")
    one.say("zonnebloemthee")
    assert run_of(one)
    with desk.house.store.write() as work:
        work.delete_conversation(one.id)
        work.commit()

    assert desk.house.rows(tables.said_words) == []
