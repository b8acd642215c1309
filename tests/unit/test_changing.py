"""Second thoughts: which earlier answers a text wants changed, and what it says about the company instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.definitions import load
from bot.settings import ROOT
from bot.understanding.changing import Change, Given, Slip, read_changes, read_slip
from bot.understanding.choices import read_between, read_then
from bot.understanding.exact import read_number
from bot.understanding.settled import behind_correction, read_corrected, read_settled
from tests.unit.test_requests import OWN_WORDS

CEMM = load(ROOT / "models" / "maturity" / "cemm.yml")
ITEMS = CEMM.item_ids()
# The first eight questions: vision 3, figures 2, commitment 3, together 4, responsibility 1, skills 5,
# connected systems 3, technology plan 2; the plan was answered last.
LEVELS = (3, 2, 3, 4, 1, 5, 3, 2)
GIVEN = Given(ITEMS[:8], dict(zip(ITEMS[:8], LEVELS, strict=True)))

Found = tuple[tuple[int, ...], int | None, int]


def found(text: str, language: str = "nl", *, loosely: bool = False) -> list[Found]:
    """Each change: the questions that may be meant by number, the level, the step."""
    changes = read_changes(text, CEMM, ITEMS, language, GIVEN, loosely=loosely)
    return [(tuple(ITEMS.index(one) + 1 for one in c.item_ids), c.value, c.step) for c in changes]


CHANGES: list[tuple[str, list[Found]]] = [
    # by number
    ("vraag 4 moet een 3 zijn", [((4,), 3, 0)]),
    ("verander vraag zeven", [((7,), None, 0)]),
    ("vraag zeven op twee", [((7,), 2, 0)]),
    ("kun je vraag 3 aanpassen?", [((3,), None, 0)]),
    ("change question 7", [((7,), None, 0)]),
    ("q3 should be 4", [((3,), 4, 0)]),
    # the one before this
    ("maak van de vorige toch een 4", [((8,), 4, 0)]),
    ("maak van het vorige antwoord een 2", [((8,), 2, 0)]),
    ("kun je de vorige op 3 zetten?", [((8,), 3, 0)]),
    ("make the last one a 3", [((8,), 3, 0)]),
    ("the previous one should be a 3", [((8,), 3, 0)]),
    ("change my previous answer", [((8,), None, 0)]),
    ("the last answer was wrong", [((8,), None, 0)]),
    # by title, a part of it, a typo, the other language, a word of the question
    ("de kpi vraag moet 4 zijn", [((2,), 4, 0)]),
    ("I said 3 for KPIs, that is wrong", [((2,), None, 0)]),
    ("I said 2 for KPIs but I meant 3", [((2,), 3, 0)]),
    ("ik gaf bij draagvlak een 4, maar dat moet een 2 zijn", [((3,), 2, 0)]),
    ("die van draagvlak was te hoog", [((3,), None, 0)]),
    ("the commitment question should be lower", [((3,), None, -1)]),
    ("de vraag over draagvalk moet een 2 zijn", [((3,), 2, 0)]),
    ("the vision one up one please", [((1,), None, 1)]),
    ("de visie vraag een 2", [((1,), 2, 0)]),
    ("doe die van het dashboard maar een omhoog", [((10, 11), None, 1)]),
    # a dimension: which of its answers?
    ("the data one should be a 2", [((10, 11, 12), 2, 0)]),
    ("verander stratgie in 3", [((1, 2, 3), 3, 0)]),
    ("mijn antwoord over strategie klopt niet", [((1, 2, 3), None, 0)]),
    # by what it was
    ("die waar ik 1 zei moet 3 zijn", [((5,), 3, 0)]),
    ("change the one where i said 1 to a 2", [((5,), 2, 0)]),
    ("die waar ik 2 zei moet 3 zijn", [((2, 8), 3, 0)]),
    # up and down
    ("doe vraag 3 een hoger", [((3,), None, 1)]),
    ("vraag 3 eentje omlaag", [((3,), None, -1)]),
    ("allebei een lager", [((7,), None, -1), ((8,), None, -1)]),
    ("both one up", [((7,), None, 1), ((8,), None, 1)]),
    # several in one message
    ("vraag 2 een 3 en vraag 5 een 4", [((2,), 3, 0), ((5,), 4, 0)]),
    ("3 voor vraag 2 en 4 voor vraag 5", [((2,), 3, 0), ((5,), 4, 0)]),
    ("vragen 2 en 5 naar 4", [((2,), 4, 0), ((5,), 4, 0)]),
    ("change vision to 4 and commitment to 2", [((1,), 4, 0), ((3,), 2, 0)]),
    # denied
    ("niet vraag 3 maar 4", [((4,), None, 0)]),
    ("niet vraag 3 maar vraag 4 een 2", [((4,), 2, 0)]),
    ("verander niet vraag 3 maar vraag 4", [((4,), None, 0)]),
    ("not question 3 but 4", [((4,), None, 0)]),
    ("zet vraag 2 op 4 ipv 3", [((2,), 4, 0)]),
    ("verander vraag 2 van 3 naar 4", [((2,), 4, 0)]),
]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("text", "expected"), CHANGES, ids=[ascii(text) for text, _ in CHANGES])
def test_this_is_to_change(text: str, expected: list[Found], language: str) -> None:
    assert found(text, language) == expected


NO_CHANGES = [
    "laatste jaar hadden we 3 keer een dashboard",
    "de vorige manager zei 3 dingen",
    "de vorige keer was het een 3",
    "the last few years we said 3 things",
    "draagvlak moet een 2 zijn",
    "data is eigenlijk een 2",
    "toch een 4",
    "eigenlijk 3",
    "een niveau hoger",
    "allebei",
    "de laatste",
    "sales belt 2 dagen later",
    "goede vraag",
    "moet ik bij vraag 2 iets kiezen?",
    "verander het doel van data naar 4",
    "maak een 3 van onze visie zei de directie",
    "",
    "3",
]


@pytest.mark.parametrize("text", [*NO_CHANGES, *(text for _, text in OWN_WORDS)])
def test_this_asks_for_no_change(text: str) -> None:
    assert found(text) == []


def test_what_is_known_to_be_a_request_is_read_by_its_names_alone() -> None:
    assert found("draagvalk moet een 2 zijn", loosely=True) == [((3,), 2, 0)]
    assert found("vaardigheden 2 in plaats van 5", loosely=True) == [((6,), 2, 0)]


def test_without_answers_there_is_no_previous_one() -> None:
    assert read_changes("maak van de vorige een 4", CEMM, ITEMS, "nl") == (Change((), 4),)


@given(st.text(max_size=100))
def test_whatever_is_typed_only_items_that_are_asked_are_named(text: str) -> None:
    for change in read_changes(text, CEMM, ITEMS, "nl", GIVEN):
        assert set(change.item_ids) <= set(ITEMS)


SLIPS = [
    ("ik bedoelde 2", 2, True),
    ("ik bedoelde een 2", 2, True),
    ("sorry typo, 4", 4, True),
    ("oeps 4", 4, True),
    ("oeps, niet 3 maar 4", 4, True),
    ("verkeerde knop, 4", 4, True),
    ("i meant 2", 2, True),
    ("oops, 4", 4, True),
    ("my mistake, two", 2, True),
    ("nee wacht, 3", 3, False),
    ("nee, drie", 3, False),
    ("no wait, 3", 3, False),
    ("sorry, 3", 3, False),
    ("dat moet 4 zijn", 4, False),
    ("that should be a 4", 4, False),
]


@pytest.mark.parametrize(("text", "value", "sure"), SLIPS, ids=[ascii(text) for text, _, _ in SLIPS])
def test_a_slip_of_the_hand(text: str, value: int, sure: bool) -> None:
    assert read_slip(text) == Slip(value, sure)


@pytest.mark.parametrize(
    "text",
    [
        "3",
        "toch 3",
        "nee",
        "oeps",
        "nee we hebben 3 winkels",
        "we bedoelden 3 dingen",
        "sorry, wat bedoel je met 3?",
        "2 of 3, sorry",
        "wacht even, we hebben er 3",
        "the mistake was made 3 times",
        "we should be at 3 next year",
    ],
)
def test_this_is_no_slip(text: str) -> None:
    assert read_slip(text) is None


@pytest.mark.parametrize("name", ["cemm", "crm", "cx", "omnichannel"])
def test_what_people_say_about_their_company_is_no_second_thought(name: str) -> None:
    """Every ninth example of the definitions: an answer in own words, and nothing else."""
    model = load(ROOT / "models" / "maturity" / f"{name}.yml")
    ids = model.item_ids()
    given_all = Given(ids, dict.fromkeys(ids, 2))
    told = [
        (language, text)
        for _, item in model.walk()
        for level in item.levels
        for language, texts in level.answers.items()
        for text in texts
    ][::9]
    assert len(told) > 50
    for language, text in told:
        assert read_changes(text, model, ids, language, given_all) == (), text
        assert read_slip(text) is None, text
        assert read_between(text, 5, language) is None, text
        assert read_then(text, language) is None, text
        assert read_number(text, language, count=5, levels=True) is None, text
        assert read_corrected(text) is None, text
        assert read_settled(text, surely=True) is None, text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("businesses, no, consumers first", "consumers first"),
        ("zakelijk, nee, consumenten", "consumenten"),
        ("businesses, no wait consumers", "consumers"),
        ("zakelijk, ik bedoel consumenten", "consumenten"),
        ("businesses, no consumers", "businesses, no consumers"),
        ("zakelijk, geen consumenten", "zakelijk, geen consumenten"),
        ("no, consumers", "no, consumers"),
    ],
)
def test_what_is_left_of_a_text_that_takes_back_its_beginning(text: str, left: str) -> None:
    assert behind_correction(text).strip() == left


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("3. No, 2", 2),
        ("2, nee, 3", 3),
        ("3 wacht 2", 2),
        ("4, or 3? make it 3", 3),
        ("een 2. Nee, een 4", 4),
    ],
)
def test_a_level_that_is_corrected_at_once(text: str, level: int) -> None:
    assert read_corrected(text) == level


@pytest.mark.parametrize(
    "text", ["2 of 3", "ik denk 2, of toch 3", "3. No merger took place", "2. Of 3.", "nee, 3"]
)
def test_this_corrects_no_level(text: str) -> None:
    assert read_corrected(text) is None
