"""One conversation in several channels, on the real parts: it goes on in one place, where its code comes."""

from __future__ import annotations

import re

import pytest

from bot.texts import say
from tests.channel_chats import TelegramChat, WhatsAppChat, start
from tests.chat import Chat, opened
from tests.stack import Stack

ELSEWHERE = {"nl": "verder op mijn telefoon", "en": "continue on my phone"}
YES = {"nl": "ja", "en": "yes"}
CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")


def question(language: str, number: int) -> str:
    """How the question with this number of the teahouse is put."""
    return say(language, "question.header", number=number, total=6, dimension="")


def went_on(language: str, place: str) -> str:
    """What is said in the place that was left."""
    return say(language, "move.left", where=say(language, f"move.in_{place}"))


def goes_on(language: str, place: str) -> str:
    """What is said in the new place."""
    return say(language, "move.here", where=say(language, f"move.in_{place}"))


def to(place: str, links: list[tuple[str, str | None]]) -> str:
    """The link to this place among those that were shown."""
    begins = {"telegram": "https://t.me/", "whatsapp": "https://wa.me/", "web": "/#move="}[place]
    [address] = [url for kind, url in links if kind == "move" and url and begins in url]
    return str(address)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_from_the_web_to_telegram_and_back(stack: Stack, language: str) -> None:
    web = Chat(stack.url, language=language, model="teahouse")
    web.say(YES[language])
    web.say("3")
    assert question(language, 2) in web.say(ELSEWHERE[language])
    link = to("telegram", web.links)

    phone = TelegramChat(stack, language=language, code=link, before=web.id)

    assert phone.id == web.id
    assert phone.text.startswith(goes_on(language, "telegram"))
    assert question(language, 2) in phone.text
    assert len(phone.new) == 1  # nothing of before is shown again
    phone.tap("2 ·")
    assert question(language, 4) in phone.say("1")
    assert stack.answers(web.id) == {"tea.leaves": 3, "tea.brewing": 2, "guests.welcome": 1}

    # The web chat says where it went, and shows nothing of what is said there.
    assert web.history()[-1]["text"] == went_on(language, "telegram")

    # Whoever writes there goes on there, and finds all of it, in the order in which it happened. Telegram is
    # told.
    assert question(language, 5) in web.say("2")
    texts = [message["text"] for message in web.history()]
    told = texts.index(went_on(language, "telegram"))
    assert texts[told + 1].startswith(goes_on(language, "telegram"))
    assert [text for text in texts[told + 2 :] if question(language, 4) in text] == [phone.text]
    assert phone.wait_for_news() == went_on(language, "web")
    for level in ("3", "3"):
        web.say(level)
    assert stack.answers(web.id) == {
        "tea.leaves": 3,
        "tea.brewing": 2,
        "guests.welcome": 1,
        "guests.biscuits": 2,
        "pots.condition": 3,
        "pots.care": 3,
    }
    assert [run["status"] for run in stack.assessments(web.id)] == ["completed"]
    # Of what was said on the web since, nothing came in Telegram.
    assert [one.text for one in phone._seen()][-1] == went_on(language, "web")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_from_telegram_to_whatsapp_and_on_to_the_web_by_the_code_that_is_typed(
    stack: Stack, language: str
) -> None:
    telegram = start("telegram", stack, language=language, model="teahouse")
    telegram.say(YES[language])
    telegram.tap("3 ·")
    telegram.tap(say(language, "menu.more"))
    telegram.tap(say(language, "menu.elsewhere"))
    [code] = set(CODE.findall(telegram.text))

    whatsapp = WhatsAppChat(stack, language=language, code=code, before=telegram.id)

    assert whatsapp.id == telegram.id
    assert whatsapp.text.startswith(goes_on(language, "whatsapp"))
    assert question(language, 2) in whatsapp.text
    assert isinstance(telegram, TelegramChat)
    assert telegram.wait_for_news() == went_on(language, "whatsapp")
    whatsapp.tap("2 ·")
    assert question(language, 4) in whatsapp.say("1")
    whatsapp.say(ELSEWHERE[language])
    link = to("web", whatsapp.links)
    assert code not in CODE.findall(whatsapp.text)

    response = opened(stack.url, link, "a-laptop-of-the-test-suite")
    assert response.status_code == 200
    web = Chat(stack.url, token=response.json()["token"])

    assert web.id == telegram.id
    assert web.text.startswith(goes_on(language, "web"))
    assert question(language, 4) in web.text
    assert whatsapp.wait_for_news() == went_on(language, "web")
    web.say("2")
    assert stack.answers(web.id) == {
        "tea.leaves": 3,
        "tea.brewing": 2,
        "guests.welcome": 1,
        "guests.biscuits": 2,
    }
    assert len(stack.assessments(web.id)) == 1


def test_a_code_of_the_conversation_opens_it_once(stack: Stack) -> None:
    web = Chat(stack.url, language="nl", model="teahouse")
    web.say("ja")
    web.say(ELSEWHERE["nl"])
    link = to("telegram", web.links)
    phone = TelegramChat(stack, code=link, before=web.id)
    phone.tap("3 ·")

    # Somebody else with the same link, and the same person with its code in the web chat's place.
    assert stack.servers is not None
    stranger = stack.servers.telegram.person("Bo")
    stranger.start(link.partition("start=")[2])
    stranger.wait_for(say("nl", "code.used"))
    stranger.say("3")
    stranger.wait_for(say("nl", "consent.question"))
    again = opened(stack.url, f"#move={link.partition('start=')[2]}", "a-laptop-of-the-test-suite")

    assert again.status_code == 410
    assert stack.answers(web.id) == {"tea.leaves": 3}
    conversation = stack.conversation(web.id)
    assert conversation is not None
    assert conversation.account_id is not None


def test_who_is_asked_on_one_telephone_goes_on_there_by_writing(stack: Stack) -> None:
    web = Chat(stack.url, language="en", model="teahouse")
    web.say("yes")
    web.say(ELSEWHERE["en"])
    phone = TelegramChat(stack, language="en", code=to("telegram", web.links), before=web.id)
    web.say("2")
    assert phone.wait_for_news() == went_on("en", "web")

    # Meant for a question of before: it is no answer, and the open question is put here now.
    said = phone.say("1")

    assert question("en", 2) in said
    assert stack.answers(web.id) == {"tea.leaves": 2}
    assert web.history()[-1]["text"] == went_on("en", "telegram")
    phone.say("1")
    assert stack.answers(web.id) == {"tea.leaves": 2, "tea.brewing": 1}
