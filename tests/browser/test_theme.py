"""The colours of the chat: its own, and those that follow from what a page wishes.

How much colours stand out is worked out here from the text of WCAG 2.2 (relative luminance, contrast ratio),
apart from what bot/web/theme.js makes of it.
"""

from __future__ import annotations

import colorsys
import itertools
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from chat_page import button, part, say
from fake_server import FakeServer
from playwright.sync_api import Browser, Page, expect

Wishes = dict[str, Any]
Palette = dict[str, str]

TEXT, SIGN = 4.5, 3.0
"""What words need (1.4.3), and what edges of controls and the focus need (1.4.11, 2.4.7)."""

PAIRS = [
    *(("ink", ground, TEXT) for ground in ("card", "field", "wash", "warn")),
    *(("soft", ground, TEXT) for ground in ("card", "field", "wash", "warn")),
    *(("teal", ground, TEXT) for ground in ("card", "field", "wash")),
    *(("buoy", ground, TEXT) for ground in ("card", "field")),
    *(("aside", ground, TEXT) for ground in ("paper", "water")),
    *(("flag", ground, TEXT) for ground in ("paper", "water")),
    ("on-teal", "accent", TEXT),
    *(("edge", ground, SIGN) for ground in ("card", "field", "wash", "warn")),
    *(("buoy", ground, SIGN) for ground in ("wash", "warn")),
    # How far the bar at the top is filled.
    ("teal", "line", SIGN),
]
"""What stands on what in sheet.js and the sheets of the other modules."""

ON_PAPER = [
    *((name, ground, TEXT) for name in ("ink", "soft", "teal", "buoy") for ground in ("paper", "water")),
    *(("edge", ground, SIGN) for ground in ("paper", "water")),
    ("flag", "card", SIGN),
]
"""On paper too, where cards and paper are both light or both dark. Where they are not, controls on the paper
are seen by their own ground, which is that of cards."""

COMMON = {"accent": "teal", "field": "paper", "aside": "soft", "flag": "buoy"}
"""Where the sheet has one colour for what a theme may need two for."""


