"""The `peil` command."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from bot.settings import Settings, SettingsError

P = ParamSpec("P")
R = TypeVar("R")


def _settings() -> Settings:
    """The settings with secrets; ends the command with one sentence when a value cannot be used."""
    try:
        return Settings.from_environment().with_secrets()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def _prepared() -> Any:
    """The wired parts on a database that is there and up to date; looking must not make or change one."""
    from bot.bootstrap import StartError, build, require_database

    settings = _settings()
    try:
        require_database(settings)
    except StartError as error:
        raise click.ClickException(str(error)) from None
    return build(settings)


def _database_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turns an error of the database into one sentence."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            return command(*args, **kwargs)
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()[0]
            raise click.ClickException(f"The database cannot be used: {reason}.") from None

    return guarded


@click.group()
@click.version_option(package_name="peil", message="Peil %(version)s")
def main() -> None:
    """Peil: a conversational maturity assessment."""
    # What people said is for the user who runs Peil, and for nobody else on the machine.
    os.umask(0o077)


@main.command()
def run() -> None:
    """Start everything and print the address of the chat."""
    from bot.run import run as run_all

    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(run_all(settings))


@main.command()
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True)
@click.option("--url", default=None, help="The gateway's address; default: the one of the settings.")
def talk(language: str, url: str | None) -> None:
    """Hold the same conversation in this terminal (Peil must be running)."""
    from bot.talk import TalkError
    from bot.talk import talk as hold

    try:
        hold(url or f"http://127.0.0.1:{Settings.from_environment().http_port}", language)
    except (TalkError, SettingsError) as error:
        raise click.ClickException(str(error)) from None


@main.group()
def definitions() -> None:
    """The maturity models."""


@definitions.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def definitions_check(paths: tuple[Path, ...]) -> None:
    """Check definitions (default: all in the folder); says file, line, key and what was expected."""
    from bot import definitions as loader
    from bot.bootstrap import definition_files

    files = list(paths) or definition_files(_from_environment().definitions)
    problems = loader.check(files)
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        sys.exit(1)
    click.echo(f"{len(files)} definition{'s' if len(files) != 1 else ''} checked: all is well.")


@definitions.command("reading")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def definitions_reading(paths: tuple[Path, ...]) -> None:
    """Count what respondents read and tap, and how many minutes that takes (default: all in the folder)."""
    from bot import definitions as loader
    from bot.bootstrap import definition_files
    from bot.service.reading import SECONDS_A_TAP, WORDS_A_MINUTE, reading_parts, total

    files = list(paths) or definition_files(_from_environment().definitions)
    problems = loader.check(files)
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        sys.exit(1)
    click.echo(f"{WORDS_A_MINUTE} words a minute, {SECONDS_A_TAP} seconds a tap, no time to think")
    for model in map(loader.load, files):
        for language in model.languages:
            click.echo(
                f"\n{f'{model.id} {model.version}, {language}':24}{'words':>7}{'taps':>6}{'minutes':>9}"
            )
            parts = reading_parts(model, language)
            for part in (*parts, total(parts)):
                click.echo(f"{part.name:24}{part.words:>7}{part.taps or '':>6}{part.minutes:>9.1f}")
            click.echo(f"{'told to respondents':24}{model.minutes:>22}")


def _from_environment() -> Settings:
    try:
        return Settings.from_environment()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


@main.group()
def texts() -> None:
    """The sentences of the dialogue."""


@texts.command("check")
def texts_check() -> None:
    """Check that both languages have the same keys and names, and that every key is used."""
    from bot.texts.check import problems

    found = problems()
    for problem in found:
        click.echo(problem, err=True)
    if found:
        sys.exit(1)
    click.echo("Texts checked: all is well.")


@main.group()
def assessments() -> None:
    """What respondents have answered."""


@assessments.command("list")
@_database_errors
def assessments_list() -> None:
    """List all assessments, oldest first."""
    rows = _prepared().review.assessments()
    if not rows:
        click.echo("There are no assessments yet.")
        return
    click.echo(
        f"{'id':18}{'model':16}{'version':9}{'status':11}{'role_layer':12}{'department':12}{'business_line':15}"
        f"{'answers':>7}  {'started':18}conversation"
    )
    for row in rows:
        about = [row[segment] or "-" for segment in ("role_layer", "department", "business_line")]
        click.echo(
            f"{row['id']:18}{row['model']:16}{row['version']:9}{row['status']:11}"
            f"{about[0]:12}{about[1]:12}{about[2]:15}"
            f"{row['answers']:>7}  {_minute(row['started_at']):18}{row['conversation']}"
        )


@assessments.command("show")
@click.argument("assessment_id", metavar="ID")
@_database_errors
def assessments_show(assessment_id: str) -> None:
    """Show one assessment with answers and result, as JSON."""
    found = _prepared().review.assessment(assessment_id)
    if found is None:
        raise click.ClickException(f"There is no assessment {assessment_id}.")
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@assessments.command("export")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), required=True)
@_database_errors
def assessments_export(form: str) -> None:
    """Write one row per answer that holds, of all assessments, to the standard output."""
    from bot.service.review import COLUMNS

    rows = _prepared().review.export()
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)


def _minute(moment: str) -> str:
    """'2026-03-02 09:30' of a time in ISO 8601."""
    return moment[:16].replace("T", " ")


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: people's words may begin with '='."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value


@main.command()
@_database_errors
def requests() -> None:
    """List who asked for a person, oldest first: when (UTC), at which question, and how to reach them."""
    rows = _prepared().review.requests()
    if not rows:
        click.echo("Nobody has asked for a person yet.")
        return
    click.echo(f"{'asked':18}{'conversation':34}{'assessment':18}{'question':32}contact")
    for row in rows:
        click.echo(
            f"{_minute(row['asked_at']):18}{row['conversation']:34}{row['assessment'] or '-':18}"
            f"{row['question'] or '-':32}{_line(row['contact'] or '-')}"
        )


def _line(words: str) -> str:
    """People's words on one line, and nothing in them that a terminal would obey."""
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())


