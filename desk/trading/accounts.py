"""Account state in memory: a pure state machine over journal records.

The same records in the same order give the same state. Nothing here reads a clock, a quote or a
file. Cash is integer minor units per currency; quantities and average costs are exact decimals.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from desk.clock import from_iso
from desk.errors import DataError, NotFound
from desk.instruments import Instruments, Steps
from desk.money import minor_units
from desk.orders import FINAL_STATES, Fill, Order, OrderState, OrderStatus, Position
from desk.trading.holdings import ZERO, Accepted, Account, DayTrade, Holding, move
from desk.trading.journal import Record
from desk.trading.order_shelf import OrderShelf
from desk.trading.record_fields import fill_from, holding_from, mapping, order_fields, whole
from desk.trading.state import state_hash

Made = OrderStatus | Fill
"""What a record was written from."""


class AccountBook:
    """All accounts, orders and fills. Not thread-safe: the gate's lock serialises."""

    def __init__(self, instruments: Instruments, orders: OrderShelf | None = None) -> None:
        self._instruments = instruments
        self.accounts: dict[str, Account] = {}
        self.orders = OrderShelf() if orders is None else orders
        self.seq = 0
        self._fill_ids: set[str] = set()  # of orders that do not stand packed
        self.ended: list[Accepted] | None = None  # for snapshots: orders as they ended; None when nobody asks
        self._apply = {
            "account.seeded": self._seeded,
            "order.accepted": self._accepted,
            "order.working": self._working,
            "order.cancelled": self._ended,
            "order.rejected": self._ended,
            "order.filled": self._filled,
            "order.amended": self._amended,
            "order.triggered": self._triggered,
            "account.borrow_charged": self._borrow_charged,
        }

    def apply(self, record: Record, made: Made | None = None) -> None:
        """Applies one record; kinds it has no use for change nothing.

        `made` is what an `order.accepted` or `order.filled` record was just written from, which
        saves reading it back. Raises DataError for a record that cannot follow what came before
        (an unknown order).
        """
        if isinstance(made, Fill):
            self._book_fill(record, made)
        elif made is not None:
            self._accept(record, made)
        else:
            apply = self._apply.get(record.kind)
            if apply is not None:
                apply(record)
        self.seq = record.seq

    def account(self, id: str) -> Account:
        """The account; NotFound when it was never seeded."""
        try:
            return self.accounts[id]
        except KeyError:
            raise NotFound(f"account {id!r} is not known; seed it first") from None

    def find(self, client_id: str) -> Accepted | None:
        """The accepted order with this client id; None when there is none."""
        return self.orders.get(client_id)

    def order(self, client_id: str) -> Accepted:
        """The accepted order with this client id; NotFound when there is none."""
        found = self.orders.get(client_id)
        if found is None:
            raise NotFound(f"no order has client id {client_id!r}")
        return found

    def has_fill(self, fill: Fill) -> bool:
        """Whether this fill was applied before."""
        if fill.id in self._fill_ids:
            return True
        packed = self.orders.get(fill.client_id) if self.orders.is_packed(fill.client_id) else None
        return packed is not None and any(fill.id == booked.id for booked in packed.status.fills)

    def pack(self, lock: AbstractContextManager[object]) -> None:
        """Packs orders that ended long ago; call it without the gate's lock, which it takes for moments."""
        packed = self.orders.pack(lock)
        if packed:
            with lock:
                self._fill_ids.difference_update(fill.id for accepted in packed for fill in accepted.status.fills)

    def restore(self, accepted: Accepted) -> None:
        """Takes in an order as a snapshot kept it."""
        self.orders.add(accepted)
        self._fill_ids.update(fill.id for fill in accepted.status.fills)
        if accepted.status.state not in FINAL_STATES:
            self.account(accepted.order.account).open[accepted.order.client_id] = accepted

    def open_orders(self) -> list[Accepted]:
        """Every order that is not final, oldest first."""
        return [order for account in self.accounts.values() for order in account.open.values()]

    def positions(self) -> list[Position]:
        """Every holding that is not zero."""
        return [
            Position(account.id, instrument, holding.quantity, holding.cost)
            for account in self.accounts.values()
            for instrument, holding in account.holdings.items()
            if holding.quantity
        ]

    def state_hash(self) -> str:
        """SHA-256 of all state, hexadecimal: equal after the same records, replayed or from a snapshot."""
        orders = {accepted.order.client_id: accepted for accepted in self.orders.values()}
        return state_hash({"seq": self.seq, "accounts": self.accounts, "orders": orders})

    def _seeded(self, record: Record) -> None:
        body = record.body
        cash, holdings = mapping(body["cash"]), mapping(body["holdings"])
        self.accounts[record.subject_id] = Account(
            id=record.subject_id,
            kind="desk" if body["kind"] == "desk" else "customer",
            currency=str(body["currency"]),
            cash={currency: whole(minor) for currency, minor in cash.items()},
            holdings={id: holding_from(mapping(plain)) for id, plain in holdings.items()},
        )

    def _borrow_charged(self, record: Record) -> None:
        account, charges = self.account(record.subject_id), record.body["charges"]
        for charge in map(mapping, charges if isinstance(charges, list) else ()):
            currency = str(charge["currency"])
            account.cash[currency] = account.cash.get(currency, 0) - whole(charge["amount"])

    def _accepted(self, record: Record) -> None:
        order = Order.from_dict(order_fields(mapping(record.body["order"])))
        self._accept(record, OrderStatus(order, OrderState.ACCEPTED, from_iso(record.event_time)))

    def _accept(self, record: Record, status: OrderStatus) -> None:
        body, order = record.body, status.order
        accepted = Accepted(
            status,
            str(body["asked"]),
            str(body["token"]),
            str(body["route"]),
            whole(body["reserve"]),
            record.seq,
            _steps(str(body["tick"]), str(body["lot"])) if "tick" in body else None,
        )
        self.orders.add(accepted)
        account = self.account(order.account)
        account.open[order.client_id] = accepted
        account.count(accepted, +1)

    def _amended(self, record: Record) -> None:
        accepted, body = self._known(record), record.body
        if accepted.status.state in FINAL_STATES:
            return
        account = self.account(accepted.order.account)
        account.count(accepted, -1)
        accepted.status.order = Order.from_dict(order_fields(mapping(body["order"])))
        accepted.token, accepted.reserve = str(body["token"]), whole(body["reserve"])
        account.count(accepted, +1)

    def _working(self, record: Record) -> None:
        status = self._known(record).status
        if status.state is OrderState.ACCEPTED:
            status.state = OrderState.WORKING

    def _triggered(self, record: Record) -> None:
        self._known(record).status.triggered = True

    def _ended(self, record: Record) -> None:
        accepted = self._known(record)
        if accepted.status.state in FINAL_STATES:
            return
        account = self.account(accepted.order.account)
        account.count(accepted, -1)
        accepted.status.state = OrderState(record.kind.removeprefix("order."))
        accepted.status.reason = str(record.body["reason"])
        self._end(account, accepted)

    def _filled(self, record: Record) -> None:
        self._book_fill(record, fill_from(record.body))

    def _book_fill(self, record: Record, fill: Fill) -> None:
        if self.has_fill(fill):
            return
        accepted = self._known(record)
        self._fill_ids.add(fill.id)
        fill = self.priced(fill)
        account = self.account(fill.account)
        account.count(accepted, -1)
        if accepted.status.state in FINAL_STATES:  # a snapshot may be reading it
            accepted.status = replace(accepted.status, fills=list(accepted.status.fills))
        _fill_order(accepted.status, fill)
        account.count(accepted, +1)
        if accepted.status.state in FINAL_STATES:
            self._end(account, accepted)
        self._settle(account, fill)

    def priced(self, fill: Fill) -> Fill:
        """The fill with its price's step and currency: its own, else the instrument's, as in an older journal.

        NotFound when neither says.
        """
        if fill.tick is not None:
            return fill
        instrument = self._instruments.get(fill.instrument)
        return replace(fill, tick=instrument.tick, priced_in=instrument.currency)

    def _end(self, account: Account, accepted: Accepted) -> None:
        account.open.pop(accepted.order.client_id, None)
        accepted.order.forget()
        self.orders.end(accepted)
        if self.ended is not None:
            self.ended.append(accepted.copy())

    def _settle(self, account: Account, fill: Fill) -> None:
        price, currency = fill.price_ticks * (fill.tick or ZERO), fill.priced_in
        paid = minor_units(price * fill.quantity, currency) * fill.side.sign
        account.cash[currency] = account.cash.get(currency, 0) - paid
        account.cash[fill.currency] = account.cash.get(fill.currency, 0) - fill.commission
        units = fill.quantity * fill.side.sign
        traded = account.traded.get(fill.instrument)
        if traded is None or traded.day != fill.at.date():
            traded = account.traded[fill.instrument] = DayTrade(fill.at.date(), ZERO, ZERO)
        traded.units += units
        traded.spent += units * price
        account.touched.add(fill.instrument)
        account.moved.add(fill.instrument)
        holding = account.holdings.setdefault(fill.instrument, Holding(ZERO, ZERO))
        move(holding, units, price)

    def _known(self, record: Record) -> Accepted:
        id = str(record.body["client_id"])
        was_packed, found = self.orders.is_packed(id), self.orders.to_change(id)
        if was_packed and found is not None:
            self._fill_ids.update(fill.id for fill in found.status.fills)
        if found is None:
            raise DataError(
                f"journal record {record.seq} ({record.kind}) is about order {record.body['client_id']!r}, "
                "which was never accepted; restore the journal from a backup"
            )
        return found


@lru_cache(maxsize=4_096)
def _steps(tick: str, lot: str) -> Steps:
    """One value for all orders that count alike."""
    return Steps(Decimal(tick), Decimal(lot))


def _fill_order(status: OrderStatus, fill: Fill) -> None:
    paid = (status.average_price or ZERO) * status.filled + fill.price_ticks * (fill.tick or ZERO) * fill.quantity
    status.filled += fill.quantity
    status.average_price = paid / status.filled
    status.fills.append(fill)
    if status.filled >= status.order.quantity:
        status.state = OrderState.FILLED
    elif status.state is OrderState.ACCEPTED:
        status.state = OrderState.WORKING
