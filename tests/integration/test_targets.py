"""Choosing targets in the conversation: named at once or asked for, said back, undone, and what follows.

The teahouse on 1..3, answers tea 1 and 2 (weights 3 and 1), guests 2 and 2, pots 3 and 1: tea scores
(3 * 1 + 2) / 4 = 1.25 and is at level 1 (a quarter is at 2), guests 2.0 at level 2, pots 2.0 at level 1 (half
is at 2). Targets by default: 2, 3, 2.
"""

from __future__ import annotations

import pytest

from bot.texts import say
from tests.integration.parts import House, Person
from tests.stack import ROOT


@pytest.fixture
def done(person: Person) -> Person:
    """Somebody who has answered all six questions."""
    for level in "122231":
        person.say(level)
    assert person.house.runs(person.id)[-1].status == "completed"
    return person


def targets(person: Person) -> object:
    return person.house.runs(person.id)[-1].targets


def pending(person: Person) -> object:
    return (person.house.conversation(person.id).pending or {}).get("ask")


def test_a_target_named_in_one_sentence_is_stored_said_back_and_shown(done: Person) -> None:
    said = done.say("mijn doel voor thee is 3", "target")

    assert targets(done) == {"tea": 3}
    # 3 - 1.25 = 1.75, half up.
    assert "Thee: jullie doel is 3 · Geschonken. Nu 1,3, niveau 1; verschil 1,8." in said
    assert "Thee: 1,3 · niveau 1 (Lauw) · doel 3" in said
    pictures = [message for message in done.last if message.picture_id]
    assert len(pictures) == 1
    assert "doel 3" in (pictures[0].alt or "")
    picture = done.house.use_cases.picture(pictures[0].picture_id or "")
    assert picture is not None
    assert '"target":3.0' in picture.spec
    assert list(done.buttons)[:3] == ["Doelen kiezen", "Terug naar het voorstel", "Routekaart"]


def test_the_order_of_the_steps_follows_the_targets(done: Person) -> None:
    # By default: tea has the lowest score (leaves), then 2.0 twice: care brings 3, welcome 2.
    done.say("laat de routekaart zien", "road_map")
    assert [line[:20] for line in done.text.split("\n") if line[:2] in ("1.", "2.", "3.")] == [
        "1. Thee, Blaadjes (1",
        "2. Servies, Zorg (1 ",
        "3. Gasten, Ontvangst",
    ]

    # Guests stay: no step there. Tea has the only gap, and now brewing has one more step to go.
    done.say("thee 3, bij gasten blijven", "target")

    assert targets(done) == {"tea": 3, "guests": 2}
    assert done.has("target.stays", dimension="Gasten", level="2 · Getrokken")
    assert "1. Thee, Blaadjes (1 → 2)\n2. Servies, Zorg (1 → 2)\n3. Thee, Trekken (2 → 3)" in done.text


def test_targets_half_of_the_axis_apart_get_a_hint(done: Person) -> None:
    # 3 - 2 = 1, half of the axis from 1 to 3.
    done.say("thee 3, gasten 2", "target")

    assert done.has("target.hint", highest="Thee", top=3, lowest="Gasten", bottom=2)


def test_equal_targets_get_no_hint(done: Person) -> None:
    assert "Let op" not in done.say("thee 3 en gasten 3", "target")


def test_tapped_and_typed_lead_to_the_same(done: Person, house: House) -> None:
    done.say("doelen kiezen", "target")
    assert list(done.buttons) == ["Thee", "Gasten", "Servies", "Laat maar"]
    done.tap("Servies")
    assert list(done.buttons) == ["Hier blijven", "2 · Getrokken", "3 · Geschonken", "Laat maar"]
    done.tap("3")
    tapped = done.text
    assert targets(done) == {"pots": 3}

    done.say("terug naar het voorstel", "target")
    assert targets(done) is None
    done.say("doelen kiezen", "target")
    done.say("servies")
    done.say("drie")

    assert targets(done) == {"pots": 3}
    assert done.text == tapped


