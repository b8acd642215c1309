"""What one message means: the one generic loop behind every maturity model.

Decided in this order: button; answer to a pending question; exact number or label; side talk (`meaning`, from
Rasa's intent); own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.assessment.answers import Answer
from bot.service.answering import change, press_answer, record
from bot.service.asking import ask, ask_consent, ask_model
from bot.service.choosing import choose, press_model, start_over
from bot.service.consent import ask_to_erase, before_consent, decide, erase, switch_language, wanted_language
from bot.service.side_talk import PLAIN, side_talk
from bot.service.turn import Turn
from bot.understanding.exact import NoSuchLevel, read_level, read_yes_no


def take(turn: Turn, meaning: str) -> None:
    """Decide what the turn's message means, and do it."""
    if turn.inbound.button is not None:
        press = turn.knowledge.buttons.read(turn.conversation.id, turn.inbound.button)
        _pressed(turn, press or ("unknown",))
    else:
        _typed(turn, turn.inbound.text or "", meaning)


def _pressed(turn: Turn, press: tuple[str, ...]) -> None:
    kind, *arguments = press
    # A tap answers whatever was pending, or leaves it behind.
    turn.state["pending"] = None
    if kind == "lang":
        switch_language(turn, arguments[0])
    elif kind == "consent":
        decide(turn, given=arguments[0] == "yes")
    elif turn.conversation.consent != "given":
        ask_consent(turn, turn.say("consent.again"))
    elif kind == "model":
        press_model(turn, arguments[0])
    elif kind == "a":
        press_answer(turn, *arguments)
    elif kind == "change":
        change(turn, *arguments)
    elif kind == "keep":
        ask(turn, turn.say("change.kept"))
    elif kind == "erase":
        erase(turn, arguments[0] == "yes")
    elif kind == "over":
        start_over(turn, arguments[0] == "yes", arguments[1])
    elif kind == "do":
        side_talk(turn, arguments[0])
    else:
        ask(turn, turn.say("stale.unknown"))


def _typed(turn: Turn, text: str, meaning: str) -> None:
    if turn.conversation.consent != "given":
        before_consent(turn, text, meaning)
        return
    pending = turn.conversation.pending
    if pending is not None:
        # Whatever comes now, the question is not asked a second time.
        turn.state["pending"] = None
        agreed = read_yes_no(text, turn.language)
        if agreed is None and pending["ask"] == "change":
            # An intent is a guess: good enough to change an answer, never to erase or to start over.
            agreed = {"affirm": True, "deny": False}.get(meaning)
        if agreed is not None:
            _resolve(turn, pending, agreed)
            return
    running = turn.running
    if running is None:
        _before_choice(turn, text, meaning)
        return
    item, current = running.open_item, running.assessment.current_item
    if item is not None and current is not None:
        exact = read_level(text, running.model, item, turn.language)
        if isinstance(exact, int):
            record(turn, running, Answer(current, "level", exact), words=text)
            return
        if isinstance(exact, NoSuchLevel):
            turn.state["misunderstood"] = 0
            ask(turn, turn.say("unclear.number", number=exact.number, highest=running.model.highest))
            return
    side_talk(turn, meaning)


def _before_choice(turn: Turn, text: str, meaning: str) -> None:
    """Something was typed while it is open which maturity model to begin with."""
    if choose(turn, text):
        return
    if meaning == "switch_language":
        switch_language(turn, wanted_language(turn))
    elif meaning == "erase":
        ask_to_erase(turn)
    elif meaning in PLAIN:
        ask_model(turn, turn.say(PLAIN[meaning]))
    else:
        ask_model(turn, turn.say("choose.unclear"))


def _resolve(turn: Turn, pending: Mapping[str, Any], agreed: bool) -> None:
    """A yes or no to the question that was pending."""
    if pending["ask"] == "change":
        if agreed:
            change(turn, pending["run"], pending["number"], pending["what"])
        else:
            ask(turn, turn.say("change.kept"))
    elif pending["ask"] == "erase":
        erase(turn, agreed)
    else:
        start_over(turn, agreed, pending["run"])
