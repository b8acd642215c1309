"""Button tokens: short, opaque, bound to one conversation; nothing is stored for them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

# 12 bytes: far beyond guessing at the rate that the gateway allows, and short enough for Telegram's 64.
_MAC_BYTES = 12
_SEPARATOR = "."
MARKS = "~"
"""Between the token of a form and what was marked in it, a character per entry (records.Form)."""


class Buttons:
    """Makes and reads button tokens.

    A token says what the button does (its parts, such as ('a', assessment, '4', '3')) under a keyed hash over
    them and the conversation, so it works in its own conversation only, and for good: a button of last week
    still says which question it belongs to.
    """

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"peil button " + secret.encode()).digest()

    def _mac(self, conversation_id: str, payload: bytes) -> bytes:
        message = conversation_id.encode() + b"\0" + payload
        return hmac.digest(self._key, message, "sha256")[:_MAC_BYTES]

    def token(self, conversation_id: str, *parts: str) -> str:
        """The token for a button that does this. Raises ValueError when it would pass 64 bytes."""
        payload = _SEPARATOR.join(parts).encode()
        token = base64.urlsafe_b64encode(self._mac(conversation_id, payload) + payload).decode().rstrip("=")
        if len(token) > 64:
            raise ValueError(f"button parts too long for a token: {parts!r}")
        return token

    def read(self, conversation_id: str, token: str) -> tuple[str, ...] | None:
        """What the button does; None when the token is not one of this conversation's.

        What was marked in a form comes behind the last part: ('a', assessment, '4', 'f~1-1').
        """
        token, tilde, marked = token.partition(MARKS)
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(conversation_id, payload)):
            return None
        *parts, last = payload.decode().split(_SEPARATOR)
        return (*parts, f"{last}{tilde}{marked}")
