"""How long a warm radar takes and how large its PNG is: `python -m benchmarks.radar [ROUNDS]`."""

import argparse
import json
import statistics
import time
from dataclasses import replace

from bot.render.radar import Axis, RadarSpec, render, warm_up

PILLARS = ("Strategie", "Mensen en organisatie", "Technologie", "Data", "Customer journey", "Klantwaarde")
TWELVE = tuple(f"Doelgroepen en meting {number:02}" for number in range(1, 13))


def spec(labels: tuple[str, ...], turn: int) -> RadarSpec:
    """A picture whose scores differ from turn to turn, so that only the background can be kept."""
    scores = [1 + (turn * 7 + index * 13) % 41 / 10 for index in range(len(labels))]
    axes = tuple(
        Axis(label, score, float(min(5, int(score) + 1)), f"{score:.1f}".replace(".", ","))
        for label, score in zip(labels, scores, strict=True)
    )
    return RadarSpec(
        "nl", axes, 5, "Customer Engagement Maturity Model", f"Meting {turn}, 22 november 2025", "Nu", "Doel"
    )


def measure(labels: tuple[str, ...], rounds: int) -> dict[str, float]:
    """Milliseconds of the first picture and of the next ones, and kilobytes, with these labels."""
    started = time.perf_counter()
    render(spec(labels, 0))
    first = (time.perf_counter() - started) * 1000
    times, busy, sizes = [], [], []
    for turn in range(1, rounds + 1):
        picture = spec(labels, turn)
        started, started_cpu = time.perf_counter(), time.process_time()
        data = render(picture)
        busy.append((time.process_time() - started_cpu) * 1000)
        times.append((time.perf_counter() - started) * 1000)
        sizes.append(len(data) / 1000)
    times.sort()
    return {
        "first": first,
        "warm_p50": statistics.median(times),
        "warm_p95": times[int(len(times) * 0.95)],
        "processor_p50": statistics.median(busy),
        "kilobytes": statistics.median(sizes),
        "largest": max(sizes),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0] + ".")
    parser.add_argument("rounds", type=int, nargs="?", default=100)
    parser.add_argument("--json", action="store_true", help="print the figures of six axes as JSON only")
    arguments = parser.parse_args()
    started = time.perf_counter()
    warm_up()
    warming = (time.perf_counter() - started) * 1000
    if arguments.json:
        figures = measure(PILLARS, arguments.rounds)
        print(json.dumps({"cold": warming + figures["first"], **figures}))
        return
    print(f"warm-up: {warming:.0f} ms")
    gap = spec(PILLARS, 0)
    with_gap = replace(
        gap, axes=(*gap.axes[:2], replace(gap.axes[2], today=None, score_text="–"), *gap.axes[3:])
    )
    print(f"six axes, one missing: {len(render(with_gap)) / 1000:.1f} kB")
    for labels in (PILLARS, TWELVE):
        f = measure(labels, arguments.rounds)
        print(f"{len(labels)} axes, first: {f['first']:.0f} ms")
        print(
            f"{len(labels)} axes, warm: p50 {f['warm_p50']:.1f} ms, p95 {f['warm_p95']:.1f} ms, "
            f"processor p50 {f['processor_p50']:.1f} ms"
        )
        print(f"{len(labels)} axes, PNG: p50 {f['kilobytes']:.1f} kB, largest {f['largest']:.1f} kB")


if __name__ == "__main__":
    main()
