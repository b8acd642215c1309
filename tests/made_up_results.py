"""Made-up results for the tests of the result page, and a server that shows them without any database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from bot.gateway.limits import Limiter
from bot.gateway.pages import Kind, make_pages
from bot.gateway.signing import Signer
from bot.render.radar import Axis, RadarSpec, render
from bot.service.report import report
from bot.service.report_view import Report
from bot.service.result_view import (
    AnswerGroup,
    AnswerView,
    DimensionRow,
    ResultView,
    SharedView,
    StepView,
)
from bot.service.use_cases import UnknownLink
from tests.made_up_reports import model, running

WEB = Path(__file__).resolve().parent.parent / "bot" / "web"
SIGNER = Signer("a secret of the tests, long enough to be one")
RESULT_ID = "a1" * 16
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

# As long as a dimension's name may be, 24 characters; the ones in the middle are one word.
LONG = (
    "Strategie en leiderschap",
    "Medewerkersbetrokkenheid",
    "Verantwoordelijkheidszin",
    "Gegevenskwaliteitsbeheer",
    "Klantbetrokkenheidsscore",
    "Informatiebeveiliging nu",
    "Organisatieontwikkelings",
    "Samenwerken met partners",
    "Kanalen en dienstverlens",
    "Data-architectuur/beheer",
    "Doelgroepen en metingens",
    "Integratie van techniekk",
)
SHORT = {
    "nl": ("Strategie", "Mensen", "Technologie", "Data", "Klantreis", "Klantwaarde"),
    "en": ("Strategy", "People", "Technology", "Data", "Customer journey", "Customer value"),
}
_LEVELS = {
    "nl": ("Initieel", "Herhaalbaar", "Gedefinieerd", "Gemanaged", "Optimaliserend"),
    "en": ("Initial", "Repeatable", "Defined", "Managed", "Optimizing"),
}
_SCORES = (3.0, 2.3, 1.3, 2.0, 3.7, 2.0, 4.7, 1.0, 2.7, 3.3, 5.0, 1.7)

_WORDS = {
    "nl": {
        "model": "Klantbetrokkenheid",
        "customers": "Bedrijven",
        "columns": ("Onderdeel", "Score", "Niveau", "Doel"),
        "overall": "Gemiddeld: 2,4 van 5.",
        "nothing": "te weinig beantwoord voor een score",
        "today": "Vandaag",
        "target": "Doel",
        "subtitle": "Score per onderdeel, van 1 tot 5",
        "stands_out": (
            "Het verst zijn jullie met Klantreis (3,7), het minst ver met Technologie (1,3).",
            "Dat verschil van 2,4 is groot. Dat kan een keuze zijn; zo niet, begin dan bij Technologie.",
        ),
        "step": (
            "Systemen koppelen",
            "van 1 · Losse eilanden naar 2 · Eerste koppeling",
            "Technologie blijft het verst achter, en zonder koppeling ziet niemand de hele klant.",
            "Kies de twee systemen waar klantgegevens het vaakst worden overgetypt, en laat iemand uitzoeken "
            "wat een koppeling kost. Begin met alleen naam, adres en laatste bestelling.",
            "Een wijziging in het ene systeem staat dezelfde dag in het andere, zonder dat iemand iets typt.",
            "Manutan",
            "Manutan nam het bekende Overtoom over en wil klanten kennen en goed adviseren. De koers is "
            "Europees, de uitwerking lokaal. Drie simpele cijfers meten of klanten, collega's en "
            "leveranciers tevreden zijn.",
        ),
        "question": "Weten jullie welke band je met klanten wilt, en is er een plan om daar te komen?",
        "label": "3 · Plan met keuzes",
        "text": "Er zijn een visie én een strategie: we weten waarheen en welke keuzes dat vraagt.",
        "dont_know": "Weet ik niet",
        "words": "er ligt een strategie, vorig jaar door de directie vastgesteld",
        "caution": "Dit model is een manier van denken, geen absolute waarheid. Het rust op de ervaring van "
        "twintig bedrijven. Het hoogste niveau is niet het doel: jullie kiezen zelf welk niveau past.",
        "method": "De scores berekenen we met onze eigen regels.",
    },
    "en": {
        "model": "Customer engagement",
        "customers": "Businesses",
        "columns": ("Area", "Score", "Level", "Target"),
        "overall": "On average: 2.4 of 5.",
        "nothing": "too little answered for a score",
        "today": "Today",
        "target": "Target",
        "subtitle": "Score per area, 1 to 5",
        "stands_out": (
            "You are strongest in Customer journey (3.7) and weakest in Technology (1.3).",
            "That difference of 2.4 is large. Uneven can be a choice; if it is not, begin with Technology.",
        ),
        "step": (
            "Connecting systems",
            "from 1 · Islands to 2 · A first connection",
            "Technology lags behind most, and without a connection nobody sees the whole customer.",
            "Choose the two systems between which customer data is retyped most often, and have somebody "
            "find out what a connection costs. Begin with name, address and last order only.",
            "A change in the one system shows in the other the same day, and nobody typed anything.",
            "Manutan",
            "Manutan took over a well-known Dutch brand, Overtoom, and wants to know customers and advise "
            "them well. The course is European, the details local. Three simple figures show if customers, "
            "staff and suppliers are happy.",
        ),
        "question": "Does your company know what relationship it wants with customers, and how to get it?",
        "label": "3 · Plan with choices",
        "text": "There is a vision and a strategy: we know where to go and which choices that takes.",
        "dont_know": "I don't know",
        "words": "there is a strategy, the board wrote it last year",
        "caution": "This model is a way of thinking, not an absolute truth. It rests on the experience of "
        "twenty companies. The highest level is not the goal: you choose which level suits you.",
        "method": "The scores follow rules of our own.",
    },
}


def make_view(
    language: str = "nl",
    titles: tuple[str, ...] | None = None,
    *,
    without_score: tuple[int, ...] = (),
) -> ResultView:
    """The respondent's own view: a dimension for each title, three questions a dimension, three steps.

    `without_score`: which dimensions have none.
    """
    titles = titles or SHORT[language]
    words = _WORDS[language]

    def figure(value: float) -> str:
        return f"{value:.1f}".replace(".", "," if language == "nl" else ".")

    rows, axes = [], []
    for number, title in enumerate(titles):
        score = None if number in without_score else _SCORES[number]
        level = int(score) if score else 0
        rows.append(
            DimensionRow(
                title=title,
                score=None if score is None else figure(score),
                level=None if score is None else f"{level} · {_LEVELS[language][level - 1]}",
                target=None if score is None else str(min(5, level + 1)),
                remark=words["nothing"] if score is None else None,
                fraction=None if score is None else score / 5,
            )
        )
        axes.append(Axis(title, score, min(5, level + 1) if score else None, figure(score) if score else "–"))
    picture = RadarSpec(
        language, tuple(axes), 5, words["model"], words["subtitle"], words["today"], words["target"]
    )
    title, move, why, step, measure, case_name, case_text = words["step"]
    answer = AnswerView(words["question"], words["label"], words["text"], None)
    return ResultView(
        own=True,
        language=language,
        languages=("nl", "en"),
        model=words["model"],
        about=words["customers"],
        completed_at=NOON,
        overall=words["overall"],
        columns=words["columns"],
        rows=tuple(rows),
        picture=picture.to_json(),
        alt=f"Radar. {' '.join(f'{row.title}: {row.score or row.remark}.' for row in rows)}",
        stands_out=words["stands_out"],
        open_questions=(),
        steps=tuple(
            StepView(number, f"{titles[-number]}: {title}", move, why, step, measure, case_name, case_text)
            for number in (1, 2, 3)
        ),
        no_steps=None,
        next_time="Meet opnieuw rond 24 mei 2027." if language == "nl" else "Measure again around 24 May.",
        answers=tuple(
            AnswerGroup(
                one,
                (
                    answer,
                    replace(answer, words=words["words"]),
                    replace(answer, label=words["dont_know"], text=None),
                ),
            )
            for one in titles
        ),
        shares=(),
        indication=None,
        element_columns=(),
        elements=(),
        insights=(),
        stages=False,
        cautions=(words["caution"], words["method"]),
    )


class FakeResults:
    """The four use-cases over one result in two languages; what changed something is in `changes`."""

    def __init__(self, make: Callable[[str], ResultView] = make_view) -> None:
        self._make = make
        self.shared: str | None = None
        self.changes: list[tuple[str, ...]] = []
        self.erased = False

    def result_page(self, link_id: str, kind: Kind, language: str | None) -> ResultView | None:
        if self.erased or link_id != (RESULT_ID if kind == "result" else self.shared):
            return None
        # For colleagues everything as well, so that a page which forgets whose it is shows too much.
        shares = (SharedView(self.shared, NOON),) if self.shared else ()
        return replace(self._make(language or "nl"), own=kind == "result", shares=shares)

    def report(self, link_id: str, language: str | None) -> Report | None:
        if self.erased or link_id != RESULT_ID:
            return None
        return report(running(model("cemm")), language or "nl")

    def share(self, link_id: str) -> None:
        self._check(link_id)
        self.changes.append(("share", link_id))
        self.shared = self.shared or f"{len(self.changes):032x}"

    def unshare(self, link_id: str, shared_link_id: str) -> None:
        self._check(link_id)
        if shared_link_id != self.shared:
            raise UnknownLink(shared_link_id)
        self.changes.append(("unshare", link_id, shared_link_id))
        self.shared = None

    def _check(self, link_id: str) -> None:
        if self.erased or link_id != RESULT_ID:
            raise UnknownLink(link_id)


def make_app(
    results: FakeResults,
    *,
    drawn: Callable[[str], bytes] | None = None,
    typeset: Callable[[Report], bytes] = lambda report: b"%PDF",
    burst: int = 1000,
) -> FastAPI:
    """The pages over these results, and the files they need."""
    app = FastAPI(openapi_url=None)
    draw = drawn or (lambda spec: render(RadarSpec.from_json(spec)))
    app.include_router(make_pages(results, SIGNER, draw, Limiter(burst, 60), typeset))
    app.mount("/web", StaticFiles(directory=WEB))
    return app


def own_path() -> str:
    return f"/r/{SIGNER.link_key('result', RESULT_ID)}"


def shared_path(link_id: str) -> str:
    return f"/s/{SIGNER.link_key('share', link_id)}"


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve the app in a thread; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