@main.command()
@click.argument("conversation_id", metavar="CONVERSATION")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_database_errors
def forget(conversation_id: str, yes: bool) -> None:
    """Erase a person's conversation with everything that hangs on it. This cannot be undone."""
    peil = _prepared()
    if not yes:
        click.confirm(f"Erase conversation {conversation_id} for good?", abort=True)
    if not peil.use_cases.forget(conversation_id):
        raise click.ClickException(f"There is no conversation {conversation_id}.")
    click.echo(f"Conversation {conversation_id} and all that hung on it have been erased.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@_database_errors
def backup(file: Path, force: bool) -> None:
    """Write all data and the secret into one file. Peil may run meanwhile."""
    from bot.backup.commands import backup as back_up
    from bot.backup.files import BackupError

    try:
        click.echo(back_up(_from_environment(), file, force=force))
    except BackupError as error:
        raise click.ClickException(str(error)) from None


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the data that are there; they are kept aside.")
@_database_errors
def restore(file: Path, force: bool) -> None:
    """Put the data and the secret of a backup in place. Peil must not run meanwhile."""
    from bot.backup.commands import restore as put_back
    from bot.backup.files import BackupError

    try:
        click.echo("\n".join(put_back(_from_environment(), file, force=force)))
    except BackupError as error:
        raise click.ClickException(str(error)) from None


@main.command("settings")
def settings_table() -> None:
    """Print all settings with their defaults, as the table of docs/settings.md."""
    from bot.settings import table

    click.echo(table())


@main.command()
def openapi() -> None:
    """Print the web chat's contract as OpenAPI (docs/openapi.json is made of this)."""
    from bot.bootstrap import build
    from bot.gateway.app import create_app

    # Whatever stands in for secrets and database: the contract depends on neither, and nothing is opened.
    anything = replace(
        _from_environment(), database_url="sqlite://", secret="-" * 32, internal_secret="-" * 32
    )
    click.echo(json.dumps(create_app(build(anything)).openapi(), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
