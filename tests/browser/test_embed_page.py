"""/embed in Chromium on the real gateway: what is chosen shows in the preview, and works where it is pasted.

Rasa and the action server are replaced by one object in the gateway's process; all else is as in operation.
Screenshots land in each test's temporary folder; `pytest --basetemp=FOLDER` keeps them.
"""

from __future__ import annotations

import html
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import uvicorn
from axe import findings
from fastapi import FastAPI
from host_pages import recipe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, FrameLocator, Page, Route, expect

from bot import origins
from bot.gateway import app as application
from bot.gateway.embed_page import GUIDE, make_embed_page
from bot.store import tables
from bot.texts import section
from tests.integration import campaigning
from tests.integration.gateway import FakeEngine
from tests.integration.parts import Clock, House

PHONE, LAPTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
BOT = Path(__file__).resolve().parents[2] / "bot"
# Whatever has a meaning in HTML, an address, JavaScript or a style, and what would be seen if it took effect.
NASTY = """</script><img src=x onerror="window.hacked=1">'"&amp;&lt;{evil}`;}"""


class Now(Clock):
    """The time as it is: browsers have no other."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The application in a thread of its own, until the block ends; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


class Peil:
    """A gateway that is up. `site`: a company's site, on another origin; `code`: of the campaign for it."""

    def __init__(self, house: House, url: str, site: Site) -> None:
        self.house, self.url, self.site = house, url, site
        made = campaigning.campaign(house)
        house.peil.campaigns.embed(made.id, origins=[site.url])
        self.code = campaigning.code(house, made)


class Site:
    """A company's site: one page, whose body is set by the test, under the policy that the test sets."""

    def __init__(self) -> None:
        self.body = ""
        self.policy = ""
        self.url = ""


@contextmanager
def company() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = f"<!doctype html><html lang=en><title>Site</title>{site.body}"
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if site.policy:
                self.send_header("Content-Security-Policy", site.policy)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # Another host than Peil's, so that it is another origin and another site too.
    site.url = f"http://localhost:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()


@pytest.fixture(scope="module")
def peil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peil]:
    folder = tmp_path_factory.mktemp("house")
    house = House(folder, f"sqlite:///{folder / 'peil.db'}", Now())
    app = application.create_app(house.peil, engine=FakeEngine(house), services=[])
    with served(app) as url, company() as site:
        yield Peil(house, url, site)


# What speaks, or is fetched from elsewhere: a link to /embed brings none of it.
NOT_IN_ADDRESS = ("heading_nl", "heading_en", "label_nl", "label_en", "avatar")


