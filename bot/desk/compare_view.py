"""Comparisons in the reader's words and figures: what the pages of comparing show, and their pictures say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.assessment.agreement import called
from bot.assessment.comparison import (
    BETWEEN,
    Between,
    Comparison,
    Figures,
    Gap,
    Group,
    Segment,
    between,
    widest,
)
from bot.assessment.definitions import Item, MaturityModel, Text
from bot.assessment.scoring import format_score
from bot.service.anonymity import LEAST
from bot.texts import say

BY: Mapping[str, Segment] = {"layer": "role_layer", "department": "department", "line": "business_line"}
"""What stands in the address -> the segment by which people are put side by side."""
SIDES = "sides"
"""In the address: management beside the work floor."""

_OWN_OPTIONS = ("skipped", "unknown", "withheld", "others")
_MOST_NAMED = 3
_BAND_FROM = 8
"""From so many people on the range is that of the middle half; of fewer, from the lowest to the highest."""


@dataclass(frozen=True)
class Part:
    """One part of a distribution: how many stand at a level. `left`, `wide`: percent of the whole bar."""

    level: int
    name: str
    count: int
    left: float
    wide: float

    @property
    def end(self) -> float:
        """Where the part ends."""
        return self.left + self.wide


@dataclass(frozen=True)
class GroupCell:
    """What one group says of something: its mean as people read it ('–' for none), of how many people."""

    label: str
    mean: str
    n: int
    share: float


@dataclass(frozen=True)
class Row:
    """A dimension, or one of its questions (`items` is empty, `question` is not).

    `mean`, `span`, `target`: as people read them, empty for none. `agreement`: the figure, `agreed`:
    'strong', 'moderate', 'low', or 'none'. `left_open`, `gap`, `between` (departments, kinds of customers:
    told where it is noteworthy): a sentence each, or empty. `noteworthy`: one of these gaps is. `apart`: of
    two groups the difference of the figures as shown, empty otherwise. `share`: of the mean on the axis, 0
    to 100.
    """

    id: str
    anchor: str
    title: str
    question: str
    n: int
    mean: str
    share: float
    span: str
    agreement: str
    agreed: str
    target: str
    parts: tuple[Part, ...]
    left_open: str
    gap: str
    noteworthy: bool
    groups: tuple[GroupCell, ...]
    items: tuple[Row, ...] = ()
    between: str = ""
    apart: str = ""


@dataclass(frozen=True)
class Headline:
    """What it comes down to, in sentences: where people agree, where not, what either side sees, and where
    departments or kinds of customers are furthest apart (empty where they cannot be compared)."""

    agree: str
    differ: str
    questions: tuple[str, ...]
    sides: tuple[str, ...]
    groups: tuple[str, ...] = ()


class Reader:
    """Words and figures in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def say(self, key: str, **values: object) -> str:
        """A sentence of these pages."""
        return say(self.language, f"desk_comparing.{key}", **values)

    def words(self, text: Text) -> str:
        """The text of a definition; in its first language where it has not this one."""
        return text[self.language] if self.language in text else next(iter(text.values()))

    def figure(self, value: float | None) -> str:
        """With one decimal; '–' for none."""
        return "–" if value is None else format_score(value, self.language)

    def step(self, before: float, after: float) -> float:
        """From the one to the other, of the figures as they are shown: else 3.4 beside 2.5 may be 1.0."""
        return round(float(format_score(after, "en")) - float(format_score(before, "en")), 1)

    def fine(self, value: float | None) -> str:
        """Agreement: with two decimals; '–' for none."""
        text = "–" if value is None else f"{round(value, 9):.2f}"
        return text.replace(".", ",") if self.language == "nl" else text

    def listed(self, names: Sequence[str]) -> str:
        """'a, b en c'."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.say('and')} {names[-1]}"

    def option(self, option: str) -> str:
        """How an option of a segment is called."""
        if option in _OWN_OPTIONS:
            return self.say(f"option_{option}")
        return say(self.language, f"segment.{option}")

    def group(self, group: Group) -> str:
        """How a group is called; small ones that were put together by what they are."""
        if group.option is None:
            return self.say(f"group_{group.key}")
        if group.of:
            return self.say("together", names=self.listed([self.option(one) for one in group.of]))
        return self.option(group.option)

    def people(self, count: int) -> str:
        """'1 deelnemer', '12 deelnemers'."""
        return self.say("one_person") if count == 1 else self.say("people", count=count)


def side_by_side(found: Comparison, by: str) -> tuple[Group, ...]:
    """The groups to show beside each other; none for everybody together, or where nobody belongs to one.

    A single group is no comparison either, but is given: a page says so (`compared`).
    """
    if by == SIDES:
        return tuple(one for one in (found.management, found.work_floor) if one is not None)
    return found.groups.get(BY[by], ()) if by in BY else ()


def compared(groups: Sequence[Group]) -> tuple[Group, ...]:
    """These, where there are two or more; of one alone there is nothing to see beside everybody."""
    return tuple(groups) if len(groups) > 1 else ()


def span_of(found: Comparison, figures: Figures) -> tuple[float, float] | None:
    """The range of the scores that is shown; None without one."""
    ends = (figures.q1, figures.q3) if quartiles(found) else (figures.lowest, figures.highest)
    return None if ends[0] is None or ends[1] is None else (ends[0], ends[1])


def quartiles(found: Comparison) -> bool:
    """Whether the range is that of the middle half; of few people it is from the lowest to the highest.

    In what is published it always is the middle half: the lowest score is one person's.
    """
    return found.protected or found.n >= _BAND_FROM


def rows(reader: Reader, found: Comparison, groups: Sequence[Group]) -> tuple[Row, ...]:
    """The dimensions with their questions, in the model's order."""
    return tuple(
        _row(
            reader,
            found,
            dimension.id,
            reader.words(dimension.title),
            found.whole.dimensions.get(dimension.id),
            [(group, group.dimensions.get(dimension.id)) for group in groups],
            items=tuple(
                _row(
                    reader,
                    found,
                    item_id,
                    reader.words(item.title),
                    found.whole.items.get(item_id),
                    [(group, group.items.get(item_id)) for group in groups],
                    item=item,
                )
                for item in dimension.items
                if item.scored
                for item_id in [f"{dimension.id}.{item.id}"]
            ),
        )
        for dimension in found.model.dimensions
    )


