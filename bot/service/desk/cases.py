"""The desk's use-cases, wired together in bot.bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.service.desk.accounts import Accounts
    from bot.service.desk.advising import Advising
    from bot.service.desk.asking_people import AskingPeople
    from bot.service.desk.comparing import Comparing
    from bot.service.desk.handing_over import HandingOver
    from bot.service.desk.judging import Judging
    from bot.service.desk.privacy import Privacy
    from bot.service.desk.retention import Retention
    from bot.service.desk.reviewing import Reviewing
    from bot.service.desk.running import CampaignDesk
    from bot.service.desk.standings import Scores


@dataclass(frozen=True)
class DeskCases:
    """One class for each concern of the desk."""

    accounts: Accounts
    campaigns: CampaignDesk
    privacy: Privacy
    retention: Retention
    reviewing: Reviewing
    judging: Judging
    asking: AskingPeople
    advising: Advising
    comparing: Comparing
    scores: Scores
    handing_over: HandingOver
