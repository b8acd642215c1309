"""Beginning a conversation: for nothing in particular, or for a campaign."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from bot.assessment.records import Campaign, Conversation, Invitation
from bot.assessment.segments import SEGMENTS, SKIPPED, with_option
from bot.service.asking import greet
from bot.service.embedding import REFERENCE
from bot.service.ports import Work
from bot.service.turn import Knowledge, offers_of, organisation_of


class UnknownModel(Exception):
    """No maturity model with this id is on offer."""


def begin(
    knowledge: Knowledge,
    work: Work,
    *,
    channel: str,
    language: str,
    prefill: Mapping[str, str],
    signed: Mapping[str, str] = MappingProxyType({}),
    now: datetime,
    campaign: Campaign | None = None,
    invitation: Invitation | None = None,
    turn_id: str | None = None,
    conversation_id: str | None = None,
) -> Conversation:
    """A new conversation with its greeting, in this transaction. Raises UnknownModel.

    `prefill`: segment -> option, 'model', 'depth' and 'reference' (kept in a campaign by name only), as far
    as they are known. `signed`: what of it a company's server has signed. What a campaign or its link says
    goes before it. `language`: as the person's device prefers; in a campaign another one may have to do.
    `turn_id`: the turn to which the greeting is the reply, if any. `conversation_id`: where it is not to be a
    random one.
    """
    known = {name: option for name, option in prefill.items() if name in SEGMENTS}
    wishes = {name: value for name, value in prefill.items() if name in ("model", "depth")}
    if campaign is not None:
        known |= {**campaign.segments, **(invitation.segments if invitation is not None else {})}
        if campaign.depth is not None:
            wishes["depth"] = campaign.depth
        wishes.pop("model", None)
        if len(campaign.models) == 1:
            wishes["model"] = campaign.models[0]
        language = _language(campaign, invitation, language)
    segments: dict[str, str] = {}
    for segment in SEGMENTS:
        if segment in known:
            segments = with_option(segments, segment, known[segment])
    by_name = campaign is not None and not campaign.anonymous
    elsewhere = (*(campaign.segments if campaign else ()), *(invitation.segments if invitation else ()))
    # Of who is not known the server has said nothing that could be contradicted.
    vouched = [
        name for name in segments if name in signed and name not in elsewhere and signed[name] != SKIPPED
    ]
    if by_name and REFERENCE in signed:
        vouched.append(REFERENCE)
    conversation = Conversation(
        id=conversation_id or uuid.uuid4().hex,
        channel=channel,
        language=language,
        consent="open",
        assessment_id=None,
        pending=None,
        misunderstood=0,
        prefill=wishes
        | ({"segments": " ".join(segments)} if segments else {})
        | ({"signed": " ".join(vouched)} if vouched else {}),
        segments=segments,
        created_at=now,
        last_seen_at=now,
        campaign_id=None if campaign is None else campaign.id,
        # In an anonymous campaign nothing ties a conversation to the link that somebody was given.
        invitation_id=invitation.id if invitation is not None and by_name else None,
        # Nor to what the site where it was begun knows of its visitors.
        reference=prefill.get(REFERENCE) if by_name else None,
    )
    offers = offers_of(knowledge, work, campaign)
    wanted = wishes.get("model")
    if wanted is not None and wanted not in {offer.model.id for offer in offers}:
        raise UnknownModel(wanted)
    fitting = [offer for offer in offers if offer.model.id == wanted] or offers
    work.add_conversation(conversation)
    draft = greet(knowledge, conversation, fitting, campaign, organisation_of(work, campaign))
    work.add_drafts(conversation.id, [draft], turn_id, now)
    return conversation


def _language(campaign: Campaign, invitation: Invitation | None, preferred: str) -> str:
    """What the link says, else what the person prefers, if the campaign speaks it; else its first one."""
    wishes = (None if invitation is None else invitation.language, preferred)
    return next((wish for wish in wishes if wish in campaign.languages), campaign.languages[0])
