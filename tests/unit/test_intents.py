"""Side talk judged: the lines of a file, the words of ours around the NLU's guess, the figures."""

import json
from pathlib import Path

import pytest

from benchmarks.own_words.side_talk_table import BEGIN, END, filled, tables
from bot.bootstrap import definition_files
from bot.definitions import load_all
from bot.intents import (
    IntentsError,
    Judged,
    Line,
    figures,
    judge,
    meanings_by_intent,
    read_lines,
    table,
)
from bot.service.meanings import at_question, trusted, worded
from bot.settings import ROOT

MODEL = next(model for model in load_all(definition_files(ROOT / "models/maturity")) if model.id == "crm")
MEANINGS = meanings_by_intent(ROOT)


def line(language="nl", intent="skip", text="sla over"):
    return json.dumps({"lang": language, "intent": intent, "text": text})


@pytest.fixture
def file(tmp_path):
    """Writes a file of these lines and gives its path."""

    def write(*lines):
        path = tmp_path / "lines.jsonl"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


# --- the file ---


def test_the_meanings_of_all_intents_but_the_button_are_those_of_the_rules():
    assert MEANINGS["why_asked"] == "why"
    assert MEANINGS["answer"] == "take_answer"
    assert {"insult", "off_topic"} <= set(MEANINGS)
    assert not {"button", "nlu_fallback"} & set(MEANINGS)


def test_lines_are_read_in_order_and_blank_ones_skipped(file):
    path = file(line(), "", line("en", "nlu_fallback", "we use excel"))

    assert read_lines(path, MEANINGS) == [
        Line("nl", "skip", "sla over"),
        Line("en", "answer", "we use excel"),
    ]


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ("{", "line 2: no JSON"),
        ("[1]", 'line 2: expected an object with "lang", "intent" and "text".'),
        ('{"lang": "nl", "intent": "skip"}', "line 2: text: expected a text that is not empty."),
        (line(text=" "), "line 2: text: expected a text that is not empty."),
        (line(intent="skipping"), "line 2: intent: 'skipping' is unknown; known: affirm, another, answer,"),
        (line(language="de"), "line 2: lang: 'de' is unknown; known: nl, en."),
    ],
)
def test_a_line_that_cannot_be_judged_is_named_with_file_line_and_key(file, broken, expected):
    path = file(line(), broken)

    with pytest.raises(IntentsError) as raised:
        read_lines(path, MEANINGS)

    assert str(raised.value).startswith(f"{path}, {expected}")


def test_a_file_that_is_empty_or_not_there_is_said_to_be(file, tmp_path):
    with pytest.raises(IntentsError, match="there is no line in it"):
        read_lines(file(""), MEANINGS)
    with pytest.raises(IntentsError, match="cannot be read"):
        read_lines(tmp_path / "nowhere.jsonl", MEANINGS)


# --- the words around the guess ---


@pytest.mark.parametrize(
    ("text", "guess", "meant"),
    [
        ("3", "skip", "take_answer"),  # an exact number, whatever the NLU says
        ("2 of 3", "difference", "take_answer"),  # of which one is to be chosen
        ("verschil tussen 2 en 3", "take_answer", "difference"),
        ("verander vraag 2", "take_answer", "change_answer"),
        ("verander mijn doel", "take_answer", "target"),
        ("wat saai", "take_answer", "annoyed"),
        ("wat saai", "off_topic", "annoyed"),
        ("start", "affirm", "welcome_back"),
        ("geen idee", "dont_know", "dont_know"),
        ("geen idee?", "dont_know", "take_answer"),
        ("geen idee " * 8, "dont_know", "dont_know"),  # sixteen words
        ("geen idee " * 8 + "nog", "dont_know", "take_answer"),
        ("dat hoeft niet meer", "no_reminders", "take_answer"),
        ("in Nederland of in Amerika?", "switch_language", "take_answer"),
        ("x" * 201, "privacy", "take_answer"),
        ("x" * 200, "privacy", "privacy"),
    ],
)
def test_words_of_ours_correct_what_the_nlu_guessed(text, guess, meant):
    assert at_question(text, guess, "nl", MODEL) == meant


