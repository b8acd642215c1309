"""The HTTP server that Rasa calls."""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Any

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from actions.base import TurnAction
from actions.meanings import MEANINGS
from actions.runtime import TakesTurns, configure

HOST = "127.0.0.1"


def make_app() -> Any:
    """Returns the SDK's own Sanic app with our actions registered.

    The SDK's `run` would add worker processes, plug-ins and tracing to it; we need none of them.
    """
    executor = ActionExecutor()
    for meaning in MEANINGS:
        executor.register_action(TurnAction(meaning))
    return create_app(executor, cors_origins=[])


def serve(use_cases: TakesTurns, port: int) -> None:
    """Serves the actions on loopback until the process is told to stop (SIGTERM or SIGINT)."""
    # Neither the registration of each action nor the coming and going of the server is news.
    for name in ("rasa_sdk", "sanic", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Rasa 3.6 with this SDK is what we test; see docs/adr/0002-two-environments.md.
    warnings.filterwarnings("ignore", message="Your versions of rasa and")
    configure(use_cases)
    # One process without a supervisor of its own: if it is killed, nothing is left on the port.
    app = make_app()
    try:
        app.run(host=HOST, port=port, single_process=True, access_log=False, motd=False)
    except OSError as error:
        sys.exit(
            f"The action server cannot listen on {HOST}:{port} ({error.strerror}); see PEIL_ACTIONS_PORT."
        )
