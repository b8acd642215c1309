"""Making the invented organisation: campaigns, conversations, and what a consultant did then."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.assessment.records import Campaign, Invitation
from bot.bootstrap import Peil, build
from bot.demo.consulting import Consulting
from bot.demo.people import ORGANISATION, Ending, Someone, chance, everybody
from bot.demo.respondent import Clock, Respondent, Round
from bot.service.campaign_input import NewCampaign
from bot.settings import Settings

_LAST_YEAR = "Klantgericht werken, eerste meting"
_THIS_YEAR = "Klantgericht werken, tweede meting"
_SHOPS = "Hoe het in de winkels gaat (anoniem)"
_CONTACT = "de adviseur van dit verzonnen voorbeeld, via adviseur@example.org"

Say = Callable[[str], None]


@dataclass(frozen=True)
class _Visit:
    """Somebody's part in a campaign: when it begins, and how it goes."""

    at: datetime
    one: Someone
    where: Round
    ending: Ending


def make(settings: Settings, today: datetime, say: Say) -> list[str]:
    """Make it all, in the time up to `today`; the names of the campaigns. `say`: told how far it is.

    Only onto a database that is prepared and has no organisation of that name.
    """
    clock = Clock(today - timedelta(days=380))
    peil = build(settings, clock=clock)
    try:
        return _Making(peil, clock, today, say).all()
    finally:
        peil.store.engine.dispose()


class _Making:
    def __init__(self, peil: Peil, clock: Clock, today: datetime, say: Say) -> None:
        self._peil, self._clock, self._today, self._say = peil, clock, today, say
        self._made: dict[str, Campaign] = {}

    def all(self) -> list[str]:
        people = everybody()
        # Loaded once before anything is timed: the first words take seconds.
        self._say("Loading what places own words.")
        _warm_up(self._peil)
        visits = [*self._last_year(people), *self._anonymous(people), *self._this_year(people)]
        self._play(sorted(visits, key=lambda one: one.at))
        self._say("What consultants make of it.")
        Consulting(self._peil, self._clock, self._today).do(self._made[_LAST_YEAR], self._made[_THIS_YEAR])
        return [_LAST_YEAR, _SHOPS, _THIS_YEAR]

    # --- campaigns ---

    def _campaign(self, new: NewCampaign, at: datetime) -> Campaign:
        self._clock.now = at
        made = self._peil.campaigns.create(new).campaign
        with self._peil.store.write() as work:
            work.update_campaign(made.id, invented=True)
            work.commit()
        self._made[made.name] = replace(made, invented=True)
        return self._made[made.name]

    def _day(self, ago: int, hour: int = 9) -> datetime:
        """So many days before today, at this hour (UTC)."""
        return (
            (self._today - timedelta(days=ago))
            .astimezone(UTC)
            .replace(hour=hour, minute=0, second=0, microsecond=0)
        )

    def _last_year(self, people: list[Someone]) -> Iterator[_Visit]:
        at = self._day(372)
        made = self._campaign(
            NewCampaign(
                organisation=ORGANISATION,
                name=_LAST_YEAR,
                models=("cemm",),
                depth="full",
                anonymous=False,
                opens_at=at + timedelta(minutes=1),
                closes_at=self._day(340),
                contact=_CONTACT,
            ),
            at,
        )
        there = [one for one in people if one.was_there]
        for number, (one, invitation) in enumerate(self._invited(made, there)):
            # Fewer left halfway then: who is asked first is keen.
            ending: Ending = "leaves" if number % 12 == 7 else "finishes"
            yield self._visit(one, invitation, Round("", "cemm", 1), ending, at, 20)

    def _this_year(self, people: list[Someone]) -> Iterator[_Visit]:
        at = self._day(24)
        made = self._campaign(
            NewCampaign(
                organisation=ORGANISATION,
                name=_THIS_YEAR,
                models=("cemm",),
                anonymous=False,
                opens_at=at + timedelta(minutes=1),
                closes_at=self._day(-21),
                targets={"cemm": {"customer_journey": 4, "data": 3}},
                welcome={
                    "nl": "Welkom bij de tweede meting van Watermerk (demo): een verzonnen bedrijf.",
                    "en": "Welcome to the second measurement of Watermerk (demo): an invented company.",
                },
                contact=_CONTACT,
            ),
            at,
        )
        for number, (one, invitation) in enumerate(self._invited(made, people)):
            quick = number % 15 == 9
            yield self._visit(one, invitation, Round("", "cemm", 0, quick), one.ending, at, 18)

    def _anonymous(self, people: list[Someone]) -> Iterator[_Visit]:
        at = self._day(60)
        made = self._campaign(
            NewCampaign(
                organisation=ORGANISATION,
                name=_SHOPS,
                models=("crm",),
                depth="full",
                anonymous=True,
                opens_at=at + timedelta(minutes=1),
                closes_at=self._day(30),
                contact=_CONTACT,
            ),
            at,
        )
        (invitation,) = self._peil.campaigns.invite(made.id, "open")
        there = [one for one in people if one.department in ("sales", "service")]
        for number, one in enumerate(there[:18]):
            ending: Ending = "leaves" if number % 6 == 4 else "finishes"
            yield self._visit(one, invitation, Round("", "crm", 0), ending, at, 22)

    def _invited(self, campaign: Campaign, people: list[Someone]) -> list[tuple[Someone, Invitation]]:
        """Each with a link of one's own, that says where one stands and in which language."""
        found: list[tuple[Someone, Invitation]] = []
        posts: dict[tuple[str, str, str], list[Someone]] = {}
        for one in people:
            posts.setdefault((one.layer, one.department, one.language), []).append(one)
        for (layer, department, language), held in posts.items():
            made = self._peil.campaigns.invite(
                campaign.id,
                "single",
                labels=[one.name for one in held],
                language=language,
                segments={"role_layer": layer, "department": department},
            )
            found.extend(zip(held, made, strict=True))
        return found

    def _visit(
        self, one: Someone, invitation: Invitation, where: Round, ending: Ending, at: datetime, days: int
    ) -> _Visit:
        """On a working day within so many days, most of them in the first ones, between 8 and 18 hours."""
        dice = chance("visit", one.name, where.model_id, where.years_ago)
        when = at + timedelta(days=int(days * dice.random() ** 1.7), hours=dice.uniform(0.5, 8))
        while when.weekday() >= 5:
            when += timedelta(days=1)
        code = self._peil.use_cases.codes.code("invitation", invitation.id)
        return _Visit(when, one, replace(where, code=code), ending)

    # --- conversations ---

    def _play(self, visits: list[_Visit]) -> None:
        """Hold the conversations in the order of time; who comes back takes a place in the row again."""
        spoken: dict[str, int] = {}
        order = itertools.count()
        row = []
        for visit in visits:
            person = Respondent(self._peil, self._clock, visit.one, visit.where, visit.ending)
            row.append((visit.at, next(order), person.sessions(spoken)))
        heapq.heapify(row)
        done, total = 0, len(row)
        while row:
            at, _, sessions = heapq.heappop(row)
            self._clock.now = at
            away = next(sessions, None)
            # Whoever would be back after today has not been back yet.
            if away is not None and self._clock.now + away < self._today - timedelta(hours=2):
                heapq.heappush(row, (self._clock.now + away, next(order), sessions))
                continue
            done += 1
            if done % 10 == 0 or done == total:
                self._say(f"{done} of {total} conversations.")


def _warm_up(peil: Peil) -> None:
    from bot.bootstrap import warm_up_own_words

    warm_up_own_words(peil)
