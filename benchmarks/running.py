"""What each bench does besides measuring: its signals, how it fails, and where its figures go."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


def say(told: str) -> None:
    """Tells how far it is, apart from the figures."""
    print(told, file=sys.stderr, flush=True)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def carry_out(work: Callable[[], T], failures: tuple[type[Exception], ...], name: str) -> T:
    """What `work` returns. Raises SystemExit: 130 when it is stopped, 1 when one of `failures` ends it."""
    for one in [one for one in os.environ if one.startswith("PEIL_")]:
        del os.environ[one]  # a setting of this machine must not change what is measured
    # SIGINT as well: where a shell has started us in the background, it is ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return work()
    except KeyboardInterrupt:
        say("Stopped.")
        raise SystemExit(130) from None
    except failures as error:
        say(f"{name} did not come to its end: {error}")
        raise SystemExit(1) from None


def keep(reported: Any, file: Path) -> None:
    """Writes the figures as JSON, and says where they are."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(reported, indent=2) + "\n", encoding="utf-8")
    say(f"The same as JSON: {file}")
