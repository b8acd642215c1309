"""The radar: where its lines go, what its labels do, and that the picture is the same every time."""

import hashlib
import io
import json
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from PIL import Image

from bot.render.radar import (
    BEFORE,
    HEIGHT,
    PAPER,
    TARGET,
    TODAY,
    WIDTH,
    Axis,
    Box,
    RadarError,
    RadarSpec,
    geometry,
    render,
    text_boxes,
    vertex,
    warm_up,
)

ROOT = Path(__file__).parents[2]
PILLARS = ("Strategie", "Mensen en organisatie", "Technologie", "Data", "Customer journey", "Klantwaarde")
# As long as a label may be in a definition: 24 characters, some of them one word.
LONGEST = (
    "Verantwoordelijkheidszin",
    "Doelgroepen en metingens",
    "Klantbetrokkenheidsscore",
    "Kanalen en dienstverlens",
    "Medewerkersbetrokkenheid",
    "Data-architectuur/beheer",
    "Gegevenskwaliteitsbeheer",
    "Samenwerken met partners",
    "Informatiebeveiliging nu",
    "Strategie en leiderschap",
    "Organisatieontwikkelings",
    "Integratie van techniekk",
)


def spec(
    today: list[float | None],
    target: list[float | None] | None = None,
    labels: tuple[str, ...] | None = None,
    highest: int = 5,
) -> RadarSpec:
    labels = labels or tuple(f"As {number}" for number in range(1, len(today) + 1))
    target = target or [None] * len(today)
    axes = tuple(
        Axis(label, now, then, "–" if now is None else f"{now:.1f}".replace(".", ","))
        for label, now, then in zip(labels, today, target, strict=True)
    )
    return RadarSpec("nl", axes, highest, "Customer Engagement", "Winkel · 22 november 2025", "Nu", "Doel")


def six() -> RadarSpec:
    return spec([2.7, 3.3, 1.7, 2.0, 4.0, 2.3], [3, 4, 3, 3, 5, 3], PILLARS)


def measured_again(
    today: list[float | None], before: list[float | None], target: list[float | None] | None = None
) -> RadarSpec:
    plain = spec(today, target, PILLARS[: len(today)])
    axes = tuple(replace(axis, before=was) for axis, was in zip(plain.axes, before, strict=True))
    return replace(plain, axes=axes, before_label="Vorige keer")


def near(point: tuple[float, float] | None, x: float, y: float) -> bool:
    return (
        point is not None
        and math.isclose(point[0], x, abs_tol=0.01)
        and math.isclose(point[1], y, abs_tol=0.01)
    )


# --- vertices ---


def test_a_vertex_lies_on_its_axis_at_its_share_of_the_radius():
    # Four axes: up, right, down, left. 3 of 5 on a radius of 250 is 150 pixels from the centre.
    assert near(vertex((400, 400), 250, 0, 4, 3 / 5), 400, 400 - 150)
    assert near(vertex((400, 400), 250, 1, 4, 3 / 5), 400 + 150, 400)
    assert near(vertex((400, 400), 250, 2, 4, 3 / 5), 400, 400 + 150)
    assert near(vertex((400, 400), 250, 3, 4, 3 / 5), 400 - 150, 400)
    # Six axes, the third points 120 degrees clockwise from up: sin 120 = 0.8660, -cos 120 = 0.5, 0.5 down.
    assert near(vertex((400, 400), 200, 2, 6, 1.0), 400 + 173.205, 400 + 100)
    # Twelve axes, the second: sin 30 = 0.5, cos 30 = 0.8660; half of 200 is 100.
    assert near(vertex((400, 400), 200, 1, 12, 0.5), 400 + 50, 400 - 86.603)


def test_the_drawn_vertices_of_both_lines_follow_from_centre_and_radius():
    plan = geometry(spec([5.0, 2.5, 0.0, 1.0], [5, 4, 3, 2]))
    (x, y), r = plan.centre, plan.radius
    assert near(plan.today.vertices[0], x, y - r)
    assert near(plan.today.vertices[1], x + r / 2, y)
    assert near(plan.today.vertices[2], x, y)
    assert near(plan.today.vertices[3], x - r / 5, y)
    assert near(plan.target.vertices[1], x + r * 4 / 5, y)
    assert near(plan.target.vertices[2], x, y + r * 3 / 5)


