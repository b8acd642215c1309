"""Cutting texts to a length: counted as a channel counts, and never inside what belongs together."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Literal

Units = Literal["characters", "utf16"]

ELLIPSIS = "…"

_GAP = re.compile(r"\s+")
# White space that holds the words beside it together.
_NO_BREAK = "\u00a0\u2007\u202f"
_SENTENCE_END = re.compile(r"[.!?…。！？؟][\"'”’»)\]]*$")

# How good a gap is to cut at, best first.
_PARAGRAPH, _LINE, _SENTENCE, _WORD, _WITHIN = range(5)

_JOINER = "\u200d"
# Joined to what stands before them, though not by their category: joiners, Thai and Lao AM, halfwidth marks.
_EXTENDS = frozenset("\u200c\u200d\u0e33\u0eb3\uff9e\uff9f")
# Joined to what stands behind them.
_PREPENDS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2"
    "\U000111c3\U0001193f\U00011941\U00011a3a\U00011a84\U00011a85\U00011a86\U00011a87\U00011a88\U00011a89"
    "\U00011d46\U00011f02"
)
# Blank, though they count as letters or symbols: Hangul fillers and the empty Braille pattern.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_VIRAMA = 9


def length(text: str, units: Units) -> int:
    """How long a text is for a channel that counts these units."""
    if units == "characters" or text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def says_something(text: str) -> bool:
    """Whether anything of a text can be seen; channels refuse what is all blank."""
    return any(_seen(character) for character in text)


def _seen(character: str) -> bool:
    if character.isalnum():
        return character not in _BLANK
    category = unicodedata.category(character)
    return character not in _BLANK and (category[0] in "PS" or category == "Co")


def parted(text: str, place: int) -> bool:
    """Whether a text may be cut before this place (1 or more), or stands in what the eye takes for one sign.

    Follows the rules for grapheme clusters (Unicode Standard Annex 29, section 3.1.1); where these need
    tables that Python lacks, it says no rather than yes.
    """
    before, after = text[place - 1], text[place]
    if before < "\u0300" and after < "\u0300":
        return not (before == "\r" and after == "\n")
    if _extends(after) or before == _JOINER or before in _PREPENDS:
        return False
    if after.isalpha() and _conjoins(text, place):
        return False
    if _regional(before) and _regional(after):
        first = place - 1
        while first and _regional(text[first - 1]):
            first -= 1
        return (place - first) % 2 == 0
    return not _one_syllable(before, after)


def _extends(character: str) -> bool:
    """Marks, skin tones, the tags in the flags of regions: whatever changes what stands before it."""
    return (
        character in _EXTENDS
        or unicodedata.category(character)[0] == "M"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _conjoins(text: str, place: int) -> bool:
    """Whether what stands before this place joins letters of an Indian script into one sign."""
    while place and _extends(text[place - 1]):
        place -= 1
        if unicodedata.combining(text[place]) == _VIRAMA:
            return True
    return False


def _regional(character: str) -> bool:
    """Half of a flag."""
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _one_syllable(before: str, after: str) -> bool:
    """Whether two signs of Korean stand in one block."""
    first, second = _hangul(before), _hangul(after)
    if first == "L":
        return second in ("L", "V", "LV", "LVT")
    if first in ("LV", "V"):
        return second in ("V", "T")
    return first in ("LVT", "T") and second == "T"


def _hangul(character: str) -> str:
    if "\u1100" <= character <= "\u115f" or "\ua960" <= character <= "\ua97c":
        return "L"
    if "\u1160" <= character <= "\u11a7" or "\ud7b0" <= character <= "\ud7c6":
        return "V"
    if "\u11a8" <= character <= "\u11ff" or "\ud7cb" <= character <= "\ud7fb":
        return "T"
    if "\uac00" <= character <= "\ud7a3":
        return "LVT" if (ord(character) - 0xAC00) % 28 else "LV"
    return ""


def shorten(text: str, limit: int, units: Units) -> str:
    """The text in one line of at most `limit` units (1 or more), with an ellipsis where some was left out.

    What is left out begins at a word; only where no word would be left is one cut, between two characters as
    the eye sees them. A text of which nothing can be seen becomes an ellipsis.
    """
    line = " ".join(text.split())
    if not says_something(line):
        return ELLIPSIS
    if length(line, units) <= limit:
        return line
    end = _fitting(line, limit - 1, units)
    # A word may end exactly there.
    space = line.rfind(" ", 0, end + 1)
    if space > 0 and any(character.isalpha() for character in line[:space]):
        return line[:space].rstrip(" ,;:·-–—") + ELLIPSIS
    while end > 0 and not parted(line, end):
        end -= 1
    return line[:end].rstrip() + ELLIPSIS


def _fitting(text: str, limit: int, units: Units) -> int:
    """How many of a text's characters fit into these units."""
    if units == "characters":
        return min(len(text), limit)
    used = 0
    for place, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return place
    return len(text)


@dataclass(frozen=True)
class Piece:
    """A stretch of a passage: its text, and from and to of what is emphasised in it."""

    text: str
    strong: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class _Gap:
    """The white space between two words: its first place, the place behind it, and how good it is."""

    end: int
    start: int
    rank: int


