"""`tenor bench run fraud_scan`: every detector over a million transfers of 200,000 accounts in 180 days.

`single_use_*`: the same of as many transfers between pairs drawn evenly, hardly any of which pays twice: every one is
new to both, so that no habit spares the path rules work.

Each runs in a process of its own, whose largest resident memory is `peak_mb` (the interpreter and the transfers are
in it, drawing them too). Rings are planted; correct means that most of them are in alerts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from bench.pagerank import ACCOUNTS, EDGES, SEED, draw_graph
from bench.report import Report
from desk.fraud.graph import DAY, Columns, build_columns
from desk.fraud.local import LocalGraph
from desk.fraud.patterns import scan

RINGS, MEMBERS, LIMIT_S = 40, 5, 900
LEAST = 0.8
CHILD = "import json; from bench import fraud_scan; print(json.dumps(fraud_scan.{what}()))"


def run() -> Report:
    """The figures; subprocess.SubprocessError when the scan fails or outlasts a quarter of an hour."""
    metrics = _apart(measure)
    correct = metrics["rings_found"] >= LEAST * RINGS
    return Report("fraud_scan", correct, {**metrics, **_apart(measure_single_use)})


def _apart(what: Callable[[], dict[str, float]]) -> dict[str, float]:
    """What a function of this module measures in a process of its own."""
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", CHILD.format(what=what.__name__)]
    done = subprocess.run(command, capture_output=True, check=True, env=paths, timeout=LIMIT_S)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure_single_use() -> dict[str, float]:
    """Seconds of CPU, peak memory and alerts of the evenly drawn graph, in this process."""
    columns = single_use(EDGES, ACCOUNTS, SEED)
    cpu = time.process_time()
    alerts = scan(LocalGraph(columns))
    return {
        "single_use_seconds": round(time.process_time() - cpu, 2),
        "single_use_mb": _peak_mb(),
        "single_use_alerts": float(len(alerts)),
    }


def measure() -> dict[str, float]:
    """Seconds of CPU and of the wall, peak memory, alerts, planted rings found, in this process."""
    columns = planted(EDGES, ACCOUNTS, SEED)
    cpu, wall = time.process_time(), time.perf_counter()
    alerts = scan(LocalGraph(columns))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    found = {edge.id.partition("-")[0] for alert in alerts for edge in alert.edges if edge.id.startswith("ring")}
    return {
        "seconds": round(cpu, 2),
        "wall_s": round(wall, 2),
        "peak_mb": _peak_mb(),
        "transfers": float(len(columns)),
        "alerts": float(len(alerts)),
        "rings_found": float(len(found)),
    }


def _peak_mb() -> float:
    import resource

    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


def single_use(edges: int, accounts: int, seed: int) -> Columns:
    """Transfers between two accounts drawn evenly, at any time of 180 days, amounts up to 5,000."""
    dice = np.random.default_rng(seed)
    source = dice.integers(0, accounts, edges)
    target = (source + dice.integers(1, accounts, edges)) % accounts
    at, minor = np.sort(dice.integers(0, 180 * DAY, edges)), dice.integers(1_00, 5_000_00, edges)
    return build_columns(list(map(str, range(edges))), list(map(str, source)), list(map(str, target)), minor, at)


def planted(edges: int, accounts: int, seed: int) -> Columns:
    """The heavy-tailed graph with rings of five quiet accounts, a day a hop, each keeping two hundredths."""
    drawn, dice = draw_graph(accounts, edges, seed), np.random.default_rng(seed + 1)
    quiet = np.flatnonzero(np.bincount(drawn.source, minlength=accounts) == 1)
    members = dice.choice(quiet, (RINGS, MEMBERS), replace=False)
    steps = np.arange(MEMBERS)
    minor = np.rint(5_000_00 * 0.98**steps * dice.uniform(1, 3, (RINGS, 1))).astype(np.int64)
    at = dice.integers(60 * DAY, 150 * DAY, (RINGS, 1)) + steps * DAY
    names = [f"ring{ring}-{step}" for ring in range(RINGS) for step in steps]
    sources = [*drawn.source.tolist(), *members.ravel().tolist()]
    targets = [*drawn.target.tolist(), *np.roll(members, -1, axis=1).ravel().tolist()]
    both = np.concatenate([drawn.minor, minor.ravel()]), np.concatenate([drawn.at, at.ravel()])
    return build_columns([*drawn.ids, *names], list(map(str, sources)), list(map(str, targets)), *both)
