"""The colours of the picture, and the few shades of them that its PNG may hold."""

from __future__ import annotations

# Pillow looks a colour up in its palette by steps of four: colours on those steps come out exactly.
PAPER, RING, SPOKE = "#f8fcfc", "#c8d8d8", "#dce8e8"
INK, MUTED = "#183438", "#50686c"
TODAY, TARGET = "#0c7874", "#d06408"
# Lighter than both others, so that the three differ in print and for the colour-blind as well.
BEFORE = "#948cb4"
FILL_ALPHA = 0.17


def palette() -> list[int]:
    """The colours of the picture, at most 256: those we draw with, and shades between those that meet."""
    fill, ring_below, spoke_below = (mixed(colour, TODAY, FILL_ALPHA) for colour in (PAPER, RING, SPOKE))
    meetings = [
        *((PAPER, colour, 8) for colour in (INK, MUTED, TODAY, TARGET, BEFORE)),
        *((fill, colour, 8) for colour in (TODAY, TARGET, BEFORE, MUTED)),
        (TODAY, TARGET, 6),
        *((colour, BEFORE, 6) for colour in (TODAY, TARGET)),
        *((PAPER, colour, 4) for colour in (RING, SPOKE, fill)),
        *((RING, colour, 4) for colour in (TODAY, TARGET, BEFORE, MUTED)),
        *((fill, colour, 4) for colour in (ring_below, spoke_below)),
        *((ring_below, colour, 4) for colour in (TODAY, TARGET, BEFORE, MUTED)),
    ]
    mixes = (
        _rgb(mixed(one, other, step / steps)) for one, other, steps in meetings for step in range(steps + 1)
    )
    shades = sorted({tuple(min(252, 4 * round(part / 4)) for part in mix) for mix in mixes})
    return [part for shade in shades for part in shade]


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mixed(one: str, other: str, share: float) -> str:
    """The colour at `share` of the way from one to the other."""
    parts = (round(a + (b - a) * share) for a, b in zip(_rgb(one), _rgb(other), strict=True))
    return "#{:02x}{:02x}{:02x}".format(*parts)
