"""Where somebody can be reached, sealed: the database alone tells no chat's id and no telephone number."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


class Sealer:
    """Encrypts and opens with a key that follows from the secret."""

    def __init__(self, secret: str) -> None:
        key = hashlib.sha256(b"peil account address " + secret.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, plain: str) -> str:
        """The same, unreadable without the secret."""
        return self._fernet.encrypt(plain.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """What was sealed; None when it was sealed under another secret."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None
