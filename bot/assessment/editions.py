"""What of a comparison may be published, and how it is written down: content without anybody, and who was in
it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from bot.assessment.comparison import (
    OTHERS,
    SEGMENTS,
    Comparison,
    Entry,
    Figures,
    Gap,
    Group,
    LeftOut,
    Members,
    Protection,
    Segment,
    by_segment,
    everybody,
    sides,
)
from bot.assessment.definitions import MaturityModel
from bot.assessment.protection import LEAST, choose, people

MANY = 30
"""From so many people on the mean of a dimension is told though a few left one of its questions open.

Of 30 the sum is known to within 3 only, and (a + b) / 6, the difference that two answers of 1 to 5 make,
spans 4 / 3.
"""

FORM = 1
"""Of the content; goes up when what is written down changes."""


@dataclass(frozen=True)
class EditionRecord:
    """An edition as it is stored. `content`: of `content_of`; `members`: of `Published`, as `members_of`
    writes it.

    `by`: the name of who published it.
    """

    id: str
    campaign_id: str
    model_id: str
    content: Mapping[str, Any]
    members: Mapping[str, Any]
    user_id: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Published:
    """Who is behind the figures of an edition. `groups`: key -> units. `open`: figure -> units without a
    value in it.

    `shown`: figure (id of an item or dimension, 'overall') -> keys of the groups that it is shown of.
    """

    groups: Mapping[str, frozenset[str]]
    open: Mapping[str, frozenset[str]]
    shown: Mapping[str, frozenset[str]]

    def behind(self, figure: str) -> list[frozenset[str]]:
        """The units that have a value, of each group that this figure is shown of."""
        nobody: frozenset[str] = frozenset()
        return [self.groups[key] - self.open.get(figure, nobody) for key in self.shown.get(figure, nobody)]


def plan(
    model: MaturityModel,
    entries: Sequence[Entry],
    person: Mapping[str, str],
    earlier: Sequence[Published] = (),
) -> tuple[Protection, Published] | None:
    """What may be shown of these beside what earlier editions show; None where not even the whole may be.

    Groups first: the whole, then management and the work floor, then the groups of each segment, the largest
    first. What is left of a segment is put together as OTHERS if that is safe. Then, figure by figure, of
    which of these groups it is shown: those who have a value in it are fewer, and another set each time.

    `person`: unit -> whose it is, of earlier editions too.
    """
    units = [entry.unit for entry in entries]

    def of(members: Members) -> frozenset[str]:
        return frozenset(units[i] for i in members.entries)

    before = [group for one in earlier for group in one.groups.values()]
    taken: list[Members] = []

    def take(candidates: Sequence[Members]) -> list[Members]:
        keys = choose(
            [(one.key, of(one)) for one in candidates if one.entries],
            person,
            [*before, *(of(one) for one in taken)],
        )
        return [one for one in candidates if one.key in keys]

    taken += take([everybody(entries)])
    if not taken:
        return None
    taken += take(sides(entries))
    for segment in SEGMENTS:
        candidates = by_segment(entries, segment)
        large = [one for one in candidates if len(people(of(one), person)) >= LEAST]
        found = take(sorted(large, key=lambda one: -len(one.entries)))
        taken += found
        rest = [one for one in candidates if one not in found]
        if found and len(rest) > 1:
            places = tuple(sorted(i for one in rest for i in one.entries))
            options = tuple(one.option or "" for one in rest)
            taken += take([Members(f"{segment}:{OTHERS}", segment, OTHERS, places, options)])
    taken = _in_order(entries, taken)

    groups = {one.key: of(one) for one in taken}
    open_ = _open(model, entries)
    # The figures are looked at in the order in which groups are taken: the whole, the sides, the largest.
    order = sorted(taken, key=lambda one: (_rank(one), -len(one.entries)))
    shown: dict[str, frozenset[str]] = {}
    chosen: dict[frozenset[frozenset[str]], frozenset[str]] = {}
    for figure, without in open_.items():
        shown_before = [group for one in earlier for group in one.behind(figure)]
        # Many figures have the same people behind them.
        same = frozenset([without, *(frozenset([f"before:{i}", *g]) for i, g in enumerate(shown_before))])
        if same not in chosen:
            candidates_here = [(one.key, groups[one.key] - without) for one in order]
            enough = [(key, who) for key, who in candidates_here if len(people(who, person)) >= LEAST]
            keys = choose(enough, person, shown_before)
            chosen[same] = frozenset(keys)
        shown[figure] = chosen[same]
    bare = _without_single_answers(model, shown, groups, open_, person)
    protection = Protection(tuple(taken), shown, bare)
    return protection, Published(groups, open_, shown)


def _without_single_answers(
    model: MaturityModel,
    shown: dict[str, frozenset[str]],
    groups: Mapping[str, frozenset[str]],
    open_: Mapping[str, frozenset[str]],
    person: Mapping[str, str],
) -> dict[str, frozenset[str]]:
    """Leave a dimension, or overall, out of a group where it is about nearly the same people as what it is
    made of; figure -> keys of the groups of which it may be told, but nothing of its spread.

    Of who left one question open, the figures of the dimension beside those of its questions would give away
    what was said at the others. Either all are the same people, or LEAST of them differ, or they are so many
    (MANY) that a mean of one decimal leaves every answer possible: its last digit is then worth more than all
    that one question can make of a difference.
    """
    bare: dict[str, frozenset[str]] = {}
    parts = {one.id: [f"{one.id}.{item.id}" for item in one.items if item.scored] for one in model.dimensions}
    # Dimensions first: overall is held against those that are left.
    for figure in (*parts, "overall"):
        below = parts[figure] if figure in parts else [part for part in shown if part != "overall"]
        near = frozenset(
            key
            for key in shown[figure]
            if any(
                key in shown[part]
                and 0 < len(people(groups[key] & (open_[figure] ^ open_[part]), person)) < LEAST
                for part in below
            )
        )
        bare[figure] = frozenset(
            key for key in near if len(people(groups[key] - open_[figure], person)) >= MANY
        )
        shown[figure] = shown[figure] - (near - bare[figure])
    return bare


def _rank(one: Members) -> int:
    if one.key == "all":
        return 0
    return 1 if one.segment is None else 2


def _in_order(entries: Sequence[Entry], taken: Sequence[Members]) -> list[Members]:
    """As groups are shown: the whole, the sides, each segment's in the order of its options."""
    known = ["all", "management", "work_floor"]
    for segment in SEGMENTS:
        known += [one.key for one in by_segment(entries, segment)] + [f"{segment}:{OTHERS}"]
    return sorted(taken, key=lambda one: known.index(one.key))


