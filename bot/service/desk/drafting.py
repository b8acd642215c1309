"""The bot's draft of advice as a plan's steps: of one result, and of the organisation in a campaign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.assessment.advice import Recommendation
from bot.assessment.answers import Answer
from bot.assessment.definitions import MaturityModel
from bot.assessment.plans import PlanStep, drafted, middle_answers
from bot.assessment.records import Campaign
from bot.assessment.roadmap import road_map
from bot.assessment.scoring import score
from bot.service import wording
from bot.service.anonymity import LEAST
from bot.service.desk.grounds import Middle, middles
from bot.service.desk.ports import DeskWork
from bot.service.turn import Knowledge, Running


@dataclass(frozen=True)
class OrganisationDraft:
    """What the bot would advise an organisation. `people`: how many results it rests on.

    `left_out`: how many results are of another version of the maturity model. `few`: there are fewer than
    LEAST results, so nothing is drafted: what is signed goes to viewers too, and may tell of no fewer.
    `quick`: how many of the results are quick scans. `grounds`: item id -> what a step about
    it rests on.
    """

    model: MaturityModel
    steps: tuple[PlanStep, ...]
    people: int
    left_out: int
    quick: int = 0
    grounds: Mapping[str, Middle] = field(default_factory=dict)

    @property
    def few(self) -> bool:
        """Whether there are too few results for a draft."""
        return self.people < LEAST


def draft_of(running: Running) -> tuple[PlanStep, ...]:
    """The steps that the bot advises after these answers."""
    return _drafted(running.model, running.answers, running.asked, running.assessment.targets)


def organisation_draft(
    work: DeskWork, knowledge: Knowledge, campaign: Campaign, model_id: str
) -> OrganisationDraft | None:
    """The steps that the bot advises to an organisation; None for a maturity model that nobody ever offered.

    The advice after the middle answers (bot.assessment.plans.middle_answers) of each respondent's newest
    result, with the campaign's targets; items with fewer than LEAST answers count as not answered. Of
    several versions of the maturity model the one that most results are of.
    """
    results: dict[str, int] = {}
    depths: dict[str, dict[str, int]] = {}
    for definition_hash, depth, people in work.answered_versions(campaign.id, model_id):
        results[definition_hash] = results.get(definition_hash, 0) + people
        depths.setdefault(definition_hash, {})[depth] = people
    if not results:
        offered = dict(work.offered()).get(model_id)
        return None if offered is None else OrganisationDraft(knowledge.model(work, offered), (), 0, 0)
    chosen = max(results, key=lambda one: (results[one], one))
    model = knowledge.model(work, chosen)
    people, left_out = results[chosen], sum(results.values()) - results[chosen]
    if people < LEAST:
        return OrganisationDraft(model, (), people, left_out)
    told = {
        item_id: answers
        for item_id, answers in work.counted_answers(campaign.id, model_id, chosen).items()
        if sum(count for _, count in answers) >= LEAST
    }
    targets = (campaign.targets or {}).get(model_id)
    asked = model.quick_ids() if set(depths[chosen]) == {"quick"} else None
    steps = _drafted(model, middle_answers(model, told), asked, targets)
    quick = depths[chosen].get("quick", 0)
    return OrganisationDraft(model, steps, people, left_out, quick, middles(model, told))


def _drafted(
    model: MaturityModel,
    answers: Mapping[str, Answer],
    asked: tuple[str, ...] | None,
    targets: Mapping[str, int] | None,
) -> tuple[PlanStep, ...]:
    result = score(model, answers, asked=asked, targets=targets)
    road = road_map(model, answers, result, targets_chosen=bool(targets))

    def title(step: Recommendation, language: str) -> str:
        return wording.step_subject(language, model.item(step.item_id)[1], step)

    def why(step: Recommendation, language: str) -> str:
        return wording.why_step(language, model, step, result)

    def move(step: Recommendation, language: str) -> str:
        return wording.step_move(language, model, model.item(step.item_id)[1], step)

    def levels(step: Recommendation, language: str) -> str:
        return wording.step_short(language, step)

    return drafted(model, road, title=title, why=why, move=move, levels=levels)
