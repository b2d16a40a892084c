"""The protocol of a live source of prices, and what every one is told of an instrument."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Protocol

from desk.errors import DataError
from desk.instruments import Instrument
from desk.market.depth_book import DepthBook
from desk.market.events import Interval, Kline, Tick
from desk.market.sequence import Hole


class MarketSource(Protocol):
    """One vendor. Thread-safe. Empty means that it has nothing; failure raises.

    BackEndUnreachable (Limited, NotAdmitted) when it does not serve, NotFound for what it does not (any longer) list,
    DataError for an answer in another form or another currency.
    """

    @property
    def name(self) -> str:
        """Its name in stamps and to a person."""
        ...

    def serves(self, instrument: Instrument, interval: Interval | None = None) -> bool:
        """Whether it quotes the instrument, or has bars of the interval of it."""
        ...

    def klines(self, instrument: Instrument, interval: Interval, start: datetime, end: datetime) -> list[Kline]:
        """Closed bars that begin in `[start, end)`, oldest first."""
        ...

    def tick(self, instrument: Instrument) -> Tick:
        """The quote now."""
        ...

    def close(self) -> None:
        """Ends its session."""
        ...


@dataclass
class StreamCounts:
    """Since the start, of all instruments. `broken`: messages in another form, or that a fault of ours lost."""

    messages: int = 0
    broken: int = 0
    twice: int = 0
    late: int = 0
    filled: int = 0
    lines: int = 0
    flagged: Counter[int] = field(default_factory=Counter)


class MarketStream(Protocol):
    """One vendor's pushed events: what it hears goes into an inlet; what it missed it brings itself."""

    name: str
    counts: StreamCounts
    books: dict[str, DepthBook]

    @property
    def live(self) -> bool:
        """Whether the line is up."""
        ...

    def start(self) -> None:
        """Begins to listen, in a thread of its own."""
        ...

    def close(self) -> None:
        """Ends it; safe without a start."""
        ...

    def holes(self) -> Mapping[str, tuple[Hole, ...]]:
        """Numbers of trades that are missing, by instrument."""
        ...

    def mend(self) -> int:
        """Brings missing trades and whole books; how many trades. Raises as the source does."""
        ...


def read_decimal(value: object, source: str, what: str) -> Decimal:
    """An exact, finite number; DataError otherwise. `what` names the field."""
    try:
        found = Decimal(value) if isinstance(value, str | int) else Decimal(repr(value))
    except (InvalidOperation, ValueError, TypeError):
        found = Decimal("NaN")
    if not found.is_finite():
        raise DataError(f"{source} sent {what} {str(value)[:40]!r}, which is no number")
    return found
