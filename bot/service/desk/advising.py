"""Advice: a consultant edits the bot's draft, for one result or for the organisation, and signs it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.assessment.definitions import MaturityModel
from bot.assessment.plans import (
    HORIZONS,
    MOST_STEPS,
    OWN,
    Held,
    Plan,
    PlanError,
    PlanStep,
    PlanVersion,
    StepWords,
    Words,
    added,
    dropped,
    faults,
    from_draft,
    held,
    moved,
    reworded,
    taken,
)
from bot.assessment.records import Assessment, Campaign, Conversation, StoredAnswer
from bot.service.desk.access import Action, Actor, Conflict, Missing, Refused, allow
from bot.service.desk.auditing import record
from bot.service.desk.drafting import draft_of, organisation_draft
from bot.service.desk.grounds import Levels, Middle, levels_of
from bot.service.desk.ports import DeskStore, DeskWork
from bot.service.from_consultant import tell_signed
from bot.service.ports import Clock
from bot.service.signed import signed_for_campaign, with_plan
from bot.service.turn import Knowledge, Running

NEVER = "0.0"
"""The state of advice that was never saved."""

Doing = Literal["save", "up", "down", "now", "next", "later", "drop", "drop_picked", "restore", "take"]


@dataclass(frozen=True)
class About:
    """What advice is about: one result, or a campaign's organisation with one maturity model."""

    assessment_id: str | None = None
    campaign_id: str | None = None
    model_id: str | None = None


@dataclass(frozen=True)
class NewStep:
    """A step of the consultant's own."""

    words: StepWords
    dimension_id: str | None


@dataclass(frozen=True)
class Edits:
    """What was typed: the introduction, and key -> words and dimension for each step that was on the page.

    `new`: a step to add, None for none. `picked`: keys of the steps that were chosen, to drop together.
    """

    introduction: Words
    steps: Mapping[str, NewStep]
    new: NewStep | None = None
    picked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sheet:
    """All that the editor shows.

    `person`: what the respondent is called, None in an anonymous campaign, without a campaign, or where that
    is not known; `reader`: the respondent's language, None of an organisation. `languages`: in which advice
    is written. `draft`: the bot's, today; `plan`: what is edited, which begins as the draft; `held`: the one
    held against the other. `newest`: the version that `plan` is of, None while nothing was saved; `in_force`:
    what respondents see. `state`: names the version and its revision. `changed`: the answers are others than
    when this advice was begun or signed. `people`, `left_out`, `few`: as of OrganisationDraft; 0 of a result.
    `cannot_sign`: why it cannot be signed, a key; None where it can. `saved_by`: who changed `newest` last.
    `upto`: the number of the newest answer, None of an organisation. `before`: the plan of the version before
    `newest`, None for none. `levels`: item id -> the three levels, of a result; `grounds`: item id -> what a
    step rests on, and `quick`: how many of `people` did the quick scan, of an organisation.
    """

    about: About
    organisation_id: str | None
    campaign: Campaign | None
    assessment: Assessment | None
    person: str | None
    reader: str | None
    model: MaturityModel
    languages: tuple[str, ...]
    draft: tuple[PlanStep, ...]
    plan: Plan
    held: Held
    newest: PlanVersion | None
    in_force: PlanVersion | None
    state: str
    changed: bool
    people: int
    left_out: int
    few: bool
    cannot_sign: str | None
    saved_by: str | None
    upto: int | None
    before: Plan | None = None
    levels: Mapping[str, Levels] = field(default_factory=dict)
    grounds: Mapping[str, Middle] = field(default_factory=dict)
    quick: int = 0

    @property
    def seen(self) -> str:
        """What is signed after looking at it: changes with the words, the order, and the answers below."""
        return f"{self.state}.{self.plan.mark}.{self.upto or 0}"

    @property
    def unsigned(self) -> bool:
        """Whether there are saved changes that nobody signed."""
        return self.newest is not None and self.newest.signed_at is None


