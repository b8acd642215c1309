"""What changed between two versions of a maturity model, and which of the old answers survive that.

Our own rules (docs/versions.md, docs/adr/0016): a change is major when an answer does not carry over or the
same answers give other scores, minor when there is something new to answer or to look at again, patch when
only words or advice changed. Texts are compared as they are written: whether other words mean the same is for
a person to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal, get_args

from bot.assessment.definitions import (
    Action,
    Case,
    Dimension,
    ImplausiblePair,
    Item,
    Level,
    MaturityModel,
    Option,
    Positioning,
    Practice,
    Recommend,
    Signal,
    StagedName,
    Transition,
)

Step = Literal["none", "patch", "minor", "major"]
"""How far a version number goes up, the smallest first."""

STEPS: tuple[Step, ...] = get_args(Step)

Carry = Literal[
    "carries over", "carries over, wording changed", "to be looked at again", "does not carry over"
]
"""What becomes of an old answer, the best first."""

CARRIES: tuple[Carry, ...] = get_args(Carry)
_AS_IT_IS, _OTHER_WORDS, _LOOK_AGAIN, _LOST = CARRIES

What = Literal[
    "added",
    "removed",
    "moved",
    "order",
    "kind",
    "places",
    "weight",
    "quick",
    "stage",
    "target",
    "languages",
    "quick scan",
    "level text",
    "level name",
    "wording",
    "advice",
    "source",
    "examples",
]
"""'places': texts of levels or parts stand where others stood. 'level text': label or text of a level, a
practice, an option or a signal. 'level name': the model's own. 'quick scan': whether there is one."""


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was.

    `where` is the way to it as in a definition's messages: dimensions[people].items[skills].weight. `old`
    and `new` are its values, None for what was not there. `language`: of a text, else None. `step`: what it
    calls for.
    """

    where: str
    what: What
    step: Step
    old: Any = None
    new: Any = None
    language: str | None = None


@dataclass(frozen=True)
class ItemDifference:
    """What becomes of the answers to one item of the old version.

    `parts`: (id, what becomes of what was said of it) of each practice, option, aspect or signal of the old
    version; `new_parts`: ids of those that came. `carries` is the worst of all; what was said of one part may
    carry over where that of another does not. `why`: in words, empty where nothing changed.
    """

    item_id: str
    carries: Carry
    parts: tuple[tuple[str, Carry], ...]
    new_parts: tuple[str, ...]
    why: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Move:
    """An item that stands elsewhere: its id, the id that it has now (another one in another dimension).

    `old_place` and `new_place` count the items of the dimension, from 1.
    """

    item_id: str
    new_id: str
    old_place: int
    new_place: int


@dataclass(frozen=True)
class Difference:
    """All that changed from one version to another.

    `items`: each item of the old version, in its order. `added`, `removed`: ids of items; one that moved to
    another dimension is in neither, but in `moved`. `changes`: everything, in order, those of items included.
    `needed` is the step that they call for; `given` the one that the version numbers make, None when the new
    one is lower.
    """

    model_id: str
    old_version: str
    new_version: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[Move, ...]
    items: tuple[ItemDifference, ...]
    changes: tuple[Change, ...]
    needed: Step
    given: Step | None

    @property
    def follows(self) -> bool:
        """Whether the version number goes up by what the changes call for, or by more."""
        return self.given is not None and STEPS.index(self.given) >= STEPS.index(self.needed)

    @property
    def lowest_version(self) -> str:
        """The lowest version number that the new version may have."""
        major, minor, patch = _numbers(self.old_version)
        return {
            "none": self.old_version,
            "patch": f"{major}.{minor}.{patch + 1}",
            "minor": f"{major}.{minor + 1}.0",
            "major": f"{major + 1}.0.0",
        }[self.needed]

    def item(self, item_id: str) -> ItemDifference:
        """What becomes of the answers to this item of the old version; KeyError when it had none such."""
        for one in self.items:
            if one.item_id == item_id:
                return one
        raise KeyError(f"no item {item_id!r} in {self.model_id} {self.old_version}")


def difference(old: MaturityModel, new: MaturityModel) -> Difference:
    """What changed from `old` to `new`. Raises ValueError for versions of two different maturity models.

    Languages that only one of them has count as one change; texts are compared in those that both have.
    """
    if old.id != new.id:
        raise ValueError(f"{old.id!r} and {new.id!r} are two maturity models, not versions of one")
    languages = tuple(code for code in old.languages if code in new.languages)
    changes = _of_model(old, new, languages)
    items: list[ItemDifference] = []
    moved: list[Move] = []

    elsewhere = _moved_elsewhere(old, new)
    old_ids, new_ids = old.item_ids(), new.item_ids()
    added = tuple(one for one in new_ids if one not in old_ids and one not in elsewhere.values())
    removed = tuple(one for one in old_ids if one not in new_ids and one not in elsewhere)
    for dimension in old.dimensions:
        for item in dimension.items:
            item_id = f"{dimension.id}.{item.id}"
            if item_id in new_ids:
                items.append(_of_item(item_id, item, new.item(item_id)[1], languages))
            elif item_id in elsewhere:
                to = elsewhere[item_id]
                moved.append(Move(item_id, to, _place(old, item_id), _place(new, to)))
                why = f"it is {to} now"
                change = Change(_where(item_id), "moved", "major", item_id, to)
                inside = _of_item(to, item, new.item(to)[1], languages).changes
                items.append(_lost(item_id, item, why, (change, *inside)))
            else:
                change = Change(_where(item_id), "removed", "major", item_id, None)
                items.append(_lost(item_id, item, "it is gone", (change,)))
        mine = [one for one in old_ids if one in new_ids and one.partition(".")[0] == dimension.id]
        order = [one for one in new_ids if one in mine]
        moved += [Move(one, one, _place(old, one), _place(new, one)) for one in _out_of_order(mine, order)]
    for one in items:
        changes += one.changes
    changes += [Change(_where(one), "added", "minor", None, one) for one in added]
    return Difference(
        model_id=new.id,
        old_version=old.version,
        new_version=new.version,
        added=added,
        removed=removed,
        moved=tuple(moved),
        items=tuple(items),
        changes=tuple(changes),
        needed=_largest(change.step for change in changes),
        given=step_between(old.version, new.version),
    )


def step_between(old: str, new: str) -> Step | None:
    """By which step a version number goes up; None when it goes down.

    Raises ValueError for what is no version number. Numbers may be left out (1.0.0 to 3.2.1 is major), since
    there may have been versions between.
    """
    before, after = _numbers(old), _numbers(new)
    if after < before:
        return None
    steps: tuple[Step, ...] = ("major", "minor", "patch")
    return next((step for step, a, b in zip(steps, before, after, strict=True) if a != b), "none")


def _numbers(version: str) -> tuple[int, int, int]:
    major, minor, patch = (int(number) for number in version.split("."))
    return major, minor, patch


def _largest(steps: Iterable[Step]) -> Step:
    return max(steps, key=STEPS.index, default="none")


def _worst(carries: Iterable[Carry]) -> Carry:
    return max(carries, key=CARRIES.index, default=_AS_IT_IS)


def _where(item_id: str) -> str:
    dimension_id, _, name = item_id.partition(".")
    return f"dimensions[{dimension_id}].items[{name}]"


def _place(model: MaturityModel, item_id: str) -> int:
    dimension, item = model.item(item_id)
    return dimension.items.index(item) + 1


def _moved_elsewhere(old: MaturityModel, new: MaturityModel) -> dict[str, str]:
    """Items that went to another dimension under the same name there: old id -> new id.

    Only where it is plain: one item of that name went, one came, of the same kind.
    """
    gone = [one for one in old.item_ids() if one not in new.item_ids()]
    come = [one for one in new.item_ids() if one not in old.item_ids()]
    found = {}
    for item_id in gone:
        name = item_id.partition(".")[2]
        same_gone = [one for one in gone if one.partition(".")[2] == name]
        same_come = [one for one in come if one.partition(".")[2] == name]
        if len(same_gone) == len(same_come) == 1:
            kinds = {old.item(item_id)[1].kind, new.item(same_come[0])[1].kind}
            if len(kinds) == 1:
                found[item_id] = same_come[0]
    return found


def _out_of_order(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The fewest of these names that have to move to get from one order to the other of the same names."""
    places = {name: number for number, name in enumerate(before)}
    # The longest run of names that keep their order among each other stays where it is.
    runs: list[list[str]] = []
    for name in after:
        longest = max((run for run in runs if places[run[-1]] < places[name]), key=len, default=list[str]())
        runs.append([*longest, name])
    stay = max(runs, key=len, default=[])
    return [name for name in before if name not in stay]


