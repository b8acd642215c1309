"""Drives a browser over a host page of another origin, with the real parts behind the chat on it."""

from __future__ import annotations

import itertools
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from benchmarks.conversation import BenchmarkError
from benchmarks.widget.figures import Load, Loaded, Measured
from bot.service.campaign_input import NewCampaign
from tests.browser import axe
from tests.browser.embedded import STATES, consent, levels, live, part, shifted, tap, walk
from tests.browser.host_pages import HostPages
from tests.stack import Stack, start_stack

LOCALES = {"nl": "nl-NL", "en": "en-GB"}
WIDTHS = {360: 740, 1280: 800}
# Known beforehand: what is asked of the person is not what is to be measured.
KNOWN = {"role_layer": "board", "department": "sales", "business_line": "b2b"}
QUIET = 1_000  # milliseconds in which nothing more is asked for: then all is there that comes by itself

# From the press, or the call, to the first frame in which the first question can be read and answered.
_OPENED = """by => new Promise(resolve => {
    const chat = document.querySelector("peil-chat");
    let began;
    const look = () => {
        const button = chat.shadowRoot.querySelector("[data-part=choices] [data-part=button]");
        const seen = button?.checkVisibility({ opacityProperty: true, visibilityProperty: true });
        if (!seen) return requestAnimationFrame(look);
        const { x, y, width, height } = button.getBoundingClientRect();
        const there = chat.shadowRoot.elementFromPoint(x + width / 2, y + height / 2);
        if (!button.contains(there)) return requestAnimationFrame(look);
        // This frame is drawn before the next one begins.
        requestAnimationFrame(() => resolve([performance.now() - began, performance.timeOrigin + began]));
    };
    if (by === "click") {
        const start = event => {
            began = event.timeStamp;
            look();
        };
        chat.shadowRoot.addEventListener("click", start, { once: true, capture: true });
    } else {
        began = performance.now();
        chat.open();
        look();
    }
})"""

Say = Callable[[str], None]


class Wire:
    """What a page gets from Peil's server, as it comes by."""

    def __init__(self, page: Page, server: str) -> None:
        self._page = page
        self._server = server
        self._asked: list[Request] = []
        self._done: list[Request] = []
        self._preflights: list[float] = []
        page.on("request", self._note)
        page.on("requestfinished", self._note_done)
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._note_preflight)

    def _note(self, request: Request) -> None:
        if request.url.startswith(self._server):
            self._asked.append(request)

    def _note_done(self, request: Request) -> None:
        self._done.append(request)

    def _note_preflight(self, event: dict[str, Any]) -> None:
        if event["request"]["method"] == "OPTIONS" and event["request"]["url"].startswith(self._server):
            self._preflights.append(event["wallTime"] * 1000)

    def take(self, when: str, until: float) -> Load:
        """What was asked for up to this moment (milliseconds since 1970), but for what has no answer yet.

        Of what is still waited for, which is news, there is nothing to be counted.
        """
        self._page.wait_for_timeout(QUIET)
        answers = []
        for request in self._asked:
            if request not in self._done or request.timing["startTime"] > until:
                continue
            response = request.response()
            if response is None:
                raise BenchmarkError(f"{request.url} has no answer")
            name = re.sub(r"^https?://[^/]+|\?.*", "", request.url)
            answers.append(
                Loaded(
                    f"{request.method} {re.sub(r'[0-9a-f]{12}', 'VERSION', name)}",
                    request.sizes()["responseBodySize"],
                    response.headers.get("content-encoding", ""),
                    response.status,
                )
            )
        return Load(when, answers, sum(at <= until for at in self._preflights))


def _now(page: Page) -> float:
    """The page's clock: milliseconds since 1970."""
    return float(page.evaluate("performance.timeOrigin + performance.now()"))


def _code(stack: Stack, origins: tuple[str, ...]) -> str:
    """The code of an open invitation to a campaign for these sites."""
    campaign = stack.peil.campaigns.create(
        NewCampaign(
            organisation="Somebody with a web site",
            name="Measured",
            models=("teahouse",),
            anonymous=False,
            origins=origins,
        )
    ).campaign
    (invitation,) = stack.peil.campaigns.invite(campaign.id, "open")
    return stack.peil.campaigns.links(campaign, invitation).urls["web"].rpartition("/")[2]


