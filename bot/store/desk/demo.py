"""Taking away what `peil demo` has made: the only thing that removes an organisation."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from bot.store import tables as t
from bot.store.desk.part import Part


class DemoWork(Part):
    """Removing one invented organisation, after the conversations of its campaigns have gone."""

    def conversation_ids_of(self, organisation_id: str) -> list[str]:
        """The conversations of an organisation's campaigns, whoever has agreed or not."""
        return list(
            self._connection.execute(
                sa.select(t.conversations.c.id)
                .join(t.campaigns, t.campaigns.c.id == t.conversations.c.campaign_id)
                .where(t.campaigns.c.organisation_id == organisation_id)
            ).scalars()
        )

    def remove_organisation(self, organisation_id: str) -> None:
        """Delete an organisation whose conversations are gone, its campaigns and what was made of those."""
        ours = sa.select(t.campaigns.c.id).where(t.campaigns.c.organisation_id == organisation_id)
        editions = sa.select(t.editions.c.id).where(t.editions.c.campaign_id.in_(ours))
        for statement in (
            t.desk_shares.delete().where(t.desk_shares.c.edition_id.in_(editions)),
            t.editions.delete().where(t.editions.c.campaign_id.in_(ours)),
            t.plans.delete().where(t.plans.c.campaign_id.in_(ours)),
            t.desk_notes.delete().where(t.desk_notes.c.campaign_id.in_(ours)),
            t.invitations.delete().where(t.invitations.c.campaign_id.in_(ours)),
            t.campaigns.delete().where(t.campaigns.c.organisation_id == organisation_id),
            t.privacy_requests.delete().where(t.privacy_requests.c.organisation_id == organisation_id),
            t.user_organisations.delete().where(t.user_organisations.c.organisation_id == organisation_id),
            t.organisations.delete().where(t.organisations.c.id == organisation_id),
        ):
            self._connection.execute(statement)

    def remove_unused_users(self, emails: Collection[str]) -> int:
        """Delete the users with these addresses who cannot sign in and of whom nothing remains; how many."""
        left = [
            sa.exists().where(table.c.user_id == t.users.c.id)
            for table in t.metadata.sorted_tables
            if table is not t.audit and any(key.column is t.users.c.id for key in table.foreign_keys)
        ]
        done = self._connection.execute(
            t.users.delete().where(
                t.users.c.email.in_(emails), t.users.c.password.is_(None), *(~one for one in left)
            )
        )
        return int(done.rowcount)
