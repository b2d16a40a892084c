"""Insider trading: trades of linked persons before news that moved the price, and unusual size of strangers.

News moved the price when the abnormal return of its day and the next is beyond three standard deviations: an event
study with the market model (MacKinlay 1997), estimated on 120 days that end eleven before; without a market series its
return counts as nothing. A trade within 30 days before it, in the direction that paid, of somebody linked with the
company counts when its size stands out against the person's own months, or when it is the first in a year. Planned
trades (Rule 10b5-1) do not count. A stranger's trade counts at eight times the usual size within a week before news of
five standard deviations: an option bought counts with the units beneath it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import numpy as np

from desk.fraud.abuse.limits import DAY, STANDARD, Limits
from desk.fraud.abuse.records import Announcement, Bars, Evidence, MarketAlert, PersonTrade, build_alert
from desk.fraud.abuse.volatility import returns_of

APART = 11
"""Days between the estimation window and the news, so that a leak does not count as ordinary volatility."""


class _Size(NamedTuple):
    """How far a person's trades stand out: times the usual month, whether anything was traded in the year before."""

    times: float
    z: float
    first: bool


def find_insiders(
    trades: Sequence[PersonTrade],
    news: Sequence[Announcement],
    series: Mapping[str, Bars],
    links: Mapping[str, Collection[str]],
    market: Bars | None = None,
    limits: Limits = STANDARD,
) -> list[MarketAlert]:
    """One alert a person and announcement. `links` names the linked persons of each instrument; days are UTC."""
    by_person: dict[tuple[str, str], list[PersonTrade]] = defaultdict(list)
    for trade in sorted(trades, key=lambda each: (each.day, each.id)):
        by_person[trade.instrument, trade.person].append(trade)
    found = []
    for told in news:
        bars = series.get(told.instrument)
        z = abnormal_return(bars, told.day, market, limits) if bars is not None else None
        if z is None or abs(z) < limits.insider_z:
            continue
        for (instrument, person), mine in by_person.items():
            if instrument == told.instrument:
                alert = _judge(mine, told, z, person in links.get(instrument, ()), limits)
                found += [alert] if alert else []
    return found


def abnormal_return(bars: Bars, day: date, market: Bars | None, limits: Limits = STANDARD) -> float | None:
    """The abnormal return of the first bar on or after `day` and the next, in standard deviations of the market model.

    None with fewer than half of the estimation days, or when the series ends before.
    """
    start = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    event = int(np.searchsorted(bars.at, start))
    if event + limits.insider_span > len(bars):
        return None
    own = returns_of(bars.close)
    other = np.zeros(len(own))
    if market is not None:
        row = np.searchsorted(market.at, bars.at)
        inside = row < len(market)
        row = np.minimum(row, len(market) - 1)
        same = inside & (market.at[row] == bars.at)
        other = np.where(same, returns_of(market.close)[row], 0.0)
    fit = slice(max(1, event - APART - limits.insider_fit), max(1, event - APART))
    x, y = other[fit], own[fit]
    if len(y) < limits.insider_fit // 2:
        return None
    beta = float(np.cov(x, y)[0, 1] / x.var(ddof=1)) if x.any() else 0.0
    alpha = float(y.mean() - beta * x.mean())
    sigma = float(np.std(y - alpha - beta * x, ddof=2))
    span = slice(event, event + limits.insider_span)
    away = float((own[span] - alpha - beta * other[span]).sum())
    return away / (sigma * limits.insider_span**0.5) if sigma > 1e-9 else None


def _judge(
    mine: Sequence[PersonTrade], told: Announcement, z: float, linked: bool, limits: Limits
) -> MarketAlert | None:
    before = limits.insider_before if linked else limits.stranger_before
    first_day = told.day - timedelta(days=before)
    side = "buy" if z > 0 else "sell"
    inside = [t for t in mine if first_day <= t.day < told.day and not t.planned]
    paid = [t for t in inside if t.side == side]
    net = sum(t.units if t.side == side else -t.units for t in inside)
    worth = sum(t.units * t.price for t in paid)
    if not paid or net <= 0 or worth < limits.least_money:
        return None
    size = _size(mine, first_day, net, before, limits)
    grown = size.times >= limits.own_times and size.z >= limits.own_z
    if linked and not (size.first or grown):
        return None
    if not linked and (abs(z) < limits.stranger_z or size.times < limits.stranger_times or not grown):
        return None
    rules = (
        ("before_news", "linked_person", "unusual_size") if linked else ("before_news", "not_linked", "unusual_size")
    )
    rows = [Evidence(f"{t.side}{' option' if t.option else ''}", t.id, t.person, _at(t.day), t.price, t.units)
            for t in paid]  # fmt: skip
    rows.append(Evidence("news", told.id, "", _at(told.day), None, None))
    figures = {"z": round(z, 1), "days_before": float((told.day - paid[-1].day).days)}
    if not size.first:
        figures["times_usual"] = round(size.times, 1)
    strength = abs(z) / limits.insider_z * (1.5 if size.first else min(size.times / limits.own_times, 3.0))
    known = max(_at(told.day + timedelta(days=limits.insider_span)), *(_at(t.known or t.day) for t in paid))
    return build_alert("insider_trading", told.instrument, rows, rules, strength, worth, known, figures)


def _size(mine: Sequence[PersonTrade], first_day: date, net: float, before: int, limits: Limits) -> _Size:
    """Against the person's own earlier windows of the same length that had any trade."""
    earlier = [t for t in mine if t.day < first_day]
    recent = first_day - timedelta(days=limits.insider_quiet)
    first = not any(t.day >= recent for t in earlier)
    windows: dict[int, float] = defaultdict(float)
    for trade in earlier:
        windows[(first_day - trade.day).days // before] += trade.units
    if len(windows) < limits.own_least:
        usual = float(np.median(list(windows.values()))) if windows else float("inf")
        return _Size(net / usual, 0.0, first)
    logs = np.log(list(windows.values()))
    usual, spread = float(np.median(logs)), float(np.median(np.abs(logs - np.median(logs)))) * 1.4826
    return _Size(net / float(np.exp(usual)), (float(np.log(net)) - usual) / max(spread, 0.25), first)


def _at(day: date) -> float:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY
