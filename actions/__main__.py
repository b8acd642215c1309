"""`python -m actions`: the action server, in one process, on loopback."""

from __future__ import annotations

import logging
import os
import sys

from sqlalchemy.exc import SQLAlchemyError

from actions.server import serve
from bot.bootstrap import build
from bot.settings import Settings, SettingsError


def main() -> None:
    """Builds the use-cases from the settings and serves the actions until told to stop."""
    # What people said is for the user who runs Peil, and for nobody else on the machine.
    os.umask(0o077)
    try:
        settings = Settings.from_environment().with_secrets()
    except SettingsError as error:
        sys.exit(str(error))
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    use_cases = build(settings).use_cases
    try:
        use_cases.warm_up()
    except SQLAlchemyError as error:
        # No reason not to serve: a turn that finds no database is repeated until there is one.
        logging.getLogger(__name__).warning("The database does not answer (%s).", type(error).__name__)
    serve(use_cases, settings.actions_port)


if __name__ == "__main__":
    main()
