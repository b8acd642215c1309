"""What somebody aims at: which dimensions a text names, each with a level, staying, or the default again.

A text becomes a row of signs: dimensions, values, and words that join or turn round. Our own rule: a level is
taken only where it is plain which dimension it belongs to; what is named without one is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from bot.assessment.definitions import MaturityModel
from bot.understanding.exact import is_question, normalise, words
from bot.understanding.several import is_slip

_LANGUAGES = ("nl", "en")

Aim = int | Literal["stay", "default"]
"""A level of the model, the level of today, or what the model itself aims at."""

EVERYTHING = "*"
"""Stands for all dimensions at once."""

# Shorter words are not mended when they are mistyped, and stand for no longer name.
_MENDED = 5
_NAME_WORD = 5
# Half a level, and a minus sign, are no level.
_NO_LEVEL = re.compile(r"\d\s*[.,]\s*\d|(?<![\w])[-–−]\s*\d|\d\s*[%€$<>±~]|[<>±~]\s*\d")
# In characters. A longer text is a story.
_LONGEST = 400


@dataclass(frozen=True)
class Aims:
    """What a text aims at. `aims`: dimension id, or EVERYTHING, -> what is wanted there.

    `named`: dimensions (or EVERYTHING) without anything that is plainly wanted there, in the order of the
    text. `loose`: what is wanted, where no dimension is named. `no_level`: a number that is no level here.
    """

    aims: Mapping[str, Aim] = field(default_factory=dict)
    named: tuple[str, ...] = ()
    loose: Aim | None = None
    no_level: int | None = None


@dataclass(frozen=True)
class _Sign:
    """One sign of a text. `kind`: d(imension), v(alue), n(ot), f(rom), i(nstead of), t(o), o(ther)."""

    kind: str
    ids: tuple[str, ...] = ()
    value: Aim | None = None


@dataclass(frozen=True)
class _Known:
    """The words of both languages. `phrases`: words -> what they stand for; `levels`: what announces one."""

    phrases: Mapping[tuple[str, ...], _Sign]
    levels: frozenset[str]
    units: frozenset[str]


@cache
def _known() -> _Known:
    phrases: dict[tuple[str, ...], _Sign] = {}
    levels: set[str] = set()
    units: set[str] = set()
    kinds = {
        "aims_stay": _Sign("v", value="stay"),
        "aims_default": _Sign("v", value="default"),
        "aims_everything": _Sign("d", (EVERYTHING,)),
        "aims_from": _Sign("f"),
        "aims_instead": _Sign("i"),
        "aims_to": _Sign("t"),
    }
    for code in _LANGUAGES:
        data = yaml.load(
            (Path(__file__).parent / f"{code}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
        )
        for key, sign in kinds.items():
            for phrase in data[key]:
                phrases.setdefault(tuple(_tokens(phrase)), sign)
        for word in words(code).not_this:
            phrases.setdefault((word,), _Sign("n"))
        levels |= set(data["aims_levels"])
        units |= set(data["aims_units"])
    return _Known(phrases, frozenset(levels), frozenset(units))


def _tokens(text: str) -> list[str]:
    plain = normalise(text).replace("-", " ")
    return re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", " ", plain).split()


def read_aims(text: str, model: MaturityModel, language: str) -> Aims:
    """What a text aims at: 'data 4, mensen 3', 'blijven bij mensen', 'alles op 3', 'data'.

    Dimensions and levels by their names in each language of the model, with a slip of the keys; levels by
    number too. A question changes nothing: what it names is only named.
    """
    if len(text) > _LONGEST:
        return Aims()
    signs = _signs(text, model, language)
    dimensions = tuple(dict.fromkeys(one for sign in signs if sign.kind == "d" for one in sign.ids))
    named = dimensions
    if is_question(text) or _NO_LEVEL.search(text):
        return Aims(named=named)
    signs = _wanted(signs)
    wrong = next((s.value for s in signs if s.kind == "v" and not _is_level(s.value, model)), None)
    if isinstance(wrong, int):
        return Aims(named=named, no_level=wrong)
    values = {sign.value for sign in signs if sign.kind == "v"}
    if not dimensions:
        loose = values.pop() if len(values) == 1 else None
        return Aims(loose=loose)
    aims = _paired(signs)
    if aims is None:
        return Aims(named=named)
    return Aims(aims=aims, named=tuple(one for one in named if one not in aims))


# In words. Who says no more than where to get to says it in a few.
_SHORT = 6


def sets_aims(text: str, model: MaturityModel, language: str) -> bool:
    """Whether a short text sets a level to get to: '5 for customer value'."""
    return len(text.split()) <= _SHORT and bool(read_aims(text, model, language).aims)


def reads_done(text: str) -> bool:
    """Whether a text says that the choosing is over ('klaar', 'dat was het')."""
    plain = " ".join(_tokens(text))
    return any(plain == " ".join(_tokens(phrase)) for phrase in _done())


@cache
def _done() -> frozenset[str]:
    found: set[str] = set()
    for code in _LANGUAGES:
        data = yaml.load(
            (Path(__file__).parent / f"{code}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
        )
        found |= set(data["aims_done"])
    return frozenset(found)


def _is_level(value: Aim | None, model: MaturityModel) -> bool:
    return not isinstance(value, int) or model.lowest <= value <= model.highest


def _names(model: MaturityModel) -> dict[tuple[str, ...], _Sign]:
    """What dimensions and levels are called; one word of a name where no other dimension has it."""
    found: dict[tuple[str, ...], _Sign] = {}
    parts: dict[str, set[str]] = {}
    for dimension in model.dimensions:
        for code in model.languages:
            title = tuple(_tokens(dimension.title[code]))
            found[title] = _Sign("d", (dimension.id,))
            for word in title:
                if len(word) >= _NAME_WORD:
                    parts.setdefault(word, set()).add(dimension.id)
    for word, ids in parts.items():
        if len(ids) == 1:
            found.setdefault((word,), _Sign("d", tuple(ids)))
    for code in model.languages:
        for word in words(code).highest:
            found.setdefault((word,), _Sign("v", value=model.highest))
    for level in model.levels:
        for code in model.languages:
            found.setdefault(tuple(_tokens(level.name[code])), _Sign("v", value=level.value))
    return found


def _signs(text: str, model: MaturityModel, language: str) -> list[_Sign]:
    known = _known()
    names = {**known.phrases, **_names(model)}
    longest = max(len(phrase) for phrase in names)
    tokens = _tokens(text)
    signs: list[_Sign] = []
    place = 0
    while place < len(tokens):
        for length in range(min(longest, len(tokens) - place), 0, -1):
            sign = _named(tuple(tokens[place : place + length]), names)
            if sign is not None:
                signs.append(sign)
                place += length
                break
        else:
            signs.append(_number(tokens, place, language, known))
            place += 1
    return signs


def _named(said: tuple[str, ...], names: Mapping[tuple[str, ...], _Sign]) -> _Sign | None:
    """What these words stand for, one of them with a slip of the keys perhaps."""
    if said in names:
        return names[said]
    if max(len(word) for word in said) < _MENDED:
        return None
    found = [
        sign
        for phrase, sign in names.items()
        if len(phrase) == len(said)
        and all(
            one == other or (len(other) >= _MENDED and is_slip(one, other))
            for one, other in zip(said, phrase, strict=True)
        )
    ]
    return found[0] if found and all(sign == found[0] for sign in found) else None


def _number(tokens: list[str], place: int, language: str, known: _Known) -> _Sign:
    token = tokens[place]
    ahead = tokens[place - 1] if place else ""
    behind = tokens[place + 1] if place + 1 < len(tokens) else ""
    if behind in known.units or (len(token) > 2 and token.isdigit()):
        return _Sign("o")
    if token.isascii() and token.isdigit():
        return _Sign("v", value=int(token))
    for code in (language, *(code for code in _LANGUAGES if code != language)):
        number = words(code).numbers.get(token)
        # 'een' is an article far more often than the number one.
        article = any(token in words(one).articles for one in _LANGUAGES)
        if number is not None and (not article or (ahead in known.levels and not behind)):
            return _Sign("v", value=number)
    return _Sign("o")


def _wanted(signs: list[_Sign]) -> list[_Sign]:
    """Without values that are denied ('niet 3 maar 4'), or that one comes from ('van 2 naar 4')."""
    kept: list[_Sign] = []
    for number, sign in enumerate(signs):
        ahead = "".join(one.kind for one in signs[max(0, number - 2) : number])
        wanted_later = re.search("t.*v", "".join(one.kind for one in signs[number + 1 :]))
        denied = isinstance(sign.value, int) and "n" in ahead
        left = ahead.endswith("i") or (ahead.endswith("f") and wanted_later is not None)
        if sign.kind != "v" or not (denied or left):
            kept.append(sign)
    return kept


def _paired(signs: list[_Sign]) -> dict[str, Aim] | None:
    """Each dimension with its value; None where it cannot be told which value belongs to which."""
    row = [sign for sign in signs if sign.kind in "dv"]
    text = "".join(sign.kind for sign in row)
    if re.fullmatch(r"(?:d+v)+d*", text):
        order = row
    elif re.fullmatch(r"d*(?:vd+)+", text):
        order = row[::-1]
    else:
        # '4 voor data, mensen 3', '3 of 4 bij data': a guess would be wrong half of the time.
        return None if "v" in text else {}
    aims: dict[str, Aim] = {}
    waiting: list[str] = []
    for sign in order:
        if sign.kind == "d":
            waiting += sign.ids
        elif sign.value is not None:
            for one in waiting:
                if aims.get(one, sign.value) != sign.value:
                    return None  # the same dimension twice, with two levels
                aims[one] = sign.value
            waiting = []
    return aims
