"""Checks the dialogue's texts: both languages the same keys and names, every key used, none missing."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

from bot.texts import FOLDER, LANGUAGES, texts

# Pages ask for their words by name within their section; that all are used is checked by the pages' tests.
_WHOLE_SECTIONS = (
    *("web.", "web_menu.", "launcher.", "page."),
    *("embed.", "company.", "report.", "source_words.", "desk_"),
)


def problems(root: Path = FOLDER.parent.parent) -> list[str]:
    """Everything that is wrong with the texts, a sentence each; empty when all is well."""
    found: list[str] = []
    first, *others = LANGUAGES
    for other in others:
        one, two = texts(first), texts(other)
        found += [f"{other}.yml: {key} is missing" for key in one if key not in two]
        found += [f"{first}.yml: {key} is missing" for key in two if key not in one]
        for key in sorted(one.keys() & two.keys()):
            if not _wrong(one[key]) and not _wrong(two[key]) and names(one[key]) != names(two[key]):
                found.append(f"{key}: {first} and {other} have different names in braces")
    for language in LANGUAGES:
        for key, sentence in texts(language).items():
            if wrong := _wrong(sentence):
                found.append(f"{language}.yml: {key} {wrong}")
    used = set(_keys_in_code(root))
    known = set(texts(first))
    found += [f"{key} is used in the code but stands in no file" for key in sorted(used - known)]
    found += [
        f"{key} is not used anywhere" for key in sorted(known - used) if not key.startswith(_WHOLE_SECTIONS)
    ]
    return found


def _wrong(sentence: object) -> str:
    """What is wrong with one sentence by itself; empty when nothing is."""
    if not isinstance(sentence, str) or not sentence.strip():
        return "is empty or not a text"
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
    except ValueError as error:
        return f"has braces that cannot be filled in ({error})"
    return "" if all(name.isidentifier() for name in fields) else "has braces without a name"


def names(sentence: str) -> set[str]:
    """The names in braces of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def _keys_in_code(root: Path) -> Iterator[str]:
    """Every string constant of the code that looks like a key: 'section.name' of a section that exists."""
    sections = {key.split(".")[0] for key in texts(LANGUAGES[0])}
    for folder in ("bot", "actions"):
        for file in sorted((root / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    section, _, name = node.value.partition(".")
                    if section in sections and name.isidentifier():
                        yield node.value
