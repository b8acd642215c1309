"""Text without letters' sizes: what of it can be shown, and where it may be broken."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

SOFT_HYPHEN = "\u00ad"
# How far a break goes: at a blank or a written hyphen; where the author allowed it; where we guess.
NATURAL, ALLOWED, GUESSED = range(3)

_CHUNK = 14
# Letters that belong together when a word is broken before the last consonant (our own rule, good enough
# for the Latin script when nothing else fits; an author who knows better writes a soft hyphen).
_TOGETHER = {first + second for first in "bcdfgkpt" for second in "lr"}
_TOGETHER |= {"ch", "ph", "sh", "th", "qu", "wr", "vr", "kw", "dw", "zw"}


class Piece(NamedTuple):
    """What cannot be broken, with what follows it when joined to the next and when a line ends there."""

    text: str
    glue: str
    hyphen: str


def plain(text: str) -> str:
    """The text as it shows on one line: without soft hyphens and what the font cannot show."""
    return _tidy(text.replace(SOFT_HYPHEN, ""))


def pieces(text: str, grade: int) -> list[Piece]:
    """The pieces into which breaks up to this grade cut a text."""
    found: list[Piece] = []
    for word in _tidy(text).split(" "):
        parts: list[Piece] = []
        for chunk in word.replace("-", "-\n").replace("/", "/\n").split("\n"):
            cut = [part for part in chunk.split(SOFT_HYPHEN) if part]
            if not cut:
                continue
            if grade == NATURAL:
                cut = ["".join(cut)]
            elif grade == GUESSED and len(cut) == 1:
                cut = _syllables(cut[0])
            parts += [Piece(part, "", "-") for part in cut[:-1]]
            parts.append(Piece(cut[-1], "", ""))
        if parts:
            parts[-1] = Piece(parts[-1].text, " ", "")
        found += parts
    return found


def _tidy(text: str) -> str:
    """On one line, without what the font cannot show: control characters, lone surrogates, emoji."""
    blanked = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text)
    shown = "".join(char for char in blanked if char <= "\uffff" and char not in "\ufe0e\ufe0f\u200d")
    return " ".join(shown.split())


def _syllables(word: str) -> list[str]:
    """A long word in pieces of four letters or more, each but the first starting with a consonant.

    What has no vowels to go by (a code, another script) is cut into equal parts where it is very long.
    """
    found, start = [], 0
    for index in range(1, len(word) - 1):
        if not (word[index].isalpha() and not _is_vowel(word, index) and _is_vowel(word, index + 1)):
            continue
        cut = index - 1 if word[index - 1 : index + 1].lower() in _TOGETHER else index
        has_vowel = any(_is_vowel(word, place) for place in range(start, cut))
        if cut - start >= 4 and len(word) - cut >= 4 and has_vowel:
            found.append(word[start:cut])
            start = cut
    found.append(word[start:])
    return [part[at : at + _CHUNK] for part in found for at in range(0, len(part), _CHUNK)]


def _is_vowel(word: str, index: int) -> bool:
    letter = unicodedata.normalize("NFD", word[index].lower())[0]
    return letter in "aeiouy" or (letter == "j" and index > 0 and word[index - 1].lower() == "i")
