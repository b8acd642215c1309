"""What the bench tells follows from what it measured; the textbook bot asks what Peil asks. Times nothing."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks import figures
from benchmarks.conversation import BACK, CONSENT, BenchmarkError, Respondent, script
from benchmarks.figures import AIMS, Row, judge, percentile, report, rows, text
from benchmarks.measure import CROWD_TURNS, Crowd
from benchmarks.textbook import project
from bot.definitions import load
from bot.texts import texts

ROOT = Path(__file__).resolve().parent.parent.parent
CEMM = load(ROOT / "models" / "maturity" / "cemm.yml")


def side(turn_5: float, turn_150: float, rate: float, ready: float) -> dict[str, Any]:
    """What is measured of one side, with every kind of turn as quick as a button's."""
    kinds = [f"{kind}_{share}" for kind in ("button", "typed", "side_talk") for share in ("p50", "p95")]
    return {
        "rounds": 1,
        "turns": {"5": dict.fromkeys(kinds, turn_5), "150": dict.fromkeys(kinds, turn_150)},
        "turns_per_second": {"1": rate, "8": 2 * rate, "32": 3 * rate},
        "ready_s": ready,
        "first_question_s": ready + 1,
        "resident_mb": {"rasa": 500.0, "actions": 100.0},
        "processor_ms": {"rasa": 6.0, "actions": None},
    }


def measured(**changes: dict[str, Any]) -> dict[str, Any]:
    """Peil 12 ms against 132 at turn 5 and 420 at turn 150, and 80 turns a second against 8."""
    sides = {"peil": side(12, 12, 80, 15), "textbook": side(132, 420, 8, 60), "floor": side(4, 5, 240, 1)}
    return {
        "processors": 2,
        "python": "3.11.0",
        "load": [0.5, 1.5],
        "sides": {name: sides[name] | changes.get(name, {}) for name in sides},
        "radar_ms": {"cold": 500.0, "warm_p50": 20.0, "warm_p95": 45.0, "kilobytes": 30.0},
        "picture_ms": {"first": 25.0, "again": 2.0},
    }


def row_of(table: list[Row], key: str) -> Row:
    return next(row for row in table if row.key == key)


# --- figures ----------------------------------------------------------------------------------------


def test_a_percentile_is_a_time_that_was_measured() -> None:
    times = [float(number) for number in range(20, 0, -1)]

    # 95% of 20 is 19: the nineteenth smallest; half of 20 is the tenth.
    assert percentile(times, 0.95) == 19
    assert percentile(times, 0.5) == 10
    assert percentile([7.0], 0.95) == 7


def test_only_the_kinds_of_turn_that_stand_in_the_table_are_counted() -> None:
    times = {"button": [1.0, 2.0, 9.0], "finish": [500.0], "again": [700.0], "typed": [4.0, 6.0]}

    assert figures.of_times(times) == {"button_p50": 2, "button_p95": 9, "typed_p50": 5, "typed_p95": 6}


def test_a_ratio_says_how_many_times_better_peil_is() -> None:
    table = rows(measured())

    assert row_of(table, "button_p50_5").ratio == 132 / 12
    assert row_of(table, "button_p50_150").ratio == 420 / 12
    # More turns a second are better, so here Peil's figure is the one above the line.
    assert row_of(table, "turns_per_second_8").ratio == 160 / 16
    assert row_of(table, "ready_s").ratio == 60 / 15


def test_growth_is_told_in_percent_and_has_no_ratio() -> None:
    growth = row_of(rows(measured()), "growth_percent")

    # 420 is 288 more than 132, which is 218 percent; 5 is a quarter more than 4.
    assert growth.peil == 0
    assert growth.textbook == pytest.approx(218.18, abs=0.01)
    assert growth.floor == pytest.approx(25)
    assert growth.ratio is None


def test_memory_is_the_sum_of_the_parts_and_none_where_a_part_is_not_known() -> None:
    table = rows(measured())

    assert row_of(table, "resident_mb").peil == 600
    assert row_of(table, "processor_ms").peil is None


def test_an_aim_is_met_at_its_limit_and_missed_beyond_it() -> None:
    judged = {(one.key, one.of): one for one in judge(rows(measured()))}

    # 132 / 12 = 11, at least 10; 420 / 12 = 35, less than 40; 80 / 8 = 10, just enough.
    assert judged["button_p50_5", "ratio"].met is True
    assert judged["button_p50_150", "ratio"].met is False
    assert judged["turns_per_second_1", "ratio"].met is True
    assert judged["ready_s", "figure"].met is True
    slow = measured(peil=side(12, 12, 80, 20.1))
    assert {one.key: one.met for one in judge(rows(slow)) if one.of == "figure"}["ready_s"] is False


