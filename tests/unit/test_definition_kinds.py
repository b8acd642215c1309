"""Checklists, choices, positionings and signals in a definition: loaded whole, or refused with the reason."""

import json
import re
from pathlib import Path

import pytest
import yaml

from bot.definitions import (
    DefinitionError,
    Problem,
    canonical,
    check,
    from_canonical,
    load,
    parse,
    to_canonical,
)
from tests.unit.models import BAKERY, TEAHOUSE, TEAROOM

BAKED = BAKERY.read_text(encoding="utf-8")
POURED = TEAROOM.read_text(encoding="utf-8")
DOUGH = "dimensions[bread].items[dough]"
MOOD = "dimensions[kettle].items[mood]"
DRAUGHTS = "dimensions[room].items[draughts]"
STANDING = "dimensions[house].items[standing]"


def edited(text: str, *changes: tuple[str, str]) -> str:
    """The text with these places changed, each of which has to be one place."""
    for old, new in changes:
        assert text.count(old) == 1, f"{text.count(old)} places with {old!r}"
        text = text.replace(old, new)
    return text


def line_of(text: str, words: str, occurrence: int = 1) -> int:
    """The line on which these words stand for the n-th time."""
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if words in line]
    return lines[occurrence - 1]


def block(text: str, item: str, key: str = "") -> str:
    """The lines of an item, or of one key of it with all that is under it."""
    start = text.index(f"      - id: {item}\n")
    end = re.compile(r"^(?: {6}- | {2}- |\S|\n)", re.MULTILINE).search(text, start + 1)
    found = text[start : end.start() if end else len(text)]
    if not key:
        return found
    start = found.index(f"        {key}:")
    after = re.compile(r"^ {8}\S", re.MULTILINE).search(found, start + 1)
    return found[start : after.start() if after else len(found)]


def problems_in(tmp_path: Path, text: str) -> list[tuple[int, str, str]]:
    """(line, key, expected) of each problem of a definition, in a file that has the name of its id."""
    path = tmp_path / f"{re.findall(r'^id: (.*)$', text, re.MULTILINE)[0]}.yml"
    path.write_text(text, encoding="utf-8")
    found = check([path])
    assert {problem.file for problem in found} <= {str(path)}
    if found:
        with pytest.raises(DefinitionError) as refused:
            load(path)
        assert list(refused.value.problems) == found
    return [(problem.line, problem.key, problem.expected) for problem in found]


# --- what is right ---------------------------------------------------------------------------------


def test_the_bakery_is_loaded_as_it_stands_in_the_file():
    model = load(BAKERY)

    assert model.stages
    assert (model.lowest, model.highest, model.minutes, model.quick_minutes) == (0, 3, 3, 1)
    assert [level.name["en"] for level in model.levels] == ["Still flour", "Dough", "Risen", "Golden brown"]
    assert model.level_name(0).name["nl"] == "Nog meel"
    assert model.recommend is not None
    assert model.recommend.label["en"] == "Bread"
    assert model.recommend.words["nl"] == ("brood", "bakker", "deeg", "oven")
    assert model.item_ids() == (
        "bread.dough",
        "bread.range",
        "counter.queue",
        "counter.greeting",
        "night.oven",
        "night.leftovers",
    )
    assert model.quick_ids() == ("bread.dough", "counter.queue", "night.leftovers")
    _, dough = model.item("bread.dough")
    assert (dough.kind, dough.scored, dough.weight, dough.levels, dough.advice) == (
        "checklist",
        True,
        2,
        (),
        (),
    )
    assert [(practice.id, practice.stage) for practice in dough.practices] == [
        ("recipe", 1),
        ("scale", 1),
        ("rest", 2),
        ("starter", 2),
        ("field", 3),
    ]
    starter = dough.part("starter")
    assert starter is dough.practices[3]
    assert starter.label == {"nl": "Eigen desem", "en": "Own sourdough"}
    assert (starter.source, starter.derived_from) == ("chapter 1, the jar", None)
    assert starter.action.step["en"] == "Mix flour and water in a jar, give it a name and feed it for a week."
    assert starter.action.measure["nl"] == "De pot loopt over op een moment dat niemand uitkomt."
    assert (starter.action.benefit, starter.action.investment) == (3, 2)
    assert dough.part("field").derived_from is not None
    assert {practice.stage for practice in model.item("bread.range")[1].practices} == {1, 3}
    with pytest.raises(KeyError):
        dough.part("cake")


