"""Measures the chat on a page of another origin, in Chromium, with the real parts behind it.

`python -m benchmarks.widget [--times N] [--json FILE]` prints what is loaded up to the first question, how
long that takes from opening, how much the host page shifts, and what axe finds in every state of the chat, in
light and dark, in both languages, on a phone and on a laptop. An aim that is missed is named, and makes the
exit status 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Error as BrowserError

from benchmarks.conversation import BenchmarkError
from benchmarks.running import carry_out, keep, say
from benchmarks.widget.figures import aims, report, text
from benchmarks.widget.measure import measure
from bot.bootstrap import StartError
from bot.dialogue_model import DialogueModelError
from bot.settings import ROOT, SettingsError


def main() -> int:
    """Measure and tell. Returns the exit status: 1 where an aim is missed or it did not come to its end."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.widget", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--times", type=int, default=20, help="openings of each kind (default: 20)")
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        default=ROOT / "var" / "widget.json",
        help="default: var/widget.json",
    )
    arguments = parser.parse_args()
    if arguments.times < 1:
        parser.error("--times must be at least 1")
    chromium = os.environ.get("PEIL_TEST_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        parser.error("there is no Chromium: install one, or set PEIL_TEST_CHROMIUM to its path")
    failures = (
        AssertionError,
        BenchmarkError,
        BrowserError,
        DialogueModelError,
        SettingsError,
        StartError,
        subprocess.CalledProcessError,
    )
    measured = carry_out(lambda: measure(chromium, arguments.times, say), failures, "The report")
    print(text(measured))
    keep(report(measured), arguments.json)
    return 0 if all(aim.met for aim in aims(measured)) else 1


if __name__ == "__main__":
    sys.exit(main())