def _open(model: MaturityModel, entries: Sequence[Entry]) -> dict[str, frozenset[str]]:
    """Figure -> the units without a value."""
    found: dict[str, frozenset[str]] = {
        "overall": frozenset(entry.unit for entry in entries if entry.overall is None)
    }
    for dimension in model.dimensions:
        found[dimension.id] = frozenset(
            entry.unit for entry in entries if entry.dimensions.get(dimension.id, (None, None))[0] is None
        )
    for dimension, item in model.walk():
        if item.scored:
            key = f"{dimension.id}.{item.id}"
            found[key] = frozenset(
                entry.unit for entry in entries if entry.items.get(key, (None, None, None))[1] is None
            )
    return found


# --- written down -----------------------------------------------------------------------------------


def members_of(published: Published) -> dict[str, Any]:
    """As JSON."""
    return {
        name: {key: sorted(value) for key, value in getattr(published, name).items()}
        for name in ("groups", "open", "shown")
    }


def published_of(members: Mapping[str, Any]) -> Published:
    """Back from JSON."""
    return Published(
        *(
            {key: frozenset(value) for key, value in members[name].items()}
            for name in ("groups", "open", "shown")
        )
    )


def content_of(comparison: Comparison) -> dict[str, Any]:
    """A comparison as JSON, all but its maturity model."""
    return {
        "form": FORM,
        "whole": _group_data(comparison.whole),
        "groups": {key: [_group_data(one) for one in groups] for key, groups in comparison.groups.items()},
        "management": None if comparison.management is None else _group_data(comparison.management),
        "work_floor": None if comparison.work_floor is None else _group_data(comparison.work_floor),
        "gaps": [
            {
                "id": one.id,
                "difference": one.difference,
                "higher": one.higher,
                "noteworthy": one.noteworthy,
            }
            for one in comparison.gaps.values()
        ],
        "targets": dict(comparison.targets),
        "lines": dict(comparison.lines),
        "line": comparison.line,
        "versions": dict(comparison.versions),
        "left_out": asdict(comparison.left_out),
        "anonymous": comparison.anonymous,
    }


