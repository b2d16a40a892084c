"""The study of all arms on one instrument: each over the same days, against the baseline, and the verdict."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from desk.backtest.engine import Run, Venue, find_lookahead, run_backtest
from desk.backtest.gated import GateVenue
from desk.errors import DataError, TenorError
from desk.experiments.arms import ARMS, BASELINE, Arm
from desk.experiments.closes import Closes
from desk.experiments.selection import Selection, select
from desk.forecast.registry import Registry
from desk.risk.measures import Vector

BASKET_LOT = 1e-6


class Failure(NamedTuple):
    """An arm that did not finish: while it was deciding or trading, in which line of which module, and why."""

    arm: str
    where: str
    why: str


@dataclass(frozen=True)
class Study:
    """Every arm's run over the same days, those that failed, and the verdict over those that did not."""

    closes: Closes
    runs: dict[str, Run]
    failures: tuple[Failure, ...]
    selection: Selection


def run_arm(closes: Closes, arm: Arm, models: Registry, venue: Venue | None = None) -> Run:
    """Decides on the whole history, is judged on the window only."""
    return _trade(closes, arm, arm.decide(closes, models), venue)


def gate_venue(closes: Closes, arm: Arm) -> GateVenue | None:
    """A private gate over the window; None for an arm that trades a basket, which no single order is."""
    if not arm.trades_itself:
        return None
    cash = float(Decimal(str(round(closes.cash, 2))))
    return GateVenue(closes.instrument, closes.days[-closes.window :], closes.counted, closes.costs, cash)


def compare(
    closes: Closes,
    models: Registry,
    arms: Sequence[Arm] = tuple(ARMS.values()),
    *,
    trials: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Study:
    """All arms on the window, each against the baseline; an arm that raises is named, and the others go on.

    `trials` counts what was tried before too. DataError when the baseline, or every other arm, fails.
    """
    runs: dict[str, Run] = {}
    failures: list[Failure] = []
    for arm in arms:
        progress(arm.name)
        found = _attempt(closes, arm, models)
        if isinstance(found, Failure):
            failures.append(found)
        else:
            runs[arm.name] = found
    if BASELINE not in runs or len(runs) < 2:
        raise DataError(f"nothing can be compared on {closes.instrument.id}: {'; '.join(f.why for f in failures)}")
    returns = {name: run.returns for name, run in runs.items()}
    tried = max(len(arms) - 1, trials or 0)
    return Study(closes, runs, tuple(failures), select(BASELINE, returns, trials=tried, periods=closes.periods))


def sees_ahead(closes: Closes, arm: Arm, models: Registry) -> bool:
    """Whether poisoning the future after four days of the window changes a decision before them."""

    def decide(values: Vector) -> Vector:
        return arm.decide(replace(closes, values=values), models)

    days = [closes.first + closes.window * share // 100 for share in (10, 45, 80)]
    return find_lookahead(decide, closes.values, [*days, closes.values.size - 2]) is not None


def _attempt(closes: Closes, arm: Arm, models: Registry) -> Run | Failure:
    step = "deciding"
    try:
        decisions = arm.decide(closes, models)
        step = "trading"
        return _trade(closes, arm, decisions, None)
    except Exception as error:  # noqa: BLE001 - one arm's fault is told, the others go on
        why = error.message if isinstance(error, TenorError) else f"{type(error).__name__}: {error}"
        line = traceback.extract_tb(error.__traceback__)[-1]
        module = line.filename.rpartition("/")[2]
        return Failure(arm.name, f"{step}, in {line.name} ({module}, line {line.lineno})", why)


def _trade(closes: Closes, arm: Arm, decisions: Vector, venue: Venue | None) -> Run:
    lot = float(closes.instrument.lot) if arm.trades_itself else BASKET_LOT
    prices, wishes = arm.prices(closes), decisions[-closes.window :]
    return run_backtest(prices, wishes, closes.costs, lot=lot, cash=closes.cash, venue=venue, periods=closes.periods)
