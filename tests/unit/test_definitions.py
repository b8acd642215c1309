"""A definition is loaded whole, or refused with file, line, key and what was expected."""

import json
import time
from dataclasses import replace

import pytest
import yaml

from bot.assessment.advice import advise, first_steps
from bot.assessment.answers import Answer
from bot.assessment.scoring import score
from bot.definitions import (
    SCHEMA,
    DefinitionError,
    Problem,
    canonical,
    check,
    content_hash,
    from_canonical,
    load,
    load_all,
    parse,
    to_canonical,
)
from tests.unit.models import TEAHOUSE

TEXT = TEAHOUSE.read_text(encoding="utf-8")
LEAVES = "dimensions[tea].items[leaves]"
LABEL = '            label: {nl: "Vaste kaart", en: "A fixed menu"}\n'


def edited(old: str, new: str) -> str:
    """The teahouse with one place changed, which has to be one place."""
    assert TEXT.count(old) == 1, f"{TEXT.count(old)} places with {old!r}"
    return TEXT.replace(old, new)


def line_of(text: str, words: str, occurrence: int = 1) -> int:
    """The line on which these words stand for the n-th time."""
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if words in line]
    return lines[occurrence - 1]


def problems_in(tmp_path, text: str) -> list[tuple[int, str, str]]:
    """(line, key, expected) of each problem of the teahouse in this state; the file is checked too."""
    path = tmp_path / "teahouse.yml"
    path.write_text(text, encoding="utf-8")
    found = check([path])
    assert {problem.file for problem in found} <= {str(path)}
    if found:
        with pytest.raises(DefinitionError) as refused:
            load(path)
        assert list(refused.value.problems) == found
    return [(problem.line, problem.key, problem.expected) for problem in found]


# --- what is right ---------------------------------------------------------------------------------


def test_the_teahouse_is_loaded_as_it_stands_in_the_file():
    model = load(TEAHOUSE)

    assert (model.id, model.version, model.languages, model.target_rule) == (
        "teahouse",
        "1.0.0",
        ("nl", "en"),
        "next_level",
    )
    assert [row.name["en"] for row in model.levels] == ["Lukewarm", "Brewed", "Poured"]
    assert model.item_ids() == (
        "tea.leaves",
        "tea.brewing",
        "guests.welcome",
        "guests.biscuits",
        "pots.condition",
        "pots.care",
    )
    assert [dimension.weight for dimension in model.dimensions] == [2, 1, 0.5]
    dimension, leaves = model.item("tea.leaves")
    assert dimension.case is not None
    assert dimension.case.name == "The Patient Leaf"
    assert model.dimension("guests").case is None
    assert (leaves.kind, leaves.weight, leaves.quick) == ("rubric", 3, True)
    assert leaves.level(2).label == {"nl": "Vaste kaart", "en": "A fixed menu"}
    assert leaves.level(2).answers["nl"][0] == "twaalf soorten losse thee, altijd dezelfde"
    assert (leaves.level(3).source, leaves.level(2).derived_from) == ("derived", None)
    action = leaves.transition(3).action
    assert (action.benefit, action.investment) == (2, 3)
    assert action.measure["en"] == "Everyone behind the counter can name the garden of two teas."
    assert [(pair.high, pair.low) for pair in model.implausible] == [("tea", "pots")]


