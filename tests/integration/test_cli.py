"""The `peil` command on a real database: what a consultant reads, checks and erases."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from pypdf import PdfReader

from bot.cli import main
from bot.definitions import load
from bot.service.reading import count_words, reading_parts, total
from bot.service.review import COLUMNS
from bot.settings import ROOT
from bot.texts import say
from tests.integration.parts import ITEMS, House, Person, reading, teahouse

Peil = Callable[..., Result]


@pytest.fixture
def peil(house: House) -> Peil:
    """Runs the command with the settings of the test's house."""

    def run(*words: str, answer: str | None = None, **environment: str) -> Result:
        env = {
            "PEIL_DATA_DIR": str(house.settings.data_dir),
            "PEIL_DATABASE_URL": house.database_url,
            "PEIL_DEFINITIONS": str(house.definitions),
            **environment,
        }
        return CliRunner().invoke(main, words, env=env, input=answer)

    return run


def check_sentence(result: Result, *words: str) -> None:
    """The command failed with one sentence that has these words, and no traceback."""
    assert result.exit_code != 0
    assert isinstance(result.exception, SystemExit), result.exception
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].endswith("."), lines
    for word in words:
        assert word in lines[0]
    assert result.stdout == ""


def complete(person: Person) -> None:
    """Answer all six: tea 2 and 3, guests 1 and 'don't know', crockery 2 and 3."""
    for level in "2", "3", "1":
        person.say(level)
    person.say("geen idee", "dont_know")
    for level in "2", "3":
        person.say(level)


# --- assessments ---


def test_list_names_every_assessment_oldest_first(house: House, peil: Peil) -> None:
    assert peil("assessments", "list").stdout == "There are no assessments yet.\n"
    one = Person(house)
    complete(one)
    house.clock.move(hours=2)
    two = Person(house, segments={"role_layer": "front_line", "department": "skipped"})
    two.say("overslaan")
    two.say("1")

    result = peil("assessments", "list")

    assert result.exit_code == 0
    head, first, second = [line.split() for line in result.stdout.splitlines()]
    segments = ["role_layer", "department", "business_line"]
    assert head == ["id", "model", "version", "status", *segments, "answers", "started", "conversation"]
    about, when = ["management", "marketing", "b2c"], ["2026-03-02", "09:30"]
    run = house.runs(one.id)[0].id
    assert first == [run, "teahouse", "1.0.0", "completed", *about, "6", *when, one.id]
    about, when = ["front_line", "skipped", "-"], ["2026-03-02", "11:30"]
    run = house.runs(two.id)[0].id
    assert second == [run, "teahouse", "1.0.0", "active", *about, "1", *when, two.id]


def test_show_gives_answers_superseded_ones_too_and_the_scores(house: House, peil: Peil) -> None:
    person = Person(house)
    complete(person)
    person.say("terug", "back")
    person.say("2")
    [run] = house.runs(person.id)

    result = peil("assessments", "show", run.id)

    assert result.exit_code == 0
    shown = json.loads(result.stdout)
    assert (shown["id"], shown["conversation"], shown["status"]) == (run.id, person.id, "completed")
    assert (shown["model"], shown["version"], shown["open_question"]) == ("teahouse", "1.0.0", None)
    about = (shown["role_layer"], shown["department"], shown["business_line"])
    assert about == ("management", "marketing", "b2c")
    given = [(one["item"], one["kind"], one["level"], one["words"]) for one in shown["answers"]]
    assert given == [
        ("tea.leaves", "level", 2, "2"),
        ("tea.brewing", "level", 3, "3"),
        ("guests.welcome", "level", 1, "1"),
        ("guests.biscuits", "dont_know", None, "geen idee"),
        ("pots.condition", "level", 2, "2"),
        ("pots.care", "level", 3, "3"),
        ("pots.care", "level", 2, "2"),
    ]
    ids = [one["id"] for one in shown["answers"]]
    assert [one["superseded_by"] for one in shown["answers"]] == [*[None] * 5, ids[6], None]
    scores = {one["id"]: one["score"] for one in shown["result"]["dimensions"]}
    # Tea: leaves weigh 3, brewing 1: (3·2 + 1·3) / 4. Crockery: (2 + 2) / 2.
    assert scores["tea"] == pytest.approx(2.25)
    assert scores["pots"] == pytest.approx(2.0)
    assert shown["result"]["advice"]


