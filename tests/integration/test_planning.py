"""The road map in the conversation, the matrix, and placing steps in it oneself.

The teahouse as in test_targets. Now: leaves to 2 (brings 3, takes 1), care to 2 (3, 1), welcome to 3 (2, 2).
Next: biscuits to 3 (2, 2). Nothing later: each of these reaches the target.
"""

from __future__ import annotations

import json

import pytest

from bot.render.pictures import draw
from bot.texts import say
from tests.integration.parts import House, Person
from tests.stack import ROOT


@pytest.fixture
def done(person: Person) -> Person:
    """Somebody who has answered all six questions."""
    for level in "122231":
        person.say(level)
    return person


def placed(person: Person) -> object:
    found = person.house.runs(person.id)[-1].placed
    return None if found is None else {key: list(place) for key, place in found.items()}


def pending(person: Person) -> object:
    return (person.house.conversation(person.id).pending or {}).get("ask")


def spec(person: Person) -> dict[str, object]:
    """What the picture of the newest reply shows."""
    (message,) = [message for message in person.last if message.picture_id]
    found = person.house.use_cases.picture(message.picture_id or "")
    assert found is not None
    assert draw(found.spec).startswith(b"\x89PNG")
    assert message.alt == found.alt
    fields: dict[str, object] = json.loads(found.spec)
    return fields


def places(person: Person) -> list[tuple[int, int, int]]:
    steps = spec(person)["steps"]
    assert isinstance(steps, list)
    return [(one["number"], one["benefit"], one["investment"]) for one in steps]


def test_the_road_map_in_short_with_the_matrix(done: Person) -> None:
    said = done.say("laat de routekaart zien", "road_map")

    assert "Nu:\n1. Thee, Blaadjes (1 → 2). Levert veel op, kost weinig." in said
    assert "3. Gasten, Ontvangst (2 → 3). Levert best veel op, vraagt wat tijd." in said
    assert "Daarna:\n4. Gasten, Koekjes (2 → 3)." in said
    assert "Later" not in said
    assert places(done) == [(1, 3, 1), (2, 3, 1), (3, 2, 2), (4, 2, 2)]
    assert list(done.buttons)[:2] == ["Zelf plaatsen", "Doelen kiezen"]


def test_of_a_horizon_three_steps_are_told(house: House) -> None:
    house.publish(cemm=(ROOT / "models" / "maturity" / "cemm.yml").read_text(encoding="utf-8"))
    person = Person(house, prefill={"model": "cemm", "depth": "full"})
    while house.runs(person.id)[-1].status == "active":
        person.say("2")
    person.say("routekaart", "road_map")

    # 18 items at 2, all targets 3: three now, fifteen next.
    assert say("nl", "road.more", count=12) in person.text
    assert [one[0] for one in places(person)] == [1, 2, 3, 4, 5, 6]


def test_steps_are_placed_by_tapping(done: Person) -> None:
    done.say("ik wil de stappen zelf plaatsen", "place_steps")
    assert done.has("road.step_header", number=1, total=4, dimension="Thee", item="Blaadjes")
    done.tap("Weinig")
    assert placed(done) is None
    done.tap("Flinke klus")
    assert placed(done) == {"tea.leaves>2": [1, 3]}
    assert done.has("road.step_header", number=2, total=4, dimension="Servies", item="Zorg")
    done.tap("Best veel")
    done.tap("Wat tijd")
    done.tap("Overslaan")
    done.tap("Veel")
    done.tap("Weinig moeite")

    assert placed(done) == {"tea.leaves>2": [1, 3], "pots.care>2": [2, 2], "guests.biscuits>3": [3, 1]}
    assert done.has("road.matrix_placed")
    assert places(done) == [(1, 1, 3), (2, 2, 2), (3, 2, 2), (4, 3, 1)]
    assert "Levert iets op, is een flinke klus.\n1. Thee: Blaadjes (1 → 2)" in done.text
    assert pending(done) is None


@pytest.mark.parametrize(
    ("texts", "place"),
    [
        (("veel, weinig moeite",), [3, 1]),
        (("veel", "weinig"), [3, 1]),
        (("best veel", "flinke klus"), [2, 3]),
        (("3 1",), [3, 1]),
        (("2", "3"), [2, 3]),
        (("kost weinig", "veel"), [3, 1]),
        (("levert niet veel op maar kost veel",), [1, 3]),
        (("Weining", "Flinke klus"), [1, 3]),
    ],
)
def test_steps_are_placed_in_words(done: Person, texts: tuple[str, ...], place: list[int]) -> None:
    done.say("stappen plaatsen", "place_steps")
    for text in texts:
        done.say(text)

    assert placed(done) == {"tea.leaves>2": place}


