"""Where someone is in an assessment: which items are asked, which comes next.

`asked` is, in every function, the items that the chosen depth asks (a quick scan: one a dimension), in any
order; None asks all. Items are always asked in the model's own order. ValueError when `asked` or
`item_id` names an item that is not there.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.assessment.answers import Answers
from bot.assessment.definitions import MaturityModel
from bot.assessment.kinds import is_complete


def asked_items(model: MaturityModel, asked: Collection[str] | None = None) -> tuple[str, ...]:
    """The ids of the items that are asked, in the model's order."""
    everything = model.item_ids()
    if asked is None:
        return everything
    unknown = sorted(set(asked) - set(everything))
    if unknown:
        raise ValueError(f"maturity model {model.id!r} has no item {unknown[0]!r}")
    return tuple(item_id for item_id in everything if item_id in asked)


def next_item(model: MaturityModel, answers: Answers, *, asked: Collection[str] | None = None) -> str | None:
    """The first asked item without a complete answer; None when there is none left.

    Don't know, does not apply and skipped are answers here: nobody is asked the same thing again by itself.
    """
    return next(
        (
            item_id
            for item_id in asked_items(model, asked)
            if not is_complete(model.item(item_id)[1], answers.get(item_id))
        ),
        None,
    )


def position(model: MaturityModel, item_id: str, asked: Collection[str] | None = None) -> tuple[int, int]:
    """The item's number among the asked items, from 1, and how many are asked: (4, 18)."""
    items = asked_items(model, asked)
    return _index(model, items, item_id) + 1, len(items)


def previous_item(model: MaturityModel, item_id: str, asked: Collection[str] | None = None) -> str | None:
    """The asked item before this one; None when it is the first."""
    items = asked_items(model, asked)
    index = _index(model, items, item_id)
    return items[index - 1] if index else None


def _index(model: MaturityModel, items: tuple[str, ...], item_id: str) -> int:
    try:
        return items.index(item_id)
    except ValueError:
        raise ValueError(f"maturity model {model.id!r} does not ask item {item_id!r} here") from None
