"""Takes the README's pictures from a running Peil: python docs/images/make.py http://127.0.0.1:8000/

Needs the development environment and a Chromium (Debian's, or the one that PEIL_TEST_CHROMIUM names). The
conversation that it holds for this is erased again.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent
# Level per question: six pillars of three, as in tests/conversation/scripts/nl-typed-to-the-end.yml.
LEVELS = (3, 4, 2, 2, 2, 3, 1, 2, 1, 3, 2, 3, 4, 4, 5, 1, 3, 2)
QUESTION = 4


def save(page: Page, name: str) -> None:
    """Screenshot in 64 colours, which is plenty for a page and a third of the size."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = shot.quantize(64, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(FOLDER / name, optimize=True)
    print(f"{name}: {(FOLDER / name).stat().st_size // 1024} kB")


def main(url: str) -> None:
    """Answer all questions on a phone-sized page, with a picture on the way and one at the end."""
    chromium = os.environ.get("PEIL_TEST_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 390, "height": 844},
            device_scale_factor=2,
            is_mobile=True,
            locale="nl-NL",
            reduced_motion="reduce",
        )

        def newest(selector: str) -> Locator:
            return page.locator("peil-chat >> [data-live]").locator(selector)

        page.goto(url.rstrip("/") + "/?model=cemm&lang=nl")
        newest('[data-title^="Ja"]').click()
        for number in range(1, 4):
            newest(f":text('Vooraf, {number} van 3')").wait_for()
            newest('[data-title^="1 ·"]').click()
        for number, level in enumerate(LEVELS, start=1):
            newest(f":text('Vraag {number} van {len(LEVELS)}')").wait_for()
            if number == QUESTION:
                page.mouse.move(0, 0)
                page.wait_for_timeout(1_000)
                save(page, "question-nl.png")
            newest(f'[data-title^="{level} ·"]').click()
        image = page.locator("peil-chat >> [data-part=image]")
        image.wait_for()
        page.wait_for_function("image => image.naturalWidth > 0", arg=image.element_handle())
        # The whole radar, and as many of the facts above it as fit.
        image.evaluate("image => image.scrollIntoView({block: 'end'})")
        page.wait_for_timeout(1_000)
        save(page, "result-nl.png")

        page.locator("peil-chat >> [data-part=input]").fill("wis alles")
        page.keyboard.press("Enter")
        newest('[data-title^="Ja, wis"]').click()
        page.get_by_text("Alles is gewist").wait_for()
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
