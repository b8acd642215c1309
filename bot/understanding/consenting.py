"""A yes to keeping this conversation, in people's own words: 'yes dear that's fine', 'ja joh prima'.

Consent takes a yes in so many words (`confirms`), with whatever kind words stand around it, and perhaps a
remark behind it. A condition, a question or a 'wait' anywhere makes it none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.understanding.exact import confirms, is_question, normalise, read_language

_LANGUAGES = ("nl", "en")
# In words. Who agrees may add a remark; a longer text is a story.
_LONGEST = 24
_BREAKS = re.compile(r"[,.;:!…\n]+|\s[-–—]\s|\s*[–—]\s*")


@dataclass(frozen=True)
class _Known:
    """A language's words. `assent`: says yes; `around`: says nothing beside it; the rest are phrases.

    `before`: a part of a message that may go before the yes. `holds`: takes the yes back, wherever it
    stands; `holds_first`: where a part begins with it.
    """

    assent: frozenset[str]
    around: frozenset[str]
    before: frozenset[str]
    holds: frozenset[str]
    holds_first: frozenset[str]


@cache
def _known(language: str) -> _Known:
    path = Path(__file__).parent / f"{language}.yml"
    listed = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["consenting"]
    return _Known(**{kind: frozenset(normalise(one) for one in phrases) for kind, phrases in listed.items()})


def consents(text: str, language: str) -> bool:
    """Whether this is a yes to what is kept, in so many words and without a condition or a question."""
    if confirms(text, "consent", language):
        return True
    if "?" in text or len(text.split()) > _LONGEST or read_language(text) is not None:
        return False
    parts = [part for part in map(_plain, _BREAKS.split(text)) if part]
    return any(_all_agree(parts, _known(code), code) for code in _LANGUAGES)


def _all_agree(parts: Sequence[str], known: _Known, language: str) -> bool:
    """Whether the first part that says anything is a yes, and none of them takes it back."""
    # 'Geen bezwaar' is no 'geen'.
    meant = [part for part in parts if part not in known.before]
    said = [part for part in meant if not _says_nothing(part, known)]
    if not said or any(_holds_back(part, code) for part in (*meant, " ".join(meant)) for code in _LANGUAGES):
        return False
    return _agrees(said[0], known, language)


def _agrees(part: str, known: _Known, language: str) -> bool:
    if confirms(part, "consent", language):
        return True
    # Who writes the one language may well say yes in the other: 'ja hoor, yes okay'.
    tokens, assent = part.split(), frozenset[str]().union(*(_known(code).assent for code in _LANGUAGES))
    return (
        not is_question(part)
        and any(token in assent for token in tokens)
        and all(token in assent | known.around for token in tokens)
    )


def _says_nothing(part: str, known: _Known) -> bool:
    return all(token in known.around for token in part.split())


def _holds_back(part: str, language: str) -> bool:
    known = _known(language)
    return _within(part, known.holds) or any(f"{part} ".startswith(f"{one} ") for one in known.holds_first)


def _within(part: str, phrases: Iterable[str]) -> bool:
    return any(f" {one} " in f" {part} " for one in phrases)


def _plain(text: str) -> str:
    return normalise(text).replace("-", " ")
