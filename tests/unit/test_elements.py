"""Scores of checklists: elements, and the categories that they make up, against tables computed by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assessment import answers as answers_of
from bot.assessment.answers import Answer
from bot.assessment.scoring import Balance, score
from tests.unit.models import (
    make_answers,
    make_checklist,
    make_model,
    make_states,
    quick_items,
    with_unscored,
)

THREE = ("bread", "counter", "night")
AT = {0: "nnn", 1: "inn", 2: "iin", 3: "iii"}
"""What an element with one practice a stage looks like at each stage; its score is the same number."""


def element(stages: str, states: str):
    """The result of one element: its practices have these stages and these states."""
    model = make_checklist({"bread": [stages], "counter": ["1"], "night": ["1"]})
    return score(model, make_states(bread=states)).element("bread.a")


def category(words: str, stages=("123", "123", "123"), *, weights=(1, 1, 1), **options):
    """The result of the category 'bread' with three such elements."""
    names = {f"bread.{letter}": weight for letter, weight in zip("abc", weights, strict=False)}
    model = make_checklist({"bread": stages, "counter": ["1"], "night": ["1"]}, weights=names, **options)
    return score(model, make_states(bread=words)).dimension("bread")


def staged(*levels: int) -> str:
    """Elements with one practice a stage that stand at these stages."""
    return " ".join(AT[level] for level in levels)


# --- score and stage of one element ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("stages", "states", "expected", "stage"),
    [
        ("112233", "iiiiii", 3, 3),  # 2/2 + 2/2 + 2/2
        ("112233", "nnnnnn", 0, 0),
        ("112233", "pppppp", 0, 0),  # planned is not in place
        ("112233", "iinnnn", 1, 1),  # 1 + 0 + 0
        ("112233", "inpnnn", 1 / 2, 0),  # half of stage 1 is no two thirds
        ("112233", "iiipnn", 3 / 2, 1),  # 1 + 1/2 + 0
        ("112233", "nnniii", 3 / 2, 0),  # 0 + 1/2 + 1: what is above counts for the score, not for the stage
        ("112233", "iinnii", 2, 1),  # 1 + 0 + 1: stage 3 has all, stage 2 has not
        ("111223", "iinnnn", 2 / 3, 1),  # two of three is two thirds
        ("111223", "inniii", 7 / 3, 0),  # 1/3 + 1 + 1
        ("111223", "iiniii", 8 / 3, 3),  # 2/3 + 1 + 1
        ("11112223", "iiiniini", 29 / 12, 3),  # 3/4 + 2/3 + 1 = (9 + 8 + 12) / 12
        ("11112223", "iinniiii", 5 / 2, 0),  # 2/4 + 1 + 1
    ],
)
def test_an_element_adds_up_its_shares_and_stands_at_the_stage_that_has_two_thirds(
    stages, states, expected, stage
):
    found = element(stages, states)

    assert (found.score, found.stage) == (expected, stage)
    assert (found.lowest, found.highest, found.coverage) == (expected, expected, 1)
    assert (found.in_place, found.applicable) == (states.count("i"), len(states))


@pytest.mark.parametrize(
    ("stages", "states", "expected", "stage"),
    [
        ("112233", "i-i-i-", 3, 3),  # 1/1 + 1/1 + 1/1
        ("112233", "i-n-n-", 1, 1),
        ("112233", "ii--ii", 3, 3),  # (1 + 1) x 3/2: stage 2 is left out and is not in the way
        ("112233", "ii--nn", 3 / 2, 1),  # (1 + 0) x 3/2
        ("112233", "in--ii", 9 / 4, 0),  # (1/2 + 1) x 3/2
        ("112233", "----ii", 3, 3),  # 1 x 3
        ("112233", "----in", 3 / 2, 0),  # 1/2 x 3
        ("112233", "ii----", 3, 1),  # 1 x 3; a stage without practices is not reached itself
        ("13", "ii", 3, 3),  # the definition has no stage 2: (1 + 1) x 3/2
        ("13", "in", 3 / 2, 1),
        ("13", "ni", 3 / 2, 0),
        ("2", "i", 3, 2),  # one practice in all: 1 x 3
        ("2", "n", 0, 0),
        ("23", "in", 3 / 2, 2),
    ],
)
def test_a_stage_without_applicable_practices_is_left_out_and_the_sum_is_rescaled(
    stages, states, expected, stage
):
    found = element(stages, states)

    assert (found.score, found.stage) == (expected, stage)
    assert found.applicable == len(states) - states.count("-")
    assert found.coverage == 1


def test_an_element_of_which_nothing_fits_has_no_score():
    for states in ("---", "X"):
        found = element("123", states)
        assert (found.score, found.stage, found.lowest, found.highest) == (None, None, None, None)
        assert (found.in_place, found.applicable, found.coverage) == (0, 0, 0)


def test_what_was_not_named_among_what_is_in_place_is_not_in_place():
    assert element("1123", "iooo") == element("1123", "innn")


@pytest.mark.parametrize(
    ("stages", "states", "coverage", "expected", "stage", "highest"),
    [
        ("1123", "i??n", 1 / 2, 1 / 2, 0, 2),  # 1/2 + 0 + 0; at best 2/2 + 1/1 + 0
        ("1123", "i???", 1 / 4, None, None, 3),  # 1 of 4 is less than a half
        ("1123", "ii?n", 3 / 4, 1, 1, 2),
        ("1112", "ii?n", 3 / 4, 1, 1, 3 / 2),  # (2/3 + 0) x 3/2; at best (1 + 0) x 3/2
        ("1123", "i?--", 1 / 2, 3 / 2, 0, 3),  # 1/2 x 3; at best 1 x 3
        ("1123", "?---", 0, None, None, 3),
        ("1123", "o???", 1 / 4, None, None, 5 / 2),  # at best 1/2 + 1 + 1
        ("1123", "D", 0, None, None, 3),
        ("1123", "S", 0, None, None, 3),
        ("1123", ".", 0, None, None, 3),
    ],
)
def test_unknown_practices_count_as_not_in_place_lower_the_coverage_and_open_the_range(
    stages, states, coverage, expected, stage, highest
):
    found = element(stages, states)

    assert found.coverage == coverage
    assert (found.score, found.stage) == (expected, stage)
    if expected is not None:
        assert found.lowest == expected
    assert found.highest == highest


def test_an_element_with_too_little_known_still_has_a_range():
    # 1/2 + 0 + 0, at best 2/2 + 1 + 1
    found = element("1123", "i???")

    assert (found.lowest, found.highest) == (1 / 2, 3)


def test_a_checklist_has_as_many_stages_as_its_model():
    model = make_checklist({"bread": ["1223"], "counter": ["1"], "night": ["1"]}, highest=4)
    found = score(model, make_states(bread="iini")).element("bread.a")

    # (1 + 1/2 + 1) x 4/3: the fourth stage has no practice here
    assert (found.score, found.stage) == (10 / 3, 1)


def test_there_is_a_result_for_each_element_in_the_models_order_and_for_no_other_item():
    model = make_checklist({"bread": ["1", "1"], "counter": ["1"], "night": ["1"]})
    result = score(model, make_states(bread=". i"))

    assert [one.item_id for one in result.elements] == ["bread.a", "bread.b", "counter.a", "night.a"]
    assert result.element("bread.b").score == 3
    with pytest.raises(KeyError):
        result.element("bread.c")
    assert score(make_model(), {}).elements == ()


# --- a category ------------------------------------------------------------------------------------


def test_a_category_is_the_weighted_mean_of_its_elements():
    assert category(staged(3, 3, 0)).score == 2
    assert category(staged(3, 1, 0), weights=(2, 1, 1)).score == 7 / 4  # (2*3 + 1 + 0) / 4
    # 3/2, 1/2 and 3: (3/2 + 1/2 + 3) / 3
    assert category("in ipnnnn i", ("13", "112233", "2")).score == 5 / 3


@pytest.mark.parametrize(
    ("levels", "weights", "expected"),
    [
        ((0, 0, 0), (1, 1, 1), 0),
        ((0, 0, 1), (1, 1, 1), 0),  # 1/3 at 1
        ((1, 1, 0), (1, 1, 1), 1),  # 2/3 at 1, nothing below 0
        ((3, 3, 0), (1, 1, 1), 1),  # 2/3 at 3, but a 0 allows no more than 1
        ((3, 3, 1), (1, 1, 1), 2),
        ((2, 2, 1), (1, 1, 1), 2),
        ((3, 3, 2), (1, 1, 1), 3),
        ((3, 2, 2), (1, 1, 1), 2),  # 1/3 at 3
        ((3, 3, 3), (1, 1, 1), 3),
        ((1, 0, 0), (2, 0.5, 0.5), 1),  # 2 of 3 of the weight
        ((1, 0, 0), (1.9, 0.5, 0.5), 0),  # 1.9 of 2.9
    ],
)
def test_the_stage_of_a_category_is_the_staged_rule_over_the_stages_of_its_elements(
    levels, weights, expected
):
    assert category(staged(*levels), weights=weights).staged == expected


def test_the_stage_of_a_category_looks_at_stages_and_not_at_scores():
    # 1/2 + 1 + 1 = 5/2 each, and each at stage 0
    found = category("iniiii iniiii iniiii", ("112233",) * 3)

    assert (found.score, found.staged) == (5 / 2, 0)


@pytest.mark.parametrize(
    ("words", "coverage", "status", "expected"),
    [
        ("iii iii iii", 1, "scored", 3),
        ("iii iii ???", 2 / 3, "scored", 3),  # the third has no score and is left out
        ("iii D .", 1 / 3, "too_little", None),
        ("iii X .", 1 / 2, "scored", 3),  # what does not fit is no part of it: 1 of 2
        ("i?? i?? i??", 1 / 3, "too_little", None),
        ("ii? ii? i??", 5 / 9, "scored", 2),  # (2/3 + 2/3 + 1/3) / 3; the third has no score of its own
        ("--- X ---", 0, "not_applicable", None),
        ("--- ??? ---", 0, "too_little", None),
        ("--i ??? ---", 1 / 2, "scored", 3),
        (". S D", 0, "too_little", None),
    ],
)
def test_the_coverage_of_a_category_is_that_of_its_elements(words, coverage, status, expected):
    found = category(words)

    assert found.coverage == pytest.approx(coverage, abs=1e-15)
    assert (found.status, found.score) == (status, expected)
    if expected is None:
        assert (found.staged, found.target, found.gap) == (None, None, None)


@pytest.mark.parametrize(
    ("words", "lowest", "highest"),
    [
        ("iii iin inn", 2, 2),  # (3 + 2 + 1) / 3
        ("iii ii? inn", 2, 7 / 3),  # the second could still be 3
        ("iii D inn", 4 / 3, 7 / 3),  # (3 + 0 + 1) / 3 to (3 + 3 + 1) / 3
        # The third has too little known for a score, and no more than 2 can come of it: 0 + 1 + 1. In its
        # category it counts as wholly open all the same, since the mean of the other two is 3.
        ("iii iii n??", 2, 3),
        ("iii --- n??", 3 / 2, 3),
        ("D S .", 0, 3),
        ("X --- X", None, None),
    ],
)
def test_the_range_of_a_category_is_what_its_elements_still_allow(words, lowest, highest):
    found = category(words)

    assert (found.lowest, found.highest) == (lowest, highest)


@pytest.mark.parametrize(
    ("rule", "levels", "target", "gap"),
    [
        ("next_level", (0, 0, 0), 1, 1),
        ("next_level", (1, 1, 0), 2, 4 / 3),  # 2 - 2/3
        ("next_level", (3, 3, 0), 2, 0),  # the score is 2 already
        ("next_level", (3, 3, 3), 3, 0),
        ("highest", (0, 0, 0), 3, 3),
    ],
)
def test_the_target_of_a_category_is_a_stage(rule, levels, target, gap):
    found = category(staged(*levels), target_rule=rule)

    assert (found.target, found.gap) == (target, gap)


def test_a_chosen_target_is_a_stage_from_nothing_to_the_highest():
    model = make_checklist({name: ["123"] for name in THREE})
    states = make_states(bread="nnn", counter="nnn", night="nnn")

    result = score(model, states, targets={"bread": 0, "counter": 3})
    assert [(one.target, one.gap) for one in result.dimensions] == [(0, 0), (3, 3), (1, 1)]
    for target in (-1, 4):
        with pytest.raises(ValueError, match="not a level from 0 to 3"):
            score(model, states, targets={"bread": target})


# --- the whole -------------------------------------------------------------------------------------


def test_the_worked_example_of_adr_13_holds():
    model = make_checklist({"bread": ["112233"] * 3, "counter": ["1"], "night": ["1"]})
    result = score(model, make_states(bread="iiinnn ii--in i?????"))

    assert [(one.score, one.stage) for one in result.elements[:3]] == [(1.5, 1), (2.25, 1), (None, None)]
    found = result.dimension("bread")
    assert (found.score, found.staged, found.coverage) == (1.875, 1, 13 / 18)  # 72%
    assert (found.lowest, found.highest) == (1.25, 2.25)


def test_the_overall_score_is_the_weighted_mean_of_the_categories():
    model = make_checklist({name: ["123"] for name in THREE}, weights={"bread": 2, "night": 0.5})

    # (2*3 + 1*1 + 0.5*0) / 3.5
    assert score(model, make_states(bread="iii", counter="inn", night="nnn")).overall == 2
    # counter and night have no score, and bread is 2 of 3.5
    assert score(model, make_states(bread="iii", counter="D", night="X")).overall == 3
    # only 1 of 3.5
    assert score(model, make_states(bread="D", counter="iii", night="X")).overall is None


@pytest.mark.parametrize(
    ("bread", "expected"),
    [
        ("iiiiiinnnnnn", Balance(3 / 2, True, "bread", "night")),  # 1 + 2/4 against 0, half of 0..3
        ("iiiiinnnnnnn", Balance(5 / 4, False, "bread", "night")),
    ],
)
def test_a_spread_of_half_the_axis_is_unbalanced(bread, expected):
    model = make_checklist({"bread": ["111122223333"], "counter": ["123"], "night": ["123"]})

    assert score(model, make_states(bread=bread, counter="inn", night="nnn")).balance == expected


@pytest.mark.parametrize(
    ("counter", "bread", "reported"),
    [
        ("iiiiiiiiinnn", "nnn", True),  # 1 + 1 + 1/4 = 2.25, three quarters of 0..3
        ("iiiiiiiinnnn", "nnn", False),  # 2
        ("iiiiiiiiiiii", "pnn", True),  # 3
        ("iiiiiiiiiiii", "inn", False),  # 3 - 1
        ("iiiiiiiiiiii", "n??", False),  # no score, no pair
    ],
)
def test_a_pair_is_implausible_from_three_quarters_of_the_axis(counter, bread, reported):
    model = make_checklist(
        {"bread": ["123"], "counter": ["111122223333"], "night": ["1"]}, implausible=[("counter", "bread")]
    )

    found = score(model, make_states(bread=bread, counter=counter, night="n")).implausible

    assert found == (model.implausible if reported else ())


def test_a_quick_scan_of_elements_is_an_indication_without_stages_of_categories():
    model = make_checklist({name: ["123", "123"] for name in THREE}, implausible=[("bread", "night")])
    states = make_states(bread="iii nnn", counter="ii?", night="nnn")

    result = score(model, states, asked=quick_items(model))

    assert result.indication
    assert [one.item_id for one in result.elements] == ["bread.a", "counter.a", "night.a"]
    assert [one.stage for one in result.elements] == [3, 2, 0]
    assert [one.score for one in result.dimensions] == [3, 2, 0]
    assert [one.coverage for one in result.dimensions] == [1, 2 / 3, 1]
    assert [(one.staged, one.target, one.gap) for one in result.dimensions] == [(None, None, None)] * 3
    assert (result.overall, result.implausible) == (5 / 3, ())


@pytest.mark.parametrize(
    "answer",
    [
        answers_of.given("bread.a", {"a": "in_place"}),  # not all practices
        answers_of.given("bread.a", {"a": "in_place", "b": "in_place", "z": "in_place"}),
        answers_of.given("bread.a", {"a": "in_place", "b": "in_place", "c": "perhaps"}),
        answers_of.given("bread.a", {}),
        Answer("bread.a", "level", 2),
    ],
)
def test_an_answer_that_does_not_fit_the_element_is_refused(answer):
    model = make_checklist({"bread": ["123"], "counter": ["1"], "night": ["1"]})

    with pytest.raises(ValueError, match=r"bread\.a.*does not fit"):
        score(model, {"bread.a": answer})


# --- properties ------------------------------------------------------------------------------------

WEIGHTS = st.sampled_from([0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3])
STAGES = st.lists(st.sampled_from("123"), min_size=1, max_size=7).map(lambda found: "".join(sorted(found)))
NAMES = "abcdefg"


@st.composite
def checklists(draw):
    """A model of elements with uneven weights and stages, and a state for each practice."""
    dimensions = {name: draw(st.lists(STAGES, min_size=1, max_size=3)) for name in THREE}
    weights = {name: draw(WEIGHTS) for name in THREE}
    weights |= {f"{name}.{NAMES[n]}": draw(WEIGHTS) for name in THREE for n in range(len(dimensions[name]))}
    model = make_checklist(
        dimensions,
        weights=weights,
        target_rule=draw(st.sampled_from(["next_level", "highest"])),
        implausible=[("bread", "night")],
    )
    answers = {}
    for dimension, item in model.walk():
        item_id = f"{dimension.id}.{item.id}"
        kind = draw(st.sampled_from(["given"] * 7 + ["dont_know", "not_applicable", "missing"]))
        if kind == "given":
            # Few that are not known or do not fit: else most dimensions would have no score.
            signs = st.sampled_from("iiippnno-?")
            answers[item_id] = answers_of.given(
                item_id,
                {
                    part.id: {
                        "i": "in_place",
                        "p": "planned",
                        "n": "not_yet",
                        "o": "not_in_place",
                        "-": "not_fitting",
                        "?": "dont_know",
                    }[draw(signs)]
                    for part in item.practices
                },
            )
        elif kind != "missing":
            answers[item_id] = Answer(item_id, kind)
    return model, answers


def placed(answers, draw, *states):
    """(item id, the answers with one practice more in place); None when none is in one of these states."""
    open_ones = [
        (item_id, part)
        for item_id, answer in answers.items()
        for part, state in answer.given.items()
        if state in states
    ]
    if not open_ones:
        return None
    item_id, part = draw(st.sampled_from(open_ones))
    changed = answers_of.given(item_id, {**answers[item_id].given, part: "in_place"})
    return item_id, {**answers, item_id: changed}


@given(checklists(), st.data())
def test_putting_a_practice_in_place_never_lowers_a_score_or_a_stage(checklist, data):
    model, before = checklist
    found = placed(before, data.draw, "planned", "not_yet", "not_in_place")
    if found is None:
        return

    old, new = score(model, before), score(model, found[1])

    assert (old.overall is None) == (new.overall is None)
    assert (new.overall or 0) >= (old.overall or 0)
    for was, now in zip(old.elements + old.dimensions, new.elements + new.dimensions, strict=True):
        assert now.coverage == was.coverage
        assert (now.score is None) == (was.score is None)
        assert (now.score or 0) >= (was.score or 0)
        assert (now.lowest or 0) >= (was.lowest or 0)
        assert (now.highest or 0) >= (was.highest or 0)
    for was, now in zip(old.elements, new.elements, strict=True):
        assert (now.stage or 0) >= (was.stage or 0)
    for was, now in zip(old.dimensions, new.dimensions, strict=True):
        assert (now.staged or 0) >= (was.staged or 0)


@given(checklists(), st.data())
def test_finding_a_practice_in_place_never_lowers_its_element(checklist, data):
    model, before = checklist
    found = placed(before, data.draw, "dont_know", "not_fitting")
    if found is None:
        return
    item_id, after = found

    old, new = score(model, before), score(model, after)

    was, now = old.element(item_id), new.element(item_id)
    assert now.coverage >= was.coverage
    assert (was.score is None) or now.score >= was.score
    assert (was.stage is None) or now.stage >= was.stage
    if was.applicable:
        assert now.lowest >= was.lowest
    if now.applicable == was.applicable and (was.score is None) == (now.score is None):
        # It was not known, and no element gained a score of its own by it: nothing above it goes down either.
        for above, below in zip(new.dimensions, old.dimensions, strict=True):
            assert (above.score or 0) >= (below.score or 0)
            assert (above.staged or 0) >= (below.staged or 0)


def test_an_element_that_gets_a_score_may_lower_its_category():
    # Like a question that is answered at last: (3 + 3) / 2 without the third, (3 + 3 + 1) / 3 with it.
    assert category("iii iii n??").score == 3
    assert category("iii iii ni?").score == 7 / 3


@given(checklists())
def test_all_figures_stay_within_their_bounds_and_a_score_lies_in_its_range(checklist):
    model, answers = checklist

    result = score(model, answers)

    for found in result.elements:
        assert 0 <= found.in_place <= found.applicable
        assert (found.score is None) == (found.stage is None)
        assert (found.score is None) == (found.coverage < 0.5 or not found.applicable)
        if found.applicable:
            assert 0 <= found.lowest <= found.highest <= 3
        if found.score is not None:
            assert found.lowest == found.score
            assert 0 <= found.stage <= 3
    for found in result.dimensions:
        assert 0 <= found.coverage <= 1
        assert (found.status == "scored") == (found.score is not None) == (found.staged is not None)
        if found.score is not None:
            assert found.coverage >= 0.5
            assert 0 <= found.lowest <= found.score <= found.highest <= 3
            assert 0 <= found.staged <= found.target <= 3
            assert 0 <= found.gap <= 3
    if result.overall is not None:
        scores = [found.score for found in result.dimensions if found.score is not None]
        assert min(scores) <= result.overall <= max(scores)


@given(checklists(), st.data())
def test_the_range_holds_whatever_the_unknown_practices_turn_out_to_be(checklist, data):
    model, answers = checklist
    filled = {}
    for dimension, item in model.walk():
        item_id = f"{dimension.id}.{item.id}"
        known = answers.get(item_id)
        if known is not None and known.kind == "not_applicable":
            filled[item_id] = known
            continue
        states = {part.id: "dont_know" for part in item.practices} | (known.given if known else {})
        # Some may stay unknown: then their element perhaps still has no score.
        later = st.sampled_from(["in_place", "planned", "not_yet", "dont_know"])
        filled[item_id] = answers_of.given(
            item_id,
            {part: data.draw(later) if state == "dont_know" else state for part, state in states.items()},
        )

    before, after = score(model, answers), score(model, filled)

    for was, now in zip(before.elements + before.dimensions, after.elements + after.dimensions, strict=True):
        if now.score is not None:
            assert was.lowest <= now.score <= was.highest


@given(checklists(), st.randoms())
def test_the_order_in_which_practices_were_answered_does_not_matter(checklist, random):
    model, answers = checklist
    shuffled = list(answers.items())
    random.shuffle(shuffled)
    again = {}
    for item_id, answer in shuffled:
        states = list(answer.given.items())
        random.shuffle(states)
        again[item_id] = answers_of.given(item_id, dict(states)) if states else answer

    assert score(model, again) == score(model, answers)


SAID = {
    "strategy.choice": answers_of.given("strategy.choice", {"option": "y"}),
    "strategy.signals": answers_of.given("strategy.signals", {"u": "yes", "w": "yes"}),
    "strategy.positioning": answers_of.given("strategy.positioning", {"today_first": "x"}),
}


@given(
    st.fixed_dictionaries(
        {name: st.text("12345?sx.", min_size=2, max_size=2) for name in ("strategy", "data")}
    ),
    st.sets(st.sampled_from(sorted(SAID))),
    st.booleans(),
)
def test_what_is_not_scored_changes_no_result(signs, said, quick):
    sizes = {"strategy": (1, 2), "people": (1,), "data": (0.5, 1)}
    plain = make_model(sizes, implausible=[("strategy", "data")])
    model = with_unscored(plain)
    answers = make_answers(people="3", **signs)
    asked = quick_items(plain) if quick else None

    found = score(model, {**answers, **{item_id: SAID[item_id] for item_id in said}}, asked=asked)

    assert found == score(plain, answers, asked=asked)


def test_a_model_whose_quick_scan_asks_all_that_scores_has_a_full_result():
    model = with_unscored(make_model({"strategy": (1,), "people": (1,), "data": (1,)}))
    asked = quick_items(model)

    assert asked == ["strategy.a", "people.a", "data.a"]
    assert not score(model, make_answers(strategy="3", people="3", data="3"), asked=asked).indication
