"""What is neither said nor tapped: never an answer, never a yes, and answered kindly."""

from __future__ import annotations

from typing import Any

import pytest

from bot.service import events
from bot.store import tables
from bot.texts import LANGUAGES, say
from tests.integration.parts import House, reading
from tests.integration.test_chats import Chatter, campaign, code
from tests.unit.models import BAKERY

WHAT = ("voice", "sticker", "photo", "video", "document", "location", "contact", "poll", "other")
WORDS = (
    "menu",
    "back",
    "skip",
    "progress",
    "switch_language",
    "pause",
    "my_data",
    "erase",
    "human",
    "report",
    "help",
    "elsewhere",
)
LEAVES, BREWING = "tea.leaves", "tea.brewing"


def begun(house: House, account: str = "1001", *, agrees: bool = True, **of: Any) -> Chatter:
    """Somebody in a chat who is being asked the first question, or for consent."""
    person = Chatter(house, account)
    person.arrive(code=code(house, campaign(house, **of)))
    if agrees:
        person.say("ja")
    return person


@pytest.fixture
def chat(house: House) -> Chatter:
    return begun(house)


def sends(chat: Chatter, **event: str) -> str:
    """An event comes in; what the bot said."""
    chat.arrive(event=event)
    return chat.text


def edits(chat: Chatter, of: str, text: str) -> str:
    return sends(chat, kind="edit", of=of, text=text)


def titles(chat: Chatter) -> list[str]:
    return [button.title for message in chat.last for button in message.buttons]


def asks(chat: Chatter, number: int) -> bool:
    """Whether the reply is one message, with this question of the teahouse's six and its buttons."""
    [message] = chat.last
    header = say("nl", "question.header", number=number, total=6, dimension="")
    return header in message.text and any(button.style == "level" for button in message.buttons)


def line(chat: Chatter) -> str:
    """How the person's newest line stands in the transcript."""
    history = chat.house.use_cases.history(chat.id)
    assert history is not None
    return [message.text for message in history if message.role == "user"][-1]


def past(chat: Chatter, item_id: str) -> list[int | str | None]:
    """All that was ever answered to an item, oldest first."""
    return [
        one.answer.value if one.answer.kind == "level" else one.answer.kind
        for one in chat.house.answers(chat.id)
        if one.answer.item_id == item_id
    ]


def item(house: House, item_id: str) -> str:
    """An item's title."""
    with house.store.read() as work:
        model = house.use_cases.knowledge.offers(work)[0].model
    return str(model.item(item_id)[1].title["nl"])


def asks_to_change(chat: Chatter, item_id: str, old: str, new: str) -> bool:
    return say("nl", "change.ask", item=item(chat.house, item_id), old=old, new=new) in chat.text


# --- attachments ---


@pytest.mark.parametrize("what", [*WHAT, "hologram"])
def test_an_attachment_is_answered_in_a_line_and_the_question_stands_again(chat: Chatter, what: str) -> None:
    known = what if what in WHAT else "other"
    said = sends(chat, kind="attachment", what=what)

    assert said.startswith(say("nl", f"event.{known}_reply"))
    assert asks(chat, 1)
    assert line(chat) == say("nl", f"event.{known}")
    assert chat.house.answers(chat.id) == []
    chat.say("2")
    assert chat.house.holds(chat.id) == {LEAVES: 2}


def test_an_attachment_before_consent_asks_for_consent_again(house: House) -> None:
    chat = begun(house, agrees=False)
    said = sends(chat, kind="attachment", what="sticker")

    assert say("nl", "event.sticker_reply") in said
    assert say("nl", "consent.question") in said
    assert say("nl", "consent.yes") in titles(chat)
    assert house.conversation(chat.id).consent == "open"


def test_what_waits_for_a_yes_keeps_waiting_is_put_again_and_is_not_answered(chat: Chatter) -> None:
    chat.say("2")
    chat.arrive(None, "erase", text="wis alles")
    said = sends(chat, kind="attachment", what="photo")

    assert say("nl", "event.photo_reply") in said
    assert say("nl", "erase.ask") in said
    assert titles(chat) == [say("nl", "erase.yes"), say("nl", "erase.no")]
    assert chat.house.holds(chat.id) == {LEAVES: 2}
    sends(chat, kind="attachment", what="voice")
    assert chat.text.count(say("nl", "erase.ask")) == 1
    chat.say("ja")
    assert say("nl", "erase.done") in chat.text


