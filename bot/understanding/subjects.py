"""What a text is about: which dimensions, items or practices it names, and which level.

By title in either language, as whole words or as one; a plural, a compound with a word such as 'niveau'
behind it, and a slip of the keys are taken too. Weaker names (ids, a telling word of a title) count where no
title does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.assessment.definitions import Item, MaturityModel
from bot.understanding.exact import normalise, words

_LANGUAGES = ("nl", "en")
# In words: nobody asks at greater length, and reading takes time.
_LONGEST = 60
# In letters: shorter words of a title tell nothing by themselves.
_TELLING = 5
# A slip in a short word makes another word; in a long one even two do not.
_MENDED, _MENDED_TWICE, _MENDED_JOINED = 4, 9, 8
_WEAK = 10
# Of so many practices one can still be chosen.
_CHOICE = 6


@dataclass(frozen=True)
class SubjectWords:
    """The words of both languages for reading subjects; see the files for what each stands for."""

    common: frozenset[str]
    behind: frozenset[str]
    tails: frozenset[str]
    endings: tuple[str, ...]
    level: frozenset[str]
    higher: frozenset[str]
    highest: frozenset[str]
    to: frozenset[str]
    origin: frozenset[str]
    overall: frozenset[str]
    fillers: frozenset[str]
    units: frozenset[str]
    articles: frozenset[str]
    denies: frozenset[str]
    instead: frozenset[str]
    question: frozenset[str]
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]


@cache
def subject_words() -> SubjectWords:
    """The words, read once. A word of the other language does no harm here."""
    known = [words(language) for language in _LANGUAGES]
    folder = Path(__file__).parent
    files = [
        yaml.load((folder / f"{language}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for language in _LANGUAGES
    ]

    def listed(key: str) -> frozenset[str]:
        return frozenset(word for file in files for word in file[key])

    return SubjectWords(
        common=listed("subject_common"),
        behind=listed("subject_behind"),
        tails=listed("subject_tails"),
        endings=tuple(dict.fromkeys(ending for file in files for ending in file["subject_endings"])),
        level=listed("subject_level"),
        higher=listed("subject_higher"),
        highest=listed("subject_highest"),
        to=listed("subject_to"),
        origin=listed("subject_from"),
        overall=listed("subject_overall"),
        fillers=listed("subject_fillers"),
        units=listed("several_units"),
        articles=listed("several_articles"),
        denies=frozenset().union(*(one.not_this for one in known)),
        instead=frozenset().union(*(one.instead for one in known)),
        question=frozenset().union(*(one.question for one in known)),
        numbers={word: number for one in known for word, number in one.numbers.items()},
        ordinals={word: number for one in known for word, number in one.ordinals.items()},
    )


@dataclass(frozen=True)
class _Hit:
    """A name that stands in the text. `target`: dimension id, item id, or item id and practice id.

    `rank`: 0 exact, 1 another form, 2 a slip; from _WEAK on a weaker name.
    """

    start: int
    end: int
    rank: int
    kind: str
    target: tuple[str, ...]


def read_dimension(
    text: str, model: MaturityModel, language: str, *, denied: bool = False
) -> tuple[str, ...]:
    """The ids of the dimensions that a text names, in the order in which it does.

    By their own titles; else by the titles of items in them; else by a weaker name. What is denied ('niet bij
    data') does not count, unless `denied`.
    """
    del language  # what is named is known in both languages
    tokens = _tokens(text)
    hits = [hit for hit in _hits(tokens, model) if denied or not _denied(tokens, hit.start)]
    for chosen in (
        [hit for hit in hits if hit.rank < _WEAK and hit.kind == "dimension"],
        [hit for hit in hits if hit.rank < _WEAK and hit.kind == "item"],
        [hit for hit in hits if hit.kind == "dimension"],
        [hit for hit in hits if hit.kind == "item"],
        hits,
    ):
        if chosen:
            return tuple(dict.fromkeys(hit.target[0].partition(".")[0] for hit in chosen))
    return ()


@dataclass(frozen=True)
class Named:
    """Where a text names something of the model: tokens `start` to `end`, and the items that may be meant.

    `weak`: by a word of a title only. `dimension`: by the dimension that they are in.
    """

    start: int
    end: int
    item_ids: tuple[str, ...]
    weak: bool
    dimension: bool


def named_items(tokens: Sequence[str], model: MaturityModel) -> list[Named]:
    """Each name in a row of plain words, with the items it may stand for; a dimension stands for its own."""
    spans: dict[tuple[int, int], list[_Hit]] = {}
    for hit in _hits(tokens, model):
        spans.setdefault((hit.start, hit.end), []).append(hit)
    found = []
    for (start, end), hits in sorted(spans.items()):
        of_items = [hit.target[0] for hit in hits if hit.kind == "item"]
        dimensions = [hit.target[0] for hit in hits if hit.kind == "dimension"]
        within = [one for one in model.item_ids() if one.partition(".")[0] in dimensions]
        weak = all(hit.rank >= _WEAK for hit in hits)
        found.append(Named(start, end, tuple(dict.fromkeys(of_items or within)), weak, not of_items))
    return found


def read_overall(text: str) -> bool:
    """Whether a text is about the result as a whole ('mijn totaalscore', 'overall')."""
    return any(token in subject_words().overall for token in _tokens(text))


def names_only(text: str, model: MaturityModel) -> bool:
    """Whether a text names something of the model and says nothing beside it ('bij data graag')."""
    tokens = _tokens(text)
    hits = _hits(tokens, model)
    within = {place for hit in hits for place in range(hit.start, hit.end)}
    known = subject_words()
    small = known.fillers | known.articles | known.level | known.to | known.numbers.keys() | known.behind
    return bool(hits) and all(
        place in within or token in small or token.isdigit() for place, token in enumerate(tokens)
    )


# --- levels ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NamedLevels:
    """The levels in a text: those it states, in order, and those it denies ('waarom geen 3')."""

    stated: tuple[int, ...]
    denied: tuple[int, ...]


def read_levels_named(text: str, model: MaturityModel, language: str) -> NamedLevels:
    """The levels that a text names by number or by the model's own name; also numbers that are no level."""
    del language
    tokens = _tokens(text)
    stated: dict[int, None] = {}
    denied: dict[int, None] = {}
    for place, value in _numbers(tokens, model, _taken(tokens, model)):
        (denied if _denied(tokens, place) else stated)[value] = None
    return NamedLevels(tuple(stated), tuple(denied))


def read_goal(text: str, model: MaturityModel, language: str, current: int | None = None) -> int | None:
    """The level that a text wants to reach ('naar een 3', 'to level 4', 'een niveau hoger'); None for none.

    `current`: where one is, for 'hoger' and for 'twee niveaus hoger'; without it those name none. A number
    that is no level of the model is given as it is. Behind 'van' or 'from' stands where one comes from.
    """
    del language
    tokens = _tokens(text)
    known = subject_words()
    numbers = [
        (place, value)
        for place, value in _numbers(tokens, model, _taken(tokens, model))
        if not _denied(tokens, place)
    ]
    steps = _steps_up(tokens)
    if steps is not None:
        place, count = steps
        # 'een niveau hoger dan 2' is 3, and 'één niveau hoger, naar een 4' a 4.
        aims = [value for at, value in numbers if at != place and _aims(tokens, at)]
        if aims:
            return aims[-1]
        return None if current is None else current + count
    aimed = [value for place, value in numbers if _aims(tokens, place)]
    if aimed:
        return aimed[-1]
    others = [value for place, value in numbers if not _comes_from(tokens, place)]
    if others:
        return others[-1]
    if any(token in known.highest for token in tokens):
        return model.highest
    return None


def _steps_up(tokens: Sequence[str]) -> tuple[int, int] | None:
    """'Twee niveaus hoger': where the number stands (or would), and how many levels up; None for none."""
    known = subject_words()
    for place, token in enumerate(tokens):
        if token not in known.higher:
            continue
        back = place - 1
        while back >= 0 and tokens[back] in known.level:
            back -= 1
        if back >= 0:
            number = _value(tokens[back])
            if number is not None and not _is_to(tokens, back):
                return back, number
        return place, 1
    return None


def _is_to(tokens: Sequence[str], place: int) -> bool:
    return place > 0 and tokens[place - 1] in subject_words().to


def _aims(tokens: Sequence[str], place: int) -> bool:
    """Whether 'naar' or 'to' leads to the number at this place."""
    return _leads(tokens, place, subject_words().to)


def _comes_from(tokens: Sequence[str], place: int) -> bool:
    return _leads(tokens, place, subject_words().origin)


def _leads(tokens: Sequence[str], place: int, opening: frozenset[str]) -> bool:
    known = subject_words()
    back = place - 1
    while back >= 0 and (tokens[back] in known.articles or tokens[back] in known.level):
        back -= 1
    return back >= 0 and tokens[back] in opening


def _value(token: str) -> int | None:
    """The number that a token is; 'een' and 'a' count as an article."""
    known = subject_words()
    if token.isascii() and token.isdigit() and len(token) < 4:
        return int(token)
    return None if token in known.articles else known.numbers.get(token)


def _numbers(tokens: Sequence[str], model: MaturityModel, taken: set[int]) -> list[tuple[int, int]]:
    """Place and value of each number that can be a level; not of questions, units, and within names."""
    known = subject_words()
    names = {
        normalise(one.name[code]).replace(" ", ""): one.value for one in model.levels for code in one.name
    }
    found = []
    for place, token in enumerate(tokens):
        if place in taken:
            continue
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        before = tokens[place - 1] if place else ""
        value = _value(token)
        if value is None and after in known.level:
            value = known.ordinals.get(token)
        if value is None and len(token) >= _TELLING:
            value = _by_name(token, names)
        unit = after in known.units and place + 1 not in taken
        if value is None or unit or before in known.question:
            continue
        if after in known.level and tokens[place + 2 : place + 3] and tokens[place + 2] in known.higher:
            continue
        found.append((place, value))
    return found


def _by_name(token: str, names: Mapping[str, int]) -> int | None:
    for name, value in names.items():
        if token == name or (len(name) >= _MENDED_JOINED and _rank(token, name, whole=True) is not None):
            return value
    return None


def _denied(tokens: Sequence[str], place: int) -> bool:
    """Whether the words before a place say that it is not this: 'niet op een 3', 'in plaats van 2'."""
    known = subject_words()
    back = place - 1
    while back >= 0 and tokens[back] in known.articles:
        back -= 1
    ahead = f" {' '.join(tokens[max(0, back - 2) : back + 1])}"
    if ahead.endswith(tuple(f" {one}" for one in known.instead)):
        return True
    while back >= 0 and (
        tokens[back] in known.to
        or tokens[back] in known.level
        or tokens[back] in known.articles
        or tokens[back] in known.behind
    ):
        back -= 1
    return back >= 0 and tokens[back] in known.denies


# --- what if ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Supposed:
    """What a 'what if' supposes, by item id in the order of the text.

    `levels`: the level an item would have (as it was said, perhaps none of its levels); `practices`: practice
    ids that would be in place; `choose`: practices of which one is meant, as item and practice id; `unclear`:
    items that are named with neither; `dimensions`: named without an item in them; `level`: one that was
    named without an item.
    """

    levels: Mapping[str, int]
    practices: Mapping[str, tuple[str, ...]]
    choose: tuple[tuple[str, str], ...]
    unclear: tuple[str, ...]
    dimensions: tuple[str, ...]
    level: int | None


def read_supposed(text: str, model: MaturityModel, item_ids: Sequence[str], language: str) -> Supposed:
    """What a text supposes: 'wat als visie en draagvlak op 4 komen', 'what if we had a chatbot'.

    `item_ids`: the items that are asked, in the order of their numbers ('vraag 3'). A number belongs to the
    items before it; where the text begins with a number, to those behind it. A practice needs no number.
    """
    del language
    tokens = _tokens(text)
    hits = _hits(tokens, model, practices=True)
    taken = {place for hit in hits for place in range(hit.start, hit.end)}
    numbers = dict(_numbers(tokens, model, taken))
    row: list[tuple[int, str | int]] = [
        (place, value) for place, value in numbers.items() if not _denied(tokens, place)
    ]
    practices: dict[str, tuple[str, ...]] = {}
    choose: dict[tuple[str, str], None] = {}
    by_item: dict[str, None] = {}
    about = {hit.target[0] for hit in hits if hit.kind == "item"}
    spans: dict[int, list[tuple[str, str]]] = {}
    for hit in hits:
        if hit.kind == "practice" and not _denied(tokens, hit.start):
            spans.setdefault(hit.start, []).append((hit.target[0], hit.target[1]))
    for of_span in spans.values():
        narrowed = [pair for pair in of_span if pair[0] in about] or of_span
        if len(narrowed) > 1:
            choose.update(dict.fromkeys(narrowed))
            continue
        item_id, practice_id = narrowed[0]
        if practice_id not in practices.get(item_id, ()):
            practices[item_id] = (*practices.get(item_id, ()), practice_id)
    of_practices = {*practices, *(item_id for item_id, _ in choose)}
    for hit in hits:
        if hit.kind == "item" and hit.target[0] not in of_practices and not _denied(tokens, hit.start):
            row.append((hit.start, hit.target[0]))
            by_item[hit.target[0]] = None
    for place, item_id in _numbered(tokens, item_ids):
        row.append((place, item_id))
        by_item[item_id] = None
    levels = _paired([one for _, one in sorted(row, key=lambda pair: pair[0])])
    named = {item_id.partition(".")[0] for item_id in (*by_item, *of_practices)}
    dimensions = dict.fromkeys(hit.target[0] for hit in hits if hit.kind == "dimension")
    loose = [value for place, value in sorted(numbers.items()) if not _denied(tokens, place)]
    return Supposed(
        levels={item_id: levels[item_id] for item_id in by_item if item_id in levels},
        practices=practices,
        choose=tuple(choose),
        unclear=tuple(item_id for item_id in by_item if item_id not in levels),
        dimensions=tuple(one for one in dimensions if one not in named),
        level=loose[-1] if loose and not levels else None,
    )


def _paired(row: Sequence[str | int]) -> dict[str, int]:
    """Item ids with the number that belongs to each."""
    levels: dict[str, int] = {}
    ahead = bool(row) and isinstance(row[0], int)
    order = list(reversed(row)) if ahead else list(row)
    waiting: list[str] = []
    fresh = True
    for one in order:
        if isinstance(one, str):
            waiting = [*waiting, one] if fresh else [one]
            fresh = True
        else:
            # Of 'van 2 naar 4' the last one counts; read backwards that is the first.
            for item_id in waiting:
                if fresh or not ahead:
                    levels[item_id] = one
            fresh = False
    return levels


def _numbered(tokens: Sequence[str], item_ids: Sequence[str]) -> list[tuple[int, str]]:
    """The items that are named by the number of their question ('vraag 3')."""
    known = subject_words()
    found = []
    for place, token in enumerate(tokens[:-1]):
        number = _value(tokens[place + 1]) if token in known.question else None
        if number is not None and 1 <= number <= len(item_ids):
            found.append((place, item_ids[number - 1]))
    return found


# --- names -----------------------------------------------------------------------------------------


def _tokens(text: str) -> list[str]:
    """Words and numbers; '2,5' and '10%' are left out, 'niveau3' is two."""
    plain = re.sub(r"\d+\s*%|\d+[.,]\d+", " ", text)
    tokens = normalise(plain).replace("-", " ").split()
    level = subject_words().level
    found: list[str] = []
    for token in tokens:
        glued = re.fullmatch(r"([^\W\d]+)(\d{1,2})", token)
        found += [glued[1], glued[2]] if glued and glued[1] in level else [token]
    return found[:_LONGEST]


def _taken(tokens: Sequence[str], model: MaturityModel) -> set[int]:
    return {place for hit in _hits(tokens, model) for place in range(hit.start, hit.end)}


_Target = tuple[str, tuple[str, ...]]


def _hits(tokens: Sequence[str], model: MaturityModel, *, practices: bool = False) -> list[_Hit]:
    """Every name in the text, in its order; of two that overlap the stronger, then the longer one."""
    names = _names(model, practices=practices)
    longest = max((count for _, count, _ in names.values()), default=1) + 2
    by_letter: dict[str, list[str]] = {}
    for name in names:
        by_letter.setdefault(name[0], []).append(name)
    articles = subject_words().articles
    found: list[_Hit] = []
    for start, first in enumerate(tokens):
        if first in articles:
            continue
        for end in range(start + 1, min(len(tokens), start + longest) + 1):
            said = [token for token in tokens[start:end] if token not in articles]
            if tokens[end - 1] in articles:
                continue
            found += _named_by(said, start, end, tokens, names, by_letter)
    kept: list[_Hit] = []
    for hit in sorted(found, key=lambda one: (one.rank >= _WEAK, one.start - one.end, one.rank, one.start)):
        if all(
            hit.end <= other.start
            or other.end <= hit.start
            or (hit.start, hit.end, hit.rank) == (other.start, other.end, other.rank)
            for other in kept
        ):
            kept.append(hit)
    return sorted(kept, key=lambda one: (one.start, one.kind))


def _named_by(
    said: Sequence[str],
    start: int,
    end: int,
    tokens: Sequence[str],
    names: Mapping[str, tuple[bool, int, frozenset[_Target]]],
    by_letter: Mapping[str, Sequence[str]],
) -> Iterable[_Hit]:
    """What these words together name."""
    known = subject_words()
    joined = "".join(said)
    if len(said) == 1 and joined in known.common:
        # An ordinary word is a title only where something leads to it: 'bij staat', not 'waarom staat het'.
        back = start - 1
        while back >= 0 and tokens[back] in known.articles:
            back -= 1
        led_to = (back >= 0 and tokens[back] in known.behind) or len(tokens) <= 2
        if joined not in names or not led_to:
            return
    exact_only = len(said) > 1 and (len(joined) < _MENDED_JOINED or min(map(len, said)) < 3)
    for name in by_letter.get(joined[:1], ()):
        weak, _, targets = names[name]
        rank = 0 if joined == name else None if exact_only else _rank(joined, name, whole=len(said) > 1)
        if rank is not None:
            for kind, target in targets:
                yield _Hit(start, end, rank + (_WEAK if weak else 0), kind, target)


def _names(model: MaturityModel, *, practices: bool) -> dict[str, tuple[bool, int, frozenset[_Target]]]:
    """Name without spaces -> whether it is a weak one, of how many words, and what it names."""
    strong: dict[str, tuple[int, set[_Target]]] = {}
    weak: dict[str, tuple[int, set[_Target]]] = {}
    telling: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for kind, target, titles, slug in _targets(model, practices=practices):
        for title in titles:
            said = _words_of(title)
            strong.setdefault("".join(said), (len(said), set()))[1].add((kind, target))
            for word in said:
                if len(said) > 1 and len(word) >= _TELLING and word not in subject_words().common:
                    telling.setdefault((kind, word), set()).add(target)
        if slug is not None and len(slug.replace("_", "")) >= 4:
            parts = slug.split("_")
            weak.setdefault("".join(parts), (len(parts), set()))[1].add((kind, target))
    for (kind, word), targets in telling.items():
        # A word of several practices leaves a choice between them; of anything else it tells nothing.
        if len(targets) == 1 or (kind == "practice" and len(targets) <= _CHOICE):
            weak.setdefault(word, (1, set()))[1].update((kind, target) for target in targets)
    found = {name: (True, count, frozenset(targets)) for name, (count, targets) in weak.items()}
    found.update({name: (False, count, frozenset(targets)) for name, (count, targets) in strong.items()})
    found.pop("", None)
    return found


def _targets(
    model: MaturityModel, *, practices: bool
) -> Iterable[tuple[str, tuple[str, ...], Iterable[str], str | None]]:
    for dimension in model.dimensions:
        yield "dimension", (dimension.id,), dimension.title.values(), dimension.id
        for item in dimension.items:
            item_id = f"{dimension.id}.{item.id}"
            yield "item", (item_id,), item.title.values(), item.id
            for practice in item.practices if practices else ():
                yield "practice", (item_id, practice.id), practice.label.values(), practice.id


def _words_of(title: str) -> list[str]:
    articles = subject_words().articles
    tokens = normalise(title).replace("-", " ").split()
    return [token for token in tokens if token not in articles] or tokens


def _rank(said: str, name: str, *, whole: bool) -> int | None:
    """0 when they are the same, 1 for another form, 2 for a slip of the keys; None for neither.

    `whole`: without compounds ('dataniveau').
    """
    if said == name:
        return 0
    if len(said) < 3 or said[0] != name[0]:
        return None
    if _same_form(said, name):
        return 1
    tail = said.removeprefix(name)
    if not whole and len(name) >= 4 and tail != said and tail in subject_words().tails:
        return 1
    if len(name) < _MENDED or said in subject_words().common:
        return None
    if _one_slip(said, name):
        return 2
    if min(len(said), len(name)) >= _MENDED_TWICE and _distance(said, name, 2) <= 2:
        return 2
    return None


def _stems(word: str) -> set[str]:
    """The word without an ending of the plural, written alike: 'kanalen' and 'kanaal' share 'kanal'."""
    found = {word}
    for ending in subject_words().endings:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 3:
            found.add(stem)
            if stem[-1] in "zv":
                found.add(stem[:-1] + {"z": "s", "v": "f"}[stem[-1]])
            if len(stem) > 4 and stem[-1] == stem[-2]:
                found.add(stem[:-1])
    return found | {re.sub(r"([aeou])\1", r"\1", stem) for stem in found if len(stem) >= 5}


def _same_form(said: str, name: str) -> bool:
    shared = _stems(said) & _stems(name)
    return name in shared or any(len(stem) >= 4 for stem in shared)


def _one_slip(said: str, meant: str) -> bool:
    """A letter too many, too few, two swapped, or in a longer word a wrong one."""
    if abs(len(said) - len(meant)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(said, meant, strict=False)) if a != b), None)
    if at is None:
        return len(said) != len(meant)
    if len(said) != len(meant):
        return said[at + 1 :] == meant[at:] or said[at:] == meant[at + 1 :]
    swapped = said[at : at + 2] == meant[at : at + 2][::-1] and said[at + 2 :] == meant[at + 2 :]
    return swapped or (len(meant) >= 6 and said[at + 1 :] == meant[at + 1 :])


def _distance(one: str, other: str, limit: int) -> int:
    """How many letters have to be put in, taken out or replaced; at most `limit` + 1."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
        if min(row) > limit:
            return limit + 1
    return row[-1]


def practice_ids(item: Item, numbers: Iterable[int]) -> tuple[str, ...]:
    """The ids of the practices with these numbers, from 1."""
    return tuple(item.practices[number - 1].id for number in sorted(numbers))
