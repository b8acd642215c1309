"""Links out of the conversation: the way back, the view for colleagues, the file of all data."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bot.assessment.records import Account, Handover, Link, LinkKind
from bot.gateway.signing import Signer
from bot.service.use_cases import UnknownLink
from bot.store import tables
from bot.texts import say
from tests.integration.gateway import check_problem, open_gateway
from tests.integration.parts import ITEMS, House, Person, at_statement

Make = Callable[..., House]

PHONE = "a-telephone-0000"
LAPTOP = "a-laptop-00000001"


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Do all of this at the same moment, each in a thread of its own; what came of each, errors included."""
    ready = threading.Barrier(len(jobs))

    def do(job: Callable[[], Any]) -> Any:
        ready.wait()
        try:
            return job()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(do, jobs))


def links(person: Person, kind: LinkKind) -> list[Link]:
    """All links of this kind, oldest first."""
    with person.house.store.read() as work:
        return work.links(person.id, kind)


def way_back(person: Person) -> str:
    """Ask for the way back; the id of its link."""
    person.say("hoe kom ik hier terug", "come_back")
    [link] = person.last[-1].links
    assert (link.kind, link.open) == ("back", True)
    return link.id


def welcomes(person: Person) -> int:
    text = say(person.house.conversation(person.id).language, "link.back_used")
    return sum(text in message.text for message in person.history)


def finish(person: Person) -> None:
    for _ in ITEMS:
        person.say("2")


def fail(connection: sa.Connection, statement: str) -> None:
    """Breaks the transaction at this statement, as a database does that goes away."""
    raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))


# --- the way back: shown ---


@pytest.mark.parametrize(
    ("text", "meaning", "key"),
    [
        ("later verder", "come_back", "link.back_what"),
        ("pauze", "pause", "side.pause"),
        ("stop", "stop", "side.stop"),
    ],
)
def test_the_way_back_is_shown_with_the_open_question(
    house: House, person: Person, text: str, meaning: str, key: str
) -> None:
    person.say("2")
    person.say(text, meaning)

    assert person.has(key, done=1, total=6)
    assert len(person.last) == 1
    assert person.asks(2)
    [link] = person.last[-1].links
    assert (link.kind, link.title) == ("back", "Terug naar dit gesprek")


def test_as_long_as_it_is_unused_it_is_the_same_way_back(house: House, person: Person) -> None:
    shown = {way_back(person) for _ in range(3)}
    finish(person)
    shown |= {link.id for link in person.last[-1].links if link.kind == "back"}
    assert len(shown) == len(links(person, "back")) == 1


def test_at_the_end_there_is_a_way_to_the_result_and_a_way_back(house: House, person: Person) -> None:
    finish(person)
    assert [link.kind for link in person.last[-1].links] == ["result", "back"]
    assert person.has("result.next")
    [result] = links(person, "result")
    assert result.assessment_id == house.runs(person.id)[0].id


# --- the way back: used ---


def test_coming_back_welcomes_shows_the_next_way_and_puts_the_question_again(
    house: House, person: Person
) -> None:
    person.say("2")
    used = way_back(person)

    assert house.use_cases.come_back(used, PHONE) == person.id

    welcome = person.history[-1]
    assert (welcome.role, welcome.turn_id) == ("bot", None)
    assert say("nl", "link.back_used") in welcome.text
    assert say("nl", "question.header", number=2, total=6, dimension="") in welcome.text
    [fresh] = welcome.links
    assert (fresh.kind, fresh.open) == ("back", True)
    assert fresh.id != used
    assert [link.open for message in person.history for link in message.links] == [False, True]
    person.say("3")
    assert house.holds(person.id) == {"tea.leaves": 2, "tea.brewing": 3}


