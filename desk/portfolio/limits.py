"""What a portfolio must keep: bounds, sectors, turnover, exclusions, a number of holdings; as rows of linear limits.

Weights sum to one. Turnover is the sum of absolute changes against the weights held (buys plus sells, so a whole
exchange of the portfolio is 2). `find_conflict` names what cannot be kept together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from desk.errors import InputError
from desk.portfolio.lp import solve_linear

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class SectorLimit:
    """The instruments of one sector (or any group) together hold between `least` and `most`."""

    name: str
    members: frozenset[str]
    least: float = 0.0
    most: float = 1.0


@dataclass(frozen=True)
class Limits:
    """All limits of one optimisation, shares in [0, 1]; the plain default is long-only and nothing else.

    `least` and `most` hold for every instrument that is held; `count` is the most instruments with any weight;
    `excluded` hold nothing (for ethical or other reasons); `turnover` needs the weights `held`.
    """

    least: float = 0.0
    most: float = 1.0
    sectors: tuple[SectorLimit, ...] = ()
    excluded: frozenset[str] = frozenset()
    turnover: float | None = None
    held: Mapping[str, float] = field(default_factory=dict)
    count: int | None = None

    @property
    def only_bounds(self) -> bool:
        """Whether no row of linear limits is needed."""
        return not self.sectors and self.turnover is None


@dataclass(frozen=True)
class Rows:
    """`rows` (m, n + extra) x <= `most` (m,), one name a row; the `extra` columns are absolute changes."""

    rows: Matrix
    most: Vector
    names: tuple[str, ...]
    extra: int


def check_limits(limits: Limits, instruments: Sequence[str]) -> None:
    """InputError for a limit that is no share, names an unknown instrument, or cannot be kept by itself."""
    for name, share in (("least", limits.least), ("most", limits.most)):
        if not 0 <= share <= 1:
            raise InputError(f"{name} {share:.1%} per instrument is not between 0 and 100 %; give a share such as 40 %")
    unknown = sorted(limits.excluded - set(instruments))
    if unknown:
        raise InputError(f"{unknown[0]} is excluded but not among the instruments; leave it out of both")
    if limits.count is not None and limits.count < 1:
        raise InputError(f"{limits.count} holdings leave nothing to weigh; allow at least one")
    for sector in limits.sectors:
        if not 0 <= sector.least <= sector.most <= 1:
            raise InputError(
                f"sector {sector.name} between {sector.least:.1%} and {sector.most:.1%} is no range of shares"
            )
    if limits.turnover is not None and limits.turnover < 0:
        raise InputError(f"a turnover of {limits.turnover:.1%} is below zero; give a share such as 20 %")
    if limits.turnover is not None and not limits.held:
        raise InputError("a limit on turnover needs the weights held now; there are none")


def bounds_of(limits: Limits, instruments: Sequence[str]) -> tuple[Vector, Vector]:
    """Lower and upper bounds (n,); an excluded instrument has zero for both."""
    allowed = np.array([id not in limits.excluded for id in instruments], dtype=np.float64)
    return limits.least * allowed, limits.most * allowed


def rows_of(limits: Limits, instruments: Sequence[str]) -> Rows:
    """The linear limits; no rows when there are only bounds."""
    n = len(instruments)
    extra = n if limits.turnover is not None else 0
    rows: list[Vector] = []
    most: list[float] = []
    names: list[str] = []

    def add(weights: Vector, changes: Vector | None, limit: float, name: str) -> None:
        rows.append(np.concatenate((weights, changes if changes is not None else np.zeros(extra))))
        most.append(limit)
        names.append(name)

    for sector in limits.sectors:
        inside = np.array([float(id in sector.members) for id in instruments])
        if sector.most < 1:
            add(inside, None, sector.most, f"at most {sector.most:.1%} in {sector.name}")
        if sector.least > 0:
            add(-inside, None, -sector.least, f"at least {sector.least:.1%} in {sector.name}")
    if limits.turnover is not None:
        name = f"turnover of at most {limits.turnover:.1%}"
        held = np.array([limits.held.get(id, 0.0) for id in instruments])
        gone = sum(share for id, share in limits.held.items() if id not in instruments)
        for i, unit in enumerate(np.eye(n)):
            add(unit, -unit, float(held[i]), name)
            add(-unit, -unit, -float(held[i]), name)
        add(np.zeros(n), np.ones(n), limits.turnover - gone, name)
    return Rows(np.array(rows).reshape(len(rows), n + extra), np.array(most), tuple(names), extra)


def find_conflict(limits: Limits, instruments: Sequence[str]) -> str | None:
    """Why no weights keep all limits, as the least loosening that would do; None when some do.

    A linear programme buys slack for each limit at one price and reports where it was bought.
    """
    low, high = bounds_of(limits, instruments)
    rows, n = rows_of(limits, instruments), len(instruments)
    kinds = list(dict.fromkeys(rows.names))
    slack = np.array([[float(name == kind) for kind in kinds] for name in rows.names]).reshape(
        len(rows.names), len(kinds)
    )
    m, more = len(rows.names), 2 + len(kinds)
    # the budget may be missed from below when the caps together do not reach one, from above when the floors exceed it
    found = solve_linear(
        np.concatenate((np.zeros(n + rows.extra), np.ones(more))),
        np.hstack((rows.rows, np.zeros((m, 2)), -slack)),
        rows.most,
        np.concatenate((np.ones(n), np.zeros(rows.extra), [1.0, -1.0], np.zeros(len(kinds)))),
        np.concatenate((low, np.zeros(rows.extra + more))),
        np.concatenate((high, np.full(rows.extra + more, np.inf))),
    )
    if found is None or found.value < 1e-9:
        return None
    missing, above, *bought = found.x[n + rows.extra :]
    if missing > 1e-9:
        allowed = int((high > 0).sum())
        return (
            f"{allowed} instruments with at most {limits.most:.1%} each reach only {high.sum():.1%}; raise the cap to "
            f"{1 / max(1, allowed):.1%} or add instruments"
        )
    if above > 1e-9:
        return f"floors of {limits.least:.1%} on {n} instruments come to {low.sum():.1%}; lower the floor"
    broken = [f"{kind} (by {amount:.1%})" for kind, amount in zip(kinds, bought, strict=True) if amount > 1e-9]
    return f"these limits cannot be kept together; the least that would have to give: {', '.join(broken)}"
