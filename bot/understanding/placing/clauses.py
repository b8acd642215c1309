"""Texts as people type them, made fit for an encoder, and taken apart: sentences, clauses, a quote."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

import yaml

LONGEST_QUOTE = 120
"""In characters."""

LONGEST = 4000
"""In characters: what is longer is cut. The channels let no more than this through."""

_LANGUAGES = ("nl", "en")
_FOLDER = Path(__file__).resolve().parent.parent
_FEWEST_WORDS = 3
_AROUND = " ,.;:-–—"


@cache
def _split() -> re.Pattern[str]:
    """Where a clause ends: at a stop or comma, at a dash, before a word that turns ('but', 'now', 'maar')."""
    turns = [word for language in _LANGUAGES for word in words(language)["turns"]]
    return re.compile(
        rf"(?<=[.!?;:])\s+|,\s+|\s+[-–—]+\s+|\s+(?=(?:{'|'.join(map(re.escape, turns))})\b)", re.IGNORECASE
    )


_SENTENCE = re.compile(r"(?<=[.!?;])\s+")


@cache
def words(language: str) -> dict[str, list[str]]:
    """The words of a language that tell how a text is built; read once."""
    data = yaml.load((_FOLDER / f"{language}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    placing: dict[str, list[str]] = data["placing"]
    return placing


def clean(text: str) -> str:
    """The text on one line, at most LONGEST characters, and nothing in it that is no character to read."""
    # A lone surrogate cannot be encoded, a control character not be read; both stand for a blank.
    kept = "".join(" " if unicodedata.category(one) in ("Cc", "Cs", "Co", "Cn") else one for one in text)
    return cut(" ".join(unicodedata.normalize("NFC", kept).split()), LONGEST)


def cut(text: str, longest: int) -> str:
    """The text, cut at a word where it is longer than this many characters."""
    if len(text) <= longest:
        return text
    words_that_fit = text[: longest + 1].rpartition(" ")[0]
    return (words_that_fit or text[:longest]).rstrip(" ,;:-–—")


def sentences(text: str) -> list[str]:
    """The sentences of a cleaned text; a run of words without a stop is cut in pieces that can be read."""
    found = []
    for sentence in _SENTENCE.split(text):
        rest = sentence.strip()
        while len(rest) > 400:
            piece = cut(rest, 300)
            found.append(piece)
            rest = rest[len(piece) :].strip()
        if rest:
            found.append(rest)
    return found or [text]


def clauses(text: str) -> list[str]:
    """The clauses of a cleaned text, in order, as they stand in it; the text itself if it has one.

    Each but the last has some words at least: a shorter one is taken together with what follows.
    """
    found: list[str] = []
    begin = 0
    for end in (*(match.start() for match in _split().finditer(text)), len(text)):
        part = text[begin:end].strip(_AROUND)
        if len(part.split()) >= _FEWEST_WORDS or (part and end == len(text)):
            found.append(part)
            begin = end
    return found or [text]


def verbatim(text: str, part: str) -> str:
    """A clause as it stands in the text it was taken from, with the signs between its words."""
    found = re.search(r"[\s,.;:!?–—-]+".join(re.escape(word) for word in part.split()), text)
    return found[0] if found else part


# In words: fewer may well be said twice ('nee nee nee'), and more different ones are no repetition.
_FEWEST_REPEATED = 4
_MOST_DIFFERENT = 3


def is_repeated(text: str) -> bool:
    """Whether a text is no more than a word or a few over and over: that describes no company."""
    said = text.casefold().split()
    return len(said) >= max(_FEWEST_REPEATED, 3 * len(set(said))) and len(set(said)) <= _MOST_DIFFERENT
