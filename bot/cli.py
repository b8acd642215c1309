"""The `peil` command."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from bot.campaign_cli import campaign, organisation
from bot.cli_parts import database_errors, line, prepared, quoted
from bot.demo_cli import demo
from bot.settings import Settings, SettingsError
from bot.understand_cli import understand
from bot.user_cli import user

if TYPE_CHECKING:
    from bot.assessment.definitions import MaturityModel

P = ParamSpec("P")
R = TypeVar("R")


@click.group()
@click.version_option(package_name="peil", message="Peil %(version)s")
def main() -> None:
    """Peil: a conversational maturity assessment."""
    # What people said is for the user who runs Peil, and for nobody else on the machine.
    os.umask(0o077)


main.add_command(organisation)
main.add_command(campaign)
main.add_command(understand)
main.add_command(user)
main.add_command(demo)


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


_PAGES = Path("docs/models")


@definitions.command("pages")
@click.option("--check", is_flag=True, help="Write nothing; fail when a page is not as its definition is.")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), default=_PAGES, show_default=True, help="The folder."
)
def definitions_pages(check: bool, folder: Path) -> None:
    """Write a page in Markdown per maturity model, made of its definition."""
    from bot import definitions as loader
    from bot import model_pages
    from bot.bootstrap import definition_files

    try:
        models = loader.load_all(definition_files(_from_environment().definitions))
    except loader.DefinitionError as error:
        raise click.ClickException(str(error)) from None
    if not check:
        click.echo(f"{model_pages.write(models, folder)} pages written to {folder}.")
        return
    problems = model_pages.stale(models, folder)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise click.ClickException("The pages are stale: run 'peil definitions pages'.")
    click.echo("The pages of the maturity models are as the definitions are.")


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
            if model.quick_minutes is not None:
                # It is offered when greeting, consent and the three questions before are had.
                quick = total(reading_parts(model, language, "quick")[3:])
                click.echo(
                    f"{'from then, quick scan':24}{quick.words:>7}{quick.taps:>6}{quick.minutes:>9.1f}"
                )
                click.echo(f"{'told to respondents':24}{model.quick_minutes:>22}")


class _NotDone(click.ClickException):
    """A command could not do its work."""

    exit_code = 2


def _failing_with_2(command: Callable[P, R]) -> Callable[P, R]:
    """Ends a command that could not do its work with 2, where 1 says what came of it."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except click.ClickException as error:
            raise _NotDone(error.message) from None

    return guarded


