"""The level that a message of several parts comes to: 'sorry, I do go on. A 2 it is'."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml

from bot.understanding.exact import normalise, number_of, without_asides, without_markup, words

_LANGUAGES = ("nl", "en")
# A decimal, a range, a percentage, an amount: numbers, but no level.
_OTHER_NUMBER = re.compile(r"\d\s*[.,:/-]\s*\d|[-<>≤≥~±€$£]\s*\d|\d\s*[%+<>½¼¾€]")
_FIGURE = re.compile(r"\d[.,:/]\d|\d{3}|\d\s*%|[$€£]\s*\d")
_SENTENCE = re.compile(r"[.!?;…\n]+")
_PIECE = re.compile(r"[.!?;…\n,:()–—]+|\s-+\s")
_PART = re.compile(r"[,:()–—]+|\s-+\s")


# In words. Beyond these 'the first' tells a story, and so does a number that nothing sets apart.
_LONGEST_PLACE = 12
_LONGEST_PLAIN = 16


@dataclass(frozen=True)
class _Known:
    """The words of both languages, as far as they tell which level is meant."""

    small: frozenset[str]
    concludes: frozenset[str]
    corrects: frozenset[str]
    breaks: frozenset[str]
    takes_back: frozenset[str]
    either: frozenset[str]
    and_: frozenset[str]
    behind: frozenset[str]
    counts: frozenset[str]
    because: frozenset[str]
    wavers: frozenset[str]
    weakly: frozenset[str]
    opens_yes: frozenset[str]
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
        and_=listed("several_and"),
        behind=listed("subject_behind"),
        counts=listed("several_all_of"),
        because=listed("settles_because"),
        wavers=listed("settles_wavers"),
        weakly=listed("settles_wavers_weakly"),
        opens_yes=frozenset().union(*(one.opens_yes for one in both)),
        either=frozenset().union(*(one.either for one in both)),
        takes_back=frozenset(normalise(one) for file in files for one in file["settles_takes_back"]),
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

    `surely`: as what the rest comes to; `corrects`: it takes back what was said before; `last_word`: it says
    in a sentence of its own what the rest comes to ('4, or 3? Make it 3').
    """

    value: int
    denied: bool
    surely: bool
    corrects: bool
    last_word: bool = False


def read_settled(
    text: str, shown: Sequence[int] = (), *, surely: bool, names: frozenset[str] = frozenset()
) -> int | None:
    """The one level that is named by a part of a text that says nothing else; None for none or more than one.

    `shown`: the levels that are proposed, in this order; of two the one that is not denied. `surely`: nothing
    is proposed, so the part must be the last and say that it is what the rest comes to ('dus een 2').
    `names`: how the question is called ('1 for activation'). The number may be one that is no level.
    """
    parts = _parts(text, shown, names)
    if surely and (len(parts) < 2 or parts[-1] is None or not parts[-1].surely):
        return None
    if len(normalise(text).split()) > _LONGEST_PLAIN:
        # Of a long text what says that it is meant, or stands first in figures.
        figure = text.lstrip()[:1].isdigit()
        parts = [
            one if one is not None and (one.surely or one.corrects or (place == 0 and figure)) else None
            for place, one in enumerate(parts)
        ]
    found = [one for one in parts if one is not None]
    if "?" in text and not (parts and parts[-1] is not None and _decides(parts[-1])):
        return None
    denied = {one.value for one in found if one.denied}
    named = [one for one in found if not one.denied]
    if len({one.value for one in named}) > 1:
        # 'Een 3. Nee wacht, een 2': the last, where it takes back what was said before.
        return named[-1].value if _decides(named[-1]) else None
    if named:
        return None if named[0].value in denied else named[0].value
    left = [level for level in shown if level not in denied]
    return left[0] if len(shown) == 2 and len(left) == 1 else None


def read_corrected(text: str) -> int | None:
    """The level that is put in the place of another one: '3. No, 2', '4, or 3? Make it 3'.

    None for any other text. The number may be one that is no level.
    """
    parts = [one for one in _parts(text, ()) if one is not None]
    named = [one for one in parts if not one.denied]
    if not named or not _decides(named[-1]) or len({one.value for one in named}) < 2:
        return None
    return read_settled(text, surely=False)


def read_wavering(text: str, level: int) -> int | None:
    """Another level that may be right beside the one that is proposed ('it might be a 3'); None for none."""
    known = _known()
    found: set[int] = set()
    for sentence in _SENTENCE.split(without_markup(text)):
        first = normalise(sentence).partition(" ")[0]
        wavers = known.wavers | (known.weakly if first in known.opens_yes else frozenset())
        for part in _PART.split(sentence):
            for piece in _turned(part, known):
                rest = [token for token in piece if token not in wavers and token not in known.opens_yes]
                told = _part(rest, (), known, alone=False) if wavers & set(piece) else None
                if told is not None and not told.denied and told.value != level:
                    found.add(told.value)
    return found.pop() if len(found) == 1 else None


