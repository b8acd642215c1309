"""How long an assessment takes: words are counted as a reader would, and the document says the figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.definitions import load
from bot.service.reading import Part, count_words, reading_parts, total
from bot.settings import ROOT
from bot.texts import LANGUAGES
from tests.stack import TEAHOUSE

CEMM = ROOT / "models" / "maturity" / "cemm.yml"
PAGE = (ROOT / "docs" / "reading-time.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("Fijn, daar gaan we.", 4),
        # A number is read, a dot or an arrow between words is not.
        ("3 · Eén doel: we delen", 5),
        ("2 → 3", 2),
        ("E-commerce\n\n'wis alles'", 3),
        ("… – ·", 0),
    ],
)
def test_a_word_holds_a_letter_or_a_digit(text: str, words: int) -> None:
    assert count_words(text) == words


def test_minutes_are_words_at_the_reading_speed_and_taps() -> None:
    # 476 / 238 = 2 minutes; 15 taps of 2 seconds are half a minute.
    assert Part("some", 476, 15).minutes == pytest.approx(2.5)
    together = total([Part("one", 100, 1), Part("other", 20, 2)])
    assert (together.words, together.taps) == (120, 3)


def test_every_answer_is_a_tap_and_so_are_consent_depth_and_the_three_questions_before() -> None:
    model = load(CEMM)

    taps = {part.name: part.taps for part in reading_parts(model, "nl") if part.taps}

    assert taps == {
        "greeting and consent": 1,
        "how much of it": 1,
        "about the respondent": 3,
        "their levels": 18,
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_levels_are_their_numbers_labels_and_texts(language: str) -> None:
    model = load(TEAHOUSE)
    parts = {part.name: part.words for part in reading_parts(model, language)}

    by_hand = sum(
        1 + len(level.label[language].split()) + len(level.text[language].split())
        for _, item in model.walk()
        for level in item.levels
    )
    assert parts["their levels"] == by_hand


def test_a_longer_text_takes_longer(tmp_path: Path) -> None:
    text = TEAHOUSE.read_text(encoding="utf-8")
    caution = re.search(r'^caution:\n?.*?nl: "([^"]+)"', text, re.MULTILINE | re.DOTALL)
    assert caution is not None
    longer = tmp_path / "teahouse.yml"
    longer.write_text(
        text.replace(caution[1], f"{caution[1]} En nog zes woorden erbij hier."), encoding="utf-8"
    )

    before = {part.name: part.words for part in reading_parts(load(TEAHOUSE), "nl")}
    after = {part.name: part.words for part in reading_parts(load(longer), "nl")}

    assert after == before | {"result": before["result"] + 6}


# --- the document ---


def test_the_document_says_what_the_command_says() -> None:
    said = CliRunner().invoke(main, ["definitions", "reading"]).stdout

    told = re.search(r"```\n(.*?)```", PAGE, re.DOTALL)
    assert told is not None
    assert told[1] == said, "put what 'peil definitions reading' prints into docs/reading-time.md"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_document_says_whether_ten_minutes_are_kept(language: str) -> None:
    name = {"nl": "Dutch", "en": "English"}[language]
    minutes = total(reading_parts(load(CEMM), language)).minutes

    assert f"{name}: {minutes:.1f} minutes, the aim is {'met' if minutes <= 10 else 'missed'}" in PAGE
