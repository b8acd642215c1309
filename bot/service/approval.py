"""Results that a consultant looks at first: nothing of them is told before, in whatever way it is asked."""

from __future__ import annotations

from bot.assessment.records import Assessment
from bot.service.asking import ask
from bot.service.turn import Turn
from bot.service.withholding import is_withheld

__all__ = ["is_withheld", "waits", "withheld"]


def withheld(turn: Turn, assessment: Assessment | None = None) -> bool:
    """Whether nothing may be told of this result yet; without one, of the assessment under way."""
    if assessment is None:
        assessment = None if turn.running is None else turn.running.assessment
    return assessment is not None and is_withheld(turn.campaign, assessment)


def waits(turn: Turn) -> bool:
    """Say that the result is looked at first, where it is; False where it may be told."""
    if not withheld(turn):
        return False
    turn.state["misunderstood"] = 0
    ask(turn, turn.say("consultant.waits"))
    return True
