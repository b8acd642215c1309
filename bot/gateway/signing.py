"""Signed things that leave the house: conversation tokens and addresses of pictures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

_ID = re.compile(r"[0-9a-f]{32}")


def instance(secret: str) -> str:
    """A name for the installation with this secret, that tells nothing of it: 'is that my own gateway?'"""
    return hashlib.sha256(b"peil instance " + secret.encode()).hexdigest()[:16]


class Signer:
    """Signs with keys derived from one secret, one per purpose. Checks take constant time."""

    def __init__(self, secret: str) -> None:
        self._token_key = hashlib.sha256(b"peil conversation token " + secret.encode()).digest()
        self._picture_key = hashlib.sha256(b"peil picture address " + secret.encode()).digest()

    def token(self, conversation_id: str) -> str:
        """The token that opens this conversation and no other."""
        return f"{conversation_id}.{_mac(self._token_key, conversation_id)}"

    def conversation(self, token: str) -> str | None:
        """The conversation that a token opens; None when it is not a token of ours."""
        conversation_id, _, mac = token.partition(".")
        if not _ID.fullmatch(conversation_id):
            return None
        genuine = hmac.compare_digest(mac.encode(), _mac(self._token_key, conversation_id).encode())
        return conversation_id if genuine else None

    def picture_address(self, picture_id: str, until: int) -> str:
        """The path of a picture that works until this time (seconds since 1970)."""
        return (
            f"/pictures/{picture_id}.png?until={until}&key={_mac(self._picture_key, f'{picture_id} {until}')}"
        )

    def picture_allowed(self, picture_id: str, until: int, key: str, now: float) -> bool:
        """Whether this address is genuine and still works."""
        genuine = hmac.compare_digest(key.encode(), _mac(self._picture_key, f"{picture_id} {until}").encode())
        return genuine and now <= until


def _mac(key: bytes, message: str) -> str:
    digest = hmac.digest(key, message.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:24]).decode()
