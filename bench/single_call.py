"""One order per Python call: nanoseconds net of the loop around it, ours beside a peer's.

The flow's first messages as plain integers, so that unpacking them is not measured. Each round drives a
fresh book and the bare loop; sides alternate within a round.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from bench.flow import Flow
from bench.peers import LimitOrderBook
from bench.report import median
from desk.trading.matching import MatchingEngine

CALLS, ROUNDS = 100_000, 9


class Singles(NamedTuple):
    """Nanoseconds a call, and the peer's divided by ours (None without a peer)."""

    ns: float
    ratio: float | None


class _Call(NamedTuple):
    is_new: bool
    new: tuple[int, int, int, int, int, int, int, int]
    old: tuple[int, int]


def measure_singles(flow: Flow, engine: Callable[[], MatchingEngine], peer: LimitOrderBook | None) -> Singles:
    """Median of the rounds; `engine` makes an empty one."""
    calls = [
        _Call(
            m["op"] == 0,
            (int(m["id"]), 0, int(m["account"]), int(m["side"]), int(m["price"]), int(m["qty"]), 0, int(m["tif"])),
            (int(m["id"]), int(m["account"])),
        )
        for m in flow.mixed[:CALLS]
    ]
    ours, theirs = list[float](), list[float]()
    for _ in range(ROUNDS):
        ours.append(_our_ns(flow, engine(), calls))
        if peer:
            theirs.append(_peer_ns(flow, peer, calls))
    ratio = median([b / a for a, b in zip(ours, theirs, strict=True)]) if peer else None
    return Singles(median(ours), ratio)


def _our_ns(flow: Flow, engine: MatchingEngine, calls: list[_Call]) -> float:
    engine.run(flow.warm.data.cast("B"), bytearray(len(flow.warm)))
    return _net_ns(calls, engine.submit, engine.cancel)


def _peer_ns(flow: Flow, peer: LimitOrderBook, calls: list[_Call]) -> float:
    book = peer.book()
    for m in flow.warm:
        book.limit(not m["side"], int(m["id"]), int(m["qty"]), int(m["price"]))

    def submit(id: int, _: int, __: int, side: int, price: int, qty: int, ___: int, tif: int) -> None:
        book.market(not side, id, qty) if tif else book.limit(not side, id, qty, price)

    def cancel(id: int, _: int) -> None:
        book.cancel(id)

    wrapped = _net_ns(calls, submit, cancel)
    return wrapped - _net_ns(calls, _drop, _drop)  # what our own two functions cost is not the peer's


def _drop(*_: int) -> None:
    pass


def _net_ns(calls: list[_Call], submit: Callable[..., object], cancel: Callable[..., object]) -> float:
    spent = []
    for real in (True, False):
        before = time.thread_time_ns()
        for is_new, new, old in calls:
            if not real:
                _ = new if is_new else old
            elif is_new:
                submit(*new)
            else:
                cancel(*old)
        spent.append((time.thread_time_ns() - before) / len(calls))
    return spent[0] - spent[1]
