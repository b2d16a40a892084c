"""The newest quote of each source, which one is taken, and where two disagree.

Sources stand in an order; the first whose quote is fresh is taken. Two fresh quotes whose middles are farther apart
than the band of the asset class disagree: the first is still taken, and the disagreement is told and counted.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from desk.instruments import AssetClass, Instruments
from desk.market.events import BAD, Tick, from_us

BAND: dict[AssetClass, Decimal] = {
    AssetClass.STOCK: Decimal("0.005"),
    AssetClass.INDEX: Decimal("0.005"),
    AssetClass.FOREX: Decimal("0.001"),
    AssetClass.COMMODITY: Decimal("0.01"),
    AssetClass.BOND: Decimal("0.01"),
    AssetClass.CRYPTO: Decimal("0.005"),
}
"""How far apart two middles may be, as a share of the first."""

FRESH: dict[str, timedelta] = {
    "Binance": timedelta(seconds=60),
    "Yahoo": timedelta(minutes=20),
    "Alpha Vantage": timedelta(hours=8),
}
"""How old a quote may be while the market is open: by how often its source can be asked, and how late it is."""

USUAL_FRESH = timedelta(minutes=20)


@dataclass(frozen=True)
class Disagreement:
    """Two sources' middles of one instrument at one time; `share` is their distance over the first."""

    instrument: str
    first: str
    second: str
    first_middle: Decimal
    second_middle: Decimal
    share: Decimal
    at: datetime


class Board:
    """Safe for several threads. `order`: instrument id to source names, best first."""

    def __init__(self, instruments: Instruments, order: Mapping[str, Iterable[str]]) -> None:
        self._instruments = instruments
        self._order = {id: tuple(names) for id, names in order.items()}
        self._ticks: dict[str, dict[str, Tick]] = {}
        self._apart: dict[str, Disagreement] = {}
        self._lock = threading.Lock()
        self.disagreements: Counter[str] = Counter()

    def put(self, tick: Tick) -> Disagreement | None:
        """Takes a quote, unless it is bad or older than the one held. Returns a disagreement that begins with it."""
        if tick.flags & BAD:
            return None
        with self._lock:
            held = self._ticks.setdefault(tick.instrument, {})
            before = held.get(tick.source)
            if before is not None and before.event_us > tick.event_us:
                return None
            held[tick.source] = tick
            return self._compare(tick)

    def choose(self, instrument: str, now: datetime, *, fresh: timedelta | None = None) -> Tick | None:
        """The quote of the first source that has a fresh one; `fresh` replaces the usual ages. None without any."""
        with self._lock:
            held = self._ticks.get(instrument, {})
            for name in self._order.get(instrument, ()):
                tick, age = held.get(name), fresh or FRESH.get(name, USUAL_FRESH)
                if tick is not None and now - from_us(tick.event_us) <= age:
                    return tick
        return None

    def heard(self, instrument: str, source: str, now: datetime) -> bool:
        """Whether the source's own quote is fresh."""
        with self._lock:
            tick = self._ticks.get(instrument, {}).get(source)
        return tick is not None and now - from_us(tick.event_us) <= FRESH.get(source, USUAL_FRESH)

    def newest(self, instrument: str) -> Tick | None:
        """The newest quote of any source, however old."""
        with self._lock:
            return max(self._ticks.get(instrument, {}).values(), key=lambda tick: tick.event_us, default=None)

    def apart(self) -> list[Disagreement]:
        """Disagreements that stand now, by instrument."""
        with self._lock:
            return [self._apart[id] for id in sorted(self._apart)]

    def _compare(self, tick: Tick) -> Disagreement | None:
        """Between the two best sources that were fresh when `tick` came."""
        held, age = self._ticks[tick.instrument], {}
        for name in self._order.get(tick.instrument, ()):
            other = held.get(name)
            limit = FRESH.get(name, USUAL_FRESH) // timedelta(microseconds=1)
            if other is not None and tick.known_us - other.event_us <= limit:
                age[name] = other
        if len(age) < 2:
            self._apart.pop(tick.instrument, None)
            return None
        first, second = list(age.values())[:2]
        one, two = _middle(first), _middle(second)
        share = abs(one - two) / abs(one) if one else Decimal(1)
        if share <= BAND[self._instruments.get(tick.instrument).asset_class]:
            self._apart.pop(tick.instrument, None)
            return None
        found = Disagreement(tick.instrument, first.source, second.source, one, two, share, from_us(tick.known_us))
        begins = tick.instrument not in self._apart
        self._apart[tick.instrument] = found
        if not begins:
            return None
        self.disagreements[tick.instrument] += 1
        return found


def _middle(tick: Tick) -> Decimal:
    return (tick.bid + tick.ask) / 2
