"""What the gateway, the action server and the command line ask of Peil: one transaction each."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.assessment.definitions import MaturityModel
from bot.assessment.records import (
    CLOSED,
    Assessment,
    Button,
    Conversation,
    Draft,
    Inbound,
    Link,
    LinkKind,
    Message,
    Picture,
    Snapshot,
)
from bot.service.beginning import UnknownModel, begin
from bot.service.buttons import Buttons
from bot.service.campaigns import open_invitation, use_invitation
from bot.service.codes import Codes, InvalidCode
from bot.service.dialogue import take
from bot.service.embedding import (
    InvalidSigned,
    Signatures,
    invites,
    origins_for_code,
    origins_for_conversation,
    trusted,
)
from bot.service.inbox import Inbox, Received
from bot.service.leaving import leave
from bot.service.linking import open_link, welcome_back
from bot.service.moving import take_over, welcome_here
from bot.service.my_data import everything
from bot.service.own_words import to_read
from bot.service.placing import read
from bot.service.ports import Clock, MatrixSpec, Parser, Placer, RadarSpec, Store, Work
from bot.service.report import behind, report
from bot.service.report_view import Report
from bot.service.result_page import view
from bot.service.result_view import ResultView
from bot.service.signed import with_plan
from bot.service.turn import Knowledge, Offer, Place, Ready, Running, Turn
from bot.service.withholding import NotYetApproved, is_withheld
from bot.texts import say

__all__ = ["MessageConflict", "UnknownConversation", "UnknownLink", "UnknownModel", "UnknownTurn", "UseCases"]


# WhatsApp repeats what it could not deliver for up to seven days; Telegram for one.
_REPEATED_FOR = timedelta(days=8)
_WEB = "web"


def _nothing(_work: Work) -> None:
    """Writes nothing."""


def _require_approved(work: Work, conversation: Conversation, assessment: Assessment) -> None:
    """Raise NotYetApproved where a consultant looks at this result first."""
    campaign = None if conversation.campaign_id is None else work.campaign(conversation.campaign_id)
    if is_withheld(campaign, assessment):
        raise NotYetApproved(assessment.id)


class UnknownTurn(Exception):
    """There is no turn with this id."""


class UnknownConversation(Exception):
    """There is no such conversation: it was erased, has expired, or never was."""


class UnknownLink(Exception):
    """There is no such link, or it was used up, withdrawn, or erased."""


class MessageConflict(Exception):
    """The same message id came in before with another content."""


class UseCases:
    """The use-cases, on one store. Safe to use from several threads."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        parse: Parser,
        radar: RadarSpec,
        matrix: MatrixSpec,
        secret: str,
        token_days: int,
        contact: str | None = None,
        places: Callable[[str], tuple[Place, ...]] = lambda code: (),
        placer: Placer | None = None,
        embed_origins: Sequence[str] = (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._parse = parse
        self._key = hashlib.sha256(b"peil conversation id " + secret.encode()).digest()
        self._unused = timedelta(days=token_days)
        self._models: dict[str, MaturityModel] = {}
        self._lock = threading.Lock()
        self._embed_origins = tuple(embed_origins)
        self.codes = Codes(secret)
        self.signatures = Signatures(secret)
        self.knowledge = Knowledge(
            self._offers, self._model, Buttons(secret), self.codes, radar, matrix, contact, places, placer
        )
        self.inbox = Inbox(secret, self.knowledge.buttons)

    # --- definitions ---

    def publish(self, definitions: Sequence[tuple[str, str, str, str]]) -> list[str]:
        """Snapshot these (hash, model id, version, canonical text) and offer exactly these from now on.

        Returns the ids of the models of which this content was not known yet.
        """
        now = self._clock()
        with self._store.write() as work:
            known = {snapshot.hash for snapshot in work.snapshots()}
            offered = set(work.offered())
            if offered == {(model_id, hash_) for hash_, model_id, _, _ in definitions}:
                return []
            work.offer(
                [
                    Snapshot(hash_, model_id, version, content, now, True)
                    for hash_, model_id, version, content in definitions
                ]
            )
            work.commit()
        return [model_id for hash_, model_id, _, _ in definitions if hash_ not in known]

    def _model(self, work: Work, definition_hash: str) -> MaturityModel:
        """The maturity model of a snapshot, parsed once a process; KeyError when it was never published."""
        with self._lock:
            model = self._models.get(definition_hash)
        if model is None:
            snapshot = work.snapshot(definition_hash)
            if snapshot is None:
                raise KeyError(f"no definition with hash {definition_hash!r}")
            model = self._parse(snapshot.content)
            with self._lock:
                self._models[definition_hash] = model
        return model

    def _offers(self, work: Work) -> list[Offer]:
        return [Offer(hash_, self._model(work, hash_)) for _, hash_ in work.offered()]

    def warm_up(self) -> None:
        """At start: parse what is on offer, so that no question waits for it; finish what a crash left."""
        self._store.catch_up()
        with self._store.read() as work:
            self._offers(work)

    # --- conversations ---

    def start_conversation(
        self,
        channel: str,
        language: str,
        prefill: Mapping[str, str],
        *,
        code: str | None = None,
        key: str | None = None,
        signed: str | None = None,
    ) -> tuple[Conversation, list[Message]]:
        """Begin a conversation; it and its greeting. Raises UnknownModel, and InvalidCode for the code.

        Segments in `prefill` are known then, and not asked. `code`: of an invitation. `key`: random, chosen
        by the client, which may repeat the call with it and gets the same conversation, used up or not.
        `signed`: a JWT with the campaign's key, which says the same as `prefill` and goes before it; raises
        InvalidSigned where it cannot be trusted, and where there is no campaign.
        """
        now = self._clock()
        if signed is not None and code is None:
            raise InvalidSigned("campaign")
        conversation_id = None
        if key is not None:
            conversation_id = hmac.new(self._key, f"{code} {key}".encode(), hashlib.sha256).hexdigest()[:32]
        with self._store.write() as work:
            known = None if conversation_id is None else work.conversation(conversation_id)
            campaign = invitation = None
            if known is None and code is not None:
                try:
                    campaign, invitation = open_invitation(work, self.codes, code, now)
                except InvalidCode:
                    # The same call may have had the invitation locked until now, and have used it up.
                    known = None if conversation_id is None else work.conversation(conversation_id)
                    if known is None:
                        raise
            if known is not None:
                return known, [one for one in work.messages(known.id) if one.kind == "greeting"]
            said = {}
            if signed is not None and campaign is not None:
                said = self.signatures.fields(signed, campaign.id, now)
            if invitation is not None:
                use_invitation(work, invitation)
            conversation = begin(
                self.knowledge,
                work,
                channel=channel,
                language=language,
                prefill=trusted(prefill, said, campaign),
                signed=said,
                now=now,
                campaign=campaign,
                invitation=invitation,
                conversation_id=conversation_id,
            )
            messages = work.messages(conversation.id)
            work.commit()
        return conversation, messages

    # --- on other people's sites ---

    def origins_for_code(self, code: str | None) -> tuple[str, ...]:
        """The sites (bot.origins) on which one may begin with this code of an invitation.

        Those of its campaign, open or not; none for a code of nothing. Without a code: those of the setting.
        """
        if code is None:
            return self._embed_origins
        with self._store.read() as work:
            return origins_for_code(work, self.codes, code)

    def invites(self, code: str) -> bool:
        """Whether this is the code of an invitation, open or not."""
        with self._store.read() as work:
            return invites(work, self.codes, code)

    def origins_for_conversation(self, conversation_id: str) -> tuple[str, ...]:
        """The sites on which this conversation may be held; none for one that there is not (any more)."""
        with self._store.read() as work:
            return origins_for_conversation(work, conversation_id, self._embed_origins)

    def there_is(self, conversation_id: str) -> bool:
        """Whether a token still opens this conversation. Nobody has used it by this."""
        with self._store.read() as work:
            return self._opens(work.conversation(conversation_id))

    def _opens(self, conversation: Conversation | None) -> bool:
        return (
            conversation is not None
            and self._clock() - conversation.last_seen_at <= self._unused
            and conversation.web_until != CLOSED
        )

    def behind_link(self, link_id: str) -> str | None:
        """The id of the conversation to which a link leads; looking uses nothing up."""
        with self._store.read() as work:
            link = work.link(link_id)
            return None if link is None else link.conversation_id

    def behind_handover(self, code: str) -> str | None:
        """The id of the conversation that was handed over with a code; looking uses nothing up."""
        try:
            mark = self.codes.mark(code)
        except InvalidCode:
            return None
        with self._store.read() as work:
            handover = work.handover_by_mark(mark)
            return None if handover is None else handover.conversation_id

    def seen(self, conversation_id: str) -> Conversation:
        """The conversation, whose token is being used. Raises UnknownConversation when unused for too long.

        Being used is written down at most once an hour: reading must not cost a write.
        """
        now = self._clock()
        with self._store.read() as work:
            conversation = work.conversation(conversation_id)
        if conversation is None or not self._opens(conversation):
            raise UnknownConversation(conversation_id)
        if now - conversation.last_seen_at > timedelta(hours=1):
            with self._store.write() as work:
                work.update_conversation(conversation_id, last_seen_at=now)
                work.commit()
        return conversation

    def history(self, conversation_id: str, after: str | None = None) -> list[Message] | None:
        """The transcript as the web chat shows it, after the message `after`; None when that does not exist.

        Of a conversation that went on elsewhere it shows all up to the notice that says so.
        """
        with self._store.read() as work:
            conversation = work.conversation(conversation_id)
            seq = 0 if after is None else work.seq_of(conversation_id, after)
            if seq is None:
                return None
            until = None if conversation is None else conversation.web_until
            return [one for one in work.messages(conversation_id, seq) if until is None or one.seq <= until]

    # --- turns ---

    def receive(
        self,
        channel: str,
        conversation_id: str,
        message_id: str,
        *,
        text: str | None = None,
        button: str | None = None,
        event: Mapping[str, Any] | None = None,
    ) -> Received:
        """Take a message into the inbox and the transcript, before anything is acknowledged.

        Exactly one of `text`, `button` and `event` (bot.channels.contract.Arrival) is set. A repeat changes
        nothing. Raises MessageConflict for the same id with another content, and UnknownConversation when
        the conversation has gone.
        """
        now = self._clock()
        fingerprint = self.inbox.fingerprint(text, button, event)
        with self._store.write() as work:
            conversation = work.conversation(conversation_id)
            if conversation is None:
                raise UnknownConversation(conversation_id)
            held = work.inbound_by_message(channel, conversation_id, message_id)
            if held is not None:
                if not hmac.compare_digest(held.fingerprint, fingerprint):
                    raise MessageConflict(message_id)
                return Received(held, new=False)
            if conversation.account_id is not None:
                # Who goes on here leaves the chat where it went on before; that place is told.
                leave(self.knowledge, work, conversation, channel, now)
            inbound = self.inbox.message(
                conversation_id, channel, message_id, now, text=text, button=button, event=event
            )
            self.inbox.hold(work, conversation, inbound)
            work.update_conversation(conversation_id, last_seen_at=now, web_until=None)
            work.commit()
        return Received(inbound, new=True)

    def _locked(self, work: Work, turn_id: str) -> tuple[Inbound, Conversation]:
        """The message of a turn and its conversation, which stays locked. Raises UnknownTurn.

        Everybody locks the conversation first, and nothing before it: whoever erases it would otherwise wait
        for a turn that waits for the conversation. So the message is read twice: to learn whose it is, and
        again under the lock, since another try of the turn may have just finished.
        """
        inbound = work.inbound(turn_id)
        conversation = None if inbound is None else work.conversation(inbound.conversation_id)
        inbound = None if conversation is None else work.inbound(turn_id)
        if inbound is None or conversation is None:
            raise UnknownTurn(turn_id)
        return inbound, conversation

    def take_turn(self, turn_id: str, meaning: str) -> None:
        """Do a turn, once: decide what its message means, change what it changes, store the reply.

        All in one transaction; a turn that is done already stays as it is. Raises UnknownTurn.
        """
        ready = self._read_ahead(turn_id, meaning)
        with self._store.write() as work:
            inbound, conversation = self._locked(work, turn_id)
            if inbound.done_at is not None:
                return
            now = self._clock()
            turn = Turn(self.knowledge, work, conversation, inbound, now)
            turn.ready = ready
            take(turn, meaning)
            if turn.state:
                work.update_conversation(conversation.id, **turn.state)
            work.add_drafts(conversation.id, turn.drafts, turn_id, now)
            work.finish_turn(turn_id, now)
            work.commit()
        if turn.erased:
            self._store.scrub()

    def _read_ahead(self, turn_id: str, meaning: str) -> Ready | None:
        """Own words of a turn, read before its transaction begins: others would wait for it all that time.

        None where there are none, as it seems. What changes until then is noticed when they are used.
        """
        placer = self.knowledge.placer
        if placer is None:
            return None
        with self._store.read() as work:
            inbound = work.inbound(turn_id)
            if inbound is None or inbound.text is None or inbound.done_at is not None:
                return None
            conversation = work.conversation(inbound.conversation_id)
            if conversation is None:
                return None
            wanted = to_read(Turn(self.knowledge, work, conversation, inbound, inbound.received_at), meaning)
        return None if wanted is None else Ready(wanted, read(placer, wanted))

    def reply_of(self, turn_id: str) -> list[Message] | None:
        """What the bot said in a turn; None while it is not done. Raises UnknownTurn when it was erased."""
        with self._store.read() as work:
            inbound = work.inbound(turn_id)
            if inbound is None:
                raise UnknownTurn(turn_id)
            return None if inbound.done_at is None else work.reply(turn_id)

    def apologise(self, turn_id: str) -> list[Message]:
        """Tell the person, once a turn, that the reply is late; the messages that say so.

        Empty when the turn has got its reply meanwhile.
        """
        with self._store.write() as work:
            inbound, conversation = self._locked(work, turn_id)
            if inbound.done_at is not None:
                return []
            held = work.reply(turn_id, "notice")
            if held:
                return held
            text = say(conversation.language, "trouble.waiting")
            work.add_drafts(
                conversation.id,
                [Draft(text, conversation.language, kind="notice")],
                turn_id,
                self._clock(),
            )
            notices = work.reply(turn_id, "notice")
            work.commit()
        return notices

    def give_up(self, turn_id: str) -> None:
        """End a turn that fails again and again although all parts are well, with an apology as its reply.

        What was said stays in the transcript; the conversation can go on. Raises UnknownTurn.
        """
        with self._store.write() as work:
            inbound, conversation = self._locked(work, turn_id)
            if inbound.done_at is not None:
                return
            now = self._clock()
            text = say(conversation.language, "trouble.gave_up")
            button = self.knowledge.buttons.token(conversation.id, "do", "repeat")
            go_on = Button(say(conversation.language, "side.continue"), button, "choice")
            work.add_drafts(conversation.id, [Draft(text, conversation.language, (go_on,))], turn_id, now)
            work.finish_turn(turn_id, now)
            work.commit()

    def open_turns(self) -> list[tuple[str, str]]:
        """(conversation id, turn id) of every message that waits for its reply, oldest first."""
        with self._store.read() as work:
            return work.open_turns()

    def message_of(self, turn_id: str) -> Inbound | None:
        """The message of a turn as it lies in the inbox; None when it was erased."""
        with self._store.read() as work:
            return work.inbound(turn_id)

    # --- links ---

    def come_back(self, link_id: str, device: str) -> str:
        """The id of the conversation to which a way back leads; `device` uses it up, and may ask again.

        The conversation says so and shows the next way back. Raises UnknownLink.
        """
        now = self._clock()
        mark = self.inbox.fingerprint(device)
        with self._store.write() as work:
            link = work.link(link_id)
            conversation = None if link is None else work.conversation(link.conversation_id)
            # Read again under the conversation's lock: another device may have been quicker.
            link = work.link(link_id)
            if link is None or conversation is None or link.kind != "back":
                raise UnknownLink(link_id)
            if now - conversation.last_seen_at > self._unused:
                raise UnknownLink(link_id)
            if link.ended_at is not None:
                if link.device is None or not hmac.compare_digest(link.device, mark):
                    raise UnknownLink(link_id)
                return conversation.id
            work.end_link(link_id, now, mark)
            if conversation.account_id is not None:
                leave(self.knowledge, work, conversation, _WEB, now)
            turn = Turn(self.knowledge, work, conversation, None, now)
            welcome_back(turn)
            work.add_drafts(conversation.id, turn.drafts, None, now)
            # The open question is put again: what else was pending is left behind, as by any other message.
            pending = turn.state.get("pending")
            work.update_conversation(conversation.id, last_seen_at=now, pending=pending, web_until=None)
            work.commit()
        return conversation.id

    def take_over(self, code: str, device: str) -> str:
        """The id of the conversation that was handed over with this code; it goes on in the web chat now.

        `device` uses it up, and may ask again. The place that is left is told. Raises InvalidCode.
        """
        now = self._clock()
        with self._store.write() as work:
            handover = take_over(work, self.codes, code, now, self.inbox.fingerprint(device))
            conversation = work.conversation(handover.conversation_id)
            if conversation is None or now - conversation.last_seen_at > self._unused:
                raise InvalidCode("unknown")
            if handover.used_at != now:
                return conversation.id
            if conversation.account_id is not None:
                leave(self.knowledge, work, conversation, _WEB, now)
            turn = Turn(self.knowledge, work, conversation, None, now)
            welcome_here(turn, _WEB)
            work.add_drafts(conversation.id, turn.drafts, None, now)
            # The open question is put again: what else was pending is left behind, as by any other message.
            pending = turn.state.get("pending")
            work.update_conversation(conversation.id, last_seen_at=now, pending=pending, web_until=None)
            work.commit()
        return conversation.id

    def result_page(self, link_id: str, kind: LinkKind, language: str | None = None) -> ResultView | None:
        """What stands on a result page, or ('share') on its view for colleagues; None when it is closed.

        `language`: another one than the respondent's. Raises NotYetApproved.
        """
        with self._store.read() as work:
            link = work.link(link_id)
            if link is None or link.kind != kind or link.ended_at is not None or link.assessment_id is None:
                return None
            assessment = work.assessment(link.assessment_id)
            conversation = work.conversation(link.conversation_id)
            if assessment is None or conversation is None:
                return None
            _require_approved(work, conversation, assessment)
            model = self._model(work, assessment.definition_hash)
            stored = {one.answer.item_id: one for one in work.answers(assessment.id)}
            running = with_plan(work, Running(assessment, model, stored))
            shares = [one for one in work.links(conversation.id, "share") if one.ended_at is None]
        if language not in model.languages:
            language = conversation.language
        return view(
            running,
            language,
            own=kind == "result",
            radar=self.knowledge.radar,
            shares=[one for one in shares if one.assessment_id == assessment.id],
        )

    def report(self, link_id: str, language: str | None = None) -> Report | None:
        """The report behind the respondent's own link to a result; None when it is closed.

        `language`: another one than the respondent's. Raises NotYetApproved.
        """
        with self._store.read() as work:
            link = work.link(link_id)
            if link is None or link.kind != "result" or link.ended_at is not None:
                return None
            assessment = work.assessment(link.assessment_id) if link.assessment_id else None
            conversation = work.conversation(link.conversation_id)
            if assessment is None or conversation is None:
                return None
            _require_approved(work, conversation, assessment)
            running = with_plan(
                work,
                Running(
                    assessment,
                    self._model(work, assessment.definition_hash),
                    {one.answer.item_id: one for one in work.answers(assessment.id)},
                ),
            )
            organisation, invented = behind(work, conversation)
        known = language in running.model.languages
        spoken = language if known and language else conversation.language
        return report(running, spoken, organisation, invented)

    def share(self, link_id: str) -> None:
        """Make a view for colleagues of the result behind this link, if none is open.

        Raises UnknownLink and NotYetApproved.
        """
        now = self._clock()
        with self._store.write() as work:
            link = self._result_link(work, link_id)
            assessment = work.assessment(link.assessment_id) if link.assessment_id else None
            conversation = work.conversation(link.conversation_id)
            if assessment is not None and conversation is not None:
                _require_approved(work, conversation, assessment)
            open_link(work, "share", link.conversation_id, link.assessment_id, now)
            work.commit()

    def unshare(self, link_id: str, shared_id: str) -> None:
        """Withdraw a view for colleagues of the result behind this link. Raises UnknownLink."""
        now = self._clock()
        with self._store.write() as work:
            link = self._result_link(work, link_id)
            shared = work.link(shared_id)
            if shared is None or shared.kind != "share" or shared.assessment_id != link.assessment_id:
                raise UnknownLink(shared_id)
            if shared.ended_at is None:
                work.end_link(shared_id, now)
                work.commit()

    def _result_link(self, work: Work, link_id: str) -> Link:
        """The link of a result page, with its conversation locked. Raises UnknownLink."""
        link = work.link(link_id)
        if link is None or link.kind != "result" or work.conversation(link.conversation_id) is None:
            raise UnknownLink(link_id)
        return link

    def my_data(self, link_id: str) -> dict[str, Any] | None:
        """All that is kept of the person behind this link, for a file; None when it is closed."""
        with self._store.read() as work:
            link = work.link(link_id)
            if link is None or link.kind != "data" or link.ended_at is not None:
                return None
            conversation = work.conversation(link.conversation_id)
            if conversation is None:
                return None
            return everything(work, conversation, lambda hash_: self._model(work, hash_))

    def file_of(self, work: Work, conversation: Conversation) -> dict[str, Any]:
        """The same file of a conversation, for who hands it out; within `work`."""
        return everything(work, conversation, lambda hash_: self._model(work, hash_))

    # --- pictures ---

    def picture(self, picture_id: str) -> Picture | None:
        """What a picture shows; None when there is none (any more)."""
        with self._store.read() as work:
            return work.picture(picture_id)

    # --- erasing ---

    def forget(
        self,
        conversation_id: str,
        *,
        also: Callable[[Work], None] = _nothing,
        thoroughly: bool = True,
    ) -> bool:
        """Erase a conversation and all that hangs on it, from the files too; False when there is none.

        `also`: what else is to be written in the same transaction, done before it is erased. `thoroughly`: as
        of Store.scrub, which makes everybody wait meanwhile.
        """
        with self._store.write() as work:
            also(work)
            found = work.delete_conversation(conversation_id)
            work.commit()
        if found:
            self._store.scrub(thoroughly=thoroughly)
        return found

    def tidy(self) -> int:
        """Delete the conversations that nobody consented to and nobody can open any more; how many."""
        with self._store.write() as work:
            count = work.delete_unconsented(self._clock() - self._unused)
            work.forget_spent(self._clock() - _REPEATED_FOR)
            work.commit()
        if count:
            self._store.scrub()
        return count
