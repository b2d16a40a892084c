"""Every strategy that can be backtested over several instruments, and the study of one against the baseline.

Portfolio strategies decide step by step. A forecaster of one series gives an even share to each instrument it is for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from desk.backtest.deflated import Deflated, deflate
from desk.backtest.gate_market import GateMarketVenue
from desk.backtest.lookahead import Leak, Runner, find_leak
from desk.backtest.market import Market, filled, mend_market
from desk.backtest.portfolio import Decide, MarketVenue, PortfolioRun, Seen, run_portfolio
from desk.backtest.report import Tale, tell
from desk.backtest.search import Search, search, split_row
from desk.backtest.sight import Knobs
from desk.backtest.strategies import STRATEGIES, Strategy, find_strategy
from desk.backtest.venues import CostlyVenue, FreeVenue
from desk.errors import DataError
from desk.experiments.arms import ARMS
from desk.experiments.closes import YEARS
from desk.experiments.selection import LEAST_DAYS, Difference, select
from desk.forecast.baseline import Forecaster
from desk.risk.measures import Vector

BASELINE = "buy_and_hold"
PROOF_SHARES = (0.45, 1.0)
"""Where in the window a command poisons the future; the suite does it on many more days."""


@dataclass(frozen=True)
class Window:
    """What is judged: from `start` to `end`, or the last `years`; `free` leaves out all costs and whole lots.

    `knobs` replace usual ones; with a `goal` they are searched instead.
    """

    start: date | None = None
    end: date | None = None
    years: int = YEARS
    free: bool = False
    goal: str = ""
    knobs: tuple[tuple[str, int], ...] = ()
    gated: bool = True


@dataclass(frozen=True)
class PortfolioStudy:
    """One strategy and the baseline over the same days."""

    market: Market
    first: int
    strategy: Strategy
    knobs: Knobs
    run: PortfolioRun
    baseline: PortfolioRun
    tale: Tale
    baseline_tale: Tale
    difference: Difference | None
    deflated: Deflated | None
    search: Search | None
    leak: Leak | None
    gate: tuple[int, int] | None


def all_strategies() -> dict[str, Strategy]:
    """The portfolio strategies, and every registered forecaster that is not one of them already."""
    plain = {arm.name: (arm.title, arm.plain) for arm in ARMS.values() if arm.plain and arm.name not in STRATEGIES}
    return {**STRATEGIES, **{name: _of_forecaster(name, *found) for name, found in plain.items()}}


def study_portfolio(
    raw: Market, name: str, window: Window, progress: Callable[[str], None] = lambda _: None
) -> PortfolioStudy:
    """Runs, compares and proves. With a goal the knobs are searched on the first half and judged on the second.

    DataError for a window without enough days. The market is as read, not yet mended. `progress` hears what is run
    next, once for each run over the days.
    """
    strategy = find_strategy(name, all_strategies())
    raw, first = _windowed(raw, window)
    market, knobs, found = mend_market(raw), strategy.turned(window.knobs), None
    if window.goal:
        row = split_row(first, len(market.days))
        begun = first
        found = search(
            market.cut(slice(0, row)),
            strategy,
            window.goal,
            begun,
            lambda k: _heard("search", progress, runner(strategy, k, begun, window.free)),
        )
        knobs, first = found.chosen.knobs, row
    venue = GateMarketVenue(market) if window.gated and not window.free else None
    run = _heard("backtest", progress, runner(strategy, knobs, first, window.free, venue))(market, None)
    baseline = _heard("baseline", progress, runner(STRATEGIES[BASELINE], {}, first, window.free))(market, None)
    proof = _heard("proof", progress, runner(strategy, knobs, first, window.free))
    leak = find_leak(proof, raw, _proof_rows(first, len(raw.days)))
    progress("intervals")
    trials = len(found.trials) if found else len(all_strategies()) - 1
    return PortfolioStudy(
        market=market,
        first=first,
        strategy=strategy,
        knobs=knobs,
        run=run,
        baseline=baseline,
        tale=tell(run, market.periods),
        baseline_tale=tell(baseline, market.periods),
        difference=_difference(strategy, run, baseline, trials, market.periods),
        deflated=_deflated(run, found, market.periods),
        search=found,
        leak=leak,
        gate=venue.counts if venue else None,
    )


def runner(
    strategy: Strategy, knobs: Knobs, first: int, free: bool = False, venue: MarketVenue | None = None
) -> Runner:
    """How a strategy is run over a market; a venue of its own for each market unless one is given."""

    def run(market: Market, last: int | None) -> PortfolioRun:
        where = venue or (FreeVenue() if free else CostlyVenue(market))
        return run_portfolio(market, strategy.build(knobs, market), where, first=first, last=last, fractional=free)

    return run


def _heard(what: str, progress: Callable[[str], None], run: Runner) -> Runner:
    """The same runner, which says so when it begins."""

    def begin(market: Market, last: int | None) -> PortfolioRun:
        progress(what)
        return run(market, last)

    return begin


def _windowed(market: Market, window: Window) -> tuple[Market, int]:
    """The market up to the end, and the first judged row."""
    days = market.days
    end = min(window.end or days[-1], days[-1])
    start = window.start or end - timedelta(days=round(window.years * 365.25) - 1)
    rows = sum(day <= end for day in days)
    first = sum(day < start for day in days)
    if rows - first < 2 or first < 1:
        raise DataError(
            f"there are {rows - first} daily closes from {start} to {end} and {first} before; the history goes from "
            f"{days[0]} to {days[-1]}; give --start and --end inside it"
        )
    return market.cut(slice(0, rows)), first


def _of_forecaster(name: str, title: str, forecaster: Forecaster) -> Strategy:
    def build(_: Knobs, market: Market) -> Decide:
        return _Signals(forecaster, market)

    return Strategy(name, title, {}, {}, build)


class _Signals:
    """A forecaster's decisions on whole columns, computed at the first question; proved by poison, not by sight."""

    def __init__(self, forecaster: Forecaster, market: Market) -> None:
        self._forecaster, self._closes = forecaster, filled(market.closes)
        self._table: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None = None
        self._last: Vector | None = None

    def __call__(self, seen: Seen) -> Vector | None:
        if self._table is None:
            self._table = np.column_stack([self._column(n) for n in range(self._closes.shape[1])])
        now: Vector = self._table[len(seen.days) - 1] / self._table.shape[1]
        if self._last is not None and np.array_equal(now, self._last):
            return None
        self._last = now
        return now

    def _column(self, n: int) -> Vector:
        """Decisions from the first price on; nothing before it."""
        values = self._closes[:, n]
        begins = int(np.argmax(values > 0)) if (values > 0).any() else values.size
        return np.concatenate((np.zeros(begins), self._forecaster(values[begins:])))


def _proof_rows(first: int, rows: int) -> list[int]:
    return [min(first + int((rows - first) * share), rows - 2) for share in PROOF_SHARES]


def _difference(
    strategy: Strategy, run: PortfolioRun, baseline: PortfolioRun, trials: int, periods: int
) -> Difference | None:
    if strategy.name == BASELINE or run.returns.size < LEAST_DAYS:
        return None
    pair = {BASELINE: baseline.returns, strategy.title: run.returns}
    return select(BASELINE, pair, trials=trials, periods=periods).differences[0]


def _deflated(run: PortfolioRun, found: Search | None, periods: int) -> Deflated | None:
    """Out of sample the ratio of one chosen run; its hurdle is still the luck of all trials before it."""
    returns = run.returns
    if returns.size < 30 or not returns.std() > 1e-15:
        return None
    ratios = [trial.tale.sharpe or 0.0 for trial in found.trials] if found else [0.0]
    return deflate(returns, ratios, periods)
