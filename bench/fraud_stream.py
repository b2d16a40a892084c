"""`tenor bench run fraud_stream`: a million payments between 200,000 accounts, heavy-tailed, scored as they come.

`rate` is of the batch, `single_us` of `Scorer.score_one` with names, both in CPU time. The peer is river's
`GaussianScorer`, which looks at the amount alone; its ratio is of one payment in our batch, `river_single` of one call.
Correct means that the twin gives the same bits on the first payments, and the same rows after them.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bench.graph_peers import load_peer
from bench.pagerank import ACCOUNTS, EDGES, SEED, draw_graph
from bench.peers import install_peer
from bench.report import Report, median
from desk.fraud.scorer import PAYMENT, Scorer, native_stream

ROUNDS, PREFIX, SINGLES, PEER = 5, 20_000, 20_000, 5_000


def run() -> Report:
    """The figures; without the peer it is named in `missing`."""
    payments = _payments()
    report = Report("fraud_stream", _same(payments[:PREFIX]), {})
    if not native_stream():
        report.missing.append("desk._core: these are the twin's figures")
    batch, single, river = [], [], []
    peer = _river(payments)
    if peer is None:
        report.missing.append("river")
    for _ in range(ROUNDS):
        batch.append(_batch(payments))
        single.append(_single(payments))
        river += [_cpu_us(peer) / PEER for _ in range(2 if peer else 0)]
        single.append(_single(payments))
        batch.append(_batch(payments))
    report.metrics = {
        "rate": round(1e6 / median(batch)),
        "ns_per_payment": round(1000 * median(batch), 1),
        "single_us": round(median(single), 2),
        "river_us": round(median(river), 2) if river else None,
    }
    if river:
        report.ratios = {
            "river": round(median(river) / median(batch), 1),
            "river_single": round(median(river) / median(single), 2),
        }
    return report


def _payments() -> NDArray[np.void]:
    columns = draw_graph(ACCOUNTS, EDGES, SEED)
    payments = np.zeros(EDGES, PAYMENT)
    payments["source"], payments["target"] = columns.source, columns.target
    payments["at"], payments["amount"] = columns.at, columns.minor
    return payments


def _same(payments: NDArray[np.void]) -> bool:
    scorers = [Scorer(ACCOUNTS, native) for native in {native_stream(), False}]
    found = [scorer.score_batch(payments) for scorer in scorers]
    bits = {(scores.tobytes(), signs.tobytes()) for scores, signs in found}
    return len(bits) == len({scorer.state_hash() for scorer in scorers}) == 1


def _batch(payments: NDArray[np.void]) -> float:
    """CPU microseconds a payment, by a scorer that has seen nothing."""
    scorer = Scorer(ACCOUNTS)
    return _cpu_us(lambda: scorer.score_batch(payments)) / len(payments)


def _single(payments: NDArray[np.void]) -> float:
    """CPU microseconds a call."""
    scorer = Scorer(ACCOUNTS)
    calls = [(f"acct-{s}", f"acct-{t}", at, amount) for s, t, at, amount in payments[:SINGLES].tolist()]

    def work() -> None:
        for call in calls:
            scorer.score_one(*call)

    return _cpu_us(work) / SINGLES


def _river(payments: NDArray[np.void]) -> Callable[[], None] | None:
    folder = install_peer("river")
    module = load_peer(folder, "river.anomaly") if folder else None
    if module is None:
        return None
    amounts = payments["amount"][:PEER].tolist()

    def work() -> None:
        scorer = module.GaussianScorer()
        for amount in amounts:
            scorer.score_one(None, amount)
            scorer.learn_one(None, amount)

    return work


def _cpu_us(work: Callable[[], object] | None) -> float:
    before = time.thread_time_ns()
    if work:
        work()
    return (time.thread_time_ns() - before) / 1000