def test_the_teahouse_can_be_scored_and_advised():
    model = load(TEAHOUSE)
    given = {
        "tea.leaves": 3,
        "tea.brewing": 2,
        "guests.welcome": 2,
        "guests.biscuits": 1,
        "pots.condition": 1,
    }
    answers = {item_id: Answer(item_id, "level", value) for item_id, value in given.items()}

    result = score(model, answers)

    # tea (3*3 + 1*2)/4 = 11/4; guests (1*2 + 0.5*1)/1.5 = 5/3; pots 1 of 2 answered: 1
    assert [found.score for found in result.dimensions] == [2.75, 5 / 3, 1]
    # tea: 3/4 at 3, nothing below 2; guests: 2/3 at 2, nothing below 1
    assert [found.staged for found in result.dimensions] == [3, 2, 1]
    # (2*11/4 + 1*5/3 + 0.5*1) / 3.5 = (46/6) / 3.5 = 46/21
    assert result.overall == 46 / 21
    # three quarters of the axis 1..3 is 1.5; tea - pots = 1.75
    assert result.implausible == model.implausible
    steps = first_steps(advise(model, answers, result))
    assert [step.item_id for step in steps] == ["pots.condition", "guests.welcome", "guests.biscuits"]


def test_defaults_are_filled_in():
    model = load(TEAHOUSE)

    assert model.dimension("guests").weight == 1
    assert model.item("tea.brewing")[1].weight == 1
    assert not model.item("tea.brewing")[1].quick


def test_texts_are_trimmed_and_in_one_form_of_unicode(tmp_path):
    folded = edited(
        'document: "The Gentle Art of Keeping a Teahouse (made up)"', "document: >\n  Ge\u0301nie\n  thee\n"
    )

    assert parse(folded, "teahouse").document == "Génie thee"


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "teahouse.yml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode("utf-8"))

    assert load(path) == load(TEAHOUSE)


def test_all_definitions_of_a_folder_are_loaded_by_name(tmp_path):
    (tmp_path / "teahouse.yml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "coffee_bar.yaml").write_text(edited("id: teahouse", "id: coffee_bar"), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a definition", encoding="utf-8")

    assert [model.id for model in load_all([tmp_path])] == ["coffee_bar", "teahouse"]
    assert check([tmp_path]) == []


# --- snapshots -------------------------------------------------------------------------------------


def test_a_snapshot_gives_the_same_model_back():
    model = load(TEAHOUSE)

    assert from_canonical(canonical(TEXT)) == model
    assert to_canonical(model) == canonical(TEXT)
    assert parse(canonical(TEXT), "snapshot") == model


def test_a_snapshot_depends_on_the_content_and_not_on_the_layout():
    shuffled = yaml.safe_dump(json.loads(canonical(TEXT)), allow_unicode=True, sort_keys=True)
    explicit = edited("  - id: guests\n", "  - id: guests\n    weight: 1.0\n")

    assert canonical(shuffled) == canonical(explicit) == canonical(TEXT)
    assert canonical(edited("minutes: 2", "minutes: 3")) != canonical(TEXT)


def test_a_snapshot_is_sorted_keeps_its_letters_and_writes_defaults_out():
    snapshot = canonical(TEXT)

    assert "één" in snapshot
    assert "\n" not in snapshot
    data = json.loads(snapshot)
    assert list(data) == sorted(data)
    assert data["dimensions"][1]["weight"] == 1
    assert data["dimensions"][0]["items"][1]["quick"] is False


def test_the_hash_is_the_sha_256_of_the_canonical_text():
    # printf '{}' | sha256sum
    assert content_hash("{}") == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert content_hash(canonical(TEXT)) == content_hash(to_canonical(load(TEAHOUSE)))


def test_a_broken_text_makes_no_snapshot():
    with pytest.raises(DefinitionError, match="draft:1: expected a maturity model"):
        canonical("", "draft")


