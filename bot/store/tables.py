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
_BYTES = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")

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
    sa.Column("approve_first", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("keep_days", sa.Integer),
    sa.Column("invented", sa.Boolean, nullable=False, server_default=sa.false()),
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
    sa.Column("quoting", sa.String(3)),
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
# When people said something, without the lines themselves, which are long.
sa.Index(
    "ix_transcript_said",
    transcript.c.conversation_id,
    transcript.c.seq,
    transcript.c.at,
    transcript.c.turn_id,
    sqlite_where=sa.text("role = 'user'"),
    postgresql_where=sa.text("role = 'user'"),
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
    sa.Column("approved_at", UtcTime),
    # No foreign key: it belongs to a table that comes below, and stays when that person leaves.
    sa.Column("approved_by", sa.String(16)),
)

sa.Index("ix_assessments_started_at_id", assessments.c.started_at, assessments.c.id)

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

# The newest answer of a run tells whether what was computed from its answers still holds (docs/adr/0023).
sa.Index("ix_answers_assessment_id_id", answers.c.assessment_id, answers.c.id)

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

# --- the desk: those who run campaigns, and what they make of what was said ---

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    # In small letters, since that is how it is compared.
    sa.Column("email", sa.String(254), nullable=False, unique=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    # As argon2 writes it; None until an invitation was taken up.
    sa.Column("password", sa.Text),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("disabled_at", UtcTime),
)

user_organisations = sa.Table(
    "user_organisations",
    metadata,
    sa.Column("user_id", sa.ForeignKey("users.id"), primary_key=True),
    sa.Column("organisation_id", sa.ForeignKey("organisations.id"), primary_key=True, index=True),
)

user_invitations = sa.Table(
    "user_invitations",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    # Keyed hash of the code in the address.
    sa.Column("mark", sa.String(64), nullable=False, unique=True),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False, index=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
)

desk_sessions = sa.Table(
    "desk_sessions",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    # Keyed hash of what the cookie holds.
    sa.Column("mark", sa.String(64), nullable=False, unique=True),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False, index=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("ended_at", UtcTime),
    # 'Firefox, Linux': enough to know one's own by.
    sa.Column("device", sa.String(80), nullable=False),
)

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    # `mark`: keyed hash of the address that was typed, whoever it belongs to.
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("mark", sa.String(64), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)
sa.Index("ix_sign_in_failures_mark_at", sign_in_failures.c.mark, sign_in_failures.c.at)

judgements = sa.Table(
    "judgements",
    metadata,
    # Append-only, as answers are: the newest counts. `level` None: taken back.
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("assessment_id", sa.ForeignKey("assessments.id", ondelete=_GONE_TOO), nullable=False),
    sa.Column("item_id", sa.String(81), nullable=False),
    # The answer that was judged; no foreign key, since it may be judged that nothing was answered.
    sa.Column("answer_id", sa.Integer),
    sa.Column("level", sa.Integer),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)
sa.Index("ix_judgements_assessment_id_item_id", judgements.c.assessment_id, judgements.c.item_id)

said_words = sa.Table(
    "said_words",
    metadata,
    # What respondents typed, word by word, to be found by: folded (bot.assessment.searching), once for each
    # conversation, with the line of the transcript that held it first. Ordered byte by byte, so that a
    # beginning is a range.
    sa.Column("word", _BYTES, primary_key=True),
    sa.Column(
        "conversation_id",
        sa.ForeignKey("conversations.id", ondelete=_GONE_TOO),
        primary_key=True,
        index=True,
    ),
    sa.Column("seq", sa.Integer, nullable=False),
)

desk_notes = sa.Table(
    "desk_notes",
    metadata,
    # On a campaign, a respondent's assessment, or one answer of it (`item_id`).
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), index=True),
    sa.Column("assessment_id", sa.ForeignKey("assessments.id", ondelete=_GONE_TOO), index=True),
    sa.Column("item_id", sa.String(81)),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

