"""A consultant's own levels, notes and marks: kept beside what was said, and told apart from it."""

from __future__ import annotations

import re

import pytest

from bot.service.desk.access import Missing, Refused
from bot.service.desk.reviewing import ItemReview
from bot.store import tables
from tests.integration.campaigning import campaign
from tests.integration.desk.conftest import DeskHouse
from tests.integration.desk.test_reviewing import person, run_of
from tests.integration.parts import Person


@pytest.fixture
def anna(desk: DeskHouse) -> Person:
    one = person(desk, campaign(desk.house, organisation="Het Theehuis"), "Anna")
    one.say("2")
    return one


def item_of(desk: DeskHouse, one: Person) -> ItemReview:
    """The first question as its page has it."""
    return desk.cases.reviewing.one(desk.consultant, run_of(one)).groups[0].items[0]


def test_a_level_of_ones_own_leaves_the_answer_as_it_is(desk: DeskHouse, anna: Person) -> None:
    before, item = desk.house.rows(tables.answers), item_of(desk, anna)
    assert desk.cases.judging.judge(desk.consultant, run_of(anna), item.item_id, 1, "Geen zeef", 1)
    now = item_of(desk, anna)

    assert desk.house.rows(tables.answers) == before
    assert now.said is not None
    assert now.said.value == 2
    assert now.judged is not None
    assert (now.judged.level, now.judged.reason, now.judged.who) == (1, "Geen zeef", desk.consultant.name)
    assert not now.about_earlier


def test_a_judgement_about_an_answer_that_was_changed_since_says_so(desk: DeskHouse, anna: Person) -> None:
    item = item_of(desk, anna)
    token = next(b.token for m in anna.history for b in m.buttons if b.title.startswith("3"))
    anna.press(token)
    anna.say("ja", "affirm")
    # The page was opened before the change: it says that it was about answer 1.
    desk.cases.judging.judge(desk.consultant, run_of(anna), item.item_id, 1, "Geen zeef", 1)
    now = item_of(desk, anna)

    assert now.said is not None
    assert now.said.number == 2
    assert now.about_earlier
    desk.cases.judging.judge(desk.consultant, run_of(anna), item.item_id, 1, "Nog steeds", 2)
    assert not item_of(desk, anna).about_earlier


def test_what_was_judged_before_and_taken_back_stays_to_be_read(desk: DeskHouse, anna: Person) -> None:
    item_id = item_of(desk, anna).item_id
    judge, run = desk.cases.judging.judge, run_of(anna)
    assert judge(desk.consultant, run, item_id, 1, "een", 1)
    assert not judge(desk.consultant, run, item_id, 1, "een", 1)  # pressed twice
    assert judge(desk.admin, run, item_id, 3, "drie", 1)
    assert judge(desk.consultant, run, item_id, None, "", 1)
    assert not judge(desk.consultant, run, item_id, None, "", 1)
    now = item_of(desk, anna)

    assert now.judged is None
    assert [(one.level, one.reason) for one in now.history] == [(1, "een"), (3, "drie"), (None, "")]


@pytest.mark.parametrize(("level", "reason", "key"), [(9, "waarom", "judge_level"), (1, " ", "judge_reason")])
def test_a_judgement_needs_a_level_of_the_question_and_a_reason(
    desk: DeskHouse, anna: Person, level: int, reason: str, key: str
) -> None:
    with pytest.raises(Refused) as caught:
        desk.cases.judging.judge(desk.consultant, run_of(anna), item_of(desk, anna).item_id, level, reason, 1)

    assert caught.value.key == key
    assert desk.house.rows(tables.judgements) == []


def test_who_may_not_see_somebody_changes_nothing_about_them(desk: DeskHouse, anna: Person) -> None:
    item_id, run, judging = item_of(desk, anna).item_id, run_of(anna), desk.cases.judging
    for who, error in ((desk.stranger, Missing), (desk.viewer, Refused), (desk.strange_viewer, Missing)):
        with pytest.raises(error):
            judging.judge(who, run, item_id, 1, "waarom", 1)
        with pytest.raises(error):
            judging.note(who, run, None, "noot")
        with pytest.raises(error):
            judging.mark(who, run, "", "agreed")
        with pytest.raises(error):
            judging.delete_note(who, run, 1)

    assert desk.house.rows(tables.judgements) == desk.house.rows(tables.desk_notes) == []
    assert desk.house.rows(tables.review_marks) == []


