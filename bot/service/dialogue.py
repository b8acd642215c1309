"""What one message means: the one generic loop behind every maturity model.

Decided in this order: button; answer to a pending question; exact number or label; side talk (`meaning`, from
Rasa's intent); own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.assessment.answers import Answer
from bot.assessment.segments import next_segment
from bot.service import kinds, meanings, measuring
from bot.service.answering import (
    change,
    go_on,
    offer_meant,
    press_answer,
    press_open,
    record,
    refuse,
    second_look,
    type_question,
)
from bot.service.asking import ask, ask_consent, ask_model, offer_other_line
from bot.service.choosing import (
    afresh,
    ask_to_start_over,
    begin_other_line,
    choose,
    deepen,
    press_depth,
    press_model,
    press_need,
    press_other,
    see,
    start_over,
    take_named,
    type_depth,
    type_done,
    type_need,
)
from bot.service.comparing import show, type_levels
from bot.service.consent import ask_to_erase, before_consent, decide, erase, switch_language
from bot.service.editing import type_look
from bot.service.events import take_event
from bot.service.explaining import press_if, press_way, press_why, type_dimension, type_if
from bot.service.from_consultant import decline, left_behind, press_reply, type_reply
from bot.service.own_words import OWN, offer_level, press_pick, type_proposed
from bot.service.people import take_contact, withdraw_contact
from bot.service.picking import type_between, type_no_level, type_no_option, type_settled
from bot.service.planning import press_place, type_place
from bot.service.quoting import press_quoting, type_quoting
from bot.service.rethinking import correct, rethink
from bot.service.segmenting import ask_again, other_customers, press_segment, type_segment
from bot.service.side_talk import say_goodbye, side_talk
from bot.service.targets import press_target, type_complete, type_target
from bot.service.titles import typed_title
from bot.service.turn import Turn
from bot.service.verdict import tell_about
from bot.understanding.aims import sets_aims
from bot.understanding.exact import (
    confirms,
    opens_yes_no,
    read_number,
    read_yes_no,
)
from bot.understanding.plainly import split_leaving
from bot.understanding.requests import (
    asks_for_round,
    read_change,
    says_same,
)


def take(turn: Turn, meaning: str) -> None:
    """Decide what the turn's message means, and do it."""
    pending = turn.conversation.pending
    _take(turn, meaning)
    left_behind(turn, pending)


def _take(turn: Turn, meaning: str) -> None:
    event = turn.inbound.event
    if event is not None:
        if (event.get("kind"), event.get("what")) == ("do", "skip"):
            # What is skipped depends on what is asked, as where it is typed.
            _typed(turn, "", "skip")
        else:
            take_event(turn, event)
    elif turn.inbound.button is not None:
        press = turn.knowledge.buttons.read(turn.conversation.id, turn.inbound.button)
        _pressed(turn, press or ("unknown",))
    else:
        text = turn.inbound.text or ""
        title = typed_title(turn, text)
        if title is not None:
            _pressed(turn, title)
            return
        meaning = meanings.trusted(text, meaning, turn.language)
        if turn.conversation.consent == "given":
            meaning = meanings.worded(text, meaning, turn.inbound.channel)
        running = turn.running
        if running is not None and turn.conversation.consent == "given":
            asked = running.open_item is not None and not _chooses_a_model(turn)
            meaning = meanings.plainly(text, meaning, turn.language, asked=asked)
            rest, leaves = split_leaving(text)
            # 'Later verder' asks for the way back.
            leaves = leaves and meaning != "come_back"
            if leaves and asked and (meaning not in _LEAVING or not rest or _answers(turn, rest)):
                _leave_taken(turn, rest, meaning)
                return
        _typed(turn, text, meaning)


def _chooses_a_model(turn: Turn) -> bool:
    return (turn.conversation.pending or {}).get("ask") in _ABOUT_MODELS