# --- the model and its dimensions -------------------------------------------------------------------


def _of_model(old: MaturityModel, new: MaturityModel, languages: Collection[str]) -> list[Change]:
    """Everything but items."""
    changes = []
    if set(old.languages) != set(new.languages):
        changes.append(Change("languages", "languages", "minor", old.languages, new.languages))
    elif old.languages != new.languages:
        changes.append(Change("languages", "languages", "patch", old.languages, new.languages))
    changes += _compare("", old, new, languages)
    names = _compare_listed("levels", old.levels, new.levels, languages, lambda row: str(row.value))
    changes += _by_languages(names, "level name", languages)
    changes += _compare_listed("dimensions", old.dimensions, new.dimensions, languages, lambda one: one.id)
    changes += _compare_listed(
        "implausible", old.implausible, new.implausible, languages, lambda pair: f"{pair.high}, {pair.low}"
    )
    return changes


# --- items ------------------------------------------------------------------------------------------


def _of_item(item_id: str, old: Item, new: Item, languages: Collection[str]) -> ItemDifference:
    where = _where(item_id)
    changes = _compare(where, old, new, languages)
    if old.kind != new.kind:
        return _lost(item_id, old, f"its kind is {new.kind} now, and was {old.kind}", tuple(changes))
    if not (old.scored or new.scored):
        # The weight of an item that never scores counts nowhere.
        changes = [replace(one, step="patch") if one.what == "weight" else one for one in changes]
    if old.kind == "rubric":
        return _of_rubric(item_id, old, new, languages, changes)
    return _of_parts(item_id, old, new, languages, changes)


