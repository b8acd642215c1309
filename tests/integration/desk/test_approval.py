"""A campaign in which a consultant looks at each result first: before that nothing of it is shown."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.gateway.signing import Signer
from bot.service.desk.access import Missing, Refused
from bot.service.from_consultant import tell_signed
from bot.service.withholding import NotYetApproved
from bot.store import tables
from bot.texts import say
from tests.integration.campaigning import campaign, code, complete
from tests.integration.desk.conftest import DeskHouse
from tests.integration.gateway import Gateway, open_gateway
from tests.integration.parts import Person, at_statement
from tests.integration.test_chats import Chatter

# Of "122231": (3 * 1 + 2) / 4 = 1.25; (2 + 0.5 * 2) / 1.5 = 2; the overall score and every level follow.
FIGURES = ("1,3", "1,25", "2,0")


def begin(desk: DeskHouse, language: str = "nl", **fields: Any) -> Person:
    of = campaign(desk.house, organisation="Het Theehuis", **{"approve_first": True, **fields})
    return Person(desk.house, language, code=code(desk.house, of))


@pytest.fixture
def person(desk: DeskHouse) -> Person:
    """Somebody who has answered all six questions, and whose result waits."""
    found = begin(desk)
    complete(found)
    return found


def run_of(person: Person) -> str:
    return person.house.runs(person.id)[-1].id


def approve(desk: DeskHouse, person: Person) -> bool:
    return desk.cases.asking.approve(desk.consultant, run_of(person))


def tells_nothing(person: Person) -> bool:
    """Whether the newest reply says nothing of the result."""
    shows = any(one.picture_id or one.table for one in person.last)
    linked = any(link.kind in ("result", "share", "report") for one in person.last for link in one.links)
    return not (shows or linked or any(figure in person.text for figure in FIGURES))


# --- before ---


def test_the_end_thanks_and_says_that_an_adviser_looks_first(person: Person) -> None:
    assert person.has("consultant.finished")
    assert tells_nothing(person)
    assert person.house.rows(tables.pictures) == []
    # The site where the chat stands is told of the completion all the same.
    assert [one.completed for one in person.last] == [run_of(person)]


def test_consent_and_privacy_say_that_an_adviser_looks_first(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis", approve_first=True)
    person = Person(desk.house, "nl", code=code(desk.house, of), agrees=False)
    assert say("nl", "consent.approve_first") in person.text
    person.say("ja")
    assert say("nl", "consent.approve_first") in person.say("wie ziet dit?", "privacy")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("laat de uitslag zien", "result"),
        ("geef me het rapport", "report"),
        ("routekaart", "road_map"),
        ("stappen plaatsen", "place_steps"),
        ("deel de uitslag", "share"),
        ("waarom niveau 2 bij thee?", "why_level"),
        ("wat is de snelste weg naar niveau 3 voor thee?", "quickest"),
        ("wat als vraag 1 een 3 was?", "what_if"),
        ("naar welk niveau moeten we toe?", "target"),
        ("wanneer meten we opnieuw?", "measure_again"),
        ("is dat goed of slecht?", "take_answer"),
        ("geef me de samenvatting", "take_answer"),
        ("waar moeten we beginnen?", "take_answer"),
    ],
)
def test_nothing_that_is_asked_for_in_words_shows_the_result(person: Person, text: str, meaning: str) -> None:
    person.say(text, meaning)

    assert person.has("consultant.waits")
    assert tells_nothing(person)
    assert person.house.rows(tables.pictures) == []
    assert [row["kind"] for row in person.house.rows(tables.links) if row["kind"] != "back"] == []


@pytest.mark.parametrize(
    "press",
    [
        ("do", "result"),
        ("do", "report"),
        ("do", "share"),
        ("do", "road_map"),
        ("do", "place_steps"),
        ("do", "target"),
        ("see", "RUN"),
        ("remeasure", "RUN"),
        ("tgt", "RUN", "0"),
        ("tgt", "RUN", "0", "3"),
        ("put", "RUN", "12345678", "b2"),
        ("put", "RUN", "x"),
        ("wl", "RUN", "0"),
        ("wl", "RUN", "all"),
        ("wq", "RUN", "0", "n"),
        ("wi", "RUN", "0", "3"),
        ("old", "RUN", "leave", "r"),
    ],
)
def test_no_button_of_whatever_age_shows_the_result(person: Person, press: tuple[str, ...]) -> None:
    parts = [run_of(person) if one == "RUN" else one for one in press]
    person.press(person.house.buttons.token(person.id, *parts))

    assert tells_nothing(person)
    assert person.house.rows(tables.pictures) == []


def test_no_button_offers_what_cannot_be_seen_yet(person: Person) -> None:
    for text, meaning in (("dank je", "thanks"), ("menu", "menu"), ("wis alles", "erase"), ("nee", "deny")):
        person.say(text, meaning)
        offered = set(person.buttons)
        for key in (
            "menu.result",
            "menu.share",
            "menu.report",
            "road.button",
            "target.button",
            "again.button",
        ):
            assert say("nl", key) not in offered, (text, key)


def test_in_the_middle_no_score_is_told_either(desk: DeskHouse) -> None:
    person = begin(desk)
    for level in "122":
        person.say(level)
    for text, meaning in (
        ("waarom staat thee op niveau 1?", "why_level"),
        ("wat als vraag 1 een 3 was?", "what_if"),
        ("snelste weg naar 3 voor thee", "quickest"),
    ):
        person.say(text, meaning)
        assert person.has("consultant.waits"), text
        assert person.asks(4)


def test_a_changed_answer_is_noted_without_what_it_does_to_the_scores(person: Person) -> None:
    person.say("verander vraag 1 naar 3")

    assert person.house.holds(person.id)["tea.leaves"] == 3
    assert say("nl", "effect.overall") not in person.text
    assert tells_nothing(person)
    assert not any(figure in person.text for figure in ("2,8", "2,75"))


def links_of(desk: DeskHouse, person: Person) -> dict[str, str]:
    """Links as they may be left from a time when the result could be seen: kind -> id."""
    from bot.service.linking import open_link

    with desk.house.store.write() as work:
        made = {
            kind: open_link(work, kind, person.id, run_of(person), desk.house.clock()).id
            for kind in ("result", "share")
        }
        work.commit()
    return made


@pytest.fixture
async def gateway(desk: DeskHouse) -> AsyncIterator[Gateway]:
    async with open_gateway(desk.house) as opened:
        yield opened


async def test_the_pages_behind_links_say_kindly_that_it_is_looked_at(
    desk: DeskHouse, person: Person, gateway: Gateway
) -> None:
    links, client = links_of(desk, person), gateway.client(**{"Accept-Language": "nl"})
    signer = Signer(desk.house.settings.secret)
    own, shared = (
        f"/{letter}/{signer.link_key(kind, links[kind])}"  # type: ignore[arg-type]
        for letter, kind in (("r", "result"), ("s", "share"))
    )
    for address in (own, f"{own}/radar.png", f"{own}/report.pdf", shared, f"{shared}/radar.png"):
        response = await client.get(address)
        assert response.status_code == 403, address
        assert say("nl", "page.waiting_text") in response.text
        assert not any(figure in response.text for figure in FIGURES)
    assert (await client.post(f"{own}/share")).status_code == 403

    approve(desk, person)
    assert (await client.get(own)).status_code == 200
    assert (await client.get(f"{shared}/radar.png")).headers["content-type"] == "image/png"


def test_the_use_cases_behind_the_pages_and_files_give_nothing(desk: DeskHouse, person: Person) -> None:
    links = links_of(desk, person)
    for call in (
        lambda: desk.house.use_cases.result_page(links["result"], "result"),
        lambda: desk.house.use_cases.result_page(links["share"], "share"),
        lambda: desk.house.use_cases.report(links["result"]),
        lambda: desk.house.use_cases.share(links["result"]),
    ):
        with pytest.raises(NotYetApproved):
            call()


def test_my_data_has_the_answers_and_no_score_of_them(desk: DeskHouse, person: Person) -> None:
    person.say("mijn gegevens als bestand", "my_data_file")
    link = next(link.id for one in person.last for link in one.links if link.kind == "data")
    before = desk.house.use_cases.my_data(link)
    assert before is not None
    [kept] = before["assessments"]
    assert [one["level"] for one in kept["answers"]] == [1, 2, 2, 2, 3, 1]
    for name in ("scores", "elements", "average", "consultants"):
        assert isinstance(kept[name], str), name

    approve(desk, person)
    after = desk.house.use_cases.my_data(link)
    assert after is not None
    assert after["assessments"][0]["scores"]["tea"] == 1.25


def test_the_other_round_is_offered_although_the_first_one_waits(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis", approve_first=True)
    both = {
        "role_layer": "management",
        "department": "marketing",
        "business_line": "both",
        "first_line": "b2c",
    }
    person = Person(desk.house, code=code(desk.house, of), segments=both)
    complete(person)
    first = run_of(person)
    person.tap(say("nl", "second_line.yes", line=say("nl", "segment.b2b"))[:10])
    assert person.asks(1)
    complete(person, "111111")
    assert run_of(person) != first
    approve(desk, person)

    # Approved is the second one: of the first nothing is shown beside it.
    shown = [one for one in person.history if one.kind == "notice"]
    assert shown
    assert not any("1,3" in one.text for one in shown)
    assert [link.kind for one in shown for link in one.links].count("result") == 1


# --- after ---


def test_once_approved_the_result_stands_in_the_chat_as_usual(desk: DeskHouse, person: Person) -> None:
    assert approve(desk, person)

    shown = [one for one in person.history if one.kind == "notice"]
    assert say("nl", "consultant.approved", lowest=1, highest=3) in shown[0].text
    assert shown[0].picture_id is not None
    assert shown[0].table is not None
    assert {link.kind for link in shown[-1].links} == {"result", "back"}
    person.last = shown
    person.tap(say("nl", "road.button"))
    assert person.has("road.intro")
    assert person.say("laat de uitslag zien", "result")
    assert any(one.picture_id for one in person.last)
    [run] = desk.house.runs(person.id)
    assert (run.approved_by, run.approved_at is not None) == (desk.consultant.user_id, True)
    assert (desk.consultant.user_id, "approve", run.id) in desk.audit()


def test_it_comes_in_the_language_of_the_respondent_and_in_the_chat(desk: DeskHouse) -> None:
    of = campaign(desk.house, organisation="Het Theehuis", approve_first=True)
    person = Chatter(desk.house)
    person.arrive(code=code(desk.house, of), language="en")
    person.say("yes")
    for _ in range(3):
        person.tap(say("en", "question.skip"))
    for level in "122231":
        person.say(level)
    desk.cases.asking.approve(desk.consultant, desk.house.runs(person.id)[-1].id)
    person.deliver()

    assert say("en", "consultant.approved", lowest=1, highest=3) in person.text
    assert any(one.picture_id for one in person.last)


def test_an_answer_that_is_changed_after_approval_shows_the_new_result(
    desk: DeskHouse, person: Person
) -> None:
    approve(desk, person)
    person.say("verander vraag 1 naar 3")

    # (3 * 3 + 2) / 4 = 2.75
    assert "2,8" in person.text
    assert desk.house.runs(person.id)[-1].approved_at is not None


def test_with_another_result_under_way_the_open_question_stands_again(
    desk: DeskHouse, person: Person
) -> None:
    run = run_of(person)
    person.say("verander vraag 3", "change_answer")
    assert person.asks(3)
    desk.cases.asking.approve(desk.consultant, run)

    person.last = person.history[-1:]
    assert person.asks(3)
    person.say("3")
    assert desk.house.holds(person.id)["guests.welcome"] == 3


def test_approving_is_done_once_however_often_and_at_once_it_is_pressed(
    desk: DeskHouse, person: Person
) -> None:
    together = threading.Barrier(4)

    def press() -> bool:
        together.wait()
        return approve(desk, person)

    with ThreadPoolExecutor(4) as pool:
        done = [one.result() for one in [pool.submit(press) for _ in range(4)]]

    assert sorted(done) == [False, False, False, True]
    intro = say("nl", "consultant.approved", lowest=1, highest=3)
    assert sum(intro in one.text for one in person.history) == 1
    assert [line[1] for line in desk.audit()].count("approve") == 1


def test_a_crash_at_any_statement_leaves_all_or_nothing(desk: DeskHouse, person: Person) -> None:
    def fail(*_: Any) -> None:
        raise ConnectionError("the process died")

    before, broken = desk.house.everything(), 0
    for number in range(120):
        try:
            with at_statement(desk.house, fail, number):
                approve(desk, person)
        except ConnectionError:
            assert desk.house.everything() == before, f"statement {number}"
            broken += 1
        else:
            break
    assert broken >= 10
    assert sum(one.picture_id is not None for one in person.history) == 1


def test_what_is_not_complete_or_need_not_be_approved_is_not(desk: DeskHouse) -> None:
    person = begin(desk)
    person.say("2")
    with pytest.raises(Refused) as refused:
        approve(desk, person)
    assert refused.value.key == "approve_too_early"

    at_once = begin(desk, approve_first=False)
    complete(at_once)
    assert any(one.picture_id for one in at_once.last)
    with pytest.raises(Refused) as refused:
        approve(desk, at_once)
    assert refused.value.key == "approve_not_first"
    with pytest.raises(Missing):
        desk.cases.asking.approve(desk.stranger, run_of(at_once))


def test_an_anonymous_result_is_approved_by_who_does_not_know_whose_it_is(desk: DeskHouse) -> None:
    person = begin(desk, anonymous=True)
    complete(person)
    assert approve(desk, person)
    assert any(one.picture_id for one in person.history)


def test_a_question_that_waits_is_still_offered_below_the_result(desk: DeskHouse) -> None:
    person = begin(desk)
    complete(person)
    desk.cases.asking.ask(desk.consultant, run_of(person), None, "Waarom?")
    approve(desk, person)

    person.last = person.history[-1:]
    person.tap(say("nl", "consultant.answer"))
    assert "Waarom?" in person.text


# --- signed advice ---


def tell(desk: DeskHouse, person: Person) -> bool:
    with desk.house.store.write() as work:
        conversation = work.conversation(person.id)
        assert conversation is not None
        knowledge = desk.house.use_cases.knowledge
        told = tell_signed(work, knowledge, conversation, desk.house.clock(), "Anna")
        work.commit()
    return told


@pytest.mark.parametrize("anonymous", [False, True])
def test_signed_advice_is_told_with_the_way_to_see_it(desk: DeskHouse, anonymous: bool) -> None:
    person = begin(desk, approve_first=False, anonymous=anonymous)
    complete(person)
    assert tell(desk, person)

    person.last = person.history[-1:]
    assert person.last[0].kind == "notice"
    assert person.text == say("nl", "consultant.signed", name="Anna")
    assert [link.kind for link in person.last[0].links] == ["result"]
    person.tap(say("nl", "consultant.see_signed"))
    assert any(one.picture_id for one in person.last)


def test_advice_is_not_told_of_while_the_result_waits_or_is_not_there(
    desk: DeskHouse, person: Person
) -> None:
    assert not tell(desk, person)
    half = begin(desk, approve_first=False)
    half.say("2")
    assert not tell(desk, half)
    assert not [one for one in (*person.history, *half.history) if one.kind == "notice"]
