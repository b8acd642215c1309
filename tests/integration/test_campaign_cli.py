"""`peil organisation` and `peil campaign` on a real database: what a consultant types and gets back."""

from __future__ import annotations

import json
import logging
import re
import stat
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import segno
from click.testing import CliRunner, Result
from PIL import Image

from bot.cli import main
from bot.service.codes import read
from bot.store import tables
from tests.integration.campaigning import campaign, code, complete
from tests.integration.parts import House, Person

Peil = Callable[..., Result]

CREATE = ("campaign", "create", "--organisation", "Het Theehuis", "--name", "Voorjaar 2026")
ENOUGH = (*CREATE, "--model", "teahouse", "--by-name")
URL = re.compile(r"^  (web|telegram|whatsapp) +(\S+)$", re.MULTILINE)


@pytest.fixture
def peil(house: House) -> Peil:
    """Runs the command with the settings of the test's house, in English."""

    def run(*words: str, answer: str | None = None, **environment: str) -> Result:
        env = {
            "PEIL_DATA_DIR": str(house.settings.data_dir),
            "PEIL_DATABASE_URL": house.database_url,
            "PEIL_DEFINITIONS": str(house.definitions),
            **environment,
        }
        return CliRunner().invoke(main, words, env=env, input=answer)

    return run


def done(result: Result) -> str:
    """What a command wrote that did its work."""
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def refused(result: Result, exit_code: int = 1) -> str:
    """The one sentence of a command that did not."""
    assert result.exit_code == exit_code, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert last.endswith(".")
    if exit_code == 1:
        assert result.stderr.count("\n") == 1
    return last


# --- making -----------------------------------------------------------------------------------------


def test_a_campaign_is_made_and_shown_with_what_to_do_next(house: House, peil: Peil) -> None:
    words = (
        *(*CREATE, "--model", "teahouse", "--anonymous", "--language", "nl", "--depth", "full"),
        *("--segment", "role_layer=management", "--not-asked", "department", "--target", "teahouse.tea=3"),
        *("--opens", "2027-03-02", "--closes", "2027-04-01", "--welcome-nl", "Fijn dat je meedoet."),
        *("--contact", "Bo, bo@theehuis.example", "--reminders", "1"),
    )

    said = done(peil(*words))

    [row] = house.rows(tables.campaigns)
    assert said.splitlines() == [
        "Organisation Het Theehuis was new, and has been added.",
        f"campaign      Voorjaar 2026 ({row['id']})",
        "organisation  Het Theehuis",
        "now           not open yet",
        "kind          anonymous: nothing tells whose answers they are",
        "models        teahouse",
        "depth         all questions",
        "languages     nl",
        "known         role_layer=management, department not asked",
        "asked         business_line",
        "targets       teahouse.tea=3",
        "open          from 2027-03-02 00:00 until 2027-04-01 23:59 (Europe/Amsterdam)",
        "welcome       nl",
        "contact       Bo, bo@theehuis.example",
        "reminders     at most 1",
        "results       at once",
        "kept          until somebody erases it",
        "sites         none but Peil's own pages",
        "pre-filled    fields signed or not",
        "",
        "Nobody has been invited yet. Next, one of:",
        f"  peil campaign invite {row['id']} --open       one link for everybody",
        f"  peil campaign invite {row['id']} --count 10   ten links for one person each",
    ]
    assert row["welcome"] == {"nl": "Fijn dat je meedoet."}
    # It can be shown again by its name, whatever the capitals.
    shown = done(peil("campaign", "show", "voorjaar 2026"))
    assert shown.splitlines()[:16] == said.splitlines()[1:17]
    assert shown.endswith("Nobody has been invited yet.\n")


