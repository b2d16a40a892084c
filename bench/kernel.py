"""`tenor bench run match | match_fused | match_symbols | match_scaling`: the matching engine on the mixed flow.

The engine is the one that users get, every order kind and self-trade prevention compiled in. CPU clock
of the thread, fresh engine each round, batches of 4,096; sides alternate A B B A within a round and a
quotient is the median over the rounds. Figures mean nothing unless the tape is the committed one and
the twin agrees on a prefix.
"""

from __future__ import annotations

import threading
import time
from itertools import pairwise

from bench.flow import ACCOUNTS, Flow, Messages, Spec, mixed_flow, tape_hash
from bench.peers import LimitOrderBook, Standing, find_limit_order_book
from bench.report import Report, median
from bench.single_call import measure_singles
from desk.trading.matching import MatchingEngine, build_engine, kernel_name

ONE, MANY = Spec(1_000_000), Spec(1_000_000, symbols=1_024, live=140)
TAPES = {
    ONE: "42528b5895556e78e9aeb0b3a7c8e9ea91e6636fa85b9eb689e8432cd5f51056",
    MANY: "e88c464ee978a9734614d59fa3f27f561d9e5ee17b5a2552b723d00234baf037",
}
"""SHA-256 of statuses, events and state hash of each flow; see `bench.flow.tape_hash`."""

ROUNDS, BATCH, PREFIX = 9, 4_096, 20_000
PEER = LimitOrderBook.name


def run_match() -> Report:
    """The bare engine, batched and one order a call, beside the fastest native peer."""
    report, flow = _begin("match", ONE)
    peer = find_limit_order_book()
    ours, theirs, live = list[float](), list[float](), 0
    for _ in range(ROUNDS):
        for side in "abba" if peer else "aa":
            if side == "a":
                engine = _engine(ONE)
                ours.append(_drive(engine, flow))
                live = engine.live
            elif peer:
                driven = peer.drive(flow)
                theirs.append(driven.ns)
                report.correct = report.correct and driven.standing == standing_of(engine)
    _state(report, ours, ONE, flow, live)
    single = measure_singles(flow, lambda: _engine(ONE), peer)
    report.metrics["single_call_ns"] = round(single.ns, 1)
    if single.ratio:
        report.ratios = {PEER: _quotient(theirs, ours), f"{PEER}_call": round(single.ratio, 2)}
    else:
        report.missing.append(PEER)
    return report


def run_match_fused() -> Report:
    """With limits, positions and a checksummed journal record a message, beside the bare engine and the peer."""
    report, flow = _begin("match_fused", ONE)
    peer = find_limit_order_book()
    fused, bare, theirs, live = list[float](), list[float](), list[float](), 0
    for _ in range(ROUNDS):
        for side in ("fused", "bare", "peer", "peer", "bare", "fused"):
            if side == "peer":
                theirs += [peer.drive(flow).ns] if peer else []
                continue
            engine = _engine(ONE, fused=side == "fused")
            (fused if side == "fused" else bare).append(_drive(engine, flow))
            live = engine.live
    _state(report, fused, ONE, flow, live)
    report.overheads = {"bare": _quotient(fused, bare)}
    if peer:
        report.ratios = {PEER: _quotient(theirs, fused)}
    else:
        report.missing.append(PEER)
    return report


