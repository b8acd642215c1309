"""The radar picture of a result: today's scores solid and filled, the target dashed, as a PNG for the chat.

`geometry` decides where everything goes and draws nothing, so that a test can check a vertex by hand.
`render` draws exactly that. All coordinates are pixels with the origin in the top left corner and y
pointing down. Every word arrives in the `RadarSpec`; nothing here knows a language.

The same spec always gives the same bytes: no clock, no randomness, a fixed palette.
"""

from __future__ import annotations

import io
import json
import math
import os
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal

WIDTH = HEIGHT = 800

MIN_AXES, MAX_AXES = 3, 12
MAX_HIGHEST = 10
MAX_LABEL = 40
MAX_SCORE_TEXT = 12
MAX_LEGEND = 40
MAX_HEADING = 160

Point = tuple[float, float]
Line = tuple[Point, ...]
Align = Literal["left", "center", "right"]
Role = Literal["title", "subtitle", "label", "score", "missing", "ring", "legend"]


class RadarError(ValueError):
    """A spec that cannot be drawn; the message says which field and why."""


@dataclass(frozen=True)
class Axis:
    """One dimension of the radar.

    `label` may hold soft hyphens (U+00AD) where a long word may be broken; they show only there.
    `today` and `target` lie in [0, highest]; None means 'no score', which is a gap in the line.
    `score_text` is today's score as people read it, written at the label.
    """

    label: str
    today: float | None
    target: float | None
    score_text: str


@dataclass(frozen=True)
class RadarSpec:
    """All that a radar shows. The axes run clockwise from the top; each axis runs from 0 to `highest`.

    `language` travels along for whoever describes the picture; the drawing does not depend on it.
    `subtitle` may be empty. Raises RadarError where a field is out of bounds.
    """

    language: str
    axes: tuple[Axis, ...]
    highest: int
    title: str
    subtitle: str
    today_label: str
    target_label: str

    def __post_init__(self) -> None:
        if not isinstance(self.language, str):
            raise RadarError("language: text expected")
        if not MIN_AXES <= len(self.axes) <= MAX_AXES:
            raise RadarError(f"axes: {len(self.axes)} given, {MIN_AXES} to {MAX_AXES} expected")
        if not _is_whole(self.highest) or not 1 <= self.highest <= MAX_HIGHEST:
            raise RadarError(
                f"highest: {self.highest!r} given, a whole number from 1 to {MAX_HIGHEST} expected"
            )
        for index, axis in enumerate(self.axes):
            _check_text(f"axes[{index}].label", axis.label, MAX_LABEL)
            _check_text(f"axes[{index}].score_text", axis.score_text, MAX_SCORE_TEXT)
            _check_value(f"axes[{index}].today", axis.today, self.highest)
            _check_value(f"axes[{index}].target", axis.target, self.highest)
        _check_text("title", self.title, MAX_HEADING)
        _check_text("subtitle", self.subtitle, MAX_HEADING, may_be_empty=True)
        _check_text("today_label", self.today_label, MAX_LEGEND)
        _check_text("target_label", self.target_label, MAX_LEGEND)

    def to_json(self) -> str:
        """The spec as JSON text, the same text for the same spec."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> RadarSpec:
        """The spec that `to_json` wrote. Raises RadarError if the text is not one."""
        try:
            fields = json.loads(text)
            axes = tuple(Axis(**axis) for axis in fields.pop("axes"))
            return cls(axes=axes, **fields)
        except RadarError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise RadarError(f"not a stored radar: {error}") from error


@dataclass(frozen=True)
class Box:
    """An upright rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box, gap: float = 0.0) -> bool:
        """Whether the two come closer to each other than `gap`, in both directions."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )

    def moved(self, dx: float, dy: float) -> Box:
        """The same box elsewhere."""
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)


@dataclass(frozen=True)
class Text:
    """One line of text: `x` is its left end, middle or right end as `align` says, `size` in pixels."""

    text: str
    x: float
    baseline: float
    size: float
    align: Align
    role: Role


@dataclass(frozen=True)
class Label:
    """A dimension's label in one or more lines, its score below, and the box that holds both."""

    lines: tuple[Text, ...]
    score: Text
    box: Box