@dataclass(frozen=True)
class Told:
    """One maturity model of a campaign, and how far the advice for the organisation is."""

    model_id: str
    name: Mapping[str, str]
    signed: PlanVersion | None
    unsigned: bool


class Outrun(Conflict):
    """Somebody else saved or signed this meanwhile; nothing was stored.

    `sheet`: as it is now; `mine`: the same with what was typed over it.
    """

    def __init__(self, sheet: Sheet, mine: Plan) -> None:
        super().__init__(sheet.state)
        self.sheet = sheet
        self.mine = mine


class NotFit(Exception):
    """What was typed breaks a rule; nothing was stored. `faults`: as of bot.assessment.plans.faults.

    `mine`: the plan with what was typed. The key of a step that was to be added is OWN.
    """

    def __init__(self, sheet: Sheet, mine: Plan, found: Mapping[tuple[str, str], str]) -> None:
        super().__init__(", ".join(sorted(set(found.values()))))
        self.sheet = sheet
        self.mine = mine
        self.faults = found


class Advising:
    """The use-cases of advice. Each asks first whether the user may (Action.ADVISE)."""

    def __init__(self, store: DeskStore, knowledge: Knowledge, clock: Clock) -> None:
        self._store = store
        self._knowledge = knowledge
        self._clock = clock

    # --- looking ---

    def sheet(self, actor: Actor, about: About) -> Sheet:
        """The editor's page. Raises Missing, Refused."""
        with self._store.write() as work:
            sheet = self._sheet(work, actor, about)
            if sheet.assessment is not None:
                self._record(work, actor, "see_advice", sheet)
            work.commit()
        return sheet

    def overview(self, actor: Actor, campaign_id: str) -> tuple[Campaign, tuple[Told, ...]]:
        """The campaign's maturity models with the state of their advice. Raises Missing, Refused."""
        with self._store.read() as work:
            campaign = self._campaign(work, actor, campaign_id, Action.ADVISE)
            offered = dict(work.offered())
            told = []
            for model_id in campaign.models:
                newest = work.newest_plans(None, campaign_id, model_id, 1)
                model = self._knowledge.model(work, offered[model_id]) if model_id in offered else None
                told.append(
                    Told(
                        model_id,
                        model.name if model is not None else {"nl": model_id, "en": model_id},
                        signed_for_campaign(work, campaign_id, model_id),
                        bool(newest) and newest[0].signed_at is None,
                    )
                )
        return campaign, tuple(told)

    def signed_for(self, actor: Actor, campaign_id: str, model_id: str) -> PlanVersion | None:
        """The organisation's signed advice, for viewers too (Action.SEE_EDITION); None where there is none.

        Raises Missing.
        """
        with self._store.read() as work:
            self._campaign(work, actor, campaign_id, Action.SEE_EDITION)
            return signed_for_campaign(work, campaign_id, model_id)

    # --- editing ---

    def save(
        self, actor: Actor, about: About, state: str, edits: Edits, doing: Doing = "save", key: str = ""
    ) -> str:
        """Save what was typed, and then move, drop, restore or take the step with this key.

        'drop_picked' drops all that were picked.

        Gives the key of the step that it was about, '' for none. `state`: of the sheet on which was typed.
        Raises Outrun where somebody saved since, NotFit where a rule is broken, Missing, Refused.
        """
        with self._store.write() as work:
            sheet = self._sheet(work, actor, about)
            mine = _typed(sheet, edits)
            if state != sheet.state:
                raise Outrun(sheet, mine)
            found = faults(mine) | _faults_of_new(edits.new)
            if found:
                raise NotFit(sheet, mine, found)
            try:
                if edits.new is not None:
                    key = f"{OWN}{secrets.token_hex(4)}"
                    mine = added(
                        mine, key, _tidy(edits.new.words), self._dimension(sheet, edits.new.dimension_id)
                    )
                else:
                    mine = _done(mine, sheet, doing, key, edits.picked)
            except PlanError as error:
                raise NotFit(sheet, mine, {("", "steps"): error.key}) from None
            except KeyError:
                raise Missing(key) from None
            if found := faults(mine):
                # A step that was dropped half-written is brought back.
                raise NotFit(sheet, mine, found)
            if mine == sheet.plan and sheet.newest is not None:
                return key
            if not self._store_version(work, actor, sheet, mine):
                raise Outrun(self._sheet(work, actor, about), mine)
            self._record(work, actor, "edit_advice", sheet, doing="add" if edits.new else doing)
            work.commit()
        return key

    def discard(self, actor: Actor, about: About, state: str) -> None:
        """Throw away what was saved and never signed. Raises Conflict where somebody saved since."""
        with self._store.write() as work:
            sheet = self._sheet(work, actor, about)
            newest = sheet.newest
            if newest is None or newest.signed_at is not None or state != sheet.state:
                raise Conflict(sheet.state)
            if not work.delete_draft(newest.id, newest.revision):
                raise Conflict(sheet.state)
            self._record(work, actor, "discard_advice", sheet)
            work.commit()

    # --- signing ---

    def sign(self, actor: Actor, about: About, seen: str) -> bool:
        """Sign what was seen (Sheet.seen), and tell the respondent, in one transaction.

        False where just that was signed already: whoever taps twice signs once. Raises Conflict where
        something changed since it was looked at, Refused where it cannot be signed (Sheet.cannot_sign).
        """
        now = self._clock()
        with self._store.write() as work:
            sheet = self._sheet(work, actor, about)
            newest = sheet.newest
            if (
                newest is not None
                and newest.in_force
                and seen.split(".")[2:3] == [newest.plan.mark]
                and newest.user_id == actor.user_id
            ):
                return False
            if seen != sheet.seen:
                raise Conflict(sheet.state)
            if sheet.cannot_sign is not None:
                raise Refused(sheet.cannot_sign)
            plan = replace(sheet.plan, upto=sheet.upto)
            signature = {"signed_at": now, "signed_by": actor.name}
            if newest is not None and newest.signed_at is None:
                done = work.change_plan(
                    newest.id, newest.revision, plan=plan, user_id=actor.user_id, changed_at=now, **signature
                )
            else:
                done = work.add_plan(self._next_version(actor, sheet, plan, signed=True))
            if not done:
                raise Conflict(sheet.state)
            told = False
            if sheet.assessment is not None:
                conversation = work.conversation(sheet.assessment.conversation_id)
                if conversation is not None:
                    told = tell_signed(
                        work, self._knowledge, conversation, now, actor.name, sheet.assessment.id
                    )
            self._record(work, actor, "sign_advice", sheet, told=told)
            work.commit()
        return True

    def withdraw(self, actor: Actor, about: About, version: int) -> None:
        """Take the signature back: respondents see the bot's advice again, until something is signed anew.

        Raises Conflict where this version is not the one in force.
        """
        now = self._clock()
        with self._store.write() as work:
            sheet = self._sheet(work, actor, about)
            signed = sheet.in_force
            if signed is None or signed.version != version:
                raise Conflict(sheet.state)
            if not work.change_plan(signed.id, signed.revision, withdrawn_at=now):
                raise Conflict(sheet.state)
            self._record(work, actor, "withdraw_advice", sheet)
            work.commit()

    # --- parts ---

    def _campaign(self, work: DeskWork, actor: Actor, campaign_id: str, action: Action) -> Campaign:
        campaign = work.campaign(campaign_id)
        if campaign is None:
            raise Missing(campaign_id)
        allow(actor, action, campaign.organisation_id)
        return campaign

    def _sheet(self, work: DeskWork, actor: Actor, about: About) -> Sheet:
        if about.assessment_id is None:
            return self._sheet_of_campaign(work, actor, about)
        assessment = work.assessment(about.assessment_id)
        if assessment is None:
            raise Missing(about.assessment_id)
        conversation = work.conversation(assessment.conversation_id)
        assert conversation is not None
        campaign = None if conversation.campaign_id is None else work.campaign(conversation.campaign_id)
        allow(actor, Action.ADVISE, None if campaign is None else campaign.organisation_id)
        model = self._knowledge.model(work, assessment.definition_hash)
        stored = {one.answer.item_id: one for one in work.answers(assessment.id)}
        running = with_plan(work, Running(assessment, model, stored))
        return self._made(
            work,
            about,
            campaign,
            model,
            draft_of(running),
            work.newest_plans(assessment.id, None, assessment.model_id, 2),
            running.signed,
            assessment=assessment,
            conversation=conversation,
            upto=work.newest_answer(assessment.id),
            language=actor.language,
            stored=stored,
        )

    def _sheet_of_campaign(self, work: DeskWork, actor: Actor, about: About) -> Sheet:
        campaign = self._campaign(work, actor, about.campaign_id or "", Action.ADVISE)
        model_id = about.model_id or ""
        if model_id not in campaign.models:
            raise Missing(model_id)
        draft = organisation_draft(work, self._knowledge, campaign, model_id)
        if draft is None:
            raise Missing(model_id)
        return self._made(
            work,
            about,
            campaign,
            draft.model,
            draft.steps,
            work.newest_plans(None, campaign.id, model_id, 2),
            signed_for_campaign(work, campaign.id, model_id),
            people=draft.people,
            left_out=draft.left_out,
            few=draft.few,
            quick=draft.quick,
            grounds=draft.grounds,
        )

    def _made(
        self,
        work: DeskWork,
        about: About,
        campaign: Campaign | None,
        model: MaturityModel,
        draft: tuple[PlanStep, ...],
        versions: Sequence[PlanVersion],
        in_force: PlanVersion | None,
        *,
        assessment: Assessment | None = None,
        conversation: Conversation | None = None,
        upto: int | None = None,
        people: int = 0,
        left_out: int = 0,
        few: bool = False,
        quick: int = 0,
        grounds: Mapping[str, Middle] | None = None,
        language: str = "",
        stored: Mapping[str, StoredAnswer] | None = None,
    ) -> Sheet:
        newest = versions[0] if versions else None
        plan = from_draft(draft, upto) if newest is None else newest.plan
        against = held(plan, draft)
        changed = newest is not None and (
            plan.upto != upto if assessment is not None else not against.same and bool(draft)
        )
        levels = {}
        if assessment is not None:
            keys = [step.key for step in (*plan.steps, *draft)]
            hidden = campaign is not None and campaign.anonymous
            levels = levels_of(work, model, assessment, stored or {}, keys, language, hidden=hidden)
        spoken = model.languages if campaign is None else campaign.languages
        return Sheet(
            about=about,
            organisation_id=None if campaign is None else campaign.organisation_id,
            campaign=campaign,
            assessment=assessment,
            person=self._person(work, campaign, conversation),
            reader=None if conversation is None else conversation.language,
            model=model,
            languages=tuple(one for one in spoken if one in model.languages) or model.languages,
            draft=draft,
            plan=plan,
            held=against,
            newest=newest,
            in_force=in_force,
            state=NEVER if newest is None else f"{newest.version}.{newest.revision}",
            changed=changed,
            people=people,
            left_out=left_out,
            few=few,
            cannot_sign=_why_not(plan, newest, assessment),
            saved_by=None if newest is None else work.user_names([newest.user_id]).get(newest.user_id),
            upto=upto,
            before=versions[1].plan if len(versions) > 1 else None,
            levels=levels,
            grounds=grounds or {},
            quick=quick,
        )

    def _person(
        self, work: DeskWork, campaign: Campaign | None, conversation: Conversation | None
    ) -> str | None:
        if campaign is None or campaign.anonymous or conversation is None:
            return None
        label = None
        if conversation.invitation_id is not None:
            label = work.invitation_label(conversation.invitation_id)
        return label or conversation.reference

    def _dimension(self, sheet: Sheet, dimension_id: str | None) -> str | None:
        known = {dimension.id for dimension in sheet.model.dimensions}
        return dimension_id if dimension_id in known else None

    def _store_version(self, work: DeskWork, actor: Actor, sheet: Sheet, plan: Plan) -> bool:
        newest = sheet.newest
        if newest is not None and newest.signed_at is None:
            return work.change_plan(
                newest.id, newest.revision, plan=plan, user_id=actor.user_id, changed_at=self._clock()
            )
        return work.add_plan(self._next_version(actor, sheet, plan))

    def _next_version(self, actor: Actor, sheet: Sheet, plan: Plan, *, signed: bool = False) -> PlanVersion:
        now = self._clock()
        return PlanVersion(
            id=secrets.token_hex(8),
            assessment_id=sheet.about.assessment_id,
            campaign_id=None if sheet.about.assessment_id is not None else sheet.about.campaign_id,
            model_id=sheet.model.id,
            version=1 if sheet.newest is None else sheet.newest.version + 1,
            revision=1,
            plan=plan,
            user_id=actor.user_id,
            created_at=now,
            changed_at=now,
            signed_at=now if signed else None,
            signed_by=actor.name if signed else None,
        )

    def _record(self, work: DeskWork, actor: Actor, action: str, sheet: Sheet, **detail: str | bool) -> None:
        about = sheet.about
        record(
            work,
            actor,
            action,
            "campaign" if about.assessment_id is None else "assessment",
            about.assessment_id or about.campaign_id,
            sheet.organisation_id,
            self._clock(),
            model=sheet.model.id,
            **detail,
        )


