"""Wiring of the desk's use-cases; bot.bootstrap calls it. Each part adds the line that makes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot import definitions
from bot.service.campaigns import Campaigns
from bot.service.desk.accounts import Accounts
from bot.service.desk.advising import Advising
from bot.service.desk.asking_people import AskingPeople
from bot.service.desk.cases import DeskCases
from bot.service.desk.comparing import Comparing
from bot.service.desk.handing_over import HandingOver
from bot.service.desk.judging import Judging
from bot.service.desk.privacy import Privacy
from bot.service.desk.retention import Retention
from bot.service.desk.reviewing import Reviewing
from bot.service.desk.running import CampaignDesk
from bot.service.desk.standings import Scores
from bot.service.ports import Clock
from bot.service.reminders import Reminders
from bot.service.review import Review
from bot.service.use_cases import UseCases
from bot.settings import Settings
from bot.store.work import Store


def build_desk(
    settings: Settings,
    store: Store,
    clock: Clock,
    use_cases: UseCases,
    campaigns: Campaigns,
    reminders: Reminders,
    review: Review,
) -> DeskCases:
    """The desk's use-cases on these parts. `settings` must have its secrets."""
    made: dict[str, Any] = {name: None for name in DeskCases.__dataclass_fields__}
    made["accounts"] = Accounts(store, clock=clock, secret=settings.secret, public_url=settings.public_url)
    made["campaigns"] = CampaignDesk(store, campaigns, reminders, clock)
    made["privacy"] = Privacy(store, use_cases, clock)
    made["retention"] = Retention(store, clock)
    made["advising"] = Advising(store, use_cases.knowledge, clock)
    made["asking"] = AskingPeople(
        store, use_cases.knowledge, clock, unused=timedelta(days=settings.token_days)
    )
    made["scores"] = Scores(store, definitions.from_canonical)
    made["comparing"] = Comparing(store, clock, definitions.from_canonical)
    parse = definitions.from_canonical
    made["reviewing"] = Reviewing(store, parse, review, clock)
    made["judging"] = Judging(store, parse, clock)
    made["handing_over"] = HandingOver(store, made["comparing"], clock, settings.secret)
    return DeskCases(**made)
