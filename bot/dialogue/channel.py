"""The gateway's way into Rasa: one turn in, one JSON list of what the action uttered out."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import re
import time
import unicodedata
from typing import Any, Awaitable, Callable, Dict, Optional

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME, INTENT_MESSAGE_PREFIX
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

logger = logging.getLogger(__name__)

BUTTON_INTENT = "button"
SECRET_VARIABLE = "PEIL_INTERNAL_SECRET"
SECRET_HEADER = "X-Peil-Internal"
# What the gateway waits for one try of a turn, in seconds; Rasa itself would wait 300.
TIME_LIMIT_VARIABLE = "PEIL_RASA_TIMEOUT"
DEFAULT_TIME_LIMIT = 10.0
# In characters; side talk is short, and the whole text is in the gateway's inbox anyway.
NLU_TEXT_LIMIT = 600
# Stands for a text of which nothing is left; the NLU does not know it and so calls it an answer.
PLACEHOLDER = "…"

_TURN_ID = re.compile(r"[0-9a-f]{32}")


class MalformedTurn(ValueError):
    """The body is not a turn as the gateway sends it."""


def clean_text(text: str) -> str:
    """Returns what of a typed text is shown to the NLU: one line that can never be a command.

    A text that begins with '/' (after blanks, which Rasa strips) would be run as an intent by
    Rasa's RegexMessageHandler, so anybody could type a command. Control and line break characters
    become blanks; invisible, private-use and broken characters vanish, so that none of them can
    hide a '/'. At most `NLU_TEXT_LIMIT` characters, never empty.
    """
    # Cut first (generously), so that a very long text costs nothing.
    visible = "".join(_visible(character) for character in text[: 4 * NLU_TEXT_LIMIT])
    line = " ".join(visible.split())
    while line.startswith(INTENT_MESSAGE_PREFIX):
        line = line[len(INTENT_MESSAGE_PREFIX) :].lstrip()
    return line[:NLU_TEXT_LIMIT].rstrip() or PLACEHOLDER


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return "" if category.startswith("C") else character


class PeilInput(InputChannel):
    """Input channel `peil`: POST /webhooks/peil/webhook, GET /webhooks/peil/ for readiness.

    Body: `{"turn": <32 hex digits>, "text": str}` or `{"turn": ..., "button": true}`. Answers: 200
    and a JSON list of what the action uttered (possibly empty); 400 for another body; 403 without
    the secret; 500, 503 or 504 and an empty list when Rasa failed, has no dialogue model, or took
    longer than the time limit. Whether the turn is done is for the database to say, not for us.
    """

    @classmethod
    def name(cls) -> str:
        """Returns the channel's name, which is also its place under /webhooks/."""
        return "peil"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> PeilInput:
        """Makes the channel from the environment; credentials.yml holds nothing.

        Raises:
            RasaException: PEIL_INTERNAL_SECRET is missing, or PEIL_RASA_TIMEOUT is not a number.
        """
        secret = os.environ.get(SECRET_VARIABLE, "")
        if not secret:
            raise RasaException(f"{SECRET_VARIABLE} is not set: the gateway and Rasa share it.")
        # While it loads, some library of Rasa's sets the root logger to warnings only.
        logger.setLevel(logging.INFO)
        time_limit = os.environ.get(TIME_LIMIT_VARIABLE) or DEFAULT_TIME_LIMIT
        try:
            return cls(secret, float(time_limit))
        except ValueError:
            raise RasaException(f"{TIME_LIMIT_VARIABLE} must be seconds, not {time_limit!r}.") from None

    def __init__(self, secret: str, time_limit: float = DEFAULT_TIME_LIMIT) -> None:
        """`secret`: what the gateway must send along; `time_limit`: of one turn, in seconds."""
        self._secret = secret.encode()
        self._time_limit = time_limit

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Returns the routes; `on_new_message` is Rasa's handler of a message."""
        routes = Blueprint("peil_webhook")

        @routes.route("/", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            if _agent(request) is None:
                return json_response({"status": "no dialogue model"}, status=503)
            return json_response({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not self._is_gateway(request):
                return json_response({"error": "forbidden"}, status=403)
            try:
                turn, text = _read(request)
            except MalformedTurn as error:
                return json_response({"error": str(error)}, status=400)
            agent = _agent(request)
            if agent is None:
                return json_response([], status=503)
            output = CollectingOutputChannel()
            began = time.perf_counter()
            try:
                await asyncio.wait_for(
                    self._take(turn, text, agent, output, on_new_message), self._time_limit
                )
            except asyncio.TimeoutError:
                logger.error("Turn %s: not done within %s seconds.", turn, self._time_limit)
                return json_response([], status=504)
            except Exception as error:
                # Neither the message nor a traceback with values: they may hold what was said.
                logger.error("Turn %s: failed with %s.", turn, type(error).__name__)
                return json_response([], status=500)
            logger.info("Turn %s: back after %.0f ms.", turn, 1000 * (time.perf_counter() - began))
            return json_response([message["custom"] for message in output.messages if "custom" in message])

        return routes

    def _is_gateway(self, request: Request) -> bool:
        given = request.headers.get(SECRET_HEADER) or ""
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._secret)

    async def _take(
        self,
        turn: str,
        text: Optional[str],
        agent: Any,
        output: CollectingOutputChannel,
        on_new_message: Callable[[UserMessage], Awaitable[Any]],
    ) -> None:
        intent = BUTTON_INTENT, 1.0
        if text is not None:
            intent = await _understand(clean_text(text), agent)
        # The text goes no further than the NLU: neither into the tracker nor to the action server,
        # so that no log or error message on the way can hold it.
        understood = {"text": "", "intent": {"name": intent[0], "confidence": intent[1]}, "entities": []}
        await on_new_message(
            UserMessage(
                output_channel=output,
                sender_id=turn,
                parse_data=understood,
                input_channel=self.name(),
                message_id=turn,
                metadata={"turn": turn},
            )
        )


async def _understand(text: str, agent: Any) -> tuple[str, float]:
    """Returns the intent's name and its confidence in [0, 1], as Rasa's NLU sees them."""
    parsed = await agent.parse_message(text)
    name, confidence = parsed["intent"].get("name"), parsed["intent"].get("confidence", 0.0)
    # An intent that is set by the channel alone is not to be had by typing.
    if name is None or name == BUTTON_INTENT:
        name = DEFAULT_NLU_FALLBACK_INTENT_NAME
    return name, confidence


def _agent(request: Request) -> Any:
    """Returns Rasa's agent, or None as long as it has no dialogue model."""
    agent = getattr(request.app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None


def _read(request: Request) -> tuple[str, Optional[str]]:
    """Returns the turn's id and the typed text (None for a button).

    Raises:
        MalformedTurn: with what was expected, and nothing of what came.
    """
    try:
        body = request.json
    except SanicException:
        raise MalformedTurn("expected JSON") from None
    if not isinstance(body, dict):
        raise MalformedTurn("expected an object")
    turn, text = body.get("turn"), body.get("text")
    if not isinstance(turn, str) or not _TURN_ID.fullmatch(turn):
        raise MalformedTurn("expected 'turn', 32 hexadecimal digits")
    if "text" in body:
        if not isinstance(text, str) or "button" in body:
            raise MalformedTurn("expected 'text', a string, or 'button', not both")
        return turn, text
    if body.get("button") is not True:
        raise MalformedTurn("expected 'text' or 'button': true")
    return turn, None