class Passage:
    """A text that is to be cut into pieces. All places are in characters, all limits in `units`, 2 or more.

    `strong`: from and to of what is emphasised, in order. It is cut where nothing else is left, at words.
    """

    def __init__(self, text: str, units: Units, strong: Sequence[tuple[int, int]] = ()) -> None:
        self.text = text
        self.units = units
        self.strong = strong

    def fits(self, start: int, stop: int, limit: int) -> bool:
        """Whether this stretch is within the limit."""
        if 2 * (stop - start) <= limit:
            return True
        return length(self.text[start:stop], self.units) <= limit

    def piece(self, start: int, stop: int, limit: int) -> Piece:
        """This stretch, with its emphasis where there is room for a mark on either side of it."""
        text = self.text[start:stop]
        spans = [(max(a, start) - start, min(b, stop) - start) for a, b in self.strong]
        spans = [(a, b) for a, b in spans if a < b]
        if spans and length(text, self.units) + 2 * len(spans) > limit:
            spans = []
        return Piece(text, tuple(spans))

    def caption(self, limit: int, *, whole: bool) -> tuple[int, int]:
        """As many paragraphs from the start as fit: where they end, and where what follows starts.

        (0, 0) when there are none in which anything can be seen. `whole`: it may be all of the text.
        """
        if whole and self.fits(0, len(self.text), limit):
            end = start = len(self.text)
            return (end, start) if says_something(self.text) else (0, 0)
        found = [gap for gap in self._gaps if gap.rank == _PARAGRAPH and self._counted(0, gap.end) <= limit]
        if not found or not says_something(self.text[: found[-1].end]):
            return 0, 0
        return found[-1].end, found[-1].start

    def pieces(
        self, start: int, limit: int, last: int | None = None, prefer: int | None = None
    ) -> list[tuple[int, int]]:
        """From and to of the pieces from `start` on; none is longer than `limit`, the last one than `last`.

        `prefer`: where the last one starts, if it then fits. When the last word does not fit into `last`, the
        last piece is an empty stretch at the end. What leaves no other way is cut inside a word.
        """
        stop = len(self.text)
        if last is None:
            return self._from_the_front(start, stop, limit)
        if self.fits(start, stop, last):
            return [(start, stop)]
        before, tail = self._tail(start, last, prefer)
        return [*self._from_the_front(start, before, limit), (tail, stop)]

    def head(self, start: int, stop: int, limit: int) -> tuple[int, int]:
        """The longest piece from `start` that ends at the best place: its end, and the start of the next."""
        if self.fits(start, stop, limit):
            return stop, stop
        gaps = self._gaps
        first = bisect_right(gaps, start, key=lambda gap: gap.end)
        behind = first
        while behind < len(gaps) and self._counted(start, gaps[behind].end) <= limit:
            behind += 1
        if behind > first:
            gap = min(gaps[first:behind], key=lambda gap: (gap.rank, -gap.end))
            return gap.end, gap.start
        end = most = bisect_right(self._before, self._before[start] + limit) - 1
        while end > start and not parted(self.text, end):
            end -= 1
        # What looks like one character can be longer than any limit; the limit goes before its looks.
        end = end if end > start else most
        return end, end

    def _from_the_front(self, start: int, stop: int, limit: int) -> list[tuple[int, int]]:
        found = []
        while start < stop:
            end, following = self.head(start, stop, limit)
            found.append((start, end))
            start = following
        return found

    def _tail(self, start: int, limit: int, prefer: int | None) -> tuple[int, int]:
        """The longest last piece that starts at the best place: where what is before it ends, its start."""
        stop = len(self.text)
        gaps = self._gaps
        first = bisect_right(gaps, start, key=lambda gap: gap.start)
        first = bisect_left(gaps, self._before[stop] - limit, lo=first, key=lambda g: self._before[g.start])
        if first == len(gaps):
            return stop, stop
        gap = min(gaps[first:], key=lambda gap: (gap.start != prefer, gap.rank, gap.start))
        return gap.end, gap.start

    def _counted(self, start: int, stop: int) -> int:
        return self._before[stop] - self._before[start]

    @cached_property
    def _before(self) -> list[int]:
        """How many units stand before each place."""
        if self.units == "characters":
            return list(range(len(self.text) + 1))
        return [0, *accumulate(2 if character > "\uffff" else 1 for character in self.text)]

    @cached_property
    def _gaps(self) -> list[_Gap]:
        inner = {match.start() for a, b in self.strong for match in _GAP.finditer(self.text, a, b)}
        return [
            _Gap(match.start(), match.end(), _WITHIN if match.start() in inner else self._rank(match))
            for match in _GAP.finditer(self.text)
            if match.group().strip(_NO_BREAK)
        ]

    def _rank(self, gap: re.Match[str]) -> int:
        lines = gap.group().count("\n")
        if lines:
            return _PARAGRAPH if lines > 1 else _LINE
        following = self.text[gap.end() : gap.end() + 1]
        # 'approx. five' goes on; so does whatever begins with a small letter.
        ended = _SENTENCE_END.search(self.text, max(0, gap.start() - 4), gap.start())
        return _SENTENCE if ended and not following.islower() else _WORD
