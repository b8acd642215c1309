"""One message on its way to a reply: what is known, what was decided so far, and how to say something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from bot.assessment.advice import Recommendation, advise, first_steps, steps_to_show
from bot.assessment.answers import Answer
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.kinds import is_complete
from bot.assessment.plans import PlanVersion
from bot.assessment.records import (
    Assessment,
    Button,
    Campaign,
    Conversation,
    Draft,
    Form,
    Inbound,
    MessageLink,
    StoredAnswer,
    StoredPlacement,
    Table,
)
from bot.assessment.scoring import Result, score
from bot.assessment.session import asked_items, next_item
from bot.service.buttons import Buttons
from bot.service.codes import Codes
from bot.service.ports import MatrixSpec, Placer, RadarSpec, Work
from bot.texts import say
from bot.understanding.exact import normalise
from bot.understanding.proposals import Reading


@dataclass(frozen=True)
class Offer:
    """One maturity model that can be chosen, under the hash of its snapshot."""

    hash: str
    model: MaturityModel


@dataclass(frozen=True)
class Place:
    """Another place where a conversation can go on: the channel, and the address that leads there."""

    channel: str
    url: str


@dataclass(frozen=True)
class Knowledge:
    """What a turn may look up: the models on offer, any snapshot by hash, buttons, the specs of pictures.

    `contact`: how the people behind this chat can be reached, if they said so. `places`: for a code of a
    handover, where one can go on with it. `placer`: what places own words at levels; None for nothing.
    """

    offers: Callable[[Work], list[Offer]]
    model: Callable[[Work, str], MaturityModel]
    buttons: Buttons
    codes: Codes
    radar: RadarSpec
    matrix: MatrixSpec
    contact: str | None = None
    places: Callable[[str], tuple[Place, ...]] = lambda code: ()
    placer: Placer | None = None


def offers_of(knowledge: Knowledge, work: Work, campaign: Campaign | None) -> list[Offer]:
    """The maturity models that can be chosen; in a campaign only those that it is about."""
    offers = knowledge.offers(work)
    return [offer for offer in offers if campaign is None or offer.model.id in campaign.models]


def organisation_of(work: Work, campaign: Campaign | None) -> str:
    """The name of the organisation whose people a campaign asks; empty for no campaign."""
    named = {one.id: one.name for one in work.organisations()} if campaign is not None else {}
    return "" if campaign is None else named[campaign.organisation_id]


def items_asked(model: MaturityModel, depth: str) -> dict[str, Item]:
    """Item id -> item, of those that an assessment of this depth asks, in order."""
    asked = asked_items(model, model.quick_ids() if depth == "quick" else None)
    items = dict(zip(model.item_ids(), (item for _, item in model.walk()), strict=True))
    return {one: items[one] for one in asked}


def progress_of(items: Mapping[str, Item], answers: Mapping[str, Answer]) -> tuple[int, int]:
    """How many of these questions were had, and how many there are; `answers`: item id -> what holds."""
    return sum(1 for one, item in items.items() if is_complete(item, answers.get(one))), len(items)


@dataclass(frozen=True)
class Running:
    """An assessment with its maturity model and the answers that hold (item id -> answer).

    `signed`: a consultant's advice about it, once bot.service.signed.with_plan has looked; None for none.
    """

    assessment: Assessment
    model: MaturityModel
    stored: dict[str, StoredAnswer]
    signed: PlanVersion | None = None

    @property
    def answers(self) -> dict[str, Answer]:
        """The answers that hold, as scoring wants them."""
        return {item_id: one.answer for item_id, one in self.stored.items()}

    @property
    def open_item(self) -> Item | None:
        """The item that is being asked; None once the assessment is complete."""
        current = self.assessment.current_item
        return None if current is None else self.model.item(current)[1]

    @property
    def asked(self) -> tuple[str, ...] | None:
        """The items that this assessment asks; None for all of them."""
        return self.model.quick_ids() if self.assessment.depth == "quick" else None

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The items that are asked, in order: the first is question 1."""
        return asked_items(self.model, self.asked)

    @property
    def following(self) -> str | None:
        """The first item that is still to be answered; None when there is none."""
        return next_item(self.model, self.answers, asked=self.asked)

    @property
    def progress(self) -> tuple[int, int]:
        """How many of the questions were had, and how many there are."""
        return progress_of(items_asked(self.model, self.assessment.depth), self.answers)

    @property
    def minutes(self) -> int:
        """How long all questions of this assessment take, in minutes."""
        quick = self.model.quick_minutes
        return quick if self.assessment.depth == "quick" and quick is not None else self.model.minutes

    @property
    def minutes_left(self) -> int:
        """How long the questions take that are still to come, in minutes; at least one."""
        done, total = self.progress
        return max(1, round(self.minutes * (total - done) / total))

    @property
    def result(self) -> Result:
        """All that follows from the answers."""
        return score(self.model, self.answers, asked=self.asked, targets=self.assessment.targets)

    @property
    def advice(self) -> tuple[Recommendation, ...]:
        """Every step worth naming, the one to begin with first."""
        return advise(self.model, self.answers, self.result, targets_chosen=bool(self.assessment.targets))

    @property
    def first_steps(self) -> tuple[Recommendation, ...]:
        """The steps to begin with."""
        return first_steps(self.advice, steps_to_show(self.result))

    @property
    def completed(self) -> bool:
        """Whether every question was had; one may be looked at again."""
        return self.assessment.status == "completed"


