"""The first tables: definitions, conversations, inbox, transcript, assessments, answers, pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('conversations',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('channel', sa.String(length=20), nullable=False),
        sa.Column('language', sa.String(length=2), nullable=False),
        sa.Column('consent', sa.String(length=10), nullable=False),
        sa.Column('assessment_id', sa.String(length=16), nullable=True),
        sa.Column('pending', sa.JSON(), nullable=True),
        sa.Column('misunderstood', sa.Integer(), server_default='0', nullable=False),
        sa.Column('prefill', sa.JSON(), nullable=False),
        sa.Column('last_seq', sa.Integer(), server_default='0', nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_conversations'))
    )
    op.create_table('definitions',
        sa.Column('hash', sa.String(length=64), nullable=False),
        sa.Column('model_id', sa.String(length=40), nullable=False),
        sa.Column('version', sa.String(length=20), nullable=False),
        sa.Column('content', sa.Text(), nullable=False),
        sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('offered', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('hash', name=op.f('pk_definitions'))
    )
    op.create_table('assessments',
        sa.Column('id', sa.String(length=16), nullable=False),
        sa.Column('conversation_id', sa.String(length=32), nullable=False),
        sa.Column('definition_hash', sa.String(length=64), nullable=False),
        sa.Column('status', sa.String(length=10), nullable=False),
        sa.Column('current_item', sa.String(length=81), nullable=True),
        sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_assessments_conversation_id_conversations'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['definition_hash'], ['definitions.hash'], name=op.f('fk_assessments_definition_hash_definitions')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_assessments'))
    )
    op.create_index(op.f('ix_assessments_conversation_id'), 'assessments', ['conversation_id'], unique=False)
    op.create_table('inbox',
        sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
        sa.Column('turn_id', sa.String(length=32), nullable=False),
        sa.Column('channel', sa.String(length=20), nullable=False),
        sa.Column('conversation_id', sa.String(length=32), nullable=False),
        sa.Column('message_id', sa.String(length=64), nullable=False),
        sa.Column('fingerprint', sa.String(length=64), nullable=False),
        sa.Column('text', sa.Text(), nullable=True),
        sa.Column('button', sa.String(length=64), nullable=True),
        sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_inbox_conversation_id_conversations'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox')),
        sa.UniqueConstraint('conversation_id', 'channel', 'message_id', name=op.f('uq_inbox_conversation_id_channel_message_id')),
        sa.UniqueConstraint('turn_id', name=op.f('uq_inbox_turn_id'))
    )
    op.create_index('ix_inbox_open', 'inbox', ['id'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
    op.create_table('transcript',
        sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
        sa.Column('conversation_id', sa.String(length=32), nullable=False),
        sa.Column('seq', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.String(length=64), nullable=False),
        sa.Column('turn_id', sa.String(length=32), nullable=True),
        sa.Column('role', sa.String(length=4), nullable=False),
        sa.Column('kind', sa.String(length=10), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('language', sa.String(length=2), nullable=False),
        sa.Column('buttons', sa.JSON(), nullable=True),
        sa.Column('picture_id', sa.String(length=32), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_transcript_conversation_id_conversations'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_transcript')),
        sa.UniqueConstraint('conversation_id', 'public_id', name=op.f('uq_transcript_conversation_id_public_id')),
        sa.UniqueConstraint('conversation_id', 'seq', name=op.f('uq_transcript_conversation_id_seq'))
    )
    op.create_index(op.f('ix_transcript_turn_id'), 'transcript', ['turn_id'], unique=False)
    op.create_table('answers',
        sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
        sa.Column('assessment_id', sa.String(length=16), nullable=False),
        sa.Column('item_id', sa.String(length=81), nullable=False),
        sa.Column('kind', sa.String(length=14), nullable=False),
        sa.Column('value', sa.Integer(), nullable=True),
        sa.Column('supersedes', sa.Integer(), nullable=True),
        sa.Column('turn_id', sa.String(length=32), nullable=False),
        sa.Column('by', sa.String(length=12), nullable=False),
        sa.Column('words', sa.Text(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['assessment_id'], ['assessments.id'], name=op.f('fk_answers_assessment_id_assessments'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['supersedes'], ['answers.id'], name=op.f('fk_answers_supersedes_answers'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_answers')),
        sa.UniqueConstraint('assessment_id', 'item_id', 'turn_id', name=op.f('uq_answers_assessment_id_item_id_turn_id')),
        sa.UniqueConstraint('supersedes', name=op.f('uq_answers_supersedes'))
    )
    op.create_table('pictures',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('conversation_id', sa.String(length=32), nullable=False),
        sa.Column('assessment_id', sa.String(length=16), nullable=False),
        sa.Column('spec', sa.Text(), nullable=False),
        sa.Column('alt', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['assessment_id'], ['assessments.id'], name=op.f('fk_pictures_assessment_id_assessments'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_pictures_conversation_id_conversations'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_pictures'))
    )
    op.create_index(op.f('ix_pictures_assessment_id'), 'pictures', ['assessment_id'], unique=False)
    op.create_index(op.f('ix_pictures_conversation_id'), 'pictures', ['conversation_id'], unique=False)


def downgrade() -> None:
    for table in ("pictures", "answers", "transcript", "inbox", "assessments", "conversations", "definitions"):
        op.drop_table(table)
