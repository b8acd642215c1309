"""The documents say what is so: tables, examples, commands, links and figures are held against the code."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from bot import settings
from bot.assessment.advice import advise, first_steps
from bot.assessment.answers import Answer, AnswerKind, PracticeState, given
from bot.assessment.definitions import Item
from bot.assessment.scoring import format_score, score
from bot.channels import web
from bot.cli import main
from bot.definitions import SCHEMA, load
from bot.gateway import __main__ as gateway
from bot.store.tables import metadata

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
APACHE = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows(text: str) -> Iterator[list[str]]:
    """The cells of every row of the tables in this text, without heads."""
    for line in text.splitlines():
        if line.startswith("|") and not line.startswith("|-") and not line.startswith("| key |"):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


# --- settings ---------------------------------------------------------------------------------------


def test_the_table_of_settings_is_the_one_that_the_code_gives() -> None:
    assert settings.table() in page("settings.md"), (
        "run 'peil settings' and put its table into docs/settings.md"
    )


def test_the_settings_of_the_setup_are_documented_too() -> None:
    assert [name for name in settings._SETUP_ONLY if f"`{name}`" not in page("settings.md")] == []


def test_the_defaults_in_the_table_are_the_defaults() -> None:
    defaults = settings.Settings.from_environment({}).environment()
    told = {
        f"PEIL_{name.upper()}": default.strip("`") for name, (default, _) in settings.DESCRIPTIONS.items()
    }
    plain = {name for name, default in told.items() if re.fullmatch(r"[a-z0-9.]+", default)}

    assert len(plain) >= 10
    for name in plain:
        assert (
            float(told[name]) == float(defaults[name])
            if told[name].isdigit()
            else told[name] == defaults[name]
        )


# --- the glossary -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        *("maturity model", "dimension", "item", "level", "answer", "assessment", "respondent", "campaign"),
        *("organisation", "score", "staged level", "target level", "gap", "recommendation", "road map"),
        *("element", "practice", "stage", "signal", "positioning", "archetype", "quick scan", "indication"),
        *("depth", "checklist", "choice", "insight"),
        *("intent", "entity", "slot", "rule", "tracker", "sender", "turn"),
    ],
)
def test_every_word_of_the_field_is_in_the_glossary(word: str) -> None:
    terms = {term.strip() for cells in rows(page("glossary.md")) for term in cells[0].split(",")}

    assert word in terms


# --- scores -----------------------------------------------------------------------------------------

KINDS: dict[str, AnswerKind] = {"?": "dont_know", "-": "not_applicable"}
STATES: dict[str, PracticeState] = {
    "i": "in_place",
    "p": "planned",
    "n": "not_yet",
    "-": "not_fitting",
    "?": "dont_know",
}


def examples() -> list[tuple[str, str]]:
    """(file of the definition, text) of each worked example."""
    found = re.findall(r"### Example \d+: `([^`]+)`\n(.*?)(?=\n### |\Z)", page("scoring.md"), re.DOTALL)
    return [(file, text) for file, text in found]


def answer(item: Item, item_id: str, sign: str) -> Answer:
    if item.kind == "checklist":
        states = zip(item.practices, sign, strict=True)
        return given(item_id, {practice.id: STATES[one] for practice, one in states})
    return Answer(item_id, KINDS[sign]) if sign in KINDS else Answer(item_id, "level", int(sign))


def shown(value: float | None) -> str:
    return "none" if value is None else format_score(value, "en")


def stage(value: int | None) -> str:
    return "none" if value is None else str(value)


def table(text: str, name: str) -> list[list[str]]:
    """The rows of the table in this text whose first column has this name."""
    found: list[list[str]] = []
    reading = False
    for line in text.splitlines():
        if line.startswith(f"| {name} |"):
            reading = True
        elif reading and not line.startswith("|"):
            break
        elif reading:
            found.extend(rows(line))
    return found


def test_there_are_three_worked_examples_of_scores_one_of_them_with_elements() -> None:
    assert len(examples()) == 3
    assert [len(table(text, "dimension")) for _, text in examples()] == [6, 3, 3]
    assert [len(table(text, "element")) for _, text in examples()] == [0, 0, 6]


@pytest.mark.parametrize(("file", "text"), examples())
def test_a_worked_example_gives_what_its_page_says(file: str, text: str) -> None:
    model = load(ROOT / file)
    dimensions = table(text, "dimension")
    answers = {}
    for dimension_id, signs, *_ in dimensions:
        items = model.dimension(dimension_id).items
        for item, sign in zip(items, signs.split(), strict=True):
            answers[f"{dimension_id}.{item.id}"] = answer(item, f"{dimension_id}.{item.id}", sign)
    result = score(model, answers)

    assert table(text, "element") == [
        [
            found.item_id,
            f"{found.in_place} of {found.applicable}",
            f"{100 * found.coverage:.0f}%",
            shown(found.score),
            f"{shown(found.lowest)} to {shown(found.highest)}",
            stage(found.stage),
        ]
        for found in result.elements
    ]
    assert dimensions == [
        [
            found.dimension_id,
            signs,
            f"{100 * found.coverage:.0f}%",
            shown(found.score),
            f"{shown(found.lowest)} to {shown(found.highest)}",
            stage(found.staged),
            stage(found.target),
            shown(found.gap),
        ]
        for found, (_, signs, *_) in zip(result.dimensions, dimensions, strict=True)
    ]
    assert result.balance is not None
    balance = "unbalanced" if result.balance.unbalanced else "balanced"
    pairs = [f"{pair.high} and {pair.low}" for pair in result.implausible]
    steps = [
        step.item_id if step.practice is None else f"{step.item_id} ({step.practice.id})"
        for step in first_steps(advise(model, answers, result))
    ]
    assert re.findall(r"^- (.*)$", text, re.MULTILINE) == [
        f"Overall: {shown(result.overall)}",
        f"Spread: {shown(result.balance.spread)}, {balance}",
        f"Implausible: {', '.join(pairs) or 'none'}",
        f"First steps: {', '.join(steps) or 'none'}",
    ]


# --- the format of definitions ----------------------------------------------------------------------


def schema_objects() -> dict[str, dict[str, Any]]:
    """Path ('dimensions[].items[]', '' for the file) -> the schema of every object in a definition."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    found: dict[str, dict[str, Any]] = {}

    def resolved(part: dict[str, Any]) -> dict[str, Any]:
        return schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part

    def walk(part: dict[str, Any], path: str) -> None:
        part = resolved(part)
        if part.get("type") == "array":
            walk(part["items"], f"{path}[]")
        elif "properties" in part:
            found[path] = part
            for name, below in part["properties"].items():
                walk(below, f"{path}.{name}".lstrip("."))

    walk(schema, "")
    return found


