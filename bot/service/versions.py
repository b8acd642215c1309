"""Versions of a maturity model: which is meant, what sets them apart in words, what may not be published."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot.assessment.definitions import MaturityModel
from bot.assessment.differences import CARRIES, STEPS, Change, Difference, difference
from bot.assessment.records import Snapshot
from bot.service.ports import Parser, Store

_NAME = re.compile(r"(?P<id>[a-z][a-z0-9_]{0,39})@(?P<version>\d+\.\d+\.\d+)|(?P<hash>[0-9a-f]{8,64})")
_LONGEST = 70
"""How many characters of a text are shown; the JSON has all of it."""


class NoSuchVersion(Exception):
    """No published definition goes by this name, or more than one does; the message says so in a sentence."""


def is_name(name: str) -> bool:
    """Whether this can name a published definition: 'cemm@1.0.0', or 8 or more digits of its hash."""
    return _NAME.fullmatch(name) is not None


def published(store: Store, name: str) -> Snapshot:
    """The published definition of this name; raises NoSuchVersion unless there is exactly one."""
    named = _NAME.fullmatch(name)
    if named is None:
        raise NoSuchVersion(
            f"{name} is neither a file, nor id@version or the hash of a published definition."
        )
    with store.read() as work:
        snapshots = work.snapshots()
    if named["hash"]:
        found = [one for one in snapshots if one.hash.startswith(named["hash"])]
    else:
        found = [one for one in snapshots if (one.model_id, one.version) == (named["id"], named["version"])]
    if not found:
        raise NoSuchVersion(f"No definition {name} was ever published here.")
    if len(found) > 1:
        hashes = ", ".join(one.hash[:12] for one in found)
        raise NoSuchVersion(f"{name} names {len(found)} published definitions: say which by hash ({hashes}).")
    return found[0]


def refusals(store: Store, parse: Parser, new: Sequence[tuple[str, str, str, str]]) -> list[str]:
    """Why these (hash, model id, version, canonical text) may not be published, a sentence each.

    A version that assessments were made with keeps its meaning: another content under the same number may
    differ in words and advice only. What was published before may be so again, as may what nobody used.
    """
    with store.read() as work:
        snapshots = work.snapshots()
        known = {one.hash for one in snapshots}
        unknown = [one for one in new if one[0] not in known]
        used = {one.definition_hash for one in work.assessments()} if unknown else set()
    sentences = []
    for _, model_id, version, content in unknown:
        for one in snapshots:
            if (one.model_id, one.version) != (model_id, version) or one.hash not in used:
                continue
            found = difference(parse(one.content), parse(content))
            if STEPS.index(found.needed) > STEPS.index("patch"):
                sentences.append(
                    f"The maturity model {model_id} {version} is published and in use, and its definition "
                    f"means something else now ({_reason(found)}): give it version {found.lowest_version} or "
                    "higher."
                )
                break
    return sentences


def _reason(found: Difference) -> str:
    """The weightiest change, and how many there are besides."""
    weighty = [one for one in found.changes if one.step == found.needed]
    more = f", and {len(weighty) - 1} more" if len(weighty) > 1 else ""
    return f"{weighty[0].where}: {weighty[0].what}{more}"


# --- for machines and for people --------------------------------------------------------------------


def as_data(found: Difference) -> dict[str, Any]:
    """The difference as JSON has it."""
    return {
        "model": found.model_id,
        "old_version": found.old_version,
        "new_version": found.new_version,
        "step_needed": found.needed,
        "step_given": found.given,
        "follows": found.follows,
        "lowest_version": found.lowest_version,
        "added": list(found.added),
        "removed": list(found.removed),
        "moved": [asdict(move) for move in found.moved],
        "items": [
            {
                "id": one.item_id,
                "answers": one.carries,
                "parts": dict(one.parts),
                "new_parts": list(one.new_parts),
                "why": list(one.why),
            }
            for one in found.items
        ],
        "changes": [asdict(change) for change in found.changes],
    }


def in_words(found: Difference, old: MaturityModel, new: MaturityModel) -> list[str]:
    """The difference as lines for a consultant."""
    lines = [f"{found.model_id}: {found.old_version} -> {found.new_version}", "", *_verdict(found)]
    if not found.changes:
        return lines
    lines += ["", "Answers to the old version"]
    counted = Counter(one.carries for one in found.items)
    for carries in CARRIES:
        if counted[carries]:
            lines.append(f"  {carries}: {counted[carries]} of {len(found.items)}")
    for one in found.items:
        if one.carries != CARRIES[0]:
            lines.append(f"  {one.item_id}: {one.carries}" + (f" ({'; '.join(one.why)})" if one.why else ""))
            lines += [f"    {name}: {carries}" for name, carries in one.parts if carries != CARRIES[0]]
    for title, ids in (("New questions", found.added), ("Questions that are gone", found.removed)):
        if ids:
            model = new if ids is found.added else old
            lines += ["", title, *(f"  {one}: {_question(model, one)}" for one in ids)]
    if found.moved:
        lines += ["", "Questions that moved"]
        for move in found.moved:
            to = f", as {move.new_id}" if move.new_id != move.item_id else ""
            lines.append(f"  {move.item_id}: from place {move.old_place} to {move.new_place}{to}")
    for step in reversed(STEPS):
        here = [change for change in found.changes if change.step == step]
        if here:
            lines += ["", f"Changes that call for a {step} step", *(f"  {_told(change)}" for change in here)]
    return lines


def _verdict(found: Difference) -> list[str]:
    old, new = found.old_version, found.new_version
    if not found.changes:
        said = "Nothing differs but the version number." if old != new else "Nothing differs."
    else:
        said = f"The changes call for a {found.needed} step: version {found.lowest_version} or higher."
    wanted = f"{found.lowest_version} or higher"
    if found.given is None:
        return [said, f"The version number does not follow: {new} is lower than {old}. Expected {wanted}."]
    if not found.follows:
        step = "it is the same" if found.given == "none" else f"from {old} to {new} is a {found.given} step"
        return [said, f"The version number does not follow: {step}. Expected {wanted}."]
    if STEPS.index(found.given) > STEPS.index(found.needed):
        return [
            said,
            f"The version number follows: from {old} to {new} is a {found.given} step, which is more.",
        ]
    return [said, "The version number follows."]


def _question(model: MaturityModel, item_id: str) -> str:
    question = model.item(item_id)[1].question
    return shown(question.get("en", next(iter(question.values()))))


def _told(change: Change) -> str:
    where = f"{change.where} ({change.what})"
    if change.what in ("added", "removed", "places"):
        return where
    old, new = change.old, change.new
    if isinstance(old, str) and isinstance(new, str) and max(len(old), len(new)) > _LONGEST:
        old, new = _from_where_they_part(old, new)
    return f"{where}: {shown(old)} -> {shown(new)}"


def _from_where_they_part(old: str, new: str) -> tuple[str, str]:
    """Two long texts from shortly before the place where they begin to differ."""
    both = zip(old, new, strict=False)
    same = next((place for place, (was, now) in enumerate(both) if was != now), min(len(old), len(new)))
    begin = old.rfind(" ", 0, max(0, same - _LONGEST // 3)) + 1
    return (f"...{old[begin:]}", f"...{new[begin:]}") if begin else (old, new)


def shown(value: Any) -> str:
    """A value on one line, cut where it is long, and nothing in it that a terminal would obey."""
    if isinstance(value, tuple | list):
        value = ", ".join(map(str, value))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    words = value if isinstance(value, str) else "nothing" if value is None else json.dumps(value)
    words = " ".join("".join(one if one.isprintable() else " " for one in words).split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3]}..."
