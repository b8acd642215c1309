"""Signed advice: which version is in force, and its steps in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.assessment.definitions import MaturityModel
from bot.assessment.plans import HORIZONS, Horizon, Plan, PlanVersion, text_in
from bot.assessment.records import Assessment
from bot.service.ports import Work
from bot.service.turn import Running
from bot.texts import say

# So many steps are told in the chat at once; the road map and the report have them all.
_TOLD = 3


@dataclass(frozen=True)
class ToldStep:
    """One step of a signed plan in one language. `number`: its place among those that are told, from 1.

    `dimension_id`, `dimension`: None where it belongs to none. `move`, `levels`: from which level to which,
    empty of a consultant's own step. `why` may be empty. `benefit`, `investment`: 1..3, where the respondent
    placed it (`placed`), else as signed.
    """

    number: int
    key: str
    horizon: Horizon
    dimension_id: str | None
    dimension: str | None
    title: str
    move: str
    levels: str
    begin: str
    measure: str
    why: str
    benefit: int
    investment: int
    placed: bool

    @property
    def heading(self) -> str:
        """Dimension and title."""
        return self.title if self.dimension is None else f"{self.dimension}: {self.title}"


def signed_plan(work: Work, assessment: Assessment) -> PlanVersion | None:
    """The advice about this result that a consultant signed and that is in force; None for none."""
    return work.plan_in_force(assessment.id)


def signed_for_campaign(work: Work, campaign_id: str, model_id: str) -> PlanVersion | None:
    """The advice for the organisation in this campaign, with this maturity model, that is in force."""
    return work.plan_in_force(campaign_id=campaign_id, model_id=model_id)


def with_plan(work: Work, running: Running) -> Running:
    """The same with the signed advice about it, if there is any."""
    return replace(running, signed=signed_plan(work, running.assessment))


def told_steps(
    language: str, model: MaturityModel, plan: Plan, placed: Assessment | None = None
) -> tuple[ToldStep, ...]:
    """The steps of a plan in the order in which they are told.

    `placed`: the assessment whose respondent may have placed some of them.
    """
    places = (placed.placed or {}) if placed is not None else {}
    titles = {dimension.id: dimension.title[language] for dimension in model.dimensions}
    kept = sorted(plan.kept, key=lambda step: HORIZONS.index(step.words.horizon))
    return tuple(
        ToldStep(
            number=number,
            key=step.key,
            horizon=step.words.horizon,
            dimension_id=step.dimension_id,
            dimension=titles.get(step.dimension_id or ""),
            title=text_in(step.words.title, language),
            move=text_in(step.move, language),
            levels=text_in(step.levels, language),
            begin=text_in(step.words.begin, language),
            measure=text_in(step.words.measure, language),
            why=text_in(step.words.why, language),
            benefit=places.get(step.key, (step.words.benefit,))[0],
            investment=places.get(step.key, (0, step.words.investment))[1],
            placed=step.key in places,
        )
        for number, step in enumerate(kept, 1)
    )


def told(language: str, running: Running) -> tuple[ToldStep, ...]:
    """The steps of the signed advice about this result; empty where there is none."""
    if running.signed is None:
        return ()
    return told_steps(language, running.model, running.signed.plan, running.assessment)


def told_first(language: str, running: Running) -> tuple[ToldStep, ...]:
    """Those to begin with, as many as are told in the chat: of the first horizon that has any."""
    steps = told(language, running)
    return tuple(step for step in steps if step.horizon == steps[0].horizon)[:_TOLD] if steps else ()


def made_by(language: str, signed: PlanVersion) -> str:
    """'Je adviseur Anna heeft dit advies voor je gemaakt.'"""
    return say(language, "signed.made", name=signed.signed_by)


def signed_by(language: str, signed: PlanVersion) -> str:
    """'Getekend door Anna op 22 november 2026', by the clock of the server."""
    assert signed.signed_at is not None
    local = signed.signed_at.astimezone()
    month = say(language, "page.months").split()[local.month - 1]
    return say(language, "signed.by", name=signed.signed_by, date=f"{local.day} {month} {local.year}")


def introduction(language: str, signed: PlanVersion) -> str:
    """What the adviser wrote before the steps; may be empty."""
    return text_in(signed.plan.introduction, language)


def in_chat(language: str, running: Running) -> str:
    """The first steps as a message: who made them, the introduction, each step with how to begin."""
    assert running.signed is not None
    steps = told(language, running)
    first = told_first(language, running)
    blocks = [made_by(language, running.signed), introduction(language, running.signed)]
    for step in first:
        lines = [say(language, "signed.step", number=step.number, title=step.heading)]
        if step.why:
            lines.append(say(language, "signed.why", why=step.why))
        lines.append(say(language, "signed.begin", step=step.begin))
        lines.append(say(language, "signed.measure", measure=step.measure))
        blocks.append("\n".join(lines))
    if len(steps) > len(first):
        blocks.append(say(language, "signed.more", count=len(steps) - len(first)))
    return "\n\n".join(block for block in blocks if block)


def in_short(language: str, running: Running) -> str:
    """The first steps, a line each, and who made them."""
    assert running.signed is not None
    return "\n".join(
        [
            made_by(language, running.signed),
            *(
                say(language, "signed.step", number=step.number, title=step.heading)
                for step in told_first(language, running)
            ),
        ]
    )