def test_the_centre_is_zero_and_the_rim_the_highest_for_every_model():
    stages = geometry(spec([3.0, 1.5, 0.0], highest=3))
    levels = geometry(spec([5.0, 1.0, 3.0], highest=5))
    assert stages.axis_range == (0, 3)
    assert levels.axis_range == (0, 5)
    assert near(stages.today.vertices[0], *stages.tips[0])
    assert near(stages.today.vertices[2], *stages.centre)
    # A score of 1 on 1..5 is a fifth of the way out, not the centre.
    assert math.isclose(math.dist(levels.today.vertices[1], levels.centre), levels.radius / 5)


def test_there_is_a_ring_with_its_figure_for_each_level():
    plan = geometry(six())
    assert [math.dist(ring[0], plan.centre) / plan.radius for ring in plan.rings] == pytest.approx(
        [0.2, 0.4, 0.6, 0.8, 1.0]
    )
    assert sorted(figure.text for figure in plan.ring_figures) == ["1", "2", "3", "4", "5"]
    assert all(ring[0] == ring[-1] and len(ring) == 7 for ring in plan.rings)


def test_a_complete_line_is_closed_and_filled_as_one_area():
    plan = geometry(six())
    (line,) = plan.today.lines
    assert line == (*plan.today.vertices, plan.today.vertices[0])
    assert plan.fills == (plan.today.vertices,)


# --- gaps ---


def test_a_missing_dimension_is_a_gap_with_no_line_to_or_from_it_and_no_area_beside_it():
    plan = geometry(spec([1.0, 2.0, None, 4.0, 5.0, 3.0], [3] * 6))
    v = plan.today.vertices
    assert v[2] is None
    # One line from the axis after the gap round to the one before it.
    assert plan.today.lines == ((v[3], v[4], v[5], v[0], v[1]),)
    assert plan.fills == ((plan.centre, v[3], v[4], v[5], v[0], v[1]),)
    assert len(plan.target.lines) == 1
    assert len(plan.target.lines[0]) == 7


def test_a_score_between_two_missing_ones_is_a_point_without_a_line():
    plan = geometry(spec([1.0, None, 3.0, None, 4.0, 2.0]))
    v = plan.today.vertices
    assert plan.today.lines == ((v[4], v[5], v[0]),)
    assert plan.fills == ((plan.centre, v[4], v[5], v[0]),)
    assert v[2] is not None


@pytest.mark.parametrize("today", [[None, None, None], [None, 2.0, None]])
def test_without_two_neighbours_nothing_is_joined_or_filled(today):
    plan = geometry(spec(today))
    assert plan.today.lines == ()
    assert plan.fills == ()


def test_a_zero_is_a_score_and_a_missing_one_is_not():
    assert geometry(spec([0.0, 2.0, 3.0])).today.vertices[0] == geometry(spec([0.0, 2.0, 3.0])).centre
    assert geometry(spec([None, 2.0, 3.0])).today.vertices[0] is None


def test_the_gap_is_empty_in_the_picture_too():
    # Axes up, right, down, left, all at 4 but the right one: nothing is drawn between up and right.
    drawn, plan = picture(spec([4.0, None, 4.0, 4.0])), geometry(spec([4.0, None, 4.0, 4.0]))
    assert pixel(drawn, middle(plan.today.vertices[3], plan.today.vertices[0])) == rgb(TODAY)
    whole = geometry(spec([4.0, 4.0, 4.0, 4.0])).today.vertices
    missing = middle(whole[0], whole[1])
    assert all(rgb(TODAY) != pixel(drawn, (missing[0] + dx, missing[1])) for dx in range(-6, 7))
    inside = (plan.centre[0] + plan.radius * 0.27, plan.centre[1] - plan.radius * 0.27)
    assert pixel(drawn, inside) == rgb(PAPER)
    mirrored = (plan.centre[0] - plan.radius * 0.27, plan.centre[1] - plan.radius * 0.27)
    assert pixel(drawn, mirrored) != rgb(PAPER)


