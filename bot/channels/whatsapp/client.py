"""The Graph API as far as it takes to send, and what its errors mean (docs/adr/0019-whatsapp-client.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.channels.contract import Blocked, NotSent, Refused, TryLater, WindowClosed

API = "https://graph.facebook.com"
VERSION = "v26.0"

_CONNECTIONS = 24

# Nothing had left before these.
_SURELY_NOT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

# Codes by what they mean to us. Source: 'Error codes' in Meta's documentation of the Cloud API, which says to
# go by the code, and not by the HTTP status or the title.
PAIR_RATE = 131056
NOT_IN_THIS_LANGUAGE = 132001
_WINDOW_CLOSED = 131047
# A template that may not go to this person now: an experiment, too many of them, or not wanted.
_NO_TEMPLATE_NOW = (130472, 131049, 131050)
# In seconds. 4 and 80007 are budgets by the hour, 131057 is an upgrade of minutes, 131048 and 131064 punish.
_THROUGHPUT = 130429
_WAIT = {
    4: 60.0,
    80007: 60.0,
    PAIR_RATE: 6.0,
    _THROUGHPUT: 2.0,
    131048: 600.0,
    131057: 60.0,
    131064: 600.0,
    133016: 60.0,
}
# The bot itself, not on WhatsApp or not willing, not on a test number's list, a country that is shut off.
_BLOCKED = (131021, 131026, 131030, 130497)
_TOKEN = "the access token is not valid, or not any more, or lacks a permission"
_NUMBER = "the number is not registered, or PEIL_WHATSAPP_PHONE_ID is not its id"
# What only the operator can put right. Nothing is lost meanwhile, since nothing is sent.
_OURS = {
    **dict.fromkeys((0, 3, 10, 190, 131005, *range(200, 300)), _TOKEN),
    **dict.fromkeys((33, 131045, 133010), _NUMBER),
    **dict.fromkeys((368, 131031), "the WhatsApp Business account is restricted"),
    131037: "the display name of the number is not approved",
    131042: "there is a problem with the payment method",
}
_HINTS = {**_OURS, 131030: "a person is not on the list of the test number"}
# Of these WhatsApp says that the message was not sent. Of 1 and 2 it says that something went wrong.
_FAILED = (131000, 131016)
_UNCLEAR = (1, 2)
# Code 100 with this subcode: the address names nothing that the token may see.
_NO_SUCH_OBJECT = 33


class GraphError(Exception):
    """Graph refuses. `code`: Meta's, or 33 where the number's id is not known to it. Its words go no further.

    `hint`: what the operator has to know of this code, if anything.
    """

    def __init__(self, code: int, status: int) -> None:
        super().__init__(f"error {code}")
        self.code = code
        self.status = status
        self.hint = _HINTS.get(code)

    def meaning(self) -> Exception:
        """The error of the contract that says what this means."""
        why, code = str(self), self.code
        if code == _WINDOW_CLOSED or code in _NO_TEMPLATE_NOW:
            return WindowClosed(why)
        if code in _WAIT or self.status == 429:
            return TryLater(_WAIT.get(code, _WAIT[_THROUGHPUT]))
        if code in _BLOCKED:
            return Blocked(why)
        if code in _OURS or code in _FAILED:
            return NotSent(why, surely=True)
        if self.status >= 500 or code in _UNCLEAR:
            return NotSent(why, surely=False)
        return Refused(why)


class Graph:
    """Sends as one telephone number. `api`: address of the server, `version`: of its interface."""

    def __init__(self, token: str, phone_id: str, api: str = API, version: str = VERSION) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{api.rstrip('/')}/{version}/{phone_id}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(15.0, connect=5.0),
            limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS // 2),
            # A server on this machine is never behind a proxy.
            trust_env=urlsplit(api).hostname not in ("127.0.0.1", "::1", "localhost"),
        )

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send a message. Raises GraphError and NotSent."""
        answer = await self._post("/messages", json=message)
        if not answer.get("messages"):
            # Something between us and Graph has answered, and nobody knows what became of it.
            raise NotSent("an answer without a message", surely=False)

    async def show_typing(self, message: Mapping[str, Any]) -> None:
        """Tell what is done about a message that was received. Raises GraphError and NotSent."""
        await self._post("/messages", json=message)

    async def upload(self, content: bytes, mime_type: str, name: str) -> str:
        """Hand over a file; its id. Raises GraphError and NotSent."""
        answer = await self._post(
            "/media",
            data={"messaging_product": "whatsapp", "type": mime_type},
            files={"file": (name, content, mime_type)},
        )
        media_id = answer.get("id")
        if not isinstance(media_id, str):
            raise NotSent("an answer without a file", surely=True)
        return media_id

    async def close(self) -> None:
        """Let go of what is held."""
        await self._client.aclose()

    async def _post(self, path: str, **content: Any) -> dict[str, Any]:
        # Only kinds of errors go on: httpx's hold the request, with what was sent, to whom, and the token.
        try:
            response = await self._client.post(path, **content)
        except _SURELY_NOT as error:
            raise NotSent(type(error).__name__, surely=True) from None
        except httpx.HTTPError as error:
            raise NotSent(type(error).__name__, surely=False) from None
        try:
            found = response.json()
        except ValueError:
            found = None
        answer = found if isinstance(found, dict) else {}
        if response.is_success:
            return answer
        refusal = answer.get("error")
        code = refusal.get("code") if isinstance(refusal, dict) else None
        if isinstance(refusal, dict) and isinstance(code, int):
            nothing_there = code == 100 and refusal.get("error_subcode") == _NO_SUCH_OBJECT
            raise GraphError(_NO_SUCH_OBJECT if nothing_there else code, response.status_code)
        if response.status_code == 429:
            raise GraphError(_THROUGHPUT, 429)
        # Not Graph's own words. A gateway that got no answer says nothing about what became of the request.
        raise NotSent(f"status {response.status_code}", surely=response.status_code < 500)
