"""The risk score: one number from 0 (nothing can be lost) to 100, from what a portfolio can lose.

    market = (place(volatility) + place(tail)) / 2
    score  = market + CONCENTRATION * concentration * market * (100 - market) / 100

`place` puts an annual volatility on the seven classes of market risk of the European rules for
retail products (Regulation (EU) 2017/653, Annex II, part 1, point 2: class bounds .5, 5, 12, 20, 30
and 80 % of VaR-equivalent volatility): each class is a seventh of the scale, straight between the
bounds; above 80 % it nears 100 without reaching it. `volatility` is the annual EWMA volatility,
`tail` the annual volatility at which a normal return would have the measured CVaR (as the rules
turn VaR into a volatility), both as shares of equity, so borrowing raises them and fat tails raise
the second. Concentration cannot be seen in a calm window, so it may add up to a quarter of what
the measured risk leaves open (Herfindahl index of gross weights: 1 for one holding).

Never lower when any input is higher; the same inputs give the same score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from desk.errors import DataError
from desk.risk.measures import TRADING_DAYS, normal_loss

BOUNDS = (0.0, 0.005, 0.05, 0.12, 0.20, 0.30, 0.80)
CONCENTRATION = 0.25


class Inputs(NamedTuple):
    """What the score is made from.

    `volatility` is the annual deviation and `cvar` the one-day expected shortfall at `level`, both in money;
    `equity` is what the account is worth; `concentration` is from 0 to 1.
    """

    volatility: float
    cvar: float
    equity: float
    concentration: float
    level: float = 0.99


def concentration(values: Iterable[float]) -> float:
    """The Herfindahl index of gross values: the sum of squared shares; 0 for nothing held."""
    gross = [abs(value) for value in values]
    total = sum(gross)
    return sum(value * value for value in gross) / (total * total) if total else 0.0


def risk_score(inputs: Inputs) -> float:
    """The score. Equity of nothing or less beside any risk is 100. DataError for a number that is not finite."""
    if not all(map(math.isfinite, inputs)):
        raise DataError(f"a risk score needs finite numbers, not {inputs}")
    volatility, cvar = max(0.0, inputs.volatility), max(0.0, inputs.cvar)
    if not volatility and not cvar:
        return 0.0
    if inputs.equity <= 0:
        return 100.0
    tail = cvar / normal_loss(0.0, 1.0, inputs.level)[1] * math.sqrt(TRADING_DAYS)
    market = (_place(volatility / inputs.equity) + _place(tail / inputs.equity)) / 2
    spread = min(1.0, max(0.0, inputs.concentration))
    return min(100.0, market + CONCENTRATION * spread * market * (100.0 - market) / 100.0)


def _place(volatility: float) -> float:
    width = 100.0 / len(BOUNDS)
    for step, (low, high) in enumerate(pairwise(BOUNDS)):
        if volatility < high:
            return width * (step + (volatility - low) / (high - low))
    return width * (len(BOUNDS) - BOUNDS[-1] / volatility)
