"""Every sentence of the chrome, per language: nl.yml, en.yml, and the desk's in desk/PART.LANGUAGE.yml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

LANGUAGES = ("nl", "en")
FOLDER = Path(__file__).parent


@cache
def texts(language: str) -> Mapping[str, str]:
    """Key ('question.header') -> sentence with {names}, read once."""
    flat: dict[str, str] = {}

    def walk(prefix: str, node: Any) -> None:
        for key, value in node.items():
            if isinstance(value, dict):
                walk(f"{prefix}{key}.", value)
            else:
                flat[f"{prefix}{key}"] = value

    for file in (FOLDER / f"{language}.yml", *sorted((FOLDER / "desk").glob(f"*.{language}.yml"))):
        walk("", yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    return MappingProxyType(flat)


def say(language: str, key: str, **values: object) -> str:
    """The sentence under this key with the values filled in. Raises KeyError for a missing key or value."""
    return texts(language)[key].format_map(values)


def section(language: str, name: str) -> dict[str, str]:
    """Every sentence of one section, by its key within the section."""
    prefix = f"{name}."
    return {k.removeprefix(prefix): v for k, v in texts(language).items() if k.startswith(prefix)}