@dataclass(frozen=True)
class Series:
    """One of the two lines, as drawn.

    `vertices`: one an axis, None where the axis has no value.
    `lines`: the polylines between neighbouring vertices; a closed one repeats its first point.
    """

    vertices: tuple[Point | None, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Geometry:
    """Where everything in the picture goes.

    `rings`: one closed polygon for each of 1..highest; `tips`: the outer end of each axis.
    `fills`: the area below today's line. Complete: one polygon. With gaps: each run of neighbours that
    have a score, closed over the centre, so that the sectors beside a missing score stay empty.
    `legend`: (left, middle, width) of the sample of today's line, then of the target's if there is one.
    """

    centre: Point
    radius: float
    axis_range: tuple[int, int]
    tips: tuple[Point, ...]
    rings: tuple[Line, ...]
    today: Series
    fills: tuple[Line, ...]
    target: Series
    labels: tuple[Label, ...]
    heading: tuple[Text, ...]
    ring_figures: tuple[Text, ...]
    legend: tuple[tuple[float, float, float], ...]
    legend_texts: tuple[Text, ...]

    def texts(self) -> tuple[Text, ...]:
        """Every piece of text in the picture."""
        labels = tuple(text for label in self.labels for text in (*label.lines, label.score))
        return (*self.heading, *labels, *self.ring_figures, *self.legend_texts)


def direction(index: int, count: int) -> Point:
    """The unit vector of an axis: the first points up, the others follow clockwise."""
    angle = 2 * math.pi * index / count
    return math.sin(angle), -math.cos(angle)


def vertex(centre: Point, radius: float, index: int, count: int, share: float) -> Point:
    """The point on an axis at `share` of its length (0: the centre, 1: the tip)."""
    dx, dy = direction(index, count)
    return centre[0] + dx * radius * share, centre[1] + dy * radius * share


def geometry(spec: RadarSpec) -> Geometry:
    """Where everything in the picture of `spec` goes. Raises RadarError if the labels cannot be placed."""
    # Under the lock, so that several first pictures of one model search for its layout once.
    with _lock:
        layout = _layout(_layout_key(spec))
    centre, radius, count = layout.centre, layout.radius, len(spec.axes)

    def series(values: Sequence[float | None]) -> Series:
        vertices = tuple(
            None if value is None else vertex(centre, radius, index, count, value / spec.highest)
            for index, value in enumerate(values)
        )
        return Series(vertices, tuple(_polylines(vertices)))

    today = series([axis.today for axis in spec.axes])
    labels = []
    for axis, label in zip(spec.axes, layout.labels, strict=True):
        role: Role = "missing" if axis.today is None else "score"
        old = label.score
        score = Text(_plain(axis.score_text), old.x, old.baseline, old.size, old.align, role)
        labels.append(Label(label.lines, score, label.box))
    return Geometry(
        centre=centre,
        radius=radius,
        axis_range=(0, spec.highest),
        tips=tuple(vertex(centre, radius, index, count, 1.0) for index in range(count)),
        rings=layout.rings,
        today=today,
        fills=tuple(_fills(today, centre)),
        target=series([axis.target for axis in spec.axes]),
        labels=tuple(labels),
        heading=_heading(spec.title, spec.subtitle)[0],
        ring_figures=layout.ring_figures,
        legend=layout.legend,
        legend_texts=layout.legend_texts,
    )


def render(spec: RadarSpec) -> bytes:
    """The picture as a PNG, WIDTH x HEIGHT pixels, opaque. Safe to call from several threads."""
    plan = geometry(spec)
    with _lock:
        image = _get_painter().paint(plan, (_layout_key(spec), spec.title))
    # Outside the lock: the packing needs nothing shared, and lets other threads run meanwhile.
    packed = io.BytesIO()
    image.save(packed, "PNG", compress_level=PNG_LEVEL)
    return packed.getvalue()


def text_boxes(spec: RadarSpec) -> tuple[tuple[Text, Box], ...]:
    """Each text of the picture with the box that its ink takes on the canvas, for tests."""
    plan = geometry(spec)
    with _lock:
        painter = _get_painter()
        return tuple((text, painter.ink_box(text)) for text in plan.texts())


def warm_up(specs: Iterable[RadarSpec] = ()) -> None:
    """Load the drawing library and draw once, so that nobody's first picture waits for it.

    `specs`: pictures whose layout and background will be wanted soon, say one for each maturity model.
    """
    axes = tuple(Axis(str(number), 1.0, 2.0, str(number)) for number in range(MIN_AXES))
    for spec in (RadarSpec("", axes, 2, "0", "", "1", "2"), *specs):
        render(spec)


# --- checks -----------------------------------------------------------------------------------------------


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_text(field: str, value: object, longest: int, may_be_empty: bool = False) -> None:
    if not isinstance(value, str):
        raise RadarError(f"{field}: text expected")
    text = _plain(value)
    if len(text) > longest:
        raise RadarError(f"{field}: {len(text)} characters given, at most {longest} expected")
    if not text and not may_be_empty:
        raise RadarError(f"{field}: is empty")


def _check_value(field: str, value: object, highest: int) -> None:
    if value is None:
        return
    # The comparison is false for NaN as well.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= highest:
        raise RadarError(f"{field}: {value!r} given, a number from 0 to {highest} or none expected")


def _tidy(text: str) -> str:
    """On one line, without what the font cannot show: control characters, lone surrogates, emoji."""
    blanked = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text)
    shown = "".join(char for char in blanked if char <= "\uffff" and char not in "\ufe0e\ufe0f\u200d")
    return " ".join(shown.split())


