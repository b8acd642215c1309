"""Turns in order: one message of a conversation at a time, repeated until the database says it is done."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.assessment.records import Inbound, Message
from bot.gateway.rasa import Engine, RasaUnavailable
from bot.service.use_cases import UnknownTurn, UseCases

logger = logging.getLogger(__name__)

# Quick at first, since most troubles are a restart of a second or two; then patient, and never giving up.
_BACKOFF = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 5.0)
# A turn that fails so often while every part is well would fail for ever and hold up what comes after it.
_FAILURES_WHEN_WELL = 5


@dataclass
class Ticket:
    """A turn that was queued. Once `done` is set, `reply` is what the bot said, if this try has seen it.

    `inbound` is the message where it has come in just now, so that it need not be read from the inbox again.
    """

    turn_id: str
    inbound: Inbound | None
    done: asyncio.Event = field(default_factory=asyncio.Event)
    reply: Sequence[Message] | None = None


class Turns:
    """Takes turns to Rasa, per conversation in the inbox's order; conversations do not wait for each other.

    `changed` is called with a conversation's id whenever its transcript has grown.
    """

    def __init__(
        self,
        use_cases: UseCases,
        rasa: Engine,
        changed: Callable[[str], None],
        backoff: tuple[float, ...] = _BACKOFF,
    ) -> None:
        self._use_cases = use_cases
        self._rasa = rasa
        self._changed = changed
        self._backoff = backoff
        self._waiting: dict[str, deque[Ticket]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._tickets: dict[str, Ticket] = {}

    def submit(self, conversation_id: str, turn_id: str, inbound: Inbound | None = None) -> Ticket:
        """Queue a turn, once; `inbound` is its message where that is new."""
        ticket = self._tickets.get(turn_id)
        if ticket is not None:
            return ticket
        ticket = self._tickets[turn_id] = Ticket(turn_id, inbound)
        self._waiting.setdefault(conversation_id, deque()).append(ticket)
        if conversation_id not in self._workers:
            self._workers[conversation_id] = asyncio.create_task(self._work(conversation_id))
        return ticket

    async def resume(self) -> int:
        """Queue what a former process left open; how many turns that were."""
        open_turns = await asyncio.to_thread(self._use_cases.open_turns)
        for conversation_id, turn_id in open_turns:
            self.submit(conversation_id, turn_id)
        return len(open_turns)

    async def _work(self, conversation_id: str) -> None:
        queue = self._waiting[conversation_id]
        try:
            while queue:
                ticket = queue[0]
                try:
                    await self._take(ticket)
                except UnknownTurn:
                    logger.info("turn %s has been erased", ticket.turn_id)
                except Exception as error:
                    # A fault of ours must not end the conversation: the turn stays open and is tried again.
                    logger.error("turn %s is taken up again after %s", ticket.turn_id, type(error).__name__)
                    await asyncio.sleep(self._backoff[-1])
                    continue
                queue.popleft()
                del self._tickets[ticket.turn_id]
                ticket.done.set()
                self._changed(conversation_id)
        finally:
            # No await between the last look at the queue and here: nothing can slip in between.
            del self._workers[conversation_id]
            if not queue:
                del self._waiting[conversation_id]

    async def _take(self, ticket: Ticket) -> None:
        turn_id, inbound = ticket.turn_id, ticket.inbound
        started = time.monotonic()
        attempts = failures = 0
        while True:
            inbound = inbound or await self._read(turn_id)
            if inbound is not None:
                if inbound.done_at is not None:
                    break
                attempts += 1
                await self._try(inbound)
                ticket.reply = await self._reply(turn_id)
                if ticket.reply is not None:
                    break
                if await self._rasa.rasa_ready() and await self._rasa.actions_ready():
                    failures += 1
                    if failures >= _FAILURES_WHEN_WELL:
                        logger.error("turn %s failed %d times and is given up", turn_id, failures)
                        with contextlib.suppress(Exception):
                            await asyncio.to_thread(self._use_cases.give_up, turn_id)
                            break
            inbound = None
            await asyncio.sleep(self._backoff[min(attempts, len(self._backoff) - 1)])
        logger.info(
            "turn %s done in %.0f ms, tries %d", turn_id, 1000 * (time.monotonic() - started), attempts
        )

    async def _read(self, turn_id: str) -> Inbound | None:
        """The message; None while the database does not answer. Raises UnknownTurn when it is gone."""
        try:
            inbound = await asyncio.to_thread(self._use_cases.message_of, turn_id)
        except Exception as error:
            logger.warning("turn %s waits: the database does not answer (%s)", turn_id, type(error).__name__)
            return None
        if inbound is None:
            raise UnknownTurn(turn_id)
        return inbound

    async def _try(self, inbound: Inbound) -> None:
        """One try. Whether the turn is done, only the database knows."""
        try:
            await self._rasa.take(inbound)
        except RasaUnavailable as error:
            logger.warning("turn %s waits: Rasa did not take it (%s)", inbound.turn_id, error)

    async def _reply(self, turn_id: str) -> Sequence[Message] | None:
        """The reply; None while the turn is not done. Raises UnknownTurn when it is gone."""
        try:
            return await asyncio.to_thread(self._use_cases.reply_of, turn_id)
        except UnknownTurn:
            raise
        except Exception as error:
            logger.warning("turn %s: the database does not answer (%s)", turn_id, type(error).__name__)
            return None

    async def stop(self) -> None:
        """Stop; what is open stays in the inbox for the next start."""
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
