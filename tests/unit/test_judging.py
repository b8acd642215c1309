"""How well own words are placed: what is counted, what is printed, and what is said of a broken line."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from bot.bootstrap import definition_files
from bot.cli import main
from bot.definitions import load
from bot.settings import ROOT
from bot.understanding.placing.judging import (
    BadLines,
    Judged,
    Line,
    as_data,
    groups,
    in_words,
    ms_p50,
    read_lines,
    score,
)
from bot.understanding.proposals import Placement

GOOD = {
    "model": "crm",
    "item": "strategy.clear",
    "level": 1,
    "lang": "nl",
    "text": "niemand heeft hier ooit iets over klanten besloten",
}
SHARES = ("exact", "within_one", "top2", "clear_share", "clear_right")


def judged(level: int, *likely: int, certainty: str = "doubt", ms: float = 10, **line: str) -> Judged:
    """A line of this level that was placed at `likely`, the likeliest first."""
    shares = tuple((one, 0.5**place) for place, one in enumerate(likely, start=1))
    said = Line("crm", "strategy.clear", level, line.get("lang", "nl"), "words", line.get("difficulty", ""))
    return Judged(said, Placement("strategy.clear", certainty, shares, "words"), ms)


FOUR = [
    judged(1, 1, 2, 3, certainty="clear", ms=10),
    judged(2, 3, 2, 1, certainty="clear", ms=20, lang="en"),
    judged(5, 4, 3, 5, ms=30, difficulty="denial"),
    judged(4, 1, 2, 4, certainty="unclear", ms=100, difficulty="denial"),
]


def test_four_lines_are_counted():
    found = score(FOUR)

    assert found.n == 4
    assert found.exact == 1 / 4  # the first alone
    assert found.within_one == 3 / 4  # 1 and 1, 2 and 3, 5 and 4; not 4 and 1
    assert found.top2 == 2 / 4  # the first, and the second by its second place
    assert found.clear_share == 2 / 4
    assert found.clear_right == 1 / 2  # of the two that were clear
    assert found.unclear_share == 1 / 4
    assert ms_p50(FOUR) == 25  # between 20 and 30


def test_where_nothing_is_clear_no_share_of_it_is_right():
    assert score(FOUR[2:]).clear_right is None
    assert as_data(FOUR[2:])["clear_right"] is None
    assert in_words(FOUR[2:])[1].split()[-2:] == ["-", "50.0%"]


def test_lines_are_told_apart_by_model_language_and_difficulty():
    found = groups(FOUR)

    assert {key: {value: len(some) for value, some in of_key.items()} for key, of_key in found.items()} == {
        "model": {"crm": 4},
        "lang": {"en": 1, "nl": 3},
        "difficulty": {"denial": 2},  # what has none is of no group
    }


def test_a_value_that_two_keys_have_is_counted_for_each():
    lines = [judged(1, 1, 2), replace(FOUR[0], line=replace(FOUR[0].line, difficulty="nl"))]

    data = as_data(lines)

    assert data["lang"]["nl"]["n"] == 2
    assert data["difficulty"]["nl"]["n"] == 1


def test_the_table_shows_what_was_taken_for_what():
    lines = in_words(FOUR)

    begin = lines.index("Level (down) and what it was taken for (across):")
    assert [line.split() for line in lines[begin + 1 : begin + 7]] == [
        ["1", "2", "3", "4", "5"],
        ["1", "1", ".", ".", ".", "."],
        ["2", ".", ".", "1", ".", "."],
        ["3", ".", ".", ".", ".", "."],
        ["4", "1", ".", ".", ".", "."],
        ["5", ".", ".", ".", "1", "."],
    ]
    assert lines[1].split() == ["all", "4", "25.0%", "75.0%", "50.0%", "50.0%", "50.0%", "25.0%"]
    assert lines[-1] == "Half of the lines took 25 ms or less to place."


# --- reading files ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def models():
    return {model.id: model for model in map(load, definition_files(ROOT / "models" / "maturity"))}


def test_good_lines_are_read_and_blank_ones_left_out(models, tmp_path):
    path = tmp_path / "lines.jsonl"
    told = GOOD | {"level": 5, "lang": "en", "difficulty": "denial", "text": "a\u2028line of its own"}
    lines = [json.dumps(GOOD), "", json.dumps(told, ensure_ascii=False), ""]
    path.write_text("\n".join(lines), encoding="utf-8")

    first, second = read_lines([path], models)

    assert first == Line("crm", "strategy.clear", 1, "nl", GOOD["text"], "")
    assert (second.level, second.difficulty, second.text) == (5, "denial", "a\u2028line of its own")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("not JSON", "expected a JSON object with model, item, level, lang, text, difficulty."),
        ("[1, 2]", "expected a JSON object with model, item, level, lang, text, difficulty."),
        ("[" * 100_000, "expected a JSON object with model, item, level, lang, text, difficulty."),
        ({"model": None}, "model: missing; expected the id of a maturity model with rubrics."),
        ({"model": "scm"}, "model: expected the id of a maturity model with rubrics (cemm, crm, cx, "),
        ({"item": "strategy"}, "item: expected dimension.item, a question with levels of this model."),
        ({"level": None}, "level: missing; expected the number of one of the item's levels."),
        ({"level": 6}, "level: expected the number of one of the item's levels."),
        ({"level": "3"}, "level: expected the number of one of the item's levels."),
        ({"level": True}, "level: expected the number of one of the item's levels."),
        ({"lang": "de"}, "lang: expected nl or en."),
        ({"lang": ["nl"]}, "lang: expected nl or en."),
        ({"text": " "}, "text: expected what somebody said, not empty."),
        ({"difficulty": 3}, "difficulty: expected a text, or left out."),
    ],
)
def test_a_broken_line_is_named_with_file_line_key_and_what_was_expected(models, tmp_path, broken, said):
    path = tmp_path / "lines.jsonl"
    if isinstance(broken, dict):
        broken = json.dumps({key: value for key, value in (GOOD | broken).items() if value is not None})
    path.write_text(f"{json.dumps(GOOD)}\n{broken}\n", encoding="utf-8")

    with pytest.raises(BadLines) as error:
        read_lines([path], models)

    assert len(error.value.problems) == 1
    assert error.value.problems[0].startswith(f"{path}:2: {said}")


def test_every_problem_of_every_file_comes_at_once(models, tmp_path):
    empty, gone, odd = tmp_path / "empty.jsonl", tmp_path / "gone.jsonl", tmp_path / "odd.jsonl"
    empty.write_text("\n")
    odd.write_bytes(b"\xff\xfe")

    with pytest.raises(BadLines) as error:
        read_lines([empty, gone, odd], models)

    assert error.value.problems == (
        f"{empty}: no line in it; expected one JSON object a line.",
        f"{gone}: cannot be read (No such file or directory).",
        f"{odd}: cannot be read (is not UTF-8).",
    )


# --- the command ------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path):
    """Runs `peil understand evaluate` on these lines, in a place without a database."""

    def evaluate(lines: list[object], *words: str, **env: str):
        path = tmp_path / "lines.jsonl"
        path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        folder = {"PEIL_DATA_DIR": str(tmp_path / "data"), **env}
        return CliRunner().invoke(main, ["understand", "evaluate", str(path), *words], env=folder)

    return evaluate


def test_the_command_prints_exactly_one_object_without_a_database(run, tmp_path):
    result = run([GOOD, GOOD | {"lang": "en", "text": "nobody here has ever decided anything"}], "--json")

    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    found = json.loads(result.stdout)
    assert found["n"] == 2
    assert all(found[name] is None or 0 <= found[name] <= 1 for name in SHARES)
    assert found["ms_p50"] > 0
    assert found["model"]["crm"]["n"] == 2
    assert sum(one["n"] for one in found["confusions"]) == 2
    assert not (tmp_path / "data").exists()


def test_the_command_prints_tables(run):
    result = run([GOOD | {"difficulty": "denial"}])

    assert result.exit_code == 0, result.output
    assert [line.split()[0] for line in result.stdout.splitlines()[1:5]] == ["all", "crm", "nl", "denial"]


def test_the_command_ends_with_1_and_says_what_is_broken(run):
    result = run([GOOD | {"level": 9}, GOOD, GOOD | {"lang": "fr"}], "--json")

    assert result.exit_code == 1
    assert result.stdout == ""
    first, second = result.stderr.splitlines()
    assert ":1: level: expected" in first
    assert ":3: lang: expected nl or en." in second


def test_a_definition_that_did_not_come_with_peil_is_learned_first(run):
    said = {
        "model": "tearoom",
        "item": "kettle.water",
        "level": 1,
        "lang": "nl",
        "text": "uit de warme kraan",
    }

    result = run([said], "--json", PEIL_DEFINITIONS=str(ROOT / "tests" / "data"))

    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["n"], found["exact"]) == (1, 1.0)
