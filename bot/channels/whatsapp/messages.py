"""What is sent to WhatsApp: the JSON of the Cloud API's messages. Pure.

Source: Meta's reference of the Cloud API, 'Messages'. That all of it fits, bot.channels.fitting has seen to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.contract import Choice, Part, Refused

Json = dict[str, Any]


def text(account: str, part: Part) -> Json:
    """A message of words, with the buttons or the list of the part."""
    if not part.rows and not part.choices:
        return plain(account, part.text)
    return _message(account, "interactive", _interactive(part))


def plain(account: str, words: str) -> Json:
    """A message of words only. Addresses in it get no preview: they are personal, and fetched for one."""
    return _message(account, "text", {"body": words, "preview_url": False})


def file(account: str, part: Part, media_id: str, name: str | None) -> Json:
    """An uploaded picture, or a document with this name, with the part's caption and buttons.

    Raises Refused for a list: WhatsApp has none below a file.
    """
    kind = "image" if part.kind == "picture" else "document"
    media: Json = {"id": media_id} | ({"filename": name} if name else {})
    if part.choices:
        raise Refused("a list below a file")
    if part.rows:
        return _message(account, "interactive", _interactive(part) | {"header": {"type": kind, kind: media}})
    return _message(account, kind, media | ({"caption": part.text} if part.text else {}))


def template(account: str, name: str, code: str) -> Json:
    """An approved template without parameters, in this language."""
    return _message(account, "template", {"name": name, "language": {"code": code}})


def typing(original: str) -> Json:
    """A message of the person's was read, and is being answered."""
    return {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": original,
        "typing_indicator": {"type": "text"},
    }


def _message(account: str, kind: str, content: Mapping[str, Any]) -> Json:
    # A telephone number is digits, and a person's id within the business has a dot.
    address = "recipient" if "." in account else "to"
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        address: account,
        "type": kind,
        kind: content,
    }


def _interactive(part: Part) -> Json:
    body = {"text": part.text}
    if part.choices:
        rows = [_row(choice) for choice in part.choices]
        # One section, which needs no title.
        return {
            "type": "list",
            "body": body,
            "action": {"button": part.list_button, "sections": [{"rows": rows}]},
        }
    buttons = [
        {"type": "reply", "reply": {"id": one.data, "title": one.title}} for row in part.rows for one in row
    ]
    return {"type": "button", "body": body, "action": {"buttons": buttons}}


def _row(choice: Choice) -> Json:
    row = {"id": choice.data, "title": choice.title}
    return row | ({"description": choice.description} if choice.description else {})