def test_the_same_device_may_ask_again_and_is_welcomed_once(house: House, person: Person) -> None:
    used = way_back(person)
    house.use_cases.come_back(used, PHONE)
    before = house.everything()

    for _ in range(3):
        assert house.use_cases.come_back(used, PHONE) == person.id

    assert house.everything() == before
    assert welcomes(person) == 1


def test_another_device_is_refused_and_nothing_changes(house: House, person: Person) -> None:
    used = way_back(person)
    house.use_cases.come_back(used, PHONE)
    before = house.everything()

    for device in (LAPTOP, PHONE.upper(), PHONE + "0", PHONE[:-1], "", "0" * 64):
        with pytest.raises(UnknownLink):
            house.use_cases.come_back(used, device)

    assert house.everything() == before


def test_the_next_way_back_takes_another_device_and_the_first_may_still_repeat_its_own(
    house: House, person: Person
) -> None:
    used = way_back(person)
    house.use_cases.come_back(used, PHONE)
    fresh = person.history[-1].links[0].id

    assert house.use_cases.come_back(fresh, LAPTOP) == person.id

    assert welcomes(person) == 2
    assert house.use_cases.come_back(used, PHONE) == person.id
    with pytest.raises(UnknownLink):
        house.use_cases.come_back(fresh, PHONE)
    assert [link.ended_at is None for link in links(person, "back")] == [False, False, True]


def test_the_device_is_kept_as_a_mark_only(house: House, person: Person) -> None:
    house.use_cases.come_back(way_back(person), "kabouterplop-kabouterplop")
    assert links(person, "back")[0].device is not None
    assert house.traces("kabouterplop") == []


def test_of_eight_devices_at_once_exactly_one_comes_back_and_is_welcomed(house: House) -> None:
    for round_number in range(3):
        person = Person(house)
        used = way_back(person)

        outcomes = at_once(
            *[lambda n=n, used=used: house.use_cases.come_back(used, f"device-{n}-0000000") for n in range(8)]
        )

        won = [one for one in outcomes if one == person.id]
        lost = [one for one in outcomes if isinstance(one, UnknownLink)]
        assert (len(won), len(lost)) == (1, 7), f"round {round_number}: {outcomes}"
        assert welcomes(person) == 1
        assert [link.ended_at is None for link in links(person, "back")] == [False, True]
        assert [message.seq for message in person.history] == list(range(1, len(person.history) + 1))


def test_the_same_device_eight_times_at_once_comes_back_each_time_and_is_welcomed_once(
    house: House, person: Person
) -> None:
    used = way_back(person)
    outcomes = at_once(*[lambda: house.use_cases.come_back(used, PHONE)] * 8)
    assert outcomes == [person.id] * 8
    assert welcomes(person) == 1
    assert len(links(person, "back")) == 2


def test_coming_back_while_a_message_is_being_done_mixes_nothing(house: House) -> None:
    for _ in range(5):
        person = Person(house)
        used = way_back(person)
        turn_id = person.send(text="2")

        outcomes = at_once(
            lambda used=used: house.use_cases.come_back(used, PHONE),
            lambda turn_id=turn_id: house.use_cases.take_turn(turn_id, "take_answer"),
        )

        assert outcomes == [person.id, None]
        assert house.holds(person.id) == {"tea.leaves": 2}
        assert welcomes(person) == 1
        assert [message.seq for message in person.history] == list(range(1, len(person.history) + 1))


def test_coming_back_and_erasing_at_once_end_in_nothing_left(house: House) -> None:
    for _ in range(5):
        person = Person(house)
        used = way_back(person)

        back, forgotten = at_once(
            lambda used=used: house.use_cases.come_back(used, PHONE),
            lambda person=person: house.use_cases.forget(person.id),
        )

        assert forgotten is True
        assert back == person.id or isinstance(back, UnknownLink)
        assert house.rows(tables.links) == house.rows(tables.transcript) == []


