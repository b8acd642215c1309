"""Reminders, in the conversation: agreeing to them and ending them, wherever one is in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.assessment.records import Campaign, Conversation
from bot.assessment.reminding import Reminding
from bot.service.asking import ask
from bot.service.campaign_input import HOME
from bot.service.campaigns import phase
from bot.service.linking import back_link
from bot.service.turn import Turn

WITHOUT_CAMPAIGN = 1
"""Outside a campaign nobody has said how many there may be: one for each time that it is wished for."""


def most(campaign: Campaign | None, now: datetime) -> int:
    """How many reminders one respondent may get; none where the campaign is not open."""
    if campaign is None:
        return WITHOUT_CAMPAIGN
    return campaign.reminders if phase(campaign, now) == "open" else 0


def agreed(conversation: Conversation) -> Reminding | None:
    """What was agreed on; None where nothing was, or not any more."""
    held = Reminding.read(conversation.reminding)
    return held if held is not None and held.agreed else None


def offer(turn: Turn) -> None:
    """Put a button for a reminder below the newest message, where one can come and none does yet."""
    held = agreed(turn.conversation)
    comes = held is not None and held.last_at is None
    if _why_not(turn) is None and not comes:
        turn.offer_first(turn.choice("reminding.button", "do", "remind_me"))


def remind_me(turn: Turn) -> None:
    """The person wants to be reminded."""
    why_not = _why_not(turn)
    if why_not is not None:
        if why_not == "reminding.not_here":
            # What helps to come back is the way back.
            ask(turn, f"{turn.say(why_not)} {turn.say('link.back_what')}", links=(back_link(turn),))
        else:
            ask(turn, turn.say(why_not))
        return
    campaign = turn.campaign
    had = _had(turn)
    zone = HOME if campaign is None else campaign.time_zone
    _keep(turn, Reminding(agreed=True, time_zone=zone, sent=had))
    left = most(campaign, turn.now) - had
    ask(turn, turn.say("reminding.agreed" if left == 1 else "reminding.agreed_to_several", most=left))


def no_reminders(turn: Turn) -> None:
    """The person wants none (any more). Nobody is pressed to go on by being told so: that is one tap away."""
    end(turn)
    said = turn.say("reminding.ended")
    if turn.running is None or turn.running.open_item is None:
        ask(turn, said)
    else:
        turn.tell(said, (turn.choice("side.continue", "do", "repeat"),))


def end(turn: Turn) -> bool:
    """No more reminders; whether any were agreed on."""
    held = agreed(turn.conversation)
    if held is None:
        return False
    _keep(turn, replace(held, agreed=False, hurried_at=None))
    return True


def _keep(turn: Turn, reminding: Reminding) -> None:
    turn.state["reminding"] = reminding.data()
    turn.conversation = replace(turn.conversation, reminding=reminding.data())


def _had(turn: Turn) -> int:
    """How many reminders count so far; outside a campaign each wish stands alone."""
    held = Reminding.read(turn.conversation.reminding)
    return 0 if held is None or turn.campaign is None else held.sent


def _why_not(turn: Turn) -> str | None:
    """The key of the sentence that says why no reminder can come; None where one can."""
    if turn.running is not None and turn.running.completed:
        return "reminding.finished"
    if turn.conversation.account_id is None:
        return "reminding.not_here"
    allowed = most(turn.campaign, turn.now)
    if allowed == 0:
        return "reminding.off"
    return "reminding.enough" if _had(turn) >= allowed else None
