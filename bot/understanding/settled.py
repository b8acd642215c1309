"""The level that a message of several parts comes to: 'sorry, I do go on. A 2 it is'."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.understanding.exact import normalise, number_of, without_markup, words

_LANGUAGES = ("nl", "en")
# A decimal, a range, a percentage, an amount: numbers, but no level.
_OTHER_NUMBER = re.compile(r"\d\s*[.,:/-]\s*\d|[-<>≤≥~±€$£]\s*\d|\d\s*[%+<>½¼¾€]")
_FIGURE = re.compile(r"\d[.,:/]\d|\d{3}|\d\s*%|[$€£]\s*\d")
_SENTENCE = re.compile(r"[.!;\n]+")
_PART = re.compile(r"[,:()–—]+|\s-+\s")


@dataclass(frozen=True)
class _Known:
    """The words of both languages, as far as they tell which level is meant."""

    small: frozenset[str]
    concludes: frozenset[str]
    corrects: frozenset[str]
    breaks: frozenset[str]
    denies: frozenset[str]
    turns: frozenset[str]
    others: frozenset[str]
    articles: frozenset[str]
    levels: frozenset[str]
    numbers: Mapping[str, int]
    loose: frozenset[str]
    places: Mapping[str, frozenset[str]]
    two: frozenset[str]
    determiners: frozenset[str]


@cache
def _known() -> _Known:
    folder = Path(__file__).parent
    files = [
        yaml.load((folder / f"{language}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for language in _LANGUAGES
    ]
    both = [words(language) for language in _LANGUAGES]

    def listed(*keys: str) -> frozenset[str]:
        return frozenset(
            word for file in files for key in keys for one in file[key] for word in normalise(one).split()
        )

    articles = frozenset().union(*(one.articles for one in both))
    stands_for = frozenset().union(*(one.stands_for for one in both))
    corrects = listed("settles_corrects")
    denies = frozenset().union(*(one.not_this for one in both)) - frozenset().union(
        *(one.opens_no for one in both)
    )
    small = frozenset().union(*(one.before | one.after for one in both))
    return _Known(
        small=small | listed("reply_fillers", "settles", "settles_concludes") | corrects | denies,
        concludes=listed("settles_concludes"),
        corrects=corrects,
        breaks=listed("settles_breaks"),
        denies=denies,
        turns=frozenset().union(*(one.but for one in both)),
        others=listed("question", "questions", "change_previous", "next_one") - {"then"},
        articles=articles,
        levels=listed("subject_level"),
        numbers={word: number for one in both for word, number in one.numbers.items()},
        loose=articles | stands_for,
        places={
            "first": listed("reply_first"),
            "second": listed("reply_second"),
            "highest": listed("reply_highest"),
            "lowest": listed("reply_lowest"),
        },
        two=listed("reply_two"),
        determiners=listed("several_articles"),
    )


@dataclass(frozen=True)
class _Part:
    """One part that names a level and says nothing else.

    `surely`: as what the rest comes to; `corrects`: it takes back what was said before; `last_word`: it says in
    a sentence of its own what the rest comes to ('4, or 3? Make it 3').
    """

    value: int
    denied: bool
    surely: bool
    corrects: bool
    last_word: bool = False


def read_settled(text: str, shown: Sequence[int] = (), *, surely: bool) -> int | None:
    """The one level that is named by a part of a text that says nothing else; None for none or more than one.

    `shown`: the levels that are proposed, in this order; of two the one that is not denied. `surely`: nothing
    is proposed, so the part must be the last and say that it is what the rest comes to ('dus een 2'). The
    number may be one that is no level.
    """
    known = _known()
    bare = without_markup(text)
    plain = normalise(bare).replace("-", " ").split()
    if _FIGURE.search(bare):
        return None  # whoever gives figures tells of the company
    if "?" in text or any(token in known.others for token in plain):
        return None
    sentences = [one for one in _SENTENCE.split(bare) if normalise(one)]
    parts: list[_Part | None] = []
    for sentence in sentences:
        pieces = [piece for one in _PART.split(sentence) for piece in _turned(one, known)]
        parts += [
            _part(one, shown, known, alone=len(pieces) == 1 and len(sentences) > 1) for one in pieces if one
        ]
    if surely and (len(parts) < 2 or parts[-1] is None or not parts[-1].surely):
        return None
    found = [one for one in parts if one is not None]
    denied = {one.value for one in found if one.denied}
    named = [one for one in found if not one.denied]
    if len({one.value for one in named}) > 1:
        # 'Een 3. Nee wacht, een 2': the last, where it takes back what was said before.
        return named[-1].value if named[-1].corrects else None
    if named:
        return None if named[0].value in denied else named[0].value
    left = [level for level in shown if level not in denied]
    return left[0] if len(shown) == 2 and len(left) == 1 else None


def _turned(part: str, known: _Known) -> list[list[str]]:
    """The tokens of a part, apart at words that turn ('but')."""
    if _OTHER_NUMBER.search(part):
        return [["-"]]
    found: list[list[str]] = [[]]
    for token in normalise(part).replace("-", " ").split():
        if token in known.turns and found[-1]:
            found.append([])
        found[-1].append(token)
    return found


def _part(tokens: list[str], shown: Sequence[int], known: _Known, *, alone: bool) -> _Part | None:
    """What a part names; None where it names no level or says more. `alone`: it is a sentence by itself."""
    values: list[int] = []
    others: list[str] = []
    for place, token in enumerate(tokens):
        value = number_of(token, known.numbers)
        ahead = tokens[place - 1] if place else ""
        if value is not None and token in known.loose and ahead not in known.articles | known.levels:
            value = None  # 'that one', 'een plan'
        if token in known.two and len(shown) == 2 and ahead in known.determiners:
            value = None  # 'the lower of the two'
        if value is None and len(shown) == 2:
            value = _placed(token, shown, known)
        if value is None:
            others.append(token)
        else:
            values.append(value)
    extra = known.two if len(shown) == 2 else frozenset[str]()
    if len(values) != 1 or any(token not in known.small | known.loose | extra for token in others):
        return None
    bare = alone and all(token in known.articles | known.levels for token in others)
    return _Part(
        values[0],
        denied=any(token in known.denies for token in others),
        surely=bare or any(token in known.concludes for token in others),
        corrects=any(token in known.corrects for token in others),
    )


def _placed(token: str, shown: Sequence[int], known: _Known) -> int | None:
    """Of two that are shown the one that such a word means: 'the former', 'de laagste'."""
    levels = {"first": shown[0], "second": shown[-1], "highest": max(shown), "lowest": min(shown)}
    return next((level for kind, level in levels.items() if token in known.places[kind]), None)
