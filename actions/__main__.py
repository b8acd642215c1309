"""`python -m actions`: the action server, in one process, on loopback."""

from __future__ import annotations

import logging

from sqlalchemy.exc import SQLAlchemyError

from actions.server import serve
from bot.bootstrap import begin_process, build


def main() -> None:
    """Builds the use-cases from the settings and serves the actions until told to stop."""
    settings = begin_process()
    use_cases = build(settings).use_cases
    try:
        use_cases.warm_up()
    except SQLAlchemyError as error:
        # No reason not to serve: a turn that finds no database is repeated until there is one.
        logging.getLogger(__name__).warning("The database does not answer (%s).", type(error).__name__)
    serve(use_cases, settings.actions_port)


if __name__ == "__main__":
    main()
