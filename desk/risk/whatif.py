"""What an order would change: VaR, CVaR and volatility before and after, from cached state.

`ScenarioBook` keeps the P&L per scenario (historical days, or draws of `simulate`), so one order
costs one column: P&L + units * change. `NormalBook` keeps S w, so one order costs three products.
Both equal the full calculation on the holdings after the trade; each fill adds a rounding of at
most one part in 2^53 of what the portfolio was, so a book is re-based (computed anew from its
holdings) after every 1,024 fills, and whenever its gross risk has shrunk to a thousandth of the
largest since the last time. That bounds the drift to 1,024 * 1,000 / 2^53 = 1.2e-10 of its gross risk.

Amounts are in one currency's major units; risk is a measure, so floats serve here and only here.
Books are not thread-safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, sqrt

import numpy as np

from desk.errors import DataError, InputError
from desk.risk.measures import Matrix, Vector, normal_loss, tail_size
from desk.risk.scenarios import Kernel, Loss, WhatIf, build_kernel

REBASE_FILLS, REBASE_SHRINK = 1_024, 1_000.0
CANCELLED = 1e-4
"""A variance below this share of its parts is computed in full: what is left of them is mostly rounding."""


class _Holdings:
    """Units per instrument, and when what was derived from them must be computed anew."""

    def __init__(self, instruments: list[str], sizes: Vector) -> None:
        self.columns = {id: n for n, id in enumerate(instruments)}
        self.units = np.zeros(len(instruments))
        self._sizes = sizes
        self._fills, self._gross, self._peak = 0, 0.0, 0.0

    def column(self, instrument: str) -> int:
        try:
            return self.columns[instrument]
        except KeyError:
            raise _unknown(instrument) from None

    def set(self, units: Mapping[str, float]) -> None:
        fresh = np.zeros_like(self.units)
        for id, held in units.items():
            fresh[self.column(id)] = _finite(held)
        self.units = fresh
        self.rebased()

    def add(self, column: int, units: float) -> bool:
        """Adds traded units; True when everything derived must be computed anew."""
        before = self.units[column]
        after = self.units[column] = before + units
        self._gross += float((abs(after) - abs(before)) * self._sizes[column])
        self._peak = max(self._peak, self._gross)
        self._fills += 1
        return self._fills >= REBASE_FILLS or self._gross * REBASE_SHRINK < self._peak

    def rebased(self) -> None:
        self._fills = 0
        self._gross = self._peak = float(np.abs(self.units) @ self._sizes)


class ScenarioBook:
    """A portfolio's cached P&L over T scenarios. Update it on every fill.

    `changes` is (T, n): the profit of holding one unit of each instrument through each scenario.
    Raises DataError for fewer than two scenarios, a wrong shape, or a number that is not finite.
    `kernel` is for tests; usually the C kernel where it is there, else its twin.
    """

    def __init__(
        self, instruments: list[str], changes: Matrix, level: float = 0.99, kernel: Kernel | None = None
    ) -> None:
        if changes.ndim != 2 or changes.shape[1] != len(instruments) or changes.shape[0] < 2:
            raise DataError(f"scenarios of shape {changes.shape} do not fit {len(instruments)} instruments")
        if not np.isfinite(changes).all():
            raise DataError("a scenario holds a number that is not finite; mend the history first")
        self._count = changes.shape[0]
        self._tail = tail_size(self._count, level)
        self._kernel = kernel or build_kernel(changes)
        self._held = _Holdings(instruments, changes.std(axis=0))
        self._columns, self._change = self._held.columns, self._kernel.what_if
        self._losses: dict[int, Loss] = {}

    @property
    def loss(self) -> Loss:
        """VaR and CVaR of the portfolio as it stands."""
        return self._loss(self._tail)

    def loss_at(self, level: float) -> Loss:
        """The same at another level."""
        return self._loss(tail_size(self._count, level))

    @property
    def pnl(self) -> Vector:
        """The profit of the portfolio per scenario, in the order of `changes`; a copy."""
        return np.frombuffer(self._kernel.pnl())

    def hold(self, units: Mapping[str, float]) -> None:
        """Sets the whole portfolio; InputError for an instrument without scenarios."""
        self._held.set(units)
        self._rebase()

    def fill(self, instrument: str, units: float) -> None:
        """Adds traded units (negative for a sell) to the portfolio."""
        column = self._held.column(instrument)
        if self._held.add(column, _finite(units)):
            self._held.rebased()
            self._rebase()
        else:
            self._kernel.fill(column, units)
            self._losses.clear()

    def what_if(self, instrument: str, units: float, level: float | None = None) -> WhatIf:
        """The loss before and after trading `units`; changes nothing. `level` None: the book's own."""
        tail = self._tail if level is None else tail_size(self._count, level)
        try:
            found = self._change(self._columns[instrument], units, tail, self._losses.get(tail) or self._loss(tail))
        except KeyError:
            raise _unknown(instrument) from None
        if found is None:
            raise InputError(f"trading {units} units has no finite loss; give a number of units that could be held")
        return found

    def _rebase(self) -> None:
        self._kernel.hold(self._held.units.data)
        self._losses.clear()

    def _loss(self, tail: int) -> Loss:
        known = self._losses.get(tail) or self._kernel.loss(tail)
        if known is None:
            raise DataError("the portfolio has no finite loss; a holding is larger than any number can say")
        self._losses[tail] = known
        return known


