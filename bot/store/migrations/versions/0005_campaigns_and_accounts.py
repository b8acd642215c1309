"""Organisations, campaigns, invitations, handovers, and the chat accounts in which conversations are held."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("name", name=op.f("uq_organisations_name")),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("organisation_id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("depth", sa.String(5), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("segments", sa.JSON(), nullable=False),
        sa.Column("targets", sa.JSON(), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("welcome", sa.JSON(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_campaigns_organisation_id_organisations")
        ),
    )
    op.create_index(op.f("ix_campaigns_organisation_id"), "campaigns", ["organisation_id"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("campaign_id", sa.String(16), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("label", sa.String(120), nullable=True),
        sa.Column("language", sa.String(2), nullable=True),
        sa.Column("segments", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_invitations_campaign_id_campaigns")
        ),
        sa.UniqueConstraint("mark", name=op.f("uq_invitations_mark")),
    )
    op.create_index(op.f("ix_invitations_campaign_id"), "invitations", ["campaign_id"])
    with op.batch_alter_table("conversations") as batch:
        batch.add_column(sa.Column("campaign_id", sa.String(16), nullable=True))
        batch.add_column(sa.Column("invitation_id", sa.String(16), nullable=True))
        batch.add_column(sa.Column("account_id", sa.String(16), nullable=True))
        batch.add_column(sa.Column("reminding", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("web_until", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_conversations_campaign_id_campaigns"), "campaigns", ["campaign_id"], ["id"]
        )
        batch.create_foreign_key(
            op.f("fk_conversations_invitation_id_invitations"), "invitations", ["invitation_id"], ["id"]
        )
    op.create_index(op.f("ix_conversations_campaign_id"), "conversations", ["campaign_id"])
    op.add_column("inbox", sa.Column("event", sa.JSON(), nullable=True))
    op.add_column("inbox", sa.Column("account_id", sa.String(16), nullable=True))
    op.create_table(
        "handovers",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("mark", name=op.f("uq_handovers_mark")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_handovers_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_handovers_conversation_id"), "handovers", ["conversation_id"])
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_seq", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("sent_part", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("until_seq", sa.Integer(), nullable=True),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("keyboard", sa.String(128), nullable=True),
        sa.Column("knocked_seq", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("channel", "mark", "conversation_id", name=op.f("uq_accounts_channel_mark_conversation_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_accounts_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_accounts_conversation_id"), "accounts", ["conversation_id"])
    op.create_table(
        "spent",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_spent")),
    )
    op.create_index(op.f("ix_spent_at"), "spent", ["at"])


def downgrade() -> None:
    op.drop_table("spent")
    op.drop_table("accounts")
    op.drop_table("handovers")
    op.drop_column("inbox", "account_id")
    op.drop_column("inbox", "event")
    op.drop_index("ix_conversations_campaign_id", "conversations")
    with op.batch_alter_table("conversations") as batch:
        batch.drop_constraint("fk_conversations_campaign_id_campaigns", type_="foreignkey")
        batch.drop_constraint("fk_conversations_invitation_id_invitations", type_="foreignkey")
        for column in ("campaign_id", "invitation_id", "account_id", "reminding", "web_until"):
            batch.drop_column(column)
    op.drop_table("invitations")
    op.drop_table("campaigns")
    op.drop_table("organisations")
