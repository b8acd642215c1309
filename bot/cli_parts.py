"""What the commands share: the settings, the parts wired together, errors in one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from bot.settings import Settings, SettingsError

if TYPE_CHECKING:
    from bot.bootstrap import Peil

P = ParamSpec("P")
R = TypeVar("R")


def settings_of() -> Settings:
    """The settings with secrets; ends the command with one sentence when a value cannot be used."""
    try:
        return Settings.from_environment().with_secrets()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def prepared() -> Peil:
    """The wired parts on a database that is there and up to date; looking must not make or change one."""
    from bot.bootstrap import StartError, build, require_database

    settings = settings_of()
    try:
        require_database(settings)
    except StartError as error:
        raise click.ClickException(str(error)) from None
    return build(settings)


def database_errors(command: Callable[P, R]) -> Callable[P, R]:
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


def line(words: str) -> str:
    """Words of people on one line, and nothing in them that a terminal would obey."""
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())


def quoted(words: str) -> str:
    """Somebody else's words in quotation marks, so that none of them can be taken for ours."""
    return json.dumps(line(words), ensure_ascii=False)
