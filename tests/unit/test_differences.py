"""What sets two versions apart, what becomes of old answers, and which version number that takes."""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import definitions
from bot.assessment import definitions as records
from bot.assessment.answers import Answer
from bot.assessment.differences import (
    _ELSEWHERE,
    _FIELDS,
    CARRIES,
    STEPS,
    Move,
    difference,
    step_between,
)
from bot.assessment.kinds import fits
from bot.assessment.scoring import format_score, score
from bot.service.versions import as_data, in_words
from tests.unit.models import BAKERY, DATA, TEAHOUSE, TEAROOM, make_answers, make_model

ROOT = Path(__file__).resolve().parent.parent.parent
MODELS = sorted((ROOT / "models" / "maturity").glob("*.yml"))
MADE_UP = {path.stem: definitions.load(path) for path in (TEAHOUSE, BAKERY, TEAROOM)}
CARRIED, REWORDED, AGAIN, LOST = CARRIES

Data = dict[str, Any]
Edit = Callable[[Data], object]


def data_of(model: records.MaturityModel) -> Data:
    return json.loads(definitions.to_canonical(model))


def edited(name: str, *edits: Edit) -> records.MaturityModel:
    """The made-up model of this name after these edits of its data; its version stays."""
    data = data_of(MADE_UP[name])
    for edit in edits:
        edit(data)
    return definitions.from_canonical(json.dumps(data))


def compared(name: str, *edits: Edit):
    return difference(MADE_UP[name], edited(name, *edits))


def at(*path: str | int) -> Callable[[Data], Any]:
    """The value at this path; a word also finds the entry of a list with that id."""

    def look(data: Any) -> Any:
        for step in path:
            if isinstance(data, list) and isinstance(step, str):
                data = next(one for one in data if one["id"] == step)
            else:
                data = data[step]
        return data

    return look


def item_of(item_id: str) -> Callable[[Data], Any]:
    dimension, name = item_id.split(".")
    return at("dimensions", dimension, "items", name)


def put(place: Callable[[Data], Any], key: Any, value: Any) -> Edit:
    def edit(data: Data) -> None:
        place(data)[key] = value

    return edit


def reword(place: Callable[[Data], Any], *languages: str) -> Edit:
    """Other words in the text at this place, in these languages."""

    def edit(data: Data) -> None:
        for code in languages or ("nl", "en"):
            place(data)[code] += " (anders)"

    return edit


# --- nothing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*MODELS, TEAHOUSE, BAKERY, TEAROOM], ids=lambda path: path.stem)
def test_a_model_does_not_differ_from_itself(path: Path) -> None:
    model = definitions.load(path)

    found = difference(model, definitions.from_canonical(definitions.canonical(path.read_text("utf-8"))))

    assert found.changes == ()
    assert (found.added, found.removed, found.moved) == ((), (), ())
    assert (found.needed, found.given, found.follows, found.lowest_version) == (
        "none",
        "none",
        True,
        model.version,
    )
    assert [one.item_id for one in found.items] == list(model.item_ids())
    assert {one.carries for one in found.items} == {CARRIED}
    assert {carries for one in found.items for _, carries in one.parts} <= {CARRIED}


def test_there_are_five_models_of_our_own() -> None:
    assert len(MODELS) == 5


def test_two_maturity_models_are_no_versions_of_one() -> None:
    with pytest.raises(ValueError, match="'teahouse' and 'bakery' are two maturity models"):
        difference(MADE_UP["teahouse"], MADE_UP["bakery"])


# --- one change each ---------------------------------------------------------------------------------

LEAVES = item_of("tea.leaves")
ITEM = "dimensions[tea].items[leaves]"


