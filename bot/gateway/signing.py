"""Signed things that leave the house: conversation tokens and addresses of pictures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence

from bot.assessment.records import LinkKind, MessageLinkKind
from bot.service.codes import Codes, shown
from bot.service.turn import Place

_ID = re.compile(r"[0-9a-f]{32}")
# What a link's address looks like. A way back stands behind '#': whoever only previews the address, or logs
# it, never sees the key.
_ADDRESSES: dict[LinkKind, str] = {
    "result": "/r/{key}",
    "share": "/s/{key}",
    "back": "/#back={key}",
}


def instance(secret: str) -> str:
    """A name for the installation with this secret, that tells nothing of it: 'is that my own gateway?'"""
    return hashlib.sha256(b"peil instance " + secret.encode()).hexdigest()[:16]


class Signer:
    """Signs with keys derived from one secret, one per purpose. Checks take constant time.

    `places`: where one can go on with the code of a handover.
    """

    def __init__(self, secret: str, places: Callable[[str], Sequence[Place]] = lambda code: ()) -> None:
        self._codes = Codes(secret)
        self._places = places
        self._token_key = hashlib.sha256(b"peil conversation token " + secret.encode()).digest()
        self._picture_key = hashlib.sha256(b"peil picture address " + secret.encode()).digest()
        self._link_key = hashlib.sha256(b"peil link " + secret.encode()).digest()

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

    def link_key(self, kind: LinkKind, link_id: str) -> str:
        """What opens a link. The database alone does not: it holds ids, and no keys."""
        return f"{link_id}{_mac(self._link_key, f'{kind} {link_id}')}"

    def link(self, kind: LinkKind, key: str) -> str | None:
        """The id of the link that a key opens; None when it is not a key of ours, of this kind."""
        link_id = key[:32]
        if not _ID.fullmatch(link_id):
            return None
        genuine = hmac.compare_digest(key.encode(), self.link_key(kind, link_id).encode())
        return link_id if genuine else None

    def link_address(self, kind: MessageLinkKind, link_id: str, until: int) -> str:
        """The path of a link; that of a file works until this time (seconds since 1970), others for good.

        To another place ('move') it is a whole address, and empty where that place is no more.
        """
        if kind == "move":
            channel = link_id.partition(".")[2]
            found = (one.url for one in self._places(self._code(link_id)) if one.channel == channel)
            return next(found, "")
        if kind == "data":
            mac = _mac(self._link_key, f"data {link_id} {until}")
            return f"/data/{link_id}.json?until={until}&key={mac}"
        if kind == "report":
            return f"{_ADDRESSES['result'].format(key=self.link_key('result', link_id))}/report.pdf"
        return _ADDRESSES[kind].format(key=self.link_key(kind, link_id))

    def _code(self, link_id: str) -> str:
        return self._codes.code("handover", link_id.partition(".")[0])

    def move_code(self, link_id: str) -> str:
        """The code behind a link to another place, as people see it."""
        return shown(self._code(link_id))

    def data_allowed(self, link_id: str, until: int, key: str, now: float) -> bool:
        """Whether this address of a file is genuine and still works."""
        genuine = hmac.compare_digest(key.encode(), _mac(self._link_key, f"data {link_id} {until}").encode())
        return genuine and now <= until


def _mac(key: bytes, message: str) -> str:
    digest = hmac.digest(key, message.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:24]).decode()
