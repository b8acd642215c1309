"""What people of one organisation answered, side by side: distributions, groups, gaps, agreement.

Everything here is about completed runs of all questions of one maturity model. Our own rules: what a level
of a dimension is (the staged level, as in everybody's own result), when a gap is noteworthy, how what was
left open is counted. Agreement is r_wg (bot.assessment.agreement).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from bot.assessment.agreement import r_wg, r_wg_j, variance_at_random, variance_on_axis
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.scoring import format_score
from bot.assessment.segments import SEGMENTS as OPTIONS
from bot.assessment.segments import SKIPPED

Segment = Literal["role_layer", "department", "business_line"]

SEGMENTS: tuple[Segment, ...] = ("role_layer", "department", "business_line")
"""By what people can be put side by side, in the order in which it is shown."""

BETWEEN: tuple[Segment, ...] = ("department", "business_line")
"""Whose groups are looked at for the largest difference; of roles that is management and the work floor."""

UNKNOWN, OTHERS = "unknown", "others"
"""Options beside those of bot.assessment.segments ('skipped' included) and 'withheld': nothing is known of
it; small groups put together, in what is published."""

MANAGEMENT = ("board", "management")
WORK_FLOOR = ("specialist", "front_line")
"""The role layers on either side of the gap."""

NOTEWORTHY = 0.75
"""So many levels apart is worth talking about (our own rule); on an axis of another length than 4 in
proportion: 0.5625 on 0..3."""

LEAST_FOR_GAP, LEAST_PROTECTED = 3, 5
"""So many people on both sides before a gap is called noteworthy: for consultants; in what is published."""

LEAST_FOR_SPREAD = 15
"""So many people have a score before quartiles and standard deviation of a dimension are published."""

Open = Literal["skipped", "dont_know", "not_applicable", "unanswered"]

OPEN: tuple[Open, ...] = ("skipped", "dont_know", "not_applicable", "unanswered")
"""Why an answer is missing. 'unanswered': it was not asked in that version of the maturity model, or its
answer does not carry over to this one; of a dimension: too little was answered for a score."""


@dataclass(frozen=True)
class Run:
    """A run of a maturity model with what a comparison has to know of its respondent; read in bulk.

    `segments`, `quoting`, `language`, `last_seen_at`: of the conversation (bot.assessment.records).
    """

    id: str
    conversation_id: str
    campaign_id: str
    definition_hash: str
    version: str
    status: str
    depth: str
    business_line: str | None
    current_item: str | None
    started_at: datetime
    completed_at: datetime | None
    segments: Mapping[str, str]
    quoting: str | None
    language: str
    last_seen_at: datetime


@dataclass(frozen=True)
class Figures:
    """What one group of people answered: of one item, one dimension, or overall.

    `n`: how many have a value. `counts`: how many stand at each level from the model's lowest to its
    highest; of a rubric the chosen level, of a checklist its stage, of a dimension the staged level; empty
    of 'overall'. All else is about the scores, which are not rounded: of a rubric the level, of a checklist
    the element's score. `mean`, `median`, `lowest`, `highest`: None without values. `q1`, `q3`: quartiles,
    with linear interpolation between the two nearest values (the default of R and NumPy). `sd`: standard
    deviation with n - 1; None below two. `agreement`: r_wg of an item, r_wg(J) of a dimension, in [0, 1];
    None below two people and of 'overall'. `open`: why -> how many have no value, those that occur only; in
    what is published, 'left_open' stands for all of them where they are few.
    """

    n: int
    counts: tuple[int, ...]
    mean: float | None
    median: float | None
    q1: float | None
    q3: float | None
    lowest: float | None
    highest: float | None
    sd: float | None
    agreement: float | None
    open: Mapping[str, int]


@dataclass(frozen=True)
class Group:
    """The people who have something in common, or all of them.

    `key`: 'all', 'management', 'work_floor', or 'segment:option' ('department:sales'). `segment`, `option`:
    of the last, else None; the option may be 'skipped', UNKNOWN, 'withheld' (an anonymous campaign does not
    tell) or OTHERS. `n`: how many runs; `people`: how many persons, fewer where some have a run for each
    business line. `dimensions`, `items`: id -> figures, in the model's order, of items those that score; an
    item that is not shown for a group (protection) is not in it. `of`: in OTHERS, the options that were put
    together.
    """

    key: str
    segment: Segment | None
    option: str | None
    n: int
    people: int
    overall: Figures
    dimensions: Mapping[str, Figures]
    items: Mapping[str, Figures]
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """Management against the work floor, of one dimension (`id`: 'data') or item ('data.quality').

    `difference`: mean of management minus mean of the work floor, signed, not rounded. `higher`: who rates
    higher, None where they are equal. `noteworthy`: at least NOTEWORTHY apart, with enough people on both
    sides.
    """

    id: str
    management: Figures
    work_floor: Figures
    difference: float
    higher: Literal["management", "work_floor"] | None
    noteworthy: bool


@dataclass(frozen=True)
class Between:
    """The two groups of one way to divide people that are furthest apart, of one dimension or item (`id`).

    `high`, `low`: the groups, by their mean; `of_high`, `of_low`: their figures. `difference`: above zero,
    not rounded. `noteworthy`: at least NOTEWORTHY apart.
    """

    id: str
    segment: Segment
    high: Group
    low: Group
    of_high: Figures
    of_low: Figures
    difference: float
    noteworthy: bool


@dataclass(frozen=True)
class LeftOut:
    """How many runs are not in the comparison, and why.

    `not_finished`: begun, not completed. `quick`: a quick scan. `earlier`: the same person has a newer one.
    `other_version`: nothing of that version's answers carries over to this one.
    """

    not_finished: int = 0
    quick: int = 0
    earlier: int = 0
    other_version: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.not_finished + self.quick + self.earlier + self.other_version


@dataclass(frozen=True)
class Comparison:
    """One maturity model in one campaign (or organisation), its respondents side by side.

    `model`: the version that all is told in: the newest one with completed runs. `whole`: everybody.
    `groups`: segment -> its groups, in the order of the options, those with people only; a segment that
    tells nothing (everybody alike) is in it, with one group. `management`, `work_floor`: the two sides, None
    where nobody is on that side (or, published, where it cannot be shown). `gaps`: dimension or item id ->
    the gap, where both sides have a value. `targets`: dimension id -> the level that is wanted: as the
    campaign says, else as the model's rule says for the level that at least half of the people have reached.
    `lines`: business line -> runs ('b2c', 'b2b', 'both', UNKNOWN). `line`: the one that this is limited to,
    None for all together. `versions`: version -> runs that are in it. `protected`: made to be published, no
    group under five can be told from it. `anonymous`: groups are told as the campaign's promise allows.
    """

    model: MaturityModel
    whole: Group
    groups: Mapping[Segment, tuple[Group, ...]]
    management: Group | None
    work_floor: Group | None
    gaps: Mapping[str, Gap]
    targets: Mapping[str, int]
    lines: Mapping[str, int]
    line: str | None
    versions: Mapping[str, int]
    left_out: LeftOut
    anonymous: bool = False
    protected: bool = False

    @property
    def n(self) -> int:
        """How many runs are compared."""
        return self.whole.n

    @property
    def people(self) -> int:
        """How many persons are compared."""
        return self.whole.people

    def group(self, key: str) -> Group | None:
        """The group with this key; None where there is none (any more)."""
        sides = [one for one in (self.whole, self.management, self.work_floor) if one is not None]
        every = [*sides, *(one for groups in self.groups.values() for one in groups)]
        return next((one for one in every if one.key == key), None)


@dataclass(frozen=True)
class Entry:
    """One run, as it is compared. `unit`: what stands for it in protection; `person`: whose it is.

    `segments`: as they may be told; what is not in it, or None, is UNKNOWN. `dimensions`: id -> (score,
    staged level), both None without a score. `items`: id -> (level, score, why it is open), of those that
    score.
    """

    unit: str
    person: str
    segments: Mapping[str, str | None]
    overall: float | None
    dimensions: Mapping[str, tuple[float | None, int | None]]
    items: Mapping[str, tuple[int | None, float | None, str | None]]


@dataclass(frozen=True)
class Members:
    """A group before it has figures; fields as of Group. `entries`: places in the list of entries."""

    key: str
    segment: Segment | None
    option: str | None
    entries: tuple[int, ...]
    of: tuple[str, ...] = ()


def everybody(entries: Sequence[Entry]) -> Members:
    """All of them."""
    return Members("all", None, None, tuple(range(len(entries))))


def sides(entries: Sequence[Entry]) -> tuple[Members, Members]:
    """Management and the work floor; without entries where nobody is on that side."""
    layers = [entry.segments.get("role_layer") for entry in entries]
    return (
        Members("management", None, None, tuple(i for i, one in enumerate(layers) if one in MANAGEMENT)),
        Members("work_floor", None, None, tuple(i for i, one in enumerate(layers) if one in WORK_FLOOR)),
    )


def by_segment(entries: Sequence[Entry], segment: Segment) -> tuple[Members, ...]:
    """The groups of one segment that have people, in the order of the options; what is not told comes
    last."""
    found: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        found.setdefault(entry.segments.get(segment) or UNKNOWN, []).append(number)
    known = (*OPTIONS[segment], SKIPPED, UNKNOWN)
    order = sorted(found, key=lambda one: (known.index(one) if one in known else len(known), one))
    return tuple(Members(f"{segment}:{one}", segment, one, tuple(found[one])) for one in order)


def compare(
    model: MaturityModel,
    entries: Sequence[Entry],
    *,
    targets: Mapping[str, int] | None = None,
    lines: Mapping[str, int] | None = None,
    line: str | None = None,
    versions: Mapping[str, int] | None = None,
    left_out: LeftOut | None = None,
    anonymous: bool = False,
    protection: Protection | None = None,
) -> Comparison | None:
    """Put these side by side; None where there are none, or nothing of them may be shown.

    `targets`: as the campaign says (see Comparison). `protection`: what may be shown; None: everything.
    """
    table = _Table(model, entries, protection)
    if protection is None:
        whole: Members | None = everybody(entries) if entries else None
        management, work_floor = (one if one.entries else None for one in sides(entries))
        groups = {segment: by_segment(entries, segment) for segment in SEGMENTS}
    else:
        shown = {one.key: one for one in protection.groups}
        whole, management, work_floor = (shown.get(key) for key in ("all", "management", "work_floor"))
        groups = {
            segment: tuple(one for one in protection.groups if one.segment == segment) for segment in SEGMENTS
        }
    if whole is None:
        return None
    of_all = table.group(whole)
    of_management = None if management is None else table.group(management)
    of_work_floor = None if work_floor is None else table.group(work_floor)
    return Comparison(
        model=model,
        whole=of_all,
        groups={segment: tuple(map(table.group, members)) for segment, members in groups.items()},
        management=of_management,
        work_floor=of_work_floor,
        gaps=gaps(model, of_management, of_work_floor, LEAST_PROTECTED if protection else LEAST_FOR_GAP),
        targets=_targets(model, of_all, targets or {}),
        lines=dict(lines or {}),
        line=line,
        versions=dict(versions or {}),
        left_out=left_out or LeftOut(),
        anonymous=anonymous,
        protected=protection is not None,
    )


@dataclass(frozen=True)
class Protection:
    """What may be shown: these groups, and of each dimension, item and 'overall' (id -> keys) of which of
    them.

    `bare`: in the same way, of which of them nothing of the spread is told.
    """

    groups: tuple[Members, ...]
    shown: Mapping[str, frozenset[str]]
    bare: Mapping[str, frozenset[str]] = field(default_factory=dict)


def gaps(
    model: MaturityModel, management: Group | None, work_floor: Group | None, least: int = LEAST_FOR_GAP
) -> dict[str, Gap]:
    """Dimension or item id -> the gap, dimensions first, where both sides have a value.

    `least`: so many people on either side before a gap is noteworthy.
    """
    if management is None or work_floor is None:
        return {}
    enough = round(NOTEWORTHY * axis(model) / 4, 9)
    found: dict[str, Gap] = {}
    pairs = [(management.dimensions, work_floor.dimensions), (management.items, work_floor.items)]
    for here, there in pairs:
        for key, one in here.items():
            other = there.get(key)
            if other is None or one.mean is None or other.mean is None:
                continue
            # Not to be taken in by floats: 0.75 may come out a little below itself.
            difference = round(one.mean - other.mean, 9)
            higher: Literal["management", "work_floor"] | None = None
            if difference:
                higher = "management" if difference > 0 else "work_floor"
            noteworthy = abs(difference) >= enough and min(one.n, other.n) >= least
            found[key] = Gap(key, one, other, difference, higher, noteworthy)
    return found


def between(found: Comparison, id_: str, segment: Segment) -> Between | None:
    """The groups of this segment that are furthest apart on a dimension or item; None without two.

    Only groups that say something of people, and with as many of them (LEAST_FOR_GAP, LEAST_PROTECTED) as a
    noteworthy gap takes on either side: the most extreme of many small groups would be chance.
    """
    least = LEAST_PROTECTED if found.protected else LEAST_FOR_GAP
    of = [
        (figures.mean, group, figures)
        for group in found.groups.get(segment, ())
        if group.option in OPTIONS[segment]
        for figures in [(group.items if "." in id_ else group.dimensions).get(id_)]
        if figures is not None and figures.mean is not None and figures.n >= least
    ]
    if len(of) < 2:
        return None
    high, low = max(of, key=lambda one: one[0]), min(of, key=lambda one: one[0])
    difference = round(high[0] - low[0], 9)
    noteworthy = difference >= round(NOTEWORTHY * axis(found.model) / 4, 9)
    return Between(id_, segment, high[1], low[1], high[2], low[2], difference, noteworthy)


def widest(found: Comparison, id_: str) -> Between | None:
    """The largest of `between` departments and between kinds of customers; None without any."""
    every = [one for segment in BETWEEN if (one := between(found, id_, segment)) is not None]
    return max(every, key=lambda one: one.difference, default=None)


def axis(model: MaturityModel) -> int:
    """How long the axis of the scores is: 4 on 1..5, 3 on 0..3."""
    return model.highest - model.lowest


def quantile(ordered: Sequence[tuple[float, int]], share: float) -> float | None:
    """The value below which this share lies, with linear interpolation; None without values.

    `ordered`: (value, how often), the values going up. The place is share * (n - 1), counted from 0.
    """
    n = sum(count for _, count in ordered)
    if not n:
        return None
    place = share * (n - 1)
    low = _at(ordered, math.floor(place))
    return low + (place - math.floor(place)) * (_at(ordered, math.ceil(place)) - low)


def _at(ordered: Sequence[tuple[float, int]], place: int) -> float:
    """The value at this place, from 0."""
    for value, count in ordered:
        place -= count
        if place < 0:
            return value
    raise IndexError(place)


def _variance(values: Mapping[float, int], mean: float, n: int) -> float | None:
    """Of a sample: with n - 1 below the line. None below two."""
    if n < 2:
        return None
    return math.fsum(count * (value - mean) ** 2 for value, count in values.items()) / (n - 1)


def _targets(model: MaturityModel, whole: Group, chosen: Mapping[str, int]) -> dict[str, int]:
    found = {}
    for dimension in model.dimensions:
        figures = whole.dimensions.get(dimension.id)
        if dimension.id in chosen:
            found[dimension.id] = chosen[dimension.id]
        elif model.target_rule == "highest":
            found[dimension.id] = model.highest
        elif figures is not None and figures.n:
            reached = next(
                level
                for level in range(model.highest, model.lowest - 1, -1)
                if 2 * sum(figures.counts[level - model.lowest :]) >= sum(figures.counts)
            )
            found[dimension.id] = min(reached + 1, model.highest)
    return found


class _Table:
    """The entries' values by column, so that a group is a list of places in them."""

    def __init__(self, model: MaturityModel, entries: Sequence[Entry], protection: Protection | None) -> None:
        self._model = model
        self._entries = entries
        self._protection = protection
        self._items: dict[str, tuple[Item, str]] = {
            f"{dimension.id}.{item.id}": (item, dimension.id)
            for dimension, item in model.walk()
            if item.scored
        }
        nothing = (None, None, "unanswered")
        self._of_items = {
            item_id: _Columns([entry.items.get(item_id, nothing) for entry in entries])
            for item_id in self._items
        }
        self._of_dimensions = {
            one.id: _Columns(
                [
                    (staged, score, None if score is not None else "unanswered")
                    for score, staged in (entry.dimensions.get(one.id, (None, None)) for entry in entries)
                ]
            )
            for one in model.dimensions
        }
        self._overall = _Columns(
            [(None, entry.overall, None if entry.overall is not None else "unanswered") for entry in entries]
        )

    def group(self, members: Members) -> Group:
        """The group with its figures."""
        items: dict[str, Figures] = {}
        variances: dict[str, list[tuple[float | None, float]]] = {}
        for item_id, (item, dimension_id) in self._items.items():
            at_random = (
                variance_at_random(len(item.levels))
                if item.kind == "rubric"
                else variance_on_axis(axis(self._model))
            )
            figures, found = self._figures(self._of_items[item_id], members, at_random)
            if self._may(item_id, members):
                items[item_id] = figures
                variances.setdefault(dimension_id, []).append((found, at_random))
        dimensions = {
            key: self._of_dimension(key, rows, members, variances.get(key, []))
            for key, rows in self._of_dimensions.items()
            if self._may(key, members)
        }
        return Group(
            key=members.key,
            segment=members.segment,
            option=members.option,
            n=len(members.entries),
            people=len({self._entries[i].person for i in members.entries}),
            overall=(
                self._without_ends("overall", members, self._figures(self._overall, members, None)[0])
                if self._may("overall", members)
                else _NOTHING
            ),
            dimensions=dimensions,
            items=items,
            of=members.of,
        )

    def _may(self, key: str, members: Members) -> bool:
        return self._protection is None or members.key in self._protection.shown.get(key, ())

    def _of_dimension(
        self, key: str, rows: _Columns, members: Members, variances: Sequence[tuple[float | None, float]]
    ) -> Figures:
        figures, _ = self._figures(rows, members, None)
        agreement = r_wg_j(variances)
        if self._protection is not None and agreement is not None:
            agreement = round(agreement, 2)
        return self._without_ends(key, members, replace(figures, agreement=agreement))

    def _without_ends(self, key: str, members: Members, figures: Figures) -> Figures:
        # The lowest score of a dimension is one person's; of an item the counts tell it anyway.
        if self._protection is None:
            return figures
        found = replace(figures, lowest=None, highest=None)
        # Of a few scores spread and quartiles leave little to guess what each of them is.
        if found.n >= LEAST_FOR_SPREAD and members.key not in self._protection.bare.get(key, ()):
            return found
        return replace(found, sd=None, q1=None, median=None, q3=None)

    def _figures(
        self, rows: _Columns, members: Members, at_random: float | None
    ) -> tuple[Figures, float | None]:
        """The figures, and the variance (None below two)."""
        values = rows.counted(rows.scores, members)
        values.pop(None, None)
        open_ = rows.counted(rows.open, members)
        levels = rows.counted(rows.levels, members)
        n = values.total()
        lowest = self._model.lowest
        ordered = sorted(values.items())
        mean = math.fsum(value * count for value, count in ordered) / n if n else None
        found = None if mean is None else _variance(values, mean, n)
        counts = tuple(levels.get(level, 0) for level in range(lowest, self._model.highest + 1))
        figures = Figures(
            n=n,
            counts=() if rows is self._overall else counts,
            mean=mean,
            median=quantile(ordered, 0.5),
            q1=quantile(ordered, 0.25),
            q3=quantile(ordered, 0.75),
            lowest=ordered[0][0] if n else None,
            highest=ordered[-1][0] if n else None,
            sd=None if found is None else math.sqrt(found),
            agreement=None if at_random is None else r_wg(found, at_random),
            open={why: open_[why] for why in OPEN if open_[why]},
        )
        return (figures if self._protection is None else _rounded(figures)), found