# --- an earlier measurement ---


def test_the_earlier_measurement_is_a_line_of_its_own_with_its_own_gaps_and_no_area():
    # Axes up, right, down, left: 2.5 of 5 is half of the radius, 1 a fifth.
    plan = geometry(measured_again([5.0, 4.0, None, 3.0], [2.5, None, 1.0, 5.0]))
    (x, y), r = plan.centre, plan.radius
    up, right, down, left = plan.before.vertices
    assert near(up, x, y - r / 2)
    assert right is None
    assert near(down, x, y + r / 5)
    assert near(left, x - r, y)
    # From the axis after its gap round to the one before it; today's gap is elsewhere.
    assert plan.before.lines == ((down, left, up),)
    t = plan.today.vertices
    assert plan.today.lines == ((t[3], t[0], t[1]),)
    assert plan.fills == ((plan.centre, t[3], t[0], t[1]),)


def test_without_an_earlier_measurement_there_is_no_such_line():
    plan = geometry(six())
    assert plan.before.vertices == (None,) * 6
    assert plan.before.lines == ()


def test_an_earlier_measurement_moves_nothing_but_the_legend():
    today, target = [2.7, 3.3, 1.7, 2.0, 4.0, 2.3], [3, 4, 3, 3, 5, 3]
    alone = geometry(spec(today, target, PILLARS))
    beside = geometry(measured_again(today, [2.0] * 6, target))
    assert (alone.centre, alone.radius) == (beside.centre, beside.radius)
    assert (alone.today, alone.target, alone.labels) == (beside.today, beside.target, beside.labels)


@pytest.mark.parametrize(
    ("target", "before", "names"),
    [
        ([3, 4, 3], [1.0, 2.0, 3.0], ["Nu", "Doel", "Vorige keer"]),
        (None, [1.0, 2.0, None], ["Nu", "Vorige keer"]),
        ([3, 4, 3], [None, None, None], ["Nu", "Doel"]),
    ],
)
def test_the_legend_names_the_lines_that_there_are(target, before, names):
    plan = geometry(measured_again([2.0, 2.0, 2.0], before, target))
    assert [text.text for text in plan.legend_texts] == names
    assert len(plan.legend) == len(names)


def test_each_sample_of_the_legend_has_the_colour_of_its_line():
    for target, colours in (([3, 4, 3], [TODAY, TARGET, BEFORE]), (None, [TODAY, BEFORE])):
        shown = measured_again([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], target)
        drawn, plan = picture(shown), geometry(shown)
        for (x, y, width), colour in zip(plan.legend, colours, strict=True):
            along = {pixel(drawn, (x + step, y)) for step in range(1, int(width))}
            assert rgb(colour) in along
            assert not along & {rgb(other) for other in (TODAY, TARGET, BEFORE) if other != colour}


def test_the_earlier_line_is_dotted_and_lies_below_the_others():
    shown = measured_again([2.0, 2.0, 2.0], [4.0, 4.0, 4.0])
    drawn, plan = picture(shown), geometry(shown)
    (ax, ay), (bx, by) = plan.before.vertices[1], plan.before.vertices[2]
    dots = [
        pixel(drawn, (ax + (bx - ax) * step / 400, ay + (by - ay) * step / 400)) == rgb(BEFORE)
        for step in range(60, 341)
    ]
    assert sum(one != other for one, other in pairwise(dots)) > 40

    same = measured_again([3.0, 3.0, 3.0], [3.0, 3.0, 3.0])
    drawn, plan = picture(same), geometry(same)
    (ax, ay), (bx, by) = plan.today.vertices[1], plan.today.vertices[2]
    assert {
        pixel(drawn, (ax + (bx - ax) * step / 100, ay + (by - ay) * step / 100)) for step in range(15, 86)
    } == {rgb(TODAY)}
    # today's dot covers the earlier square
    assert pixel(drawn, plan.today.vertices[1]) == rgb(TODAY)


