"""What the same person answered before, which of the answers are old, and when to measure again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.assessment.answers import Answer
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.differences import CARRIES, difference
from bot.assessment.measuring import next_date, stale_items
from bot.assessment.records import MessageLink, StoredAnswer
from bot.service import kind_words, wording
from bot.service.turn import Running, Turn
from bot.texts import say

VISIT = timedelta(hours=12)
"""After such a silence it is another visit."""


def earlier_run(turn: Turn, running: Running) -> Running | None:
    """The newest finished run before this one: of the same model, any version, about the same customers."""
    here = running.assessment
    found = None
    for one in turn.work.assessments(conversation_id=turn.conversation.id):
        if one.id == here.id:
            break
        if (one.model_id, one.business_line, one.status) == (here.model_id, here.business_line, "completed"):
            found = one
    if found is None:
        return None
    stored = {one.answer.item_id: one for one in turn.work.answers(found.id)}
    return Running(found, turn.knowledge.model(turn.work, found.definition_hash), stored)


def agrees(old: MaturityModel, new: MaturityModel) -> bool:
    """Whether two versions ask the same items of the same dimensions, and would score an answer the same."""
    return _frame(old) == _frame(new) and difference(old, new).needed != "major"


def _frame(model: MaturityModel) -> tuple[object, ...]:
    return (
        tuple(dimension.id for dimension in model.dimensions),
        tuple(
            (f"{dimension.id}.{item.id}", item.kind, tuple(part.id for part in item.parts))
            for dimension, item in model.walk()
        ),
    )


def earlier_answer(turn: Turn, running: Running, item_id: str) -> tuple[Item, Answer] | None:
    """The answer of the run before this one, with its item as it was put then; None where it holds no more.

    None too while a later part of the item is asked: the answer is one to the whole item.
    """
    earlier = earlier_run(turn, running)
    stored = None if earlier is None else earlier.stored.get(item_id)
    if earlier is None or stored is None:
        return None
    item = running.model.item(item_id)[1]
    if earlier.assessment.definition_hash == running.assessment.definition_hash:
        return item, stored.answer
    found = difference(earlier.model, running.model).item(item_id)
    if found.carries not in CARRIES[:2] or found.new_parts:
        return None
    spoken = turn.language in earlier.model.languages
    return (earlier.model.item(item_id)[1] if spoken else item), stored.answer


def earlier_line(turn: Turn, found: tuple[Item, Answer]) -> str:
    """The earlier answer in one short line: 'Vorige keer: 2 · Losse acties'."""
    item, answer = found
    return turn.say("again.last_time", answer=kind_words.answer_name(turn.language, item, answer))


def old_answers(running: Running, now: datetime) -> tuple[StoredAnswer, ...]:
    """The answers that hold for more than a year, in the order of the questions."""
    asked = {one: running.stored[one].at for one in running.item_ids if one in running.stored}
    return tuple(running.stored[one] for one in stale_items(asked, now))


def offer_old(
    turn: Turn,
    running: Running,
    then: str,
    before: str | None = None,
    links: tuple[MessageLink, ...] = (),
) -> bool:
    """Offer a second look at answers of more than a year ago; False when there are none, or it was offered.

    `then`: what comes after it, 'q' the open question, 'r' the result.
    """
    old = old_answers(running, turn.now)
    if not old or _offered(turn):
        return False
    run_id = running.assessment.id
    oldest = day(turn.language, local_day(min(one.at for one in old)))
    if len(old) == 1:
        said = turn.say("again.old_one", date=oldest)
    else:
        said = turn.say("again.old_ones", count=len(old), date=oldest)
    turn.state["pending"] = {"ask": "old", "run": run_id, "then": then}
    turn.tell(
        wording.paragraphs(before, said),
        (
            turn.choice("again.leave", "old", run_id, "leave", then),
            turn.choice("again.look", "old", run_id, "look", then),
        ),
        links=links,
    )
    return True


def _offered(turn: Turn) -> bool:
    """Whether a second look was offered in this visit; the transcript knows."""

    def offers(token: str) -> bool:
        press = turn.knowledge.buttons.read(turn.conversation.id, token)
        return press is not None and press[0] == "old"

    if any(offers(button.token) for draft in turn.drafts for button in draft.buttons):
        return True
    then = turn.now
    for message in reversed(turn.work.messages(turn.conversation.id)):
        if then - message.at > VISIT:
            return False
        if any(offers(button.token) for button in message.buttons):
            return True
        then = message.at
    return False


def next_day(running: Running) -> date:
    """The day that is proposed for the next measurement, after a finished one."""
    completed = running.assessment.completed_at or running.assessment.started_at
    return next_date(local_day(completed), running.first_steps)


def next_time(language: str, running: Running) -> str:
    """The proposal in words: 'Meet opnieuw rond 22 mei 2027.'"""
    return say(language, "again.date", date=day(language, next_day(running)))


def local_day(moment: datetime) -> date:
    """The day of a moment, by the clock of the server."""
    return moment.astimezone().date()


def day(language: str, when: date) -> str:
    """'22 mei 2027'."""
    return f"{when.day} {say(language, 'page.months').split()[when.month - 1]} {when.year}"