def _of_rubric(
    item_id: str, old: Item, new: Item, languages: Collection[str], changes: list[Change]
) -> ItemDifference:
    where = _where(item_id)
    levels = _compare_listed(
        f"{where}.levels", old.levels, new.levels, languages, lambda level: str(level.value)
    )
    levels = _by_languages(levels, "level text", languages)
    advice = _compare_listed(f"{where}.advice", old.advice, new.advice, languages, lambda one: str(one.to))
    worded = _worded(changes) or bool(advice)
    why = []
    carries = _AS_IT_IS
    before = {str(level.value): level for level in old.levels}
    after = {str(level.value): level for level in new.levels}
    if set(before) != set(after):
        carries = _LOST
        why.append(f"it has {len(after)} levels now, and had {len(before)}")
    elif swapped := _changed_places(before, after, languages):
        carries = _LOST
        why.append(f"the levels {', '.join(swapped)} say what others said")
        levels.append(Change(f"{where}.levels", "places", "major", None, tuple(swapped)))
    else:
        carries = _by_texts(levels, languages, worded or bool(levels))
        why += _why(carries, levels, languages, worded)
    return ItemDifference(item_id, carries, (), (), tuple(why), (*changes, *levels, *advice))


def _of_parts(
    item_id: str, old: Item, new: Item, languages: Collection[str], changes: list[Change]
) -> ItemDifference:
    where = f"{_where(item_id)}.{_list_name(old)}"
    before, after = {one.id: one for one in old.parts}, {one.id: one for one in new.parts}
    swapped = _changed_places(before, after, languages)
    carried: list[tuple[str, Carry]] = []
    found: list[Change] = []
    for name, part in before.items():
        place = f"{where}[{name}]"
        if name not in after:
            carried.append((name, _LOST))
            found.append(Change(place, "removed", "major", name, None))
            continue
        here = _by_languages(_compare(place, part, after[name], languages), "level text", languages)
        if name in swapped:
            here.append(Change(place, "places", "major", name, name))
            carried.append((name, _LOST))
        else:
            carried.append((name, _by_texts(here, languages, _worded(here))))
        found += here
    come = tuple(name for name in after if name not in before)
    found += [Change(f"{where}[{name}]", "added", "minor", None, name) for name in come]
    found += _order(where, list(before), list(after))
    worst = [carries for _, carries in carried]
    why = []
    counted = {carries: worst.count(carries) for carries in CARRIES if carries in worst}
    if set(counted) - {_AS_IT_IS}:
        why.append(", ".join(f"{number} of {len(worst)}: {carries}" for carries, number in counted.items()))
    if come:
        why.append(f"new: {', '.join(come)}")
        if old.kind != "checklist":
            # Of a new practice nothing was said, and that can be told. Of the others an old answer would say
            # that it was looked at, and not chosen or recognised.
            worst.append(_LOOK_AGAIN)
    if _worded(changes):
        worst.append(_OTHER_WORDS)
        why.append("the wording of the question or what goes with it changed")
    return ItemDifference(item_id, _worst(worst), tuple(carried), come, tuple(why), (*changes, *found))


