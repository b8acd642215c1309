"""What the invented people say in their own words: a file per maturity model and language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Said:
    """A sentence. `who`: only people of this department or role layer say so; None for everybody."""

    text: str
    who: str | None = None


@cache
def said(model_id: str, language: str) -> Mapping[tuple[str, int], tuple[Said, ...]]:
    """(Item id, level) -> what people say who are there; empty where nobody was given words."""
    file = Path(__file__).resolve().parent / f"{model_id}.{language}.yml"
    if not file.exists():
        return {}
    stored = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {
        (item_id, level): tuple(
            Said(one) if isinstance(one, str) else Said(one["say"], one["who"]) for one in sentences
        )
        for item_id, levels in stored.items()
        for level, sentences in levels.items()
    }
