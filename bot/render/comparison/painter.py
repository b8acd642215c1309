"""Drawing shapes with matplotlib and Pillow; only imported when the first one is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text as TextArtist
from matplotlib.transforms import Affine2D
from PIL import Image

from bot.render.comparison.shapes import Area, Letters, Mark, Shape, Stroke
from bot.render.radar.painter import font
from bot.render.radar.palette import PAPER
from bot.render.radar.shapes import WIDTH


class Canvas:
    """One picture of this height, `scale` dots to the pixel; to be used with `canvas.lock` held."""

    def __init__(self, height: int, scale: int) -> None:
        self._height, self._scale = height, scale
        # Lines and letters are measured in points: with this many dots to the inch they grow along.
        self._figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72 * scale)
        self._renderer = FigureCanvasAgg(self._figure).get_renderer()

    def paint(self, shapes: Iterable[Shape]) -> Image.Image:
        """The picture of these shapes, the first at the bottom."""
        for shape in shapes:
            artist = self._artist(shape)
            artist.set_figure(self._figure)
            artist.set_transform(Affine2D().scale(self._scale))
            artist.draw(self._renderer)
        size = (WIDTH * self._scale, self._height * self._scale)
        image = Image.frombuffer("RGBA", size, self._renderer.buffer_rgba(), "raw", "RGBA", 0, 1)
        return image.convert("RGB").quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)

    def _artist(self, shape: Shape) -> Any:
        match shape:
            case Area():
                points, codes = [], []
                for ring in shape.rings:
                    points += [(x, self._height - y) for x, y in (*ring, ring[0])]
                    codes += [Path.MOVETO, *[Path.LINETO] * (len(ring) - 1), Path.CLOSEPOLY]
                return PathPatch(
                    Path(points, codes),
                    facecolor=shape.fill or "none",
                    edgecolor=shape.edge or "none",
                    linewidth=shape.width if shape.edge else 0.0,
                )
            case Stroke():
                return Line2D(
                    [x for x, _ in shape.line],
                    [self._height - y for _, y in shape.line],
                    color=shape.colour,
                    linewidth=shape.width,
                    linestyle=(0, shape.dashes) if shape.dashes else "solid",
                    dash_capstyle="butt",
                    solid_capstyle="round",
                    solid_joinstyle="round",
                )
            case Mark():
                return Line2D(
                    [shape.point[0]],
                    [self._height - shape.point[1]],
                    linestyle="none",
                    marker=shape.kind,
                    markersize=shape.size,
                    markerfacecolor=PAPER if shape.hollow else shape.colour,
                    markeredgecolor=shape.colour if shape.hollow else PAPER,
                    markeredgewidth=3.0 if shape.hollow else 1.5,
                )
            case Letters():
                return TextArtist(
                    shape.text.x,
                    self._height - shape.text.baseline,
                    shape.text.text,
                    color=shape.colour,
                    fontproperties=font(shape.text.size, shape.bold),
                    horizontalalignment=shape.text.align,
                    verticalalignment="baseline",
                    # A '$' in a name is a dollar, not the start of a formula.
                    parse_math=False,
                    usetex=False,
                )