def test_coming_back_broken_at_any_statement_leaves_nothing_half(house: House, person: Person) -> None:
    used = way_back(person)
    before = house.everything()
    broken = 0
    for number in range(40):
        with at_statement(house, fail, number):
            try:
                house.use_cases.come_back(used, PHONE)
            except sa.exc.OperationalError:
                broken += 1
            else:
                break
        assert house.everything() == before, f"statement {number}"

    assert broken >= 8
    assert welcomes(person) == 1
    assert house.use_cases.come_back(used, PHONE) == person.id


def test_a_way_back_into_an_expired_conversation_is_refused_and_a_used_one_keeps_it_open(
    house: House,
) -> None:
    days = house.settings.token_days
    late, early = Person(house), Person(house)
    late_way, early_way = way_back(late), way_back(early)
    house.clock.move(days=days - 1)
    assert house.use_cases.come_back(early_way, PHONE) == early.id
    house.clock.move(days=2)
    before = house.everything()

    with pytest.raises(UnknownLink):
        house.use_cases.come_back(late_way, PHONE)

    assert house.everything() == before
    # It was used two days ago: that counts.
    assert house.use_cases.seen(early.id).id == early.id
    assert house.use_cases.come_back(early_way, PHONE) == early.id


@pytest.mark.parametrize("how", ["erase", "forget"])
def test_a_way_back_into_an_erased_conversation_is_refused(house: House, person: Person, how: str) -> None:
    finish(person)
    way = next(link.id for link in person.last[-1].links if link.kind == "back")
    if how == "erase":
        person.say("wis alles", "erase")
        person.say("ja")
    else:
        house.use_cases.forget(person.id)

    for device in (PHONE, LAPTOP):
        with pytest.raises(UnknownLink):
            house.use_cases.come_back(way, device)
    assert house.rows(tables.links) == []


def test_a_link_of_another_kind_is_no_way_back(house: House, person: Person) -> None:
    finish(person)
    person.say("delen", "share")
    person.say("mijn gegevens als bestand", "my_data_file")
    before = house.everything()

    for link in house.rows(tables.links):
        if link["kind"] != "back":
            with pytest.raises(UnknownLink):
                house.use_cases.come_back(link["id"], PHONE)
    for unknown in ("0" * 32, "", "x", person.id):
        with pytest.raises(UnknownLink):
            house.use_cases.come_back(unknown, PHONE)

    assert house.everything() == before


@pytest.mark.parametrize(
    ("text", "meaning", "said"),
    [
        ("wis alles", "erase", "ja"),
        ("opnieuw", "start_over", "ja"),
        ("verander mijn rol", "change_answer", "2"),
        ("wat is het verschil", "difference", "2"),
        ("een mens", "human", "06-12345678"),
    ],
)
def test_who_comes_back_answers_the_question_that_is_shown_and_nothing_that_was_pending(
    house: House, person: Person, text: str, meaning: str, said: str
) -> None:
    person.say("1")
    used = way_back(person)
    person.say(text, meaning)
    assert house.conversation(person.id).pending is not None
    before = dict(house.conversation(person.id).segments)

    house.use_cases.come_back(used, PHONE)
    person.say(said)

    expected = {"tea.leaves": 1} | ({"tea.brewing": 2} if said == "2" else {})
    assert house.holds(person.id) == expected
    assert house.conversation(person.id).segments == before
    assert all(row["contact"] is None for row in house.rows(tables.help_requests))


# --- sharing, in the conversation ---


def test_before_there_is_a_result_there_is_nothing_to_share(house: House, person: Person) -> None:
    for _ in range(2):
        person.say("delen", "share")
        assert person.has("share.too_early")
        assert person.asks(1)
    assert links(person, "share") == []
    person.say("trek de link in", "unshare")
    assert person.has("share.none")


