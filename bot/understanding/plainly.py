"""What plain words say that no guess is needed for: don't know, a goodbye, the skipped questions, the result.

Each is read from words of a language's file (`plainly`). A story about the company is none of them, whatever
words it holds: it is longer, or has a 'we' in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from bot.understanding.exact import is_question, normalise, number_of, words
from bot.understanding.requests import speaks_of_reminders

_LANGUAGES = ("nl", "en")
_BREAKS = re.compile(r"([.,;:!…\n]+|\s[-–—]\s)")
# In words. What is said beside a 'don't know', and who leaves, says little.
_LONGEST_BESIDE = 6
_LONGEST_UNKNOWN = 12
_LONGEST_LEAVING = 24
_LONGEST_SKIPPED = 16
# In words: nobody asks about the result at greater length.
_LONGEST_QUESTION = 20
# In words: without its sign, a question about the result is a short one.
_LONGEST_UNSIGNED = 12

AboutResult = Literal["verdict", "sure", "in_short", "begin"]


@dataclass(frozen=True)
class _Known:
    """The words of both languages. Phrases, unless the name ends in `around`: those are single words."""

    rather_not: frozenset[str]
    dont_know: frozenset[str]
    dont_know_around: frozenset[str]
    leaves: frozenset[str]
    leaves_around: frozenset[str]
    skipped: frozenset[str]
    judges: frozenset[str]
    judged: frozenset[str]
    compares: frozenset[str]
    not_judging: frozenset[str]
    sure: frozenset[str]
    in_short: frozenset[str]
    begin: frozenset[str]
    chooses: frozenset[str]
    deepens: frozenset[str]
    one_answer: frozenset[str]
    whether: frozenset[str]
    openers: frozenset[str]


@cache
def _known() -> _Known:
    folder = Path(__file__).parent
    files = [
        yaml.load((folder / f"{code}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["plainly"]
        for code in _LANGUAGES
    ]
    return _Known(
        **{kind: frozenset(_plain(one) for file in files for one in file[kind]) for kind in files[0]}
    )


def _plain(text: str) -> str:
    return normalise(text).replace("-", " ")


def _within(plain: str, phrases: Iterable[str]) -> bool:
    return any(f" {one} " in f" {plain} " for one in phrases)


def _parts(text: str) -> list[str]:
    return [part for part in map(_plain, _BREAKS.split(text)) if part]


def _speaks_of_company(tokens: Iterable[str]) -> bool:
    company = frozenset[str]().union(*(words(code).company for code in _LANGUAGES))
    return any(token in company for token in tokens)


def _has_number(plain: str) -> bool:
    numbers = [words(code) for code in _LANGUAGES]
    return any(
        token.isdecimal() or (token not in one.articles and number_of(token, one.numbers) is not None)
        for token in plain.split()
        for one in numbers
    )


def says_rather_not(text: str) -> bool:
    """Whether this says, and nothing else, that one would rather not answer."""
    return _plain(text) in _known().rather_not


def says_dont_know(text: str) -> bool:
    """Whether a short text says that one does not know, and nothing of the company: 'no idea, honestly'."""
    parts = _parts(text)
    plain = " ".join(parts)
    if "?" in text or len(plain.split()) > _LONGEST_UNKNOWN or _has_number(plain):
        return False
    known = _known()
    said = [part for part in parts if _is_phrase(part, known.dont_know, known.dont_know_around)]
    beside = [part for part in parts if part not in said]
    return bool(said) and not any(
        len(part.split()) > _LONGEST_BESIDE or _speaks_of_company(part.split()) for part in beside
    )


def _is_phrase(part: str, phrases: Iterable[str], around: Iterable[str]) -> bool:
    """Whether a part is one of the phrases, with none but small words around it."""
    padded = f" {part} "
    for phrase in phrases:
        before, found, behind = padded.partition(f" {phrase} ")
        if found and all(token in around for token in (*before.split(), *behind.split())):
            return True
    return False


def split_leaving(text: str) -> tuple[str, bool]:
    """What a text says beside a goodbye, and whether there is one: "3. right i'm off" -> ('3', True).

    What follows the goodbye is why one leaves, unless a number stands in it.
    """
    known = _known()
    if (
        "?" in text
        or len(text.split()) > _LONGEST_LEAVING
        # 'Got to go, remind me tomorrow' asks for more than a goodbye.
        or any(speaks_of_reminders(text, code) for code in _LANGUAGES)
    ):
        return text, False
    pieces = _BREAKS.split(text)
    for place in range(0, len(pieces), 2):
        part = _plain(pieces[place])
        part = part.removeprefix("and ").removeprefix("en ")
        if not _is_phrase(part, known.leaves, known.leaves_around):
            continue
        behind = "".join(pieces[place + 1 :])
        if _has_number(_plain(behind)):
            rest = "".join(pieces[:place]) + behind.lstrip(" .,;:!…-–—\n")
        else:
            rest = "".join(pieces[:place])
        rest = rest.strip(" ,;:-–—\n")
        small = all(token in known.leaves_around for token in _plain(rest).split())
        return ("" if small and not _has_number(_plain(rest)) else rest), True
    return text, False


def asks_for_skipped(text: str) -> bool:
    """Whether a text is about the questions that were skipped: 'can I go back to the ones I skipped'."""
    plain = _plain(text)
    tokens = plain.split()
    return (
        len(tokens) <= _LONGEST_SKIPPED
        and _within(plain, _known().skipped)
        and not _has_number(plain)
        and not _speaks_of_company(tokens)
    )


def read_about_result(text: str) -> AboutResult | None:
    """What of a result a text asks about in plain words; None for anything else.

    'verdict': whether it is good; 'sure': how certain it is; 'in_short': what it comes down to; 'begin': what
    to do first.
    """
    known, plain = _known(), _plain(text)
    tokens = plain.split()
    if not tokens or len(tokens) > _LONGEST_QUESTION:
        return None
    if _within(plain, known.sure):
        return "sure"
    if _within(plain, known.in_short):
        return "in_short"
    if _within(plain, known.begin):
        return "begin"
    about = _within(plain, known.judged) or bool(re.search(r"\d", text))
    told = about and len(tokens) <= _LONGEST_UNSIGNED and _within(plain, known.whether)
    if not told and "?" not in text and not any(_asks(part) for part in _parts(text)):
        return None
    if _within(plain, known.not_judging):
        return None
    return "verdict" if _within(plain, known.compares) or (about and _within(plain, known.judges)) else None


def _asks(part: str) -> bool:
    """Whether a part asks, also behind an 'and' or a 'so'."""
    first, _, rest = part.partition(" ")
    return is_question(part) or (first in _known().openers and is_question(rest))


def asks_to_choose(text: str) -> bool:
    """Whether a text has a word in it for choosing between questionnaires ('which one suits us')."""
    return "?" in text or is_question(text) or _within(_plain(text), _known().chooses)


def asks_for_more(text: str) -> bool:
    """Whether a text has a word in it for more, or fewer, of the questions."""
    plain = _plain(text)
    depths = frozenset[str]().union(
        *(listed for code in _LANGUAGES for listed in words(code).depths.values())
    )
    return _within(plain, _known().deepens | depths)


def removes_one_answer(text: str) -> bool:
    """Whether a text asks to remove an answer, and not all that is kept: 'remove my answer on data'."""
    plain = _plain(text)
    known = [words(code) for code in _LANGUAGES]
    everything = any(_within(plain, one.erase_all | one.all_of_these) for one in known)
    removes = any(_within(plain, one.erase_words | one.remove) for one in known)
    return removes and not everything and _within(plain, _known().one_answer)