def rgb(colour: str) -> tuple[int, int, int]:
    assert len(colour) == 7, colour
    assert colour[0] == "#", colour
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1, of '#rrggbb'."""
    parts = [value / 255 for value in rgb(colour)]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def ratio(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21, of two '#rrggbb'."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def too_faint(colours: Palette) -> list[str]:
    """The pairs that do not stand out enough, with what they do."""

    def faint(pairs: list[tuple[str, str, float]]) -> list[str]:
        found = ((over, under, least, ratio(of(over), of(under))) for over, under, least in pairs)
        return [f"{over} on {under}: {is_:.2f} < {least}" for over, under, least, is_ in found if is_ < least]

    def of(name: str) -> str:
        return colours.get(f"--_{name}") or colours[f"--_{COMMON[name]}"]

    found = faint(PAIRS)
    # A field is as the paper is where the same letters can be read on both.
    if of("field") == of("paper"):
        return found + faint(ON_PAPER)
    apart = [("card", "paper", SIGN), ("card", "water", SIGN)]
    return found + faint(apart)


@pytest.fixture(scope="module")
def empty(browser: Browser) -> Iterator[Page]:
    """An empty page, under a policy that takes no style elements or attributes."""
    context = browser.new_context()
    with FakeServer().running() as server:
        page = context.new_page()
        page.goto(f"{server.url}/r/empty")
        yield page
    context.close()


def palettes(page: Page, wishes: list[tuple[Wishes, bool]]) -> list[Palette]:
    made: list[Palette] = page.evaluate(
        """async (wishes) => {
            const {palette} = await import("/web/theme.js");
            return wishes.map(([wish, dark]) => palette(wish, dark));
        }""",
        wishes,
    )
    assert len(made) == len(wishes)
    return made


def palette(page: Page, dark: bool = False, **wishes: Any) -> Palette:
    return palettes(page, [(wishes, dark)])[0]


def read(page: Page, *colours: Any, dark: bool = False) -> list[list[float] | None]:
    values: list[list[float] | None] = page.evaluate(
        """async ([colours, dark]) => {
            const {read} = await import("/web/theme.js");
            return colours.map((colour) => read(colour, dark));
        }""",
        [colours, dark],
    )
    return values


def defaults(browser: Browser, server: FakeServer, scheme: str) -> Palette:
    """The variables of the chat as they are without any wish."""
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto(server.url)
    names = sorted({f"--_{name}" for over, under, _ in PAIRS + ON_PAPER for name in (over, under)})
    found: Palette = page.locator("peil-chat >> .frame").evaluate(
        """(frame, names) => {
            const style = getComputedStyle(frame);
            return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(name).trim()]));
        }""",
        names,
    )
    context.close()
    return {name: colour for name, colour in found.items() if colour}


NASTY = [
    *(
        "#000000",
        "#ffffff",
        "#777777",
        "#767676",
        "#ffff00",
        "#0000ff",
        "#ff0000",
        "#00ff00",
        "#333333",
        "#cccccc",
    ),
    *("#001f3f", "#888888", "#fff8e7", "rgb(0 0 0 / 0.5)", "#ffffff80", "transparent"),
]


def many_wishes() -> list[tuple[Wishes, bool]]:
    """Every nasty ground with every other, every nasty colour alone, and hundreds by chance."""
    chance = random.Random(8)
    grounds = [
        {"background": paper, "card": card, "accent": accent, "text": text}
        for paper, card in itertools.product(NASTY, NASTY)
        for accent, text in [(paper, card), (card, card), (chance.choice(NASTY), chance.choice(NASTY))]
    ]
    letters = [
        {"background": paper, "card": card, "text": text, "accent": "#777777"}
        for paper, card, text in itertools.product(NASTY[:9], repeat=3)
    ]
    alone = [{name: colour} for name in ("accent", "background", "card", "text") for colour in NASTY]

    def any_colour() -> str:
        r, g, b = (chance.randrange(256) for _ in range(3))
        return chance.choice(
            [
                f"rgb({r} {g} {b})",
                f"rgba({r}, {g}, {b}, {chance.random():.2f})",
                f"hsl({chance.randrange(360)} {chance.randrange(101)}% {chance.randrange(101)}%)",
                f"oklch({chance.randrange(101)}% {chance.random() * 0.4:.3f} {chance.randrange(360)})",
                f"rgb({r} {r} {r})",
                "no colour",
            ]
        )

    by_chance = [
        {name: any_colour() for name in ("accent", "background", "card", "text") if chance.random() < 0.7}
        for _ in range(700)
    ]
    return [(wishes, dark) for wishes in [*grounds, *letters, *alone, *by_chance] for dark in (False, True)]


@pytest.fixture(scope="module")
def made(empty: Page) -> list[tuple[Wishes, bool, Palette]]:
    """Many wishes, with whether the scheme is dark, and what comes of them."""
    wishes = many_wishes()
    return [
        (wish, dark, colours)
        for (wish, dark), colours in zip(wishes, palettes(empty, wishes), strict=True)
        if colours
    ]


# ---- the arithmetic of these tests


def test_contrast_here_is_that_of_the_standard() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx((1 + 0.05) / (0 + 0.05)) == pytest.approx(21)
    # Red and yellow: 0.2126 and 0.2126 + 0.7152 = 0.9278, so 0.9778 / 0.2626.
    assert ratio("#ffff00", "#ff0000") == pytest.approx(3.7235, abs=1e-4)
    # 0x77 = 119; 119 / 255 = 0.46667; ((0.46667 + 0.055) / 1.055) ** 2.4 = 0.49447 ** 2.4 = 0.18448,
    # so 1.05 / 0.23448.
    assert ratio("#777777", "#ffffff") == pytest.approx(4.478, abs=1e-3)
    # 0x0a = 10; 10 / 255 = 0.03922 is below 0.04045: 0.03922 / 12.92 = 0.003035, so 0.053035 / 0.05.
    assert ratio("#0a0a0a", "#000000") == pytest.approx(1.0607, abs=1e-4)


def test_contrast_in_the_module_is_the_same(empty: Page) -> None:
    chance = random.Random(22)
    pairs = [[[chance.randrange(256) for _ in range(3)] for _ in range(2)] for _ in range(100)]
    pairs += [[[10, 10, 10], [11, 11, 11]], [[0, 0, 0], [255, 255, 255]]]
    counted = empty.evaluate(
        """async (pairs) => {
            const {contrast} = await import("/web/theme.js");
            return pairs.map(([one, other]) => contrast(one, other));
        }""",
        pairs,
    )
    expected = [ratio(*("#" + bytes(colour).hex() for colour in pair)) for pair in pairs]
    assert counted == pytest.approx(expected, abs=1e-6)


# ---- the chat's own colours


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_chats_own_colours_can_be_read(browser: Browser, server: FakeServer, scheme: str) -> None:
    assert too_faint(defaults(browser, server, scheme)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_not_wished_is_as_in_the_chat_itself(
    browser: Browser, server: FakeServer, empty: Page, scheme: str
) -> None:
    sheet = defaults(browser, server, scheme)
    themed = palette(empty, accent=sheet["--_teal"], dark=scheme == "dark")
    for name in ("paper", "card", "ink", "teal", "buoy", "warn"):
        assert themed[f"--_{name}"] == sheet[f"--_{name}"], name
    # No accent was wished: still the chat's own.
    assert palette(empty, card=sheet["--_card"])["--_accent"] == sheet["--_teal"]


# ---- whatever is wished can be read


def test_whatever_is_wished_all_can_be_read(made: list[tuple[Wishes, bool, Palette]]) -> None:
    assert len(made) > 2_000
    names = {f"--_{name}" for over, under, _ in PAIRS + ON_PAPER for name in (over, under)}
    for wishes, dark, colours in made:
        assert set(colours) == names | {"color-scheme"}
        assert not too_faint(colours), (wishes, dark, colours, too_faint(colours))


def test_a_wish_is_kept_to_the_letter_where_it_can_be_read(made: list[tuple[Wishes, bool, Palette]]) -> None:
    kept = dict.fromkeys(("accent", "card", "background", "text", "teal"), 0)
    for wishes, dark, colours in made:
        plain = {name: value for name, value in wishes.items() if value in NASTY and len(value) == 7}
        context = (wishes, dark, colours)
        if "accent" in plain:
            assert colours["--_accent"] == plain["accent"], context
            kept["accent"] += 1
        if "card" in plain:
            assert colours["--_card"] == plain["card"], context
            kept["card"] += 1
        card = colours["--_card"]
        # Letters of its own on the paper are only for where no letters can be read on both.
        reads = [end for end in ("#000000", "#ffffff") if ratio(end, card) >= TEXT + 0.2]
        if any(ratio(end, colours["--_paper"]) >= TEXT for end in reads):
            assert colours["--_field"] == colours["--_paper"], context
        if "background" in plain:
            paper = plain["background"]
            ends = [end for end in ("#000000", "#ffffff") if ratio(card, end) >= TEXT]
            if all(ratio(paper, end) >= TEXT for end in ends) or ratio(paper, card) >= SIGN:
                assert colours["--_paper"] == paper, context
                kept["background"] += 1
        if (
            "text" in plain
            and min(ratio(plain["text"], colours[f"--_{g}"]) for g in ("card", "paper")) >= TEXT
        ):
            assert colours["--_ink"] == plain["text"], context
            kept["text"] += 1
        accent = colours["--_accent"]
        grounds = ("card", "paper", "water", "wash", "warn")
        legible = min(ratio(accent, colours[f"--_{ground}"]) for ground in grounds) >= TEXT
        if legible and ratio(accent, colours["--_line"]) >= SIGN:
            assert colours["--_teal"] == accent, context
            kept["teal"] += 1
    assert min(kept.values()) > 20, kept


def test_what_cannot_be_read_is_moved_in_lightness_and_no_further_than_needed(
    made: list[tuple[Wishes, bool, Palette]],
) -> None:
    moved = 0
    for wishes, dark, colours in made:
        before, after = rgb(colours["--_accent"]), rgb(colours["--_teal"])
        if before == after:
            continue
        moved += 1
        context = (wishes, dark, colours)
        on_paper = colours["--_field"] == colours["--_paper"]
        grounds = ("card", "wash", "warn", *(("paper", "water") if on_paper else ()))
        margins = [ratio(colours["--_teal"], colours[f"--_{ground}"]) / TEXT for ground in grounds]
        margins.append(ratio(colours["--_teal"], colours["--_line"]) / SIGN)
        # One step of 256 makes at most that much of a difference.
        assert 1 <= min(margins) < 1.04, context
        # Rounding to whole numbers turns the hue of what is nearly grey; black and white have none.
        spread = min(max(colour) - min(colour) for colour in (before, after))
        if spread < 24:
            continue
        hues = [colorsys.rgb_to_hsv(*colour)[0] * 360 for colour in (before, after)]
        apart = abs(hues[0] - hues[1])
        assert min(apart, 360 - apart) <= 60 / spread, context
    assert moved > 500


def test_grounds_decide_what_is_light_and_what_is_dark(empty: Page) -> None:
    for dark in (False, True):
        night = palette(empty, card="#101820", dark=dark)
        assert night["color-scheme"] == "dark"
        assert luminance(night["--_ink"]) > 0.5
        assert luminance(night["--_paper"]) < luminance("#101820")
        day = palette(empty, background="#fff8e7", dark=dark)
        assert day["color-scheme"] == "light"
        assert luminance(day["--_ink"]) < 0.1
        assert luminance(day["--_card"]) >= luminance("#fff8e7")
    assert palette(empty, accent="#c00", dark=True)["color-scheme"] == "dark"
    assert palette(empty, accent="#c00")["color-scheme"] == "light"


def test_light_cards_on_dark_paper_keep_both_and_get_letters_for_each(empty: Page) -> None:
    both = palette(empty, background="#001f3f", card="#ffffff")
    assert (both["--_paper"], both["--_card"], both["--_field"]) == ("#001f3f", "#ffffff", "#ffffff")
    assert luminance(both["--_soft"]) < 0.2 < 0.4 < luminance(both["--_aside"])
    assert both["--_flag"] != both["--_buoy"]
    assert both["color-scheme"] == "light"


@pytest.mark.parametrize(
    ("accent", "letters"),
    # White on #767676: 1.05 / 0.2312 = 4.54. On #777777 4.48, black on it 0.2345 / 0.05 = 4.69.
    [("#767676", "#ffffff"), ("#777777", "#000000"), ("#ffff00", "#000000"), ("#0000ff", "#ffffff")],
)
def test_letters_on_the_accent_are_white_where_white_can_be_read(
    empty: Page, accent: str, letters: str
) -> None:
    assert palette(empty, accent=accent)["--_on-teal"] == letters


def test_a_translucent_colour_is_laid_over_what_is_behind_it(empty: Page) -> None:
    # Red by 0.6 over white: 255, 255 * 0.4 = 102 = 0x66.
    assert palette(empty, accent="rgb(255 0 0 / 0.6)", card="#fff")["--_accent"] == "#ff6666"
    # Black by 0.2 over white: 255 * 0.8 = 204 = 0xcc; over red, on cards that are red then, 0xcc0000.
    assert palette(empty, card="rgb(0 0 0 / 20%)", background="white")["--_card"] == "#cccccc"
    assert palette(empty, accent="rgb(0 0 0 / 20%)", card="red")["--_accent"] == "#cc0000"
    # Nothing at all over the chat's own paper, light or dark.
    for dark, own in [(False, "#f2f5f2"), (True, "#0c2024")]:
        assert palette(empty, background="transparent", dark=dark)["--_paper"] == own


# ---- what is a colour


def test_what_is_no_colour_is_not_wished(empty: Page) -> None:
    nonsense = [
        "",
        " ",
        "no",
        "12px",
        "#12",
        "red, blue",
        "red; color: blue",
        "red) , (blue",
        "url(/x.png)",
        "inherit",
    ]
    nonsense += [
        "initial",
        "revert-layer",
        "none",
        "linear-gradient(red, blue)",
        "var(--missing)",
        "rgb(1 2)",
        "red 20%",
    ]
    assert read(empty, *nonsense, None, {}, []) == [None] * (len(nonsense) + 3)
    for value in [*nonsense, None]:
        assert palette(empty, accent=value, background=value, card=value, text=value) == {}, value
    assert palette(empty) == {}
    assert palette(empty, accent="#c00", card="no") == palette(empty, accent="#c00")


COLOURS = {
    "red": [255, 0, 0, 1],
    " #0B5A63 ": [11, 90, 99, 1],
    "#0f08": [0, 255, 0, pytest.approx(0x88 / 255, abs=0.005)],
    "rgb(10%, 20%, 100%)": [26, 51, 255, 1],
    "rgba(1, 2, 3, .4)": [1, 2, 3, 0.4],
    "hsl(120 100% 25%)": [0, 128, 0, 1],
    "hwb(240 0% 0%)": [0, 0, 255, 1],
    "lab(100 0 0)": [255, 255, 255, 1],
    "oklch(62.8% 0.2577 29.23)": [
        pytest.approx(255, abs=1),
        pytest.approx(0, abs=1),
        pytest.approx(0, abs=1),
        1,
    ],
    "color-mix(in srgb, red, blue)": [128, 0, 128, 1],
    "color(display-p3 0 1 0)": [0, 255, 0, 1],
    "rgb(none 255 none)": [0, 255, 0, 1],
    "transparent": [0, 0, 0, 0],
    "light-dark(red, blue)": [255, 0, 0, 1],
}


def test_a_colour_is_read_however_it_is_written(empty: Page) -> None:
    assert read(empty, *COLOURS) == list(COLOURS.values())
    assert read(empty, "light-dark(red, blue)", dark=True) == [[0, 0, 255, 1]]


def test_a_variable_of_the_page_is_read(empty: Page) -> None:
    empty.evaluate("document.documentElement.style.setProperty('--brand', 'rgb(1 2 3)')")
    assert read(empty, "var(--brand)", "var(--other, red)") == [[1, 2, 3, 1], [255, 0, 0, 1]]
    empty.evaluate("document.documentElement.style.removeProperty('--brand')")


def test_colours_are_read_on_a_hostile_page_and_nothing_is_left_there(
    browser: Browser, server: FakeServer
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(
        """Object.prototype.slotAssignment = "nonsense";
        HTMLCanvasElement.prototype.getContext = () => { throw new Error("blocked"); };
        """
    )
    page.goto(f"{server.url}/r/empty")
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`* { background-color: lime !important; transition: all 9s !important; }
                div, i { display: none !important; opacity: 0 !important; color-scheme: dark !important; }`);
            document.adoptedStyleSheets = [sheet];
            document.body.remove();
        }"""
    )
    before = page.evaluate("document.documentElement.outerHTML")
    assert read(page, *COLOURS) == list(COLOURS.values())
    assert palette(page, card="#123")["--_card"] == "#112233"
    assert page.evaluate("document.documentElement.outerHTML") == before
    context.close()


