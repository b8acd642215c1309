"""WhatsApp, by the Cloud API of Meta: what comes in at a webhook, and what goes out."""

from bot.channels.whatsapp.service import WhatsAppService
from bot.channels.whatsapp.webhook import LARGEST_BODY, PATH

__all__ = ["LARGEST_BODY", "PATH", "WhatsAppService"]
