"""Segments, the business line of an assessment, tables and links of messages, links, requests for a person."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("segments", sa.JSON(), nullable=True))
    op.add_column("assessments", sa.Column("business_line", sa.String(length=4), nullable=True))
    op.add_column("transcript", sa.Column("shown", sa.JSON(), nullable=True))
    op.create_table(
        "links",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("assessment_id", sa.String(length=16), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.id"],
            name=op.f("fk_links_assessment_id_assessments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_links_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_assessment_id"), "links", ["assessment_id"], unique=False)
    op.create_index(op.f("ix_links_conversation_id"), "links", ["conversation_id"], unique=False)
    op.create_table(
        "help_requests",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("assessment_id", sa.String(length=16), nullable=True),
        sa.Column("item_id", sa.String(length=81), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.id"],
            name=op.f("fk_help_requests_assessment_id_assessments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_help_requests_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_requests")),
    )
    op.create_index(op.f("ix_help_requests_assessment_id"), "help_requests", ["assessment_id"], unique=False)
    op.create_index(
        op.f("ix_help_requests_conversation_id"), "help_requests", ["conversation_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("help_requests")
    op.drop_table("links")
    op.drop_column("transcript", "shown")
    op.drop_column("assessments", "business_line")
    op.drop_column("conversations", "segments")
