"""The way of a schedule's children: what `Schedules` needs of a trading desk, and a desk's own answer."""

from __future__ import annotations

from typing import Protocol

from desk.errors import NotFound
from desk.instruments import Instrument
from desk.orders import Chosen, Order, OrderStatus, OrderType
from desk.trading.decisions import Decision
from desk.trading.desk_book import TradingDesk
from desk.trading.schedule import Schedule, Terms


class Orders(Protocol):
    """Where children go. Every call may be repeated."""

    def submit(self, order: Order) -> Decision:
        """Through the gate; the same client id again says where the first stands. Raises as `Gate.submit`."""
        ...

    def find(self, client_id: str) -> OrderStatus | None:
        """Where an order stands; None when the gate never accepted it."""
        ...

    def cancel(self, client_id: str) -> OrderStatus:
        """Cancels what is left; Conflict while the order is on its way to the broker."""
        ...

    def halted(self) -> str:
        """The reason of a halt; empty for none."""
        ...


class BrokerOrders:
    """Gate, then outbox, worker and broker of a trading desk."""

    def __init__(self, trading: TradingDesk) -> None:
        self._trading = trading

    def submit(self, order: Order) -> Decision:
        """See `Orders.submit`."""
        return self._trading.gate.submit(order, route="broker")

    def find(self, client_id: str) -> OrderStatus | None:
        """See `Orders.find`."""
        try:
            return self._trading.status(client_id)
        except NotFound:
            return None

    def cancel(self, client_id: str) -> OrderStatus:
        """See `Orders.cancel`."""
        return self._trading.cancel(client_id, "its schedule was ended")

    def halted(self) -> str:
        """See `Orders.halted`."""
        return self._trading.switch.reason()


def parent_order(schedule: Schedule) -> Order:
    """All of a schedule as one order, as `whole_order`."""
    return whole_order(schedule.id, schedule.terms, schedule.by, schedule.instrument)


def whole_order(id: str, terms: Terms, by: str, instrument: Instrument) -> Order:
    """Terms as one order: what is valued, and what a second person says yes to. It is never sent."""
    return Order(
        client_id=f"sc-{id}",
        account=terms.account,
        instrument=terms.instrument,
        side=terms.side,
        quantity=terms.lots * instrument.lot,
        type=OrderType.MARKET if terms.limit_ticks is None else OrderType.LIMIT,
        limit_ticks=terms.limit_ticks,
        chosen=Chosen.SCHEDULE,
        by=by,
    )
