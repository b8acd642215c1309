"""What an organisation's report shows, every word in the reader's language; the renderer only places it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.service.report_view import HorizonSteps, KeyFigure, LevelMeaning, Source


@dataclass(frozen=True)
class Share:
    """How many stand at a level, as a part of a bar. `left`, `wide`: percent of the whole bar, 0 to 100."""

    level: int
    name: str
    count: int
    left: float
    wide: float


@dataclass(frozen=True)
class RangeAxis:
    """One dimension of the radar: values in [0, highest], None for a gap.

    `score`: the mean as people read it. `low` and `high`: the range; `management`, `work_floor`: their means.
    """

    title: str
    score: str
    today: float | None
    low: float | None
    high: float | None
    management: float | None
    work_floor: float | None


@dataclass(frozen=True)
class RangeRadar:
    """Everybody's mean within its range, and either side as a line; the axes clockwise from the top.

    `mean`, `band`, `management`, `work_floor`: what each is called, the last two None where they are not
    shown. `alt`: all of it in words.
    """

    axes: tuple[RangeAxis, ...]
    highest: int
    mean: str
    band: str
    management: str | None
    work_floor: str | None
    alt: str


@dataclass(frozen=True)
class Table:
    """Rows of cells below `columns`; the first cell of a row names it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class GroupMean:
    """One group's mean of a dimension ('–' for none), of `count` people; `share`: on the axis, 0 to 100."""

    name: str
    mean: str
    count: str
    share: float


@dataclass(frozen=True)
class Groups:
    """The groups by one thing that people have in common: 'Afdeling'."""

    title: str
    groups: tuple[GroupMean, ...]


@dataclass(frozen=True)
class Question:
    """One question of a dimension. `notes`: the gap, who is not counted; a sentence each.

    `agreement`: in words, with the figure. `spread` in words is `alt`.
    """

    title: str
    text: str
    mean: str
    count: str
    agreement: str
    shares: tuple[Share, ...]
    alt: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class DimensionChapter:
    """All about one dimension. `mean`: '–' where there is none; `facts`: agreement, range, gap, a sentence
    each."""

    title: str
    explanation: str
    mean: str
    count: str
    facts: tuple[str, ...]
    shares: tuple[Share, ...]
    alt: str
    groups: tuple[Groups, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Side:
    """What management or the work floor chose at a question: mean and distribution in words."""

    name: str
    text: str


@dataclass(frozen=True)
class Quoted:
    """Own words of somebody who agreed to that. `level`: which one they chose, in words."""

    text: str
    language: str
    level: str


@dataclass(frozen=True)
class Talk:
    """One question of the workshop. `when`: which minutes; `why`, `ask`: a sentence each."""

    title: str
    dimension: str
    when: str
    question: str
    count: str
    why: tuple[str, ...]
    ask: tuple[str, ...]
    shares: tuple[Share, ...]
    alt: str
    sides: tuple[Side, ...]
    quotes: tuple[Quoted, ...]


@dataclass(frozen=True)
class Workshop:
    """The agenda. `opening`, `closing`: (when, what). `also`: titles for which there is no time.

    Without `talks`, `text` says why.
    """

    text: str
    opening: tuple[str, str] | None
    talks: tuple[Talk, ...]
    closing: tuple[str, str] | None
    also: tuple[str, ...]


@dataclass(frozen=True)
class SignedAdvice:
    """The organisation's advice as a consultant signed it. `introduction` may be empty."""

    made: str
    introduction: str
    by: str
    horizons: tuple[HorizonSteps, ...]


@dataclass(frozen=True)
class Conclusions:
    """What it comes down to, in sentences; each of the three may be empty."""

    agree: tuple[str, ...]
    differ: tuple[str, ...]
    sides: tuple[str, ...]


@dataclass(frozen=True)
class Accounting:
    """How the figures come about, a paragraph each, and what the source of the maturity model is."""

    cautions: tuple[str, ...]
    paragraphs: tuple[str, ...]
    source: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class OrganisationReport:
    """A whole report of one edition. `words`: key -> a heading or label that does not depend on the edition.

    `title`: the organisation; `about`: the maturity model; `above`: the two, cut off where they are long, to
    stand above each page; `campaign`: its name. `date`: of the edition in
    words, `made_at` the same as a moment. `invented`: the campaign holds made-up people. `taking_part`: who
    took part and who is not counted, a sentence each. `radar`: None with too few or too many dimensions.
    `advice`: None where nothing is signed; `no_advice` then says so, else it is empty.
    """

    language: str
    title: str
    about: str
    above: str
    campaign: str
    date: str
    made_at: datetime
    words: Mapping[str, str]
    invented: bool
    taking_part: tuple[str, ...]
    figures: tuple[KeyFigure, ...]
    conclusions: Conclusions
    radar: RangeRadar | None
    overview: Table
    dimensions: tuple[DimensionChapter, ...]
    workshop: Workshop
    advice: SignedAdvice | None
    no_advice: str
    levels: tuple[LevelMeaning, ...]
    method: Accounting
