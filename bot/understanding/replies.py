"""What is said to a proposed level, or to two of them side by side: yes, no, another one, why, more words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from bot.assessment.definitions import Item, MaturityModel
from bot.understanding.exact import (
    NoSuchLevel,
    is_question,
    normalise,
    number_of,
    opens_yes_no,
    read_level,
    read_yes_no,
    without_asides,
    words,
)
from bot.understanding.settled import read_corrected, read_settled, read_wavering

_LANGUAGES = ("nl", "en")
_KINDS = (
    *("yes", "no", "fillers", "higher", "lower", "too_high", "too_low"),
    *("two", "first", "second", "highest", "lowest", "neither", "both", "why", "beside", "proviso"),
)
# In words. A longer text tells about the company: no number in it is an answer, no 'why' asks us.
_LONGEST = 9

_SIGNS = re.compile(r"[.!;,:…–—]+")
_SENTENCE_END = re.compile(r"[.!;…]")

Kind = Literal["level", "no_such", "waver", "higher", "lower", "yes", "no", "neither", "both", "why", "words"]


@dataclass(frozen=True)
class Reply:
    """What a message says to a proposal.

    `level`: which one, for 'level', and the number that does not exist for 'no_such'; for 'waver', which one
    may be right as well. For 'words', own words:
    `opened` is True where they begin with a yes, False with a no, None with neither; `rest` is what follows.
    """

    kind: Kind
    level: int | None = None
    opened: bool | None = None
    rest: str = ""


@cache
def _phrases(language: str) -> Mapping[str, frozenset[str]]:
    """Kind -> normalised phrases of a language."""
    path = Path(__file__).parent / f"{language}.yml"
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {kind: frozenset(normalise(one) for one in data[f"reply_{kind}"]) for kind in _KINDS}


def read_reply(
    text: str, shown: Sequence[int], model: MaturityModel, item: Item, language: str
) -> Reply | None:
    """What a text says while these levels (one, or two in this order) are proposed; None for an empty one."""
    plain = normalise(text).replace("-", " ")
    tokens = plain.split()
    if not tokens:
        return None
    found: Reply | None = None
    bare = without_asides(tokens)
    for code in _in_order(language):
        for part in [tokens, bare] if bare and bare != tokens else [tokens]:
            found = _plainly(part, shown, _phrases(code), item, asked="?" in text)
            if found is not None:
                return found
    said = None if "?" in text else _side(tokens)
    if said is not None:
        return Reply("yes" if said else "no")
    wavers = read_wavering(text, shown[0]) if len(shown) == 1 else None
    if wavers is not None and 1 <= wavers <= len(item.levels):
        return Reply("waver", wavers)
    settled = read_corrected(text)
    if settled is None:
        level = _level(text, tokens, shown, model, item, language)
        if level is not None:
            return level
        settled = read_settled(text, shown, surely=False, names=_names(model, item))
    if settled is not None and 1 <= settled <= len(item.levels):
        return Reply("level", settled)
    if settled is not None and settled > 0 and len(tokens) <= _LONGEST:
        return Reply("no_such", settled)
    yes = read_yes_no(text, language)
    if yes is None and "?" not in text:
        yes = _side(bare)
    if yes is not None:
        return Reply("yes" if yes else "no")
    if "?" not in text and _with_a_proviso(tokens):
        return Reply("yes")
    opened = opens_yes_no(text, language)
    first, _, behind = _SIGNS.sub("\0", text.strip(), count=1).partition("\0")
    begun = _side(without_asides(normalise(first).replace("-", " ").split())) if behind.strip() else None
    if "?" not in text and (begun is False or (begun and _SENTENCE_END.match(text.strip()[len(first) :]))):
        # 'Een ander niveau. Wij doen dat alleen na een klacht.'
        return Reply("words", opened=begun, rest=behind.strip(" ,.;:-–—!"))
    if opened is None:
        return Reply("words", rest=text)
    rest = text.strip().split(maxsplit=1)[1:]
    left = " ".join(rest).lstrip(" ,.;:-–—!")
    if _all_fillers(tokens[1:]):
        return Reply("yes" if opened else "no")
    return Reply("words", opened=opened, rest=left)


def _names(model: MaturityModel, item: Item) -> frozenset[str]:
    """The words by which the question is called: its title, and its area's."""
    area = next(dimension for dimension, one in model.walk() if one is item)
    titles = [*item.title.values(), *area.title.values()]
    return frozenset(word for title in titles for word in normalise(title).replace("-", " ").split())


