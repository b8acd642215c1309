"""A small Graph API server: as much of WhatsApp's Cloud API as Peil uses, with its limits and its troubles.

It takes messages and files as Graph does, refuses what breaks a published limit, and delivers what people say
to a webhook, signed, again and again until it is answered with 200. Its errors are Meta's. All of it can be
called from plain functions: it runs in threads of its own.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import itertools
import json
import random
import re
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

import httpx

from tests.whatsapp_messages import PHONE_ID, contact, message, payload, status, value

TOKEN = "EAAJB-not-a-real-token"
APP_SECRET = "an app secret that nobody knows"

Trouble = Literal["error", "html", "portal", "break", "break_after", "html_after", "slow"]
"""What goes wrong with a request: Graph refuses it, or what stands before Graph does (which may look like a
success); the connection breaks, or the answer cannot be read, before or after it took effect; it is slow."""

_WINDOW = 24 * 60 * 60
_PAIR_BURST, _PAIR_SECONDS = 45, 6.0
_IMAGE_TYPES = {"image/jpeg": b"\xff\xd8", "image/png": b"\x89PNG"}
_DOCUMENT_TYPES = {"application/pdf": b"%PDF", "text/plain": b""}
_SIZES = {"image": 5 * 1024 * 1024, "document": 100 * 1024 * 1024}
_SCOPED = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")


class GraphError(Exception):
    """Graph refuses a request."""

    def __init__(
        self, code: int, details: str = "", *, status: int = 400, subcode: int | None = None
    ) -> None:
        super().__init__(f"{code} {details}")
        self.code, self.details, self.status, self.subcode = code, details, status, subcode

    def body(self) -> dict[str, Any]:
        """As Graph words it."""
        found: dict[str, Any] = {
            "message": f"(#{self.code}) {self.details}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": "A" + hashlib.sha256(self.details.encode()).hexdigest()[:16],
        }
        if self.subcode is not None:
            found["error_subcode"] = self.subcode
        return {"error": found}


@dataclass(frozen=True)
class Call:
    """A request as it came in, and how it was answered (0: not at all)."""

    path: str
    body: dict[str, Any]
    status: int


@dataclass(frozen=True)
class Delivered:
    """One POST to the webhook: how it was answered (0: not at all), and after how many seconds."""

    status: int
    seconds: float


@dataclass(frozen=True)
class Seen:
    """What a person sees in the chat. `buttons` and `rows`: (title, what it sends, description).

    `at`: when it came, on time.monotonic's clock.
    """

    id: str
    kind: Literal["text", "buttons", "list", "image", "document", "template"]
    text: str
    buttons: tuple[tuple[str, str, str], ...] = ()
    rows: tuple[tuple[str, str, str], ...] = ()
    opens: str = ""
    content: bytes = b""
    filename: str = ""
    at: float = field(default_factory=time.monotonic, compare=False)

    @property
    def titles(self) -> list[str]:
        """Everything that can be tapped."""
        return [title for title, _, _ in (*self.buttons, *self.rows)]

    @property
    def tokens(self) -> list[str]:
        """What each of these sends."""
        return [token for _, token, _ in (*self.buttons, *self.rows)]


@dataclass
class _Fault:
    trouble: Trouble
    times: int
    path: str
    code: int
    status: int
    seconds: float


@dataclass
class _Event:
    """Something to deliver: the value of one change."""

    owner: str
    value: dict[str, Any]
    tries: int = 0


class Person:
    """Somebody with a telephone. `number` and `scoped`: as the business sees them; not both need be there."""

    def __init__(self, server: GraphServer, number: str, scoped: str | None, *, hides: bool) -> None:
        self._server = server
        self.number, self.scoped, self.hides = number, scoped, hides
        self.seen: list[Seen] = []
        self.read: list[str] = []
        self.typing = 0
        self.wrote_at: float | None = None
        self.gone = False
        self.allowance = float(_PAIR_BURST)
        self.allowed_at = 0.0
        self._mark = 0

    @property
    def account(self) -> str:
        """How Peil names this person."""
        return self.scoped or self.number

    # --- what the person does ---

    def say(self, text: str) -> str:
        """Type this; WhatsApp's id of the message."""
        return self._write("text", text={"body": text})

    def tap(self, title: str, *, seconds: float = 10) -> str:
        """Tap the newest button or row whose title begins so, once it is there; they can be tapped again."""
        with contextlib.suppress(AssertionError):
            self._server.wait_until(lambda: self._has(title), seconds)
        for one in reversed(self.seen):
            for found, token, _ in (*one.buttons, *one.rows):
                if found.startswith(title):
                    return self._tap(one, token)
        raise LookupError(f"no button or row {title!r}; the newest: {self.titles}")

    def tap_token(self, token: str) -> str:
        """Tap what sends this, wherever it stands."""
        found = next((one for one in reversed(self.seen) if token in one.tokens), None)
        if found is None:
            raise LookupError("no button or row sends this")
        return self._tap(found, token)

    def _tap(self, below: Seen, token: str) -> str:
        which = "button_reply" if below.buttons else "list_reply"
        [(title, _, description)] = [one for one in (*below.buttons, *below.rows) if one[1] == token]
        reply = {"id": token, "title": title} | ({"description": description} if description else {})
        return self._write(
            which,
            interactive={"type": which, which: reply},
            context={"from": self._server.display_number, "id": below.id},
        )

    def _has(self, title: str) -> bool:
        return any(found.startswith(title) for one in self.seen for found in one.titles)

    def send(self, kind: str, **changes: Any) -> str:
        """Send something of this kind (tests.whatsapp_messages.MESSAGES)."""
        return self._write(kind, **changes)

    def edit(self, message_id: str, text: str) -> str:
        """Change what was said before."""
        edited = {"original_message_id": message_id, "message": {"type": "text", "text": {"body": text}}}
        return self._write("edit", edit=edited)

    def _write(self, kind: str, **changes: Any) -> str:
        message_id = self._server.new_id(self.number)
        number = None if self.hides else self.number
        with self._server.lock:
            self._mark = len(self.seen)
            self.wrote_at = self._server.now()
            written = message(
                kind,
                message_id=message_id,
                number=number,
                scoped=self.scoped,
                at=int(self.wrote_at),
                **changes,
            )
        introduced = [] if written["type"] == "system" else [contact(number, self.scoped)]
        self._server.deliver(
            self.account, value([written], contacts=introduced, phone_id=self._server.phone_id)
        )
        return message_id

    # --- what the person sees ---

    @property
    def titles(self) -> list[str]:
        """What can be tapped in the newest message that has something to tap."""
        return next((one.titles for one in reversed(self.seen) if one.titles), [])

    @property
    def shown(self) -> list[str]:
        """The texts of all messages, in order."""
        return [one.text for one in self.seen]

    @property
    def last(self) -> Seen:
        """The newest message."""
        return self.seen[-1]

    def wait_for(self, words: str | Callable[[Seen], bool] = "", *, seconds: float = 10) -> Seen:
        """Wait for the first message since the person last did something that holds these words, or fits."""

        def fits(one: Seen) -> bool:
            return words in one.text if isinstance(words, str) else words(one)

        found: Seen = self._server.wait_until(
            lambda: next((one for one in self.seen[self._mark :] if fits(one)), None),
            seconds,
            lambda: f"for {words!r} in {self.shown[self._mark :]}",
        )
        return found


