"""`peil definitions diff`, and what is not published: a version in use keeps its meaning."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.bootstrap import StartError
from bot.cli import main
from bot.settings import ROOT
from bot.store import tables
from tests.integration.parts import House, Person, coffeebar, teahouse
from tests.integration.test_bundle import refused

Peil = Callable[..., Result]
MODELS = sorted((ROOT / "models" / "maturity").glob("*.yml"))


def version(number: str, *edits: tuple[str, str]) -> str:
    """The teahouse as this version, with these texts replaced."""
    text = teahouse().replace("version: 1.0.0", f"version: {number}")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


WORDS = ("Waar komt de thee vandaan die jullie schenken?", "Waar halen jullie de thee?")
WEIGHT = ("weight: 3", "weight: 2")
LEVEL = (
    ("We schenken de zakjes die toevallig in de kast liggen.", "Wat er ligt, gaat in de pot."),
    ("We serve whatever bags happen to be in the cupboard.", "Whatever is there goes into the pot."),
)


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


def file_of(tmp_path: Path, name: str, text: str) -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


# --- definitions diff --------------------------------------------------------------------------------


def test_diff_of_two_files_says_what_changed_and_whether_the_number_follows(
    peil: Peil, tmp_path: Path
) -> None:
    old = file_of(tmp_path, "old.yml", teahouse())
    right = file_of(tmp_path, "right.yml", version("2.0.0", WEIGHT, WORDS))
    wrong = file_of(tmp_path, "wrong.yml", version("1.1.0", WEIGHT, WORDS))

    good, bad = peil("definitions", "diff", old, right), peil("definitions", "diff", old, wrong)

    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert good.stdout.splitlines() == [
        "teahouse: 1.0.0 -> 2.0.0",
        "",
        "The changes call for a major step: version 2.0.0 or higher.",
        "The version number follows.",
        "",
        "Answers to the old version",
        "  carries over: 5 of 6",
        "  carries over, wording changed: 1 of 6",
        "  tea.leaves: carries over, wording changed (the wording of the question or what goes with it "
        "changed)",
        "",
        "Changes that call for a major step",
        "  dimensions[tea].items[leaves].weight (weight): 3 -> 2",
        "",
        "Changes that call for a patch step",
        "  dimensions[tea].items[leaves].question.nl (wording): Waar komt de thee vandaan die jullie "
        "schenken? -> Waar halen jullie de thee?",
    ]
    assert "The version number does not follow: from 1.0.0 to 1.1.0 is a minor step." in bad.stdout


def test_diff_as_json_has_everything_and_the_same_exit_code(peil: Peil, tmp_path: Path) -> None:
    old = file_of(tmp_path, "old.yml", teahouse())
    new = file_of(tmp_path, "new.yml", version("1.0.1", *LEVEL))

    result = peil("definitions", "diff", old, new, "--json")

    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert (found["model"], found["old_version"], found["new_version"]) == ("teahouse", "1.0.0", "1.0.1")
    assert (found["step_needed"], found["step_given"], found["follows"]) == ("minor", "patch", False)
    assert found["lowest_version"] == "1.1.0"
    assert {one["id"]: one["answers"] for one in found["items"]}["tea.leaves"] == "to be looked at again"
    assert [(one["where"], one["language"], one["new"]) for one in found["changes"]] == [
        ("dimensions[tea].items[leaves].levels[1].text.nl", "nl", "Wat er ligt, gaat in de pot."),
        ("dimensions[tea].items[leaves].levels[1].text.en", "en", "Whatever is there goes into the pot."),
    ]


def test_diff_knows_what_was_published_by_version_and_by_hash(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    house.publish(teahouse=version("1.1.0", *LEVEL))
    [old] = [row["hash"] for row in house.rows(tables.definitions) if row["version"] == "1.0.0"]
    new = file_of(tmp_path, "new.yml", version("1.1.0", *LEVEL))

    for name in ("teahouse@1.0.0", old, old[:8]):
        assert peil("definitions", "diff", name, new).exit_code == 0
        assert peil("definitions", "diff", name, "teahouse@1.1.0").exit_code == 0
    assert peil("definitions", "diff", new, "teahouse@1.1.0").stdout.splitlines()[2] == "Nothing differs."
    back = peil("definitions", "diff", "teahouse@1.1.0", "teahouse@1.0.0")
    assert back.exit_code == 1
    assert "1.0.0 is lower than 1.1.0" in back.stdout


def test_two_snapshots_of_one_version_are_told_apart_by_hash(house: House, peil: Peil) -> None:
    house.publish(teahouse=version("1.0.0", WORDS))

    result = peil("definitions", "diff", "teahouse@1.0.0", "teahouse@1.0.0")

    hashes = [row["hash"][:12] for row in house.rows(tables.definitions)]
    refused(result, 2, "teahouse@1.0.0 names 2 published definitions: say which by hash", *hashes)
    assert peil("definitions", "diff", *hashes).exit_code == 1


def test_what_cannot_be_compared_is_a_sentence_and_ends_with_2(
    house: House, peil: Peil, tmp_path: Path
) -> None:
    old = file_of(tmp_path, "old.yml", teahouse())
    refused(peil("definitions", "diff", old, tmp_path / "none.yml"), 2, "is neither a file, nor id@version")
    refused(peil("definitions", "diff", old, "teahouse@9.9.9"), 2, "No definition teahouse@9.9.9 was ever")
    refused(peil("definitions", "diff", "0" * 64, old), 2, "was ever published here.")
    refused(peil("definitions", "diff", old, tmp_path), 2, "cannot be read: Is a directory.")
    other = file_of(tmp_path, "other.yml", coffeebar())
    refused(peil("definitions", "diff", old, other), 2, "'teahouse' and 'coffeebar' are two maturity models")
    latin = tmp_path / "latin.yml"
    latin.write_bytes("id: thé".encode("latin-1"))
    refused(peil("definitions", "diff", old, latin), 2, "it is not saved as UTF-8.")
    broken = peil(
        "definitions",
        "diff",
        old,
        file_of(tmp_path, "broken.yml", version("1.0.0", ("weight: 3", "weight: x"))),
    )
    assert (broken.exit_code, broken.stdout) == (2, "")
    assert "broken.yml:" in broken.stderr
    refused(peil("definitions", "diff", old, "teahouse@1.0.0", PEIL_HTTP_PORT="many"), 2, "PEIL_HTTP_PORT")


@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
def test_diff_of_two_files_needs_no_settings_and_no_database(peil: Peil) -> None:
    for model in MODELS:
        result = peil(
            "definitions", "diff", model, model, PEIL_HTTP_PORT="many", PEIL_DATABASE_URL="nonsense://"
        )
        assert (result.exit_code, result.stdout.splitlines()[2]) == (0, "Nothing differs.")


# --- publishing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("edits", [(WEIGHT,), LEVEL])
def test_a_version_in_use_cannot_come_to_mean_something_else(
    house: House, edits: tuple[tuple[str, str], ...]
) -> None:
    person = Person(house)
    before = house.everything()

    with pytest.raises(StartError) as refusal:
        house.publish(teahouse=version("1.0.0", *edits))

    step = "2.0.0" if edits == (WEIGHT,) else "1.1.0"
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).startswith("The maturity model teahouse 1.0.0 is published and in use, and its")
    assert str(refusal.value).endswith(f"give it version {step} or higher.")
    assert house.everything() == before
    assert person.say("2").startswith("Genoteerd")
    # With a number that follows it is published.
    assert house.publish(teahouse=version(step, *edits)) == ["Published the maturity model teahouse."]


def test_wording_may_change_within_a_version_in_use(house: House) -> None:
    Person(house)

    assert house.publish(teahouse=version("1.0.0", WORDS)) == ["Published the maturity model teahouse."]


def test_a_version_that_nobody_has_used_can_be_worked_on(house: House) -> None:
    assert house.publish(teahouse=version("1.0.0", WEIGHT)) == ["Published the maturity model teahouse."]
    person = Person(house)
    assert house.publish(teahouse=version("1.0.0", WEIGHT, WORDS)) != []
    # The first one was not used, and was published before: going back to it is no surprise to anybody.
    assert house.publish(teahouse=teahouse()) == []
    with pytest.raises(StartError, match=r"\(dimensions\[tea\].weight: weight, and 1 more\)"):
        house.publish(teahouse=version("1.0.0", ("weight: 3", "weight: 4"), ("weight: 2", "weight: 3")))
    # Once nobody's answers hang on it any more, it is free again.
    assert house.use_cases.forget(person.id)
    assert house.publish(teahouse=version("1.0.0", ("weight: 3", "weight: 4"))) != []


def test_all_that_is_refused_is_said_at_once(house: House) -> None:
    house.publish(teahouse=teahouse(), coffeebar=coffeebar())
    for model in ("teahouse", "coffeebar"):
        Person(house, prefill={"model": model})

    with pytest.raises(StartError) as refusal:
        house.publish(teahouse=version("1.0.0", WEIGHT), coffeebar=coffeebar().replace(*WEIGHT))

    lines = str(refusal.value).splitlines()
    assert len(lines) == 2
    assert "coffeebar 1.0.0" in lines[0]
    assert "teahouse 1.0.0" in lines[1]
