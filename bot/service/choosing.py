"""Choosing a maturity model, beginning with it, and starting over."""

from __future__ import annotations

import secrets

from bot.assessment.records import Assessment
from bot.assessment.segments import first_line, next_segment, other_line
from bot.assessment.session import next_item
from bot.service import wording
from bot.service.asking import ask, ask_model, offer_other_line
from bot.service.turn import Offer, Turn
from bot.understanding.exact import normalise, read_number


def start(turn: Turn, before: str | None) -> None:
    """Begin: first the segments that are open, then the model; at once where there is one to begin with."""
    fitting = turn.fitting_offers
    if next_segment(turn.conversation.segments) is not None:
        ask(turn, before)
    elif len(fitting) == 1:
        _begin(turn, fitting[0], before)
    else:
        ask_model(turn, before)


def begin_other_line(turn: Turn, run_id: str) -> None:
    """Begin the second run, about the other business line; what is known is not asked again."""
    running = turn.running
    wanted = None if running is None or run_id != running.assessment.id else offer_other_line(turn, running)
    if running is None or wanted is None or not running.completed:
        ask(turn, turn.say("stale.unknown"))
        return
    # The newest version of the same model; its own snapshot where it is not on offer any more.
    same = [offer for offer in turn.offers if offer.model.id == running.model.id]
    offer = same[0] if same else Offer(running.assessment.definition_hash, running.model)
    begun = turn.say("second_line.begin", line=wording.option_name(turn.language, wanted))
    _begin(turn, offer, begun, line=wanted)


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


def _begin(turn: Turn, offer: Offer, before: str | None, *, line: str | None = None) -> None:
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
        business_line=line or _line(turn),
    )
    turn.work.add_assessment(assessment)
    turn.state["assessment_id"] = assessment.id
    turn.resume(assessment, offer.model)
    ask(turn, before)


def _line(turn: Turn) -> str | None:
    """The business line to begin with: that of the run before this one, where that was the second."""
    segments = turn.conversation.segments
    line = first_line(segments)
    runs = turn.work.assessments(conversation_id=turn.conversation.id)
    before = runs[-1].business_line if runs else None
    return before if before is not None and before == other_line(segments, line) else line


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
    if not running.completed:
        turn.work.update_assessment(run_id, status="abandoned", current_item=None)
    turn.running = None
    turn.state["assessment_id"] = None
    start(turn, turn.say("start_over.done"))