class GraphServer:
    """The server. Use it as a context manager, or call `start` and `stop`.

    `webhook`: where to deliver; until it is set, everything waits. `limits`: whether the pair rate and the
    throughput are kept. `window_late`: a message outside the window is taken, and fails by a status later, as
    WhatsApp often does it. `repeats`: how often each delivery is made at least; `spread`: within so many
    seconds; `ordered`: the first time in the order in which people write. `statuses`: whether people's
    telephones tell what became of messages. `long_ids`: of messages, longer than 64 characters. `fail_rate`:
    share of sends that go wrong; `troubles`: how.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        phone_id: str = PHONE_ID,
        app_secret: str = APP_SECRET,
        display_number: str = "15550783881",
        seed: int = 1,
    ) -> None:
        self.token, self.phone_id, self.app_secret = token, phone_id, app_secret
        self.display_number = display_number
        self.webhook: str | None = None
        self.limits = False
        self.throughput = 80
        self.window_late = False
        self.templates: set[tuple[str, str]] = set()
        self.repeats, self.spread, self.ordered = 1, 0.3, True
        self.statuses = False
        self.long_ids = False
        self.fail_rate = 0.0
        self.troubles: tuple[Trouble, ...] = ("error", "html", "break", "slow")
        self.calls: list[Call] = []
        self.accepted: list[dict[str, Any]] = []
        self.deliveries: list[Delivered] = []
        self.went_wrong: Counter[str] = Counter()
        """How often each kind of trouble has happened."""
        self.lost: set[str] = set()
        """The ids of messages that people have, and of which the business was never told."""
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self._shift = 0.0
        self._random = random.Random(seed)
        self._ids = itertools.count(1)
        self._people: dict[str, Person] = {}
        self._media: dict[str, tuple[str, bytes, str]] = {}
        self._faults: list[_Fault] = []
        self._sent_at: deque[float] = deque()
        self._waiting: dict[str, deque[_Event]] = {}
        self._under_way: set[str] = set()
        self._batch: list[_Event] | None = None
        self._loose = 0
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(32)
        self._client = httpx.Client(timeout=10, trust_env=False)
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self._http.server_port}"

    def start(self) -> Self:
        """Serve from now on."""
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Serve and deliver nothing any more."""
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._client.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- what the test does ---

    def person(
        self, number: str = "31612345678", *, scoped: str | None = None, hides: bool = False
    ) -> Person:
        """Somebody new. `scoped`: their id within this business; `hides`: and never their number."""
        found = Person(self, number, scoped, hides=hides)
        with self.lock:
            found.allowed_at = self.now()
            self._people |= {one: found for one in (number, scoped) if one}
        return found

    def fail(
        self,
        trouble: Trouble,
        times: int = 1,
        *,
        on: str = "/messages",
        code: int = 131000,
        status: int = 500,
        seconds: float = 1.0,
    ) -> None:
        """Let the next requests to this address go wrong; `seconds`: where it is slow."""
        with self.lock:
            self._faults.append(_Fault(trouble, times, on, code, status, seconds))

    def travel(self, seconds: float) -> None:
        """Let so much time go by for WhatsApp."""
        with self.lock:
            self._shift += seconds

    def now(self) -> float:
        """WhatsApp's clock, in seconds since 1970."""
        return time.time() + self._shift

    @contextlib.contextmanager
    def one_request(self) -> Iterator[None]:
        """Deliver all that people say meanwhile in one request."""
        with self.lock:
            self._batch = []
        yield
        with self.lock:
            gathered, self._batch = self._batch or [], None
        if gathered:
            owner = f"a batch {next(self._ids)}"
            self._queue(_Event(owner, {"batch": [event.value for event in gathered]}))

    def wait_until(
        self, true: Callable[[], Any], seconds: float = 10, what: Callable[[], str] = lambda: ""
    ) -> Any:
        """Wait until this is true, and give it. Raises AssertionError when it is not in time."""
        end = time.monotonic() + seconds
        with self.changed:
            while not (found := true()):
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"waited {seconds} s {what()}")
                self.changed.wait(min(left, 0.1))
            return found

    def until_delivered(self, seconds: float = 20) -> None:
        """Wait until everything that people said has been answered with 200, and every repeat of it."""

        def all_delivered() -> bool:
            return not any(self._waiting.values()) and not self._under_way and not self._loose

        def left() -> str:
            return f"for {sum(map(len, self._waiting.values()))} deliveries and {self._loose} more"

        self.wait_until(all_delivered, seconds, left)

    def subscribe(self, address: str, verify_token: str) -> httpx.Response:
        """Ask whether the address is theirs, as when an operator enters it."""
        query = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": "1158201444"}
        return self._client.get(address, params=query)

    def post(
        self, body: bytes, *, signature: str | None = None, address: str | None = None
    ) -> httpx.Response:
        """Deliver these bytes, once, with their signature or another one."""
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        signature = self.sign(body) if signature is None else signature
        if signature:
            headers["X-Hub-Signature-256"] = signature
        return self._client.post(address or self.webhook or "", content=body, headers=headers)

    def sign(self, body: bytes) -> str:
        """What stands in X-Hub-Signature-256."""
        return "sha256=" + hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()

    def new_id(self, number: str) -> str:
        """An id as WhatsApp makes them; some are longer than 64 characters."""
        text = f"\x1d{number}\x15\x02{next(self._ids):010d}" + (
            "a longer one than most" if self.long_ids else ""
        )
        return "wamid." + base64.b64encode(text.encode()).decode()

    # --- delivering ---

    def deliver(self, owner: str, change: dict[str, Any]) -> None:
        """Deliver a change, until it is answered with 200; of one owner one after another, if in order."""
        event = _Event(owner, change)
        with self.lock:
            if self._batch is not None:
                self._batch.append(event)
                return
        if self.ordered:
            self._queue(event)
        else:
            for _ in range(self.repeats):
                self._loosely(self._post_later, change, self._random.uniform(0, self.spread))

    def _queue(self, event: _Event) -> None:
        with self.lock:
            self._waiting.setdefault(event.owner, deque()).append(event)
        self._submit(self._work, event.owner)

    def _work(self, owner: str) -> None:
        with self.lock:
            if owner in self._under_way or not self._waiting[owner]:
                return
            self._under_way.add(owner)
        try:
            while not self._stopping.is_set():
                with self.lock:
                    if not self._waiting[owner]:
                        break
                    event = self._waiting[owner][0]
                if self._post_until_taken(event):
                    with self.lock:
                        self._waiting[owner].popleft()
                    for _ in range(self.repeats - 1):
                        self._loosely(self._post_later, event.value, self._random.uniform(0, self.spread))
        finally:
            with self.changed:
                self._under_way.discard(owner)
                again = bool(self._waiting[owner]) and not self._stopping.is_set()
                self.changed.notify_all()
            if again:
                self._submit(self._work, owner)

    def _post_until_taken(self, event: _Event) -> bool:
        while not self._stopping.is_set():
            if self.webhook and self._post_value(event.value) == 200:
                return True
            event.tries += 1
            self._stopping.wait(min(1.0, 0.05 * 2 ** min(event.tries, 6)))
        return False

    def _post_later(self, change: dict[str, Any], seconds: float) -> None:
        self._stopping.wait(seconds)
        while not self._stopping.is_set() and self._post_value(change) != 200:
            self._stopping.wait(0.2)

    def _post_value(self, change: dict[str, Any]) -> int:
        body = json.dumps(payload(*change.get("batch", [change]))).encode()
        begun = time.perf_counter()
        try:
            answered = self.post(body).status_code
        except httpx.HTTPError:
            answered = 0
        with self.changed:
            self.deliveries.append(Delivered(answered, time.perf_counter() - begun))
            self.changed.notify_all()
        return answered

    def _loosely(self, work: Callable[..., None], *given: Any) -> None:
        """Do it in no particular order with all else."""

        def run() -> None:
            try:
                work(*given)
            finally:
                with self.changed:
                    self._loose -= 1
                    self.changed.notify_all()

        with self.lock:
            self._loose += 1
        self._submit(run)

    def _submit(self, work: Callable[..., None], *given: Any) -> None:
        with contextlib.suppress(RuntimeError):  # it has been stopped
            self._pool.submit(work, *given)

    # --- being called ---

    def fault(self, path: str) -> _Fault | None:
        """What goes wrong with a request to this path, if anything."""
        with self.lock:
            for one in self._faults:
                if one.times and path.endswith(one.path):
                    one.times -= 1
                    return one
            if path.endswith("/messages") and self._random.random() < self.fail_rate:
                return _Fault(self._random.choice(self.troubles), 0, path, 131000, 500, 0.3)
            return None

    def take(self, path: str, token: str, body: dict[str, Any]) -> dict[str, Any]:
        """Do what a request asks for. Raises GraphError."""
        with self.changed:
            if token != f"Bearer {self.token}":
                raise GraphError(190, "Invalid OAuth access token", status=401)
            found = re.fullmatch(r"/v\d+\.\d+/([^/]+)/(messages|media)", path)
            if found is None or found[1] != self.phone_id:
                raise GraphError(100, "Unsupported post request. Object does not exist", subcode=33)
            if body.get("messaging_product") != "whatsapp":
                raise GraphError(100, "The parameter messaging_product is required.")
            take = self._take_message
            if found[2] == "media":
                take = self._take_media
            elif "status" in body:
                take = self._take_status
            try:
                return take(body)
            except (AttributeError, KeyError, TypeError):
                raise GraphError(100, "Invalid parameter") from None
            finally:
                self.changed.notify_all()

    def _take_media(self, body: dict[str, Any]) -> dict[str, Any]:
        name, kind, content = body["file"]
        beginnings = _IMAGE_TYPES | _DOCUMENT_TYPES
        if body.get("type") != kind or kind not in beginnings:
            raise GraphError(100, f"Param file must be a file with one of the following types, not {kind}")
        family = "image" if kind in _IMAGE_TYPES else "document"
        if not content.startswith(beginnings[kind]) or not 0 < len(content) <= _SIZES[family]:
            raise GraphError(131053, "Media upload error")
        media_id = str(1908647269890000 + next(self._ids))
        self._media[media_id] = (kind, content, name)
        return {"id": media_id}

    def _take_status(self, body: dict[str, Any]) -> dict[str, Any]:
        check_keys(body, {"messaging_product", "status", "message_id"}, {"typing_indicator"})
        for person in set(self._people.values()):
            # A person's messages are known by what their ids are made of.
            if body["message_id"].startswith("wamid.") and person.number.encode() in _unpacked(
                body["message_id"]
            ):
                person.read.append(body["message_id"])
                person.typing += "typing_indicator" in body
                return {"success": True}
        raise GraphError(131009, "Parameter value is not valid: message_id")

    def _take_message(self, body: dict[str, Any]) -> dict[str, Any]:
        kind = body.get("type")
        check_message(body)
        address = str(body.get("to") or body.get("recipient")).removeprefix("+")
        person = self._people.get(address)
        if person is None or person.gone:
            raise GraphError(131026, "Message undeliverable.")
        self._keep_limits(person)
        message_id = self.new_id(self.display_number)
        if kind == "template":
            self._check_template(body["template"])
        elif person.wrote_at is None or self.now() - person.wrote_at > _WINDOW:
            if not self.window_late:
                raise GraphError(131047, "Message failed to send because more than 24 hours have passed")
            self._tell(person, "failed", message_id, errors=[131047])
            return self._answer(person, body, message_id)
        seen = self._as_seen(message_id, body)
        self.accepted.append(body)
        person.seen.append(seen)
        if self.statuses:
            for became in ("sent", "delivered", "read"):
                self._tell(person, became, message_id)
        return self._answer(person, body, message_id)

    def _answer(self, person: Person, body: dict[str, Any], message_id: str) -> dict[str, Any]:
        known = {"wa_id": person.number} if "to" in body else {"user_id": person.scoped}
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": body.get("to") or body["recipient"], **known}],
            "messages": [{"id": message_id}],
        }

    def _tell(self, person: Person, became: str, message_id: str, errors: list[int] | None = None) -> None:
        told = status(became, message_id, number=person.number, scoped=person.scoped, errors=errors or [])
        self._loosely(self._post_later, value(statuses=[told], phone_id=self.phone_id), 0.01)

    def _keep_limits(self, person: Person) -> None:
        if not self.limits:
            return
        now = self.now()
        while self._sent_at and now - self._sent_at[0] >= 1:
            self._sent_at.popleft()
        if len(self._sent_at) >= self.throughput:
            self.went_wrong["too fast"] += 1
            raise GraphError(130429, "Rate limit hit", status=429)
        refilled = person.allowance + (now - person.allowed_at) / _PAIR_SECONDS
        person.allowance, person.allowed_at = min(float(_PAIR_BURST), refilled), now
        if person.allowance < 1:
            self.went_wrong["too fast"] += 1
            raise GraphError(131056, "(Business Account, Consumer Account) pair rate limit hit")
        person.allowance -= 1
        self._sent_at.append(now)

    def _check_template(self, template: dict[str, Any]) -> None:
        check_keys(template, {"name", "language"}, {"components"})
        if (template["name"], template["language"]["code"]) not in self.templates:
            raise GraphError(132001, "Template name does not exist in the translation", status=404)
        if template.get("components"):
            raise GraphError(132000, "Number of parameters does not match the expected number of params")

    def _as_seen(self, message_id: str, body: dict[str, Any]) -> Seen:
        kind = body["type"]
        if kind == "text":
            return Seen(message_id, "text", body["text"]["body"])
        if kind == "template":
            return Seen(message_id, "template", body["template"]["name"])
        if kind in ("image", "document"):
            content = self._media_of(kind, body[kind])
            filename = body[kind].get("filename", "")
            return Seen(message_id, kind, body[kind].get("caption", ""), content=content, filename=filename)
        inner = body["interactive"]
        action, text = inner["action"], inner["body"]["text"]
        if inner["type"] == "list":
            rows = tuple(
                (row["title"], row["id"], row.get("description", ""))
                for section in action["sections"]
                for row in section["rows"]
            )
            return Seen(message_id, "list", text, rows=rows, opens=action["button"])
        header = inner.get("header", {})
        content, filename = b"", ""
        if header.get("type") in ("image", "document"):
            above = header[header["type"]]
            content, filename = self._media_of(header["type"], above), above.get("filename", "")
        buttons = tuple((one["reply"]["title"], one["reply"]["id"], "") for one in action["buttons"])
        return Seen(message_id, "buttons", text, buttons, content=content, filename=filename)

    def _media_of(self, family: str, media: dict[str, Any]) -> bytes:
        kind, content, _ = self._media.get(media["id"], ("", b"", ""))
        if kind not in (_IMAGE_TYPES if family == "image" else _DOCUMENT_TYPES):
            raise GraphError(131009, f"Parameter value is not valid: {family}.id")
        return content


