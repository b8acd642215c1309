"""The figures of side talk in docs/understanding.md, from what `make nlu` measured.

`python -m benchmarks.own_words.side_talk_table REPORT EXAM` puts two tables between the markers in that page.
REPORT: intent_report.json of `rasa test nlu --cross-validation`. EXAM: what `peil understand intents --json`
printed of the exam.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/understanding.md"
BEGIN = "<!-- side talk: filled by make nlu -->"
END = "<!-- end of side talk -->"
# Rows of the report that are no intent, and the intent that no text has.
_NO_INTENT = ("accuracy", "macro avg", "weighted avg", "micro avg", "button")


def tables(report: Mapping[str, Any], exam: Mapping[str, Any]) -> str:
    """Both tables in Markdown, the cross-validation beside the exam, and the figures over all."""
    found = {name: row for name, row in report.items() if name not in _NO_INTENT}
    lines = [
        f"Exam: {exam['n']} lines, {exam['right']:.1%} right ("
        + ", ".join(f"{code} {spoken['right']:.1%}" for code, spoken in exam["per_language"].items())
        + f"); {exam['side_talk_as_answer']:.1%} of the side talk taken for an answer, "
        f"{exam['answer_as_side_talk']:.1%} of the answers for side talk.",
        f"Cross-validation: {sum(row['support'] for row in found.values())} lines, "
        f"{_share_right(found):.1%} right.",
        "",
        "| intent | lines | right | most often taken for | exam |",
        "|---|---|---|---|---|",
    ]
    for name in sorted(found):
        row = found[name]
        confused = [f"{other} ({count})" for other, count in row.get("confused_with", {}).items()][:2]
        of_exam = exam["per_intent"].get(name)
        told = f"{of_exam['right']} of {of_exam['n']}" if of_exam else "-"
        lines.append(
            f"| {name} | {row['support']} | {row['recall']:.0%} | {', '.join(confused) or '-'} | {told} |"
        )
    return "\n".join(lines)


def _share_right(found: Mapping[str, Any]) -> float:
    total = sum(row["support"] for row in found.values())
    return sum(row["recall"] * row["support"] for row in found.values()) / total if total else 0.0


def filled(page: str, text: str) -> str:
    """The page with this text between its markers. Raises ValueError where they are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the markers {BEGIN!r} and {END!r} are missing")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def main(arguments: list[str] | None = None) -> int:
    """Fill the page. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Put the figures of side talk into docs/understanding.md.")
    parser.add_argument("report", type=Path, help="intent_report.json of rasa test nlu")
    parser.add_argument("exam", type=Path, help="the output of peil understand intents --json")
    wanted = parser.parse_args(arguments)
    report, exam = (json.loads(path.read_text(encoding="utf-8")) for path in (wanted.report, wanted.exam))
    try:
        page = filled(PAGE.read_text(encoding="utf-8"), tables(report, exam))
    except ValueError as error:
        print(f"{PAGE}: {error}.", file=sys.stderr)
        return 1
    PAGE.write_text(page, encoding="utf-8")
    print(f"The figures of side talk are in {PAGE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
