"""The desk bench's figures, as a table for docs/desk.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.desk.measure import LIMIT, Measured

_NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


def text(all_measured: Sequence[Measured]) -> str:
    """A Markdown table for each database, and below them which pages are too slow."""
    lines = []
    for one in all_measured:
        count, answers, messages = (
            one.rows.get(name, 0) for name in ("assessments", "answers", "transcript")
        )
        lines += [
            f"{_NAMES.get(one.database, one.database)}: {count:,} assessments, {answers:,} answers, "
            f"{messages:,} messages, filled in {one.fill_seconds:.0f} s.",
            "",
            "| page | cold, ms | p50, ms | p95, ms | in SQL, ms | queries | kB |",
            "|---|---:|---:|---:|---:|---:|---:|",
            *(
                f"| {page.name} | {page.cold:.0f} | {page.p50:.0f} | {page.p95:.0f} "
                f"| {page.sql:.0f} | {page.queries} | {page.kilobytes:.0f} |"
                for page in one.pages
            ),
            "",
        ]
    slow = [f"{one.database}, {page.name}" for one in all_measured for page in one.pages if not page.met]
    lines += [f"Not measured on {one.database}: {told}." for one in all_measured for told in one.failed]
    lines.append(
        f"Too slow (p95 over {LIMIT:.0f} ms): {'; '.join(slow)}."
        if slow
        else f"Every page that was measured is below {LIMIT:.0f} ms at the 95th percentile."
    )
    return "\n".join(lines)


def report(all_measured: Sequence[Measured]) -> Any:
    """The same for machines."""
    return [asdict(one) for one in all_measured]
