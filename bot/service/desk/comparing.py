"""Comparing the respondents of a campaign or an organisation; what is published of it; over time; drop-off.

Signatures first: part 7 builds on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.assessment.agenda import Agenda
from bot.assessment.comparison import Comparison
from bot.assessment.definitions import MaturityModel
from bot.assessment.dropping_off import DropOff
from bot.assessment.records import Campaign, Organisation
from bot.service.desk.access import Actor
from bot.service.desk.ports import DeskStore
from bot.service.ports import Clock, Parser


@dataclass(frozen=True)
class Compared:
    """A live comparison with what it is about. `models`: (model id, name in the actor's language, runs) to
    choose from; `edition`: when the newest one was published, None for never."""

    organisation: Organisation
    campaign: Campaign
    comparison: Comparison | None
    """None where nobody has completed a run of all questions."""
    models: tuple[tuple[str, str, int], ...]
    published_at: datetime | None


@dataclass(frozen=True)
class Edition:
    """A comparison as it was published, under protection. `few`: fewer than five people: nothing is shown
    then (`comparison` and `agenda` are None)."""

    id: str
    campaign_id: str
    organisation_id: str
    model: MaturityModel
    at: datetime
    by: str
    comparison: Comparison | None
    agenda: Agenda | None
    few: bool


@dataclass(frozen=True)
class Point:
    """One measurement of the organisation: a campaign, or in the same campaign a later quarter.

    `label`: the campaign's name, with the quarter ('2027-1') where people measured again. `day`: of the last
    run. `overall`, `dimensions`: mean; None where it cannot be told. `agreement`: dimension id -> r_wg(J).
    `comparable`: the versions of the maturity model allow a line to the point before.
    """

    campaign_id: str
    label: str
    quarter: str | None
    day: date
    n: int
    overall: float | None
    dimensions: dict[str, float | None]
    agreement: dict[str, float | None]
    version: str
    comparable: bool


@dataclass(frozen=True)
class Paired:
    """The same people measured twice. `id`: dimension id or 'overall'; `n` pairs; `change`: mean change."""

    id: str
    n: int
    change: float | None


@dataclass(frozen=True)
class OverTime:
    """Measurements of one organisation in a line, the oldest first. `pairs`: overall first, then dimensions."""

    organisation: Organisation
    model: MaturityModel | None
    points: tuple[Point, ...]
    pairs: tuple[Paired, ...]
    models: tuple[tuple[str, str, int], ...]
    protected: bool


class Comparing:
    """The comparisons of the desk; each asks first whether this user may."""

    def __init__(self, store: DeskStore, clock: Clock, parse: Parser) -> None: ...

    def compare(
        self, actor: Actor, campaign_id: str, model_id: str | None = None, line: str | None = None
    ) -> Compared:
        """Live figures (Action.COMPARE: not for viewers). `model_id` None: the one with most runs.

        Raises Missing for a campaign or model that is not there, Refused for a viewer.
        """
        raise NotImplementedError

    def compare_organisation(
        self, actor: Actor, organisation_id: str, model_id: str | None = None, line: str | None = None
    ) -> Comparison | None:
        """The same of all campaigns of an organisation together, the newest run of each person."""
        raise NotImplementedError

    def agenda(
        self, actor: Actor, campaign_id: str, model_id: str | None = None, minutes: Literal[60, 90, 120] = 90
    ) -> Agenda | None:
        """What to talk about in the workshop (Action.COMPARE), from live figures; None as of compare."""
        raise NotImplementedError

    def over_time(self, actor: Actor, organisation_id: str, model_id: str | None = None) -> OverTime:
        """The organisation's measurements in a line. Viewers get points of published editions only."""
        raise NotImplementedError

    def drop_off(self, actor: Actor, campaign_id: str, model_id: str | None = None) -> DropOff | None:
        """Where people stop, skip, hesitate (Action.COMPARE for languages and times; viewers:
        Action.SEE_PROGRESS, questions only, nothing of fewer than five)."""
        raise NotImplementedError

    def publish(self, actor: Actor, campaign_id: str, model_id: str) -> Edition:
        """Store what may be shown to viewers and in shared views (Action.PUBLISH), and write it to the audit
        log.

        Raises Refused('too_little_changed') when what changed since the last edition could be told of fewer
        than five people.
        """
        raise NotImplementedError

    def edition(
        self, actor: Actor, campaign_id: str, model_id: str | None = None, edition_id: str | None = None
    ) -> Edition | None:
        """The newest edition (Action.SEE_EDITION), or this one; None where nothing was published."""
        raise NotImplementedError

    def editions(self, actor: Actor, campaign_id: str) -> tuple[Edition, ...]:
        """All of them without their content (`comparison` None), the newest first."""
        raise NotImplementedError
