"""Measuring again: a date, a second run beside the earlier answers, what changed, what grew old."""

from __future__ import annotations

import json

import pytest

from bot.store import tables
from bot.texts import say
from tests.integration.parts import ITEMS, Clock, House, Person, coffeebar, teahouse
from tests.stack import TEAHOUSE

BAKERY = TEAHOUSE.with_name("bakery.yml")
FIRST = (1, 2, 2, 2, 1, 2)


def answer(person: Person, *levels: int | str) -> str:
    for level in levels:
        person.say(str(level))
    return person.text


def first(person: Person) -> str:
    """The first run: 'tea' 1 and 2 (weights 3 and 1), 'guests' 2 and 2 (1 and 0.5), 'pots' 1 and 2."""
    return answer(person, *FIRST)


def specs(person: Person) -> list[dict]:
    """What each radar of the newest reply shows."""
    ids = [message.picture_id for message in person.last if message.picture_id is not None]
    rows = {row["id"]: row for row in person.house.rows(tables.pictures)}
    return [json.loads(rows[one]["spec"]) for one in ids]


def again(person: Person) -> None:
    person.say("bedankt", "thanks")
    person.tap("Opnieuw meten")


# --- when ---


def test_a_date_is_proposed_with_the_result_and_on_its_page(person: Person) -> None:
    first(person)

    # 2 March 2026 and six months, since a first step has an investment of 1: Wednesday 2 September 2026
    assert person.has("again.date", date="2 september 2026")
    link = next(link for message in person.last for link in message.links if link.kind == "result")
    page = person.house.use_cases.result_page(link.id, "result")
    assert page is not None
    assert page.next_time == "Meet opnieuw rond 2 september 2026."
    english = person.house.use_cases.result_page(link.id, "result", "en")
    assert english is not None
    assert english.next_time == "Measure again around 2 September 2026."


@pytest.mark.parametrize("answered", [0, 3])
def test_before_the_result_it_says_that_the_date_comes_with_it(person: Person, answered: int) -> None:
    answer(person, *FIRST[:answered])

    person.say("wanneer weer?", "measure_again")

    assert person.has("again.with_result")
    assert person.asks(answered + 1)
    assert len(person.house.runs(person.id)) == 1


def test_before_a_model_was_chosen_too(house: House) -> None:
    newcomer = Person(house, segments={})
    newcomer.say("wanneer weer?", "measure_again")
    assert newcomer.has("again.with_result")
    assert newcomer.has("segment.ask_role_layer")


def test_who_types_it_hears_when_and_is_asked_first(person: Person, clock: Clock) -> None:
    first(person)
    person.say("wanneer moet ik weer meten?", "measure_again")

    assert person.has("again.date", date="2 september 2026")
    assert list(person.buttons) == ["Ja, meet opnieuw", "Nu niet"]
    assert len(person.house.runs(person.id)) == 1
    person.say("nee")
    assert person.has("change.kept")
    assert "Opnieuw meten" in person.buttons

    clock.move(days=200)
    person.say("opniew meten aub", "measure_again")
    assert person.has("again.due", date="2 september 2026")
    person.say("ja")
    assert person.asks(1)
    assert len(person.house.runs(person.id)) == 2


@pytest.mark.parametrize("way", ["tap", "say"])
def test_a_tap_and_the_same_words_typed_begin_at_once(person: Person, way: str) -> None:
    first(person)
    person.say("dank je", "thanks")
    if way == "tap":
        person.tap("Opnieuw meten")
    else:
        person.say("opnieuw meten!", "start_over")

    assert person.has("again.begin", what="alle vragen, over Consumenten", date="2 maart 2026")
    assert person.asks(1)
    assert "Vorige keer: 1 · Wat er ligt" in person.text
    old, new = person.house.runs(person.id)
    assert (old.status, new.status) == ("completed", "active")
    assert (new.model_id, new.depth, new.business_line) == (old.model_id, old.depth, old.business_line)


def test_a_double_tap_begins_one_run(person: Person) -> None:
    first(person)
    person.say("dank je", "thanks")
    token = person.token("Opnieuw meten")
    person.press(token)
    person.press(token)

    assert person.has("stale.other_run")
    assert person.asks(1)
    assert len(person.house.runs(person.id)) == 2
    answer(person, *FIRST)
    person.press(token)
    assert person.has("stale.other_run")
    assert len(person.house.runs(person.id)) == 2