@contextmanager
def _context(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    wishes = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", "reduced_motion": "reduce"}
    context = browser.new_context(**{**wishes, **options})
    context.set_default_timeout(30_000)
    try:
        yield context
    finally:
        context.close()


def loads(browser: Browser, address: str, server: str) -> list[Load]:
    """What is loaded where nobody opens it, up to the first question, and up to the first of the model."""
    found = []
    with _context(browser) as context:
        page = context.new_page()
        wire = Wire(page, server)
        page.goto(address)
        part(page, "bubble").wait_for()
        page.wait_for_timeout(QUIET)
        found.append(wire.take("nobody opens it", _now(page)))
    with _context(browser) as context:
        page = context.new_page()
        wire = Wire(page, server)
        page.goto(address)
        took, began = _opened(page, "click")
        found.append(wire.take("up to the first question after opening", began + took))
        consent(page)
        levels(page).first.wait_for()
        found.append(wire.take("up to the first question of the maturity model", _now(page)))
    return found


def _opened(page: Page, by: str) -> tuple[float, float]:
    """Opens the chat by 'click' or 'open()': milliseconds to the first question, and when it began."""
    part(page, "bubble").wait_for()
    if by == "click":
        # Told first, so that the press finds somebody who watches; it answers when the question is there.
        page.evaluate(f"void (window.opened = ({_OPENED})('click'))")
        part(page, "bubble").click()
        took, began = page.evaluate("opened")
    else:
        took, began = page.evaluate(_OPENED, "open()")
    return took, began


def openings(browser: Browser, address: str, times: int, by: str, *, warm: bool) -> list[float]:
    """So many times from opening to the first question, each of a new conversation; milliseconds.

    `by`: 'click' or 'open()'. `warm`: the browser has Peil's files already.
    """

    def once(page: Page) -> float:
        page.goto(address)
        part(page, "bubble").wait_for()
        # Whoever opens it has seen the page first.
        page.wait_for_timeout(100)
        return _opened(page, by)[0]

    found: list[float] = []
    if warm:
        with _context(browser) as context:
            page = context.new_page()
            once(page)
            for _ in range(times):
                page.evaluate("localStorage.clear(); sessionStorage.clear()")
                # Left behind altogether, so that nothing but the browser's cache is warm.
                page.goto("about:blank")
                found.append(once(page))
    else:
        for _ in range(times):
            with _context(browser) as context:
                found.append(once(context.new_page()))
    return found


def _to_result(page: Page) -> None:
    """Answers until there is a picture."""
    for _ in range(20):
        part(page, "image").or_(levels(page).first).first.wait_for()
        if part(page, "image").count():
            return
        newest = live(page).inner_text()
        tap(levels(page).first)
        expect(live(page)).not_to_have_text(newest, use_inner_text=True)
    raise BenchmarkError("there is no result after twenty answers")


def states(
    browser: Browser, hosts: HostPages, code: str, say: Say
) -> tuple[dict[str, list[str]], dict[str, float]]:
    """Where -> what axe finds there; and how much the host page has shifted on each way through."""
    found: dict[str, list[str]] = {}
    shifts: dict[str, float] = {}
    for width, scheme, language in itertools.product(WIDTHS, ("light", "dark"), LOCALES):
        name = f"{width} px, {scheme}, {language}"
        say(f"Every state at {name} …")
        size = {"width": width, "height": WIDTHS[width]}
        with _context(browser, viewport=size, color_scheme=scheme, locale=LOCALES[language]) as context:
            page = context.new_page()
            address, refused = (hosts.page("plain", campaign=one, **KNOWN) for one in (code, "NOTHING"))
            seen = []
            for state, _ in walk(page, address, refused, _to_result):
                seen.append(state)
                found[f"{state}, {name}"] = axe.findings(page)
                shifts[name] = max(shifts.get(name, 0.0), shifted(page))
            if tuple(seen) != STATES:
                raise BenchmarkError(f"of the states only {seen} came by")
    return found, shifts


def measure(chromium: str, times: int, say: Say) -> Measured:
    """Start the real parts, measure, stop them. Raises BenchmarkError and what starting them raises."""
    with tempfile.TemporaryDirectory(prefix="peil-widget-") as folder:
        say("Starting the real parts …")
        stack = start_stack(Path(folder))
        try:
            with HostPages(stack.url).running() as hosts, sync_playwright() as playwright:
                arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
                browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
                code = _code(stack, (hosts.url,))
                address = hosts.page("plain", campaign=code, **KNOWN)
                loaded = loads(browser, address, stack.url)
                opened = {}
                for by, warm in itertools.product(("click", "open()"), (False, True)):
                    name = f"{'warm' if warm else 'cold'} cache, {by}"
                    say(f"{times} openings, {name} …")
                    opened[name] = openings(browser, address, times, by, warm=warm)
                findings, shifts = states(browser, hosts, code, say)
                browser.close()
        finally:
            stack.stop()
    return Measured(loaded, opened, shifts, findings)
