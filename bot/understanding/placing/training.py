"""Training: a base of several maturity models, and what places own words of one definition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.assessment.definitions import MaturityModel
from bot.understanding.placing.artefact import Base, ItemWeights, Sureness, Trained
from bot.understanding.placing.clauses import clean, words
from bot.understanding.placing.encoders import Encoders, Vectors
from bot.understanding.placing.lessons import Lesson, Say, encode, features, lessons
from bot.understanding.placing.regression import (
    Array,
    Whole,
    in_span,
    logistic,
    shares,
    softmax,
    stretch,
    temperature,
    threshold,
)

CLASSES = 5
"""How many levels the items of a base have."""

ITEM_PENALTY = 0.15
BASE_PENALTY = 1.0
TOPIC_PENALTY = 0.3
SHARE = 0.3
"""How much of the base's logits an item with examples of its own takes."""

UNTAUGHT_SHARE = 1.0
"""Likewise one with nothing but the wording of its levels."""

RIGHT = 0.98
"""How many of the held-out examples that count as clear are to be right; people talk less neatly."""

FOLDS = 5
FEWEST = 3
"""With fewer examples a level than this, an item is taken for one that has none."""


@dataclass(frozen=True)
class Rows:
    """Texts as numbers, of all items together: features, item (place), level from 0, whether wording."""

    x: Array
    item: Whole
    level: Whole
    wording: npt.NDArray[np.bool_]

    def some(self, which: npt.NDArray[np.bool_]) -> Rows:
        """The rows that are marked."""
        return Rows(self.x[which], self.item[which], self.level[which], self.wording[which])


@dataclass(frozen=True)
class Fitted:
    """A regression of one item about its mean: logits = (x - mean) @ weights + biases."""

    mean: Array
    weights: Array
    biases: Array

    def logits(self, x: Array) -> Array:
        """Logits of rows of features: (rows, levels)."""
        return (x - self.mean) @ self.weights + self.biases


def fit_base(rows: Rows) -> Array:
    """The weights that all items have in common; each counts from its own mean."""
    centred = rows.x.copy()
    for item in np.unique(rows.item):
        centred[rows.item == item] -= rows.x[rows.item == item].mean(0)
    return logistic(centred, shares(rows.level, CLASSES), penalty=BASE_PENALTY, steps=60)[0]


def fit_item(x: Array, level: Whole, count: int, base: Array, share: float) -> Fitted:
    """One item's own regression, and its share of the base's weights."""
    mean = x.mean(0)
    weights, biases = in_span(x - mean, shares(level, count), penalty=ITEM_PENALTY, steps=150)
    return Fitted(mean, weights + share * base @ stretch(base.shape[1], count), biases)


def is_taught(lesson: Lesson) -> bool:
    """Whether an item has examples enough to go by."""
    return len(lesson.examples) >= FEWEST * lesson.count


def base_lessons(models: Iterable[MaturityModel]) -> list[Lesson]:
    """Of these models, the lessons that a base can be made of: all levels it has, and examples."""
    return [
        lesson
        for model in models
        for lesson in lessons(model)
        if lesson.count == CLASSES and is_taught(lesson)
    ]


def train_base(taught: Sequence[Lesson], encoders: Encoders, say: Say | None = None) -> Base:
    """The base of these `base_lessons`; the same lessons give the same base."""
    texts = _texts(taught)
    use, last, e5 = encode(texts, encoders, say)
    e5_mean = np.zeros(0) if e5 is None else e5.astype(float).mean(0)
    rows = _rows(taught, features(use, last, e5, e5_mean))
    return Base(
        encoders=encoders.names,
        weights=fit_base(rows),
        e5_mean=e5_mean,
        taught=_sureness(*held_out(rows, say)),
        untaught=_sureness(*held_out_items(rows, say)),
    )


def held_out(rows: Rows, say: Say | None = None) -> tuple[Array, Whole]:
    """Logits and levels of examples that their item's regression and the base never saw, fold by fold."""
    return _held_out(rows, folds(rows), SHARE, say)


def held_out_items(rows: Rows, say: Say | None = None) -> tuple[Array, Whole]:
    """Likewise of examples of items of which neither the base nor the item's regression saw any example."""
    return _held_out(rows, np.where(rows.wording, -1, rows.item % FOLDS), UNTAUGHT_SHARE, say)


