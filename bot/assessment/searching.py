"""Words that people typed, as they are found again: folded, as beginnings; and what to look for in a list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

LONGEST_WORD = 40
"""Characters of a word that are kept to find it by; what is longer is found by its beginning."""
LONGEST_QUERY = 200
MOST_WORDS = 8
SHORTEST_BEGINNING = 3
"""From so many characters on a word also finds the longer ones that begin with it: 'it' is not 'item'."""

Sort = Literal["newest", "score", "name"]
Flag = Literal["follow_up", "agreed"]
SORTS: tuple[Sort, ...] = ("newest", "score", "name")
FLAGS: tuple[Flag, ...] = ("follow_up", "agreed")

# Letters and digits of any script; an underscore or a sign is none.
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class SoughtWord:
    """A word to look for, folded. `beginning`: longer words that begin with it are found as well."""

    text: str
    beginning: bool

    def finds(self, word: str) -> bool:
        """Whether this folded word is one that was looked for."""
        return word.startswith(self.text) if self.beginning else word == self.text


@dataclass(frozen=True)
class Sought:
    """What a list of respondents is narrowed to; nothing set: everybody.

    `organisation_ids`: None for all, and then also what belongs to no campaign. `words`: all of them were
    typed by the respondent, in one
    message or several, or stand in the name. `lowest`, `highest`: the band of the overall score,
    the upper end outside. `item_id` with `level`: the answer that holds. `segments`: segment -> option.
    `since`, `until`: when it began, the end outside. `groups`: of an anonymous campaign, the combinations of
    segments that may be told and fit `segments`; None: look at `segments` themselves.
    """

    organisation_ids: frozenset[str] | None
    campaign_id: str | None = None
    words: tuple[SoughtWord, ...] = ()
    model_id: str | None = None
    status: str | None = None
    lowest: float | None = None
    highest: float | None = None
    item_id: str | None = None
    level: int | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    flag: Flag | None = None
    asked_for_person: bool = False
    open_question: bool = False
    awaits_approval: bool = False
    sort: Sort = "newest"
    groups: tuple[Mapping[str, str | None], ...] | None = None


@dataclass(frozen=True)
class FoundRun:
    """One run in a list, as it is stored: nothing of it is veiled yet."""

    id: str
    conversation_id: str
    model_id: str
    definition_hash: str
    status: str
    depth: str
    started_at: datetime
    completed_at: datetime | None
    business_line: str | None
    approved_at: datetime | None
    campaign_id: str | None
    campaign: str | None
    organisation_id: str | None
    anonymous: bool
    approve_first: bool
    invented: bool
    segments: Mapping[str, str]
    label: str | None
    reference: str | None
    time_zone: str | None = None


@dataclass(frozen=True)
class SaidOfItem:
    """Own words at an item, and the levels beside them: answered now, proposed then, judged last.

    `likely`: as of a StoredPlacement, empty where the words were no placement; `certainty` then None.
    """

    assessment_id: str
    item_id: str
    definition_hash: str
    words: str = field(repr=False)
    certainty: str | None
    likely: tuple[tuple[int, float], ...]
    said: int | None
    judged: int | None
    at: datetime
    label: str | None
    reference: str | None


def fold(word: str) -> str:
    """The word in small letters without accents, no longer than LONGEST_WORD."""
    plain = unicodedata.normalize("NFKD", word.casefold()).casefold()
    return "".join(one for one in plain if one.isalnum())[:LONGEST_WORD]


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of a text that is in its composed form: folded, where it begins, and ends."""
    for found in _WORD.finditer(text):
        folded = fold(found.group())
        if folded:
            yield folded, found.start(), found.end()


def words_of(text: str) -> frozenset[str]:
    """The folded words of a text, each once."""
    return frozenset(word for word, _, _ in _words(unicodedata.normalize("NFC", text)))


def read_query(text: str) -> tuple[SoughtWord, ...]:
    """The words to look for in what somebody typed; none where it holds no letter and no digit.

    Quotes, signs and operators mean nothing. Only the first MOST_WORDS count.
    """
    typed = unicodedata.normalize("NFC", text[:LONGEST_QUERY])
    words = dict.fromkeys(word for word, _, _ in _words(typed))
    return tuple(SoughtWord(one, len(one) >= SHORTEST_BEGINNING) for one in list(words)[:MOST_WORDS])


def snippet(text: str, sought: tuple[SoughtWord, ...], around: int = 60) -> tuple[tuple[str, bool], ...]:
    """A piece of the text around the first word that was looked for: (piece, whether it is such a word).

    In one line, at most some `around` characters on either side, '…' where something was left out. Empty
    where no such word is in it.
    """
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    hits = [(a, b) for word, a, b in _words(plain) if any(one.finds(word) for one in sought)]
    if not hits:
        return ()
    first = hits[0]
    low, high = max(0, first[0] - around), min(len(plain), first[0] + 2 * around)
    pieces: list[tuple[str, bool]] = [("…", False)] if low else []
    at = low
    for begin, end in hits:
        if begin >= high:
            break
        pieces += [(plain[at:begin], False), (plain[begin : min(end, high)], True)]
        at = min(end, high)
    pieces.append((plain[at:high] + ("…" if high < len(plain) else ""), False))
    return tuple((piece, hit) for piece, hit in pieces if piece)
