"""The arms that compete: what each holds after every close of an instrument.

Adding one here adds a trial, and every interval gets wider for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from desk.errors import InputError
from desk.experiments.baskets import basket, learned_basket
from desk.experiments.closes import Closes
from desk.experiments.regimes import Followed, follow_states
from desk.forecast.baseline import Forecaster, buy_and_hold, mean_reversion, momentum, moving_average
from desk.forecast.boosted import predict_boosted
from desk.forecast.features import Vector
from desk.forecast.linear import FIRST_FIT, ridge_direction
from desk.forecast.moods import mood_direction
from desk.forecast.recurrent import load_network, predict_recurrent
from desk.forecast.registry import Registry
from desk.forecast.smoothing import naive_direction, smoothed_direction

BASELINE = "buy_and_hold"

Decide = Callable[[Closes, Registry], Vector]


def itself(closes: Closes) -> Vector:
    """The instrument's own counted closes (window,)."""
    return closes.counted


@dataclass(frozen=True)
class Arm:
    """`decide` gives the share of wealth to hold after each close (T,), from 0 to 1, by closes up to it only.

    Rows before the counted ones mean nothing for an arm that has `learned`. `prices` (window,) are what it trades: the
    instrument, or a basket. `plain` is there when it decides by the closes alone.
    """

    name: str
    title: str
    decide: Decide
    prices: Callable[[Closes], Vector] = itself
    learned: bool = False
    plain: Forecaster | None = None

    @property
    def trades_itself(self) -> bool:
        """Whether it trades the instrument and nothing else."""
        return self.prices is itself


def _simple(name: str, title: str, forecaster: Forecaster) -> Arm:
    return Arm(name, title, lambda closes, _: forecaster(closes.values), plain=forecaster)


def _boosted(closes: Closes, models: Registry) -> Vector:
    return np.asarray(predict_boosted(closes.values, closes.first, models) > 0, dtype=np.float64)


def _recurrent(closes: Closes, _: Registry) -> Vector:
    said = predict_recurrent(closes.values, closes.days, closes.first, load_network())
    return np.asarray(said.mean > 0, dtype=np.float64)


def follow_regimes(closes: Closes, models: Registry) -> Followed:
    """The arms that trade the instrument itself, followed by the state of its market."""
    others = [arm for arm in _ALL if arm.trades_itself and arm.name not in (BASELINE, *_NOT_FOLLOWED)]
    decisions = {arm.name: arm.decide(closes, models) for arm in others}
    begins = {arm.name: closes.first if arm.learned else FIRST_FIT for arm in others}
    cost = (closes.costs.commission_bps + closes.costs.half_spread_bps) / 10_000
    return follow_states(closes.values, decisions, begins, closes.first, cost)


def find_arm(name: str) -> Arm:
    """The arm by name, hyphens and spaces allowed; InputError names those there are."""
    key = name.strip().casefold().replace("-", "_").replace(" ", "_")
    if key not in ARMS:
        raise InputError(f"strategy {name!r} is not known; there are: {', '.join(ARMS)}")
    return ARMS[key]


_NOT_FOLLOWED = ("regime", "sentiment", "lstm")
"""What is not there for every window cannot be followed in it."""

_ALL = (
    _simple(BASELINE, "buy and hold", buy_and_hold),
    _simple("naive", "naive: as today", naive_direction),
    _simple("moving_average", "moving-average crossover", moving_average),
    _simple("smoothing", "exponential smoothing", smoothed_direction),
    _simple("momentum", "momentum", momentum),
    _simple("mean_reversion", "mean reversion", mean_reversion),
    _simple("ridge", "ridge regression", ridge_direction),
    Arm("xgboost", "boosted trees (XGBoost)", _boosted, learned=True),
    Arm("lstm", "recurrent network (LSTM)", _recurrent, learned=True),
    Arm("sentiment", "sentiment of the news", lambda closes, _: mood_direction(closes.moods, closes.first)),
    Arm(
        "regime",
        "by the state of the market",
        lambda closes, models: follow_regimes(closes, models).decisions,
        learned=True,
    ),
    Arm("equal_weight", "equal weights over its kind", lambda closes, _: np.ones(closes.values.size), basket),
    Arm("rl", "learned policy (PPO) over its kind", lambda closes, _: np.ones(closes.values.size), learned_basket),
)
ARMS: dict[str, Arm] = {arm.name: arm for arm in _ALL}
"""Every arm by name, the baseline first."""
