"""The pages of the maturity models: nothing is left out, what is stale is found, what is gone is removed."""

import json
import re
from dataclasses import replace

import pytest

from bot import model_pages
from bot.definitions import from_canonical, load, to_canonical
from tests.unit.models import BAKERY, TEAHOUSE, TEAROOM

MODELS = [load(BAKERY), load(TEAHOUSE), load(TEAROOM)]
UNTOLD = ("answers", "words")
"""Keys of what nobody is told: example answers, and the words that point to a model."""
TOLD = ("nl", "en", "source", "derived_from", "brands", "name", "document")


def told(data, key=""):
    """Every text of a definition, in every language, with its sources and brands."""
    if isinstance(data, dict):
        for name, below in data.items():
            if name not in UNTOLD:
                yield from told(below, name)
    elif isinstance(data, list):
        for below in data:
            yield from told(below, key)
    elif isinstance(data, str) and key in TOLD and data != "derived":
        yield data


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_a_page_has_every_text_of_its_model(model):
    page = model_pages.page(model)
    texts = list(told(json.loads(to_canonical(model))))

    assert len(texts) > 200
    assert [text for text in texts if text not in page] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_a_page_has_every_item_with_its_kind_and_weight_and_depth(model):
    page = model_pages.page(model)
    sections = re.split(r"^### ", page, flags=re.MULTILINE)[1:]

    assert len(sections) == len(model.item_ids())
    for section, (_, item) in zip(sections, model.walk(), strict=True):
        assert f"(`{item.id}`)" in section.splitlines()[0]
        answer = re.search(r"^Answer: (.*)\.$", section, re.MULTILINE)
        assert answer is not None
        assert ("in the quick scan" in answer[1]) == item.quick
        assert (f"weight {item.weight:g}" in answer[1]) == item.scored
        assert ("not scored" in answer[1]) == (not item.scored)


def test_a_page_has_a_row_for_every_level_practice_option_and_signal():
    bakery, _, tearoom = (model_pages.page(model) for model in MODELS)

    assert (
        "| 5 | 3 | **Eigen akker** We kennen de akker waar ons meel groeit. | **Known field** We know"
        in bakery
    )
    assert "| derived: the chapter stops at the sack; one step back along the same road |" in bakery
    # the advice of the fourth practice of the dough, with benefit and investment
    assert re.search(r"^\| 4 \| Meng meel .*\*The jar overflows .*\* \| 3 \| 2 \|$", bakery, re.MULTILINE)
    assert "| 0 | **Nog meel** Er is een oven" in bakery
    assert re.search(
        r"^\| 1 \| \*\*De leeskamer\*\* .* \| Page & Pot, The Quiet Spoon \| part 1,", tearoom, re.MULTILINE
    )
    assert re.search(r"^\| to 3 \| Hang een thermometer .* \| 2 \| 1 \|$", tearoom, re.MULTILINE)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_table_of_a_page_has_as_many_cells_in_each_row_as_in_its_head(model):
    width = 0
    for line in model_pages.page(model).splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert cells == width or not width or not cells
        width = cells


def test_a_bar_or_a_line_break_in_a_text_does_not_break_its_table():
    model = MODELS[0]
    odd = replace(model, caution={"nl": "brood | beleg", "en": "one\ntwo"})

    assert "| caution | brood \\| beleg | one two |" in model_pages.page(odd)


def test_a_page_says_how_long_it_takes_and_what_the_default_target_is():
    bakery, teahouse, tearoom = (model_pages.page(model) for model in MODELS)

    assert "6 items, 3 minutes, quick scan 3 items in 1 minutes." in bakery
    assert "6 items, 2 minutes. A dimension's target is the level after the one it has" in teahouse
    assert "A dimension's target is the highest level" in tearoom


def test_the_table_of_contents_has_every_model():
    contents = model_pages.pages(MODELS)["README.md"]

    assert "| [Bakery scan](bakery.md) (`bakery`) | 1.0.0 | 6 | 3 | 3 | Knead to Know (made up) |" in contents
    # the teahouse marks items for a quick scan, but does not say how long it takes, so there is none
    assert "| [Teahouse scan](teahouse.md) (`teahouse`) | 1.0.0 | 6 | none | 2 |" in contents
    assert set(model_pages.pages(MODELS)) == {"bakery.md", "teahouse.md", "tearoom.md", "README.md"}


def test_a_model_in_one_language_has_a_page_too():
    def dutch(value):
        if isinstance(value, dict):
            return {name: dutch(below) for name, below in value.items() if name != "en"}
        return [dutch(below) for below in value] if isinstance(value, list) else value

    data = dutch(json.loads(to_canonical(MODELS[0])))
    data["languages"] = ["nl"]
    model = from_canonical(json.dumps(data))

    assert model_pages.page(model).startswith("# Bakkerijscan (`bakery` 1.0.0)\n")
    assert "Implausible: Toonbank far above Brood" in model_pages.page(model)
    assert "[Bakkerijscan](bakery.md)" in model_pages.pages([model])["README.md"]


# --- files -----------------------------------------------------------------------------------------


def test_pages_are_written_and_then_nothing_is_stale(tmp_path):
    folder = tmp_path / "docs" / "models"

    assert model_pages.write(MODELS, folder) == 4
    assert sorted(file.name for file in folder.iterdir()) == [
        "README.md",
        "bakery.md",
        "teahouse.md",
        "tearoom.md",
    ]
    assert (folder / "tearoom.md").read_text(encoding="utf-8") == model_pages.page(MODELS[2])
    assert model_pages.stale(MODELS, folder) == []
    assert model_pages.write(MODELS, folder) == 4


def test_a_stale_page_is_found_and_a_missing_one_and_one_of_no_model(tmp_path):
    model_pages.write(MODELS, tmp_path)
    bakery, teahouse, _ = MODELS
    newer = replace(bakery, version="1.0.1")
    (tmp_path / "teahouse.md").unlink()

    # the table of contents has versions and models, so it is stale as well
    assert model_pages.stale([newer, teahouse], tmp_path) == [
        f"{tmp_path / 'teahouse.md'} is missing",
        f"{tmp_path / 'bakery.md'} is not as its definition is now",
        f"{tmp_path / 'README.md'} is not as its definition is now",
        f"{tmp_path / 'tearoom.md'} belongs to no definition",
    ]


def test_every_page_is_missing_from_a_folder_that_is_not_there(tmp_path):
    assert len(model_pages.stale(MODELS, tmp_path / "nowhere")) == 4


def test_the_page_of_a_model_that_is_gone_is_removed(tmp_path):
    model_pages.write(MODELS, tmp_path)

    assert model_pages.write(MODELS[:1], tmp_path) == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["README.md", "bakery.md"]
    assert model_pages.stale(MODELS[:1], tmp_path) == []


def test_what_somebody_wrote_is_never_removed(tmp_path):
    by_hand = tmp_path / "notes.md"
    by_hand.write_bytes(b"# Notes\n\nNot made of anything, and not even UTF-8: \xe9.\n")

    model_pages.write(MODELS, tmp_path)

    assert by_hand.exists()
    assert model_pages.stale(MODELS, tmp_path) == [f"{by_hand} belongs to no definition"]
