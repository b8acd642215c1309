"""Who talks in the bench: one client for every bot, one script of messages for all of them.

Times are a client's, in milliseconds, from sending a message to having its whole reply.
"""

from __future__ import annotations

import http.client
import itertools
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.floor import SIDE_TALK
from bot.texts import say

LANGUAGE = "nl"
MODEL = "cemm"
# What is asked before the first question and not by the textbook bot: known beforehand, so not asked here.
PREFILL = {
    "model": MODEL,
    "role_layer": "management",
    "department": "marketing",
    "business_line": "b2c",
    "depth": "full",
}

CONSENT = say(LANGUAGE, "consent.yes")
BACK = say(LANGUAGE, "question.back")

Kind = str
"""'button', 'typed' and 'side_talk' are measured; 'begin', 'finish' and 'again' are not."""


class BenchmarkError(Exception):
    """What came back is not what was to be measured."""


class Respondent(ABC):
    """One conversation over one connection, as a browser keeps it open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Content-Type": "application/json"}
        self.buttons: list[Mapping[str, str]] = []

    def request(self, method: str, path: str, body: Mapping[str, Any] | None) -> tuple[Any, float]:
        """The answer (parsed where it is JSON) and the milliseconds until all of it was there."""
        data = None if body is None else json.dumps(body).encode()
        began = time.perf_counter()
        self._connection.request(method, path, data, self._headers)
        response = self._connection.getresponse()
        content = response.read()
        took = (time.perf_counter() - began) * 1000
        if response.status >= 300:
            raise BenchmarkError(f"{method} {path} was answered {response.status}")
        is_json = (response.headers["Content-Type"] or "").startswith("application/json")
        return (json.loads(content) if is_json else content), took

    def button(self, title: str) -> Mapping[str, str]:
        """The button below the last reply whose title begins so."""
        for button in self.buttons:
            if button["title"].startswith(title):
                return button
        raise BenchmarkError(f"no button {title!r} among {[button['title'] for button in self.buttons]}")

    @property
    def asked(self) -> bool:
        """Whether the last reply had a question with its levels."""
        return any(button["title"].startswith("1 ·") for button in self.buttons)

    @property
    @abstractmethod
    def finished(self) -> bool:
        """Whether the last reply was the result."""

    @abstractmethod
    def tap(self, title: str) -> float:
        """Tap the button whose title begins so; milliseconds."""

    @abstractmethod
    def say(self, text: str) -> float:
        """Type something; milliseconds."""

    @abstractmethod
    def begin(self) -> float:
        """The message after which the first question stands there; milliseconds."""

    @abstractmethod
    def revise(self, level: str) -> float:
        """The tap that comes between two answers; milliseconds."""

    @abstractmethod
    def again(self) -> float:
        """Start over after the result; milliseconds."""

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class PeilRespondent(Respondent):
    """Talks to Peil, or to its floor, as the web chat does."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._numbers = itertools.count(1)
        body = {"language": LANGUAGE, "prefill": PREFILL}
        started, _ = self.request("POST", "/api/chat/conversations", body)
        self._headers["Authorization"] = f"Bearer {started['token']}"
        self._take(started["messages"])

    def _take(self, messages: list[dict[str, Any]]) -> None:
        self.messages = messages
        self.buttons = [button for message in messages for button in message.get("buttons") or ()]

    def _send(self, **content: str) -> float:
        body = {"id": f"m{next(self._numbers)}", **content}
        reply, took = self.request("POST", "/api/chat/messages", body)
        if reply["pending"] or not reply["messages"]:
            raise BenchmarkError("a message was not answered at once")
        self._take(reply["messages"])
        return took

    @property
    def finished(self) -> bool:
        """The result has a picture."""
        return any(message.get("image") for message in self.messages)

    def tap(self, title: str) -> float:
        """Send the button's token."""
        return self._send(button=self.button(title)["token"])

    def say(self, text: str) -> float:
        """Send what was typed."""
        return self._send(text=text)

    def begin(self) -> float:
        """Consent."""
        return self.tap(CONSENT)

    def revise(self, level: str) -> float:
        """Back to the question before, so that the next answer changes one; the level is not used."""
        return self.tap(BACK)

    def again(self) -> float:
        """Never needed: going back as often as forth, the script does not finish a run."""
        raise BenchmarkError("the script came to the end of the questionnaire")

    def picture(self) -> tuple[float, float]:
        """Fetch the picture of the newest reply twice; milliseconds of the first and the second time."""
        path = next(message["image"]["url"] for message in self.messages if message.get("image"))
        return self.request("GET", path, None)[1], self.request("GET", path, None)[1]


