"""Advice as a consultant edits and signs it: a plan, how the bot's draft becomes one, the two compared.

What a plan may hold, its order, and how an organisation's draft comes about are our own rules
(docs/adr/0024).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median_low
from typing import Any, Literal, get_args

from bot.assessment.advice import Recommendation
from bot.assessment.answers import Answer, given
from bot.assessment.definitions import MaturityModel
from bot.assessment.roadmap import EFFORT, RoadMap, step_key

Horizon = Literal["now", "next", "later"]
HORIZONS: tuple[Horizon, ...] = get_args(Horizon)
"""When: the order in which a plan is told."""

Origin = Literal["bot", "edited", "added"]
"""Of the bot and as it drafted it; of the bot and changed; a consultant's own."""

MOST_STEPS = 40
"""So many steps a plan may have, the dropped ones included."""
LONGEST_TITLE = 200
LONGEST_TEXT = 1000
"""In characters: of a step's title, and of each other text."""
OWN = "own:"
"""What the key of a consultant's own step begins with; no step of a maturity model has a ':' in its key."""

Words = Mapping[str, str]
"""Language -> text; a language in which nothing was written is not in it."""

_STATES = ("not_yet", "planned", "in_place")


class PlanError(Exception):
    """A plan cannot be like this. `key`: which rule it breaks."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class StepWords:
    """What a step says and when it is to be done: all that a consultant can change of it.

    `why` may be empty. `benefit` and `investment`: 1..3, as in the matrix.
    """

    title: Words
    begin: Words
    measure: Words
    why: Words
    horizon: Horizon
    benefit: int
    investment: int


@dataclass(frozen=True)
class PlanStep:
    """One step of a plan under a stable key: of the bot that of bot.assessment.roadmap.step_key.

    `drafted`: what the bot had written when the step came into the plan; None of a consultant's own.
    `move`, `levels`: from which level to which, in words and in short ('2 → 3'); nobody edits these, and own
    steps have none. `dimension_id`: None where it belongs to none. `dropped`: consultants still see it, and
    can bring it back.
    """

    key: str
    words: StepWords
    drafted: StepWords | None = None
    dimension_id: str | None = None
    move: Words = field(default_factory=dict)
    levels: Words = field(default_factory=dict)
    dropped: bool = False

    @property
    def origin(self) -> Origin:
        """Whose it is."""
        if self.drafted is None:
            return "added"
        return "bot" if self.words == self.drafted else "edited"

    def behind(self, language: str) -> bool:
        """Whether this language still has the bot's text where another one was changed."""
        if self.drafted is None:
            return False
        now, then = self.words, self.drafted
        for texts, bots in (
            (now.title, then.title),
            (now.begin, then.begin),
            (now.measure, then.measure),
            (now.why, then.why),
        ):
            others = {*texts, *bots} - {language}
            same = bool(texts.get(language)) and texts.get(language) == bots.get(language)
            if same and any(texts.get(one) and texts.get(one) != bots.get(one) for one in others):
                return True
        return False


