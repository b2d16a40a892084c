"""`tenor bench run whatif`: VaR and CVaR after an order, 99 %, 1,000 days, 100 and 500 assets.

Ours is `ScenarioBook.what_if` as users call it. The peer is the full calculation in numpy, one
thread: `returns @ units`, then `np.partition`. Trades walk over all assets, so columns come from
where the memory hierarchy has them. Seeded scenarios (Student t, 4 degrees of freedom).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.one_thread import measure_alone
from bench.report import Report, median
from desk.risk.measures import Matrix, Vector, tail_size
from desk.risk.scenarios import Loss, native_kernel
from desk.risk.whatif import ScenarioBook

DAYS, LEVEL, SEED = 1_000, 0.99, 20_260_401
ROUNDS, OURS, PEER, SINGLES = 9, 4_000, 40, 20_000


@dataclass(frozen=True)
class _Case:
    names: list[str]
    changes: Matrix
    units: Vector
    book: ScenarioBook

    def full(self, column: int, traded: float) -> Loss:
        """The peer: everything anew."""
        held = self.units.copy()
        held[column] += traded
        pnl = self.changes @ held
        size = tail_size(DAYS, LEVEL)
        tail = np.partition(pnl, size - 1)[:size]
        return Loss(-float(tail.max()), -float(tail.mean()))


def run() -> Report:
    """Figures for 100 assets under the plain names and for 500 with `_500`; ratios are numpy ÷ ours.

    Runs in a process of its own, with one BLAS thread.
    """
    return measure_alone("whatif")


def measure() -> Report:
    """The figures, in this process."""
    metrics: dict[str, float | None] = {}
    ratios: dict[str, float] = {}
    correct = True
    for assets, suffix in ((100, ""), (500, "_500")):
        case = _case(assets)
        correct = _agrees(case) and correct
        ours, peer = _compete(case)
        wall = sorted(_singles(case))
        metrics |= {
            f"p50_us{suffix}": round(wall[len(wall) // 2], 2),
            f"p99_us{suffix}": round(wall[len(wall) * 99 // 100], 2),
            f"cpu_us{suffix}": round(ours, 2),
            f"numpy_cpu_us{suffix}": round(peer, 1),
        }
        ratios[f"numpy_{assets}"] = round(peer / ours, 1)
    missing = [] if native_kernel() else ["desk._core: these are the twin's figures"]
    return Report("whatif", correct, metrics, ratios, missing=missing)


def _case(assets: int) -> _Case:
    dice = np.random.default_rng(SEED + assets)
    changes = dice.standard_t(4, (DAYS, assets)) * dice.uniform(0.005, 0.03, assets) * dice.uniform(5, 500, assets)
    units = dice.integers(-200, 800, assets).astype(np.float64)
    names = [f"A{n}" for n in range(assets)]
    book = ScenarioBook(names, changes, LEVEL)
    book.hold(dict(zip(names, units.tolist(), strict=True)))
    return _Case(names, changes, units, book)


def _agrees(case: _Case) -> bool:
    """Whether every asset's what-if is the full calculation, to 1e-9."""
    for column, name in enumerate(case.names):
        traded = float((column * 37) % 400 - 150)
        ours, full = case.book.what_if(name, traded).after, case.full(column, traded)
        if not np.allclose(ours, full, rtol=1e-9, atol=0):
            return False
    return True


def _compete(case: _Case) -> tuple[float, float]:
    """Median CPU microseconds per question, ours and the peer's, in ABBA order."""
    trades = [(n % len(case.names), float(n % 300 - 100)) for n in range(OURS)]
    asked = [(case.names[column], traded) for column, traded in trades]

    def ask() -> None:
        for name, traded in asked:
            case.book.what_if(name, traded)

    def calculate() -> None:
        for column, traded in trades[:PEER]:
            case.full(column, traded)

    ours, peer = [], []
    for _ in range(ROUNDS):
        ours.append(_cpu(ask) / OURS)
        peer += [_cpu(calculate) / PEER, _cpu(calculate) / PEER]
        ours.append(_cpu(ask) / OURS)
    return median(ours), median(peer)


def _cpu(work: Callable[[], None]) -> float:
    before = time.thread_time_ns()
    work()
    return (time.thread_time_ns() - before) / 1_000


def _singles(case: _Case) -> list[float]:
    """Wall microseconds of single questions; the two readings of the clock are in it."""
    found = []
    for n in range(SINGLES):
        name, traded = case.names[n % len(case.names)], float(n % 300 - 100)
        before = time.perf_counter_ns()
        case.book.what_if(name, traded)
        found.append((time.perf_counter_ns() - before) / 1_000)
    return found
