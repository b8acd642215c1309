"""Choosing a maturity model and how much of it, beginning with it, going on with another, starting over."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from bot.assessment.records import Assessment, Depth
from bot.assessment.segments import first_line, next_segment, other_line
from bot.assessment.session import next_item
from bot.service import rounds, wording
from bot.service.asking import (
    ask,
    ask_depth,
    ask_model,
    ask_need,
    offer_by_prefix,
    offer_other_line,
)
from bot.service.results import show_result
from bot.service.turn import Offer, Running, Turn
from bot.understanding.exact import is_question, is_short_name, normalise, read_number
from bot.understanding.requests import asks_for_quick, compares, opens_depth, points_to, read_depth
from bot.understanding.wishes import read_wish


def start(turn: Turn, before: str | None, *, afresh: bool = False) -> None:
    """Begin: first the segments that are open, then the model; at once where there is one to begin with.

    `afresh`: also where that one has a result already.
    """
    fitting = turn.fitting_offers
    if next_segment(turn.conversation.segments) is not None:
        ask(turn, before)
    elif len(fitting) == 1:
        take(turn, fitting[0], before, afresh=afresh)
    else:
        ask_model(turn, before)


def take(
    turn: Turn,
    offer: Offer,
    before: str | None = None,
    *,
    afresh: bool = False,
    wish: Depth | None = None,
) -> None:
    """Go on with this model: a run that was left in the middle, or else a new one, its depth asked first.

    `wish`: the depth that was said with the model; then it is not asked.
    """
    unfinished = _unfinished(turn, offer)
    if unfinished is not None:
        _resume(turn, unfinished)
        return
    done = finished(turn, offer.model.id)
    if done is not None and not afresh:
        _ask_again_or_see(turn, offer, done)
        return
    known = _known_depth(turn) or wish
    if offer.model.quick_minutes is None:
        _begin(turn, offer, before)
    elif known is not None:
        _begin(turn, offer, before, depth="quick" if known == "quick" else "full")
    else:
        ask_depth(turn, offer, before)


def _known_depth(turn: Turn) -> str | None:
    """How much is done, where that is not to be asked: the campaign says so, or where it was begun."""
    return rounds.known_depth(turn.campaign, turn.conversation)


def finished(turn: Turn, model_id: str) -> Assessment | None:
    """The newest run of this model that has a result, about the customers that a new one would be about."""
    runs = turn.work.assessments(conversation_id=turn.conversation.id)
    line = _line(turn)
    return next(
        (
            one
            for one in reversed(runs)
            if one.model_id == model_id and one.status == "completed" and one.business_line == line
        ),
        None,
    )


def _ask_again_or_see(turn: Turn, offer: Offer, done: Assessment) -> None:
    """This one has a result: to see it, to complete a quick scan, or to do it all again."""
    turn.state["pending"] = {"ask": "done", "model": offer.hash[:24], "run": done.id}
    buttons = [turn.choice("again.see", "see", done.id)]
    if done.depth == "quick" and rounds.may_deepen(turn):
        buttons.append(turn.choice("depth.deepen", "deepen", done.id))
    buttons.append(turn.choice("again.afresh", "afresh", offer.hash[:24]))
    turn.tell(turn.say("again.done_before", name=offer.model.name[turn.language]), tuple(buttons))


def see(turn: Turn, run_id: str) -> None:
    """Go to the result of an earlier run, and show it."""
    assessment = turn.work.assessment(run_id)
    if (
        assessment is None
        or assessment.conversation_id != turn.conversation.id
        or assessment.status != "completed"
    ):
        ask(turn, turn.say("stale.unknown"))
        return
    turn.state["assessment_id"] = assessment.id
    running = _reread(turn, assessment.id)
    show_result(
        turn,
        running,
        turn.say("result.again", lowest=running.model.lowest, highest=running.model.highest),
    )


def afresh(turn: Turn, hash_prefix: str) -> None:
    """Do a model once more that has a result."""
    offer = offer_by_prefix(turn, hash_prefix)
    if offer is None:
        ask_model(turn, turn.say("choose.unclear"))
    else:
        take(turn, offer, afresh=True)


def type_done(turn: Turn, pending: Mapping[str, Any], text: str, meaning: str) -> bool:
    """Whether to see the result or to begin anew was typed; False when the text says something else."""
    if turn.is_title(text, "again.see") or meaning == "result":
        see(turn, pending["run"])
    elif turn.is_title(text, "depth.deepen") or meaning == "deepen":
        deepen(turn, pending["run"])
    elif turn.is_title(text, "again.afresh") or meaning in ("start_over", "measure_again"):
        afresh(turn, pending["model"])
    else:
        return False
    return True


def named_model(turn: Turn) -> Offer | None:
    """The one model that is named in the text: by its whole name, or a telling word of it."""
    tokens = set(normalise(turn.words).split())
    words: dict[str, set[str]] = {}
    for offer in turn.offers:
        for name in offer.model.name.values():
            for word in normalise(name).split():
                words.setdefault(word, set()).add(offer.model.id)
    named = {
        next(iter(ids))
        for word, ids in words.items()
        if word in tokens and len(ids) == 1 and (len(word) >= _TELLING or is_short_name(word))
    }
    return next((offer for offer in turn.offers if named == {offer.model.id}), None)


def take_named(turn: Turn) -> bool:
    """Go to the model whose name stands in the text, where that is another one; False when none does."""
    offer = named_model(turn)
    asked = (turn.conversation.pending or {}).get("model")
    if offer is None or turn.running is None or (asked is not None and offer.hash.startswith(asked)):
        return False
    if asked is None and offer.model.id == turn.running.model.id:
        return False
    take(turn, offer)
    return True


def press_depth(turn: Turn, hash_prefix: str, depth: str) -> None:
    """The button of a depth was tapped."""
    offer = offer_by_prefix(turn, hash_prefix)
    pending = turn.conversation.pending or {}
    if turn.running is not None and (pending.get("ask"), pending.get("model")) != ("depth", hash_prefix):
        # A button from further up, while something else is asked, or after the end.
        ask(turn, turn.say("stale.passed"))
    elif offer is None:
        ask_model(turn, turn.say("choose.unclear"))
    else:
        _begin_or_resume(turn, offer, "quick" if depth == "quick" else "full")


def type_depth(turn: Turn, pending: Mapping[str, Any], text: str, meaning: str) -> bool:
    """How much of the model was typed; False when the text says something else."""
    offer = offer_by_prefix(turn, pending["model"])
    if offer is None:
        return False
    number = read_number(text, turn.language, count=2)
    depth = read_depth(text, turn.language)
    if depth is None and meaning not in _NEVER_A_DEPTH:
        # 'Quick, I've scones in' leaves nothing.
        depth = opens_depth(text, turn.language)
    if depth is None and meaning in _TELLS:
        depth = read_wish(text, turn.language)
    if turn.is_title(text, "depth.full") or number == 1 or depth == "full":
        _begin_or_resume(turn, offer, "full")
    elif turn.is_title(text, "depth.quick") or number == 2 or depth == "quick":
        _begin_or_resume(turn, offer, "quick")
    elif turn.is_title(text, "depth.other"):
        ask_model(turn, None)
    elif meaning in _ABOUT_DEPTH or compares(text, turn.language):
        _explain_depth(turn, offer)
    else:
        return False
    return True


# What the NLU makes of who tells how much time there is.
_TELLS = ("take_answer", "affirm", "deepen")
_NEVER_A_DEPTH = ("erase", "stop", "start_over")
# While one is asked how much of a model, these ask what the two are.
_ABOUT_DEPTH = ("difference", "explain", "example", "why")


def explain_depth(turn: Turn) -> bool:
    """Say what the two depths are, where one of them is being asked for; False where none is."""
    pending = turn.conversation.pending or {}
    offer = offer_by_prefix(turn, pending["model"]) if pending.get("ask") == "depth" else None
    if offer is not None:
        _explain_depth(turn, offer)
    return offer is not None


def _explain_depth(turn: Turn, offer: Offer) -> None:
    turn.state["misunderstood"] = 0
    model = offer.model
    said = turn.say(
        "depth.what",
        count=len(model.item_ids()),
        minutes=model.minutes,
        quick_count=len(model.quick_ids()),
        quick_minutes=model.quick_minutes or model.minutes,
    )
    ask_depth(turn, offer, said)


# In letters: a shorter word of a name may mean anything.
_TELLING = 8


def shorten(turn: Turn) -> bool:
    """Make a quick scan of the run that was begun in full; False where it is none, or most was answered."""
    running = turn.running
    if running is None or running.completed or running.assessment.depth == "quick":
        return False
    if running.model.quick_minutes is None or not asks_for_quick(turn.words, turn.language):
        return False
    if not rounds.may_shorten(turn):
        ask(turn, turn.say("depth.only_full"))
        return True
    turn.work.update_assessment(running.assessment.id, depth="quick")
    following = _reread(turn, running.assessment.id).following
    if following is None:
        turn.work.update_assessment(running.assessment.id, depth="full")
        _reread(turn, running.assessment.id)
        return False
    turn.work.update_assessment(running.assessment.id, current_item=following)
    _reread(turn, running.assessment.id)
    ask(turn, turn.say("depth.quick_begins"))
    return True


def deepen(turn: Turn, run_id: str | None = None) -> None:
    """Ask what a quick scan left out; no question is repeated. Also that of a model done before this one."""
    running = turn.running
    if run_id is None and shorten(turn):
        return
    if not rounds.may_deepen(turn):
        ask(turn, turn.say("depth.only_quick"))
        return
    runs = turn.work.assessments(conversation_id=turn.conversation.id)
    quick = [one for one in runs if one.depth == "quick" and one.status != "abandoned"]
    if run_id is not None:
        quick = [one for one in quick if one.id == run_id]
    elif running is not None and running.assessment.depth == "quick":
        quick = [running.assessment]
    if not quick:
        # Done already; the question that is open, or what can be done after the end, says the rest.
        ask(turn, turn.say("depth.deep_already") if running is not None and running.completed else None)
        return
    wanted = quick[-1]
    turn.state["assessment_id"] = wanted.id
    turn.work.update_assessment(wanted.id, depth="full")
    following = _reread(turn, wanted.id).following
    if following is not None:
        # With all the questions it is another result, which nobody has looked at.
        again = {"status": "active", "completed_at": None, "approved_at": None, "approved_by": None}
        turn.work.update_assessment(wanted.id, current_item=following, **again)
    done, total = _reread(turn, wanted.id).progress
    ask(turn, turn.say("depth.deepened", left=total - done))


def _begin_or_resume(turn: Turn, offer: Offer, depth: Depth) -> None:
    """A new run; where one of this model was left in the middle, that one goes on."""
    unfinished = _unfinished(turn, offer)
    if unfinished is None:
        _begin(turn, offer, None, depth=depth)
    else:
        _resume(turn, unfinished)


def _reread(turn: Turn, run_id: str) -> Running:
    assessment = turn.work.assessment(run_id)
    assert assessment is not None
    return turn.resume(assessment, turn.knowledge.model(turn.work, assessment.definition_hash))


def begin_other_line(turn: Turn, run_id: str) -> None:
    """Begin the second run, about the other business line; what is known is not asked again."""
    running = turn.running
    wanted = None if running is None or run_id != running.assessment.id else offer_other_line(turn, running)
    if running is None or wanted is None or not running.completed:
        ask(turn, turn.say("stale.unknown"))
        return
    offer = newest(turn, running)
    begun = turn.say("second_line.begin", line=wording.option_name(turn.language, wanted))
    _begin(turn, offer, begun, line=wanted, depth=running.assessment.depth)


def newest(turn: Turn, running: Running) -> Offer:
    """The newest version of the same model; its own snapshot where it is not on offer any more."""
    same = [offer for offer in turn.offers if offer.model.id == running.model.id]
    return same[0] if same else Offer(running.assessment.definition_hash, running.model)


def begin_again(turn: Turn, running: Running, offer: Offer, before: str) -> None:
    """Begin a new run after a finished one, as deep and about the same customers.

    Where one of this model was left in the middle since, that one goes on.
    """
    unfinished = _unfinished(turn, offer)
    if unfinished is not None:
        _resume(turn, unfinished)
        return
    # An answer of it that was being looked at stays as it is.
    turn.work.update_assessment(running.assessment.id, current_item=None)
    depth = "full" if offer.model.quick_minutes is None else running.assessment.depth
    _begin(turn, offer, before, line=running.assessment.business_line, depth=depth, same_line=True)


def read_model(turn: Turn, text: str) -> Offer | None:
    """The model whose number, name, subject or id this is; None when it is none."""
    plain = normalise(text)
    said = read_number(text, turn.language, count=len(turn.offers))
    for number, offer in enumerate(turn.offers, start=1):
        names = {normalise(name) for name in offer.model.name.values()}
        if offer.model.recommend is not None:
            names |= {normalise(label) for label in offer.model.recommend.label.values()}
        if plain in names | {offer.model.id} or said == number:
            return offer
    return None if len(plain.split()) > _SHORT or is_question(text) else _named_or_begun(turn, plain)


# In words. A longer text is about more than a name.
_SHORT = 3
_PARTS = re.compile(r"[.,;:!\n]+")
# In letters: from here on the beginning of a name tells which one it is.
_BEGINNING = 5


def _named_or_begun(turn: Turn, plain: str) -> Offer | None:
    """The one model whose name begins so, or has a word in it that no other one has."""
    begun = [
        offer
        for offer in turn.offers
        if len(plain) >= _BEGINNING
        and any(normalise(name).startswith(plain) for name in offer.model.name.values())
    ]
    return begun[0] if len(begun) == 1 else named_model(turn)


def choose(turn: Turn, text: str) -> bool:
    """Begin with the model that the text names, or recommend the one it points to; False when it is none."""
    offer, wish = read_model(turn, text), read_wish(text, turn.language)
    if offer is None and wish is not None:
        # 'Doe maar de crm-scan, maar dan de korte', 'gimme the first, quick'.
        parts = (read_model(turn, part) for part in _PARTS.split(text))
        offer = named_model(turn) or next((one for one in parts if one is not None), None)
    if offer is not None:
        take(turn, offer, wish=wish)
        return True
    wanted = _pointed_to(turn, text)
    if wanted is not None:
        _recommend(turn, wanted)
    return wanted is not None


def type_need(turn: Turn, text: str, meaning: str) -> bool:
    """What keeps the company busy was typed; who still does not know gets the first model."""
    offer = read_model(turn, text) or _pointed_to(turn, text)
    if offer is None and meaning in ("dont_know", "recommend", "not_applicable", "skip", "deny"):
        offer = turn.offers[0]
    if offer is None and meaning == "take_answer":
        ask_need(turn, turn.say("recommend.unclear"))
        return True
    if offer is None:
        return False
    _recommend(turn, offer)
    return True


def press_need(turn: Turn, hash_prefix: str) -> None:
    """The button of a need was tapped."""
    offer = offer_by_prefix(turn, hash_prefix)
    if offer is None:
        ask_model(turn, turn.say("choose.unclear"))
    else:
        _recommend(turn, offer)


def recommend(turn: Turn) -> None:
    """Which model fits? By what was just said where that points to one, else by asking what is going on."""
    wanted = _pointed_to(turn, turn.words)
    if turn.running is None and next_segment(turn.conversation.segments) is not None:
        ask(turn, None)
    elif wanted is not None:
        _recommend(turn, wanted)
    elif all(offer.model.recommend is None for offer in turn.offers):
        ask_model(turn, turn.say("choose.unclear"))
    else:
        ask_need(turn, None)


def _pointed_to(turn: Turn, text: str) -> Offer | None:
    """The one model that the words of a need point to."""
    known = {
        offer.model.id: offer.model.recommend.words
        for offer in turn.offers
        if offer.model.recommend is not None
    }
    found = points_to(text, known)
    return next((offer for offer in turn.offers if offer.model.id == found), None)


def _recommend(turn: Turn, offer: Offer) -> None:
    unfinished = _unfinished(turn, offer)
    if unfinished is not None:
        _resume(turn, unfinished)
        return
    wanted = offer.model.recommend
    reason = offer.model.summary if wanted is None else wanted.reason
    name = offer.model.name[turn.language]
    said = turn.say("recommend.this", name=name, reason=reason[turn.language])
    if turn.campaign is not None and turn.campaign.depth is not None:
        take(turn, offer, said)
    else:
        ask_depth(turn, offer, said)


def press_model(turn: Turn, hash_prefix: str) -> None:
    """The button of a maturity model was tapped, before the first question."""
    chosen = offer_by_prefix(turn, hash_prefix)
    if turn.running is not None:
        ask(turn, None)
    elif chosen is None:
        ask_model(turn, turn.say("choose.unclear"))
    else:
        take(turn, chosen)


def press_other(turn: Turn, hash_prefix: str) -> None:
    """The button of another maturity model was tapped, in the middle or after the end."""
    chosen = offer_by_prefix(turn, hash_prefix)
    if chosen is None:
        ask_model(turn, turn.say("choose.unclear"))
    else:
        take(turn, chosen)


def another(turn: Turn) -> None:
    """Offer the models once more; who, role and department are known."""
    if turn.running is None:
        choice_comes = next_segment(turn.conversation.segments) is not None and len(turn.offers) > 1
        agreed = turn.conversation.consent == "given"
        ask(turn, turn.say("another.soon") if agreed and choice_comes else None)
        return
    before = None if turn.running.completed else turn.say("another.waits")
    ask_model(turn, before)


def _unfinished(turn: Turn, offer: Offer) -> Assessment | None:
    """The newest run of this model that was left in the middle."""
    runs = turn.work.assessments(conversation_id=turn.conversation.id)
    return next(
        (one for one in reversed(runs) if one.model_id == offer.model.id and one.status == "active"), None
    )


def _resume(turn: Turn, assessment: Assessment) -> None:
    turn.state["assessment_id"] = assessment.id
    running = _reread(turn, assessment.id)
    ask(turn, turn.say("another.goes_on", name=running.model.name[turn.language]))


def _begin(
    turn: Turn,
    offer: Offer,
    before: str | None,
    *,
    line: str | None = None,
    depth: Depth = "full",
    same_line: bool = False,
) -> None:
    """`same_line`: about the customers that `line` says, also where it says none."""
    fixed = None if turn.campaign is None else turn.campaign.depth
    if fixed is not None:
        # An old button does not go round it.
        depth = fixed if offer.model.quick_minutes is not None else "full"
    assessment = Assessment(
        id=secrets.token_hex(8),
        conversation_id=turn.conversation.id,
        definition_hash=offer.hash,
        model_id=offer.model.id,
        model_version=offer.model.version,
        status="active",
        current_item=next_item(offer.model, {}, asked=offer.model.quick_ids() if depth == "quick" else None),
        started_at=turn.now,
        completed_at=None,
        business_line=line if same_line else line or _line(turn),
        depth=depth,
        targets=rounds.fixed_targets(turn.campaign, offer.model) or None,
    )
    turn.work.add_assessment(assessment)
    turn.state["assessment_id"] = assessment.id
    turn.resume(assessment, offer.model)
    if depth == "quick":
        only = "depth.quick_begins" if rounds.may_deepen(turn) else "depth.quick_begins_only"
        before = wording.paragraphs(before, turn.say(only))
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
    # What was left in the middle of another model goes too: all of it is begun anew.
    for one in turn.work.assessments(conversation_id=turn.conversation.id):
        if one.status == "active":
            turn.work.update_assessment(one.id, status="abandoned", current_item=None)
    turn.running = None
    turn.state["assessment_id"] = None
    start(turn, turn.say("start_over.done"), afresh=True)
