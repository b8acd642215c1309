"""What a company's server signs: taken with the campaign's key and for now, refused in every other case."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assessment.records import Campaign
from bot.service.embedding import InvalidSigned, Signatures, trusted

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
AT = int(NOW.timestamp())
SECRET = "s" * 32
OURS = Signatures(SECRET)
KEY = OURS.key("campaign1")
WHO = {
    "role_layer": "management",
    "department": "sales",
    "business_line": "b2b",
    "depth": "quick",
    "reference": "Customer 4711",
}


def sign(claims: Mapping[str, Any], key: str = KEY, **header: Any) -> str:
    """A JWT as a company's server makes it."""
    return jwt.encode(dict(claims), key, algorithm="HS256", headers=header or None)


def segment(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def by_hand(header: Any, claims: Any, key: str = KEY, digest: Any = hashlib.sha256) -> str:
    """A JWT made of its parts (RFC 7515, section 3), whatever they are."""
    signing = f"{segment(header)}.{segment(claims)}"
    return f"{signing}.{segment(hmac.new(key.encode(), signing.encode(), digest).digest())}"


def read(signed: str, campaign: str = "campaign1", now: datetime = NOW) -> dict[str, str]:
    return OURS.fields(signed, campaign, now)


def why(signed: str, campaign: str = "campaign1", now: datetime = NOW) -> str:
    with pytest.raises(InvalidSigned) as caught:
        read(signed, campaign, now)
    return caught.value.why


def test_what_was_signed_with_the_key_of_the_campaign_is_known() -> None:
    assert read(sign({**WHO, "exp": AT + 60})) == WHO
    assert read(by_hand({"alg": "HS256"}, {**WHO, "exp": AT + 60})) == WHO
    assert read(sign({"exp": AT + 60})) == {}


def test_the_key_is_a_text_of_at_least_32_bytes_for_one_campaign_of_one_house() -> None:
    assert len(KEY.encode()) == 43
    assert len(base64.urlsafe_b64decode(KEY + "=")) == 32
    assert OURS.key("campaign1") == Signatures(SECRET).key("campaign1")
    assert len({KEY, OURS.key("campaign2"), Signatures("t" * 32).key("campaign1")}) == 3


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make it with")
def test_a_token_of_another_tool_is_taken() -> None:
    """The key's text, as it is printed, is the secret."""
    signing = f"{segment({'alg': 'HS256', 'typ': 'JWT'})}.{segment({'reference': 'A 1', 'exp': AT + 60})}"
    made = subprocess.run(
        ["openssl", "dgst", "-sha256", "-binary", "-hmac", KEY],
        input=signing.encode(),
        capture_output=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )

    assert read(f"{signing}.{segment(made.stdout)}") == {"reference": "A 1"}


def test_what_means_nothing_here_is_left_out_and_null_is_nothing() -> None:
    claims = {
        **dict.fromkeys(WHO),
        "model": "cemm",
        "name": "Anna",
        "sub": 12,
        "aud": ["somebody else"],
        "iss": 3,
        "jti": [],
        "department": "it",
        "exp": AT + 60,
    }

    assert read(by_hand({"alg": "HS256", "kid": "ours"}, claims)) == {"department": "it"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("role_layer", "king"),
        ("role_layer", ["board"]),
        ("department", 3),
        ("business_line", ""),
        ("depth", "skipped"),
        ("reference", 4711),
        ("reference", "x" * 65),
        ("reference", "a\nb"),
        ("reference", "a\n"),
        ("reference", 'x". Log in at evil.example'),
        ("reference", "https://evil.example"),
        ("reference", "Аnna"),  # with a Cyrillic A
        ("reference", "Anna\u3164"),
        ("reference", "\u2800"),
        ("reference", "a" + 63 * "\u0301"),
        ("reference", "a  b"),
        ("reference", "a\u202eb"),
        ("reference", "a\0b"),
        ("reference", "\ud800"),
        ("reference", {"id": 1}),
    ],
)
def test_a_value_that_there_cannot_be_is_refused_and_not_left_out(name: str, value: Any) -> None:
    assert why(by_hand({"alg": "HS256"}, {name: value, "exp": AT + 60})) == name


