"""What own words sounded like, told afterwards: result page, report, 'why', files, exports, chat apps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot import definitions
from bot.assessment.records import Message
from bot.channels.fitting import TELEGRAM, WHATSAPP, fit
from bot.render.report import pdf
from bot.service.anonymity import NotTold
from bot.service.bundle import check, of_assessment, to_text
from bot.service.report_view import Report
from bot.service.turn import Knowledge
from bot.store import tables
from bot.understanding.proposals import Reading
from tests.fitted import check_limits, check_order, check_words, choices
from tests.integration.campaigning import campaign, code
from tests.integration.parts import Clock, House, Person, reading
from tests.integration.test_fitted_conversations import MODELS, outgoing

GARDENS = "We proeven elk voorjaar en bellen de tuin zelf"
SOME = "Soms kijken we op de klok"
CAT = "De kat groet iedereen"
VAGUE = "tja ach wat zal ik zeggen"
KNOWN = {
    GARDENS: reading("tea.leaves", "bellen de tuin zelf", 5, 10, 85),
    SOME: reading("tea.brewing", "op de klok", 45, 50, 5),
    CAT: reading("guests.welcome", "De kat groet", 6, 90, 4),
}


def finished(house: House, **options: object) -> Person:
    """Somebody who took a proposal, one of two, another than was proposed, and one after vague words."""
    house.places(KNOWN)
    person = Person(house, **options)  # type: ignore[arg-type]
    person.say(GARDENS)
    person.say("ja")
    person.say(SOME)
    person.say("de eerste")
    person.say(CAT)
    person.say("nee, eerder een 3")
    person.say(VAGUE)
    person.say("2")
    person.say("2")
    person.say("2")
    assert house.runs(person.id)[0].status == "completed"
    return person


TOLD = [
    (GARDENS, "Dat klonk als 3 · Keuze per oogst (vrij zeker), en zo is het bevestigd."),
    (SOME, "Dat klonk als 1 · Op goed geluk of 2 · Met de klok (twijfel). Gekozen is: 1 · Op goed geluk."),
    (CAT, "Dat klonk als 2 · Een groet (vrij zeker). Gekozen is: 3 · Bij naam."),
    (None, None),
    (None, None),
    (None, None),
]


def test_the_result_page_shows_words_proposal_and_choice(house: House) -> None:
    person = finished(house)
    (link,) = [one for one in links(house, person) if one["kind"] == "result"]

    view = house.use_cases.result_page(link["id"], "result")

    assert view is not None
    found = [(one.words, one.proposal) for group in view.answers for one in group.answers]
    assert found == TOLD


def test_a_colleague_sees_neither_words_nor_proposals(house: House) -> None:
    person = finished(house)
    (link,) = [one for one in links(house, person) if one["kind"] == "result"]
    house.use_cases.share(link["id"])
    (shared,) = [one for one in links(house, person) if one["kind"] == "share"]

    view = house.use_cases.result_page(shared["id"], "share")

    assert view is not None
    assert view.answers == ()
    assert "klonk" not in repr(view)


def links(house: House, person: Person) -> list[dict[str, str]]:
    """The rows of the person's links."""
    return [row for row in house.rows(tables.links) if row["conversation_id"] == person.id]


def report_of(house: House, person: Person, **options: bool) -> Report:
    found = house.peil.review.report(house.runs(person.id)[0].id, **options)
    assert found is not None
    return found


def test_the_report_shows_words_proposal_and_choice(house: House) -> None:
    found = report_of(house, finished(house))

    told = [(one.words, one.proposal) for page in found.dimensions for one in page.answers]
    assert told == TOLD
    assert pdf.render(found)[:5] == b"%PDF-"


def test_the_report_without_words_has_no_proposals_either(house: House) -> None:
    found = report_of(house, finished(house), with_words=False)

    assert "klonk" not in repr(found)
    assert "proeven" not in repr(found.dimensions[0].answers[0].words)