def _why_not(plan: Plan, newest: PlanVersion | None, assessment: Assessment | None) -> str | None:
    """Why this cannot be signed, a key; None where it can."""
    if newest is not None and newest.in_force:
        return "already_signed"
    if assessment is not None and assessment.status != "completed":
        return "not_completed"
    return None if plan.kept else "no_steps"


def _typed(sheet: Sheet, edits: Edits) -> Plan:
    """The plan as it is stored with what was typed over it; steps that it has not (any more) come back."""
    plan = replace(sheet.plan, introduction=_trimmed(edits.introduction))
    known = {dimension.id for dimension in sheet.model.dimensions}
    for key, typed in edits.steps.items():
        words = _tidy(typed.words)
        dimension = typed.dimension_id if typed.dimension_id in known else None
        if any(step.key == key for step in plan.steps):
            plan = reworded(plan, key, words, dimension)
        elif key.startswith(OWN) and len(plan.steps) < MOST_STEPS:
            plan = added(plan, key, words, dimension)
    return plan


def _tidy(words: StepWords) -> StepWords:
    return replace(
        words,
        title=_trimmed(words.title),
        begin=_trimmed(words.begin),
        measure=_trimmed(words.measure),
        why=_trimmed(words.why),
    )


def _trimmed(words: Words) -> dict[str, str]:
    told = {language: text.replace("\r\n", "\n").strip() for language, text in words.items()}
    return {language: text for language, text in told.items() if text}


def _faults_of_new(new: NewStep | None) -> dict[tuple[str, str], str]:
    if new is None:
        return {}
    return faults(Plan((PlanStep(OWN, _tidy(new.words)),)))


def _done(plan: Plan, sheet: Sheet, doing: Doing, key: str, picked: frozenset[str]) -> Plan:
    """The plan after this. Raises KeyError for a step that there is not."""
    acts: dict[Doing, Callable[[], Plan]] = {
        "save": lambda: plan,
        "up": lambda: moved(plan, key, -1),
        "down": lambda: moved(plan, key, 1),
        "drop": lambda: dropped(plan, key),
        "drop_picked": lambda: _without(plan, picked),
        "restore": lambda: dropped(plan, key, False),
        "take": lambda: taken(plan, {step.key: step for step in sheet.draft}[key]),
    }
    for horizon in HORIZONS:
        if doing == horizon:
            step = plan.step(key)
            return reworded(plan, key, replace(step.words, horizon=horizon), step.dimension_id)
    return acts[doing]()


def _without(plan: Plan, keys: frozenset[str]) -> Plan:
    """The plan with all of these steps left out. Raises KeyError for one that there is not."""
    for key in sorted(keys):
        plan = dropped(plan, key)
    return plan
