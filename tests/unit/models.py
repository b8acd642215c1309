"""Made-up maturity models and answers for tests, in few words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.assessment.answers import Answer, given
from bot.assessment.definitions import (
    Action,
    Dimension,
    ImplausiblePair,
    Item,
    Level,
    MaturityModel,
    Option,
    Positioning,
    Practice,
    Signal,
    StagedName,
    TargetRule,
    Transition,
)

DATA = Path(__file__).resolve().parent.parent / "data"
TEAHOUSE = DATA / "teahouse.yml"
"""A complete made-up definition: 3 dimensions, 2 items each, 3 levels, both languages, uneven weights."""
BAKERY = DATA / "bakery.yml"
"""A complete made-up checklist: 3 dimensions, 2 elements each, 3 stages; one element has no second stage."""
TEAROOM = DATA / "tearoom.yml"
"""A complete made-up rubric: 3 dimensions, 4 items, 3 levels; a choice, signals and a positioning beside."""

SIX = {name: (1, 1, 1) for name in ("strategy", "people", "technology", "data", "journey", "value")}
"""Dimension id -> item weights: the outline of the Customer Engagement model."""

_KINDS = {"?": "dont_know", "s": "skipped", "x": "not_applicable"}
_STATES = {
    "i": "in_place",
    "p": "planned",
    "n": "not_yet",
    "o": "not_in_place",
    "-": "not_fitting",
    "?": "dont_know",
}
_LETTERS = "abcdefghijkl"


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
        quick_minutes=2,
        recommend=None,
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


def make_checklist(
    dimensions: Mapping[str, Sequence[str]],
    *,
    weights: Mapping[str, float] | None = None,
    highest: int = 3,
    target_rule: TargetRule = "next_level",
    implausible: Sequence[tuple[str, str]] = (),
    effort: Mapping[str, tuple[int, int]] | None = None,
) -> MaturityModel:
    """A model of elements: dimension 'bread' has 'bread.a', 'bread.b' and so on, with practices a, b, c ...

    `dimensions`: id -> the stages of the practices of its elements: ["112", "3"]. `weights`: of dimensions
    ('bread') and elements ('bread.a'), default 1. `effort`: practice ('bread.a.c') -> (benefit, investment),
    default (2, 2). The first element of each dimension is the quick one.
    """
    model = make_model(
        {
            name: [(weights or {}).get(f"{name}.{_LETTERS[n]}", 1.0) for n in range(len(elements))]
            for name, elements in dimensions.items()
        },
        weights={name: (weights or {}).get(name, 1.0) for name in dimensions},
        highest=highest,
        target_rule=target_rule,
        implausible=implausible,
    )
    levels = (StagedName(0, _text("nothing"), _text("means 0")), *model.levels)
    return replace(
        model,
        levels=levels,
        dimensions=tuple(
            replace(
                dimension,
                items=tuple(
                    replace(
                        item,
                        kind="checklist",
                        levels=(),
                        advice=(),
                        practices=tuple(
                            _practice(
                                name, int(stage), (effort or {}).get(f"{dimension.id}.{item.id}.{name}")
                            )
                            for name, stage in zip(_LETTERS, stages, strict=False)
                        ),
                    )
                    for item, stages in zip(dimension.items, dimensions[dimension.id], strict=True)
                ),
            )
            for dimension in model.dimensions
        ),
    )


def make_states(**said: str) -> dict[str, Answer]:
    """Answers to elements by dimension, a word an element, a sign a practice: make_states(bread="iip? n-").

    'i' in place, 'p' planned, 'n' not yet, 'o' not in place (and not asked further), '-' does not fit, '?'
    don't know. Of a whole element: 'D' don't know, 'S' skipped, 'X' does not apply, '.' not answered.
    """
    answers = {}
    for dimension, words in said.items():
        for letter, word in zip(_LETTERS, words.split(), strict=False):
            item_id = f"{dimension}.{letter}"
            if word in "DSX":
                answers[item_id] = Answer(item_id, _KINDS[{"D": "?", "S": "s", "X": "x"}[word]])
            elif word != ".":
                states = {name: _STATES[sign] for name, sign in zip(_LETTERS, word, strict=False)}
                answers[item_id] = given(item_id, states)
    return answers


def with_unscored(model: MaturityModel) -> MaturityModel:
    """The model with a choice, signals and a positioning at the beginning of its first dimension."""
    first, *others = model.dimensions
    blank = replace(first.items[0], quick=False, levels=(), advice=(), practices=())
    options = tuple(
        Option(name, _text(name), _text(f"is {name}"), (), _text(f"asks for {name}"), "1", None)
        for name in ("x", "y", "z")
    )
    signals = tuple(
        Signal(name, _text(name), _text(f"is {name}"), "1", None, _action(2, 2)) for name in "uvw"
    )
    added = (
        replace(blank, id="choice", kind="choice", options=options),
        replace(blank, id="signals", kind="signals", signals=signals),
        replace(
            blank,
            id="positioning",
            kind="positioning",
            options=options,
            positioning=Positioning(_text("later?"), _text("the other?"), _text("not all")),
        ),
    )
    return replace(model, dimensions=(replace(first, items=(*added, *first.items)), *others))


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
            Transition(n, Action(_text(f"step {n}"), _text("measure"), benefit, investment))
            for n in range(2, highest + 1)
        ),
    )


def _action(benefit: int, investment: int) -> Action:
    return Action(_text("step"), _text("measure"), benefit, investment)


def _practice(name: str, stage: int, effort: tuple[int, int] | None) -> Practice:
    action = _action(*(effort or (2, 2)))
    return Practice(name, stage, _text(f"practice {name}"), _text(f"has {name}"), "1", None, action)
