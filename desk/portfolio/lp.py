"""Linear programmes with one budget row, by HiGHS through scipy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


class LinearAnswer(NamedTuple):
    """The minimiser (n,) and the least cost."""

    x: Vector
    value: float


def solve_linear(
    cost: Vector, rows: Matrix, most: Vector, budget: Vector, lower: Vector, upper: Vector
) -> LinearAnswer | None:
    """The least of cost·x with rows x <= most, budget·x = 1 and bounds; None when there is no such x."""
    from scipy.optimize import linprog

    some = bool(most.size)
    found = linprog(
        cost,
        rows if some else None,
        most if some else None,
        budget[None, :],
        [1.0],
        list(zip(lower.tolist(), upper.tolist(), strict=True)),
        method="highs",
    )
    if not found.success or found.x is None or found.fun is None:
        return None
    return LinearAnswer(np.asarray(found.x), float(found.fun))
