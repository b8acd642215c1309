"""`peil talk` holds the same conversation in a terminal, against the real servers."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.stack import Stack


def talk(url: str, typed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", "talk", "--url", url],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONUTF8": "1"},
        check=False,
    )


def test_a_conversation_is_held_by_typing_and_by_the_numbers_of_buttons(stack: Stack) -> None:
    held = talk(stack.url, "ja\nmanager\n#1\n1\nTheehuisscan\n2\n#3\n")

    assert held.returncode == 0, held.stderr
    assert "Genoteerd: 2 · Vaste kaart." in held.stdout
    assert "Genoteerd: 3 · Per pot geproefd." in held.stdout
    assert "Vraag 3 van 6" in held.stdout
    assert held.stdout.rstrip().endswith(">")


def test_where_nothing_answers_one_sentence_says_so() -> None:
    held = talk("http://127.0.0.1:9", "")

    assert held.returncode == 1
    assert held.stderr == "Error: Nothing answers at http://127.0.0.1:9; start Peil with 'make run' first.\n"
