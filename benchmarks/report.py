"""How long a report takes and how large its PDF is: `python -m benchmarks.report [ROUNDS]`.

For each of our own maturity models the one with most to show: all questions, all answers at the lowest level,
so that every step up to the targets is in it, and with own words at every fourth answer.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time

from pypdf import PdfReader

from bot.render.report import render, warm_up
from bot.service.report import report
from tests.made_up_reports import MODELS, model, running

AIM = 2.0  # seconds, for the longest


def resident() -> float:
    """Megabytes of this process in memory now; 0 where the system does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0] + ".")
    parser.add_argument("rounds", type=int, nargs="?", default=10)
    rounds = parser.parse_args().rounds
    started = time.perf_counter()
    warm_up()
    print(f"warm-up: {(time.perf_counter() - started) * 1000:.0f} ms")
    print(f"{'report':14}{'pages':>6}{'words, ms':>11}{'PDF p50, ms':>13}{'slowest, ms':>13}{'kB':>6}")
    slowest = 0.0
    for path in MODELS:
        wording, drawing, data = [], [], b""
        for _ in range(rounds):
            made_up = running(model(path.stem), "lowest")
            started = time.perf_counter()
            spec = report(made_up, "nl")
            worded = time.perf_counter()
            data = render(spec)
            wording.append(1000 * (worded - started))
            drawing.append(1000 * (time.perf_counter() - worded))
        slowest = max(slowest, *drawing)
        print(
            f"{path.stem:14}{len(PdfReader(io.BytesIO(data)).pages):>6}{statistics.median(wording):>11.0f}"
            f"{statistics.median(drawing):>13.0f}{max(drawing):>13.0f}{len(data) / 1000:>6.0f}"
        )
    print(f"the longest in {slowest / 1000:.1f} s (aim: under {AIM:.0f} s), {resident():.0f} MB in memory")


if __name__ == "__main__":
    main()
