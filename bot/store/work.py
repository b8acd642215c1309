"""The unit of work: one transaction, and every question and change that the use-cases have of the store."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from functools import cache
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from bot.assessment.answers import Answer
from bot.assessment.records import (
    Account,
    Assessment,
    Button,
    Campaign,
    Conversation,
    Draft,
    Form,
    Handover,
    HelpRequest,
    Inbound,
    Invitation,
    Link,
    LinkKind,
    Message,
    MessageLink,
    Organisation,
    Picture,
    Remindable,
    Snapshot,
    StoredAnswer,
    StoredPlacement,
    Table,
    spent_mark,
)
from bot.store import tables as t
from bot.store.desk.accounts import AccountsWork
from bot.store.desk.advising import AdvisingWork
from bot.store.desk.asking_people import QuestionsWork
from bot.store.desk.auditing import AuditWork
from bot.store.desk.campaigns import CampaignsWork
from bot.store.desk.comparing import ComparingWork
from bot.store.desk.demo import DemoWork
from bot.store.desk.reviewing import ReviewingWork

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

logger = logging.getLogger(__name__)

# Built once: building one of these takes three times as long as running it. A parameter is not named like a
# column, except where it is that column's new value.
_CONVERSATION = sa.select(t.conversations).where(t.conversations.c.id == sa.bindparam("the_id"))
_CONVERSATION_LOCKED = _CONVERSATION.with_for_update()
_NEXT_SEQ = (
    t.conversations.update()
    .where(t.conversations.c.id == sa.bindparam("the_id"))
    .values(last_seq=t.conversations.c.last_seq + 1)
    .returning(t.conversations.c.last_seq)
)
_INBOUND = sa.select(t.inbox).where(t.inbox.c.turn_id == sa.bindparam("the_turn"))
_INBOUND_BY_MESSAGE = sa.select(t.inbox).where(
    t.inbox.c.channel == sa.bindparam("the_channel"),
    t.inbox.c.conversation_id == sa.bindparam("the_id"),
    t.inbox.c.message_id == sa.bindparam("the_message"),
)
_FINISH_TURN = (
    t.inbox.update()
    .where(t.inbox.c.turn_id == sa.bindparam("the_turn"))
    .values(done_at=sa.bindparam("done_at"), text=None, button=None, event=None)
)
_ALL_MESSAGES = (
    sa.select(t.transcript, t.pictures.c.alt)
    .outerjoin(t.pictures, t.pictures.c.id == t.transcript.c.picture_id)
    .order_by(t.transcript.c.seq)
)
_MESSAGES = _ALL_MESSAGES.where(
    t.transcript.c.conversation_id == sa.bindparam("the_id"), t.transcript.c.seq > sa.bindparam("after")
)
_REPLY = _ALL_MESSAGES.where(
    t.transcript.c.turn_id == sa.bindparam("the_turn"),
    t.transcript.c.role == "bot",
    t.transcript.c.kind == sa.bindparam("the_kind"),
)
_BUTTONS_WITH = (
    sa.select(t.transcript.c.buttons)
    .where(
        t.transcript.c.conversation_id == sa.bindparam("the_id"),
        sa.cast(t.transcript.c.buttons, sa.Text).contains(sa.bindparam("token"), autoescape=False),
    )
    .order_by(t.transcript.c.seq.desc())
    .limit(1)
)
_OFFERED = (
    sa.select(t.definitions.c.model_id, t.definitions.c.hash)
    .where(t.definitions.c.offered.is_(True))
    .order_by(t.definitions.c.model_id)
)
_ASSESSMENTS = (
    sa.select(t.assessments, t.definitions.c.model_id, t.definitions.c.version.label("model_version"))
    .join(t.definitions, t.definitions.c.hash == t.assessments.c.definition_hash)
    .order_by(t.assessments.c.started_at, t.assessments.c.id)
)
_ASSESSMENT = _ASSESSMENTS.where(t.assessments.c.id == sa.bindparam("the_id"))
_ANSWERS = (
    sa.select(t.answers, *(column.label(f"placement_{column.name}_") for column in t.placements.c))
    .outerjoin(t.placements, t.placements.c.id == t.answers.c.placement_id)
    .where(t.answers.c.assessment_id == sa.bindparam("the_id"))
    .order_by(t.answers.c.id)
)
_PLACEMENTS = (
    sa.select(t.placements)
    .where(t.placements.c.assessment_id == sa.bindparam("the_id"))
    .order_by(t.placements.c.id)
)
_ADD_PLACEMENT = t.placements.insert().returning(t.placements)
_ADD_ANSWER = t.answers.insert().returning(t.answers)


@cache
def _insert(table: sa.Table) -> sa.Insert:
    return table.insert()


@cache
def _update(table: sa.Table, *columns: str) -> sa.Update:
    """Sets these columns of the row with the id `the_id`."""
    values: dict[str, Any] = {column: sa.bindparam(column) for column in columns}
    return table.update().where(table.c.id == sa.bindparam("the_id")).values(values)


def _placed(found: Mapping[str, Any]) -> StoredPlacement:
    # JSON has texts for keys and keeps no order; of two as likely the lower level goes first.
    likely = sorted(((int(k), float(v)) for k, v in found["likely"].items()), key=lambda p: (-p[1], p[0]))
    return StoredPlacement(**{**found, "likely": tuple(likely)})


def _stored(row: sa.Row[Any], placement: StoredPlacement | None) -> StoredAnswer:
    return StoredAnswer(
        id=row.id,
        assessment_id=row.assessment_id,
        answer=Answer(row.item_id, row.kind, row.value, tuple(sorted((row.detail or {}).items()))),
        supersedes=row.supersedes,
        turn_id=row.turn_id,
        by=row.by,
        words=row.words,
        at=row.at,
        placement=placement,
    )


def _shown(draft: Draft) -> dict[str, Any] | None:
    """What a message shows besides its text, as it is stored; None for nothing."""
    shown: dict[str, Any] = {}
    if draft.table is not None:
        shown["table"] = [draft.table.paragraph, draft.table.columns, draft.table.rows]
    if draft.links:
        shown["links"] = [[link.id, link.title, link.kind] for link in draft.links]
    if draft.form is not None:
        shown["form"] = asdict(draft.form)
    if draft.completed is not None:
        shown["completed"] = draft.completed
    return shown or None


def _table(stored: list[Any] | None) -> Table | None:
    if stored is None:
        return None
    paragraph, columns, rows = stored
    return Table(paragraph, tuple(columns), tuple(tuple(row) for row in rows))


def _link(shown: list[str], behind: Link | Handover) -> MessageLink:
    """A link as it was shown: its id, title and, since there are several ways behind one, its kind."""
    if isinstance(behind, Handover):
        return MessageLink(shown[0], shown[1], "move", behind.used_at is None, behind.expires_at)
    kind: Any = shown[2] if len(shown) > 2 else behind.kind
    return MessageLink(behind.id, shown[1], kind, behind.ended_at is None)


def _behind(shown: list[str]) -> str:
    """The id of the link or handover behind a link that was shown."""
    return shown[0].partition(".")[0]


def _form(stored: dict[str, Any] | None) -> Form | None:
    return (
        None
        if stored is None
        else Form(
            **{
                **stored,
                "entries": tuple((number, title) for number, title in stored["entries"]),
                "marked": tuple((number, mark) for number, mark in stored.get("marked", ())),
            }
        )
    )


def _conversation(columns: Mapping[str, Any]) -> Conversation:
    values = dict(columns)
    del values["last_seq"]
    # Whoever began before there were segments was asked for none.
    values["segments"] = values["segments"] or {}
    return Conversation(**values)


def _campaign(row: sa.Row[Any]) -> Campaign:
    values = dict(row._mapping)
    return Campaign(**values | {name: tuple(values[name]) for name in ("models", "languages", "origins")})


# Seconds that a thread waits for the other threads of its process, if they want to write, too.
_AT_THE_DOOR = 5.0


class Work(
    AdvisingWork,
    AccountsWork,
    AuditWork,
    CampaignsWork,
    QuestionsWork,
    ComparingWork,
    DemoWork,
    ReviewingWork,
):
    """One transaction over the store; a context manager. Without `commit()` nothing of it remains.

    `door`: only one passes through it at a time.
    """

    def __init__(self, engine: sa.Engine, *, reading: bool = False, door: Lock | None = None) -> None:
        self._engine = engine
        self._reading = reading
        self._door = door
        self._inside = False

    def __enter__(self) -> Self:
        if self._door is not None:
            # Who has waited so long in vain is told by the database what is the matter.
            self._inside = self._door.acquire(timeout=_AT_THE_DOOR)
        try:
            connection = self._engine.connect()
            self._connection = (
                connection.execution_options(peil_reading=True) if self._reading else connection
            )
            try:
                self._transaction = self._connection.begin()
            except BaseException:
                self._connection.close()
                raise
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._transaction.is_active:
                self._transaction.rollback()
        finally:
            try:
                self._connection.close()
            finally:
                self._leave()

    def _leave(self) -> None:
        if self._door is not None and self._inside:
            self._inside = False
            self._door.release()

    def commit(self) -> None:
        """Make everything of this transaction durable."""
        self._transaction.commit()

    def _one(self, statement: sa.Select[Any], **values: Any) -> sa.Row[Any] | None:
        return self._connection.execute(statement, values).one_or_none()

    def _insert(self, table: sa.Table, **values: Any) -> None:
        self._connection.execute(_insert(table), values)

    def _keep(self, table: sa.Table, record: DataclassInstance) -> None:
        """Insert a record; what of it is no column of the table is joined in when it is read."""
        columns = table.columns.keys()
        self._insert(table, **{f.name: getattr(record, f.name) for f in fields(record) if f.name in columns})

    # --- conversations ---

    def add_conversation(self, conversation: Conversation) -> None:
        """Keep a new conversation."""
        self._keep(t.conversations, conversation)

    def conversation(self, conversation_id: str) -> Conversation | None:
        """The conversation, locked until the end of a writing transaction; None when there is none."""
        # SQLite has taken the whole database with BEGIN IMMEDIATE; its dialect leaves FOR UPDATE out.
        statement = _CONVERSATION if self._reading else _CONVERSATION_LOCKED
        row = self._one(statement, the_id=conversation_id)
        if row is None:
            return None
        return _conversation(dict(row._mapping))

    def update_conversation(self, conversation_id: str, **changes: Any) -> None:
        """Change fields of a conversation."""
        statement = _update(t.conversations, *changes)
        self._connection.execute(statement, {"the_id": conversation_id, **changes})

    # --- inbox ---

    def add_inbound(self, inbound: Inbound) -> None:
        """Keep a message that came in; `inbound_by_message` has told that it is not known yet."""
        self._keep(t.inbox, inbound)

    def _inbound(self, row: sa.Row[Any] | None) -> Inbound | None:
        if row is None:
            return None
        values = dict(row._mapping)
        del values["id"]
        return Inbound(**values)

    def inbound_by_message(self, channel: str, conversation_id: str, message_id: str) -> Inbound | None:
        """The message with this id in this conversation; None when it never came."""
        row = self._one(
            _INBOUND_BY_MESSAGE, the_channel=channel, the_id=conversation_id, the_message=message_id
        )
        return self._inbound(row)

    def inbound(self, turn_id: str) -> Inbound | None:
        """The message of this turn; None when there is no such turn."""
        return self._inbound(self._one(_INBOUND, the_turn=turn_id))

    def finish_turn(self, turn_id: str, at: datetime) -> None:
        """Mark the turn as done and drop the words from the inbox: the transcript has them."""
        self._connection.execute(_FINISH_TURN, {"the_turn": turn_id, "done_at": at})

    def open_turns(self) -> list[tuple[str, str]]:
        """(conversation id, turn id) of every message that waits for its reply, oldest first."""
        rows = self._connection.execute(
            sa.select(t.inbox.c.conversation_id, t.inbox.c.turn_id)
            .where(t.inbox.c.done_at.is_(None))
            .order_by(t.inbox.c.id)
        )
        return [(row.conversation_id, row.turn_id) for row in rows]

    def inbound_of_accounts(
        self, channel: str, conversation_ids: Sequence[str], message_id: str
    ) -> Inbound | None:
        """The message with this id in any of these conversations of one chat; None when it never came."""
        c = t.inbox.c
        row = self._one(
            sa.select(t.inbox)
            .where(c.conversation_id.in_(conversation_ids), c.channel == channel, c.message_id == message_id)
            .order_by(c.id)
            .limit(1)
        )
        return self._inbound(row)

    def spend(self, marks: Sequence[str], at: datetime) -> None:
        """Remember these messages as had, though nothing else of them is kept."""
        known = sa.select(t.spent.c.mark).where(t.spent.c.mark.in_(marks))
        held = {row.mark for row in self._connection.execute(known)}
        for mark in dict.fromkeys(marks):
            if mark not in held:
                self._insert(t.spent, mark=mark, at=at)

    def is_spent(self, mark: str) -> bool:
        """Whether this message was had before its conversation was erased."""
        return self._one(sa.select(t.spent.c.mark).where(t.spent.c.mark == mark)) is not None

    def forget_spent(self, before: datetime) -> None:
        """No channel repeats a message for so long."""
        self._connection.execute(t.spent.delete().where(t.spent.c.at < before))

    # --- organisations, campaigns, invitations ---

    def add_organisation(self, organisation: Organisation) -> None:
        """Keep an organisation."""
        self._keep(t.organisations, organisation)

    def organisations(self) -> list[Organisation]:
        """All organisations, by name."""
        rows = self._connection.execute(sa.select(t.organisations).order_by(t.organisations.c.name))
        return [Organisation(**dict(row._mapping)) for row in rows]

    def organisation(self, organisation_id: str) -> Organisation | None:
        """The organisation with this id; None when there is none."""
        row = self._one(sa.select(t.organisations).where(t.organisations.c.id == organisation_id))
        return None if row is None else Organisation(**dict(row._mapping))

    def add_campaign(self, campaign: Campaign) -> None:
        """Keep a campaign."""
        self._keep(t.campaigns, campaign)

    def campaigns(self, organisation_id: str | None = None) -> list[Campaign]:
        """All campaigns, or those of one organisation; oldest first."""
        statement = sa.select(t.campaigns).order_by(t.campaigns.c.created_at, t.campaigns.c.id)
        if organisation_id is not None:
            statement = statement.where(t.campaigns.c.organisation_id == organisation_id)
        return [_campaign(row) for row in self._connection.execute(statement)]

    def campaign(self, campaign_id: str) -> Campaign | None:
        """The campaign with this id; None when there is none."""
        row = self._one(sa.select(t.campaigns).where(t.campaigns.c.id == campaign_id))
        return None if row is None else _campaign(row)

    def update_campaign(self, campaign_id: str, **changes: Any) -> None:
        """Change fields of a campaign."""
        self._connection.execute(_update(t.campaigns, *changes), {"the_id": campaign_id, **changes})

    def add_invitation(self, invitation: Invitation) -> None:
        """Keep an invitation."""
        self._keep(t.invitations, invitation)

    def invitations(self, campaign_id: str) -> list[Invitation]:
        """The invitations of a campaign, oldest first."""
        c = t.invitations.c
        rows = self._connection.execute(
            sa.select(t.invitations).where(c.campaign_id == campaign_id).order_by(c.created_at, c.id)
        )
        return [Invitation(**dict(row._mapping)) for row in rows]

    def invitation_by_mark(self, mark: str) -> Invitation | None:
        """The invitation whose code has this mark, locked until the end of a writing transaction."""
        statement = sa.select(t.invitations).where(t.invitations.c.mark == mark)
        row = self._one(statement if self._reading else statement.with_for_update())
        return None if row is None else Invitation(**dict(row._mapping))

    def update_invitation(self, invitation_id: str, **changes: Any) -> None:
        """Change fields of an invitation."""
        self._connection.execute(_update(t.invitations, *changes), {"the_id": invitation_id, **changes})

    def conversations_of(self, campaign_id: str) -> list[Conversation]:
        """The conversations of a campaign, oldest first."""
        c = t.conversations.c
        rows = self._connection.execute(
            sa.select(t.conversations).where(c.campaign_id == campaign_id).order_by(c.created_at, c.id)
        )
        return [_conversation(dict(row._mapping)) for row in rows]

    def has_begun(self, campaign_id: str) -> bool:
        """Whether anybody has opened this campaign."""
        c = t.conversations.c
        return self._one(sa.select(c.id).where(c.campaign_id == campaign_id).limit(1)) is not None

    def runs_of(self, campaign_id: str) -> list[Assessment]:
        """The assessments of a campaign, oldest first."""
        statement = _ASSESSMENTS.join(
            t.conversations, t.conversations.c.id == t.assessments.c.conversation_id
        ).where(t.conversations.c.campaign_id == campaign_id)
        return [Assessment(**dict(row._mapping)) for row in self._connection.execute(statement)]

    def open_answers_of(self, campaign_id: str) -> dict[str, dict[str, Answer]]:
        """Assessment id -> item id -> the answer that holds, of a campaign's assessments under way."""
        a, s, c = t.answers.c, t.assessments.c, t.conversations.c
        rows = self._connection.execute(
            sa.select(a.assessment_id, a.item_id, a.kind, a.value, a.detail)
            .join(t.assessments, s.id == a.assessment_id)
            .join(t.conversations, c.id == s.conversation_id)
            .where(c.campaign_id == campaign_id, s.status == "active")
            .order_by(a.id)
        )
        found: dict[str, dict[str, Answer]] = {}
        for row in rows:
            given = tuple(sorted((row.detail or {}).items()))
            found.setdefault(row.assessment_id, {})[row.item_id] = Answer(
                row.item_id, row.kind, row.value, given
            )
        return found

    def remindable(self, campaign_id: str) -> list[Remindable]:
        """Everybody in a campaign, oldest first, each with what tells whether to remind."""
        c, a, s, m = t.conversations.c, t.accounts.c, t.assessments.c, t.transcript.c
        waits = (
            sa.exists()
            .where(
                m.conversation_id == c.id,
                m.role == "bot",
                m.seq > a.sent_seq,
                m.seq > a.knocked_seq,
            )
            .correlate(t.conversations, t.accounts)
        )
        rows = self._connection.execute(
            sa.select(
                t.conversations,
                s.status.label("run_status_"),
                waits.label("waits_"),
                *(column.label(f"account_{column.name}_") for column in a),
            )
            .outerjoin(t.accounts, a.id == c.account_id)
            .outerjoin(t.assessments, s.id == c.assessment_id)
            .where(c.campaign_id == campaign_id)
            .order_by(c.created_at, c.id)
        )
        found = []
        for row in rows:
            values = dict(row._mapping)
            status, undelivered = values.pop("run_status_"), bool(values.pop("waits_"))
            named = {f.name: values.pop(f"account_{f.name}_") for f in fields(Account)}
            account = None if named["id"] is None else Account(**named)
            found.append(Remindable(_conversation(values), status, account, undelivered))
        return found

    # --- handovers ---

    def add_handover(self, handover: Handover) -> None:
        """Keep a handover."""
        self._keep(t.handovers, handover)

    def handover_by_mark(self, mark: str) -> Handover | None:
        """The handover whose code has this mark."""
        row = self._one(sa.select(t.handovers).where(t.handovers.c.mark == mark))
        return None if row is None else Handover(**dict(row._mapping))

    def handovers(self, conversation_id: str) -> list[Handover]:
        """The handovers of a conversation, oldest first."""
        c = t.handovers.c
        rows = self._connection.execute(
            sa.select(t.handovers).where(c.conversation_id == conversation_id).order_by(c.created_at, c.id)
        )
        return [Handover(**dict(row._mapping)) for row in rows]

    def _handovers_by_id(self, handover_ids: Sequence[str]) -> dict[str, Handover]:
        rows = self._connection.execute(sa.select(t.handovers).where(t.handovers.c.id.in_(handover_ids)))
        return {row.id: Handover(**dict(row._mapping)) for row in rows}

    def update_handover(self, handover_id: str, **changes: Any) -> None:
        """Change fields of a handover."""
        self._connection.execute(_update(t.handovers, *changes), {"the_id": handover_id, **changes})

    def end_handovers(self, conversation_id: str, at: datetime) -> None:
        """Close every handover of a conversation that nobody has used."""
        c = t.handovers.c
        self._connection.execute(
            t.handovers.update()
            .where(c.conversation_id == conversation_id, c.used_at.is_(None))
            .values(used_at=at)
        )

    # --- chat accounts ---

    def add_account(self, account: Account) -> None:
        """Keep an account."""
        self._keep(t.accounts, account)

    def accounts(self, channel: str, mark: str) -> list[Account]:
        """One chat's accounts, one for each conversation that was held in it; the newest first."""
        c = t.accounts.c
        rows = self._connection.execute(
            sa.select(t.accounts)
            .where(c.channel == channel, c.mark == mark)
            .order_by(c.since.desc(), c.id.desc())
        )
        return [Account(**dict(row._mapping)) for row in rows]

    def account(self, account_id: str) -> Account | None:
        """The account with this id; None when there is none."""
        row = self._one(sa.select(t.accounts).where(t.accounts.c.id == account_id))
        return None if row is None else Account(**dict(row._mapping))

    def accounts_of(self, conversation_id: str) -> list[Account]:
        """The accounts in which a conversation was held, oldest first."""
        c = t.accounts.c
        rows = self._connection.execute(
            sa.select(t.accounts).where(c.conversation_id == conversation_id).order_by(c.since, c.id)
        )
        return [Account(**dict(row._mapping)) for row in rows]

    def update_account(self, account_id: str, **changes: Any) -> None:
        """Change fields of an account."""
        self._connection.execute(_update(t.accounts, *changes), {"the_id": account_id, **changes})

    def delete_accounts(self, conversation_id: str, *, but: str | None) -> None:
        """Forget the accounts in which a conversation was held, but this one."""
        c = t.accounts.c
        self._connection.execute(
            t.accounts.delete().where(c.conversation_id == conversation_id, c.id != (but or ""))
        )

    def delete_others_of(self, account_id: str) -> None:
        """Delete the other conversations that were held in the same chat as this account's."""
        account = self.account(account_id)
        if account is not None:
            for other in self.accounts(account.channel, account.mark):
                if other.conversation_id != account.conversation_id:
                    self.delete_conversation(other.conversation_id)

    def accounts_to_deliver(self, channels: Sequence[str]) -> list[str]:
        """The ids of the accounts to which something is still to be sent."""
        a, c = t.accounts.c, t.conversations.c
        rows = self._connection.execute(
            sa.select(a.id)
            .join(t.conversations, c.id == a.conversation_id)
            .where(
                a.channel.in_(channels),
                a.blocked_at.is_(None),
                a.sent_seq < sa.func.coalesce(a.until_seq, c.last_seq),
            )
            .order_by(a.id)
        )
        return [row.id for row in rows]

    def conversations_to_remind(self) -> list[tuple[Conversation, Account]]:
        """Who was asked about reminders, can be reached and has not finished, each with the chat to reach.

        What was agreed on, and when, is not looked at here.
        """
        c, a, s = t.conversations.c, t.accounts.c, t.assessments.c
        rows = self._connection.execute(
            sa.select(t.conversations, *(column.label(f"account_{column.name}_") for column in a))
            .join(t.accounts, a.id == c.account_id)
            .outerjoin(t.assessments, s.id == c.assessment_id)
            .where(
                c.reminding.is_not(sa.null()),
                c.consent == "given",
                a.blocked_at.is_(None),
                a.until_seq.is_(None),
                sa.or_(s.id.is_(None), s.status != "completed"),
            )
            .order_by(c.id)
        )
        found = []
        for row in rows:
            values = dict(row._mapping)
            account = Account(**{f.name: values.pop(f"account_{f.name}_") for f in fields(Account)})
            found.append((_conversation(values), account))
        return found

    def last_seq(self, conversation_id: str) -> int:
        """The place of the newest message of a conversation; 0 for none."""
        row = self._one(sa.select(t.conversations.c.last_seq).where(t.conversations.c.id == conversation_id))
        return 0 if row is None else int(row.last_seq)

    # --- transcript ---

    def _next_seq(self, conversation_id: str) -> int:
        # Updating the counter also locks the conversation, so two writers cannot take the same number.
        return int(self._connection.execute(_NEXT_SEQ, {"the_id": conversation_id}).scalar_one())

    def add_said(self, inbound: Inbound, text: str, language: str) -> None:
        """Write what the person said (or the title of the button that was tapped) into the transcript."""
        seq = self._next_seq(inbound.conversation_id)
        self._insert(
            t.transcript,
            conversation_id=inbound.conversation_id,
            seq=seq,
            # Two channels may name their messages alike; the web chat knows its own ones by their ids.
            public_id=inbound.message_id if inbound.account_id is None else inbound.turn_id,
            turn_id=inbound.turn_id,
            role="user",
            kind="said",
            text=text,
            language=language,
            at=inbound.received_at,
        )
        if inbound.button is None:
            self.index_words(inbound.conversation_id, seq, text)

    def add_drafts(
        self, conversation_id: str, drafts: Sequence[Draft], turn_id: str | None, at: datetime
    ) -> None:
        """Write messages of the bot into the transcript, in this order."""
        for draft in drafts:
            seq = self._next_seq(conversation_id)
            self._insert(
                t.transcript,
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
                shown=_shown(draft),
                at=at,
            )

    def _messages(self, statement: sa.Select[Any], **values: Any) -> list[Message]:
        rows = self._connection.execute(statement, values).all()
        wanted = [shown for row in rows for shown in (row.shown or {}).get("links", ())]
        links: dict[str, Link | Handover] = {}
        if wanted:
            links |= self._links_by_id([_behind(shown) for shown in wanted])
        if moves := [_behind(shown) for shown in wanted if shown[2:] == ["move"]]:
            links |= self._handovers_by_id(moves)
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
                table=_table((row.shown or {}).get("table")),
                form=_form((row.shown or {}).get("form")),
                links=tuple(
                    _link(shown, links[_behind(shown)])
                    for shown in (row.shown or {}).get("links", ())
                    if _behind(shown) in links
                ),
                completed=(row.shown or {}).get("completed"),
            )
            for row in rows
        ]

    def messages(self, conversation_id: str, after_seq: int = 0) -> list[Message]:
        """The transcript in the order in which the person saw it, after this place."""
        return self._messages(_MESSAGES, the_id=conversation_id, after=after_seq)

    def reply(self, turn_id: str, kind: str = "reply") -> list[Message]:
        """What the bot said in this turn; of another kind: the notices that went before the reply."""
        return self._messages(_REPLY, the_turn=turn_id, the_kind=kind)

    def button_title(self, conversation_id: str, token: str) -> str | None:
        """The title of the newest button with this token in the transcript; None when there is none."""
        # The database looks into the JSON's text, newest first, so that a long transcript is not read for
        # it. `token` must be one of ours: base64 holds no sign that JSON or LIKE take for something else
        # (but '_', any one character: hence the second look).
        found = self._one(_BUTTONS_WITH, the_id=conversation_id, token=token)
        titles = (title for title, known, _ in (found.buttons if found else ()) if known == token)
        return next(titles, None)

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
                self._insert(
                    t.definitions,
                    hash=s.hash,
                    model_id=s.model_id,
                    version=s.version,
                    content=s.content,
                    published_at=s.published_at,
                    offered=True,
                )

    def offered(self) -> list[tuple[str, str]]:
        """(model id, hash) of the definitions that are offered, by model id."""
        return [(row.model_id, row.hash) for row in self._connection.execute(_OFFERED)]

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
        self._keep(t.assessments, assessment)

    def update_assessment(self, assessment_id: str, **changes: Any) -> None:
        """Change status, open question or time of completion."""
        statement = _update(t.assessments, *changes)
        self._connection.execute(statement, {"the_id": assessment_id, **changes})

    def assessments(self, *, conversation_id: str | None = None) -> list[Assessment]:
        """All assessments, or those of one conversation; oldest first."""
        statement = _ASSESSMENTS
        if conversation_id is not None:
            statement = statement.where(t.assessments.c.conversation_id == conversation_id)
        return [Assessment(**dict(row._mapping)) for row in self._connection.execute(statement)]

    def assessment(self, assessment_id: str) -> Assessment | None:
        """The assessment with this id; None when there is none."""
        row = self._one(_ASSESSMENT, the_id=assessment_id)
        return None if row is None else Assessment(**dict(row._mapping))

    def add_answer(
        self,
        assessment_id: str,
        answer: Answer,
        *,
        supersedes: int | None,
        turn_id: str,
        words: str | None,
        at: datetime,
        placement: StoredPlacement | None = None,
    ) -> StoredAnswer:
        """Write an answer, and give it as it is stored; `supersedes` is the id of the one it replaces."""
        row = self._connection.execute(
            _ADD_ANSWER,
            {
                "assessment_id": assessment_id,
                "item_id": answer.item_id,
                "kind": answer.kind,
                "value": answer.value,
                "detail": answer.given or None,
                "supersedes": supersedes,
                "turn_id": turn_id,
                "by": "respondent",
                "words": words,
                "at": at,
                "placement_id": None if placement is None else placement.id,
            },
        ).one()
        return _stored(row, placement)

    def answers(self, assessment_id: str) -> list[StoredAnswer]:
        """Every answer of an assessment in the order in which it was given, superseded ones included."""
        found = []
        for row in self._connection.execute(_ANSWERS, {"the_id": assessment_id}):
            named = {f.name: getattr(row, f"placement_{f.name}_") for f in fields(StoredPlacement)}
            found.append(_stored(row, None if named["id"] is None else _placed(named)))
        return found

    # --- own words ---

    def add_placement(
        self,
        assessment_id: str,
        item_id: str,
        *,
        turn_id: str,
        words: str,
        certainty: str,
        likely: Sequence[tuple[int, float]],
        quote: str,
        ahead: bool,
        at: datetime,
    ) -> StoredPlacement:
        """Keep where own words seem to stand at an item, and give it as it is stored."""
        row = self._connection.execute(
            _ADD_PLACEMENT,
            {
                "assessment_id": assessment_id,
                "item_id": item_id,
                "turn_id": turn_id,
                "words": words,
                "certainty": certainty,
                "likely": {str(level): probability for level, probability in likely},
                "quote": quote,
                "ahead": ahead,
                "declined": False,
                "at": at,
            },
        ).one()
        return _placed(dict(row._mapping))

    def decline_placement(self, placement_id: int) -> None:
        """Note that the person said no to what was proposed for these words."""
        statement = _update(t.placements, "declined")
        self._connection.execute(statement, {"the_id": placement_id, "declined": True})

    def placements(self, assessment_id: str) -> list[StoredPlacement]:
        """All own words of an assessment that were placed, oldest first."""
        rows = self._connection.execute(_PLACEMENTS, {"the_id": assessment_id})
        return [_placed(dict(row._mapping)) for row in rows]

    def placer(self, definition_hash: str) -> bytes | None:
        """What places own words at this definition's levels; None where nothing was trained."""
        c = t.placers.c
        row = self._one(sa.select(c.content).where(c.definition_hash == definition_hash))
        return None if row is None else bytes(row.content)

    def placers(self) -> dict[str, str]:
        """Definition hash -> recipe, of all that was trained."""
        c = t.placers.c
        rows = self._connection.execute(sa.select(c.definition_hash, c.recipe).order_by(c.definition_hash))
        return {row.definition_hash: row.recipe for row in rows}

    def add_placer(self, definition_hash: str, recipe: str, content: bytes, at: datetime) -> None:
        """Keep what was trained for this definition, instead of what was kept for it before."""
        values = {"recipe": recipe, "content": content, "at": at}
        changed = self._connection.execute(
            t.placers.update().where(t.placers.c.definition_hash == definition_hash).values(values)
        ).rowcount
        if not changed:
            self._insert(t.placers, definition_hash=definition_hash, **values)

    # --- pictures ---

    def add_picture(self, picture: Picture) -> None:
        """Keep what a picture shows."""
        self._keep(t.pictures, picture)

    def picture(self, picture_id: str) -> Picture | None:
        """The picture with this id; None when there is none."""
        row = self._one(sa.select(t.pictures).where(t.pictures.c.id == picture_id))
        return None if row is None else Picture(**dict(row._mapping))

    # --- links ---

    def add_link(self, link: Link) -> None:
        """Keep a link."""
        self._keep(t.links, link)

    def link(self, link_id: str) -> Link | None:
        """The link with this id; None when there is none."""
        return self._links_by_id([link_id]).get(link_id)

    def _links_by_id(self, link_ids: Sequence[str]) -> dict[str, Link]:
        rows = self._connection.execute(sa.select(t.links).where(t.links.c.id.in_(link_ids)))
        return {row.id: Link(**dict(row._mapping)) for row in rows}

    def links(self, conversation_id: str, kind: LinkKind | None = None) -> list[Link]:
        """The links of a conversation, or those of one kind; oldest first."""
        statement = sa.select(t.links).where(t.links.c.conversation_id == conversation_id)
        if kind is not None:
            statement = statement.where(t.links.c.kind == kind)
        rows = self._connection.execute(statement.order_by(t.links.c.created_at, t.links.c.id))
        return [Link(**dict(row._mapping)) for row in rows]

    def end_link(self, link_id: str, at: datetime, device: str | None = None) -> None:
        """Withdraw a link, or note which device has used it up."""
        self._connection.execute(
            t.links.update().where(t.links.c.id == link_id).values(ended_at=at, device=device)
        )

    # --- requests for a person ---

    def add_help_request(self, request: HelpRequest) -> None:
        """Keep that somebody asked for a person."""
        self._keep(t.help_requests, request)

    def update_help_request(self, request_id: str, contact: str | None) -> None:
        """Note how whoever asked can be reached, or that they cannot any more."""
        self._connection.execute(
            _update(t.help_requests, "contact"), {"the_id": request_id, "contact": contact}
        )

    def help_requests(self, conversation_id: str | None = None) -> list[HelpRequest]:
        """All requests for a person, or those of one conversation; oldest first."""
        statement = sa.select(t.help_requests).order_by(t.help_requests.c.at, t.help_requests.c.id)
        if conversation_id is not None:
            statement = statement.where(t.help_requests.c.conversation_id == conversation_id)
        return [HelpRequest(**dict(row._mapping)) for row in self._connection.execute(statement)]

    # --- erasing ---

    def erase_content(self, conversation_id: str, *, but_turn: str | None) -> None:
        """Erase all that a person said and was told; the bare conversation stays, without a trace of it.

        `but_turn` is the turn in which this happens: its inbox row stays, emptied, so that a repeat of
        that message is known. Its words go as well.
        """
        self._spend_messages(conversation_id)
        for table in (t.pictures, t.links, t.help_requests, t.handovers, t.questions):
            self._connection.execute(table.delete().where(table.c.conversation_id == conversation_id))
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
        self.index_words_anew(conversation_id)
        self._connection.execute(
            t.inbox.delete().where(
                c.conversation_id == conversation_id, c.done_at.is_not(None), c.turn_id != (but_turn or "")
            )
        )
        self.update_conversation(
            conversation_id,
            assessment_id=None,
            pending=None,
            misunderstood=0,
            segments=None,
            reminding=None,
            reference=None,
            quoting=None,
        )

    def _spend_messages(self, conversation_id: str) -> None:
        """Remember that the messages of chats in this conversation were had: channels repeat for days."""
        i, a = t.inbox.c, t.accounts.c
        rows = self._connection.execute(
            sa.select(a.mark, i.message_id, i.received_at)
            .join(t.accounts, a.id == i.account_id)
            .where(i.conversation_id == conversation_id, i.done_at.is_not(None))
        ).all()
        if rows:
            self.spend(
                [spent_mark(row.mark, row.message_id) for row in rows], max(row.received_at for row in rows)
            )

    def delete_unconsented(self, unused_since: datetime) -> int:
        """Delete the conversations without consent that were not used since then; how many they were."""
        c = t.conversations.c
        return self._connection.execute(
            t.conversations.delete().where(c.consent != "given", c.last_seen_at < unused_since)
        ).rowcount

    def delete_conversation(self, conversation_id: str) -> bool:
        """Delete a conversation with everything that hangs on it; False when there is none."""
        self._spend_messages(conversation_id)
        return bool(
            self._connection.execute(
                t.conversations.delete().where(t.conversations.c.id == conversation_id)
            ).rowcount
        )


