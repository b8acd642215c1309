"""What is there of the invented organisation, and taking it away again."""

from __future__ import annotations

from bot.assessment.records import Organisation
from bot.bootstrap import Peil
from bot.demo.people import CONSULTANTS, ORGANISATION
from bot.service.campaign_input import same_name


class NotOurs(Exception):
    """The organisation of that name holds something that was not invented; the message says what."""


def invented(peil: Peil) -> Organisation | None:
    """The organisation that was made here, whole or not; None where there is none.

    Raises NotOurs where one of that name has a campaign that was not made here.
    """
    with peil.store.read() as work:
        found = next((one for one in work.organisations() if same_name(one.name, ORGANISATION)), None)
        if found is None:
            return None
        others = [one.name for one in work.campaigns(found.id) if not one.invented]
    if others:
        raise NotOurs(
            f"{ORGANISATION} has a campaign that 'peil demo' did not make, {others[0]!r}: "
            "nothing was changed."
        )
    return found


def others(peil: Peil) -> list[str]:
    """The names of the organisations that are not invented."""
    with peil.store.read() as work:
        return [one.name for one in work.organisations() if not same_name(one.name, ORGANISATION)]


def remove(peil: Peil) -> int:
    """Erase the invented organisation and all that hangs on it; how many conversations that were.

    The audit log keeps its lines, as it does for everything. Raises NotOurs, and LookupError for none.
    """
    found = invented(peil)
    if found is None:
        raise LookupError(ORGANISATION)
    with peil.store.write() as work:
        conversations = work.conversation_ids_of(found.id)
        for conversation_id in conversations:
            work.delete_conversation(conversation_id)
        work.remove_organisation(found.id)
        work.remove_unused_users([email for email, _ in CONSULTANTS])
        work.commit()
    peil.store.scrub(thoroughly=True)
    return len(conversations)
