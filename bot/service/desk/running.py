"""Organisations and campaigns at the desk: made, followed, invited to, closed; by whoever may.

The rules are those of bot.service.campaigns and bot.service.reminders; here is who may, and what is written
down of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar, cast

from bot.assessment.definitions import MaturityModel
from bot.assessment.dropping_off import in_fives
from bot.assessment.records import (
    Campaign,
    CampaignCount,
    CampaignNote,
    Invitation,
    InvitationKind,
    Organisation,
)
from bot.assessment.searching import Sought
from bot.service import campaign_input as wanted
from bot.service.anonymity import WITHHELD, too_small
from bot.service.campaign_input import InvalidField, NewCampaign
from bot.service.campaign_status import Group, Status
from bot.service.campaigns import Also, Campaigns, Embedding, Links, Phase, phase
from bot.service.desk.access import Action, Actor, Missing, allow, may
from bot.service.desk.auditing import record
from bot.service.desk.judging import SENT_TWICE
from bot.service.desk.ports import DeskStore, DeskWork
from bot.service.ports import Clock, Work
from bot.service.reminders import Reminders, Standing

T = TypeVar("T")

ON_A_PAGE = 20
"""Organisations on a page, and campaigns on the page of one."""
OF_EACH = 5
"""Campaigns that the overview shows of an organisation."""
PEOPLE_ON_A_PAGE = 100
MOST_WAITING = 1000
SOON = timedelta(days=7)
"""A campaign that closes within this time is told of."""
LONGEST_NOTE = 2000
NOTES_SHOWN = 100


@dataclass(frozen=True)
class Row:
    """A campaign in a list."""

    campaign: Campaign
    phase: Phase
    count: CampaignCount


@dataclass(frozen=True)
class Listed:
    """An organisation with campaigns, the newest first. `more`: it has others, which are not among them."""

    organisation: Organisation
    rows: tuple[Row, ...]
    more: bool


@dataclass(frozen=True)
class Progress:
    """A campaign as its page shows it. `sees_people`: who is shown may be told to this user."""

    status: Status
    sees_people: bool


@dataclass(frozen=True)
class Keeping:
    """What retention does here. `count`: conversations that are kept; `on`: when the first of them go.

    None for `on`: nothing goes by itself (yet).
    """

    count: int
    on: datetime | None


@dataclass(frozen=True)
class Setup:
    """A campaign with what its settings page shows. `begun`: people were told of what holds here."""

    campaign: Campaign
    organisation: Organisation
    phase: Phase
    embedding: Embedding
    begun: bool
    keeping: Keeping


@dataclass(frozen=True)
class Invited:
    """A campaign with some of its invitations, the newest first, and what leads in by each that works."""

    campaign: Campaign
    organisation: Organisation
    phase: Phase
    rows: tuple[tuple[Invitation, Links | None], ...]
    total: int


@dataclass(frozen=True)
class Reminding:
    """Who is reminded, or would be. `who`: (what the person is called, standing), by name and for whoever
    may see people only; a person whose link bears no name is called None.
    """

    campaign: Campaign
    organisation: Organisation
    counts: Mapping[Standing, int]
    who: tuple[tuple[str | None, Standing], ...]


_DONE = ("finished", "revoked", "gone")


def for_viewers(status: Status) -> Status:
    """The same in whole fives only: nobody by name, and in every campaign no group of fewer than five apart.

    What was not rounded would tell of one to four people by subtracting: who has begun less who has finished.
    """
    return replace(
        status,
        people=(),
        invited=in_fives(status.invited),
        used=in_fives(status.used),
        started=in_fives(status.started),
        finished=in_fives(status.finished),
        willing=in_fives(status.willing),
        places={place: in_fives(count) for place, count in status.places.items()},
        segments={
            segment: tuple(
                replace(one, started=in_fives(one.started), finished=in_fives(one.finished), signed=None)
                for one in (groups if segment in status.campaign.segments else _together(groups))
            )
            for segment, groups in status.segments.items()
        },
    )


def _together(groups: Sequence[Group]) -> tuple[Group, ...]:
    hidden = too_small({one.option: one.started for one in groups})
    kept = [replace(one, signed=None) for one in groups if one.option not in hidden]
    if hidden:
        small = [one for one in groups if one.option in hidden]
        started, finished = sum(one.started for one in small), sum(one.finished for one in small)
        kept.append(Group(WITHHELD, started, finished, None))
    return tuple(kept)


def _tried(found: list[InvalidField], do: Callable[[], T], otherwise: T) -> T:
    """What comes of it; where a field is wrong, that is added to `found`, and `otherwise` stands for it."""
    try:
        return do()
    except InvalidField as error:
        found.append(error)
        return otherwise


def _is_unused(one: Invitation) -> bool:
    return one.kind == "single" and not one.uses and one.revoked_at is None


def end_of(campaign: Campaign) -> datetime | None:
    """When it ended or ends; None where nobody has said so yet."""
    return min((at for at in (campaign.closes_at, campaign.closed_at) if at is not None), default=None)


def goes_on(campaign: Campaign, last_used: datetime) -> datetime | None:
    """When a conversation that was last used then is erased; None for never, by itself."""
    if campaign.keep_days is None:
        return None
    return (end_of(campaign) or last_used) + timedelta(days=campaign.keep_days)


class CampaignDesk:
    """Every method raises Missing and Refused (bot.service.desk.access); CampaignError where it says so."""

    def __init__(self, store: DeskStore, campaigns: Campaigns, reminders: Reminders, clock: Clock) -> None:
        self._store = store
        self._campaigns = campaigns
        self._reminders = reminders
        self._clock = clock

    # --- organisations ---

    def overview(self, actor: Actor, page: int = 1) -> tuple[list[Listed], bool]:
        """The user's organisations by name, each with its newest campaigns; whether there are more pages."""
        own = None if actor.role == "admin" else sorted(actor.organisations)
        with self._store.read() as work:
            found = work.organisations_page(own, ON_A_PAGE + 1, (max(page, 1) - 1) * ON_A_PAGE)
            here = [one for one in found[:ON_A_PAGE] if may(actor, Action.SEE_PROGRESS, one.id)]
            campaigns = work.newest_campaigns([one.id for one in here], OF_EACH + 1)
            shown = {one.id: campaigns.get(one.id, []) for one in here}
            rows = self._rows(work, actor, [one for each in shown.values() for one in each[:OF_EACH]])
        return [
            Listed(
                one,
                tuple(rows[campaign.id] for campaign in shown[one.id][:OF_EACH]),
                len(shown[one.id]) > OF_EACH,
            )
            for one in here
        ], len(found) > ON_A_PAGE

    def waiting(self, actor: Actor, campaign: Campaign | None = None) -> dict[str, int]:
        """What waits for a consultant in a campaign, or in all own ones: name of a filter -> how many fit.

        As the lists of respondents count, at most MOST_WAITING of each. Raises Refused.
        """
        if campaign is not None:
            allow(actor, Action.SEE_PEOPLE, campaign.organisation_id)
        everywhere = actor.role == "admin" or campaign is not None
        scope = Sought(None if everywhere else actor.organisations, None if campaign is None else campaign.id)
        parts = (False, True) if campaign is None else (campaign.anonymous,)
        found = {}
        with self._store.read() as work:
            for name, sought in (
                ("approval", replace(scope, awaits_approval=True)),
                ("person", replace(scope, asked_for_person=True)),
                ("question", replace(scope, open_question=True)),
            ):
                # Of anonymous campaigns it is not told who asked for a person, and nobody is asked there.
                told = parts if name == "approval" else [part for part in parts if not part]
                found[name] = sum(work.count_runs(sought, anonymous=one, most=MOST_WAITING) for one in told)
        return found

    def closing(self, actor: Actor) -> list[Campaign]:
        """Campaigns of the user's that close by themselves within SOON, at most ON_A_PAGE; soonest first."""
        own = None if actor.role == "admin" else sorted(actor.organisations)
        now = self._clock()
        with self._store.read() as work:
            found = work.closing_campaigns(own, now, now + SOON, ON_A_PAGE)
        return [one for one in found if may(actor, Action.MANAGE_CAMPAIGN, one.organisation_id)]

    def organisation(self, actor: Actor, organisation_id: str, page: int = 1) -> Listed:
        """One organisation with a page of its campaigns."""
        allow(actor, Action.SEE_PROGRESS, organisation_id)
        with self._store.read() as work:
            one = self._organisation(work, organisation_id)
            found = work.campaigns_page(organisation_id, ON_A_PAGE + 1, (max(page, 1) - 1) * ON_A_PAGE)
            rows = self._rows(work, actor, found[:ON_A_PAGE])
        return Listed(one, tuple(rows[c.id] for c in found[:ON_A_PAGE]), len(found) > ON_A_PAGE)

    def create_organisation(self, actor: Actor, name: str) -> Organisation:
        """A new organisation. Raises InvalidField."""
        allow(actor, Action.CREATE_ORGANISATION, None)

        def note(work: Work, id_: str) -> None:
            self._record(work, actor, "organisation_created", "organisation", id_, id_)

        return self._campaigns.create_organisation(name, also=note)

    # --- campaigns ---

    def choices(self, actor: Actor, organisation_id: str) -> tuple[Organisation, Mapping[str, MaturityModel]]:
        """The organisation for a new campaign, and the maturity models to choose from."""
        allow(actor, Action.MANAGE_CAMPAIGN, organisation_id)
        with self._store.read() as work:
            organisation = self._organisation(work, organisation_id)
        return organisation, self._campaigns.offered()

    def problems(self, actor: Actor, organisation_id: str, new: NewCampaign) -> list[InvalidField]:
        """All that cannot be in this wish, so that it can be said at once; empty where it can be made."""
        organisation, offered = self.choices(actor, organisation_id)
        found: list[InvalidField] = []

        none: dict[str, MaturityModel] = {}
        models = _tried(found, lambda: wanted.models_of(new.models, offered), none)
        checks: list[Callable[[], object]] = [
            lambda: wanted.name_of("name", new.name),
            lambda: wanted.segments_of(new.segments),
            lambda: wanted.period_of(new.opens_at, new.closes_at, self._clock()),
            lambda: wanted.contact_of(new.contact),
            lambda: wanted.reminders_of(new.reminders),
            lambda: wanted.time_zone_of(new.time_zone),
            lambda: wanted.origins_of(new.origins),
            lambda: wanted.keep_days_of(new.keep_days),
        ]
        if models:
            nothing: tuple[str, ...] = ()
            languages = _tried(found, lambda: wanted.languages_of(new.languages, models), nothing)
            checks += [
                lambda: wanted.depth_of(new.depth, models),
                lambda: wanted.targets_of(new.targets, models),
            ]
            if languages:
                checks.append(lambda: wanted.welcome_of(new.welcome, languages))
        for check in checks:
            _tried(found, check, None)
        with self._store.read() as work:
            if any(wanted.same_name(one.name, new.name) for one in work.campaigns(organisation.id)):
                found.append(InvalidField("name", "there is one of that name already."))
        return found

    def create(self, actor: Actor, organisation_id: str, new: NewCampaign) -> Campaign:
        """A new campaign of this organisation, whatever the wish calls it. Raises InvalidField."""
        allow(actor, Action.MANAGE_CAMPAIGN, organisation_id)
        with self._store.read() as work:
            organisation = self._organisation(work, organisation_id)

        def note(work: Work, id_: str) -> None:
            self._record(work, actor, "campaign_created", "campaign", id_, organisation_id)

        return self._campaigns.create(replace(new, organisation=organisation.name), also=note).campaign

    def progress(self, actor: Actor, campaign_id: str) -> Progress:
        """How far a campaign is: for viewers, and of an anonymous one, in numbers only."""
        campaign = self._campaign(actor, Action.SEE_PROGRESS, campaign_id)
        found = self._campaigns.status(campaign.id)
        # Who still has something to do is looked for most.
        waiting = sorted(found.people, key=lambda one: one.place in _DONE)
        found = replace(found, people=tuple(waiting))
        sees = may(actor, Action.SEE_PEOPLE, campaign.organisation_id)
        if sees and found.people:
            with self._store.write() as work:
                record(
                    work,
                    actor,
                    "people_seen",
                    "campaign",
                    campaign.id,
                    campaign.organisation_id,
                    self._clock(),
                )
                work.commit()
        return Progress(found if sees else for_viewers(found), sees)

    def close(self, actor: Actor, campaign_id: str) -> None:
        """Nobody begins any more. A campaign that was closed stays as it is."""
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        self._campaigns.close(campaign.id, also=self._noting(actor, campaign, "campaign_closed", "campaign"))

    def setup(self, actor: Actor, campaign_id: str) -> Setup:
        """A campaign's settings."""
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        embedding = self._campaigns.embed(campaign.id)
        with self._store.read() as work:
            organisation = self._organisation(work, campaign.organisation_id)
            count, last = work.kept_conversations(campaign.id)
        on = None if last is None else goes_on(campaign, last)
        return Setup(
            campaign,
            organisation,
            phase(campaign, self._clock()),
            embedding,
            count > 0,
            Keeping(count if on is not None else 0, on),
        )

    def set_sites(self, actor: Actor, campaign_id: str, origins: Sequence[str], signed_only: bool) -> None:
        """Which sites may show a campaign, and what counts there. Raises InvalidField."""
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        self._campaigns.embed(
            campaign.id,
            origins=origins,
            signed_only=signed_only,
            also=self._noting(actor, campaign, "campaign_sites", "campaign"),
        )

    def set_promise(self, actor: Actor, campaign_id: str, approve_first: bool, keep_days: int | None) -> None:
        """Whether results are approved first, and how long is kept. Raises InvalidField and NotPossible."""
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        self._campaigns.promise(
            campaign.id,
            approve_first=approve_first,
            keep_days=keep_days,
            also=self._noting(actor, campaign, "campaign_settings", "campaign"),
        )

    def signing_key(self, actor: Actor, campaign_id: str) -> tuple[Campaign, str]:
        """The key with which a company's server signs what it knows of its visitor. Never log it."""
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        with self._store.write() as work:
            self._record(work, actor, "signing_key_seen", "campaign", campaign.id, campaign.organisation_id)
            work.commit()
        return campaign, self._campaigns.signing_key(campaign.id)

    # --- invitations ---

    def invitations(self, actor: Actor, campaign_id: str, page: int = 1, *, unused: bool = False) -> Invited:
        """A page of a campaign's invitations, each with what leads in by it.

        `unused`: only links for one person that work and that nobody has begun with; in an anonymous campaign
        that is not told, and so it shows all.
        """
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        shown = self._campaigns.show(campaign.id)
        self._people_seen(actor, campaign)
        newest = [
            one for one in reversed(shown.invitations) if not unused or campaign.anonymous or _is_unused(one)
        ]
        start = (max(page, 1) - 1) * PEOPLE_ON_A_PAGE
        rows = tuple(
            (one, None if one.revoked_at is not None else self._campaigns.links(campaign, one))
            for one in newest[start : start + PEOPLE_ON_A_PAGE]
        )
        return Invited(campaign, shown.organisation, shown.phase, rows, len(newest))

    def taken_along(self, actor: Actor, campaign_id: str, *, unused: bool = False) -> list[Links]:
        """What leads in by each invitation that was not taken back, oldest first: to send them oneself.

        `unused` as in `invitations`. Whoever has a link can use it, so that this was asked is written down.
        """
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        found = [
            self._campaigns.links(campaign, one)
            for one in self._campaigns.show(campaign.id).invitations
            if one.revoked_at is None and (not unused or campaign.anonymous or _is_unused(one))
        ]
        with self._store.write() as work:
            record(
                work,
                actor,
                "links_exported",
                "campaign",
                campaign.id,
                campaign.organisation_id,
                self._clock(),
                count=len(found),
            )
            work.commit()
        return found

    def model_names(self, model_ids: Sequence[str], language: str) -> dict[str, str]:
        """Maturity model id -> its name; the id itself for one that is offered no more."""
        models = self._campaigns.offered()
        return {one: models[one].name[language] if one in models else one for one in model_ids}

    def invite(
        self,
        actor: Actor,
        campaign_id: str,
        kind: InvitationKind,
        *,
        labels: Sequence[str] = (),
        count: int = 1,
        language: str | None = None,
        segments: Mapping[str, str] | None = None,
    ) -> list[Invitation]:
        """Make invitations, as Campaigns.invite. Raises InvalidField and NotPossible."""
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        return self._campaigns.invite(
            campaign.id,
            kind,
            labels=labels,
            count=count,
            language=language,
            segments=segments,
            also=self._noting(actor, campaign, "invitation_made", "invitation"),
        )

    def links(self, actor: Actor, campaign_id: str, invitation_id: str) -> tuple[Campaign, Links]:
        """What leads in by an invitation that was not taken back."""
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        found = {one.id: one for one in self._campaigns.show(campaign.id).invitations}.get(invitation_id)
        if found is None or found.revoked_at is not None:
            raise Missing(invitation_id)
        self._people_seen(actor, campaign, invitation=invitation_id)
        return campaign, self._campaigns.links(campaign, found)

    def revoke(self, actor: Actor, campaign_id: str, invitation_id: str | None) -> int:
        """Take back one invitation, or all for None; how many that were. Raises NotFound."""
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        note = self._noting(actor, campaign, "invitation_revoked", "invitation")
        return len(self._campaigns.revoke(campaign.id, invitation_id, also=note))

    def remind(self, actor: Actor, campaign_id: str, *, dry_run: bool) -> Reminding:
        """Remind all who agreed to it and have not finished; `dry_run`: only say who. Raises NotPossible."""
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        found = self._reminders.remind_all(campaign.id, dry_run=dry_run)
        names: dict[str, str | None] = {}
        with self._store.read() if dry_run else self._store.write() as work:
            organisation = self._organisation(work, campaign.organisation_id)
            if not campaign.anonymous and may(actor, Action.SEE_PEOPLE, campaign.organisation_id):
                labels = {one.id: one.label for one in work.invitations(campaign.id)}
                names = {
                    one.id: labels.get(one.invitation_id or "") for one in work.conversations_of(campaign.id)
                }
            if not dry_run:
                record(
                    work,
                    actor,
                    "reminded",
                    "campaign",
                    campaign.id,
                    campaign.organisation_id,
                    self._clock(),
                    count=found.counts.get("due", 0),
                )
                work.commit()
        if dry_run and names:
            self._people_seen(actor, campaign)
        who = tuple((names[id_], standing) for id_, standing in found.who.items() if id_ in names)
        return Reminding(campaign, organisation, Counter(found.counts), who)

    # --- notes ---

    def notes(self, actor: Actor, campaign_id: str) -> list[CampaignNote]:
        """The newest notes on a campaign, the newest first."""
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        with self._store.read() as work:
            return work.campaign_notes(campaign.id, NOTES_SHOWN)

    def add_note(self, actor: Actor, campaign_id: str, text: str) -> None:
        """Write a note on a campaign. Raises InvalidField."""
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        plain = text.replace("\r\n", "\n").strip()
        if not 1 <= len(plain) <= LONGEST_NOTE:
            raise InvalidField("note", f"1 to {LONGEST_NOTE} characters are expected.")
        now = self._clock()
        with self._store.write() as work:
            if any(
                one.text == plain and one.user_id == actor.user_id and now - one.at < SENT_TWICE
                for one in work.campaign_notes(campaign.id, NOTES_SHOWN)
            ):
                return
            note_id = work.add_campaign_note(campaign.id, plain, actor.user_id, now)
            record(
                work,
                actor,
                "note_added",
                "campaign",
                campaign.id,
                campaign.organisation_id,
                now,
                note=note_id,
            )
            work.commit()

    def delete_note(self, actor: Actor, campaign_id: str, note_id: int) -> None:
        """Delete an own note. Raises Missing for anybody else's."""
        campaign = self._campaign(actor, Action.MANAGE_CAMPAIGN, campaign_id)
        now = self._clock()
        with self._store.write() as work:
            if not work.delete_campaign_note(campaign.id, note_id, actor.user_id):
                raise Missing(str(note_id))
            record(
                work,
                actor,
                "note_deleted",
                "campaign",
                campaign.id,
                campaign.organisation_id,
                now,
                note=note_id,
            )
            work.commit()

    # --- parts ---

    def _people_seen(self, actor: Actor, campaign: Campaign, **detail: str) -> None:
        """Write down that who was invited is shown."""
        with self._store.write() as work:
            record(
                work,
                actor,
                "people_seen",
                "campaign",
                campaign.id,
                campaign.organisation_id,
                self._clock(),
                **detail,
            )
            work.commit()

    def _campaign(self, actor: Actor, action: Action, campaign_id: str) -> Campaign:
        """The campaign with this id. Raises Missing and Refused."""
        with self._store.read() as work:
            found = work.campaign(campaign_id)
        if found is None:
            raise Missing(campaign_id)
        allow(actor, action, found.organisation_id)
        return found

    def _organisation(self, work: DeskWork, organisation_id: str) -> Organisation:
        found = work.organisation(organisation_id)
        if found is None:
            raise Missing(organisation_id)
        return found

    def _rows(self, work: DeskWork, actor: Actor, campaigns: Sequence[Campaign]) -> dict[str, Row]:
        counts = work.campaign_counts([one.id for one in campaigns])
        if actor.role == "viewer":
            counts = {
                key: CampaignCount(*map(in_fives, (one.invited, one.started, one.finished)))
                for key, one in counts.items()
            }
        now = self._clock()
        return {one.id: Row(one, phase(one, now), counts[one.id]) for one in campaigns}

    def _noting(self, actor: Actor, campaign: Campaign, action: str, kind: str) -> Also:
        """Writes a line of the audit log about whatever is changed of this campaign."""

        def note(work: Work, id_: str) -> None:
            self._record(work, actor, action, kind, id_, campaign.organisation_id)

        return note

    def _record(
        self, work: Work, actor: Actor, action: str, kind: str, id_: str, organisation_id: str
    ) -> None:
        # The units of work of one store can do all that the desk asks.
        record(cast(DeskWork, work), actor, action, kind, id_, organisation_id, self._clock())