# --- the shape -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "at", "key", "expected"),
    [
        pytest.param(
            "minutes: 2\n",
            "",
            "id: teahouse",
            "minutes",
            "expected this key; it is missing (How long it takes, in minutes.)",
            id="missing key",
        ),
        pytest.param(
            "minutes: 2",
            "minutes: two",
            "minutes: two",
            "minutes",
            "expected a whole number, found 'two'",
            id="text for a number",
        ),
        pytest.param(
            "minutes: 2",
            "minutes: 2.5",
            "minutes: 2.5",
            "minutes",
            "expected a whole number, found the number 2.5",
            id="fraction for a whole number",
        ),
        pytest.param(
            "minutes: 2",
            "minutes: 90",
            "minutes: 90",
            "minutes",
            "expected a whole number from 1 to 60, found the number 90",
            id="too many minutes",
        ),
        pytest.param(
            "minutes: 2",
            "minuts: 2\nminutes: 2",
            "minuts: 2",
            "minuts",
            "unknown key; did you mean 'minutes'?",
            id="misspelt key",
        ),
        pytest.param(
            "        quick: true\n        weight: 3\n",
            "        quick: true\n        weight: 3\n        colour: green\n",
            "colour: green",
            f"{LEAVES}.colour",
            "unknown key; expected one of: id, kind, weight, quick, title, question, explanation, why, "
            "example, levels, advice, practices, options, signals, aspects, intended, competitor, everything",
            id="unknown key",
        ),
        pytest.param(
            "        weight: 3",
            "        weight: heavy",
            "weight: heavy",
            f"{LEAVES}.weight",
            "expected a number, found 'heavy'",
            id="weight in words",
        ),
        pytest.param(
            "        weight: 3",
            "        weight: 0",
            "weight: 0",
            f"{LEAVES}.weight",
            "expected a number above 0 and at most 100, found the number 0",
            id="weight of nothing",
        ),
        pytest.param(
            "        weight: 3",
            "        weight: -2",
            "weight: -2",
            f"{LEAVES}.weight",
            "expected a number above 0 and at most 100, found the number -2",
            id="negative weight",
        ),
        pytest.param(
            "        weight: 3",
            "        weight: .nan",
            "weight: .nan",
            f"{LEAVES}.weight",
            "expected a number, found '.nan'",
            id="weight that is not a number",
        ),
        pytest.param(
            '"Vaste kaart"',
            '"Een kaart die vaststaat"',
            '"Een kaart die vaststaat"',
            f"{LEAVES}.levels[2].label.nl",
            "expected a text of at most 20 characters, found 23",
            id="label too long",
        ),
        pytest.param(
            '"Vaste kaart"',
            "' '",
            "nl: ' '",
            f"{LEAVES}.levels[2].label.nl",
            "expected a text, found an empty text",
            id="blank label",
        ),
        pytest.param(
            '{nl: "Vaste kaart", en: "A fixed menu"}',
            "{nl: nee, en: No}",
            "{nl: nee, en: No}",
            f"{LEAVES}.levels[2].label.en",
            "expected a text, found No, which YAML reads as false; put it between quotes",
            id="bare no",
        ),
        pytest.param(
            '{nl: "Vaste kaart", en: "A fixed menu"}',
            "Menu",
            "label: Menu",
            f"{LEAVES}.levels[2].label",
            "expected a text per language, found 'Menu'",
            id="text without language",
        ),
        pytest.param(
            '{nl: "Vaste kaart", en: "A fixed menu"}',
            "",
            "            label: \n",
            f"{LEAVES}.levels[2].label",
            "expected a text per language, found nothing",
            id="empty value",
        ),
        pytest.param(
            'source: "chapter 1, the menu"',
            "source: 1.2",
            "source: 1.2",
            f"{LEAVES}.levels[2].source",
            "expected a text, found the number 1.2; put it between quotes",
            id="section number without quotes",
        ),
        pytest.param(
            "version: 1.0.0",
            "version: 1.0",
            "version: 1.0",
            "version",
            "expected a text, found the number 1.0; put it between quotes",
            id="version as a number",
        ),
        pytest.param(
            "version: 1.0.0",
            "version: one",
            "version: one",
            "version",
            "expected a version of three numbers (such as 1.0.0), found 'one'",
            id="version in words",
        ),
        pytest.param(
            "target: next_level",
            "target: top",
            "target: top",
            "target",
            "expected next_level or highest, found 'top'",
            id="unknown target rule",
        ),
        pytest.param(
            "      - id: leaves",
            "      - id: Losse-thee",
            "- id: Losse-thee",
            "dimensions[tea].items[Losse-thee].id",
            "expected lower-case letters, digits and underscores, beginning with a letter, at most 40 "
            "characters (such as customer_journey), found 'Losse-thee'",
            id="id that is no slug",
        ),
        pytest.param(
            "            benefit: 3\n            investment: 1\n          - to: 3\n            step:\n"
            '              nl: "Vraag drie',
            "            benefit: 4\n            investment: 1\n          - to: 3\n            step:\n"
            '              nl: "Vraag drie',
            "benefit: 4",
            f"{LEAVES}.advice[2].benefit",
            "expected a whole number from 1 to 3, found the number 4",
            id="benefit off the scale",
        ),
        pytest.param(
            "languages: [nl, en]",
            "languages: [nl, en, de]",
            "languages: [nl, en, de]",
            "languages[#3]",
            "expected nl or en, found 'de'",
            id="unknown language of the model",
        ),
    ],
)
def test_a_wrong_shape_is_named(tmp_path, old, new, at, key, expected):
    text = edited(old, new)
    line = next(n for n, found in enumerate(text.splitlines(keepends=True), start=1) if at in found)

    assert problems_in(tmp_path, text) == [(line, key, expected)]


