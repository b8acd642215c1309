"""What a request names, and what it does not: a table of forms for each reader, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.segments import SEGMENTS
from bot.definitions import load
from bot.service.wording import segment_options
from bot.settings import ROOT
from bot.understanding.requests import (
    ChangeRequest,
    compares,
    opens_depth,
    read_change,
    read_contact,
    read_levels,
    read_option,
    speaks_of_reminders,
)

CEMM = load(ROOT / "models" / "maturity" / "cemm.yml")
ITEMS = CEMM.item_ids()
FIRST = CEMM.item(ITEMS[0])[1]


def change(text: str, language: str = "nl") -> ChangeRequest:
    return read_change(text, CEMM, ITEMS, language)


def numbers(found: ChangeRequest) -> tuple[int, ...]:
    """The questions that a request names, by their numbers."""
    return tuple(ITEMS.index(item_id) + 1 for item_id in found.item_ids)


# --- an earlier answer ---

# language, text, the questions by number, the level. All of it says so in so many words.
PLAIN_CHANGES = [
    ("nl", "maak van vraag 2 een 4", (2,), 4),
    ("nl", "Maak van vraag 2 een 4!", (2,), 4),
    ("nl", "maak van vraag twee een vier", (2,), 4),
    ("nl", "verander vraag 5", (5,), None),
    ("nl", "vraag 5 wijzigen", (5,), None),
    ("nl", "verander vraag 2 naar 3", (2,), 3),
    ("nl", "verander vraag 2 van 3 naar 4", (2,), 4),
    ("nl", "wijzig vr 7 in 1", (7,), 1),
    ("nl", "vraag2 moet 4 zijn", (2,), 4),
    ("nl", "vraag 1 moet een 3 zijn", (1,), 3),
    ("nl", "vraag 4 moet een 2 worden", (4,), 2),
    ("nl", "vraag 3 was eigenlijk een 2", (3,), 2),
    ("nl", "zet vraag 6 op 3", (6,), 3),
    ("nl", "kun je vraag 2 op 4 zetten", (2,), 4),
    ("nl", "zet vraag 2 op 4 ipv 3", (2,), 4),
    ("nl", "zet vraag 2 op 4 in plaats van 3", (2,), 4),
    ("nl", "verander vraag 2 naar 4, niet 3", (2,), 4),
    ("nl", "de tweede vraag moet een 4 zijn", (2,), 4),
    ("nl", "2e vraag moet 3 zijn", (2,), 3),
    ("nl", "verander de achtste vraag", (8,), None),
    ("nl", "verander vraag nummer 10 naar 5", (10,), 5),
    ("nl", "verander vraag 18", (18,), None),
    ("nl", "ik wil mijn antwoord bij visie veranderen", (1,), None),
    ("nl", "verander mijn antwoord bij visie naar 4", (1,), 4),
    ("nl", "mijn antwoord bij visie moet 4 zijn", (1,), 4),
    ("nl", "wijzig visie in 2", (1,), 2),
    ("nl", "zet visie op 2", (1,), 2),
    ("nl", "make question 2 a 4", (2,), 4),
    ("en", "make question 2 a 4", (2,), 4),
    ("en", "change question 3", (3,), None),
    ("en", "change question 2 to a 4", (2,), 4),
    ("en", "can I change question 2", (2,), None),
    ("en", "set question 6 to 2", (6,), 2),
    ("en", "put question 5 at 3", (5,), 3),
    ("en", "put question 5 at 3 instead of 4", (5,), 3),
    ("en", "change q2 to 3, not 4", (2,), 3),
    ("en", "q2 should be 4", (2,), 4),
    ("en", "question 4 was actually a 3", (4,), 3),
    ("en", "the second question should be a 2", (2,), 2),
    ("en", "fix question 6 please", (6,), None),
    ("en", "correct question ten", (10,), None),
    ("en", "change my answer on vision to 4", (1,), 4),
    ("en", "please change my answer to vision", (1,), None),
    ("en", "change vision to 4", (1,), 4),
    ("en", "i want to change vision", (1,), None),
    ("en", "change question number 7 to five", (7,), 5),
]


@pytest.mark.parametrize(("language", "text", "questions", "value"), PLAIN_CHANGES)
def test_a_plain_request_to_change_names_its_question_and_level(
    language: str, text: str, questions: tuple[int, ...], value: int | None
) -> None:
    found = change(text, language)

    assert (numbers(found), found.value, found.plain) == (questions, value, True)
    assert found.segment is None


# Own words about the company, some with a title and a number in them: none of these is a request.
OWN_WORDS = [
    ("nl", "onze visie moet anders, we zitten op 2"),
    ("nl", "de visie moet anders"),
    ("nl", "visie moet beter"),
    ("nl", "de visie is 2 keer veranderd"),
    ("nl", "de visie moet over 3 jaar klaar zijn"),
    ("nl", "we veranderen onze visie elk jaar"),
    ("nl", "wij maken nu een visie, dat duurt nog 2 maanden"),
    ("nl", "ik vind dat de visie moet veranderen"),
    ("nl", "ik zou onze visie willen veranderen"),
    ("nl", "verander je visie en je klanten lopen weg, zegt onze directie"),
    ("nl", "visie hebben we eigenlijk niet"),
    ("nl", "data is eigenlijk een 2"),
    ("nl", "onze mensen moeten anders gaan werken"),
    ("nl", "er moet iets veranderen"),
    ("nl", "het wordt anders"),
    ("nl", "eigenlijk 3"),
    ("nl", "toch een 4"),
    ("nl", "maak er maar 3 van"),
    ("nl", "we zetten de klant op 1"),
    ("nl", "ze pasten de strategie 4 keer aan"),
    ("nl", "goede vraag, 2 collega's weten dat"),
    ("nl", "dat is vraag 2 en niet vraag 3"),
    ("nl", "moet ik bij vraag 2 echt een cijfer kiezen of mag het ook anders?"),
    ("nl", "die vraag krijgen wij wel 4 keer per week, eigenlijk"),
    ("nl", "het antwoord is dat we een visie hebben"),
    ("en", "our vision should change, we are at 2"),
    ("en", "the vision should be ready in 3 years"),
    ("en", "the vision has changed 2 times"),
    ("en", "we change our vision every year"),
    ("en", "vision is actually a 2"),
    ("en", "actually, vision is 3 pages long"),
    ("en", "i think the vision should change"),
    ("en", "i would like our vision to change"),
    ("en", "they make the vision, 2 of them"),
    ("en", "actually 3"),
    ("en", "make it 3"),
    ("en", "we set prices 4 times a year"),
    ("en", "good question, 2 of us know"),
    ("en", "should i really pick a number for question 2, or can i write something instead?"),
    ("en", "the board changed the strategy twice"),
    ("en", "nothing should change"),
]


@pytest.mark.parametrize(("language", "text"), OWN_WORDS)
def test_own_words_about_the_company_are_no_request_to_change(language: str, text: str) -> None:
    assert not change(text, language).plain


@pytest.mark.parametrize(
    ("text", "questions", "value"),
    [
        # What the NLU takes for a request is offered, never done at once: but it has to be read right.
        ("visie moet 4 zijn ipv 3", (1,), 4),
        ("vision should have been 2 not 3", (1,), 2),
        ("actually vision is more of a 2, change it", (1,), 2),
        ("bij vraag 7 had ik 3 moeten zeggen", (7,), 3),
        ("for question 2 i meant 4", (2,), 4),
        ("ik was te positief bij vraag 4", (4,), None),
        ("mijn antwoord over strategie klopt niet", (1, 2, 3), None),
        ("ik wil mijn antwoord veranderen", (), None),
        ("change my answer", (), None),
    ],
)
def test_a_loose_request_still_names_its_question(
    text: str, questions: tuple[int, ...], value: int | None
) -> None:
    found = change(text)
    assert (numbers(found), found.value) == (questions, value)


@pytest.mark.parametrize(
    "text", ["verander vraag 0", "verander vraag 19", "verander vraag 99 naar 4", "change question 100"]
)
def test_a_question_that_does_not_exist_is_none(text: str) -> None:
    found = change(text)
    assert (found.item_ids, found.plain) == ((), False)


@pytest.mark.parametrize(
    ("language", "text", "segment"),
    [
        ("nl", "verander mijn rol", "role_layer"),
        ("nl", "mijn functie heb ik verkeerd ingevuld", "role_layer"),
        ("nl", "ik wil mijn afdeling wijzigen", "department"),
        ("nl", "het gaat toch over zakelijk", "business_line"),
        ("en", "change my role", "role_layer"),
        ("en", "my department is wrong", "department"),
        ("en", "change it to b2b", "business_line"),
        # The question's title goes before: it is what one sees.
        ("nl", "verander vraag 2, mijn rol", None),
        ("en", "change my answer to vision, not my role", None),
    ],
)
def test_a_segment_is_named_only_where_no_question_is(language: str, text: str, segment: str | None) -> None:
    found = change(text, language)
    assert found.segment == segment
    assert found.segment is None or (found.item_ids, found.value, found.plain) == ((), None, False)


@given(st.text(max_size=120), st.sampled_from(["nl", "en"]))
def test_any_text_can_be_read_for_a_change(text: str, language: str) -> None:
    found = change(text, language)
    assert set(found.item_ids) <= set(ITEMS)
    assert found.item_ids or not found.plain


# --- levels to compare ---


@pytest.mark.parametrize(
    ("language", "text", "levels"),
    [
        ("nl", "wat is het verschil tussen 2 en 3", (2, 3)),
        ("nl", "Wat is het verschil tussen 2 en 3?", (2, 3)),
        ("nl", "verschil 3 en 2", (3, 2)),
        ("nl", "verschil tussen twee en drie", (2, 3)),
        ("nl", "verschil tussen een en twee", (1, 2)),
        ("nl", "verschil tussen één en twee", (1, 2)),
        ("nl", "verschil tussen niveau 4 en niveau 5", (4, 5)),
        ("nl", "2 of 3?", (2, 3)),
        ("nl", "2-3", (2, 3)),
        ("nl", "2/3", (2, 3)),
        ("nl", "2en3", (2, 3)),
        ("nl", "2vs3", (2, 3)),
        ("nl", "2 en 2", (2,)),
        ("nl", "wat is er zo anders aan 4", (4,)),
        ("nl", "1, 2 en 3", (1, 2, 3)),
        ("nl", "2 en 6", (2,)),
        ("nl", "0 en 1", (1,)),
        ("nl", "verschil", ()),
        ("nl", "wat is een verschil", ()),
        ("nl", "een verschil van dag en nacht", ()),
        ("nl", "verschil tussen b2b en b2c", ()),
        ("nl", "in 2024 en 2025", ()),
        ("nl", "12 en 13", ()),
        ("nl", "", ()),
        ("nl", "   ", ()),
        ("nl", "📊", ()),
        ("en", "what is the difference between 2 and 3", (2, 3)),
        ("en", "difference between two and three?", (2, 3)),
        ("en", "difference between a and b", (1,)),
        ("en", "2 vs 3", (2, 3)),
        ("en", "2vs3", (2, 3)),
        ("en", "compare four with five", (4, 5)),
        ("en", "compare 5 with 4", (5, 4)),
        ("en", "3 and 3", (3,)),
        ("en", "how does 1 differ from 5", (1, 5)),
        ("en", "what makes 3 a 3", (3,)),
        ("en", "levels 1 to 3", (1, 3)),
        ("en", "the difference is 100 euros", ()),
        ("en", "a difference", ()),
        ("en", "b2b versus b2c", ()),
        ("en", "7 and 8", ()),
        ("en", "none of them", ()),
    ],
)
def test_the_levels_that_are_to_be_compared(language: str, text: str, levels: tuple[int, ...]) -> None:
    assert read_levels(text, FIRST, language) == levels


@given(st.text(max_size=80), st.sampled_from(["nl", "en"]))
def test_any_text_names_only_levels_that_exist_and_none_twice(text: str, language: str) -> None:
    found = read_levels(text, FIRST, language)
    assert set(found) <= {1, 2, 3, 4, 5}
    assert len(set(found)) == len(found)


def test_an_item_of_three_levels_has_no_fourth_to_compare() -> None:
    teahouse: MaturityModel = load(ROOT / "tests" / "data" / "teahouse.yml")
    item: Item = teahouse.item("tea.leaves")[1]
    assert read_levels("verschil tussen 3 en 4", item, "nl") == (3,)


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("wat is het verschil tussen 2 en 3", True),
        ("2 versus 3", True),
        ("2 vs. 3?", True),
        ("vergelijk 2 met 3", True),
        ("compare 2 and 3", True),
        ("how do they differ", True),
        ("het maakt niet uit", False),
        ("een verschilletje", False),
        ("indifferent", False),
        ("2 en 3", False),
    ],
)
def test_a_comparison_is_asked_for_in_so_many_words(text: str, yes: bool) -> None:
    assert compares(text, "nl") is yes


# --- options of segments ---

OPTIONS = [
    ("nl", "role_layer", "directeur", "board"),
    ("nl", "role_layer", "Ik ben directeur", "board"),
    ("nl", "role_layer", "eigenaar van de zaak", "board"),
    ("nl", "role_layer", "DGA", "board"),
    ("nl", "role_layer", "c.e.o.", None),
    ("nl", "role_layer", "teamleider", "management"),
    ("nl", "role_layer", "ik ben afdelingshoofd", "management"),
    ("nl", "role_layer", "Leidinggevende", "management"),
    ("nl", "role_layer", "vakspecialist", "specialist"),
    ("nl", "role_layer", "marketeer", "specialist"),
    ("nl", "role_layer", "verkoper in de winkel", "front_line"),
    ("nl", "role_layer", "op de werkvloer", "front_line"),
    ("nl", "role_layer", "1", "board"),
    ("nl", "role_layer", "doe maar 4", "front_line"),
    ("nl", "role_layer", "de derde optie", "specialist"),
    ("nl", "role_layer", "5", None),
    ("nl", "role_layer", "0", None),
    ("nl", "role_layer", "geen directeur", None),
    ("nl", "role_layer", "ik ben geen manager maar specialist", "specialist"),
    ("nl", "role_layer", "manager klantcontact", None),
    ("nl", "role_layer", "hoofd buitendienst", None),
    ("nl", "role_layer", "baasje", None),
    ("nl", "role_layer", "iets ertussenin", None),
    ("nl", "department", "marketing", "marketing"),
    ("nl", "department", "Marketing!", "marketing"),
    ("nl", "department", "klantenservice", "service"),
    ("nl", "department", "ik werk bij de klantenservice", "service"),
    ("nl", "department", "e-commerce", "ecommerce"),
    ("nl", "department", "de webshop", "ecommerce"),
    ("nl", "department", "IT", "it"),
    ("nl", "department", "ICT", "it"),
    ("nl", "department", "Verkoop", "sales"),
    ("nl", "department", "hr", "other"),
    ("nl", "department", "iets anders", "other"),
    ("nl", "department", "7", "other"),
    ("nl", "department", "8", None),
    ("nl", "department", "marketing en verkoop", None),
    ("nl", "department", "niet marketing maar verkoop", "sales"),
    ("nl", "department", "wis alles", None),
    ("nl", "department", "gooi alles weg", None),
    ("nl", "department", "dat zeg ik liever niet", None),
    ("nl", "business_line", "consumenten", "b2c"),
    ("nl", "business_line", "alleen zakelijke klanten", "b2b"),
    ("nl", "business_line", "b2b", "b2b"),
    ("nl", "business_line", "allebei", "both"),
    ("nl", "business_line", "zowel consumenten als bedrijven", "both"),
    ("nl", "business_line", "bedrijven en een paar consumenten", "both"),
    ("nl", "business_line", "niet alleen consumenten maar ook bedrijven", "both"),
    ("nl", "business_line", "geen consumenten, alleen bedrijven", "b2b"),
    ("nl", "business_line", "alleen bedrijven, geen consumenten", "b2b"),
    ("nl", "business_line", "niet voor bedrijven", None),
    ("nl", "business_line", "2", "b2b"),
    ("nl", "business_line", "klanten", None),
    ("nl", "first_line", "consumenten", "b2c"),
    ("nl", "first_line", "eerst bedrijven, daarna consumenten", "b2b"),
    ("nl", "first_line", "begin met consumenten, dan bedrijven", "b2c"),
    ("nl", "first_line", "consumenten en bedrijven", None),
    ("nl", "first_line", "toch samen", "together"),
    ("nl", "first_line", "3", "together"),
    ("en", "role_layer", "I'm the owner", "board"),
    ("en", "role_layer", "managing director", "board"),
    ("en", "role_layer", "product owner", "specialist"),
    ("en", "role_layer", "team lead", "management"),
    ("en", "role_layer", "head of marketing", "management"),
    ("en", "role_layer", "shop floor", "front_line"),
    ("en", "role_layer", "Specialist", "specialist"),
    ("en", "role_layer", "not a manager", None),
    ("en", "role_layer", "the second one", "management"),
    ("en", "role_layer", "9", None),
    ("en", "role_layer", "none of your business", None),
    ("en", "department", "customer service", "service"),
    ("en", "department", "in IT", "it"),
    ("en", "department", "IT", "it"),
    ("en", "department", "what is it for?", None),
    ("en", "department", "it is hard to say", None),
    ("en", "department", "web shop", "ecommerce"),
    ("en", "department", "analytics", "data"),
    ("en", "department", "finance", "other"),
    ("en", "department", "erase everything", None),
    ("en", "department", "head of marketing", "marketing"),
    ("en", "department", "sales and marketing", None),
    ("en", "business_line", "businesses", "b2b"),
    ("en", "business_line", "both of them", "both"),
    ("en", "business_line", "consumers, and some businesses", "both"),
    ("en", "business_line", "not consumers, just companies", "b2b"),
    ("en", "business_line", "no businesses", None),
    ("en", "first_line", "first businesses, then consumers", "b2b"),
    ("en", "first_line", "start with consumers", "b2c"),
    ("en", "first_line", "together after all", "together"),
    ("en", "first_line", "whatever", None),
    ("nl", "role_layer", "Ik ben de eigenaar, en sta zelf ook achter de kassa", "board"),
    ("nl", "role_layer", "verkoopdirecteur. kennen we opschieten", "board"),
    ("nl", "department", "verkoopdirecteur. kennen we opschieten", "sales"),
    ("nl", "department", "backoffice / orderverwerking", "other"),
    ("nl", "business_line", "boeren", "b2b"),
    ("en", "role_layer", "I own the place", "board"),
    ("en", "role_layer", "Well it's my business love, I own it", "board"),
    ("en", "role_layer", "sales manager, plumbing wholesaler, 40 staff", "management"),
    ("en", "role_layer", "I'm the owner, but I do the till as well", "board"),
    ("en", "role_layer", "so somewhere between manager and specialist I guess", None),
    ("en", "department", "everything, I do the lot", "other"),
    ("en", "department", "accounts", "other"),
    ("en", "business_line", "mostly folk off the street", "b2c"),
]


@pytest.mark.parametrize(
    ("language", "text", "depth"),
    [
        ("en", "quick. got 5 mins", "quick"),
        ("en", "quick, I've scones in", "quick"),
        ("en", "no!! quick scan i said", "quick"),
        ("nl", "Doe maar de snelle, de winkel gaat zo open. Al klets ik graag", "quick"),
        ("nl", "alles graag, ik heb de tijd", "full"),
        ("en", "you are quick, I have to say!", None),
        ("nl", "wat is de snelle?", None),
        ("nl", "wis alles", None),
        ("en", "quick, no hang on, everything", None),
    ],
)
def test_a_part_of_a_text_may_ask_for_a_depth(language: str, text: str, depth: str | None) -> None:
    assert opens_depth(text, language) == depth


@pytest.mark.parametrize(("language", "segment", "text", "option"), OPTIONS)
def test_the_option_that_a_text_names(language: str, segment: str, text: str, option: str | None) -> None:
    assert read_option(text, segment, segment_options(language, segment), language) == option


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("segment", SEGMENTS)
def test_every_title_and_every_number_on_a_button_is_its_option(language: str, segment: str) -> None:
    titles = segment_options(language, segment)
    assert tuple(titles) == SEGMENTS[segment]
    for number, (option, title) in enumerate(titles.items(), start=1):
        for said in (title, title.upper(), f" {title}. ", str(number)):
            assert read_option(said, segment, titles, language) == option, said


@given(st.text(max_size=80), st.sampled_from(list(SEGMENTS)), st.sampled_from(["nl", "en"]))
def test_any_text_names_an_option_of_its_segment_or_none(text: str, segment: str, language: str) -> None:
    assert read_option(text, segment, segment_options(language, segment), language) in (
        *SEGMENTS[segment],
        None,
    )


# --- how to be reached ---

REACHABLE = [
    "ik@voorbeeld.nl",
    "mail me op ik@voorbeeld.nl graag",
    "Jan.de.Vries+peil@mail.voorbeeld.co.uk",
    "<ik@voorbeeld.nl>",
    "mail: ik@voorbeeld.nl.",
    "06-12345678",
    "06 12 34 56 78",
    "0612345678",
    "+31 6 12345678",
    "+31612345678",
    "(020) 123 45 67",
    "020-1234567",
    "bel me op 020 123 4567 na vijven",
    "+32 9 123 45 67",
    "+44 20 7946 0958",
    "0031 6 1234 5678",
    "call me on 020.123.4567",
    "telefoon 06/12345678",
    "ik@voorbeeld.nl of 06-12345678",
    "you can reach me at someone@example.org",
    "SOMEONE@EXAMPLE.ORG",
    "+1 (555) 010-9999",
]

UNREACHABLE = [
    "",
    "2",
    "niveau 3",
    "ja graag",
    "nee hoor",
    "bel me maar",
    "mijn baas heeft jullie nummer",
    "ik@thuis",
    "@voorbeeld.nl",
    "jan @ voorbeeld.nl",
    "ik zit op kamer 12",
    "van 9 tot 5",
    "1 2 3 4 5",
    "12-03-2026",
    "12-03-2026 om 9 uur",
    "2024 - 2025",
    "in 2024 en 2025 hadden we 3000 klanten",
    "we hebben 12.500 klanten",
    "12.500.000 euro",
    "3.14159",
    "twintig procent, 20%",
    "call me",
    "room 12, 3rd floor",
    "between 2023 and 2026",
    "a@b",
    "a@b.c",
]


@pytest.mark.parametrize("text", REACHABLE)
def test_a_mail_address_or_a_telephone_number_is_a_way_to_be_reached(text: str) -> None:
    assert read_contact(f"  {text} ") == text


@pytest.mark.parametrize("text", UNREACHABLE)
def test_what_names_no_way_to_be_reached_is_none(text: str) -> None:
    assert read_contact(text) is None


def test_a_story_with_an_address_in_it_is_not_kept_as_a_way_to_be_reached() -> None:
    assert read_contact("ik@voorbeeld.nl " + "x" * 184) is not None
    assert read_contact("ik@voorbeeld.nl " + "x" * 185) is None


@pytest.mark.parametrize(
    "text",
    [
        *("geen herinneringen meer", "Niet meer herinneren", "geen seintje", "app me niet meer"),
        *("stuur geen berichtjes meer", "geen herinneringn meer", "no reminders"),
        *("stop reminding me", "no more nudges", "don't text me anymore", "no more remiders"),
    ],
)
def test_a_reminder_is_spoken_of_where_one_is_named(text: str) -> None:
    assert speaks_of_reminders(text, "nl")
    assert speaks_of_reminders(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        *("dat hoeft niet meer", "geen mening meer", "niet alleen marge meer", "geen viltje meer nodig"),
        *("nooit meer", "verandering", "stop", "no more", "not any more", "that is not needed anymore", ""),
    ],
)
def test_no_reminder_is_spoken_of_where_something_else_is_no_more(text: str) -> None:
    assert not speaks_of_reminders(text, "nl")
    assert not speaks_of_reminders(text, "en")
