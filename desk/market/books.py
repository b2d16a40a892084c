"""Order books as a venue tells them: depth, a version that rises on change, and the tape of trades.

Prices are whole ticks and quantities whole lots of the instrument, so nothing is rounded on the way.
Empty means absent: a side without orders has no levels, a venue without trades an empty tape.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from desk.orders import Side


class Level(NamedTuple):
    """All visible lots that wait at one price."""

    price_ticks: int
    lots: int


@dataclass(frozen=True)
class Depth:
    """The best levels of both sides, best first, as they stood at `version` and market time `at`.

    `simulated` is true when any of the lots were made up.
    """

    instrument: str
    version: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    at: datetime
    simulated: bool


class Print(NamedTuple):
    """One trade on the tape; `seq` counts all trades of the venue from 1 without gaps, `at` is market time."""

    seq: int
    instrument: str
    price_ticks: int
    lots: int
    taker_side: Side
    at: datetime
    simulated: bool


class BookSource(Protocol):
    """One venue's books. Safe for several threads; no call waits for I/O."""

    def version(self, instrument: str) -> int:
        """Rises whenever the depth may differ from before, starts above 0; NotFound for what is not traded here.

        Asked ten times a second for every book that somebody watches: it must be cheap.
        """
        ...

    def depth(self, instrument: str, levels: int) -> Depth:
        """Up to `levels` levels of each side; NotFound for what is not traded here."""
        ...

    def trades_since(self, seq: int, most: int) -> list[Print]:
        """Trades of all instruments after `seq`, oldest first, at most the last `most` of them."""
        ...
