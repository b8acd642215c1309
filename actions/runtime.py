"""Holds the use-cases that the actions call: they are given at start, never built at import."""

from __future__ import annotations

from typing import Protocol


class TakesTurns(Protocol):
    """What the actions need of the use-cases."""

    def take_turn(self, turn_id: str, meaning: str) -> None:
        """Does the turn with this id, `meaning` being what its message was understood as.

        Raises: whatever went wrong; the turn is then not done, and is repeated by the gateway.
        """


_configured: TakesTurns | None = None


def configure(use_cases: TakesTurns) -> None:
    """Sets the use-cases for all actions of this process."""
    global _configured
    _configured = use_cases


def use_cases() -> TakesTurns:
    """Returns the use-cases.

    Raises:
        RuntimeError: `configure` was not called yet.
    """
    if _configured is None:
        raise RuntimeError("The action server has no use-cases: actions.runtime.configure was not called.")
    return _configured