def _answers(turn: Turn, rest: str) -> bool:
    """Whether what is said beside a goodbye answers: 'there is a customer here, bye' does not."""
    yes_or_no = read_yes_no(rest, turn.language) is not None or opens_yes_no(rest, turn.language) is not None
    return yes_or_no or read_number(rest, turn.language) is not None


def _leave_taken(turn: Turn, rest: str, meaning: str) -> None:
    """A goodbye, with an answer beside it or without: "3. right i'm off"."""
    if not rest:
        _typed(turn, turn.words, "pause")
        return
    _typed(turn, rest, meaning if meaning in (*OWN, *meanings.NO_ANSWER) else "take_answer")
    if turn.running is not None and turn.running.open_item is not None:
        say_goodbye(turn)


def _pressed(turn: Turn, press: tuple[str, ...]) -> None:
    kind, *arguments = press
    asked = (turn.conversation.pending or {}).get("ask")
    # A tap answers whatever was pending, or leaves it behind.
    turn.state["pending"] = None
    if kind == "lang":
        switch_language(turn, arguments[0])
    elif kind == "consent":
        decide(turn, given=arguments[0] == "yes")
    elif turn.conversation.consent != "given":
        ask_consent(turn, turn.say("consent.again"))
    elif kind == "erase" and arguments[0] == "yes" and asked != "erase":
        # A button from further up: what cannot be undone is asked anew.
        ask_to_erase(turn)
    elif kind == "over" and arguments[0] == "yes" and asked != "start_over" and turn.runs(arguments[1]):
        ask_to_start_over(turn)
    elif kind in _PRESSED:
        _PRESSED[kind](turn, *arguments)
    else:
        ask(turn, turn.say("stale.unknown"))


# What the first part of a button's token does with the others.
_PRESSED: dict[str, Callable[..., None]] = {
    "model": press_model,
    "other": press_other,
    "models": lambda turn: ask_model(turn, None),
    "need": press_need,
    "depth": press_depth,
    "deepen": deepen,
    "see": see,
    "afresh": afresh,
    "seg": press_segment,
    "a": press_answer,
    "change": change,  # of buttons from before 1.2; the short name leaves room for what was marked
    "c": change,
    "keep": lambda turn: ask(turn, turn.say("change.kept")),
    "pick": press_pick,
    "open": press_open,
    "again": ask_again,
    "look": second_look,
    "diff": lambda turn, low, high: show(turn, int(low), int(high)),
    "line": begin_other_line,
    "later": lambda turn: ask(turn, turn.say("second_line.later")),
    "erase": lambda turn, said: erase(turn, said == "yes"),
    "over": lambda turn, said, run_id: start_over(turn, said == "yes", run_id),
    "remeasure": measuring.begin,
    "same": measuring.press_same,
    "old": measuring.press_old,
    "wl": press_why,
    "wq": press_way,
    "wi": press_if,
    "tgt": press_target,
    "put": press_place,
    "do": side_talk,
    "cq": press_reply,
    "cn": decline,
    "quote": press_quoting,
}


