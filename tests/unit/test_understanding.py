"""Exact meanings of what people type: a table of forms for each, in both languages."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assessment.definitions import Item, Level, MaturityModel, StagedName
from bot.understanding.exact import (
    NoSuchLevel,
    normalise,
    opens_yes_no,
    read_language,
    read_level,
    read_number,
    read_yes_no,
    words,
)
from tests.unit.models import make_model

LABELS = (
    ("Eén gedeeld doel", "One shared goal"),
    ("Losse acties", "Loose actions"),
    ("Wie er is", "Whoever's there"),
    ("24/7 bereikbaar", "24/7 service"),
    ("Ieders trots", "Everyone's pride"),
)
NAMES = (
    ("Afwachtend", "Waiting"),
    ("Beginnend", "Starting"),
    ("Op weg", "On the way"),
    ("Gevorderd", "Advanced"),
    ("Voorop", "In the lead"),
)


def five_levels() -> tuple[MaturityModel, Item]:
    """A model with one item of five levels, each with words of its own."""
    model = make_model({"team": (1,)})
    item = replace(
        model.item("team.a")[1],
        levels=tuple(
            Level(
                number,
                {"nl": nl, "en": en},
                {"nl": f"Zo ziet {number} eruit.", "en": f"This is what {number} looks like."},
                "1",
                None,
                {},
            )
            for number, (nl, en) in enumerate(LABELS, start=1)
        ),
    )
    stages = tuple(
        StagedName(number, {"nl": nl, "en": en}, {"nl": "…", "en": "…"})
        for number, (nl, en) in enumerate(NAMES, start=1)
    )
    return replace(model, levels=stages), item


MODEL, ITEM = five_levels()

LEVELS = {
    # digits
    "3": 3,
    " 3 ": 3,
    "3.": 3,
    "3!": 3,
    "3?": 3,
    "(3)": 3,
    "3)": 3,
    "#3": 3,
    "\n5\n": 5,
    "３": 3,
    "3\ufe0f\u20e3": 3,
    "005": 5,
    # number words and ordinals
    "drie": 3,
    "Drie.": 3,
    "DRIE": 3,
    "één": 1,
    "een": 1,
    "Eén!": 1,
    "eentje": 1,
    "one": 1,
    "Five": 5,
    "eerste": 1,
    "de derde": 3,
    "de vierde graag": 4,
    "tweede optie": 2,
    "the third one": 3,
    "the 2nd": 2,
    "3rd option please": 3,
    "de 2e": 2,
    "3de": 3,
    "de 1ste": 1,
    # words around it that change nothing
    "niveau 2": 2,
    "nivo 2": 2,
    "level 4": 4,
    "optie twee": 2,
    "keuze: 3": 3,
    "nr. 3": 3,
    "antwoord 5 graag": 5,
    "een 4 denk ik": 4,
    "een vier": 4,
    "doe maar een 4": 4,
    "ik kies 3": 3,
    "wij zijn een 3": 3,
    "we zitten op 2": 2,
    "toch maar 1": 1,
    "ongeveer 3": 3,
    "3 ongeveer": 3,
    "misschien 2": 2,
    "make it a 4": 4,
    "I'd say 4": 4,
    "i would go with 2": 2,
    "a 2, I guess": 2,
    "we are at 3": 3,
    "maybe two": 2,
    "probably a 3": 3,
    "option five, please": 5,
    # what else people call one of five
    "III": 3,
    "③": 3,
    "3!!": 3,
    "drieeee": 3,
    "tweeee!": 2,
    "lvl 4": 4,
    "nummertje 3": 3,
    "een dikke 4": 4,
    "krappe 3": 3,
    "a solid 4": 4,
    "a four I guess": 4,
    "level three please": 3,
    "the first one": 1,
    "option 2 of the above": 2,
    "4 van de 5": 4,
    "4 out of 5": 4,
    "niet 3 maar 4": 4,
    "geen 3 maar een 4": 4,
    "not a 3 but a 4": 4,
    # letters, and places in the row
    "B": 2,
    "c)": 3,
    "optie b": 2,
    "option d please": 4,
    "max": 5,
    "de hoogste": 5,
    "the highest one": 5,
    "het hoogste": 5,
    "het laagste": 1,
    "the lowest": 1,
    "de laatste": 5,
    "the last one": 5,
    "de middelste": 3,
    "the middle one": 3,
    "de een na laatste": 4,
    "second to last": 4,
    # signs that only say how it is to look
    "**4**": 4,
    "<b>3</b>": 3,
    # one language's number among the other's words, and a number in a sentence of its own behind an aside
    "doe maar a 3": 3,
    "sorry, ik praat te veel. Een 2 dus": 2,
    "sorry, I do go on. A 2 it is": 2,
    "`2`": 2,
    "_3_": 3,
    # labels, buttons, wordings, names of levels
    "losse acties": 2,
    "Losse acties!": 2,
    "LOSSE  ACTIES": 2,
    "een gedeeld doel": 1,
    "1 · Eén gedeeld doel": 1,
    "2 · Losse acties": 2,
    "2: losse acties": 2,
    "24/7 bereikbaar": 4,
    "Whoevers there": 3,
    "whoever’s there": 3,
    "Zo ziet 4 eruit.": 4,
    "this is what 5 looks like": 5,
    "Op weg": 3,
    "gevorderd": 4,
    "in the lead": 5,
}

NO_LEVEL = {
    "6": 6,
    "0": 0,
    "nul": 0,
    "zes": 6,
    "ten": 10,
    "een 7": 7,
    "level 12": 12,
    "100": 100,
    "de zesde": 6,
    "doe maar een tien": 10,
}

NOTHING_EXACT = [
    "",
    "   ",
    "?",
    "👍",
    "1 of 2",
    "1 or 2",
    "twee of drie",
    "2 à 3",
    "2-3",
    "2 - 3",
    "tussen 2 en 3",
    "3 tot 4",
    "3,5",
    "3.5",
    "3 . 5",
    "3½",
    "-3",
    "- 3",
    "4/5",
    "3:2",
    "3%",
    "60 %",
    "3 3",
    "drie drie",
    "niet 3",
    "geen 3",
    "not 3",
    "no one",
    "none",
    "one of us",
    "3x",
    "1000",
    "99999999999999999999",
    "drie jaar geleden begonnen we",
    "we hebben 3 winkels",
    "we have 3 shops",
    "sinds 2019",
    "3 keer per jaar",
    "3 times a year",
    "in 2 dagen",
    "in 2 days",
    "4 van de 6 teams",
    "de laatste tijd wel",
    "the last few years",
    "the best",
    "we doen het maximale",
    "'; DROP TABLE answers; --",
    "/start",
    "<script>alert(1)</script>",
    "geen van deze",
    "none of them",
    "allemaal",
    "we hebben 3 teams",
    "in 2024 is er een begin gemaakt",
    "een beetje",
    "losse",
    "losse acties en een gedeeld doel",
    "niet afwachtend",
    "ja",
    "no",
    "geen idee",
    "<b>3</b>x",
    "<b>5</b><img src=x onerror=alert(5)>",
    "vraag 3 klopt niet. Een 2",
    "the previous one was wrong. A 2",
    "tree",
]


def test_the_tables_are_long_enough() -> None:
    assert len(LEVELS) + len(NO_LEVEL) + len(NOTHING_EXACT) >= 60


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("text", "level"), LEVELS.items(), ids=ascii)
def test_this_is_exactly_that_level_whatever_the_language_of_the_conversation(
    text: str, level: int, language: str
) -> None:
    assert read_level(text, MODEL, ITEM, language) == level


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("text", "number"), NO_LEVEL.items(), ids=ascii)
def test_a_number_that_is_no_level_is_noticed(text: str, number: int, language: str) -> None:
    assert read_level(text, MODEL, ITEM, language) == NoSuchLevel(number)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("text", NOTHING_EXACT, ids=ascii)
def test_this_says_no_level_exactly(text: str, language: str) -> None:
    assert read_level(text, MODEL, ITEM, language) is None


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_label_wording_button_and_name_means_its_own_level(language: str) -> None:
    for other in ("nl", "en"):
        for level in ITEM.levels:
            label = level.label[other]
            for text in (label, label.upper(), level.text[other], f"{level.value} · {label}"):
                assert read_level(text, MODEL, ITEM, language) == level.value
        for stage in MODEL.levels:
            assert read_level(stage.name[other], MODEL, ITEM, language) == stage.value


def test_the_language_of_the_conversation_comes_first() -> None:
    # One word that stands for level 2 in Dutch and for level 4 in English.
    levels = list(ITEM.levels)
    levels[1] = replace(levels[1], label={"nl": "Team", "en": "On its own"})
    levels[3] = replace(levels[3], label={"nl": "Samen", "en": "Team"})
    item = replace(ITEM, levels=tuple(levels))

    assert read_level("team", MODEL, item, "nl") == 2
    assert read_level("team", MODEL, item, "en") == 4


def test_with_three_levels_a_four_is_none() -> None:
    item = replace(ITEM, levels=ITEM.levels[:3])

    assert read_level("3", MODEL, item, "nl") == 3
    assert read_level("vier", MODEL, item, "nl") == NoSuchLevel(4)


def test_a_label_that_is_a_number_word_is_the_label() -> None:
    levels = list(ITEM.levels)
    levels[4] = replace(levels[4], label={"nl": "Eerste", "en": "First"})

    assert read_level("de eerste", MODEL, replace(ITEM, levels=tuple(levels)), "nl") == 1
    assert read_level("eerste", MODEL, replace(ITEM, levels=tuple(levels)), "nl") == 5


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_without_an_error(text: str) -> None:
    for language in ("nl", "en"):
        found = read_level(text, MODEL, ITEM, language)
        assert found is None or isinstance(found, NoSuchLevel) or 1 <= found <= 5
        assert read_yes_no(text, language) in (True, False, None)
        assert opens_yes_no(text, language) in (True, False, None)
        assert read_language(text) in ("nl", "en", None)


@given(st.integers(0, 999), st.sampled_from(["{}", "een {}", "a {}", "niveau {}", "{} denk ik", "{}."]))
def test_a_number_with_small_words_around_it_is_that_number(number: int, around: str) -> None:
    for language in ("nl", "en"):
        assert read_number(around.format(number), language) == number


@given(st.text(max_size=80))
def test_what_was_normalised_once_stays_as_it_is(text: str) -> None:
    once = normalise(text)

    assert normalise(once) == once
    assert once == once.strip()
    assert "  " not in once


YES = [
    "ja",
    "Ja!",
    "JA",
    "jawel",
    "ja hoor",
    "ja, prima",
    "Oké",
    "ok",
    "prima",
    "goed",
    "akkoord",
    "doe maar",
    "ik ga akkoord",
    "yes",
    "Yes please",
    "yep",
    "sure",
    "of course",
    "I agree",
    "That's right",
    "y",
    "j",
    "👍",
    "👍🏽",
    "👍👍",
]
NO = [
    "nee",
    "Nee.",
    "neen",
    "nee hoor",
    "nee, bedankt",
    "liever niet",
    "niet akkoord",
    "laat maar",
    "no",
    "No!",
    "nope",
    "no thanks",
    "rather not",
    "I don't agree",
    "I do not agree",
    "never mind",
    "n",
    "👎",
    "❌",
    "🙅‍♀️",
]
NEITHER = [
    "",
    "ja?",
    "akkoord?",
    "is that ok?",
    "misschien",
    "ja nee",
    "ja en nee",
    "niet goed",
    "geen",
    "3",
    "ok dan niet",
    "😂",
    "👍?",
    "👍👎",
    "waarom",
    "joh",
]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_yes_no_and_neither_in_both_languages(language: str) -> None:
    assert {text: read_yes_no(text, language) for text in YES} == dict.fromkeys(YES, True)
    assert {text: read_yes_no(text, language) for text in NO} == dict.fromkeys(NO, False)
    assert {text: read_yes_no(text, language) for text in NEITHER} == dict.fromkeys(NEITHER)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ja, wis alles", True),
        ("Ja graag, en snel", True),
        ("yes, do it now", True),
        ("nee, wacht even", False),
        ("No! please keep it", False),
        ("wis alles ja", None),
        ("jammer", None),
        ("notitie", None),
        ("", None),
    ],
)
def test_a_longer_message_can_open_with_yes_or_no(text: str, meant: bool | None) -> None:
    assert opens_yes_no(text, "nl") is meant
    assert opens_yes_no(text, "en") is meant


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("in het Engels graag", "en"),
        ("English please", "en"),
        ("Can we do this in Dutch?", "nl"),
        ("Nederlands", "nl"),
        ("in 't hollands", "nl"),
        ("Engels of Nederlands?", None),
        ("een andere taal", None),
        ("Deutsch", None),
        ("", None),
    ],
)
def test_the_language_that_a_message_names(text: str, language: str | None) -> None:
    assert read_language(text) == language


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_lists_of_words_are_written_as_they_are_looked_up(language: str) -> None:
    known = words(language)
    lists = [known.numbers, known.before, known.after, known.yes, known.no, known.opens_yes, known.opens_no]
    for one in (*lists, *known.languages.values()):
        for word in one:
            assert word == normalise(word), word
    assert not known.yes & known.no
    assert not known.opens_yes & known.opens_no
    assert set(known.numbers.values()) == set(range(11))


def test_no_word_is_a_yes_here_and_a_no_there() -> None:
    for one, other in pairwise(("nl", "en", "nl")):
        assert not words(one).yes & words(other).no
        for word in words(one).numbers.keys() & words(other).numbers.keys():
            assert words(one).numbers[word] == words(other).numbers[word]