def test_without_the_textbook_bot_its_aims_are_not_measured_and_the_others_are() -> None:
    alone = measured()
    del alone["sides"]["textbook"]

    judged = report(alone)["aims"]

    assert {aim["met"] for aim in judged if aim["of"] == "ratio"} == {None}
    assert {aim["met"] for aim in judged if aim["of"] == "figure"} == {True}
    assert "not measured" in text(report(alone))


def test_the_aims_are_those_of_the_issues() -> None:
    wanted = {(aim.key, aim.of): aim.limit for aim in AIMS}

    assert wanted["button_p50_5", "ratio"] == 10
    assert wanted["button_p50_150", "ratio"] == 40
    assert {wanted[f"turns_per_second_{crowd}", "ratio"] for crowd in (1, 8, 32)} == {10}
    assert wanted["ready_s", "figure"] == 20
    assert wanted["radar_warm_p50_ms", "figure"] == 40


def test_the_json_has_every_figure_of_the_table() -> None:
    reported = json.loads(json.dumps(report(measured())))

    table = text(reported)

    assert table == text(report(measured()))
    lines = table.splitlines()
    for row in reported["rows"]:
        line = next(line for line in lines if line.startswith(row["words"]))
        shown = [
            float(number.replace(",", ""))
            for number in re.findall(r"-?[\d.,]+", line.removeprefix(row["words"]))
        ]
        figures_of_row = [
            row[name] for name in ("peil", "textbook", "ratio", "floor") if row[name] is not None
        ]
        assert shown == pytest.approx(figures_of_row, abs=0.51 if row["digits"] == 0 else 0.051)
    for aim in reported["aims"]:
        verdict = "met" if aim["met"] else "MISSED"
        assert any(line.strip().startswith(verdict) and aim["words"] in line for line in lines)


# --- the conversation -------------------------------------------------------------------------------


class Counter(Respondent):
    """A bot of no speed at all; its form has `length` questions."""

    def __init__(self, length: int = 1000) -> None:
        super().__init__(port=1)
        self.said: list[str] = []
        self._length = length
        self._given = 0

    @property
    def finished(self) -> bool:
        return self._given == self._length

    def _take(self, what: str, *, answers: int = 1) -> float:
        self.said.append(what)
        self._given += answers
        self.buttons = [{"title": "Opnieuw"}] if self.finished else [{"title": "1 · Niets"}]
        return 1.0

    def tap(self, title: str) -> float:
        return self._take(f"tap {title}")

    def say(self, text: str) -> float:
        return self._take(f"say {text}", answers=int(text.isdigit()))

    def begin(self) -> float:
        return self._take("begin", answers=0)

    def revise(self, level: str) -> float:
        return self._take("revise")

    def again(self) -> float:
        self._given = 0
        return self._take("again", answers=0)


def take(turns: Iterator[tuple[str, float]], count: int) -> list[str]:
    return [next(turns)[0] for _ in range(count)]


def test_of_five_turns_three_are_taps_and_one_of_each_is_typed() -> None:
    kinds = take(script(Counter()), 160)

    assert kinds[:2] == ["begin", "button"]
    for depth in (kinds[2:7], kinds[140:145], kinds[155:160]):
        assert sorted(depth) == ["button", "button", "button", "side_talk", "typed"]


def test_a_form_that_is_finished_is_started_over_and_neither_turn_is_measured() -> None:
    bot = Counter(length=3)

    # 1 begins, 2 and 3 are answers, 4 is the third and last; 5 starts over, 6 is a tap, 7 is side talk.
    assert take(script(bot), 7) == ["begin", "button", "button", "finish", "again", "button", "side_talk"]
    assert bot.said[4] == "again"


def test_a_reply_without_a_question_is_an_error_and_no_figure() -> None:
    class Silent(Counter):
        def say(self, text: str) -> float:
            self.buttons = []
            return 1.0

    with pytest.raises(BenchmarkError, match="turn 5"):
        take(script(Silent()), 5)


def test_a_crowd_holds_exactly_the_turns_it_was_asked_for() -> None:
    bots = [Counter() for _ in range(6)]

    assert Crowd(bots, 2, 3 * CROWD_TURNS).turns_per_second() > 0
    assert sum(len(bot.said) for bot in bots) == 3 * CROWD_TURNS
    assert max(len(bot.said) for bot in bots) == CROWD_TURNS