# --- published limits ---


def check_message(body: dict[str, Any]) -> None:
    """Raise GraphError for a message that breaks a published limit, or holds what Graph does not know."""
    kind = body.get("type")
    if kind not in ("text", "interactive", "image", "document", "template"):
        raise GraphError(100, "Param type must be one of the message types")
    addresses = {"to", "recipient"} & set(body)
    check_keys(body, {"messaging_product", "type", kind}, {"recipient_type", "to", "recipient"})
    if len(addresses) != 1 or body.get("recipient_type", "individual") != "individual":
        raise GraphError(100, "The parameter to is required.")
    if "to" in body and not re.fullmatch(r"\+?\d{5,20}", str(body["to"])):
        raise GraphError(131009, "Parameter value is not valid: to")
    if "recipient" in body and not _SCOPED.fullmatch(str(body["recipient"])):
        raise GraphError(131009, "Parameter value is not valid: recipient")
    inner = body[kind]
    if kind == "text":
        check_keys(inner, {"body"}, {"preview_url"})
        check_length("text.body", inner["body"], 4096)
    elif kind == "image":
        check_keys(inner, {"id"}, {"caption"})
        check_length("image.caption", inner.get("caption", " "), 1024)
    elif kind == "document":
        check_keys(inner, {"id"}, {"caption", "filename"})
        check_length("document.caption", inner.get("caption", " "), 1024)
        check_length("document.filename", inner.get("filename", " "), 240)
    elif kind == "interactive":
        _check_interactive(inner)