def _plain(text: str) -> str:
    return _tidy(_tidy(text).replace(SOFT_HYPHEN, ""))


# --- the two lines ----------------------------------------------------------------------------------------


def _polylines(vertices: Sequence[Point | None]) -> Iterator[Line]:
    """The runs of neighbouring vertices that exist; the last axis is a neighbour of the first."""
    count = len(vertices)
    gaps = [index for index, point in enumerate(vertices) if point is None]
    start = (gaps[0] + 1) % count if gaps else 0
    run: list[Point] = []
    for step in range(count + 1):
        point = vertices[(start + step) % count]
        if point is not None:
            run.append(point)
            continue
        if len(run) > 1:
            yield tuple(run)
        run = []
    if len(run) > 1:
        yield tuple(run)


def _fills(series: Series, centre: Point) -> Iterator[Line]:
    if None not in series.vertices:
        yield tuple(point for point in series.vertices if point is not None)
        return
    for line in series.lines:
        yield (centre, *line)


# --- breaking lines ---------------------------------------------------------------------------------------

SOFT_HYPHEN = "\u00ad"
# How far a break goes: at a blank or a written hyphen; where the author allowed it; where we guess.
_NATURAL, _ALLOWED, _GUESSED = range(3)
_CHUNK = 14
# Letters that belong together when a word is broken before the last consonant (our own rule, good enough
# for the Latin script when nothing else fits; an author who knows better writes a soft hyphen).
_TOGETHER = {first + second for first in "bcdfgkpt" for second in "lr"}
_TOGETHER |= {"ch", "ph", "sh", "th", "qu", "wr", "vr", "kw", "dw", "zw"}


def _is_vowel(word: str, index: int) -> bool:
    letter = unicodedata.normalize("NFD", word[index].lower())[0]
    return letter in "aeiouy" or (letter == "j" and index > 0 and word[index - 1].lower() == "i")


def _syllables(word: str) -> list[str]:
    """A long word in pieces of four letters or more, each but the first starting with a consonant.

    What has no vowels to go by (a code, another script) is cut into equal parts where it is very long.
    """
    pieces, start = [], 0
    for index in range(1, len(word) - 1):
        if not (word[index].isalpha() and not _is_vowel(word, index) and _is_vowel(word, index + 1)):
            continue
        cut = index - 1 if word[index - 1 : index + 1].lower() in _TOGETHER else index
        has_vowel = any(_is_vowel(word, place) for place in range(start, cut))
        if cut - start >= 4 and len(word) - cut >= 4 and has_vowel:
            pieces.append(word[start:cut])
            start = cut
    pieces.append(word[start:])
    return [piece[at : at + _CHUNK] for piece in pieces for at in range(0, len(piece), _CHUNK)]


def _pieces(text: str, grade: int) -> list[tuple[str, str, str]]:
    """The pieces of a text with what follows each when joined to the next, and when a line ends there."""
    pieces: list[tuple[str, str, str]] = []
    for word in (word for word in _tidy(text).split(" ") if word.strip(SOFT_HYPHEN)):
        parts: list[tuple[str, str, str]] = []
        written = word.replace("-", "-\n").replace("/", "/\n").rstrip("\n").split("\n")
        for chunk in written:
            soft = [part for part in chunk.split(SOFT_HYPHEN) if part] or [""]
            if grade == _NATURAL:
                soft = ["".join(soft)]
            cut = [
                piece
                for part in soft
                for piece in (_syllables(part) if grade >= _GUESSED and len(soft) == 1 else [part])
            ]
            parts += [(piece, "", "-") for piece in cut[:-1]]
            parts.append((cut[-1], "", ""))
        parts[-1] = (parts[-1][0], " ", "")
        pieces += parts
    return pieces


@lru_cache(maxsize=4096)
def _wrap(text: str, count: int, size: int, bold: bool, grade: int) -> tuple[str, ...] | None:
    """The text in exactly `count` lines, the widest as narrow as possible; None if it has too few pieces."""
    pieces = _pieces(text, grade)
    if len(pieces) < count:
        return None

    def joined(start: int, stop: int) -> str:
        body = "".join(piece + glue for piece, glue, _ in pieces[start : stop - 1]) + pieces[stop - 1][0]
        return body + (pieces[stop - 1][2] if stop < len(pieces) else "")

    # best[stop]: (widest line, lines) of the first `stop` pieces in the number of lines so far.
    best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
    for _ in range(count):
        following: dict[int, tuple[float, tuple[str, ...]]] = {}
        for start, (widest, lines) in best.items():
            for stop in range(start + 1, len(pieces) + 1):
                line = joined(start, stop)
                candidate = (max(widest, _text_width(line, size, bold)), (*lines, line))
                if stop not in following or candidate < following[stop]:
                    following[stop] = candidate
        best = following
    return best[len(pieces)][1]