# --- the meaning -----------------------------------------------------------------------------------


def test_a_missing_translation_is_named_where_its_text_stands(tmp_path):
    text = edited('                - "geen idee, de schoonmaker koopt ze"\n', "").replace(
        LABEL, '            label:\n              nl: "Vaste kaart"\n'
    )

    assert problems_in(tmp_path, text) == [
        (
            line_of(text, '"Vaste kaart"') - 1,
            f"{LEAVES}.levels[2].label.en",
            "expected the text in English (en); it is missing",
        )
    ]


def test_example_answers_in_one_language_need_the_other_too(tmp_path):
    text = edited(
        '              en: ["nobody keeps an eye on it", "the guest will find out", "when it looks brown"]\n',
        "",
    )

    assert problems_in(tmp_path, text) == [
        (
            line_of(text, '"als hij bruin is"') - 1,
            "dimensions[tea].items[brewing].levels[1].answers.en",
            "expected the text in English (en); it is missing",
        )
    ]


def test_a_language_that_the_model_does_not_have_is_named(tmp_path):
    text = edited(LABEL, LABEL.replace("}", ", de: Karte}"))

    assert problems_in(tmp_path, text) == [
        (
            line_of(text, "de: Karte"),
            f"{LEAVES}.levels[2].label.de",
            "expected a language of this model (nl or en), found 'de'",
        )
    ]


def test_a_model_of_one_language_has_no_other_texts(tmp_path):
    found = problems_in(tmp_path, edited("languages: [nl, en]", "languages: [nl]"))

    assert len(found) > 100
    assert found[0] == (
        line_of(TEXT, "name: {nl:"),
        "name.en",
        "expected a language of this model (nl), found 'en'",
    )


def level_block(value: int) -> str:
    """The text of one level of the first item."""
    marks = [f"          - value: {value}\n", f"          - value: {value + 1}\n", "        advice:\n"]
    start = TEXT.index(marks[0])
    end = TEXT.index(marks[1] if value < 3 else marks[2], start)
    return TEXT[start:end]


def test_a_missing_level_is_named(tmp_path):
    text = TEXT.replace(level_block(2), "", 1)

    assert problems_in(tmp_path, text) == [
        (
            line_of(text, "        levels:"),
            f"{LEAVES}.levels",
            "expected level 1 to 3, each once; 2 is missing",
        )
    ]


def test_levels_out_of_order_are_named(tmp_path):
    text = TEXT.replace(level_block(1) + level_block(2), level_block(2) + level_block(1), 1)

    assert problems_in(tmp_path, text) == [
        (
            line_of(text, "          - value: 1"),
            f"{LEAVES}.levels[1].value",
            "expected level 1 to 3 in this order; 1 comes after 2",
        )
    ]


