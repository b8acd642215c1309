"""Several at once: a table of forms as people type them, for each function, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.several import (
    NoSuchPart,
    Positions,
    read_one,
    read_parts,
    read_positions,
    read_states,
)

NAMES = (
    ("Chatbot", "Chatbot"),
    ("Ruilen in winkel", "Return in store"),
    ("E-mail", "E-mail"),
    ("Staat dit me?", "Does this suit me?"),
    ("Klanten stemmen", "Customers vote"),
)
NONE: set[int] = set()
ALL = {1, 2, 3, 4, 5}

# What is in place, in a list of five. None: it says something else.
PARTS_NL: dict[str, set[int] | NoSuchPart | None] = {
    # numbers and how they are strung together
    "1": {1},
    " 3. ": {3},
    "1,3": {1, 3},
    "1, 3 en 4": {1, 3, 4},
    "1 3 4": {1, 3, 4},
    "1/3": {1, 3},
    "1+3": {1, 3},
    "1en3": {1, 3},
    "1.3.5": {1, 3, 5},
    "1-3": {1, 2, 3},
    "1 - 3": {1, 2, 3},
    "1–3": {1, 2, 3},
    "2...4": {2, 3, 4},
    "1-3-5": {1, 3, 5},
    "1 t/m 3": {1, 2, 3},
    "1t/m3": {1, 2, 3},
    "1 tm 3 en 5": {1, 2, 3, 5},
    "van 2 tot en met 4": {2, 3, 4},
    "- 1\n- 3": {1, 3},
    "1️⃣3️⃣": {1, 3},
    "een en drie": {1, 3},
    "een twee drie": {1, 2, 3},
    "nummer 2 en nummer 5": {2, 5},
    "nr. 2, nr. 5": {2, 5},
    "we hebben 1 en 4": {1, 4},
    "zowel 1 als 3": {1, 3},
    "volgens mij alleen 2": {2},
    "doe maar 1, 2, en 4": {1, 2, 4},
    "ja, 1 en 3": {1, 3},
    "nee, alleen 2": {2},
    # ordinals
    "de eerste": {1},
    "de eerste twee": {1, 2},
    "de eerste 3": {1, 2, 3},
    "de laatste": {5},
    "de laatste twee": {4, 5},
    "de twee laatste": {4, 5},
    "eerste en laatste": {1, 5},
    "op een na laatste": {4},
    "op één na de laatste": {4},
    "de 2e en de 4e": {2, 4},
    "eerste t/m derde": {1, 2, 3},
    "tweede tot en met de laatste": {2, 3, 4, 5},
    # everything, and all but
    "alles": ALL,
    "allemaal!": ALL,
    "allmaal": ALL,
    "alle vijf": ALL,
    "we hebben ze allemaal": ALL,
    "ja alles": ALL,
    "alles behalve de laatste": {1, 2, 3, 4},
    "alles behalve 2 en 3": {1, 4, 5},
    "alles behalve 2, 3 en 5": {1, 4},
    "alles behlave 2": {1, 3, 4, 5},
    "behalve 2 alles": {1, 3, 4, 5},
    "alles op 2 na": {1, 3, 4, 5},
    "alles op de chatbot na": {2, 3, 4, 5},
    "alles, maar 2 niet": {1, 3, 4, 5},
    "alles maar niet de laatste": {1, 2, 3, 4},
    "alleen 2 niet": {1, 3, 4, 5},
    "alles wel, alleen 2 niet": {1, 3, 4, 5},
    "2 niet": {1, 3, 4, 5},
    "niet 2": {1, 3, 4, 5},
    "2 nog niet": {1, 3, 4, 5},
    "2 en 3 niet": {1, 4, 5},
    "niet 2 en 3": {1, 4, 5},
    "1, 2 en 3 niet": {4, 5},
    "niet: 2, 3": {1, 4, 5},
    "1 t/m 5 behalve 3": {1, 2, 4, 5},
    "2 niet, de rest wel": {1, 3, 4, 5},
    "1 en 3 wel, 2 niet": {1, 3},
    "1 en 3 wel, de rest niet": {1, 3},
    "1 wel 2 niet 3 wel": {1, 3},
    "1 en 3, 2 niet": {1, 3},
    "1 ✅ 2 ❌ 3 ✅": {1, 3},
    "1 ja, 2 nee, 4 ja": {1, 4},
    "wel: 1, 4; niet: 2, 3, 5": {1, 4},
    "1 en 3, verder niets": {1, 3},
    "1 en 3 en de rest niet": {1, 3},
    "1 t/m 4 maar 3 niet": {1, 2, 4},
    "1 niet, 2 ook niet": {3, 4, 5},
    "1 wel, 2 en 3 niet, de andere twee wel": {1, 4, 5},
    "alles vanaf 3": {3, 4, 5},
    "alles m.u.v. 4": {1, 2, 3, 5},
    "alles - 4": {1, 2, 3, 5},
    "3 hebben we, 5 ook": {3, 5},
    "alleen de e-mail ontbreekt": {1, 2, 4, 5},
    "Nou, eigenlijk doen we alleen de eerste twee.": {1, 2},
    "1:ja 2:nee 3:ja": {1, 3},
    # nothing
    "geen": NONE,
    "geen van deze": NONE,
    "geen van deze vijf": NONE,
    "helaas niks": NONE,
    "niks": NONE,
    "nog niets": NONE,
    "nog helemaal niks": NONE,
    "nee": NONE,
    "Nee hoor.": NONE,
    "we hebben er geen": NONE,
    "allemaal niet": NONE,
    "niets behalve 2": {2},
    "0": NONE,
    # names
    "alleen de chatbot": {1},
    "chatbot en ruilen in winkel": {1, 2},
    "ruilen in de winkel, email": {2, 3},
    "chat bot": {1},
    "chatbots": {1},
    "ruilen": {2},
    "1. Chatbot": {1},
    "3 · E-mail": {3},
    "staat dit me?": {4},
    "we hebben een hele mooie chatbot gebouwd": {1},
    "geen chatbot, de rest wel": {2, 3, 4, 5},
    # a number that is not there
    "7": NoSuchPart(7),
    "1, 3 en 9": NoSuchPart(9),
    "alles behalve 8": NoSuchPart(8),
    "1 t/m 12": NoSuchPart(12),
    "de eerste acht": NoSuchPart(8),
    # something else
    "": None,
    "?": None,
    "1?": None,
    "ja": None,
    "weet ik niet": None,
    "geen idee": None,
    "overslaan": None,
    "leg uit": None,
    "leg chatbot uit": None,
    "terug": None,
    "stop": None,
    "wat is een chatbot": None,
    "en wat is een chatbot": None,
    "welke zijn er": None,
    "we hebben geen chatbot": None,
    "onze chatbot hebben we niet echt meer": None,
    "we willen een chatbot": None,
    "misschien 2": None,
    "1 of 3": None,
    "2 deels": None,
    "chatbot gepland": None,
    "1 en 3, 2 gepland": None,
    "1 wel, 1 niet": None,
    "1, 3 niet": None,
    "niet alles": None,
    "niet alleen 2": None,
    "alle drie": None,
    "allebei": None,
    "twee van deze": None,
    "2 van de 5": None,
    "alles op twee na": None,
    "3-1": None,
    "50%": None,
    "2 jaar": None,
    "we zijn in 2019 begonnen met 3 mensen": None,
    "onze chatbot is vorig jaar door een bureau gebouwd en draait": None,
    "hallo daar": None,
    "3 dingen": None,
    "alles goed": None,
    "is 2 gepland": None,
    "onze chatbot gaat slecht": None,
    "-2": None,
}

PARTS_EN: dict[str, set[int] | NoSuchPart | None] = {
    "1 & 3": {1, 3},
    "1 and 3": {1, 3},
    "one, three and five": {1, 3, 5},
    "1 to 3": {1, 2, 3},
    "1 through 3": {1, 2, 3},
    "from 2 up to and including 4": {2, 3, 4},
    "#2 and #5": {2, 5},
    "No. 2 and no. 5": {2, 5},
    "both 1 and 3": {1, 3},
    "we have 1 and 4": {1, 4},
    "I think we've got 1, 2 and 5": {1, 2, 5},
    "first two": {1, 2},
    "the first and the third": {1, 3},
    "the last one": {5},
    "the last two": {4, 5},
    "just the second": {2},
    "only the second one": {2},
    "second to last": {4},
    "the first and last ones": {1, 5},
    "all of them": ALL,
    "everything": ALL,
    "everthing": ALL,
    "all five": ALL,
    "we have them all": ALL,
    "all but the first": {2, 3, 4, 5},
    "all but 2": {1, 3, 4, 5},
    "everything except 3": {1, 2, 4, 5},
    "everything except 2, 3 and 5": {1, 4},
    "all apart from the chatbot": {2, 3, 4, 5},
    "everything but the last two": {1, 2, 3},
    "not 2": {1, 3, 4, 5},
    "not 2 or 3": {1, 4, 5},
    "we don't have 2": {1, 3, 4, 5},
    "1 and 3, not 2": {1, 3},
    "1, 2 but not 3": {1, 2},
    "2 isn't, the rest is there, yes": None,
    "all except number 4": {1, 2, 3, 5},
    "1 and 3, nothing else": {1, 3},
    "none": NONE,
    "none of these": NONE,
    "nothing yet": NONE,
    "no": NONE,
    "Nope!": NONE,
    "we don't have any": NONE,
    "nothing but the chatbot": {1},
    "none except 3": {3},
    "return in store and email": {2, 3},
    "does this suit me": {4},
    "we built our own chatbot": {1},
    "customers vote, chatbot": {1, 5},
    "2 is the only one": {2},
    "all of the first three": {1, 2, 3},
    "3 isn't in place": {1, 2, 4, 5},
    "all 5 of them": ALL,
    "1 y 2 n 3 y": {1, 3},
    "the first three but not the second": {1, 3},
    "6": NoSuchPart(6),
    "not 11": NoSuchPart(11),
    "yes": None,
    "no 2": None,
    "1 or 3": None,
    "1 of 3": None,
    "one of them": None,
    "two of these": None,
    "all but two": None,
    "everything except one": None,
    "everything except three": {1, 2, 4, 5},
    "not all": None,
    "both": None,
    "all three": None,
    "most of them": None,
    "is the chatbot one": None,
    "what does the chatbot do": None,
    "explain the chatbot": None,
    "we want a chatbot": None,
    "we had a chatbot once": None,
    "no chatbot": None,
    "our chatbot is not working": None,
    "2 is planned": None,
    "1, not 1": None,
    "skip": None,
    "all good": None,
    "three of these": None,
    "we lack a chatbot builder": None,
    "we're getting a chatbot": None,
    "I don't know": None,
    "in 3 years": None,
    "our story began with 2 people and a chatbot": None,
}

# In a list of two these are all there is.
PARTS_OF_TWO = {
    "allebei": {1, 2},
    "both": {1, 2},
    "alle twee": {1, 2},
    "geen van beide": NONE,
    "neither": NONE,
    "alle drie": None,
}


def parts(text: str, language: str, count: int = 5) -> set[int] | NoSuchPart | None:
    read = read_parts(text, NAMES[:count], language)
    return set(read) if isinstance(read, frozenset) else read


@pytest.mark.parametrize(("text", "meant"), PARTS_NL.items())
def test_a_dutch_text_means_these_parts(text: str, meant: set[int] | NoSuchPart | None) -> None:
    assert parts(text, "nl") == meant


@pytest.mark.parametrize(("text", "meant"), PARTS_EN.items())
def test_an_english_text_means_these_parts(text: str, meant: set[int] | NoSuchPart | None) -> None:
    assert parts(text, "en") == meant


@pytest.mark.parametrize(("text", "meant"), PARTS_OF_TWO.items())
def test_of_a_list_of_two_both_are_all(text: str, meant: set[int] | None) -> None:
    assert parts(text, "nl", 2) == parts(text, "en", 2) == meant


I, P, Y, X, D = "in_place", "planned", "not_yet", "not_fitting", "dont_know"  # noqa: E741

# What holds of the rest: 2, 3 and 4 are open, and a number without a state shares that of the next clause.
STATES_NL: dict[str, dict[int, str] | NoSuchPart | None] = {
    "2 gepland, 4 past niet": {2: P, 4: X},
    "2 en 3 gepland": {2: P, 3: P},
    "2, 3 gepland": {2: P, 3: P},
    "gepland: 2 en 3; past niet: 4": {2: P, 3: P, 4: X},
    "gepland 2, 3": {2: P, 3: P},
    "2: gepland\n3: nog niet\n4: n.v.t.": {2: P, 3: Y, 4: X},
    "2 (gepland), 4 (past niet)": {2: P, 4: X},
    "2 = gepland, 4 = nvt": {2: P, 4: X},
    "2 - gepland": {2: P},
    "alles gepland": {2: P, 3: P, 4: P},
    "alles is gepland behalve 3": {2: P, 4: P},
    "alles gepland, 4 past niet": {2: P, 3: P, 4: X},
    "alle drie gepland": {2: P, 3: P, 4: P},
    "gepland": {2: P, 3: P, 4: P},
    "gepland voor volgend jaar": {2: P, 3: P, 4: P},
    "2 staat gepland en 4 weet ik niet": {2: P, 4: D},
    "de rest nog niet": {2: Y, 3: Y, 4: Y},
    "2 gepland, rest nog niet": {2: P, 3: Y, 4: Y},
    "2 gepland, de rest niet": {2: P, 3: Y, 4: Y},
    "2 gepland, verder niets": {2: P, 3: Y, 4: Y},
    "4 nvt": {4: X},
    "4 n.v.t.": {4: X},
    "4 is niet van toepassing": {4: X},
    "3 is niks voor ons": {3: X},
    "past niet bij ons": {2: X, 3: X, 4: X},
    "past allemaal niet": {2: X, 3: X, 4: X},
    "4 past bij ons niet": {4: X},
    "niets gepland": {2: Y, 3: Y, 4: Y},
    "4 past niet, niets gepland": {2: Y, 3: Y, 4: X},
    "niets gepland behalve 2": {2: P, 3: Y, 4: Y},
    "nog niet": {2: Y, 3: Y, 4: Y},
    "nee": {2: Y, 3: Y, 4: Y},
    "nee, nog niet": {2: Y, 3: Y, 4: Y},
    "2 niet gepland": {2: Y},
    "2 nog niet, maar wel gepland": {2: P},
    "2 toch wel": {2: I},
    "2 toch wel, 3 gepland": {2: I, 3: P},
    "we hebben 2 gepland": {2: P},
    "2 komt volgend jaar": {2: P},
    "2 gepland over 2 jaar": {2: P},
    "2 gepland voor het derde kwartaal": {2: P},
    "2 in 2027 gepland": {2: P},
    "weet ik van 4 niet": {4: D},
    "geen idee van 4": {4: D},
    "chatbot gepland, ruilen in winkel past niet": {1: P, 2: X},
    "de eerste twee gepland, de laatste nvt": {1: P, 2: P, 5: X},
    "2 t/m 4 gepland": {2: P, 3: P, 4: P},
    "2 gepland, 9 past niet": NoSuchPart(9),
    "2 geplnad": {2: P},
    "2 gepland, 3 ook": {2: P, 3: P},
    "gepland (2, 3) niet passend (4)": {2: P, 3: P, 4: X},
    "2 gepland, nog niet in gebruik": {2: P},
    "2 gepland, de andere twee niet": {2: P, 3: Y, 4: Y},
    "2 t/m 4 gepland, 3 past niet": {2: P, 3: X, 4: P},
    "de andere drie gepland": {2: P, 3: P, 4: P},
    "alles behalve 2 gepland, 2 past niet": {2: X, 3: P, 4: P},
    "2 hebben we al": {2: I},
    "": None,
    "ja": None,
    "geen": None,
    "2": None,
    "2 en 3": None,
    "2 niet": None,
    "2 wel": None,
    "2 gepland, 4": None,
    "2 gepland, 2 past niet": None,
    "is 2 gepland?": None,
    "wat betekent gepland": None,
    "2 past": None,
    "misschien 2 gepland": None,
    "niet allemaal gepland": None,
    "2 of 3 gepland": None,
    "2 gepland 3": None,
    "gepland of nog niet": None,
    "we hebben vorige week met de directie een planning gemaakt": None,
}

STATES_EN: dict[str, dict[int, str] | NoSuchPart | None] = {
    "2 planned, 4 does not fit": {2: P, 4: X},
    "2 planned, 4 doesn't fit us": {2: P, 4: X},
    "4 doesn't suit us": {4: X},
    "4 n/a": {4: X},
    "4 isn't relevant": {4: X},
    "all planned": {2: P, 3: P, 4: P},
    "all three are planned": {2: P, 3: P, 4: P},
    "planned": {2: P, 3: P, 4: P},
    "planned: 2, 3": {2: P, 3: P},
    "the rest not yet": {2: Y, 3: Y, 4: Y},
    "2 planned, the rest not yet": {2: P, 3: Y, 4: Y},
    "2 is planned but the others are not": {2: P, 3: Y, 4: Y},
    "2 is coming next year": {2: P},
    "2 and 3 are on the roadmap": {2: P, 3: P},
    "none planned": {2: Y, 3: Y, 4: Y},
    "nothing planned yet": {2: Y, 3: Y, 4: Y},
    "nothing yet": {2: Y, 3: Y, 4: Y},
    "not yet": {2: Y, 3: Y, 4: Y},
    "no": {2: Y, 3: Y, 4: Y},
    "2 not planned": {2: Y},
    "2 not yet but planned": {2: P},
    "don't know about 4": {4: D},
    "4 I don't know": {4: D},
    "2 not sure, 3 planned": {2: D, 3: P},
    "we have 2 planned": {2: P},
    "everything planned except the chatbot": {2: P, 3: P, 4: P},
    "chatbot: planned, e-mail: not for us": {1: P, 3: X},
    "2 planned for 2027, 4 not fitting": {2: P, 4: X},
    "none of them fit": {2: X, 3: X, 4: X},
    "we're working on 2": {2: P},
    "not yet, but 2 is planned": {2: P, 3: Y, 4: Y},
    "2 planned, nothing else": {2: P, 3: Y, 4: Y},
    "2 planned, not in place yet": {2: P},
    "4 is not for us, the rest is coming": {2: P, 3: P, 4: X},
    "planned: 7": NoSuchPart(7),
    "2 and 3": None,
    "yes": None,
    "none": None,
    "are 2 and 3 planned": None,
    "2 or 3 planned": None,
    "not all planned": None,
    "2 will maybe come": None,
    "the other two planned": None,
    "we planned a party for our customers": None,
    "all planned, all not yet": None,
}

# What is in place was asked: a number without a state is in place.
STATES_BY_DEFAULT: dict[str, dict[int, str] | None] = {
    "1 en 3, 2 gepland": {1: I, 2: P, 3: I},
    "1, 3, 2 gepland": {1: I, 2: P, 3: I},
    "1, 2 en 3 gepland": {1: P, 2: P, 3: P},
    "1 en 3 wel, 2 gepland": {1: I, 2: P, 3: I},
    "1 en 3 wel, 2 gepland, de rest niet": {1: I, 2: P, 3: I, 4: Y, 5: Y},
    "2 planned, 4": {2: P, 4: I},
    "everything, 2 planned": {1: I, 2: P, 3: I, 4: I, 5: I},
    "1 and 3 in place, 4 doesn't fit": {1: I, 3: I, 4: X},
    "2 gepland, 3 ook": {2: P, 3: P},
    "2/3 gepland": {2: P, 3: P},
    "1 en 3": None,
    "1 en 3 wel, 2 niet": None,
    "alles behalve 2": None,
    "de rest niet": None,
}


@pytest.mark.parametrize(("text", "states"), STATES_NL.items())
def test_a_dutch_text_says_what_holds(text: str, states: dict[int, str] | NoSuchPart | None) -> None:
    assert read_states(text, NAMES, "nl", open={2, 3, 4}, default=None) == states


@pytest.mark.parametrize(("text", "states"), STATES_EN.items())
def test_an_english_text_says_what_holds(text: str, states: dict[int, str] | NoSuchPart | None) -> None:
    assert read_states(text, NAMES, "en", open={2, 3, 4}, default=None) == states


@pytest.mark.parametrize(("text", "states"), STATES_BY_DEFAULT.items())
def test_a_number_without_a_state_is_in_place_by_default(text: str, states: dict[int, str] | None) -> None:
    for language in ("nl", "en"):
        assert read_states(text, NAMES, language, open=ALL, default="in_place") == states


ASPECTS = (
    ("Prijs", "Price"),
    ("Product", "Product"),
    ("Bereik en levering", "Access and delivery"),
    ("Beleving", "Experience"),
    ("Service", "Service"),
)
EVERYTHING = Positions(None, None, True)

POSITIONS_NL: dict[str, tuple[int | None, int | None] | Positions | None] = {
    "prijs": (1, None),
    "1": (1, None),
    "op prijs": (1, None),
    "1 en 5": (1, 5),
    "prijs en service": (1, 5),
    "prijs, dan service": (1, 5),
    "eerst prijs daarna service": (1, 5),
    "eerst 1 dan 5": (1, 5),
    "service als tweede, prijs voorop": (1, 5),
    "prijs op 1, service op 2": (1, 5),
    "1: service, 2: prijs": (5, 1),
    "1. Prijs": (1, None),
    "1. service 2. prijs": (5, 1),
    "1e prijs, 2e service": (1, 5),
    "bereik & levering": (3, None),
    "met product domineren we, met service zijn we bovengemiddeld": (2, 5),
    "prijs is belangrijk, maar we domineren op service": (5, None),
    "levering en beleving": (3, 4),
    "bereik": (3, None),
    "we domineren op prijs en zijn bovengemiddeld in service": (1, 5),
    "bovengemiddeld in service, en we domineren op prijs": (1, 5),
    "beste in beleving en beter dan gemiddeld in product": (4, 2),
    "wij zijn echt de allerbeste van Nederland met onze service, beleving op twee": (5, 4),
    "bovengemiddeld in service": (None, 5),
    "niet prijs maar service": (5, None),
    "prijs en prijs": (1, 1),
    "alles": EVERYTHING,
    "in alles": EVERYTHING,
    "alle vijf": EVERYTHING,
    "prijs, product en service": EVERYTHING,
    "1, 2 en 3": EVERYTHING,
    "": None,
    "ja": None,
    "geen": None,
    "weet ik niet": None,
    "wat is beleving?": None,
    "hoe meet je prijs": None,
    "prijs of service": None,
    "zijn we dominant op prijs": None,
    "niet op prijs": None,
    "we domineren": None,
    "we domineren op prijs en service": None,
    "6": None,
    "we hebben 3 mooie zaken en service": None,
    "we zijn ooit begonnen in een kleine schuur in Drenthe waar mijn vader en zijn broer fietsen maakten die "
    "toen voor een lage prijs in het hele land verkocht werden": None,
}

POSITIONS_EN: dict[str, tuple[int | None, int | None] | Positions | None] = {
    "price": (1, None),
    "price and service": (1, 5),
    "5 then 1": (5, 1),
    "price, followed by service": (1, 5),
    "first price then service": (1, 5),
    "above average on service, we dominate on price": (1, 5),
    "we dominate on price, above average on service": (1, 5),
    "we lead on experience and are better than average in product": (4, 2),
    "best price, second service": (1, 5),
    "delivery": (3, None),
    "access and delivery": (3, None),
    "the first and the fifth": (1, 5),
    "number one in service": (5, None),
    "above average in service": (None, 5),
    "all of them": EVERYTHING,
    "everything": EVERYTHING,
    "all five": EVERYTHING,
    "price, product, service": EVERYTHING,
    "price and price": (1, 1),
    "none": None,
    "what is experience": None,
    "price or service": None,
    "not price": None,
    "we dominate on price and dominate on service": None,
    "I don't know": None,
    "skip": None,
    "all of our customers love us": None,
}


@pytest.mark.parametrize(
    ("text", "language", "positions"),
    [(text, "nl", meant) for text, meant in POSITIONS_NL.items()]
    + [(text, "en", meant) for text, meant in POSITIONS_EN.items()],
)
def test_a_text_says_where_a_company_stands_out(
    text: str, language: str, positions: tuple[int | None, int | None] | Positions | None
) -> None:
    meant = Positions(*positions, False) if isinstance(positions, tuple) else positions
    assert read_positions(text, ASPECTS, language) == meant


ARCHETYPES = (
    ("Ontdekker", "Explorer", "Jeep", "The North Face"),
    ("Held", "Hero", "Nike", "Adidas"),
    ("Rebel", "Outlaw", "Harley-Davidson", "Diesel"),
    ("Zorgzame", "Caregiver", "Volvo", "Dove"),
)

ONE_NL: dict[str, int | NoSuchPart | None] = {
    "2": 2,
    "de tweede": 2,
    "doe maar 3": 3,
    "drie": 3,
    "de laatste": 4,
    "2 · Held": 2,
    "held": 2,
    "de rebel": 3,
    "wij zijn denk ik de ontdekker": 1,
    "zoals Nike": 2,
    "meer een Harley-Davidson": 3,
    "een harley": 3,
    "harly davidson": 3,
    "ontdekkr": 1,
    "ja, de held": 2,
    "7": NoSuchPart(7),
    "0": NoSuchPart(0),
    "": None,
    "de derde past het best bij ons": 3,
    "1 en 2": None,
    "held of rebel": None,
    "meer Volvo dan Nike": None,
    "anders dan nike": None,
    "we rijden allemaal in een volvo": None,
    "niet de held": None,
    "geen nike": None,
    "wat is een rebel": None,
    "nike?": None,
    "alles": None,
    "geen": None,
    "weet ik niet": None,
    "terug": None,
    "2 · Rebel": None,
    "wij zijn de eerste": None,
    "mijn buurman kocht vorige week bij een winkel in Assen nieuwe schoenen van nike": None,
}

ONE_EN: dict[str, int | NoSuchPart | None] = {
    "3": 3,
    "the third one": 3,
    "option 2 please": 2,
    "the last one": 4,
    "we are the explorer": 1,
    "like Volvo": 4,
    "more of a hero I think": 2,
    "north face": 1,
    "something like the north face": 1,
    "the caregiver, i guess": 4,
    "5": NoSuchPart(5),
    "hero or outlaw": None,
    "not the hero": None,
    "unlike nike": None,
    "both": None,
    "is it the hero": None,
    "explain the hero": None,
    "we are the first": None,
    "hello there": None,
}


@pytest.mark.parametrize(
    ("text", "language", "entry"),
    [(text, "nl", entry) for text, entry in ONE_NL.items()]
    + [(text, "en", entry) for text, entry in ONE_EN.items()],
)
def test_a_text_chooses_one_entry(text: str, language: str, entry: int | NoSuchPart | None) -> None:
    assert read_one(text, ARCHETYPES, language) == entry


def test_a_name_of_two_entries_names_none() -> None:
    twice = (("Abonnement", "Subscription"), ("Leasen", "Leasing"), ("Abonnement", "Subscription"))
    assert read_parts("abonnement", twice, "nl") is None
    assert read_one("abonnement", twice, "nl") is None
    assert read_parts("1 en leasen", twice, "nl") == {1, 2}


def test_a_name_that_holds_words_of_ours_is_that_name() -> None:
    names = (("Tweede leven", "A second life"), ("Na de koop", "After the purchase"), ("Alles op één plek",))
    assert read_parts("tweede leven", names, "nl") == {1}
    assert read_parts("alles op een plek en na de koop", names, "nl") == {2, 3}
    assert read_parts("alles behalve na de koop", names, "nl") == {1, 3}


def test_a_list_of_no_entries_and_nothing_open_say_nothing() -> None:
    assert read_parts("alles", (), "nl") == frozenset()
    assert read_states("gepland", NAMES, "nl", open=(), default=None) is None
    assert read_one("1", (), "nl") == NoSuchPart(1)


# Words that mean something, so that random texts come near to what is read.
WORDS = """
1 2 3 9 een twee eerste laatste alles allemaal rest geen niets niet wel behalve alleen en of maar , ; : - .
gepland past nog weet ik op na t/m van chatbot e-mail nee ja all none not except the first last both planned
fit but and to price prijs service beste bovengemiddeld dan zoals 2 jaar hallo ? ✅
"""
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join))
languages = st.sampled_from(["nl", "en"])


@given(texts, languages, st.integers(0, 5))
def test_no_text_is_too_strange_to_read(text: str, language: str, count: int) -> None:
    names = NAMES[:count]
    everything = set(range(1, count + 1))
    chosen = read_parts(text, names, language)
    assert chosen is None or isinstance(chosen, NoSuchPart) or chosen <= everything
    for default in (None, "in_place"):
        states = read_states(text, names, language, open=everything, default=default)
        assert states is None or isinstance(states, NoSuchPart) or set(states) <= everything
        assert not isinstance(states, dict) or set(states.values()) <= {I, P, Y, X, D}
    positions = read_positions(text, ASPECTS[:count], language)
    assert positions is None or {positions.first, positions.second} <= everything | {None}
    one = read_one(text, names, language)
    assert one is None or isinstance(one, NoSuchPart) or one in everything


@given(st.integers(1, 12), st.integers(1, 12), languages)
def test_a_number_of_the_list_is_that_entry_and_one_beyond_it_is_none(
    number: int, count: int, language: str
) -> None:
    names = [(f"Praktijk {'abcdefghijkl'[at]}",) for at in range(count)]
    there = number <= count
    assert read_parts(str(number), names, language) == ({number} if there else NoSuchPart(number))
    assert read_one(str(number), names, language) == (number if there else NoSuchPart(number))


@given(
    st.sets(st.integers(1, 12), min_size=1),
    st.sampled_from([",", ", ", " ", " en ", " and ", "+", " & ", "/", "; ", "\n"]),
    languages,
)
def test_a_list_of_numbers_is_that_set(numbers: set[int], between: str, language: str) -> None:
    names = [(f"Praktijk {letter}",) for letter in "abcdefghijkl"]
    text = between.join(map(str, sorted(numbers)))
    assert read_parts(text, names, language) == numbers
    assert read_states(f"{text} gepland", names, language, open=(), default=None) == dict.fromkeys(
        sorted(numbers), "planned"
    )
