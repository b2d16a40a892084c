"""Market history on disk: Parquet, one file per instrument and stretch of time, replaced whole.

A bar that a source restates is kept as a further version with its own `known_us`, so that what was known at a moment
can be read again; the same values twice are one row. Trades are told apart by source and number. One process writes.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from desk.errors import DataError
from desk.market.events import Interval, Kline, Trade, from_us
from desk.store.whole import write_whole

if TYPE_CHECKING:
    import pyarrow as pa

SCALE = 12
"""Decimals that are kept of prices and sizes."""

_KLINE = ("source", "event_us", "known_us", "end_us", "open", "high", "low", "close", "volume", "flags")
_TRADE = ("source", "event_us", "known_us", "seq", "price", "quantity", "buyer_maker", "flags")
_DECIMALS = frozenset({"open", "high", "low", "close", "volume", "price", "quantity"})
KEPT_FILES = 400


class Added(NamedTuple):
    """What an addition came to, in rows."""

    new: int
    duplicates: int
    restated: int


NOTHING = Added(0, 0, 0)


class Archive:
    """Safe for several threads of one process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._klines: dict[Path, list[Kline]] = {}
        self.version = 0

    def add_klines(self, klines: Iterable[Kline]) -> Added:
        """Keeps closed bars; one that is still open is left out. DataError for a damaged file, OSError for the disk."""
        parts: dict[Path, list[Kline]] = defaultdict(list)
        for kline in klines:
            if kline.closed:
                parts[self._kline_path(kline.instrument, kline.interval, kline.event_us)].append(kline)
        total = NOTHING
        with self._lock:
            for path, rows in parts.items():
                added = self._merge(path, rows)
                total = Added(*(a + b for a, b in zip(total, added, strict=True)))
        return total

    def klines(
        self,
        instrument: str,
        interval: Interval,
        start_us: int,
        end_us: int,
        *,
        as_of_us: int | None = None,
        sources: Sequence[str] = (),
    ) -> list[Kline]:
        """One bar for each interval that begins in `[start_us, end_us)`, oldest first: of the first of `sources` that
        has it (any source when none is named), in the version that was known at `as_of_us` (the newest by default).
        """
        order = {source: n for n, source in enumerate(sources)}
        best: dict[int, Kline] = {}
        for kline in self.versions(instrument, interval, start_us, end_us):
            if (as_of_us is not None and kline.known_us > as_of_us) or (sources and kline.source not in order):
                continue
            held = best.get(kline.event_us)
            rank = order.get(kline.source, 0)
            if held is None or (rank, -kline.known_us) <= (order.get(held.source, 0), -held.known_us):
                best[kline.event_us] = kline
        return [best[at] for at in sorted(best)]

    def versions(self, instrument: str, interval: Interval, start_us: int, end_us: int) -> list[Kline]:
        """Every kept version of every source, by event time and knowledge time."""
        found = list[Kline]()
        with self._lock:
            for path in self._kline_paths(instrument, interval, start_us, end_us):
                found += [k for k in self._load(path) if start_us <= k.event_us < end_us]
        return sorted(found, key=lambda k: (k.event_us, k.known_us))

    def span(self, instrument: str, interval: Interval) -> tuple[int, int] | None:
        """When the first and the last kept bar begin; None without any."""
        with self._lock:
            paths = sorted(self._home("klines", instrument, interval).glob("*.parquet"))
            ends = [self._load(path) for path in (paths[:1] + paths[-1:])]
        return (ends[0][0].event_us, ends[-1][-1].event_us) if ends else None

    def held(self, interval: Interval) -> list[str]:
        """Instruments with kept bars of the interval."""
        home = self._folder / "klines" / interval
        return sorted(path.name.replace(".", ":", 1) for path in home.glob("*") if any(path.glob("*.parquet")))

    def add_trades(self, trades: Iterable[Trade]) -> Added:
        """Keeps trades; those known already by source and number are left out."""
        parts: dict[Path, dict[tuple[str, int], Trade]] = defaultdict(dict)
        given = 0
        for trade in trades:
            given += 1
            parts[self._trade_path(trade)].setdefault((trade.source, trade.seq), trade)
        new = 0
        with self._lock:
            for path, rows in parts.items():
                known = {(t.source, t.seq): t for t in self._read_trades(path)}
                fresh = {key: trade for key, trade in rows.items() if key not in known}
                if fresh:
                    kept = sorted((known | fresh).values(), key=lambda t: (t.source, t.seq))
                    self._write(path, _columns(kept, _TRADE))
                    new += len(fresh)
        return Added(new, given - new, 0)

    def trades(self, instrument: str, start_us: int, end_us: int) -> list[Trade]:
        """Trades of `[start_us, end_us)` by time and number."""
        found = list[Trade]()
        with self._lock:
            for path in sorted(self._home("trades", instrument).glob("*.parquet")):
                if _hour(start_us) <= path.stem <= _hour(end_us):
                    found += [t for t in self._read_trades(path) if start_us <= t.event_us < end_us]
        return sorted(found, key=lambda t: (t.event_us, t.seq))

    def last_seq(self, instrument: str, source: str) -> int | None:
        """The highest number of a kept trade of the newest hours; None without any."""
        with self._lock:
            for path in sorted(self._home("trades", instrument).glob("*.parquet"), reverse=True):
                numbers = [t.seq for t in self._read_trades(path) if t.source == source]
                if numbers:
                    return max(numbers)
        return None

    def _merge(self, path: Path, rows: Sequence[Kline]) -> Added:
        kept, new, duplicates, restated = list(self._load(path)), 0, 0, 0
        newest = {(k.source, k.event_us): k for k in kept}
        for kline in rows:
            held = newest.get((kline.source, kline.event_us))
            if held is not None and held.values() == kline.values():
                duplicates += 1
                continue
            new, restated = (new + 1, restated) if held is None else (new, restated + 1)
            newest[(kline.source, kline.event_us)] = kline
            kept.append(kline)
        if new or restated:
            kept.sort(key=lambda k: (k.event_us, k.known_us))
            self._write(path, _columns(kept, _KLINE))
            self._klines[path] = kept
            self.version += 1
        return Added(new, duplicates, restated)

    def _load(self, path: Path) -> list[Kline]:
        held = self._klines.get(path)
        if held is None:
            instrument, interval = path.parent.name.replace(".", ":", 1), path.parent.parent.name
            known: Interval = "1d" if interval == "1d" else "1m"
            held = [
                Kline(instrument, s, e, k, end, known, o, h, low, c, v, True, flags)
                for s, e, k, end, o, h, low, c, v, flags in _rows(path, _KLINE)
            ]
            if len(self._klines) >= KEPT_FILES:
                self._klines.pop(next(iter(self._klines)))
            self._klines[path] = held
        return held

    def _read_trades(self, path: Path) -> list[Trade]:
        instrument = path.parent.name.replace(".", ":", 1)
        return [Trade(instrument, *row) for row in _rows(path, _TRADE)]

    def _write(self, path: Path, table: pa.Table) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        write_whole(path, sink.getvalue().to_pybytes())

    def _home(self, kind: str, instrument: str, interval: str = "") -> Path:
        return self._folder / kind / interval / instrument.replace(":", ".", 1)

    def _kline_path(self, instrument: str, interval: Interval, event_us: int) -> Path:
        return self._home("klines", instrument, interval) / f"{_stretch(interval, event_us)}.parquet"

    def _kline_paths(self, instrument: str, interval: Interval, start_us: int, end_us: int) -> list[Path]:
        first, last = _stretch(interval, start_us), _stretch(interval, end_us)
        paths = sorted(self._home("klines", instrument, interval).glob("*.parquet"))
        return [path for path in paths if first <= path.stem <= last]

    def _trade_path(self, trade: Trade) -> Path:
        return self._home("trades", trade.instrument) / f"{_hour(trade.event_us)}.parquet"


