"""How long a warm radar takes and how large its PNG is: `python -m benchmarks.radar [ROUNDS]`."""

import statistics
import sys
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


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    started = time.perf_counter()
    warm_up()
    print(f"warm-up: {(time.perf_counter() - started) * 1000:.0f} ms")
    gap = spec(PILLARS, 0)
    with_gap = replace(
        gap, axes=(*gap.axes[:2], replace(gap.axes[2], today=None, score_text="–"), *gap.axes[3:])
    )
    print(f"six axes, one missing: {len(render(with_gap)) / 1000:.1f} kB")
    for labels in (PILLARS, TWELVE):
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
        print(
            f"{len(labels)} axes: first {first:.0f} ms, warm p50 {statistics.median(times):.1f} ms, "
            f"p95 {times[int(len(times) * 0.95)]:.1f} ms, processor p50 {statistics.median(busy):.1f} ms, PNG p50 {statistics.median(sizes):.1f} kB "
            f"(largest {max(sizes):.1f} kB)"
        )


if __name__ == "__main__":
    main()
