"""Own words placed: the regression, taking texts apart, what is trained, what comes with Peil, odd texts."""

import zlib
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from bot import definitions
from bot.bootstrap import definition_files
from bot.settings import ROOT
from bot.understanding.placing import artefact
from bot.understanding.placing.clauses import (
    LONGEST_QUOTE,
    clauses,
    clean,
    cut,
    is_repeated,
    sentences,
    verbatim,
)
from bot.understanding.placing.encoders import _Kept, encoders, runs_second
from bot.understanding.placing.lessons import lessons
from bot.understanding.placing.reading import OwnWords
from bot.understanding.placing.regression import (
    in_span,
    logistic,
    shares,
    softmax,
    stretch,
    temperature,
    threshold,
)
from bot.understanding.placing.training import base_lessons, train, train_base

TEAROOM = ROOT / "tests/data/tearoom.yml"
RUBRICS = ("cemm", "crm", "cx", "omnichannel")
needs_both = pytest.mark.skipif(not runs_second(), reason="the second encoder cannot run on this machine")


@cache
def published(model_id):
    """Content hash and maturity model of a definition that comes with Peil."""
    text = (ROOT / f"models/maturity/{model_id}.yml").read_text(encoding="utf-8")
    canonical = definitions.canonical(text)
    return definitions.content_hash(canonical), definitions.from_canonical(canonical)


@cache
def placer():
    """What places own words with what comes with Peil alone."""
    return OwnWords(lambda definition_hash: None, encoders())


class Letters:
    """Encoders made up for tests: a text is the words in it, each in a place of its own."""

    names = ("use", "e5")

    def use(self, texts):
        return self._of(texts, 512)

    def e5(self, texts):
        return self._of(texts, 384)

    def _of(self, texts, width):
        rows = np.zeros((len(texts), width), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.casefold().split():
                row[zlib.crc32(word.encode()) % width] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


# --- the regression ---


def test_a_regression_tells_apart_what_can_be_told_apart_and_is_the_same_each_time():
    x = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
    y = shares(np.array([0, 0, 1, 1]), 2)

    weights, biases = logistic(x, y, penalty=0.1, steps=200)
    again, _ = logistic(x, y, penalty=0.1, steps=200)

    assert softmax(x @ weights + biases).argmax(1).tolist() == [0, 0, 1, 1]
    assert np.array_equal(weights, again)


def test_a_regression_in_the_span_of_its_rows_gives_the_same_probabilities():
    x = np.random.default_rng(3).normal(size=(6, 20))
    y = shares(np.array([0, 1, 2, 0, 1, 2]), 3)

    plain, bias = logistic(x, y, penalty=0.2, steps=2000)
    quick, quick_bias = in_span(x, y, penalty=0.2, steps=2000)

    assert np.allclose(softmax(x @ plain + bias), softmax(x @ quick + quick_bias), atol=1e-3)


def test_five_levels_are_read_as_three_and_as_five():
    assert stretch(5, 5).tolist() == np.eye(5).tolist()
    assert stretch(5, 3).T.tolist() == [[1, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 1]]


def test_the_temperature_makes_probabilities_as_often_right_as_they_say():
    # Three of four are right at logits (3, 0): the probability should be 0.75, so 3 / T = ln 3 and T = 2.73.
    logits = np.tile([3.0, 0.0], (4, 1))

    assert temperature(logits, np.array([0, 0, 0, 1])) == pytest.approx(3 / np.log(3), rel=0.03)


def test_the_threshold_is_the_lowest_certainty_from_which_on_enough_is_right():
    certain = np.array([0.9, 0.8, 0.7, 0.6])
    right = np.array([True, True, False, False])

    assert threshold(certain, right, 1.0) == 0.8
    assert threshold(certain, right, 0.6) == 0.7
    assert threshold(certain, ~right, 0.95) > 1


# --- taking texts apart ---


def test_clauses_end_at_stops_commas_and_words_that_turn():
    assert clauses("we used to have a plan but nobody reads it now, the board left") == [
        "we used to have a plan",
        "but nobody reads it",
        "now, the board left",
    ]
    assert clauses("ieder voor zich") == ["ieder voor zich"]


def test_a_text_is_cut_at_a_word():
    assert cut("een twee drie", 9) == "een twee"
    assert cut("een", 9) == "een"
    assert cut("x" * 30, 9) == "x" * 9


def test_a_text_is_one_line_without_what_cannot_be_read():
    assert clean("a\n\tb\x00c\ud800d") == "a b c d"
    assert len(clean("woord " * 5000)) <= 4000


def test_a_run_of_words_without_a_stop_is_cut_in_pieces():
    pieces = sentences("woord " * 200)

    assert all(len(piece) <= 400 for piece in pieces)
    assert " ".join(pieces).split() == ["woord"] * 200


# --- training ---


@cache
def tearoom():
    """A small definition, and what is trained from it with made-up encoders."""
    canonical = definitions.canonical(TEAROOM.read_text(encoding="utf-8"))
    return definitions.content_hash(canonical), definitions.from_canonical(canonical)


@cache
def small_base():
    """A base of one model that comes with Peil, with made-up encoders."""
    _, model = published("crm")
    base = train_base(base_lessons([model])[:3], Letters())
    return artefact.base_from_bytes(artefact.base_to_bytes(base))


def test_training_twice_gives_the_same_bytes():
    hash_, model = tearoom()

    first = artefact.to_bytes(train(hash_, model, small_base(), Letters()))

    assert first == artefact.to_bytes(train(hash_, model, small_base(), Letters()))


def test_what_was_trained_is_the_same_once_read_again():
    hash_, model = tearoom()
    trained = train(hash_, model, small_base(), Letters())

    again = artefact.from_bytes(artefact.to_bytes(trained))

    assert again.recipe == trained.recipe == small_base().recipe
    assert list(again.items) == [
        f"{dimension.id}.{item.id}" for dimension, item in model.walk() if item.kind == "rubric"
    ]
    for item_id, one in trained.items.items():
        assert np.array_equal(again.items[item_id].weights, one.weights)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b'{"format": 1}'])
