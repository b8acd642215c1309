"""Passwords: what one may be, and argon2id to keep and check them."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 200
# Each takes 64 MiB for a moment: a crowd at the door must not take all the memory.
_AT_ONCE = 2


def problem(password: str, *, email: str, name: str) -> str | None:
    """What is wrong with a new password, as the key of a sentence; None: nothing.

    Length is all that counts (NIST SP 800-63B, 3.1.1.2: no rules of composition), and that it is neither
    the user's address nor name.
    """
    plain = _plain(password)
    if len(plain) < SHORTEST:
        return "password_short"
    if len(plain) > LONGEST:
        return "password_long"
    bare = _bare(plain)
    if bare in {_bare(email), _bare(email.partition("@")[0]), _bare(name), ""}:
        return "password_own"
    return None


def _plain(password: str) -> str:
    """The same password however a keyboard has put its accents together."""
    return unicodedata.normalize("NFC", password)


def _bare(text: str) -> str:
    return "".join(text.casefold().split())


class Passwords:
    """Makes and checks hashes with the parameters of `hasher` (default: RFC 9106's for little memory)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._door = BoundedSemaphore(_AT_ONCE)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("nobody has this one")

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        with self._door:
            return self._hasher.hash(_plain(password))

    def right(self, kept: str | None, password: str) -> bool:
        """Whether this is the password that was kept; None: nobody's, as slow and never right."""
        plain = _plain(password)
        with self._door:
            try:
                found = self._hasher.verify(kept or self._nobodys, plain[:LONGEST])
            except (VerificationError, InvalidHashError):
                return False
        return found and kept is not None and len(plain) <= LONGEST

    def outdated(self, kept: str) -> bool:
        """Whether this hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)
