"""A respondent for tests: holds a conversation over the web chat's contract, as the page does."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping
from typing import Any

import httpx

# Where nothing else is said, role, department and customers are known beforehand and not asked.
SEGMENTS = {"role_layer": "management", "department": "marketing", "business_line": "b2c"}


def opened(url: str, address: str, device: str) -> httpx.Response:
    """What comes of opening a way back, or what was handed over, in a browser on this device."""
    _, _, found = address.partition("#")
    kind, _, key = found.partition("=")
    body = {"device": device, "key" if kind == "back" else "code": key}
    return httpx.post(f"{url.rstrip('/')}/api/chat/{kind}", json=body, timeout=60, trust_env=False)


class Chat:
    """One conversation. `last` holds the messages of the newest reply; buttons are found by their title."""

    def __init__(
        self,
        url: str,
        *,
        language: str = "nl",
        model: str | None = None,
        segments: Mapping[str, str] | None = None,
        depth: str | None = "full",
        timeout: float = 60,
        token: str | None = None,
    ) -> None:
        """Begin a conversation, or go on with the one that `token` opens."""
        self.http = httpx.Client(base_url=url, timeout=timeout, trust_env=False)
        self._numbers = itertools.count(1)
        self.sent: dict[str, str] = {}
        self.troubles = 0
        if token is not None:
            self._read_anew(token)
            return
        prefill = dict(SEGMENTS if segments is None else segments)
        if model is not None:
            prefill["model"] = model
        if depth is not None:
            prefill["depth"] = depth
        body: dict[str, Any] = {"language": language, "prefill": prefill}
        response = self.http.post("/api/chat/conversations", json=body)
        response.raise_for_status()
        started = response.json()
        self.token: str = started["token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"
        self.last: list[dict[str, Any]] = started["messages"]

    def _read_anew(self, token: str) -> None:
        self.token = token
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.last = self.history()[-1:]

    @property
    def id(self) -> str:
        """The conversation's id, for looking into the database."""
        return self.token.partition(".")[0]

    @property
    def text(self) -> str:
        """All that the bot said in its newest reply."""
        return "\n\n".join(message["text"] for message in self.last)

    @property
    def buttons(self) -> dict[str, str]:
        """Title -> token of the newest reply's buttons."""
        return {b["title"]: b["token"] for message in self.last for b in message.get("buttons", [])}

    @property
    def behind_the_menu(self) -> dict[str, str]:
        """The same of what did not fit there: nothing."""
        return {}

    @property
    def links(self) -> list[tuple[str, str | None]]:
        """Kind and address of the newest reply's links; None for one that no longer works."""
        return [(one["kind"], one.get("url")) for message in self.last for one in message.get("links", [])]

    @property
    def rows(self) -> dict[str, list[str]]:
        """First cell of a row -> the other cells, of the newest reply's tables."""
        tables = [message["table"] for message in self.last if "table" in message]
        return {row[0]: row[1:] for table in tables for row in table["rows"]}

    @property
    def messages(self) -> int:
        """How many messages the newest reply is."""
        return len(self.last)

    @property
    def says_goodbye(self) -> bool:
        """Whether that was a goodbye that asks nothing; on the web the question always stays."""
        return False

    @property
    def languages(self) -> set[str]:
        """The languages of the newest reply's messages."""
        return {message["lang"] for message in self.last}

    @property
    def pictures(self) -> list[tuple[str, bytes]]:
        """What each picture of the newest reply shows, in words, and its PNG."""
        images = [message["image"] for message in self.last if "image" in message]
        return [(image["alt"], self._fetched(image["url"], "image/png")) for image in images]

    def document(self, address: str) -> bytes:
        """A file behind a link that was shown."""
        return self._fetched(address, "application/json")

    def _fetched(self, address: str, media: str) -> bytes:
        # Without the conversation's token, as whoever has the address would.
        response = httpx.get(str(self.http.base_url.join(address)), trust_env=False)
        assert response.status_code == 200, f"{response.status_code}"
        assert response.headers["content-type"] == media
        assert media.startswith("image/") or "attachment" in response.headers["content-disposition"]
        return response.content

    def come_back(self, address: str, device: str) -> tuple[httpx.Response, Chat]:
        """Open a way back on this device; where that works, the conversation is read anew and goes on."""
        response = opened(str(self.http.base_url), address, device)
        if response.status_code == 200:
            self._read_anew(response.json()["token"])
        return response, self

    def post(self, message_id: str, **content: str) -> httpx.Response:
        """Send one message as it is, for tests that repeat ids or send what does not fit."""
        return self.http.post("/api/chat/messages", json={"id": message_id, **content})

    def _send(self, **content: str) -> list[dict[str, Any]]:
        message_id = f"t{next(self._numbers)}-{uuid.uuid4().hex[:8]}"
        response = self.post(message_id, **content)
        assert response.status_code == 200, f"{response.status_code}: {response.text}"
        reply = response.json()
        self.last = reply["messages"]
        while reply["pending"]:
            after = self.last[-1]["id"] if self.last else message_id
            reply = {"messages": self.history(after, wait=20), "pending": False}
            if not any(message["role"] == "bot" for message in reply["messages"]):
                reply["pending"] = True
            else:
                self.last = [m for m in reply["messages"] if m["role"] == "bot"]
        return self.last

    def say(self, text: str) -> str:
        """Type this; what the bot said."""
        self._send(text=text)
        return self.text

    def tap(self, title: str) -> str:
        """Tap the button with this title, or whose title begins with it ('3 ·'); what the bot said.

        A number before it ('6 · Theehuisscan') may be left out.
        """
        found = [name for name in self.buttons if name.startswith(title)]
        found = found or [name for name in self.buttons if name.partition(" · ")[2].startswith(title)]
        assert found, f"there is no button {title!r}; there are {list(self.buttons)}"
        return self.tap_token(self.buttons[title if title in found else found[0]])

    def mark(self, marks: Mapping[int, str] | None = None) -> str:
        """Mark these entries of the newest form (number -> mark) and send it; what the bot said."""
        (form,) = [message["form"] for message in self.last if "form" in message]
        shown = {entry["number"] for entry in form["entries"]}
        assert set(marks or {}) <= shown, f"the form has the entries {shown}"
        signs = "".join((marks or {}).get(number, "-") for number in range(1, form["of"] + 1))
        return self.tap_token(f"{form['token']}~{signs}")

    def tap_token(self, token: str) -> str:
        """Tap a button by its token, also one of an older message; what the bot said."""
        self._send(button=token)
        return self.text

    def history(self, after: str | None = None, wait: float = 0) -> list[dict[str, Any]]:
        """The conversation as it stands on the server."""
        parameters: dict[str, Any] = {"wait": wait} if wait else {}
        if after is not None:
            parameters["after"] = after
        response = self.http.get("/api/chat/messages", params=parameters)
        response.raise_for_status()
        messages: list[dict[str, Any]] = response.json()["messages"]
        return messages
