"""Accounts of the desk as their use-cases have them."""

from tests.integration.desk.conftest import DeskHouse


def test_rights_are_those_of_the_role_and_the_organisations(desk: DeskHouse) -> None:
    assert desk.consultant.organisations == {desk.organisation.id}
