"""The one painter and the lock that guards it; matplotlib is loaded when it is first wanted."""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.render.radar.painter import Painter

# matplotlib's renderer and font objects are not safe to share: whoever measures or draws, holds this.
lock = threading.RLock()


@cache
def painter() -> Painter:
    """The one painter, to be used with `lock` held; importing matplotlib takes most of a second."""
    from bot.render.radar.painter import Painter

    return Painter()


@lru_cache(maxsize=16384)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width in pixels of one line of text."""
    with lock:
        return painter().text_width(text, size, bold)
