"""Where people stop, skip, hesitate or take long, question by question."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Steps:
    """What happened at one question, in one language or all.

    `reached`: people who were shown it. `answered`: with a level or what was given. `skipped`, `dont_know`,
    `not_applicable`: by those who reached it. `asked`: people who said something there that led to no answer
    (asked what is meant, why, for an example, described, were not understood); of one turn the database does
    not keep what it was taken for, so these cannot be told apart. `stopped`: it was the open question and
    nothing was heard for STOPPED days, or the campaign is over. `other_level`: chosen another level than was
    proposed, of `proposed` who got a proposal. `changed`: changed it later. `median_seconds`, `p90_seconds`:
    between the question being shown and its answer; None where it was measured of fewer than five people.
    """

    reached: int
    answered: int
    skipped: int
    dont_know: int
    not_applicable: int
    asked: int
    stopped: int
    proposed: int
    other_level: int
    changed: int
    median_seconds: float | None
    p90_seconds: float | None


@dataclass(frozen=True)
class Question:
    """One question. `languages`: language -> its steps; empty where that is not told."""

    item_id: str
    dimension_id: str
    every: Steps
    languages: dict[str, Steps]


@dataclass(frozen=True)
class DropOff:
    """A campaign's runs of one maturity model. `begun`, `completed`: runs; `open`: still under way;
    `stopped`: not.

    `questions`: in the model's order. `few`: fewer than five people have begun, and the viewer is told
    nothing more.
    """

    model_id: str
    begun: int
    completed: int
    open: int
    stopped: int
    questions: tuple[Question, ...]
    few: bool
