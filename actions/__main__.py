"""`python -m actions`: the action server, in one process, on loopback."""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from actions.server import serve
from bot.bootstrap import Peil, begin_process, build, warm_up_own_words


def main() -> None:
    """Builds the use-cases from the settings and serves the actions until told to stop."""
    settings = begin_process()
    peil = build(settings)
    use_cases = peil.use_cases
    try:
        use_cases.warm_up()
    except SQLAlchemyError as error:
        # No reason not to serve: a turn that finds no database is repeated until there is one.
        logging.getLogger(__name__).warning("The database does not answer (%s).", type(error).__name__)
    # In the background: a turn that has own words in it waits for it, the others go on.
    threading.Thread(target=_warm_up, args=(peil,), name="warm-up", daemon=True).start()
    serve(use_cases, settings.actions_port)


def _warm_up(peil: Peil) -> None:
    try:
        warm_up_own_words(peil)
    except Exception as error:
        # It is tried again by the first message with own words in it.
        logging.getLogger(__name__).warning("Own words cannot be placed yet (%s).", type(error).__name__)


if __name__ == "__main__":
    main()