def _fit(text: str, room: float, sizes: Sequence[int], bold: bool = False) -> tuple[tuple[str, ...], int]:
    """The text in one to three lines at the largest size that will do. Returns lines and size.

    What is too long for that takes the smallest size and as many lines as it needs: nothing is cut.
    """
    *nice, smallest = sizes
    # A second line is worse than small letters, and a broken word is worse than either.
    ways = [(grade, count, size) for count in (1, 2, 3) for grade in (_NATURAL, _ALLOWED) for size in nice]
    ways += [
        (grade, count, smallest)
        for grade in (_NATURAL, _ALLOWED, _GUESSED)
        for count in range(1, MAX_HEADING)
    ]
    for grade, count, size in ways:
        lines = _wrap(text, count, size, bold, grade)
        if lines and max(_text_width(line, size, bold) for line in lines) <= room:
            return lines, size
    raise RadarError("a heading has a word that does not fit on one line")


# --- layout: all that stays the same when only the scores change ------------------------------------------

MARGIN = 14
# From the tip of an axis to its label, so that a marker on the tip stays clear of it.
TIP_GAP = 20.0
# From the outer ring to any label, and between labels.
RING_GAP, LABEL_GAP = 10.0, 9.0
ASCENT, DESCENT, LINE_HEIGHT = 0.90, 0.25, 1.16
# From the largest to the smallest; the last is for what is too long for three lines.
TITLE_SIZES, SUBTITLE_SIZES = (*range(34, 23, -1), 18), (*range(25, 17, -1), 15)
LEGEND_SIZES = range(25, 17, -1)
SAMPLE_WIDTH, SAMPLE_GAP, ENTRY_GAP, LEGEND_LINE = 64.0, 12.0, 44.0, 36.0
# A score takes at least this much room, so that a layout need not be made anew for each score.
USUAL_SCORE = "0,00"


@dataclass(frozen=True)
class _Key:
    """What a layout depends on; everything else may differ from picture to picture."""

    labels: tuple[str, ...]
    wide_scores: tuple[str, ...]
    highest: int
    area_top: float
    today_label: str
    target_label: str | None


@dataclass(frozen=True)
class _Layout:
    centre: Point
    radius: float
    rings: tuple[Line, ...]
    labels: tuple[Label, ...]
    ring_figures: tuple[Text, ...]
    legend: tuple[tuple[float, float, float], ...]
    legend_texts: tuple[Text, ...]


@dataclass(frozen=True)
class _Place:
    """One way to put one label, relative to the centre of the radar; lower cost is nicer."""

    cost: float
    lines: tuple[str, ...]
    align: Align
    box: Box


def _layout_key(spec: RadarSpec) -> _Key:
    scores = [_plain(axis.score_text) for axis in spec.axes]
    return _Key(
        labels=tuple(axis.label for axis in spec.axes),
        wide_scores=tuple(score if len(score) > len(USUAL_SCORE) else "" for score in scores),
        highest=spec.highest,
        area_top=_heading(spec.title, spec.subtitle)[1],
        today_label=spec.today_label,
        # Without any target there is no second line, and the legend must not promise one.
        target_label=spec.target_label if any(axis.target is not None for axis in spec.axes) else None,
    )


@lru_cache(maxsize=256)
def _heading(title: str, subtitle: str) -> tuple[tuple[Text, ...], float]:
    """The lines of the heading, and where the room below them begins."""
    texts: list[Text] = []
    bottom = 20.0
    parts: tuple[tuple[str, Role, Sequence[int]], ...] = (
        (title, "title", TITLE_SIZES),
        (subtitle, "subtitle", SUBTITLE_SIZES),
    )
    for words, role, sizes in parts:
        if not _plain(words):
            continue
        lines, size = _fit(words, WIDTH - 4 * MARGIN, sizes, bold=role == "title")
        # Small letters take the room of large ones: one layout and background serve every subtitle.
        reserved = sizes[0] if len(lines) == 1 else size
        for line in lines:
            texts.append(Text(line, WIDTH / 2, bottom + ASCENT * reserved, size, "center", role))
            bottom += LINE_HEIGHT * reserved
        bottom += 4
    return tuple(texts), bottom + 12


def _legend(
    today_label: str, target_label: str | None
) -> tuple[tuple[tuple[float, float, float], ...], tuple[Text, ...], float]:
    """The samples and texts of the legend, and where the room above it ends."""
    names = [_plain(name) for name in (today_label, target_label) if name is not None]
    taken = SAMPLE_WIDTH + SAMPLE_GAP
    room = WIDTH - 4 * MARGIN

    def width(row: Sequence[str], size: int) -> float:
        return sum(taken + _text_width(name, size) for name in row) + ENTRY_GAP * (len(row) - 1)

    # Beside each other if that can be read, else one below the other; never cut.
    rows, size = [names], next((size for size in LEGEND_SIZES if width(names, size) <= room), 0)
    if not size:
        rows = [[name] for name in names]
        fitting = (
            size for size in range(LEGEND_SIZES[0], 9, -1) if max(width(row, size) for row in rows) <= room
        )
        size = next(fitting, 9)
    top = HEIGHT - 12 - LEGEND_LINE * len(rows)
    samples, texts = [], []
    left = (WIDTH - max(width(row, size) for row in rows)) / 2
    for number, row in enumerate(rows):
        x, middle = left, top + LEGEND_LINE * (number + 0.5)
        for name in row:
            samples.append((x, middle, SAMPLE_WIDTH))
            texts.append(Text(name, x + taken, middle + 0.36 * size, size, "left", "legend"))
            x += taken + _text_width(name, size) + ENTRY_GAP
    return tuple(samples), tuple(texts), top - 10


