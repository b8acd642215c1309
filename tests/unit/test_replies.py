"""What is said to a proposed level: yes, no, another, higher, why, or more own words; in both languages."""

from __future__ import annotations

import pytest
import yaml

from bot import definitions
from bot.assessment.definitions import Item, MaturityModel
from bot.understanding.replies import Reply, read_reply
from tests.stack import TEAHOUSE


@pytest.fixture(scope="module")
def model() -> MaturityModel:
    return definitions.parse(TEAHOUSE.read_text(encoding="utf-8"), "teahouse")


@pytest.fixture(scope="module")
def item(model: MaturityModel) -> Item:
    """Three levels: Wat er ligt, Vaste kaart, Keuze per oogst."""
    return model.item("tea.leaves")[1]


def read(text: str, shown: list[int], model: MaturityModel, item: Item, language: str = "nl") -> Reply | None:
    return read_reply(text, shown, model, item, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *[
            (text, "nl")
            for text in ("ja", "Jazeker!", "klopt", "dat klopt helemaal", "inderdaad", "ja, dat is het")
        ],
        *[(text, "nl") for text in ("zo is het", "ja hoor", "nou ja, ik denk het wel", "correct")],
        *[
            (text, "en")
            for text in ("yes", "That's right.", "spot on", "yes, that's it", "exactly", "I think so")
        ],
        ("yes please", "nl"),
        ("klopt", "en"),
    ],
)
def test_a_yes_in_many_words(text: str, language: str, model: MaturityModel, item: Item) -> None:
    found = read(text, [2], model, item, language)

    assert found is not None
    assert (found.kind, found.level) == ("yes", None) or (found.kind, found.opened) == ("words", True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *[(text, "nl") for text in ("nee", "Nee hoor", "klopt niet", "dat klopt niet", "niet helemaal")],
        *[(text, "nl") for text in ("een ander niveau", "nee, iets anders", "ik kies zelf", "nee die niet")],
        *[(text, "en") for text in ("no", "not quite", "that's wrong", "another level", "something else")],
    ],
)
def test_a_no_in_many_words(text: str, language: str, model: MaturityModel, item: Item) -> None:
    assert read(text, [2], model, item, language) == Reply("no")


@pytest.mark.parametrize(
    ("text", "language", "level"),
    [
        ("2", "nl", 2),
        ("nee, eerder een 2", "nl", 2),
        ("nee, meer een twee", "nl", 2),
        ("ja maar eigenlijk een 1", "nl", 1),
        ("doe maar vaste kaart", "nl", 2),
        ("toch liever niveau 1", "nl", 1),
        ("no, more like a 2", "en", 2),
        ("rather a two I'd say", "en", 2),
        ("no, more of a one", "en", 1),
        ("a fixed menu", "en", 2),
    ],
)
def test_another_level_behind_a_yes_or_no(
    text: str, language: str, level: int, model: MaturityModel, item: Item
) -> None:
    assert read(text, [3], model, item, language) == Reply("level", level)


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("hoger", "nl", "higher"),
        ("iets hoger", "nl", "higher"),
        ("nee, een hoger", "nl", "higher"),
        ("dat is te laag", "nl", "higher"),
        ("lager", "nl", "lower"),
        ("eentje lager graag", "nl", "lower"),
        ("te hoog", "nl", "lower"),
        ("zo ver zijn we nog niet", "nl", "lower"),
        ("one lower", "en", "lower"),
        ("a bit higher please", "en", "higher"),
        ("no, one up", "en", "higher"),
        ("too high", "en", "lower"),
    ],
)
def test_higher_and_lower(text: str, language: str, kind: str, model: MaturityModel, item: Item) -> None:
    assert read(text, [2], model, item, language) == Reply(kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "language", "level"),
    [
        ("de eerste", "nl", 2),
        ("de tweede", "nl", 3),
        ("doe maar de laatste", "nl", 3),
        ("de hoogste van de twee", "nl", 3),
        ("de lagere", "nl", 2),
        ("the first", "en", 2),
        ("the second one", "en", 3),
        ("the latter", "en", 3),
        ("the lower of the two", "en", 2),
        ("1", "nl", 1),
        ("een 3 denk ik", "nl", 3),
    ],
)
def test_one_of_two(text: str, language: str, level: int, model: MaturityModel, item: Item) -> None:
    assert read(text, [2, 3], model, item, language) == Reply("level", level)


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("geen van beide", "nl", "neither"),
        ("geen van de twee", "nl", "neither"),
        ("neither", "en", "neither"),
        ("none of them", "en", "neither"),
        ("allebei een beetje", "nl", "both"),
        ("ergens tussenin", "nl", "both"),
        ("a bit of both", "en", "both"),
        ("in between", "en", "both"),
    ],
)
def test_neither_and_both(text: str, language: str, kind: str, model: MaturityModel, item: Item) -> None:
    assert read(text, [2, 3], model, item, language) == Reply(kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("waarom?", "nl"),
        ("Waarom denk je dat?", "nl"),
        ("hoe kom je daar nou bij", "nl"),
        ("waarom een 3", "nl"),
        ("why", "en"),
        ("What makes you say that?", "en"),
        ("how did you get to that?", "en"),
    ],
)
def test_why(text: str, language: str, model: MaturityModel, item: Item) -> None:
    assert read(text, [3], model, item, language) == Reply("why")


@pytest.mark.parametrize(
    ("text", "opened", "rest"),
    [
        ("en we hebben ook een database", None, "en we hebben ook een database"),
        ("nee, we kopen alles bij de groothandel in", False, "we kopen alles bij de groothandel in"),
        ("Ja, al sinds opa de zaak begon", True, "al sinds opa de zaak begon"),
        ("we kopen 2 zakken per week en soms 3", None, "we kopen 2 zakken per week en soms 3"),
        ("waarom we dat doen weet niemand meer hier in huis", None, None),
        ("geen enkele leverancier kent ons bij naam hier in de buurt", None, None),
    ],
)
def test_more_own_words_are_neither(
    text: str, opened: bool | None, rest: str | None, model: MaturityModel, item: Item
) -> None:
    assert read(text, [2, 3], model, item) == Reply(
        "words", opened=opened, rest=text if rest is None else rest
    )


def test_a_number_that_does_not_exist(model: MaturityModel, item: Item) -> None:
    assert read("nee, een 6", [2], model, item) == Reply("no_such", 6)


def test_only_signs_say_nothing(model: MaturityModel, item: Item) -> None:
    assert read("?!", [2], model, item) is None


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_phrase_stands_in_two_lists_that_exclude_each_other(language: str) -> None:
    from bot.understanding import replies

    path = replies.Path(replies.__file__).parent / f"{language}.yml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for one, other in [("yes", "no"), ("both", "neither"), ("first", "second"), ("higher", "lower")]:
        assert not set(data[f"reply_{one}"]) & set(data[f"reply_{other}"])