def _side(tokens: Sequence[str]) -> bool | None:
    """True where a text is made up of nothing but ways to say yes ('i would say so yes'), False of no."""
    phrases: dict[str, bool | None] = {}
    for code in _LANGUAGES:
        known, one = _phrases(code), words(code)
        phrases |= dict.fromkeys(known["beside"])
        phrases |= dict.fromkeys(known["yes"] | one.yes, True) | dict.fromkeys(known["no"] | one.no, False)
    # What the first so many words can say: nothing yet, yes, no.
    said: list[set[bool | None]] = [{None}, *(set() for _ in tokens)]
    for end in range(1, len(tokens) + 1):
        for start in range(max(0, end - _LONGEST), end):
            phrase = " ".join(tokens[start:end])
            if phrase in phrases and said[start]:
                now = phrases[phrase]
                said[end] |= {
                    now if one is None else one for one in said[start] if now in (None, one) or one is None
                }
    return said[-1].pop() if len(said[-1] - {None}) == 1 and None not in said[-1] else None


def _with_a_proviso(tokens: list[str]) -> bool:
    """'Yes, with the proviso that a new one is being drafted': a yes, and nothing behind it takes it away."""
    plain = " ".join(tokens)
    provisos = {one for code in _LANGUAGES for one in _phrases(code)["proviso"]}
    begun = [(plain.index(f" {one} "), -len(one)) for one in provisos if f" {one} " in plain]
    if not begun:
        return False
    start, length = min(begun)
    if _side(without_asides(plain[:start].split())) is not True:
        return False
    rest = plain[start - length + 1 :].split()
    for code in _LANGUAGES:
        known, one = _phrases(code), words(code)
        away = known["higher"] | known["lower"] | one.not_this | one.opens_no | one.but
        if any(token in away or number_of(token, one.numbers) not in (None, 1) for token in rest):
            return False
        if _within(rest, known["too_high"] | known["too_low"] | known["no"]):
            return False
    return True


def _plainly(
    tokens: list[str], shown: Sequence[int], known: Mapping[str, frozenset[str]], item: Item, *, asked: bool
) -> Reply | None:
    """What one language's phrases make of it; `asked`: it has the sign of a question."""
    plain = " ".join(tokens)
    if len(tokens) <= _LONGEST and _asks_why(tokens, known["why"], asked=asked):
        return Reply("why")
    if len(tokens) > _LONGEST or asked:
        return None
    if plain in known["both"]:
        return Reply("both" if len(shown) > 1 else "no")
    if plain in known["neither"]:
        return Reply("neither" if len(shown) > 1 else "no")
    rest = [token for token in tokens if token not in known["fillers"] | known["two"]]
    if len(shown) > 1 and len(rest) == 1:
        places = {"first": shown[0], "second": shown[-1], "highest": max(shown), "lowest": min(shown)}
        for kind, level in places.items():
            if rest[0] in known[kind]:
                return Reply("level", level)
    if _within(tokens, known["too_high"] | known["too_low"]) and _names_another(tokens, shown):
        return Reply("words", rest=plain)  # 'nee, 2 is te laag', of a 3
    if _within(tokens, known["too_high"]):
        return Reply("lower")
    if _within(tokens, known["too_low"]):
        return Reply("higher")
    rest = [
        token for token in _behind_no(tokens, known["no"]) if token not in known["fillers"] | known["two"]
    ]
    if rest and set(rest) <= known["higher"]:
        return Reply("higher")
    if rest and set(rest) <= known["lower"]:
        return Reply("lower")
    # 'Nou ja, ik denk het wel', 'nee, dat klopt niet helemaal'.
    opened = next((place for place, token in enumerate(tokens[:2]) if token not in known["fillers"]), 2)
    for start in range(min(opened, len(tokens) - 1) + 1):
        said = " ".join(tokens[start:])
        if said in known["yes"]:
            return Reply("yes")
        if said in known["no"]:
            return Reply("no")
    return None