def test_a_spec_from_before_there_were_earlier_measurements_is_still_read():
    stored = six().to_json()
    assert "before" not in stored
    assert RadarSpec.from_json(stored) == six()
    shown = measured_again([2.0, None, 2.0], [1.0, 2.0, None])
    assert RadarSpec.from_json(shown.to_json()) == shown


def test_the_longest_names_of_three_lines_still_fit():
    crowded = measured_again([2.7] * 6, [1.0] * 6, [4] * 6)
    assert_tidy(replace(crowded, today_label="N" * 40, target_label="D" * 40, before_label="V" * 40))


# --- the look ---


def test_today_is_a_solid_line_and_the_target_a_dashed_one():
    drawn, plan = picture(spec([2.0, 2.0, 2.0], [4, 4, 4])), geometry(spec([2.0, 2.0, 2.0], [4, 4, 4]))

    def along(vertices):
        (ax, ay), (bx, by) = vertices[1], vertices[2]
        return [
            pixel(drawn, (ax + (bx - ax) * step / 100, ay + (by - ay) * step / 100)) for step in range(15, 86)
        ]

    assert set(along(plan.today.vertices)) == {rgb(TODAY)}
    dashes = [colour == rgb(TARGET) for colour in along(plan.target.vertices)]
    changes = sum(one != other for one, other in pairwise(dashes))
    assert changes > 10


def test_the_two_colours_differ_in_grey_and_both_stand_out_from_the_paper():
    def luminance(colour):
        parts = [part / 255 for part in rgb(colour)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one, other):
        low, high = sorted((luminance(one), luminance(other)))
        return (high + 0.05) / (low + 0.05)

    assert contrast(PAPER, TODAY) >= 4.5  # scores are written in it
    assert contrast(PAPER, TARGET) >= 3.0
    assert luminance(TARGET) > 1.2 * luminance(TODAY)
    assert contrast(PAPER, BEFORE) >= 3.0
    assert luminance(BEFORE) > 1.2 * luminance(TARGET)


def test_the_three_colours_stay_apart_for_the_colour_blind():
    # Vienot, Brettel and Mollon (1999): what is left of red and green for who lacks one of the two cones.
    blind = {
        "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
        "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    }

    def linear(colour):
        parts = [part / 255 for part in rgb(colour)]
        return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]

    def seen(colour, matrix):
        parts = [sum(m * p for m, p in zip(row, linear(colour), strict=True)) for row in matrix]
        return [max(0.0, part) ** (1 / 2.4) for part in parts]

    for matrix in blind.values():
        for one, other in combinations((TODAY, TARGET, BEFORE), 2):
            assert math.dist(seen(one, matrix), seen(other, matrix)) > 0.2


def test_each_label_carries_its_score_and_the_legend_both_names():
    plan = geometry(spec([2.7, None, 4.0], [3, 3, 5], ("Technologie", "Data", "Klantwaarde")))
    assert [label.score.text for label in plan.labels] == ["2,7", "–", "4,0"]
    assert [label.score.role for label in plan.labels] == ["score", "missing", "score"]
    assert all(label.score.baseline > label.lines[-1].baseline for label in plan.labels)
    assert [text.text for text in plan.legend_texts] == ["Nu", "Doel"]


def test_a_legend_promises_no_target_where_there_is_none():
    assert [text.text for text in geometry(spec([1.0, 2.0, 3.0])).legend_texts] == ["Nu"]


# --- labels ---


def assert_tidy(picture_spec: RadarSpec) -> None:
    """Every text lies on the canvas, none touches another, and no label lies over the radar."""
    plan, boxes = geometry(picture_spec), text_boxes(picture_spec)
    for text, box in boxes:
        assert box.left >= 0 and box.top >= 0 and box.right <= WIDTH and box.bottom <= HEIGHT, text  # noqa: PT018
    for (one, box), (other, second) in combinations(boxes, 2):
        assert not box.overlaps(second), f"{one.text!r} over {other.text!r}"
    rim = [
        (a[0] + (b[0] - a[0]) * step / 50, a[1] + (b[1] - a[1]) * step / 50)
        for a, b in zip(plan.rings[-1], plan.rings[-1][1:], strict=False)
        for step in range(50)
    ]
    for label in plan.labels:
        assert not any(label.box.overlaps(Box(x, y, x, y), gap=5) for x, y in rim), label.lines
    for (text, box), label in ((pair, label) for label in plan.labels for pair in boxes):
        if text in (*label.lines, label.score):
            assert box.left >= label.box.left - 1, text
            assert box.right <= label.box.right + 1, text


