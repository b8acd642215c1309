"""Peil on a company's site: who may show a campaign, and what the site calls its visitor."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Campaigns that are there already can be shown nowhere else. The default is for them only: PostgreSQL
    # cannot compare JSON, and so could not tell this column from another one.
    op.add_column("campaigns", sa.Column("origins", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("campaigns") as batch:
        batch.alter_column("origins", existing_type=sa.JSON(), existing_nullable=False, server_default=None)
        batch.add_column(
            sa.Column("signed_only", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.add_column("conversations", sa.Column("reference", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("conversations", "reference")
    with op.batch_alter_table("campaigns") as batch:
        batch.drop_column("signed_only")
        batch.drop_column("origins")
