"""Handing over what was published: files and shared views, on both databases."""

from __future__ import annotations

import io
import json

import openpyxl  # type: ignore[import-untyped]
import pytest

from bot.render.tables import csv_file, xlsx_file
from bot.service.desk.access import Missing, Refused
from bot.service.desk.handing_over import HandingOver, Shared, as_data, figures
from bot.store import tables
from tests.integration.desk.conftest import DeskHouse
from tests.integration.desk.test_comparing import campaign, crowd, publish


def of(desk: DeskHouse) -> HandingOver:
    return desk.cases.handing_over


def made(desk: DeskHouse, days: int = 7) -> tuple[str, Shared]:
    """A campaign with an edition of six people, and a shared view of it."""
    here = campaign(desk)
    crowd(desk, here, 6)
    edition = publish(desk, here)
    shared = of(desk).share(
        desk.consultant, here.id, edition.id, language="nl", label="Voor de directie", days=days
    )
    return here.id, shared


def test_a_shared_view_shows_the_edition_to_whoever_has_the_key(desk: DeskHouse) -> None:
    _, shared = made(desk)
    assert shared.key is not None
    found = of(desk).shared(shared.key)
    assert found is not None
    share, edition = found
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
    [listed] = of(desk).shares(desk.consultant, here)
    assert listed.key is None
    assert listed.share.ended_at is not None


def test_the_key_is_not_in_the_database(desk: DeskHouse) -> None:
    _, shared = made(desk)
    assert shared.key is not None
    assert desk.house.traces(shared.key[32:]) == []


def test_only_some_lengths_and_languages_are_shared(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 6)
    edition = publish(desk, here)
    for wrong in ({"days": 8}, {"language": "fr"}, {"label": "x" * 121}):
        options = {"language": "nl", "label": "x", "days": 7, **wrong}
        with pytest.raises(Refused):
            of(desk).share(desk.consultant, here.id, edition.id, **options)  # type: ignore[arg-type]


def test_viewers_take_files_along_and_share_nothing(desk: DeskHouse) -> None:
    here, shared = made(desk)
    edition_id = shared.share.edition_id
    assert of(desk).edition(desk.viewer, here, edition_id).id == edition_id
    with pytest.raises(Refused):
        of(desk).share(desk.viewer, here, edition_id, language="nl", label="", days=7)
    with pytest.raises(Refused):
        of(desk).shares(desk.viewer, here)
    with pytest.raises(Refused):
        of(desk).withdraw(desk.viewer, here, shared.share.id)


def test_of_another_organisation_all_of_it_is_missing(desk: DeskHouse) -> None:
    here, shared = made(desk)
    edition_id, share_id = shared.share.edition_id, shared.share.id
    elsewhere = campaign(desk)
    for actor in (desk.stranger, desk.strange_viewer):
        with pytest.raises(Missing):
            of(desk).edition(actor, here, edition_id)
        with pytest.raises(Missing):
            of(desk).shares(actor, here)
        with pytest.raises(Missing):
            of(desk).withdraw(actor, here, share_id)
        with pytest.raises(Missing):
            of(desk).share(actor, here, edition_id, language="nl", label="", days=7)
    # Nor by way of another campaign of one's own.
    with pytest.raises(Missing):
        of(desk).withdraw(desk.consultant, elsewhere.id, share_id)
    with pytest.raises(Missing):
        of(desk).edition(desk.consultant, elsewhere.id, edition_id)


def test_it_is_written_down_without_the_key(desk: DeskHouse) -> None:
    here, shared = made(desk)
    of(desk).edition(desk.viewer, here, shared.share.edition_id)
    of(desk).withdraw(desk.consultant, here, shared.share.id)
    actions = [action for _, action, _ in desk.audit()]
    for action in ("share_made", "edition_exported", "share_withdrawn"):
        assert action in actions
    assert shared.key is not None
    assert shared.key not in json.dumps([row["detail"] for row in desk.house.rows(tables.audit)])


def test_the_figures_are_a_table_of_every_group(desk: DeskHouse) -> None:
    here, shared = made(desk)
    edition = of(desk).edition(desk.viewer, here, shared.share.edition_id)
    head, *rows = figures(edition)
    table = [dict(zip(head, row, strict=True)) for row in rows]
    groups = [str(row["group"]) for row in table]
    assert list(dict.fromkeys(groups))[:2] == ["all", "work_floor"]
    leaves = next(row for row in table if (row["group"], row["id"]) == ("all", "tea.leaves"))
    assert (leaves["n"], leaves["mean"], leaves["level_2"], leaves["agreement"]) == (6, 2.0, 6, 1.0)
    book = openpyxl.load_workbook(io.BytesIO(xlsx_file({"figures": [head, *rows]})))
    assert [cell.value for cell in book["figures"][1]] == head
    assert book["figures"].max_row == len(rows) + 1
    assert "comparison" in json.loads(json.dumps(as_data(edition)))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_no_text_in_a_file_is_a_formula(text: str) -> None:
    [[cell]] = openpyxl.load_workbook(io.BytesIO(xlsx_file({"a": [["x"], [text]]})))["a"]["A2:A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")
    assert csv_file([[text]]).decode("utf-8-sig").lstrip('"').startswith("'")


def test_numbers_in_a_file_stay_numbers() -> None:
    assert csv_file([[-0.8, None, 3]]).decode("utf-8-sig") == "-0.8,,3\r\n"
