"""The same conversation in a terminal, over the web chat's own contract."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Sequence
from typing import Any

import httpx


class TalkError(Exception):
    """The conversation cannot be held; the message is one sentence."""


def talk(url: str, language: str) -> None:
    """Hold a conversation until the input ends (Ctrl-D). '#2' taps the second button. Raises TalkError."""
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        started = _ask(client, "POST", "/api/chat/conversations", {"language": language})
        client.headers["Authorization"] = f"Bearer {started['token']}"
        buttons = _show(started["messages"], [])
        while True:
            try:
                typed = input("> ").strip()
            except (EOFError, KeyboardInterrupt):
                print()
                return
            if not typed:
                continue
            body: dict[str, str] = {"id": uuid.uuid4().hex}
            number = typed.removeprefix("#")
            if typed.startswith("#") and number.isdigit() and 1 <= int(number) <= len(buttons):
                body["button"] = buttons[int(number) - 1]["token"]
            else:
                body["text"] = typed
            reply = _ask(client, "POST", "/api/chat/messages", body)
            buttons = _show(reply["messages"], buttons)
            after = reply["messages"][-1]["id"] if reply["messages"] else body["id"]
            while reply["pending"]:
                waited = _ask(client, "GET", f"/api/chat/messages?after={after}&wait=20", None)
                if waited["messages"]:
                    buttons = _show(waited["messages"], buttons)
                    break


def _ask(client: httpx.Client, method: str, path: str, body: dict[str, str] | None) -> Any:
    try:
        response = client.request(method, path, json=body)
    except httpx.HTTPError:
        raise TalkError(
            f"Nothing answers at {str(client.base_url).rstrip('/')}; start Peil with 'make run' first."
        ) from None
    if response.is_error:
        detail = ""
        with contextlib.suppress(ValueError, AttributeError):
            detail = response.json().get("detail", "")
        raise TalkError(detail or f"The gateway answered {response.status_code}.")
    return response.json()


def _show(messages: Sequence[Any], held: list[Any]) -> list[Any]:
    """Print messages with their buttons numbered; the buttons that can be tapped now."""
    buttons = held
    for message in messages:
        print(f"\n{message['text']}")
        if message.get("image"):
            print(f"[{message['image']['alt']}]")
        for link in message.get("links", []):
            print(f"[{link['title']}: {link.get('url', '–')}]")
        if message.get("buttons"):
            buttons = message["buttons"]
            print("  ".join(f"#{n} {b['title']}" for n, b in enumerate(buttons, start=1)))
    print()
    return buttons
