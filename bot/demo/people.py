"""Who works at the invented company, and where each of them thinks it stands."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

ORGANISATION = "Watermerk (demo)"
"""Its name says what it is wherever a name is shown."""

CONSULTANTS = (
    ("adviseur@watermerk.example", "Iris Doordruk (demo)"),
    ("collega@watermerk.example", "Tom Overtrek (demo)"),
)
"""Address and name of those who judge and advise there; they cannot sign in."""

Ending = Literal["finishes", "returns", "leaves", "refuses", "stays_away"]
"""In one go, after a night, stops halfway, does not agree, never opens the link."""

_LINES = ("b2c", "b2b", "both")

# (layer, department, how many in Dutch, how many in English): 60 people. The board is small, as boards are,
# and some departments are below five, so that what protects small groups has something to do.
_POSTS = (
    ("board", "other", 5, 1),
    ("management", "marketing", 2, 1),
    ("management", "sales", 2, 0),
    ("management", "service", 2, 0),
    ("management", "it", 2, 1),
    ("management", "other", 2, 0),
    ("specialist", "marketing", 5, 2),
    ("specialist", "ecommerce", 3, 2),
    ("specialist", "it", 4, 3),
    ("specialist", "data", 2, 1),
    ("specialist", "sales", 3, 1),
    ("front_line", "service", 6, 1),
    ("front_line", "sales", 8, 1),
)

# Surnames from the shelves of the shop: nobody is called so.
_FIRST_NL = (
    *("Anneke", "Bram", "Carlijn", "Daan", "Els", "Fatima", "Gijs", "Hanneke", "Ilse", "Jeroen", "Karin"),
    *(
        "Lars",
        "Mees",
        "Nadia",
        "Otto",
        "Petra",
        "Quinten",
        "Roos",
        "Sjoerd",
        "Tessa",
        "Umut",
        "Vera",
        "Wouter",
    ),
    *("Yara", "Zoë", "Arjan", "Bente", "Cas", "Dewi", "Emiel", "Femke", "Guus", "Hugo", "Ingrid", "Joost"),
    *("Kim", "Lotte", "Maarten", "Noor", "Olaf", "Pim", "Rachid", "Sanne", "Thijs", "Ursula", "Vincent"),
)
_FIRST_EN = (
    *("Alice", "Ben", "Chidi", "Dana", "Ewan", "Fiona", "Grace", "Harish", "Isla", "Jonas", "Keira", "Liam"),
    *("Maya", "Nikos"),
)
_LAST_NL = (
    *("Velijn", "Karton", "Inktpot", "Envelop", "Potlood", "Paperclip", "Perforator", "Ordner", "Kladblok"),
    *("Postzegel", "Lijmstift", "Liniaal", "Kalender", "Notitie", "Ringband", "Schrift", "Stempel", "Vulpen"),
    *("Krijtbord", "Bladwijzer", "Dossier", "Etiket", "Folio", "Golfkarton", "Hangmap", "Insteekhoes"),
    *("Kaftpapier", "Legpuzzel", "Map", "Nietje", "Oorkonde", "Passer", "Rolband", "Sluitzegel", "Tekenblok"),
    *("Uitnodiging", "Vloeiblad", "Watermerk", "Zegellak", "Agenda", "Briefkaart", "Carbon", "Doorslag"),
    *("Elastiek", "Fineliner", "Gum"),
)
_LAST_EN = (
    *("Blotter", "Cardboard", "Drawingpin", "Foolscap", "Graphpaper", "Inkwell", "Jotter", "Letterhead"),
    *("Notepad", "Parchment", "Quill", "Ringbinder", "Stapler", "Tracingpaper"),
)


@dataclass(frozen=True)
class Someone:
    """An invented person. `leaning`: how much this one sees things brighter (levels), for all questions.

    `talks`: the share of the questions that are answered in own words. `ending`: how the conversation goes in
    the newest campaign. `was_there`: took part a year ago too. `quoting`: what is said when asked whether own
    words may be shown to colleagues. `line`: with which customers; the option of that segment.
    """

    name: str
    language: str
    layer: str
    department: str
    line: str
    leaning: float
    talks: float
    ending: Ending
    was_there: bool
    quoting: bool


def chance(*about: object) -> random.Random:
    """The dice for this: always the same ones for the same words."""
    return random.Random(" ".join(["peil demo", *map(str, about)]))


def everybody() -> list[Someone]:
    """The 60, always the same, in the order of the posts."""
    return list(_everybody())


def _everybody() -> Iterator[Someone]:
    names = {
        "nl": iter(zip(_FIRST_NL, _LAST_NL, strict=True)),
        "en": iter(zip(_FIRST_EN, _LAST_EN, strict=True)),
    }
    posts = [
        (layer, department, language)
        for layer, department, dutch, english in _POSTS
        for language in ("nl",) * dutch + ("en",) * english
    ]
    # Spread over the whole by counting, not by throwing dice: small as it is, each ending is then there.
    order = list(range(len(posts)))
    chance("endings").shuffle(order)
    endings: dict[int, Ending] = {number: "finishes" for number in order}
    endings |= {number: "returns" for number in order[:6]}
    endings |= {number: "leaves" for number in order[6:15]}
    endings |= {number: "refuses" for number in order[15:16]}
    endings |= {number: "stays_away" for number in order[16:20]}
    for number, (layer, department, language) in enumerate(posts):
        first, last = next(names[language])
        dice = chance("someone", number)
        ending = endings[number]
        if layer == "board" and ending in ("leaves", "refuses", "stays_away"):
            ending = "finishes"
        yield Someone(
            name=f"{first} {last}",
            language=language,
            layer=layer,
            department=department,
            line=_LINES[min(int(dice.random() * 3.4), 2)],
            leaning=dice.gauss(0, 0.3),
            talks=dice.choice((0.1, 0.3, 0.3, 0.5, 0.8)),
            ending=ending,
            was_there=number % 5 in (0, 2, 4),
            quoting=dice.random() < 0.7,
        )


# --- where they think the company stands ------------------------------------------------------------

# What is so, per dimension, as far as an invented company has it.
_TRUTH = {
    "strategy": 2.5,
    "people": 2.2,
    "technology": 2.0,
    "data": 2.0,
    "customer_journey": 2.1,
    "customer_value": 1.9,
    "insight": 2.2,
    "experience": 2.4,
    "engagement": 2.0,
    "value": 2.2,
}
# The higher up, the brighter it looks; most of all what the board itself has decided on.
_BY_LAYER = {
    "board": {"strategy": 1.3, "people": 1.3, "customer_value": 1.0, "": 0.5},
    "management": {"strategy": 0.5, "people": 0.4, "": 0.3},
    "specialist": {"": 0.0},
    "front_line": {"strategy": -0.6, "people": -0.3, "technology": -0.5, "": -0.2},
}
# Marketing sees dashboards where IT and data see what is behind them.
_BY_DEPARTMENT = {
    "marketing": {"data": 1.0, "technology": 0.4, "": 0.0},
    "it": {"data": -0.8, "technology": 0.2, "": 0.0},
    "data": {"data": -0.7, "": 0.0},
    "ecommerce": {"customer_journey": 0.5, "": 0.0},
    "service": {"customer_value": 0.3, "": 0.0},
}
# A year ago; what was worked on since has moved most.
_YEAR_BEFORE = {"customer_journey": -0.8, "strategy": -0.5, "data": -0.1, "": -0.3}


def level_of(one: Someone, item_id: str, *, years_ago: int = 0) -> int:
    """The level, 1 to 5, that this person thinks the company has."""
    dimension = item_id.partition(".")[0]

    def shift(table: dict[str, float]) -> float:
        return table.get(dimension, table[""])

    seen = _TRUTH[dimension] + one.leaning + shift(_BY_LAYER[one.layer])
    seen += shift(_BY_DEPARTMENT.get(one.department, {"": 0.0}))
    seen += years_ago * shift(_YEAR_BEFORE)
    # Questions differ too, for everybody alike; and nobody is quite consistent.
    seen += chance("question", item_id).gauss(0, 0.35)
    seen += chance("answer", one.name, item_id, years_ago).gauss(0, 0.45)
    return max(1, min(5, round(seen)))