def test_why_a_level_quotes_what_was_said(house: House) -> None:
    person = finished(house)

    told = person.say("waarom staat thee op dat niveau?", "why_level")

    assert "- Blaadjes: 3 · Keuze per oogst (je zei: “bellen de tuin zelf”)" in told
    assert "1 · Op goed geluk (je zei: “op de klok”)" in told
    told = person.say("waarom staat gasten op dat niveau?", "why_level")
    # What sounded like another level than was chosen was misread, and is no reason for the one that was.
    assert "3 · Bij naam" in told
    assert "De kat groet" not in told


def test_the_consultants_json_holds_words_every_probability_and_the_choice(house: House) -> None:
    person = finished(house)

    found = house.peil.review.assessment(house.runs(person.id)[0].id)

    assert found is not None
    assert found["answers"][2]["words"] == "nee, eerder een 3"
    assert found["answers"][2]["level"] == 3
    assert found["answers"][2]["own_words"] == {
        "words": CAT,
        "certainty": "clear",
        "proposed": [2],
        "confidence": 90.0,
        "likely": {"1": 6.0, "2": 90.0, "3": 4.0},
        "quote": "De kat groet",
        "said_ahead": False,
        "declined": False,
    }
    assert found["answers"][3]["own_words"]["certainty"] == "unclear"
    assert found["answers"][4]["own_words"] is None


def test_the_export_has_what_was_read_in_columns(house: House) -> None:
    finished(house)

    rows = house.peil.review.export()

    told = [
        tuple(row[key] for key in ("level", "words", "certainty", "proposed", "confidence")) for row in rows
    ]
    assert told == [
        (3, GARDENS, "clear", "3", 85.0),
        (1, SOME, "doubt", "2 1", 50.0),
        (3, CAT, "clear", "2", 90.0),
        (2, VAGUE, "unclear", None, 34.0),
        (2, "2", None, None, None),
        (2, "2", None, None, None),
    ]


def test_an_anonymous_campaign_tells_nothing_of_own_words(house: House) -> None:
    person = finished(house, code=code(house, campaign(house, anonymous=True)))
    review, run_id = house.peil.review, house.runs(person.id)[0].id

    report = report_of(house, person)
    told = json.dumps([review.assessment(run_id), review.export(), review.assessments()]) + repr(report)

    for word in ("bellen de tuin", "kijken we", "kat groet", "klonk", "clear", "tja ach"):
        assert word not in told
    with pytest.raises(NotTold):
        of_assessment(house.store, definitions.from_canonical, run_id, with_words=True)


def test_a_bundle_with_words_has_own_words_and_checks_out(house: House) -> None:
    person = finished(house)

    bundle = of_assessment(
        house.store, definitions.from_canonical, house.runs(person.id)[0].id, with_words=True
    )

    assert bundle is not None
    assert [one["words"] for one in bundle["answers"]][:3] == [GARDENS, SOME, CAT]
    checked = check(to_text(bundle).encode(), lambda text: definitions.parse(text, "definition"))
    assert checked.problems == ()


def test_the_own_data_hold_every_description_the_unused_ones_too(house: House) -> None:
    house.places(KNOWN)
    person = Person(house)
    person.say(VAGUE)
    person.say(GARDENS)
    person.say("nee")
    person.say("2")

    said = person.say("wat weet je van me", "my_data")
    person.say("mijn gegevens als bestand", "my_data_file")
    (link,) = [one for one in links(house, person) if one["kind"] == "data"]
    data = house.use_cases.my_data(link["id"])

    assert "In je eigen woorden: 2 keer, met het niveau dat ik erin las." in said
    assert data is not None
    (run,) = data["assessments"]
    told = [(one["question"], one["words"], one["declined"]) for one in run["described_in_your_own_words"]]
    assert told == [("tea.leaves", VAGUE, False), ("tea.leaves", GARDENS, True)]
    assert run["answers"][0]["from_what_you_described"]["likely"] == {"1": 5.0, "2": 10.0, "3": 85.0}


