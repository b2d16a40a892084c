"""Convex quadratic programmes of portfolio weights: minimise x'Qx / 2 + c'x under a budget, bounds and linear limits.

Without further limits an own active-set method answers (block principal pivoting with a single-pivot fall-back,
Júdice and Pires 1994): a handful of Cholesky factors of the free assets. Everything else, and whatever it gives up
on, goes to Clarabel (interior point), and under bounds alone on to proximal steps. No answer leaves unchecked: the
residual of the optimality conditions (Karush, Kuhn and Tucker; Boyd and Vandenberghe 2004, sec. 5.5.3) must be below
`RESIDUAL`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from desk.errors import DataError, InputError

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

RESIDUAL = 1e-6
"""Largest residual of an accepted answer, each condition relative to the size of its own terms."""

PATIENCE = 10
"""Block pivots without fewer infeasibilities before single pivots, which cannot cycle."""

ROUNDS = 60
"""Pivots before it gives up: it needs a handful, and where Q is singular it can go on for thousands in vain."""

HELD = 1e-4
"""Assets above this share of the largest weight are free where the active set goes on from an interior point."""

PULL, STEPS = 1e-6, 5
"""The pull to the point before, relative to the mean variance, and how often it is taken."""

ROUNDING = 1e-11
"""What counts as zero beside the largest weight, or beside the terms a slope is made of."""

SMALL = 1e-3
"""An objective below this share of the largest covariance is solved again in its own unit."""

RIDGE = 1e-13
"""Added to the diagonal of a factor, relative to its mean, when Q is singular on the free assets."""


@dataclass(frozen=True)
class Programme:
    """`quadratic` (n, n) symmetric, positive semi-definite; `linear` (n,); one equality `budget`·x = `total`.

    `lower` and `upper` (n,) may be infinite. `limits` (m, n) and `most` (m,) say limits x <= most.
    """

    quadratic: Matrix
    linear: Vector
    budget: Vector
    total: float
    lower: Vector
    upper: Vector
    limits: Matrix | None = None
    most: Vector | None = None


@dataclass(frozen=True)
class Answer:
    """The minimiser (n,), its objective, the residual that was checked, and who found it."""

    x: Vector
    objective: float
    residual: float
    by: str


@dataclass(frozen=True)
class _Point:
    x: Vector
    multiplier: float
    on_limits: Vector


def solve_programme(programme: Programme) -> Answer:
    """The minimiser. InputError when nothing is feasible, DataError when no answer passes the check."""
    _check(programme)
    if programme.limits is None:
        point = _active_set(programme)
        if point is not None and (residual := residual_of(programme, point.x, point.multiplier)) <= RESIDUAL:
            return Answer(point.x, _objective(programme, point.x), residual, "active set")
    nearest = float("inf")
    for point, by in _candidates(programme):
        residual = residual_of(programme, point.x, point.multiplier, point.on_limits)
        if residual <= RESIDUAL:
            return Answer(point.x, _objective(programme, point.x), residual, by)
        nearest = min(nearest, residual)
    raise DataError(f"no portfolio passed the optimality check: residual {nearest:.1e}, allowed {RESIDUAL:.0e}")


def residual_of(programme: Programme, x: Vector, multiplier: float, on_limits: Vector | None = None) -> float:
    """The worst violation of the optimality conditions; 0 is exact.

    Stationarity: the gradient of the Lagrangian may point out of the bounds only where x stands on one.
    """
    scale = _size_of_terms(programme, x)
    slope = programme.quadratic @ x + programme.linear - multiplier * programme.budget
    outside = max(0.0, float((programme.lower - x).max()), float((x - programme.upper).max()))
    spent = abs(float(programme.budget @ x) - programme.total)
    over = 0.0
    if programme.limits is not None and programme.most is not None and on_limits is not None:
        slope = slope + programme.limits.T @ on_limits
        room = programme.most - programme.limits @ x
        over = max(
            0.0, -float(room.min()), float(-on_limits.min()) / scale, float(np.abs(on_limits * room).max()) / scale
        )
    size = max(1.0, float(np.abs(x).max()))
    down, up = x - programme.lower, programme.upper - x
    # a slope that pushes against a bound is paid by the distance to it, every other slope in full
    left = np.where(slope > 0, np.minimum(slope / scale, down / size), np.minimum(-slope / scale, up / size))
    return max(float(left.max()), outside / size, spent / size, over)


def _active_set(programme: Programme, free: NDArray[np.bool_] | None = None) -> _Point | None:
    """Block principal pivoting, begun with these assets `free` (all, unless given); None when it gives up."""
    from scipy.linalg.lapack import dposv

    free = np.ones(programme.linear.size, dtype=bool) if free is None else free.copy()
    x = np.clip(np.zeros_like(programme.linear), programme.lower, programme.upper)
    fewest, left = programme.linear.size + 1, PATIENCE
    for _ in range(ROUNDS):
        found = _on_free(programme, free, x, dposv)
        if found is None:
            return None
        x, multiplier = found
        slope = programme.quadratic @ x + programme.linear - multiplier * programme.budget
        wrong = _wrong(programme, x, slope, free)
        count = int(wrong.sum())
        if count == 0:
            return _Point(x, multiplier, np.zeros(0))
        if count < fewest:
            fewest, left = count, PATIENCE
        elif left > 0:
            left -= 1
        else:
            wrong[: int(np.flatnonzero(wrong)[-1])] = False
        x = np.where(wrong & free, np.clip(x, programme.lower, programme.upper), x)
        free ^= wrong
    return None


def _wrong(programme: Programme, x: Vector, slope: Vector, free: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Free assets beyond a bound, and bound ones whose slope says that leaving the bound would help."""
    tiny = ROUNDING * float(np.abs(x).max())
    beyond = (x < programme.lower - tiny) | (x > programme.upper + tiny)
    steep = ROUNDING * _size_of_terms(programme, x)
    inwards = np.where(x <= programme.lower, slope < -steep, slope > steep) & (programme.lower < programme.upper)
    wrong: NDArray[np.bool_] = np.where(free, beyond, inwards)
    return wrong


