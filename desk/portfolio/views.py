"""A person's views mixed into expected returns (Black and Litterman 1992), by PyPortfolioOpt in the solver process.

The starting point is what would make equal weights optimal: no market values are bundled, so no market portfolio is
known, and the answer says so. A view is an instrument's return a year, or how far one beats another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from desk.errors import InputError
from desk.portfolio.moments import Moments, read_numbers
from desk.portfolio.worker import Solver

AVERSION = 2.5
"""Excess return a year an investor wants per unit of variance (the usual figure of He and Litterman 1999)."""


@dataclass(frozen=True)
class View:
    """`instrument` returns `rate` a year; with `over` it returns so much more than that one. `trust` in (0, 1]."""

    instrument: str
    rate: float
    over: str | None = None
    trust: float = 0.5


def with_views(moments: Moments, views: Sequence[View], solver: Solver) -> Moments:
    """The moments with the posterior mean and covariance. InputError for a view that says nothing possible."""
    if not views:
        raise InputError("no view was given; say what an instrument will return, or by how much it beats another")
    n, place = len(moments.instruments), {id: i for i, id in enumerate(moments.instruments)}
    picks, rates = np.zeros((len(views), n)), []
    for row, view in enumerate(views):
        _check(view, place)
        picks[row, place[view.instrument]] = 1.0
        if view.over is not None:
            picks[row, place[view.over]] = -1.0
        rates.append(view.rate)
    reply = solver.ask(
        {
            "call": "views",
            "covariance": moments.covariance.tolist(),
            "prior": (AVERSION * moments.covariance.mean(axis=1)).tolist(),
            "picks": picks.tolist(),
            "rates": rates,
            "trust": [view.trust for view in views],
        }
    )
    mean, covariance = read_numbers(reply.get("mean"), (n,)), read_numbers(reply.get("covariance"), (n, n))
    return moments._replace(mean=mean, covariance=covariance)


def _check(view: View, place: dict[str, int]) -> None:
    for id in (view.instrument, view.over):
        if id is not None and id not in place:
            raise InputError(f"a view is about {id}, which is not among the instruments to weigh")
    if view.instrument == view.over:
        raise InputError(f"a view compares {view.instrument} with itself")
    if not -1 < view.rate < 10:
        raise InputError(f"a return of {view.rate:.0%} a year is no view anybody can hold; give one such as 8 %")
    if not 0 < view.trust <= 1:
        raise InputError(f"trust of {view.trust} in a view is not above 0 and at most 1")
