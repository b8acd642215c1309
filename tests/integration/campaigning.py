"""Campaigns for tests: one that is made with few words, the code of an invitation, answers to the six."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.assessment.records import Campaign, Invitation, InvitationKind
from bot.service.campaign_input import NewCampaign
from tests.integration.parts import House, Person

_numbers = itertools.count(1)


def new(**fields: Any) -> NewCampaign:
    """A wish for a campaign of the teahouse by name, but for these fields."""
    wish = NewCampaign(
        organisation="Het Lekkende Pannetje",
        name=f"Round {next(_numbers)}",
        models=("teahouse",),
        anonymous=False,
    )
    return replace(wish, **fields)


def campaign(house: House, **fields: Any) -> Campaign:
    """Such a campaign, made."""
    return house.peil.campaigns.create(new(**fields)).campaign


def invite(
    house: House, of: Campaign, kind: InvitationKind = "open", **options: Any
) -> list[tuple[Invitation, str]]:
    """Invitations, each with its code."""
    made = house.peil.campaigns.invite(of.id, kind, **options)
    return [(one, code_of(house, of, one)) for one in made]


def code(house: House, of: Campaign, kind: InvitationKind = "open", **options: Any) -> str:
    """The code of a new invitation."""
    return invite(house, of, kind, **options)[0][1]


def code_of(house: House, of: Campaign, invitation: Invitation) -> str:
    """The code of an invitation, as its link has it."""
    return house.peil.campaigns.links(of, invitation).urls["web"].rpartition("/")[2]


def complete(person: Person, levels: Sequence[str] = "122231") -> None:
    """Answer all six questions of the teahouse."""
    for level in levels:
        person.say(level)
    assert person.house.runs(person.id)[-1].status == "completed"
