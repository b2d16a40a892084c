"""Ridge regression of the next tradable day's return, refitted as history grows (expanding walk-forward).

At a refit on day t only rows whose outcome is known by close t are used: a row's target ends at
close s + delay + 1, so rows after t - delay - 1 are purged (de Prado 2018, ch. 7).
"""

from __future__ import annotations

import numpy as np

from desk.forecast.features import DELAY, WARM_UP, Matrix, Vector, build_features, build_targets

REFIT = 21
FIRST_FIT = 504
PENALTY = 100.0


def ridge_direction(closes: Vector) -> Vector:
    """1 where the predicted return is above zero, else 0; nothing before the first fit."""
    return np.asarray(predict_returns(closes) > 0, dtype=np.float64)


def predict_returns(closes: Vector, *, refit: int = REFIT, first: int = FIRST_FIT, penalty: float = PENALTY) -> Vector:
    """Predicted log return per row (T,), zero before row `first`; each row by the newest model fitted by then.

    Features are standardised and the target centred with the training rows' own moments; the penalty is
    per standardised feature (Hoerl and Kennard 1970).
    """
    features, targets = build_features(closes), build_targets(closes)
    predicted = np.zeros(closes.size)
    for start in range(first, closes.size, refit):
        known = start - DELAY
        coefficients, intercept = _fit(features[WARM_UP:known], targets[WARM_UP:known], penalty)
        rows = slice(start, min(start + refit, closes.size))
        # row by row: a matrix product's last bit depends on how many rows there are
        predicted[rows] = (features[rows] * coefficients).sum(axis=1) + intercept
    return predicted


def _fit(features: Matrix, targets: Vector, penalty: float) -> tuple[Vector, float]:
    """Coefficients on the raw features and the intercept; a feature that does not vary weighs nothing."""
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    deviation = np.where(deviation > 1e-12, deviation, np.inf)
    standard = (features - mean) / deviation
    centred = targets - targets.mean()
    gram = standard.T @ standard + penalty * np.eye(features.shape[1])
    coefficients = np.linalg.solve(gram, standard.T @ centred) / deviation
    return coefficients, float(targets.mean() - mean @ coefficients)
