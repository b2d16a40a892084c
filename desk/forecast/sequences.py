"""What a recurrent network sees of a price series: scale-free rows, and windows of them, ending at each day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from desk.forecast.features import WARM_UP, WINDOWS, Matrix, Vector, build_features

NAMES = ("return", "week", "month", "week_deviation", "month_deviation")
STEPS = 20
CUT = 5.0
FIRST = WARM_UP + STEPS
"""The first row whose window holds complete rows only."""
LEAST = 1e-9


def build_rows(closes: Vector) -> tuple[Matrix, Vector]:
    """(T, 5) and (T,): `NAMES` in units of the quarter's deviation (deviations as logs of ratios), and that deviation.

    Rows are cut at `CUT`; those before `WARM_UP` are zero. A series that does not move has a deviation of `LEAST`.
    """
    features = build_features(closes)
    week, month, quarter = (features[:, 5 + 2 * n] for n in range(len(WINDOWS)))
    scale = np.maximum(quarter, LEAST)
    rows = np.column_stack(
        [
            features[:, 0] / scale,
            features[:, 4] / scale * np.sqrt(WINDOWS[0]),
            features[:, 6] / scale * np.sqrt(WINDOWS[1]),
            np.log(np.maximum(week, LEAST) / scale),
            np.log(np.maximum(month, LEAST) / scale),
        ]
    )
    rows[:WARM_UP] = 0.0
    return np.clip(rows, -CUT, CUT), scale


def build_windows(rows: Matrix, start: int) -> NDArray[np.float64]:
    """(T - start, STEPS, 5): the window that ends at each row from `start` on, at least `FIRST`."""
    seen = np.lib.stride_tricks.sliding_window_view(rows[start - STEPS + 1 :], STEPS, axis=0)
    windows: NDArray[np.float64] = np.ascontiguousarray(seen.transpose(0, 2, 1))
    return windows
