"""What a result page shows, every word in the reader's language: for the respondent, or for a colleague."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class DimensionRow:
    """One dimension of the table. Without a score, `remark` says why; figures are as people read them.

    `fraction`: the score's part of the axis, 0..1, for a bar beside it.
    """

    title: str
    score: str | None
    level: str | None
    target: str | None
    remark: str | None
    fraction: float | None


@dataclass(frozen=True)
class StepView:
    """One first step. `move` ('van 2 · … naar 3 · …') names a single answer: a colleague does not see it.

    `why` may be empty in signed advice, which also has `when`: the name of the horizon that begins with it.
    """

    number: int
    title: str
    move: str | None
    why: str
    step: str
    measure: str
    case_name: str | None
    case_text: str | None
    when: str | None = None


@dataclass(frozen=True)
class SignedView:
    """Who signed the advice and when, in a sentence each; `introduction`: what they wrote before it."""

    title: str
    made: str
    by: str
    introduction: str


@dataclass(frozen=True)
class InsightView:
    """What was chosen beside the scores, and what follows from it."""

    title: str
    text: str


@dataclass(frozen=True)
class AnswerView:
    """One question with the answer that holds; `words`: what was typed, if it was typed and says more.

    `proposal`: what these words sounded like, where a level was proposed for them.
    """

    question: str
    label: str
    text: str | None
    words: str | None
    proposal: str | None = None


@dataclass(frozen=True)
class AnswerGroup:
    """The answers of one dimension."""

    title: str
    answers: tuple[AnswerView, ...]


@dataclass(frozen=True)
class SharedView:
    """One view for colleagues that is open now: its link's id, and since when."""

    link_id: str
    since: datetime


@dataclass(frozen=True)
class ResultView:
    """A result as a page. `answers` and `shares` are empty in the view for colleagues (`own` is False).

    So are `elements` (rows below `element_columns`) and `insights`, which tell single answers too.
    `indication`: what a quick scan left out; None after a full one. `columns`: two below full depth.
    `picture`: the renderer's JSON of the radar; `alt` the same in words. `about`: which customers it is
    about, if that was said. `stages`: levels are stages of checklists. `completed_at` in UTC.
    `next_time`: when to measure again. `signed`: a consultant made the steps, all of which are here then.
    """

    own: bool
    language: str
    languages: tuple[str, ...]
    model: str
    about: str | None
    completed_at: datetime
    overall: str
    indication: str | None
    columns: tuple[str, ...]
    rows: tuple[DimensionRow, ...]
    picture: str
    alt: str
    stands_out: tuple[str, ...]
    open_questions: tuple[str, ...]
    element_columns: tuple[str, ...]
    elements: tuple[tuple[str, ...], ...]
    insights: tuple[InsightView, ...]
    steps: tuple[StepView, ...]
    no_steps: str | None
    next_time: str
    answers: tuple[AnswerGroup, ...]
    shares: tuple[SharedView, ...]
    stages: bool
    cautions: tuple[str, ...]
    signed: SignedView | None = None
