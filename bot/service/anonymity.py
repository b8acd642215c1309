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
        return self.told(campaign, said)

    def told(self, campaign: Campaign, said: Mapping[str, str]) -> dict[str, str | None]:
        """The same for these segments of somebody in an anonymous campaign."""
        told: dict[str, str | None] = {segment: said.get(segment) for segment in TOLD}
        if campaign.id not in self._hidden:
            self._hidden[campaign.id] = too_small(self._sizes(campaign))
        if combination(campaign, said) in self._hidden[campaign.id]:
            return {
                segment: option if segment in campaign.segments else WITHHELD
                for segment, option in told.items()
            }
        return told

    def _sizes(self, campaign: Campaign) -> Mapping[tuple[str | None, ...], int]:
        """How many people with at least one answer belong to each group."""
        sizes: Counter[tuple[str | None, ...]] = Counter()
        for segments, many in self._work.group_sizes(campaign.id):
            sizes[combination(campaign, segments)] += many
        return sizes

    def told_groups(self, campaign: Campaign) -> list[dict[str, str | None]]:
        """Of an anonymous campaign the combinations of segments that are told, segment -> option or None."""
        sizes = self._sizes(campaign)
        self._hidden[campaign.id] = hidden = too_small(sizes)
        apart = [segment for segment in SEGMENTS if segment in TOLD and segment not in campaign.segments]
        return [dict(zip(apart, one, strict=True)) for one in sizes if one not in hidden]


def combination(campaign: Campaign, segments: Mapping[str, str]) -> tuple[str | None, ...]:
    """The combination of options that tells people of a campaign apart."""
    return tuple(
        segments.get(segment) for segment in SEGMENTS if segment in TOLD and segment not in campaign.segments
    )