def _check_interactive(inner: dict[str, Any]) -> None:
    check_keys(inner, {"type", "body", "action"}, {"header", "footer"})
    check_length("footer", inner.get("footer", {"text": " "})["text"], 60)
    header, action = inner.get("header"), inner["action"]
    if header is not None and header["type"] == "text":
        check_length("header", header["text"], 60)
    if inner["type"] == "button":
        check_length("body", inner["body"]["text"], 1024)
        check_keys(action, {"buttons"}, set())
        replies = [one["reply"] for one in action["buttons"]]
        if not 1 <= len(replies) <= 3 or any(one["type"] != "reply" for one in action["buttons"]):
            raise GraphError(131009, "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3")
        for reply in replies:
            check_keys(reply, {"id", "title"}, set())
            check_length("button title", reply["title"], 20)
            check_length("button id", reply["id"], 256)
        _check_unique("button", replies, "title", "id")
    elif inner["type"] == "list":
        # Some of Meta's pages say 1,024 here.
        check_length("body", inner["body"]["text"], 4096)
        check_keys(action, {"button", "sections"}, set())
        check_length("button", action["button"], 20)
        sections = action["sections"]
        rows = [row for section in sections for row in section["rows"]]
        if (
            not 1 <= len(sections) <= 10
            or not 1 <= len(rows) <= 10
            or not all(one["rows"] for one in sections)
        ):
            raise GraphError(131009, "Total row count exceeds max allowed count: 10")
        for section in sections:
            check_keys(section, {"rows"}, {"title"})
            if len(sections) > 1 or "title" in section:
                check_length("section title", section.get("title"), 24)
        for row in rows:
            check_keys(row, {"id", "title"}, {"description"})
            check_length("row title", row["title"], 24)
            check_length("row id", row["id"], 200)
            check_length("row description", row.get("description", " "), 72)
        _check_unique("row", rows, "id")
        if header is not None and header["type"] != "text":
            raise GraphError(131009, "Header of a list must be text")
    else:
        raise GraphError(131009, "Parameter value is not valid: interactive.type")


