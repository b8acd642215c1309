"""Whatever is repeated, raced or broken: a message is one line, one turn, one answer, one reply."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.bootstrap import radar_spec
from bot.service.use_cases import MessageConflict, UnknownConversation, UnknownTurn
from bot.store import engine as engines
from bot.store import tables
from bot.store.work import Work
from tests.integration.parts import ITEMS, House, Person, at_statement

Make = Callable[..., House]


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


def user_lines(person: Person) -> list[str]:
    return [message.text for message in person.history if message.role == "user"]


# --- repeats ---


def test_a_repeat_of_a_message_is_the_same_turn_with_the_same_reply_and_one_answer(
    house: House, person: Person
) -> None:
    person.say("2")
    before = house.everything()

    again = house.use_cases.receive("web", person.id, person.message_id, text="2")
    house.use_cases.take_turn(again.turn_id, "take_answer")

    assert (again.new, again.done) == (False, True)
    assert house.use_cases.reply_of(again.turn_id) == person.last
    assert house.everything() == before
    assert house.holds(person.id) == {"tea.leaves": 2}


def test_a_repeat_before_the_reply_is_the_same_open_turn(house: House, person: Person) -> None:
    turn_id = person.send(text="2")

    again = house.use_cases.receive("web", person.id, person.message_id, text="2")

    assert (again.turn_id, again.new, again.done) == (turn_id, False, False)
    assert house.use_cases.reply_of(turn_id) is None


@pytest.mark.parametrize("content", [{"text": "3"}, {"text": " 2"}, {"button": "2"}])
def test_the_same_id_with_another_content_is_a_conflict(
    house: House, person: Person, content: dict[str, str]
) -> None:
    person.say("2")
    before = house.everything()

    with pytest.raises(MessageConflict, match=person.message_id):
        house.use_cases.receive("web", person.id, person.message_id, **content)

    assert house.everything() == before


def test_the_same_id_in_another_conversation_is_another_message(house: House) -> None:
    one, two = Person(house), Person(house)

    assert one.say("1") != ""
    assert two.say("3") != ""

    assert one.message_id == two.message_id
    assert (house.holds(one.id), house.holds(two.id)) == ({"tea.leaves": 1}, {"tea.leaves": 3})


def test_a_second_try_of_a_turn_with_another_meaning_changes_nothing(house: House, person: Person) -> None:
    turn_id = person.send(text="geen idee")
    house.use_cases.take_turn(turn_id, "dont_know")
    before = house.everything()

    house.use_cases.take_turn(turn_id, "skip")

    assert house.everything() == before
    assert house.holds(person.id) == {"tea.leaves": "dont_know"}


def test_a_turn_that_never_was_is_refused(house: House) -> None:
    with pytest.raises(UnknownTurn):
        house.use_cases.take_turn("0" * 32, "take_answer")
    with pytest.raises(UnknownTurn):
        house.use_cases.reply_of("0" * 32)
    with pytest.raises(UnknownConversation):
        house.use_cases.receive("web", "0" * 32, "m1", text="hoi")


# --- at once ---


def test_a_turn_tried_by_eight_threads_at_once_gives_one_reply_and_one_answer(
    house: House, person: Person
) -> None:
    turn_id = person.send(text="2")

    outcomes = at_once(*[lambda: house.use_cases.take_turn(turn_id, "take_answer")] * 8)

    assert outcomes == [None] * 8
    assert len(house.answers(person.id)) == 1
    assert len([m for m in person.history if m.turn_id == turn_id and m.role == "bot"]) == 1
    assert [message.seq for message in person.history] == [1, 2, 3, 4, 5]


def test_the_last_turn_tried_by_eight_threads_at_once_gives_one_result(house: House, person: Person) -> None:
    for _ in ITEMS[:-1]:
        person.say("2")
    turn_id = person.send(text="2")

    outcomes = at_once(*[lambda: house.use_cases.take_turn(turn_id, "take_answer")] * 8)

    assert outcomes == [None] * 8
    assert len(house.rows(tables.pictures)) == 1
    assert [run.status for run in house.runs(person.id)] == ["completed"]
    assert len(house.use_cases.reply_of(turn_id) or []) == 4


def test_a_message_received_by_eight_threads_at_once_is_one_row_and_one_line(
    house: House, person: Person
) -> None:
    outcomes = at_once(*[lambda: house.use_cases.receive("web", person.id, "same", text="2")] * 8)

    assert len({one.turn_id for one in outcomes}) == 1
    assert sorted(one.new for one in outcomes) == [False] * 7 + [True]
    assert len([row for row in house.rows(tables.inbox) if row["message_id"] == "same"]) == 1
    assert user_lines(person) == ["ja", "2"]


def test_the_same_id_with_two_contents_at_once_lets_one_win(house: House, person: Person) -> None:
    outcomes = at_once(
        lambda: house.use_cases.receive("web", person.id, "same", text="2"),
        lambda: house.use_cases.receive("web", person.id, "same", text="3"),
    )

    assert sorted(type(one).__name__ for one in outcomes) == ["MessageConflict", "Received"]
    assert len(user_lines(person)) == 2


def test_different_messages_at_once_keep_one_order_without_gaps(house: House, person: Person) -> None:
    def say(number: int) -> Callable[[], None]:
        def job() -> None:
            received = house.use_cases.receive("web", person.id, f"n{number}", text=str(number % 3 + 1))
            house.use_cases.take_turn(received.turn_id, "take_answer")

        return job

    outcomes = at_once(*[say(number) for number in range(6)])

    assert outcomes == [None] * 6
    history = person.history
    assert [message.seq for message in history] == list(range(1, len(history) + 1))
    assert [row["message_id"] for row in house.rows(tables.inbox)] == [
        message.id for message in history if message.role == "user"
    ]
    assert tuple(house.holds(person.id)) == ITEMS
    assert len(house.answers(person.id)) == 6


def test_conversations_do_not_mix_when_they_talk_at_once(house: House) -> None:
    people = [Person(house) for _ in range(6)]

    def whole(person: Person, level: int) -> Callable[[], None]:
        def job() -> None:
            for _ in ITEMS:
                person.say(str(level))

        return job

    outcomes = at_once(*[whole(one, number % 3 + 1) for number, one in enumerate(people)])

    assert outcomes == [None] * 6
    for number, one in enumerate(people):
        assert house.holds(one.id) == dict.fromkeys(ITEMS, number % 3 + 1)
        assert [message.seq for message in one.history] == list(range(1, len(one.history) + 1))


def test_a_turn_and_erasing_its_conversation_at_once_end_in_nothing_left(house: House) -> None:
    for _ in range(5):
        person = Person(house)
        turn_id = person.send(text="2")

        turn, forgotten = at_once(
            lambda turn_id=turn_id: house.use_cases.take_turn(turn_id, "take_answer"),
            lambda person=person: house.use_cases.forget(person.id),
        )

        assert forgotten is True
        assert turn is None or isinstance(turn, UnknownTurn)
        assert [row for row in house.rows(tables.conversations) if row["id"] == person.id] == []


# --- an exception in mid-turn ---


def test_an_exception_at_completion_leaves_nothing_behind_and_the_repeat_works(make_house: Make) -> None:
    fails = [True]

    def radar(facts: Any) -> str:
        if fails:
            raise RuntimeError("no ink")
        return radar_spec(facts)

    house = make_house(radar=radar)
    person = Person(house)
    for _ in ITEMS[:-1]:
        person.say("2")
    turn_id = person.send(text="3")
    before = house.everything()

    for _ in range(2):
        with pytest.raises(RuntimeError, match="no ink"):
            house.use_cases.take_turn(turn_id, "take_answer")
        assert house.everything() == before

    fails.clear()
    house.use_cases.take_turn(turn_id, "take_answer")

    assert house.holds(person.id)["pots.care"] == 3
    assert len(house.answers(person.id)) == 6
    assert [run.status for run in house.runs(person.id)] == ["completed"]


# --- a database that fails ---


def break_connection(house: House) -> Callable[[sa.Connection, str], None]:
    """Breaks the connection under way: PostgreSQL's server ends it, SQLite's disk fails."""
    if house.is_sqlite:

        def fail(connection: sa.Connection, statement: str) -> None:
            raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))

        return fail

    def terminate(connection: sa.Connection, statement: str) -> None:
        process = connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
        other = sa.create_engine(house.database_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with other.connect() as killer:
            killer.exec_driver_sql("SELECT pg_terminate_backend(%s)", (process,))
            lives = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
            while killer.exec_driver_sql(lives, (process,)).first():
                pass

    return terminate


def test_a_connection_broken_at_any_statement_of_a_turn_leaves_nothing_half(house: House) -> None:
    def last_answer(person: Person) -> str:
        for _ in ITEMS[:-1]:
            person.say("2")
        return person.send(text="2")

    person = Person(house)
    turn_id = last_answer(person)
    before = house.everything()
    broken = 0

    for number in range(100):
        with at_statement(house, break_connection(house), number):
            try:
                house.use_cases.take_turn(turn_id, "take_answer")
            except sa.exc.OperationalError:
                broken += 1
            else:
                break
        assert house.everything() == before, f"statement {number}"

    # The last answer of all is the longest turn: a dozen statements and more, each of which broke once.
    assert broken >= 12
    assert house.holds(person.id) == dict.fromkeys(ITEMS, 2)
    assert len(house.answers(person.id)) == 6
    assert len(house.use_cases.reply_of(turn_id) or []) == 4


def test_a_connection_broken_while_a_message_comes_in_leaves_nothing_half(
    house: House, person: Person
) -> None:
    before = house.everything()
    broken = 0

    for number in range(20):
        with at_statement(house, break_connection(house), number):
            try:
                received = house.use_cases.receive("web", person.id, "new", text="2")
            except sa.exc.OperationalError:
                broken += 1
            else:
                break
        assert house.everything() == before, f"statement {number}"

    assert broken >= 4
    assert received.new
    assert user_lines(person) == ["ja", "2"]


def test_a_connection_broken_at_the_commit_leaves_nothing_half(
    house: House, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_id = person.send(text="2")
    before = house.everything()
    commit = Work.commit

    def broken(work: Work) -> None:
        break_connection(house)(work._connection, "COMMIT")
        commit(work)

    monkeypatch.setattr(Work, "commit", broken)
    with pytest.raises(sa.exc.OperationalError):
        house.use_cases.take_turn(turn_id, "take_answer")
    monkeypatch.undo()

    assert house.everything() == before
    house.use_cases.take_turn(turn_id, "take_answer")
    assert house.holds(person.id) == {"tea.leaves": 2}


def test_a_commit_that_was_done_but_not_heard_of_is_not_done_again(
    house: House, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_id = person.send(text="2")
    commit = Work.commit

    def unheard(work: Work) -> None:
        commit(work)
        raise sa.exc.OperationalError("COMMIT", {}, Exception("the line went dead"))

    monkeypatch.setattr(Work, "commit", unheard)
    with pytest.raises(sa.exc.OperationalError):
        house.use_cases.take_turn(turn_id, "take_answer")
    monkeypatch.undo()

    done = house.everything()
    house.use_cases.take_turn(turn_id, "take_answer")
    assert house.everything() == done
    assert len(house.answers(person.id)) == 1


@contextmanager
def another_writer(house: House) -> Iterator[None]:
    """Somebody else holds SQLite's write lock, as a backup or a second process may."""
    connection = sqlite3.connect(house.store.engine.url.database or "", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
def test_a_database_locked_by_another_writer_for_too_long_loses_nothing(
    make_house: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_BUSY_SECONDS", 0.05)
    house = make_house()
    person = Person(house)
    turn_id = person.send(text="2")
    before = house.everything()

    with another_writer(house):
        with pytest.raises(sa.exc.OperationalError, match="database is locked"):
            house.use_cases.take_turn(turn_id, "take_answer")
        with pytest.raises(sa.exc.OperationalError, match="database is locked"):
            house.use_cases.receive("web", person.id, "later", text="3")
        # Reading waits for nobody.
        assert house.everything() == before

    house.use_cases.take_turn(turn_id, "take_answer")
    assert house.use_cases.receive("web", person.id, "later", text="3").new
    assert house.holds(person.id) == {"tea.leaves": 2}


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
def test_what_waits_to_write_goes_on_as_soon_as_it_can(house: House) -> None:
    late = []
    for _ in range(5):
        freed, written = 0.0, 0.0

        def write() -> None:
            nonlocal written
            with house.store.write():
                written = time.monotonic()

        writer = threading.Thread(target=write)
        with another_writer(house):
            writer.start()
            # By then SQLite itself would look every tenth of a second.
            time.sleep(0.25)
            freed = time.monotonic()
        writer.join()
        late.append(written - freed)

    assert min(late) < 0.02


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
def test_threads_that_write_do_so_one_behind_the_other(house: House) -> None:
    inside, most = 0, 0

    def write() -> None:
        nonlocal inside, most
        for _ in range(5):
            with house.store.write() as work:
                inside += 1
                most = max(most, inside)
                time.sleep(0.002)
                inside -= 1
                work.commit()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert most == 1


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
def test_who_could_not_begin_to_write_holds_up_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_BUSY_SECONDS", 0.01)
    with another_writer(house), pytest.raises(sa.exc.OperationalError), house.store.write():
        pass

    began = time.monotonic()
    with house.store.write():
        pass

    assert time.monotonic() - began < 1


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
def test_a_database_locked_for_a_moment_is_waited_for(house: House, person: Person) -> None:
    turn_id = person.send(text="2")
    held, finished = threading.Event(), []

    def work() -> None:
        held.wait()
        house.use_cases.take_turn(turn_id, "take_answer")
        finished.append(True)

    worker = threading.Thread(target=work)
    worker.start()
    with another_writer(house):
        held.set()
        worker.join(0.2)
        assert finished == []
    worker.join()

    assert finished == [True]
    assert house.holds(person.id) == {"tea.leaves": 2}


# --- a crash ---


def test_a_crash_right_after_receive_leaves_the_turn_open_and_it_can_be_done_then(
    make_house: Make,
) -> None:
    house = make_house()
    person = Person(house)
    turn_id = person.send(text="2")
    house.close()

    after = make_house()
    assert after.use_cases.open_turns() == [(person.id, turn_id)]
    repeat = after.use_cases.receive("web", person.id, person.message_id, text="2")
    assert (repeat.turn_id, repeat.new, repeat.done) == (turn_id, False, False)
    message = after.use_cases.message_of(turn_id)
    assert message is not None
    assert message.text == "2"

    after.use_cases.take_turn(turn_id, "take_answer")

    assert after.use_cases.open_turns() == []
    assert after.holds(person.id) == {"tea.leaves": 2}


def test_open_turns_come_in_the_order_in_which_the_messages_came(house: House) -> None:
    one, two = Person(house), Person(house)
    expected = [(one.id, one.send(text="1")), (two.id, two.send(text="2")), (one.id, one.send(text="3"))]

    assert house.use_cases.open_turns() == expected


def test_a_conversation_goes_on_a_week_later_at_the_same_question(make_house: Make) -> None:
    house = make_house()
    person = Person(house)
    person.say("2")
    house.close()

    house.clock.move(days=7)
    person.house = make_house()

    assert person.house.use_cases.seen(person.id).id == person.id
    assert "Genoteerd" in person.say("3")
    assert person.asks(3)


# --- apologies ---


def test_an_apology_is_said_once_and_the_reply_still_comes(house: House, person: Person) -> None:
    turn_id = person.send(text="2")

    first = house.use_cases.apologise(turn_id)
    assert house.use_cases.apologise(turn_id) == first
    assert len(first) == 1
    assert house.use_cases.reply_of(turn_id) is None

    house.use_cases.take_turn(turn_id, "take_answer")

    assert house.use_cases.apologise(turn_id) == []
    reply = house.use_cases.reply_of(turn_id) or []
    assert [message.kind for message in person.history[-3:]] == ["said", "notice", "reply"]
    assert reply == person.history[-1:]


def test_a_turn_that_was_given_up_is_done_and_stays_so(house: House, person: Person) -> None:
    turn_id = person.send(text="2")
    house.use_cases.give_up(turn_id)
    given_up = house.everything()

    house.use_cases.give_up(turn_id)
    house.use_cases.take_turn(turn_id, "take_answer")

    assert house.everything() == given_up
    assert house.use_cases.open_turns() == []
    assert house.answers(person.id) == []
    person.say("3")
    assert house.holds(person.id) == {"tea.leaves": 3}


def test_giving_up_apologising_and_doing_a_turn_at_once_give_one_reply(house: House, person: Person) -> None:
    for number in range(5):
        turn_id = person.send(text="2")
        outcomes = at_once(
            lambda turn_id=turn_id: house.use_cases.take_turn(turn_id, "take_answer"),
            lambda turn_id=turn_id: house.use_cases.give_up(turn_id),
            lambda turn_id=turn_id: house.use_cases.apologise(turn_id),
        )
        assert [one for one in outcomes if isinstance(one, Exception)] == [], f"round {number}"
        assert len(house.use_cases.reply_of(turn_id) or []) in (1, 3)
        kinds = [message.kind for message in person.history if message.turn_id == turn_id]
        assert kinds[0] == "said"
        assert kinds.count("notice") <= 1
        assert "notice" not in kinds[2:]


# --- append-only ---


def test_answers_are_never_updated_or_deleted_by_a_change(house: House, person: Person) -> None:
    kept: list[dict[str, Any]] = []

    def nothing_was_touched() -> None:
        rows = house.rows(tables.answers)
        assert rows[: len(kept)] == kept
        kept[:] = rows

    first = person.token("1 ·")
    for level in ("1", "2", "3"):
        person.say(level)
        nothing_was_touched()
    house.clock.move(minutes=5)
    person.say("terug", "back")
    person.say("1")
    nothing_was_touched()
    for title, old in (("1 ·", None), ("2 ·", 1), ("3 ·", 2)):
        if old is not None:
            # The first question's buttons as they stood in the history.
            token = next(b.token for m in person.history for b in m.buttons if b.title.startswith(title))
            person.press(token)
            person.say("ja")
            nothing_was_touched()
    person.press(first)
    person.say("ja", "affirm")
    nothing_was_touched()
    for _ in range(3):
        person.say("2")
        nothing_was_touched()

    stored = {one.id: one for one in house.answers(person.id)}
    leaves = [one for one in stored.values() if one.answer.item_id == "tea.leaves"]
    assert [one.answer.value for one in leaves] == [1, 2, 3, 1]
    assert [one.supersedes for one in leaves] == [None, *[one.id for one in leaves[:-1]]]
    welcome = [one for one in stored.values() if one.answer.item_id == "guests.welcome"]
    assert [(one.answer.value, one.supersedes) for one in welcome] == [(3, None), (1, welcome[0].id)]
    assert [one.words for one in welcome] == ["3", "1"]
    assert welcome[1].at - welcome[0].at > timedelta(minutes=5)
    assert {one.by for one in stored.values()} == {"respondent"}
    # Each answer names the turn in which it was given, and the transcript has that turn's words.
    turns = {message.turn_id for message in person.history if message.role == "user"}
    assert {one.turn_id for one in stored.values()} <= turns


def test_an_answer_that_is_given_again_unchanged_writes_nothing(house: House, person: Person) -> None:
    person.say("2")
    person.say("terug", "back")
    before = house.rows(tables.answers)

    person.say("2")

    assert house.rows(tables.answers) == before
    assert person.asks(2)


def test_an_answer_can_be_superseded_only_once(house: House, person: Person) -> None:
    person.say("1")
    person.say("terug", "back")
    person.say("2")
    row = dict(house.rows(tables.answers)[1], turn_id="f" * 32)
    del row["id"]

    with pytest.raises(sa.exc.IntegrityError), house.store.write() as work:
        work._connection.execute(tables.answers.insert().values(row))


def test_the_inbox_keeps_no_words_once_the_turn_is_done(house: House, person: Person) -> None:
    person.say("2")
    person.tap("3 ·")

    assert [(row["text"], row["button"]) for row in house.rows(tables.inbox)] == [(None, None)] * 3
