"""What was computed for a page, kept in this process for as long as what it was computed from is the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """At most `most` values, those that were asked for last; for many threads.

    A value belongs to a state: whatever tells any change of what it is computed from. So the state has to be
    read before what is computed from it: what changes in between makes another state, and is computed anew.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, tuple[object, V]] = OrderedDict()
        self._lock = Lock()

    def get(
        self, key: Hashable, state: object, make: Callable[[], V], holds: Callable[[V], bool] | None = None
    ) -> V:
        """The value of this key in this state; computed unless it is kept and, if asked for, `holds`."""
        with self._lock:
            found = self._values.get(key)
            if found is not None and found[0] == state and (holds is None or holds(found[1])):
                self._values.move_to_end(key)
                return found[1]
        value = make()
        with self._lock:
            self._values[key] = (state, value)
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value
