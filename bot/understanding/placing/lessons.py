"""What a maturity model teaches about its questions: texts per level, and features of texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.assessment.definitions import Item, MaturityModel
from bot.understanding.placing.clauses import clauses, clean
from bot.understanding.placing.encoders import Encoders, Vectors
from bot.understanding.placing.regression import Array

LAST_CLAUSE = 0.6
"""What the last clause weighs beside the whole text: it holds what comes after 'but', 'now', 'yet'."""

SECOND = 1.2
"""What the second encoder weighs beside the first."""

USE_WIDTH = 512

Say = Callable[[str], None]
"""Is told how far a long work has come."""


@dataclass(frozen=True)
class Lesson:
    """What is known about one rubric item.

    `examples`: (level from 0, words) as people would say it; `wording`: likewise, the item's own levels in
    every language; `about`: its question and title. `count`: of its levels.
    """

    item_id: str
    count: int
    examples: tuple[tuple[int, str], ...]
    wording: tuple[tuple[int, str], ...]
    about: tuple[str, ...]


def lessons(model: MaturityModel) -> tuple[Lesson, ...]:
    """The lessons of a maturity model's rubric items, in the order in which they are asked."""
    return tuple(
        _lesson(f"{dimension.id}.{item.id}", item)
        for dimension, item in model.walk()
        if item.kind == "rubric"
    )


def _lesson(item_id: str, item: Item) -> Lesson:
    examples = [
        (place, clean(words))
        for place, level in enumerate(item.levels)
        for said in level.answers.values()
        for words in said
    ]
    wording = [
        (place, clean(f"{level.label[language]}: {level.text[language]}"))
        for place, level in enumerate(item.levels)
        for language in level.label
    ]
    about = [clean(text) for text in (*item.question.values(), *item.title.values())]
    return Lesson(item_id, len(item.levels), tuple(examples), tuple(wording), tuple(about))


def unit(vectors: Array) -> Array:
    """The vectors at length 1; what has no length stays."""
    long: Array = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return long


def features(use: Vectors, last: Vectors, e5: Vectors | None, e5_mean: Array) -> Array:
    """Rows of features: by the first encoder the texts and their last clauses, by the second the texts.

    `e5`: None where there is no second encoder; `e5_mean`: what all its vectors have in common.
    """
    parts = [use.astype(float), LAST_CLAUSE * last.astype(float)]
    if e5 is not None:
        parts.append(SECOND * unit(e5.astype(float) - e5_mean))
    return np.hstack(parts)


def encode(
    texts: Sequence[str], encoders: Encoders, say: Say | None = None
) -> tuple[Vectors, Vectors, Vectors | None]:
    """The vectors that `features` takes, a batch at a time; `say` is told how many are done."""
    use, last, e5 = [], [], []
    step = 64
    for begin in range(0, len(texts), step):
        some = texts[begin : begin + step]
        use.append(encoders.use(some))
        last.append(encoders.use([clauses(text)[-1] for text in some]))
        if "e5" in encoders.names:
            e5.append(encoders.e5(some))
        if say is not None:
            say(f"{min(begin + step, len(texts))} of {len(texts)} examples read")
    return np.vstack(use), np.vstack(last), np.vstack(e5) if e5 else None
