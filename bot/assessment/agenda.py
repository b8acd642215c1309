"""A workshop from disagreement: the questions about which talking pays most. Our own rule (docs/adr/0023)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.assessment.agreement import STRONG, called
from bot.assessment.comparison import (
    LEAST_PROTECTED,
    Between,
    Comparison,
    Figures,
    Gap,
    axis,
    quantile,
    widest,
)
from bot.assessment.definitions import Item

Minutes = Literal[60, 90, 120]
LENGTHS: tuple[Minutes, ...] = (60, 90, 120)

DISAGREEMENT, APART, BELOW = 0.5, 0.3, 0.2
"""What the three parts of the priority weigh: disagreement first, since that is what talking is for."""

FULL = 0.5
"""Half of the axis apart, or below the target, counts in full (as a spread of half the axis is
unbalanced)."""

FOR_ONE = 15
"""Minutes to talk about one question."""

_FRAME: Mapping[int, tuple[int, int]] = {60: (5, 10), 90: (10, 15), 120: (10, 20)}
"""Length -> minutes to open and to close with; the questions come between."""

OF_ONE_DIMENSION = 2
"""So many questions of one dimension, while there are others: a workshop is about more than one thing."""

MOST_QUOTES = 3
_SHORTEST_QUOTE, _LONGEST_QUOTE = 15, 400

Reason = Literal["disagreement", "gap", "groups", "target"]


@dataclass(frozen=True)
class Quote:
    """Own words of somebody who agreed to that, without a name. `level`: the one chosen (checklist: the
    stage); None where it is not told, since in a small group it could say who.

    `ref`: what the words are kept under, to find them again.
    """

    text: str
    level: int | None
    language: str
    ref: str = ""


@dataclass(frozen=True)
class Said:
    """Own words that may be quoted. `person`: whose; `ref`: what they are kept under."""

    item_id: str
    person: str
    text: str
    level: int
    language: str
    ref: str


@dataclass(frozen=True)
class AgendaItem:
    """One question to talk about. `priority` in [0, 1], and its three parts, each in [0, 1].

    `disagreement`: 1 - r_wg. `apart`: the gap between management and work floor, or the largest between
    departments or kinds of customers where that is larger; `below`: how far the mean is below the target
    times what the next step brings, both with half of the axis for 1; 0 where there is nothing to tell.
    `reasons`: what put it here, the largest contribution first. `benefit`: 1..3, of the next step from the
    median level, None without one. `minutes`: to reserve. `target`: level, None without one. `groups`: the
    departments or kinds of customers that are furthest apart, None without two.
    """

    item_id: str
    dimension_id: str
    figures: Figures
    gap: Gap | None
    target: int | None
    priority: float
    disagreement: float
    apart: float
    below: float
    benefit: int | None
    reasons: tuple[Reason, ...]
    quotes: tuple[Quote, ...]
    minutes: int
    groups: Between | None = None


@dataclass(frozen=True)
class Agenda:
    """What to talk about, in this order, within `minutes` (60, 90 or 120).

    `opening`, `closing`: minutes to begin and to end with. `also`: ids of the next ones, for which there is
    no time. `items` is empty where people agree about everything.
    """

    minutes: Minutes
    opening: int
    closing: int
    items: tuple[AgendaItem, ...]
    also: tuple[str, ...]


def agenda(comparison: Comparison, minutes: Minutes = 90) -> Agenda:
    """What to talk about, without quotes (see `with_quotes`).

    On it comes a question on which agreement is not strong (r_wg below 0.70), or with a noteworthy gap
    between management and work floor, departments or kinds of customers. Order: priority = 0.5 disagreement
    + 0.3 apart + 0.2 below; then the larger disagreement; then the model's order. Of one dimension come two
    at most, unless there is room after all others. Each gets 15 minutes, the first also what is left of the
    time.
    """
    found: list[AgendaItem] = []
    for item_id, figures in comparison.whole.items.items():
        one = _item(comparison, item_id, figures)
        if one is not None:
            found.append(one)
    # sorted() is stable: what is equal stays in the model's order.
    found = sorted(found, key=lambda one: (-round(one.priority, 9), -round(one.disagreement, 9)))
    opening, closing = _FRAME[minutes]
    room = minutes - opening - closing
    chosen = _spread(found, room // FOR_ONE)
    spare = room - FOR_ONE * len(chosen)
    timed = [
        replace(one, minutes=FOR_ONE + (min(spare, FOR_ONE) if number == 0 else 0))
        for number, one in enumerate(chosen)
    ]
    also = tuple(one.item_id for one in found if one not in chosen)
    return Agenda(minutes, opening, closing, tuple(timed), also)


def _spread(found: Sequence[AgendaItem], most: int) -> list[AgendaItem]:
    """The first ones, two of a dimension at most, filled up with what is next; in the order they came in."""
    taken: Counter[str] = Counter()
    first: list[int] = []
    rest: list[int] = []
    for place, one in enumerate(found):
        taken[one.dimension_id] += 1
        (first if taken[one.dimension_id] <= OF_ONE_DIMENSION else rest).append(place)
    return [found[place] for place in sorted([*first, *rest][:most])]


def _item(comparison: Comparison, item_id: str, figures: Figures) -> AgendaItem | None:
    least = LEAST_PROTECTED if comparison.protected else 2
    if figures.n < least or figures.agreement is None or figures.mean is None:
        return None
    dimension, item = comparison.model.item(item_id)
    half = FULL * axis(comparison.model)
    gap = comparison.gaps.get(item_id)
    noteworthy = gap is not None and gap.noteworthy
    groups = widest(comparison, item_id)
    divided = groups is not None and groups.noteworthy
    if called(figures.agreement) == "strong" and not noteworthy and not divided:
        return None
    target = comparison.targets.get(dimension.id)
    benefit = next_benefit(item, figures, comparison.model.lowest)
    disagreement = 1 - figures.agreement
    of_gap = 0.0 if gap is None else min(1.0, abs(gap.difference) / half)
    of_groups = 0.0 if groups is None else min(1.0, groups.difference / half)
    apart = max(of_gap, of_groups)
    missing = 0.0 if target is None else max(0.0, target - figures.mean)
    below = min(1.0, missing / half) * (benefit or 0) / 3
    parts: list[tuple[float, Reason]] = []
    if figures.agreement < STRONG:
        parts.append((DISAGREEMENT * disagreement, "disagreement"))
    if noteworthy:
        parts.append((APART * of_gap, "gap"))
    if divided:
        parts.append((APART * of_groups, "groups"))
    if below:
        parts.append((BELOW * below, "target"))
    return AgendaItem(
        item_id=item_id,
        dimension_id=dimension.id,
        figures=figures,
        gap=gap,
        target=target,
        priority=DISAGREEMENT * disagreement + APART * apart + BELOW * below,
        disagreement=disagreement,
        apart=apart,
        below=below,
        benefit=benefit,
        reasons=tuple(reason for _, reason in sorted(parts, key=lambda part: -part[0])),
        quotes=(),
        minutes=0,
        groups=groups,
    )


def next_benefit(item: Item, figures: Figures, lowest: int) -> int | None:
    """What the next step from the median level (of two, the lower) brings, 1..3; None at the highest level.

    Of a checklist: the largest benefit among the practices of the stage above. `lowest`: the model's level
    that the counts begin at.
    """
    counts = figures.counts
    if not sum(counts):
        return None
    levels = [(float(place), count) for place, count in enumerate(counts) if count]
    level = lowest + int(quantile(levels, 0.5) or 0)
    if item.kind == "checklist":
        later = [one.action.benefit for one in item.practices if one.stage == level + 1]
        return max(later, default=None)
    return next((one.action.benefit for one in item.advice if one.to == level + 1), None)


def with_quotes(found: Agenda, quotes: Mapping[str, Sequence[Quote]]) -> Agenda:
    """The same with what was said at each question (item id -> quotes); the same words once in all."""
    heard: set[str] = set()
    items = []
    for one in found.items:
        here = []
        for quote in quotes.get(one.item_id, ()):
            if (same := _same(quote.text)) not in heard:
                heard.add(same)
                here.append(quote)
        items.append(replace(one, quotes=tuple(here)))
    return replace(found, items=tuple(items))


def _same(text: str) -> str:
    """The text without what makes no other quote of it: capitals, spaces, punctuation."""
    return "".join(one for one in text.casefold() if one.isalnum())


def choose_quotes(said: Sequence[Said], seed: str, *, levels: bool = True) -> dict[str, tuple[Quote, ...]]:
    """Item id -> up to three quotes, chosen and ordered by `seed` and nothing else.

    Of one person at most one at a question, and the same words once. Levels take turns, the lowest and
    the highest first, so that the ends are heard. Without `levels` none is told of a quote, nor does it
    matter which are chosen: beside a group of which only one stands at an end, that quote would be
    somebody's of that group. What is shorter than 15 characters or has no letter says nothing; what is
    longer than 400 is left out, since a cut could turn it around. The order shown is shuffled: it tells
    nothing of who or when.
    """
    by_item: dict[str, list[Said]] = {}
    for one in said:
        text = " ".join(one.text.split())
        if _SHORTEST_QUOTE <= len(text) <= _LONGEST_QUOTE and any(c.isalpha() for c in text):
            by_item.setdefault(one.item_id, []).append(one)
    return {item_id: _quotes(here, seed, levels) for item_id, here in by_item.items()}


def _quotes(said: Sequence[Said], seed: str, told: bool) -> tuple[Quote, ...]:
    def drawn(one: Said, turn: str) -> str:
        return hashlib.sha256(f"{seed}/{turn}/{one.item_id}/{one.ref}".encode()).hexdigest()

    left: dict[int | None, list[Said]] = {}
    heard: set[str] = set()
    same: set[str] = set()
    for one in sorted(said, key=lambda one: drawn(one, "choice")):
        if one.person not in heard and _same(one.text) not in same:
            heard.add(one.person)
            same.add(_same(one.text))
            left.setdefault(one.level if told else None, []).append(one)
    chosen: list[Said] = []
    levels = sorted(left, key=lambda level: level or 0)
    while len(chosen) < MOST_QUOTES and any(left.values()):
        # Lowest, highest, next to lowest, next to highest ...
        for number in range(len(levels)):
            level = levels[number // 2] if number % 2 == 0 else levels[-1 - number // 2]
            if left[level] and len(chosen) < MOST_QUOTES:
                chosen.append(left[level].pop(0))
    chosen.sort(key=lambda one: drawn(one, "order"))
    return tuple(
        Quote(" ".join(one.text.split()), one.level if told else None, one.language, one.ref)
        for one in chosen
    )
