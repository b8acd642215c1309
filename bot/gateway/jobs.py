"""What the gateway does by itself, again and again."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError

from bot.bootstrap import Peil

logger = logging.getLogger(__name__)

_MINUTE = 60.0
_BETWEEN = 0.2
_DAY = 24 * 60 * _MINUTE


async def keep_reminding(peil: Peil, every: float = _MINUTE) -> None:
    """Write the reminders that are due, every so many seconds, until cancelled; the outbox sends them.

    A database that is away is asked again at the next look: what is due then still is.
    """
    while True:
        try:
            written = await asyncio.to_thread(remind_due, peil)
        except SQLAlchemyError as error:
            # The class only: a driver's message repeats the values that were to be stored.
            logger.warning("reminding waits: the database does not answer (%s)", type(error).__name__)
        else:
            if written:
                logger.info("%d reminders were written", written)
        await asyncio.sleep(every)


def remind_due(peil: Peil) -> int:
    """Write every reminder that is due now; how many that were. Raises the database's errors.

    A conversation that cannot be reminded for another reason does not keep the others waiting.
    """
    written = 0
    for conversation_id in peil.reminders.due():
        try:
            written += peil.reminders.remind(conversation_id)
        except SQLAlchemyError:
            raise
        except Exception as error:
            logger.error("a reminder failed with %s", type(error).__name__)
    return written


async def keep_promises(peil: Peil, every: float = _DAY) -> None:
    """Erase what was kept as long as people were told: at once and every so many seconds, until cancelled.

    A database that is away is asked again at the next look, as is what failed: nothing of it is lost.
    """
    while True:
        try:
            count = await asyncio.to_thread(peil.desk.retention.carry_out)
        except SQLAlchemyError as error:
            logger.warning("retention waits: the database does not answer (%s)", type(error).__name__)
        except Exception as error:
            logger.error("retention failed with %s", type(error).__name__)
        else:
            if count:
                logger.info("%d conversations were erased, as their campaigns say", count)
        await asyncio.sleep(every)


async def keep_scores(peil: Peil, every: float = _MINUTE, between: float = _BETWEEN) -> None:
    """Compute scores that nobody has looked at yet, a few at a time, until cancelled.

    Once through all completed runs, with `between` seconds between portions; from then on every so many
    seconds the newest ones and one portion more. What is not there yet when a page needs it, it computes.
    """
    after, through = "", False
    while True:
        try:
            if through:
                await asyncio.to_thread(peil.desk.scores.look_at_newest)
            after = await asyncio.to_thread(peil.desk.scores.look_through, after)
            through = through or not after
        except SQLAlchemyError as error:
            logger.warning("keeping scores waits: the database does not answer (%s)", type(error).__name__)
            through = True
        except Exception as error:
            # One portion that cannot be computed does not keep the others from it; no page depends on it.
            logger.error("keeping scores failed with %s", type(error).__name__)
            after, through = "", True
        await asyncio.sleep(every if through else between)