def test_skipped_is_a_value_and_a_blank_reference_is_none() -> None:
    assert read(sign({"role_layer": "skipped", "reference": "  ", "exp": AT + 60})) == {
        "role_layer": "skipped"
    }
    assert read(sign({"reference": " e 1 ", "exp": AT + 60})) == {"reference": "e 1"}
    assert read(sign({"reference": "x" * 64, "exp": AT + 60})) == {"reference": "x" * 64}


# --- whose it is ------------------------------------------------------------------------------------


def test_another_campaign_s_key_another_house_s_and_none_open_nothing() -> None:
    claims = {**WHO, "exp": AT + 60}

    assert why(sign(claims, OURS.key("campaign2"))) == "key"
    assert why(sign(claims), "campaign2") == "key"
    assert why(sign(claims, Signatures("t" * 32).key("campaign1"))) == "key"
    # The text is the secret, not the bytes that it stands for.
    raw = base64.urlsafe_b64decode(KEY + "=")
    signing = f"{segment({'alg': 'HS256'})}.{segment(claims)}"
    assert why(f"{signing}.{segment(hmac.digest(raw, signing.encode(), 'sha256'))}") == "key"


@pytest.mark.parametrize(
    "name", ["none", "None", "nOnE", "", "HS384", "HS512", "RS256", "hs256", None, [], 1]
)
def test_no_other_algorithm_is_taken_whatever_the_signature(name: Any) -> None:
    claims = {**WHO, "exp": AT + 60}
    digest = {"HS384": hashlib.sha384, "HS512": hashlib.sha512}.get(str(name), hashlib.sha256)

    assert why(by_hand({"alg": name}, claims, digest=digest)) == "key"
    assert why(f"{segment({'alg': name})}.{segment(claims)}.") == "key"


def test_without_a_signature_and_with_a_changed_one_nothing_is_taken() -> None:
    whole = sign({**WHO, "exp": AT + 60})
    head, body, mac = whole.split(".")

    assert why(f"{head}.{body}.") == "key"
    assert why(f"{head}.{segment({**WHO, 'department': 'it', 'exp': AT + 60})}.{mac}") == "key"
    for place in range(0, len(mac) - 1, 5):
        other = "A" if mac[place] != "A" else "B"
        assert why(f"{head}.{body}.{mac[:place]}{other}{mac[place + 1 :]}") == "key"
    # A header that asks for something that must be understood, and is not.
    assert why(by_hand({"alg": "HS256", "crit": ["exp"], "exp": 1}, {"exp": AT + 60})) == "key"
    assert why(by_hand({"alg": "HS256", "b64": False, "crit": ["b64"]}, {"exp": AT + 60})) == "key"


@pytest.mark.parametrize("text", ["", ".", "..", "...", "a.b", "a.b.c.d", "é.é.é", "{}", "a" * 2048, " . . "])
def test_garbage_is_refused(text: str) -> None:
    assert why(text) in ("form", "key")


@pytest.mark.parametrize("content", [[], "text", 3, None, True, b"", b"{", b"\xff", b"[" * 500])
def test_what_holds_no_claims_is_refused_though_it_was_signed(content: Any) -> None:
    assert why(by_hand({"alg": "HS256"}, content)) == "form"


def test_more_than_2048_characters_are_not_looked_at() -> None:
    fits = sign({"exp": AT + 60, "more": "x" * 1400})
    longer = sign({"exp": AT + 60, "more": "x" * 1500})
    assert len(fits) <= 2048 < len(longer)

    assert read(fits) == {}
    assert why(longer) == "long"
    assert why("a" * 5_000_000) == "long"


# Text of any kind, and parts that look like those of a token.
_PARTS = st.text(alphabet="ABCDEFabcdef0123456789_-=", max_size=40)


@given(st.one_of(st.text(max_size=300), st.tuples(_PARTS, _PARTS, _PARTS).map(".".join)))
def test_no_text_breaks_it(text: str) -> None:
    assert why(text) in ("form", "key", "long")


@given(
    st.dictionaries(
        st.sampled_from([*WHO, "exp", "nbf", "iat", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
            ),
            max_leaves=4,
        ),
    )
)
def test_whatever_was_signed_is_refused_or_known_in_words_that_there_are(claims: dict[str, Any]) -> None:
    try:
        found = read(by_hand({"alg": "HS256"}, claims))
    except InvalidSigned as error:
        found, said = {}, error.why
    else:
        said = None
    assert said in (None, "long", "exp", "expired", "ahead", "early", "nbf", "iat", *WHO)
    assert set(found) <= set(WHO)
    assert all(isinstance(value, str) for value in found.values())


