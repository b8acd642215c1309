"""Codes that open something: an invitation, or a conversation that goes on elsewhere.

A code is 16 signs, 80 bits: far beyond guessing at the rate that the gateway allows, short enough for a deep
link of 64 signs, and fit to be read aloud and typed. It follows from an id and the secret, so whoever has
only the database cannot open anything; what is found by a code is found by a keyed hash of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Literal

CodeKind = Literal["invitation", "handover"]

# Crockford's alphabet: no I, L, O or U, so that nothing is taken for something else when it is typed.
_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TO_SIGNS = str.maketrans(_PLAIN, _SIGNS)
_ALIKE = str.maketrans("OIL", "011")
_LENGTH = 16
_FORM = re.compile(rf"[{_SIGNS}]{{{_LENGTH}}}")
# What may be a code in a text: four groups of four, with dashes of any kind, with blanks, or in one run.
_IN_TEXT = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-Za-z]{4}([-\u2010-\u2015 ]?)[0-9A-Za-z]{4}(?:\1[0-9A-Za-z]{4}){2}(?![0-9A-Za-z])"
)
_DASHES = re.compile("[\u2010-\u2015 ]")


class InvalidCode(Exception):
    """A code opens nothing (any more). `why`: unknown, used, expired, revoked, closed, early.

    `campaign_id`: what it has opened once: who has begun it may go on. `values`: texts that fill in the
    sentence that says so.
    """

    def __init__(self, why: str, *, campaign_id: str | None = None, **values: str) -> None:
        super().__init__(why)
        self.why = why
        self.campaign_id = campaign_id
        self.values = values


class Codes:
    """Makes codes, and the marks to find by what they open."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"peil code " + secret.encode()).digest()

    def code(self, kind: CodeKind, of: str) -> str:
        """The code of an invitation or a handover with this id."""
        digest = hmac.digest(self._key, f"{kind} {of}".encode(), "sha256")
        return base64.b32encode(digest[:10]).decode().translate(_TO_SIGNS)

    def alias(self, of: str) -> str:
        """What stands for an id where that may not be known: 16 hexadecimal digits, which open nothing."""
        return hmac.new(self._key, f"alias {of}".encode(), hashlib.sha256).hexdigest()[:16]

    def mark(self, code: str) -> str:
        """By what that is found which a code opens. Raises InvalidCode for what cannot be a code."""
        return hmac.new(self._key, f"mark {read(code)}".encode(), hashlib.sha256).hexdigest()


def read(code: str) -> str:
    """A code as it was made, from one as it was typed. Raises InvalidCode for what cannot be one."""
    plain = code.strip().replace("-", "").replace(" ", "").upper().translate(_ALIKE)
    if not code.isascii() or not _FORM.fullmatch(plain):
        raise InvalidCode("unknown")
    return plain


def shown(code: str) -> str:
    """A code as people see it: four groups of four."""
    return "-".join(code[place : place + 4] for place in range(0, _LENGTH, 4))


def in_text(text: str) -> tuple[str, bool] | None:
    """What may be the code in a message, and whether it surely is meant as one; None where there is none.

    'This will work fine' has four groups of four as well, and a bank card's number has dashes: such a thing
    is a code only if it opens something.
    """
    found = _IN_TEXT.search(text)
    if found is None:
        return None
    run = found.group()
    letters, digits = any(one.isalpha() for one in run), any(one.isdigit() for one in run)
    try:
        code = read(_DASHES.sub("-", run))
    except InvalidCode:
        return None
    return code, letters and digits and " " not in run
