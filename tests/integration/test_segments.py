"""Where in the organisation somebody stands: asked once, skipped, changed; a run for each kind of client."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.assessment.segments import SEGMENTS, SKIPPED, next_segment
from bot.store import tables
from bot.texts import say
from tests.integration.parts import ITEMS, House, Person, coffeebar, teahouse

Make = Callable[..., House]

BOTH = {"role_layer": "board", "department": "it", "business_line": "both"}


def asked(person: Person) -> str | None:
    """The segment that the newest reply asks; None when it asks none."""
    text = person.last[-1].text
    found = [
        segment for segment in SEGMENTS if say(person.last[-1].language, f"segment.ask_{segment}") in text
    ]
    assert len(found) <= 1
    return found[0] if found else None


def segments(person: Person) -> dict[str, str]:
    return dict(person.house.conversation(person.id).segments)


def lines(person: Person) -> list[str | None]:
    """About which customers each run is, oldest first."""
    return [run.business_line for run in person.house.runs(person.id)]


def answer_all(person: Person, level: str = "2") -> None:
    """Answer what is still open of the run under way."""
    while person.house.runs(person.id)[-1].status == "active":
        person.say(level)


@pytest.fixture
def newcomer(house: House) -> Person:
    """Somebody of whom nothing is known, who has just agreed."""
    return Person(house, segments={})


# --- asking ---


@pytest.mark.parametrize(
    ("text", "role", "department", "noted"),
    [
        ("ik werk op marketing, leidinggevende", "management", "marketing", "Leidinggevende en Marketing"),
        ("marketing manager", "management", "marketing", "Leidinggevende en Marketing"),
        ("Ik ben data analist bij ICT", "specialist", "it", None),
        ("directeur", "board", None, "Directie of bestuur"),
        ("ik ben een marketeer", "specialist", "marketing", "Vakspecialist en Marketing"),
        ("ik leid het marketing team", "management", "marketing", "Leidinggevende en Marketing"),
        ("ik geef leiding aan sales", "management", "sales", "Leidinggevende en Verkoop"),
        ("ik leid het bedrijf", "board", None, "Directie of bestuur"),
    ],
)
def test_role_and_department_in_one_breath_are_both_noted(
    newcomer: Person, text: str, role: str, department: str | None, noted: str | None
) -> None:
    newcomer.say(text)

    found = segments(newcomer)
    assert found["role_layer"] == role
    if noted is not None:
        assert newcomer.text.startswith(f"Genoteerd: {noted}.")
        assert found.get("department") == department
        assert asked(newcomer) == ("department" if department is None else "business_line")
    else:
        # Two departments are named: that is asked.
        assert "department" not in found
        assert asked(newcomer) == "department"


@pytest.mark.parametrize(
    ("text", "role", "department"),
    [
        ("I run sales", "management", "sales"),
        ("I lead the marketing team", "management", "marketing"),
        ("I run the company", "board", None),
        ("I'm in charge of customer service", "management", "service"),
    ],
)
def test_who_says_what_he_runs_has_said_his_role(
    house: House, text: str, role: str, department: str | None
) -> None:
    person = Person(house, segments={}, language="en")

    person.say(text)

    found = segments(person)
    assert (found.get("role_layer"), found.get("department")) == (role, department)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_who_asks_for_an_assessment_already_hears_that_the_choice_comes(house: House, language: str) -> None:
    house.publish(teahouse=teahouse(), coffeebar=coffeebar())
    person = Person(house, segments={}, language=language)

    person.say("crm", "another")

    assert person.text.startswith(say(language, "another.soon"))
    assert asked(person) == "role_layer"


def test_where_there_is_nothing_to_choose_no_choice_is_promised(newcomer: Person) -> None:
    newcomer.say("een andere", "another")

    assert not newcomer.has("another.soon")
    assert asked(newcomer) == "role_layer"


def test_a_department_where_the_role_is_asked_is_noted_and_the_role_asked_again(newcomer: Person) -> None:
    newcomer.say("ik werk op de klantenservice")

    assert newcomer.text.startswith("Genoteerd: Klantenservice.")
    assert segments(newcomer) == {"department": "service"}
    assert asked(newcomer) == "role_layer"

    newcomer.say("2")
    assert asked(newcomer) == "business_line"


@pytest.mark.parametrize("text", ["iets anders", "wat is marketing?", "2"])
def test_nothing_is_noted_that_was_not_said(newcomer: Person, text: str) -> None:
    newcomer.say(text)

    assert "department" not in segments(newcomer)


def test_three_segments_are_asked_in_their_order_and_then_the_first_question(newcomer: Person) -> None:
    order = []
    for number, title in ((1, "Leidinggevende"), (2, "Marketing"), (3, "Bedrijven")):
        order.append(asked(newcomer))
        assert newcomer.has("segment.header", number=number, total=3)
        newcomer.tap(next(button for button in newcomer.buttons if button.endswith(title)))

    assert order == ["role_layer", "department", "business_line"]
    assert newcomer.asks(1)
    assert segments(newcomer) == {
        "role_layer": "management",
        "department": "marketing",
        "business_line": "b2b",
    }
    assert lines(newcomer) == ["b2b"]


def test_nothing_of_it_is_asked_or_kept_before_consent(house: House) -> None:
    person = Person(house, segments={}, agrees=False)
    for text in ("manager", "1", "marketing"):
        person.say(text)
        assert asked(person) is None
    assert segments(person) == {}


@pytest.mark.parametrize("way", ["tap", "say", "skip", "dont_know", "not_applicable"])
def test_every_segment_can_be_skipped_in_every_way(newcomer: Person, way: str) -> None:
    for _ in range(3):
        assert not newcomer.asks(1)
        if way == "tap":
            newcomer.tap("Overslaan")
        elif way == "say":
            newcomer.say("overslaan")
        else:
            newcomer.say("dat zeg ik niet", way)

    assert newcomer.asks(1)
    assert segments(newcomer) == dict.fromkeys(("role_layer", "department", "business_line"), SKIPPED)
    assert lines(newcomer) == [None]


@pytest.mark.parametrize(
    ("known", "first"),
    [
        ({"role_layer": "board"}, "department"),
        ({"department": "it"}, "role_layer"),
        ({"business_line": "b2c"}, "role_layer"),
        ({"role_layer": SKIPPED, "department": SKIPPED}, "business_line"),
        (BOTH, "first_line"),
        ({**BOTH, "business_line": "b2c"}, None),
        ({**BOTH, "business_line": SKIPPED}, None),
    ],
)
def test_what_is_known_beforehand_is_not_asked(
    house: House, known: dict[str, str], first: str | None
) -> None:
    person = Person(house, segments=known)
    assert asked(person) == first
    assert person.asks(1) is (first is None)
    assert segments(person) == known


def test_typed_words_numbers_and_titles_are_taken_in_either_language(house: House) -> None:
    dutch, english = Person(house, segments={}), Person(house, "en", segments={})
    for text in ("ik ben teamleider", "4", "niet alleen consumenten maar ook bedrijven", "eerst bedrijven"):
        dutch.say(text)
    for text in ("Board or director", "customer service", "businesses"):
        english.say(text)

    assert dutch.asks(1)
    assert segments(dutch) == {
        "role_layer": "management",
        "department": "ecommerce",
        "business_line": "both",
        "first_line": "b2b",
    }
    assert lines(dutch) == ["b2b"]
    assert english.asks(1)
    assert segments(english) == {"role_layer": "board", "department": "service", "business_line": "b2b"}


def test_what_is_no_option_is_answered_three_times_differently_and_then_offers_a_person(
    newcomer: Person,
) -> None:
    replies = [newcomer.say(text) for text in ("appeltaart", "7", "nog steeds appeltaart", "taart")]

    for reply, key in zip(
        replies,
        ("choose.unclear", "unclear.number", "choose.unclear_third", "choose.unclear_third"),
        strict=True,
    ):
        assert say("nl", key, number=7, highest=4) in reply
        assert say("nl", "segment.ask_role_layer") in reply
    assert next(iter(newcomer.buttons)) == say("nl", "menu.human")
    assert segments(newcomer) == {}

    newcomer.say("manager")
    assert asked(newcomer) == "department"
    assert say("nl", "choose.unclear") in newcomer.say("nog meer taart")


def test_side_talk_leaves_the_segment_open_and_asks_it_again_in_the_same_message(newcomer: Person) -> None:
    for meaning in (
        "why", "explain", "help", "menu", "privacy", "my_data", "my_data_file", "progress", "pause", "stop",
        "repeat", "human", "come_back", "greet", "thanks", "bot_challenge", "share", "unshare", "example",
        "difference", "change_answer", "start_over", "result", "back", "remind_me",
    ):  # fmt: skip
        newcomer.say("nou zeg", meaning)
        assert len(newcomer.last) == 1
        assert asked(newcomer) == "role_layer", meaning
    assert segments(newcomer) == {}
    assert newcomer.say("nou zeg", "why").startswith(say("nl", "segment.why"))


@pytest.mark.parametrize(
    ("language", "text", "meaning"),
    [
        ("nl", "wis alles", "erase"),
        ("nl", "wis mijn data", "erase"),
        ("en", "erase everything", "erase"),
        ("en", "delete all my data", "erase"),
        ("en", "my data as a file", "my_data_file"),
        ("en", "what data do you have on me", "my_data"),
        ("nl", "kan dit ook in de taal engels, it is easier", "switch_language"),
    ],
)
def test_a_request_that_holds_the_word_of_a_department_is_still_that_request(
    house: House, language: str, text: str, meaning: str
) -> None:
    person = Person(house, language, segments={"role_layer": "board"})
    assert asked(person) == "department"

    person.say(text, meaning)

    assert "department" not in segments(person)


def test_back_at_the_start_opens_the_segment_before(newcomer: Person) -> None:
    newcomer.say("directeur")
    newcomer.say("terug", "back")
    assert asked(newcomer) == "role_layer"
    assert newcomer.has("side.back", old="Directie of bestuur")

    newcomer.say("specialist")

    assert newcomer.has("answered.changed", item="Je rol", old="Directie of bestuur", new="Vakspecialist")
    assert asked(newcomer) == "department"
    assert segments(newcomer) == {"role_layer": "specialist"}


def test_an_old_button_of_a_segment_changes_it_and_a_double_tap_does_not(newcomer: Person) -> None:
    board, specialist = newcomer.token("1 ·"), newcomer.token("3 ·")
    newcomer.press(board)
    newcomer.press(board)
    assert newcomer.has("answered.same")
    assert asked(newcomer) == "department"

    newcomer.press(specialist)

    assert newcomer.has("answered.changed", item="Je rol", old="Directie of bestuur", new="Vakspecialist")
    assert asked(newcomer) == "department"


# --- both kinds of customers ---


def test_both_explains_why_apart_and_asks_with_which_to_begin(newcomer: Person) -> None:
    for text in ("1", "1", "allebei"):
        newcomer.say(text)

    assert asked(newcomer) == "first_line"
    assert newcomer.has("segment.ask_first_line")
    assert [title for title in newcomer.buttons if "·" in title] == [
        "1 · Consumenten",
        "2 · Bedrijven",
        "3 · Toch samen",
    ]
    assert newcomer.house.runs(newcomer.id) == []

    newcomer.tap("2")
    assert newcomer.asks(1)
    assert lines(newcomer) == ["b2b"]


@pytest.mark.parametrize(("text", "meaning"), [("overslaan", "take_answer"), ("geen idee", "dont_know")])
def test_who_skips_with_which_to_begin_gets_one_run_about_both(house: House, text: str, meaning: str) -> None:
    person = Person(house, segments=BOTH)
    person.say(text, meaning)
    assert segments(person)["first_line"] == "together"
    assert lines(person) == ["both"]
    answer_all(person)
    assert person.house.conversation(person.id).pending is None
    assert say("nl", "second_line.yes") not in person.buttons


def test_the_second_run_is_offered_at_the_end_and_asks_nothing_that_is_known(house: House) -> None:
    person = Person(house, segments=BOTH)
    person.tap("1")
    before = segments(person)
    answer_all(person)
    assert person.has("second_line.ask", line="Bedrijven")

    person.tap(say("nl", "second_line.yes"))

    assert person.has("second_line.begin", line="Bedrijven")
    assert person.asks(1)
    assert segments(person) == before
    assert lines(person) == ["b2c", "b2b"]
    assert [run.status for run in house.runs(person.id)] == ["completed", "active"]
    assert house.holds(person.id) == {}

    answer_all(person, "3")
    assert [run.status for run in house.runs(person.id)] == ["completed", "completed"]
    assert house.holds(person.id) == dict.fromkeys(ITEMS, 3)
    # Both have been had: it is not offered a third time, nor when the result is asked for again.
    for reply in (person.text, person.say("de uitslag graag", "result")):
        assert "tweede ronde" not in reply.lower()
        assert say("nl", "second_line.yes") not in person.buttons
    assert house.conversation(person.id).pending is None


@pytest.mark.parametrize(
    ("text", "meaning", "begins"),
    [
        ("ja", "affirm", True),
        ("Ja, tweede ronde", "take_answer", True),
        ("nee", "deny", False),
        ("nu niet", "deny", False),
        ("Nu niet", "take_answer", False),
        ("wat een mooie uitslag", "thanks", False),
        ("we zitten wel goed zo", "take_answer", False),
    ],
)
def test_the_second_run_begins_only_for_who_agrees(
    house: House, text: str, meaning: str, begins: bool
) -> None:
    person = Person(house, segments={**BOTH, "first_line": "b2b"})
    answer_all(person)
    person.say(text, meaning)
    assert lines(person) == (["b2b", "b2c"] if begins else ["b2b"])
    assert person.asks(1) is begins


def test_who_said_not_now_finds_the_offer_below_the_result(house: House) -> None:
    person = Person(house, segments={**BOTH, "first_line": "b2b"})
    answer_all(person)
    person.tap(say("nl", "second_line.no"))
    assert person.has("second_line.later")
    person.say("ja", "affirm")
    assert lines(person) == ["b2b"]

    person.say("uitslag", "result")
    person.tap(say("nl", "second_line.yes"))

    assert lines(person) == ["b2b", "b2c"]


def test_the_offer_tapped_twice_begins_one_run(house: House) -> None:
    person = Person(house, segments={**BOTH, "first_line": "b2c"})
    answer_all(person)
    offer = person.token(say("nl", "second_line.yes"))
    person.press(offer)
    person.say("2")

    person.press(offer)

    assert person.has("stale.unknown")
    assert person.asks(2)
    assert lines(person) == ["b2c", "b2b"]
    answer_all(person)
    person.press(offer)
    assert len(lines(person)) == 2


@pytest.mark.parametrize("line", ["b2c", "b2b", SKIPPED])
def test_who_has_one_kind_of_customers_is_offered_no_second_run(house: House, line: str) -> None:
    person = Person(house, segments={**BOTH, "business_line": line})
    answer_all(person)
    assert say("nl", "second_line.yes") not in person.buttons
    person.say("ja", "affirm")
    assert len(lines(person)) == 1


# --- changing it later ---


def test_a_segment_can_be_changed_in_the_middle_and_the_open_question_stands_again(house: House) -> None:
    person = Person(house)
    person.say("2")

    person.say("verander mijn rol", "change_answer")
    assert asked(person) == "role_layer"
    assert person.has("side.back", old="Leidinggevende")
    person.say("directeur")

    assert person.has("answered.changed", item="Je rol", old="Leidinggevende", new="Directie of bestuur")
    assert person.asks(2)
    assert segments(person)["role_layer"] == "board"
    assert house.holds(person.id) == {"tea.leaves": 2}
    person.say("3")
    assert house.holds(person.id) == {"tea.leaves": 2, "tea.brewing": 3}


def test_a_number_after_a_segment_was_opened_again_is_its_option_and_no_answer(house: House) -> None:
    person = Person(house)
    person.say("verander mijn afdeling", "change_answer")
    person.say("2")
    assert segments(person)["department"] == "sales"
    assert house.holds(person.id) == {}
    assert person.asks(1)


def test_a_run_is_about_the_customers_that_were_changed_to(house: House) -> None:
    person = Person(house)
    person.say("2")
    person.say("mijn klantsoort klopt niet", "change_answer")
    assert asked(person) == "business_line"

    person.say("bedrijven")

    assert person.has("answered.changed", item="Jullie klanten", old="Consumenten", new="Bedrijven")
    assert person.asks(2)
    assert lines(person) == ["b2b"]
    answer_all(person)
    assert person.house.runs(person.id)[0].status == "completed"
    assert "Bedrijven" in person.last[0].text


@pytest.mark.parametrize(
    ("begun", "line", "second"), [("1", "b2c", "b2b"), ("2", "b2b", "b2c"), ("3", "both", None)]
)
def test_a_run_that_turns_out_to_be_about_both_is_asked_with_which_to_begin(
    house: House, begun: str, line: str, second: str | None
) -> None:
    person = Person(house)
    person.say("2")
    person.say("verander de klantsoort", "change_answer")
    person.say("allebei")
    assert asked(person) == "first_line"

    person.say(begun)

    assert person.asks(2)
    assert lines(person) == [line]
    answer_all(person)
    assert (say("nl", "second_line.yes") in person.buttons) is (second is not None)


def test_a_run_about_both_of_which_the_first_was_left_open_says_that_it_is_about_both(house: House) -> None:
    person = Person(house)
    question = person.token("2 ·")
    person.say("verander de klantsoort", "change_answer")
    person.say("allebei")

    person.press(question)

    assert person.asks(2)
    assert lines(person) == ["both"]
    assert house.conversation(person.id).pending is None


@pytest.mark.parametrize("typed", [True, False])
def test_the_same_customers_again_leave_the_second_run_what_it_is(house: House, typed: bool) -> None:
    person = Person(house, segments={**BOTH, "first_line": "b2c"})
    answer_all(person)
    person.tap(say("nl", "second_line.yes"))
    person.say("1")
    person.say("verander de klantsoort", "change_answer")

    if typed:
        person.say("allebei")
    else:
        person.tap("3")

    assert person.asks(2)
    assert lines(person) == ["b2c", "b2b"]
    assert segments(person)["first_line"] == "b2c"


# --- starting over, erasing ---


def test_starting_over_keeps_what_is_known_and_asks_nothing_again(house: House) -> None:
    person = Person(house, segments={**BOTH, "first_line": "b2b"})
    person.say("2")
    before = segments(person)
    person.say("opnieuw", "start_over")
    person.say("ja")

    assert person.asks(1)
    assert segments(person) == before
    assert lines(person) == ["b2b", "b2b"]
    assert [run.status for run in house.runs(person.id)] == ["abandoned", "active"]


@pytest.mark.parametrize("models", [1, 2])
def test_starting_the_second_run_over_keeps_its_customers(make_house: Make, models: int) -> None:
    house = make_house()
    texts = {"teahouse": teahouse()} | ({"coffeebar": coffeebar()} if models == 2 else {})
    house.publish(**texts)
    house = make_house()
    person = Person(house, segments={**BOTH, "first_line": "b2c"})
    if models == 2:
        person.say("teahouse")
    answer_all(person)
    person.tap(say("nl", "second_line.yes"))
    person.say("3")

    person.say("opnieuw", "start_over")
    person.say("ja")
    if models == 2:
        person.say("teahouse")

    assert person.asks(1)
    assert lines(person) == ["b2c", "b2b", "b2b"]
    answer_all(person)
    assert say("nl", "second_line.yes") not in person.buttons


def test_who_starts_the_first_run_over_after_its_end_stays_with_its_customers(house: House) -> None:
    person = Person(house, segments={**BOTH, "first_line": "b2c"})
    answer_all(person)
    person.say("opnieuw", "start_over")
    person.say("ja")
    assert lines(person) == ["b2c", "b2c"]
    answer_all(person)
    person.say("ja")
    assert lines(person) == ["b2c", "b2c", "b2b"]


@pytest.mark.parametrize("known", [{}, BOTH])
def test_erasing_forgets_where_somebody_stands_also_what_was_known_beforehand(
    house: House, known: dict[str, str]
) -> None:
    person = Person(house, segments=known)
    while not person.asks(1):
        person.say("2")
    person.say("wis alles", "erase")
    person.say("ja")

    assert segments(person) == {}
    assert [row["segments"] for row in house.rows(tables.conversations)] == [None]
    person.say("ja")
    assert asked(person) == "role_layer"
    person.say("3")
    assert segments(person) == {"role_layer": "specialist"}


def test_refusing_forgets_what_was_known_beforehand(house: House) -> None:
    person = Person(house, segments=BOTH, agrees=False)
    person.say("nee")
    assert segments(person) == {}


# --- rows from before there were segments ---


def test_a_run_from_before_there_were_segments_goes_on_and_its_end_offers_nothing_odd(house: House) -> None:
    person = Person(house, segments={})
    for _ in range(3):
        person.tap("Overslaan")
    person.say("2")
    with house.store.write() as work:
        work._connection.execute(tables.conversations.update().values(segments=sa.null()))
        work._connection.execute(tables.transcript.update().values(shown=sa.null()))
        work._connection.execute(tables.assessments.update().values(business_line=None))
        work.commit()

    assert segments(person) == {}
    assert all(message.table is None and message.links == () for message in person.history)
    person.say("hoe ver ben ik", "progress")
    assert person.asks(2)
    person.say("wat weet je van me", "my_data")
    assert person.asks(2)
    for _ in ITEMS[1:]:
        person.say("3")
    assert house.runs(person.id)[0].status == "completed"
    assert say("nl", "second_line.yes") not in person.buttons
    # Whoever begins anew is asked now.
    person.say("opnieuw", "start_over")
    person.say("ja")
    assert asked(person) == "role_layer"


def test_a_conversation_from_before_there_were_segments_is_asked_before_its_first_question(
    house: House,
) -> None:
    person = Person(house, segments={}, agrees=False)
    with house.store.write() as work:
        work._connection.execute(tables.conversations.update().values(segments=sa.null()))
        work.commit()
    person.say("ja")
    assert asked(person) == "role_layer"


# --- whatever is said ---


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_said_and_tapped_at_the_start_nothing_stays_open_and_nothing_is_asked_twice(
    house: House, seed: int
) -> None:
    dice = random.Random(seed)
    person = Person(house, dice.choice(["nl", "en"]), segments={})
    tokens: list[str] = []
    for _ in range(15):
        tokens += person.buttons.values()
        known = segments(person)
        segment = asked(person)
        if segment is not None and not person.house.conversation(person.id).pending:
            assert segment == next_segment(known)
        roll = dice.random()
        if roll < 0.4:
            person.say(dice.choice(["1", "2", "3", "allebei", "both", "marketing", "directeur", "owner"]))
        elif roll < 0.6:
            person.say("hm", dice.choice(["skip", "back", "dont_know", "why", "take_answer", "help"]))
        elif roll < 0.8:
            levels = [button for button in person.last[-1].buttons if button.style == "level"]
            person.press(dice.choice(levels).token if levels else tokens[0])
        else:
            found = house.buttons.read(person.id, token := dice.choice(tokens)) or ("",)
            if found[0] in ("seg", "do"):
                person.press(token)
    # Whoever then just answers what is asked gets to the first question.
    for _ in range(len(SEGMENTS) + 1):
        if asked(person) is None:
            break
        person.say("hm", "skip")
    assert asked(person) is None
    if not house.runs(person.id):
        pytest.fail("no run was begun")
    open_one = next_segment(segments(person))
    assert open_one in (None, "first_line")
    for segment, option in segments(person).items():
        assert option in (*SEGMENTS[segment], SKIPPED)
