"""What was worked out before, kept in this process by all that it follows from: what changes has another key."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """At most so many values; those that were worked out first go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Key, Value] = {}
        self._lock = Lock()

    def of(self, key: Key, work_out: Callable[[], Value]) -> Value:
        """Return the value of a key, which is worked out if it is not there."""
        with self._lock:
            if key in self._values:
                return self._values[key]
        value = work_out()  # two may do so at once, and get the same
        with self._lock:
            while len(self._values) >= self._most:
                del self._values[next(iter(self._values))]
            self._values[key] = value
        return value
