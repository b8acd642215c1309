"""What WhatsApp's webhook brings, kind by kind, in the shapes of Meta's reference (field 'messages')."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PHONE_ID = "106540352242922"
DISPLAY_NUMBER = "15550783881"
BUSINESS = "102290129340398"

_MEDIA = {
    "sha256": "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=",
    "id": "1908647269898587",
    "url": "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1908647269898587",
}
_GALLERY = {"mime_type": "image/jpeg", **_MEDIA}

# Kind -> what stands in a message besides its id, sender and time. The first word is the message's type.
MESSAGES: dict[str, dict[str, Any]] = {
    "text": {"type": "text", "text": {"body": "Does it come in another color?"}},
    "text, forwarded": {
        "type": "text",
        "text": {"body": "Have a look"},
        "context": {"forwarded": True, "frequently_forwarded": True},
    },
    "text, a reply": {
        "type": "text",
        "text": {"body": "This one"},
        "context": {
            "from": DISPLAY_NUMBER,
            "id": "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA",
        },
    },
    "text, from an advertisement": {
        "type": "text",
        "text": {"body": "Hi! I would like to know more"},
        "referral": {
            "source_url": "https://fb.me/3cr4Wqqkv",
            "source_id": "120226305854810726",
            "source_type": "ad",
            "headline": "Chat with us",
            "ctwa_clid": "Aff-n8ZTODiE79d22KtAwQKj9e",
        },
    },
    "button_reply": {
        "type": "interactive",
        "interactive": {"type": "button_reply", "button_reply": {"id": "a-token", "title": "Change"}},
        "context": {
            "from": DISPLAY_NUMBER,
            "id": "wamid.HBgLMTQxMjU1NTA4MjkVAgARGBI3RTk4RTYzQjZFQkYwNDkxNUQA",
        },
    },
    "list_reply": {
        "type": "interactive",
        "interactive": {
            "type": "list_reply",
            "list_reply": {"id": "a-token", "title": "Express", "description": "Next Day to 2 Days"},
        },
        "context": {
            "from": DISPLAY_NUMBER,
            "id": "wamid.HBgLMTQxMjU1NTA4MjkVAgARGBI3RTk4RTYzQjZFQkYwNDkxNUQA",
        },
    },
    "nfm_reply": {
        "type": "interactive",
        "interactive": {
            "type": "nfm_reply",
            "nfm_reply": {"name": "flow", "body": "Sent", "response_json": '{"flow_token": "x"}'},
        },
    },
    "call_permission_reply": {
        "type": "interactive",
        "interactive": {
            "type": "call_permission_reply",
            "call_permission_reply": {"response": "accept", "response_source": "user_action"},
        },
    },
    "button": {
        "type": "button",
        "button": {"payload": "a-token", "text": "Unsubscribe"},
        "context": {
            "from": DISPLAY_NUMBER,
            "id": "wamid.HBgLMTQxMjU1NTA4MjkVAgARGBI3RTk4RTYzQjZFQkYwNDkxNUQA",
        },
    },
    "button without payload": {"type": "button", "button": {"payload": "Go on", "text": "Go on"}},
    "image": {"type": "image", "image": _GALLERY},
    "image with caption": {"type": "image", "image": {**_GALLERY, "caption": "Taj Mahal"}},
    "video": {"type": "video", "video": {"mime_type": "video/mp4", **_MEDIA}},
    "video with caption": {
        "type": "video",
        "video": {"mime_type": "video/mp4", **_MEDIA, "caption": "Our office"},
    },
    "audio": {"type": "audio", "audio": {"mime_type": "audio/mpeg", **_MEDIA, "voice": False}},
    "voice": {"type": "audio", "audio": {"mime_type": "audio/ogg; codecs=opus", **_MEDIA, "voice": True}},
    "document": {
        "type": "document",
        "document": {"filename": "order.pdf", "mime_type": "application/pdf", **_MEDIA},
    },
    "document with caption": {
        "type": "document",
        "document": {
            "caption": "See page 2",
            "filename": "order.pdf",
            "mime_type": "application/pdf",
            **_MEDIA,
        },
    },
    "sticker": {"type": "sticker", "sticker": {"mime_type": "image/webp", **_MEDIA, "animated": False}},
    "location": {
        "type": "location",
        "location": {
            "address": "1071 5th Ave, New York, NY 10128",
            "latitude": 40.782910059774,
            "longitude": -73.959075808525,
            "name": "Solomon R. Guggenheim Museum",
        },
    },
    "contacts": {
        "type": "contacts",
        "contacts": [
            {
                "name": {
                    "first_name": "Barbara",
                    "last_name": "Johnson",
                    "formatted_name": "Barbara Johnson",
                },
                "phones": [{"phone": "+1 (415) 555-0829", "wa_id": "14155550829", "type": "MOBILE"}],
            }
        ],
    },
    "order": {
        "type": "order",
        "order": {
            "catalog_id": "194836987003835",
            "text": "Love these!",
            "product_items": [
                {"product_retailer_id": "di9ozbzfi4", "quantity": 2, "item_price": 30, "currency": "USD"}
            ],
        },
    },
    "reaction": {
        "type": "reaction",
        "reaction": {
            "message_id": "wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQUNCNjk5RDUwNUZGMUZEM0VBRAA=",
            "emoji": "\U0001f44d",
        },
    },
    "reaction taken back": {
        "type": "reaction",
        "reaction": {"message_id": "wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQUNCNjk5RDUwNUZGMUZEM0VBRAA="},
    },
    "request_welcome": {"type": "request_welcome"},
    "system, another number": {
        "type": "system",
        "system": {
            "body": "User Sheena Nelson changed from 16505551234 to 12195555358",
            "wa_id": "12195555358",
            "user_id": "US.13491208655302741918",
            "type": "user_changed_number",
        },
    },
    "system, another id": {
        "type": "system",
        "system": {
            "body": "User changed",
            "user_id": "US.13491208655302741918",
            "previous_user_id": "US.11111111111111111111",
            "type": "user_changed_user_id",
        },
    },
    "system, another device": {
        "type": "system",
        "system": {
            "body": "Security code changed",
            "customer": "16505551234",
            "type": "customer_identity_changed",
        },
    },
    "edit": {
        "type": "edit",
        "edit": {
            "original_message_id": "wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
            "message": {"context": {"id": "M0"}, "type": "text", "text": {"body": "I meant level 4"}},
        },
    },
    "edit of a caption": {
        "type": "edit",
        "edit": {
            "original_message_id": "wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
            "message": {"type": "image", "image": {**_GALLERY, "caption": "Rather this"}},
        },
    },
    "edit of a picture": {
        "type": "edit",
        "edit": {
            "original_message_id": "wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
            "message": {"type": "image", "image": _GALLERY},
        },
    },
    "revoke": {
        "type": "revoke",
        "revoke": {"original_message_id": "wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA="},
    },
    "unsupported": {
        "type": "unsupported",
        "unsupported": {"type": "poll_creation"},
        "errors": [
            {
                "code": 131051,
                "title": "Message type unknown",
                "message": "Message type unknown",
                "error_data": {"details": "Message type is currently not supported."},
            }
        ],
    },
    "unsupported, unavailable": {
        "type": "unsupported",
        "errors": [
            {
                "code": 131060,
                "title": "This message is currently unavailable.",
                "message": "This message is currently unavailable.",
                "error_data": {"details": "This message is currently unavailable."},
            }
        ],
    },
    "unsupported vote": {"type": "unsupported", "unsupported": {"type": "poll_update"}},
    "unknown": {
        "type": "unknown",
        "errors": [
            {
                "code": 131051,
                "title": "Message type unknown",
                "message": "Message type unknown",
                "error_data": {"details": "Message type is currently not supported."},
            }
        ],
    },
    "errors": {
        "type": "errors",
        "errors": [{"code": 131051, "title": "Message type unknown", "message": "Message type unknown"}],
    },
    "in a group": {
        "type": "text",
        "group_id": "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD",
        "text": {"body": "Hello everybody"},
    },
}


def message(
    kind: str,
    *,
    message_id: str,
    number: str | None = "16505551234",
    scoped: str | None = None,
    at: int = 1749416383,
    **changes: Any,
) -> dict[str, Any]:
    """One message. `number` and `scoped`: the person's telephone number and id within the business."""
    sender = ({"from": number} if number else {}) | ({"from_user_id": scoped} if scoped else {})
    return sender | {"id": message_id, "timestamp": str(at)} | MESSAGES[kind] | changes


