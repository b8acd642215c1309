"""Campaigns: a round of questions in an organisation, who is invited to it, and how far people are."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from bot.assessment.definitions import MaturityModel
from bot.assessment.records import Campaign, Invitation, InvitationKind, Organisation
from bot.service import campaign_input as wanted
from bot.service.anonymity import LEAST
from bot.service.campaign_input import InvalidField, NewCampaign, NotFound, NotPossible, same_name
from bot.service.campaign_status import Status, status
from bot.service.codes import Codes, InvalidCode, shown
from bot.service.embedding import Signatures
from bot.service.ports import Clock, Parser, Store, Work
from bot.texts import say

Phase = Literal["early", "open", "closed"]
Also = Callable[[Work, str], None]
"""What else is to be written in the same transaction, such as who did it; told the id of what was changed."""


def _nothing(_work: Work, _id: str) -> None:
    """Is told, and writes nothing."""


@dataclass(frozen=True)
class Created:
    """A campaign that was made. `new_organisation`: its organisation was made with it."""

    campaign: Campaign
    organisation: Organisation
    new_organisation: bool


@dataclass(frozen=True)
class Shown:
    """A campaign with what belongs to it. `invitations`: oldest first, revoked ones too."""

    campaign: Campaign
    organisation: Organisation
    phase: Phase
    invitations: tuple[Invitation, ...]


@dataclass(frozen=True)
class Links:
    """The ways in of one invitation. `code`: as people type it.

    `urls`: channel -> address, for each that is set up. `missing`: channel -> which settings the others take.
    """

    invitation: Invitation
    code: str
    urls: Mapping[str, str]
    missing: Mapping[str, str]


@dataclass(frozen=True)
class Embedding:
    """What it takes to show a campaign on other sites.

    `code`: of its newest link for everybody, None where there is none. `url`: of the script, with that code.
    `host`: where everything comes from, as a Content-Security-Policy names it.
    """

    campaign: Campaign
    code: str | None
    url: str
    host: str


class Campaigns:
    """The use-cases of whoever runs campaigns, on one store; a transaction each.

    `public_url`: the address at which people reach the gateway. `telegram_bot`, `whatsapp_number`: for links
    to those channels, None where they are not set up. Everything here may raise CampaignError.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        parse: Parser,
        codes: Codes,
        signatures: Signatures,
        public_url: str,
        telegram_bot: str | None = None,
        whatsapp_number: str | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._parse = parse
        self._codes = codes
        self._signatures = signatures
        self._public_url = public_url.rstrip("/")
        self._telegram_bot = telegram_bot
        self._whatsapp_number = whatsapp_number

    # --- organisations ---

    def create_organisation(self, name: str, *, also: Also = _nothing) -> Organisation:
        """A new organisation. Raises InvalidField for a name that another one has."""
        with self._store.write() as work:
            plain = wanted.name_of("organisation", name)
            if _organisation(work, plain) is not None:
                raise InvalidField("organisation", f"{plain!r} is there already.")
            made = _add_organisation(work, plain, self._clock())
            also(work, made.id)
            work.commit()
        return made

    def organisations(self) -> list[tuple[Organisation, int]]:
        """All organisations by name, each with how many campaigns it has."""
        with self._store.read() as work:
            return [(one, len(work.campaigns(one.id))) for one in work.organisations()]

    # --- campaigns ---

    def create(self, new: NewCampaign, *, also: Also = _nothing) -> Created:
        """A new campaign, and its organisation where there is none of that name. Raises InvalidField."""
        now = self._clock()
        with self._store.write() as work:
            models = wanted.models_of(new.models, self._offered(work))
            languages = wanted.languages_of(new.languages, models)
            opens_at, closes_at = wanted.period_of(new.opens_at, new.closes_at, now)
            name = wanted.name_of("organisation", new.organisation)
            held = _organisation(work, name)
            organisation = held or _add_organisation(work, name, now)
            campaign = Campaign(
                id=secrets.token_hex(8),
                organisation_id=organisation.id,
                name=wanted.name_of("name", new.name),
                models=tuple(models),
                depth=wanted.depth_of(new.depth, models),
                languages=languages,
                segments=wanted.segments_of(new.segments),
                targets=wanted.targets_of(new.targets, models),
                anonymous=new.anonymous,
                opens_at=opens_at,
                closes_at=closes_at,
                closed_at=None,
                welcome=wanted.welcome_of(new.welcome, languages),
                contact=wanted.contact_of(new.contact),
                reminders=wanted.reminders_of(new.reminders),
                time_zone=wanted.time_zone_of(new.time_zone),
                created_at=now,
                origins=wanted.origins_of(new.origins),
                signed_only=new.signed_only,
                approve_first=new.approve_first,
                keep_days=wanted.keep_days_of(new.keep_days),
            )
            if any(same_name(one.name, campaign.name) for one in work.campaigns(organisation.id)):
                raise InvalidField("name", f"{organisation.name} has a campaign {campaign.name!r} already.")
            work.add_campaign(campaign)
            also(work, campaign.id)
            work.commit()
        return Created(campaign, organisation, held is None)

    def campaigns(self, organisation: str | None = None) -> list[Shown]:
        """All campaigns, or those of the organisation with this name; oldest first. Raises NotFound."""
        with self._store.read() as work:
            named = None
            if organisation is not None:
                named = _organisation(work, organisation)
                if named is None:
                    raise NotFound(f"There is no organisation {organisation!r}.")
            found = work.campaigns(None if named is None else named.id)
            return [self._shown(work, campaign) for campaign in found]

    def show(self, which: str) -> Shown:
        """The campaign with this id or name. Raises NotFound."""
        with self._store.read() as work:
            return self._shown(work, _campaign(work, which))

    def close(self, which: str, *, also: Also = _nothing) -> Campaign:
        """Nobody begins any more, and nobody is reminded; who has begun can finish. Raises NotFound.

        A campaign that was closed stays as it is.
        """
        now = self._clock()
        with self._store.write() as work:
            campaign = _campaign(work, which)
            if campaign.closed_at is not None:
                return campaign
            work.update_campaign(campaign.id, closed_at=now)
            also(work, campaign.id)
            work.commit()
        return replace(campaign, closed_at=now)

    def promise(
        self, which: str, *, approve_first: bool, keep_days: int | None, also: Also = _nothing
    ) -> Campaign:
        """Whether results are approved first, and how long what people said is kept.

        People were told how long, so once somebody has begun it can be made shorter only. Raises NotFound,
        NotPossible and InvalidField.
        """
        with self._store.write() as work:
            campaign = _campaign(work, which)
            days = wanted.keep_days_of(keep_days)
            longer = campaign.keep_days is not None and (days is None or days > campaign.keep_days)
            if longer and work.has_begun(campaign.id):
                raise NotPossible(
                    f"People were told that what they say is erased {campaign.keep_days} days after the end: "
                    "that can be made shorter, but no longer."
                )
            work.update_campaign(campaign.id, approve_first=approve_first, keep_days=days)
            also(work, campaign.id)
            work.commit()
        return replace(campaign, approve_first=approve_first, keep_days=days)

    def embed(
        self,
        which: str,
        *,
        origins: Sequence[str] | None = None,
        signed_only: bool | None = None,
        also: Also = _nothing,
    ) -> Embedding:
        """How other sites show a campaign, after changing which may, and what counts there; None leaves it.

        It can be changed at any time: nobody was told of it. Raises NotFound and InvalidField.
        """
        changes: dict[str, Any] = {}
        if origins is not None:
            changes["origins"] = wanted.origins_of(origins)
        if signed_only is not None:
            changes["signed_only"] = signed_only
        with self._store.write() as work:
            campaign = _campaign(work, which)
            if changes:
                work.update_campaign(campaign.id, **changes)
                also(work, campaign.id)
            invitations = work.invitations(campaign.id)
            work.commit()
        open_ones = [one for one in invitations if one.kind == "open" and one.revoked_at is None]
        code = self._codes.code("invitation", open_ones[-1].id) if open_ones else None
        parts = urlsplit(self._public_url)
        return Embedding(
            campaign=replace(campaign, **changes),
            code=code,
            url=f"{self._public_url}/widget.js" + (f"?campaign={code}" if code is not None else ""),
            host=f"{parts.scheme}://{parts.netloc}",
        )

    def signing_key(self, which: str) -> str:
        """The key with which a company's server signs what it knows of a visitor: never log it.

        It follows from the campaign and the secret, so it is always the same. Raises NotFound.
        """
        with self._store.read() as work:
            return self._signatures.key(_campaign(work, which).id)

    def status(self, which: str) -> Status:
        """How many were invited, began and finished, and where they stand. Raises NotFound."""
        with self._store.read() as work:
            shown_ = self._shown(work, _campaign(work, which))
            return status(
                work,
                self._parse,
                shown_.campaign,
                shown_.organisation,
                shown_.phase,
                shown_.invitations,
            )

    # --- invitations ---

    def invite(
        self,
        which: str,
        kind: InvitationKind,
        *,
        labels: Sequence[str] = (),
        count: int = 1,
        language: str | None = None,
        segments: Mapping[str, str] | None = None,
        also: Also = _nothing,
    ) -> list[Invitation]:
        """Make invitations: one for all, `count` for one person each, or one for each of `labels`.

        Raises NotFound, NotPossible for a campaign that is closed, and InvalidField.
        """
        now = self._clock()
        with self._store.write() as work:
            campaign = _campaign(work, which)
            if phase(campaign, now) == "closed":
                raise NotPossible(f"Campaign {campaign.name!r} is closed, so nobody can be invited to it.")
            names = _labels(campaign, kind, labels, work.invitations(campaign.id))
            if not 1 <= count <= wanted.MOST_AT_ONCE:
                raise InvalidField("count", f"1 to {wanted.MOST_AT_ONCE} is expected, not {count}.")
            if count > 1 and (names or kind == "open"):
                raise InvalidField("count", "it is for unnamed links of one person each only.")
            known = wanted.segments_of(segments or {}, campaign.segments)
            if campaign.anonymous and kind == "single" and known and count < LEAST:
                raise InvalidField(
                    "segments",
                    "in an anonymous campaign a link for one person that says where that person stands would "
                    f"tell whose answers they are; make at least {LEAST} alike at once, or an open link.",
                )
            spoken = wanted.language_of(language, campaign.languages)
            made = [
                self._invitation(
                    campaign,
                    kind,
                    names[number] if names else None,
                    spoken,
                    known,
                    # So that they keep the order in which they were named.
                    now + timedelta(microseconds=number),
                )
                for number in range(len(names) or count)
            ]
            for one in made:
                work.add_invitation(one)
                also(work, one.id)
            work.commit()
        return made

    def _invitation(
        self,
        campaign: Campaign,
        kind: InvitationKind,
        label: str | None,
        language: str | None,
        segments: Mapping[str, str],
        now: datetime,
    ) -> Invitation:
        invitation_id = secrets.token_hex(8)
        return Invitation(
            id=invitation_id,
            campaign_id=campaign.id,
            mark=self._codes.mark(self._codes.code("invitation", invitation_id)),
            kind=kind,
            label=label,
            language=language,
            segments=segments,
            created_at=now,
        )

    def invitation(self, which: str, named: str) -> Invitation:
        """The invitation of a campaign with this id or label. Raises NotFound."""
        with self._store.read() as work:
            campaign = _campaign(work, which)
            return _invitation(work.invitations(campaign.id), campaign, named)

    def links(self, campaign: Campaign, invitation: Invitation) -> Links:
        """The ways in of an invitation. Whoever has one of them can use it: never log what comes out."""
        code = self._codes.code("invitation", invitation.id)
        language = invitation.language or campaign.languages[0]
        urls = {"web": f"{self._public_url}/c/{code}"}
        missing = {}
        if self._telegram_bot is not None:
            urls["telegram"] = f"https://t.me/{self._telegram_bot}?start={code}"
        else:
            missing["telegram"] = "PEIL_TELEGRAM_TOKEN and PEIL_TELEGRAM_BOT"
        if self._whatsapp_number is not None:
            text = say(language, "campaign.whatsapp", code=shown(code))
            urls["whatsapp"] = f"https://wa.me/{self._whatsapp_number}?text={quote(text, safe='')}"
        else:
            missing["whatsapp"] = "PEIL_WHATSAPP_TOKEN and PEIL_WHATSAPP_NUMBER"
        return Links(invitation, shown(code), urls, missing)

    def revoke(self, which: str, named: str | None, *, also: Also = _nothing) -> list[Invitation]:
        """Take back the invitation with this id or label; None takes back all. Those that were not yet.

        Nobody begins with it any more; who has begun can finish. Raises NotFound.
        """
        now = self._clock()
        with self._store.write() as work:
            campaign = _campaign(work, which)
            invitations = work.invitations(campaign.id)
            meant = invitations if named is None else [_invitation(invitations, campaign, named)]
            revoked = [one for one in meant if one.revoked_at is None]
            for one in revoked:
                work.update_invitation(one.id, revoked_at=now)
                also(work, one.id)
            work.commit()
        return revoked

    # --- parts ---

    def offered(self) -> dict[str, MaturityModel]:
        """Id -> maturity model, of those that a campaign can be about."""
        with self._store.read() as work:
            return self._offered(work)

    def _offered(self, work: Work) -> dict[str, MaturityModel]:
        models = {}
        for model_id, hash_ in work.offered():
            snapshot = work.snapshot(hash_)
            if snapshot is not None:
                models[model_id] = self._parse(snapshot.content)
        return models

    def _shown(self, work: Work, campaign: Campaign) -> Shown:
        organisation = work.organisation(campaign.organisation_id)
        assert organisation is not None  # a campaign refers to it
        return Shown(
            campaign, organisation, phase(campaign, self._clock()), tuple(work.invitations(campaign.id))
        )


