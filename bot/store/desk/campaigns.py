"""What the desk asks of organisations, campaigns, privacy requests and retention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.assessment.records import (
    Campaign,
    CampaignCount,
    CampaignNote,
    Conversation,
    FoundPerson,
    Organisation,
    PrivacyRequest,
)
from bot.store import tables as t
from bot.store.desk.part import Part


def _campaign(values: Mapping[str, Any]) -> Campaign:
    named = dict(values)
    return Campaign(**named | {name: tuple(named[name]) for name in ("models", "languages", "origins")})


def _conversation(values: Mapping[str, Any]) -> Conversation:
    named = {column.name: values[column.name] for column in t.conversations.c if column.name != "last_seq"}
    return Conversation(**named | {"segments": named["segments"] or {}})


class CampaignsWork(Part):
    """Pages of organisations and campaigns: a fixed number of queries each, bounded by the page."""

    def organisations_page(
        self, organisation_ids: Sequence[str] | None, limit: int, offset: int
    ) -> list[Organisation]:
        """Some of these organisations, or of all, by name."""
        c = t.organisations.c
        statement = sa.select(t.organisations).order_by(c.name).limit(limit).offset(offset)
        if organisation_ids is not None:
            statement = statement.where(c.id.in_(organisation_ids))
        return [Organisation(**dict(row._mapping)) for row in self._connection.execute(statement)]

    def newest_campaigns(self, organisation_ids: Sequence[str], each: int) -> dict[str, list[Campaign]]:
        """Organisation id -> its newest campaigns, at most `each`, the newest first."""
        c = t.campaigns.c
        place = (
            sa.func.row_number()
            .over(partition_by=c.organisation_id, order_by=(c.created_at.desc(), c.id.desc()))
            .label("place_")
        )
        ranked = sa.select(c.id, place).where(c.organisation_id.in_(organisation_ids)).subquery()
        rows = self._connection.execute(
            sa.select(t.campaigns)
            .join(ranked, ranked.c.id == c.id)
            .where(ranked.c.place_ <= each)
            .order_by(c.created_at.desc(), c.id.desc())
        )
        found: dict[str, list[Campaign]] = {}
        for row in rows:
            found.setdefault(row.organisation_id, []).append(_campaign(dict(row._mapping)))
        return found

    def campaigns_page(self, organisation_id: str, limit: int, offset: int) -> list[Campaign]:
        """Some campaigns of an organisation, the newest first."""
        c = t.campaigns.c
        rows = self._connection.execute(
            sa.select(t.campaigns)
            .where(c.organisation_id == organisation_id)
            .order_by(c.created_at.desc(), c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        return [_campaign(dict(row._mapping)) for row in rows]

    def closing_campaigns(
        self, organisation_ids: Sequence[str] | None, after: datetime, until: datetime, limit: int
    ) -> list[Campaign]:
        """Campaigns of these organisations, or of all, that close by themselves in between; soonest first."""
        c = t.campaigns.c
        statement = (
            sa.select(t.campaigns)
            .where(c.closed_at.is_(None), c.closes_at > after, c.closes_at <= until)
            .order_by(c.closes_at, c.id)
            .limit(limit)
        )
        if organisation_ids is not None:
            statement = statement.where(c.organisation_id.in_(organisation_ids))
        return [_campaign(dict(row._mapping)) for row in self._connection.execute(statement)]

    def campaign_counts(self, campaign_ids: Sequence[str]) -> dict[str, CampaignCount]:
        """Campaign id -> how many were invited, have agreed, have a result."""
        i, c, s = t.invitations.c, t.conversations.c, t.assessments.c
        invited = sa.select(i.campaign_id, sa.func.count()).where(
            i.campaign_id.in_(campaign_ids), i.kind == "single", sa.or_(i.revoked_at.is_(None), i.uses > 0)
        )
        started = sa.select(c.campaign_id, sa.func.count()).where(
            c.campaign_id.in_(campaign_ids), c.consent == "given"
        )
        finished = (
            sa.select(c.campaign_id, sa.func.count(sa.distinct(c.id)))
            .join(t.assessments, s.conversation_id == c.id)
            .where(c.campaign_id.in_(campaign_ids), c.consent == "given", s.status == "completed")
        )
        three = [
            {row[0]: int(row[1]) for row in self._connection.execute(statement.group_by(column))}
            for statement, column in (
                (invited, i.campaign_id),
                (started, c.campaign_id),
                (finished, c.campaign_id),
            )
        ]
        return {one: CampaignCount(*(counted.get(one, 0) for counted in three)) for one in campaign_ids}

    # --- notes on a campaign ---

    def campaign_notes(self, campaign_id: str, limit: int) -> list[CampaignNote]:
        """The newest notes on a campaign, the newest first."""
        n = t.desk_notes.c
        rows = self._connection.execute(
            sa.select(n.id, n.campaign_id, n.text, n.user_id, t.users.c.name.label("by"), n.at)
            .join(t.users, t.users.c.id == n.user_id)
            .where(n.campaign_id == campaign_id)
            .order_by(n.id.desc())
            .limit(limit)
        )
        return [CampaignNote(**dict(row._mapping)) for row in rows]

    def add_campaign_note(self, campaign_id: str, text: str, user_id: str, at: datetime) -> int:
        """Keep a note; its id."""
        return int(
            self._connection.execute(
                t.desk_notes.insert()
                .values(campaign_id=campaign_id, text=text, user_id=user_id, at=at)
                .returning(t.desk_notes.c.id)
            ).scalar_one()
        )

    def delete_campaign_note(self, campaign_id: str, note_id: int, user_id: str) -> bool:
        """Delete a note of this user; False where there is none."""
        n = t.desk_notes.c
        return bool(
            self._connection.execute(
                t.desk_notes.delete().where(
                    n.id == note_id, n.campaign_id == campaign_id, n.user_id == user_id
                )
            ).rowcount
        )

    # --- requests to see or erase ---

    def add_privacy_request(self, request: PrivacyRequest) -> None:
        """Keep a request."""
        self._connection.execute(t.privacy_requests.insert().values(**asdict(request)))

    def update_privacy_request(self, request_id: str, **changes: Any) -> None:
        """Change fields of a request."""
        self._connection.execute(
            t.privacy_requests.update().where(t.privacy_requests.c.id == request_id).values(**changes)
        )

    def privacy_request(self, request_id: str) -> PrivacyRequest | None:
        """The request with this id, locked until the end of a writing transaction; None for none."""
        statement = sa.select(t.privacy_requests).where(t.privacy_requests.c.id == request_id)
        if not self._connection.get_execution_options().get("peil_reading"):
            statement = statement.with_for_update()
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else PrivacyRequest(**dict(row._mapping))

    def privacy_requests(
        self, organisation_ids: Sequence[str] | None, limit: int, offset: int
    ) -> list[tuple[PrivacyRequest, str]]:
        """Requests in these organisations, or in all, each with the organisation's name.

        What is still to be done comes first; then the newest first.
        """
        r = t.privacy_requests.c
        statement = (
            sa.select(t.privacy_requests, t.organisations.c.name.label("name_"))
            .join(t.organisations, t.organisations.c.id == r.organisation_id)
            .order_by(r.done_at.is_not(None), r.at.desc(), r.id)
            .limit(limit)
            .offset(offset)
        )
        if organisation_ids is not None:
            statement = statement.where(r.organisation_id.in_(organisation_ids))
        found = []
        for row in self._connection.execute(statement):
            values = dict(row._mapping)
            name = values.pop("name_")
            found.append((PrivacyRequest(**values), name))
        return found

    def find_people(
        self, organisation_id: str, text: str, limit: int, conversation_id: str | None = None
    ) -> list[FoundPerson]:
        """Whom this may be, in the organisation's campaigns by name.

        `text`: part of the name on the invitation, of what the site calls them, or of what was left with a
        wish for a person; or the whole code of the conversation. `conversation_id`: only this one, whatever
        the text.
        """
        c, k, i = t.conversations.c, t.campaigns.c, t.invitations.c

        def holds(column: Any) -> sa.ColumnElement[bool]:
            return sa.func.lower(column).contains(text.lower(), autoescape=True)

        said = (
            sa.exists()
            .where(t.help_requests.c.conversation_id == c.id, holds(t.help_requests.c.contact))
            .correlate(t.conversations)
        )
        told = (
            sa.select(sa.func.max(t.help_requests.c.contact))
            .where(t.help_requests.c.conversation_id == c.id)
            .correlate(t.conversations)
            .scalar_subquery()
        )
        meant = (
            c.id == conversation_id
            if conversation_id is not None
            else sa.or_(holds(i.label), holds(c.reference), said, c.id == text)
        )
        rows = self._connection.execute(
            sa.select(
                t.conversations, k.name.label("campaign_"), i.label.label("label_"), told.label("contact_")
            )
            .join(t.campaigns, k.id == c.campaign_id)
            .outerjoin(t.invitations, i.id == c.invitation_id)
            .where(k.organisation_id == organisation_id, k.anonymous.is_(False), meant)
            .order_by(c.created_at.desc(), c.id)
            .limit(limit)
        )
        return [
            FoundPerson(_conversation(dict(row._mapping)), row.campaign_, row.label_, row.contact_)
            for row in rows
        ]

    def has_anonymous(self, organisation_id: str) -> bool:
        """Whether the organisation has a campaign in which nobody can be found."""
        k = t.campaigns.c
        return (
            self._connection.execute(
                sa.select(k.id).where(k.organisation_id == organisation_id, k.anonymous.is_(True)).limit(1)
            ).first()
            is not None
        )

    def forget_labels_of(self, conversation_ids: Sequence[str]) -> None:
        """Take the names off the invitations with which these conversations were begun."""
        c = t.conversations.c
        used = sa.select(c.invitation_id).where(c.id.in_(conversation_ids), c.invitation_id.is_not(None))
        self._connection.execute(
            t.invitations.update().where(t.invitations.c.id.in_(used)).values(label=None)
        )

    # --- retention ---

    def campaigns_that_end(self) -> list[Campaign]:
        """The campaigns of which it was said how long what people said is kept."""
        c = t.campaigns.c
        rows = self._connection.execute(
            sa.select(t.campaigns).where(c.keep_days.is_not(None)).order_by(c.created_at, c.id)
        )
        return [_campaign(dict(row._mapping)) for row in rows]

    def conversations_to_go(self, campaign_id: str, unused_since: datetime | None, limit: int) -> list[str]:
        """Ids of a campaign's conversations, or of those that were not used since then; oldest first."""
        c = t.conversations.c
        statement = (
            sa.select(c.id).where(c.campaign_id == campaign_id).order_by(c.last_seen_at, c.id).limit(limit)
        )
        if unused_since is not None:
            statement = statement.where(c.last_seen_at <= unused_since)
        return [row.id for row in self._connection.execute(statement)]

    def kept_conversations(self, campaign_id: str) -> tuple[int, datetime | None]:
        """How many conversations a campaign has, and when the one that was left longest was last used."""
        c = t.conversations.c
        row = self._connection.execute(
            sa.select(
                sa.func.count().label("n"), sa.type_coerce(sa.func.min(c.last_seen_at), t.UtcTime).label("at")
            ).where(c.campaign_id == campaign_id)
        ).one()
        return int(row.n), row.at

    def forget_labels(self, campaign_id: str) -> int:
        """Take the names off all invitations of a campaign; how many had one."""
        c = t.invitations.c
        return self._connection.execute(
            t.invitations.update()
            .where(c.campaign_id == campaign_id, c.label.is_not(None))
            .values(label=None)
        ).rowcount

    # --- what consultants made of it, for the file of a person ---

    def of_consultants(self, conversation_id: str) -> dict[str, list[dict[str, Any]]]:
        """Table -> rows that somebody at the desk wrote about this person, oldest first.

        Without who wrote them: that is somebody else's.
        """
        runs = sa.select(t.assessments.c.id).where(t.assessments.c.conversation_id == conversation_id)
        found: dict[str, list[dict[str, Any]]] = {}
        for table, order in (
            (t.judgements, t.judgements.c.id),
            (t.desk_notes, t.desk_notes.c.id),
            (t.review_marks, t.review_marks.c.at),
            (t.plans, t.plans.c.created_at),
            (t.standings, t.standings.c.assessment_id),
        ):
            rows = self._connection.execute(
                sa.select(table).where(table.c.assessment_id.in_(runs)).order_by(order)
            )
            found[table.name] = [dict(row._mapping) for row in rows]
        asked = self._connection.execute(
            sa.select(t.questions)
            .where(t.questions.c.conversation_id == conversation_id)
            .order_by(t.questions.c.at)
        )
        found["questions"] = [dict(row._mapping) for row in asked]
        return found
