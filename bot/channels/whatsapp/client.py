"""pywa as a client that only sends: kept from talking, and what its errors mean to us."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import httpx
from pywa.errors import WhatsAppError
from pywa_async.client import WhatsApp

from bot.channels.contract import Blocked, NotSent, Refused, TryLater, WindowClosed

API = "https://graph.facebook.com"

_CONNECTIONS = 64
# pywa writes down whole messages and telephone numbers at DEBUG, and advice for programmers at WARNING.
_TALKATIVE = {"pywa": logging.ERROR, "pywa_async": logging.ERROR, "httpx": logging.WARNING}

# Nothing had left before these.
_SURELY_NOT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
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
_WAIT = {
    4: 60.0,
    80007: 60.0,
    PAIR_RATE: 6.0,
    130429: 2.0,
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
# Of these WhatsApp says that the message was not sent.
_FAILED = (131000, 131016)
# Code 100 with this subcode: the address names nothing that the token may see.
_NO_SUCH_OBJECT = 33


def make_session(api: str = API) -> httpx.AsyncClient:
    """The HTTP client for a Graph API server; to be closed by whoever asked for it."""
    return httpx.AsyncClient(
        base_url=api,
        timeout=httpx.Timeout(15.0, connect=5.0),
        limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS // 2),
        # A server on this machine is never behind a proxy.
        trust_env=urlsplit(api).hostname not in ("127.0.0.1", "::1", "localhost"),
    )


def make_client(
    session: httpx.AsyncClient, token: str, phone_id: str, version: str | None = None
) -> WhatsApp:
    """pywa on this session. `version`: of the Graph API, such as '26.0'; by default the one it was made for.

    From here on nothing that pywa or httpx does is logged but errors.
    """
    for name, level in _TALKATIVE.items():
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, level))
    api = str(session.base_url).rstrip("/")
    if version is None:
        client = WhatsApp(phone_id=phone_id, token=token, session=session)
    else:
        client = WhatsApp(phone_id=phone_id, token=token, session=session, api_version=version)
    # pywa has just set the address of the only server that it knows, with the version at its end.
    session.base_url = f"{api}/{str(session.base_url).rstrip('/').rpartition('/')[2]}"
    return client


def code_of(error: Exception) -> int | None:
    """The code by which WhatsApp refused; None for any other error."""
    if not isinstance(error, WhatsAppError):
        return None
    nothing_there = error.code == 100 and error.subcode == _NO_SUCH_OBJECT
    return _NO_SUCH_OBJECT if nothing_there else error.code


def hint(code: int) -> str | None:
    """What the operator has to know of this code, if anything."""
    return _HINTS.get(code)


def meaning(error: Exception) -> Exception:
    """The error of the contract that says what this means; nothing of what it holds goes on but its kind."""
    if isinstance(error, _SURELY_NOT):
        return NotSent(type(error).__name__, surely=True)
    code = code_of(error)
    if code is None or not isinstance(error, WhatsAppError):
        # A connection that broke or took too long after the request had gone, or an answer that is not
        # Graph's: what pywa could not read may well have been a success.
        return NotSent(type(error).__name__, surely=False)
    why, status = f"error {code}", error.status_code or 0
    if code == _WINDOW_CLOSED or code in _NO_TEMPLATE_NOW:
        return WindowClosed(why)
    if code in _WAIT or status == 429:
        return TryLater(_WAIT.get(code, _WAIT[130429]))
    if code in _BLOCKED:
        return Blocked(why)
    if code in _OURS or code in _FAILED:
        return NotSent(why, surely=True)
    if status >= 500 or status == 408 or code in (1, 2):
        return NotSent(why, surely=False)
    return Refused(why)
