"""A person, please: recorded for whoever runs this chat, with what they need to get in touch."""

from __future__ import annotations

import secrets

from bot.assessment.records import HelpRequest
from bot.service import rounds, wording
from bot.service.asking import ask
from bot.service.turn import Turn
from bot.understanding.requests import read_contact, removes_contact


def ask_for_person(turn: Turn) -> None:
    """Record that a person is wanted, say what happens next, and go on."""
    # In an anonymous campaign a number is one thing, and what was answered another.
    running = None if rounds.anonymous(turn) else turn.running
    # One open wish is enough: who asks three times is not three people.
    held = [one for one in turn.work.help_requests(turn.conversation.id) if one.contact is None]
    request_id = held[-1].id if held else secrets.token_hex(8)
    contact = read_contact(turn.words)
    if not held:
        turn.work.add_help_request(
            HelpRequest(
                id=request_id,
                conversation_id=turn.conversation.id,
                assessment_id=None if running is None else running.assessment.id,
                item_id=None if running is None else running.assessment.current_item,
                contact=contact,
                at=turn.now,
            )
        )
    elif contact is not None:
        turn.work.update_help_request(request_id, contact)
    if contact is not None:
        ask(turn, _contact_noted(turn))
        return
    turn.state["pending"] = {"ask": "contact", "request": request_id}
    how = turn.say("human.how_anonymous" if rounds.anonymous(turn) else "human.how")
    ask(turn, wording.paragraphs(_who(turn), how))


def _who(turn: Turn) -> str:
    """That it is noted, and who can be reached directly, if anybody said how."""
    contact = rounds.contact(turn)
    if rounds.anonymous(turn):
        if contact is None:
            return turn.say("human.noted_anonymous")
        return turn.say("human.noted_anonymous_with_contact", contact=contact)
    if contact is None:
        return turn.say("human.noted")
    return turn.say("human.noted_with_contact", contact=contact)


def _contact_noted(turn: Turn) -> str:
    """That somebody can get in touch now; who was anonymous is not any more."""
    return turn.say("human.contact_noted_anonymous" if rounds.anonymous(turn) else "human.contact_noted")


def privacy(turn: Turn) -> str:
    """What is kept, who reads it, and whom to ask about it."""
    contact = rounds.contact(turn)
    asking = None if contact is None else turn.say("privacy.contact", contact=contact)
    return wording.paragraphs(rounds.privacy(turn), asking)


def take_contact(turn: Turn, request_id: str, text: str) -> bool:
    """Note how whoever asked can be reached; False when the text does not say so."""
    contact = read_contact(text)
    if contact is None:
        return False
    turn.work.update_help_request(request_id, contact)
    ask(turn, _contact_noted(turn))
    return True


def before_consent(turn: Turn) -> str:
    """What to say to somebody who wants a person and has not agreed to anything being kept."""
    contact = rounds.contact(turn)
    if contact is None:
        return turn.say("human.before_consent")
    return turn.say("human.before_consent_with_contact", contact=contact)


def withdraw_contact(turn: Turn, text: str) -> bool:
    """Forget the number or address that was left, when that is asked; False for anything else."""
    if not removes_contact(text, turn.language):
        return False
    left = [one for one in turn.work.help_requests(turn.conversation.id) if one.contact is not None]
    for one in left:
        turn.work.update_help_request(one.id, None)
    if left:
        ask(turn, turn.say("human.contact_withdrawn"))
    return bool(left)