@pytest.mark.parametrize(
    ("typed", "level"),
    [
        ("Hier blijven", 1),
        ("blijven", 1),
        ("1", 1),
        ("een", 1),
        ("geschonken", 3),
        ("geschnoken", 3),
        ("3 · Geschonken", 3),
    ],
)
def test_a_level_can_be_typed_in_many_ways(done: Person, typed: str, level: int) -> None:
    done.say("mijn doel voor thee", "target")
    done.say(typed)

    assert targets(done) == {"tea": level}


def test_the_question_says_what_each_level_means_and_what_the_next_one_looks_like(done: Person) -> None:
    said = done.say("doel voor servies", "target")

    assert done.has("target.today", dimension="Servies", score="2,0", staged=1, level="Lauw", target=2)
    assert "1 · Lauw (hier blijven): Er komt iets warms in een kopje" in said
    assert "3 · Geschonken: De gast wordt begrepen" in said
    # Of the two items only care (1) is below 2.
    assert "– Zorg: " in said
    assert "– Staat: " not in said


def test_a_level_without_an_area_is_asked_for_one(done: Person) -> None:
    done.say("het doel moet 3 zijn", "target")
    assert done.has("target.which_for", level="3 · Geschonken")
    assert targets(done) is None

    done.tap("Gasten")

    assert targets(done) == {"guests": 3}


def test_choosing_goes_on_until_done(done: Person) -> None:
    done.say("doelen kiezen", "target")
    done.tap("Thee")
    done.tap("2")
    assert done.has("target.which_else")
    done.say("servies blijven en gasten 3")
    assert targets(done) == {"tea": 2, "guests": 3, "pots": 1}
    assert pending(done) == "target"

    done.say("klaar")

    assert done.has("target.result")
    assert pending(done) is None


def test_all_at_once(done: Person) -> None:
    done.say("alles op 2", "target")

    assert targets(done) == {"tea": 2, "guests": 2, "pots": 2}


def test_one_area_and_all_go_back_to_the_default(done: Person) -> None:
    done.say("thee 3, servies 3", "target")
    done.say("thee weer standaard", "target")
    assert targets(done) == {"pots": 3}
    assert done.has("target.back", dimension="Thee", target=2)

    done.tap("Terug naar het voorstel")

    assert targets(done) is None
    assert done.has("target.all_back")
    assert "Thee: 1,3 · niveau 1 (Lauw) · doel 2" in done.text
    done.say("terug naar de standaard", "target")
    assert done.has("target.none_chosen")


@pytest.mark.parametrize(
    "typed",
    [
        "gasten 1",
        "gasten 9",
        "gasten 2,5",
        "gasten -2",
        "gasten 2 of 3",
        "is gasten 3 haalbaar?",
        "gasten 3, gasten 2",
        "gasten niet 3",
    ],
)
def test_what_is_no_target_changes_nothing_and_asks_again(done: Person, typed: str) -> None:
    done.say(typed, "target")

    assert targets(done) is None
    assert pending(done) == "target"
    assert "2 · Getrokken (hier blijven)" in done.text


def test_a_lower_target_than_today_is_refused_with_the_reason(done: Person) -> None:
    done.say("gasten 1, thee 2", "target")

    assert targets(done) == {"tea": 2}
    assert done.has("target.below", dimension="Gasten", staged=2)


def test_the_same_again_changes_nothing(done: Person) -> None:
    done.say("thee naar 3", "target")
    done.say("thee naar 3", "target")

    assert targets(done) == {"tea": 3}
    assert done.has("target.same")
    assert not [message for message in done.last if message.picture_id]


def test_a_double_tap_is_one_choice(done: Person) -> None:
    done.say("doel voor thee", "target")
    token = done.token("3")
    done.press(token)
    done.press(token)

    assert targets(done) == {"tea": 3}
    assert done.has("target.same")


def test_an_old_button_still_does_what_it_says_but_not_for_another_run(done: Person) -> None:
    done.say("doel voor thee", "target")
    token = done.token("3")
    done.say("hoe ver ben ik", "progress")
    done.press(token)
    assert targets(done) == {"tea": 3}

    done.say("opnieuw beginnen", "start_over")
    done.tap("Ja, opnieuw")
    done.press(token)

    assert done.has("stale.other_run")
    assert targets(done) is None