@definitions.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--json", "as_json", is_flag=True, help="For machines: everything, as JSON.")
@_failing_with_2
@database_errors
def definitions_diff(old: str, new: str, as_json: bool) -> None:
    """Say what changed from OLD to NEW, which answers carry over, and which version number that takes.

    OLD and NEW are files, or published definitions by id@version or hash. Ends with 1 when the version
    number does not follow, and with 2 when the two cannot be compared.
    """
    from bot.assessment.differences import difference
    from bot.service.versions import as_data, in_words

    before, after = _definition(old), _definition(new)
    try:
        found = difference(before, after)
    except ValueError as error:
        raise click.ClickException(f"There is nothing to compare: {error}.") from None
    if as_json:
        click.echo(json.dumps(as_data(found), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(in_words(found, before, after)))
    if not found.follows:
        sys.exit(1)


def _definition(name: str) -> MaturityModel:
    """The maturity model in a file, or in a published definition."""
    from bot import definitions as loader
    from bot.service.versions import NoSuchVersion, is_name, published

    try:
        if not Path(name).exists() and is_name(name):
            return loader.from_canonical(published(prepared().store, name).content)
        return loader.parse(Path(name).read_text(encoding="utf-8-sig"), name)
    except (NoSuchVersion, loader.DefinitionError) as error:
        raise click.ClickException(str(error)) from None
    except FileNotFoundError:
        raise click.ClickException(
            f"{name} is neither a file, nor id@version or the hash of a published definition."
        ) from None
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not saved as UTF-8"
        raise click.ClickException(f"{name} cannot be read: {reason}.") from None


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
@database_errors
def assessments_list() -> None:
    """List all assessments, oldest first."""
    rows = prepared().review.assessments()
    if not rows:
        click.echo("There are no assessments yet.")
        return
    # Most houses have none of any site, and need no column for that.
    named = any(row["reference"] or row["signed"] for row in rows)
    wide = max(len("reference"), *(len(_said_by_site(row)) for row in rows)) + 2
    head = f"{'conversation':34}{'reference':{wide}}signed" if named else "conversation"
    click.echo(
        f"{'id':18}{'model':16}{'version':9}{'status':11}{'role_layer':12}{'department':12}{'business_line':15}"
        f"{'answers':>7}  {'started':18}{head}"
    )
    for row in rows:
        about = [row[segment] or "-" for segment in ("role_layer", "department", "business_line")]
        whose = row["conversation"] or "-"
        if named:
            signed = "not told" if row["signed"] is None else ", ".join(row["signed"]) or "nothing"
            whose = f"{whose:34}{_said_by_site(row):{wide}}{signed}"
        click.echo(
            f"{row['id']:18}{row['model']:16}{row['version']:9}{row['status']:11}"
            f"{about[0]:12}{about[1]:12}{about[2]:15}"
            f"{row['answers']:>7}  {_minute(row['started_at'] or '-'):18}{whose}"
        )


def _said_by_site(row: Mapping[str, Any]) -> str:
    """What a site calls the respondent, in quotation marks: it is the site's word; '-' for nothing."""
    if row["reference"] is None:
        return "-"
    return f"{quoted(row['reference'])} ({'signed' if 'reference' in row['signed'] else 'not signed'})"


@assessments.command("show")
@click.argument("assessment_id", metavar="ID")
@database_errors
def assessments_show(assessment_id: str) -> None:
    """Show one assessment with answers and result, as JSON."""
    found = prepared().review.assessment(assessment_id)
    if found is None:
        raise click.ClickException(f"There is no assessment {assessment_id}.")
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@assessments.command("transcript")
@click.argument("assessment_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with every probability.")
@database_errors
def assessments_transcript(assessment_id: str, as_json: bool) -> None:
    """Show the conversation of an assessment, and behind own words what was read in them and chosen."""
    from bot.service.anonymity import NotTold

    try:
        found = prepared().review.transcript(assessment_id)
    except NotTold as error:
        raise click.ClickException(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
    if found is None:
        raise click.ClickException(f"There is no assessment {assessment_id}.")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for message in found:
        click.echo(f"{_minute(message['at'])}  {message['by']}")
        click.echo("\n".join(f"    {line(part)}" for part in message["text"].splitlines()))
        for one in message["placed"]:
            shares = ", ".join(f"{level}: {share}%" for level, share in one["likely"].items())
            ahead = ", said ahead" if one["said_ahead"] else ""
            chosen = "nothing yet" if one["chosen"] is None else one["chosen"]
            click.echo(f"    -> {one['item']}: {one['certainty']}{ahead} ({shares}); chosen: {chosen}")


@assessments.command("rescore")
@click.argument("assessment_id", metavar="ID")
@click.option("--under", "name", required=True, help="A file, or a published definition: id@version or hash.")
@database_errors
def assessments_rescore(assessment_id: str, name: str) -> None:
    """Show what an assessment would score under another version of its model; nothing is changed."""
    from bot.assessment.rescoring import rescore

    peil = prepared()
    found = peil.review.run(assessment_id)
    if found is None:
        raise click.ClickException(f"There is no assessment {assessment_id}.")
    model, answers, asked = found
    newer = _definition(name)
    try:
        again = rescore(model, newer, answers, asked=asked)
    except ValueError as error:
        raise click.ClickException(f"It cannot be scored so: {error}.") from None

    def told(value: float | None) -> str:
        return "-" if value is None else f"{value:.1f}"

    click.echo(f"{model.id} {model.version} -> {newer.version}; nothing is changed by this.")
    click.echo(f"{'area':28}{'then':>8}{'now':>8}")
    after = {one.dimension_id: one.score for one in again.after.dimensions}
    before = {one.dimension_id: one.score for one in again.before.dimensions}
    for dimension_id in dict.fromkeys((*before, *after)):
        then, now = (told(scores.get(dimension_id)) for scores in (before, after))
        click.echo(f"{dimension_id:28}{then:>8}{now:>8}")
    click.echo(f"{'overall':28}{told(again.before.overall):>8}{told(again.after.overall):>8}")
    for item_id, why in again.left:
        click.echo(f"{item_id}: {why}")
    for item_id in again.new:
        click.echo(f"{item_id}: not answered under {newer.version}")


@assessments.command("export")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), required=True)
@database_errors
def assessments_export(form: str) -> None:
    """Write one row per answer that holds, of all assessments, to the standard output."""
    from bot.service.review import COLUMNS

    rows = prepared().review.export()
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)