def comparison_of(content: Mapping[str, Any], model: MaturityModel) -> Comparison:
    """Back from JSON, always as a protected one. Raises KeyError for what is no such content."""
    management, work_floor = (
        None if content[side] is None else _group_of(content[side], model)
        for side in ("management", "work_floor")
    )
    found: dict[str, Gap] = {}
    for one in content["gaps"]:
        here, there = (
            ({} if group is None else group.items if "." in one["id"] else group.dimensions)
            for group in (management, work_floor)
        )
        found[one["id"]] = Gap(
            one["id"], here[one["id"]], there[one["id"]], one["difference"], one["higher"], one["noteworthy"]
        )
    groups: dict[Segment, tuple[Group, ...]] = {
        segment: tuple(_group_of(one, model) for one in content["groups"].get(segment, ()))
        for segment in SEGMENTS
    }
    return Comparison(
        model=model,
        whole=_group_of(content["whole"], model),
        groups=groups,
        management=management,
        work_floor=work_floor,
        gaps=found,
        targets=dict(content["targets"]),
        lines=dict(content["lines"]),
        line=content["line"],
        versions=dict(content["versions"]),
        left_out=LeftOut(**content["left_out"]),
        anonymous=bool(content["anonymous"]),
        protected=True,
    )


_NAMES = tuple(field.name for field in fields(Figures))


def _figures_data(figures: Figures) -> list[Any]:
    return [
        list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
        for value in (getattr(figures, name) for name in _NAMES)
    ]


def _figures_of(data: Sequence[Any]) -> Figures:
    values = dict(zip(_NAMES, data, strict=True))
    return Figures(**values | {"counts": tuple(values["counts"])})


def _group_data(group: Group) -> dict[str, Any]:
    return {
        "key": group.key,
        "segment": group.segment,
        "option": group.option,
        "n": group.n,
        "people": group.people,
        "overall": _figures_data(group.overall),
        "dimensions": {key: _figures_data(one) for key, one in group.dimensions.items()},
        "items": {key: _figures_data(one) for key, one in group.items.items()},
        "of": list(group.of),
    }


def _group_of(data: Mapping[str, Any], model: MaturityModel) -> Group:
    items, dimensions = data["items"], data["dimensions"]
    return Group(
        key=data["key"],
        segment=data["segment"],
        option=data["option"],
        n=data["n"],
        people=data["people"],
        overall=_figures_of(data["overall"]),
        # In the model's order: a database may give the keys of JSON in any.
        dimensions={
            one.id: _figures_of(dimensions[one.id]) for one in model.dimensions if one.id in dimensions
        },
        items={key: _figures_of(items[key]) for key in model.item_ids() if key in items},
        of=tuple(data["of"]),
    )


# --- handed over ------------------------------------------------------------------------------------

SHARE_DAYS = (7, 30, 90)
"""For how long a shared view may be there."""


@dataclass(frozen=True)
class Share:
    """A link that shows an edition to whoever has it, in one language, until it expires or is withdrawn.

    `label`: whom it is for, in the words of who made it. Its key is not stored: it follows from the id and
    the secret.
    """

    id: str
    edition_id: str
    language: str
    label: str
    user_id: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None

    def works(self, now: datetime) -> bool:
        """Whether it still shows something."""
        return self.ended_at is None and now < self.expires_at


COLUMNS = (
    *("group", "of", "id", "n", "mean", "median", "q1", "q3", "lowest", "highest", "sd", "agreement"),
    *("left_open", "target", "gap", "gap_noteworthy"),
)
"""The columns of `rows_of`; after them one for each level, 'level_1' and so on."""

Cell = str | int | float | bool | None


def rows_of(comparison: Comparison) -> list[list[Cell]]:
    """The figures of a comparison as a table, the names of the columns first; None for what is not told.

    A row for each group and figure: 'overall', each dimension, each item. `group`: its key. `of`: the
    options of small groups that were put together, with blanks between. `left_open`: how many have no
    value. `target`, `gap`: of the whole only.
    """
    model = comparison.model
    levels = [f"level_{one}" for one in range(model.lowest, model.highest + 1)]
    rows: list[list[Cell]] = [[*COLUMNS, *levels]]
    sides = [one for one in (comparison.management, comparison.work_floor) if one is not None]
    segments = [one for groups in comparison.groups.values() for one in groups]
    for group in (comparison.whole, *sides, *segments):
        told = {"overall": group.overall, **group.dimensions, **group.items}
        for key, one in told.items():
            whole = group is comparison.whole
            gap = comparison.gaps.get(key) if whole else None
            counts: list[Cell] = [*one.counts] if one.counts else [None] * len(levels)
            rows.append(
                [
                    group.key,
                    " ".join(group.of) or None,
                    key,
                    one.n,
                    one.mean,
                    one.median,
                    one.q1,
                    one.q3,
                    one.lowest,
                    one.highest,
                    one.sd,
                    one.agreement,
                    sum(one.open.values()),
                    comparison.targets.get(key) if whole else None,
                    None if gap is None else gap.difference,
                    None if gap is None else gap.noteworthy,
                    *counts,
                ]
            )
    return rows
