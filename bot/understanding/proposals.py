"""Where own words seem to stand among the levels of an item: what a placer says, in plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Certainty = Literal["clear", "doubt", "unclear"]
"""'clear': one level can be proposed; 'doubt': the likeliest two are worth showing; 'unclear': neither."""


@dataclass(frozen=True)
class Placement:
    """Own words, placed at one item.

    `likely`: every level with its probability in [0, 1], the likeliest first; they sum to 1. `quote`: the
    part of the words that speaks most for the likeliest level, verbatim, in one line. `item_id`:
    'dimension.item'.
    """

    item_id: str
    certainty: Certainty
    likely: tuple[tuple[int, float], ...]
    quote: str

    @property
    def level(self) -> int:
        """The likeliest level."""
        return self.likely[0][0]

    @property
    def confidence(self) -> float:
        """The probability of the likeliest level, in [0, 1]."""
        return self.likely[0][1]


@dataclass(frozen=True)
class Reading:
    """What one message says: of the item that is asked, and clearly of the one asked after it, if it does.

    `ahead` is None where the words do not plainly speak of that item too.
    """

    here: Placement
    ahead: Placement | None = None