@lru_cache(maxsize=64)
def _layout(key: _Key) -> _Layout:
    """The largest letters and radar with which every label has its place."""
    samples, legend_texts, area_bottom = _legend(key.today_label, key.target_label)
    room = area_bottom - key.area_top
    for size, radius, rules in _attempts():
        found = _place_all(key, size, radius, rules, room)
        if found is None:
            continue
        tips = _tips(len(key.labels), radius)
        top = min(min(place.box.top for place in found), min(y for _, y in tips))
        bottom = max(max(place.box.bottom for place in found), max(y for _, y in tips))
        centre = (WIDTH / 2, round(key.area_top + (room - (bottom - top)) / 2 - top, 2))
        rings = tuple(
            tuple(
                vertex(centre, radius, index % len(tips), len(tips), level / key.highest)
                for index in range(len(tips) + 1)
            )
            for level in range(1, key.highest + 1)
        )
        return _Layout(
            centre=centre,
            radius=radius,
            rings=rings,
            labels=tuple(_label(place, centre, size) for place in found),
            ring_figures=tuple(_ring_figures(centre, radius, key.highest)),
            legend=samples,
            legend_texts=legend_texts,
        )
    raise RadarError("axes: the labels do not fit round the radar")


@dataclass(frozen=True)
class _Rules:
    """How freely labels may be set; `most_guessed_lines` is for labels that are broken where we guess."""

    grade: int
    most_lines: int
    most_guessed_lines: int
    beside_only: bool


def _attempts() -> Iterator[tuple[int, float, _Rules]]:
    """Letter size, radius and rules, from the nicest to the last resort."""
    tiers = (
        (range(27, 23, -1), range(300, 229, -5), _Rules(_ALLOWED, 2, 0, beside_only=True)),
        (range(27, 21, -1), range(300, 209, -5), _Rules(_ALLOWED, 3, 0, beside_only=False)),
        (range(26, 21, -1), range(260, 189, -5), _Rules(_GUESSED, 3, 2, beside_only=False)),
        (range(22, 9, -1), range(230, 79, -10), _Rules(_GUESSED, 6, 6, beside_only=False)),
    )
    for sizes, radii, rules in tiers:
        # A pixel of letter is worth some ten of radius.
        pairs = [(size, radius) for size in sizes for radius in radii]
        for size, radius in sorted(pairs, key=lambda pair: -(10 * pair[0] + pair[1])):
            yield size, float(radius), rules


def _tips(count: int, radius: float) -> list[Point]:
    return [vertex((0.0, 0.0), radius, index, count, 1.0) for index in range(count)]


def _place_all(key: _Key, size: int, radius: float, rules: _Rules, room: float) -> list[_Place] | None:
    """Places for all labels, clear of each other and of the rings, within `room` in height; None if none."""
    count = len(key.labels)
    tips = _tips(count, radius)
    choices = []
    for index, label in enumerate(key.labels):
        score = key.wide_scores[index] or USUAL_SCORE
        places = list(_places(label, score, size, rules, tips, index))
        if not places:
            return None
        choices.append(sorted(places, key=lambda place: place.cost))
    lowest_tip, highest_tip = max(y for _, y in tips), min(y for _, y in tips)
    chosen: list[_Place] = []
    tries = 0

    def search(top: float, bottom: float) -> bool:
        nonlocal tries
        if len(chosen) == count:
            return True
        for place in choices[len(chosen)]:
            tries += 1
            if tries > 3000:
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

    return chosen if search(highest_tip, lowest_tip) else None