def test_bytes_of_something_else_are_refused(content):
    with pytest.raises(artefact.NotTrained):
        artefact.from_bytes(content)


def test_without_examples_the_wording_of_a_level_leads_to_it():
    hash_, model = tearoom()
    item_id = next(f"{dimension.id}.{item.id}" for dimension, item in model.walk() if item.kind == "rubric")
    content = artefact.to_bytes(train(hash_, model, small_base(), Letters()))
    places = OwnWords({hash_: content}.get, Letters())

    for level in model.item(item_id)[1].levels:
        here = places.read(hash_, model, item_id, level.text["nl"]).here
        assert here.level == level.value
        assert sum(share for _, share in here.likely) == pytest.approx(1)


def test_a_definition_of_which_nothing_was_trained_leaves_all_open():
    _, model = tearoom()
    item_id = lessons(model)[0].item_id

    here = OwnWords(lambda _: None, Letters()).read("f" * 64, model, item_id, "wij zetten goede thee").here

    assert here.certainty == "unclear"
    assert {share for _, share in here.likely} == {1 / len(here.likely)}


# --- what comes with Peil ---


@pytest.mark.parametrize("names", [("use", "e5"), ("use",)], ids="-".join)
def test_there_is_a_base_for_each_set_of_encoders(names):
    base = artefact.load_base(names)

    assert base.encoders == names
    assert 0 < base.taught.clear < 1


@pytest.mark.parametrize("model_id", RUBRICS)
def test_what_comes_with_peil_was_trained_from_the_definitions_that_do(model_id):
    hash_, model = published(model_id)

    found = artefact.prebuilt(hash_, model_id, ("use", "e5"))

    assert found is not None, "made anew by `peil understand train`"
    assert found.base == artefact.load_base(("use", "e5")).digest
    assert list(found.items) == [lesson.item_id for lesson in lessons(model)]


def test_no_definition_with_a_rubric_comes_without_what_places_own_words():
    with_rubrics = set()
    for file in definition_files(ROOT / "models/maturity"):
        model = definitions.load(file)
        if lessons(model):
            with_rubrics.add(model.id)

    assert with_rubrics == set(RUBRICS)


@needs_both
def test_training_one_item_anew_places_as_what_comes_with_peil_does():
    hash_, model = published("crm")
    dimension = model.dimensions[0]
    one = replace(model, dimensions=(replace(dimension, items=dimension.items[:1]),))
    item_id = f"{dimension.id}.{dimension.items[0].id}"
    base = artefact.load_base(("use", "e5"))

    anew = train(hash_, one, base, encoders()).items[item_id]
    held = artefact.prebuilt(hash_, "crm", ("use", "e5")).items[item_id]

    # Stored in 16 bits; another machine rounds its sums in another order.
    assert np.allclose(anew.weights.astype(float), held.weights.astype(float), atol=0.02)
    assert np.allclose(anew.biases, held.biases, atol=0.02)


# --- reading, with the real encoders ---

# Sentences of nobody in particular, each a plain case of its level: (item of cemm, level, words).
PLAIN = [
    ("strategy.vision", 1, "een visie op klanten hebben we niet, daar is nooit over gesproken"),
    ("strategy.vision", 1, "we have no vision on customers at all, nobody ever wrote one"),
]


@needs_both
@pytest.mark.parametrize(("item_id", "level", "words"), PLAIN, ids=[words for _, _, words in PLAIN])
def test_plain_words_are_placed_and_quoted(item_id, level, words):
    hash_, model = published("cemm")

    here = placer().read(hash_, model, item_id, words).here

    assert here.level == level
    assert here.certainty != "unclear"
    assert here.quote in words


