"""Words that people typed: found quickly, by whoever may, and gone when they were erased."""

from __future__ import annotations

import pytest

from bot.assessment.searching import words_of
from bot.service.desk.access import Refused
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
    desk.cases.reviewing.respondents(desk.consultant, of.id, Filters(status="completed"), 2)
    line = desk.house.rows(tables.audit)[-1]
    assert (line["action"], line["object_id"]) == ("people_seen", of.id)
    assert line["detail"] == {"filters": ["status"], "page": 2}
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


def test_people_are_found_by_their_name_and_never_in_an_anonymous_campaign(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    hidden = campaign(desk.house, organisation="Het Theehuis", anonymous=True)
    person(desk, of, "Renée Roos-Vulpen").say("thee")
    person(desk, of, "Bram").say("koffie")
    person(desk, hidden)
    person(desk, campaign(desk.house, organisation="De Bakkerij"), "Roos")

    assert found(desk, "vulp") == ["Renée Roos-Vulpen"]
    assert found(desk, "renee thee") == ["Renée Roos-Vulpen"]
    assert found(desk, "roos koffie") == []
    assert found(desk, "ulpen") == []
    rows = desk.cases.reviewing.respondents(desk.consultant, hidden.id, Filters(query="roos")).rows
    assert [row.name for row in rows] == [None]


def test_own_words_of_a_question_stand_with_who_said_them_and_the_levels(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    hidden = campaign(desk.house, organisation="Het Theehuis", anonymous=True)
    one = person(desk, of, "Anna")
    one.say("2")
    item_id = desk.house.answers(one.id)[0].answer.item_id
    desk.cases.judging.judge(desk.consultant, run_of(one), item_id, 1, "Gezien", 1)
    told = desk.cases.reviewing.own_words(desk.consultant, of.id, None, item_id)

    assert [(row.name, row.words, row.said, row.judged) for row in told.rows] == [("Anna", "2", 2, 1)]
    assert (desk.consultant.user_id, "open_words", of.id) in desk.audit()
    with pytest.raises(Refused):
        desk.cases.reviewing.own_words(desk.consultant, hidden.id, None, None)
