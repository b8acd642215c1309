"""From a spec to where everything goes, and from there to a PNG."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.render.radar.canvas import lock, painter
from bot.render.radar.layout import heading, layout, layout_key
from bot.render.radar.shapes import Box, Geometry, Label, Role, Series, Text, areas, polylines, vertex
from bot.render.radar.spec import MIN_AXES, Axis, RadarSpec
from bot.render.radar.words import plain

# Level 9 saves 6 % of the bytes for eight times the time.
PNG_LEVEL = 6


def geometry(spec: RadarSpec) -> Geometry:
    """Where everything in the picture of `spec` goes. Raises RadarError if the labels cannot be placed."""
    # Under the lock, so that several first pictures of one model search for its layout once.
    with lock:
        shared = layout(layout_key(spec))
    centre, radius, count = shared.centre, shared.radius, len(spec.axes)

    def series(values: Sequence[float | None]) -> Series:
        vertices = tuple(
            None if value is None else vertex(centre, radius, index, count, value / spec.highest)
            for index, value in enumerate(values)
        )
        return Series(vertices, polylines(vertices))

    today = series([axis.today for axis in spec.axes])
    return Geometry(
        centre=centre,
        radius=radius,
        axis_range=(0, spec.highest),
        tips=tuple(vertex(centre, radius, index, count, 1.0) for index in range(count)),
        rings=shared.rings,
        today=today,
        fills=areas(today, centre),
        target=series([axis.target for axis in spec.axes]),
        before=series([axis.before for axis in spec.axes]),
        labels=tuple(_scored(label, axis) for label, axis in zip(shared.labels, spec.axes, strict=True)),
        heading=heading(spec.title, spec.subtitle)[0],
        ring_figures=shared.ring_figures,
        legend=shared.legend,
        legend_texts=shared.legend_texts,
    )


def render(spec: RadarSpec) -> bytes:
    """The picture as a PNG, WIDTH x HEIGHT pixels, opaque. Safe to call from several threads."""
    plan = geometry(spec)
    with lock:
        image = painter().paint(plan, (layout_key(spec), spec.title))
    # Outside the lock: the packing needs nothing shared, and lets other threads run meanwhile.
    packed = io.BytesIO()
    image.save(packed, "PNG", compress_level=PNG_LEVEL)
    return packed.getvalue()


def text_boxes(spec: RadarSpec) -> tuple[tuple[Text, Box], ...]:
    """Each text of the picture with the box that its ink takes on the canvas, for tests."""
    plan = geometry(spec)
    with lock:
        return tuple((text, painter().ink_box(text)) for text in plan.texts())


def warm_up(specs: Iterable[RadarSpec] = ()) -> None:
    """Load the drawing library and draw once, so that nobody's first picture waits for it.

    `specs`: pictures whose layout and background will be wanted soon, say one for each maturity model.
    """
    axes = tuple(Axis(str(number), 1.0, 2.0, str(number)) for number in range(MIN_AXES))
    for spec in (RadarSpec("", axes, 2, "0", "", "1", "2"), *specs):
        render(spec)


def _scored(label: Label, axis: Axis) -> Label:
    role: Role = "missing" if axis.today is None else "score"
    return replace(label, score=replace(label.score, text=plain(axis.score_text), role=role))
