"""A consultant asks a respondent in the chat, and lets a respondent see a result.

What is said to a respondent is a line of the transcript, written under the lock of the conversation in the
same transaction as what it comes from: so it comes once, on the channel where the conversation goes on,
whatever crashes or is pressed twice.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from bot.assessment.records import CLOSED, Assessment, Campaign, Conversation, Question
from bot.service.desk.access import Action, Actor, Missing, Refused, allow
from bot.service.desk.auditing import record
from bot.service.desk.ports import DeskStore, DeskWork
from bot.service.from_consultant import asks_now, tell_approved, tell_question
from bot.service.ports import Clock
from bot.service.turn import Knowledge, Running

LONGEST = 1000
"""Characters that a question may have."""
MOST_OPEN = 3
"""Questions that may wait for one respondent's answer at a time."""


class AskingPeople:
    """Questions to respondents, and approving results. Safe to use from several threads and processes.

    `unused`: a web chat that was not used for so long cannot be opened any more.
    """

    def __init__(self, store: DeskStore, knowledge: Knowledge, clock: Clock, *, unused: timedelta) -> None:
        self._store = store
        self._knowledge = knowledge
        self._clock = clock
        self._unused = unused

    # --- asking ---

    def ask(
        self, actor: Actor, assessment_id: str, item_id: str | None, text: str, *, key: str = ""
    ) -> Question:
        """Ask the respondent of an assessment something, about item `item_id` or about none.

        `key`: made for the form; the same one again is the same question. Raises Missing, and Refused:
        'ask_empty', 'ask_long' (over LONGEST characters), 'ask_anonymous', 'ask_no_consent', 'ask_gone',
        'ask_blocked', 'ask_elsewhere', 'ask_too_many' (MOST_OPEN wait already).
        """
        now = self._clock()
        said = _tidy(text)
        with self._store.write() as work:
            assessment, conversation, campaign = self._of(work, assessment_id)
            organisation_id = None if campaign is None else campaign.organisation_id
            allow(actor, Action.ASK_PEOPLE, organisation_id)
            question_id = _id(actor, assessment_id, key, now)
            held = work.question(question_id)
            if held is not None:
                return held
            if item_id is not None and item_id not in self._running(work, assessment).item_ids:
                raise Missing(item_id)
            if not said or len(said) > LONGEST:
                raise Refused("ask_long" if said else "ask_empty")
            self._require_reachable(work, conversation, campaign, now)
            if len(work.open_questions(conversation.id)) >= MOST_OPEN:
                raise Refused("ask_too_many")
            question = Question(
                id=question_id,
                conversation_id=conversation.id,
                assessment_id=assessment.id,
                item_id=item_id,
                text=said,
                user_id=actor.user_id,
                who=actor.name,
                at=now,
            )
            work.add_question(question)
            if not self._waits_its_turn(work, conversation):
                tell_question(work, self._knowledge, conversation, now, question)
            record(
                work, actor, "ask", "question", question.id, organisation_id, now, assessment=assessment.id
            )
            question = work.question(question.id) or question
            work.commit()
        return question

    def _waits_its_turn(self, work: DeskWork, conversation: Conversation) -> bool:
        """Whether another question was put and still waits for what is typed next."""
        if not asks_now(conversation):
            return False
        pending = conversation.pending or {}
        before = work.question(str(pending["question"]))
        return before is not None and before.status == "open"

    def _require_reachable(
        self, work: DeskWork, conversation: Conversation, campaign: Campaign | None, now: datetime
    ) -> None:
        """Raise Refused where nobody may be asked, or would see it."""
        if campaign is not None and campaign.anonymous:
            # The answer would say who gave the others.
            raise Refused("ask_anonymous")
        if conversation.consent != "given":
            raise Refused("ask_no_consent")
        if conversation.account_id is None:
            if conversation.web_until == CLOSED or now - conversation.last_seen_at > self._unused:
                raise Refused("ask_gone")
            return
        account = work.account(conversation.account_id)
        if account is None:
            raise Refused("ask_gone")
        if account.blocked_at is not None:
            raise Refused("ask_blocked")
        if account.until_seq is not None:
            # Another conversation is held in that chat now.
            raise Refused("ask_elsewhere")

    def why_not(self, actor: Actor, assessment_id: str) -> str | None:
        """Why the respondent cannot be asked now, as the key of Refused; None where that can be done."""
        with self._store.read() as work:
            _, conversation, campaign = self._of(work, assessment_id)
            allow(actor, Action.ASK_PEOPLE, None if campaign is None else campaign.organisation_id)
            try:
                self._require_reachable(work, conversation, campaign, self._clock())
            except Refused as refused:
                return refused.key
            return "ask_too_many" if len(work.open_questions(conversation.id)) >= MOST_OPEN else None

    def questions(self, actor: Actor, assessment_id: str) -> list[Question]:
        """What was asked about an assessment, oldest first. Raises Missing, Refused."""
        with self._store.read() as work:
            _, _, campaign = self._of(work, assessment_id)
            allow(actor, Action.SEE_PEOPLE, None if campaign is None else campaign.organisation_id)
            return work.questions_about(assessment_id)

    def withdraw(self, actor: Actor, question_id: str, assessment_id: str | None = None) -> None:
        """Take a question back that was not answered; twice is once. Raises Missing, Refused('ask_answered').

        `assessment_id`: what it has to be about, if that is said; else it is Missing.

        Who still tries to answer it is told. The next question that waits is put.
        """
        now = self._clock()
        with self._store.write() as work:
            asked = work.question(question_id)
            conversation = None if asked is None else work.conversation(asked.conversation_id)
            # Read again under the conversation's lock: it may have just been answered.
            asked = None if conversation is None else work.question(question_id)
            if (
                asked is None
                or conversation is None
                or (assessment_id is not None and asked.assessment_id != assessment_id)
            ):
                raise Missing(question_id)
            campaign = _campaign(work, conversation)
            organisation_id = None if campaign is None else campaign.organisation_id
            allow(actor, Action.ASK_PEOPLE, organisation_id)
            if asked.status == "answered":
                raise Refused("ask_answered")
            if asked.status == "withdrawn":
                return
            work.update_question(asked.id, withdrawn_at=now)
            was_put = (conversation.pending or {}).get("question") == asked.id
            waiting = [one for one in work.open_questions(conversation.id) if one.seq is None]
            if was_put and waiting:
                tell_question(work, self._knowledge, conversation, now, waiting[0])
            record(work, actor, "withdraw", "question", asked.id, organisation_id, now)
            work.commit()

    # --- approving ---

    def approve(self, actor: Actor, assessment_id: str) -> bool:
        """Let the respondent see the result, and show it in the chat; False where that was done already.

        Raises Missing, and Refused: 'approve_not_first' (the campaign shows results at once) and
        'approve_too_early' (not every question was had).
        """
        now = self._clock()
        with self._store.write() as work:
            assessment, conversation, campaign = self._of(work, assessment_id)
            allow(actor, Action.APPROVE, None if campaign is None else campaign.organisation_id)
            if assessment.approved_at is not None:
                return False
            if campaign is None or not campaign.approve_first:
                raise Refused("approve_not_first")
            if assessment.status != "completed" or self._running(work, assessment).following is not None:
                raise Refused("approve_too_early")
            work.update_assessment(assessment.id, approved_at=now, approved_by=actor.user_id)
            approved = work.assessment(assessment.id)
            assert approved is not None
            tell_approved(work, self._knowledge, conversation, now, approved)
            record(work, actor, "approve", "assessment", assessment.id, campaign.organisation_id, now)
            work.commit()
        return True

    def _of(self, work: DeskWork, assessment_id: str) -> tuple[Assessment, Conversation, Campaign | None]:
        """The assessment, its conversation (locked in a writing transaction) and campaign. Raises Missing."""
        assessment = work.assessment(assessment_id)
        conversation = None if assessment is None else work.conversation(assessment.conversation_id)
        # Read again under the lock: it may have changed, or have been erased, meanwhile.
        assessment = None if conversation is None else work.assessment(assessment_id)
        if assessment is None or conversation is None:
            raise Missing(assessment_id)
        return assessment, conversation, _campaign(work, conversation)

    def _running(self, work: DeskWork, assessment: Assessment) -> Running:
        model = self._knowledge.model(work, assessment.definition_hash)
        stored = {one.answer.item_id: one for one in work.answers(assessment.id)}
        return Running(assessment, model, stored)


def _campaign(work: DeskWork, conversation: Conversation) -> Campaign | None:
    return None if conversation.campaign_id is None else work.campaign(conversation.campaign_id)


def _id(actor: Actor, assessment_id: str, key: str, now: datetime) -> str:
    """The id of a question: the same for the same form of the same user."""
    of = f"{actor.user_id} {assessment_id} {key or now.isoformat()}"
    return hashlib.sha256(of.encode()).hexdigest()[:16]


def _tidy(text: str) -> str:
    """The question without control characters, blanks around it, and more than one blank line."""
    plain = "".join(one for one in text.replace("\r\n", "\n") if one == "\n" or one.isprintable())
    lines = [line.strip() for line in plain.strip().split("\n")]
    return "\n".join(line for place, line in enumerate(lines) if line or (place and lines[place - 1]))
