"""`tenor bench run backtest`: SMA 10/30 over the bundled S&P set, 20 stocks and 8,313 days, beside vectorbt.

Both get whole ticks, trade at the close after the signal, all in, 5 basis points a side, and come to each stock's
wealth. The peer computes both averages, the signals and the portfolio; it runs in an environment and process of its own
and is asked in turn with ours (ABBA). Correct: final wealth equals the peer's and the twin's to 1e-9, ties included.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.compiled import FOLDER
from bench.peers import install_peer
from bench.report import Report, median
from desk.backtest.bars import Ticks, cross, native_bars
from desk.instruments import AssetClass
from desk.market.history import History
from desk.risk.measures import Vector

FAST, SLOW, CASH, FEE = 10, 30, 100.0, 0.0005
ROUNDS, OURS = 9, 20
CLOSE = 1e-9
PEER = "vectorbt"
SCRIPT = Path(__file__).parent / "vectorbt_peer.py"


class _Answer(NamedTuple):
    ns: float
    final: list[float]


class _Peer:
    """The peer's process, asked for one run at a time."""

    def __init__(self, process: subprocess.Popen[str], bars: int) -> None:
        self._process, self._bars = process, bars

    def run(self) -> _Answer | None:
        """CPU nanoseconds a bar and final wealth; None when the process has ended."""
        if self._process.stdin is None or self._process.stdout is None:
            return None
        try:
            self._process.stdin.write("run\n")
            self._process.stdin.flush()
        except OSError:
            return None
        line = self._process.stdout.readline()
        if not line:
            return None
        told = json.loads(line)
        return _Answer(float(told["cpu_s"]) * 1e9 / self._bars, [float(value) for value in told["final"]])


def run() -> Report:
    """`ns_per_bar` of ours, of the twin and of the peer; the ratio is the peer's ÷ ours."""
    ticks = read_ticks()
    ours, twin = cross(ticks, FAST, SLOW, CASH, FEE), cross(ticks, FAST, SLOW, CASH, FEE, native=False)
    report = Report("backtest", bool(np.allclose(ours.wealth, twin.wealth, rtol=CLOSE, atol=0)), {})
    report.notes.append(f"{len(ticks)} stocks x {ticks.shape[1]:,} days, {ours.trades:,} trades")
    if not native_bars():
        report.missing.append("desk._core: these are the twin's figures")
    with _open_peer(ticks) as peer:
        spent = _compete(ticks, peer, ours.wealth[:, -1], report)
    report.metrics |= {f"{name}ns_per_bar": round(median(values), 2) for name, values in spent.items() if values}
    if spent["vectorbt_"]:
        report.ratios[PEER] = round(median(spent["vectorbt_"]) / median(spent[""]), 1)
    else:
        report.missing.append(PEER)
    return report


def read_ticks() -> Ticks:
    """The bundled stocks' closes (n, T) as whole thousandths, as they are stored."""
    history = History()
    stocks = [one.id for one in history.instruments if one.asset_class is AssetClass.STOCK]
    return np.ascontiguousarray(np.stack([history.series(id).close for id in stocks]))


def _compete(ticks: Ticks, peer: _Peer | None, final: Vector, report: Report) -> dict[str, list[float]]:
    spent: dict[str, list[float]] = {"": [], "twin_": [], "vectorbt_": []}
    first = peer.run() if peer else None  # compiles
    if first is not None:
        gap = float(np.max(np.abs(np.array(first.final) / final - 1.0)))
        report.metrics["vectorbt_difference"] = gap
        report.correct = report.correct and gap < CLOSE
    for _ in range(ROUNDS):
        spent[""].append(_ours(ticks))
        for _ in range(2):
            answer = peer.run() if peer and first else None
            spent["vectorbt_"] += [answer.ns] if answer else []
        spent[""].append(_ours(ticks))
        spent["twin_"].append(_ours(ticks, 1, native=False))
    return spent


def _ours(ticks: Ticks, times: int = OURS, native: bool = native_bars()) -> float:
    wealth = np.zeros(ticks.shape)  # one array for all runs, as a search over knobs has it
    before = time.thread_time_ns()
    for _ in range(times):
        cross(ticks, FAST, SLOW, CASH, FEE, native=native, out=wealth)
    return (time.thread_time_ns() - before) / times / ticks.size


@contextmanager
def _open_peer(ticks: Ticks) -> Iterator[_Peer | None]:
    """The peer's process, ended afterwards; None when it cannot be had."""
    folder = install_peer(PEER)
    if folder is None:
        yield None
        return
    path = FOLDER / "backtest_ticks.npy"
    np.save(path, ticks)
    words = [str(path.resolve()), str(FAST), str(SLOW), str(CASH), str(FEE)]
    own = {"PYTHONPATH": str(folder.resolve()), "NUMBA_CACHE_DIR": str((FOLDER / "numba").resolve())}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    process = subprocess.Popen(
        [sys.executable, "-S", str(SCRIPT), *words],  # -S: nothing of our own environment
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **own, **threads},
    )
    try:
        yield _Peer(process, ticks.size)
    finally:
        process.terminate()
        process.wait(timeout=30)
