"""The placer: reads own words with what was trained from a definition."""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.assessment.definitions import MaturityModel
from bot.understanding.placing.artefact import (
    ItemWeights,
    NotTrained,
    Sureness,
    Trained,
    from_bytes,
    prebuilt,
)
from bot.understanding.placing.clauses import (
    LONGEST_QUOTE,
    clauses,
    clean,
    cut,
    is_repeated,
    sentences,
    verbatim,
)
from bot.understanding.placing.encoders import Encoders, Vectors
from bot.understanding.placing.lessons import LAST_CLAUSE, USE_WIDTH, features
from bot.understanding.placing.regression import Array, softmax
from bot.understanding.proposals import Certainty, Placement, Reading

logger = logging.getLogger(__name__)

AT_ONCE = 350
"""In characters: what is longer is not placed whole, but by its sentences about the item."""

MOSTLY_NOTHING = 0.5
"""From this share on, a text says nothing about any question."""

PERHAPS_NOTHING = 0.2
"""From this share on, no level is clear. Of held-out nonsense and small talk 3 in 100 are below it and would
be clear by the levels alone, where without it 33 were; of answers, 3 in 100 lose their being clear."""

ELSEWHERE = 0.9
"""From this share on, a text is about another question, where next to nothing is left for this one."""

NEXT_TO_NOTHING = 0.02
_NONE = 1e-6

FIRST_TWO = 0.55
"""The likeliest two levels together: with less, they would be no help."""

SHARED_WORD = 0.3
"""What a word that a sentence of a long text has in common with the question adds to its share."""

STEM = 5
"""In letters: so much of a word tells which it is; shorter ones are in any text."""

MOST_PARTS = 12
"""A message of more parts than this is a story: it is not looked at where it might go on to the next item."""


@dataclass(frozen=True)
class Apart:
    """When one part of a message is about the next item, and the other about this one.

    `share`: at least so much of the one part is about the next item, and `times` as much as about this item;
    `left` and `times_here`: likewise of the other part, for this item. Chosen on example answers that the
    topics had not seen: of single ones, 1 in 1,000 comes apart by sentences and 1 by clauses; of two that
    were joined, of neighbouring items, 27 and 15 in 100.
    """

    share: float
    times: float
    left: float
    times_here: float


BY_SENTENCE = Apart(share=0.3, times=12, left=0.03, times_here=3)
BY_CLAUSE = Apart(share=0.5, times=25, left=0.05, times_here=3)


class OwnWords:
    """Places own words; one a process, safe to use from several threads.

    `stored`: what was trained for a definition when it was published, None where nothing was.
    """

    def __init__(self, stored: Callable[[str], bytes | None], encoders: Encoders) -> None:
        self._stored = stored
        self._encoders = encoders
        self._trained: dict[str, Trained] = {}
        self._lock = threading.Lock()

    def read(
        self, definition_hash: str, model: MaturityModel, item_id: str, text: str, *, also: str | None = None
    ) -> Reading:
        """What `text` says of this rubric item, and of item `also` (the one asked next) if it plainly does.

        Never fails for any text: what says nothing is 'unclear', as is all where nothing was trained.
        """
        trained = self._of(definition_hash, model)
        words = clean(text)
        says = any(one.isalnum() for one in words) and not is_repeated(words)
        if trained is None or item_id not in trained.items or not says:
            return Reading(_nowhere(model, item_id, words))
        if also is not None and also in trained.items and also != item_id:
            split = self._split(trained, words, item_id, also)
            if split is not None:
                ahead = self._place(trained, model, also, split[1])
                here = self._place(trained, model, item_id, split[0])
                if "unclear" not in (ahead.certainty, here.certainty):
                    return Reading(here, ahead)
        return Reading(self._place(trained, model, item_id, words))

    def warm_up(self, published: Sequence[tuple[str, MaturityModel]]) -> None:
        """At start: load what placing these definitions (hash, model) takes, so that nobody waits for it."""
        self._encoders.use(["warm"])
        if "e5" in self._encoders.names:
            self._encoders.e5(["warm"])
        for definition_hash, model in published:
            self._of(definition_hash, model)

    def _of(self, definition_hash: str, model: MaturityModel) -> Trained | None:
        with self._lock:
            trained = self._trained.get(definition_hash)
        if trained is not None:
            return trained
        trained = prebuilt(definition_hash, model.id, self._encoders.names) or self._kept(definition_hash)
        if trained is None and all(item.kind != "rubric" for _, item in model.walk()):
            return None  # no item takes own words, so nothing is missing
        if trained is None:
            logger.warning(
                "Nothing was trained for definition %s: own words are not placed.", definition_hash
            )
            return None
        with self._lock:
            self._trained[definition_hash] = trained
        return trained

    def _kept(self, definition_hash: str) -> Trained | None:
        content = self._stored(definition_hash)
        if content is None:
            return None
        try:
            trained = from_bytes(content)
        except NotTrained:
            return None
        return trained if trained.encoders == self._encoders.names else None

    def _split(self, trained: Trained, words: str, here: str, also: str) -> tuple[str, str] | None:
        """The words about this item and those about the next, where both are plainly spoken of.

        Who answers two questions answers one after the other: of all places where one sentence ends (or
        clause, where there is one sentence) the one that tells them apart best is taken.
        """
        parts, rule, joint = sentences(words), BY_SENTENCE, " "
        if len(parts) < 2:
            parts, rule, joint = clauses(words), BY_CLAUSE, ". "
        if not 2 <= len(parts) <= MOST_PARTS:
            return None
        ends = range(1, len(parts))
        sides = [joint.join(parts[:end]) for end in ends] + [joint.join(parts[end:]) for end in ends]
        topics = _topics(trained, self._encoders.use(sides))
        order = list(trained.items)
        to_here, to_also = topics[:, order.index(here)], topics[:, order.index(also)]
        found: list[tuple[float, str, str]] = []
        for one, other in zip(range(len(ends)), range(len(ends), len(sides)), strict=True):
            for mine, next_one in ((one, other), (other, one)):
                times = float(to_also[next_one] / max(to_here[next_one], _NONE))
                times_here = float(to_here[mine] / max(to_also[mine], _NONE))
                if (
                    to_also[next_one] >= rule.share
                    and times >= rule.times
                    and to_here[mine] >= rule.left
                    and times_here >= rule.times_here
                ):
                    found.append((times * times_here, sides[mine], sides[next_one]))
        return max(found)[1:] if found else None

    def _place(self, trained: Trained, model: MaturityModel, item_id: str, words: str) -> Placement:
        if len(words) > AT_ONCE:
            words = self._about(trained, model, item_id, words)
        item = trained.items[item_id]
        sureness = trained.taught if item.taught else trained.untaught
        parts = clauses(words)
        use = self._encoders.use([words, *parts])
        e5 = self._encoders.e5([words]) if "e5" in trained.encoders else None
        row = features(use[:1], use[-1:], e5, trained.e5_mean)
        likely = softmax((row @ item.weights.astype(float) + item.biases)[0] / sureness.temperature)
        order = np.argsort(-likely, kind="stable")
        certainty = _certainty(
            likely[order], sureness, _topics(trained, use[:1])[0], list(trained.items), item_id
        )
        return Placement(
            item_id=item_id,
            certainty=certainty,
            likely=tuple((int(place) + 1, float(likely[place])) for place in order),
            quote=cut(
                verbatim(words, _telling(item, parts, use[1:], _topics(trained, use[1:]), int(order[0]))),
                LONGEST_QUOTE,
            ),
        )

    def _about(self, trained: Trained, model: MaturityModel, item_id: str, words: str) -> str:
        """Of a long text, the sentences that are most about this item, in their order.

        By what they mean, and by the words that they share with the question.
        """
        parts = list(dict.fromkeys(sentences(words)))
        topic = _topics(trained, self._encoders.use(parts))[:, list(trained.items).index(item_id)]
        asked = _own_stems(model, item_id)
        topic = topic + SHARED_WORD * np.array([min(2, len(asked & _stems(part))) for part in parts])
        chosen: list[int] = []
        room = AT_ONCE
        for place in np.argsort(-topic, kind="stable"):
            if len(parts[place]) <= room and (not chosen or topic[place] >= topic.max() / 2):
                chosen.append(int(place))
                room -= len(parts[place]) + 1
        return " ".join(parts[place] for place in sorted(chosen))


