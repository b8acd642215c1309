"""A small Bot API server, written from the published documentation, and people who talk to a bot through it.

It keeps the limits that are published, and refuses as Telegram does. It runs in threads of the test's own
process, so tests drive it in plain synchronous steps, whatever the bot under test is:

    with TelegramServer() as server:
        ...  # a bot with `server.token` on `server.url`
        person = server.person("Ada", language="nl")
        person.start()
        person.wait_for("Hoi")
        person.tap("Ja")

What it does not know, it refuses; it is the tests' and no copy of Telegram.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
import re
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.parser import BytesParser
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

TOKEN = "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcK"
USERNAME = "peil_test_bot"

# https://core.telegram.org/bots/api and https://core.telegram.org/bots/faq; lengths in UTF-16 code units.
LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_DATA = 64
LONGEST_TOAST = 200
MOST_BUTTONS = 100
MOST_IN_A_ROW = 8
LARGEST_PHOTO = 10 * 1024 * 1024
LARGEST_DOCUMENT = 50 * 1024 * 1024
PERSON_PER_SECOND = 1
ALL_PER_SECOND = 30

# Faults after which the bot does not know that its call took effect, and calls that people see.
_UNTOLD = ("drop_after", "status_after", "garbage")
_SENDS = ("sendmessage", "sendphoto", "senddocument")
# What is delivered unless asked for: all but these.
_ONLY_IF_ASKED = {"chat_member", "message_reaction", "message_reaction_count"}
_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
_TAG = re.compile(r"<(/?)([a-z-]+)((?:\s[^<>]*)?)>")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
# A wait may be measured a little shorter here than it was there.
_LEEWAY = 0.03


class Refusal(Exception):
    """What the server refuses, as it says it."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def utf16(text: str) -> int:
    """How long Telegram says a text is."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def bad(description: str) -> Refusal:
    return Refusal(400, f"Bad Request: {description}")


def parse_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Text and entities of what was sent with parse_mode=HTML. Raises Refusal."""
    plain = ""
    entities: list[dict[str, Any]] = []
    stack: list[tuple[str, int]] = []
    place = 0
    while place < len(text):
        character = text[place]
        if character == "<":
            tag = _TAG.match(text, place)
            where = len(text[:place].encode())
            if tag is None:
                raise bad(f'can\'t parse entities: Unsupported start tag "" at byte offset {where}')
            closing, name, _ = tag.groups()
            if name not in _TAGS:
                raise bad(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {where}')
            if not closing:
                stack.append((name, utf16(plain)))
            elif not stack or stack[-1][0] != name:
                raise bad(f"can't parse entities: Unmatched end tag at byte offset {where}")
            else:
                _, start = stack.pop()
                if utf16(plain) > start:
                    entities.append({"type": _TAGS[name], "offset": start, "length": utf16(plain) - start})
            place = tag.end()
        elif character == "&" and (entity := _ENTITY.match(text, place)):
            plain += unescape(entity.group())
            place = entity.end()
        else:
            plain += character
            place += 1
    if stack:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{stack[-1][0]}\"")
    return plain, sorted(entities, key=lambda one: one["offset"])


@dataclass(frozen=True)
class Upload:
    """A file as it was sent."""

    name: str
    mime: str
    content: bytes = field(repr=False)