class Visitor:
    """A browser that keeps what pages complain of."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.complaints: list[str] = []
        context.on("console", self._listen)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} {message.location['url']}")

    def open(self, language: str = "nl", /, **choices: str) -> Page:
        """The page /embed, with these choices made (`open_after` is `open-after`).

        All of them stand in its address, but for those that it takes from nobody's link.
        """
        page = self.context.new_page()
        kept = {name: value for name, value in choices.items() if name not in NOT_IN_ADDRESS}
        page.goto(f"{self.url}/embed?lang={language}{fragment(**kept)}")
        for name in choices.keys() - kept.keys():
            field = page.locator(f"#{name.replace('_', '-')}")
            # Which may be folded away, or not be for this way.
            field.evaluate("(one) => { const box = one.closest('details'); if (box) box.open = true; }")
            field.fill(choices[name], force=True)
        preview(page).locator("main").wait_for()
        return page


def fragment(**choices: str) -> str:
    values = {name.replace("_", "-"): value for name, value in choices.items()}
    return f"#{urlencode(values)}" if values else ""


def preview(page: Page) -> FrameLocator:
    return page.frame_locator("#preview")


def code(page: Page, part: str = "code") -> str:
    return page.locator(f"#{part}").text_content() or ""


@pytest.fixture
def visitor(browser: Browser, peil: Peil) -> Iterator[Callable[..., Visitor]]:
    visitors = []

    def come(**options: Any) -> Visitor:
        options = {"viewport": LAPTOP, "locale": "nl-NL", "reduced_motion": "reduce", **options}
        context = browser.new_context(**options)
        context.set_default_timeout(10_000)
        visitors.append(Visitor(context, peil.url))
        return visitors[-1]

    yield come
    for one in visitors:
        one.context.close()
    assert [complaint for one in visitors for complaint in one.complaints] == []


# --- it can be read and used ------------------------------------------------------------------------


# What sticks out of the window, or holds more than it shows. What is in the preview is made smaller.
CUT_OFF = """() => {
    const width = document.documentElement.clientWidth;
    const seen = (one) => one.checkVisibility() && !one.closest(".quietly, .stage");
    const all = [...document.body.querySelectorAll("*")].filter(seen);
    const out = all.filter((one) => {
        const box = one.getBoundingClientRect();
        return box.left < -0.5 || box.right > width + 0.5;
    });
    const over = all.filter(
        (one) => one.tagName !== "INPUT" && one.clientWidth && one.scrollWidth > one.clientWidth + 1,
    );
    return [...new Set([...out, ...over])].map((one) => one.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize(
    ("way", "width", "scheme", "language"),
    [
        ("bubble", 360, "dark", "nl"),
        ("bubble", 768, "light", "nl"),
        ("bubble", 1280, "light", "en"),
        ("page", 360, "light", "en"),
        ("page", 1280, "dark", "nl"),
        ("frame", 360, "light", "nl"),
        ("frame", 1280, "light", "en"),
    ],
)
def test_it_fits_and_has_no_barriers(
    way: str,
    width: int,
    scheme: str,
    language: str,
    visitor: Callable[..., Visitor],
    peil: Peil,
    tmp_path: Path,
) -> None:
    someone = visitor(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = someone.open(language, way=way, campaign=peil.code, accent="#ffff00", avatar="ftp://no")
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    page.screenshot(path=tmp_path / "embed.png", full_page=True)

    assert page.locator("html").get_attribute("lang") == language
    assert findings(page) == []
    assert page.evaluate(CUT_OFF) == []


def test_each_field_has_one_name_and_what_is_wrong_with_it_is_said_beside_it(
    visitor: Callable[..., Visitor],
) -> None:
    page = visitor().open("en")
    page.get_by_label("Code of a campaign").fill("no code")
    page.get_by_label("Buttons and own messages", exact=True).fill("blurple")

    for name, words in (("campaign", "sixteen letters"), ("accent", "do not know this colour")):
        field = page.locator(f"#{name}")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(words))
    assert code(page).endswith('/widget.js?launcher"></script>')
    # It is some way from the field to the code, which without its campaign would be another.
    left_out = page.locator("#left-out")
    expect(left_out).to_have_text(
        "This is not right, and so is not in the code: Code of a campaign, Buttons and own messages."
    )

    page.get_by_label("Buttons and own messages", exact=True).fill("rebeccapurple")
    expect(page.locator("#accent")).to_have_attribute("aria-invalid", "false")
    assert code(page).endswith('/widget.js?accent=rebeccapurple"></script>')
    expect(left_out).to_have_text("This is not right, and so is not in the code: Code of a campaign.")
    page.get_by_label("Code of a campaign").fill("")
    expect(left_out).to_be_hidden()


def test_what_is_wrong_with_a_field_that_the_code_has_not_is_not_said_beside_the_code(
    visitor: Callable[..., Visitor],
) -> None:
    page = visitor().open("en", avatar="ftp://no")
    expect(page.locator("#left-out")).to_contain_text("Picture in place of the gauge")
    page.get_by_label("In a frame (iframe)").check()
    expect(page.locator("#left-out")).to_be_hidden()


@pytest.mark.parametrize(("width", "said"), [(1280, "Beside it you see"), (1000, "Below you see")])
def test_it_says_where_the_preview_is(width: int, said: str, visitor: Callable[..., Visitor]) -> None:
    page = visitor(viewport={"width": width, "height": 800}).open("en")
    text = page.locator(".top").inner_text()
    choices, trial = page.locator("#choices").bounding_box(), page.locator(".trial").bounding_box()
    assert choices is not None
    assert trial is not None

    assert said in text
    assert text.count("you see it happen") == 1
    assert (trial["x"] > choices["x"]) == said.startswith("Beside")


def test_it_can_be_used_with_the_keyboard_alone(visitor: Callable[..., Visitor]) -> None:
    someone = visitor()
    someone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = someone.open("en")

    def tab_to(selector: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("(one) => document.activeElement?.matches(one)", selector):
                break
        focused = page.locator(":focus")
        assert focused.evaluate("(one, selector) => one.matches(selector)", selector)
        assert focused.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"

    tab_to("input[name=way]")
    page.keyboard.press("ArrowRight")
    tab_to("#radius")
    page.keyboard.type("3px")
    tab_to("[data-do=open]")
    page.keyboard.press("Enter")
    preview(page).locator("peil-chat >> [data-part=message]").first.wait_for()
    tab_to("[data-copy=code]")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Copied")

    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == code(page)
    assert copied.endswith('<peil-chat radius="3px" style="display: block; height: 38rem"></peil-chat>')


def test_it_is_there_in_both_languages_and_the_choices_go_along(visitor: Callable[..., Visitor]) -> None:
    page = visitor().open("nl", accent="teal")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("Peil on your own site")
    expect(page.locator("#accent")).to_have_value("teal")
    page.get_by_role("link", name="Nederlands").click()
    expect(page.locator("h1")).to_have_text("Peil op je eigen site")
    expect(page.locator("#accent")).to_have_value("teal")


def test_without_a_script_it_says_that_it_needs_one(visitor: Callable[..., Visitor], peil: Peil) -> None:
    page = visitor(java_script_enabled=False).context.new_page()
    page.goto(f"{peil.url}/embed?lang=en")
    expect(page.locator(".note").first).to_contain_text("Turn on JavaScript")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_word_of_the_page_stands_on_it(language: str, peil: Peil) -> None:
    templates = BOT / "gateway" / "templates"
    page, script = templates / "embed_page.html", BOT / "web" / "embed.js"
    asked = {
        "embed": set(re.findall(r'word\("(\w+)"', page.read_text("utf-8"))),
        "company": set(
            re.findall(r'company\("(\w+)"', (templates / "embed_preview.html").read_text("utf-8"))
        ),
    }
    # Those whose names are put together.
    asked["embed"] |= {"accent", "background", "card", "text", "role_layer", "department", "business_line"}
    asked["company"] |= {f"{one}_{part}" for one in ("one", "two", "three") for part in ("title", "text")}
    asked["embed"] |= {f"live_{name}" for name in re.findall(r'"(\w+)"', script.read_text("utf-8"))}

    for name, keys in asked.items():
        assert set(section(language, name)) - keys == set()


# --- what comes out of it works ---------------------------------------------------------------------


def paste(visitor: Visitor, site: Site, page: Page, more: str = "") -> Page:
    """The company's page with the code in it, under the policy that /embed names and no `more`."""
    site.body = code(page)
    site.policy = f"default-src 'none'; {' '.join(code(page, 'policy').split())}{more}"
    pasted = visitor.context.new_page()
    pasted.goto(site.url)
    return pasted


GREETING = "Theehuisscan"
CHOICES = {
    "accent": "rgb(120 20 90)",
    "background": "#ffeedd",
    "radius": "3px",
    "font": '"Fira Sans", Georgia, serif',
    "heading_nl": "De peilstok & co",
    "position": "left",
    "language": "nl",
    "department": "sales",
}


# As docs/embedding.md names them.
SANDBOX = (
    "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads"
)


@pytest.mark.parametrize("version", ["moving", "pinned"])
@pytest.mark.parametrize("kind", ["line", "element"])
def test_the_bubble_works_where_it_is_pasted(
    kind: str, version: str, visitor: Callable[..., Visitor], peil: Peil
) -> None:
    someone = visitor()
    page = someone.open(kind=kind, version=version, campaign=peil.code, **CHOICES)
    pasted = paste(someone, peil.site, page)
    pasted.locator("peil-chat >> [data-part=bubble]").click()

    expect(pasted.locator("peil-chat >> [data-part=message]").first).to_contain_text(GREETING)
    expect(pasted.locator("peil-chat >> [data-part=panel]")).to_contain_text("De peilstok & co")
    given = pasted.locator("peil-chat").evaluate(
        "(one) => Object.fromEntries([...one.attributes].map(({ name, value }) => [name, value]))"
    )
    wished = {name.replace("_", "-"): value for name, value in CHOICES.items()}
    assert given == {"launcher": "", "campaign": peil.code, **wished}
    box = pasted.locator("peil-chat >> [data-part=panel]").bounding_box()
    assert box is not None
    assert box["x"] < 100
    assert ("/widget/" in peil.site.body) == (version == "pinned")


def test_the_chat_in_the_page_works_where_it_is_pasted(visitor: Callable[..., Visitor], peil: Peil) -> None:
    someone = visitor()
    page = someone.open(way="page", campaign=peil.code, language="en")
    # As the page says beside the code: such a policy refuses the height.
    pasted = paste(someone, peil.site, page, "; style-src-attr 'unsafe-inline'")

    expect(pasted.locator("peil-chat >> [data-part=message]").first).to_contain_text("Teahouse scan")


def test_the_frame_works_where_it_is_pasted(visitor: Callable[..., Visitor], peil: Peil) -> None:
    someone = visitor()
    choices = {"language": "en", "accent": "rgb(120 20 90)", "department": "sales", "heading_en": "Ours"}
    page = someone.open(way="frame", campaign=peil.code, **choices)
    pasted = paste(someone, peil.site, page)

    chat = pasted.frame_locator("iframe").locator("peil-chat")
    expect(chat.locator("[data-part=message]").first).to_contain_text("Teahouse scan")
    expect(chat).to_have_attribute("accent", "rgb(120 20 90)")
    expect(chat).to_have_attribute("department", "sales")
    assert "Ours" not in code(page)


def test_a_frame_in_a_sandbox_holds_a_conversation_too(visitor: Callable[..., Visitor], peil: Peil) -> None:
    someone = visitor()
    page = someone.open(way="frame", campaign=peil.code, language="en")
    peil.site.body = code(page).replace("<iframe", f'<iframe sandbox="{SANDBOX}"')
    peil.site.policy = ""
    pasted = someone.context.new_page()
    pasted.goto(peil.site.url)
    chat = pasted.frame_locator("iframe")
    chat.get_by_role("button", name="Yes, that's fine").click()

    expect(chat.locator("peil-chat >> [data-role=user]")).to_contain_text("Yes, that's fine")
    expect(chat.locator("peil-chat >> [data-role=bot]")).to_have_count(2)
    assert f"`{SANDBOX}`" in " ".join((BOT.parent / "docs" / "embedding.md").read_text("utf-8").split())


def test_the_react_component_is_the_one_of_the_documentation(visitor: Callable[..., Visitor]) -> None:
    # That one is tried in test_embedded.py.
    component = recipe("React.", 1)
    page = visitor().open(kind="react", heading_en="Plain", heading_nl=NASTY)
    _, _, used = code(page).partition("// App.jsx\n")

    assert f"// Peil.jsx\n{component}\n" in code(page)
    assert used.startswith('<Peil\n  launcher=""\n')
    assert '\n  heading-en="Plain"\n' in used
    # A string of JavaScript, which JSON is.
    (value,) = re.findall(r"^  heading-nl=\{(.*)\}$", used, re.MULTILINE)
    assert json.loads(value) == NASTY

    page.get_by_label("In de pagina zelf").check()
    _, _, used = code(page).partition("// App.jsx\n")
    place = 'style={{ display: "block", height: "38rem" }}'
    assert used.endswith(f"  {place}\n/>")
    assert f'<Peil campaign="CODE" {place} />' in GUIDE.read_text("utf-8")


@pytest.mark.parametrize("kind", ["line", "element"])
def test_whatever_somebody_types_comes_out_as_what_it_is(
    kind: str, visitor: Callable[..., Visitor], peil: Peil
) -> None:
    someone = visitor()
    page = someone.open(kind=kind, heading_nl=NASTY, label_nl=NASTY, campaign=peil.code)
    expect(preview(page).locator("peil-chat")).to_have_attribute("heading-nl", NASTY)
    # Also for who puts it into a script of their own, or into a template.
    assert code(page).count("</script>") == 1
    assert "<img" not in code(page)
    pasted = paste(someone, peil.site, page)
    bubble = pasted.locator("peil-chat >> [data-part=bubble]")
    expect(bubble).to_contain_text(NASTY)
    bubble.click()
    expect(pasted.locator("peil-chat >> [data-part=panel]")).to_contain_text(NASTY)

    assert pasted.locator("peil-chat").get_attribute("label-nl") == NASTY
    assert pasted.locator("img, script").count() == 1
    for frame in (*page.frames, *pasted.frames):
        assert frame.evaluate("window.hacked") is None


def test_only_what_differs_from_the_usual_is_written(visitor: Callable[..., Visitor], peil: Peil) -> None:
    page = visitor().open(
        scheme="auto",
        position="right",
        heading_nl="Samen",
        heading_en="Samen",
        campaign=f"{peil.code[:4]}-{peil.code[4:].lower()}",
    )
    query = parse_qs(urlsplit(html.unescape(code(page)).split('"')[3]).query)

    assert query == {"campaign": [peil.code], "heading": ["Samen"]}
    page.get_by_role("button", name="Alles terug naar het begin").click()
    expect(page.locator("#code")).to_have_text(
        f'<script type="module" src="{peil.url}/widget.js?launcher"></script>'
    )
    assert "#" not in page.url


def test_the_code_leads_to_where_visitors_reach_peil(visitor: Callable[..., Visitor], peil: Peil) -> None:
    someone = visitor()
    public = 'data-server="https://peil.example"'

    def configured(route: Route) -> None:
        response = route.fetch()
        text, replaced = re.subn(r'data-server="http://127.0.0.1:\d+"', public, response.text())
        assert replaced == 1
        route.fulfill(response=response, body=text)

    someone.context.route("**/embed?*", configured)
    page = someone.open("en", version="pinned")

    assert code(page).startswith('<script type="module" src="https://peil.example/widget/')
    assert code(page, "policy").startswith("script-src https://peil.example;")
    # The preview is here all the same.
    preview(page).locator("peil-chat >> [data-part=bubble]").wait_for()


def test_the_commands_for_the_server_name_the_site(visitor: Callable[..., Visitor], peil: Peil) -> None:
    someone = visitor()
    someone.context.route(
        "https://pictures.example/a.png", lambda route: route.fulfill(path=BOT / "web" / "favicon.svg")
    )
    page = someone.open("en", campaign=peil.code, avatar="https://pictures.example/a.png")
    page.get_by_label("Address of your site").fill("www.company.example/shop?x=$(reboot)")

    assert code(page, "allow") == "peil campaign embed CAMPAIGN --origin https://www.company.example"
    assert code(page, "policy").endswith(f"img-src {peil.url} https://pictures.example")
    page.get_by_label("Code of a campaign").fill(peil.code[:-1])
    assert code(page, "allow") == "peil campaign embed CAMPAIGN --origin https://www.company.example"
    page.get_by_label("Code of a campaign").fill("")
    assert code(page, "allow") == "PEIL_EMBED_ORIGINS=https://www.company.example"
    assert "company" not in page.url


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("http://www.company.example", "only on sites with https://"),
        ("HTTP://company.example/shop", "only on sites with https://"),
        ("https://*.company.example", "not the address of a site"),
        ("ftp://company.example", "not the address of a site"),
        ("localhost:8080", ""),
        ("http://localhost:8080/try", ""),
        ("http://shop.localhost", ""),
        ("http://127.0.0.1", ""),
        ("http://[::1]:3000", ""),
        ("https://bücher.example:444/", ""),
    ],
)
def test_there_is_a_command_to_copy_only_where_the_command_line_takes_it(
    typed: str, said: str, visitor: Callable[..., Visitor]
) -> None:
    page = visitor().open("en")
    page.get_by_label("Address of your site").fill(typed)
    shown = page.locator("#allow")

    if said:
        expect(page.locator("#site-wrong")).to_contain_text(said)
        expect(shown).to_be_hidden()
        return
    expect(shown).to_be_visible()
    site = code(page, "allow").removeprefix("PEIL_EMBED_ORIGINS=")
    assert origins.origin(site) == site


def test_contrast_is_told_as_it_is_and_peil_keeps_it_readable(visitor: Callable[..., Visitor]) -> None:
    page = visitor().open("en", accent="#ffff00", text="#dddddd", scheme="light")
    told = page.locator("[data-said=accent]")

    # Yellow has a luminance of 0.2126 + 0.7152 = 0.9278; black on it: (0.9278 + 0.05) / 0.05 = 19.56.
    expect(told).to_contain_text("19.6 to 1. Where this colour would be hard to read, Peil takes #")
    letters = page.locator("[data-said=text]")
    expect(letters).to_contain_text("Peil takes #")
    ratio = re.search(r"([\d.]+) to 1", letters.text_content() or "")
    assert ratio is not None
    assert float(ratio[1]) >= 4.5

    page.get_by_label("Dark", exact=True).check()
    expect(told).to_have_text("Contrast of letters and ground: 19.6 to 1.")
    page.get_by_label("As the visitor has it").check()
    expect(told).to_contain_text(re.compile(r"^Light: .* 19\.6 .* Peil takes #.* Dark: .* 19\.6 to 1\.$"))


# --- what is kept, and what is not ------------------------------------------------------------------


def test_the_address_holds_the_choices_but_no_reference_and_takes_none(
    visitor: Callable[..., Visitor], peil: Peil
) -> None:
    page = visitor().open("en", campaign=peil.code, reference="from the address", signed="a.b.c")
    expect(page.locator("#reference")).to_have_value("")
    page.get_by_text("What you know already").click()
    page.get_by_label("The visitor's department").select_option("sales")
    page.get_by_label("Your reference for this visitor").fill("crm-1234")
    page.get_by_label("Address of your site").fill("https://secret.example")

    assert parse_qs(urlsplit(page.url).fragment) == {"campaign": [peil.code], "department": ["sales"]}
    assert "crm-1234" not in code(page)
    page.get_by_label("Element", exact=True).check()
    assert 'reference="crm-1234"' in code(page)
    assert "signed=" not in code(page)
    page.reload()
    expect(page.locator("#department")).to_have_value("sales")
    expect(page.locator("#reference")).to_have_value("")


def test_no_link_makes_peil_say_something_or_fetch_a_picture(visitor: Callable[..., Visitor]) -> None:
    someone = visitor()
    asked: list[str] = []
    someone.context.on("request", lambda request: asked.append(request.url))
    words = {name.replace("_", "-"): "Call 0900-1234" for name in NOT_IN_ADDRESS}
    link = urlencode({**words, "avatar": "https://elsewhere.example/a.png", "accent": "teal"})
    page = someone.context.new_page()
    page.goto(f"{someone.url}/embed?lang=en#{link}")
    chat = preview(page).locator("peil-chat")
    expect(chat).to_have_attribute("accent", "teal")

    assert chat.evaluate("(one) => one.getAttributeNames()") == ["accent", "launcher"]
    assert parse_qs(urlsplit(page.url).fragment) == {"accent": ["teal"]}
    assert not [url for url in asked if "elsewhere" in url]
    # Whoever chooses them here sees them, and passes on a link without them.
    page.get_by_text("Words and language").click()
    page.get_by_label("Name at the top, in English").fill("Ours")
    expect(chat).to_have_attribute("heading-en", "Ours")
    assert "Ours" not in page.url


def test_nothing_in_the_address_becomes_more_than_a_value(visitor: Callable[..., Visitor]) -> None:
    page = visitor().open(
        "en",
        way="javascript:hacked=1",
        scheme="<script>",
        accent="red;} body {display: none",
        background="url(https://elsewhere.example/)",
        font="x; } * { color: red",
        radius="expression(1)",
        avatar="javascript:window.hacked=1",
        campaign="'><script>window.hacked=1</script>",
        constructor="x",
        __proto__="x",
        innerHTML="x",
        onclick="window.hacked=1",
        open_after="-1",
        language="xx",
    )

    assert code(page).endswith('/widget.js?launcher"></script>')
    assert page.locator("[aria-invalid=true]").count() == 7
    attributes = preview(page).locator("peil-chat").evaluate("(one) => one.getAttributeNames()")
    assert attributes == ["launcher"]
    for frame in page.frames:
        assert frame.evaluate("window.hacked") is None


def test_a_trial_begins_only_when_somebody_opens_the_chat(
    visitor: Callable[..., Visitor], peil: Peil
) -> None:
    def begun() -> int:
        return len(peil.house.rows(tables.conversations))

    before = begun()
    page = visitor().open("en", way="page", open_after="0", campaign=peil.code)
    start = preview(page).get_by_role("button", name="Open the conversation here")
    start.wait_for()
    page.get_by_label("As a bubble in the corner").check()
    bubble = preview(page).locator("peil-chat >> [data-part=bubble]")
    bubble.wait_for()
    page.get_by_label("In a frame (iframe)").check()
    start.wait_for()
    page.get_by_label("As a bubble in the corner").check()
    page.wait_for_timeout(1_000)
    assert begun() == before

    bubble.click()
    preview(page).locator("peil-chat >> [data-part=message]").first.wait_for()
    assert begun() == before + 1


def test_the_preview_changes_as_one_chooses_and_begins_anew_only_where_it_has_to(
    visitor: Callable[..., Visitor],
) -> None:
    page = visitor().open("en")
    chat = preview(page).locator("peil-chat")
    page.locator("[data-do=open]").click()
    message = preview(page).locator("peil-chat >> [data-part=message]").first
    expect(page.locator("#events")).to_contain_text("peil:start")
    first = message.get_attribute("data-id"), chat.evaluate("(one) => (one.mark = 1)")
    page.get_by_label("Dark", exact=True).check()
    expect(chat).to_have_attribute("scheme", "dark")
    page.get_by_label("Bottom left").check()
    expect(chat).to_have_attribute("position", "left")
    page.get_by_label("As the visitor has it").check()
    expect(chat).not_to_have_attribute("scheme", re.compile(".*"))
    assert (message.get_attribute("data-id"), chat.evaluate("(one) => one.mark")) == first

    page.get_by_text("What you know already").click()
    page.get_by_label("How many questions").select_option("quick")
    expect(chat).to_have_attribute("depth", "quick")
    assert chat.evaluate("(one) => one.mark") is None


def test_commands_are_done_and_events_are_told_in_the_preview(visitor: Callable[..., Visitor]) -> None:
    page = visitor(locale="en-GB").open("en")
    events = page.locator("#events li code")
    page.locator("[data-do=start]").click()
    expect(events).to_contain_text(["peil:open", "peil:start"])
    page.locator("[data-do=setLanguage][data-argument=nl]").click()
    expect(events.last).to_have_text('peil:language {"language":"nl"}')
    page.locator("[data-do=close]").click()
    expect(events.last).to_contain_text("peil:close")
    expect(preview(page).locator("peil-chat >> [data-part=panel]")).to_be_hidden()


def test_a_trial_leaves_what_the_browser_keeps_alone(visitor: Callable[..., Visitor], peil: Peil) -> None:
    someone = visitor()
    own = someone.context.new_page()
    own.goto(f"{peil.url}/")
    own.locator("peil-chat >> [data-part=message]").first.wait_for()
    held = own.evaluate("() => ({ ...localStorage })")
    page = someone.open("en")
    page.locator("[data-do=open]").click()
    preview(page).locator("peil-chat >> [data-part=message]").first.wait_for()
    page.locator("[data-do=reset]").click()
    expect(page.locator("#events li").filter(has_text="peil:start")).to_have_count(2)

    assert held["peil.token"]
    assert page.evaluate("() => ({ ...localStorage })") == held
    assert page.evaluate("() => sessionStorage.length") == 0


def test_the_guide_can_be_read_from_the_page(visitor: Callable[..., Visitor], peil: Peil) -> None:
    link = visitor().open("en").get_by_role("link", name="Guide (new tab)").first
    response = httpx.get(link.evaluate("(one) => one.href"))

    # What was chosen and is not in the address stays where it is.
    expect(link).to_have_attribute("target", "_blank")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.text == GUIDE.read_text("utf-8")


def test_without_the_guide_there_is_no_link_to_it(tmp_path: Path) -> None:
    app = FastAPI()
    app.include_router(make_embed_page("https://peil.example", "0" * 12, tmp_path / "none.md"))
    with served(app) as url:
        assert httpx.get(f"{url}/embed/guide").status_code == 404
        page = httpx.get(f"{url}/embed")
    assert page.status_code == 200
    assert "/embed/guide" not in page.text


@pytest.mark.parametrize(
    ("path", "ancestors", "pictures"),
    [("/embed", "'none'", "'self'"), ("/embed/preview", "'self'", "'self' data: https:")],
)
def test_both_pages_bring_a_strict_policy_and_nothing_inline(
    path: str, ancestors: str, pictures: str, peil: Peil
) -> None:
    response = httpx.get(f"{peil.url}{path}", headers={"Accept-Language": "en"})

    assert response.status_code == 200
    assert response.headers["content-language"] == "en"
    policy = dict(one.split(maxsplit=1) for one in response.headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": pictures,
        "frame-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": ancestors,
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", response.text)
