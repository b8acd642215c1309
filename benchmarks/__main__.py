"""Measures Peil beside an ordinary Rasa bot and beside itself without Rasa, all in one run.

`python -m benchmarks [--rounds N] [--without-textbook] [--json FILE]` prints a table with the aims and writes
the same as JSON. Starts the real parts on free ports with data of their own, and stops them whatever happens.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from benchmarks.conversation import BenchmarkError
from benchmarks.figures import report, text
from benchmarks.measure import measure
from benchmarks.running import carry_out, keep, say
from bot.bootstrap import StartError
from bot.dialogue_model import DialogueModelError
from bot.settings import ROOT, SettingsError


def main() -> int:
    """Measure and tell. Returns the exit status; an aim that is missed is news, not an error."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=12, help="default: 12, which takes about ten minutes")
    parser.add_argument(
        "--without-textbook", action="store_true", help="leave the ordinary Rasa bot out: two minutes"
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        default=ROOT / "var" / "bench.json",
        help="default: var/bench.json",
    )
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    failures = (
        BenchmarkError,
        DialogueModelError,
        SettingsError,
        StartError,
        subprocess.CalledProcessError,
    )
    reported = carry_out(
        lambda: report(measure(arguments.rounds, with_textbook=not arguments.without_textbook, say=say)),
        failures,
        "The bench",
    )
    print(text(reported))
    keep(reported, arguments.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
