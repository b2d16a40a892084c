"""Rows that the desk's one holder alone writes, remembered once they were read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Known(Generic[T]):
    """Values by key, each read once until it is changed. Thread-safe."""

    def __init__(self) -> None:
        self._lock, self._values = threading.RLock(), dict[str, T]()

    def get(self, key: str, read: Callable[[], T]) -> T:
        """The value; `read` fetches it at the first call after a change. What `read` raises is raised, and not kept."""
        found = self._values.get(key)
        if found is not None:
            return found
        with self._lock:
            value = self._values[key] = read()
            return value

    @contextmanager
    def changing(self, key: str) -> Iterator[None]:
        """Around a whole transaction that may change the row; whoever asks meanwhile waits or gets the old value."""
        with self._lock:
            try:
                yield
            finally:
                self._values.pop(key, None)
