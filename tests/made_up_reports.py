"""Made-up assessments of our own maturity models, for the tests of the report and its benchmark."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from bot import definitions
from bot.assessment.answers import Answer, given
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.kinds import POSITIONS
from bot.assessment.records import Assessment, Depth, StoredAnswer
from bot.service.turn import Running

MODELS = tuple(sorted((Path(__file__).resolve().parent.parent / "models" / "maturity").glob("*.yml")))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WORDS = "er ligt een strategie, vorig jaar vastgesteld, maar op de werkvloer kent bijna niemand hem"

Kind = Literal["mixed", "missing", "lowest", "highest"]
"""'missing': the second dimension was skipped, the third does not apply. 'lowest', 'highest': of all."""


def model(name: str) -> MaturityModel:
    """One of our own maturity models."""
    return definitions.load(next(path for path in MODELS if path.stem == name))


def running(
    model: MaturityModel,
    kind: Kind = "mixed",
    depth: Depth = "full",
    *,
    words: str | None = WORDS,
    line: str | None = "b2b",
) -> Running:
    """An assessment in which every fourth answer was typed in these words; always the same answers."""
    chance = random.Random(model.id)
    asked = model.quick_ids() if depth == "quick" else model.item_ids()
    left_out = {model.dimensions[1].id: "skipped", model.dimensions[2].id: "not_applicable"}
    stored = {}
    for number, (dimension, item) in enumerate(model.walk()):
        item_id = f"{dimension.id}.{item.id}"
        if item_id not in asked:
            continue
        if kind == "missing" and item.scored and dimension.id in left_out:
            answer = Answer(item_id, left_out[dimension.id])  # type: ignore[arg-type]
        else:
            answer = _answer(item_id, item, kind, chance, model.highest)
        typed = words if number % 4 == 1 else None
        stored[item_id] = StoredAnswer(number, "a" * 16, answer, None, "t", "respondent", typed, NOON)
    return Running(
        Assessment("a" * 16, "c", "h", model.id, model.version, "completed", None, NOON, NOON, line, depth),
        model,
        stored,
    )


def _answer(item_id: str, item: Item, kind: Kind, chance: random.Random, highest: int) -> Answer:
    fixed = {"lowest": 1, "highest": highest}.get(kind)
    if item.kind == "rubric":
        return Answer(item_id, "level", fixed or chance.choice((1, 2, 2, 3, 3, 4)))
    if item.kind == "checklist":
        states = {"lowest": ("not_yet",), "highest": ("in_place",)}.get(
            kind, ("in_place", "in_place", "planned", "not_yet", "not_fitting", "dont_know")
        )
        return given(item_id, {one.id: chance.choice(states) for one in item.practices})
    if item.kind == "choice":
        return given(item_id, {"option": item.options[2].id})
    if item.kind == "signals":
        return given(item_id, {one.id: "yes" for one in item.signals[1:6:2]})
    places = (item.options[number].id for number in (0, 1, 2, 0, 2))
    return given(item_id, dict(zip(POSITIONS, places, strict=True)))
