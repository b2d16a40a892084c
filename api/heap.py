"""What the garbage collector need not look through: modules and all else that stays until a process ends."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

ROUNDS = 10_000, 20, 50
"""Objects before a short round of the garbage collector, short rounds before a middle one, middle before a long one."""


def settle_heap() -> None:
    """Tells the garbage collector to leave alone what the start has built; what comes later it looks after.

    It is hundreds of thousands of objects that stay for good. Each of the collector's long rounds would
    stop every order for a tenth of a second or more, to find nothing among them. Short rounds come less
    often than Python's own: nearly all that an order leaves behind is freed by its last reference, and
    what the rounds walk through are the orders that stay. Safe to repeat, as after what is loaded later.
    """
    gc.set_threshold(*ROUNDS)
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
