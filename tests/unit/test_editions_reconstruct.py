"""What is published of a small group cannot be put together again to what one of them answered."""

from __future__ import annotations

import random

from bot.assessment.answers import Answer
from bot.assessment.comparison import Comparison, Entry, compare
from bot.assessment.definitions import MaturityModel
from bot.assessment.editions import plan
from bot.service.desk.standings import standing
from tests.unit.models import make_model

MODEL = make_model({"data": [1.0, 1.0, 1.0], "work": [1.0, 1.0, 1.0]})
ITEMS = list(MODEL.item_ids())


def entry(model: MaturityModel, number: int, levels: dict[str, int | None]) -> Entry:
    answers = {
        item: Answer(item, "skipped") if level is None else Answer(item, "level", level)
        for item, level in levels.items()
    }
    found = standing(model, answers, f"r{number}", 1)
    return Entry(
        f"r{number}@1",
        f"p{number}",
        {"role_layer": "board"},
        found.overall,
        {key: (one.score, one.staged) for key, one in found.dimensions.items()},
        {key: (one.level, one.score, one.open) for key, one in found.items.items()},
    )


def published(people: int, skipping: int) -> Comparison:
    """Of so many people, of whom so many skipped the first question."""
    draw = random.Random(3)
    entries = []
    for number in range(people):
        levels: dict[str, int | None] = {item: draw.randint(1, 5) for item in ITEMS}
        if number < skipping:
            levels[ITEMS[0]] = None
        entries.append(entry(MODEL, number, levels))
    planned = plan(MODEL, entries, {one.unit: one.person for one in entries})
    assert planned is not None
    found = compare(MODEL, entries, protection=planned[0])
    assert found is not None
    return found


def test_of_who_left_one_question_open_the_others_cannot_be_found_by_subtracting() -> None:
    """The mean of the dimension less the means of its questions would be that person's other answers."""
    for people in (6, 8, 14, 29):
        for skipping in (1, 4):
            found = published(people, skipping)
            if ITEMS[0] in found.whole.items:
                assert "data" not in found.whole.dimensions
                assert found.whole.overall.mean is None
            assert "work" in found.whole.dimensions


def test_where_all_answered_or_five_did_not_the_dimension_is_published() -> None:
    for people, skipping in ((6, 0), (12, 5), (30, 5)):
        found = published(people, skipping)
        assert {"data", "work"} <= set(found.whole.dimensions)
        assert found.whole.overall.mean is not None


def test_small_groups_are_published_without_spread_that_points_at_single_scores() -> None:
    small, large = published(14, 0).whole, published(15, 0).whole
    for figures in (small.overall, *small.dimensions.values()):
        assert figures.mean is not None
        assert (figures.sd, figures.q1, figures.median, figures.q3) == (None, None, None, None)
    for figures in (large.overall, *large.dimensions.values()):
        assert None not in (figures.sd, figures.q1, figures.median, figures.q3)


def test_of_thirty_people_a_few_who_left_a_question_open_cost_the_spread_only() -> None:
    """The sum of thirty scores is known to within 30 * 0.1 = 3; two answers make 2/6 to 10/6 of it."""
    for skipping in (1, 4):
        whole = published(30, skipping).whole
        for figures in (whole.overall, whole.dimensions["data"]):
            assert figures.mean is not None
            assert (figures.sd, figures.q1, figures.median, figures.q3) == (None, None, None, None)
        assert whole.dimensions["work"].sd is not None