def test_a_view_for_colleagues_is_made_once_withdrawn_and_made_anew(house: House, person: Person) -> None:
    finish(person)
    person.tap(say("nl", "menu.share"))
    assert person.has("share.what")
    [first] = person.last[-1].links
    assert (first.kind, first.open) == ("share", True)
    person.say("deel het", "share")
    assert [link.id for link in person.last[-1].links] == [first.id]
    assert house.use_cases.result_page(first.id, "share") is not None

    person.tap(say("nl", "share.withdraw"))

    assert person.has("share.withdrawn")
    assert house.use_cases.result_page(first.id, "share") is None
    assert [link.open for m in person.history for link in m.links if link.kind == "share"] == [False, False]
    person.say("trek in", "unshare")
    assert person.has("share.none")
    person.say("deel het", "share")
    [second] = person.last[-1].links
    assert second.id != first.id
    assert house.use_cases.result_page(first.id, "share") is None
    assert house.use_cases.result_page(second.id, "share") is not None


def test_sharing_while_an_answer_is_looked_at_again_puts_the_question_again(
    house: House, person: Person
) -> None:
    finish(person)
    person.say("verander vraag 2")
    person.say("deel het", "share")
    assert person.asks(2)
    assert len(links(person, "share")) == 1


def test_withdrawing_takes_every_view_of_this_conversation_and_none_of_another(house: House) -> None:
    one, other = Person(house), Person(house)
    for person in (one, other):
        finish(person)
        person.say("deel", "share")
    one.say("opnieuw", "start_over")
    one.say("ja")
    finish(one)
    one.say("deel", "share")
    assert len(links(one, "share")) == 2

    one.say("trek in", "unshare")

    assert [link.ended_at is None for link in links(one, "share")] == [False, False]
    assert [link.ended_at is None for link in links(other, "share")] == [True]


def test_sharing_broken_at_any_statement_leaves_nothing_half(house: House, person: Person) -> None:
    finish(person)
    for text, meaning, open_ones in (("deel het", "share", 1), ("trek de link in", "unshare", 0)):
        turn_id = person.send(text=text)
        before = house.everything()
        for number in range(40):
            with at_statement(house, fail, number):
                try:
                    house.use_cases.take_turn(turn_id, meaning)
                except sa.exc.OperationalError:
                    pass
                else:
                    break
            assert house.everything() == before, f"{meaning}, statement {number}"
        assert number >= 6
        assert sum(link.ended_at is None for link in links(person, "share")) == open_ones


def test_a_view_made_by_eight_threads_at_once_is_one_and_withdrawn_by_eight_is_none(
    house: House, person: Person
) -> None:
    finish(person)
    [result] = links(person, "result")

    assert at_once(*[lambda: house.use_cases.share(result.id)] * 8) == [None] * 8
    [shared] = links(person, "share")
    assert at_once(*[lambda: house.use_cases.unshare(result.id, shared.id)] * 8) == [None] * 8
    assert links(person, "share")[0].ended_at is not None


def test_a_view_is_withdrawn_only_from_the_page_of_its_own_result(house: House) -> None:
    one, other = Person(house), Person(house)
    for person in (one, other):
        finish(person)
        person.say("deel", "share")
    [mine], [theirs] = links(one, "share"), links(other, "share")
    [result], [back] = links(one, "result"), links(one, "back")
    before = house.everything()

    for link_id, shared_id in (
        (result.id, theirs.id),
        (result.id, result.id),
        (result.id, back.id),
        (result.id, "0" * 32),
        (mine.id, mine.id),
        (back.id, mine.id),
        ("0" * 32, mine.id),
    ):
        with pytest.raises(UnknownLink):
            house.use_cases.unshare(link_id, shared_id)
    for link_id in (mine.id, back.id, "0" * 32):
        with pytest.raises(UnknownLink):
            house.use_cases.share(link_id)

    assert house.everything() == before


# --- the file of all data ---


