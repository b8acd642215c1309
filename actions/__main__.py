"""`python -m actions`: the action server, in one process, on loopback."""

from __future__ import annotations

import logging
import sys

from actions.server import serve
from bot.bootstrap import build
from bot.settings import Settings, SettingsError


def main() -> None:
    """Builds the use-cases from the settings and serves the actions until told to stop."""
    try:
        settings = Settings.from_environment().with_secrets()
    except SettingsError as error:
        sys.exit(str(error))
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    serve(build(settings).use_cases, settings.actions_port)


if __name__ == "__main__":
    main()