def test_organisations_are_added_and_listed(peil: Peil) -> None:
    assert done(peil("organisation", "list")) == "There are no organisations yet.\n"
    assert done(peil("campaign", "list")) == "There are no campaigns yet.\n"
    assert done(peil("organisation", "add", "Het Theehuis")) == "Organisation Het Theehuis was added.\n"
    assert "there already" in refused(peil("organisation", "add", "het theehuis"))

    assert "was new" not in done(peil(*ENOUGH))

    assert done(peil("organisation", "list")) == "Het Theehuis: 1 campaign\n"
    head, row = done(peil("campaign", "list")).splitlines()
    assert head.split() == ["id", "organisation", "name", "now", "kind", "models"]
    assert row.endswith("Het Theehuis  Voorjaar 2026  open  by name  teahouse")
    assert done(peil("campaign", "list", "--organisation", "HET THEEHUIS")).splitlines() == [head, row]
    assert "no organisation" in refused(peil("campaign", "list", "--organisation", "De Bakker"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--model", "pub"), "models: 'pub' is not on offer; choose from teahouse."),
        (("--depth", "quick"), "depth: 'quick' needs a quick scan, and teahouse has none."),
        (("--language", "de"), "languages: nl or en is expected, not 'de'."),
        (("--segment", "role_layer=king"), "segments.role_layer: board, "),
        (("--not-asked", "age"), "segments: role_layer, "),
        (("--target", "teahouse.tea=4"), "targets.teahouse.tea: a level from 1 to 3 is expected, not 4."),
        (("--target", "teahouse.beer=1"), "choose from tea, guests, pots."),
        (("--welcome-nl", "Hoi"), "en is missing."),
        (("--opens", "tomorrow"), "opens: a day or time like 2026-03-02"),
        (("--closes", "2020-01-01"), "closes: a moment that is still to come is expected."),
        (("--time-zone", "Mars"), "time_zone: a name like Europe/Amsterdam is expected, not 'Mars'."),
        (("--reminders", "11"), "reminders: 0 to 10 are expected, not 11."),
    ],
)
def test_what_a_campaign_cannot_be_is_said_in_a_sentence(
    house: House, peil: Peil, words: tuple[str, ...], said: str
) -> None:
    assert said in refused(peil(*ENOUGH, *words))
    assert house.rows(tables.organisations) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*CREATE, "--model", "teahouse"), "Say --anonymous or --by-name"),
        ((*CREATE, "--by-name"), "--model"),
        ((*ENOUGH, "--segment", "role_layer"), "is not like role_layer=management"),
        ((*ENOUGH, "--segment", "department=it", "--not-asked", "department"), "named twice"),
        ((*ENOUGH, "--target", "tea=3"), "is not like cemm.data=4"),
        ((*ENOUGH, "--target", "teahouse.tea=high"), "is not like cemm.data=4"),
        (("campaign", "invite", "Voorjaar 2026"), "Say one of --open"),
        (("campaign", "invite", "Voorjaar 2026", "--open", "--for", "Anna"), "Say one of --open"),
        (("campaign", "revoke", "Voorjaar 2026"), "Say which INVITATION"),
        (("campaign", "revoke", "Voorjaar 2026", "Anna", "--all"), "Say which INVITATION"),
    ],
)
def test_what_cannot_be_meant_ends_with_two(peil: Peil, words: tuple[str, ...], said: str) -> None:
    assert said in refused(peil(*words), exit_code=2)


def test_every_command_says_which_campaign_it_does_not_find(peil: Peil) -> None:
    for words in (
        ("show", "Najaar"),
        ("status", "Najaar"),
        ("invite", "Najaar", "--open"),
        ("links", "Najaar"),
        ("close", "Najaar", "--yes"),
        ("revoke", "Najaar", "--all", "--yes"),
    ):
        assert refused(peil("campaign", *words)) == "Error: There is no campaign 'Najaar'."


# --- inviting ---------------------------------------------------------------------------------------


