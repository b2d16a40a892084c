"""Reconciliation: what this desk says of its outside brokers, against what they say themselves.

At the start and then regularly. What a venue reports of an order of ours is booked as usual, first;
what differs after that is kept, shown and put on record, and left for a person: nothing is mended.
Holdings are compared with what they differed by at first sight, for an account at a venue may hold more.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

import structlog

from desk.clock import Clock, to_iso
from desk.errors import BrokerError
from desk.money import minor_digits
from desk.orders import FINAL_STATES, OrderState
from desk.store.engine import Store
from desk.trading.accounts import AccountBook
from desk.trading.approvals import Record
from desk.trading.desk_book import TradingDesk
from desk.trading.differences import Difference, DifferenceBook
from desk.trading.followed import FollowedOrder
from desk.trading.outside import OutsideBroker
from desk.trading.venue_door import Working, plain

EVERY_S = 60.0
_LOOK_AGAIN_S = 0.5
"""A difference counts when it is still there so much later: a trade may be told between two questions."""


class Compared(NamedTuple):
    """When a broker was last compared, and why that failed; empty when it did not."""

    at: str
    error: str


class Reconciler:
    """See the module. Thread-safe; one comparison of a broker at a time."""

    def __init__(self, trading: TradingDesk, store: Store, record: Record, wall: Clock) -> None:
        self._brokers, self._settlement, self._execution = trading.brokers, trading.settlement, trading.execution
        self._store, self._record, self._wall = store, record, wall
        self.book = DifferenceBook(store, record, wall)
        self._last: dict[str, Compared] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, every_s: float = EVERY_S) -> None:
        """Compares now and then every so many seconds, in a thread of its own; does nothing without outside brokers."""
        if self._brokers.outside and self._thread is None:
            self._thread = threading.Thread(target=self._run, args=(every_s,), name="tenor-reconcile", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Ends the thread; safe to call twice."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def last(self, name: str) -> Compared:
        """When the broker was last compared; empty when never."""
        return self._last.get(name, Compared("", ""))

    def reconcile(self, name: str, by: str = "") -> list[Difference]:
        """Compares one broker and returns what differs. NotFound for an unknown name, BrokerError when it is silent.

        `by` is the person who asked for it, who goes on record.
        """
        broker = self._brokers.named(name)
        if by:
            with self._store.begin() as connection:
                self._record(connection, "broker.reconcile_asked", broker.name, {"broker": broker.name, "by": by})
        with self._lock:
            try:
                found = self._compare_twice(broker)
            except BrokerError as error:
                self._last[broker.name] = Compared(self.last(broker.name).at, error.message)
                raise
            self._last[broker.name] = Compared(to_iso(self._wall.now()), "")
            return self.book.keep(broker.name, found)

    def reconcile_all(self) -> int:
        """Compares every broker; how many answered. A silent one is noted and left for the next time."""
        done = 0
        for broker in self._brokers.outside:
            try:
                self.reconcile(broker.name)
                done += 1
            except BrokerError as error:
                structlog.get_logger("broker").info("cannot compare", broker=broker.name, why=error.message)
        return done

    def by_instrument(self) -> dict[str, str]:
        """What differs now, in words, by the instrument it is about; an order unknown here counts for none."""
        found: dict[str, str] = {}
        for broker in self._brokers.outside:
            for one in self.book.open(broker.name):
                order = self._settlement.accounts.find(one.subject)
                about = order.order.instrument if order is not None else one.subject
                found[about] = f"{one.kind.replace('_', ' ')}: {one.desk} here, {one.venue} at {broker.name}"
        return found

    def _run(self, every_s: float) -> None:
        while not self._stopping.is_set():
            try:
                self.reconcile_all()
            except Exception:  # noqa: BLE001 - the next time compares again
                structlog.get_logger("broker").exception("reconciliation failed")
            self._stopping.wait(every_s)

    def _compare_twice(self, broker: OutsideBroker) -> list[Difference]:
        first = self._compare(broker)
        if not first:
            return []
        self._stopping.wait(_LOOK_AGAIN_S)
        again = set(self._compare(broker))
        return [one for one in first if one in again]

    def _compare(self, broker: OutsideBroker) -> list[Difference]:
        with self._settlement.lock:
            self._brokers.follow(self._settlement.accounts.open_orders())
        broker.catch_up()
        self._settlement.book_all(broker.poll())
        self._settlement.book_all(one.placement() for one in broker.followed.pick(ended=True) if self._behind(one))
        working, held = broker.door.working(), broker.door.holdings()
        return [
            *_unknown(broker, working),
            *(one for each in broker.followed.pick(ended=True) for one in self._order(each)),
            *self._holdings(broker.name, held),
        ]

    def _behind(self, one: FollowedOrder) -> bool:
        found = self._settlement.accounts.find(one.order.client_id)
        return found is not None and found.status.filled < one.booked

    def _order(self, one: FollowedOrder) -> Iterable[Difference]:
        id, accounts = one.order.client_id, self._settlement.accounts
        found = accounts.find(id)
        if found is None:
            return
        status, sent = found.status, self._execution.state(id) in (None, "done")
        goes_on = status.state not in FINAL_STATES
        if one.missing and goes_on and sent:
            yield Difference("missing_order", id, f"{status.state}, {status.filled} filled", "knows no such order")
        if status.filled != one.executed and one.heard:
            yield Difference("filled", id, f"{status.filled} filled", f"{one.executed} filled")
        if one.state in FINAL_STATES and goes_on and one.whole and sent:
            yield Difference("state", id, str(status.state), f"{one.state} ({one.word})")
        if one.heard and one.state is OrderState.WORKING and not goes_on:
            yield Difference("state", id, str(status.state), f"{one.state} ({one.word})")
        if one.unknown_word:
            yield Difference("unknown_status", id, str(status.state), one.unknown_word)

    def _holdings(self, name: str, held: dict[str, Decimal]) -> list[Difference]:
        with self._settlement.lock:
            mine = {id: desk_units(self._settlement.accounts, id) for id in held}
        offsets = self.book.offsets(name, {id: held[id] - mine[id] for id in held})
        return [
            Difference(
                "holding",
                id,
                plain(mine[id]),
                f"{plain(held[id] - offsets[id])} beyond {plain(offsets[id])} of its own",
            )
            for id in sorted(held)
            if held[id] - mine[id] != offsets[id]
        ]


def desk_units(accounts: AccountBook, instrument: str) -> Decimal:
    """Units of an instrument over all accounts, cash in the thing itself (fees of a crypto venue) included."""
    asset = instrument.partition(":")[2].removesuffix("USD")
    units = sum((account.held(instrument) for account in accounts.accounts.values()), Decimal(0))
    minor = sum(account.cash.get(asset, 0) for account in accounts.accounts.values())
    return units + Decimal(minor).scaleb(-minor_digits(asset))


def _unknown(broker: OutsideBroker, working: Iterable[Working]) -> list[Difference]:
    return [
        Difference(
            "unknown_order",
            one.name,
            "never sent it",
            f"{one.side} {plain(one.quantity)} {one.symbol}, {one.word.lower()}",
        )
        for one in working
        if broker.knows(one) is None
    ]