def test_transcript_shows_the_conversation_and_what_own_words_sounded_like(house: House, peil: Peil) -> None:
    text = "We bellen de tuin zelf"
    house.places({text: reading("tea.leaves", "de tuin", 5, 10, 85)})
    person = Person(house)
    person.say(text)
    run = house.runs(person.id)[0]
    open_ = peil("assessments", "transcript", run.id).stdout
    person.say("nee, een 2")

    result = peil("assessments", "transcript", run.id)

    assert result.exit_code == 0
    told = "    -> tea.leaves: clear (1: 5.0%, 2: 10.0%, 3: 85.0%); chosen: "
    assert f"respondent\n    {text}\n{told}2\n" in result.stdout
    assert f"{told}nothing yet\n" in open_
    shown = json.loads(peil("assessments", "transcript", run.id, "--json").stdout)
    assert [one["placed"][0]["chosen"] for one in shown if one["placed"]] == [2]
    check_sentence(peil("assessments", "transcript", "nothing"), "There is no assessment nothing.")


def test_show_of_what_is_not_there_says_so(peil: Peil) -> None:
    check_sentence(peil("assessments", "show", "nothing"), "There is no assessment nothing.")


def test_report_writes_a_pdf_in_the_respondents_language_or_another(
    house: House, peil: Peil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    person = Person(house)
    complete(person)
    [run] = house.runs(person.id)
    name = "peil-theehuisscan-klanten-consumenten-2026-03-02.pdf"

    result = peil("report", run.id)

    assert (result.exit_code, result.stdout) == (0, f"Report of assessment {run.id} written to {name}.\n")
    dutch = PdfReader(tmp_path / name)
    assert "Gemiddeld" in dutch.pages[0].extract_text()
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    check_sentence(peil("report", run.id), f"{name} is there already; --force replaces it.")
    assert peil("report", run.id, "--force", "--language", "en", "--out", "een.pdf").exit_code == 0
    assert "On average" in PdfReader(tmp_path / "een.pdf").pages[0].extract_text()
    check_sentence(peil("report", run.id, "--out", "no/such.pdf"), "no/such.pdf cannot be written")


def test_report_leaves_own_words_out_if_asked_to(house: House, peil: Peil, tmp_path: Path) -> None:
    person = Person(house)
    complete(person)
    [run] = house.runs(person.id)
    with house.store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE answers SET words = 'wat er van oma over is' WHERE value = 2"))
    for file, options in (("with.pdf", ()), ("without.pdf", ("--without-words",))):
        assert peil("report", run.id, "--out", str(tmp_path / file), *options).exit_code == 0
    told = [
        "".join(page.extract_text() for page in PdfReader(tmp_path / file).pages)
        for file in ("with.pdf", "without.pdf")
    ]

    assert ["van oma over" in one for one in told] == [True, False]


def test_report_of_what_is_not_there_says_so(peil: Peil) -> None:
    check_sentence(peil("report", "nothing"), "There is no assessment nothing.")


def test_export_as_json_has_one_row_for_each_answer_that_holds(house: House, peil: Peil) -> None:
    person = Person(house)
    complete(person)
    person.say("terug", "back")
    person.say("2")

    result = peil("assessments", "export", "--format", "json")

    rows = json.loads(result.stdout)
    assert [tuple(row) for row in rows] == [COLUMNS] * 6
    assert {row["item"]: row["level"] for row in rows} == dict(zip(ITEMS, (2, 3, 1, None, 2, 2), strict=True))
    assert [row["dimension"] for row in rows] == ["tea", "tea", "guests", "guests", "pots", "pots"]
    assert {row["dimension_score"] for row in rows if row["dimension"] == "tea"} == {2.25}
    assert {row["completed_at"] is not None for row in rows} == {True}
    about = {(row["role_layer"], row["department"], row["business_line"]) for row in rows}
    assert about == {("management", "marketing", "b2c")}


def test_two_rounds_are_told_apart_by_the_customers_that_they_are_about(house: House, peil: Peil) -> None:
    person = Person(house, segments={"role_layer": "board", "department": "sales", "business_line": "both"})
    person.say("consumenten")
    complete(person)
    person.say("ja")
    person.say("3")

    rows = json.loads(peil("assessments", "export", "--format", "json").stdout)

    assert [row["business_line"] for row in rows] == ["b2c"] * 6 + ["b2b"]
    assert {(row["role_layer"], row["department"]) for row in rows} == {("board", "sales")}
    assert list(rows[0])[3:9] == [
        "status",
        "depth",
        "role_layer",
        "department",
        "business_line",
        "started_at",
    ]


def test_before_segments_were_asked_there_are_none_to_tell(house: House, peil: Peil) -> None:
    person = Person(house)
    person.say("3")
    with house.store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE conversations SET segments = NULL"))
        connection.execute(sa.text("UPDATE assessments SET business_line = NULL"))

    [row] = csv.DictReader(io.StringIO(peil("assessments", "export", "--format", "csv").stdout, newline=""))

    assert (row["role_layer"], row["department"], row["business_line"]) == ("", "", "")
    assert peil("assessments", "list").stdout.splitlines()[1].split()[4:7] == ["-", "-", "-"]


def test_export_as_csv_can_be_read_back_and_no_cell_is_a_formula(house: House, peil: Peil) -> None:
    person = Person(house)
    words = (
        '=HYPERLINK("http://evil.example";"click")',
        "+31 6 12345678",
        "-1 of zo, nee",
        "@SUM(A1:A9)",
        "\t=1+1",
        'gewoon "thee", met\neen regel eronder; é €',
    )
    for one in words:
        person.say(one, "dont_know")

    result = peil("assessments", "export", "--format", "csv")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == ",".join(COLUMNS)
    rows = list(csv.DictReader(io.StringIO(result.stdout, newline="")))
    assert [row["words"] for row in rows] == [*[f"'{one}" for one in words[:5]], words[5]]
    assert [row["item"] for row in rows] == list(ITEMS)
    assert {row["kind"] for row in rows} == {"dont_know"}
    for row in rows:
        assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    # For programs there is JSON, with the words as they were said.
    assert [row["words"] for row in json.loads(peil("assessments", "export", "--format", "json").stdout)] == [
        *words
    ]


def test_an_export_of_nothing_is_empty_but_valid(peil: Peil) -> None:
    assert peil("assessments", "export", "--format", "csv").stdout == ",".join(COLUMNS) + "\n"
    assert json.loads(peil("assessments", "export", "--format", "json").stdout) == []
    assert peil("assessments", "export").exit_code == 2
    assert peil("assessments", "export", "--format", "xml").exit_code == 2


# --- requests ---


def test_requests_name_who_asked_for_a_person_where_and_how_to_reach_them(house: House, peil: Peil) -> None:
    assert peil("requests").stdout == "Nobody has asked for a person yet.\n"
    silent = Person(house)
    silent.say("2")
    silent.say("kan ik iemand spreken", "human")
    house.clock.move(hours=1)
    waiting = Person(house, segments={})
    waiting.say("een mens graag", "human")
    waiting.say("bel maar: 06 12345678")

    result = peil("requests")

    assert result.exit_code == 0
    head, first, second = [line.split(maxsplit=5) for line in result.stdout.splitlines()]
    assert head == ["asked", "conversation", "assessment", "question", "contact"]
    run = house.runs(silent.id)[0].id
    assert first == ["2026-03-02", "09:30", silent.id, run, "tea.brewing", "-"]
    assert second == ["2026-03-02", "10:30", waiting.id, "-", "-", "bel maar: 06 12345678"]


def test_what_somebody_typed_does_nothing_to_the_terminal_and_stays_on_its_line(
    house: House, peil: Peil
) -> None:
    person = Person(house)
    person.say("een mens graag", "human")
    person.say("\x1b[2J\x07mail\r\nme@example.org \u202eok")

    lines = peil("requests").stdout.splitlines()

    assert len(lines) == 2
    assert lines[1].endswith(" [2J mail me@example.org ok")


def test_a_request_goes_with_its_conversation(house: House, peil: Peil) -> None:
    person = Person(house)
    person.say("een mens graag", "human")
    person.say("me@example.org")
    assert "me@example.org" in peil("requests").stdout

    assert peil("forget", person.id, "--yes").exit_code == 0

    assert peil("requests").stdout == "Nobody has asked for a person yet.\n"


# --- forget ---


def test_forget_asks_first_and_then_erases(house: House, peil: Peil) -> None:
    person = Person(house)
    person.say("tja xyzzyworm")

    refused = peil("forget", person.id, answer="n\n")
    assert refused.exit_code == 1
    assert house.traces("xyzzyworm") != []

    done = peil("forget", person.id, answer="y\n")
    assert done.exit_code == 0
    assert "erased" in done.stdout
    assert house.traces("xyzzyworm") == []
    assert house.traces(person.id) == []


def test_forget_yes_asks_nothing(house: House, peil: Peil) -> None:
    person, other = Person(house), Person(house)
    other.say("3")

    assert peil("forget", person.id, "--yes").exit_code == 0

    assert house.traces(person.id) == []
    assert house.holds(other.id) == {"tea.leaves": 3}
    check_sentence(peil("forget", person.id, "--yes"), f"There is no conversation {person.id}.")


# --- checks ---


def test_definitions_check_is_content_with_good_ones_and_names_what_is_wrong(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    house.publish(teahouse=teahouse())
    good = peil("definitions", "check")
    assert (good.exit_code, good.stdout) == (0, "1 definition checked: all is well.\n")

    broken = tmp_path / "broken" / "teahouse.yml"
    broken.parent.mkdir()
    text = teahouse().replace("weight: 3", "weight: heavy")
    broken.write_text(text, encoding="utf-8")
    line = text.splitlines().index("        weight: heavy") + 1
    result = peil("definitions", "check", str(broken))

    assert result.exit_code == 1
    assert result.stdout == ""
    [problem] = result.stderr.strip().splitlines()
    assert f"{broken}:{line}" in problem
    assert "weight" in problem
    assert peil("definitions", "check", str(tmp_path / "nowhere.yml")).exit_code == 1


def test_definitions_reading_counts_words_taps_and_minutes_in_each_language(house: House, peil: Peil) -> None:
    house.publish(teahouse=teahouse())

    result = peil("definitions", "reading")

    assert result.exit_code == 0
    speed, *blocks = result.stdout.split("\n\n")
    assert speed == "238 words a minute, 2 seconds a tap, no time to think"
    assert [block.splitlines()[0].split() for block in blocks] == [
        ["teahouse", "1.0.0,", language, "words", "taps", "minutes"] for language in ("nl", "en")
    ]
    for block in blocks:
        *parts, total, told = [line.rsplit(maxsplit=3) for line in block.splitlines()[1:]]
        name, words, taps, minutes = total
        # Consent, three questions before, six answers.
        assert (name, taps) == ("total", "10")
        assert minutes == f"{int(words) / 238 + 10 * 2 / 60:.1f}"
        assert int(words) == sum(int(line[24:31]) for line in block.splitlines()[1:-2])
        assert told[-1] == "2"
        assert len(parts) == 7

    broken = house.definitions / "teahouse.yml"
    broken.write_text(teahouse().replace("weight: 3", "weight: heavy"), encoding="utf-8")
    result = peil("definitions", "reading", str(broken))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "weight" in result.stderr


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_reading_counts_is_what_a_conversation_says(house: House, language: str) -> None:
    cemm = ROOT / "models" / "maturity" / "cemm.yml"
    house.publish(cemm=cemm.read_text(encoding="utf-8"))
    levels = {2: "2 · ", 3: "3 · "}
    heard = []
    # Each dimension at 2 or 3, as the reading time takes them: all alike, or one apart.
    for most, other in ((2, 3), (3, 2)):
        for apart in range(-1, 6):
            person = Person(house, language, segments={}, agrees=False)
            person.tap(say(language, "consent.yes"))
            for title in ("1 · ", "1 · ", "1 · "):
                person.tap(title)
            person.tap(say(language, "depth.full"))
            for number in range(18):
                person.tap(levels[other if number // 3 == apart else most])
            heard.append(sum(words_read(person)))

    assert total(reading_parts(load(cemm), language)).words == max(heard)


def words_read(person: Person) -> Iterator[int]:
    """The words of a conversation as its respondent reads them: messages, links, and each button once."""
    titles = set()
    for message in person.history:
        if message.role == "bot":
            yield count_words(message.text)
            yield from (count_words(link.title) for link in message.links)
            titles |= {button.title for button in message.buttons if button.style != "level"}
    yield from map(count_words, titles)


def test_the_definitions_and_texts_that_we_deliver_are_well(peil: Peil) -> None:
    own = peil("definitions", "check", PEIL_DEFINITIONS=str(ROOT / "models" / "maturity"))
    assert own.exit_code == 0, own.stderr
    texts = peil("texts", "check")
    assert (texts.exit_code, texts.stdout) == (0, "Texts checked: all is well.\n"), texts.stderr


def test_texts_check_fails_for_a_text_that_is_missing(peil: Peil, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.texts.check.problems", lambda: ["en.yml: greeting.one is missing"])

    result = peil("texts", "check")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "en.yml: greeting.one is missing\n"


# --- openapi ---


def test_openapi_prints_the_contract_without_needing_a_database(peil: Peil, tmp_path: Path) -> None:
    result = peil("openapi", PEIL_DATABASE_URL=f"sqlite:///{tmp_path / 'none' / 'none.db'}")

    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert set(document["paths"]) == {
        "/api/chat/back",
        "/api/chat/conversations",
        "/api/chat/messages",
        "/api/chat/move",
        "/api/chat/texts/{language}",
    }
    assert not (tmp_path / "none" / "none.db").exists()


# --- what cannot be used is one sentence ---


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
def test_a_wrong_setting_is_one_sentence_for_every_command(peil: Peil) -> None:
    for command in (
        ("assessments", "list"),
        ("assessments", "show", "x"),
        ("assessments", "export", "--format", "csv"),
        ("requests",),
        ("report", "x"),
        ("definitions", "check"),
        ("definitions", "reading"),
        ("forget", "x", "--yes"),
        ("openapi",),
        ("run",),
        ("talk",),
    ):
        result = peil(*command, PEIL_HTTP_PORT="many")
        check_sentence(result, "PEIL_HTTP_PORT", "'many'")
        assert result.exit_code == 1
        check_sentence(peil(*command, PEIL_HTP_PORT="1"), "PEIL_HTP_PORT is not a setting of Peil")


def test_a_wrong_setting_is_one_sentence_in_a_process_of_its_own(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PEIL_")}
    environment |= {"PEIL_DATA_DIR": str(tmp_path), "PEIL_LOG_LEVEL": "loud"}

    result = subprocess.run(
        [sys.executable, "-m", "bot.cli", "assessments", "list"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "PEIL_LOG_LEVEL must be debug, info, warning or error, not 'loud'." in result.stderr


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
def test_a_database_that_cannot_be_used_is_one_sentence(peil: Peil, tmp_path: Path) -> None:
    no_database = tmp_path / "text.db"
    no_database.write_text("This is no database, but quite long enough to look like one. " * 20)
    for url in (f"sqlite:///{no_database}", f"sqlite:///{tmp_path}", "postgresql://nobody@127.0.0.1:1/x"):
        for command in (("assessments", "list"), ("forget", "x", "--yes")):
            check_sentence(peil(*command, PEIL_DATABASE_URL=url), "The database cannot be used")
    assert no_database.read_text().startswith("This is no database")


def test_a_database_of_a_newer_peil_is_one_sentence(house: House, peil: Peil) -> None:
    set_version = sa.text("UPDATE alembic_version SET version_num = :version")
    with house.store.engine.begin() as connection:
        ours = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(set_version, {"version": "9999"})
    try:
        check_sentence(peil("assessments", "list"), "another version of Peil")
    finally:
        with house.store.engine.begin() as connection:
            connection.execute(set_version, {"version": ours})
