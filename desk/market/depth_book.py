"""One instrument's order book, kept from a snapshot and numbered changes, as Binance documents it.

Changes are held until a snapshot is there; those that end at or before it are thrown away; the first that is applied
must begin at or before the snapshot's next number and end at or after it, each later one must begin right after the
last. Anything else means that a change was lost: the book is not `good` until a new snapshot.
"""

from __future__ import annotations

import threading
from collections import deque
from decimal import Decimal
from typing import NamedTuple

from desk.market.events import DepthDiff, DepthSnapshot

MOST_HELD = 5_000


class DepthTop(NamedTuple):
    """The best levels of both sides, best first, after the change numbered `last`."""

    last: int
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]


class DepthBook:
    """Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: deque[DepthDiff] = deque(maxlen=MOST_HELD)
        self._bids: dict[Decimal, Decimal] = {}
        self._asks: dict[Decimal, Decimal] = {}
        self._last: int | None = None
        self._begun = False
        self.resyncs = 0

    @property
    def good(self) -> bool:
        """Whether the book is that of the source after the last change heard."""
        return self._last is not None

    def take(self, diff: DepthDiff) -> bool:
        """Applies or holds a change. False when a snapshot is needed."""
        with self._lock:
            if self._last is None:
                self._held.append(diff)
                return False
            return self._apply(diff)

    def take_snapshot(self, snapshot: DepthSnapshot) -> bool:
        """Begins anew from a whole book and the changes held since. False when it is too old for them: ask again."""
        with self._lock:
            if self._held and self._held[0].first > snapshot.last + 1:
                return False
            self._bids, self._asks = dict(snapshot.bids), dict(snapshot.asks)
            self._last, self._begun = snapshot.last, False
            held, self._held = list(self._held), deque(maxlen=MOST_HELD)
            return all(self._apply(diff) for diff in held) and self._last is not None

    def lose(self) -> None:
        """The line was lost: what comes next follows on nothing."""
        with self._lock:
            self._last = None
            self._held.clear()

    def top(self, levels: int) -> DepthTop | None:
        """The best `levels`; None while the book is not good."""
        with self._lock:
            if self._last is None:
                return None
            bids = sorted(self._bids.items(), reverse=True)[:levels]
            asks = sorted(self._asks.items())[:levels]
            return DepthTop(self._last, tuple(bids), tuple(asks))

    def _apply(self, diff: DepthDiff) -> bool:
        last = self._last
        if last is None:
            self._held.append(diff)
            return False
        if diff.last <= last:
            return True  # before the snapshot, or heard twice
        follows = diff.first == last + 1 if self._begun else diff.first <= last + 1
        if not follows:
            self._last = None
            self.resyncs += 1
            self._held.clear()
            self._held.append(diff)
            return False
        for side, changes in ((self._bids, diff.bids), (self._asks, diff.asks)):
            for price, size in changes:
                if size:
                    side[price] = size
                else:
                    side.pop(price, None)
        self._last, self._begun = diff.last, True
        return True
