"""Balancing a portfolio as a task to learn: what is observed, what an action means, and what a month of it pays.

An action is a loading on each trait of the instruments (parametric portfolio policies: Brandt, Santa-Clara and
Valkanov 2009); the weights are the softmax of their sum. Zero is equal weights, a loading of one on `held` alone leaves
everything as it is, one on `calm` alone is inverse volatility. So a policy fits any number of instruments.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.backtest.costs import COMMISSION_BPS, HALF_SPREAD_BPS, LEAST_COMMISSION
from desk.backtest.engine import CASH
from desk.errors import DataError
from desk.forecast.rl.actions import Gaussian, to_simplex
from desk.instruments import AssetClass
from desk.market.volume import TURNOVER
from desk.risk.measures import Matrix, Vector
from desk.trading.impact import BPS, market_impact

YEAR, QUARTER, MONTH = 252, 63, 21
TRAITS = ("held", "momentum", "reversal", "calm", "apart")
"""Logarithm of the share held in equal parts; the year's rise without its last month; the last month's fall; the
logarithm of one over the quarter's deviation; one less the correlation with all. Of each the middle is taken off."""
OBSERVED = (
    "month",
    "quarter",
    "year",
    "month_deviation",
    "year_deviation",
    "together",
    "momentum_spread",
    "reversal_spread",
    "calm_spread",
    "concentration",
)
MOST_LOADING, MOST_TRAIT = 2.0, 3.0
LEAST_SIGMA, LEAST_SHARE = 1e-6, 1e-6
DRIFTED = 0.1
"""A share's logarithm is cut here times the count, so that nothing held is no hole without a bottom."""
AVERSION, SCALE = 4.0, 100.0
EPISODE = 24


class Look(NamedTuple):
    """What closes up to a row tell: traits (n, 4) but `held`, and the market's state (9,) but `concentration`."""

    traits: Matrix
    state: Vector


def look(closes: Matrix) -> Look:
    """Of the last YEAR + 1 closes (YEAR + 1, n), all positive, at least two instruments."""
    logs = np.diff(np.log(closes), axis=0)
    every, sigma = logs.mean(axis=1), np.maximum(logs[-QUARTER:].std(axis=0), LEAST_SIGMA)
    whole, near = np.maximum(every.std(), LEAST_SIGMA), np.maximum(every[-MONTH:].std(), LEAST_SIGMA)
    rose, fell, calm = logs[:-MONTH].sum(axis=0), -logs[-MONTH:].sum(axis=0), -np.log(sigma)
    own = np.maximum(logs.std(axis=0), LEAST_SIGMA)
    alike = ((logs - logs.mean(axis=0)) * (every - every.mean())[:, None]).mean(axis=0) / own / whole
    traits = np.stack((_even(rose), _even(fell), _cut(calm - calm.mean()), _even(1.0 - alike)), axis=1)
    pace = float(own.mean())
    state = [
        *(every[-days:].sum() / (whole * np.sqrt(days)) for days in (MONTH, QUARTER, YEAR)),
        np.log(near / whole),
        np.log(whole / 0.01),
        np.log(every[-QUARTER:].std() / sigma.mean() + 0.05),
        np.log(rose.std() / (pace * np.sqrt(YEAR)) + 0.05),
        np.log(fell.std() / (pace * np.sqrt(MONTH)) + 0.05),
        calm.std(),
    ]
    return Look(traits, np.array(state))


def observe(states: Matrix, held: Matrix) -> Matrix:
    """(m, OBSERVED) of states (m, 9) and shares held (m, n)."""
    crowded = np.log(held.shape[1] * (held**2).sum(axis=1, keepdims=True))
    return np.concatenate((states, crowded), axis=1)


def weigh(actions: Matrix, traits: NDArray[np.float64], held: Matrix) -> Matrix:
    """Weights (m, n) of loadings (m, TRAITS), traits (m, n, 4) and shares held (m, n)."""
    loads = np.clip(actions, -MOST_LOADING, MOST_LOADING)
    kept = np.log(np.maximum(held * held.shape[1], DRIFTED * LEAST_SHARE))
    return to_simplex(loads[:, :1] * kept + (traits @ loads[:, 1:, None])[:, :, 0])