def phase(campaign: Campaign, now: datetime) -> Phase:
    """Whether one can begin: not yet, now, or not any more."""
    if campaign.closed_at is not None or (campaign.closes_at is not None and campaign.closes_at <= now):
        return "closed"
    if campaign.opens_at is not None and now < campaign.opens_at:
        return "early"
    return "open"


def open_invitation(work: Work, codes: Codes, code: str, now: datetime) -> tuple[Campaign, Invitation]:
    """What this code invites to, if one can begin with it now; it stays locked until the end of `work`.

    Raises InvalidCode: 'unknown', 'revoked', 'closed', 'early' (`date` and `time` say when it opens, by the
    campaign's clock, as '2026-03-02' and '09:30') or 'used'; all but the first with the campaign's id.
    """
    invitation = work.invitation_by_mark(codes.mark(code))
    campaign = None if invitation is None else work.campaign(invitation.campaign_id)
    if invitation is None or campaign is None:
        raise InvalidCode("unknown")
    if invitation.revoked_at is not None:
        raise InvalidCode("revoked", campaign_id=campaign.id)
    where = phase(campaign, now)
    if where == "closed":
        raise InvalidCode("closed", campaign_id=campaign.id)
    if where == "early" and campaign.opens_at is not None:
        opens = campaign.opens_at.astimezone(ZoneInfo(campaign.time_zone))
        raise InvalidCode("early", campaign_id=campaign.id, date=f"{opens:%Y-%m-%d}", time=f"{opens:%H:%M}")
    if invitation.kind == "single" and invitation.uses:
        raise InvalidCode("used", campaign_id=campaign.id)
    return campaign, invitation


