"""The tables. Migrations make them; a test holds both against each other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class UtcTime(sa.types.TypeDecorator[datetime]):
    """A point in time, always UTC: SQLite has no time zones, PostgreSQL would answer in the session's."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse a time without a zone: it would be read as UTC silently."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give the time back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# A person's rows go with the conversation: whatever table comes later, ON DELETE CASCADE is the rule.
_GONE_TOO = "CASCADE"

definitions = sa.Table(
    "definitions",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("model_id", sa.String(40), nullable=False),
    sa.Column("version", sa.String(20), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("published_at", UtcTime, nullable=False),
    sa.Column("offered", sa.Boolean, nullable=False),
)

organisations = sa.Table(
    "organisations",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, unique=True),
    sa.Column("created_at", UtcTime, nullable=False),
)

campaigns = sa.Table(
    "campaigns",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("organisation_id", sa.ForeignKey("organisations.id"), nullable=False, index=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("models", sa.JSON, nullable=False),
    sa.Column("depth", sa.String(5)),
    sa.Column("languages", sa.JSON, nullable=False),
    sa.Column("segments", sa.JSON, nullable=False),
    sa.Column("targets", sa.JSON(none_as_null=True)),
    sa.Column("anonymous", sa.Boolean, nullable=False),
    sa.Column("opens_at", UtcTime),
    sa.Column("closes_at", UtcTime),
    sa.Column("closed_at", UtcTime),
    sa.Column("welcome", sa.JSON, nullable=False),
    sa.Column("contact", sa.Text),
    sa.Column("reminders", sa.Integer, nullable=False),
    sa.Column("time_zone", sa.String(64), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("origins", sa.JSON, nullable=False),
    sa.Column("signed_only", sa.Boolean, nullable=False, server_default=sa.false()),
)

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False, index=True),
    sa.Column("mark", sa.String(64), nullable=False, unique=True),
    sa.Column("kind", sa.String(6), nullable=False),
    sa.Column("label", sa.String(120)),
    sa.Column("language", sa.String(2)),
    sa.Column("segments", sa.JSON, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("revoked_at", UtcTime),
    sa.Column("uses", sa.Integer, nullable=False, server_default="0"),
)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("consent", sa.String(10), nullable=False),
    sa.Column("assessment_id", sa.String(16)),
    sa.Column("pending", sa.JSON(none_as_null=True)),
    sa.Column("misunderstood", sa.Integer, nullable=False, server_default="0"),
    sa.Column("prefill", sa.JSON, nullable=False),
    sa.Column("segments", sa.JSON(none_as_null=True)),
    sa.Column("last_seq", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("last_seen_at", UtcTime, nullable=False),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), index=True),
    sa.Column("invitation_id", sa.ForeignKey("invitations.id")),
    # No foreign key: accounts refer to conversations, and they go together.
    sa.Column("account_id", sa.String(16)),
    sa.Column("reminding", sa.JSON(none_as_null=True)),
    sa.Column("web_until", sa.Integer),
    sa.Column("reference", sa.String(64)),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("turn_id", sa.String(32), nullable=False, unique=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id", ondelete=_GONE_TOO), nullable=False),
    sa.Column("message_id", sa.String(64), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("button", sa.String(64)),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("done_at", UtcTime),
    sa.Column("event", sa.JSON(none_as_null=True)),
    sa.Column("account_id", sa.String(16)),
    # The conversation first: a conversation is erased by it.
    sa.UniqueConstraint("conversation_id", "channel", "message_id"),
)
sa.Index(
    "ix_inbox_open",
    inbox.c.id,
    sqlite_where=inbox.c.done_at.is_(None),
    postgresql_where=inbox.c.done_at.is_(None),
)

transcript = sa.Table(
    "transcript",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id", ondelete=_GONE_TOO), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("public_id", sa.String(64), nullable=False),
    sa.Column("turn_id", sa.String(32), index=True),
    sa.Column("role", sa.String(4), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("buttons", sa.JSON(none_as_null=True)),
    sa.Column("picture_id", sa.String(32)),
    sa.Column("shown", sa.JSON(none_as_null=True)),
    sa.Column("at", UtcTime, nullable=False),
    sa.UniqueConstraint("conversation_id", "seq"),
    sa.UniqueConstraint("conversation_id", "public_id"),
)

assessments = sa.Table(
    "assessments",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column(
        "conversation_id", sa.ForeignKey("conversations.id", ondelete=_GONE_TOO), nullable=False, index=True
    ),
    sa.Column("definition_hash", sa.ForeignKey("definitions.hash"), nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("current_item", sa.String(81)),
    sa.Column("started_at", UtcTime, nullable=False),
    sa.Column("completed_at", UtcTime),
    sa.Column("business_line", sa.String(4)),
    sa.Column("depth", sa.String(5), nullable=False, server_default="full"),
    sa.Column("targets", sa.JSON(none_as_null=True)),
    sa.Column("placed", sa.JSON(none_as_null=True)),
)

placers = sa.Table(
    "placers",
    metadata,
    # What places own words at the levels of a definition, as it was trained when that was published.
    sa.Column("definition_hash", sa.ForeignKey("definitions.hash"), primary_key=True),
    sa.Column("recipe", sa.String(64), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

placements = sa.Table(
    "placements",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("assessment_id", sa.ForeignKey("assessments.id", ondelete=_GONE_TOO), nullable=False),
    sa.Column("item_id", sa.String(81), nullable=False),
    sa.Column("turn_id", sa.String(32), nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("certainty", sa.String(7), nullable=False),
    sa.Column("likely", sa.JSON, nullable=False),
    sa.Column("quote", sa.Text, nullable=False),
    sa.Column("ahead", sa.Boolean, nullable=False),
    sa.Column("declined", sa.Boolean, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    # The words of a turn are placed at an item at most once, however often it is tried.
    sa.UniqueConstraint("assessment_id", "item_id", "turn_id"),
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("assessment_id", sa.ForeignKey("assessments.id", ondelete=_GONE_TOO), nullable=False),
    sa.Column("item_id", sa.String(81), nullable=False),
    sa.Column("kind", sa.String(14), nullable=False),
    sa.Column("value", sa.Integer),
    sa.Column("detail", sa.JSON(none_as_null=True)),
    sa.Column("supersedes", sa.Integer, sa.ForeignKey("answers.id", ondelete=_GONE_TOO), unique=True),
    sa.Column("turn_id", sa.String(32), nullable=False),
    sa.Column("by", sa.String(12), nullable=False),
    sa.Column("words", sa.Text),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("placement_id", sa.ForeignKey("placements.id", ondelete=_GONE_TOO), index=True),
    # A turn answers an item at most once, however often it is tried.
    sa.UniqueConstraint("assessment_id", "item_id", "turn_id"),
)

pictures = sa.Table(
    "pictures",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column(
        "conversation_id", sa.ForeignKey("conversations.id", ondelete=_GONE_TOO), nullable=False, index=True
    ),
    sa.Column(
        "assessment_id", sa.ForeignKey("assessments.id", ondelete=_GONE_TOO), nullable=False, index=True
    ),
    sa.Column("spec", sa.Text, nullable=False),
    sa.Column("alt", sa.Text, nullable=False),
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column(
        "conversation_id", sa.ForeignKey("conversations.id", ondelete=_GONE_TOO), nullable=False, index=True
    ),
    sa.Column("assessment_id", sa.ForeignKey("assessments.id", ondelete=_GONE_TOO), index=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("device", sa.String(64)),
    sa.Column("ended_at", UtcTime),
)

help_requests = sa.Table(
    "help_requests",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column(
        "conversation_id", sa.ForeignKey("conversations.id", ondelete=_GONE_TOO), nullable=False, index=True
    ),
    sa.Column("assessment_id", sa.ForeignKey("assessments.id", ondelete=_GONE_TOO), index=True),
    sa.Column("item_id", sa.String(81)),
    sa.Column("contact", sa.Text),
    sa.Column("at", UtcTime, nullable=False),
)

handovers = sa.Table(
    "handovers",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("mark", sa.String(64), nullable=False, unique=True),
    sa.Column(
        "conversation_id", sa.ForeignKey("conversations.id", ondelete=_GONE_TOO), nullable=False, index=True
    ),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
    sa.Column("device", sa.String(64)),
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("mark", sa.String(64), nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column(
        "conversation_id", sa.ForeignKey("conversations.id", ondelete=_GONE_TOO), nullable=False, index=True
    ),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("heard_at", UtcTime, nullable=False),
    sa.Column("sent_seq", sa.Integer, nullable=False, server_default="0"),
    sa.Column("sent_part", sa.Integer, nullable=False, server_default="0"),
    sa.Column("until_seq", sa.Integer),
    sa.Column("blocked_at", UtcTime),
    sa.Column("keyboard", sa.String(128)),
    sa.Column("knocked_seq", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("channel", "mark", "conversation_id"),
)

spent = sa.Table(
    "spent",
    metadata,
    # Keyed hash of channel, account and message id: a message whose conversation was erased since, so that a
    # repeat of it is not taken for a new one. It tells nothing of anybody, and goes after some days.
    sa.Column("mark", sa.String(64), primary_key=True),
    sa.Column("at", UtcTime, nullable=False, index=True),
)

OF_PEOPLE = (
    inbox,
    transcript,
    answers,
    placements,
    pictures,
    links,
    help_requests,
    assessments,
    handovers,
    accounts,
    conversations,
)
"""Every table that holds something of a person."""