def _list_name(item: Item) -> str:
    return {"checklist": "practices", "signals": "signals", "positioning": "aspects"}.get(
        item.kind, "options"
    )


def _lost(item_id: str, item: Item, why: str, changes: tuple[Change, ...]) -> ItemDifference:
    parts = tuple((part.id, _LOST) for part in item.parts)
    return ItemDifference(item_id, _LOST, parts, (), (why,), changes)


def _worded(changes: Iterable[Change]) -> bool:
    """Whether something changed that is said, but leaves the meaning of an answer as it was."""
    return any(change.what in ("wording", "advice", "source", "examples", "level text") for change in changes)


def _by_texts(changes: Iterable[Change], languages: Collection[str], worded: bool) -> Carry:
    """What becomes of an answer whose levels, or whose part, have these changes of text."""
    if not languages or _in_every_language(changes, "level text", languages):
        return _LOOK_AGAIN
    return _OTHER_WORDS if worded else _AS_IT_IS


def _why(carries: Carry, levels: Sequence[Change], languages: Collection[str], worded: bool) -> list[str]:
    if not languages:
        return ["the two versions have no language in common"]
    texts = [change for change in levels if change.what == "level text"]
    named = sorted({change.where.rpartition("levels[")[2].partition("]")[0] for change in texts})
    spoken = sorted({change.language or "" for change in texts})
    said = [f"the texts of level {', '.join(named)} changed in {', '.join(spoken)}"] if texts else []
    if carries == _OTHER_WORDS and (worded or not texts):
        said.append("the wording of the question or what goes with it changed")
    return said


def _in_every_language(changes: Iterable[Change], what: What, languages: Collection[str]) -> bool:
    """Whether no language is left in which texts of this kind say what they said."""
    return {change.language for change in changes if change.what == what} >= set(languages) != set()


def _by_languages(changes: list[Change], what: What, languages: Collection[str]) -> list[Change]:
    """Texts of this kind that changed in every language call for a second look: no one is left as it was."""
    if not _in_every_language(changes, what, languages):
        return changes
    return [replace(one, step="minor") if one.what == what else one for one in changes]


def _changed_places(
    before: Mapping[str, Any], after: Mapping[str, Any], languages: Collection[str]
) -> list[str]:
    """Which levels or parts have the label or the text that another one had, in every language."""

    def same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
        return bool(languages) and all(one[code] == other[code] for code in languages)

    found = {
        name: None
        for name, now in after.items()
        for other, was in before.items()
        if name in before
        and other != name
        and (
            (same(now.label, was.label) and not same(now.label, before[name].label))
            or (same(now.text, was.text) and not same(now.text, before[name].text))
        )
    }
    return list(found)


# --- comparing field by field -----------------------------------------------------------------------

_MEANING: tuple[tuple[type, str, What, Step], ...] = (
    (MaturityModel, "name summary minutes recommend document caution", "wording", "patch"),
    (MaturityModel, "quick_minutes", "wording", "patch"),
    (MaturityModel, "target_rule", "target", "major"),
    (StagedName, "name meaning", "level name", "patch"),
    (ImplausiblePair, "text", "wording", "patch"),
    (ImplausiblePair, "source", "source", "patch"),
    (Recommend, "label need reason words", "wording", "patch"),
    (Dimension, "weight", "weight", "major"),
    (Dimension, "title explanation case", "wording", "patch"),
    (Dimension, "source", "source", "patch"),
    (Case, "name text", "wording", "patch"),
    (Case, "source", "source", "patch"),
    (Item, "kind", "kind", "major"),
    (Item, "weight", "weight", "major"),
    (Item, "quick", "quick", "major"),
    (Item, "title question explanation why example positioning", "wording", "patch"),
    (Positioning, "intended competitor everything", "wording", "patch"),
    *(
        row
        for part in (Level, Practice, Signal, Option)
        for row in (
            (part, "label text", "level text", "patch"),
            (part, "source derived_from", "source", "patch"),
        )
    ),
    (Level, "answers", "examples", "patch"),
    (Practice, "stage", "stage", "major"),
    (Option, "brands consequence", "advice", "patch"),
    (Practice, "action", "advice", "patch"),
    (Signal, "action", "advice", "patch"),
    (Transition, "action", "advice", "patch"),
    (Action, "step measure benefit investment", "advice", "patch"),
)

