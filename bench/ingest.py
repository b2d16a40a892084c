"""`tenor bench run ingest`: Binance's stream messages from bytes to events that are told apart, flagged and queued.

100,000 messages of four instruments, half of them trades, with one in a hundred doubled and one in a hundred swapped
with the next. `rate` is events a second of CPU time from the raw bytes to the inlet and out of it to the board;
`rate_stored` with every trade written to Parquet besides. Correct means that each trade came out once and exactly, the
order books equal those that the messages were made from, and the newest quote is the last one sent.
"""

from __future__ import annotations

import random
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import orjson

from bench.report import Report, median
from desk.clock import FrozenClock
from desk.market.archive import Archive
from desk.market.binance import BinanceData
from desk.market.binance_stream import BinanceStream
from desk.market.board import Board
from desk.market.events import DepthSnapshot, Trade, from_us
from desk.market.history import History
from desk.market.inlet import Inlet
from desk.wire import SourceWire

MESSAGES, BATCH, ROUNDS, SEED = 100_000, 2_000, 5, 20_261_128
SYMBOLS = {f"CRYPTO:{name}USD": f"{name}USDT" for name in ("BTC", "ETH", "SOL", "LTC")}
BEGINS_MS = 1_795_000_000_000


class _Truth:
    """What the messages say, kept beside them while they are drawn."""

    def __init__(self) -> None:
        self.trades: dict[str, list[tuple[int, str, str]]] = {symbol: [] for symbol in SYMBOLS.values()}
        self.books: dict[str, tuple[dict[str, str], dict[str, str]]] = {s: ({}, {}) for s in SYMBOLS.values()}
        self.updates = dict.fromkeys(SYMBOLS.values(), 0)
        self.bids: dict[str, str] = {}

    def draw(self, random_: random.Random, n: int) -> dict[str, object]:
        """The next message."""
        symbol, kind, at = random_.choice(list(SYMBOLS.values())), random_.random(), BEGINS_MS + n
        price = f"{30_000 + random_.randint(-50, 50)}.{random_.randint(10, 99)}"
        if kind < 0.5:
            rows = self.trades[symbol]
            rows.append((len(rows) + 1, price, f"0.{random_.randint(1000, 9999)}"))
            number, _, quantity = rows[-1]
            return {"e": "aggTrade", "E": at, "s": symbol, "a": number, "p": price, "q": quantity, "f": number,
                    "l": number, "T": at, "m": n % 2 == 0, "M": True}  # fmt: skip
        if kind < 0.75:
            self.bids[symbol] = price
            return {"u": n, "s": symbol, "b": price, "B": "1.5", "a": f"{float(price) + 0.5:.2f}", "A": "2.5"}
        if kind < 0.95:
            return self._change(random_, symbol, at)
        minute = at // 60_000 * 60_000
        k = {"t": minute, "T": minute + 59_999, "s": symbol, "i": "1m", "o": price, "c": price, "h": price, "l": price,
             "v": "12.5", "n": 7, "x": False}  # fmt: skip
        return {"e": "kline", "E": at, "s": symbol, "k": k}

    def _change(self, random_: random.Random, symbol: str, at: int) -> dict[str, object]:
        first = self.updates[symbol] + 1
        self.updates[symbol] += 3
        sent: tuple[list[list[str]], list[list[str]]] = ([], [])
        for side, rows in zip(self.books[symbol], sent, strict=True):
            for _ in range(3):
                level, size = f"{30_000 + random_.randint(0, 400)}.00", random_.choice(["0", "1.5", "2.25"])
                rows.append([level, size])
                if size == "0":
                    side.pop(level, None)
                else:
                    side[level] = size
        return {"e": "depthUpdate", "E": at, "s": symbol, "U": first, "u": first + 2, "b": sent[0], "a": sent[1]}


def run() -> Report:
    """The figures; correctness is judged on every round."""
    truth, raw = _draw()
    correct, plain, stored = True, list[float](), list[float]()
    for _ in range(ROUNDS):
        for keep, figures in ((False, plain), (True, stored)):
            seconds, right = _round(raw, truth, keep)
            figures.append(seconds / len(raw))
            correct = correct and right
    return Report(
        "ingest",
        correct,
        {
            "rate": round(1 / median(plain)),
            "us_per_event": round(1e6 * median(plain), 2),
            "rate_stored": round(1 / median(stored)),
            "events": len(raw),
        },
    )


def _draw() -> tuple[_Truth, list[bytes]]:
    random_, truth = random.Random(SEED), _Truth()
    messages = [orjson.dumps({"stream": "s", "data": truth.draw(random_, n)}) for n in range(MESSAGES)]
    trades = [n for n, message in enumerate(messages[:-1]) if b"aggTrade" in message and b"aggTrade" in messages[n + 1]]
    for n in random_.sample(trades, MESSAGES // 100):
        messages[n], messages[n + 1] = messages[n + 1], messages[n]
    doubled = set(random_.sample(range(MESSAGES), MESSAGES // 100))
    told = list[bytes]()
    for n, message in enumerate(messages):
        told += [message] * (2 if n in doubled else 1)
    return truth, told


def _round(raw: list[bytes], truth: _Truth, keep: bool) -> tuple[float, bool]:
    """CPU seconds of this thread, and whether all came out as it was told."""
    wall, inlet, got = FrozenClock(from_us((BEGINS_MS + MESSAGES) * 1000)), Inlet(), list[Trade]()
    wire = SourceWire("Binance", "http://127.0.0.1:9", "")
    stream = BinanceStream(BinanceData(wire, wall, SYMBOLS), "ws://127.0.0.1:9", inlet, wall, lambda _: 0, lambda: None)
    for book in stream.books.values():
        book.take_snapshot(DepthSnapshot(0, (), ()))
    board = Board(History().instruments, dict.fromkeys(SYMBOLS, ("Binance",)))
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder))
        began = time.thread_time()
        for start in range(0, len(raw), BATCH):
            for message in raw[start : start + BATCH]:
                stream.take(orjson.loads(message))
            batch = inlet.take()
            got += batch.trades
            for tick in batch.ticks:
                board.put(tick)
        if keep:
            archive.add_trades(got)
        spent = time.thread_time() - began
        kept = [t for id in SYMBOLS for t in archive.trades(id, 0, (BEGINS_MS + 2 * MESSAGES) * 1000)] if keep else got
    wire.close()
    return spent, _right(stream, board, kept, truth)


def _right(stream: BinanceStream, board: Board, kept: list[Trade], truth: _Truth) -> bool:
    for id, symbol in SYMBOLS.items():
        rows = sorted((t.seq, t.price, t.quantity) for t in kept if t.instrument == id)
        if rows != [(n, Decimal(p), Decimal(q)) for n, p, q in truth.trades[symbol]]:
            return False
        top, newest = stream.books[id].top(10_000), board.newest(id)
        sides = [{Decimal(p): Decimal(s) for p, s in side.items()} for side in truth.books[symbol]]
        if top is None or [dict(top.bids), dict(top.asks)] != sides:
            return False
        if newest is None or newest.bid != Decimal(truth.bids[symbol]):
            return False
    return not stream.holes()
