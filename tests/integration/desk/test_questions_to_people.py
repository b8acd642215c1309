"""A consultant's question in the chat: put where the talk goes on, answered once, never in the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.assessment.records import Message, Question
from bot.channels.contract import Outgoing, Part, WindowClosed
from bot.channels.fitting import TELEGRAM, fit
from bot.gateway.outbox import Outbox
from bot.service.desk.access import Missing, Refused
from bot.service.desk.asking_people import LONGEST
from bot.store import tables
from bot.texts import say
from tests.integration.campaigning import campaign, code, complete
from tests.integration.desk.conftest import DeskHouse
from tests.integration.parts import House, Person, at_statement
from tests.integration.test_chats import Chatter

WHY = "Waarom koos je hier een 2?"
ANSWER = "Omdat de thee uit de supermarkt komt, kabouterplop."


@pytest.fixture
def person(desk: DeskHouse) -> Person:
    """A respondent in a campaign by name, who is being asked the third question."""
    found = begin(desk)
    found.say("2")
    found.say("3")
    return found


def begin(desk: DeskHouse, language: str = "nl", **fields: Any) -> Person:
    of = campaign(desk.house, organisation="Het Theehuis", **fields)
    return Person(desk.house, language, code=code(desk.house, of))


def run_of(person: Person) -> str:
    return person.house.runs(person.id)[-1].id


def ask(desk: DeskHouse, person: Person, text: str = WHY, item: str | None = None, key: str = "") -> Question:
    return desk.cases.asking.ask(desk.consultant, run_of(person), item, text, key=key)


def newest(person: Person) -> Message:
    person.last = person.history[-1:]
    return person.history[-1]


def question(desk: DeskHouse, number: int = 0) -> dict[str, Any]:
    return sorted(desk.house.rows(tables.questions), key=lambda row: row["at"])[number]


def status(desk: DeskHouse, person: Person) -> list[str]:
    return [one.status for one in desk.cases.asking.questions(desk.consultant, run_of(person))]


# --- asking and answering ---


def test_a_question_stands_in_the_web_history_with_who_asks_and_about_what(
    desk: DeskHouse, person: Person
) -> None:
    ask(desk, person, item="tea.leaves")

    told = newest(person)
    assert (told.kind, told.role) == ("notice", "bot")
    assert say("nl", "consultant.asks", name=desk.consultant.name, text=WHY) in told.text
    assert "(Theehuisscan)" in told.text
    assert [one.title for one in told.buttons] == ["Liever niet", "Verder met de vragen"]
    assert question(desk)["seq"] == told.seq


def test_the_next_thing_typed_is_the_answer_and_the_open_question_stands_again(
    desk: DeskHouse, person: Person
) -> None:
    ask(desk, person)
    person.say(ANSWER, "off_topic")

    assert person.has("consultant.thanks", name=desk.consultant.name)
    assert person.asks(3)
    row = question(desk)
    assert row["answered_at"] is not None
    said = [one for one in person.history if one.turn_id == row["answer_turn"] and one.role == "user"]
    assert [one.text for one in said] == [ANSWER]
    # The words stand in the transcript, and one by one where they are searched for.
    found = [one for one in desk.house.traces("kabouterplop") if "/" not in one and "peil.db" not in one]
    assert set(found) <= {"transcript.text", "said_words.word"}
    assert desk.house.holds(person.id) == {"tea.leaves": 2, "tea.brewing": 3}


@pytest.mark.parametrize("text", ["3", "nee", "weet ik niet", "ja"])
def test_a_short_answer_is_one_too_and_says_nothing_of_the_assessment(
    desk: DeskHouse, person: Person, text: str
) -> None:
    ask(desk, person)
    person.say(text, {"nee": "deny", "weet ik niet": "dont_know", "ja": "affirm"}.get(text, "take_answer"))

    assert status(desk, person) == ["answered"]
    assert desk.house.holds(person.id) == {"tea.leaves": 2, "tea.brewing": 3}
    assert person.asks(3)


@pytest.mark.parametrize(
    ("text", "meaning"), [("liever niet", "deny"), ("sla maar over", "skip"), ("Liever niet", "take_answer")]
)
def test_who_would_rather_not_says_so_and_is_not_asked_again(
    desk: DeskHouse, person: Person, text: str, meaning: str
) -> None:
    ask(desk, person)
    person.say(text, meaning)

    assert person.has("consultant.declined", name=desk.consultant.name)
    assert status(desk, person) == ["declined"]
    assert person.asks(3)
    assert say("nl", "consultant.answer") not in person.buttons


def test_a_tap_on_rather_not_does_the_same(desk: DeskHouse, person: Person) -> None:
    ask(desk, person)
    newest(person)
    person.tap("Liever niet")

    assert status(desk, person) == ["declined"]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("wie leest dit?", "privacy"),
        ("wat weet je van me", "my_data"),
        ("help", "help"),
        ("ik stop er even mee", "stop"),
        ("english please", "switch_language"),
    ],
)
def test_side_talk_stays_side_talk_and_the_question_can_be_answered_later(
    desk: DeskHouse, person: Person, text: str, meaning: str
) -> None:
    ask(desk, person)
    person.say(text, meaning)
    assert status(desk, person) == ["open"]

    person.tap(say(desk.house.conversation(person.id).language, "consultant.answer"))
    assert WHY in person.text
    person.say(ANSWER)
    assert status(desk, person) == ["answered"]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Wij sturen elke klant die daarom vraagt een uitleg over wat wij van hem bewaren", "privacy"),
        ("wij bewaren geen gegevens van klanten", "privacy"),
        ("we delen elke maand een rapport", "report"),
    ],
)
def test_what_tells_something_is_the_answer_whatever_it_seems_to_mean(
    desk: DeskHouse, person: Person, text: str, meaning: str
) -> None:
    ask(desk, person)
    person.say(text, meaning)

    assert status(desk, person) == ["answered"]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("waarom vraag je dat?", "why"), ("hoe bedoel je", "explain"), ("geef eens een voorbeeld?", "example")],
)
def test_what_is_asked_back_is_no_answer_and_the_question_stands_again(
    desk: DeskHouse, person: Person, text: str, meaning: str
) -> None:
    ask(desk, person)
    person.say(text, meaning)
    assert person.has("consultant.why", name=desk.consultant.name)
    assert WHY in person.text
    assert status(desk, person) == ["open"]

    person.say(ANSWER)
    assert status(desk, person) == ["answered"]


def test_who_answers_with_why_they_do_something_has_answered(desk: DeskHouse, person: Person) -> None:
    ask(desk, person)
    person.say("Omdat wij dat zelf niet weten", "why")

    assert status(desk, person) == ["answered"]


def test_erasing_is_asked_and_done_and_takes_the_question_along(desk: DeskHouse, person: Person) -> None:
    ask(desk, person)
    person.say("wis alles", "erase")
    assert person.has("erase.ask")
    person.tap(say("nl", "erase.yes"))

    assert desk.house.rows(tables.questions) == []
    assert desk.house.conversation(person.id).pending is None


def test_going_on_with_the_questions_leaves_it_open_and_every_menu_leads_to_it(
    desk: DeskHouse, person: Person
) -> None:
    ask(desk, person)
    newest(person)
    person.tap("Verder met de vragen")
    assert person.asks(3)
    person.say("2")
    assert status(desk, person) == ["open"]

    person.say("menu", "menu")
    assert say("nl", "consultant.answer") in person.buttons
    for level in "222":
        person.say(level)
    assert desk.house.runs(person.id)[-1].status == "completed"
    person.tap(say("nl", "consultant.answer"))
    person.say(ANSWER)
    assert status(desk, person) == ["answered"]
    assert say("nl", "consultant.answer") not in person.buttons


def test_it_can_be_asked_and_answered_after_the_end(desk: DeskHouse) -> None:
    person = begin(desk, "en")
    complete(person)
    ask(desk, person, "Why?")
    assert [one.title for one in newest(person).buttons] == ["I'd rather not"]
    person.say(ANSWER)

    assert person.has("consultant.thanks", name=desk.consultant.name)
    assert person.has("side.done_hint")


def test_several_questions_are_put_one_after_another(desk: DeskHouse, person: Person) -> None:
    ask(desk, person, "Eerste vraag?")
    desk.house.clock.move(minutes=1)
    ask(desk, person, "Tweede vraag?")
    assert "Eerste vraag?" in newest(person).text

    person.say("een")
    assert "Tweede vraag?" in person.text
    assert not person.asks(3)
    assert question(desk, 1)["seq"] == person.last[-1].seq
    person.say("twee")
    assert person.asks(3)
    assert status(desk, person) == ["answered", "answered"]


def test_who_comes_back_is_told_once_that_it_waits(desk: DeskHouse, person: Person) -> None:
    ask(desk, person)
    newest(person)
    person.tap("Verder met de vragen")
    still = say("nl", "consultant.still_waits", name=desk.consultant.name, text=WHY)

    assert still in person.say("ik ben er weer", "welcome_back")
    assert say("nl", "consultant.answer") in person.buttons
    assert still not in person.say("ik ben er weer", "welcome_back")


def test_what_was_on_its_way_before_the_question_came_is_no_answer_to_it(
    desk: DeskHouse, person: Person
) -> None:
    turn_id = person.send(text="3")
    ask(desk, person)
    person._reply(turn_id, "take_answer")

    assert desk.house.holds(person.id)["guests.welcome"] == 3
    assert status(desk, person) == ["open"]
    assert say("nl", "consultant.answer") in person.buttons


def test_the_language_of_the_respondent_is_spoken(desk: DeskHouse) -> None:
    person = begin(desk, "en")
    person.say("2")
    ask(desk, person, "Why?")

    assert say("en", "consultant.asks", name=desk.consultant.name, text="Why?") in newest(person).text


def test_what_a_consultant_types_is_shown_as_it_is(desk: DeskHouse, person: Person) -> None:
    ask(desk, person, "  {name} %s <b>vet</b>\x00\r\n\r\n\r\n\r\nen nog iets? ")

    assert question(desk)["text"] == "{name} %s <b>vet</b>\n\nen nog iets?"
    assert "{name} %s <b>vet</b>" in newest(person).text


# --- chats ---


@pytest.mark.parametrize("channel", ["telegram", "whatsapp"])
def test_a_question_is_delivered_in_the_chat_where_the_conversation_goes_on(
    desk: DeskHouse, channel: str
) -> None:
    person = Chatter(desk.house, channel=channel)
    person.arrive(code=code(desk.house, campaign(desk.house, organisation="Het Theehuis")))
    person.say("ja")
    for _ in range(3):
        person.tap(say("nl", "question.skip"))
    run = desk.house.runs(person.id)[-1].id
    desk.cases.asking.ask(desk.consultant, run, None, WHY)
    person.deliver()
    assert WHY in person.text

    person.say(ANSWER)
    assert say("nl", "consultant.thanks", name=desk.consultant.name) in person.text


class Windowed:
    """A chat channel with a window of 24 hours, as WhatsApp has it."""

    name = "whatsapp"
    capabilities = TELEGRAM
    seconds_between, at_once, a_second = 0.0, 1, 0.0

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now, self.knocks = now, 0
        self.sent: list[str] = []

    async def send(
        self, account: str, part: Part, content: bytes | None, *, heard_at: datetime, knocked: bool, **_: Any
    ) -> None:
        if self.now() - heard_at > timedelta(hours=24):
            self.knocks += not knocked
            raise WindowClosed(knocked=not knocked)
        self.sent.append(part.text)

    async def clear(self, account: str, sent_id: str) -> None:
        pass


async def no_content(source: tuple[str, ...], language: str) -> bytes | None:
    return None


async def deliver(desk: DeskHouse, channel: Windowed) -> None:
    outbox = Outbox(
        desk.house.peil.chats,
        {"whatsapp": channel},  # type: ignore[dict-item]
        fit=fit,
        dress=lambda delivery: Outgoing(delivery.message),
        content=no_content,
    )
    for account_id in desk.house.peil.chats.to_deliver(["whatsapp"]):
        while await outbox._deliver_next(account_id):
            pass


async def test_outside_the_window_it_waits_and_goes_out_once_the_person_has_written(desk: DeskHouse) -> None:
    person = Chatter(desk.house, channel="whatsapp")
    person.arrive(code=code(desk.house, campaign(desk.house, organisation="Het Theehuis")))
    person.say("ja")
    for _ in range(3):
        person.tap(say("nl", "question.skip"))
    desk.house.clock.move(days=3)
    channel = Windowed(lambda: desk.house.clock.now)
    desk.cases.asking.ask(desk.consultant, desk.house.runs(person.id)[-1].id, None, WHY)
    await deliver(desk, channel)
    await deliver(desk, channel)
    assert (channel.sent, channel.knocks) == ([], 1)

    taken = desk.house.peil.chats.arrive("whatsapp", person.account, "later", text="hoi", language="nl")
    assert taken.inbound is not None
    desk.house.use_cases.take_turn(taken.inbound.turn_id, "greet")
    await deliver(desk, channel)
    assert WHY in "\n".join(channel.sent)
    # A greeting is no answer: the question waits, one tap away.
    assert [row["answered_at"] for row in desk.house.rows(tables.questions)] == [None]


# --- where it is refused ---


def refusal(desk: DeskHouse, person: Person, text: str = WHY) -> str:
    before = desk.house.everything()
    with pytest.raises(Refused) as refused:
        ask(desk, person, text)
    after = desk.house.everything()
    assert after == before
    return refused.value.key


def test_nobody_is_asked_in_an_anonymous_campaign(desk: DeskHouse) -> None:
    person = begin(desk, anonymous=True)
    person.say("2")

    assert refusal(desk, person) == "ask_anonymous"


def test_an_empty_and_a_long_question_are_refused(desk: DeskHouse, person: Person) -> None:
    assert refusal(desk, person, " \n ") == "ask_empty"
    assert refusal(desk, person, "x" * (LONGEST + 1)) == "ask_long"
    assert ask(desk, person, "x" * LONGEST).status == "open"


def test_at_most_three_wait(desk: DeskHouse, person: Person) -> None:
    for number in range(3):
        ask(desk, person, f"Vraag {number}?")

    assert refusal(desk, person) == "ask_too_many"


def test_who_cannot_be_reached_is_not_asked(desk: DeskHouse) -> None:
    person = Chatter(desk.house)
    person.arrive(code=code(desk.house, campaign(desk.house, organisation="Het Theehuis")))
    person.say("ja")
    for _ in range(3):
        person.tap(say("nl", "question.skip"))
    run = desk.house.runs(person.id)[-1].id
    desk.house.peil.chats.reachable("telegram", person.account, False)
    with pytest.raises(Refused) as refused:
        desk.cases.asking.ask(desk.consultant, run, None, WHY)
    assert refused.value.key == "ask_blocked"

    desk.house.peil.chats.reachable("telegram", person.account, True)
    other = campaign(desk.house, organisation="De Bakkerij")
    person.arrive(code=code(desk.house, other))
    with pytest.raises(Refused) as refused:
        desk.cases.asking.ask(desk.consultant, run, None, WHY)
    assert refused.value.key == "ask_elsewhere"


def test_a_web_chat_that_cannot_be_opened_any_more_is_not_asked(desk: DeskHouse, person: Person) -> None:
    desk.house.clock.move(days=desk.house.settings.token_days + 1)

    assert refusal(desk, person) == "ask_gone"


def test_an_unknown_item_or_assessment_is_missing(desk: DeskHouse, person: Person) -> None:
    with pytest.raises(Missing):
        ask(desk, person, item="tea.cups")
    with pytest.raises(Missing):
        desk.cases.asking.ask(desk.consultant, "0" * 16, None, WHY)


def test_only_consultants_of_this_organisation_ask_see_and_withdraw(desk: DeskHouse, person: Person) -> None:
    asked = ask(desk, person)
    cases, run = desk.cases.asking, run_of(person)
    for actor, error in ((desk.stranger, Missing), (desk.strange_viewer, Missing), (desk.viewer, Refused)):
        before = desk.house.everything()
        for call in (
            lambda actor=actor: cases.ask(actor, run, None, WHY),
            lambda actor=actor: cases.questions(actor, run),
            lambda actor=actor: cases.withdraw(actor, asked.id),
            lambda actor=actor: cases.approve(actor, run),
        ):
            with pytest.raises(error):
                call()
        assert desk.house.everything() == before
    assert cases.ask(desk.admin, run, None, WHY).who == desk.admin.name


# --- withdrawing ---


def test_a_withdrawn_question_is_not_answered_and_who_tries_is_told(desk: DeskHouse, person: Person) -> None:
    asked = ask(desk, person)
    token = newest(person).buttons[0].token
    with pytest.raises(Missing):
        # By the address of another assessment.
        desk.cases.asking.withdraw(desk.consultant, asked.id, "0123456789abcdef")
    assert question(desk)["withdrawn_at"] is None
    desk.cases.asking.withdraw(desk.consultant, asked.id, asked.assessment_id)
    desk.cases.asking.withdraw(desk.consultant, asked.id, asked.assessment_id)

    person.say(ANSWER)
    assert person.has("consultant.withdrawn", name=desk.consultant.name)
    assert person.asks(3)
    person.press(token)
    assert person.has("consultant.withdrawn", name=desk.consultant.name)
    assert status(desk, person) == ["withdrawn"]
    person.say("2")
    assert desk.house.holds(person.id)["guests.welcome"] == 2


def test_withdrawing_the_first_puts_the_next(desk: DeskHouse, person: Person) -> None:
    first = ask(desk, person, "Eerste vraag?")
    desk.house.clock.move(minutes=1)
    ask(desk, person, "Tweede vraag?")
    desk.cases.asking.withdraw(desk.consultant, first.id)

    assert "Tweede vraag?" in newest(person).text
    person.say(ANSWER)
    assert status(desk, person) == ["withdrawn", "answered"]


def test_an_answered_question_cannot_be_withdrawn(desk: DeskHouse, person: Person) -> None:
    asked = ask(desk, person)
    person.say(ANSWER)

    with pytest.raises(Refused) as refused:
        desk.cases.asking.withdraw(desk.consultant, asked.id)
    assert refused.value.key == "ask_answered"


# --- once ---


def test_the_same_form_sent_twice_at_once_is_one_question(desk: DeskHouse, person: Person) -> None:
    together = threading.Barrier(4)

    def send() -> str:
        together.wait()
        return ask(desk, person, key="form-1").id

    with ThreadPoolExecutor(4) as pool:
        ids = {one.result() for one in [pool.submit(send) for _ in range(4)]}

    assert len(ids) == len(desk.house.rows(tables.questions)) == 1
    assert sum(WHY in one.text for one in person.history) == 1
    assert [line[1] for line in desk.audit()].count("ask") == 1
    assert ask(desk, person, key="form-2").id not in ids


def test_a_crash_at_any_statement_leaves_all_or_nothing(desk: DeskHouse, person: Person) -> None:
    def fail(*_: Any) -> None:
        raise ConnectionError("the process died")

    before, broken = desk.house.everything(), 0
    for number in range(60):
        try:
            with at_statement(desk.house, fail, number):
                ask(desk, person, key="form")
        except ConnectionError:
            assert desk.house.everything() == before, f"statement {number}"
            broken += 1
        else:
            break
    assert broken >= 6
    assert len(desk.house.rows(tables.questions)) == 1
    assert sum(WHY in one.text for one in person.history) == 1


def test_what_is_kept_of_it_is_told(desk: DeskHouse, person: Person) -> None:
    ask(desk, person)
    person.say(ANSWER)
    person.say("wat weet je van me", "my_data")

    assert say("nl", "my_data.questions", count=1, answered=1) in person.text


def test_the_audit_log_has_ids_and_no_words(house: House, desk: DeskHouse, person: Person) -> None:
    ask(desk, person, "kabouterplop?")

    assert (desk.consultant.user_id, "ask", question(desk)["id"]) in desk.audit()
    assert not [one for one in desk.house.traces("kabouterplop") if one.startswith("audit.")]
