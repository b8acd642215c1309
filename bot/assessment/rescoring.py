"""What an assessment would be under another version of its model. An explicit act: nothing is kept of it.

Answers carry over as `differences` says; those that do not are left out, so that they count as unanswered.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.assessment.answers import Answer, Answers, given
from bot.assessment.definitions import MaturityModel
from bot.assessment.differences import Difference, difference
from bot.assessment.kinds import fits
from bot.assessment.scoring import Result, score

_KEPT = ("carries over", "carries over, wording changed")


@dataclass(frozen=True)
class Rescored:
    """Both results, and what became of the answers.

    `taken`: ids of the items whose answers count in `after`. `left`: (item id, what becomes of its answer) of
    those that do not, in the old version's order. `new`: items of the newer version without one.
    """

    before: Result
    after: Result
    taken: tuple[str, ...]
    left: tuple[tuple[str, str], ...]
    new: tuple[str, ...]
    difference: Difference


def rescore(
    old: MaturityModel, new: MaturityModel, answers: Answers, *, asked: Collection[str] | None = None
) -> Rescored:
    """Score the answers under the version that they were given to, and under another one.

    `asked`: the items of this depth in the old version, None for all; a quick scan stays one. Targets are the
    defaults on both sides, since a chosen level may mean something else now. ValueError when the two are not
    versions of one model.
    """
    found = difference(old, new)
    carried, left = carry(found, new, answers)
    depth = None if asked is None else new.quick_ids()
    known = new.item_ids() if depth is None else depth
    return Rescored(
        before=score(old, answers, asked=asked),
        after=score(new, {key: answer for key, answer in carried.items() if key in known}, asked=depth),
        taken=tuple(key for key in new.item_ids() if key in carried and key in known),
        left=tuple(left),
        new=tuple(key for key in known if key not in carried and new.item(key)[1].scored),
        difference=found,
    )


def carry(
    found: Difference, new: MaturityModel, answers: Answers
) -> tuple[dict[str, Answer], list[tuple[str, str]]]:
    """The answers as `new` takes them, by its ids; and (item id, what becomes of it) of all others.

    `found`: what changed from the version that the answers were given to.
    """
    moved = {move.item_id: move.new_id for move in found.moved}
    carried: dict[str, Answer] = {}
    left: list[tuple[str, str]] = []
    for one in found.items:
        answer = answers.get(one.item_id)
        if answer is None:
            continue
        there = moved.get(one.item_id, one.item_id)
        kept = _carried(new, there, answer, one.carries, dict(one.parts))
        if kept is None:
            left.append((one.item_id, one.carries))
        else:
            carried[there] = kept
    return carried, left


def _carried(
    new: MaturityModel, item_id: str, answer: Answer, carries: str, parts: dict[str, str]
) -> Answer | None:
    """The answer as the newer version takes it; None when it does not carry over.

    Of a checklist what was said of each practice that carries over; the others are not known.
    """
    if item_id not in new.item_ids():
        return None
    item = new.item(item_id)[1]
    if answer.kind == "given" and item.kind == "checklist":
        kept = {
            part.id: answer.given[part.id]
            if parts.get(part.id) in _KEPT and part.id in answer.given
            else "dont_know"
            for part in item.practices
        }
        if all(state == "dont_know" for state in kept.values()):
            return None
        return given(item_id, kept)
    if carries not in _KEPT:
        return None
    moved = Answer(item_id, answer.kind, answer.value, answer.detail)
    return moved if fits(item, moved) else None