class _Columns:
    """Of every entry the level, the score, and why there is none; each counted in one go, which is quick."""

    def __init__(self, rows: Sequence[tuple[int | None, float | None, str | None]]) -> None:
        self.levels = [None if score is None else level for level, score, _ in rows]
        self.scores = [score for _, score, _ in rows]
        self.open = [why if score is None else None for _, score, why in rows]

    @staticmethod
    def counted(column: Sequence[Any], members: Members) -> Counter[Any]:
        """Value -> how many of the members have it."""
        if len(members.entries) == len(column):
            return Counter(column)
        return Counter([column[i] for i in members.entries])


_NOTHING = Figures(0, (), None, None, None, None, None, None, None, None, {})


def _rounded(figures: Figures) -> Figures:
    """As it is published: one decimal (agreement: two), and few who left it open are told together.

    Exact means could be set against each other to find what single people, who answered only a part of a
    dimension, said there.
    """

    def one(value: float | None) -> float | None:
        # Half up, as scores are shown everywhere.
        return None if value is None else float(format_score(value, "en"))

    few = any(count < LEAST_PROTECTED for count in figures.open.values())
    return replace(
        figures,
        mean=one(figures.mean),
        median=one(figures.median),
        q1=one(figures.q1),
        q3=one(figures.q3),
        lowest=one(figures.lowest),
        highest=one(figures.highest),
        sd=one(figures.sd),
        agreement=None if figures.agreement is None else round(figures.agreement, 2),
        open={"left_open": sum(figures.open.values())} if few else figures.open,
    )
