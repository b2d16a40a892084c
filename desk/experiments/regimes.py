"""An arm that follows other arms, chosen by the state of the market, and holds the baseline where none is better.

Every quarter it looks back, by what was known then, at each state of the market: an arm is followed in a state when
its lead over the baseline on the state's days, at equal volatility, is too large for luck after all arms and states
(one-sided, Bonferroni), or when its lead on all days is, and is no deficit on that state's. Else the baseline is held,
which is nearly always.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.forecast.features import DELAY, Vector
from desk.forecast.states import COUNT, NONE, market_states

EVERY, EMBARGO = 63, 5
LEAST = 63
"""Days below which a lead says nothing."""
SURE = 0.95


class Followed(NamedTuple):
    """Decisions (T,), and per row the place in `names` of the arm that was followed (T,); -1 is the baseline."""

    decisions: Vector
    arms: NDArray[np.int64]
    names: tuple[str, ...]


def follow_states(
    closes: Vector, decisions: Mapping[str, Vector], begins: Mapping[str, int], first: int, cost: float
) -> Followed:
    """Follows `decisions` (T,) of the arms, which count from the rows `begins` on; the baseline holds everything.

    Rows before `first` hold the baseline. `cost` is the share of the traded value that a trade takes.
    """
    states, arms = market_states(closes), list(decisions)
    leads = np.column_stack([_leads(closes, decisions[arm], cost) for arm in arms])
    for column, arm in enumerate(arms):
        leads[: begins[arm] + DELAY + 1, column] = np.nan
    held, chosen = np.ones(closes.size), np.full(closes.size, -1, dtype=np.int64)
    bar = NormalDist().inv_cdf(1 - (1 - SURE) / (len(arms) * (COUNT + 1)))
    for start in range(first, closes.size, EVERY):
        known = start - EMBARGO
        table = _best(leads[: known + 1], _when_decided(states, known), bar)
        rows = slice(start, min(start + EVERY, closes.size))
        chosen[rows] = np.where(states[rows] == NONE, -1, table[states[rows]])
    for column, arm in enumerate(arms):
        held = np.where(chosen == column, decisions[arm], held)
    return Followed(held, chosen, tuple(arms))


def net_gains(closes: Vector, decisions: Vector, cost: float) -> Vector:
    """(T,): the return of each day that ends at row t, of what was decided `DELAY` closes before its start."""
    returns = np.concatenate(([0.0], closes[1:] / closes[:-1] - 1.0))
    held = np.concatenate((np.zeros(DELAY + 1), decisions[: -DELAY - 1]))
    traded = np.abs(np.diff(held, prepend=held[:1]))
    gains: Vector = held * returns - traded * cost
    return gains


def _leads(closes: Vector, decisions: Vector, cost: float) -> Vector:
    """An arm's days less the baseline's, both in units of the baseline's deviation so far: no row looks ahead."""
    base, own = net_gains(closes, np.ones(closes.size), cost), net_gains(closes, decisions, cost)
    rows = np.arange(1, closes.size + 1)
    scale = np.sqrt(np.maximum(np.cumsum(base**2) / rows, 1e-18))
    size = np.sqrt(np.maximum(np.cumsum(own**2) / rows, 1e-18))
    leads: Vector = own / np.maximum(size, 0.1 * scale) - base / scale
    return leads


def _when_decided(states: NDArray[np.int64], known: int) -> NDArray[np.int64]:
    """The state in which each day's holding was decided."""
    return np.concatenate((np.full(DELAY + 1, NONE), states[: known - DELAY]))


def _best(leads: NDArray[np.float64], states: NDArray[np.int64], bar: float) -> NDArray[np.int64]:
    """Per state the arm with the surest lead above the bar; -1 for none."""
    found = np.full(COUNT, -1, dtype=np.int64)
    everywhere = _sureness(leads[states != NONE])
    for state in range(COUNT):
        here = _sureness(leads[states == state])
        sure = np.maximum(here, np.where(here > 0, everywhere, -np.inf))
        if sure.max() > bar:
            found[state] = int(sure.argmax())
    return found


def _sureness(days: NDArray[np.float64]) -> Vector:
    """Per column the mean over its error, of the days that are told; minus infinity for fewer than `LEAST`."""
    told = np.isfinite(days)
    count = np.maximum(told.sum(axis=0), 1)
    mean = np.where(told, days, 0.0).sum(axis=0) / count
    square = np.where(told, days**2, 0.0).sum(axis=0) / count
    sure: Vector = mean / np.sqrt(np.maximum(square - mean**2, 1e-18) / count)
    return np.where(count < LEAST, -np.inf, sure)
