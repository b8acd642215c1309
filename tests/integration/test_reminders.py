"""Reminders: agreed to in the conversation, written once, by day, and no more of them than there may be."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from bot.assessment.records import Message
from bot.assessment.reminding import is_day
from bot.cli import main
from bot.gateway import jobs
from bot.service.campaign_input import NotPossible
from bot.store import tables
from bot.texts import say
from tests.integration.parts import House, Person, at_statement
from tests.integration.test_chats import Chatter, campaign, code
from tests.stack import TEAHOUSE

Make = Callable[..., House]

BAKERY = TEAHOUSE.with_name("bakery.yml").read_text(encoding="utf-8")
# 11:00 in Amsterdam, an hour ahead of UTC; 20 hours later it is 7:00, and the day begins at 9:00.
PAUSED = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def begin(
    house: House, campaign_id: str | None = None, account: str = "1001", language: str = "nl"
) -> Chatter:
    """Somebody in a chat who is being asked the third question, in a campaign or in none."""
    house.clock.now = min(house.clock.now, PAUSED - timedelta(minutes=30))
    person = Chatter(house, account)
    if campaign_id is None:
        person.arrive(text="hoi", language=language)
        person.say("ja" if language == "nl" else "yes")
        for _ in range(3):
            person.tap(say(language, "question.skip"))
    else:
        person.arrive(code=code(house, campaign_id), language=language)
        person.say("ja" if language == "nl" else "yes")
    person.say("2")
    person.say("3")
    house.clock.now = PAUSED
    return person


def agree(house: House, campaign_id: str | None = None, account: str = "1001") -> Chatter:
    """The same, who has asked to be reminded."""
    person = begin(house, campaign_id, account)
    person.arrive(text="herinner me morgen", meaning="remind_me")
    return person


def titles(messages: list[Message]) -> list[str]:
    return [button.title for message in messages for button in message.buttons]


def held(house: House, person: Chatter) -> dict[str, Any]:
    return dict(house.conversation(person.id).reminding or {})


def reminders_in(house: House, person: Chatter) -> list[Message]:
    messages = house.use_cases.history(person.id)
    assert messages is not None
    return [message for message in messages if message.kind == "notice"]


def due_and_remind(house: House) -> int:
    """What the gateway's job does at every look."""
    return jobs.remind_due(house.peil)


# --- in the conversation ---


@pytest.mark.parametrize("meaning", ["pause", "stop", "come_back"])
def test_who_leaves_is_offered_a_reminder_and_one_tap_agrees(house: House, meaning: str) -> None:
    person = begin(house)
    person.arrive(text="later verder", meaning=meaning)
    assert titles(person.last)[0] == say("nl", "reminding.button")

    person.tap(say("nl", "reminding.button"))
    assert say("nl", "reminding.agreed") in person.text
    assert "Vraag 3 van 6" in person.text
    assert held(house, person) == {"agreed": True, "time_zone": "Europe/Amsterdam", "sent": 0}


def test_whoever_is_to_be_reminded_is_not_offered_it_again(house: House) -> None:
    person = agree(house)
    person.arrive(text="pauze", meaning="pause")

    assert say("nl", "reminding.button") not in titles(person.last)


def test_in_the_web_chat_nothing_is_offered_and_a_wish_gets_the_way_back(
    house: House, person: Person
) -> None:
    person.say("pauze", "pause")
    assert say("nl", "reminding.button") not in person.buttons

    person.say("herinner me morgen", "remind_me")
    assert person.has("reminding.not_here")
    assert [link.kind for link in person.last[-1].links] == ["back"]
    assert house.conversation(person.id).reminding is None


def test_before_consent_nothing_is_agreed_on(house: House) -> None:
    person = Chatter(house)
    person.arrive(text="hoi")
    person.arrive(text="herinner me morgen", meaning="remind_me")

    assert say("nl", "consent.question") in person.text
    assert house.conversation(person.id).reminding is None


def test_after_the_end_there_is_nothing_to_be_reminded_of(house: House) -> None:
    person = begin(house)
    for level in "1231":
        person.say(level)
    person.arrive(text="herinner me morgen", meaning="remind_me")

    assert say("nl", "reminding.finished") in person.text
    assert house.conversation(person.id).reminding is None


