"""Drawing the matrix with matplotlib and Pillow; only imported when the first one is drawn."""

from __future__ import annotations

from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.text import Text as TextArtist
from matplotlib.transforms import IdentityTransform
from PIL import Image

from bot.render.matrix.plan import Disc, Geometry
from bot.render.radar.painter import BOLD, COLOURS, font
from bot.render.radar.palette import FILL_ALPHA, MUTED, PAPER, RING, TODAY, mixed, palette
from bot.render.radar.shapes import WIDTH, Text

# Edge and area of a disc; the same looks as in the report.
_LOOKS = {"now": (TODAY, TODAY), "next": (TODAY, mixed(PAPER, TODAY, FILL_ALPHA)), "later": (MUTED, PAPER)}


class Canvas:
    """One picture of this height; to be used with the radar's `canvas.lock` held."""

    def __init__(self, height: int) -> None:
        self._height = height
        self._figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
        self._renderer = FigureCanvasAgg(self._figure).get_renderer()

    def paint(self, plan: Geometry) -> Image.Image:
        """The picture as an image with the radar's palette."""
        self._area(0.0, 0.0, WIDTH, self._height, PAPER, 1.0, None)
        for cell in plan.cells:
            box = cell.box
            wide, high = box.right - box.left, box.bottom - box.top
            if cell.pays:
                self._area(box.left, box.top, wide, high, TODAY, FILL_ALPHA, None)
            self._area(box.left, box.top, wide, high, None, 1.0, RING)
        for disc in (*plan.discs, *plan.listed):
            self._disc(disc)
        for text in plan.texts:
            self._text(text, COLOURS[text.role], text.role in BOLD)
        size = (WIDTH, self._height)
        image = Image.frombuffer("RGBA", size, self._renderer.buffer_rgba(), "raw", "RGBA", 0, 1)
        colours = Image.new("P", (1, 1))
        colours.putpalette(palette())
        return image.convert("RGB").quantize(palette=colours, dither=Image.Dither.NONE)

    def _disc(self, disc: Disc) -> None:
        edge, area = _LOOKS[disc.horizon]
        self._draw(
            Circle(
                (disc.x, self._height - disc.y),
                disc.radius - 1.25,
                facecolor=area,
                edgecolor=edge,
                linewidth=2.5,
            )
        )
        if disc.number:
            size = disc.radius * (1.1 if disc.number < 10 else 1.0)
            number = Text(str(disc.number), disc.x, disc.y + 0.365 * size, size, "center", "score")
            self._text(number, PAPER if area == edge else edge, bold=True)

    def _area(
        self, x: float, y: float, wide: float, high: float, colour: str | None, alpha: float, edge: str | None
    ) -> None:
        self._draw(
            Rectangle(
                (x, self._height - y - high),
                wide,
                high,
                facecolor=colour or "none",
                edgecolor=edge or "none",
                linewidth=2.0 if edge else 0.0,
                alpha=alpha,
            )
        )

    def _text(self, text: Text, colour: str, bold: bool) -> None:
        self._draw(
            TextArtist(
                text.x,
                self._height - text.baseline,
                text.text,
                color=colour,
                fontproperties=font(text.size, bold),
                horizontalalignment=text.align,
                verticalalignment="baseline",
                antialiased=True,
                parse_math=False,
                usetex=False,
            )
        )

    def _draw(self, artist: Any) -> None:
        artist.set_figure(self._figure)
        artist.set_transform(IdentityTransform())
        artist.draw(self._renderer)