def test_the_tearoom_is_loaded_as_it_stands_in_the_file():
    model = load(TEAROOM)

    assert not model.stages
    assert (model.lowest, model.highest, model.target_rule, model.recommend) == (1, 3, "highest", None)
    assert [(f"{dimension.id}.{item.id}", item.kind) for dimension, item in model.walk()] == [
        ("kettle.water", "rubric"),
        ("kettle.cups", "rubric"),
        ("kettle.mood", "choice"),
        ("room.chairs", "rubric"),
        ("room.draughts", "signals"),
        ("house.name", "rubric"),
        ("house.standing", "positioning"),
    ]
    assert model.quick_ids() == ("kettle.water", "room.chairs", "house.name")
    _, mood = model.item("kettle.mood")
    assert not mood.scored
    assert [(option.id, option.brands) for option in mood.options] == [
        ("library", ("Page & Pot", "The Quiet Spoon")),
        ("aunt", ("At Agatha's",)),
        ("station", ()),
    ]
    assert mood.parts == mood.options
    assert mood.options[1].consequence["en"] == "Know the names, ask after the knee and cut generously."
    assert mood.positioning is None
    _, draughts = model.item("room.draughts")
    assert [signal.id for signal in draughts.signals] == ["coats", "bill", "spoons", "silence"]
    assert (draughts.signals[2].action.benefit, draughts.signals[2].action.investment) == (2, 1)
    assert draughts.signals[2].derived_from == "the author's own drawer"
    _, standing = model.item("house.standing")
    assert [aspect.id for aspect in standing.options] == ["cake", "price", "welcome", "view"]
    assert standing.positioning is not None
    assert standing.positioning.intended["nl"].startswith("En waarin willen jullie")
    assert standing.positioning.competitor["en"].startswith("In what is the tearoom across")
    assert standing.positioning.everything["en"].endswith("Choose one.")


def test_a_rubric_without_a_quick_scan_still_loads():
    assert (load(TEAHOUSE).quick_minutes, load(TEAHOUSE).recommend) == (None, None)


# --- snapshots -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [BAKERY, TEAROOM], ids=["bakery", "tearoom"])
def test_a_snapshot_of_any_kind_of_item_gives_the_same_model_back(path):
    text = path.read_text(encoding="utf-8")
    model = load(path)
    snapshot = to_canonical(model)

    assert from_canonical(snapshot) == model
    assert parse(snapshot, "snapshot") == model
    assert canonical(snapshot) == canonical(text) == snapshot
    shuffled = yaml.safe_dump(json.loads(snapshot), allow_unicode=True, sort_keys=True)
    assert canonical(shuffled) == snapshot


