"""Finding respondents by the words that they typed; and the order of a list of them."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_AT_ONCE = 1000


def _folded(text: str) -> set[str]:
    """As bot.assessment.searching folds words now; a migration stays as it was."""
    found = set()
    for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text)):
        plain = unicodedata.normalize("NFKD", word.casefold()).casefold()
        found.add("".join(one for one in plain if one.isalnum())[:40])
    return found - {""}


def upgrade() -> None:
    connection = op.get_bind()
    postgresql = connection.dialect.name == "postgresql"
    said_words = op.create_table(
        "said_words",
        sa.Column("word", sa.String(40, collation="C" if postgresql else None), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_said_words_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("word", "conversation_id", name=op.f("pk_said_words")),
    )
    op.create_index(op.f("ix_said_words_conversation_id"), "said_words", ["conversation_id"], unique=False)
    op.create_index("ix_assessments_started_at_id", "assessments", ["started_at", "id"], unique=False)
    op.create_index("ix_answers_assessment_id_id", "answers", ["assessment_id", "id"], unique=False)
    op.create_index(
        "ix_transcript_said",
        "transcript",
        ["conversation_id", "seq", "at", "turn_id"],
        unique=False,
        sqlite_where=sa.text("role = 'user'"),
        postgresql_where=sa.text("role = 'user'"),
    )
    # What was said before. Whether a line was typed or tapped is not known any more: both can be found.
    transcript = sa.table(
        "transcript",
        *(sa.column(name) for name in ("id", "conversation_id", "seq", "role", "text")),
    )
    c = transcript.c
    order = sa.select(c.conversation_id).where(c.role == "user").distinct()
    for (conversation_id,) in connection.execute(order).all():
        first: dict[str, int] = {}
        lines = sa.select(c.seq, c.text).where(c.conversation_id == conversation_id, c.role == "user")
        for seq, text in connection.execute(lines.order_by(c.seq)):
            for word in _folded(text):
                first.setdefault(word, seq)
        rows = [{"word": w, "conversation_id": conversation_id, "seq": n} for w, n in sorted(first.items())]
        for begin in range(0, len(rows), _AT_ONCE):
            connection.execute(said_words.insert(), rows[begin : begin + _AT_ONCE])


def downgrade() -> None:
    op.drop_index("ix_transcript_said", table_name="transcript")
    op.drop_index("ix_answers_assessment_id_id", table_name="answers")
    op.drop_index("ix_assessments_started_at_id", table_name="assessments")
    op.drop_table("said_words")