def test_every_table_with_something_of_a_person_is_in_the_file(house: House, person: Person) -> None:
    """Each table gets a word of its own somewhere; each word must be found."""
    finish(person)
    person.say("deel", "share")
    person.say("een mens", "human")
    person.say("help-mark@voorbeeld.nl")
    person.say("als bestand", "my_data_file")
    [data] = person.last[-1].links
    person.send(text="inbox-mark")
    marks = {
        tables.inbox: "inbox-mark",
        tables.help_requests: "help-mark",
        tables.transcript: "transcript-mark",
        tables.answers: "answers-mark",
        tables.pictures: "pictures-mark",
        tables.links: "lnk-mark",
        tables.assessments: "run-mark",
        tables.conversations: "conversations-mark",
        tables.accounts: "accounts-mark",
        tables.handovers: "2026-03-04T05:06:07",
        tables.placements: "placements-mark",
        tables.judgements: "judgements-mark",
        tables.desk_notes: "notes-mark",
        tables.review_marks: "mark-mark",
        tables.questions: "questions-mark",
        tables.plans: "plans-mark",
        tables.standings: "standings-mark",
    }
    # Whatever table comes later has to be here, too.
    # The words to search by are those of the transcript once more.
    assert set(marks) == set(tables.OF_PEOPLE) - {tables.said_words}
    with house.store.write() as work:
        for table, values in (
            (tables.transcript, {"text": "transcript-mark"}),
            (tables.answers, {"words": "answers-mark"}),
            (tables.pictures, {"alt": "pictures-mark"}),
            (tables.assessments, {"status": "run-mark"}),
            (tables.conversations, {"prefill": {"model": "conversations-mark"}}),
        ):
            where = [table.c.role == "bot"] if table is tables.transcript else []
            work._connection.execute(table.update().where(*where).values(values))
        work._connection.execute(
            tables.links.update().where(tables.links.c.kind == "share").values(kind="lnk-mark")
        )
        when = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
        [run] = work.assessments(conversation_id=person.id)
        work.add_placement(
            run.id,
            "tea.leaves",
            turn_id="turn-secret",
            words="placements-mark",
            certainty="doubt",
            likely=((2, 0.5), (1, 0.5)),
            quote="mark",
            ahead=False,
            at=when,
        )
        work.add_account(Account("1", "accounts-mark", "account-secret", "sealed", person.id, when, when))
        work.add_handover(Handover("h-1", "handover-secret", person.id, when, when))
        user = {"id": "u-secret", "email": "u", "name": "user-secret", "role": "admin", "language": "nl"}
        by = {"user_id": "u-secret", "at": when}
        of = {"assessment_id": run.id}
        for table, values in (
            (tables.users, user | {"created_at": when}),
            (tables.judgements, of | by | {"item_id": "tea.leaves", "level": 2, "reason": "judgements-mark"}),
            (tables.desk_notes, of | by | {"text": "notes-mark"}),
            (tables.review_marks, of | by | {"item_id": "", "mark": "mark-mark"}),
            (
                tables.questions,
                by | {"id": "q-secret", "conversation_id": person.id, "text": "questions-mark"},
            ),
            (
                tables.plans,
                of
                | {"id": "p-secret", "model_id": "teahouse", "version": 1, "revision": 1}
                | {"content": {"steps": ["plans-mark"]}, "user_id": "u-secret"}
                | {"created_at": when, "changed_at": when},
            ),
        ):
            work._connection.execute(table.insert().values(values))
        # Scores that were kept before somebody looked, or none were.
        work._connection.execute(tables.standings.delete())
        work._connection.execute(
            tables.standings.insert().values(of | {"upto": 1, "scores": {"tea": "standings-mark"}})
        )
        work.commit()

    found = house.use_cases.my_data(data.id)

    text = json.dumps(found, ensure_ascii=False)
    for table, mark in marks.items():
        assert mark in text, table.name
    # What only opens something, or proves a repeat, has no business in a file that is passed on.
    secrets = [row["id"] for row in house.rows(tables.links)]
    secrets += [
        "account-secret",
        "handover-secret",
        "sealed",
        "user-secret",
        "u-secret",
        "q-secret",
        "p-secret",
    ]
    secrets += [row["fingerprint"] for row in house.rows(tables.inbox)]
    secrets += [button.token for message in person.history for button in message.buttons]
    assert [one for one in secrets if one in text] == []


