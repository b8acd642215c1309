"""What is added to a list or taken from it, as people type it; '3' alone is neither."""

from __future__ import annotations

import pytest

from bot.understanding.adding import Edit, read_edit
from bot.understanding.several import NoSuchPart

NAMES = (("Klantreis",), ("Data delen",), ("Chatbot",), ("Winkel app",), ("Terugbelknop",))


@pytest.mark.parametrize(
    ("text", "added", "taken"),
    [
        *(
            (text, {3}, set())
            for text in ("3 ook", "ook 3", "en 3", "3 erbij", "doe 3 er ook bij", "voeg 3 toe")
        ),
        *(
            (text, {3}, set())
            for text in ("also 3", "add 3", "plus 3", "3 as well", "we do 3 too", "chatbot ook")
        ),
        *(
            (text, set(), {1})
            for text in ("1 niet meer", "haal 1 weg", "1 eruit", "zonder 1", "klantreis niet")
        ),
        *((text, set(), {1}) for text in ("without 1", "remove 1", "1 no longer", "take 1 out")),
        ("2, 3 ook", {2, 3}, set()),
        ("3 ook, 1 niet meer", {3}, {1}),
    ],
)
def test_what_comes_and_what_goes_is_read(text: str, added: set[int], taken: set[int]) -> None:
    assert read_edit(text, NAMES, "nl") == Edit(frozenset(added), frozenset(taken))


@pytest.mark.parametrize(
    "text",
    ["3", "1 en 3", "alleen 3", "niet alleen 3", "en 3?", "3 ook gepland", "geen", "weet ik niet", "terug"],
)
def test_what_adds_nothing_is_left_to_others(text: str) -> None:
    assert read_edit(text, NAMES, "nl") is None


def test_a_number_that_the_list_does_not_have_is_said_to_be_none() -> None:
    assert read_edit("9 erbij", NAMES, "nl") == NoSuchPart(9)