def test_links_are_printed_for_each_channel_and_what_others_take(house: House, peil: Peil) -> None:
    done(peil(*ENOUGH))

    said = done(peil("campaign", "invite", "Voorjaar 2026", "--for", "Anna", "--for", "Bo"))

    rows = {row["label"]: row for row in house.rows(tables.invitations)}
    assert said.startswith(f"Anna ({rows['Anna']['id']}), for one person\n  code      ")
    assert f"Bo ({rows['Bo']['id']}), for one person\n" in said
    urls = URL.findall(said)
    assert [channel for channel, _ in urls] == ["web", "web"]
    for _, url in urls:
        Person(house, code=url.removeprefix("http://127.0.0.1:8000/c/"))
    assert "No links for Telegram: set PEIL_TELEGRAM_TOKEN and PEIL_TELEGRAM_BOT for that." in said
    assert "No links for WhatsApp: set PEIL_WHATSAPP_TOKEN and PEIL_WHATSAPP_NUMBER for that." in said
    assert "work on this machine only" in said


def test_links_can_be_printed_again_with_channels_that_were_set_up_since(house: House, peil: Peil) -> None:
    done(peil(*ENOUGH))
    first = done(peil("campaign", "invite", "Voorjaar 2026", "--for", "Anna"))
    done(peil("campaign", "invite", "Voorjaar 2026", "--open", "--language", "en"))

    said = done(
        peil(
            *("campaign", "links", "Voorjaar 2026", "anna"),
            PEIL_PUBLIC_URL="https://peil.example/",
            PEIL_TELEGRAM_TOKEN="123456:" + "a" * 30,
            PEIL_TELEGRAM_BOT="@peil_bot",
        )
    )

    held = read(re.findall(r"code +(\S+)", first)[0])
    assert URL.findall(said) == [
        ("web", f"https://peil.example/c/{held}"),
        ("telegram", f"https://t.me/peil_bot?start={held}"),
    ]
    assert "this machine only" not in said
    assert "Telegram:" not in said
    every = done(peil("campaign", "links", "Voorjaar 2026"))
    assert [channel for channel, _ in URL.findall(every)] == ["web", "web"]
    assert "for everybody, en" in every


def test_an_anonymous_campaign_takes_no_names_and_says_why(house: House, peil: Peil) -> None:
    done(peil(*CREATE, "--model", "teahouse", "--anonymous"))

    said = refused(peil("campaign", "invite", "Voorjaar 2026", "--for", "Anna"))

    assert "anonymous" in said
    assert len(URL.findall(done(peil("campaign", "invite", "Voorjaar 2026", "--count", "3")))) == 3
    assert [row["label"] for row in house.rows(tables.invitations)] == [None] * 3


