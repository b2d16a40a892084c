"""The tasks on which learners are compared, with their settings: both sides build them from here."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from desk.backtest.balancing import Balancing
from desk.errors import InputError
from desk.forecast.rl.cartpole import CartPoles
from desk.forecast.rl.ppo import Environment, Settings

COUNT = 64
BALANCING = Settings(
    rounds=20, updates=10, horizon=24, epochs=4, parts=4, rate=1e-3, discount=0.95, trace=0.9, hidden=(16, 16)
)
POLES = 32
CARTPOLE = Settings(rounds=10, updates=10, horizon=64, epochs=4, parts=4, rate=2e-3, discount=0.98)


class Task(NamedTuple):
    """Where one learns, and with what."""

    world: Environment
    settings: Settings


def build_task(name: str, closes: Path | None = None) -> Task:
    """`cartpole`, or `balancing` over the closes (T, n) kept in a file."""
    if name == "cartpole":
        return Task(CartPoles(POLES), CARTPOLE)
    if name == "balancing" and closes is not None:
        return Task(Balancing(np.load(closes, allow_pickle=False), COUNT), BALANCING)
    raise InputError(f"task {name!r} is not known; there are: cartpole, balancing (with closes)")