def test_a_campaign_says_how_many_there_may_be_and_in_which_time_zone(house: House) -> None:
    several = campaign(house, reminders=3, time_zone="America/New_York")
    person = agree(house, several)
    assert say("nl", "reminding.agreed_to_several", most=3) in person.text
    assert held(house, person)["time_zone"] == "America/New_York"

    none = campaign(house, "Zomer", reminders=0)
    other = begin(house, none, account="1002")
    other.arrive(text="pauze", meaning="pause")
    assert say("nl", "reminding.button") not in titles(other.last)
    other.arrive(text="herinner me morgen", meaning="remind_me")
    assert say("nl", "reminding.off") in other.text
    assert house.conversation(other.id).reminding is None


def test_no_more_reminders_is_said_in_words_without_putting_the_question_again(house: House) -> None:
    person = agree(house)
    person.arrive(text="geen herinneringen meer", meaning="no_reminders")

    assert person.text == say("nl", "reminding.ended")
    assert titles(person.last) == [say("nl", "side.continue")]
    assert held(house, person)["agreed"] is False
    house.clock.now = MORNING
    assert due_and_remind(house) == 0

    person.tap(say("nl", "side.continue"))
    assert "Vraag 3 van 6" in person.text


def test_stop_ends_the_reminders_as_well_and_offers_one(house: House) -> None:
    person = agree(house)
    person.arrive(text="stop", meaning="stop")

    assert say("nl", "reminding.ended_too") in person.text
    assert titles(person.last)[0] == say("nl", "reminding.button")
    assert held(house, person)["agreed"] is False


def test_erasing_everything_erases_what_was_agreed_on(house: House) -> None:
    person = agree(house)
    person.arrive(text="wis alles", meaning="erase")
    person.tap(say("nl", "erase.yes"))

    assert house.conversation(person.id).reminding is None
    house.clock.now = MORNING
    assert due_and_remind(house) == 0


@pytest.mark.parametrize(
    "text", ["geen herinneringen meer", "niet meer herinneren", "herinner me over 3 dagen"]
)
@pytest.mark.parametrize("model", ["teahouse", "bakery"])
def test_what_is_said_about_reminders_is_never_an_answer(make_house: Make, text: str, model: str) -> None:
    house = make_house()
    if model == "bakery":
        house.publish(bakery=BAKERY)
    person = Person(house, prefill={"depth": "full"})
    for _ in range(12):
        before = house.rows(tables.answers)
        meaning = "remind_me" if "dagen" in text else "no_reminders"
        person.say(text, meaning)
        assert house.rows(tables.answers) == before
        if house.runs(person.id)[-1].status == "completed":
            break
        person.say("ja")
        person.say("overslaan", "skip")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("dat hoeft niet meer", "no_reminders"),
        ("klanten geven geen mening meer", "no_reminders"),
        (
            "klanten krijgen van ons een week voor hun afspraak een herinnering en de dag ervoor nog een",
            "remind_me",
        ),
    ],
)
def test_what_is_told_of_the_company_is_no_word_about_reminders(
    house: House, text: str, meaning: str
) -> None:
    person = agree(house)
    before = held(house, person)
    person.arrive(text=text, meaning=meaning)

    assert say("nl", "unclear.first") in person.text
    assert held(house, person) == before


# --- what is written ---


def test_a_reminder_says_how_far_one_is_and_puts_the_question_with_its_buttons(house: House) -> None:
    person = agree(house)
    before = titles(person.last)
    house.clock.now = MORNING

    assert due_and_remind(house) == 1
    person.deliver()
    [message] = person.last
    # Two of six were had, and all six take 2 minutes: four of them take 1.
    minutes = 1
    assert message.text.startswith(say("nl", "reminding.open", number=3, total=6, minutes=minutes))
    assert "Vraag 3 van 6" in message.text
    assert titles(person.last) == [*before, say("nl", "reminding.end_button")]
    assert (message.kind, message.turn_id) == ("notice", None)
    assert held(house, person)["sent"] == 1

    person.say("1")
    assert house.holds(person.id)["guests.welcome"] == 1
    assert "Vraag 4 van 6" in person.text


