"""The kinds of items: whether an answer fits its item, and what of an item is still to be asked.

An item of kind checklist or positioning is asked in several messages. Which part is open follows from the
answer as it is stored, so that nothing else has to be remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.assessment.answers import PRACTICE_STATES, Answer
from bot.assessment.definitions import Item, ItemKind

POSITIONS = ("today_first", "today_second", "intended_first", "intended_second", "competitor")
"""What a positioning asks, in order: where one leads and is above average, now and later; a competitor."""
LEFT_OPEN = "open"
"""Stands for an aspect where a part of a positioning was left open."""

REST = "rest"
"""The open part of a checklist: what holds of the practices that are not in place."""


def open_part(item: Item, answer: Answer | None) -> str | None:
    """The part of an item that is to be asked now; None when its answer is complete.

    '' without an answer; REST of a checklist; one of POSITIONS of a positioning.
    """
    if answer is None:
        return POSITIONS[0] if item.kind == "positioning" else ""
    if answer.kind != "given":
        return None
    detail = answer.given
    if item.kind == "checklist":
        return REST if "not_in_place" in detail.values() else None
    if item.kind == "positioning":
        return next((key for key in POSITIONS if key not in detail), None)
    return None


def is_complete(item: Item, answer: Answer | None) -> bool:
    """Whether nothing of the item is left to be asked."""
    return open_part(item, answer) is None


def fits(item: Item, answer: Answer) -> bool:
    """Whether this is an answer to such an item, its level or the ids in it included."""
    if answer.kind == "level":
        return item.kind == "rubric" and answer.value in [level.value for level in item.levels]
    if answer.kind == "given":
        return item.kind in _FITS and _FITS[item.kind](item, answer.given)
    return True


def _checklist(item: Item, detail: Mapping[str, str]) -> bool:
    return {part.id for part in item.practices} == set(detail) and all(
        state in PRACTICE_STATES for state in detail.values()
    )


def _choice(item: Item, detail: Mapping[str, str]) -> bool:
    return set(detail) == {"option"} and detail["option"] in [part.id for part in item.options]


def _signals(item: Item, detail: Mapping[str, str]) -> bool:
    return set(detail) <= {part.id for part in item.signals} and set(detail.values()) <= {"yes"}


def _positioning(item: Item, detail: Mapping[str, str]) -> bool:
    known = {part.id for part in item.options}
    for when in ("today", "intended"):
        first, second = detail.get(f"{when}_first"), detail.get(f"{when}_second")
        if first is not None and first == second and first != LEFT_OPEN:
            return False
    return (
        bool(detail)
        and set(detail) <= set(POSITIONS)
        and all(aspect in known or aspect == LEFT_OPEN for aspect in detail.values())
    )


_FITS: Mapping[ItemKind, Callable[[Item, Mapping[str, str]], bool]] = {
    "checklist": _checklist,
    "choice": _choice,
    "signals": _signals,
    "positioning": _positioning,
}
