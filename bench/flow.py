"""The mixed flow: what the kernel benches feed the matching engine, always the same.

50 % adds, 38 % cancels of a live order (recent ones more often), 12 % immediate-or-cancel orders
that sweep the other side; 1,000 to 1,500 live orders with one symbol, 140 a symbol with many; .20 to
.25 fills a message. Buyers' and sellers' accounts differ, so self-trade prevention looks at every
trade and stops none. Made with the engine itself, because only it knows which orders still live.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.trading.matching import MatchingEngine, build_engine
from desk.trading.messages import EVENT, MESSAGE, EventKind, Op, Tif

MESSAGE_TYPE = np.dtype(
    [
        ("op", "u1"), ("side", "u1"), ("kind", "u1"), ("tif", "u1"), ("symbol", "<u2"), ("account", "<u2"),
        ("id", "<u4"), ("price", "<i4"), ("qty", "<i4"), ("stop", "<i4"), ("display", "<i4"), ("expiry", "<u2"),
        ("flags", "u1"), ("spare", "u1"),
    ]
)  # fmt: skip
assert MESSAGE_TYPE.itemsize == MESSAGE.size
Messages = NDArray[np.void]

ACCOUNTS = 64
"""Makers buy from accounts 1 to 16 and sell from 17 to 32; takers buy from 33 to 47 and sell from 48 to 63."""

ADDS, CANCELS = 0.50, 0.38
REACH = 4_000
"""Ticks by which a taker's limit lies beyond the middle: further than any order."""

FOLDER = Path(".bench")


@dataclass(frozen=True)
class Spec:
    """What a flow is made from. `live` orders a symbol are kept; `spread` is the mean distance from the middle."""

    messages: int
    symbols: int = 1
    live: int = 1_250
    spread: float = 40.0
    seed: int = 20_260_401


class Flow(NamedTuple):
    """`warm` fills the books and is not timed; `mixed` is the flow; `close` cancels what still lives."""

    warm: Messages
    mixed: Messages
    close: Messages


def mixed_flow(spec: Spec, middles: NDArray[np.int64] | None = None, folder: Path = FOLDER) -> Flow:
    """The flow of a spec, from a file beside the peers when it was made before.

    `middles` (symbols, steps) are prices in ticks that each symbol's middle walks along; None walks at random.
    """
    key = repr((asdict(spec), None if middles is None else hashlib.sha256(middles.tobytes()).hexdigest(), 3))
    file = folder / f"flow-{hashlib.sha256(key.encode()).hexdigest()[:16]}.npz"
    if file.exists():
        with np.load(file) as kept:
            return Flow(*(kept[name].view(MESSAGE_TYPE) for name in Flow._fields))
    flow = _Maker(spec, middles).make()
    folder.mkdir(exist_ok=True)
    draft = file.with_suffix(".tmp.npz")
    np.savez(draft, **{name: part.view(np.uint8) for name, part in flow._asdict().items()})
    draft.replace(file)
    return flow


def tape_hash(engine: MatchingEngine, flow: Flow, batch: int = 4_096) -> str:
    """SHA-256 over all statuses and events of the flow on a fresh engine, and its state hash at the end."""
    digest = hashlib.sha256()
    for part in flow[:2]:
        for start in range(0, len(part), batch):
            some = part[start : start + batch]
            statuses = bytearray(len(some))
            engine.run(some.data.cast("B"), statuses)
            digest.update(statuses)
            digest.update(engine.events())
    digest.update(str(engine.state_hash()).encode())
    return digest.hexdigest()