def test_a_run_that_was_left_in_the_middle_goes_on_instead(house: House) -> None:
    house.publish(teahouse=teahouse(), coffeebar=coffeebar())
    person = Person(house)
    person.tap("2 · Theehuisscan")
    first(person)
    again(person)
    person.say("2")
    old = house.runs(person.id)[0].id
    person.press(house.buttons.token(person.id, "see", old))
    person.say("bedankt", "thanks")
    person.tap("Opnieuw meten")

    assert person.asks(2)
    assert len(house.runs(person.id)) == 2


# --- the earlier answer ---


def test_hetzelfde_takes_the_earlier_answer_over_with_a_tap_or_typed(person: Person) -> None:
    first(person)
    again(person)
    for number, way in enumerate(
        ("tap", "hetzelfde", "Zelfde als vorige keer.", "hetzelvde", "idem", "net als toen")
    ):
        assert person.asks(number + 1)
        if way == "tap":
            person.tap("Hetzelfde")
        else:
            person.say(way, "greet")

    assert person.house.holds(person.id) == dict(zip(ITEMS, FIRST, strict=True))
    assert [one.words for one in person.house.answers(person.id)] == [
        None,
        "hetzelfde",
        "Zelfde als vorige keer.",
        "hetzelvde",
        "idem",
        "net als toen",
    ]
    assert person.house.runs(person.id)[-1].status == "completed"


def test_in_english_too(house: House) -> None:
    person = Person(house, "en")
    first(person)
    person.say("thanks", "thanks")
    person.tap("Measure again")
    assert "Last time: 1 · Whatever is there" in person.text
    person.tap("Same as last time")
    person.say("same as last time")
    person.say("nothing has changed")
    assert list(person.house.holds(person.id).values()) == [1, 2, 2]


@pytest.mark.parametrize("text", ["niet hetzelfde", "hetzelfde?", "niet hetzelfde als vorige keer", "zelf"])
def test_what_only_looks_like_it_takes_nothing_over(person: Person, text: str) -> None:
    first(person)
    again(person)
    person.say(text)
    assert person.asks(1)
    assert person.house.holds(person.id) == {}


def test_in_a_first_run_there_is_nothing_to_take_over(person: Person) -> None:
    assert "Hetzelfde" not in person.buttons
    person.say("hetzelfde")
    assert person.asks(1)
    assert person.house.holds(person.id) == {}


def test_an_open_answer_of_last_time_is_told_but_needs_no_second_button(person: Person) -> None:
    person.say("weet ik niet", "dont_know")
    answer(person, *FIRST[1:])
    again(person)
    assert "Vorige keer: weet ik niet" in person.text
    assert "Hetzelfde" not in person.buttons
    person.say("hetzelfde")
    assert person.house.holds(person.id) == {"tea.leaves": "dont_know"}


def test_a_stale_button_takes_nothing_over(person: Person) -> None:
    first(person)
    again(person)
    token = person.token("Hetzelfde")
    person.press(token)
    person.press(token)
    assert person.has("answered.same")
    assert person.asks(2)
    person.say("terug", "back")
    person.say("3")
    person.press(token)
    assert person.has("stale.passed")
    assert person.house.holds(person.id) == {"tea.leaves": 3}


# --- what changed ---