def longest(part: dict[str, Any]) -> int | None:
    """The most characters that a text may have, by the schema's own names (text24) or its limit."""
    named = re.search(r"text(\d+)$", str(part.get("$ref", "")))
    return int(named.group(1)) if named else part.get("maxLength")


@pytest.mark.parametrize("path", schema_objects())
def test_every_key_of_a_definition_is_documented(path: str) -> None:
    schema = schema_objects()[path]
    heading = f"## `{path}`" if path else "## The file"
    parts = page("definition-format.md").split(f"\n{heading}\n")
    assert len(parts) == 2, f"docs/definition-format.md needs one section '{heading}'"
    documented = {cells[0].strip("`"): cells for cells in rows(parts[1].partition("\n## ")[0])}

    assert list(documented) == list(schema["properties"])
    for name, (_, needed, value, meaning) in documented.items():
        part = schema["properties"][name]
        assert needed == ("yes" if name in schema["required"] else "no"), name
        assert meaning.endswith("."), name
        limit = longest(part)
        assert limit is None or f"at most {limit}" in value, f"{name} may have {limit} characters"
        if "minimum" in part:
            assert value == f"{part['minimum']} to {part['maximum']}", name
        if "minItems" in part and "maxItems" in part:
            assert value == f"list of {part['minItems']} to {part['maxItems']}", name
        for word in part.get("enum", ()):
            assert f"`{word}`" in value, name


def test_no_object_is_documented_that_definitions_do_not_have() -> None:
    headings = re.findall(r"^## `([^`]+)`$", page("definition-format.md"), re.MULTILINE)

    assert headings == [path for path in schema_objects() if path]


# --- the contract -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    contract: dict[str, Any] = json.loads(CliRunner().invoke(main, ["openapi"]).stdout)
    return contract


def test_the_openapi_file_is_the_one_that_the_code_gives(openapi: dict[str, Any]) -> None:
    assert json.loads(page("openapi.json")) == openapi, "run 'peil openapi > docs/openapi.json'"


def test_the_page_of_the_contract_names_its_version_and_every_path_status_and_field(
    openapi: dict[str, Any],
) -> None:
    text = page("contract.md")

    assert f"version {openapi['info']['version']}" in text
    statuses = set()
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in text
            statuses |= {status for status in operation["responses"] if status >= "400"}
    assert {cells[0] for cells in rows(text.partition("## Errors")[2])} == {"status", *statuses}
    fields = {cells[0].strip("`") for cells in rows(text.partition("## A message")[2].partition("## ")[0])}
    assert fields == {"field", *web.MessageBody.model_fields}
    bodies = (
        *(
            web.StartBody,
            web.Prefill,
            web.SayBody,
            web.StartedBody,
            web.ReplyBody,
            web.BackBody,
            web.MoveBody,
            web.TokenBody,
        ),
        *(web.ButtonBody, web.ImageBody, web.TableBody, web.LinkBody),
    )
    for body in bodies:
        for name in body.model_fields:
            assert f"`{name}`" in text or f'"{name}"' in text, name


