"""Scoring old answers under another version: what carries over, by hand."""

from dataclasses import replace

import pytest

from bot.assessment.definitions import Level, MaturityModel
from bot.assessment.rescoring import rescore
from tests.unit.models import make_answers, make_model

THREE = {"strategy": (1, 1), "people": (1, 1), "data": (1, 1)}


def with_other_level(model: MaturityModel) -> MaturityModel:
    """The next version, in which level 3 of data.a means something else."""
    *others, data = model.dimensions
    first, *rest = data.items
    levels = tuple(
        replace(one, text={"nl": "iets heel anders", "en": "something else"}) if one.value == 3 else one
        for one in first.levels
    )
    assert all(isinstance(one, Level) for one in levels)
    changed = replace(data, items=(replace(first, levels=levels), *rest))
    return replace(model, version="1.1.0", dimensions=(*others, changed))


def test_what_carries_over_counts_and_what_does_not_is_left_out():
    old = make_model(THREE)
    answers = make_answers(strategy="33", people="24", data="35")

    found = rescore(old, with_other_level(old), answers)

    # then: strategy 3, people (2 + 4) / 2 = 3, data (3 + 5) / 2 = 4; overall 10/3
    assert [one.score for one in found.before.dimensions] == [3, 3, 4]
    # now data.a is to be looked at again, so data rests on data.b alone: 5, half of it answered; overall 11/3
    assert [one.score for one in found.after.dimensions] == [3, 3, 5]
    assert found.before.overall == pytest.approx(10 / 3)
    assert found.after.overall == pytest.approx(11 / 3)
    assert found.left == (("data.a", "to be looked at again"),)
    assert found.new == ("data.a",)
    assert "data.b" in found.taken


def test_the_same_version_changes_nothing():
    model = make_model(THREE)
    answers = make_answers(strategy="3?", people="x4", data="35")

    found = rescore(model, model, answers)

    assert found.before == found.after
    assert found.left == ()


def test_another_model_is_refused():
    model = make_model(THREE)
    with pytest.raises(ValueError, match="other"):
        rescore(model, replace(model, id="other"), {})
