"""One side of one symbol in the readable matching engine: price levels, best first, first come first served.

Prices are kept as *keys* so that larger is better on every side (`Side`): a bid's key is its price,
an ask's is minus its price, a waiting buy stop's minus its trigger, a waiting sell stop's its trigger.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from desk.trading.messages import Kind, Tif

PAGE_BITS = 9
"""The native engine keeps 512 neighbouring prices in a page and bounds how many pages are in use."""


class Side(IntEnum):
    """The four ladders of a symbol. The first two stand for the sides of an order as well."""

    BIDS = 0
    ASKS = 1
    BUY_STOPS = 2
    SELL_STOPS = 3

    def key(self, price: int) -> int:
        """The key of a price; applied to a key, the price."""
        return price if self in (Side.BIDS, Side.SELL_STOPS) else -price


@dataclass
class Waiting:
    """An order that waits: `qty` lots show, `hidden` ones of an iceberg do not."""

    id: int
    symbol: int
    account: int
    order_side: int
    tif: int
    side: Side
    key: int
    qty: int
    hidden: int
    display: int
    price: int
    expiry: int
    kind: int

    @property
    def lots(self) -> int:
        """All lots, shown or not."""
        return self.qty + self.hidden

    @property
    def is_stop(self) -> bool:
        """Whether it waits for its trigger."""
        return self.side >= Side.BUY_STOPS

    @property
    def ends_with_session(self) -> bool:
        """Whether it has a last session."""
        return self.tif in (Tif.DAY, Tif.GTD)

    @property
    def numbers(self) -> tuple[int, ...]:
        """What the state hash takes in of it: a plain order is told by the first five."""
        plain = (self.id, self.key, self.qty, self.hidden, self.account)
        if self.display or self.ends_with_session or self.is_stop:
            return (*plain, self.display, self.price, self.expiry, self.kind, self.tif)
        return plain

    @property
    def kind_when_triggered(self) -> int:
        """What a stop becomes."""
        return Kind.MARKET if self.kind == Kind.STOP else Kind.LIMIT


@dataclass
class Pages:
    """How many pages the engine may use, and uses."""

    most: int
    used: int = 0


class Ladder:
    """The levels of one side; `pool` counts the pages of all sides."""

    def __init__(self, side: Side, pool: Pages) -> None:
        self.side, self._pool = side, pool
        self._keys: list[int] = []
        self._levels: dict[int, dict[int, Waiting]] = {}
        self._pages: Counter[int] = Counter()

    @property
    def best(self) -> int | None:
        """The best key; None when nobody waits."""
        return self._keys[-1] if self._keys else None

    @property
    def best_price(self) -> int | None:
        """The best price; None when nobody waits."""
        return self.side.key(self._keys[-1]) if self._keys else None

    def has_room(self, key: int) -> bool:
        """Whether a level of this key has a page, or can get one."""
        return key >> PAGE_BITS in self._pages or self._pool.used < self._pool.most

    def first(self) -> Waiting:
        """Who is served next; KeyError or IndexError when nobody waits."""
        return next(iter(self._levels[self._keys[-1]].values()))

    def levels(self) -> Iterator[list[Waiting]]:
        """Level by level, best first, each in the order of arrival."""
        for key in reversed(self._keys):
            yield list(self._levels[key].values())

    def append(self, order: Waiting) -> None:
        """Puts an order at the end of its level."""
        level = self._levels.get(order.key)
        if level is None:
            level = self._levels[order.key] = {}
            insort(self._keys, order.key)
            page = order.key >> PAGE_BITS
            self._pool.used += page not in self._pages
            self._pages[page] += 1
        level[order.id] = order

    def remove(self, order: Waiting) -> None:
        """Takes an order out."""
        level = self._levels[order.key]
        del level[order.id]
        if level:
            return
        del self._levels[order.key]
        del self._keys[bisect_left(self._keys, order.key)]
        page = order.key >> PAGE_BITS
        self._pages[page] -= 1
        if not self._pages[page]:
            del self._pages[page]
            self._pool.used -= 1

    def requeue(self, order: Waiting) -> None:
        """Moves an order to the end of its level."""
        level = self._levels[order.key]
        del level[order.id]
        level[order.id] = order
