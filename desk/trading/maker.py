"""The simulated maker: made-up liquidity around the feed's quote, labelled so.

Five levels on each side, each worth 250,000 major units of a two-digit currency. What was traded
away is renewed at the next look; a new quote replaces all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from desk.instruments import Instrument
from desk.market.feed import Quote
from desk.money import minor_digits
from desk.trading.messages import Message, Op

LEVELS = 5
LEVEL_WORTH = 25_000_000
"""Minor units of quote currency that each level is worth."""

BUY, SELL = 0, 1
MAKER_ACCOUNT = 0
"""The engine's account that self-trade prevention leaves alone."""


class Maker:
    """The maker's orders in one symbol. `number` gives the engine's next order id."""

    def __init__(self, symbol: int, instrument: Instrument, number: Callable[[], int]) -> None:
        self._symbol, self._number = symbol, number
        self._worth = instrument.tick * instrument.lot * Decimal(10) ** minor_digits(instrument.currency)
        self._orders: dict[int, tuple[int, int]] = {}
        self._worn: set[int] = set()
        self._quoted = (0, 0)

    def wear(self, id: int) -> bool:
        """Notes that an order traded; whether it is the maker's."""
        if id not in self._orders:
            return False
        self._worn.add(id)
        return True

    def renew(self, quote: Quote) -> list[Message]:
        """What to send so that the maker stands at this quote in full; empty when it does."""
        bid, ask = quote.bid_ticks, max(quote.ask_ticks, quote.bid_ticks + 1)
        if self._quoted == (bid, ask):
            if not self._worn:
                return []
            gone = sorted(self._worn)
            fresh = [self._orders[id] for id in gone]
        else:
            gone, step = list(self._orders), ask - bid
            fresh = [(BUY, bid - level * step) for level in range(LEVELS)]
            fresh += [(SELL, ask + level * step) for level in range(LEVELS)]
        self._quoted = (bid, ask)
        self._worn.clear()
        for id in gone:
            del self._orders[id]
        messages = [Message(op=Op.CANCEL, id=id, account=MAKER_ACCOUNT) for id in gone]
        return messages + [self._make(side, ticks) for side, ticks in fresh if ticks > 0]

    def leave(self) -> list[Message]:
        """What to send so that nothing of the maker stands any more."""
        gone, self._orders = list(self._orders), {}
        self._quoted = (0, 0)
        self._worn.clear()
        return [Message(op=Op.CANCEL, id=id, account=MAKER_ACCOUNT) for id in gone]

    def _make(self, side: int, ticks: int) -> Message:
        id = self._number()
        self._orders[id] = (side, ticks)
        lots = int(LEVEL_WORTH / (ticks * self._worth)) + 1
        return Message(side=side, symbol=self._symbol, account=MAKER_ACCOUNT, id=id, price=ticks, qty=lots)
