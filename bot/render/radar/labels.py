"""Finding a place round the radar for every label, with the largest letters and radar that allow it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.render.radar.canvas import text_width
from bot.render.radar.shapes import MARGIN, WIDTH, Align, Box, Label, Point, Text, bounds, direction, vertex
from bot.render.radar.words import ALLOWED, GUESSED, NATURAL
from bot.render.radar.wrapping import ASCENT, DESCENT, LINE_HEIGHT, wrap

# From the tip of an axis to its label, so that a marker on the tip stays clear of it.
TIP_GAP = 20.0
# From the outer ring to any label, and between labels.
RING_GAP, LABEL_GAP = 10.0, 9.0
# How far a label may lie from the middle.
EDGE = WIDTH / 2 - MARGIN
MOST_TRIES = 3000


@dataclass(frozen=True)
class Place:
    """One way to put one label, relative to the centre of the radar; lower cost is nicer."""

    cost: float
    lines: tuple[str, ...]
    align: Align
    box: Box


@dataclass(frozen=True)
class Arrangement:
    """A place for each label, and the letter size and radius that go with them."""

    size: int
    radius: float
    places: tuple[Place, ...]


@dataclass(frozen=True)
class _Rules:
    """How freely labels may be set; `most_guessed_lines` is for labels that are broken where we guess."""

    grade: int
    most_lines: int
    most_guessed_lines: int
    beside_only: bool


def arrange(labels: Sequence[str], scores: Sequence[str], room: float) -> Arrangement | None:
    """The nicest arrangement in `room` pixels of height; None if there is none.

    `scores`: for each label the text below it for which room is made.
    """
    for size, radius, rules in _attempts():
        places = _place_all(labels, scores, size, tip_points(len(labels), radius), rules, room)
        if places is not None:
            return Arrangement(size, radius, tuple(places))
    return None


def tip_points(count: int, radius: float) -> list[Point]:
    """The outer ends of the axes, relative to the centre."""
    return [vertex((0.0, 0.0), radius, index, count, 1.0) for index in range(count)]


def set_label(place: Place, centre: Point, size: int) -> Label:
    """A place as lines of text on the canvas; its score is still without words."""
    box = place.box.moved(*centre)
    x = {"left": box.left, "center": (box.left + box.right) / 2, "right": box.right}[place.align]
    lines = []
    baseline = box.top + ASCENT * size
    for line in place.lines:
        lines.append(Text(line, x, baseline, size, place.align, "label"))
        baseline += LINE_HEIGHT * size
    baseline += LINE_HEIGHT * (_score_size(size) - size)
    return Label(tuple(lines), Text("", x, baseline, _score_size(size), place.align, "score"), box)


def _attempts() -> Iterator[tuple[int, float, _Rules]]:
    """Letter size, radius and rules, from the nicest to the last resort."""
    tiers = (
        (range(27, 23, -1), range(300, 229, -5), _Rules(ALLOWED, 2, 0, beside_only=True)),
        (range(27, 21, -1), range(300, 209, -5), _Rules(ALLOWED, 3, 0, beside_only=False)),
        (range(26, 21, -1), range(260, 189, -5), _Rules(GUESSED, 3, 2, beside_only=False)),
        (range(22, 9, -1), range(230, 79, -10), _Rules(GUESSED, 6, 6, beside_only=False)),
    )
    for sizes, radii, rules in tiers:
        # A pixel of letter is worth some ten of radius.
        pairs = [(size, radius) for size in sizes for radius in radii]
        for size, radius in sorted(pairs, key=lambda pair: -(10 * pair[0] + pair[1])):
            yield size, float(radius), rules


def _place_all(
    labels: Sequence[str],
    scores: Sequence[str],
    size: int,
    tips: Sequence[Point],
    rules: _Rules,
    room: float,
) -> list[Place] | None:
    """Places for all labels, clear of each other and of the rings, within `room` in height; None if none."""
    choices = []
    for index, (label, score) in enumerate(zip(labels, scores, strict=True)):
        places = sorted(_places(label, score, size, tips, index, rules), key=lambda place: place.cost)
        if not places:
            return None
        choices.append(places)
    chosen: list[Place] = []
    tries = 0

    def search(top: float, bottom: float) -> bool:
        nonlocal tries
        if len(chosen) == len(choices):
            return True
        for place in choices[len(chosen)]:
            tries += 1
            if tries > MOST_TRIES:
                return False
            new_top, new_bottom = min(top, place.box.top), max(bottom, place.box.bottom)
            if new_bottom - new_top > room:
                continue
            if any(place.box.overlaps(other.box, LABEL_GAP) for other in chosen):
                continue
            chosen.append(place)
            if search(new_top, new_bottom):
                return True
            chosen.pop()
        return False

    ring = bounds(tips)
    return chosen if search(ring.top, ring.bottom) else None


def _places(
    label: str, score: str, size: int, tips: Sequence[Point], index: int, rules: _Rules
) -> Iterator[Place]:
    """The ways to put one label: beside its tip, or above or below it; in one line or more."""
    dx, dy = direction(index, len(tips))
    upright = abs(dx) < 0.05
    align: Align = "center" if upright else "left" if dx > 0 else "right"
    score_width = text_width(score, _score_size(size), bold=True)
    for lines, cost in _broken(label, size, rules):
        width = max(score_width, *(text_width(line, size) for line in lines))
        height = _block_height(len(lines), size)
        for push, box in _beside(width, height, tips, index):
            if _is_free(box, tips, index):
                if box.left >= -EDGE and box.right <= EDGE:
                    yield Place(cost + push / 2, lines, align, box)
                break
        if rules.beside_only or upright or abs(dy) < 0.2 or width > 2 * EDGE:
            continue
        for push, box in _above_or_below(width, height, tips[index]):
            if _is_free(box, tips, index):
                yield Place(cost + 6 + push / 2, lines, "center", box)
                break


def _broken(label: str, size: int, rules: _Rules) -> Iterator[tuple[tuple[str, ...], float]]:
    """The ways to break a label into lines, and what each costs."""
    seen = set()
    for grade in range(NATURAL, rules.grade + 1):
        most = rules.most_guessed_lines if grade == GUESSED else rules.most_lines
        for count in range(1, most + 1):
            lines = wrap(label, count, size, False, grade)
            if lines is not None and lines not in seen:
                seen.add(lines)
                yield lines, 8.0 * (count - 1) + 15.0 * grade


def _beside(width: float, height: float, tips: Sequence[Point], index: int) -> Iterator[tuple[int, Box]]:
    """The block hangs on the end of its axis, pushed out along it further and further."""
    dx, dy = direction(index, len(tips))
    # Above the axis that points up, the figure of the outer ring stands between tip and label.
    reach = math.hypot(*tips[index]) + (7 if index == 0 else 0)
    for push in range(0, 61, 3):
        x, y = dx * (reach + TIP_GAP + push), dy * (reach + TIP_GAP + push)
        left = x - width / 2 if abs(dx) < 0.05 else x if dx > 0 else x - width
        top = y + (dy - 1) * height / 2
        yield push, Box(left, top, left + width, top + height)


def _above_or_below(width: float, height: float, tip: Point) -> Iterator[tuple[int, Box]]:
    """For a label too wide for the strip between the radar and the edge."""
    middle = max(width / 2 - EDGE, min(EDGE - width / 2, tip[0]))
    for push in range(0, 91, 3):
        near = tip[1] + math.copysign(TIP_GAP + push, tip[1])
        top = near if tip[1] > 0 else near - height
        yield push, Box(middle - width / 2, top, middle + width / 2, top + height)


def _is_free(box: Box, tips: Sequence[Point], index: int) -> bool:
    """Whether a box keeps its distance from the outer ring and from the tip of its own axis."""
    x, y = tips[index]
    away = math.hypot(max(box.left - x, 0.0, x - box.right), max(box.top - y, 0.0, y - box.bottom))
    if away < TIP_GAP - 0.01:
        return False
    # The ring is convex: the two are apart if one of its sides, or of the box's, has them on either hand.
    for (ax, ay), (bx, by) in zip(tips, [*tips[1:], tips[0]], strict=True):
        length = math.hypot(bx - ax, by - ay)
        # Clockwise with y downwards: this normal points out of the ring. The deepest corner decides.
        nx, ny = (by - ay) / length, (ax - bx) / length
        px, py = box.left if nx > 0 else box.right, box.top if ny > 0 else box.bottom
        if (px - ax) * nx + (py - ay) * ny >= RING_GAP:
            return True
    return not box.overlaps(bounds(tips), RING_GAP)


def _score_size(size: int) -> int:
    return size + 2


def _block_height(count: int, size: int) -> float:
    return (ASCENT + LINE_HEIGHT * (count - 1)) * size + LINE_HEIGHT * _score_size(size) + DESCENT * size