def _row(
    reader: Reader,
    found: Comparison,
    id_: str,
    title: str,
    figures: Figures | None,
    groups: Sequence[tuple[Group, Figures | None]],
    *,
    item: Item | None = None,
    items: tuple[Row, ...] = (),
) -> Row:
    span = None if figures is None else span_of(found, figures)
    gap = found.gaps.get(id_)
    target = found.targets.get(id_)
    agreement = None if figures is None else figures.agreement
    apart = widest(found, id_)
    divided = apart is not None and apart.noteworthy
    return Row(
        id=id_,
        anchor=id_.replace(".", "-"),
        title=title,
        question="" if item is None else reader.words(item.question),
        n=0 if figures is None else figures.n,
        mean=reader.figure(None if figures is None else figures.mean),
        share=_share(found.model, None if figures is None else figures.mean),
        span="" if span is None else f"{reader.figure(span[0])}–{reader.figure(span[1])}",
        agreement=reader.fine(agreement),
        agreed=called(agreement) or "none",
        target="" if target is None else str(target),
        parts=() if figures is None else parts(reader, found.model, figures.counts, item),
        left_open="" if figures is None else left_open(reader, figures),
        gap=gap_words(reader, gap),
        noteworthy=divided or (gap is not None and gap.noteworthy),
        between="" if apart is None or not divided else between_words(reader, apart),
        apart=_apart(reader, [figures for _, figures in groups]),
        groups=tuple(
            GroupCell(
                reader.group(group),
                reader.figure(None if one is None else one.mean),
                0 if one is None else one.n,
                _share(found.model, None if one is None else one.mean),
            )
            for group, one in groups
        ),
        items=items,
    )


def _apart(reader: Reader, figures: Sequence[Figures | None]) -> str:
    means = [one.mean for one in figures if one is not None and one.mean is not None]
    if len(figures) != 2 or len(means) != 2:
        return ""
    return signed(reader, reader.step(means[1], means[0]))


def signed(reader: Reader, change: float) -> str:
    """'+0.5', '−0.5', '0.0'."""
    text = reader.figure(abs(change))
    if text == reader.figure(0.0):
        return text
    return ("+" if change > 0 else "−") + text