review_marks = sa.Table(
    "review_marks",
    metadata,
    # `item_id` is empty where it is about the whole. `mark`: 'follow_up' or 'agreed'.
    sa.Column("assessment_id", sa.ForeignKey("assessments.id", ondelete=_GONE_TOO), primary_key=True),
    sa.Column("item_id", sa.String(81), primary_key=True),
    sa.Column("mark", sa.String(10), nullable=False),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

questions = sa.Table(
    "questions",
    metadata,
    # A consultant asks a respondent. `seq`: the line of the transcript that asks; `answer_turn`: the turn in
    # which it was answered, whose words stand in the transcript.
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column(
        "conversation_id", sa.ForeignKey("conversations.id", ondelete=_GONE_TOO), nullable=False, index=True
    ),
    sa.Column("assessment_id", sa.ForeignKey("assessments.id", ondelete=_GONE_TOO), index=True),
    sa.Column("item_id", sa.String(81)),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("seq", sa.Integer),
    sa.Column("answer_turn", sa.String(32)),
    sa.Column("answered_at", UtcTime),
    sa.Column("withdrawn_at", UtcTime),
    # The person would rather not answer; was told once more that it waits.
    sa.Column("declined_at", UtcTime),
    sa.Column("recalled_at", UtcTime),
)

plans = sa.Table(
    "plans",
    metadata,
    # Advice as a consultant edits and signs it, of one assessment, or of a campaign with one maturity model.
    # What was signed is never changed: editing goes on in a next version. `revision` counts changes of one.
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("assessment_id", sa.ForeignKey("assessments.id", ondelete=_GONE_TOO)),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id")),
    sa.Column("model_id", sa.String(40), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.Column("signed_at", UtcTime),
    # The name as it was then: it stands below the advice.
    sa.Column("signed_by", sa.String(80)),
    sa.Column("withdrawn_at", UtcTime),
    sa.UniqueConstraint("assessment_id", "version"),
    sa.UniqueConstraint("campaign_id", "model_id", "version"),
)

standings = sa.Table(
    "standings",
    metadata,
    # Scores that follow from the answers up to `upto` (docs/adr/0023); made anew once there are later ones.
    sa.Column("assessment_id", sa.ForeignKey("assessments.id", ondelete=_GONE_TOO), primary_key=True),
    sa.Column("upto", sa.Integer, nullable=False),
    sa.Column("overall", sa.Float, index=True),
    sa.Column("scores", sa.JSON, nullable=False),
)

editions = sa.Table(
    "editions",
    metadata,
    # A comparison as viewers and shared views show it, fixed when it was published. `members`: group -> ids
    # of assessments, so that a next edition cannot be subtracted from it.
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False, index=True),
    sa.Column("model_id", sa.String(40), nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("members", sa.JSON, nullable=False),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

desk_shares = sa.Table(
    "desk_shares",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("edition_id", sa.ForeignKey("editions.id"), nullable=False, index=True),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("label", sa.String(120), nullable=False),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("ended_at", UtcTime),
)

privacy_requests = sa.Table(
    "privacy_requests",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("organisation_id", sa.ForeignKey("organisations.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(5), nullable=False),
    # Who asks, as the consultant wrote it down; goes when the request is done.
    sa.Column("who", sa.Text),
    # No foreign key: a request to erase outlives what was erased.
    sa.Column("conversation_id", sa.String(32)),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("done_at", UtcTime),
    sa.Column("outcome", sa.String(12)),
)

audit = sa.Table(
    "audit",
    metadata,
    # Who saw or changed what. Triggers refuse to change or delete a row (migration 0008). No foreign keys:
    # a line stays true when what it is about has gone; and no words of people in it, only ids.
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("user_id", sa.String(16)),
    sa.Column("role", sa.String(10)),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("object_id", sa.String(32)),
    sa.Column("organisation_id", sa.String(16)),
    sa.Column("detail", sa.JSON, nullable=False),
)
sa.Index("ix_audit_at", audit.c.at)
# It is read backwards, a page at a time, by consultants within their own organisations.
sa.Index("ix_audit_organisation_id_id", audit.c.organisation_id, audit.c.id)

OF_PEOPLE = (
    inbox,
    transcript,
    said_words,
    judgements,
    desk_notes,
    review_marks,
    questions,
    plans,
    standings,
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

NAMES = (invitations, privacy_requests)
"""Tables in which a person can be named, though a row stays when that person is erased."""
