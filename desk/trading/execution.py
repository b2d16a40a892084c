"""Execution: what the holder of the desk does about orders on their way to a broker.

A courier, here or in a worker's process, brings the order to the venue and the venue's word into
the outbox; here that word is booked. Safe to run twice or half: a fill id is booked once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from desk.errors import NotFound
from desk.orders import FINAL_STATES, Order, OrderState
from desk.trading.broker import Broker, Placement
from desk.trading.courier import Courier, Forbids, announce_delivery, load_placement
from desk.trading.holdings import Accepted
from desk.trading.outbox import OutboxState, Row
from desk.trading.services import Services
from desk.trading.settlement import Settlement

DURABLE_SECONDS = 10.0


class Execution:
    """Carries waiting orders to the broker. `halted` returns the reason of a halt, empty for none.

    `forbids` and `again` as `Courier` has them.
    """

    def __init__(
        self,
        services: Services,
        settlement: Settlement,
        broker: Broker,
        halted: Callable[[], str],
        forbids: Forbids = lambda _: None,
        again: Callable[[Order], None] = lambda _: None,
    ) -> None:
        self._settlement, self._bus, self._feed = settlement, services.bus, services.feed
        self._courier = Courier(
            services.store, broker, services.wall, halted, tell=self._tell, forbids=forbids, again=again
        )
        self.outbox = self._courier.outbox

    def execute(self, client_id: str) -> OutboxState:
        """Places the order from this process and books what the broker says; returns where its row stands.

        As `Courier.deliver`, with `done` when nothing is left to do. NotFound without a row.
        """
        found = self._settlement.accounts.find(client_id)
        if found is not None and found.status.state in FINAL_STATES and self.outbox.row(client_id) is not None:
            return self.outbox.mark(client_id, "done")
        if found is not None and self.end_unsent(found):
            return "done"
        state = self._courier.deliver(client_id)
        return self.collect(client_id) if state == "placed" else state

    def end_unsent(self, accepted: Accepted) -> bool:
        """Takes an order out that was never sent and whose instrument is not what it was; whether it did."""
        order = accepted.order
        changed = self._feed.instruments.changed(order.instrument, accepted.steps)
        if not changed or not self.outbox.withdraw(order.client_id, untried=True):
            return False
        self._settlement.book(Placement(order.client_id, (), OrderState.CANCELLED, changed))
        return True

    def collect(self, client_id: str) -> OutboxState:
        """Books the venue's word on one order, when there is one; returns where its row stands.

        NotFound without a row.
        """
        row = self.outbox.row(client_id)
        if row is None:
            raise NotFound(f"order {client_id!r} is not in the outbox")
        if row.state != "placed":
            return row.state
        seq = self._settlement.book(load_placement(row.placement))
        if seq and not self._settlement.journal.wait_durable(seq, DURABLE_SECONDS):
            return row.state  # not on disk yet: the next sweep asks again
        state = self.outbox.mark(client_id, "done")
        self._tell(row, state)
        return state

    def collect_all(self) -> int:
        """Books every venue's word that waits; returns how many."""
        placed = self.outbox.rows(("placed",))
        for row in placed:
            self.collect(row.client_id)
        return len(placed)

    def waiting(self) -> list[str]:
        """Client ids that have something to be done about them, oldest first."""
        rows = self.outbox.rows(("waiting", "sent", "placed"))
        return [row.client_id for row in rows if row.state != "sent" or self.outbox.given_up(row)]

    def retry(self, client_id: str) -> bool:
        """Lets an order in review be tried five times more; False when it is not in review."""
        row = self.outbox.row(client_id)
        if row is None or not self.outbox.retry(client_id):
            return False
        self._tell(replace(row, attempts=0, error=""), "waiting")
        return True

    def reset(self) -> None:
        """At start: orders a crash left half sent wait again, and rows of an older version are completed."""
        for row in self.outbox.rows(("waiting", "sent")):
            found = self._settlement.accounts.find(row.client_id)
            if not row.canonical and found is not None:
                self.outbox.keep(row.client_id, found.order.canonical.decode(), found.token)
        self.outbox.reset()

    def row(self, client_id: str) -> Row | None:
        """The order's row; None for one that never was on its way to a broker."""
        return self.outbox.row(client_id)

    def state(self, client_id: str) -> OutboxState | None:
        """Where the order's row stands; None without a row."""
        row = self.outbox.row(client_id)
        return None if row is None else row.state

    def withdraw(self, client_id: str, *, untried: bool = False) -> bool:
        """See `Outbox.withdraw`."""
        return self.outbox.withdraw(client_id, untried=untried)

    def _tell(self, row: Row, state: OutboxState) -> None:
        announce_delivery(self._bus, row, state)
