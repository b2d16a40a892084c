"""What an order would change: historical VaR and CVaR before and after, from a cached P&L vector.

The portfolio's P&L per scenario is kept, so one order costs one column: P&L + units * change.
Amounts are in one currency's major units; risk is a measure, so floats serve here and only here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from desk.errors import DataError, InputError
from desk.risk.measures import Matrix, Vector, tail_size


class Loss(NamedTuple):
    """VaR and CVaR of a P&L vector, as positive losses."""

    var: float
    cvar: float


class WhatIf(NamedTuple):
    """The loss before and after the order."""

    before: Loss
    after: Loss


def loss_of(pnl: Vector, level: float) -> Loss:
    """Historical VaR and CVaR of a P&L vector (T,); see `desk.risk.measures` for the tail."""
    size = tail_size(pnl.size, level)
    tail = np.partition(pnl, size - 1)[:size]
    return Loss(-float(tail.max()), -float(tail.mean()))


class ScenarioBook:
    """A portfolio's cached P&L over T historical scenarios. Update it on every fill; not thread-safe.

    `changes` is (T, n): the profit of holding one unit of each instrument through each scenario.
    Raises DataError for fewer than two scenarios, a wrong shape, or a number that is not finite.
    """

    def __init__(self, instruments: list[str], changes: Matrix, level: float = 0.99) -> None:
        if changes.ndim != 2 or changes.shape[1] != len(instruments) or changes.shape[0] < 2:
            raise DataError(f"scenarios of shape {changes.shape} do not fit {len(instruments)} instruments")
        if not np.isfinite(changes).all():
            raise DataError("a scenario holds a number that is not finite; mend the history first")
        tail_size(changes.shape[0], level)
        self._columns = {id: np.ascontiguousarray(changes[:, n]) for n, id in enumerate(instruments)}
        self._level = level
        self._pnl = np.zeros(changes.shape[0])
        self._loss = loss_of(self._pnl, level)

    @property
    def loss(self) -> Loss:
        """VaR and CVaR of the portfolio as it stands."""
        return self._loss

    def hold(self, units: Mapping[str, float]) -> None:
        """Sets the whole portfolio; InputError for an instrument without scenarios."""
        pnl = np.zeros_like(self._pnl)
        for id, held in units.items():
            pnl += held * self._column(id)
        self._pnl = pnl
        self._loss = loss_of(pnl, self._level)

    def fill(self, instrument: str, units: float) -> None:
        """Adds traded units (negative for a sell) to the portfolio."""
        self._pnl = self._pnl + units * self._column(instrument)
        self._loss = loss_of(self._pnl, self._level)

    def what_if(self, instrument: str, units: float) -> WhatIf:
        """The loss before and after trading `units`; changes nothing."""
        return WhatIf(self._loss, loss_of(self._pnl + units * self._column(instrument), self._level))

    def _column(self, instrument: str) -> Vector:
        try:
            return self._columns[instrument]
        except KeyError:
            raise InputError(f"instrument {instrument!r} has no scenarios; load its history first") from None