@pytest.mark.parametrize(
    ("edit", "where", "what", "step"),
    [
        (put(at(), "minutes", 9), "minutes", "wording", "patch"),
        (put(at(), "document", "another"), "document", "wording", "patch"),
        (reword(at("name"), "nl"), "name.nl", "wording", "patch"),
        (reword(at("caution"), "en"), "caution.en", "wording", "patch"),
        (put(at(), "target", "highest"), "target", "target", "major"),
        (put(at(), "languages", ["en", "nl"]), "languages", "languages", "patch"),
        (put(at(), "languages", ["nl"]), "languages", "languages", "minor"),
        (put(at(), "quick_minutes", 1), "quick_minutes", "quick scan", "minor"),
        (reword(at("levels", 1, "name"), "en"), "levels[2].name.en", "level name", "patch"),
        (
            lambda data: data["levels"].append({**data["levels"][0], "value": 4}),
            "levels[4]",
            "added",
            "major",
        ),
        (lambda data: data["levels"].pop(), "levels[3]", "removed", "major"),
        (put(at("dimensions", "tea"), "weight", 3), "dimensions[tea].weight", "weight", "major"),
        (
            reword(at("dimensions", "tea", "title"), "nl"),
            "dimensions[tea].title.nl",
            "wording",
            "patch",
        ),
        (
            put(at("dimensions", "tea", "case"), "name", "Somebody"),
            "dimensions[tea].case.name",
            "wording",
            "patch",
        ),
        (lambda data: data["dimensions"][0].pop("case"), "dimensions[tea].case", "wording", "patch"),
        (lambda data: data["dimensions"].reverse(), "dimensions", "order", "minor"),
        (lambda data: data["implausible"].pop(), "implausible[tea, pots]", "removed", "minor"),
        (put(LEAVES, "weight", 2), f"{ITEM}.weight", "weight", "major"),
        (put(LEAVES, "quick", False), f"{ITEM}.quick", "quick", "major"),
        (
            reword(at("dimensions", "tea", "items", "leaves", "why"), "en"),
            f"{ITEM}.why.en",
            "wording",
            "patch",
        ),
        (
            put(at("dimensions", "tea", "items", "leaves", "levels", 0), "source", "p. 9"),
            None,
            "source",
            "patch",
        ),
        (
            put(at("dimensions", "tea", "items", "leaves", "levels", 0, "answers"), "nl", ["een zakje"]),
            f"{ITEM}.levels[1].answers.nl",
            "examples",
            "patch",
        ),
        (
            put(at("dimensions", "tea", "items", "leaves", "advice", 0), "benefit", 1),
            f"{ITEM}.advice[2].benefit",
            "advice",
            "patch",
        ),
        (
            reword(at("dimensions", "tea", "items", "leaves", "advice", 1, "step"), "nl"),
            f"{ITEM}.advice[3].step.nl",
            "advice",
            "patch",
        ),
        (lambda data: data["dimensions"][0]["items"].reverse(), "dimensions[tea].items", "order", "minor"),
    ],
)
def test_one_change_is_told_by_its_place_what_it_is_and_the_step_it_calls_for(
    edit: Edit, where: str | None, what: str, step: str
) -> None:
    [change] = compared("teahouse", edit).changes

    assert (change.where, change.what, change.step) == (where or change.where, what, step)
    assert compared("teahouse", edit).needed == step


def test_a_change_has_the_old_value_and_the_new_one() -> None:
    [change] = compared("teahouse", put(LEAVES, "weight", 2)).changes
    assert (change.old, change.new, change.language) == (3.0, 2.0, None)
    [change] = compared("teahouse", put(at("name"), "en", "Tea")).changes
    assert (change.old, change.new, change.language) == ("Teahouse scan", "Tea", "en")


def test_names_of_the_levels_changed_in_every_language_are_more_than_wording() -> None:
    found = compared(
        "teahouse", reword(at("levels", 1, "name"), "nl"), reword(at("levels", 2, "meaning"), "en")
    )

    assert [(one.what, one.step) for one in found.changes] == [("level name", "minor")] * 2
    assert {one.carries for one in found.items} == {CARRIED}


