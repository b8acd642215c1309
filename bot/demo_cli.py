"""`peil demo`: an invented organisation, so that every page of the desk can be seen with something on it."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from bot.cli_parts import database_errors, prepared, settings_of


@click.command()
@click.option("--remove", "removing", is_flag=True, help="Take it away again, and nothing else.")
@click.option("--anyway", is_flag=True, help="Beside organisations that are real.")
@database_errors
def demo(removing: bool, anyway: bool) -> None:
    """Make an invented organisation with 60 respondents, to look at the desk with. Takes about a minute.

    Its name and its campaigns say that it is invented. It goes through the same door as people do, on the
    database that the settings name. Nobody can sign in by it: see 'peil user add'.
    """
    from bot.bootstrap import StartError, is_empty, prepare
    from bot.demo.building import make
    from bot.demo.people import ORGANISATION
    from bot.demo.removing import NotOurs, invented, others, remove

    settings = settings_of()
    try:
        if not removing and is_empty(settings):
            # A first look at Peil: there is nothing that could be lost.
            for line in prepare(settings, click.echo, learning=False):
                click.echo(line)
        peil = prepared()
        found = invented(peil)
    except (StartError, NotOurs) as error:
        raise click.ClickException(str(error)) from None
    if removing:
        if found is None:
            click.echo(f"{ORGANISATION} is not there.")
            return
        count = remove(peil)
        click.echo(f"{ORGANISATION} and its {count} conversations are gone. The audit log keeps its lines.")
        return
    if found is not None:
        click.echo(f"{ORGANISATION} is there already; 'peil demo --remove' takes it away.")
        return
    real = others(peil)
    if real and not anyway:
        raise click.ClickException(
            f"This database holds {_counted(len(real))} that may be real, and invented people would stand "
            "between real ones in every list over all organisations. Set PEIL_DATA_DIR or PEIL_DATABASE_URL "
            "to another place for the demo, or say --anyway."
        )
    try:
        campaigns = make(settings, datetime.now(UTC), lambda said: click.echo(f"  {said}"))
    except BaseException:
        # Half an organisation would pass for a whole one the next time.
        if invented(peil) is not None:
            remove(peil)
        raise
    click.echo(f"{ORGANISATION} is there, with {len(campaigns)} campaigns: {'; '.join(campaigns)}.")
    click.echo("Its people are invented. 'peil demo --remove' takes it all away.")
    click.echo(f"To look at it, make yourself a user, then 'peil run' and open {settings.public_url}/desk/ :")
    click.echo("  peil user add you@example.org --name 'Your name' --role admin")


def _counted(count: int) -> str:
    return f"{count} organisation{'' if count == 1 else 's'}"
