"""Settlement: what venues report becomes journal records, account state and bus events.

The only writer of `order.filled`, `order.triggered`, `order.working`, `order.cancelled` and `order.rejected`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import structlog

from desk.bus.bus import EventBus
from desk.clock import Clock, to_iso
from desk.orders import FINAL_STATES, Fill, OrderState, OrderStatus
from desk.trading.accounts import AccountBook, Made
from desk.trading.broker import Placement
from desk.trading.holdings import Accepted
from desk.trading.journal import Journal, Record


class Settlement:
    """Books placements once, under the desk's one lock. Returns the newest record's number, 0 for nothing new."""

    def __init__(self, accounts: AccountBook, journal: Journal, bus: EventBus, *, market: Clock, wall: Clock) -> None:
        self.lock = threading.RLock()
        self.accounts, self.journal = accounts, journal
        self._bus, self._market, self._wall = bus, market, wall

    def now(self) -> datetime:
        """The market clock's present."""
        return self._market.now()

    def write(
        self,
        kind: str,
        subject: str,
        body: Mapping[str, object],
        event: str = "",
        made: Made | None = None,
    ) -> Record:
        """Journals one record and applies it; `event`, as `to_iso` has it, is the market clock's present unless given.

        `made` as in `AccountBook.apply`.
        """
        with self.lock:
            record = self.journal.append(
                kind,
                body,
                subject_id=subject,
                event_time=event or to_iso(self._market.now()),
                knowledge_time=to_iso(self._wall.now()),
            )
            self.accounts.apply(record, made)
            return record

    def book(self, placement: Placement) -> int:
        """Books what a venue said about one order: unknown fills, then its state.

        A fill that does not belong to the order it names (account, instrument or side) is logged
        and left out; so is everything about an order the desk never accepted.
        """
        with self.lock:
            accepted = self.accounts.find(placement.client_id)
            if accepted is None:
                structlog.get_logger("settlement").error("placement of an unknown order", client_id=placement.client_id)
                return 0
            before = self.accounts.seq
            if placement.triggered and not accepted.status.triggered:
                self.write("order.triggered", accepted.order.account, {"client_id": placement.client_id})
            crossed = [fill for fill in placement.fills if self._book_fill(fill, accepted.status) and fill.trade]
            self._book_state(placement, accepted.status)
            changed = self.accounts.seq if self.accounts.seq > before else 0
            if changed:
                self.announce(accepted, crossed)
            return changed

    def book_all(self, placements: Iterable[Placement]) -> int:
        """Books each placement; the newest record's number, 0 for nothing new."""
        newest = 0
        for placement in placements:
            newest = max(newest, self.book(placement))
        return newest

    def announce(self, accepted: Accepted, crossed: Sequence[Fill] = ()) -> None:
        """Publishes where an order stands on the bus topic `orders`.

        `limit` is its limit price, None without one or where its tick is not known. `trades` stands where fills that
        are told for the first time met another account of this desk: `crossed`. Doors that show messages to people
        must leave `trades` out.
        """
        order, status, limit = accepted.order, accepted.status, accepted.limit_price
        body: dict[str, object] = {
            "client_id": order.client_id,
            "account": order.account,
            "instrument": order.instrument,
            "side": str(order.side),
            "quantity": str(order.quantity),
            "limit": None if limit is None else str(limit),
            "state": str(status.state),
            "filled": str(status.filled),
            "average_price": None if status.average_price is None else str(status.average_price),
            "reason": status.reason,
        }
        if crossed:
            body["trades"] = [_trade(fill) for fill in crossed]
        self._bus.publish("orders", body)

    def _book_fill(self, fill: Fill, status: OrderStatus) -> bool:
        """Whether it was booked now."""
        if self.accounts.has_fill(fill):
            return False
        order = status.order
        about = (fill.client_id, fill.account, fill.instrument, fill.side)
        if about != (order.client_id, order.account, order.instrument, order.side):
            structlog.get_logger("settlement").error("fill does not match its order", fill=fill.id)
            return False
        fill = self.accounts.priced(fill)
        body = fill.to_dict()
        self.write("order.filled", fill.account, body, str(body["at"]), fill)
        return True

    def _book_state(self, placement: Placement, status: OrderStatus) -> None:
        if status.state in FINAL_STATES or placement.state is status.state:
            return
        body = {"client_id": placement.client_id, "reason": placement.reason}
        if placement.state is OrderState.WORKING and status.state is OrderState.ACCEPTED:
            self.write("order.working", status.order.account, body)
        elif placement.state is OrderState.CANCELLED:
            self.write("order.cancelled", status.order.account, body)
        elif placement.state is OrderState.REJECTED:
            self.write("order.rejected", status.order.account, body)


def _trade(fill: Fill) -> dict[str, object]:
    """A fill that met another account of this desk; price per unit, None where nobody has said the tick."""
    price = None if fill.tick is None else str(fill.price_ticks * fill.tick)
    return {"trade": fill.trade, "other": fill.other, "quantity": str(fill.quantity), "price": price}