# --- answers to a rubric -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "carries", "needed"),
    [
        # What counts: the answer means the same, its weight is another.
        ((put(LEAVES, "weight", 2),), CARRIED, "major"),
        ((put(LEAVES, "quick", False),), CARRIED, "major"),
        ((reword(lambda data: LEAVES(data)["question"]),), REWORDED, "patch"),
        ((reword(lambda data: LEAVES(data)["explanation"], "nl"),), REWORDED, "patch"),
        ((reword(lambda data: LEAVES(data)["advice"][0]["measure"]),), REWORDED, "patch"),
        ((put(lambda data: LEAVES(data)["levels"][1], "source", "chapter 9"),), REWORDED, "patch"),
        # One language still says what it said.
        ((reword(lambda data: LEAVES(data)["levels"][1]["text"], "nl"),), REWORDED, "patch"),
        ((reword(lambda data: LEAVES(data)["levels"][1]["label"], "en"),), REWORDED, "patch"),
        (
            (
                reword(lambda data: LEAVES(data)["levels"][0]["text"], "nl"),
                reword(lambda data: LEAVES(data)["levels"][2]["label"], "nl"),
            ),
            REWORDED,
            "patch",
        ),
        # None does: also when it is another level in each.
        ((reword(lambda data: LEAVES(data)["levels"][1]["text"]),), AGAIN, "minor"),
        ((reword(lambda data: LEAVES(data)["levels"][1]["label"]),), AGAIN, "minor"),
        (
            (
                reword(lambda data: LEAVES(data)["levels"][0]["text"], "nl"),
                reword(lambda data: LEAVES(data)["levels"][2]["label"], "en"),
            ),
            AGAIN,
            "minor",
        ),
        ((put(lambda data: data, "languages", ["fr"]),), AGAIN, "minor"),
        ((lambda data: LEAVES(data)["levels"].pop(),), LOST, "major"),
        (
            (lambda data: LEAVES(data)["levels"].append({**LEAVES(data)["levels"][0], "value": 4}),),
            LOST,
            "major",
        ),
        ((put(LEAVES, "id", "leaf"),), LOST, "major"),
        ((lambda data: data["dimensions"][0]["items"].pop(0),), LOST, "major"),
        ((lambda data: data["dimensions"].pop(0),), LOST, "major"),
    ],
)
def test_what_becomes_of_the_answer_to_a_rubric(edits: tuple[Edit, ...], carries: str, needed: str) -> None:
    found = compared("teahouse", *edits)

    assert found.item("tea.leaves").carries == carries
    assert found.needed == needed
    assert found.item("tea.leaves").why or carries == CARRIED


def test_an_item_of_another_kind_takes_no_old_answer() -> None:
    found = compared("tearoom", put(item_of("kettle.water"), "kind", "choice"))

    assert found.item("kettle.water").carries == LOST
    assert found.item("kettle.water").why == ("its kind is choice now, and was rubric",)
    assert found.needed == "major"


def swap(key: str) -> Edit:
    """The texts of the levels 1 and 3 change places under their numbers."""

    def edit(data: Data) -> None:
        levels = LEAVES(data)["levels"]
        levels[0][key], levels[2][key] = levels[2][key], levels[0][key]

    return edit


@pytest.mark.parametrize("edits", [(swap("label"), swap("text")), (swap("text"),), (swap("label"),)])
def test_levels_that_say_what_others_said_take_no_old_answer(edits: tuple[Edit, ...]) -> None:
    found = compared("teahouse", *edits)

    assert found.item("tea.leaves").carries == LOST
    assert found.item("tea.leaves").why == ("the levels 1, 3 say what others said",)
    assert found.needed == "major"
    assert {one.carries for one in found.items if one.item_id != "tea.leaves"} == {CARRIED}


# --- answers to other kinds --------------------------------------------------------------------------


def first_checklist() -> tuple[str, list[str]]:
    model = MADE_UP["bakery"]
    item_id = model.item_ids()[0]
    return item_id, [part.id for part in model.item(item_id)[1].practices]


ELEMENT, PRACTICES = first_checklist()


def practices(data: Data) -> list[Data]:
    return item_of(ELEMENT)(data)["practices"]


def a_practice(stage: int) -> Data:
    return {
        **practices(data_of(MADE_UP["bakery"]))[0],
        "id": "new",
        "stage": stage,
        "label": {"nl": "N", "en": "N"},
    }


@pytest.mark.parametrize(
    ("edit", "first", "whole", "needed"),
    [
        (lambda data: reword(lambda d: practices(d)[0]["text"], "en")(data), REWORDED, REWORDED, "patch"),
        (lambda data: reword(lambda d: practices(d)[0]["text"])(data), AGAIN, AGAIN, "minor"),
        (lambda data: reword(lambda d: practices(d)[0]["advice"]["step"])(data), REWORDED, REWORDED, "patch"),
        (lambda data: practices(data)[0].update(stage=3), CARRIED, CARRIED, "major"),
        (lambda data: practices(data)[0].update(id="other"), LOST, LOST, "major"),
        (lambda data: practices(data).pop(0), LOST, LOST, "major"),
        (lambda data: practices(data).append(a_practice(3)), CARRIED, CARRIED, "minor"),
        (lambda data: practices(data).reverse(), CARRIED, CARRIED, "minor"),
        (lambda data: reword(lambda d: item_of(ELEMENT)(d)["question"])(data), CARRIED, REWORDED, "patch"),
    ],
)
def test_a_checklist_is_looked_at_practice_by_practice(
    edit: Edit, first: str, whole: str, needed: str
) -> None:
    found = compared("bakery", edit)
    item = found.item(ELEMENT)

    assert item.parts == ((PRACTICES[0], first), *((name, CARRIED) for name in PRACTICES[1:]))
    assert item.carries == whole
    assert found.needed == needed
    assert [one.carries for one in found.items if one.item_id != ELEMENT] == [CARRIED] * 5