def use_invitation(work: Work, invitation: Invitation) -> None:
    """Count that somebody begins with it, in the transaction in which `open_invitation` has locked it."""
    work.update_invitation(invitation.id, uses=invitation.uses + 1)


def _add_organisation(work: Work, name: str, now: datetime) -> Organisation:
    made = Organisation(id=secrets.token_hex(8), name=name, created_at=now)
    work.add_organisation(made)
    return made


def _organisation(work: Work, name: str) -> Organisation | None:
    return next((one for one in work.organisations() if same_name(one.name, name)), None)


def _campaign(work: Work, which: str) -> Campaign:
    """The campaign with this id, or else with this name. Raises NotFound."""
    found = work.campaign(which)
    if found is not None:
        return found
    named = [one for one in work.campaigns() if same_name(one.name, which)]
    if len(named) > 1:
        ids = ", ".join(one.id for one in named)
        raise NotFound(f"Several campaigns are called {which!r}; name one by its id: {ids}.")
    if not named:
        raise NotFound(f"There is no campaign {which!r}.")
    return named[0]


def _invitation(invitations: Sequence[Invitation], campaign: Campaign, named: str) -> Invitation:
    """The one with this id, or else the newest with this label. Raises NotFound."""
    for one in invitations:
        if one.id == named:
            return one
    labelled = [one for one in invitations if one.label is not None and same_name(one.label, named)]
    if not labelled:
        raise NotFound(f"Campaign {campaign.name!r} has no invitation {named!r}.")
    return labelled[-1]


def _labels(
    campaign: Campaign, kind: InvitationKind, labels: Sequence[str], held: Sequence[Invitation]
) -> list[str]:
    """The names to put on links. Raises InvalidField where there can be none, or one is there already."""
    if not labels:
        return []
    if campaign.anonymous:
        raise InvalidField(
            "label", "this campaign is anonymous: nothing may say whom a link is for. Leave the name out."
        )
    if kind == "open":
        raise InvalidField("label", "a name is for a link of one person; an open link is for all.")
    names = [wanted.name_of("label", one) for one in labels]
    taken = [one.label for one in held if one.label is not None and one.revoked_at is None]
    for number, name in enumerate(names):
        if any(same_name(name, other) for other in (*taken, *names[:number])):
            raise InvalidField("label", f"there is an invitation for {name!r} already.")
    return names
