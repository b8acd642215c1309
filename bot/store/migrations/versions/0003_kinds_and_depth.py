"""Answers that are more than a level, and how much of a model an assessment asks."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answers", sa.Column("detail", sa.JSON(), nullable=True))
    op.add_column(
        "assessments", sa.Column("depth", sa.String(length=5), nullable=False, server_default="full")
    )


def downgrade() -> None:
    op.drop_column("assessments", "depth")
    op.drop_column("answers", "detail")
