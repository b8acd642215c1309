"""From a spec to a PNG."""

from __future__ import annotations

import io

from bot.render.matrix.plan import geometry
from bot.render.matrix.spec import MatrixSpec
from bot.render.radar.canvas import lock
from bot.render.radar.picture import PNG_LEVEL


def render(spec: MatrixSpec) -> bytes:
    """The picture as a PNG, WIDTH pixels wide, opaque. Safe to call from several threads."""
    from bot.render.matrix.painter import Canvas

    # The lock first: letters are measured by the painter that also draws the radar.
    with lock:
        plan = geometry(spec)
        image = Canvas(plan.height).paint(plan)
    packed = io.BytesIO()
    image.save(packed, "PNG", compress_level=PNG_LEVEL)
    return packed.getvalue()
