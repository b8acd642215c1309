"""Conversations in chat channels: whose a message is, what a repeat does, where a conversation goes on."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from bot.assessment.records import Draft, Inbound, InvitationKind, Message
from bot.service.campaign_input import NewCampaign
from bot.service.chats import Taken
from bot.service.use_cases import UnknownConversation
from bot.store import tables
from bot.texts import say
from tests.integration.parts import House, Person

KNOWN = {"role_layer": "management", "department": "marketing", "business_line": "b2c"}


class Chatter:
    """A person in a chat channel, whose turns are done at once. `seen`: what was delivered to the chat."""

    def __init__(self, house: House, account: str = "1001", channel: str = "telegram") -> None:
        self.house, self.account, self.channel = house, account, channel
        self.numbers = itertools.count(1)
        self.seen: list[Message] = []

    def arrive(self, message_id: str | None = None, meaning: str | None = None, **content: Any) -> Taken:
        """Something comes in, and what is to be sent then is sent. `meaning`: as Rasa would have found it."""
        taken = self.house.peil.chats.arrive(
            self.channel,
            self.account,
            message_id or f"m{next(self.numbers)}",
            **{"language": "nl", **content},
        )
        if taken.inbound is not None:
            self.do(taken.inbound, meaning)
        self.deliver()
        return taken

    def do(self, inbound: Inbound, meaning: str | None = None) -> None:
        """Take a turn, as Rasa and the action server would."""
        default = "take_button" if inbound.text is None else "take_answer"
        self.house.use_cases.take_turn(inbound.turn_id, meaning or default)

    def deliver(self) -> None:
        """Send all that there is for chats of this channel; what came here is `last`, and added to `seen`."""
        self.last: list[Message] = []
        for account_id in self.house.peil.chats.to_deliver([self.channel]):
            while (delivery := self.house.peil.chats.next_delivery(account_id)) is not None:
                if delivery.account == self.account:
                    self.last.append(delivery.message)
                self.house.peil.chats.delivered(delivery, 1, last=True)
        self.seen += self.last

    @property
    def text(self) -> str:
        return "\n\n".join(message.text for message in self.last)

    def say(self, text: str) -> str:
        self.arrive(text=text)
        return self.text

    def tap(self, title: str) -> str:
        buttons = {b.title: b.token for message in self.seen[-1:] for b in message.buttons}
        [token, *_] = [token for name, token in buttons.items() if name.startswith(title)]
        self.arrive(button=token)
        return self.text

    @property
    def id(self) -> str:
        """The conversation that is held in this chat now."""
        with self.house.store.read() as work:
            return work.accounts(self.channel, self.house.peil.chats._mark(self.channel, self.account))[
                0
            ].conversation_id


def campaign(house: House, name: str = "Voorjaar", **changes: Any) -> str:
    """A new campaign about the teahouse; its id."""
    new = NewCampaign(
        **{
            "organisation": "Bakkerij Jansen",
            "name": name,
            "models": ("teahouse",),
            "anonymous": True,
            "segments": KNOWN,
            "depth": "full",
            **changes,
        }
    )
    return house.peil.campaigns.create(new).campaign.id


def code(house: House, campaign_id: str, kind: InvitationKind = "open") -> str:
    """A new code of a campaign."""
    [made] = house.peil.campaigns.invite(campaign_id, kind)
    return house.use_cases.codes.code("invitation", made.id)


def test_a_first_message_begins_a_conversation_and_nothing_of_it_is_kept(house: House) -> None:
    person = Chatter(house)
    taken = person.arrive(text="hoi, ik ben geheim")

    assert taken.new
    assert taken.inbound is None
    assert [message.kind for message in person.last] == ["greeting"]
    assert say("nl", "consent.question") in person.text
    assert house.traces("geheim") == []


def test_a_chat_is_found_without_its_id_being_readable(house: House) -> None:
    person = Chatter(house, account="31612345678")
    person.say("hoi")
    person.say("ja")

    assert house.traces("31612345678") == []
    assert len(house.rows(tables.accounts)) == 1


def test_a_whole_assessment_in_a_chat(house: House) -> None:
    person = Chatter(house)
    person.arrive(code=code(house, campaign(house)))
    person.say("ja")
    for level in ("3", "2", "3", "1", "2", "3"):
        person.say(level)

    assert house.holds(person.id) == {
        "tea.leaves": 3,
        "tea.brewing": 2,
        "guests.welcome": 3,
        "guests.biscuits": 1,
        "pots.condition": 2,
        "pots.care": 3,
    }
    assert any(message.picture_id for message in person.last)


def test_all_buttons_of_one_reply_stand_and_go_once_the_next_one_has_some(house: House) -> None:
    person = Chatter(house)
    person.arrive(code=code(house, campaign(house)))
    chats = house.peil.chats
    [account] = [one["id"] for one in house.rows(tables.accounts)]

    def put(turn_id: str | None, *ids: str) -> list[tuple[str, ...]]:
        """Messages of one turn, delivered one after another with buttons; what each makes old."""
        with house.store.write() as work:
            last = work.messages(person.id)[-1]
            work.add_drafts(person.id, [_draft(last) for _ in ids], turn_id, house.clock())
            work.commit()
        made_old = []
        for sent_id in ids:
            delivery = chats.next_delivery(account)
            assert delivery is not None
            made_old.append(delivery.outdated)
            chats.delivered(delivery, 1, last=True, keyboard=sent_id)
        return made_old

    assert put("a" * 32, "11", "12") == [(), ()]
    assert put("b" * 32, "13") == [("11", "12")]
    # What the bot says by itself is a reply of its own.
    assert put(None, "14", "15") == [("13",), ("14",)]
    # A tap takes away its own buttons, and one on something old takes away none.
    chats.arrive("telegram", "1001", "c1", button="x", below="15")
    assert put("c" * 32, "16") == [()]
    chats.arrive("telegram", "1001", "c2", button="x")
    assert put("d" * 32, "17") == [("16",)]


def test_a_repeat_of_anything_changes_nothing(house: House) -> None:
    person = Chatter(house)
    first = code(house, campaign(house))
    for _ in range(3):
        person.arrive("m1", code=first)
    for _ in range(3):
        person.arrive("m2", text="ja")
    for _ in range(3):
        person.arrive("m3", text="3")
    before = house.everything()
    for message_id, content in (("m2", {"text": "ja"}), ("m1", {"code": first}), ("m3", {"text": "3"})):
        taken = person.arrive(message_id, **content)
        assert not taken.new

    assert house.everything() == before
    assert len(house.rows(tables.conversations)) == 1
    assert house.holds(person.id) == {"tea.leaves": 3}
    [invitation] = house.rows(tables.invitations)
    assert invitation["uses"] == 1


def test_a_repeat_that_comes_after_another_conversation_was_opened_belongs_to_the_first(house: House) -> None:
    person = Chatter(house)
    person.arrive(code=code(house, campaign(house, "Eerste")))
    person.say("ja")
    person.arrive("late", text="3")
    person.arrive(code=code(house, campaign(house, "Tweede")))
    person.say("ja")

    taken = person.arrive("late", text="3")

    assert not taken.new
    assert house.answers(person.id) == []


def test_a_repeat_of_yes_after_everything_was_erased_is_no_new_consent(house: House) -> None:
    person = Chatter(house)
    person.arrive("m-start")
    person.arrive("m-yes", text="ja")
    person.arrive("m-erase", "erase", text="wis alles")
    person.tap(say("nl", "erase.yes"))
    assert house.conversation(person.id).consent == "open"

    taken = person.arrive("m-yes", text="ja")

    assert not taken.new
    assert house.conversation(person.id).consent == "open"


def test_a_repeat_after_the_conversation_was_forgotten_begins_nothing(house: House) -> None:
    person = Chatter(house)
    person.arrive("m-start")
    person.arrive("m-yes", text="ja")
    assert house.use_cases.forget(person.id)

    assert not person.arrive("m-yes", text="ja").new
    assert house.rows(tables.conversations) == []
    assert person.arrive("m-new", text="hallo").new
    assert len(house.rows(tables.conversations)) == 1


def test_what_remains_of_erased_messages_goes_after_eight_days(house: House) -> None:
    person = Chatter(house)
    person.arrive("m-start")
    person.arrive("m-yes", text="ja")
    house.use_cases.forget(person.id)
    house.clock.move(days=7)
    house.use_cases.tidy()
    assert len(house.rows(tables.spent)) == 2
    house.clock.move(days=2)
    house.use_cases.tidy()

    assert house.rows(tables.spent) == []


def test_two_campaigns_in_one_chat_are_two_conversations_that_do_not_mix(house: House) -> None:
    person = Chatter(house)
    one, two = (code(house, campaign(house, name)) for name in ("Eerste", "Tweede"))
    person.arrive(code=one)
    person.say("ja")
    person.say("3")
    first = person.id
    person.arrive(code=two)
    second = person.id
    person.say("ja")
    person.say("1")
    person.arrive(code=one)  # back to the first, where the second question is open

    assert first != second
    assert person.id == first
    assert say("nl", "question.header", number=2, total=6, dimension="") in person.text
    person.say("1")
    assert house.holds(first) == {"tea.leaves": 3, "tea.brewing": 1}
    assert house.holds(second) == {"tea.leaves": 1}


def test_a_link_for_one_person_works_again_for_who_began_with_it_and_for_nobody_else(house: House) -> None:
    single = code(house, campaign(house), kind="single")
    person, other = Chatter(house), Chatter(house, account="1002")
    person.arrive(code=single)
    person.say("ja")
    person.say("3")

    person.arrive(code=single)
    refused = other.arrive(code=single)

    assert say("nl", "question.header", number=2, total=6, dimension="") in person.text
    assert refused.refused is not None
    assert refused.refused.why == "used"
    assert other.last == []
    assert len(house.rows(tables.conversations)) == 1


def test_a_wrong_code_in_a_conversation_is_answered_there_and_changes_nothing(house: House) -> None:
    person = Chatter(house)
    person.arrive(code=code(house, campaign(house)))
    person.say("ja")
    person.say("3")
    said = person.say("AAAA-BBBB-CCC2-DDD1")

    assert say("nl", "code.unknown") in said
    assert say("nl", "question.header", number=2, total=6, dimension="") in said
    assert house.holds(person.id) == {"tea.leaves": 3}


def test_whoever_blocks_the_bot_gets_nothing_and_finds_it_all_on_coming_back(house: House) -> None:
    person = Chatter(house)
    person.arrive(code=code(house, campaign(house)))
    person.say("ja")
    house.peil.chats.reachable("telegram", "1001", False)
    with house.store.write() as work:  # something that the bot says by itself
        message = work.messages(person.id)[-1]
        work.add_drafts(person.id, [_draft(message)], None, house.clock())
        work.commit()
    person.deliver()
    assert person.last == []
    house.peil.chats.reachable("telegram", "1001", True)
    person.deliver()

    assert [message.text for message in person.last] == [message.text]


def _draft(message: Message) -> Draft:
    return Draft(message.text, message.language, kind="notice")


@pytest.fixture
def anna(house: House) -> Person:
    """Somebody in the web chat, at the second question, where there is a Telegram bot, too."""
    person = Person(house.again(telegram_token=f"1:{'x' * 35}", telegram_bot="peil_bot"))
    person.say("3")
    return person


def handover(house: House, anna: Person) -> str:
    """A code with which the conversation can be taken over."""
    anna.say("verder op mijn telefoon", "elsewhere")
    [row] = [one for one in house.rows(tables.handovers) if one["used_at"] is None]
    return house.use_cases.codes.code("handover", row["id"])


def test_a_conversation_goes_on_in_a_chat_at_the_same_question_and_comes_back(
    house: House, anna: Person
) -> None:
    phone = Chatter(house)
    taken = phone.arrive(code=handover(house, anna))

    assert taken.conversation_id == anna.id
    assert len(phone.last) == 1
    assert say("nl", "question.header", number=2, total=6, dimension="") in phone.text
    phone.say("2")
    assert house.holds(anna.id) == {"tea.leaves": 3, "tea.brewing": 2}
    # One transcript, which says where it went; and nothing of before is shown again in the chat.
    assert any(message.kind == "notice" or "Telegram" in message.text for message in anna.history)

    anna.say("1")  # back in the web chat, which has shown everything
    assert house.holds(anna.id)["guests.welcome"] == 1
    phone.deliver()
    assert len(phone.last) == 1  # that it went on elsewhere
    assert phone.last[0].buttons == ()

    before = phone.say("2")  # meant for a question of long ago: no answer, but here it goes on again
    assert say("nl", "question.header", number=4, total=6, dimension="") in before
    assert house.holds(anna.id) == {"tea.leaves": 3, "tea.brewing": 2, "guests.welcome": 1}
    phone.say("2")
    assert house.holds(anna.id)["guests.biscuits"] == 2


def test_a_handover_works_once_and_for_ten_minutes(house: House, anna: Person) -> None:
    first = handover(house, anna)
    assert Chatter(house).arrive(code=first).refused is None
    again = Chatter(house, account="1002").arrive(code=first)
    assert again.refused is not None
    assert again.refused.why == "used"

    second = handover(house, anna)
    house.clock.move(minutes=10, seconds=1)
    late = Chatter(house, account="1003").arrive(code=second)
    assert late.refused is not None
    assert late.refused.why == "expired"
    assert house.rows(tables.accounts)[0]["conversation_id"] == anna.id
    assert len(house.rows(tables.accounts)) == 1


def test_erasing_a_conversation_ends_its_handovers(house: House, anna: Person) -> None:
    opened = handover(house, anna)
    anna.say("wis alles", "erase")
    anna.tap(say("nl", "erase.yes"))

    refused = Chatter(house).arrive(code=opened)
    assert refused.refused is not None


def test_whoever_was_asked_to_write_is_asked_again_only_for_what_is_new(house: House) -> None:
    person = Chatter(house, channel="whatsapp")
    person.arrive(code=code(house, campaign(house)))
    account = house.peil.chats.accounts_of(person.id)[0]

    def write(text: str) -> None:
        with house.store.write() as work:
            work.add_drafts(person.id, [Draft(text, "nl", kind="notice")], None, house.clock())
            work.commit()

    write("eerste")
    delivery = house.peil.chats.next_delivery(account)
    assert delivery is not None
    assert not delivery.knocked
    house.peil.chats.knocked(delivery)
    again = house.again().peil.chats.next_delivery(account)  # another process knows, too
    assert again is not None
    assert again.knocked
    write("tweede")
    newer = house.peil.chats.next_delivery(account)
    assert newer is not None
    assert not newer.knocked
    assert newer.message.text == "eerste"  # all of it waits, in order


def test_the_web_chat_that_was_left_does_not_read_along_until_it_is_used_again(
    house: House, anna: Person
) -> None:
    phone = Chatter(house)
    phone.arrive(code=handover(house, anna))
    before = anna.history
    assert say("nl", "move.left", where=say("nl", "move.in_telegram")) in before[-1].text
    phone.say("2")

    assert anna.history == before
    anna.say("1")  # going on there shows it all: one conversation
    assert len(anna.history) > len(before) + 2


def test_erasing_lets_every_other_place_go(house: House, anna: Person) -> None:
    phone, tablet = Chatter(house), Chatter(house, account="1002", channel="whatsapp")
    phone.arrive(code=handover(house, anna))
    phone.arrive(None, "elsewhere", text="verder op mijn tablet")
    [row] = [one for one in house.rows(tables.handovers) if one["used_at"] is None]
    tablet.arrive(code=house.use_cases.codes.code("handover", row["id"]))
    tablet.arrive(None, "erase", text="wis alles")
    tablet.tap(say("nl", "erase.yes"))
    tablet.say("hallo?")

    with pytest.raises(UnknownConversation):
        house.use_cases.seen(anna.id)  # the browser's token opens it no more
    phone.arrive(text="hoi")
    assert phone.id != anna.id  # a new conversation, with its greeting
    assert [message.kind for message in phone.last] == ["greeting"]
    assert tablet.id == anna.id
    assert len([one for one in house.rows(tables.accounts) if one["conversation_id"] == anna.id]) == 1


def test_erasing_in_the_web_chat_lets_the_chats_go(house: House, anna: Person) -> None:
    phone = Chatter(house)
    phone.arrive(code=handover(house, anna))
    anna.say("wis alles", "erase")
    anna.tap(say("nl", "erase.yes"))

    assert house.rows(tables.accounts) == []
    assert house.use_cases.seen(anna.id).consent == "open"


@pytest.mark.parametrize(
    "spell",
    [
        lambda code: code,
        lambda code: code.lower(),
        lambda code: f"mijn code is {code[:4]} {code[4:8]} {code[8:12]} {code[12:]}",
        lambda code: f"{code[:4]}\u2013{code[4:8]}\u2013{code[8:12]}\u2013{code[12:]}!",
        lambda code: f"https://peil.example/c/{code}",
        lambda code: f"https://t.me/peil_bot?start={code}",
    ],
)
def test_a_code_is_read_however_it_is_pasted(house: House, spell: Any) -> None:
    of = campaign(house)
    person = Chatter(house)
    person.arrive(text=spell(code(house, of)))

    [conversation] = house.rows(tables.conversations)
    assert conversation["campaign_id"] == of


@pytest.mark.parametrize(
    "text",
    [
        "this will work fine",
        "Onze order 1234-5678-9012-3456 is kwijt",
        "dank jewe alle maal",
        "3",
    ],
)
def test_what_only_looks_like_a_code_is_taken_as_what_it_is(house: House, text: str) -> None:
    person = Chatter(house)
    person.arrive(code=code(house, campaign(house)))
    person.say("ja")
    said = person.say(text)

    assert say("nl", "code.unknown") not in said
    assert person.seen[-1].role == "bot"


def test_erasing_everything_erases_the_other_rounds_of_this_chat_too(house: House) -> None:
    person = Chatter(house)
    one, two = (code(house, campaign(house, name)) for name in ("Eerste", "Tweede"))
    person.arrive(code=one)
    person.say("ja")
    person.say("3")
    first = person.id
    person.arrive(code=two)
    person.say("ja")
    person.arrive(None, "erase", text="wis alles")
    person.tap(say("nl", "erase.yes"))

    with pytest.raises(AssertionError):
        house.conversation(first)
    assert [row["id"] for row in house.rows(tables.conversations)] == [person.id]
    assert house.rows(tables.answers) == []