def check_keys(found: dict[str, Any], needed: set[str], allowed: set[str]) -> None:
    """Raise GraphError where something is missing or unknown."""
    for key in sorted(needed - set(found)):
        raise GraphError(131008, f"Required parameter is missing: {key}")
    for key in sorted(set(found) - needed - allowed):
        raise GraphError(100, f'Unexpected key "{key}"')


def check_length(name: str, text: object, most: int) -> None:
    """Raise GraphError for what is no text, empty, or too long; counted in the way that allows least."""
    if not isinstance(text, str) or not text or len(text.encode("utf-16-le")) // 2 > most:
        raise GraphError(131009, f"Parameter value is not valid: {name} must have 1 to {most} characters")


def _check_unique(what: str, found: list[dict[str, Any]], *keys: str) -> None:
    for key in keys:
        if len({one[key] for one in found}) < len(found):
            raise GraphError(131009, f"Duplicate {what} {key}")


def _unpacked(message_id: str) -> bytes:
    try:
        return base64.b64decode(message_id.removeprefix("wamid."), validate=True)
    except ValueError:
        return b""


# --- HTTP ---


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is nothing to talk about."""


def _handler(graph: GraphServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 64 * 1024

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            raw = self.rfile.read(length)
            if len(raw) < length:
                # Whoever called has died in the middle of it.
                self._hang_up()
                return
            body = self._body(raw)
            fault = graph.fault(self.path)
            answered = self._answer(body, fault)
            with graph.changed:
                graph.went_wrong.update([fault.trouble] if fault is not None else [])
                graph.calls.append(Call(self.path, body, answered))
                graph.changed.notify_all()

        def _answer(self, body: dict[str, Any], fault: _Fault | None) -> int:
            trouble = fault.trouble if fault else None
            if fault is not None and trouble == "slow":
                time.sleep(fault.seconds)
            if fault is not None and trouble == "error":
                error = GraphError(fault.code, "Something went wrong", status=fault.status)
                return self._send(error.status, error.body())
            if fault is not None and trouble == "html":
                return self._send(fault.status, b"<html><body>Something went wrong</body></html>")
            if trouble == "portal":
                return self._send(200, b"<html><body>Please sign in to this network</body></html>")
            if trouble == "break":
                return self._hang_up()
            try:
                answer = graph.take(self.path, self.headers.get("Authorization", ""), body)
            except GraphError as error:
                return self._send(error.status, error.body())
            if trouble in ("break_after", "html_after"):
                with graph.lock:
                    graph.lost.update(one["id"] for one in answer.get("messages", []))
            if trouble == "break_after":
                return self._hang_up()
            if trouble == "html_after":
                return self._send(502, b"<html><body>Bad gateway</body></html>")
            return self._send(200, answer)

        def _body(self, raw: bytes) -> dict[str, Any]:
            kind = self.headers.get("Content-Type", "")
            if not kind.startswith("multipart/form-data"):
                try:
                    found = json.loads(raw)
                except ValueError:
                    found = None
                return found if isinstance(found, dict) else {}
            parts: Any = message_from_bytes(
                b"Content-Type: " + kind.encode() + b"\r\n\r\n" + raw
            ).get_payload()
            form: dict[str, Any] = {}
            for part in parts:
                name = part.get_param("name", header="content-disposition")
                content, filename = part.get_payload(decode=True), part.get_filename()
                form[name] = (filename, part.get_content_type(), content) if filename else content.decode()
            return form

        def _send(self, code: int, body: dict[str, Any] | bytes) -> int:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/html" if isinstance(body, bytes) else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            return code

        def _hang_up(self) -> int:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return 0

    return Handler
