"""A tracker store that keeps nothing: the conversation's state is in our own database."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker


class FreshTrackerStore(TrackerStore):
    """Hands out a fresh tracker each turn and forgets it afterwards.

    Nothing to lose, to erase or to grow; any number of Rasa processes can run side by side, since
    the gateway keeps the order of a conversation's turns.
    """

    def __init__(
        self,
        domain: Optional[Domain] = None,
        host: Optional[str] = None,
        event_broker: Optional[EventBroker] = None,
        **kwargs: Any,
    ) -> None:
        """Takes what Rasa passes to a custom store; `host` (the store's URL) has no meaning here."""
        super().__init__(domain, event_broker, **kwargs)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker:
        """Returns a tracker that has just begun to listen.

        It holds a session start and one action_listen: with no events at all, Rasa would first run
        an action_session_start of its own.
        """
        tracker = self.init_tracker(sender_id)
        tracker.update(SessionStarted())
        tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keeps nothing."""

    async def keys(self) -> Iterable[str]:
        """Returns no sender: none is kept."""
        return []
