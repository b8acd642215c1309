"""A small server that speaks the web chat's contract with canned words, and misbehaves when told to.

Serves the real bot/web at /web/ and / under a strict Content-Security-Policy, and as the widget for pages of
other origins, with the very routes of the gateway. The tests run it in a
thread and turn its knobs; `python tests/browser/fake_server.py PORT [TEXTS_DIR]` runs it for a look by eye,
where TEXTS_DIR holds texts.nl.yml and texts.en.yml with the words of the page under `web:`.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from bot.gateway.origins import CrossOrigin
from bot.gateway.widget import Widget, make_widget

WEB = Path(__file__).resolve().parents[2] / "bot" / "web"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)

LEVELS = {
    "nl": [
        ("Nog niets", "We doen hier nu niets aan, of we weten het niet van elkaar."),
        ("Losse initiatieven", "Hier en daar probeert iemand iets, zonder dat het samenhangt."),
        ("Afgesproken aanpak", "Er is een aanpak op papier en de meeste teams werken ermee."),
        ("We sturen erop", "We meten het elke maand en stellen bij als de cijfers daarom vragen."),
        ("Het zit in ons bloed", "Iedereen doet het vanzelf en we worden er elk jaar beter in."),
    ],
    "en": [
        ("Nothing yet", "We do nothing about this now, or do not know it of each other."),
        ("Loose initiatives", "Here and there someone tries something, without a common thread."),
        ("Agreed approach", "There is an approach on paper and most teams work with it."),
        ("We steer by it", "We measure it every month and adjust when the figures say so."),
        ("Second nature", "Everybody does it as a matter of course, better every year."),
    ],
}
WORDS = {
    "nl": {
        "hello": "Hoi, ik ben Peil. In 18 korte vragen kijken we samen hoe ver jullie zijn met klantbinding. "
        "Het kost ongeveer 12 minuten.\n\nAan het eind zie je een plaatje en drie eerste stappen.",
        "consent": "Ik bewaar je antwoorden om de uitslag te maken. Je kunt ze altijd inzien of wissen. "
        "Vind je dat goed?",
        "yes": "Ja, prima",
        "no": "Liever niet",
        "question": "Vraag {n} van 18 · Mensen",
        "ask": "Hoe goed weten jullie medewerkers wat ze voor een klant mogen regelen "
        "zonder het eerst te vragen?",
        "thanks": "Dank je, dat staat.",
        "quiet": ["Weet ik niet", "Past niet bij ons", "Overslaan", "Leg uit", "Vorige vraag"],
        "result": "Dit is jullie peil.\n\nMensen: 3,3 van 5 (niveau 3)\nProces: 2,7 van 5 (niveau 2)\n"
        "Data: 1,7 van 5 (niveau 1)",
        "alt": "Radar met zes pijlers; mensen het hoogst met 3,3, data het laagst met 1,7",
        "table_text": "Klaar! Dit is jullie uitslag, op een schaal van 1 tot 5.\n\n"
        "Strategie: 3,0 · niveau 3 (Gedefinieerd) · doel 4\n"
        "Klantwaarde: 2,7 · niveau 2 (Herhaalbaar) · doel 5\n"
        "Technologie: te weinig beantwoord\nData: 1,7 · niveau 1 (Initieel) · doel 4\n\n"
        "Het verst zijn jullie met strategie (3,0), het minst ver met data (1,7).",
        "columns": ["Onderdeel", "Score", "Niveau", "Doel"],
        "rows": [
            ["Strategie", "3,0", "3 · Gedefinieerd", "4"],
            ["Klantwaarde", "2,7", "2 · Herhaalbaar", "5"],
            ["Technologie", "–", "te weinig beantwoord", "–"],
            ["Data", "1,7", "1 · Initieel", "4"],
        ],
        "links": {
            "result": "Je uitslagpagina",
            "share": "Wat een collega te zien krijgt",
            "back": "Link om terug te komen",
            "data": "Alles wat ik van je bewaar, als bestand",
            "move": "Verder in Telegram",
            "here": "Verder in een browser",
        },
        "linked": "Hier zijn je links. Bewaar ze goed.",
        "withdraw": "Trek in",
        "withdrawn": "Ingetrokken.",
        "used": "Je bent er weer. De link die je gebruikte is op; hier is een nieuwe.",
        "ended": "Deze link is al op een ander apparaat gebruikt.",
        "more": "Meer…",
        "menu": [
            "Waarom deze vraag?",
            "Voorbeeld",
            "Verschil tussen niveaus",
            "Antwoord veranderen",
            "Hoe ver ben ik?",
            "Pauze",
            "Stoppen",
            "Link om terug te komen",
            "English",
            "Wie ziet dit?",
            "Wat heb je van me?",
            "Mijn gegevens als bestand",
            "Een mens, alsjeblieft",
            "Opnieuw beginnen",
            "Alles wissen",
        ],
    },
    "en": {
        "hello": "Hi, I am Peil. In 18 short questions we look at how far you are with customer engagement. "
        "It takes about 12 minutes.\n\nAt the end you get a picture and three first steps.",
        "consent": "I keep your answers to make the result. You can see or erase them at any time. "
        "Is that all right?",
        "yes": "Yes, fine",
        "no": "Rather not",
        "question": "Question {n} of 18 · People",
        "ask": "How well do your people know what they may arrange for a customer without asking first?",
        "thanks": "Thank you, noted.",
        "quiet": ["I don't know", "Not for us", "Skip", "Explain", "Previous question"],
        "result": "This is your level.\n\nPeople: 3.3 of 5 (level 3)\nProcess: 2.7 of 5 (level 2)\n"
        "Data: 1.7 of 5 (level 1)",
        "alt": "Radar with six pillars; people highest with 3.3, data lowest with 1.7",
        "table_text": "Done! This is your result, on a scale of 1 to 5.\n\n"
        "Strategy: 3.0 · level 3 (Defined) · target 4\n"
        "Customer culture: 2.7 · level 2 (Repeatable) · target 5\n"
        "Technology: too little answered\nData: 1.7 · level 1 (Initial) · target 4\n\n"
        "You are furthest with strategy (3.0), least far with data (1.7).",
        "columns": ["Part", "Score", "Level", "Target"],
        "rows": [
            ["Strategy", "3.0", "3 · Defined", "4"],
            ["Customer culture", "2.7", "2 · Repeatable", "5"],
            ["Technology", "–", "too little answered", "–"],
            ["Data", "1.7", "1 · Initial", "4"],
        ],
        "links": {
            "result": "Your result page",
            "share": "What a colleague gets to see",
            "back": "Link to come back",
            "data": "All that I keep of you, as a file",
            "move": "Continue in Telegram",
            "here": "Continue in a browser",
        },
        "linked": "Here are your links. Keep them well.",
        "withdraw": "Withdraw",
        "withdrawn": "Withdrawn.",
        "used": "You are back. The link you used is spent; here is a new one.",
        "ended": "This link was used on another device already.",
        "more": "More…",
        "menu": [
            "Why this question?",
            "Example",
            "Difference between levels",
            "Change an answer",
            "How far am I?",
            "Pause",
            "Stop",
            "Link to come back",
            "Nederlands",
            "Who sees this?",
            "What do you have of me?",
            "My data as a file",
            "A person, please",
            "Start over",
            "Erase everything",
        ],
    },
}

# A checklist: what is done already, and then what holds of the rest.
FORMS: dict[str, dict[str, Any]] = {
    "nl": {
        "ask": "Wat kan iemand die bij jullie iets wil kopen nu al?",
        "entries": [
            ("Winkel of webshop", "We hebben een winkel, een webshop of allebei."),
            ("Samen één merk", "Winkel en webshop werken samen als één merk."),
            ("Via sociale media", "Bestellen kan ook direct op Facebook of Instagram."),
            ("Grote verkoopsites", "We verkopen ook op grote sites zoals Zalando."),
            ("Chatbot bij kopen", "Een chatbot geeft direct antwoord op vragen over producten."),
            ("Gesprek wordt koop", "In servicegesprekken vragen we ook door naar koopwensen."),
            ("Kopen in metaverse", "In een virtuele wereld (metaverse) kun je bij ons winkelen."),
        ],
        "how": "Welke doen jullie al? Vink aan, of typ de nummers: '1 en 3', 'alles behalve 2' of 'geen'.",
        "ask_rest": "En deze? Staat er iets gepland, of past iets niet bij jullie?",
        "how_rest": "Vink aan of typ het, bijvoorbeeld '2 gepland'. Wat je openlaat, is 'nog niet'.",
        "mark": {"1": "Dit doen we"},
        "marks": {"p": "gepland", "f": "past niet", "d": "weet ik niet"},
        "send": "Klaar",
        "none": "Geen hiervan",
        "go_on": "Nog niets, verder",
        "said_none": "geen",
        "explained": "Het gaat om wat klanten nu echt kunnen gebruiken.",
    },
    "en": {
        "ask": "What can someone who wants to buy from you already do?",
        "entries": [
            ("Shop or web shop", "We have a shop, a web shop or both."),
            ("One brand together", "Shop and web shop work together as one brand."),
            ("Via social media", "Customers can also order directly on Facebook or Instagram."),
            ("Marketplaces", "We also sell on large sites such as Zalando."),
            ("Chatbot for buying", "A chatbot answers questions about products at once."),
            ("From service to sale", "In service conversations we also ask what people may want to buy."),
            ("Buying in metaverse", "You can shop with us in a virtual world (metaverse)."),
        ],
        "how": "Which of these do you do already? Tick them, or type the numbers: '1 and 3', 'all but 2' "
        "or 'none'.",
        "ask_rest": "And these? Is anything planned, or does anything not suit you?",
        "how_rest": "Mark it or type it, for instance '2 planned'. What you leave open counts as 'not yet'.",
        "mark": {"1": "We do this"},
        "marks": {"p": "planned", "f": "does not fit", "d": "don't know"},
        "send": "Done",
        "none": "None of these",
        "go_on": "Nothing yet, go on",
        "said_none": "none",
        "explained": "This is about what customers can really use today.",
    },
}
# Why an invitation's code opens nothing -> the status that says so.
CODES = {"unknown": 404, "used": 410, "revoked": 410, "closed": 410, "early": 403, "tries": 429}
# The entries of the second form: those that were not marked in the first.
REST = (2, 4, 5)


def marked(language: str, code: str) -> str:
    """What was marked in a form, as the transcript has it."""
    words = FORMS[language]
    told = [
        f"{number} {words['marks'][mark]}" if mark in words["marks"] else str(number)
        for number, mark in enumerate(code, 1)
        if mark != "-"
    ]
    return ", ".join(told) or words["said_none"]


def page_keys() -> set[str]:
    """The keys of all words that the page asks for."""
    scripts = "".join(file.read_text("utf-8") for file in WEB.glob("*.js"))
    return set(re.findall(r'\bt\("(\w+)"', scripts))


def png(width: int = 480, height: int = 480) -> bytes:
    """A picture made here, square as a radar is: a band of teal that rises to the right."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            wet = y > height - x * 0.6 - 40
            rows += bytes((11, 90, 99) if wet else (242, 245, 242))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@dataclass