def test_a_snapshot_has_the_keys_of_each_kind_and_its_defaults_and_no_others():
    items = {
        item["id"]: item
        for name in (BAKED, POURED)
        for dimension in json.loads(canonical(name))["dimensions"]
        for item in dimension["items"]
    }
    common = {"id", "kind", "weight", "quick", "title", "question", "explanation", "why", "example"}

    assert set(items["dough"]) - common == {"practices"}
    assert set(items["water"]) - common == {"levels", "advice"}
    assert set(items["mood"]) - common == {"options"}
    assert set(items["draughts"]) - common == {"signals"}
    assert set(items["standing"]) - common == {"aspects", "intended", "competitor", "everything"}
    assert (items["mood"]["weight"], items["mood"]["quick"]) == (1, False)
    assert items["mood"]["options"][2]["brands"] == []
    assert items["range"]["practices"][1]["stage"] == 3
    assert list(items["draughts"]["signals"][0]["advice"]) == ["benefit", "investment", "measure", "step"]


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (
            BAKED,
            '            stage: 3\n            label: {nl: "Geen rij',
            '            stage: 2\n            label: {nl: "Geen rij',
        ),
        (BAKED, "quick_minutes: 1", "quick_minutes: 2"),
        (BAKED, "    nl: [brood, bakker, deeg, oven]", "    nl: [brood, bakker, deeg]"),
        (POURED, "brands: [Page & Pot, The Quiet Spoon]", "brands: [Page & Pot]"),
        (POURED, "Zorg voor lampen", "Zorg voor kaarsen"),
        (POURED, "Kies er één.", "Kies er twee."),
    ],
)
def test_a_change_of_any_kind_of_item_is_another_snapshot(text, old, new):
    assert canonical(edited(text, (old, new))) != canonical(text)


# --- the keys of a kind ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "item", "key", "kind", "at"),
    [
        (POURED, "water", "levels", "rubric", "dimensions[kettle].items[water]"),
        (POURED, "water", "advice", "rubric", "dimensions[kettle].items[water]"),
        (BAKED, "dough", "practices", "checklist", DOUGH),
        (POURED, "mood", "options", "choice", MOOD),
        (POURED, "draughts", "signals", "signals", DRAUGHTS),
        (POURED, "standing", "aspects", "positioning", STANDING),
        (POURED, "standing", "intended", "positioning", STANDING),
        (POURED, "standing", "competitor", "positioning", STANDING),
        (POURED, "standing", "everything", "positioning", STANDING),
    ],
)
def test_a_missing_key_of_a_kind_is_named_at_its_item(tmp_path, text, item, key, kind, at):
    broken = edited(text, (block(text, item, key), ""))

    assert problems_in(tmp_path, broken) == [
        (
            line_of(broken, f"- id: {item}"),
            f"{at}.{key}",
            f"expected this key in an item of kind {kind}; it is missing",
        )
    ]


@pytest.mark.parametrize(
    ("text", "item", "line", "expected"),
    [
        (POURED, "water", "competitor: {nl: x, en: x}", "rubric; expected: levels, advice"),
        (BAKED, "dough", "intended: {nl: x, en: x}", "checklist; expected: practices"),
        (BAKED, "dough", "advice: []", "checklist; expected: practices"),
        (POURED, "mood", "advice: []", "choice; expected: options"),
        (POURED, "draughts", "everything: {nl: x, en: x}", "signals; expected: signals"),
        (
            POURED,
            "standing",
            "advice: []",
            "positioning; expected: aspects, intended, competitor, everything",
        ),
    ],
)
def test_a_key_of_another_kind_is_named_with_those_that_belong_here(tmp_path, text, item, line, expected):
    head = f"      - id: {item}\n"
    broken = edited(text, (head, f"{head}        {line}   # foreign\n"))

    (found,) = problems_in(tmp_path, broken)

    assert found[0] == line_of(broken, "# foreign")
    assert found[1].endswith(f"items[{item}].{line.partition(':')[0]}")
    assert found[2] == f"unknown key in an item of kind {expected}"


def test_a_kind_that_there_is_not_is_named_and_nothing_else(tmp_path):
    broken = edited(POURED, ("        kind: choice", "        kind: essay"))

    assert problems_in(tmp_path, broken) == [
        (
            line_of(broken, "kind: essay"),
            f"{MOOD}.kind",
            "expected rubric or checklist or choice or positioning or signals, found 'essay'",
        )
    ]


