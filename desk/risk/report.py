"""An account's risk by every method at once, before and after an order, from books that are kept.

Amounts are units of the base currency.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from math import sqrt
from typing import NamedTuple

import numpy as np

from desk.errors import DataError
from desk.market.feed import MarketFeed
from desk.risk.account import Window, daily_returns
from desk.risk.measures import TRADING_DAYS, Vector, ewma_covariance, max_drawdown, sharpe, sortino
from desk.risk.scenarios import Loss
from desk.risk.score import Inputs, concentration, risk_score
from desk.risk.whatif import NormalBook, ScenarioBook, simulate

DRAWS, SEED = 5_000, 1_996


class Tail(NamedTuple):
    """One day's losses by one method, at 95 and 99 %."""

    at_95: Loss
    at_99: Loss


class Measures(NamedTuple):
    """What a set of holdings may lose.

    `volatility` (sample) and `ewma_volatility` are annual shares of gross exposure, 0 without any.
    `equity` is cash and holdings; an order leaves it as it is (its costs are not in here).
    """

    exposure: float
    equity: float
    volatility: float
    ewma_volatility: float
    score: float
    historical: Tail
    parametric: Tail
    monte_carlo: Tail


class TrackRecord(NamedTuple):
    """What today's holdings would have made over the window; None where it is not defined."""

    sharpe: float | None
    sortino: float | None
    drawdown: float | None


class Change(NamedTuple):
    """Before and after an order; `as_of` is the market clock's second."""

    as_of: datetime
    window: Window
    before: Measures
    after: Measures


class Report(NamedTuple):
    """An account's risk now. `window` is None for one that holds nothing."""

    as_of: datetime
    window: Window | None
    measures: Measures
    record: TrackRecord


NOTHING = Tail(Loss(0.0, 0.0), Loss(0.0, 0.0))


@dataclass
class RiskState:
    """The books of one account over one set of instruments; `values` is what is held, in money."""

    day: date
    window: Window
    historical: ScenarioBook
    parametric: NormalBook
    monte_carlo: ScenarioBook
    ewma: NormalBook
    values: dict[str, float]
    units: dict[str, float] = field(default_factory=dict)
    equity: float = 0.0
    at: datetime | None = None
    seq: int = -1
    measures: Measures | None = None
    report: Report | None = None

    def hold(self, values: dict[str, float]) -> None:
        """Sets everything held."""
        for book in (self.historical, self.parametric, self.monte_carlo, self.ewma):
            book.hold(values)
        self.values = values

    def fill(self, values: dict[str, float]) -> None:
        """The same by one fill for each holding that differs."""
        for id, value in values.items():
            if value != self.values[id]:
                for book in (self.historical, self.parametric, self.monte_carlo, self.ewma):
                    book.fill(id, value - self.values[id])
        self.values = values


def build_state(feed: MarketFeed, instruments: list[str], day: date) -> RiskState:
    """Books that hold nothing, over the last days that all instruments share. DataError when too few."""
    window, returns = daily_returns(feed, instruments)
    mean, covariance = returns.mean(axis=0), np.cov(returns, rowvar=False).reshape(len(instruments), -1)
    return RiskState(
        day=day,
        window=window,
        historical=ScenarioBook(instruments, returns),
        parametric=NormalBook(instruments, covariance, mean),
        monte_carlo=ScenarioBook(instruments, simulate(mean, covariance, DRAWS, SEED)),
        ewma=NormalBook(instruments, ewma_covariance(returns)),
        values=dict.fromkeys(instruments, 0.0),
    )


def measure(state: RiskState) -> Measures:
    """What the holdings may lose."""
    if state.measures is None:
        tails = [
            Tail(book.loss_at(0.95), book.loss_at(0.99))
            for book in (state.historical, state.parametric, state.monte_carlo)
        ]
        deviations = state.parametric.deviation, state.ewma.deviation
        state.measures = _combine(state.values.values(), state.equity, deviations, tails)
    return state.measures


def measure_after(state: RiskState, instrument: str, traded: float) -> Measures:
    """The same after an order of `traded` money (negative for a sell); changes nothing."""
    values = state.values.copy()
    values[instrument] += traded
    tails = [
        Tail(book.what_if(instrument, traded, 0.95).after, book.what_if(instrument, traded, 0.99).after)
        for book in (state.historical, state.parametric, state.monte_carlo)
    ]
    deviations = (
        state.parametric.deviation_after(instrument, traded),
        state.ewma.deviation_after(instrument, traded),
    )
    return _combine(values.values(), state.equity, deviations, tails)


def track_record(state: RiskState) -> TrackRecord:
    """What today's holdings would have made over the window, as shares of their gross exposure."""
    gross = sum(map(abs, state.values.values()))
    if not gross:
        return TrackRecord(None, None, None)
    returns: Vector = state.historical.pnl / gross
    try:
        return TrackRecord(sharpe(returns), sortino(returns), max_drawdown(returns))
    except DataError:
        return TrackRecord(None, None, max_drawdown(returns))


def _combine(values: Collection[float], equity: float, deviations: tuple[float, float], tails: list[Tail]) -> Measures:
    gross = sum(map(abs, values))
    sample, ewma = (deviation * sqrt(TRADING_DAYS) for deviation in deviations)
    historical, parametric, monte_carlo = tails
    score = risk_score(Inputs(ewma, historical.at_99.cvar, equity, concentration(values)))
    return Measures(
        exposure=gross,
        equity=equity,
        volatility=sample / gross if gross else 0.0,
        ewma_volatility=ewma / gross if gross else 0.0,
        score=score,
        historical=historical,
        parametric=parametric,
        monte_carlo=monte_carlo,
    )