def test_a_guess_that_is_trusted_may_still_be_worded_otherwise():
    assert trusted("saai", "thanks", "nl") == "thanks"
    assert worded("saai", "thanks", "web") == "annoyed"
    assert worded("stomme bot", "insult", "web") == "insult"


# --- the figures ---

JUDGED = [
    Judged(Line("nl", "skip", "sla over"), "skip"),
    Judged(Line("en", "skip", "next"), "answer"),
    Judged(Line("nl", "stop", "kappen"), "skip"),
    Judged(Line("en", "stop", "quit"), "stop"),
    Judged(Line("nl", "answer", "excel"), "answer"),
    Judged(Line("en", "answer", "a plan"), "road_map"),
]


def test_the_figures_are_counted_by_intent_and_language():
    found = figures(JUDGED)

    assert (found["n"], found["right"]) == (6, 0.5)
    assert found["side_talk_as_answer"] == 0.25  # one of the four lines of side talk
    assert found["answer_as_side_talk"] == 0.5  # one of the two answers
    assert found["per_intent"]["skip"] == {
        "n": 2,
        "right": 1,
        "nl": {"n": 1, "right": 1},
        "en": {"n": 1, "right": 0},
    }
    assert found["per_language"]["nl"] == {"n": 3, "right": pytest.approx(2 / 3)}
    assert found["confusions"] == [
        {"intent": "answer", "taken_for": "road_map", "n": 1},
        {"intent": "skip", "taken_for": "answer", "n": 1},
        {"intent": "stop", "taken_for": "skip", "n": 1},
    ]
    assert "6 lines, 50.0% right" in table(found)
    assert "Side talk taken for an answer: 25.0%" in table(found)


def test_without_side_talk_or_answers_their_shares_are_nought():
    assert figures(JUDGED[:1])["answer_as_side_talk"] == 0.0
    assert figures(JUDGED[4:5])["side_talk_as_answer"] == 0.0


def test_what_is_judged_is_the_guess_with_our_words_and_boredom_counts_as_insult():
    lines = [
        Line("nl", "insult", "wat saai"),
        Line("nl", "answer", "3"),
        Line("nl", "why_asked", "waarom"),
        Line("nl", "explain", "huh?"),
        Line("nl", "answer", "🎉"),
    ]

    judged = judge(lines, ["nlu_fallback", "skip", "why_asked", "greet", "thanks"], MEANINGS, MODEL)

    assert [one.got for one in judged] == ["insult", "answer", "why_asked", "explain", "answer"]


# --- the table in the docs ---

REPORT = {
    "skip": {"recall": 0.5, "support": 2, "confused_with": {"answer": 1}},
    "stop": {"recall": 1.0, "support": 6, "confused_with": {}},
    "button": {"recall": 1.0, "support": 1, "confused_with": {}},
    "accuracy": 0.9,
    "weighted avg": {"recall": 0.9, "support": 9},
}


def test_the_table_in_the_docs_has_a_row_for_each_intent_and_the_exam_beside_it():
    text = tables(REPORT, figures(JUDGED))

    assert "Cross-validation: 8 lines, 87.5% right." in text  # 1 of 2 and 6 of 6
    assert "| skip | 2 | 50% | answer (1) | 1 of 2 |" in text
    assert "| stop | 6 | 100% | - | 1 of 2 |" in text
    assert "button" not in text


def test_only_what_is_between_the_markers_is_replaced():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    assert filled(page, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    with pytest.raises(ValueError, match="markers"):
        filled("no markers", "new")


def test_the_table_in_the_docs_has_the_intents_of_the_domain():
    text = Path(ROOT / "docs/understanding.md").read_text(encoding="utf-8")
    section = text.partition(BEGIN)[2].partition(END)[0]
    rows = [row.split("|")[1].strip() for row in section.splitlines() if row.startswith("| ")]

    assert sorted(rows[1:]) == sorted(MEANINGS)
