"""Which targets a text names, and what it leaves open: nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import definitions
from bot.assessment.definitions import MaturityModel
from bot.understanding.aims import EVERYTHING, Aims, read_aims, reads_done
from tests.stack import ROOT


def load(name: str) -> MaturityModel:
    path = ROOT / "models" / "maturity" / f"{name}.yml"
    return definitions.from_canonical(definitions.canonical(path.read_text(encoding="utf-8")))


CEMM = load("cemm")


@pytest.mark.parametrize(
    ("text", "aims"),
    [
        ("mijn doel voor data is 4", {"data": 4}),
        ("data 4, mensen 3", {"data": 4, "people": 3}),
        ("Data: 4\nMensen: 3", {"data": 4, "people": 3}),
        ("strategie vier mensen drie", {"strategy": 4, "people": 3}),
        ("4 voor data en 3 voor mensen", {"data": 4, "people": 3}),
        ("data en mensen 4", {"data": 4, "people": 4}),
        ("data van 2 naar 4", {"data": 4}),
        ("data is nu 2 en moet naar 4", {"data": 4}),
        ("data niet 3 maar 4", {"data": 4}),
        ("data naar 4 ipv 3", {"data": 4}),
        ("data 4 in 2 jaar", {"data": 4}),
        ("we willen niet hoger dan 3 bij data", {"data": 3}),
        ("klantries 4", {"customer_journey": 4}),
        ("gemanagd voor data", {"data": 4}),
        ("data4", {"data": 4}),
        ("technologie niveau een", {"technology": 1}),
        ("een 4 voor data", {"data": 4}),
        ("to stay where we are is fine for people", {"people": "stay"}),
        ("people stays, data 4", {"people": "stay", "data": 4}),
        ("het mag bij mensen zo blijven", {"people": "stay"}),
        ("data standaard", {"data": "default"}),
        ("alles op 3", {EVERYTHING: 3}),
        ("overal blijven", {EVERYTHING: "stay"}),
        ("alles op 3 en data 4", {EVERYTHING: 3, "data": 4}),
    ],
)
def test_what_is_plainly_wanted_is_read(text: str, aims: dict[str, object]) -> None:
    assert read_aims(text, CEMM, "nl") == Aims(aims=aims)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ander doel voor klantreis", ("customer_journey",)),
        ("data niet op 4", ("data",)),
        ("data 3 of 4", ("data",)),
        ("data 3,5", ("data",)),
        ("data -1", ("data",)),
        ("data 50%", ("data",)),
        ("data 4, data 3", ("data",)),
        ("is een 4 voor data haalbaar?", ("data",)),
        ("welk doel hebben we bij data", ("data",)),
        ("4 voor data, mensen 3", ("data", "people")),
    ],
)
def test_what_is_not_plain_is_only_named(text: str, named: tuple[str, ...]) -> None:
    assert read_aims(text, CEMM, "nl") == Aims(named=named)


def test_what_is_left_open_beside_a_target_is_named() -> None:
    assert read_aims("data 4 en mensen", CEMM, "nl") == Aims(aims={"data": 4}, named=("people",))


@pytest.mark.parametrize(
    ("text", "loose"),
    [
        ("het doel moet 3 zijn", 3),
        ("4", 4),
        ("gemanaged", 4),
        ("hier blijven", "stay"),
        ("terug naar standaard", "default"),
    ],
)
def test_a_level_without_an_area(text: str, loose: object) -> None:
    assert read_aims(text, CEMM, "nl") == Aims(loose=loose)  # type: ignore[arg-type]


def test_a_level_that_there_is_not() -> None:
    assert read_aims("data 9", CEMM, "nl") == Aims(named=("data",), no_level=9)
    assert read_aims("data 0", CEMM, "nl").no_level == 0
    # The axis of stages begins at 0.
    assert read_aims("kanalen 0, gesprek 2", load("gccj"), "nl").aims == {"channels": 0, "conversation": 2}


def test_one_word_of_a_long_name_will_do() -> None:
    found = read_aims("meten 4, techniek 3", load("omnichannel"), "nl").aims
    assert found == {"audiences_measurement": 4, "martech": 3}


@pytest.mark.parametrize(
    "text", ["", "doelen kiezen", "ik wil de doelen kiezen", "hallo", "in 2026", "x" * 500]
)
def test_nothing_is_read_where_nothing_is_said(text: str) -> None:
    assert read_aims(text, CEMM, "nl") == Aims()


@pytest.mark.parametrize("text", ["klaar", "Dat was het.", "done", "that's all"])
def test_the_end_of_choosing(text: str) -> None:
    assert reads_done(text)


WORDS = ["data", "mensen", "4", "3", "niet", "van", "naar", "en", ",", "blijven", "alles", "?"]


@given(st.text(max_size=80) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_no_text_is_too_strange(text: str) -> None:
    found = read_aims(text, CEMM, "nl")

    assert all(not isinstance(one, int) or 1 <= one <= 5 for one in (*found.aims.values(), found.loose or 1))
    assert not set(found.aims) & set(found.named)