def test_what_is_no_question_of_this_model_cannot_be_judged_or_marked(desk: DeskHouse, anna: Person) -> None:
    with pytest.raises(Missing):
        desk.cases.judging.judge(desk.consultant, run_of(anna), "no.such", 1, "waarom", 0)
    with pytest.raises(Missing):
        desk.cases.judging.mark(desk.consultant, run_of(anna), "no.such", "agreed")
    with pytest.raises(Missing):
        desk.cases.judging.mark(desk.consultant, run_of(anna), "", "excellent")


def test_a_note_that_is_sent_twice_is_one_note(desk: DeskHouse, anna: Person) -> None:
    judging, run = desk.cases.judging, run_of(anna)
    assert judging.note(desk.consultant, run, None, "Bel haar.") == judging.note(
        desk.consultant, run, None, "Bel haar."
    )
    judging.note(desk.consultant, run, None, "Bel haar morgen.")
    judging.note(desk.admin, run, None, "Bel haar.")
    desk.house.clock.move(minutes=1)
    judging.note(desk.consultant, run, None, "Bel haar.")
    assert len(desk.house.rows(tables.desk_notes)) == 4


def test_a_note_is_deleted_by_who_wrote_it_or_by_an_admin(desk: DeskHouse, anna: Person) -> None:
    judging, run = desk.cases.judging, run_of(anna)
    colleague = desk.user("consultant", [desk.organisation.id])
    first = judging.note(desk.consultant, run, None, "een")
    second = judging.note(desk.consultant, run, item_of(desk, anna).item_id, "twee")
    with pytest.raises(Refused):
        judging.delete_note(colleague, run, first)
    assert judging.delete_note(desk.consultant, run, first) is not None
    assert judging.delete_note(desk.consultant, run, first) is None
    assert [note.text for note in item_of(desk, anna).notes] == ["twee"]
    assert judging.delete_note(desk.admin, run, second) is not None

    assert desk.house.rows(tables.desk_notes) == []


def test_a_note_is_not_deleted_by_way_of_another_respondent(desk: DeskHouse, anna: Person) -> None:
    other = person(desk, campaign(desk.house, organisation="De Bakkerij"), "Carla")
    note = desk.cases.judging.note(desk.stranger, run_of(other), None, "van hen")

    assert desk.cases.judging.delete_note(desk.consultant, run_of(anna), note) is None
    assert len(desk.house.rows(tables.desk_notes)) == 1


async def test_the_forms_of_the_page_do_it_all_and_lead_back_to_their_place(
    desk: DeskHouse, anna: Person
) -> None:
    item_id, run = item_of(desk, anna).item_id, run_of(anna)
    address = f"/desk/assessments/{run}"
    async with desk.client(desk.consultant) as browser:
        for path, fields in (
            ("judgements", {"item": item_id, "level": "3", "reason": "<b>goed</b>", "answer": "1"}),
            ("notes", {"item": item_id, "text": "<i>noot</i>"}),
            ("marks", {"item": item_id, "mark": "follow_up"}),
        ):
            answer = await browser.submit(f"{address}/{path}?at=0&q=thee", fields, at=address)
            assert answer.status_code == 303
            assert answer.headers["location"] == f"{address}?q=thee&at=0#q-{item_id}"
        assert (await browser.post(f"{address}/notes", data={"text": "zonder"})).status_code == 403
        refused = await browser.submit(
            f"{address}/judgements", {"item": item_id, "level": "3", "answer": "1"}
        )
        assert refused.status_code == 422
        long = "x" * 4001 + "einde"
        kept = await browser.submit(f"{address}/notes", {"item": item_id, "text": long}, at=address)
        # Not a word is lost, and the way to the field stands at the top.
        assert (kept.status_code, kept.text.count("xeinde")) == (422, 1)
        assert f'<a href="#f-note-{item_id}">' in kept.text
        assert f'<textarea id="f-note-{item_id}"' in kept.text
        assert re.search(r"<title>(Error|Fout): ", kept.text)
        asked = await browser.submit(
            f"{address}/questions", {"text": "Hoe bedoel je?", "key": "k"}, at=address
        )
        assert asked.status_code == 303
        page = await browser.get(address)

    assert "&lt;b&gt;goed&lt;/b&gt;" in page.text
    assert "&lt;i&gt;noot&lt;/i&gt;" in page.text
    assert 'aria-pressed="true" data-mark="follow_up"' in page.text
    assert "Hoe bedoel je?" in page.text
    assert [one["text"] for one in desk.house.rows(tables.desk_notes)] == ["<i>noot</i>"]
    assert {"judge", "add_note", "mark", "ask"} <= {action for _, action, _ in desk.audit()}
