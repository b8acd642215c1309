"""The radar picture of a result: today's scores solid and filled, the target dashed, as a PNG for the chat.

An earlier measurement, if there is one, lies below both as a quieter dotted line.

`geometry` decides where everything goes and draws nothing, so that a test can check a vertex by hand.
`render` draws exactly that. All coordinates are pixels with the origin in the top left corner and y
pointing down. Every word arrives in the `RadarSpec`; nothing here knows a language.

The same spec always gives the same bytes: no clock, no randomness, a fixed palette. Importing this loads no
drawing library.
"""

from bot.render.radar.palette import BEFORE, PAPER, TARGET, TODAY
from bot.render.radar.picture import geometry, render, text_boxes, warm_up
from bot.render.radar.shapes import HEIGHT, WIDTH, Box, Geometry, Text, vertex
from bot.render.radar.spec import Axis, RadarError, RadarSpec

__all__ = [
    "BEFORE",
    "HEIGHT",
    "PAPER",
    "TARGET",
    "TODAY",
    "WIDTH",
    "Axis",
    "Box",
    "Geometry",
    "RadarError",
    "RadarSpec",
    "Text",
    "geometry",
    "render",
    "text_boxes",
    "vertex",
    "warm_up",
]
