"""Reminders, as a job: who is due, and writing one.

A reminder is a line in the transcript, and the transcript is what is delivered. It is written and counted in
one transaction, under the lock of its conversation: so it comes once, however often the job runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.assessment.records import Account, Button, Campaign, Conversation, Remindable
from bot.assessment.reminding import is_day, may_follow
from bot.service.asking import ask
from bot.service.campaign_input import NotPossible
from bot.service.campaigns import phase
from bot.service.ports import Clock, Store, Work
from bot.service.reminding import agreed, most
from bot.service.turn import Knowledge, Turn

Standing = Literal["due", "night", "early", "enough", "unreachable", "not_agreed", "finished"]
"""Where somebody stands: is to be reminded now; when it is day; later; was reminded as often as may be;
cannot be reached; has not agreed (any more); has nothing left to answer."""


@dataclass(frozen=True)
class Reminded:
    """What came of reminding all of a campaign: standing -> how many. 'due' are those who were reminded.

    `who`: the id of each conversation -> its standing, in the order in which they began.
    """

    campaign: Campaign
    counts: Mapping[Standing, int]
    who: Mapping[str, Standing]


class Reminders:
    """The use-cases of reminding. Safe to use from several threads and processes at once."""

    def __init__(self, store: Store, knowledge: Knowledge, clock: Clock) -> None:
        self._store = store
        self._knowledge = knowledge
        self._clock = clock

    def due(self) -> list[str]:
        """The ids of the conversations in which a reminder is to be written now."""
        now = self._clock()
        campaigns: dict[str, Campaign | None] = {}
        with self._store.read() as work:
            found = []
            for conversation, account in work.conversations_to_remind():
                campaign_id = conversation.campaign_id
                if campaign_id is not None and campaign_id not in campaigns:
                    campaigns[campaign_id] = work.campaign(campaign_id)
                campaign = None if campaign_id is None else campaigns[campaign_id]
                if _when(conversation, account, campaign, now) == "due":
                    found.append(conversation.id)
            return found

    def remind(self, conversation_id: str) -> bool:
        """Write a reminder if one is due, and count it; whether it was."""
        now = self._clock()
        with self._store.write() as work:
            conversation = work.conversation(conversation_id)
            if conversation is None or _standing(work, conversation, now) != "due":
                return False
            self._write(work, conversation, now)
            work.commit()
        return True

    def remind_all(self, campaign_id: str, *, dry_run: bool = False) -> Reminded:
        """Remind everybody in a campaign who agreed and has not finished, without the usual wait.

        Who has night now is reminded in the morning. `dry_run`: only count. Raises NotPossible for a campaign
        that is not open (any more). One transaction each: what was written stays if the next one fails.
        """
        now = self._clock()
        with self._store.read() as work:
            campaign = work.campaign(campaign_id)
            if campaign is None or phase(campaign, now) != "open":
                name = campaign_id if campaign is None else campaign.name
                raise NotPossible(f"Campaign {name!r} is not open, so nobody is reminded.")
            everybody = work.remindable(campaign_id)
        who: dict[str, Standing] = {}
        for one in everybody:
            standing = (
                _stands(one, campaign, now, hurried=True) if dry_run else self._hurry(one.conversation.id)
            )
            if standing is not None:
                who[one.conversation.id] = standing
        return Reminded(campaign, Counter(who.values()), who)

    def _hurry(self, conversation_id: str) -> Standing | None:
        """Remind one person now, or have it done when it is day; None where the conversation has gone."""
        now = self._clock()
        with self._store.write() as work:
            conversation = work.conversation(conversation_id)
            if conversation is None:
                return None
            standing = _standing(work, conversation, now, hurried=True)
            held = agreed(conversation)
            if held is None:
                return standing
            if standing == "due":
                self._write(work, conversation, now)
            elif standing == "night":
                waits = replace(held, hurried_at=now).data()
                work.update_conversation(conversation_id, reminding=waits)
            work.commit()
        return standing

    def _write(self, work: Work, conversation: Conversation, now: datetime) -> None:
        held = agreed(conversation)
        assert held is not None
        turn = Turn(self._knowledge, work, conversation, None, now)
        _say(turn)
        drafts = [replace(draft, kind="notice") for draft in turn.drafts]
        work.add_drafts(conversation.id, drafts, None, now)
        # The open question is put again: what else was pending is left behind, as by any other message.
        changes = {"pending": None, **turn.state, "reminding": held.counted(now).data()}
        work.update_conversation(conversation.id, **changes)


def _say(turn: Turn) -> None:
    """How far one is, the open question, so that one tap goes on, and a button to hear no more."""
    running = turn.running
    if running is None or running.assessment.current_item is None:
        ask(turn, turn.say("reminding.begun"))
    else:
        number = running.item_ids.index(running.assessment.current_item) + 1
        total, minutes = len(running.item_ids), running.minutes_left
        ask(turn, turn.say("reminding.open", number=number, total=total, minutes=minutes))
    newest = turn.drafts[-1]
    stop = Button(turn.say("reminding.end_button"), turn.token("do", "no_reminders"), "choice")
    turn.drafts[-1] = replace(newest, buttons=(*newest.buttons, stop))


def _standing(work: Work, conversation: Conversation, now: datetime, *, hurried: bool = False) -> Standing:
    """Where this person stands; the conversation is locked where that is to be acted on."""
    assessment = None if conversation.assessment_id is None else work.assessment(conversation.assessment_id)
    account = None if conversation.account_id is None else work.account(conversation.account_id)
    told = 0 if account is None else max(account.sent_seq, account.knocked_seq)
    found = Remindable(
        conversation,
        None if assessment is None else assessment.status,
        account,
        any(one.role == "bot" for one in work.messages(conversation.id, told)),
    )
    campaign = None if conversation.campaign_id is None else work.campaign(conversation.campaign_id)
    return _stands(found, campaign, now, hurried=hurried)


def _stands(one: Remindable, campaign: Campaign | None, now: datetime, *, hurried: bool = False) -> Standing:
    """The same, of somebody of whom all that tells it was read."""
    if one.status == "completed":
        return "finished"
    if agreed(one.conversation) is None or one.conversation.consent != "given":
        return "not_agreed"
    account = one.account
    if account is None or account.blocked_at is not None or account.until_seq is not None:
        return "unreachable"
    if one.undelivered:
        # What was said before has not arrived: a reminder on top of it would not help.
        return "unreachable"
    return _when(one.conversation, account, campaign, now, hurried=hurried)


def _when(
    conversation: Conversation,
    account: Account,
    campaign: Campaign | None,
    now: datetime,
    *,
    hurried: bool = False,
) -> Standing:
    """Whether it is time for somebody who can be reached and has not finished."""
    held = agreed(conversation)
    if held is None:
        return "not_agreed"
    if held.sent >= most(campaign, now):
        return "enough"
    if not may_follow(held, account.heard_at, now, hurried=hurried):
        return "early"
    return "due" if is_day(now, held.time_zone) else "night"
