"""Drawing with matplotlib and Pillow; only `canvas.painter` imports this, because loading them is slow."""

from __future__ import annotations

import math
import os
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.text import Text as TextArtist
from matplotlib.transforms import IdentityTransform
from PIL import Image

from bot.render.radar.palette import (
    BEFORE,
    FILL_ALPHA,
    INK,
    MUTED,
    PAPER,
    RING,
    SPOKE,
    TARGET,
    TODAY,
    palette,
)
from bot.render.radar.shapes import HEIGHT, WIDTH, Box, Geometry, Line, Point, Role, Text

VEIL_ALPHA = 0.5
DASHES, DOTS = (3.0, 1.6), (1.0, 1.0)
OVAL = tuple((math.cos(math.pi * step / 12), math.sin(math.pi * step / 12)) for step in range(24))
# A background is 2.5 MB. It depends on layout and title: what all pictures of a maturity model share.
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


@dataclass(frozen=True)
class _Style:
    """How a line is drawn; one with a marker has it on each vertex."""

    colour: str
    width: float
    dashes: tuple[float, float] | None = None
    marker: str = ""
    marker_size: float = 0.0
    hollow: bool = False


TODAY_STYLE = _Style(TODAY, 4.5, marker="o", marker_size=13.0)
TARGET_STYLE = _Style(TARGET, 3.5, DASHES, marker="D", marker_size=15.0, hollow=True)
BEFORE_STYLE = _Style(BEFORE, 4.0, DOTS, marker="s", marker_size=9.0)
SPOKE_STYLE, RING_STYLE, RIM_STYLE = _Style(SPOKE, 1.5), _Style(RING, 1.5), _Style(RING, 2.2)