def _stems(text: str) -> set[str]:
    """The longer words of a text, by their beginning: 'visies' and 'visie' are one."""
    return {word[:STEM] for word in re.findall(r"\w+", text.casefold()) if len(word) >= STEM}


def _own_stems(model: MaturityModel, item_id: str) -> set[str]:
    """The words of an item's title, question and labels that few other items have."""
    had: dict[str, set[str]] = {}
    for dimension, item in model.walk():
        texts = (*item.title.values(), *item.question.values())
        labels = tuple(label for level in item.levels for label in level.label.values())
        had[f"{dimension.id}.{item.id}"] = set().union(*(_stems(text) for text in (*texts, *labels)))
    common = Counter(stem for stems in had.values() for stem in stems)
    return {stem for stem in had[item_id] if common[stem] <= max(1, len(had) / 6)}


def _topics(trained: Trained, use: Vectors) -> Array:
    """Rows of shares: each item's, and last that of nothing."""
    return softmax(use.astype(float) @ trained.topics.astype(float) + trained.topic_biases)


def _certainty(
    likely: Array, sureness: Sureness, topics: Array, items: Sequence[str], item_id: str
) -> Certainty:
    """`likely`: the levels' probabilities, the highest first; `topics`: each item's share, and nothing's."""
    own = topics[list(items).index(item_id)]
    if topics[-1] >= MOSTLY_NOTHING or (topics[:-1].max() >= ELSEWHERE and own <= NEXT_TO_NOTHING):
        return "unclear"
    if likely[0] >= sureness.clear and topics[-1] < PERHAPS_NOTHING:
        return "clear"
    return "doubt" if likely[:2].sum() >= FIRST_TWO else "unclear"


def _telling(item: ItemWeights, parts: Sequence[str], use: Vectors, topics: Array, level: int) -> str:
    """Of the clauses, the one that speaks most for this level against the others.

    A question, or what says nothing about any item ('I guess'), only where there is nothing else.
    """
    weights = item.weights.astype(float)
    scores = use.astype(float) @ (weights[:USE_WIDTH] + LAST_CLAUSE * weights[USE_WIDTH : 2 * USE_WIDTH])
    others = np.delete(scores, level, axis=1).mean(axis=1)
    gains = scores[:, level] - others
    says_little = (topics[:, -1] >= MOSTLY_NOTHING) | np.array([part.endswith("?") for part in parts])
    if not says_little.all():
        gains[says_little] = -np.inf
    return parts[int(np.argmax(gains))]


def _nowhere(model: MaturityModel, item_id: str, words: str) -> Placement:
    """Words that could be of any level."""
    levels = model.item(item_id)[1].levels
    return Placement(
        item_id, "unclear", tuple((one.value, 1 / len(levels)) for one in levels), cut(words, LONGEST_QUOTE)
    )
