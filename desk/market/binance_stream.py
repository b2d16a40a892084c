"""Binance's market stream: reads, tells numbers apart, and passes on; what a lost line lost is known by its numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TypeVar

import structlog

from desk.clock import Clock
from desk.errors import DataError, NotFound
from desk.market.binance import NAME, BinanceData
from desk.market.binance_words import STREAMS, BinanceReader
from desk.market.depth_book import DepthBook
from desk.market.events import DepthDiff, Kline, Tick, Trade, to_us
from desk.market.gate import Gate
from desk.market.inlet import Inlet
from desk.market.sequence import Hole, Sequence
from desk.market.source import StreamCounts
from desk.stream import Event, VenueStream

MOST_FILL = 20_000
"""Trades that one look brings at most, so that other work goes on between."""

PING_S = 30.0
_Odd = TypeVar("_Odd", Trade, Tick)


class BinanceStream:
    """`last_seq` gives the highest kept trade of an instrument, so that what came while the desk was off is a hole."""

    name = NAME

    def __init__(
        self,
        data: BinanceData,
        stream_url: str,
        inlet: Inlet,
        wall: Clock,
        last_seq: Callable[[str], int | None],
        heard: Callable[[], None],
    ) -> None:
        self._data, self._inlet, self._wall, self._heard = data, inlet, wall, heard
        self._reader, self._gate = BinanceReader(data.symbols), Gate()
        self._lock = threading.Lock()
        self.counts = StreamCounts()
        self.books = {id: DepthBook() for id in data.symbols}
        self._sequences = {id: Sequence(last_seq(id)) for id in data.symbols}
        streams = "/".join(f"{symbol.lower()}@{kind}" for symbol in data.symbols.values() for kind in STREAMS)
        self._line = VenueStream(
            NAME,
            f"{stream_url.rstrip('/')}/stream?streams={streams}",
            greet=lambda _: None,
            take=self.take,
            connected=self._connected,
            ping_s=PING_S,
        )

    @property
    def live(self) -> bool:
        """Whether the line is up."""
        return self._line.live

    def start(self) -> None:
        """Begins to listen, in a thread of its own."""
        self._line.start()

    def close(self) -> None:
        """Ends it; safe without a start."""
        self._line.stop()

    def take(self, message: Event) -> None:
        """One message of the stream. One in another form is counted and logged, and nothing else."""
        self.counts.messages += 1
        try:
            event = self._reader.read(message, to_us(self._wall.now()))
        except DataError as error:
            self.counts.broken += 1
            structlog.get_logger("market").warning("message not read", source=NAME, why=error.message)
            return
        if isinstance(event, Trade):
            self._take_trade(event)
        elif isinstance(event, Tick):
            self._inlet.put_tick(self._counted(self._gate.tick(event)))
        elif isinstance(event, DepthDiff):
            self.books[event.instrument].take(event)
        elif isinstance(event, Kline):
            self._inlet.put_kline(self._gate.kline(event))

    def holes(self) -> Mapping[str, tuple[Hole, ...]]:
        """Numbers of trades that are missing, by instrument."""
        with self._lock:
            return {id: s.holes for id, s in self._sequences.items() if s.holes}

    def mend(self) -> int:
        """Brings missing trades and whole books over REST; how many trades. Raises as the source does."""
        brought = 0
        for id, holes in self.holes().items():
            for hole in holes:
                if brought >= MOST_FILL:
                    return brought
                brought += self._fill(id, Hole(hole.first, min(hole.last, hole.first + MOST_FILL - 1)))
        for id, book in self.books.items():
            if self.live and not book.good:
                book.take_snapshot(self._data.depth(id))
        return brought

    def _fill(self, id: str, hole: Hole) -> int:
        brought = 0
        try:
            for trade in self._data.trades_from(id, hole.first, hole.last):
                if not self._take_trade(trade) and self._missing(id, trade.seq):
                    return brought  # no room: later
                brought += 1
        except NotFound as error:  # no longer listed: nobody has these trades
            structlog.get_logger("market").warning("not listed", instrument=id, why=error.message)
        self.counts.filled += brought
        if any(self._missing(id, number) for number in hole):
            self._give_up(id, hole)
        return brought

    def _missing(self, id: str, number: int) -> bool:
        with self._lock:
            return self._sequences[id].judge(number) != "twice"

    def _give_up(self, id: str, hole: Hole) -> None:
        structlog.get_logger("market").warning("trades that nobody has", instrument=id, numbers=list(hole))
        with self._lock:
            self._sequences[id].give_up(hole)

    def _take_trade(self, trade: Trade) -> bool:
        """Whether it was new and is on its way; never twice, whoever brings it."""
        with self._lock:
            arrival = self._sequences[trade.instrument].take(trade.seq)
            if arrival == "twice":
                self.counts.twice += 1
                return False
            if arrival == "late":
                self.counts.late += 1
            trade = self._counted(self._gate.trade(trade))
        if self._inlet.put_trade(trade):
            return True
        with self._lock:
            self._sequences[trade.instrument].lose(trade.seq)
        return False

    def _counted(self, event: _Odd) -> _Odd:
        if event.flags:
            self.counts.flagged[event.flags] += 1
        return event

    def _connected(self) -> None:
        self.counts.lines += 1
        for book in self.books.values():
            book.lose()
        self._heard()
