"""The pictures of a comparison: where lines, bands, bars and points go, and what stands beside them."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import pytest
from PIL import Image

from bot.render.comparison import (
    SCALE,
    ComparisonError,
    CoursePanel,
    CoursePoint,
    CourseSpec,
    GroupLine,
    RangeAxis,
    RangesSpec,
    SpreadRow,
    SpreadSpec,
    course,
    from_json,
    ranges,
    render,
    spread,
    texts,
)
from bot.render.comparison.shapes import GROUPS, Area, Letters, Mark, Stroke
from bot.render.radar.shapes import WIDTH

LABELS = ("Strategie", "Mensen", "Data", "Klantwaarde")
LONG = (
    "Verantwoordelijkheidszin",
    "Doelgroepen en metingens",
    "Klantbetrokkenheidsscore",
    "Medewerkersbetrokkenheid",
)


def radar(
    figures: tuple[tuple[float, float, float] | None, ...] = ((3, 2, 4), (2.5, 1, 5), (2, 2, 2), (1, 1, 3)),
    labels: tuple[str, ...] = LABELS,
    groups: tuple[GroupLine, ...] = (),
    absent: tuple[str, ...] = (),
) -> RangesSpec:
    """`figures`: of each axis mean, low, high; None for none."""
    axes = tuple(
        RangeAxis(label, None, None, None, "–") if one is None else RangeAxis(label, *one, f"{one[0]:.1f}")
        for label, one in zip(labels, figures, strict=True)
    )
    return RangesSpec(
        "nl",
        axes,
        5,
        "Klantbetrokkenheid",
        "Het Theehuis",
        "Gemiddelde",
        "De middelste helft",
        groups,
        absent,
    )


def near(point: tuple[float, float] | None, x: float, y: float) -> bool:
    return point is not None and math.dist(point, (x, y)) < 0.01


# --- the radar with ranges ---


def test_mean_and_both_ends_of_the_range_lie_on_their_axis_at_their_share_of_the_radius() -> None:
    plan = ranges.geometry(radar())
    (x, y), r = plan.centre, plan.radius

    # Four axes: up, right, down, left. The first: 3, 2 and 4 of 5.
    assert near(plan.mean.vertices[0], x, y - r * 3 / 5)
    assert near(plan.low.vertices[0], x, y - r * 2 / 5)
    assert near(plan.high.vertices[0], x, y - r * 4 / 5)
    # The second points right: 2.5, 1 and 5 of 5.
    assert near(plan.mean.vertices[1], x + r / 2, y)
    assert near(plan.low.vertices[1], x + r / 5, y)
    assert near(plan.high.vertices[1], x + r, y)
    # The last points left: 1 of 5.
    assert near(plan.mean.vertices[3], x - r / 5, y)
    assert plan.axis_range == (0, 5)
    assert len(plan.rings) == 5
    assert r >= 200, "too small to be read from the back of a room"


def test_the_band_runs_between_low_and_high_with_a_hole_in_the_middle() -> None:
    plan = ranges.geometry(radar())

    [(outer, hole)] = plan.bands
    assert outer == (*plan.high.vertices, plan.high.vertices[0])
    assert hole == tuple(reversed((*plan.low.vertices, plan.low.vertices[0])))


def test_an_axis_without_figures_is_a_gap_in_line_and_band_and_says_so() -> None:
    spec = radar(((3, 2, 4), None, (2, 1, 3), (1, 1, 2)))
    plan = ranges.geometry(spec)

    assert plan.mean.vertices[1] is None
    # The neighbours that are left follow each other: down, left, up.
    [line] = plan.mean.lines
    assert line == (plan.mean.vertices[2], plan.mean.vertices[3], plan.mean.vertices[0])
    [(band,)] = plan.bands
    assert band[:3] == (plan.high.vertices[2], plan.high.vertices[3], plan.high.vertices[0])
    assert band[-1] == band[0]
    assert plan.labels[1].score.text == "–"


def test_a_range_between_two_gaps_is_a_line_along_its_axis() -> None:
    plan = ranges.geometry(radar((None, (3, 2, 4), None, (1, 1, 2))))

    assert plan.bands == ()
    assert plan.alone == (
        (plan.low.vertices[1], plan.high.vertices[1]),
        (plan.low.vertices[3], plan.high.vertices[3]),
    )


def test_groups_differ_by_dash_and_marker_and_a_missing_mean_is_a_gap() -> None:
    groups = (
        GroupLine("Leiding", (4, None, 3, 2)),
        GroupLine("Werkvloer", (2, 2, 2, 2)),
        GroupLine("ICT", (1, 1, 1, 1)),
    )
    plan = ranges.geometry(radar(groups=groups))
    (x, y), r = plan.centre, plan.radius

    assert near(plan.groups[0].vertices[0], x, y - r * 4 / 5)
    assert plan.groups[0].vertices[1] is None
    assert near(plan.groups[1].vertices[1], x + r * 2 / 5, y)
    looks = [(one.dashes, one.marker, one.hollow) for one in GROUPS]
    assert len(set(looks)) == 3
    assert len({one.marker for one in GROUPS}) == 3
    marks = [shape.kind for shape in plan.shapes if isinstance(shape, Mark)]
    # Each group's markers, and one in the legend: 3 + 1, 4 + 1, 4 + 1; everybody's mean has none.
    assert {kind: marks.count(kind) for kind in marks} == {"o": 4, "D": 5, "s": 5}


def test_the_legend_names_what_is_drawn_and_the_groups_that_are_not() -> None:
    alone = texts(radar())
    beside = texts(radar(groups=(GroupLine("Leiding (6)", (4, 4, 4, 4)),), absent=("Niet getekend: ICT.",)))
    nothing = texts(radar(groups=(GroupLine("Leiding (6)", (None,) * 4),)))

    assert {"Gemiddelde", "De middelste helft", *LABELS} <= set(alone)
    assert {"Leiding (6)", "Niet getekend: ICT."} <= set(beside)
    assert "Leiding (6)" not in nothing


def test_long_labels_are_wrapped_and_stay_on_the_picture_clear_of_each_other() -> None:
    plan = ranges.geometry(radar(labels=LONG))

    for number, label in enumerate(plan.labels):
        assert label.box.left >= 0
        assert label.box.right <= WIDTH
        joined = "".join(line.text.rstrip("-") for line in label.lines).replace(" ", "")
        assert joined == LONG[number].replace(" ", "")
        for other in plan.labels[number + 1 :]:
            assert not label.box.overlaps(other.box)


def test_a_taller_foot_makes_the_picture_higher_and_not_the_radar_smaller() -> None:
    groups = tuple(GroupLine(f"Een groep met een lange naam {number}", (1, 2, 3, 4)) for number in range(3))
    few, many = ranges.geometry(radar()), ranges.geometry(radar(groups=groups, absent=("Meer. " * 15,)))

    assert many.height > few.height
    assert many.radius == few.radius


# --- distributions ---


def distribution(rows: tuple[SpreadRow, ...]) -> SpreadSpec:
    return SpreadSpec("nl", rows, ("1 Een", "2 Twee", "3 Drie"), "Theehuisscan", "Het Theehuis")


def test_a_bar_is_cut_in_proportion_and_always_as_long() -> None:
    plan = spread.geometry(
        distribution((SpreadRow("Thee", (1, 0, 3), "n = 4"), SpreadRow("Gasten", (0, 20, 0), "n = 20")))
    )

    one, other, whole = plan.cuts
    long = spread.RIGHT - spread.LEFT
    # 1 of 4, then 3 of 4; nobody at level 2.
    assert (one.level, other.level) == (0, 2)
    assert math.isclose(one.box.left, spread.LEFT)
    assert math.isclose(one.box.right, spread.LEFT + long / 4)
    assert math.isclose(other.box.left, one.box.right)
    assert math.isclose(other.box.right, spread.RIGHT)
    assert (whole.row, whole.level, whole.count) == (1, 1, 20)
    assert math.isclose(whole.box.right - whole.box.left, long)


def test_the_counts_stand_in_the_bar_where_they_fit_and_a_row_of_nobody_is_dashed() -> None:
    spec = distribution(
        (SpreadRow("Thee", (1, 0, 199), "n = 200"), SpreadRow("Gasten", (0, 0, 0), "te weinig"))
    )
    plan = spread.geometry(spec)
    said = [shape.text.text for shape in plan.shapes if isinstance(shape, Letters)]

    assert "199" in said
    assert "1" not in said
    assert "te weinig" in said
    assert [shape.dashes for shape in plan.shapes if isinstance(shape, Stroke)] == [(4.0, 4.0)]


def test_a_higher_level_is_darker() -> None:
    shades = [sum(bytes.fromhex(spread.shade(level, 5)[1:])) for level in range(5)]

    assert shades == sorted(shades, reverse=True)
    assert len(set(shades)) == 5


# --- over time ---


def over_time(*values: float | None, days: tuple[str, ...], broken: tuple[int, ...] = ()) -> CourseSpec:
    points = tuple(None if one is None else CoursePoint(one, None, None, f"{one:.1f}") for one in values)
    panels = (CoursePanel("Strategie", points), CoursePanel("Data", points))
    return CourseSpec("nl", panels, days, days, 1, 5, "Theehuisscan", "Het Theehuis", broken)


def test_time_runs_in_proportion_and_the_axis_from_the_lowest_to_the_highest_level() -> None:
    # 10, then 30 days later: a quarter of the way.
    plan = course.geometry(over_time(1.0, 3.0, 5.0, days=("2026-01-01", "2026-01-11", "2026-02-10")))
    chart = plan.charts[0]
    first, second, third = chart.points
    assert first is not None
    assert second is not None
    assert third is not None

    assert plan.axis_range == (1, 5)
    assert math.isclose(first[1], chart.area.bottom)
    assert math.isclose(second[1], (chart.area.top + chart.area.bottom) / 2)
    assert math.isclose(third[1], chart.area.top)
    assert math.isclose((second[0] - first[0]) / (third[0] - first[0]), 10 / 40)
    assert chart.area.right <= plan.charts[1].area.left


def test_no_line_leads_over_a_gap_or_to_what_cannot_be_compared() -> None:
    days = ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")

    def lines(spec: CourseSpec) -> int:
        return sum(isinstance(shape, Stroke) and shape.width == 4.5 for shape in course.geometry(spec).shapes)

    assert lines(over_time(1.0, 2.0, 3.0, 4.0, days=days)) == 2  # one for each panel
    assert lines(over_time(1.0, 2.0, None, 4.0, days=days)) == 2
    assert lines(over_time(1.0, None, 3.0, None, days=days)) == 0
    assert lines(over_time(1.0, 2.0, 3.0, 4.0, days=days, broken=(2,))) == 4
    assert lines(over_time(1.0, 2.0, 3.0, 4.0, days=days, broken=(1, 2, 3))) == 0


# --- specs and pixels ---

SPECS = {
    "radar": radar(groups=(GroupLine("Leiding", (4, None, 3, 2)),), absent=("ICT niet.",)),
    "gaps": radar(((3, 2, 4), None, (2, 1, 3), (1, 1, 2)), labels=LONG),
    "levels": distribution((SpreadRow("Thee", (1, 0, 3), "n = 4"), SpreadRow("Gasten", (0, 0, 0), "geen"))),
    "time": over_time(1.0, None, 5.0, days=("2026-01-01", "2026-01-11", "2026-02-10")),
}


@pytest.mark.parametrize("name", SPECS)
def test_a_spec_survives_as_json_and_gives_the_same_picture(name: str) -> None:
    spec = SPECS[name]
    again = from_json(spec.to_json())
    picture = render(spec)
    render.cache_clear()

    assert again == spec
    assert render(again) == picture
    image = Image.open(io.BytesIO(picture))
    assert image.width == WIDTH * SCALE
    assert image.height >= 400


@pytest.mark.parametrize("name", SPECS)
def test_every_text_stays_on_the_picture(name: str) -> None:
    from bot.render.comparison.picture import plan
    from bot.render.radar.canvas import text_width

    height, shapes = plan(SPECS[name])
    for shape in shapes:
        if not isinstance(shape, Letters):
            continue
        text = shape.text
        wide = text_width(text.text, text.size, shape.bold)
        left = {"left": text.x, "center": text.x - wide / 2, "right": text.x - wide}[text.align]
        assert left >= 0, text
        assert left + wide <= WIDTH + 1, text
        assert 0 < text.baseline < height, text


def test_the_band_is_drawn_in_its_colour_between_the_ends_and_not_within() -> None:
    spec = radar(((3, 2, 4),) * 4)
    plan = ranges.geometry(spec)
    image = Image.open(io.BytesIO(render(spec))).convert("RGB")
    (x, y), r = plan.centre, plan.radius

    def at(share: float) -> tuple[int, ...]:
        # Along the middle between two axes a square ring lies at share / sqrt 2.
        step = r * share / 2
        pixel = image.getpixel((round((x + step) * SCALE), round((y - step) * SCALE)))
        assert isinstance(pixel, tuple)
        return pixel

    fill = next(shape.fill for shape in plan.shapes if isinstance(shape, Area) and len(shape.rings) == 2)
    assert fill is not None
    wanted = tuple(bytes.fromhex(fill[1:]))
    assert all(abs(a - b) <= 6 for a, b in zip(at(2.5 / 5), wanted, strict=True))
    paper = (0xF8, 0xFC, 0xFC)
    assert all(abs(a - b) <= 6 for a, b in zip(at(1.5 / 5), paper, strict=True))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"axes": radar().axes[:2]}, "axes: 2 given"),
        ({"highest": 0}, "highest"),
        ({"axes": (replace(radar().axes[0], mean=5.1), *radar().axes[1:])}, r"axes\[0\].mean: 5.1 given"),
        ({"axes": (replace(radar().axes[0], mean=math.nan), *radar().axes[1:])}, "mean: nan given"),
        ({"axes": (replace(radar().axes[0], low=None), *radar().axes[1:])}, "one end of the range"),
        ({"axes": (replace(radar().axes[0], low=4.5), *radar().axes[1:])}, "ends below where it begins"),
        ({"groups": (GroupLine("a", (1, 2, 3)),)}, r"groups\[0\].values: 3 given, 4 expected"),
        ({"groups": (GroupLine("a", (1, 2, 3, 4)),) * 4}, "groups: 4 given, 0 to 3 expected"),
        ({"title": " "}, "title: is empty"),
    ],
)
def test_a_radar_that_cannot_be_drawn_is_refused_with_the_field(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(ComparisonError, match=message):
        replace(radar(), **change)  # type: ignore[arg-type]


def test_a_course_wants_its_days_in_order_each_once() -> None:
    with pytest.raises(ComparisonError, match="ascending"):
        over_time(1.0, 2.0, days=("2026-02-01", "2026-01-01"))
    with pytest.raises(ComparisonError, match="ascending"):
        over_time(1.0, 2.0, days=("2026-02-01", "2026-02-01"))
    with pytest.raises(ComparisonError, match="dates"):
        over_time(1.0, 2.0, days=("2026-02-01", "morgen"))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"kind": "matrix"}', '{"kind": "ranges"}', '{"kind": "course"}']
)
def test_what_is_no_stored_comparison_is_refused(text: str) -> None:
    with pytest.raises(ComparisonError):
        from_json(text)
