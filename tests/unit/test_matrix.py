"""The matrix: where its discs go, what may be in it, and that the picture is the same every time."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from itertools import combinations

import pytest
from PIL import Image

from bot.render import pictures
from bot.render.matrix import WIDTH, MatrixError, MatrixSpec, Step, geometry, render
from bot.render.radar import Axis as RadarAxis
from bot.render.radar import RadarError, RadarSpec

SIZES = ("klein", "gemiddeld", "groot")
LONG = (
    "Organisatieontwikkelings: Verantwoordelijkheid voor de gegevenskwaliteit, iedereen ziet dezelfde "
    "klantgegevens in elk kanaal (fase 3)"
)


def spec(*places: tuple[int, int], title: str = "Data: Nut van data (1 → 2)") -> MatrixSpec:
    """Steps at these places (benefit, investment), numbered from 1; three now, three next, then later."""
    horizons = ("now",) * 3 + ("next",) * 3 + ("later",) * 12
    return MatrixSpec(
        language="nl",
        steps=tuple(
            Step(number, title, benefit, investment, horizons[number - 1])
            for number, (benefit, investment) in enumerate(places, 1)
        ),
        title="Klantbetrokkenheid",
        subtitle="Wat een stap oplevert en wat hij vraagt",
        benefit="Opbrengst",
        benefits=SIZES,
        investment="Inzet",
        investments=SIZES,
        horizons=("Nu", "Daarna", "Later"),
    )


def test_each_step_stands_in_its_own_cell() -> None:
    places = [(3, 1), (3, 3), (2, 2), (1, 1), (1, 3)]
    plan = geometry(spec(*places))

    assert [disc.number for disc in plan.discs] == [1, 2, 3, 4, 5]
    for (benefit, investment), disc in zip(places, plan.discs, strict=True):
        (cell,) = [one for one in plan.cells if (one.benefit, one.investment) == (benefit, investment)]
        assert (disc.x, disc.y) == (
            (cell.box.left + cell.box.right) / 2,
            (cell.box.top + cell.box.bottom) / 2,
        )


def test_the_large_benefit_is_on_top_and_the_small_investment_at_the_left() -> None:
    best, worst = geometry(spec((3, 1), (1, 3))).discs

    assert best.x < worst.x
    assert best.y < worst.y


def test_cells_that_bring_more_than_they_take_are_marked() -> None:
    plan = geometry(spec((2, 2)))

    assert {(one.benefit, one.investment) for one in plan.cells if one.pays} == {(3, 1), (3, 2), (2, 1)}


@pytest.mark.parametrize("count", [1, 2, 6, 12])
@pytest.mark.parametrize("place", [(3, 1), (2, 2), (1, 3)])
def test_all_in_one_cell_lie_apart_within_it(count: int, place: tuple[int, int]) -> None:
    plan = geometry(spec(*[place] * count, title=LONG))
    (cell,) = [one for one in plan.cells if (one.benefit, one.investment) == place]

    for disc in plan.discs:
        assert cell.box.left + disc.radius <= disc.x <= cell.box.right - disc.radius
        assert cell.box.top + disc.radius <= disc.y <= cell.box.bottom - disc.radius
    for one, other in combinations(plan.discs, 2):
        apart = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
        assert apart >= one.radius + other.radius


@pytest.mark.parametrize("count", [1, 12])
def test_no_title_is_cut_and_nothing_leaves_the_picture(count: int) -> None:
    plan = geometry(spec(*[(3, 1)] * count, title=LONG))
    entries = [text.text for text in plan.texts if text.role == "label"]

    assert " ".join(entries) == " ".join([LONG] * count)
    assert max(text.baseline for text in plan.texts) < plan.height
    assert all(disc.x - disc.radius >= 0 and disc.y + disc.radius < plan.height for disc in plan.listed)


def test_one_word_that_is_too_long_is_broken() -> None:
    plan = geometry(spec((1, 1), title="Verantwoordelijkheid" * 9))

    assert len([text for text in plan.texts if text.role == "label"]) > 1


def test_the_looks_are_explained_where_there_are_several() -> None:
    assert not [text for text in geometry(spec((1, 1), (2, 2))).texts if text.role == "legend"]
    several = geometry(spec(*[(1, 1)] * 7))
    assert [text.text for text in several.texts if text.role == "legend"] == ["Nu", "Daarna", "Later"]


def test_the_same_spec_gives_the_same_picture() -> None:
    one = spec((3, 1), (2, 2))
    png = render(one)
    image = Image.open(io.BytesIO(png))

    assert image.size == (WIDTH, geometry(one).height)
    assert render(MatrixSpec.from_json(one.to_json())) == png


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"steps": ()}, "steps"),
        ({"title": ""}, "title"),
        ({"benefit": "x" * 25}, "benefit"),
        ({"benefits": ("a", "b")}, "benefits"),
        ({"horizons": ("Nu", "", "Later")}, r"horizons\[1\]"),
        ({"language": None}, "language"),
    ],
)
def test_what_cannot_be_drawn_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(MatrixError, match=f"^{field}"):
        replace(spec((1, 1)), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("benefit", "investment"), [(0, 1), (4, 1), (1, 0), (1, 4), (True, 1), (1.0, 1)])
def test_a_place_outside_of_the_matrix_is_refused(benefit: int, investment: int) -> None:
    with pytest.raises(MatrixError, match="whole number from 1 to 3"):
        spec((benefit, investment))


def test_thirteen_steps_are_too_many() -> None:
    with pytest.raises(MatrixError, match="13 given"):
        spec(*[(1, 1)] * 13)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"kind": "matrix"}', '{"kind": "radar", "steps": []}']
)
def test_another_text_is_no_matrix(text: str) -> None:
    with pytest.raises(MatrixError):
        MatrixSpec.from_json(text)


def test_a_stored_picture_is_drawn_by_its_kind() -> None:
    axes = tuple(RadarAxis(str(number), 1.0, None, "1,0") for number in range(3))
    radar = RadarSpec("nl", axes, 5, "Radar", "", "Vandaag", "Doel").to_json()
    matrix = spec((3, 1)).to_json()

    assert "kind" not in json.loads(radar)
    assert Image.open(io.BytesIO(pictures.draw(radar))).size == (800, 800)
    assert pictures.draw(matrix) == render(spec((3, 1)))


@pytest.mark.parametrize("text", ["{}", "[]", '{"kind": "cake"}'])
def test_what_is_no_picture_is_not_drawn(text: str) -> None:
    with pytest.raises(RadarError):
        pictures.draw(text)
