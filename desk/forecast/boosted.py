"""Boosted trees (XGBoost; Chen and Guestrin 2016) for the next tradable return, fitted anew each year of a walk.

The target is the return of `build_targets` in units of the deviation over the last quarter, cut at `CUT`, so that calm
and wild years weigh alike. A fit on day t takes rows whose outcome was known by close t (purged), and `EMBARGO` days
less. Trees are few, small and strongly shrunk: daily returns hold little.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from desk.errors import DataError
from desk.forecast import features as featuring
from desk.forecast.features import DELAY, WARM_UP, Matrix, Vector, build_features, build_targets
from desk.forecast.registry import Origin, Registry, hash_arrays, hash_code

if TYPE_CHECKING:
    from xgboost import Booster

REFIT = 252
EMBARGO = 5
CUT = 4.0
SEED = 7
LEAST = 252
"""Rows below which nothing is fitted."""
ROUNDS = 60
SETTINGS: dict[str, object] = {
    "objective": "reg:squarederror",
    "max_depth": 3,
    "eta": 0.05,
    "subsample": 0.7,
    "colsample_bytree": 0.7,
    "min_child_weight": 60,
    "lambda": 20.0,
    "base_score": 0.0,
    "tree_method": "hist",
    "max_bin": 64,
    "nthread": 1,  # sums in one order: the same rows give the same trees
}
QUARTER = -1
"""The column of `build_features` with the deviation over the longest window."""

Progress = Callable[[int, int], None]


def unwatched(_: int, __: int) -> None:
    """Nobody looks at the progress."""


def predict_boosted(
    closes: Vector, start: int, models: Registry, *, seed: int = SEED, progress: Progress = unwatched
) -> Vector:
    """Predicted log return per row (T,); zero before row `start`. Fits at `start` and every `REFIT` rows after it.

    `models` keeps each fit, so a walk that was stopped goes on. DataError when `start` leaves too little to fit on.
    """
    if start < WARM_UP + LEAST + DELAY + EMBARGO:
        raise DataError(f"{start} closes before the first forecast are too few to fit trees on")
    rows, targets = build_features(closes), build_targets(closes)
    scale = np.maximum(rows[:, QUARTER], 1e-9)
    standard = np.clip(targets / scale, -CUT, CUT)
    predicted, fits = np.zeros(closes.size), range(start, closes.size, REFIT)
    for number, first in enumerate(fits, 1):
        known = slice(WARM_UP, first - DELAY - EMBARGO)
        booster = fit(rows[known], standard[known], seed, models)
        part = slice(first, min(first + REFIT, closes.size))
        predicted[part] = _predict(booster, rows[part]) * scale[part]
        progress(number, len(fits))
    return predicted


def fit(rows: Matrix, targets: Vector, seed: int, models: Registry) -> Booster:
    """Trees on (n, k) and (n,); the same rows and seed give the same bytes."""
    import xgboost

    code = hash_code([__file__, featuring.__file__])
    settings = {**SETTINGS, "rounds": ROUNDS, "xgboost": xgboost.__version__}
    origin = Origin("xgboost", hash_arrays([rows, targets]), code, seed, settings)
    kept = models.find(origin)
    if kept is not None:
        booster = xgboost.Booster()
        booster.load_model(bytearray(kept))
        return booster
    matrix = xgboost.DMatrix(rows, label=targets, nthread=1)
    booster = xgboost.train({**SETTINGS, "seed": seed}, matrix, num_boost_round=ROUNDS)
    models.keep(origin, bytes(booster.save_raw("ubj")))
    return booster


def _predict(booster: Booster, rows: Matrix) -> Vector:
    import xgboost

    said: Vector = booster.predict(xgboost.DMatrix(rows, nthread=1)).astype(np.float64)
    return said
