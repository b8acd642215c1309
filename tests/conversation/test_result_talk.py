"""What one asks at a result, typed, on the real parts: why, the quickest way, what if, targets, report."""

from __future__ import annotations

import httpx
import pytest

from tests.channel_chats import ChannelChat, start
from tests.chat import Chat
from tests.stack import Stack


def finished(stack: Stack, language: str, channel: str = "web") -> Chat | ChannelChat:
    """A complete teahouse: tea 3 and 2, guests 2 and 1, pots 1 and 1 (weights 3:1, 1:0.5, 1:1)."""
    chat = start(channel, stack, language=language, model="teahouse")
    chat.say("ja" if language == "nl" else "yes")
    for level in "322111":
        chat.say(level)
    return chat


@pytest.mark.parametrize(
    ("language", "area", "why", "quickest", "what_if"),
    [
        (
            "nl",
            "Servies",
            "waarom staan we op 1 bij servies?",
            "wat is de snelste weg naar een 2 bij servies?",
            "wat als we alles een niveau hoger krijgen bij servies?",
        ),
        (
            "en",
            "Crockery",
            "why are we at 1 for crockery?",
            "what is the quickest way to a 2 for crockery?",
            "what if everything were one level higher for crockery?",
        ),
    ],
)
def test_why_quickest_and_what_if_are_answered_and_change_nothing(
    stack: Stack, language: str, area: str, why: str, quickest: str, what_if: str
) -> None:
    chat = finished(stack, language)
    before = stack.assessments(chat.id)

    assert area in chat.say(why)
    assert "1" in chat.text
    assert area in chat.say(quickest) or "2" in chat.text
    said = chat.say(what_if)

    assert said.strip()
    assert stack.assessments(chat.id) == before


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_report_is_a_pdf_behind_a_link_in_the_chat(stack: Stack, language: str) -> None:
    chat = finished(stack, language)

    chat.say("stuur me het rapport" if language == "nl" else "send me the report")

    (address,) = [url for kind, url in chat.links if kind == "report"]
    response = httpx.get(stack.url + str(address), trust_env=False, timeout=60)
    assert response.headers["content-type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")


@pytest.mark.parametrize(("channel", "language"), [("telegram", "en"), ("whatsapp", "nl")])
def test_the_report_is_sent_along_where_that_can_be(stack: Stack, channel: str, language: str) -> None:
    chat = finished(stack, language, channel)

    chat.say("stuur me het rapport" if language == "nl" else "send me the report")

    (document,) = [address for kind, address in chat.links if kind == "report"]
    assert chat.document(str(document)).startswith(b"%PDF-")


@pytest.mark.parametrize("channel", ["web", "telegram", "whatsapp"])
def test_a_target_is_chosen_in_words_and_the_plan_follows_it(stack: Stack, channel: str) -> None:
    chat = finished(stack, "nl", channel)

    chat.say("mijn doel voor gasten is 3")

    with stack.peil.store.read() as work:
        (run,) = work.assessments(conversation_id=chat.id)
    assert run.targets == {"guests": 3}
    assert "Gasten" in chat.say("laat de routekaart zien")
    assert chat.pictures


@pytest.mark.parametrize("channel", ["web", "telegram", "whatsapp"])
def test_measuring_again_compares_with_the_last_time(stack: Stack, channel: str) -> None:
    chat = finished(stack, "nl", channel)
    chat.tap("Opnieuw meten") if "Opnieuw meten" in chat.buttons else chat.say("opnieuw meten")
    if "Ja, meet opnieuw" in chat.buttons:
        chat.tap("Ja, meet opnieuw")
    assert "Vorige keer: 3" in chat.text

    for level in ("hetzelfde", "3", "hetzelfde", "hetzelfde", "2", "hetzelfde"):
        chat.say(level)

    # tea (3*3 + 3)/4 = 3,0, was (9 + 2)/4 = 2,75: 2,8; pots (2 + 1)/2 = 1,5, was 1,0
    assert "Sinds je vorige meting" in chat.text
    assert "+0,5" in chat.text
    runs = stack.assessments(chat.id)
    assert [run["status"] for run in runs] == ["completed", "completed"]
    assert stack.answers(chat.id)["tea.brewing"] == 3