class Link:
    """A link of some message; `device`: who used it up, for a way back."""

    kind: str
    key: str
    open: bool = True
    device: str | None = None

    def url(self, reading: int) -> str:
        """Its path; that of a file is another one at each reading, and only the newest works."""
        return {
            "result": f"/r/{self.key}",
            "share": f"/s/{self.key}",
            "back": f"/#back={self.key}",
            "data": f"/data/{self.key}.json?until={reading}",
            "move": f"https://t.me/peil_bot?start={self.key}",
            "here": f"/#move={self.key}",
        }[self.kind]


@dataclass
class Conversation:
    """One conversation: what was said, and the reply to each message of the visitor by its id."""

    language: str
    number: int = 0
    rest: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)
    replies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)


class FakeServer:
    """The knobs and the records of the server.

    `failures`: status codes for the next POSTs of messages, used up one by one (with `retry_after` seconds
    at 429); `lose_replies`: how many of the next POSTs are taken in and then answered with 500; `delay`:
    seconds before a reply; `pending`: take messages in and answer them only at `answer_pending()`;
    `erased`: every token is unknown. `posts`: the bodies of all POSTs of messages, in order of arrival.
    `slow`: seconds before a history. `back_failures`, `lose_backs`: as `failures` and `lose_replies`, for
    ways back; `backs`, `moves`: the bodies of all requests to come back, to go on here. `whole`: how often
    a whole history was read.
    `starts`: the bodies of all requests to begin; `begun`: what was wished of each conversation that began;
    `lose_starts`: as `lose_replies`. `invitations`: code -> 'open', 'single' or why it opens nothing;
    `welcome`: what an organisation has to say before the greeting. `refused_origins`: the sites that are not
    on the list; `framed_by`: who may show the page in a frame, as the policy says it. `refused_signed`: what
    is signed by nobody; `refused_fields`: what of a visitor there cannot be.
    """

    def __init__(self, texts: Path | None = None) -> None:
        self.texts = texts
        self.failures: list[int] = []
        self.start_failures: list[int] = []
        self.retry_after = 1
        self.lose_replies = 0
        self.delay = 0.0
        self.pending = False
        self.erased = False
        self.slow = 0.0
        self.back_failures: list[int] = []
        self.lose_backs = 0
        self.backs: list[dict[str, Any]] = []
        self.moves: list[dict[str, Any]] = []
        self.whole = 0
        self.posts: list[dict[str, Any]] = []
        self.begun: list[dict[str, Any]] = []
        self.starts: list[dict[str, Any]] = []
        self.lose_starts = 0
        self.invitations: dict[str, str] = {}
        self.welcome = ""
        self.refused_origins: set[str] = set()
        self.framed_by = "'none'"
        self.refused_signed: set[str] = set()
        self.refused_fields: set[str] = set()
        self.began_with: dict[tuple[str | None, str], str] = {}
        self.polls = 0
        self.conversations: dict[str, Conversation] = {}
        self.waiting: list[tuple[Conversation, str]] = []
        self.clock = datetime.now(UTC)
        self.numbers = count(1)
        self.reading = 0
        self.picture = png()
        self.app = self._app()
        self.url = ""

    # what the bot says

    def message(self, conversation: Conversation, role: str, text: str, **more: Any) -> dict[str, Any]:
        """One more message at the end of the conversation."""
        self.clock += timedelta(seconds=1)
        message = {
            "id": more.pop("id", None) or f"b{next(self.numbers)}",
            "role": role,
            "text": text,
            "lang": conversation.language,
            "at": self.clock.isoformat(),
            **more,
        }
        conversation.messages.append(message)
        return message

    def say(self, text: str, **more: Any) -> None:
        """The bot says something by itself, in every conversation."""
        for conversation in self.conversations.values():
            self.message(conversation, "bot", text, **more)

    def question(self, conversation: Conversation) -> dict[str, Any]:
        """The next question, with its levels as buttons."""
        conversation.number += 1
        words, n = WORDS[conversation.language], conversation.number
        levels = list(enumerate(LEVELS[conversation.language], start=1))
        buttons = [
            {"title": f"{v} · {label}", "token": f"q{n}-{v}", "style": "level"} for v, (label, _) in levels
        ]
        buttons += [
            {"title": t, "token": f"q{n}-x{i}", "style": "quiet"} for i, t in enumerate(words["quiet"])
        ]
        buttons.append({"title": words["more"], "token": "menu", "style": "quiet"})
        lines = "\n".join(f"{v} · {label}: {text}" for v, (label, text) in levels)
        text = f"{words['question'].format(n=n)}\n\n{words['ask']}\n\n{lines}"
        return self.message(conversation, "bot", text, buttons=buttons)

    def form(
        self,
        conversation: Conversation,
        *,
        again: bool = False,
        before: str = "",
        quiet: bool = True,
        marked: tuple[int, ...] = (),
    ) -> dict[str, Any]:
        """A question with a form: the next one, or `again` the same, below some words; `marked`: already."""
        conversation.number += not again
        words, n = FORMS[conversation.language], conversation.number
        rest = conversation.rest
        numbers = REST if rest else range(1, len(words["entries"]) + 1)
        entries = [(number, *words["entries"][number - 1]) for number in numbers]
        usual = WORDS[conversation.language]
        lines = "\n".join(f"{number} · {label}: {text}" for number, label, text in entries)
        parts = [
            before,
            usual["question"].format(n=n),
            words["ask_rest" if rest else "ask"],
            lines,
            words["how_rest" if rest else "how"],
        ]
        form = {
            "token": f"form{n}{'r' * rest}",
            "of": len(words["entries"]),
            "entries": [{"number": number, "title": label} for number, label, _ in entries],
            "marks": [
                {"value": value, "title": title}
                for value, title in words["marks" if rest else "mark"].items()
            ],
            "send": words["send"],
            "none": words["go_on" if rest else "none"],
        }
        if marked:
            form["marked"] = [{"number": number, "value": "1"} for number in marked]
        tokens = ("unknown", "unfit", "skip", "explain", "back", "menu")
        buttons = [
            {"title": title, "token": token, "style": "quiet"}
            for title, token in zip((*usual["quiet"], usual["more"]), tokens, strict=True)
        ]
        more = {"buttons": buttons} if quiet else {}
        return self.message(conversation, "bot", "\n\n".join(filter(None, parts)), form=form, **more)

    def linked(self, conversation: Conversation, text: str, *kinds: str, **more: Any) -> dict[str, Any]:
        """A message with a new link of each of these kinds."""
        links = [Link(kind, f"{kind}{next(self.numbers)}") for kind in kinds]
        conversation.links += links
        return self.message(conversation, "bot", text, links=links, **more)

    def elsewhere(self) -> Conversation:
        """A conversation that was held on another device, up to its second question."""
        conversation = Conversation("nl")
        self.conversations[f"token{len(self.conversations) + 1}"] = conversation
        self.message(conversation, "bot", WORDS["nl"]["hello"])
        self.question(conversation)
        self.message(conversation, "user", "elders gezegd", id="elsewhere1")
        self.question(conversation)
        return conversation

    def way_back(self, conversation: Conversation) -> str:
        """The address of a new way back to this conversation, which nobody was shown."""
        link = Link("back", f"back{next(self.numbers)}")
        conversation.links.append(link)
        return link.url(0)

    def way_here(self, conversation: Conversation) -> str:
        """The address with which this conversation, held in another channel, goes on in the page."""
        link = Link("here", f"7K3M-9QRT-5VWX-{next(self.numbers):04}")
        conversation.links.append(link)
        return link.url(0)

    def shown(self, conversation: Conversation, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The messages as the contract has them: with addresses as they are now."""
        self.reading = next(self.numbers)
        titles = WORDS[conversation.language]["links"]
        return [
            {
                **message,
                "links": [
                    {"kind": link.kind, "title": titles[link.kind]}
                    | ({"url": link.url(self.reading)} if link.open else {})
                    | ({"code": link.key} if link.open and link.kind == "move" else {})
                    for link in message["links"]
                ],
            }
            if "links" in message
            else message
            for message in messages
        ]

    def answer(self, conversation: Conversation, said: str) -> list[dict[str, Any]]:
        """What the bot replies to these words or this button's token."""
        other = {"english": "en", "nederlands": "nl"}.get(said.lower())
        if other:
            conversation.language = other
            conversation.number = max(conversation.number - 1, 0)
            return [self.question(conversation)]
        words = WORDS[conversation.language]
        if "<" in said:
            return [self.message(conversation, "bot", f"{said} & <b>bold</b> https://example.org/a?b=1.")]
        if said == "form again":
            return [self.form(conversation, marked=(2, 5))]
        if said in ("form", "rest", "only form"):
            conversation.rest = said == "rest"
            return [self.form(conversation, quiet=said != "only form")]
        if said == "explain":
            explained = FORMS[conversation.language]["explained"]
            return [self.form(conversation, again=True, before=explained)]
        if said == "just words":
            return [self.message(conversation, "bot", words["thanks"])]
        if said == "result":
            image = {"url": "/picture.png", "alt": words["alt"]}
            return [self.message(conversation, "bot", words["result"], image=image)]
        if said == "table":
            image = {"url": "/picture.png", "alt": words["alt"]}
            table = {"paragraph": 1, "columns": words["columns"], "rows": words["rows"]}
            told = {"image": image, "table": table, "completed": f"done{next(self.numbers)}"}
            return [self.message(conversation, "bot", words["table_text"], **told)]
        if said == "links":
            buttons = [{"title": words["withdraw"], "token": "withdraw", "style": "choice"}]
            kinds = ("result", "share", "back", "data")
            return [self.linked(conversation, words["linked"], *kinds, buttons=buttons)]
        if said in ("pause", "menu"):
            conversation.number = max(conversation.number - 1, 0)
            question = self.question(conversation)
            if said == "pause":
                link = Link("back", f"back{next(self.numbers)}")
                conversation.links.append(link)
                question["links"] = [link]
                question["text"] = f"{words['linked']}\n\n{question['text']}"
            else:
                quiet = [
                    {"title": t, "token": f"m{conversation.number}-{i}", "style": "quiet"}
                    for i, t in enumerate(words["menu"])
                ]
                question["buttons"] = [b for b in question["buttons"] if b["token"] != "menu"] + quiet
            return [question]
        if said == "withdraw":
            for link in conversation.links:
                link.open = link.open and link.kind != "share"
            return [self.message(conversation, "bot", words["withdrawn"])]
        thanks = [self.message(conversation, "bot", words["thanks"])] if conversation.number else []
        return [*thanks, self.question(conversation)]

    def answer_pending(self) -> None:
        """Answers what was taken in while `pending`."""
        self.pending = False
        for conversation, said in self.waiting:
            self.answer(conversation, said)
        self.waiting.clear()

    # the contract

    def _app(self) -> FastAPI:
        app = FastAPI()

        def problem(status: int, detail: str, kind: str = "about:blank", **headers: str) -> JSONResponse:
            body = {"type": kind, "title": str(status), "status": status, "detail": detail}
            return JSONResponse(body, status, headers, "application/problem+json")

        def conversation_of(request: Request) -> Conversation | None:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            return None if self.erased else self.conversations.get(token)

        @app.middleware("http")
        async def headers(request: Request, call_next: Any) -> Response:
            path, origin = request.url.path, request.headers.get("origin")
            chats = path.startswith("/api/chat/") and not path.startswith("/api/chat/texts/")
            if chats and origin in self.refused_origins:
                response: Response = problem(403, f"refused: {origin}", "urn:peil:origin")
            else:
                response = await call_next(request)
            policy = POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {self.framed_by}")
            response.headers["Content-Security-Policy"] = policy
            response.headers["X-Content-Type-Options"] = "nosniff"
            # What the widget's routes say of themselves stays.
            response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            return response

        # Outside of the rest, as in the gateway: refusals can be read, too.
        app.add_middleware(CrossOrigin)
        widget = Widget(WEB)
        app.include_router(make_widget(widget))

        @app.get("/")
        @app.get("/c/{code}")
        async def page() -> Response:
            return HTMLResponse(widget.page((WEB / "index.html").read_text("utf-8")))

        @app.get("/picture.png")
        async def picture() -> Response:
            headers = {"Cross-Origin-Resource-Policy": "cross-origin"}
            return Response(self.picture, media_type="image/png", headers=headers)

        @app.get("/api/chat/texts/{language}")
        async def texts(language: str, part: str = "chat") -> dict[str, str]:
            if self.texts:
                return yaml.safe_load((self.texts / f"texts.{language}.yml").read_text("utf-8"))[
                    "web" if part == "chat" else "web_menu"
                ]
            keys = {key for key in page_keys() if key.startswith("menu_") == (part == "menu")}
            return {key: f"{language}:{key}" for key in keys}

        @app.post("/api/chat/conversations", status_code=201)
        async def begin(request: Request) -> Any:
            wishes = await request.json()
            self.starts.append(dict(wishes))
            if self.start_failures:
                return problem(self.start_failures.pop(0), "no start now")
            if wishes.get("signed") in self.refused_signed:
                return problem(422, "not to be trusted", "urn:peil:signed")
            if self.refused_fields & {*wishes.get("prefill", {}).values()}:
                return problem(422, "no such option")
            with_ = (wishes.get("campaign"), wishes.pop("key"))
            if with_ not in self.began_with:
                why = refusal(with_[0])
                if why is not None:
                    return problem(
                        CODES[why], f"refused: {why}", f"urn:peil:code:{why}", **{"Retry-After": "1"}
                    )
                self.begun.append(wishes)
                self.began_with[with_] = start(wishes.get("language", "nl"))
            if self.lose_starts:
                self.lose_starts -= 1
                return problem(500, "the token got lost")
            token = self.began_with[with_]
            return {"token": token, "messages": self.conversations[token].messages}

        def refusal(code: str | None) -> str | None:
            """Why one cannot begin with this code, if so."""
            if code is None:
                return None
            state = self.invitations.get(code, "unknown")
            if state == "single" and any(code == campaign for campaign, _ in self.began_with):
                return "used"
            return state if state in CODES else None

        def start(language: str) -> str:
            """A new conversation with its greeting; its token."""
            self.erased = False
            conversation = Conversation(language)
            token = f"token{len(self.conversations) + 1}"
            self.conversations[token] = conversation
            words = WORDS[language]
            hello = "\n\n".join(filter(None, (self.welcome, words["hello"])))
            self.message(conversation, "bot", hello)
            buttons = [{"title": words[k], "token": k, "style": "choice"} for k in ("yes", "no")]
            self.message(conversation, "bot", words["consent"], buttons=buttons)
            return token

        @app.post("/api/chat/messages")
        async def take(request: Request) -> Any:
            body = await request.json()
            self.posts.append(body)
            conversation = conversation_of(request)
            if conversation is None:
                return problem(401, "this conversation is no more")
            if self.failures:
                status = self.failures.pop(0)
                return problem(
                    status,
                    f"trouble {status}",
                    **({"Retry-After": str(self.retry_after)} if status == 429 else {}),
                )
            said = body.get("button", body.get("text", body.get("do")))
            known = body["id"] in conversation.replies
            if not known:
                conversation.replies[body["id"]] = []
                titles = {b["token"]: b["title"] for m in conversation.messages for b in m.get("buttons", ())}
                _, tilde, code = said.partition("~")
                shown = marked(conversation.language, code) if tilde else titles.get(said, said)
                self.message(conversation, "user", shown, id=body["id"])
                if self.pending:
                    self.waiting.append((conversation, said))
                    return {"messages": [], "pending": True}
                await asyncio.sleep(self.delay)
                conversation.replies[body["id"]] = self.answer(conversation, said)
            if self.lose_replies:
                self.lose_replies -= 1
                return problem(500, "the reply got lost")
            return {"messages": self.shown(conversation, conversation.replies[body["id"]]), "pending": False}

        @app.post("/api/chat/back")
        async def back(request: Request) -> Any:
            body = await request.json()
            self.backs.append(body)
            if self.back_failures:
                return problem(self.back_failures.pop(0), "no way back now")
            for token, conversation in self.conversations.items():
                for link in conversation.links:
                    if link.kind != "back" or link.key != body["key"]:
                        continue
                    if link.device not in (None, body["device"]):
                        continue
                    if link.device is None:
                        link.device, link.open = body["device"], False
                        self.linked(conversation, WORDS[conversation.language]["used"], "back")
                    if self.lose_backs:
                        self.lose_backs -= 1
                        return problem(500, "the token got lost")
                    return {"token": token}
            language = "nl" if "nl" in request.headers.get("accept-language", "") else "en"
            return problem(410, WORDS[language]["ended"])

        @app.post("/api/chat/move")
        async def move(request: Request) -> Any:
            body = await request.json()
            self.moves.append(body)
            for token, conversation in self.conversations.items():
                for link in conversation.links:
                    if link.kind == "here" and link.key == body["code"]:
                        if link.device not in (None, body["device"]):
                            return problem(410, "this code was used")
                        if link.device is None:
                            link.device = body["device"]
                            self.question(conversation)
                        if self.lose_backs:
                            self.lose_backs -= 1
                            return problem(500, "the token got lost")
                        return {"token": token}
            return problem(404, "no such code")

        @app.get("/r/{key}")
        @app.get("/s/{key}")
        async def linked_page(key: str) -> Response:
            return Response(f"<title>{key}</title>", media_type="text/html")

        @app.get("/data/{key}.json")
        async def data(key: str, until: int) -> Response:
            if until != self.reading:
                return problem(404, "too late")
            headers = {"Content-Disposition": f'attachment; filename="{key}.json"'}
            return JSONResponse({"key": key}, headers=headers)

        @app.get("/api/chat/messages")
        async def history(request: Request, after: str = "", wait: float = 0) -> Any:
            self.polls += 1
            self.whole += not after
            await asyncio.sleep(0 if after else self.slow)
            until = time.monotonic() + min(wait, 25)
            while True:
                conversation = conversation_of(request)
                if conversation is None:
                    return problem(401, "this conversation is no more")
                ids = [message["id"] for message in conversation.messages]
                if after and after not in ids:
                    return problem(404, "no such message")
                new = conversation.messages[ids.index(after) + 1 if after else 0 :]
                if new or time.monotonic() > until or await request.is_disconnected():
                    return {"messages": self.shown(conversation, new)}
                await asyncio.sleep(0.02)

        app.mount("/web", StaticFiles(directory=WEB))
        return app

    @contextmanager
    def running(self, port: int = 0) -> Iterator[FakeServer]:
        """The server at `url`, in a thread of its own, until the block ends."""
        listener = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(self.app, log_level="critical", lifespan="off", timeout_graceful_shutdown=0)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.should_exit = True
            thread.join(10)


if __name__ == "__main__":
    fake = FakeServer(Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    with fake.running(int(sys.argv[1])):
        print(fake.url, flush=True)
        threading.Event().wait()
