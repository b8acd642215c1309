"""The action behind every rule."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.runtime import use_cases

logger = logging.getLogger(__name__)


class TurnAction(Action):  # type: ignore[misc]
    """Takes the turn under way to the use-cases, with one meaning.

    Utters one custom JSON, `{"turn": <turn id>}`, once the turn is done; the reply itself is in the
    database. If the turn could not be done, nothing is uttered: the gateway sees it and repeats it.
    """

    def __init__(self, meaning: str) -> None:
        """`meaning`: what the message means, a key of `actions.meanings.MEANINGS`."""
        self.meaning = meaning

    def name(self) -> str:
        """Returns the action's name in domain.yml and the rules."""
        # One of them, action_back, takes the place of Rasa's own, which would undo the last message.
        return f"action_{self.meaning}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Does the turn whose id is in the latest message's metadata; returns no events."""
        turn_id = None
        began = time.perf_counter()
        try:
            turn_id = tracker.latest_message["metadata"]["turn"]
            # In a thread of its own: database work must not hold up the other conversations.
            await asyncio.to_thread(use_cases().take_turn, turn_id, self.meaning)
        except Exception as error:
            # The places in the code, but not the error's own words: they may hold what was said.
            places = "".join(traceback.format_tb(error.__traceback__))
            logger.error(
                "Turn %s: %s failed with %s.\n%s", turn_id, self.name(), type(error).__name__, places
            )
        else:
            # The id and the time only: what the message meant may be an answer.
            logger.info("Turn %s: done in %.0f ms.", turn_id, 1000 * (time.perf_counter() - began))
            dispatcher.utter_message(json_message={"turn": turn_id})
        return []