def _places(
    label: str, score: str, size: int, rules: _Rules, tips: list[Point], index: int
) -> Iterator[_Place]:
    """The ways to put one label: beside its tip, or above or below it; in one line or more."""
    dx, dy = direction(index, len(tips))
    # Above the axis that points up, the figure of the outer ring stands between tip and label.
    reach = math.hypot(*tips[index]) + (7 if index == 0 else 0)
    edge = WIDTH / 2 - MARGIN
    score_width = _text_width(score, _score_size(size), bold=True)
    upright = abs(dx) < 0.05
    beside: Align = "center" if upright else "left" if dx > 0 else "right"
    seen = set()
    for how in range(_NATURAL, rules.grade + 1):
        for count in range(1, (rules.most_guessed_lines if how == _GUESSED else rules.most_lines) + 1):
            lines = _wrap(label, count, size, False, how)
            if lines is None or lines in seen:
                continue
            seen.add(lines)
            width = max(score_width, *(_text_width(line, size) for line in lines))
            height = _block_height(count, size)
            cost = 8.0 * (count - 1) + 15.0 * how
            # Beside: the block hangs on the end of the axis, pushed out along it until it is free.
            for push in range(0, 61, 3):
                x, y = dx * (reach + TIP_GAP + push), dy * (reach + TIP_GAP + push)
                left = x - width / 2 if upright else x if dx > 0 else x - width
                top = y + (dy - 1) * height / 2
                box = Box(left, top, left + width, top + height)
                if _is_free(box, tips, index):
                    if -edge <= box.left and box.right <= edge:
                        yield _Place(
                            cost + push / 2,
                            lines,
                            beside,
                            box,
                        )
                    break
            if rules.beside_only or upright or abs(dy) < 0.2:
                continue
            # Above or below: for a label too wide for the strip between the radar and the edge.
            middle = max(width / 2 - edge, min(edge - width / 2, tips[index][0]))
            for push in range(0, 91, 3):
                near = tips[index][1] + math.copysign(TIP_GAP + push, dy)
                top = near if dy > 0 else near - height
                box = Box(middle - width / 2, top, middle + width / 2, top + height)
                if width <= 2 * edge and _is_free(box, tips, index):
                    yield _Place(cost + 6 + push / 2, lines, "center", box)
                    break


def _is_free(box: Box, tips: list[Point], index: int) -> bool:
    """Whether a box keeps its distance from the outer ring and from the tip of its own axis."""
    x, y = tips[index]
    away = math.hypot(max(box.left - x, 0.0, x - box.right), max(box.top - y, 0.0, y - box.bottom))
    if away < TIP_GAP - 0.01:
        return False
    # The ring is convex: the two are apart if one of its sides, or of the box's, has them on either hand.
    for (ax, ay), (bx, by) in zip(tips, tips[1:] + tips[:1], strict=True):
        length = math.hypot(bx - ax, by - ay)
        # Clockwise with y downwards: this normal points out of the ring. The deepest corner decides.
        nx, ny = (by - ay) / length, (ax - bx) / length
        px, py = box.left if nx > 0 else box.right, box.top if ny > 0 else box.bottom
        if (px - ax) * nx + (py - ay) * ny >= RING_GAP:
            return True
    return (
        box.left >= max(px for px, _ in tips) + RING_GAP
        or box.right <= min(px for px, _ in tips) - RING_GAP
        or box.top >= max(py for _, py in tips) + RING_GAP
        or box.bottom <= min(py for _, py in tips) - RING_GAP
    )


def _score_size(size: int) -> int:
    return size + 2


def _block_height(count: int, size: int) -> float:
    return (ASCENT + LINE_HEIGHT * (count - 1)) * size + LINE_HEIGHT * _score_size(size) + DESCENT * size


def _label(place: _Place, centre: Point, size: int) -> Label:
    """A place as lines of text on the canvas."""
    box = place.box.moved(*centre)
    x = {"left": box.left, "center": (box.left + box.right) / 2, "right": box.right}[place.align]
    lines = []
    baseline = box.top + ASCENT * size
    for line in place.lines:
        lines.append(Text(line, x, baseline, size, place.align, "label"))
        baseline += LINE_HEIGHT * size
    baseline += LINE_HEIGHT * (_score_size(size) - size)
    return Label(tuple(lines), Text("", x, baseline, _score_size(size), place.align, "score"), box)


def _ring_figures(centre: Point, radius: float, highest: int) -> Iterator[Text]:
    """1 to the highest, left of the axis that points up; every second one where they would touch."""
    step = 1 if radius / highest >= 15 else 2
    size = max(11, min(18, int(0.72 * radius / highest)))
    for level in range(highest, 0, -step):
        x, y = vertex(centre, radius, 0, 1, level / highest)
        yield Text(str(level), x - 8, y - 3, size, "right", "ring")


# --- drawing ----------------------------------------------------------------------------------------------

# Pillow looks a colour up in its palette by steps of four: colours on those steps come out exactly.
PAPER, RING, SPOKE = "#f8fcfc", "#c8d8d8", "#dce8e8"
INK, MUTED = "#183438", "#50686c"
TODAY, TARGET = "#0c7874", "#d06408"
FILL_ALPHA, VEIL_ALPHA = 0.17, 0.5
TODAY_WIDTH, TARGET_WIDTH = 4.5, 3.5
TODAY_MARKER, TARGET_MARKER = 13.0, 15.0
DASHES = (3.0, 1.6)
OVAL = tuple((math.cos(math.pi * step / 12), math.sin(math.pi * step / 12)) for step in range(24))
# Level 9 saves 6 % of the bytes for eight times the time.
PNG_LEVEL = 6
# A background is 2.5 MB. It depends on layout and title: what all pictures of a maturity model share.
_Kept = tuple[_Key, str]
MOST_BACKGROUNDS = 12
COLOURS: dict[Role, str] = {
    "title": INK,
    "subtitle": MUTED,
    "label": INK,
    "score": TODAY,
    "missing": MUTED,
    "ring": MUTED,
    "legend": INK,
}
BOLD: frozenset[Role] = frozenset({"title", "score", "missing"})

