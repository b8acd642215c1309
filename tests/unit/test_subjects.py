"""What a text is about: dimensions, items, practices and levels, in both languages, with slips."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assessment.definitions import MaturityModel
from bot.definitions import load
from bot.understanding.subjects import (
    names_only,
    read_dimension,
    read_goal,
    read_levels_named,
    read_overall,
    read_supposed,
)

ROOT = Path(__file__).parents[2]
MODELS = {
    name: load(ROOT / folder / f"{name}.yml")
    for folder, names in (
        ("models/maturity", ("cemm", "cx", "crm", "gccj", "omnichannel")),
        ("tests/data", ("teahouse", "bakery")),
    )
    for name in names
}
CEMM, TEAHOUSE, BAKERY, GCCJ = (MODELS[name] for name in ("cemm", "teahouse", "bakery", "gccj"))


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_dimension_is_known_by_its_title(model: MaturityModel, language: str) -> None:
    pattern = {"nl": "waarom sta ik op 2 bij {}?", "en": "why am I at 2 for {}?"}[language]
    for dimension in model.dimensions:
        text = pattern.format(dimension.title[language])
        assert read_dimension(text, model, language) == (dimension.id,), text


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_rubric_item_is_known_by_its_title(model: MaturityModel, language: str) -> None:
    pattern = {"nl": "wat als het bij {} een 3 was", "en": "what if it were a 3 for {}"}[language]
    for dimension, item in model.walk():
        if item.kind != "rubric":
            continue
        text = pattern.format(item.title[language])
        said = read_supposed(text, model, model.item_ids(), language)
        same = [
            f"{of.id}.{one.id}" for of, one in model.walk() if one.title[language] == item.title[language]
        ]
        # A title that a dimension has too names the dimension.
        assert set(said.levels) == set(same) or said.dimensions == (dimension.id,), text


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_practice_is_known_by_its_label(language: str) -> None:
    for model in (GCCJ, BAKERY):
        for dimension, item in model.walk():
            for practice in item.practices:
                text = f"{item.title[language]}: {practice.label[language]}"
                said = read_supposed(text, model, model.item_ids(), language)
                assert practice.id in said.practices.get(f"{dimension.id}.{item.id}", ()), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Dutch
        ("waarom sta ik op 2 bij data?", "data"),
        ("Waarom staat data op 2", "data"),
        ("DATA!!!", "data"),
        ("waarom een 2 voor klantreizen", "customer_journey"),
        ("de klant reis", "customer_journey"),
        ("klantreisniveau", "customer_journey"),
        ("waarom zo laag bij technolgie", "technology"),
        ("techonlogie", "technology"),
        ("technologieën", "technology"),
        ("de technologiekant", "technology"),
        ("dataniveau", "data"),
        ("data-onderdeel", "data"),
        ("de mensenkant", "people"),
        ("bij mens", "people"),
        ("menesn", "people"),
        ("strategieën", "strategy"),
        ("stratgie", "strategy"),
        ("waarom staat datakwaliteit op 1", "data"),
        ("data kwaliteit", "data"),
        ("toegang tot data", "data"),
        ("samenwerking", "people"),
        ("plan voor techniek", "technology"),
        ("sturen op klantreis", "customer_journey"),
        ("klantwaarde", "customer_value"),
        ("klantwaarden", "customer_value"),
        ("klantwaarde gebruiken", "customer_value"),
        ("niet bij data maar bij mensen", "people"),
        ("snelste weg naar een 3 in dta", "data"),
        ("ik bedoelde strategie", "strategy"),
        # English
        ("why am I at 2 for data", "data"),
        ("customer journeys", "customer_journey"),
        ("customerjourney", "customer_journey"),
        ("why 2 in techonlogy", "technology"),
        ("the tecnology side", "technology"),
        ("quickest way to 3 people", "people"),
        ("peolpe", "people"),
        ("stategy", "strategy"),
        ("strategies", "strategy"),
        ("why is data quality a 1", "data"),
        ("custmer value", "customer_value"),
        ("figures to steer by", "strategy"),
        ("the KPI's", "strategy"),
        ("personalisation", "technology"),
        ("working together", "people"),
        ("view of journey", "customer_journey"),
        ("not data but strategy", "strategy"),
        ("customer insights", "customer_journey"),
    ],
)
def test_a_dimension_is_named_in_many_ways(text: str, expected: str) -> None:
    for language in ("nl", "en"):
        assert read_dimension(text, CEMM, language) == (expected,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "waarom sta ik op 2",
        "wat is dat",
        "waarom die 3 daar",
        "what is that date",
        "why?",
        "hoe kom ik hoger",
        "waarom staat het op 2",
        "the the the",
        "2",
        "😀",
    ],
)
def test_what_names_nothing_names_nothing(text: str) -> None:
    assert read_dimension(text, CEMM, "nl") == ()
    assert read_dimension(text, TEAHOUSE, "nl") == ()
    assert not names_only(text, CEMM)


def test_several_dimensions_come_in_the_order_of_the_text() -> None:
    assert read_dimension("mensen, data en strategie", CEMM, "nl") == ("people", "data", "strategy")
    assert read_dimension("data & data", CEMM, "nl") == ("data",)


def test_an_ordinary_word_is_a_title_only_where_something_leads_to_it() -> None:
    # 'Staat' is a question about crockery; 'the' is no tea with a letter missing.
    assert read_dimension("waarom staat het op 2", TEAHOUSE, "nl") == ()
    assert read_dimension("waarom een 2 bij staat", TEAHOUSE, "nl") == ("pots",)
    assert read_dimension("staat", TEAHOUSE, "nl") == ("pots",)
    assert read_dimension("why is the 2", TEAHOUSE, "en") == ()
    assert read_dimension("thee", TEAHOUSE, "nl") == ("tea",)


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("data", True),
        ("bij data graag", True),
        ("doe maar mensen", True),
        ("data naar 4", True),
        ("the data area please", True),
        ("wis mijn data", False),
        ("erase my data", False),
        ("wie ziet mijn data", False),
    ],
)
def test_a_name_alone_is_told_from_a_request_with_a_name_in_it(text: str, only: bool) -> None:
    assert names_only(text, CEMM) is only


@pytest.mark.parametrize(
    "text", ["mijn totaalscore", "overall?", "waarom is het gemiddelde zo", "the average"]
)
def test_the_result_as_a_whole_is_named(text: str) -> None:
    assert read_overall(text)
    assert not read_overall("waarom sta ik op 2 bij data")


@pytest.mark.parametrize(
    ("text", "stated", "denied"),
    [
        ("waarom sta ik op 2 bij data", (2,), ()),
        ("waarom niveau twee", (2,), ()),
        ("waarom sta ik niet op een 3", (), (3,)),
        ("waarom 2 en geen 3", (2,), (3,)),
        ("why 2 rather than a 3", (2,), (3,)),
        ("waarom gemanaged", (4,), ()),
        ("waarom gedefinieerd en niet 4", (3,), (4,)),
        ("waarom 2,3", (), ()),
        ("waarom maar 40%", (), ()),
        ("waarom vraag 3", (), ()),
        ("waarom na 3 maanden", (), ()),
        ("why the third level", (3,), ()),
        ("lvl2", (2,), ()),
    ],
)
def test_levels_are_stated_or_denied(text: str, stated: tuple[int, ...], denied: tuple[int, ...]) -> None:
    found = read_levels_named(text, CEMM, "nl")
    assert (found.stated, found.denied) == (stated, denied)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # from level 2
        ("naar een 3", 3),
        ("snelste weg naar niveau 4 in data", 4),
        ("naar niveau drie", 3),
        ("naar niveau3", 3),
        ("naar de derde fase", 3),
        ("van 2 naar 3", 3),
        ("hoe kom ik van een 1 op een 4 bij data", 4),
        ("een niveau hoger", 3),
        ("twee niveaus hoger", 4),
        ("hoe kom ik hoger", 3),
        ("naar het hoogste niveau", 5),
        ("geen 3 maar een 4", 4),
        ("in 3 maanden naar een 4", 4),
        ("naar een 7", 7),
        ("naar 2,5", None),
        ("snelste weg", None),
        ("to a 3", 3),
        ("to level 4", 4),
        ("quickest way to level three", 3),
        ("from 2 to 4", 4),
        ("one level higher", 3),
        ("two levels up", 4),
        ("a level up", 3),
        ("the highest level", 5),
        ("a 4 instead of a 2", 4),
        ("quickest way to 0", 0),
        ("to level 999", 999),
        ("how do I improve", None),
    ],
)
def test_a_goal_is_read(text: str, expected: int | None) -> None:
    assert read_goal(text, CEMM, "nl", 2) == expected


def test_higher_than_what_is_not_known_is_no_goal() -> None:
    assert read_goal("een niveau hoger", CEMM, "nl") is None
    assert read_goal("een niveau hoger", CEMM, "nl", 5) == 6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wat als we KPI's op 4 krijgen?", {"strategy.kpis": 4}),
        ("wat als visie en draagvlak op 4 komen", {"strategy.vision": 4, "strategy.commitment": 4}),
        ("wat als visie 4 en draagvlak 3 wordt", {"strategy.vision": 4, "strategy.commitment": 3}),
        ("een 4 bij visie en een 3 bij draagvlak", {"strategy.vision": 4, "strategy.commitment": 3}),
        ("wat als visie van 2 naar 4 gaat", {"strategy.vision": 4}),
        ("wat als we bij visie geen 2 maar een 4 hadden", {"strategy.vision": 4}),
        ("wat als vraag 3 op 4 komt", {"strategy.commitment": 4}),
        ("wat als datakwalitiet niveau vijf was", {"data.quality": 5}),
        ("what if vision were 5", {"strategy.vision": 5}),
        ("what if skills went from 2 to 4", {"people.skills": 4}),
        ("what if customer insight was 4 and skills 3", {"customer_journey.insight": 4, "people.skills": 3}),
        ("suppose question 1 were a 3", {"strategy.vision": 3}),
        ("what if commitment was 9", {"strategy.commitment": 9}),
    ],
)
def test_items_are_supposed_at_a_level(text: str, expected: dict[str, int]) -> None:
    said = read_supposed(text, CEMM, CEMM.item_ids(), "nl")
    assert dict(said.levels) == expected
    assert said.unclear == ()


def test_what_is_lacking_is_said_so() -> None:
    ids = CEMM.item_ids()
    nothing = read_supposed("wat als", CEMM, ids, "nl")
    assert (nothing.levels, nothing.practices, nothing.unclear, nothing.dimensions) == ({}, {}, (), ())
    assert read_supposed("wat als draagvlak beter wordt", CEMM, ids, "nl").unclear == ("strategy.commitment",)
    of_data = read_supposed("wat als data op 4 komt", CEMM, ids, "nl")
    assert (of_data.dimensions, of_data.level, of_data.levels) == (("data",), 4, {})
    assert read_supposed("wat als vraag 99 op 4 komt", CEMM, ids, "nl").levels == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wat als we een weegschaal kopen", {"bread.dough": ("scale",)}),
        ("what if we had a scale", {"bread.dough": ("scale",)}),
        ("eigen desem en vaste uren", {"bread.dough": ("starter",), "counter.queue": ("hours",)}),
        ("own sourdough and a written recipe", {"bread.dough": ("starter", "recipe")}),
        ("zonder weegschaal", {}),
    ],
)
def test_practices_are_supposed_in_place(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert read_supposed(text, BAKERY, BAKERY.item_ids(), "nl").practices == expected


def test_of_practices_with_the_same_word_it_is_left_open_which() -> None:
    said = read_supposed("wat als we een chatbot hadden", GCCJ, GCCJ.item_ids(), "nl")
    assert set(said.choose) == {
        ("channels.purchase", "product_chatbot"),
        ("channels.service", "service_chatbot"),
    }
    assert said.practices == {}
    narrowed = read_supposed("what if we had a chatbot for service", GCCJ, GCCJ.item_ids(), "en")
    assert narrowed.practices == {"channels.service": ("service_chatbot",)}


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    for model in (TEAHOUSE, BAKERY):
        known = {dimension.id for dimension in model.dimensions}
        assert set(read_dimension(text, model, "nl")) <= known
        read_goal(text, model, "en", 1)
        read_levels_named(text, model, "en")
        said = read_supposed(text, model, model.item_ids(), "nl")
        assert {*said.levels, *said.practices, *said.unclear} <= set(model.item_ids())


def test_a_very_long_text_is_read_in_a_moment() -> None:
    import time

    begun = time.perf_counter()
    read_supposed("datakwaliteiten chatbotten " * 5000, GCCJ, GCCJ.item_ids(), "nl")
    assert time.perf_counter() - begun < 1.0
