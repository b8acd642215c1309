"""What a step brings and takes, in people's own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.efforts import Asked, Efforts, asks_to_see, read_efforts


@pytest.mark.parametrize(
    ("text", "benefit", "investment"),
    [
        ("veel, weinig moeite", 3, 1),
        ("3 1", 3, 1),
        ("veel opbrengst weinig moeite", 3, 1),
        ("kost veel, levert weinig", 1, 3),
        ("levert veel op en kost weinig", 3, 1),
        ("Levert best veel op, vraagt wat tijd.", 2, 2),
        ("veel maar moeilijk", 3, 3),
        ("niet veel, wel veel werk", 1, 3),
        ("much, little effort", 3, 1),
        ("brings much, takes some time", 3, 2),
        ("kost weinig", None, 1),
        ("een flinke klus", None, 3),
        ("veel werk", None, 3),
        ("levert veel op", 3, None),
    ],
)
@pytest.mark.parametrize("asked", ["benefit", "investment"])
def test_what_is_named_goes_where_it_belongs(
    text: str, benefit: int | None, investment: int | None, asked: Asked
) -> None:
    assert read_efforts(text, asked, "nl") == Efforts(benefit, investment)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("veel", 3), ("weinig", 1), ("weining", 1), ("best veel", 2), ("niet veel", 1), ("2", 2), ("a lot", 3)],
)
def test_one_amount_answers_what_is_asked(text: str, amount: int) -> None:
    assert read_efforts(text, "benefit", "nl") == Efforts(amount, None)
    assert read_efforts(text, "investment", "nl") == Efforts(None, amount)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "weet niet",
        "4",
        "0",
        "2,5",
        "-2",
        "is dat veel?",
        "veel, niet moeilijk",
        "veel weinig veel",
        "hallo",
        "veel " * 20,
    ],
)
def test_what_is_not_plain_is_not_read(text: str) -> None:
    assert read_efforts(text, "benefit", "nl") is None


def test_who_wants_to_see_and_who_wants_to_place() -> None:
    assert asks_to_see("toon de matrix")
    assert asks_to_see("show the matrix")
    assert not asks_to_see("ik wil de stappen zelf plaatsen")
    assert not asks_to_see("")


WORDS = ["veel", "weinig", "best", "kost", "levert", "op", "en", ",", "1", "2", "3", "niet", "moeite"]


@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_no_text_is_too_strange(text: str) -> None:
    found = read_efforts(text, "benefit", "nl")

    assert found is None or {found.benefit, found.investment} <= {None, 1, 2, 3}
