"""Going on with a conversation elsewhere, now: a one-time code, and what the two places are told."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from bot.assessment.records import Handover, MessageLink
from bot.service import wording
from bot.service.advisers_questions import recall
from bot.service.asking import ask
from bot.service.codes import Codes, InvalidCode
from bot.service.linking import back_link, come_back
from bot.service.ports import Work
from bot.service.turn import Turn

LASTS = timedelta(minutes=10)
"""How long a code can be used."""

_WEB = "web"
# Channel -> the title of the link that leads there, and how the place is called in a sentence.
_TITLES = {"web": "move.to_web", "telegram": "move.to_telegram", "whatsapp": "move.to_whatsapp"}
_PLACES = {"web": "move.in_web", "telegram": "move.in_telegram", "whatsapp": "move.in_whatsapp"}


def elsewhere(turn: Turn) -> None:
    """Show where one can go on now, each with a link and the same code; an earlier code ends.

    The message holds ids only: the code stands nowhere, it is made when the message is shown. In the web chat
    the way back is shown as well: it opens this chat in the browser of another device.
    """
    handover_id = secrets.token_hex(8)
    codes = turn.knowledge.codes
    code = codes.code("handover", handover_id)
    here = turn.inbound.channel
    others = [place.channel for place in turn.knowledge.places(code) if place.channel != here]
    back = (back_link(turn),) if here == _WEB else ()
    if not others and back:
        come_back(turn)
        return
    if not others:
        ask(turn, turn.say("move.nowhere"))
        return
    turn.work.end_handovers(turn.conversation.id, turn.now)
    turn.work.add_handover(
        Handover(
            id=handover_id,
            mark=codes.mark(code),
            conversation_id=turn.conversation.id,
            created_at=turn.now,
            expires_at=turn.now + LASTS,
        )
    )
    links = tuple(
        MessageLink(f"{handover_id}.{channel}", turn.say(_TITLES[channel]), "move") for channel in others
    )
    said = wording.paragraphs(turn.say("move.what"), turn.say("move.or_by_link") if back else None)
    ask(turn, said, links=(*links, *back))


def take_over(work: Work, codes: Codes, code: str, now: datetime, device: str | None = None) -> Handover:
    """The handover that a code opens, used up by this; its conversation stays locked until the end of `work`.

    `device`: keyed hash of the device, where one may ask again because the answer got lost; the handover that
    it gets then was used before `now`. Raises InvalidCode: 'unknown', 'used' (also where a newer code took
    its place) or 'expired'.
    """
    mark = codes.mark(code)
    handover = work.handover_by_mark(mark)
    conversation = None if handover is None else work.conversation(handover.conversation_id)
    # Read again under the conversation's lock: somebody else may have been quicker.
    handover = work.handover_by_mark(mark)
    if handover is None or conversation is None:
        raise InvalidCode("unknown")
    if handover.used_at is not None:
        known = handover.device
        if device is not None and known is not None and hmac.compare_digest(known, device):
            return handover
        raise InvalidCode("used")
    if now >= handover.expires_at:
        raise InvalidCode("expired")
    work.update_handover(handover.id, used_at=now, device=device)
    return replace(handover, used_at=now, device=device)


def place_name(turn: Turn, channel: str) -> str:
    """How a channel is called in a sentence: 'in Telegram'."""
    return turn.say(_PLACES[channel])


def tell_moved(turn: Turn, channel: str) -> None:
    """Say, in the place that is left, where the conversation goes on."""
    turn.tell(turn.say("move.left", where=turn.say(_PLACES[channel])))


def welcome_here(turn: Turn, channel: str) -> None:
    """Say, in the new place, that the conversation goes on here, and put the open question."""
    ask(turn, turn.say("move.here", where=turn.say(_PLACES[channel])))
    recall(turn)