@needs_both
@pytest.mark.parametrize(
    "words",
    [
        "",
        "🙂🙂🙂",
        "???",
        "\x00\x01\ud800",
        "a" * 10_000,
        "<script>alert(1)</script>",
        "'; DROP TABLE answers; --",
        "ja nee " * 700,
        "Ω≈ç√∫˜µ≤≥÷ 你好 здравствуйте",
    ],
    ids=["empty", "faces", "signs", "control", "one long word", "html", "sql", "long", "other letters"],
)
def test_no_text_is_an_error(words):
    hash_, model = published("cemm")
    item_id = lessons(model)[0].item_id

    here = placer().read(hash_, model, item_id, words, also=lessons(model)[1].item_id).here

    assert sorted(level for level, _ in here.likely) == [1, 2, 3, 4, 5]
    assert sum(share for _, share in here.likely) == pytest.approx(1)
    assert len(here.quote) <= LONGEST_QUOTE
    assert "\n" not in here.quote


@needs_both
@pytest.mark.parametrize(
    "words", ["", "🙂", "qwrtplkj sdfg", "what's the weather like in Leeds tomorrow", "wie wint het voetbal"]
)
def test_what_says_nothing_of_the_company_is_not_proposed_as_a_level(words):
    hash_, model = published("cemm")
    item_id = lessons(model)[0].item_id

    assert placer().read(hash_, model, item_id, words).here.certainty == "unclear"


@needs_both
def test_of_an_essay_the_sentences_about_the_question_are_placed():
    hash_, model = published("cemm")
    filler = "Onze fabriek in het oosten draait drie ploegen en de kantine is net verbouwd. " * 25
    words = f"{filler}Een visie op klanten hebben we niet, daar is nooit over gesproken. {filler}"

    here = placer().read(hash_, model, "strategy.vision", words).here

    assert here.level == 1
    assert here.quote in "Een visie op klanten hebben we niet, daar is nooit over gesproken."


# --- the vectors that are kept ---


def test_the_latest_vectors_are_kept_and_no_others():
    asked = []

    def encode(texts):
        asked.extend(texts)
        return np.eye(len(texts), 4)

    kept = _Kept(lambda: encode)
    kept(["a"])
    kept(["a"])
    assert asked == ["a"]
    for number in range(70):
        kept([f"text {number}"])
    kept(["a"])
    assert asked.count("a") == 2


@needs_both
@pytest.mark.parametrize(
    ("item_id", "also", "words"),
    [
        (
            "strategy.commitment",
            "people.collaboration",
            "Nobody here sees the point of it and it is never on the agenda. "
            "And our departments never talk to each other, everyone just does their own thing.",
        ),
        (
            "people.responsibility",
            "people.skills",
            "Niemand is verantwoordelijk, het hangt van toeval af. "
            "En over wat we missen aan kennis en kunde heeft niemand het.",
        ),
    ],
)
def test_two_questions_answered_in_one_message_are_told_apart(item_id, also, words):
    hash_, model = published("cemm")

    found = placer().read(hash_, model, item_id, words, also=also)

    assert found.ahead is not None
    assert (found.here.item_id, found.here.level) == (item_id, 1)
    assert (found.ahead.item_id, found.ahead.level) == (also, 1)
    first, second = words.split(". ", 1)
    assert found.here.quote in first
    assert found.ahead.quote in second


@needs_both
@pytest.mark.parametrize("model_id", RUBRICS)
def test_hardly_any_answer_to_one_question_is_taken_for_an_answer_to_two(model_id):
    hash_, model = published(model_id)
    taught = lessons(model)
    said = [
        (lesson.item_id, following.item_id, words)
        for lesson, following in pairwise(taught)
        for _, words in lesson.examples
        if len(sentences(words)) > 1
    ]
    said = said[:: len(said) // 40]

    split = [words for here, also, words in said if placer().read(hash_, model, here, words, also=also).ahead]

    assert len(said) >= 40
    # Of all examples of the four models, 3 in 1,000 come apart.
    assert len(split) <= 1


@needs_both
@pytest.mark.parametrize("words", ["nobody " * 6, "nothing nothing nothing nothing", "ja nee ja nee ja nee"])
def test_a_word_over_and_over_is_no_description(words):
    hash_, model = published("cemm")

    assert placer().read(hash_, model, "strategy.vision", words).here.certainty == "unclear"
    assert is_repeated(clean(words))


def test_few_words_may_be_said_twice():
    assert not is_repeated("nee nee nee")
    assert not is_repeated("we doen wat we doen")


@pytest.mark.parametrize(
    ("text", "part", "found"),
    [
        ("Haha. Bedoel je dat? Nee.", "Haha Bedoel je dat?", "Haha. Bedoel je dat?"),
        ("Nou, dat doen we zelf", "Nou dat doen we zelf", "Nou, dat doen we zelf"),
        ("iets anders", "staat er niet", "staat er niet"),
    ],
)
def test_a_quote_has_the_signs_of_the_text(text, part, found):
    assert verbatim(text, part) == found


@needs_both
def test_a_question_is_not_what_was_telling():
    hash_, model = published("cemm")
    words = "Klantreis, is dat als je naar Lourdes gaat? We hebben de reis van de klant nooit uitgetekend."

    here = placer().read(hash_, model, "customer_journey.journey_view", words).here

    assert "?" not in here.quote


def test_where_no_item_takes_own_words_nothing_is_missing(caplog):
    hash_, model = published("gccj")

    placer()._of(hash_, model)

    assert caplog.records == []
