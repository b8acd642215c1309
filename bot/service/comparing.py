"""What is the difference between two levels of the open question?"""

from __future__ import annotations

from bot.assessment.segments import next_segment
from bot.service import wording
from bot.service.asking import ask
from bot.service.turn import Turn
from bot.understanding.choices import read_between
from bot.understanding.requests import read_levels


def difference(turn: Turn) -> None:
    """Set two levels side by side; ask which, when none is named."""
    item = None if turn.running is None else turn.running.open_item
    if item is None:
        told = next_segment(turn.conversation.segments) is None
        choosing = turn.running is None and told and len(turn.offers) > 1
        ask(turn, turn.say("choose.help" if choosing else "side.nothing_to_repeat"))
        return
    if item.kind != "rubric":
        ask(turn, wording.explanation(turn.language, item))
        return
    # '2,5' lies between 2 and 3; it does not name 2 and 5.
    between = read_between(turn.words, len(item.levels), turn.language)
    if between is not None:
        show(turn, *between, hesitating=True)
        return
    named = read_levels(turn.words, item, turn.language)
    if not named:
        _ask_which(turn, len(item.levels))
        return
    if len(named) == 1:
        # One level alone: against the next one up, since that is what people hesitate about.
        low = min(named[0], len(item.levels) - 1)
        named = (low, low + 1)
    show(turn, min(named[:2]), max(named[:2]))


def show(turn: Turn, low: int, high: int, *, hesitating: bool = False) -> None:
    """These two levels side by side, and the open question; `hesitating`: one of the two is to be chosen."""
    item = None if turn.running is None else turn.running.open_item
    if item is None or not 1 <= low < high <= len(item.levels):
        ask(turn, turn.say("stale.unknown"))
        return
    said = wording.difference(turn.language, item, low, high)
    if not hesitating:
        ask(turn, said)
        return
    ask(turn, wording.paragraphs(said, turn.say("difference.choose")))
    turn.state["pending"] = {"ask": "between", "shown": [low, high]}


def _ask_which(turn: Turn, highest: int) -> None:
    turn.state["pending"] = {"ask": "difference"}
    buttons = tuple(
        turn.choice("difference.pair", "diff", str(low), str(low + 1), low=low, high=low + 1)
        for low in range(1, highest)
    )
    turn.tell(turn.say("difference.which"), buttons)


def type_levels(turn: Turn, text: str) -> bool:
    """The levels to compare were typed; False when the text names none."""
    item = None if turn.running is None else turn.running.open_item
    if item is None or len(text.split()) > 8 or not read_levels(text, item, turn.language):
        return False
    difference(turn)
    return True