class _Maker:
    def __init__(self, spec: Spec, middles: NDArray[np.int64] | None) -> None:
        self._spec = spec
        self._random = np.random.default_rng(spec.seed)
        self._engine = build_engine(
            spec.symbols, 4 * spec.live * spec.symbols + 1_000, pages=min(1 << 20, 64 * spec.symbols + 256)
        )
        self._middles = middles
        self._live: list[list[int]] = [[] for _ in range(spec.symbols)]
        self._left: dict[int, int] = {}
        self._owner: dict[int, int] = {}
        self._alive = [0] * spec.symbols
        self._rows: list[tuple[int, ...]] = []
        self._id = 0

    def make(self) -> Flow:
        spec = self._spec
        warm = [symbol for _ in range(spec.live) for symbol in range(spec.symbols)]
        self._draw(len(warm))
        for n, symbol in enumerate(warm):
            self._add(n, symbol, 0.0)
        filled = self._take()
        count = spec.messages
        self._draw(count)
        symbols = self._random.integers(0, spec.symbols, count).tolist()
        what = self._random.random(count).tolist()
        for n in range(count):
            self._one(n, symbols[n], what[n], n / count)
        mixed = self._take()
        for symbol, live in enumerate(self._live):
            for id in live:
                if self._left[id]:
                    self._rows.append(_cancel_row(symbol, self._owner[id], id))
        return Flow(filled, mixed, self._take())

    def _draw(self, count: int) -> None:
        pick = self._random
        self._away = (1 + pick.exponential(self._spec.spread, count)).astype(np.int64).tolist()
        self._sizes = pick.integers(1, 100, count).tolist()
        self._sides = pick.integers(0, 2, count).tolist()
        self._back = pick.exponential(0.35, (count, 4)).tolist()
        self._who = pick.integers(0, 15, count).tolist()
        self._steps = np.cumsum(pick.integers(-1, 2, count) * (pick.random(count) < 1 / 64)).tolist()

    def _one(self, n: int, symbol: int, what: float, share: float) -> None:
        live, alive = self._spec.live, self._alive[symbol]
        if alive < live * 0.85:
            what = 0.0
        elif alive > live * 1.15:
            what = ADDS
        if what < ADDS:
            self._add(n, symbol, share)
        elif what < ADDS + CANCELS:
            self._cancel(n, symbol)
        else:
            self._sweep(n, symbol, share)

    def _middle(self, n: int, symbol: int, share: float) -> int:
        if self._middles is None:
            return 50_000 + int(self._steps[n // self._spec.symbols])
        path = self._middles[symbol]
        return int(path[int(share * (len(path) - 1))])

    def _add(self, n: int, symbol: int, share: float) -> None:
        self._id += 1
        side = self._sides[n]
        away = self._away[n]
        price = max(1, self._middle(n, symbol, share) + (away if side else -away))
        account = 1 + self._who[n] + 16 * side
        self._live[symbol].append(self._id)
        self._owner[self._id] = account
        self._left[self._id] = self._sizes[n]
        self._alive[symbol] += 1
        self._send(symbol, account, side, price, self._sizes[n], Tif.GTC)

    def _sweep(self, n: int, symbol: int, share: float) -> None:
        self._id += 1
        side = self._sides[n]
        price = max(1, self._middle(n, symbol, share) + (-REACH if side else REACH))
        self._left[self._id] = 0
        self._send(symbol, 33 + self._who[n] + 15 * side, side, price, self._sizes[n], Tif.IOC)

    def _send(self, symbol: int, account: int, side: int, price: int, qty: int, tif: int) -> None:
        id = self._id
        self._rows.append((Op.NEW, side, 0, tif, symbol, account, id, price, qty, 0, 0, 0, 0, 0))
        self._engine.submit(id, symbol, account, side, price, qty, 0, tif)
        events = self._engine.events()
        for taker, maker, _, lots, _, _, kind, _ in EVENT.iter_unpack(events) if events else ():
            assert kind == EventKind.TRADE
            for order in (taker, maker):
                if self._left.get(order):
                    self._left[order] -= lots
                    if not self._left[order]:
                        self._alive[symbol] -= 1

    def _cancel(self, n: int, symbol: int) -> None:
        live = self._live[symbol]
        for back in self._back[n]:
            place = len(live) - 1 - int(back * self._spec.live)
            if place >= 0 and self._left[live[place]]:
                break
        else:
            place = len(live) - 1
            while not self._left[live[place]]:
                place -= 1
        id = live[place]
        self._left[id] = 0
        self._alive[symbol] -= 1
        self._rows.append(_cancel_row(symbol, self._owner[id], id))
        self._engine.cancel(id, self._owner[id])
        if len(live) > 16 * self._spec.live:
            self._live[symbol] = [order for order in live if self._left[order]]

    def _take(self) -> Messages:
        rows = np.array(self._rows, dtype=MESSAGE_TYPE)
        self._rows.clear()
        return rows


def _cancel_row(symbol: int, account: int, id: int) -> tuple[int, ...]:
    return (Op.CANCEL, 0, 0, 0, symbol, account, id, 0, 0, 0, 0, 0, 0, 0)