class Painter:
    """Draws on one matplotlib canvas (dots are pixels: 72 to the inch). Use it with `canvas.lock` held."""

    def __init__(self) -> None:
        self._figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), dpi=72)
        self._renderer = FigureCanvasAgg(self._figure).get_renderer()
        self._backgrounds: OrderedDict[Hashable, Any] = OrderedDict()
        self._palette = Image.new("P", (1, 1))
        self._palette.putpalette(palette())

    def text_width(self, text: str, size: float, bold: bool) -> float:
        """Width in pixels of one line of text."""
        width, _, _ = self._renderer.get_text_width_height_descent(text, font(size, bold), False)
        return float(width)

    def ink_box(self, text: Text) -> Box:
        """The box that the ink of a text takes on the canvas."""
        extent = self._text(text).get_window_extent(self._renderer)
        return Box(float(extent.x0), float(HEIGHT - extent.y1), float(extent.x1), float(HEIGHT - extent.y0))

    def paint(self, plan: Geometry, key: Hashable) -> Image.Image:
        """The picture as an image with a palette. `key`: what its background depends on."""
        self._restore_background(plan, key)
        for area in plan.fills:
            self._area(area, TODAY, FILL_ALPHA)
        lines = ((plan.before, BEFORE_STYLE), (plan.today, TODAY_STYLE), (plan.target, TARGET_STYLE))
        for series, style in lines:
            for line in series.lines:
                self._line(line, style)
        self._ring_figures(plan.ring_figures)
        # The target's hollow diamonds first: today's smaller dot stays visible inside one, and the earlier
        # square, smaller still, below it.
        for series, style in (
            (plan.target, TARGET_STYLE),
            (plan.before, BEFORE_STYLE),
            (plan.today, TODAY_STYLE),
        ):
            self._markers([point for point in series.vertices if point], style)
        self._texts(text for text in plan.heading if text.role == "subtitle")
        self._texts(label.score for label in plan.labels)
        image = Image.frombuffer("RGBA", (WIDTH, HEIGHT), self._renderer.buffer_rgba(), "raw", "RGBA", 0, 1)
        return image.convert("RGB").quantize(palette=self._palette, dither=Image.Dither.NONE)

    def _restore_background(self, plan: Geometry, key: Hashable) -> None:
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
        self._area(((0.0, 0.0), (WIDTH, 0.0), (WIDTH, HEIGHT), (0.0, HEIGHT)), PAPER, alpha=1.0)
        for tip in plan.tips:
            self._line((plan.centre, tip), SPOKE_STYLE)
        *inner, rim = plan.rings
        for ring in inner:
            self._line(ring, RING_STYLE)
        self._line(rim, RIM_STYLE)
        self._texts(text for text in plan.heading if text.role == "title")
        self._texts(line for label in plan.labels for line in label.lines)
        self._texts(plan.legend_texts)
        shown = [TODAY_STYLE]
        shown += [TARGET_STYLE] if any(plan.target.vertices) else []
        shown += [BEFORE_STYLE] if any(plan.before.vertices) else []
        for (x, y, width), style in zip(plan.legend, shown, strict=True):
            self._line(((x, y), (x + width, y)), style)
            self._markers([(x + width / 2, y)], style)

    def _ring_figures(self, figures: Sequence[Text]) -> None:
        """The figures on a veil of paper, so that a line that runs behind one leaves it readable."""
        for text in figures:
            half_width, half_height = 0.32 * text.size * len(text.text) + 2, 0.37 * text.size + 2
            x, y = text.x - half_width + 2, text.baseline - half_height + 2
            corners = tuple((x + half_width * across, y + half_height * down) for across, down in OVAL)
            self._area(corners, PAPER, VEIL_ALPHA)
            self._texts([text])

    def _markers(self, points: Sequence[Point], style: _Style) -> None:
        self._draw(
            Line2D(
                *_across_and_up(points),
                linestyle="none",
                marker=style.marker,
                markersize=style.marker_size,
                markerfacecolor=PAPER if style.hollow else style.colour,
                markeredgecolor=style.colour if style.hollow else PAPER,
                markeredgewidth=3.0 if style.hollow else 1.5,
                antialiased=True,
            )
        )

    def _line(self, line: Line, style: _Style) -> None:
        self._draw(
            Line2D(
                *_across_and_up(line),
                color=style.colour,
                linewidth=style.width,
                linestyle=(0, style.dashes) if style.dashes else "solid",
                dash_capstyle="butt",
                solid_capstyle="round",
                solid_joinstyle="round",
                dash_joinstyle="round",
                marker="none",
                antialiased=True,
            )
        )

    def _area(self, corners: Line, colour: str, alpha: float) -> None:
        points = list(zip(*_across_and_up(corners), strict=True))
        self._draw(
            Polygon(points, closed=True, facecolor=colour, alpha=alpha, edgecolor="none", antialiased=True)
        )

    def _texts(self, texts: Iterable[Text]) -> None:
        for text in texts:
            self._text(text).draw(self._renderer)

    def _text(self, text: Text) -> Any:
        artist = TextArtist(
            text.x,
            HEIGHT - text.baseline,
            text.text,
            color=COLOURS[text.role],
            fontproperties=font(text.size, text.role in BOLD),
            horizontalalignment=text.align,
            verticalalignment="baseline",
            antialiased=True,
            # A '$' in a name is a dollar, not the start of a formula.
            parse_math=False,
            usetex=False,
        )
        return self._in_pixels(artist)

    def _draw(self, artist: Any) -> None:
        self._in_pixels(artist).draw(self._renderer)

    def _in_pixels(self, artist: Any) -> Any:
        """The artist ready to be drawn in pixels, without leaving it on the figure."""
        artist.set_figure(self._figure)
        artist.set_transform(IdentityTransform())
        return artist


def _across_and_up(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    """Our points as matplotlib counts them: all x, and all y from the bottom upwards."""
    return [x for x, _ in points], [HEIGHT - y for _, y in points]


@cache
def font(size: float, bold: bool) -> Any:
    """The letters of our pictures in this size, in pixels."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return FontProperties(fname=os.path.join(matplotlib.get_data_path(), "fonts", "ttf", name), size=size)
