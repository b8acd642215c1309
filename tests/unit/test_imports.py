"""Imports go one way, checked on the source itself: what is imported anywhere in a file counts."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# Which parts of ours a part may import, besides itself. The first row that fits a module counts; what fits
# none stands at the top (bootstrap, gateway, cli ...) and may import everything below.
ALLOWED = {
    "bot.assessment": set(),
    "bot.texts": set(),  # a leaf: sentences, and no rule of the domain
    "bot.origins": set(),  # a leaf: how an origin is written
    "bot.references": set(),  # a leaf: what a site may call its visitor
    "bot.settings": {"bot.origins"},
    "bot.definitions": {"bot.assessment"},
    "bot.understanding": {"bot.assessment"},
    "bot.store": {"bot.assessment"},
    # What a report shows; the words are in it.
    "bot.render.report": {"bot.service.report_view", "bot.service.desk.organisation_view"},
    "bot.render": {"bot.assessment"},
    "bot.service": {"bot.assessment", "bot.understanding", "bot.texts", "bot.origins", "bot.references"},
    "bot.channels.contract": {
        "bot.assessment.records"
    },  # what a message is; the adapters see it through here
    "bot.channels": {"bot.texts", "bot.references"},
    "bot.dialogue": set(),
}
EDGES = (
    *("bot.gateway", "bot.channels", "bot.desk", "bot.cli", "bot.campaign_cli", "bot.cli_parts", "bot.run"),
    *("bot.understand_cli", "bot.intents_cli", "bot.user_cli", "bot.demo", "bot.demo_cli"),
    "actions",
)
BELOW = (
    "bot.bootstrap",
    "bot.desk_parts",
    *(part for part in ALLOWED if not part.startswith("bot.channels")),
)


def modules() -> Iterator[tuple[str, Path]]:
    for folder in ("bot", "actions"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(module: str, path: Path) -> set[str]:
    """The full names of all that a module imports; 'from a import b' counts as a.b."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            names |= {f"{base}.{alias.name}" for alias in node.names}
    return names


def within(name: str, parts) -> bool:
    return any(name == part or name.startswith(part + ".") for part in parts)


def forbidden(module: str, names: set[str]) -> list[str]:
    """The imports of this module that go the wrong way."""
    wrong = []
    part = next((part for part in ALLOWED if within(module, [part])), None)
    for name in sorted(names):
        top = name.partition(".")[0]
        ours = top in ("bot", "actions")
        if (
            top == "tests"
            or (top == "rasa_sdk" and not within(module, ["actions"]))
            or (top == "rasa" and not within(module, ["bot.dialogue"]))
            or (within(name, ["bot.dialogue"]) and not within(module, ["bot.dialogue"]))
            or (within(module, BELOW) and within(name, EDGES))
            or (ours and part and not within(name, [part, *ALLOWED[part]]))
            or (part == "bot.assessment" and not ours and top not in sys.stdlib_module_names)
        ):
            wrong.append(name)
    return wrong


@pytest.mark.parametrize(("module", "path"), [pytest.param(*found, id=found[0]) for found in modules()])
def test_imports_go_one_way(module, path):
    assert forbidden(module, imports(module, path)) == []


def test_every_part_that_has_rules_exists():
    known = {module for module, _ in modules()}

    assert [part for part in ALLOWED if part not in known] == []


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("bot.assessment.scoring", "yaml"),
        ("bot.assessment.scoring", "bot.definitions.load"),
        ("bot.definitions", "bot.store.tables"),
        ("bot.store.work", "bot.service.ports"),
        ("bot.store.work", "bot.bootstrap"),
        ("bot.service.use_cases", "bot.store.work"),
        ("bot.service.use_cases", "bot.definitions"),
        ("bot.service.use_cases", "bot.gateway.app"),
        ("bot.bootstrap", "bot.gateway.app"),
        ("bot.channels.web", "bot.service.use_cases"),
        ("bot.channels.web", "bot.assessment.records.Message"),
        ("bot.channels.contract", "bot.store.work"),
        ("bot.texts", "bot.service.wording"),
        ("bot.gateway.app", "rasa_sdk.Action"),
        ("bot.gateway.app", "rasa.core"),
        ("bot.gateway.app", "bot.dialogue.channel"),
        ("bot.dialogue.channel", "bot.settings"),
        ("bot.cli", "tests.unit.models"),
        ("actions.base", "rasa.shared"),
    ],
)
def test_an_import_that_goes_the_wrong_way_is_noticed(module, name):
    assert forbidden(module, {name}) == [name]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("bot.assessment.scoring", "fractions.Fraction"),
        ("bot.assessment.scoring", "bot.assessment.answers.Answer"),
        ("bot.definitions", "yaml"),
        ("bot.service.use_cases", "bot.service.ports"),
        ("bot.service.use_cases", "bot.understanding.exact"),
        ("bot.bootstrap", "bot.store.work"),
        ("bot.gateway.app", "bot.bootstrap"),
        ("bot.dialogue.channel", "rasa.core.channels"),
        ("actions.base", "rasa_sdk.Action"),
        ("actions.base", "bot.bootstrap"),
    ],
)
def test_an_import_that_goes_the_right_way_is_let_be(module, name):
    assert forbidden(module, {name}) == []


def test_relative_imports_are_followed(tmp_path):
    path = tmp_path / "scoring.py"
    path.write_text("from . import answers\nfrom ..definitions import load\nimport os.path\n")

    assert imports("bot.assessment.scoring", path) == {
        "bot.assessment.answers",
        "bot.definitions.load",
        "os.path",
    }
