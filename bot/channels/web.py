"""The web chat's channel: the versioned HTTP contract of docs/openapi.json on the hub."""

# No postponed annotations here: FastAPI has to see the dependencies that are made inside make_router.
import gzip
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal, Protocol, Self

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from bot import references
from bot.channels.addresses import caller
from bot.channels.contract import (
    CodeRefused,
    Conflict,
    Form,
    Gone,
    Hub,
    LinkEnded,
    LinkKind,
    Message,
    MessageLink,
    MessageLinkKind,
    NoSuchModel,
    SignedRefused,
)
from bot.channels.problems import MEDIA_TYPE, Problem, ProblemBody, preferred_language
from bot.texts import section

CHANNEL = "web"
LONGEST_WAIT = 25.0
Language = Literal["nl", "en"]


class Signs(Protocol):
    """What the channel needs of bot.gateway.signing."""

    def token(self, conversation_id: str) -> str:
        """The token that opens a conversation."""

    def conversation(self, token: str) -> str | None:
        """The conversation that a token opens, if it is one of ours."""

    def picture_address(self, picture_id: str, until: int) -> str:
        """The signed path of a picture."""

    def link(self, kind: LinkKind, key: str) -> str | None:
        """The id of the link of this kind that a key opens, if it is one of ours."""

    def link_address(self, kind: MessageLinkKind, link_id: str, until: int) -> str:
        """The signed path of a link, or the whole address of another place; empty where that is no more."""

    def move_code(self, link_id: str) -> str:
        """The code behind a link to another place."""


class Limits(Protocol):
    """What the channel needs of bot.gateway.limits."""

    def wait(self, key: str) -> int:
        """Seconds to wait; 0 counts one more."""


_REFERENCE = {"type": "string", "maxLength": references.LONGEST}


class Prefill(BaseModel):
    """What is known beforehand. What is not named here is ignored, and not kept."""

    model: str | None = Field(None, max_length=40, description="The maturity model to begin with.")
    role_layer: Literal["board", "management", "specialist", "front_line", "skipped"] | None = Field(
        None, description="Where in the organisation the person works; 'skipped' is not asked either."
    )
    department: (
        Literal["marketing", "sales", "service", "ecommerce", "it", "data", "other", "skipped"] | None
    ) = Field(None, description="The person's department.")
    business_line: Literal["b2c", "b2b", "both", "skipped"] | None = Field(
        None, description="Which customers the answers will be about."
    )
    depth: Literal["full", "quick"] | None = Field(
        None, description="All questions, or one for each dimension; without it the person is asked."
    )
    # Looked at where it can be answered with a sentence about it.
    reference: Annotated[str, WithJsonSchema(_REFERENCE)] | None = Field(
        None,
        description="What the site calls this visitor: letters and digits of ASCII, `_.:@+-/#=~` without "
        "`://`, and single blanks between them; a blank one is none. Kept in campaigns by name only, and "
        "shown to the person before anything is asked.",
    )


class StartBody(BaseModel):
    """A new conversation."""

    model_config = ConfigDict(extra="forbid")

    language: Language | None = Field(None, description="Default: the browser's Accept-Language.")
    campaign: str | None = Field(None, max_length=64, description="The code of an invitation.")
    key: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{16,64}$",
        description="Chosen by the client, random, kept until there is an answer: a repeat with it gives the "
        "same conversation, also where the invitation is for one person.",
    )
    prefill: Prefill | None = None
    signed: str | None = Field(
        None,
        description="A JWT (HS256, at most 2,048 characters) that the company's server made with the "
        "campaign's key. Its claims are those of `prefill` but for the model, and go before them; `exp` is "
        "needed.",
    )


