"""Anonymous campaigns: what may be told of the groups that people belong to, and points at none of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

from bot.assessment.records import Campaign, Conversation
from bot.assessment.segments import SEGMENTS
from bot.service.ports import Work

LEAST = 5
"""So many people have to share what is told of them. Our own rule."""

WITHHELD = "withheld"
"""Stands where a segment is not told, since it would point at too few people."""

TOLD = ("role_layer", "department", "business_line")
"""The segments that are told of a respondent. With which line somebody began says nothing more."""


class NotTold(Exception):
    """What was asked for would tell more than an anonymous campaign allows; a sentence says what."""


K = TypeVar("K", bound=Hashable)


def too_small(sizes: Mapping[K, int], least: int = LEAST) -> frozenset[K]:
    """The groups to put together, so that neither one that is told nor these together are below `least`.

    `sizes`: group -> how many people. All groups, where there are fewer people than that.
    """
    hidden: list[K] = []
    together = 0
    for group in sorted(sizes, key=lambda one: (sizes[one], str(one))):
        # A single small group is given away by what is left over: the next one goes with it.
        if sizes[group] >= least and not 0 < together < least:
            break
        hidden.append(group)
        together += sizes[group]
    return frozenset(hidden)


class Veil:
    """What consultants are told of people's segments, campaign by campaign, within one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._campaigns: dict[str, Campaign | None] = {}
        self._hidden: dict[str, frozenset[tuple[str | None, ...]]] = {}

    def campaign(self, conversation: Conversation | None) -> Campaign | None:
        """What the conversation was begun for, if anything."""
        if conversation is None or conversation.campaign_id is None:
            return None
        if conversation.campaign_id not in self._campaigns:
            self._campaigns[conversation.campaign_id] = self._work.campaign(conversation.campaign_id)
        return self._campaigns[conversation.campaign_id]

    def anonymous(self, conversation: Conversation | None) -> bool:
        """Whether nothing may tie what was said here to a person."""
        campaign = self.campaign(conversation)
        return campaign is not None and campaign.anonymous

    def segments(self, conversation: Conversation | None) -> dict[str, str | None]:
        """Segment -> option, 'skipped', WITHHELD, or None for what was not said; those of TOLD.

        In an anonymous campaign a combination of segments is told only of groups that are large enough; what
        the campaign itself says of everybody always is.
        """
        said = {} if conversation is None else conversation.segments
        told: dict[str, str | None] = {segment: said.get(segment) for segment in TOLD}
        campaign = self.campaign(conversation)
        if conversation is None or campaign is None or not campaign.anonymous:
            return told
        if campaign.id not in self._hidden:
            self._hidden[campaign.id] = too_small(self._sizes(campaign))
        if _group(campaign, conversation) in self._hidden[campaign.id]:
            return {
                segment: option if segment in campaign.segments else WITHHELD
                for segment, option in told.items()
            }
        return told

    def _sizes(self, campaign: Campaign) -> Mapping[tuple[str | None, ...], int]:
        """How many people with at least one answer belong to each group."""
        return Counter(
            _group(campaign, one)
            for one in self._work.conversations_of(campaign.id)
            if any(self._work.answers(run.id) for run in self._work.assessments(conversation_id=one.id))
        )


def _group(campaign: Campaign, conversation: Conversation) -> tuple[str | None, ...]:
    """The combination of options that tells people of a campaign apart."""
    return tuple(
        conversation.segments.get(segment)
        for segment in SEGMENTS
        if segment in TOLD and segment not in campaign.segments
    )
