"""Asking why, what is the quickest way, and what if: in the middle, after the end, in words and by button.

The teahouse (tests/data/teahouse.yml): tea weighs 2, guests 1, pots 0.5; leaves 3 against brewing 1, welcome
1 against biscuits 0.5, condition and care 1 each. Three levels; k takes two thirds at k or above,
and nothing below k - 1.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.store import tables
from bot.texts import say
from tests.integration.parts import House, Person, coffeebar, teahouse
from tests.stack import TEAHOUSE

BAKERY = TEAHOUSE.with_name("bakery.yml")


def answer(person: Person, levels: str) -> None:
    """Answer one question after another; '?' is don't know."""
    for level in levels:
        if level == "?":
            person.say("weet ik niet", "dont_know")
        else:
            person.say(level)


def why(person: Person, text: str) -> str:
    return person.say(text, "why_level")


def kept(house: House) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """All that a question must not change: the answers, and the assessments."""
    return house.rows(tables.answers), house.rows(tables.assessments)


@pytest.fixture
def done(person: Person) -> Person:
    """Somebody whose answers are 3 1 | 2 2 | 1 1.

    Tea: (3·3 + 1)/4 = 2.5; 3/4 of the weight is at 3, but brewing is two below: level 2. Guests 2.0, level 2.
    Pots 1.0, level 1. Overall (2·2.5 + 2 + 0.5)/3.5 = 7.5/3.5 = 2.14.
    """
    answer(person, "312211")
    return person


# --- why ---


def test_why_names_the_answers_that_decided_and_the_rule_and_what_was_lacking(done: Person) -> None:
    told = why(done, "waarom sta ik op 2 bij thee?")
    assert "Thee staat op niveau 2 (Getrokken). De score is 2,5." in told
    assert "Dit gaf de doorslag:\n- Trekken: 1 · Op goed geluk\n" in told
    assert "Dit telde ook mee:\n- Blaadjes: 3 · Keuze per oogst" in told
    assert done.has("why.rule", level=3, below=2)
    assert done.has("why.share_percent", percent=75, needed=67)  # 3/4 against 2/3
    assert done.has("why.gate", below=2, items="Trekken")
    assert "Met dit was het niveau 3 geweest: Trekken op 2 · Met de klok." in told
    assert done.has("side.done_hint")
    assert "voorlopig" not in told


def test_equal_weights_are_told_by_the_number_of_answers(done: Person) -> None:
    told = why(done, "why 1 bij servies")
    assert done.has("why.rule_lowest", level=2)
    assert done.has("why.share_count", there=0, total=2, needed=2)
    # Two thirds of two is both of them, each from 1 to 2.
    assert "Staat op 2 · Heel en schoon en Zorg op 2 · Een vaste hand" in told


def test_the_same_in_english(house: House) -> None:
    person = Person(house, "en")
    answer(person, "312211")
    told = why(person, "why am I at level 2 for tea?")
    assert "Tea is at level 2 (Brewed). The score is 2.5." in told
    assert "This decided it:\n- Brewing: 1 · By luck" in told
    assert "With this it would have been level 3: Brewing at 2 · By the clock." in told


def test_a_level_that_it_does_not_have_is_put_right_kindly(done: Person) -> None:
    assert "Gasten staat niet op 3, maar op 2." in why(done, "waarom sta ik op 3 bij gasten")
    assert "afgeronde score" not in done.text
    # 2.5 is 3 when rounded half up.
    assert "Thee staat niet op 3, maar op 2. Die 3 is de afgeronde score." in why(done, "waarom thee op 3?")
    assert "maar op" not in why(done, "waarom sta ik niet op een 3 bij thee")
    assert done.has("why.is_that", dimension="Thee", said=2) is False
    why(done, "waarom geen 2 bij thee")
    assert done.has("why.is_that", dimension="Thee", said=2)


def test_the_one_area_at_a_level_is_meant_by_it(done: Person) -> None:
    assert "Servies staat op niveau 1" in why(done, "waarom sta ik op 1?")
    assert done.house.conversation(done.id).pending is None


def test_of_several_areas_at_a_level_it_is_asked_which_and_of_none_too(done: Person) -> None:
    why(done, "waarom sta ik op 2?")
    assert done.has("why.several_there", level=2)
    assert list(done.buttons) == ["1 · Thee", "2 · Gasten", "Laat maar"]
    assert "Gasten staat op niveau 2" in done.say("2")
    why(done, "waarom sta ik op 3?")
    assert done.has("why.none_there", level=3)
    assert list(done.buttons) == ["1 · Thee", "2 · Gasten", "3 · Servies", "Alles samen", "Laat maar"]