@dataclass(frozen=True)
class Plan:
    """The steps in the order in which they are told: now, next, later. See `arranged`.

    `introduction`: the adviser's own, may be empty. `upto`: the newest answer (its number) that the plan was
    last held against, None for none.
    """

    steps: tuple[PlanStep, ...]
    introduction: Words = field(default_factory=dict)
    upto: int | None = None

    @property
    def kept(self) -> tuple[PlanStep, ...]:
        """The steps that are told."""
        return tuple(step for step in self.steps if not step.dropped)

    @property
    def dropped(self) -> tuple[PlanStep, ...]:
        """The others."""
        return tuple(step for step in self.steps if step.dropped)

    @property
    def mark(self) -> str:
        """Changes with whatever a reader would see changed; 16 hexadecimal digits."""
        told = {**to_json(self), "upto": None}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def step(self, key: str) -> PlanStep:
        """The step with this key; KeyError when there is none."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(f"the plan has no step {key!r}")


@dataclass(frozen=True)
class PlanVersion:
    """One version of the advice about an assessment, or about a campaign with one maturity model, as stored.

    `version` counts from 1, `revision` the changes of this one. What was signed is never changed again:
    editing goes on in a next version, and the signed one stays in force until that is signed. `user_id`: who
    changed it last. `signed_by`: the name as it was then. `withdrawn_at`: since when it is no more in force.
    """

    id: str
    assessment_id: str | None
    campaign_id: str | None
    model_id: str
    version: int
    revision: int
    plan: Plan
    user_id: str
    created_at: datetime
    changed_at: datetime
    signed_at: datetime | None = None
    signed_by: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def in_force(self) -> bool:
        """Whether it was signed and not withdrawn; of several versions only the newest signed one counts."""
        return self.signed_at is not None and self.withdrawn_at is None


@dataclass(frozen=True)
class Held:
    """A plan held against today's draft.

    `missing`: keys of steps that the draft has and the plan has not, in the draft's order. `gone`: keys of
    the bot's steps of the plan, dropped ones too, that the draft has no more. `reworded`: keys of those that
    the draft words otherwise than when they came into the plan.
    """

    missing: tuple[str, ...]
    gone: tuple[str, ...]
    reworded: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the draft still is what the plan was made from."""
        return not (self.missing or self.gone or self.reworded)


def drafted(
    model: MaturityModel,
    road: RoadMap,
    *,
    title: Callable[[Recommendation, str], str],
    why: Callable[[Recommendation, str], str],
    move: Callable[[Recommendation, str], str],
    levels: Callable[[Recommendation, str], str],
) -> tuple[PlanStep, ...]:
    """The bot's draft: every step of a road map in its order, each text in all languages of the model.

    The callables say in a language what the definition leaves to the chrome.
    """

    def told(say: Callable[[Recommendation, str], str], step: Recommendation) -> dict[str, str]:
        return {language: say(step, language) for language in model.languages}

    listed: list[tuple[Horizon, Recommendation]] = [
        *(("now", one) for one in road.now),
        *(("next", one) for one in road.next),
        *(("later", one) for one in road.later),
    ]
    steps = []
    for horizon, one in listed:
        words = StepWords(
            title=told(title, one),
            begin=dict(one.action.step),
            measure=dict(one.action.measure),
            why=told(why, one),
            horizon=horizon,
            benefit=one.action.benefit,
            investment=one.action.investment,
        )
        steps.append(
            PlanStep(
                key=step_key(one),
                words=words,
                drafted=words,
                dimension_id=one.dimension_id,
                move=told(move, one),
                levels=told(levels, one),
            )
        )
    return tuple(steps)


def from_draft(draft: Sequence[PlanStep], upto: int | None = None) -> Plan:
    """The plan that editing begins with: the draft as it is, as far as a plan has room."""
    return Plan(tuple(draft[:MOST_STEPS]), upto=upto)


def held(plan: Plan, draft: Sequence[PlanStep]) -> Held:
    """How a plan's steps of the bot differ from today's draft; what the consultant did is not told."""
    now = {step.key: step for step in draft}
    before = {step.key: step for step in plan.steps if step.drafted is not None}
    return Held(
        missing=tuple(key for key in now if key not in before),
        gone=tuple(key for key in before if key not in now),
        reworded=tuple(
            key for key, step in before.items() if key in now and now[key].drafted != step.drafted
        ),
    )


def arranged(steps: Iterable[PlanStep]) -> tuple[PlanStep, ...]:
    """The same steps by horizon, in each as they were."""
    # sorted() is stable.
    return tuple(sorted(steps, key=lambda step: HORIZONS.index(step.words.horizon)))


