"""`peil bundle` and `peil verify`: a real conversation as a file that can be checked anywhere."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.service.bundle import sealed
from bot.settings import ROOT
from bot.store import tables
from bot.texts import say
from tests.integration.parts import House, Person, teahouse

Peil = Callable[..., Result]
GCCJ = ROOT / "models" / "maturity" / "gccj.yml"


@pytest.fixture
def peil(house: House) -> Peil:
    """Runs the command with the settings of the test's house."""

    def run(*words: str | Path, **environment: str) -> Result:
        env = {
            "PEIL_DATA_DIR": str(house.settings.data_dir),
            "PEIL_DATABASE_URL": house.database_url,
            "PEIL_DEFINITIONS": str(house.definitions),
            **environment,
        }
        return CliRunner().invoke(main, [str(word) for word in words], env=env)

    return run


def complete(person: Person) -> str:
    """Answer all (tea 2, 3, guests 1, 'don't know', crockery 2, 3) and change the last to 2; the run's id."""
    for level in "2", "3", "1":
        person.say(level)
    person.say("geen idee", "dont_know")
    for level in "2", "3":
        person.say(level)
    person.say("terug", "back")
    person.say("2")
    return person.house.runs(person.id)[0].id


def refused(result: Result, code: int, *words: str) -> None:
    """The command ended with this code and one sentence that has these words, and no traceback."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, result.stdout) == (code, "")
    [line] = result.stderr.strip().splitlines()
    assert line.endswith(".")
    for word in words:
        assert word in line


# --- bundle ------------------------------------------------------------------------------------------


def test_a_bundle_of_a_conversation_checks_and_its_scores_are_those_by_hand(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    run = complete(Person(house))
    file = tmp_path / "bundle.json"

    made = peil("bundle", run, "--out", file)

    assert (made.exit_code, made.stdout) == (0, f"Assessment {run} written to {file}.\n")
    bundle = json.loads(file.read_text(encoding="utf-8"))
    assert bundle["assessment"] == {
        "id": run,
        "model": "teahouse",
        "version": "1.0.0",
        "definition": house.runs(bundle_owner(house))[0].definition_hash,
        "depth": "full",
        "business_line": "b2c",
        "status": "completed",
        "started_at": bundle["assessment"]["started_at"],
        "completed_at": bundle["assessment"]["completed_at"],
    }
    given = [
        (one["number"], one["item"], one["kind"], one["level"], one["supersedes"])
        for one in bundle["answers"]
    ]
    assert given == [
        (1, "tea.leaves", "level", 2, None),
        (2, "tea.brewing", "level", 3, None),
        (3, "guests.welcome", "level", 1, None),
        (4, "guests.biscuits", "dont_know", None, None),
        (5, "pots.condition", "level", 2, None),
        (6, "pots.care", "level", 3, None),
        (7, "pots.care", "level", 2, 6),
    ]
    # Tea: (3·2 + 1·3) / 4 = 2.25. Guests: welcome alone. Pots: (2 + 2) / 2.
    scores = {one["id"]: one["score"] for one in bundle["result"]["dimensions"]}
    assert scores == {"tea": 2.25, "guests": 1.0, "pots": 2.0}
    checked = peil("verify", file)
    assert checked.exit_code == 0, checked.stderr
    assert checked.stdout == (
        f"Assessment {run}, teahouse 1.0.0, 7 answers, definition {bundle['definition']['hash']}: "
        "all is as it says.\n"
    )


def bundle_owner(house: House) -> str:
    return str(house.rows(tables.conversations)[-1]["id"])


def test_a_bundle_says_what_show_says(house: House, peil: Peil) -> None:
    run = complete(Person(house))

    bundle = json.loads(peil("bundle", run).stdout)
    shown = json.loads(peil("assessments", "show", run).stdout)

    assert bundle["result"]["overall"] == shown["result"]["overall"]
    assert bundle["result"]["dimensions"] == shown["result"]["dimensions"]
    assert [(one["item"], one["from"], one["to"], one["reason"]) for one in bundle["advice"]] == [
        (one["item"], one["from"], one["to"], one["reason"]) for one in shown["result"]["advice"]
    ]


def test_a_bundle_holds_nothing_of_the_person_and_nothing_that_opens_anything(
    house: House, peil: Peil
) -> None:
    person = Person(
        house, segments={"role_layer": "front_line", "department": "ecommerce", "business_line": "b2b"}
    )
    person.say("xyzzyworm, geen idee", "dont_know")
    person.say("een mens graag", "human")
    person.say("plugh@example.org")
    person.say("3")
    run = house.runs(person.id)[0].id

    text = peil("bundle", run).stdout

    everything = house.everything()
    secret = [person.id, "xyzzyworm", "plugh", "front_line", "ecommerce", "respondent", house.settings.secret]
    secret += [row["turn_id"] for row in everything["inbox"]]
    secret += [row["public_id"] for row in everything["transcript"] if row["role"] == "bot"]
    secret += [
        row[key]
        for table in ("links", "pictures", "help_requests")
        for row in everything[table]
        for key in ["id"]
    ]
    secret += list(person.buttons.values())
    assert len(secret) > 20
    assert [word for word in secret if f'"{word}"' in text or (len(word) > 8 and word in text)] == []


def test_words_are_written_only_when_asked_for(house: House, peil: Peil, tmp_path: Path) -> None:
    person = Person(house)
    person.say("ik heb echt géén idee", "dont_know")
    person.tap("2 ·")
    run = house.runs(person.id)[0].id

    assert peil("bundle", run, "--with-words", "--out", tmp_path / "b.json").exit_code == 0

    bundle = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert [one["words"] for one in bundle["answers"]] == ["ik heb echt géén idee", None]
    assert peil("verify", tmp_path / "b.json").exit_code == 0
    assert "words" not in json.loads(peil("bundle", run).stdout)["answers"][0]


def test_an_assessment_under_way_and_one_without_answers_make_bundles_too(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    person = Person(house)
    run = house.runs(person.id)[0].id
    for number in range(2):
        file = tmp_path / f"{number}.json"
        assert peil("bundle", run, "--out", file).exit_code == 0
        assert peil("verify", file).exit_code == 0
        assert json.loads(file.read_text())["assessment"]["status"] == "active"
        person.say("2")


def test_answers_are_numbered_within_the_assessment_whatever_else_the_house_holds(
    house: House, peil: Peil
) -> None:
    one, other = Person(house), Person(house)
    for level in "123":
        one.say(level)
        other.say(level)

    for person in (one, other):
        bundle = json.loads(peil("bundle", house.runs(person.id)[0].id).stdout)
        assert [answer["number"] for answer in bundle["answers"]] == [1, 2, 3]


def test_an_assessment_keeps_its_own_definition_in_its_bundle(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    run = complete(Person(house))
    before = json.loads(peil("bundle", run).stdout)
    new = teahouse().replace("version: 1.0.0", "version: 2.0.0").replace("weight: 3", "weight: 2")
    house.publish(teahouse=new)

    assert json.loads(peil("bundle", run).stdout) == before


def test_a_checklist_and_a_quick_scan_make_bundles_that_check(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    house.publish(gccj=GCCJ.read_text(encoding="utf-8"))
    person = Person(house, prefill={"model": "gccj", "depth": "quick"})
    person.say("1, 2 en 4")
    person.say("3 gepland, 5 past niet")
    person.say("weet ik niet", "dont_know")
    person.say("1")
    person.say("overslaan", "skip")
    person.say("geldt niet voor ons", "not_applicable")
    run = house.runs(person.id)[0]
    assert (run.status, run.depth) == ("completed", "quick")
    file = tmp_path / "quick.json"

    assert peil("bundle", run.id, "--out", file).exit_code == 0

    assert peil("verify", file).exit_code == 0
    bundle = json.loads(file.read_text(encoding="utf-8"))
    first, second = bundle["answers"][:2]
    assert first["given"]["social_commerce"] == "not_in_place"
    assert (second["given"]["social_commerce"], second["supersedes"]) == ("planned", 1)
    assert bundle["result"]["indication"] is True
    # In place: 2 of 2 of stage 1, 1 of 2 of stage 2, and none of the 4 of stage 3 that fit: 1 + 1/2 + 0.
    [element] = [one for one in bundle["result"]["elements"] if one["id"] == "channels.purchase"]
    assert (element["in_place"], element["applicable"], element["score"], element["stage"]) == (3, 8, 1.5, 1)
    statuses = {one["id"]: one["status"] for one in bundle["result"]["dimensions"]}
    assert statuses["conversation"] == "not_applicable"
    assert len(bundle["first_steps"]) == 1

    # The same conversation goes on with all questions: another bundle, of the same assessment.
    person.tap(say("nl", "depth.deepen"))
    person.say("1")
    deeper = tmp_path / "full.json"
    assert peil("bundle", run.id, "--out", deeper).exit_code == 0
    assert peil("verify", deeper).exit_code == 0
    bundle = json.loads(deeper.read_text(encoding="utf-8"))
    assert (bundle["assessment"]["depth"], bundle["result"]["indication"]) == ("full", False)


def test_a_bundle_of_nothing_and_a_file_that_cannot_be_written_are_one_sentence(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    refused(peil("bundle", "nothing"), 1, "There is no assessment nothing.")
    run = complete(Person(house))
    file = tmp_path / "bundle.json"
    file.write_text("mine", encoding="utf-8")
    refused(peil("bundle", run, "--out", file), 1, "is there already; --force replaces it.")
    assert file.read_text(encoding="utf-8") == "mine"
    assert peil("bundle", run, "--out", file, "--force").exit_code == 0
    assert peil("verify", file).exit_code == 0
    refused(peil("bundle", run, "--out", tmp_path / "none" / "b.json"), 1, "cannot be written: No such file")
    refused(peil("bundle", run, "--out", tmp_path), 1)


def test_a_bundle_is_for_nobody_else_on_the_machine(house: House, peil: Peil, tmp_path: Path) -> None:
    run = complete(Person(house))
    old = os.umask(0)
    try:
        peil("bundle", run, "--out", tmp_path / "b.json")
    finally:
        os.umask(old)

    assert stat.S_IMODE((tmp_path / "b.json").stat().st_mode) == 0o600


# --- verify ------------------------------------------------------------------------------------------


@pytest.fixture
def bundle(house: House, peil: Peil) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(peil("bundle", complete(Person(house))).stdout)
    return made


def verify(peil: Peil, tmp_path: Path, content: Any) -> Result:
    file = tmp_path / "checked.json"
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return peil("verify", file)


def test_what_is_not_as_it_says_is_told_line_by_line(
    bundle: dict[str, Any], peil: Peil, tmp_path: Path
) -> None:
    bundle["result"]["dimensions"][2]["score"] = 2.3

    result = verify(peil, tmp_path, sealed(bundle))

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "result.dimensions[pots].score: the file says 2.3, the answers give 2.0",
        f"{tmp_path / 'checked.json'} is not as it says: 1 difference.",
    ]
    damaged = verify(peil, tmp_path, bundle)
    assert damaged.exit_code == 1
    assert [line.partition(":")[0] for line in damaged.stderr.splitlines()[:3]] == [
        "sha256.result",
        "sha256.whole",
        "result.dimensions[pots].score",
    ]


def test_a_level_that_somebody_raised_is_found(bundle: dict[str, Any], peil: Peil, tmp_path: Path) -> None:
    bundle["answers"][2]["level"] = 3

    result = verify(peil, tmp_path, sealed(bundle))

    assert result.exit_code == 1
    assert "result.dimensions[guests].score: the file says 1.0, the answers give 3.0" in result.stderr


def test_what_cannot_be_checked_is_one_sentence(bundle: dict[str, Any], peil: Peil, tmp_path: Path) -> None:
    raw = json.dumps(bundle).encode()
    refused(verify(peil, tmp_path, raw[: len(raw) // 2]), 2, "cannot be checked: it is not whole")
    refused(verify(peil, tmp_path, b""), 2, "cannot be checked")
    refused(verify(peil, tmp_path, b"\x89PNG\r\n\x1a\n"), 2, "cannot be checked")
    refused(peil("verify", ROOT / "docs" / "openapi.json"), 2, "it is no bundle of Peil")
    refused(peil("verify", tmp_path / "none.json"), 2, "cannot be read: No such file or directory.")
    refused(peil("verify", tmp_path), 2, "cannot be read: Is a directory.")
    bundle["format"]["version"] = 2
    refused(verify(peil, tmp_path, sealed(bundle)), 2, "it is of a newer format (2, and this Peil has 1)")
    assert peil("verify").exit_code == 2


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
def test_verify_needs_no_settings_no_database_and_no_network(
    bundle: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(bundle), encoding="utf-8")

    def no_network(*args: Any, **options: Any) -> Any:
        raise AssertionError("verify opened a socket")

    monkeypatch.setattr(socket, "socket", no_network)
    env = {"PEIL_HTTP_PORT": "many", "PEIL_DATABASE_URL": "nonsense://", "PEIL_DATA_DIR": "/nowhere"}
    result = CliRunner().invoke(main, ["verify", str(file)], env=env)

    assert result.exit_code == 0, result.stderr
    assert not Path("/nowhere").exists()


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
def test_verify_loads_neither_database_nor_web_in_a_process_of_its_own(
    bundle: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(bundle), encoding="utf-8")
    code = (
        "import sys; from bot.cli import main\n"
        f"try: main(['verify', {str(file)!r}])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print(sorted({'sqlalchemy', 'fastapi', 'matplotlib', 'psycopg'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"
