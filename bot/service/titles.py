"""The title of a button that stands in the newest reply, typed instead of tapped, is that tap."""

from __future__ import annotations

import re

from bot.assessment.records import Message
from bot.service.turn import Turn
from bot.understanding.exact import normalise

# What tokens begin with that may be meant by a typed title. Not those that answer, agree or erase: such words
# are read where they are waited for, and say more than a tap.
_MEANT = frozenset(
    {
        *("do", "open", "again", "look", "deepen", "see", "afresh", "remeasure", "line", "later"),
        *("keep", "models", "wl", "wq", "wi", "cq", "cn"),
    }
)
# So many messages a reply has at most, and the person's own.
_FAR = 14
_NUMBERED = re.compile(r"^\s*\d+\s*·\s*")


def typed_title(turn: Turn, text: str) -> tuple[str, ...] | None:
    """What the one button of the newest reply does that has this title; None for none, or for several."""
    plain = normalise(text)
    if not plain or turn.conversation.consent != "given":
        return None
    tokens = {
        button.token
        for message in _newest_reply(turn)
        for button in message.buttons
        if plain in (normalise(button.title), normalise(_NUMBERED.sub("", button.title)))
    }
    if len(tokens) != 1:
        return None
    press = turn.knowledge.buttons.read(turn.conversation.id, tokens.pop())
    return press if press is not None and press[0] in _MEANT else None


def _newest_reply(turn: Turn) -> list[Message]:
    """The messages of the newest reply that has buttons."""
    newest = turn.work.last_seq(turn.conversation.id)
    recent = turn.work.messages(turn.conversation.id, max(0, newest - _FAR))
    said = [one for one in recent if one.role == "bot"]
    last = next((one for one in reversed(said) if one.buttons), None)
    if last is None:
        return []
    return [one for one in said if one.id == last.id or (one.turn_id == last.turn_id is not None)]