class Balancing:
    """See `Environment`: a decision after a close, traded at the next, MONTH rows apart, net of the backtests' costs.

    A step pays the logarithm of the growth less `AVERSION` halves of the squared daily moves, in per cent, less the
    same of equal weights without costs: no action changes that part, and the market's noise is in both. Episodes of
    two years begin anywhere; DataError for closes (T, n) that are too few for one.
    """

    observed, head = len(OBSERVED), Gaussian(len(TRAITS))

    def __init__(self, closes: Matrix, count: int) -> None:
        self.count, self._n = count, closes.shape[1]
        self._last = len(closes) - 1 - EPISODE * MONTH
        if self._last <= YEAR:
            raise DataError(f"{len(closes)} closes are too few for an episode; {YEAR + EPISODE * MONTH + 2} are needed")
        looks = [look(closes[row - YEAR : row + 1]) for row in range(YEAR, len(closes))]
        self._traits = np.stack([each.traits for each in looks])
        self._states = np.stack([each.state for each in looks])
        sigma = np.stack(
            [np.diff(np.log(closes[r - QUARTER : r + 1]), axis=0).std(axis=0) for r in range(YEAR, len(closes))]
        )
        self._sigma, self._closes = sigma, closes
        self._rng = np.random.default_rng(0)
        self._rows, self._age = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        self._held, self.wealth = np.full((count, self._n), 1.0 / self._n), np.full(count, CASH)

    def reset(self, rng: np.random.Generator) -> Matrix:
        """See `Environment`."""
        self._rng = rng
        self._begin(np.ones(self.count, dtype=bool))
        return self._seen()

    def step(self, actions: Matrix) -> tuple[Matrix, Vector, NDArray[np.bool_]]:
        """See `Environment`."""
        at = self._rows - YEAR
        wish = weigh(actions, self._traits[at], self._held)
        path = self._closes[self._rows[:, None] + np.arange(1, MONTH + 1)]
        first = path[:, 0] / self._closes[self._rows]
        before = self._held * first
        opening = before.sum(axis=1)
        cost = self._cost(np.abs(wish - before / opening[:, None]), at, self.wealth * opening)
        gains, ends = follow(path, wish)
        growth = opening * (1 - cost) * gains[:, -1]
        even, _ = follow(path, np.full_like(wish, 1.0 / self._n))
        reward = _worth(np.log(growth), gains) - _worth(np.log(first.mean(axis=1) * even[:, -1]), even)
        self._held, self.wealth = ends, self.wealth * growth
        self._rows, self._age = self._rows + MONTH, self._age + 1
        done = self._age >= EPISODE
        self._begin(done)
        return self._seen(), SCALE * reward, done

    def _cost(self, turned: Matrix, at: NDArray[np.int64], wealth: Vector) -> Vector:
        """Shares of wealth (count,) that trading shares `turned` (count, n) costs: spread, commission and impact."""
        worth = turned * wealth[:, None]
        fee = np.where(worth > 1.0, np.maximum(LEAST_COMMISSION, worth * COMMISSION_BPS / BPS), 0.0)
        lasting, passing = market_impact(1.0, 1.0, 1.0)
        part = worth / TURNOVER[AssetClass.STOCK]
        impact = self._sigma[at] * (lasting * part + passing * part**0.6)
        cost: Vector = (fee + worth * (HALF_SPREAD_BPS[AssetClass.STOCK] + impact) / BPS).sum(axis=1) / wealth
        return cost

    def _begin(self, which: NDArray[np.bool_]) -> None:
        self._rows[which] = self._rng.integers(YEAR, self._last, int(which.sum()))
        self._age[which], self._held[which], self.wealth[which] = 0, 1.0 / self._n, CASH

    def _seen(self) -> Matrix:
        return observe(self._states[self._rows - YEAR], self._held)


def follow(path: NDArray[np.float64], weights: Matrix) -> tuple[Matrix, Matrix]:
    """Wealth (m, t) along closes (m, t, n), 1 at the first, of shares (m, n) then left alone; shares at the end."""
    worth = path / path[:, :1] * weights[:, None, :]
    wealth = worth.sum(axis=2)
    return wealth, worth[:, -1] / wealth[:, -1:]


def _worth(growth: Vector, gains: Matrix) -> Vector:
    moves = np.diff(np.log(gains), axis=1)
    found: Vector = growth - AVERSION / 2 * (moves**2).sum(axis=1)
    return found


def _even(values: Vector) -> Vector:
    """In deviations from the middle."""
    off = values - values.mean()
    return _cut(off / max(float(off.std()), LEAST_SIGMA))


def _cut(values: Vector) -> Vector:
    found: Vector = np.clip(values, -MOST_TRAIT, MOST_TRAIT)
    return found
