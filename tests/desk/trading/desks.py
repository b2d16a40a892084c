"""A whole trading desk in a folder, and an outside broker that remembers on disk."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from desk.bus.local import LocalBus
from desk.clock import FrozenClock
from desk.errors import BrokerError
from desk.ledger.log import Ledger
from desk.orders import Fill, Order, OrderState
from desk.store.engine import Store
from desk.store.keys import load_key
from desk.trading.broker import Placement
from desk.trading.desk_book import TradingDesk
from desk.trading.record_fields import fill_from
from desk.trading.seeds import Lot, Seed
from desk.trading.services import Services
from desk.trading.tokens import TokenSigner
from desk.trading.venue_terms import USUAL
from tests.desk.trading.fake_feed import AAPL, START, FakeFeed

SEEDS = [
    Seed("desk", "desk", "USD", {"USD": 5_000_000_00}, {AAPL: Lot(Decimal(100), Decimal(150))}),
    Seed("eva", "customer", "EUR", {"EUR": 50_000_00}),
]


class OutsideBroker:
    """A venue with its own disk: one line per order, each placed once. `fail` makes calls fail."""

    def __init__(self, path: Path, signer: TokenSigner) -> None:
        self._path, self._signer = path, signer
        self.fail: BrokerError | None = None
        self.calls = 0
        self._lock = threading.Lock()

    def place(self, order: Order, token: str) -> Placement:
        self._signer.check(order, token, START)
        with self._lock:
            self.calls += 1
            if self.fail is not None:
                raise self.fail
            return self._place(order)

    def _place(self, order: Order) -> Placement:
        known = self.book()
        if order.client_id not in known:
            fill = Fill(f"out-{len(known) + 1}", order.client_id, order.account, order.instrument, order.side,
                        order.quantity, 18_001, 7, "USD", START, False)  # fmt: skip
            with self._path.open("a") as file:
                file.write(json.dumps(fill.to_dict()) + "\n")
                file.flush()
                os.fsync(file.fileno())
            known = self.book()
        return Placement(order.client_id, (known[order.client_id],), OrderState.FILLED)

    def restore(self, order: Order, token: str, fills: Sequence[Fill], triggered: bool = False) -> Placement:
        return self.place(order, token)

    def book(self) -> dict[str, Fill]:
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        fills = [fill_from(json.loads(line)) for line in lines]
        assert len({fill.client_id for fill in fills}) == len(fills), "the venue placed an order twice"
        return {fill.client_id: fill for fill in fills}

    def cancel(self, client_id: str) -> Placement | None:
        return None

    def open_orders(self) -> list[str]:
        return []

    def poll(self) -> list[Placement]:
        return []

    def commission(self, notional: int, currency: str) -> int:
        return 7


def open_desk(folder: Path, feed: FakeFeed | None = None, *, outside: bool = False, **more: Any) -> TradingDesk:
    """A recovered and seeded desk; the same folder again is the same desk after a restart."""
    store = Store.in_folder(folder)
    ledger = Ledger(store, load_key(folder / "keys" / "ledger.key"))
    if outside:
        more.setdefault("build_broker", lambda signer: OutsideBroker(folder / "venue.jsonl", signer))
    terms = more.pop("terms", USUAL)
    services = Services(store, ledger, feed or FakeFeed(), LocalBus(), more.pop("wall", None) or FrozenClock(START),
                        terms=terms)  # fmt: skip
    desk = TradingDesk(folder, services, **more)
    desk.recover()
    desk.seed(SEEDS)
    return desk
