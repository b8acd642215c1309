"""`peil user`: who may work at the desk, from the command line of the machine that Peil runs on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from bot.cli_parts import database_errors, line, prepared

if TYPE_CHECKING:
    from bot.bootstrap import Peil
    from bot.service.desk.accounts import Colleague

P = ParamSpec("P")
R = TypeVar("R")

_ROLES = ("admin", "consultant", "viewer")


def _sentences(command: Callable[P, R]) -> Callable[P, R]:
    """Turns what cannot be done with users, and an error of the database, into one sentence."""

    @wraps(command)
    @database_errors
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        from bot.service.desk.access import Missing
        from bot.service.desk.accounts import Wrong
        from bot.texts import say

        try:
            return command(*args, **kwargs)
        except Wrong as error:
            raise click.ClickException(say("en", f"desk_accounts.{error.key}")) from None
        except Missing:
            raise click.ClickException("There is no user with this address.") from None

    return guarded


def _user_id(peil: Peil, email: str) -> str:
    from bot.service.desk.access import MACHINE

    return peil.desk.accounts.user_called(MACHINE, email).user.id


def _tell_link(made: Colleague) -> None:
    from bot.service.desk.accounts import LINK_DAYS

    click.echo(f"This link works once, for {LINK_DAYS} days. Pass it on to {line(made.user.name)} only:")
    click.echo(made.address)


@click.group()
def user() -> None:
    """Who may work at the consultants' desk."""


@user.command("first")
@_sentences
def user_first() -> None:
    """Show the address at which the first user makes an account; it works until there is one."""
    address = prepared().desk.accounts.first_address()
    if address is None:
        raise click.ClickException(
            "There are users already: 'peil user link' makes a new link for one, 'peil user add' adds one."
        )
    click.echo("Nobody can sign in to the desk yet. Open this address and make the first account:")
    click.echo(address)


@user.command("add")
@click.argument("email")
@click.option("--name", required=True, help="As colleagues see it.")
@click.option("--role", type=click.Choice(_ROLES), required=True)
@click.option(
    "--organisation",
    "organisations",
    multiple=True,
    metavar="NAME",
    help="One that is the user's own; may be repeated.",
)
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True)
@_sentences
def user_add(email: str, name: str, role: str, organisations: tuple[str, ...], language: str) -> None:
    """Add a user, and show the link at which a password is chosen."""
    from bot.service.campaign_input import same_name
    from bot.service.desk.access import MACHINE

    peil = prepared()
    known = peil.desk.accounts.organisations(MACHINE)
    own = []
    for wanted in organisations:
        found = next((one for one in known if same_name(one.name, wanted)), None)
        if found is None:
            raise click.ClickException(f"There is no organisation {wanted!r}.")
        own.append(found.id)
    made = peil.desk.accounts.invite(
        MACHINE, email=email, name=name, role=role, organisations=own, language=language
    )
    click.echo(f"{line(made.user.name)} was added as {role}.")
    _tell_link(made)


@user.command("list")
@_sentences
def user_list() -> None:
    """List the users by address: role, state, organisations."""
    from bot.service.desk.access import MACHINE

    accounts = prepared().desk.accounts
    found, further = accounts.users(MACHINE)
    while further is not None:
        more, further = accounts.users(MACHINE, further)
        found += more
    if not found:
        click.echo("There are no users yet; 'peil user first' shows how the first one comes in.")
    for one in found:
        own = (
            "all organisations" if one.user.role == "admin" else ", ".join(o.name for o in one.organisations)
        )
        words = (line(one.user.email), line(one.user.name), one.user.role, one.state, line(own) or "none yet")
        click.echo("  ".join(words))


@user.command("link")
@click.argument("email")
@_sentences
def user_link(email: str) -> None:
    """Make a new link for a user who has lost the password or the link; earlier ones stop working."""
    from bot.service.desk.access import MACHINE

    peil = prepared()
    _tell_link(peil.desk.accounts.new_link(MACHINE, _user_id(peil, email)))


@user.command("disable")
@click.argument("email")
@_sentences
def user_disable(email: str) -> None:
    """Let a user in no more; what this user made stays."""
    from bot.service.desk.access import MACHINE

    peil = prepared()
    peil.desk.accounts.disable(MACHINE, _user_id(peil, email))
    click.echo(f"{line(email)} can no longer sign in.")


@user.command("enable")
@click.argument("email")
@_sentences
def user_enable(email: str) -> None:
    """Let a user in again, with the password of before."""
    from bot.service.desk.access import MACHINE

    peil = prepared()
    peil.desk.accounts.enable(MACHINE, _user_id(peil, email))
    click.echo(f"{line(email)} can sign in again.")


@user.group("sessions")
def user_sessions() -> None:
    """Where a user is signed in."""


@user_sessions.command("end")
@click.argument("email")
@_sentences
def user_sessions_end(email: str) -> None:
    """Sign a user out everywhere."""
    from bot.service.desk.access import MACHINE

    peil = prepared()
    ended = peil.desk.accounts.end_sessions(MACHINE, _user_id(peil, email))
    click.echo(f"{line(email)} was signed out from {ended} session{'' if ended == 1 else 's'}.")