def test_one_model_scores_one_kind_of_item(tmp_path):
    element = block(BAKED, "range")
    mixed = edited(POURED, ("      - id: mood\n", f"{element}      - id: mood\n"))
    assert problems_in(tmp_path, mixed) == [
        (
            line_of(mixed, "kind: checklist"),
            "dimensions[kettle].items[range].kind",
            "expected rubric, like the others: one model scores one kind of item",
        )
    ]

    cups = block(POURED, "cups")
    mixed = edited(BAKED, ("      - id: range\n", f"{cups}      - id: range\n"))
    assert problems_in(tmp_path, mixed) == [
        (
            line_of(mixed, "- id: cups"),  # it has no kind of its own there, since rubric is the default
            "dimensions[bread].items[cups].kind",
            "expected checklist, like the others: one model scores one kind of item",
        )
    ]


def test_a_checklist_may_have_items_beside_it_that_do_not_score(tmp_path):
    beside = block(POURED, "mood") + block(POURED, "draughts")

    assert problems_in(tmp_path, edited(BAKED, ("      - id: range\n", f"{beside}      - id: range\n"))) == []


# --- stages and levels -----------------------------------------------------------------------------


def test_a_stage_that_the_model_does_not_have_is_named_alone(tmp_path):
    # the first practice: those that follow are in order all the same
    broken = edited(
        BAKED,
        ("          - id: recipe\n            stage: 1", "          - id: recipe\n            stage: 4"),
    )

    assert problems_in(tmp_path, broken) == [
        (
            line_of(broken, "stage: 4"),
            f"{DOUGH}.practices[recipe].stage",
            "expected a stage from 1 to 3 (the model's own), found 4",
        )
    ]


@pytest.mark.parametrize(
    ("stage", "found"),
    [("0", "the number 0"), ("8", "the number 8")],
)
def test_a_stage_that_no_model_has_is_named_once(tmp_path, stage, found):
    old = "          - id: recipe\n            stage: 1"
    broken = edited(BAKED, (old, f"          - id: recipe\n            stage: {stage}   # here"))

    assert problems_in(tmp_path, broken) == [
        (
            line_of(broken, "# here"),
            f"{DOUGH}.practices[recipe].stage",
            f"expected a whole number from 1 to 7, found {found}",
        )
    ]


def test_practices_out_of_the_order_of_their_stages_are_named(tmp_path):
    old = "          - id: starter\n            stage: 2"
    broken = edited(BAKED, (old, "          - id: starter\n            stage: 1   # too late"))

    assert problems_in(tmp_path, broken) == [
        (
            line_of(broken, "# too late"),
            f"{DOUGH}.practices[starter].stage",
            "expected practices in order of stage; 1 comes after 2",
        )
    ]


def level(text: str, value: int) -> str:
    """The text of one of the model's own levels."""
    start = text.index(f"  - value: {value}\n")
    return text[start : re.compile(r"^(?:  - |\n)", re.MULTILINE).search(text, start + 1).start()]


def test_the_levels_of_a_checklist_begin_at_nothing(tmp_path):
    broken = edited(BAKED, (level(BAKED, 0), ""))

    assert problems_in(tmp_path, broken) == [
        (line_of(broken, "levels:"), "levels", "expected level 0 to 3, each once; 0 is missing")
    ]


def test_a_stage_without_a_name_is_missed(tmp_path):
    broken = edited(BAKED, (level(BAKED, 2), ""))

    assert problems_in(tmp_path, broken) == [
        (line_of(broken, "levels:"), "levels", "expected level 0 to 3, each once; 2 is missing")
    ]


def test_the_levels_of_a_rubric_begin_at_one(tmp_path):
    broken = edited(POURED, (level(POURED, 1), level(POURED, 1).replace("1", "0", 1) + level(POURED, 1)))

    assert problems_in(tmp_path, broken) == [
        (
            line_of(broken, "- value: 0"),
            "levels[0].value",
            "expected level 1 to 3 (the model's own levels), found 0",
        )
    ]