def test_a_level_twice_is_named_beside_the_one_that_is_missing(tmp_path):
    text = TEXT.replace(level_block(2), level_block(2).replace("value: 2", "value: 1"), 1)

    assert problems_in(tmp_path, text) == [
        (
            line_of(text, "        levels:"),
            f"{LEAVES}.levels",
            "expected level 1 to 3, each once; 2 is missing",
        ),
        (
            line_of(text, "          - value: 1", 2),
            f"{LEAVES}.levels[1].value",
            "expected level 1 to 3, each once; 1 is there already",
        ),
    ]


def test_a_level_beyond_those_of_the_model_is_named(tmp_path):
    text = TEXT.replace(level_block(3), level_block(3).replace("value: 3", "value: 4"), 1)

    assert problems_in(tmp_path, text) == [
        (
            line_of(text, "        levels:"),
            f"{LEAVES}.levels",
            "expected level 1 to 3, each once; 3 is missing",
        ),
        (
            line_of(text, "          - value: 4"),
            f"{LEAVES}.levels[4].value",
            "expected level 1 to 3 (the model's own levels), found 4",
        ),
    ]


def test_a_gap_in_the_models_own_levels_is_named(tmp_path):
    start, end = TEXT.index("  - value: 2\n"), TEXT.index("  - value: 3\n")
    text = TEXT[:start] + TEXT[end:]

    assert problems_in(tmp_path, text) == [
        (line_of(text, "levels:"), "levels", "expected level 1 to 3, each once; 2 is missing")
    ]


def test_missing_advice_is_named(tmp_path):
    start = TEXT.index("          - to: 3\n")
    text = TEXT[:start] + TEXT[TEXT.index("      - id: brewing") :]

    assert problems_in(tmp_path, text) == [
        (
            line_of(text, "        advice:"),
            f"{LEAVES}.advice",
            "expected advice to level 2 to 3, each once; 3 is missing",
        )
    ]


@pytest.mark.parametrize(
    ("old", "new", "at", "key", "expected"),
    [
        pytest.param(
            "  - id: guests",
            "  - id: tea",
            ("- id: tea", 3),
            "dimensions[tea].id",
            "expected every dimension to differ; 'tea' is on line {first} too",
            id="dimension id twice",
        ),
        pytest.param(
            "      - id: brewing",
            "      - id: leaves",
            ("- id: leaves", 2),
            f"{LEAVES}.id",
            "expected every item of this dimension to differ; 'leaves' is on line {first} too",
            id="item id twice",
        ),
        pytest.param(
            '"Vaste kaart"',
            '"wat  er LIGT"',
            ('"wat  er LIGT"', 1),
            f"{LEAVES}.levels[2].label.nl",
            "expected every label in this item to differ; 'wat  er LIGT' is on line {first} too",
            id="label twice",
        ),
        pytest.param(
            '"our regular supplier brings it every month"',
            '"Whatever was on offer this week"',
            ('"Whatever was on offer this week"', 1),
            f"{LEAVES}.levels[2].answers.en[#2]",
            "expected every example answer in this item to differ; 'Whatever was on offer this week' is on "
            "line {first} too",
            id="example answer twice",
        ),
    ],
)
def test_what_has_to_differ_is_named_with_the_line_of_its_twin(tmp_path, old, new, at, key, expected):
    text = edited(old, new)
    first = {
        "dimensions[tea].id": line_of(text, "  - id: tea"),
        f"{LEAVES}.id": line_of(text, "- id: leaves"),
        f"{LEAVES}.levels[2].label.nl": line_of(text, '"Wat er ligt"'),
        f"{LEAVES}.levels[2].answers.en[#2]": line_of(text, '"whatever was on offer this week"'),
    }[key]
    if key == "dimensions[tea].id":  # the implausible pair does not name 'guests', so nothing else is wrong
        at = ("  - id: tea", 2)

    assert problems_in(tmp_path, text) == [(line_of(text, *at), key, expected.format(first=first))]


