"""Measures Peil beside an ordinary Rasa bot and beside itself without Rasa, all in one run.

`python -m benchmarks [--rounds N] [--without-textbook] [--json FILE]` prints a table with the aims and writes
the same as JSON. Starts the real parts on free ports with data of their own, and stops them whatever happens.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from benchmarks.conversation import BenchmarkError
from benchmarks.figures import report, text
from benchmarks.measure import measure
from bot.bootstrap import StartError
from bot.dialogue_model import DialogueModelError
from bot.settings import ROOT, SettingsError


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _say(told: str) -> None:
    print(told, file=sys.stderr, flush=True)


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
    for name in [name for name in os.environ if name.startswith("PEIL_")]:
        del os.environ[name]  # a setting of this machine must not change what is measured
    # SIGINT as well: where a shell has started us in the background, it is ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        reported = report(measure(arguments.rounds, with_textbook=not arguments.without_textbook, say=_say))
    except KeyboardInterrupt:
        _say("Stopped.")
        return 130
    except (
        BenchmarkError,
        DialogueModelError,
        SettingsError,
        StartError,
        subprocess.CalledProcessError,
    ) as error:
        _say(f"The bench did not come to its end: {error}")
        return 1
    print(text(reported))
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(reported, indent=2) + "\n", encoding="utf-8")
    _say(f"The same as JSON: {arguments.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
