"""The organisation's report at the desk: who gets it, what is written down, and what it is made of."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from pypdf import PdfReader

from bot.render.report import ReportError
from bot.store import tables
from tests.integration.desk.conftest import DeskHouse
from tests.integration.desk.test_compare_pages import text_of
from tests.integration.desk.test_comparing import campaign, crowd
from tests.report_pages import letters


def published(desk: DeskHouse) -> str:
    """Five managers choose 3 everywhere, six of the work floor 1; published. The id of the campaign."""
    here = campaign(desk, name="Najaar *vet* #panic()")
    crowd(desk, here, 5, "333333", layer="management")
    crowd(desk, here, 6, "111111")
    desk.cases.comparing.publish(desk.consultant, here.id, "teahouse")
    return here.id


def address(campaign_id: str, query: str = "model=teahouse") -> str:
    return f"/desk/campaigns/{campaign_id}/handover/report.pdf?{query}"


def text(content: bytes) -> str:
    return letters("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


async def test_a_consultant_and_a_viewer_get_what_was_published_in_either_language(desk: DeskHouse) -> None:
    here = published(desk)
    with desk.house.store.read() as work:
        found = work.campaign(here)
    assert found is not None
    # Twenty more, who came after it was published.
    crowd(desk, found, 20, "222222", layer="specialist")
    told: dict[str, str] = {}
    for name, actor in (
        ("admin", desk.admin),
        ("consultant", desk.consultant),
        ("viewer", desk.viewer),
    ):
        async with desk.client(actor) as browser:
            for language in ("nl", "en"):
                answer = await browser.get(address(here, f"model=teahouse&lang={language}"))
                assert answer.status_code == 200, name
                assert answer.headers["content-type"] == "application/pdf"
                assert answer.headers["cache-control"] == "no-store"
                assert (
                    'filename="peil-teahouse-2026-03-02-report.pdf"' in answer.headers["content-disposition"]
                )
                told[f"{name} {language}"] = text(answer.content)

    assert told["admin nl"] == told["consultant nl"] == told["viewer nl"]
    assert told["admin en"] == told["consultant en"] == told["viewer en"]
    # (5 x 3 + 6 x 1) / 11 = 21 / 11 = 1.909; of eleven no middle half is told.
    for part in ("Het Theehuis", "Najaar *vet* #panic()", "11 deelnemers", "2 maart 2026"):
        assert letters(part) in told["viewer nl"]
    assert letters("Thee 1,9 – laag (0,00) 3,0 1,0") in told["viewer nl"]
    assert letters("Tea 1.9 – low (0.00) 3.0 1.0") in told["viewer en"]
    assert letters("31 deelnemers") not in told["viewer nl"]
    assert letters("n = 20") not in told["viewer nl"]


async def test_without_a_language_it_is_in_the_users_own(desk: DeskHouse) -> None:
    here = published(desk)
    english = desk.user("viewer", [desk.organisation.id], language="en")

    async with desk.client(english) as browser:
        answer = await browser.get(address(here))

    assert letters("Report of the organisation") in text(answer.content)


async def test_each_report_is_written_down_without_a_word_of_it(desk: DeskHouse) -> None:
    here = published(desk)
    edition = desk.cases.comparing.editions(desk.viewer, here)[0].id

    async with desk.client(desk.viewer) as browser:
        await browser.get(address(here))

    lines = [row for row in desk.house.rows(tables.audit) if row["action"] == "edition_exported"]
    assert [(row["user_id"], row["object_id"], row["organisation_id"]) for row in lines] == [
        (desk.viewer.user_id, edition, desk.organisation.id)
    ]
    assert lines[0]["detail"] == {"campaign": here, "form": "pdf"}


async def test_strangers_are_told_what_they_are_told_of_a_campaign_that_is_not_there(desk: DeskHouse) -> None:
    here = published(desk)
    for actor in (desk.stranger, desk.strange_viewer):
        async with desk.client(actor) as browser:
            theirs = await browser.get(address(here))
            none = await browser.get(address("0" * 16))
        assert (theirs.status_code, none.status_code) == (404, 404)
        assert text_of(theirs.text) == text_of(none.text)
    async with desk.client() as browser:
        nobody = await browser.get(address(here))
    assert nobody.status_code == 303
    assert "edition_exported" not in [row["action"] for row in desk.house.rows(tables.audit)]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("model=other", 404),
        ("model=teahouse&lang=de", 422),
        ("model=", 422),
        ("lang=nl", 422),
        (f"model={'x' * 41}", 422),
    ],
)
async def test_what_it_cannot_be_made_of_is_refused_kindly(desk: DeskHouse, query: str, status: int) -> None:
    here = published(desk)
    async with desk.client(desk.consultant) as browser:
        answer = await browser.get(address(here, query))

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


async def test_nothing_published_or_too_few_people_make_no_report(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 4)
    statuses = []
    async with desk.client(desk.viewer) as browser:
        statuses.append((await browser.get(address(here.id))).status_code)
        desk.cases.comparing.publish(desk.consultant, here.id, "teahouse")
        statuses.append((await browser.get(address(here.id))).status_code)

    assert statuses == [404, 404]


async def test_the_signed_advice_of_the_organisation_is_in_it_as_long_as_it_is_in_force(
    desk: DeskHouse,
) -> None:
    here = published(desk)
    now = desk.house.clock()
    row: Mapping[str, object] = {
        "id": "plan-1",
        "campaign_id": here,
        "model_id": "teahouse",
        "version": 1,
        "revision": 1,
        "content": {
            "introduction": {"nl": "Begin met #strong[thee]."},
            "upto": None,
            "steps": [
                {
                    "key": "own:1",
                    "words": {
                        "title": {"nl": "Proef samen"},
                        "begin": {"nl": "Zet water op."},
                        "measure": {"nl": "De pot is leeg."},
                        "why": {},
                        "horizon": "now",
                        "benefit": 3,
                        "investment": 1,
                    },
                    "drafted": None,
                    "dimension": None,
                    "move": {},
                    "levels": {},
                    "dropped": False,
                }
            ],
        },
        "user_id": desk.consultant.user_id,
        "created_at": now,
        "changed_at": now,
        "signed_at": now,
        "signed_by": "Iris <Zegel>",
    }
    with desk.house.store.write() as work:
        work._connection.execute(tables.plans.insert().values(row))
        work.commit()
    async with desk.client(desk.viewer) as browser:
        signed = text((await browser.get(address(here))).content)
        with desk.house.store.write() as work:
            work._connection.execute(tables.plans.update().values(withdrawn_at=now))
            work.commit()
        withdrawn = text((await browser.get(address(here))).content)

    for part in (
        "Begin met #strong[thee].",
        "Proef samen",
        "Zet water op.",
        "Getekend door Iris <Zegel> op 2 maart 2026",
    ):
        assert letters(part) in signed
        assert letters(part) not in withdrawn
    assert letters("Een ondertekend advies voor de organisatie is er nog niet") in withdrawn


async def test_a_report_that_cannot_be_laid_out_is_a_kind_page_without_what_the_typesetter_said(
    desk: DeskHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = published(desk)

    def fails(*_: object) -> bytes:
        raise ReportError("it does not fit")

    monkeypatch.setattr("bot.desk.organisation_report.render_organisation", fails)
    async with desk.client(desk.consultant) as browser:
        answer = await browser.get(address(here))

    assert answer.status_code == 500
    assert text_of(answer.text).startswith("Dat lukte niet")
    assert "it does not fit" not in answer.text
