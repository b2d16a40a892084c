"""Trains the execution policy and judges it beside the classical schedules on orders it has not seen: `make train-rl`.

All schedules work the same orders on the same days (common random numbers). The best classical schedule is chosen on
other days than those that judge. The policy is used only where the 95 % interval of its cost less the best one's,
paired, is not above zero. Needs no package of its own; goes on where it was stopped (`.cache/rl`).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from desk.backtest import executing
from desk.backtest.executing import (
    ACTIONS,
    CLASSICAL,
    OBSERVED,
    SLICES,
    Days,
    Executing,
    draw_days,
    plan_classical,
    price_slices,
)
from desk.backtest.worked import WEIGHTS, work_orders
from desk.forecast.registry import hash_code, write_model
from desk.forecast.rl import actions, network, ppo
from desk.forecast.rl.ppo import Learner, Policy, Round, Settings
from desk.forecast.rl.shelf import Shelf, pack
from desk.risk.measures import Vector

SEEDS, COUNT = (1, 2, 3, 4), 128
SETTINGS = Settings(
    rounds=30, updates=10, horizon=SLICES, epochs=4, parts=4, rate=2e-3, discount=1.0, trace=1.0, hidden=(16, 16)
)
LEARNED = "learned"
CHOOSING, JUDGING, ORDERS = 40_001, 50_001, 20_000
"""Seeds of the days on which the best classical schedule is chosen, and on which all are judged; orders of each."""
NORMAL_95 = 1.959964
STATES = Path(".cache/rl")


def code_hash() -> str:
    """SHA-256 of what makes days, observations, actions and learning."""
    return hash_code([str(each.__file__) for each in (executing, actions, network, ppo)])


def train(seed: int, states: Path | None) -> tuple[Policy, list[float]]:
    """One policy and its curve: the mean return of an order in each round."""
    learner = Learner(Executing(COUNT), SETTINGS, seed)

    def tell_round(found: Round) -> None:
        sys.stderr.write(f"execution seed {seed}: round {found.number} of {SETTINGS.rounds}, {found.mean:.4f}\n")

    policy = learner.learn(states / f"executing-{seed}-{code_hash()[:8]}.npz" if states else None, tell_round)
    return policy, [round(each.mean, 5) for each in learner.curve]


def cost_all(days: Days, policies: Shelf) -> dict[str, Vector]:
    """The shortfall (m,) of every schedule on the same days, in basis points."""
    found = {name: price_slices(days, plan_classical(days, name)).sum(axis=1) for name in CLASSICAL}
    found[LEARNED] = price_slices(days, work_orders(policies, days)).sum(axis=1)
    return found


def judge(policies: Shelf) -> dict[str, object]:
    """The verdict: mean costs, and the policy's less each schedule's."""
    chosen = cost_all(draw_days(np.random.default_rng(CHOOSING), ORDERS), policies)
    best = min(CLASSICAL, key=lambda name: float(chosen[name].mean()))
    costs = cost_all(draw_days(np.random.default_rng(JUDGING), ORDERS), policies)
    gaps = {name: _gap(costs[LEARNED] - costs[name]) for name in CLASSICAL}
    return {
        "orders": ORDERS,
        "best": best,
        "mean_bps": {name: round(float(each.mean()), 3) for name, each in costs.items()},
        "risk_bps": {name: round(float(each.std(ddof=1)), 1) for name, each in costs.items()},
        "against": gaps,
        "used": gaps[best]["high"] <= 0,
    }


def _gap(paired: Vector) -> dict[str, float]:
    mean, width = float(paired.mean()), NORMAL_95 * float(paired.std(ddof=1)) / paired.size**0.5
    return {"estimate": round(mean, 4), "low": round(mean - width, 4), "high": round(mean + width, 4)}


def learn_all(states: Path | None) -> tuple[bytes, dict[str, object]]:
    """The packed policies and their record with the verdict."""
    begun = time.process_time()
    taught = [train(seed, states) for seed in SEEDS]
    policies = Shelf(("stocks",), (tuple(policy for policy, _ in taught),), {})
    spent = time.process_time() - begun
    return pack(policies), {
        "observed": [*OBSERVED, *ACTIONS],
        "data": "published impact model and modelled volume, no data",
        "code": code_hash(),
        "seeds": list(SEEDS),
        "settings": SETTINGS._asdict(),
        "steps": SETTINGS.steps(COUNT),
        "curves": {"stocks": [curve for _, curve in taught]},
        "verdict": judge(policies),
        "numpy": np.__version__,
        "cpu_seconds": round(spent, 1),
    }


def main() -> int:
    """Trains, judges, and writes policies and record into the package."""
    content, about = learn_all(STATES)
    write_model(WEIGHTS, content, about)
    sys.stdout.write(json.dumps({name: about[name] for name in ("code", "verdict", "cpu_seconds")}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