def test_an_error_in_a_crowd_ends_it_with_that_error() -> None:
    class Broken(Counter):
        def say(self, text: str) -> float:
            raise BenchmarkError("answered 500")

    with pytest.raises(BenchmarkError, match="answered 500"):
        Crowd([Counter(), Broken(), Counter(), Counter()], 2, 40).turns_per_second()


def test_the_buttons_that_the_bench_taps_are_peil_s() -> None:
    assert {CONSENT, BACK} <= set(texts("nl").values())


# --- the textbook bot -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project.write(CEMM, tmp_path_factory.mktemp("textbook"))


@pytest.fixture(scope="module")
def domain(written: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((written / "domain.yml").read_text(encoding="utf-8"))
    return found


def test_the_textbook_bot_has_a_slot_for_each_of_the_18_questions_in_their_order(
    domain: dict[str, Any],
) -> None:
    slots = domain["forms"]["assessment_form"]["required_slots"]

    assert slots == [item_id.replace(".", "_") for item_id in CEMM.item_ids()]
    assert len(slots) == 18
    assert list(domain["slots"]) == slots


def test_the_textbook_bot_asks_with_the_model_s_words_and_a_button_for_every_level(
    domain: dict[str, Any],
) -> None:
    for dimension, item in CEMM.walk():
        slot = project.slot_of(dimension, item)
        [asked] = domain["responses"][f"utter_ask_{slot}"]
        assert item.question["nl"] in asked["text"]
        assert all(level.text["nl"] in asked["text"] for level in item.levels)
        # Rasa fills responses in like a format string, and gets the payload as it is sent.
        payloads = [button["payload"].format() for button in asked["buttons"]]
        assert payloads == [f'/answer{{"level": "{level.value}"}}' for level in item.levels]
        [mapping] = domain["slots"][slot]["mappings"]
        assert mapping["conditions"] == [{"active_loop": "assessment_form", "requested_slot": slot}]


def test_the_textbook_bot_s_scores_are_made_of_all_slots(written: Path, domain: dict[str, Any]) -> None:
    structure = json.loads((written / "assessment.json").read_text(encoding="utf-8"))

    assert [one["title"] for one in structure["dimensions"]] == [d.title["nl"] for d in CEMM.dimensions]
    assert [slot for one in structure["dimensions"] for slot in one["slots"]] == list(domain["slots"])
    assert structure["highest"] == 5


def test_the_textbook_bot_is_what_it_is_called(written: Path) -> None:
    config = yaml.safe_load((written / "config.yml").read_text(encoding="utf-8"))
    endpoints = yaml.safe_load((written / "endpoints.yml").read_text(encoding="utf-8"))

    assert "DIETClassifier" in {component["name"] for component in config["pipeline"]}
    assert {policy["name"] for policy in config["policies"]} == {
        *("MemoizationPolicy", "RulePolicy", "TEDPolicy", "UnexpecTEDIntentPolicy"),
    }
    assert endpoints["tracker_store"]["type"] == "SQL"
    assert "url" in endpoints["action_endpoint"]


def test_every_intent_and_action_of_the_textbook_bot_s_rules_and_stories_exists(
    written: Path, domain: dict[str, Any]
) -> None:
    known = {*domain["actions"], *domain["forms"], *domain["responses"], "action_deactivate_loop"}
    nlu = yaml.safe_load((written / "data" / "nlu.yml").read_text(encoding="utf-8"))["nlu"]
    taught = {entry["intent"] for entry in nlu if "intent" in entry}

    assert taught | {"nlu_fallback"} == set(domain["intents"])
    for name, key in (("rules", "rules"), ("stories", "stories")):
        told = yaml.safe_load((written / "data" / f"{name}.yml").read_text(encoding="utf-8"))[key]
        steps = [step for one in told for step in one["steps"]]
        assert {step["intent"] for step in steps if "intent" in step} <= set(domain["intents"])
        assert {step["action"] for step in steps if "action" in step} <= known


def test_the_textbook_bot_s_actions_are_those_of_its_domain(domain: dict[str, Any]) -> None:
    # Read, not imported: it runs in Rasa's environment, beside the file that is generated for it.
    tree = ast.parse((project.FOLDER / "actions.py").read_text(encoding="utf-8"), feature_version=(3, 10))
    names = {
        statement.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "name"
        for statement in node.body
        if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Constant)
    }

    assert names == set(domain["actions"])
