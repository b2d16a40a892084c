"""The solver process: PyPortfolioOpt behind a pipe, so that its import never holds up a serving desk.

`python -m desk.portfolio.solver` reads one JSON object a line and answers with one: `shrink`
(`returns` (T, n) -> `covariance` (n, n) a year), `hierarchical` (`returns` -> `weights` (n,)), `views` (`covariance`,
`prior` (n,), `picks` (k, n), `rates` (k,), `trust` (k,) -> `mean`, `covariance`) and, to compare our own solver with,
`weigh` (`objective`, `mean` (n,), `covariance`, `cap`, `risk_free` -> `weights`); or `error`, a sentence. It ends
with its input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

NICENESS = 5
"""It yields to the desk that waits for it."""


def answer(request: Mapping[str, Any]) -> dict[str, object]:
    """What a request comes to; never raises for numbers that have no solution."""
    from cvxpy.error import SolverError
    from pypfopt.exceptions import OptimizationError

    try:
        if request["call"] == "shrink":
            return {"covariance": _shrink(request["returns"], request["days_a_year"])}
        if request["call"] == "hierarchical":
            return {"weights": _hierarchical(request["returns"])}
        if request["call"] == "views":
            return _mix(request)
        return {"weights": _weigh(request)}
    except (OptimizationError, SolverError, ValueError, ArithmeticError) as error:
        return {"error": str(error) or type(error).__name__}


def _shrink(returns: list[list[float]], days_a_year: int) -> object:
    import pandas as pd
    from pypfopt.risk_models import CovarianceShrinkage

    shrinkage = CovarianceShrinkage(pd.DataFrame(returns), returns_data=True, frequency=days_a_year)
    return shrinkage.ledoit_wolf().to_numpy().tolist()


def _hierarchical(returns: list[list[float]]) -> object:
    import pandas as pd
    from pypfopt import HRPOpt

    table = pd.DataFrame(returns)
    weights = HRPOpt(table).optimize()
    return [float(weights[column]) for column in table.columns]


def _mix(request: Mapping[str, Any]) -> dict[str, object]:
    import numpy as np
    from pypfopt import BlackLittermanModel

    model = BlackLittermanModel(
        np.asarray(request["covariance"]),
        pi=np.asarray(request["prior"]),
        P=np.asarray(request["picks"]),
        Q=np.asarray(request["rates"]),
        omega="idzorek",
        view_confidences=request["trust"],
    )
    return {"mean": np.asarray(model.bl_returns()).tolist(), "covariance": np.asarray(model.bl_cov()).tolist()}


def _weigh(request: Mapping[str, Any]) -> object:
    import numpy as np
    from pypfopt import EfficientFrontier

    mean, covariance = np.asarray(request["mean"]), np.asarray(request["covariance"])
    frontier = EfficientFrontier(mean, covariance, weight_bounds=(0, request["cap"]))
    if request["objective"] == "minimum_variance":
        frontier.min_volatility()
    else:
        frontier.max_sharpe(risk_free_rate=request["risk_free"])
    return np.asarray(frontier.weights, dtype=np.float64).tolist()


def main() -> None:
    """Serves until its input ends."""
    with suppress(OSError):
        os.nice(NICENESS)
    out = sys.stdout
    sys.stdout = sys.stderr  # a library that prints must not write into the answers
    import pypfopt  # noqa: F401  imported now, so that the first request finds it there

    for line in sys.stdin:
        out.write(json.dumps(answer(json.loads(line))) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