def test_the_file_tells_what_was_replaced_and_where_one_stands(house: House) -> None:
    person = Person(house, segments={"role_layer": "board", "department": "it", "business_line": "both"})
    person.say("1")
    for level in "122222":
        person.say(level)
    person.say("verander vraag 1 naar 3")
    person.say("als bestand", "my_data_file")

    found = house.use_cases.my_data(person.last[-1].links[0].id)

    assert found is not None
    assert found["conversation"]["about_you"] == {
        "role_layer": "board",
        "department": "it",
        "business_line": "both",
        "first_line": "b2c",
    }
    [run] = found["assessments"]
    assert run["customers"] == "b2c"
    leaves = [one for one in run["answers"] if one["question"] == "tea.leaves"]
    assert [(one["level"], one["holds"], one["your_words"]) for one in leaves] == [
        (1, False, "1"),
        (3, True, "verander vraag 1 naar 3"),
    ]
    # Leaves weigh 3, brewing 1: (3 * 3 + 2) / 4.
    assert run["scores"]["tea"] == pytest.approx(2.75)
    assert [one["by"] for one in found["transcript"][:3]] == ["Peil", "you", "Peil"]
    assert len(found["transcript"]) == len(person.history)


def test_the_file_holds_nothing_of_anybody_else(house: House) -> None:
    one, other = Person(house), Person(house)
    other.say("een mens", "human")
    other.say("kabouterplop@voorbeeld.nl")
    other.say("kabouterplop")
    one.say("als bestand", "my_data_file")
    text = json.dumps(house.use_cases.my_data(one.last[-1].links[0].id))
    assert "kabouterplop" not in text
    assert other.id not in text


# --- over HTTP ---


async def test_the_way_back_gives_a_token_once_a_device(house: House) -> None:
    async with open_gateway(house) as gateway:
        page = await gateway.page(prefill={"role_layer": "board", "department": "it", "business_line": "b2c"})
        gateway.engine.meanings["later"] = "come_back"
        await page.say("later")
        [link] = page.last[-1]["links"]
        assert set(link) == {"kind", "title", "url"}
        path, _, key = link["url"].partition("#back=")
        assert path == "/"

        # The client may be without a token, or bring an old one.
        for headers in ({}, {"Authorization": "Bearer nonsense"}):
            client = gateway.client(**headers)
            response = await client.post("/api/chat/back", json={"key": key, "device": PHONE})
            assert response.status_code == 200, response.text
            assert response.json() == {"token": page.token}
        check_problem(
            await gateway.client().post("/api/chat/back", json={"key": key, "device": LAPTOP}),
            410,
            "error.back",
        )
        history = await page.history()
        used, fresh = [link for message in history for link in message.get("links", [])]
        assert set(used) == {"kind", "title"}
        assert used["title"] == fresh["title"]
        assert fresh["url"].startswith("/#back=")
        assert key not in fresh["url"]