def run_match_symbols() -> Report:
    """1,024 symbols interleaved at random, fused, beside one symbol."""
    report, flow = _begin("match_symbols", MANY)
    one = mixed_flow(ONE)
    many_ns, one_ns, live = list[float](), list[float](), 0
    for _ in range(ROUNDS // 2 + 1):
        for side in "abba":
            if side == "a":
                engine = _engine(MANY, fused=True)
                many_ns.append(_drive(engine, flow))
                live = engine.live
            else:
                one_ns.append(_drive(_engine(ONE, fused=True), one))
    _state(report, many_ns, MANY, flow, live)
    report.overheads = {"one_symbol": _quotient(many_ns, one_ns)}
    return report


def run_match_scaling() -> Report:
    """Two engines on two threads, summed CPU rate beside one engine's; the lock is let go of inside a batch."""
    report, flow = _begin("match_scaling", ONE)
    alone, together = list[float](), list[float]()
    live = 0
    for _ in range(ROUNDS):
        engine = _engine(ONE, fused=True)
        alone.append(_drive(engine, flow))
        live = engine.live
        together += _drive_two(flow)
    _state(report, alone, ONE, flow, live)
    scaling = median([a * (1 / b + 1 / c) for a, b, c in zip(alone, together[::2], together[1::2], strict=True)])
    report.metrics["scaling"] = round(scaling, 2)
    return report


def _begin(name: str, spec: Spec) -> tuple[Report, Flow]:
    """The report with its verdict on correctness, and the flow."""
    flow = mixed_flow(spec)
    report = Report(name, is_correct(spec, flow, TAPES[spec]), {})
    if kernel_name() != "native":
        report.missing.append("native kernel")
    return report, flow


def is_correct(spec: Spec, flow: Flow, tape: str) -> bool:
    """Whether the engine writes the committed tape, and both kernels, fused, agree on a prefix."""
    return tape_hash(_engine(spec), flow) == tape and _twin_agrees(spec, flow)


def standing_of(engine: MatchingEngine) -> Standing:
    """What is left in the book of its first symbol, to compare with a peer's."""
    bids, asks = (engine.depth(0, side, 1 << 20) for side in (0, 1))
    lots = [sum(shown for _, shown in side) for side in (bids, asks)]
    best = [side[0][0] if side else 0 for side in (bids, asks)]
    return Standing(engine.live, *lots, *best)


def _engine(spec: Spec, *, fused: bool = False, native: bool | None = None) -> MatchingEngine:
    engine = build_engine(
        spec.symbols,
        4 * spec.live * spec.symbols + 1_000,
        pages=64 * spec.symbols + 256,
        accounts=ACCOUNTS if fused else 0,
        journal=fused,
        native=native,
    )
    for account in range(ACCOUNTS if fused else 0):
        engine.limit(account, 1_000, 100_000_000, 1_000_000_000)
    return engine


def _twin_agrees(spec: Spec, flow: Flow) -> bool:
    """Whether both engines, fused, say and reach the same on the first messages after a small warm-up."""
    part = Flow(flow.warm[:PREFIX], flow.mixed[:PREFIX], flow.close[:0])
    return len({tape_hash(_engine(spec, fused=True, native=native), part) for native in _kernels()}) == 1


def _kernels() -> tuple[bool, ...]:
    return (True, False) if kernel_name() == "native" else (False,)


def _drive(engine: MatchingEngine, flow: Flow) -> float:
    """CPU nanoseconds of this thread per message of the mixed part."""
    _run(engine, flow.warm)
    before = time.thread_time_ns()
    _run(engine, flow.mixed)
    return (time.thread_time_ns() - before) / len(flow.mixed)


def _run(engine: MatchingEngine, messages: Messages) -> int:
    """Sends all in batches; how many events there were."""
    packed, statuses, size = messages.data.cast("B"), bytearray(BATCH), BATCH * messages.itemsize
    events = 0
    for start in range(0, len(packed), size):
        events += engine.run(packed[start : start + size], statuses)
    return events


def _drive_two(flow: Flow) -> list[float]:
    """Both threads' nanoseconds a message."""
    found: list[float] = []
    start = threading.Barrier(2)

    def shard() -> None:
        engine = _engine(ONE, fused=True)
        start.wait(30)
        found.append(_drive(engine, flow))

    threads = [threading.Thread(target=shard) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _state(report: Report, ns: list[float], spec: Spec, flow: Flow, live: int) -> None:
    """Writes the figures of our side."""
    engine = _engine(spec)
    _run(engine, flow.warm)
    fills = _run(engine, flow.mixed) / len(flow.mixed)  # this flow's only events
    each = median(ns)
    report.metrics |= {
        "ns_per_message": round(each, 2),
        "best_ns_per_message": round(min(ns), 2),
        "trades_per_s": round(fills / each * 1e9),
        "fills_per_message": round(fills, 4),
        "live_orders": live,
    }


def _quotient(a: list[float], b: list[float]) -> float:
    """The median over the rounds of two a side, as measured."""
    pairs = zip(list(pairwise(a))[::2], list(pairwise(b))[::2], strict=False)
    return round(median([(x + y) / (u + v) for (x, y), (u, v) in pairs]), 2)