def test_practices_that_changed_names_take_no_old_answer() -> None:
    def edit(data: Data) -> None:
        one, other, *_ = practices(data)
        one["id"], other["id"] = other["id"], one["id"]

    item = compared("bakery", edit).item(ELEMENT)

    assert item.parts[:2] == ((PRACTICES[0], LOST), (PRACTICES[1], LOST))
    assert item.carries == LOST


def unscored() -> dict[str, str]:
    """Kind -> id of the tearoom's items that never score."""
    return {item.kind: f"{one.id}.{item.id}" for one, item in MADE_UP["tearoom"].walk() if not item.scored}


@pytest.mark.parametrize(
    ("kind", "key"), [("choice", "options"), ("signals", "signals"), ("positioning", "aspects")]
)
def test_what_came_to_a_choice_signals_or_a_positioning_was_not_looked_at(kind: str, key: str) -> None:
    item_id = unscored()[kind]

    def add(data: Data) -> None:
        parts = item_of(item_id)(data)[key]
        parts.append(
            {**parts[0], "id": "new", "label": {"nl": "N", "en": "N"}, "text": {"nl": "N", "en": "N"}}
        )

    found = compared("tearoom", add)
    item = found.item(item_id)

    assert (item.carries, item.new_parts) == (AGAIN, ("new",))
    assert {carries for _, carries in item.parts} == {CARRIED}
    assert found.needed == "minor"
    [change] = item.changes
    assert change.where.endswith(f".{key}[new]")


@pytest.mark.parametrize("kind", ["choice", "signals", "positioning"])
def test_what_went_from_them_takes_its_answers_along_and_no_others(kind: str) -> None:
    item_id = unscored()[kind]
    key = {"choice": "options", "signals": "signals", "positioning": "aspects"}[kind]
    gone = item_of(item_id)(data_of(MADE_UP["tearoom"]))[key][0]["id"]

    found = compared("tearoom", lambda data: item_of(item_id)(data)[key].pop(0))

    assert dict(found.item(item_id).parts)[gone] == LOST
    assert [carries for _, carries in found.item(item_id).parts[1:]] == [CARRIED] * (
        len(found.item(item_id).parts) - 1
    )
    assert found.needed == "major"


def test_what_a_choice_asks_for_is_advice_and_its_weight_counts_nowhere() -> None:
    choice = item_of(unscored()["choice"])
    found = compared("tearoom", reword(lambda data: choice(data)["options"][0]["consequence"]))
    assert ({one.what for one in found.changes}, found.needed) == ({"advice"}, "patch")

    found = compared("tearoom", put(choice, "weight", 7))
    assert ([one.what for one in found.changes], found.needed) == (["weight"], "patch")

    asked = item_of(unscored()["positioning"])
    found = compared("tearoom", reword(lambda data: asked(data)["intended"], "nl"))
    assert [(one.what, one.where.rpartition(".")[0].rpartition(".")[2]) for one in found.changes] == [
        ("wording", "intended")
    ]


# --- items that came, went and moved -----------------------------------------------------------------


def test_an_item_that_came_is_new_and_changes_nothing_for_the_others() -> None:
    def add(data: Data) -> None:
        data["dimensions"][1]["items"].append({**LEAVES(data), "id": "chairs", "quick": False})

    found = compared("teahouse", add)

    assert (found.added, found.removed, found.moved, found.needed) == (("guests.chairs",), (), (), "minor")
    assert {one.carries for one in found.items} == {CARRIED}


def test_an_item_that_went_is_gone() -> None:
    found = compared("teahouse", lambda data: data["dimensions"][1]["items"].pop())

    assert (found.added, found.removed, found.needed) == ((), ("guests.biscuits",), "major")
    assert found.item("guests.biscuits").why == ("it is gone",)


