"""Scores of many runs at once: computed from the answers, and kept for as long as no later answer comes.

What is kept is a copy and never the truth (docs/adr/0023): it holds up to a certain answer, and whoever finds
a later one, or rules of scoring that have changed since, computes anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from bot.assessment.answers import Answer
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.scoring import Result, score
from bot.service.desk.ports import DeskStore, DeskWork
from bot.service.ports import Parser

RULES = 2
"""Goes up with every change of how answers become scores (bot.assessment.scoring), and of the form in which
they are kept (_row): what was kept is void then."""

_AT_ONCE = 100
"""Runs that the job looks at in one go: computing all of them keeps other writers waiting some 0.1 s."""


class ItemStanding(NamedTuple):
    """One item that scores. `level`: of a rubric the answer, of a checklist its stage; `score`: not rounded.

    Both None where there is none; `open` says why then: 'skipped', 'dont_know', 'not_applicable' or
    'unanswered'.
    """

    level: int | None
    score: float | None
    open: str | None


class DimensionStanding(NamedTuple):
    """One dimension: as of bot.assessment.scoring.DimensionResult."""

    score: float | None
    staged: int | None


@dataclass(frozen=True)
class Standing:
    """The scores of one run. `upto`: the id of the newest answer that counts in it, 0 for none.

    `dimensions`, `items`: id -> standing, in the model's order; of items those that score and were asked.
    """

    assessment_id: str
    upto: int
    overall: float | None
    dimensions: Mapping[str, DimensionStanding]
    items: Mapping[str, ItemStanding]


# Definition hash -> model. A definition never changes under its hash, and there are a handful.
_models: dict[str, MaturityModel] = {}


def model_of(work: DeskWork, parse: Parser, definition_hash: str) -> MaturityModel:
    """The maturity model of this snapshot, read once in a process. Raises KeyError for one never
    published."""
    if definition_hash not in _models:
        snapshot = work.snapshot(definition_hash)
        if snapshot is None:
            raise KeyError(f"no definition {definition_hash!r} was ever published")
        _models[definition_hash] = parse(snapshot.content)
    return _models[definition_hash]


def standings(
    work: DeskWork, parse: Parser, assessment_ids: Sequence[str], *, keep: bool = False
) -> dict[str, Standing]:
    """Assessment -> its scores, of any status; an id that is not there is left out.

    `keep`: what had to be computed is stored in this transaction, which has to be one that writes. Three
    statements while all of it was kept, five else.
    """
    found, missing = _kept(work, assessment_ids)
    if missing:
        found |= _compute(work, parse, missing, keep=keep)
    return {one: found[one] for one in assessment_ids if one in found}


def kept_standings(store: DeskStore, parse: Parser, assessment_ids: Sequence[str]) -> dict[str, Standing]:
    """The same outside of a transaction; writes only if something had to be computed."""
    with store.read() as work:
        found, missing = _kept(work, assessment_ids)
    if missing:
        with store.write() as work:
            found |= _compute(work, parse, _still_there(work, missing), keep=True)
            work.commit()
    return {one: found[one] for one in assessment_ids if one in found}


class Scores:
    """Computes scores before anybody looks, so that no page has to compute hundreds."""

    def __init__(self, store: DeskStore, parse: Parser) -> None:
        self._store = store
        self._parse = parse

    def look_through(self, after: str = "") -> str:
        """See to the scores of some completed runs: those with the next ids after this one.

        Returns the id to go on after; '' when there are no more.
        """
        with self._store.read() as work:
            ids = work.completed_runs(after, _AT_ONCE)
        kept_standings(self._store, self._parse, ids)
        return ids[-1] if len(ids) == _AT_ONCE else ""

    def look_at_newest(self) -> None:
        """See to the scores of the completed runs that were begun last."""
        with self._store.read() as work:
            ids = work.newest_completed_runs(_AT_ONCE)
        kept_standings(self._store, self._parse, ids)


def standing(
    model: MaturityModel, answers: Mapping[str, Answer], assessment_id: str, upto: int, *, quick: bool = False
) -> Standing:
    """The scores of these answers. Raises ValueError as score() does."""
    asked = model.quick_ids() if quick else None
    result = score(model, answers, asked=asked)
    ids = model.item_ids() if asked is None else asked
    return Standing(
        assessment_id,
        upto,
        result.overall,
        {one.dimension_id: DimensionStanding(one.score, one.staged) for one in result.dimensions},
        {
            item_id: _item(item, answers.get(item_id), result)
            for item_id, item in zip(model.item_ids(), (item for _, item in model.walk()), strict=True)
            if item.scored and item_id in ids
        },
    )


def _item(item: Item, answer: Answer | None, result: Result) -> ItemStanding:
    if answer is None:
        return ItemStanding(None, None, "unanswered")
    if item.kind == "checklist":
        element = result.element(answer.item_id)
        if element.score is not None:
            return ItemStanding(element.stage, element.score, None)
        if answer.kind == "skipped":
            return ItemStanding(None, None, "skipped")
        return ItemStanding(None, None, "not_applicable" if element.applicable == 0 else "dont_know")
    if answer.value is None:
        return ItemStanding(None, None, answer.kind)
    return ItemStanding(answer.value, float(answer.value), None)


def _still_there(work: DeskWork, missing: Mapping[str, int]) -> dict[str, int]:
    """The same as this transaction sees it: answers may have come, or runs have gone, in between."""
    return {**missing, **work.newest_answers(list(missing))}


def _kept(work: DeskWork, ids: Sequence[str]) -> tuple[dict[str, Standing], dict[str, int]]:
    """What was kept and still holds; and of the others, assessment -> the id of its newest answer."""
    unique = list(dict.fromkeys(ids))
    newest = work.newest_answers(unique)
    kept = work.kept_standings(unique)
    found, missing = {}, {}
    for one in unique:
        upto = newest.get(one, 0)
        row = kept.get(one)
        if row is not None and row[0] == upto and row[2].get("rules") == RULES:
            found[one] = _read(one, upto, row[1], row[2])
        else:
            missing[one] = upto
    return found, missing


def _compute(work: DeskWork, parse: Parser, missing: Mapping[str, int], *, keep: bool) -> dict[str, Standing]:
    definitions = work.definition_of(list(missing))
    answers = work.answers_that_hold(list(missing))
    found = {}
    for one, (definition_hash, depth) in definitions.items():
        model = model_of(work, parse, definition_hash)
        # What was answered beyond the quick scan before somebody went back to it does not count in it.
        found[one] = standing(model, answers.get(one, {}), one, missing[one], quick=depth == "quick")
    if keep:
        work.keep_standings([_row(one) for one in found.values()])
    return found


def _row(one: Standing) -> dict[str, Any]:
    return {
        "assessment_id": one.assessment_id,
        "upto": one.upto,
        "overall": one.overall,
        # Texts, since a comparison reads a thousand of them, and few of the words in them differ.
        "scores": {
            "rules": RULES,
            "dimensions": " ".join(one.dimensions),
            "of_dimensions": " ".join(_word(d.staged, d.score) for d in one.dimensions.values()),
            "items": " ".join(one.items),
            "of_items": " ".join(item.open or _word(item.level, item.score) for item in one.items.values()),
        },
    }


def _word(level: int | None, score: float | None) -> str:
    """'3/2.5': a level and its score, either empty where there is none."""
    # repr() of a float is read back as the very same float.
    return f"{'' if level is None else level}/{'' if score is None else repr(float(score))}"


def _read(assessment_id: str, upto: int, overall: float | None, scores: Mapping[str, Any]) -> Standing:
    dimensions, items = _split(scores["dimensions"]), _split(scores["items"])
    return Standing(
        assessment_id,
        upto,
        overall,
        dict(zip(dimensions, map(_dimension_of, scores["of_dimensions"].split()), strict=True)),
        dict(zip(items, map(_item_of, scores["of_items"].split()), strict=True)),
    )


@lru_cache(maxsize=4096)
def _dimension_of(word: str) -> DimensionStanding:
    level, score = _level_and_score(word)
    return DimensionStanding(score, level)


@lru_cache(maxsize=4096)
def _item_of(word: str) -> ItemStanding:
    if "/" not in word:
        return ItemStanding(None, None, word)
    return ItemStanding(*_level_and_score(word), None)


def _level_and_score(word: str) -> tuple[int | None, float | None]:
    level, _, score = word.partition("/")
    return int(level) if level else None, float(score) if score else None


@lru_cache(maxsize=64)
def _split(ids: str) -> tuple[str, ...]:
    return tuple(ids.split())
