"""Measuring again: when, a new run beside the earlier answers, and a second look at what is old."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.assessment.kinds import open_part
from bot.service import wording
from bot.service.answering import ask_which, record
from bot.service.approval import waits
from bot.service.asking import ask
from bot.service.changes import depth_name
from bot.service.choosing import begin_again, newest
from bot.service.earlier import (
    agrees,
    day,
    earlier_answer,
    earlier_run,
    local_day,
    next_day,
    next_time,
    offer_old,
    old_answers,
)
from bot.service.results import show_result
from bot.service.turn import Running, Turn
from bot.understanding.exact import read_yes_no
from bot.understanding.requests import says_same


def measure_again(turn: Turn) -> None:
    """When to measure again, and whether to do so now; before the end, that the date comes with the result.

    What the person typed is a guess: only the button, or its title typed, begins at once.
    """
    running = turn.running
    if running is None or not running.completed:
        ask(turn, turn.say("again.with_result"))
        return
    if waits(turn):
        # When to measure again follows from the result.
        return
    if turn.is_title(turn.words, "again.button", "again.yes"):
        begin(turn, running.assessment.id)
        return
    run_id = running.assessment.id
    due = next_day(running)
    if local_day(turn.now) < due:
        said = next_time(turn.language, running)
    else:
        said = turn.say("again.due", date=day(turn.language, due))
    turn.state["pending"] = {"ask": "again", "run": run_id}
    turn.tell(
        wording.paragraphs(said, turn.say("again.ask", what=_what(turn, running))),
        (turn.choice("again.yes", "remeasure", run_id), turn.choice("again.no", "keep")),
    )


def begin(turn: Turn, run_id: str) -> None:
    """Begin a new run with the newest version, as deep as this one and about the same customers."""
    running = turn.running
    if running is None or run_id != running.assessment.id or not running.completed:
        # A second tap must not begin a third run.
        ask(turn, turn.say("stale.other_run"))
        return
    if waits(turn):
        return
    completed = running.assessment.completed_at or running.assessment.started_at
    said = turn.say("again.begin", what=_what(turn, running), date=day(turn.language, local_day(completed)))
    offer = newest(turn, running)
    if not agrees(running.model, offer.model):
        said = f"{said} {turn.say('again.begin_apart')}"
    begin_again(turn, running, offer, said)


def _what(turn: Turn, running: Running) -> str:
    """Which questions, about whom: 'de snelle scan, over Consumenten'."""
    depth = depth_name(turn, running)
    about = wording.line_name(turn.language, running.assessment)
    return depth if about is None else turn.say("again.what", depth=depth, about=about)


def press_same(turn: Turn, run_id: str, number: str) -> None:
    """The button was tapped that takes over the answer of last time."""
    running = turn.running
    if running is None or run_id != running.assessment.id:
        ask(turn, turn.say("stale.other_run"))
        return
    item_id = running.model.item_ids()[int(number)]
    if item_id == running.assessment.current_item:
        _take_over(turn, running, item_id, None)
        return
    found, held = earlier_answer(turn, running, item_id), running.answers.get(item_id)
    same = found is not None and held == found[1]
    # The second tap of a double tap ends here.
    ask(turn, turn.say("answered.same") if same else turn.say("stale.passed"))


def type_same(turn: Turn, text: str) -> bool:
    """'Hetzelfde' was typed for the open question; False when it is something else that was said."""
    running = turn.running
    item_id = None if running is None else running.assessment.current_item
    if running is None or item_id is None or not says_same(text, turn.language):
        return False
    if not _at_first_part(running, item_id):
        return False
    return _take_over(turn, running, item_id, text)


def _at_first_part(running: Running, item_id: str) -> bool:
    item, held = running.model.item(item_id)[1], running.answers.get(item_id)
    return open_part(item, held) in (None, open_part(item, None))


def _take_over(turn: Turn, running: Running, item_id: str, words: str | None) -> bool:
    found = earlier_answer(turn, running, item_id)
    if not _at_first_part(running, item_id):
        ask(turn, turn.say("stale.passed"))
    elif found is not None:
        record(turn, running, found[1], words=words)
    elif earlier_run(turn, running) is not None:
        ask(turn, turn.say("again.none_here"))
    else:
        return False
    return True


def press_old(turn: Turn, run_id: str, what: str, then: str) -> None:
    """Whether to look again at old answers was tapped; `then`: what comes after it."""
    running = turn.running
    if running is None or run_id != running.assessment.id:
        ask(turn, turn.say("stale.other_run"))
        return
    old = tuple(one.answer.item_id for one in old_answers(running, turn.now))
    if what == "look" and old:
        ask_which(turn, running, None, old)
    elif then == "r" and running.completed:
        result_again(turn, running)
    else:
        ask(turn, turn.say("change.kept"))


def type_old(turn: Turn, pending: Mapping[str, Any], text: str, meaning: str) -> bool:
    """Whether to look again at old answers was typed; a bare answer is none yet: the question comes first."""
    plainly = read_yes_no(text, turn.language)
    if turn.is_title(text, "again.look") or plainly or meaning == "affirm":
        press_old(turn, pending["run"], "look", pending["then"])
    elif (
        turn.is_title(text, "again.leave")
        or plainly is False
        or says_same(text, turn.language)
        or meaning in ("deny", "skip", "dont_know")
    ):
        press_old(turn, pending["run"], "leave", pending["then"])
    elif meaning == "take_answer" and pending["then"] == "q":
        # The open question was not put in this visit, so nothing answers it yet.
        ask(turn, turn.say("again.first_this"))
    else:
        return False
    return True


def show_or_look(turn: Turn, running: Running) -> None:
    """The result that was asked for; before it, once a visit, a second look at answers that are old."""
    if not offer_old(turn, running, "r"):
        result_again(turn, running)


def result_again(turn: Turn, running: Running) -> None:
    """The result once more."""
    lowest, highest = running.model.lowest, running.model.highest
    show_result(turn, running, turn.say("result.again", lowest=lowest, highest=highest))