def test_what_cannot_be_read_is_asked_again_and_left_in_the_end(done: Person) -> None:
    done.say("doelen kiezen", "target")
    done.say("flierefluiter")
    assert done.has("target.unclear")
    done.say("💥 'drop table'; --")
    assert done.has("target.unclear")
    done.say("x" * 3000)

    assert done.has("target.kept")
    assert pending(done) is None
    assert targets(done) is None


def test_side_talk_goes_before_the_target(done: Person) -> None:
    done.say("doelen kiezen", "target")
    done.say("wie leest dit", "privacy")

    assert done.has("privacy.answer")
    assert targets(done) is None


@pytest.mark.parametrize(
    ("text", "meaning", "sentence"),
    [
        ("wis alles", "erase", "erase.ask"),
        ("wis alles maar", "erase", "erase.ask"),
        ("wie ziet alles", "privacy", "privacy.answer"),
        ("toon de routekaart voor alles", "road_map", "road.intro"),
    ],
)
def test_everything_is_no_target_when_something_else_is_asked(
    done: Person, text: str, meaning: str, sentence: str
) -> None:
    done.say("het doel moet 3 zijn", "target")
    done.say(text, meaning)

    assert done.has(sentence)
    assert targets(done) is None


def test_a_plain_change_of_an_answer_goes_before_a_target(done: Person) -> None:
    done.say("doel voor thee", "target")
    done.say("maak van vraag 1 een 3", "change_answer")

    assert done.house.holds(done.id)["tea.leaves"] == 3
    assert targets(done) is None


@pytest.mark.parametrize("meaning", ["result", "why_level", "stop", "take_answer"])
def test_a_plain_target_is_taken_whatever_the_intent(done: Person, meaning: str) -> None:
    done.say("doelen kiezen", "target")
    done.say("thee 3", meaning)

    assert targets(done) == {"tea": 3}


def test_before_the_end_there_are_no_targets(person: Person) -> None:
    person.say("mijn doel voor thee is 3", "target")

    assert person.has("target.too_early")
    assert person.asks(1)
    assert targets(person) is None


def test_an_area_without_a_score_gets_no_target(person: Person) -> None:
    for text in ("1", "2", "2", "2"):
        person.say(text)
    person.say("geldt niet voor ons", "not_applicable")
    person.say("geldt niet voor ons", "not_applicable")

    person.say("servies 3", "target")
    assert targets(person) is None
    assert person.has("target.no_score", dimension="Servies")
    assert "Servies" not in person.buttons

    person.say("alles op 3", "target")
    assert targets(person) == {"tea": 3, "guests": 3}


def test_a_quick_scan_is_completed_first(house: House) -> None:
    house.publish(tearoom=(ROOT / "tests" / "data" / "tearoom.yml").read_text(encoding="utf-8"))
    quick = Person(house, prefill={"model": "tearoom", "depth": "quick"})
    while house.runs(quick.id)[-1].status == "active":
        quick.say("2")

    quick.say("mijn doel voor ketel is 3", "target")
    assert quick.has("target.quick")
    assert targets(quick) is None
    assert "Vul aan" in quick.buttons
    quick.say("ja graag")

    run = house.runs(quick.id)[-1]
    assert (run.depth, run.status) == ("full", "active")


def test_the_result_page_and_the_report_know_the_targets(done: Person) -> None:
    done.say("thee 3, gasten blijven", "target")
    with done.house.store.read() as work:
        links = work.links(done.id, "result")
    page = done.house.use_cases.result_page(links[-1].id, "result")
    assert page is not None
    assert [row.target for row in page.rows] == ["3", "2", "2"]
    assert [step.title for step in page.steps] == ["Thee: Blaadjes", "Servies: Zorg", "Thee: Trekken"]


def test_english(house: House) -> None:
    person = Person(house, "en")
    for level in "122231":
        person.say(level)
    person.say("to stay where we are is fine for guests", "target")

    assert targets(person) == {"guests": 2}
    assert say("en", "target.stays", dimension="Guests", level="2 · Brewed") in person.text
