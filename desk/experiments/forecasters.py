"""The forecasters that compete, and the study of all of them on one instrument.

Adding one here adds a trial, and every interval gets wider for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from desk.backtest.costs import Costs, costs_of
from desk.backtest.engine import CASH, Run, Venue, run_backtest
from desk.backtest.gated import GateVenue
from desk.errors import DataError, InputError
from desk.experiments.selection import Selection, select
from desk.forecast.baseline import Forecaster, buy_and_hold, moving_average
from desk.forecast.linear import FIRST_FIT, ridge_direction
from desk.instruments import Instrument
from desk.market.feed import MarketFeed
from desk.risk.measures import Vector

BASELINE = "buy_and_hold"
FORECASTERS: dict[str, tuple[str, Forecaster]] = {
    BASELINE: ("buy and hold", buy_and_hold),
    "moving_average": ("moving-average crossover", moving_average),
    "ridge": ("ridge regression", ridge_direction),
}
YEARS = 10
DAYS_OF_YEAR = 365.25


@dataclass(frozen=True)
class Closes:
    """All closes before the market clock's day: `days` and `values` (T,), and how many of the last ones count."""

    instrument: Instrument
    days: list[date]
    values: Vector
    window: int

    @property
    def periods(self) -> int:
        """Closes of a year: about 252 for stocks, 365 for what trades every day."""
        span = (self.days[-1] - self.days[0]).days
        return round(len(self.days) / span * DAYS_OF_YEAR)

    @property
    def costs(self) -> Costs:
        """What trading it costs here."""
        return costs_of(self.instrument.asset_class)

    @property
    def cash(self) -> float:
        """Opening cash: the usual sum, and at least what a hundred lots cost."""
        return max(CASH, 100.0 * float(self.instrument.lot) * float(self.values[-self.window]))


@dataclass(frozen=True)
class Study:
    """Every forecaster's run over the same days, and the verdict."""

    closes: Closes
    runs: dict[str, Run]
    selection: Selection


def find_forecaster(name: str) -> tuple[str, Forecaster]:
    """Its title and function by name, hyphens and spaces allowed; InputError names those there are."""
    key = name.strip().casefold().replace("-", "_").replace(" ", "_")
    if key not in FORECASTERS:
        raise InputError(f"strategy {name!r} is not known; there are: {', '.join(FORECASTERS)}")
    return FORECASTERS[key]


def read_closes(feed: MarketFeed, instrument: str, years: int = YEARS) -> Closes:
    """The closes, with the last `years` to be judged; those before only train.

    InputError for years that are not 1 to 40; DataError when the history is too short for them.
    """
    if not 1 <= years <= 40:
        raise InputError(f"{years} years is not between 1 and 40; give --years 10")
    known = feed.instruments.get(instrument)
    bars = feed.bars(instrument)
    days = [bar.day for bar in bars]
    if len(days) <= FIRST_FIT or (days[-1] - days[FIRST_FIT]).days < years * 365:
        raise DataError(
            f"{instrument} has {len(bars)} daily closes; {FIRST_FIT} of them train, and the rest are fewer than "
            f"{years} years; ask for fewer years"
        )
    first = days[-1] - timedelta(days=round(years * DAYS_OF_YEAR))
    window = sum(day > first for day in days)
    return Closes(known, days, np.array([float(bar.close) for bar in bars]), window)


def run_forecaster(closes: Closes, forecaster: Forecaster, venue: Venue | None = None) -> Run:
    """Decides on the whole history, is judged on the window only."""
    decisions, window = forecaster(closes.values)[-closes.window :], closes.values[-closes.window :]
    lot = float(closes.instrument.lot)
    return run_backtest(window, decisions, closes.costs, lot=lot, cash=closes.cash, venue=venue, periods=closes.periods)


def gate_venue(closes: Closes) -> GateVenue:
    """A private gate over the window."""
    days, values = closes.days[-closes.window :], closes.values[-closes.window :]
    return GateVenue(closes.instrument, days, values, closes.costs, float(Decimal(str(round(closes.cash, 2)))))


def compare(closes: Closes) -> Study:
    """All forecasters on the window, each against buy and hold."""
    runs = {name: run_forecaster(closes, decide) for name, (_, decide) in FORECASTERS.items()}
    return Study(
        closes, runs, select(BASELINE, {name: run.returns for name, run in runs.items()}, periods=closes.periods)
    )
