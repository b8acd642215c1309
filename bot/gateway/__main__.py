"""`python -m bot.gateway`: the gateway, one process."""

from __future__ import annotations

import logging
import os
import sys

import uvicorn

from bot.bootstrap import build
from bot.gateway.app import create_app
from bot.settings import Settings, SettingsError


def main() -> None:
    """Serve until told to stop."""
    # What people said is for the user who runs Peil, and for nobody else on the machine.
    os.umask(0o077)
    try:
        settings = Settings.from_environment().with_secrets()
    except SettingsError as error:
        sys.exit(str(error))
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # httpx logs every request; uvicorn's access log holds the keys of pictures.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uvicorn.run(
        create_app(build(settings)),
        host=settings.http_host,
        port=settings.http_port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
