"""The published limits of WhatsApp's messages, by a package that is not ours: kapso-whatsapp-cloud-api."""

from __future__ import annotations

from typing import Any

from kapso_whatsapp.types import (
    DocumentMessageInput,
    ImageMessageInput,
    InteractiveButtonsInput,
    InteractiveListInput,
    TextMessageInput,
)

_FILES = {"image": ImageMessageInput, "document": DocumentMessageInput}


def check(body: dict[str, Any]) -> None:
    """Raise pydantic.ValidationError where a message breaks a limit. It knows all kinds but templates."""
    kind = body["type"]
    head = {"phone_number_id": "1", "to": body.get("to") or body["recipient"]}
    if kind == "text":
        TextMessageInput.model_validate(head | {"body": body["text"]["body"]})
    elif kind in _FILES:
        _FILES[kind].model_validate(head | {kind: body[kind]})
    elif kind == "interactive":
        _check_interactive(head, body["interactive"])
    else:
        assert kind == "template", kind


def _check_interactive(head: dict[str, Any], inner: dict[str, Any]) -> None:
    assert not {"footer"} & set(inner), "not known to be sent"
    common = head | {"body_text": inner["body"]["text"]}
    action = inner["action"]
    if inner["type"] == "button":
        replies = [one["reply"] for one in action["buttons"]]
        InteractiveButtonsInput.model_validate(common | {"buttons": replies})
    else:
        # It wants a title for each section; WhatsApp only where there are several.
        sections = [{"title": "one"} | section for section in action["sections"]]
        InteractiveListInput.model_validate(common | {"button_text": action["button"], "sections": sections})
