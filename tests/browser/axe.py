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

_RUN = """async options => {
    const { violations, incomplete, passes } = await axe.run(document, options);
    // A list that scrolls ends in half a button somewhere: what is covered is looked at again in full sight.
    const still = async node => {
        if (!/partially obscured/.test(node.failureSummary)) return true;
        let one = document;
        for (const step of [node.target[0]].flat()) one = (one.shadowRoot ?? one).querySelector(step);
        one.scrollIntoView({ block: "center", behavior: "instant" });
        const rules = { runOnly: { type: "rule", values: ["target-size"] } };
        const again = await axe.run(document, rules);
        const same = other => String(other.target) === String(node.target);
        return again.violations.some(({ nodes }) => nodes.some(same));
    };
    for (const found of violations) {
        if (found.id !== "target-size") continue;
        const nodes = [];
        for (const node of found.nodes) if (await still(node)) nodes.push(node);
        found.nodes = nodes;
    }
    return {
        violations,
        passes: passes.length,
        incomplete: incomplete.filter(({ id }) => !id.startsWith("color-contrast")),
    };
}"""


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