async def test_no_other_key_is_a_way_back(house: House) -> None:
    person = Person(house)
    finish(person)
    person.say("deel", "share")
    person.say("bestand", "my_data_file")
    way = way_back(person)
    signer, stranger = Signer(house.settings.secret), Signer("another secret")
    key = signer.link_key("back", way)
    kinds: tuple[LinkKind, ...] = ("result", "share", "data")
    keys = [
        *(signer.link_key(kind, link.id) for kind in kinds for link in links(person, kind)),
        # Genuine keys for 'back', of links that are something else.
        *(signer.link_key("back", link.id) for kind in kinds for link in links(person, kind)),
        *(signer.link_key(kind, way) for kind in kinds),
        stranger.link_key("back", way),
        signer.link_key("back", "0" * 32),
        signer.token(person.id),
        way,
        key[:-1],
        key + "A",
        key[:32] + key[32:].swapcase(),
        "x",
        "é" * 64,
        "0" * 100,
    ]
    before = house.everything()
    async with open_gateway(house) as gateway:
        client = gateway.client()
        for one in keys:
            response = await client.post("/api/chat/back", json={"key": one, "device": PHONE})
            check_problem(response, 410, "error.back")
        for bad in (
            {},
            {"key": key},
            {"device": PHONE},
            {"key": key, "device": "short"},
            {"key": key, "device": "x" * 65},
            {"key": key, "device": "no blanks allowed"},
            {"key": key, "device": PHONE, "more": 1},
            {"key": "", "device": PHONE},
            {"key": "0" * 101, "device": PHONE},
            {"key": 7, "device": PHONE},
            {"key": None, "device": PHONE},
        ):
            check_problem(await client.post("/api/chat/back", json=bad), 422, "error.invalid")
        for raw in (b"", b"[]", b'{"key": "' + key.encode() + b'\\ud800", "device": "' + b"d" * 16 + b'"}'):
            check_problem(await client.post("/api/chat/back", content=raw), 422, "error.invalid")
        assert (await client.get("/api/chat/back")).status_code == 405
        assert house.everything() == before
        response = await client.post("/api/chat/back", json={"key": key, "device": PHONE})
        assert response.json() == {"token": signer.token(person.id)}


async def test_trying_keys_is_slowed_down_for_one_address_and_not_for_another(make_house: Make) -> None:
    house = make_house(rate_burst=3, rate_per_minute=1)
    person = Person(house)
    key = Signer(house.settings.secret).link_key("back", way_back(person))
    async with open_gateway(house) as gateway:
        client = gateway.client("192.0.2.7")
        for _ in range(3):
            response = await client.post("/api/chat/back", json={"key": "0" * 64, "device": PHONE})
            assert response.status_code == 410
        response = await client.post("/api/chat/back", json={"key": key, "device": PHONE})
        check_problem(response, 429, "error.too_fast")
        assert int(response.headers["retry-after"]) > 0
        assert welcomes(person) == 0
        response = await gateway.client("192.0.2.8").post(
            "/api/chat/back", json={"key": key, "device": PHONE}
        )
        assert response.status_code == 200


async def test_eight_devices_over_http_get_one_token(house: House) -> None:
    person = Person(house)
    key = Signer(house.settings.secret).link_key("back", way_back(person))
    async with open_gateway(house) as gateway:
        responses = await asyncio.gather(
            *[
                gateway.client().post("/api/chat/back", json={"key": key, "device": f"device-{n}-0000000"})
                for n in range(8)
            ]
        )
    assert sorted(response.status_code for response in responses) == [200] + [410] * 7
    assert welcomes(person) == 1


async def test_the_file_is_downloaded_until_its_address_expires(house: House) -> None:
    now = [1_000_000.0]
    person = Person(house)
    person.say("bestand", "my_data_file")
    async with open_gateway(house, now=lambda: now[0]) as gateway:
        token = Signer(house.settings.secret).token(person.id)
        client = gateway.client(Authorization=f"Bearer {token}")

        async def address() -> str:
            messages = (await client.get("/api/chat/messages")).json()["messages"]
            [url] = [link["url"] for message in messages for link in message.get("links", [])]
            return str(url)

        url = await address()
        stranger = gateway.client()
        response = await stranger.get(url)
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["content-disposition"].startswith("attachment")
        assert response.json()["conversation"]["id"] == person.id

        for wrong in (
            url.replace("until=1", "until=2"),
            url[:-1] + ("A" if url[-1] != "A" else "B"),
            url.replace("/data/", "/data/0"),
            url.replace(url[6:38], "0" * 32),
        ):
            check_problem(await stranger.get(wrong), 404, "error.not_found")
        for wrong in (url.partition("&")[0], url.partition("?")[0], url.replace("until=", "until=x")):
            assert (await stranger.get(wrong)).status_code == 422

        now[0] += 60 * house.settings.picture_minutes
        assert (await stranger.get(url)).status_code == 200
        now[0] += 1
        check_problem(await stranger.get(url), 404, "error.not_found")
        # Who reads the history gets a new one.
        fresh = await address()
        assert fresh != url
        assert (await stranger.get(fresh)).status_code == 200

        house.use_cases.forget(person.id)
        check_problem(await stranger.get(fresh), 404, "error.not_found")


