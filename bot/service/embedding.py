"""Peil on a company's site: who may show it, and what the site says of its visitor.

What a page says is pre-filled and can be changed by whoever sits at the browser. What the company's own
server has signed (a JWT with the campaign's key, HS256) can be trusted, and goes before it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt

from bot.assessment.records import Campaign
from bot.assessment.segments import SEGMENTS, SKIPPED
from bot.references import InvalidReference, clean
from bot.service.codes import Codes, InvalidCode
from bot.service.ports import Work

LONGEST_SIGNED = 2048
"""Of a JWT, in characters."""
LONGEST_VALID = timedelta(days=7)
"""How far ahead `exp` may be: what was signed once is not to open the same door for ever."""
LEEWAY = timedelta(seconds=60)
"""By so much two clocks may differ."""

REFERENCE = "reference"
_DEPTHS = ("full", "quick")
# What can be signed, and so trusted; what else a token holds is none of our business.
_SEGMENTS = ("role_layer", "department", "business_line")
# In a campaign that wants them signed a page still chooses the questionnaire, which says nothing of anybody.
_ALWAYS = ("model",)


class InvalidSigned(Exception):
    """What was signed cannot be trusted. `why`: one word for the log, nothing of what stands in it.

    That is: campaign (there is none, so no key), long, form, key (another key, algorithm or content), exp
    (none), expired, ahead (`exp` too far), early (`nbf` or `iat` to come), or the name of a claim.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Signatures:
    """The keys with which companies sign what is known of a visitor: one per campaign."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"peil embed " + secret.encode()).digest()

    def key(self, campaign_id: str) -> str:
        """A campaign's key: 43 characters; as they are (UTF-8), they are the secret of HS256."""
        digest = hmac.digest(self._key, f"campaign {campaign_id}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def fields(self, signed: str, campaign_id: str, now: datetime) -> dict[str, str]:
        """What was signed for this campaign: of role_layer, department, business_line, depth, reference.

        Raises InvalidSigned for whatever was not signed with this campaign's key, or not for now.
        """
        if len(signed) > LONGEST_SIGNED:
            raise InvalidSigned("long")
        if not signed.isascii() or signed.count(".") != 2:
            raise InvalidSigned("form")
        try:
            # The times are looked at below, by our own clock.
            content = jwt.PyJWS().decode(signed, self.key(campaign_id), algorithms=["HS256"])
        except jwt.PyJWTError:
            raise InvalidSigned("key") from None
        claims = _claims(content)
        _check_times(claims, now)
        return _known(claims)


def _claims(content: bytes) -> Mapping[str, Any]:
    try:
        claims = json.loads(content)
    except (ValueError, RecursionError):
        raise InvalidSigned("form") from None
    if not isinstance(claims, dict):
        raise InvalidSigned("form")
    return claims


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    """Raises InvalidSigned unless it holds now: NumericDate, seconds since 1970 (RFC 7519, section 2)."""
    moments: dict[str, float | None] = {}
    for name in ("exp", "nbf", "iat"):
        value = claims.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise InvalidSigned(name)
        moments[name] = value
    exp = moments["exp"]
    if exp is None:
        raise InvalidSigned("exp")
    # Written so that NaN, which JSON of Python can hold, is never within them.
    if not exp > (now - LEEWAY).timestamp():
        raise InvalidSigned("expired")
    if not exp <= (now + LONGEST_VALID + LEEWAY).timestamp():
        raise InvalidSigned("ahead")
    for begins in (moments["nbf"], moments["iat"]):
        if begins is not None and not begins <= (now + LEEWAY).timestamp():
            raise InvalidSigned("early")


def _known(claims: Mapping[str, Any]) -> dict[str, str]:
    """The claims that mean something here. Raises InvalidSigned for a value that there cannot be.

    A server that knows nothing of somebody may well say null.
    """
    options: dict[str, tuple[str, ...]] = {name: (*SEGMENTS[name], SKIPPED) for name in _SEGMENTS}
    options["depth"] = _DEPTHS
    found: dict[str, str] = {}
    for name, allowed in options.items():
        value = claims.get(name)
        if value is None:
            continue
        if value not in allowed:
            raise InvalidSigned(name)
        found[name] = value
    reference = claims.get(REFERENCE)
    if reference is not None:
        if not isinstance(reference, str):
            raise InvalidSigned(REFERENCE)
        try:
            kept = clean(reference)
        except InvalidReference:
            raise InvalidSigned(REFERENCE) from None
        if kept is not None:
            found[REFERENCE] = kept
    return found


def trusted(
    prefill: Mapping[str, str], signed: Mapping[str, str], campaign: Campaign | None
) -> dict[str, str]:
    """What is known beforehand, where a page says the one and a server has signed the other.

    In a campaign that wants them signed, what a page says of its visitor does not count.
    """
    if campaign is not None and campaign.signed_only:
        prefill = {name: value for name, value in prefill.items() if name in _ALWAYS}
    return {**prefill, **signed}


# --- who may show it --------------------------------------------------------------------------------


def origins_for_code(work: Work, codes: Codes, code: str) -> tuple[str, ...]:
    """The origins of the campaign that a code invites to, open or not; none for a code of nothing."""
    try:
        invitation = work.invitation_by_mark(codes.mark(code))
    except InvalidCode:
        return ()
    campaign = None if invitation is None else work.campaign(invitation.campaign_id)
    return () if campaign is None else campaign.origins


def invites(work: Work, codes: Codes, code: str) -> bool:
    """Whether this is the code of an invitation, open or not."""
    try:
        return work.invitation_by_mark(codes.mark(code)) is not None
    except InvalidCode:
        return False


def origins_for_conversation(work: Work, conversation_id: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the conversation's campaign; `default` without campaign; none for no conversation."""
    conversation = work.conversation(conversation_id)
    if conversation is None:
        return ()
    campaign = None if conversation.campaign_id is None else work.campaign(conversation.campaign_id)
    return default if campaign is None else campaign.origins
