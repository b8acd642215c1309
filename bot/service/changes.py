"""What changed since the same person's own earlier run, in words and as a second shape on the radar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.assessment.measuring import (
    Change,
    DimensionChange,
    Measurement,
    StepDone,
    StepStatus,
    compare,
    measure,
    steps_done,
)
from bot.assessment.scoring import format_score
from bot.service import wording
from bot.service.approval import withheld
from bot.service.earlier import agrees, day, earlier_run, local_day
from bot.service.kind_words import joined
from bot.service.turn import Running, Turn

_STATUS: dict[StepStatus, str] = {
    "done": "again.step_done",
    "partly": "again.step_partly",
    "not_done": "again.step_not_done",
    "unknown": "again.step_unknown",
}


@dataclass(frozen=True)
class Compared:
    """A result beside the earlier one.

    `text`: what changed, or why that cannot be said. `before`: dimension id -> the earlier score, None for
    none; None altogether where the two shapes must not stand on one radar. `alt`: `before` in words.
    """

    text: str
    before: Mapping[str, float | None] | None = None
    alt: str | None = None


def compared(turn: Turn, running: Running) -> Compared | None:
    """This result beside that of the run before it; None when there is none."""
    earlier = earlier_run(turn, running)
    if earlier is None or withheld(turn, earlier.assessment):
        return None
    model = running.model
    versions = {"old": earlier.model.version, "new": model.version}
    another = earlier.assessment.definition_hash != running.assessment.definition_hash
    if another and not agrees(earlier.model, model):
        return Compared(turn.say("again.other_version", date=_date(turn, earlier), **versions))
    before, after = (
        measure(model, one.answers, asked=one.asked, targets=one.assessment.targets)
        for one in (earlier, running)
    )
    change = compare(model, before, after)
    note = turn.say("again.versions", **versions) if another else None
    steps = _steps(turn, earlier, running)
    if not change.same_depth:
        told = (_other_depth(turn, earlier, running), _both_asked(turn, running, change))
        return Compared(wording.paragraphs(*told, note, steps))
    about = wording.line_name(turn.language, running.assessment)
    date = _date(turn, earlier)
    since = turn.say("again.since", date=date)
    if about is not None:
        since = turn.say("again.since_about", date=date, about=about)
    lines = [line for one in change.dimensions for line in _line(turn, running, one)]
    if not lines:
        return Compared(wording.paragraphs(since, turn.say("again.nothing"), note, steps))
    apart = any(_marked(one) for one in change.dimensions)
    return Compared(
        wording.paragraphs(
            "\n".join([since, *lines, *_overall(turn, change)]),
            turn.say("again.other_items") if apart else None,
            note,
            steps,
        ),
        before={one.dimension_id: one.score_before for one in change.dimensions},
        alt=_alt(turn, running, before),
    )


def _date(turn: Turn, earlier: Running) -> str:
    completed = earlier.assessment.completed_at or earlier.assessment.started_at
    return day(turn.language, local_day(completed))


def _marked(one: DimensionChange) -> bool:
    return one.difference is not None and not one.same_items


def signed(language: str, before: float, after: float) -> str | None:
    """The difference between two scores as they are shown ('+0,6'); None where they are shown the same.

    Of the shown figures, so that whoever checks it finds the same: 7/3 and 5/3 are shown as 2,3 and 1,7.
    """
    difference = Decimal(format_score(after, "en")) - Decimal(format_score(before, "en"))
    if difference == 0:
        return None
    return f"{'+' if difference > 0 else '−'}{format_score(float(abs(difference)), language)}"


def _line(turn: Turn, running: Running, one: DimensionChange) -> Iterable[str]:
    """A dimension's line; none where it had no score either time."""
    title = running.model.dimension(one.dimension_id).title[turn.language]
    if _marked(one):
        title = f"{title}*"
    before, after = one.score_before, one.score_after
    if before is None and after is None:
        return
    if after is None:
        yield turn.say("again.line_then", dimension=title, before=_shown(turn, before))
    elif before is None:
        yield turn.say("again.line_now", dimension=title, score=_shown(turn, after))
    else:
        yield _moved(turn, title, before, after) + _levels(turn, one)


def _moved(turn: Turn, title: str, before: float, after: float) -> str:
    change = signed(turn.language, before, after)
    if change is None:
        return turn.say("again.line_same", dimension=title, score=_shown(turn, after))
    return turn.say(
        "again.line",
        dimension=title,
        score=_shown(turn, after),
        before=_shown(turn, before),
        change=change,
    )


def _levels(turn: Turn, one: DimensionChange) -> str:
    if not one.levels:
        return ""
    levels = {"before": one.level_before, "after": one.level_after}
    if one.levels > 0:
        return turn.say("again.level_up", **levels)
    return turn.say("again.level_down", **levels)


def _shown(turn: Turn, score: float | None) -> str:
    return "–" if score is None else format_score(score, turn.language)


def _overall(turn: Turn, change: Change) -> Iterable[str]:
    if change.overall_before is not None and change.overall_after is not None:
        yield _moved(turn, turn.say("again.overall"), change.overall_before, change.overall_after)


def _alt(turn: Turn, running: Running, before: Measurement) -> str:
    scores = "; ".join(
        f"{running.model.dimension(found.dimension_id).title[turn.language]} {_shown(turn, found.score)}"
        for found in before.result.dimensions
    )
    return turn.say("again.alt", scores=scores)


def depth_name(turn: Turn, running: Running) -> str:
    """Which questions a run asks: 'de snelle scan'."""
    if running.assessment.depth == "quick":
        return turn.say("again.quick")
    return turn.say("again.full")


def _other_depth(turn: Turn, earlier: Running, running: Running) -> str:
    return turn.say(
        "again.other_depth",
        date=_date(turn, earlier),
        before=depth_name(turn, earlier),
        after=depth_name(turn, running),
    )


def _both_asked(turn: Turn, running: Running, change: Change) -> str | None:
    """The questions that both runs asked, counted by where they went; None where none had an answer twice."""
    had = [item for item in change.items if item.difference is not None]
    if not had:
        return None
    up, down = (
        joined(turn.language, (running.model.item(one.item_id)[1].title[turn.language] for one in listed))
        for listed in (change.up, change.down)
    )
    return "\n".join(
        [
            turn.say("again.both_asked", count=len(had), up=len(change.up), down=len(change.down)),
            *([turn.say("again.items_up", items=up)] if up else []),
            *([turn.say("again.items_down", items=down)] if down else []),
        ]
    )


def _steps(turn: Turn, earlier: Running, running: Running) -> str | None:
    """What became of the first steps that the earlier result named; None when it named none."""
    found = steps_done(earlier.first_steps, earlier.answers, running.answers)
    if not found:
        return None
    return "\n".join([turn.say("again.steps"), *(_step(turn, running, one) for one in found)])


def _step(turn: Turn, running: Running, done: StepDone) -> str:
    dimension, item = running.model.item(done.step.item_id)
    subject = f"{dimension.title[turn.language]}, {wording.step_subject(turn.language, item, done.step)}"
    if done.step.practice is None:
        subject = turn.say("again.step_to", step=subject, level=done.step.to)
    return turn.say(_STATUS[done.status], step=subject)
