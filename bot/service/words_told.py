"""What own words led to which answer, told afterwards: on the result page, in the report, behind a level."""

from __future__ import annotations

from typing import Any

from bot.assessment.definitions import Item
from bot.assessment.records import StoredAnswer, StoredPlacement
from bot.service import wording
from bot.service.kind_words import answer_name
from bot.texts import say

# In characters: in a list of answers a quote stands in half a line.
_LONGEST_BESIDE = 80
_LONGEST = 160


def quote(placed: StoredPlacement, longest: int = _LONGEST) -> str:
    """The part of the words that was telling, in one line and cut at a word; empty where none was."""
    text = " ".join(placed.quote.split())
    if len(text) <= longest:
        return text
    return f"{text[:longest].rpartition(' ')[0] or text[:longest]}…"


def told_words(stored: StoredAnswer) -> str | None:
    """The own words for which something was proposed, whole; None where there were none."""
    placed = stored.placement
    # A level that was named outright ('the next one is a 4') is no description.
    if placed is None or not placed.proposed or placed.likely[0][1] == 1.0:
        return None
    return placed.words


def proposal(language: str, item: Item, stored: StoredAnswer) -> str | None:
    """What the words sounded like, how sure that was, and what was chosen; None without such words."""
    placed = stored.placement
    if placed is None or told_words(stored) is None:
        return None
    levels = sorted(placed.proposed)
    titles = [wording.level_title(language, item, level) for level in levels]
    chosen = answer_name(language, item, stored.answer)
    if len(levels) > 1:
        return say(language, "own.told_doubt", level=titles[0], other=titles[-1], chosen=chosen)
    if stored.answer.value == levels[0]:
        return say(language, "own.told_confirmed", level=titles[0])
    return say(language, "own.told_other", level=titles[0], chosen=chosen)


def beside(language: str, item: Item, stored: StoredAnswer) -> str | None:
    """The telling part of the words that led to the answer.

    None where there is none, and where another level was chosen: then it was misread, and is no reason.
    """
    placed = stored.placement
    if placed is None or told_words(stored) is None:
        return None
    said = quote(placed, _LONGEST_BESIDE)
    if not said:
        return None
    return say(language, "own.beside", quote=said) if stored.answer.value in placed.proposed else None


def as_data(placed: StoredPlacement | None) -> dict[str, Any] | None:
    """The words and all that was read in them, for a file: probabilities by level, in percent."""
    if placed is None:
        return None
    return {
        "words": placed.words,
        "certainty": placed.certainty,
        "proposed": list(placed.proposed),
        "confidence": percent(placed.likely[0][1]),
        "likely": {str(level): percent(share) for level, share in sorted(placed.likely)},
        "quote": placed.quote,
        "said_ahead": placed.ahead,
        "declined": placed.declined,
    }


def percent(share: float) -> float:
    """A probability in percent, with one decimal."""
    return round(100 * share, 1)
