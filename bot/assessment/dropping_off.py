"""Where people stop, skip, hesitate or take long, question by question."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.assessment.answers import Answer, AnswerKind
from bot.assessment.comparison import Run, quantile
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.kinds import is_complete

STOPPED_AFTER = timedelta(days=14)
"""Who was not heard of for so long has stopped (our own rule)."""

PAUSE = timedelta(minutes=30)
"""What took longer was a pause, and says nothing of the question (our own rule)."""

LEAST = 5
"""Times of fewer people are not told; nor to viewers, a language of fewer people."""

LEAST_TIMED = 10
"""Viewers are told times of so many people only: of a few, a median tells much of each."""


def in_fives(count: int) -> int:
    """As viewers are told of it, rounded down: one to four people show in none, nor in two subtracted."""
    return count - count % LEAST


class StepTaken(NamedTuple):
    """One answer as it was given, without words; a tuple, since there are tens of thousands of them.

    `item_id`, `kind`, `value`, `detail`: as of bot.assessment.answers.Answer. `changes`: it replaces an
    earlier one. `proposed`: the levels that own words before it sounded like, the likeliest first.
    """

    run_id: str
    item_id: str
    kind: AnswerKind
    value: int | None
    detail: tuple[tuple[str, str], ...]
    changes: bool
    turn_id: str
    at: datetime
    proposed: tuple[int, ...]

    @property
    def answer(self) -> Answer:
        """The answer itself."""
        return Answer(self.item_id, self.kind, self.value, self.detail)


@dataclass(frozen=True)
class Steps:
    """What happened at one question, in one language or all; in numbers of runs.

    `reached`: the question was shown. `answered`: with a level or what was given. `skipped`, `dont_know`,
    `not_applicable`: as it stands now. `asked`: something was said there that led to no answer. What was
    meant by it (why, an example, a repetition, own words that were placed) is not kept, so it is not told
    apart. `stopped`: it was the open question, and nothing was heard for STOPPED_AFTER or the campaign is
    over. `proposed`: own words led to a proposal; `other_level`: of these, another level was chosen.
    `changed`: a complete answer was changed later. `median_seconds`, `p90_seconds`: from the answer before
    (the question follows at once; of the first, the beginning of the run) to this one, pauses left out; None
    below five.
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
    """A campaign's runs of one maturity model. `begun`, `completed`, `open` (still under way), `stopped`:
    runs.

    `questions`: in the model's order. `few`: fewer than five have begun; a viewer is told nothing then.
    `coarse`: for a viewer: every number is rounded down to fives, so 0 stands for 'fewer than five'.
    `quick`: how many are quick scans, which do not reach every question.
    """

    model: MaturityModel
    begun: int
    completed: int
    open: int
    stopped: int
    questions: tuple[Question, ...]
    few: bool
    coarse: bool
    quick: int = 0

    @property
    def model_id(self) -> str:
        """Which maturity model this is about."""
        return self.model.id


@dataclass
class _Seen:
    """What was seen at one question so far."""

    reached: int = 0
    answered: int = 0
    skipped: int = 0
    dont_know: int = 0
    not_applicable: int = 0
    asked: int = 0
    stopped: int = 0
    proposed: int = 0
    other_level: int = 0
    changed: int = 0
    seconds: list[float] = field(default_factory=list)