def _stretch(interval: Interval, us: int) -> str:
    """A year of days, a day of minutes."""
    return f"{from_us(us):%Y}" if interval == "1d" else f"{from_us(us):%Y-%m-%d}"


def _hour(us: int) -> str:
    return f"{from_us(us):%Y-%m-%dT%H}"


def _columns(rows: Sequence[Kline] | Sequence[Trade], fields: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    kinds = {name: pa.decimal128(38, SCALE) for name in _DECIMALS}
    kinds |= {"source": pa.string(), "buyer_maker": pa.bool_(), "flags": pa.int32()}
    try:
        arrays = [pa.array([getattr(row, name) for row in rows], kinds.get(name, pa.int64())) for name in fields]
    except pa.ArrowInvalid as error:
        raise DataError(f"a price or size of {rows[0].instrument} does not fit {SCALE} decimals ({error})") from None
    return pa.table(dict(zip(fields, arrays, strict=True)))


def _rows(path: Path, fields: Sequence[str]) -> list[tuple[Any, ...]]:
    """The columns' values row by row; nothing where there is no file, DataError where it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(path.read_bytes()), columns=list(fields))
        return list(zip(*(table.column(name).to_pylist() for name in fields), strict=True))
    except FileNotFoundError:
        return []
    except (OSError, KeyError, pa.ArrowException) as error:
        raise DataError(f"market history {path.parent.name}/{path.name} is damaged ({error}); delete it") from None