def contact(number: str | None, scoped: str | None = None, name: str = "Sheena Nelson") -> dict[str, Any]:
    """The person who is introduced along with a message."""
    known = ({"wa_id": number} if number else {}) | ({"user_id": scoped} if scoped else {})
    return {"profile": {"name": name}} | known


def value(
    messages: Sequence[dict[str, Any]] = (),
    statuses: Sequence[dict[str, Any]] = (),
    contacts: Sequence[dict[str, Any]] = (),
    *,
    phone_id: str = PHONE_ID,
    **more: Any,
) -> dict[str, Any]:
    """The value of one change; lists that are empty are left out, as WhatsApp does."""
    metadata = {"display_phone_number": DISPLAY_NUMBER, "phone_number_id": phone_id}
    lists = {"contacts": list(contacts), "messages": list(messages), "statuses": list(statuses)}
    return {
        "messaging_product": "whatsapp",
        "metadata": metadata,
        **{name: found for name, found in lists.items() if found},
        **more,
    }


def payload(*values: dict[str, Any], field: str = "messages") -> dict[str, Any]:
    """A whole request: one entry, with a change for each value."""
    changes = [{"value": one, "field": field} for one in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": BUSINESS, "changes": changes}]}


def one(kind: str, message_id: str = "wamid.1", **changes: Any) -> dict[str, Any]:
    """A whole request with one message of this kind in it."""
    found = message(kind, message_id=message_id, **changes)
    # System messages come without an introduction.
    introduced = [] if found["type"] == "system" else [contact(found.get("from"), found.get("from_user_id"))]
    return payload(value([found], contacts=introduced))


def status(
    kind: str,
    message_id: str = "wamid.9",
    *,
    number: str = "16505551234",
    scoped: str | None = None,
    errors: Sequence[int] = (),
) -> dict[str, Any]:
    """What became of a message of ours: sent, delivered, read, or failed with these codes."""
    found: dict[str, Any] = {
        "id": message_id,
        "status": kind,
        "timestamp": "1750263773",
        "recipient_id": number,
        "pricing": {
            "billable": False,
            "pricing_model": "PMP",
            "category": "service",
            "type": "free_customer_service",
        },
    }
    if scoped:
        found["recipient_user_id"] = scoped
    if errors:
        found["errors"] = [
            {"code": code, "title": "Failed", "message": "Failed", "error_data": {"details": "No details."}}
            for code in errors
        ]
    return found
