"""A portfolio's cached P&L over scenarios and its tail: the kernel `desk._core.Scenarios` and its readable twin.

Columns are instruments by position. Losses are positive. The twin serves where the product was
built without a compiler; both give the same VaR and CVaR to 1e-12 (they add in another order).
"""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple, Protocol

import numpy as np

from desk.risk.measures import Matrix, Vector

try:
    from desk import _core
except ImportError:
    _NATIVE = False
else:
    _NATIVE = True


class Loss(NamedTuple):
    """VaR and CVaR, as positive losses."""

    var: float
    cvar: float


class WhatIf(NamedTuple):
    """The loss before and after the order."""

    before: Loss
    after: Loss


class Kernel(Protocol):
    """What both are. `tail` is how many of the worst scenarios count: ValueError outside 1..T.

    A column outside the matrix is IndexError. A loss that is not a finite number is None.
    """

    def loss(self, tail: int, /) -> Loss | None:
        """VaR and CVaR of the portfolio as it stands."""
        ...

    def what_if(self, column: int, units: float, tail: int, before: Loss, /) -> WhatIf | None:
        """`before` (what `loss` said) and VaR and CVaR after trading `units` of a column; changes nothing."""
        ...

    def fill(self, column: int, units: float, /) -> None:
        """Adds traded units (negative for a sell)."""
        ...

    def hold(self, units: memoryview, /) -> None:
        """Sets the whole portfolio: one float64 per column. ValueError for another length."""
        ...

    def pnl(self) -> bytes:
        """The P&L per scenario, float64."""
        ...


class NumpyScenarios:
    """The twin: one partition per question."""

    def __init__(self, changes: Matrix) -> None:
        self._columns = [np.ascontiguousarray(changes[:, n]) for n in range(changes.shape[1])]
        self._pnl = np.zeros(changes.shape[0])

    def loss(self, tail: int, /) -> Loss | None:
        """See `Kernel.loss`."""
        return self._tail(self._pnl, tail)

    def what_if(self, column: int, units: float, tail: int, before: Loss, /) -> WhatIf | None:
        """See `Kernel.what_if`."""
        with np.errstate(over="ignore", invalid="ignore"):
            after = self._tail(self._pnl + units * self._column(column), tail)
        return None if after is None else WhatIf(before, after)

    def fill(self, column: int, units: float, /) -> None:
        """See `Kernel.fill`."""
        self._pnl = self._pnl + units * self._column(column)

    def hold(self, units: memoryview, /) -> None:
        """See `Kernel.hold`."""
        if units.nbytes != len(self._columns) * 8:
            raise ValueError(f"holdings are {len(self._columns)} float64 numbers, one per column")
        pnl = np.zeros_like(self._pnl)
        for held, column in zip(np.frombuffer(units), self._columns, strict=True):
            if held:
                pnl += held * column
        self._pnl = pnl

    def pnl(self) -> bytes:
        """See `Kernel.pnl`."""
        return self._pnl.tobytes()

    def _column(self, column: int) -> Vector:
        if not 0 <= column < len(self._columns):
            raise IndexError(f"column {column} is not one of {len(self._columns)}")
        return self._columns[column]

    @staticmethod
    def _tail(pnl: Vector, tail: int) -> Loss | None:
        if not 1 <= tail <= pnl.size:
            raise ValueError(f"a tail of {tail} does not fit {pnl.size} scenarios")
        worst = np.partition(pnl, tail - 1)[:tail]
        loss = Loss(-float(worst.max()), -float(worst.mean()))
        return loss if isfinite(loss.cvar) else None


def native_kernel() -> bool:
    """Whether the C kernel is there."""
    return _NATIVE


def build_kernel(changes: Matrix, native: bool = _NATIVE) -> Kernel:
    """A kernel over `changes` (T, n), holding nothing; it keeps its own copy.

    `native` False asks for the twin; True where the extension is absent is ImportError.
    """
    if not native:
        return NumpyScenarios(changes)
    if not _NATIVE:
        raise ImportError("desk._core is absent; install with a C compiler or use the twin")
    columns = np.ascontiguousarray(changes.T, dtype=np.float64)
    return _core.Scenarios(columns.data, changes.shape[0], Loss, WhatIf)