@pytest.mark.parametrize(
    ("old", "new", "at", "key", "expected"),
    [
        pytest.param(
            '            derived_from: "the chapter ends at the menu; one step further the same way"\n',
            "",
            "          - value: 3",
            f"{LEAVES}.levels[3].derived_from",
            "expected one line: from what, since the source is 'derived'",
            id="derived from what",
        ),
        pytest.param(
            '            source: "chapter 1, the menu"\n',
            '            source: "chapter 1, the menu"\n            derived_from: "a hunch"\n',
            'derived_from: "a hunch"',
            f"{LEAVES}.levels[2].derived_from",
            "expected only with 'source: derived'",
            id="derived though it has a source",
        ),
        pytest.param(
            "      - id: leaves\n        quick: true\n",
            "      - id: leaves\n",
            "    items:",
            "dimensions[tea].items",
            "expected 'quick: true' at exactly one item of this dimension, found none",
            id="no quick item",
        ),
        pytest.param(
            "      - id: brewing\n",
            "      - id: brewing\n        quick: true   # a second one\n",
            "# a second one",
            "dimensions[tea].items[brewing].quick",
            "expected 'quick: true' at exactly one item of this dimension; another has it",
            id="two quick items",
        ),
        pytest.param(
            "    low: pots",
            "    low: pans",
            "low: pans",
            "implausible[#1].low",
            "expected the id of a dimension of this model, found 'pans'",
            id="implausible with what is not there",
        ),
        pytest.param(
            "    low: pots",
            "    low: tea",
            "low: tea",
            "implausible[#1].low",
            "expected another dimension than 'high'",
            id="implausible with itself",
        ),
        pytest.param(
            'nl: "Vaste kaart"',
            'nl: "Vaste\\nkaart"',
            'nl: "Vaste\\nkaart"',
            f"{LEAVES}.levels[2].label.nl",
            "expected a text of one line, found a line break",
            id="label of two lines",
        ),
    ],
)
def test_a_wrong_meaning_is_named(tmp_path, old, new, at, key, expected):
    text = edited(old, new)

    assert problems_in(tmp_path, text) == [(line_of(text, at), key, expected)]