def test_a_qr_picture_of_each_link_is_written_as_png_and_svg(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    done(peil(*ENOUGH))
    folder = tmp_path / "pictures" / "of Anna"

    said = done(peil("campaign", "invite", "Voorjaar 2026", "--for", "Anná B.", "--qr", str(folder)))

    [row] = house.rows(tables.invitations)
    name = f"voorjaar-2026-anna-b-{row['id'][:4]}-web"
    assert sorted(file.name for file in folder.iterdir()) == [f"{name}.png", f"{name}.svg"]
    assert said.endswith(f"2 QR pictures written to {folder}.\n")
    [(_, url)] = URL.findall(said)
    # Every module of the code that stands for the link is eight pixels wide, behind a margin of four.
    wanted = segno.make_qr(url, error="m")
    picture = Image.open(folder / f"{name}.png").convert("1")
    size = len(wanted.matrix)
    assert picture.size == ((size + 8) * 8, (size + 8) * 8)
    assert [
        [picture.getpixel(((4 + column) * 8 + 3, (4 + line) * 8 + 3)) == 0 for column in range(size)]
        for line in range(size)
    ] == [[bool(module) for module in line] for line in wanted.matrix]
    assert (folder / f"{name}.svg").read_bytes().startswith(b"<?xml")
    # The picture is as good as the code itself: it is for nobody else on the machine.
    assert stat.S_IMODE((folder / f"{name}.png").stat().st_mode) == 0o600


def test_a_picture_that_is_there_is_replaced_only_when_that_is_said(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    done(peil(*ENOUGH))
    done(peil("campaign", "invite", "Voorjaar 2026", "--open", "--qr", str(tmp_path)))
    [row] = house.rows(tables.invitations)
    file = tmp_path / f"voorjaar-2026-everybody-{row['id'][:4]}-web.png"
    held = file.read_bytes()
    file.write_bytes(b"something else")
    again = ("campaign", "links", "Voorjaar 2026", "--qr", str(tmp_path))

    result = peil(*again)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {file} is there already")
    assert file.read_bytes() == b"something else"
    done(peil(*again, "--force"))
    assert file.read_bytes() == held


def test_a_folder_that_cannot_be_made_is_found_before_anybody_is_invited(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    done(peil(*ENOUGH))
    (tmp_path / "file").write_text("")

    said = refused(peil("campaign", "invite", "Voorjaar 2026", "--open", "--qr", str(tmp_path / "file/qr")))

    assert "cannot be made" in said
    assert house.rows(tables.invitations) == []


def test_codes_are_in_no_list_no_status_and_no_log(
    house: House, peil: Peil, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    done(peil(*ENOUGH))
    said = done(peil("campaign", "invite", "Voorjaar 2026", "--for", "Anna"))
    shown = re.findall(r"code +(\S+)", said)[0]
    Person(house, code=read(shown)).say("1")

    for words in (("show",), ("status",), ("status", "--json"), ("revoke", "--all", "--yes")):
        told = done(peil("campaign", words[0], "Voorjaar 2026", *words[1:]))
        assert shown not in told
        assert read(shown) not in told
    assert shown not in caplog.text
    assert read(shown) not in caplog.text


# --- how far, and the end ---------------------------------------------------------------------------


def test_status_by_name_is_a_table_with_who_stands_where(house: House, peil: Peil) -> None:
    done(peil(*ENOUGH))
    made = done(peil("campaign", "invite", "Voorjaar 2026", "--for", "Anna", "--for", "Bo"))
    anna = Person(house, code=URL.findall(made)[0][1].rpartition("/")[2])
    for level in "122":
        anna.say(level)

    said = done(peil("campaign", "status", "Voorjaar 2026"))

    assert said.splitlines() == [
        "Voorjaar 2026, Het Theehuis: open, by name",
        "",
        "personal links  begun  open links  started  finished",
        "2               1      0           1        0",
        "",
        "where they stand        people",
        "opened, not agreed yet  0",
        "agreed, no answer yet   0",
        "in the first half       0",
        "in the second half      1",
        "finished                0",
        "",
        "role_layer  started  finished",
        "management  1        0",
        "",
        "department  started  finished",
        "marketing   1        0",
        "",
        "business_line  started  finished",
        "b2c            1        0",
        "",
        "who   stands              questions",
        "Anna  in the second half  teahouse 3 of 6",
        "Bo    not begun           -",
        "",
        "0 people agreed to reminders and have not finished.",
    ]
    data = json.loads(done(peil("campaign", "status", "Voorjaar 2026", "--json")))
    assert [(one["for"], one["stands"], one["assessments"]) for one in data["people"]] == [
        ("Anna", "second_half", [{"model": "teahouse", "done": 3, "of": 6, "completed": False}]),
        ("Bo", "not_begun", []),
    ]


def test_status_of_an_anonymous_campaign_has_numbers_only(house: House, peil: Peil) -> None:
    one = campaign(house, anonymous=True)
    open_ = code(house, one)
    people = [Person(house, code=open_) for _ in range(2)]
    complete(people[0])

    said = done(peil("campaign", "status", one.id))
    data = done(peil("campaign", "status", one.id, "--json"))

    assert "in groups below 5  2        1" in said
    assert "management" not in said + data
    assert "people" not in json.loads(data)
    for hidden in (*(person.id for person in people), *(house.runs(person.id)[0].id for person in people)):
        assert hidden not in said + data
    assert not re.search(r"\d\d:\d\d", said + data)


def test_what_is_listed_and_exported_of_an_anonymous_campaign_names_nobody(house: House, peil: Peil) -> None:
    person = Person(house, code=code(house, campaign(house, anonymous=True)))
    complete(person, "122231")
    person.say("ik wil een mens spreken", "human")
    run = house.runs(person.id)[0].id

    told: dict[str, Any] = {
        words: done(peil(*words.split()))
        for words in (
            "assessments list",
            f"assessments show {run}",
            "assessments export --format csv",
            "assessments export --format json",
            "requests",
            f"bundle {run}",
        )
    }

    for words, said in told.items():
        assert person.id not in said, words
        if words != "requests":
            assert "2026-03-02" not in said, words
            assert "09:30" not in said, words
        assert "marketing" not in said, words
    assert "what was typed is not told" in refused(peil("bundle", run, "--with-words"))


def test_the_bundle_of_an_anonymous_campaign_can_be_verified(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    person = Person(house, code=code(house, campaign(house, anonymous=True)))
    complete(person)
    file = tmp_path / "bundle.json"
    done(peil("bundle", house.runs(person.id)[0].id, "--out", str(file)))

    assert "all is as it says" in done(peil("verify", str(file)))
    assert json.loads(file.read_text())["assessment"]["completed_at"] == "2026-03-01T00:00:00+00:00"


def test_the_report_of_an_anonymous_campaign_tells_the_month_only(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    from pypdf import PdfReader

    person = Person(house, code=code(house, campaign(house, anonymous=True)))
    person.say("1, bij Flapdrol")
    complete(person, "22231")
    file = tmp_path / "report.pdf"
    done(peil("report", house.runs(person.id)[0].id, "--out", str(file)))

    content = file.read_bytes()
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    assert "maart 2026" in text
    assert "2 maart" not in text
    assert "Flapdrol" not in text
    assert b"D:20260302" not in content


def test_a_campaign_is_closed_once_that_was_confirmed(house: House, peil: Peil) -> None:
    done(peil(*ENOUGH))

    assert peil("campaign", "close", "Voorjaar 2026", answer="n\n").exit_code == 1
    assert house.rows(tables.campaigns)[0]["closed_at"] is None
    assert (
        "is closed. Whoever has begun can finish."
        in peil("campaign", "close", "Voorjaar 2026", answer="y\n").stdout
    )
    assert done(peil("campaign", "close", "Voorjaar 2026", "--yes")) == (
        "Campaign Voorjaar 2026 was closed already.\n"
    )
    assert "is closed" in refused(peil("campaign", "invite", "Voorjaar 2026", "--open"))
    assert "  closed  by name" in done(peil("campaign", "list"))


def test_invitations_are_taken_back_one_by_one_or_all(house: House, peil: Peil) -> None:
    done(peil(*ENOUGH))
    done(peil("campaign", "invite", "Voorjaar 2026", "--for", "Anna", "--for", "Bo", "--for", "Cas"))

    said = done(peil("campaign", "revoke", "Voorjaar 2026", "anna"))
    assert said == (
        "1 invitation taken back: nobody begins with it any more. Whoever has begun can finish.\n"
    )
    assert "taken back; its links" in refused(peil("campaign", "links", "Voorjaar 2026", "Anna"))
    assert "Anna" not in done(peil("campaign", "links", "Voorjaar 2026"))
    assert peil("campaign", "revoke", "Voorjaar 2026", "--all", answer="n\n").exit_code == 1
    assert "2 invitations taken back" in done(peil("campaign", "revoke", "Voorjaar 2026", "--all", "--yes"))
    assert done(peil("campaign", "revoke", "Voorjaar 2026", "--all", "--yes")) == (
        "Nothing was left to take back.\n"
    )
    assert done(peil("campaign", "links", "Voorjaar 2026")) == "There are no invitations.\n"
    shown = done(peil("campaign", "show", "Voorjaar 2026")).splitlines()
    assert [row.split()[-2:] for row in shown[-3:]] == [["taken", "back"]] * 3


def test_nothing_is_made_where_there_is_no_database(peil: Peil, tmp_path: Path) -> None:
    missing = tmp_path / "none.db"

    said = refused(peil(*ENOUGH, PEIL_DATABASE_URL=f"sqlite:///{missing}"))

    assert "There is no database" in said
    assert not missing.exists()