@pytest.mark.parametrize("way", ["1 · Thee", "tap", "thee", "bij de thee graag", "1", "de eerste", "tee"])
def test_a_tap_and_a_typed_text_lead_to_the_same(done: Person, way: str) -> None:
    why(done, "waarom zo laag?")
    told = done.tap("1") if way == "tap" else done.say(way)
    assert told.startswith("Thee staat op niveau 2")
    assert done.house.conversation(done.id).pending is None


def test_the_result_as_a_whole(done: Person) -> None:
    for ask in (
        lambda: why(done, "waarom is mijn totaalscore zo laag"),
        lambda: (why(done, "waarom zo laag"), done.tap("Alles samen"))[1],
        lambda: (why(done, "waarom zo laag"), done.say("alles samen"))[1],
    ):
        told = ask()
        assert told.startswith("Gemiddeld: 2,1 van 3.")
        assert done.has("why.overall_weighed")
        assert "Servies: 1,0 · niveau 1" in told


def test_two_areas_at_once_and_not_three(done: Person) -> None:
    told = why(done, "waarom thee en servies zo")
    assert "Thee staat op niveau 2" in told
    assert "Servies staat op niveau 1" in told
    why(done, "waarom thee, gasten en servies")
    assert done.has("why.which")


def test_the_highest_level(person: Person) -> None:
    answer(person, "332211")
    told = why(person, "waarom sta ik op 3 bij thee")
    assert person.has("why.highest")
    assert "Met dit was" not in told
    assert told.count("\n- ") == 2


def test_what_does_not_count_is_named_apart(person: Person) -> None:
    answer(person, "2?")
    person.say("geldt niet", "not_applicable")
    person.say("overslaan", "skip")
    answer(person, "11")
    assert "Telt niet mee: Trekken (weet ik niet)." in why(person, "waarom thee 2")
    # Welcome does not apply, biscuits was skipped: nothing of what applies is answered.
    told = why(person, "waarom gasten")
    assert person.has("why.too_little", dimension="Gasten", count=1)
    assert "Telt niet mee: Ontvangst (geldt niet), Koekjes (overgeslagen)." in told


def test_before_the_end_it_is_provisional_and_the_open_question_stands_again(person: Person) -> None:
    why(person, "waarom sta ik op 2?")
    assert person.has("why.nothing_yet")
    assert person.asks(1)
    answer(person, "31")
    told = why(person, "waarom thee op 2?")
    assert "Thee staat op niveau 2" in told
    assert person.has("why.provisional", done=2, total=6)
    assert person.asks(3)
    told = why(person, "waarom gasten?")
    assert "Ontvangst (nog niet gevraagd)" in told
    assert person.asks(3)
    assert person.house.holds(person.id) == {"tea.leaves": 3, "tea.brewing": 1}


def test_why_alone_is_still_about_the_open_question(person: Person) -> None:
    answer(person, "31")
    told = person.say("waarom?", "why")
    assert person.asks(3)
    assert "niveau" not in told.split("Vraag 3")[0]
    # Also where an area was just asked for.
    why(person, "waarom zo laag")
    assert person.say("waarom?", "why") == told


def test_a_quick_scan_has_no_level(house: House) -> None:
    house.publish(teahouse=teahouse().replace("\nminutes: 2\n", "\nminutes: 2\nquick_minutes: 1\n"))
    person = Person(house, prefill={"depth": "quick"})
    answer(person, "3")
    told = why(person, "waarom thee zo")
    assert "Thee staat op 3,0. Dat komt van één antwoord:\n- Blaadjes: 3 · Keuze per oogst" in told
    assert person.has("why.mean_no_level")
    assert "Trekken (niet in de snelle scan)" in told
    person.say("snelste weg bij thee", "quickest")
    assert person.has("why.way_quick", dimension="Thee")
    person.say("wat als trekken op 3 komt", "what_if")
    assert person.has("why.if_not_asked", item="Trekken")
    person.say("wat als blaadjes op 1 komt", "what_if")
    assert person.has("why.if_score", dimension="Thee", old="3,0", new="1,0")


