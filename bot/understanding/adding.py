"""What is added to a list that holds already, or taken from it: '3 ook', 'add 3', 'haal 1 weg'."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.understanding.exact import is_question, normalise
from bot.understanding.several import NoSuchPart, read_parts

_LANGUAGES = ("nl", "en")
# In words. A longer text tells more than what is to be added.
_LONGEST = 14


@dataclass(frozen=True)
class Edit:
    """What comes to a list, and what goes from it, as numbers of its entries."""

    added: frozenset[int]
    taken: frozenset[int]


@dataclass(frozen=True)
class _Words:
    """Phrases, each as its words, the longest first. `first`: they add only where they open the text."""

    add: tuple[tuple[str, ...], ...]
    first: tuple[tuple[str, ...], ...]
    take: tuple[tuple[str, ...], ...]
    only: frozenset[str]
    joins: frozenset[str]


@cache
def _words() -> _Words:
    data = []
    for code in _LANGUAGES:
        path = Path(__file__).parent / f"{code}.yml"
        data.append(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))

    def phrases(key: str) -> tuple[tuple[str, ...], ...]:
        found = {tuple(one.split()) for of_language in data for one in of_language[key]}
        return tuple(sorted(found, key=lambda phrase: (-len(phrase), phrase)))

    return _Words(
        phrases("edit_add"),
        phrases("edit_add_first"),
        phrases("edit_take"),
        frozenset(one for of_language in data for one in of_language["several_only"]),
        frozenset(one for of_language in data for one in of_language["several_but"]),
    )


def read_edit(text: str, names: Sequence[Sequence[str]], language: str) -> Edit | NoSuchPart | None:
    """What a text adds to a list or takes from it; None where it does not say so in words of its own.

    `names`: of each entry, in order of its number, what it is called. '3' alone adds nothing: it means
    just 3. NoSuchPart for a number that the list does not have.
    """
    known = _words()
    if is_question(text) or len(text.split()) > _LONGEST:
        return None
    # A word of the list's own names is that name.
    own = {word for of_entry in names for name in of_entry for word in normalise(name).split()}
    added, taken, waiting = frozenset[int](), frozenset[int](), frozenset[int]()
    said = False
    for place, clause in enumerate(_clauses(text, known.joins)):
        tokens = normalise(clause).replace("-", " ").split()
        if not tokens:
            continue
        if known.only & set(tokens):
            return None
        rest, takes = _without(tokens, known.take, own)
        rest, adds = _without(rest, known.add, own)
        opening = next((one for one in known.first if tuple(rest[: len(one)]) == one), None)
        if opening is not None and not own & set(opening) and (place == 0 or takes or adds):
            rest, adds = rest[len(opening) :], True
        # What stands between the signs is as it was typed: '1-3', 'E-mail'.
        parts = read_parts(clause if not (takes or adds) else " ".join(rest), names, language)
        if isinstance(parts, NoSuchPart):
            return parts if takes or adds or said else None
        if not parts:
            return None
        if takes:
            taken |= parts | waiting
        elif adds:
            added |= parts | waiting
        elif said:
            return None
        waiting = frozenset() if takes or adds else waiting | parts
        said = said or takes or adds
    return Edit(added, taken) if said and not waiting and not added & taken else None


def _clauses(text: str, joins: Iterable[str]) -> list[str]:
    """The text at its commas and at each 'maar'."""
    split = "|".join(rf"\b{re.escape(word)}\b" for word in joins)
    return re.split(rf"[,;\n]|{split}", text.casefold())


def _without(tokens: list[str], phrases: Iterable[tuple[str, ...]], own: set[str]) -> tuple[list[str], bool]:
    """The words without these phrases, and whether one of them stood there."""
    found = False
    for phrase in phrases:
        size = len(phrase)
        for place in range(len(tokens) - size, -1, -1):
            if tuple(tokens[place : place + size]) == phrase and not own & set(phrase):
                tokens = tokens[:place] + tokens[place + size :]
                found = True
    return tokens, found