def test_one_tap_below_a_reminder_ends_them(house: House) -> None:
    person = agree(house, campaign(house, reminders=3))
    house.clock.now = MORNING
    assert due_and_remind(house) == 1
    person.deliver()
    person.tap(say("nl", "reminding.end_button"))

    assert person.text == say("nl", "reminding.ended")
    house.clock.move(days=10)
    assert due_and_remind(house) == 0


def test_a_reminder_speaks_the_language_of_the_conversation(house: House) -> None:
    person = begin(house, language="en")
    person.arrive(text="remind me tomorrow", meaning="remind_me")
    assert say("en", "reminding.agreed") in person.text
    house.clock.now = MORNING

    assert due_and_remind(house) == 1
    person.deliver()
    assert person.text.startswith(say("en", "reminding.open", number=3, total=6, minutes=1))
    assert titles(person.last)[-1] == say("en", "reminding.end_button")


def test_who_had_not_chosen_yet_is_put_what_was_asked_then(house: House) -> None:
    person = Chatter(house)
    person.arrive(text="hoi")
    person.say("ja")
    person.arrive(text="herinner me morgen", meaning="remind_me")
    house.clock.move(hours=24)

    assert due_and_remind(house) == 1
    person.deliver()
    assert person.text.startswith(say("nl", "reminding.begun"))
    assert say("nl", "segment.ask_role_layer") in person.text


def test_a_question_that_was_pending_is_left_behind_by_a_reminder(house: House) -> None:
    person = agree(house)
    person.arrive(text="een mens graag", meaning="human")
    assert (house.conversation(person.id).pending or {})["ask"] == "contact"
    house.clock.now = MORNING
    assert due_and_remind(house) == 1
    person.deliver()
    person.say("2")

    assert house.conversation(person.id).pending is None
    assert house.holds(person.id)["guests.welcome"] == 2


# --- when ---


def test_it_comes_in_the_morning_and_once(house: House) -> None:
    person = agree(house)
    for moment, written in (
        (PAUSED + timedelta(hours=19, minutes=59), 0),
        (MORNING - timedelta(minutes=1), 0),
        (MORNING, 1),
        (MORNING, 0),
        (MORNING + timedelta(days=30), 0),
    ):
        house.clock.now = moment
        assert due_and_remind(house) == written, moment
    assert len(reminders_in(house, person)) == 1


def test_in_a_campaign_they_stop_at_the_number_it_says_with_three_days_between(house: House) -> None:
    person = agree(house, campaign(house, reminders=2))
    written = []
    house.clock.now = PAUSED
    for _ in range(24 * 14):
        house.clock.move(hours=1)
        if due_and_remind(house):
            written.append(house.clock.now.replace(microsecond=0))
            person.deliver()

    assert written == [MORNING, MORNING + timedelta(days=3)]


def test_who_comes_back_and_asks_again_is_reminded_the_next_day_and_it_counts(house: House) -> None:
    person = agree(house, campaign(house, reminders=2))
    house.clock.now = MORNING
    assert due_and_remind(house) == 1
    person.deliver()
    person.say("1")
    person.arrive(text="pauze", meaning="pause")
    person.tap(say("nl", "reminding.button"))
    # One of two is left.
    assert say("nl", "reminding.agreed") in person.text
    house.clock.now = MORNING + timedelta(days=1)
    assert due_and_remind(house) == 1
    person.deliver()

    person.arrive(text="herinner me morgen", meaning="remind_me")
    assert say("nl", "reminding.enough") in person.text
    house.clock.move(days=10)
    assert due_and_remind(house) == 0


def test_outside_a_campaign_each_wish_is_worth_one(house: House) -> None:
    person = agree(house)
    for day in range(1, 4):
        house.clock.now = MORNING + timedelta(days=2 * day)
        assert due_and_remind(house) == 1
        assert due_and_remind(house) == 0
        person.deliver()
        person.arrive(text="herinner me morgen", meaning="remind_me")
        assert say("nl", "reminding.agreed") in person.text


