"""The matrix of benefit and investment: nine cells with numbered steps, and below them what the numbers are.

Made like the radar beside it, and with its letters, lines and colours: `geometry` decides where everything
goes and draws nothing, `render` draws exactly that. Coordinates are pixels with the origin in the top left
corner. Every word arrives in the `MatrixSpec`; nothing here knows a language. The same spec always gives the
same bytes. Importing this loads no drawing library.
"""

from bot.render.matrix.picture import render
from bot.render.matrix.plan import Disc, Geometry, geometry
from bot.render.matrix.spec import KIND, MAX_STEPS, MatrixError, MatrixSpec, Step
from bot.render.radar.shapes import WIDTH

__all__ = [
    "KIND",
    "MAX_STEPS",
    "WIDTH",
    "Disc",
    "Geometry",
    "MatrixError",
    "MatrixSpec",
    "Step",
    "geometry",
    "render",
]
