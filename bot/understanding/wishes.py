"""How much of a model somebody wants, said in passing: 'ik heb weinig tijd', 'crm, maar de korte'."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from bot.understanding.exact import is_question, normalise, words

_LANGUAGES = ("nl", "en")
# In words. A longer text is about the company.
_LONGEST = 14


@cache
def _phrases(language: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    path = Path(__file__).parent / f"{language}.yml"
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {
        depth: tuple(tuple(normalise(one).split()) for one in data[f"wish_{depth}"])
        for depth in ("quick", "full")
    }


def read_wish(text: str, language: str) -> Literal["quick", "full"] | None:
    """Whether a short text wishes for a short round or for all of it; None for neither, both, or a denial."""
    tokens = normalise(text).replace("-", " ").split()
    if len(tokens) > _LONGEST or is_question(text):
        return None
    denies = frozenset[str]().union(*(words(code).not_this for code in _LANGUAGES))
    found: set[Literal["quick", "full"]] = set()
    for code in dict.fromkeys((language, *_LANGUAGES)):
        for depth in ("quick", "full"):
            for phrase in _phrases(code)[depth]:
                for place in range(len(tokens) - len(phrase) + 1):
                    if tuple(tokens[place : place + len(phrase)]) == phrase:
                        if tokens[max(0, place - 1)] in denies and phrase[0] not in denies:
                            return None
                        found.add("quick" if depth == "quick" else "full")
    return found.pop() if len(found) == 1 else None
