"""Button tokens: short enough for every channel, of one conversation only, and not to be forged."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.service.buttons import Buttons

BUTTONS = Buttons("a secret of at least thirty-two characters")
MINE, YOURS = "0" * 32, "f" * 32
RUN = "0123456789abcdef"
# Every kind of button that the dialogue makes, with the longest parts that it can have.
LONGEST = [
    ("a", RUN, "999", "10"),
    ("a", RUN, "999", "d"),
    ("change", RUN, "999", "10"),
    ("over", "yes", RUN),
    ("model", "0" * 24),
    ("consent", "yes"),
    ("erase", "yes"),
    ("do", "explain"),
    ("lang", "nl"),
    ("keep",),
]


@pytest.mark.parametrize("parts", LONGEST, ids=lambda parts: parts[0])
def test_a_token_fits_into_64_bytes_and_says_what_its_button_does(parts: tuple[str, ...]) -> None:
    token = BUTTONS.token(MINE, *parts)

    assert len(token.encode()) <= 64
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)
    assert BUTTONS.read(MINE, token) == parts


def test_parts_that_do_not_fit_are_refused() -> None:
    # 64 characters hold 48 bytes, 12 of which are the keyed hash.
    assert len(BUTTONS.token(MINE, "x" * 36)) == 64
    with pytest.raises(ValueError, match="too long for a token"):
        BUTTONS.token(MINE, "x" * 37)


@pytest.mark.parametrize("parts", LONGEST, ids=lambda parts: parts[0])
def test_a_token_works_in_its_own_conversation_only(parts: tuple[str, ...]) -> None:
    assert BUTTONS.read(YOURS, BUTTONS.token(MINE, *parts)) is None
    assert BUTTONS.token(MINE, *parts) != BUTTONS.token(YOURS, *parts)


def test_a_token_of_another_secret_is_none() -> None:
    other = Buttons("another secret of thirty-two characters")

    assert BUTTONS.read(MINE, other.token(MINE, "do", "repeat")) is None


def test_the_same_button_is_always_the_same_token() -> None:
    again = Buttons("a secret of at least thirty-two characters")

    assert again.token(MINE, "keep") == BUTTONS.token(MINE, "keep")


@given(st.integers(0, 1000), st.integers(0, 7))
def test_a_token_with_one_bit_turned_is_none(place: int, bit: int) -> None:
    token = BUTTONS.token(MINE, "a", RUN, "3", "4")
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[place % len(raw)] ^= 1 << bit

    assert BUTTONS.read(MINE, base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")) is None


def test_a_payload_cannot_be_moved_from_one_part_to_the_next() -> None:
    # The hash covers payload and conversation with a byte between them that neither can hold.
    token = BUTTONS.token(MINE, "a", "b")
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    longer = base64.urlsafe_b64encode(raw + b".c").decode().rstrip("=")

    assert BUTTONS.read(MINE, longer) is None
    assert BUTTONS.read(MINE, token[:-1]) is None


@given(st.text(max_size=64))
def test_whatever_comes_in_as_a_token_is_read_without_an_error(token: str) -> None:
    assert BUTTONS.read(MINE, token) is None