def test_a_button_has_to_fit_its_row_even_if_the_schema_lets_a_longer_label_pass(tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text(SCHEMA.read_text(encoding="utf-8").replace('"maxLength": 20', '"maxLength": 40'))
    path = tmp_path / "teahouse.yml"
    path.write_text(edited('"Vaste kaart"', '"Een kaart die vaststaat"'), encoding="utf-8")

    (problem,) = check([path], schema=schema)

    assert problem.key == f"{LEAVES}.levels[2].label.nl"
    assert (
        problem.expected
        == "expected a button of at most 24 characters, found 27 in '2 · Een kaart die vaststaat'"
    )


# --- the file --------------------------------------------------------------------------------------


def test_a_key_twice_is_named_with_the_line_of_the_first(tmp_path):
    text = edited(LABEL, LABEL + LABEL)

    assert problems_in(tmp_path, text) == [
        (
            line_of(text, "Vaste kaart", 2),
            f"{LEAVES}.levels[2].label",
            f"expected each key once; it is already on line {line_of(text, 'Vaste kaart')}",
        )
    ]


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("", 1, "expected a maturity model, found an empty file"),
        ("# only a remark\n", 1, "expected a maturity model, found an empty file"),
        (
            "id: teahouse\nname: [nl, en\n",
            2,
            "expected valid YAML; the parser says: while parsing a flow sequence",
        ),
        (
            "id: teahouse\n\tname: x\n",
            2,
            "expected valid YAML; the parser says: while scanning a plain scalar found a tab",
        ),
        (
            'id: teahouse\nname: "x\n',
            2,
            "expected valid YAML; the parser says: while scanning a quoted scalar",
        ),
        ("id: tea: house\n", 1, "expected valid YAML; the parser says: mapping values are not allowed"),
        ("é: é\né: \x07\n", 2, "expected valid YAML; the parser says: control characters are not allowed"),
        ("[" * 100_000, 1, "expected at most 30 levels of lists and keys inside each other"),
        ("id:\n" + "- " * 100_000, 2, "expected at most 30 levels of lists and keys inside each other"),
        ("- id: teahouse\n", 1, "expected keys with values under it, found a list"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused_with_a_line(tmp_path, text, line, expected):
    (found,) = problems_in(tmp_path, text)

    assert found[:2] == (line, "")
    assert found[2].startswith(expected)


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        pytest.param(
            "document:",
            "document: !!python/object/apply:os.getcwd []\nnote:",
            "document",
            "expected a value without a YAML tag, found 'tag:yaml.org,2002:python/object/apply:os.getcwd'",
            id="python object",
        ),
        pytest.param(
            "document:",
            "document: !x 1\nnote:",
            "document",
            "expected a value without a YAML tag, found '!x'",
            id="tag",
        ),
        pytest.param(
            "minutes: 2",
            "minutes: *two",
            "minutes",
            "expected the words themselves; references to another place (*) are not used here",
            id="alias",
        ),
        pytest.param(
            "implausible:",
            "? [a, {b: c}]\n: d\nimplausible:",
            "",
            "expected a plain word as the key",
            id="odd key",
        ),
    ],
)
def test_yaml_beyond_plain_keys_lists_and_texts_is_refused(tmp_path, old, new, key, expected):
    text = edited(old, new)

    found = problems_in(tmp_path, text)

    assert (line_of(text, new.splitlines()[0]), key, expected) in found


def test_two_documents_in_one_file_are_refused(tmp_path):
    found = problems_in(tmp_path, TEXT + "---\nid: other\n")

    assert found == [
        (
            len(TEXT.splitlines()) + 1,
            "",
            "expected one maturity model in a file, found a second one after '---'",
        )
    ]


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path):
    path = tmp_path / "teahouse.yml"
    path.write_bytes(TEXT.encode("latin-1", "replace"))
    line = next(n for n, words in enumerate(TEXT.splitlines(), start=1) if not words.isascii())

    assert check([path]) == [
        Problem(
            str(path), line, "", "expected a file saved as UTF-8; here is a character in another encoding"
        )
    ]


def test_a_file_that_is_not_there_is_a_problem_and_no_traceback(tmp_path):
    path = tmp_path / "nowhere.yml"

    assert check([path]) == [
        Problem(str(path), 1, "", "expected a file that can be read: No such file or directory")
    ]
    with pytest.raises(DefinitionError, match=r"nowhere\.yml:1: expected a file that can be read"):
        load(path)


def test_a_folder_without_definitions_is_a_problem(tmp_path):
    assert check([tmp_path]) == [
        Problem(str(tmp_path), 1, "", "expected a .yml file, found a folder without one")
    ]


def test_the_files_name_is_the_models_id(tmp_path):
    path = tmp_path / "coffee.yml"
    path.write_text(TEXT, encoding="utf-8")

    assert check([path]) == [
        Problem(
            str(path),
            line_of(TEXT, "id: teahouse"),
            "id",
            "expected 'coffee', since the file's name is the model's id; found 'teahouse'",
        )
    ]


def test_two_files_with_one_id_are_refused(tmp_path):
    first, second = tmp_path / "a" / "teahouse.yml", tmp_path / "b" / "teahouse.yml"
    for path in (first, second):
        path.parent.mkdir()
        path.write_text(TEXT, encoding="utf-8")

    assert check([first, second]) == [
        Problem(
            str(second),
            line_of(TEXT, "id: teahouse"),
            "id",
            f"expected an id of its own; 'teahouse' is already that of {first}",
        )
    ]


