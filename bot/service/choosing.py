"""Choosing a maturity model, beginning with it, and starting over."""

from __future__ import annotations

import secrets

from bot.assessment.records import Assessment
from bot.assessment.session import next_item
from bot.service.asking import ask, ask_model
from bot.service.turn import Offer, Turn
from bot.understanding.exact import normalise, read_number


def start(turn: Turn, before: str) -> None:
    """Begin: at once where there is one model to begin with, else ask which."""
    fitting = turn.fitting_offers
    if len(fitting) == 1:
        _begin(turn, fitting[0], before)
    else:
        ask_model(turn, before)


def choose(turn: Turn, text: str) -> bool:
    """Begin with the model whose number, name or id this is; False when it is none."""
    plain = normalise(text)
    said = read_number(text, turn.language)
    for number, offer in enumerate(turn.offers, start=1):
        names = {normalise(name) for name in offer.model.name.values()}
        if plain in names | {offer.model.id} or said == number:
            _begin(turn, offer, None)
            return True
    return False


def press_model(turn: Turn, hash_prefix: str) -> None:
    """The button of a maturity model was tapped."""
    chosen = next((offer for offer in turn.offers if offer.hash.startswith(hash_prefix)), None)
    if turn.running is not None:
        ask(turn, None)
    elif chosen is None:
        ask_model(turn, turn.say("choose.unclear"))
    else:
        _begin(turn, chosen, None)


def _begin(turn: Turn, offer: Offer, before: str | None) -> None:
    assessment = Assessment(
        id=secrets.token_hex(8),
        conversation_id=turn.conversation.id,
        definition_hash=offer.hash,
        model_id=offer.model.id,
        model_version=offer.model.version,
        status="active",
        current_item=next_item(offer.model, {}),
        started_at=turn.now,
        completed_at=None,
    )
    turn.work.add_assessment(assessment)
    turn.state["assessment_id"] = assessment.id
    turn.resume(assessment, offer.model)
    ask(turn, before)


def ask_to_start_over(turn: Turn) -> None:
    """Ask whether to begin anew."""
    if turn.running is None:
        ask(turn, None)
        return
    run_id = turn.running.assessment.id
    turn.state["pending"] = {"ask": "start_over", "run": run_id}
    turn.tell(
        turn.say("start_over.ask"),
        (
            turn.choice("start_over.yes", "over", "yes", run_id),
            turn.choice("start_over.no", "over", "no", run_id),
        ),
    )


def start_over(turn: Turn, agreed: bool, run_id: str) -> None:
    """Begin anew, or not. The answers of the former run stay where they are."""
    running = turn.running
    # The button says which run it meant: a second tap must not throw away the new one.
    if not agreed or running is None or running.assessment.id != run_id:
        ask(turn, None)
        return
    if running.assessment.status == "active":
        turn.work.update_assessment(run_id, status="abandoned", current_item=None)
    turn.running = None
    turn.state["assessment_id"] = None
    start(turn, turn.say("start_over.done"))
