"""The peer that `benchmarks.turns` measures beside Peil: the same gateway, but without Rasa.

`python -m benchmarks.floor` serves the web chat with an engine that calls the use-case in its own process,
on the same settings as `python -m bot.gateway`. What Peil takes longer is the price of Rasa and the action
server.
"""

import asyncio

import uvicorn

from bot.assessment.records import Inbound
from bot.bootstrap import build
from bot.gateway.app import create_app
from bot.service.use_cases import UseCases
from bot.settings import Settings

# What the side talk of the benchmark means; the floor understands nothing else.
SIDE_TALK = {"waarom vraag je dat?": "why", "leg uit": "explain", "hoe ver ben ik?": "progress"}


class InProcess:
    """An engine that does the turn at once."""

    def __init__(self, use_cases: UseCases) -> None:
        self._use_cases = use_cases

    async def take(self, inbound: Inbound) -> None:
        """One turn."""
        if inbound.button is not None:
            meaning = "take_button"
        else:
            meaning = SIDE_TALK.get(inbound.text or "", "take_answer")
        await asyncio.to_thread(self._use_cases.take_turn, inbound.turn_id, meaning)

    async def rasa_ready(self) -> bool:
        """There is none to wait for."""
        return True

    async def actions_ready(self) -> bool:
        """There is none to wait for."""
        return True

    async def close(self) -> None:
        """Nothing is held."""


def main() -> None:
    settings = Settings.from_environment().with_secrets()
    peil = build(settings)
    app = create_app(peil, engine=InProcess(peil.use_cases))
    uvicorn.run(app, host=settings.http_host, port=settings.http_port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