class Store:
    """The database behind the units of work."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        # SQLite has one writer at a time; among threads of one process a lock is passed on quickest.
        self._door = Lock() if engine.dialect.name == "sqlite" else None

    def write(self) -> Work:
        """A transaction that may change something."""
        return Work(self.engine, door=self._door)

    def read(self) -> Work:
        """A transaction that only reads; it waits for nobody."""
        return Work(self.engine, reading=True)

    def scrub(self, *, thoroughly: bool = False) -> None:
        """After an erasure: take what was erased out of the database's own files, as far as it can be.

        SQLite overwrites freed pages (secure_delete); its write-ahead log is emptied here. PostgreSQL
        frees the space of erased rows for others to overwrite; `thoroughly` has it write the tables anew,
        which locks them for that long. Its write-ahead log keeps them until it is recycled either way.
        """
        if self.engine.dialect.name == "sqlite":
            self._empty_log()
        else:
            vacuum = "VACUUM FULL" if thoroughly else "VACUUM"
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for table in (*t.OF_PEOPLE, *t.NAMES):
                    connection.exec_driver_sql(f"{vacuum} {table.name}")

    def catch_up(self) -> None:
        """At start: do what a crash right after an erasure left undone.

        PostgreSQL needs no help: its autovacuum finds the rows by itself.
        """
        if self.engine.dialect.name == "sqlite":
            self._empty_log()

    def _empty_log(self) -> None:
        # Past SQLAlchemy: our own BEGIN would hold the very lock that the checkpoint needs.
        raw = self.engine.raw_connection()
        try:
            busy, _, _ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            raw.close()
        if busy:
            logger.warning(
                "Somebody else is reading the database: what was erased may stay in its write-ahead log "
                "until the next start."
            )

    def ping(self) -> None:
        """Raise the driver's error when the database does not answer, or has no tables of ours."""
        with self.read() as work:
            work._connection.execute(sa.select(t.conversations.c.id).limit(1))
