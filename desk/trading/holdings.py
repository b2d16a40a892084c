"""One account: what it holds, what it has on order, and what it traded today.

Cash is integer minor units per currency; quantities and average costs are exact decimals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import ceil

from desk.instruments import Steps
from desk.orders import FINAL_STATES, Order, OrderStatus, Side
from desk.risk.limits import AccountKind

ZERO = Decimal(0)


@dataclass
class Holding:
    """Units held (negative when short) and their average cost per unit in the quote currency."""

    quantity: Decimal
    cost: Decimal


@dataclass
class Accepted:
    """An order that passed the gate: what was asked, what was signed, where it goes.

    `asked` is the digest of the order as asked for (before clamps); `reserve` is the cost in base
    minor units of the whole order; `steps` what it counts in, None in journals that did not keep it.
    """

    status: OrderStatus
    asked: str
    token: str
    route: str
    reserve: int
    seq: int
    steps: Steps | None = None

    @property
    def order(self) -> Order:
        """The order as it passed."""
        return self.status.order

    @property
    def left(self) -> Decimal:
        """Units that may still trade; 0 once the order is final."""
        return ZERO if self.status.state in FINAL_STATES else max(ZERO, self.order.quantity - self.status.filled)

    @property
    def limit_price(self) -> Decimal | None:
        """The limit per unit; None for an order without one, and where its tick was not kept."""
        ticks = self.order.limit_ticks
        return None if ticks is None or self.steps is None else ticks * self.steps.tick

    def reserved(self) -> int:
        """Base minor units still set aside, rounded up."""
        return ceil(self.reserve * self.left / self.order.quantity)

    def copy(self) -> Accepted:
        """Another record of the same order, with the same status."""
        return Accepted(self.status, self.asked, self.token, self.route, self.reserve, self.seq, self.steps)


@dataclass
class DayTrade:
    """One day's fills of one instrument: units, and what was paid for them in its currency; bought is positive."""

    day: date
    units: Decimal
    spent: Decimal


@dataclass
class Account:
    """One account. `open` holds its orders that are not final, by client id.

    `buys` and `sells` are the units in open orders per instrument, `reserved` what open buys
    will cost in base minor units; `traded` is what was traded of each instrument on its newest day.
    `touched` names instruments whose units changed, `moved` those of which more or less is held; whoever
    keeps sums over them clears them.
    """

    id: str
    kind: AccountKind
    currency: str
    cash: dict[str, int]
    holdings: dict[str, Holding]
    open: dict[str, Accepted] = field(default_factory=dict)
    buys: dict[str, Decimal] = field(default_factory=dict)
    sells: dict[str, Decimal] = field(default_factory=dict)
    reserved: int = 0
    traded: dict[str, DayTrade] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set, compare=False)
    moved: set[str] = field(default_factory=set, compare=False)

    def count(self, accepted: Accepted, sign: int) -> None:
        """Adds (+1) or takes away (-1) what the order holds open now."""
        left = accepted.left
        if not left:
            return
        order = accepted.order
        self.touched.add(order.instrument)
        buys = order.side is Side.BUY
        units = self.buys if buys else self.sells
        total = units.get(order.instrument, ZERO) + left * sign
        if total:
            units[order.instrument] = total
        else:
            del units[order.instrument]
        if buys:
            self.reserved += accepted.reserved() * sign

    def held(self, instrument: str) -> Decimal:
        """Units held; 0 when none."""
        holding = self.holdings.get(instrument)
        return holding.quantity if holding else ZERO


def move(holding: Holding, units: Decimal, price: Decimal) -> None:
    """Average cost: adding averages, reducing keeps the cost, crossing zero starts at the price."""
    after = holding.quantity + units
    if holding.quantity * units >= 0:
        total = abs(holding.quantity) * holding.cost + abs(units) * price
        holding.cost = total / abs(after) if after else ZERO
    elif holding.quantity * after <= 0:
        holding.cost = price if after else ZERO
    holding.quantity = after
