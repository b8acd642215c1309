"""Made-up respondents of the five maturity models, against results that were worked out by hand.

`respondents/<model>.yml` lists them. Who they are and what they answered:

- `quick`: only the items of the quick scan were asked. `stopped`: left before the last question.
- `answers`: dimension -> item -> a level, what was chosen or recognised, or one of the three ways of not
  giving any. Of a checklist: state -> practices, and `rest` is the state of all others.
- `targets`: what they chose.

What follows from it by the rules of docs/scoring.md, never copied from the program:

- A figure is written as its arithmetic and ends in what is shown: `(4 + 4 + 5) / 3 = 13/3 = 4.3`. All but the
  last have to be the same number, the last is it rounded half up. The exact number is held against the
  program's.
- A `range` reads 'lowest to highest'; without one nothing is open and both are the score. Without a `status`
  a dimension is scored. What is not there is none.
- `first_steps`: the three to begin with. `road_map`: the items of all steps, in order; the lists only divide
  them. In comments '(3, 1)' is a step with benefit 3 and investment 1.
- `insights`: what the answers that never score say, in order.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.assessment.advice import Chosen, Insight, Recognised, advise, first_steps, insights, steps_to_show
from bot.assessment.answers import Answer, given
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.kinds import is_complete
from bot.assessment.scoring import Balance, DimensionResult, ElementResult, Result, format_score, score
from bot.assessment.session import next_item
from bot.definitions import load

HERE = Path(__file__).resolve().parent / "respondents"
MODELS = Path(__file__).resolve().parent.parent.parent / "models" / "maturity"

NO_ANSWER = ("dont_know", "not_applicable", "skipped")


@dataclass(frozen=True, repr=False)
class Respondent:
    """One respondent: `told` is what the file says, answers and results worked out by hand."""

    model: MaturityModel
    told: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"{self.model.id}-{self.told['id']}"

    @property
    def asked(self) -> tuple[str, ...] | None:
        return self.model.quick_ids() if self.told.get("quick") else None

    @property
    def answers(self) -> dict[str, Answer]:
        return {
            f"{dimension}.{item}": read_answer(self.model, f"{dimension}.{item}", said)
            for dimension, items in self.told["answers"].items()
            for item, said in items.items()
        }

    @property
    def result(self) -> Result:
        return score(self.model, self.answers, targets=self.told.get("targets"), asked=self.asked)

    @property
    def steps(self):
        return advise(self.model, self.answers, self.result, targets_chosen="targets" in self.told)


def read_answer(model: MaturityModel, item_id: str, said: Any) -> Answer:
    if said in NO_ANSWER:
        return Answer(item_id, said)
    item = model.item(item_id)[1]
    if item.kind == "rubric":
        return Answer(item_id, "level", said)
    return given(item_id, detail_of(item, said))


def detail_of(item: Item, said: Any) -> dict[str, str]:
    if item.kind == "choice":
        return {"option": said}
    if item.kind == "signals":
        return dict.fromkeys(said, "yes")
    if item.kind == "positioning":
        return said
    rest = said.get("rest")
    named = {
        practice: state for state, practices in said.items() if state != "rest" for practice in practices
    }
    return {practice.id: rest for practice in item.practices} | named


# --- figures ----------------------------------------------------------------------------------------

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def worked_out(arithmetic: str) -> Fraction:
    """What the arithmetic comes to, exactly: whole numbers, + - * /, parentheses and max()."""

    def value(node: ast.expr) -> Fraction:
        match node:
            case ast.Constant(value=int(number)):
                return Fraction(number)
            case ast.BinOp(left, operation, right):
                return OPERATORS[type(operation)](value(left), value(right))
            case ast.Call(func=ast.Name(id="max"), args=numbers):
                return max(value(number) for number in numbers)
        raise AssertionError(f"{arithmetic!r} is not arithmetic")

    return value(ast.parse(arithmetic.strip(), mode="eval").body)


def figure(text: str) -> Fraction:
    """The exact number of a figure such as '(4 + 4 + 5) / 3 = 13/3 = 4.3', checked as it is written."""
    *same, shown = text.split("=")
    exact, *others = [worked_out(part) for part in same]
    assert all(other == exact for other in others), f"{text!r}: these are not the same"
    rounded = Fraction(math.floor(exact * 10 + Fraction(1, 2)), 10)
    assert Fraction(shown.strip()) == rounded, f"{text!r} is shown as {float(rounded)}"
    return exact


def exactly(text: str | None) -> float | None:
    return None if text in (None, "none") else float(figure(text))


def span(told: Mapping[str, str]) -> tuple[float | None, float | None]:
    """The lowest and the highest score that are possible: the range, or twice the score."""
    lowest, _, highest = told.get("range", "").partition(" to ")
    return (exactly(lowest), exactly(highest)) if lowest else (exactly(told.get("score")),) * 2


def figures(told: Any) -> Iterator[str]:
    """Every figure that ends in what is shown, wherever it stands."""
    if isinstance(told, dict):
        told = [part for key, part in told.items() if key != "who"]
    if isinstance(told, list):
        for part in told:
            yield from figures(part)
    elif isinstance(told, str) and "=" in told:
        yield from told.split(" to ")


# --- the respondents --------------------------------------------------------------------------------


def read_respondents() -> Iterator[Respondent]:
    for path in sorted(HERE.glob("*.yml")):
        model = load(MODELS / path.name)
        for told in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield Respondent(model, told)


RESPONDENTS = tuple(read_respondents())

every_respondent = pytest.mark.parametrize("respondent", RESPONDENTS, ids=repr)


def test_every_maturity_model_has_an_uneven_a_doubting_and_a_strong_respondent_and_a_quick_scan():
    assert {one.model.id for one in RESPONDENTS} == {path.stem for path in MODELS.glob("*.yml")}
    for model in {one.model.id: one.model for one in RESPONDENTS}.values():
        theirs = [one.told for one in RESPONDENTS if one.model == model]
        in_full = [told for told in theirs if not told.get("quick")]
        assert len({told["id"] for told in theirs}) == len(theirs)
        assert any(told["balance"] != "none" and told["balance"]["unbalanced"] for told in in_full)
        assert any(
            "too_little" in [found.get("status") for found in told["dimensions"].values()] for told in in_full
        )
        assert any((exactly(told["overall"]) or 0) >= 0.8 * model.highest for told in in_full)
        assert len(in_full) < len(theirs)


@every_respondent
def test_all_that_is_asked_was_answered(respondent):
    answers = respondent.answers
    asked = respondent.asked or respondent.model.item_ids()

    if respondent.told.get("stopped"):
        assert next_item(respondent.model, answers, asked=respondent.asked) == list(answers)[-1]
    else:
        assert list(answers) == list(asked)
        assert all(
            is_complete(respondent.model.item(item_id)[1], answer) for item_id, answer in answers.items()
        )


@every_respondent
def test_dimensions(respondent):
    expected = []
    for dimension_id, told in respondent.told["dimensions"].items():
        lowest, highest = span(told)
        expected.append(
            DimensionResult(
                dimension_id=dimension_id,
                score=exactly(told.get("score")),
                staged=told.get("staged"),
                coverage=float(worked_out(str(told["coverage"]))),
                status=told.get("status", "scored"),
                lowest=lowest,
                highest=highest,
                target=told.get("target"),
                gap=exactly(told.get("gap")),
            )
        )

    assert list(respondent.result.dimensions) == expected


@every_respondent
def test_elements(respondent):
    expected = []
    for item_id, told in respondent.told.get("elements", {}).items():
        in_place, _, applicable = told["in_place"].partition(" of ")
        lowest, highest = span(told)
        expected.append(
            ElementResult(
                item_id=item_id,
                score=exactly(told.get("score")),
                stage=told.get("stage"),
                in_place=int(in_place),
                applicable=int(applicable),
                coverage=float(worked_out(str(told.get("coverage", 1)))),
                lowest=lowest,
                highest=highest,
            )
        )

    assert list(respondent.result.elements) == expected


@every_respondent
def test_the_whole(respondent):
    told, result = respondent.told, respondent.result

    assert result.indication == told.get("quick", False)
    assert result.overall == exactly(told["overall"])
    assert [{"high": pair.high, "low": pair.low} for pair in result.implausible] == told["implausible"]
    if told["balance"] == "none":
        assert result.balance is None
    else:
        ends = told["balance"]
        assert result.balance == Balance(
            exactly(ends["spread"]), ends["unbalanced"], ends["highest"], ends["lowest"]
        )


@every_respondent
def test_first_steps(respondent):
    found = []
    for step in first_steps(respondent.steps):
        told = {
            "step": step.item_id,
            "from": step.current,
            "to": step.to,
            "benefit": step.action.benefit,
            "investment": step.action.investment,
            "reason": step.reason,
        }
        if step.practice is not None:
            told["practice"] = step.practice.id
        if step.planned:
            told["planned"] = True
        found.append(told)

    assert found == respondent.told["first_steps"]
    assert steps_to_show(respondent.result) == (1 if respondent.told.get("quick") else 3)


@every_respondent
def test_road_map(respondent):
    expected = [item_id for part in respondent.told["road_map"] for item_id in part]

    assert [step.item_id for step in respondent.steps] == expected


@every_respondent
def test_insights(respondent):
    found = insights(respondent.model, respondent.answers)

    assert [told_insight(insight) for insight in found] == [
        told | {"item": told["item"].split(".")[1]} for told in respondent.told.get("insights", [])
    ]


def told_insight(insight: Insight) -> dict[str, Any]:
    if isinstance(insight, Recognised):
        return {"item": insight.item.id, "order": [signal.id for signal in insight.signals]}
    if isinstance(insight, Chosen):
        return {"item": insight.item.id, "option": insight.option.id}
    return {"item": insight.item.id, "changes": insight.changes, "contested": insight.contested}


@every_respondent
def test_every_figure_is_shown_as_it_was_rounded_by_hand(respondent):
    for text in figures(dict(respondent.told)):
        shown = text.split("=")[-1].strip()
        exact = float(figure(text))

        assert format_score(exact, "en") == shown
        assert format_score(exact, "nl") == shown.replace(".", ",")
