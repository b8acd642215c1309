"""WhatsApp as a whole: the routes where it delivers, and the channel that answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from bot.channels.contract import ChatHub
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.client import API, VERSION, Graph
from bot.channels.whatsapp.webhook import LARGEST_BODY, PATH, Webhook

# Seconds. A third of what a delivery may take; the rest is for reading it and for a busy machine.
_ANSWER_WITHIN = 0.03


class WhatsAppService:
    """One telephone number of the Cloud API.

    `token`, `phone_id`: to send with. `app_secret`: signs what is delivered. `verify_token`: chosen by the
    operator, asked for when the webhook is set up. `api`, `version`: of the Graph API. `template`,
    `seconds_between`, `at_once`, `a_second`: see WhatsAppChannel. `answer_within`: seconds after which a
    delivery is answered, with a 503 if need be.
    """

    largest_bodies: ClassVar[Mapping[str, int]] = {PATH: LARGEST_BODY}

    def __init__(
        self,
        *,
        token: str,
        phone_id: str,
        app_secret: str,
        verify_token: str,
        template: str = "",
        api: str = API,
        version: str = VERSION,
        seconds_between: float = 6.0,
        at_once: int = 30,
        a_second: float = 40.0,
        answer_within: float = _ANSWER_WITHIN,
    ) -> None:
        self._graph = Graph(token, phone_id, api, version)
        self.channel = WhatsAppChannel(
            self._graph,
            template=template,
            seconds_between=seconds_between,
            at_once=at_once,
            a_second=a_second,
        )
        self._webhook = Webhook(
            phone_id=phone_id,
            app_secret=app_secret,
            verify_token=verify_token,
            answer_within=answer_within,
            refuse=self.channel.say_patiently,
            remember=self.channel.remember,
        )
        self.router = self._webhook.router

    async def start(self, hub: ChatHub) -> None:
        """Take in what WhatsApp delivers from now on. It calls us, so there is nothing to wait for."""
        self._webhook.start(hub)

    async def stop(self) -> None:
        """Take nothing in any more; what was begun may end."""
        await self._webhook.stop()

    async def close(self) -> None:
        """Close the connections; nothing can be sent any more. Not a part of `stop`: the outbox sends on."""
        await self._graph.close()