def test_an_item_in_another_dimension_counts_there_and_has_another_id() -> None:
    def move(data: Data) -> None:
        data["dimensions"][2]["items"].append(data["dimensions"][0]["items"].pop(1))

    found = compared("teahouse", move)

    assert (found.added, found.removed) == ((), ())
    assert found.moved == (Move("tea.brewing", "pots.brewing", 2, 3),)
    assert (found.item("tea.brewing").carries, found.needed) == (LOST, "major")


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ("abcde", "abcde", {}),
        ("abcde", "bcdea", {"a": (1, 5)}),
        ("abcde", "eabcd", {"e": (5, 1)}),
        ("abcde", "acbde", {"b": (2, 3)}),
        ("abcd", "dcba", {"a": (1, 4), "b": (2, 3), "c": (3, 2)}),
        # What comes and goes moves nothing else.
        ("abc", "xabc", {}),
        ("abc", "bc", {}),
        ("abc", "cxa", {"a": (1, 3)}),
    ],
)
def test_as_few_items_as_possible_are_said_to_have_moved(
    before: str, after: str, moved: dict[str, tuple[int, int]]
) -> None:
    names = sorted(set(before) | set(after))
    model = make_model({"data": (1,) * len(names), "b": (1,), "c": (1,)})
    by_name = dict(zip(names, model.dimensions[0].items, strict=True))

    def version(order: str) -> records.MaturityModel:
        items = tuple(dataclasses.replace(by_name[name], id=name) for name in order)
        first = dataclasses.replace(model.dimensions[0], items=items)
        return dataclasses.replace(model, dimensions=(first, *model.dimensions[1:]))

    found = difference(version(before), version(after))

    assert {one.item_id: (one.old_place, one.new_place) for one in found.moved} == {
        f"data.{name}": places for name, places in moved.items()
    }
    assert any(one.what == "order" for one in found.changes) == bool(moved)


# --- version numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        ("1.0.0", "1.0.0", "none"),
        ("1.0.0", "1.0.1", "patch"),
        ("1.0.9", "1.0.10", "patch"),
        ("1.0.9", "1.1.0", "minor"),
        ("1.9.9", "2.0.0", "major"),
        ("1.2.3", "4.5.6", "major"),
        ("0.1.0", "0.2.0", "minor"),
        ("1.0.1", "1.0.0", None),
        ("2.0.0", "1.9.9", None),
        ("1.10.0", "1.9.0", None),
    ],
)
def test_the_step_between_two_version_numbers(old: str, new: str, step: str | None) -> None:
    assert step_between(old, new) == step


PATCH = reword(at("summary"), "nl")
MINOR = reword(lambda data: LEAVES(data)["levels"][0]["text"])
MAJOR = put(LEAVES, "weight", 2)


@pytest.mark.parametrize(
    ("edits", "version", "follows", "lowest"),
    [
        ((), "1.0.0", True, "1.0.0"),
        ((), "1.0.1", True, "1.0.0"),
        ((), "0.9.0", False, "1.0.0"),
        ((PATCH,), "1.0.0", False, "1.0.1"),
        ((PATCH,), "1.0.1", True, "1.0.1"),
        ((PATCH,), "1.1.0", True, "1.0.1"),
        ((PATCH, MINOR), "1.0.1", False, "1.1.0"),
        ((PATCH, MINOR), "1.1.0", True, "1.1.0"),
        ((PATCH, MINOR), "2.0.0", True, "1.1.0"),
        ((PATCH, MINOR, MAJOR), "1.9.9", False, "2.0.0"),
        ((MAJOR,), "2.0.0", True, "2.0.0"),
        ((MAJOR,), "0.9.9", False, "2.0.0"),
    ],
)
def test_a_version_number_follows_when_it_goes_up_far_enough(
    edits: tuple[Edit, ...], version: str, follows: bool, lowest: str
) -> None:
    found = compared("teahouse", *edits, put(at(), "version", version))

    assert (found.follows, found.lowest_version) == (follows, lowest)
    said = "\n".join(in_words(found, MADE_UP["teahouse"], edited("teahouse", *edits)))
    assert ("does not follow" not in said) == follows
    assert as_data(found)["follows"] == follows


# --- properties --------------------------------------------------------------------------------------


def leaves_of(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict | list):
        below = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for key, one in below for leaf in leaves_of(one, (*path, key))]
    return [path]