def test_typed_and_tapped_skip_and_stop(done: Person) -> None:
    done.say("stappen plaatsen", "place_steps")
    done.say("weet ik niet", "dont_know")
    assert done.has("road.step_header", number=2, total=4, dimension="Servies", item="Zorg")
    done.say("stop", "stop")
    assert done.has("road.kept")
    assert pending(done) is None
    assert placed(done) is None

    done.say("stappen plaatsen", "place_steps")
    done.say("veel veel")
    done.tap("Stoppen")
    assert done.has("road.matrix_placed")
    assert placed(done) == {"tea.leaves>2": [3, 3]}


def test_what_was_placed_stands_in_the_road_map_and_can_be_changed(done: Person) -> None:
    done.say("stappen plaatsen", "place_steps")
    done.say("weinig, veel moeite")
    done.say("routekaart", "road_map")
    assert "1. Thee, Blaadjes (1 → 2). Levert iets op, is een flinke klus." in done.text

    done.say("stappen plaatsen", "place_steps")
    assert done.has("road.stands", brings="Levert iets op, is een flinke klus.")
    done.say("veel, weinig moeite")

    assert placed(done) == {"tea.leaves>2": [3, 1]}


def test_a_double_tap_and_an_old_button_place_their_own_step_only(done: Person) -> None:
    done.say("stappen plaatsen", "place_steps")
    done.tap("Veel")
    first = done.token("Weinig moeite")
    done.press(first)
    done.press(first)

    assert placed(done) == {"tea.leaves>2": [3, 1]}
    assert done.has("road.step_header", number=2, total=4, dimension="Servies", item="Zorg")

    # The step is done since: its button places nothing any more.
    done.say("maak van vraag 1 een 2", "change_answer")
    done.press(first)
    assert done.has("stale.unknown")
    assert placed(done) == {"tea.leaves>2": [3, 1]}


def test_what_cannot_be_read_is_asked_again_and_left_in_the_end(done: Person) -> None:
    done.say("stappen plaatsen", "place_steps")
    done.say("2,5")
    assert done.has("road.unclear")
    done.say("'; drop table assessments; --")
    done.say("7")

    assert done.has("road.left")
    assert pending(done) is None
    assert placed(done) is None


def test_the_matrix_can_be_seen_without_placing(done: Person) -> None:
    done.say("toon de matrix", "place_steps")

    assert done.has("road.matrix")
    assert places(done) == [(1, 3, 1), (2, 3, 1), (3, 2, 2), (4, 2, 2)]
    assert "Levert veel op, kost weinig.\n1. Thee: Blaadjes (1 → 2)\n2. Servies: Zorg (1 → 2)" in done.text


def test_before_the_end_there_is_no_road_map(person: Person) -> None:
    for meaning in ("road_map", "place_steps"):
        person.say("routekaart", meaning)
        assert person.has("road.too_early")
        assert person.asks(1)


def test_where_everybody_stays_there_are_no_steps(done: Person) -> None:
    done.say("overal blijven waar we zijn", "target")
    assert done.has("target.no_steps")
    for meaning in ("road_map", "place_steps"):
        done.say("routekaart", meaning)
        assert done.has("result.no_steps")


def test_the_report_knows_what_was_placed(done: Person) -> None:
    done.say("stappen plaatsen", "place_steps")
    done.say("weinig, veel moeite")
    with done.house.store.read() as work:
        links = work.links(done.id, "result")
    report = done.house.use_cases.report(links[-1].id)
    assert report is not None
    assert report.matrix is not None
    first = report.matrix.steps[0]
    assert (first.benefit.value, first.investment.value, first.placed) == (1, 3, True)
    assert not report.matrix.steps[1].placed


def test_placing_survives_another_process(done: Person, make_house) -> None:  # type: ignore[no-untyped-def]
    done.say("stappen plaatsen", "place_steps")
    done.say("veel")
    other = make_house()
    done.house = other
    done.say("weinig")

    assert placed(done) == {"tea.leaves>2": [3, 1]}
