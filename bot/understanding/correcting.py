"""A correction in ordinary words, where no question is open: 'the journey map should be a 3 though'.

It names one answer and a level, and a word by which the one is to be the other. Never enough to change
anything, but to ask. What leads to a level ('to', 'naar'), or is called a target, is somebody's aim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.assessment.definitions import MaturityModel
from bot.understanding.exact import is_question, normalise, number_of, words
from bot.understanding.subjects import named_items, subject_words

_LANGUAGES = ("nl", "en")
# In words. Who corrects an answer may say why.
_LONGEST = 28


@dataclass(frozen=True)
class Correction:
    """The answers of which one is meant, and the level it is to get; None where several levels are named."""

    item_ids: tuple[str, ...]
    value: int | None


@cache
def _modal() -> frozenset[str]:
    folder = Path(__file__).parent
    files = [
        yaml.load((folder / f"{code}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for code in _LANGUAGES
    ]
    return frozenset(word for file in files for word in file["correcting"])


def read_correction(text: str, model: MaturityModel, item_ids: Sequence[str]) -> Correction | None:
    """The one answer that a text says should be another, or those that its words may mean; else None."""
    tokens = normalise(text).replace("-", " ").split()
    if len(tokens) > _LONGEST or is_question(text) or not any(token in _modal() for token in tokens):
        return None
    if any(token in words(code).targets for code in _LANGUAGES for token in tokens):
        return None
    names = named_items(tokens, model)
    names = [name for name in names if not name.weak] or names
    found = {tuple(one for one in name.item_ids if one in item_ids) for name in names} - {()}
    taken = {place for name in names for place in range(name.start, name.end)}
    values = _levels(tokens, taken)
    if len(found) != 1 or not values:
        return None
    return Correction(found.pop(), values[0] if len(values) == 1 else None)


def _levels(tokens: Sequence[str], taken: set[int]) -> list[int]:
    """The different levels that stand in it; none where one leads to any."""
    known = subject_words()
    found: dict[int, None] = {}
    for place, token in enumerate(tokens):
        value = None if place in taken else _number(token)
        behind = tokens[place + 1] if place + 1 < len(tokens) else ""
        if value is None or behind in known.units:
            continue
        back = place - 1
        while back >= 0 and tokens[back] in known.articles | known.level:
            back -= 1
        ahead = tokens[back] if back >= 0 else ""
        if ahead in known.to - known.behind:
            return []
        if ahead not in known.denies | known.question:
            found[value] = None
    return list(found)


def _number(token: str) -> int | None:
    """A digit or a number word; 'een', 'a' and 'one' may be no number."""
    for code in _LANGUAGES:
        known = words(code)
        if token in known.articles or token in known.stands_for:
            return None
    return next((n for code in _LANGUAGES if (n := number_of(token, words(code).numbers)) is not None), None)
