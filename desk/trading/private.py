"""A private gate: for backtests, simulations and benches. Same rules, nothing shared, nothing kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from desk.bus.bus import Event
from desk.clock import Clock
from desk.market.feed import MarketFeed
from desk.risk.limits import LimitTable
from desk.risk.marks import Marks
from desk.trading.accounts import AccountBook
from desk.trading.decisions import ComplianceRule
from desk.trading.gateway import Gate
from desk.trading.journal import Journal, MemoryJournal
from desk.trading.judging import GateRules
from desk.trading.realistic import build_venue
from desk.trading.seeds import Seed
from desk.trading.settlement import Settlement
from desk.trading.simulated import SimulatedBroker
from desk.trading.tokens import TokenSigner
from desk.trading.venue_terms import USUAL, VenueTerms


class _SilentBus:
    """A bus that nobody listens to."""

    def publish(self, topic: str, body: dict[str, object]) -> Event:
        return Event(topic, 0, body)

    def listen(self, topic: str, listener: Callable[[Event], None]) -> Callable[[], None]:
        return lambda: None

    def since(self, topic: str, seq: int) -> list[Event]:
        return []


class PrivateDesk(NamedTuple):
    """A gate with its own accounts and venue; call `settlement.book_all(venue.poll())` at each tick."""

    gate: Gate
    accounts: AccountBook
    settlement: Settlement
    venue: SimulatedBroker


def build_private_desk(
    feed: MarketFeed,
    clock: Clock,
    seeds: Iterable[Seed],
    *,
    limits: LimitTable | None = None,
    compliance: Sequence[ComplianceRule] = (),
    journal: Journal | None = None,
    terms: VenueTerms = USUAL,
) -> PrivateDesk:
    """A fresh desk in memory, seeded. Not bound by the desk's halt; no outside broker; both clocks are the caller's."""
    accounts = AccountBook(feed.instruments)
    settlement = Settlement(
        accounts=accounts, journal=journal or MemoryJournal(), bus=_SilentBus(), market=feed, wall=clock
    )
    signer = TokenSigner(secrets.token_bytes(32))
    venue = build_venue(feed, signer, clock, terms)
    table = limits or LimitTable()
    gate = Gate(
        settlement=settlement,
        marks=Marks(feed, table.base),
        venue=venue,
        signer=signer,
        rules=GateRules(table, tuple(compliance)),
        wall=clock,
    )
    for seed in seeds:
        settlement.write("account.seeded", seed.account, seed.to_dict())
    return PrivateDesk(gate, accounts, settlement, venue)
