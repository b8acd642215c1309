"""The chat on somebody's page looks as it did when somebody last looked: screenshots, with a tolerance.

`PEIL_UPDATE_BASELINES=1` writes them anew to `baselines/`: look at them before they are kept. A picture that
differs lands under its baseline's name in the test's temporary folder (`pytest --basetemp=FOLDER` keeps it).

How letters are drawn differs from machine to machine, even with the same font, which is why one is chosen
here. So pictures are compared at half their size, in which the edges of letters are blurred; a pixel counts
as another one from CHANNEL of 255 on in any of its colours, a picture if more than SHARE of its pixels do.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded import part, say, walk
from fake_server import FakeServer
from host_pages import HostPages
from PIL import Image, ImageChops
from playwright.sync_api import Browser

from bot.settings import ROOT

BASELINES = Path(__file__).resolve().parent / "baselines"
CHANNEL = 48
SHARE = 0.006
# Enough to tell every shade of the chat, and a third of the bytes.
COLOURS = 96
SHOWN = ("closed", "open", "asking", "result", "menu")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeServer]:
    """With the words that people read."""
    for language in ("nl", "en"):
        shutil.copy(ROOT / "bot" / "texts" / f"{language}.yml", tmp_path / f"texts.{language}.yml")
    with FakeServer(tmp_path).running() as server:
        server.invitations["BREAD"] = "open"
        yield server


@pytest.fixture
def hosts(server: FakeServer) -> Iterator[HostPages]:
    with HostPages(server.url).running() as pages:
        yield pages


def shrunk(png: bytes) -> bytes:
    """The same picture in fewer bytes, with a palette of its own colours."""
    with Image.open(io.BytesIO(png)) as image:
        plain = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    out = io.BytesIO()
    plain.save(out, "PNG", optimize=True)
    return out.getvalue()


def difference(one: Image.Image, other: Image.Image) -> float:
    """The share of pixels that are others, from 0 to 1; 1 where the sizes differ."""
    if one.size != other.size:
        return 1.0
    halves = [image.convert("RGB").reduce(2) for image in (one, other)]
    red, green, blue = ImageChops.difference(*halves).split()
    worst = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    counts = worst.histogram()
    return sum(counts[CHANNEL:]) / sum(counts)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height", "language"), [(360, 740, "nl"), (1280, 800, "en")])
def test_it_looks_as_it_did(
    width: int, height: int, language: str, scheme: str, browser: Browser, hosts: HostPages, tmp_path: Path
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale={"nl": "nl-NL", "en": "en-GB"}[language],
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    address, refused = (hosts.page("plain", campaign=one, font="DejaVu Sans") for one in ("BREAD", "NOTHING"))
    others = {}
    for state, _ in walk(page, address, refused, lambda page: say(page, "table")):
        if state not in SHOWN:
            continue
        # The picture's and the letters' last change, and what slides.
        page.wait_for_timeout(300)
        page.mouse.move(1, 1)
        shot = shrunk(page.screenshot(animations="disabled"))
        baseline = BASELINES / f"{width}-{scheme}-{state}.png"
        if os.environ.get("PEIL_UPDATE_BASELINES"):
            BASELINES.mkdir(exist_ok=True)
            baseline.write_bytes(shot)
            continue
        assert baseline.exists(), f"{baseline.name} is not there yet: PEIL_UPDATE_BASELINES=1 writes it"
        with Image.open(baseline) as before, Image.open(io.BytesIO(shot)) as after:
            share = difference(before, after)
        if share > SHARE:
            (tmp_path / baseline.name).write_bytes(shot)
            others[baseline.name] = f"{share:.2%} of its pixels are others"
    context.close()

    assert others == {}


def test_the_baselines_are_few_and_small() -> None:
    files = list(BASELINES.glob("*.png"))

    assert len(files) == 4 * len(SHOWN)
    assert sum(file.stat().st_size for file in files) < 1_500_000


def test_a_button_that_has_moved_or_has_another_colour_is_seen(browser: Browser, hosts: HostPages) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    steps = walk(page, hosts.page("plain", campaign="BREAD", font="DejaVu Sans"), "", lambda page: None)
    while next(steps)[0] != "asking":
        pass
    page.wait_for_timeout(300)
    pictures = []
    for change in (
        "one => null",
        "one => one.style.marginTop = '24px'",
        "one => one.style.cssText = 'background: #c8e6c9; color: #b71c1c'",
    ):
        part(page, "levels").first.evaluate(change)
        with Image.open(io.BytesIO(shrunk(page.screenshot(animations="disabled")))) as image:
            pictures.append(image.convert("RGB"))
    context.close()

    assert difference(pictures[0], pictures[0]) == 0
    assert difference(pictures[0], pictures[1]) > SHARE
    assert difference(pictures[0], pictures[2]) > SHARE