def _typed(turn: Turn, text: str, meaning: str) -> None:
    if turn.conversation.consent != "given":
        before_consent(turn, text, meaning)
        return
    if withdraw_contact(turn, text):
        turn.state["pending"] = None
        return
    pending = turn.conversation.pending
    if pending is not None:
        # Whatever else comes now leaves the question behind.
        turn.state["pending"] = None
        if pending["ask"] in _OPEN_QUESTIONS:
            if _OPEN_QUESTIONS[pending["ask"]](turn, pending, text, meaning):
                return
            if type_no_option(turn, pending, text):
                return
            if pending["ask"] in _ABOUT_MODELS and take_named(turn):
                return
            if pending["ask"] in _ABOUT_MODELS and meaning in (*meanings.NO_ANSWER, "deny"):
                # 'Weet ik niet' is about the models that were offered, not about the question behind them.
                _not_the_list(turn, pending, meaning)
                return
        else:
            agreed = _agreed(turn, pending["ask"], text, meaning)
            if pending["ask"] == "change" and str(read_number(text, turn.language)) == pending["what"]:
                agreed = True  # the level that was offered, said once more
            if agreed is not None:
                _resolve(turn, pending, agreed)
                return
            yes_or_no = read_yes_no(text, turn.language) or opens_yes_no(text, turn.language)
            if pending["ask"] in _AGAIN and (meaning == "affirm" or yes_or_no):
                meaning = pending["ask"]  # so it is asked once more
    running = turn.running
    if running is None:
        _before_choice(turn, pending, text, meaning)
        return
    item, current = running.open_item, running.assessment.current_item
    if item is not None and current is not None:
        if measuring.type_same(turn, text):
            return
        if current in running.stored and says_same(text, turn.language):
            # What is looked at again stays as it was.
            go_on(turn, running)
            return
        said = kinds.read(running.model, current, running.answers.get(current), text, turn.language)
        asked = None if pending is None else pending["ask"]
        if pending is not None and said is not None and (item.kind != "rubric" or asked in _ABOUT_MODELS):
            # 'Geen', '1 en 2' or 'nee' to what was asked in between says nothing of the list behind it.
            _not_the_list(turn, pending, meaning)
            return
        if isinstance(said, Answer):
            record(turn, running, said, words=text)
            return
        if said is not None:
            refuse(turn, said)
            return
        if type_no_level(turn, running, text):
            return
        if meanings.is_comparison(text, item, turn.language):
            meaning = "difference"
        if current in running.stored and (meaning == "deny" or read_yes_no(text, turn.language) is False):
            # 'Laat maar' while an earlier answer is looked at again.
            go_on(turn, running)
            return
    elif asks_for_round(text, turn.language) and offer_other_line(turn, running) is not None:
        begin_other_line(turn, running.assessment.id)
        return
    if other_customers(turn, text):
        return
    if item is None and turn.is_title(text, "again.button"):
        meaning = "measure_again"
    if item is None and meaning in _MISREAD and sets_aims(text, running.model, turn.language):
        meaning = "target"
    if item is None and running.completed and tell_about(turn, running, text, meaning):
        return
    if rethink(turn, running, text) or type_settled(turn, running, text):
        return
    if item is None and running.completed and meaning in _CORRECTS and correct(turn, running, text):
        return
    wanted = read_change(text, running.model, running.item_ids, turn.language)
    if wanted.about_target or wanted.plain:
        meaning = meanings.about_earlier(meaning, wanted)
    elif (meaning in OWN and (offer_meant(turn, text) or offer_level(turn, text))) or (
        meaning in _TO_ANOTHER and take_named(turn)
    ):
        return
    side_talk(turn, meaning)


def _not_the_list(turn: Turn, pending: Mapping[str, Any], meaning: str) -> None:
    """Ask again what was asked, in between or before; only a plain side talk is taken as such."""
    turn.state["misunderstood"] = 0
    if pending["ask"] in _ABOUT_MODELS and meaning in meanings.NO_ANSWER:
        side_talk(turn, "recommend")
    elif pending["ask"] in _ABOUT_MODELS and meaning != "deny":
        ask_model(turn, turn.say("choose.unclear"))
    else:
        ask(turn, turn.say("change.kept"))


