"""Books rebuilt from market data: by price (L2) and by order (L3), and the judge of both.

Crossed: the best bid is at or above the best ask when an event ends (never inside one). In a file
that prints trades, a crossing counts as `crossed_auction` while none prints: before the first trade
after the book was cleared, or when the crossing has lasted a second without one.

Mismatches, one each: a level of a snapshot that the book rebuilt from updates does not have in that
size (or has and the snapshot has not, within the snapshot's depth); a size below zero; an update
that is not the next by the source's own numbering; and, once the whole book is known, the removal
of a level or order that is not there, an order added twice, more cancelled than was left.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

Side = Literal["bid", "ask"]
QUIET_NS = 1_000_000_000


class Level(NamedTuple):
    """A price and what stands there afterwards; 0 removes it."""

    side: Side
    price: Decimal
    size: Decimal


class Event(NamedTuple):
    """What a venue sent as one: afterwards the book must stand.

    `strict`: the source's snapshots are whole and a removal of an unknown level is an error.
    `follows` is whether it is the next by the source's numbering.
    """

    instrument: str
    snapshot: bool
    levels: tuple[Level, ...]
    strict: bool
    follows: bool = True


@dataclass
class Tally:
    """What was found in one instrument's events."""

    events: int = 0
    crossed: int = 0
    crossed_auction: int = 0
    mismatches: int = 0


class Ladder:
    """One side: size by price, and the best price (a heap, cleaned when it is read)."""

    def __init__(self, side: Side) -> None:
        self._sign = -1 if side == "bid" else 1
        self.sizes: dict[Decimal, Decimal] = {}
        self._heap: list[Decimal] = []

    def put(self, price: Decimal, size: Decimal) -> None:
        """Sets what stands at a price; nothing or less removes it."""
        if size <= 0:
            self.sizes.pop(price, None)
            return
        if price not in self.sizes:
            heapq.heappush(self._heap, price * self._sign)
        self.sizes[price] = size

    @property
    def best(self) -> Decimal | None:
        """The best price; None for an empty side."""
        while self._heap and self._heap[0] * self._sign not in self.sizes:
            heapq.heappop(self._heap)
        return self._heap[0] * self._sign if self._heap else None

    def top(self, count: int) -> dict[Decimal, Decimal]:
        """The best `count` levels."""
        return {price: self.sizes[price] for price in sorted(self.sizes, key=lambda p: p * self._sign)[:count]}


class Ladders:
    """Both sides of a book."""

    def __init__(self) -> None:
        self.bid, self.ask = Ladder("bid"), Ladder("ask")

    def side(self, side: Side) -> Ladder:
        """One of them."""
        return self.bid if side == "bid" else self.ask

    @property
    def crossed(self) -> bool:
        """Whether the best bid is at or above the best ask."""
        bid, ask = self.bid.best, self.ask.best
        return bid is not None and ask is not None and bid >= ask


class LevelBook:
    """A book by price, from snapshots and updates."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._sides = Ladders()
        self._known = self._updated = False

    def apply(self, event: Event) -> None:
        """Applies one event and judges the book after it."""
        self.tally.events += 1
        self.tally.mismatches += (not event.follows) + sum(level.size < 0 for level in event.levels)
        if event.snapshot:
            self._replace(event)
        else:
            self._update(event)
        self.tally.crossed += self._sides.crossed

    def _replace(self, event: Event) -> None:
        fresh = Ladders()
        for level in event.levels:
            fresh.side(level.side).put(level.price, level.size)
        if self._updated:
            for ours, theirs in ((self._sides.bid, fresh.bid), (self._sides.ask, fresh.ask)):
                found, given = ours.top(len(theirs.sizes)), theirs.sizes
                self.tally.mismatches += sum(found.get(p) != given.get(p) for p in found.keys() | given.keys())
        self._sides, self._known, self._updated = fresh, event.strict, False

    def _update(self, event: Event) -> None:
        for level in event.levels:
            side = self._sides.side(level.side)
            if self._known and not level.size and level.price not in side.sizes:
                self.tally.mismatches += 1
            side.put(level.price, level.size)
        self._updated = True


class Order(NamedTuple):
    """An order that stands."""

    side: Side
    price: Decimal
    size: Decimal


@dataclass
class OrderBook:
    """A book by order. Methods are the venue's actions; `end` judges when an event ends."""

    tally: Tally = field(default_factory=Tally)
    orders: dict[int, Order] = field(default_factory=dict)
    _sides: Ladders = field(default_factory=Ladders)
    _known: bool = False
    _traded: bool = False
    _since: int | None = None
    _printed: bool = False

    def clear(self) -> None:
        """Forgets everything; from here on every order is known, and no trade has printed."""
        self.orders.clear()
        self._sides, self._known, self._traded, self._since = Ladders(), True, False, None

    def add(self, id: int, order: Order) -> None:
        """A new order."""
        self.tally.mismatches += (id in self.orders) + (order.size < 0)
        self._remove(id)
        self._stand(id, order)

    def modify(self, id: int, order: Order) -> None:
        """Another price or size; an unknown order is added."""
        self.tally.mismatches += (self._known and id not in self.orders) + (order.size < 0)
        self._remove(id)
        self._stand(id, order)

    def cancel(self, id: int, size: Decimal) -> None:
        """Takes size away (after a fill or a cancel)."""
        known = self.orders.get(id)
        if known is None:
            self.tally.mismatches += self._known
            return
        self.tally.mismatches += size > known.size
        self._remove(id)
        self._stand(id, known._replace(size=known.size - size))

    def trade(self) -> None:
        """A trade printed; what it took is cancelled by messages of its own."""
        self._traded = self._printed = True

    def end(self, at: int) -> None:
        """The event ended at `at` (nanoseconds)."""
        self.tally.events += 1
        if not self._sides.crossed:
            self._since = None
        else:
            if self._since is None or self._printed:
                self._since = at
            quiet = not self._printed and (not self._traded or at - self._since >= QUIET_NS)
            self.tally.crossed_auction += quiet
            self.tally.crossed += not quiet
        self._printed = False

    def _stand(self, id: int, order: Order) -> None:
        if order.size > 0:
            self.orders[id] = order
            ladder = self._sides.side(order.side)
            ladder.put(order.price, ladder.sizes.get(order.price, Decimal(0)) + order.size)

    def _remove(self, id: int) -> None:
        known = self.orders.pop(id, None)
        if known is not None:
            ladder = self._sides.side(known.side)
            ladder.put(known.price, ladder.sizes[known.price] - known.size)


def tally_events(events: Iterable[Event]) -> dict[str, Tally]:
    """Every instrument's book by price, judged."""
    books: dict[str, LevelBook] = {}
    for event in events:
        books.setdefault(event.instrument, LevelBook()).apply(event)
    return {instrument: book.tally for instrument, book in books.items()}
