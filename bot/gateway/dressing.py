"""A message of the transcript as it goes out to a chat: with addresses that work outside, and files along."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from bot.assessment.records import MessageLink
from bot.channels.contract import Outgoing
from bot.gateway.signing import Signer
from bot.render import report
from bot.service.chats import Delivery
from bot.service.use_cases import UseCases
from bot.service.withholding import NotYetApproved
from bot.texts import say

# What a chat gets as a file, where the web chat has a link.
_FILES = ("report", "data")


class Dresser:
    """Dresses messages, and fetches the pictures and documents that go with them.

    `public_url`: where people reach the gateway. `seconds`: how long addresses of files work. `drawn`: a
    picture's spec -> PNG.
    """

    def __init__(
        self,
        use_cases: UseCases,
        signer: Signer,
        drawn: Callable[[str], bytes],
        public_url: str,
        seconds: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._use_cases = use_cases
        self._signer = signer
        self._drawn = drawn
        self._public_url = public_url
        self._seconds = seconds
        self._now = now

    def dress(self, delivery: Delivery) -> Outgoing:
        """The message as it goes out."""
        message = delivery.message
        now = self._now()
        until = int(now) + self._seconds
        here = [link for link in message.links if link.works(datetime.fromtimestamp(now, UTC))]
        return Outgoing(
            message,
            links=tuple(
                self._links([one for one in here if one.kind not in _FILES], until, message.language)
            ),
            documents=tuple((link.kind, link.id) for link in here if link.kind in _FILES),
            open_list=say(message.language, "chat.open_list"),
            more=say(message.language, "chat.more"),
        )

    def _links(self, links: Sequence[MessageLink], until: int, language: str) -> Iterator[tuple[str, str]]:
        """Title and address of each; below those to other places the code that can be sent there instead."""
        for link in links:
            address = self._signer.link_address(link.kind, link.id, until)
            if link.kind != "move":
                yield link.title, self._public_url + address
            elif address:
                yield link.title, address
        moves = [link.id for link in links if link.kind == "move"]
        if moves:
            yield say(language, "move.code"), self._signer.move_code(moves[0])

    async def content(self, source: tuple[str, ...], language: str) -> bytes | None:
        """The bytes of a picture (its id) or a document (kind and link id); None when it has gone."""
        return await asyncio.to_thread(self._content, source, language)

    def _content(self, source: tuple[str, ...], language: str) -> bytes | None:
        if len(source) == 1:
            picture = self._use_cases.picture(source[0])
            return None if picture is None else self._drawn(picture.spec)
        kind, link_id = source
        if kind == "report":
            try:
                found = self._use_cases.report(link_id, language)
            except NotYetApproved:
                return None
            return None if found is None else report.render(found)
        data = self._use_cases.my_data(link_id)
        return None if data is None else json.dumps(data, ensure_ascii=False, indent=2).encode()