def moved(plan: Plan, key: str, by: Literal[-1, 1]) -> Plan:
    """The step one place up (-1) or down among those that are told; over the edge into the next horizon.

    At the very top or bottom nothing changes, and so for a step that is dropped. KeyError for no such step.
    """
    step = plan.step(key)
    if step.dropped:
        return plan
    steps = list(plan.steps)
    fellows = [one for one in plan.kept if one.words.horizon == step.words.horizon]
    place = fellows.index(step) + by
    if 0 <= place < len(fellows):
        here, there = steps.index(step), steps.index(fellows[place])
        steps[here], steps[there] = steps[there], steps[here]
        return replace(plan, steps=tuple(steps))
    horizon = HORIZONS.index(step.words.horizon) + by
    if not 0 <= horizon < len(HORIZONS):
        return plan
    steps.remove(step)
    elsewhere = replace(step, words=replace(step.words, horizon=HORIZONS[horizon]))
    # Up: behind the last of the horizon before; down: before the first of the one after.
    return replace(plan, steps=arranged([*steps, elsewhere] if by < 0 else [elsewhere, *steps]))


def dropped(plan: Plan, key: str, drop: bool = True) -> Plan:
    """The step left out, or with `drop` False brought back to where it was. KeyError for no such step."""
    plan.step(key)
    return replace(
        plan,
        steps=tuple(replace(one, dropped=drop) if one.key == key else one for one in plan.steps),
    )


def taken(plan: Plan, step: PlanStep) -> Plan:
    """A step of today's draft put into the plan; one that has its key is as the bot words it today.

    Raises PlanError ('too_many').
    """
    if any(one.key == step.key for one in plan.steps):
        return replace(plan, steps=arranged(step if one.key == step.key else one for one in plan.steps))
    return _with(plan, step)


def added(plan: Plan, key: str, words: StepWords, dimension_id: str | None = None) -> Plan:
    """A consultant's own step, last of its horizon. `key`: begins with OWN. Raises PlanError ('too_many')."""
    return _with(plan, PlanStep(key, words, dimension_id=dimension_id))


def _with(plan: Plan, step: PlanStep) -> Plan:
    if len(plan.steps) >= MOST_STEPS:
        raise PlanError("too_many")
    return replace(plan, steps=arranged([*plan.steps, step]))


def reworded(plan: Plan, key: str, words: StepWords, dimension_id: str | None) -> Plan:
    """The step with these words; one whose horizon changes goes to its end. KeyError for no such step.

    `dimension_id` counts for a consultant's own step; of the bot's it is the definition's.
    """
    step = plan.step(key)
    of = dimension_id if step.drafted is None else step.dimension_id
    changed = replace(step, words=words, dimension_id=of)
    if words.horizon == step.words.horizon:
        return replace(plan, steps=tuple(changed if one.key == key else one for one in plan.steps))
    return replace(plan, steps=arranged([*(one for one in plan.steps if one.key != key), changed]))


def faults(plan: Plan) -> dict[tuple[str, str], str]:
    """What is wrong with a plan: (step key or '', field) -> which rule it breaks.

    'empty': a step that is told has to have a title, what to do, and how to see that it worked, in one
    language at least. 'too_long': over LONGEST_TITLE or LONGEST_TEXT. ('', 'steps') 'too_many'. Raises
    ValueError for a horizon, benefit or investment that does not exist, or a key that stands there twice.
    """
    found: dict[tuple[str, str], str] = {}
    if len(plan.steps) > MOST_STEPS:
        found["", "steps"] = "too_many"
    if len({step.key for step in plan.steps}) != len(plan.steps):
        raise ValueError("a plan has each key once")
    if any(len(text) > LONGEST_TEXT for text in plan.introduction.values()):
        found["", "introduction"] = "too_long"
    for step in plan.steps:
        words = step.words
        if words.horizon not in HORIZONS or words.benefit not in EFFORT or words.investment not in EFFORT:
            raise ValueError(f"step {step.key!r}: no such horizon, benefit or investment")
        for name, texts, most in (
            ("title", words.title, LONGEST_TITLE),
            ("begin", words.begin, LONGEST_TEXT),
            ("measure", words.measure, LONGEST_TEXT),
            ("why", words.why, LONGEST_TEXT),
        ):
            if any(len(text) > most for text in texts.values()):
                found[step.key, name] = "too_long"
            elif not step.dropped and name != "why" and not any(text.strip() for text in texts.values()):
                found[step.key, name] = "empty"
    return found


