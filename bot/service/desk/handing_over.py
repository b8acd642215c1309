"""Handing over what was published: its figures as data, and links that show it for a while.

All of it is about editions: what leaves the house holds no group under five that could be told apart.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.assessment.editions import SHARE_DAYS, Cell, Share, rows_of
from bot.assessment.plans import PlanVersion
from bot.assessment.records import Campaign, Organisation
from bot.service.desk.access import Action, Actor, Missing, Refused, allow
from bot.service.desk.auditing import record
from bot.service.desk.comparing import Comparing, Edition
from bot.service.desk.ports import DeskStore, DeskWork
from bot.service.ports import Clock
from bot.service.signed import signed_for_campaign

LONGEST_LABEL = 120
OPEN_AT_ONCE = 50
"""So many shared views of one campaign may work at the same time."""

_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Shared:
    """A shared view and the key that opens it; None once it shows nothing any more."""

    share: Share
    key: str | None


@dataclass(frozen=True)
class HandOver:
    """All that can be handed over of a campaign. `editions`: without content, the newest of each model.

    `signed`: model id -> the organisation's signed advice. `shares`: the newest first, ended ones too;
    none for who may not share.
    """

    organisation: Organisation
    campaign: Campaign
    editions: tuple[Edition, ...]
    signed: Mapping[str, PlanVersion]
    shares: tuple[Shared, ...]


@dataclass(frozen=True)
class Handed:
    """One edition with what belongs to it, to make a file of. `signed`: the organisation's signed advice."""

    organisation: Organisation
    campaign: Campaign
    edition: Edition
    signed: PlanVersion | None


