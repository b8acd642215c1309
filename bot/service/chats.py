"""Conversations in chat channels: what comes in, whose it is, and what is still to be sent there."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from bot.assessment.records import Account, Conversation, Inbound, Message, spent_mark
from bot.service.beginning import begin
from bot.service.campaigns import open_invitation, use_invitation
from bot.service.codes import InvalidCode, in_text
from bot.service.leaving import leave
from bot.service.moving import take_over, welcome_here
from bot.service.ports import Clock, Store, Work
from bot.service.turn import Turn
from bot.service.use_cases import UseCases


class Seals(Protocol):
    """What is needed of bot.sealing."""

    def seal(self, plain: str) -> str:
        """The same, unreadable without the secret."""

    def open(self, sealed: str) -> str | None:
        """What was sealed; None when that cannot be read any more."""


@dataclass(frozen=True)
class Taken:
    """What came in, as it is stored now. `inbound`: the turn that is to be taken, None where there is none.

    `refused`: there is no conversation to say in that a code opens nothing.
    """

    conversation_id: str | None
    inbound: Inbound | None
    new: bool
    refused: InvalidCode | None = None


@dataclass(frozen=True)
class Delivery:
    """The next message for one account. `account`: the channel's id for it. `part`: how many parts it had.

    `outdated`: the channel's ids of messages whose buttons go once those of this one stand: what earlier
    replies left; all of one reply can be tapped. `knocked`: the person was asked to write for all that waits
    now, since nothing else may be sent to them.
    """

    account_id: str
    channel: str
    account: str = field(repr=False)
    conversation_id: str
    language: str
    heard_at: datetime
    message: Message
    part: int
    outdated: tuple[str, ...] = ()
    knocked: bool = False


# Messages with buttons in one reply that are remembered; there are never more.
_KEYBOARDS = 4


def _reply_of(message: Message) -> str:
    """What tells the reply that a message belongs to from other ones."""
    return message.turn_id or message.id


def _standing(keyboard: str | None) -> tuple[str, tuple[str, ...]]:
    """The reply whose buttons stand in a chat (Account.keyboard), and the channel's ids of its messages."""
    reply, *ids = (keyboard or "").split(" ")
    return reply, tuple(ids)


def _without(keyboard: str | None, below: str | None) -> str | None:
    """What still stands once the buttons below this message are gone."""
    reply, ids = _standing(keyboard)
    kept = [one for one in ids if one != below]
    return " ".join((reply, *kept)) if kept else None


