"""Made-up maturity models and answers for tests, in few words."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.assessment.answers import Answer
from bot.assessment.definitions import (
    Dimension,
    ImplausiblePair,
    Item,
    Level,
    MaturityModel,
    StagedName,
    TargetRule,
    Transition,
)

TEAHOUSE = Path(__file__).resolve().parent.parent / "data" / "teahouse.yml"
"""A complete made-up definition: 3 dimensions, 2 items each, 3 levels, both languages, uneven weights."""

SIX = {name: (1, 1, 1) for name in ("strategy", "people", "technology", "data", "journey", "value")}
"""Dimension id -> item weights: the outline of the Customer Engagement model."""

_KINDS = {"?": "dont_know", "s": "skipped", "x": "not_applicable"}


def make_model(
    dimensions: Mapping[str, Sequence[float]] = SIX,
    *,
    weights: Mapping[str, float] | None = None,
    highest: int = 5,
    target_rule: TargetRule = "next_level",
    implausible: Sequence[tuple[str, str]] = (),
    effort: Mapping[str, tuple[int, int]] | None = None,
) -> MaturityModel:
    """A model in which dimension 'data' has the items 'data.a', 'data.b' and so on.

    `dimensions`: id -> the weights of its items; `weights`: of the dimensions (default 1); `implausible`:
    pairs (high, low); `effort`: item id -> (benefit, investment) of all its transitions (default (2, 2)).
    The first item of each dimension is the quick one.
    """
    return MaturityModel(
        id="made_up",
        version="1.0.0",
        languages=("nl", "en"),
        name=_text("made up"),
        summary=_text("summary"),
        minutes=5,
        document="none",
        caution=_text("caution"),
        target_rule=target_rule,
        levels=tuple(StagedName(n, _text(f"stage {n}"), _text(f"means {n}")) for n in range(1, highest + 1)),
        dimensions=tuple(
            Dimension(
                id=name,
                weight=(weights or {}).get(name, 1.0),
                title=_text(name),
                explanation=_text(f"about {name}"),
                source="1",
                case=None,
                items=tuple(
                    _item(
                        "abcdefghij"[n],
                        weight,
                        n == 0,
                        highest,
                        (effort or {}).get(f"{name}.{'abcdefghij'[n]}"),
                    )
                    for n, weight in enumerate(item_weights)
                ),
            )
            for name, item_weights in dimensions.items()
        ),
        implausible=tuple(ImplausiblePair(high, low, _text("hm"), "1") for high, low in implausible),
    )


def make_answers(**given: str) -> dict[str, Answer]:
    """Answers by dimension, one sign an item: make_answers(data="3?x").

    A digit is a level, '?' don't know, 's' skipped, 'x' does not apply, '.' not answered.
    """
    answers = {}
    for dimension, signs in given.items():
        for letter, sign in zip("abcdefghij", signs, strict=False):
            item_id = f"{dimension}.{letter}"
            if sign.isdigit():
                answers[item_id] = Answer(item_id, "level", int(sign))
            elif sign != ".":
                answers[item_id] = Answer(item_id, _KINDS[sign])
    return answers


def quick_items(model: MaturityModel) -> list[str]:
    return [f"{dimension.id}.{item.id}" for dimension, item in model.walk() if item.quick]


def _text(words: str) -> dict[str, str]:
    return {"nl": f"{words} (nl)", "en": f"{words} (en)"}


def _item(letter: str, weight: float, quick: bool, highest: int, effort: tuple[int, int] | None) -> Item:
    benefit, investment = effort or (2, 2)
    return Item(
        id=letter,
        kind="rubric",
        weight=weight,
        quick=quick,
        title=_text(letter),
        question=_text(f"how is {letter}?"),
        explanation=_text("explanation"),
        why=_text("why"),
        example=_text("example"),
        levels=tuple(
            Level(n, _text(f"label {n}"), _text(f"text {n}"), "1", None, {}) for n in range(1, highest + 1)
        ),
        advice=tuple(
            Transition(n, _text(f"step {n}"), _text("measure"), benefit, investment)
            for n in range(2, highest + 1)
        ),
    )