# --- the quickest way ---


def test_the_quickest_way_with_how_to_begin(done: Person) -> None:
    told = done.say("wat is de snelste weg naar een 3 in thee?", "quickest")
    assert done.has("why.way", dimension="Thee", current=2, level=3)
    assert "1. Trekken: van 1 · Op goed geluk naar 2 · Met de klok\n" in told
    assert (
        "Begin zo: Plak op elk blik een sticker met minuten en graden. Levert best veel op, kost weinig."
        in told
    )
    assert "2. " not in told
    assert done.has("side.done_hint")


def test_a_title_as_on_the_button_names_an_entry_and_no_level(done: Person) -> None:
    done.say("hoe kom ik hoger", "quickest")
    done.say("3 · Servies")
    assert done.has("why.way", dimension="Servies", current=1, level=2)
    done.say("wat als", "what_if")
    done.say("2 · Trekken")
    assert done.has("why.if_level", item="Trekken")
    done.say("3 · Per pot geproefd")
    assert done.has("why.if_overall", old="2,1", new="2,4")


def test_the_least_investment_comes_first(done: Person) -> None:
    # Pots 1 1 to level 2: condition takes 2, care 1; condition is the first question.
    told = done.say("quickest way to 2 in crockery", "quickest")
    assert told.index("1. Zorg") < told.index("2. Staat")
    # To level 3 both: condition 2 + 3, care 1 + 1.
    told = done.say("servies naar 3", "quickest")
    assert "1. Zorg: van 1 · Wie tijd heeft naar 3 · Ieders trots" in told
    assert done.has(
        "why.way_then",
        step="Laat de vaste hand elke nieuwe collega een uur lang meenemen langs de kast.",
        brings="Levert best veel op, kost weinig.",
    )


def test_without_a_level_it_is_one_higher_and_without_an_area_it_is_asked(done: Person) -> None:
    done.say("hoe kom ik hoger", "quickest")
    assert list(done.buttons) == ["1 · Thee", "2 · Gasten", "3 · Servies", "Laat maar"]
    done.tap("3")
    assert done.has("why.way", dimension="Servies", current=1, level=2)
    done.say("snelste weg naar een 3", "quickest")
    done.say("servies")
    assert done.has("why.way", dimension="Servies", current=1, level=3)
    done.say("snelste weg naar een 3", "quickest")
    done.tap("3")
    assert done.has("why.way", dimension="Servies", current=1, level=3)


def test_where_one_is_already_and_where_there_is_no_such_level(done: Person) -> None:
    done.say("snelste weg naar een 2 bij thee", "quickest")
    assert done.has("why.way_already", dimension="Thee", level=2)
    for text in ("snelste weg naar een 7 bij thee", "snelste weg naar een 7"):
        done.say(text, "quickest")
        assert done.has("why.no_level", level=7, lowest=1, highest=3)
    done.say("verander vraag 2 in 3", "change_answer")
    done.say("snelste weg bij thee", "quickest")
    assert done.has("why.way_highest", dimension="Thee", level=3)


def test_open_answers_in_the_way_are_named(person: Person) -> None:
    answer(person, "31??11")
    done = person.say("snelste weg naar een 3 bij gasten", "quickest")
    # Welcome weighs 1 of 1.5: that alone is half.
    assert person.has(
        "why.way_unknown", dimension="Gasten", count=1, items="vraag 3 (Ontvangst) en vraag 4 (Koekjes)"
    )
    assert "voorlopig" not in done


# --- what if ---


def test_what_if_shows_what_changes_and_changes_nothing(done: Person) -> None:
    before = kept(done.house)
    told = done.say("wat als we trekken op 3 krijgen?", "what_if")
    assert "- Trekken: 1 · Op goed geluk → 3 · Per pot geproefd" in told
    assert done.has("why.if_level_moves", dimension="Thee", old="2,5", new="3,0", low=2, high=3)
    # (2·3 + 2 + 0.5)/3.5 = 8.5/3.5 = 2.43
    assert done.has("why.if_overall", old="2,1", new="2,4")
    assert done.has("why.if_nothing")
    assert kept(done.house) == before


