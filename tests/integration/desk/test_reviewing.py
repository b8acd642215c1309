"""The list of respondents and the page of one: what is shown, to whom, and at what cost."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from bot.service.desk.access import Missing, Refused
from bot.service.desk.reviewing import ON_A_PAGE, Filters
from tests.integration.campaigning import campaign, complete, invite
from tests.integration.desk.conftest import DeskHouse
from tests.integration.parts import SEGMENTS, Person, reading

HOSTILE = '<script>alert(1)</script>\u202egnirts \x07 " onload=x ' + "x" * 3800


def person(desk: DeskHouse, of: Any, name: str | None = None, **segments: str) -> Person:
    """Somebody who began in this campaign, by a link of the own name or by an open one."""
    if name is None:
        made = invite(desk.house, of)[0][1]
    else:
        made = invite(desk.house, of, "single", labels=[name])[0][1]
    return Person(desk.house, code=made, segments={**SEGMENTS, **segments})


def run_of(one: Person) -> str:
    """The id of somebody's newest run."""
    return one.house.runs(one.id)[-1].id


@contextmanager
def statements(desk: DeskHouse) -> Iterator[list[str]]:
    """Every statement that reaches the database."""
    seen: list[str] = []

    def before(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(desk.house.store.engine, "before_cursor_execute", before)
    try:
        yield seen
    finally:
        sa.event.remove(desk.house.store.engine, "before_cursor_execute", before)


async def test_a_list_shows_name_score_and_status_and_leads_to_the_page_of_one(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    one = person(desk, of, "Anna de Vries")
    complete(one)
    person(desk, of, "Bram <b>Bos</b>").say("2")

    async with desk.client(desk.consultant) as browser:
        page = await browser.get(f"/desk/campaigns/{of.id}/respondents")
        assert page.status_code == 200
        assert "Anna de Vries" in page.text
        assert "<b>Bos</b>" not in page.text
        assert "Bram &lt;b&gt;Bos&lt;/b&gt;" in page.text
        links = [html.unescape(one) for one in re.findall(r'class="to" href="([^"]+)"', page.text)]
        # Newest first: Bram, Anna.
        assert [link.split("?")[0].rpartition("/")[2] for link in links][1] == run_of(one)
        opened = await browser.get(links[1])

    assert opened.status_code == 200
    assert 'id="previous"' in opened.text
    assert 'id="following"' not in opened.text
    assert (desk.consultant.user_id, "open_transcript", run_of(one)) in desk.audit()


async def test_whose_organisation_it_is_not_is_told_that_there_is_no_such_page(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    one = person(desk, of, "Anna")
    one.say("2")
    addresses = [f"/campaigns/{of.id}/respondents", f"/assessments/{run_of(one)}"]
    addresses += [f"/assessments/{run_of(one)}.json", f"/assessments/{run_of(one)}/report.pdf"]

    for who, status in ((desk.stranger, 404), (desk.strange_viewer, 404), (desk.viewer, 403)):
        async with desk.client(who) as browser:
            for address in addresses:
                answer = await browser.get(f"/desk{address}")
                assert answer.status_code == status, (who.role, address)
                assert "Anna" not in answer.text
    async with desk.client(desk.stranger) as browser:
        assert "Anna" not in (await browser.get("/desk/respondents")).text
    assert "open_transcript" not in [action for _, action, _ in desk.audit()]


def test_what_belongs_to_no_campaign_is_for_an_admin_only(desk: DeskHouse) -> None:
    one = Person(desk.house)
    one.say("2")

    assert [r.id for r in desk.cases.reviewing.respondents(desk.admin, None, Filters()).rows] == [run_of(one)]
    assert desk.cases.reviewing.respondents(desk.consultant, None, Filters()).rows == ()
    with pytest.raises(Missing):
        desk.cases.reviewing.one(desk.consultant, run_of(one))


def test_a_viewer_lists_nobody(desk: DeskHouse) -> None:
    with pytest.raises(Refused):
        desk.cases.reviewing.respondents(desk.viewer, None, Filters())


async def test_the_page_tells_what_was_said_and_changed_and_proposed(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    one = person(desk, of, "Anna")
    first = desk.house.runs(one.id)[-1].current_item
    assert first is not None
    desk.house.places({"we zetten losse thee met zorg": reading(first, "losse thee", 5, 90, 5)})
    one.say("we zetten losse thee met zorg")
    one.say("ja", "affirm")
    found = desk.cases.reviewing.one(desk.consultant, run_of(one))
    item = found.groups[0].items[0]

    assert item.said is not None
    assert item.said.value == 2
    assert item.proposed is not None
    assert [level for level, _ in item.proposed.levels] == [2]
    assert item.proposed.certainty == "clear"
    assert item.proposed.confidence == 90.0
    assert item.proposed.pieces == (("we zetten ", False), ("losse thee", True), (" met zorg", False))
    assert found.lines is not None
    said = next(line for line in found.lines if line.text == "we zetten losse thee met zorg")
    assert (said.seq, said.mine, said.items) == (item.proposed.seq, True, (item.item_id,))
    async with desk.client(desk.consultant) as browser:
        page = (await browser.get(f"/desk/assessments/{run_of(one)}")).text
    assert f'href="#m{said.seq}"' in page
    assert f'id="m{said.seq}"' in page
    assert "<mark>losse thee</mark>" in page


def test_an_answer_that_was_changed_stands_beside_the_new_one_with_its_time(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    one = person(desk, of, "Anna")
    token = one.token("1")
    one.say("2")
    one.press(token)
    one.say("ja", "affirm")
    found = desk.cases.reviewing.one(desk.consultant, run_of(one)).groups[0].items[0]

    assert found.said is not None
    assert (found.said.value, [before.value for before in found.earlier]) == (1, [2])
    assert found.earlier[0].at is not None
    assert found.earlier[0].pieces == (("2", False),)


def test_the_button_that_was_tapped_is_marked_where_it_stood(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    one = person(desk, of, "Anna")
    title = next(name for name in one.buttons if name.startswith("2"))
    one.tap("2")
    lines = desk.cases.reviewing.one(desk.consultant, run_of(one)).lines
    assert lines is not None

    assert [b.title for line in lines for b in line.buttons if b.tapped][-1] == title


async def test_hostile_words_stay_words(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis", name='"><img src=x onerror=alert(1)>')
    one = person(desk, of, "<svg onload=alert(1)>")
    one.say(HOSTILE)
    async with desk.client(desk.consultant) as browser:
        for address in (
            f"/desk/assessments/{run_of(one)}",
            f"/desk/campaigns/{of.id}/respondents?q=script",
            "/desk/respondents?q=<script>alert(1)</script>&flag='&item=%22&level=x&since=2026-13-99&page=-1",
        ):
            page = await browser.get(address)
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "<svg onload" not in page.text
            assert "<img src=x" not in page.text
            assert "\x07" not in page.text


async def test_of_an_anonymous_campaign_no_word_no_time_and_no_small_group_is_told(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis", anonymous=True)
    runs = []
    for number in range(6):
        one = person(desk, of, role_layer="board" if number else "specialist")
        one.say("zonnebloemthee")
        complete(one)
        runs.append(run_of(one))
    rows = desk.cases.reviewing.respondents(desk.consultant, of.id, Filters()).rows

    # By random ids: not in the order in which they began.
    assert [row.id for row in rows] == sorted(runs)
    assert {(row.started_at, row.completed_at, row.name) for row in rows} == {(None, None, None)}
    # 5 and 1: the one would be what is left over, so nobody's group is told.
    assert {row.segments["role_layer"] for row in rows} == {"withheld"}
    by_group = Filters(segments=(("role_layer", "specialist"),))
    assert desk.cases.reviewing.respondents(desk.consultant, of.id, by_group).rows == ()
    words = Filters(query="zonnebloemthee")
    found = desk.cases.reviewing.respondents(desk.consultant, of.id, words)
    assert {row.snippet for row in found.rows} == {()}
    assert desk.cases.reviewing.respondents(desk.consultant, None, words).rows == ()
    assert desk.cases.reviewing.respondents(desk.admin, None, words).rows == ()
    one = desk.cases.reviewing.one(desk.consultant, runs[0])
    assert (one.lines, one.language, one.channel) == (None, None, None)
    assert all(
        i.said is None or (i.said.at, i.said.pieces) == (None, ()) for g in one.groups for i in g.items
    )
    assert all(i.proposed is None for g in one.groups for i in g.items)
    async with desk.client(desk.consultant) as browser:
        page = await browser.get(f"/desk/assessments/{runs[0]}")
        assert page.status_code == 200
        assert "zonnebloemthee" not in page.text
        assert (await browser.get(f"/desk/assessments/{runs[0]}.json")).status_code == 403
        assert (await browser.get(f"/desk/assessments/{runs[0]}/report.pdf")).status_code == 403


def test_a_group_of_five_in_an_anonymous_campaign_is_told_and_found(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis", anonymous=True)
    for number in range(10):
        person(desk, of, role_layer="board" if number < 5 else "specialist").say("2")
    found = desk.cases.reviewing.respondents(
        desk.consultant, of.id, Filters(segments=(("role_layer", "board"),))
    )

    assert {row.segments["role_layer"] for row in found.rows} == {"board"}
    assert found.total == 5


def test_filters_narrow_by_level_of_an_item_band_status_and_flag(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    high, low = person(desk, of, "Hoog"), person(desk, of, "Laag")
    complete(low, "111111")
    high.say("3")
    item_id = desk.house.answers(low.id)[0].answer.item_id

    def names(**fields: Any) -> list[str | None]:
        found = desk.cases.reviewing.respondents(desk.consultant, of.id, Filters(**fields))
        return [row.name for row in found.rows]

    assert names() == ["Laag", "Hoog"]
    assert names(sort="name") == ["Hoog", "Laag"]
    assert names(sort="score") == ["Hoog", "Laag"]
    assert names(item_id=item_id, level=3) == ["Hoog"]
    assert names(item_id=item_id, level=1) == ["Laag"]
    assert names(band="1-2") == ["Laag"]
    assert names(band="2-3") == []
    assert names(status="completed") == ["Laag"]
    assert names(flag="agreed") == []
    desk.cases.judging.mark(desk.consultant, run_of(high), "", "agreed")
    assert names(flag="agreed") == ["Hoog"]
    assert names(model_id="another") == []
    assert names(segments=(("role_layer", "front_line"),)) == []


def test_a_level_that_was_changed_is_no_longer_found(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    one = person(desk, of, "Anna")
    token = one.token("1")
    one.say("2")
    one.press(token)
    one.say("ja", "affirm")
    item_id = desk.house.answers(one.id)[0].answer.item_id

    def count(level: int) -> int:
        filters = Filters(item_id=item_id, level=level)
        return desk.cases.reviewing.respondents(desk.consultant, of.id, filters).total

    assert (count(1), count(2)) == (1, 0)


def test_a_list_of_more_than_a_page_goes_on_from_campaigns_by_name_to_anonymous_ones(
    desk: DeskHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.service.desk.reviewing.ON_A_PAGE", 2)
    by_name = campaign(desk.house, organisation="Het Theehuis")
    hidden = campaign(desk.house, organisation="Het Theehuis", anonymous=True)
    named = [run_of(person(desk, by_name, name)) for name in ("A", "B", "C")]
    nameless = [run_of(person(desk, hidden)) for _ in range(2)]
    pages = [
        [row.id for row in desk.cases.reviewing.respondents(desk.consultant, None, Filters(), page).rows]
        for page in (1, 2, 3, 4)
    ]

    assert [one for page in pages for one in page] == [*reversed(named), *sorted(nameless)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    around = desk.cases.reviewing.neighbours(desk.consultant, None, Filters(), 2, named[0])
    assert around == ((named[1], 1), (sorted(nameless)[0], 3))


@pytest.mark.parametrize("path", ["", "?q=thee", "?sort=score"])
async def test_a_list_of_fifty_asks_as_many_questions_as_one_of_five(desk: DeskHouse, path: str) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    counts = []
    async with desk.client(desk.consultant) as browser:
        for number in range(50):
            person(desk, of, f"Nummer {number}").say("thee")
            if number + 1 in (5, 50):
                address = f"/desk/campaigns/{of.id}/respondents{path}"
                assert (await browser.get(address)).status_code == 200
                with statements(desk) as seen:
                    page = await browser.get(address)
                assert page.text.count('class="to"') == number + 1
                counts.append(len(seen))

    assert ON_A_PAGE == 50
    assert counts[0] == counts[1] < 40


async def test_the_page_of_one_asks_as_many_questions_after_a_long_talk(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis")
    one = person(desk, of, "Anna")
    counts = []
    async with desk.client(desk.consultant) as browser:
        for turns in (1, 40):
            for _ in range(turns):
                one.say("wat bedoel je", "explain")
            await browser.get(f"/desk/assessments/{run_of(one)}")
            with statements(desk) as seen:
                assert (await browser.get(f"/desk/assessments/{run_of(one)}")).status_code == 200
            counts.append(len(seen))

    assert counts[0] == counts[1] < 45