class HandingOver:
    """Every method with an actor raises Missing and Refused (bot.service.desk.access)."""

    def __init__(self, store: DeskStore, comparing: Comparing, clock: Clock, secret: str) -> None:
        self._store = store
        self._comparing = comparing
        self._clock = clock
        self._secret = hashlib.sha256(b"peil desk share " + secret.encode()).digest()

    def overview(self, actor: Actor, campaign_id: str) -> HandOver:
        """What can be handed over (Action.EXPORT)."""
        organisation, campaign = self._campaign(actor, Action.EXPORT, campaign_id)
        newest: dict[str, Edition] = {}
        for one in self._comparing.editions(actor, campaign_id):
            newest.setdefault(one.model_id, one)
        now = self._clock()
        with self._store.read() as work:
            signed = {key: signed_for_campaign(work, campaign.id, key) for key in campaign.models}
            # Who may not share has nothing to do with who was given a link.
            shares = [] if actor.role == "viewer" else work.shares(campaign.id)
        return HandOver(
            organisation,
            campaign,
            tuple(newest[key] for key in campaign.models if key in newest),
            {key: one for key, one in signed.items() if one is not None},
            tuple(Shared(one, self._key(one.id) if one.works(now) else None) for one in shares),
        )

    def hand(self, actor: Actor, campaign_id: str, model_id: str, form: str) -> Handed:
        """The newest edition, to make a file of (Action.EXPORT); written to the audit log.

        `form`: what is made of it, such as 'xlsx'. Raises Missing where nothing was published, or of fewer
        than five people.
        """
        organisation, campaign = self._campaign(actor, Action.EXPORT, campaign_id)
        edition = self._comparing.edition(actor, campaign_id, model_id)
        if edition is None or edition.comparison is None:
            raise Missing(model_id)
        with self._store.write() as work:
            signed = signed_for_campaign(work, campaign.id, model_id)
            record(
                work,
                actor,
                "edition_exported",
                "edition",
                edition.id,
                organisation.id,
                self._clock(),
                campaign=campaign.id,
                form=form,
            )
            work.commit()
        return Handed(organisation, campaign, edition, signed)

    # --- shared views ---

    def share(
        self, actor: Actor, campaign_id: str, model_id: str, *, label: str, language: str, days: int
    ) -> Shared:
        """Make a link to the newest edition (Action.SHARE) that works for 7, 30 or 90 days.

        Raises Missing where nothing was published, or of fewer than five people; ValueError for another
        number of days, language or length of label; Refused('share_many') where too many are open.
        """
        organisation, campaign = self._campaign(actor, Action.SHARE, campaign_id)
        edition = self._comparing.edition(actor, campaign_id, model_id)
        if edition is None or edition.comparison is None:
            raise Missing(model_id)
        name = " ".join(label.split())
        if days not in SHARE_DAYS or language not in edition.model.languages or len(name) > LONGEST_LABEL:
            raise ValueError("no such shared view")
        now = self._clock()
        until = now + timedelta(days=days)
        made = Share(secrets.token_hex(16), edition.id, language, name, actor.user_id, now, until)
        with self._store.write() as work:
            work.lock_campaign(campaign.id)
            if sum(1 for one in work.shares(campaign.id) if one.works(now)) >= OPEN_AT_ONCE:
                raise Refused("share_many")
            work.add_share(made)
            record(
                work,
                actor,
                "share_made",
                "share",
                made.id,
                organisation.id,
                now,
                edition=edition.id,
                days=days,
            )
            work.commit()
        return Shared(made, self._key(made.id))

    def withdraw(self, actor: Actor, campaign_id: str, share_id: str) -> None:
        """Let a link lead nowhere from now on (Action.SHARE); one that was withdrawn stays so."""
        organisation, campaign = self._campaign(actor, Action.SHARE, campaign_id)
        now = self._clock()
        with self._store.write() as work:
            if share_id not in [one.id for one in work.shares(campaign.id)]:
                raise Missing(share_id)
            if work.end_share(share_id, now):
                record(work, actor, "share_withdrawn", "share", share_id, organisation.id, now)
            work.commit()

    def shared(self, key: str) -> tuple[Share, Handed] | None:
        """What this key shows, to whoever has it; None for no key of ours, and for what has ended.

        Signed advice is not in it: that is for the report.
        """
        if not _KEY.fullmatch(key) or not hmac.compare_digest(key, self._key(key[:32])):
            return None
        with self._store.read() as work:
            found = work.share(key[:32])
        if found is None or not found.works(self._clock()):
            return None
        shown = self._comparing.shown_to_anybody(found.edition_id)
        if shown is None or shown[2].comparison is None:
            return None
        organisation, campaign, edition = shown
        return found, Handed(organisation, campaign, edition, None)

    def _key(self, share_id: str) -> str:
        """What opens a shared view. The database alone does not: it holds ids, and no keys."""
        return share_id + hmac.new(self._secret, share_id.encode(), hashlib.sha256).hexdigest()[:32]

    def _campaign(self, actor: Actor, action: Action, campaign_id: str) -> tuple[Organisation, Campaign]:
        with self._store.read() as work:
            campaign = work.campaign(campaign_id)
            if campaign is None:
                raise Missing(campaign_id)
            allow(actor, action, campaign.organisation_id)
            return _organisation(work, campaign), campaign


def _organisation(work: DeskWork, campaign: Campaign) -> Organisation:
    return next(one for one in work.organisations() if one.id == campaign.organisation_id)


# --- as data ----------------------------------------------------------------------------------------


def figures(handed: Handed) -> list[list[Cell]]:
    """The figures of an edition as a table, the names of the columns first
    (bot.assessment.editions.rows_of)."""
    comparison = handed.edition.comparison
    return [] if comparison is None else rows_of(comparison)


def as_data(handed: Handed) -> dict[str, Any]:
    """The same for machines, with what it is about. Without quotes: those can be taken back."""
    edition = handed.edition
    head, *rows = figures(handed) or [[]]
    return {
        "format": "peil-edition",
        "form": 1,
        "organisation": handed.organisation.name,
        "campaign": handed.campaign.name,
        "invented": handed.campaign.invented,
        "model": edition.model_id,
        "version": edition.model.version,
        "published_at": edition.at.isoformat(),
        "people": None if edition.comparison is None else edition.comparison.people,
        "levels": "said",
        "figures": [dict(zip((str(name) for name in head), row, strict=True)) for row in rows],
    }
