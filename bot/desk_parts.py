"""Wiring of the desk's use-cases; bot.bootstrap calls it."""

from __future__ import annotations

from datetime import timedelta

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
    parse = definitions.from_canonical
    comparing = Comparing(store, clock, parse)
    return DeskCases(
        accounts=Accounts(store, clock=clock, secret=settings.secret, public_url=settings.public_url),
        campaigns=CampaignDesk(store, campaigns, reminders, clock),
        privacy=Privacy(store, use_cases, clock),
        retention=Retention(store, clock),
        reviewing=Reviewing(store, parse, review, clock),
        judging=Judging(store, parse, clock),
        asking=AskingPeople(store, use_cases.knowledge, clock, unused=timedelta(days=settings.token_days)),
        advising=Advising(store, use_cases.knowledge, clock),
        comparing=comparing,
        scores=Scores(store, parse),
        handing_over=HandingOver(store, comparing, clock, settings.secret),
    )