def test_a_tap_after_an_attachment_still_answers_what_was_asked(chat: Chatter) -> None:
    chat.say("2")
    chat.arrive(None, "erase", text="wis alles")
    sends(chat, kind="attachment", what="photo")
    chat.tap(say("nl", "erase.no"))

    assert say("nl", "erase.kept") in chat.text
    assert asks(chat, 2)


def test_who_was_asked_how_to_be_reached_can_still_say_so(chat: Chatter) -> None:
    chat.arrive(None, "human", text="mag ik een mens")
    sends(chat, kind="attachment", what="contact")
    assert say("nl", "event.contact_reply") in chat.text
    assert asks(chat, 1)
    chat.say("06-12345678")

    [request] = chat.house.rows(tables.help_requests)
    assert request["contact"] == "06-12345678"


def test_a_question_with_a_form_comes_again_with_its_form(house: House) -> None:
    house.publish(bakery=BAKERY.read_text(encoding="utf-8"))
    chat = begun(house, models=("bakery",))
    sends(chat, kind="attachment", what="document")

    [message] = chat.last
    assert message.form is not None
    assert message.form.of == 5


# --- edits ---


@pytest.fixture
def answered(chat: Chatter) -> Chatter:
    """Message 'a1' has answered question 1 with a 2, 'a2' question 2 with a 1."""
    chat.arrive("a1", text="2")
    chat.arrive("a2", text="1")
    return chat


def test_own_words_that_are_edited_after_a_yes_offer_their_question_again(chat: Chatter) -> None:
    text = "We bellen de tuin zelf"
    chat.house.places({text: reading(LEAVES, "de tuin", 5, 10, 85)})
    chat.arrive("a1", text=text)
    chat.arrive("a2", text="ja")

    edits(chat, "a1", "We bellen de tuin nooit")

    assert say("nl", "look.ask", item=item(chat.house, LEAVES)) in chat.text
    assert past(chat, LEAVES) == [3]


def test_an_edit_asks_whether_to_change_that_answer_and_a_yes_changes_it(answered: Chatter) -> None:
    edits(answered, "a1", "3")

    assert asks_to_change(answered, LEAVES, "2 · Vaste kaart", "3 · Keuze per oogst")
    assert titles(answered) == [say("nl", "change.yes"), say("nl", "change.no")]
    assert past(answered, LEAVES) == [2]
    assert line(answered) == say("nl", "event.edited", text="3")

    answered.say("ja")
    assert past(answered, LEAVES) == [2, 3]
    assert answered.house.holds(answered.id) == {LEAVES: 3, BREWING: 1}
    assert asks(answered, 3)


def test_a_tap_on_yes_changes_it_too_and_a_no_leaves_it(answered: Chatter) -> None:
    edits(answered, "a1", "3")
    answered.say("nee")
    assert past(answered, LEAVES) == [2]
    assert asks(answered, 3)

    edits(answered, "a1", "3")
    answered.tap(say("nl", "change.yes"))
    assert past(answered, LEAVES) == [2, 3]


def test_an_edit_by_label_is_read_like_an_answer(answered: Chatter) -> None:
    edits(answered, "a1", "keuze per oogst")
    assert asks_to_change(answered, LEAVES, "2 · Vaste kaart", "3 · Keuze per oogst")


@pytest.mark.parametrize("title", ["question.dont_know", "question.not_applicable", "question.skip"])
def test_an_edit_can_take_the_level_back(answered: Chatter, title: str) -> None:
    edits(answered, "a1", say("nl", title).lower())
    name = say("nl", title.replace("question", "name").replace("skip", "skipped"))
    assert asks_to_change(answered, LEAVES, "2 · Vaste kaart", name)

    answered.say("ja")
    kind = "skipped" if title.endswith("skip") else title.partition(".")[2]
    assert past(answered, LEAVES) == [2, kind]


@pytest.mark.parametrize("text", ["2", "twee", "Vaste kaart"])
def test_an_edit_that_says_the_same_changes_nothing_and_says_so(answered: Chatter, text: str) -> None:
    edits(answered, "a1", text)

    assert (
        say("nl", "edit.same", item=item(answered.house, LEAVES), answer="2 · Vaste kaart") in answered.text
    )
    assert asks(answered, 3)
    assert answered.house.conversation(answered.id).pending is None


