"""What was typed where one of several options is to be chosen, and is none: between two, none of them, all.

Nothing is taken for granted then: it is said what the choice is, and the question stands again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.assessment.answers import Answer
from bot.assessment.segments import next_segment
from bot.service import wording
from bot.service.answering import record
from bot.service.asking import ask, ask_depth, ask_model, ask_need, ask_segment, offer_by_prefix
from bot.service.comparing import show
from bot.service.placing import put_ahead
from bot.service.turn import Running, Turn
from bot.understanding.choices import chooses_all, chooses_none, read_between, read_then
from bot.understanding.exact import read_number
from bot.understanding.replies import read_reply
from bot.understanding.settled import read_settled
from bot.understanding.signs import fills_everything

# Who gets no further with what is said here gets what is said to who was not understood.
_TWICE = 2


def no_option(turn: Turn, text: str, count: int, ask_again: Callable[[str], None]) -> bool:
    """Say what was typed of `count` numbered options that is none of them; False where it says none of this.

    `ask_again` puts the question once more, behind what it is given.
    """
    if turn.conversation.misunderstood >= _TWICE:
        return False
    number = read_number(text, turn.language, count=count)
    between = read_between(text, count, turn.language)
    if number is not None and not 1 <= number <= count:
        said = turn.say("unclear.number", number=number, highest=count)
    elif number is None and between is not None:
        said = turn.say("choose.between", first=between[0], second=between[1])
    elif chooses_none(text, turn.language):
        said = turn.say("choose.none")
    elif chooses_all(text, turn.language):
        said = turn.say("choose.one")
    else:
        return False
    turn.state["misunderstood"] = turn.conversation.misunderstood + 1
    ask_again(said)
    return True


def type_no_option(turn: Turn, pending: Mapping[str, Any] | None, text: str) -> bool:
    """At the questions before the first one, and at the choice of a model later on; False otherwise."""
    asked = None if pending is None else pending["ask"]
    segment = next_segment(turn.conversation.segments) if turn.running is None else None
    if pending is not None and asked == "segment":
        which = pending["which"]

        def again(said: str) -> None:
            turn.state["pending"] = dict(pending)
            ask_segment(turn, which, said)

        return no_option(turn, text, len(wording.segment_options(turn.language, which)), again)
    if pending is not None and asked == "depth":
        offer = offer_by_prefix(turn, pending["model"])
        return offer is not None and no_option(turn, text, 2, lambda said: ask_depth(turn, offer, said))
    if asked == "need":
        return no_option(turn, text, len(turn.offers), lambda said: ask_need(turn, said))
    if asked == "model":
        return no_option(turn, text, len(turn.offers), lambda said: ask_model(turn, said))
    if turn.running is not None or pending is not None:
        return False
    options = wording.segment_options(turn.language, segment) if segment is not None else turn.offers
    return no_option(turn, text, len(options), lambda said: ask(turn, said))


def type_no_level(turn: Turn, running: Running, text: str) -> bool:
    """At a question with levels: two of them, one and the next question's, none or all; False otherwise."""
    item, item_id = running.open_item, running.assessment.current_item
    if item is None or item_id is None or item.kind != "rubric":
        return False
    highest = len(item.levels)
    if read_number(text, turn.language, count=highest, levels=True) is not None:
        return False
    both = read_then(text, turn.language)
    if both is not None and 1 <= both[0] <= highest:
        _this_and_the_next(turn, running, item_id, both)
        return True
    if turn.conversation.misunderstood >= _TWICE:
        return False
    between = read_between(text, highest, turn.language)
    if between is not None:
        show(turn, *between, hesitating=True)
    elif chooses_none(text, turn.language):
        ask(turn, turn.say("unclear.none"))
        turn.offer_first(turn.choice("question.skip", "do", "skip"))
    elif chooses_all(text, turn.language):
        ask(turn, turn.say("unclear.all"))
    elif fills_everything(text):
        ask(turn, turn.say("unclear.everywhere"))
    else:
        return False
    turn.state["misunderstood"] = turn.conversation.misunderstood + 1
    return True


def type_between(turn: Turn, pending: Mapping[str, Any], text: str) -> bool:
    """One of the two levels that were set side by side: 'de laagste dan maar'; False for anything else."""
    running, item_id = turn.running, None if turn.running is None else turn.running.assessment.current_item
    item = None if running is None else running.open_item
    if running is None or item is None or item_id is None or item.kind != "rubric":
        return False
    reply = read_reply(text, pending["shown"], running.model, item, turn.language)
    if reply is None or reply.kind != "level" or reply.level not in pending["shown"]:
        return False
    record(turn, running, Answer(item_id, "level", reply.level), words=text)
    return True


def type_settled(turn: Turn, running: Running, text: str) -> bool:
    """A level that a longer message comes to in its last words ('... dus een 1'); False where it does not."""
    item, item_id = running.open_item, running.assessment.current_item
    if item is None or item_id is None or item.kind != "rubric":
        return False
    level = read_settled(text, surely=True)
    if level is None or not 1 <= level <= len(item.levels):
        return False
    record(turn, running, Answer(item_id, "level", level), words=text)
    return True


def _this_and_the_next(turn: Turn, running: Running, item_id: str, both: tuple[int, int]) -> None:
    """Record the first number here; the second one is proposed at the next question, never taken."""
    if item_id not in running.stored:
        put_ahead(turn, running, both[1], turn.words)
    record(turn, running, Answer(item_id, "level", both[0]), words=turn.words)