@dataclass(frozen=True)
class Wanted:
    """Own words that are to be read: at item `item_id`, and at `also`, the one asked after it."""

    definition_hash: str
    model: MaturityModel
    item_id: str
    text: str
    also: str | None


@dataclass(frozen=True)
class Ready:
    """What was read before the transaction began, since it takes longer than all else of a turn.

    `reading` is None where nothing could read it.
    """

    wanted: Wanted
    reading: Reading | None


class Turn:
    """The state of one turn, within one transaction. The modules beside this one decide; this one remembers.

    `state` collects the fields of the conversation that change, `drafts` the messages of the reply. `erased`
    is True once all that was said before has been erased. `keeps_offer`: what was offered and is pending is
    put again. `is_aside`: the open question only stands again, and may be shorter where it is in sight.
    `ready`: own words that were read before the transaction began. `described`: own words that were placed,
    by assessment, as far as they were read from the store. `inbound` is None where the bot speaks by itself.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        work: Work,
        conversation: Conversation,
        inbound: Inbound | None,
        now: datetime,
    ) -> None:
        self.knowledge = knowledge
        self.work = work
        self.conversation = conversation
        self._inbound = inbound
        self.now = now
        self.language = conversation.language
        self.drafts: list[Draft] = []
        self.state: dict[str, Any] = {}
        self.erased = False
        self.keeps_offer = False
        self.is_aside = False
        self.ready: Ready | None = None
        self.described: dict[str, list[StoredPlacement]] = {}
        self.running: Running | None = None
        if conversation.assessment_id is not None:
            assessment = work.assessment(conversation.assessment_id)
            if assessment is not None:
                self.resume(assessment, knowledge.model(work, assessment.definition_hash))

    @property
    def inbound(self) -> Inbound:
        """The message that is being answered. Raises LookupError where the bot speaks by itself."""
        if self._inbound is None:
            raise LookupError("no message is being answered")
        return self._inbound

    @property
    def in_chat_app(self) -> bool:
        """Whether this is a chat app, where one comes back by writing again; the web chat can get lost."""
        return self._inbound is not None and self._inbound.account_id is not None

    @property
    def words(self) -> str:
        """What was typed; empty for a button."""
        return (self._inbound.text or "") if self._inbound is not None else ""

    def keep_segments(self, segments: dict[str, str]) -> None:
        """Remember what the person said of the own place in the organisation."""
        self.state["segments"] = segments
        self.conversation = replace(self.conversation, segments=segments)

    def resume(self, assessment: Assessment, model: MaturityModel) -> Running:
        """Take this assessment as the one under way, with its answers as they are stored now."""
        stored = {one.answer.item_id: one for one in self.work.answers(assessment.id)}
        self.running = Running(assessment, model, stored)
        return self.running

    def runs(self, assessment_id: str) -> bool:
        """Whether this is the assessment under way."""
        return self.running is not None and self.running.assessment.id == assessment_id

    @cached_property
    def campaign(self) -> Campaign | None:
        """What the conversation was begun for, if anything."""
        campaign_id = self.conversation.campaign_id
        return None if campaign_id is None else self.work.campaign(campaign_id)

    @cached_property
    def organisation(self) -> str:
        """Whose campaign it is, by name; empty where there is none."""
        return organisation_of(self.work, self.campaign)

    @property
    def offers(self) -> list[Offer]:
        """The maturity models that can be chosen."""
        return offers_of(self.knowledge, self.work, self.campaign)

    @property
    def fitting_offers(self) -> list[Offer]:
        """The model that the conversation was begun for; all of them when it was begun for none."""
        wanted = self.conversation.prefill.get("model")
        offers = self.offers
        return [offer for offer in offers if offer.model.id == wanted] or offers

    def say(self, key: str, **values: object) -> str:
        """A sentence in the person's language."""
        return say(self.language, key, **values)

    def token(self, *parts: str) -> str:
        """A button token of this conversation."""
        return self.knowledge.buttons.token(self.conversation.id, *parts)

    def choice(self, key: str, *parts: str, **values: object) -> Button:
        """A button for a plain choice such as yes or no; `values` fill in its title."""
        return Button(self.say(key, **values), self.token(*parts), "choice")

    def is_title(self, text: str, *keys: str) -> bool:
        """Whether this is the title of one of these buttons, typed instead of tapped."""
        return normalise(text) in {normalise(self.say(key)) for key in keys}

    def offer_first(self, *buttons: Button) -> None:
        """Put these buttons before the others of the newest message, and take away their doubles."""
        newest = self.drafts[-1]
        titles = {button.title for button in buttons}
        others = tuple(button for button in newest.buttons if button.title not in titles)
        self.drafts[-1] = replace(newest, buttons=(*buttons, *others))

    def offer_last(self, *buttons: Button) -> None:
        """Put these buttons behind the others of the newest message."""
        newest = self.drafts[-1]
        self.drafts[-1] = replace(newest, buttons=(*newest.buttons, *buttons))

    def tell(
        self,
        text: str,
        buttons: tuple[Button, ...] = (),
        picture_id: str | None = None,
        *,
        table: Table | None = None,
        links: tuple[MessageLink, ...] = (),
        form: Form | None = None,
        completed: str | None = None,
    ) -> None:
        """Add a message to the reply."""
        self.drafts.append(
            Draft(
                text,
                self.language,
                buttons,
                picture_id,
                table=table,
                links=links,
                form=form,
                completed=completed,
            )
        )