@pytest.mark.parametrize("text", ["ehm", "9", "2 of 3", "wis alles", "verander vraag 2", "ja", "😀"])
def test_an_edit_that_cannot_be_read_offers_that_question_and_decides_nothing(
    answered: Chatter, text: str
) -> None:
    edits(answered, "a1", text)

    assert say("nl", "look.ask", item=item(answered.house, LEAVES)) in answered.text
    assert titles(answered) == [say("nl", "look.yes"), say("nl", "look.no")]
    assert past(answered, LEAVES) == [2]
    answered.say("ja")
    assert say("nl", "side.back", old="2 · Vaste kaart") in answered.text
    assert asks(answered, 1)
    answered.say("3")
    assert past(answered, LEAVES) == [2, 3]
    assert asks(answered, 3)


def test_who_leaves_that_question_alone_goes_on(answered: Chatter) -> None:
    edits(answered, "a1", "ehm")
    answered.tap(say("nl", "look.no"))
    assert asks(answered, 3)
    edits(answered, "a1", "ehm")
    answered.say("nee")
    assert asks(answered, 3)
    assert answered.house.holds(answered.id) == {LEAVES: 2, BREWING: 1}


def test_a_level_said_to_the_offer_is_about_that_question_and_not_the_open_one(answered: Chatter) -> None:
    edits(answered, "a1", "ehm")
    answered.say("3")

    assert asks_to_change(answered, LEAVES, "2 · Vaste kaart", "3 · Keuze per oogst")
    assert answered.house.holds(answered.id) == {LEAVES: 2, BREWING: 1}
    answered.say("ja")
    assert answered.house.holds(answered.id) == {LEAVES: 3, BREWING: 1}


def test_what_was_changed_since_is_what_an_edit_would_change(answered: Chatter) -> None:
    answered.say("verander vraag 1 naar 1")
    assert past(answered, LEAVES) == [2, 1]
    edits(answered, "a1", "3")

    assert asks_to_change(answered, LEAVES, "1 · Wat er ligt", "3 · Keuze per oogst")
    edits(answered, "a1", "1")
    assert (
        say("nl", "edit.same", item=item(answered.house, LEAVES), answer="1 · Wat er ligt") in answered.text
    )


def test_an_edit_of_what_gave_no_answer_changes_nothing(answered: Chatter) -> None:
    answered.arrive("side", "progress", text="hoe ver ben ik")
    other = begun(answered.house, "1002", name="Herfst")
    other.arrive("theirs", text="3")
    for of in ("side", "theirs", "never", "", "b.3"):
        edits(answered, of, "3")
        assert say("nl", "edit.nothing") in answered.text
        assert asks(answered, 3)

    assert answered.house.holds(answered.id) == {LEAVES: 2, BREWING: 1}
    assert other.house.holds(other.id) == {LEAVES: 3}


def test_an_edit_of_an_earlier_round_is_too_late(answered: Chatter) -> None:
    answered.arrive(None, "start_over", text="opnieuw")
    answered.say("ja")
    edits(answered, "a1", "3")

    assert say("nl", "edit.other_run") in answered.text
    assert asks(answered, 1)


def test_an_edit_after_the_end_brings_the_result_anew(answered: Chatter) -> None:
    for _ in range(4):
        answered.say("2")
    edits(answered, "a1", "3")
    assert asks_to_change(answered, LEAVES, "2 · Vaste kaart", "3 · Keuze per oogst")
    answered.say("ja")

    assert past(answered, LEAVES) == [2, 3]
    assert any(message.picture_id for message in answered.last)


def test_an_edit_that_asks_leaves_behind_what_was_pending_and_its_yes_is_its_own(answered: Chatter) -> None:
    answered.arrive(None, "erase", text="wis alles")
    edits(answered, "a1", "3")
    answered.say("ja")

    assert past(answered, LEAVES) == [2, 3]
    assert say("nl", "erase.done") not in answered.text


