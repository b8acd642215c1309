"""Which intent a text has: a regression over its words, pieces of words and meaning, and where answers end.

Rasa's own regression takes counts as they are, so that a long text is certain of anything and a short one
of nothing, and asks one certainty of all. Here the counts are weighed (tf-idf), a sentence encoder's numbers
stand beside them, and whether a text is an answer is decided apart from which side talk it would be. What
each of these gave: docs/understanding.md.
"""

from __future__ import annotations

import warnings
from typing import Any, Dict, List, Text

import numpy as np
import skops.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

_FILE = "classifier.skops"
# All that is in the file; anything else is not loaded.
_TRUSTED = ["scipy.sparse._csr.csr_matrix", "scipy.sparse._dia.dia_matrix"]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SideTalkClassifier(IntentClassifier, GraphComponent):
    """Logistic regression over weighed counts and dense sentence features."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """The component's configuration.

        `answer`: the intent of what is no side talk. `never`: intents that no text has. `answer_from`: the
        probability from which on a text is an answer; below, it has the likeliest other intent. `strength`:
        the regression's C; more follows the examples closer. `dense_weight`: length of the dense features,
        where that of the counts is 1. `max_iter`: rounds of learning; more take time and gain nothing.
        """
        return {
            "answer": "answer",
            "never": ["button"],
            "answer_from": 0.25,
            "strength": 30.0,
            "dense_weight": 1.5,
            "max_iter": 60,
            "ranking_length": 3,
        }

    @classmethod
    def required_components(cls) -> List[Any]:
        """What has to come before it."""
        return [Featurizer]

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource) -> None:
        """An untrained classifier."""
        self._config = config
        self._storage = storage
        self._resource = resource
        self._weigh = TfidfTransformer(sublinear_tf=True)
        # Balanced: there are many more answers than lines of any side talk.
        self._regression = LogisticRegression(
            C=config["strength"], max_iter=config["max_iter"], class_weight="balanced", random_state=42
        )

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SideTalkClassifier":
        """Creates an untrained component (see parent class)."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from all examples that have a text and an intent for it, and keeps what it learned."""
        examples = [
            one
            for one in training_data.intent_examples
            if one.get(TEXT) and one.get(INTENT) and one.get(INTENT) not in self._config["never"]
        ]
        self._weigh.fit(_counts(examples))
        with warnings.catch_warnings():
            # It is stopped before it would stop by itself, and says so.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._regression.fit(self._features(examples), [one.get(INTENT) for one in examples])
        with self._storage.write_to(self._resource) as folder:
            skops.io.dump({"weigh": self._weigh, "regression": self._regression}, folder / _FILE)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SideTalkClassifier":
        """Loads what was learned (see parent class)."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            learned = skops.io.load(folder / _FILE, trusted=_TRUSTED)
        component._weigh, component._regression = learned["weigh"], learned["regression"]
        return component

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds to each message its intent, and the likeliest others behind it."""
        told = [message for message in messages if message.get(TEXT) is not None]
        if not told:
            return messages
        known = np.diff(_counts(told).indptr) > 0
        chances = self._regression.predict_proba(self._features(told))
        for message, is_known, of_message in zip(told, known, chances, strict=True):
            # Of what has no piece of a word that was ever taught, such as emoji, nothing can be said.
            ranking = self._ranking(of_message, self._config["answer_from"] if is_known else 0.0)
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking[: self._config["ranking_length"]], add_to_output=True)
        return messages

    def _ranking(self, chances: np.ndarray, answer_from: float) -> List[Dict[Text, Any]]:
        """All intents with their probabilities: the one that is meant first, then the likeliest."""
        names = (str(name) for name in self._regression.classes_)
        named = {name: float(chance) for name, chance in zip(names, chances, strict=True)}
        answer = self._config["answer"]
        likeliest = sorted(named, key=lambda name: -named[name])
        first = likeliest[0]
        if named.get(answer, 0.0) >= answer_from:
            first = answer
        elif first == answer:
            first = likeliest[1]
        others = [name for name in likeliest if name != first]
        return [{"name": name, "confidence": named[name]} for name in (first, *others)]

    def _features(self, messages: List[Message]) -> csr_matrix:
        """A row for each message: weighed counts, then dense features."""
        dense = [message.get_dense_features(TEXT)[1] for message in messages]
        parts = [self._weigh.transform(_counts(messages))]
        if all(one is not None for one in dense):
            together = np.vstack([one.features for one in dense])
            parts.append(csr_matrix(self._config["dense_weight"] * together))
        # Half the width learns in half the time, and as well.
        return hstack(parts).tocsr().astype(np.float32)


def _counts(messages: List[Message]) -> csr_matrix:
    """The sparse sentence features of messages, a row each."""
    return vstack([message.get_sparse_features(TEXT)[1].features for message in messages]).tocsr()