def test_a_second_measurement_is_told_beside_the_first(person: Person, clock: Clock) -> None:
    first(person)
    clock.move(days=200)
    again(person)
    answer(person, 2, 2, 3, 2, 1, "weet ik niet")

    changed = person.last[1].text
    assert changed.split("\n") == [
        "Sinds je vorige meting over Consumenten, op 2 maart 2026:",
        # (3 x 1 + 1 x 2) / 4 = 5/4 = 1.25, shown as 1,3; (3 x 2 + 1 x 2) / 4 = 2; 2.0 - 1.3 = 0.7.
        # Level 1 (at 2 is 1/4 of the weight), then 2 (all of it).
        "Thee: 2,0, was 1,3 (+0,7); niveau omhoog, 1 → 2",
        # (1 x 2 + 0.5 x 2) / 1.5 = 2; (1 x 3 + 0.5 x 2) / 1.5 = 4/1.5 = 2.67, shown as 2,7.
        # At 3 is 1/1.5 of the weight, two thirds, and nothing is two below: level 3.
        "Gasten: 2,7, was 2,0 (+0,7); niveau omhoog, 2 → 3",
        # (1 + 2) / 2 = 1.5; then 1 alone, as half of it is answered: one item less counts.
        "Servies*: 1,0, was 1,5 (−0,5)",
        # Weights 2, 1 and 0.5: (2.5 + 2 + 0.75) / 3.5 = 1.5; (4 + 2.667 + 0.5) / 3.5 = 2.048.
        "Gemiddeld: 2,0, was 1,5 (+0,5)",
        "",
        say("nl", "again.other_items"),
        "",
        "Je eerste stappen van toen, naar wat je nu antwoordde:",
        "Thee, Blaadjes (naar 2): gedaan",
        "Servies, Staat (naar 2): nog niet gedaan",
        "Gasten, Ontvangst (naar 3): gedaan",
    ]
    (shown,) = specs(person)
    assert shown["before_label"] == "Vorige keer"
    assert [axis["before"] for axis in shown["axes"]] == [1.25, 2.0, 1.5]
    assert person.last[0].alt is not None
    assert person.last[0].alt.endswith("Vorige keer: Thee 1,3; Gasten 2,0; Servies 1,5.")
    # 2 March and 200 days is 18 September
    assert person.has("again.date", date="18 maart 2027")

    # Asked for once more, and after a change, it is told again.
    person.say("uitslag", "result")
    assert person.last[1].text == changed


def test_levels_go_down_and_a_score_can_come_and_go(person: Person) -> None:
    answer(person, 2, 2)
    person.say("geldt niet", "not_applicable")
    person.say("geldt niet", "not_applicable")
    answer(person, 3, 3)
    again(person)
    answer(person, 1, 2, 2, 2)
    person.say("overslaan", "skip")
    person.say("overslaan", "skip")

    lines = person.last[1].text.split("\n")
    # (3 x 2 + 2) / 4 = 2 at level 2; (3 x 1 + 2) / 4 = 1.25 at level 1; 1.3 - 2.0 = -0.7
    assert lines[1:4] == [
        "Thee: 1,3, was 2,0 (−0,7); niveau omlaag, 2 → 1",
        "Gasten: 2,0, vorige keer zonder score",
        "Servies: nu zonder score, was 3,0",
    ]
    # pots.* was at the highest; the first steps were about tea only, and leaves went down
    assert "Thee, Trekken (naar 3): nog niet gedaan" in lines


def test_without_any_answer_again_steps_are_unknown(person: Person) -> None:
    first(person)
    again(person)
    for _ in ITEMS:
        person.say("overslaan", "skip")
    assert person.last[1].text.count("weet ik niet, want daar is nu geen antwoord") == 3
    assert person.last[1].text.count("nu zonder score, was") == 3


def test_a_first_result_has_nothing_beside_it(person: Person) -> None:
    first(person)
    assert "Sinds je vorige meting" not in person.text
    (shown,) = specs(person)
    assert "before_label" not in shown


def test_the_result_of_another_model_is_no_earlier_measurement(house: House) -> None:
    house.publish(teahouse=teahouse(), coffeebar=coffeebar())
    person = Person(house, prefill={"model": "teahouse"})
    first(person)
    person.say("nog een scan", "another")
    person.tap("1 · Koffiebarscan")
    if not person.asks(1):
        person.tap("Alles")
    assert "Vorige keer" not in person.text
    first(person)
    assert "Sinds je vorige meting" not in person.text


# --- two kinds of customers ---

BOTH = {"role_layer": "board", "department": "it", "business_line": "both", "first_line": "b2c"}


