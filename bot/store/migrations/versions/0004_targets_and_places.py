"""Targets that somebody chose, and where they place the steps on the benefit-investment matrix."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assessments", sa.Column("targets", sa.JSON(), nullable=True))
    op.add_column("assessments", sa.Column("placed", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("assessments", "placed")
    op.drop_column("assessments", "targets")
