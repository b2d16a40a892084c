"""What a trading desk stands on."""

from __future__ import annotations

from dataclasses import dataclass

from desk.bus.bus import EventBus
from desk.clock import Clock
from desk.ledger.log import Ledger
from desk.market.feed import MarketFeed
from desk.store.engine import Store
from desk.store.keys import SubjectKeys


@dataclass(frozen=True)
class Services:
    """Store, audit log, market, bus and wall clock; `subjects` keeps the keys that people are sealed under."""

    store: Store
    ledger: Ledger
    feed: MarketFeed
    bus: EventBus
    wall: Clock
    subjects: SubjectKeys | None = None