def drop_off(
    model: MaturityModel,
    runs: Sequence[Run],
    steps: Sequence[StepTaken],
    unanswered: Sequence[tuple[str, datetime]],
    *,
    now: datetime,
    ended: bool,
    outsider: bool = False,
) -> DropOff:
    """Count what happened at each question of `model`; what other versions asked besides is left out.

    `steps`: the answers of these runs, each run's in order. `unanswered`: (run, when) of what was said
    without an answer, each run's in order. `ended`: the campaign is over. `outsider`: for a viewer, who gets
    all counts in fives, and languages only where each has five or more.
    """
    by_run: dict[str, list[StepTaken]] = {}
    for step in steps:
        by_run.setdefault(step.run_id, []).append(step)
    said: dict[str, list[datetime]] = {}
    for run_id, at in unanswered:
        said.setdefault(run_id, []).append(at)
    known = {f"{d.id}.{i.id}": i for d, i in model.walk()}
    seen: dict[tuple[str, str], _Seen] = {}
    pairs: dict[tuple[str, str], list[_Seen]] = {}

    def places(item_id: str, run: Run) -> list[_Seen]:
        """For everybody, and for the language."""
        key = (item_id, run.language)
        if key not in pairs:
            pairs[key] = [seen.setdefault((item_id, language), _Seen()) for language in ("", run.language)]
        return pairs[key]

    completed = stopped = 0
    for run in runs:
        taken = [one for one in by_run.get(run.id, []) if one.item_id in known]
        has_stopped = run.status != "completed" and (
            ended or run.status == "abandoned" or now - run.last_seen_at > STOPPED_AFTER
        )
        completed += run.status == "completed"
        stopped += has_stopped
        _count(run, taken, said.get(run.id, []), has_stopped, places, known)
    few = len(runs) < LEAST
    quick = sum(run.depth != "full" for run in runs)
    languages = sorted({run.language for run in runs})
    if outsider and any(sum(run.language == one for run in runs) < LEAST for one in languages):
        languages = []
    questions = []
    for dimension, item in model.walk():
        key = f"{dimension.id}.{item.id}"
        here = {one: _steps(seen.get((key, one), _Seen()), outsider) for one in ("", *languages)}
        every = here.pop("")
        questions.append(Question(key, dimension.id, every, here))
    counts = (len(runs), completed, len(runs) - completed - stopped, stopped, quick)
    begun, completed, under_way, stopped, quick = map(in_fives, counts) if outsider else counts
    return DropOff(
        model,
        begun,
        completed,
        under_way,
        stopped,
        () if few and outsider else tuple(questions),
        few,
        outsider,
        quick,
    )


def _count(
    run: Run,
    taken: Sequence[StepTaken],
    said: Sequence[datetime],
    has_stopped: bool,
    places: Callable[[str, Run], list[_Seen]],
    known: Mapping[str, Item],
) -> None:
    before, turn = run.started_at, ""
    held: dict[str, StepTaken] = {}
    asked: set[str] = set()
    changed: set[str] = set()
    for one in taken:
        item_id = one.item_id
        earlier = held.get(item_id)
        if earlier is None:
            took = one.at - before
            for each in places(item_id, run):
                each.reached += 1
                # Of several answers in one message only the first waited for.
                if one.turn_id != turn and timedelta(0) <= took <= PAUSE:
                    each.seconds.append(took.total_seconds())
                if one.proposed:
                    each.proposed += 1
                    each.other_level += one.value not in one.proposed
            if _between(said, before, one.at):
                asked.add(item_id)
        elif is_complete(known[item_id], earlier.answer):
            changed.add(item_id)
        held[item_id] = one
        before, turn = one.at, one.turn_id
    current = run.current_item
    if current in known and current is not None and run.status != "completed":
        for each in places(current, run):
            each.reached += current not in held
            each.stopped += has_stopped
        if current not in held and _between(said, before, None):
            asked.add(current)
    for item_id, one in held.items():
        for each in places(item_id, run):
            if one.kind in ("level", "given"):
                each.answered += 1
            else:
                setattr(each, one.kind, getattr(each, one.kind) + 1)
    for names, what in ((asked, "asked"), (changed, "changed")):
        for item_id in names:
            for each in places(item_id, run):
                setattr(each, what, getattr(each, what) + 1)


def _between(said: Sequence[datetime], after: datetime, until: datetime | None) -> bool:
    """Whether something was said after the one moment and before the other."""
    place = bisect_left(said, after)
    while place < len(said) and said[place] <= after:
        place += 1
    return place < len(said) and (until is None or said[place] < until)


def _steps(seen: _Seen, outsider: bool) -> Steps:
    values: dict[str, int] = {
        one.name: getattr(seen, one.name) for one in fields(_Seen) if one.name != "seconds"
    }
    if outsider:
        values = {name: in_fives(value) for name, value in values.items()}
    timed = len(seen.seconds) >= (LEAST_TIMED if outsider else LEAST)
    ordered = [(seconds, 1) for seconds in sorted(seen.seconds)] if timed else []
    return Steps(
        **values,
        median_seconds=quantile(ordered, 0.5),
        p90_seconds=quantile(ordered, 0.9),
    )
