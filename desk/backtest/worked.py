"""The shipped execution policy, and how it works orders."""

from __future__ import annotations

from pathlib import Path

from desk.backtest.executing import ACTIONS, OBSERVED, SLICES, Days, Executing
from desk.forecast.rl import shelf
from desk.forecast.rl.shelf import Shelf, load_shelf
from desk.risk.measures import Matrix

WEIGHTS = Path(shelf.__file__).with_name("executing.npz")


def load_executing() -> Shelf:
    """The shipped policies, one group; see `load_shelf`."""
    return load_shelf(WEIGHTS, [*OBSERVED, *ACTIONS])


def work_orders(policies: Shelf, days: Days) -> Matrix:
    """Shares (m, SLICES) that the policies trade in each slice; each by what is known before it."""
    world = Executing(days.sigma.size)
    seen = world.begin(days)
    for _ in range(SLICES - 1):
        seen, _, _ = world.step(policies.say(0, seen))
    parts: Matrix = world.parts.copy()
    parts[:, -1] = 1.0 - parts[:, :-1].sum(axis=1)
    return parts.clip(0.0)
