"""axe-core, run on a page with everything in it, open shadow roots as well.

axe is the copy that the package axe-playwright-python bundles. It runs from the debugger, so no policy of the
page refuses it, and it leaves `window.axe` behind: look at what a page has before looking with this.
"""

from __future__ import annotations

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_RUN = """options => axe.run(document, options).then(({ violations, incomplete, passes }) => ({
    violations, passes: passes.length,
    incomplete: incomplete.filter(({ id }) => id !== "color-contrast" && id !== "color-contrast-enhanced"),
}))"""


def run(page: Page) -> dict[str, Any]:
    """What axe found: `violations`, and `incomplete` where it could not tell; `passes` is a number.

    What it cannot tell of contrast is left out here: it says so of every text over a picture or a gradient.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    options = {
        "runOnly": {"type": "tag", "values": list(TAGS)},
        # Both of 2.2, and off unless they are asked for.
        "rules": {"target-size": {"enabled": True}},
        "resultTypes": ["violations", "incomplete"],
    }
    found: dict[str, Any] = page.evaluate(_RUN, options)
    return found


def findings(page: Page) -> list[str]:
    """Each finding as a line: rule, how bad, what it says, which element and why; none is what one wants."""
    lines = []
    for found in run(page)["violations"]:
        for node in found["nodes"]:
            where = " ".join(json.dumps(step, ensure_ascii=False) for step in node["target"])
            why = " ".join(node["failureSummary"].split())
            lines.append(f"{found['id']} ({found['impact']}): {found['help']}: {where}: {why}")
    return lines
