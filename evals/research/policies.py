"""Trains the balancing policy and judges it on days it has not seen: `make train-rl`. Needs no package of its own.

Three cut-off days; each group of seeds learns from closes up to its day alone and is judged on the window after it,
where it goes through the backtest like any strategy, against equal weights and minimum variance. Rules and settings
were written down before a window was looked at. The state of each training is kept in `.cache/rl` after every round;
a training that was stopped goes on there and ends with the same weights.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from desk.backtest import balancing, learned
from desk.backtest.balancing import OBSERVED, TRAITS, Balancing
from desk.backtest.learned import WEIGHTS, follow_policy
from desk.backtest.market import Market, filled, mend_market
from desk.backtest.portfolio import PortfolioRun, run_portfolio
from desk.backtest.report import tell
from desk.backtest.strategies import STRATEGIES
from desk.backtest.venues import CostlyVenue
from desk.experiments.selection import select
from desk.forecast.registry import hash_arrays, hash_code, write_model
from desk.forecast.rl import actions, network, ppo
from desk.forecast.rl.ppo import Learner, Policy, Round
from desk.forecast.rl.shelf import Shelf, pack
from desk.instruments import AssetClass
from desk.market.history import History
from desk.risk.measures import Vector
from evals.research.tasks import BALANCING, COUNT

CUTOFFS = (date(2004, 12, 31), date(2010, 12, 31), date(2016, 12, 31))
LAST = date(2022, 12, 31)
SEEDS = (1, 2, 3, 4)
RIVALS = ("equal_weight", "minimum_variance")
LEARNED = "learned"
STATES = Path(".cache/rl")


def read_market() -> Market:
    """The bundled stocks that are listed to the end, on their common days."""
    history = History()
    stocks = [i for i in history.instruments if i.asset_class is AssetClass.STOCK and i.tradable and not i.simulated]
    newest = max(history.last_day(one.id) for one in stocks)
    kept = tuple(one for one in stocks if history.last_day(one.id) == newest)
    panel = history.closes([one.id for one in kept])
    days = tuple(day.item() for day in panel.days)
    unknown = np.full_like(panel.closes, np.nan)
    return mend_market(Market(kept, days, panel.closes, np.ones_like(panel.closes), unknown))


def code_hash() -> str:
    """SHA-256 of what makes observations, actions and learning; the policies belong to it."""
    return hash_code([str(each.__file__) for each in (balancing, learned, actions, network, ppo)])


def until(market: Market, cutoff: date) -> Market:
    """The days that were known at the cut-off."""
    return market.cut(slice(0, sum(day <= cutoff for day in market.days)))


def train(market: Market, cutoff: date, seed: int, states: Path | None) -> tuple[Policy, list[float]]:
    """One policy from the days up to the cut-off, and its curve: the mean return of an episode in each round."""
    learner = Learner(Balancing(filled(until(market, cutoff).closes), COUNT), BALANCING, seed)

    def tell_round(found: Round) -> None:
        sys.stderr.write(f"{cutoff} seed {seed}: round {found.number} of {BALANCING.rounds}, {found.mean:.2f}\n")

    name = f"balancing-{cutoff}-{seed}-{hash_arrays([market.closes])[:8]}-{code_hash()[:8]}.npz"
    policy = learner.learn(states / name if states else None, tell_round)
    return policy, [round(each.mean, 4) for each in learner.curve]


def judge_window(market: Market, policies: Shelf, after: date, end: date) -> dict[str, PortfolioRun]:
    """The policy and its rivals over the days after a cut-off, up to the next; rebalanced monthly, costs paid."""
    known = until(market, end)
    first = sum(day <= after for day in known.days)
    builders = {name: STRATEGIES[name].build(STRATEGIES[name].usual, known) for name in RIVALS}
    builders[LEARNED] = follow_policy(policies)
    return {name: run_portfolio(known, each, CostlyVenue(known), first=first) for name, each in builders.items()}


def judge_all(market: Market, policies: Shelf) -> dict[str, object]:
    """The verdict: each window alone, and all of them together, after as many comparisons as there are."""
    ends = (*CUTOFFS[1:], LAST)
    found = [judge_window(market, policies, *each) for each in zip(CUTOFFS, ends, strict=True)]
    windows = [_told(runs, market.periods, len(found) * len(RIVALS)) for runs in found]
    whole = {name: np.concatenate([runs[name].returns for runs in found]) for name in (LEARNED, *RIVALS)}
    together = {name: _compared(whole, name, len(RIVALS), market.periods) for name in RIVALS}
    leads = [window["against"][name]["estimate"] for window in windows for name in RIVALS]
    wins = all(each["low"] > 0 for each in together.values()) and min(leads) > 0
    return {"windows": windows, "together": together, "used": wins}


def _told(runs: Mapping[str, PortfolioRun], periods: int, trials: int) -> dict[str, Any]:
    days = runs[LEARNED].days
    returns = {name: run.returns for name, run in runs.items()}
    tales = {name: tell(run, periods) for name, run in runs.items()}
    return {
        "first": days[0].isoformat(),
        "last": days[-1].isoformat(),
        "sharpe": {name: round(tale.sharpe or 0.0, 3) for name, tale in tales.items()},
        "yearly": {name: round(tale.yearly, 4) for name, tale in tales.items()},
        "drawdown": {name: round(tale.drawdown, 4) for name, tale in tales.items()},
        "costs": {name: round(run.costs / run.opening, 4) for name, run in runs.items()},
        "against": {name: _compared(returns, name, trials, periods) for name in RIVALS},
    }


def _compared(returns: Mapping[str, Vector], rival: str, trials: int, periods: int) -> dict[str, float]:
    """The policy's Sharpe ratio less the rival's, with its interval after all trials."""
    pair = {rival: returns[rival], LEARNED: returns[LEARNED]}
    found = select(rival, pair, trials=trials, periods=periods).differences[0]
    return {name: round(getattr(found, name), 3) for name in ("estimate", "low", "high")}


def learn_all(market: Market, states: Path | None) -> tuple[bytes, dict[str, object]]:
    """The packed policies of all cut-off days, and their record with the verdict."""
    begun, groups, curves = time.process_time(), [], {}
    for cutoff in CUTOFFS:
        taught = [train(market, cutoff, seed, states) for seed in SEEDS]
        groups.append(tuple(policy for policy, _ in taught))
        curves[cutoff.isoformat()] = [curve for _, curve in taught]
    policies = Shelf(tuple(day.isoformat() for day in CUTOFFS), tuple(groups), {})
    spent = time.process_time() - begun
    return pack(policies), {
        "observed": [*OBSERVED, *TRAITS],
        "data": hash_arrays([market.closes]),
        "code": code_hash(),
        "seeds": list(SEEDS),
        "settings": BALANCING._asdict(),
        "steps": BALANCING.steps(COUNT),
        "curves": curves,
        "verdict": judge_all(market, policies),
        "numpy": np.__version__,
        "cpu_seconds": round(spent, 1),
    }


def main() -> int:
    """Trains, judges, and writes policies and record into the package."""
    content, about = learn_all(read_market(), STATES)
    write_model(WEIGHTS, content, about)
    sys.stdout.write(json.dumps({name: about[name] for name in ("data", "code", "verdict", "cpu_seconds")}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
