"""A venue with a disk of its own, shared by all worker processes: it places a client id once."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from desk.clock import Clock
from desk.orders import Fill, Order, OrderState
from desk.trading.broker import Placement
from desk.trading.record_fields import fill_from
from desk.trading.tokens import TokenSigner

PRICE_TICKS = 12_800


class DiskVenue:
    """A `Broker` that fills every order whole, at one price, and remembers each call in `venue.db`."""

    def __init__(self, folder: Path, signer: TokenSigner, wall: Clock) -> None:
        self._signer, self._wall, self._lock = signer, wall, threading.Lock()
        self._store = sqlite3.connect(folder / "venue.db", isolation_level=None, check_same_thread=False, timeout=30)
        self._store.execute("PRAGMA journal_mode=WAL")
        self._store.execute("PRAGMA synchronous=FULL")
        self._store.execute(
            "CREATE TABLE IF NOT EXISTS placed (client_id TEXT PRIMARY KEY, fill TEXT, called_ns INTEGER)"
        )

    def place(self, order: Order, token: str) -> Placement:
        """See `Broker.place`."""
        called = time.time_ns()
        self._signer.check(order, token, self._wall.now())
        fill = Fill(
            id=f"venue-{order.client_id}",
            client_id=order.client_id,
            account=order.account,
            instrument=order.instrument,
            side=order.side,
            quantity=order.quantity,
            price_ticks=PRICE_TICKS,
            commission=7,
            currency="USD",
            at=self._wall.now(),
        )
        with self._lock:
            self._store.execute(
                "INSERT OR IGNORE INTO placed VALUES (?, ?, ?)", (order.client_id, json.dumps(fill.to_dict()), called)
            )
        return Placement(order.client_id, (self.fills()[order.client_id],), OrderState.FILLED)

    def fills(self) -> dict[str, Fill]:
        """Every fill, by client id."""
        with self._lock:
            rows = self._store.execute("SELECT client_id, fill FROM placed").fetchall()
        return {client_id: fill_from(json.loads(fill)) for client_id, fill in rows}

    def called_ns(self) -> dict[str, int]:
        """When each order's first call arrived, nanoseconds since 1970."""
        with self._lock:
            return dict(self._store.execute("SELECT client_id, called_ns FROM placed").fetchall())

    def restore(self, order: Order, token: str, fills: Sequence[Fill], triggered: bool = False) -> Placement:
        """See `Broker.restore`."""
        return self.place(order, token)

    def cancel(self, client_id: str) -> Placement | None:
        """See `Broker.cancel`; nothing ever works here."""
        return None

    def open_orders(self) -> list[str]:
        """See `Broker.open_orders`."""
        return []

    def poll(self) -> list[Placement]:
        """See `Broker.poll`."""
        return []

    def commission(self, notional: int, currency: str) -> int:
        """See `Broker.commission`."""
        return 7