def test_whoever_says_something_is_reminded_later(house: House) -> None:
    person = agree(house)
    house.clock.now = MORNING - timedelta(hours=1)
    person.say("1")
    house.clock.now = MORNING
    assert due_and_remind(house) == 0

    # 20 hours after 8:00 it is 4:00; the day begins at 9:00.
    house.clock.now = MORNING + timedelta(days=1)
    assert due_and_remind(house) == 1


def finish(house: House, person: Chatter) -> None:
    for level in "1231":
        person.say(level)


def block(house: House, person: Chatter) -> None:
    house.peil.chats.reachable("telegram", person.account, False)


def take_to_the_web(house: House, person: Chatter) -> None:
    house.use_cases.take_turn(
        house.use_cases.receive("web", person.id, "w1", text="2").turn_id, "take_answer"
    )


def begin_another(house: House, person: Chatter) -> None:
    house.clock.now = PAUSED - timedelta(hours=1)
    person.arrive(code=code(house, campaign(house, "Herfst")))


def close(house: House, person: Chatter) -> None:
    campaign_id = house.conversation(person.id).campaign_id
    assert campaign_id is not None
    house.peil.campaigns.close(campaign_id)


@pytest.mark.parametrize("happens", [finish, block, take_to_the_web, begin_another, close])
def test_nobody_is_reminded_who_is_done_or_cannot_be_reached_or_whose_round_is_closed(
    house: House, happens: Callable[[House, Chatter], None]
) -> None:
    person = agree(house, campaign(house))
    before = person.id
    happens(house, person)
    house.clock.now = MORNING + timedelta(days=2)

    assert house.peil.reminders.due() == []
    assert not house.peil.reminders.remind(before)
    assert due_and_remind(house) == 0


def test_a_round_that_ends_by_itself_reminds_nobody_after_its_end(house: House) -> None:
    house.clock.now = PAUSED - timedelta(hours=1)
    person = agree(house, campaign(house, closes_at=MORNING))
    house.clock.now = MORNING

    assert due_and_remind(house) == 0
    assert reminders_in(house, person) == []


def test_who_lets_the_bot_in_again_is_reminded_again(house: House) -> None:
    person = agree(house)
    block(house, person)
    house.clock.now = MORNING
    assert due_and_remind(house) == 0
    house.peil.chats.reachable("telegram", person.account, True)

    assert due_and_remind(house) == 1


def test_nothing_is_put_on_top_of_what_has_not_arrived(house: House) -> None:
    person = agree(house, campaign(house, reminders=3))
    house.clock.now = MORNING
    assert due_and_remind(house) == 1
    house.clock.move(days=4)
    assert due_and_remind(house) == 0

    person.deliver()
    assert due_and_remind(house) == 1


def test_where_a_reminder_may_only_knock_the_next_one_knocks_again(house: House) -> None:
    person = agree(house, campaign(house, reminders=2))
    house.clock.now = MORNING
    assert due_and_remind(house) == 1
    [account_id] = house.peil.chats.accounts_of(person.id)
    delivery = house.peil.chats.next_delivery(account_id)
    assert delivery is not None
    house.peil.chats.knocked(delivery)
    house.clock.move(days=3)

    assert due_and_remind(house) == 1
    delivery = house.peil.chats.next_delivery(account_id)
    assert delivery is not None
    assert not delivery.knocked


def test_a_conversation_that_was_erased_meanwhile_is_left_out(house: House) -> None:
    person = agree(house)
    conversation_id = person.id
    house.clock.now = MORNING
    assert house.peil.reminders.due() == [conversation_id]
    house.use_cases.forget(conversation_id)

    assert not house.peil.reminders.remind(conversation_id)


# --- once, whatever happens ---


def fail(connection: sa.Connection, statement: str) -> None:
    """Breaks the transaction at this statement, as a database does that goes away."""
    raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))


def test_a_job_that_dies_at_any_statement_leaves_nothing_and_the_next_one_writes_it(house: House) -> None:
    person = agree(house)
    house.clock.now = MORNING
    before = house.everything()
    for number in range(100):
        with at_statement(house, fail, number):
            try:
                written = jobs.remind_due(house.peil)
            except sa.exc.OperationalError:
                pass
            else:
                break
        assert house.everything() == before, f"statement {number}"

    assert (number > 8, written) == (True, 1)
    assert len(reminders_in(house, person)) == 1