def test_several_at_once_and_downwards(done: Person) -> None:
    done.say("wat als ontvangst en koekjes op 3 komen en blaadjes op 1", "what_if")
    # Guests 3.0, level 3; tea (3·1 + 1)/4 = 1.0, level 1; overall (2 + 3 + 0.5)/3.5 = 1.57
    assert done.has("why.if_level_moves", dimension="Gasten", old="2,0", new="3,0", low=2, high=3)
    assert done.has("why.if_level_moves", dimension="Thee", old="2,5", new="1,0", low=2, high=1)
    assert done.has("why.if_overall", old="2,1", new="1,6")


def test_what_lacks_is_asked_item_and_level(done: Person) -> None:
    before = kept(done.house)
    done.say("wat als", "what_if")
    assert list(done.buttons)[:2] == ["1 · Blaadjes", "2 · Trekken"]
    done.tap("2")
    assert done.has("why.if_level", item="Trekken")
    done.tap("3")
    assert done.has("why.if_overall", old="2,1", new="2,4")
    done.say("wat als", "what_if")
    done.say("trekken")
    done.say("per pot geproefd")
    assert done.has("why.if_overall", old="2,1", new="2,4")
    done.say("wat als", "what_if")
    done.say("trekken op 3")
    assert done.has("why.if_overall", old="2,1", new="2,4")
    assert kept(done.house) == before


def test_an_area_is_no_item_and_its_level_is_kept_while_it_is_asked_which(done: Person) -> None:
    done.say("wat als thee op 3 komt", "what_if")
    assert list(done.buttons) == ["1 · Blaadjes", "2 · Trekken", "Laat maar"]
    done.tap("2")
    assert done.has("why.if_level_moves", dimension="Thee", old="2,5", new="3,0", low=2, high=3)
    done.say("wat als thee op 3 komt", "what_if")
    done.say("trekken")
    assert done.has("why.if_level_moves", dimension="Thee", old="2,5", new="3,0", low=2, high=3)


def test_a_level_for_one_is_kept_while_that_of_the_other_is_asked(done: Person) -> None:
    for last in (lambda: done.tap("3"), lambda: done.say("3")):
        done.say("wat als blaadjes op 1 komt en hoe dan de koekjes", "what_if")
        assert done.has("why.if_level", item="Koekjes")
        last()
        # Guests (2 + 0.5·3)/1.5 = 2.33, one third of the weight at 3: level 2. Tea 1.0.
        assert done.has("why.if_level_stays", dimension="Gasten", old="2,0", new="2,3", level=2)
        assert done.has("why.if_level_moves", dimension="Thee", old="2,5", new="1,0", low=2, high=1)


def test_a_level_that_is_not_there_is_asked_again_and_what_is_so_is_said(done: Person) -> None:
    done.say("wat als trekken op 9 komt", "what_if")
    assert done.has("unclear.number", number=9, highest=3)
    done.say("7")
    assert done.has("unclear.number", number=7, highest=3)
    done.say("1")
    assert done.has("why.if_same", items="Trekken")


def test_while_a_question_is_open_no_number_for_me_becomes_its_answer(person: Person) -> None:
    answer(person, "31")
    for request, meaning in (
        ("wat als", "what_if"),
        ("waarom zo laag", "why_level"),
        ("snelste weg", "quickest"),
    ):
        for text, guess in (
            ("9", "take_answer"),
            ("weet ik niet", "dont_know"),
            ("nee", "deny"),
            ("laat maar", "deny"),
            ("sla over", "skip"),
        ):
            person.say(request, meaning)
            person.say(text, guess)
            assert set(person.house.holds(person.id)) == {"tea.leaves", "tea.brewing"}, (request, text)
        person.say("laat maar")
    assert person.has("why.left") or person.asks(3)


def test_what_is_something_else_is_taken_as_that(person: Person) -> None:
    answer(person, "31")
    why(person, "waarom zo laag")
    person.say("wis alles van thee", "erase")
    assert person.has("erase.ask")
    person.say("nee")
    why(person, "waarom zo laag")
    person.say("wat als trekken 3 was", "what_if")
    assert person.has("why.if_nothing")


# --- checklists ---


@pytest.fixture
def baker(house: House) -> Person:
    """Of the bakery: dough has its recipe, rest is planned; range fresh every day; the rest is not there."""
    house.publish(bakery=BAKERY.read_text(encoding="utf-8"))
    person = Person(house, prefill={"depth": "full"})
    person.say("1")
    person.say("3 gepland")
    person.say("1")
    while person.house.runs(person.id)[-1].status == "active":
        person.say("ga verder" if "gepland" in person.last[-1].text else "geen")
    return person


