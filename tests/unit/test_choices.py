"""Choices that are not one number: between two, one now and one for the next, none of them, all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.choices import chooses_all, chooses_none, read_between, read_then
from bot.understanding.exact import read_number

BETWEEN = {
    "tussen 3 en 4": (3, 4),
    "tussen een en twee": (1, 2),
    "ergens tussen 2 en 3": (2, 3),
    "2 of 3": (2, 3),
    "een of twee": (1, 2),
    "2 of 3?": (2, 3),
    "2 a 3": (2, 3),
    "2 à 3": (2, 3),
    "2-3": (2, 3),
    "2 tot 3": (2, 3),
    "4/5": (4, 5),
    "3 2": (2, 3),
    "2,5": (2, 3),
    "2.5": (2, 3),
    "een 3,5 denk ik": (3, 4),
    "3½": (3, 4),
    "drie en een half": (3, 4),
    "ik denk 2, misschien 3": (2, 3),
    "ik twijfel tussen 1 en 3": (1, 3),
    "3 misschien 4": (3, 4),
    "between 3 and 4": (3, 4),
    "I think it's 2 maybe 3": (2, 3),
    "either 2 or 3": (2, 3),
    "two and a half": (2, 3),
    "drieënhalf": (3, 4),
    "drieëneenhalf": (3, 4),
    "een tweeënhalf denk ik": (2, 3),
    "anderhalf": (1, 2),
    "2 to 3": (2, 3),
    "somewhere between two and three": (2, 3),
}

NOT_BETWEEN = [
    "3",
    "",
    "5,5",
    "0,5",
    "5 of 6",
    "3 of 3",
    "1, 2 of 3",
    "we hebben 2 of 3 winkels",
    "in 2024 en 2025",
    "2,5 miljoen klanten",
    "het verschil tussen 2 en 3 is groot bij ons",
    "van de 10 keer gaat het er 3 goed",
    "b2b en b2c",
]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("text", "two"), BETWEEN.items(), ids=ascii)
def test_who_hesitates_names_two_levels(text: str, two: tuple[int, int], language: str) -> None:
    assert read_between(text, 5, language) == two


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("text", NOT_BETWEEN, ids=ascii)
def test_this_is_no_hesitation_between_two_levels(text: str, language: str) -> None:
    assert read_between(text, 5, language) is None


def test_with_three_levels_one_cannot_hesitate_at_a_fourth() -> None:
    assert read_between("3 of 4", 3, "nl") is None
    assert read_between("3,5", 3, "nl") is None


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("3, en de volgende een 4", (3, 4)),
        ("3 en de volgende vraag ook een 3", (3, 3)),
        ("een 2 en daarna een 4", (2, 4)),
        ("3 and 4 for the next one", (3, 4)),
        ("3, and the next one is a 4", (3, 4)),
        ("2 then 4 for the next", (2, 4)),
        ("de volgende een 4", None),
        ("3 en 4", None),
        ("volgend jaar 3 en daarna 4 winkels", None),
        ("wat is de volgende, 3 of 4?", None),
    ],
)
def test_a_number_for_this_question_and_one_for_the_next(text: str, both: tuple[int, int] | None) -> None:
    assert read_then(text, "nl") == both
    assert read_then(text, "en") == both


@pytest.mark.parametrize("text", ["geen van deze", "Geen!", "none of them", "none of the above", "niks past"])
def test_none_of_them(text: str) -> None:
    assert chooses_none(text, "nl")
    assert chooses_none(text, "en")
    assert not chooses_all(text, "nl")


@pytest.mark.parametrize("text", ["allemaal", "alles", "all of them", "the lot", "van alles wat"])
def test_all_of_them(text: str) -> None:
    assert chooses_all(text, "nl")
    assert chooses_all(text, "en")
    assert not chooses_none(text, "nl")


@pytest.mark.parametrize(
    "text", ["geen idee", "wis alles", "none of your business", "geen van deze?", "all good"]
)
def test_neither_none_nor_all(text: str) -> None:
    assert not chooses_none(text, "nl")
    assert not chooses_all(text, "nl")


@pytest.mark.parametrize(
    ("text", "count", "number"),
    [
        ("de laatste", 4, 4),
        ("de laatste", None, None),
        ("de een na laatste", 4, 3),
        # Of four there is no middle one.
        ("de middelste", 4, None),
        ("the middle one", 3, 2),
        # Departments do not go up.
        ("de hoogste", 4, None),
        ("e", 4, None),
        ("d", 4, 4),
        ("3 van de 4", 4, 3),
        ("3 van de 5", 4, None),
    ],
)
def test_a_place_depends_on_how_many_there_are(text: str, count: int | None, number: int | None) -> None:
    assert read_number(text, "nl", count=count) == number


@given(st.text(max_size=60), st.integers(1, 9), st.sampled_from(["nl", "en"]))
def test_whatever_is_typed_the_two_are_two_that_there_are(text: str, highest: int, language: str) -> None:
    two = read_between(text, highest, language)
    assert two is None or 1 <= two[0] < two[1] <= highest
    read_then(text, language)
