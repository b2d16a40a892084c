"""A strategy's knobs chosen on the first part of a window and judged on the rest, with every trial counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from desk.backtest.deflated import Deflated, deflate
from desk.backtest.lookahead import Runner
from desk.backtest.market import Market
from desk.backtest.portfolio import PortfolioRun
from desk.backtest.report import Tale, tell
from desk.backtest.sight import Knobs
from desk.backtest.strategies import Strategy
from desk.errors import DataError, InputError

Goal = Literal["sharpe", "sortino", "drawdown"]
GOALS: tuple[Goal, ...] = ("sharpe", "sortino", "drawdown")
SHARE = 0.5
"""The part of the window that the search may see."""
LEAST_DAYS = 252


@dataclass(frozen=True)
class Trial:
    """One set of knobs on the days of the search; `failed` tells where it raised, and it is no candidate then."""

    knobs: Knobs
    tale: Tale
    failed: str


@dataclass(frozen=True)
class Search:
    """All trials and the best; `deflated` judges the chosen one's Sharpe ratio against the luck of so many trials."""

    goal: Goal
    start: date
    end: date
    trials: tuple[Trial, ...]
    chosen: Trial
    deflated: Deflated


def split_row(first: int, rows: int) -> int:
    """The first row after the search. DataError when either part is shorter than a year."""
    row = first + int((rows - first) * SHARE)
    if min(row - first, rows - row) < LEAST_DAYS:
        raise DataError(f"{rows - first} days are too few to search on a part and judge on the rest; give 504 or more")
    return row


def search(market: Market, strategy: Strategy, goal: str, first: int, runner: Callable[[Knobs], Runner]) -> Search:
    """Tries every set of the strategy's grid on `market`, which must end where the judging begins.

    InputError for an unknown goal or a strategy without knobs; DataError when no trial came through.
    """
    wanted = next((one for one in GOALS if one == goal), None)
    if wanted is None:
        raise InputError(f"--optimise {goal} is not known; give one of: {', '.join(GOALS)}")
    if not strategy.grid:
        raise InputError(f"{strategy.title} has no knobs to optimise")
    found = [(knobs, runner(knobs)(market, None)) for knobs in strategy.sets()]
    trials = tuple(Trial(knobs, tell(run, market.periods), _failed(run)) for knobs, run in found)
    scores = [-np.inf if trial.failed else _score(trial.tale, wanted) for trial in trials]
    best = int(np.argmax(scores))
    if not np.isfinite(scores[best]):
        raise DataError(f"none of {len(trials)} trials of {strategy.title} traded and came through")
    ratios = [trial.tale.sharpe or 0.0 for trial in trials]
    deflated = deflate(found[best][1].returns, ratios, market.periods)
    return Search(wanted, market.days[first], market.days[-1], trials, trials[best], deflated)


def _score(tale: Tale, goal: Goal) -> float:
    if tale.trades == 0:
        return -np.inf
    value = -tale.drawdown if goal == "drawdown" else tale.sharpe if goal == "sharpe" else tale.sortino
    return -np.inf if value is None else value


def _failed(run: PortfolioRun) -> str:
    return f"{run.stopped.day}: {run.stopped.error}" if run.stopped else ""