def _share(model: MaturityModel, value: float | None) -> float:
    if value is None:
        return 0.0
    return round(100 * (value - model.lowest) / (model.highest - model.lowest), 2)


def parts(
    reader: Reader, model: MaturityModel, counts: Sequence[int], item: Item | None = None
) -> tuple[Part, ...]:
    """A distribution as parts of a bar; an item's own words for its levels, else the model's."""
    total, before = sum(counts), 0
    made = []
    for place, count in enumerate(counts):
        level = model.lowest + place
        left = round(100 * before / total, 3) if total else 0.0
        wide = round(100 * count / total, 3) if total else 0.0
        made.append(Part(level, level_name(reader, model, level, item), count, left, wide))
        before += count
    return tuple(made)


def level_name(reader: Reader, model: MaturityModel, level: int, item: Item | None = None) -> str:
    """How a level is called."""
    if item is not None and item.levels:
        return reader.words(item.level(level).label)
    return reader.words(model.level_name(level).name)


def left_open(reader: Reader, figures: Figures) -> str:
    """Who is not in the figures, and why; empty for nobody."""
    told = [reader.say(f"open_{why}", count=count) for why, count in figures.open.items() if count]
    return reader.say("not_in_it", reasons=", ".join(told)) if told else ""


def gap_words(reader: Reader, gap: Gap | None) -> str:
    """The gap between management and work floor in a sentence; empty where it cannot be told."""
    if gap is None:
        return ""
    figures = {
        "management": reader.figure(gap.management.mean),
        "work_floor": reader.figure(gap.work_floor.mean),
        "apart": reader.figure(abs(reader.step(gap.management.mean or 0.0, gap.work_floor.mean or 0.0))),
    }
    if gap.higher is None or figures["apart"] == reader.figure(0.0):
        return reader.say("gap_none", **figures)
    return reader.say(f"gap_{gap.higher}", **figures)


def between_words(reader: Reader, apart: Between) -> str:
    """The groups that are furthest apart, each with its mean and how many they are."""
    return reader.say(
        f"between_{apart.segment}",
        high=_of_group(reader, apart.high, apart.of_high),
        low=_of_group(reader, apart.low, apart.of_low),
    )


def _of_group(reader: Reader, group: Group, figures: Figures) -> str:
    return reader.say(
        "group_named", name=reader.group(group), mean=reader.figure(figures.mean), count=figures.n
    )


def headline(reader: Reader, found: Comparison, shown: Sequence[Row]) -> Headline:
    """What it comes down to. `shown`: what `rows` made of this comparison."""
    figures = found.whole.dimensions
    judged = [
        (one.agreement, row)
        for row in shown
        if (one := figures.get(row.id)) is not None and one.agreement is not None
    ]
    judged.sort(key=lambda pair: pair[0])
    # r_wg(J) grows with the number of questions: an area is no better agreed on than its questions are, nor
    # where groups see it differently.
    strong = [
        row.title
        for _, row in reversed(judged)
        if row.agreed == "strong"
        and not row.noteworthy
        and all(one.agreed in ("strong", "none") and not one.noteworthy for one in row.items)
    ]
    apart = [row.title for _, row in judged if row.agreed == "low"]
    doubtful = [row.title for _, row in judged if row.agreed == "moderate"]
    agree = differ = ""
    if judged and len(strong) == len(shown):
        agree = reader.say("agree_all")
    elif strong:
        agree = reader.say("agree", names=reader.listed(strong[:_MOST_NAMED]))
    elif judged:
        agree = reader.say("agree_nowhere")
    if apart or doubtful:
        differ = reader.say("differ", names=reader.listed((apart or doubtful)[:_MOST_NAMED]))
    questions = sorted(
        (
            (one.agreement, row)
            for dimension in shown
            for row in dimension.items
            if (one := found.whole.items.get(row.id)) is not None
            and one.agreement is not None
            and row.agreed in ("low", "moderate")
        ),
        key=lambda pair: pair[0],
    )
    return Headline(
        agree=agree,
        differ=differ,
        questions=tuple(
            reader.say(
                "differ_question" if row.agreed == "low" else "differ_question_some",
                title=row.title,
                agreement=row.agreement,
            )
            for _, row in questions[:_MOST_NAMED]
        ),
        sides=tuple(_sides(reader, found, shown)),
        groups=tuple(_between_groups(reader, found, shown)),
    )