# --- parts: sources, ids, labels --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "part", "reason", "key"),
    [
        (
            BAKED,
            "field",
            "the chapter stops at the sack; one step back along the same road",
            f"{DOUGH}.practices[field]",
        ),
        (POURED, "station", "the author's missed train", f"{MOOD}.options[station]"),
        (POURED, "spoons", "the author's own drawer", f"{DRAUGHTS}.signals[spoons]"),
        (POURED, "view", "the author's favourite chair", f"{STANDING}.aspects[view]"),
    ],
)
def test_what_is_derived_says_from_what(tmp_path, text, part, reason, key):
    broken = edited(text, (f'            derived_from: "{reason}"\n', ""))

    assert problems_in(tmp_path, broken) == [
        (
            line_of(broken, f"- id: {part}"),
            f"{key}.derived_from",
            "expected one line: from what, since the source is 'derived'",
        )
    ]


@pytest.mark.parametrize(
    ("text", "source", "key"),
    [
        (BAKED, "chapter 1, the jar", f"{DOUGH}.practices[starter]"),
        (POURED, "part 1, the whisper", f"{MOOD}.options[library]"),
        (POURED, "part 2, the coat", f"{DRAUGHTS}.signals[coats]"),
        (POURED, "part 3, the coin", f"{STANDING}.aspects[price]"),
    ],
)
def test_what_has_a_source_is_not_derived(tmp_path, text, source, key):
    line = f'            source: "{source}"\n'
    broken = edited(text, (line, f"{line}            derived_from: a hunch\n"))

    assert problems_in(tmp_path, broken) == [
        (line_of(broken, "a hunch"), f"{key}.derived_from", "expected only with 'source: derived'")
    ]


@pytest.mark.parametrize(
    ("text", "first", "second", "key"),
    [
        (BAKED, "recipe", "starter", f"{DOUGH}.practices[recipe].id"),
        (POURED, "library", "station", f"{MOOD}.options[library].id"),
        (POURED, "coats", "spoons", f"{DRAUGHTS}.signals[coats].id"),
        (POURED, "cake", "view", f"{STANDING}.aspects[cake].id"),
    ],
)
def test_an_id_twice_in_one_item_is_named_with_the_line_of_its_twin(tmp_path, text, first, second, key):
    broken = edited(text, (f"          - id: {second}\n", f"          - id: {first}\n"))
    line = line_of(broken, f"          - id: {first}")

    assert problems_in(tmp_path, broken) == [
        (
            line_of(broken, f"          - id: {first}", 2),
            key,
            f"expected every id in this item to differ; '{first}' is on line {line} too",
        )
    ]


@pytest.mark.parametrize(
    ("text", "first", "second", "key"),
    [
        (BAKED, "Weegschaal", "Eigen desem", f"{DOUGH}.practices[starter].label.nl"),
        (POURED, "De leeskamer", "Het station", f"{MOOD}.options[station].label.nl"),
        (POURED, "Jassen blijven aan", "Stil na vieren", f"{DRAUGHTS}.signals[silence].label.nl"),
        (POURED, "Taart", "Uitzicht", f"{STANDING}.aspects[view].label.nl"),
    ],
)
def test_a_label_twice_in_one_item_is_named_with_the_line_of_its_twin(tmp_path, text, first, second, key):
    again = first.upper()
    line = line_of(text, f'"{first}"')
    broken = edited(text, (f'nl: "{second}"', f'nl: "{again}"'))

    assert problems_in(tmp_path, broken) == [
        (
            line_of(broken, f'"{again}"'),
            key,
            f"expected every label in this item to differ; '{again}' is on line {line} too",
        )
    ]


def test_the_same_id_and_label_in_two_items_are_no_problem(tmp_path):
    same = edited(
        BAKED,
        ("          - id: counted\n", "          - id: recipe\n"),
        ('{nl: "Geteld", en: "Counted"}', '{nl: "Recept op papier", en: "Written recipe"}'),
    )

    assert problems_in(tmp_path, same) == []


def test_no_aspect_is_called_what_stands_for_none(tmp_path):
    broken = edited(POURED, ("          - id: view\n", "          - id: open\n"))

    assert problems_in(tmp_path, broken) == [
        (
            line_of(broken, "- id: open"),
            f"{STANDING}.aspects[open].id",
            "expected another id; 'open' stands for what was left open",
        )
    ]