class NormalBook:
    """A portfolio whose profit is taken for normal: cached S w and w'S w (variance-covariance method).

    `covariance` (n, n) and `mean` (n,) are of the profit of one unit of each instrument over one
    period. DataError for shapes that do not fit or a number that is not finite.
    """

    def __init__(self, instruments: list[str], covariance: Matrix, mean: Vector | None = None) -> None:
        n = len(instruments)
        mean = np.zeros(n) if mean is None else mean
        if covariance.shape != (n, n) or mean.shape != (n,):
            raise DataError(f"a covariance of shape {covariance.shape} does not fit {n} instruments")
        if not (np.isfinite(covariance).all() and np.isfinite(mean).all()):
            raise DataError("a covariance holds a number that is not finite; mend the history first")
        self._covariance, self._mean = covariance, mean
        self._cross, self._variance, self._expected = np.zeros(n), 0.0, 0.0
        self._own: list[float] = np.diag(covariance).tolist()
        self._means: list[float] = mean.tolist()
        self._held = _Holdings(instruments, np.sqrt(np.maximum(np.diag(covariance), 0.0)))

    @property
    def deviation(self) -> float:
        """The standard deviation of one period's profit: sqrt(w'S w)."""
        return sqrt(self._variance)

    @property
    def mean(self) -> float:
        """The expected profit of one period."""
        return self._expected

    def hold(self, units: Mapping[str, float]) -> None:
        """Sets the whole portfolio; InputError for an instrument without scenarios."""
        self._held.set(units)
        self._rebase()

    def fill(self, instrument: str, units: float) -> None:
        """Adds traded units (negative for a sell) to the portfolio."""
        column = self._held.column(instrument)
        variance = self._variance_after(column, _finite(units))
        if self._held.add(column, units):
            self._held.rebased()
            self._rebase()
            return
        self._variance = variance
        self._cross = self._cross + units * self._covariance[:, column]
        self._expected += units * self._means[column]

    def deviation_after(self, instrument: str, units: float) -> float:
        """The standard deviation after trading `units`; changes nothing."""
        return sqrt(self._variance_after(self._held.column(instrument), _finite(units)))

    def loss_at(self, level: float) -> Loss:
        """VaR and CVaR of the portfolio as it stands."""
        return Loss._make(normal_loss(self._expected, self.deviation, level))

    def what_if(self, instrument: str, units: float, level: float = 0.99) -> WhatIf:
        """The loss before and after trading `units`; changes nothing."""
        expected = self._expected + units * self._means[self._held.column(instrument)]
        after = Loss._make(normal_loss(expected, self.deviation_after(instrument, units), level))
        return WhatIf(self.loss_at(level), after)

    def _variance_after(self, column: int, units: float) -> float:
        """The quadratic form w'S w + 2 u (S w)_i + u^2 S_ii; in full where the parts cancel."""
        cross, own = 2.0 * units * float(self._cross[column]), units * units * self._own[column]
        after = self._variance + cross + own
        if after < CANCELLED * (self._variance + abs(cross) + own):
            held = self._held.units.copy()
            held[column] += units
            after = float(held @ self._covariance @ held)
        return max(0.0, after)

    def _rebase(self) -> None:
        self._cross = self._covariance @ self._held.units
        self._variance = max(0.0, float(self._held.units @ self._cross))
        self._expected = float(self._mean @ self._held.units)


def simulate(mean: Vector, covariance: Matrix, count: int, seed: int) -> Matrix:
    """Draws (count, n) of a normal with that mean and covariance: the scenarios of Monte-Carlo VaR.

    The same seed gives the same draws (PCG64). A covariance of less than full rank serves: the
    square root is taken by eigenvalues, negative ones (rounding) as 0 (Glasserman 2003, §2.3.3).
    """
    if count < 2:
        raise InputError(f"{count} draws make no distribution; give at least 2")
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normals = np.random.default_rng(seed).standard_normal((count, mean.size))
    drawn: Matrix = mean + normals @ root.T
    return drawn


def _unknown(instrument: str) -> InputError:
    return InputError(f"instrument {instrument!r} has no scenarios; load its history first")


def _finite(units: float) -> float:
    if not isfinite(units):
        raise InputError(f"{units} is not a number of units; give a finite one")
    return units