class Chats:
    """The use-cases of chat accounts. What comes from one account has to come in one at a time."""

    def __init__(self, store: Store, use_cases: UseCases, seals: Seals, clock: Clock, secret: str) -> None:
        self._store = store
        self._use_cases = use_cases
        self._knowledge = use_cases.knowledge
        self._seals = seals
        self._clock = clock
        self._key = hashlib.sha256(b"peil account " + secret.encode()).digest()

    def _mark(self, channel: str, account: str) -> str:
        return hmac.new(self._key, f"{channel} {account}".encode(), hashlib.sha256).hexdigest()

    # --- what comes in ---

    def arrive(
        self,
        channel: str,
        account: str,
        message_id: str,
        *,
        text: str | None = None,
        button: str | None = None,
        event: Mapping[str, Any] | None = None,
        code: str | None = None,
        language: str = "en",
        below: str | None = None,
        locked: bool = False,
    ) -> Taken:
        """Take in what came from an account, in one transaction; a repeat changes nothing.

        `below`: the channel's id of the message whose buttons go with this. `locked`: so many codes of this
        account opened nothing that none does now.

        Whoever has no conversation gets one, with its greeting; of what was said to open it nothing is kept,
        since nobody has agreed to that yet. A code opens its campaign, or takes over the conversation that
        was handed over with it.
        """
        now = self._clock()
        mark = self._mark(channel, account)
        sure = True
        if code is None and text is not None:
            code, sure = in_text(text) or (None, True)
        with self._store.write() as work:
            held = work.accounts(channel, mark)
            known = work.inbound_of_accounts(channel, [one.conversation_id for one in held], message_id)
            if known is not None:
                waits = known if known.done_at is None else None
                return Taken(known.conversation_id, waits, new=False)
            if work.is_spent(spent_mark(mark, message_id)):
                return Taken(None, None, new=False)
            arrival = _Arriving(self, work, channel, account, mark, message_id, language, now, held, below)
            try:
                taken = arrival.take(text, button, event, code, sure=sure, locked=locked)
            except InvalidCode as error:
                return Taken(None, None, new=True, refused=error)
            work.commit()
        return taken

    def reachable(self, channel: str, account: str, reachable: bool) -> list[str]:
        """The person has blocked the bot, or let it in again; the ids of the conversations held there."""
        now = self._clock()
        with self._store.write() as work:
            held = work.accounts(channel, self._mark(channel, account))
            for one in held:
                if (one.blocked_at is None) != reachable:
                    work.update_account(one.id, blocked_at=None if reachable else now)
            work.commit()
        return [one.conversation_id for one in held]

    # --- what is to be sent ---

    def to_deliver(self, channels: Sequence[str]) -> list[str]:
        """The ids of the accounts in these channels to which something is still to be sent."""
        with self._store.read() as work:
            return work.accounts_to_deliver(channels)

    def accounts_of(self, conversation_id: str) -> list[str]:
        """The ids of the accounts in which a conversation was held."""
        with self._store.read() as work:
            return [one.id for one in work.accounts_of(conversation_id)]

    def next_delivery(self, account_id: str) -> Delivery | None:
        """What is to be sent to an account next; None when there is nothing, or it cannot be reached."""
        with self._store.read() as work:
            account = work.account(account_id)
            if account is None or account.blocked_at is not None:
                return None
            conversation = work.conversation(account.conversation_id)
            if conversation is None:
                return None
            newest = work.last_seq(conversation.id)
            message = next(
                (
                    one
                    for one in work.messages(account.conversation_id, account.sent_seq)
                    if one.role == "bot" and (account.until_seq is None or one.seq <= account.until_seq)
                ),
                None,
            )
        address = self._seals.open(account.address)
        if message is None or address is None:
            return None
        reply, standing = _standing(account.keyboard)
        return Delivery(
            account_id=account.id,
            channel=account.channel,
            account=address,
            conversation_id=account.conversation_id,
            language=conversation.language,
            heard_at=account.heard_at,
            message=message,
            part=account.sent_part,
            outdated=() if reply == _reply_of(message) else standing,
            knocked=account.knocked_seq >= newest,
        )

    def delivered(self, delivery: Delivery, part: int, *, last: bool, keyboard: str | None = None) -> None:
        """Note that so many parts of a message were sent (`last`: all of it), and whose buttons stand now."""
        changes: dict[str, Any] = {"sent_part": 0, "sent_seq": delivery.message.seq}
        if not last:
            changes = {"sent_part": part}
        with self._store.write() as work:
            account = work.account(delivery.account_id) if keyboard is not None else None
            if account is not None:
                reply, standing = _standing(account.keyboard)
                beside = standing if reply == _reply_of(delivery.message) else ()
                kept = (*beside, keyboard or "")[-_KEYBOARDS:]
                changes["keyboard"] = " ".join((_reply_of(delivery.message), *kept))
            work.update_account(delivery.account_id, **changes)
            work.commit()

    def knocked(self, delivery: Delivery) -> None:
        """Note that the person was asked to write, for all that waits now."""
        with self._store.write() as work:
            newest = work.last_seq(delivery.conversation_id)
            work.update_account(delivery.account_id, knocked_seq=newest)
            work.commit()

    def unreachable(self, account_id: str) -> None:
        """Note that this account cannot be reached (any more)."""
        now = self._clock()
        with self._store.write() as work:
            work.update_account(account_id, blocked_at=now)
            work.commit()


