"""Retention: what people said in a campaign is erased so many days after its end, as they were told."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.assessment.records import Campaign
from bot.service.desk.auditing import record
from bot.service.desk.ports import DeskStore
from bot.service.desk.running import end_of
from bot.service.ports import Clock

AT_ONCE = 50
"""Conversations erased in one transaction: nobody who is chatting waits long for it."""


class Retention:
    """A job's use-case: Peil itself does it, so there is nobody to ask whether they may."""

    def __init__(self, store: DeskStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def carry_out(self) -> int:
        """Erase all that is due now, a batch in each transaction; how many conversations that were.

        Where a campaign has ended, all of it goes, and the names on its invitations; where it goes on, who
        has not said anything for so long. One line of the audit log for each batch.
        """
        with self._store.read() as work:
            campaigns = [one.id for one in work.campaigns_that_end()]
        erased = 0
        for campaign_id in campaigns:
            while (count := self._batch(campaign_id)) > 0:
                erased += count
        if erased:
            self._store.scrub()
        return erased

    def _batch(self, campaign_id: str) -> int:
        now = self._clock()
        with self._store.write() as work:
            # Read again: it may have been closed or changed since.
            campaign = work.campaign(campaign_id)
            due = None if campaign is None else _due(campaign, now)
            if campaign is None or due is None:
                return 0
            ended, unused_since = due
            ids = work.conversations_to_go(campaign_id, unused_since, AT_ONCE)
            if ids:
                work.forget_labels_of(ids)
            for conversation_id in ids:
                work.delete_conversation(conversation_id)
            names = work.forget_labels(campaign_id) if ended and len(ids) < AT_ONCE else 0
            if ids or names:
                record(
                    work,
                    None,
                    "retention",
                    "campaign",
                    campaign_id,
                    campaign.organisation_id,
                    now,
                    conversations=len(ids),
                    names=names,
                )
            work.commit()
        return len(ids)


def _due(campaign: Campaign, now: datetime) -> tuple[bool, datetime | None] | None:
    """Whether it has ended and all goes, or before when who goes was last here; None where nothing does."""
    if campaign.keep_days is None:
        return None
    kept = timedelta(days=campaign.keep_days)
    end = end_of(campaign)
    if end is None:
        return False, now - kept
    return (True, None) if end + kept <= now else None
