"""What a trading desk stands on."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from desk.bus.bus import EventBus
from desk.clock import Clock, to_iso
from desk.ledger.log import Entry, Ledger
from desk.market.feed import MarketFeed
from desk.store.engine import Store
from desk.store.keys import SubjectKeys
from desk.trading.venue_terms import USUAL, VenueTerms


@dataclass(frozen=True)
class Services:
    """Store, audit log, market, bus and wall clock; `subjects` keeps the keys that people are sealed under.

    `terms` are those of the simulated venue.
    """

    store: Store
    ledger: Ledger
    feed: MarketFeed
    bus: EventBus
    wall: Clock
    subjects: SubjectKeys | None = None
    terms: VenueTerms = USUAL

    def record(self, connection: Connection, kind: str, subject: str, body: dict[str, object]) -> None:
        """Appends one audit record in the caller's transaction, stamped by both clocks."""
        entry = Entry(kind, subject, to_iso(self.feed.now()), to_iso(self.wall.now()), body)
        self.ledger.append(connection, entry)
