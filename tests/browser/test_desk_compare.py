"""The pages that compare in Chromium: nothing for axe to find, nothing too wide, nothing refused."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from bot.bootstrap import Peil
from bot.service.campaign_input import NewCampaign
from bot.service.desk.access import MACHINE
from bot.store import tables
from tests.browser import axe
from tests.browser.desk_house import desk_house


@dataclass(frozen=True)
class Compared:
    """A desk with a campaign of twelve people; `tokens`: role -> what its browser is signed in by."""

    url: str
    campaign: str
    organisation: str
    tokens: dict[str, str]


def respondents(peil: Peil, campaign_id: str) -> None:
    """Five managers at level 4 and seven specialists at level 2, on every question."""
    with peil.store.write() as work:
        [offer] = [one for one in peil.use_cases.knowledge.offers(work) if one.model.id == "cemm"]
        now = datetime.now(UTC) - timedelta(days=1)
        for number in range(12):
            layer, level = ("management", 4) if number < 5 else ("specialist", 2)
            ids = {"conversation": f"c{number}", "assessment": f"a{number}"}
            work._connection.execute(
                tables.conversations.insert().values(
                    id=ids["conversation"],
                    channel="web",
                    language="nl",
                    consent="given",
                    prefill={},
                    segments={"role_layer": layer},
                    created_at=now,
                    last_seen_at=now,
                    campaign_id=campaign_id,
                )
            )
            work._connection.execute(
                tables.assessments.insert().values(
                    id=ids["assessment"],
                    conversation_id=ids["conversation"],
                    definition_hash=offer.hash,
                    status="completed",
                    started_at=now,
                    completed_at=now,
                    depth="full",
                )
            )
            for place, item_id in enumerate(offer.model.item_ids()):
                work._connection.execute(
                    tables.answers.insert().values(
                        assessment_id=ids["assessment"],
                        item_id=item_id,
                        kind="level",
                        value=level,
                        turn_id=f"t{number}-{place}",
                        by="respondent",
                        at=now,
                    )
                )
        work.commit()


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compared]:
    with desk_house(tmp_path_factory.mktemp("compared")) as house:
        desk = house.peil.desk
        organisation = house.peil.campaigns.create_organisation("Het Theehuis")
        tokens = {}
        for role in ("consultant", "viewer"):
            invited = desk.accounts.invite(
                MACHINE,
                email=f"{role}@peil.example",
                name=role.title(),
                role=role,
                organisations=[organisation.id],
                language="nl",
            )
            assert invited.address is not None
            tokens[role] = desk.accounts.take_up(
                invited.address.rpartition("/")[2],
                name=role.title(),
                password="een heel lang geheim",
                language="nl",
                device="",
            ).token
        campaign = house.peil.campaigns.create(
            NewCampaign(organisation=organisation.name, name="Voorjaar", models=("cemm",), anonymous=False)
        ).campaign
        respondents(house.peil, campaign.id)
        actor = desk.accounts.actor(tokens["consultant"])
        assert actor is not None
        desk.comparing.publish(actor, campaign.id, "cemm")
        yield Compared(f"{house.url}/desk", campaign.id, organisation.id, tokens)


PAGES = (
    "/campaigns/{campaign}/compare?by=sides&judged=1",
    "/campaigns/{campaign}/agenda",
    "/campaigns/{campaign}/dropoff",
    "/organisations/{organisation}/time",
)


@pytest.mark.parametrize(("role", "page"), list(itertools.product(("consultant", "viewer"), PAGES)))
def test_axe_finds_nothing_and_nothing_sticks_out_on_a_phone_or_in_the_dark(
    browser: Browser, compared: Compared, role: str, page: str
) -> None:
    address = compared.url + page.format(campaign=compared.campaign, organisation=compared.organisation)
    for width, scheme in ((360, "dark"), (1280, "light")):
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        context.add_cookies([{"name": "peil_desk", "value": compared.tokens[role], "url": compared.url}])
        tab = context.new_page()
        refused: list[str] = []
        tab.on("console", lambda message, refused=refused: refused.append(message.text))
        response = tab.goto(address)
        assert response is not None
        assert response.status == 200
        tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        tab.wait_for_load_state("networkidle")

        assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert tab.evaluate("[...document.images].filter(one => !one.naturalWidth).map(one => one.src)") == []
        # Before axe, whose own styles the policy may refuse.
        assert refused == []
        assert axe.findings(tab) == []
        context.close()