def test_of_jobs_that_run_at_the_same_moment_one_writes_it(make_house: Make) -> None:
    house = make_house()
    people = [agree(house, account=f"10{number:02}") for number in range(5)]
    house.clock.now = MORNING
    houses = [make_house() for _ in range(4)]
    ready = threading.Barrier(len(houses))

    def run(one: House) -> int:
        ready.wait()
        return sum(one.peil.reminders.remind(person.id) for person in people)

    with ThreadPoolExecutor(len(houses)) as pool:
        written = list(pool.map(run, houses))

    assert sum(written) == len(people)
    assert [len(reminders_in(house, person)) for person in people] == [1] * len(people)
    assert all(held(house, person)["sent"] == 1 for person in people)


def test_what_was_written_before_a_restart_is_sent_after_it_once(make_house: Make) -> None:
    house = make_house()
    person = agree(house)
    house.clock.now = MORNING
    assert due_and_remind(house) == 1

    after = make_house()
    assert due_and_remind(after) == 0
    later = Chatter(after)
    later.deliver()
    assert [message.kind for message in later.last] == ["notice"]
    later.deliver()
    assert later.last == []
    assert person.id == later.id


# --- all of a campaign, now ---


def crowd(house: House, **changes: Any) -> tuple[str, dict[str, Chatter]]:
    """A campaign with somebody in each place, and what they are called here."""
    round_ = campaign(house, reminders=1, **changes)
    people = {
        name: agree(house, round_, account=name) for name in ("waits", "here", "blocked", "had", "finished")
    }
    people["refuses"] = begin(house, round_, account="refuses")
    block(house, people["blocked"])
    finish(house, people["finished"])
    house.clock.now = MORNING
    assert house.peil.reminders.remind(people["had"].id)
    people["had"].deliver()
    # Four hours later, at 13:00 in Amsterdam.
    house.clock.now = MORNING + timedelta(hours=4)
    people["here"].say("1")
    return round_, people


def test_whoever_runs_a_campaign_has_all_reminded_who_agreed_and_have_not_finished(house: House) -> None:
    round_, people = crowd(house)
    expected = {"due": 1, "early": 1, "unreachable": 1, "enough": 1, "finished": 1, "not_agreed": 1}

    before = house.everything()
    assert house.peil.reminders.remind_all(round_, dry_run=True).counts == expected
    assert house.everything() == before
    assert house.peil.reminders.remind_all(round_).counts == expected
    assert len(reminders_in(house, people["waits"])) == 1
    assert sum(len(reminders_in(house, person)) for person in people.values()) == 2


def test_all_of_a_campaign_need_not_wait_for_the_next_day_but_are_reminded_once_a_day(house: House) -> None:
    round_ = campaign(house, reminders=3)
    person = agree(house, round_)
    house.clock.now = PAUSED + timedelta(hours=2)
    assert due_and_remind(house) == 0
    assert house.peil.reminders.remind_all(round_).counts == {"due": 1}
    person.deliver()

    assert house.peil.reminders.remind_all(round_).counts == {"early": 1}
    house.clock.move(hours=20)
    assert house.peil.reminders.remind_all(round_).counts == {"due": 1}


def test_who_has_night_is_reminded_in_the_morning_by_the_job(house: House) -> None:
    round_ = campaign(house, reminders=3)
    person = agree(house, round_)
    # 22:30 in Amsterdam.
    house.clock.now = datetime(2026, 3, 2, 21, 30, tzinfo=UTC)
    assert house.peil.reminders.remind_all(round_).counts == {"night": 1}
    assert due_and_remind(house) == 0
    assert reminders_in(house, person) == []

    house.clock.now = MORNING
    assert due_and_remind(house) == 1
    assert held(house, person)["sent"] == 1
    assert "hurried_at" not in held(house, person)


def test_a_closed_campaign_reminds_nobody(house: House) -> None:
    round_ = campaign(house)
    agree(house, round_)
    house.peil.campaigns.close(round_)

    with pytest.raises(NotPossible, match="not open"):
        house.peil.reminders.remind_all(round_)