@dataclass
class _Arriving:
    """One arrival on its way into the store. `held`: the chat's accounts, the newest first."""

    chats: Chats
    work: Work
    channel: str
    account: str
    mark: str
    message_id: str
    language: str
    now: datetime
    held: list[Account]
    below: str | None

    @property
    def current(self) -> Account | None:
        """The account of the conversation that is held in this chat now."""
        return self.held[0] if self.held else None

    def take(
        self,
        text: str | None,
        button: str | None,
        event: Mapping[str, Any] | None,
        code: str | None,
        *,
        sure: bool,
        locked: bool,
    ) -> Taken:
        """Take it in. Raises InvalidCode where there is no conversation to say so in.

        `sure`: what may be a code is meant as one, whether or not it opens anything.
        """
        current = self.current
        if code is not None:
            try:
                if locked:
                    raise InvalidCode("tries")
                opened = self._open(code)
            except InvalidCode as error:
                if sure or error.why not in ("unknown", "tries"):
                    if current is None:
                        raise
                    text, button = None, None
                    event = {"kind": "code", "why": error.why, **error.values}
            else:
                return opened
        if current is None:
            return self._begin()
        conversation = self.work.conversation(current.conversation_id)
        if conversation is None:
            # It was erased in this very moment, and its account with it.
            return self._begin()
        self.work.update_account(
            current.id,
            heard_at=self.now,
            blocked_at=None,
            keyboard=_without(current.keyboard, self.below),
        )
        if conversation.account_id != current.id:
            # It went on elsewhere meanwhile; what is said here may be meant for a question of long ago.
            self._go_on_here(conversation, current)
            text, button, event = None, None, {"kind": "here", **({} if text is None else {"text": text})}
        elif text is None and button is None and event is None:
            event = {"kind": "start"}
        inbound = self._inbound(conversation.id, current.id, text=text, button=button, event=event)
        self.chats._use_cases.inbox.hold(self.work, conversation, inbound)
        self.work.update_conversation(conversation.id, last_seen_at=self.now)
        return Taken(conversation.id, inbound, new=True)

    def _inbound(self, conversation_id: str, account_id: str, **content: Any) -> Inbound:
        return self.chats._use_cases.inbox.message(
            conversation_id, self.channel, self.message_id, self.now, account_id=account_id, **content
        )

    def _open(self, code: str) -> Taken:
        """Open what the code opens. Raises InvalidCode."""
        codes = self.chats._use_cases.codes
        try:
            campaign, invitation = open_invitation(self.work, codes, code, self.now)
        except InvalidCode as error:
            if error.why == "unknown":
                return self._take_over(code)
            # Whoever has begun goes on, used up and closed as the link may be.
            begun = self._begun(error.campaign_id)
            if begun is None:
                raise
            return self._switch(begun)
        begun = self._begun(campaign.id)
        if begun is not None:
            return self._switch(begun)
        use_invitation(self.work, invitation)
        return self._begin(campaign=campaign, invitation=invitation)

    def _begun(self, campaign_id: str | None) -> Account | None:
        """The account of this chat in which a conversation of this campaign is held."""
        for one in self.held if campaign_id is not None else ():
            conversation = self.work.conversation(one.conversation_id)
            if conversation is not None and conversation.campaign_id == campaign_id:
                return one
        return None

    def _begin(self, **of: Any) -> Taken:
        """Begin a conversation in this chat."""
        turn_id = uuid.uuid4().hex
        conversation = begin(
            self.chats._knowledge,
            self.work,
            channel=self.channel,
            language=self.language,
            prefill={},
            now=self.now,
            turn_id=turn_id,
            **of,
        )
        self._leave_current()
        account = self._add_account(conversation.id, sent_seq=0)
        self.work.update_conversation(conversation.id, account_id=account.id)
        self.work.add_inbound(
            self._inbound(conversation.id, account.id, event={"kind": "start"}, done=True, turn_id=turn_id)
        )
        return Taken(conversation.id, None, new=True)

    def _add_account(self, conversation_id: str, sent_seq: int) -> Account:
        account = Account(
            id=secrets.token_hex(8),
            channel=self.channel,
            mark=self.mark,
            address=self.chats._seals.seal(self.account),
            conversation_id=conversation_id,
            since=self.now,
            heard_at=self.now,
            sent_seq=sent_seq,
        )
        self.work.add_account(account)
        return account

    def _leave_current(self, but: str | None = None) -> None:
        """Another conversation is held in this chat from now on: of the former nothing more is shown."""
        current = self.current
        if current is not None and current.id != but and current.until_seq is None:
            self.work.update_account(current.id, until_seq=self.work.last_seq(current.conversation_id))

    def _switch(self, account: Account) -> Taken:
        """Go on with a conversation that was begun in this chat."""
        conversation = self.work.conversation(account.conversation_id)
        if conversation is None:
            return self._begin()
        self._leave_current(but=account.id)
        if conversation.account_id != account.id or account.id != (self.current or account).id:
            self._go_on_here(conversation, account)
        else:
            self.work.update_account(account.id, heard_at=self.now, blocked_at=None)
        inbound = self._inbound(conversation.id, account.id, event={"kind": "start"})
        self.chats._use_cases.inbox.hold(self.work, conversation, inbound)
        self.work.update_conversation(conversation.id, last_seen_at=self.now)
        return Taken(conversation.id, inbound, new=True)

    def _take_over(self, code: str) -> Taken:
        """Go on here with a conversation that was handed over."""
        handover = take_over(self.work, self.chats._use_cases.codes, code, self.now)
        conversation = self.work.conversation(handover.conversation_id)
        if conversation is None:
            raise InvalidCode("unknown")
        account = next((one for one in self.held if one.conversation_id == conversation.id), None)
        if account is None:
            self._leave_current()
            # Until it was left, nothing of it had been shown here.
            account = self._add_account(conversation.id, sent_seq=self.work.last_seq(conversation.id))
        else:
            self._leave_current(but=account.id)
        self._go_on_here(conversation, account)
        turn = Turn(
            self.chats._knowledge,
            self.work,
            replace(conversation, account_id=account.id),
            None,
            self.now,
        )
        welcome_here(turn, self.channel)
        inbound = self._inbound(conversation.id, account.id, event={"kind": "moved"}, done=True)
        self.work.add_inbound(inbound)
        self.work.add_drafts(conversation.id, turn.drafts, inbound.turn_id, self.now)
        # The open question is put again: what else was pending is left behind, as by any other message.
        pending = turn.state.get("pending")
        self.work.update_conversation(conversation.id, last_seen_at=self.now, pending=pending)
        return Taken(conversation.id, None, new=True)

    def _go_on_here(self, conversation: Conversation, account: Account) -> None:
        """Make this account the place where a conversation goes on; the place that is left is told."""
        if conversation.account_id != account.id:
            leave(self.chats._knowledge, self.work, conversation, self.channel, self.now)
        self.work.update_account(
            account.id,
            since=self.now,
            heard_at=self.now,
            blocked_at=None,
            until_seq=None,
            sent_seq=self.work.last_seq(conversation.id),
            sent_part=0,
        )
        self.work.update_conversation(conversation.id, account_id=account.id)