# Pending questions that wait for something else than yes or no.
_OPEN_QUESTIONS: dict[str, Callable[[Turn, Mapping[str, Any], str, str], bool]] = {
    "target": type_target,
    "complete": type_complete,
    "place": type_place,
    "segment": lambda turn, pending, text, meaning: type_segment(turn, pending["which"], text, meaning),
    "model": lambda turn, pending, text, meaning: choose(turn, text),
    "done": type_done,
    "need": lambda turn, pending, text, meaning: type_need(turn, text, meaning),
    "depth": type_depth,
    "which": lambda turn, pending, text, meaning: type_question(turn, pending, text),
    "difference": lambda turn, pending, text, meaning: type_levels(turn, text),
    "between": lambda turn, pending, text, meaning: type_between(turn, pending, text),
    "look": type_look,
    "level": type_proposed,
    "old": measuring.type_old,
    "contact": lambda turn, pending, text, meaning: take_contact(turn, pending["request"], text),
    "why_level": type_dimension,
    "quickest": type_dimension,
    "what_if": type_if,
    "consultant": type_reply,
    "quoting": type_quoting,
}
# Which model, for what need, and how much of it.
_ABOUT_MODELS = ("model", "need", "depth")
# Said with the name of another model, these mean that one.
_TO_ANOTHER = ("another", "back", "pause", "come_back", "recommend", "result", "change_answer", "deepen")
# What the NLU makes of a level to get to, in few words, after the end.
_MISREAD = ("take_answer", "explain", "why_level", "change_answer", "what_if", "affirm", "deny", "repeat")
# What the NLU makes of who says, after the end, what an answer should be.
_CORRECTS = (*_MISREAD, "target", "quickest", "result", "road_map", "off_topic", "back", "difference", "skip")
# What the NLU makes of a goodbye with a reason.
_LEAVING = ("pause", "stop", "come_back", "remind_me")
# What cannot be undone is asked once more where a yes was not plain.
_AGAIN = ("erase", "start_over")


def _agreed(turn: Turn, asked: str, text: str, meaning: str) -> bool | None:
    """Yes or no to the pending question; None when something else was said.

    An intent is a guess: good enough to change an answer, and to leave things as they are, but never to
    erase or to start over. That takes a yes in so many words.
    """
    if turn.is_title(text, f"{asked}.yes"):
        return True
    if turn.is_title(text, f"{asked}.no"):
        return False
    plainly = read_yes_no(text, turn.language)
    opening = opens_yes_no(text, turn.language)
    if plainly is False or opening is False or meaning in ("deny", "dont_know", "not_applicable", "skip"):
        return False
    if asked in _AGAIN:
        return True if confirms(text, asked, turn.language) else None
    short = len(text.split()) <= 3  # 'ja verander maar', but not 'ja maar eigenlijk een 3'
    return True if plainly or meaning == "affirm" or (opening and short) else None


def _before_choice(turn: Turn, pending: Mapping[str, Any] | None, text: str, meaning: str) -> None:
    """Something was typed while a segment is asked, or with which maturity model to begin."""
    segment = next_segment(turn.conversation.segments)
    if type_segment(turn, segment, text, meaning) if segment is not None else choose(turn, text):
        return
    if pending is None and type_no_option(turn, None, text):
        return
    if segment is None and meaning in meanings.NO_ANSWER and len(turn.offers) > 1:
        # Who does not know which one to choose.
        meaning = "recommend"
    side_talk(turn, meaning)


def _resolve(turn: Turn, pending: Mapping[str, Any], agreed: bool) -> None:
    """A yes or no to the question that was pending."""
    if pending["ask"] == "mean":
        if agreed:
            press_answer(turn, pending["run"], pending["number"], pending["what"])
        else:
            ask(turn, None)
    elif pending["ask"] == "change":
        if agreed:
            change(turn, pending["run"], pending["number"], pending["what"])
        else:
            ask(turn, turn.say("change.kept"))
    elif pending["ask"] == "erase":
        erase(turn, agreed)
    elif pending["ask"] == "second_line":
        if agreed:
            begin_other_line(turn, pending["run"])
        else:
            ask(turn, turn.say("second_line.later"))
    elif pending["ask"] == "again":
        if agreed:
            measuring.begin(turn, pending["run"])
        else:
            ask(turn, turn.say("change.kept"))
    else:
        start_over(turn, agreed, pending["run"])
