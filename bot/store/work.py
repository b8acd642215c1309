"""The unit of work: one transaction, and every question and change that the use-cases have of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from bot.assessment.answers import Answer
from bot.assessment.records import (
    Assessment,
    Button,
    Conversation,
    Draft,
    Inbound,
    Message,
    Picture,
    Snapshot,
    StoredAnswer,
)
from bot.store import tables as t


class Work:
    """One transaction over the store; a context manager. Without `commit()` nothing of it remains."""

    def __init__(self, engine: sa.Engine, *, reading: bool = False) -> None:
        self._engine = engine
        self._reading = reading

    def __enter__(self) -> Self:
        connection = self._engine.connect()
        self._connection = connection.execution_options(peil_reading=True) if self._reading else connection
        try:
            self._transaction = self._connection.begin()
        except BaseException:
            self._connection.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._transaction.is_active:
                self._transaction.rollback()
        finally:
            self._connection.close()

    def commit(self) -> None:
        """Make everything of this transaction durable."""
        self._transaction.commit()

    def _one(self, statement: sa.Select[Any]) -> sa.Row[Any] | None:
        return self._connection.execute(statement).one_or_none()

    def _for_update(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        # SQLite has taken the whole database with BEGIN IMMEDIATE; its dialect leaves FOR UPDATE out.
        return statement if self._reading else statement.with_for_update()

    # --- conversations ---

    def add_conversation(self, conversation: Conversation) -> None:
        """Keep a new conversation."""
        c = conversation
        self._connection.execute(
            t.conversations.insert().values(
                id=c.id,
                channel=c.channel,
                language=c.language,
                consent=c.consent,
                assessment_id=c.assessment_id,
                pending=c.pending,
                misunderstood=c.misunderstood,
                prefill=dict(c.prefill),
                created_at=c.created_at,
                last_seen_at=c.last_seen_at,
            )
        )

    def conversation(self, conversation_id: str) -> Conversation | None:
        """The conversation, locked until the end of a writing transaction; None when there is none."""
        row = self._one(
            self._for_update(sa.select(t.conversations).where(t.conversations.c.id == conversation_id))
        )
        if row is None:
            return None
        values = dict(row._mapping)
        del values["last_seq"]
        return Conversation(**values)

    def update_conversation(self, conversation_id: str, **changes: Any) -> None:
        """Change fields of a conversation."""
        self._connection.execute(
            t.conversations.update().where(t.conversations.c.id == conversation_id).values(**changes)
        )

    # --- inbox ---

    def add_inbound(self, inbound: Inbound) -> bool:
        """Keep a message that came in; False when this channel and message id are known already."""
        known = self.inbound_by_message(inbound.channel, inbound.conversation_id, inbound.message_id)
        if known is not None:
            return False
        i = inbound
        self._connection.execute(
            t.inbox.insert().values(
                turn_id=i.turn_id,
                channel=i.channel,
                conversation_id=i.conversation_id,
                message_id=i.message_id,
                fingerprint=i.fingerprint,
                text=i.text,
                button=i.button,
                received_at=i.received_at,
            )
        )
        return True

    def _inbound(self, row: sa.Row[Any] | None) -> Inbound | None:
        if row is None:
            return None
        values = dict(row._mapping)
        del values["id"]
        return Inbound(**values)

    def inbound_by_message(self, channel: str, conversation_id: str, message_id: str) -> Inbound | None:
        """The message with this id in this conversation; None when it never came."""
        c = t.inbox.c
        return self._inbound(
            self._one(
                sa.select(t.inbox).where(
                    c.channel == channel, c.conversation_id == conversation_id, c.message_id == message_id
                )
            )
        )

    def inbound(self, turn_id: str) -> Inbound | None:
        """The message of this turn; None when there is no such turn."""
        return self._inbound(self._one(sa.select(t.inbox).where(t.inbox.c.turn_id == turn_id)))

    def finish_turn(self, turn_id: str, at: datetime) -> None:
        """Mark the turn as done and drop the words from the inbox: the transcript has them."""
        self._connection.execute(
            t.inbox.update().where(t.inbox.c.turn_id == turn_id).values(done_at=at, text=None, button=None)
        )

    def open_turns(self) -> list[tuple[str, str]]:
        """(conversation id, turn id) of every message that waits for its reply, oldest first."""
        rows = self._connection.execute(
            sa.select(t.inbox.c.conversation_id, t.inbox.c.turn_id)
            .where(t.inbox.c.done_at.is_(None))
            .order_by(t.inbox.c.id)
        )
        return [(row.conversation_id, row.turn_id) for row in rows]

    # --- transcript ---

    def _next_seq(self, conversation_id: str) -> int:
        # Updating the counter also locks the conversation, so two writers cannot take the same number.
        c = t.conversations.c
        seq = self._connection.execute(
            t.conversations.update()
            .where(c.id == conversation_id)
            .values(last_seq=c.last_seq + 1)
            .returning(c.last_seq)
        ).scalar_one()
        return int(seq)

    def add_said(self, inbound: Inbound, text: str, language: str) -> None:
        """Write what the person said (or the title of the button that was tapped) into the transcript."""
        self._connection.execute(
            t.transcript.insert().values(
                conversation_id=inbound.conversation_id,
                seq=self._next_seq(inbound.conversation_id),
                public_id=inbound.message_id,
                turn_id=inbound.turn_id,
                role="user",
                kind="said",
                text=text,
                language=language,
                at=inbound.received_at,
            )
        )

    def add_drafts(
        self, conversation_id: str, drafts: Sequence[Draft], turn_id: str | None, at: datetime
    ) -> None:
        """Write messages of the bot into the transcript, in this order."""
        for draft in drafts:
            seq = self._next_seq(conversation_id)
            self._connection.execute(
                t.transcript.insert().values(
                    conversation_id=conversation_id,
                    seq=seq,
                    # The point keeps ids of ours and ids that a client chose apart.
                    public_id=f"b.{seq}",
                    turn_id=turn_id,
                    role="bot",
                    kind=draft.kind,
                    text=draft.text,
                    language=draft.language,
                    buttons=[[b.title, b.token, b.style] for b in draft.buttons] or None,
                    picture_id=draft.picture_id,
                    at=at,
                )
            )

    def _messages(self, *where: sa.ColumnElement[bool]) -> list[Message]:
        rows = self._connection.execute(
            sa.select(t.transcript, t.pictures.c.alt)
            .outerjoin(t.pictures, t.pictures.c.id == t.transcript.c.picture_id)
            .where(*where)
            .order_by(t.transcript.c.seq)
        )
        return [
            Message(
                seq=row.seq,
                id=row.public_id,
                role=row.role,
                kind=row.kind,
                text=row.text,
                language=row.language,
                at=row.at,
                turn_id=row.turn_id,
                buttons=tuple(Button(*button) for button in row.buttons or ()),
                picture_id=row.picture_id,
                alt=row.alt,
            )
            for row in rows
        ]

    def messages(self, conversation_id: str, after_seq: int = 0) -> list[Message]:
        """The transcript in the order in which the person saw it, after this place."""
        c = t.transcript.c
        return self._messages(c.conversation_id == conversation_id, c.seq > after_seq)

    def reply(self, turn_id: str, kind: str = "reply") -> list[Message]:
        """What the bot said in this turn; of another kind: the notices that went before the reply."""
        c = t.transcript.c
        return self._messages(c.turn_id == turn_id, c.role == "bot", c.kind == kind)

    def seq_of(self, conversation_id: str, message_id: str) -> int | None:
        """The place of a message in the transcript; None when this conversation has no such message."""
        c = t.transcript.c
        row = self._one(
            sa.select(c.seq).where(c.conversation_id == conversation_id, c.public_id == message_id)
        )
        return None if row is None else int(row.seq)

    # --- definitions ---

    def offer(self, snapshots: Sequence[Snapshot]) -> None:
        """Keep these definitions and offer exactly these from now on; older ones stay for who uses them."""
        self._connection.execute(t.definitions.update().values(offered=False))
        for s in snapshots:
            changed = self._connection.execute(
                t.definitions.update().where(t.definitions.c.hash == s.hash).values(offered=True)
            ).rowcount
            if not changed:
                self._connection.execute(
                    t.definitions.insert().values(
                        hash=s.hash,
                        model_id=s.model_id,
                        version=s.version,
                        content=s.content,
                        published_at=s.published_at,
                        offered=True,
                    )
                )

    def offered(self) -> list[tuple[str, str]]:
        """(model id, hash) of the definitions that are offered, by model id."""
        c = t.definitions.c
        rows = self._connection.execute(
            sa.select(c.model_id, c.hash).where(c.offered.is_(True)).order_by(c.model_id)
        )
        return [(row.model_id, row.hash) for row in rows]

    def snapshot(self, definition_hash: str) -> Snapshot | None:
        """The definition with this content hash; None when it was never published."""
        row = self._one(sa.select(t.definitions).where(t.definitions.c.hash == definition_hash))
        return None if row is None else Snapshot(**dict(row._mapping))

    def snapshots(self) -> list[Snapshot]:
        """All published definitions, oldest first."""
        rows = self._connection.execute(sa.select(t.definitions).order_by(t.definitions.c.published_at))
        return [Snapshot(**dict(row._mapping)) for row in rows]

    # --- assessments and answers ---

    def add_assessment(self, assessment: Assessment) -> None:
        """Keep a new assessment."""
        a = assessment
        self._connection.execute(
            t.assessments.insert().values(
                id=a.id,
                conversation_id=a.conversation_id,
                definition_hash=a.definition_hash,
                status=a.status,
                current_item=a.current_item,
                started_at=a.started_at,
                completed_at=a.completed_at,
            )
        )

    def update_assessment(self, assessment_id: str, **changes: Any) -> None:
        """Change status, open question or time of completion."""
        self._connection.execute(
            t.assessments.update().where(t.assessments.c.id == assessment_id).values(**changes)
        )

    def assessments(
        self, *, assessment_id: str | None = None, conversation_id: str | None = None
    ) -> list[Assessment]:
        """All assessments, or the one with this id, or those of one conversation; oldest first."""
        a, d = t.assessments.c, t.definitions.c
        statement = (
            sa.select(t.assessments, d.model_id, d.version.label("model_version"))
            .join(t.definitions, d.hash == a.definition_hash)
            .order_by(a.started_at, a.id)
        )
        if assessment_id is not None:
            statement = statement.where(a.id == assessment_id)
        if conversation_id is not None:
            statement = statement.where(a.conversation_id == conversation_id)
        return [Assessment(**dict(row._mapping)) for row in self._connection.execute(statement)]

    def assessment(self, assessment_id: str) -> Assessment | None:
        """The assessment with this id; None when there is none."""
        found = self.assessments(assessment_id=assessment_id)
        return found[0] if found else None

    def add_answer(
        self,
        assessment_id: str,
        answer: Answer,
        *,
        supersedes: int | None,
        turn_id: str,
        words: str | None,
        at: datetime,
    ) -> None:
        """Write an answer; `supersedes` is the id of the answer that it replaces."""
        self._connection.execute(
            t.answers.insert().values(
                assessment_id=assessment_id,
                item_id=answer.item_id,
                kind=answer.kind,
                value=answer.value,
                supersedes=supersedes,
                turn_id=turn_id,
                by="respondent",
                words=words,
                at=at,
            )
        )

    def answers(self, assessment_id: str) -> list[StoredAnswer]:
        """Every answer of an assessment in the order in which it was given, superseded ones included."""
        rows = self._connection.execute(
            sa.select(t.answers).where(t.answers.c.assessment_id == assessment_id).order_by(t.answers.c.id)
        )
        return [
            StoredAnswer(
                id=row.id,
                assessment_id=row.assessment_id,
                answer=Answer(row.item_id, row.kind, row.value),
                supersedes=row.supersedes,
                turn_id=row.turn_id,
                by=row.by,
                words=row.words,
                at=row.at,
            )
            for row in rows
        ]

    # --- pictures ---

    def add_picture(self, picture: Picture) -> None:
        """Keep what a picture shows."""
        p = picture
        self._connection.execute(
            t.pictures.insert().values(
                id=p.id,
                conversation_id=p.conversation_id,
                assessment_id=p.assessment_id,
                spec=p.spec,
                alt=p.alt,
            )
        )

    def picture(self, picture_id: str) -> Picture | None:
        """The picture with this id; None when there is none."""
        row = self._one(sa.select(t.pictures).where(t.pictures.c.id == picture_id))
        return None if row is None else Picture(**dict(row._mapping))

    # --- erasing ---

    def erase_content(self, conversation_id: str, *, but_turn: str | None) -> None:
        """Erase all that a person said and was told; the bare conversation stays, without a trace of it.

        `but_turn` is the turn in which this happens: its inbox row stays, emptied, so that a repeat of
        that message is known. Its words go as well.
        """
        self._connection.execute(t.pictures.delete().where(t.pictures.c.conversation_id == conversation_id))
        # Answers go with their assessment (ON DELETE CASCADE).
        self._connection.execute(
            t.assessments.delete().where(t.assessments.c.conversation_id == conversation_id)
        )
        # What arrived after the request to erase still waits for its own reply and is no trace of before.
        c = t.inbox.c
        waiting = sa.select(c.turn_id).where(
            c.conversation_id == conversation_id, c.done_at.is_(None), c.turn_id != (but_turn or "")
        )
        self._connection.execute(
            t.transcript.delete().where(
                t.transcript.c.conversation_id == conversation_id,
                sa.or_(t.transcript.c.turn_id.is_(None), t.transcript.c.turn_id.not_in(waiting)),
            )
        )
        self._connection.execute(
            t.inbox.delete().where(
                c.conversation_id == conversation_id, c.done_at.is_not(None), c.turn_id != (but_turn or "")
            )
        )
        self.update_conversation(
            conversation_id, assessment_id=None, pending=None, misunderstood=0, prefill={}
        )

    def delete_conversation(self, conversation_id: str) -> bool:
        """Delete a conversation with everything that hangs on it; False when there is none."""
        return bool(
            self._connection.execute(
                t.conversations.delete().where(t.conversations.c.id == conversation_id)
            ).rowcount
        )


class Store:
    """The database behind the units of work."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def write(self) -> Work:
        """A transaction that may change something."""
        return Work(self.engine)

    def read(self) -> Work:
        """A transaction that only reads; it waits for nobody."""
        return Work(self.engine, reading=True)

    def scrub(self) -> None:
        """After an erasure: take what was erased out of the database's own files too.

        SQLite overwrites freed pages (secure_delete); the write-ahead log is emptied here. PostgreSQL
        gets a VACUUM of the tables with people's words; its write-ahead log ages out by itself.
        """
        if self.engine.dialect.name == "sqlite":
            # Past SQLAlchemy: our own BEGIN would hold the very lock that the checkpoint needs.
            raw = self.engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                raw.close()
        else:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM inbox, transcript, answers, pictures, conversations")

    def ping(self) -> None:
        """Raise the driver's error when the database does not answer."""
        with self.read() as work:
            work._connection.execute(sa.select(1))
