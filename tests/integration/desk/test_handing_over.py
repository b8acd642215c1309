"""Handing over what was published: files and shared views, on both databases."""

from __future__ import annotations

import html
import io
import json
import re

import openpyxl  # type: ignore[import-untyped]
import pytest

from bot.render.tables import csv_file, xlsx_file
from bot.service.desk.access import Missing, Refused
from bot.service.desk.handing_over import HandingOver, Shared, as_data, figures
from bot.store import tables
from bot.texts import say
from tests.integration.desk.conftest import DeskHouse
from tests.integration.desk.test_comparing import campaign, crowd, publish


def of(desk: DeskHouse) -> HandingOver:
    return desk.cases.handing_over


def made(desk: DeskHouse, days: int = 7) -> tuple[str, Shared]:
    """A campaign with an edition of six people, and a shared view of it."""
    here = campaign(desk)
    crowd(desk, here, 6)
    publish(desk, here)
    shared = of(desk).share(
        desk.consultant, here.id, "teahouse", language="nl", label="Voor de directie", days=days
    )
    return here.id, shared


def test_a_shared_view_shows_the_edition_to_whoever_has_the_key(desk: DeskHouse) -> None:
    _, shared = made(desk)
    assert shared.key is not None
    found = of(desk).shared(shared.key)
    assert found is not None
    share, handed = found
    edition = handed.edition
    assert (share.language, share.label) == ("nl", "Voor de directie")
    assert edition.comparison is not None
    assert edition.comparison.n == 6


def test_another_key_shows_nothing(desk: DeskHouse) -> None:
    _, shared = made(desk)
    assert shared.key is not None
    last = "0" if shared.key[-1] != "0" else "1"
    for key in (shared.key[:-1] + last, shared.key[:32], "", "é" * 64, shared.key + "0"):
        assert of(desk).shared(key) is None


def test_it_shows_nothing_once_it_has_expired(desk: DeskHouse) -> None:
    _, shared = made(desk)
    assert shared.key is not None
    desk.house.clock.move(days=6, hours=23)
    assert of(desk).shared(shared.key) is not None
    desk.house.clock.move(hours=2)
    assert of(desk).shared(shared.key) is None


def test_it_shows_nothing_once_it_was_withdrawn(desk: DeskHouse) -> None:
    here, shared = made(desk, 90)
    assert shared.key is not None
    of(desk).withdraw(desk.consultant, here, shared.share.id)
    assert of(desk).shared(shared.key) is None
    [listed] = of(desk).overview(desk.consultant, here).shares
    assert listed.key is None
    assert listed.share.ended_at is not None


def test_the_key_is_not_in_the_database(desk: DeskHouse) -> None:
    _, shared = made(desk)
    assert shared.key is not None
    assert desk.house.traces(shared.key[32:]) == []


def test_only_some_lengths_and_languages_are_shared(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 6)
    publish(desk, here)
    for wrong in ({"days": 8}, {"language": "fr"}, {"label": "x" * 121}):
        options = {"language": "nl", "label": "x", "days": 7, **wrong}
        with pytest.raises(ValueError, match="no such"):
            of(desk).share(desk.consultant, here.id, "teahouse", **options)  # type: ignore[arg-type]


def test_viewers_take_files_along_and_share_nothing(desk: DeskHouse) -> None:
    here, shared = made(desk)
    assert of(desk).hand(desk.viewer, here, "teahouse", "csv").edition.id == shared.share.edition_id
    assert of(desk).overview(desk.viewer, here).shares == ()
    with pytest.raises(Refused):
        of(desk).share(desk.viewer, here, "teahouse", language="nl", label="", days=7)
    with pytest.raises(Refused):
        of(desk).withdraw(desk.viewer, here, shared.share.id)


def test_of_another_organisation_all_of_it_is_missing(desk: DeskHouse) -> None:
    here, shared = made(desk)
    share_id = shared.share.id
    elsewhere = campaign(desk)
    for actor in (desk.stranger, desk.strange_viewer):
        with pytest.raises(Missing):
            of(desk).overview(actor, here)
        with pytest.raises(Missing):
            of(desk).hand(actor, here, "teahouse", "csv")
        with pytest.raises(Missing):
            of(desk).withdraw(actor, here, share_id)
        with pytest.raises(Missing):
            of(desk).share(actor, here, "teahouse", language="nl", label="", days=7)
    # Nor by way of another campaign of one's own.
    with pytest.raises(Missing):
        of(desk).withdraw(desk.consultant, elsewhere.id, share_id)


def test_what_was_not_published_is_neither_shared_nor_taken_along(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 4)
    for published in (False, True):
        if published:
            # Of four people an edition says just that.
            publish(desk, here)
        with pytest.raises(Missing):
            of(desk).hand(desk.consultant, here.id, "teahouse", "csv")
        with pytest.raises(Missing):
            of(desk).share(desk.consultant, here.id, "teahouse", language="nl", label="", days=7)


def test_it_is_written_down_without_the_key(desk: DeskHouse) -> None:
    here, shared = made(desk)
    of(desk).hand(desk.viewer, here, "teahouse", "csv")
    of(desk).withdraw(desk.consultant, here, shared.share.id)
    actions = [action for _, action, _ in desk.audit()]
    for action in ("share_made", "edition_exported", "share_withdrawn"):
        assert action in actions
    assert shared.key is not None
    assert shared.key[32:] not in json.dumps([row["detail"] for row in desk.house.rows(tables.audit)])


