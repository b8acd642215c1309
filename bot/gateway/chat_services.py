"""The chat channels that the settings ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fastapi import APIRouter

from bot.channels.contract import ChatChannel, ChatHub
from bot.settings import Settings

# The channels' own limits, kept with something to spare: parts a second to everybody together, parts at once
# to one person, and the seconds between two parts after that.
_TELEGRAM_A_SECOND, _TELEGRAM_AT_ONCE, _TELEGRAM_BETWEEN = 25.0, 1, 1.0
_WHATSAPP_A_SECOND, _WHATSAPP_AT_ONCE, _WHATSAPP_BETWEEN = 40.0, 30, 6.0


class ChatService(Protocol):
    """A chat channel with what brings its messages in: a loop that polls, or routes that are called."""

    @property
    def channel(self) -> ChatChannel:
        """What sends."""

    @property
    def router(self) -> APIRouter | None:
        """The routes that the channel's servers call, if any."""

    @property
    def largest_bodies(self) -> Mapping[str, int]:
        """Path -> bytes, where the channel's servers may deliver more at once than others."""

    async def start(self, hub: ChatHub) -> None:
        """Begin to take messages in; returns at once, whatever the channel's servers do."""

    async def stop(self) -> None:
        """Take nothing in any more; what is still to be sent can be."""

    async def close(self) -> None:
        """Close the connections; nothing can be sent any more."""


def chat_services(settings: Settings) -> list[ChatService]:
    """The channels that are set up, not yet started."""
    pace = settings.chat_pace
    found: list[ChatService] = []
    # Imported here: whoever serves no such channel need not load its library.
    if settings.telegram_token:
        from bot.channels.telegram import Telegram

        found.append(
            Telegram(
                settings.telegram_token,
                secret=settings.secret,
                webhook_url=settings.telegram_webhook_url,
                api=settings.telegram_api,
                seconds_between=_TELEGRAM_BETWEEN * pace,
                at_once=_TELEGRAM_AT_ONCE,
                a_second=_TELEGRAM_A_SECOND / pace if pace else 0.0,
            )
        )
    if settings.whatsapp_token:
        from bot.channels.whatsapp import WhatsAppService

        found.append(
            WhatsAppService(
                token=settings.whatsapp_token,
                phone_id=settings.whatsapp_phone_id,
                app_secret=settings.whatsapp_app_secret,
                verify_token=settings.whatsapp_verify_token,
                template=settings.whatsapp_template,
                api=settings.whatsapp_api,
                seconds_between=_WHATSAPP_BETWEEN * pace,
                at_once=_WHATSAPP_AT_ONCE,
                a_second=_WHATSAPP_A_SECOND / pace if pace else 0.0,
            )
        )
    return found
