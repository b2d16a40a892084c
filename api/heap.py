"""What the garbage collector need not look through: modules and all else that stays until a process ends."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def settle_heap() -> None:
    """Tells the garbage collector to leave alone what the start has built; what comes later it looks after.

    It is hundreds of thousands of objects that stay for good. Each of the collector's long rounds would
    stop every order for a tenth of a second or more, to find nothing among them. Safe to repeat.
    """
    gc.freeze()


@contextmanager
def loading() -> Iterator[None]:
    """No collection while modules are imported: a fifth of that time would go into looking for garbage among them."""
    gc.disable()
    try:
        yield
    finally:
        settle_heap()
        gc.enable()
