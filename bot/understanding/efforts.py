"""What somebody thinks that a step brings and takes: little, some or much of each, in their own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from bot.understanding.exact import is_question, normalise, words
from bot.understanding.several import is_slip

_LANGUAGES = ("nl", "en")
# In words. A longer text is a story about the step.
_LONGEST = 14
_MENDED = 4
_JOINS = re.compile(r"[,;:/\n.]+")

Asked = Literal["benefit", "investment"]


@dataclass(frozen=True)
class Efforts:
    """Benefit and investment from 1 (little) to 3 (much); None for what the text does not say."""

    benefit: int | None = None
    investment: int | None = None


@cache
def _phrases(language: str) -> dict[tuple[str, ...], str]:
    """Words -> their sign: 1, 2, 3 (an amount), x, y, z (so much work), b, i (of what), e (and), n (not)."""
    found: dict[tuple[str, ...], str] = {}
    for code in (language, *(one for one in _LANGUAGES if one != language)):
        data = yaml.load(
            (Path(__file__).parent / f"{code}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
        )
        listed = [(str(amount), data["efforts_amounts"][amount]) for amount in (1, 2, 3)]
        listed += [("xyz"[amount - 1], data["efforts_of_work"][amount]) for amount in (1, 2, 3)]
        listed += [("b", data["efforts_benefit"]), ("i", data["efforts_investment"])]
        listed += [("e", data["efforts_joins"])]
        for sign, phrases in listed:
            for phrase in phrases:
                found.setdefault(tuple(normalise(phrase).split()), sign)
        for word in words(code).not_this:
            found.setdefault((word,), "n")
        for amount in (1, 2, 3):
            found.setdefault((str(amount),), str(amount))
    return found


def read_efforts(text: str, asked: Asked, language: str) -> Efforts | None:
    """What a text says of benefit and investment; None when it says nothing plain of either.

    `asked`: what one amount without a name is about. Two without names are benefit and investment.
    """
    if len(text.split()) > _LONGEST or is_question(text) or re.search(r"\d\s*[.,]\s*\d|[-–−]\s*\d", text):
        return None
    row = "e".join(_row(part, language) for part in _JOINS.split(text))
    if "n" in row:
        return None
    found: dict[str, int] = {}
    loose: list[int] = []
    for clause in _clauses(row):
        amounts = [sign for sign in clause if sign in "123xyz"]
        names = [sign for sign in clause if sign in "bi"]
        if not amounts and not names:
            continue
        if len(amounts) != 1 or len(set(names)) > 1:
            return None
        amount = amounts[0]
        name = "i" if amount in "xyz" else names[0] if names else ""
        value = "xyz".index(amount) + 1 if amount in "xyz" else int(amount)
        if not name:
            loose.append(value)
        elif found.setdefault(name, value) != value:
            return None
    open_ones = [one for one in "bi" if one not in found]
    if len(loose) == 1 and len(open_ones) == 2:
        open_ones = ["b" if asked == "benefit" else "i"]
    if len(loose) > len(open_ones):
        return None
    found |= dict(zip(open_ones, loose, strict=False))
    return Efforts(found.get("b"), found.get("i")) if found else None


def _clauses(row: str) -> list[str]:
    """The row cut where something new begins; without a word between, one name and one amount at a time."""
    clauses: list[str] = []
    for part in row.split("e"):
        signs = re.sub("[^123xyzbi]", "", part)
        if re.fullmatch("(?:[123][bi]){2}|(?:[bi][123]){2}|[123]{2}|[123][xyz]", signs):
            half = len(signs) // 2
            clauses += [signs[:half], signs[half:]]
        else:
            clauses.append(signs)
    return clauses


def _row(text: str, language: str) -> str:
    known = _phrases(language)
    longest = max(len(phrase) for phrase in known)
    tokens = normalise(text).replace("-", " ").split()
    row: list[str] = []
    place = 0
    while place < len(tokens):
        for length in range(min(longest, len(tokens) - place), 0, -1):
            said = tuple(tokens[place : place + length])
            sign = known.get(said) or (_mended(said[0], known) if length == 1 else None)
            if sign is not None:
                row.append(sign)
                place += length
                break
        else:
            row.append("o")
            place += 1
    return "".join(row)


def _mended(said: str, known: dict[tuple[str, ...], str]) -> str | None:
    if len(said) <= _MENDED:
        return None
    near = {
        sign
        for phrase, sign in known.items()
        if len(phrase) == 1 and len(phrase[0]) >= _MENDED and is_slip(said, phrase[0])
    }
    return near.pop() if len(near) == 1 else None


def asks_to_see(text: str) -> bool:
    """Whether a text asks to see something rather than to do it ('toon de matrix')."""
    tokens = set(normalise(text).split())
    return any(tokens & _shows(code) for code in _LANGUAGES)


@cache
def _shows(language: str) -> frozenset[str]:
    data = yaml.load(
        (Path(__file__).parent / f"{language}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )
    return frozenset(data["efforts_show"])
