"""What a made-up venue remembers: orders, trades, holdings. The servers beside it speak each venue's protocol."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass
class Deal:
    number: int
    qty: Decimal
    price: Decimal
    done: Decimal


@dataclass
class VenueOrder:
    number: int
    name: str
    symbol: str
    side: str
    kind: str
    qty: Decimal
    tif: str
    limit: Decimal | None = None
    stop: Decimal | None = None
    shown: Decimal | None = None
    word: str = "new"
    filled: Decimal = Decimal(0)
    reached: bool = False
    deals: list[Deal] = field(default_factory=list)
    at: float = field(default_factory=time.time)

    @property
    def open(self) -> bool:
        return self.word in ("new", "partial")

    @property
    def waits(self) -> bool:
        return self.stop is not None and not self.reached


Heard = Callable[[VenueOrder, str, Deal | None], None]


class VenueBook:
    """Market orders fill at `price` in `parts`; limits that cross it too, others rest until `move` or `trade`."""

    def __init__(self, prices: dict[str, Decimal]) -> None:
        self.lock = threading.RLock()
        self.prices, self.parts = prices, 1
        self.orders: list[VenueOrder] = []
        self.holdings: dict[str, Decimal] = {}
        self.heard: Heard = lambda *_: None
        self._numbers, self._deals = 0, 0

    def enter(self, **fields) -> VenueOrder:
        with self.lock:
            self._numbers += 1
            order = VenueOrder(self._numbers, **fields)
            self.orders.append(order)
            self.heard(order, "new", None)
            self._match(order)
            return order

    def crosses(self, side: str, symbol: str, limit: Decimal) -> bool:
        return limit >= self.prices[symbol] if side == "buy" else limit <= self.prices[symbol]

    def find(self, name: str) -> VenueOrder | None:
        """The newest with the name: a venue may take a name again once it is free."""
        with self.lock:
            return next((order for order in reversed(self.orders) if order.name == name), None)

    def working(self) -> list[VenueOrder]:
        with self.lock:
            return [order for order in self.orders if order.open]

    def cancel(self, order: VenueOrder, word: str = "cancelled") -> None:
        with self.lock:
            if order.open:
                order.word = word
                self.heard(order, word, None)

    def trade(self, name: str, qty: str | Decimal, price: Decimal | None = None) -> None:
        """Fills so much of a resting order."""
        with self.lock:
            order = self.find(name)
            assert order is not None
            assert order.open, f"{name} is {order.word}"
            self._deal(order, Decimal(qty), price or order.limit or self.prices[order.symbol])

    def move(self, symbol: str, price: str | Decimal) -> None:
        with self.lock:
            self.prices[symbol] = Decimal(price)
            for order in self.working():
                if order.symbol == symbol:
                    self._match(order)

    def _match(self, order: VenueOrder) -> None:
        price = self.prices[order.symbol]
        if order.waits and order.stop is not None:
            if not (price >= order.stop if order.side == "buy" else price <= order.stop):
                return
            order.reached = True
        if order.limit is not None and not self.crosses(order.side, order.symbol, order.limit):
            if order.tif in ("ioc", "fok"):
                self.cancel(order, "expired")
            return
        left = order.qty - order.filled
        part = (left / self.parts).quantize(Decimal("0.0001")) if self.parts > 1 else left
        while left > 0:
            piece = left if left < 2 * part else part
            self._deal(order, piece, price)
            left -= piece

    def _deal(self, order: VenueOrder, qty: Decimal, price: Decimal) -> None:
        self._deals += 1
        order.filled += qty
        assert order.filled <= order.qty
        deal = Deal(self._deals, qty, price, order.filled)
        order.deals.append(deal)
        order.word = "filled" if order.filled == order.qty else "partial"
        sign = 1 if order.side == "buy" else -1
        self.holdings[order.symbol] = self.holdings.get(order.symbol, Decimal(0)) + sign * qty
        self.heard(order, "trade", deal)