def test_a_browser_that_cannot_mix_colours_reads_those_that_it_knows(
    browser: Browser, server: FakeServer
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(
        """const set = CSSStyleDeclaration.prototype.setProperty;
        CSSStyleDeclaration.prototype.setProperty = function (name, value) {
            if (!/color-mix/.test(value)) set.call(this, name, value);
        };"""
    )
    page.goto(f"{server.url}/r/empty")
    assert read(
        page, "red", "rgba(1, 2, 3, .4)", "hsl(120 100% 25%)", "no", "inherit", "color-mix(in srgb, red, red)"
    ) == [
        [255, 0, 0, 1],
        [1, 2, 3, 0.4],
        [0, 128, 0, 1],
        None,
        None,
        None,
    ]
    context.close()


# ---- in the chat itself

THEMES: list[Wishes] = [
    {"accent": "#ffd400"},
    {"background": "#001f3f", "card": "#ffffff", "accent": "#ff6600"},
    {"background": "#ffffff", "card": "#202030", "accent": "#202030"},
    {"background": "#777777", "card": "#888888", "accent": "#0000ff", "text": "#999999"},
]


def set_theme(page: Page, theme: Wishes) -> None:
    """Sets the attributes all at once, and waits until the chat has their colours."""
    page.locator("peil-chat").evaluate(
        "(chat, theme) => Object.entries(theme).forEach(([name, value]) => chat.setAttribute(name, value))",
        theme,
    )
    expect(page.locator("peil-chat >> .send")).to_have_css("background-color", f"rgb{rgb(theme['accent'])}")


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: "-".join(theme.values()))
def test_in_the_chat_all_words_and_signs_can_be_read(page: Page, server: FakeServer, theme: Wishes) -> None:
    set_theme(page, theme)
    button(page, "yes").click()
    button(page, "q1-2").wait_for()
    say(page, "form")
    part(page, "form").locator("input").first.check()
    server.failures = [400]
    say(page, "menu")
    part(page, "remove").wait_for()
    server.failures = [503] * 50
    say(page, "more")
    expect(part(page, "state").last).to_have_text("nl:waiting")
    page.wait_for_timeout(500)
    seen: list[list[str]] = page.locator("peil-chat >> .frame").evaluate(
        """(frame) => {
            const behind = (element) => {
                for (; element; element = element.parentElement) {
                    const {backgroundColor} = getComputedStyle(element);
                    if (backgroundColor !== "rgba(0, 0, 0, 0)") return backgroundColor;
                }
            };
            const written = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
            const words = (element) => [...element.childNodes].some(written);
            return [...frame.querySelectorAll("*")]
                .filter((element) => words(element) || element.matches("svg, textarea"))
                .filter((element) => element.checkVisibility() && !element.closest(".quietly, .gauge"))
                .map((element) => [
                    element.localName + "." + element.classList + " in ." + element.parentElement.className,
                    getComputedStyle(element).color,
                    behind(element),
                ]);
        }"""
    )
    assert len(seen) > 20
    assert {"div.state in .row user queued", "span. in .state"} <= {what for what, _, _ in seen}
    hexes = [
        (what, *("#" + bytes(int(n) for n in re.findall(r"\d+", one)[:3]).hex() for one in pair))
        for what, *pair in seen
    ]
    assert [(what, one, under) for what, one, under in hexes if ratio(one, under) < TEXT] == []