def test_the_second_round_is_no_earlier_measurement_and_each_line_meets_its_own(house: House) -> None:
    person = Person(house, segments=BOTH)
    first(person)
    person.say("ja")
    assert person.has("second_line.begin", line="Bedrijven")
    assert "Vorige keer" not in person.text
    answer(person, 3, 3, 3, 3, 3, 3)
    assert "Sinds je vorige meting" not in person.text
    assert person.has(
        "result.both",
        first="Consumenten",
        second="Bedrijven",
        scores="Thee 1,3 en 3,0; Gasten 2,0 en 3,0; Servies 1,5 en 3,0",
    )

    person.say("dank je", "thanks")
    person.tap("Opnieuw meten")
    assert person.has("again.begin", what="alle vragen, over Bedrijven", date="2 maart 2026")
    assert "Vorige keer: 3 · Keuze per oogst" in person.text
    answer(person, 2, 3, 3, 3, 3, 3)
    assert person.has("again.since_about", about="Bedrijven", date="2 maart 2026")
    assert "Naast elkaar" not in person.text

    # the other customers are due again too, beside their own answers
    assert person.has("second_line.ask", line="Consumenten")
    person.tap("Ja, tweede ronde")
    assert "Vorige keer: 1 · Wat er ligt" in person.text
    answer(person, *FIRST)
    assert person.has("again.since_about", about="Consumenten", date="2 maart 2026")
    assert "Naast elkaar, Bedrijven en Consumenten" in person.text
    assert not person.has("second_line.ask", line="Bedrijven")
    assert [run.business_line for run in person.house.runs(person.id)] == ["b2c", "b2b", "b2b", "b2c"]


# --- depth and versions ---


def test_a_quick_scan_is_measured_again_as_one_and_never_put_beside_all_questions(house: House) -> None:
    house.publish(teahouse=teahouse().replace("minutes: 2\n", "minutes: 2\nquick_minutes: 1\n"))
    person = Person(house)
    person.tap("Snelle scan")
    answer(person, 1, 2, 1)
    again(person)
    assert person.has("again.begin", what="de snelle scan, over Consumenten", date="2 maart 2026")
    answer(person, 2, 2, 1)
    # leaves alone: 1 to 2; no levels in a quick scan
    assert "Thee: 2,0, was 1,0 (+1,0)\nGasten: 2,0, gelijk gebleven" in person.last[1].text
    assert person.house.runs(person.id)[-1].depth == "quick"

    person.tap("Vul aan")
    answer(person, 2, 2, 2)
    assert person.has("again.other_depth", date="2 maart 2026", before="de snelle scan", after="alle vragen")
    # leaves up, welcome and condition as they were
    assert person.has("again.both_asked", count=3, up=1, down=0)
    assert person.has("again.items_up", items="Blaadjes")
    assert " was " not in person.last[1].text.partition("\n\n")[2]
    (shown,) = specs(person)
    assert "before_label" not in shown


def test_another_version_that_only_says_it_otherwise_is_compared(house: House, person: Person) -> None:
    first(person)
    house.publish(
        teahouse=teahouse()
        .replace("version: 1.0.0", "version: 1.0.1")
        .replace("Kijk naar barsten, randjes en potten", "Kijk naar barsten en potten")
    )
    again(person)
    assert person.house.runs(person.id)[-1].model_version == "1.0.1"
    assert "Vorige keer: 1 · Wat er ligt" in person.text
    answer(person, 2, *FIRST[1:])
    assert "Thee: 2,0, was 1,3 (+0,7); niveau omhoog, 1 → 2" in person.text
    assert person.has("again.versions", old="1.0.0", new="1.0.1")


def test_another_version_that_counts_otherwise_is_not(house: House, person: Person) -> None:
    first(person)
    house.publish(
        teahouse=teahouse().replace("version: 1.0.0", "version: 2.0.0").replace("weight: 3", "weight: 1", 1)
    )
    again(person)
    assert person.has("again.begin_apart")
    answer(person, 2, *FIRST[1:])
    assert person.has("again.other_version", date="2 maart 2026", old="1.0.0", new="2.0.0")
    assert "was 1" not in person.text
    (shown,) = specs(person)
    assert "before_label" not in shown


def test_an_answer_that_does_not_carry_over_is_not_offered(house: House, person: Person) -> None:
    first(person)
    changed = teahouse().replace("version: 1.0.0", "version: 2.0.0").replace("id: leaves", "id: gardens")
    house.publish(teahouse=changed)
    again(person)
    assert person.asks(1)
    assert "Vorige keer" not in person.text
    person.say("hetzelfde")
    assert person.has("again.none_here")
    assert person.asks(1)
    person.say("2")
    assert "Vorige keer: 2 · Met de klok" in person.text