# --- all at once -----------------------------------------------------------------------------------


def test_all_problems_of_a_file_come_at_once_by_line_and_nothing_is_loaded(tmp_path):
    text = (
        edited("minutes: 2", "minutes: 0")
        .replace('"Vaste kaart"', '"Een kaart die vaststaat"')
        .replace("        weight: 3", "        weigth: 3")
        .replace("  - id: guests", "  - id: tea")
        .replace("    low: pots", "    low: pans")
    )

    found = problems_in(tmp_path, text)

    assert [key for _, key, _ in found] == [
        "minutes",
        f"{LEAVES}.weigth",
        f"{LEAVES}.levels[2].label.nl",
        "dimensions[tea].id",
        "implausible[#1].low",
    ]
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)


def test_one_broken_file_refuses_all(tmp_path):
    (tmp_path / "teahouse.yml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "broken.yml").write_text("id: broken\n", encoding="utf-8")

    with pytest.raises(DefinitionError) as refused:
        load_all([tmp_path])

    assert {problem.file for problem in refused.value.problems} == {str(tmp_path / "broken.yml")}


def test_a_problem_reads_as_file_line_key_and_expectation():
    assert str(Problem("models/a.yml", 12, "levels[2].name", "expected this")) == (
        "models/a.yml:12: levels[2].name: expected this"
    )
    assert str(Problem("models/a.yml", 1, "", "expected that")) == "models/a.yml:1: expected that"


def test_a_mutilated_definition_never_gives_a_traceback():
    """Every value of a small definition is replaced, by an odd one."""
    odd_values = (None, [], {}, "x", 7, True, [[{}]], {"id": {"id": 1}}, [None, 3, "x"], -1.5, {"nl": 1})
    data = json.loads(canonical(TEXT))
    for dimension in data["dimensions"]:
        del dimension["items"][1:]
    places = []

    def walk(value):
        for key, below in list(value.items() if isinstance(value, dict) else enumerate(value)):
            places.append((value, key))
            if isinstance(below, dict | list):
                walk(below)

    walk(data)
    refused = 0
    for number, (parent, key) in enumerate(places[::3]):
        before = parent[key]
        parent[key] = odd_values[number % len(odd_values)]
        problems: tuple[Problem, ...] = ()
        try:
            parse(json.dumps(data), "odd")
        except DefinitionError as error:
            problems = error.problems
        assert all(problem.line >= 1 for problem in problems)
        assert not any("something else" in problem.expected for problem in problems)
        refused += bool(problems)
        parent[key] = before
    assert 0.8 < refused / len(places[::3]) < 1


def test_a_large_definition_is_loaded_in_well_under_a_second(tmp_path):
    data = json.loads(canonical(TEXT))
    dimensions = []
    for number in range(12):
        (dimension,) = json.loads(json.dumps(data["dimensions"][:1]))
        dimension["id"] = f"tea_{number}"
        first = dimension["items"][0]
        for level in first["levels"]:
            for language, words in level["answers"].items():
                words.extend(f"{language} {level['value']} example {n}" for n in range(40))
        dimensions.append(dimension)
    data["dimensions"], data["implausible"] = dimensions, []
    path = tmp_path / "teahouse.yml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    assert len(path.read_text(encoding="utf-8").splitlines()) > 4000

    began = time.perf_counter()
    model = load(path)
    took = time.perf_counter() - began

    assert len(model.dimensions) == 12
    assert took < 1  # about a tenth of a second; the rest is for slow machines


def test_the_models_that_come_with_peil_are_well():
    folder = SCHEMA.parent

    if list(folder.glob("*.yml")):
        assert check([folder]) == []


def test_equal_models_have_equal_snapshots():
    model = load(TEAHOUSE)

    assert to_canonical(replace(model, version="1.0.1")) != to_canonical(model)
    assert to_canonical(replace(model)) == to_canonical(model)
