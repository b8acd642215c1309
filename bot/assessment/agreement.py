"""How far people agree: r_wg of one item, r_wg(J) of several.

L.R. James, R.G. Demaree and G. Wolf, 'Estimating within-group interrater reliability with and without
response bias', Journal of Applied Psychology 69 (1984), 85-98: the variance among people against the
variance there would be if everybody answered at random, each level as likely as any other (the uniform null
distribution).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Agreement = Literal["low", "moderate", "strong"]

MODERATE, STRONG = 0.5, 0.7
"""From these values on agreement is called moderate, strong. Coarser than J.M. LeBreton and J.L. Senter,
'Answers to 20 questions about interrater reliability and interrater agreement', Organizational Research
Methods 11 (2008), 815-852, who call up to 0.30 none, 0.50 weak, 0.70 moderate, 0.90 strong, and more very
strong."""


def variance_at_random(alternatives: int) -> float:
    """The variance of answers at random among so many levels that lie 1 apart: (A^2 - 1) / 12."""
    return (alternatives * alternatives - 1) / 12


def variance_on_axis(length: float) -> float:
    """The same where every value of an axis of this length can occur: length^2 / 12. Of scores of
    checklists."""
    return length * length / 12


def r_wg(found: float | None, at_random: float) -> float | None:
    """Agreement on one item, in [0, 1]: 1 - found / at_random. None without a variance (`found`).

    More variance than at random would give less than zero; as is usual (James, Demaree and Wolf), that is 0.
    """
    return None if found is None else max(0.0, 1.0 - found / at_random)


def r_wg_j(found: Sequence[tuple[float | None, float]]) -> float | None:
    """Agreement on the items of one dimension together, r_wg(J), in [0, 1].

    `found`: of each item its variance and that at random; one without a variance (None) is left out, J counts
    the others. With q the mean of variance / at random: J (1 - q) / (J (1 - q) + q). 0 from q = 1 on; None
    without any item.
    """
    shares = [one / at_random for one, at_random in found if one is not None]
    if not shares:
        return None
    share = sum(shares) / len(shares)
    if share >= 1.0:
        return 0.0
    agreeing = len(shares) * (1.0 - share)
    return agreeing / (agreeing + share)


def called(value: float | None) -> Agreement | None:
    """What a value is called; None for none."""
    if value is None:
        return None
    # What was computed as 0.7 is a float just below it now and then.
    value = round(value, 9)
    return "strong" if value >= STRONG else "moderate" if value >= MODERATE else "low"