def test_why_of_checklists_names_stage_and_missing_practices(baker: Person) -> None:
    held = {one.answer.item_id: one.answer.given for one in baker.house.answers(baker.id)}
    assert held["bread.dough"]["recipe"] == "in_place"
    told = why(baker, "waarom staat brood op 0")
    # Dough (weight 2) has 1 of 2 of stage 1: stage 0. Range (1) has 1 of 1: stage 1. A third at 1: level 0.
    assert "Brood staat op niveau 0" in told
    assert baker.has("why.element", stage=1, there=1, needed=2)
    assert "Nog niet: Weegschaal." in told
    assert "Met dit was het niveau 1 geweest: bij Deeg ook Weegschaal." in told
    assert baker.has("why.share_percent", percent=33, needed=67)


def test_quickest_and_what_if_of_checklists(baker: Person) -> None:
    told = baker.say("snelste weg naar fase 1 bij brood", "quickest")
    assert "1. Deeg: Weegschaal\n" in told
    before = kept(baker.house)
    told = baker.say("wat als we een weegschaal hadden", "what_if")
    assert "- Deeg: ook Weegschaal" in told
    assert "- Brood: score" in told
    assert "niveau 0 → 1" in told
    baker.say("wat als deeg verandert", "what_if")
    assert baker.has("why.if_practices", item="Deeg")
    assert "1 · Recept op papier" not in baker.buttons
    told = baker.tap("2 · Weegschaal")
    assert "niveau 0 → 1" in told
    baker.say("wat als deeg verandert", "what_if")
    assert "- Deeg: ook" in baker.say("2 en 4")
    # The sourdough alone is of stage 2, and stage 1 still lacks the scale.
    baker.say("wat als we eigen desem hadden", "what_if")
    assert "- Deeg: blijft 0 · " in baker.text
    baker.say("what if we had a written recipe", "what_if")
    assert baker.has("why.if_same", items="Deeg")
    assert kept(baker.house) == before


# --- hostile and repeated ---


def test_a_button_of_a_former_round_does_nothing_else(person: Person) -> None:
    answer(person, "312211")
    tokens = []
    why(person, "waarom zo laag")
    tokens.append(person.token("1"))
    person.say("snelste weg", "quickest")
    tokens.append(person.token("1"))
    person.say("wat als", "what_if")
    tokens.append(person.token("1"))
    person.say("ja graag opnieuw", "start_over")
    person.tap(say("nl", "start_over.yes"))
    for token in tokens:
        person.press(token)
        assert person.has("stale.other_run")
        assert person.asks(1)
    assert person.house.holds(person.id) == {}


def test_a_button_can_be_tapped_again_later_and_says_what_holds_then(done: Person) -> None:
    done.say("wat als", "what_if")
    item = done.token("2")
    done.press(item)
    level = done.token("3")
    done.press(level)
    told = done.text
    assert done.press(level) == told
    done.say("verander vraag 2 in 3", "change_answer")
    done.press(level)
    assert done.has("why.if_same", items="Trekken")


@pytest.mark.parametrize("meaning", ["why_level", "quickest", "what_if"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "'; DROP TABLE answers; --",
        "{dimension}",
        "thee " * 300,
        "9" * 500,
        "‮waarom",
        "-1",
        "2,5 bij",
    ],
)
def test_whatever_is_typed_the_question_stands_again(person: Person, meaning: str, text: str) -> None:
    answer(person, "31")
    person.say(text or " ", meaning)
    person.say(text or " ")
    assert person.text
    person.say("laat maar", "deny")
    person.say("herhaal", "repeat")
    assert person.asks(3)
    assert set(person.house.holds(person.id)) == {"tea.leaves", "tea.brewing"}


@pytest.mark.parametrize("meaning", ["why_level", "quickest", "what_if"])
def test_before_consent_and_before_a_model_is_chosen(
    house: House, make_house: Callable[..., House], meaning: str
) -> None:
    person = Person(house, agrees=False)
    person.say("waarom sta ik op 2 bij thee", meaning)
    assert house.runs(person.id) == []
    house.publish(teahouse=teahouse(), coffeebar=coffeebar())
    chooser = Person(house)
    chooser.say("waarom sta ik op 2 bij thee", meaning)
    assert chooser.has("why.nothing_yet")
    assert chooser.has("choose.question")
