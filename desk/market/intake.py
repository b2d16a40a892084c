"""The live market at work: streams and polls in, archive and board out, holes mended, what is odd kept.

Two threads when started: `drain` empties the inlet often and writes now and then; `look` asks over REST what is due.
Both may be called by hand instead, with a clock of one's own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog

from desk.clock import Clock
from desk.errors import BackEndUnreachable, DataError
from desk.instruments import AssetClass, Instrument
from desk.market.archive import Archive
from desk.market.backfill import Backfill
from desk.market.board import Board, Disagreement
from desk.market.events import Interval, Kline, Trade, to_us
from desk.market.findings import Findings
from desk.market.gate import Gate
from desk.market.inlet import Inlet
from desk.market.quality import Finding
from desk.market.source import MarketSource, MarketStream
from desk.source_state import SourceStates

DRAIN_S, LOOK_S = 0.25, 1.0
FLUSH_EVERY, FLUSH_AT = timedelta(seconds=30), 20_000
POLL: dict[str, timedelta] = {"Binance": timedelta(seconds=10), "Alpha Vantage": timedelta(hours=1)}
USUAL_POLL = timedelta(minutes=1)
AGAIN: dict[Interval, timedelta] = {"1m": timedelta(minutes=1), "1d": timedelta(hours=1)}
LONGEST_AGAIN = timedelta(hours=6)
SCARCE = frozenset({"Alpha Vantage"})
"""Sources that are asked for a quote only when no other one has a fresh quote."""


class Intake:
    """See the module. `stream` None: quotes are polled."""

    def __init__(
        self,
        instruments: Sequence[Instrument],
        backfill: Backfill,
        archive: Archive,
        board: Board,
        findings: Findings,
        states: SourceStates,
        wall: Clock,
        inlet: Inlet,
        stream: MarketStream | None = None,
    ) -> None:
        self.instruments, self.backfill, self.archive, self.board = tuple(instruments), backfill, archive, board
        self.findings, self.states, self.inlet, self.stream = findings, states, inlet, stream
        self._wall, self._gate = wall, Gate()
        self._trades: list[Trade] = []
        self._klines: list[Kline] = []
        self._flushed = wall.now()
        self._polled: dict[tuple[str, str], datetime] = {}
        self._filled: dict[tuple[str, Interval], tuple[datetime, timedelta]] = {}
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._write = threading.Lock()

    def start(self) -> None:
        """Begins both threads and the stream; a source that is down holds nothing up."""
        if self._threads:
            return
        if self.stream:
            self.stream.start()
        for name, work, pause in (("drain", self.drain, DRAIN_S), ("look", self.look, LOOK_S)):
            thread = threading.Thread(target=self._run, args=(work, pause), name=f"tenor-market-{name}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def wait(self, seconds: float) -> None:
        """Lets it work for so long, or until it is closed."""
        self._stop.wait(seconds)

    def close(self) -> None:
        """Stops, writes what waits, ends the sources' sessions."""
        self._stop.set()
        if self.stream:
            self.stream.close()
        for thread in self._threads:
            thread.join(timeout=5)
        self.drain(flush=True)
        for source in self.backfill.sources:
            source.close()

    def drain(self, flush: bool = False) -> None:
        """Takes what waits in the inlet to the board and, in portions, to the archive."""
        with self._write:
            batch = self.inlet.take()
            for tick in batch.ticks:
                self._told(self.board.put(tick))
            self._trades += batch.trades
            self._klines += [kline for kline in batch.klines if kline.closed]
            now = self._wall.now()
            due = abs(now - self._flushed) >= FLUSH_EVERY or len(self._trades) >= FLUSH_AT
            if (flush or due) and (self._trades or self._klines):
                self.archive.add_trades(self._trades)
                self.archive.add_klines(self._klines)
                self._trades, self._klines = [], []
            if flush or due:
                self._flushed = now

    def look(self) -> None:
        """One round over REST: quotes that are polled, missing trades and books, bars that are due."""
        for instrument in self.instruments:
            for source in self.backfill.serving(instrument):
                if not self._stop.is_set():
                    self._poll(source, instrument)
        if self.stream and self.states.ready(self.stream.name):
            self._try(self.stream.name, self.stream.mend)
        for instrument in self.instruments:
            if not self._stop.is_set():
                self._bars(instrument, "1d")
            if instrument.asset_class is AssetClass.CRYPTO and not self._stop.is_set():
                self._bars(instrument, "1m")

    def report(self) -> dict[str, object]:
        """Counts since the start and how each source fares, as plain values."""
        stream = None
        if self.stream:
            counts = self.stream.counts
            flagged = sum(counts.flagged.values())
            plain = {name: getattr(counts, name) for name in ("messages", "broken", "twice", "late", "filled", "lines")}
            missing = sum(h.last - h.first + 1 for holes in self.stream.holes().values() for h in holes)
            resyncs = sum(book.resyncs for book in self.stream.books.values())
            stream = {**plain, "live": self.stream.live, "flagged": flagged, "missing": missing, "resyncs": resyncs}
        return {
            "sources": [_row(asdict(state)) for state in self.states.all()],
            "inlet": asdict(self.inlet.counts),
            "stream": stream,
            "disagreements": [_row(asdict(each)) for each in self.board.apart()],
        }

    def _bars(self, instrument: Instrument, interval: Interval) -> None:
        now, key = self._wall.now(), (instrument.id, interval)
        asked, wait = self._filled.get(key, (None, AGAIN[interval]))
        if asked is not None and timedelta(0) <= now - asked < wait:
            return
        if not any(self.states.ready(s.name) for s in self.backfill.serving(instrument, interval)):
            return
        due = self.backfill.due(instrument, interval)
        if due is None:
            self._filled[key] = (now, AGAIN[interval])
            return
        filled = self.backfill.fill(instrument, interval, *due)
        self._filled[key] = (now, AGAIN[interval] if filled.added.new else min(2 * wait, LONGEST_AGAIN))
        if not filled.source and not all(self.states.ready(name) for name in filled.refused):
            self._filled.pop(key)  # one is down: its own wait decides

    def _poll(self, source: MarketSource, instrument: Instrument) -> None:
        now, key = self._wall.now(), (source.name, instrument.id)
        streamed = self.stream and source.name == self.stream.name and self.stream.live
        if streamed and self.board.heard(instrument.id, source.name, now):
            return
        asked = self._polled.get(key)
        if asked is not None and timedelta(0) <= now - asked < POLL.get(source.name, USUAL_POLL):
            return
        if source.name in SCARCE and self.board.choose(instrument.id, now) is not None:
            return
        if not self.states.ready(source.name):
            return

        def ask() -> None:
            self._told(self.board.put(self._gate.tick(source.tick(instrument))))

        if self._try(source.name, ask):
            self._polled[key] = now

    def _try(self, name: str, ask: Callable[[], object]) -> bool:
        """Whether the source answered at all, if only that it has no such thing."""
        try:
            self.states.ask(name, ask)
        except (BackEndUnreachable, DataError) as error:
            structlog.get_logger("market").warning("not asked", source=name, why=error.message)
            return not isinstance(error, BackEndUnreachable)
        return True

    def _told(self, apart: Disagreement | None) -> None:
        if apart is None:
            return
        at = to_us(apart.at)
        said = f"{apart.first} {apart.first_middle:f}, {apart.second} {apart.second_middle:f}"
        both = f"{apart.first}/{apart.second}"
        self.findings.add([Finding("disagreement", apart.instrument, at, at, f"{said}: {apart.share:.2%} apart", both)])

    def _run(self, work: Callable[[], None], pause: float) -> None:
        while not self._stop.wait(pause):
            try:
                work()
            except Exception:  # noqa: BLE001 - the market goes on; the next round tries again
                structlog.get_logger("market").exception("round failed")


def _row(fields: dict[str, object]) -> dict[str, object]:
    """Times in ISO 8601 and decimals as text."""
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in fields.items()}
    return {
        name: value if value is None or isinstance(value, int | str) else str(value) for name, value in plain.items()
    }
