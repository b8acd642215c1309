"""Every maturity model, at each depth and in each language, from greeting to result, on the real parts.

Every other question is tapped, the others are typed, each kind of item in its own way; what is ticked on the
web and in Telegram is typed on WhatsApp. What is stored has to be what was said, and the result what scoring
makes of it; that scoring itself is right is shown by the hand-computed respondents of tests/unit.
"""

from __future__ import annotations

from typing import Any

import pytest

from bot import definitions
from bot.assessment.answers import Answer, given
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.kinds import POSITIONS
from bot.assessment.scoring import format_score, score
from bot.settings import ROOT
from bot.texts import say
from tests.channel_chats import ChannelChat, TelegramChat, start
from tests.chat import Chat
from tests.stack import Stack

MODELS = {path.stem: definitions.load(path) for path in sorted((ROOT / "models" / "maturity").glob("*.yml"))}
AND = {"nl": "en", "en": "and"}
STATES = {"nl": ("gepland", "past niet"), "en": ("planned", "does not fit")}
# Where a company stands: aspects by their number, in the order in which they are asked.
PLACES = (5, 2, 4, 5, 1)


def level(number: int) -> int:
    """An uneven company: 1 to 5 and back again."""
    return (1, 2, 3, 4, 5, 4, 3, 2)[number % 8]


def answer_of(item_id: str, item: Item, number: int) -> Answer:
    """What the respondent says to question `number`."""
    if item.kind == "rubric":
        return Answer(item_id, "level", level(number))
    if item.kind == "choice":
        return given(item_id, {"option": item.options[2].id})
    if item.kind == "signals":
        return given(item_id, {item.signals[0].id: "yes", item.signals[3].id: "yes"})
    if item.kind == "positioning":
        aspects = [item.options[place - 1].id for place in PLACES]
        return given(item_id, dict(zip(POSITIONS, aspects, strict=True)))
    states = ["not_yet"] * len(item.practices)
    states[0] = "in_place"
    if len(states) > 2:
        states[1], states[2] = "planned", "not_fitting"
    return given(item_id, {one.id: state for one, state in zip(item.practices, states, strict=True)})


def say_it(chat: Chat | ChannelChat, language: str, item: Item, number: int) -> None:
    """Answer one question: the even ones by tapping, the odd ones by typing."""
    tapped = number % 2 == 0
    if item.kind == "rubric":
        value = level(number)
        chat.tap(f"{value} ·") if tapped else chat.say(item.level(value).label[language])
    elif item.kind == "choice":
        chat.tap("3 ·") if tapped else chat.say(item.options[2].brands[0])
    elif item.kind == "signals":
        chat.mark({1: "1", 4: "1"}) if tapped else chat.say(f"1 {AND[language]} 4")
    elif item.kind == "positioning":
        for place in PLACES:
            chat.tap(f"{place} ·") if tapped else chat.say(item.options[place - 1].label[language])
    elif tapped:
        chat.mark({1: "1"})
        if len(item.practices) > 1:
            chat.mark({2: "p", 3: "f"} if len(item.practices) > 2 else {})
    else:
        planned, fitting = STATES[language]
        chat.say(f"1{f', 2 {planned}, 3 {fitting}' if len(item.practices) > 2 else ''}")
        if any(say(language, key) in chat.text for key in ("checklist.ask_rest", "checklist.ask_rest_one")):
            chat.tap(say(language, "question.skip"))


def stored(answer: Answer) -> dict[str, Any]:
    return {"kind": answer.kind, "level": answer.value, "given": answer.given or None}


# All of it on the web; elsewhere every model and kind of item once or twice, since the dialogue is the same.
EVERYTHING = [("web", name, depth, code) for name in MODELS for depth in ("full", "quick") for code in AND]
EVERYTHING += [("telegram", name, "quick", "nl") for name in MODELS] + [("telegram", "gccj", "full", "en")]
EVERYTHING += [("whatsapp", name, "quick", "en") for name in MODELS] + [("whatsapp", "gccj", "full", "nl")]