def zone_at(hour: int) -> str:
    """A time zone where it is about this hour now, whenever the test runs."""
    ahead = (hour - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"


def peil(house: House, *words: str) -> Result:
    env = {
        "PEIL_DATA_DIR": str(house.settings.data_dir),
        "PEIL_DATABASE_URL": house.database_url,
        "PEIL_DEFINITIONS": str(house.definitions),
    }
    return CliRunner().invoke(main, words, env=env)


def figures(result: Result) -> dict[str, int]:
    """What the command counted: the beginning of each line of its table -> the number at its end."""
    rows = [line.rsplit(maxsplit=1) for line in result.output.splitlines() if line[-1:].isdigit()]
    return {name.split()[0]: int(count) for name, count in rows}


def test_the_command_tells_what_it_did_in_figures(house: House) -> None:
    assert is_day(datetime.now(UTC), zone_at(14))
    round_ = campaign(house, reminders=1, time_zone=zone_at(14))
    first, second, blocked, done = (agree(house, round_, account) for account in "1234")
    begin(house, round_, "5")
    block(house, blocked)
    finish(house, done)
    counted = {"reminded": 2, "has": 0, "left": 0, "was": 0, "cannot": 1, "did": 1, "finished": 1}

    dry = peil(house, "campaign", "remind", round_, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "Nothing was written" in dry.output
    assert reminders_in(house, first) == []
    assert figures(dry) == counted

    assert figures(peil(house, "campaign", "remind", "Voorjaar")) == counted
    assert [len(reminders_in(house, person)) for person in (first, second, blocked, done)] == [1, 1, 0, 0]
    # Whether they have arrived or not, the one that there may be was had.
    first.deliver()
    again = figures(peil(house, "campaign", "remind", round_))
    assert again == {**counted, "reminded": 0, "was": 2}


def test_the_command_tells_how_many_wait_until_morning(house: House) -> None:
    round_ = campaign(house, time_zone=zone_at(3))
    person = agree(house, round_)

    assert figures(peil(house, "campaign", "remind", round_))["has"] == 1
    assert reminders_in(house, person) == []


def test_the_command_for_a_campaign_that_is_not_there_or_closed_is_one_sentence(house: House) -> None:
    round_ = campaign(house)
    house.peil.campaigns.close(round_)

    for which, says in (("nobody", "There is no campaign"), (round_, "not open")):
        result = peil(house, "campaign", "remind", which)
        assert result.exit_code == 1
        assert says in result.output
        assert len(result.output.strip().splitlines()) == 1


# --- the gateway's job ---


class FakeReminders:
    """Fails and works in turn, as it is told; counts the looks."""

    def __init__(self, *looks: Any) -> None:
        self.looks = list(looks)
        self.reminded: list[str] = []
        self.over = asyncio.Event()

    def due(self) -> list[str]:
        look = self.looks.pop(0) if self.looks else []
        if isinstance(look, Exception):
            raise look
        return list(look)

    def remind(self, conversation_id: str) -> bool:
        if conversation_id == "broken":
            raise KeyError("no definition with hash 'secret'")
        self.reminded.append(conversation_id)
        return True


def test_the_job_goes_on_when_the_database_was_away_and_logs_no_more_than_numbers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    away = sa.exc.OperationalError("SELECT secret", {}, Exception("secret"))
    fake = FakeReminders(away, away, ["one", "broken", "two"])
    caplog.set_level("INFO")

    async def run() -> None:
        job = asyncio.create_task(jobs.keep_reminding(SimpleNamespace(reminders=fake), every=0.01))  # type: ignore[arg-type]
        async with asyncio.timeout(5):
            while len(fake.reminded) < 2:
                await asyncio.sleep(0.01)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job

    asyncio.run(run())
    assert fake.reminded == ["one", "two"]
    said = [record.getMessage() for record in caplog.records if record.name == "bot.gateway.jobs"]
    assert said == [
        "reminding waits: the database does not answer (OperationalError)",
        "reminding waits: the database does not answer (OperationalError)",
        "a reminder failed with KeyError",
        "2 reminders were written",
    ]
