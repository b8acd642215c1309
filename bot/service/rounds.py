"""What a campaign changes in the conversation: who reads along, what is fixed, whom to turn to."""

from __future__ import annotations

from collections.abc import Mapping

from bot.assessment.definitions import MaturityModel
from bot.assessment.records import Campaign, Conversation
from bot.service import wording
from bot.service.anonymity import LEAST
from bot.service.turn import Running, Turn
from bot.texts import LANGUAGES, say


def kept(conversation: Conversation, campaign: Campaign | None, organisation: str) -> str:
    """What is kept, who reads it, and what the site passed on, as it is said before consent."""
    language = conversation.language
    if campaign is None:
        return say(language, "consent.what")
    key = "consent.what_anonymous" if campaign.anonymous else "consent.what_by_name"
    told = say(language, key, organisation=organisation)
    first = _looked_at(language, campaign)
    return wording.paragraphs(told, first, _until(language, campaign), _passed_on(language, conversation))


def _looked_at(language: str, campaign: Campaign) -> str | None:
    """That a consultant looks at each result first, where that is so."""
    return say(language, "consent.approve_first") if campaign.approve_first else None


def _until(language: str, campaign: Campaign) -> str | None:
    """When what is kept goes by itself; None where nobody has said so."""
    if campaign.keep_days is None:
        return None
    if campaign.closes_at is None and campaign.closed_at is None:
        return say(language, "consent.kept_after_last", days=campaign.keep_days)
    return say(language, "consent.kept_after_end", days=campaign.keep_days)


def _passed_on(language: str, conversation: Conversation) -> str | None:
    """What the site calls this person; None where it calls them nothing."""
    if conversation.reference is None:
        return None
    return say(language, "consent.reference", reference=conversation.reference)


def privacy(turn: Turn) -> str:
    """What is kept, until when, and who reads it, as it is said to whoever asks."""
    campaign = turn.campaign
    if campaign is None:
        return turn.say("privacy.answer")
    if campaign.anonymous:
        told = turn.say("privacy.answer_anonymous", organisation=turn.organisation, least=LEAST)
        return wording.paragraphs(told, _looked_at(turn.language, campaign), _until(turn.language, campaign))
    return wording.paragraphs(
        turn.say("privacy.answer_by_name", organisation=turn.organisation),
        _looked_at(turn.language, campaign),
        _until(turn.language, campaign),
        _passed_on(turn.language, turn.conversation),
    )


def languages(campaign: Campaign | None) -> tuple[str, ...]:
    """The languages that can be spoken here."""
    return LANGUAGES if campaign is None else campaign.languages


def contact(turn: Turn) -> str | None:
    """Who 'a person, please' leads to; None where nobody said."""
    campaign = turn.campaign
    return (None if campaign is None else campaign.contact) or turn.knowledge.contact


def anonymous(turn: Turn) -> bool:
    """Whether nothing may tie what is said here to a person."""
    return turn.campaign is not None and turn.campaign.anonymous


def known_depth(campaign: Campaign | None, conversation: Conversation) -> str | None:
    """How much is done, where that is not to be asked: the campaign says so, or where it was begun."""
    fixed = None if campaign is None else campaign.depth
    return fixed or conversation.prefill.get("depth")


def may_deepen(turn: Turn) -> bool:
    """Whether a quick scan can be completed here: not where the campaign wants the quick scan only."""
    return turn.campaign is None or turn.campaign.depth != "quick"


def may_shorten(turn: Turn) -> bool:
    """Whether a quick scan can be made of all the questions: not where the campaign wants them all."""
    return turn.campaign is None or turn.campaign.depth != "full"


def fixed_targets(campaign: Campaign | None, model: MaturityModel) -> dict[str, int]:
    """Dimension id -> the level that the consultant has set, of those that this version of the model has."""
    wanted: Mapping[str, int] = {}
    if campaign is not None and campaign.targets is not None:
        wanted = campaign.targets.get(model.id, {})
    return {
        one.id: wanted[one.id]
        for one in model.dimensions
        if one.id in wanted and model.lowest <= wanted[one.id] <= model.highest
    }


def targets_fixed(turn: Turn, running: Running) -> bool:
    """Whether every area that could have a target has one that the consultant has set."""
    fixed = fixed_targets(turn.campaign, running.model)
    if not fixed:
        return False
    result = running.result
    # After a quick scan any of them may still get a level.
    return not any(
        one.dimension_id not in fixed and (one.staged is not None or result.indication)
        for one in result.dimensions
    )