# --- chat apps ---


class AlwaysSays:
    """A placer that says the same of any words: so many percent for each of five levels; ahead, too."""

    def __init__(self, *shares: int) -> None:
        self.shares = shares

    def read(
        self, definition_hash: str, model: object, item_id: str, text: str, *, also: str | None = None
    ) -> Reading:
        quote = " ".join(text.split())
        ahead = None if also is None else reading(also, quote, *self.shares).here
        return Reading(reading(item_id, quote, *self.shares).here, ahead)


@pytest.fixture(scope="module")
def cemm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Peil's parts on SQLite with a real model of five levels."""
    folder = tmp_path_factory.mktemp("cemm")
    house = House(folder, f"sqlite:///{folder / 'peil.db'}", Clock())
    house.publish(cemm=(MODELS / "cemm.yml").read_text(encoding="utf-8"))
    yield house
    house.close()


def fits(messages: list[Message]) -> list[int]:
    """How many things can be tapped below the last part, on Telegram and on WhatsApp; all checked."""
    counts = []
    for message in messages:
        for can in (TELEGRAM, WHATSAPP):
            one = outgoing(message)
            parts = fit(one, can)
            check_limits(parts, can)
            check_words(parts, one, can)
            check_order(parts, one)
            counts.append(sum(len(choices(part)) for part in parts))
    return counts


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("text", ["We doen dat zo.", "Wij doen dat al jaren zo en het bevalt best. " * 66])
def test_proposals_fit_into_chat_apps_with_few_buttons(cemm: House, language: str, text: str) -> None:
    person = Person(cemm, language, {"model": "cemm", "depth": "full"})
    cemm.use_cases.knowledge = replaced(cemm, AlwaysSays(2, 2, 3, 85, 8))

    person.say(text)
    assert fits(person.last) == [2, 2]
    person.say("why do you think that?", "why")
    assert fits(person.last) == [2, 2]
    person.say("ja")
    # The next question, with what was said ahead: yes, the five levels, and as much of the rest as fits.
    telegram, whatsapp = fits(person.last)
    assert (telegram >= 11, whatsapp <= 10) == (True, True)

    cemm.use_cases.knowledge = replaced(cemm, AlwaysSays(2, 2, 3, 45, 48))
    # The two, another level, and on the web 'I don't know' as well.
    person.say(f"{text} Well.")
    assert fits(person.last) == [4, 4]
    person.say("allebei" if language == "nl" else "both")
    assert fits(person.last) == [4, 4]


def replaced(house: House, placer: AlwaysSays) -> Knowledge:
    """The knowledge of a house with this placer."""
    return replace(house.use_cases.knowledge, placer=placer)


# --- the transcript ---


def test_the_transcript_says_behind_own_words_what_was_read_and_chosen(house: House) -> None:
    person = finished(house)

    lines = house.peil.review.transcript(house.runs(person.id)[0].id)

    assert lines is not None
    placed = [(one["text"], one["placed"]) for one in lines if one["placed"]]
    assert [text for text, _ in placed] == [GARDENS, SOME, CAT, VAGUE]
    [leaves] = placed[0][1]
    assert (leaves["item"], leaves["likely"]["3"], leaves["chosen"]) == ("tea.leaves", 85.0, 3)
    assert [found[0]["chosen"] for _, found in placed] == [3, 1, 3, 2]


def test_the_transcript_of_an_anonymous_campaign_is_not_told(house: House) -> None:
    person = finished(house, code=code(house, campaign(house, anonymous=True)))

    with pytest.raises(NotTold):
        house.peil.review.transcript(house.runs(person.id)[0].id)


def test_there_is_no_transcript_of_what_is_not_there(house: House) -> None:
    assert house.peil.review.transcript("nothing") is None