# matplotlib's renderer and font objects are not safe to share: whoever measures or draws, holds this.
_lock = threading.RLock()
_painter: _Painter | None = None


def _get_painter() -> _Painter:
    """The one painter; made on first use, because importing matplotlib takes most of a second."""
    global _painter
    with _lock:
        if _painter is None:
            _painter = _Painter()
        return _painter


@lru_cache(maxsize=16384)
def _text_width(text: str, size: float, bold: bool = False) -> float:
    """Width in pixels of one line of text."""
    with _lock:
        return _get_painter().text_width(text, size, bold)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(one: str, other: str, share: float) -> str:
    """The colour at `share` of the way from one to the other."""
    parts = (round(a + (b - a) * share) for a, b in zip(_rgb(one), _rgb(other), strict=True))
    return "#{:02x}{:02x}{:02x}".format(*parts)


def _palette() -> list[int]:
    """The colours of the picture, at most 256: those we draw with, and shades between those that meet."""
    fill, ring_below, spoke_below = (_mixed(colour, TODAY, FILL_ALPHA) for colour in (PAPER, RING, SPOKE))
    meetings = [
        *((PAPER, colour, 8) for colour in (INK, MUTED, TODAY, TARGET)),
        *((fill, colour, 8) for colour in (TODAY, TARGET, MUTED)),
        (TODAY, TARGET, 6),
        *((PAPER, colour, 4) for colour in (RING, SPOKE, fill)),
        *((RING, colour, 4) for colour in (TODAY, TARGET, MUTED)),
        *((fill, colour, 4) for colour in (ring_below, spoke_below)),
        *((ring_below, colour, 4) for colour in (TODAY, TARGET, MUTED)),
    ]
    mixes = (
        _rgb(_mixed(one, other, step / steps)) for one, other, steps in meetings for step in range(steps + 1)
    )
    shades = sorted({tuple(min(252, 4 * round(part / 4)) for part in mix) for mix in mixes})
    return [part for shade in shades for part in shade]


