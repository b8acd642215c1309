"""The check of the dialogue's sentences: it passes ours, and fails for each kind of mistake."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import bot.texts
import bot.texts.check
from bot.texts import LANGUAGES, say, section, texts
from bot.texts.check import names, problems

Change = Callable[[str, str, str], list[str]]


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Change]:
    """Changes one passage of a copy of a language's file, and says what the check finds then."""
    for language in LANGUAGES:
        shutil.copy(bot.texts.FOLDER / f"{language}.yml", tmp_path)

    def apply(language: str, old: str, new: str) -> list[str]:
        file = tmp_path / f"{language}.yml"
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        file.write_text(text.replace(old, new), encoding="utf-8")
        texts.cache_clear()
        return problems()

    monkeypatch.setattr(bot.texts, "FOLDER", tmp_path)
    texts.cache_clear()
    yield apply
    monkeypatch.undo()
    texts.cache_clear()


def test_our_own_texts_are_well() -> None:
    assert problems() == []


def test_an_unchanged_copy_is_well(change: Change) -> None:
    assert problems() == []


def test_a_missing_key_is_found_in_either_language(change: Change) -> None:
    assert change("en", "  greet: Hi!\n", "") == ["en.yml: side.greet is missing"]
    assert change("nl", "  thanks: Graag gedaan.\n", "") == [
        "en.yml: side.greet is missing",
        "nl.yml: side.thanks is missing",
        "side.thanks is used in the code but stands in no file",
    ]


def test_a_key_that_nothing_uses_is_found(change: Change) -> None:
    change("en", "  greet: Hi!\n", "  greet: Hi!\n  farewell: Bye!\n")

    assert change("nl", "  greet: Hoi!\n", "  greet: Hoi!\n  farewell: Dag!\n") == [
        "side.farewell is not used anywhere"
    ]


def test_a_key_that_is_used_but_stands_nowhere_is_found(change: Change) -> None:
    change("en", "  greet: Hi!\n", "")

    assert change("nl", "  greet: Hoi!\n", "") == ["side.greet is used in the code but stands in no file"]


def test_different_names_in_braces_are_found(change: Change) -> None:
    [problem] = change("en", "{number} of {total} ·", "{number} of {sum} ·")

    assert problem.startswith("question.header: ")
    assert "nl" in problem
    assert "en" in problem


@pytest.mark.parametrize("wrong", ["''", "'  '", "yes", "12", "null", "[a, b]"])
def test_what_is_no_text_is_found(change: Change, wrong: str) -> None:
    found = change("nl", "  greet: Hoi!\n", f"  greet: {wrong}\n")

    assert "nl.yml: side.greet is empty or not a text" in found


@pytest.mark.parametrize("wrong", ["'Hoi {'", "'Hoi }'", "'Hoi {a'", "'Hoi {}'", "'Hoi {0}'"])
def test_braces_that_cannot_be_filled_in_are_found(change: Change, wrong: str) -> None:
    found = change("nl", "  greet: Hoi!\n", f"  greet: {wrong}\n")

    assert [one for one in found if "side.greet" in one]


def test_a_sentence_is_filled_in_and_a_missing_value_is_an_error() -> None:
    assert say("nl", "question.button", value=3, label="Bij naam") == "3 · Bij naam"
    with pytest.raises(KeyError):
        say("nl", "question.button", value=3)
    with pytest.raises(KeyError):
        say("nl", "question.nothing")


def test_what_a_person_said_is_never_taken_for_a_name_in_braces() -> None:
    assert say("en", "question.button", value="{label}", label="{value}") == "{label} · {value}"


def test_every_sentence_can_be_filled_in() -> None:
    for language in LANGUAGES:
        for key, sentence in texts(language).items():
            filled = say(language, key, **dict.fromkeys(names(sentence), "X"))
            assert "{" not in filled, key
            assert filled == filled.strip(), key


def test_a_section_is_its_keys_without_the_sections_name() -> None:
    assert section("en", "web")["send"] == texts("en")["web.send"]
    assert not [key for key in section("en", "web") if key.startswith("web.")]


def test_buttons_fit_where_the_shortest_channel_cuts_them_off() -> None:
    buttons = (
        "consent.yes",
        "consent.no",
        "consent.reconsider",
        "language.other",
        "question.dont_know",
        "question.not_applicable",
        "question.skip",
        "question.explain",
        "question.back",
        "change.yes",
        "change.no",
        "side.continue",
        "start_over.yes",
        "start_over.no",
        "erase.yes",
        "erase.no",
    )
    for language in LANGUAGES:
        for key in buttons:
            assert len(texts(language)[key]) <= 20, key
