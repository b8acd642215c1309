"""Every one of our own maturity models as a report: full, quick, with gaps, at both ends, with long texts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from bot.render.report import render
from bot.texts import LANGUAGES
from tests.report_pages import NAMES, Pages, check_nothing_is_missing_or_cut, letters, made


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("way", ["full", "quick", "missing", "lowest", "highest"])
def test_everything_that_the_report_says_stands_on_its_pages(name: str, language: str, way: str) -> None:
    kind: Any = "mixed" if way in ("full", "quick") else way
    made_up, pages = made(name, language, kind, "quick" if way == "quick" else "full")

    check_nothing_is_missing_or_cut(made_up, pages)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_conclusions_fit_on_the_first_page_and_each_dimension_begins_a_page(
    name: str, language: str
) -> None:
    for kind in ("mixed", "missing"):
        made_up, pages = made(name, language, kind)  # type: ignore[arg-type]
        told = [letters(page) for page in pages.texts]

        assert letters(made_up.overview.columns[0]) in told[1]
        assert all(letters(step.begin) in told[0] for step in made_up.first_steps)
        for one in made_up.dimensions:
            [first] = [page for page in told if letters(one.explanation) in page]
            assert first.index(letters(one.title)) < first.index(letters(one.explanation))
            # The running title and the name of the chapter are all that stands above it.
            assert first.index(letters(one.explanation)) < 140


def longest(value: Any, path: str = "") -> Any:
    """The same report with every text of the model three times as long."""
    if isinstance(value, str):
        fixed = re.search(r"\.(language|dimension_id|horizon|state|words\..*|score|levels|date)$", path)
        return value if fixed else f"{value} {value} {value}"
    if isinstance(value, tuple):
        return tuple(longest(one, path) for one in value)
    if hasattr(value, "__dataclass_fields__"):
        return replace(
            value,
            **{name: longest(getattr(value, name), f"{path}.{name}") for name in value.__dataclass_fields__},
        )
    return value


@pytest.mark.parametrize("name", NAMES)
def test_texts_three_times_as_long_are_neither_cut_nor_lost(name: str) -> None:
    made_up = longest(made(name)[0])
    pages = Pages(render(made_up))

    check_nothing_is_missing_or_cut(made_up, pages)
