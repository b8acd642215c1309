"""Side talk: what people say in the middle that is no answer. After each, the open question stands again."""

from __future__ import annotations

from collections.abc import Callable

from bot.assessment.answers import Answer, AnswerKind
from bot.assessment.definitions import Item
from bot.assessment.records import Button
from bot.assessment.session import position
from bot.service import wording
from bot.service.answering import answer_otherwise, back
from bot.service.asking import ask
from bot.service.choosing import ask_to_start_over
from bot.service.consent import ask_to_erase, switch_language, wanted_language
from bot.service.results import show_result
from bot.service.turn import Turn

PLAIN = {
    "help": "side.help",
    "privacy": "privacy.answer",
    "greet": "side.greet",
    "thanks": "side.thanks",
    "bot_challenge": "side.bot_challenge",
}
"""Meaning -> the sentence that answers it, wherever one is in the conversation."""


def side_talk(turn: Turn, meaning: str) -> None:
    """Answer side talk; what is none counts as own words that could not be placed."""
    handler = _HANDLERS.get(meaning)
    if handler is None:
        not_understood(turn)
        return
    turn.state["misunderstood"] = 0
    handler(turn)


def not_understood(turn: Turn) -> None:
    """What could not be placed: each time in a row another way out, never a dead end."""
    if turn.running is None or turn.running.open_item is None:
        turn.tell(turn.say("unclear.done"))
        return
    count = turn.conversation.misunderstood + 1
    turn.state["misunderstood"] = count
    if count == 1:
        ask(turn, turn.say("unclear.first"))
    elif count == 2:
        ask(turn, turn.say("unclear.second", highest=turn.running.model.highest))
    else:
        ask(turn, turn.say("unclear.third"))


def _plain(key: str) -> Callable[[Turn], None]:
    return lambda turn: ask(turn, turn.say(key))


def _otherwise(kind: AnswerKind) -> Callable[[Turn], None]:
    def handle(turn: Turn) -> None:
        current = None if turn.running is None else turn.running.assessment.current_item
        if current is None:
            not_understood(turn)
        else:
            answer_otherwise(turn, Answer(current, kind))

    return handle


def _about(part: Callable[[str, Item], str]) -> Callable[[Turn], None]:
    def handle(turn: Turn) -> None:
        item = None if turn.running is None else turn.running.open_item
        ask(turn, turn.say("side.nothing_to_repeat") if item is None else part(turn.language, item))

    return handle


def _progress(turn: Turn) -> None:
    running = turn.running
    if running is None or running.assessment.current_item is None:
        ask(turn, None)
        return
    total = position(running.model, running.assessment.current_item)[1]
    done = len(running.stored)
    minutes = max(1, round(running.model.minutes * (total - done) / total))
    ask(turn, turn.say("side.progress", done=done, total=total, minutes=minutes))


def _pause(turn: Turn) -> None:
    if turn.running is not None and turn.running.open_item is None:
        ask(turn, None)
    else:
        go_on = Button(turn.say("side.continue"), turn.token("do", "repeat"), "choice")
        turn.tell(turn.say("side.pause"), (go_on,))


def _my_data(turn: Turn) -> None:
    rounds = []
    for assessment in turn.work.assessments(conversation_id=turn.conversation.id):
        model = turn.knowledge.model(turn.work, assessment.definition_hash)
        rounds.append((model, {one.answer.item_id: one.answer for one in turn.work.answers(assessment.id)}))
    ask(turn, wording.my_data(turn.language, rounds))


def _result(turn: Turn) -> None:
    if turn.running is not None and turn.running.assessment.status == "completed":
        show_result(turn, turn.running, turn.say("result.again", highest=turn.running.model.highest))
    else:
        _progress(turn)


_HANDLERS: dict[str, Callable[[Turn], None]] = {
    "dont_know": _otherwise("dont_know"),
    "not_applicable": _otherwise("not_applicable"),
    "skip": _otherwise("skipped"),
    "explain": _about(wording.explanation),
    "why": _about(lambda language, item: item.why[language]),
    "example": _about(lambda language, item: item.example[language]),
    "back": back,
    "repeat": lambda turn: ask(turn, None),
    "progress": _progress,
    "pause": _pause,
    "start_over": ask_to_start_over,
    "switch_language": lambda turn: switch_language(turn, wanted_language(turn)),
    "my_data": _my_data,
    "erase": ask_to_erase,
    "result": _result,
    **{meaning: _plain(key) for meaning, key in PLAIN.items()},
}