@pytest.mark.parametrize("count", range(3, 13))
def test_the_longest_labels_are_whole_and_clear_of_each_other(count):
    crowded = spec([2.7] * count, [4] * count, LONGEST[:count])
    assert_tidy(crowded)
    for wanted, label in zip(LONGEST, geometry(crowded).labels, strict=False):
        drawn = "".join(line.text for line in label.lines)
        assert drawn.replace("-", "").replace(" ", "") == wanted.replace("-", "").replace(" ", "")
        # At 360 pixels wide, 20 become 9.
        assert label.lines[0].size >= 20


@pytest.mark.parametrize("highest", [1, 3, 10])
def test_ring_figures_and_wide_scores_touch_nothing(highest):
    crowded = spec([float(highest)] * 6, [highest] * 6, PILLARS, highest)
    assert_tidy(replace(crowded, axes=tuple(replace(axis, score_text="te weinig") for axis in crowded.axes)))


def test_long_headings_and_legends_are_wrapped_and_not_cut():
    name = (
        "Stichting Samenwerkende Streekwinkels en Ambachtelijke Bakkerijen Noordoost-Groningen en Omstreken"
    )
    long = replace(six(), title=name, subtitle=name, today_label="N" * 40, target_label="D" * 40)
    assert_tidy(long)
    heading = [text.text for text in geometry(long).heading]
    assert " ".join(heading) == f"{name} {name}"
    assert len(geometry(long).legend_texts) == 2


def test_ordinary_labels_keep_large_letters_and_whole_words():
    lines = [text.text for label in geometry(six()).labels for text in label.lines]
    assert lines == [
        "Strategie",
        "Mensen en",
        "organisatie",
        "Technologie",
        "Data",
        "Customer",
        "journey",
        "Klantwaarde",
    ]
    assert geometry(six()).labels[0].lines[0].size >= 25


def test_a_soft_hyphen_says_where_a_long_word_may_break_and_is_not_seen_elsewhere():
    def lines(label, count):
        labels = tuple([label] * count)
        return {
            tuple(text.text for text in drawn.lines)
            for drawn in geometry(spec([1.0] * count, labels=labels)).labels
        }

    assert ("Klantbetrokkenheids-", "score") not in lines("Klantbetrokkenheidsscore", 12)
    assert ("Organisatie-", "ontwikkeling") in lines("Organisatie\u00adontwikkeling", 12)
    assert ("Organisatie",) in lines("Organi\u00adsatie", 3)


def test_a_dollar_or_an_emoji_in_a_name_is_no_trouble():
    odd = replace(six(), subtitle="Winkel $x^2$ & co \N{CROISSANT} \\frac\n\tNoord")
    assert [text.text for text in geometry(odd).heading][1] == "Winkel $x^2$ & co \\frac Noord"
    assert_tidy(odd)


def test_another_score_or_subtitle_moves_nothing_else():
    one = geometry(six())
    other = geometry(
        replace(spec([1.0, None, 5.0, 2.0, 4.0, 2.3], [3, 4, 3, 3, 5, 3], PILLARS), subtitle="x" * 55)
    )
    assert one.tips == other.tips
    assert [label.lines for label in one.labels] == [label.lines for label in other.labels]


# --- the picture ---


def picture(of: RadarSpec) -> Image.Image:
    return Image.open(io.BytesIO(render(of))).convert("RGB")


def pixel(image: Image.Image, point: tuple[float, float]) -> tuple[int, ...]:
    return image.getpixel((int(point[0]), int(point[1])))