def _on_free(programme: Programme, free: NDArray[np.bool_], x: Vector, dposv: object) -> tuple[Vector, float] | None:
    """Free assets at their optimum, the others where they stand, and the budget's multiplier."""
    assert callable(dposv)
    if not free.any():
        return None
    index = np.flatnonzero(free)
    everything = index.size == free.size
    quadratic = programme.quadratic if everything else programme.quadratic[np.ix_(index, index)]
    linear, total = programme.linear[index], programme.total
    if not everything:
        fixed = np.where(free, 0.0, x)
        linear = linear + (programme.quadratic @ fixed)[index]
        total = total - float(programme.budget @ fixed)
    rows = programme.budget[index]
    right = np.column_stack((-linear, rows))
    _, solved, info = dposv(quadratic, right, lower=1)
    if info:
        ridge = RIDGE * float(np.trace(quadratic)) / index.size
        _, solved, info = dposv(quadratic + ridge * np.eye(index.size), right, lower=1)
    if info or not np.isfinite(solved).all():
        return None
    steep = float(rows @ solved[:, 1])
    if steep <= 0:
        return None
    multiplier = (total - float(rows @ solved[:, 0])) / steep
    found = np.where(free, 0.0, x)
    found[index] = solved[:, 0] + multiplier * solved[:, 1]
    return found, multiplier


