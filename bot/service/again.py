"""Putting again what is open, whatever it is, and leaving everything as it stands."""

from __future__ import annotations

from itertools import takewhile

from bot.assessment.records import Message
from bot.service import wording
from bot.service.asking import ask
from bot.service.consent import still_to_agree
from bot.service.turn import Turn

# What is pending beside the open question, which is put in the same message.
_BESIDE = ("contact", "complete")
# How far back in the transcript the message stands that asked what is pending.
_FAR = 40


def ask_as_it_stands(turn: Turn, before: str | None) -> None:
    """Say this, and put again what is open: consent, what was asked in between, or else the open question.

    `before` may be None: then what is open says enough. Nothing is answered or left behind by it: a yes still
    belongs to the question to which it did before.
    """
    if turn.conversation.consent != "given":
        still_to_agree(turn, before)
        return
    pending = turn.conversation.pending
    asked = None if pending is None or pending["ask"] in _BESIDE else _asked(turn)
    if asked is None:
        ask(turn, before)
    else:
        turn.tell(wording.paragraphs(before, asked.text), asked.buttons, links=asked.links, form=asked.form)


def _asked(turn: Turn) -> Message | None:
    """The message that asked last; of those that have put it again since, the first."""
    newest = turn.work.last_seq(turn.conversation.id)
    messages = turn.work.messages(turn.conversation.id, max(0, newest - _FAR))
    asking = [
        one for one in reversed(messages) if one.role == "bot" and (one.buttons or one.form is not None)
    ]
    # What was said in between stands above the question in each of them, and is not to be said again.
    alike = takewhile(lambda one: (one.buttons, one.form) == (asking[0].buttons, asking[0].form), asking)
    return min(alike, key=lambda one: one.seq, default=None)
