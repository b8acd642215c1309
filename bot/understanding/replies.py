"""What is said to a proposed level, or to two of them side by side: yes, no, another one, why, more words."""

from __future__ import annotations

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
    opens_yes_no,
    read_level,
    read_yes_no,
    words,
)
from bot.understanding.settled import read_settled

_LANGUAGES = ("nl", "en")
_KINDS = (
    *("yes", "no", "fillers", "higher", "lower", "too_high", "too_low"),
    *("two", "first", "second", "highest", "lowest", "neither", "both", "why"),
)
# In words. A longer text tells about the company: no number in it is an answer, no 'why' asks us.
_LONGEST = 9

Kind = Literal["level", "no_such", "higher", "lower", "yes", "no", "neither", "both", "why", "words"]


@dataclass(frozen=True)
class Reply:
    """What a message says to a proposal.

    `level`: which one, for 'level', and the number that does not exist for 'no_such'. For 'words', own words:
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
    for code in _in_order(language):
        found = _plainly(tokens, shown, _phrases(code), item, asked="?" in text)
        if found is not None:
            return found
    level = _level(text, tokens, model, item, language)
    if level is not None:
        return level
    settled = read_settled(text, shown, surely=False)
    if settled is not None:
        exists = 1 <= settled <= len(item.levels)
        return Reply("level" if exists else "no_such", settled)
    yes = read_yes_no(text, language)
    if yes is not None:
        return Reply("yes" if yes else "no")
    opened = opens_yes_no(text, language)
    if opened is None:
        return Reply("words", rest=text)
    rest = text.strip().split(maxsplit=1)[1:]
    left = " ".join(rest).lstrip(" ,.;:-–—!")
    if _all_fillers(tokens[1:]):
        return Reply("yes" if opened else "no")
    return Reply("words", opened=opened, rest=left)


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
    if _within(tokens, known["too_high"]):
        return Reply("lower")
    if _within(tokens, known["too_low"]):
        return Reply("higher")
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


def _level(text: str, tokens: list[str], model: MaturityModel, item: Item, language: str) -> Reply | None:
    """The level that a text names, alone or behind a yes or no and words that change nothing."""
    found = read_level(text, model, item, language)
    if found is None and len(tokens) <= _LONGEST and not is_question(text):
        for code in _in_order(language):
            # 'Klopt, 2' as well as 'ja, 2'.
            fillers = _phrases(code)["fillers"] | _phrases(code)["yes"] | words(code).yes
            # A word for a number stays, as long as no other number is left without it.
            for without in (fillers - words(code).numbers.keys(), fillers):
                rest = [token for token in tokens if token not in without]
                if found is None and 0 < len(rest) < len(tokens):
                    found = read_level(" ".join(rest), model, item, language)
    if isinstance(found, NoSuchLevel):
        return Reply("no_such", found.number)
    return None if found is None else Reply("level", found)


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