def change_at(path: tuple[str | int, ...]) -> Edit:
    def edit(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        value = data[path[-1]]
        if isinstance(value, bool):
            data[path[-1]] = not value
        else:
            data[path[-1]] = value + ("x" if isinstance(value, str) else 1)

    return edit


LEAVES_OF = {
    name: [path for path in leaves_of(data_of(model)) if path not in (("id",), ("version",))]
    for name, model in MADE_UP.items()
}
changes_of = st.sampled_from(sorted(LEAVES_OF)).flatmap(
    lambda name: st.tuples(
        st.just(name), st.lists(st.sampled_from(LEAVES_OF[name]), min_size=1, max_size=4, unique=True)
    )
)


@given(changes_of)
def test_no_changed_value_of_a_definition_goes_unnoticed(drawn) -> None:
    name, paths = drawn
    found = compared(name, *map(change_at, paths))

    assert found.changes
    assert found.needed != "none"
    assert found.needed == max((one.step for one in found.changes), key=STEPS.index)


@given(changes_of)
def test_the_step_is_as_large_as_what_becomes_of_the_answers_asks(drawn) -> None:
    name, paths = drawn
    found = compared(name, *map(change_at, paths))

    carries = {one.carries for one in found.items}
    carries |= {carried for one in found.items for _, carried in one.parts}
    if LOST in carries:
        assert found.needed == "major"
    if AGAIN in carries:
        assert found.needed in ("minor", "major")
    if REWORDED in carries:
        assert found.needed != "none"


@settings(max_examples=200)
@given(st.data())
def test_answers_that_carry_over_fit_and_after_a_patch_they_score_the_same(data) -> None:
    name, paths = data.draw(changes_of)
    old, new = MADE_UP[name], edited(name, *map(change_at, paths))
    found = difference(old, new)
    answers = {item_id: data.draw(answer_to(item_id, old.item(item_id)[1])) for item_id in old.item_ids()}

    for item_id, answer in answers.items():
        if found.item(item_id).carries != LOST:
            assert fits(new.item(item_id)[1], answer)
    if found.needed == "patch":
        for asked in (None, old.quick_ids()):
            before, after = (score(model, answers, asked=asked) for model in (old, new))
            assert (before.dimensions, before.elements) == (after.dimensions, after.elements)
            assert (before.overall, before.balance) == (after.overall, after.balance)


def answer_to(item_id: str, item: records.Item) -> st.SearchStrategy[Answer]:
    """Any answer that fits the item."""
    names = [part.id for part in item.parts]
    others = st.sampled_from(["dont_know", "not_applicable", "skipped"]).map(
        lambda kind: Answer(item_id, kind)
    )
    if item.kind == "rubric":
        given_ = st.sampled_from(item.levels).map(lambda level: Answer(item_id, "level", level.value))
    else:
        details: dict[str, st.SearchStrategy[dict[str, str]]] = {
            "checklist": st.fixed_dictionaries(
                dict.fromkeys(names, st.sampled_from(["in_place", "not_yet", "not_fitting", "dont_know"]))
            ),
            "choice": st.sampled_from(names).map(lambda one: {"option": one}),
            "signals": st.sets(st.sampled_from(names)).map(lambda some: dict.fromkeys(some, "yes")),
            "positioning": st.sampled_from(names).map(lambda one: {"today_first": one}),
        }
        given_ = details[item.kind].map(
            lambda detail: Answer(item_id, "given", detail=tuple(sorted(detail.items())))
        )
    return others | given_


def test_every_field_of_a_definition_has_a_meaning_here() -> None:
    kinds = [one for one in vars(records).values() if dataclasses.is_dataclass(one)]
    every = {(kind, field.name) for kind in kinds for field in dataclasses.fields(kind)}

    assert len(kinds) == 14
    assert every - set(_FIELDS) - _ELSEWHERE == set()
    assert set(_FIELDS) & _ELSEWHERE == set()
    assert (set(_FIELDS) | _ELSEWHERE) - every == set()


# --- in words, and the page --------------------------------------------------------------------------


def test_the_words_for_a_consultant_say_what_to_do_with_answers_and_number() -> None:
    new = edited("teahouse", MINOR, put(at("name"), "en", "Tea"), put(at(), "version", "1.0.1"))
    level = "dimensions[tea].items[leaves].levels[1].text"

    lines = in_words(difference(MADE_UP["teahouse"], new), MADE_UP["teahouse"], new)

    assert [line if len(line) <= 100 else f"{line[:77]}..." for line in lines] == [
        "teahouse: 1.0.0 -> 1.0.1",
        "",
        "The changes call for a minor step: version 1.1.0 or higher.",
        "The version number does not follow: from 1.0.0 to 1.0.1 is a patch step. Expected 1.1.0 or higher.",
        "",
        "Answers to the old version",
        "  carries over: 5 of 6",
        "  to be looked at again: 1 of 6",
        "  tea.leaves: to be looked at again (the texts of level 1 changed in en, nl)",
        "",
        "Changes that call for a minor step",
        f"  {level}.nl (level text): We schenken d...",
        f"  {level}.en (level text): We serve what...",
        "",
        "Changes that call for a patch step",
        "  name.en (wording): Teahouse scan -> Tea",
    ]


def test_nothing_in_a_text_reaches_the_terminal_as_a_command() -> None:
    new = edited("teahouse", put(at("name"), "nl", "Thee\x1b[2J\u202e" + "\n" * 3 + "scan"))

    said = "\n".join(in_words(difference(MADE_UP["teahouse"], new), MADE_UP["teahouse"], new))

    assert "name.nl (wording): Theehuisscan -> Thee [2J scan" in said
    assert all(one.isprintable() for line in said.splitlines() for one in line)


def test_of_two_long_texts_the_part_is_shown_where_they_differ() -> None:
    long = "een heel lang verhaal over thee " * 8
    old = edited("teahouse", put(at("summary"), "nl", f"{long}met melk"))
    new = edited("teahouse", put(at("summary"), "nl", f"{long}met citroen"))

    line = in_words(difference(old, new), old, new)[-1]

    assert line.startswith("  summary.nl (wording): ...")
    assert "melk ->" in line
    assert line.endswith("citroen")


EXAMPLE: dict[str, Edit] = {
    "the question of `tea.leaves` in other words": reword(lambda data: LEAVES(data)["question"]),
    "the text of level 2 of `tea.leaves` in other words, in both languages": reword(
        lambda data: LEAVES(data)["levels"][1]["text"]
    ),
    "a question `tea.water` with weight 1 comes": lambda data: data["dimensions"][0]["items"].append(
        {**LEAVES(data), "id": "water", "weight": 1, "quick": False}
    ),
    "the weight of `tea.leaves` becomes 2": put(LEAVES, "weight", 2),
    "`tea.brewing` goes": lambda data: data["dimensions"][0]["items"].pop(),
}


def test_the_worked_example_of_the_page_is_what_comes_out() -> None:
    page = (ROOT / "docs" / "versions.md").read_text(encoding="utf-8").partition("## Worked example")[2]
    table = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if "|" in line
    ][2:]
    old = MADE_UP["teahouse"]
    answers = {
        "tea.leaves": Answer("tea.leaves", "level", 1),
        "tea.brewing": Answer("tea.brewing", "level", 3),
    }

    computed = []
    for name, edit in EXAMPLE.items():
        new = edited("teahouse", edit)
        found = difference(old, new)
        kept = {key: answer for key, answer in answers.items() if found.item(key).carries != LOST}
        scores = [score(model, held).dimension("tea") for model, held in ((old, answers), (new, kept))]
        computed.append(
            [
                name,
                found.item("tea.leaves").carries,
                found.item("tea.brewing").carries,
                *(format_score(one.score or 0, "en") for one in scores),
                f"{100 * scores[1].coverage:.0f}%",
                found.needed,
                found.lowest_version,
            ]
        )
    assert table == computed


def test_the_page_names_every_verdict_and_step() -> None:
    page = (ROOT / "docs" / "versions.md").read_text(encoding="utf-8")

    assert [word for word in (*CARRIES, *STEPS[1:]) if not re.search(rf"\b{word}\b", page)] == []


def test_made_up_answers_score_as_the_models_of_other_tests_do() -> None:
    # The arithmetic of docs/versions.md by hand, once without the page: (3·1 + 1·3) / 4, and (2·1 + 1·3) / 3.
    answers = make_answers(data="13")
    for weights, expected in (((3, 1), 1.5), ((2, 1), 5 / 3)):
        model = make_model({"data": weights, "b": (1,), "c": (1,)}, highest=3)
        assert score(model, answers).dimension("data").score == pytest.approx(expected)


def test_the_folder_of_made_up_models_is_the_one_that_is_read() -> None:
    assert {path.stem for path in DATA.glob("*.yml")} >= set(MADE_UP)
