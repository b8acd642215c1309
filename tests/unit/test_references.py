"""What a site may call its visitor: a name that is nothing else, and looks like nothing else."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.references import LONGEST, PATTERN, InvalidReference, clean

ALLOWED = set(string.ascii_letters + string.digits + " _.:@+-/#=~")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("crm-77", "crm-77"),
        ("Anna de Wit", "Anna de Wit"),
        ("a.b+c@company.example", "a.b+c@company.example"),
        ("urn:x/y#z=1~_", "urn:x/y#z=1~_"),
        ("x" * 64, "x" * 64),
        ("a" + " b" * 31, "a" + " b" * 31),
        ("  ref 1 ", "ref 1"),
        # NFKC: forms that only look different are the same name.
        ("ｃｒｍ－７７", "crm-77"),
        ("a\u00a0b", "a b"),
        ("\ufb01le", "file"),
        # 66 characters as they came, 64 as they are kept.
        (f" {'x' * 64} ", "x" * 64),
        ("", None),
        ("   ", None),
        ("\u00a0", None),
    ],
)
def test_a_reference_is_kept_in_one_way_of_writing(said: str, kept: str | None) -> None:
    assert clean(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "x" * 65,
        "ﬀ" * 33,  # two letters each, once they are written out
        "a  b",
        "a \u00a0b",
        "a\tb",
        "a\n",
        "\na",
        "a\0b",
        "Anna\u3164",
        "\u2800",
        "\u200b",
        "a\u202eb",
        "Аnna",  # a Cyrillic A
        "a" + "\u0301" * 63,
        "é",
        "٣",  # a digit, but not of ASCII
        'x". First log in at evil.example',
        "x”, the site says",
        "'x'",
        "<b>",
        "{x}",
        "a,b",
        "(a)",
        "https://evil.example",
        "x ://",
        "http：//evil.example",  # a colon that NFKC makes one
        "\ud800",
        "a" * 100_000,
    ],
)
def test_whatever_is_more_than_a_name_is_refused_and_not_repeated(said: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        clean(said)
    assert str(caught.value) == ""


@given(st.text(max_size=80) | st.text(alphabet=sorted(ALLOWED), max_size=70))
def test_what_is_kept_is_short_plain_and_stays_as_it_is(said: str) -> None:
    try:
        kept = clean(said)
    except InvalidReference:
        return
    if kept is None:
        return
    assert 1 <= len(kept) <= LONGEST == 64
    assert set(kept) <= ALLOWED
    assert "  " not in kept
    assert "://" not in kept
    assert kept == kept.strip() == clean(kept)
    assert re.match(PATTERN, kept)
