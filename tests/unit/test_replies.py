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
    ("text", "language"),
    [
        *[(text, "en") for text in ("Broadly, yes.", "by and large", "on the whole, yes", "yes, next")],
        ("I would say so, yes, with the proviso that a new menu is being written.", "en"),
        *[
            (text, "nl")
            for text in ("min of meer ja", "in grote lijnen wel", "grotendeels wel", "klopt, volgende")
        ],
        ("ja, met de kanttekening dat er een nieuwe kaart komt", "nl"),
    ],
)
def test_a_qualified_yes_is_a_yes(text: str, language: str, model: MaturityModel, item: Item) -> None:
    assert read(text, [2], model, item, language) == Reply("yes")


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("not quite, a bit lower", "en", "lower"),
        ("not really, slightly higher", "en", "higher"),
        ("niet helemaal, iets lager", "nl", "lower"),
        ("bijna, maar iets hoger", "nl", "higher"),
        ("yes and no", "en", "no"),
        ("ja en nee", "nl", "no"),
        ("not entirely", "en", "no"),
    ],
)
def test_a_qualified_no(text: str, language: str, kind: str, model: MaturityModel, item: Item) -> None:
    assert read(text, [2], model, item, language) == Reply(kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "ja, mits er een nieuwe kaart komt",
        "yes, although it is not so in the back room",
        "yes that's it for the last",
        "no one, really",
        "nee, 1 is te laag",
        "all three teas, full pots",
        "het verschil is groot",
    ],
)
def test_this_is_neither_a_plain_yes_nor_a_level(text: str, model: MaturityModel, item: Item) -> None:
    found = read(text, [2], model, item)
    assert found is not None
    assert found.kind == "words"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("yes but it might be a 3, what's the difference", 3),
        ("ja maar het zou een 3 kunnen zijn, wat is het verschil", 3),
        ("yes, maybe a 1", 1),
        ("ja maar misschien een 1", 1),
    ],
)
def test_a_yes_that_wavers_is_none(text: str, level: int, model: MaturityModel, item: Item) -> None:
    assert read(text, [2], model, item) == Reply("waver", level)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("The first of those.", 2),
        ("the first of those two", 2),
        ("de eerste daarvan", 2),
        ("De eerste van die twee.", 2),
        ("the second of these", 3),
        ("not the first one", 3),
        ("niet de eerste", 3),
        ("die tweede idd", 3),
        ("de laagste, vrees ik", 2),
        ("The lower of the two, I am afraid.", 2),
        ("Neither quite, but 2 comes nearest, and certainly not 3.", 2),
        ("geen van beide echt, maar 2 komt het dichtst in de buurt en zeker niet 3", 2),
    ],
)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_one_of_those_that_are_shown(
    text: str, level: int, language: str, model: MaturityModel, item: Item
) -> None:
    assert read(text, [2, 3], model, item, language) == Reply("level", level)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("3. No, 2", 2),
        ("2. Nee, 3", 3),
        ("2 nee 3", 3),
        ("3, no wait, 2", 2),
        ("3. actually make it 2. no 3", 3),
        ("4, or 3? make it 3", 3),
        ("4, of 3? doe maar 3", 3),
        ("Two, please. Level two.", 2),
        ("twee graag, niveau twee", 2),
        ("1 to be fair", 1),
        ("1 eerlijk gezegd", 1),
        ("3 then, dashboards", 3),
        ("De 2, want die 3 is echt alleen ik", 2),
        ("2 want dat is gekoppeld", 2),
        ("Nou... nee, doe de 3, niet de 2", 3),
        ("1 natuurlijk lol hoezo 3", 1),
        ("2 denk ik, of 1, nee 2", 2),
        ("Ja und nein. Say 2 maybe", 2),
        ("Nee laat staan. Deze vraag: 2", 2),
        ("2 for tea", 2),
        ("well not 1 … 3 I'd guess", 3),
    ],
)
@pytest.mark.parametrize("shown", [[1], [1, 3]])
def test_a_level_with_words_around_it(
    text: str, level: int, shown: list[int], model: MaturityModel, item: Item
) -> None:
    assert read(text, shown, model, item) == Reply("level", level)


@pytest.mark.parametrize(
    "text",
    [
        "tussen 1 en 2",
        "nee, we hebben 3 winkels",
        "ja, en 2 daarvan doen het",
        "we did it together, that was a first",
        "the menu and the pots, top-down",
        "volgend jaar een 3",
        "twee man, uit zichzelf",
    ],
)
def test_a_number_that_tells_of_the_house_is_no_level(text: str, model: MaturityModel, item: Item) -> None:
    for shown in ([3], [2, 3]):
        found = read(text, shown, model, item)
        assert found is not None
        assert found.kind in ("words", "no")


@pytest.mark.parametrize(
    ("text", "opened", "rest"),
    [
        ("Een ander niveau. Wij kopen alleen na een klacht", False, "Wij kopen alleen na een klacht"),
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
