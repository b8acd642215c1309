"""`peil understand`: how well what people type is understood, and the making of what understands it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.intents_cli import intents
from bot.settings import Settings, SettingsError

if TYPE_CHECKING:
    from bot.assessment.definitions import MaturityModel
    from bot.understanding.placing.reading import OwnWords

_TOLD_EVERY = 5.0  # seconds


@click.group()
def understand() -> None:
    """How well Peil understands what people type."""


understand.add_command(intents)


@understand.command("evaluate")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE.jsonl...")
@click.option("--json", "as_json", is_flag=True, help="For machines: one object.")
def evaluate(files: tuple[Path, ...], as_json: bool) -> None:
    """Place own words whose level is known, and count how often that is right.

    A line: {"model", "item", "level", "lang", "text"}, and "difficulty" if one likes. The definitions are
    those on disk; no database is needed.
    """
    from bot.understanding.placing.judging import BadLines, Line, as_data, in_words, judge, read_lines
    from bot.understanding.proposals import Placement

    published = _definitions()
    by_id = {model.id: (hash_, model) for hash_, model in published}
    try:
        lines = read_lines(files, {model.id: model for _, model in published})
    except BadLines as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        sys.exit(1)
    own_words = _own_words([by_id[model_id] for model_id in sorted({line.model for line in lines})])

    def place(line: Line) -> Placement:
        hash_, model = by_id[line.model]
        return own_words.read(hash_, model, line.item, line.text).here

    judged = judge(lines, place)
    if as_json:
        click.echo(json.dumps(as_data(judged), ensure_ascii=False))
    else:
        click.echo("\n".join(in_words(judged)))


@understand.command("train")
def train_all() -> None:
    """Make anew what comes with Peil: the base, and what places own words of each model; it takes minutes.

    From the definitions on disk; those with rubrics and examples make the base.
    """
    from bot.understanding.placing import artefact
    from bot.understanding.placing.encoders import SentenceEncoders, runs_second
    from bot.understanding.placing.lessons import lessons
    from bot.understanding.placing.training import base_lessons, train, train_base

    if not runs_second():
        raise click.ClickException(
            "What comes with Peil takes both encoders, and the second cannot run here."
        )
    published = [(hash_, model) for hash_, model in _definitions() if lessons(model)]
    artefact.FOLDER.mkdir(exist_ok=True)
    for second in (True, False):
        encoders = SentenceEncoders(second=second)
        name = f"base of {' and '.join(encoders.names)}"
        content = artefact.base_to_bytes(
            train_base(base_lessons([model for _, model in published]), encoders, _progress(name))
        )
        _write(artefact.base_file(encoders.names), content)
        if second:
            base = artefact.base_from_bytes(content)
            for hash_, model in published:
                trained = train(hash_, model, base, encoders, _progress(model.id))
                _write(artefact.prebuilt_file(model.id, encoders.names), artefact.to_bytes(trained))


def _definitions() -> list[tuple[str, MaturityModel]]:
    """Content hash and maturity model of each definition on disk; ends the command when one is wrong."""
    from bot import definitions as loader
    from bot.bootstrap import definition_files

    try:
        files = definition_files(Settings.from_environment().definitions)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    if problems := loader.check(files):
        raise click.ClickException("\n".join(map(str, problems)))
    found = []
    for file in files:
        canonical = loader.canonical(file.read_text(encoding="utf-8"))
        found.append((loader.content_hash(canonical), loader.from_canonical(canonical)))
    return found


def _own_words(published: list[tuple[str, MaturityModel]]) -> OwnWords:
    """A placer of these definitions; what did not come with Peil is trained now."""
    from bot.understanding.placing.artefact import load_base, prebuilt, to_bytes
    from bot.understanding.placing.encoders import encoders
    from bot.understanding.placing.reading import OwnWords
    from bot.understanding.placing.training import train

    known = encoders()
    stored = {
        hash_: to_bytes(train(hash_, model, load_base(known.names), known, _progress(model.id)))
        for hash_, model in published
        if prebuilt(hash_, model.id, known.names) is None
    }
    own_words = OwnWords(stored.get, known)
    own_words.warm_up(published)
    return own_words


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    click.echo(f"{path.name}: {len(content) / 1000:.0f} kB", err=True)


def _progress(name: str) -> Callable[[str], None]:
    """Tells on stderr how far a work has come, every few seconds."""
    told = time.monotonic()

    def say(far: str) -> None:
        nonlocal told
        if time.monotonic() - told >= _TOLD_EVERY:
            told = time.monotonic()
            click.echo(f"{name}: {far}", err=True)

    return say