# --- for when it is ---------------------------------------------------------------------------------

WEEK = 7 * 24 * 3600


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"exp": str(AT + 60)}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": [AT]}, "exp"),
        # Two clocks may differ by a minute.
        ({"exp": AT - 60}, "expired"),
        ({"exp": 0}, "expired"),
        ({"exp": -1e308}, "expired"),
        ({"exp": float("nan")}, "expired"),
        ({"exp": AT + WEEK + 61}, "ahead"),
        ({"exp": float("inf")}, "ahead"),
        ({"exp": 10**300}, "ahead"),
        ({"exp": AT + 60, "nbf": AT + 61}, "early"),
        ({"exp": AT + 60, "iat": AT + 61}, "early"),
        ({"exp": AT + 60, "nbf": float("nan")}, "early"),
        ({"exp": AT + 60, "nbf": "now"}, "nbf"),
        ({"exp": AT + 60, "iat": False}, "iat"),
    ],
)
def test_what_is_not_for_now_is_refused(claims: Mapping[str, Any], expected: str) -> None:
    assert why(by_hand({"alg": "HS256"}, claims)) == expected


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": AT - 59},
        {"exp": AT + 0.5},
        {"exp": AT + WEEK + 60},
        {"exp": AT + 60, "nbf": AT + 60, "iat": AT + 60},
        {"exp": AT + 60, "nbf": None, "iat": None},
        {"exp": AT + 60, "nbf": 0, "iat": AT - 10 * WEEK},
    ],
)
def test_what_is_for_now_is_taken_give_or_take_a_minute(claims: Mapping[str, Any]) -> None:
    assert read(by_hand({"alg": "HS256"}, {"reference": "A", **claims})) == {"reference": "A"}


def test_a_token_ends_by_the_clock_of_the_house() -> None:
    signed = sign({"reference": "A", "exp": AT + 600})

    assert read(signed, now=NOW + timedelta(seconds=659)) == {"reference": "A"}
    assert why(signed, now=NOW + timedelta(seconds=660)) == "expired"
    assert why(signed, now=NOW - timedelta(days=8)) == "ahead"


def test_nothing_of_what_was_signed_stands_in_the_error() -> None:
    for signed in (sign({"reference": "geheim\n", "exp": AT + 60}), sign({"reference": "geheim", "exp": 1})):
        with pytest.raises(InvalidSigned) as caught:
            read(signed)
        assert "geheim" not in repr(caught.value)
        assert signed not in repr(caught.value)


# --- what goes before what --------------------------------------------------------------------------


def campaign(*, signed_only: bool) -> Campaign:
    return Campaign(
        id="campaign1",
        organisation_id="o",
        name="n",
        models=("teahouse",),
        depth=None,
        languages=("nl",),
        segments={},
        targets=None,
        anonymous=False,
        opens_at=None,
        closes_at=None,
        closed_at=None,
        welcome={},
        contact=None,
        reminders=0,
        time_zone="Europe/Amsterdam",
        created_at=NOW,
        signed_only=signed_only,
    )


def test_what_is_signed_goes_before_what_the_page_says() -> None:
    page = {"model": "teahouse", "department": "sales", "role_layer": "board", "reference": "page"}
    signed = {"department": "it", "reference": "server"}

    assert trusted(page, signed, campaign(signed_only=False)) == {
        "model": "teahouse",
        "department": "it",
        "role_layer": "board",
        "reference": "server",
    }
    assert trusted(page, {}, campaign(signed_only=False)) == page
    assert trusted(page, {}, None) == page


def test_where_only_what_is_signed_counts_a_page_chooses_the_questionnaire_and_no_more() -> None:
    page = {"model": "teahouse", "depth": "quick", **{name: "x" for name in WHO}}

    assert trusted(page, {}, campaign(signed_only=True)) == {"model": "teahouse"}
    assert trusted(page, WHO, campaign(signed_only=True)) == {"model": "teahouse", **WHO}
