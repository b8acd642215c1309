"""References: what a company's site calls its visitor, such as a customer number.

Peil says them word for word, in its greeting and to consultants. So they are names that cannot be taken for a
sentence of Peil's, an address to open, or another name that only looks the same. Our own rule.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 64
"""In characters, once it is as it is kept."""

PATTERN = r"^[A-Za-z0-9_.:@+/#=~-]+( [A-Za-z0-9_.:@+/#=~-]+)*$"
"""What one consists of; `://`, which makes an address of it, is refused besides."""

# The whole text: '$' would also match before a line's end.
_WHOLE = re.compile(PATTERN.removeprefix("^").removesuffix("$"))


class InvalidReference(ValueError):
    """This is no reference. What it was is not told: it may say who somebody is."""


def clean(text: str) -> str | None:
    """A reference as it is kept (NFKC, without blanks around it); None for a blank one.

    Raises InvalidReference for anything but 1 to 64 letters and digits of ASCII, `_.:@+-/#=~` and single
    blanks between them, and for what holds `://`.
    """
    # A compatibility form may become eighteen characters: nothing that long is made shorter by it.
    if len(text) > 4 * LONGEST:
        raise InvalidReference
    found = unicodedata.normalize("NFKC", text).strip(" ")
    if not found:
        return None
    if len(found) > LONGEST or "://" in found or _WHOLE.fullmatch(found) is None:
        raise InvalidReference
    return found
