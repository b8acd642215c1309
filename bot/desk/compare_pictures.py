"""What the pictures of a comparison show, from the comparison: specs for bot.render.comparison."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.assessment.comparison import Comparison, Group
from bot.desk.compare_view import Reader, level_name, quartiles, span_of
from bot.render.comparison import (
    MAX_AXES,
    MAX_GROUPS,
    MAX_POINTS,
    MIN_AXES,
    CoursePanel,
    CoursePoint,
    CourseSpec,
    GroupLine,
    RangeAxis,
    RangesSpec,
    SpreadRow,
    SpreadSpec,
)
from bot.service.desk.comparing import OverTime

_NAME = 60
_NOTE = 120


def clipped(text: str, longest: int = _NAME) -> str:
    """The text, cut off where it is longer than a picture has room for."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def in_picture(groups: Sequence[Group]) -> tuple[Group, ...]:
    """The groups that are drawn: the largest ones, in their order."""
    largest = sorted(groups, key=lambda one: -one.n)[:MAX_GROUPS]
    return tuple(one for one in groups if one in largest)


def radar(
    reader: Reader, found: Comparison, groups: Sequence[Group], title: str, subtitle: str
) -> RangesSpec | None:
    """Everybody's mean within its range, and these groups as lines; None where there can be no radar."""
    model = found.model
    if not MIN_AXES <= len(model.dimensions) <= MAX_AXES:
        return None
    drawn = in_picture(groups)
    axes = []
    for dimension in model.dimensions:
        figures = found.whole.dimensions.get(dimension.id)
        span = None if figures is None or figures.mean is None else span_of(found, figures)
        axes.append(
            RangeAxis(
                label=clipped(reader.words(dimension.title)),
                mean=None if figures is None else figures.mean,
                low=None if span is None else span[0],
                high=None if span is None else span[1],
                value_text=reader.figure(None if figures is None else figures.mean),
            )
        )
    missing = [reader.group(one) for one in groups if one not in drawn]
    absent = [clipped(reader.say("not_drawn", names=reader.listed(missing)), _NOTE)] if missing else []
    return RangesSpec(
        language=reader.language,
        axes=tuple(axes),
        highest=model.highest,
        title=clipped(title),
        subtitle=clipped(subtitle, 150),
        mean_label=reader.say("mean_all"),
        band_label=reader.say("band_half") if quartiles(found) else reader.say("band_all"),
        groups=tuple(
            GroupLine(
                clipped(f"{reader.group(one)} ({one.n})"),
                tuple(
                    None if figures is None else figures.mean
                    for figures in (one.dimensions.get(dimension.id) for dimension in model.dimensions)
                ),
            )
            for one in drawn
        ),
        absent=tuple(absent),
    )


def distribution(reader: Reader, found: Comparison, title: str, subtitle: str) -> SpreadSpec:
    """How many stand at each level, dimension by dimension."""
    model = found.model
    made = []
    for dimension in model.dimensions:
        figures = found.whole.dimensions.get(dimension.id)
        empty = figures is None or not figures.n
        made.append(
            SpreadRow(
                clipped(reader.words(dimension.title)),
                tuple([0] * len(model.levels)) if figures is None or empty else figures.counts,
                reader.say("too_little") if figures is None or empty else f"n = {figures.n}",
            )
        )
    return SpreadSpec(
        language=reader.language,
        rows=tuple(made),
        levels=tuple(clipped(f"{one.value} {level_name(reader, model, one.value)}") for one in model.levels),
        title=clipped(title),
        subtitle=clipped(subtitle, 150),
    )


def course(reader: Reader, found: OverTime, months: Sequence[str]) -> CourseSpec | None:
    """The measurements in a line, a panel for each dimension; None without two of them.

    `months`: their names, for the dates. Measurements of the same day (editions that were published together)
    are drawn a day apart, in their order.
    """
    if found.model is None:
        return None
    points = found.points[-MAX_POINTS:]
    if len(points) < 2:
        return None
    days: list[date] = []
    for point in points:
        days.append(point.day if not days else max(point.day, days[-1] + timedelta(days=1)))

    def panel(label: str, values: Sequence[float | None]) -> CoursePanel:
        return CoursePanel(
            clipped(label),
            tuple(
                None if value is None else CoursePoint(value, None, None, reader.figure(value))
                for value in values
            ),
        )

    return CourseSpec(
        language=reader.language,
        panels=(
            panel(reader.say("overall"), [point.overall for point in points]),
            *(
                panel(reader.words(dimension.title), [point.dimensions.get(dimension.id) for point in points])
                for dimension in found.model.dimensions[:12]
            ),
        ),
        dates=tuple(day.isoformat() for day in days),
        date_labels=tuple(f"{months[point.day.month - 1][:3]} {point.day.year}" for point in points),
        lowest=found.model.lowest,
        highest=found.model.highest,
        title=clipped(reader.words(found.model.name)),
        subtitle=clipped(found.organisation.name, 150),
        broken=tuple(place for place, point in enumerate(points) if place and not point.comparable),
    )