@main.command()
@click.argument("assessment_id", metavar="ID")
@click.option(
    "--out", "file", type=click.Path(path_type=Path), help="The file; default: the standard output."
)
@click.option("--with-words", is_flag=True, help="With what respondents typed, which may say who they are.")
@click.option("--with-reference", is_flag=True, help="With the site's reference, and what was signed.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@database_errors
def bundle(
    assessment_id: str, file: Path | None, with_words: bool, with_reference: bool, force: bool
) -> None:
    """Write one assessment, its definition and its result into a file that 'peil verify' checks anywhere."""
    from bot import definitions as loader
    from bot.service.anonymity import NotTold
    from bot.service.bundle import of_assessment, to_text

    try:
        found = of_assessment(
            prepared().store,
            loader.from_canonical,
            assessment_id,
            with_words=with_words,
            with_reference=with_reference,
        )
    except NotTold as error:
        raise click.ClickException(f"{error}.") from None
    if found is None:
        raise click.ClickException(f"There is no assessment {assessment_id}.")
    if file is None:
        click.echo(to_text(found), nl=False)
        return
    try:
        with file.open("w" if force else "x", encoding="utf-8", newline="\n") as opened:
            opened.write(to_text(found))
    except FileExistsError:
        raise click.ClickException(f"{file} is there already; --force replaces it.") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"Assessment {assessment_id} written to {file}.")


@main.command()
@click.argument("assessment_id", metavar="ID")
@click.option("--language", type=click.Choice(["nl", "en"]), help="Default: the respondent's.")
@click.option(
    "--out", "file", type=click.Path(path_type=Path), help="The file; default: a name of its own, here."
)
@click.option("--without-words", is_flag=True, help="Without what the respondent typed.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@database_errors
def report(
    assessment_id: str, language: str | None, file: Path | None, without_words: bool, force: bool
) -> None:
    """Write the report of one assessment as a PDF."""
    from bot.render.report import ReportError, render
    from bot.service.report import file_name

    found = prepared().review.report(assessment_id, language, with_words=not without_words)
    if found is None:
        raise click.ClickException(f"There is no assessment {assessment_id}.")
    try:
        pdf = render(found)
    except ReportError as error:
        raise click.ClickException(f"The report cannot be made: {error}.") from None
    file = file or Path(file_name(found))
    try:
        with file.open("wb" if force else "xb") as opened:
            opened.write(pdf)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already; --force replaces it.") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"Report of assessment {assessment_id} written to {file}.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_failing_with_2
def verify(file: Path) -> None:
    """Compute all that the file of 'peil bundle' says anew, from the file alone.

    Ends with 0 when all is as it says, with 1 when something is not, with 2 when it cannot be checked.
    """
    from bot import definitions as loader
    from bot.service.bundle import LARGEST, NoBundle, check

    def parse(text: str) -> MaturityModel:
        try:
            return loader.parse(text, "definition")
        except loader.DefinitionError as error:
            raise ValueError(str(error.problems[0])) from None

    try:
        with file.open("rb") as opened:
            checked = check(opened.read(LARGEST + 1), parse)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from None
    except NoBundle as error:
        raise click.ClickException(f"{file} cannot be checked: {error}.") from None
    for problem in checked.problems:
        click.echo(problem, err=True)
    if checked.problems:
        count = f"{len(checked.problems)} difference{'s' if len(checked.problems) != 1 else ''}"
        click.echo(f"{file} is not as it says: {count}.", err=True)
        sys.exit(1)
    click.echo(f"{checked.about}: all is as it says.")


def _minute(moment: str) -> str:
    """'2026-03-02 09:30' of a time in ISO 8601."""
    return moment[:16].replace("T", " ")


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: people's words may begin with '='."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value


@main.command()
@database_errors
def requests() -> None:
    """List who asked for a person, oldest first: when (UTC), at which question, and how to reach them."""
    rows = prepared().review.requests()
    if not rows:
        click.echo("Nobody has asked for a person yet.")
        return
    click.echo(f"{'asked':18}{'conversation':34}{'assessment':18}{'question':32}contact")
    for row in rows:
        click.echo(
            f"{_minute(row['asked_at']):18}{row['conversation'] or '-':34}{row['assessment'] or '-':18}"
            f"{row['question'] or '-':32}{line(row['contact'] or '-')}"
        )


@main.command()
@click.argument("conversation_id", metavar="CONVERSATION")
@click.option("--yes", is_flag=True, help="Do not ask.")
@database_errors
def forget(conversation_id: str, yes: bool) -> None:
    """Erase a person's conversation with everything that hangs on it. This cannot be undone."""
    peil = prepared()
    if not yes:
        click.confirm(f"Erase conversation {conversation_id} for good?", abort=True)
    if not peil.use_cases.forget(conversation_id):
        raise click.ClickException(f"There is no conversation {conversation_id}.")
    click.echo(f"Conversation {conversation_id} and all that hung on it have been erased.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@database_errors
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
@database_errors
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
