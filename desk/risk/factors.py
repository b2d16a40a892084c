"""An account's sensitivity to a few factors: ordinary least squares of daily profits on factor returns.

The factors are instruments of the feed: the S&P 500, long bonds' prices, the dollar against the euro,
oil. Sensitivities are money for a move of 100 %; they are linear, so an account's are the sums of its
holdings'. The window is the last days that all share, and may end years before the market clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desk.market.feed import MarketFeed
from desk.risk.account import Window, daily_returns
from desk.risk.measures import Matrix, Vector

FACTORS = {"equity": "INDEX:SPX", "bonds": "OTC:AAA20Y", "dollar": "FX:USDEUR", "oil": "OTC:WTI"}


@dataclass(frozen=True)
class FactorModel:
    """Sensitivities in money a 100 % move.

    `betas` of the account with their standard `errors`; `by_instrument` of each holding; `explained` is the share of
    the account's variance that the factors explain together (R², 0 for an account that does not move); `window` None
    for nothing held.
    """

    betas: Mapping[str, float]
    errors: Mapping[str, float]
    by_instrument: Mapping[str, Mapping[str, float]]
    explained: float
    window: Window | None


def fit_factors(feed: MarketFeed, values: Mapping[str, float]) -> FactorModel:
    """`values` are holdings by instrument in base currency; zeros for none.

    DataError when holdings and factors share fewer than 60 days.
    """
    held = [id for id, value in values.items() if value]
    if not held:
        nothing = dict.fromkeys(FACTORS, 0.0)
        return FactorModel(nothing, nothing, {}, 0.0, None)
    names = list(dict.fromkeys([*FACTORS.values(), *held]))
    window, returns = daily_returns(feed, names)
    column = {id: returns[:, n] for n, id in enumerate(names)}
    design = np.column_stack([np.ones(len(returns)), *(column[id] for id in FACTORS.values())])
    profits = np.column_stack([values[id] * column[id] for id in held])
    coefficients = np.linalg.lstsq(design, profits, rcond=None)[0][1:]
    total = profits.sum(axis=1)
    errors, explained = _fit_quality(design, total)
    return FactorModel(
        _by_name(coefficients.sum(axis=1)),
        _by_name(errors),
        {id: _by_name(coefficients[:, n]) for n, id in enumerate(held)},
        explained,
        window,
    )


def _fit_quality(design: Matrix, profits: Vector) -> tuple[Vector, float]:
    """Standard errors of the slopes under homoscedastic residuals (Greene 2018, ch. 4), and R²."""
    fitted = np.linalg.lstsq(design, profits, rcond=None)[0]
    left = profits - design @ fitted
    free = max(1, design.shape[0] - design.shape[1])
    covariance = np.linalg.pinv(design.T @ design) * float(left @ left) / free
    spread = float(((profits - profits.mean()) ** 2).sum())
    explained = 1 - float(left @ left) / spread if spread > 0 else 0.0
    errors: Vector = np.sqrt(np.maximum(0.0, np.diag(covariance)[1:]))
    return errors, min(1.0, max(0.0, explained))


def _by_name(row: NDArray[np.floating[Any]]) -> dict[str, float]:
    return dict(zip(FACTORS, map(float, row), strict=True))
