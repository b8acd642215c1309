"""What training gives, as bytes: small enough for the repository and for a row in the database."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.understanding.placing.regression import Array

FORMAT = 1
"""Goes up when what is stored gets another shape or meaning; what was stored before is then made anew."""

FOLDER = Path(__file__).resolve().parent / "trained"
"""The base, and what was trained from the definitions that come with Peil."""

Small = npt.NDArray[np.float16]


@dataclass(frozen=True)
class Sureness:
    """How logits are read: what they are divided by, and from which probability a level is clear."""

    temperature: float
    clear: float


@dataclass(frozen=True)
class Base:
    """What all questions have in common, learned from the rubrics that come with Peil.

    `weights`: (features, classes), of features about their item's mean, from the lowest level to the highest.
    `e5_mean`: what all vectors of the second encoder have in common; empty where there is none. `taught`,
    `untaught`: how sure a level is of items with examples, and of those with nothing but their wording.
    `digest`: of its bytes, to tell it from other bases; empty before it has been written.
    """

    encoders: tuple[str, ...]
    weights: Array
    e5_mean: Array
    taught: Sureness
    untaught: Sureness
    digest: str = ""

    @property
    def recipe(self) -> str:
        """What names the way in which a definition is trained with this base."""
        return recipe(self.encoders, self.digest)


def recipe(encoders: tuple[str, ...], base: str) -> str:
    """The name of the way to train a definition with these encoders and the base of this digest."""
    return f"{FORMAT}-{'-'.join(encoders)}-{base}"


@dataclass(frozen=True)
class ItemWeights:
    """The regression of one item: logits of a row of features are row @ weights + biases."""

    weights: Small
    biases: Array
    taught: bool


@dataclass(frozen=True)
class Trained:
    """What was trained from one definition.

    `topics`: (512, items + 1) and their biases: by the first encoder, which item a text is about, the last
    column being 'none'; items are in the order of `items`. `base`: the digest of the one it was trained with.
    """

    definition_hash: str
    model_id: str
    encoders: tuple[str, ...]
    base: str
    items: Mapping[str, ItemWeights]
    topics: Small
    topic_biases: Array
    e5_mean: Array
    taught: Sureness
    untaught: Sureness

    @property
    def recipe(self) -> str:
        """The way in which it was trained."""
        return recipe(self.encoders, self.base)


class NotTrained(Exception):
    """These bytes are not what training of this version gives."""


def base_to_bytes(base: Base) -> bytes:
    """A base as bytes; the same base gives the same bytes."""
    head = {"format": FORMAT, "encoders": base.encoders, **_sureness(base)}
    return _pack(
        head, {"weights": base.weights.astype(np.float16), "e5_mean": base.e5_mean.astype(np.float32)}
    )


def base_from_bytes(content: bytes) -> Base:
    """The base in these bytes. Raises NotTrained."""
    head, arrays = _unpack(content)
    return Base(
        encoders=tuple(head["encoders"]),
        weights=arrays["weights"].astype(float),
        e5_mean=arrays["e5_mean"].astype(float),
        taught=Sureness(**head["taught"]),
        untaught=Sureness(**head["untaught"]),
        digest=hashlib.sha256(content).hexdigest()[:12],
    )


def to_bytes(trained: Trained) -> bytes:
    """What was trained, as bytes; the same gives the same bytes."""
    head = {
        "format": FORMAT,
        "encoders": trained.encoders,
        "base": trained.base,
        "definition": trained.definition_hash,
        "model": trained.model_id,
        "items": [
            {"id": item_id, "levels": len(one.biases), "taught": one.taught}
            for item_id, one in trained.items.items()
        ],
        **_sureness(trained),
    }
    arrays: dict[str, npt.NDArray[Any]] = {
        "weights": np.hstack([one.weights for one in trained.items.values()]),
        "biases": np.hstack([one.biases for one in trained.items.values()]).astype(np.float32),
        "topics": trained.topics,
        "topic_biases": trained.topic_biases.astype(np.float32),
        "e5_mean": trained.e5_mean.astype(np.float32),
    }
    return _pack(head, arrays)


def from_bytes(content: bytes) -> Trained:
    """What was trained, from its bytes. Raises NotTrained."""
    head, arrays = _unpack(content)
    ends = np.cumsum([item["levels"] for item in head["items"]])[:-1]
    weights = np.split(arrays["weights"], ends, axis=1)
    biases = np.split(arrays["biases"].astype(float), ends)
    return Trained(
        definition_hash=head["definition"],
        model_id=head["model"],
        encoders=tuple(head["encoders"]),
        base=head["base"],
        items={
            item["id"]: ItemWeights(w, b, item["taught"])
            for item, w, b in zip(head["items"], weights, biases, strict=True)
        },
        topics=arrays["topics"],
        topic_biases=arrays["topic_biases"].astype(float),
        e5_mean=arrays["e5_mean"].astype(float),
        taught=Sureness(**head["taught"]),
        untaught=Sureness(**head["untaught"]),
    )


def _sureness(one: Base | Trained) -> dict[str, Any]:
    return {"taught": asdict(one.taught), "untaught": asdict(one.untaught)}


def _pack(head: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    file = io.BytesIO()
    words = np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), np.uint8)
    named: dict[str, Any] = {"head": words, **arrays}
    np.savez_compressed(file, **named)
    return file.getvalue()


def _unpack(content: bytes) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        head = json.loads(found.pop("head").tobytes())
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise NotTrained(f"these bytes cannot be read ({type(error).__name__})") from None
    if head.get("format") != FORMAT:
        raise NotTrained(f"these bytes are of format {head.get('format')}, not {FORMAT}")
    return head, found


def base_file(encoders: tuple[str, ...]) -> Path:
    """Where the base for these encoders is."""
    return FOLDER / f"base.{'-'.join(encoders)}.npz"


def load_base(encoders: tuple[str, ...]) -> Base:
    """The base that comes with Peil."""
    return base_from_bytes(base_file(encoders).read_bytes())


def prebuilt_file(model_id: str, encoders: tuple[str, ...]) -> Path:
    """Where what was trained from the model that comes with Peil is."""
    return FOLDER / f"{model_id}.{'-'.join(encoders)}.npz"


def prebuilt(definition_hash: str, model_id: str, encoders: tuple[str, ...]) -> Trained | None:
    """What came with Peil for this very definition; None where there is nothing, or something of another."""
    try:
        found = from_bytes(prebuilt_file(model_id, encoders).read_bytes())
    except (FileNotFoundError, NotTrained):
        return None
    return found if found.definition_hash == definition_hash else None
