"""No phrase that people type stands in Python: numbers, denials, requests are data, one file a language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import ROOT
from bot.understanding.exact import normalise

# Where what people type is read and answered.
FOLDERS = ("bot/understanding", "bot/service", "bot/channels", "bot/dialogue", "actions")
# Our own names for things, which happen to be a Dutch word as well.
NAMES = {"contact", "effect", "exact", "lang", "http", "word", "users", "auto", "level"}
# What the consultant reads, and a date that shows how long one is.
TOLD = {"it is the same", "22 mei 2027"}


def listed(language: str) -> set[str]:
    """Every word and phrase of a language's file, but for what is there to learn from."""
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            found.update(normalise(str(one)) for one in value)

    path = ROOT / "bot" / "understanding" / f"{language}.yml"
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    walk({key: value for key, value in data.items() if key != "placing"})
    return found


def literals(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string in Python source, docstrings left out."""
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def found_in(source: str) -> list[tuple[int, str]]:
    """The strings that hold a Dutch word of the lists, or are a phrase of either language."""
    dutch, english = listed("nl"), listed("en")
    spoken = {word for phrase in english for word in phrase.split()}
    telling = {word for phrase in dutch for word in phrase.split() if len(word) > 2 and word.isalpha()}
    telling -= spoken | NAMES
    phrases = {phrase for phrase in dutch | english if " " in phrase}
    return [
        (line, text)
        for line, text in literals(source)
        if text not in TOLD
        and (
            set(re.findall(r"[^\W\d_]+", normalise(re.sub(r"\\[a-zA-Z]", " ", text)))) & telling
            or (" " in text.strip() and normalise(text) in phrases)
        )
    ]


FILES = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_phrase_that_people_type_stands_in_python(file: Path) -> None:
    assert found_in(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        'x = ("nummer", "nr")',
        'if text == "laat maar":\n    pass',
        'y = "no thanks"',
        'z = re.compile(r"\\bniet\\b")',
    ],
)
def test_a_phrase_in_python_would_be_found(source: str) -> None:
    assert found_in(source) != []
