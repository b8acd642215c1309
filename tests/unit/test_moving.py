"""Links to other places: signed with nothing, made of a code that only the secret tells."""

from datetime import UTC, datetime, timedelta

from bot.assessment.records import MessageLink
from bot.gateway.signing import Signer
from bot.service.codes import Codes, shown
from bot.service.turn import Place

SECRET = "one secret"
HANDOVER = "0123456789abcdef"
CODE = Codes(SECRET).code("handover", HANDOVER)


def places(code):
    return (
        Place("web", f"https://peil.example/#move={code}"),
        Place("telegram", f"https://t.me/b?start={code}"),
    )


SIGNER = Signer(SECRET, places)


def test_a_link_to_another_place_leads_to_that_place_with_the_code_of_its_handover():
    assert SIGNER.link_address("move", f"{HANDOVER}.telegram", 0) == f"https://t.me/b?start={CODE}"
    assert SIGNER.link_address("move", f"{HANDOVER}.web", 0) == f"https://peil.example/#move={CODE}"
    assert SIGNER.move_code(f"{HANDOVER}.web") == shown(CODE)


def test_a_place_that_is_no_more_has_no_address():
    assert SIGNER.link_address("move", f"{HANDOVER}.whatsapp", 0) == ""
    assert Signer(SECRET).link_address("move", f"{HANDOVER}.telegram", 0) == ""


def test_the_code_follows_from_the_secret_and_the_handover():
    other = Signer("another secret", places)
    addresses = {
        one.link_address("move", f"{handover}.telegram", 0)
        for one in (SIGNER, other)
        for handover in (HANDOVER, HANDOVER[::-1])
    }
    assert len(addresses) == 4


def test_a_link_of_a_place_is_no_link_of_another_kind():
    assert SIGNER.link("back", CODE) is None
    assert SIGNER.link("back", HANDOVER * 2) is None


def test_a_link_without_an_end_works_while_it_is_open():
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert MessageLink("x", "", "back").works(now)
    assert not MessageLink("x", "", "back", open=False).works(now)
    until = now + timedelta(minutes=10)
    assert MessageLink("x", "", "move", until=until).works(now)
    assert not MessageLink("x", "", "move", until=until).works(until)
    assert not MessageLink("x", "", "move", open=False, until=until).works(now)
