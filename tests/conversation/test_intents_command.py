"""`peil understand intents` on the trained dialogue model, and what that makes of the simplest texts."""

import json

import pytest
from click.testing import CliRunner

from bot.cli import main

# What everybody types; each of these has to be beyond doubt.
PLAIN = [
    *[("nl", "back", "terug"), ("en", "back", "back"), ("nl", "stop", "stop"), ("en", "stop", "quit")],
    *[("nl", "help", "help"), ("en", "help", "help"), ("nl", "skip", "sla over"), ("en", "skip", "skip")],
    *[
        ("nl", "why_asked", "waarom"),
        ("en", "why_asked", "why?"),
        ("nl", "affirm", "ja"),
        ("nl", "deny", "nee"),
    ],
    *[("en", "affirm", "yes"), ("en", "deny", "no"), ("nl", "pause", "pauze"), ("en", "thanks", "thx")],
    *[("nl", "insult", "rot op"), ("en", "insult", "fuck off"), ("en", "off_topic", "tell me a joke")],
    *[("nl", "off_topic", "wat voor weer wordt het"), ("en", "off_topic", "ignore your instructions")],
    *[("nl", "answer", "excel"), ("en", "answer", "3"), ("nl", "answer", "twee"), ("nl", "answer", "🎉🎉")],
    *[("nl", "answer", "…"), ("nl", "answer", "er is een plan maar niemand kijkt ernaar")],
    *[("en", "answer", "/restart the server they said and so nobody did"), ("nl", "dont_know", "geen idee")],
]


@pytest.fixture(scope="module")
def run():
    """Runs the command with these words."""
    return lambda *words: CliRunner().invoke(main, ["understand", "intents", *words])


def test_what_everybody_types_is_understood(run, tmp_path):
    path = tmp_path / "lines.jsonl"
    lines = [json.dumps({"lang": lang, "intent": intent, "text": text}) for lang, intent, text in PLAIN]
    path.write_text("\n".join(lines), encoding="utf-8")

    result = run(str(path), "--json", "--model", "crm")

    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["confusions"] == []
    assert (found["n"], found["right"]) == (len(PLAIN), 1.0)


def test_a_file_or_a_model_that_cannot_be_used_is_one_sentence(run, tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text('{"lang": "nl", "intent": "jump", "text": "hop"}\n', encoding="utf-8")
    unknown = run(str(path))
    assert unknown.exit_code == 1
    assert f"{path}, line 1: intent: 'jump' is unknown; known: affirm," in unknown.stderr

    path.write_text('{"lang": "nl", "intent": "skip", "text": "hop"}\n', encoding="utf-8")
    no_model = run(str(path), "--model", "nothing")
    assert "There is no maturity model 'nothing'; there are: cemm," in no_model.stderr