def test_an_edit_that_changes_nothing_leaves_what_was_pending(answered: Chatter) -> None:
    answered.arrive(None, "erase", text="wis alles")
    edits(answered, "never", "3")
    assert say("nl", "erase.ask") in answered.text
    edits(answered, "a1", "2")
    assert say("nl", "erase.ask") in answered.text
    answered.say("nee")
    assert answered.house.holds(answered.id) == {LEAVES: 2, BREWING: 1}


def test_a_checklist_is_edited_by_the_numbers_that_hold_now(house: House) -> None:
    house.publish(bakery=BAKERY.read_text(encoding="utf-8"))
    chat = begun(house, models=("bakery",))
    chat.arrive("list", text="1 en 2")
    # The first part only: the rest of the same question is open, and the edit is about no other one.
    edits(chat, "list", "1, 2 en 3")
    assert say("nl", "edit.nothing") in chat.text
    chat.say("geen")
    edits(chat, "list", "1, 2 en 3")

    labels = ("Recept op papier", "Weegschaal", "Rusttijd")
    assert all(label in chat.text for label in labels)
    assert titles(chat) == [say("nl", "change.yes"), say("nl", "change.no")]
    chat.say("ja")
    held = house.answers(chat.id)[-1].answer
    assert {key for key, state in held.given.items() if state == "in_place"} == {"recipe", "scale", "rest"}
    # What no button can say is looked at in the question itself.
    edits(chat, "list", "1 en 2, 3 gepland")
    assert say("nl", "look.ask", item="Deeg") in chat.text


def test_an_edit_before_consent_is_no_consent(house: House) -> None:
    chat = begun(house, agrees=False)
    chat.arrive("no", text="hm")
    edits(chat, "no", "ja")

    assert say("nl", "consent.question") in chat.text
    assert house.conversation(chat.id).consent == "open"


def test_after_a_refusal_nothing_of_an_edit_is_kept(house: House) -> None:
    chat = begun(house, agrees=False)
    chat.arrive("no", text="nee")
    assert house.conversation(chat.id).consent == "refused"
    edits(chat, "no", "kabouterplop")

    assert say("nl", "consent.question") in chat.text
    assert house.traces("kabouterplop") == []


# --- commands of the channel's menu ---


@pytest.mark.parametrize("word", WORDS)
def test_a_command_does_what_the_button_of_the_menu_does(house: House, word: str) -> None:
    one, other = begun(house), begun(house, "1002", name="Herfst")
    for person in (one, other):
        person.say("2")
    sends(one, kind="do", what=word)
    other.arrive(button=house.buttons.token(other.id, "do", word))

    assert one.text.replace("Voorjaar", "Herfst") == other.text
    assert titles(one) == titles(other)
    assert house.holds(one.id) == house.holds(other.id)
    assert line(one) != say("nl", "event.other")


def test_skipping_by_command_skips_what_is_asked(house: House) -> None:
    chat = Chatter(house)
    chat.arrive(text="hoi")
    chat.say("ja")
    assert say("nl", "segment.ask_role_layer") in chat.text
    sends(chat, kind="do", what="skip")
    assert house.conversation(chat.id).segments == {"role_layer": "skipped"}
    chat.say("ict")
    chat.say("consumenten")
    sends(chat, kind="do", what="skip")
    assert house.holds(chat.id) == {LEAVES: "skipped"}
    assert asks(chat, 2)


def test_skipping_by_command_is_no_yes_to_what_is_pending(answered: Chatter) -> None:
    answered.arrive(None, "erase", text="wis alles")
    sends(answered, kind="do", what="skip")

    assert say("nl", "erase.kept") in answered.text
    assert answered.house.holds(answered.id) == {LEAVES: 2, BREWING: 1}


def test_a_command_leaves_behind_what_was_pending(answered: Chatter) -> None:
    answered.arrive(None, "erase", text="wis alles")
    sends(answered, kind="do", what="progress")
    assert asks(answered, 3)
    answered.say("ja")
    assert answered.house.holds(answered.id) == {LEAVES: 2, BREWING: 1}


def test_a_command_that_nobody_knows_counts_as_something_else(chat: Chatter) -> None:
    sends(chat, kind="do", what="dance")
    assert say("nl", "event.other_reply") in chat.text
    assert asks(chat, 1)


