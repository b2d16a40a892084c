"""Execution: the worker's job for one order in the outbox, safe to run twice or half.

waiting -> sent -> done, or review after five attempts. One worker has a sent order for a minute;
then, or after a restart, another may take it up. The broker places a client id once and a fill id
is booked once, so whatever a crash interrupts is simply done again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from sqlalchemy import Row, select, update

from desk.clock import Clock, to_iso
from desk.errors import BrokerError, Forbidden, NotFound
from desk.orders import FINAL_STATES, OrderState
from desk.store.engine import Store
from desk.store.tables import outbox
from desk.trading.broker import Broker, Placement
from desk.trading.holdings import Accepted
from desk.trading.settlement import Settlement

ATTEMPTS = 5
DURABLE_SECONDS = 10.0
LEASE = timedelta(minutes=1)

OutboxState = Literal["waiting", "sent", "done", "review"]


class Execution:
    """Carries waiting orders to the broker. `halted` returns the reason of a halt, empty for none."""

    def __init__(
        self, *, store: Store, settlement: Settlement, broker: Broker, wall: Clock, halted: Callable[[], str]
    ) -> None:
        self._store, self._settlement, self._broker, self._wall = store, settlement, broker, wall
        self._halted = halted

    def execute(self, client_id: str) -> OutboxState:
        """Places the order and books what the broker says; returns where its row stands.

        `done`: nothing is left to do here. `waiting`: the broker asked to try again, or the desk
        is halted. `sent`: another worker has it. `review`: five attempts failed; a person must
        look. NotFound without a row.
        """
        state = self._claim(client_id)
        if state is not None:
            return state
        accepted = self._settlement.accounts.order(client_id)
        if accepted.status.state in FINAL_STATES:
            return self._mark(client_id, "done")
        try:
            placement = self._broker.place(accepted.order, accepted.token)
        except BrokerError as error:
            if error.retry:
                return self._try_later(client_id, error.message)
            placement = _rejected(accepted, error.message)
        except Forbidden as error:
            placement = _rejected(accepted, error.message)
        return self._finish(client_id, placement)

    def waiting(self) -> list[str]:
        """Client ids that wait, or that a worker gave up, oldest first."""
        given_up = (outbox.c.state == "sent") & (outbox.c.updated_at <= self._lapsed())
        with self._store.read() as connection:
            rows = select(outbox.c.client_id).where((outbox.c.state == "waiting") | given_up)
            rows = rows.order_by(outbox.c.journal_seq)
            return list(connection.execute(rows).scalars())

    def reset(self) -> None:
        """At start: orders a crash left half sent wait again."""
        with self._store.begin() as connection:
            connection.execute(update(outbox).where(outbox.c.state == "sent").values(state="waiting"))

    def state(self, client_id: str) -> OutboxState | None:
        """Where the order's row stands; None without a row."""
        row = self._row(client_id)
        return None if row is None else row.state

    def withdraw(self, client_id: str, *, untried: bool = False) -> bool:
        """Takes an order out of the outbox before it is sent; False when it is too late.

        `untried` leaves an order alone that was sent before: the broker may have it.
        """
        here = (outbox.c.client_id == client_id) & outbox.c.state.in_(("waiting", "review"))
        if untried:
            here = here & (outbox.c.attempts == 0)
        with self._store.begin() as connection:
            done = update(outbox).where(here).values(state="done", updated_at=to_iso(self._wall.now()))
            return connection.execute(done).rowcount == 1

    def _claim(self, client_id: str) -> OutboxState | None:
        """None when the order is this worker's to place, else where its row stands."""
        row = self._row(client_id)
        if row is None:
            raise NotFound(f"order {client_id!r} is not in the outbox")
        state: OutboxState = row.state
        if state in ("done", "review") or (state == "sent" and row.updated_at > self._lapsed()):
            return state
        if self._halted():
            return "waiting"
        if row.attempts >= ATTEMPTS:
            return self._mark(client_id, "review", row.error or f"{ATTEMPTS} attempts were interrupted")
        same = (outbox.c.client_id == client_id) & (outbox.c.state == state) & (outbox.c.attempts == row.attempts)
        mine = update(outbox).where(same)
        mine = mine.values(state="sent", attempts=row.attempts + 1, updated_at=to_iso(self._wall.now()))
        with self._store.begin() as connection:
            return None if connection.execute(mine).rowcount == 1 else "sent"

    def _lapsed(self) -> str:
        """A row sent before this instant was given up by its worker."""
        return to_iso(self._wall.now() - LEASE)

    def _finish(self, client_id: str, placement: Placement) -> OutboxState:
        seq = self._settlement.book(placement)
        if seq and not self._settlement.journal.wait_durable(seq, DURABLE_SECONDS):
            return self._mark(client_id, "waiting", f"journal record {seq} is not on disk yet")
        return self._mark(client_id, "done")

    def _try_later(self, client_id: str, why: str) -> OutboxState:
        row = self._row(client_id)
        worn_out = row is None or row.attempts >= ATTEMPTS
        return self._mark(client_id, "review" if worn_out else "waiting", why)

    def _mark(self, client_id: str, state: OutboxState, error: str = "") -> OutboxState:
        with self._store.begin() as connection:
            connection.execute(
                update(outbox)
                .where(outbox.c.client_id == client_id)
                .values(state=state, error=error, updated_at=to_iso(self._wall.now()))
            )
        return state

    def _row(self, client_id: str) -> Row[tuple[str, int, OutboxState, int, str, str]] | None:
        with self._store.read() as connection:
            return connection.execute(select(outbox).where(outbox.c.client_id == client_id)).one_or_none()


def _rejected(accepted: Accepted, reason: str) -> Placement:
    return Placement(accepted.order.client_id, (), OrderState.REJECTED, reason)
