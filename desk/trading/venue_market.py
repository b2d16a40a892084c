"""One instrument at the simulated venue: its symbol in the engine, and where its session stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from desk.instruments import Instrument
from desk.market.feed import Quote
from desk.market.hours import in_call
from desk.orders import TimeInForce
from desk.trading.maker import Maker
from desk.trading.messages import Phase
from desk.trading.venue_order import VenueOrder

BACK = timedelta(hours=1)
"""A market clock that goes back by more than this has begun a session anew."""


@dataclass
class Market:
    """`version` rises with everything that was sent to the engine; `last` is the last price it was told."""

    instrument: Instrument
    symbol: int
    maker: Maker
    phase: Phase = Phase.CONTINUOUS
    at: datetime | None = None
    last: int = 0
    version: int = 1
    waiting: dict[int, VenueOrder] = field(default_factory=dict)

    def begins_anew(self, quote: Quote) -> bool:
        """Whether the quote is of another session than what was seen last."""
        return self.at is not None and (quote.at.date() > self.at.date() or quote.at < self.at - BACK)

    def phase_at(self, quote: Quote) -> Phase:
        """How the instrument trades at the time of the quote."""
        return Phase.AUCTION if in_call(self.instrument.asset_class, quote.at) else Phase.CONTINUOUS

    def over(self, quote: Quote) -> list[VenueOrder]:
        """Waiting orders whose last day has passed, given that a new session begins."""
        return [held for held in self.waiting.values() if _is_over(held, quote)]


def _is_over(held: VenueOrder, quote: Quote) -> bool:
    order = held.order
    if order.time_in_force is TimeInForce.GTD:
        return order.expires is not None and quote.at.date() > order.expires
    return order.time_in_force is TimeInForce.DAY