@pytest.mark.parametrize(("channel", "name", "depth", "language"), EVERYTHING)
def test_a_model_is_completed(stack: Stack, channel: str, name: str, depth: str, language: str) -> None:
    model: MaturityModel = MODELS[name]
    asked = model.item_ids() if depth == "full" else model.quick_ids()
    chat = start(channel, stack, language=language, model=name, depth=None)
    chat.tap(say(language, "consent.yes"))
    chat.tap(say(language, f"depth.{depth}"))
    expected = {}

    for number, item_id in enumerate(asked, 1):
        dimension, item = model.item(item_id)
        assert (
            say(
                language,
                "question.header",
                number=number,
                total=len(asked),
                dimension=dimension.title[language],
            )
            in chat.text
        )
        expected[item_id] = answer_of(item_id, item, number)
        say_it(chat, language, item, number)

    (run,) = stack.assessments(chat.id)
    held = {
        one["item"]: {key: one[key] for key in ("kind", "level", "given")}
        for one in run["answers"]
        if one["superseded_by"] is None
    }
    assert held == {item_id: stored(answer) for item_id, answer in expected.items()}
    assert (run["status"], run["depth"]) == ("completed", depth)
    result = score(model, expected, asked=asked)
    assert say(language, "result.intro", lowest=model.lowest, highest=model.highest) in chat.text
    for found in result.dimensions:
        assert found.score is not None
        title = model.dimension(found.dimension_id).title[language]
        assert chat.rows[title][0] == format_score(found.score, language)
    assert chat.pictures
    assert (say(language, "depth.deepen") in chat.buttons) == (depth == "quick")
    if depth == "quick":
        for item_id in set(model.item_ids()) - set(asked):
            item = model.item(item_id)[1]
            assert not item.scored or item.title[language] in chat.text


@pytest.mark.parametrize("name", list(MODELS))
def test_a_quick_scan_is_deepened_without_a_question_twice(stack: Stack, name: str) -> None:
    model = MODELS[name]
    chat = Chat(stack.url, language="nl", model=name, depth="quick")
    chat.tap(say("nl", "consent.yes"))
    for number, item_id in enumerate(model.quick_ids(), 1):
        say_it(chat, "nl", model.item(item_id)[1], number)
    quick = stack.answers(chat.id)

    chat.tap(say("nl", "depth.deepen"))

    left = [item_id for item_id in model.item_ids() if item_id not in model.quick_ids()]
    for item_id in left:
        number = model.item_ids().index(item_id) + 1
        assert chat.text.count(f"Vraag {number} van {len(model.item_ids())} · ") == 1
        say_it(chat, "nl", model.item(item_id)[1], number)
    (run,) = stack.assessments(chat.id)
    assert (run["status"], run["depth"]) == ("completed", "full")
    assert len(run["answers"]) >= len(model.item_ids())
    now = stack.answers(chat.id)
    assert {item_id: now[item_id] for item_id in quick} == quick
    assert set(now) == set(model.item_ids())
    assert run["result"]["indication"] is False


def test_who_goes_back_to_a_list_finds_what_they_marked(stack: Stack) -> None:
    chat = Chat(stack.url, language="en", model="gccj", depth="quick")
    chat.tap(say("en", "consent.yes"))
    chat.say("1 and 3")
    chat.say("go on")

    chat.tap(say("en", "question.back"))

    (form,) = [message["form"] for message in chat.last if "form" in message]
    assert form["marked"] == [{"number": 1, "value": "1"}, {"number": 3, "value": "1"}]


def test_who_goes_back_to_a_list_in_telegram_finds_it_ticked(stack: Stack) -> None:
    chat = TelegramChat(stack, language="nl", model="gccj", depth="quick")
    chat.tap(say("nl", "consent.yes"))
    chat.mark({1: "1", 3: "1"})
    chat.tap(say("nl", "question.skip"))

    chat.tap(say("nl", "question.back"))

    [line] = chat.person.keyboards
    assert [title.partition(" · ")[0] for title in line.titles if title.startswith("☑")] == ["☑ 1", "☑ 3"]
    # One is taken off again, and one more put on.
    [run] = stack.assessments(chat.id)
    first = MODELS["gccj"].item(run["answers"][0]["item"])[1]
    chat.untick(3)
    chat.mark({1: "1", 4: "1"})
    chat.tap(say("nl", "question.skip"))
    [run] = stack.assessments(chat.id)
    [holds] = [one for one in run["answers"] if one["superseded_by"] is None]
    marked = {first.practices[number - 1].id for number in (1, 4)}
    assert {name for name, state in holds["given"].items() if state == "in_place"} == marked
