"""docs/embedding.md is held against the code: attributes, methods, events, storage, and its examples."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels import web
from bot.service.embedding import InvalidSigned, Signatures
from bot.texts import section

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "bot" / "web"
PAGE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
SHELL = (WEB / "peil-chat.js").read_text(encoding="utf-8")
# What is loaded in somebody's page; the pages of Peil's own have other scripts.
OF_PEIL = ("embed.js", "embed-code.js", "embed-preview.js", "page.js", "result.js")
MODULES = {file.name: file.read_text("utf-8") for file in WEB.glob("*.js") if file.name not in OF_PEIL}


def told(title: str) -> list[list[str]]:
    """The cells of the rows of all tables below a heading, without their heads."""
    text = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert text is not None, title
    lines = [line for line in text[1].splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]


def names(title: str) -> set[str]:
    """What stands as code in the first cells."""
    return {name for cells in told(title) for name in re.findall(r"`([^`]+)`", cells[0])}


def block(language: str) -> str:
    """The one example in this language below the heading of signed fields."""
    text = PAGE.partition("## Fields that can be trusted")[2].partition("\n## ")[0]
    (found,) = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return str(found)


def listed(name: str) -> set[str]:
    """The strings in a list or dictionary of peil-chat.js that is a constant."""
    (found,) = re.findall(rf"(?:const|static) {name} = ([\[{{].*?[\]}}]);", SHELL, re.DOTALL)
    own = set(re.findall(r'"([a-z-]+)"', found)) | set(re.findall(r"\b([a-z]+): 1", found))
    return own.union(*(listed(other) for other in re.findall(r"\.\.\.([A-Z_]+)", found)))


def test_the_attributes_are_those_that_the_element_reads() -> None:
    read = set(re.findall(r'this\.(?:get|has)Attribute\("([a-z-]+)"\)', SHELL))
    worded = set(re.findall(r'\.words\("([a-z]+)"', "".join(MODULES.values())))
    read |= {f"{name}{end}" for name in worded for end in ("", "-nl", "-en")}
    read |= listed("observedAttributes") | listed("COLOURS") | listed("FIELDS")

    assert {"heading-nl", "accent", "role-layer", "signed", "open-after"} <= read
    # With the last one Peil's own page says what it is.
    assert names("Attributes") == read - {"page"}


def test_those_that_an_address_may_not_have_are_named_before_the_table() -> None:
    before = PAGE.partition("\n## Attributes\n")[2].partition("\n| ")[0]
    (kept_out,) = re.findall(r"All but (.*?) may stand behind the `\?`", before, re.DOTALL)

    # The bubble comes with anything that stands there.
    assert names("Attributes") - listed("IN_ADDRESS") - {"launcher"} == set(re.findall(r"`(.*?)`", kept_out))


def test_the_custom_properties_are_those_that_the_sheets_use() -> None:
    used = set(re.findall(r"--peil-[a-z]+(?:-[a-z]+)*", "".join(MODULES.values())))

    assert names("Custom properties") == used | {f"--peil-{name}" for name in listed("COLOURS")}


def test_the_methods_are_those_that_a_page_can_ask_for() -> None:
    (part,) = re.findall(r"// ---- what a page can ask for\n(.*?)\n  // ---- ", SHELL, re.DOTALL)
    public = set(re.findall(r"^  (?:async )?([a-z][A-Za-z]+)\(.*\) \{$", part, re.MULTILINE))

    # Every element has `focus`.
    assert {name.partition("(")[0] for name in names("Methods")} == public - {"focus"}


def test_the_events_and_their_codes_are_those_that_are_told() -> None:
    source = "".join(MODULES.values())
    events = set(re.findall(r'tell\("([a-z]+)"', source))
    codes = set(re.findall(r'code: "([a-z]+)"', source))
    codes |= set(re.findall(r'CustomEvent\("unsigned", \{.*?detail: "([a-z]+)"', source))
    (troubles,) = re.findall(r"const codes = \{(.*?)\};", source, re.DOTALL)
    codes |= set(re.findall(r"\b([a-z]+)(?=[,:])", re.sub(r":[^,}]*", ":", troubles)))
    (told_codes,) = (cells[2] for cells in told("Events") if cells[0] == "`peil:error`")

    assert names("Events") == {f"peil:{name}" for name in events}
    assert {"origin", "gone", "signed", "prefill", "parts"} <= codes
    assert set(re.findall(r"`([a-z]+)`", told_codes)) == codes


@pytest.mark.parametrize("field", ["role_layer", "department", "business_line", "depth"])
def test_the_values_of_what_is_known_are_all_told(field: str) -> None:
    values = re.findall(r"'([a-z0-9_]+)'", str(web.Prefill.model_fields[field].annotation))
    (row,) = (cells for cells in told("Attributes") if cells[0] == f"`{field.replace('_', '-')}`")
    # Once said what it means, 'skipped' stands in each.
    assert len(values) >= 2
    assert [value for value in values if f"`{value}`" not in row[1]] == []


def test_all_that_the_browser_keeps_is_told() -> None:
    kept = set(re.findall(r'#(?:store|devices)\.set\("([a-z]+)"', MODULES["client.js"]))
    tables = {name.removeprefix("peil.") for name in names("For the privacy officer")}

    assert {"token", "queue", "device"} <= kept
    assert tables == kept | {"draft", "CODE.panel"}
    # These two are named where they are kept.
    assert "peil.draft" in MODULES["chat.js"]
    assert '|| "")}.panel`' in SHELL


def test_what_is_fetched_first_and_next_is_what_the_modules_ask_for() -> None:
    def at_once(name: str) -> set[str]:
        return set(re.findall(r'from "\./([a-z]+\.js)"', MODULES[name]))

    told = PAGE.partition("**What is loaded.**")[2].partition("\n\n")[0]
    first, _, rest = told.partition("the picture.")
    later, _, _ = rest.partition("when the bubble")

    assert at_once("peil-chat.js") == set()
    assert re.findall(r"`([a-z-]+\.js)`", first) == ["widget.js", "peil-chat.js", "theme.js"]
    assert set(re.findall(r"`([a-z-]+\.js)`", later)) == {"chat.js"} | at_once("chat.js") - {"peil-chat.js"}


def test_what_people_are_quoted_as_seeing_is_what_peil_says() -> None:
    text = PAGE.partition("\n## When it does not work\n")[2].partition("\n## ")[0]
    quoted = re.findall(r'^\| "(.*?)"', text, re.MULTILINE)
    said = " ".join(
        str(sentence)
        for part in ("error", "code", "launcher", "web")
        for sentence in section("en", part).values()
    )

    assert len(quoted) >= 5
    assert [words for words in quoted if words not in said] == []


def test_the_tests_that_are_said_to_have_tried_it_are_there() -> None:
    tried = set(re.findall(r"`(tests/[\w/.]+)`", PAGE))

    assert len(tried) >= 4
    assert [name for name in tried if not (ROOT / name).exists()] == []


# --- the examples of signing ------------------------------------------------------------------------

CLAIMS = {"department": "sales", "role_layer": "management", "reference": "crm-1234 #7"}


def by_python(claims: dict[str, str], key: str) -> str:
    scope: dict[str, Any] = {}
    exec(block("python"), scope)
    return str(scope["signed"](claims, key))


def by_node(claims: dict[str, str], key: str) -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node")
    script = f"{block('js')}\nconsole.log(signed({json.dumps(claims)}, {json.dumps(key)}));"
    done = subprocess.run(
        [node, "--input-type=module", "-"],
        input=script,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout.strip()


@pytest.fixture(params=["python", "node"])
def sign(request: pytest.FixtureRequest) -> Callable[[dict[str, str], str], str]:
    return {"python": by_python, "node": by_node}[request.param]


def test_what_the_examples_sign_is_trusted_in_its_campaign_and_in_no_other(
    sign: Callable[[dict[str, str], str], str],
) -> None:
    signatures = Signatures("a secret of the tests, long enough to be one")
    made = sign(CLAIMS, signatures.key("one"))

    assert signatures.fields(made, "one", datetime.now(UTC)) == CLAIMS
    with pytest.raises(InvalidSigned):
        signatures.fields(made, "another", datetime.now(UTC))