def _candidates(programme: Programme) -> Iterator[tuple[_Point, str]]:
    """Points that may pass the check, the likeliest first, and who found them.

    Clarabel's answer, asked again in the objective's own unit when that is tiny beside the covariance; where neither
    passes, under bounds alone, steps from them. InputError when it proves that nothing is feasible.
    """
    largest = max(1e-300, float(np.abs(programme.quadratic).max()), float(np.abs(programme.linear).max()))
    points = [_by_clarabel(programme, largest)]
    own = abs(_objective(programme, points[0].x))
    if 0 < own < SMALL * largest:
        points.insert(0, _by_clarabel(programme, own))
    yield from ((point, "interior point") for point in points)
    for point in points if programme.limits is None else ():
        yield from ((nearer, "proximal point") for nearer in _nearer(programme, point.x))


def _nearer(programme: Programme, x: Vector) -> Iterator[_Point]:
    """Steps of the proximal point method (Rockafellar 1976) from x, each solved by the active set.

    Each minimises the objective and a small multiple of the squared distance to the point before: strictly convex
    where Q is singular, and with the same minimisers in the end.
    """
    pull = PULL * float(np.trace(programme.quadratic)) / x.size
    quadratic = programme.quadratic + pull * np.eye(x.size)
    for _ in range(STEPS):
        held = x - programme.lower > HELD * float(np.abs(x).max())
        point = _active_set(replace(programme, quadratic=quadratic, linear=programme.linear - pull * x), held)
        if point is None:
            return
        yield point
        x = point.x


def _by_clarabel(programme: Programme, unit: float) -> _Point:
    import clarabel
    from scipy.sparse import csc_matrix, triu

    rows, right, bounds = _inequalities(programme)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-11
    settings.max_iter = 200
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(rows.shape[0] - 1)]
    upper = csc_matrix(triu(csc_matrix(programme.quadratic / unit)))
    found = clarabel.DefaultSolver(upper, programme.linear / unit, rows, right, cones, settings).solve()
    status = str(found.status)
    if "Infeasible" in status:
        raise InputError("no portfolio keeps all of these limits at once; loosen one of them")
    duals = np.asarray(found.z) * unit
    x = np.clip(np.asarray(found.x), programme.lower, programme.upper)
    if not np.isfinite(x).all():
        raise DataError(f"the solver ended without a portfolio ({status})")
    return _Point(x, -float(duals[0]), np.maximum(0.0, duals[1 + bounds :]))


def _inequalities(programme: Programme) -> tuple[csc_matrix, Vector, int]:
    """Budget, finite bounds and limits as rows of A x + s = b, and how many of them are bounds."""
    from scipy.sparse import csc_matrix, eye, vstack

    n = programme.linear.size
    below, above = np.isfinite(programme.lower), np.isfinite(programme.upper)
    unit = eye(n, format="csr")
    parts = [csc_matrix(programme.budget.reshape(1, n)), -unit[below], unit[above]]
    right = [np.array([programme.total]), -programme.lower[below], programme.upper[above]]
    if programme.limits is not None and programme.most is not None:
        parts.append(csc_matrix(programme.limits))
        right.append(programme.most)
    return csc_matrix(vstack(parts)), np.concatenate(right), int(below.sum() + above.sum())


def _size_of_terms(programme: Programme, x: Vector) -> float:
    """The largest sum of absolute terms in the gradient: what rounding errors are relative to."""
    terms = np.abs(programme.quadratic) @ np.abs(x)
    return max(1e-300, float(terms.max()), float(np.abs(programme.linear).max()))


def _objective(programme: Programme, x: Vector) -> float:
    return float(x @ programme.quadratic @ x / 2 + programme.linear @ x)


def _check(programme: Programme) -> None:
    n = programme.linear.size
    if n == 0 or programme.quadratic.shape != (n, n):
        raise InputError(f"a covariance of shape {programme.quadratic.shape} does not belong to {n} instruments")
    if not np.isfinite(programme.quadratic).all() or not np.isfinite(programme.linear).all():
        raise DataError("a covariance or mean return is not a number; mend the history first")
    if (programme.lower > programme.upper).any():
        raise InputError("a lower bound is above its upper bound; no weight fits between them")