def test_the_tenth_option_has_less_room_on_its_button(tmp_path):
    one = block(POURED, "mood", "options").partition("          - id: station\n")[2]
    more = "".join(
        "          - id: "
        + f"o{n}\n"
        + one.replace("Het station", f"Station {n}").replace('"The station', f'"Stop {n}')
        for n in range(4, 10)
    )
    tenth = "          - id: tenth\n" + one.replace("Het station", "Een naam van twintig").replace(
        '"The station', '"The tenth'
    )
    text = edited(POURED, ("\n  - id: room\n", f"{more}{tenth}\n  - id: room\n"))

    assert problems_in(tmp_path, text) == [
        (
            line_of(text, "Een naam van twintig"),
            f"{MOOD}.options[tenth].label.nl",
            "expected a button of at most 24 characters, found 25 in '10 · Een naam van twintig'",
        )
    ]


# --- the shape of the parts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "old", "new", "key", "expected"),
    [
        pytest.param(
            BAKED,
            "          - id: recipe\n            stage: 1",
            "          - id: recipe\n            stag: 1",
            f"{DOUGH}.practices[recipe].stag",
            "unknown key; did you mean 'stage'?",
            id="misspelt key of a practice",
        ),
        pytest.param(
            BAKED,
            '{nl: "Eigen desem", en: "Own sourdough"}',
            '{nl: "Een eigen desem met naam", en: "Own sourdough"}',
            f"{DOUGH}.practices[starter].label.nl",
            "expected a text of at most 20 characters, found 24",
            id="label of a practice too long",
        ),
        pytest.param(
            POURED,
            '{nl: "Het station", en: "The station"}',
            '{nl: "Het station"}',
            f"{MOOD}.options[station].label.en",
            "expected the text in English (en); it is missing",
            id="option in one language",
        ),
        pytest.param(
            POURED,
            "brands: [At Agatha's]\n",
            "brands: At Agatha's\n",
            f"{MOOD}.options[aunt].brands",
            "expected a list, found 'At Agatha's'",
            id="brands that are no list",
        ),
        pytest.param(
            POURED,
            'nl: "En waarin willen jullie over twee jaar de beste zijn?"',
            'nl: "En waarin\\nover twee jaar?"',
            f"{STANDING}.intended.nl",
            "expected a text of one line, found a line break",
            id="question of two lines",
        ),
        pytest.param(
            BAKED,
            "quick_minutes: 1",
            "quick_minutes: 0",
            "quick_minutes",
            "expected a whole number from 1 to 60, found the number 0",
            id="quick scan of no minutes",
        ),
        pytest.param(
            BAKED,
            "    en: [bread, baker, dough, oven]",
            "    en: []",
            "recommend.words.en",
            "expected at least 1 of these, found 0",
            id="no words that point to the model",
        ),
    ],
)
def test_a_wrong_shape_is_named(tmp_path, text, old, new, key, expected):
    broken = edited(text, (old, new))
    line = line_of(broken, new.splitlines()[-1])

    found = problems_in(tmp_path, broken)

    assert (line, key, expected) in found
    # a misspelt key is missing too
    assert [other for _, other, _ in found if other != key] == (
        [f"{DOUGH}.practices[recipe].stage"] if key.endswith("stag") else []
    )


@pytest.mark.parametrize(
    ("text", "item", "key", "least", "kept"),
    [
        (BAKED, "dough", "practices", 1, 0),
        (POURED, "draughts", "signals", 1, 0),
        (POURED, "mood", "options", 2, 1),
        (POURED, "standing", "aspects", 3, 2),
    ],
)
def test_a_list_has_enough_entries_to_choose_from(tmp_path, text, item, key, least, kept):
    entries = block(text, item, key)
    parts = re.split(r"(?m)^(?= {10}- id)", entries)
    fewer = parts[0] + "".join(parts[1 : kept + 1]) if kept else f"        {key}: []\n"
    broken = edited(text, (entries, fewer))

    ((line, spot, expected),) = problems_in(tmp_path, broken)

    start = broken.index(f"- id: {item}\n")
    assert line == broken.count("\n", 0, broken.index(f"        {key}:", start)) + 1
    assert spot.endswith(f"items[{item}].{key}")
    assert expected == f"expected at least {least} of these, found {kept}"