_FIELDS: Mapping[tuple[type, str], tuple[What, Step]] = {
    (kind, name): (what, step) for kind, names, what, step in _MEANING for name in names.split()
}
"""What a change of this field is, and the step that it calls for by itself."""

_ELSEWHERE: frozenset[tuple[type, str]] = frozenset(
    {(MaturityModel, name) for name in ("id", "version", "languages", "levels", "dimensions", "implausible")}
    | {(Dimension, name) for name in ("id", "items")}
    | {(Item, name) for name in ("id", "levels", "advice", "practices", "options", "signals")}
    | {(StagedName, "value"), (Level, "value"), (Transition, "to")}
    | {(part, "id") for part in (Practice, Signal, Option)}
    | {(ImplausiblePair, name) for name in ("high", "low")}
)
"""Fields that name a thing, and lists that are compared entry by entry."""

_NAMES: Mapping[tuple[type, str], str] = {
    (MaturityModel, "target_rule"): "target",
    (Practice, "action"): "advice",
    (Signal, "action"): "advice",
    (Transition, "action"): "",
    (Item, "positioning"): "",
}
"""How a field is called in a definition, where that differs; '' where its own fields stand in its place."""

_OF_LISTS: Mapping[str, tuple[Step, Step]] = {
    "dimensions": ("minor", "major"),
    "implausible": ("minor", "minor"),
    "advice": ("patch", "patch"),
    "levels": ("major", "major"),
}
"""What an entry that came, and one that went, calls for; lists of parts are looked at in `_of_parts`."""


def _compare(where: str, old: Any, new: Any, languages: Collection[str]) -> list[Change]:
    """The changes of a record's own fields; texts in these languages. What it lists is compared elsewhere."""
    changes = []
    for field in fields(old):
        key = (type(old), field.name)
        if key in _ELSEWHERE:
            continue
        was, now = getattr(old, field.name), getattr(new, field.name)
        if was == now:
            continue
        what, step = _FIELDS[key]
        name = _NAMES.get(key, field.name)
        place = ".".join(part for part in (where, name) if part)
        if key == (MaturityModel, "quick_minutes") and None in (was, now):
            what, step = "quick scan", "minor"
        if is_dataclass(was) and is_dataclass(now):
            changes += _compare(place, was, now, languages)
        elif isinstance(was, Mapping) and isinstance(now, Mapping):
            changes += [
                Change(f"{place}.{code}", what, step, was.get(code), now.get(code), code)
                for code in languages
                if was.get(code) != now.get(code)
            ]
        else:
            changes.append(Change(place, what, step, _told(was), _told(now)))
    return changes


def _compare_listed(
    where: str,
    old: Sequence[Any],
    new: Sequence[Any],
    languages: Collection[str],
    name: Callable[[Any], str],
) -> list[Change]:
    """The changes of a list whose entries have names: what came, what went, the order, the entries' own."""
    before, after = {name(one): one for one in old}, {name(one): one for one in new}
    came, went = _OF_LISTS[where.rpartition(".")[2]]
    changes: list[Change] = []
    for key, was in before.items():
        if key in after:
            changes += _compare(f"{where}[{key}]", was, after[key], languages)
        else:
            changes.append(Change(f"{where}[{key}]", "removed", went, key, None))
    changes += [Change(f"{where}[{key}]", "added", came, None, key) for key in after if key not in before]
    changes += _order(where, list(before), list(after))
    if where == "dimensions":
        for key, was in before.items():
            if key in after:
                items = ([one.id for one in was.items], [one.id for one in after[key].items])
                changes += _order(f"{where}[{key}].items", *items)
    return changes


def _order(where: str, before: Sequence[str], after: Sequence[str]) -> list[Change]:
    stayed = tuple(key for key in before if key in after)
    now = tuple(key for key in after if key in before)
    return [Change(where, "order", "minor", stayed, now)] if stayed != now else []


def _told(value: Any) -> Any:
    """A value that can be told: a record by its name, if it has one."""
    return getattr(value, "name", type(value).__name__) if is_dataclass(value) else value
