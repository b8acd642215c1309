"""Whether own words may be shown to colleagues in a workshop, without a name: asked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.assessment.records import Button
from bot.service.asking import ask
from bot.service.result_page import answer_view
from bot.service.turn import Running, Turn
from bot.understanding.exact import read_yes_no

# In words: a no that is longer is about something else.
_SHORT = 4


def offer(turn: Turn, running: Running) -> tuple[str, tuple[Button, ...]] | None:
    """The question and its buttons, which then waits for an answer; None where it is not to be asked.

    Asked in campaigns only, once, of who said more in own words than the answers do, and not while anything
    else waits for an answer.
    """
    if turn.campaign is None or turn.conversation.quoting is not None or turn.state.get("pending"):
        return None
    if not _said_more(turn, running):
        return None
    _keep(turn, "ask")
    turn.state["pending"] = {"ask": "quoting"}
    return turn.say("quoting.ask"), (
        turn.choice("quoting.yes", "quote", "yes"),
        turn.choice("quoting.no", "quote", "no"),
    )


def _said_more(turn: Turn, running: Running) -> bool:
    views = (
        answer_view(turn.language, running.model, running.model.item(item_id)[1], stored)
        for item_id, stored in running.stored.items()
    )
    return any(view.words for view in views)


def press_quoting(turn: Turn, said: str) -> None:
    """Yes or no was tapped, below the question or below what is told of privacy."""
    if turn.campaign is None:
        ask(turn, turn.say("stale.unknown"))
        return
    _keep(turn, "yes" if said == "yes" else "no")
    turn.state["misunderstood"] = 0
    ask(turn, turn.say("quoting.may" if said == "yes" else "quoting.may_not"))


def type_quoting(turn: Turn, pending: Mapping[str, Any], text: str, meaning: str) -> bool:
    """Yes or no was typed. A yes takes plain words, never a guess; False for anything else."""
    plainly = read_yes_no(text, turn.language)
    if turn.is_title(text, "quoting.yes") or plainly is True:
        press_quoting(turn, "yes")
    elif turn.is_title(text, "quoting.no") or plainly is False or _leaves_it(text, meaning):
        press_quoting(turn, "no")
    else:
        return False
    return True


def _leaves_it(text: str, meaning: str) -> bool:
    return meaning in ("deny", "skip", "dont_know") and len(text.split()) <= _SHORT


def offer_change(turn: Turn) -> None:
    """Below what is told of privacy: a button to say otherwise, of who was asked."""
    held = turn.conversation.quoting
    if held == "yes":
        turn.offer_last(Button(turn.say("quoting.change_to_no"), turn.token("quote", "no"), "quiet"))
    elif held is not None:
        turn.offer_last(Button(turn.say("quoting.change_to_yes"), turn.token("quote", "yes"), "quiet"))


def told(turn: Turn) -> str | None:
    """What was said of it, for who asks what is kept; None where it was not asked."""
    held = turn.conversation.quoting
    if held is None:
        return None
    return turn.say("my_data.quoting_yes" if held == "yes" else "my_data.quoting_no")


def _keep(turn: Turn, said: str) -> None:
    turn.state["quoting"] = said
    turn.conversation = replace(turn.conversation, quoting=said)