def _level(
    text: str, tokens: list[str], shown: Sequence[int], model: MaturityModel, item: Item, language: str
) -> Reply | None:
    """The level that a text names, alone or behind a yes or no and words that change nothing."""
    if opens_yes_no(text, language) and any(
        token in words(code).last for code in _LANGUAGES for token in tokens
    ):
        return None  # 'yes, that is it for the last one'
    places = ("first", "second", "highest", "lowest")
    if len(shown) > 1 and any(
        token in _phrases(code)[kind] for code in _LANGUAGES for token in tokens for kind in places
    ):
        return None  # one of the two, not of all
    found = read_level(text, model, item, language)
    if found is None and len(tokens) <= _LONGEST and not is_question(text):
        for code in _in_order(language):
            # 'Klopt, 2' as well as 'ja, 2'.
            fillers = _phrases(code)["fillers"] | _phrases(code)["yes"] | words(code).yes
            if _no_one(tokens):
                break
            # A word for a number stays, as long as no other number is left without it.
            for without in (fillers - words(code).numbers.keys(), fillers):
                rest = [token for token in tokens if token not in without]
                if found is None and 0 < len(rest) < len(tokens):
                    found = read_level(" ".join(rest), model, item, language)
    if isinstance(found, NoSuchLevel):
        return Reply("no_such", found.number)
    return None if found is None else Reply("level", found)


def _names_another(tokens: Iterable[str], shown: Sequence[int]) -> bool:
    """Whether a number stands in it that is none of the levels shown."""
    for code in _LANGUAGES:
        known = words(code)
        loose = known.articles | known.stands_for
        numbers = [number_of(token, known.numbers) for token in tokens if token not in loose]
        if any(number is not None and number not in shown for number in numbers):
            return True
    return False


def _behind_no(tokens: list[str], noes: Iterable[str]) -> list[str]:
    """The words without the no that they begin with: 'not quite, a bit lower'."""
    plain = f"{' '.join(tokens)} "
    longest = max((one for one in noes if plain.startswith(f"{one} ")), key=len, default="")
    return tokens[len(longest.split()) :]


def _no_one(tokens: Sequence[str]) -> bool:
    """'No one, really' names no level."""
    known = [words(code) for code in _LANGUAGES]
    noes = frozenset[str]().union(*(one.not_this | one.opens_no for one in known))
    things = frozenset[str]().union(*(one.stands_for for one in known))
    return any(one in noes and other in things for one, other in itertools.pairwise(tokens))


def _asks_why(tokens: list[str], phrases: Iterable[str], *, asked: bool) -> bool:
    """Whether the words are one of these phrases or begin with one, in a question also of a single word."""
    plain = " ".join(tokens)
    return any(plain == one or ((asked or " " in one) and plain.startswith(f"{one} ")) for one in phrases)


def _within(tokens: list[str], phrases: Iterable[str]) -> bool:
    plain = f" {' '.join(tokens)} "
    return any(f" {one} " in plain for one in phrases)


def _all_fillers(tokens: list[str]) -> bool:
    return any(all(token in _phrases(code)["fillers"] for token in tokens) for code in _LANGUAGES)


def _in_order(first: str) -> tuple[str, ...]:
    return (first, *(code for code in _LANGUAGES if code != first))
