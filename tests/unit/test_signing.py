"""What is signed opens what it was made for, and nothing else."""

from __future__ import annotations

import re
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assessment.records import LinkKind
from bot.gateway.signing import Signer, instance

KINDS: tuple[LinkKind, ...] = get_args(LinkKind)
ID = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
SIGNER = Signer("one secret")
STRANGER = Signer("another secret")


def keys_of(text: str) -> str:
    """The key at the end of an address."""
    return re.split(r"[/=]", text)[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_opens_its_own_link(kind: LinkKind) -> None:
    assert SIGNER.link(kind, SIGNER.link_key(kind, ID)) == ID


@pytest.mark.parametrize(("made", "asked"), [pair for pair in product(KINDS, KINDS) if pair[0] != pair[1]])
def test_a_key_of_one_kind_opens_no_other_kind(made: LinkKind, asked: LinkKind) -> None:
    assert SIGNER.link(asked, SIGNER.link_key(made, ID)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_of_another_secret_or_of_another_link_opens_nothing(kind: LinkKind) -> None:
    assert SIGNER.link(kind, STRANGER.link_key(kind, ID)) is None
    assert SIGNER.link(kind, OTHER + SIGNER.link_key(kind, ID)[32:]) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_with_any_one_sign_changed_cut_or_added_opens_nothing(kind: LinkKind) -> None:
    key = SIGNER.link_key(kind, ID)
    for place, sign in enumerate(key):
        other = "0" if sign != "0" else "1"
        assert SIGNER.link(kind, key[:place] + other + key[place + 1 :]) is None
        assert SIGNER.link(kind, key[:place]) is None
    for more in ("=", "A", " ", "\n", "\0", "/", "é"):
        assert SIGNER.link(kind, key + more) is None
        assert SIGNER.link(kind, more + key) is None
    assert SIGNER.link(kind, key.upper()) is None


def test_the_id_alone_is_no_key() -> None:
    for kind in KINDS:
        assert SIGNER.link(kind, ID) is None
        assert ID not in SIGNER.link_key(kind, ID)[32:]


@given(st.text(max_size=80))
def test_whatever_is_given_for_a_key_is_refused_without_an_error(text: str) -> None:
    for kind in KINDS:
        assert SIGNER.link(kind, text) is None
        assert SIGNER.link(kind, ID + text) is None
    assert SIGNER.conversation(text) is None
    assert not SIGNER.data_allowed(ID, 100, text, 0)
    assert not SIGNER.picture_allowed(ID, 100, text, 0)


def test_each_kind_of_link_has_its_own_path() -> None:
    paths = {kind: SIGNER.link_address(kind, ID, 100) for kind in KINDS}
    assert paths["result"] == f"/r/{SIGNER.link_key('result', ID)}"
    assert paths["share"] == f"/s/{SIGNER.link_key('share', ID)}"
    # Behind the '#': no server and no log ever sees it.
    assert paths["back"] == f"/#back={SIGNER.link_key('back', ID)}"
    assert paths["data"].startswith(f"/data/{ID}.json?until=100&key=")
    assert len({keys_of(path) for path in paths.values()}) == len(KINDS)


def test_keys_fit_into_a_path_as_they_are() -> None:
    for kind in KINDS:
        assert re.fullmatch(r"[0-9a-f]{32}[A-Za-z0-9_-]{32}", SIGNER.link_key(kind, ID))


def test_the_address_of_a_file_works_until_its_time_and_not_a_second_longer() -> None:
    key = keys_of(SIGNER.link_address("data", ID, 100))
    assert SIGNER.data_allowed(ID, 100, key, 99.9)
    assert SIGNER.data_allowed(ID, 100, key, 100)
    assert not SIGNER.data_allowed(ID, 100, key, 100.1)
    # Whoever moves the time on has no key for it.
    assert not SIGNER.data_allowed(ID, 101, key, 0)
    assert not SIGNER.data_allowed(OTHER, 100, key, 0)
    assert not STRANGER.data_allowed(ID, 100, key, 0)


def test_the_key_of_a_file_opens_no_picture_and_the_other_way_round() -> None:
    file, picture = SIGNER.link_address("data", ID, 100), SIGNER.picture_address(ID, 100)
    assert SIGNER.picture_allowed(ID, 100, keys_of(picture), 0)
    assert not SIGNER.picture_allowed(ID, 100, keys_of(file), 0)
    assert not SIGNER.data_allowed(ID, 100, keys_of(picture), 0)


def test_no_key_of_a_link_opens_a_conversation_or_a_file() -> None:
    for kind in KINDS:
        key = SIGNER.link_key(kind, ID)
        assert SIGNER.conversation(f"{ID}.{key[32:]}") is None
        assert SIGNER.conversation(key) is None
        assert not SIGNER.data_allowed(ID, 100, key[32:], 0)
    assert SIGNER.conversation(SIGNER.token(ID)) == ID
    for kind in KINDS:
        assert SIGNER.link(kind, SIGNER.token(ID)) is None
        assert SIGNER.link(kind, SIGNER.token(ID).replace(".", "")) is None


def test_an_installation_is_named_without_telling_its_secret() -> None:
    assert instance("one secret") == instance("one secret")
    assert instance("one secret") != instance("another secret")
    assert "secret" not in instance("one secret")