def test_a_list_is_taken_over_as_a_whole(house: House) -> None:
    house.publish(bakery=BAKERY.read_text(encoding="utf-8"))
    person = Person(house)
    person.tap("Alles")
    for number in range(60):
        if person.house.runs(person.id)[-1].status != "active":
            break
        # 'geen' is for the rest of a list, and a second aspect must differ from the first.
        person.say(("1", "geen", "2")[number % 3])
    held = {one.answer.item_id: one.answer for one in person.house.answers(person.id)}
    again(person)
    assert "Vorige keer: " in person.text
    asked = 0
    while person.house.runs(person.id)[-1].status == "active":
        asked += 1
        assert asked <= len(held)
        person.say("hetzelfde")
    assert {one.answer.item_id: one.answer for one in person.house.answers(person.id)} == held


# --- what has grown old ---


def test_who_comes_back_after_a_year_is_offered_a_second_look_once(person: Person, clock: Clock) -> None:
    answer(person, 1, 2)
    clock.move(days=366)
    person.say("3")

    # the answer is kept, and the next question waits
    assert person.house.holds(person.id)["guests.welcome"] == 3
    assert person.has("again.old_ones", count=2, date="2 maart 2026")
    assert list(person.buttons) == ["Zo laten", "Bekijk"]
    person.tap("Zo laten")
    assert person.asks(4)
    person.say("2")
    assert person.asks(5)

    clock.move(hours=13)
    person.say("hoi", "greet")
    assert person.has("again.old_ones", count=2, date="2 maart 2026")
    person.say("zo laten")
    assert person.asks(5)


def test_a_second_look_shows_the_old_answers_only(person: Person, clock: Clock) -> None:
    answer(person, 1)
    clock.move(days=300)
    answer(person, 2)
    clock.move(days=66)
    person.say("hoi", "greet")
    assert person.has("again.old_one", date="2 maart 2026")
    person.say("bekijk")
    assert "Vraag 1, Blaadjes: 1 · Wat er ligt" in person.text
    assert "Vraag 2" not in person.text
    person.say("1")
    assert person.asks(1)
    person.say("3")
    assert person.asks(3)
    assert person.house.holds(person.id) == {"tea.leaves": 3, "tea.brewing": 2}


def test_what_is_typed_instead_is_no_answer_to_a_question_not_put(person: Person, clock: Clock) -> None:
    answer(person, 1, 2)
    clock.move(days=366)
    person.say("hoi", "greet")
    person.say("2")
    assert person.has("again.first_this")
    assert person.asks(3)
    assert len(person.house.holds(person.id)) == 2


def test_365_days_are_not_old_yet(person: Person, clock: Clock) -> None:
    answer(person, 1, 2)
    clock.move(days=364)
    person.say("hoi", "greet")
    assert person.asks(3)


@pytest.mark.parametrize("look", [True, False])
def test_before_an_old_result_the_answers_are_offered_first(person: Person, clock: Clock, look: bool) -> None:
    first(person)
    clock.move(days=400)
    person.say("uitslag", "result")
    assert person.has("again.old_ones", count=6, date="2 maart 2026")
    if look:
        person.tap("Bekijk")
        person.say("1")
        person.say("2")
        assert person.has("result.intro", lowest=1, highest=3)
    else:
        person.tap("Zo laten")
        assert person.has("result.again", lowest=1, highest=3)
    person.say("uitslag", "result")
    assert person.has("result.again", lowest=1, highest=3)


def test_an_old_offer_of_another_run_does_nothing(person: Person, clock: Clock) -> None:
    first(person)
    clock.move(days=400)
    person.say("uitslag", "result")
    tokens = [person.token("Bekijk"), person.token("Zo laten")]
    person.say("opnieuw meten", "measure_again")
    for token in tokens:
        person.press(token)
        assert person.has("stale.other_run")
        assert person.asks(1)


def test_someone_back_by_a_link_is_offered_it_too(person: Person, clock: Clock) -> None:
    person.say("later verder", "come_back")
    (link,) = [link for message in person.last for link in message.links if link.kind == "back"]
    answer(person, 1)
    for _ in range(15):
        clock.move(days=25)
        person.say("hoi", "greet")
        if "Zo laten" in person.buttons:
            person.tap("Zo laten")
    clock.move(days=5)
    person.house.use_cases.come_back(link.id, "another device")
    assert say("nl", "again.old_one", date="2 maart 2026") in person.history[-1].text
    person.say("zo laten")
    assert person.asks(2)