@dataclass(eq=False)
class Line:
    """One message in a chat, as the person sees it now. `rows`: titles and data of the buttons below it."""

    message_id: int
    from_bot: bool
    kind: str
    text: str
    at: float
    date: int
    entities: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[tuple[str, str]]] = field(default_factory=list)
    file: Upload | None = None
    parse_mode: str | None = None
    preview: bool = True
    edits: int = 0

    @property
    def titles(self) -> list[str]:
        """The titles of its buttons, from the top left to the bottom right."""
        return [title for row in self.rows for title, _ in row]

    @property
    def strong(self) -> list[str]:
        """What is in bold."""
        wide = self.text.encode("utf-16-le")
        return [
            wide[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le")
            for one in self.entities
            if one["type"] == "bold"
        ]


@dataclass
class Toast:
    """How a tap was answered."""

    callback: str
    text: str | None


@dataclass
class _Chat:
    """A chat, private or not. `known`: the bot may write to it. `next_at`: when it may do so again."""

    id: int
    kind: str
    title: str
    lines: list[Line] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    blocked: bool = False
    known: bool = False
    next_at: float = 0.0
    typing: list[float] = field(default_factory=list)


@dataclass(order=True)
class _Due:
    at: float
    number: int
    kind: str = field(compare=False)
    content: dict[str, Any] = field(compare=False)


@dataclass
class Fault:
    """Something that goes wrong with a call.

    `how`: 'status' (with `status`; nothing was done), 'status_after' (it was done all the same), 'flood'
    (429, with `seconds`), 'drop_before' (the connection ends and nothing was done), 'drop_after' (it was
    done, and the connection ends), 'slow' (done, and answered `seconds` later), 'slow_before' (nothing was
    done, and the connection ends then), 'garbage' (done, and the answer is no JSON), 'refuse' (400 with
    `description`).
    """

    how: str
    status: int = 500
    seconds: float = 1.0
    description: str = "Bad Request: refused by the test"


class TelegramServer:
    """The server. `url`: what to set as the address of the API.

    `flood`: whether it keeps Telegram's flood limits, `pace` times as fast. `copies`: how often each update
    comes, at random within `spread` seconds (by `seed`): what comes first is new, the others are repeats,
    some of them behind what the same person does next. As with Telegram, only what was confirmed is
    forgotten.
    """

    def __init__(
        self,
        *,
        flood: bool = False,
        pace: float = 1.0,
        copies: int = 1,
        spread: float = 0.5,
        seed: int = 1,
    ) -> None:
        self.token = TOKEN
        self.username = USERNAME
        self.flood = flood
        self.pace = pace
        self.copies = copies
        self.spread = spread
        self.url = ""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        """Every call that came in, in order: its method in small letters, and what it sent."""
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        """What setMyCommands was told, by scope and language code ('' for all others)."""
        self.webhook: dict[str, Any] | None = None
        self.delivered: list[int] = []
        """The status of every delivery to the webhook; 0 where it could not be reached."""
        self.refused: list[tuple[str, str]] = []
        """Every call that was refused for what it held: its method, and what the answer said."""
        self.went_wrong: Counter[str] = Counter()
        """How often each kind of fault has happened."""
        self.lost: set[tuple[int, int]] = set()
        """Chat and message id of what was sent without the bot ever being told so."""
        self.deliver_faults: deque[str] = deque()
        """What goes wrong with the next deliveries: 'drop_after' loses the answer of the webhook."""
        self._random = random.Random(seed)
        self._changed = threading.Condition(threading.RLock())
        self._chats: dict[int, _Chat] = {}
        self._people: dict[int, Person] = {}
        self._update_ids = itertools.count(870000001)
        self._callback_ids = itertools.count(4382910293847561)
        self._ids = itertools.count(500100200)
        self._orders = itertools.count()
        self._queue: list[dict[str, Any]] = []
        self._due: list[_Due] = []
        self._allowed: set[str] | None = None
        self._poller = 0
        self._open_taps: dict[str, int] = {}
        self.toasts: list[Toast] = []
        self._answered: set[str] = set()
        self._faults: dict[str, deque[Fault]] = {}
        self._chaos: tuple[frozenset[str], float, tuple[Fault, ...]] | None = None
        self._sent_at: deque[float] = deque()
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._http: ThreadingHTTPServer | None = None
        self._deliveries = ThreadPoolExecutor(16, thread_name_prefix="webhook")
        self._busy_lanes: set[int] = set()

    # --- running ---

    def __enter__(self) -> TelegramServer:
        self._http = _Http(("127.0.0.1", 0), _handler_of(self))
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        for run in (lambda: self._http.serve_forever(0.05), self._schedule):
            thread = threading.Thread(target=run, daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        assert self._http is not None
        self._http.shutdown()
        self._http.server_close()
        for thread in self._threads:
            thread.join(10)
        self._deliveries.shutdown(wait=False, cancel_futures=True)

    def wait_until(self, true: Callable[[], Any], seconds: float = 10.0, what: str = "") -> Any:
        """Wait until this is true, looked at after each change here; what it gave. Raises AssertionError."""
        until = time.monotonic() + seconds
        with self._changed:
            while not (found := true()):
                left = until - time.monotonic()
                assert left > 0, f"waited {seconds:g} s in vain {what}"
                # What is waited for may also change elsewhere.
                self._changed.wait(min(left, 0.1))
        return found

    # --- what goes wrong ---

    def fail(self, method: str, *faults: Fault | str) -> None:
        """Let the next calls of a method go wrong, one fault after another."""
        with self._changed:
            queue = self._faults.setdefault(method.lower(), deque())
            queue.extend(Fault(one) if isinstance(one, str) else one for one in faults)

    def chaos(self, probability: float, *faults: Fault | str, methods: str = "send") -> None:
        """Let calls of methods that begin so go wrong at random; 0 ends it."""
        with self._changed:
            chosen = tuple(Fault(one) if isinstance(one, str) else one for one in faults)
            self._chaos = (frozenset(methods.lower().split()), probability, chosen) if probability else None

    def _fault(self, method: str) -> Fault | None:
        if self._faults.get(method):
            return self._faults[method].popleft()
        if self._chaos is not None:
            methods, probability, faults = self._chaos
            if method.startswith(tuple(methods)) and self._random.random() < probability:
                return self._random.choice(faults)
        return None

    # --- people, groups ---

    def person(self, name: str = "Ada", *, language: str | None = "nl", known: bool = False) -> Person:
        """Somebody new. `known`: has talked to the bot before."""
        with self._changed:
            number = next(self._ids)
            self._chats[number] = _Chat(number, "private", name, known=known)
            self._people[number] = Person(self, number, name, language)
            return self._people[number]

    def group(self, title: str = "Directie", *, kind: str = "supergroup") -> int:
        """The id of a new group."""
        with self._changed:
            number = -1000000000000 - next(self._ids)
            self._chats[number] = _Chat(number, kind, title, known=True)
            return number

    def lines(self, chat_id: int) -> list[Line]:
        """What stands in a chat."""
        with self._changed:
            return list(self._chats[chat_id].lines)

    @property
    def pending(self) -> int:
        """How many updates are not confirmed."""
        with self._changed:
            return len(self._queue) + len(self._due)

    @property
    def unanswered(self) -> set[str]:
        """The taps that nobody has answered."""
        with self._changed:
            return set(self._open_taps) - self._answered

    def called(self, method: str) -> list[dict[str, Any]]:
        """What was sent with each call of a method."""
        with self._changed:
            return [sent for name, sent in self.calls if name == method.lower()]

    # --- updates ---

    def push(self, kind: str, content: dict[str, Any]) -> None:
        """Have this delivered as an update of this kind."""
        now = time.monotonic()
        with self._changed:
            allowed = self._allowed
            if (kind in _ONLY_IF_ASKED) if allowed is None else (kind not in allowed):
                return
            for copy in range(self.copies):
                late = 0.0 if self.copies == 1 else self._random.random() * self.spread
                if copy == 0 and self.copies > 1:
                    late /= 4
                heapq.heappush(self._due, _Due(now + late, next(self._orders), kind, content))
            if self.copies == 1:
                self._move_due()
            self._changed.notify_all()

    def _move_due(self) -> None:
        now = time.monotonic()
        while self._due and self._due[0].at <= now:
            due = heapq.heappop(self._due)
            self._queue.append({"update_id": next(self._update_ids), due.kind: due.content})

    def _schedule(self) -> None:
        """Bring what is due into the queue, and the queue to the webhook."""
        with self._changed:
            while not self._stopping:
                before = len(self._queue)
                self._move_due()
                if len(self._queue) != before:
                    self._changed.notify_all()
                if self.webhook is not None:
                    self._deliver_some()
                wait = self._due[0].at - time.monotonic() if self._due else 0.5
                self._changed.wait(max(0.001, min(0.5, wait)))

    def _deliver_some(self) -> None:
        """Hand the first update of each chat to the webhook, as many at once as it allows."""
        assert self.webhook is not None
        for update in self._queue:
            if len(self._busy_lanes) >= self.webhook["max_connections"]:
                return
            lane = _lane(update)
            if lane not in self._busy_lanes:
                self._busy_lanes.add(lane)
                self._deliveries.submit(self._deliver, update, lane, dict(self.webhook))

    def _deliver(self, update: dict[str, Any], lane: int, webhook: dict[str, Any]) -> None:
        """Deliver one, again and again, until it was taken or the webhook has gone."""
        headers = {"Content-Type": "application/json"}
        if webhook["secret_token"]:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook["secret_token"]
        pause = 0.05
        while not self._stopping:
            with self._changed:
                if self.webhook is None or self.webhook["url"] != webhook["url"]:
                    break
                fault = self.deliver_faults.popleft() if self.deliver_faults else ""
            try:
                answer = httpx.post(
                    webhook["url"], content=json.dumps(update), headers=headers, timeout=10, trust_env=False
                )
                status, asked = answer.status_code, answer.headers.get("retry-after")
            except httpx.HTTPError:
                status, asked = 0, None
            with self._changed:
                self.delivered.append(status)
                if 200 <= status < 300 and fault != "drop_after":
                    self._queue = [one for one in self._queue if one["update_id"] != update["update_id"]]
                    break
                self._changed.notify_all()
            time.sleep(min(1.0, float(asked) if asked else pause))
            pause = min(1.0, 2 * pause)
        with self._changed:
            self._busy_lanes.discard(lane)
            self._changed.notify_all()

    # --- the methods ---

    def call(self, method: str, sent: dict[str, Any], files: dict[str, Upload]) -> Any:
        """Do what a method does; its result. Raises Refusal."""
        does = _METHODS.get(method)
        if does is None:
            raise Refusal(404, "Not Found: method not found")
        return does(self, sent, files)

    def get_me(self, sent: dict[str, Any], files: dict[str, Upload]) -> Any:
        return self._bot | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    @property
    def _bot(self) -> dict[str, Any]:
        number = int(self.token.partition(":")[0])
        return {"id": number, "is_bot": True, "first_name": "Peil", "username": self.username}

    def get_updates(self, sent: dict[str, Any], files: dict[str, Upload]) -> Any:
        offset = int(sent.get("offset", 0))
        limit = min(100, max(1, int(sent.get("limit", 100))))
        until = time.monotonic() + min(50, max(0, int(sent.get("timeout", 0))))
        with self._changed:
            if self.webhook is not None:
                raise Refusal(
                    409,
                    "Conflict: can't use getUpdates method while webhook is active; "
                    "use deleteWebhook to delete the webhook first",
                )
            self._poller += 1
            mine = self._poller
            self._changed.notify_all()
            if "allowed_updates" in sent:
                asked = set(json.loads(sent["allowed_updates"]))
                self._allowed = asked or None
            if offset < 0:
                self._queue = self._queue[offset:]
            else:
                self._queue = [one for one in self._queue if one["update_id"] >= offset]
            while True:
                if self._poller != mine or self.webhook is not None:
                    who = "setWebhook" if self.webhook is not None else "other getUpdates"
                    raise Refusal(
                        409,
                        f"Conflict: terminated by {who} request; "
                        "make sure that only one bot instance is running",
                    )
                self._move_due()
                left = until - time.monotonic()
                if self._queue or left <= 0 or self._stopping:
                    return self._queue[:limit]
                self._changed.wait(min(left, 0.5))

    def set_webhook(self, sent: dict[str, Any], files: dict[str, Upload]) -> Any:
        url = sent.get("url", "")
        secret = sent.get("secret_token", "")
        parts = urlsplit(url)
        # Telegram itself takes https only; the tests have no certificate.
        if url and not (parts.scheme == "https" or parts.hostname == "127.0.0.1"):
            raise bad("bad webhook: HTTPS url must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise bad("secret token contains unallowed characters")
        connections = int(sent.get("max_connections", 40))
        if not 1 <= connections <= 100:
            raise bad("bad webhook: max_connections is out of range")
        with self._changed:
            if "allowed_updates" in sent:
                self._allowed = set(json.loads(sent["allowed_updates"])) or None
            self.webhook = (
                {"url": url, "secret_token": secret, "max_connections": connections} if url else None
            )
            self._drop_pending(sent)
        return True

    def delete_webhook(self, sent: dict[str, Any], files: dict[str, Upload]) -> Any:
        with self._changed:
            self.webhook = None
            self._drop_pending(sent)
        return True

    def _drop_pending(self, sent: dict[str, Any]) -> None:
        if sent.get("drop_pending_updates") == "true":
            self._queue.clear()
            self._due.clear()
        self._changed.notify_all()

    def set_my_commands(self, sent: dict[str, Any], files: dict[str, Upload]) -> Any:
        commands = json.loads(sent["commands"])
        scope = json.loads(sent.get("scope", '{"type": "default"}'))["type"]
        code = sent.get("language_code", "")
        if len(commands) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        for one in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", one["command"]):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= utf16(one["description"]) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        if code and not re.fullmatch(r"[a-z]{2}", code):
            raise bad("language code is invalid")
        with self._changed:
            self.commands[scope, code] = commands
            self._changed.notify_all()
        return True

    def send_message(self, sent: dict[str, Any], files: dict[str, Upload]) -> Any:
        text, entities = _words(sent, "text")
        if not text:
            raise bad("message text is empty")
        if utf16(text) > LONGEST_TEXT:
            raise bad("message is too long")
        preview = json.loads(sent.get("link_preview_options", "{}"))
        return self._sent(sent, "text", text, entities, preview=not preview.get("is_disabled", False))

    def send_photo(self, sent: dict[str, Any], files: dict[str, Upload]) -> Any:
        photo = files.get("photo")
        if photo is None:
            raise bad("there is no photo in the request")
        if len(photo.content) > LARGEST_PHOTO:
            raise Refusal(413, "Request Entity Too Large")
        width, height = _size_of(photo.content)
        if width + height > 10000 or max(width, height) > 20 * min(width, height):
            raise bad("PHOTO_INVALID_DIMENSIONS")
        size = {"file_id": "AgACAg", "file_unique_id": "AQAD", "width": width, "height": height}
        return self._with_caption(sent, "photo", photo, {"photo": [size]})

    def send_document(self, sent: dict[str, Any], files: dict[str, Upload]) -> Any:
        document = files.get("document")
        if document is None:
            raise bad("there is no document in the request")
        if not document.content:
            raise bad("file must be non-empty")
        if len(document.content) > LARGEST_DOCUMENT:
            raise Refusal(413, "Request Entity Too Large")
        shown = {"file_id": "BQACAg", "file_unique_id": "AgAD", "file_name": document.name}
        return self._with_caption(sent, "document", document, {"document": shown})

    def _with_caption(self, sent: dict[str, Any], kind: str, file: Upload, shown: dict[str, Any]) -> Any:
        text, entities = _words(sent, "caption")
        if utf16(text) > LONGEST_CAPTION:
            raise bad("message caption is too long")
        return self._sent(sent, kind, text, entities, file=file) | shown

    def _sent(self, sent: dict[str, Any], kind: str, text: str, entities: list[Any], **more: Any) -> Any:
        rows = _rows(sent)
        with self._changed:
            chat = self._reachable(sent)
            self._keep_flood_limits(chat)
            line = Line(
                next(chat.numbers),
                True,
                kind,
                text,
                time.monotonic(),
                int(time.time()),
                entities,
                rows,
                parse_mode=sent.get("parse_mode"),
                **more,
            )
            chat.lines.append(line)
            self._changed.notify_all()
            return self._shown(chat, line)

    def _keep_flood_limits(self, chat: _Chat) -> None:
        """Refuse as Telegram does. Kept strictly: Telegram lets short bursts pass, but promises nothing."""
        if not self.flood:
            return
        now, second = time.monotonic(), 1.0 / self.pace
        while self._sent_at and self._sent_at[0] < now - second:
            self._sent_at.popleft()
        if now < chat.next_at - _LEEWAY or len(self._sent_at) >= ALL_PER_SECOND:
            wait = max(1, round(chat.next_at - now + 0.5))
            self.went_wrong["too fast"] += 1
            raise Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        chat.next_at = now + second / PERSON_PER_SECOND
        self._sent_at.append(now)

    def send_chat_action(self, sent: dict[str, Any], files: dict[str, Upload]) -> Any:
        if sent.get("action") not in ("typing", "upload_photo", "upload_document"):
            raise bad("wrong parameter action in request")
        with self._changed:
            chat = self._reachable(sent)
            chat.typing.append(time.monotonic())
            self._changed.notify_all()
        return True

    def edit_message_reply_markup(self, sent: dict[str, Any], files: dict[str, Upload]) -> Any:
        rows = _rows(sent)
        with self._changed:
            chat = self._reachable(sent)
            number = int(sent.get("message_id", 0))
            line = next((one for one in chat.lines if one.message_id == number), None)
            if line is None:
                raise bad("message to edit not found")
            if not line.from_bot:
                raise bad("message can't be edited")
            if line.rows == rows:
                raise bad(
                    "message is not modified: specified new message content and reply markup are exactly the "
                    "same as a current content and reply markup of the message"
                )
            line.rows = rows
            line.edits += 1
            self._changed.notify_all()
            return self._shown(chat, line)

    def answer_callback_query(self, sent: dict[str, Any], files: dict[str, Upload]) -> Any:
        callback, text = sent.get("callback_query_id", ""), sent.get("text")
        if text is not None and utf16(text) > LONGEST_TOAST:
            raise bad("MESSAGE_TOO_LONG")
        with self._changed:
            if callback not in self._open_taps or callback in self._answered:
                raise bad("query is too old and response timeout expired or query ID is invalid")
            self._answered.add(callback)
            self.toasts.append(Toast(callback, text))
            self._changed.notify_all()
        return True

    def _reachable(self, sent: dict[str, Any]) -> _Chat:
        """The chat that something is for. Raises Refusal where the bot may not write to it."""
        try:
            chat = self._chats.get(int(sent.get("chat_id", "")))
        except ValueError:
            chat = None
        if chat is None or not chat.known:
            raise bad("chat not found")
        if chat.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        return chat

    def _shown(self, chat: _Chat, line: Line) -> dict[str, Any]:
        """A message as Telegram writes it down."""
        sender = self._bot if line.from_bot else self._people[chat.id].as_user
        found: dict[str, Any] = {
            "message_id": line.message_id,
            "from": sender,
            "chat": self._chat(chat),
            "date": line.date,
        }
        if line.text:
            words = "text" if line.kind == "text" else "caption"
            found[words] = line.text
            if line.entities:
                found["entities" if line.kind == "text" else "caption_entities"] = line.entities
        if line.rows:
            found["reply_markup"] = {
                "inline_keyboard": [
                    [{"text": title, "callback_data": data} for title, data in row] for row in line.rows
                ]
            }
        return found

    def _chat(self, chat: _Chat) -> dict[str, Any]:
        if chat.kind == "private":
            return {"id": chat.id, "first_name": chat.title, "type": "private"}
        return {"id": chat.id, "title": chat.title, "type": chat.kind}


class Person:
    """Somebody with a telephone. `id`: the person's id, and that of the chat with the bot."""

    def __init__(self, server: TelegramServer, number: int, name: str, language: str | None) -> None:
        self.server = server
        self.id = number
        self.name = name
        self.language = language

    def __repr__(self) -> str:
        return f"Person({self.name!r})"

    @property
    def as_user(self) -> dict[str, Any]:
        user = {"id": self.id, "is_bot": False, "first_name": self.name}
        return user | ({"language_code": self.language} if self.language else {})

    @property
    def _chat(self) -> _Chat:
        return self.server._chats[self.id]

    # --- what the person does ---

    def say(self, text: str, **more: Any) -> int:
        """Type this and send it; the message's id."""
        entities = []
        if command := re.match(r"/[A-Za-z0-9_]+(@[A-Za-z0-9_]+)?", text):
            entities = [{"type": "bot_command", "offset": 0, "length": command.end()}]
        return self._send("text", text, entities, more)

    def start(self, code: str | None = None) -> int:
        """Open the chat with the bot, as by a link t.me/bot?start=code."""
        return self.say("/start" if code is None else f"/start {code}")

    def send(self, kind: str, caption: str = "", **more: Any) -> int:
        """Send something that is no text: 'sticker', 'voice', 'photo', 'location', ..."""
        return self._send(kind, caption, [], _CONTENTS.get(kind, {kind: {}}) | more)

    def _send(self, kind: str, text: str, entities: list[Any], more: dict[str, Any]) -> int:
        with self.server._changed:
            chat = self._chat
            assert not chat.blocked, "who has blocked a bot cannot write to it"
            chat.known = True
            now = int(time.time())
            line = Line(next(chat.numbers), False, kind, text, time.monotonic(), now, entities)
            chat.lines.append(line)
            self.server.push("message", self.server._shown(chat, line) | more)
            return line.message_id

    def edit(self, message_id: int, text: str) -> None:
        """Change what was sent before."""
        with self.server._changed:
            line = self._line(message_id)
            assert not line.from_bot
            line.text, line.edits = text, line.edits + 1
            shown = self.server._shown(self._chat, line)
            self.server.push("edited_message", shown | {"edit_date": int(time.time()) + line.edits})

    def tap(self, title: str, *, message_id: int | None = None, seconds: float = 10.0) -> str:
        """Tap the newest button whose title is this or begins so, once there is one; the id of the tap."""
        line, data = self.server.wait_until(
            lambda: self._button(title, message_id), seconds, f"for a button {title!r} in {self.shown}"
        )
        return self.tap_data(data, line.message_id)

    def tap_data(
        self, data: str | None, message_id: int | None = None, *, inaccessible: bool = False, **more: Any
    ) -> str:
        """Tap a button that sends this, whether or not it is shown; the id of the tap.

        `message_id`: below which message; None: the tap comes without one. `inaccessible`: it is so old that
        Telegram does not show it.
        """
        with self.server._changed:
            callback = str(next(self.server._callback_ids))
            self.server._open_taps[callback] = self.id
            content: dict[str, Any] = {
                "id": callback,
                "from": self.as_user,
                "chat_instance": str(-7_000_000_000_000_000_000 - self.id),
            }
            if message_id is not None and inaccessible:
                chat = self.server._chat(self._chat)
                content["message"] = {"chat": chat, "message_id": message_id, "date": 0}
            elif message_id is not None:
                content["message"] = self.server._shown(self._chat, self._line(message_id))
            if data is not None:
                content["data"] = data
            self.server.push("callback_query", content | more)
            return callback

    def block(self) -> None:
        """Block the bot."""
        self._member("member", "kicked")

    def unblock(self) -> None:
        """Let it in again."""
        self._member("kicked", "member")

    def _member(self, before: str, after: str) -> None:
        with self.server._changed:
            self._chat.blocked = after == "kicked"
            bot = self.server._bot
            members = [
                {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})
                for status in (before, after)
            ]
            change = {
                "chat": self.server._chat(self._chat),
                "from": self.as_user,
                "date": int(time.time()),
                "old_chat_member": members[0],
                "new_chat_member": members[1],
            }
            self.server.push("my_chat_member", change)

    def say_in(self, group: int, text: str) -> None:
        """Say something to the bot in a group."""
        with self.server._changed:
            chat = self.server._chats[group]
            number, now = next(chat.numbers), int(time.time())
            chat.lines.append(Line(number, False, "text", text, time.monotonic(), now))
            shown = {"message_id": number, "from": self.as_user, "chat": self.server._chat(chat), "date": now}
            self.server.push("message", shown | {"text": text})

    # --- what the person sees ---

    @property
    def lines(self) -> list[Line]:
        """All of the chat, from the top."""
        return self.server.lines(self.id)

    @property
    def shown(self) -> list[str]:
        """The bot's words, one message after another."""
        return [line.text for line in self.lines if line.from_bot]

    @property
    def last(self) -> Line:
        """The newest message of the bot."""
        return next(line for line in reversed(self.lines) if line.from_bot)

    @property
    def keyboards(self) -> list[Line]:
        """The messages that have buttons now."""
        return [line for line in self.lines if line.rows]

    @property
    def typing(self) -> int:
        """How often the bot has shown that it is typing."""
        return len(self._chat.typing)

    def toasts(self) -> list[Toast]:
        """How this person's taps were answered, in order."""
        with self.server._changed:
            return [one for one in self.server.toasts if self.server._open_taps[one.callback] == self.id]

    def since(self, message_id: int) -> list[Line]:
        """The bot's messages behind this one."""
        return [line for line in self.lines if line.from_bot and line.message_id > message_id]

    def wait_for(self, words: str, *, after: int = 0, seconds: float = 10.0) -> Line:
        """Wait for a message of the bot that holds these words, behind message `after`."""
        found: Line = self.server.wait_until(
            lambda: next((line for line in self.since(after) if words in line.text), None),
            seconds,
            f"for {words!r} in {self.shown}",
        )
        return found

    def _line(self, message_id: int) -> Line:
        return next(line for line in self._chat.lines if line.message_id == message_id)

    def _button(self, title: str, message_id: int | None) -> tuple[Line, str] | None:
        for line in reversed(self._chat.lines):
            if message_id in (None, line.message_id):
                buttons = [one for row in line.rows for one in row]
                exact = [data for shown, data in buttons if shown == title]
                found = exact or [data for shown, data in buttons if shown.startswith(title)]
                if found:
                    return line, found[0]
        return None


# What comes with each kind of message, cut down from the examples of the documentation.
_FILE = {"file_id": "CAACAgIAAx", "file_unique_id": "AgADBAAD", "file_size": 12345}
_CONTENTS: Mapping[str, dict[str, Any]] = {
    "sticker": {
        "sticker": _FILE
        | {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    },
    "voice": {"voice": _FILE | {"duration": 3, "mime_type": "audio/ogg"}},
    "audio": {"audio": _FILE | {"duration": 180, "title": "Lied"}},
    "video": {"video": _FILE | {"width": 640, "height": 480, "duration": 9}},
    "video_note": {"video_note": _FILE | {"length": 240, "duration": 4}},
    "photo": {"photo": [_FILE | {"width": 90, "height": 67}, _FILE | {"width": 800, "height": 600}]},
    "document": {"document": _FILE | {"file_name": "jaarplan.pdf", "mime_type": "application/pdf"}},
    "location": {"location": {"latitude": 52.09, "longitude": 5.12}},
    "contact": {"contact": {"phone_number": "+31600000000", "first_name": "Bo"}},
    "dice": {"dice": {"emoji": "🎲", "value": 4}},
    "poll": {
        "poll": {
            "id": "53",
            "question": "Wat?",
            "options": [{"text": "a", "voter_count": 0}, {"text": "b", "voter_count": 0}],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
        }
    },
}

_METHODS: dict[str, Callable[[TelegramServer, dict[str, Any], dict[str, Upload]], Any]] = {
    "getme": TelegramServer.get_me,
    "getupdates": TelegramServer.get_updates,
    "setwebhook": TelegramServer.set_webhook,
    "deletewebhook": TelegramServer.delete_webhook,
    "setmycommands": TelegramServer.set_my_commands,
    "sendmessage": TelegramServer.send_message,
    "sendphoto": TelegramServer.send_photo,
    "senddocument": TelegramServer.send_document,
    "sendchataction": TelegramServer.send_chat_action,
    "editmessagereplymarkup": TelegramServer.edit_message_reply_markup,
    "answercallbackquery": TelegramServer.answer_callback_query,
}


def _lane(update: dict[str, Any]) -> int:
    """Updates of one lane are delivered one after another: those of a chat, and a person's taps."""
    for kind, content in update.items():
        if kind == "callback_query":
            return -int(content["from"]["id"])
        if kind != "update_id":
            chat = content.get("chat") if isinstance(content, dict) else None
            return int(chat["id"]) if chat else 0
    return 0


def _words(sent: dict[str, Any], key: str) -> tuple[str, list[dict[str, Any]]]:
    """What a message says, as Telegram shows it."""
    text, mode = sent.get(key, ""), sent.get("parse_mode")
    if mode is None:
        return text.strip(), []
    if mode != "HTML":
        raise bad("unsupported parse_mode")
    plain, entities = parse_html(text)
    front = utf16(plain) - utf16(plain.lstrip())
    return plain.strip(), [one | {"offset": max(0, one["offset"] - front)} for one in entities]


def _rows(sent: dict[str, Any]) -> list[list[tuple[str, str]]]:
    """The inline keyboard that was sent. Raises Refusal."""
    markup = sent.get("reply_markup")
    if markup is None:
        return []
    rows = json.loads(markup)["inline_keyboard"]
    for row in rows:
        for button in row:
            if not button.get("text", "").strip():
                raise bad("can't parse inline keyboard button: Button text must be non-empty")
            data = button.get("callback_data")
            if data is None:
                raise bad(
                    "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
                )
            if not 1 <= len(data.encode()) <= LONGEST_DATA:
                raise bad("BUTTON_DATA_INVALID")
    if sum(map(len, rows)) > MOST_BUTTONS or any(len(row) > MOST_IN_A_ROW for row in rows):
        raise bad("reply markup is too long")
    return [[(button["text"], button["callback_data"]) for button in row] for row in rows if row]


def _size_of(image: bytes) -> tuple[int, int]:
    """Width and height of a PNG. Raises Refusal for what is no picture."""
    if image[:8] != b"\x89PNG\r\n\x1a\n" or image[12:16] != b"IHDR" or b"IEND" not in image[-16:]:
        raise bad("IMAGE_PROCESS_FAILED")
    width, height = struct.unpack(">II", image[16:24])
    return width, height


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nothing to report."""


def _handler_of(server: TelegramServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            """Nothing is written."""

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            if len(body) < length:
                # Whoever called has died in the middle of it.
                self._hang_up()
                return
            sent, files = _form(self.headers.get("content-type", ""), body)
            _, _, rest = self.path.partition("/bot")
            token, _, name = rest.partition("/")
            method = name.lower()
            with server._changed:
                server.calls.append((method, sent))
                fault = server._fault(method)
                server.went_wrong.update([fault.how] if fault is not None else [])
            if token != server.token:
                self._answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
                return
            if fault is not None and self._stumbles(fault):
                return
            status, answer = self._done(method, sent, files)
            if fault is not None and fault.how in _UNTOLD and method in _SENDS and status == 200:
                with server._changed:
                    server.lost.add((answer["result"]["chat"]["id"], answer["result"]["message_id"]))
            if fault is None:
                self._answer(status, answer)
            elif fault.how == "garbage":
                self._send(200, b"<html>Welcome to our network</html>", "text/html")
            elif fault.how == "drop_after":
                self._hang_up()
            elif fault.how == "status_after":
                said = {"ok": False, "error_code": fault.status, "description": "Bad Gateway"}
                self._answer(fault.status, said)
            else:
                time.sleep(fault.seconds)
                self._answer(status, answer)

        do_GET = do_POST

        def _stumbles(self, fault: Fault) -> bool:
            """Whether that is all there is to this call."""
            if fault.how == "status":
                said = {"ok": False, "error_code": fault.status, "description": "Internal Server Error"}
                self._answer(fault.status, said)
            elif fault.how == "refuse":
                self._answer(400, {"ok": False, "error_code": 400, "description": fault.description})
            elif fault.how == "flood":
                wait = max(1, round(fault.seconds))
                said = {
                    "ok": False,
                    "error_code": 429,
                    "description": f"Too Many Requests: retry after {wait}",
                    "parameters": {"retry_after": wait},
                }
                self._answer(429, said)
            elif fault.how == "drop_before":
                self._hang_up()
            elif fault.how == "slow_before":
                time.sleep(fault.seconds)
                self._hang_up()
            else:
                return False
            return True

        def _done(self, method: str, sent: dict[str, Any], files: dict[str, Upload]) -> tuple[int, Any]:
            try:
                return 200, {"ok": True, "result": server.call(method, sent, files)}
            except Refusal as refusal:
                if refusal.status in (400, 404, 413):
                    with server._changed:
                        server.refused.append((method, refusal.description))
                answer = {"ok": False, "error_code": refusal.status, "description": refusal.description}
                if refusal.parameters:
                    answer["parameters"] = refusal.parameters
                return refusal.status, answer

        def _answer(self, status: int, answer: Any) -> None:
            self._send(status, json.dumps(answer).encode(), "application/json")

        def _send(self, status: int, body: bytes, media: str) -> None:
            # In one piece: two would wait for one another.
            head = f"HTTP/1.1 {status} .\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

        def _hang_up(self) -> None:
            self.close_connection = True

    return Handler


def _form(media: str, body: bytes) -> tuple[dict[str, Any], dict[str, Upload]]:
    """The fields and files of a request."""
    if not media.startswith("multipart/"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True)), {}
    message = BytesParser().parsebytes(b"Content-Type: " + media.encode() + b"\r\n\r\n" + body)
    sent: dict[str, Any] = {}
    files: dict[str, Upload] = {}
    for part in message.get_payload():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        file_name = part.get_filename()
        if file_name is None:
            sent[name] = content.decode()
        else:
            files[name] = Upload(file_name, part.get_content_type(), content)
    return sent, files