def middle(one, other):
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@pytest.mark.parametrize(("labels", "limit"), [(PILLARS, 36_000), (LONGEST, 52_000)])
def test_the_png_is_opaque_light_and_small(labels, limit):
    data = render(spec([2.7] * len(labels), [4] * len(labels), labels))
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    assert image.size == (WIDTH, HEIGHT)
    assert image.mode == "P"
    assert "transparency" not in image.info
    assert {image.convert("RGB").getpixel(corner) for corner in ((0, 0), (799, 0), (0, 799), (799, 799))} == {
        rgb(PAPER)
    }
    assert len(data) <= limit


def test_the_same_spec_gives_the_same_bytes_whatever_was_drawn_in_between():
    first = render(six())
    for number in range(15):  # more than the backgrounds that are kept
        render(spec([1.0, 2.0, 3.0], labels=(f"Een {number}", "Twee", "Drie")))
    render(replace(six(), title="Anders", subtitle="Iets anders"))
    render(replace(six(), axes=tuple(replace(axis, today=5.0, score_text="5,0") for axis in six().axes)))
    assert render(six()) == first
    assert render(RadarSpec.from_json(six().to_json())) == first


def test_another_process_draws_the_same_bytes_and_importing_the_module_loads_no_drawing_library():
    code = """
import hashlib, sys
import bot.render.radar as radar
assert not any(name.split('.')[0] in ('matplotlib', 'PIL', 'numpy') for name in sys.modules)
print(hashlib.sha256(radar.render(radar.RadarSpec.from_json(sys.argv[1]))).hexdigest())
assert 'matplotlib.pyplot' not in sys.modules
"""
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, six().to_json()],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == hashlib.sha256(render(six())).hexdigest()


def test_eight_threads_draw_what_one_draws():
    specs = [
        six(),
        spec([1.0, None, 3.0]),
        spec([2.7] * 12, [4] * 12, tuple(f"Onderdeel {number}" for number in range(12))),
        spec([3.0] * 6, [3] * 6, PILLARS),
    ]
    alone = [render(one) for one in specs]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(render, specs * 16))
    assert together == alone * 16


def test_warming_up_needs_no_words_and_takes_the_pictures_that_will_be_wanted():
    warm_up()
    warm_up([six()])


# --- the spec ---


def test_a_stored_spec_comes_back_as_it_was():
    stored = replace(six(), axes=(*six().axes[:5], Axis("Klant\u00adwaarde", None, None, "–")))
    assert RadarSpec.from_json(stored.to_json()) == stored
    assert json.loads(stored.to_json())["axes"][5]["today"] is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"axes": six().axes[:2]}, "axes: 2"),
        ({"axes": six().axes * 3}, "axes: 18"),
        ({"highest": 0}, "highest"),
        ({"highest": True}, "highest"),
        ({"title": " "}, "title"),
        ({"axes": (*six().axes[:2], Axis("Data", 5.1, None, "5,1"))}, "axes\\[2\\].today"),
        ({"axes": (*six().axes[:2], Axis("Data", math.nan, None, "?"))}, "axes\\[2\\].today"),
        ({"axes": (*six().axes[:2], Axis("Data", 1.0, -1, "1,0"))}, "axes\\[2\\].target"),
        ({"axes": (*six().axes[:2], Axis("Data", 1.0, 2, "1,0", 6.0))}, "axes\\[2\\].before"),
        ({"axes": (*six().axes[:2], Axis("Data", 1.0, 2, "1,0", 2.0))}, "before_label"),
        ({"before_label": "V" * 41}, "before_label"),
        ({"axes": (*six().axes[:2], Axis("", 1.0, 2, "1,0"))}, "axes\\[2\\].label"),
        ({"axes": (*six().axes[:2], Axis("D" * 41, 1.0, 2, "1,0"))}, "axes\\[2\\].label"),
    ],
)
def test_a_spec_out_of_bounds_is_refused_by_name(change, named):
    with pytest.raises(RadarError, match=named):
        replace(six(), **change)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"axes": 3}', '{"axes": [{"label": "x"}]}'])
def test_what_is_no_stored_spec_is_refused(text):
    with pytest.raises(RadarError):
        RadarSpec.from_json(text)
