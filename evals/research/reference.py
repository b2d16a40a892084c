"""Our learner beside stable-baselines3's PPO through FinRL's agent: `make train-rl-peers`.

Same environments, costs, settings, seeds and steps; what each learned is judged by the same code on the same episodes.
The peer runs in `.venv-train`, one thread each. Ours is at least its equal where the interval of the difference
(Welch 1947, over the seeds) is not below zero. The record is `desk/forecast/rl/reference.json`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from desk.backtest.balancing import Balancing
from desk.backtest.market import Market, filled
from desk.errors import DataError
from desk.forecast.rl import shelf
from desk.forecast.rl.ppo import Environment, Learner, Policy, judge
from desk.forecast.rl.shelf import unpack
from desk.risk.measures import Vector
from evals.research.policies import CUTOFFS, read_market, until
from evals.research.tasks import Task, build_task

TOP = Path(__file__).parents[2]
PEER = TOP / ".venv-train" / "bin" / "python"
FOLDER = TOP / ".cache" / "rl"
RECORD = Path(shelf.__file__).with_name("reference.json")
SEEDS = tuple(range(11, 19))
CUTOFF, NEXT = CUTOFFS[1], CUTOFFS[2]
JUDGE_SEED, EPISODES = 9, 4
THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Learned(NamedTuple):
    """Policies of several seeds, their curves (mean return of an episode, by round) and seconds of CPU."""

    policies: list[Policy]
    curves: list[list[float]]
    cpu_seconds: list[float]


def learn_ours(task: Task, seeds: Sequence[int]) -> Learned:
    """Ours."""
    policies, curves, seconds = [], [], []
    for seed in seeds:
        learner, begun = Learner(task.world, task.settings, seed), time.process_time()
        policies.append(learner.learn())
        seconds.append(round(time.process_time() - begun, 2))
        curves.append([round(each.mean, 4) for each in learner.curve])
    return Learned(policies, curves, seconds)


def learn_peers(
    name: str, seeds: Sequence[int], closes: Path | None, peer: Path = PEER
) -> tuple[Learned, dict[str, Any]]:
    """The peer's, and its other words; DataError when its environment is not there or it fails."""
    if not peer.exists():
        raise DataError("the training environment .venv-train is not there; run make train-rl-peers")
    FOLDER.mkdir(parents=True, exist_ok=True)
    out = FOLDER / f"peer-{name}.npz"
    words = [name, ",".join(map(str, seeds)), str(closes or "-"), str(out)]
    given = {**os.environ, **THREADS, "PYTHONPATH": str(TOP)}
    done = subprocess.run(
        [str(peer), "-m", "evals.research.sb3_peer", *words], stdout=subprocess.PIPE, env=given, check=False
    )
    if done.returncode:
        raise DataError(f"the peer ended with {done.returncode} on {name}; its words are above")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    policies = list(unpack(out.read_bytes(), {}).groups[0])
    return Learned(policies, told.pop("curves"), told.pop("cpu_seconds")), told


def differ(ours: Vector, theirs: Vector) -> dict[str, float]:
    """The difference of means of two samples with its 95 % interval; no interval where neither varies."""
    from scipy.stats import t as student

    parts = [float(each.var(ddof=1)) / each.size for each in (ours, theirs)]
    gap, error = float(ours.mean() - theirs.mean()), math.sqrt(sum(parts))
    if error == 0.0:
        return {"estimate": gap, "low": gap, "high": gap}
    freedom = sum(parts) ** 2 / sum(p**2 / (e.size - 1) for p, e in zip(parts, (ours, theirs), strict=True))
    width = float(student.ppf(0.975, freedom)) * error
    return {"estimate": round(gap, 3), "low": round(gap - width, 3), "high": round(gap + width, 3)}


def meet(name: str, seeds: Sequence[int], closes: Path | None, judged: dict[str, Environment]) -> dict[str, object]:
    """Both learners on one task: mean returns a seed on each environment that judges, and the differences."""
    task = build_task(name, closes)
    ours, (theirs, about) = learn_ours(task, seeds), learn_peers(name, seeds, closes)
    found: dict[str, object] = {"steps": task.settings.steps(task.world.count), "seeds": list(seeds)}
    for where, world in judged.items():
        means = [
            np.array([float(judge(policy, world, JUDGE_SEED, EPISODES).mean()) for policy in each.policies])
            for each in (ours, theirs)
        ]
        gap = differ(*means)
        found[where] = {
            "ours": [round(value, 3) for value in means[0].tolist()],
            "peer": [round(value, 3) for value in means[1].tolist()],
            "difference": gap,
            "at_least_equal": gap["high"] >= 0,
        }
    runs = {
        who: {"curves": one.curves, "cpu_seconds": one.cpu_seconds} for who, one in (("ours", ours), ("peer", theirs))
    }
    return {**found, "runs": runs, "about": about}


def keep_closes(market: Market) -> Path:
    """The closes up to the cut-off, for the peer."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "closes.npy"
    np.save(path, filled(until(market, CUTOFF).closes), allow_pickle=False)
    return path


def main() -> int:
    """Trains and judges both, and writes the record."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=len(SEEDS), help="how many")
    seeds = SEEDS[: asked.parse_args().seeds]
    market = read_market()
    closes = keep_closes(market)
    known = until(market, NEXT)
    first = sum(day <= CUTOFF for day in market.days)
    windows: dict[str, Environment] = {
        "learned_days": build_task("balancing", closes).world,
        "days_after": Balancing(filled(known.closes[first - 253 :]), 64),
    }
    record = {
        "cartpole": meet("cartpole", seeds, None, {"balanced": build_task("cartpole").world}),
        "balancing": meet("balancing", seeds, closes, windows),
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps({name: _short(body) for name, body in record.items()}) + "\n")
    return 0


def _short(body: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if isinstance(value, dict) and "difference" in value}


if __name__ == "__main__":
    sys.exit(main())
