"""`tenor bench run pagerank`: twenty iterations over a million transfers between 200,000 accounts, heavy-tailed.

Each library ranks a graph it has built before; building is not timed, but ours is given beside (`build_cpu_ms`). Peers
stop when they have converged, so the ratio is of the time to a usable answer, not of an iteration; rustworkx is asked
for a tolerance of 1e-9, because at its own 1e-6 an account it stops while ranks still correlate below .97. Correct
means that ours equals its twin to 1e-6 and correlates with every peer above .999.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.graph_peers import PEERS, Ranker
from bench.peers import install_peer
from bench.report import Report, median
from desk.fraud.graph import Columns
from desk.fraud.measures import build_rows, native_ranking, rank

ACCOUNTS, EDGES, ITERATIONS, DAMPING, SEED = 200_000, 1_000_000, 20, 0.85, 6
ROUNDS, OURS = 5, 4
AGREES = 0.999


def run() -> Report:
    """The figures; a peer that cannot be had is named in `missing`."""
    columns = draw_graph(ACCOUNTS, EDGES, SEED)
    before = time.thread_time()
    rows = build_rows(columns)
    built = time.thread_time() - before
    ours = rank(rows, DAMPING, ITERATIONS)
    report = Report("pagerank", np.allclose(ours, rank(rows, DAMPING, ITERATIONS, native=False), rtol=1e-6, atol=0), {})
    rankers = _peers(columns, report.missing)
    for name, ranker in rankers.items():
        found = ranker()
        theirs = [found[account] for account in range(ACCOUNTS)]
        likeness = float(np.corrcoef(ours, theirs)[0, 1])
        report.correct = report.correct and likeness > AGREES
        report.metrics[f"{name}_correlation"] = round(likeness, 6)
    if not native_ranking():
        report.missing.append("desk._core: these are the twin's figures")
    spent = _compete({"ours": lambda: rank(rows, DAMPING, ITERATIONS), **rankers})
    report.metrics |= {
        "cpu_ms": round(spent.pop("ours"), 1),
        "build_cpu_ms": round(built * 1000, 1),
        **{f"{name}_cpu_ms": round(ms, 1) for name, ms in spent.items()},
    }
    report.ratios = {name: round(ms / (report.metrics["cpu_ms"] or 1), 2) for name, ms in spent.items()}
    return report


def draw_graph(accounts: int, edges: int, seed: int) -> Columns:
    """Transfers between accounts whose activity has a Pareto tail; an account's name is its number."""
    dice = np.random.default_rng(seed)

    def ends(tail: float) -> NDArray[np.int64]:
        weight = dice.pareto(tail, accounts) + 0.05
        return dice.choice(accounts, edges, p=weight / weight.sum()).astype(np.int64)

    source, target = ends(1.2), ends(1.1)
    minor = np.rint(np.exp(dice.normal(9, 1, edges))).astype(np.int64) + 1
    at = np.sort(dice.integers(0, 180 * 86_400, edges))
    return Columns(tuple(map(str, range(accounts))), tuple(map(str, range(edges))), source, target, minor, at)


def _peers(columns: Columns, missing: list[str]) -> dict[str, Ranker]:
    found: dict[str, Ranker] = {}
    for name, build in PEERS.items():
        folder = install_peer(name)
        ranker = build(Path(folder), columns, DAMPING) if folder else None
        if ranker is None:
            missing.append(name)
        else:
            found[name] = ranker
    return found


def _compete(rankers: dict[str, Ranker]) -> dict[str, float]:
    """Median CPU milliseconds of one ranking each: there and back through all of them, ours some times in a row."""
    spent: dict[str, list[float]] = {name: [] for name in rankers}
    for _ in range(ROUNDS):
        for name in (*rankers, *reversed(rankers)):
            spent[name] += [_cpu_ms(rankers[name]) for _ in range(OURS if name == "ours" else 1)]
    return {name: median(values) for name, values in spent.items()}


def _cpu_ms(work: Callable[[], object]) -> float:
    """Of all threads: a peer may use several."""
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000
