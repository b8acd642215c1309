"""Segments: where in the organisation a respondent stands (design page, section 'Segments').

`segments` is, in every function, segment -> option, or `SKIPPED` for one that was left open.
"""

from __future__ import annotations

from collections.abc import Mapping

SKIPPED = "skipped"

ROLE_LAYERS = ("board", "management", "specialist", "front_line")
DEPARTMENTS = ("marketing", "sales", "service", "ecommerce", "it", "data", "other")
BUSINESS_LINES = ("b2c", "b2b", "both")
FIRST_LINES = ("b2c", "b2b", "together")
"""With which line to begin where there are both; 'together' after all makes one run of them."""

SEGMENTS: Mapping[str, tuple[str, ...]] = {
    "role_layer": ROLE_LAYERS,
    "department": DEPARTMENTS,
    "business_line": BUSINESS_LINES,
    "first_line": FIRST_LINES,
}
"""Every segment in the order in which it is asked -> its options."""


def next_segment(segments: Mapping[str, str]) -> str | None:
    """The segment to ask now; None once all are known. 'first_line' is asked of who has both lines only."""
    for segment in SEGMENTS:
        if segment not in segments and (segment != "first_line" or segments.get("business_line") == "both"):
            return segment
    return None


def with_option(segments: Mapping[str, str], segment: str, option: str) -> dict[str, str]:
    """The segments with this one set; with another business line it is open again with which to begin.

    Raises ValueError for a segment or an option that does not exist.
    """
    if option != SKIPPED and option not in SEGMENTS.get(segment, ()):
        raise ValueError(f"segment {segment!r} has no option {option!r}")
    changed = {**segments, segment: option}
    if segment == "business_line" and option != segments.get(segment):
        changed.pop("first_line", None)
    return changed


def first_line(segments: Mapping[str, str]) -> str | None:
    """The business line that the first run is about: 'b2c', 'b2b', 'both' (in one run), None when unknown."""
    line = segments.get("business_line")
    if line == "both":
        begun = segments.get("first_line")
        return begun if begun in ("b2c", "b2b") else "both"
    return line if line in ("b2c", "b2b") else None


def other_line(segments: Mapping[str, str], line: str | None) -> str | None:
    """The line of the second run, after one about `line`; None where none was agreed on."""
    apart = segments.get("business_line") == "both" and segments.get("first_line") in ("b2c", "b2b")
    return {"b2c": "b2b", "b2b": "b2c"}.get(line or "") if apart else None
