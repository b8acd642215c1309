"""What a report shows, every word in the reader's language; the renderer only decides where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Horizon = Literal["now", "next", "later"]


@dataclass(frozen=True)
class KeyFigure:
    """One figure of the conclusions: 'Gemiddeld', '2,4', 'van 5'."""

    label: str
    value: str
    text: str


@dataclass(frozen=True)
class RadarAxis:
    """One dimension of the radar: values in [0, highest], None for a gap; `score`: as people read it."""

    title: str
    score: str
    today: float | None
    target: float | None


@dataclass(frozen=True)
class Radar:
    """The picture of the conclusions; the axes run clockwise from the top, each from 0 to `highest`."""

    axes: tuple[RadarAxis, ...]
    highest: int
    today: str
    target: str
    alt: str


@dataclass(frozen=True)
class Overview:
    """All dimensions in a table: the cells of a row stand below `columns`, after the title."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class LevelMeaning:
    """One level of the model: its number, the model's own name for it, and what it means."""

    value: int
    name: str
    meaning: str


@dataclass(frozen=True)
class Effort:
    """What a step brings or takes: 1 (little) to 3 (much), and how that is called."""

    value: int
    name: str


@dataclass(frozen=True)
class Step:
    """One step of the road map; `number` is its place there, the same throughout the report.

    `title`: the item, of a checklist with the practice; `move`: from which level to which in words, `levels`
    the same in short ('2 → 3'). `placed`: the respondent said what it brings and takes. `horizon`: when;
    `when`: how that is called. In signed advice `dimension_id`, `dimension`, `move`, `levels` and `why`
    may be empty.
    """

    number: int
    dimension_id: str
    dimension: str
    title: str
    move: str
    levels: str
    why: str
    begin: str
    measure: str
    benefit: Effort
    investment: Effort
    placed: bool
    horizon: Horizon
    when: str


@dataclass(frozen=True)
class Answer:
    """One question with the answer that holds; `given` is False where it is open or does not apply.

    `text`: the answer in full; `words`: what was typed, if it says more than the answer.
    `proposal`: what these words sounded like, where a level was proposed for them.
    """

    title: str
    question: str
    label: str
    text: str | None
    words: str | None
    given: bool
    proposal: str | None = None


@dataclass(frozen=True)
class PracticeGroup:
    """The practices of one element of which the same holds: its state, how that is called, and how many.

    `stages`: the name of a stage -> the labels of its practices in one line.
    """

    state: str
    title: str
    count: int
    stages: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Element:
    """One checklist with its score and stage; `remark` says why it has none."""

    title: str
    question: str
    score: str | None
    stage: str | None
    in_place: str | None
    remark: str | None
    groups: tuple[PracticeGroup, ...]
    words: str | None


@dataclass(frozen=True)
class Scale:
    """Where a score stands: `lowest` to `highest` of the axis, the score, and what it can still become.

    `possible` is None where nothing is open; `text` says all of it in words.
    """

    lowest: int
    highest: int
    score: float | None
    possible: tuple[float, float] | None
    text: str


@dataclass(frozen=True)
class Ladder:
    """The model's row of levels; `today` and `target` are the values of two of them, None for none."""

    levels: tuple[LevelMeaning, ...]
    today: int | None
    target: int | None


@dataclass(frozen=True)
class Case:
    """A practice case from the source."""

    title: str
    text: str


@dataclass(frozen=True)
class DimensionPage:
    """Everything about one dimension. `score` is None where there is none, `remark` then says why.

    `ladder` is None where there is no level and no target. `uncertainty`: a sentence each, none when all
    questions have an answer.
    """

    title: str
    explanation: str
    score: str | None
    remark: str | None
    scale: Scale
    ladder: Ladder | None
    level_text: str | None
    uncertainty: tuple[str, ...]
    answers: tuple[Answer, ...]
    elements: tuple[Element, ...]
    steps: tuple[Step, ...]
    no_steps: str | None
    case: Case | None


@dataclass(frozen=True)
class Sign:
    """One warning sign that was recognised, with what to do about it."""

    title: str
    text: str
    begin: str
    measure: str


@dataclass(frozen=True)
class Insight:
    """What was answered beside the scores. `places`: name -> what was chosen there, for a positioning.

    `answer` is what was chosen in a word or two; `sentences` what it means and asks.
    """

    title: str
    dimension: str
    question: str
    answer: str | None
    places: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    signs: tuple[Sign, ...]
    words: str | None


@dataclass(frozen=True)
class HorizonSteps:
    """The steps of one horizon: 'Nu', and what belongs there."""

    horizon: Horizon
    title: str
    text: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class RoadMap:
    """All steps in three horizons; `text` says how to read it. A horizon without steps is left out."""

    text: str
    horizons: tuple[HorizonSteps, ...]


@dataclass(frozen=True)
class Matrix:
    """All steps by benefit (upwards) and investment (to the right), each 1 to 3, and the picture in words."""

    text: str
    benefits: tuple[str, str, str]
    investments: tuple[str, str, str]
    steps: tuple[Step, ...]
    alt: str


@dataclass(frozen=True)
class Source:
    """Where something of the report comes from: what, and the place in the source."""

    title: str
    place: str


@dataclass(frozen=True)
class Method:
    """How scores, levels and the road map come about, with the source's own reservation."""

    cautions: tuple[str, ...]
    paragraphs: tuple[str, ...]
    source: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Signed:
    """A consultant made the steps: who and when in a sentence each, what they wrote before them.

    `steps`: those that belong to no dimension, and so stand on no page of one.
    """

    title: str
    made: str
    by: str
    introduction: str
    steps_title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Report:
    """A whole report. `words`: key -> a heading or label that does not depend on the answers.

    `title` is the maturity model, `about` which customers it is about; `date` in words, `made_at` the same as
    a moment. `notes`: what to know before reading on, such as what a quick scan left out (`indication`).
    `gaps`: which dimensions have no score and why, a sentence each. `no_steps`: why there are none; `matrix`
    and `road_map` are None then. `signed`: the steps are a consultant's; None: they are the bot's.
    `organisation`: whose campaign it was, None without one. `invented`: who answered is made up.
    """

    language: str
    title: str
    about: str | None
    date: str
    made_at: datetime
    words: Mapping[str, str]
    indication: bool
    notes: tuple[str, ...]
    overall: str
    figures: tuple[KeyFigure, ...]
    radar: Radar
    stands_out: tuple[str, ...]
    gaps: tuple[str, ...]
    first_steps: tuple[Step, ...]
    no_steps: str | None
    overview: Overview
    levels: tuple[LevelMeaning, ...]
    dimensions: tuple[DimensionPage, ...]
    insights: tuple[Insight, ...]
    road_map: RoadMap | None
    matrix: Matrix | None
    method: Method
    signed: Signed | None = None
    organisation: str | None = None
    invented: bool = False