# --- quick -----------------------------------------------------------------------------------------

ONLY = "expected at an item of kind rubric or checklist only, since these score"


@pytest.mark.parametrize("item", ["mood", "draughts", "standing"])
def test_a_quick_scan_does_not_ask_what_does_not_score(tmp_path, item):
    head = f"      - id: {item}\n"
    broken = edited(POURED, (head, f"{head}        quick: true   # here\n"))

    ((line, key, expected),) = problems_in(tmp_path, broken)

    assert (line, expected) == (line_of(broken, "# here"), ONLY)
    assert key.endswith(f"items[{item}].quick")


def test_an_unscored_item_first_does_not_make_the_right_one_wrong(tmp_path):
    mood = block(POURED, "mood")
    first = mood.replace("      - id: mood\n", "      - id: mood\n        quick: true   # here\n")
    broken = edited(POURED, (mood, ""), ("      - id: water\n", f"{first}      - id: water\n"))

    assert problems_in(tmp_path, broken) == [(line_of(broken, "# here"), f"{MOOD}.quick", ONLY)]


def test_a_dimension_without_a_scored_item_has_nothing_for_a_quick_scan(tmp_path):
    chairs = block(POURED, "chairs")
    broken = edited(POURED, (chairs, ""))

    assert problems_in(tmp_path, broken) == [
        (
            line_of(broken, "    items:", 2),
            "dimensions[room].items",
            "expected 'quick: true' at exactly one item of this dimension, found none",
        )
    ]


# --- all at once -----------------------------------------------------------------------------------


def test_problems_of_all_kinds_of_items_come_at_once(tmp_path):
    broken = edited(
        POURED,
        ("          - id: aunt\n", "          - id: library\n"),
        ('{nl: "Jassen blijven aan", en: "Coats stay on"}', '{nl: "Jassen blijven aan"}'),
        (block(POURED, "standing", "everything"), ""),
    )

    assert [key for _, key, _ in problems_in(tmp_path, broken)] == [
        f"{MOOD}.options[library].id",
        f"{DRAUGHTS}.signals[coats].label.en",
        f"{STANDING}.everything",
    ]


@pytest.mark.parametrize("text", [BAKED, POURED], ids=["bakery", "tearoom"])
def test_a_mutilated_definition_never_gives_a_traceback(text):
    """Every value of one item of each kind is replaced, by an odd one."""
    odd_values = (None, [], {}, "x", 7, True, [[{}]], {"id": {"id": 1}}, [None, 3, "x"], -1.5, {"nl": 1})
    data = json.loads(canonical(text))
    for dimension in data["dimensions"]:
        dimension["items"] = [
            item for n, item in enumerate(dimension["items"]) if not n or item["kind"] != "rubric"
        ]
    places = []

    def walk(value):
        for key, below in list(value.items() if isinstance(value, dict) else enumerate(value)):
            places.append((value, key))
            if isinstance(below, dict | list):
                walk(below)

    walk(data)
    refused = 0
    for number, (parent, key) in enumerate(places[::9]):
        before = parent[key]
        parent[key] = odd_values[number % len(odd_values)]
        problems: tuple[Problem, ...] = ()
        try:
            model = parse(json.dumps(data), "odd")
        except DefinitionError as error:
            problems = error.problems
        else:
            assert from_canonical(to_canonical(model)) == model
        assert all(problem.line >= 1 for problem in problems)
        assert not any("something else" in problem.expected for problem in problems)
        refused += bool(problems)
        parent[key] = before
    assert 0.8 < refused / len(places[::9]) < 1