def storable(text: str) -> str:
    """The text without what no database takes: NUL and halves of surrogate pairs."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")


# Before pydantic looks at it: a text that was cut in the middle of an emoji is to be kept, not refused.
Storable = Annotated[str, BeforeValidator(lambda value: storable(value) if isinstance(value, str) else value)]


# What a page's menu can ask for: bot.service.events.COMMANDS; a test holds both against each other.
Command = Literal[
    "back",
    "elsewhere",
    "erase",
    "help",
    "human",
    "language_en",
    "language_nl",
    "menu",
    "my_data",
    "my_data_file",
    "pause",
    "privacy",
    "progress",
    "report",
    "result",
    "resume",
    "skip",
    "start_over",
    "switch_language",
]


class SayBody(BaseModel):
    """One message: text that was typed, the token of a button that was tapped, or a command of a menu."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Chosen by the client; a repeat with the same id gives the same reply.",
    )
    text: Storable | None = Field(None, min_length=1)
    button: Storable | None = Field(None, min_length=1, max_length=64)
    do: Command | None = Field(
        None, description="Does what the button of that name does, wherever the conversation is."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if [self.text, self.button, self.do].count(None) != 2:
            raise ValueError("exactly one of text, button and do")
        return self


class ButtonBody(BaseModel):
    """A button below a message."""

    title: str
    token: str
    style: Literal["level", "quiet", "choice"] = Field(description="How much room it deserves.")


class ImageBody(BaseModel):
    """A picture; its address works for a while and is signed anew whenever history is read."""

    url: str
    alt: str


class TableBody(BaseModel):
    """Facts in rows. Show it in place of the text's paragraph number `paragraph`, counted from 0."""

    paragraph: int
    columns: list[str]
    rows: list[list[str]] = Field(description="The first cell of a row names it.")


class EntryBody(BaseModel):
    """One entry of a form."""

    number: int = Field(description="Counted from 1; where its mark stands in what is sent.")
    title: str


class MarkBody(BaseModel):
    """What can be marked of an entry."""

    value: str = Field(min_length=1, max_length=1)
    title: str


class MarkedBody(BaseModel):
    """An entry that is marked already."""

    number: int
    value: str


class FormBody(BaseModel):
    """A list of which several entries can be marked and sent with one tap.

    Send as `button`: the token, '~', and one character for each of `of` entries in order: the mark, or '-'.
    One mark makes a check box, more make a choice per entry. Typing the numbers does the same.
    """

    token: str
    of: int
    entries: list[EntryBody]
    marks: list[MarkBody]
    send: str = Field(description="The button's title.")
    none: str = Field(description="The button's title while nothing is marked.")
    marked: list[MarkedBody] | None = Field(None, description="What is marked already; looked at again.")


class LinkBody(BaseModel):
    """A link below a message."""

    kind: Literal["result", "share", "back", "data", "report", "move"] = Field(
        description="The result page, its view for colleagues, the way back to the chat, the file of all "
        "data, the report as a PDF, another channel to go on in"
    )
    title: str
    url: str | None = Field(
        None,
        description="A path on this server (`move`: a whole address); left out once used up or withdrawn.",
    )
    code: str | None = Field(
        None, description="Of `move`: what can be sent there instead; left out with the url."
    )


class MessageBody(BaseModel):
    """One line of the conversation."""

    id: str
    role: Literal["bot", "user"]
    text: str = Field(description="Plain text; a blank line separates paragraphs.")
    lang: Language
    at: datetime
    buttons: list[ButtonBody] | None = None
    image: ImageBody | None = None
    table: TableBody | None = None
    form: FormBody | None = None
    links: list[LinkBody] | None = None
    completed: str | None = Field(
        None,
        description="On the message with the result of a complete assessment: the assessment's id. In an "
        "anonymous campaign it stands for it and leads nowhere.",
    )


class BackBody(BaseModel):
    """A way back that is being used."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(min_length=1, max_length=100, description="What stands behind `#back=` in the address.")
    device: str = Field(
        pattern=r"^[A-Za-z0-9_-]{16,64}$",
        description="Chosen by the client, random, kept; the same device may ask again, no other one.",
    )


class MoveBody(BaseModel):
    """A code with which a conversation was handed over."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=100, description="What stands behind `#move=` in the address.")
    device: str = Field(
        pattern=r"^[A-Za-z0-9_-]{16,64}$",
        description="Chosen by the client, random, kept; the same device may ask again, no other one.",
    )


class TokenBody(BaseModel):
    """The conversation that one comes back to."""

    token: str = Field(description="Opens this conversation only; expires when unused.")


class StartedBody(BaseModel):
    """A conversation that has begun."""

    token: str = Field(description="Opens this conversation only; expires when unused.")
    messages: list[MessageBody]


class ReplyBody(BaseModel):
    """The reply to a message."""

    messages: list[MessageBody]
    pending: bool = Field(description="True: it is kept, and the reply comes through GET later.")


class HistoryBody(BaseModel):
    """The conversation in the order in which it was seen."""

    messages: list[MessageBody]


_PROBLEMS = {
    401: "The token is not known, expired, or its conversation was erased.",
    404: "There is no such thing: the model, the campaign, or the message named by `after`.",
    403: "The invitation is not open yet, or (urn:peil:origin) this site is not on the list.",
    410: "The invitation or the way back was used already, was closed or withdrawn, or is none.",
    409: "This id came in before with another content.",
    413: "The message is too long.",
    422: "The request does not fit the contract, or (urn:peil:signed) what was signed cannot be trusted.",
    429: "Too fast; Retry-After says how many seconds to wait.",
    503: "The database cannot be reached; nothing was taken in.",
}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of one route, for OpenAPI."""
    return {
        status: {"model": ProblemBody, "content": {MEDIA_TYPE: {}}, "description": _PROBLEMS[status]}
        for status in statuses
    }


# Why a code opens nothing -> the status and the sentence that say so.
_CODES = {
    "unknown": (404, "code.unknown"),
    "used": (410, "code.used"),
    "expired": (410, "code.expired"),
    "revoked": (410, "code.revoked"),
    "closed": (410, "code.closed"),
    "early": (403, "code.early"),
    "tries": (429, "code.tries"),
}

# Seconds after which another code may be tried.
_NEXT_TRY = 60


def _refusal(refused: CodeRefused, language: str) -> Problem:
    """The problem that says why a code opens nothing; its name tells a client so too."""
    status, key = _CODES[refused.why]
    pause = _NEXT_TRY if status == 429 else 0
    name = f"code:{refused.why}"
    return Problem(status, key, language=language, retry_after=pause, name=name, **refused.values)


class Origins(Protocol):
    """What the channel needs of bot.gateway.origins: each raises Problem for a site that may not."""

    async def check_code(self, request: Request, code: str | None, language: str | None = None) -> None:
        """Whether one may begin from here with this code of an invitation, or (None) without one."""

    async def check_conversation(self, request: Request, conversation_id: str) -> None:
        """Whether this conversation may be held from here."""

    async def check_link(self, request: Request, link_id: str) -> None:
        """Whether one may come back from here with this link."""

    async def check_handover(self, request: Request, code: str) -> None:
        """Whether one may go on from here with this code of a handover."""


_BEARER = HTTPBearer(auto_error=False, description="The token of the conversation.")


def make_router(
    hub: Hub,
    signs: Signs,
    *,
    origins: Origins,
    starts: Limits,
    says: Limits,
    reads: Limits,
    max_text: int,
    picture_seconds: int,
    now: Callable[[], float],
) -> APIRouter:
    """The web chat's routes. Limits: `starts` per address, `says` and `reads` per conversation.

    `origins` goes before all else: for a site that may not, nothing is done, counted or used up.
    """
    router = APIRouter(prefix="/api/chat", tags=["chat"])

    def bodies(messages: Sequence[Message]) -> list[MessageBody]:
        return [_body(message, signs, now(), picture_seconds) for message in messages]

    async def conversation(
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> tuple[str, str]:
        """The conversation that the bearer token opens, and its language."""
        conversation_id = signs.conversation(bearer.credentials.strip()) if bearer else None
        if conversation_id is None:
            raise Problem(401, "error.token")
        await origins.check_conversation(request, conversation_id)
        try:
            # Kept for errors that are found before a route can say anything.
            request.state.language = await hub.language(conversation_id)
        except Gone:
            raise Problem(401, "error.token") from None
        return conversation_id, request.state.language

    Opened = Annotated[tuple[str, str], Depends(conversation)]

    @router.post(
        "/conversations",
        status_code=201,
        response_model=StartedBody,
        responses=_problems(403, 404, 410, 413, 422, 429, 503),
        summary="Begin a conversation",
    )
    async def start(request: Request, body: StartBody | None = None) -> Response:
        body = body or StartBody(language=None, campaign=None, key=None, prefill=None, signed=None)
        language = body.language or preferred_language(request)
        await origins.check_code(request, body.campaign, language)
        who = caller(request)
        seconds = starts.wait(who)
        if seconds:
            raise Problem(429, "error.too_fast", language=language, retry_after=seconds)
        prefill = body.prefill.model_dump(exclude_none=True) if body.prefill else {}
        try:
            called = references.clean(prefill.pop("reference", ""))
        except references.InvalidReference:
            raise Problem(422, "error.reference", language=language) from None
        if called is not None:
            prefill["reference"] = called
        try:
            started = await hub.start(
                CHANNEL,
                language,
                prefill,
                code=body.campaign,
                key=body.key,
                who=who,
                signed=body.signed,
            )
        except NoSuchModel:
            raise Problem(404, "error.model", language=language) from None
        except CodeRefused as refused:
            raise _refusal(refused, language) from None
        except SignedRefused:
            raise Problem(422, "error.signed", language=language, name="signed") from None
        token = signs.token(started.conversation_id)
        # A token of its own each time: nobody can learn it from the length of many answers.
        return _small(request, StartedBody(token=token, messages=bodies(started.messages)), 201)

    @router.post(
        "/back",
        responses=_problems(403, 410, 413, 422, 429, 503),
        summary="Come back to a conversation",
    )
    async def back(request: Request, body: BackBody) -> TokenBody:
        language = preferred_language(request)
        link_id = signs.link("back", body.key)
        await origins.check_link(request, link_id or "")
        seconds = starts.wait(caller(request))
        if seconds:
            raise Problem(429, "error.too_fast", language=language, retry_after=seconds)
        if link_id is None:
            raise Problem(410, "error.back", language=language)
        try:
            conversation_id = await hub.come_back(link_id, body.device)
        except LinkEnded:
            raise Problem(410, "error.back", language=language) from None
        return TokenBody(token=signs.token(conversation_id))

    @router.post(
        "/move",
        responses=_problems(403, 404, 410, 413, 422, 429, 503),
        summary="Go on here with a conversation from another channel",
    )
    async def move(request: Request, body: MoveBody) -> TokenBody:
        language = preferred_language(request)
        who = caller(request)
        await origins.check_handover(request, body.code)
        seconds = starts.wait(who)
        if seconds:
            raise Problem(429, "error.too_fast", language=language, retry_after=seconds)
        try:
            conversation_id = await hub.take_over(body.code, body.device, who)
        except CodeRefused as refused:
            raise _refusal(refused, language) from None
        return TokenBody(token=signs.token(conversation_id))

    @router.post(
        "/messages",
        response_model=ReplyBody,
        responses=_problems(401, 403, 409, 413, 422, 429, 503),
        summary="Say something",
    )
    async def say(request: Request, body: SayBody, opened: Opened) -> Response:
        conversation_id, language = opened
        seconds = says.wait(conversation_id)
        if seconds:
            raise Problem(429, "error.too_fast", language=language, retry_after=seconds)
        if body.text is not None and len(body.text) > max_text:
            raise Problem(413, "error.too_long", language=language, limit=max_text)
        try:
            outcome = await hub.say(
                CHANNEL,
                conversation_id,
                body.id,
                text=body.text,
                button=body.button,
                do=body.do,
            )
        except Conflict:
            raise Problem(409, "error.conflict", language=language) from None
        except Gone:
            raise Problem(401, "error.token", language=language) from None
        return _small(request, ReplyBody(messages=bodies(outcome.messages), pending=outcome.pending))

    @router.get(
        "/messages",
        response_model=HistoryBody,
        responses=_problems(401, 403, 404, 422, 429, 503),
        summary="Read the conversation, or wait for what comes next",
    )
    async def history(
        request: Request,
        opened: Opened,
        after: Annotated[
            Storable | None, Query(max_length=64, description="Only what came after this message.")
        ] = None,
        wait: Annotated[
            float,
            Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait when there is nothing new."),
        ] = 0,
    ) -> Response:
        conversation_id, language = opened
        seconds = reads.wait(conversation_id)
        if seconds:
            raise Problem(429, "error.too_fast", language=language, retry_after=seconds)
        messages = await hub.history(conversation_id, after, wait)
        if messages is None:
            raise Problem(404, "error.after", language=language)
        return _small(request, HistoryBody(messages=bodies(messages)))

    @router.get(
        "/texts/{language}",
        response_model=dict[str, str],
        responses=_problems(422),
        summary="The page's own words",
    )
    async def page_words(
        request: Request,
        language: Language,
        part: Annotated[Literal["chat", "menu"], Query(description="Which of its words.")] = "chat",
    ) -> Response:
        # Compressed, since it is awaited by whoever opens the chat; nothing in it is anybody's secret.
        small = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if small else {})
        return Response(_words(language, part)[small], headers=headers, media_type="application/json")

    return router


# In bytes. Below this, what unpacking costs is more than what it saves.
_WORTH_COMPRESSING = 400


def _small(request: Request, body: StartedBody | ReplyBody | HistoryBody, status: int = 200) -> Response:
    """The answer as JSON, compressed where the browser takes that.

    Not where messages hold addresses that open something: the length of a compressed answer tells of what is
    in it, and what people say can be chosen by who listens in.
    """
    content = body.model_dump_json(exclude_none=True).encode()
    headers = {"Vary": "Accept-Encoding"}
    opens = any(message.image or message.links for message in body.messages)
    takes = "gzip" in request.headers.get("accept-encoding", "")
    if takes and not opens and len(content) >= _WORTH_COMPRESSING:
        content = gzip.compress(content, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(content, status, headers, "application/json")


@lru_cache(maxsize=4)
def _words(language: Language, part: Literal["chat", "menu"]) -> tuple[bytes, bytes]:
    """The page's own words as JSON, and the same compressed."""
    found = section(language, "web" if part == "chat" else "web_menu")
    words = json.dumps(found, ensure_ascii=False).encode()
    return words, gzip.compress(words, 9, mtime=0)


def _body(message: Message, signs: Signs, now: float, picture_seconds: int) -> MessageBody:
    until = int(now) + picture_seconds
    image = None
    if message.picture_id is not None:
        image = ImageBody(url=signs.picture_address(message.picture_id, until), alt=message.alt or "")
    return MessageBody(
        id=message.id,
        role=message.role,
        text=message.text,
        lang="nl" if message.language == "nl" else "en",
        at=message.at.astimezone(UTC),
        buttons=[ButtonBody(title=b.title, token=b.token, style=b.style) for b in message.buttons] or None,
        image=image,
        table=None
        if message.table is None
        else TableBody(
            paragraph=message.table.paragraph,
            columns=list(message.table.columns),
            rows=[list(row) for row in message.table.rows],
        ),
        form=None if message.form is None else _form_body(message.form),
        links=[_link_body(link, signs, now, until) for link in message.links] or None,
        completed=message.completed,
    )


def _link_body(link: MessageLink, signs: Signs, now: float, until: int) -> LinkBody:
    url = None
    if link.works(datetime.fromtimestamp(now, UTC)):
        url = signs.link_address(link.kind, link.id, until) or None
    code = signs.move_code(link.id) if url is not None and link.kind == "move" else None
    return LinkBody(kind=link.kind, title=link.title, url=url, code=code)


def _form_body(form: Form) -> FormBody:
    return FormBody(
        token=form.token,
        of=form.of,
        entries=[EntryBody(number=number, title=title) for number, title in form.entries],
        marks=[MarkBody(value=value, title=title) for value, title in form.marks.items()],
        send=form.send,
        none=form.none,
        marked=[MarkedBody(number=number, value=value) for number, value in form.marked] or None,
    )