async def test_table_and_links_stand_in_the_history_as_before_after_a_restart(make_house: Make) -> None:
    now = 1_000_000.0
    house = make_house()
    async with open_gateway(house, now=lambda: now) as gateway:
        known = {"role_layer": "board", "department": "it", "business_line": "b2c"}
        page = await gateway.page(prefill=known)
        for _ in ITEMS:
            await page.say("2")
        told = page.last
        history = await page.history()
    assert told[0]["table"]["columns"] == ["Onderdeel", "Score", "Niveau", "Doel"]
    assert len(told[0]["table"]["rows"]) == 3
    paragraphs = told[0]["text"].split("\n\n")
    assert "Thee: 2,0" in paragraphs[told[0]["table"]["paragraph"]]
    assert [link["kind"] for link in told[-1]["links"]] == ["result", "back"]
    assert history[-len(told) :] == told

    async with open_gateway(make_house(), now=lambda: now) as gateway:
        client = gateway.client(Authorization=f"Bearer {page.token}")
        assert (await client.get("/api/chat/messages")).json()["messages"] == history


async def test_no_key_stands_in_any_line_of_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    person = Person(house)
    finish(person)
    person.say("deel", "share")
    person.say("bestand", "my_data_file")
    person.say("een mens", "human")
    person.say("kabouterplop@voorbeeld.nl")
    signer = Signer(house.settings.secret)
    addresses = {
        link.kind: signer.link_address(link.kind, link.id, 2_000_000_000)
        for message in person.history
        for link in message.links
    }
    assert set(addresses) == {"result", "share", "back", "data"}
    key = addresses["back"].partition("=")[2]
    async with open_gateway(house) as gateway:
        client = gateway.client()
        for kind in ("result", "share", "data"):
            assert (await client.get(addresses[kind])).status_code == 200
            assert (await client.get(addresses[kind] + "x")).status_code == 404
        for path in ("share", "unshare"):
            await client.post(f"{addresses['result']}/{path}", data={"link": "0" * 32})
        for device in (PHONE, LAPTOP):
            await client.post("/api/chat/back", json={"key": key, "device": device})
        # And while the database is away: drivers like to tell what they were given.
        with at_statement(house, fail, holds="links"):
            assert (await client.get(addresses["result"])).status_code == 503
        with at_statement(house, fail, holds="links"):
            response = await client.post("/api/chat/back", json={"key": key, "device": PHONE})
            check_problem(response, 503, "error.busy")
        with at_statement(house, fail, holds="links"):
            check_problem(await client.get(addresses["data"]), 503, "error.busy")

    secrets = [PHONE, LAPTOP, "kabouterplop", person.id]
    for address in addresses.values():
        secrets.append(address.replace("&", "=").split("=")[-1].split("/")[-1])
    secrets += [link["id"] for link in house.rows(tables.links)]
    # httpx is the test's browser; the gateway has it keep silent, as a test of its start says.
    lines = [
        logging.Formatter().format(record)
        for record in caplog.records
        if record.name.partition(".")[0] not in ("httpx", "httpcore")
    ]
    assert any("the database failed" in line for line in lines)
    for line in lines:
        assert [one for one in secrets if one in line] == [], line
