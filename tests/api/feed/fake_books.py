"""A venue whose books and trades are what the test puts there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from desk.errors import NotFound
from desk.market.books import Depth, Level, Print
from desk.orders import Side

START = datetime(2024, 3, 1, 15, 0, tzinfo=UTC)


class FakeBooks:
    """See `BookSource`."""

    def __init__(self, *instruments: str) -> None:
        self._depth = {id: Depth(id, 1, (), (), START, False) for id in instruments}
        self._tape: list[Print] = []
        self.looks = 0

    def put(self, instrument: str, bids: Mapping[int, int], asks: Mapping[int, int]) -> None:
        """Makes this the book: lots by price."""
        sides = [
            tuple(Level(price, side[price]) for price in sorted(side, reverse=down))
            for side, down in ((bids, True), (asks, False))
        ]
        self._depth[instrument] = Depth(instrument, self.version(instrument) + 1, sides[0], sides[1], START, False)

    def trade(self, instrument: str, price: int, lots: int, seconds: float = 0) -> None:
        """Prints a trade."""
        at = START + timedelta(seconds=seconds)
        self._tape.append(Print(len(self._tape) + 1, instrument, price, lots, Side.BUY, at, False))

    def version(self, instrument: str) -> int:
        """See `BookSource.version`."""
        if instrument not in self._depth:
            raise NotFound(f"{instrument} is not traded here")
        return self._depth[instrument].version

    def depth(self, instrument: str, levels: int) -> Depth:
        """See `BookSource.depth`."""
        self.version(instrument)
        self.looks += 1
        found = self._depth[instrument]
        return Depth(instrument, found.version, found.bids[:levels], found.asks[:levels], found.at, found.simulated)

    def trades_since(self, seq: int, most: int) -> list[Print]:
        """See `BookSource.trades_since`."""
        return self._tape[seq:][-most:]
