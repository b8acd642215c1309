"""Own words placed at levels, and what places them: one artefact for each published definition."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "placers",
        sa.Column("definition_hash", sa.String(64), nullable=False),
        sa.Column("recipe", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("definition_hash", name=op.f("pk_placers")),
        sa.ForeignKeyConstraint(
            ["definition_hash"], ["definitions.hash"], name=op.f("fk_placers_definition_hash_definitions")
        ),
    )
    op.create_table(
        "placements",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("assessment_id", sa.String(16), nullable=False),
        sa.Column("item_id", sa.String(81), nullable=False),
        sa.Column("turn_id", sa.String(32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("certainty", sa.String(7), nullable=False),
        sa.Column("likely", sa.JSON(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("ahead", sa.Boolean(), nullable=False),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
        sa.UniqueConstraint(
            "assessment_id", "item_id", "turn_id", name=op.f("uq_placements_assessment_id_item_id_turn_id")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.id"],
            name=op.f("fk_placements_assessment_id_assessments"),
            ondelete="CASCADE",
        ),
    )
    with op.batch_alter_table("answers") as batch:
        batch.add_column(sa.Column("placement_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_answers_placement_id_placements"),
            "placements",
            ["placement_id"],
            ["id"],
            ondelete="CASCADE",
        )
    op.create_index(op.f("ix_answers_placement_id"), "answers", ["placement_id"])


def downgrade() -> None:
    op.drop_index("ix_answers_placement_id", "answers")
    with op.batch_alter_table("answers") as batch:
        batch.drop_constraint("fk_answers_placement_id_placements", type_="foreignkey")
        batch.drop_column("placement_id")
    op.drop_table("placements")
    op.drop_table("placers")