def folds(rows: Rows) -> Whole:
    """The fold of each row: the examples of a level dealt out in turn; -1 for wording, which all see."""
    fold = np.full(len(rows.x), -1)
    dealt: dict[tuple[int, int], int] = {}
    for place in np.flatnonzero(~rows.wording):
        cell = (int(rows.item[place]), int(rows.level[place]))
        fold[place] = dealt.get(cell, 0) % FOLDS
        dealt[cell] = dealt.get(cell, 0) + 1
    return fold


def _held_out(rows: Rows, fold: Whole, share: float, say: Say | None) -> tuple[Array, Whole]:
    logits = np.zeros((len(rows.x), CLASSES))
    for number in range(FOLDS):
        seen, out = rows.some(fold != number), np.flatnonzero(fold == number)
        base = fit_base(seen)
        for item in np.unique(rows.item[out]):
            own = seen.item == item
            fitted = fit_item(seen.x[own], seen.level[own], CLASSES, base, share)
            these = out[rows.item[out] == item]
            logits[these] = fitted.logits(rows.x[these])
        if say is not None:
            say(f"part {number + 1} of {FOLDS} held out and placed")
    asked = ~rows.wording
    return logits[asked], rows.level[asked]


def _sureness(logits: Array, levels: Whole) -> Sureness:
    divisor = temperature(logits, levels)
    likely = softmax(logits / divisor)
    right = likely.argmax(1) == levels
    return Sureness(divisor, threshold(likely.max(1), right, RIGHT))


def train(
    definition_hash: str, model: MaturityModel, base: Base, encoders: Encoders, say: Say | None = None
) -> Trained:
    """What places own words of this definition; the same definition and base give the same."""
    taught = lessons(model)
    texts = _texts(taught)
    use, last, e5 = encode(texts, encoders, say)
    x = features(use, last, e5, base.e5_mean)
    rows = _rows(taught, x)
    items = {}
    for place, lesson in enumerate(taught):
        own = rows.item == place
        enough = is_taught(lesson)
        share = SHARE if enough else UNTAUGHT_SHARE
        fitted = fit_item(rows.x[own], rows.level[own], lesson.count, base.weights, share)
        biases = fitted.biases - fitted.mean @ fitted.weights
        items[lesson.item_id] = ItemWeights(fitted.weights.astype(np.float16), biases, enough)
    topics, topic_biases = _topics(taught, rows, use, encoders)
    return Trained(
        definition_hash=definition_hash,
        model_id=model.id,
        encoders=encoders.names,
        base=base.digest,
        items=items,
        topics=topics.astype(np.float16),
        topic_biases=topic_biases,
        e5_mean=base.e5_mean,
        taught=base.taught,
        untaught=base.untaught,
    )


def nothing() -> list[str]:
    """Lines that say nothing about any company: small talk, other topics, keys struck at random."""
    return [clean(line) for language in ("nl", "en") for line in words(language)["nothing"]]


def _topics(taught: Sequence[Lesson], rows: Rows, use: Vectors, encoders: Encoders) -> tuple[Array, Array]:
    """Which item a text is about, by the first encoder alone; the last class is 'none of them'."""
    about = [(place, text) for place, lesson in enumerate(taught) for text in lesson.about]
    more = [text for _, text in about] + nothing()
    x = np.vstack([use, encoders.use(more)]).astype(float)
    item = np.concatenate(
        [rows.item, [place for place, _ in about], np.full(len(more) - len(about), len(taught))]
    ).astype(int)
    return in_span(x, shares(item, len(taught) + 1), penalty=TOPIC_PENALTY, steps=100)


def _texts(taught: Iterable[Lesson]) -> list[str]:
    return [text for lesson in taught for _, text in (*lesson.examples, *lesson.wording)]


def _rows(taught: Iterable[Lesson], x: Array) -> Rows:
    """The rows of features of these lessons' examples and wording, in the order of `_texts`."""
    facts = [
        (place, level, is_wording)
        for place, lesson in enumerate(taught)
        for is_wording, part in ((False, lesson.examples), (True, lesson.wording))
        for level, _ in part
    ]
    item, level, wording = zip(*facts, strict=True)
    return Rows(x, np.array(item), np.array(level), np.array(wording, bool))