def _between_groups(reader: Reader, found: Comparison, shown: Sequence[Row]) -> list[str]:
    """For departments and kinds of customers: the dimension they differ most on, and the others."""
    told = []
    for segment in BETWEEN:
        apart = [(one, row.title) for row in shown if (one := between(found, row.id, segment)) is not None]
        apart.sort(key=lambda pair: -pair[0].difference)
        if not apart:
            continue
        if not apart[0][0].noteworthy:
            told.append(reader.say(f"alike_{segment}"))
            continue
        widest_, title = apart[0]
        told.append(reader.say(f"widest_{segment}", title=title, groups=between_words(reader, widest_)))
        others = [name for one, name in apart[1:] if one.noteworthy]
        if others:
            told.append(reader.say("widest_also", names=reader.listed(others)))
    return told


def _sides(reader: Reader, found: Comparison, shown: Sequence[Row]) -> list[str]:
    if found.management is None or found.work_floor is None or not found.gaps:
        return [reader.say("sides_unknown")]
    titles = {row.id: row.title for one in shown for row in (one, *one.items)}
    told = []
    for higher in ("management", "work_floor"):
        gaps = [
            gap for gap in found.gaps.values() if gap.noteworthy and gap.higher == higher and gap.id in titles
        ]
        gaps.sort(key=lambda gap: -abs(gap.difference))
        dimensions = [gap for gap in gaps if "." not in gap.id][:_MOST_NAMED]
        items = [gap for gap in gaps if "." in gap.id][:_MOST_NAMED]
        for kind, those in (("dimensions", dimensions), ("items", items)):
            if those:
                names = [
                    reader.say(
                        "side_named",
                        title=titles[gap.id],
                        management=reader.figure(gap.management.mean),
                        work_floor=reader.figure(gap.work_floor.mean),
                    )
                    for gap in those
                ]
                told.append(reader.say(f"{higher}_higher_{kind}", names=reader.listed(names)))
    return told or [reader.say("sides_alike")]


def about(reader: Reader, found: Comparison) -> tuple[str, ...]:
    """Whom this is about, and who is not in it."""
    told = [reader.say("about", who=reader.people(found.people))]
    if found.n != found.people:
        told.append(reader.say("about_runs", runs=found.n))
    if found.left_out.total:
        reasons = [
            reader.say(f"left_{name}", count=count)
            for name in ("not_finished", "quick", "earlier", "other_version")
            if (count := getattr(found.left_out, name))
        ]
        told.append(reader.say("left_out", reasons=reader.listed(reasons)))
    if found.left_out.quick:
        told.append(reader.say("quick_in_advice"))
    if len(found.versions) > 1:
        told.append(reader.say("versions", version=found.model.version))
    if found.anonymous and not found.protected:
        told.append(reader.say("anonymous", least=LEAST))
    return tuple(told)


def targets_from(reader: Reader, found: Comparison, chosen: Mapping[str, Mapping[str, int]] | None) -> str:
    """Where the targets come from. `chosen`: the campaign's, model id -> dimension id -> level."""
    if not found.targets:
        return ""
    own = (chosen or {}).get(found.model.id, {})
    # An edition keeps the target of its day; what was chosen later was not chosen for it.
    named = [
        reader.words(one.title)
        for one in found.model.dimensions
        if one.id in own and found.targets.get(one.id) == own[one.id]
    ]
    rule = found.model.target_rule
    told = []
    if named:
        told.append(reader.say("target_chosen", names=reader.listed(named)))
    if len(named) < len(found.targets):
        told.append(reader.say(f"target_{'rule' if named else 'all'}_{rule}"))
    return " ".join([*told, reader.say("target_person")])


def table_words(reader: Reader, shown: Sequence[Row]) -> str:
    """The dimensions with their means in a sentence, of the groups shown too: the picture, for whoever does
    not see it."""

    def of(row: Row) -> str:
        groups = ", ".join(f"{one.label} {one.mean}" for one in row.groups)
        return (
            f"{row.title} {row.mean}"
            + (f" ({row.span})" if row.span else "")
            + (f": {groups}" if groups else "")
        )

    return "; ".join(map(of, shown))
