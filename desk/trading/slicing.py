"""How a large order is cut: pure planning in whole lots, no clock, no feed, no order.

A plan is a tuple of slices that rise in time, each at least one lot, and sum to the quantity
exactly. Cumulative targets are rounded, not slices, so a remainder is spread evenly and the plan is
never more than half a lot from the curve it follows. A slice stands in the middle of its interval:
on average it trades at the interval's mean time.

- TWAP: equal shares of time.
- VWAP: equal intervals, each its share of the day's volume curve.
- Implementation shortfall: Almgren and Chriss, "Optimal execution of portfolio transactions"
  (Journal of Risk 3, 2000), eq. 17-18: x(t) = X sinh(k (T - t)) / sinh(k T) is left at t, where
  2 / tau^2 (cosh(k tau) - 1) = lambda sigma^2 / eta', eta' = eta (1 - gamma tau / (2 eta)).
- Percentage of volume has no plan: `volume_due` says what is due for what was printed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from desk.market.volume import VolumeCurve

MOST_SLICES = 500
USUAL_SLICES = (4, 120)
"""A slice a minute when nobody says how many, within these."""


class Kind(StrEnum):
    """What the schedule follows."""

    TWAP = "twap"
    VWAP = "vwap"
    POV = "pov"
    SHORTFALL = "shortfall"


class Urgency(StrEnum):
    """How much a trader fears the price moving: the risk aversion of an implementation shortfall schedule."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


RISK_AVERSION: dict[Urgency, float] = {Urgency.LOW: 1e-7, Urgency.MEDIUM: 1e-6, Urgency.HIGH: 1e-5}
"""lambda per USD; the paper's worked example takes 1e-6."""


class Slice(NamedTuple):
    """`lots` are due at `at`; `total` with those before."""

    at: datetime
    lots: int
    total: int


Plan = tuple[Slice, ...]


class Impact(NamedTuple):
    """What the trajectory weighs, per unit and in USD: sigma a square root of a day, eta, gamma, days of T."""

    sigma: float
    eta: float
    gamma: float
    days: float


def usual_slices(start: datetime, end: datetime) -> int:
    """One a minute, at least 4, at most 120."""
    least, most = USUAL_SLICES
    return min(most, max(least, round((end - start).total_seconds() / 60)))


def plan_twap(lots: int, start: datetime, end: datetime, slices: int) -> Plan:
    """Equal shares: every slice is the quantity over their number, rounded down or up."""
    count = _count(lots, slices)
    return _cut([(2 * lots * k + count) // (2 * count) for k in range(1, count)], lots, start, end, count)


def plan_vwap(lots: int, start: datetime, end: datetime, slices: int, curve: VolumeCurve) -> Plan:
    """Shares of the curve between start and end; equal shares where the curve says nothing trades."""
    count, step = _count(lots, slices), (end - start) / _count(lots, slices)
    whole = curve.share(start, end)
    if whole <= 0:
        return plan_twap(lots, start, end, slices)
    totals = [_round(lots * curve.share(start, start + step * k) / whole) for k in range(1, count)]
    return _cut(totals, lots, start, end, count)


def plan_shortfall(lots: int, start: datetime, end: datetime, slices: int, urgency: Urgency, impact: Impact) -> Plan:
    """The Almgren-Chriss trajectory; the more urgent, the earlier. Equal shares in the limit of no risk."""
    count = _count(lots, slices)
    kappa = trajectory_rate(RISK_AVERSION[urgency], impact, count)
    span = kappa * impact.days
    totals = [_round(lots * (1 - _left(span, k / count))) for k in range(1, count)]
    return _cut(totals, lots, start, end, count)


def trajectory_rate(aversion: float, impact: Impact, slices: int) -> float:
    """kappa, per day: see the module. 0 when there is no risk, or permanent impact outweighs temporary."""
    tau = impact.days / slices
    adjusted = impact.eta - impact.gamma * tau / 2
    if impact.sigma <= 0 or adjusted <= 0 or tau <= 0:
        return 0.0
    return math.acosh(1 + aversion * impact.sigma**2 / adjusted * tau**2 / 2) / tau


def volume_due(printed: int, rate_bps: int, lots: int) -> int:
    """Lots due when others printed `printed`, so that ours are `rate_bps` of all; never more than `lots`."""
    return min(lots, printed * rate_bps // (10_000 - rate_bps))


def plan_volume(lots: int, start: datetime, end: datetime, slices: int, expected: Sequence[int], rate_bps: int) -> Plan:
    """What percentage of volume would do if others printed as `expected`: a total at the end of each interval.

    Sums to less than `lots` when the volume does not suffice; may be empty.
    """
    step = (end - start) / slices
    done, found = 0, []
    for k, printed in enumerate(expected[:slices]):
        total = volume_due(printed, rate_bps, lots)
        if total > done:
            found.append(Slice(start + step * k + step / 2, total - done, total))
            done = total
    return tuple(found)


def due_at(plan: Plan, now: datetime) -> int:
    """Lots that the plan has due by now."""
    return max((each.total for each in plan if each.at <= now), default=0)


def interval_of(start: datetime, end: datetime, slices: int) -> timedelta:
    """The time of one slice."""
    return (end - start) / max(1, slices)


def _count(lots: int, slices: int) -> int:
    if lots < 1 or slices < 1:
        raise ValueError(f"{lots} lots cannot be cut into {slices} slices")
    return min(lots, slices, MOST_SLICES)


def _left(span: float, share: float) -> float:
    """sinh(span (1 - share)) / sinh(span), without overflow; 1 - share for a span near 0."""
    if span < 1e-6:
        return 1 - share
    return math.exp(-span * share) * math.expm1(-2 * span * (1 - share)) / math.expm1(-2 * span)


def _round(value: float) -> int:
    return math.floor(value + 0.5)


def _cut(totals: list[int], lots: int, start: datetime, end: datetime, count: int) -> Plan:
    """Slices from rising totals at the ends of `count` equal intervals; those of no lots are left out."""
    step, done, found = (end - start) / count, 0, []
    for k, total in enumerate([*totals, lots]):
        total = min(max(total, done), lots)
        if total > done:
            found.append(Slice(start + step * k + step / 2, total - done, total))
            done = total
    return tuple(found)