class _Painter:
    """Draws on one matplotlib canvas (dots are pixels: 72 to the inch). Use it with `_lock` held."""

    def __init__(self) -> None:
        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.font_manager import FontProperties
        from PIL import Image

        self._figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), dpi=72)
        self._renderer = FigureCanvasAgg(self._figure).get_renderer()
        folder = os.path.join(matplotlib.get_data_path(), "fonts", "ttf")
        self._files = {
            False: os.path.join(folder, "DejaVuSans.ttf"),
            True: os.path.join(folder, "DejaVuSans-Bold.ttf"),
        }
        self._font_properties = FontProperties
        self._fonts: dict[tuple[float, bool], Any] = {}
        self._backgrounds: OrderedDict[_Kept, Any] = OrderedDict()
        self._palette = Image.new("P", (1, 1))
        self._palette.putpalette(_palette())

    def text_width(self, text: str, size: float, bold: bool) -> float:
        width, _, _ = self._renderer.get_text_width_height_descent(text, self._font(size, bold), False)
        return float(width)

    def ink_box(self, text: Text) -> Box:
        extent = self._text(text).get_window_extent(self._renderer)
        return Box(float(extent.x0), float(HEIGHT - extent.y1), float(extent.x1), float(HEIGHT - extent.y0))

    def paint(self, plan: Geometry, key: _Kept) -> Any:
        """The picture as a Pillow image with a palette: the kept background, then these scores."""
        from PIL import Image

        self._restore_background(plan, key)
        for area in plan.fills:
            self._area(area)
        for line in plan.today.lines:
            self._line(line, TODAY, TODAY_WIDTH)
        for line in plan.target.lines:
            self._line(line, TARGET, TARGET_WIDTH, dashed=True)
        self._ring_figures(plan)
        self._markers(plan)
        subtitle = (text for text in plan.heading if text.role == "subtitle")
        for text in (*subtitle, *(label.score for label in plan.labels)):
            self._text(text).draw(self._renderer)
        image = Image.frombuffer("RGBA", (WIDTH, HEIGHT), self._renderer.buffer_rgba(), "raw", "RGBA", 0, 1)
        return image.convert("RGB").quantize(palette=self._palette, dither=Image.Dither.NONE)

    def _restore_background(self, plan: Geometry, key: _Kept) -> None:
        region = self._backgrounds.get(key)
        if region is None:
            self._draw_background(plan)
            region = self._backgrounds[key] = self._renderer.copy_from_bbox(self._figure.bbox)
            if len(self._backgrounds) > MOST_BACKGROUNDS:
                self._backgrounds.popitem(last=False)
        self._backgrounds.move_to_end(key)
        self._renderer.restore_region(region)

    def _draw_background(self, plan: Geometry) -> None:
        """All that one maturity model's pictures share: paper, grid, title, labels, legend."""
        self._renderer.clear()
        paper = ((0.0, 0.0), (WIDTH, 0.0), (WIDTH, HEIGHT), (0.0, HEIGHT))
        self._area(paper, PAPER, alpha=1.0)
        for tip in plan.tips:
            self._line((plan.centre, tip), SPOKE, 1.5)
        for number, ring in enumerate(plan.rings, start=1):
            self._line(ring, RING, 2.2 if number == len(plan.rings) else 1.5)
        title = (text for text in plan.heading if text.role == "title")
        for text in (*title, *(line for label in plan.labels for line in label.lines), *plan.legend_texts):
            self._text(text).draw(self._renderer)
        styles = ((TODAY, TODAY_WIDTH, "o", TODAY_MARKER), (TARGET, TARGET_WIDTH, "D", TARGET_MARKER))
        for (x, y, width), (colour, thickness, marker, size) in zip(plan.legend, styles, strict=False):
            self._line(((x, y), (x + width, y)), colour, thickness, dashed=marker == "D")
            self._marker([(x + width / 2, y)], colour, marker, size)

    def _ring_figures(self, plan: Geometry) -> None:
        """The figures on a veil of paper, so that a line that runs behind one leaves it readable."""
        for text in plan.ring_figures:
            half_width, half_height = 0.32 * text.size * len(text.text) + 2, 0.37 * text.size + 2
            x, y = text.x - half_width + 2, text.baseline - half_height + 2
            corners = tuple((x + half_width * across, y + half_height * down) for across, down in OVAL)
            self._area(corners, PAPER, VEIL_ALPHA)
            self._text(text).draw(self._renderer)

    def _markers(self, plan: Geometry) -> None:
        """The target's hollow diamonds first: today's smaller dot stays visible inside one."""
        self._marker([point for point in plan.target.vertices if point], TARGET, "D", TARGET_MARKER)
        self._marker([point for point in plan.today.vertices if point], TODAY, "o", TODAY_MARKER)

    def _marker(self, points: Sequence[Point], colour: str, marker: str, size: float) -> None:
        from matplotlib.lines import Line2D

        hollow = marker == "D"
        self._draw(
            Line2D(
                [x for x, _ in points],
                [HEIGHT - y for _, y in points],
                linestyle="none",
                marker=marker,
                markersize=size,
                markerfacecolor=PAPER if hollow else colour,
                markeredgecolor=colour if hollow else PAPER,
                markeredgewidth=3.0 if hollow else 1.5,
                antialiased=True,
            )
        )

    def _line(self, line: Line, colour: str, width: float, dashed: bool = False) -> None:
        from matplotlib.lines import Line2D

        self._draw(
            Line2D(
                [x for x, _ in line],
                [HEIGHT - y for _, y in line],
                color=colour,
                linewidth=width,
                linestyle=(0, DASHES) if dashed else "solid",
                dash_capstyle="butt",
                solid_capstyle="round",
                solid_joinstyle="round",
                dash_joinstyle="round",
                marker="none",
                antialiased=True,
            )
        )

    def _area(self, corners: Line, colour: str = TODAY, alpha: float = FILL_ALPHA) -> None:
        from matplotlib.patches import Polygon

        points = [(x, HEIGHT - y) for x, y in corners]
        self._draw(
            Polygon(points, closed=True, facecolor=colour, alpha=alpha, edgecolor="none", antialiased=True)
        )

    def _draw(self, artist: Any) -> None:
        """Draw an artist in pixels without leaving it on the figure."""
        from matplotlib.transforms import IdentityTransform

        artist.set_figure(self._figure)
        artist.set_transform(IdentityTransform())
        artist.draw(self._renderer)

    def _text(self, text: Text) -> Any:
        from matplotlib.text import Text as Artist
        from matplotlib.transforms import IdentityTransform

        artist = Artist(
            text.x,
            HEIGHT - text.baseline,
            text.text,
            color=COLOURS[text.role],
            fontproperties=self._font(text.size, text.role in BOLD),
            horizontalalignment=text.align,
            verticalalignment="baseline",
            antialiased=True,
            # A '$' in a name is a dollar, not the start of a formula.
            parse_math=False,
            usetex=False,
        )
        artist.set_figure(self._figure)
        artist.set_transform(IdentityTransform())
        return artist

    def _font(self, size: float, bold: bool) -> Any:
        font = self._fonts.get((size, bold))
        if font is None:
            font = self._fonts[size, bold] = self._font_properties(fname=self._files[bold], size=size)
        return font