def test_every_option_and_kind_of_link_is_in_the_contract() -> None:
    text = page("contract.md")

    for body, name in (
        *((web.Prefill, name) for name in ("role_layer", "department", "business_line")),
        (web.LinkBody, "kind"),
        (web.ButtonBody, "style"),
    ):
        words = re.findall(r"'([a-z0-9_]+)'", str(body.model_fields[name].annotation))
        assert len(words) >= 3, name
        assert [word for word in words if f"`{word}`" not in text] == [], name


# --- the data ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [table.name for table in metadata.sorted_tables])
def test_the_page_on_privacy_says_what_every_table_holds(table: str) -> None:
    assert f"`{table}`" in {cells[0] for cells in rows(page("privacy.md"))}


def test_the_page_on_privacy_names_all_that_the_browser_keeps() -> None:
    source = (ROOT / "bot" / "web" / "client.js").read_text(encoding="utf-8")
    kept = set(re.findall(r'#(?:store|devices)\.set\("([a-z]+)"', source))

    assert {"token", "queue", "device"} <= kept
    assert [name for name in sorted(kept) if f"`peil.{name}`" not in page("privacy.md")] == []


def test_the_gateway_keeps_no_access_log(monkeypatch: pytest.MonkeyPatch) -> None:
    # The page on privacy says so: an access log would hold the keys of result pages, pictures and files.
    given: list[dict[str, Any]] = []
    monkeypatch.setattr("uvicorn.run", lambda app, **options: given.append(options))
    monkeypatch.setattr("bot.gateway.__main__.create_app", lambda peil: None)
    monkeypatch.setattr("bot.gateway.__main__.begin_process", settings.Settings.from_environment)
    monkeypatch.setattr("bot.gateway.__main__.build", lambda wired: None)

    gateway.main()

    assert [options["access_log"] for options in given] == [False]


# --- README, changelog, licence ---------------------------------------------------------------------


def commands(group: click.Group, prefix: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


@pytest.mark.parametrize("command", list(commands(main, "peil")))
def test_every_command_is_named_in_the_readme(command: str) -> None:
    assert re.search(rf"^\| `{command}[` ]", README, re.MULTILINE)


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    named = re.findall(r"^\| `(peil [a-z ]*[a-z])", README, re.MULTILINE)

    assert sorted(named) == sorted(commands(main, "peil"))


def test_the_targets_of_the_makefile_are_those_in_the_readme() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert len(targets) >= 7
    assert sorted(re.findall(r"^\| `make ([a-z-]+)`", README, re.MULTILINE)) == sorted(targets)


# Units of what is measured; a figure with one of them goes stale, and its reader should know how to renew it.
FIGURE = re.compile(r"\d\s?(ms|s|MB|GB|kB|%|seconds|minutes)(?![a-z])")


def test_every_measured_figure_in_the_readme_comes_with_the_command_that_gives_it() -> None:
    assert FIGURE.search("it takes 14.4 ms")
    assert FIGURE.search("it grew by 9%")
    assert not FIGURE.search("3 steps")
    for section in README.split("\n## "):
        figures = FIGURE.search(section)
        command = re.search(r"`(make|peil|python) [^`]+`", section)
        assert not figures or command, f"{figures} stands without a command: {section[:60]}"


def targets_of(text: str) -> set[str]:
    """What a page links to in the repository."""
    found = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    return {link.partition("#")[0] for link in found if not re.match(r"[a-z]+:|#", link)}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file(path: Path) -> None:
    links = targets_of(path.read_text(encoding="utf-8"))

    assert [link for link in sorted(links) if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_and_folder_that_a_page_names_is_there(path: Path) -> None:
    tops = {entry.name for entry in ROOT.iterdir() if entry.is_dir()} - {"var", ".venv", ".venv-rasa"}
    named = re.findall(r"`([\w./-]+/[\w./-]*)`", path.read_text(encoding="utf-8"))

    assert [name for name in named if name.partition("/")[0] in tops and not (ROOT / name).exists()] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    linked = {(ROOT / link).resolve() for link in targets_of(README)}

    assert [page.name for page in DOCS.glob("*.*") if page.resolve() not in linked] == []


def test_the_decisions_are_numbered_and_none_is_longer_than_a_page() -> None:
    decisions = sorted((DOCS / "adr").glob("*.md"))

    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith(f"# {int(path.name[:4])}. ")
        assert len(lines) <= 50, path.name


def test_the_changelog_has_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert f"\n## [{project['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert project["license"] == "Apache-2.0"


def test_the_licence_is_the_unchanged_text_of_the_apache_license() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_page_names_a_place_on_somebody_s_machine(path: Path) -> None:
    assert not re.search(r"/(root|work|home|Users)/", path.read_text(encoding="utf-8"))