@pytest.mark.parametrize(
    ("word", "consent", "key"),
    [
        ("menu", "open", "consent.again"),
        ("my_data", "open", "my_data.nothing"),
        ("skip", "open", "consent.again"),
        ("erase", "refused", "consent.refused"),
    ],
)
def test_before_consent_a_command_is_taken_as_the_wish_would_be(
    house: House, word: str, consent: str, key: str
) -> None:
    chat = begun(house, agrees=False)
    assert say("nl", key) in sends(chat, kind="do", what=word)
    assert house.conversation(chat.id).consent == consent


# --- beginning again, and coming back to a place ---


def test_a_start_in_the_middle_says_hello_and_puts_the_question(answered: Chatter) -> None:
    answered.arrive(None, "erase", text="wis alles")
    sends(answered, kind="start")

    assert say("nl", "event.start_reply") in answered.text
    assert asks(answered, 3)
    # A yes is not one to what was asked before.
    answered.say("ja")
    assert answered.house.holds(answered.id) == {LEAVES: 2, BREWING: 1}


def test_a_start_before_consent_greets_again(house: House) -> None:
    chat = begun(house, agrees=False)
    sends(chat, kind="start")
    assert say("nl", "consent.yes") in titles(chat)
    assert house.use_cases.history(chat.id)[0].text == chat.text  # type: ignore[index]


def test_what_is_said_where_the_conversation_was_before_is_no_answer(answered: Chatter) -> None:
    sends(answered, kind="here", text="3")

    assert say("nl", "event.here_reply") in answered.text
    assert asks(answered, 3)
    assert answered.house.holds(answered.id) == {LEAVES: 2, BREWING: 1}
    assert line(answered) == "3"
    sends(answered, kind="here")
    assert line(answered) == say("nl", "event.here")


def test_what_is_said_there_is_no_yes_either(answered: Chatter) -> None:
    answered.arrive(None, "erase", text="wis alles")
    sends(answered, kind="here", text="ja")

    assert asks(answered, 3)
    answered.say("ja")
    assert answered.house.holds(answered.id) == {LEAVES: 2, BREWING: 1}


# --- codes that open nothing ---


@pytest.mark.parametrize("why", ["unknown", "used", "expired", "revoked", "closed", "tries"])
def test_a_code_that_opens_nothing_is_answered_by_its_reason(answered: Chatter, why: str) -> None:
    said = sends(answered, kind="code", why=why)

    assert said.startswith(say("nl", f"code.{why}"))
    assert asks(answered, 3)
    assert line(answered) == say("nl", "event.code")


def test_a_code_that_opens_later_says_when(answered: Chatter) -> None:
    sends(answered, kind="code", why="early", date="2026-04-01", time="09:00")
    assert say("nl", "code.early", date="1 april 2026", time="09:00") in answered.text


def test_a_wrong_code_leaves_what_was_pending(answered: Chatter) -> None:
    answered.arrive(None, "erase", text="wis alles")
    sends(answered, kind="code", why="used")
    assert say("nl", "erase.ask") in answered.text
    answered.say("ja")
    assert say("nl", "erase.done") in answered.text


# --- the transcript ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_has_a_line_of_its_own_in_words(language: str) -> None:
    lines = [events.said(language, {"kind": "attachment", "what": what}) for what in WHAT]
    lines += [events.said(language, {"kind": "do", "what": what}) for what in WORDS]
    lines += [events.said(language, {"kind": kind}) for kind in ("start", "here", "code", "moved")]

    assert len(set(lines)) == len(lines)
    assert all(line.strip() for line in lines)
    assert events.said(language, {"kind": "edit", "of": "m1", "text": "drie"}).startswith("drie ")
    for unknown in ({}, {"kind": "?"}, {"kind": "do", "what": "dance"}, {"kind": "attachment"}):
        assert events.said(language, unknown) == say(language, "event.other")


def test_no_event_is_left_unanswered_whatever_is_in_it(chat: Chatter) -> None:
    odd: list[dict[str, Any]] = [
        {},
        {"kind": "attachment"},
        {"kind": "edit"},
        {"kind": "do"},
        {"kind": "code"},
        {"kind": "code", "why": "?"},
        {"kind": "moved"},
        {"kind": "nothing we know"},
    ]
    for event in odd:
        chat.arrive(event=event)
        assert asks(chat, 1), event
    assert chat.house.answers(chat.id) == []