def test_the_figures_are_a_table_of_every_group(desk: DeskHouse) -> None:
    here, _ = made(desk)
    handed = of(desk).hand(desk.viewer, here, "teahouse", "xlsx")
    head, *rows = figures(handed)
    table = [dict(zip(head, row, strict=True)) for row in rows]
    groups = [str(row["group"]) for row in table]
    assert list(dict.fromkeys(groups))[:2] == ["all", "work_floor"]
    leaves = next(row for row in table if (row["group"], row["id"]) == ("all", "tea.leaves"))
    assert (leaves["n"], leaves["mean"], leaves["level_2"], leaves["agreement"]) == (6, 2.0, 6, 1.0)
    book = openpyxl.load_workbook(io.BytesIO(xlsx_file({"figures": [head, *rows]})))
    assert [cell.value for cell in book["figures"][1]] == head
    assert book["figures"].max_row == len(rows) + 1
    data = json.loads(json.dumps(as_data(handed)))
    assert data["people"] == 6
    assert data["figures"] == table


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_no_text_in_a_file_is_a_formula(text: str) -> None:
    [[cell]] = openpyxl.load_workbook(io.BytesIO(xlsx_file({"a": [["x"], [text]]})))["a"]["A2:A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")
    assert csv_file([[text]]).decode("utf-8-sig").lstrip('"').startswith("'")


def test_numbers_in_a_file_stay_numbers() -> None:
    assert csv_file([[-0.8, None, 3]]).decode("utf-8-sig") == "-0.8,,3\r\n"


# --- pages ------------------------------------------------------------------------------------------


async def test_a_consultant_makes_a_link_that_works_without_signing_in_and_withdraws_it(
    desk: DeskHouse,
) -> None:
    here = campaign(desk)
    crowd(desk, here, 6, "122222", layer="management")
    crowd(desk, here, 5, "322222")
    publish(desk, here)
    at = f"/desk/campaigns/{here.id}/handover"
    async with desk.client(desk.consultant) as browser:
        sent = await browser.submit(
            f"{at}/share",
            {"model": "teahouse", "language": "en", "days": "7", "label": "<b>Directie</b>"},
            at=at,
        )
        assert (sent.status_code, sent.headers["location"]) == (303, f"{at}#shares")
        text = (await browser.get(at)).text
        assert "<b>Directie" not in text
        assert "&lt;b&gt;Directie" in text
        [key] = set(re.findall(r"/desk/shared/([0-9a-f]{64})", text))
    async with desk.client() as anybody:
        shown = await anybody.get(f"/desk/shared/{key}")
        assert shown.status_code == 200
        assert '<html lang="en">' in shown.text
        assert "Directie" not in shown.text
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in shown.headers["x-robots-tag"]
        assert "set-cookie" not in shown.headers
        drawn = await anybody.get(f"/desk/shared/{key}/radar.png")
        assert drawn.content.startswith(b"\x89PNG")
        assert (await anybody.get(f"/desk/shared/{'0' * 64}")).status_code == 404
    async with desk.client(desk.consultant) as browser:
        assert desk.consultant.name not in (await browser.get(f"/desk/shared/{key}")).text
        await browser.submit(f"{at}/withdraw", {"share": key[:32]}, at=at)
    async with desk.client() as anybody:
        assert (await anybody.get(f"/desk/shared/{key}")).status_code == 404
        assert (await anybody.get(f"/desk/shared/{key}/radar.png")).status_code == 404


async def test_files_of_what_was_published_can_be_kept(desk: DeskHouse) -> None:
    here, _ = made(desk)
    async with desk.client(desk.viewer) as browser:
        page = await browser.get(f"/desk/campaigns/{here}/handover")
        assert page.status_code == 200
        assert "/handover/share" not in page.text
        for form in ("csv", "xlsx", "json"):
            kept = await browser.get(f"/desk/campaigns/{here}/handover/figures.{form}?model=teahouse")
            assert kept.status_code == 200
            assert re.fullmatch(
                rf'attachment; filename="peil-teahouse-[0-9-]{{10}}-figures.{form}"',
                kept.headers["content-disposition"],
            )
        assert (await browser.get(f"/desk/campaigns/{here}/handover/figures.csv?model=x")).status_code == 404
    async with desk.client(desk.strange_viewer) as browser:
        assert (await browser.get(f"/desk/campaigns/{here}/handover")).status_code == 404


async def test_the_page_says_what_to_do_where_nothing_was_published(desk: DeskHouse) -> None:
    here = campaign(desk)
    for actor, key in ((desk.consultant, "none"), (desk.viewer, "none_viewer")):
        async with desk.client(actor) as browser:
            text = (await browser.get(f"/desk/campaigns/{here.id}/handover")).text
        assert html.escape(say("nl", f"desk_handing_over.{key}")) in text


async def test_who_looks_at_shared_views_too_often_waits(desk: DeskHouse) -> None:
    async with desk.client() as browser:
        answers = [(await browser.get(f"/desk/shared/{n:064x}")).status_code for n in range(70)]
    assert answers[:60] == [404] * 60
    assert 429 in answers


async def test_another_length_or_language_is_not_shared(desk: DeskHouse) -> None:
    here, _ = made(desk)
    at = f"/desk/campaigns/{here}/handover"
    async with desk.client(desk.consultant) as browser:
        for wrong in ({"days": "8"}, {"language": "fr"}):
            fields = {"model": "teahouse", "language": "nl", "days": "7", "label": "", **wrong}
            await browser.submit(f"{at}/share", fields, at=at)
            assert html.escape(say("nl", "desk_handing_over.share_wrong")) in (await browser.get(at)).text
    assert len(desk.house.rows(tables.desk_shares)) == 1
