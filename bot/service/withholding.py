"""Whether a result waits for a consultant's look."""

from __future__ import annotations

from bot.assessment.records import Assessment, Campaign


class NotYetApproved(Exception):
    """A result was asked for at which a consultant looks first."""


def is_withheld(campaign: Campaign | None, assessment: Assessment) -> bool:
    """Whether nothing of this result may be told yet.

    Once approved it stays so when an answer changes: the respondent has seen how the answers are scored by
    then, and the consultant sees every change.
    """
    return campaign is not None and campaign.approve_first and assessment.approved_at is None