class TextbookRespondent(Respondent):
    """Talks to the textbook bot over Rasa's REST channel: a button sends its payload, which skips the NLU."""

    _names = itertools.count(1)

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._sender = f"respondent-{next(self._names)}"
        self.texts: list[str] = []

    @property
    def finished(self) -> bool:
        """The scores have been said."""
        return any(text.startswith("Uitslag") for text in self.texts)

    def say(self, text: str) -> float:
        """Send a message, be it typed or a payload."""
        body = {"sender": self._sender, "message": text}
        reply, took = self.request("POST", "/webhooks/rest/webhook", body)
        if not reply:
            raise BenchmarkError("the textbook bot said nothing")
        self.texts = [message["text"] for message in reply if "text" in message]
        self.buttons = [button for message in reply for button in message.get("buttons") or ()]
        return took

    def tap(self, title: str) -> float:
        """Send the button's payload."""
        return self.say(self.button(title)["payload"])

    def begin(self) -> float:
        """Ask for the form."""
        return self.say("/start_assessment")

    def revise(self, level: str) -> float:
        """A form cannot go back: one more answer by button."""
        return self.tap(f"{level} ·")

    def again(self) -> float:
        """Tap the button below the scores."""
        return self.tap("Opnieuw")

    def scores(self) -> dict[str, str]:
        """What the bot said in the end: dimension, or 'Totaal', -> score."""
        result = next(text for text in self.texts if text.startswith("Uitslag"))
        return dict(line.split(": ") for line in result.splitlines()[1:])


def script(respondent: Respondent) -> Iterator[tuple[Kind, float]]:
    """Hold a conversation without end; each turn's kind and milliseconds.

    Of every five turns from the third on, three are taps, one is a level typed, one is side talk typed.
    Levels differ from the last ones, so that each is written. Where a form is finished, it is started over.
    """
    side_talk = itertools.cycle(SIDE_TALK)
    levels = itertools.cycle("234")
    for turn in itertools.count(1):
        step = turn % 5
        kind: Kind
        if turn == 1:
            kind, took = "begin", respondent.begin()
        elif respondent.finished:
            kind, took = "again", respondent.again()
        elif turn == 2:
            kind, took = "button", respondent.tap("1 ·")
        elif step == 3:
            kind, took = "button", respondent.tap(f"{next(levels)} ·")
        elif step in (4, 1):
            kind, took = "button", respondent.revise(next(levels))
        elif step == 0:
            kind, took = "typed", respondent.say(next(levels))
        else:
            kind, took = "side_talk", respondent.say(next(side_talk))
        if respondent.finished:
            kind = "finish"
        elif not respondent.asked:
            raise BenchmarkError(f"turn {turn} ({kind}) was not answered with a question")
        yield kind, took


def to_the_end(respondent: Respondent, level_of: Mapping[int, int] | None = None) -> None:
    """Tap through an assessment: question number (from 1) -> level, 2 where none is given."""
    respondent.begin()
    for number in itertools.count(1):
        if respondent.finished:
            return
        if number > 100:
            raise BenchmarkError("a hundred answers do not finish the assessment")
        respondent.tap(f"{(level_of or {}).get(number, 2)} ·")