def text_in(words: Words, language: str) -> str:
    """The text in this language, or in the one there is; empty where there is none."""
    own = words.get(language, "")
    return own or next((text for _, text in sorted(words.items()) if text), "")


# --- the organisation --------------------------------------------------------------------------------------


def middle_answers(
    model: MaturityModel, told: Mapping[str, Sequence[tuple[Answer, int]]]
) -> dict[str, Answer]:
    """One answer for each item out of those of several respondents. Our own rule.

    `told`: item id -> the different answers that hold, each with how many gave it. Of levels the lower
    median of those who gave one: half of them at least stand there or below, so that it is the step that the
    most have still to take. An item that more than half of those who answered find not applicable, does not
    apply; one for which nobody knew a level stays open. Of a checklist the same, practice by practice, with
    the states in the order not there, planned, in place. What never scores has no median, and is left out.
    """
    found: dict[str, Answer] = {}
    for dimension, item in model.walk():
        item_id = f"{dimension.id}.{item.id}"
        answers = told.get(item_id, ())
        total = sum(count for _, count in answers)
        if not total or not item.scored:
            continue
        if 2 * sum(count for one, count in answers if one.kind == "not_applicable") > total:
            found[item_id] = Answer(item_id, "not_applicable")
        elif item.kind == "checklist":
            lists = [(one.given, count) for one, count in answers if one.kind == "given"]
            states = {
                practice.id: _middle_state([(one.get(practice.id, "dont_know"), n) for one, n in lists])
                for practice in item.practices
            }
            found[item_id] = given(item_id, states) if lists else Answer(item_id, "dont_know")
        else:
            levels = [one.value for one, count in answers if one.value is not None for _ in range(count)]
            found[item_id] = (
                Answer(item_id, "level", median_low(levels)) if levels else Answer(item_id, "dont_know")
            )
    return found


def _middle_state(states: Sequence[tuple[str, int]]) -> str:
    total = sum(count for _, count in states)
    if 2 * sum(count for state, count in states if state == "not_fitting") > total:
        return "not_fitting"
    # Not named among what is in place, and not asked about further: as far as anybody knows it is not there.
    ranks = [
        _STATES.index("not_yet" if state == "not_in_place" else state)
        for state, count in states
        if state in (*_STATES, "not_in_place")
        for _ in range(count)
    ]
    return _STATES[median_low(ranks)] if ranks else "dont_know"


# --- as it is stored ---------------------------------------------------------------------------------------


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan as it is stored."""
    return {
        "introduction": dict(plan.introduction),
        "upto": plan.upto,
        "steps": [
            {
                "key": step.key,
                "words": _words(step.words),
                "drafted": None if step.drafted is None else _words(step.drafted),
                "dimension": step.dimension_id,
                "move": dict(step.move),
                "levels": dict(step.levels),
                "dropped": step.dropped,
            }
            for step in plan.steps
        ],
    }


def from_json(stored: Mapping[str, Any]) -> Plan:
    """The plan that was stored like this."""
    return Plan(
        steps=tuple(
            PlanStep(
                key=one["key"],
                words=StepWords(**one["words"]),
                drafted=None if one["drafted"] is None else StepWords(**one["drafted"]),
                dimension_id=one["dimension"],
                move=one["move"],
                levels=one["levels"],
                dropped=one["dropped"],
            )
            for one in stored["steps"]
        ),
        introduction=stored["introduction"],
        upto=stored["upto"],
    )


def _words(words: StepWords) -> dict[str, Any]:
    return {
        "title": dict(words.title),
        "begin": dict(words.begin),
        "measure": dict(words.measure),
        "why": dict(words.why),
        "horizon": words.horizon,
        "benefit": words.benefit,
        "investment": words.investment,
    }