def behind_correction(text: str) -> str:
    """What is left of a text that takes back its beginning: 'businesses, no, consumers'; else all of it."""
    known = _known()
    pieces = [one for one in _PIECE.split(text) if normalise(one)]
    for place in range(len(pieces) - 1, 0, -1):
        tokens = normalise(pieces[place - 1]).replace("-", " ").split()
        if place > 1 and all(token in known.corrects for token in tokens):
            return ", ".join(pieces[place:])
        plain = f" {normalise(pieces[place]).replace('-', ' ')} "
        again = next((one for one in known.takes_back if plain.startswith(f" {one} ")), None)
        if again is not None and len(plain.split()) > len(again.split()):
            return ", ".join([" ".join(plain.split()[len(again.split()) :]), *pieces[place + 1 :]])
    return text


def _decides(part: _Part) -> bool:
    return part.corrects or part.last_word


def _parts(text: str, shown: Sequence[int], names: frozenset[str] = frozenset()) -> list[_Part | None]:
    """What each part of a text names, in order; none where it is about something else than this question."""
    known = _known()
    bare = without_markup(text)
    plain = normalise(bare).replace("-", " ").split()
    # Whoever gives figures tells of the company.
    if _FIGURE.search(bare) or bare.rstrip().endswith("?") or any(token in known.others for token in plain):
        return []
    sentences = [one for one in _SENTENCE.split(bare) if normalise(one)]
    parts: list[_Part | None] = []
    takes_back = False
    for sentence in sentences:
        pieces = [piece for one in _PART.split(sentence) for piece in _turned(one, known) if piece]
        for piece in pieces:
            if parts and all(token in known.corrects for token in piece):
                takes_back = True  # what comes next stands for what came before
                continue
            alone = len(pieces) == 1 and len(sentences) > 1
            said = _without_name(piece, names, known)
            found = _part(said, shown, known, alone=alone, places=len(plain) <= _LONGEST_PLACE)
            parts.append(replace(found, corrects=True) if found is not None and takes_back else found)
            takes_back = False
    return parts


def _without_name(tokens: list[str], names: frozenset[str], known: _Known) -> list[str]:
    """'1 for activation', at that question, is '1'."""
    for place, token in enumerate(tokens):
        rest = [one for one in tokens[place + 1 :] if one not in known.determiners]
        if place and token in known.behind and rest and names.issuperset(rest):
            return tokens[:place]
    return tokens


def _turned(part: str, known: _Known) -> list[list[str]]:
    """The tokens of a part, apart at words that turn ('but'), or take back a number ('3 no 2')."""
    if _OTHER_NUMBER.search(part):
        return [["-"]]
    found: list[list[str]] = [[]]
    tokens = without_asides(normalise(part).replace("-", " ").split())
    for place, token in enumerate(tokens):
        between = _has_number(found[-1], known) and _has_number(tokens[place:], known)
        told = _has_number(found[-1], known) or any(one not in known.small for one in found[-1])
        turns = (token in known.turns and told) or (token in known.because and bool(found[-1]))
        # 'And certainly not 4'; '1 and 2' stay together.
        denied = token in known.and_ and any(one in known.denies for one in tokens[place:])
        if turns or (between and (denied or token in known.breaks)):
            found.append([])
        found[-1].append(token)
    return found


def _wavers(tokens: Sequence[str], known: _Known) -> bool:
    """'Of toch 3' wavers, 'of liever 3' does not."""
    plain = f" {' '.join(tokens)} "
    surely = any(f" {one} " in plain for one in known.takes_back if one.split()[0] in known.either)
    return not surely and any(token in known.either for token in tokens)


def _has_number(tokens: Sequence[str], known: _Known) -> bool:
    return any(number_of(token, known.numbers) is not None and token not in known.loose for token in tokens)


def _part(
    tokens: list[str], shown: Sequence[int], known: _Known, *, alone: bool, places: bool = True
) -> _Part | None:
    """What a part names; None where it names no level or says more.

    `alone`: it is a sentence by itself; `places`: 'the first' may be one of two that are shown.
    """
    values: list[int] = []
    others: list[str] = []
    for place, token in enumerate(tokens):
        value = number_of(token, known.numbers)
        ahead = tokens[place - 1] if place else ""
        if value is not None and token in known.loose and ahead not in known.articles | known.levels:
            value = None  # 'that one', 'een plan'
        if token in known.two and len(shown) == 2 and ahead in known.determiners:
            value = None  # 'the lower of the two'
        if value is not None and ahead in known.counts:
            return None  # 'all four'
        if value is None and len(shown) == 2 and places:
            value = _placed(token, ahead, shown, known)
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
        corrects=any(token in known.corrects for token in others) and not _wavers(others, known),
        last_word=alone and any(token in known.concludes for token in others),
    )


def _placed(token: str, ahead: str, shown: Sequence[int], known: _Known) -> int | None:
    """Of two that are shown the one that such a word means: 'the former', 'de laagste'; not 'a first'."""
    levels = {"highest": max(shown), "lowest": min(shown)}
    if ahead in known.determiners - known.articles:
        levels = {"first": shown[0], "second": shown[-1], **levels}
    return next((level for kind, level in levels.items() if token in known.places[kind]), None)
