"""Scores against tables computed by hand, and properties that hold for any answers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assessment.answers import Answer
from bot.assessment.scoring import Balance, format_score, score
from tests.unit.models import make_answers, make_model, quick_items

THREE = {"strategy": (1, 1, 1), "people": (1, 1, 1), "data": (1, 1, 1)}


def score_one(signs: str, item_weights=(1, 1, 1), **options):
    """The result of one dimension with these answers."""
    model = make_model({"data": item_weights, "b": (1,), "c": (1,)}, **options)
    return score(model, make_answers(data=signs)).dimension("data")


# --- one answer ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("level", None),
        ("level", 0),
        ("level", -1),
        ("level", True),
        ("level", 2.5),
        ("skipped", 3),
        ("maybe", None),
    ],
)
def test_an_answer_whose_kind_and_value_do_not_go_together_is_refused(kind, value):
    with pytest.raises(ValueError, match=r"data\.a"):
        Answer("data.a", kind, value)


def test_a_level_has_a_value_and_the_other_kinds_have_none():
    assert Answer("data.a", "level", 3).value == 3
    assert Answer("data.a", "dont_know").value is None


# --- dimension score -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signs", "weights", "expected"),
    [
        ("555", (1, 1, 1), 5),
        ("124", (1, 1, 1), 7 / 3),  # (1 + 2 + 4) / 3
        ("34", (3, 1), 3.25),  # (3*3 + 1*4) / 4 = 13/4
        ("15", (0.1, 0.2), 11 / 3),  # (0.1 + 1.0) / 0.3 = 11/3
        ("2?4", (1, 1, 1), 3),  # don't know is no score: (2 + 4) / 2
        ("2s4", (1, 1, 1), 3),
        ("2.4", (1, 1, 1), 3),
        ("2x4", (1, 1, 1), 3),
        ("4xx", (1, 1, 1), 4),
        ("2x5", (2, 7, 1), 3),  # (2*2 + 1*5) / 3
    ],
)
def test_a_dimension_score_is_the_weighted_mean_of_its_answered_items(signs, weights, expected):
    assert score_one(signs, weights).score == expected


# --- coverage and status ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signs", "weights", "coverage", "status"),
    [
        ("123", (1, 1, 1), 1, "scored"),
        ("12?", (1, 1, 1), 2 / 3, "scored"),
        ("1??", (1, 1, 1), 1 / 3, "too_little"),
        ("1ss", (1, 1, 1), 1 / 3, "too_little"),
        ("1..", (1, 1, 1), 1 / 3, "too_little"),
        ("1?x", (1, 1, 1), 1 / 2, "scored"),  # does not apply leaves the denominator: 1 of 2; a half will do
        ("1xx", (1, 1, 1), 1, "scored"),
        ("?xx", (1, 1, 1), 0, "too_little"),
        ("...", (1, 1, 1), 0, "too_little"),
        ("???", (1, 1, 1), 0, "too_little"),
        ("xxx", (1, 1, 1), 0, "not_applicable"),
        # 0.1 + 0.2 of 0.6 is exactly a half, though in floats 0.1 + 0.2 + 0.3 is 0.6000000000000001
        ("11?", (0.1, 0.2, 0.3), 1 / 2, "scored"),
        ("1?", (0.49, 0.51), 0.49, "too_little"),
    ],
)
def test_a_dimension_with_less_than_half_of_its_applicable_weight_answered_has_no_score(
    signs, weights, coverage, status
):
    result = score_one(signs, weights)

    assert result.coverage == coverage
    assert result.status == status
    if status != "scored":
        assert (result.score, result.staged, result.target, result.gap) == (None, None, None, None)


# --- score range -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signs", "weights", "lowest", "highest"),
    [
        ("124", (1, 1, 1), 7 / 3, 7 / 3),
        ("34?", (1, 1, 1), 8 / 3, 4),  # (3 + 4 + 1) / 3 to (3 + 4 + 5) / 3
        ("3?x", (1, 1, 1), 2, 4),  # (3 + 1) / 2 to (3 + 5) / 2
        ("3s", (1, 3), 1.5, 4.5),  # (3 + 3*1) / 4 to (3 + 3*5) / 4
        ("2..", (1, 1, 1), 4 / 3, 4),  # too little answered: the range stands all the same
        ("...", (1, 1, 1), 1, 5),
        ("xxx", (1, 1, 1), None, None),
    ],
)
def test_the_range_is_what_the_open_items_still_allow(signs, weights, lowest, highest):
    result = score_one(signs, weights)

    assert (result.lowest, result.highest) == (lowest, highest)


# --- staged level ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signs", "weights", "staged"),
    [
        ("551", (1, 1, 1), 2),  # 2/3 at 5, but a 1 allows no more than level 2
        ("332", (1, 1, 1), 3),  # 2/3 at 3, nothing below 2
        ("112", (1, 1, 1), 1),  # 1/3 at 2
        ("544", (1, 1, 1), 4),  # all at 4; 1/3 at 5
        ("555", (1, 1, 1), 5),
        ("554", (1, 1, 1), 5),  # 2/3 at 5, nothing below 4
        ("553", (1, 1, 1), 4),  # 2/3 at 5, but a 3; 2/3 at 4, nothing below 3
        ("111", (1, 1, 1), 1),
        ("5xx", (1, 1, 1), 5),
        ("45?", (1, 1, 1), 4),  # 1/2 of the answered weight at 5
        ("32", (2, 1), 3),  # weight 2 of 3 at 3 is two thirds
        ("32", (1.9, 1), 2),  # 1.9 of 2.9 is not
        ("332", (0.1, 0.1, 0.1), 3),  # 0.2 of 0.3 is two thirds, though 0.1 + 0.1 + 0.1 > 0.3 in floats
        ("32", (0.2, 0.1), 3),
    ],
)
def test_the_staged_level_needs_two_thirds_of_the_weight_and_nothing_two_below(signs, weights, staged):
    assert score_one(signs, weights).staged == staged


# --- target and gap --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "signs", "target", "gap"),
    [
        ("next_level", "332", 4, 4 / 3),  # staged 3; 4 - 8/3
        ("next_level", "555", 5, 0),
        ("next_level", "551", 3, 0),  # staged 2; 3 - 11/3 is below zero
        ("next_level", "1??", None, None),
        ("highest", "332", 5, 7 / 3),  # 5 - 8/3
        ("highest", "1??", None, None),
    ],
)
def test_the_default_target_follows_the_models_rule_and_needs_a_staged_level(rule, signs, target, gap):
    result = score_one(signs, target_rule=rule)

    assert (result.target, result.gap) == (target, gap)


def test_a_chosen_target_goes_before_the_default_one_and_may_be_to_stay():
    model = make_model(THREE)
    given_answers = make_answers(strategy="333", people="222", data="1??")

    result = score(model, given_answers, targets={"strategy": 3, "data": 4})

    assert (result.dimension("strategy").target, result.dimension("strategy").gap) == (3, 0)
    assert (result.dimension("people").target, result.dimension("people").gap) == (3, 1)
    assert (result.dimension("data").target, result.dimension("data").gap) == (4, None)


@pytest.mark.parametrize("targets", [{"data": 0}, {"data": 6}, {"nowhere": 3}])
def test_a_target_that_the_model_does_not_have_is_refused(targets):
    with pytest.raises(ValueError, match=r"data|nowhere"):
        score(make_model(THREE), {}, targets=targets)


def test_answers_that_the_model_does_not_have_are_refused():
    with pytest.raises(ValueError, match=r"data\.z"):
        score(make_model(THREE), {"data.z": Answer("data.z", "level", 1)})
    with pytest.raises(ValueError, match="does not fit"):
        score(make_model(THREE, highest=3), make_answers(data="4"))
    with pytest.raises(ValueError, match="another's"):
        score(make_model(THREE), {"data.a": Answer("data.b", "level", 1)})


# --- overall ---------------------------------------------------------------------------------------


def test_the_overall_score_is_the_weighted_mean_of_the_dimension_scores():
    model = make_model(THREE, weights={"strategy": 2, "data": 0.5})

    result = score(model, make_answers(strategy="444", people="222", data="112"))

    # scores 4, 2, 4/3: (2*4 + 1*2 + 0.5*4/3) / 3.5 = (32/3) / 3.5 = 64/21
    assert result.overall == 64 / 21


@pytest.mark.parametrize(
    ("weights", "overall"),
    [
        ({"strategy": 1, "people": 1, "data": 1}, None),  # 1 of 3
        ({"strategy": 2, "people": 1, "data": 1}, 4),  # 2 of 4 is half
        ({"strategy": 0.3, "people": 0.1, "data": 0.2}, 4),  # 0.3 of 0.6, exactly half
        ({"strategy": 0.29, "people": 0.1, "data": 0.2}, None),
    ],
)
def test_the_overall_score_needs_scores_for_half_of_the_weight(weights, overall):
    answers = make_answers(strategy="444", people="1??", data="xxx")

    assert score(make_model(THREE, weights=weights), answers).overall == overall


# --- balance and implausible pairs -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("highest", "strategy", "people", "data", "expected"),
    [
        (5, "444", "222", "333", Balance(2, True, "strategy", "people")),  # half of the axis 1..5 is 2.0
        (5, "444", "332", "333", Balance(4 / 3, False, "strategy", "people")),  # 4 - 8/3
        (5, "333", "333", "333", Balance(0, False, "strategy", "strategy")),
        (5, "222", "444", "444", Balance(2, True, "people", "strategy")),  # the model's first of equal ends
        (3, "222", "111", "1??", Balance(1, True, "strategy", "people")),  # half of 1..3 is 1.0
        (5, "555", "1??", "xxx", None),  # one score has no spread
    ],
)
def test_the_balance_is_the_spread_of_the_scores_with_both_ends(highest, strategy, people, data, expected):
    answers = make_answers(strategy=strategy, people=people, data=data)

    assert score(make_model(THREE, highest=highest), answers).balance == expected


@pytest.mark.parametrize(
    ("strategy", "data", "reported"),
    [
        ("555", "222", True),  # 5 - 2 = 3.0, three quarters of 1..5
        ("555", "322", False),  # 5 - 7/3
        ("222", "555", False),  # the pair says which is high
        ("555", "1??", False),
    ],
)
def test_a_declared_pair_is_implausible_from_three_quarters_of_the_axis(strategy, data, reported):
    model = make_model(THREE, implausible=[("strategy", "data")])

    result = score(model, make_answers(strategy=strategy, people="333", data=data))

    assert result.implausible == (model.implausible if reported else ())


# --- quick scan ------------------------------------------------------------------------------------


def test_a_quick_scan_is_an_indication_gated_on_what_it_asks():
    model = make_model(THREE, implausible=[("strategy", "data")])
    answers = make_answers(strategy="5", people="?", data="1")

    result = score(model, answers, asked=quick_items(model))

    assert result.indication
    assert [found.score for found in result.dimensions] == [5, None, 1]
    assert [found.coverage for found in result.dimensions] == [1, 0, 1]
    assert [found.staged for found in result.dimensions] == [None, None, None]
    assert [found.target for found in result.dimensions] == [None, None, None]
    assert [(found.lowest, found.highest) for found in result.dimensions] == [(5, 5), (1, 5), (1, 1)]
    assert result.overall == 3  # (5 + 1) / 2
    assert result.balance == Balance(4, True, "strategy", "data")
    assert result.implausible == ()


def test_a_target_chosen_for_a_quick_scan_gives_a_gap():
    model = make_model(THREE)

    found = score(model, make_answers(data="2"), asked=quick_items(model), targets={"data": 4}).dimension(
        "data"
    )

    assert (found.target, found.gap, found.staged) == (4, 2, None)


def test_answers_to_items_beyond_the_depth_do_not_count():
    model = make_model(THREE)

    result = score(model, make_answers(data="255"), asked=quick_items(model))

    assert result.dimension("data").score == 2


def test_asking_all_items_by_name_is_a_full_assessment():
    model = make_model(THREE)
    answers = make_answers(strategy="123", people="332", data="551")

    assert score(model, answers, asked=set(model.item_ids())) == score(model, answers)
    assert not score(model, answers).indication


def test_a_dimension_of_which_nothing_is_asked_has_too_little():
    model = make_model(THREE)

    found = score(model, make_answers(data="333"), asked=["data.a"]).dimension("people")

    assert (found.status, found.score, found.coverage, found.lowest) == ("too_little", None, 0, None)


def test_an_unknown_item_among_the_asked_ones_is_refused():
    with pytest.raises(ValueError, match=r"data\.z"):
        score(make_model(THREE), {}, asked=["data.z"])


# --- a whole model ---------------------------------------------------------------------------------


def test_six_pillars_add_up():
    model = make_model(implausible=[("strategy", "data")])
    answers = make_answers(
        strategy="544", people="332", technology="34?", data="112", journey="2?s", value="xxx"
    )

    result = score(model, answers)

    # 13/3, 8/3, 7/2, 4/3; journey has 1 of 3 answered; value does not apply
    assert [found.score for found in result.dimensions] == [13 / 3, 8 / 3, 3.5, 4 / 3, None, None]
    assert [found.staged for found in result.dimensions] == [4, 3, 3, 1, None, None]
    assert [found.target for found in result.dimensions] == [5, 4, 4, 2, None, None]
    # 5 - 13/3, 4 - 8/3, 4 - 7/2, 2 - 4/3
    assert [found.gap for found in result.dimensions] == [2 / 3, 4 / 3, 0.5, 2 / 3, None, None]
    # four of six: (26/6 + 16/6 + 21/6 + 8/6) / 4 = 71/24
    assert result.overall == 71 / 24
    assert result.balance == Balance(3, True, "strategy", "data")  # 13/3 - 4/3
    assert result.implausible == model.implausible
    with pytest.raises(KeyError):
        result.dimension("nowhere")


# --- how a score is written ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "english", "dutch"),
    [
        (1.0, "1.0", "1,0"),
        (2.25, "2.3", "2,3"),
        (47 / 20, "2.4", "2,4"),  # 2.35
        (61 / 20, "3.1", "3,1"),  # 3.05, stored as 3.04999...
        (29 / 20, "1.5", "1,5"),  # 1.45, stored as 1.4499999999999999556
        (8 / 3, "2.7", "2,7"),
        (7 / 3, "2.3", "2,3"),
        (4.949, "4.9", "4,9"),
        (4.95, "5.0", "5,0"),
        (0.1 + 0.7 + 0.05, "0.9", "0,9"),  # 0.85, though the floats add up to 0.8499999999999999
        (4 - 2.35, "1.7", "1,7"),  # 1.65
        (0.0, "0.0", "0,0"),
        (-0.04, "0.0", "0,0"),  # a difference that vanishes has no sign
        (-1.25, "-1.3", "-1,3"),
        (5, "5.0", "5,0"),
    ],
)
def test_a_score_is_written_with_one_decimal_half_up_and_a_comma_in_dutch(value, english, dutch):
    assert format_score(value, "en") == english
    assert format_score(value, "nl") == dutch


@given(st.fractions(min_value=0, max_value=7, max_denominator=2000))
def test_an_exact_ratio_is_rounded_as_by_hand(ratio):
    tenths = (ratio * 10 + Fraction(1, 2)).__floor__()

    assert Fraction(format_score(float(ratio), "en")) == Fraction(tenths, 10)


@given(st.floats(min_value=-7, max_value=7))
def test_a_written_score_is_never_off_by_more_than_half_a_tenth(value):
    # a billionth of leeway: see format_score
    assert abs(float(format_score(value, "nl").replace(",", ".")) - value) <= 0.05 + 1e-9


# --- properties ------------------------------------------------------------------------------------

WEIGHTS = st.sampled_from([0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3])
SIGNS = "12345?sx."


@st.composite
def assessments(draw):
    """A model with three dimensions, and answers to it by dimension."""
    sizes = {name: draw(st.lists(WEIGHTS, min_size=1, max_size=4)) for name in THREE}
    model = make_model(
        sizes,
        weights={name: draw(WEIGHTS) for name in THREE},
        target_rule=draw(st.sampled_from(["next_level", "highest"])),
        implausible=[("strategy", "data")],
    )
    signs = {
        name: "".join(draw(st.lists(st.sampled_from(SIGNS), min_size=len(items), max_size=len(items))))
        for name, items in sizes.items()
    }
    return model, signs


@given(assessments(), st.data())
def test_raising_a_level_never_lowers_a_score_or_a_level(assessment, data):
    model, signs = assessment
    before = make_answers(**signs)
    raisable = [
        item_id for item_id, answer in before.items() if answer.value is not None and answer.value < 5
    ]
    if not raisable:
        return
    item_id = data.draw(st.sampled_from(raisable))
    higher = data.draw(st.integers(before[item_id].value + 1, 5))
    after = {**before, item_id: Answer(item_id, "level", higher)}

    old, new = score(model, before), score(model, after)

    assert (old.overall is None) == (new.overall is None)
    assert (new.overall or 0) >= (old.overall or 0)
    for was, now in zip(old.dimensions, new.dimensions, strict=True):
        assert now.status == was.status
        assert now.coverage == was.coverage
        assert (now.score or 0) >= (was.score or 0)
        assert (now.staged or 0) >= (was.staged or 0)
        assert (now.lowest or 0) >= (was.lowest or 0)
        assert (now.highest or 0) >= (was.highest or 0)


@given(assessments())
def test_all_figures_stay_within_their_bounds(assessment):
    model, signs = assessment

    result = score(model, make_answers(**signs))

    for found in result.dimensions:
        assert 0 <= found.coverage <= 1
        assert (found.status == "scored") == (found.score is not None) == (found.staged is not None)
        if found.lowest is not None:
            assert 1 <= found.lowest <= found.highest <= 5
        if found.score is not None:
            assert found.coverage >= 0.5
            assert 1 <= found.lowest <= found.score <= found.highest <= 5
            assert 1 <= found.staged <= found.target <= 5
            assert 0 <= found.gap <= 4
    if result.overall is not None:
        scores = [found.score for found in result.dimensions if found.score is not None]
        assert min(scores) <= result.overall <= max(scores)
    if result.balance is not None:
        assert 0 <= result.balance.spread <= 4


@given(assessments(), st.data())
def test_the_range_holds_whatever_the_open_items_turn_out_to_be(assessment, data):
    model, signs = assessment
    before = score(model, make_answers(**signs))
    filled = {
        name: "".join(data.draw(st.sampled_from("12345")) if sign in "?s." else sign for sign in row)
        for name, row in signs.items()
    }

    after = score(model, make_answers(**filled))

    for was, now in zip(before.dimensions, after.dimensions, strict=True):
        if now.score is not None:
            assert was.lowest <= now.score <= was.highest


@given(assessments(), st.randoms())
def test_the_order_in_which_answers_came_does_not_matter(assessment, random):
    model, signs = assessment
    answers = make_answers(**signs)
    shuffled = list(answers.items())
    random.shuffle(shuffled)

    assert score(model, dict(shuffled)) == score(model, answers)


@given(assessments())
def test_does_not_apply_counts_for_nothing_and_open_answers_count_alike(assessment):
    model, signs = assessment
    as_skipped = {name: row.replace("?", "s").replace(".", "s") for name, row in signs.items()}

    assert score(model, make_answers(**as_skipped)) == score(model, make_answers(**signs))
