"""Drawing a stored picture, whichever kind it is; the kind stands in its JSON."""

from __future__ import annotations

import json

from bot.render import matrix, radar


def draw(spec: str) -> bytes:
    """The PNG of a picture's JSON. One without a kind is a radar: so were all pictures before there were two.

    Raises ValueError for what is no picture of ours.
    """
    fields = json.loads(spec)
    if isinstance(fields, dict) and fields.get("kind") == matrix.KIND:
        return matrix.render(matrix.MatrixSpec.from_json(spec))
    return radar.render(radar.RadarSpec.from_json(spec))
