"""When the dialogue model is trained, and that there is never half of one; with a stand-in for Rasa."""

from __future__ import annotations

import dataclasses
import os
import threading
from pathlib import Path

import pytest

from bot import dialogue_model
from bot.dialogue_model import DialogueModelError, ensure, sources_hash
from bot.settings import Settings

# Trains as `rasa train` does: writes OUT/NAME.tar.gz. Notes its call and what it sees of our settings.
RASA = """#!/bin/sh
echo "$*" >> trainings
env > seen
while [ $# -gt 0 ]; do
  case "$1" in --out) out="$2" ;; --fixed-model-name) name="$2" ;; esac
  shift
done
{how}
"""
TRAINS = 'echo model > "$out/$name.tar.gz"'


def rasa(settings: Settings, how: str = TRAINS) -> None:
    python = settings.root / ".venv-rasa" / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(RASA.format(how=how))
    python.chmod(0o755)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    root = tmp_path / "checkout"
    for file in ("config.yml", "domain.yml", "data/nlu/nl.yml", "bot/dialogue/channel.py", "locks/rasa.txt"):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(f"# {file}\n")
    plain = Settings.from_environment({"PEIL_DATA_DIR": str(tmp_path / "var")})
    settings = dataclasses.replace(plain, root=root)
    rasa(settings)
    return settings


def trainings(settings: Settings) -> int:
    file = settings.root / "trainings"
    return len(file.read_text().splitlines()) if file.exists() else 0


def quiet(_text: str) -> None:
    pass


def test_the_model_is_trained_once_and_not_again(settings):
    model = ensure(settings, quiet)
    assert model == settings.root / "models" / f"dialogue-{sources_hash(settings.root)}.tar.gz"
    assert model.read_text() == "model\n"
    assert ensure(settings, quiet) == model
    assert trainings(settings) == 1
    assert list(model.parent.iterdir()) == [model]


@pytest.mark.parametrize(
    "source",
    [
        "config.yml",
        "domain.yml",
        "data/nlu/nl.yml",
        "data/rules/new.yml",
        "bot/dialogue/channel.py",
        "locks/rasa.txt",
    ],
)
def test_a_changed_or_new_source_makes_a_new_model(settings, source):
    before = ensure(settings, quiet)
    (settings.root / source).parent.mkdir(exist_ok=True)
    (settings.root / source).write_text("other\n")
    assert ensure(settings, quiet) != before
    assert trainings(settings) == 2


def test_what_is_no_source_changes_nothing(settings):
    before = sources_hash(settings.root)
    for file in (
        "models/maturity/cemm.yml",
        "data/.swap",
        "bot/dialogue/__pycache__/channel.pyc",
    ):
        (settings.root / file).parent.mkdir(parents=True, exist_ok=True)
        (settings.root / file).write_text("other\n")
    assert sources_hash(settings.root) == before


def test_moving_a_source_changes_the_hash(settings):
    before = sources_hash(settings.root)
    (settings.root / "data/nlu/nl.yml").rename(settings.root / "data/nlu/en.yml")
    assert sources_hash(settings.root) != before


def test_a_failed_training_leaves_nothing_and_says_what_rasa_complained_of(settings):
    rasa(settings, 'echo half > "$out/$name.tar.gz"; echo "YamlException: bad domain"; exit 1')
    with pytest.raises(DialogueModelError, match=r"trained \(YamlException: bad domain\); see .*log"):
        ensure(settings, quiet)
    assert list((settings.root / "models").iterdir()) == []


def test_a_training_that_made_no_model_is_a_failure_whatever_its_status(settings):
    rasa(settings, "exit 0")
    with pytest.raises(DialogueModelError):
        ensure(settings, quiet)


def test_what_a_killed_training_left_behind_is_cleared_away(settings):
    left_over = settings.root / "models" / ".training-killed"
    left_over.mkdir(parents=True)
    ensure(settings, quiet)
    assert not left_over.exists()


def test_without_an_environment_the_sentence_says_what_to_do(settings):
    (settings.root / ".venv-rasa" / "bin" / "python").unlink()
    with pytest.raises(DialogueModelError, match="run 'make setup' first"):
        ensure(settings, quiet)


def test_of_the_older_models_two_are_kept_and_other_files_left_alone(settings):
    models = settings.root / "models"
    models.mkdir()
    for age, name in enumerate(["dialogue-a", "dialogue-b", "dialogue-c", "mine"], start=1):
        (models / f"{name}.tar.gz").write_text("older")
        os.utime(models / f"{name}.tar.gz", (1000 - age, 1000 - age))
    model = ensure(settings, quiet)
    assert {file.name for file in models.iterdir()} == {
        model.name,
        "dialogue-a.tar.gz",
        "dialogue-b.tar.gz",
        "mine.tar.gz",
    }


def test_two_at_once_train_one_model(settings):
    rasa(settings, "sleep 0.5; " + TRAINS)
    said: list[str] = []
    threads = [threading.Thread(target=ensure, args=(settings, said.append)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trainings(settings) == 1
    assert "The dialogue model is being trained already; waiting for it." in said


def test_rasa_sees_no_setting_and_no_secret_of_ours(settings, monkeypatch):
    monkeypatch.setenv("PEIL_SECRET", "s" * 40)
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    ensure(settings, quiet)
    seen = (settings.root / "seen").read_text()
    assert "PEIL_" not in seen
    assert "PYTHONPATH" not in seen
    assert "RASA_TELEMETRY_ENABLED=false" in seen


def test_as_a_program_it_prints_the_model_and_names_a_wrong_setting(monkeypatch, capsys, settings):
    monkeypatch.setattr(dialogue_model.Settings, "from_environment", lambda: settings)
    assert dialogue_model.main() == 0
    assert capsys.readouterr().out.strip().endswith(".tar.gz")
    monkeypatch.undo()
    monkeypatch.setenv("PEIL_HTTP_PORT", "many")
    assert dialogue_model.main() == 1
    assert "PEIL_HTTP_PORT" in capsys.readouterr().err
